"""Benchmark files put into a snapshot."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from prismlib import paths
from prismlib.errors import SourceError
from prismlib.sources.benchmark_snapshot import snapshot_with_benchmarks
from prismlib.sources.snapshots import read_snapshot

TODAY = date(2025, 11, 20)


def made(folder: Path, day: str) -> Path:
    given = folder / "files"
    given.mkdir()
    (given / "hot.csv").write_text("value_ms\n0.5\n0.6\n")
    (given / "runs.csv").write_text(
        f"file_name,service_tier,observed_at\nhot.csv,hot,{day}T00:00:00Z\n"
    )
    return snapshot_with_benchmarks([given], folder / "made", today=TODAY, base=paths.SAMPLE)


def test_runs_take_the_place_of_those_of_the_sample(tmp_path: Path) -> None:
    read = read_snapshot(made(tmp_path, "2025-11-21"))  # tomorrow: already today further east
    assert list(read.tables["benchmark_run"]["file_name"]) == ["hot.csv"]
    assert read.as_of == read_snapshot(paths.SAMPLE).as_of


def test_a_run_dated_in_the_future_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"(?s)dated in the future.*2099-01-01.*2025-11-20"):
        made(tmp_path, "2099-01-01")
