"""The rows of a bill file as typed lines: house fields, each cell checked.

A source (`prismlib.sources.focus` and its siblings) says in a `Layout` which outside column becomes
which house field by which conversion; `type_lines` holds every cell of a file against it and names
the row that breaks it.

Amounts are exact (`prismlib.sources.bill_amounts`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from prismlib.errors import SourceError
from prismlib.sources.bill_amounts import AMOUNT, float_sql, long_sql, short_sql
from prismlib.sources.delimited import Raw, literal, nearest
from prismlib.tables import COST_DIMENSIONS, COST_METRICS

MEASURES = ("usage_quantity", *COST_METRICS)


@dataclass(frozen=True)
class Conversion:
    """How a text `{cell}` becomes a value: its SQL, what stands for missing, what is expected.

    A cell is not usable when its value is missing, or when `is_unusable` says so.
    """

    sql: str
    missing: str
    expected: str = ""
    is_unusable: str = ""


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
        "{cell}",
        "''",
        "a currency code of three capitals such as USD",
        "NOT regexp_full_match({cell}, '[A-Z]{{3}}')",
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
    `picked` gives costs that are chosen among amounts by rules: each is the sum of some SQL, that
    gives one of the amounts as it is, its opposite, or 0.
    `base_cost` is the cost that every row has. `identity` names the outside columns that tell two
    charges apart beyond the dimensions of COST. `nulls` are texts that stand for a missing cell.
    """

    format_name: str
    columns: tuple[Column, ...]
    derived: Mapping[str, str]
    charge_kinds: Mapping[str, str]
    base_cost: str
    picked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
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
    """A file whose rows are typed: `rows` is the SQL of one house line for each, to select from.

    `cells` are the mapped columns that the file has, each with the SQL of its text and of its
    value. `near` names the field of each measure with the binary floats of the file in place of
    exact amounts, to count and compare it fast; without floats it is the measure itself. Of the
    measures in `split` a field ``..._short`` holds the short amounts (`short_sql`), the measure
    itself the others. `tags_text` is the SQL of the tags as text.
    """

    raw: Raw
    layout: Layout
    rows: str
    cells: tuple[tuple[Column, str, str], ...]
    near: Mapping[str, str]
    split: tuple[str, ...] = ()
    tags_text: str = "tags"
    file_name: str = ""
    sha256: str = field(default="", repr=False)


DEFAULTS: dict[str, str] = {
    **dict.fromkeys(COST_DIMENSIONS, "''"),
    **dict.fromkeys(("usage_quantity", *COST_METRICS), f"CAST(NULL AS {AMOUNT})"),
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
    """Return the rows of a file as typed lines; `refuse_cells` and `group_sql` check the cells.

    Raises
    ------
    SourceError
        A needed column is missing.
    """
    cells = cells_of(raw, layout)
    absent = {c.field: CONVERSIONS[c.conversion].missing for c in layout.columns}
    values = {**DEFAULTS, **absent, **{c.field: sql for c, _, sql in cells}}
    is_map = _is_map(raw, layout)
    if is_map:
        values["tags"] = raw.typed(_tags_name(layout))[0]
    sql, split = _lines_sql(raw, layout, values)
    tags_text = "coalesce(CAST(to_json(tags) AS VARCHAR), '')" if is_map else "tags"
    return Lines(
        raw,
        layout,
        f"({sql}) AS lines",
        tuple(cells),
        {m: f"{m}_near" if floats_of(raw, layout) else m for m in MEASURES},
        split,
        tags_text,
        file_name,
        sha256,
    )


def _lines_sql(raw: Raw, layout: Layout, values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the SQL of the lines, and which measures have short amounts apart.

    They have the cells of the file, the fields by which lines are grouped, and the measures, as
    floats too. Of a picked cost the floats of the file are picked first, and made exact afterwards.
    """
    floats = floats_of(raw, layout)
    cells = ", ".join(f"c{n}" for n in range(len(raw.names)))
    picks: dict[str, str] = {}
    names_of_fields = (*DEFAULTS, "billing_currency")
    fields = {name: layout.derived.get(name, name) for name in names_of_fields}
    split = []
    for m in MEASURES:
        parts = layout.picked.get(m, (layout.derived.get(m, m),))
        is_near = bool(found := _amounts_in(parts, layout)) and found <= set(floats)
        names = tuple(f"{m}_{n}" for n, _ in enumerate(parts, start=1))
        near = tuple(_near_sql(part, floats) for part in parts)
        picks |= dict(zip(names, near if is_near else parts, strict=True))
        fields[m] = long_sql(names) if is_near else " + ".join(names)
        if is_near:
            split.append(m)
            fields[f"{m}_short"] = short_sql(names)
        if floats:
            fields[f"{m}_near"] = " + ".join(names)
    used = {**values, **{f"{name}_near": cell for name, cell in floats.items()}}
    typed = f"SELECT *, {_named(used)} FROM {raw.view}"
    picked = f"SELECT *, {_named(picks)} FROM ({typed}) AS typed"
    return f"SELECT {cells}, {_named(fields)} FROM ({picked}) AS picked", tuple(split)


def _amounts_in(parts: Sequence[str], layout: Layout) -> set[str]:
    """Return the amounts that some SQL names."""
    words = set(re.findall(r"\w+", " ".join(parts)))
    return {column.field for column in layout.columns if column.conversion == "amount"} & words


def _named(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} AS {name}" for name, sql in columns.items())


def _near_sql(sql: str, floats: Mapping[str, str]) -> str:
    """Return the SQL of a cost with the binary floats of the file in place of exact amounts."""
    return re.sub(r"\w+", lambda name: f"{name[0]}_near" if name[0] in floats else name[0], sql)


def _tags_name(layout: Layout) -> str:
    return next((c.outsides[0] for c in layout.columns if c.field == "tags"), "")


def _is_map(raw: Raw, layout: Layout) -> bool:
    """Return whether the tags are a map column."""
    return raw.typed(_tags_name(layout))[1].startswith("MAP")


def floats_of(raw: Raw, layout: Layout) -> dict[str, str]:
    """Return the SQL of each amount that the file has as a binary float."""
    return {c.field: cell for c in layout.columns if (cell := _float_cell(raw, c))}


def _float_cell(raw: Raw, column: Column) -> str:
    """Return the SQL of an amount that the file has as a binary float, else ""."""
    cell, kind = raw.typed(column.outsides[0])
    is_float = column.conversion == "amount" and kind in ("DOUBLE", "FLOAT")
    return cell if is_float and typed_sql(raw, column) else ""


def cell_text(raw: Raw, outsides: Sequence[str], nulls: Sequence[str]) -> str | None:
    """Return the SQL of the first filled cell of some outside columns, `None` without any."""
    found = [text for outside in outsides if (text := raw.cell(outside)) is not None]
    texts = list(dict.fromkeys(found))  # two spellings of a name may be the same column
    for null in nulls:
        texts = [f"nullif({text}, {literal(null)})" for text in texts]
    return (f"coalesce({', '.join(texts)})" if len(texts) > 1 else texts[0]) if texts else None


def cells_of(raw: Raw, layout: Layout) -> list[tuple[Column, str, str]]:
    """Return each mapped column that the file has, with the SQL of its text and of its value."""
    cells, missing = [], []
    for column in layout.columns:
        text = cell_text(raw, column.outsides, layout.nulls)
        if text is not None:
            cells.append((column, text, _value_sql(raw, column, text, layout.nulls)))
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


def _value_sql(raw: Raw, column: Column, text: str, nulls: Sequence[str]) -> str:
    how = CONVERSIONS[column.conversion]
    if how.sql == "{cell}":
        return _filled_sql(raw, column, nulls)
    value = typed_sql(raw, column) or how.sql.format(cell=text)
    return value if how.missing.startswith("CAST(NULL") else f"coalesce({value}, {how.missing})"


def _filled_sql(raw: Raw, column: Column, nulls: Sequence[str]) -> str:
    """Return the SQL of the first filled text of a column, an empty text where none is.

    The cells of the others are looked at only in rows that lack it.
    """
    found = [text for name in column.outsides if (text := raw.cell(name)) is not None]
    *texts, last = dict.fromkeys(found)
    empty = "''"
    if tuple(nulls) == ("",):  # a missing text and an empty one are the same
        empty = f"coalesce({last}, '')"
    else:
        texts.append(last)
    unfilled = ", ".join(map(literal, nulls))
    cases = " ".join(f"WHEN {text} NOT IN ({unfilled}) THEN {text}" for text in texts)
    return f"CASE {cases} ELSE {empty} END" if cases else empty


def typed_sql(raw: Raw, column: Column) -> str:
    """Return the SQL of a value of a type that the file declares, "" where it is read as text."""
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
        return float_sql(cell)
    return ""
