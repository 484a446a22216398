"""Drill logs as a snapshot of their own, and in one that there is."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from prismlib import paths
from prismlib.errors import SourceError
from prismlib.sources.drill_snapshot import snapshot_from_drills
from prismlib.sources.snapshots import Description, Origin, read_snapshot, write_snapshot
from prismlib.tables import records

TODAY = date(2025, 11, 20)
LOG = """drill_id,drill_date,step,start,end,excluded
nov-14,2025-11-14,Load cache,T+3:00,T+5:30..T+6:00,no
nov-14,2025-11-14,Route traffic,T+6:00,T+8:00,no
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "drill.csv"
    path.write_text(LOG, encoding="utf-8")
    return path


def test_a_log_alone_is_a_snapshot_of_its_day(log, tmp_path):
    snapshot = read_snapshot(snapshot_from_drills([log], tmp_path / "made", today=TODAY))
    assert (snapshot.as_of, str(snapshot.period)) == (date(2025, 11, 14), "2025-11")
    assert set(snapshot.tables) == {"drill", "drill_event"}
    load, route = records(snapshot.tables["drill_event"])
    assert (load["end_low_s"], load["end_high_s"]) == (330, 360)
    assert (route["start_low_s"], route["end_high_s"]) == (360, Decimal(480))
    assert snapshot.source_of("drill_event") == "drill logs: drill.csv"


def test_without_a_day_it_is_that_of_today(log, tmp_path):
    log.write_text("step,start,end\nLoad cache,T+0:00,T+6:00\n", encoding="utf-8")
    snapshot = read_snapshot(snapshot_from_drills([log], tmp_path / "made", today=TODAY))
    assert snapshot.as_of == TODAY


def test_with_a_base_only_the_drills_are_replaced(log, tmp_path):
    made = snapshot_from_drills([log], tmp_path / "made", today=TODAY, base=paths.SAMPLE)
    snapshot, sample = read_snapshot(made), read_snapshot(paths.SAMPLE)
    assert [row["drill_id"] for row in records(snapshot.tables["drill"])] == ["nov-14"]
    assert set(snapshot.tables) == set(sample.tables)
    assert records(snapshot.tables["claim"]) == records(sample.tables["claim"])
    assert snapshot.as_of == sample.as_of
    assert snapshot.is_synthetic_table("cost")
    assert set(sample.notes) < set(snapshot.notes)


def test_an_event_after_the_day_is_refused(log, tmp_path):
    log.write_text(LOG.replace("2025-11-14", "2025-11-21"), encoding="utf-8")
    with pytest.raises(SourceError):
        snapshot_from_drills([log], tmp_path / "made", today=TODAY)
    assert not (tmp_path / "made").exists()


@pytest.fixture
def costs(tmp_path: Path):
    """Return a function that writes a snapshot of October as it stood on a day."""

    def write(as_of: date) -> Path:
        sample = read_snapshot(paths.SAMPLE)
        described = Description("small", "Small", "2025-10", as_of, "USD", [])
        tables = {"cost": (sample.tables["cost"], Origin(source="made for a test"))}
        return write_snapshot(tmp_path / "costs", described, tables)

    return write


def test_a_drill_after_a_month_that_is_over_moves_the_day_on(log, tmp_path, costs):
    base = costs(date(2025, 11, 1))
    snapshot = read_snapshot(snapshot_from_drills([log], tmp_path / "made", today=TODAY, base=base))
    assert (snapshot.as_of, str(snapshot.period)) == (date(2025, 11, 14), "2025-10")
    assert any("Looked at as of 2025-11-14" in note for note in snapshot.notes)


def test_a_drill_after_the_day_of_an_open_month_is_refused(log, tmp_path, costs):
    base = costs(date(2025, 10, 20))
    with pytest.raises(SourceError, match="whose month is not over"):
        snapshot_from_drills([log], tmp_path / "made", today=TODAY, base=base)
