"""When a migration saves, what it costs to get there, and when it has paid for itself.

Method. Each line moves as `prismlib.analyses.migration_schedule` says, and in each month

    net saving = saving - effort - tests - parallel running - stranded commitment

A step saves its share of the like-for-like saving from its day on, and costs its share of the
target for the days of parallel running before that. Effort and tests of a line are paid in the
month in which its parallel running starts, preparation of the fleet in the first month, whether or
not a line moves.

Conventions. Months are calendar months; the first and the last may be parts of one. A part of a
month is its days / the days of the calendar month. A month's net saving counts as of its end: the
k-th, part or whole, is discounted k months at the monthly rate (1 + yearly rate)^(1/12) - 1.
Payback is the first month from which the cumulative net saving stays above zero to the end of the
horizon.

Known limits. The like-for-like saving is taken to last: no price moves, nothing grows. What lies
after the horizon counts nowhere, savings and stranded commitments alike. A line of which something
needed is missing is unknown: it is in no total, and is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from functools import cache
from typing import Any

import pandas as pd

from prismlib.analyses.migration_schedule import (
    HOURS_PER_DAY,
    MigrationPlan,
    binding_end,
    migration_schedule,
)
from prismlib.money import CONTEXT, exact_sum, scale
from prismlib.periods import Period
from prismlib.result_tables.graviton import (
    MIGRATION_COSTS,
    MIGRATION_EFFORT,
    MIGRATION_LINE_MONTH,
    MIGRATION_MONTH,
)
from prismlib.tables import check, make, records

PREPARATION = "preparation"
"""The row of the effort that belongs to no line."""

CURRENCY = "USD"
"""In which roles and commitments are paid, and so the lines too."""

ZERO = Decimal(0)

Row = dict[str, Any]


@dataclass(frozen=True)
class MigrationTimeline:
    """What a plan comes to. [USD]

    `schedule` is a MIGRATION_SCHEDULE, `line_months` a MIGRATION_LINE_MONTH, `months` a
    MIGRATION_MONTH. ``present_value`` is the net present value at the start. ``payback_month`` is
    the first day of a row of `months`, or None when the plan does not pay within the horizon.
    The `unknown_lines` are in no figure; the schedule says why.
    """

    schedule: pd.DataFrame
    line_months: pd.DataFrame
    months: pd.DataFrame
    net_saving: Decimal
    present_value: Decimal
    payback_month: date | None
    unknown_lines: tuple[str, ...]


def migration_timeline(
    lines: pd.DataFrame, efforts: pd.DataFrame, plan: MigrationPlan
) -> MigrationTimeline:
    """Return month by month what moving the lines saves and costs.

    Parameters
    ----------
    lines : MIGRATION_LINE
        Savings are like for like and may be negative.
    efforts : MIGRATION_EFFORT
        Hours of each role, for the fleet as a whole and for each line that moves.
    plan : MigrationPlan

    Raises
    ------
    SchemaError, CurrencyError
        A table is not what it should be, or a line is not in US dollars.
    """
    schedule = migration_schedule(lines, plan)
    check(efforts, MIGRATION_EFFORT)
    move_start = dict(zip(schedule["line_name"], schedule["move_start"], strict=True))
    by_name = {line["line_name"]: line for line in records(lines)}
    known = [line for name, line in by_name.items() if move_start[name] is not None]
    months = plan.months()
    rows = [_preparation(efforts, month, months[0]) for month in months]
    effort = _effort(efforts, "hours_per_line")
    for line in known:
        steps = plan.steps(move_start[line["line_name"]])
        rows += [_line_month(line, steps, effort, month, plan) for month in months]
    fleet = _fleet_months(rows, months, plan.yearly_rate_pct)
    return MigrationTimeline(
        schedule=schedule,
        line_months=make(MIGRATION_LINE_MONTH, rows),
        months=make(MIGRATION_MONTH, fleet),
        net_saving=fleet[-1]["cumulative_net_saving"],
        present_value=exact_sum(row["present_value"] for row in fleet),
        payback_month=_payback_month(fleet),
        unknown_lines=tuple(name for name in by_name if move_start[name] is None),
    )


def _effort(efforts: pd.DataFrame, hours: str) -> Decimal:
    return exact_sum(row[hours] * row["labour_usd_per_hour"] for row in records(efforts))


def _preparation(efforts: pd.DataFrame, month: Period, first: Period) -> Row:
    """Return the month's part of the effort that belongs to no line: all of it in the first."""
    effort = _effort(efforts, "fixed_hours") if month == first else ZERO
    return _with_net(PREPARATION, month, ZERO, {"effort_cost": effort}, CURRENCY)


def _line_month(
    line: Row,
    steps: list[tuple[date, Decimal]],
    effort: Decimal,
    month: Period,
    plan: MigrationPlan,
) -> Row:
    end = binding_end(line) or plan.start
    running = exact_sum(share * _days(month, day - plan.parallel, day) for day, share in steps)
    moved = exact_sum(share * _days(month, day, month.end) for day, share in steps)
    unused = exact_sum(share * _days(month, day, end) for day, share in steps)
    is_first = steps[0][0] - plan.parallel in month
    days_in_month = Decimal(Period.month_of(month.start).days)
    hourly = line["commitment_usd_per_hour"] or ZERO
    costs = {
        "effort_cost": effort if is_first else ZERO,
        "test_cost": plan.test_cost_per_line if is_first else ZERO,
        "parallel_cost": scale(line["target_monthly_cost"] or ZERO, running, days_in_month),
        "stranded_cost": hourly * HOURS_PER_DAY * unused,
    }
    saving = scale(line["monthly_saving"], moved, days_in_month)
    return _with_net(line["line_name"], month, saving, costs, line["billing_currency"])


def _with_net(
    line_name: str, month: Period, saving: Decimal, costs: dict[str, Decimal], currency: str
) -> Row:
    costs = {name: costs.get(name, ZERO) for name in MIGRATION_COSTS}
    return {
        "month_start": month.start,
        "line_name": line_name,
        "saving": saving,
        **costs,
        "net_saving": saving - exact_sum(costs.values()),
        "billing_currency": currency,
    }


def _days(month: Period, start: date, end: date) -> int:
    """Return the days of `month` from `start` up to but not including `end`."""
    return max(0, (min(month.end, end) - max(month.start, start)).days)


def _fleet_months(rows: list[Row], months: list[Period], yearly_rate_pct: Decimal) -> list[Row]:
    """Return the sum over lines of each month, its running total and its worth at the start."""
    parts = ("saving", *MIGRATION_COSTS, "net_saving")
    found, running = [], ZERO
    by_month: dict[date, list[Row]] = {}
    for row in rows:
        by_month.setdefault(row["month_start"], []).append(row)
    for number, month in enumerate(months, start=1):
        mine = by_month[month.start]
        sums = {name: exact_sum(row[name] for row in mine) for name in parts}
        running = exact_sum([running, sums["net_saving"]])
        with localcontext(CONTEXT):
            present_value = sums["net_saving"] / _growth(yearly_rate_pct, number)
        found.append(
            {
                "month_start": month.start,
                "period_days": Decimal(month.days),
                **sums,
                "cumulative_net_saving": running,
                "present_value": present_value,
                "billing_currency": CURRENCY,
            }
        )
    return found


@cache
def _growth(yearly_rate_pct: Decimal, months: int) -> Decimal:
    """Return what one dollar is after some months: powers are slow, and every plan needs them."""
    with localcontext(CONTEXT):
        return (1 + yearly_rate_pct / 100) ** (Decimal(months) / 12)


def _payback_month(fleet: list[Row]) -> date | None:
    """Return the first month from which the running total stays above zero."""
    payback = None
    for row in reversed(fleet):
        if row["cumulative_net_saving"] <= 0:
            break
        payback = row["month_start"]
    return payback
