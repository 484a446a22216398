"""The steps of a drill as a log has them, and the points in time that its phases meet at.

Method. Times are exact seconds from T+0, the command to recover, each within a range that the log
allows (`Span`). A step counts on the *published clock* unless it is excluded. Recovery as published
is the end of the last restore step, less the time in which nothing ran but excluded work; with the
excluded work it is that end plus the excluded steps that the log gives a duration but no place.
A restore step that failed, or without an end, leaves the recovery unknown: it is not taken as done.
So does one that takes no time by the log: instants alone, or work that ends before T+0.

Known limits. Excluded work without a place is taken as done while nothing else ran, one step after
the other: what a log says of it ("added 30 minutes") rarely says more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pandas as pd

from prismlib.dr_tables import DRILL, DRILL_EVENT
from prismlib.money import exact_sum
from prismlib.tables import check, empty, records

ZERO = Decimal(0)
FAILED, SKIPPED = "failed", "skipped"


@dataclass(frozen=True)
class Span:
    """A number of seconds that is known within a range; `middle` is the figure that is shown."""

    low: Decimal
    high: Decimal

    @property
    def middle(self) -> Decimal:
        """Return the middle of the range."""
        return (self.low + self.high) / 2

    @property
    def is_exact(self) -> bool:
        """Return whether there is one figure only."""
        return self.low == self.high

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)

    @classmethod
    def exact(cls, seconds: Decimal) -> Span:
        """Return a figure without a range."""
        return cls(seconds, seconds)

    @classmethod
    def of(cls, low: Decimal | None, high: Decimal | None) -> Span | None:
        """Return the range between two ends, of which one may be missing; None without any."""
        known = [value for value in (low, high) if value is not None]
        return cls(min(known), max(known)) if known else None


@dataclass(frozen=True)
class DrillStep:
    """A row of DRILL_EVENT with its times as ranges; what is not known is None."""

    row: dict[str, Any]
    start: Span | None
    end: Span | None
    duration: Span | None

    @classmethod
    def of(cls, row: dict[str, Any]) -> DrillStep:
        """Return the step of a row; a duration is end less start, else as stated."""
        start = Span.of(row["start_low_s"], row["start_high_s"])
        end = Span.of(row["end_low_s"], row["end_high_s"])
        stated = row["duration_s"]
        duration = None if stated is None else Span.exact(stated)
        if start is not None and end is not None:
            duration = Span(max(end.low - start.high, ZERO), end.high - start.low)
        return cls(row, start, end, duration)

    @property
    def step_id(self) -> str:
        """Return the stable name of the step."""
        return str(self.row["step_id"])

    @property
    def name(self) -> str:
        """Return what happens in the step, in words."""
        return str(self.row["step_name"] or self.step_id)

    @property
    def phase(self) -> str:
        """Return the phase; a step without one counts as restore."""
        return str(self.row["phase"] or "restore")

    @property
    def is_excluded(self) -> bool:
        """Return whether the published recovery time leaves the step out."""
        return bool(self.row["is_excluded"])

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Return the ids of the steps that must end before this one."""
        return tuple(name.strip() for name in self.row["depends_on"].split("|") if name.strip())


@dataclass(frozen=True)
class Drill:
    """A drill with its steps, in the order of the log."""

    row: dict[str, Any]
    steps: tuple[DrillStep, ...]

    @property
    def drill_id(self) -> str:
        """Return the stable name of the drill."""
        return str(self.row["drill_id"])

    @property
    def kind(self) -> str:
        """Return failover or failback."""
        return str(self.row["drill_kind"])

    @property
    def day(self) -> date | None:
        """Return the day of the drill."""
        day: date | None = self.row["drill_date"]
        return day

    @property
    def source(self) -> str:
        """Return the document and section, or the file, of the drill."""
        return str(self.row["source"])

    def of_phase(self, phase: str) -> tuple[DrillStep, ...]:
        """Return the steps of a phase that were not skipped."""
        return tuple(
            step
            for step in self.steps
            if step.phase == phase and step.row["step_status"] != SKIPPED
        )

    def of_kind(self, kind: str) -> tuple[DrillStep, ...]:
        """Return the steps that do one kind of thing."""
        return tuple(step for step in self.steps if step.row["step_kind"] == kind)


def drills_of(drill: pd.DataFrame | None, drill_event: pd.DataFrame | None) -> tuple[Drill, ...]:
    """Return the drills of a snapshot, in the order of their days.

    Parameters
    ----------
    drill : DRILL, optional
        A drill that has steps and no row here is a failover of an unknown day; one without
        steps is a drill of which nothing is logged.
    drill_event : DRILL_EVENT, optional
    """
    events = check(empty(DRILL_EVENT) if drill_event is None else drill_event, DRILL_EVENT)
    rows = records(check(empty(DRILL) if drill is None else drill, DRILL))
    known = {row["drill_id"]: row for row in rows}
    steps: dict[str, list[DrillStep]] = {}
    for row in records(events):
        steps.setdefault(row["drill_id"], []).append(DrillStep.of(row))
    names = dict.fromkeys([*steps, *known])
    found = [Drill(known.get(n) or _unlisted(n), tuple(steps.get(n, ()))) for n in names]
    return tuple(sorted(found, key=lambda one: one.day or date.max))


def _unlisted(drill_id: str) -> dict[str, Any]:
    row: dict[str, Any] = {f.name: "" if f.kind == "text" else None for f in DRILL.columns}
    return {**row, "drill_id": drill_id, "drill_kind": "failover"}


# --- points in time -------------------------------------------------------------------------------


def last_end(steps: Sequence[DrillStep]) -> Span | None:
    """Return when the last of the steps ended; None without steps or when an end is missing."""
    ends = [step.end for step in steps]
    known = [end for end in ends if end is not None]
    if not known or len(known) < len(ends):
        return None
    return Span(max(end.low for end in known), max(end.high for end in known))


def interruption(drill: Drill) -> Span | None:
    """Return when the service was interrupted, from T+0; usually before it, so negative."""
    starts = [step.start or step.end for step in drill.of_phase("interruption")]
    known = [start for start in starts if start is not None]
    return min(known, key=lambda start: start.low) if known else None


def served(drill: Drill) -> Span | None:
    """Return when the last restore step with a place in the log ended, excluded or not."""
    placed = [s for s in drill.of_phase("restore") if not (s.is_excluded and s.end is None)]
    return None if any(s.row["step_status"] == FAILED for s in placed) else last_end(placed)


def validated(drill: Drill) -> Span | None:
    """Return when health was back: the end of the last validate step, if none has failed."""
    steps = drill.of_phase("validate")
    if any(step.row["step_status"] == FAILED for step in steps):
        return None
    return last_end(steps)


def published_clock(drill: Drill) -> Span | None:
    """Return the recovery from T+0 without the excluded work; None when it is not known."""
    end = served(drill)
    if end is None:
        return None
    left_out = excluded_alone_s(drill)
    return _timed(Span(end.low - left_out, end.high - left_out))


def full_clock(drill: Drill) -> Span | None:
    """Return the recovery from T+0 with the excluded work; None when a part is not known."""
    end = served(drill)
    unplaced = [step.duration for step in unplaced_work(drill)]
    if end is None or any(duration is None for duration in unplaced):
        return None
    for duration in unplaced:
        assert duration is not None
        end = end + duration
    return _timed(end)


def _timed(clock: Span) -> Span | None:
    """Return a recovery; None when it takes no time: then nothing was timed, which is no pass."""
    return clock if clock.middle > 0 and clock.low >= 0 else None


def excluded_work(drill: Drill) -> tuple[DrillStep, ...]:
    """Return the restore steps that the published recovery time leaves out."""
    return tuple(step for step in drill.of_phase("restore") if step.is_excluded)


def unplaced_work(drill: Drill) -> tuple[DrillStep, ...]:
    """Return the excluded steps that the log does not place in time."""
    return tuple(step for step in excluded_work(drill) if step.end is None)


def excluded_alone_s(drill: Drill, until: Decimal | None = None) -> Decimal:
    """Return the time in which nothing ran but excluded work, by the middles of the ranges. [s]

    With `until`, only what lies before that time counts.
    """
    counted = _spans(s for s in drill.of_phase("restore") if not s.is_excluded)
    excluded = _spans(excluded_work(drill))
    if until is not None:
        counted, excluded = (
            [(low, min(high, until)) for low, high in spans if low < until]
            for spans in (counted, excluded)
        )
    return _covered(excluded + counted) - _covered(counted)


def idle_s(drill: Drill) -> Decimal | None:
    """Return the time between T+0 and the end in which no step ran. [s]"""
    if served(drill) is None:
        return None
    return exact_sum(end - start for start, end in gaps(drill))


def gaps(drill: Drill) -> tuple[tuple[Decimal, Decimal], ...]:
    """Return the times between T+0 and the end in which no step ran, as start and end. [s]"""
    whole = served(drill)
    if whole is None:
        return ()
    end = whole.middle
    within = [(max(low, ZERO), min(high, end)) for low, high in _spans(drill.steps)]
    ran = _merged([(low, high) for low, high in within if low <= high])
    marks = [(ZERO, ZERO), *ran, (end, end)]
    return tuple((a[1], b[0]) for a, b in pairwise(marks) if b[0] > a[1])


def _spans(steps: Iterable[DrillStep]) -> list[tuple[Decimal, Decimal]]:
    return [
        (step.start.middle, step.end.middle)
        for step in steps
        if step.start is not None and step.end is not None
    ]


def _merged(spans: list[tuple[Decimal, Decimal]]) -> list[tuple[Decimal, Decimal]]:
    merged: list[tuple[Decimal, Decimal]] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def _covered(spans: list[tuple[Decimal, Decimal]]) -> Decimal:
    return exact_sum(high - low for low, high in _merged(spans))
