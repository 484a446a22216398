"""Files that would count a charge twice: two formats of a month, and rows that two files share."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb

from prismlib.errors import SourceError
from prismlib.sources.bill_lines import Lines, cell_text
from prismlib.sources.delimited import reading
from prismlib.tables import COST_DIMENSIONS

SHARED_ROWS_LIMIT = Decimal("0.05")
"""Share of the smaller file's rows that may also be in another file of the same format."""

MONTH_ROWS_LIMIT = Decimal("0.05")
"""Share of a file's rows from which on it counts as a bill of a month."""


def refuse_mixed_formats(connection: duckdb.DuckDBPyConnection, files: Sequence[Lines]) -> None:
    """Raise SourceError if two formats bill the same month of the same provider."""
    rows = connection.execute(
        "SELECT provider_name, strftime(charge_period_start, '%Y-%m') AS month, file,"
        " sum(row_count) / sum(sum(row_count)) OVER (PARTITION BY file) AS share"
        f" FROM counted GROUP BY 1, 2, 3 QUALIFY share >= {MONTH_ROWS_LIMIT} ORDER BY 1, 2, 3"
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
            f" FROM {lines.rows} GROUP BY ALL"
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
