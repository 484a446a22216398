"""Read and write a table as CSV or Parquet, typed by its fields.

The only place where text becomes a typed cell: an unreadable one is named by file, row and column.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from prismlib.errors import SchemaError, SourceError
from prismlib.fields import Field, format_cell, parse_cell
from prismlib.money import CONTEXT
from prismlib.tables import Table, check, empty

_ARROW = {
    "text": pa.string(),
    "date": pa.date32(),
    "time": pa.timestamp("us", tz="UTC"),
    "decimal": pa.decimal128(38, 18),
    "count": pa.int64(),
    "flag": pa.bool_(),
}
LONGEST_CELL = 2**31 - 1
"""Characters: a bucket may have 1,000 lifecycle rules, whose JSON is a cell."""
csv.field_size_limit(LONGEST_CELL)
EXAMPLES = {
    "decimal": "1234.56",
    "date": "2025-10-31",
    "time": "2025-10-31T14:05:00Z",
    "count": "12",
    "flag": "true",
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
    return check(_framed(_read_csv(path, table), table), table, where=path.name)


def _framed(columns: Mapping[str, Sequence[Any]], table: Table) -> pd.DataFrame:
    """Return columns of cells as a frame; those that are not there are missing in each row."""
    count = max(map(len, columns.values()), default=0)
    if not count:
        return empty(table)
    cells = {f.name: ["" if f.kind == "text" else None] * count for f in table.columns}
    return pd.DataFrame({**cells, **columns}, columns=list(table.fields), dtype=object)


def _read_csv(path: Path, table: Table) -> dict[str, list[Any]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = csv.reader(stream, strict=True)
            header = next(lines, [])
            _check_columns(header, path, table)
            return _parse_columns(_rows_of(lines, header, path), header, path, table)
    except UnicodeDecodeError as error:
        raise SourceError(
            "is not UTF-8 text",
            path=path,
            seen=f"the byte {error.object[error.start]:#04x}",
            expected="text encoded as UTF-8",
            remedy="save it again as UTF-8; a spreadsheet calls it CSV UTF-8",
        ) from None
    except csv.Error as error:
        raise SourceError("is not readable CSV", path=path, seen=str(error)) from None


def _check_columns(header: Sequence[str], path: Path, table: Table) -> None:
    """Raise unless `header` has every column it must have, and each known one once."""
    must = {*table.key, *table.required}
    missing = [name for name in table.fields if name in must and name not in header]
    unknown = [name for name in header if name not in table.fields]
    repeated = sorted({name for name in header if list(header).count(name) > 1})
    if not (missing or unknown or repeated):
        return
    wrong = (("missing", missing), ("not known", unknown), ("there twice", repeated))
    words = "; ".join(f"{what}: {', '.join(names)}" for what, names in wrong if names)
    raise SourceError(
        f"is not a {table.name} table",
        path=path,
        row=0,
        seen=f"columns {', '.join(header) or 'none'}",
        expected=f"columns {', '.join(table.fields)} ({words})",
        remedy="save it with commas between the cells, not semicolons"
        if len(header) == 1 and ";" in header[0]
        else "data/README.md documents every table",
    )


def _rows_of(lines: Iterable[list[str]], header: Sequence[str], path: Path) -> dict[int, list[str]]:
    """Return the rows by number; empty lines are passed over but counted, as an editor does."""
    rows = {number: cells for number, cells in enumerate(lines, start=1) if cells}
    for number, cells in rows.items():
        if len(cells) != len(header):
            raise SourceError(
                "has more or fewer cells than the header",
                path=path,
                row=number,
                seen=f"{len(cells)} cells",
                expected=f"{len(header)} cells",
                remedy='quote a cell that contains a comma: "like, this"',
            )
    return rows


def _parse_columns(
    rows: Mapping[int, list[str]], header: Sequence[str], path: Path, table: Table
) -> dict[str, list[Any]]:
    """Return the typed cells of each column; those that are alike are parsed once."""
    fields = {field.name: field for field in table.columns}
    columns = {}
    try:
        for name, texts in zip(header, zip(*rows.values(), strict=True), strict=bool(rows)):
            parsed = {text: parse_cell(fields[name], text) for text in set(texts)}
            columns[name] = [parsed[text] for text in texts]
    except ValueError:
        for number, cells in rows.items():  # which of them is the first one
            for name, text in zip(header, cells, strict=True):
                _parse_cell(fields[name], text, path, number)
        raise
    return columns


def _parse_cell(field: Field, text: str, path: Path, number: int) -> Any:
    try:
        return parse_cell(field, text)
    except ValueError as error:
        raise SourceError(
            f"column {field.name} cannot be read",
            path=path,
            row=number,
            seen=str(error),
            expected=f"a {field.kind} such as {EXAMPLES[field.kind]} ({field.meaning})",
            remedy="correct the cell, or leave it empty if the value is not known",
        ) from None


def _read_parquet(path: Path, table: Table) -> pd.DataFrame:
    try:
        content = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise SourceError("is not a readable Parquet file", path=path, seen=str(error)) from None
    _check_columns(content.column_names, path, table)
    columns = {name: _cells(content[name]) for name in content.column_names}
    return check(_framed(columns, table), table, where=path.name)


def _cells(column: pa.ChunkedArray) -> list[Any]:
    """Return the cells of a column; equal ones are one object, which a long table has many of."""
    encoded = column.combine_chunks().dictionary_encode()
    values = [_cell(value) for value in encoded.dictionary.to_pylist()]
    return [None if n is None else values[n] for n in encoded.indices.to_pylist()]


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def plain(value: Decimal) -> Decimal:
    """Return `value` without trailing zeros and without an exponent: 1.500 is 1.5, 1E+3 is 1000."""
    stripped = value.normalize(CONTEXT)
    exponent = stripped.as_tuple().exponent
    if isinstance(exponent, int) and exponent > 0:
        return stripped.quantize(Decimal(1), context=CONTEXT)
    return stripped


def write_table(frame: pd.DataFrame, path: Path, table: Table) -> None:
    """Write a `table` to a .csv or .parquet file; the same rows give the same bytes."""
    check(frame, table)
    if path.suffix == ".parquet":
        columns = {f.name: _arrow_column(frame[f.name], f, table) for f in table.columns}
        pq.write_table(pa.table(columns), path, compression="zstd")
        return
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(_LineFeeds(stream))
        writer.writerow(table.fields)
        writer.writerows(zip(*(_texts(frame[f.name], f) for f in table.columns), strict=True))


def _texts(values: Iterable[Any], field: Field) -> list[str]:
    """Return the cells of a column as text; those that are alike are formatted once."""
    values = list(values)
    if field.kind == "decimal":  # 1 and 1.0 are equal, but not alike
        return [format_cell(value) for value in values]
    texts = {value: format_cell(value) for value in set(values)}
    return [texts[value] for value in values]


class _LineFeeds:
    """Ends rows with a line feed, while cells with a carriage return are still quoted."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, row: str) -> None:
        """Write a row that ends in a carriage return and a line feed."""
        self._stream.write(row.removesuffix("\r\n") + "\n")


def _arrow_column(values: pd.Series, field: Field, table: Table) -> pa.Array:
    try:
        return pa.array(list(values), type=_ARROW[field.kind])
    except pa.ArrowException as error:
        raise SchemaError(
            table.name,
            f"{field.name} holds a value that Parquet cannot",
            seen=str(error),
            expected="at most 20 digits before the decimal point and 18 after it",
        ) from None
