"""Put a finished folder (a report, a snapshot) in place whole, or not at all.

It is built in a hidden workshop beside its place and changes places with the old one in one step,
so a reader (or a kill) finds the old one or the new one and never a mixture. Each run holds a
shared lock; whoever gets the exclusive one knows that left-over workshops belong to nobody. A
workshop of ours holds a file that says which place it is for: nothing without it is ever touched.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WORKSHOP = ".building-"
MARKER = "prism-workshop"
_NEW = "new"
_OLD = "old"


@contextmanager
def publication(place: Path) -> Iterator[Path]:
    """Give an empty folder to build in; it becomes `place` when the block ends without an error."""
    place.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(place.parent, os.O_RDONLY)  # the folder itself is the lock: nothing is left
    try:
        _clean_up(place.parent, lock)
        fcntl.flock(lock, fcntl.LOCK_SH)
        workshop = Path(tempfile.mkdtemp(prefix=f"{WORKSHOP}{place.name}-", dir=place.parent))
        try:
            (workshop / MARKER).write_text(place.name, encoding="utf-8")
            (workshop / _NEW).mkdir()
            yield workshop / _NEW
            _put_in_place(workshop, place)
        finally:
            _close(workshop, place)
    finally:
        os.close(lock)


def _clean_up(folder: Path, lock: int) -> None:
    """Remove what a killed run left behind, unless another run is at work."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    for workshop in folder.glob(f"{WORKSHOP}*"):
        name = _place_of(workshop)
        if name:
            _close(workshop, folder / name)


def _place_of(workshop: Path) -> str:
    """Return the name of the place that a workshop is for; empty if it is none of ours."""
    marker = workshop / MARKER
    if workshop.is_symlink() or not marker.is_file():
        return ""
    name = marker.read_text(encoding="utf-8", errors="replace")
    is_ours = workshop.name.startswith(f"{WORKSHOP}{name}-") and Path(name).name == name
    return name if is_ours else ""


def _close(workshop: Path, place: Path) -> None:
    """Remove a workshop, its marker last: what a kill leaves of it is still known as ours."""
    old = workshop / _OLD
    if old.is_dir() and not place.exists():  # stopped between the two steps
        old.rename(place)
    for part in (_NEW, _OLD):
        shutil.rmtree(workshop / part, ignore_errors=True)
    shutil.rmtree(workshop, ignore_errors=True)


def _put_in_place(workshop: Path, place: Path) -> None:
    """Make the new folder the one at `place`; an old one ends up in the workshop."""
    new, old = workshop / _NEW, workshop / _OLD
    try:
        new.rename(place)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
    else:
        return
    if not _exchange(new, place):
        place.rename(old)
        new.rename(place)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step where the system can (Linux); return whether it did."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    at_cwd, exchange = -100, 2
    done: int = rename(at_cwd, os.fsencode(one), at_cwd, os.fsencode(other), exchange)
    return done == 0
