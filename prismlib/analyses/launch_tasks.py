"""What has to be done before a launch, and what waits for what.

Method. What has to be done is every open item that is critical, or that a veto criterion or a
critical item waits for; then the looks that the plan has for the criteria, each after all that its
criterion rests on; then the decision. What the plan says that these or the launch wait for
(`waits_for`) is done before them, whatever it is for. An item takes the work and the waiting that
its register states, or else those of the tasks that are for it alone. Another task without stated
work takes the working days that the plan gives it, at least one.

Known limits. A team is a name, in capitals or not, however it is spaced. An item of which neither
register nor plan says how long it takes counts for no time, and is named beside the day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from prismlib.analyses.launch_evidence import Item, State, names
from prismlib.analyses.launch_inputs import Known
from prismlib.analyses.launch_plan import LAUNCH, Plan, team_key
from prismlib.analyses.launch_rules import Criterion
from prismlib.analyses.work_calendar import working_days
from prismlib.findings import Severity
from prismlib.money import exact_sum
from prismlib.tables import records

DECISION = "decision"
ITEM, TASK = "item", "task"
Key = tuple[str, str]
"""What tells an item and a task of the plan apart, which may have one id."""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Task:
    """Something that has to be done; hours of work, and of waiting after it.

    `is_stated` is false where nobody says how long it takes. `planned_from` is the first day that
    the plan gives it.
    """

    task_id: str
    name: str
    team: str
    work_hours: float
    wait_hours: float
    depends_on: tuple[str, ...]
    is_stated: bool = True
    planned_from: date | None = None

    @property
    def holds(self) -> str:
        """Return the team that it keeps from other work; empty for none."""
        return team_key(self.team) if self.work_hours else ""


@dataclass(frozen=True)
class WorkingDays:
    """How long people work, and when they do not."""

    hours_per_day: Decimal
    holidays: Collection[date]


def needed_items(items: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the open items (OPEN_ITEM) that must be closed before the launch."""
    critical = str(Severity.CRITICAL)
    return [
        row
        for row in records(items)
        if critical in (row["severity"], row["advised_severity"]) and not row["is_waived"]
    ]


def tasks_of(
    known: Known,
    criteria: Sequence[Criterion],
    items: pd.DataFrame,
    plan: Plan,
    days: WorkingDays,
) -> list[Task]:
    """Return what has to be done for the launch of a plan; items are those of OPEN_ITEM."""
    waits = _Waits(
        plan, known.items, {one.criterion_id: names(one.row["needs"]) for one in criteria}
    )
    needed = [(ITEM, row["item_id"]) for row in needed_items(items)]
    first = tuple(dict.fromkeys([*needed, *waits.looks()]))
    decisions = waits.decisions() if first else []
    direct = _reached(waits, first, decisions)
    ids = _ids(direct)
    return [
        waits.item(name, ids[key], tuple(ids[one] for one in on))
        if kind == ITEM
        else planned(waits.rows[name], days, ids[key], tuple(ids[one] for one in on))
        for key, on in direct.items()
        for kind, name in [key]
    ]


def _reached(waits: _Waits, first: Sequence[Key], decisions: Sequence[Key]) -> dict[Key, list[Key]]:
    """Return all that has to be done with what it waits for; a decision comes after `first`."""
    found: dict[Key, list[Key]] = {}
    before = {one: [*first, *decisions[:n]] for n, one in enumerate(decisions)}
    before |= {one: [*first, *decisions] for one in waits.launches()}
    later = [*first, *decisions, *(one for key in waits.launches() for one in waits.of(key))]
    for key in later:
        if key not in found:
            on = [one for one in before.get(key, ()) if one != key]
            found[key] = list(dict.fromkeys([*on, *waits.of(key)]))
            later += found[key]
    return found


def _ids(keys: Collection[Key]) -> dict[Key, str]:
    """Return the names of items and tasks, those of tasks apart from those of items."""
    found = {key: key[1] for key in keys if key[0] == ITEM}
    taken = set(found.values())
    for key in keys:
        if key[0] == TASK:
            name = key[1]
            while name in taken:
                name = f"task {name}"
            found[key] = name
            taken.add(name)
    return found


@dataclass(frozen=True)
class _Waits:
    """What waits for what: items by their register, tasks by the plan and the criteria."""

    plan: Plan
    items: Mapping[str, Item]
    rests: Mapping[str, tuple[str, ...]]

    @cached_property
    def rows(self) -> dict[str, Row]:
        """Return the tasks of the plan by id."""
        return {row["task_id"]: row for row in self.plan.rows}

    def looks(self) -> list[Key]:
        """Return the tasks that look at a criterion and decide nothing."""
        return [(TASK, row["task_id"]) for row in self.plan.rows if self._is_look(row)]

    def _is_look(self, row: Row) -> bool:
        served = names(row["serves"])
        return DECISION not in served and any(name in self.rests for name in served)

    def decisions(self) -> list[Key]:
        """Return the decisions, by their days."""
        rows = sorted(self.plan.parts(DECISION), key=lambda r: r["task_from_date"] or date.max)
        return [(TASK, row["task_id"]) for row in rows]

    def launches(self) -> list[Key]:
        """Return what is a launch and nothing that comes before one."""
        rows = [r for r in self.plan.parts(LAUNCH) if DECISION not in names(r["serves"])]
        return [(TASK, row["task_id"]) for row in rows if not self._is_look(row)]

    def of(self, key: Key) -> list[Key]:
        """Return what an item or a task waits for."""
        kind, name = key
        if kind == ITEM:
            found = self._open(names(self.items[name].row["needs"]))
            return [*found, *(one for row in self.plan.parts(name) for one in self._said(row))]
        row = self.rows[name]
        rests = [need for served in names(row["serves"]) for need in self.rests.get(served, ())]
        return [*self._open(rests), *self._said(row)]

    def _open(self, item_ids: Collection[str]) -> list[Key]:
        found = [(name, self.items.get(name)) for name in item_ids]
        return [
            (ITEM, name)
            for name, item in found
            if item is not None and item.state is not State.PASS and not item.is_waived
        ]

    def _said(self, row: Row) -> list[Key]:
        """Return what a task of the plan is said to wait for."""
        found: list[Key] = []
        for name in names(row["waits_for"]):
            found += self._open([name])
            for other in self.plan.called(name):
                served = names(other["serves"])
                found += self._open(served)
                if not served or any(one not in self.items for one in served):
                    found.append((TASK, other["task_id"]))
        return found

    def item(self, item_id: str, task_id: str, depends_on: tuple[str, ...]) -> Task:
        """Return the work on an item."""
        row, parts = self.items[item_id].row, self.plan.parts(item_id)
        work, wait = row["effort_hours"], row["wait_hours"]
        if work is None and wait is None:
            alone = [one for one in parts if names(one["serves"]) == (item_id,)]
            work, wait = _sum(alone, "effort_hours"), _sum(alone, "wait_hours")
        days = [one["task_from_date"] for one in parts]
        return Task(
            task_id,
            row["item_name"],
            row["owner"],
            float(work or 0),
            float(wait or 0),
            depends_on,
            is_stated=work is not None or wait is not None,
            planned_from=min((on for on in days if on is not None), default=None),
        )


def _sum(rows: Sequence[Row], column: str) -> Decimal | None:
    """Return the sum of what is known in a column; None without any."""
    known = [row[column] for row in rows if row[column] is not None]
    return exact_sum(known) if known else None


def planned(row: Row, days: WorkingDays, task_id: str, depends_on: tuple[str, ...]) -> Task:
    """Return a task of the plan; without stated work it takes the working days that it is given."""
    work, wait = row["effort_hours"], row["wait_hours"]
    start, end = row["task_from_date"], row["task_to_date"]
    if work is None and wait is None:
        is_dated = start is not None and end is not None
        given = working_days(start, end, days.holidays) if is_dated else 1
        work = days.hours_per_day * max(1, given)
    return Task(
        task_id,
        row["task_name"],
        row["team_name"],
        float(work or 0),
        float(wait or 0),
        depends_on,
        planned_from=start,
    )
