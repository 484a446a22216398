"""A Storage Lens export written by hand: what is read of it, and what is left out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from pathlib import Path

import duckdb
import pytest

from prismlib.analyses.lifecycle import analyse_lifecycle
from prismlib.analyses.lifecycle_inputs import LifecycleInputs, LifecycleSettings
from prismlib.errors import SourceError
from prismlib.sources.inventory_snapshot import snapshot_with_inventory
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot
from prismlib.sources.storage_lens import is_storage_lens, read_storage_lens
from prismlib.tables import records

EXPORT = Path(__file__).parents[1] / "data" / "storage_lens" / "export.csv"
# Glacier Instant Retrieval has no metric of current versions: 500,000 - 100,000 in 5 - 1 objects.
EXPECTED = {
    ("STANDARD", "current"): (40, 700_000),
    ("STANDARD", "noncurrent"): (20, 200_000),
    ("STANDARD", "upload"): (10, 100_000),
    ("GLACIER_IR", "current"): (4, 400_000),
    ("GLACIER_IR", "noncurrent"): (1, 100_000),
}


def found(frame):
    return {
        (row["storage_class"], row["object_kind"]): (row["stored_objects"], row["size_bytes"])
        for row in records(frame)
    }


def test_buckets_of_the_latest_day_are_read_and_nothing_is_added_twice():
    frame, day = read_storage_lens([EXPORT])
    assert day == date(2026, 3, 31)
    assert found(frame) == EXPECTED
    assert set(frame["bucket_name"]) == {"b"}
    assert all(row["age_days"] is None for row in records(frame))


def test_parquet_is_read_as_csv_is(tmp_path):
    path = tmp_path / "export.parquet"
    duckdb.sql(f"COPY (FROM read_csv('{EXPORT}')) TO '{path}' (FORMAT PARQUET)")
    assert is_storage_lens([path])
    assert found(read_storage_lens([path])[0]) == EXPECTED


def test_a_file_that_is_given_twice_is_refused():
    with pytest.raises(SourceError, match="there twice"):
        read_storage_lens([EXPORT, EXPORT])


def test_an_export_without_buckets_is_refused(tmp_path):
    path = tmp_path / "export.csv"
    lines = EXPORT.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line for line in lines if ",BUCKET," not in line), encoding="utf-8")
    with pytest.raises(SourceError, match="no row is about a whole bucket"):
        read_storage_lens([path])


def test_other_files_are_no_export(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert not is_storage_lens([tmp_path / "a.csv"])
    assert not is_storage_lens([tmp_path / "missing.csv"])


def test_a_snapshot_of_an_export_is_priced_and_says_that_ages_are_not_known(tmp_path):
    snapshot = read_snapshot(snapshot_with_inventory([EXPORT], tmp_path / "made"))
    assert snapshot.source_of("object_cohort") == "S3 Storage Lens: export.csv"
    inputs = LifecycleInputs.of(snapshot.tables, read_reference_tables(), as_of=snapshot.as_of)
    results = analyse_lifecycle(inputs, LifecycleSettings(region="us-west-2"))
    # 1,000,000 bytes at 0.023 and 500,000 at 0.004 a GiB; in April. Each of the five objects of
    # Instant Retrieval is billed as one of 131,072 bytes: those of 100,000 bytes as 155,360 more.
    expected = (D(1_000_000) * D("0.023") + D(5 * 131_072) * D("0.004")) / 2**30
    assert results.baseline.monthly_costs[0] == pytest.approx(expected)
    assert "The age of 75 objects is not known" in results.held.notes[0]
