"""Files of the same columns are read together, and what is said of one of them is the same."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from made_line_items import make_export

from prismlib.errors import SourceError
from prismlib.money import exact_sum
from prismlib.sources import bill_batches, bill_groups
from prismlib.sources.bills import Bill, read_bills

pytestmark = pytest.mark.filterwarnings("ignore::prismlib.errors.PrismWarning")
FILES, FILE_ROWS = 5, 1_000
DECIMALS = Decimal("1e-18")
"""What an amount of a binary float is rounded to."""


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return five CUR 2.0 files of a thousand rows, without the manifest that vouches for them."""
    folder = tmp_path_factory.mktemp("made")
    return make_export(folder, FILES * FILE_ROWS, file_rows=FILE_ROWS) / "data"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note how many files each batch has that is grouped."""
    sizes: list[int] = []
    add = bill_groups._add_groups

    def noted(connection: duckdb.DuckDBPyConnection, batch: bill_batches.Batch) -> None:
        sizes.append(len(batch.files))
        add(connection, batch)

    monkeypatch.setattr(bill_groups, "_add_groups", noted)
    return sizes


def same(one: Bill, other: Bill) -> bool:
    return one.cost.equals(other.cost) and one.cost_file.equals(other.cost_file)


def parts(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.parquet"))


@pytest.mark.parametrize(("at_once", "sizes"), [(8, [5]), (2, [2, 2, 1]), (1, [1] * 5)])
def test_size_of_a_batch_changes_nothing(
    export: Path, asked: list[int], monkeypatch: pytest.MonkeyPatch, at_once: int, sizes: list[int]
) -> None:
    expected = read_bills(parts(export))
    asked.clear()
    monkeypatch.setattr(bill_batches, "BATCH_FILES", at_once)
    assert same(read_bills(parts(export)), expected)
    assert asked == sizes


def test_totals_of_each_file_are_a_plain_sum_of_its_column(export: Path, asked: list[int]) -> None:
    bill = read_bills(parts(export))
    assert asked == [FILES]
    of_files = bill.cost_file[bill.cost_file["cost_metric"] == "unblended_cost"]
    for file in parts(export):
        columns = ["line_item_unblended_cost", "line_item_operation"]
        rows = pq.read_table(file, columns=columns).to_pylist()
        kept = [r for r in rows if r["line_item_operation"] != "EKSPod-EC2"]
        (row,) = of_files[of_files["file_name"] == file.name].to_dict("records")
        # Of a thousand rows 20 are split-cost rows.
        assert row["row_count"] == len(kept) == FILE_ROWS - 20
        amounts = (Decimal(repr(r[columns[0]])) for r in kept)
        assert row["file_total"] == exact_sum(a.quantize(DECIMALS) for a in amounts)


def test_fault_in_a_batch_is_that_of_its_file(export: Path, tmp_path: Path) -> None:
    shutil.copytree(export, tmp_path, dirs_exist_ok=True)
    third = parts(tmp_path)[2]
    rows = pq.read_table(third)
    amounts = rows["line_item_unblended_cost"].to_pylist()
    amounts[6] = None
    number = rows.column_names.index("line_item_unblended_cost")
    pq.write_table(rows.set_column(number, rows.field(number), [amounts]), third)
    with pytest.raises(SourceError, match=r"00003.*row 7: lineItem/UnblendedCost is empty"):
        read_bills(parts(tmp_path))


def test_damage_in_a_batch_is_that_of_its_file(
    export: Path, asked: list[int], tmp_path: Path
) -> None:
    shutil.copytree(export, tmp_path, dirs_exist_ok=True)
    fourth = parts(tmp_path)[3]
    (start,) = duckdb.execute(
        f"SELECT data_page_offset FROM parquet_metadata('{fourth}')"
        " WHERE path_in_schema = 'line_item_unblended_cost'"
    ).fetchone() or (0,)
    content = bytearray(fourth.read_bytes())
    content[start : start + 40] = bytes(40)  # the footer is whole, so the file opens
    fourth.write_bytes(content)
    with pytest.raises(SourceError, match=r"00004\S* is cut off or damaged"):
        read_bills(parts(tmp_path))
    assert asked == [FILES, 1, 1, 1, 1]


def test_files_of_other_columns_are_apart(export: Path, asked: list[int], tmp_path: Path) -> None:
    shutil.copytree(export, tmp_path, dirs_exist_ok=True)
    third = parts(tmp_path)[2]
    rows = pq.read_table(third).drop_columns(["line_item_availability_zone"])
    pq.write_table(rows, third)
    bill = read_bills(parts(tmp_path))
    assert asked == [2, 1, 2]
    assert bill.cost.equals(read_bills(parts(export)).cost)


def test_file_without_rows_is_named(export: Path, tmp_path: Path) -> None:
    shutil.copytree(export, tmp_path, dirs_exist_ok=True)
    second = parts(tmp_path)[1]
    pq.write_table(pq.read_table(second).slice(0, 0), second)
    with pytest.raises(SourceError, match=r"00002\S* has no rows"):
        read_bills(parts(tmp_path))
