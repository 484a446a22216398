"""Distributions of measured times: merged, their percentiles, and how sure those are.

Method. A distribution is a list of buckets: a printed time, the range that the true time lies in,
and how many requests. Buckets of nodes and runs are added; percentiles are taken from the sum and
never averaged. The p-th percentile of n times is the one at rank ceil(n p) (Hyndman and Fan, type
1): what sorting the file and counting lines gives.

Its interval is that of order statistics: with the percentile at probability p, the number of times
below it is binomial (n, p), whatever the distribution. The interval runs from the largest rank r
with P(X <= r - 1) <= a / 2 to the smallest s with P(X <= s - 1) >= 1 - a / 2; a rank outside
1 ... n means that no such bound exists with so few times. It equals
`scipy.stats.quantile_test(...).confidence_interval` on the same times (Conover, Practical
Nonparametric Statistics, 3.2).

Known limits. Times within one run are not independent, and a run differs from the next: the true
uncertainty is larger than the interval, never smaller.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, log
from typing import Any

import numpy as np
from scipy import special

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Bucket:
    """Times that the file prints as `value` and that lie from `lower` to `upper`. [ms]"""

    value: Decimal
    lower: Decimal
    upper: Decimal


@dataclass(frozen=True)
class Interval:
    """A percentile: as the file prints it, and what it lies between; None has no bound. [ms]

    `is_coarse` says that the interval is wider for the resolution of the file alone.
    """

    value: Decimal
    low: Decimal | None
    high: Decimal | None
    measurements: int


@dataclass(frozen=True)
class Distribution:
    """Buckets in the order of their times, and how many times lie in each and all before it."""

    buckets: tuple[Bucket, ...]
    counts: tuple[int, ...]
    cumulative: np.ndarray

    @classmethod
    def of(cls, rows: Iterable[dict[str, Any]]) -> Distribution | None:
        """Return the sum of rows of BENCHMARK_BUCKET, or None for no measurement."""
        summed: dict[Bucket, int] = {}
        for row in rows:
            bucket = Bucket(row["value_ms"], row["lower_ms"], row["upper_ms"])
            summed[bucket] = summed.get(bucket, 0) + row["measurements"]
        found = sorted((b for b, n in summed.items() if n), key=lambda b: (b.upper, b.value))
        counts = tuple(summed[bucket] for bucket in found)
        return cls(tuple(found), counts, np.cumsum(counts)) if found else None

    @property
    def total(self) -> int:
        """Return how many times there are."""
        return int(self.cumulative[-1])

    def at_rank(self, rank: int) -> Bucket:
        """Return the bucket of the `rank`-th shortest time, counted from 1."""
        if not 1 <= rank <= self.total:
            raise IndexError(rank)
        return self.buckets[int(np.searchsorted(self.cumulative, rank))]

    def percentile(self, pct: Decimal) -> Bucket:
        """Return the bucket of a percentile: that of rank ceil(n pct / 100)."""
        return self.at_rank(max(1, ceil(self.total * pct / HUNDRED)))

    def interval(self, pct: Decimal, confidence_pct: Decimal) -> Interval:
        """Return a percentile with its two-sided interval of order statistics."""
        low, high = order_ranks(self.total, pct, confidence_pct)
        return Interval(
            self.percentile(pct).value,
            None if low is None else self.at_rank(low).lower,
            None if high is None else self.at_rank(high).upper,
            self.total,
        )

    def share_within(self, target: Decimal) -> tuple[Decimal, Decimal]:
        """Return the least and the most share of the times that can be within `target`."""
        pairs = list(zip(self.buckets, self.counts, strict=True))
        surely = sum(count for bucket, count in pairs if bucket.upper <= target)
        perhaps = sum(count for bucket, count in pairs if bucket.lower <= target)
        return Decimal(surely) / self.total, Decimal(perhaps) / self.total

    def mean(self) -> Decimal:
        """Return the mean of the times as printed. [ms]"""
        return self._sum([bucket.value for bucket in self.buckets]) / self.total

    def least_mean(self) -> Decimal:
        """Return the lowest that the mean can be with what the file prints. [ms]"""
        return self._sum([bucket.lower for bucket in self.buckets]) / self.total

    def _sum(self, times: Sequence[Decimal]) -> Decimal:
        pairs = zip(times, self.counts, strict=True)
        return sum((time * count for time, count in pairs), Decimal(0))


def percent_of(statistic: str) -> Decimal | None:
    """Return the percentage that a name such as ``p99.9`` stands for; None for another name."""
    try:
        value = Decimal(statistic[1:]) if statistic[:1] == "p" else None
    except ArithmeticError:
        return None
    return value if value is not None and 0 < value < HUNDRED else None


def order_ranks(total: int, pct: Decimal, confidence_pct: Decimal) -> tuple[int | None, int | None]:
    """Return the ranks that a percentile lies between; None where `total` is too small for one."""
    longer, tail = float(1 - pct / HUNDRED), float((1 - confidence_pct / HUNDRED) / 2)

    def at_most(count: int) -> float:
        """Return P(X <= count) for fewer than all times: the binomial as a beta integral."""
        return float(special.betainc(total - count, count + 1, longer))

    low = bisect_right(range(total), tail, key=at_most)
    high = bisect_left(range(total), 1 - tail, key=at_most) + 1
    return (low if low >= 1 else None), (high if high <= total else None)


def measurements_needed(pct: Decimal, confidence_pct: Decimal, *, sides: int = 2) -> int:
    """Return the least number of times with which a percentile has an upper bound.

    The largest of n times is a bound when p ** n <= a / `sides`.
    """
    tail = float((1 - confidence_pct / HUNDRED) / sides)
    return ceil(log(tail) / log(float(pct / HUNDRED)))


def measurements_to_decide(share: Decimal, pct: Decimal, confidence_pct: Decimal) -> int | None:
    """Return how many times tell a percentile from a target that `share` of them are within.

    The number within the target is binomial: its standard deviation at the percentile, times the
    normal quantile of the confidence, has to be less than the distance. None where they are equal.
    """
    distance = abs(share - pct / HUNDRED)
    if not distance:
        return None
    probability = float(pct / HUNDRED)
    quantile = float(special.ndtri((1 + float(confidence_pct / HUNDRED)) / 2))
    needed = ceil(quantile**2 * probability * (1 - probability) / float(distance) ** 2)
    return max(needed, measurements_needed(pct, confidence_pct))


def chance_below(pct: Decimal, total: int) -> float:
    """Return the chance that the longest of `total` times is shorter than the percentile."""
    return float(pct / HUNDRED) ** total
