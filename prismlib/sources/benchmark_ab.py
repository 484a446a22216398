"""ApacheBench: ``-g``, ``-e`` and what it prints.

``ab -g`` writes a row for each answer: starttime, seconds (since 1970), ctime, dtime, ttime, wait;
the last four in whole milliseconds, so that nothing below one can be seen, and the slowest answers
last. ``ab -e`` writes the time within which each percentage was served, with three decimals. What
it prints has a few percentages in whole milliseconds, and what the other two lack: clients, time
taken, failures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from prismlib.errors import SourceError
from prismlib.sources.benchmark_run import (
    MS,
    Point,
    Run,
    Tally,
    check_order,
    cut_off,
    instant,
    is_cut,
    lines_of,
    number,
    total_of,
    two_runs,
    whole,
)
from prismlib.sources.drill_times import Place

GNUPLOT = ["starttime", "seconds", "ctime", "dtime", "ttime", "wait"]
SERVED = "Percentage served,Time in ms"
NO_TAIL = "ab -e gives whole percentages: nothing beyond p99 but the maximum"

PRINTED = "This is ApacheBench"
SAID = {
    "clients": re.compile(r"Concurrency Level:\s+(\S+)"),
    "duration_s": re.compile(r"Time taken for tests:\s+(\S+) seconds"),
    "requests": re.compile(r"Complete requests:\s+(\S+)"),
    "failed_requests": re.compile(r"(?:Failed requests|Non-2xx responses):\s+(\S+)"),
    "payload_bytes": re.compile(r"Document Length:\s+(\S+) bytes"),
    "operations_per_second": re.compile(r"Requests per second:\s+(\S+) \[#/sec\] \(mean\)"),
}
COUNTS = ("clients", "requests", "failed_requests")
PERCENT = re.compile(r"\s*(\d+)%\s+(\S+)(?: \(longest request\))?")


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
        if cells == GNUPLOT:
            raise two_runs(Place(path, row), seen="two headers")
        starts.add(cells[1], row)
        times.add(cells[4], row)
    buckets, seconds = times.buckets(), starts.buckets()
    if not buckets:
        raise cut_off(Place(path, 1), seen="a header alone", expected="a row for each answer")
    if is_cut(path):
        raise cut_off(Place(path), seen="a last line without its end", expected="whole lines")
    first, last = (int(seconds[at].value_ms) for at in (0, -1))
    facts = {
        "load_model": "closed",
        "resolution_ms": times.resolution_ms,
        "requests": total_of(buckets),
        "observed_at": instant(seconds[0].value_ms, Place(path, 2), "seconds"),
        # From the first start to the last, in whole seconds; nothing is known of a shorter run.
        "duration_s": Decimal(last - first) or None,
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


def is_printed(head: str) -> bool:
    """Return whether a file is what ab prints."""
    return head.lstrip().startswith(PRINTED)


def printed_runs(path: Path) -> list[Run]:
    """Return the run of what ab prints."""
    place, lines = Place(path), [line.rstrip() for _, line in lines_of(path)]
    if sum(line.startswith(PRINTED) for line in lines) > 1:
        raise two_runs(place, seen="two banners of ab")
    facts: dict[str, Any] = {"load_model": "closed", "resolution_ms": MS["ms"]}
    points: list[Point] = []
    for line in lines:
        for key, pattern in SAID.items():
            if found := pattern.fullmatch(line):
                value = (whole if key in COUNTS else number)(found[1], place, key)
                # Answers of another length and answers that are no success are told apart.
                facts[key] = max(value, facts.get(key, 0)) if key == "failed_requests" else value
        if found := PERCENT.fullmatch(line):
            name = "max" if found[1] == "100" else f"p{found[1]}"
            points.append(Point(name, number(found[2], place, name)))
    if "requests" not in facts or not points or points[-1].statistic != "max":
        raise cut_off(place, seen=f"{len(lines)} lines", expected="percentages up to 100%")
    check_order(points, place)
    return [Run("ab", "", tuple(points), facts=facts)]
