"""The sentences of the cost variance notebook: every number in them is computed.

Each function turns results into what a lead reads above or below a chart; a notebook prints them
with `prismlib.report.display`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from prismlib.analyses.bill_findings import against_whole
from prismlib.analyses.cost_comparison import CostComparison
from prismlib.analyses.cost_inputs import CostInputs, CostSettings
from prismlib.analyses.cost_variance import CostResults
from prismlib.analyses.decomposition import NOT_SPLIT
from prismlib.analyses.forecast import Forecast
from prismlib.analyses.judging import counted, listed
from prismlib.analyses.variance import effect_totals
from prismlib.charts.cost_variance import EFFECT_LABELS
from prismlib.findings import Finding
from prismlib.formats import day, money, named, percent, signed_money
from prismlib.tables import records

BASELINE_WORDS = {"estimate": "estimate", "previous_month": "month before", "": "baseline"}


def seen_words(inputs: CostInputs, results: CostResults) -> str:
    """Return the days that are compared: the month, or its part that is over."""
    if results.seen == inputs.period:
        return str(inputs.period)
    last = day(results.seen.end - timedelta(days=1))
    return last if results.seen.days == 1 else f"{day(results.seen.start)} to {last}"


def baseline_words(inputs: CostInputs, results: CostResults) -> str:
    """Return what the costs are compared with, in words."""
    words = {"estimate": "the estimate", "previous_month": "the month before"}
    name = words[results.baseline_name]
    return name if results.seen == inputs.period else f"{name} for the same days"


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
    words = f"This page compares {source} for **{seen_words(inputs, results)}**, in "
    words += f"{results.currency}, as known on {day(inputs.as_of)}, with "
    words += (
        f"{baseline_words(inputs, results)}."
        if results.baseline_name
        else ("nothing: the snapshot holds no estimate and no earlier month.")
    )
    if results.seen != inputs.period and results.baseline_name == "estimate":
        words += " The month is not over, so the estimate is taken in proportion to its days."
    if inputs.is_bill_synthetic:
        words += (
            " **The daily costs are synthetic**: they give the month a shape; no finding rests on "
            "a single day of them."
        )
    return words


def waterfall_title(results: CostComparison) -> str:
    """Return what the waterfall shows, as a sentence."""
    summary = results.summary
    words = (
        f"{results.change(summary.change)} from {BASELINE_WORDS[results.baseline_name]} to actual"
    )
    if summary.largest_change == 0:
        return words
    if summary.largest_share_pct is None:
        return f"{words}: {summary.largest} alone is {results.change(summary.largest_change)}"
    share = percent(summary.largest_share_pct, 1, signed=False)
    return f"{words}: {share} of it is {summary.largest}"


def effects_sentence(results: CostResults) -> str:
    """Return what the change is made of, and what could not be split."""
    if not results.baseline_name:
        return "There is no baseline to walk from. With an estimate or an earlier month there is."
    effects = {name: amount for name, amount in effect_totals(results.variance).items() if amount}
    if not effects:
        return "Nothing changed in total."
    parts = [
        f"{results.change(effects[name])} {_within_sentence(EFFECT_LABELS[name])}"
        for name in sorted(effects, key=lambda name: -abs(effects[name]))
    ]
    words = f"**The change of {results.change(results.summary.change)} is {listed(parts)}.**"
    unsplit = sorted(set(results.variance[results.variance["note"] == NOT_SPLIT]["component"]))
    if unsplit:
        shown = listed([*unsplit[:5], f"{len(unsplit) - 5} more"] if len(unsplit) > 6 else unsplit)
        words += (
            f" The change of {shown} is not split into quantity and price: there is no quantity "
            "in one unit on both sides, and none was assumed."
        )
    return words + _negations(results, effects)


def _within_sentence(label: str) -> str:
    return label[0].lower() + label[1:]


def _negations(results: CostResults, effects: dict[str, Decimal]) -> str:
    """Return what negations are, where there are some: they look like a saving and are none."""
    if "negation_effect" not in effects:
        return ""
    amount = results.change(effects["negation_effect"])
    return (
        f" The negations ({amount}) take back usage of the same bill that Savings Plans have "
        "paid for: they are no credit, and belong to the cost of the component that used it."
    )


def variance_sentence(settings: CostSettings, results: CostComparison) -> str:
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
        if results.bill is None:
            return "The snapshot holds no bill, so nothing can be said of the month's course."
        return "The bill gives whole months, not days: it says nothing of the month's course."
    words = _run_rate(inputs, results, forecast) + _month_end(results, forecast)
    for days, what in (
        (forecast.missing_days, "without a charge, counted as missing and not as free"),
        (forecast.estimated_days, "still estimated by the provider"),
    ):
        if days:
            shown = named([day(one) for one in days], 6)
            words += f" {counted(len(days), 'day')} {what}: {shown}."
    return words


def _run_rate(inputs: CostInputs, results: CostResults, forecast: Forecast) -> str:
    if forecast.run_rate is None:
        return ""
    noun = "synthetic day" if inputs.is_bill_synthetic else "day"
    days = counted(forecast.settled_days, noun)
    return f"{days} of usage cost {results.money(forecast.run_rate)} each on average. "


def _month_end(results: CostResults, forecast: Forecast) -> str:
    spent = results.money(forecast.spent)
    if not forecast.days_ahead:
        return f"The month is over: {spent}, nothing left to forecast."
    if forecast.forecast is None:
        return f"{spent} so far. No forecast: {forecast.reason}."
    ahead = counted(forecast.days_ahead, "day")
    words = (
        f"{spent} so far; with {ahead} ahead the month ends at "
        f"**{results.money(forecast.forecast)}** ({results.money(forecast.low)} to "
        f"{results.money(forecast.high)})"
    )
    return f"{words}{against_whole(results)}."


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
        f"Up to {percent(thresholds.tolerance_pct, 0, signed=False)} of the baseline is tolerated; "
        f"above {percent(thresholds.limit_pct, 0, signed=False)} the decision is stopped. Reason "
        "known is the share of a change, up and down, that has a named effect; that a line is new "
        "is a reason, not an excuse."
    )


def effects_title(results: CostComparison) -> str:
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
