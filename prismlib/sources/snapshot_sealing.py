"""Sealing: an intended edit of a snapshot is accepted, and tables that people wrote become one.

Everything is read and judged first. What is refused raises, and then nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from prismlib.currencies import currencies_of
from prismlib.errors import ParameterError, SnapshotError
from prismlib.periods import Period
from prismlib.sources.snapshot_checks import Judge, content, problems_of
from prismlib.sources.snapshot_folder import (
    FORMAT,
    MANIFEST,
    read_manifest,
    refuse_unlisted,
    refuse_without_tables,
    unlisted_tables,
)
from prismlib.sources.snapshots import (
    Snapshot,
    load,
    read_tables,
    sha256,
    take_in,
    untied,
    write_manifest,
)

CURRENCY = "USD"
"""That of tables in which no amount names one."""


@dataclass(frozen=True)
class Dates:
    """What tables that people wrote do not say: the month they are about, and the day."""

    month: str = ""
    as_of: date | None = None

    @property
    def cells(self) -> dict[str, str]:
        """Return what is given, by its key in the manifest."""
        told = {"period": self.month, "as_of": str(self.as_of or "")}
        return {key: value for key, value in told.items() if value}

    @classmethod
    def of(cls, month: str, as_of: str) -> Dates:
        """Return what options say; raises ParameterError for a month or day that is none."""
        try:
            period = str(Period.month(month)) if month else ""
        except ParameterError as error:
            raise ParameterError("--month", month, expected=error.expected) from None
        try:
            return cls(period, date.fromisoformat(as_of) if as_of else None)
        except ValueError:
            raise ParameterError("--as-of", as_of, expected="a day such as 2025-11-16") from None


def seal_snapshot(path: Path, dates: Dates = Dates(), *, judge: Judge = content) -> list[str]:
    """Renew the hashes and row counts after an intended edit; return the tables that changed.

    Tables that a person put into the folder are taken in; where there is no manifest yet, one is
    made for them.

    Parameters
    ----------
    path : Path
        Folder of the snapshot.
    dates : Dates, optional
        Month and day of a new snapshot, or others for one without charges.
    judge : callable, optional
        Raises for tables whose words mean nothing.

    Raises
    ------
    SnapshotError
        A file would not be read, charges no longer add up to the totals of their files, or
        `check_snapshot` would find fault.
    SourceError, SchemaError, CurrencyError
        A table is not valid.
    """
    manifest = _manifest(path, dates)
    take_in(path, manifest)
    refuse_unlisted(path, manifest["tables"])
    if not manifest["tables"]:
        refuse_without_tables(path)
    tables = read_tables(path, manifest)
    manifest["billing_currency"] = manifest["billing_currency"] or _currency(tables)
    snapshot = load(path, manifest, tables)
    changed = _renew(path, manifest, snapshot)
    judge(tables)
    _refuse(path, changed, snapshot)
    write_manifest(path, manifest)
    return changed


def _manifest(path: Path, dates: Dates) -> dict[str, Any]:
    """Return the manifest of a folder with its new dates, or one that is made for its tables."""
    if not (path / MANIFEST).is_file() and path.is_dir() and unlisted_tables(path, {}):
        return _new(path, dates)
    manifest = read_manifest(path, may_be_empty=True)
    moved = {key: new for key, new in dates.cells.items() if manifest[key] != new}
    if moved and "cost" in manifest["tables"]:
        raise SnapshotError(
            "month and day of a snapshot with charges are those of the charges",
            path=path / MANIFEST,
            seen=", ".join(f"{key} {manifest[key]}, not {new}" for key, new in moved.items()),
            remedy="leave --month and --as-of out, or read the bill (or pull the month) again",
        )
    return manifest | moved


def _new(path: Path, dates: Dates) -> dict[str, Any]:
    name = path.resolve().name or "snapshot"
    told = {"format": FORMAT, "name": name, "title": name, **dates.cells}
    rest: dict[str, Any] = {"billing_currency": "", "notes": [], "tables": {}}
    manifest = {**told, **rest}
    take_in(path, manifest)
    refuse_unlisted(path, manifest["tables"])
    options = {"period": "--month 2025-11", "as_of": "--as-of 2025-11-16"}
    if missing := [option for key, option in options.items() if key not in manifest]:
        files = (str(entry["file"]) for entry in manifest["tables"].values())
        raise SnapshotError(
            f"no {MANIFEST} here yet, and the tables do not say the month or the day they are of",
            path=path,
            seen=", ".join(files),
            expected=f"{' and '.join(missing)}, with your own dates",
            remedy=f"prism check DIR --seal {' '.join(options.values())}",
        )
    return manifest


def _currency(tables: Mapping[str, pd.DataFrame]) -> str:
    found = {one for frame in tables.values() for one in currencies_of(frame) if one}
    return min(found, default=CURRENCY)


def _renew(path: Path, manifest: Mapping[str, Any], snapshot: Snapshot) -> list[str]:
    """Renew the entries of tables whose file is another one; return the tables."""
    changed = []
    for name, entry in manifest["tables"].items():
        seen = sha256(path / entry["file"])
        if seen != entry["sha256"]:
            changed.append(name)
            entry.update(rows=len(dict(snapshot.tables)[name]), sha256=seen)
    return changed


def _refuse(path: Path, changed: list[str], snapshot: Snapshot) -> None:
    """Raise for charges that do not add up, and for what a check finds fault with."""
    if {"cost", "cost_file"}.intersection(changed) and (problems := untied(snapshot)):
        raise SnapshotError(
            "the charges no longer add up to what was read, so they are not sealed",
            path=path,
            seen="; ".join(problems),
            remedy="restore the table, or read the bill (or pull the month) again",
        )
    if problems := problems_of(snapshot):
        raise SnapshotError("is not sealed", path=path, seen="; ".join(problems))
