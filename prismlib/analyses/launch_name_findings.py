"""Findings on what registers and plans name: circles, days that run backwards, unknown names."""

from __future__ import annotations

from collections.abc import Iterator

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_evidence import names
from prismlib.analyses.launch_judging import finding, sources
from prismlib.analyses.launch_plan import Plan, Row, backwards, circles, nameable, plans_of
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.findings import Finding, Severity, Verdict, slug
from prismlib.formats import day


def name_findings(results: LaunchResults) -> Iterator[Finding]:
    """Yield what cannot be worked in the order that is written, and names that nothing has."""
    yield from _unknown_items(results)
    for plan in plans_of(results.known.inputs.tables.get("plan_task")).values():
        yield from _circles(plan)
        yield from _backwards(plan)
        yield from _unknown_tasks(plan, set(results.known.items))


def _unknown_items(results: LaunchResults) -> Iterator[Finding]:
    """Yield the items that something rests on and that no register has."""
    items = results.known.items
    asking = [(item.item_id, item.row) for item in items.values()]
    asking += [(one.criterion.criterion_id, one.criterion.row) for one in results.judged]
    asking += [(str(look.row["evidence_id"]), look.row) for look in results.known.looks]
    lacks: dict[str, list[str]] = {}
    rows = []
    for who, row in asking:
        for name in names(row["needs"]):
            if name not in items:
                lacks.setdefault(name, []).append(who)
                rows.append(row)
    if not lacks:
        return
    parts = [f"{name}, needed by {listed(who)}" for name, who in lacks.items()]
    yield finding(
        "needs_unknown",
        "Needs that no register knows",
        f"{counted(len(lacks), 'item')} named in the column needs and not in readiness_item: "
        f"{'; '.join(parts)}. Whether they are closed is not known.",
        Severity.HIGH,
        Verdict.UNKNOWN,
        value=len(lacks),
        unit="items",
        expected=0,
        table="readiness_item",
        rows=len(items),
        source=sources(row["source"] for row in rows),
    )


def _circles(plan: Plan) -> Iterator[Finding]:
    found = circles(plan)
    if found:
        parts = [listed([f"{r['task_id']} ({r['task_name']})" for r in ring]) for ring in found]
        yield _fault(
            plan,
            "circle",
            "Tasks of the plan {} that wait for each other",
            f"None of these can begin first: {'; '.join(parts)}. Take out one waits_for of each.",
            [row for ring in found for row in ring],
        )


def _backwards(plan: Plan) -> Iterator[Finding]:
    found = backwards(plan)
    if found:
        parts = [
            f"{row['task_id']} ({row['task_name']}) begins on {day(row['task_from_date'])} and "
            f"ends on {day(row['task_to_date'])}"
            for row in found
        ]
        title = "Tasks of the plan {} that end before they begin"
        yield _fault(plan, "backwards", title, f"{'; '.join(parts)}.", found)


def _unknown_tasks(plan: Plan, items: set[str]) -> Iterator[Finding]:
    known = set(nameable(plan)) | items
    found = [(r, n) for r in plan.rows for n in names(r["waits_for"]) if n not in known]
    if found:
        parts = [f"{row['task_id']} waits for {name}" for row, name in found]
        title = "Tasks of the plan {} that wait for what it does not have"
        yield _fault(plan, "waits_unknown", title, f"{'; '.join(parts)}.", [r for r, _ in found])


def _fault(plan: Plan, name: str, title: str, words: str, rows: list[Row]) -> Finding:
    return finding(
        f"plan.{name}.{slug(plan.plan_id)}",
        title.format(f"“{plan.plan_id.replace('_', ' ')}”"),
        words,
        Severity.HIGH,
        Verdict.INFEASIBLE if name != "waits_unknown" else Verdict.UNKNOWN,
        value=len(rows),
        unit="tasks",
        expected=0,
        table="plan_task",
        rows=len(rows),
        source=sources(row["source"] for row in rows),
    )
