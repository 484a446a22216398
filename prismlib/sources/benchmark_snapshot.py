"""Put benchmark files into a snapshot that there is, so that its report can be rendered again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from prismlib.sources.benchmark_files import read_benchmarks
from prismlib.sources.snapshot_replacing import write_replaced
from prismlib.sources.snapshots import Origin


def snapshot_with_benchmarks(paths: Sequence[Path], folder: Path, *, base: Path) -> Path:
    """Write the snapshot `base` with benchmarks in the place of its own; return its folder.

    Everything else stays as it is: its objectives and claims, and its day, among it.

    Parameters
    ----------
    paths : sequence of Path
        Files and folders, see `prismlib.sources.benchmark_files.read_benchmarks`.
    folder : Path
        The folder to write.
    base : Path
        Folder of a snapshot.
    """
    read = read_benchmarks(paths)
    names = ", ".join(dict.fromkeys(path.resolve().name for path in paths))
    origin = Origin(source=f"benchmark files: {names}")
    tables = {name: (frame, origin) for name, frame in read.tables.items()}
    notes = [f"Benchmarks read from {names}.", *read.notes]
    return write_replaced(base, folder, tables, notes=notes)
