"""Findings on the stated loads from the store: bandwidth, first byte, sizes, the runbook."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from prismlib.analyses.judging import listed
from prismlib.analyses.slo_facts import Facts
from prismlib.analyses.slo_judging import bad_if, finding, sources
from prismlib.analyses.slo_physics import MS_PER_S, STATED, Check, gbps
from prismlib.findings import Finding, Severity, Verdict
from prismlib.formats import count

BYTES_PER_GB = Decimal(10**9)
BYTES_PER_MB = Decimal(10**6)
Pair = tuple[Check | None, Finding]


def load_pairs(facts: Facts) -> Iterator[Pair]:
    """Yield each check of the stated loads and the finding on it."""
    yield from _bandwidth(facts)
    yield from _mean_partition(facts)
    yield from _first_byte(facts)
    yield from _runbook(facts)


def size_words(size: Decimal) -> str:
    """Return a size as people say it: ``100 MB``, ``2.95 GB``."""
    if size >= BYTES_PER_GB:
        return f"{count(round(size / BYTES_PER_GB, 2))} GB"
    return f"{count(round(size / BYTES_PER_MB, 2))} MB"


def _bandwidth(facts: Facts) -> Iterator[Pair]:
    """Yield for each stated load whether the network can bring it in its time."""
    kind = "" if facts.redis is None else facts.redis.instance_type
    before: tuple[Decimal, Decimal] | None = None
    for row, size, time in facts.loads():
        name = f"load of {size_words(size)}"
        check = facts.networks.moved(STATED, name, kind, size, time)
        words = _rate_words(row, size, time)
        if check.limit is not None:
            words += f". {kind} reaches {count(check.limit)} in a burst"
            words += f": it {check.note}" if check.note else ""
        if before is not None and time > before[1]:
            more = gbps(size - before[0], time - before[1])
            words += f". From {size_words(before[0])} on, {count(round(more, 1))} Gbit/s"
        before = (size, time)
        is_bad = check.verdict is Verdict.INFEASIBLE
        severity = Severity.CRITICAL if is_bad else Severity.INFO
        yield (
            check,
            finding(
                f"load_bandwidth.{row['slo_id']}",
                f"Bandwidth of a load of {size_words(size)}",
                f"{words}.",
                Severity.MEDIUM if check.verdict is Verdict.UNKNOWN else severity,
                check.verdict,
                value=check.needed,
                unit=check.unit,
                expected=check.limit,
                source=[row["source"], check.source],
            ),
        )


def _rate_words(row: dict[str, Any], size: Decimal, time: Decimal) -> str:
    """Return what bandwidth a load needs, as stated and at its target."""
    wanted = row["target_value"]
    words = f"{size_words(size)} in {count(time)} ms are {count(round(gbps(size, time), 1))} "
    words += f"Gbit/s; the target of {count(wanted)} ms is {count(round(gbps(size, wanted), 1))}"
    return words


def mean_partition(facts: Facts) -> Decimal | None:
    """Return the mean size of a stored partition. [bytes]"""
    values = facts.stated.values("cold_tier_gb", "partition_count")
    return values[0] * BYTES_PER_GB / values[1] if values and values[1] else None


def _mean_partition(facts: Facts) -> Iterator[Pair]:
    """Yield how long the mean partition takes at the stated rate, against the stated p99."""
    mean, loads = mean_partition(facts), facts.loads()
    p99, p50 = (facts.stated.value(name) for name in ("cold_p99_ms", "cold_p50_ms"))
    if mean is None or not loads or p99 is None:
        return
    _, size, time = loads[-1]
    takes = mean / size * time
    severity, verdict = bad_if(takes > p99, Severity.HIGH, Verdict.CONTRADICTS)
    words = f"The mean partition is {size_words(mean)}. At the stated {count(time)} ms for "
    words += f"{size_words(size)} it takes {count(round(takes))} ms; the stated p99 is "
    words += f"{count(p99)} ms."
    if p50 is not None and takes > p99:
        words += f" The stated p50 of {count(p50)} ms is that of a few megabytes, so most of the "
        words += "data lies in a tail that this p99 leaves out."
    yield (
        None,
        finding(
            "mean_partition",
            "Load of the mean partition",
            words,
            severity,
            verdict,
            value=takes,
            unit="ms",
            expected=p99,
            source=sources(facts.stated, "cold_p99_ms", "partition_count"),
            rows=4,
        ),
    )


def _first_byte(facts: Facts) -> Iterator[Pair]:
    """Yield the quickest stated load against the time to the first byte of the store."""
    loads, least = facts.loads(), facts.limit("s3_first_byte_low_ms")
    if not loads or least is None:
        return
    row, size, time = loads[0]
    most = facts.limit("s3_first_byte_high_ms")
    severity, verdict = bad_if(time < least, Severity.HIGH, Verdict.CONTRADICTS)
    words = f"{size_words(size)} in {count(time)} ms from S3, where small objects and first bytes "
    words += f"take {count(least)}" + ("" if most is None else f" to {count(most)}") + " ms"
    others = [name for _, _, name in loads[1:] if name < least]
    stay = "stays" if len(others) == 1 else "stay"
    words += (
        f". {listed([f'{count(ms)} ms' for ms in others])} {stay} below it too" if others else ""
    )
    words += "."
    source = facts.limit_source("s3_first_byte_low_ms")
    check = Check(STATED, "first byte from S3", time, least, "ms", verdict, "", source)
    title = "Time to the first byte"
    yield (
        check,
        finding(
            *("first_byte", title, words, severity, verdict),
            value=time,
            unit="ms",
            expected=least,
            source=[row["source"], source],
        ),
    )


def _runbook(facts: Facts) -> Iterator[Pair]:
    """Yield the time that a runbook expects of a large load against the stated one."""
    expected, loads, mean = (
        facts.stated.value("runbook_load_s"),
        facts.loads(),
        mean_partition(facts),
    )
    if expected is None or not loads:
        return
    _, size, time = loads[-1]
    times = expected * MS_PER_S / time
    severity, verdict = bad_if(times > 1, Severity.MEDIUM, Verdict.CONTRADICTS)
    words = f"A runbook is to be written for {size_words(size)} that take more than "
    words += f"{count(expected)} s: {count(round(times))} times the stated {count(time)} ms."
    if mean is not None:
        words += f" What it calls large is {count(round(size / mean, 2))} of the mean partition."
    yield (
        None,
        finding(
            *("runbook_load", "Load time that a runbook expects", words, severity, verdict),
            value=expected * MS_PER_S,
            unit="ms",
            expected=time,
            source=sources(facts.stated, "runbook_load_s"),
            rows=2,
        ),
    )
