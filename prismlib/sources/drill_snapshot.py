"""Make a snapshot of drill logs, or put drills into a snapshot that there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from prismlib.periods import Period
from prismlib.sources.drill_logs import read_drill_logs
from prismlib.sources.snapshot_replacing import write_replaced
from prismlib.sources.snapshots import (
    Description,
    Origin,
    read_snapshot,
    write_snapshot,
)

CURRENCY = "USD"
"""Of a snapshot that holds drills alone: nothing in it is money."""


def snapshot_from_drills(
    logs: Sequence[Path], path: Path, *, today: date, base: Path | None = None
) -> Path:
    """Write a snapshot with the drills of some logs; return its folder.

    With `base`, the drills take the place of those of that snapshot, and everything else stays as
    it is: its claims, such as targets, among it. An event after its day is refused. Without it,
    the day of the snapshot is that of the latest drill, so that a report of it does not depend on
    the clock; without a dated drill it is `today`.

    Parameters
    ----------
    logs : sequence of Path
        Files, see `prismlib.sources.drill_logs.read_drill_logs`.
    path : Path
        The folder to write.
    today : date
        No event can be after it.
    base : Path, optional
        Folder of a snapshot.
    """
    known = None if base is None else read_snapshot(base)
    read = read_drill_logs(logs, as_of=today if known is None else known.as_of)
    names = ", ".join(dict.fromkeys(log.name for log in logs))
    origin = Origin(source=f"drill logs: {names}")
    drills = {"drill": (read.drill, origin), "drill_event": (read.drill_event, origin)}
    notes = [f"Drills read from {names}.", *read.notes]
    if base is None or known is None:
        day = max((d for d in read.drill["drill_date"] if d is not None), default=today)
        return write_snapshot(path, _alone(names, day, notes), drills)
    return write_replaced(base, path, drills, notes=notes, known=known)


def _alone(names: str, day: date, notes: Sequence[str]) -> Description:
    return Description(
        name="drill",
        title=f"Drills of {names}",
        period=str(Period.month_of(day)),
        as_of=day,
        billing_currency=CURRENCY,
        notes=notes,
    )
