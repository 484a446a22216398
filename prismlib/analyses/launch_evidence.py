"""Whether evidence counts: is it there, fresh, and newer than what it rests on?

Method. Evidence is a look at one thing at one moment. It counts from that moment for as long as it
says, and only if all that it needs was closed by then: a benchmark from before the cluster was
formed says nothing of the cluster. Evidence that does not count is never a pass; what it says
against is kept, since a failure stands until evidence that counts replaces it: also one of a day
that nobody knows, and one of the same moment as a pass. Looks of a day after the day that is asked
about are left out. What a collector saw failing is replaced by what a collector sees later, not by
what a document says later.

Known limits. Days are calendar days in UTC. That evidence counts for so many days is a rule of the
person who wrote it, not a measurement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import takewhile
from typing import Any

import pandas as pd

from prismlib.analyses.judging import counted, listed
from prismlib.formats import day
from prismlib.readiness_tables import EVIDENCE, STATED_EVIDENCE
from prismlib.tables import Table, check, records


class State(StrEnum):
    """What evidence says, three-valued."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"


MOST_DAYS = 36_525
"""A century, after which nothing is reckoned."""
WORSE = {State.PASS: 0, State.UNKNOWN: 1, State.FAIL: 2}
"""How bad what evidence says is."""


@dataclass(frozen=True)
class Item:
    """What the state of a thing to be done is; `closed_on` is None while it is not known closed."""

    item_id: str
    state: State
    closed_on: date | None
    reason: str
    row: Mapping[str, Any]
    is_waived: bool = False

    @property
    def name(self) -> str:
        """Return its name in words."""
        return str(self.row["item_name"])

    @property
    def is_open(self) -> bool:
        """Return whether it is known to be open, and no waiver covers it."""
        return self.state is State.FAIL and not self.is_waived

    @property
    def is_risk(self) -> bool:
        """Return whether it is not known to be closed, and somebody accepts that."""
        return self.is_waived and self.state is not State.PASS

    @property
    def is_in_doubt(self) -> bool:
        """Return whether it is not known to be open or closed, and no waiver covers it."""
        return self.state is State.UNKNOWN and not self.is_waived


@dataclass(frozen=True)
class Look:
    """A row of EVIDENCE or STATED_EVIDENCE, and why it does not count; empty reasons: it does.

    `allowed` says what was taken off its figure because somebody allows it by name; `is_collected`
    that a collector looked, not a person; `since` is the day from which every look of the same
    check passed, for a pass; `failed_on` the last day of one that failed before.
    """

    row: Mapping[str, Any]
    age_days: int | None
    valid_days: Decimal | None
    reasons: tuple[str, ...] = ()
    allowed: str = ""
    is_collected: bool = False
    since: date | None = None
    failed_on: date | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Return what it is a look at: a subject, and a check of it."""
        return self.row["subject_id"], self.row["check_id"]

    @property
    def seen_on(self) -> date | None:
        """Return the day of the look."""
        seen = self.row["observed_at"]
        return None if seen is None else seen.date()

    @property
    def has_no_hour(self) -> bool:
        """Return whether only the day of the look is known: a time of midnight says no more."""
        seen = self.row["observed_at"]
        return seen is not None and seen.time() == time.min

    @property
    def counts_until(self) -> date | None:
        """Return the last day on which it counts; None if that is not known, or very far off."""
        if self.seen_on is None or self.valid_days is None or self.valid_days > MOST_DAYS:
            return None
        return self.seen_on + timedelta(days=int(self.valid_days))

    def on(self, day_asked: date) -> Look:
        """Return it with the age that it has on a day."""
        seen = self.seen_on
        return self if seen is None else replace(self, age_days=(day_asked - seen).days)

    @property
    def state(self) -> State:
        """Return what it shows: a pass only if it counts."""
        found = State(self.row["evidence_state"])
        return State.UNKNOWN if found is State.PASS and self.reasons else found

    @property
    def why(self) -> str:
        """Return in words why it does not count, or why nobody knows."""
        own = [self.row["reason"]] if self.row["reason"] else []
        return listed([*own, *self.reasons])


def looks_of(
    stated: pd.DataFrame | None,
    pulled: pd.DataFrame | None,
    *,
    as_of: date,
    believed: Callable[[Look], Look] = lambda look: look,
) -> tuple[Look, ...]:
    """Return the looks up to a day; of each check of each subject the one that stands.

    Parameters
    ----------
    stated : STATED_EVIDENCE, optional
    pulled : EVIDENCE, optional
    as_of : date
        The day that is asked about.
    believed : callable, optional
        Returns a look with what is to be believed of it; before any stands in another's place.
    """
    found: dict[tuple[str, str], list[Look]] = {}
    for frame, table in ((stated, STATED_EVIDENCE), (pulled, EVIDENCE)):
        for row in _rows(frame, table):
            look = Look(row, None, row["valid_for_days"], is_collected=table is EVIDENCE).on(as_of)
            if look.seen_on is None or look.seen_on <= as_of:
                look = believed(look)
                found.setdefault(look.key, []).append(look)
    return tuple(_standing(looks) for looks in found.values())


def _rows(frame: pd.DataFrame | None, table: Table) -> list[dict[str, Any]]:
    return [] if frame is None else records(check(frame, table))


def _standing(looks: Sequence[Look]) -> Look:
    """Return the look that stands of those of one check, in whatever order they are written.

    The newest one does, the worse of two at one moment. A failure of a day that nobody knows stays,
    since no pass can be shown to be later; so does one whose hour nobody knows, on the day of the
    pass. A failure that a collector saw stays until a collector sees a pass.
    """
    dated = sorted((one for one in looks if one.seen_on), key=_moment)
    undated = sorted((one for one in looks if not one.seen_on), key=lambda one: WORSE[one.state])
    if not dated or (undated and undated[-1].state is State.FAIL):
        return undated[-1]
    newest = dated[-1]
    told = [one for one in dated if one.is_collected and one.state is not State.UNKNOWN]
    failed = [one for one in dated if one.state is State.FAIL]
    lost = [one for one in failed if one.seen_on == newest.seen_on and one.has_no_hour]
    if newest.state is not State.FAIL and (lost or (told and told[-1].state is State.FAIL)):
        return lost[-1] if lost else told[-1]
    run = takewhile(lambda one: one.state is State.PASS, reversed(dated))
    return replace(
        newest,
        since=min((one.seen_on for one in run if one.seen_on), default=None),
        failed_on=failed[-1].seen_on if failed else None,
    )


def _moment(look: Look) -> tuple[datetime, int]:
    return look.row["observed_at"], WORSE[look.state]


def judged(
    look: Look,
    items: Mapping[str, Item],
    *,
    valid_days: Decimal | None = None,
    needs: Iterable[str] = (),
) -> Look:
    """Return a look with the reasons why it does not count.

    Parameters
    ----------
    look : Look
    items : mapping of str to Item
        The state of what it may rest on.
    valid_days : Decimal, optional
        For how long it counts at most, whatever its row says.
    needs : iterable of str
        Items that it rests on besides those of its row.
    """
    valid = shorter(look.valid_days, valid_days)
    wanted = dict.fromkeys([*names(look.row["needs"]), *needs])
    found = [(name, _rests_on(look, items.get(name))) for name in wanted]
    reasons = [_age(look, valid)]
    for why in dict.fromkeys(why for _, why in found if why):
        which = listed([_called(name, items.get(name)) for name, one in found if one == why])
        reasons.append(f"it rests on {which}: {why}")
    return replace(look, valid_days=valid, reasons=tuple(reason for reason in reasons if reason))


def shorter(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    """Return the shorter of two times for which a look counts; None if neither is said."""
    return min((days for days in (one, other) if days is not None), default=None)


def _called(name: str, item: Item | None) -> str:
    return name if item is None else f"{name} ({item.name})"


def is_in_unit(row: Mapping[str, Any], unit: str) -> bool:
    """Return whether a look gives its figure in a unit: none is taken for the one asked for."""
    return row["unit"] in ("", unit) or {row["unit"], unit} <= {"", "1"}


def names(joined: str) -> tuple[str, ...]:
    """Return the ids of a cell that joins them by ``|``."""
    return tuple(name for part in joined.split("|") if (name := part.strip()))


def _age(look: Look, valid: Decimal | None) -> str:
    if look.age_days is None:
        return "when it was seen is not known"
    if valid is None:
        return "for how long it counts is not said"
    if look.age_days > valid:
        return f"{counted(look.age_days, 'day')} old, it counts for {counted(valid, 'day')}"
    return ""


def _rests_on(look: Look, item: Item | None) -> str:
    """Return why a look cannot rest on an item; empty when it can."""
    if item is None:
        return "nothing is known of it"
    if item.state is State.FAIL:
        return "open"
    if item.state is State.UNKNOWN:
        return "not known to be closed"
    if item.closed_on is None or look.seen_on is None:
        return "the days are not known"
    if look.seen_on < item.closed_on:
        return f"closed on {day(item.closed_on)}, after the look"
    return ""
