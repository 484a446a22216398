"""Drills in FIS experiments, CloudTrail events and chaostoolkit journals, as JSON.

A FIS experiment and the actions of a chaostoolkit journal inject a failure: they are its
interruption, and say nothing of recovery but what probes see. A chaostoolkit journal has its times
in UTC, with or without saying so; an activity's duration leaves out the pauses around it.

CloudTrail says when a call was made and never when its work was done: the end of a promotion is
not in it, and stays unknown. Calls that read, and calls of no step (`CALLS`), are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
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
    unique,
)
from prismlib.sources.drill_timeline import Log, LogStep
from prismlib.sources.drill_times import Place, parse_instant

STATUSES = {
    **dict.fromkeys(("completed", "succeeded"), "completed"),
    **dict.fromkeys(("failed", "cancelled", "stopped", "aborted", "interrupted"), "failed"),
    **dict.fromkeys(("running", "initiating", "stopping"), "running"),
    **dict.fromkeys(("skipped", "not executed"), "skipped"),
    "pending": "missing",
}
CALLS: dict[str, str] = {
    **dict.fromkeys(
        (
            *("PromoteReadReplica", "PromoteReadReplicaDBCluster", "FailoverDBCluster"),
            *("FailoverGlobalCluster", "SwitchoverGlobalCluster", "SwitchoverReadReplica"),
            *("FailoverGlobalReplicationGroup", "TestFailover", "RebootDBInstance"),
        ),
        "promotion",
    ),
    **dict.fromkeys(
        (
            *("ChangeResourceRecordSets", "UpdateRoutingControlState", "UpdateHealthCheck"),
            *("UpdateRoutingControlStates", "StartZonalShift", "ModifyListener", "ModifyRule"),
        ),
        "traffic",
    ),
    **dict.fromkeys(
        (
            *("RestoreDBInstanceFromDBSnapshot", "RestoreDBInstanceToPointInTime"),
            *("RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime", "StartRestoreJob"),
            *("CreateReplicationGroup", "RestoreTableFromBackup"),
        ),
        "load",
    ),
    **dict.fromkeys(
        ("CopyDBSnapshot", "CopyDBClusterSnapshot", "CopySnapshot", "StartCopyJob", "CreateJob"),
        "copy",
    ),
    **dict.fromkeys(
        (
            *("RunInstances", "StartInstances", "UpdateAutoScalingGroup", "SetDesiredCapacity"),
            *("UpdateService", "UpdateNodegroupConfig"),
        ),
        "deploy",
    ),
    **dict.fromkeys(
        ("StartPlanExecution", "StartExperiment", "StartAutomationExecution", "SendCommand"),
        "command",
    ),
}
"""Call of the AWS API -> step_kind of what it starts."""
RESOURCE_KEYS = (
    *("dBInstanceIdentifier", "dBClusterIdentifier", "globalClusterIdentifier", "hostedZoneId"),
    *("replicationGroupId", "autoScalingGroupName", "service", "planArn", "experimentTemplateId"),
)


def is_experiment(content: Any) -> bool:
    """Return whether it is an answer of FIS ``GetExperiment``."""
    found = content.get("experiment") if isinstance(content, dict) else None
    return isinstance(found, dict) and "experimentTemplateId" in found and "actions" in found


def experiment_logs(content: Any, path: Path) -> list[Log]:
    """Return the drill of a FIS experiment."""
    place, top = Place(path), content["experiment"]
    steps = []
    for name in part(top, "actions", place):
        action = part(top["actions"], name, place)
        state = part(action, "state", place)
        waits = texts(action, "startAfter", place)
        status = STATUSES.get(text(state, "status"), "")
        cells = {
            "step_kind": text(action, "actionId"),
            "step_status": status,
            "phase": "interruption",
            "note": text(action, "description") if status != "failed" else text(state, "reason"),
        }
        start, end = (mark(action, key, place) for key in ("startTime", "endTime"))
        steps.append(LogStep(place, slug(name), name, start, end, tuple(map(slug, waits)), cells))
    zero = parse_instant(top.get("startTime"), place)
    note = "an experiment injects a failure: it does not say when the system had recovered"
    status = text(part(top, "state", place), "status")
    ended = [] if status == "completed" else [f"the experiment is {status or 'of no state'}"]
    return [_log(place, text(top, "id"), steps, zero=zero, notes=(note, *ended))]


def is_trail(content: Any) -> bool:
    """Return whether it is an answer of CloudTrail ``LookupEvents``."""
    found = [
        one
        for page in pages_of(content)
        if isinstance(page.get("Events"), list)
        for one in page["Events"]
        if isinstance(one, dict)
    ]
    return bool(found) and {"EventName", "EventTime"} <= set(found[0])


def trail_logs(content: Any, path: Path) -> list[Log]:
    """Return the calls of ``LookupEvents`` that start a step, the earliest first."""
    place, pages = Place(path), pages_of(content)
    check_last_page(pages, place, "NextToken")
    found = [one for page in pages for one in items(page, "Events", place)]
    once = list({text(one, "EventId") or str(n): one for n, one in enumerate(found)}.values())
    calls = [one for one in once if text(one, "EventName") in CALLS]
    if not calls:
        raise place.refuse(
            "has no call that starts a step of a recovery",
            seen=", ".join(dict.fromkeys(text(one, "EventName") for one in found)),
            expected=f"one of {', '.join(CALLS)}",
            remedy="look up the events of the drill's hour in the region that took over",
        )
    steps: list[LogStep] = []
    for call in sorted(calls, key=lambda one: str(parse_instant(one.get("EventTime"), place))):
        steps.append(_call(call, [step.step_id for step in steps], place))
    notes = ["CloudTrail says when a call was made, not when its work was done"]
    if left := len(once) - len(calls):
        notes.append(f"{left} of {len(once)} calls start no step of a recovery and are left out")
    if twice := len(found) - len(once):
        notes.append(f"{twice} events come twice and are read once")
    return [_log(place, path.stem, steps, notes=tuple(notes))]


def _call(call: Answer, taken: list[str], place: Place) -> LogStep:
    name, told = text(call, "EventName"), _detail(call, place)
    start = mark(told, "eventTime", place) or mark(call, "EventTime", place)
    failed = text(told, "errorCode")
    resource = _resource(call, told, place)
    region = text(told, "awsRegion")
    kind = CALLS[name]
    cells = {
        "step_kind": kind,
        "step_status": "failed" if failed else "",
        "phase": "restore",
        "resource_id": resource,
        "note": ", ".join(filter(None, (region, failed))),
    }
    label = f"{name} {resource}".strip()
    end = start if failed else None
    return LogStep(place, unique(label, taken), label, start, end, (), cells)


def _detail(call: Answer, place: Place) -> Answer:
    """Return the event itself, which comes as a text of JSON."""
    told = call.get("CloudTrailEvent")
    if not told:
        return {}
    try:
        detail = json.loads(told, parse_float=Decimal) if isinstance(told, str) else told
    except ValueError as error:
        detail = str(error)
    if not isinstance(detail, dict):
        raise place.refuse(
            f"CloudTrailEvent of {text(call, 'EventName')} is not readable JSON",
            seen=str(detail),
            expected="a JSON object as text",
            remedy="fetch the events again and leave them as they come",
        )
    return detail


def _resource(call: Answer, told: Answer, place: Place) -> str:
    asked: Mapping[str, Any] = part(told, "requestParameters", place)
    for key in RESOURCE_KEYS:
        if asked.get(key):
            return str(asked[key])
    named = [text(one, "ResourceName") for one in items(call, "Resources", place)]
    return next(filter(None, named), "")


def is_journal(content: Any) -> bool:
    """Return whether it is a chaostoolkit journal."""
    return (
        isinstance(content, dict)
        and isinstance(content.get("experiment"), dict)
        and isinstance(content.get("run"), list)
        and bool({"chaoslib-version", "steady_states", "deviated"} & set(content))
    )


def journal_logs(content: Any, path: Path) -> list[Log]:
    """Return the drill of a chaostoolkit journal: its method, its rollbacks, its last probes."""
    place, steps = Place(path), list[LogStep]()
    before: tuple[str, ...] = ()
    for activity, phase in _activities(content, place):
        step = _activity(activity, phase, before, [one.step_id for one in steps], place)
        steps.append(step)
        if not part(activity, "activity", place).get("background"):
            before = (step.step_id,)
    if not steps:
        raise place.refuse(
            "has no activity",
            seen="an empty run",
            expected="activities with their times",
            remedy="give a journal of an experiment that ran",
        )
    zero = parse_instant(content.get("start"), place, is_utc=True)
    title = text(part(content, "experiment", place), "title")
    day = "" if zero is None else f"_{zero.date()}"
    drill_id = (slug(title) or path.stem) + day
    return [_log(place, drill_id, steps, zero=zero, notes=tuple(_journal_notes(content, place)))]


def _activities(content: Answer, place: Place) -> Iterator[tuple[Answer, str]]:
    for run in items(content, "run", place):
        is_action = text(part(run, "activity", place), "type") == "action"
        yield run, "interruption" if is_action else "validate"
    # Rollbacks run after the steady state was looked at for the last time.
    after = part(part(content, "steady_states", place), "after", place)
    for run in items(after, "probes", place):
        yield run, "validate"
    for run in items(content, "rollbacks", place):
        yield run, "restore"


def _activity(
    run: Answer, phase: str, before: tuple[str, ...], taken: list[str], place: Place
) -> LogStep:
    activity = part(run, "activity", place)
    name = text(activity, "name")
    status = STATUSES.get(text(run, "status"), "")
    if run.get("tolerance_met") is False:
        status = "failed"
    start, end = (mark(run, key, place, is_utc=True) for key in ("start", "end"))
    is_probe = text(activity, "type") == "probe"
    cells = {
        "step_kind": "check" if is_probe else "command",
        "step_status": status,
        "phase": phase,
    }
    return LogStep(place, unique(name, taken), name, start, end, before, cells)


def _journal_notes(content: Answer, place: Place) -> Iterator[str]:
    status = text(content, "status")
    if status != "completed":
        yield f"the experiment is {status or 'of no state'}"
    if content.get("deviated"):
        yield "it deviated: the steady state was not met at its end"
    for when in ("before", "during"):
        if part(part(content, "steady_states", place), when, place):
            yield f"the probes {when} the failure are no steps"
    for run in (*items(content, "run", place), *items(content, "rollbacks", place)):
        activity = part(run, "activity", place)
        pauses = part(activity, "pauses", place)
        if told := ", ".join(f"{key} {value} s" for key, value in pauses.items() if value):
            yield f"pauses of {text(activity, 'name')} ({told}) are outside its duration"


def _log(place: Place, drill_id: str, steps: list[LogStep], **others: Any) -> Log:
    return Log(place, drill_id or place.path.stem, "failover", tuple(steps), **others)
