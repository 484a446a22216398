"""Findings on where the plan leads: what it leaves open, in stages or at once, and to which day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_evidence import names
from prismlib.analyses.launch_item_findings import counting, uncounted_words
from prismlib.analyses.launch_judging import finding, sources
from prismlib.analyses.launch_plan import Plan, plans_of
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.analyses.launch_rollout import LeftOpen, left_open
from prismlib.analyses.launch_schedule import Schedule
from prismlib.analyses.launch_tasks import Task
from prismlib.findings import Finding, Severity, Verdict
from prismlib.formats import count, day
from prismlib.money import exact_sum
from prismlib.tables import records

Row = dict[str, Any]
PRODUCTION = "production"


def outcome_findings(results: LaunchResults) -> Iterator[Finding]:
    """Yield the findings on what the plan leads to; none without a plan."""
    plans = plans_of(results.known.inputs.tables.get("plan_task"))
    if not plans:
        return
    yield from _left_out(results)
    yield from _unserved(results, plans)
    yield from _production(results)
    yield from _staged(results)
    yield from _launch_date(results)


def _left_out(results: LaunchResults) -> Iterator[Finding]:
    """Yield items that must be closed and that the plan does not close before its launch."""
    plan = results.plan
    if plan is None or plan.launch is None:
        return
    left = left_open(plan, plan.launch, results.items)
    if not left.rows:
        return
    uncounted = [row for row in left.rows if not counting(results, row)]
    words = f"The plan launches on {day(plan.launch)}.{_left_words(left)}"
    if uncounted:
        said = listed([uncounted_words(results, row) for row in uncounted])
        words += f" No criterion of the gate counts {said}."
    yield finding(
        "plan.left_out",
        "What the plan does not close before its launch",
        words,
        Severity.HIGH if len(uncounted) == len(left.rows) else Severity.CRITICAL,
        Verdict.CONTRADICTS,
        value=len(left.rows),
        unit="items",
        expected=0,
        table="plan_task",
        rows=len(plan.rows),
        source=sources(row["source"] for row in plan.rows),
    )


def _left_words(left: LeftOpen) -> str:
    """Return what a plan leaves open at its launch."""
    late = [f"{row['item_id']} ({row['item_name']}, {day(on)})" for row, on in left.late]
    groups = {
        "Not before it": late,
        "On no day that it gives": [_called(row) for row in left.undated],
        "Not in it": [_called(row) for row in left.never],
    }
    return "".join(f" {words}: {listed(found)}." for words, found in groups.items() if found)


def _called(row: Row) -> str:
    return f"{row['item_id']} ({row['item_name']})"


def _unserved(results: LaunchResults, plans: dict[str, Plan]) -> Iterator[Finding]:
    """Yield criteria that do not pass and that no task of any plan is for."""
    open_ones = unserved(results, plans)
    if not open_ones:
        return
    yield finding(
        "plan.unserved",
        "Criteria that no task is for",
        f"{listed([results.name(name) for name in open_ones])} does not pass, and no task of any "
        "plan is for it: no schedule leads to GO.",
        Severity.CRITICAL,
        Verdict.CONTRADICTS,
        value=len(open_ones),
        unit="criteria",
        expected=0,
        table="plan_task",
        rows=len(results.plan_rows),
    )


def unserved(results: LaunchResults, plans: dict[str, Plan]) -> list[str]:
    """Return the criteria that do not pass and that no task of any plan is for."""
    served = {name for p in plans.values() for row in p.rows for name in names(row["serves"])}
    found = []
    for one in results.judged:
        name, measure = one.criterion.criterion_id, str(one.criterion.row["measure_name"])
        by_items = measure.startswith("open_critical")
        by_item = any(other.endswith(f".{name}") for other in served)
        if not (one.standing.is_passed or by_items or by_item or name in served):
            found.append(name)
    return found


def _production(results: LaunchResults) -> Iterator[Finding]:
    """Yield evidence of production that is older than the day on which production is deployed."""
    rows = [r for r in _dated(results) if PRODUCTION in names(r["serves"])]
    if not rows:
        return
    deployed = min(row["task_from_date"] for row in rows)
    early = [
        f"{look.row['check_id']} of {day(look.seen_on)}"
        for one in results.judged
        for look in one.looks
        if one.criterion.row["needs"] and look.seen_on is not None and look.seen_on < deployed
    ]
    if early:
        yield finding(
            "plan.production",
            "Evidence of production before there is one",
            f"Production is deployed on {day(deployed)} by the plan; {listed(early)} are said to "
            "be of it.",
            Severity.HIGH,
            Verdict.CONTRADICTS,
            value=len(early),
            expected=0,
            table="plan_task",
            source=sources(row["source"] for row in rows),
        )


def _staged(results: LaunchResults) -> Iterator[Finding]:
    for row in records(results.rollout):
        if not row["choice_name"].startswith("In stages") or not row["open_critical_items"]:
            continue
        words = f"{row['choice_name']}: {counted(row['open_critical_items'], 'critical item')} "
        words += "open while there is traffic, against the rule that critical blocks the launch. "
        words += f"{row['note'][:1].upper()}{row['note'][1:]}." if row["note"] else ""
        yield finding(
            "plan.staged",
            "Rollout in stages",
            words.strip(),
            Severity.HIGH,
            Verdict.CONTRADICTS,
            value=row["open_critical_items"],
            unit="items",
            expected=0,
            table="plan_task",
        )


def _launch_date(results: LaunchResults) -> Iterator[Finding]:
    schedule, planned = results.schedule, results.planned
    if schedule is None:
        yield from _no_date(results)
        return
    missing = unserved(results, plans_of(results.known.inputs.tables.get("plan_task")))
    severity, verdict = _date_verdict(results, schedule, missing)
    words = _launch_words(results, schedule)
    if missing:
        names_of = listed([results.name(name) for name in missing])
        words += f" That is a day only for what tasks can close: {names_of} stays as it is."
    first = schedule.calendar.first
    yield finding(
        "launch_date",
        "The launch day that the plan supports",
        words,
        severity,
        verdict,
        value=(schedule.launch - first).days,
        unit="days",
        expected=None if planned is None else (planned - first).days,
        table="readiness_item",
        rows=len(schedule.tasks),
        source=_work_words(schedule.tasks),
    )


def _date_verdict(
    results: LaunchResults, schedule: Schedule, missing: Sequence[str]
) -> tuple[Severity, Verdict]:
    """Return whether the planned days can be kept; a task of unknown length may be any longer."""
    if missing:
        return Severity.CRITICAL, Verdict.CONTRADICTS
    if any(on < schedule.launch for on in _planned_days(results)):
        return Severity.CRITICAL, Verdict.INFEASIBLE
    if _unstated(schedule):
        return Severity.HIGH, Verdict.UNKNOWN
    return Severity.INFO, Verdict.HOLDS


def _planned_days(results: LaunchResults) -> list[date]:
    """Return the launch day that is set or stated, and that of the plan."""
    own = None if results.plan is None else results.plan.launch
    return list(dict.fromkeys(on for on in (results.launch, own) if on is not None))


def _planned_words(results: LaunchResults) -> str:
    first, *other = [day(on) for on in _planned_days(results)] or [""]
    words = f" Planned is {first}" if first else ""
    words += f", and the plan launches on {other[0]}" if other else ""
    return f"{words}." if words else ""


def _no_date(results: LaunchResults) -> Iterator[Finding]:
    """Yield why the plan supports no launch day, where there is something to do."""
    if results.why_unscheduled:
        yield finding(
            "launch_date",
            "The plan supports no launch day",
            f"{results.why_unscheduled}: no launch day is supported.{_planned_words(results)}",
            Severity.CRITICAL,
            Verdict.INFEASIBLE,
            unit="days",
            table="plan_task",
            rows=len(results.plan.rows) if results.plan else 0,
        )


def _unstated(schedule: Schedule) -> list[str]:
    return [f"{task.task_id} ({task.name})" for task in schedule.tasks if not task.is_stated]


def _launch_words(results: LaunchResults, schedule: Schedule) -> str:
    confidence = count(results.settings.confidence_pct)
    low, median, high = map(schedule.day_words, (schedule.low, schedule.median, schedule.high))
    words = "By the stated efforts, teams and needs everything is closed and looked at for a "
    words += f"launch on {day(schedule.launch)}; if tasks vary, {low} to "
    words += f"{high} in {confidence} of 100 cases, and in half of them by {median}."
    if unstated := _unstated(schedule):
        words += f" Nobody says how much work or waiting there is for {listed(unstated)}: counted "
        words += "as no time, so the day may be later."
    return f"{words}{_planned_words(results)}"


def _work_words(tasks: Sequence[Task]) -> str:
    """Return how much work a schedule holds."""
    work = exact_sum([Decimal(str(task.work_hours)) for task in tasks])
    return f"{len(tasks)} tasks, {count(work)} h of work"


def _dated(results: LaunchResults) -> list[Row]:
    return [row for row in results.plan_rows if row["task_from_date"] is not None]
