"""Findings on the script of a benchmark: what its figures are, and whether it can show them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from prismlib.analyses.benchmark_script import (
    COLD,
    E2E,
    HOT,
    REDIS,
    SINCE,
    ScriptFigure,
    field_names,
    rank_words,
    share_of,
)
from prismlib.analyses.judging import counted, listed
from prismlib.analyses.latency import chance_below, measurements_needed, percent_of
from prismlib.analyses.slo_facts import Facts
from prismlib.analyses.slo_inputs import SloSettings
from prismlib.analyses.slo_judging import bad_if, big, finding, short, sources
from prismlib.analyses.slo_physics import closed_loop_rate
from prismlib.findings import Finding, Severity, Verdict
from prismlib.formats import count, percent

P99, P999 = Decimal(99), Decimal("99.9")


def script_findings(
    facts: Facts, figures: tuple[ScriptFigure, ...], settings: SloSettings
) -> Iterator[Finding]:
    """Yield the findings on each figure of the script that is stated."""
    yield from _hot(facts, figures)
    yield from _not_printed(facts)
    yield from _e2e(facts, figures)
    yield from _cold(facts, figures)
    yield from _cold_sample(facts, settings)
    yield from _throughput(facts)
    yield from _hot_load(facts)


def _examples(figures: tuple[ScriptFigure, ...], name: str) -> str:
    """Return what the command printed of the files that there are."""
    words = []
    for one in figures:
        if one.name == name and one.file_name:
            right = "" if one.right_ms is None else f", beside a p99 of {count(one.right_ms)} ms"
            label = f"{one.file_name} (made up)" if one.is_made_up else one.file_name
            words.append(f"of {label} it prints {one.printed}{right}")
    return f" Computed: {'; '.join(words)}." if words else ""


def _hot(facts: Facts, figures: tuple[ScriptFigure, ...]) -> Iterator[Finding]:
    place = facts.stated.value("script_hot_field")
    if place is None:
        return
    names = field_names(facts.inputs, REDIS, SINCE)
    seen = names.get(int(place), "nothing")
    right = next((number for number, name in names.items() if name == "p99"), None)
    older = len(field_names(facts.inputs, REDIS, f"before {SINCE}"))
    severity, verdict = bad_if(seen != "p99", Severity.CRITICAL, Verdict.CONTRADICTS)
    words = f"The figure called {HOT} is field {count(place)} of the CSV of redis-benchmark: "
    words += f"{ {'min': 'the minimum'}.get(seen, seen) }."
    if right is not None and seen != "p99":
        words += f" The p99 is field {right}. Before {SINCE} a line has {older} fields, and "
        words += "nothing useful is printed."
    yield finding(
        *("script.hot_p99", "What is printed as the hot tier p99"),
        words + _examples(figures, HOT),
        severity,
        verdict,
        value=place,
        unit="field",
        expected=None if right is None else Decimal(right),
        source=sources(facts.stated, "script_hot_field"),
    )


def _not_printed(facts: Facts) -> Iterator[Finding]:
    """Yield the stated percentiles that the script's tool does not print."""
    if facts.stated.value("script_hot_field") is None:
        return
    printed = set(field_names(facts.inputs, REDIS, SINCE).values())
    wanted = [
        row["statistic"]
        for row in facts.inputs.objectives
        if row["service_tier"] == "hot"
        and percent_of(row["statistic"]) is not None
        and facts.stated.value(row["claim_id"]) is not None
    ]
    missing = [name for name in wanted if name not in printed]
    if not wanted:
        return
    severity, verdict = bad_if(bool(missing), Severity.HIGH, Verdict.NOT_REPRODUCIBLE)
    words = f"{listed(missing)} are stated; the CSV of redis-benchmark holds "
    words += f"{listed([n for n in printed_order(facts) if n not in ('test', 'rps')])}."
    if not missing:
        words = "Each stated percentile is in the CSV of redis-benchmark."
    yield finding(
        *("script.missing_percentiles", "Percentiles that the tool does not print", words),
        severity,
        verdict,
        value=Decimal(len(missing)),
        expected=Decimal(0),
        source=sources(facts.stated, "hot_p75_ms"),
        rows=len(wanted),
    )


def printed_order(facts: Facts) -> list[str]:
    """Return the fields of redis-benchmark in the order of its line."""
    names = field_names(facts.inputs, REDIS, SINCE)
    return [names[number] for number in sorted(names)]


def _e2e(facts: Facts, figures: tuple[ScriptFigure, ...]) -> Iterator[Finding]:
    tail, total = (facts.stated.value(f"script_e2e_{name}") for name in ("tail", "requests"))
    if tail is None or not total:
        return
    rank = int(total - tail + 1)
    share = share_of(rank, int(total))
    severity, verdict = bad_if(share != P99, Severity.CRITICAL, Verdict.CONTRADICTS)
    words = f"The figure called {E2E} is {rank_words(rank, int(total))}. The p99 would take tail "
    words += f"-n{count(total - total * P99 / 100 + 1).replace(',', '')}. "
    odd = [
        f"{count(value)} ms"
        for name in ("hot_p99_ms", "dr_p99_ms")
        if (value := facts.stated.value(name)) is not None and value % 1
    ]
    words += (
        f"The column is in whole milliseconds: {listed(odd)} cannot appear in it." if odd else ""
    )
    yield finding(
        *("script.e2e_p99", "What is printed as the end-to-end p99"),
        words + _examples(figures, E2E),
        severity,
        verdict,
        value=share,
        unit="%",
        expected=P99,
        source=sources(facts.stated, "script_e2e_tail", "script_e2e_requests"),
        rows=2,
    )


def _cold(facts: Facts, figures: tuple[ScriptFigure, ...]) -> Iterator[Finding]:
    downloads = facts.stated.value("script_cold_downloads")
    row = facts.stated.rows.get("script_cold_downloads")
    if downloads is None or row is None:
        return
    # `time` is a word of the shell: it writes to the shell's stderr, which > does not redirect
    is_lost = "time " in row["statement"] and "2>" not in row["statement"]
    severity, verdict = bad_if(is_lost, Severity.CRITICAL, Verdict.CONTRADICTS)
    words = f"The figure called {COLD} is the mean of the first fields of a log. "
    if is_lost:
        words += "bash writes the times to stderr and the log holds stdout alone: with the lines "
        words += "of the downloads awk prints 0, with an empty log -nan. "
    words += f"A mean of {count(downloads)} is no percentile either."
    yield finding(
        *("script.cold_mean", "What is printed as the cold tier average"),
        words + _examples(figures, COLD),
        severity,
        verdict,
        source=sources(facts.stated, "script_cold_downloads"),
    )


def _cold_sample(facts: Facts, settings: SloSettings) -> Iterator[Finding]:
    """Yield whether so many downloads can show a p99."""
    total, confidence = facts.stated.value("script_cold_downloads"), settings.confidence_pct
    if not total:
        return
    needed = measurements_needed(P99, confidence)
    one, tail_one = (measurements_needed(pct, confidence, sides=1) for pct in (P99, P999))
    chance = Decimal(str(chance_below(P99, int(total))))
    severity, verdict = bad_if(total < one, Severity.HIGH, Verdict.INFEASIBLE)
    words = f"With {count(total)} downloads even the longest is shorter than the true p99 with a "
    words += f"chance of {percent(chance * 100, 1, signed=False)}. At "
    words += f"{percent(confidence, 0, signed=False)} confidence an upper bound of a p99 takes "
    words += f"{count(one)} measurements, an interval {count(needed)}; of a p99.9 "
    words += f"{count(tail_one)} and {count(measurements_needed(P999, confidence))}."
    yield finding(
        *("script.cold_sample", "Measurements behind the cold tier p99", words, severity, verdict),
        value=total,
        unit="measurements",
        expected=Decimal(one),
        source=sources(facts.stated, "script_cold_downloads"),
    )


def _throughput(facts: Facts) -> Iterator[Finding]:
    """Yield whether the requests of the script fit its duration at the stated rate."""
    total, seconds = (facts.stated.value(f"script_rate_{name}") for name in ("requests", "s"))
    rate, hosts = facts.rate, facts.stated.value("script_hot_hosts")
    if not total or not seconds or not rate:
        return
    ends, most = total / rate, total / seconds
    severity, verdict = bad_if(most < rate, Severity.CRITICAL, Verdict.CONTRADICTS)
    words = (
        f"{big(total)} requests at {big(rate)} a second end after {count(round(ends, 2))} s. If "
    )
    words += f"they fill the {count(seconds)} s, the rate is {count(round(most))} a second at "
    words += f"most, {count(round(rate / most))} times less."
    if hosts is not None and facts.redis is not None and hosts < facts.redis.count:
        words += f" They go to {counted(hosts, 'host')} of {count(facts.redis.count)}."
    yield finding(
        *("script.throughput", "Requests, rate and duration of the script", words),
        severity,
        verdict,
        value=most,
        unit="operations/s",
        expected=rate,
        source=sources(facts.stated, "script_rate_requests", "operations_per_s"),
        rows=3,
    )


def _hot_load(facts: Facts) -> Iterator[Finding]:
    """Yield what the script's clients would need of the one node they ask."""
    total, clients = (facts.stated.value(f"script_hot_{n}") for n in ("requests", "clients"))
    time, name = facts.stated.value("hot_p50_ms"), "redis_process_operations_per_s"
    limit = facts.limit(name)
    if not total or not clients or not time or limit is None:
        return
    rate = closed_loop_rate(clients, time)
    severity, verdict = bad_if(rate > limit, Severity.HIGH, Verdict.INFEASIBLE)
    low, high = facts.limit("redis_shortest_ms"), facts.limit("redis_longest_ms")
    words = (
        f"{count(clients)} clients at {count(time)} ms ask {big(rate)} a second of one node and "
    )
    words += f"are done with {big(total)} after {count(short(total / rate))} s; one process is "
    words += f"documented with {count(limit)}. The loop is closed, so the waits behind a slow "
    words += "answer are in no figure (coordinated omission)"
    if low is not None and high is not None:
        words += f", and times are clipped to {count(low)} to {count(high)} ms"
    yield finding(
        *("script.hot_load", "The load on the one node of the script", f"{words}."),
        severity,
        verdict,
        value=rate,
        unit="operations/s",
        expected=limit,
        source=[*sources(facts.stated, "script_hot_requests"), facts.limit_source(name)],
        rows=3,
    )
