"""An S3 Inventory as cohorts: the same objects in every format, grouped by hand."""

import csv
import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.orc as orc
import pyarrow.parquet as pq
import pytest

from prismlib.errors import IncompleteDataError, SourceError
from prismlib.sources.inventory_snapshot import snapshot_with_inventory
from prismlib.sources.s3_inventory import read_inventory
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import records

DAY = date(2026, 4, 11)
SCHEMA = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, StorageClass"
NAMES = [
    *("bucket", "key", "version_id", "is_latest", "is_delete_marker", "size"),
    *("last_modified_date", "storage_class"),
]


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)


# Ages on 11 April 2026: 1 April is 10 days, 11 March 31, 2 December 130 = 90 + 40, so week 5: 125.
OBJECTS = [
    ("data", "logs/a", "1", True, False, 131_072, at("2026-04-01"), "STANDARD"),
    ("data", "logs/b c", "1", True, False, 200_000, at("2026-04-01"), "STANDARD"),
    ("data", "logs/tiny", "1", True, False, 131_071, at("2026-04-01"), "STANDARD"),
    ("data", "logs/old", "1", True, False, 131_072, at("2025-12-02"), "GLACIER_IR"),
    ("data", "logs/app/x", "1", True, False, 400_000, at("2026-04-01"), "STANDARD"),
    # replaced on 11 March, so noncurrent for 31 days; it was written on 1 February, 69 days ago
    ("data", "logs/v", "1", False, False, 300_000, at("2026-02-01"), "STANDARD"),
    ("data", "logs/v", "2", True, False, 300_000, at("2026-03-11"), "STANDARD"),
    ("data", "logs/gone", "2", True, True, None, at("2026-04-01"), ""),
    ("data", "readme", "1", True, False, 0, at("2026-04-11"), "STANDARD"),
]

# prefix, class, kind, size from, age, noncurrent for, objects, bytes. Sizes start at 0, 2, 8, ...
# 32,768 = 2^15, 131,072 = 2^17: 131,071 bytes are in the class from 32,768 on.
EXPECTED = {
    ("logs/", "STANDARD", "current", 131_072, 10, None): (3, 731_072),
    ("logs/", "STANDARD", "current", 32_768, 10, None): (1, 131_071),
    ("logs/", "GLACIER_IR", "current", 131_072, 125, None): (1, 131_072),
    ("logs/", "STANDARD", "noncurrent", 131_072, 69, 31): (1, 300_000),
    ("logs/", "STANDARD", "current", 131_072, 31, None): (1, 300_000),
    ("*", "STANDARD", "current", 0, 0, None): (1, 0),
}


def cohorts(frame) -> dict:
    return {
        (
            *(row["prefix"], row["storage_class"], row["object_kind"], row["size_from_bytes"]),
            *(row["age_days"], row["noncurrent_days"]),
        ): (int(row["stored_objects"]), int(row["size_bytes"]))
        for row in records(frame)
    }


def arrow(objects=OBJECTS) -> pa.Table:
    columns = list(zip(*objects, strict=True))
    times = pa.array(columns[6], pa.timestamp("ms", tz="UTC"))
    arrays = [times if n == 6 else pa.array(column) for n, column in enumerate(columns)]
    return pa.table(dict(zip(NAMES, arrays, strict=True)))


def write_csv(folder, *, size=None, key="inv/data/config/data/part.csv.gz"):
    """Write an inventory as S3 does: no header, quoted, keys URL-encoded, gzip, a manifest."""
    data = folder / "data" / "part.csv.gz"
    data.parent.mkdir(parents=True)
    with gzip.open(data, "wt", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for row in OBJECTS:
            cells = [str(cell).lower() if isinstance(cell, bool) else cell for cell in row]
            cells[1] = cells[1].replace(" ", "%20")
            cells[6] = row[6].strftime("%Y-%m-%dT%H:%M:%S.000Z")
            writer.writerow(["" if cell is None else cell for cell in cells])
    manifest = {
        "sourceBucket": "data",
        "fileFormat": "CSV",
        "fileSchema": SCHEMA,
        "creationTimestamp": str(int(at("2026-04-11").timestamp() * 1000)),
        "files": [{"key": key, "size": data.stat().st_size if size is None else size}],
    }
    path = folder / "2026-04-11T01-00Z" / "manifest.json"
    path.parent.mkdir()
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return path


def write(folder, kind):
    if kind == "csv":
        return write_csv(folder)
    path = folder / f"part.{kind}"
    (pq if kind == "parquet" else orc).write_table(arrow(), path)
    return path


@pytest.mark.parametrize("kind", ["csv", "parquet", "orc"])
def test_every_format_gives_the_same_cohorts(tmp_path, kind):
    frame, day = read_inventory([write(tmp_path, kind)])
    assert day == DAY  # of the manifest, or of the newest object
    assert set(frame["bucket_name"]) == {"data"}
    assert cohorts(frame) == EXPECTED


def test_a_prefix_that_a_rule_names_is_kept_apart(tmp_path):
    frame, _ = read_inventory([write(tmp_path, "parquet")], prefixes=["logs/app/"])
    found = cohorts(frame)
    assert found["logs/app/", "STANDARD", "current", 131_072, 10, None] == (1, 400_000)
    assert found["logs/*", "STANDARD", "current", 131_072, 10, None] == (2, 331_072)
    assert sum(size for _, size in found.values()) == sum(s for _, s in EXPECTED.values())


def test_a_bucket_without_folders_is_one_prefix(tmp_path):
    flat = [(b, key.replace("/", "-"), *rest) for b, key, *rest in OBJECTS]
    pq.write_table(arrow(flat), tmp_path / "part.parquet")
    frame, _ = read_inventory([tmp_path / "part.parquet"])
    assert set(frame["prefix"]) == {""}


def test_ages_count_from_the_given_day(tmp_path):
    """On 10 April: an object of 1 April is 9 days old, and one of the day after is new."""
    frame, day = read_inventory([write(tmp_path, "parquet")], as_of=date(2026, 4, 10))
    assert day == date(2026, 4, 10)
    ages = {row["age_days"] for row in records(frame)}
    assert {9, 0, 30} <= ages


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"size": 3}, IncompleteDataError, "not as long as the manifest lists"),
        ({"key": "inv/other.csv.gz"}, IncompleteDataError, "is missing"),
    ],
)
def test_a_part_of_an_inventory_is_refused(tmp_path, change, error, words):
    path = write_csv(tmp_path, **change)
    with pytest.raises(error, match=words):
        read_inventory([path])


def test_csv_without_its_manifest_is_refused(tmp_path):
    write_csv(tmp_path)
    with pytest.raises(SourceError, match=r"manifest\.json"):
        read_inventory([tmp_path / "data" / "part.csv.gz"])


def test_an_inventory_without_sizes_says_which_field_to_add(tmp_path):
    pq.write_table(arrow().drop_columns(["size"]), tmp_path / "part.parquet")
    with pytest.raises(SourceError, match="size"):
        read_inventory([tmp_path / "part.parquet"])


def test_a_file_that_is_no_parquet_is_named(tmp_path):
    (tmp_path / "part.parquet").write_bytes(b"not parquet")
    with pytest.raises(SourceError, match=r"part\.parquet"):
        read_inventory([tmp_path / "part.parquet"])


def test_snapshot_of_an_inventory_alone(tmp_path):
    made = snapshot_with_inventory([write(tmp_path, "csv")], tmp_path / "made")
    snapshot = read_snapshot(made)
    assert list(snapshot.tables) == ["object_cohort"]
    assert snapshot.as_of == DAY
    assert str(snapshot.period) == "2026-04"
    assert "manifest.json" in snapshot.source_of("object_cohort")
    assert not snapshot.is_synthetic


def test_an_inventory_takes_the_place_of_the_objects_of_a_snapshot(tmp_path):
    from prismlib import paths

    made = snapshot_with_inventory([write(tmp_path, "orc")], tmp_path / "made", base=paths.SAMPLE)
    snapshot, sample = read_snapshot(made), read_snapshot(paths.SAMPLE)
    assert snapshot.as_of == sample.as_of
    assert set(snapshot.tables) == set(sample.tables)
    assert snapshot.tables["claim"].equals(sample.tables["claim"])
    assert not snapshot.is_synthetic_table("object_cohort")
    assert snapshot.is_synthetic_table("cost")
    total = sum(row["size_bytes"] for row in records(snapshot.tables["object_cohort"]))
    assert total == Decimal(sum(size for _, size in EXPECTED.values()))


@pytest.mark.parametrize("size", [None, -1])
def test_an_object_without_a_size_is_refused_by_file_and_row(tmp_path, size):
    """The delete marker in row 8 may have none; the object in row 3 must have one."""
    rows = [(*row[:5], size, *row[6:]) if row[1] == "logs/tiny" else row for row in OBJECTS]
    file = tmp_path / "part.parquet"
    pq.write_table(arrow(rows), file)
    with pytest.raises(SourceError, match=r"part\.parquet, row 3: .*logs/tiny"):
        read_inventory([file], as_of=DAY)
