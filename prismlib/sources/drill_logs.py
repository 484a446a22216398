"""Drill logs of several kinds, read into DRILL and DRILL_EVENT.

The kind is found from the content: hand-written CSV and YAML (`prismlib.sources.drill_text`), AWS
ARC Region switch (`drill_region_switch`), FIS, CloudTrail and chaostoolkit (`drill_records`).
What is wrong in a log is refused with its row or becomes a note, never repaired in silence.

Known limits. Each log is a drill of its own: an experiment and the log of the recovery from it are
put together by hand, in one CSV or YAML. Only the events of Region switch join their execution.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from prismlib.dr_tables import DRILL, DRILL_EVENT
from prismlib.errors import SourceError
from prismlib.sources import drill_records as records
from prismlib.sources import drill_region_switch as region_switch
from prismlib.sources.drill_notes import notes_of, together
from prismlib.sources.drill_text import csv_logs, yaml_logs
from prismlib.sources.drill_timeline import Log, Timed, drill_row, event_row, merge_steps, timed
from prismlib.sources.drill_times import Place
from prismlib.tables import make

JSON_FORMATS: tuple[tuple[Callable[[Any], bool], Callable[[Any, Path], list[Log]]], ...] = (
    (region_switch.is_execution, region_switch.execution_logs),
    (region_switch.is_events, region_switch.events_logs),
    (records.is_experiment, records.experiment_logs),
    (records.is_trail, records.trail_logs),
    (records.is_journal, records.journal_logs),
)
MAX_STEPS = 500
"""Of one drill. Dependencies among many more take minutes, and no page can show them."""
EXPECTED = (
    "CSV or YAML with a step in each row, or JSON of GetPlanExecution, ListPlanExecutionEvents,"
    " GetExperiment, LookupEvents or a chaostoolkit journal"
)


@dataclass(frozen=True)
class DrillLogs:
    """What some drill logs say.

    Attributes
    ----------
    drill : DRILL
    drill_event : DRILL_EVENT
        Steps of a drill in the order of time; those without a time behind the one before them.
    notes : tuple of str
        What a reader must know of the logs, each with the drill in front.
    """

    drill: pd.DataFrame
    drill_event: pd.DataFrame
    notes: tuple[str, ...]


def read_drill_logs(paths: Sequence[Path], *, as_of: date) -> DrillLogs:
    """Read drill logs of any known kind.

    Parameters
    ----------
    paths : sequence of Path
        Files; one that is named twice is read once.
    as_of : date
        The day as of which they are read: nothing in them can be after it (UTC).

    Raises
    ------
    SourceError
        A file is missing or of no known kind, or a time, step or order in it cannot be.
    """
    files = list({path.resolve(): path for path in paths}.values())
    logs = region_switch.paired([log for path in files for log in _read(path)])
    _check_logs(logs)
    drills, events, notes = [], [], []
    for log in logs:
        steps, merging = merge_steps(log.steps)
        told, times = timed(replace(log, steps=steps, notes=(*log.notes, *merging)), as_of)
        drills.append(drill_row(told))
        events += [event_row(told, one) for one in _in_order(times)]
        notes += [(told.drill_id, note) for note in notes_of(told, times)]
    return DrillLogs(make(DRILL, drills), make(DRILL_EVENT, events), tuple(together(notes)))


def _read(path: Path) -> list[Log]:
    if not path.is_file():
        raise SourceError(
            "no such file", path=path, expected="a drill log", remedy="check the path"
        )
    try:
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError("is not UTF-8 text", path=path, seen=str(error)) from None
    if not content.strip():
        raise Place(path).refuse(
            "is empty", seen="no text", expected=EXPECTED, remedy="write the file again"
        )
    if content.lstrip().startswith(("{", "[")):
        return _json_logs(content, path)
    # The first line of a CSV names a step among other columns; in YAML a colon follows a key.
    first = next(line for line in content.splitlines() if line.strip())
    if ";" in first and not {",", ":"} & set(first):
        raise Place(path, 0).refuse(
            "is no CSV with commas",
            seen=first,
            expected=EXPECTED,
            remedy="save it with commas between the cells, not semicolons",
        )
    is_csv = ":" not in first and ("," in first or first.strip().lower() in ("step", "step_name"))
    return csv_logs(content.lstrip("\n"), path) if is_csv else yaml_logs(content, path)


def _json_logs(content: str, path: Path) -> list[Log]:
    try:
        answer = json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise Place(path).refuse(
            "is not readable JSON",
            seen=str(error),
            expected=EXPECTED,
            remedy="fetch the answer again and leave it as it comes",
        ) from None
    for matches, logs in JSON_FORMATS:
        if matches(answer):
            return logs(answer, path)
    keys = ", ".join(answer) if isinstance(answer, dict) else f"a list of {len(answer)}"
    raise Place(path).refuse(
        "is not a drill log of a known kind",
        seen=keys or "an empty object",
        expected=EXPECTED,
        remedy="give the whole answer of the call, or write the steps into a CSV",
    )


def _check_logs(logs: Sequence[Log]) -> None:
    seen: dict[str, Log] = {}
    for log in logs:
        if not log.steps:
            raise log.place.refuse(
                "has no steps",
                seen=f"the drill {log.drill_id} without any",
                expected="one step or more",
                remedy="give the log of a drill that ran",
            )
        if len(log.steps) > MAX_STEPS:
            raise log.place.refuse(
                f"the drill {log.drill_id} has more steps than a person can look at",
                seen=f"{len(log.steps):,} rows",
                expected=f"at most {MAX_STEPS}",
                remedy="put events of one stage into one step, or give each drill its drill_id",
            )
        if log.drill_id in seen:
            raise log.place.refuse(
                f"the drill {log.drill_id} is in another file as well",
                seen=seen[log.drill_id].place.path.name,
                expected="each drill in one file",
                remedy="give one of them another drill_id, or put both into one file",
            )
        seen[log.drill_id] = log


def _in_order(steps: Sequence[Timed]) -> list[Timed]:
    """Return the steps by their start; one without times stays behind the one before it."""
    keyed, last = [], Decimal("-Infinity")
    for one in steps:
        when = one.start_low_s if one.start_low_s is not None else one.end_low_s
        last = last if when is None else when
        keyed.append((last, one))
    return [one for _, one in sorted(keyed, key=lambda entry: entry[0])]
