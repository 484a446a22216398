"""What a reader of a drill log must know though it can be read: gaps, overlaps, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import combinations, pairwise

from prismlib.dr_tables import PHASES
from prismlib.formats import named
from prismlib.sources.drill_timeline import Log, Timed, seconds_words

MOST_NOTES = 40
"""A page begins with them; more would hide its answer."""
SHORTEST_GAP_S = 1
"""Shorter ones are the pace of a program. [s]"""


def notes_of(log: Log, steps: Sequence[Timed]) -> list[str]:
    """Return the notes on the times of one drill, a sentence each."""
    return [
        *log.notes,
        *_zones(log),
        *_order(log, steps),
        *_missing(steps),
        *_durations(steps),
        *_gaps(steps),
        *_overlaps(steps),
        *_too_early(steps),
        *_phases(log),
    ]


def together(notes: Sequence[tuple[str, str]]) -> list[str]:
    """Return notes with the drills that they are of in front, the same note of several once.

    Parameters
    ----------
    notes : sequence of (drill id, note)
    """
    drills: dict[str, list[str]] = {}
    for drill_id, note in notes:
        drills.setdefault(note, []).append(drill_id)
    found = [f"{named(list(dict.fromkeys(ids)))}: {note}" for note, ids in drills.items()]
    if (more := len(found) - MOST_NOTES) > 0:
        found[MOST_NOTES:] = [f"{more} more notes are left out; give fewer drills to see them"]
    return found


def _zones(log: Log) -> Iterator[str]:
    marks = [mark for step in log.steps for mark in (step.start, step.end) if mark is not None]
    zones = list(dict.fromkeys(mark.zone for mark in marks if mark.zone))
    if len(zones) > 1:
        yield f"its times are in {len(zones)} time zones ({named(zones)}); all are read into UTC"


def _order(log: Log, steps: Sequence[Timed]) -> Iterator[str]:
    starts = [s for s in steps if s.start_low_s is not None]
    late = [
        f"{other.step.step_name} at {_at(other)} behind {one.step.step_name} at {_at(one)}"
        for one, other in pairwise(starts)
        if (other.start_low_s or Decimal(0)) < (one.start_low_s or Decimal(0))
    ]
    if log.is_ordered and late:
        yield f"its rows are not in the order of time: {named(late)}; they are read in it"


def _at(one: Timed) -> str:
    return "an unknown time" if one.start_low_s is None else seconds_words(one.start_low_s)


def _missing(steps: Sequence[Timed]) -> Iterator[str]:
    kinds: dict[str, list[str]] = {}
    for one in steps:
        has_start, has_end = one.start_low_s is not None, one.end_low_s is not None
        if has_start and has_end:
            continue
        kind = "no end" if has_start else "no start" if has_end else "neither start nor end"
        if kind == "neither start nor end" and one.step.cells.get("duration_s") is not None:
            continue
        kinds.setdefault(kind, []).append(one.step.step_name)
    for kind, names in kinds.items():
        stage = "listed but not recorded" if kind.startswith("neither") else "how long is unknown"
        yield f"{kind} is recorded of {named(names)}: {stage}"


def _durations(steps: Sequence[Timed]) -> Iterator[str]:
    for one in steps:
        told = one.step.cells.get("duration_s")
        if told is None or one.start_low_s is None or one.start_high_s is None:
            continue
        if one.end_low_s is None or one.end_high_s is None:
            continue
        low, high = one.end_low_s - one.start_high_s, one.end_high_s - one.start_low_s
        if not low <= told <= high:
            yield (
                f"{one.step.step_name} states {seconds_words(told, sign=False)}, but its start and"
                f" end are {seconds_words(high, sign=False)} apart: start and end are taken"
            )


def _gaps(steps: Sequence[Timed]) -> Iterator[str]:
    """Yield the times in which nothing is recorded; a log of nothing but instants has none."""
    known = [
        (one.start_low_s, one.start_high_s if one.end_high_s is None else one.end_high_s, one)
        for one in steps
        if one.start_low_s is not None
    ]
    if all(one.is_instant or one.end_low_s is None for _, _, one in known):
        return
    known.sort(key=lambda entry: entry[0])
    gaps, until = [], None
    for low, end, one in known:
        if until is not None and low - until >= SHORTEST_GAP_S:
            length = seconds_words(low - until, sign=False)
            gaps.append(f"{length} before {one.step.step_name} at {seconds_words(low)}")
        until = end if until is None or (end is not None and end > until) else until
    if gaps:
        yield f"gaps in which nothing is recorded: {named(gaps)}"


def _overlaps(steps: Sequence[Timed]) -> Iterator[str]:
    found = []
    for one, other in combinations(steps, 2):
        length = _overlap(one, other)
        if length > 0:
            names = f"{one.step.step_name} and {other.step.step_name}"
            found.append(f"{names} for {seconds_words(length, sign=False)}")
    if found:
        yield f"stages overlap, so their durations do not add up: {named(found)}"


def _overlap(one: Timed, other: Timed) -> Decimal:
    """Return how long two steps ran at once for certain. [s]"""
    starts = [s.start_high_s for s in (one, other) if s.start_high_s is not None]
    ends = [s.end_low_s for s in (one, other) if s.end_low_s is not None]
    if len(starts) < 2 or len(ends) < 2:
        return Decimal(0)
    return min(ends) - max(starts)


def _too_early(steps: Sequence[Timed]) -> Iterator[str]:
    by_id = {one.step.step_id: one for one in steps}
    for one in steps:
        for name in one.step.depends_on:
            end = by_id[name].end_low_s
            if end is not None and one.start_high_s is not None and one.start_high_s < end:
                early = seconds_words(end - one.start_high_s, sign=False)
                waited = by_id[name].step.step_name
                yield f"{one.step.step_name} waits for {waited}, but starts {early} before it ends"


def _phases(log: Log) -> Iterator[str]:
    present = {step.cells.get("phase") or "restore" for step in log.steps}
    missing = [phase for phase in PHASES if phase not in present]
    if missing:
        yield f"no stage is marked as {', '.join(missing)}: how long that took is unknown"
