"""Lines of bill files summed to COST, the totals that must tie, and the refusal of overlaps.

All sums are exact (``DECIMAL(38, 18)``) and made inside DuckDB; only rows of COST come out. See
`prismlib.sources.bills` for what the steps mean together.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from prismlib import tables
from prismlib.errors import CurrencyError, PrismWarning, ReconciliationError, SourceError
from prismlib.money import exact_sum
from prismlib.sources.bill_lines import AMOUNT, Lines, cell_text, first_row
from prismlib.sources.delimited import literal, reading
from prismlib.tables import COST, COST_DIMENSIONS, COST_METRICS

SHARED_ROWS_LIMIT = Decimal("0.05")
"""Share of the smaller file's rows that may also be in another file of the same format."""

MONTH_ROWS_LIMIT = Decimal("0.05")
"""Share of a file's rows from which on it counts as a bill of a month."""

MEASURES = ("usage_quantity", *COST_METRICS)


def create_groups(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables that `add_groups` fills."""
    dimensions = ", ".join(
        f"{name} {'DATE' if name.startswith('charge_period') else 'VARCHAR'}"
        for name in COST_DIMENSIONS
    )
    measures = ", ".join(f"{name} {AMOUNT}, {name}_known BIGINT" for name in MEASURES)
    connection.execute(
        f"CREATE TABLE groups (file INTEGER, {dimensions}, charge_kind VARCHAR,"
        f" billing_currency VARCHAR, is_estimated BOOLEAN, row_count BIGINT, {measures})"
    )
    connection.execute("CREATE TABLE tag_texts (file INTEGER, text VARCHAR, tags VARCHAR)")


def add_groups(connection: duckdb.DuckDBPyConnection, number: int, lines: Lines) -> None:
    """Sum the lines of a file to days; tags stay as written and are spelled alike afterwards."""
    days = {
        "charge_period_start": "CAST(charge_period_start AS DATE)",
        "charge_period_end": "CAST(charge_period_end AS DATE)"
        " + CAST(charge_period_end > date_trunc('day', charge_period_end) AS INTEGER)",
    }
    keys = ", ".join(f"{days.get(name, name)} AS {name}" for name in COST_DIMENSIONS)
    sums = ", ".join(f"sum({m}) AS {m}, count({m}) AS {m}_known" for m in MEASURES)
    # What follows from the keys is worked out once for a group, not once for a line.
    is_used = "kind = 'usage' AND usage_unit <> 'N/A'"
    with reading(lines.raw.path):
        connection.execute(
            f"INSERT INTO groups SELECT {number}, * EXCLUDE (kind) REPLACE ({lines.tags_text} AS"
            f" tags, kind AS charge_kind, CASE WHEN {is_used} THEN usage_quantity END"
            f" AS usage_quantity, CASE WHEN {is_used} THEN usage_quantity_known ELSE 0 END AS"
            f" usage_quantity_known) FROM (SELECT *, {lines.layout.derived['charge_kind']} AS kind"
            f" FROM (SELECT {keys}, '' AS charge_kind,"
            f" billing_currency, bool_or(is_estimated), count(*), {sums}"
            f" FROM {lines.view} WHERE NOT is_left_out GROUP BY ALL))"
        )
    texts = connection.execute("SELECT DISTINCT tags FROM groups WHERE file = ?", [number])
    spelled = [(number, text, _canonical_tags(text, lines)) for (text,) in texts.fetchall()]
    frame = pd.DataFrame(spelled, columns=["file", "text", "tags"], dtype=object)
    if spelled:
        connection.register("spelled", frame)
        connection.execute("INSERT INTO tag_texts SELECT * FROM spelled")
        connection.unregister("spelled")


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
            row=row,
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
    left_out = _left_out_note(connection, lines) if "is_left_out" in lines.layout.derived else ""
    if left_out:
        warnings.warn(left_out, PrismWarning, stacklevel=3)
    return ([note] if unknown else []) + ([left_out] if left_out else [])


def _left_out_note(connection: duckdb.DuckDBPyConnection, lines: Lines) -> str:
    base = lines.layout.base_cost
    query = f"SELECT count(*), sum({base}) FROM {lines.view} WHERE is_left_out"
    with reading(lines.raw.path):
        count, cost = connection.execute(query).fetchone() or (0, None)
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
            where.append(f"{files[number].file_name}: {currency} from row {row} on")
        raise CurrencyError("COST", currencies, where="; ".join(where))


def refuse_mixed_formats(connection: duckdb.DuckDBPyConnection, files: Sequence[Lines]) -> None:
    """Raise SourceError if two formats bill the same month of the same provider."""
    rows = connection.execute(
        "SELECT provider_name, strftime(charge_period_start, '%Y-%m') AS month, file,"
        " sum(row_count) / sum(sum(row_count)) OVER (PARTITION BY file) AS share"
        f" FROM groups GROUP BY 1, 2, 3 QUALIFY share >= {MONTH_ROWS_LIMIT} ORDER BY 1, 2, 3"
    ).fetchall()
    for (provider, month, one, _), (provider2, month2, other, _) in combinations(rows, 2):
        formats = [files[n].layout.format_name for n in (one, other)]
        if (provider, month) == (provider2, month2) and formats[0] != formats[1]:
            what = f"{provider} charges of {month} as {formats[0]} and as {formats[1]}"
            raise overlap(files[one].raw.path, files[other].raw.path, what)


def refuse_shared_rows(connection: duckdb.DuckDBPyConnection, files: Sequence[Lines]) -> None:
    """Raise SourceError if files of one format share more rows than chunks of an export would.

    Two rows are the same charge when everything but costs, quantities and tags agrees: the exact
    period, the dimensions of COST and the columns that the source calls its identity.
    """
    connection.execute("CREATE TABLE identities (file INTEGER, charge UBIGINT, rows BIGINT)")
    for format_name in sorted({lines.layout.format_name for lines in files}):
        alike = [n for n, lines in enumerate(files) if lines.layout.format_name == format_name]
        if len(alike) > 1 and files[alike[0]].layout.identity:
            for number in alike:
                _add_identities(connection, number, files[number], [files[n].raw for n in alike])
    pairs = connection.execute(
        "WITH shared AS (SELECT a.file AS one, b.file AS other, sum(a.rows) AS rows_one,"
        " sum(b.rows) AS rows_other FROM identities a JOIN identities b"
        " ON a.charge = b.charge AND a.file < b.file GROUP BY ALL),"
        " sizes AS (SELECT file, sum(rows) AS rows FROM identities GROUP BY file)"
        " SELECT one, other, CASE WHEN x.rows <= y.rows THEN rows_one ELSE rows_other END,"
        " least(x.rows, y.rows) FROM shared JOIN sizes x ON one = x.file"
        " JOIN sizes y ON other = y.file ORDER BY ALL"
    ).fetchall()
    for one, other, shared, rows in pairs:
        if shared > SHARED_ROWS_LIMIT * rows:
            what = f"{shared} of the {rows} charges of the smaller file"
            raise overlap(files[one].raw.path, files[other].raw.path, what)


def _add_identities(
    connection: duckdb.DuckDBPyConnection, number: int, lines: Lines, raws: Sequence[Any]
) -> None:
    """Add a hash of each charge, over the identity columns that all the files have."""
    common = [name for name in lines.layout.identity if all(raw.cell(name) for raw in raws)]
    cells = [cell_text(lines.raw, [name], lines.layout.nulls) for name in common]
    keys = ", ".join([*(d for d in COST_DIMENSIONS if d != "tags"), *(c for c in cells if c)])
    with reading(lines.raw.path):
        connection.execute(
            f"INSERT INTO identities SELECT {number}, hash({keys}), count(*)"
            f" FROM {lines.view} GROUP BY ALL"
        )


def overlap(path: Path, other: Path, what: str) -> SourceError:
    """Return the error for two files that would count a charge twice."""
    return SourceError(
        f"overlaps {other}; adding both would count charges twice",
        path=path,
        seen=f"in both: {what}",
        expected="each charge in one file: chunks of one delivery, one format for a month",
        remedy="keep the newest delivery of each month; if these are chunks of one export whose"
        " rows only look alike (no resource ids), join them into one file",
    )


def merge_groups(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """Merge the files into one table; return each cost known in part of a row, and in how many."""
    keys = ", ".join("t.tags" if name == "tags" else f"g.{name}" for name in COST_DIMENSIONS)
    sums = ", ".join(f"sum({m}) AS {m}, sum({m}_known) AS {m}_known" for m in MEASURES)
    connection.execute(
        f"CREATE TABLE merged AS SELECT {keys}, min(charge_kind) AS charge_kind,"
        " min(billing_currency) AS billing_currency, bool_or(is_estimated) AS is_estimated,"
        f" sum(row_count) AS row_count, {sums} FROM groups g"
        " JOIN tag_texts t ON g.file = t.file AND g.tags = t.text GROUP BY ALL"
    )
    partly = ", ".join(f"count_if({m}_known BETWEEN 1 AND row_count - 1)" for m in COST_METRICS)
    counts = connection.execute(f"SELECT {partly} FROM merged").fetchone() or ()
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
    sums = ", ".join(f"sum({m}), sum({m}_known)" for m in metrics)
    query = f"SELECT sum(row_count), {sums} FROM groups WHERE file = ?"
    grouped = [v or 0 for v in connection.execute(query, [number]).fetchone() or ()]
    totals, row_count, left_out, counts = _scan(connection, lines, metrics)
    _tie(lines, "rows", row_count, grouped[0])
    rows = []
    for n, metric in enumerate(metrics):
        table_total, known = grouped[1 + 2 * n], grouped[2 + 2 * n]
        file_total = Decimal(totals[n] or 0) - Decimal(left_out[n] or 0)
        _tie(lines, metric, file_total, table_total)
        if known or metric == lines.layout.base_cost:
            rows.append(
                {
                    "file_name": lines.file_name,
                    "format_name": lines.layout.format_name,
                    "cost_metric": metric,
                    "row_count": int(row_count),
                    "file_total": tidy(file_total),
                    "table_total": tidy(Decimal(table_total)),
                    "whole_number_rows": counts[2 * n],
                    "zero_where_billed_rows": counts[2 * n + 1],
                    "sha256": lines.sha256,
                }
            )
    return rows


def _scan(
    connection: duckdb.DuckDBPyConnection, lines: Lines, metrics: Sequence[str]
) -> tuple[Sequence[Any], int, Sequence[Any], Sequence[Any]]:
    """Return the plain sums of a file, and of its lines: number, sums left out, odd amounts.

    A cost that is a column is summed straight from the text of the file, a cost that follows from
    several columns over the lines.
    """
    layout, counted = lines.layout, "NOT is_left_out"
    fields = {column.field for column in layout.columns}
    outsides = {column.field: column.outsides for column in layout.columns}
    texts = [cell_text(lines.raw, outsides.get(m, ()), layout.nulls) for m in metrics]
    plain = [
        m
        if m in layout.derived or (lines.raw.types and m in fields)
        else f"CAST({text or 'NULL'} AS {AMOUNT})"
        for m, text in zip(metrics, texts, strict=True)
    ]
    odd = [f"count_if({counted} AND {m} <> 0 AND {m} = trunc({m}))" for m in metrics]
    # Without knowing what is committed nobody can say which zeros are odd: missing, not 0.
    zero = [
        f"CASE WHEN count(is_committed) > 0 THEN count_if({counted} AND charge_kind = 'usage'"
        f" AND NOT is_committed AND {layout.base_cost} > 0 AND {m} = 0) END"
        for m in metrics
    ]
    sums = ", ".join(f"sum({m})" for m in metrics)
    pairs = ", ".join(f"{a}, {b}" for a, b in zip(odd, zero, strict=True))
    with reading(lines.raw.path):
        query = f"SELECT {', '.join(f'sum({value})' for value in plain)} FROM "
        is_of_lines = any(m in layout.derived for m in metrics) or bool(lines.raw.types)
        view = lines.view if is_of_lines else lines.raw.view
        totals = connection.execute(query + view).fetchone() or ()
        counts = f"SELECT count_if({counted}), {pairs} FROM {lines.near}"
        found = connection.execute(counts).fetchone() or (0,)
        of_left_out = f"SELECT {sums} FROM {lines.view} WHERE is_left_out"
        left_out = connection.execute(of_left_out).fetchone() or ()
    return totals, found[0], left_out, found[1:]


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
