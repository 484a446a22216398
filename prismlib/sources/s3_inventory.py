"""An S3 Inventory as a histogram of sizes and ages: OBJECT_COHORT.

DuckDB groups the objects without holding them in memory, so an inventory may be far larger than it.
What a group keeps apart is what a lifecycle rule or a price looks at:

- the prefix: those that rules and needs name, else the first folders that hold a percent of the
  bytes; what is left of a folder, or of the bucket, ends in ``*``;
- the storage class; whether an object is current or noncurrent, and for how long;
- the size, in classes from an odd power of two bytes (128 KB is one) to the next;
- the age in days, in whole weeks above 90 days: rounded down, so that a rule acts late.

Known limits: an inventory does not say since when an object is in its class, has no tags, and lists
no upload that was not completed. Delete markers hold no bytes and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.dataset as ds

from prismlib.errors import SourceError
from prismlib.sources.s3_inventory_files import InventoryFiles, find_inventory
from prismlib.storage_tables import OBJECT_COHORT
from prismlib.tables import make

COLUMNS = {
    "bucket": True,
    "key": True,
    "size": True,
    "lastmodifieddate": True,
    "storageclass": True,
    "islatest": False,
    "isdeletemarker": False,
}
"""What is read, and whether an inventory must have it; case and underscores are ignored."""
FIRST_FOLDERS, LEAST_SHARE = 20, 0.01
REST = "*"
EXACT_DAYS, WEEK_DAYS = 90, 7


def read_inventory(
    paths: Sequence[Path], *, as_of: date | None = None, prefixes: Sequence[str] = ()
) -> tuple[pd.DataFrame, date]:
    """Return OBJECT_COHORT of an inventory, and the day from which ages count.

    Parameters
    ----------
    paths : sequence of Path
        See `prismlib.sources.s3_inventory_files.find_inventory`.
    as_of : date, optional
        The day from which ages count; that of the inventory, else of its newest object, unless
        given. An object that is newer has the age 0.
    prefixes : sequence of str
        Prefixes to keep apart, such as those of the rules of the bucket.

    Raises
    ------
    SourceError
        A file is missing or unreadable, or the inventory lacks a column.
    """
    inventory = find_inventory(paths)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        try:
            _open(connection, inventory)
            _refuse_no_size(connection, inventory)
            day = as_of or inventory.created or _newest(connection)
            _group(connection, day, _kept(connection, prefixes))
            rows = connection.execute("SELECT * FROM cohort ORDER BY ALL").fetchall()
        except duckdb.Error as error:
            raise SourceError(
                "the inventory cannot be read",
                path=", ".join(str(file) for file in inventory.files[:3]),
                seen=str(error).splitlines()[0],
                expected="the files as S3 delivered them",
            ) from None
    return make(OBJECT_COHORT, map(_typed, rows)), day


def _typed(row: Sequence[Any]) -> dict[str, Any]:
    """Return a row of OBJECT_COHORT; its last two cells are decimals."""
    cells = [*row[:-2], *(Decimal(int(value)) for value in row[-2:])]
    return dict(zip(OBJECT_COHORT.fields, cells, strict=True))


def _open(
    connection: duckdb.DuckDBPyConnection, inventory: InventoryFiles, *, numbered: bool = False
) -> None:
    """Make the view ``object`` of the inventory's rows, whatever its format; with their number."""
    raw = _raw(connection, inventory)
    names = {name.lower().replace("_", ""): f'"{name}"' for name in raw.columns}
    missing = [name for name, is_needed in COLUMNS.items() if is_needed and name not in names]
    if missing:
        raise SourceError(
            "the inventory lacks what a lifecycle rule looks at",
            path=inventory.files[0],
            seen=", ".join(raw.columns),
            expected=f"also {', '.join(missing)}",
            remedy="add Size, LastModifiedDate and StorageClass to the inventory's fields",
        )
    raw.create_view("raw")
    # the keys of CSV files are URL-encoded
    key = f"url_decode({names['key']})" if inventory.file_format == "csv" else names["key"]
    rows = "(SELECT row_number() OVER () AS line, * FROM raw)" if numbered else "raw"
    connection.execute(
        f"""
        CREATE VIEW object AS SELECT {"line," if numbered else ""}
            {names["bucket"]} AS bucket_name, {key} AS key,
            try_cast({names["size"]} AS BIGINT) AS size,
            CAST({names["lastmodifieddate"]} AS TIMESTAMPTZ) AS modified_at,
            coalesce(nullif({names["storageclass"]}, ''), 'STANDARD') AS storage_class,
            {_flag(names, "islatest", True)} AS is_latest
        FROM {rows} WHERE NOT {_flag(names, "isdeletemarker", False)}
        """
    )


BAD_SIZE = "size IS NULL OR size < 0"


def _refuse_no_size(connection: duckdb.DuckDBPyConnection, inventory: InventoryFiles) -> None:
    """Raise for the first object whose size is no number of bytes: it is not one of 0 bytes."""
    if not connection.execute(f"SELECT 1 FROM object WHERE {BAD_SIZE} LIMIT 1").fetchall():
        return
    for file in inventory.files:
        with duckdb.connect() as alone:
            alone.execute("SET TimeZone = 'UTC'")
            _open(alone, replace(inventory, files=(file,)), numbered=True)
            found = alone.execute(
                f"SELECT line, key FROM object WHERE {BAD_SIZE} ORDER BY line LIMIT 1"
            ).fetchall()
        for line, key in found:
            raise SourceError(
                f"the object {key!r} has no size",
                path=file,
                row=line,
                expected="Size in bytes, 0 or more, in every row but those of delete markers",
            )


def _raw(
    connection: duckdb.DuckDBPyConnection, inventory: InventoryFiles
) -> duckdb.DuckDBPyRelation:
    files = [str(file) for file in inventory.files]
    if inventory.file_format == "csv":
        return connection.read_csv(
            files,  # type: ignore[arg-type]
            header=False,
            names=list(inventory.columns),
            all_varchar=True,
            quotechar='"',
        )
    if inventory.file_format == "parquet":
        return connection.read_parquet(files, union_by_name=True)
    return connection.from_arrow(ds.dataset(files, format="orc"))


def _flag(names: dict[str, str], name: str, default: bool) -> str:
    value = str(default).upper()
    return f"coalesce(CAST({names[name]} AS BOOLEAN), {value})" if name in names else value


def _newest(connection: duckdb.DuckDBPyConnection) -> date:
    query = "SELECT CAST(max(modified_at) AS DATE) FROM object"
    ((day,),) = connection.execute(query).fetchall()
    if day is None:
        raise SourceError("the inventory holds no object", path="the inventory")
    newest: date = day
    return newest


def _kept(connection: duckdb.DuckDBPyConnection, prefixes: Sequence[str]) -> list[str]:
    """Return the prefixes to keep apart, the longest first."""
    found = connection.execute(
        f"""
        SELECT folder FROM (
            SELECT CASE WHEN contains(key, '/') THEN split_part(key, '/', 1) || '/' ELSE '' END
                AS folder, sum(size) AS size
            FROM object GROUP BY folder
        ) WHERE folder <> '' AND size >= {LEAST_SHARE} * (SELECT sum(size) FROM object)
        ORDER BY size DESC, folder LIMIT {FIRST_FOLDERS}
        """
    ).fetchall()
    names = {*(row[0] for row in found), *(prefix for prefix in prefixes if prefix)}
    return sorted(names, key=lambda name: (-len(name), name))


def _label_sql(kept: list[str]) -> str:
    """Return what gives a key its prefix: the longest that fits; the rest of one ends in ``*``."""

    def quoted(text: str) -> str:
        return "'" + text.replace("'", "''") + "'"

    cases = []
    for name in kept:
        has_parts = any(other != name and other.startswith(name) for other in kept)
        label = name + REST if has_parts else name
        cases.append(f"WHEN starts_with(key, {quoted(name)}) THEN {quoted(label)}")
    return f"CASE {' '.join(cases)} ELSE '{REST}' END" if cases else "''"


def _group(connection: duckdb.DuckDBPyConnection, day: date, kept: list[str]) -> None:
    """Make the table ``cohort``: one row a group, with the columns of OBJECT_COHORT."""
    has_old = connection.execute("SELECT 1 FROM object WHERE NOT is_latest LIMIT 1").fetchall()
    replaced = (
        "lead(modified_at) OVER (PARTITION BY bucket_name, key ORDER BY modified_at, is_latest)"
        if has_old
        else "CAST(NULL AS TIMESTAMPTZ)"
    )
    since = _days("coalesce(replaced_at, modified_at)", day)
    connection.execute(
        f"""
        CREATE TABLE cohort AS
        WITH known AS (SELECT *, {replaced} AS replaced_at FROM object),
        dated AS (
            SELECT *, {_days("modified_at", day)} AS age,
                CASE WHEN is_latest THEN NULL ELSE {since} END AS old_days
            FROM known
        )
        SELECT bucket_name, {_label_sql(kept)} AS prefix, storage_class,
            CASE WHEN is_latest THEN 'current' ELSE 'noncurrent' END AS object_kind,
            {_size_sql()} AS size_from_bytes, {_weeks("age")} AS age_days,
            {_weeks("old_days")} AS noncurrent_days,
            count(*) AS stored_objects, sum(size) AS size_bytes
        FROM dated GROUP BY ALL
        """
    )
    connection.execute(
        f"UPDATE cohort SET prefix = '' WHERE prefix = '{REST}' AND "
        f"NOT EXISTS (SELECT 1 FROM cohort WHERE prefix <> '{REST}')"
    )


def _days(instant: str, day: date) -> str:
    return f"greatest(0, DATE '{day.isoformat()}' - CAST({instant} AS DATE))"


def _weeks(days: str) -> str:
    """Return days, in whole weeks above `EXACT_DAYS`."""
    over = f"({days} - {EXACT_DAYS})"
    weeks = f"{EXACT_DAYS} + {WEEK_DAYS} * ({over} // {WEEK_DAYS})"
    return f"CASE WHEN {days} > {EXACT_DAYS} THEN {weeks} ELSE {days} END"


def _size_sql() -> str:
    """Return the odd power of two at or below a size; 0 for less than 2 bytes."""
    power = "length(bin(size)) - 1"
    return f"CASE WHEN size < 2 THEN 0 ELSE 1::BIGINT << (({power}) - (({power}) + 1) % 2) END"
