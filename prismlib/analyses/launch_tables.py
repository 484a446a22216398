"""The results of a launch as tables that people read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.critical_path import StepTime
from prismlib.analyses.launch_distances import distances
from prismlib.analyses.launch_evidence import State, judged
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.analyses.launch_rules import CONFLICT, GO, NO_GO, UNDEFINED, Lint
from prismlib.analyses.launch_schedule import WAIT, Schedule
from prismlib.analyses.launch_standing import Judged
from prismlib.analyses.launch_tasks import Task
from prismlib.analyses.remedy_models import Check
from prismlib.analyses.zone_model import as_decimal
from prismlib.findings import Severity
from prismlib.result_tables.readiness import (
    CRITERION_READING,
    EVIDENCE_AGE,
    FLIP_DISTANCE,
    FLIP_SET,
    GATE_CRITERION,
    NAME_WAIVER,
    REMEDY_CHECK,
    RULE_LINT,
    SCHEDULE_TASK,
)
from prismlib.tables import empty, make, records

Row = dict[str, Any]
CHECKS = "evidence_check"


def criterion_table(results: LaunchResults) -> pd.DataFrame:
    """Return GATE_CRITERION in the order of the criteria."""
    return make(GATE_CRITERION, (_criterion(one) for one in results.judged))


def _criterion(judged: Judged) -> Row:
    row, measure = judged.criterion.row, judged.measure
    ages = [look.age_days for look in judged.looks if look.age_days is not None]
    valid = [look.valid_days for look in judged.looks if look.valid_days is not None]
    return {
        **{name: row[name] for name in GATE_CRITERION.fields if name in row},
        "claimed_value": judged.claimed,
        "claimed_band": judged.claimed_band,
        "measured_low": measure.low,
        "measured_high": measure.high,
        "criterion_band": judged.standing.band,
        "is_assumed": measure.is_assumed,
        "launch_band": judged.at_launch.band,
        "age_days": max(ages, default=None),
        "valid_for_days": min(valid, default=None),
        "reason": "; ".join(judged.standing.reasons),
        "note": measure.note,
        "source": "; ".join(dict.fromkeys(look.row["source"] for look in judged.looks)),
    }


def reading_table(results: LaunchResults) -> pd.DataFrame:
    """Return CRITERION_READING: what else a figure may be read as."""
    return make(
        CRITERION_READING,
        (
            {
                "criterion_id": one.criterion.criterion_id,
                "reading_name": reading.name,
                "read_value": reading.value,
                "unit": one.criterion.row["unit"],
                "criterion_band": _band(one, reading.value),
                "note": reading.note,
            }
            for one in results.judged
            for reading in one.measure.readings
        ),
    )


def _band(judged: Judged, value: Any) -> str:
    return str(State.UNKNOWN) if value is None else judged.criterion.band(value)


def lint_table(results: LaunchResults) -> pd.DataFrame:
    """Return RULE_LINT: every set of rules, tried in every state."""
    return make(RULE_LINT, (_lint(results, found) for found in results.lints.values()))


def _lint(results: LaunchResults, found: Lint) -> Row:
    words = [
        ("no rule names", found.left_out),
        ("no criterion is called", found.unknown),
        ("GO although not passed:", found.vetoes),
    ]
    return {
        "rule_set": found.rule_set,
        "possible_states": found.states,
        "go_states": found.counts.get(GO, 0) if found.is_tried else None,
        "no_go_states": found.counts.get(NO_GO, 0) if found.is_tried else None,
        "undefined_states": found.counts.get(UNDEFINED, 0) if found.is_tried else None,
        "conflict_states": found.counts.get(CONFLICT, 0) if found.is_tried else None,
        "decision": results.decisions[found.rule_set].decision,
        "claimed_decision": results.claimed[found.rule_set],
        "note": "; ".join(
            f"{word} {', '.join(map(results.name, ids))}" for word, ids in words if ids
        ),
    }


def flip_table(results: LaunchResults) -> pd.DataFrame:
    """Return FLIP_SET: the minimal sets that flip the decision, and back."""
    return make(
        FLIP_SET,
        (
            {
                "rule_set": results.gate.rules.name,
                "direction": direction,
                "set_number": number,
                "criteria_names": ", ".join(map(results.name, chosen)),
            }
            for direction, sets in (
                ("to GO, as recomputed", results.to_go),
                ("to GO, if the stated figures held", results.claimed_to_go),
                ("back to NO-GO", results.from_go),
            )
            for number, chosen in enumerate(sets, start=1)
        ),
    )


def distance_table(results: LaunchResults) -> pd.DataFrame:
    """Return FLIP_DISTANCE: how far each input is from the bounds."""
    rows = (row for one in results.judged for row in distances(results.known, one))
    return make(FLIP_DISTANCE, rows)


def evidence_table(results: LaunchResults) -> pd.DataFrame:
    """Return EVIDENCE_AGE: the newest look of every check, criteria first."""
    return make(EVIDENCE_AGE, _looks(results))


def _looks(results: LaunchResults) -> Iterator[Row]:
    mine = {one.criterion.criterion_id for one in results.judged}
    looks = [look for one in results.judged for look in one.looks]
    looks += [
        judged(look, results.known.items)
        for look in results.known.looks
        if look.row["subject_id"] and look.row["subject_id"] not in mine
    ]
    for look in looks:
        yield {
            **{name: look.row[name] for name in EVIDENCE_AGE.fields if name in look.row},
            "age_days": look.age_days,
            "valid_for_days": look.valid_days,
            "is_admissible": not look.reasons and look.row["evidence_state"] != State.UNKNOWN,
            "reason": look.why,
        }


def name_waiver_table(results: LaunchResults) -> pd.DataFrame:
    """Return NAME_WAIVER in the order of the register: what each waiver of a thing takes off."""
    rules = {row["check_id"]: row for row in records(results.known.inputs.reference[CHECKS])}
    return make(
        NAME_WAIVER,
        (
            {
                **{name: one.row[name] for name in NAME_WAIVER.fields if name in one.row},
                "waived_value": one.value,
                "unit": rules.get(one.check_id, {}).get("unit", ""),
                "note": one.fault,
            }
            for one in results.known.name_waivers
        ),
    )


def remedy_table(results: LaunchResults) -> pd.DataFrame:
    """Return REMEDY_CHECK: the faults of remedies, worst first."""
    order = list(Severity)
    ranked = sorted(results.remedies, key=lambda one: order.index(one.severity))
    return make(
        REMEDY_CHECK,
        (
            {
                "remedy_id": one.row["remedy_id"],
                "check_name": one.title,
                "item_id": one.row["item_id"],
                "task_name": one.row["task_name"],
                "severity": str(one.severity),
                "verdict": str(one.verdict),
                "note": one.statement,
                "source": one.source,
            }
            for one in _each_once(ranked)
        ),
    )


def _each_once(checks: list[Check]) -> Iterator[Check]:
    """Yield the checks of a remedy under one title as one, their words joined."""
    found: dict[tuple[str, str], Check] = {}
    for one in checks:
        key = (one.row["remedy_id"], one.title)
        before = found.get(key)
        words = one.statement if before is None else f"{before.statement} {one.statement}"
        found[key] = replace(before or one, statement=words)
    yield from found.values()


def schedule_table(results: LaunchResults) -> pd.DataFrame:
    """Return SCHEDULE_TASK in the order in which tasks begin; empty without a schedule."""
    schedule = results.schedule
    if schedule is None:
        return empty(SCHEDULE_TASK)
    times = {time.step_id: time for time in schedule.path.steps}
    tasks = sorted(schedule.tasks, key=lambda task: (schedule.starts[task.task_id], task.task_id))
    return make(SCHEDULE_TASK, (_task(schedule, task, times) for task in tasks))


def _task(schedule: Schedule, task: Task, times: dict[str, StepTime]) -> Row:
    name, day_of = task.task_id, schedule.calendar.day_of
    slack = min(times[name].slack_s, times[f"{name}{WAIT}"].slack_s)
    opens = schedule.calendar.opening(schedule.starts[name])
    return {
        "task_id": name,
        "task_name": task.name,
        "team_name": task.team,
        "effort_hours": Decimal(str(task.work_hours)),
        "wait_hours": Decimal(str(task.wait_hours)),
        "needs": "|".join(task.depends_on),
        "earliest_from_date": day_of(opens if task.work_hours else schedule.starts[name]),
        "earliest_to_date": day_of(schedule.ends[name]),
        "planned_from_date": task.planned_from,
        "slack_days": as_decimal(slack / 86_400),
        "is_critical": slack == 0,
    }
