"""What is allowed by name: a look at an account, without the things that somebody accepts.

Method. Collectors write down, beside the figure of a check, each thing that counts against it
(EVIDENCE_THING). A waiver (EVIDENCE_WAIVER) allows one of them by its exact name, while it lasts,
if it names an owner, a reason and an end. What is left is combined and judged as the collector did.
It is done only where the things give exactly the figure and the state of the look; what could not
be seen stays unknown, whoever allows it. Only what counts against a check can be allowed: not what
there must be at least.

Known limits. A name stays the same when what it names is changed: a role that is allowed may be
taken on by others later. Things of one check that share a name are allowed together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_evidence import Look, State
from prismlib.analyses.launch_items import nearest, waiver_fault
from prismlib.evidence_rules import combined, expected, judged, names_count
from prismlib.formats import count, day, quantity
from prismlib.money import exact_sum
from prismlib.readiness_tables import EVIDENCE_THING, EVIDENCE_WAIVER
from prismlib.tables import check, records

Row = Mapping[str, Any]
MOST_NAMES = 5
"""Things that a sentence names."""
AGAIN = "look again with prism pull --evidence"
NO_NAMES = f"its evidence holds no names: {AGAIN}"
OTHER_NAMES = f"the names in evidence_thing do not give what its evidence says: {AGAIN}"


@dataclass(frozen=True)
class NameWaiver:
    """A waiver of a thing by its name, and what it takes off the figure of its check.

    `fault` says why it does not count, empty if it does; `is_idle` that it matches nothing, which
    harms nobody; `is_in_doubt` that it would have to be known what could not be seen.
    """

    row: Row
    fault: str = ""
    value: Decimal | None = None
    is_idle: bool = False
    is_in_doubt: bool = False

    @property
    def thing(self) -> str:
        """Return the name of what it allows."""
        return str(self.row["thing_name"])

    @property
    def check_id(self) -> str:
        """Return the check that it is about."""
        return str(self.row["check_id"])


@dataclass(frozen=True)
class Things:
    """What counts against the check of a look, by name, and what of it could not be seen."""

    look: Look
    rule: Row
    limit: Decimal | None
    known: Mapping[str, Decimal]
    unseen: Mapping[str, str]

    def figure(self, names: Sequence[str]) -> Decimal | None:
        """Return the figure without some things; None if nothing was seen."""
        if self.look.row["evidence_value"] is None:
            return None
        left = [value for name, value in self.known.items() if name not in names]
        return combined(self.rule["combined_by"], left) or Decimal(0)

    def state(self, names: Sequence[str]) -> State:
        """Return what the look says without some things."""
        figure = self.figure(names)
        return State(judged(self.rule, figure, self.limit, is_whole=not self.unseen))

    @property
    def is_whole(self) -> bool:
        """Return whether the things give what the look says; none counts less than nothing."""
        row = self.look.row
        if any(value < 0 for value in self.known.values()):
            return False
        is_same = self.figure(()) == row["evidence_value"]
        return bool(is_same and self.state(()) == row["evidence_state"])


def waived_looks(
    looks: Sequence[Look],
    tables: Mapping[str, pd.DataFrame],
    checks: pd.DataFrame,
    *,
    as_of: date,
) -> tuple[tuple[Look, ...], tuple[NameWaiver, ...]]:
    """Return the looks without what is allowed by name on a day, and what each waiver does.

    Parameters
    ----------
    looks : sequence of Look
        The newest look of each check.
    tables : mapping of str to frame
        EVIDENCE_WAIVER, EVIDENCE_THING and what `expected` needs, as far as they are there.
    checks : EVIDENCE_CHECK
    as_of : date
        The day that is asked about.
    """
    frame = tables.get("evidence_waiver")
    rows = [] if frame is None else records(check(frame, EVIDENCE_WAIVER))
    waivers = [NameWaiver(row, waiver_fault(row, as_of)) for row in rows]
    found: dict[str, NameWaiver] = {}
    changed: dict[tuple[str, str], Look] = {}
    for check_id in dict.fromkeys(one.check_id for one in waivers):
        mine = [one for one in waivers if one.check_id == check_id]
        things = _things_of(check_id, looks, tables, checks)
        if isinstance(things, Things):
            mine = _matched(mine, things)
            changed[things.look.key] = _without(things, mine)
        else:
            mine = [replace(one, fault=one.fault or things) for one in mine]
        found.update({str(one.row["waiver_id"]): one for one in mine})
    return (
        tuple(changed.get(look.key, look) for look in looks),
        tuple(found[row["waiver_id"]] for row in rows),
    )


def _things_of(
    check_id: str, looks: Sequence[Look], tables: Mapping[str, pd.DataFrame], checks: pd.DataFrame
) -> Things | str:
    """Return what counts against a check, or why nothing of it can be allowed by name."""
    rules = {row["check_id"]: row for row in records(checks)}
    rule = rules.get(check_id)
    if rule is None:
        return f"no check is called {check_id}{nearest(check_id, rules)}"
    if not names_count(rule):
        words = "what must be there cannot be left out by name"
        return f"{check_id} asks for {rule['compared_as']} so many {rule['unit']}: {words}"
    key = (rule["subject_id"], check_id)
    mine = [one for one in looks if one.key == key and one.is_collected]
    if not mine:
        return f"no look of a collector at {check_id} is there"
    return _listed_of(mine[0], rule, tables)


def _listed_of(look: Look, rule: Row, tables: Mapping[str, pd.DataFrame]) -> Things | str:
    """Return the things of a look, or why they are not those of its figure."""
    frame, row = tables.get("evidence_thing"), look.row
    if frame is None:
        return NO_NAMES
    if row["evidence_value"] is None:
        return f"nothing of {row['check_id']} could be seen: {row['reason']}"
    moment = (row["evidence_id"], row["observed_at"])
    rows = [
        one
        for one in records(check(frame, EVIDENCE_THING))
        if (one["evidence_id"], one["observed_at"]) == moment
    ]
    things = Things(
        look,
        rule,
        expected(rule, tables),
        {one["thing_name"]: one["evidence_value"] for one in rows if not _is_unseen(one)},
        {one["thing_name"]: one["reason"] for one in rows if _is_unseen(one)},
    )
    return things if things.is_whole else OTHER_NAMES


def _is_unseen(row: Row) -> bool:
    return bool(row["evidence_value"] is None)


def _matched(waivers: Sequence[NameWaiver], things: Things) -> list[NameWaiver]:
    """Return the waivers of a check, each with what it takes off; a thing is taken off once."""
    found: list[NameWaiver] = []
    for one in waivers:
        first = next((other for other in found if other.thing == one.thing and other.value), None)
        if one.fault:
            found.append(one)
        elif first is not None:
            found.append(replace(one, fault=f"{first.row['waiver_id']} allows it already"))
        elif one.thing in things.known:
            found.append(replace(one, value=things.known[one.thing]))
        elif one.thing in things.unseen:
            fault = f"it could not be seen ({things.unseen[one.thing]}), and stays unknown"
            found.append(replace(one, fault=fault, is_in_doubt=True))
        else:
            found.append(_idle(one, things))
    return found


def _idle(waiver: NameWaiver, things: Things) -> NameWaiver:
    """Return a waiver that matches nothing, with the name that it may mean."""
    names = [*things.known, *things.unseen]
    fault = f"it matches nothing: {counted(len(names), 'thing')} listed, none of that name"
    fault += nearest(waiver.thing, names)
    return replace(waiver, fault=fault, is_idle=True, is_in_doubt=bool(things.unseen))


def _without(things: Things, waivers: Sequence[NameWaiver]) -> Look:
    """Return a look without what is allowed, and with the words of every waiver of it."""
    allowed = [one for one in waivers if not one.fault]
    names, row = [one.thing for one in allowed], things.look.row
    figure, state = things.figure(names), things.state(names)
    words = _allowed_words(things, allowed, figure) if allowed else ""
    refused = [f"the waiver of {o.thing} does not count: {o.fault}" for o in waivers if o.fault]
    reason = row["reason"]
    if state is State.UNKNOWN and not reason:
        reason = "; ".join(dict.fromkeys(things.unseen.values()))
    cells = {
        **{"evidence_value": figure, "evidence_state": str(state), "reason": reason},
        "detail": "; ".join(filter(None, [words, *refused, row["detail"]])),
    }
    return replace(things.look, row={**row, **cells}, allowed=words)


def _allowed_words(things: Things, allowed: Sequence[NameWaiver], figure: Decimal | None) -> str:
    """Return how many there are, how many of them are waived by whom until when, what is left."""
    row, names = things.look.row, [one.thing for one in allowed]
    who = [
        f"{one.thing} by {one.row['owner']} until {day(one.row['expires_date'])}" for one in allowed
    ]
    left = sorted(name for name in things.known if name not in names)
    words = f"{quantity(row['evidence_value'], row['unit'])}, "
    words += f"{count(waived_figure(things.rule, allowed))} waived ({_first(who)}): "
    words += f"{count(figure)} counted"
    return f"{words} ({_first(left)})" if left else words


def waived_figure(rule: Row, allowed: Sequence[NameWaiver]) -> Decimal:
    """Return how much is waived: the sum of what is added up, else the number of things."""
    if rule["combined_by"] != "sum":
        return Decimal(len(allowed))
    return exact_sum([one.value for one in allowed if one.value is not None])


def _first(names: Sequence[str]) -> str:
    more = [f"{len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
    return listed([*names[:MOST_NAMES], *more])
