"""How many of the documents that are asked for exist."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.money import exact_sum
from prismlib.readiness_tables import DOCUMENT_COUNT
from prismlib.tables import check, records

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Documents:
    """The documents of all kinds.

    `rows` are those of DOCUMENT_COUNT with both figures, `partial` those that ask for documents and
    do not say how many there are, `unknown_kinds` the kinds of which either is not said.
    """

    rows: tuple[dict[str, Any], ...]
    required: Decimal
    available: Decimal
    partial: tuple[dict[str, Any], ...] = ()
    unknown_kinds: tuple[str, ...] = ()

    @property
    def low_pct(self) -> Decimal | None:
        """Return the least share that can exist; None if nobody says what is asked for. [%]"""
        return self._share(Decimal(0))

    @property
    def high_pct(self) -> Decimal | None:
        """Return the largest share that can exist; more of one kind make up for no other. [%]"""
        return self._share(self._asked)

    @property
    def _asked(self) -> Decimal:
        return exact_sum([row["required_documents"] for row in self.partial])

    def _share(self, more: Decimal) -> Decimal | None:
        if len(self.unknown_kinds) > len(self.partial):
            return None
        useful = [min(r["available_documents"], r["required_documents"]) for r in self.rows]
        required = self.required + self._asked
        return (exact_sum(useful) + more) / required * HUNDRED

    @property
    def share_pct(self) -> Decimal:
        """Return the share that exists. [%]"""
        return self.available / self.required * HUNDRED

    @property
    def mean_pct(self) -> Decimal:
        """Return the mean of the shares of the kinds, which weighs each kind alike. [%]"""
        shares = [
            row["available_documents"] / row["required_documents"] * HUNDRED for row in self.rows
        ]
        return exact_sum(shares) / len(shares)

    @property
    def missing(self) -> Decimal:
        """Return how many are asked for and do not exist."""
        return self.required - self.available


def documents_of(frame: pd.DataFrame | None) -> Documents | None:
    """Return the documents of a DOCUMENT_COUNT table; None when no kind asks for any."""
    rows = [] if frame is None else records(check(frame, DOCUMENT_COUNT))
    asking = [row for row in rows if row["required_documents"] != 0]
    whole = tuple(row for row in asking if None not in _figures(row))
    if not asking:
        return None
    return Documents(
        rows=whole,
        required=exact_sum([row["required_documents"] for row in whole]),
        available=exact_sum([row["available_documents"] for row in whole]),
        partial=tuple(r for r in asking if r not in whole and r["required_documents"]),
        unknown_kinds=tuple(r["document_kind"] for r in asking if r not in whole),
    )


def _figures(row: dict[str, Any]) -> tuple[Decimal | None, Decimal | None]:
    return row["required_documents"], row["available_documents"]
