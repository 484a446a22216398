"""A figure that a run gives, and what it lies between."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Measured:
    """A figure of a run: its value and interval, None where one is not known, and a note."""

    value: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    measurements: int | None = None
    needed: int | None = None
    note: str = ""
