"""Which input of the cost of traffic between zones matters most, and where a claim could be from.

`crossing_sensitivity` varies each input alone and gives the monthly cost, both ends billed, at its
ends. `reproduce` tries every combination of the known inputs against a claimed cost.

Known limits. Inputs that move together are not varied together. That a combination gives a claimed
figure shows that it may be where the figure is from, not that it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pandas as pd

from prismlib.analyses.zone_model import (
    DAYS_PER_YEAR,
    Ratio,
    ZoneTraffic,
    as_decimal,
    as_ratio,
    break_even_ratio,
    hint_effectiveness,
    percent_of,
    uniform_ratio,
)
from prismlib.findings import Verdict, judge
from prismlib.formats import count, money, percent
from prismlib.money import HOURS_PER_MONTH
from prismlib.result_tables.cross_az import CROSSING_SENSITIVITY
from prismlib.tables import make

GB, GIB = 10**9, 2**30
PRICE_MONTH_DAYS = Fraction(HOURS_PER_MONTH) / 24
"""Days of the 730-hour month of price pages. [days]"""

RATE, SHARE, ZONES, DAYS, PRICE_MONTH, ENDS, UNITS, PRICE = INPUTS = (
    "Total rate",
    "Share that crosses",
    "Zones, hints as effective as now",
    "Days of the month",
    "Month of 730 hours",
    "Ends that are billed",
    "Bytes of a billed GB",
    "Price of a GB, both ends",
)
"""The names of the inputs, in the order of the rows."""


@dataclass(frozen=True)
class SensitivityRanges:
    """The lowest and highest value of each input that is not a matter of fact; None: not varied.

    Parameters
    ----------
    total_gb_per_s : pair of Decimal, optional
        [GB/s]
    usd_per_gb_moved : pair of Decimal, optional
        Price of a GB that moves, both ends together. [USD/GB]
    zones : pair of int, optional
    crossing_ratio : pair of Decimal or Fraction, optional
        From nothing to placement that ignores zones when absent.
    days : pair of Decimal, default 28 and 31
        [days]
    """

    total_gb_per_s: tuple[Decimal, Decimal] | None = None
    usd_per_gb_moved: tuple[Decimal, Decimal] | None = None
    zones: tuple[int, int] | None = None
    crossing_ratio: tuple[Ratio, Ratio] | None = None
    days: tuple[Decimal, Decimal] = (Decimal(28), Decimal(31))


def crossing_sensitivity(traffic: ZoneTraffic, ranges: SensitivityRanges) -> pd.DataFrame:
    """Return the monthly cost, both ends, at the ends of each input; the others as they are taken.

    Returns
    -------
    CROSSING_SENSITIVITY
        The rows of `INPUTS` that have a range. `low_cost` is the cost at the low value, not
        always the lower cost. A range that leaves out the taken value is widened to it.
    """
    rows = [*_measures(traffic, ranges), *_calendar(traffic, ranges), *_billing(traffic, ranges)]
    order = {name: position for position, name in enumerate(INPUTS)}
    return make(CROSSING_SENSITIVITY, sorted(rows, key=lambda row: order[row["input_name"]]))


def _row(
    traffic: ZoneTraffic, name: str, unit: str, values: list[Ratio], costs: list[Decimal], note: str
) -> dict[str, Any]:
    """Return a row; values and costs are (low, taken, high) before they are put in order."""
    pairs = sorted(zip(values, costs, strict=True), key=lambda pair: pair[0])
    return {
        "input_name": name,
        "unit": unit,
        "low_value": as_decimal(pairs[0][0]),
        "taken_value": as_decimal(values[1]),
        "high_value": as_decimal(pairs[-1][0]),
        "low_cost": pairs[0][1],
        "taken_cost": costs[1],
        "high_cost": pairs[-1][1],
        "billing_currency": traffic.currency,
        "note": note,
    }


def _measures(traffic: ZoneTraffic, ranges: SensitivityRanges) -> Iterator[dict[str, Any]]:
    if ranges.total_gb_per_s is not None:
        low, high = ranges.total_gb_per_s
        rates: list[Ratio] = [low, traffic.total_gb_per_s, high]
        costs = [replace(traffic, total_gb_per_s=as_decimal(r)).both_ends_cost for r in rates]
        yield _row(traffic, RATE, "GB/s", rates, costs, "")
    shares = ranges.crossing_ratio or (Fraction(0), uniform_ratio(traffic.zones))
    taken = [shares[0], traffic.crossing_ratio, shares[1]]
    costs = [traffic.at(ratio).both_ends_cost for ratio in taken]
    note = "" if ranges.crossing_ratio else "from nothing to placement that ignores zones"
    yield _row(traffic, SHARE, "%", [percent_of(r) for r in taken], costs, note)
    if ranges.zones is not None:
        yield _zones(traffic, ranges.zones)


def _zones(traffic: ZoneTraffic, zones: tuple[int, int]) -> dict[str, Any]:
    effectiveness = hint_effectiveness(traffic.crossing_ratio, traffic.zones)
    if effectiveness is None:
        effectiveness = Fraction(0)
        note = "with one zone no hint can be seen: taken as placement that ignores zones"
    else:
        avoided = percent(percent_of(effectiveness), 1, signed=False)
        note = f"placement avoids {avoided} of what would cross if it ignored zones"
    values = [zones[0], traffic.zones, zones[1]]
    ratios = [min(Fraction(1), (1 - effectiveness) * uniform_ratio(z)) for z in values]
    costs = [
        replace(traffic, zones=z, crossing_ratio=ratio).both_ends_cost
        for z, ratio in zip(values, ratios, strict=True)
    ]
    return _row(traffic, ZONES, "zones", [Fraction(z) for z in values], costs, note)


def _calendar(traffic: ZoneTraffic, ranges: SensitivityRanges) -> Iterator[dict[str, Any]]:
    for name, (low, high), note in (
        (DAYS, ranges.days, ""),
        (PRICE_MONTH, (traffic.days, PRICE_MONTH_DAYS), "the month of AWS price pages"),
    ):
        days: list[Ratio] = [low, traffic.days, high]
        costs = [replace(traffic, days=d).both_ends_cost for d in days]
        yield _row(traffic, name, "days", days, costs, note)


def _billing(traffic: ZoneTraffic, ranges: SensitivityRanges) -> Iterator[dict[str, Any]]:
    one, both = traffic.one_end_cost, traffic.both_ends_cost
    ends = [Fraction(1), Fraction(2), Fraction(2)]
    yield _row(traffic, ENDS, "ends", [*ends], [one, both, both], "AWS bills both ends")
    binary = as_decimal(Fraction(both) * Fraction(GB, GIB))
    sizes = [Fraction(GB), Fraction(GB), Fraction(GIB)]
    reverse = money(as_decimal(Fraction(both) * Fraction(GIB, GB)), traffic.currency)
    note = (
        "high: the rate is in GB (10^9) and the bill in GiB (2^30); "
        f"with the rate in GiB and the bill in GB it is {reverse}"
    )
    yield _row(traffic, UNITS, "bytes", [*sizes], [both, both, binary], note)
    if ranges.usd_per_gb_moved is not None:
        low, high = ranges.usd_per_gb_moved
        prices: list[Ratio] = [low, traffic.price_both_ends, high]
        gb = traffic.exact_gb * Fraction(traffic.crossing_ratio)
        costs = [as_decimal(gb * Fraction(price)) for price in prices]
        yield _row(traffic, PRICE, f"{traffic.currency}/GB", prices, costs, "")


@dataclass(frozen=True)
class Reading:
    """One way to compute a cost from the known inputs."""

    share_name: str
    ends: int
    time_name: str
    unit_name: str
    cost: Decimal


@dataclass(frozen=True)
class Reproduction:
    """Whether a claimed cost can come from the known inputs.

    Parameters
    ----------
    claimed : Decimal
    matches : tuple of Reading
        The combinations that give it to its printed digits; empty when none does.
    tried : int
        How many combinations there are.
    nearest : Reading or None
        The combination that comes closest.
    one_end_ratio, both_ends_ratio : Fraction or None
        The share of the traffic that would cost exactly the claim over the first time tried; None
        when the whole traffic would not.
    """

    claimed: Decimal
    matches: tuple[Reading, ...]
    tried: int
    nearest: Reading | None
    one_end_ratio: Fraction | None
    both_ends_ratio: Fraction | None


def reproduce(
    claimed: Decimal,
    decimals: int | None,
    traffic: ZoneTraffic,
    shares: Mapping[str, Ratio],
    *,
    is_yearly: bool,
) -> Reproduction:
    """Try every combination of share, ends, length of time and unit against a claimed cost.

    Parameters
    ----------
    claimed : Decimal
        Cost of a year or a month. [currency]
    decimals : int or None
        Decimals that the claim prints, negative for thousands and millions; None is exact.
    traffic : ZoneTraffic
    shares : dict of str to Decimal or Fraction
        The shares that are known to be in question, by name.
    is_yearly : bool
        A year (of 365 days, and of 12 months as taken) or a month (as taken, and of 730 hours).
        Twelve months of 730 hours are 365 days.
    """
    tried = list(_readings(traffic, shares, is_yearly))
    matches = [r for r in tried if judge(claimed, r.cost, decimals=decimals) is Verdict.HOLDS]
    first = replace(traffic, days=next(iter(_times(traffic, is_yearly).values())))
    ratios = [
        break_even_ratio(first, claimed, price)
        for price in (traffic.usd_per_gb_out, traffic.price_both_ends)
    ]
    one_end, both_ends = (r if r is not None and 0 <= r <= 1 else None for r in ratios)
    return Reproduction(
        claimed=claimed,
        matches=tuple(matches),
        tried=len(tried),
        nearest=min(tried, key=lambda r: abs(r.cost - claimed), default=None),
        one_end_ratio=one_end,
        both_ends_ratio=both_ends,
    )


def _times(traffic: ZoneTraffic, is_yearly: bool) -> dict[str, Ratio]:
    """Return the lengths of time by name; two that are equally long are one. [days]"""
    days = Fraction(traffic.days)
    taken, year = f"{count(as_decimal(days))} days", Fraction(DAYS_PER_YEAR)
    if is_yearly:
        times = {f"{DAYS_PER_YEAR} days": year, f"12 months of {taken}": days * 12}
    else:
        times = {taken: days, "730 hours": PRICE_MONTH_DAYS}
    first, second = times.values()
    return dict(list(times.items())[: 1 if first == second else 2])


def _readings(
    traffic: ZoneTraffic, shares: Mapping[str, Ratio], is_yearly: bool
) -> Iterator[Reading]:
    units = {
        "GB": Fraction(1),
        "rate in GB, bill in GiB": Fraction(GB, GIB),
        "rate in GiB, bill in GB": Fraction(GIB, GB),
    }
    for share, time, unit in product(
        shares.items(), _times(traffic, is_yearly).items(), units.items()
    ):
        then = replace(traffic, crossing_ratio=as_ratio(share[0], share[1]), days=time[1])
        for ends, cost in ((1, then.one_end_cost), (2, then.both_ends_cost)):
            amount = as_decimal(Fraction(cost) * unit[1])
            yield Reading(share[0], ends, time[0], unit[0], amount)
