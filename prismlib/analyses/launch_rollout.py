"""Staged rollout against full remediation: what is open while there is traffic, what delay costs.

Method. A rollout in stages has a task that serves the launch and later ones; what is closed in the
stage of the launch or later is open while there is traffic. It can begin when the plan begins. Full
remediation launches on the day that the schedule supports. The cost of delay is counted from the
first launch day that is planned, sunk costs apart.

Known limits. What an incident would cost while an item is open is in no figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.launch_delay import Delay
from prismlib.analyses.launch_evidence import names
from prismlib.analyses.launch_inputs import Known
from prismlib.analyses.launch_plan import LAUNCH, Plan, chosen_plan, plans_of
from prismlib.analyses.launch_schedule import Schedule, needed_items
from prismlib.result_tables.readiness import ROLLOUT_CHOICE
from prismlib.tables import make

HOURS_PER_DAY = 24
Row = dict[str, Any]


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
        late = [
            row["item_id"]
            for row in needed_items(items)
            if _closed_on(plan, row["item_id"]) is None
            or _closed_on(plan, row["item_id"]) > plan.launch  # type: ignore[operator]
        ]
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


def _closed_on(plan: Plan, item_id: str) -> date | None:
    days = [r["task_to_date"] for r in plan.rows if item_id in names(r["serves"])]
    return min((day for day in days if day is not None), default=None)


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
            served.setdefault(name, number)
    never = sorted(name for name in wanted if name not in served)
    during = [name for name in wanted if served.get(name, place) >= place]
    last = max((served[name] for name in during if name in served), default=place)
    begins = schedule.calendar.first
    days = [float(row["wait_hours"] or 0) / HOURS_PER_DAY for row in rows[place : last + 1]]
    yield {
        "choice_name": f"In stages: {rows[place]['task_name'].split(';')[0]} first",
        "begins_date": begins,
        "open_critical_items": len(during),
        "last_closed_date": None if never else begins + timedelta(days=int(sum(days))),
        "note": f"never closed by its stages: {', '.join(never)}" if never else "",
    }
