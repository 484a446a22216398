"""Bill files as text columns in DuckDB.

Every cell enters as text, whatever types the file has or seems to have: guessing types loses the
leading zero of an account id and fails on the first tag that is not a number. What the text means
is for `prismlib.sources.bill_lines`.

Rows are numbered from 1 after the header; empty lines are not rows.
"""

from __future__ import annotations

import csv
import difflib
import errno
import gzip
import io
import os
import re
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from prismlib.errors import SourceError
from prismlib.sources.engines import Engine


@dataclass(frozen=True)
class Raw:
    """An opened file: the DuckDB `view` with columns ``c0, c1 ...`` named by `names`.

    `types` are the SQL types of the columns where the file declares them (Parquet); without them
    every column is text. With an `engine` the rows are with it, and the view is empty.
    """

    connection: duckdb.DuckDBPyConnection
    path: Path
    view: str
    names: tuple[str, ...]
    types: tuple[str, ...] = ()
    engine: Engine | None = None

    def cell(self, outside: str) -> str | None:
        """Return the SQL of the text of a column, or `None` when the file does not have it."""
        number = self._number(outside)
        if number is not None:
            kind = self.types[number] if self.types else "VARCHAR"
            return f"c{number}" if kind == "VARCHAR" else _text_sql(f"c{number}", kind)
        column, _, entry = outside.partition(".")
        number = self._number(column) if entry else None
        if number is not None and self.types and self.types[number] == "MAP(VARCHAR, VARCHAR)":
            return f"c{number}[{literal(entry)}]"
        text = self.cell(column) if entry else None
        return text and (
            f"CASE WHEN json_valid({text}) THEN json_extract_string({text}, {literal(entry)}) END"
        )

    def typed(self, outside: str) -> tuple[str, str]:
        """Return the SQL of a column as the file declares it and its type, or two empty texts."""
        number = self._number(outside) if self.types else None
        return ("", "") if number is None else (f"c{number}", self.types[number])

    def _number(self, outside: str) -> int | None:
        """Return the position of a column; a name that occurs twice is refused."""
        found = _positions(self.names).get(plain(outside), ())
        if len(found) > 1:
            raise SourceError(
                f"has the column {outside} {len(found)} times",
                path=self.path,
                seen=", ".join(self.names[n] for n in found),
                expected="one column of that name",
                remedy="remove or rename the other one",
            )
        return found[0] if found else None


MEMORY_GB = 3
"""Gigabytes that DuckDB may hold in memory; what does not fit goes to the temporary folder."""


@contextmanager
def database(memory_gb: int = MEMORY_GB) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty database that works in UTC, spills to a temporary folder and stays offline."""
    with tempfile.TemporaryDirectory(prefix="prism-") as folder, duckdb.connect() as connection:
        connection.execute("SET GLOBAL TimeZone = 'UTC'")  # of other connections to it as well
        connection.execute("SET autoinstall_known_extensions = false")
        connection.execute(f"SET temp_directory = {literal(folder)}")
        connection.execute(f"SET memory_limit = '{memory_gb}GB'")
        # Else DuckDB adds the total beside groups out of these groups, which would check nothing.
        connection.execute("SET disabled_optimizers = 'grouping_sets'")
        try:
            yield connection
        except RuntimeError as error:
            if str(error) == "Query interrupted":  # how DuckDB passes on what stopped it
                raise KeyboardInterrupt from error
            raise


def literal(text: str) -> str:
    """Return `text` as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


@cache
def _positions(names: tuple[str, ...]) -> dict[str, list[int]]:
    """Return where each plain name stands among the columns."""
    found: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        found.setdefault(plain(name), []).append(number)
    return found


@cache
def plain(name: str) -> str:
    """Return what ``lineItem/UsageType``, ``line_item_usage_type`` and LINEITEMUSAGETYPE share."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def nearest(name: str, names: tuple[str, ...]) -> str:
    """Return the present name that is most like `name`, or "" when none is."""
    present = {plain(candidate): candidate for candidate in names}
    close = difflib.get_close_matches(plain(name), present, n=1)
    return present[close[0]] if close else ""


DAMAGE: tuple[tuple[str, str, str], ...] = (
    ("out of range", "holds amounts too large to add", "sums below 10^20"),
    ("invalid state", "is not regular CSV", "one kind of line end, and quotes only around cells"),
    ("expected number of columns", "a row has too few or too many cells", ""),
    ("unterminated quote", "a quoted cell does not end", "a closing quote"),
    ("gzip", "is cut off or damaged", "a complete gzip file"),
    ("crc check", "is cut off or damaged", "a complete gzip file"),
    ("end-of-stream", "is cut off or damaged", "a complete gzip file"),
    ("decompressing", "is cut off or damaged", "a complete gzip file"),
    ("decompression", "is cut off or damaged", "a complete Parquet file"),
    ("magic bytes", "is cut off or damaged", "a complete Parquet file"),
    ("parquet", "is cut off or damaged", "a complete Parquet file"),
    ("thrift", "is cut off or damaged", "a complete Parquet file"),
    ("tprotocol", "is cut off or damaged", "a complete Parquet file"),
    ("utf", "is not UTF-8 text", "text encoded as UTF-8"),
    ("unicode", "is not UTF-8 text", "text encoded as UTF-8"),
)
"""Words of an underlying error -> what failed -> what was expected."""


@contextmanager
def reading(path: Path | str) -> Iterator[None]:
    """Turn what the system, DuckDB, gzip or the decoder say about a file into a `SourceError`.

    A full disk is no fault of the file: that stays an `OSError`.
    """
    try:
        yield
    except (duckdb.Error, OSError, EOFError, zlib.error, UnicodeError, csv.Error) as error:
        if os.strerror(errno.ENOSPC).lower() in str(error).lower():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
        if isinstance(error, OSError) and error.errno:
            raise _not_readable(error, path) from error
        # What follows is DuckDB's query or advice, and a path may hold any of the words below.
        text = re.split(r"\nPossible |\n\n? *file = |\n+LINE \d+:", str(error))[0]
        text = re.sub(rf" ?'{re.escape(str(path))}'", "", text).replace(str(path), "")
        line = re.search(r"CSV Error on Line: (\d+)", text)
        found = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", text)
        what, expected = next(
            ((what, expected) for key, what, expected in DAMAGE if key in text.lower()),
            ("cannot be read", "a CSV, Parquet or JSON file as the provider delivered it"),
        )
        is_cut = expected.startswith("a complete")
        edited = "" if is_cut else "; if it was edited, export it as UTF-8 CSV with commas"
        raise SourceError(
            what,
            path=path,
            row=int(line[1]) - 1 if line else None,
            seen=f"{found[2]} cells"
            if found
            else re.sub(r"^[\w ]+ Error: ", "", text).strip()[:200],
            expected=f"{found[1]} cells, as in the header" if found else expected,
            remedy=f"fetch the file again{edited}",
        ) from error


def _not_readable(error: OSError, path: Path | str) -> SourceError:
    return SourceError(
        "cannot be read",
        path=error.filename or path,
        seen=error.strerror or str(error),
        expected="files and folders that you may read",
        remedy="check the path and its permissions",
    )


SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


def _check_separator(header: str, path: Path) -> None:
    """Raise SourceError if the header is separated by something else than commas."""
    separator = max(SEPARATORS, key=header.count)
    if header.count(separator) > header.count(","):
        raise SourceError(
            f"is separated by {SEPARATORS[separator]}, not by commas",
            path=path,
            seen=header.strip()[:200],
            expected="a CSV file with commas between the cells, and decimal points",
            remedy="give the file as the provider delivered it; if a spreadsheet saved it, export"
            " it again as CSV with commas",
        )


def is_gzip(path: Path) -> bool:
    """Return whether the content is gzip, whatever the name says."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


@contextmanager
def open_text(path: Path) -> Iterator[io.TextIOWrapper]:
    """Open a file as UTF-8 text, unpacked if it is gzip, without a byte order mark."""
    with gzip.open(path) if is_gzip(path) else path.open("rb") as binary:
        yield io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")


def open_csv(connection: duckdb.DuckDBPyConnection, path: Path, view: str) -> Raw:
    """Open a CSV file, gzip or not; the header is read as it is and nothing is guessed."""
    with reading(path), open_text(path) as text:
        _check_separator(text.readline(), path)
    with reading(path), open_text(path) as text:
        names = tuple(next(csv.reader(text, strict=True), ()))
        _refuse_long_rows(csv.reader(text), len(names), path)
        compression = "gzip" if is_gzip(path) else "none"
        columns = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(len(names)))
        connection.execute(
            f"CREATE VIEW {view} AS SELECT * FROM read_csv({_path_literal(path)},"
            f" columns = {{{columns}}}, auto_detect = false, header = true, strict_mode = true,"
            f" delim = ',', quote = '\"', escape = '\"', compression = '{compression}',"
            " hive_partitioning = false)"
        )
    return Raw(connection, path, view, names)


def _refuse_long_rows(rows: Iterable[Sequence[str]], most: int, path: Path) -> None:
    """Raise SourceError for a row of too many cells.

    DuckDB names one unless the last cell is empty: that one it drops, though the cells before it
    stand in the wrong columns.
    """
    for number, cells in enumerate(filter(None, rows), start=1):
        if len(cells) > most:
            raise SourceError(
                "a row has too few or too many cells",
                path=path,
                row=number,
                seen=f"{len(cells)} cells",
                expected=f"{most} cells, as in the header",
                remedy='quote a cell that contains a comma: "1,234.56"',
            )


def open_parquet(connection: duckdb.DuckDBPyConnection, path: Path, view: str) -> Raw:
    """Open a Parquet file; its columns keep the types that the file declares."""
    scan = f"read_parquet({_path_literal(path)}, hive_partitioning = false)"
    with reading(path):
        columns = connection.execute(f"DESCRIBE SELECT * FROM {scan}").fetchall()
        cells = ", ".join(f"{quoted(name)} AS c{n}" for n, (name, *_) in enumerate(columns))
        connection.execute(f"CREATE VIEW {view} AS SELECT {cells} FROM {scan}")
    names, types = ([str(column[n]) for column in columns] for n in (0, 1))
    return Raw(connection, path, view, tuple(names), tuple(types))


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _text_sql(cell: str, kind: str) -> str:
    """Return the SQL of a typed cell as text: a map as a JSON object, a float as its shortest."""
    is_nested = kind.startswith(("MAP", "STRUCT")) or kind.endswith("]")
    return f"CAST({f'to_json({cell})' if is_nested else cell} AS VARCHAR)"


def _path_literal(path: Path) -> str:
    # Brackets, stars and question marks in a folder name are not patterns.
    return literal(re.sub(r"([\[*?])", r"[\1]", str(path)))
