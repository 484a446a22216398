"""Samples: a log of timed downloads, and times that somebody wrote into a CSV.

A log of ``time aws s3 cp ...`` in bash holds ``real<TAB>0m0.185s`` for each download, among what
the program prints; ``time -p`` writes ``real 0.18``. Both go to stderr: ``time ... > log`` leaves
a log with no time in it, which is said. A log may also hold nothing but seconds, a line each.

The CSV has the header ``value_ms`` or ``value_ms,count``: a time, and how often it was measured.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from prismlib.sources.benchmark_run import Run, Tally, cut_off, lines_of, total_of, two_runs, whole
from prismlib.sources.drill_times import Place

TOOL = "timed downloads"
BY_HAND = "samples"
REAL = re.compile(r"real\s+(?:(\d+)m(\d+)[.,](\d+)s|(\d+)[.,](\d+))")
SECONDS = re.compile(r"[\d.]+(e-?\d+)?|nan|-nan|-?inf", re.IGNORECASE)
FAILED = re.compile(r"fatal error|(down|up)load failed|copy failed")
DOWNLOAD = re.compile(r"(download: |Completed .* with .* remaining|copy: |upload: )")
HEADERS = (["value_ms"], ["value_ms", "count"])


def is_samples(head: str) -> bool:
    """Return whether a file is a CSV of samples."""
    return _cells(head.split("\n", 1)[0]) in HEADERS


def samples_runs(path: Path) -> list[Run]:
    """Return the run of a CSV of samples."""
    tally, rows = Tally(path, "value_ms"), lines_of(path)
    width = len(_cells(next(rows)[1]))
    for row, line in rows:
        if not line.strip():
            continue
        cells = line.split(",")
        if _cells(line) in HEADERS:
            raise two_runs(Place(path, row), seen="two headers")
        if len(cells) != width:
            raise Place(path, row).refuse(
                f"truncated: {len(cells)} of {width} fields",
                seen=line,
                expected=", ".join(HEADERS[width - 1]),
                remedy="write a time in each row, with a decimal point, and its count if there is"
                " one",
            )
        times = whole(cells[1], Place(path, row), "count") if width == 2 else 1
        tally.add(cells[0], row, times)
    return [_run(tally, Place(path), tool=BY_HAND, load_model="")]


def _cells(line: str) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in line.strip().split(",")]


def _run(tally: Tally, place: Place, *, tool: str, load_model: str) -> Run:
    buckets = tuple(one for one in tally.buckets() if one.count)
    if not buckets:
        raise place.refuse(
            "no measurement",
            seen="a header alone, or counts of zero",
            expected="a row for each time",
            remedy="write the measurements again",
        )
    facts = {
        "load_model": load_model,
        "resolution_ms": tally.resolution_ms,
        "requests": total_of(buckets),
    }
    return Run(tool, "", (), buckets, facts=facts)


def is_log(head: str) -> bool:
    """Return whether a file is a log of downloads, timed or not, or of seconds alone."""
    lines = [line.strip() for line in re.split(r"[\r\n]+", head) if line.strip()]
    if any(REAL.fullmatch(line) or DOWNLOAD.match(line) for line in lines):
        return True
    # The last line of the beginning may be cut in the middle.
    return bool(lines) and all(SECONDS.fullmatch(line) for line in lines[:-1] or lines)


def log_runs(path: Path) -> list[Run]:
    """Return the run of a log of timed downloads.

    A log of downloads without a time is a run that measured nothing, and its note says why.
    """
    log = _Log()
    for row, line in lines_of(path):
        log.add(line.strip().rsplit("\r", 1)[-1], Place(path, row))
    if log.timed and log.bare:
        raise two_runs(Place(path, log.bare[0][0]), seen="times of bash, and seconds alone")
    times = log.timed or log.bare
    if not times:
        note = f"no timings in {log.downloads} downloads: bash writes them to stderr"
        return [Run(TOOL, facts={"load_model": "closed"}, note=note)]
    tally = Tally(path, "real", "s")
    for row, text in times:
        tally.add(text, row)
    run = _run(tally, Place(path), tool=TOOL, load_model="closed")
    is_whole = log.downloads + log.failed in (0, len(times))
    note = f"{len(times)} times, {log.downloads} downloads: one of the two is not whole"
    facts = {**run.facts, "failed_requests": log.failed if log.downloads or log.failed else None}
    return [replace(run, facts=facts, note="" if is_whole else note)]


@dataclass
class _Log:
    """What the lines of a log are: times of bash, seconds alone, downloads, failed ones."""

    timed: list[tuple[int, str]] = field(default_factory=list)
    bare: list[tuple[int, str]] = field(default_factory=list)
    downloads: int = 0
    failed: int = 0

    def add(self, text: str, place: Place) -> None:
        row = place.row or 0
        if found := REAL.fullmatch(text):
            self.timed.append((row, _seconds(found)))
        elif text.startswith("real"):
            raise cut_off(place, seen=text, expected="real 0m0.185s or real 0.18")
        elif FAILED.match(text):
            self.failed += 1
        elif DOWNLOAD.match(text):
            self.downloads += 1
        elif text and SECONDS.fullmatch(text):
            self.bare.append((row, text))


def _seconds(found: re.Match[str]) -> str:
    minutes, seconds, fraction, alone, places = found.groups()
    return f"{int(minutes or 0) * 60 + int(seconds or alone)}.{fraction or places}"
