"""Bills that others wrote, from Cost Explorer, FOCUS and AWS Cost and Usage Reports.

1. The format of each file is found from its content (`SOURCES`).
2. Its rows are checked cell by cell and typed by the mapping table of that source.
3. They are summed, exactly and inside DuckDB, at the grain of COST: hours to UTC days, while a
   charge that spans days keeps its span (its end is rounded up to a whole day).
4. Files that would count a charge twice are refused.
5. Every total is added a second time, over the rows without groups, and must tie to the last digit.

A cost that a file does not carry is missing, never 0. A cost that only some rows of one COST row
have has no honest sum there: adding the known part would understate it, leaving it out would not
tie. Such a cost is left out of the whole bill, with a note. A quantity known for only some rows is
missing for that COST row alone; it is missing too where the unit is mixed and where the charge is
not usage, since hours on a fee or a negation were used once, by the usage line.

To add a format, write a module with a mapping table, ``matches`` and ``layout`` (the shortest is
`prismlib.sources.focus`) and name it in `SOURCES`.

Known limits: a repeated delivery that shares at most 5 % of its rows with another file passes
(`prismlib.sources.bill_overlaps.SHARED_ROWS_LIMIT`).
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import duckdb
import pandas as pd

from prismlib import tables
from prismlib.errors import SourceError
from prismlib.formats import named
from prismlib.periods import Period
from prismlib.sources import bill_groups as groups
from prismlib.sources import cost_explorer, cur, focus
from prismlib.sources.bill_checks import refuse_text_times
from prismlib.sources.bill_engine import open_engine
from prismlib.sources.bill_files import find, unknown_format
from prismlib.sources.bill_lines import Lines, Source, type_lines
from prismlib.sources.bill_overlaps import overlap, refuse_mixed_formats, refuse_shared_rows
from prismlib.sources.bill_threads import add_files
from prismlib.sources.bill_totals import file_totals, reconcile
from prismlib.sources.delimited import (
    MEMORY_GB,
    Raw,
    database,
    is_gzip,
    open_csv,
    open_parquet,
    reading,
)
from prismlib.sources.engines import Engine
from prismlib.tables import COST_FILE, COST_METRICS

SOURCES: tuple[Source, ...] = (cost_explorer, focus, cur)
"""The formats: each says whether a file ``matches`` it, and its ``layout``."""


@dataclass(frozen=True)
class Bill:
    """What a set of bill files says.

    Attributes
    ----------
    cost : COST
        One row per charge period and kind of charge, in the order of COST_DIMENSIONS.
    cost_file : COST_FILE
        One row per file and cost metric that the file carries. Rows that are left out
        (`prismlib.sources.cur`) are in none of its figures.
    notes : tuple of str
        What a reader of these tables must know and they cannot say: lines left out, a cost that
        could not be worked out, record types that are not told apart.
    """

    cost: pd.DataFrame
    cost_file: pd.DataFrame
    notes: tuple[str, ...] = ()


def read_bills(
    paths: Sequence[Path],
    month: Period | None = None,
    *,
    memory_gb: int = MEMORY_GB,
    on_step: Callable[[str], None] = lambda step: None,
) -> Bill:
    """Read the bill files in `paths` into one COST table and its control totals.

    Parameters
    ----------
    paths : sequence of Path
        Files, and folders that stand for every bill file below them: by its name (`SUFFIXES`) or
        its content. A note names the others; hidden files and the ``...Manifest.json`` that AWS
        puts beside an export are no part of it. A file that is named twice is read once. Order
        changes nothing. Of an export with manifests or versions, its newest delivery is read.
    month : Period, optional
        Files whose path names another billing period are not opened.
    memory_gb : int
        What DuckDB may hold in memory; the rest goes to the temporary folder. [GB]
    on_step : callable
        Gets words of how far the reading is.

    Returns
    -------
    Bill
        COST in one currency, and COST_FILE whose totals tie exactly. [billing currency]

    Raises
    ------
    SourceError
        A file is missing, damaged, empty, packed as ZIP or of no known format, a column or cell is
        not usable, or files overlap.
    IncompleteDataError
        The pages of a Cost Explorer answer are not all in one file.
    CurrencyError
        The files are in more than one currency.
    ReconciliationError
        A total of the table differs from the total of its file.

    Warns
    -----
    PrismWarning
        Split-cost rows were left out.
    """
    found = find(paths, month)
    with reading(", ".join(map(str, paths))), database(memory_gb) as connection:
        lines = _open_lines(connection, found.files)
        return _bill(connection, lines, found.notes, is_vouched=found.is_vouched, on_step=on_step)


def read_engine(engine: Engine) -> Bill:
    """Read the table of line items that an engine has, as `read_bills` reads a file.

    Raises
    ------
    SourceError, CurrencyError, ReconciliationError
        As `read_bills`, rows without numbers.
    CallError
        A query failed or was refused.
    """
    with reading(engine.source), database() as connection:
        raw = open_engine(connection, engine, "raw_0")
        layout = _source(raw).layout(raw)
        lines = type_lines(raw, layout, file_name=engine.source, sha256=engine.mark())
        refuse_text_times(lines)
        return _bill(connection, [lines], [], is_vouched=True)


def _bill(
    connection: duckdb.DuckDBPyConnection,
    lines: Sequence[Lines],
    notes: Sequence[str],
    *,
    is_vouched: bool,
    on_step: Callable[[str], None] = lambda step: None,
) -> Bill:
    """Return the lines of files, or of the table of an engine, as one bill whose totals tie."""
    notes = [*notes, *_layout_notes(lines)]
    groups.create_groups(connection)
    add_files(connection, lines, on_step)
    groups.spell_tags(connection, lines)
    notes += groups.row_notes(connection, lines)
    groups.refuse_currencies(connection, lines)
    refuse_mixed_formats(connection, lines)
    if not is_vouched:
        refuse_shared_rows(connection, lines)
    partly = dict(groups.merge_groups(connection))
    metrics = [metric for metric in COST_METRICS if metric not in partly]
    cost = groups.cost_table(connection, metrics)
    cost_file = tables.make(COST_FILE, file_totals(connection, lines, metrics))
    reconcile(cost, cost_file, metrics)
    notes += [
        f"{metric} is left out: in {count} rows of the table only some of the charges have it"
        for metric, count in partly.items()
    ]
    return Bill(cost, cost_file, tuple(notes))


def _layout_notes(files: Sequence[Lines]) -> list[str]:
    """Return what the sources note on their files, once for files that share it."""
    found: dict[str, list[str]] = {}
    for lines in files:
        for note in lines.layout.notes:
            found.setdefault(note, []).append(lines.file_name)
    return [f"{named(names)}: {note}" for note, names in found.items()]


def _open_lines(connection: duckdb.DuckDBPyConnection, files: Sequence[Path]) -> list[Lines]:
    """Return each file as typed lines; pages of one answer in several files are checked jointly."""
    with ThreadPoolExecutor() as pool:
        hashes = dict(zip(files, pool.map(_sha256, files), strict=True))
    for file, other in combinations(files, 2):
        if hashes[file] == hashes[other]:
            raise overlap(other, file, "the same bytes")
    raws: list[Raw] = []
    pages: list[cost_explorer.Page] = []
    for number, file in enumerate(files):
        kind = _kind(file)
        if kind == "json":
            pages += (of_file := cost_explorer.read_pages(file))
            raws.append(cost_explorer.open_pages(connection, of_file, file, f"raw_{number}"))
        else:
            opener = open_parquet if kind == "parquet" else open_csv
            raws.append(opener(connection, file, f"raw_{number}"))
    cost_explorer.check_pages(pages)
    names = _short_names(files)
    return [
        type_lines(raw, _source(raw).layout(raw), file_name=names[n], sha256=hashes[files[n]])
        for n, raw in enumerate(raws)
    ]


def _short_names(files: Sequence[Path]) -> list[str]:
    """Return the names of the files, with as many folders as it takes to tell them apart."""
    for depth in range(1, max(len(file.parts) for file in files) + 1):
        names = ["/".join(file.parts[-depth:]) for file in files]
        if len(set(names)) == len(names):
            return names
    return [str(file) for file in files]


def _sha256(path: Path) -> str:
    with reading(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _kind(path: Path) -> str:
    """Return parquet, json or csv, as the first bytes of the file say; checks gzip to its end."""
    with reading(path):
        with path.open("rb") as file:
            head = file.read(1024)
        if head.startswith(b"PAR1"):
            return "parquet"
        if head.startswith((b"PK", b"\xff\xfe", b"\xfe\xff")):
            is_text = not head.startswith(b"PK")
            raise unknown_format(path, "UTF-16 text" if is_text else "a ZIP archive or a workbook")
        if is_gzip(path):
            with gzip.open(path) as unpacked:
                head = unpacked.read(1024)
                # DuckDB does not compare checksums, so a flipped bit could pass as an amount.
                while unpacked.read(1 << 20):
                    pass
    text = head.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        raise SourceError(
            "is empty",
            path=path,
            seen=f"{len(head)} bytes",
            expected="a bill",
            remedy="fetch the file again",
        )
    return "json" if text[:1] in b"{[" else "csv"


def _source(raw: Raw) -> Source:
    """Return the module that reads the columns of `raw`."""
    for source in SOURCES:
        if source.matches(raw):
            return source
    raise unknown_format(raw.path, f"columns {', '.join(raw.names)[:300]}")
