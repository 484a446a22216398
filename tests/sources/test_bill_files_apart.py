"""Of several files of an export each has its own totals, and a fault is that of its file."""

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
from prismlib.sources.bills import read_bills

pytestmark = pytest.mark.filterwarnings("ignore::prismlib.errors.PrismWarning")
FILES, FILE_ROWS = 5, 1_000
DECIMALS = Decimal("1e-18")
"""What an amount of a binary float is rounded to."""


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return five CUR 2.0 files of a thousand rows, without the manifest that vouches for them."""
    folder = tmp_path_factory.mktemp("made")
    return make_export(folder, FILES * FILE_ROWS, file_rows=FILE_ROWS) / "data"


def parts(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.parquet"))


def test_totals_of_each_file_are_a_plain_sum_of_its_column(export: Path) -> None:
    bill = read_bills(parts(export))
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


def test_fault_is_that_of_its_file(export: Path, tmp_path: Path) -> None:
    shutil.copytree(export, tmp_path, dirs_exist_ok=True)
    third = parts(tmp_path)[2]
    rows = pq.read_table(third)
    amounts = rows["line_item_unblended_cost"].to_pylist()
    amounts[6] = None
    number = rows.column_names.index("line_item_unblended_cost")
    pq.write_table(rows.set_column(number, rows.field(number), [amounts]), third)
    with pytest.raises(SourceError, match=r"00003.*row 7: lineItem/UnblendedCost is empty"):
        read_bills(parts(tmp_path))


def test_damage_is_that_of_its_file(export: Path, tmp_path: Path) -> None:
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


def test_truncated_file_is_named_without_the_query_that_met_it(
    export: Path, tmp_path: Path
) -> None:
    shutil.copytree(export, tmp_path, dirs_exist_ok=True)
    second = parts(tmp_path)[1]
    second.write_bytes(second.read_bytes()[:-500])
    with pytest.raises(SourceError, match=r"00002\S* is cut off or damaged") as raised:
        read_bills(parts(tmp_path))
    assert "No magic bytes" in str(raised.value)
    assert "SELECT" not in str(raised.value)


def test_file_without_rows_is_named(export: Path, tmp_path: Path) -> None:
    shutil.copytree(export, tmp_path, dirs_exist_ok=True)
    second = parts(tmp_path)[1]
    pq.write_table(pq.read_table(second).slice(0, 0), second)
    with pytest.raises(SourceError, match=r"00002\S* has no rows"):
        read_bills(parts(tmp_path))
