"""AWS ARC Region switch: ``GetPlanExecution`` and ``ListPlanExecutionEvents``, as JSON.

A plan runs its steps one after the other; those of a parallel block run side by side. T+0 is the
start of the execution. ``actualRecoveryTime`` counts until the health alarms are green again, so
what it adds to the last step becomes a step of its own, the wait for them.

Which step waits for which is in the plan. Without it (an answer of events holds none) a step is
taken to wait for those that had ended when it started, and a note says so.

The events tell what the states of the steps do not: attempts, pauses and waits for approval.

Known limits. Why a step took its time is not told. A child plan is one step.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from prismlib.sources.drill_json import (
    Answer,
    check_last_page,
    items,
    mark,
    pages_of,
    part,
    slug,
    text,
    texts,
)
from prismlib.sources.drill_timeline import Log, LogStep
from prismlib.sources.drill_times import Mark, Place, parse_instant, parse_iso_duration

FORMAT, EVENTS_FORMAT = "region_switch", "region_switch_events"
STEP_KINDS = {
    "ARCRoutingControl": "traffic",
    "Route53HealthCheck": "traffic",
    "AuroraGlobalDatabase": "promotion",
    "DocumentDb": "promotion",
    "NeptuneGlobalDatabase": "promotion",
    "RdsPromoteReadReplica": "promotion",
    "RdsSwitchoverReadReplica": "promotion",
    "RdsCreateCrossRegionReplica": "copy",
    "AuroraProvisionedScaling": "deploy",
    "AuroraServerlessScaling": "deploy",
    "EC2AutoScaling": "deploy",
    "ECSServiceScaling": "deploy",
    "EKSResourceScaling": "deploy",
    "LambdaEventSourceMapping": "deploy",
    "CustomActionLambda": "command",
    "SSMSendCommand": "command",
}
"""Type of an execution block -> step_kind; others keep the word of AWS."""
STATUSES = {
    "completed": "completed",
    "failed": "failed",
    "canceled": "failed",
    "skipped": "skipped",
    "running": "running",
    "pendingApproval": "running",
    "notStarted": "missing",
}
ENDS = {
    "stepSucceeded": "completed",
    "stepFailed": "failed",
    "stepCanceled": "failed",
    "stepSkipped": "skipped",
}
HEALTH = "Application health alarms"
BY_TIMES = "without the plan, a step is taken to wait for those that had ended when it started"


def is_execution(content: Any) -> bool:
    """Return whether it is an answer of ``GetPlanExecution``."""
    pages = pages_of(content)
    return bool(pages) and {"executionId", "executionState"} <= set(pages[0])


def is_events(content: Any) -> bool:
    """Return whether it is an answer of ``ListPlanExecutionEvents``."""
    found = [one for page in pages_of(content) if isinstance(page.get("items"), list)
             for one in page["items"] if isinstance(one, dict)]  # fmt: skip
    return bool(found) and {"eventId", "type"} <= set(found[0])


def execution_logs(content: Any, path: Path) -> list[Log]:
    """Return the drill of ``GetPlanExecution``."""
    place, pages = Place(path), pages_of(content)
    check_last_page(pages, place, "nextToken")
    top = pages[0]
    states = {text(s, "name"): s for page in pages for s in items(page, "stepStates", place)}
    plan = part(top, "plan", place)
    steps = _steps(list(_blocks(top, plan, states, place)), states, place)
    notes = []
    if not items(plan, "workflows", place):
        steps = _by_times(steps)
        notes.append(BY_TIMES)
    steps += _health(top, steps, place)
    if (state := text(top, "executionState")) != "completed":
        notes.append(f"the execution is {state}, not completed")
    region, primary = text(top, "executionRegion"), text(plan, "primaryRegion")
    is_back = text(top, "executionAction") == "activate" and region == primary
    return [
        Log(
            place=place,
            drill_id=text(top, "executionId") or path.stem,
            drill_kind="failback" if is_back else "failover",
            steps=tuple(steps),
            zero=parse_instant(top.get("startTime"), place),
            cells=_drill_cells(top, plan, place),
            notes=tuple(notes),
            format_name=FORMAT,
        )
    ]


def _drill_cells(top: Answer, plan: Answer, place: Place) -> dict[str, Any]:
    region = text(top, "executionRegion")
    others = [name for name in texts(plan, "regions", place) if name != region]
    minutes = text(plan, "recoveryTimeObjectiveMinutes")
    told = (text(plan, "name"), text(top, "mode"), minutes and f"recovery objective {minutes} min")
    return {
        "recovery_region_id": region,
        "lost_region_id": others[0] if len(others) == 1 else "",
        "note": ", ".join(filter(None, told)),
    }


def _blocks(
    top: Answer, plan: Answer, states: dict[str, Answer], place: Place
) -> Iterator[list[Answer]]:
    """Yield the blocks that run one after the other: lists of steps that run side by side."""
    action, region = text(top, "executionAction"), text(top, "executionRegion")
    for flow in items(plan, "workflows", place):
        target = text(flow, "workflowTargetRegion")
        if text(flow, "workflowTargetAction") != action or (target and target != region):
            continue
        for step in items(flow, "steps", place):
            config = part(step, "executionBlockConfiguration", place)
            inner = items(part(config, "parallelConfig", place), "steps", place)
            # The states may list a parallel block as a whole only.
            has_inner = any(text(one, "name") in states for one in inner)
            yield inner if inner and (has_inner or text(step, "name") not in states) else [step]
        return
    # Without the plan nobody can say which step waits for which.
    yield [{"name": name} for name in states]


def _steps(
    blocks: Sequence[list[Answer]], states: dict[str, Answer], place: Place
) -> list[LogStep]:
    steps: list[LogStep] = []
    before: tuple[str, ...] = ()
    for block in blocks:
        made = [_step(one, states.get(text(one, "name"), {}), before, place) for one in block]
        steps += made
        before = tuple(step.step_id for step in made)
    return steps


def _by_times(steps: Sequence[LogStep]) -> list[LogStep]:
    """Return the steps, each waiting for those that had ended when it started."""

    def waits(step: LogStep) -> tuple[str, ...]:
        start = step.start
        return tuple(
            other.step_id
            for other in steps
            if start
            and other.end
            and other is not step
            and other.start != start
            and _moment(other.end) <= _moment(start)
        )

    return [replace(step, depends_on=waits(step)) for step in steps]


def _moment(mark: Mark) -> float:
    return mark.high.timestamp() if isinstance(mark.high, datetime) else float(mark.high)


def _step(one: Answer, state: Answer, before: tuple[str, ...], place: Place) -> LogStep:
    name, kind = text(one, "name"), text(one, "executionBlockType")
    status = text(state, "status") or "notStarted"
    return LogStep(
        place=place,
        step_id=slug(name),
        step_name=name,
        start=mark(state, "startTime", place),
        end=mark(state, "endTime", place),
        depends_on=before,
        cells=_cells(kind, STATUSES.get(status, ""), text(one, "description")),
    )


def _cells(kind: str, status: str, note: str = "") -> dict[str, Any]:
    is_approval = kind == "ManualApproval"
    return {
        "step_kind": STEP_KINDS.get(kind, kind),
        "step_status": status,
        "phase": "decide" if is_approval else "restore",
        "is_manual": True if is_approval else None,
        "note": note,
    }


def _health(top: Answer, steps: Sequence[LogStep], place: Place) -> list[LogStep]:
    """Return the wait for the health alarms that ``actualRecoveryTime`` holds."""
    zero, told = parse_instant(top.get("startTime"), place), text(top, "actualRecoveryTime")
    ends = [step.end.high for step in steps if step.end and isinstance(step.end.high, datetime)]
    if zero is None or not told or not ends:
        return []
    seconds = parse_iso_duration(told, place)
    green, done = zero + timedelta(microseconds=int(seconds * 10**6)), max(ends)
    if green < done:
        return []
    waited = {name for step in steps for name in step.depends_on}
    last = tuple(step.step_id for step in steps if step.step_id not in waited)
    cells = {"step_kind": "health", "phase": "validate", "note": f"actualRecoveryTime {told}"}
    return [LogStep(place, slug(HEALTH), HEALTH, Mark(done, done), Mark(green, green), last, cells)]


def events_logs(content: Any, path: Path) -> list[Log]:
    """Return the drill of ``ListPlanExecutionEvents``, which does not name its execution."""
    place, pages = Place(path), pages_of(content)
    check_last_page(pages, place, "nextToken")
    found = [one for page in pages for one in items(page, "items", place)]
    when = {text(one, "eventId"): parse_instant(one.get("timestamp"), place) for one in found}
    known = [one for one in found if when[text(one, "eventId")] is not None]
    known.sort(key=lambda one: (when[text(one, "eventId")], found.index(one)))
    names = dict.fromkeys(text(one, "stepName") for one in known if one.get("stepName"))
    steps = [_of_events(name, known, place) for name in names]
    if not steps:
        raise place.refuse(
            "has no steps",
            seen=f"{len(found)} events",
            expected="events of steps with their times",
            remedy="fetch the events of an execution that ran",
        )
    starts = [one for one in known if text(one, "type") == "executionStarted"]
    return [
        Log(
            place=place,
            drill_id=path.stem,
            drill_kind="failover",
            steps=tuple(_by_times(steps)),
            zero=when[text(starts[0], "eventId")] if starts else None,
            notes=(BY_TIMES, *_event_notes(names, known)),
            format_name=EVENTS_FORMAT,
        )
    ]


def _of_events(name: str, events: Sequence[Answer], place: Place) -> LogStep:
    own = [one for one in events if text(one, "stepName") == name]
    starts = [one for one in own if text(one, "type") == "stepStarted"]
    ends = [one for one in own if text(one, "type") in ENDS]
    kind = next(
        (text(one, "executionBlockType") for one in own if one.get("executionBlockType")), ""
    )
    error = "; ".join(text(one, "error") for one in own if one.get("error"))
    return LogStep(
        place=place,
        step_id=slug(name),
        step_name=name,
        start=mark(starts[0], "timestamp", place) if starts else None,
        end=mark(ends[-1], "timestamp", place) if ends else None,
        cells=_cells(kind, ENDS[text(ends[-1], "type")] if ends else "running", error),
    )


def _event_notes(names: Sequence[str] | dict[str, None], events: Sequence[Answer]) -> Iterator[str]:
    for name in names:
        own = [text(one, "type") for one in events if text(one, "stepName") == name]
        if own.count("stepStarted") > 1:
            yield f"{name} took {own.count('stepStarted')} attempts, from the first start counted"
        if "stepPendingApproval" in own:
            yield f"{name} waited for an approval"
        if pauses := sum(kind in ("stepPausedByError", "stepPausedByOperator") for kind in own):
            yield f"{name} was paused {'once' if pauses == 1 else f'{pauses} times'}"


def paired(logs: Sequence[Log]) -> list[Log]:
    """Return the logs; events whose steps are those of one execution, in its time, are joined."""
    left = [log for log in logs if log.format_name != EVENTS_FORMAT]
    for events in (log for log in logs if log.format_name == EVENTS_FORMAT):
        fitting = [log for log in left if log.format_name == FORMAT and _fits(events, log)]
        if len(fitting) != 1:
            left.append(events)
            continue
        left[left.index(fitting[0])] = _joined(fitting[0], events)
    return left


def _fits(events: Log, execution: Log) -> bool:
    names = {step.step_id for step in execution.steps}
    is_same = events.zero is None or execution.zero is None or events.zero == execution.zero
    return is_same and all(step.step_id in names for step in events.steps)


def _joined(execution: Log, events: Log) -> Log:
    told = {step.step_id: step for step in events.steps}

    def join(step: LogStep) -> LogStep:
        other = told.get(step.step_id)
        if other is None:
            return step
        start, end = step.start or other.start, step.end or other.end
        note = "; ".join(filter(None, (step.cells.get("note"), other.cells.get("note"))))
        return replace(step, start=start, end=end, cells={**step.cells, "note": note})

    notes = (
        *execution.notes,
        *events.notes,
        f"events of {events.place.path.name} are joined to it",
    )
    return replace(execution, steps=tuple(map(join, execution.steps)), notes=notes)
