"""Which files are bills: by their names, by their content, and by the delivery that they are of."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from prismlib.errors import SourceError
from prismlib.formats import named
from prismlib.periods import Period
from prismlib.sources.delimited import open_text, plain, reading
from prismlib.sources.exports import choose, months_of

SUFFIXES = (".csv", ".csv.gz", ".parquet", ".json", ".json.gz")
"""How the name of a bill ends; with another name, two of `MARKS` must show in a folder's file."""

MARKS = (
    *("billedcost", "chargecategory", "chargeperiodstart"),
    *("lineitemtype", "unblendedcost", "usagestartdate"),
    *("resultsbytime", "timeperiod"),
)
NAMED_UNREAD = 30
"""How many of the files that were not read a note names."""


@dataclass(frozen=True)
class Found:
    """The bill files to read, notes on those that are not, and whether manifests vouch for all.

    Vouched for are the files of deliveries that do not overlap (`prismlib.sources.exports`).
    """

    files: list[Path]
    notes: list[str]
    is_vouched: bool


def find_files(paths: Sequence[Path]) -> list[Path]:
    """Return the bill files in `paths`, each once, ordered by name with numbers as numbers."""
    return find(paths).files


def find(paths: Sequence[Path], month: Period | None = None) -> Found:
    """Return the bill files in `paths`; of exports below a folder, the newest delivery."""
    found: dict[Path, Path] = {}
    unread: list[str] = []
    notes: list[str] = []
    below: list[str] = []
    vouched = []
    for path in paths:
        with reading(path):
            if not path.is_dir() and not path.is_file():
                raise _not_found("no such file", path)
            if path.is_file():
                vouched.append(False)
                found.setdefault(path.resolve(), path)
                continue
            names = [file.as_posix() for file in _files_below(path)]
            below += names
            chosen = choose(names, lambda name: Path(name).read_bytes(), month)
            vouched.append(chosen.is_vouched)
            notes += chosen.notes
            for file in map(Path, chosen.names):
                if _is_bill(file):
                    found.setdefault(file.resolve(), file)
                else:
                    unread.append(file.relative_to(path).as_posix())
    if not found:
        raise _none(paths, month, below, unread)
    files = sorted(found, key=_natural)
    return Found(files, [*unread_note(sorted(set(unread))), *notes], vouched == [True])


def _none(
    paths: Sequence[Path], month: Period | None, below: Sequence[str], unread: Sequence[str]
) -> SourceError:
    """Return the error that there is no bill, or none of the month."""
    where = ", ".join(map(str, paths))
    if month and (seen := months_of(below)):
        return SourceError(
            f"no bill files of {month}",
            path=where,
            seen=f"files of {seen}",
            expected=f"files of {month}",
            remedy="give another month, or the folder of this one",
        )
    what = f"no bill files{f' of {month}' if month else ''}"
    return _not_found(what, where, ", ".join(unread)[:200])


def _not_found(what: str, path: Path | str, seen: str = "") -> SourceError:
    return SourceError(
        what,
        path=path,
        seen=seen,
        expected="files or folders of bills: " + ", ".join(SUFFIXES),
        remedy="check the path",
    )


def _files_below(folder: Path) -> Iterator[Path]:
    """Yield what is below a folder and not hidden; a link to a folder is not followed."""

    def refuse(error: OSError) -> None:
        raise error  # a folder that cannot be looked into may hold bills

    for root, folders, names in os.walk(folder, onerror=refuse):
        links = [name for name in folders if Path(root, name).is_symlink()]
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in (*names, *links):
            if not name.startswith("."):
                yield Path(root, name)


def _is_bill(path: Path) -> bool:
    """Return whether a file of a folder is to be read; one that may hide bills is refused."""
    name = path.name.lower()
    if name.endswith(".zip"):
        raise unknown_format(path, "a ZIP archive")
    if path.is_symlink() and not path.exists():
        raise _not_found("no such file", path, "a link that leads nowhere")
    if name.endswith(SUFFIXES) or not path.is_file():
        return path.is_file()
    with reading(path):
        with path.open("rb") as file:
            if file.read(4) == b"PAR1":
                return True
        try:
            with open_text(path) as text:
                head = text.read(1 << 16).strip()
        except UnicodeError:
            return False
    told = head if head.startswith(("{", "[")) else head.partition("\n")[0]
    return sum(mark in plain(told) for mark in MARKS) >= 2


def unread_note(names: Sequence[str]) -> list[str]:
    """Return the note that names files which were not read, if there are any."""
    listed = named(names, NAMED_UNREAD)
    note = f"not read, since neither name nor content is that of a bill: {listed}"
    return [note] if names else []


def _natural(path: Path) -> list[str | int]:
    # Every second part is digits, so text is only ever compared with text.
    parts = re.split(r"(\d+)", str(path))
    return [int(part) if n % 2 else part for n, part in enumerate(parts)]


def unknown_format(path: Path, seen: str) -> SourceError:
    """Return the error for a file that is no bill that can be read."""
    return SourceError(
        "is not a bill of a known format",
        path=path,
        seen=seen,
        expected="Cost Explorer JSON, or a FOCUS, CUR or CUR 2.0 export as comma-separated CSV"
        " or Parquet",
        remedy="unpack it, and give the files in it"
        if "ZIP" in seen
        else "export it again in one of these; a first line that is not the header hides it",
    )
