"""memtier_benchmark: ``--json-out-file``.

Percentiles of the JSON are those that ``--print-percentiles`` named. Its compressed histograms, in
microseconds, are read as buckets. Of several runs (``-x``) the aggregated one is read: its
histogram holds all of them, its rate is the mean of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from prismlib.sources.benchmark_hdr import histogram
from prismlib.sources.benchmark_run import (
    PERCENTILE,
    Point,
    Run,
    check_order,
    cut_off,
    instant,
    number,
    percentile_name,
    total_of,
    whole,
)
from prismlib.sources.drill_json import Answer, part
from prismlib.sources.drill_times import Place

TOOL = "memtier_benchmark"
MICROSECOND = Decimal("0.001")
ONE_RUN, ALL_RUNS = "ALL STATS", "AGGREGATED AVERAGE RESULTS"
NO_TEST = ("Runtime", "Waits")
"""Parts of the results that time no request."""
LATENCIES = {"Average Latency": "mean", "Min Latency": "min", "Max Latency": "max"}


def is_json(content: Any) -> bool:
    """Return whether it is the JSON of memtier_benchmark."""
    return isinstance(content, dict) and ("run information" in content or ONE_RUN in content)


def json_runs(content: Answer, path: Path) -> list[Run]:
    """Return a run for each command that was called, and one for all of them: Totals."""
    place = Place(path)
    name = next((key for key in content if key == ONE_RUN or key.startswith(ALL_RUNS)), None)
    if name is None:
        raise place.refuse(
            "has no results of a whole run",
            seen=", ".join(content),
            expected=f"{ONE_RUN}, or {ALL_RUNS} of several runs",
            remedy="the best or the worst of several runs says nothing of the others: keep all",
        )
    results, note = part(content, name, place), "" if name == ONE_RUN else f"read from {name}"
    runtime = part(results, "Runtime", place)
    _check_whole(content, runtime, place)
    facts = _facts(content, runtime, place)
    runs = [
        _run(test, part(results, test, place), facts, note, place)
        for test in results
        if test == "Totals" or (test not in NO_TEST and _has_run(results[test]))
    ]
    # Where one command alone was called, Totals say the same again.
    return runs[:1] if len(runs) == 2 else runs


def _has_run(told: Any) -> bool:
    return isinstance(told, dict) and bool(told.get("Count") or told.get("Ops/sec"))


def _check_whole(content: Answer, runtime: Answer, place: Place) -> None:
    """Raise SourceError if the run was interrupted: its duration and rates are wrong then."""
    status = part(content, "run information", place).get("Benchmark completion status", "")
    if "INTERRUPTED" in str(status) or str(runtime.get("Interrupted", "false")).lower() == "true":
        raise cut_off(
            place, seen=f"an interrupted run {status}".strip(), expected="a run to its end"
        )


def _facts(content: Answer, runtime: Answer, place: Place) -> dict[str, Any]:
    asked = part(content, "configuration", place)
    ran = part(content, "run information", place)
    facts: dict[str, Any] = {}
    threads = ran.get("Threads", asked.get("threads"))
    connections = ran.get("Connections per thread", asked.get("clients"))
    if threads is not None and connections is not None:
        facts["clients"] = whole(threads, place, "Threads") * whole(
            connections, place, "Connections per thread"
        )
    if start := runtime.get("Start time"):
        facts["observed_at"] = instant(
            number(start, place, "Start time") // 1000, place, "Start time"
        )
    if took := runtime.get("Total duration"):
        facts["duration_s"] = number(took, place, "Total duration") / 1000
    if asked.get("server"):
        facts["target_name"] = f"{asked['server']}:{asked.get('port', '')}".rstrip(":")
    if asked.get("data_size"):
        facts["payload_bytes"] = number(asked["data_size"], place, "data_size")
    # A rate limit spaces out the requests of a connection, which still waits for each answer.
    return {**facts, "load_model": "closed", "resolution_ms": MICROSECOND}


def _run(test: str, told: Answer, facts: dict[str, Any], note: str, place: Place) -> Run:
    listed = part(told, "Percentile Latencies", place)
    points = (*_latencies(told, place), *_percentiles(listed, place))
    check_order([one for one in points if one.statistic != "mean"], place)
    packed = part(listed, "Histogram log format", place).get("Compressed Histogram")
    buckets = histogram(str(packed), place, unit_ms=MICROSECOND) if packed else ()
    own: dict[str, Any] = {}
    if rate := told.get("Ops/sec"):
        own["operations_per_second"] = number(rate, place, "Ops/sec")
    if buckets:
        own["requests"] = total_of(buckets)
    elif "Count" in told:
        own["requests"] = whole(told["Count"], place, "Count")
    if errors := told.get("Connection Errors"):
        own["failed_requests"] = whole(errors, place, "Connection Errors")
    name = "" if test == "Totals" else test.removesuffix("s").upper()
    return Run(TOOL, name, points, buckets, facts={**facts, **own}, note=note)


def _latencies(told: Answer, place: Place) -> Iterator[Point]:
    for key, statistic in LATENCIES.items():
        if key in told:
            yield Point(statistic, number(told[key], place, key))


def _percentiles(listed: Answer, place: Place) -> Iterator[Point]:
    for key, value in listed.items():
        if PERCENTILE.fullmatch(key):
            yield Point(percentile_name(key), number(value, place, key))
