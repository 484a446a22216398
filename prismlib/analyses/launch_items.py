"""What is open: the registers, held against what was seen and against waivers.

Method. A register says what people believe, evidence what was seen. Seen failing: open, whatever
the register says. Open in the register: open until every check of it passes on evidence that
counts. Closed in the register: closed only if every check passes on evidence that counts; without
evidence, or with a day of closing that has not come, it is not known. A waiver covers an item or a
criterion while it lasts, if it names an owner, a reason and an end; never a criterion that is a
veto, nor what is in no table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Any

import pandas as pd

from prismlib.analyses.critical_path import ordered
from prismlib.analyses.judging import listed
from prismlib.analyses.launch_evidence import Item, Look, State, judged, names
from prismlib.formats import day
from prismlib.readiness_tables import READINESS_ITEM, WAIVER
from prismlib.tables import check, records

CLOSED = "closed"


@dataclass(frozen=True)
class Waiver:
    """A waiver, and why it does not count on the day that is asked about; empty: it does."""

    row: Mapping[str, Any]
    fault: str

    @property
    def subject(self) -> str:
        """Return what it is about."""
        return str(self.row["subject_id"])


def waivers_of(
    frame: pd.DataFrame | None, *, as_of: date, subjects: Mapping[str, bool]
) -> tuple[Waiver, ...]:
    """Return the waivers (WAIVER), each with what is wrong with it on a day.

    `subjects` are the ids of items and criteria, and whether a waiver can cover them.
    """
    rows = [] if frame is None else records(check(frame, WAIVER))
    return tuple(
        Waiver(row, waiver_fault(row, as_of) or _subject_fault(row["subject_id"], subjects))
        for row in rows
    )


def _subject_fault(subject: str, subjects: Mapping[str, bool]) -> str:
    if subject not in subjects:
        return f"no item and no criterion is called {subject}{nearest(subject, subjects)}"
    return "" if subjects[subject] else "it is a veto: it has to pass, whoever accepts the risk"


def nearest(name: str, names: Iterable[str]) -> str:
    """Return ``; the nearest is gap.1`` for a name that nothing has; empty where none is near."""
    close = get_close_matches(name, list(names), n=1)
    return f"; the nearest is {close[0]}" if close else ""


def waiver_fault(row: Mapping[str, Any], as_of: date) -> str:
    """Return why a waiver does not count on a day, by itself; empty if nothing is wrong with it."""
    lacks = [name for name in ("owner", "reason") if not any(map(str.isalnum, row[name]))]
    lacks += ["end"] if row["expires_date"] is None else []
    if lacks:
        return f"it names no {listed(lacks)}"
    if row["expires_date"] < as_of:
        return f"it ended on {day(row['expires_date'])}"
    if row["granted_date"] is not None and row["granted_date"] > as_of:
        return f"it begins on {day(row['granted_date'])}"
    return ""


def item_rows(frame: pd.DataFrame | None) -> list[dict[str, Any]]:
    """Return the rows of READINESS_ITEM; none for None."""
    return [] if frame is None else records(check(frame, READINESS_ITEM))


def items_of(
    frame: pd.DataFrame | None,
    looks: Sequence[Look],
    waivers: Sequence[Waiver],
    *,
    as_of: date,
) -> dict[str, Item]:
    """Return the state of every item by its id.

    Parameters
    ----------
    frame : READINESS_ITEM, optional
    looks : sequence of Look
        The newest look of each check.
    waivers : sequence of Waiver
    as_of : date
        The day of the data: what is closed later is not known to be closed.

    Raises
    ------
    ParameterError
        Items need each other in a circle.
    """
    rows = {row["item_id"]: row for row in item_rows(frame)}
    needs = {
        item_id: [name for name in names(row["needs"]) if name in rows]
        for item_id, row in rows.items()
    }
    waived = {one.subject for one in waivers if not one.fault}
    found: dict[str, Item] = {}
    for item_id in ordered(needs, column="needs", noun="item"):
        mine = [look for look in looks if look.row["subject_id"] == item_id]
        item = _state(rows[item_id], [_judged(look, found, rows[item_id]) for look in mine], as_of)
        found[item_id] = replace(item, is_waived=item_id in waived)
    return {item_id: found[item_id] for item_id in rows}


def _judged(look: Look, found: Mapping[str, Item], row: Mapping[str, Any]) -> Look:
    """Return a look at an item, which rests on what the item needs and comes after its closing."""
    look = judged(look, found, needs=names(row["needs"]))
    closed, seen = row["closed_date"], look.seen_on
    if row["item_status"] != CLOSED or closed is None or seen is None or seen >= closed:
        return look
    return replace(look, reasons=(*look.reasons, f"closed on {day(closed)}, after the look"))


def _state(row: Mapping[str, Any], looks: Sequence[Look], as_of: date) -> Item:
    item_id, is_closed = row["item_id"], row["item_status"] == CLOSED
    failing = [look for look in looks if look.state is State.FAIL and not look.reasons]
    unsure = [look for look in looks if look.state is State.UNKNOWN or look.reasons]
    if failing:
        words = listed([look.row["detail"] or look.row["check_id"] for look in failing])
        return Item(item_id, State.FAIL, None, f"seen failing: {words}", row)
    if is_closed and row["closed_date"] is not None and row["closed_date"] > as_of:
        words = f"closed in the register on {day(row['closed_date'])}, which has not come"
        return Item(item_id, State.UNKNOWN, None, words, row)
    if looks and not unsure:
        seen = max(look.seen_on for look in looks if look.seen_on is not None)
        since = max(look.since or look.seen_on for look in looks if look.seen_on is not None)
        failed = [look.failed_on for look in looks if look.failed_on is not None]
        closed = row["closed_date"] if is_closed else None
        is_shown_open = closed is not None and any(on > closed for on in failed)
        closed_on = since if closed is None or is_shown_open else closed
        words = "; ".join(
            [f"seen to be so on {day(seen)}", *(o.allowed for o in looks if o.allowed)]
        )
        return Item(item_id, State.PASS, closed_on, words, row)
    doubt = listed([f"{look.row['check_id']}: {look.why or 'unknown'}" for look in unsure])
    if not is_closed:
        return Item(item_id, State.FAIL, None, f"open in the register. {doubt}".strip(), row)
    words = f"closed in the register, but {doubt or 'nothing was seen that shows it'}"
    return Item(item_id, State.UNKNOWN, None, words, row)
