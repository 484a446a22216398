"""Every column once: its kind, its unit and what it means.

A table (`prismlib.tables`) is a list of these names. The same quantity has the same name in every
table; FOCUS names in ``snake_case`` carry FOCUS semantics; ``unblended_cost`` and
``amortized_cost`` are Cost Explorer's and are never called billed or effective. Costs sit beside
``billing_currency`` and take no unit suffix; everything else with a unit says it in its name or
here.

Each module of this package declares the columns that came with its topic; a name is declared once.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from prismlib.fields import (
    bill,
    cost_explorer,
    cost_variance,
    cross_az,
    dr,
    evidence,
    graviton,
    inventory,
    lifecycle,
    prices,
    readiness,
    slo,
)
from prismlib.fields.kinds import KINDS, Field

__all__ = ["FIELDS", "KINDS", "Field", "format_cell", "parse_cell", "parse_decimal", "parse_time"]

FIELDS: dict[str, Field] = {
    **bill.FIELDS,
    **cost_explorer.FIELDS,
    **prices.FIELDS,
    **inventory.FIELDS,
    **cost_variance.FIELDS,
    **cross_az.FIELDS,
    **dr.FIELDS,
    **graviton.FIELDS,
    **lifecycle.FIELDS,
    **readiness.FIELDS,
    **evidence.FIELDS,
    **slo.FIELDS,
}

MOST_DIGITS, MOST_DECIMALS = 20, 400
"""Of a number in a table: before the point as Parquet holds them, behind it more than any bill."""


def parse_decimal(text: str) -> Decimal:
    """Return the number written in `text`; raises ValueError for none, or one beyond any use."""
    try:
        value = Decimal(text.strip() if "_" not in text else "")
    except InvalidOperation:
        raise ValueError(f"not a number: {text!r}") from None
    if not value.is_finite():
        raise ValueError(f"not a finite number: {text!r}")
    decimals = -int(value.as_tuple().exponent)
    if value.adjusted() >= MOST_DIGITS or decimals > MOST_DECIMALS:
        raise ValueError(
            f"not a number of {MOST_DIGITS} digits and {MOST_DECIMALS} decimals: {text!r}"
        )
    return value


def parse_time(text: str) -> datetime:
    """Return the instant written in `text`, in UTC; raises ValueError without an offset."""
    value = datetime.fromisoformat(text)
    if value.utcoffset() is None:
        raise ValueError(f"a time without its offset from UTC: {text!r}")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"a time beyond the years 1 to 9999: {text!r}") from None


def parse_cell(field: Field, text: str) -> Any:
    """Return the value of one text cell; empty is missing. Raises ValueError."""
    if field.kind == "text":
        return text
    if text == "":
        return None
    if field.kind == "decimal":
        return parse_decimal(text)
    if field.kind == "date":
        return date.fromisoformat(text)
    if field.kind == "time":
        return parse_time(text)
    if field.kind == "count":
        return int(text)
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    raise ValueError(f"neither true nor false: {text!r}")


def format_cell(value: Any) -> str:
    """Return the text that `parse_cell` reads back as the same value."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value)
