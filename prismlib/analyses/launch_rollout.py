"""Staged rollout against full remediation: what is open while there is traffic, what delay costs.

Method. A rollout in stages has a task that serves the launch and later ones; what is closed in the
stage of the launch or later is open while there is traffic. It can begin when the plan begins. Full
remediation launches on the day that the schedule supports. The cost of delay is counted from the
first launch day that is planned, sunk costs apart. What a plan leaves open at its launch is what
it does not close on a day before that (`launch_plan`).

Known limits. What an incident would cost while an item is open is in no figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.launch_delay import Delay
from prismlib.analyses.launch_evidence import names
from prismlib.analyses.launch_inputs import Known
from prismlib.analyses.launch_plan import LAUNCH, Plan, chosen_plan, plans_of
from prismlib.analyses.launch_schedule import Schedule
from prismlib.analyses.launch_tasks import needed_items
from prismlib.result_tables.readiness import ROLLOUT_CHOICE
from prismlib.tables import make

Row = dict[str, Any]


@dataclass(frozen=True)
class LeftOpen:
    """What must be closed and a plan does not close before its launch.

    `never` is in no task of it, `undated` in one without a last day, `late` with its last day.
    """

    never: tuple[Row, ...]
    undated: tuple[Row, ...]
    late: tuple[tuple[Row, date], ...]

    @property
    def rows(self) -> list[Row]:
        """Return all of it."""
        return [*self.never, *self.undated, *(row for row, _ in self.late)]


def left_open(plan: Plan, launch: date, items: pd.DataFrame) -> LeftOpen:
    """Return what a plan leaves open at its launch; items are those of OPEN_ITEM."""
    never, undated, late = [], [], []
    for row in needed_items(items):
        until = plan.closed_on(row["item_id"])
        if not plan.parts(row["item_id"]):
            never.append(row)
        elif until is None:
            undated.append(row)
        elif until >= launch:
            late.append((row, until))
    return LeftOpen(tuple(never), tuple(undated), tuple(late))


def rollout_choices(
    known: Known, items: pd.DataFrame, schedule: Schedule | None, delay: Delay
) -> pd.DataFrame:
    """Return ROLLOUT_CHOICE: the planned launch, the supported one, and rollouts in stages."""
    first = known.stated.date("launch_first")
    plans = plans_of(known.inputs.tables.get("plan_task"))
    rows = [
        *_full(known, items, schedule),
        *(row for plan in plans.values() for row in _staged(plan, items, schedule)),
    ]
    return make(ROLLOUT_CHOICE, (_with_delay(row, first, delay) for row in rows))


def _with_delay(row: Row, first: date | None, delay: Delay) -> Row:
    begins = row["begins_date"]
    days = None if first is None or begins is None else Decimal(max((begins - first).days, 0))
    costs = [None if days is None or end is None else end * days for end in (delay.low, delay.high)]
    return {
        **row,
        "delay_days": days,
        "delay_low_cost": costs[0],
        "delay_high_cost": costs[1],
        "billing_currency": delay.currency,
    }


def _full(known: Known, items: pd.DataFrame, schedule: Schedule | None) -> Iterator[Row]:
    plan = chosen_plan(known.inputs.tables.get("plan_task"))
    if plan is not None and plan.launch is not None:
        left = {row["item_id"] for row in left_open(plan, plan.launch, items).rows}
        late = [row["item_id"] for row in needed_items(items) if row["item_id"] in left]
        yield {
            "choice_name": "All at once, on the planned day",
            "begins_date": plan.launch,
            "open_critical_items": len(late),
            "note": f"left open by the plan: {', '.join(late)}" if late else "",
        }
    if schedule is not None:
        yield {
            "choice_name": "All at once, when everything is closed",
            "begins_date": schedule.launch,
            "open_critical_items": 0,
            "note": "if every remedy works the first time",
        }


def _staged(plan: Plan, items: pd.DataFrame, schedule: Schedule | None) -> Iterator[Row]:
    """Yield a rollout in stages: a plan whose launch comes with or before critical items."""
    rows = list(plan.rows)
    place = next((n for n, r in enumerate(rows) if LAUNCH in names(r["serves"])), None)
    if place is None or plan.launch is not None or schedule is None:
        return
    wanted = {row["item_id"] for row in needed_items(items)}
    served: dict[str, int] = {}
    for number, row in enumerate(rows):
        for name in names(row["serves"]):
            served[name] = number
    never = sorted(name for name in wanted if name not in served)
    during = [name for name in wanted if served.get(name, place) >= place]
    last = max((served[name] for name in during if name in served), default=place)
    calendar = schedule.calendar
    hours = float(sum(row["wait_hours"] or 0 for row in rows[place : last + 1]))
    closed = calendar.day_of(hours)
    yield {
        "choice_name": f"In stages: {rows[place]['task_name'].split(';')[0]} first",
        "begins_date": calendar.first,
        "open_critical_items": len(during),
        "last_closed_date": None if never or closed == calendar.last else closed,
        "note": f"never closed by its stages: {', '.join(never)}" if never else "",
    }
