"""A snapshot: the folder of tables that notebooks read, and nothing else.

``snapshot.json`` says for each table its file, rows, hash, where it came from, when it was fetched
and whether it is still estimated or synthetic. A file that does not match its hash is refused, so a
report can be rendered again, bit for bit, years later; an intended edit is accepted by `seal`.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from prismlib.currencies import currencies_of
from prismlib.errors import CurrencyError, SnapshotError
from prismlib.money import exact_sum
from prismlib.periods import Period
from prismlib.publish import publication
from prismlib.snapshot_tables import SNAPSHOT_TABLES
from prismlib.sources.csv_tables import read_table, write_table
from prismlib.sources.snapshot_folder import (
    FORMAT,
    MANIFEST,
    added_files,
    check_place,
    read_manifest,
    refuse_unlisted,
)
from prismlib.sources.used_tables import UsedTables
from prismlib.tables import COST_METRICS, records

PARQUET_FROM_ROWS = 20_000
"""Tables with more rows are written as Parquet; smaller ones as CSV, which a person can edit."""


PULLED_HASH = "cost_sha256"
"""Where a pull keeps the hash of the charges as they came; sealing does not renew it."""

PROVENANCE = (
    "table",
    "file",
    "rows",
    "source",
    "is_synthetic",
    "fetched_at",
    "is_estimated",
    "sha256",
)
"""What is known of each table, as columns of `Snapshot.provenance`."""


@dataclass(frozen=True)
class Snapshot:
    """The tables of a snapshot and what is known of each.

    `tables` maps the names of `prismlib.snapshot_tables.SNAPSHOT_TABLES` to frames; `provenance`
    has one row for each with the columns table, file, rows, source, is_synthetic, fetched_at,
    is_estimated and sha256.
    """

    name: str
    title: str
    period: Period
    as_of: date
    billing_currency: str
    notes: list[str]
    tables: UsedTables
    provenance: pd.DataFrame
    path: Path = field(compare=False)
    unknown: tuple[Mapping[str, str], ...] = ()
    pull: Mapping[str, Any] = field(default_factory=dict)

    @property
    def used(self) -> pd.DataFrame:
        """Return what is known of the tables that were looked up since the snapshot was read."""
        is_used = self.provenance["table"].isin(self.tables.used)
        return self.provenance[is_used].reset_index(drop=True)

    @property
    def is_synthetic(self) -> bool:
        """Return whether any table holds generated data."""
        return bool(self.provenance["is_synthetic"].any())

    def has(self, name: str) -> bool:
        """Return whether the snapshot carries the table `name`."""
        return name in self.tables

    def is_synthetic_table(self, name: str) -> bool:
        """Return whether the table `name` holds generated data."""
        rows = self.provenance[self.provenance["table"] == name]
        return bool(rows["is_synthetic"].any())

    def source_of(self, name: str) -> str:
        """Return where the table `name` came from, in words."""
        rows = self.provenance[self.provenance["table"] == name]
        return "" if rows.empty else str(rows["source"].iloc[0])


@dataclass(frozen=True)
class Origin:
    """Where a table came from: in words, and how far it can be trusted."""

    source: str
    is_synthetic: bool = False
    is_estimated: bool = False
    fetched_at: str | None = None


def read_snapshot(path: Path) -> Snapshot:
    """Return the snapshot in the folder `path`, every table checked against its hash and schema.

    Raises
    ------
    SnapshotError
        There is no snapshot, its manifest is unreadable, a file differs from its hash, or one is
        named as a table that the manifest does not list.
    SourceError, SchemaError, CurrencyError
        A table is not what its name says, or the tables are in different currencies.
    """
    snapshot = read_listed(path)
    refuse_unlisted(path, files_of(snapshot))
    return snapshot


def read_listed(path: Path, *, with_added: bool = False) -> Snapshot:
    """Return the snapshot in the folder `path`, whatever else lies there.

    Parameters
    ----------
    path : Path
    with_added : bool
        Also read the tables that a person put there and that were not sealed yet.
    """
    manifest = read_manifest(path)
    for name, entry in manifest["tables"].items():
        file = _table_file(path, name, entry)
        if (seen := sha256(file)) != entry["sha256"]:
            raise SnapshotError(
                f"table {name} is not the file that was sealed",
                path=file,
                seen=f"sha256 {seen[:12]}…",
                expected=f"sha256 {entry['sha256'][:12]}…",
                remedy="restore the file, or accept an intended edit with: prism check DIR --seal",
            )
    if with_added:
        take_in(path, manifest)
    return load(path, manifest, read_tables(path, manifest))


def files_of(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    """Return the tables and their files, as entries of a manifest."""
    return {str(row["table"]): {"file": row["file"]} for row in records(snapshot.provenance)}


def take_in(path: Path, manifest: Mapping[str, Any]) -> None:
    """Add entries for the tables that a person put into the folder; their hash is still empty."""
    for name, file in added_files(path, manifest["tables"]).items():
        origin = vars(Origin("written by hand"))
        manifest["tables"][name] = {"file": file.name, "rows": 0, **origin, "sha256": ""}


def read_tables(path: Path, manifest: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """Return the tables that a manifest lists, whatever its hashes say."""
    return {
        name: read_table(_table_file(path, name, entry), SNAPSHOT_TABLES[name])
        for name, entry in manifest["tables"].items()
    }


def load(path: Path, manifest: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Snapshot:
    """Return the snapshot that a manifest describes; raise CurrencyError for a second currency."""
    rows = [
        {"table": name, **entry, "rows": len(tables[name])}
        for name, entry in manifest["tables"].items()
    ]
    snapshot = Snapshot(
        name=manifest["name"],
        title=manifest["title"],
        period=Period.month(manifest["period"]),
        as_of=date.fromisoformat(manifest["as_of"]),
        billing_currency=manifest["billing_currency"],
        notes=list(manifest["notes"]),
        tables=UsedTables(tables),
        provenance=pd.DataFrame(rows, columns=PROVENANCE),
        path=path,
        unknown=tuple(manifest.get("unknown", ())),
        pull=manifest.get("pull", {}),
    )
    _one_currency(snapshot)
    return snapshot


def _table_file(path: Path, name: str, entry: Mapping[str, Any]) -> Path:
    """Return the file of a table; one outside the folder is refused."""
    if name not in SNAPSHOT_TABLES:
        raise SnapshotError(
            f"unknown table {name}", path=path / MANIFEST, expected=", ".join(SNAPSHOT_TABLES)
        )
    file = path / str(entry["file"])
    if file.name != entry["file"] or not file.is_file():
        raise SnapshotError(
            f"the file of table {name} is missing",
            path=file,
            expected="a file in this folder",
            remedy=f"restore the file, or take {name} out of the tables in {MANIFEST}",
        )
    return file


def _one_currency(snapshot: Snapshot) -> None:
    files, known = files_of(snapshot), snapshot.billing_currency
    places = [(MANIFEST, known)]
    for name, frame in snapshot.tables.items():
        places += [(files[name]["file"], one) for one in sorted(currencies_of(frame) - {known})]
    if len(places) > 1:
        words = "; ".join(f"{file}: {currency or 'none'}" for file, currency in places)
        found = sorted({currency for _, currency in places})
        raise CurrencyError("snapshot", found, where=f"{snapshot.path}; {words}")


def untied(snapshot: Snapshot) -> list[str]:
    """Return the cost metrics that do not add up to the totals of the files they came from."""
    if not (snapshot.has("cost") and snapshot.has("cost_file")):
        return []
    cost, files = snapshot.tables["cost"], snapshot.tables["cost_file"]
    problems = []
    for metric in COST_METRICS:
        of_files = files[files["cost_metric"] == metric]["table_total"]
        total, expected = exact_sum(cost[metric].dropna()), exact_sum(of_files)
        if len(of_files) and total != expected:
            problems.append(f"cost: {metric} adds up to {total}, cost_file says {expected}")
    return problems


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True)
class Description:
    """What a snapshot is, apart from its tables; `period` is a month such as 2025-10.

    `unknown` and `pull` are there for what `prism pull` made, `engine` (what summed the charges,
    with its version) and `queries` (what they read and cost) for what line items made.
    """

    name: str
    title: str
    period: str
    as_of: date
    billing_currency: str
    notes: Sequence[str] = ()
    unknown: Sequence[Mapping[str, str]] = ()
    pull: Mapping[str, Any] | None = None
    engine: str = ""
    queries: Mapping[str, Any] | None = None


def tables_of(snapshot: Snapshot) -> dict[str, tuple[pd.DataFrame, Origin]]:
    """Return the tables of a snapshot with where each came from, as `write_snapshot` takes them."""
    rows = {row["table"]: row for row in records(snapshot.provenance)}
    return {
        name: (
            frame,
            Origin(
                source=rows[name]["source"],
                is_synthetic=bool(rows[name]["is_synthetic"]),
                is_estimated=bool(rows[name]["is_estimated"]),
                fetched_at=rows[name]["fetched_at"] or None,
            ),
        )
        for name, frame in snapshot.tables.items()
    }


def write_snapshot(
    path: Path,
    description: Description,
    tables: Mapping[str, tuple[pd.DataFrame, Origin]],
) -> Path:
    """Write a snapshot folder whole, replacing an earlier one only when it is complete."""
    check_place(path, tables)
    with publication(path) as work:
        entries = {}
        for name, (frame, origin) in tables.items():
            suffix = "parquet" if len(frame) > PARQUET_FROM_ROWS else "csv"
            file = work / f"{name}.{suffix}"
            write_table(frame, file, SNAPSHOT_TABLES[name])
            entries[name] = {"file": file.name, "rows": len(frame), **vars(origin)}
            entries[name]["sha256"] = sha256(file)
        said = {
            k: v
            for k, v in vars(description).items()
            if v or k not in ("unknown", "pull", "engine", "queries")
        }
        manifest = {
            "format": FORMAT,
            **said,
            "as_of": description.as_of.isoformat(),
            "notes": list(description.notes),
            "tables": entries,
        }
        if description.pull and "cost" in entries:
            # A snapshot that is only added to keeps the hash of the charges as they came.
            manifest["pull"] = {PULLED_HASH: entries["cost"]["sha256"], **description.pull}
        write_manifest(work, manifest)
        read_snapshot(work)
    return path


def write_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    """Write ``snapshot.json`` into the folder `path`."""
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    new = path / f".{MANIFEST}.new"
    try:  # whole or not at all: a full disk must not take the old one
        new.write_text(text, encoding="utf-8")
        os.replace(new, path / MANIFEST)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
