"""The answer of the cost variance notebook: one sentence, its key figures, the worst findings."""

from __future__ import annotations

from collections.abc import Sequence

from prismlib.analyses.cost_inputs import CostInputs, CostSettings
from prismlib.analyses.cost_variance import CostResults
from prismlib.analyses.judging import listed
from prismlib.analyses.variance import band
from prismlib.findings import Finding, Verdict
from prismlib.formats import money, percent
from prismlib.narrative.answers import Answer, serious_details
from prismlib.narrative.cost_variance import baseline_words, seen_words
from prismlib.report.blocks import KeyFigure, Tone
from prismlib.tables import records


def cost_answer(
    inputs: CostInputs,
    settings: CostSettings,
    results: CostResults,
    findings: Sequence[Finding],
) -> Answer:
    """Return the answer of the notebook: what was spent, against what, and does it add up."""
    by_id = {finding.id: finding for finding in findings}
    figures = [*_money_figures(results, by_id), *_variance_figures(settings, results)]
    figures += _excluded_figure(results)
    if results.forecast is not None and results.forecast.days_ahead:
        figures.append(_forecast_figure(results))
    return Answer(_statement(inputs, results, by_id), figures[:5], _details(findings))


def _statement(inputs: CostInputs, results: CostResults, by_id: dict[str, Finding]) -> str:
    summary = results.summary
    spent, when = results.money(summary.current), seen_words(inputs, results)
    if results.actuals_name == "statement":
        words = f"**The stated lines for {when} add up to {spent}**"
    else:
        words = f"**The bill for {when} comes to {spent}**"
    if not results.baseline_name:
        return (
            f"{words}; there is no estimate and no earlier month to hold it against, so whether "
            "that is much cannot be said."
        )
    words += f", {percent(summary.change_pct)} against {baseline_words(inputs, results)} of "
    words += f"{results.money(summary.baseline)}."
    wrong = [
        name
        for name, finding_id in (
            ("estimate", "cost.estimate_total"),
            ("actual", "cost.actual_total"),
        )
        if (found := by_id.get(finding_id)) and found.verdict is Verdict.CONTRADICTS
    ]
    if wrong:
        verb = "totals do" if len(wrong) > 1 else "total does"
        words += f" **The stated {listed(wrong)} {verb} not add up.**"
    if results.actuals_name == "statement" and (inputs.cost is None or inputs.is_bill_synthetic):
        words += " No bill supports them."
    return words


def _money_figures(results: CostResults, by_id: dict[str, Finding]) -> list[KeyFigure]:
    figures = []
    for label, finding_id in (
        ("Actual, on its lines", "cost.actual_total"),
        ("Estimate, on its lines", "cost.estimate_total"),
    ):
        found = by_id.get(finding_id)
        if found is None:
            continue
        stated, tone = "", "neutral"
        if found.expected is not None:
            holds = found.verdict is Verdict.HOLDS
            stated = "as stated" if holds else f"stated: {money(found.expected, found.unit)}"
            tone = "good" if holds else "bad"
        figures.append(_figure(label, money(found.value, found.unit), stated, tone))
    return figures


def _figure(label: str, value: str, detail: str, tone: str) -> KeyFigure:
    tones: dict[str, Tone] = {
        "good": "good",
        "bad": "bad",
        "unknown": "unknown",
        "neutral": "neutral",
    }
    return KeyFigure(label, value, detail, tones[tone])


def _variance_figures(settings: CostSettings, results: CostResults) -> list[KeyFigure]:
    summary, thresholds = results.summary, settings.thresholds
    if not results.baseline_name:
        unknown = _figure("Variance", "unknown", "no estimate, no earlier month", "unknown")
        return [*_kind_figures(results), unknown]
    pct = summary.change_pct
    where = band(summary.baseline, summary.current, pct, thresholds)
    limit = thresholds.limit_pct if where == "above limit" else thresholds.tolerance_pct
    words = where.replace("tolerance", "the tolerance").replace("limit", "the limit")
    if pct is None:
        return [_figure("Variance", "unknown", "the baseline is zero", "unknown")]
    figures = [
        _figure(
            "Variance",
            percent(pct),
            f"{words} of {percent(limit, 0, signed=False)}",
            {"within tolerance": "good", "new": "unknown"}.get(where, "bad"),
        )
    ]
    if summary.new_components or summary.retired_components:
        figures.append(
            _figure(
                "Like for like",
                percent(summary.like_change_pct),
                f"without {listed(summary.new_components + summary.retired_components)}",
                "neutral",
            )
        )
    return figures


def _kind_figures(results: CostResults) -> list[KeyFigure]:
    """Return what is kept apart from spend: tax, and credits with refunds."""
    labels = {"tax": "Tax", "credit": "Credits", "refund": "Refunds", "support": "Support"}
    return [
        _figure(label, results.money(results.kinds[kind]), "kept apart", "neutral")
        for kind, label in labels.items()
        if kind in results.kinds
    ][:2]


def _excluded_figure(results: CostResults) -> list[KeyFigure]:
    known = results.excluded[results.excluded["high_cost"].notna()]
    if known.empty:
        return []
    row = max(records(known), key=lambda r: r["high_cost"])
    return [
        _figure(
            "Not in any total",
            f"{money(row['high_cost'], row['billing_currency'])}",
            f"a month: {row['item_name'].lower()}",
            "bad",
        )
    ]


def _forecast_figure(results: CostResults) -> KeyFigure:
    forecast = results.forecast
    assert forecast is not None
    if forecast.forecast is None:
        return _figure("Month end", "unknown", forecast.reason, "unknown")
    interval = f"{results.money(forecast.low)} to {results.money(forecast.high)}"
    return _figure("Month end", results.money(forecast.forecast), interval, "neutral")


def _details(findings: Sequence[Finding]) -> list[str]:
    """Return the worst findings as points, those the figures already show left out."""
    shown = {"cost.actual_total", "cost.estimate_total", "cost.variance_on_parts"}
    first = ("cost.metric_unusable", "cost.rate_origin", "cost.excluded", "cost.deployed_fleet")
    return serious_details(findings, shown=shown, first=first)
