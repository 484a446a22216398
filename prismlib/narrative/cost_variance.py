"""The sentences of the cost variance notebook: every number in them is computed.

Each function turns results into what a lead reads above or below a chart; a notebook prints them
with `prismlib.report.display`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from prismlib.analyses.cost_variance import CostInputs, CostResults, CostSettings
from prismlib.analyses.judging import counted, listed
from prismlib.findings import Finding, Severity, Verdict, ranked
from prismlib.formats import count, day, money, percent, signed_money
from prismlib.money import exact_sum
from prismlib.report.blocks import KeyFigure, Tone
from prismlib.tables import records

BASELINE_WORDS = {"estimate": "estimate", "previous_month": "month before", "": "baseline"}
MAX_DETAILS = 4


@dataclass(frozen=True)
class Answer:
    """What `prismlib.report.display.answer` shows."""

    statement: str
    figures: list[KeyFigure]
    details: list[str]


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
    spent = results.money(summary.current)
    if not results.baseline_name:
        return (
            f"**The bill for {inputs.period} comes to {spent}**; there is no estimate and no "
            "earlier month to hold it against, so whether that is much cannot be said."
        )
    against = f"{BASELINE_WORDS[results.baseline_name]} of {results.money(summary.baseline)}"
    words = f"**{inputs.period} cost {spent} against an {against}**, {percent(summary.change_pct)}"
    if results.baseline_name == "previous_month":
        words = words.replace("against an", "against the")
    wrong = [
        name
        for name, finding_id in (
            ("the stated estimate", "cost.estimate_total"),
            ("the stated actual", "cost.actual_total"),
        )
        if (found := by_id.get(finding_id)) and found.verdict is Verdict.CONTRADICTS
    ]
    if not wrong:
        return words + "."
    verb = "does" if len(wrong) == 1 else "do"
    return f"{words}. **{listed(wrong).capitalize()} {verb} not add up.**"


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
    over = pct is not None and pct > thresholds.tolerance_pct
    band = "above" if over else "within"
    figures = [
        _figure(
            "Variance",
            percent(pct),
            f"{band} the tolerance of {percent(thresholds.tolerance_pct, 0, signed=False)}",
            "bad" if over else "good",
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
    serious = [
        f
        for f in ranked(findings)
        if f.severity in (Severity.CRITICAL, Severity.HIGH) and f.id not in shown
    ]
    serious.sort(key=lambda f: not f.id.startswith(first))
    return [f"**{f.title}.** {f.statement}" for f in serious[:MAX_DETAILS]]


def headline(results: CostResults, findings: Sequence[Finding]) -> str:
    """Return the few lines of plain text that a notebook keeps as its checked output."""
    summary, currency = results.summary, results.currency
    verdicts = [str(f.verdict) for f in findings]
    counted = {word: verdicts.count(word) for word in sorted(set(verdicts))}
    lines = [
        f"actual    {money(summary.current, currency, decimals=2)} ({results.actuals_name})",
        f"baseline  {money(summary.baseline, currency, decimals=2)} "
        f"({results.baseline_name or 'none'})",
        f"change    {signed_money(summary.change, currency, decimals=2)} "
        f"{percent(summary.change_pct)}",
        f"findings  {', '.join(f'{number} {word}' for word, number in counted.items())}",
    ]
    return "\n".join(lines)


def basis(inputs: CostInputs, results: CostResults) -> str:
    """Return what kind of cost is compared with what, and how current it is."""
    metric = results.metric.replace("_", " ")
    source = {
        "bill": f"the {metric} of the bill",
        "statement": "the actual costs that the document states",
    }[results.actuals_name]
    words = f"Compared is {source} for **{inputs.period}**, in {results.currency}, as known on "
    words += f"{day(inputs.as_of)}, with "
    words += {
        "estimate": "the estimate.",
        "previous_month": f"{inputs.period.previous_month}, in the same metric.",
        "": "nothing: the snapshot holds no estimate and no earlier month.",
    }[results.baseline_name]
    if inputs.is_bill_synthetic:
        words += (
            " **The daily costs are synthetic**: they give the month a shape and add up to the "
            "stated actuals; no finding rests on a single day of them."
        )
    return words


def waterfall_title(results: CostResults) -> str:
    """Return what the waterfall shows, as a sentence."""
    summary = results.summary
    words = f"{results.change(summary.change)} from "
    words += f"{BASELINE_WORDS[results.baseline_name]} to actual"
    if summary.largest_share_pct is None or summary.change == 0:
        return words
    share = percent(summary.largest_share_pct, 1, signed=False)
    return f"{words}: {share} of it is {summary.largest}"


def effects_sentence(results: CostResults) -> str:
    """Return how much of the movement is explained, and what is not."""
    if not results.baseline_name:
        return "There is no baseline to walk from. With an estimate or an earlier month there is."
    unsplit = results.variance[results.variance["note"] != ""]
    moved = exact_sum(abs(c) for c in results.variance["cost_change"])
    left = exact_sum(abs(c) for c in unsplit["unsplit_effect"])
    if moved == 0:
        return "Nothing moved."
    share = percent((moved - left) / moved * 100, 1, signed=False)
    words = f"**{share} of all movement is explained** by the effects below."
    if left:
        names = listed(sorted(set(unsplit["component"])))
        words += (
            f" {results.money(left)} is not split into quantity and price, because {names} "
            "carry no quantity on both sides; nothing was assumed in its place."
        )
    return words


def variance_sentence(settings: CostSettings, results: CostResults) -> str:
    """Return which components matter, by the materiality lines."""
    if not results.baseline_name:
        return "There is no baseline, so no change to judge; this is where the money went."
    thresholds = settings.thresholds
    material = list(results.components[results.components["is_material"]]["component"])
    lines = (
        f"{results.money(thresholds.material_amount)} and "
        f"{percent(thresholds.material_pct, 1, signed=False)}"
    )
    if not material:
        return f"No component crosses both materiality lines ({lines})."
    verb = "crosses" if len(material) == 1 else "cross"
    return f"**{listed(material)}** {verb} both materiality lines ({lines})."


def days_sentence(inputs: CostInputs, results: CostResults) -> str:
    """Return where the month stands in time."""
    forecast = results.forecast
    if forecast is None:
        return "The snapshot holds no daily costs, so nothing can be said about the month's course."
    kind = "synthetic " if inputs.is_bill_synthetic else ""
    words = f"{count(Decimal(forecast.settled_days))} settled {kind}days"
    words += f" cost {results.money(forecast.run_rate)} each on average."
    if not forecast.days_ahead:
        words += f" The month is over: {results.money(forecast.spent)}, nothing left to forecast."
    elif forecast.forecast is None:
        words += f" No forecast: {forecast.reason}."
    else:
        words += (
            f" With {forecast.days_ahead} days ahead it ends at "
            f"**{results.money(forecast.forecast)}** ({results.money(forecast.low)} to "
            f"{results.money(forecast.high)})."
        )
    for days, what in (
        (forecast.missing_days, "have no charge and count as missing, not as free"),
        (forecast.estimated_days, "are still estimated by the provider"),
    ):
        if days:
            words += f" {counted(len(days), 'day')} {what}: {', '.join(day(d) for d in days[:6])}."
    return words


def price_dates(inputs: CostInputs) -> str:
    """Return how old the price tables are, seen from the day of the snapshot."""
    dates = [
        d
        for frame in (inputs.prices, inputs.commitments, inputs.unit_prices)
        for d in frame["valid_from"]
        if d is not None
    ]
    if not dates:
        return "The price tables carry no date."
    words = f"List prices were read between {day(min(dates))} and {day(max(dates))}"
    if min(dates) > inputs.as_of:
        return f"{words}, all after the day of the snapshot: a price may have changed in between."
    return f"{words}; the snapshot is of {day(inputs.as_of)}."


def bands_note(settings: CostSettings) -> str:
    """Return what the bands of the variance table mean."""
    thresholds = settings.thresholds
    return (
        f"Tolerance {percent(thresholds.tolerance_pct, 0, signed=False)}, limit "
        f"{percent(thresholds.limit_pct, 0, signed=False)} of the baseline. "
        "Explained is the share of the movement that has a named effect."
    )


def effects_title(results: CostResults) -> str:
    """Return what the effects chart shows, as a sentence."""
    return f"The change of {results.change(results.summary.change)} by its reason"


def rates_title(results: CostResults) -> str:
    """Return what the chart of rates shows, as a sentence."""
    odd = [
        r["component"]
        for r in records(results.rates)
        if r["rate_to_list_ratio"] is not None and r["rate_to_list_ratio"] >= 1
    ]
    if odd:
        return f"{listed(odd)}: the line pays more for an hour than on demand"
    return "What an instance-hour costs by the cost line, on demand and committed"


def rate_origins(findings: Sequence[Finding]) -> str:
    """Return where an odd rate comes from, as far as the search could tell."""
    found = [f for f in findings if f.id.startswith("cost.rate_origin.")]
    if not found:
        return "No rate at or above the on-demand price could be traced to other amounts."
    return "\n\n".join(f"**{f.title}.** {f.statement}" for f in found)


def days_title(inputs: CostInputs, results: CostResults) -> str:
    """Return what the daily chart shows, as a sentence."""
    forecast = results.forecast
    assert forecast is not None
    spent = results.money(forecast.spent)
    kind = "Synthetic days" if inputs.is_bill_synthetic else "Daily costs"
    return f"{kind} of {inputs.period} add up to {spent}"
