"""Findings on the steps of a drill: rates, what is possible, what they read from, their order."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from prismlib.analyses.dr_judging import clock, finding
from prismlib.analyses.dr_physics import (
    MB_PER_GB,
    Load,
    loads,
    rate_verdict,
    stated_durations,
)
from prismlib.analyses.dr_timeline import DrResults
from prismlib.analyses.drill_steps import Drill, served
from prismlib.findings import VERDICT_ORDER, Finding, Severity, Verdict, slug
from prismlib.formats import count
from prismlib.tables import records

SEVERITIES = {
    Verdict.HOLDS: Severity.INFO,
    Verdict.UNKNOWN: Severity.LOW,
    Verdict.INFEASIBLE: Severity.HIGH,
}


def step_findings(results: DrResults, drill: Drill) -> Iterator[Finding]:
    """Yield the findings on single steps of the drill."""
    for load in loads(drill):
        yield from _rate(results, load)
        yield from _possible(results, load)
    yield from _lost_source(drill)
    yield from _switched_early(drill)


def _rounded(value: Decimal, digits: int = 3) -> str:
    """Return a figure to so many significant digits, those before the point always."""
    return count(round(value, max(0, digits - 1 - value.adjusted())))


def _needs(load: Load) -> str:
    words = f"{count(load.gigabytes)} GB in {clock(load.seconds)} need {_rounded(load.gb_per_s)} "
    words += f"GB/s, {_rounded(load.gbps)} Gbit/s"
    if load.node_gb_per_s is not None:
        words += f"; each of {count(load.nodes)} nodes {_rounded(load.node_gb_per_s * MB_PER_GB)} "
        words += f"MB/s, {_rounded(load.node_gb_per_s * 8)} Gbit/s"
    return words + "."


def _rate(results: DrResults, load: Load) -> Iterator[Finding]:
    """Yield whether the stated rate fits the time; ambiguous where its two readings disagree."""
    verdict, durations = rate_verdict(load), stated_durations(load)
    if verdict is None:
        return
    rate = f"{count(load.step.row['stated_mb_per_second'])} MB/s"
    words = {"all": "of all nodes together", "node": "of each node"}
    readings = [f"{words[name]} it takes {clock(s)}" for name, s in durations.items()]
    slow = max(durations.values())
    statement = f"{_needs(load)} The stated {rate} is "
    statement += "ambiguous: " if verdict is Verdict.UNKNOWN else "clear: "
    statement += ", ".join(readings) + "."
    whole = results.seconds("at_stated_rate")
    if whole is not None and "all" in durations:
        statement += f" Recovery would take {clock(whole)}"
        more = results.seconds("at_stated_rate_and_excluded")
        statement += "." if more is None else f", {clock(more)} with the work left off the clock."
    yield finding(
        f"rate.{slug(load.step.step_id)}",
        f"{load.step.name}: the stated rate",
        statement,
        _rate_severity(results, verdict),
        verdict,
        value=slow,
        unit="s",
        expected=load.seconds,
        source=str(load.step.row["source"]),
    )


def _rate_severity(results: DrResults, verdict: Verdict) -> Severity:
    """Return critical where the slow reading breaks the limit, which decides a launch."""
    if verdict is Verdict.HOLDS:
        return Severity.INFO
    whole, limit = results.seconds("at_stated_rate"), results.bounds.limit_s
    is_over = whole is not None and limit is not None and whole > limit
    return Severity.CRITICAL if is_over else Severity.MEDIUM


def _possible(results: DrResults, load: Load) -> Iterator[Finding]:
    """Yield whether what is documented allows the step in its time."""
    rows = [r for r in records(results.check_table) if r["step_id"] == load.step.step_id]
    if not rows:
        return
    worst = max(rows, key=lambda row: -VERDICT_ORDER[Verdict(row["verdict"])])
    verdict = Verdict(worst["verdict"])
    words = _needs(load)
    for row in rows:
        if row["verdict"] != Verdict.HOLDS:
            limit = "unknown" if row["limit_value"] is None else count(row["limit_value"])
            name = row["check_name"]
            words += f" {name[:1].upper()}{name[1:]}: {_rounded(row['needed_value'])} against "
            words += f"{limit} {row['unit']}, {row['note']}."
    if verdict is Verdict.HOLDS:
        words += " Every limit that is documented allows it."
    yield finding(
        f"possible.{slug(load.step.step_id)}",
        f"{load.step.name}: is it possible",
        words,
        SEVERITIES[verdict],
        verdict,
        value=worst["needed_value"],
        unit=worst["unit"],
        expected=worst["limit_value"],
        source=worst["source"],
        table="limit",
        rows=len(rows),
    )


def _lost_source(drill: Drill) -> Iterator[Finding]:
    lost = drill.row["lost_region_id"]
    for step in drill.steps:
        if lost and step.row["source_region_id"] == lost:
            yield finding(
                f"lost_source.{slug(step.step_id)}",
                f"{step.name}: read from the region that is lost",
                f"The drill assumes {lost} lost, and this step reads from it. In a real loss of "
                "the region the step, and all that waits for it, is impossible.",
                Severity.CRITICAL,
                Verdict.CONTRADICTS,
                source=str(step.row["source"]),
            )


def _switched_early(drill: Drill) -> Iterator[Finding]:
    """Yield whether clients were sent to a place that could not answer yet."""
    end = served(drill)
    switches = [step for step in drill.of_kind("traffic") if step.end is not None]
    if end is None or not switches:
        return
    first = min(switches, key=lambda step: step.end.middle if step.end else Decimal(0))
    assert first.end is not None
    early = end.middle - first.end.middle
    checks = [step.end.middle for step in drill.of_kind("health") if step.end is not None]
    is_early = early > 0 and not (checks and first.end.middle >= max(checks))
    words = f"{first.name} was done at T+{clock(first.end.middle)}, and the first answer came at "
    words += f"T+{clock(end.middle)}"
    if is_early:
        words += f": for {clock(early)} clients were sent to what could not answer. The order is "
        words += "wrong, not the duration."
    else:
        words += ", after the health checks, as it should."
    yield finding(
        "traffic_before_service",
        "Traffic was switched before service was there",
        words,
        Severity.HIGH if is_early else Severity.INFO,
        Verdict.CONTRADICTS if is_early else Verdict.HOLDS,
        value=early,
        unit="s",
        expected=Decimal(0) if is_early else None,
        rows=2,
        source=str(first.row["source"]),
    )
