"""Findings on the effort of a plan: tasks longer than their days, and more than a team can do.

Method. A task is given the working days from its first day to its last one; its waiting passes on
every day of them. What several tasks ask of one team in the days that hold all of them is more than
it can do when it is more work than those days have hours. The shortest such days are named. A task
that is too long by itself is named as that, and not counted again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_evidence import names
from prismlib.analyses.launch_judging import finding, sources
from prismlib.analyses.launch_plan import Plan, team_key
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.analyses.launch_tasks import needed_items
from prismlib.analyses.work_calendar import working_days
from prismlib.findings import Finding, Severity, Verdict, slug
from prismlib.formats import count, day
from prismlib.money import exact_sum

Row = dict[str, Any]
HOURS_A_DAY = Decimal(24)


def effort_findings(results: LaunchResults, plan: Plan) -> Iterator[Finding]:
    """Yield what of a plan does not fit its days: tasks by themselves, then those of a team."""
    needed = {one["item_id"] for one in needed_items(results.items)}
    long = [
        (row, words)
        for row in plan.rows
        if needed & set(names(row["serves"])) and (words := _overrun(results, plan, row))
    ]
    if long:
        title = "Longer than the plan {} gives it"
        words = "; ".join(words for _, words in long)
        yield _fault(plan, "too_long", title, words, [row for row, _ in long])
    ids = {row["task_id"] for row, _ in long}
    full = list(_crowded(results, _asked(results, plan, ids)))
    if full:
        title = "More than a team can do in the days of the plan {}"
        rows = {one.row["task_id"]: one.row for asked, _ in full for one in asked}
        words = "; ".join(words for _, words in full)
        yield _fault(plan, "capacity", title, words, list(rows.values()))


def _fault(plan: Plan, name: str, title: str, words: str, rows: list[Row]) -> Finding:
    return finding(
        f"plan.{name}.{slug(plan.plan_id)}",
        title.format(f"“{plan.plan_id.replace('_', ' ')}”"),
        f"{counted(len(rows), 'task')}: {words}.",
        Severity.HIGH,
        Verdict.INFEASIBLE,
        value=len(rows),
        unit="tasks",
        expected=0,
        table="plan_task",
        rows=len(rows),
        source=sources(row["source"] for row in rows),
    )


def _overrun(results: LaunchResults, plan: Plan, row: Row) -> str:
    """Return by how much a task is longer than its days, in words; empty when it fits."""
    start, end = row["task_from_date"], row["task_to_date"]
    if start is None or end is None:
        return ""
    work = max(_work(results, plan, row).values(), default=Decimal(0))
    wait, days = _wait(results, plan, row), Decimal((end - start).days + 1)
    worked, per_day = working_days(start, end, results.holidays), results.settings.hours_per_day
    if work <= worked * per_day and wait <= days * HOURS_A_DAY:
        return ""
    said = [f"{count(work)} h of work"] if work else []
    said += [f"{count(wait)} h of waiting"] if wait else []
    given = f"{counted(days, 'day')} given"
    if worked * per_day < work <= days * per_day:
        given += f", {worked or 'none'} of {'it' if days == 1 else 'them'} worked"
    return f"{row['task_name']} takes {listed(said)}, {given}"


def _alone(results: LaunchResults, plan: Plan, row: Row) -> list[Row]:
    """Return the items that a task, and no other of the plan, is for."""
    items = results.known.items
    served = [name for name in names(row["serves"]) if name in items]
    return [dict(items[name].row) for name in served if len(plan.parts(name)) == 1]


def _work(results: LaunchResults, plan: Plan, row: Row) -> dict[str, Decimal]:
    """Return the work of each team in a task; what its row does not say is that of its items."""
    if row["effort_hours"] is not None:
        return {row["team_name"]: row["effort_hours"]}
    teams: dict[str, str] = {}
    found: dict[str, Decimal] = {}
    for item in _alone(results, plan, row):
        team = teams.setdefault(team_key(item["owner"]), item["owner"])
        found[team] = found.get(team, Decimal(0)) + (item["effort_hours"] or 0)
    return found


def _wait(results: LaunchResults, plan: Plan, row: Row) -> Decimal:
    """Return the longest waiting in a task."""
    if row["wait_hours"] is not None:
        return Decimal(row["wait_hours"])
    waits = [item["wait_hours"] for item in _alone(results, plan, row)]
    return max((hours for hours in waits if hours is not None), default=Decimal(0))


@dataclass(frozen=True)
class _Asked:
    """The work that a task asks of a team in its days."""

    row: Row
    team: str
    hours: Decimal
    first: date
    last: date


def _asked(results: LaunchResults, plan: Plan, without: set[str]) -> Iterator[_Asked]:
    """Yield what the tasks of a plan ask of teams, where days and team are known."""
    for row in plan.rows:
        first, last = row["task_from_date"], row["task_to_date"]
        if first is None or last is None or last < first or row["task_id"] in without:
            continue
        for team, hours in _work(results, plan, row).items():
            if team.strip() and hours:
                yield _Asked(row, team, hours, first, last)


def _crowded(results: LaunchResults, asked: Iterable[_Asked]) -> Iterator[tuple[list[_Asked], str]]:
    """Yield the tasks that are more than their team can do, and that in words, by team."""
    teams: dict[str, list[_Asked]] = {}
    for one in asked:
        teams.setdefault(team_key(one.team), []).append(one)
    for mine in teams.values():
        seen: list[tuple[date, date]] = []
        for first, last in sorted(_full(results, mine), key=lambda span: span[1] - span[0]):
            if any(first <= a and b <= last for a, b in seen):
                continue
            seen.append((first, last))
            held = [one for one in mine if first <= one.first and one.last <= last]
            tasks = listed([one.row["task_name"] for one in held])
            hours = exact_sum([one.hours for one in held])
            words = f"{day(first)}{'' if first == last else f' to {day(last)}'}: {tasks} take "
            words += f"{count(hours)} h, {count(_worked(results, first, last))} h are worked"
            yield held, f"{held[0].team} on {words}"


def _full(results: LaunchResults, mine: Sequence[_Asked]) -> Iterator[tuple[date, date]]:
    """Yield from each first day the shortest days in which a team has too much to do."""
    for first in sorted({one.first for one in mine}):
        later = [one for one in mine if one.first >= first]
        for last in sorted({one.last for one in later}):
            held = [one.hours for one in later if one.last <= last]
            if len(held) > 1 and exact_sum(held) > _worked(results, first, last):
                yield first, last
                break


def _worked(results: LaunchResults, first: date, last: date) -> Decimal:
    """Return how many hours are worked from the first day to the last one."""
    return working_days(first, last, results.holidays) * results.settings.hours_per_day
