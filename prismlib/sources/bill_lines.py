"""The rows of a bill file as typed lines: house fields, each cell checked.

A source (`prismlib.sources.focus` and its siblings) says in a `Layout` which outside column becomes
which house field by which conversion; `type_lines` holds every cell of a file against it and names
the row that breaks it.

Amounts are held to 18 decimals, as ``DECIMAL(38, 18)``. Digits beyond them, which only binary
floats of Parquet files have, are rounded there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import duckdb

from prismlib.errors import SourceError
from prismlib.sources.delimited import Raw, literal, nearest, reading
from prismlib.tables import COST_DIMENSIONS, COST_METRICS

AMOUNT = "DECIMAL(38, 18)"


@dataclass(frozen=True)
class Conversion:
    """How a text `{cell}` becomes a value: its SQL, what stands for missing, what is expected."""

    sql: str
    missing: str
    expected: str = ""


CONVERSIONS: dict[str, Conversion] = {
    "text": Conversion("{cell}", "''"),
    "amount": Conversion(
        # DuckDB reads 1_000 as a thousand, which no bill means.
        f"try_cast(CASE WHEN strpos({{cell}}, '_') = 0 THEN {{cell}} END AS {AMOUNT})",
        f"CAST(NULL AS {AMOUNT})",
        "a finite number with a decimal point and no separators, such as 1234.56",
    ),
    "instant": Conversion(
        # The pattern keeps out the words that DuckDB also reads as a time: epoch, infinity.
        "CAST(try_cast(CASE WHEN {cell} LIKE '____-__-__%' THEN {cell} END AS TIMESTAMPTZ)"
        " AS TIMESTAMP)",
        "CAST(NULL AS TIMESTAMP)",
        "an ISO 8601 time such as 2025-10-01T00:00:00Z (UTC where it names no offset)",
    ),
    "currency": Conversion(
        "CASE WHEN regexp_full_match({cell}, '[A-Z]{{3}}') THEN {cell} END",
        "''",
        "a currency code of three capitals such as USD",
    ),
    "flag": Conversion(
        "CASE lower({cell}) WHEN 'true' THEN true WHEN 'false' THEN false END",
        "false",
        "true or false",
    ),
}


@dataclass(frozen=True)
class Column:
    """One line of a source's mapping table: outside name -> house field -> conversion.

    Of several outside names the first that is filled counts, row by row; ``product.region`` is the
    entry ``region`` of the map column ``product``. `need` is "column" when the column must be
    there, "cell" when every row must fill it as well.
    """

    outside: str | tuple[str, ...]
    field: str
    conversion: str
    need: str = ""

    @property
    def outsides(self) -> tuple[str, ...]:
        """Return the outside names, the preferred one first."""
        return (self.outside,) if isinstance(self.outside, str) else self.outside


@dataclass(frozen=True)
class Layout:
    """How the rows of a file become lines of a bill.

    `columns` is the source's mapping table. `derived` gives house fields that need more than one
    column, as SQL over the fields (``charge_kind`` always; ``is_committed``, ``is_left_out``).
    `base_cost` is the cost that every row has. `identity` names the outside columns that tell two
    charges apart beyond the dimensions of COST. `nulls` are texts that stand for a missing cell.
    """

    format_name: str
    columns: tuple[Column, ...]
    derived: Mapping[str, str]
    charge_kinds: Mapping[str, str]
    base_cost: str
    identity: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ("",)
    tag_prefixes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Source(Protocol):
    """What a module of a format offers."""

    def matches(self, raw: Raw) -> bool:
        """Return whether the file is meant as this format, complete or not."""

    def layout(self, raw: Raw) -> Layout:
        """Return how the rows of `raw` become lines of a bill."""


@dataclass(frozen=True)
class Lines:
    """A file whose rows are checked and typed: the DuckDB `view` has one house line a row.

    `near` is the same with the binary floats of the file for amounts, to count and compare them
    fast; it is the `view` itself where the file has none. `tags_text` is the SQL of the tags as
    text: a map is grouped as it is, and spelled out afterwards.
    """

    raw: Raw
    layout: Layout
    view: str
    near: str
    tags_text: str = "tags"
    file_name: str = ""
    sha256: str = field(default="", repr=False)


DEFAULTS: dict[str, str] = {
    **dict.fromkeys(COST_DIMENSIONS, "''"),
    **dict.fromkeys(("usage_quantity", *COST_METRICS), f"CAST(NULL AS {AMOUNT})"),
    "charge_kind": "''",
    "is_estimated": "false",
    "is_committed": "CAST(NULL AS BOOLEAN)",
    "is_left_out": "false",
}
"""What a line holds where its file says nothing."""


def charge_kind_sql(charge_kinds: Mapping[str, str]) -> str:
    """Return the SQL of ``charge_kind``: by record type, with AWS Support kept apart.

    A record type that is not in the table is an adjustment: kept in the total, apart from usage.
    """
    cases = " ".join(f"WHEN {literal(r)} THEN {literal(k)}" for r, k in charge_kinds.items())
    kind = f"CASE replace(lower(record_type), ' ', '') {cases} ELSE 'adjustment' END"
    is_support = f"service_name LIKE 'AWS%Support%' AND {kind} IN ('usage', 'purchase')"
    return f"CASE WHEN {is_support} THEN 'support' ELSE {kind} END"


def type_lines(raw: Raw, layout: Layout, *, file_name: str = "", sha256: str = "") -> Lines:
    """Check every cell that `layout` maps and return the rows as typed lines.

    Raises
    ------
    SourceError
        A needed column is missing, the file has no rows, or a cell is empty that must not be,
        cannot be converted, or ends a charge before it starts.
    """
    cells = _cells(raw, layout)
    with reading(raw.path):
        _check_cells(raw, cells)
        absent = {c.field: CONVERSIONS[c.conversion].missing for c in layout.columns}
        exact = {**DEFAULTS, **absent, **{c.field: sql for c, _, sql in cells}}
        floats = {c.field: cell for c, _, _ in cells if (cell := _float_cell(raw, c))}
        is_map = _is_map(raw, layout)
        if is_map:
            exact["tags"] = raw.typed(_tags_name(layout))[0]
        view = raw.view.replace("raw", "lines")
        _create_view(raw, layout, view, exact)
        if floats:
            _create_view(raw, layout, f"{view}_near", {**exact, **floats})
    near = f"{view}_near" if floats else view
    tags_text = "coalesce(CAST(to_json(tags) AS VARCHAR), '')" if is_map else "tags"
    return Lines(raw, layout, view, near, tags_text, file_name, sha256)


def _create_view(raw: Raw, layout: Layout, view: str, typed: Mapping[str, str]) -> None:
    fields = ", ".join(f"{sql} AS {name}" for name, sql in typed.items())
    derived = ", ".join(f"{sql} AS {name}" for name, sql in layout.derived.items())
    raw.connection.execute(
        f"CREATE VIEW {view} AS SELECT * REPLACE ({derived})"
        f" FROM (SELECT *, {fields} FROM {raw.view})"
    )


def _tags_name(layout: Layout) -> str:
    return next((c.outsides[0] for c in layout.columns if c.field == "tags"), "")


def _is_map(raw: Raw, layout: Layout) -> bool:
    """Return whether the tags are a map column."""
    return raw.typed(_tags_name(layout))[1].startswith("MAP")


def _float_cell(raw: Raw, column: Column) -> str:
    """Return the SQL of an amount that the file has as a binary float, else ""."""
    cell, kind = raw.typed(column.outsides[0])
    is_float = column.conversion == "amount" and kind in ("DOUBLE", "FLOAT")
    return cell if is_float and _typed_sql(raw, column) else ""


def cell_text(raw: Raw, outsides: Sequence[str], nulls: Sequence[str]) -> str | None:
    """Return the SQL of the first filled cell of some outside columns, `None` without any."""
    texts = [text for outside in outsides if (text := raw.cell(outside)) is not None]
    for null in nulls:
        texts = [f"nullif({text}, {literal(null)})" for text in texts]
    return f"coalesce({', '.join(texts)})" if texts else None


def _cells(raw: Raw, layout: Layout) -> list[tuple[Column, str, str]]:
    """Return each mapped column that the file has, with the SQL of its text and of its value."""
    cells, missing = [], []
    for column in layout.columns:
        text = cell_text(raw, column.outsides, layout.nulls)
        if text is not None:
            how = CONVERSIONS[column.conversion]
            value = _typed_sql(raw, column) or how.sql.format(cell=text)
            cells.append((column, text, f"coalesce({value}, {how.missing})"))
        elif column.need:
            missing.append(column.outsides[0])
    if missing:
        hints = [f"{name} (nearest: {nearest(name, raw.names) or 'none'})" for name in missing]
        raise SourceError(
            "lacks columns that a bill needs",
            path=raw.path,
            seen=f"columns {', '.join(raw.names)[:400]}",
            expected="; ".join(hints),
            remedy=f"add them to the export; by its other columns the file is {layout.format_name}",
        )
    return cells


def _typed_sql(raw: Raw, column: Column) -> str:
    """Return the SQL of a value whose type the file declares, "" where it has to be read as text.

    A float of at most 15 digits is one decimal and no other, so ``DECIMAL(15, 10)`` that gives the
    same float again is that decimal; the shortest text, which is slow, is for the rest.
    """
    if len([name for name in column.outsides if raw.cell(name)]) != 1:
        return ""
    cell, kind = next(
        (found for name in column.outsides if (found := raw.typed(name))[0]), ("", "")
    )
    if column.conversion == "instant" and kind.startswith(("TIMESTAMP", "DATE")):
        return f"CAST({cell} AS TIMESTAMP)"
    if column.conversion == "amount" and kind.startswith(("DECIMAL", "INTEGER", "BIGINT")):
        return f"CAST({cell} AS {AMOUNT})"
    if column.conversion == "amount" and kind in ("DOUBLE", "FLOAT"):
        short = f"try_cast({cell} AS DECIMAL(15, 10))"
        return (
            f"CASE WHEN CAST({short} AS DOUBLE) = {cell} THEN CAST({short} AS {AMOUNT})"
            f" ELSE try_cast(CAST({cell} AS VARCHAR) AS {AMOUNT}) END"
        )
    return ""


def _is_sure(raw: Raw, column: Column) -> bool:
    """Return whether the declared type of a column rules out cells that are not usable."""
    kind = raw.typed(column.outsides[0])[1]
    return bool(_typed_sql(raw, column)) and kind not in ("DOUBLE", "FLOAT")


def _rules(raw: Raw, cells: list[tuple[Column, str, str]]) -> list[tuple[str, str, str, str]]:
    """Return what can be wrong with a row: words, SQL condition, SQL of what is seen, expected."""
    rules = []
    for column, text, _ in cells:
        how, name = CONVERSIONS[column.conversion], column.outsides[0]
        if how.expected and not _is_sure(raw, column):
            typed = raw.typed(name)[0] if _typed_sql(raw, column) else ""
            is_not = f"{how.sql.format(cell=text)} IS NULL"
            unusable = f"NOT abs({typed}) < 1e20" if typed else f"{text} IS NOT NULL AND {is_not}"
            rules.append((f"{name} is not usable", unusable, text, how.expected))
        if column.need == "cell":
            rules.append((f"{name} is empty", f"{text} IS NULL", "''", how.expected or "a value"))
    values = {column.field: value for column, _, value in cells}
    start, end = values["charge_period_start"], values["charge_period_end"]
    what, expected = "the charge does not end after its start", "an exclusive end after the start"
    return [*rules, (what, f"{end} <= {start}", f"concat({start}, ' to ', {end})", expected)]


def _check_cells(raw: Raw, cells: list[tuple[Column, str, str]]) -> None:
    """Find the first row that breaks a rule; all rules are counted in one scan."""
    rules = _rules(raw, cells)
    counts = ", ".join(f"count_if({broken})" for _, broken, _, _ in rules)
    found = raw.connection.execute(f"SELECT count(*), {counts} FROM {raw.view}").fetchone() or (0,)
    if not found[0]:
        raise SourceError(
            "has no rows",
            path=raw.path,
            seen="a header only",
            expected="one row or more",
            remedy="export the period again",
        )
    for (what, broken, shown, expected), count in zip(rules, found[1:], strict=True):
        if count:
            row, seen = first_row(raw.connection, raw.view, broken, shown)
            raise SourceError(
                what,
                path=raw.path,
                row=row,
                seen=f"{seen!r}" + (f", and {count - 1} more such rows" if count > 1 else ""),
                expected=expected,
                remedy="correct the row (they count from 1, without the header), or fetch the"
                " file again",
            )


def first_row(
    connection: duckdb.DuckDBPyConnection, view: str, condition: str, shown: str = "''"
) -> tuple[int, str]:
    """Return the number of the first row that meets `condition`, and what it shows."""
    row = connection.execute(
        f"SELECT * FROM (SELECT row_number() OVER () AS row, CAST({shown} AS VARCHAR) AS shown,"
        f" {condition} AS met FROM {view}) WHERE met ORDER BY row LIMIT 1"
    ).fetchone()
    return (int(row[0]), str(row[1])) if row else (0, "")
