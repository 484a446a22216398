"""A snapshot is read as it was sealed or not at all, and written whole or not at all."""

import hashlib
import json
import shutil
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from prismlib import paths
from prismlib.errors import CurrencyError, PrismError, SchemaError, SnapshotError, SourceError
from prismlib.periods import Period
from prismlib.sources import snapshots
from prismlib.sources.snapshot_checks import check_snapshot
from prismlib.sources.snapshot_sealing import Dates, seal_snapshot
from prismlib.sources.snapshots import (
    Description,
    Origin,
    read_manifest,
    read_snapshot,
    sha256,
    write_snapshot,
)
from prismlib.tables import COST, ESTIMATE, make

DESCRIPTION = Description("plan", "The plan", "2025-10", date(2025, 11, 16), "USD", ["a note"])


def estimate(*costs: str, currency: str = "USD") -> pd.DataFrame:
    return make(
        ESTIMATE,
        [
            {"component": f"C{n}", "estimated_cost": Decimal(c), "billing_currency": currency}
            for n, c in enumerate(costs)
        ],
    )


def cost(day: date, currency: str = "USD") -> pd.DataFrame:
    row = {
        "charge_period_start": day,
        "charge_period_end": date.fromordinal(day.toordinal() + 1),
        "charge_kind": "usage",
        "unblended_cost": Decimal("1.25"),
        "billing_currency": currency,
        "is_estimated": True,
    }
    return make(COST, [row])


@pytest.fixture
def folder(tmp_path) -> Path:
    """A snapshot of two tables."""
    tables = {
        "estimate": (estimate("16000", "4351.50"), Origin("plan.xlsx, sheet 1")),
        "cost": (
            cost(date(2025, 10, 31)),
            Origin("synthetic, seed 1", is_synthetic=True, is_estimated=True, fetched_at="2025-11"),
        ),
    }
    return write_snapshot(tmp_path / "plan", DESCRIPTION, tables)


def manifest_of(folder: Path) -> dict:
    return json.loads((folder / "snapshot.json").read_text(encoding="utf-8"))


def edit_manifest(folder: Path, edit: Callable[[dict], object]) -> None:
    manifest = manifest_of(folder)
    edit(manifest)
    (folder / "snapshot.json").write_text(json.dumps(manifest), encoding="utf-8")


def replace_text(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# --- write and read -----------------------------------------------------------------------------


def test_write_and_read_snapshot_are_inverse(folder):
    snapshot = read_snapshot(folder)
    assert (snapshot.name, snapshot.title, snapshot.notes) == ("plan", "The plan", ["a note"])
    assert snapshot.period == Period.month("2025-10")
    assert snapshot.as_of == date(2025, 11, 16)
    assert snapshot.billing_currency == "USD"
    assert snapshot.path == folder
    pd.testing.assert_frame_equal(snapshot.tables["estimate"], estimate("16000", "4351.50"))
    pd.testing.assert_frame_equal(snapshot.tables["cost"], cost(date(2025, 10, 31)))
    assert check_snapshot(folder) == []


def test_read_snapshot_knows_where_each_table_came_from(folder):
    snapshot = read_snapshot(folder)
    assert snapshot.has("cost")
    assert not snapshot.has("fleet")
    assert snapshot.source_of("estimate") == "plan.xlsx, sheet 1"
    assert snapshot.source_of("fleet") == ""
    assert snapshot.is_synthetic
    assert snapshot.is_synthetic_table("cost")
    assert not snapshot.is_synthetic_table("estimate")
    assert not snapshot.is_synthetic_table("fleet")
    rows = snapshot.provenance.set_index("table")
    assert rows.loc["estimate", "rows"] == 2
    assert rows.loc["cost", "fetched_at"] == "2025-11"
    assert bool(rows.loc["cost", "is_estimated"])


def test_manifest_holds_the_hash_that_other_tools_compute(folder):
    entry = manifest_of(folder)["tables"]["estimate"]
    data = (folder / entry["file"]).read_bytes()
    assert entry["sha256"] == hashlib.sha256(data).hexdigest() == sha256(folder / entry["file"])
    # SHA-256 of no bytes at all, as published with the standard.
    (folder / "nothing").touch()
    assert sha256(folder / "nothing") == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


def test_write_snapshot_twice_gives_the_same_bytes(folder, tmp_path):
    tables = {name: (frame, Origin("x")) for name, frame in read_snapshot(folder).tables.items()}
    first = write_snapshot(tmp_path / "one", DESCRIPTION, tables)
    second = write_snapshot(tmp_path / "deep" / "two", DESCRIPTION, tables)
    assert bytes_of(first) == bytes_of(second)


@pytest.mark.parametrize(("rows", "file"), [(3, "estimate.csv"), (4, "estimate.parquet")])
def test_write_snapshot_keeps_small_tables_editable(tmp_path, monkeypatch, rows, file):
    monkeypatch.setattr(snapshots, "PARQUET_FROM_ROWS", 3)
    frame = estimate(*["1.10"] * rows)
    path = write_snapshot(tmp_path / "s", DESCRIPTION, {"estimate": (frame, Origin("x"))})
    assert sorted(p.name for p in path.iterdir()) == [file, "snapshot.json"]
    assert list(read_snapshot(path).tables["estimate"]["estimated_cost"]) == [Decimal("1.1")] * rows


def test_write_snapshot_replaces_an_earlier_one_whole(folder):
    write_snapshot(folder, DESCRIPTION, {"estimate": (estimate("7"), Origin("new"))})
    assert sorted(path.name for path in folder.iterdir()) == ["estimate.csv", "snapshot.json"]
    assert read_snapshot(folder).source_of("estimate") == "new"


@pytest.mark.parametrize(
    ("tables", "error"),
    [
        ({"estimate": estimate("1"), "cost": cost(date(2025, 10, 1), "EUR")}, CurrencyError),
        ({"estimate": estimate("1", currency="EUR")}, CurrencyError),  # the description says USD
        ({"estimate": estimate("1").drop(columns="note")}, SchemaError),
        ({}, SnapshotError),
    ],
    ids=["two currencies", "another currency than described", "a column less", "no table"],
)
def test_write_snapshot_that_fails_leaves_the_earlier_one(folder, tables, error):
    before = bytes_of(folder)
    with pytest.raises(error):
        write_snapshot(folder, DESCRIPTION, {n: (f, Origin("x")) for n, f in tables.items()})
    assert bytes_of(folder) == before
    assert list(folder.parent.iterdir()) == [folder], "nothing half-written is left beside it"


def test_write_snapshot_does_not_delete_a_folder_that_is_no_snapshot(tmp_path):
    thesis = tmp_path / "documents" / "thesis.txt"
    thesis.parent.mkdir()
    thesis.write_text("ten years of work")
    with pytest.raises(PrismError):
        write_snapshot(thesis.parent, DESCRIPTION, {"estimate": (estimate("1"), Origin("x"))})
    assert thesis.exists()


# --- damage -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "nowhere"])
def test_read_snapshot_where_there_is_none(tmp_path, name):
    with pytest.raises(SnapshotError, match="no snapshot here") as caught:
        read_snapshot(tmp_path / name)
    assert caught.value.exit_code == 2
    assert str(tmp_path / name) in str(caught.value)
    assert "data/sample is one" in str(caught.value)
    assert len(check_snapshot(tmp_path / name)) == 1


@pytest.mark.parametrize(
    ("edit", "seen"),
    [
        (lambda m: m.pop("as_of"), "lacks as_of"),
        (lambda m: m.clear(), "lacks as_of, billing_currency, format"),
        (lambda m: m.update(format="prism-snapshot/9"), "format prism-snapshot/9"),
        (lambda m: m.update(period="October"), "a month such as 2025-10"),
        (lambda m: m.update(period="9999-12"), "a month such as 2025-10"),
        (lambda m: m.update(as_of="16.11.2025"), "16.11.2025"),
        (lambda m: m.update(as_of=20251116), "must be str"),
    ],
    ids=["no day", "empty", "other format", "no month", "far month", "other day", "number"],
)
def test_read_manifest_says_what_is_wrong(folder, edit, seen):
    edit_manifest(folder, edit)
    with pytest.raises(SnapshotError, match="is not a readable manifest") as caught:
        read_manifest(folder)
    assert seen in str(caught.value)
    assert "expected: prism-snapshot/1" in str(caught.value)
    assert caught.value.path == folder / "snapshot.json"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"text"', "\ud800"])
def test_read_manifest_that_is_no_object(folder, text):
    (folder / "snapshot.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(SnapshotError, match="is not a readable manifest"):
        read_manifest(folder)


def test_read_manifest_without_a_table(folder):
    edit_manifest(folder, lambda m: m.update(tables={}))
    with pytest.raises(SnapshotError, match="holds no table"):
        read_manifest(folder)


@pytest.mark.parametrize(
    "edit",
    [
        lambda m: m.update(tables=["cost"]),
        lambda m: m.update(notes=None),
        lambda m: m["tables"]["cost"].pop("file"),
        lambda m: m["tables"]["cost"].pop("sha256"),
        lambda m: m["tables"].update(cost="cost.csv"),
    ],
    ids=["tables is a list", "notes is null", "no file", "no hash", "entry is text"],
)
def test_read_snapshot_with_a_damaged_entry(folder, edit):
    edit_manifest(folder, edit)
    with pytest.raises(SnapshotError):
        read_snapshot(folder)


def test_read_snapshot_refuses_a_file_that_was_edited(folder):
    replace_text(folder / "estimate.csv", "16000", "15000")
    with pytest.raises(SnapshotError, match="estimate is not the file that was sealed") as caught:
        read_snapshot(folder)
    message = str(caught.value)
    assert caught.value.path == folder / "estimate.csv"
    assert "prism check DIR --seal" in message
    assert sha256(folder / "estimate.csv")[:12] in message
    assert manifest_of(folder)["tables"]["estimate"]["sha256"][:12] in message


def test_read_snapshot_refuses_line_ends_that_were_changed(folder):
    """git and editors do this unasked; the hash is of bytes, and the repository says so to git."""
    data = (folder / "estimate.csv").read_bytes()
    (folder / "estimate.csv").write_bytes(data.replace(b"\n", b"\r\n"))
    with pytest.raises(SnapshotError, match="not the file that was sealed"):
        read_snapshot(folder)


def test_read_snapshot_names_a_file_that_is_missing(folder):
    (folder / "cost.csv").unlink()
    with pytest.raises(SnapshotError, match=r"cost\.csv: the file of table cost is missing"):
        read_snapshot(folder)
    (problem,) = check_snapshot(folder)
    assert "cost.csv" in problem


@pytest.mark.parametrize("file", ["../outside.csv", "/etc/passwd", "..", ""])
def test_read_snapshot_never_leaves_its_folder(folder, file):
    shutil.copy(folder / "estimate.csv", folder.parent / "outside.csv")
    edit_manifest(folder, lambda m: m["tables"]["estimate"].update(file=file))
    with pytest.raises(SnapshotError, match="the file of table estimate is missing"):
        read_snapshot(folder)


def test_read_snapshot_refuses_a_table_it_does_not_know(folder):
    edit_manifest(folder, lambda m: m["tables"].update(budget=m["tables"]["cost"]))
    with pytest.raises(SnapshotError, match="unknown table budget") as caught:
        read_snapshot(folder)
    assert "expected: cost, cost_file, estimate" in str(caught.value)


def test_read_snapshot_refuses_a_second_currency(folder):
    replace_text(folder / "estimate.csv", "USD", "EUR")
    entry_hash = sha256(folder / "estimate.csv")
    edit_manifest(folder, lambda m: m["tables"]["estimate"].update(sha256=entry_hash))
    with pytest.raises(CurrencyError) as caught:
        read_snapshot(folder)
    assert caught.value.currencies == ["EUR", "USD"]
    assert str(folder) in str(caught.value)
    assert caught.value.exit_code == 2


def test_check_snapshot_says_when_no_charge_falls_in_the_period(folder):
    # The charge of 31 October lies outside November.
    edit_manifest(folder, lambda m: m.update(period="2025-11"))
    assert check_snapshot(folder) == ["cost: no charge falls in the period 2025-11"]


# --- seal ---------------------------------------------------------------------------------------


def test_seal_snapshot_accepts_an_intended_edit(folder):
    with (folder / "estimate.csv").open("a") as stream:
        stream.write("Support,1000,,,,USD,added by hand,\n")
    assert seal_snapshot(folder) == ["estimate"]
    snapshot = read_snapshot(folder)
    assert list(snapshot.tables["estimate"]["component"]) == ["C0", "C1", "Support"]
    assert manifest_of(folder)["tables"]["estimate"]["rows"] == 3
    assert snapshot.source_of("estimate") == "plan.xlsx, sheet 1"
    assert seal_snapshot(folder) == []


def test_seal_snapshot_without_an_edit_changes_no_byte(folder):
    before = bytes_of(folder)
    assert seal_snapshot(folder) == []
    assert bytes_of(folder) == before


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("16000", "sixteen", SourceError),
        ("16000", "NaN", SourceError),
        ("C1", "C0", SchemaError),
        ("component,", "part,", SourceError),
    ],
    ids=["no amount", "not a number", "key twice", "another column"],
)
def test_seal_snapshot_refuses_an_edit_that_is_no_table(folder, old, new, error):
    replace_text(folder / "estimate.csv", old, new)
    before = (folder / "snapshot.json").read_bytes()
    with pytest.raises(error):
        seal_snapshot(folder)
    assert (folder / "snapshot.json").read_bytes() == before
    with pytest.raises(SnapshotError, match="not the file that was sealed"):
        read_snapshot(folder)


def test_seal_snapshot_refuses_a_second_currency_and_renews_nothing(folder):
    replace_text(folder / "estimate.csv", "USD", "EUR")
    before = (folder / "snapshot.json").read_bytes()
    with pytest.raises(CurrencyError):
        seal_snapshot(folder)
    assert (folder / "snapshot.json").read_bytes() == before


def test_seal_snapshot_never_leaves_its_folder(folder):
    outside = folder.parent / "outside.csv"
    outside.write_text((folder / "estimate.csv").read_text().replace("16000", "1"))
    edit_manifest(folder, lambda m: m["tables"]["estimate"].update(file="../outside.csv"))
    before = (folder / "snapshot.json").read_bytes()
    with pytest.raises(SnapshotError):
        seal_snapshot(folder)
    assert (folder / "snapshot.json").read_bytes() == before


def test_seal_snapshot_refuses_what_a_check_finds_fault_with(folder):
    """Charges of October are none of November; the estimate is not sealed either."""
    edit_manifest(folder, lambda m: m.update(period="2025-11"))
    replace_text(folder / "estimate.csv", "16000", "17000")
    before = bytes_of(folder)
    with pytest.raises(SnapshotError, match=r"(?s)is not sealed.*no charge falls in the period"):
        seal_snapshot(folder)
    assert bytes_of(folder) == before


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (Dates("2025-11"), "period 2025-10, not 2025-11"),
        (Dates(as_of=date(2025, 11, 30)), "as_of .*, not 2025-11-30"),
    ],
)
def test_seal_snapshot_keeps_the_dates_of_charges(folder, dates, words):
    before = bytes_of(folder)
    with pytest.raises(SnapshotError, match=f"(?s)those of the charges.*{words}"):
        seal_snapshot(folder, dates)
    assert bytes_of(folder) == before
    assert seal_snapshot(folder, Dates("2025-10")) == []  # what it says already


# --- the sample ---------------------------------------------------------------------------------


def test_sample_is_sealed_and_offers_its_tables():
    snapshot = read_snapshot(paths.SAMPLE)
    assert check_snapshot(paths.SAMPLE) == []
    files = {p.name for p in paths.SAMPLE.iterdir()}
    assert files == {"snapshot.json", *snapshot.provenance["file"]}, "no file outside the manifest"
    for row in snapshot.provenance.to_dict("records"):
        assert len(snapshot.tables[row["table"]]) == row["rows"]
