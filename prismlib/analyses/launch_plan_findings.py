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

Row = dict[str, Any]
HOURS_A_DAY = Decimal(24)
AFTER_LAUNCH = ("within_30_days", "later")
BEFORE_LAUNCH = "ready.before_launch."
"""Begins the id of a claim that an item is needed before the launch."""


def plan_findings(results: LaunchResults) -> Iterator[Finding]:
    """Yield the findings on the schedules of the document."""
    plans = plans_of(results.known.inputs.tables.get("plan_task"))
    if not plans:
        return
    yield from _weekdays(plans)
    yield from _days_off(results, plans)
    yield from _unknown_years(results, plans)
    for plan in plans.values():
        yield from _order(results, plan)
        yield from _too_long(results, plan)
    yield from _two_dates(results, plans)
    yield from _groups(results)


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


def _unknown_years(results: LaunchResults, plans: dict[str, Plan]) -> Iterator[Finding]:
    """Yield the years of which no holiday is known; days off in them are taken as working days."""
    schedule, country = results.schedule, results.settings.country
    days = [row["task_from_date"] for row in _dated(plans)]
    days += [] if schedule is None else [schedule.launch, schedule.high]
    years = sorted({on.year for on in days} - {on.year for on in results.holidays})
    if not country or not years:
        return
    yield finding(
        "plan.holidays_unknown",
        "Years without known holidays",
        f"No public holiday ({country}) is known of {listed([str(year) for year in years])}: days "
        "off are taken for working days there, so a launch may be supported on one.",
        Severity.MEDIUM,
        Verdict.UNKNOWN,
        value=len(years),
        unit="years",
        expected=0,
        table="holiday",
        rows=len(results.holidays),
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
    groups = groups_of(results.known.inputs.tables.get("checklist_item"), results.known.items)
    early = _before_launch(plan, plan.launch, groups)
    late = _after_launch(results, groups)
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


def _before_launch(plan: Plan, launch: date, groups: dict[str, str]) -> list[str]:
    """Return the items that are planned before the launch and are for after it by the checklist."""
    return [
        name
        for row in plan.rows
        for name in names(row["serves"])
        if groups.get(name) in AFTER_LAUNCH
        and row["task_from_date"] is not None
        and row["task_from_date"] < launch
    ]


def _after_launch(results: LaunchResults, groups: dict[str, str]) -> list[str]:
    """Return the items that are said to be needed before the launch and are after it."""
    ids = [name for name in results.stated.rows if name.startswith(BEFORE_LAUNCH)]
    needed = [name.removeprefix(BEFORE_LAUNCH) for name in ids]
    return [name for name in needed if groups.get(name) in AFTER_LAUNCH]
