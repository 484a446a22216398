"""Lines of bill files summed to COST, and the totals that must tie.

All sums are exact (``DECIMAL(38, 18)``) and made inside DuckDB; only rows of COST come out. See
`prismlib.sources.bills` for what the steps mean together.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd

from prismlib import tables
from prismlib.errors import CurrencyError, PrismWarning, ReconciliationError, SourceError
from prismlib.money import exact_sum
from prismlib.sources.bill_amounts import AMOUNT
from prismlib.sources.bill_checks import first_row, refuse_cells, rules_of
from prismlib.sources.bill_engine import answered
from prismlib.sources.bill_lines import MEASURES, Lines
from prismlib.sources.bill_rows import MARKS, group_sql, joined
from prismlib.sources.delimited import literal, reading
from prismlib.tables import COST, COST_DIMENSIONS, COST_METRICS


def create_groups(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the table ``groups`` that `sum_lines` fills, and what is asked of it by name.

    ``counted`` are the groups of lines that count, ``left_out`` those of the others, and ``totals``
    has all rows of a file in one, added without groups. ``spelled_tags`` says how a text of tags in
    a file is spelled.
    """
    dimensions = ", ".join(
        f"{name} {'DATE' if name.startswith('charge_period') else 'VARCHAR'}"
        for name in COST_DIMENSIONS
    )
    measures = ", ".join(f"{name} {AMOUNT}, {name}_known BIGINT" for name in MEASURES)
    odd = ", ".join(f"{name}_whole BIGINT, {name}_zero BIGINT" for name in COST_METRICS)
    marks = ", ".join(f"{name} BOOLEAN" for name in MARKS)
    connection.execute(
        f"CREATE TABLE groups (file INTEGER, {dimensions}, billing_currency VARCHAR, {marks},"
        f" charge_kind VARCHAR, is_total BOOLEAN, is_broken BOOLEAN, row_count BIGINT, {measures},"
        f" {odd})"
    )
    for name, condition in (
        ("totals", "is_total"),
        ("counted", "NOT is_total AND NOT is_left_out"),
        ("left_out", "NOT is_total AND is_left_out"),
    ):
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM groups WHERE {condition}")
    connection.execute("CREATE TABLE spelled_tags (file INTEGER, tags VARCHAR, spelled VARCHAR)")


def sum_lines(connection: duckdb.DuckDBPyConnection, number: int, lines: Lines) -> None:
    """Sum the lines of a file to days, into ``groups``; `connection` is any to its database.

    What DuckDB says of a damaged file comes as it is (`prismlib.sources.delimited.reading`).
    """
    # What follows from the keys is worked out once for a group, not once for a line.
    is_used = "charge_kind = 'usage' AND usage_unit <> 'N/A'"
    groups = joined(lines, answered(lines.raw, group_sql(lines)))
    connection.execute(
        f"INSERT INTO groups BY NAME SELECT {number} AS file, * REPLACE ("
        f"CASE WHEN {is_used} THEN usage_quantity END AS usage_quantity,"
        f" CASE WHEN {is_used} THEN usage_quantity_known ELSE 0 END AS usage_quantity_known)"
        f" FROM (SELECT *, {lines.layout.derived['charge_kind']} AS charge_kind FROM ({groups}))"
    )


def check_groups(connection: duckdb.DuckDBPyConnection, number: int, lines: Lines) -> None:
    """Check the groups of a file, naming a row that is not usable; tags are spelled alike.

    Raises
    ------
    SourceError
        As `prismlib.sources.bill_checks.refuse_cells`; the tags of a row are not usable.
    """
    shown = [f"({rule.of_group})" for rule in rules_of(lines) if rule.of_group]
    query = (
        f"SELECT count(*), count_if({' OR '.join(('is_broken', *shown))}) FROM groups"
        f" WHERE file = {number} AND NOT is_total"
    )
    with reading(lines.raw.path):
        ((count, odd),) = connection.execute(query).fetchall()
    if odd or not count:
        refuse_cells(lines)
    _spell_tags(connection, number, lines)


def _spell_tags(connection: duckdb.DuckDBPyConnection, number: int, lines: Lines) -> None:
    """Add to ``spelled_tags`` how each text of tags in a file is spelled."""
    query = f"SELECT DISTINCT tags FROM counted WHERE file = {number}"
    texts = [text for (text,) in connection.execute(query).fetchall()]
    spelled = [_canonical_tags(text, lines) for text in texts]
    connection.execute(
        "INSERT INTO spelled_tags SELECT ?, unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
        [number, texts, spelled],
    )


def _canonical_tags(text: str, lines: Lines) -> str:
    """Return tags as JSON with sorted keys; a tag without a value is no tag, as in AWS."""
    try:
        pairs = json.loads(text or "{}", object_pairs_hook=_unique_pairs)
        if not isinstance(pairs, dict):
            raise ValueError("not an object")
    except ValueError as error:
        row, _ = first_row(lines.raw.connection, lines.rows, f"{lines.tags_text} = {literal(text)}")
        raise SourceError(
            "the tags are not usable",
            path=lines.raw.path,
            row=row or None,
            seen=f"{text[:200]} ({error})",
            expected='a JSON object such as {"team": "search"}, each key once',
            remedy="correct the row (they count from 1, without the header), or leave tags out",
        ) from error
    tags = {_tag_key(key, lines): value for key, value in pairs.items() if value not in (None, "")}
    return json.dumps(tags, sort_keys=True, ensure_ascii=False)


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _tag_key(key: str, lines: Lines) -> str:
    for prefix in lines.layout.tag_prefixes:
        key = key.removeprefix(prefix)
    return key


def row_notes(connection: duckdb.DuckDBPyConnection, number: int, lines: Lines) -> list[str]:
    """Return notes on record types that no table knows and on lines that are left out.

    Warns
    -----
    PrismWarning
        Lines were left out.
    """
    query = "SELECT DISTINCT record_type FROM counted WHERE file = ? ORDER BY 1"
    types = [text for (text,) in connection.execute(query, [number]).fetchall()]
    known = lines.layout.charge_kinds
    unknown = ", ".join(text for text in types if text.lower().replace(" ", "") not in known)
    note = f"{lines.file_name}: unknown record types, read as adjustments: {unknown}"
    left_out = _left_out_note(connection, number, lines)
    if left_out:
        warnings.warn(left_out, PrismWarning, stacklevel=3)
    return ([note] if unknown else []) + ([left_out] if left_out else [])


def _left_out_note(connection: duckdb.DuckDBPyConnection, number: int, lines: Lines) -> str:
    base = lines.layout.base_cost
    query = f"SELECT sum(row_count), sum({base}) FROM left_out WHERE file = ?"
    ((count, cost),) = connection.execute(query, [number]).fetchall()
    if not count:
        return ""
    return (
        f"{lines.file_name}: {count} split-cost rows are left out, since they hand out the cost of"
        f" EC2 lines that are counted already; their {base} is {tidy(cost)}"
    )


def refuse_currencies(connection: duckdb.DuckDBPyConnection, files: Sequence[Lines]) -> None:
    """Raise CurrencyError, naming the files, if there is a second currency."""
    query = "SELECT DISTINCT billing_currency, file FROM counted ORDER BY 2, 1"
    found = connection.execute(query).fetchall()
    currencies = sorted({currency for currency, _ in found})
    if len(currencies) > 1:
        where = []
        for currency, number in found:
            condition = f"billing_currency = {literal(currency)}"
            row, _ = first_row(connection, files[number].rows, condition)
            from_row = f" from row {row} on" if row else ""
            where.append(f"{files[number].file_name}: {currency}{from_row}")
        raise CurrencyError("COST", currencies, where="; ".join(where))


def merge_groups(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """Merge the files into one table; return each cost known in part of a row, and in how many."""
    keys = ", ".join(COST_DIMENSIONS)
    sums = ", ".join(f"sum({m}) AS {m}, sum({m}_known) AS {m}_known" for m in MEASURES)
    connection.execute(
        f"CREATE TABLE merged AS SELECT {keys}, min(charge_kind) AS charge_kind,"
        " min(billing_currency) AS billing_currency, bool_or(is_estimated) AS is_estimated,"
        f" sum(row_count) AS row_count, {sums} FROM (SELECT c.* REPLACE (spelled AS tags)"
        " FROM counted c JOIN spelled_tags s ON c.file = s.file AND c.tags = s.tags) GROUP BY ALL"
    )
    partly = ", ".join(f"count_if({m}_known BETWEEN 1 AND row_count - 1)" for m in COST_METRICS)
    (counts,) = connection.execute(f"SELECT {partly} FROM merged").fetchall()
    return [(m, int(n)) for m, n in zip(COST_METRICS, counts, strict=True) if n]


def cost_table(connection: duckdb.DuckDBPyConnection, metrics: Sequence[str]) -> pd.DataFrame:
    """Return the merged rows as COST with the costs in `metrics`; the others are missing."""
    amounts = ("usage_quantity", *metrics)
    # As text without trailing zeros: a long table has many amounts, and DuckDB does it fast.
    values = {
        name: f"CASE WHEN {name}_known = row_count"
        f" THEN rtrim(rtrim(CAST({name} AS VARCHAR), '0'), '.') END"
        for name in amounts
    }
    missing = {name: "NULL" for name in COST_METRICS if name not in metrics}
    columns = ", ".join({**values, **missing}.get(name, name) for name in COST.fields)
    order = ", ".join(COST_DIMENSIONS)
    rows = connection.execute(f"SELECT {columns} FROM merged ORDER BY {order}").fetchall()
    if not rows:
        return tables.empty(COST)
    cells = dict(zip(COST.fields, map(list, zip(*rows, strict=True)), strict=True))
    for name in amounts:
        cells[name] = [None if text is None else Decimal(text) for text in cells[name]]
    return tables.check(pd.DataFrame(cells, dtype=object), COST)


def tidy(value: Decimal | None) -> Decimal | None:
    """Return `value` without trailing zeros; unlike ``normalize``, no context rounds it."""
    text = f"{value:f}" if value is not None else ""
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text) if text else None


def file_totals(
    connection: duckdb.DuckDBPyConnection, files: Sequence[Lines], metrics: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the COST_FILE rows of the files, one for each of `metrics` that a file carries.

    Raises
    ------
    ReconciliationError
        The rows or the sum of a cost in the table differ from those of a file.
    """
    of_rows, of_groups = _row_totals(connection), _group_totals(connection)
    return [
        row
        for number, lines in enumerate(files)
        for row in _totals_of(lines, of_rows[number], of_groups[number], metrics)
    ]


def _totals_of(
    lines: Lines, of_rows: Mapping[str, Any], of_groups: Mapping[str, Any], metrics: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the COST_FILE rows of a file, whose totals tie."""
    _tie(lines, "rows", of_rows["row_count"], of_groups["row_count"])
    rows = []
    for metric in metrics:
        file_total, table_total = of_rows[metric], of_groups[metric]
        _tie(lines, metric, file_total, table_total)
        if of_groups[f"{metric}_known"] or metric == lines.layout.base_cost:
            rows.append(
                {
                    "file_name": lines.file_name,
                    "format_name": lines.layout.format_name,
                    "cost_metric": metric,
                    "row_count": int(of_rows["row_count"]),
                    "file_total": tidy(file_total),
                    "table_total": tidy(table_total),
                    "whole_number_rows": of_groups[f"{metric}_whole"],
                    "zero_where_billed_rows": of_groups[f"{metric}_zero"],
                    "sha256": lines.sha256,
                }
            )
    return rows


def _row_totals(connection: duckdb.DuckDBPyConnection) -> dict[int, dict[str, Any]]:
    """Return for each file the rows and costs as they are without groups, less those left out."""
    names = ("row_count", *COST_METRICS)
    signed = ", ".join(f"CASE WHEN is_total THEN {n} ELSE -{n} END AS {n}" for n in names)
    sums = ", ".join(f"coalesce(sum({n}), 0) AS {n}" for n in names)
    rows = f"SELECT file, {signed} FROM groups WHERE is_total OR is_left_out"
    return _by_file(connection, f"SELECT file, {sums} FROM ({rows}) GROUP BY file")


def _group_totals(connection: duckdb.DuckDBPyConnection) -> dict[int, dict[str, Any]]:
    """Return for each file the rows and costs of its groups, and how many are odd."""
    counts = [f"{m}_{what}" for m in COST_METRICS for what in ("known", "whole")]
    names = ("row_count", *COST_METRICS, *counts)
    sums = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in names)
    # Without knowing what is committed nobody can say which zeros are odd: missing, not 0.
    zeros = ", ".join(
        f"CASE WHEN count(is_committed) > 0 THEN coalesce(sum(CASE WHEN charge_kind = 'usage'"
        f" AND NOT is_committed THEN {m}_zero END), 0) END AS {m}_zero"
        for m in COST_METRICS
    )
    # A file of which no line counts has its zeros too.
    rows = "(SELECT file FROM totals) LEFT JOIN counted USING (file)"
    return _by_file(connection, f"SELECT file, {sums}, {zeros} FROM {rows} GROUP BY file")


def _by_file(connection: duckdb.DuckDBPyConnection, query: str) -> dict[int, dict[str, Any]]:
    """Return the answer to a query by its column ``file``."""
    answer = connection.execute(query)
    names = [column[0] for column in answer.description]
    rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    return {row["file"]: row for row in rows}


def _tie(lines: Lines, what: str, expected: Any, actual: Any) -> None:
    if expected != actual:
        raise ReconciliationError(
            f"{lines.file_name}: the {what} of the file and of the table differ",
            expected=Decimal(expected),
            actual=Decimal(actual),
        )


def reconcile(cost: pd.DataFrame, cost_file: pd.DataFrame, metrics: Sequence[str]) -> None:
    """Check that COST adds up to the totals of its files; raises ReconciliationError."""
    for metric in metrics:
        of_files = exact_sum(cost_file[cost_file["cost_metric"] == metric]["table_total"])
        of_rows = exact_sum(value for value in cost[metric] if value is not None)
        if of_rows != of_files:
            raise ReconciliationError(
                f"{metric} of the table and of its files differ", expected=of_files, actual=of_rows
            )
