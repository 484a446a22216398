"""The sentences of the notebook on the launch about remedies, the plan and the launch day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from prismlib.analyses.judging import counted
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.analyses.launch_schedule import WAIT, Schedule
from prismlib.findings import Finding, Severity
from prismlib.formats import MONTHS, count, day

HOURS = Decimal(24)
MOST_TICKS = 6
SHOWN_PCT = 99
"""The slowest of the simulated schedules are left out of the chart, which would be flat there."""


def remedy_sentence(results: LaunchResults) -> str:
    """Return how many remedies were looked at, and how many must not be run as they are."""
    frame = results.known.inputs.tables.get("remedy_step")
    if frame is None or not len(frame):
        return "The snapshot holds no remedies: none was checked, which passes nothing."
    wrong = {one.row["remedy_id"] for one in results.remedies}
    worst = {one.row["remedy_id"] for one in results.remedies if one.severity is Severity.CRITICAL}
    words = f"Of {counted(len(frame), 'remedy')}".replace("remedys", "remedies")
    words += f" {len(wrong)} do not do what they are meant to, {len(worst)} of them with critical "
    return words + "harm. One that no rule and no model knows is not judged, and passes nothing."


NO_CHANCES = "Without a schedule there is no chance of a launch day to draw."


def schedule_sentence(findings: Sequence[Finding]) -> str:
    """Return the launch day that the plan supports, and what is wrong with the plan."""
    found = next((f.statement for f in findings if f.id == "launch.launch_date"), None)
    return found or "Without a plan with a dated launch no launch day can be computed."


def plan_sentence(findings: Sequence[Finding]) -> str:
    """Return what is wrong with the plan."""
    found = [f for f in findings if f.id.startswith("launch.plan.") and f.verdict != "holds"]
    lines = [f"**{f.title}.** {f.statement}" for f in found]
    return (
        "\n\n".join(lines) or "The dates of the plan agree with each other and with the calendar."
    )


def bars(schedule: Schedule) -> list[tuple[str, Decimal, Decimal, bool]]:
    """Return the tasks of a schedule in days from the first, for a chart."""
    critical = {step.step_id.removesuffix(WAIT) for step in schedule.path.steps if step.is_critical}
    tasks = sorted(schedule.tasks, key=lambda one: (schedule.starts[one.task_id], one.task_id))
    return [
        (
            f"{task.task_id} {task.name}" if "." in task.task_id else task.name,
            _days(schedule.calendar.opening(schedule.starts[task.task_id]))
            if task.work_hours
            else _days(schedule.starts[task.task_id]),
            _days(schedule.ends[task.task_id]),
            task.task_id in critical,
        )
        for task in tasks
    ]


def _days(hours: float) -> Decimal:
    return Decimal(str(round(hours, 3))) / HOURS


def marks(results: LaunchResults, schedule: Schedule) -> list[tuple[str, Decimal]]:
    """Return the launch days that the chart is held against."""
    first = schedule.calendar.first
    found = [(f"Supported: {day(schedule.launch)}", schedule.launch)]
    if results.planned is not None:
        found.append((f"Planned: {day(results.planned)}", results.planned))
    return [(name, Decimal((at - first).days)) for name, at in found]


def ticks(results: LaunchResults, schedule: Schedule) -> list[tuple[Decimal, str]]:
    """Return days along the axis, about as many as fit a phone."""
    first = schedule.calendar.first
    last = max(schedule.high, results.planned or schedule.high)
    whole = min((last - first).days + 1, (date.max - first).days)
    step = max(1, -(-whole // MOST_TICKS))
    days = [first + timedelta(days=n) for n in range(0, whole + 1, step)]
    return [(Decimal((one - first).days), f"{one.day} {MONTHS[one.month - 1]}") for one in days]


def curve(schedule: Schedule) -> list[tuple[Decimal, Decimal]]:
    """Return by which day how many percent of the simulated schedules launch, for a chart."""
    calendar = schedule.calendar
    ended, counts = np.unique(schedule.ends_drawn // 24, return_counts=True)
    days = [schedule.launch_after(24 * float(number)) for number in ended]
    offsets = np.repeat([(one - calendar.first).days for one in days], counts)
    last = int(np.ceil(np.percentile(offsets, SHOWN_PCT)))
    points = range(int(offsets.min()) - 1, last + 1)
    return [
        (Decimal(at), Decimal(str(round(float(np.mean(offsets <= at)) * 100, 2)))) for at in points
    ]


def schedule_title(schedule: Schedule) -> str:
    """Return what the chart of the schedule shows, as a sentence."""
    names = {task.task_id: task.name for task in schedule.tasks}
    first = next(step for step in schedule.path.path if step in names)
    words = f"What is needed can be done for a launch on {day(schedule.launch)}; "
    return f"{words}the longest chain begins with {names[first]}"


def chance_title(results: LaunchResults, schedule: Schedule) -> str:
    """Return what the chart of the simulated launch days shows, as a sentence."""
    confidence = count(results.settings.confidence_pct)
    words = f"{confidence} of 100 simulated schedules launch from {day(schedule.low)} to "
    return words + schedule.day_words(schedule.high)
