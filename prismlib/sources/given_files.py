"""The snapshot of the files that a report is given: bills or an inventory, drills, benchmarks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from prismlib import paths
from prismlib.cli_options import Source
from prismlib.sources.benchmark_snapshot import snapshot_with_benchmarks
from prismlib.sources.bill_snapshot import snapshot_from_bills
from prismlib.sources.drill_snapshot import snapshot_from_drills
from prismlib.sources.inventory_snapshot import snapshot_with_inventory


def snapshot_from_files(source: Source, folder: Path, *, today: date) -> Path:
    """Return the snapshot of bills or an inventory, then with drills and benchmarks put into it.

    Parameters
    ----------
    source : Source
        What was given; at least one of them is.
    folder : Path
        An empty folder, for every snapshot on the way.
    today : date
        The day of what is known, where no bill says one.

    Raises
    ------
    PrismError
        A file cannot be read, or does not fit the others.
    """
    base = source.snapshot
    if source.inventory:
        base = snapshot_with_inventory(source.inventory, folder / "inventory", base=base)
    elif source.costs:
        base = snapshot_from_bills(
            *(source.costs, folder / "bills"),
            estimate=source.estimate,
            components=source.components,
        )
    if source.drill:
        base = snapshot_from_drills(source.drill, folder / "drills", today=today, base=base)
    if source.benchmarks:
        base = snapshot_with_benchmarks(
            *(source.benchmarks, folder / "benchmarks"),
            today=today,
            base=base or paths.SAMPLE,
        )
    assert base is not None
    return base
