"""redis-benchmark: ``--csv``, its text with percentiles, and ``-q``.

==================  ================================================================================
written             by
==================  ================================================================================
``"SET","1234.5"``  ``--csv`` before 6.2: a rate and no latency
8 columns, header   ``--csv`` since 6.2: test, rps, avg, min, p50, p95, p99, max, found by name
``====== GET``      text since 6.2: cumulative counts, read as buckets; the older text has shares
                    of whole milliseconds and is refused
``GET: .. per s``   ``-q``: a rate and p50
==================  ================================================================================

Its clients wait for each answer. Since 6.2 it keeps a histogram of 10 us to 3 s in steps of 8 us:
what took longer is written as 3 s.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from prismlib.sources.benchmark_run import (
    Point,
    Run,
    check_order,
    cut_off,
    from_cumulative,
    lines_of,
    number,
    total_of,
    two_runs,
    whole,
)
from prismlib.sources.drill_times import Place

TOOL = "redis-benchmark"
STATISTICS = {"avg": "mean", **{name: name for name in ("min", "p50", "p95", "p99", "max")}}
"""Column of the CSV, and of the summary of the text -> statistic."""
HISTOGRAM: Mapping[str, Any] = {
    "resolution_ms": Decimal("0.008"),
    "clip_low_ms": Decimal("0.01"),
    "clip_high_ms": Decimal(3000),
}
CLOSED: Mapping[str, Any] = {"load_model": "closed"}
RATE_ONLY = "redis-benchmark before 6.2: the CSV has a rate and no latency"

HEADING = re.compile(r"====== (.+?) ======$")
CUMULATIVE = re.compile(r"([\d.]+)% <= ([\d.]+) milliseconds \(cumulative count (\d+)\)$")
OLD_SHARE = re.compile(r"([\d.]+)% <= ([\d.]+) milliseconds$")
QUIET = re.compile(r"\s*([^:]+): (\S+) requests per second(?:, p50=(\S+) msec)?\s*$")
SAID = {
    "requests": re.compile(r"\s*(\d+) requests completed in \S+ seconds$"),
    "duration_s": re.compile(r"\s*\d+ requests completed in (\S+) seconds$"),
    "clients": re.compile(r"\s*(\d+) parallel clients$"),
    "payload_bytes": re.compile(r"\s*(\d+) bytes payload$"),
    "operations_per_second": re.compile(r"\s*throughput summary: (\S+) requests per second$"),
}
COUNTS = ("requests", "clients")


def is_csv(head: str) -> bool:
    """Return whether a file begins as ``--csv`` of any version does."""
    first = next((line for line in head.splitlines() if line.strip()), "")
    cells = [_plain(cell) for cell in first.replace('"', "").split(",")]
    if "test" in cells and "rps" in cells:
        return True
    return len(cells) == 2 and first.lstrip().startswith('"') and not cells[0][:1].isdigit()


def is_text(head: str) -> bool:
    """Return whether a file holds the text of redis-benchmark, quiet or not."""
    lines = re.split(r"[\r\n]+", head)
    return any(HEADING.search(line) or QUIET.fullmatch(line) for line in lines)


def csv_runs(path: Path) -> list[Run]:
    """Return a run for each test of ``--csv``."""
    rows = [
        (Place(path, row), next(csv.reader([line]))) for row, line in lines_of(path) if line.strip()
    ]
    place, first = rows[0]
    has_header = "rps" in map(_plain, first)
    header = _header(first, place) if has_header else ["test", "rps"]
    runs: dict[str, Run] = {}
    for place, cells in rows[1:] if has_header else rows:
        run = _csv_run(header, cells, place)
        if run.test_name in runs:
            raise two_runs(place, seen=f"the test {run.test_name} twice")
        runs[run.test_name] = run
    if not runs:
        raise cut_off(place, seen="a header alone", expected="a row for each test")
    return list(runs.values())


def _plain(cell: str) -> str:
    return cell.strip().lower().removesuffix("_latency_ms")


def _header(cells: Sequence[str], place: Place) -> list[str]:
    names = [_plain(cell) for cell in cells]
    known = {"test", "rps", *STATISTICS}
    if not set(names) <= known or not {"test", "rps"} <= set(names) or len(set(names)) < len(names):
        raise place.refuse(
            "a header of no known version of redis-benchmark",
            seen=", ".join(cells),
            expected="test, rps, avg, min, p50, p95, p99, max, in ms and each once",
            remedy="leave the header as redis-benchmark writes it; p75, p90 and p99.9 are in none",
        )
    return names


def _csv_run(header: Sequence[str], cells: Sequence[str], place: Place) -> Run:
    if "rps" in map(_plain, cells):
        columns = f"{len(header)}-column and {len(cells)}-column"
        raise two_runs(place, seen=f"two headers: {columns}")
    if len(cells) != len(header):
        is_last_cut = 2 < len(cells) < len(header)
        what = "truncated" if is_last_cut else "mixes versions of redis-benchmark"
        raise place.refuse(
            f"{what}: {len(cells)} of {len(header)} fields",
            seen=", ".join(cells),
            expected=", ".join(header) if len(header) > 2 else "test, rps: the CSV before 6.2",
            remedy="give each run of redis-benchmark a file of its own, and wait until it ends",
        )
    told = dict(zip(header, cells, strict=True))
    points = tuple(
        Point(STATISTICS[name], number(told[name], place, name), at)
        for at, name in enumerate(header, start=1)
        if name in STATISTICS
    )
    check_order(points, place)
    rate = {"operations_per_second": number(told["rps"], place, "rps")}
    facts = {**CLOSED, **rate, **(HISTOGRAM if points else {})}
    return Run(TOOL, told["test"].strip(), points, facts=facts, note="" if points else RATE_ONLY)


def text_runs(path: Path) -> list[Run]:
    """Return a run for each test of the text that redis-benchmark prints."""
    tests: list[tuple[Place, str, list[str]]] = []
    runs: list[Run] = []
    for row, line in _printed(path):
        if found := HEADING.search(line):
            tests.append((Place(path, row), found[1], []))
        elif tests:
            tests[-1][2].append(line)
        elif found := QUIET.fullmatch(line):
            runs.append(_quiet_run(found, Place(path, row)))
    runs += [_text_run(name, lines, place) for place, name, lines in tests]
    names = [run.test_name for run in runs]
    for name in names:
        if names.count(name) > 1:
            raise two_runs(Place(path), seen=f"the test {name} {names.count(name)} times")
    return runs


def _printed(path: Path) -> Iterator[tuple[int, str]]:
    """Yield what stays on a terminal: progress ends with a return and is overwritten."""
    for row, line in lines_of(path):
        for part in line.split("\r"):
            yield row, part.rstrip()


def _quiet_run(found: re.Match[str], place: Place) -> Run:
    points = (Point("p50", number(found[3], place, "p50")),) if found[3] else ()
    rate = {"operations_per_second": number(found[2], place, "requests per second")}
    note = "redis-benchmark -q prints a rate and p50, and no other latency"
    facts = {**CLOSED, **rate, **(HISTOGRAM if points else {})}
    return Run(TOOL, found[1].strip(), points, facts=facts, note=note if points else RATE_ONLY)


def _text_run(name: str, lines: Sequence[str], place: Place) -> Run:
    if any(OLD_SHARE.fullmatch(line) for line in lines):
        raise place.refuse(
            "text of redis-benchmark before 6.2",
            seen="shares of requests without their counts",
            expected="cumulative counts",
            remedy="run redis-benchmark of 6.2 or later, with --csv or without",
        )
    facts = {
        key: (whole if key in COUNTS else number)(found[1], place, key)
        for key, pattern in SAID.items()
        for line in lines
        if (found := pattern.fullmatch(line))
    }
    shares = [found for line in lines if (found := CUMULATIVE.fullmatch(line))]
    points = _summary(lines, place)
    if not points or "requests" not in facts:
        raise cut_off(
            place,
            seen=f"{len(shares)} lines of the distribution of {name} and no summary",
            expected="requests completed, the distribution and the latency summary",
        )
    counts = [(number(one[2], place, "a latency"), int(one[3])) for one in shares]
    buckets = from_cumulative(counts, place)
    if total_of(buckets) != facts["requests"]:
        raise cut_off(
            place,
            seen=f"{total_of(buckets)} requests in the distribution of {name}",
            expected=f"{facts['requests']} requests",
        )
    return Run(TOOL, name, points, buckets, facts={**CLOSED, **HISTOGRAM, **facts})


def _summary(lines: Sequence[str], place: Place) -> tuple[Point, ...]:
    """Return the figures below the names of the latency summary; none when it is not there."""
    listed = [line.split() for line in lines]
    order = ["avg", "min", "p50", "p95", "p99", "max"]
    at = next((n for n, words in enumerate(listed) if words == order), len(listed))
    values = listed[at + 1] if at + 1 < len(listed) else []
    if len(values) != len(order):
        return ()
    points = tuple(
        Point(STATISTICS[name], number(value, place, name))
        for name, value in zip(order, values, strict=True)
    )
    check_order(points, place)
    return points
