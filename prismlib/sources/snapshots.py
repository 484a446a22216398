"""A snapshot: the folder of tables that notebooks read, and nothing else.

``snapshot.json`` says for each table its file, rows, hash, where it came from, when it was fetched
and whether it is still estimated or synthetic. A file that does not match its hash is refused, so a
report can be rendered again, bit for bit, years later; an intended edit is accepted by `seal`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from prismlib.errors import CurrencyError, SnapshotError
from prismlib.periods import Period
from prismlib.publish import publication
from prismlib.snapshot_tables import SNAPSHOT_TABLES
from prismlib.sources.csv_tables import read_table, write_table

MANIFEST = "snapshot.json"
FORMAT = "prism-snapshot/1"
PARQUET_FROM_ROWS = 20_000
"""Tables with more rows are written as Parquet; smaller ones as CSV, which a person can edit."""


KEYS = {"format", "name", "title", "period", "as_of", "billing_currency", "tables"}
"""What the manifest must have."""

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
    tables: dict[str, pd.DataFrame]
    provenance: pd.DataFrame
    path: Path = field(compare=False)
    unknown: tuple[Mapping[str, str], ...] = ()
    pull: Mapping[str, Any] = field(default_factory=dict)

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
        There is no snapshot, its manifest is unreadable, or a file differs from its hash.
    SourceError, SchemaError, CurrencyError
        A table is not what its name says, or the tables are in different currencies.
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
    return _load(path, manifest)


def _load(path: Path, manifest: Mapping[str, Any]) -> Snapshot:
    """Return the snapshot that a manifest describes, whatever its hashes say."""
    tables, rows = {}, []
    for name, entry in manifest["tables"].items():
        tables[name] = read_table(_table_file(path, name, entry), SNAPSHOT_TABLES[name])
        rows.append({"table": name, **entry, "rows": len(tables[name])})
    snapshot = Snapshot(
        name=manifest["name"],
        title=manifest["title"],
        period=Period.month(manifest["period"]),
        as_of=date.fromisoformat(manifest["as_of"]),
        billing_currency=manifest["billing_currency"],
        notes=list(manifest["notes"]),
        tables=tables,
        provenance=pd.DataFrame(rows, columns=PROVENANCE),
        path=path,
        unknown=tuple(manifest.get("unknown", ())),
        pull=manifest.get("pull", {}),
    )
    _one_currency(snapshot)
    return snapshot


def read_manifest(path: Path) -> dict[str, Any]:
    """Return ``snapshot.json`` of the folder `path`, with the entries it must have."""
    file = path / MANIFEST
    remedy = "give the folder of a snapshot (data/sample is one), or make one with prism report"
    if not file.is_file():
        raise SnapshotError("no snapshot here", path=path, expected=MANIFEST, remedy=remedy)
    try:
        manifest: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        _check_manifest(manifest)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise SnapshotError(
            "is not a readable manifest",
            path=file,
            seen=f"lacks {error}" if isinstance(error, KeyError) else str(error),
            expected=FORMAT,
            remedy=remedy,
        ) from None
    if not manifest["tables"]:
        raise SnapshotError("holds no table", path=file, expected=", ".join(SNAPSHOT_TABLES))
    return manifest


def _check_manifest(manifest: Mapping[str, Any]) -> None:
    """Raise ValueError, KeyError or TypeError if an entry is missing or of the wrong kind."""
    if missing := KEYS - set(manifest):
        raise ValueError(f"lacks {', '.join(sorted(missing))}")
    if manifest["format"] != FORMAT:
        raise ValueError(f"format {manifest['format']}")
    date.fromisoformat(manifest["as_of"])
    Period.month(manifest["period"])
    texts = [manifest["name"], manifest["title"], manifest["billing_currency"]]
    if not isinstance(manifest.setdefault("notes", []), list):  # type: ignore[attr-defined]
        raise ValueError("notes is not a list")
    for name, entry in manifest["tables"].items():
        texts += [entry["file"], entry["sha256"], entry["source"]]
        if not isinstance(entry["is_synthetic"], bool):
            raise ValueError(f"is_synthetic of {name} is neither true nor false")
    if wrong := [text for text in texts if not isinstance(text, str)]:
        raise ValueError(f"{wrong[0]!r} where a text belongs")


def _table_file(path: Path, name: str, entry: Mapping[str, Any]) -> Path:
    """Return the file of a table; one outside the folder is refused."""
    if name not in SNAPSHOT_TABLES:
        raise SnapshotError(
            f"unknown table {name}", path=path / MANIFEST, expected=", ".join(SNAPSHOT_TABLES)
        )
    file = path / str(entry["file"])
    if file.name != entry["file"] or not file.is_file():
        raise SnapshotError(
            f"the file of table {name} is missing", path=file, expected="a file in this folder"
        )
    return file


def _one_currency(snapshot: Snapshot) -> None:
    found = {snapshot.billing_currency}
    for frame in snapshot.tables.values():
        if "billing_currency" in frame:
            found |= set(frame["billing_currency"])
    if len(found) > 1:
        raise CurrencyError("snapshot", sorted(found), where=str(snapshot.path))


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@dataclass(frozen=True)
class Description:
    """What a snapshot is, apart from its tables; `period` is a month such as 2025-10.

    `unknown` and `pull` are there for what `prism pull` made.
    """

    name: str
    title: str
    period: str
    as_of: date
    billing_currency: str
    notes: Sequence[str] = ()
    unknown: Sequence[Mapping[str, str]] = ()
    pull: Mapping[str, Any] | None = None


def check_place(path: Path) -> None:
    """Raise SnapshotError if a snapshot at `path` would replace something else."""
    if path.exists() and not path.is_dir():
        raise SnapshotError("is a file", path=path, expected="a folder", remedy="give another one")
    if path.exists() and any(path.iterdir()) and not (path / MANIFEST).is_file():
        raise SnapshotError(
            "the folder holds something else than a snapshot, which would be lost",
            path=path,
            expected="an empty or new folder, or an earlier snapshot",
            remedy="give another folder",
        )


def write_snapshot(
    path: Path,
    description: Description,
    tables: Mapping[str, tuple[pd.DataFrame, Origin]],
) -> Path:
    """Write a snapshot folder whole, replacing an earlier one only when it is complete."""
    check_place(path)
    with publication(path) as work:
        entries = {}
        for name, (frame, origin) in tables.items():
            suffix = "parquet" if len(frame) > PARQUET_FROM_ROWS else "csv"
            file = work / f"{name}.{suffix}"
            write_table(frame, file, SNAPSHOT_TABLES[name])
            entries[name] = {"file": file.name, "rows": len(frame), **vars(origin)}
            entries[name]["sha256"] = sha256(file)
        said = {k: v for k, v in vars(description).items() if v or k not in ("unknown", "pull")}
        manifest = {
            "format": FORMAT,
            **said,
            "as_of": description.as_of.isoformat(),
            "notes": list(description.notes),
            "tables": entries,
        }
        _write_manifest(work, manifest)
        read_snapshot(work)
    return path


def _write_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    (path / MANIFEST).write_text(text, encoding="utf-8")


def seal_snapshot(path: Path) -> list[str]:
    """Renew the hashes and row counts after an intended edit; return the tables that changed.

    The edited tables must be valid: an invalid one raises and nothing is renewed.
    """
    manifest = read_manifest(path)
    snapshot = _load(path, manifest)
    changed = []
    for name, entry in manifest["tables"].items():
        seen = sha256(path / entry["file"])
        if seen != entry["sha256"]:
            changed.append(name)
            entry.update(rows=len(snapshot.tables[name]), sha256=seen)
    _write_manifest(path, manifest)
    return changed
