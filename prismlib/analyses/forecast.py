"""Month to date, run rate and the month-end forecast with its interval.

Method. Usage recurs daily, and with it the hourly fees of Savings Plans and the negations of what
they cover; tax, credits, refunds, support, other purchases and adjustments do not and are taken as
they stand. With n settled days of usage (neither missing nor still estimated), their mean x and
standard deviation s, and m days still to come or missing, the forecast is what was spent + m x, and
its interval is ± t(n-1) s sqrt(m + m²/n): the spread of the coming days and the uncertainty of the
mean.

Known limits. Days are treated as alike and independent: a weekly rhythm widens the interval, a
trend biases it. Fewer than `MIN_DAYS` settled days give no forecast. Days still estimated count as
spent but do not shape the run rate. A missing day is not a free day: it is forecast like one ahead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import sqrt
from statistics import fmean, stdev

import pandas as pd
from scipy import special

from prismlib.analyses.cost_lines import are_recurring
from prismlib.analyses.judging import counted
from prismlib.money import exact_sum
from prismlib.periods import Period
from prismlib.result_tables.cost_variance import COST_DAY
from prismlib.tables import make

MIN_DAYS = 7


@dataclass(frozen=True)
class Forecast:
    """Where the month stands and where it will end, in the currency of the bill.

    ``run_rate`` is the mean cost of a settled day. `forecast`, `low` and `high` are None when too
    few days are settled; low and high equal the forecast once no day is open.
    """

    spent: Decimal
    one_off: Decimal
    run_rate: Decimal | None
    forecast: Decimal | None
    low: Decimal | None
    high: Decimal | None
    settled_days: int
    estimated_days: tuple[date, ...]
    missing_days: tuple[date, ...]
    days_ahead: int
    reason: str = ""


def is_daily(cost: pd.DataFrame, period: Period) -> bool:
    """Return whether the bill says what single days of `period` cost, for usage at least."""
    inside = [day in period for day in cost["charge_period_start"]]
    usage = cost[pd.Series(inside, dtype=bool) & (cost["charge_kind"] == "usage")]
    spans = usage["charge_period_end"] - usage["charge_period_start"]
    return any(span.days == 1 for span in spans)


def daily_costs(
    cost: pd.DataFrame, metric: str, period: Period, as_of: date, *, baseline: Decimal | None
) -> pd.DataFrame:
    """Return what each day of `period` cost, and the running total.

    Parameters
    ----------
    cost : COST
        Charges that span days are counted on their first day.
    metric : str
    period : Period
    as_of : date
        The day the data was looked at; that day itself and later ones are ahead.
    baseline : Decimal or None
        Cost of the whole period to compare with, spread evenly by day.

    Returns
    -------
    COST_DAY
        A row for each day of the period.
    """
    by_day: dict[date, list[tuple[Decimal, bool]]] = {}
    known = cost[cost[metric].notna()]
    for day, amount, estimated in zip(
        known["charge_period_start"], known[metric], known["is_estimated"], strict=True
    ):
        if day in period and day < as_of:
            by_day.setdefault(day, []).append((amount, estimated))
    rows, running = [], Decimal(0)
    for number, day in enumerate(period.dates(), start=1):
        charges = by_day.get(day, [])
        amount = exact_sum(a for a, _ in charges) if charges else None
        running += amount or Decimal(0)
        rows.append(
            {
                "day": day,
                "cost": amount,
                "day_status": _status(day, charges, as_of),
                "cumulative_cost": running if day < as_of else None,
                "cumulative_baseline": None
                if baseline is None
                else baseline * number / period.days,
            }
        )
    return make(COST_DAY, rows)


def _status(day: date, charges: list[tuple[Decimal, bool]], as_of: date) -> str:
    if day >= as_of:
        return "ahead"
    if not charges:
        return "missing"
    return "estimated" if any(estimated for _, estimated in charges) else "settled"


def forecast_month(
    cost: pd.DataFrame, metric: str, period: Period, as_of: date, *, confidence_pct: Decimal
) -> Forecast:
    """Forecast the cost of `period` from the charges before `as_of`.

    Parameters
    ----------
    cost : COST
    metric : str
    period, as_of
        As for `daily_costs`.
    confidence_pct : Decimal
        Probability that the interval should have, 50 to 99.9. [%]
    """
    days = daily_costs(cost, metric, period, as_of, baseline=None)
    of_days = cost[pd.Series(are_recurring(cost), cost.index, dtype=bool)]
    recurring = daily_costs(of_days, metric, period, as_of, baseline=None)
    spent = exact_sum(days["cost"].dropna())
    one_off = spent - exact_sum(recurring["cost"].dropna())
    status = dict(zip(days["day"], days["day_status"], strict=True))
    settled = [
        amount
        for day, amount in zip(recurring["day"], recurring["cost"], strict=True)
        if status[day] == "settled" and amount is not None
    ]
    missing = tuple(day for day, s in status.items() if s == "missing")
    ahead = sum(s == "ahead" for s in status.values())
    base = Forecast(
        spent=spent,
        one_off=one_off,
        run_rate=exact_sum(settled) / len(settled) if settled else None,
        forecast=None,
        low=None,
        high=None,
        settled_days=len(settled),
        estimated_days=tuple(day for day, s in status.items() if s == "estimated"),
        missing_days=missing,
        days_ahead=ahead,
    )
    return _with_interval(base, settled, ahead + len(missing), confidence_pct)


def _with_interval(
    base: Forecast, settled: list[Decimal], open_days: int, confidence_pct: Decimal
) -> Forecast:
    if open_days == 0:
        return replace(base, forecast=base.spent, low=base.spent, high=base.spent)
    if len(settled) < MIN_DAYS:
        return replace(base, reason=f"{counted(len(settled), 'settled day')}, {MIN_DAYS} needed")
    values = [float(amount) for amount in settled]
    n, m = len(values), open_days
    t = float(special.stdtrit(n - 1, 0.5 + float(confidence_pct) / 200))
    half = Decimal(repr(t * stdev(values) * sqrt(m + m * m / n)))
    middle = base.spent + Decimal(repr(fmean(values) * m))
    return replace(base, forecast=middle, low=middle - half, high=middle + half)
