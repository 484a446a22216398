"""The command line on recovery: a log by hand, several drills, the sample, no drill at all."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dr_examples import AS_OF

from prismlib import cli, paths
from prismlib.sources.snapshots import Description, Origin, read_snapshot, write_snapshot

LOG = """drill_id,drill_date,step,start,end,depends_on,phase,excluded
{id},{day},Service out,T-10:00,T-10:00,,interruption,no
{id},{day},Noticed,T-10:00,T-4:00,,detect,no
{id},{day},Decided,T-4:00,T+0:00,,decide,no
{id},{day},Promote database,T+0:00,T+1:30,,restore,no
{id},{day},Load cache,T+1:30,T+5:30..T+6:30,,restore,no
{id},{day},Route traffic,T+6:30,T+7:00,Promote database|Load cache,restore,no
{id},{day},Back at objective,T+7:00,T+9:00,,validate,no
"""


@pytest.fixture
def prism(monkeypatch: pytest.MonkeyPatch):
    """Return a function that runs the command and gives its exit status."""

    def run(*arguments: str | Path) -> int:
        monkeypatch.setattr(sys, "argv", ["prism", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return int(ended.value.code or 0)

    return run


def report_of(out: Path) -> tuple[dict[str, dict], str]:
    """Return the findings and the page of the only report of a folder."""
    (folder,) = out.iterdir()
    found = json.loads((folder / "findings.json").read_text("utf-8"))
    return {f["id"]: f for f in found}, (folder / "dr_timeline.html").read_text("utf-8")


def log_of(path: Path, *days: str) -> Path:
    """Write a log with a drill on each of the days."""
    head, *steps = LOG.splitlines(keepends=True)
    body = ["".join(steps).format(id=f"drill-{day}", day=day) for day in days]
    path.write_text(head + "".join(body), "utf-8")
    return path


def test_a_log_by_hand_is_a_report_of_recovery(prism, tmp_path):
    """From -10:00 to +7:00 are 17:00; health is back at +9:00. Load 4:00 to 5:00, middle 4:30:
    side by side load 4:30 and traffic 0:30 are 5:00, with 3:00 of slack for the promotion."""
    log = log_of(tmp_path / "drill.csv", "2025-11-14")
    bounds = ["-p", "target_minutes=8", "-p", "limit_minutes=20"]
    assert prism("report", "--drill", log, *bounds, "--out", tmp_path / "out") == 0
    found, page = report_of(tmp_path / "out")
    assert (found["dr.recovery"]["value"], found["dr.recovery"]["verdict"]) == (420, "holds")
    assert found["dr.rto_from_interruption"]["value"] == 17 * 60
    assert (found["dr.recovered"]["value"], found["dr.recovered"]["verdict"]) == (
        540,
        "contradicts",
    )
    assert found["dr.critical_path"]["value"] == 300
    assert found["dr.admissible"]["verdict"] == "unknown"
    assert "Promote database (3:00 min)" in page
    (week,) = (tmp_path / "out").iterdir()
    assert week.name == "2025-W46"  # of the drill, not of today
    assert (week / "snapshot" / "drill_event.csv").is_file()


def test_several_drills_are_counted_and_the_latest_is_judged(prism, tmp_path):
    days = [f"2025-{month:02d}-14" for month in (7, 8, 9, 10, 11)]
    log = log_of(tmp_path / "drills.csv", *days)
    options = ["--only", "dr_timeline", "-p", "target_minutes=8"]
    assert prism("report", "--drill", log, *options, "--out", tmp_path / "out") == 0
    found, page = report_of(tmp_path / "out")
    assert "in 5 drills" in found["dr.target_margin"]["statement"]
    assert "Judged is the failover of 14 Nov 2025" in page
    for day in days:
        assert f"drill-{day}" in page


def test_the_drills_of_a_log_stand_in_a_snapshot_for_those_it_had(prism, tmp_path):
    """The target of the sample, 8 minutes, stays; its drill does not."""
    log = log_of(tmp_path / "drill.csv", "2025-11-14")
    source = ["--snapshot", paths.SAMPLE, "--drill", log, "--only", "dr_timeline"]
    assert prism("report", *source, "--out", tmp_path / "out") == 0
    found, page = report_of(tmp_path / "out")
    assert found["dr.recovery"]["expected"] == 480
    assert "Copy of snapshots" not in page


def test_a_snapshot_without_a_drill_is_unknown_and_no_pass(prism, tmp_path):
    sample = read_snapshot(paths.SAMPLE)
    origin = Origin(source="made for a test")
    description = Description("small", "Small", "2025-10", AS_OF, "USD", [])
    tables = {"estimate": (sample.tables["estimate"], origin)}
    snapshot = write_snapshot(tmp_path / "small", description, tables)
    source = ["--snapshot", snapshot, "--only", "dr_timeline"]
    assert prism("report", *source, "--out", tmp_path / "out") == 0
    found, page = report_of(tmp_path / "out")
    assert {f["verdict"] for f in found.values()} == {"unknown"}
    assert "Nothing shows that recovery works" in page


def test_a_drill_that_is_not_there_publishes_nothing(prism, tmp_path, capsys):
    options = ["--only", "dr_timeline", "-p", "drill=other"]
    assert prism("report", *options, "--out", tmp_path / "out") != 0
    assert "failover, failback" in capsys.readouterr().err
    assert not list((tmp_path / "out").rglob("*.html"))


def test_a_bill_and_a_drill_stand_side_by_side(prism, tmp_path):
    """The bill is of 1 October, and so is the drill; both pages are there, and the money ties."""
    bill = paths.ROOT / "tests" / "data" / "bills" / "focus_1_2.csv"
    log = log_of(tmp_path / "drill.csv", "2025-10-01")
    assert prism("report", "--costs", bill, "--drill", log, "--out", tmp_path / "out") == 0
    found, page = report_of(tmp_path / "out")
    assert found["dr.recovery"]["value"] == 420
    assert [f for f in found.values() if f["notebook"] == "cost_variance"]
    assert "Judged is the failover of 1 Oct 2025" in page


def test_a_drill_after_an_open_bill_says_what_to_do(prism, tmp_path, capsys):
    bill = paths.ROOT / "tests" / "data" / "bills" / "focus_1_2.csv"
    log = log_of(tmp_path / "drill.csv", "2025-11-14")
    assert prism("report", "--costs", bill, "--drill", log, "--out", tmp_path / "out") == 2
    assert "give the bill of the whole month" in capsys.readouterr().err


def test_an_inventory_and_a_drill_stand_side_by_side(prism, tmp_path):
    stored = {
        "bucket": ["data"],
        "key": ["partitions/1"],
        "size": [1_000_000],
        "storage_class": ["STANDARD"],
        "last_modified_date": [datetime(2025, 10, 1, tzinfo=UTC)],
    }
    pq.write_table(pa.table(stored), tmp_path / "part.parquet")
    log = log_of(tmp_path / "drill.csv", "2025-11-14")
    source = ["--inventory", tmp_path / "part.parquet", "--drill", log]
    notebooks = ["--only", "dr_timeline", "lifecycle_savings"]
    assert prism("report", *source, *notebooks, "--out", tmp_path / "out") == 0
    found, page = report_of(tmp_path / "out")
    assert found["dr.recovery"]["value"] == 420
    assert [f for f in found.values() if f["notebook"] == "lifecycle_savings"]
    assert "Looked at as of 2025-11-14" in page
