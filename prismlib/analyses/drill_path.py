"""The steps of a drill as a chain of dependencies: as they ran, and as early as they could.

Method. Two networks are made of the restore steps of a drill:

- *side by side*: each step waits only for what the log says it depends on. Excluded work is taken
  out or left in; steps that waited for work that is taken out wait for what that waited for.
- *as it ran*: each step waits for every step that had ended when it started, and then as long as
  it did in the drill. Excluded work without a place in the log runs just before the first step that
  depends on it.

The critical path, slack and savings come from `critical_path`. A step off the path with enough
slack changes nothing; a longer step never makes recovery shorter.

Known limits. Durations are the middles of their ranges. Without a single dependency in the log
nothing says what could run side by side, and that network is not known.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from prismlib.analyses.critical_path import (
    Change,
    CriticalPath,
    Step,
    StepTime,
    changed,
    critical_path,
    savings,
)
from prismlib.analyses.drill_steps import (
    FAILED,
    Drill,
    DrillStep,
    excluded_alone_s,
    excluded_work,
    full_clock,
    unplaced_work,
)
from prismlib.result_tables.dr import RECOVERY_STEP
from prismlib.tables import empty, make

WAIT = "wait:"
"""Begins the id of a made-up step: the time in which nothing that a step waited for was running."""


def seconds(value: Fraction) -> Decimal:
    """Return exact seconds as a decimal, rounded at the sixth decimal where it must be."""
    if value.denominator == 1:
        return Decimal(value.numerator)
    return round(Decimal(value.numerator) / Decimal(value.denominator), 6)


def unknown_durations(drill: Drill) -> tuple[str, ...]:
    """Return the names of restore steps that failed or whose duration is not known."""
    return tuple(
        step.name
        for step in drill.of_phase("restore")
        if step.duration is None or step.row["step_status"] == FAILED
    )


def side_by_side(drill: Drill, *, with_excluded: bool) -> tuple[Step, ...] | None:
    """Return the restore steps with their dependencies; None when those are not known.

    Raises
    ------
    ParameterError
        A step waits for one that is not in the log, or for itself.
    """
    found = drill.of_phase("restore")
    if not found or unknown_durations(drill) or not any(step.depends_on for step in drill.steps):
        return None
    if not any(_middle(step) for step in found):
        return None  # instants alone: nothing was timed
    outside = {step.step_id for step in drill.steps} - {step.step_id for step in found}
    steps = tuple(
        Step(step.step_id, _middle(step), tuple(n for n in step.depends_on if n not in outside))
        for step in found
    )
    critical_path(steps)  # refuses a circle before anything is taken out
    left_out = [] if with_excluded else [step.step_id for step in excluded_work(drill)]
    return changed(steps, [Change(name, is_removed=True) for name in left_out])


def as_it_ran(drill: Drill, *, with_excluded: bool) -> tuple[Step, ...] | None:
    """Return the restore steps as they ran, with the waiting between them; None when not known.

    Without excluded work, the time in which nothing else ran is taken out, as the published clock
    does.
    """
    found = drill.of_phase("restore")
    if not found or unknown_durations(drill) or full_clock(drill) is None:
        return None
    placed = [step for step in found if step.start is not None and step.end is not None]
    if len(placed) + len(unplaced_work(drill)) < len(found) or not placed:
        return None
    placed.sort(key=lambda step: (_at(step, "start"), _at(step, "end")))
    counted = placed if with_excluded else [step for step in placed if not step.is_excluded]
    ends: dict[str, Decimal] = {}
    steps: list[Step] = []
    for step in counted:
        start, end = _at(step, "start"), _at(step, "end")
        left_out = Decimal(0) if with_excluded else excluded_alone_s(drill, start)
        before = tuple(name for name, earlier in ends.items() if earlier <= start - left_out)
        ends[step.step_id] = end - left_out
        waited = start - left_out - max((ends[name] for name in before), default=Decimal(0))
        steps.append(Step(WAIT + step.step_id, max(waited, Decimal(0)), before))
        steps.append(Step(step.step_id, _middle(step), (WAIT + step.step_id,)))
    if not with_excluded:
        return tuple(steps) or None
    return _with_unplaced(steps, placed, unplaced_work(drill))


def _with_unplaced(
    steps: list[Step], placed: list[DrillStep], unplaced: tuple[DrillStep, ...]
) -> tuple[Step, ...]:
    """Put each excluded step without a place before the first step that depends on it."""
    for work in unplaced:
        first = next((s.step_id for s in placed if work.step_id in s.depends_on), None)
        if first is None:
            everything = tuple(step.step_id for step in steps)
            steps = [*steps, Step(work.step_id, _middle(work), everything)]
            continue
        wait = next(step for step in steps if step.step_id == WAIT + first)
        moved = Step(work.step_id, _middle(work), wait.depends_on)
        later = Step(wait.step_id, wait.duration_s, (*wait.depends_on, work.step_id))
        steps = [moved, *(later if step is wait else step for step in steps)]
    return tuple(steps)


def _middle(step: DrillStep) -> Decimal:
    assert step.duration is not None
    return step.duration.middle


def _at(step: DrillStep, end: str) -> Decimal:
    span = step.start if end == "start" else step.end
    assert span is not None
    return span.middle


def as_planned(drill: Drill) -> CriticalPath | None:
    """Return the steps side by side with the durations of the plan; None without all of them."""
    steps = side_by_side(drill, with_excluded=False)
    planned = {step.step_id: step.row["planned_s"] for step in drill.steps}
    if not steps or any(planned[step.step_id] is None for step in steps):
        return None
    changes = [Change(step.step_id, duration_s=planned[step.step_id]) for step in steps]
    return critical_path(changed(steps, changes))


def recovery_steps(drill: Drill) -> pd.DataFrame:
    """Return RECOVERY_STEP: each step as logged, with all the work, as planned, as early as can be.

    What a network does not hold, or is not known, stays missing.
    """
    free = side_by_side(drill, with_excluded=False)
    ran = as_it_ran(drill, with_excluded=True)
    times = {
        "earliest": _by_id(critical_path(free) if free else None),
        "ran": _by_id(critical_path(ran) if ran else None),
        "planned": _by_id(as_planned(drill)),
    }
    saved = {one.step_id: one for one in savings(free)} if free else {}
    rows = []
    for step in drill.steps:
        row = _logged(step, drill.drill_id)
        for name, found in times.items():
            if (time := found.get(step.step_id)) is not None:
                row[f"{name}_start_s"] = seconds(time.earliest_start_s)
                row[f"{name}_end_s"] = seconds(time.earliest_end_s)
        if (time := times["earliest"].get(step.step_id)) is not None:
            row["slack_s"] = seconds(time.slack_s)
            row["is_critical"] = time.is_critical
            row["time_saved_s"] = seconds(saved[step.step_id].saved_if_zero_s)
            row["beside_saved_s"] = seconds(saved[step.step_id].saved_if_beside_s)
        rows.append(row)
    return make(RECOVERY_STEP, rows) if rows else empty(RECOVERY_STEP)


def _by_id(path: CriticalPath | None) -> dict[str, StepTime]:
    return {} if path is None else {time.step_id: time for time in path.steps}


def _logged(step: DrillStep, drill_id: str) -> dict[str, Any]:
    return {
        "drill_id": drill_id,
        "step_id": step.step_id,
        "step_name": step.name,
        "phase": step.phase,
        "start_low_s": None if step.start is None else step.start.low,
        "start_high_s": None if step.start is None else step.start.high,
        "end_low_s": None if step.end is None else step.end.low,
        "end_high_s": None if step.end is None else step.end.high,
        "duration_s": None if step.duration is None else step.duration.middle,
        "is_excluded": step.is_excluded,
        "is_manual": step.row["is_manual"],
        "note": step.row["note"],
    }
