"""Totals of bill files, added with and without groups, that must tie to the last digit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd

from prismlib.errors import ReconciliationError
from prismlib.money import exact_sum
from prismlib.sources.bill_amounts import tidy
from prismlib.sources.bill_lines import Lines
from prismlib.tables import COST_METRICS


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
