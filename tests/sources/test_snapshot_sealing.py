"""Sealing takes everything or nothing, and tables that people wrote become a snapshot."""

import json
from datetime import date
from pathlib import Path

import pytest

from prismlib.errors import CurrencyError, ParameterError, SchemaError, SnapshotError, SourceError
from prismlib.sources.snapshot_checks import check_snapshot
from prismlib.sources.snapshot_sealing import Dates, seal_snapshot
from prismlib.sources.snapshots import read_listed, read_snapshot

ITEM = "item_id,item_kind,item_name,item_status\ngap.1,gap,No restore,open\n"
COSTLY = (
    "item_id,item_kind,item_name,item_status,open_cost,billing_currency\n"
    "gap.1,gap,No restore,open,{}\ngap.2,gap,No test,open,,\n"
)
ESTIMATE = "component,estimated_cost,billing_currency\nWeb,5,USD\n"
NOVEMBER = Dates.of("2025-11", "2025-11-16")


def write(folder: Path, **files: str) -> Path:
    """Write files of tables into a folder; return it."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def manifest_of(folder: Path) -> dict:
    return json.loads((folder / "snapshot.json").read_text(encoding="utf-8"))


@pytest.fixture
def launch(tmp_path):
    """Return a sealed snapshot of a single table."""
    folder = write(tmp_path / "launch", readiness_item=ITEM)
    seal_snapshot(folder, NOVEMBER)
    return folder


def refused(folder: Path, words: str, error: type[Exception] = SnapshotError, **options) -> None:
    """Check that sealing raises and that no byte in the folder changes."""
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    with pytest.raises(error, match=words):
        seal_snapshot(folder, **options)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


# --- a new snapshot -------------------------------------------------------------------------------


def test_tables_become_a_snapshot(tmp_path):
    folder = write(tmp_path / "my launch", readiness_item=ITEM)
    assert seal_snapshot(folder, NOVEMBER) == ["readiness_item"]
    assert (folder / "readiness_item.csv").read_text(encoding="utf-8") == ITEM
    snapshot = read_snapshot(folder)
    assert (snapshot.name, snapshot.title) == ("my launch", "my launch")
    assert (str(snapshot.period), snapshot.as_of) == ("2025-11", date(2025, 11, 16))
    assert snapshot.billing_currency == "USD"  # no amount names one
    assert snapshot.source_of("readiness_item") == "written by hand"
    assert check_snapshot(folder) == []


def test_currency_of_a_new_snapshot_is_that_of_its_amounts(tmp_path):
    folder = write(tmp_path / "launch", readiness_item=COSTLY.format("7,EUR"))
    seal_snapshot(folder, NOVEMBER)
    assert manifest_of(folder)["billing_currency"] == "EUR"


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (Dates(), "expected: --month 2025-11 and --as-of 2025-11-16"),
        (Dates.of("2025-12", ""), "expected: --as-of 2025-11-16"),
        (Dates.of("", "2025-12-01"), "expected: --month 2025-11,"),
    ],
)
def test_what_the_tables_do_not_say_is_asked_for_by_name(tmp_path, dates, expected):
    folder = write(tmp_path / "launch", readiness_item=ITEM)
    refused(folder, f"(?s)seen: readiness_item.csv.*{expected}", dates=dates)


@pytest.mark.parametrize(
    ("month", "as_of", "words"),
    [("2025-13", "", "--month.*2025-13"), ("2025-11", "16.11.2025", "--as-of.*16.11.2025")],
)
def test_month_or_day_that_is_none_is_refused_by_the_name_of_its_option(month, as_of, words):
    with pytest.raises(ParameterError, match=f"(?s){words}"):
        Dates.of(month, as_of)


def test_folder_without_tables_is_told_how_to_become_a_snapshot(tmp_path):
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    refused(tmp_path, "(?s)no snapshot here.*tables that people write.*check DIR --seal")


def test_manifest_without_tables_takes_in_what_lies_there(launch):
    told = {**manifest_of(launch), "tables": {}}
    (launch / "snapshot.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(SnapshotError, match=r"(?s)holds no table.*seen: readiness_item\.csv in"):
        read_snapshot(launch)
    assert seal_snapshot(launch) == ["readiness_item"]
    (launch / "readiness_item.csv").unlink()
    (launch / "snapshot.json").write_text(json.dumps(told), encoding="utf-8")
    refused(launch, "(?s)holds no table.*seen: none in the folder")


def test_day_of_a_snapshot_without_charges_moves_on(launch):
    seal_snapshot(launch, Dates.of("", "2025-11-23"))
    assert read_snapshot(launch).as_of == date(2025, 11, 23)
    assert str(read_snapshot(launch).period) == "2025-11"


# --- all or nothing -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("evidence.csv", "prism pull --evidence writes it.*belongs into stated_evidence.csv"),
        ("evidence_thing.csv", "prism pull --evidence writes it"),
        ("instance.csv", "instance.csv: move it elsewhere"),
        ("stated_evidence.xlsx", "save it as stated_evidence.csv"),
        ("Stated_Evidence.csv", "save it as stated_evidence.csv"),
        ("readiness_item.parquet", "readiness_item.parquet: move it elsewhere"),
    ],
)
def test_file_that_would_not_be_read_is_refused_by_name(launch, name, remedy):
    (launch / name).write_text("x", encoding="utf-8")
    write(launch, estimate=ESTIMATE)
    with pytest.raises(SnapshotError, match=f"(?s)seen:.*{name}.*{remedy}"):
        read_snapshot(launch)
    assert any(line.startswith(f"{name}: is no part") for line in check_snapshot(launch))
    refused(launch, f"(?s)seen: {name}\n.*{remedy}")  # and estimate.csv is not taken in
    assert list(read_listed(launch).tables) == ["readiness_item"]


def test_evidence_alone_is_no_start(tmp_path):
    folder = write(tmp_path / "launch", evidence="x\n")
    refused(folder, "(?s)seen: evidence.csv.*stated_evidence.csv", dates=NOVEMBER)


def test_table_that_was_not_sealed_yet_is_not_passed_over(launch):
    write(launch, estimate=ESTIMATE)
    with pytest.raises(SnapshotError, match=r"(?s)estimate\.csv: take it in with: prism check"):
        read_snapshot(launch)
    assert seal_snapshot(launch) == ["estimate"]
    assert list(read_snapshot(launch).tables) == ["readiness_item", "estimate"]


@pytest.mark.parametrize("name", ["readiness_item.csv~", "evidence.bak", "notes.txt", ".DS_Store"])
def test_copies_and_notes_stop_nothing(launch, name):
    (launch / name).write_text("x", encoding="utf-8")
    assert seal_snapshot(launch) == []
    assert list(read_snapshot(launch).tables) == ["readiness_item"]


def test_words_that_mean_nothing_are_not_sealed(launch):
    def judge(tables):
        raise SchemaError("READINESS_ITEM in readiness_item.csv", f"{sorted(tables)}")

    write(launch, estimate=ESTIMATE)
    refused(launch, "estimate.*readiness_item", SchemaError, judge=judge)
    (launch / "estimate.csv").unlink()
    assert check_snapshot(launch, judge=judge) == [
        "READINESS_ITEM in readiness_item.csv: ['readiness_item']"
    ]


def test_cell_that_cannot_be_read_is_not_sealed(launch):
    write(launch, readiness_item=ITEM.replace(",open", ""), estimate=ESTIMATE)
    refused(launch, "readiness_item.csv, row 1: has more or fewer cells", SourceError)


# --- currencies -----------------------------------------------------------------------------------


def test_item_without_an_amount_needs_no_currency(launch):
    write(launch, estimate=ESTIMATE, readiness_item=COSTLY.format("7,USD"))
    assert seal_snapshot(launch) == ["readiness_item", "estimate"]


@pytest.mark.parametrize(("cells", "word"), [("7,EUR", "EUR"), ("7,", "none")])
def test_second_currency_is_refused_with_its_file(launch, cells, word):
    write(launch, estimate=ESTIMATE, readiness_item=COSTLY.format(cells))
    words = rf"snapshot\.json: USD; readiness_item\.csv: {word}\)"
    refused(launch, words, CurrencyError)
