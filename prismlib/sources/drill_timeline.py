"""From the steps of one log to rows of DRILL and DRILL_EVENT, in seconds from T+0.

Refused, naming the row: a step that ends before it starts, has two starts or two ends, or waits
for one that is not in the log or for itself; T+ beside clock times without the clock time of T+0;
an event after the day on which the log was looked at. What can be read but a reader should know of
becomes a note (`prismlib.sources.drill_notes`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter
from typing import Any

from prismlib.sources.csv_tables import plain
from prismlib.sources.drill_times import Mark, Place

MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class LogStep:
    """A step as a log tells it; `cells` are further fields of DRILL_EVENT, `place` its row."""

    place: Place
    step_id: str
    step_name: str
    start: Mark | None = None
    end: Mark | None = None
    depends_on: tuple[str, ...] = ()
    cells: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Log:
    """One drill of a file.

    Attributes
    ----------
    place : Place
    drill_id, drill_kind : str
    steps : tuple of LogStep
        In the order of the file.
    zero : datetime, optional
        The instant of T+0; by default that of the earliest clock time.
    cells : dict
        Further fields of DRILL.
    notes : tuple of str
    is_ordered : bool
        Whether the order of the file should be that of time.
    format_name : str
    """

    place: Place
    drill_id: str
    drill_kind: str
    steps: tuple[LogStep, ...]
    zero: datetime | None = None
    cells: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    is_ordered: bool = False
    format_name: str = ""


@dataclass(frozen=True)
class Timed:
    """A step with its times in seconds from T+0; None when they are not recorded."""

    step: LogStep
    start_low_s: Decimal | None
    start_high_s: Decimal | None
    end_low_s: Decimal | None
    end_high_s: Decimal | None

    @property
    def is_instant(self) -> bool:
        """Whether it starts and ends at once."""
        times = (self.start_low_s, self.start_high_s, self.end_low_s, self.end_high_s)
        return None not in times and len(set(times)) == 1


def merge_steps(steps: Sequence[LogStep]) -> tuple[tuple[LogStep, ...], list[str]]:
    """Return each step once, its start and its end joined, and what a reader must know of it."""
    merged: dict[str, LogStep] = {}
    notes = []
    for step in steps:
        known = merged.get(step.step_id)
        if known is None:
            merged[step.step_id] = step
            continue
        if (step.start, step.end) == (known.start, known.end):
            notes.append(f"{step.step_name}: comes twice with the same times, and is read once")
        merged[step.step_id] = _merge(known, step)
    return tuple(merged.values()), notes


def _merge(known: LogStep, step: LogStep) -> LogStep:
    if known.step_name.casefold() != step.step_name.casefold():
        raise step.place.refuse(
            f"the step id {step.step_id} has two names",
            seen=f"{known.step_name} and {step.step_name}",
            expected="one name for each step",
            remedy="give each step an id of its own, or write its name in one way",
        )
    for name, one, other in (("start", known.start, step.start), ("end", known.end, step.end)):
        if one is not None and other is not None and (one.low, one.high) != (other.low, other.high):
            raise step.place.refuse(
                f"the step {step.step_name} has two {name}s",
                seen=f"{words(one)} and {words(other)}",
                expected=f"one {name} for each step",
                remedy="delete one, or give a second attempt a name of its own",
            )
    cells = {**step.cells, **{k: v for k, v in known.cells.items() if v not in (None, "")}}
    depends_on = tuple(dict.fromkeys((*known.depends_on, *step.depends_on)))
    start, end = known.start or step.start, known.end or step.end
    return replace(known, start=start, end=end, depends_on=depends_on, cells=cells)


def words(mark: Mark) -> str:
    """Return a time in words."""

    def point(value: Decimal | datetime) -> str:
        return seconds_words(value) if isinstance(value, Decimal) else value.isoformat()

    return point(mark.low) + (f"..{point(mark.high)}" if mark.high != mark.low else "")


def seconds_words(seconds: Decimal, *, sign: bool = True) -> str:
    """Return ``T+2:30``, or ``2:30`` for a length of time."""
    minutes, rest = divmod(abs(seconds), 60)
    whole = f"{rest:f}" if rest != rest.to_integral_value() else f"{int(rest)}"
    mark = ("T-" if seconds < 0 else "T+") if sign else ""
    return f"{mark}{int(minutes)}:{'0' if rest < 10 else ''}{whole}"


def timed(log: Log, as_of: date) -> tuple[Log, list[Timed]]:
    """Return the log with its T+0, and its steps in seconds from it, in the order of the file."""
    marks = [m for step in log.steps for m in (step.start, step.end) if m is not None]
    clocks = [mark.low for mark in marks if isinstance(mark.low, datetime)]
    zero = log.zero
    if clocks and zero is None:
        if len(clocks) < len(marks):
            raise log.place.refuse(
                "has clock times beside times from T+0",
                seen=f"{len(clocks)} clock times, {len(marks) - len(clocks)} from T+0",
                expected="one way of telling time, or the clock time of T+0",
                remedy="give zero: the clock time at which T+0 was",
            )
        zero = min(clocks)
        note = f"no zero is given: T+0 is its earliest time, {zero.isoformat()}"
        log = replace(log, notes=(*log.notes, note))
    _check_waits(log.steps)
    steps = [_timed(step, zero) for step in log.steps]
    _check_future(log, zero, steps, as_of)
    return replace(log, zero=zero), steps


def _timed(step: LogStep, zero: datetime | None) -> Timed:
    start_low, start_high = _seconds(step.start, zero)
    end_low, end_high = _seconds(step.end, zero)
    if start_low is not None and end_high is not None and end_high < start_low:
        raise step.place.refuse(
            f"the step {step.step_name} ends before it starts",
            seen=f"start {seconds_words(start_low)}, end {seconds_words(end_high)}",
            expected="an end that is not before the start",
            remedy="correct the times; look at their day and time zone",
        )
    return Timed(step, start_low, start_high, end_low, end_high)


def _seconds(mark: Mark | None, zero: datetime | None) -> tuple[Decimal | None, Decimal | None]:
    if mark is None:
        return None, None

    def since(value: Decimal | datetime) -> Decimal:
        if isinstance(value, Decimal):
            return plain(value)
        assert zero is not None, "clock times have a zero"
        return plain(Decimal((value - zero) // MICROSECOND) / 10**6)

    return since(mark.low), since(mark.high)


def _check_waits(steps: Sequence[LogStep]) -> None:
    known = [step.step_id for step in steps]
    for step in steps:
        if lacks := [name for name in step.depends_on if name not in known]:
            raise step.place.refuse(
                f"the step {step.step_name} waits for one that is not in the log",
                seen=", ".join(lacks),
                expected=f"some of {', '.join(known)}",
                remedy="correct the name, or add the step, without times if they are unknown",
            )
    try:
        TopologicalSorter({step.step_id: step.depends_on for step in steps}).prepare()
    except CycleError as error:
        raise steps[0].place.refuse(
            "steps wait for each other in a circle",
            seen=" before ".join(error.args[1]),
            expected="steps that can be put in order",
            remedy="take out one of these dependencies",
        ) from None


def _check_future(log: Log, zero: datetime | None, steps: Sequence[Timed], as_of: date) -> None:
    end_of_day = datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC) + timedelta(days=1)
    expected = f"nothing after {as_of} (UTC), the day as of which the log is read"
    remedy = "correct the time; a plan is no drill: give its durations as planned"
    if zero is not None:
        for one in steps:
            for seconds in (one.end_low_s, one.start_low_s):
                if seconds is None or seconds < (end_of_day - zero) // MICROSECOND / Decimal(10**6):
                    continue
                raise one.step.place.refuse(
                    f"the step {one.step.step_name} lies in the future",
                    seen=f"{seconds_words(seconds)}, with T+0 at {zero.isoformat()}",
                    expected=expected,
                    remedy=remedy,
                )
    day = log.cells.get("drill_date")
    if day is not None and day > as_of:
        what = f"the drill {log.drill_id} lies in the future"
        raise log.place.refuse(what, seen=str(day), expected=expected, remedy=remedy)


def drill_row(log: Log) -> dict[str, Any]:
    """Return the row of DRILL; its day is the one of T+0 in UTC unless the log gives one."""
    day = log.cells.get("drill_date") or (None if log.zero is None else log.zero.date())
    return {
        "source": log.place.path.name,
        **log.cells,
        "drill_id": log.drill_id,
        "drill_kind": log.drill_kind,
        "drill_date": day,
        "zero_at": log.zero,
    }


def event_row(log: Log, one: Timed) -> dict[str, Any]:
    """Return the row of DRILL_EVENT of a step."""
    step, cells = one.step, dict(one.step.cells)
    has_ends = one.start_low_s is not None and one.end_low_s is not None
    if has_ends:
        cells["duration_s"] = None
    place = step.place.path.name + ("" if step.place.row is None else f", row {step.place.row}")
    return {
        "source": place,
        **{name: value for name, value in cells.items() if value is not None},
        "drill_id": log.drill_id,
        "step_id": step.step_id,
        "step_name": step.step_name,
        "depends_on": "|".join(step.depends_on),
        "start_low_s": one.start_low_s,
        "start_high_s": one.start_high_s,
        "end_low_s": one.end_low_s,
        "end_high_s": one.end_high_s,
        "is_excluded": bool(cells.get("is_excluded")),
        "step_status": cells.get("step_status") or _status(one),
    }


def _status(one: Timed) -> str:
    if one.is_instant:
        return "instant"
    if one.start_low_s is None and one.end_low_s is None:
        return "missing" if one.step.cells.get("duration_s") is None else ""
    return ""
