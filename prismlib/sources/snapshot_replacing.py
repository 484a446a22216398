"""A snapshot with some of its tables replaced, everything else as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd

from prismlib.sources.snapshot_folder import read_manifest
from prismlib.sources.snapshots import (
    Description,
    Origin,
    Snapshot,
    read_snapshot,
    write_snapshot,
)


def write_replaced(
    base: Path,
    path: Path,
    tables: Mapping[str, tuple[pd.DataFrame, Origin]],
    *,
    notes: Sequence[str],
    known: Snapshot | None = None,
    as_of: date | None = None,
) -> Path:
    """Write the snapshot `base` with other tables and more notes to `path`; return it.

    Parameters
    ----------
    base, path : Path
        Folder of the snapshot, and of the new one.
    tables : mapping
        Name of each table that is replaced or added -> its frame, and where that came from.
    notes : sequence of str
        What a reader must know, after the notes of `base`.
    known : Snapshot, optional
        `base`, where it has been read already.
    as_of : date, optional
        Day of the new snapshot; that of `base` unless given.
    """
    before = read_snapshot(base) if known is None else known
    manifest = read_manifest(base)
    kept = {
        name: (frame, _origin(manifest["tables"][name]))
        for name, frame in before.tables.items()
        if name not in tables
    }
    description = Description(
        name=manifest["name"],
        title=manifest["title"],
        period=manifest["period"],
        as_of=as_of or before.as_of,
        billing_currency=manifest["billing_currency"],
        notes=[*manifest.get("notes", []), *notes],
        unknown=manifest.get("unknown", ()),
        pull=manifest.get("pull"),
    )
    return write_snapshot(path, description, {**kept, **tables})


def _origin(entry: dict[str, object]) -> Origin:
    fetched = entry.get("fetched_at")
    return Origin(
        source=str(entry["source"]),
        is_synthetic=bool(entry.get("is_synthetic")),
        is_estimated=bool(entry.get("is_estimated")),
        fetched_at=None if fetched is None else str(fetched),
    )
