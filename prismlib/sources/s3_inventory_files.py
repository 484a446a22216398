"""The files of an S3 Inventory: a manifest with its data files, or data files alone.

A manifest names its files by the keys of the bucket they were delivered to; they are looked for
beside it, by the end of their key. CSV files have no header, so they need the manifest, which holds
their columns; Parquet and ORC files say theirs. A file that a manifest lists and that is not there,
or not as long as listed, is an error: a part of an inventory is not the bucket.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from prismlib.errors import IncompleteDataError, SourceError
from prismlib.sources.delimited import reading

MANIFEST = "manifest.json"
FORMATS = ("csv", "parquet", "orc")
EXPECTED = "manifest.json of an S3 Inventory, or its Parquet or ORC files"


@dataclass(frozen=True)
class InventoryFiles:
    """The data files of one inventory.

    Parameters
    ----------
    file_format : str
        One of `FORMATS`.
    files : tuple of Path
    columns : tuple of str
        Of CSV files, in order; empty for the others.
    created : date or None
        Day of the inventory, UTC; None when only data files were given.
    """

    file_format: str
    files: tuple[Path, ...]
    columns: tuple[str, ...] = ()
    created: date | None = None


def find_inventory(paths: Sequence[Path]) -> InventoryFiles:
    """Return the files of an inventory.

    Parameters
    ----------
    paths : sequence of Path
        A manifest, a folder that holds one, or data files of one format.

    Raises
    ------
    SourceError
        There is no such file, no manifest for CSV, more than one inventory, or several formats.
    IncompleteDataError
        A file that the manifest lists is missing or has another length.
    """
    found = [file for path in paths for file in _expanded(path)]
    manifests = [file for file in found if file.name == MANIFEST]
    if len(manifests) > 1 or (manifests and len(found) > 1):
        raise SourceError(
            "more than one inventory",
            path=", ".join(str(file) for file in found),
            expected="one manifest, or data files alone",
            remedy="an inventory is the whole bucket on one day: give the latest",
        )
    return _from_manifest(manifests[0]) if manifests else _from_data(found)


def _expanded(path: Path) -> Iterator[Path]:
    with reading(path):
        if path.is_dir():
            manifests = sorted(path.glob(f"**/{MANIFEST}"))
            data = (file for kind in FORMATS[1:] for file in sorted(path.glob(f"**/*.{kind}")))
            yield from manifests or data
            return
        if not path.is_file():
            raise SourceError("no such file", path=path, expected=EXPECTED)
        yield path


def _from_data(files: Sequence[Path]) -> InventoryFiles:
    kinds = {_kind(file) for file in files}
    if len(kinds) != 1 or not kinds <= set(FORMATS[1:]):
        raise SourceError(
            "the files are no inventory that can be read alone",
            path=", ".join(str(file) for file in files) or "nothing",
            seen=", ".join(sorted(kinds)) or "no file",
            expected=EXPECTED,
            remedy="CSV files have no header: give the manifest.json that came with them",
        )
    return InventoryFiles(kinds.pop(), tuple(files))


def _kind(file: Path) -> str:
    name = file.name.lower().removesuffix(".gz")
    return name.rpartition(".")[2]


def _from_manifest(path: Path) -> InventoryFiles:
    with reading(path):
        manifest = _loaded(path)
    kind = str(manifest.get("fileFormat", "")).lower()
    listed = manifest.get("files")
    if kind not in FORMATS or not isinstance(listed, list) or not listed:
        raise SourceError("is no manifest of an S3 Inventory", path=path, expected=EXPECTED)
    columns = tuple(name.strip() for name in str(manifest.get("fileSchema", "")).split(","))
    return InventoryFiles(
        kind,
        tuple(_located(path, entry) for entry in listed),
        columns if kind == "csv" else (),
        _day(manifest.get("creationTimestamp")),
    )


def _loaded(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise SourceError("is not JSON", path=path, seen=str(error), expected=EXPECTED) from None
    return value if isinstance(value, dict) else {}


def _day(value: object) -> date | None:
    """Return the day of a time in milliseconds since 1970, as the manifest has it."""
    text = str(value or "")
    if not re.fullmatch(r"\d{11,14}", text):
        return None
    return datetime.fromtimestamp(int(text) / 1000, UTC).date()


def _located(manifest: Path, entry: dict[str, Any]) -> Path:
    """Return the file that an entry of a manifest names."""
    parts = PurePosixPath(str(entry.get("key", ""))).parts
    folders = [manifest.parent, *manifest.parent.parents][:4]
    tails = ["/".join(parts[-n:]) for n in range(1, len(parts) + 1)]
    found = (folder / tail for folder in folders for tail in tails if (folder / tail).is_file())
    file = next(found, None)
    if file is None:
        raise IncompleteDataError(
            "a file that the manifest lists is missing",
            path=manifest,
            seen=str(entry.get("key")),
            remedy="download it beside the manifest, or into a folder named data beside it",
        )
    size = file.stat().st_size
    if entry.get("size") is not None and size != int(entry["size"]):
        raise IncompleteDataError(
            "a file is not as long as the manifest lists",
            path=file,
            seen=f"{size:,} bytes",
            expected=f"{int(entry['size']):,} bytes",
            remedy="download it again",
        )
    return file
