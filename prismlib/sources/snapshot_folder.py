"""The manifest of a snapshot, and what lies in its folder beside what that names."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from prismlib.errors import SnapshotError
from prismlib.periods import Period
from prismlib.readiness_tables import EVIDENCE_TABLES
from prismlib.snapshot_tables import HAND_WRITTEN, SNAPSHOT_TABLES

MANIFEST = "snapshot.json"
SNAPSHOTS = "snapshots"
"""The folder, beside the sample, that pulled snapshots are put into."""
FORMAT = "prism-snapshot/1"
KEYS = {"format", "name", "title", "period", "as_of", "billing_currency", "tables"}
"""What the manifest must have."""

DISPOSABLE = {".DS_Store", ".ipynb_checkpoints", "Thumbs.db", "desktop.ini"}
"""What desktops and Jupyter leave in every folder, and make anew."""

BACKUPS = (".bak", ".old", ".orig", ".tmp")
"""How the names of copies end that editors leave; a tilde too."""

TAKE_IN = "take it in with: prism check DIR --seal"
COLLECTED = (
    "prism pull --evidence writes it, with snapshot.json; what people saw belongs into"
    " stated_evidence.csv"
)

Entries = Mapping[str, Mapping[str, Any]]


def stray_files(path: Path, entries: Entries) -> list[Path]:
    """Return what lies in the folder and is no part of the snapshot; `entries` are its tables."""
    known = {MANIFEST, *DISPOSABLE, *(str(entry["file"]) for entry in entries.values())}
    return sorted(file for file in path.iterdir() if file.name not in known)


def added_files(path: Path, entries: Entries) -> dict[str, Path]:
    """Return the files of tables that a person wrote and put beside the others, by table."""
    found: dict[str, Path] = {}
    for file in stray_files(path, entries):
        is_table = file.suffix in (".csv", ".parquet") and file.is_file()
        if is_table and file.stem in HAND_WRITTEN and file.stem not in entries:
            found.setdefault(file.stem, file)
    return found


def unlisted_tables(path: Path, entries: Entries) -> dict[str, str]:
    """Return what to do about each file that is named as a table and that no entry lists."""
    added = added_files(path, entries).values()
    found = {}
    for file in stray_files(path, entries):
        if file in added:
            found[file.name] = TAKE_IN
        elif (name := _table_named(file)) in EVIDENCE_TABLES:
            found[file.name] = f"move it elsewhere: {COLLECTED}"
        elif name in HAND_WRITTEN and name not in entries:
            found[file.name] = f"save it as {name}.csv, or move it elsewhere"
        elif name:
            found[file.name] = "move it elsewhere"
    return found


def _table_named(file: Path) -> str:
    """Return the table that a file is named as, in whatever letters; empty for a copy or none."""
    name = file.stem.lower()
    is_copy = file.suffix.endswith("~") or file.suffix in BACKUPS
    return name if name in SNAPSHOT_TABLES and not is_copy else ""


def refuse_unlisted(path: Path, entries: Entries) -> None:
    """Raise SnapshotError if a file is named as a table and would not be read."""
    if found := unlisted_tables(path, entries):
        raise SnapshotError(
            "a file here is named as a table, is no part of the snapshot and would not be read",
            path=path,
            seen=", ".join(found),
            expected=f"tables that {MANIFEST} lists",
            remedy="; ".join(f"{file}: {remedy}" for file, remedy in found.items()),
        )


def folder_state(path: Path) -> frozenset[tuple[str, int, int]]:
    """Return the names, sizes and times of what lies in a folder; empty if there is none."""
    if not path.is_dir():
        return frozenset()
    files = {file.name: file.lstat() for file in path.iterdir()}
    return frozenset((name, stat.st_size, stat.st_mtime_ns) for name, stat in files.items())


def read_manifest(path: Path, *, may_be_empty: bool = False) -> dict[str, Any]:
    """Return ``snapshot.json`` of the folder `path`, with the entries it must have."""
    file = path / MANIFEST
    remedy = (
        "give the folder of a snapshot (data/sample is one); make one of a bill with prism report"
        " --costs, or of tables that people write with prism check DIR --seal"
    )
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
    if not manifest["tables"] and not may_be_empty:
        refuse_without_tables(path)
    return manifest


def refuse_without_tables(path: Path) -> NoReturn:
    """Raise SnapshotError for a snapshot that lists no table."""
    added = [file.name for file in added_files(path, {}).values()]
    raise SnapshotError(
        "holds no table",
        path=path / MANIFEST,
        seen=f"{', '.join(added)} in the folder" if added else "none in the folder either",
        expected="a table, such as criterion.csv",
        remedy=TAKE_IN if added else "data/README.md documents every table",
    )


def snapshots_beside(path: Path) -> dict[Path, str]:
    """Return the snapshots in the folder that `path` lies in, or in ``snapshots`` there.

    Each has its name and period in words. A folder counts whose manifest can be read; its tables
    are checked when it is chosen.
    """
    found = {}
    for place in (path.parent, path.parent / SNAPSHOTS):
        for file in sorted(place.glob(f"*/{MANIFEST}")):
            with contextlib.suppress(SnapshotError):
                found[file.parent] = f"{file.parent.name} ({read_manifest(file.parent)['period']})"
    return found


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


def check_place(path: Path, keeps: Collection[str] = ()) -> None:
    """Raise SnapshotError if a snapshot at `path` would replace something else.

    `keeps` are the tables of the new snapshot: a file that a person added for one is not lost.
    """
    if path.exists() and not path.is_dir():
        raise SnapshotError("is a file", path=path, expected="a folder", remedy="give another one")
    if path.exists() and any(path.iterdir()) and not (path / MANIFEST).is_file():
        raise SnapshotError(
            "the folder holds something else than a snapshot, which would be lost",
            path=path,
            expected="an empty or new folder, or an earlier snapshot",
            remedy="give another folder",
        )
    if (path / MANIFEST).is_file():
        _refuse_to_lose(path, keeps)


def _refuse_to_lose(path: Path, keeps: Collection[str]) -> None:
    entries = read_manifest(path)["tables"]
    kept = [file for name, file in added_files(path, entries).items() if name in keeps]
    if lost := [file.name for file in stray_files(path, entries) if file not in kept]:
        raise SnapshotError(
            "the folder holds files that are no part of the snapshot, which would be lost",
            path=path,
            seen=", ".join(lost),
            remedy="move them elsewhere, or give another folder",
        )
