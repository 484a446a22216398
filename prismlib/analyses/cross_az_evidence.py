"""Findings on what the traffic figures rest on: placement, measurement, and what wires carry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from prismlib.analyses.cross_az import CrossAzResults
from prismlib.analyses.cross_az_claims import GB_PER_TB, NOTEBOOK
from prismlib.analyses.judging import counted, evidence, severity_of_amount
from prismlib.analyses.zone_measured import (
    NO_ZONE,
    baseline_gbps,
    burst_gbps,
    capacity_at,
    gb_per_s,
    node_total,
    nodes_needed,
)
from prismlib.analyses.zone_model import ZoneTraffic, percent_of, share_in_words
from prismlib.analyses.zone_topology import concentrations
from prismlib.findings import Finding, Severity, Verdict, judge
from prismlib.formats import count, money, percent
from prismlib.money import divide

BYTES_PER_GB = Decimal(10) ** 9


def evidence_findings(results: CrossAzResults) -> Iterator[Finding]:
    """Yield the findings on placement, measurement, capacity and bytes of an operation."""
    yield from _as_built(results)
    yield from _concentration(results)
    yield from _measured(results)
    yield from _method(results)
    yield from _network_out(results)
    yield from _capacity(results)
    yield from _bytes_of_operation(results)


def _as_built(results: CrossAzResults) -> Iterator[Finding]:
    built, stated = results.at("as_built"), results.shares.get("stated")
    expected = results.expected
    if built is None or expected is None:
        return
    pct = percent_of(built.crossing_ratio)
    claimed = None if stated is None else percent_of(stated.ratio)
    words = f"Where the nodes run, {share_in_words(built.crossing_ratio)} of the traffic must be "
    words += "expected to cross"
    if claimed is not None:
        words += f"; stated is {results.stated.in_percent('cross_az_pct')}"
    words += f". That is {money(built.one_end_cost, built.currency)} a month at one end and "
    words += f"{money(built.both_ends_cost, built.currency)} at both ({expected.assumption})."
    is_worse = claimed is not None and pct > claimed
    yield Finding(
        id="traffic.as_built_share",
        notebook=NOTEBOOK,
        title="Share that crosses as built",
        statement=words,
        severity=severity_of_amount(built.one_end_cost) if is_worse else Severity.INFO,
        verdict=Verdict.CONTRADICTS if is_worse else Verdict.HOLDS,
        value=pct,
        unit="%",
        expected=claimed,
        evidence=evidence("placement", 1, "" if stated is None else stated.source),
    )


def _concentration(results: CrossAzResults) -> Iterator[Finding]:
    if results.layout is None or (results.zones or 1) < 2:
        return
    for one in concentrations(results.layout):
        if one.is_all and one.node_count > 1:
            yield Finding(
                id=f"traffic.one_zone.{one.role}",
                notebook=NOTEBOOK,
                title=f"Every {one.role} in one zone",
                statement=f"{one.words}: the failure of that zone takes all of them at once.",
                severity=Severity.CRITICAL,
                verdict=Verdict.CONTRADICTS,
                value=percent_of(one.node_share),
                unit="%",
                expected=percent_of(Decimal(1) / Decimal(results.zones or 1)),
                evidence=evidence("placement", 1),
            )


def _measured(results: CrossAzResults) -> Iterator[Finding]:
    flows, stated = results.flows, results.shares.get("stated")
    if flows is None or flows.crossing_pct is None:
        if results.shares:
            yield _nothing_measured()
        return
    claimed = None if stated is None else percent_of(stated.ratio)
    decimals = results.stated.decimals("cross_az_pct")
    pct = flows.crossing_pct
    verdict = Verdict.HOLDS if claimed is None else judge(claimed, pct, decimals=decimals)
    words = f"Flow logs of {counted(flows.covered_days, 'day')} show that "
    words += f"{percent(pct, 2, signed=False)} crosses"
    if flows.unknown_gb:
        words += f" ({percent(flows.low_pct, 2, signed=False)} to "
        words += f"{percent(flows.high_pct, 2, signed=False)}, as a zone of some is not known)"
    words += "." if claimed is None else f"; stated is {results.stated.in_percent('cross_az_pct')}."
    yield Finding(
        id="traffic.measured_share",
        notebook=NOTEBOOK,
        title="Share that crosses, measured",
        statement=words,
        severity=Severity.INFO if verdict is Verdict.HOLDS else Severity.HIGH,
        verdict=verdict,
        value=pct,
        unit="%",
        expected=claimed,
        evidence=evidence("zone_flow", flows.covered_days),
        provenance="measured",
    )


def _nothing_measured() -> Finding:
    return Finding(
        id="traffic.measured_share",
        notebook=NOTEBOOK,
        title="Share that crosses, measured",
        statement="Nothing in the snapshot measures it: flow logs with the zones of both ends are "
        "needed. A bill gives an amount, not a share.",
        severity=Severity.HIGH,
        verdict=Verdict.UNKNOWN,
        unit="%",
        evidence=evidence("zone_flow", 0),
    )


def _method(results: CrossAzResults) -> Iterator[Finding]:
    row = results.stated.rows.get("cross_az_method")
    if row is None:
        return
    nodes = node_total(results.capacity)
    of = f" It was read from one instance of {count(nodes)}." if nodes else ""
    yield Finding(
        id="traffic.measurement_method",
        notebook=NOTEBOOK,
        title="How the share was measured",
        statement=f"{NO_ZONE}.{of} Flow logs with zones, or the usage types on the bill, can.",
        severity=Severity.HIGH,
        verdict=Verdict.INFEASIBLE,
        value=divide(Decimal(100), nodes) if nodes else None,
        unit="%",
        evidence=evidence("claim", 1, str(row["source"])),
    )


def _network_out(results: CrossAzResults) -> Iterator[Finding]:
    seen = results.network_out
    if not seen.seen_count:
        return
    words = f"{NO_ZONE}. "
    words += f"{count(seen.complete_count)} of {count(seen.known_count)} instances have it without "
    words += f"gaps: {seen.reason}."
    if seen.upper_bound_gb is not None:
        words += f" Traffic between zones is at most {count(round(seen.upper_bound_gb))} GB."
    yield Finding(
        id="traffic.network_out",
        notebook=NOTEBOOK,
        title="What CloudWatch can conclude",
        statement=words,
        severity=Severity.LOW,
        verdict=Verdict.UNKNOWN,
        value=seen.upper_bound_gb,
        unit="GB",
        evidence=evidence("metric_series", seen.seen_count),
        provenance="measured",
    )


def _capacity(results: CrossAzResults) -> Iterator[Finding]:
    """Yield whether the network of the running nodes could carry the traffic."""
    traffic, nodes = results.traffic, node_total(results.capacity)
    baseline, burst = baseline_gbps(results.capacity), burst_gbps(results.capacity)
    if traffic is None or not nodes or baseline is None:
        return
    most, total = gb_per_s(burst or baseline), traffic.total_gb_per_s
    each = _gbps_of_a_node(results, baseline / nodes, (burst or baseline) / nodes)
    used = gb_per_s(capacity_at(results.capacity, each))
    verdict = Verdict.INFEASIBLE if total > most else Verdict.CONTRADICTS
    if total <= min(used, gb_per_s(baseline)):
        verdict = Verdict.HOLDS
    words = f"{count(nodes)} nodes carry {count(round(used, 1))} GB/s at {count(round(each, 2))} "
    words += f"Gbit/s each, {count(round(gb_per_s(baseline), 2))} GB/s at the bandwidth they can "
    words += f"keep up and {count(round(most, 1))} GB/s in a burst; the traffic is {count(total)} "
    words += f"GB/s.{_beyond(results, traffic, used, each)}"
    yield Finding(
        id="traffic.capacity",
        notebook=NOTEBOOK,
        title="What the network can carry",
        statement=words,
        severity=Severity.INFO if verdict is Verdict.HOLDS else Severity.CRITICAL,
        verdict=verdict,
        value=used,
        unit="GB/s",
        expected=total,
        evidence=evidence("fleet_capacity", len(results.capacity), *results.capacity["source"]),
    )


def _gbps_of_a_node(results: CrossAzResults, baseline: Decimal, burst: Decimal) -> Decimal:
    """Return the stated bandwidth of a node, at most that of a burst; else what it can keep up."""
    stated = results.stated.value("network_gbps")
    return min(stated, burst) if stated else baseline


def _beyond(results: CrossAzResults, traffic: ZoneTraffic, used: Decimal, each: Decimal) -> str:
    """Return what it would take, and what it would cost at most; "" when the nodes carry it."""
    total = traffic.total_gb_per_s
    if total <= used:
        return ""
    then = replace(traffic, total_gb_per_s=used).both_ends_cost
    words = f" At that bandwidth it takes {count(nodes_needed(total, each))} nodes; with as much "
    words += f"as these carry, a month costs {money(then, traffic.currency)}."
    crossing = results.stated.value("cross_az_gb_per_s")
    if crossing is not None and used and results.total and results.total.name == "stated":
        words += " What is said to cross would be "
        words += f"{percent(crossing / used * 100, 0, signed=False)} of all that they carry."
    return words


def _bytes_of_operation(results: CrossAzResults) -> Iterator[Finding]:
    values = results.stated.values("operations_per_s", "total_tb_per_s", "network_gbps")
    nodes = node_total(results.capacity)
    if values is None or not values[0] or not nodes:
        return
    operations, total, stated_gbps = values
    burst = burst_gbps(results.capacity)
    gbps = stated_gbps if burst is None else min(stated_gbps, burst / nodes)
    needed = total * GB_PER_TB * BYTES_PER_GB / operations
    carried = gb_per_s(capacity_at(results.capacity, gbps)) * BYTES_PER_GB / operations
    verdict = Verdict.HOLDS if needed <= carried else Verdict.CONTRADICTS
    yield Finding(
        id="traffic.bytes_per_operation",
        notebook=NOTEBOOK,
        title="Bytes of an operation",
        statement=f"The stated traffic is {count(round(needed, 1))} bytes for each of the stated "
        f"operations; what the nodes carry at the stated bandwidth leaves "
        f"{count(round(carried, 1))}.",
        severity=Severity.INFO if verdict is Verdict.HOLDS else Severity.HIGH,
        verdict=verdict,
        value=carried,
        unit="bytes",
        expected=needed,
        evidence=evidence("claim", 3, results.stated.source("operations_per_s")),
    )
