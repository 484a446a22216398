"""What drills show about recovery, and what they cannot: never a mean without n and range.

Method. Drills are taken as independent and alike.

- *Success.* k of n within the bound; the lower bound of the probability is exact (Clopper and
  Pearson, one-sided). All of n within it give (1 - confidence)^(1/n): one drill, 5 % at 95 %.
- *Median.* The interval from the shortest to the longest, or from order statistics further in,
  holds the median with a probability that follows from n alone: 95 % takes 6 drills.
- *Next drill.* It takes longer than the longest of n so far with probability 1/(n + 1).
- *Trend.* Theil and Sen's slope, the median of the slopes between all pairs, with the interval of
  Sen: one odd drill does not bend it. How many slopes lie below the true one is distributed as
  Kendall's count of ordered pairs: exactly so for up to `MAX_EXACT_DRILLS`, beyond them by its
  normal approximation. All slopes of 4 drills hold it with 92 % only, so 95 % takes 5 drills.
- *Regression.* That the latest of n drills is the longest happens in 1 of n by chance alone.

Known limits. Drills that are repaired after each other are not alike, and a drill that people know
of is kinder than an outage: both make these bounds too good.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from math import ceil, comb, factorial, floor, log, sqrt
from statistics import NormalDist, median

from scipy import special

from prismlib.analyses.critical_path import Seconds, check_seconds
from prismlib.analyses.recovery_simulation import check_confidence
from prismlib.analyses.zone_model import as_decimal
from prismlib.errors import ParameterError

MAX_EXACT_DRILLS = 60
MONTH_DAYS = 30


@dataclass(frozen=True)
class Success:
    """How often drills stayed within a bound, and what that is worth.

    Attributes
    ----------
    bound_s : Decimal
    met, drills : int
        How many were no longer than the bound, of how many.
    low_ratio : Decimal
        The probability of meeting the bound is at least this, at the confidence asked for.
    """

    bound_s: Decimal
    met: int
    drills: int
    low_ratio: Decimal


@dataclass(frozen=True)
class DrillEvidence:
    """What the durations of some drills show.

    Attributes
    ----------
    drills : int
    shortest_s, longest_s : Decimal
        The range: with one drill both are its duration. [s]
    median_low_s, median_high_s : Decimal or None
        Interval of the median at `confidence_pct`; None with fewer drills than it takes. [s]
    median_drills : int
        How many drills such an interval takes.
    next_longer_ratio : Fraction
        Probability that the next drill takes longer than all of these.
    target, limit : Success or None
        None without a target or limit.
    confidence_pct : Decimal
    """

    drills: int
    shortest_s: Decimal
    longest_s: Decimal
    median_low_s: Decimal | None
    median_high_s: Decimal | None
    median_drills: int
    next_longer_ratio: Fraction
    target: Success | None
    limit: Success | None
    confidence_pct: Decimal


def drill_evidence(
    durations_s: Sequence[Seconds],
    *,
    target_s: Seconds | None,
    limit_s: Seconds | None,
    confidence_pct: Decimal = Decimal(95),
) -> DrillEvidence:
    """Return what drills of these durations show.

    Parameters
    ----------
    durations_s : sequence of int, Decimal or Fraction
        One for each drill, in any order; at least one. [s]
    target_s, limit_s : int, Decimal or Fraction, or None
        What recovery should not and must not exceed. [s]
    confidence_pct : Decimal
        50 to 99.9. [%]
    """
    values = sorted(_checked(durations_s))
    check_confidence(confidence_pct)
    low, high = _median_interval(values, confidence_pct)
    target, limit = (_success(values, bound, confidence_pct) for bound in (target_s, limit_s))
    return DrillEvidence(
        drills=len(values),
        shortest_s=as_decimal(values[0]),
        longest_s=as_decimal(values[-1]),
        median_low_s=None if low is None else as_decimal(low),
        median_high_s=None if high is None else as_decimal(high),
        median_drills=median_drills(confidence_pct),
        next_longer_ratio=Fraction(1, len(values) + 1),
        target=target,
        limit=limit,
        confidence_pct=confidence_pct,
    )


def _checked(durations_s: Sequence[Seconds]) -> list[Fraction]:
    for value in durations_s:
        check_seconds("durations_s", value)
    if not durations_s:
        raise ParameterError("durations_s", [], expected="one drill or more")
    return [Fraction(value) for value in durations_s]


def _success(
    values: Sequence[Fraction], bound_s: Seconds | None, confidence_pct: Decimal
) -> Success | None:
    if bound_s is None:
        return None
    check_seconds("bound_s", bound_s)
    met = sum(value <= Fraction(bound_s) for value in values)
    low = success_low_ratio(met, len(values), confidence_pct)
    return Success(as_decimal(Fraction(bound_s)), met, len(values), low)


def success_low_ratio(met: int, drills: int, confidence_pct: Decimal = Decimal(95)) -> Decimal:
    """Return the exact lower bound of a probability that `met` of `drills` met; 0 if none did."""
    if not 0 <= met <= drills or drills < 1:
        raise ParameterError("met", met, expected=f"0 to {drills} drills, of one or more")
    check_confidence(confidence_pct)
    if met == 0:
        return Decimal(0)
    missed = float(1 - confidence_pct / 100)
    return _rounded(float(special.betaincinv(met, drills - met + 1, missed)))


def drills_needed(probability: Decimal, confidence_pct: Decimal = Decimal(95)) -> int:
    """Return how many drills, all within the bound, show that it is met with a probability.

    The least n with probability^n <= 1 - confidence: 95 % at 95 % confidence takes 59.
    """
    if not probability.is_finite() or not 0 < probability < 1:
        raise ParameterError("probability", probability, expected="more than 0 and less than 1")
    check_confidence(confidence_pct)
    missed = 1 - Fraction(confidence_pct) / 100
    guess = max(1, ceil(log(float(missed)) / log(float(probability))) - 1)
    # The logarithms are rounded: the last step is exact.
    return guess if Fraction(probability) ** guess <= missed else guess + 1


def median_drills(confidence_pct: Decimal = Decimal(95)) -> int:
    """Return how many drills it takes for their range to hold the median with this confidence.

    The range misses it when all lie on one side: 2 / 2^n, so 95 % takes 6.
    """
    check_confidence(confidence_pct)
    count = 1
    while Fraction(2, 2**count) > 1 - Fraction(confidence_pct) / 100:
        count += 1
    return count


def _median_interval(
    values: Sequence[Fraction], confidence_pct: Decimal
) -> tuple[Fraction | None, Fraction | None]:
    """Return the narrowest pair of order statistics, as far in on both sides, that is confident."""
    count, missed = len(values), 1 - Fraction(confidence_pct) / 100
    outside, inwards = Fraction(2, 2**count), 0
    if outside > missed:
        return None, None
    while (further := outside + Fraction(2 * comb(count, inwards + 1), 2**count)) <= missed:
        outside, inwards = further, inwards + 1
    return values[inwards], values[count - 1 - inwards]


@dataclass(frozen=True)
class Trend:
    """Whether recovery gets slower over drills.

    Attributes
    ----------
    drills : int
    slope_s, low_s, high_s : Decimal or None
        Change in 30 days, and its interval at `confidence_pct`; None when there are too few. [s]
    direction : str
        slower, faster, not shown (the interval holds 0), or unknown.
    reason : str
        Why it is unknown.
    confidence_pct : Decimal
    """

    drills: int
    slope_s: Decimal | None
    low_s: Decimal | None
    high_s: Decimal | None
    direction: str
    reason: str
    confidence_pct: Decimal


def trend(
    days: Sequence[date], durations_s: Sequence[Seconds], *, confidence_pct: Decimal = Decimal(95)
) -> Trend:
    """Return how much longer recovery takes from month to month, and how sure that is.

    Parameters
    ----------
    days : sequence of date
        Of the drills, in any order.
    durations_s : sequence of int, Decimal or Fraction
        Of the same drills. [s]
    confidence_pct : Decimal
        50 to 99.9. [%]
    """
    check_confidence(confidence_pct)
    if len(days) != len(durations_s):
        raise ParameterError("days", len(days), expected=f"{len(durations_s)}, one for each drill")
    count, needed = len(days), trend_drills(confidence_pct)
    inwards = _slopes_left_out(days, confidence_pct)
    if inwards is None:
        reason = f"{count} drills, {needed} needed"
        if count >= needed:
            reason = "too many of its drills are of one day"
        return Trend(count, None, None, None, "unknown", reason, confidence_pct)
    positions = [(day - min(days)).days / MONTH_DAYS for day in days]
    values = [float(value) for value in _checked(durations_s)]
    pairs = combinations(zip(positions, values, strict=True), 2)
    slopes = sorted((b[1] - a[1]) / (b[0] - a[0]) for a, b in pairs if a[0] != b[0])
    ends = (median(slopes), slopes[inwards], slopes[-1 - inwards])
    slope, low, high = (_rounded(value) for value in ends)
    direction = "slower" if low > 0 else "faster" if high < 0 else "not shown"
    return Trend(count, slope, low, high, direction, "", confidence_pct)


def trend_drills(confidence_pct: Decimal = Decimal(95)) -> int:
    """Return how many drills on days of their own an interval of a trend takes.

    All their slopes lie on one side of the true one in 2 of n! orders, so 95 % takes 5.
    """
    check_confidence(confidence_pct)
    count = 1
    while Fraction(2, factorial(count)) > 1 - Fraction(confidence_pct) / 100:
        count += 1
    return count


def _slopes_left_out(days: Sequence[date], confidence_pct: Decimal) -> int | None:
    """Return how many slopes the interval leaves out on each side; None if all are too few."""
    missed = 1 - Fraction(confidence_pct) / 100
    tied = Counter(days).values()
    pairs = comb(len(days), 2) - sum(comb(size, 2) for size in tied)
    if len(days) > MAX_EXACT_DRILLS:
        groups = [size * (size - 1) * (2 * size + 5) for size in (len(days), *tied)]
        deviation = sqrt((groups[0] - sum(groups[1:])) / 18)
        left = floor((pairs - NormalDist().inv_cdf(1 - float(missed) / 2) * deviation) / 2)
        return left if pairs and left >= 0 else None
    orders = _orders(tied, pairs)
    below, number = 0, 0
    while number <= pairs and Fraction(2 * (below + orders[number]), sum(orders)) <= missed:
        below, number = below + orders[number], number + 1
    return number - 1 if number else None


def _orders(tied: Iterable[int], pairs: int) -> list[int]:
    """Return in how many orders of the drills 0, 1, ... of their pairs fall.

    The coefficients of prod(1 - q^k, k to n) / prod(1 - q^k, k to each group of equal days).
    """
    orders = [1] + [0] * pairs
    for power in range(1, sum(tied) + 1):
        for place in range(pairs, power - 1, -1):
            orders[place] -= orders[place - power]
    for power in (power for size in tied for power in range(1, size + 1)):
        for place in range(power, pairs + 1):
            orders[place] += orders[place - power]
    return orders


@dataclass(frozen=True)
class Latest:
    """The latest drill against those before it.

    Attributes
    ----------
    latest_s : Decimal
    earlier : int
        How many there are.
    earlier_median_s, earlier_longest_s : Decimal or None
        None without an earlier drill. [s]
    is_longest : bool or None
        Whether it took longer than each of them.
    chance_ratio : Fraction or None
        Probability of that if nothing has changed.
    """

    latest_s: Decimal
    earlier: int
    earlier_median_s: Decimal | None
    earlier_longest_s: Decimal | None
    is_longest: bool | None
    chance_ratio: Fraction | None


def latest_against_earlier(durations_s: Sequence[Seconds]) -> Latest:
    """Return the last of `durations_s`, which are in order of time, against those before. [s]"""
    *earlier, latest = _checked(durations_s)
    if not earlier:
        return Latest(as_decimal(latest), 0, None, None, None, None)
    return Latest(
        latest_s=as_decimal(latest),
        earlier=len(earlier),
        earlier_median_s=as_decimal(median(earlier)),
        earlier_longest_s=as_decimal(max(earlier)),
        is_longest=latest > max(earlier),
        chance_ratio=Fraction(1, len(earlier) + 1),
    )


def _rounded(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal("1e-6"))
