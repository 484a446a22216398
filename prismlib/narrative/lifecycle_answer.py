"""The answer of the notebook on S3 lifecycle savings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from prismlib.analyses.judging import listed
from prismlib.analyses.lifecycle import BEST, LifecycleResults, read_break_even
from prismlib.analyses.lifecycle_claims import claimed_case
from prismlib.analyses.lifecycle_findings import policy_words
from prismlib.analyses.lifecycle_results import DO_NOT
from prismlib.analyses.zone_model import as_decimal
from prismlib.findings import Finding
from prismlib.formats import count, money
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
    refused = [case.name for case in results.cases if not case.is_allowed]
    words = "".join(f"**Do not apply “{name}”.** " for name in refused)
    if results.best is None:
        return words + "**No allowed rules save a percent of the cost: keep things as they are.**"
    row = rows[BEST]
    words += f"**{policy_words(results, results.best)}** would save an estimated "
    words += f"{money(row['first_year_effect'], results.currency)} in the first year, net, while "
    most = read_break_even(results, results.best.last_class)
    if most is None:
        return words + "it charges nothing for reads."
    return words + (
        f"each object is read less than {count(round(as_decimal(most), 2))} times a month. How "
        "often that is, nothing here says."
    )


def _left_words(results: LifecycleResults) -> str:
    left = () if results.held is None else results.held.unpriced
    return f"without {listed(list(left))}: no price" if left else "with nothing changed"


def _figures(results: LifecycleResults, rows: dict[str, dict[str, Any]]) -> Iterator[KeyFigure]:
    if results.baseline is None:
        missing = f"{listed(list(results.missing))} not known"
        yield KeyFigure("A month", "unknown", missing, "unknown")
        return
    currency = results.currency
    cost = results.baseline.monthly_costs[0]
    yield KeyFigure("A month as it is", money(cost, currency), _left_words(results), "neutral")
    if results.best is not None:
        row = rows[BEST]
        year = money(row["first_year_effect"], currency)
        yield KeyFigure("Best allowed, first year", year, "net, estimated", "good")
    case = claimed_case(results)
    claimed = results.stated.value("cold_saving_year")
    for one in results.cases:
        row = rows[one.name]
        detail = "net" if one.is_allowed else "net, and must not be applied"
        if one is case and claimed is not None:
            detail += f"; stated: {money(claimed, currency)}"
        tone = "bad" if row["advice"] == DO_NOT else "neutral"
        yield KeyFigure(
            f"{one.name}, first year",
            money(row["first_year_effect"], currency),
            detail,
            tone,  # type: ignore[arg-type]
        )
    if case is not None:
        quarter = money(rows[case.name]["first_quarter_effect"], currency)
        detail = "net; nothing moves before its day"
        yield KeyFigure(f"{case.name}, first quarter", quarter, detail, "bad")
