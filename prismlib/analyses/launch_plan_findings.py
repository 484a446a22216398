"""Findings on the plan: weekdays, holidays, order, capacity, two schedules, the launch day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_evidence import names
from prismlib.analyses.launch_judging import finding, sources
from prismlib.analyses.launch_plan import (
    WEEKDAYS,
    Plan,
    chosen_plan,
    plans_of,
    too_early,
    weekday,
    wrong_weekdays,
    year_of_weekdays,
)
from prismlib.analyses.launch_ranking import groups_of
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.analyses.launch_schedule import needed_items
from prismlib.findings import Finding, Severity, Verdict, slug
from prismlib.formats import count, day
from prismlib.money import exact_sum

Row = dict[str, Any]
HOURS_A_DAY = Decimal(24)
PRODUCTION = "production"


def plan_findings(results: LaunchResults) -> Iterator[Finding]:
    """Yield the findings on the schedules of the document."""
    plans = plans_of(results.known.inputs.tables.get("plan_task"))
    if not plans:
        return
    yield from _weekdays(plans)
    yield from _days_off(results, plans)
    for plan in plans.values():
        yield from _order(results, plan)
        yield from _too_long(results, plan)
    yield from _two_dates(results, plans)
    yield from _groups(results)
    yield from _left_out(results)
    yield from _unserved(results, plans)
    yield from _production(results, plans)
    yield from _staged(results)
    yield from _launch_date(results)


def _dated(plans: dict[str, Plan]) -> list[Row]:
    return [row for plan in plans.values() for row in plan.rows if row["task_from_date"]]


def _weekdays(plans: dict[str, Plan]) -> Iterator[Finding]:
    wrong = wrong_weekdays(plans)
    printed = [row for row in _dated(plans) if row["stated_weekday"]]
    if not printed:
        return
    words = f"{len(wrong)} of {counted(len(printed), 'printed weekday')} are not those of their day"
    if wrong:
        first = max(wrong, key=lambda row: row["task_from_date"] if _launches(row) else date.min)
        words += f": {day(first['task_from_date'])} ({first['task_name']}) is a {weekday(first)}, "
        words += f"not {first['stated_weekday']}"
        year = year_of_weekdays(plans)
        words += f". All of them are right in {year}." if year is not None else "."
    yield finding(
        "plan.weekdays",
        "Weekdays of the plan",
        words,
        Severity.HIGH if wrong else Severity.INFO,
        Verdict.CONTRADICTS if wrong else Verdict.HOLDS,
        value=len(wrong),
        expected=0,
        table="plan_task",
        rows=len(printed),
        source=sources(row["source"] for row in printed),
    )


def _launches(row: Row) -> bool:
    return "launch" in names(row["serves"])


def _days_off(results: LaunchResults, plans: dict[str, Plan]) -> Iterator[Finding]:
    """Yield the days of the plan on which nobody is expected to work."""
    found: dict[date, tuple[str, list[str]]] = {}
    for row in _dated(plans):
        on = row["task_from_date"]
        off = results.holidays.get(on) or ("" if on.weekday() < 5 else WEEKDAYS[on.weekday()])
        if off:
            found.setdefault(on, (off, []))[1].append(row["task_name"])
    if not found:
        return
    parts = [
        f"{day(on)} ({off}): {listed(tasks[:3])}" for on, (off, tasks) in sorted(found.items())
    ]
    yield finding(
        "plan.days_off",
        "Planned on days off",
        f"{counted(len(found), 'day')} of the plan: {'; '.join(parts)}.",
        Severity.MEDIUM,
        Verdict.CONTRADICTS,
        value=len(found),
        unit="days",
        expected=0,
        table="plan_task",
        rows=sum(len(tasks) for _, tasks in found.values()),
    )


def _order(results: LaunchResults, plan: Plan) -> Iterator[Finding]:
    criteria = [one.criterion for one in results.judged]
    early = [one for one in too_early(plan, results.known.items, criteria) if one.later is not None]
    if not early:
        return
    parts = [
        f"{one.row['task_name']} on {day(one.row['task_from_date'])}, before {one.needed} on "
        f"{day(one.later['task_to_date'])}"
        for one in early
        if one.later is not None
    ]
    yield finding(
        f"plan.order.{slug(plan.plan_id)}",
        f"Order of the plan “{plan.plan_id.replace('_', ' ')}”",
        f"{counted(len(early), 'task')} before what it needs: {'; '.join(parts)}.",
        Severity.CRITICAL if any(_looks(results, one.row) for one in early) else Severity.MEDIUM,
        Verdict.CONTRADICTS,
        value=len(early),
        unit="tasks",
        expected=0,
        table="plan_task",
        rows=len(plan.rows),
        source=sources(one.row["source"] for one in early),
    )


def _looks(results: LaunchResults, row: Row) -> bool:
    """Return whether a task is a look for a criterion: too early, it shows nothing."""
    return any(results.of(name) is not None for name in names(row["serves"]))


def _too_long(results: LaunchResults, plan: Plan) -> Iterator[Finding]:
    found = [(row, words) for row in plan.rows if (words := _overrun(results, plan, row))]
    if not found:
        return
    yield finding(
        f"plan.too_long.{slug(plan.plan_id)}",
        f"Longer than the plan “{plan.plan_id.replace('_', ' ')}” gives it",
        f"{counted(len(found), 'task')}: {'; '.join(words for _, words in found)}.",
        Severity.HIGH,
        Verdict.INFEASIBLE,
        value=len(found),
        unit="tasks",
        expected=0,
        table="plan_task",
        rows=len(found),
        source=sources(row["source"] for row, _ in found),
    )


def _overrun(results: LaunchResults, plan: Plan, row: Row) -> str:
    """Return by how much a task is longer than its days, in words; empty when it fits."""
    start, end = row["task_from_date"], row["task_to_date"]
    needed = {one["item_id"] for one in needed_items(results.items)}
    if start is None or end is None or not needed & set(names(row["serves"])):
        return ""
    work, wait = _hours(results, plan, row)
    days, per_day = Decimal((end - start).days + 1), results.settings.hours_per_day
    if work <= days * per_day and wait <= days * HOURS_A_DAY:
        return ""
    said = [f"{count(work)} h of work"] if work else []
    said += [f"{count(wait)} h of waiting"] if wait else []
    return f"{row['task_name']} takes {listed(said)}, {counted(days, 'day')} given"


def _hours(results: LaunchResults, plan: Plan, row: Row) -> tuple[Decimal, Decimal]:
    """Return the work of the busiest team, and the longest waiting, of a task.

    What its row does not say is that of the items which no other task of the plan serves.
    """
    items = results.known.items
    served = [name for one in plan.rows for name in names(one["serves"])]
    alone = [
        items[name].row
        for name in names(row["serves"])
        if name in items and served.count(name) == 1
    ]
    teams: dict[str, Decimal] = {}
    for item in alone:
        teams[item["owner"]] = teams.get(item["owner"], Decimal(0)) + (item["effort_hours"] or 0)
    work = row["effort_hours"] or max(teams.values(), default=Decimal(0))
    waits = [item["wait_hours"] for item in alone if item["wait_hours"] is not None]
    return work, row["wait_hours"] or max(waits, default=Decimal(0))


def _two_dates(results: LaunchResults, plans: dict[str, Plan]) -> Iterator[Finding]:
    """Yield schedules that put the same items on other days than the plan that is judged."""
    chosen = chosen_plan(results.known.inputs.tables.get("plan_task"))
    if chosen is None:
        return
    ours = _begins(results, chosen)
    for plan in plans.values():
        theirs = _begins(results, plan)
        both = [name for name in ours if name in theirs]
        if plan is chosen or plan.plan_id == chosen.plan_id or not both:
            continue
        apart = [name for name in both if ours[name] != theirs[name]]
        parts = [f"{name} on {day(theirs[name])}, not {day(ours[name])}" for name in apart]
        words = f"Of {counted(len(both), 'item')} in both, {len(apart)} begin on another day"
        words += f": {'; '.join(parts)}." if parts else "."
        name = plan.plan_id.replace("_", " ")
        yield finding(
            f"plan.dates.{slug(plan.plan_id)}",
            f"Schedule “{name}” against “{chosen.plan_id.replace('_', ' ')}”",
            words,
            Severity.MEDIUM if apart else Severity.INFO,
            Verdict.CONTRADICTS if apart else Verdict.HOLDS,
            value=len(apart),
            unit="items",
            expected=0,
            table="plan_task",
            rows=len(plan.rows),
        )


def _begins(results: LaunchResults, plan: Plan) -> dict[str, date]:
    """Return the first day of the work on each item."""
    found: dict[str, date] = {}
    for row in plan.rows:
        for name in names(row["serves"]):
            if name in results.known.items and row["task_from_date"] is not None:
                found[name] = min(found.get(name, date.max), row["task_from_date"])
    return found


def _groups(results: LaunchResults) -> Iterator[Finding]:
    """Yield items that the checklist puts after the launch and the plan before it."""
    plan = chosen_plan(results.known.inputs.tables.get("plan_task"))
    if plan is None or plan.launch is None:
        return
    table = results.known.inputs.tables.get("checklist_item")
    groups = groups_of(table, results.known.items)
    early = [
        name
        for row in plan.rows
        for name in names(row["serves"])
        if groups.get(name) in ("within_30_days", "later")
        and row["task_from_date"] is not None
        and row["task_from_date"] < plan.launch
    ]
    needed = [
        row["component"]
        for row in results.stated.rows.values()
        if row["claim_id"].endswith("_before_launch") and groups.get(row["component"]) is not None
    ]
    late = [name for name in needed if groups[name] != "before_launch"]
    words = []
    if early:
        words.append(f"After the launch by the checklist, before it by the plan: {listed(early)}.")
    if late:
        words.append(f"Needed before the launch, and after it by the checklist: {listed(late)}.")
    if words:
        yield finding(
            "plan.checklist",
            "Checklist against plan",
            " ".join(words),
            Severity.MEDIUM if late else Severity.LOW,
            Verdict.CONTRADICTS,
            value=len(early) + len(late),
            unit="items",
            expected=0,
            table="checklist_item",
            rows=len(groups),
        )


def _left_out(results: LaunchResults) -> Iterator[Finding]:
    """Yield items that must be closed and that the plan does not close before its launch."""
    plan = chosen_plan(results.known.inputs.tables.get("plan_task"))
    if plan is None or plan.launch is None:
        return
    when: dict[str, date | None] = {}
    for row in plan.rows:
        for name in names(row["serves"]):
            when.setdefault(name, row["task_from_date"])
    never, late = [], []
    for row in needed_items(results.items):
        on = when.get(row["item_id"])
        if row["item_id"] not in when:
            never.append(f"{row['item_id']} ({row['item_name']})")
        elif on is not None and on >= plan.launch:
            late.append(f"{row['item_id']} ({row['item_name']}, {day(on)})")
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
        rows=len(_dated(plans)),
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


def _production(results: LaunchResults, plans: dict[str, Plan]) -> Iterator[Finding]:
    """Yield evidence of production that is older than the day on which production is deployed."""
    rows = [r for r in _dated(plans) if PRODUCTION in names(r["serves"])]
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
    for row in results.rollout.to_dict("records"):
        if not row["choice_name"].startswith("In stages") or not row["open_critical_items"]:
            continue
        words = f"{row['choice_name']}: {counted(row['open_critical_items'], 'critical item')} are "
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
    schedule = results.schedule
    if schedule is None:
        return
    confidence = count(results.settings.confidence_pct)
    words = (
        "By the stated efforts, teams and needs everything is closed and looked at for a launch "
    )
    words += f"on {day(schedule.launch)}; if tasks vary, {day(schedule.low)} to "
    words += f"{day(schedule.high)} in {confidence} of 100 cases. "
    planned, verdict, severity = results.launch, Verdict.HOLDS, Severity.INFO
    if planned is not None:
        words += f"Planned is {day(planned)}. "
        if schedule.launch > planned:
            verdict, severity = Verdict.INFEASIBLE, Severity.CRITICAL
    missing = unserved(results, plans_of(results.known.inputs.tables.get("plan_task")))
    if missing:
        names_of = listed([results.name(name) for name in missing])
        words += f"That is a day only for what tasks can close: {names_of} stays as it is."
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
        source=exact_words(schedule.tasks),
    )


def exact_words(tasks: Any) -> str:
    """Return how much work a schedule holds."""
    work = exact_sum([Decimal(str(task.work_hours)) for task in tasks])
    return f"{len(tasks)} tasks, {count(work)} h of work"
