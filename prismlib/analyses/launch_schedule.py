"""The launch day that the registers and the plan really support, and what gates it.

Method. What has to be done, and what waits for what, says `launch_tasks`; the launch is on the next
working day after all of it. Work is done in the working hours of its team, which does one thing at
a time, and is followed by its waiting. Of what is ready, a team takes first what the longest chain
hangs on. The critical path is that of the elapsed times (`critical_path`). The interval draws work
and waiting (`durations`), independently. Where tasks wait for each other in a circle, or the last
ends after the calendar does (`work_calendar`), no day is supported, and the reason is said.

Known limits. Efforts are those stated. That remedies work the first time, and that a criterion
which no task is for will pass, is assumed: where one is left, no day is supported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from heapq import heapify, heappop, heappush

import numpy as np
import pandas as pd

from prismlib.analyses.critical_path import CriticalPath, Step, critical_path, ordered
from prismlib.analyses.durations import Array, stated
from prismlib.analyses.judging import listed
from prismlib.analyses.launch_inputs import Known, LaunchSettings
from prismlib.analyses.launch_plan import chosen_plan, rings
from prismlib.analyses.launch_rules import Criterion
from prismlib.analyses.launch_tasks import Task, WorkingDays, tasks_of
from prismlib.analyses.steps import Steps
from prismlib.analyses.work_calendar import WorkCalendar
from prismlib.formats import day

SECONDS_PER_HOUR = 3600
WAIT = "/wait"
"""Ends the id of the step of the critical path that is the waiting of a task."""


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

    def day_words(self, on: date) -> str:
        """Return a launch day in words; on the last day of the calendar it is that or later."""
        return f"{day(on)}{' or later' * (on >= self.calendar.last)}"


@dataclass(frozen=True)
class Way:
    """The way to a launch: a schedule, or why no day is supported.

    Both are empty without a plan or without anything to do.
    """

    schedule: Schedule | None = None
    why_none: str = ""


def way_to_launch(
    known: Known,
    criteria: Sequence[Criterion],
    items: pd.DataFrame,
    settings: LaunchSettings,
    holidays: frozenset[date],
) -> Steps[Way]:
    """Return the schedule of what is open (OPEN_ITEM), or why there is none, in steps."""
    plan, as_of = chosen_plan(known.inputs.tables.get("plan_task")), known.inputs.as_of
    if plan is None:
        return Way()
    days = WorkingDays(settings.hours_per_day, holidays)
    tasks = tasks_of(known, criteria, items, plan, days)
    yield
    if circles := _circles(tasks):
        return Way(why_none=f"None of these can begin first, each waits for the others: {circles}")
    if not tasks:
        return Way()
    if as_of == date.max:
        return Way(why_none=f"No day comes after {day(as_of)}")
    first = max(as_of + timedelta(days=1), plan.first or date.min)
    calendar = WorkCalendar(first, holidays, float(days.hours_per_day))
    schedule = yield from _schedule(tasks, calendar, settings)
    if schedule.launch < schedule.calendar.last:
        return Way(schedule)
    last = day(schedule.calendar.last)
    return Way(why_none=f"What is needed takes until {last} or later, where the calendar ends")


def _circles(tasks: Sequence[Task]) -> str:
    """Return the tasks that wait for each other, in words; empty without any."""
    names = {task.task_id: f"{task.task_id} ({task.name})" for task in tasks}
    found = rings({task.task_id: task.depends_on for task in tasks})
    return "; ".join(listed([names[task_id] for task_id in ring]) for ring in found)


def _schedule(
    tasks: Sequence[Task], calendar: WorkCalendar, settings: LaunchSettings
) -> Steps[Schedule]:
    order = _order(tasks)
    work = {task.task_id: np.array([task.work_hours]) for task in tasks}
    wait = {task.task_id: np.array([task.wait_hours]) for task in tasks}
    starts, worked, ends = _pass(calendar, tasks, order, work, wait)
    yield
    drawn = yield from _drawn(calendar, tasks, order, settings)
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


def _order(tasks: Sequence[Task]) -> tuple[str, ...]:
    """Return the order in which tasks are taken: ready ones first, longest tail first."""
    by_id = {task.task_id: task for task in tasks}
    later: dict[str, list[str]] = {task.task_id: [] for task in tasks}
    for task in tasks:
        for name in task.depends_on:
            later[name].append(task.task_id)
    tails: dict[str, float] = {}
    for name in reversed(ordered({task.task_id: task.depends_on for task in tasks})):
        after = max((tails[other] for other in later[name]), default=0.0)
        tails[name] = by_id[name].work_hours + by_id[name].wait_hours + after
    waits = {task.task_id: len(task.depends_on) for task in tasks}
    ready = [(-tails[name], name) for name, number in waits.items() if not number]
    heapify(ready)
    done: list[str] = []
    while ready:
        _, name = heappop(ready)
        done.append(name)
        for other in later[name]:
            waits[other] -= 1
            if not waits[other]:
                heappush(ready, (-tails[other], other))
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
        if task.holds in free:
            start = np.maximum(start, free[task.holds])
        starts[name] = start
        worked[name] = calendar.after_work(start, work[name])
        if task.holds:
            free[task.holds] = worked[name]
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
        waits = [f"{other}{WAIT}" for other in task.depends_on]
        at = [_seconds(ends[other]) for other in task.depends_on]
        if task.holds:
            if task.holds in before:
                waits.append(before[task.holds])
                at.append(_seconds(worked[before[task.holds]]))
            before[task.holds] = name
        elapsed = max(0, _seconds(worked[name]) - max(at, default=0))
        steps.append(Step(name, elapsed, tuple(waits)))
        waiting = max(0, _seconds(ends[name]) - _seconds(worked[name]))
        steps.append(Step(f"{name}{WAIT}", waiting, (name,)))
    return critical_path(steps)


def _seconds(hours: Array) -> int:
    return round(float(hours[0]) * SECONDS_PER_HOUR)


def _drawn(
    calendar: WorkCalendar, tasks: Sequence[Task], order: Sequence[str], settings: LaunchSettings
) -> Steps[Array]:
    """Return the end of the last task over all draws. [h]"""
    generator = np.random.default_rng(settings.seed)

    def draw(hours: float) -> Array:
        uniform = np.clip(generator.random(settings.draws), 1e-12, 1 - 1e-12)
        if not hours:
            return np.zeros(settings.draws)
        seconds = Decimal(str(hours)) * SECONDS_PER_HOUR
        drawn: Array = stated(seconds, spread=settings.spread).quantile(uniform)
        return drawn / SECONDS_PER_HOUR

    work = {task.task_id: draw(task.work_hours) for task in tasks}
    yield
    wait = {task.task_id: draw(task.wait_hours) for task in tasks}
    yield
    _, _, ends = _pass(calendar, tasks, order, work, wait)
    return np.asarray(np.max(list(ends.values()), axis=0))
