"""The schedules of a document: which is judged, and where its dates contradict each other.

Method. The plan that is judged is the one with the latest launch in it. Weekdays are computed; the
year in which all printed ones would be right is looked for. What several tasks are for is closed
when the last of them is, on its last day; a plan that leaves out one of these days does not say
when. What needs it may come on that same day, since a plan has no hours, but not on one before; a
launch comes on a later day. So a task must not begin before any task of the same plan ends that
closes what it needs: the needs of its items, and those of the criteria that it looks at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from prismlib.analyses.launch_evidence import Item, names
from prismlib.analyses.launch_rules import Criterion
from prismlib.errors import ParameterError
from prismlib.readiness_tables import HOLIDAY, PLAN_TASK
from prismlib.tables import check, records

Row = dict[str, Any]
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKDAYS_IN_FULL = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
LAUNCH = "launch"
YEARS_LOOKED_AT = 6


@dataclass(frozen=True)
class Plan:
    """The tasks of one schedule, in the order of the table."""

    plan_id: str
    rows: tuple[Row, ...]

    @property
    def first(self) -> date | None:
        """Return the day on which its work begins; a launch is none."""
        days = [r["task_from_date"] for r in self.rows if LAUNCH not in names(r["serves"])]
        return min((on for on in days if on is not None), default=None)

    @property
    def launch(self) -> date | None:
        """Return the day of its launch; None without a dated one."""
        days = [
            row["task_from_date"]
            for row in self.rows
            if LAUNCH in names(row["serves"]) and row["task_from_date"] is not None
        ]
        return min(days, default=None)

    def parts(self, name: str) -> list[Row]:
        """Return the tasks that are for an item, a criterion or whatever has a name."""
        return [row for row in self.rows if name in names(row["serves"])]

    def called(self, name: str) -> list[Row]:
        """Return the tasks that `waits_for` calls by a name: their id, or what they are for."""
        return [row for row in self.rows if name in (row["task_id"], *names(row["serves"]))]

    def closed_on(self, name: str) -> date | None:
        """Return the day on which something is closed; None where the plan does not say it."""
        parts = self.parts(name)
        if not parts or any(row["task_to_date"] is None for row in parts):
            return None
        return max(until for row in parts if (until := lasts_until(row)))


def lasts_until(row: Row) -> date | None:
    """Return the last day that is known of a task."""
    days = [row[name] for name in ("task_from_date", "task_to_date") if row[name] is not None]
    return max(days, default=None)


def team_key(name: str) -> str:
    """Return what tells teams apart: their name, however it is spaced, in capitals or not."""
    return " ".join(name.split()).casefold()


def plans_of(frame: pd.DataFrame | None) -> dict[str, Plan]:
    """Return the schedules of a PLAN_TASK table by id."""
    rows = [] if frame is None else records(check(frame, PLAN_TASK))
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["plan_id"], []).append(row)
    return {plan_id: Plan(plan_id, tuple(tasks)) for plan_id, tasks in found.items()}


def chosen_plan(frame: pd.DataFrame | None) -> Plan | None:
    """Return the plan with the latest launch; None when none has a dated launch."""
    dated = [(p.launch, p) for p in plans_of(frame).values() if p.launch is not None]
    return max(dated, key=lambda pair: pair[0])[1] if dated else None


def holidays_of(frame: pd.DataFrame, country: str) -> dict[date, str]:
    """Return the public holidays of a country by day; none for an empty country.

    Raises
    ------
    ParameterError
        No holiday of the country is known: days off would be taken for working days.
    """
    rows = records(check(frame, HOLIDAY))
    known = dict.fromkeys(row["country_name"] for row in rows)
    if country and country not in known:
        raise ParameterError("country", country, expected=f'{", ".join(known)}, or "" for none')
    return {r["holiday_date"]: r["holiday_name"] for r in rows if r["country_name"] == country}


def wrong_weekdays(plans: Mapping[str, Plan]) -> list[Row]:
    """Return the tasks whose printed weekday is not that of their day."""
    return [row for row in _with_weekday(plans) if not _is_right(row)]


def _is_right(row: Row) -> bool:
    """Return whether a printed weekday, short or in full, is that of the first day of a task."""
    printed = row["stated_weekday"].strip().rstrip(".").casefold()
    short = WEEKDAYS[0]
    full = WEEKDAYS_IN_FULL[row["task_from_date"].weekday()]
    return len(printed) >= len(short) and full.startswith(printed)


def _with_weekday(plans: Mapping[str, Plan]) -> list[Row]:
    rows = [row for plan in plans.values() for row in plan.rows]
    return [row for row in rows if row["stated_weekday"].strip() and row["task_from_date"]]


def weekday(row: Row) -> str:
    """Return the weekday of the first day of a task."""
    return WEEKDAYS[row["task_from_date"].weekday()]


def year_of_weekdays(plans: Mapping[str, Plan]) -> int | None:
    """Return the nearest year in which every printed weekday would be right; None without one."""
    rows = _with_weekday(plans)
    if not rows:
        return None
    start = max(row["task_from_date"].year for row in rows)
    years = sorted(
        range(start - YEARS_LOOKED_AT, start + YEARS_LOOKED_AT + 1), key=lambda y: abs(y - start)
    )
    for year in years:
        try:
            moved = [{**r, "task_from_date": r["task_from_date"].replace(year=year)} for r in rows]
        except ValueError:  # 29 February
            continue
        if all(_is_right(row) for row in moved):
            return year
    return None


@dataclass(frozen=True)
class Early:
    """A task that comes before something that it needs, which another task closes later."""

    row: Row
    needed: str
    until: date


def too_early(plan: Plan, items: Mapping[str, Item], criteria: Sequence[Criterion]) -> list[Early]:
    """Return the tasks of a plan that begin before all is closed that they need."""
    needs = {item_id: names(item.row["needs"]) for item_id, item in items.items()}
    needs |= {one.criterion_id: names(one.row["needs"]) for one in criteria}
    found = []
    for row in plan.rows:
        wanted = [name for served in names(row["serves"]) for name in needs.get(served, ())]
        waits = names(row["waits_for"])
        for name in dict.fromkeys([*wanted, *waits]):
            others = plan.called(name) if name in waits else plan.parts(name)
            days = [lasts_until(other) for other in others if other is not row]
            until = max((on for on in days if on is not None), default=None)
            start = row["task_from_date"]
            if start is not None and until is not None and start < until:
                found.append(Early(row, name, until))
    return found


def backwards(plan: Plan) -> list[Row]:
    """Return the tasks of a plan that end before they begin."""
    return [
        row
        for row in plan.rows
        if row["task_from_date"] and row["task_to_date"]
        if row["task_to_date"] < row["task_from_date"]
    ]


def nameable(plan: Plan) -> dict[str, set[str]]:
    """Return the tasks of a plan by what `waits_for` may call them: their id, what they are for."""
    found: dict[str, set[str]] = {}
    for row in plan.rows:
        for name in (row["task_id"], *names(row["serves"])):
            found.setdefault(name, set()).add(row["task_id"])
    return found


def circles(plan: Plan) -> list[list[Row]]:
    """Return the groups of tasks of a plan that wait for each other, over others too.

    `waits_for` names tasks, or what other tasks are for.
    """
    by_name = nameable(plan)
    direct = {
        row["task_id"]: {
            task_id for name in names(row["waits_for"]) for task_id in by_name.get(name, ())
        }
        for row in plan.rows
    }
    by_id = {row["task_id"]: row for row in plan.rows}
    return [[by_id[task_id] for task_id in ring] for ring in rings(direct)]


def rings(direct: Mapping[str, Collection[str]]) -> list[list[str]]:
    """Return the groups of ids that wait for each other, given what each of them waits for."""
    reached = {one: _reached(direct, one) for one in direct}
    found: dict[frozenset[str], list[str]] = {}
    for one in direct:
        if one in reached[one]:
            ring = frozenset(name for name in reached[one] if one in reached[name])
            found.setdefault(ring, []).append(one)
    return list(found.values())


def _reached(direct: Mapping[str, Collection[str]], start: str) -> set[str]:
    """Return all that a task waits for, over others too."""
    found: set[str] = set()
    later = list(direct[start])
    while later:
        name = later.pop()
        if name not in found:
            found.add(name)
            later += direct[name]
    return found
