"""Of several files of an export each has its own totals, and a fault is that of its file."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from made_line_items import make_export

from prismlib.errors import SourceError
from prismlib.money import exact_sum
from prismlib.sources import bill_threads, bills
from prismlib.sources.bills import read_bills
from prismlib.sources.delimited import database

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
        assert len(kept) == FILE_ROWS - 20
        assert (row["row_count"], row["left_out_rows"]) == (FILE_ROWS, 20)
        assert row["file_total"] == total_of(r[columns[0]] for r in rows)
        assert row["table_total"] == total_of(r[columns[0]] for r in kept)
        assert row["left_out_total"] == row["file_total"] - row["table_total"] > 0


def total_of(amounts: Iterable[float]) -> Decimal:
    return exact_sum(Decimal(repr(amount)).quantize(DECIMALS) for amount in amounts)


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
    ((start,),) = duckdb.execute(
        f"SELECT data_page_offset FROM parquet_metadata('{fourth}')"
        " WHERE path_in_schema = 'line_item_unblended_cost'"
    ).fetchall()
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


def test_files_side_by_side_and_in_turn_give_the_same(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = []
    side_by_side = bill_threads._add_side_by_side
    monkeypatch.setattr(
        bill_threads, "_add_side_by_side", lambda *args: taken.append(side_by_side(*args))
    )
    answers = []
    for threads in (1, 4):
        monkeypatch.setattr(bills, "database", with_threads(threads))
        steps: list[str] = []
        answers.append(read_bills(parts(export), on_step=steps.append))
        assert steps == [f"file {number} of 5" for number in range(1, 6)]
        assert len(taken) == threads // 4
    pd.testing.assert_frame_equal(answers[0].cost, answers[1].cost)
    pd.testing.assert_frame_equal(answers[0].cost_file, answers[1].cost_file)
    assert answers[0].notes == answers[1].notes


def with_threads(threads: int) -> Callable[[int], AbstractContextManager[Any]]:
    """Return how to open a database that has some threads, whatever the machine has."""

    @contextmanager
    def opened(memory_gb: int) -> Iterator[duckdb.DuckDBPyConnection]:
        with database(memory_gb) as connection:
            connection.execute(f"SET threads = {threads}")
            yield connection

    return opened


def test_first_file_that_is_not_usable_is_named(
    export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(export, tmp_path, dirs_exist_ok=True)
    for file in parts(tmp_path)[1:]:
        rows = pq.read_table(file)
        number = rows.column_names.index("line_item_currency_code")
        codes = ["usd"] * rows.num_rows
        pq.write_table(rows.set_column(number, rows.field(number), [codes]), file)
    monkeypatch.setattr(bills, "database", with_threads(2))
    for _ in range(3):
        with pytest.raises(SourceError, match=r"00002\S* row 1: lineItem/CurrencyCode"):
            read_bills(parts(tmp_path))


def test_stop_while_files_are_summed_stops_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    sum_lines = bill_threads.sum_lines

    def counted(connection: Any, number: int, lines: Any) -> None:
        started.append(number)
        sum_lines(connection, number, lines)

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(bill_threads, "sum_lines", counted)
    monkeypatch.setattr(bill_threads, "check_groups", stop)
    monkeypatch.setattr(bills, "database", with_threads(2))
    many = parts(make_export(tmp_path, 4_000, file_rows=250) / "data")
    with pytest.raises(KeyboardInterrupt):
        read_bills(many)
    assert len(started) < len(many) == 16


def test_stop_is_waited_for_when_it_is_asked_for_twice() -> None:
    asked: list[str] = []
    running: Future[None] = Future()

    class Cursor:
        def interrupt(self) -> None:
            asked.append("interrupt")
            if len(asked) == 1:
                raise KeyboardInterrupt
            running.set_result(None)

    bill_threads._stop([Cursor()], [running])  # type: ignore[list-item]
    assert asked == ["interrupt", "interrupt"]


def test_unknown_record_types_are_those_of_their_files(export: Path, tmp_path: Path) -> None:
    shutil.copytree(export, tmp_path, dirs_exist_ok=True)
    for number, file in enumerate(parts(tmp_path)):
        rows = pq.read_table(file)
        column = rows.column_names.index("line_item_line_item_type")
        kinds = rows.column(column).to_pylist()
        kinds[0] = "Lunar" if number < 4 else "Solar"
        pq.write_table(rows.set_column(column, rows.field(column), [kinds]), file)
    notes = [note for note in read_bills(parts(tmp_path)).notes if "unknown record" in note]
    assert [note.partition(": ")[2] for note in notes] == [
        "unknown record types, read as adjustments: Lunar",
        "unknown record types, read as adjustments: Solar",
    ]
    assert notes[1].startswith(parts(tmp_path)[4].name + ":")
    assert notes[0].startswith(parts(tmp_path)[0].name + ", ")


def test_file_larger_than_its_share_has_all_threads(tmp_path: Path) -> None:
    small, other, large = (tmp_path / name for name in ("small", "other", "large"))
    for path, size in ((small, 10), (other, 20), (large, 31)):
        path.write_bytes(bytes(size))
    # 31 of 61 bytes are more than one of two threads would have.
    assert not bill_threads.are_alike([small, other, large], 2)
    large.write_bytes(bytes(30))
    assert bill_threads.are_alike([small, other, large], 2)
    assert not bill_threads.are_alike([small, other, large], 3)
    assert not bill_threads.are_alike([small, other, large], 1)
    assert not bill_threads.are_alike([small], 2)


def test_file_without_rows_is_named(export: Path, tmp_path: Path) -> None:
    shutil.copytree(export, tmp_path, dirs_exist_ok=True)
    second = parts(tmp_path)[1]
    pq.write_table(pq.read_table(second).slice(0, 0), second)
    with pytest.raises(SourceError, match=r"00002\S* has no rows"):
        read_bills(parts(tmp_path))


def test_file_of_which_no_line_counts(export: Path, tmp_path: Path) -> None:
    shutil.copytree(export, tmp_path, dirs_exist_ok=True)
    second = parts(tmp_path)[1]
    rows = pq.read_table(second)
    number = rows.column_names.index("line_item_operation")
    split = ["EKSPod-EC2"] * rows.num_rows
    pq.write_table(rows.set_column(number, rows.field(number), [split]), second)
    of_files = read_bills(parts(tmp_path)).cost_file
    found = of_files[of_files["file_name"] == second.name]
    assert found["cost_metric"].tolist() == ["unblended_cost"]
    (row,) = found.to_dict("records")
    assert row["row_count"] == row["left_out_rows"] == FILE_ROWS
    amounts = pq.read_table(second)["line_item_unblended_cost"].to_pylist()
    assert row["file_total"] == row["left_out_total"] == total_of(amounts)
    assert row["table_total"] == 0
