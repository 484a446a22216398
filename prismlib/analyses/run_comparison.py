"""Two runs side by side, and runs of several weeks in order.

Method. The change of a percentile lies between the low end of one interval less the high end of
the other, and the reverse; each interval is taken at 1 - a / 2, so that the change is covered at
1 - a or more (Bonferroni) whatever the distributions. Whether one run is slower as a whole is the
Mann-Whitney U test with the normal approximation, ties in; with many requests any difference shows
in it, so the chance that a request of the one is slower than a request of the other stands beside.

Several runs are compared by their own percentiles: Theil-Sen slope over the days with its interval
(Sen 1968), which a single odd run does not bend. It takes four runs for an interval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise, product
from math import sqrt
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from prismlib.analyses.latency import HUNDRED, Distribution, Interval, percent_of
from prismlib.analyses.slo_inputs import Run, SloSettings
from prismlib.result_tables.slo import RUN_COMPARISON
from prismlib.tables import make

LEAST_RUNS = 4
DAYS_PER_WEEK = Decimal(7)


@dataclass(frozen=True)
class Ranks:
    """The rank test of two runs: U, its chance if both were alike, and who is slower how often."""

    u: float
    probability: float
    slower_pct: Decimal


@dataclass(frozen=True)
class Trend:
    """How a percentile moves over the days of several runs, in ms a week; None has no interval."""

    runs: tuple[Run, ...]
    ms_per_week: Decimal
    low: Decimal | None
    high: Decimal | None


def rank_test(run: Distribution, earlier: Distribution) -> Ranks:
    """Return the Mann-Whitney U test of two distributions, two-sided, ties corrected."""
    times = np.array(sorted({float(b.value) for d in (run, earlier) for b in d.buckets}))
    ours, theirs = (_counts(one, times) for one in (run, earlier))
    n, m = ours.sum(), theirs.sum()
    below = np.concatenate(([0.0], np.cumsum(theirs)[:-1]))
    u = float((ours * (below + theirs / 2)).sum())
    ties = ours + theirs
    total = n + m
    variance = n * m / 12 * (total + 1 - float((ties**3 - ties).sum()) / (total * (total - 1)))
    if variance <= 0:  # every time is the same
        return Ranks(u, 1.0, Decimal(50))
    z = max(abs(u - n * m / 2) - 0.5, 0.0) / sqrt(variance)
    slower = Decimal(str(round(u / (n * m) * 100, 6)))
    return Ranks(u, float(2 * special.ndtr(-z)), slower)


def _counts(one: Distribution, times: np.ndarray) -> np.ndarray:
    found = np.zeros(len(times))
    places = np.searchsorted(times, [float(bucket.value) for bucket in one.buckets])
    np.add.at(found, places, one.counts)
    return found


def compare(
    run: Distribution, earlier: Distribution, pct: Decimal, confidence_pct: Decimal
) -> tuple[Interval, Interval, Decimal | None, Decimal | None]:
    """Return the percentile of both runs, and the low and high end of its change. [ms]"""
    each_pct = HUNDRED - (HUNDRED - confidence_pct) / 2
    ours, theirs = (one.interval(pct, each_pct) for one in (run, earlier))
    return ours, theirs, _less(ours.low, theirs.high), _less(ours.high, theirs.low)


def _less(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one - other


def series(runs: Iterable[Run]) -> dict[tuple[Any, ...], list[Run]]:
    """Return the runs that may be compared: of one tier, tool, test and target, dated, in order.

    Made-up runs are compared with each other only.
    """
    found: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        if run.day is not None and run.distribution is not None:
            names = ("service_tier", "tool_name", "test_name", "target_name")
            key = (run.is_made_up, *(run.one(name) or "" for name in names))
            found.setdefault(key, []).append(run)
    return found


def comparison_table(runs: Iterable[Run], settings: SloSettings) -> pd.DataFrame:
    """Return RUN_COMPARISON: each run beside the one before it."""
    pct = percent_of(settings.compared_statistic)
    assert pct is not None
    rows = [
        _row(run, earlier, pct, settings)
        for alike in series(runs).values()
        for earlier, run in pairwise(alike)
    ]
    return make(RUN_COMPARISON, rows)


def _row(run: Run, earlier: Run, pct: Decimal, settings: SloSettings) -> dict[str, Any]:
    assert run.distribution is not None
    assert earlier.distribution is not None
    ours, theirs, low, high = compare(
        run.distribution, earlier.distribution, pct, settings.confidence_pct
    )
    ranks = rank_test(run.distribution, earlier.distribution)
    return {
        "run_id": run.run_id,
        "earlier_run_id": earlier.run_id,
        "statistic": settings.compared_statistic,
        "earlier_ms": theirs.value,
        "value_ms": ours.value,
        "change_ms": ours.value - theirs.value,
        "change_low_ms": low,
        "change_high_ms": high,
        "slower_pct": ranks.slower_pct,
        "rank_probability": Decimal(f"{ranks.probability:.3g}"),
        "note": change_words(low, high),
    }


def change_words(low: Decimal | None, high: Decimal | None) -> str:
    """Return what an interval of a change shows."""
    if low is None or high is None:
        return "too few measurements for an interval"
    if low > 0:
        return "slower"
    return "faster" if high < 0 else "no change shown"


def trends(runs: Iterable[Run], settings: SloSettings) -> Iterator[Trend]:
    """Yield the trend of the compared percentile for each series of three runs or more."""
    pct = percent_of(settings.compared_statistic)
    assert pct is not None
    for alike in series(runs).values():
        days = [run.day.toordinal() for run in alike if run.day is not None]
        if len(set(days)) < 3:
            continue
        values = [float(run.distribution.percentile(pct).value) for run in alike]  # type: ignore[union-attr]
        middle, *ends = sen_slopes(days, values, settings.confidence_pct)
        slope, low, high = (
            None if end is None else Decimal(str(round(end, 9))) * DAYS_PER_WEEK
            for end in (middle, *(ends if len(alike) >= LEAST_RUNS else (None, None)))
        )
        assert slope is not None
        yield Trend(tuple(alike), slope, low, high)


def sen_slopes(
    days: Sequence[int], values: Sequence[float], confidence_pct: Decimal
) -> tuple[float, float, float]:
    """Return the median of the slopes between all pairs of days, and the ends of its interval.

    Equals `scipy.stats.theilslopes`: Kendall's count of ordered pairs as normal, ties taken off.
    """
    pairs = [(i, j) for i, j in product(range(len(days)), repeat=2) if days[i] < days[j]]
    slopes = sorted((values[j] - values[i]) / (days[j] - days[i]) for i, j in pairs)
    ties = sum(_spread(n) for one in (days, values) for n in Counter(one).values())
    spread = sqrt(max(_spread(len(days)) - ties, 0) / 18)
    reach = float(special.ndtri((1 + float(confidence_pct / HUNDRED)) / 2)) * spread
    low = max(round((len(slopes) - reach) / 2) - 1, 0)
    high = min(round((len(slopes) + reach) / 2), len(slopes) - 1)
    return median(slopes), slopes[low], slopes[high]


def _spread(count: int) -> int:
    """Return 18 times the variance of Kendall's count for `count` values in any order."""
    return count * (count - 1) * (2 * count + 5)
