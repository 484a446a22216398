"""Findings on monitoring and topology: targets, slots, alerts, dashboards."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from prismlib.analyses.judging import counted
from prismlib.analyses.launch_judging import agreed, finding, sources
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.analyses.remedies import TARGET_PART
from prismlib.findings import Finding, Severity, Verdict
from prismlib.formats import count, percent
from prismlib.money import exact_sum
from prismlib.readiness_tables import CHECKLIST_ITEM
from prismlib.tables import check, records

HUNDRED = Decimal(100)


def target_findings(results: LaunchResults) -> Iterator[Finding]:
    """Yield the findings on each pair of stated figures that are both there."""
    yield from _shards(results)
    yield from _scraped(results)
    yield from _coverage(results)
    yield from _reachable(results)
    yield from _checklist(results)
    yield from _zones(results)
    yield from _sent(results)
    yield from _dashboards(results)


def _shards(results: LaunchResults) -> Iterator[Finding]:
    names = ("ready.shards", "ready.nodes_per_shard", "ready.nodes")
    values = results.stated.values(*names)
    slots = results.stated.values("ready.slots", "ready.slots_per_shard", "ready.shards")
    if values is None:
        return
    shards, each, nodes = values
    words = f"{count(shards)} shards of {count(each)} nodes are {count(shards * each)} nodes"
    is_fine = shards * each == nodes
    if slots is not None:
        words += f"; {count(slots[0])} slots are {count(slots[0] / slots[2])} a shard"
        is_fine = is_fine and slots[0] == slots[1] * slots[2]
    yield finding(
        "targets.shards",
        "Shards, nodes and slots",
        f"{words}.",
        Severity.INFO if is_fine else Severity.HIGH,
        Verdict.HOLDS if is_fine else Verdict.CONTRADICTS,
        value=shards * each,
        unit="nodes",
        expected=nodes,
        rows=3,
        source=results.stated.source("ready.shards"),
    )


def _scraped(results: LaunchResults) -> Iterator[Finding]:
    names = ("ready.targets_scraped", "ready.targets", "ready.targets_scraped_pct")
    values = results.stated.values(*names)
    if values is None:
        return
    scraped, expected, claimed = values
    share = scraped / expected * HUNDRED
    severity, verdict = agreed(claimed, share, 0, wrong=Severity.MEDIUM)
    yield finding(
        "targets.scraped",
        "Targets that are scraped",
        f"{count(scraped)} of {count(expected)} are {percent(share, 0, signed=False)}; "
        f"{count(expected - scraped)} are missing.",
        severity,
        verdict,
        value=share,
        unit="%",
        expected=claimed,
        rows=3,
        source=results.stated.source("ready.targets"),
    )


def _coverage(results: LaunchResults) -> Iterator[Finding]:
    """Yield the same against all the targets that the document lists."""
    stated, parts = results.stated, results.stated.of_kind(TARGET_PART)
    scraped, expected = stated.value("ready.targets_scraped"), stated.value("ready.targets")
    if scraped is None or expected is None or not parts:
        return
    whole = exact_sum([row["stated_value"] for row in parts])
    words = f"The targets that are listed are {count(whole)}, not {count(expected)}: "
    words += f"{percent(scraped / whole * HUNDRED, 1, signed=False)} of them are scraped and "
    words += f"{count(whole - scraped)} are missing, not {count(expected - scraped)}."
    is_fine = whole == expected
    yield finding(
        "targets.coverage",
        "Targets that there should be",
        words if not is_fine else f"The targets that are listed are {count(whole)}.",
        Severity.INFO if is_fine else Severity.HIGH,
        Verdict.HOLDS if is_fine else Verdict.CONTRADICTS,
        value=whole,
        unit="targets",
        expected=expected,
        rows=len(parts) + 2,
        source=sources(row["source"] for row in parts),
    )


def _reachable(results: LaunchResults) -> Iterator[Finding]:
    """Yield how many targets the nodes that run can have: more cannot have been scraped."""
    stated, fleet = results.stated, results.known.inputs.fleet
    scraped = stated.value("ready.targets_scraped")
    parts = {row["claim_id"].rsplit(".", 1)[-1]: row for row in stated.of_kind(TARGET_PART)}
    if fleet is None or scraped is None or not parts:
        return
    rows = [row for row in records(fleet) if row["deployed_count"] is not None]
    instances = [r for r in rows if r["resource_name"] == "instance"]
    databases = [r for r in rows if r["resource_name"] == "database instance"]
    if not instances:
        return
    running = sum(row["deployed_count"] for row in instances)
    most = running * 2 + sum(max(r["deployed_count"], r["expected_count"] or 0) for r in databases)
    is_over = scraped > most
    yield finding(
        "targets.reachable",
        "Targets that can be there",
        f"{count(running)} instances run, each with an exporter of its own and one of its node: "
        f"with the databases at most {count(most)} targets, and {count(scraped)} are said to be "
        "scraped.",
        Severity.HIGH if is_over else Severity.INFO,
        Verdict.CONTRADICTS if is_over else Verdict.HOLDS,
        value=most,
        unit="targets",
        expected=scraped,
        table="fleet",
        rows=len(rows),
        source=sources(row["source"] for row in rows),
    )


def _checklist(results: LaunchResults) -> Iterator[Finding]:
    """Yield figures of the checklist that are not those of the required state."""
    frame = results.known.inputs.tables.get("checklist_item")
    total = results.stated.value("ready.targets_total")
    rows = [] if frame is None else records(check(frame, CHECKLIST_ITEM))
    for row in rows:
        if row["unit"] != "targets" or row["needed_value"] is None or total is None:
            continue
        severity, verdict = agreed(row["needed_value"], total, 0, wrong=Severity.MEDIUM)
        yield finding(
            "targets.checklist",
            "Targets that the checklist asks for",
            f"The checklist is ticked at {count(row['needed_value'])} targets; the required state "
            f"is {count(total)}.",
            severity,
            verdict,
            value=total,
            unit="targets",
            expected=row["needed_value"],
            table="checklist_item",
            source=row["source"],
        )


def _zones(results: LaunchResults) -> Iterator[Finding]:
    values = results.stated.values("ready.targets_total", "zones", "ready.targets_per_zone")
    if values is None:
        return
    total, zones, claimed = values
    severity, verdict = agreed(claimed, total / zones, 0, wrong=Severity.LOW)
    yield finding(
        "targets.per_zone",
        "Targets of a zone",
        f"{count(total)} in {count(zones)} zones are {count(round(total / zones, 2))} each; stated "
        f"are {count(claimed)}.",
        severity,
        verdict,
        value=total / zones,
        unit="targets",
        expected=claimed,
        rows=3,
        source=results.stated.source("ready.targets_per_zone"),
    )


def _sent(results: LaunchResults) -> Iterator[Finding]:
    rules, sent = results.stated.value("ready.rules_now"), results.stated.rows
    claim = sent.get("ready.alerts_sent_to")
    if rules is None or claim is None:
        return
    is_wrong = rules == 0
    yield finding(
        "targets.alerts",
        "Alerts without rules",
        f"{counted(rules, 'rule')} are defined, and “{claim['statement']}”. "
        + ("Without a rule no alert is sent anywhere." if is_wrong else "Both can be so."),
        Severity.LOW if is_wrong else Severity.INFO,
        Verdict.CONTRADICTS if is_wrong else Verdict.HOLDS,
        rows=2,
        source=claim["source"],
    )


def _dashboards(results: LaunchResults) -> Iterator[Finding]:
    names = ("ready.dashboards_there", "ready.dashboards_missing", "ready.dashboards")
    values = results.stated.values(*names)
    if values is None:
        return
    there, missing, whole = values
    severity, verdict = agreed(whole, there + missing, 0, wrong=Severity.LOW)
    yield finding(
        "targets.dashboards",
        "Dashboards",
        f"{count(there)} and {count(missing)} missing are {count(there + missing)}.",
        severity,
        verdict,
        value=there + missing,
        unit="dashboards",
        expected=whole,
        rows=3,
        source=results.stated.source("ready.dashboards"),
    )
