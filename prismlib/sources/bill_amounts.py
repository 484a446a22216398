"""Amounts of a bill file, and their sums, as exact decimals.

They are held to 18 decimals, as ``DECIMAL(38, 18)``. Digits beyond them, which only binary floats
of Parquet files have, are rounded there.

A float stands for the shortest decimal that gives it, as its text has it; but texts are slow. Of at
most 15 digits it is one decimal and no other, so a whole number of 10^-10 that gives the same float
again is that decimal: a short amount. Almost all are short, and whole numbers are added fast, so
they are added apart from the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

AMOUNT = "DECIMAL(38, 18)"


def _short(cell: str) -> str:
    """Return the SQL of a float in 10^-10, rounded."""
    return f"try_cast({cell} * 1e10 AS BIGINT)"


def _is_short(cell: str) -> str:
    return f"(CAST({_short(cell)} AS DOUBLE) / 1e10 = {cell} AND abs({cell}) < 1e5)"


def _text_amount(cell: str) -> str:
    return f"try_cast(CAST({cell} AS VARCHAR) AS {AMOUNT})"


def short_sql(cells: Sequence[str]) -> str:
    """Return the SQL of the sum of floats in 10^-10, missing unless all are short amounts."""
    are_short = " AND ".join(map(_is_short, cells))
    return f"CASE WHEN {are_short} THEN {' + '.join(map(_short, cells))} END"


def long_sql(cells: Sequence[str]) -> str:
    """Return the SQL of the sum of the decimals of floats, missing where all are short amounts."""
    are_short = " AND ".join(map(_is_short, cells))
    return f"CASE WHEN {are_short} THEN NULL ELSE {' + '.join(map(_text_amount, cells))} END"


def float_sql(cell: str) -> str:
    """Return the SQL of the decimal of a float."""
    short = f"try_cast({cell} AS DECIMAL(15, 10))"
    is_short = f"CAST({short} AS DOUBLE) = {cell}"
    return f"CASE WHEN {is_short} THEN CAST({short} AS {AMOUNT}) ELSE {_text_amount(cell)} END"


def joined_sql(name: str) -> str:
    """Return the SQL of the sum of a measure, from those of its short and of its other amounts."""
    short = f"CAST({name}_short AS DECIMAL(28, 0)) * CAST(0.0000000001 AS DECIMAL(10, 10))"
    return (
        f"CASE WHEN {name}_short IS NULL THEN {name}"
        f" ELSE CAST({short} AS {AMOUNT}) + coalesce({name}, 0) END"
    )


def tidy(value: Decimal | None) -> Decimal | None:
    """Return `value` without trailing zeros; unlike ``normalize``, no context rounds it."""
    text = f"{value:f}" if value is not None else ""
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text) if text else None
