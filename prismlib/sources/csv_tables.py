"""Read and write a table as CSV or Parquet, typed by its fields.

The only place where text becomes a typed cell: an unreadable one is named by file, row and column.
"""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from prismlib.errors import SourceError
from prismlib.fields import Field, format_cell, parse_cell
from prismlib.tables import Table, check, make

_ARROW = {
    "text": pa.string(),
    "date": pa.date32(),
    "decimal": pa.decimal128(38, 18),
    "count": pa.int64(),
    "flag": pa.bool_(),
}


def read_table(path: Path, table: Table) -> pd.DataFrame:
    """Return the rows of a CSV or Parquet file as a checked `table`.

    Raises
    ------
    SourceError
        The file is missing, empty, lacks a column or holds a cell that cannot be read.
    SchemaError, CurrencyError
        The rows are not a valid `table`.
    """
    if not path.is_file():
        raise SourceError("no such file", path=path, expected=f"a {table.name} table")
    if path.suffix == ".parquet":
        return _read_parquet(path, table)
    return _read_csv(path, table)


def _read_csv(path: Path, table: Table) -> pd.DataFrame:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError("is not UTF-8 text", path=path, seen=str(error)) from None
    lines = csv.DictReader(io.StringIO(text))
    header = lines.fieldnames or []
    missing = [f.name for f in table.columns if f.name not in header and f.name in _must(table)]
    unknown = [name for name in header if name not in table.fields]
    if missing or unknown:
        raise SourceError(
            f"is not a {table.name} table",
            path=path,
            row=0,
            seen=f"columns {', '.join(header) or 'none'}"
            + (f"; not known: {', '.join(unknown)}" if unknown else ""),
            expected=f"columns {', '.join(table.fields)}"
            + (f"; missing: {', '.join(missing)}" if missing else ""),
            remedy="data/README.md documents every table",
        )
    rows = [_parse_row(raw, number, path, table) for number, raw in enumerate(lines, start=1)]
    return make(table, rows)


def _must(table: Table) -> set[str]:
    return {*table.key, *table.required}


def _parse_row(raw: dict[str, Any], number: int, path: Path, table: Table) -> dict[str, Any]:
    if None in raw or None in raw.values():
        raise SourceError(
            "has more or fewer cells than the header",
            path=path,
            row=number,
            expected=f"{len(table.fields)} cells",
            remedy='quote a cell that contains a comma: "like, this"',
        )
    row = {}
    for field in table.columns:
        if field.name not in raw:
            continue
        try:
            row[field.name] = parse_cell(field, raw[field.name])
        except ValueError as error:
            raise _unreadable(path, number, field, str(error)) from None
    return row


def _unreadable(path: Path, number: int, field: Field, seen: str) -> SourceError:
    examples = {"decimal": "1234.56", "date": "2025-10-31", "count": "12", "flag": "true"}
    return SourceError(
        f"column {field.name} cannot be read",
        path=path,
        row=number,
        seen=seen,
        expected=f"a {field.kind} such as {examples[field.kind]} ({field.meaning})",
        remedy="correct the cell, or leave it empty if the value is not known",
    )


def _read_parquet(path: Path, table: Table) -> pd.DataFrame:
    try:
        rows = pq.read_table(path).to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise SourceError("is not a readable Parquet file", path=path, seen=str(error)) from None
    for row in rows:
        for name, value in row.items():
            if isinstance(value, Decimal):
                row[name] = plain(value)
    return make(table, rows)


def plain(value: Decimal) -> Decimal:
    """Return `value` without trailing zeros and without an exponent: 1.500 is 1.5, 1E+3 is 1000."""
    stripped = value.normalize()
    exponent = stripped.as_tuple().exponent
    return stripped.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else stripped


def write_table(frame: pd.DataFrame, path: Path, table: Table) -> None:
    """Write a `table` to a .csv or .parquet file; the same rows give the same bytes."""
    check(frame, table)
    if path.suffix == ".parquet":
        schema = pa.schema([(f.name, _ARROW[f.kind]) for f in table.columns])
        columns = {f.name: list(frame[f.name]) for f in table.columns}
        pq.write_table(pa.table(columns, schema=schema), path, compression="zstd")
        return
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(table.fields)
        for row in frame.itertuples(index=False):
            writer.writerow([format_cell(value) for value in row])
