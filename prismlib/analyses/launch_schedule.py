"""The launch day that the registers and the plan really support, and what gates it.

Method. What has to be done is every open item that is critical, or that a veto criterion or a
critical item waits for; then the looks that the plan has for the criteria, each after all that its
criterion rests on; then the decision, and the launch on the next working day. An item takes the
work that its register states, in the working hours of its team, which does one thing at a time, and
after that its waiting. Of what is ready, a team takes first what the longest chain hangs on. A look
without stated work takes the days that the plan gives it. The critical path is that of the elapsed
times (`critical_path`). The interval draws work and waiting (`durations`), independently.

Known limits. Efforts are those stated. That remedies work the first time, and that a criterion
which no task is for will pass, is assumed: where one is left, no day is supported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from prismlib.analyses.critical_path import CriticalPath, Step, critical_path
from prismlib.analyses.durations import Array, stated
from prismlib.analyses.launch_evidence import names
from prismlib.analyses.launch_inputs import Known, LaunchSettings
from prismlib.analyses.launch_plan import Plan, chosen_plan
from prismlib.analyses.launch_rules import Criterion
from prismlib.analyses.work_calendar import WorkCalendar
from prismlib.findings import Severity
from prismlib.tables import records

DECISION = "decision"
SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class Task:
    """Something that has to be done; hours of work, and of waiting after it."""

    task_id: str
    name: str
    team: str
    work_hours: float
    wait_hours: float
    depends_on: tuple[str, ...]


@dataclass(frozen=True)
class Schedule:
    """When the launch can be, and why.

    `starts` and `ends` are hours from the first day; `path` is the critical path over elapsed
    times; `ends_drawn` are the ends of the last task over all draws.
    """

    calendar: WorkCalendar
    tasks: tuple[Task, ...]
    order: tuple[str, ...]
    starts: dict[str, float]
    ends: dict[str, float]
    path: CriticalPath
    launch: date
    low: date
    median: date
    high: date
    ends_drawn: Array

    def launch_after(self, hours: float) -> date:
        """Return the launch day when the decision ends at an hour."""
        return self.calendar.next_working(self.calendar.day_of(hours))


def schedule_of(
    known: Known,
    criteria: Sequence[Criterion],
    items: pd.DataFrame,
    settings: LaunchSettings,
    holidays: frozenset[date],
) -> Schedule | None:
    """Return the schedule of what is open; None without a plan or without anything to do."""
    plan = chosen_plan(known.inputs.tables.get("plan_task"))
    if plan is None:
        return None
    tasks = _tasks(known, criteria, items, plan, float(settings.hours_per_day))
    if not tasks:
        return None
    first = max(known.inputs.as_of + timedelta(days=1), plan.first or date.min)
    calendar = WorkCalendar(first, holidays, float(settings.hours_per_day))
    order = _order(tasks)
    work = {task.task_id: np.array([task.work_hours]) for task in tasks}
    wait = {task.task_id: np.array([task.wait_hours]) for task in tasks}
    starts, worked, ends = _pass(calendar, tasks, order, work, wait)
    drawn = _drawn(calendar, tasks, order, settings)
    days = _launches(calendar, max(float(e[0]) for e in ends.values()), drawn, settings)
    return Schedule(
        calendar=calendar,
        tasks=tuple(tasks),
        order=order,
        starts={name: float(at[0]) for name, at in starts.items()},
        ends={name: float(at[0]) for name, at in ends.items()},
        path=_path(tasks, order, worked, ends),
        launch=days[0],
        low=days[1],
        median=days[2],
        high=days[3],
        ends_drawn=drawn,
    )


def _launches(
    calendar: WorkCalendar, end: float, drawn: Array, settings: LaunchSettings
) -> list[date]:
    """Return the launch days: as stated, then the low, the middle and the high one of the draws."""
    tail = (100 - float(settings.confidence_pct)) / 2
    hours = [end, *np.percentile(drawn, [tail, 50, 100 - tail])]
    return [calendar.next_working(calendar.day_of(float(at))) for at in hours]


def needed_items(items: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the open items (OPEN_ITEM) that must be closed before the launch."""
    critical = str(Severity.CRITICAL)
    return [
        row
        for row in records(items)
        if critical in (row["severity"], row["advised_severity"]) and not row["is_waived"]
    ]


def _tasks(
    known: Known,
    criteria: Sequence[Criterion],
    items: pd.DataFrame,
    plan: Plan,
    hours_per_day: float,
) -> list[Task]:
    found = {}
    rows = needed_items(items)
    ids = {row["item_id"] for row in rows}
    for row in rows:
        needs = names(known.items[row["item_id"]].row["needs"])
        found[row["item_id"]] = Task(
            row["item_id"],
            row["item_name"],
            row["owner"],
            float(row["effort_hours"] or 0),
            float(row["wait_hours"] or 0),
            tuple(name for name in needs if name in ids),
        )
    rests = {one.criterion_id: names(one.row["needs"]) for one in criteria}
    looks = [row for row in plan.rows if set(names(row["serves"])) & set(rests)]
    for row in looks:
        needs = tuple(
            name for served in names(row["serves"]) for name in rests.get(served, ()) if name in ids
        )
        found[row["task_id"]] = _planned(row, tuple(dict.fromkeys(needs)), hours_per_day)
    for row in plan.rows:
        if DECISION in names(row["serves"]) and found:
            found[row["task_id"]] = _planned(row, tuple(found), hours_per_day)
    return list(found.values())


def _planned(row: Mapping[str, Any], needs: tuple[str, ...], hours_per_day: float) -> Task:
    work, wait = row["effort_hours"], row["wait_hours"]
    if work is None and wait is None:
        days = 1
        if row["task_from_date"] is not None and row["task_to_date"] is not None:
            days = max(1, (row["task_to_date"] - row["task_from_date"]).days + 1)
        work = Decimal(str(hours_per_day)) * days
    name, team = row["task_name"], row["team_name"]
    return Task(row["task_id"], name, team, float(work or 0), float(wait or 0), needs)


def _order(tasks: Sequence[Task]) -> tuple[str, ...]:
    """Return the order in which tasks are taken: ready ones first, longest tail first."""
    later: dict[str, list[Task]] = {task.task_id: [] for task in tasks}
    for task in tasks:
        for name in task.depends_on:
            later[name].append(task)
    tails: dict[str, float] = {}

    def tail(task: Task) -> float:
        if task.task_id not in tails:
            after = max((tail(other) for other in later[task.task_id]), default=0.0)
            tails[task.task_id] = task.work_hours + task.wait_hours + after
        return tails[task.task_id]

    left = sorted(tasks, key=lambda task: (-tail(task), task.task_id))
    done: list[str] = []
    while left:
        ready = next(task for task in left if set(task.depends_on) <= set(done))
        done.append(ready.task_id)
        left.remove(ready)
    return tuple(done)


def _pass(
    calendar: WorkCalendar,
    tasks: Sequence[Task],
    order: Sequence[str],
    work: Mapping[str, Array],
    wait: Mapping[str, Array],
) -> tuple[dict[str, Array], dict[str, Array], dict[str, Array]]:
    """Return when each task starts, when its work is done, and when its waiting is over. [h]"""
    by_id = {task.task_id: task for task in tasks}
    free: dict[str, Array] = {}
    starts: dict[str, Array] = {}
    worked: dict[str, Array] = {}
    ends: dict[str, Array] = {}
    for name in order:
        task = by_id[name]
        start = np.zeros_like(work[name])
        for other in task.depends_on:
            start = np.maximum(start, ends[other])
        if task.team and task.work_hours and task.team in free:
            start = np.maximum(start, free[task.team])
        starts[name] = start
        worked[name] = calendar.after_work(start, work[name])
        if task.team and task.work_hours:
            free[task.team] = worked[name]
        ends[name] = worked[name] + wait[name]
    return starts, worked, ends


def _path(
    tasks: Sequence[Task],
    order: Sequence[str],
    worked: Mapping[str, Array],
    ends: Mapping[str, Array],
) -> CriticalPath:
    """Return the critical path over elapsed times, waiting for the team among them."""
    by_id = {task.task_id: task for task in tasks}
    before: dict[str, str] = {}
    steps = []
    for name in order:
        task = by_id[name]
        waits = [f"{other}/wait" for other in task.depends_on]
        at = [_seconds(ends[other]) for other in task.depends_on]
        if task.team and task.work_hours:
            if task.team in before:
                waits.append(before[task.team])
                at.append(_seconds(worked[before[task.team]]))
            before[task.team] = name
        elapsed = max(0, _seconds(worked[name]) - max(at, default=0))
        steps.append(Step(name, elapsed, tuple(waits)))
        waiting = max(0, _seconds(ends[name]) - _seconds(worked[name]))
        steps.append(Step(f"{name}/wait", waiting, (name,)))
    return critical_path(steps)


def _seconds(hours: Array) -> int:
    return round(float(hours[0]) * SECONDS_PER_HOUR)


def _drawn(
    calendar: WorkCalendar, tasks: Sequence[Task], order: Sequence[str], settings: LaunchSettings
) -> Array:
    """Return the end of the last task over all draws. [h]"""
    generator = np.random.default_rng(settings.seed)

    def draw(hours: float) -> Array:
        uniform = np.clip(generator.random(settings.draws), 1e-12, 1 - 1e-12)
        if not hours:
            return np.zeros(settings.draws)
        seconds = Decimal(str(round(hours * SECONDS_PER_HOUR)))
        drawn: Array = stated(seconds, spread=settings.spread).quantile(uniform)
        return drawn / SECONDS_PER_HOUR

    work = {task.task_id: draw(task.work_hours) for task in tasks}
    wait = {task.task_id: draw(task.wait_hours) for task in tasks}
    _, _, ends = _pass(calendar, tasks, order, work, wait)
    return np.asarray(np.max(list(ends.values()), axis=0))
