"""Findings on the quantities that a document states: objects, deltas, snapshots, a day."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from prismlib.analyses.implied_rates import find_price
from prismlib.analyses.judging import counted, evidence
from prismlib.analyses.lifecycle import LifecycleResults
from prismlib.analyses.lifecycle_claims import NOTEBOOK, claimed_case
from prismlib.analyses.lifecycle_inputs import LifecycleInputs
from prismlib.findings import Finding, Severity, Verdict
from prismlib.formats import count, money, percent
from prismlib.tables import records

MONTH_DAYS = 30
"""Days of a month as the document counts them."""
GIB_GB = Decimal(2**30) / 10**9


def quantity_findings(inputs: LifecycleInputs, results: LifecycleResults) -> Iterator[Finding]:
    """Yield every finding on a stated quantity."""
    yield from _per_day(results)
    yield from _mean_object(results)
    yield from _delta_share(results)
    yield from _snapshot_per_node(inputs, results)


def _per_day(results: LifecycleResults) -> Iterator[Finding]:
    """Yield what waiting costs where the proposed rules must not be applied."""
    claimed, case = results.stated.value("cold_saving"), claimed_case(results)
    if claimed is None or case is None or case.is_allowed:
        return
    daily = claimed / MONTH_DAYS
    yield Finding(
        id="lifecycle.saving_per_day",
        notebook=NOTEBOOK,
        title="What a day without the rules costs",
        statement=f"The stated saving is {money(daily, decimals=2)} a day. The rules that are to "
        "bring it must not be applied, so to wait for better ones costs little and to apply them "
        "costs the data: the gap is no reason to hold a launch, its remedy is.",
        severity=Severity.HIGH,
        verdict=Verdict.CONTRADICTS,
        value=daily,
        unit=results.currency,
        evidence=evidence("claim", 1, results.stated.source("cold_saving")),
    )


def _mean_object(results: LifecycleResults) -> Iterator[Finding]:
    values = results.stated.values("cold_tier_gb", "partition_count")
    if values is None or not values[1]:
        return
    gigabytes, number = values
    mean = gigabytes / number
    words = f"{count(gigabytes)} GB in {counted(number, 'partition')} are {count(mean)} GB each"
    vertices = results.stated.value("vertex_count")
    if vertices:
        words += f": {count(vertices / number)} vertices of "
        words += f"{count(round(gigabytes * 10**9 / vertices))} bytes"
    held = results.held
    agrees = held is None or held.stored_objects == number
    if not agrees and held is not None:
        words += f". The snapshot holds {counted(held.stored_objects, 'object')}"
    yield Finding(
        id="lifecycle.mean_object",
        notebook=NOTEBOOK,
        title="Mean size of a partition",
        statement=words + ".",
        severity=Severity.INFO if agrees else Severity.MEDIUM,
        verdict=Verdict.HOLDS if agrees else Verdict.CONTRADICTS,
        value=mean,
        unit="GB",
        evidence=evidence("claim", 2, results.stated.source("partition_count")),
    )


def _delta_share(results: LifecycleResults) -> Iterator[Finding]:
    values = results.stated.values("delta_gb_per_day", "cold_tier_gb")
    if values is None or not values[1]:
        return
    delta, whole = values
    pct = delta / whole * 100
    yield Finding(
        id="lifecycle.delta_share",
        notebook=NOTEBOOK,
        title="Deltas against the cold tier",
        statement=f"Deltas of {count(delta)} GB a day are {percent(pct, 1, signed=False)} of the "
        f"{count(whole)} GB of the cold tier.",
        severity=Severity.INFO,
        verdict=Verdict.HOLDS,
        value=pct,
        unit="%",
        evidence=evidence("claim", 2, results.stated.source("delta_gb_per_day")),
    )


def _largest_memory(inputs: LifecycleInputs) -> dict[str, Any] | None:
    """Return the row of the fleet whose instances have the most memory, with `memory_gb` added."""
    found = []
    for row in [] if inputs.fleet is None else records(inputs.fleet):
        price = find_price(inputs.instance_prices, row["instance_type"], row["region_id"])
        if price is not None and price["memory_gib"] and row["deployed_count"]:
            found.append({**row, "memory_gb": price["memory_gib"] * GIB_GB})
    return max(found, key=lambda row: row["memory_gb"], default=None)


def _snapshot_per_node(inputs: LifecycleInputs, results: LifecycleResults) -> Iterator[Finding]:
    """Yield whether the nodes could hold in memory what their snapshots of a day hold."""
    values = results.stated.values("snapshot_gb", "snapshot_days")
    node = _largest_memory(inputs)
    if values is None or node is None or not values[1]:
        return
    gigabytes, days = values
    daily = gigabytes / days
    per_node = daily / node["deployed_count"]
    fits = per_node <= node["memory_gb"]
    words = (
        f"{count(gigabytes)} GB of snapshots kept for {counted(days, 'day')} are {count(daily)} GB "
        f"a day: {count(per_node)} GB for each of {count(node['deployed_count'])} nodes that run, "
        f"whose memory is {count(round(node['memory_gb'], 1))} GB"
    )
    if node["expected_count"] and not fits:
        words += f"; over the {count(node['expected_count'])} nodes of the design it would be "
        words += f"{count(daily / node['expected_count'])} GB"
    yield Finding(
        id="lifecycle.snapshot_per_node",
        notebook=NOTEBOOK,
        title="Snapshots against the nodes that run",
        statement=words + ".",
        severity=Severity.INFO if fits else Severity.MEDIUM,
        verdict=Verdict.HOLDS if fits else Verdict.CONTRADICTS,
        value=per_node,
        unit="GB",
        expected=None if fits else node["memory_gb"],
        evidence=evidence("claim", 2, results.stated.source("snapshot_gb"), node["source"]),
    )
