"""The answer of the notebook on traffic between zones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from prismlib.analyses.cross_az import CrossAzResults, working
from prismlib.analyses.judging import listed
from prismlib.analyses.zone_model import percent_of
from prismlib.analyses.zone_remedies import best_remedy
from prismlib.findings import Finding, Verdict, judge
from prismlib.formats import count, money, percent
from prismlib.narrative.answers import Answer, serious_details
from prismlib.narrative.cross_az import share
from prismlib.report.blocks import KeyFigure, Tone
from prismlib.tables import records

SHOWN = {"traffic.month_cost", "traffic.billed_at_both_ends", "traffic.break_even.budget"}
FIRST = ("traffic.as_built", "traffic.capacity", "traffic.measure", "traffic.break_even.limit")


def cross_az_answer(results: CrossAzResults, findings: Sequence[Finding]) -> Answer:
    """Return the answer of the notebook: what it costs, on what that rests, what would help."""
    by_id = {finding.id: finding for finding in findings}
    figures = [*_cost_figures(results), *_limit_figures(results, by_id), *_failure(results)]
    return Answer(
        _statement(results, by_id),
        figures[:5],
        serious_details(findings, shown=SHOWN, first=FIRST),
    )


def cost_sentence(results: CrossAzResults) -> str:
    """Return what the traffic costs a month, with which share, or why that cannot be said."""
    traffic, chosen = results.traffic, results.chosen
    if traffic is None or chosen is None:
        if results.bill is not None:
            bill = results.bill
            return (
                f"**The bill lists {money(bill.cost, bill.billing_currency)} for traffic between "
                "zones.** Which share of the traffic that is cannot be said."
            )
        return (
            f"**What traffic between zones costs cannot be said**: {_missing(results)}. That is "
            "not a cost of zero."
        )
    cost = money(traffic.both_ends_cost, traffic.currency)
    words = f"**Traffic between zones costs {cost} a month** with {share(chosen.ratio)} crossing, "
    words += f"{chosen.words}."
    listed_on = results.bill
    if listed_on is not None and results.total is not None and results.total.name == "bill":
        amount = money(listed_on.cost, listed_on.billing_currency)
        words += f" The bill lists {amount} for {results.billed}."
    stated = results.at_stated
    if stated is not None:
        words += f" With the stated {share(stated.crossing_ratio)} it would be "
        words += f"{money(stated.both_ends_cost, stated.currency)}."
    return words


def _statement(results: CrossAzResults, by_id: dict[str, Finding]) -> str:
    words, traffic = cost_sentence(results), results.traffic
    if traffic is None:
        return words
    capacity = by_id.get("traffic.capacity")
    if capacity is not None and capacity.verdict is Verdict.INFEASIBLE and capacity.value:
        carried = replace(traffic, total_gb_per_s=capacity.value).both_ends_cost
        words += " **The fleet that runs cannot carry that traffic**: with the "
        words += f"{count(round(capacity.value, 1))} GB/s that it can carry a month costs "
        words += f"{money(carried, traffic.currency)}."
    return words


def _missing(results: CrossAzResults) -> str:
    verb = "is" if len(results.missing) == 1 else "are"
    return f"{listed(list(results.missing))} {verb} not known"


def _cost_figures(results: CrossAzResults) -> list[KeyFigure]:
    traffic, chosen, bill = results.traffic, results.chosen, results.bill
    if traffic is None or chosen is None:
        if bill is None:
            return [KeyFigure("A month", "unknown", _missing(results), "unknown")]
        return [KeyFigure("On the bill", money(bill.cost, bill.billing_currency), "this month")]
    figures = [
        KeyFigure(
            f"A month, {'one end' if results.is_one_end else 'both ends'}",
            money(traffic.both_ends_cost, traffic.currency),
            f"{share(chosen.ratio)} crosses: {chosen.words}",
            "bad" if chosen.name == "as_built" else "neutral",
        )
    ]
    stated, claimed = results.at_stated, results.stated.value("cross_az_month_cost")
    if stated is not None and claimed is not None:
        amount = money(stated.both_ends_cost, stated.currency)
        decimals = results.stated.decimals("cross_az_month_cost")
        verdict = judge(claimed, stated.both_ends_cost, decimals=decimals)
        tone: Tone = "good" if verdict is Verdict.HOLDS else "bad"
        detail = f"both ends; the document says {money(claimed)}"
        figures.append(KeyFigure("At the stated share", amount, detail, tone))
    return figures


def _limit_figures(results: CrossAzResults, by_id: dict[str, Finding]) -> list[KeyFigure]:
    rows = [row for row in records(results.thresholds) if row["threshold_name"].startswith("Limit")]
    figures = []
    if rows and results.chosen is not None:
        limit = rows[0]["both_ends_crossing_pct"]
        is_over = limit is not None and percent_of(results.chosen.ratio) > limit
        figures.append(
            KeyFigure(
                "The decision flips at",
                "never" if limit is None else percent(limit, 3, signed=False),
                f"of the traffic crossing: {rows[0]['threshold_name'].lower()}",
                "bad" if is_over else "good",
            )
        )
    best = best_remedy(results.remedies)
    if best is not None:
        row = next(r for r in records(results.remedies) if r["remedy_name"] == best)
        figures.append(
            KeyFigure(
                "Best remedy, estimated",
                money(row["net_effect"], row["billing_currency"]),
                f"a month net: {best.lower()}",
                "neutral",
            )
        )
    return figures


def _failure(results: CrossAzResults) -> list[KeyFigure]:
    per_hour = results.failure_per_hour
    if per_hour is None or per_hour <= 0 or results.failed_ratio is None or not results.traffic:
        return []
    before = working(results.traffic, results.shares)
    return [
        KeyFigure(
            "An hour of failed placement",
            money(per_hour, results.currency),
            f"more: {share(before.crossing_ratio)} crosses now, {share(results.failed_ratio)} then",
            "neutral",
        )
    ]
