"""A drill as its log would read with other durations, dependencies and exclusions.

Method. What a step waits for and whether it is left off the clock are changed in its row. Another
duration makes the drill run anew: each step waits for every step that had ended when it started,
and then as long as it did in the drill (`drill_path.as_it_ran`); what came after recovery comes as
much later or earlier. Work that was off the clock and has no place in the log is given one, before
the first step that depends on it, as soon as it counts.

Known limits. How the drill ran does not change with its dependencies: they say what could run side
by side. A duration that is set has no range.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from prismlib.analyses.critical_path import Change, StepTime, changed, critical_path
from prismlib.analyses.dr_inputs import SECONDS, DrSettings
from prismlib.analyses.drill_path import as_it_ran, seconds
from prismlib.analyses.drill_steps import Drill, DrillStep, excluded_work, served, unplaced_work
from prismlib.analyses.judging import listed
from prismlib.assignments import assigned, names_in, numbers
from prismlib.errors import ParameterError
from prismlib.formats import duration

NOTHING, NONE = "nothing", "none"
"""What a step waits for that waits for no other; what is left out when everything counts."""
BETWEEN = "|"
TIMES = ("start_low_s", "start_high_s", "end_low_s", "end_high_s")


def changed_drill(drill: Drill, settings: DrSettings) -> Drill:
    """Return the drill with what `step_minutes`, `waits_for` and `left_out` say.

    Raises
    ------
    ParameterError
        A text names a step that the drill does not have, or cannot be read; or the drill cannot
        run anew, since a step of it has no place in the log.
    """
    drill = _waiting(drill, settings.waits_for)
    restored = {step.step_id: step for step in drill.of_phase("restore")}
    left_out = _left_out(drill, settings.left_out, restored)
    minutes = numbers("step_minutes", settings.step_minutes, restored)
    for name, value in minutes.items():
        if value < 0:
            raise ParameterError("step_minutes", f"{name}={value}", expected="minutes, 0 or more")
    wanted = {name: value * SECONDS["minutes"] for name, value in minutes.items()}
    return _excluding(_rerun(drill, wanted, left_out), left_out)


def _waiting(drill: Drill, waits_for: str) -> Drill:
    every = [step.step_id for step in drill.steps]
    waits = {
        name: () if text == NOTHING else names_in("waits_for", text.replace(BETWEEN, ","), every)
        for name, text in assigned("waits_for", waits_for, every).items()
    }
    return _with(drill, {name: {"depends_on": BETWEEN.join(of)} for name, of in waits.items()})


def _left_out(drill: Drill, text: str, restored: Collection[str]) -> set[str]:
    """Return the ids of the restore steps that are off the clock."""
    if not text.strip():
        return {step.step_id for step in excluded_work(drill)}
    return set() if text.strip() == NONE else set(names_in("left_out", text, restored))


def _excluding(drill: Drill, left_out: set[str]) -> Drill:
    restored = [step.step_id for step in drill.of_phase("restore")]
    return _with(drill, {name: {"is_excluded": name in left_out} for name in restored})


def _rerun(drill: Drill, wanted: Mapping[str, Decimal], left_out: set[str]) -> Drill:
    """Return the drill with the durations that are wanted, and a place for all that counts."""
    unplaced = {step.step_id for step in unplaced_work(drill)}
    drill = _with(drill, {n: {"duration_s": wanted[n]} for n in unplaced & wanted.keys()})
    moved = {name: wanted[name] for name in wanted if name not in unplaced}
    if not moved and unplaced <= left_out:
        return drill
    off = unplaced & left_out
    network = as_it_ran(_without(drill, off), with_excluded=True)
    if network is None:
        raise ParameterError(
            "left_out" if not moved else "step_minutes",
            ", ".join(moved or sorted(unplaced - left_out)),
            expected="a drill whose restore steps all have a start and an end, or a duration",
        )
    path = critical_path(changed(network, [Change(n, duration_s=s) for n, s in moved.items()]))
    times = {time.step_id: time for time in path.steps}
    rows = {
        step.step_id: _placed(step, times[step.step_id], is_set=step.step_id in moved)
        for step in drill.steps
        if step.step_id in times
    }
    return _later(drill, _with(drill, rows))


def _placed(step: DrillStep, time: StepTime, *, is_set: bool) -> dict[str, Any]:
    """Return the times of a step that runs anew; those that were not set keep their ranges."""
    start, end = seconds(time.earliest_start_s), seconds(time.earliest_end_s)
    if is_set or step.start is None or step.end is None:
        values = dict(zip(TIMES, (start, start, end, end), strict=True))
        return {**values, "duration_s": end - start}
    by = (start - step.start.middle,) * 2 + (end - step.end.middle,) * 2
    return _shifted(step, dict(zip(TIMES, by, strict=True)))


def _later(before: Drill, after: Drill) -> Drill:
    """Return a drill that ran anew with what came after recovery moved as far as its end."""
    old, new = served(before), served(after)
    if old is None or new is None or new.middle == old.middle:
        return after
    by = dict.fromkeys(TIMES, new.middle - old.middle)
    late = [
        step
        for step in after.of_phase("validate")
        if (at := step.start or step.end) is not None and at.middle >= old.middle
    ]
    return _with(after, {step.step_id: _shifted(step, by) for step in late})


def _shifted(step: DrillStep, by: Mapping[str, Decimal]) -> dict[str, Any]:
    return {n: None if step.row[n] is None else step.row[n] + by[n] for n in TIMES}


def _with(drill: Drill, rows: Mapping[str, Mapping[str, Any]]) -> Drill:
    """Return the drill with the columns of steps set anew, by id."""
    steps = (
        DrillStep.of({**step.row, **rows[step.step_id]}) if step.step_id in rows else step
        for step in drill.steps
    )
    return replace(drill, steps=tuple(steps))


def _without(drill: Drill, names: Collection[str]) -> Drill:
    return replace(drill, steps=tuple(s for s in drill.steps if s.step_id not in names))


def change_words(before: Drill, after: Drill) -> tuple[str, ...]:
    """Return what differs between the log and what was set, a clause each."""
    pairs = zip(before.steps, after.steps, strict=True)
    return tuple(words for pair in pairs for words in _differences(*pair, before))


def _differences(old: DrillStep, new: DrillStep, drill: Drill) -> Iterator[str]:
    names = {step.step_id: step.name for step in drill.steps}
    if new.duration is not None and _middle(old) != new.duration.middle:
        yield f"{old.name} takes {duration(new.duration.middle)} min"
    if old.depends_on != new.depends_on:
        waited = [names[name] for name in new.depends_on]
        yield f"{old.name} waits for {listed(waited) if waited else NOTHING}"
    if old.is_excluded != new.is_excluded:
        yield f"{old.name} is {'left off' if new.is_excluded else 'on'} the clock"


def _middle(step: DrillStep) -> Decimal | None:
    return None if step.duration is None else step.duration.middle
