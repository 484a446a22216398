"""Findings on what a document says around recovery: figures that have to agree with each other."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from prismlib.analyses.dr_inputs import DrInputs, stated_s
from prismlib.analyses.dr_judging import clock, finding
from prismlib.analyses.dr_timeline import DrResults
from prismlib.analyses.judging import counted
from prismlib.analyses.stated import Stated
from prismlib.findings import Finding, Severity, Verdict, judge
from prismlib.formats import count, percent
from prismlib.tables import records

GB_PER_TB = Decimal(1000)
GIB_PER_GB = Decimal(2**30) / 10**9
MONTHS_PER_YEAR, DAYS_PER_YEAR = Decimal(12), Decimal(365)


def claim_findings(inputs: DrInputs, results: DrResults) -> Iterator[Finding]:
    """Yield the findings on each pair of stated figures that are both there."""
    stated = results.stated
    yield from _data(stated)
    yield from _memory(inputs, results)
    yield from _unique(stated)
    yield from _lag(stated)
    yield from _ready(stated)
    yield from _response_order(stated)
    yield from _frequency(stated)
    yield from _two_targets(results)
    yield from _replication(stated)


def _data(stated: Stated) -> Iterator[Finding]:
    values = stated.values("dr_nodes", "dr_gb_per_node", "dr_total_tb")
    if values is None:
        return
    nodes, each, total = values
    product = nodes * each / GB_PER_TB
    verdict = judge(total, product, decimals=stated.decimals("dr_total_tb"))
    words = f"{count(nodes)} nodes of {count(each)} GB hold {count(product)} TB; stated is "
    words += f"{count(total)} TB."
    yield finding(
        "data_loaded",
        "How much data is loaded",
        words,
        Severity.INFO if verdict is Verdict.HOLDS else Severity.HIGH,
        verdict,
        value=product,
        unit="TB",
        expected=total,
        table="claim",
        rows=3,
        source=stated.source("dr_total_tb"),
    )


def _memory(inputs: DrInputs, results: DrResults) -> Iterator[Finding]:
    """Yield whether the data of a node fits the stated use of its memory."""
    each, claimed = (results.stated.value(name) for name in ("dr_gb_per_node", "memory_pct"))
    steps = () if results.drill is None else results.drill.of_kind("load")
    types = {step.row["instance_type"] for step in steps}
    sizes = {
        row["memory_gib"]
        for row in records(inputs.prices)
        if row["instance_type"] in types and row["memory_gib"]
    }
    if each is None or claimed is None or len(sizes) != 1:
        return
    (size,) = sizes
    share = each / size * 100
    verdict = judge(claimed, share, decimals=results.stated.decimals("memory_pct"))
    words = f"{count(each)} GB fill {percent(share, 1, signed=False)} of {count(size)} GB of "
    words += f"memory; stated is {percent(claimed, 0, signed=False)}. Memory is sold in GiB: "
    words += f"exactly it is {percent(share / GIB_PER_GB, 1, signed=False)}."
    yield finding(
        "memory_share",
        "Memory that the data fills",
        words,
        Severity.INFO if verdict is Verdict.HOLDS else Severity.MEDIUM,
        verdict,
        value=share,
        unit="%",
        expected=claimed,
        table="claim",
        rows=2,
        source=results.stated.source("memory_pct"),
    )


def _unique(stated: Stated) -> Iterator[Finding]:
    """Yield how much of what was loaded is data once: replicas copy theirs from primaries."""
    values = stated.values("dr_nodes", "dr_gb_per_node", "redis_primaries")
    if values is None or values[2] >= values[0]:
        return
    nodes, each, primaries = values
    unique = primaries * each / GB_PER_TB
    words = f"{count(nodes - primaries)} of {count(nodes)} nodes are replicas, which copy their "
    words += f"data from a primary: {count(unique)} TB of {count(nodes * each / GB_PER_TB)} TB "
    words += "would have to be loaded."
    stored = stated.values("snapshot_gb", "snapshot_days")
    if stored is not None and stored[1]:
        a_day = stored[0] / GB_PER_TB / stored[1]
        words += f" That is {percent(unique / a_day * 100, 1, signed=False)} of the "
        words += f"{count(a_day)} TB of snapshots that are stored a day."
    yield finding(
        "unique_data",
        "How much data has to be loaded",
        words,
        Severity.MEDIUM,
        Verdict.CONTRADICTS,
        value=unique,
        unit="TB",
        expected=nodes * each / GB_PER_TB,
        table="claim",
        rows=3,
        source=stated.source("dr_total_tb"),
    )


def _lag(stated: Stated) -> Iterator[Finding]:
    lag, backlog = stated_s(stated, "dr_lag_s"), stated_s(stated, "dr_backlog_hours")
    if lag is None or backlog is None:
        return
    verdict = Verdict.HOLDS if lag == backlog else Verdict.CONTRADICTS
    words = f"A replication lag of {count(lag)} s is printed, and as the cause of the slow "
    words += f"promotion a backlog of {clock(backlog)}. Both cannot be so in the same minute."
    yield finding(
        "replication_lag",
        "Lag of the promoted replica",
        words,
        Severity.HIGH if verdict is Verdict.CONTRADICTS else Severity.INFO,
        verdict,
        value=backlog,
        unit="s",
        expected=lag,
        table="claim",
        rows=2,
        source=stated.source("dr_backlog_hours"),
    )


def _ready(stated: Stated) -> Iterator[Finding]:
    values = stated.values("dr_ready_pods", "dr_pods", "dr_ready_pct")
    if values is None or not values[1]:
        return
    ready, all_pods, claimed = values
    share = ready / all_pods * 100
    verdict = judge(claimed, share, decimals=stated.decimals("dr_ready_pct"))
    is_rounded = verdict is Verdict.HOLDS and share != claimed
    words = f"{count(ready)} of {count(all_pods)} are {percent(share, 1, signed=False)}; printed "
    words += f"is {percent(claimed, 0, signed=False)}"
    yield finding(
        "ready_share",
        "Pods that were ready",
        words + (", rounded." if is_rounded else "."),
        Severity.INFO if verdict is Verdict.HOLDS else Severity.LOW,
        Verdict.ROUNDING if is_rounded else verdict,
        value=share,
        unit="%",
        expected=claimed,
        table="claim",
        rows=3,
        source=stated.source("dr_ready_pct"),
    )


def _response_order(stated: Stated) -> Iterator[Finding]:
    worst = stated_s(stated, "sev1_response_hours")
    critical = stated_s(stated, "critical_response_hours")
    target = stated_s(stated, "rto_target_minutes")
    if worst is None or critical is None:
        return
    is_odd = target is not None and min(worst, critical) > target
    words = f"The on-call may take {clock(worst)} to respond to the worst incident and "
    words += f"{clock(critical)} to a critical alert. "
    words += (
        f"Either alone is longer than the recovery target of {clock(target)}."
        if is_odd
        else "Both fit into the recovery target."
        if target is not None
        else "No recovery target is stated."
    )
    yield finding(
        "on_call_response",
        "Response of the on-call",
        words,
        Severity.HIGH if is_odd else Severity.INFO,
        Verdict.CONTRADICTS if is_odd else Verdict.HOLDS if target else Verdict.UNKNOWN,
        value=worst,
        unit="s",
        expected=target,
        table="claim",
        rows=2,
        source=stated.source("sev1_response_hours"),
    )


def _frequency(stated: Stated) -> Iterator[Finding]:
    """Yield whether two stated frequencies of a restore drill agree, to the nearest whole one."""
    values = stated.values("restore_drill_days", "restore_drills_per_month")
    if values is None or not values[0]:
        return
    every, monthly = values
    in_month = DAYS_PER_YEAR / MONTHS_PER_YEAR / every
    agree = round(in_month) == monthly
    words = f"A restore drill every {counted(every, 'day')} is {count(round(in_month, 2))} in a "
    words += f"month; the same line says {count(monthly)}."
    yield finding(
        "restore_drill_frequency",
        "How often a restore is tested",
        words,
        Severity.INFO if agree else Severity.LOW,
        Verdict.HOLDS if agree else Verdict.CONTRADICTS,
        value=in_month,
        expected=monthly,
        table="claim",
        rows=2,
        source=stated.source("restore_drill_days"),
    )


def _two_targets(results: DrResults) -> Iterator[Finding]:
    restore, whole = stated_s(results.stated, "restore_target_hours"), results.bounds.target_s
    if restore is None or whole is None:
        return
    verdict = Verdict.HOLDS if restore <= whole else Verdict.CONTRADICTS
    words = f"A restore from backup may take {clock(restore)}, and the whole recovery, of which it "
    words += f"is a part, {clock(whole)}."
    if verdict is Verdict.CONTRADICTS:
        words += " A step that is allowed longer than the whole makes the target void."
    yield finding(
        "two_targets",
        "Two targets for the same restore",
        words,
        Severity.MEDIUM if verdict is Verdict.CONTRADICTS else Severity.INFO,
        verdict,
        value=restore,
        unit="s",
        expected=whole,
        table="claim",
        rows=2,
        source=results.stated.source("restore_target_hours"),
    )


def _replication(stated: Stated) -> Iterator[Finding]:
    gigabytes, lasts = stated.value("replicated_gb"), stated_s(stated, "replication_hours")
    if gigabytes is None or not lasts:
        return
    rate = gigabytes / lasts
    words = f"{count(gigabytes)} GB in {clock(lasts)} need {count(round(rate, 2))} GB/s, "
    words += f"{count(round(rate * 8, 2))} Gbit/s. That is plausible; no documented rate of "
    words += "replication is known to hold it against."
    yield finding(
        "replication_rate",
        "First replication to the other region",
        words,
        Severity.INFO,
        Verdict.UNKNOWN,
        value=rate * 8,
        unit="Gbit/s",
        table="claim",
        rows=2,
        source=stated.source("replication_hours"),
    )
