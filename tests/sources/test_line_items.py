"""Exports in a folder and in S3: which delivery counts, what is refused, what is made."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from prismlib.cli_options import Account, LineItems, Seen
from prismlib.errors import IncompleteDataError, ParameterError, PrismError, SourceError
from prismlib.money import exact_sum
from prismlib.periods import Period
from prismlib.sources import bills
from prismlib.sources.bills import read_bills
from prismlib.sources.exports import choose, place_of
from prismlib.sources.line_items import (
    LineItemOptions,
    line_item_options,
    plan_line_items,
    run_line_items,
    snapshot_from_line_items,
)
from prismlib.sources.snapshots import read_snapshot

OCTOBER = Period.month("2025-10")


def write_cur(
    file: Path, rows: list[tuple[str, str]], *, cost: str = "DOUBLE", day: int = 1
) -> Path:
    """Write a CUR 2.0 Parquet file of (resource, cost) rows, an hour each, with typed columns."""
    file.parent.mkdir(parents=True, exist_ok=True)
    values = ", ".join(
        f"('{resource}', CAST('{amount}' AS {cost}), TIMESTAMP '2025-10-{day:02} 0{n}:00:00')"
        for n, (resource, amount) in enumerate(rows)
    )
    duckdb.connect().execute(
        "COPY (SELECT r AS line_item_resource_id, a AS line_item_unblended_cost,"
        " t AS line_item_usage_start_date, t + INTERVAL 1 HOUR AS line_item_usage_end_date,"
        " '000000000042' AS line_item_usage_account_id, 'Usage' AS line_item_line_item_type,"
        " 'AmazonEC2' AS line_item_product_code, 'BoxUsage:m6i.large' AS line_item_usage_type,"
        " 'USD' AS line_item_currency_code, 'RunInstances' AS line_item_operation,"
        " CAST(1 AS DOUBLE) AS line_item_usage_amount, 'Hrs' AS pricing_unit,"
        " MAP {'user_team': 'search'} AS resource_tags,"
        " MAP {'product_name': 'Amazon EC2', 'region': 'us-west-2'} AS product"
        f" FROM (VALUES {values}) v(r, a, t)) TO '{file}' (FORMAT parquet)"
    )
    return file


def data(root: Path, *parts: str) -> Path:
    return root.joinpath("data", "BILLING_PERIOD=2025-10", *parts)


def write_manifest(root: Path, files: list[str], *version: str, month: str = "2025-10") -> Path:
    place = root.joinpath("metadata", f"BILLING_PERIOD={month}", *version, "bill-Manifest.json")
    place.parent.mkdir(parents=True, exist_ok=True)
    prefix = "/".join(("s3://prod/bills/bill/data", f"BILLING_PERIOD={month}", *version))
    place.write_text(json.dumps({"dataFiles": [f"{prefix}/{name}" for name in files]}))
    return place


def total(*paths: Path, month: Period | None = None) -> Decimal:
    return exact_sum(read_bills(paths, month).cost["unblended_cost"])


# --- columns that declare their types -------------------------------------------------------------


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        (["0.1", "0.2"], "0.3"),  # in binary 0.30000000000000004
        (["1.0E-7", "8.8E-8"], "0.000000188"),
        (["123456.7890123", "-0.0000000001"], "123456.7890122999"),  # 13 digits; 10 decimals
        (["12345.12345678905", "0"], "12345.12345678905"),  # 16 digits, 11 decimals
    ],
)
def test_floats_are_the_decimals_that_were_written(tmp_path, amounts, expected):
    file = write_cur(tmp_path / "a.parquet", [("i-1", amounts[0]), ("i-2", amounts[1])])
    assert total(file) == Decimal(expected)


def test_typed_decimals_maps_and_hours_are_read(tmp_path):
    file = write_cur(
        tmp_path / "a.parquet", [("i-1", "0.1"), ("i-2", "0.2")], cost="DECIMAL(20, 9)"
    )
    row = read_bills([file]).cost.iloc[0]
    assert row["unblended_cost"] == Decimal("0.3")
    assert (row["usage_quantity"], row["tags"]) == (Decimal(2), '{"team": "search"}')
    assert (row["service_name"], row["region_id"]) == ("Amazon EC2", "us-west-2")


@pytest.mark.parametrize("amount", ["nan", "inf", "1e300"])
def test_float_that_is_no_amount_is_named(tmp_path, amount):
    file = write_cur(tmp_path / "a.parquet", [("i-1", "1"), ("i-2", amount)])
    with pytest.raises(SourceError, match=r"row 2: lineItem/UnblendedCost is not usable"):
        read_bills([file])


def test_type_that_changes_between_files_is_read_or_named(tmp_path):
    write_cur(tmp_path / "1.parquet", [("i-1", "0.1")])
    write_cur(tmp_path / "2.parquet", [("i-2", "0.2")], cost="VARCHAR", day=2)
    assert total(tmp_path) == Decimal("0.3")
    write_cur(tmp_path / "3.parquet", [("i-3", "some")], cost="VARCHAR", day=3)
    with pytest.raises(SourceError, match=r"3\.parquet, row 1: lineItem/UnblendedCost is not"):
        read_bills([tmp_path])


def test_truncated_parquet_is_named_and_nothing_is_written(tmp_path):
    root = tmp_path / "bill"
    write_cur(data(root, "bill-1.parquet"), [("i-1", "1")])
    cut = write_cur(data(root, "bill-2.parquet"), [("i-2", "1")], day=2)
    cut.write_bytes(cut.read_bytes()[:-20])
    out = tmp_path / "out"
    with pytest.raises(SourceError, match=r"bill-2\.parquet: is cut off or damaged"):
        snapshot_from_line_items(LineItemOptions(str(root), out))
    assert not out.exists()


def test_column_missing_in_one_file_is_named(tmp_path):
    write_cur(tmp_path / "1.parquet", [("i-1", "1")])
    other = write_cur(tmp_path / "2.parquet", [("i-2", "1")], day=2)
    kept = f"SELECT * EXCLUDE (line_item_usage_type) FROM '{other}'"
    duckdb.connect().execute(f"COPY ({kept}) TO '{tmp_path}/3.parquet' (FORMAT parquet)")
    other.unlink()
    with pytest.raises(SourceError, match=r"3\.parquet: lacks columns") as caught:
        read_bills([tmp_path])
    assert "lineItem/UsageType" in str(caught.value)


# --- which delivery counts ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("p/bill/data/BILLING_PERIOD=2025-10/b-1.parquet", ("p/bill/", "2025-10", "")),
        ("p/bill/data/BILLING_PERIOD=2025-10/2025-10-03T01-x/b.csv.gz",
         ("p/bill/", "2025-10", "2025-10-03T01-x")),
        ("bill/20251001-20251101/9f-1/bill-1.csv.gz", ("bill/", "2025-10", "9f-1")),
        ("bill/bill/year=2025/month=9/bill-1.parquet", ("bill/bill/", "2025-09", "")),
    ],
)  # fmt: skip
def test_place_of(name, expected):
    place = place_of(name)
    assert place is not None
    assert (place.export, place.month, place.version) == expected


def test_a_file_without_a_period_has_no_place():
    assert place_of("october/bill.csv") is None


def test_other_months_are_not_opened(tmp_path):
    root = tmp_path / "bill"
    write_cur(data(root, "bill-1.parquet"), [("i-1", "2.5")])
    old = root / "data" / "BILLING_PERIOD=2025-09" / "bill-1.parquet"
    old.parent.mkdir()
    old.write_bytes(b"PAR1 nothing that could be read")
    assert total(root, month=OCTOBER) == Decimal("2.5")
    with pytest.raises(SourceError, match="2025-09"):
        total(root)


def test_of_versions_the_newest_counts_and_the_rest_is_said(tmp_path):
    root = tmp_path / "bill"
    for day, cost in (("03", "1"), ("04", "7"), ("02", "3")):
        write_cur(data(root, f"2025-11-{day}T00:00Z-x{cost}", "bill-1.parquet"), [("i-1", cost)])
    bill = read_bills([root])
    assert exact_sum(bill.cost["unblended_cost"]) == 7
    assert "2025-10: 2 files of earlier deliveries are left out" in bill.notes


def test_versions_without_an_order_are_refused(tmp_path):
    for version in ("9f-1", "0a-2"):
        write_cur(tmp_path / "20251001-20251101" / version / "bill-1.parquet", [("i-1", "1")])
    with pytest.raises(SourceError, match="nothing says which is the newest"):
        read_bills([tmp_path])


def test_legacy_manifest_beside_the_versions_names_the_newest(tmp_path):
    period = tmp_path / "20251001-20251101"
    for version, cost in (("9f-1", "1"), ("0a-2", "4")):
        write_cur(period / version / "bill-1.parquet", [("i-1", cost)])
        keys = {"reportKeys": [f"bill/20251001-20251101/{version}/bill-1.parquet"]}
        (period / version / "bill-Manifest.json").write_text(json.dumps(keys))
    (period / "bill-Manifest.json").write_text(json.dumps(keys))
    assert total(tmp_path) == 4


def test_manifest_decides_which_files_are_of_the_delivery(tmp_path):
    root = tmp_path / "bill"
    for number, cost in ((1, "1"), (2, "2"), (3, "4")):
        write_cur(data(root, f"bill-{number}.parquet"), [(f"i-{number}", cost)])
    write_manifest(root, ["bill-1.parquet", "bill-2.parquet"])
    assert total(root) == 3


def test_file_that_the_manifest_lists_must_be_there(tmp_path):
    root = tmp_path / "bill"
    write_cur(data(root, "bill-1.parquet"), [("i-1", "1")])
    write_manifest(root, ["bill-1.parquet", "bill-2.parquet"])
    with pytest.raises(IncompleteDataError, match=r"lists files that are not there") as caught:
        read_bills([root])
    assert "bill-2.parquet" in caught.value.seen


@pytest.mark.parametrize(("text", "words"), [("[]", "no manifest"), ("{}", "lists no files")])
def test_manifest_that_is_none_is_refused(tmp_path, text, words):
    root = tmp_path / "bill"
    write_cur(data(root, "bill-1.parquet"), [("i-1", "1")])
    write_manifest(root, []).write_text(text)
    with pytest.raises(SourceError, match=words):
        read_bills([root])


def test_same_month_delivered_twice_is_refused(tmp_path):
    rows = [("i-1", "1"), ("i-2", "2")]
    for export, kind in (("one", "DOUBLE"), ("two", "DECIMAL(20, 9)")):
        write_cur(data(tmp_path / export, "bill-1.parquet"), rows, cost=kind)
        write_manifest(tmp_path / export, ["bill-1.parquet"])
    with pytest.raises(SourceError, match="would count charges twice"):
        read_bills([tmp_path])


def test_manifests_vouch_only_for_months_delivered_once():
    names = [
        f"{e}/data/BILLING_PERIOD=2025-{m}/b.parquet"
        for e, m in (("a", "09"), ("a", "10"), ("b", "10"))
    ]
    manifests = [
        n.replace("data", "metadata").replace("b.parquet", "b-Manifest.json") for n in names
    ]

    def read(name: str) -> bytes:
        file = name.replace("metadata", "data").replace("b-Manifest.json", "b.parquet")
        return json.dumps({"dataFiles": [f"s3://x/{file}"]}).encode()

    assert choose([*names[:2], *manifests[:2]], read).is_vouched
    assert not choose([*names, *manifests], read).is_vouched
    assert not choose([*names[:2], *manifests[:1]], read).is_vouched
    assert not choose([*names[:2], *manifests[:2], "more.csv"], read).is_vouched


# --- the snapshot ---------------------------------------------------------------------------------


def test_snapshot_names_its_engine_and_month(tmp_path):
    root = tmp_path / "bill"
    write_cur(data(root, "bill-1.parquet"), [("i-1", "1.25")])
    out = snapshot_from_line_items(LineItemOptions(str(root), tmp_path / "out", OCTOBER))
    assert (
        json.loads((out / "snapshot.json").read_text())["engine"] == f"duckdb {duckdb.__version__}"
    )
    snapshot = read_snapshot(out)
    assert snapshot.period == OCTOBER
    assert exact_sum(snapshot.tables["cost"]["unblended_cost"]) == Decimal("1.25")


def test_estimate_of_an_earlier_snapshot_is_kept_and_other_files_stop(tmp_path):
    root, out = tmp_path / "bill", tmp_path / "out"
    write_cur(data(root, "bill-1.parquet"), [("i-1", "1.25")])
    options = LineItemOptions(str(root), out, OCTOBER)
    snapshot_from_line_items(options)
    (out / "estimate.csv").write_text(
        "component,estimated_cost,usage_quantity,usage_unit,period_days,billing_currency,note,source\n"
        "Compute,2.50,,,,USD,,\n"
    )
    for _ in range(2):  # first beside the snapshot, then sealed in it
        tables = read_snapshot(snapshot_from_line_items(options)).tables
        assert list(tables["estimate"]["estimated_cost"]) == [Decimal("2.50")]
    (out / "notes.txt").write_text("mine")
    with pytest.raises(SourceError, match="would be lost"):
        snapshot_from_line_items(options)


def test_month_without_files_is_named(tmp_path):
    root = tmp_path / "bill"
    write_cur(data(root, "bill-1.parquet"), [("i-1", "1")])
    with pytest.raises(PrismError, match="no bill files of 2025-08") as caught:
        snapshot_from_line_items(
            LineItemOptions(str(root), tmp_path / "out", Period.month("2025-08"))
        )
    assert "seen: files of 2025-10" in str(caught.value)


def test_user_is_told_what_was_read_and_kept(tmp_path):
    root, out = tmp_path / "bill", tmp_path / "out"
    write_cur(data(root, "bill-1.parquet"), [("i-1", "1.25"), ("i-2", "2000")])
    write_cur(data(root, "bill-2.parquet"), [("i-3", "0.5")], day=2)
    options = LineItemOptions(str(root), out, OCTOBER)
    assert run_line_items(options, lambda step: None, dry_run=False).splitlines() == [
        f"Snapshot: {out}",
        "2025-10, charges until 2 Oct 2025; 3 rows in 2 files, 0 left out",
        "Totals, which tie to those of the files: unblended cost $2,001.75,"
        " amortized cost $2,001.75",
    ]
    (out / "estimate.csv").write_text("component,estimated_cost,billing_currency\nCompute,2,USD\n")
    again = run_line_items(options, lambda step: None, dry_run=False)
    assert again.splitlines()[-1] == "Kept from the earlier snapshot: estimate"


@pytest.fixture
def bucket(gate: object, account: Callable[..., Any], tmp_path: Path) -> Callable[[Path], str]:
    """Return a function that copies a folder into a bucket of moto's S3."""
    s3 = account("s3", "us-east-1")
    name = f"bills-{tmp_path.name.replace('_', '-')[-40:].strip('-')}"
    s3.create_bucket(Bucket=name)

    def upload(folder: Path) -> str:
        for file in folder.rglob("*"):
            if file.is_file():
                s3.upload_file(str(file), name, f"exports/{file.relative_to(folder).as_posix()}")
        return f"s3://{name}/exports/"

    return upload


def test_s3_gives_the_tables_of_the_folder(tmp_path, bucket):
    root = tmp_path / "made" / "bill"
    write_cur(data(root, "v1", "bill-1.parquet"), [("i-1", "64")])
    write_cur(data(root, "v2", "bill-1.parquet"), [("i-1", "0.1")])
    write_cur(data(root, "v2", "bill-2.parquet"), [("i-2", "0.2")])
    write_manifest(root, ["bill-1.parquet", "bill-2.parquet"], "v2").rename(
        root / "metadata" / "BILLING_PERIOD=2025-10" / "bill-Manifest.json"
    )
    place = bucket(tmp_path / "made")
    options = LineItemOptions(place, tmp_path / "s3", OCTOBER, regions=("us-east-1",))
    assert plan_line_items(options)[-1].startswith("2 files, ")
    snapshot = read_snapshot(snapshot_from_line_items(options))
    assert exact_sum(snapshot.tables["cost"]["unblended_cost"]) == Decimal("0.3")
    assert snapshot.tables["cost_file"]["file_name"].nunique() == 2


@pytest.mark.parametrize("place", ["s3://", "s3:///x"])
def test_s3_without_a_bucket_is_refused(tmp_path, place):
    with pytest.raises(ParameterError, match="--line-items"):
        plan_line_items(LineItemOptions(place, tmp_path))


def test_s3_place_without_objects_is_named(tmp_path, bucket):
    with pytest.raises(IncompleteDataError, match="no objects of 2025-10"):
        plan_line_items(LineItemOptions(bucket(tmp_path), tmp_path / "out", OCTOBER))
    write_cur(data(tmp_path / "bill", "bill-1.parquet"), [("i-1", "1")])
    september = LineItemOptions(bucket(tmp_path), tmp_path / "out", Period.month("2025-09"))
    with pytest.raises(IncompleteDataError, match="1 objects below it, of 2025-10"):
        plan_line_items(september)


def test_memory_is_bounded_as_asked(tmp_path, monkeypatch):
    root = tmp_path / "bill"
    write_cur(data(root, "bill-1.parquet"), [("i-1", "1.25")])
    held = []
    merge = bills.groups.merge_groups

    def merge_groups(connection):
        held.extend(*connection.execute("SELECT current_setting('memory_limit')").fetchall())
        return merge(connection)

    monkeypatch.setattr(bills.groups, "merge_groups", merge_groups)
    for memory in (1, 2):
        options = LineItemOptions(str(root), tmp_path / "out", OCTOBER, memory_gb=memory)
        snapshot_from_line_items(options)
    # As DuckDB says it: 10^9 and 2 x 10^9 bytes.
    assert held == ["953.6 MiB", "1.8 GiB"]
    with pytest.raises(ParameterError, match="--memory-gb"):
        line_item_options(LineItems(line_items=str(root), memory_gb=0), Account(), None, tmp_path)
    with pytest.raises(ParameterError, match="only with --line-items of files"):
        LineItems(line_items="athena:a.b", memory_gb=4).check(Account(), Seen())
