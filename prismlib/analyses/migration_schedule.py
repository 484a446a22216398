"""When the lines of a fleet may move, and what leaving a commitment early would strand.

Method. A line may leave its instance type on its first free day:

    commitment                    first free day                  if it moves before that
    standard RI                   the day its term has ended      the rest is paid and unused
    EC2 instance savings plan     the same: it holds its family   the same
    convertible RI                at once, by exchange            nothing is stranded
    compute savings plan          at once: it covers the target   nothing is stranded
    on demand                     at once                         nothing is stranded

It moves in steps, a share each month, until the whole line has moved. Before each step that share
runs on both types for the days of parallel running. The first step is on the first free day, or as
soon after the start as parallel running allows: the parallel days of a line that waits lie before
its commitment ends. A plan that does not wait moves every line as soon as it can, and what the
commitment costs after a step is stranded.

Conventions. Ends are exclusive. Commitments are paid by the hour, 24 a day, used or not.

Known limits. A convertible RI is taken to be exchanged at its own value. A standard RI is not sold
on. A plan that covers many lines is taken to hold each of them to its end.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.errors import ParameterError
from prismlib.periods import Period
from prismlib.result_tables.graviton import MIGRATION_LINE, MIGRATION_SCHEDULE
from prismlib.tables import check, make, records

BINDING = ("standard RI", "EC2 instance savings plan")
"""Commitments to an instance family: it cannot be left before their end without paying on."""

MOVABLE = ("on demand", "convertible RI", "compute savings plan")
"""What ties no line to its instance family."""

HOURS_PER_DAY = Decimal(24)
ZERO = Decimal(0)

Row = dict[str, Any]


@dataclass(frozen=True)
class MigrationPlan:
    """When and how a fleet moves.

    Parameters
    ----------
    start : date
        The first day on which a line may move.
    horizon_months : int
        Months from `start` that are looked at.
    share_per_month : Decimal
        Share of a line that moves in each of its steps, above 0 to 1. [ratio]
    parallel_days : int
        Days that each step runs on both types. [day]
    test_cost_per_line : Decimal
        Test environments and their traffic, for each line that moves. [USD]
    yearly_rate_pct : Decimal
        At which later money is worth less, above -100. [%/year]
    waits_for_commitments : bool
        Whether a line stays until its commitment ends.

    Raises
    ------
    ParameterError
        A value is out of range.
    """

    start: date
    horizon_months: int
    share_per_month: Decimal
    parallel_days: int
    test_cost_per_line: Decimal
    yearly_rate_pct: Decimal
    waits_for_commitments: bool = True

    def __post_init__(self) -> None:
        for name, is_usable, expected in (
            ("horizon_months", self.horizon_months >= 1, "at least 1"),
            ("share_per_month", 0 < self.share_per_month <= 1, "above 0, at most 1"),
            ("parallel_days", self.parallel_days >= 0, "0 or more"),
            ("test_cost_per_line", self.test_cost_per_line >= 0, "0 or more"),
            ("yearly_rate_pct", self.yearly_rate_pct > -100, "above -100"),
        ):
            if not is_usable:
                raise ParameterError(name, getattr(self, name), expected=expected)

    @property
    def parallel(self) -> timedelta:
        """Return how long each step runs on both types."""
        return timedelta(days=self.parallel_days)

    def months(self) -> list[Period]:
        """Return the calendar months of the horizon, the first and the last cut to it."""
        end = add_months(self.start, self.horizon_months)
        found: list[Period] = []
        start = self.start
        while start < end:
            month_end = min(Period.month_of(start).end, end)
            found.append(Period(start, month_end))
            start = month_end
        return found

    def steps(self, move_start: date) -> list[tuple[date, Decimal]]:
        """Return the day and the share of each step of a line; the shares add up to 1."""
        found: list[tuple[date, Decimal]] = []
        left = Decimal(1)
        while left > 0:
            share = min(self.share_per_month, left)
            found.append((add_months(move_start, len(found)), share))
            left -= share
        return found


def migration_schedule(lines: pd.DataFrame, plan: MigrationPlan) -> pd.DataFrame:
    """Return when each line makes its first step, and what its commitment still costs then.

    Parameters
    ----------
    lines : MIGRATION_LINE
    plan : MigrationPlan

    Returns
    -------
    MIGRATION_SCHEDULE
        A row for each line. The day may lie after the horizon; it is missing for an unknown line.
    """
    return make(
        MIGRATION_SCHEDULE,
        [_schedule(line, plan) for line in records(check(lines, MIGRATION_LINE))],
    )


def _schedule(line: Row, plan: MigrationPlan) -> Row:
    end, earliest = binding_end(line), plan.start + plan.parallel
    missing = _missing(line, end, plan)
    move_start = max(earliest, end) if end and plan.waits_for_commitments else earliest
    return {
        **{name: line[name] for name in ("line_name", "commitment", "commitment_end")},
        "move_start": None if missing else move_start,
        "remaining_commitment_cost": _remaining_cost(line, end, earliest),
        "billing_currency": line["billing_currency"],
        "note": "; ".join(missing),
    }


def _remaining_cost(line: Row, end: date | None, earliest: date) -> Decimal | None:
    """Return what the commitment costs from the earliest day on which the line could have left."""
    if line["commitment"] not in BINDING or (end is not None and end <= earliest):
        return ZERO
    rate = line["commitment_usd_per_hour"]
    return None if end is None or rate is None else rate * HOURS_PER_DAY * (end - earliest).days


def binding_end(line: Row) -> date | None:
    """Return the end of a commitment that holds the line to its instance family, or None."""
    return line["commitment_end"] if line["commitment"] in BINDING else None


def _missing(line: Row, end: date | None, plan: MigrationPlan) -> list[str]:
    """Return what a line would need to have a place in the timeline."""
    is_binding = line["commitment"] in BINDING
    earliest = plan.start + plan.parallel
    strands = end is not None and end > earliest and not plan.waits_for_commitments
    wanted = {
        f"commitment {line['commitment']!r} is none that is known": (
            not is_binding and line["commitment"] not in MOVABLE
        ),
        "no end of its commitment": is_binding and end is None,
        "no rate of its commitment": strands and line["commitment_usd_per_hour"] is None,
        "no monthly saving": line["monthly_saving"] is None,
        "no monthly cost of the target": (
            plan.parallel_days > 0 and line["target_monthly_cost"] is None
        ),
    }
    return [words for words, is_missing in wanted.items() if is_missing]


def add_months(day: date, months: int) -> date:
    """Return the same day of a later month, or its last day where the month is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
