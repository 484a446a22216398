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
    """The documents of all kinds; `rows` are those of DOCUMENT_COUNT with both figures."""

    rows: tuple[dict[str, Any], ...]
    required: Decimal
    available: Decimal

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
    """Return the documents of a DOCUMENT_COUNT table; None when no kind has both figures."""
    rows = [] if frame is None else records(check(frame, DOCUMENT_COUNT))
    whole = tuple(row for row in rows if row["required_documents"] and _is_known(row))
    if not whole:
        return None
    required = exact_sum([row["required_documents"] for row in whole])
    available = exact_sum([row["available_documents"] for row in whole])
    return Documents(whole, required, available)


def _is_known(row: dict[str, Any]) -> bool:
    return row["available_documents"] is not None
