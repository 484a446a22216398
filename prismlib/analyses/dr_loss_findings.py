"""Findings on what would be lost, and on the error budget."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from prismlib.analyses.dr_cases import verdict_within
from prismlib.analyses.dr_inputs import stated_s
from prismlib.analyses.dr_judging import clock, finding
from prismlib.analyses.dr_timeline import DrResults
from prismlib.analyses.drill_steps import Span
from prismlib.analyses.judging import listed
from prismlib.findings import Finding, Severity, Verdict, slug
from prismlib.formats import count, percent
from prismlib.tables import records


def loss_findings(results: DrResults) -> Iterator[Finding]:
    """Yield the findings on recovery points and error budgets."""
    yield _loss(results)
    yield from _budgets(results)


def _loss(results: DrResults) -> Finding:
    """Return how much would be lost: that of the store that loses most, else unknown."""
    rows = records(results.loss_table)
    unknown = [row for row in rows if row["recovery_point_age_s"] is None]
    worst: Decimal | None = None
    if not rows:
        words = "Nothing says how old the recovery points are."
    elif unknown:
        parts = [f"{row['store_name']} ({row['note']})" for row in unknown]
        words = f"How much would be lost is not known. {'; '.join(parts)}."
    else:
        worst = max(row["recovery_point_age_s"] for row in rows)
        names = [row["store_name"] for row in rows if row["recovery_point_age_s"] == worst]
        words = f"At most {clock(worst)} would be lost, of {listed(names)}."
    target = stated_s(results.stated, "rpo_target_minutes")
    if target is None:
        words += " No objective (RPO) is stated to hold it against."
    span = None if worst is None else Span.exact(worst)
    verdict = verdict_within(span, target)
    return finding(
        "recovery_point",
        "How much would be lost",
        words,
        Severity.INFO if verdict is Verdict.HOLDS else Severity.HIGH,
        verdict,
        value=worst,
        unit="s",
        expected=target,
        table="recovery_point",
        rows=len(rows),
    )


def _budgets(results: DrResults) -> Iterator[Finding]:
    """Yield what an outage spends of each error budget: the published recovery, and the worst."""
    names: dict[str, list[dict[str, Decimal | str]]] = {}
    for row in records(results.budget_table):
        if row["budget_spent_pct"] is not None:
            names.setdefault(row["threshold_name"], []).append(row)
    for name, rows in names.items():
        yield _budget(results, name, rows)


def _budget(results: DrResults, name: str, rows: list[dict[str, Decimal | str]]) -> Finding:
    parts = [
        f"{row['case_name'][0].lower()}{row['case_name'][1:]} "  # type: ignore[index]
        f"{percent(row['budget_spent_pct'], 0, signed=False)}"  # type: ignore[arg-type]
        for row in rows
    ]
    budget = Decimal(rows[0]["budget_s"])
    published = results.seconds("published")
    first = next((r for r in rows if r["recovery_s"] == published), rows[0])
    spent = Decimal(first["budget_spent_pct"])
    is_over = any(Decimal(row["budget_spent_pct"]) > 100 for row in rows)
    words = f"The {name} allows {clock(budget)} in {count(Decimal(rows[0]['window_days']))} days. "
    words += f"One outage spends of it: {listed(parts)}."
    return finding(
        f"error_budget.{slug(name.split()[-1])}",
        f"Error budget: {name}",
        words,
        Severity.HIGH if is_over else Severity.MEDIUM if spent > 50 else Severity.INFO,
        Verdict.CONTRADICTS if is_over else Verdict.HOLDS,
        value=spent,
        unit="%",
        expected=Decimal(100),
        table="budget_spent",
        rows=len(rows),
        source=results.stated.source("uptime_slo_pct"),
    )
