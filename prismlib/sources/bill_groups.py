"""Lines of bill files summed to COST, and the totals that must tie.

All sums are exact (``DECIMAL(38, 18)``) and made inside DuckDB; only rows of COST come out. See
`prismlib.sources.bills` for what the steps mean together.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
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
from prismlib.sources.bill_rows import group_sql, joined
from prismlib.sources.delimited import literal, reading
from prismlib.tables import COST, COST_DIMENSIONS, COST_METRICS


def create_groups(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables that `add_groups` fills.

    ``groups`` has the groups of each file without the lines that are left out, ``left_out`` the
    totals of those, and ``totals`` those of all rows of a file, added without groups.
    """
    dimensions = ", ".join(
        f"{name} {'DATE' if name.startswith('charge_period') else 'VARCHAR'}"
        for name in COST_DIMENSIONS
    )
    measures = ", ".join(f"{name} {AMOUNT}, {name}_known BIGINT" for name in MEASURES)
    odd = ", ".join(f"{name}_whole BIGINT, {name}_zero BIGINT" for name in COST_METRICS)
    connection.execute(
        f"CREATE TABLE groups (file INTEGER, {dimensions}, billing_currency VARCHAR, is_estimated"
        f" BOOLEAN, is_committed BOOLEAN, charge_kind VARCHAR, row_count BIGINT, {measures}, {odd})"
    )
    costs = ", ".join(f"{name} {AMOUNT}" for name in COST_METRICS)
    for name in ("totals", "left_out"):
        connection.execute(f"CREATE TABLE {name} (file INTEGER, row_count BIGINT, {costs})")


def add_groups(connection: duckdb.DuckDBPyConnection, number: int, lines: Lines) -> None:
    """Sum the lines of a file to days; tags are spelled alike.

    Raises
    ------
    SourceError
        As `prismlib.sources.bill_checks.refuse_cells`; the tags of a row are not usable.
    """
    _group(connection, lines)
    _spell_tags(connection, lines)
    # What follows from the keys is worked out once for a group, not once for a line.
    is_used = "kind = 'usage' AND usage_unit <> 'N/A'"
    connection.execute(
        f"INSERT INTO groups BY NAME SELECT {number} AS file, kind AS charge_kind, * EXCLUDE (kind,"
        " is_left_out, is_broken, is_total, text, spelled)"
        f" REPLACE (spelled AS tags, CASE WHEN {is_used} THEN usage_quantity END AS usage_quantity,"
        f" CASE WHEN {is_used} THEN usage_quantity_known ELSE 0 END AS usage_quantity_known)"
        f" FROM (SELECT *, {lines.layout.derived['charge_kind']} AS kind FROM of_file"
        " WHERE is_total = 0 AND NOT is_left_out) JOIN spelled_tags ON tags = text"
    )
    costs = ", ".join(COST_METRICS)
    connection.execute(
        f"INSERT INTO totals SELECT {number}, row_count, {costs} FROM of_file WHERE is_total = 1"
    )
    sums = ", ".join(f"sum({name})" for name in COST_METRICS)
    connection.execute(
        f"INSERT INTO left_out SELECT {number}, coalesce(sum(row_count), 0), {sums} FROM of_file"
        " WHERE is_total = 0 AND is_left_out"
    )


def _group(connection: duckdb.DuckDBPyConnection, lines: Lines) -> None:
    """Make the table ``of_file`` of the groups of a file; a row that is not usable is named."""
    with reading(lines.raw.path):
        try:
            groups = joined(lines, answered(lines.raw, group_sql(lines), lines.sql))
            connection.execute(f"CREATE OR REPLACE TEMP TABLE of_file AS {groups}")
        except duckdb.OutOfRangeException:
            refuse_cells(lines)  # an amount that is none comes before a sum that is too large
            raise
        shown = [f"({rule.of_group})" for rule in rules_of(lines) if rule.of_group]
        broken = " OR ".join(("is_broken = 1", *shown))
        query = f"SELECT count(*), count_if({broken}) FROM of_file WHERE is_total = 0"
        ((count, odd),) = connection.execute(query).fetchall()
    if odd or not count:
        refuse_cells(lines)


def _spell_tags(connection: duckdb.DuckDBPyConnection, lines: Lines) -> None:
    """Make the table ``spelled_tags`` of how each text of tags is spelled."""
    query = "SELECT DISTINCT tags FROM of_file WHERE is_total = 0 AND NOT is_left_out"
    texts = [text for (text,) in connection.execute(query).fetchall()]
    spelled = [(text, _canonical_tags(text, lines)) for text in texts]
    frame = pd.DataFrame(spelled, columns=["text", "spelled"], dtype="str")
    connection.register("spelled_frame", frame)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE spelled_tags AS SELECT CAST(text AS VARCHAR) AS text,"
        " CAST(spelled AS VARCHAR) AS spelled FROM spelled_frame"
    )
    connection.unregister("spelled_frame")


def _canonical_tags(text: str, lines: Lines) -> str:
    """Return tags as JSON with sorted keys; a tag without a value is no tag, as in AWS."""
    try:
        pairs = json.loads(text or "{}", object_pairs_hook=_unique_pairs)
        if not isinstance(pairs, dict):
            raise ValueError("not an object")
    except ValueError as error:
        row, _ = first_row(lines.raw.connection, lines.view, f"{lines.tags_text} = {literal(text)}")
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
    query = "SELECT DISTINCT record_type FROM groups WHERE file = ? ORDER BY 1"
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
    query = f"SELECT row_count, {base} FROM left_out WHERE file = ?"
    ((count, cost),) = connection.execute(query, [number]).fetchall()
    if not count:
        return ""
    return (
        f"{lines.file_name}: {count} split-cost rows are left out, since they hand out the cost of"
        f" EC2 lines that are counted already; their {base} is {tidy(cost)}"
    )


def refuse_currencies(connection: duckdb.DuckDBPyConnection, files: Sequence[Lines]) -> None:
    """Raise CurrencyError, naming the files, if there is a second currency."""
    query = "SELECT DISTINCT billing_currency, file FROM groups ORDER BY 2, 1"
    found = connection.execute(query).fetchall()
    currencies = sorted({currency for currency, _ in found})
    if len(currencies) > 1:
        where = []
        for currency, number in found:
            condition = f"billing_currency = {literal(currency)}"
            row, _ = first_row(connection, files[number].view, condition)
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
        f" sum(row_count) AS row_count, {sums} FROM groups GROUP BY ALL"
    )
    partly = ", ".join(f"count_if({m}_known BETWEEN 1 AND row_count - 1)" for m in COST_METRICS)
    (counts,) = connection.execute(f"SELECT {partly} FROM merged").fetchall()
    return [(m, int(n)) for m, n in zip(COST_METRICS, counts, strict=True) if n]


def cost_table(connection: duckdb.DuckDBPyConnection, metrics: Sequence[str]) -> pd.DataFrame:
    """Return the merged rows as COST with the costs in `metrics`; the others are missing."""
    values = {
        name: f"CASE WHEN {name}_known = row_count THEN {name} END"
        for name in ("usage_quantity", *metrics)
    }
    missing = {name: "NULL" for name in COST_METRICS if name not in metrics}
    columns = ", ".join({**values, **missing}.get(name, name) for name in COST.fields)
    order = ", ".join(COST_DIMENSIONS)
    rows = connection.execute(f"SELECT {columns} FROM merged ORDER BY {order}").fetchall()
    cells = [[tidy(v) if isinstance(v, Decimal) else v for v in row] for row in rows]
    return tables.check(pd.DataFrame(cells, columns=list(COST.fields), dtype=object), COST)


def tidy(value: Decimal | None) -> Decimal | None:
    """Return `value` without trailing zeros; unlike ``normalize``, no context rounds it."""
    text = f"{value:f}" if value is not None else ""
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text) if text else None


def file_totals(
    connection: duckdb.DuckDBPyConnection, number: int, lines: Lines, metrics: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the COST_FILE rows of a file, one for each of `metrics` that it carries.

    Raises
    ------
    ReconciliationError
        The rows or the sum of a cost in the table differ from those of the file.
    """
    of_rows, of_groups = _totals(connection, number, lines)
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


def _totals(
    connection: duckdb.DuckDBPyConnection, number: int, lines: Lines
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the rows and costs of a file as they are without groups, and those of its groups."""
    names = ("row_count", *COST_METRICS)
    differences = ", ".join(f"coalesce(t.{n}, 0) - coalesce(l.{n}, 0)" for n in names)
    query = f"SELECT {differences} FROM totals t JOIN left_out l USING (file) WHERE file = ?"
    (row,) = connection.execute(query, [number]).fetchall()
    of_rows = dict(zip(names, row, strict=True))
    # Without knowing what is committed nobody can say which zeros are odd: missing, not 0.
    asked = {
        "row_count": "coalesce(sum(row_count), 0)",
        **{m: f"coalesce(sum({m}), 0)" for m in COST_METRICS},
        **{f"{m}_known": f"coalesce(sum({m}_known), 0)" for m in COST_METRICS},
        **{f"{m}_whole": f"coalesce(sum({m}_whole), 0)" for m in COST_METRICS},
        **{
            f"{m}_zero": "CASE WHEN count(is_committed) > 0 THEN coalesce(sum(CASE WHEN charge_kind"
            f" = 'usage' AND NOT is_committed THEN {m}_zero END), 0) END"
            for m in COST_METRICS
        },
    }
    query = f"SELECT {', '.join(asked.values())} FROM groups WHERE file = ?"
    (found,) = connection.execute(query, [number]).fetchall()
    return of_rows, dict(zip(asked, found, strict=True))


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
