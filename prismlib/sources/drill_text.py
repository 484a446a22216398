"""Drill logs written by hand, CSV or YAML: a row or an entry for each step.

::

    drill_id,step,start,end,depends_on,phase,excluded,manual,note
    nov-14,Promote PostgreSQL,T+1:00,T+2:30,,restore,false,false,
    nov-14,Load Redis,T+3:00,T+5:30..T+6:00,Promote PostgreSQL,restore,false,false,

    drill_id: nov-14              # YAML: what is above the steps holds for each of them
    zero: 2025-11-14 14:00:00 America/Los_Angeles
    steps:
      - step: Promote PostgreSQL
        start: T+1:00
        end: T+2:30
      - {step: Load Redis, start: T+3:00, end: T+6:00, depends_on: [Promote PostgreSQL]}

`COLUMNS` names what a row may have; only `step` must be there. Instead of `start` and `end` a row
may have `at` (an instant), or `time` and `event` (start, end or at), so that a step takes two rows.
Times are those of `prismlib.sources.drill_times`. Without `time_zone` a clock time needs its own.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from prismlib.dr_tables import DRILL, DRILL_EVENT, DRILL_KINDS, PHASES, STEP_STATUSES
from prismlib.errors import SourceError
from prismlib.fields import FIELDS, parse_cell
from prismlib.sources.csv_tables import EXAMPLES
from prismlib.sources.drill_json import slug
from prismlib.sources.drill_timeline import Log, LogStep
from prismlib.sources.drill_times import Mark, Place, parse_clock, parse_duration, parse_mark

ALIASES = {
    "drill": "drill_id",
    "kind": "drill_kind",
    "date": "drill_date",
    "lost_region": "lost_region_id",
    "recovery_region": "recovery_region_id",
    "step": "step_name",
    "duration": "duration_s",
    "planned": "planned_s",
    "excluded": "is_excluded",
    "manual": "is_manual",
    "status": "step_status",
    "store": "store_name",
}
TIMES = ("start", "end", "at", "time", "event", "time_zone", "zero")
COMPUTED = ("start_low_s", "start_high_s", "end_low_s", "end_high_s", "zero_at")
DRILL_NOTE = "drill_note"
OF_DRILL = tuple(name for name in DRILL.fields if name not in ("note", "source", *COMPUTED))
COLUMNS = tuple(
    dict.fromkeys(
        name
        for name in (*DRILL.fields, *DRILL_EVENT.fields, *TIMES, DRILL_NOTE)
        if name not in COMPUTED
    )
)
ALLOWED = {
    "drill_kind": DRILL_KINDS,
    "phase": PHASES,
    "step_status": STEP_STATUSES,
    "rate_scope": ("all", "node"),
}
POSITIVE = ("moved_gb", "stated_mb_per_second", "node_count")
FLAGS = {"yes": "true", "no": "false", "x": "true"}
Row = tuple[Place, dict[str, str]]


def csv_logs(text: str, path: Path) -> list[Log]:
    """Return the drills of a CSV file; rows count from 1 below the header."""
    lines = csv.reader(io.StringIO(text, newline=""))
    header = [_column(name, Place(path, 0)) for name in next(lines, [])]
    if repeated := sorted({name for name in header if header.count(name) > 1}):
        raise Place(path, 0).refuse(
            "a column is there twice",
            seen=", ".join(repeated),
            expected="each column once, under one of its names",
            remedy="delete one of them",
        )
    rows: list[Row] = []
    for number, cells in enumerate(lines, start=1):
        place = Place(path, number)
        if len(cells) > len(header):
            raise place.refuse(
                "has more cells than the header",
                seen=f"{len(cells)} cells",
                expected=f"{len(header)} cells",
                remedy='quote a cell that contains a comma: "like, this"',
            )
        if any(cell.strip() for cell in cells):
            rows.append((place, dict(zip(header, map(str.strip, cells), strict=False))))
    return _logs(rows, path)


def yaml_logs(text: str, path: Path) -> list[Log]:
    """Return the drills of a YAML file; rows are its lines."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise Place(path, mark.line + 1 if mark else None).refuse(
            "is not readable YAML",
            seen=getattr(error, "problem", None) or str(error),
            expected="a mapping with the key steps",
            remedy="look at the indentation, and quote a text that contains ': '",
        ) from None
    top = _mapping(root, path)
    drills = _items(top["drills"], path) if "drills" in top else [root]
    rows: list[Row] = []
    for drill in drills:
        above = _mapping(drill, path)
        shared = {k: _scalar(v, path) for k, v in above.items() if k != "steps"}
        if "note" in shared:
            shared[DRILL_NOTE] = shared.pop("note")
        for node in _items(above.get("steps"), path):
            cells = {k: _scalar(v, path) for k, v in _mapping(node, path).items()}
            place = Place(path, node.start_mark.line + 1)
            found = {**shared, **cells}
            rows.append((place, {_column(name, place): cell for name, cell in found.items()}))
    return _logs(rows, path)


def _mapping(node: yaml.Node | None, path: Path) -> dict[str, yaml.Node]:
    if not isinstance(node, yaml.MappingNode):
        raise _no(node, path, "is no mapping", "NAME: VALUE")
    found: dict[str, yaml.Node] = {}
    for key, value in node.value:
        name = _scalar(key, path)
        if name in found:
            raise _no(key, path, f"the key {name} comes twice", "each key once")
        found[name] = value
    return found


def _items(node: yaml.Node | None, path: Path) -> list[yaml.Node]:
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        raise _no(node, path, "has no list of steps", "a list under the key steps")
    return list(node.value)


def _scalar(node: yaml.Node, path: Path) -> str:
    """Return the text of a node as it is written, so that 2:30 stays 2:30; a list joined by |."""
    if isinstance(node, yaml.SequenceNode):
        return "|".join(_scalar(one, path) for one in node.value)
    if not isinstance(node, yaml.ScalarNode):
        raise _no(node, path, "holds a mapping where a text belongs", "a text, or a list of texts")
    return "" if node.tag == "tag:yaml.org,2002:null" else str(node.value).strip()


def _no(node: yaml.Node | None, path: Path, what: str, expected: str) -> SourceError:
    row = 1 if node is None else node.start_mark.line + 1
    seen = str(node.value) if isinstance(node, yaml.ScalarNode) else "something else"
    remedy = "see data/README.md, or the examples in tests/data/drills"
    return Place(path, row).refuse(what, seen=seen, expected=expected, remedy=remedy)


def _column(name: str, place: Place) -> str:
    told = name.strip().lower().replace(" ", "_")
    column = ALIASES.get(told, told)
    if column not in COLUMNS:
        raise place.refuse(
            "a column or key is not known",
            seen=name or "an empty name",
            expected=", ".join(sorted({*COLUMNS, *ALIASES})),
            remedy="rename it, or put it into note",
        )
    return column


def _logs(rows: Iterable[Row], path: Path) -> list[Log]:
    drills: dict[str, list[Row]] = {}
    for place, cells in rows:
        drills.setdefault(cells.get("drill_id") or path.stem, []).append((place, cells))
    if not drills:
        raise Place(path).refuse(
            "has no steps", seen="no row", expected="a row for each step", remedy="add the steps"
        )
    return [_log(drill_id, of_drill) for drill_id, of_drill in drills.items()]


def _log(drill_id: str, rows: list[Row]) -> Log:
    place = rows[0][0]
    told = {name: _once(name, rows) for name in OF_DRILL if name != "drill_id"}
    zone = next((cells["time_zone"] for _, cells in rows if cells.get("time_zone")), "")
    zero = _once("zero", rows)
    ids = {slug(c.get("step_name", "")): c["step_id"] for _, c in rows if c.get("step_id")}
    cells = {name: _cell(name, text, place) for name, text in told.items() if text}
    return Log(
        place=place,
        drill_id=drill_id,
        drill_kind=cells.pop("drill_kind", "failover"),
        steps=tuple(_step(where, row, ids) for where, row in rows),
        zero=parse_clock(zero, place, time_zone=zone)[0] if zero else None,
        cells={**cells, "note": _once(DRILL_NOTE, rows)},
        is_ordered=True,
    )


def _once(name: str, rows: Iterable[Row]) -> str:
    """Return what all rows of a drill say of it, those that say nothing apart."""
    seen = ""
    for place, cells in rows:
        text = cells.get(name, "")
        if text and seen and text != seen:
            raise place.refuse(
                f"{name} differs between rows of a drill",
                seen=f"{seen} and {text}",
                expected=f"one {name} for each drill",
                remedy="correct one, or give the rows different drill_id",
            )
        seen = seen or text
    return seen


def _step(place: Place, cells: Mapping[str, str], ids: Mapping[str, str]) -> LogStep:
    name = cells.get("step_name") or cells.get("step_id", "")
    if not slug(name):
        raise place.refuse(
            "has no step", seen="an empty cell", expected="what was done", remedy="name the step"
        )
    start, end = _times(place, cells)
    waits = [part.strip() for part in re.split(r"[|;]", cells.get("depends_on", ""))]
    parsed = {
        column: _cell(column, text, place)
        for column, text in cells.items()
        if text and column in DRILL_EVENT.fields and column not in ("drill_id", "depends_on")
    }
    step_id = parsed.pop("step_id", None) or ids.get(slug(name)) or slug(name)
    parsed.pop("step_name", None)
    if cells.get("at") and not parsed.get("step_status"):
        parsed["step_status"] = "instant"
    found = [p if p in ids.values() else ids.get(slug(p), slug(p)) for p in waits if p]
    depends_on = tuple(dict.fromkeys(found))
    return LogStep(place, step_id, name, start, end, depends_on, parsed)


def _times(place: Place, cells: Mapping[str, str]) -> tuple[Mark | None, Mark | None]:
    zone = cells.get("time_zone", "")
    found = {n: parse_mark(cells.get(n, ""), place, time_zone=zone) for n in TIMES[:4]}
    start, end, at, time = found.values()
    event = cells.get("event", "").lower()
    if (at and (start or end)) or (time and (start or end or at)):
        raise place.refuse(
            "tells its time in two ways",
            seen=", ".join(f"{n} {cells[n]}" for n in TIMES[:4] if cells.get(n)),
            expected="start and end, or at, or time and event",
            remedy="keep one of them",
        )
    if time and event not in ("start", "end", "at", ""):
        raise place.refuse(
            "an event is not known",
            seen=event,
            expected="start, end or at",
            remedy="use one of them",
        )
    if time:
        return (None if event == "end" else time), (None if event == "start" else time)
    return (at, at) if at else (start, end)


def _cell(column: str, text: str, place: Place) -> Any:
    """Return a cell of DRILL or DRILL_EVENT, typed by its field."""
    if column in ("duration_s", "planned_s"):
        return parse_duration(text, place)
    told = FLAGS.get(text.lower(), text) if FIELDS[column].kind == "flag" else text
    if column in ALLOWED:
        told = told.lower()
        if told not in ALLOWED[column]:
            raise place.refuse(
                f"column {column} cannot be read",
                seen=text,
                expected=", ".join(ALLOWED[column]),
                remedy="use one of these, or leave it empty",
            )
    try:
        value = parse_cell(FIELDS[column], told)
        if column in POSITIVE and value is not None and value <= 0:
            raise ValueError(text)
        return value
    except ValueError as error:
        field = FIELDS[column]
        raise place.refuse(
            f"column {column} cannot be read",
            seen=str(error),
            expected=f"a {field.kind} such as {EXAMPLES[field.kind]} ({field.meaning})"
            + (", more than 0" if column in POSITIVE else ""),
            remedy="correct the cell, or leave it empty if the value is not known",
        ) from None
