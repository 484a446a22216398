"""Findings on the hourly rate that a cost line implies."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from prismlib.analyses.cost_variance import CostResults
from prismlib.analyses.judging import evidence, listed, severity_of_amount
from prismlib.findings import Finding, Severity, Verdict, slug
from prismlib.formats import count, money, percent, rate
from prismlib.tables import records

NOTEBOOK = "cost_variance"


def rate_findings(results: CostResults) -> Iterator[Finding]:
    """Yield the rate of each fleet, and whether reserved rates share a basis."""
    yield from _rates(results)
    yield from _rate_consistency(results)


def _rates(results: CostResults) -> Iterator[Finding]:
    for row in records(results.rates):
        implied, on_demand = row["implied_usd_per_hour"], row["list_usd_per_hour"]
        verdict, words = _judge_rate(row)
        yield Finding(
            id=f"cost.implied_rate.{slug(row['component'])}",
            notebook=NOTEBOOK,
            title=f"{row['component']}: implied rate",
            statement=f"{money(row['cost'])} over {count(row['expected_count'])} "
            f"{row['instance_type']} and {count(row['hours_per_month'])} h is {rate(implied)} "
            f"each; {words}",
            severity=_rate_severity(row, verdict),
            verdict=verdict,
            value=implied,
            unit="USD/h",
            expected=on_demand,
            evidence=evidence("instance_price", 1, "data/reference/instance_price.csv"),
        )


def _judge_rate(row: dict[str, Any]) -> tuple[Verdict, str]:
    implied, on_demand = row["implied_usd_per_hour"], row["list_usd_per_hour"]
    committed, inferred = row["committed_usd_per_hour"], row["inferred_usd_per_hour"]
    if on_demand is None or implied is None:
        return Verdict.UNKNOWN, f"{row['note']}, so it cannot be judged."
    share = percent(row["rate_to_list_ratio"] * 100, 1, signed=False)
    words = f"that is {share} of the on-demand price of {rate(on_demand)}"
    if "reserved" in row["component"].lower() and implied >= on_demand:
        return Verdict.CONTRADICTS, words + ", so it is no reserved rate."
    if committed is None:
        return Verdict.UNKNOWN, words + "; no committed rate is sourced to compare with."
    if implied >= committed:
        return (
            Verdict.HOLDS,
            words + f", not below the lowest sourced commitment, {rate(committed)}.",
        )
    words += f", below the lowest sourced commitment ({rate(committed)})"
    if inferred is not None and implied >= inferred:
        return (
            Verdict.UNKNOWN,
            f"{words} but above the lowest that is only inferred ({rate(inferred)}). A longer term "
            "could sell it; its contract or a sourced rate for that term is needed.",
        )
    return Verdict.NOT_REPRODUCIBLE, words + ": no known commitment sells it."


def _rate_severity(row: dict[str, Any], verdict: Verdict) -> Severity:
    if verdict is Verdict.HOLDS:
        return Severity.INFO
    reference = row["committed_usd_per_hour"]
    if verdict is Verdict.UNKNOWN or reference is None:
        return Severity.MEDIUM
    hours = row["expected_count"] * row["hours_per_month"]
    return severity_of_amount((row["implied_usd_per_hour"] - reference) * hours)


def _rate_consistency(results: CostResults) -> Iterator[Finding]:
    rows = [r for r in records(results.rates) if r["rate_to_list_ratio"] is not None]
    reserved = [r for r in rows if "reserved" in r["component"].lower()]
    if len(reserved) < 2:
        return
    ratios = [r["rate_to_list_ratio"] for r in reserved]
    spread = max(ratios) - min(ratios)
    if spread <= Decimal("0.1"):
        return
    words = listed(
        [
            f"{r['component']} {percent(r['rate_to_list_ratio'] * 100, 1, signed=False)}"
            for r in reserved
        ]
    )
    low, high = min(ratios) * 100, max(ratios) * 100
    yield Finding(
        id="cost.reserved_rates_consistent",
        notebook=NOTEBOOK,
        title="Reserved rates on different bases",
        statement=f"Lines that are called reserved pay different shares of list: {words}. "
        "Under one discount they would be alike.",
        severity=Severity.HIGH,
        verdict=Verdict.CONTRADICTS,
        value=high,
        unit="%",
        expected=low,
        evidence=evidence("implied_rate", len(reserved)),
    )
