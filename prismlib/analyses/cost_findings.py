"""Every finding of the cost variance analysis; here those on the variance itself."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from prismlib.analyses.bill_findings import bill_findings
from prismlib.analyses.cost_claims import claim_findings
from prismlib.analyses.cost_inputs import CostInputs, CostSettings
from prismlib.analyses.cost_totals import composition_findings, total_findings
from prismlib.analyses.cost_variance import PRICE_CURRENCY, CostResults
from prismlib.analyses.decomposition import NOT_SPLIT
from prismlib.analyses.fleet_findings import fleet_findings
from prismlib.analyses.judging import counted, evidence, listed, severity_of_amount
from prismlib.analyses.rate_findings import rate_findings
from prismlib.analyses.rate_origins import rate_origin_findings
from prismlib.analyses.steps import Steps, finished, gathered
from prismlib.analyses.variance import band
from prismlib.findings import Finding, Severity, Verdict, judge, observed, ranked, slug
from prismlib.formats import percent
from prismlib.money import exact_sum, percent_change
from prismlib.result_tables.cost_variance import NO_CHARGE
from prismlib.tables import records

NOTEBOOK = "cost_variance"
MAX_COMPONENTS = 25
"""Material components with a finding of their own."""
NEAR_PCT = Decimal("0.5")
"""Percentages closer than this are near each other."""


def judge_costs(inputs: CostInputs, settings: CostSettings, results: CostResults) -> list[Finding]:
    """Return every finding of the cost variance analysis, worst first."""
    return finished(judging_costs(inputs, settings, results))


def judging_costs(
    inputs: CostInputs, settings: CostSettings, results: CostResults
) -> Steps[list[Finding]]:
    """Return what `judge_costs` does, in steps."""
    groups = [
        variance_findings(settings, results),
        bill_findings(inputs, results),
        total_findings(results),
    ]
    if set(results.components["billing_currency"]) == {PRICE_CURRENCY}:
        groups += [
            composition_findings(inputs, results),
            claim_findings(inputs, results),
            fleet_findings(inputs, results),
            rate_findings(results),
            rate_origin_findings(inputs, results),
        ]
    else:
        groups.append(_other_currency(results))
    found = yield from gathered(groups)
    return ranked(observed(found, inputs.as_of))


def _other_currency(results: CostResults) -> Iterator[Finding]:
    currency = results.currency
    yield Finding(
        id="cost.prices_currency",
        notebook=NOTEBOOK,
        title="Nothing compared with list prices",
        statement=f"The costs are in {currency}, list prices and the checks built on them in "
        f"{PRICE_CURRENCY}; the two are not compared. A price table in {currency} is needed.",
        severity=Severity.LOW,
        verdict=Verdict.UNKNOWN,
        evidence=evidence("instance_price", 0),
    )


def variance_findings(settings: CostSettings, results: CostResults) -> Iterator[Finding]:
    """Yield the variance as a whole, like for like, by its largest driver and by component."""
    if not results.baseline_name:
        yield Finding(
            id="cost.variance_on_parts",
            notebook=NOTEBOOK,
            title="Variance",
            statement="There is nothing to compare with: give an estimate (--estimate FILE), or "
            "files that also hold the month before.",
            severity=Severity.MEDIUM,
            verdict=Verdict.UNKNOWN,
            unit="%",
        )
        return
    yield _variance_on_parts(settings, results)
    yield from _like_for_like(results)
    yield from _largest_driver(results)
    yield from _material_components(results)
    yield from _unmatched_estimates(results)
    yield from _unsplit(results)


def _variance_on_parts(settings: CostSettings, results: CostResults) -> Finding:
    summary, thresholds = results.summary, settings.thresholds
    claimed = results.stated.value("change_pct")
    verdict = _judge_change(results)
    severity = Severity.INFO if verdict is Verdict.HOLDS else Severity.MEDIUM
    words = _variance_words(results)
    where = band(summary.baseline, summary.current, summary.change_pct, thresholds)
    if where == "above limit":
        verdict, severity = Verdict.CONTRADICTS, Severity.CRITICAL
        words += f" That is above the limit of {percent(thresholds.limit_pct, 0, signed=False)}."
    elif where in ("above tolerance", "below tolerance"):
        verdict, severity = Verdict.CONTRADICTS, Severity.HIGH
        tolerance = percent(thresholds.tolerance_pct, 0, signed=False)
        words += f" That is {where.split()[0]} what is tolerated, {tolerance}."
    return Finding(
        id="cost.variance_on_parts",
        notebook=NOTEBOOK,
        title="Variance on the parts",
        statement=words,
        severity=severity,
        verdict=verdict,
        value=summary.change_pct,
        unit="%",
        expected=claimed,
        evidence=evidence(
            "component_variance", len(results.components), results.stated.source("change_pct")
        ),
    )


def _stated_totals_hold(results: CostResults) -> bool:
    """Return whether the stated totals, if any, are those of the lines."""
    totals = results.stated.values("estimate_total", "actual_total")
    return totals is None or totals == [results.summary.baseline, results.summary.current]


def _judge_change(results: CostResults) -> Verdict:
    claimed, change_pct = results.stated.value("change_pct"), results.summary.change_pct
    if change_pct is None:
        return Verdict.UNKNOWN
    if claimed is None:
        return Verdict.UNKNOWN if "change_pct" in results.stated.rows else Verdict.HOLDS
    decimals = results.stated.decimals("change_pct")
    parts_hold = _stated_totals_hold(results)
    return judge(claimed, change_pct, decimals=decimals, parts_hold=parts_hold)


def _variance_words(results: CostResults) -> str:
    summary, claimed = results.summary, results.stated.value("change_pct")
    words = (
        f"Line by line the cost is {results.money(summary.current)} against "
        f"{results.money(summary.baseline)}: {results.change(summary.change)} or "
        f"{percent(summary.change_pct)}."
    )
    if claimed is not None:
        words += f" The document says {percent(claimed, 1)}."
    totals = results.stated.values("estimate_total", "actual_total")
    if totals is None or _stated_totals_hold(results):
        return words
    on_totals = percent_change(totals[1], totals[0])
    words += f" Its own totals give {percent(on_totals)}"
    is_near = on_totals is not None and abs(on_totals - (summary.change_pct or 0)) < NEAR_PCT
    return words + (": their errors nearly cancel in the ratio." if is_near else ".")


def _like_for_like(results: CostResults) -> Iterator[Finding]:
    summary = results.summary
    apart = summary.new_components + summary.retired_components
    if not apart or summary.like_change_pct is None:
        return
    claimed = results.stated.value("change_pct")
    yield Finding(
        id="cost.variance_like_for_like",
        notebook=NOTEBOOK,
        title="Variance like for like",
        statement=f"Without what only one side has ({listed(apart)}), the cost is "
        f"{results.money(summary.like_current)} against {results.money(summary.like_baseline)}: "
        f"{percent(summary.like_change_pct)}. The rest of the variance is lines that only one side "
        "has, not a wrong price or quantity.",
        severity=Severity.MEDIUM if claimed is not None else Severity.INFO,
        verdict=Verdict.HOLDS
        if claimed is None
        else judge(claimed, summary.like_change_pct, decimals=1),
        value=summary.like_change_pct,
        unit="%",
        expected=claimed,
        evidence=evidence("component_variance", len(results.components) - len(apart)),
    )


def _largest_driver(results: CostResults) -> Iterator[Finding]:
    summary = results.summary
    if summary.largest_change == 0:
        return
    unbudgeted = ", and has no baseline" if summary.largest in summary.new_components else ""
    share, amount = summary.largest_share_pct, results.change(summary.largest_change)
    net = results.change(summary.change)
    words = f"{summary.largest} changed by {amount}{unbudgeted}. Others offset it: the net change "
    words += f"is {net}."
    if share is not None:
        words = f"{summary.largest} makes up {percent(share, 1, signed=False)} of the net change "
        words += f"({amount} of {net}){unbudgeted}."
    yield Finding(
        id="cost.variance_largest_share",
        notebook=NOTEBOOK,
        title=f"Largest driver: {summary.largest}",
        statement=words,
        severity=Severity.INFO,
        verdict=Verdict.HOLDS,
        value=summary.largest_change if share is None else share,
        unit=results.currency if share is None else "%",
        evidence=evidence("component_variance", 1),
    )


def _material_components(results: CostResults) -> Iterator[Finding]:
    """Yield the material changes outside tolerance, the largest by name and the others together."""
    quiet = {"within tolerance", NO_CHARGE}  # _unmatched_estimates says more of the latter
    rows = [r for r in records(results.components) if r["is_material"] and r["band"] not in quiet]
    for row in rows[:MAX_COMPONENTS]:
        yield Finding(
            id=f"cost.component.{slug(row['component'])}",
            notebook=NOTEBOOK,
            title=f"{row['component']}: {row['band']}",
            statement=_component_words(results, row),
            severity=severity_of_amount(row["cost_change"]),
            verdict=Verdict.CONTRADICTS,
            value=row["current_cost"],
            unit=row["billing_currency"],
            expected=row["baseline_cost"],
            evidence=evidence("component_variance", 1),
        )
    if others := rows[MAX_COMPONENTS:]:
        yield _other_components(results, others)


def _other_components(results: CostResults, others: list[dict[str, Any]]) -> Finding:
    amount = exact_sum(row["cost_change"] for row in others)
    return Finding(
        id="cost.components_others",
        notebook=NOTEBOOK,
        title="Other material changes",
        statement=f"{counted(len(others), 'further component')} changed materially, by "
        f"{results.change(amount)} in all.",
        severity=severity_of_amount(amount),
        verdict=Verdict.CONTRADICTS,
        value=amount,
        unit=results.currency,
        evidence=evidence("component_variance", len(others)),
    )


def _component_words(results: CostResults, row: dict[str, Any]) -> str:
    name, change = row["component"], results.change(row["cost_change"])
    if row["current_cost"] is None:
        return f"{name} cost {results.money(row['baseline_cost'])} before and has no charge now."
    if row["baseline_cost"] is None:
        return f"{name} costs {results.money(row['current_cost'])} and has no baseline."
    return (
        f"{name} costs {results.money(row['current_cost'])} against a baseline of "
        f"{results.money(row['baseline_cost'])}: {change}, {percent(row['cost_change_pct'])}."
    )


def _unsplit(results: CostResults) -> Iterator[Finding]:
    rows = results.variance[results.variance["note"] == NOT_SPLIT]
    amount = exact_sum(rows["unsplit_effect"])
    if rows.empty:
        return
    names = sorted(set(rows["component"]))
    yield Finding(
        id="cost.unsplit",
        notebook=NOTEBOOK,
        title="Change that is not split",
        statement=f"{results.change(amount)} in {listed(names[:6])} cannot be told into quantity "
        "and price: quantities in one unit are needed on both sides.",
        severity=Severity.LOW,
        verdict=Verdict.UNKNOWN,
        value=amount,
        unit=results.currency,
        evidence=evidence("cost_variance", len(rows)),
    )


def _unmatched_estimates(results: CostResults) -> Iterator[Finding]:
    if results.baseline_name != "estimate":
        return
    days = "" if results.full_baseline == results.summary.baseline else " for the same days"
    for name in results.summary.retired_components:
        row = results.components[results.components["component"] == name].iloc[0]
        yield Finding(
            id=f"cost.estimate_without_cost.{slug(name)}",
            notebook=NOTEBOOK,
            title=f"{name}: estimated, but nothing was charged",
            statement=f"The estimate gives {name} {results.money(row['baseline_cost'])}{days}; "
            "no charge maps to that component. Either it costs nothing, or its name or mapping "
            "rule is wrong: an absent charge is not a saving.",
            severity=Severity.MEDIUM,
            verdict=Verdict.UNKNOWN,
            unit=row["billing_currency"],
            expected=row["baseline_cost"],
            evidence=evidence("estimate", 1),
        )
