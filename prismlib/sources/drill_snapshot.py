"""Make a snapshot of drill logs, or put drills into a snapshot that there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from prismlib.errors import SourceError
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
    it is: its claims, such as targets, among it. Its day moves on to that of a later drill, and a
    note says so; with costs of a month that was not over a later drill is refused, since the rest
    of that month would seem to cost nothing. Without a base the day of the snapshot is that of the
    latest drill, so that a report of it does not depend on the clock; without a dated drill it is
    `today`.

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
    read = read_drill_logs(logs, as_of=today)
    names = ", ".join(dict.fromkeys(log.name for log in logs))
    origin = Origin(source=f"drill logs: {names}")
    drills = {"drill": (read.drill, origin), "drill_event": (read.drill_event, origin)}
    notes = [f"Drills read from {names}.", *read.notes]
    latest = max((d for d in read.drill["drill_date"] if d is not None), default=None)
    if base is None or known is None:
        return write_snapshot(path, _alone(names, latest or today, notes), drills)
    as_of = max(known.as_of, latest or known.as_of)
    if "cost" in known.tables and known.as_of < min(as_of, known.period.end):
        raise SourceError(
            "a drill lies after the day of the costs, whose month is not over",
            path=logs[0],
            seen=f"a drill of {as_of}, costs of {known.period} as they stood on {known.as_of}",
            expected="the costs of a whole month, or no drill after their day",
            remedy="give the bill of the whole month, or the drill logs alone",
        )
    if as_of > known.as_of:
        notes.append(f"Looked at as of {as_of}, the day of a drill; without it {known.as_of}.")
    return write_replaced(base, path, drills, notes=notes, known=known, as_of=as_of)


def _alone(names: str, day: date, notes: Sequence[str]) -> Description:
    return Description(
        name="drill",
        title=f"Drills of {names}",
        period=str(Period.month_of(day)),
        as_of=day,
        billing_currency=CURRENCY,
        notes=notes,
    )
