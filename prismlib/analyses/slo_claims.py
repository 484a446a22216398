"""Findings on what a document says of performance: figures that have to agree with each other."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.slo_facts import Facts
from prismlib.analyses.slo_judging import bad_if, big, finding, short, sources
from prismlib.findings import Finding, Severity, Verdict, judge
from prismlib.formats import count, percent
from prismlib.money import percent_change
from prismlib.tables import records

SECONDS_PER_HOUR = Decimal(3600)
WEEKS = ("week1", "week2", "week3", "week4")


def claim_findings(facts: Facts) -> Iterator[Finding]:
    """Yield the findings on each pair of stated figures that are both there."""
    yield from _headline(facts)
    yield from _differences(facts)
    yield from _failures(facts)
    yield from _memory(facts)
    yield from _week_one(facts)
    yield from _load_tests(facts)
    yield from _rollout(facts)
    yield from _shards(facts)


def objective(facts: Facts, slo_id: str) -> dict[str, Any] | None:
    """Return an objective by id."""
    return next((one for one in facts.inputs.objectives if one["slo_id"] == slo_id), None)


def _headline(facts: Facts) -> Iterator[Finding]:
    """Yield whether the summary says the measured figure or the target."""
    said, seen = (facts.stated.value(name) for name in ("hot_p99_headline_ms", "hot_p99_ms"))
    row = objective(facts, "hot_p99")
    if said is None or seen is None or row is None:
        return
    target = row["target_value"]
    verdict = judge(seen, said, decimals=facts.stated.decimals("hot_p99_ms"))
    if verdict is not Verdict.HOLDS and said == target:
        verdict = Verdict.ROUNDING
    words = f"The summary says {count(said)} ms are achieved; the table says {count(seen)} ms"
    if said == target and said != seen:
        words += f". {count(said)} ms is the target; against it the table is "
        words += f"{percent(percent_change(seen, target), 1)}"
    yield finding(
        *("headline_p99", "The p99 of the summary", f"{words}."),
        Severity.INFO if verdict is Verdict.HOLDS else Severity.LOW,
        verdict,
        value=seen,
        unit="ms",
        expected=said,
        source=sources(facts.stated, "hot_p99_headline_ms", "hot_p99_ms"),
        rows=2,
    )


def _differences(facts: Facts) -> Iterator[Finding]:
    """Yield whether the printed differences are those of the figures beside them."""
    seen, wrong = [], []
    for row in facts.inputs.objectives:
        name = f"{row['slo_id']}_change_pct"
        said, value = facts.stated.value(name), facts.stated.value(row["claim_id"])
        change = percent_change(value, row["target_value"])
        if said is None or change is None:
            continue
        seen.append(change)
        if judge(said, change, decimals=facts.stated.decimals(name)) is not Verdict.HOLDS:
            wrong.append(f"{row['objective_name']}: {percent(change, 1)}, not {percent(said, 1)}")
    if not seen:
        return
    severity, verdict = bad_if(bool(wrong), Severity.LOW, Verdict.CONTRADICTS)
    words = f"{counted(len(seen), 'printed difference')} from target to actual: "
    words += listed(wrong) if wrong else listed([percent(change, 1) for change in seen])
    yield finding(
        *("differences", "Differences to the targets", f"{words}.", severity, verdict),
        value=Decimal(len(seen) - len(wrong)),
        expected=Decimal(len(seen)),
        source=sources(facts.stated, "hot_p99_change_pct"),
        rows=len(seen),
    )


def _failures(facts: Facts) -> Iterator[Finding]:
    """Yield what the stated share of errors is in requests."""
    share, row = facts.stated.value("error_pct"), objective(facts, "error_rate")
    rate, hours = facts.rate, facts.stated.value("benchmark_hours")
    if share is None or row is None or rate is None or hours is None:
        return
    target, each = row["target_value"], rate * share / 100
    severity, verdict = bad_if(share > target, Severity.HIGH, Verdict.CONTRADICTS)
    words = f"{percent(share, 3, signed=False)} of {big(rate)} are {count(round(each))} failed "
    words += f"requests a second, {big(each * hours * SECONDS_PER_HOUR)} in the "
    words += f"{counted(hours, 'hour')} of the run; the objective is "
    words += f"{percent(target, 2, signed=False)}."
    yield finding(
        *("error_rate_absolute", "Failed requests, in numbers", words),
        Severity.LOW if verdict is Verdict.HOLDS else severity,
        verdict,
        value=share,
        unit="%",
        expected=target,
        source=sources(facts.stated, "error_pct"),
        rows=3,
    )


def _memory(facts: Facts) -> Iterator[Finding]:
    """Yield whether the stated use of memory is that of the data of a node."""
    each, said = facts.stated.value("dr_gb_per_node"), facts.stated.value("memory_pct")
    kind = "" if facts.redis is None else facts.redis.instance_type
    rows = records(facts.inputs.reference["instance_price"])
    sizes = {row["memory_gib"] for row in rows if row["instance_type"] == kind}
    if each is None or said is None or len(sizes) != 1:
        return
    (size,) = sizes
    if not size:
        return
    share = each / size * 100
    verdict = judge(said, share, decimals=facts.stated.decimals("memory_pct"))
    words = f"{count(each)} GB of {count(size)} are {percent(share, 1, signed=False)}; stated is "
    yield finding(
        "memory_share",
        "Memory in use",
        f"{words}{percent(said, 0, signed=False)}.",
        Severity.INFO if verdict is Verdict.HOLDS else Severity.MEDIUM,
        verdict,
        value=share,
        unit="%",
        expected=said,
        source=sources(facts.stated, "memory_pct", "dr_gb_per_node"),
        rows=2,
    )


def _week_one(facts: Facts) -> Iterator[Finding]:
    """Yield whether the targets of the first week are looser than the objectives beside them."""
    looser = []
    p99, slo = facts.stated.value("week1_p99_ms"), facts.stated.value("hot_p99_slo_ms")
    if p99 is not None and slo is not None and p99 > slo:
        looser.append(f"{count(p99)} ms at p99 against {count(slo)} ms")
    up, promised = (facts.stated.value(n) for n in ("week1_uptime_pct", "uptime_slo_pct"))
    if up is not None and promised is not None and up < promised:
        looser.append(
            f"{percent(up, 1, signed=False)} of uptime against {percent(promised, signed=False)}"
        )
    if None in (p99, slo) and None in (up, promised):
        return
    severity, verdict = bad_if(bool(looser), Severity.MEDIUM, Verdict.CONTRADICTS)
    words = f"The targets of the first week are looser than the objectives: {listed(looser)}. A "
    words += "breach passes."
    yield finding(
        "week_one_targets",
        "Targets of the first week",
        words if looser else "The targets of the first week are as tight as the objectives.",
        severity,
        verdict,
        value=p99,
        unit="ms",
        expected=slo,
        source=sources(facts.stated, "week1_p99_ms", "uptime_slo_pct"),
        rows=4,
    )


def _load_tests(facts: Facts) -> Iterator[Finding]:
    """Yield whether the load test before the launch is defined once."""
    rows = facts.stated.of_kind("load_test")
    values = [row["stated_value"] for row in rows]
    if len(values) < 2:
        return
    differ = len(set(values)) > 1
    severity, verdict = bad_if(differ, Severity.LOW, Verdict.CONTRADICTS)
    words = f"The load test before the launch is to last {listed([count(v) for v in values])} h"
    yield finding(
        "load_test_length",
        "How long the load test lasts",
        f"{words}: {len(set(values))} definitions of the same gate.",
        severity,
        verdict,
        value=max(values),
        unit="h",
        expected=min(values),
        source=[row["source"] for row in rows],
        rows=len(rows),
    )


def _rollout(facts: Facts) -> Iterator[Finding]:
    """Yield whether each share of the traffic is the rate beside it."""
    target, words, verdicts = objective(facts, "throughput"), [], set()
    for week in WEEKS if target is not None else ():
        share, rate = (facts.stated.value(f"rollout_{n}.{week}") for n in ("pct", "rate"))
        if share is None or rate is None or target is None:
            continue
        exact = share / 100 * target["target_value"]
        is_near = abs(exact - rate) < exact * ROUND
        verdict = Verdict.ROUNDING if is_near else Verdict.CONTRADICTS
        verdict = Verdict.HOLDS if exact == rate else verdict
        verdicts.add(verdict)
        words.append(f"{percent(share, 0, signed=False)} is {big(exact)}, stated {big(rate)}")
        shards = facts.stated.value(f"rollout_shards.{week}")
        words[-1] += f" ({big(rate / shards)} a shard)" if shards else ""
    if not words:
        return
    order = (Verdict.CONTRADICTS, Verdict.ROUNDING, Verdict.HOLDS)
    verdict = next(one for one in order if one in verdicts)
    yield finding(
        "rollout_rates",
        "Rates of the staged rollout",
        f"Of the full rate {listed(words)}.",
        {Verdict.HOLDS: Severity.INFO, Verdict.ROUNDING: Severity.LOW}.get(
            verdict, Severity.MEDIUM
        ),
        verdict,
        source=sources(facts.stated, "rollout_rate.week1"),
        rows=len(words),
    )


ROUND = Decimal("0.1")
"""A stated rate less than this share off is taken as rounded."""


def _shards(facts: Facts) -> Iterator[Finding]:
    """Yield whether all parts of a document mean the same cluster."""
    shards, primaries = (facts.stated.value(n) for n in ("rollout_shards.week4", "redis_primaries"))
    redis = facts.redis
    if shards is None or not primaries or redis is None:
        return
    each = redis.count / primaries
    severity, verdict = bad_if(shards != primaries, Severity.HIGH, Verdict.CONTRADICTS)
    words = f"The rollout ends with {count(shards)} shards, of {count(short(each))} nodes each "
    words += f"{count(shards * each)} nodes; the cluster that is to be formed has "
    words += f"{count(primaries)} shards on {count(redis.count)} nodes"
    if redis.expected_count is not None and redis.expected_count != redis.count:
        words += f"; the estimate is for {count(redis.expected_count)} nodes"
    yield finding(
        *("shards", "How many shards there are", f"{words}.", severity, verdict),
        value=shards,
        unit="shards",
        expected=primaries,
        source=sources(facts.stated, "rollout_shards.week4", "redis_primaries"),
        rows=3,
    )
