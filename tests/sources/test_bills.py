"""Reading bill files of any format: files and folders, missing amounts, totals, properties."""

from __future__ import annotations

import csv
import gzip
import io
import os
import random
import shutil
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismlib.errors import ReconciliationError, SourceError
from prismlib.sources import bill_threads
from prismlib.sources.bill_files import find_files
from prismlib.sources.bills import Bill, read_bills
from prismlib.tables import COST, COST_FILE, check

BILLS = Path(__file__).parent.parent / "data" / "bills"
FOCUS = BILLS / "focus_1_2.csv"

Row = dict[str, str]


def read_rows(path: Path) -> list[Row]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def as_csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def write_rows(path: Path, rows: Sequence[Row]) -> Path:
    path.write_bytes(as_csv(rows))
    return path


def rows_of(bill: Bill) -> list[dict[str, Any]]:
    return bill.cost.to_dict("records")


def test_tables_are_checked_and_sorted() -> None:
    bill = read_bills([FOCUS])
    check(bill.cost, COST)
    check(bill.cost_file, COST_FILE)
    keys = bill.cost[list(COST.key)].to_numpy().tolist()
    assert keys == sorted(keys)


def test_folder_stands_for_every_bill_below_it(tmp_path: Path) -> None:
    rows = read_rows(FOCUS)
    (tmp_path / "data" / ".staging").mkdir(parents=True)
    write_rows(tmp_path / "data" / "part-1.csv", rows[:3])
    (tmp_path / "data" / "part-2.csv.gz").write_bytes(gzip.compress(as_csv(rows[3:])))
    (tmp_path / "export-Manifest.json").write_text('{"reportKeys": []}')
    (tmp_path / "notes.txt").write_text("not a bill")
    (tmp_path / "data" / "._part-1.csv").write_text("resource fork")
    shutil.copy(FOCUS, tmp_path / "data" / ".staging" / "half.csv")
    bill = read_bills([tmp_path])
    assert rows_of(bill) == rows_of(read_bills([FOCUS]))
    assert sorted(set(bill.cost_file["file_name"])) == ["part-1.csv", "part-2.csv.gz"]


def test_file_of_a_folder_is_read_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    rows = read_rows(FOCUS)
    write_rows(tmp_path / "part1.csv", rows[:2])
    write_rows(tmp_path / "part2.txt", rows[2:4])
    (tmp_path / "part3.gz").write_bytes(gzip.compress(as_csv(rows[4:6])))
    write_rows(tmp_path / "part4", rows[6:])
    bill = read_bills([tmp_path])
    assert rows_of(bill) == rows_of(read_bills([FOCUS]))
    assert bill.notes == ()
    duckdb.sql(f"FROM read_csv('{FOCUS}', all_varchar = true)").write_parquet(
        str(tmp_path / "again.snappy")
    )
    with pytest.raises(SourceError, match="overlaps"):
        read_bills([tmp_path])


def test_file_of_a_folder_that_is_no_bill_is_named(tmp_path: Path) -> None:
    shutil.copy(FOCUS, tmp_path / "bill.csv")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "notes.txt").write_text("The BilledCost is\nBilledCost", "utf-8")
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\xff\xfe")
    (tmp_path / "sheet.xlsx").write_bytes(b"PK\x03\x04")
    (tmp_path / "linked").symlink_to(BILLS, target_is_directory=True)
    (tmp_path / "x-Manifest.json").write_text("{}", "utf-8")
    (tmp_path / ".hidden").write_text("x", "utf-8")
    assert read_bills([tmp_path]).notes == (
        "not read, since neither name nor content is that of a bill:"
        " linked, logo.png, sheet.xlsx, sub/notes.txt",
    )
    with pytest.raises(SourceError, match="no bill files") as caught:
        read_bills([tmp_path / "sub"])
    assert "notes.txt" in str(caught.value)


def test_many_files_that_are_no_bill_are_counted(tmp_path: Path) -> None:
    shutil.copy(FOCUS, tmp_path / "bill.csv")
    for number in range(32):
        (tmp_path / f"{number:02}.txt").touch()
    (note,) = read_bills([tmp_path]).notes
    assert note.endswith("29.txt and 2 more")


@pytest.mark.parametrize("name", ["part2.csv.zip", "part2.ZIP"])
def test_archive_is_to_be_unpacked(tmp_path: Path, name: str) -> None:
    shutil.copy(FOCUS, tmp_path / "bill.csv")
    (tmp_path / name).write_bytes(b"PK\x03\x04" + bytes(50))
    for path in (tmp_path, tmp_path / name):
        with pytest.raises(SourceError, match="unpack it") as caught:
            read_bills([path])
        assert name in str(caught.value)


def test_link_in_a_circle_and_damaged_gzip_are_refused(tmp_path: Path) -> None:
    circle = tmp_path / "circle.csv"
    circle.symlink_to(circle)
    for path in (circle, tmp_path):
        with pytest.raises(SourceError, match="no such file"):
            read_bills([path])
    circle.unlink()
    (tmp_path / "part3.gz").write_bytes(gzip.compress(FOCUS.read_bytes())[:100])
    with pytest.raises(SourceError, match="cut off or damaged"):
        read_bills([tmp_path])


def test_folder_that_cannot_be_looked_into_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(FOCUS, tmp_path / "bill.csv")
    (tmp_path / "locked").mkdir()
    scandir = os.scandir

    def refuse(path: Any) -> Any:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(SourceError, match="locked: cannot be read"):
        read_bills([tmp_path])


def test_file_named_twice_is_read_once(tmp_path: Path) -> None:
    shutil.copy(FOCUS, tmp_path / "a.csv")
    bill = read_bills([tmp_path / "a.csv", tmp_path, tmp_path / "a.csv"])
    assert rows_of(bill) == rows_of(read_bills([FOCUS]))


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    rows = read_rows(FOCUS)
    for name, part in (("a", rows[:4]), ("b", rows[4:])):
        (tmp_path / name).mkdir()
        write_rows(tmp_path / name / "0.csv", part)
    assert set(read_bills([tmp_path]).cost_file["file_name"]) == {"a/0.csv", "b/0.csv"}


def test_folders_named_after_their_partition_add_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "BILLING_PERIOD=2025-10" / "RegionId=nowhere"
    folder.mkdir(parents=True)
    shutil.copy(FOCUS, folder / "part.csv")
    duckdb.sql(f"FROM read_csv('{FOCUS}', all_varchar = true)").write_parquet(
        str(folder / "part.parquet")
    )
    for name in ("part.csv", "part.parquet"):
        assert rows_of(read_bills([folder / name])) == rows_of(read_bills([FOCUS]))


def test_find_files_orders_numbers_as_numbers(tmp_path: Path) -> None:
    for name in ("p10.csv", "p9.csv", "p1.csv"):
        (tmp_path / name).touch()
    assert [file.name for file in find_files([tmp_path])] == ["p1.csv", "p9.csv", "p10.csv"]


def test_name_is_no_pattern_and_says_nothing_of_the_format(tmp_path: Path) -> None:
    odd = tmp_path / "bill [1]*? 'x'.dat"
    shutil.copy(FOCUS, odd)
    assert rows_of(read_bills([odd])) == rows_of(read_bills([FOCUS]))


@pytest.mark.parametrize("paths", [[], [Path("nowhere.csv")]])
def test_nothing_to_read(paths: list[Path]) -> None:
    with pytest.raises(SourceError, match=r"no such file|no bill files"):
        read_bills(paths)


def test_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_bytes(b"\xef\xbb\xbf" + FOCUS.read_bytes().replace(b"\n", b"\r\n"))
    assert rows_of(read_bills([path])) == rows_of(read_bills([FOCUS]))


# --- missing is not zero -------------------------------------------------------------------------


def test_cost_of_no_row_is_missing_and_has_no_total(tmp_path: Path) -> None:
    rows = [{**row, "ListCost": "NULL"} for row in read_rows(FOCUS)]
    bill = read_bills([write_rows(tmp_path / "bill.csv", rows)])
    assert bill.cost["list_cost"].tolist() == [None] * len(bill.cost)
    assert bill.cost_file["cost_metric"].tolist() == ["billed_cost", "effective_cost"]


def test_cost_of_whole_groups_only_stays(tmp_path: Path) -> None:
    rows = read_rows(FOCUS)
    rows[5]["ListCost"] = ""  # the tax, a group of its own
    bill = read_bills([write_rows(tmp_path / "bill.csv", rows)])
    assert bill.cost["list_cost"].isna().sum() == 1
    of_list = bill.cost_file[bill.cost_file["cost_metric"] == "list_cost"]
    # 595.4828 less the tax of 10.
    assert of_list["table_total"].tolist() == [Decimal("585.4828")]


def test_cost_of_part_of_a_group_is_left_out_with_a_note(tmp_path: Path) -> None:
    rows = read_rows(FOCUS)
    rows[0]["ListCost"] = ""  # one of the two hours of a group
    bill = read_bills([write_rows(tmp_path / "bill.csv", rows)])
    assert bill.cost["list_cost"].isna().all()
    assert "list_cost" not in bill.cost_file["cost_metric"].tolist()
    assert bill.notes == (
        "list_cost is left out: in 1 rows of the table only some of the charges have it",
    )


def test_quantity_of_part_of_a_group_is_missing(tmp_path: Path) -> None:
    rows = read_rows(FOCUS)
    rows[0]["ConsumedQuantity"] = ""
    bill = read_bills([write_rows(tmp_path / "bill.csv", rows)])
    group = bill.cost[bill.cost["billed_cost"] == Decimal("2.016")]
    assert group["usage_quantity"].tolist() == [None]


# --- totals --------------------------------------------------------------------------------------


def test_totals_that_do_not_tie_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose_a_row(connection: Any, number: int, lines: Any) -> None:
        sum_lines(connection, number, lines)
        connection.execute("DELETE FROM groups WHERE record_type = 'Tax'")

    sum_lines = bill_threads.sum_lines
    monkeypatch.setattr(bill_threads, "sum_lines", lose_a_row)
    with pytest.raises(ReconciliationError, match=r"focus_1_2\.csv: the rows"):
        read_bills([FOCUS])


def test_totals_of_many_digits_are_not_rounded(tmp_path: Path) -> None:
    text = "12345678901.123456789012345678"
    rows = [{**read_rows(FOCUS)[0], "EffectiveCost": text} for _ in range(60)]
    for number, row in enumerate(rows):
        row["ResourceId"] = f"i-{number}"
    bill = read_bills([write_rows(tmp_path / "bill.csv", rows)])
    found = bill.cost_file[bill.cost_file["cost_metric"] == "effective_cost"]
    # 60 x 12345678901.123456789012345678, of 30 digits.
    assert found["table_total"].tolist() == [Decimal("740740734067.40740734074074068")]
    assert found["file_total"].tolist() == found["table_total"].tolist()


def test_hash_of_the_file() -> None:
    # sha256sum tests/data/bills/focus_sample.csv
    expected = "e91e5ac7edf01ed2c9d926f37ef7dc1ae2aae97956fea8da6c9ee488b1c2839e"
    assert set(read_bills([BILLS / "focus_sample.csv"]).cost_file["sha256"]) == {expected}


# --- properties ----------------------------------------------------------------------------------

cents = st.integers(-(10**9), 10**9).map(lambda n: Decimal(n).scaleb(-6))
charges = st.lists(
    st.tuples(
        st.integers(0, 47),
        st.sampled_from(["Usage", "Purchase", "Tax", "Credit", "Adjustment"]),
        st.sampled_from(["{}", '{"a":"1","b":"=2"}', '{"b": "=2", "a": "1"}', '{"a":"<b>"}']),
        cents,
        cents,
    ),
    min_size=2,
    max_size=12,
)


def as_rows(drawn: list[tuple[int, str, str, Decimal, Decimal]]) -> list[Row]:
    blank = dict.fromkeys(read_rows(FOCUS)[0], "")
    return [
        {
            **blank,
            "ChargePeriodStart": f"2025-10-{1 + hour // 24:02d}T{hour % 24:02d}:00:00Z",
            "ChargePeriodEnd": f"2025-10-{1 + hour // 24:02d}T{hour % 24:02d}:59:59Z",
            "ProviderName": "AWS",
            "ServiceName": "Amazon EC2",
            "BillingCurrency": "USD",
            "ChargeCategory": category,
            "Tags": tags,
            "BilledCost": f"{cost}",
            "ConsumedQuantity": f"{quantity}",
            "ResourceId": f"i-{number}",
        }
        for number, (hour, category, tags, cost, quantity) in enumerate(drawn)
    ]


def read_parts(*parts: Sequence[Row]) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        for number, rows in enumerate(parts):
            write_rows(Path(folder) / f"{number}.csv", rows)
        return rows_of(read_bills([Path(folder)]))


@settings(max_examples=8, deadline=None)
@given(charges, st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(drawn: list[Any], shuffle: random.Random) -> None:
    rows = as_rows(drawn)
    mixed = rows.copy()
    shuffle.shuffle(mixed)
    assert read_parts(mixed) == read_parts(rows)


@settings(max_examples=8, deadline=None)
@given(charges, st.integers(0, 11), cents)
def test_row_split_in_two_changes_nothing(drawn: list[Any], index: int, part: Decimal) -> None:
    rows = as_rows(drawn)
    row = rows[index % len(rows)]
    names = ("BilledCost", "ConsumedQuantity")
    rest = {**row, **{name: f"{Decimal(row[name]) - part:f}" for name in names}}
    split = [*(r for r in rows if r is not row), rest, {**row, **dict.fromkeys(names, f"{part:f}")}]
    assert read_parts(split) == read_parts(rows)


@settings(max_examples=8, deadline=None)
@given(charges, st.integers(1, 11))
def test_file_split_in_two_changes_nothing(drawn: list[Any], cut: int) -> None:
    rows = as_rows(drawn)
    cut = min(cut, len(rows) - 1)
    assert read_parts(rows[:cut], rows[cut:]) == read_parts(rows)
