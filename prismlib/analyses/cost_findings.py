"""Every finding of the cost variance analysis; here those on the variance itself."""

from __future__ import annotations

from collections.abc import Iterator

from prismlib.analyses.bill_findings import bill_findings
from prismlib.analyses.cost_claims import claim_findings
from prismlib.analyses.cost_totals import total_findings
from prismlib.analyses.cost_variance import CostInputs, CostResults, CostSettings
from prismlib.analyses.fleet_findings import fleet_findings
from prismlib.analyses.judging import evidence, listed, severity_of_amount, slug
from prismlib.analyses.rate_findings import rate_findings
from prismlib.analyses.rate_origins import rate_origin_findings
from prismlib.findings import Finding, Severity, Verdict, judge, observed, ranked
from prismlib.formats import money, percent, signed_money
from prismlib.money import percent_change
from prismlib.tables import records

NOTEBOOK = "cost_variance"


def judge_costs(inputs: CostInputs, settings: CostSettings, results: CostResults) -> list[Finding]:
    """Return every finding of the cost variance analysis, worst first."""
    groups = (
        variance_findings(settings, results),
        bill_findings(inputs, results),
        total_findings(inputs, results),
        claim_findings(inputs, results),
        fleet_findings(inputs, results),
        rate_findings(results),
        rate_origin_findings(inputs, results),
    )
    found = [finding for group in groups for finding in group]
    return ranked(observed(found, inputs.as_of))


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


def _variance_on_parts(settings: CostSettings, results: CostResults) -> Finding:
    summary, stated = results.summary, results.stated
    claimed = stated.value("change_pct")
    totals = stated.values("estimate_total", "actual_total")
    lines = len(results.components)
    words = (
        f"Line by line the cost is {money(summary.current)} against {money(summary.baseline)}: "
        f"{signed_money(summary.change)} or {percent(summary.change_pct)}."
    )
    verdict, severity = Verdict.HOLDS, Severity.INFO
    parts_hold = totals in (None, [summary.baseline, summary.current])
    if claimed is not None and summary.change_pct is not None:
        verdict = judge(
            claimed,
            summary.change_pct,
            decimals=stated.decimals("change_pct"),
            parts_hold=parts_hold,
        )
        severity = Severity.INFO if verdict is Verdict.HOLDS else Severity.MEDIUM
        words += f" The document says {percent(claimed, 1)}."
    if not parts_hold and totals is not None:
        on_totals = percent_change(totals[1], totals[0])
        words += (
            f" Its own totals give {percent(on_totals)}: two totals that are both too low "
            "nearly cancel in the ratio."
        )
    if summary.change_pct is not None and summary.change_pct > settings.thresholds.limit_pct:
        verdict, severity = Verdict.CONTRADICTS, Severity.CRITICAL
        words += f" That is above the limit of {percent(settings.thresholds.limit_pct, 0)}."
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
        evidence=evidence("component_variance", lines, stated.source("change_pct")),
    )


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
        f"{money(summary.like_current)} against {money(summary.like_baseline)}: "
        f"{percent(summary.like_change_pct)}. The rest of the variance is not a wrong price or "
        "quantity but a line that was never estimated or never came.",
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
    if summary.largest_share_pct is None or summary.largest_change == 0:
        return
    unbudgeted = summary.largest in summary.new_components
    yield Finding(
        id="cost.variance_largest_share",
        notebook=NOTEBOOK,
        title=f"Largest driver: {summary.largest}",
        statement=f"{summary.largest} makes up "
        f"{percent(summary.largest_share_pct, 1, signed=False)} of the net change "
        f"({signed_money(summary.largest_change)} of {signed_money(summary.change)})"
        + (", and has no estimate." if unbudgeted else "."),
        severity=Severity.MEDIUM if unbudgeted else Severity.INFO,
        verdict=Verdict.CONTRADICTS if unbudgeted else Verdict.HOLDS,
        value=summary.largest_share_pct,
        unit="%",
        evidence=evidence("component_variance", 1),
    )


def _material_components(results: CostResults) -> Iterator[Finding]:
    for row in records(results.components):
        if not row["is_material"] or row["band"] == "within tolerance":
            continue
        against = (
            "has no baseline"
            if row["baseline_cost"] is None
            else f"against {money(row['baseline_cost'])} ({percent(row['cost_change_pct'])})"
        )
        yield Finding(
            id=f"cost.component.{slug(row['component'])}",
            notebook=NOTEBOOK,
            title=f"{row['component']}: {row['band']}",
            statement=f"{row['component']} costs {money(row['current_cost'])} and {against}; the "
            f"change of {signed_money(row['cost_change'])} is material.",
            severity=severity_of_amount(row["cost_change"]),
            verdict=Verdict.CONTRADICTS,
            value=row["current_cost"],
            unit=row["billing_currency"],
            expected=row["baseline_cost"],
            evidence=evidence("component_variance", 1),
        )


def _unmatched_estimates(results: CostResults) -> Iterator[Finding]:
    if results.baseline_name != "estimate":
        return
    for name in results.summary.retired_components:
        row = results.components[results.components["component"] == name].iloc[0]
        yield Finding(
            id=f"cost.estimate_without_cost.{slug(name)}",
            notebook=NOTEBOOK,
            title=f"{name}: estimated, but nothing was charged",
            statement=f"The estimate gives {name} {money(row['baseline_cost'])}; no charge maps "
            "to that component. Either it costs nothing, or its name or mapping rule is wrong: "
            "an absent charge is not a saving.",
            severity=Severity.MEDIUM,
            verdict=Verdict.UNKNOWN,
            unit=row["billing_currency"],
            expected=row["baseline_cost"],
            evidence=evidence("estimate", 1),
        )
