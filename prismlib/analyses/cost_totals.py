"""Findings on the totals that a document states: rebuilt from its own lines.

A stated total is compared with the sum of its lines; the lines that explain a difference are
searched for (`prismlib.analyses.reconcile`). So are its summary, its drivers of variance and the
percentages beside its lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from prismlib.analyses.cost_inputs import CostInputs
from prismlib.analyses.cost_variance import CostResults
from prismlib.analyses.judging import counted, evidence, listed, severity_of_amount
from prismlib.analyses.reconcile import Explanation, Part, reconcile_total
from prismlib.findings import Finding, Severity, Verdict, judge, slug
from prismlib.formats import count, money, percent
from prismlib.money import exact_sum
from prismlib.tables import records

NOTEBOOK = "cost_variance"


def composition_findings(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    """Yield the findings on what is said to make up the stated totals. [USD]"""
    yield from _summary(results)
    yield from _summary_infrastructure(results)
    yield from _drivers(results)
    yield from _headroom(results)
    yield from _stated_changes(inputs, results)


def parts_of(results: CostResults, side: str) -> list[Part]:
    """Return the components of one side (``baseline_cost`` or ``current_cost``) as parts."""
    rows = results.components[results.components[side].notna()]
    return [Part(*pair) for pair in zip(rows["component"], rows[side], strict=True)]


def describe(explanation: Explanation, currency: str) -> str:
    """Return in words what explains a residual."""
    if explanation.residual == 0:
        return "It equals the sum of its lines."
    how = "leaves out" if explanation.residual > 0 else "counts twice"
    size = money(abs(explanation.residual), currency)
    if not explanation.lines:
        return f"No line, nor any three together, explain the difference of {size}."
    names = listed([f"{p.name} ({money(p.amount, currency)})" for p in explanation.lines])
    if explanation.is_exact:
        more = len(explanation.alternatives) - 1
        also = f" ({counted(more, 'other combination')} of lines would fit as well)" if more else ""
        return f"The difference of {size} is exactly the line {names}, which the total {how}{also}."
    left = money(abs(explanation.unexplained), currency)
    if explanation.residual > 0:
        return f"Leaving out {names} would explain all but {left} of the difference of {size}."
    return f"Counting {names} twice would explain all but {left} of the difference of {size}."


def total_findings(results: CostResults) -> Iterator[Finding]:
    """Yield the total of each side, against the stated one where there is one."""
    if results.baseline_name == "estimate":
        yield from _stated_total(results, "estimate_total", "baseline_cost", "Estimate total")
    yield from _stated_total(results, "actual_total", "current_cost", "Actual total")


def _without_claim(results: CostResults, claim_id: str) -> Verdict:
    """Return unknown where a claim is listed without its figure; else there is nothing to doubt."""
    return Verdict.UNKNOWN if claim_id in results.stated.rows else Verdict.HOLDS


def _stated_total(results: CostResults, claim_id: str, side: str, title: str) -> Iterator[Finding]:
    """Yield the total of one side, against the stated one if there is one."""
    parts, claimed = parts_of(results, side), results.stated.value(claim_id)
    currency = results.currency
    total = exact_sum(part.amount for part in parts)
    words = f"{counted(len(parts), 'component')} add up to {money(total, currency)}."
    severity = None
    explanation = None if claimed is None else reconcile_total(claimed, parts)
    if explanation is not None and explanation.residual:
        severity = severity_of_amount(explanation.residual)
        words = (
            f"{counted(len(parts), 'line')} add up to {money(total, currency)}, not "
            f"{money(claimed, currency)}. {describe(explanation, currency)}"
        )
    elif claimed is not None:
        words = f"{counted(len(parts), 'line')} add up to the stated {money(claimed, currency)}."
    yield Finding(
        id=f"cost.{claim_id}",
        notebook=NOTEBOOK,
        title=title,
        statement=words,
        severity=severity or Severity.INFO,
        verdict=judge(claimed, total) if claimed is not None else _without_claim(results, claim_id),
        value=total,
        unit=currency,
        expected=claimed,
        evidence=evidence("component_variance", len(parts), results.stated.source(claim_id)),
    )
    if explanation is not None:
        yield from _unexplained(claim_id, title, total, explanation, currency)


def _unexplained(
    claim_id: str, title: str, total: Decimal, explanation: Explanation, currency: str
) -> Iterator[Finding]:
    if explanation.is_exact or not explanation.lines:
        return
    left_out = exact_sum(part.amount for part in explanation.lines)
    names = listed([part.name for part in explanation.lines])
    yield Finding(
        id=f"cost.{claim_id}_unexplained",
        notebook=NOTEBOOK,
        title=f"{title}: what nothing explains",
        statement=f"Without {names} the lines add up to {money(total - left_out, currency)}, still "
        f"{money(explanation.unexplained, currency)} apart from the stated total. "
        f"{count(Decimal(explanation.combinations))} combinations of up to three lines were tried; "
        "none gives the difference.",
        severity=Severity.LOW,
        verdict=Verdict.NOT_REPRODUCIBLE,
        value=explanation.unexplained,
        unit=currency,
        expected=Decimal(0),
        evidence=evidence("component_variance", len(explanation.lines)),
    )


def _summary(results: CostResults) -> Iterator[Finding]:
    """Yield whether a summary adds up to the stated total."""
    parts, claimed = results.stated.of_kind("summary_part"), results.stated.value("actual_total")
    if not parts or claimed is None:
        return
    total = exact_sum(row["stated_value"] for row in parts)
    words = " + ".join(money(row["stated_value"]) for row in parts)
    yield Finding(
        id="cost.summary_total",
        notebook=NOTEBOOK,
        title="Summary adds up to the stated total",
        statement=f"{words} is {money(total)}, against the stated {money(claimed)}.",
        severity=Severity.INFO if total == claimed else severity_of_amount(total - claimed),
        verdict=judge(claimed, total),
        value=total,
        unit="USD",
        expected=claimed,
        evidence=evidence("claim", len(parts), parts[0]["source"]),
    )


def _summary_infrastructure(results: CostResults) -> Iterator[Finding]:
    """Yield whether the part of a summary that names no component is the rest of the lines."""
    parts = results.stated.of_kind("summary_part")
    rest = [row for row in parts if not row["component"]]
    named = {row["component"] for row in parts if row["component"]}
    lines = [part for part in parts_of(results, "current_cost") if part.name not in named]
    if len(rest) != 1 or not lines:
        return
    recomputed, claimed = exact_sum(p.amount for p in lines), rest[0]["stated_value"]
    apart = recomputed - claimed
    yield Finding(
        id="cost.summary_infrastructure",
        notebook=NOTEBOOK,
        title="Infrastructure part of the summary",
        statement=f"The table's lines without {listed(sorted(named))} add up to "
        f"{money(recomputed)}; the summary says {money(claimed)}, {money(abs(apart))} apart.",
        severity=severity_of_amount(apart) if apart else Severity.INFO,
        verdict=judge(claimed, recomputed),
        value=recomputed,
        unit="USD",
        expected=claimed,
        evidence=evidence("component_variance", len(lines), rest[0]["source"]),
    )


def _drivers(results: CostResults) -> Iterator[Finding]:
    stated = results.stated
    drivers, totals = stated.of_kind("driver"), stated.values("estimate_total", "actual_total")
    if not drivers or totals is None:
        return
    changes = dict(
        zip(results.components["component"], results.components["cost_change"], strict=True)
    )
    wrong = [d["component"] for d in drivers if changes.get(d["component"]) != d["stated_value"]]
    total, claimed = exact_sum(d["stated_value"] for d in drivers), totals[1] - totals[0]
    every = exact_sum(changes.values())
    each = "Each equals the change of its line" if not wrong else f"{listed(wrong)} do not match"
    yield Finding(
        id="cost.variance_drivers",
        notebook=NOTEBOOK,
        title="Stated drivers of the variance",
        statement=f"The {len(drivers)} stated drivers add up to {money(total)} and the lines to "
        f"{money(every)}; the stated totals differ by {money(claimed)}, which is "
        f"{money(abs(every - claimed))} {'less' if claimed < every else 'more'}. {each}.",
        severity=Severity.MEDIUM if total != claimed or wrong else Severity.INFO,
        verdict=Verdict.CONTRADICTS if wrong else judge(claimed, total),
        value=total,
        unit="USD",
        expected=claimed,
        evidence=evidence("claim", len(drivers), drivers[0]["source"]),
    )


def _headroom(results: CostResults) -> Iterator[Finding]:
    for claim in results.stated.of_kind("headroom"):
        row = results.components[results.components["component"] == claim["component"]]
        if row.empty or row["baseline_cost"].iloc[0] is None:
            continue
        baseline, pct = row["baseline_cost"].iloc[0], row["cost_change_pct"].iloc[0]
        with_headroom = baseline * (1 + claim["stated_value"] / 100)
        yield Finding(
            id=f"cost.headroom.{slug(claim['component'])}",
            notebook=NOTEBOOK,
            title=f"{claim['component']}: headroom",
            statement=f"{percent(claim['stated_value'], 1, signed=False)} headroom on "
            f"{money(baseline)} would cost {money(with_headroom)}; the line grew by "
            f"{percent(pct, 1)} to {money(row['current_cost'].iloc[0])}.",
            severity=Severity.LOW,
            verdict=judge(claim["stated_value"], pct),
            value=pct,
            unit="%",
            expected=claim["stated_value"],
            evidence=evidence("claim", 1, claim["source"]),
        )


def _stated_changes(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    if inputs.stated_actual is None:
        return
    pct = dict(
        zip(results.components["component"], results.components["cost_change_pct"], strict=True)
    )
    rows = [
        row
        for row in records(inputs.stated_actual)
        if row["stated_change_pct"] is not None and pct.get(row["component"]) is not None
    ]
    wrong = [
        f"{row['component']} {percent(pct[row['component']], 3)} against "
        f"{percent(row['stated_change_pct'], 1)}"
        for row in rows
        if round(pct[row["component"]], 1) != row["stated_change_pct"]
    ]
    if rows:
        yield Finding(
            id="cost.stated_changes",
            notebook=NOTEBOOK,
            title="Stated change of each line",
            statement=f"{len(rows) - len(wrong)} of {len(rows)} stated percentages follow from "
            f"their own line{': not ' + listed(wrong) if wrong else ''}.",
            severity=Severity.MEDIUM if wrong else Severity.INFO,
            verdict=Verdict.CONTRADICTS if wrong else Verdict.HOLDS,
            value=Decimal(len(rows) - len(wrong)),
            unit="lines",
            expected=Decimal(len(rows)),
            evidence=evidence("stated_actual", len(rows), rows[0]["source"]),
        )
