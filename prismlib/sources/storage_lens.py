"""An S3 Storage Lens metrics export as OBJECT_COHORT: bytes and objects by class, no sizes or ages.

The export has a row a metric (Amazon S3 User Guide, Storage Lens export schema). The rows of whole
buckets are read, of the latest day: those of prefixes overlap each other, and those of accounts are
sums. An object's size is the mean of its class and its age is not known: `lifecycle_bucket` says
what is assumed of it. An S3 Inventory knows both and goes before it.

Known limits: a total without the metrics of noncurrent versions counts them as current.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd

from prismlib.errors import SourceError
from prismlib.storage_tables import OBJECT_COHORT
from prismlib.tables import make

NEEDED = {
    *("report_date", "storage_class", "record_type", "bucket_name"),
    *("metric_name", "metric_value"),
}
TOTAL = ("StorageBytes", "ObjectCount")
KINDS = {
    "current": ("CurrentVersionStorageBytes", "CurrentVersionObjectCount"),
    "noncurrent": ("NonCurrentVersionStorageBytes", "NonCurrentVersionObjectCount"),
    "upload": ("IncompleteMultipartUploadStorageBytes", "IncompleteMultipartUploadObjectCount"),
}
"""Metrics of bytes and of objects, by kind of object."""


def is_storage_lens(paths: Sequence[Path]) -> bool:
    """Return whether files are a Storage Lens export: its columns say so."""
    try:
        return bool(paths) and all(_columns(path) >= NEEDED for path in paths)
    except (duckdb.Error, OSError):
        return False


def read_storage_lens(paths: Sequence[Path]) -> tuple[pd.DataFrame, date]:
    """Return OBJECT_COHORT of the buckets of an export, and the day of its metrics.

    Parameters
    ----------
    paths : sequence of Path
        CSV or Parquet files of an export, all those of its latest day.

    Raises
    ------
    SourceError
        A file cannot be read, or no row is about a whole bucket.
    """
    values: dict[tuple[str, str], dict[str, Decimal]] = {}
    days: set[str] = set()
    for day, bucket, name, metric, value in _rows(paths):
        days.add(day)
        known = values.setdefault((bucket, name), {})
        if metric in known:
            raise SourceError(
                f"{metric} of {bucket}, {name} is there twice",
                path=paths[0],
                expected="the files of one export, each once",
            )
        known[metric] = value
    if not values:
        raise SourceError(
            "no row is about a whole bucket",
            path=paths[0],
            expected="rows whose record_type is BUCKET",
        )
    found = [row for place, metrics in values.items() for row in _cohorts(*place, metrics)]
    return make(OBJECT_COHORT, found), date.fromisoformat(max(days))


def _columns(path: Path) -> set[str]:
    with duckdb.connect() as connection:
        return set(_opened(connection, path).columns)


def _opened(connection: duckdb.DuckDBPyConnection, path: Path) -> duckdb.DuckDBPyRelation:
    if path.suffix == ".parquet":
        return connection.read_parquet(str(path))
    return connection.read_csv(str(path), header=True, all_varchar=True)


def _rows(paths: Sequence[Path]) -> Iterator[tuple[str, str, str, str, Decimal]]:
    """Yield day, bucket, class, metric and value of the latest day."""
    names = [name for metrics in (TOTAL, *KINDS.values()) for name in metrics]
    found: list[tuple[str, str, str, str, Decimal]] = []
    for path in paths:
        try:
            with duckdb.connect() as connection:
                _opened(connection, path).create_view("raw")
                rows = connection.execute(
                    "SELECT CAST(report_date AS VARCHAR), bucket_name, storage_class, metric_name, "
                    "CAST(metric_value AS DECIMAL(38, 0)) FROM raw "
                    "WHERE record_type = 'BUCKET' AND list_contains(?, metric_name)",
                    [names],
                ).fetchall()
        except duckdb.Error as error:
            raise SourceError(
                "the Storage Lens export cannot be read",
                path=path,
                seen=str(error).splitlines()[0],
                expected="the files as S3 delivered them",
            ) from None
        found += [(row[0][:10], row[1], row[2], row[3], row[4]) for row in rows]
    latest = max((row[0] for row in found), default="")
    return (row for row in found if row[0] == latest)


def _cohorts(
    bucket: str, storage_class: str, metrics: dict[str, Decimal]
) -> Iterator[dict[str, object]]:
    """Yield a cohort for each kind of object of a bucket in a class."""
    amounts = {kind: tuple(metrics.get(name) for name in names) for kind, names in KINDS.items()}
    if None in amounts["current"]:
        others = [amounts[kind] for kind in ("noncurrent", "upload")]
        amounts["current"] = tuple(
            None if name not in metrics else metrics[name] - sum(one[n] or 0 for one in others)
            for n, name in enumerate(TOTAL)
        )
    for kind, (size, objects) in amounts.items():
        if size and objects is not None:
            yield {
                "bucket_name": bucket,
                "prefix": "",
                "storage_class": storage_class,
                "object_kind": kind,
                "stored_objects": objects,
                "size_bytes": size,
            }
