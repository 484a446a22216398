"""What traffic between zones costs: from a rate, a share that crosses, and a price at each end.

Method. moved GB = total GB/s x 86,400 x days x share; the sender pays for each GB out of its zone
and the receiver for the same GB in, so the cost that AWS bills is that of both ends. With z zones
and clients and targets that ignore them, (z - 1)/z of the traffic crosses; placement hints that are
effective to e leave (1 - e)(z - 1)/z.

Shares are exact: two thirds is a `Fraction`. A cost is rounded once, at the 12th decimal.

Known limits. The rate is taken as constant over the month, and every crossing GB as billed at both
ends: traffic of managed services that is free, or billed elsewhere, must not be in the rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from prismlib.errors import ParameterError
from prismlib.formats import money, percent
from prismlib.money import scale
from prismlib.result_tables.cross_az import CROSSING_SCENARIO, CROSSING_THRESHOLD
from prismlib.tables import make

Ratio = Decimal | Fraction
"""A share of 0 to 1; a `Fraction` where a decimal cannot hold it."""

SECONDS_PER_DAY = 86_400
DAYS_PER_YEAR = 365


def as_decimal(value: Ratio) -> Decimal:
    """Return a share or an amount as a decimal, rounded once, at the 12th decimal."""
    numerator, denominator = Fraction(value).as_integer_ratio()
    rounded = scale(Decimal(1), Decimal(numerator), Decimal(denominator))
    whole = rounded.to_integral_value()
    return whole if rounded == whole else Decimal(f"{rounded:f}".rstrip("0"))


def percent_of(ratio: Ratio) -> Decimal:
    """Return a share in percent."""
    return as_decimal(Fraction(ratio) * 100)


def share_in_words(ratio: Ratio) -> str:
    """Return a share in percent with one decimal; below 0.1 % with its first two digits."""
    pct = percent_of(ratio)
    is_small = 0 < abs(pct) < Decimal("0.1")
    return percent(pct, 1 - pct.adjusted() if is_small else 1, signed=False)


def is_finite(value: Ratio) -> bool:
    """Return whether a value is a number, neither infinite nor not-a-number."""
    return not isinstance(value, Decimal) or value.is_finite()


def as_ratio(name: str, ratio: Ratio) -> Fraction:
    """Return a share as a fraction; raises `ParameterError` unless it is 0 to 1."""
    if not is_finite(ratio) or not 0 <= ratio <= 1:
        raise ParameterError(name, ratio, expected="a share from 0 to 1")
    return Fraction(ratio)


def at_least_zero(name: str, value: Ratio) -> None:
    """Raise `ParameterError` for an amount that is negative or not finite."""
    if not is_finite(value) or value < 0:
        raise ParameterError(name, value, expected="a finite number, 0 or more")


@dataclass(frozen=True)
class ZoneTraffic:
    """Traffic of a system over `zones` zones in a month of `days` days, and its price.

    Parameters
    ----------
    total_gb_per_s : Decimal
        All traffic, inside zones and between them. [GB/s, decimal GB]
    crossing_ratio : Decimal or Fraction
        Share of it that ends in another zone.
    zones : int
    days : Decimal or Fraction
        Length of the month; a month of 730 hours has 365/12 days.
    usd_per_gb_out, usd_per_gb_in : Decimal
        Price for a GB at the sender and at the receiver. [USD/GB]
    currency : str, default "USD"

    Raises
    ------
    ParameterError
        A value that nothing can have, such as a share that crosses with a single zone.
    """

    total_gb_per_s: Decimal
    crossing_ratio: Ratio
    zones: int
    days: Decimal | Fraction
    usd_per_gb_out: Decimal
    usd_per_gb_in: Decimal
    currency: str = "USD"

    def __post_init__(self) -> None:
        for name in ("total_gb_per_s", "usd_per_gb_out", "usd_per_gb_in"):
            at_least_zero(name, getattr(self, name))
        if not is_finite(self.days) or self.days <= 0:
            raise ParameterError("days", self.days, expected="more than 0 days")
        check_zones(self.zones)
        if as_ratio("crossing_ratio", self.crossing_ratio) > 0 and self.zones == 1:
            raise ParameterError(
                "crossing_ratio", self.crossing_ratio, expected="0: nothing crosses with one zone"
            )
        if not self.currency:
            raise ParameterError("currency", self.currency, expected="the code of a currency")

    @property
    def exact_gb(self) -> Fraction:
        """All traffic of the month, crossing or not. [GB]"""
        return Fraction(self.total_gb_per_s) * SECONDS_PER_DAY * Fraction(self.days)

    @property
    def price_both_ends(self) -> Decimal:
        """Price of a GB that moves, both ends together. [currency/GB]"""
        return self.usd_per_gb_out + self.usd_per_gb_in

    @property
    def moved_gb(self) -> Decimal:
        """What crosses in the month, counted once. [GB]"""
        return as_decimal(self.exact_gb * Fraction(self.crossing_ratio))

    @property
    def one_end_cost(self) -> Decimal:
        """Cost of the month at the sender alone."""
        return self._cost(self.usd_per_gb_out)

    @property
    def both_ends_cost(self) -> Decimal:
        """Cost of the month as AWS bills it: sender and receiver."""
        return self._cost(self.price_both_ends)

    @property
    def one_end_year_cost(self) -> Decimal:
        """Cost of 365 days at the sender alone."""
        return self._year._cost(self.usd_per_gb_out)

    @property
    def yearly_cost(self) -> Decimal:
        """Cost of 365 days, both ends."""
        return self._year._cost(self.price_both_ends)

    @property
    def _year(self) -> ZoneTraffic:
        return replace(self, days=Decimal(DAYS_PER_YEAR))

    def _cost(self, price: Decimal) -> Decimal:
        return as_decimal(self.exact_gb * Fraction(self.crossing_ratio) * Fraction(price))

    def at(self, crossing_ratio: Ratio) -> ZoneTraffic:
        """Return the same traffic with another share that crosses."""
        return replace(self, crossing_ratio=crossing_ratio)


def check_zones(zones: int) -> None:
    """Raise `ParameterError` unless `zones` is a whole number, 1 or more."""
    if not isinstance(zones, int) or isinstance(zones, bool) or zones < 1:
        raise ParameterError("zones", zones, expected="a whole number of zones, 1 or more")


def uniform_ratio(zones: int) -> Fraction:
    """Return the share that crosses when placement ignores zones: (z - 1)/z."""
    check_zones(zones)
    return Fraction(zones - 1, zones)


def hint_effectiveness(crossing_ratio: Ratio, zones: int) -> Fraction | None:
    """Return how much of the uniform share placement avoids; None with one zone.

    Negative when more crosses than with placement that ignores zones.
    """
    uniform = uniform_ratio(zones)
    ratio = as_ratio("crossing_ratio", crossing_ratio)
    return None if uniform == 0 else 1 - ratio / uniform


def hinted_crossing(effectiveness: Ratio, zones: int) -> Fraction:
    """Return the share that crosses with hints of this effectiveness: (1 - e)(z - 1)/z."""
    ratio = (1 - Fraction(effectiveness)) * uniform_ratio(zones)
    if not 0 <= ratio <= 1:
        raise ParameterError(
            "effectiveness", effectiveness, expected="1 or less, with a share from 0 to 1 left"
        )
    return ratio


@dataclass(frozen=True)
class CrossingState:
    """A named state of the system: which share crosses, and where that is from."""

    name: str
    crossing_ratio: Ratio
    source: str = ""


def crossing_scenarios(traffic: ZoneTraffic, states: Iterable[CrossingState]) -> pd.DataFrame:
    """Return what the traffic costs in each state, in their order.

    Returns
    -------
    CROSSING_SCENARIO
    """
    rows = []
    for state in states:
        then = traffic.at(state.crossing_ratio)
        rows.append(
            {
                "scenario_name": state.name,
                "crossing_pct": percent_of(state.crossing_ratio),
                "moved_gb": then.moved_gb,
                "one_end_cost": then.one_end_cost,
                "both_ends_cost": then.both_ends_cost,
                "yearly_cost": then.yearly_cost,
                "billing_currency": traffic.currency,
                "source": state.source,
            }
        )
    return make(CROSSING_SCENARIO, rows)


@dataclass(frozen=True)
class Budget:
    """A named amount for a month; `includes_rest`: for the whole cost, not the traffic alone."""

    name: str
    amount: Decimal
    includes_rest: bool


def break_even_ratio(
    traffic: ZoneTraffic, allowed_cost: Decimal, price: Decimal
) -> Fraction | None:
    """Return the share of the traffic that costs `allowed_cost` in a month at `price` per GB.

    It may lie outside 0 to 1. None when the traffic costs nothing whatever its share.
    """
    full = traffic.exact_gb * Fraction(price)
    return None if full == 0 else Fraction(allowed_cost) / full


def crossing_thresholds(
    traffic: ZoneTraffic,
    *,
    baseline: Decimal | None,
    current: Decimal | None,
    tolerances_pct: Mapping[str, Decimal],
    budgets: Iterable[Budget] = (),
) -> pd.DataFrame:
    """Return what the traffic may cost below each line, and the share at which it gets there.

    Parameters
    ----------
    traffic : ZoneTraffic
        Its own share does not matter.
    baseline, current : Decimal or None
        What a month was to cost and does cost, the traffic left out. [currency] None is unknown:
        a line that needs it is left out.
    tolerances_pct : dict of str to Decimal
        How far above the baseline each named line lies. [%]
    budgets : iterable of Budget

    Returns
    -------
    CROSSING_THRESHOLD
        A share is 0 where the line is crossed without any traffic, and missing where all of the
        traffic could cross; the note says so.
    """
    lines: list[tuple[str, Decimal | None]] = []
    if baseline is not None and current is not None:
        for name, tolerance in tolerances_pct.items():
            line = Fraction(baseline) * (1 + Fraction(tolerance) / 100)
            lines.append((name, as_decimal(line - Fraction(current))))
    for budget in budgets:
        if not budget.includes_rest:
            lines.append((budget.name, budget.amount))
        else:
            lines.append((budget.name, None if current is None else budget.amount - current))
    rows = [_threshold(traffic, name, allowed) for name, allowed in lines if allowed is not None]
    return make(CROSSING_THRESHOLD, rows)


def _threshold(traffic: ZoneTraffic, name: str, allowed: Decimal) -> dict[str, object]:
    one_end = _crossed_at(traffic, allowed, traffic.usd_per_gb_out)
    both_ends = _crossed_at(traffic, allowed, traffic.price_both_ends)
    note = ""
    if allowed < 0:
        note = f"over the line by {money(-allowed, traffic.currency)} without any traffic"
    elif both_ends is None:
        note = "never: not even all of the traffic would cross the line"
    elif one_end is None:
        note = "never if one end is billed"
    elif allowed == 0:
        note = "nothing is left below the line"
    return {
        "threshold_name": name,
        "allowed_cost": allowed,
        "one_end_crossing_pct": None if one_end is None else percent_of(one_end),
        "both_ends_crossing_pct": None if both_ends is None else percent_of(both_ends),
        "billing_currency": traffic.currency,
        "note": note,
    }


def _crossed_at(traffic: ZoneTraffic, allowed: Decimal, price: Decimal) -> Fraction | None:
    """Return the share above which a line is crossed: 0 if it is anyway, None if it never is."""
    if allowed < 0:
        return Fraction(0)
    ratio = break_even_ratio(traffic, allowed, price)
    return None if ratio is None or ratio > 1 else ratio
