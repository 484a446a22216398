"""Who has had the training: seats, and the people that seats allow.

Method. A module has as many open seats as people who still need it. People that the register names
are known to need one; open seats that it gives to nobody may be theirs or others'. So the number of
people who have every module is a range: at best the unnamed seats belong to people who are named
already, as far as one person takes one seat of a module; at worst each belongs to somebody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.stated import Stated
from prismlib.formats import count
from prismlib.money import exact_sum
from prismlib.readiness_tables import TRAINING_MODULE, TRAINING_NEED
from prismlib.tables import check, empty, no_rows, records

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Training:
    """Seats and people.

    `open_seats` are those of each module, `named` the people that the register names for it;
    `people` is how many are to be trained.
    """

    rows: tuple[dict[str, Any], ...]
    people: Decimal
    seats: Decimal
    trained_seats: Decimal
    open_seats: Mapping[str, Decimal]
    named: Mapping[str, tuple[str, ...]]

    @property
    def seats_pct(self) -> Decimal:
        """Return the share of seats that are done. [%]"""
        return self.trained_seats / self.seats * HUNDRED

    @property
    def named_people(self) -> tuple[str, ...]:
        """Return the people that the register names, each once."""
        return tuple(sorted({person for people in self.named.values() for person in people}))

    @property
    def unassigned(self) -> dict[str, Decimal]:
        """Return the open seats of each module that the register gives to nobody."""
        found = {name: seats - len(self.named.get(name, ())) for name, seats in self._open()}
        return {name: seats for name, seats in found.items() if seats > 0}

    def _open(self) -> list[tuple[str, Decimal]]:
        return list(self.open_seats.items())

    @property
    def fewest_untrained(self) -> Decimal:
        """Return how few people can be untrained."""
        return max(Decimal(len(self.named_people)), *self.open_seats.values(), Decimal(0))

    @property
    def most_untrained(self) -> Decimal:
        """Return how many people can be untrained."""
        others = exact_sum(list(self.unassigned.values()))
        return min(self.people, Decimal(len(self.named_people)) + others)

    @property
    def low_pct(self) -> Decimal:
        """Return the least share of people who have every module. [%]"""
        return (self.people - self.most_untrained) / self.people * HUNDRED

    @property
    def high_pct(self) -> Decimal:
        """Return the largest share of people who have every module. [%]"""
        return (self.people - self.fewest_untrained) / self.people * HUNDRED

    @property
    def seats_words(self) -> str:
        """Return how many seats are done."""
        return f"{count(self.trained_seats)} of {count(self.seats)} seats"

    @property
    def people_words(self) -> str:
        """Return who is known to need training, and what nobody says."""
        words = f"{counted(len(self.named_people), 'person')} named"
        words = words.replace("persons", "people")
        if self.named_people:
            words += f" ({listed(self.named_people)})"
        if self.unassigned:
            seats = counted(exact_sum(list(self.unassigned.values())), "open seat")
            words += f"; {seats} given to nobody"
        return words


def training_of(tables: Mapping[str, pd.DataFrame], stated: Stated) -> Training | None:
    """Return the training of a snapshot; None without a module that has both figures."""
    modules = tables.get("training_module", empty(TRAINING_MODULE))
    needs = tables.get("training_need", empty(TRAINING_NEED))
    rows = [row for row in records(check(modules, TRAINING_MODULE)) if _is_known(row)]
    if not rows:
        return None
    named: dict[str, tuple[str, ...]] = {}
    for row in records(check(needs, TRAINING_NEED)):
        named[row["module_name"]] = (*named.get(row["module_name"], ()), row["person_id"])
    people = stated.value("ready.sres") or max(row["required_seats"] for row in rows)
    return Training(
        rows=tuple(rows),
        people=people,
        seats=exact_sum([row["required_seats"] for row in rows]),
        trained_seats=exact_sum([row["trained_seats"] for row in rows]),
        open_seats={r["module_name"]: r["required_seats"] - r["trained_seats"] for r in rows},
        named=named,
    )


def _is_known(row: Mapping[str, Any]) -> bool:
    return bool(row["required_seats"]) and row["trained_seats"] is not None


def unknown_modules(tables: Mapping[str, pd.DataFrame]) -> tuple[str, ...]:
    """Return the modules of which nobody says how many seats they have, or how many are done."""
    rows = records(check(tables.get("training_module", no_rows(TRAINING_MODULE)), TRAINING_MODULE))
    asking = [row for row in rows if row["required_seats"] != 0]
    return tuple(row["module_name"] for row in asking if not _is_known(row))
