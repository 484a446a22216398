"""Put benchmark files into a snapshot that there is, so that its report can be rendered again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from prismlib.errors import SourceError
from prismlib.sources.benchmark_files import read_benchmarks
from prismlib.sources.snapshot_replacing import write_replaced
from prismlib.sources.snapshots import Origin


def snapshot_with_benchmarks(
    paths: Sequence[Path], folder: Path, *, today: date, base: Path
) -> Path:
    """Write the snapshot `base` with benchmarks in the place of its own; return its folder.

    Everything else stays as it is: its objectives and claims, and its day, among it.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders, see `prismlib.sources.benchmark_files.read_benchmarks`.
    folder : Path
        The folder to write.
    today : date
        In UTC. No run can be later; a day of slack is left for clocks in other zones.
    base : Path
        Folder of a snapshot.

    Raises
    ------
    SourceError
        Nothing can be read, or a run is dated in the future.
    """
    read = read_benchmarks(paths)
    _refuse_future(read.benchmark_run, today)
    names = ", ".join(dict.fromkeys(path.resolve().name for path in paths))
    origin = Origin(source=f"benchmark files: {names}")
    tables = {name: (frame, origin) for name, frame in read.tables.items()}
    notes = [f"Benchmarks read from {names}.", *read.notes]
    return write_replaced(base, folder, tables, notes=notes)


def _refuse_future(runs: pd.DataFrame, today: date) -> None:
    for file_name, at in zip(runs["file_name"], runs["observed_at"], strict=True):
        if not pd.isna(at) and at.date() > today + timedelta(days=1):
            raise SourceError(
                "a benchmark is dated in the future",
                path=Path(file_name),
                seen=f"{at:%Y-%m-%d}",
                expected=f"a day up to {today}",
                remedy="correct the day: in runs.csv, the file name or the clock of its machine",
            )
