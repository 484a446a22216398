"""What can be wrong with the rows of a bill file, and which row it is.

Most of it is found while the rows are grouped (`prismlib.sources.bill_rows`), in the same reading;
only when something is wrong the file is read once more, to name it.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from prismlib.errors import SourceError
from prismlib.sources.bill_engine import answered
from prismlib.sources.bill_lines import CONVERSIONS, Column, Lines, typed_sql
from prismlib.sources.delimited import Raw, reading
from prismlib.tables import COST_DIMENSIONS

KEYS = {*COST_DIMENSIONS, "billing_currency"} - {"charge_period_start", "charge_period_end", "tags"}
"""Texts by which lines are grouped: what is wrong with one shows in the group."""


@dataclass(frozen=True)
class Rule:
    """What can be wrong with a row: words, SQL condition, SQL of what is seen, what is expected.

    `of_group` is the same condition over the fields of a group of rows, "" where only a row shows
    it.
    """

    what: str
    is_broken: str
    shown: str
    expected: str
    of_group: str = ""


def rules_of(lines: Lines) -> list[Rule]:
    """Return what can be wrong with a row of a file."""
    raw, rules = lines.raw, []
    for column, text, value in lines.cells:
        how, name = CONVERSIONS[column.conversion], column.outsides[0]
        is_key = column.field in KEYS - set(lines.layout.derived)
        if how.expected and not _is_sure(raw, column):
            is_not = how.is_unusable or f"{how.sql} IS NULL"
            typed = raw.typed(name)[0] if typed_sql(raw, column) else ""
            unusable = f"{text} IS NOT NULL AND {is_not.format(cell=text)}"
            broken = f"NOT abs({typed}) < 1e20" if typed else unusable
            if typed and raw.engine:  # another engine may fail to write or read a float as text
                broken = f"({broken} OR {typed} IS NOT NULL AND {value} IS NULL)"
            of_key = f"{column.field} <> '' AND {is_not.format(cell=column.field)}"
            of_group = of_key if is_key else ""
            rules.append(Rule(f"{name} is not usable", broken, text, how.expected, of_group))
        if column.need == "cell":
            of_group = f"{column.field} = ''" if is_key else ""
            expected = how.expected or "a value"
            cell = raw.typed(name)[0] if typed_sql(raw, column) else text
            rules.append(Rule(f"{name} is empty", f"{cell} IS NULL", "''", expected, of_group))
    return [*rules, _ends_after_start(lines)]


def _ends_after_start(lines: Lines) -> Rule:
    values = {column.field: value for column, _, value in lines.cells}
    start, end = values["charge_period_start"], values["charge_period_end"]
    return Rule(
        "the charge does not end after its start",
        f"{end} <= {start}",
        f"concat({start}, ' to ', {end})",
        "an exclusive end after the start",
    )


def _is_sure(raw: Raw, column: Column) -> bool:
    """Return whether the declared type of a column rules out cells that are not usable."""
    kind = raw.typed(column.outsides[0])[1]
    return bool(typed_sql(raw, column)) and kind not in ("DOUBLE", "FLOAT")


def refuse_cells(lines: Lines) -> None:
    """Find the first row that breaks a rule; all rules are counted in one scan.

    Raises
    ------
    SourceError
        The file has no rows, or a cell is empty that must not be, cannot be converted, or ends a
        charge before it starts.
    """
    raw, rules = lines.raw, rules_of(lines)
    counts = ", ".join(f"count_if({rule.is_broken}) AS broken_{n}" for n, rule in enumerate(rules))
    query = f"SELECT count(*) AS row_count, {counts} FROM {raw.view}"
    with reading(raw.path):
        (found,) = raw.connection.execute(answered(raw, query)).fetchall()
    if not found[0]:
        raise SourceError(
            "has no rows",
            path=raw.path,
            seen="a header only",
            expected="one row or more",
            remedy="export the period again",
        )
    for rule, count in zip(rules, found[1:], strict=True):
        if count:
            row, seen = _example(raw, rule)
            raise SourceError(
                rule.what,
                path=raw.path,
                row=row,
                seen=f"{seen!r}" + (f", and {count - 1} more such rows" if count > 1 else ""),
                expected=rule.expected,
                remedy="correct the row (they count from 1, without the header), or fetch the"
                " file again",
            )


def _example(raw: Raw, rule: Rule) -> tuple[int | None, str]:
    """Return a row that breaks a rule and what it shows; those of an engine have no numbers."""
    if raw.engine is None:
        return first_row(raw.connection, raw.view, rule.is_broken, rule.shown)
    shown = f"max(CASE WHEN {rule.is_broken} THEN CAST({rule.shown} AS VARCHAR) END) AS shown"
    query = answered(raw, f"SELECT {shown} FROM {raw.view}")
    ((seen,),) = raw.connection.execute(query).fetchall()
    return None, str(seen)


def refuse_text_times(lines: Lines) -> None:
    """Raise SourceError if times are texts: what engines read in a text differs."""
    raw = lines.raw
    for column, _, _ in lines.cells:
        if column.conversion == "instant" and not typed_sql(raw, column):
            raise SourceError(
                f"{column.outsides[0]} is text",
                path=raw.path,
                seen=raw.typed(column.outsides[0])[1] or "several columns",
                expected="a column of type timestamp",
                remedy="register the table from a Parquet export; AWS delivers its times as such",
            )


def first_row(
    connection: duckdb.DuckDBPyConnection, rows: str, condition: str, shown: str = "''"
) -> tuple[int, str]:
    """Return the number of the first of `rows` that meets `condition`, and what it shows."""
    found = connection.execute(
        f"SELECT * FROM (SELECT row_number() OVER () AS row, CAST({shown} AS VARCHAR) AS shown,"
        f" {condition} AS met FROM {rows}) WHERE met ORDER BY row LIMIT 1"
    ).fetchall()  # whole: a result that is read in part holds up the next query
    return (int(found[0][0]), str(found[0][1])) if found else (0, "")
