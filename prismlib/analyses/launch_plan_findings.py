"""Findings on the plan: weekdays, days off, order, two schedules, the checklist beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_effort_findings import effort_findings
from prismlib.analyses.launch_evidence import names
from prismlib.analyses.launch_judging import finding, sources
from prismlib.analyses.launch_plan import (
    WEEKDAYS,
    Plan,
    chosen_plan,
    lasts_until,
    plans_of,
    too_early,
    weekday,
    wrong_weekdays,
    year_of_weekdays,
)
from prismlib.analyses.launch_ranking import groups_of
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.analyses.work_calendar import is_working
from prismlib.findings import Finding, Severity, Verdict, slug
from prismlib.formats import day

Row = dict[str, Any]
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
        yield from effort_findings(results, plan)
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
        for on, off in _off(row, results.holidays).items():
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


def _off(row: Row, holidays: dict[date, str]) -> dict[date, str]:
    """Return the days off on which a task begins or ends, and the holidays between.

    A weekend between its first day and its last one is no fault: the work goes on after it.
    """
    first, last = row["task_from_date"], lasts_until(row) or row["task_from_date"]
    ends = {on: WEEKDAYS[on.weekday()] for on in (first, last) if not is_working(on, ())}
    return ends | {
        on: name
        for on, name in holidays.items()
        if first <= on <= last and (on in (first, last) or is_working(on, ()))
    }


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
    early = too_early(plan, results.known.items, criteria)
    if not early:
        return
    parts = [
        f"{one.row['task_name']} on {day(one.row['task_from_date'])}, before {one.needed} on "
        f"{day(one.until)}"
        for one in early
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
    """Return the items that are closed before the launch and are for after it by the checklist."""
    served = dict.fromkeys(name for row in plan.rows for name in names(row["serves"]))
    late = [name for name in served if groups.get(name) in AFTER_LAUNCH]
    return [name for name in late if (on := plan.closed_on(name)) is not None and on < launch]


def _after_launch(results: LaunchResults, groups: dict[str, str]) -> list[str]:
    """Return the items that are said to be needed before the launch and are after it."""
    ids = [name for name in results.stated.rows if name.startswith(BEFORE_LAUNCH)]
    needed = [name.removeprefix(BEFORE_LAUNCH) for name in ids]
    return [name for name in needed if groups.get(name) in AFTER_LAUNCH]
