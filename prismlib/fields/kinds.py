"""What a column is, and the short way to declare many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

KINDS: dict[str, type] = {
    "text": str,
    "date": date,
    "time": datetime,
    "decimal": Decimal,
    "count": int,
    "flag": bool,
}
"""What a cell holds; a time is aware and in UTC. Missing: empty text, or ``None`` otherwise."""


@dataclass(frozen=True)
class Field:
    """One column: its `kind` (a key of `KINDS`), `unit` ("" when it has none) and meaning."""

    name: str
    kind: str
    unit: str
    meaning: str


def declared(kind: str, rows: dict[str, tuple[str, str]]) -> dict[str, Field]:
    """Return fields of one `kind`: `rows` gives the unit and the meaning of each name."""
    return {name: Field(name, kind, unit, meaning) for name, (unit, meaning) in rows.items()}
