"""Findings on where the plan leads: what it leaves open, in stages or at once, and to which day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_evidence import names
from prismlib.analyses.launch_judging import finding, sources
from prismlib.analyses.launch_plan import Plan, chosen_plan, plans_of
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.analyses.launch_schedule import Schedule, Task, needed_items
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
    plan = chosen_plan(results.known.inputs.tables.get("plan_task"))
    if plan is None or plan.launch is None:
        return
    never, late = _never_or_late(results, plan, plan.launch)
    if not never and not late:
        return
    words = f"The plan launches on {day(plan.launch)}."
    words += f" After it: {listed(late)}." if late else ""
    words += f" Not in it: {listed(never)}." if never else ""
    yield finding(
        "plan.left_out",
        "What the plan does not close before its launch",
        words,
        Severity.CRITICAL,
        Verdict.CONTRADICTS,
        value=len(never) + len(late),
        unit="items",
        expected=0,
        table="plan_task",
        rows=len(plan.rows),
        source=sources(row["source"] for row in plan.rows),
    )


def _never_or_late(results: LaunchResults, plan: Plan, launch: date) -> tuple[list[str], list[str]]:
    """Return what no task of the plan closes, and what one closes after the launch, in words."""
    when: dict[str, date | None] = {}
    for row in plan.rows:
        for name in names(row["serves"]):
            when.setdefault(name, row["task_from_date"])
    never, late = [], []
    for row in needed_items(results.items):
        on = when.get(row["item_id"])
        if row["item_id"] not in when:
            never.append(f"{row['item_id']} ({row['item_name']})")
        elif on is not None and on >= launch:
            late.append(f"{row['item_id']} ({row['item_name']}, {day(on)})")
    return never, late


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
    schedule, planned = results.schedule, results.launch
    if schedule is None:
        return
    verdict, severity = Verdict.HOLDS, Severity.INFO
    words = _launch_words(results, schedule)
    if planned is not None and schedule.launch > planned:
        verdict, severity = Verdict.INFEASIBLE, Severity.CRITICAL
    missing = unserved(results, plans_of(results.known.inputs.tables.get("plan_task")))
    if missing:
        names_of = listed([results.name(name) for name in missing])
        words += f" That is a day only for what tasks can close: {names_of} stays as it is."
        verdict, severity = Verdict.CONTRADICTS, Severity.CRITICAL
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


def _launch_words(results: LaunchResults, schedule: Schedule) -> str:
    confidence = count(results.settings.confidence_pct)
    words = "By the stated efforts, teams and needs everything is closed and looked at for a "
    words += f"launch on {day(schedule.launch)}; if tasks vary, {day(schedule.low)} to "
    words += f"{day(schedule.high)} in {confidence} of 100 cases, and in half of them by "
    words += f"{day(schedule.median)}."
    return words if results.launch is None else f"{words} Planned is {day(results.launch)}."


def _work_words(tasks: Sequence[Task]) -> str:
    """Return how much work a schedule holds."""
    work = exact_sum([Decimal(str(task.work_hours)) for task in tasks])
    return f"{len(tasks)} tasks, {count(work)} h of work"


def _dated(results: LaunchResults) -> list[Row]:
    return [row for row in results.plan_rows if row["task_from_date"] is not None]
