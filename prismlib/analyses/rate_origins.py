"""Findings on where an odd hourly rate comes from.

`prismlib.analyses.implied_rates.explain_rate` returns every exact reading of a cost line; several
can fit, most of them by chance. What tells them apart is support from elsewhere: an amount taken
out is supported if a document says that it sits in this line, or if the stated total of its table
leaves it out (so it must be counted in another line); a list price is supported if a document says
that the line was built on it. A reading that nothing supports is reported as unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from prismlib.analyses.cost_inputs import CostInputs
from prismlib.analyses.cost_totals import parts_of
from prismlib.analyses.cost_variance import CostResults
from prismlib.analyses.implied_rates import (
    RateReading,
    explain_rate,
    find_price,
    next_size_up,
    sized_fleets,
)
from prismlib.analyses.judging import evidence, listed, severity_of_amount, worse
from prismlib.analyses.reconcile import Part, reconcile_total
from prismlib.findings import Finding, Severity, Verdict, slug
from prismlib.formats import money, percent, rate

NOTEBOOK = "cost_variance"


@dataclass(frozen=True)
class _Support:
    """What other evidence says of a line: amounts inside it, and the prices it was built on."""

    parts: frozenset[Part]
    prices: dict[Decimal, str]

    def of(self, reading: RateReading) -> tuple[int, int]:
        """Return how much supports a reading: of its amounts, and of its price."""
        return (
            sum(part in self.parts for part in reading.removed),
            int(reading.list_usd_per_hour in self.prices),
        )


def rate_origin_findings(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    """Yield the best reading of each line that implies the on-demand price or more."""
    if inputs.fleet is None:
        return
    is_estimate = results.baseline_name == "estimate"
    lines = parts_of(results, "baseline_cost" if is_estimate else "current_cost")
    costs = {part.name: part.amount for part in lines}
    for fleet in sized_fleets(inputs.fleet):
        component, cost = fleet["component"], costs.get(fleet["component"])
        price = find_price(inputs.prices, fleet["instance_type"], fleet["region_id"])
        hours = fleet["expected_count"] * fleet["hours_per_month"]
        if cost is None or price is None or cost < price["usd_per_hour"] * hours:
            continue
        allowances = _allowances(results, component)
        others = [part for part in lines if part.name != component]
        readings = explain_rate(fleet, cost, others + allowances, inputs.prices)
        if not readings or not readings[0].removed:
            continue
        claim_id = "estimate_total" if is_estimate else "actual_total"
        support = _Support(
            frozenset(allowances) | _left_out(results, claim_id, lines),
            _model_rates(results, component),
        )
        yield _rate_origin(inputs, fleet, readings, support)


def _allowances(results: CostResults, component: str) -> list[Part]:
    return [
        Part(claim["statement"], claim["stated_value"])
        for claim in results.stated.of_kind("allowance")
        if claim["component"] == component
    ]


def _left_out(results: CostResults, claim_id: str, lines: list[Part]) -> frozenset[Part]:
    """Return the lines that the stated total of their table exactly leaves out."""
    claimed = results.stated.value(claim_id)
    if claimed is None:
        return frozenset()
    explanation = reconcile_total(claimed, lines)
    is_omission = explanation.residual > 0 and explanation.is_exact
    return frozenset(explanation.lines if is_omission else ())


def _model_rates(results: CostResults, component: str) -> dict[Decimal, str]:
    return {
        claim["stated_value"]: claim["source"]
        for claim in results.stated.of_kind("model_rate")
        if claim["component"] == component
    }


def _rate_origin(
    inputs: CostInputs, fleet: dict[str, Any], readings: list[RateReading], support: _Support
) -> Finding:
    own, region = fleet["instance_type"], fleet["region_id"]
    bigger = next_size_up(inputs.prices, own, region)
    reading = max(readings, key=lambda r: (*support.of(r), r.instance_type in (bigger, own)))
    own_price = find_price(inputs.prices, own, region)
    assert own_price is not None
    hours = fleet["expected_count"] * fleet["hours_per_month"]
    at_own_price = own_price["usd_per_hour"] * reading.share * hours
    is_supported = support.of(reading)[0] > 0
    others = {r.removed for r in readings} - {reading.removed}
    words = _words(reading, own, bigger, support)
    if at_own_price != reading.remaining:
        words += (
            f" At the list price of {own} the same share is {money(at_own_price)}: the line is "
            f"{money(reading.remaining - at_own_price)} a month too high."
        )
    if is_supported:
        words += " What was taken out and is a line of its own is counted twice."
    else:
        words += " Nothing else points to it: it can be chance."
    if others:
        words += " Another subtraction fits too, with less to support it."
    return Finding(
        id=f"cost.rate_origin.{slug(fleet['component'])}",
        notebook=NOTEBOOK,
        title=f"{fleet['component']}: where the rate comes from",
        statement=words,
        severity=worse(severity_of_amount(reading.remaining - at_own_price), Severity.HIGH)
        if is_supported
        else Severity.MEDIUM,
        verdict=Verdict.CONTRADICTS if is_supported else Verdict.UNKNOWN,
        value=at_own_price,
        unit="USD",
        expected=reading.remaining,
        evidence=evidence(
            "instance_price", len(readings), fleet["source"], *support.prices.values()
        ),
    )


def _words(reading: RateReading, own: str, bigger: str, support: _Support) -> str:
    removed = listed([f"{p.name} ({money(p.amount)})" for p in reading.removed])
    of = reading.instance_type + (", the next size up" if reading.instance_type == bigger else "")
    words = (
        f"Take out {removed} and {money(reading.remaining)} is left: exactly "
        f"{percent(reading.share * 100, 0, signed=False)} of the on-demand price of {of} "
        f"({rate(reading.list_usd_per_hour, decimals=3)})"
    )
    if reading.list_usd_per_hour in support.prices:
        words += f", the rate given for {own} in {support.prices[reading.list_usd_per_hour]}"
    return words + "."
