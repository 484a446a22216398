"""ApacheBench ``-g`` and ``-e``, and the text of wrk and wrk2.

``ab -g`` writes a row for each answer: starttime, seconds (since 1970), ctime, dtime, ttime, wait;
the last four in whole milliseconds, so that nothing below one can be seen. ``ab -e`` writes the
time within which each percentage was served, with three decimals. wrk waits for each answer; wrk2
keeps a rate and counts from the moment at which a request was due.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from prismlib.errors import SourceError
from prismlib.sources.benchmark_hdr import SPECTRUM, spectrum
from prismlib.sources.benchmark_run import (
    MS,
    Point,
    Run,
    Tally,
    check_order,
    cut_off,
    is_cut,
    lines_of,
    number,
    percentile_name,
    total_of,
    two_runs,
    whole,
)
from prismlib.sources.drill_times import Place

GNUPLOT = ["starttime", "seconds", "ctime", "dtime", "ttime", "wait"]
SERVED = "Percentage served,Time in ms"
NO_TAIL = "ab -e gives whole percentages: nothing beyond p99 but the maximum"
EPOCH = re.compile(r"\d{1,11}")

RUNNING = re.compile(r"Running (\S+) test @ (\S+)$")
TIME = re.compile(r"(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)")
CONNECTIONS = re.compile(r"\s*\d+ threads? and (\d+) connections?$")
LATENCY = re.compile(r"\s*Latency\s+(\S+)\s+(\S+)\s+(\S+)\s+\S+%$")
SHARE = re.compile(r"\s*([\d.]+)%\s+(\S+)$")
DONE = re.compile(r"\s*(\d+) requests in (\S+), \S+ read$")
RATE = re.compile(r"Requests/sec:\s*(\S+)$")
SOCKET_ERRORS = re.compile(
    r"\s*Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)$"
)
BAD_STATUS = re.compile(r"\s*Non-2xx or 3xx responses: (\d+)$")
UNCORRECTED = "Uncorrected Latency"


def is_gnuplot(head: str) -> bool:
    """Return whether a file is of ``ab -g``."""
    return head.split("\n", 1)[0].strip().split("\t") == GNUPLOT


def gnuplot_runs(path: Path) -> list[Run]:
    """Return the run of ``ab -g``: a bucket for each whole millisecond of ttime.

    A million rows are read in seconds; memory is that of the distinct values.
    """
    times, starts = Tally(path, "ttime"), Tally(path, "seconds")
    rows = lines_of(path)
    next(rows)
    for row, line in rows:
        cells = line.split("\t")
        if len(cells) != 6:
            if line.strip():
                raise _not_a_row(cells, Place(path, row))
            continue
        starts.add(cells[1], row)
        times.add(cells[4], row)
    buckets, seconds = times.buckets(), starts.buckets()
    if not buckets:
        raise cut_off(Place(path, 1), seen="a header alone", expected="a row for each answer")
    if is_cut(path):
        raise cut_off(Place(path), seen="a last line without its end", expected="whole lines")
    facts = {
        "load_model": "closed",
        "resolution_ms": times.resolution_ms,
        "requests": total_of(buckets),
        "observed_at": datetime.fromtimestamp(int(seconds[0].value_ms), tz=UTC),
    }
    return [Run("ab", "", (), buckets, facts=facts)]


def _not_a_row(cells: Sequence[str], place: Place) -> SourceError:
    return place.refuse(
        f"truncated: {len(cells)} of 6 fields",
        seen="\t".join(cells),
        expected=", ".join(GNUPLOT),
        remedy="run ab again and wait until it ends: it writes the slowest answers last",
    )


def is_served(head: str) -> bool:
    """Return whether a file is of ``ab -e``."""
    return head.split("\n", 1)[0].strip() == SERVED


def served_runs(path: Path) -> list[Run]:
    """Return the run of ``ab -e``: p1 to p99, the minimum at 0 and the maximum at 100."""
    points: list[Point] = []
    for row, line in list(lines_of(path))[1:]:
        place, cells = Place(path, row), line.split(",")
        if not line.strip():
            continue
        if line.strip() == SERVED:
            raise two_runs(place, seen="two headers")
        if len(cells) != 2 or cells[0] != str(len(points)) or len(points) > 100:
            raise place.refuse(
                f"truncated or edited: no row for {len(points)} percent",
                seen=line,
                expected="the percentages 0 to 100, a row each",
                remedy="run ab again and leave its file as it is",
            )
        ends = {"0": "min", "100": "max"}
        name = ends.get(cells[0], f"p{cells[0]}")
        points.append(Point(name, number(cells[1], place, "Time in ms"), 2))
    if len(points) != 101:
        raise cut_off(Place(path), seen=f"{len(points)} rows", expected="101: 0 to 100 percent")
    check_order(points, Place(path))
    facts = {"load_model": "closed", "resolution_ms": MS["us"]}
    return [Run("ab", "", tuple(points), facts=facts, note=NO_TAIL)]


def is_wrk(head: str) -> bool:
    """Return whether a file is the text of wrk or wrk2."""
    return any(RUNNING.fullmatch(line.strip()) for line in head.splitlines())


def wrk_runs(path: Path) -> list[Run]:
    """Return the run of a text of wrk or wrk2."""
    lines = [(row, line.rstrip()) for row, line in lines_of(path)]
    starts = [row for row, line in lines if RUNNING.fullmatch(line.strip())]
    if len(starts) > 1:
        raise two_runs(Place(path, starts[1]), seen=f"{len(starts)} times 'Running'")
    place = Place(path, starts[0])
    # What wrk2 adds on request leaves out the wait of late requests: that is not the latency.
    own = next((n for n, (_, line) in enumerate(lines) if UNCORRECTED in line), len(lines))
    tail = [one for one in lines[own:] if DONE.fullmatch(one[1]) or RATE.fullmatch(one[1])]
    lines = lines[:own] + tail
    texts = [line for _, line in lines]
    is_wrk2 = any("Thread calibration" in line or "HdrHistogram" in line for line in texts)
    has_spectrum = any(SPECTRUM.fullmatch(line) for line in texts)
    buckets = spectrum(lines, place) if has_spectrum else ()
    points = _wrk_points(texts, place)
    facts = _wrk_facts(texts, place)
    if buckets:
        # wrk2 drops what it measured while it found its pace: 10 s.
        facts["requests"] = total_of(buckets)
    facts["load_model"] = "open" if is_wrk2 else "closed"
    facts["resolution_ms"] = MS["us"] if buckets else _step(texts)
    listed = any(one.statistic == "p99" for one in points) or buckets
    note = "" if listed else "no percentiles: wrk prints them with --latency"
    return [Run("wrk2" if is_wrk2 else "wrk", "", points, buckets, facts=facts, note=note)]


def _wrk_points(texts: Sequence[str], place: Place) -> tuple[Point, ...]:
    points: list[Point] = []
    for text in texts:
        if found := LATENCY.fullmatch(text):
            points.append(Point("mean", _time_ms(found[1], place, "Latency")))
            points.append(Point("max", _time_ms(found[3], place, "Latency")))
        elif (found := SHARE.fullmatch(text)) and Decimal(found[1]) < 100:
            name = percentile_name(found[1])
            points.append(Point(name, _time_ms(found[2], place, name)))
    check_order([one for one in points if one.statistic != "mean"], place)
    return tuple(points)


def _time_ms(text: str, place: Place, what: str) -> Decimal:
    found = TIME.fullmatch(text)
    if not found:
        number(text, place, what)  # says what is wrong with nan and the like
        raise place.refuse(
            f"{text} in {what}", seen=text, expected="a time such as 1.13ms", remedy="run it again"
        )
    return Decimal(found[1]) * MS[found[2]]


def _wrk_facts(texts: Sequence[str], place: Place) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    failed = 0
    for text in texts:
        if found := RUNNING.fullmatch(text.strip()):
            facts["target_name"] = found[2]
        elif found := CONNECTIONS.fullmatch(text):
            facts["clients"] = whole(found[1], place, "connections")
        elif found := DONE.fullmatch(text):
            facts["requests"] = whole(found[1], place, "requests")
            facts["duration_s"] = _time_ms(found[2], place, "duration") / 1000
        elif found := RATE.fullmatch(text):
            facts["operations_per_second"] = number(found[1], place, "Requests/sec")
        elif found := SOCKET_ERRORS.fullmatch(text) or BAD_STATUS.fullmatch(text):
            failed += sum(map(int, found.groups()))
    if "requests" not in facts or "operations_per_second" not in facts:
        raise cut_off(place, seen=f"{len(texts)} lines", expected="requests in .. and Requests/sec")
    return {**facts, "failed_requests": failed}


def _step(texts: Sequence[str]) -> Decimal | None:
    """Return the coarsest last place of the percentiles: 1.13ms is 0.01 ms, 1.20s is 10 ms."""
    times = [TIME.fullmatch(found[2]) for text in texts if (found := SHARE.fullmatch(text))]
    steps = [
        Decimal(1).scaleb(int(Decimal(one[1]).as_tuple().exponent)) * MS[one[2]]
        for one in times
        if one
    ]
    return max(steps, default=None)
