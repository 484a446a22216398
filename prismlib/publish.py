"""Put a finished folder (a report, a snapshot) in place whole, or not at all.

It is built in a hidden folder beside its place and changes places with the old one in one
step, so a reader (or a kill) finds the old one or the new one and never a mixture. Each run
holds a shared lock; whoever gets the exclusive one knows that left-over folders belong to nobody.
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

_BUILD = ".building-"
_ASIDE = ".aside-"


@contextmanager
def publication(place: Path) -> Iterator[Path]:
    """Give an empty folder to build in; it becomes `place` when the block ends without an error."""
    place.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(place.parent, os.O_RDONLY)  # the folder itself is the lock: nothing is left
    try:
        _clean_up(place.parent, lock)
        fcntl.flock(lock, fcntl.LOCK_SH)
        build = Path(tempfile.mkdtemp(prefix=f"{_BUILD}{place.name}-", dir=place.parent))
        try:
            yield build
            build.chmod(0o755)  # mkdtemp's folder is for its owner only; a report is for readers
            _put_in_place(build, place)
        finally:
            shutil.rmtree(build, ignore_errors=True)
    finally:
        os.close(lock)


def _clean_up(folder: Path, lock: int) -> None:
    """Remove what a killed run left behind, unless another run is at work."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    for aside in folder.glob(f"{_ASIDE}*"):
        place = folder / aside.name.removeprefix(_ASIDE)
        if not place.exists():
            aside.rename(place)
    for left in (*folder.glob(f"{_BUILD}*"), *folder.glob(f"{_ASIDE}*")):
        shutil.rmtree(left, ignore_errors=True)


def _put_in_place(build: Path, place: Path) -> None:
    """Make `build` the folder `place`; an old one ends up at `build`, to be removed."""
    try:
        build.rename(place)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
    else:
        return
    if not _exchange(build, place):
        aside = place.with_name(_ASIDE + place.name)
        place.rename(aside)
        build.rename(place)
        aside.rename(build)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step where the system can (Linux); return whether it did."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    at_cwd, exchange = -100, 2
    done: int = rename(at_cwd, os.fsencode(one), at_cwd, os.fsencode(other), exchange)
    return done == 0
