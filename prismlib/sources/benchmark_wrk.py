"""The text of wrk and wrk2.

wrk waits for each answer. wrk2 keeps a rate and counts from the moment at which a request was due,
so that the wait of late requests is in it; with ``--latency`` it prints a spectrum.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from prismlib.sources.benchmark_hdr import SPECTRUM, spectrum
from prismlib.sources.benchmark_run import (
    MS,
    Point,
    Run,
    check_order,
    cut_off,
    lines_of,
    number,
    percentile_name,
    total_of,
    two_runs,
    whole,
)
from prismlib.sources.drill_times import Place

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
    """Return the coarsest last place of the percentiles: 1.13ms is 0.01 ms, 1.20s is 10 ms.

    wrk measures whole microseconds, whatever it prints.
    """
    times = [TIME.fullmatch(found[2]) for text in texts if (found := SHARE.fullmatch(text))]
    steps = [
        Decimal(1).scaleb(int(Decimal(one[1]).as_tuple().exponent)) * MS[one[2]]
        for one in times
        if one
    ]
    return max(*steps, MS["us"]) if steps else None
