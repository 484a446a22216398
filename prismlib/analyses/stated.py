"""The figures that a document states, by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.formats import percent
from prismlib.tables import CLAIM, check, empty, records

METHOD = "method"
"""The kind of claim that names a method, not a figure."""


@dataclass(frozen=True)
class Stated:
    """A CLAIM table looked up by claim id; a claim that is not there is None."""

    rows: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, claims: pd.DataFrame | None) -> Stated:
        """Return the claims of a CLAIM table; none for None."""
        frame = check(empty(CLAIM) if claims is None else claims, CLAIM)
        return cls({row["claim_id"]: row for row in records(frame)})

    def value(self, claim_id: str) -> Decimal | None:
        """Return the stated figure, in the claim's own unit."""
        row = self.rows.get(claim_id)
        return None if row is None else row["stated_value"]

    def value_in(self, claim_id: str, unit: str) -> Decimal | None:
        """Return the stated figure if it is in this unit, else None."""
        row = self.rows.get(claim_id)
        return None if row is None or row["unit"] != unit else row["stated_value"]

    def values(self, *claim_ids: str) -> list[Decimal] | None:
        """Return the figures of several claims, or None if any is missing."""
        found = [self.value(claim_id) for claim_id in claim_ids]
        known = [value for value in found if value is not None]
        return known if len(known) == len(found) else None

    def date(self, claim_id: str) -> date | None:
        """Return the stated day."""
        row = self.rows.get(claim_id)
        return None if row is None else row["stated_date"]

    def decimals(self, claim_id: str) -> int | None:
        """Return how many decimals the claim prints; negative for thousands and more."""
        row = self.rows.get(claim_id)
        return None if row is None else row["decimals"]

    def in_percent(self, claim_id: str) -> str:
        """Return the stated percentage with the decimals that the claim prints."""
        decimals = max(self.decimals(claim_id) or 0, 0)
        return percent(self.value(claim_id), decimals, signed=False)

    def source(self, claim_id: str) -> str:
        """Return the document and section."""
        row = self.rows.get(claim_id)
        return "" if row is None else str(row["source"])

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """Return the claims of one kind that carry a figure, in the order of the table."""
        found = [row for row in self.rows.values() if row["kind"] == kind]
        return [row for row in found if row["stated_value"] is not None]

    @property
    def without_figure(self) -> list[str]:
        """Return the ids of claims that state neither a figure nor a date, methods left aside."""
        return [
            claim_id
            for claim_id, row in self.rows.items()
            if row["stated_value"] is None and row["stated_date"] is None and row["kind"] != METHOD
        ]
