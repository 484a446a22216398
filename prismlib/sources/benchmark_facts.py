"""What a benchmark file does not tell: its name, and the hand-written ``runs.csv`` beside it.

======================  ============================================================================
in the name             is
======================  ============================================================================
``hot@10.0.10.10.csv``  the part of the run ``hot`` that the node 10.0.10.10 measured
hot, cold, e2e          the tier; end-to-end and via proxy are e2e; the folder counts where the name
                        has none of them
2025-11-15              the day of the run, where the content has no time
======================  ============================================================================

``runs.csv`` has the column ``file_name`` (``*`` and ``?`` allowed, seen from its folder) and any
columns of BENCHMARK_RUN. What a cell says goes before what the file says, and a later line before
an earlier one; an empty cell says nothing. Of a file with several tests, a line that names a
``test_name`` is for that test alone. The time of a file on disk is never used: a copy changes it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from prismlib.fields import FIELDS, parse_cell
from prismlib.slo_tables import BENCHMARK_RUN, CLOSED, OPEN
from prismlib.sources.csv_tables import EXAMPLES
from prismlib.sources.delimited import open_text, reading
from prismlib.sources.drill_times import Place

SIDECAR = "runs.csv"
FILE = "file_name"
SUFFIXES = (
    *(".csv", ".tsv", ".txt", ".json", ".log", ".out", ".dat", ".hgrm", ".hdr", ".plot"),
    ".gz",
)
TIERS = {
    "hot": re.compile(r"(?<![a-z])hot(?![a-z])"),
    "cold": re.compile(r"(?<![a-z])cold(?![a-z])"),
    "e2e": re.compile(r"(?<![a-z0-9])(e2e|end.?to.?end|via.?proxy)(?![a-z])"),
}
DAY = re.compile(r"(?<!\d)(20\d\d-\d\d-\d\d)(?!\d)")
NOT_BY_HAND = (FILE, "file_lines", "note", "source")
"""Columns of BENCHMARK_RUN that are the reader's own."""
ALLOWED = {"load_model": (CLOSED, OPEN)}


@dataclass(frozen=True)
class Line:
    """A line of ``runs.csv``: the files that it is for, and what it says of them."""

    place: Place
    pattern: str
    facts: Mapping[str, Any]

    def is_for(self, name: str) -> bool:
        """Return whether a file, by its path below the folder of ``runs.csv``, is meant."""
        return fnmatchcase(name, self.pattern) or fnmatchcase(Path(name).name, self.pattern)


def named(name: str, folder: str) -> dict[str, Any]:
    """Return what the path of a file below its `folder` tells: run, node, tier and day."""
    path = Path(name)
    bare = stem(path)
    run, _, node = bare.partition("@")
    run_id = ".".join((*path.parent.parts, run))
    places = (path.name.lower(), "/".join((folder, *path.parent.parts)).lower())
    tiers = (tier for place in places for tier, found in TIERS.items() if found.search(place))
    return {
        "run_id": run_id,
        "node_id": node,
        "service_tier": next(tiers, ""),
        "observed_at": _day(path.name),
    }


def stem(path: Path) -> str:
    """Return the name without the suffixes of formats; the last part of an address stays."""
    name = path.name
    while Path(name).suffix.lower() in SUFFIXES:
        name = name[: -len(Path(name).suffix)]
    return name


def _day(name: str) -> datetime | None:
    found = DAY.search(name)
    try:
        day = date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


def read_sidecar(folder: Path, names: Sequence[str]) -> list[Line]:
    """Return the lines of ``runs.csv`` of a folder; none where there is none.

    Parameters
    ----------
    folder : Path
        Where ``runs.csv`` may be.
    names : sequence of str
        The files below the folder, as paths from it.

    Raises
    ------
    SourceError
        A column or a cell is not one of BENCHMARK_RUN, or a line is for no file.
    """
    path = folder / SIDECAR
    if not path.is_file():
        return []
    with reading(path), open_text(path) as text:
        rows = list(csv.reader(text, strict=True))
    header = [cell.strip() for cell in rows[0]] if rows else []
    _check_header(header, Place(path, 1))
    lines = []
    for row, cells in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in cells):
            line = _line(header, cells, Place(path, row))
            if not any(line.is_for(name) for name in names):
                raise line.place.refuse(
                    "a line is for no file",
                    seen=line.pattern,
                    expected=f"one of {', '.join(names) or 'the files beside it'}",
                    remedy="correct file_name, or take the line out",
                )
            lines.append(line)
    return lines


def _check_header(header: Sequence[str], place: Place) -> None:
    known = [FILE, *(name for name in BENCHMARK_RUN.fields if name not in NOT_BY_HAND)]
    if FILE in header and set(header) <= set(known) and len(set(header)) == len(header):
        return
    raise place.refuse(
        "a column is missing, not known, or there twice",
        seen=", ".join(header) or "no header",
        expected=f"{FILE} and any of {', '.join(known[1:])}",
        remedy="rename it, or take it out; use commas between the cells",
    )


def _line(header: Sequence[str], cells: Sequence[str], place: Place) -> Line:
    if len(cells) != len(header):
        raise place.refuse(
            f"{len(cells)} cells under {len(header)} columns",
            seen=", ".join(cells),
            expected=", ".join(header),
            remedy='quote a cell that contains a comma: "like, this"',
        )
    told = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()}
    pattern = told.pop(FILE, "")
    facts = {name: _cell(name, text, place) for name, text in told.items()}
    return Line(place, pattern, facts)


def _cell(name: str, text: str, place: Place) -> Any:
    field = FIELDS[name]
    allowed = ALLOWED.get(name)
    try:
        value = parse_cell(field, text)
        if allowed and value not in allowed:
            raise ValueError(f"neither of {', '.join(allowed)}: {text!r}")
        if field.kind in ("decimal", "count") and value < 0:
            raise ValueError(f"below zero: {text!r}")
    except ValueError as error:
        raise place.refuse(
            f"column {name} cannot be read",
            seen=str(error),
            expected=" or ".join(allowed)
            if allowed
            else f"a {field.kind} such as {EXAMPLES.get(field.kind, 'GET')} ({field.meaning})",
            remedy="correct the cell, or leave it empty if the value is not known",
        ) from None
    return value
