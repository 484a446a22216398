"""The answer of the notebook on S3 lifecycle savings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from prismlib.analyses.judging import listed, usd
from prismlib.analyses.lifecycle import LifecycleResults
from prismlib.analyses.lifecycle_claims import claimed_case
from prismlib.analyses.lifecycle_findings import limit_words, policy_words, reads_words
from prismlib.analyses.lifecycle_results import BEST, DO_NOT
from prismlib.findings import Finding
from prismlib.narrative.answers import Answer, serious_details
from prismlib.report.blocks import KeyFigure
from prismlib.tables import records

SHOWN = {"lifecycle.month_cost", "lifecycle.best"}
FIRST = ("lifecycle.deletes_live", "lifecycle.breaks_slo")


def lifecycle_answer(results: LifecycleResults, findings: Sequence[Finding]) -> Answer:
    """Return the answer: what may be done, what it saves net, and what must not be done."""
    rows = {row["policy_name"]: row for row in records(results.outcomes)}
    return Answer(
        _statement(results, rows),
        list(_figures(results, rows))[:5],
        serious_details(findings, shown=SHOWN, first=FIRST),
    )


def _statement(results: LifecycleResults, rows: dict[str, dict[str, Any]]) -> str:
    if results.baseline is None:
        return (
            f"**What lifecycle rules would save cannot be said**: {listed(list(results.missing))} "
            "not known. That is not a saving of zero."
        )
    known = [*results.unpriced, *results.cases]
    refused = [case.name for case in known if not case.is_allowed]
    words = f"**Do not apply {listed([f'“{name}”' for name in refused])}.** " if refused else ""
    if results.best is None:
        return words + "**No allowed rules save a percent of the cost: keep things as they are.**"
    row = rows[BEST]
    words += f"**{policy_words(results, results.best)}** would save an estimated "
    words += f"{usd(row['first_year_effect'])} in the first year, net, {reads_words(results)}. "
    words += f"{limit_words(results)} How often objects are read, nothing here says."
    return words


def _left_words(results: LifecycleResults) -> str:
    left = () if results.held is None else results.held.unpriced
    return f"without {listed(list(left))}: no price" if left else "with nothing changed"


def _figures(results: LifecycleResults, rows: dict[str, dict[str, Any]]) -> Iterator[KeyFigure]:
    if results.baseline is None:
        missing = f"{listed(list(results.missing))} not known"
        yield KeyFigure("A month", "unknown", missing, "unknown")
        return
    cost = results.baseline.monthly_costs[0]
    yield KeyFigure("A month as it is", usd(cost), _left_words(results), "neutral")
    if results.best is not None:
        row = rows[BEST]
        year = usd(row["first_year_effect"])
        yield KeyFigure("Best allowed, first year", year, "net, estimated", "good")
    case = claimed_case(results)
    claimed = results.stated.value("cold_saving_year")
    for one in results.cases:
        row = rows[one.name]
        detail = "net" if one.is_allowed else "net, and must not be applied"
        if one is case and claimed is not None:
            detail += f"; stated: {usd(claimed)}"
        tone = "bad" if row["advice"] == DO_NOT else "neutral"
        yield KeyFigure(
            f"{one.name}, first year",
            usd(row["first_year_effect"]),
            detail,
            tone,  # type: ignore[arg-type]
        )
    if case is not None:
        quarter = usd(rows[case.name]["first_quarter_effect"])
        detail = "net; nothing moves before its day"
        yield KeyFigure(f"{case.name}, first quarter", quarter, detail, "bad")
