"""Totals of bill files, added with and without groups, that must tie to the last digit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import duckdb
import pandas as pd

from prismlib.errors import ReconciliationError
from prismlib.money import CONTEXT, exact_sum
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
    of_rows, of_groups = _totals(connection, "totals"), _group_totals(connection)
    left_out = _totals(connection, "left_out")
    return [
        row
        for number, lines in enumerate(files)
        for row in _totals_of(lines, of_rows[number], left_out[number], of_groups[number], metrics)
    ]


def _totals_of(
    lines: Lines,
    of_rows: Mapping[str, Any],
    left_out: Mapping[str, Any],
    of_groups: Mapping[str, Any],
    metrics: Sequence[str],
) -> list[dict[str, Any]]:
    """Return the COST_FILE rows of a file, whose totals tie."""
    _tie(lines, "rows", *(one["row_count"] for one in (of_rows, left_out, of_groups)))
    rows = []
    for metric in metrics:
        _tie(lines, metric, *(one[metric] for one in (of_rows, left_out, of_groups)))
        if of_groups[f"{metric}_known"] or metric == lines.layout.base_cost:
            rows.append(
                {
                    "file_name": lines.file_name,
                    "format_name": lines.layout.format_name,
                    "cost_metric": metric,
                    "row_count": int(of_rows["row_count"]),
                    "left_out_rows": int(left_out["row_count"]),
                    "file_total": tidy(of_rows[metric]),
                    "left_out_total": tidy(left_out[metric]),
                    "table_total": tidy(of_groups[metric]),
                    "whole_number_rows": of_groups[f"{metric}_whole"],
                    "zero_where_billed_rows": of_groups[f"{metric}_zero"],
                    "sha256": lines.sha256,
                }
            )
    return rows


def _totals(connection: duckdb.DuckDBPyConnection, name: str) -> dict[int, dict[str, Any]]:
    """Return the rows and costs of each file in ``totals`` or ``left_out``, 0 without any."""
    names = ("row_count", *COST_METRICS)
    sums = ", ".join(f"coalesce(sum({n}), 0) AS {n}" for n in names)
    rows = f"(SELECT file FROM totals) LEFT JOIN {name} USING (file)"
    return _by_file(connection, f"SELECT file, {sums} FROM {rows} GROUP BY file")


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


def _tie(lines: Lines, what: str, of_rows: Any, left_out: Any, of_groups: Any) -> None:
    """Raise ReconciliationError unless all rows, less those left out, are those of the groups."""
    expected = CONTEXT.subtract(Decimal(of_rows), Decimal(left_out))  # digits are never rounded
    if expected != of_groups:
        raise ReconciliationError(
            f"{lines.file_name}: the {what} of the file and of the table differ",
            expected=expected,
            actual=Decimal(of_groups),
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
