"""Where objects are from day to day: the stays of a lot in kinds and storage classes.

Method. On each day on which a transition is due, objects go to the coldest class due that their
class leads to, and never back. On one day a deletion comes before a transition, and a transition
before an expiry that keeps the object as a noncurrent version.

Known limits. A policy acts from the first day, at once and on everything that is due. Of a version
replaced every N days, as many newer ones exist as N fits into the days since; delete markers hold
no bytes and stay out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from prismlib.analyses.bucket_rules import ClassRules, Plan
from prismlib.analyses.bucket_state import CURRENT, NONCURRENT, UPLOAD, ReadPattern

Due = tuple[int, str]
"""A day, and the class that a transition is to then."""


class Lot(NamedTuple):
    """What the objects of equal cohorts share, and the sizes that they are `below` [bytes].

    They come on `repeat` days from `first_day` on, and are written then if the lot `is_new`.
    """

    plan: Plan
    kind: str
    storage_class: str
    age_days: int
    since_days: int
    noncurrent_days: int
    newer_versions: int | None
    replaced_at_age: int | None
    reads: ReadPattern
    below: tuple[int, ...]
    first_day: int = 0
    repeat: int = 1
    is_new: bool = False

    def age_on(self, day: int) -> int:
        """Return the age on a day of what comes on the first day."""
        return self.age_days + day - self.first_day


@dataclass(frozen=True, slots=True)
class Stay:
    """Objects of one kind in one class, from the day `start` up to `end` (None: for good).

    `since` is the day on which they came into the class. At the end they go to `next_class`, or are
    deleted.
    """

    kind: str
    storage_class: str
    start: int
    end: int | None
    since: int
    next_class: str | None = None
    is_deleted: bool = False


def timeline(lot: Lot, rules: ClassRules, *, is_versioned: bool) -> list[Stay]:
    """Return the stays of a lot, in order, those after the horizon included."""
    start, since = lot.first_day, lot.first_day - lot.since_days
    rules.of(lot.storage_class)
    if lot.kind == UPLOAD:
        end = _after(lot, lot.plan.abort_age)
        return [Stay(UPLOAD, lot.storage_class, start, end, since, is_deleted=end is not None)]
    if lot.kind == NONCURRENT:
        return _noncurrent(lot, start, lot.noncurrent_days, lot.storage_class, since, [], rules)
    end = _end_as_current(lot)
    due = [
        (max(start, move.day) if move.day is not None else start + left, move.storage_class)
        for move in lot.plan.moves
        for left in [max(0, (move.age or 0) - lot.age_days)]
    ]
    is_deleted = end is not None and not is_versioned
    stay = Stay(CURRENT, lot.storage_class, start, end, since, is_deleted=is_deleted)
    stays = _walk(stay, due, rules)
    if end is None or is_deleted:
        return stays
    last, late = stays[-1], [move for move in due if move[0] == end]
    return stays + _noncurrent(lot, end, 0, last.storage_class, last.since, late, rules)


def _after(lot: Lot, age: int | None) -> int | None:
    """Return the day on which a lot has an age, its first day if it is older."""
    return None if age is None else lot.first_day + max(0, age - lot.age_days)


def _end_as_current(lot: Lot) -> int | None:
    day = lot.plan.expiry_day
    ends = [
        _after(lot, lot.plan.expiry_age),
        _after(lot, lot.replaced_at_age),
        None if day is None else max(lot.first_day, day),
    ]
    return min((end for end in ends if end is not None), default=None)


def _noncurrent(
    lot: Lot,
    start: int,
    days: int,
    storage_class: str,
    since: int,
    due: list[Due],
    rules: ClassRules,
) -> list[Stay]:
    """Return the stays as noncurrent versions, which they have been for `days` days at `start`."""
    end: int | None = None
    for move in lot.plan.old_moves:
        needed = _days_until_newer(lot, move.kept)
        if needed is None:
            continue
        day = start + max(0, move.days - days, needed - days)
        if move.storage_class:
            due.append((day, move.storage_class))
        else:
            end = day if end is None else min(end, day)
    stay = Stay(NONCURRENT, storage_class, start, end, since, is_deleted=end is not None)
    return _walk(stay, due, rules)


def _days_until_newer(lot: Lot, kept: int) -> int | None:
    """Return after how many noncurrent days there are `kept` newer versions; None: never."""
    if kept <= (lot.newer_versions or 0):
        return 0
    if lot.kind == CURRENT and lot.replaced_at_age is not None:
        return kept * lot.replaced_at_age
    return None


def _walk(stay: Stay, due: Iterable[Due], rules: ClassRules) -> list[Stay]:
    """Return a stay cut where transitions move it on."""
    stays, now = [], stay
    for day, moves in groupby(sorted(due), key=lambda move: move[0]):
        if stay.end is not None and day >= stay.end:
            break
        target = rules.coldest(now.storage_class, [storage_class for _, storage_class in moves])
        if target is None:
            continue
        stays.append(Stay(now.kind, now.storage_class, now.start, day, now.since, target))
        now = Stay(now.kind, target, day, stay.end, day, is_deleted=stay.is_deleted)
    return [*stays, now]
