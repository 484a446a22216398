"""Where a pull writes and looks: what cannot be is refused before anything is paid."""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import botocore.session

from prismlib.errors import ParameterError, SnapshotError, SourceError

REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d{1,2}")
FULL = (errno.ENOSPC, errno.EDQUOT)


def resolved(out: Path) -> Path:
    """Return the folder that `out` is or links to.

    Raises
    ------
    ParameterError
        There can be no folder.
    """
    try:
        found = out.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself
        found = out
    _check_can_be_folder("--out", found)
    return found


def check_cache(folder: Path, out: Path) -> None:
    """Raise ParameterError if a cache cannot be in `folder`, or would go with the snapshot."""
    found = folder.resolve()
    if found == out or out in found.parents:
        raise ParameterError(
            "--cache", str(folder), expected="a folder outside --out, which a pull replaces"
        )
    _check_can_be_folder("--cache", found)


def check_answers(folder: Path) -> None:
    """Raise SourceError if something lies where the cache keeps the answers of an account."""
    if folder.exists() and not folder.is_dir():
        raise SourceError(
            "is a file where the cache has a folder", path=folder, remedy="move it elsewhere"
        )
    for file in sorted(folder.glob("*.json.gz")):
        if file.is_dir():
            raise SourceError(
                "is a folder where the cache keeps an answer",
                path=file,
                remedy="move it elsewhere",
            )


def _check_can_be_folder(option: str, path: Path) -> None:
    there = next(one for one in (path, *path.parents) if os.path.lexists(one))
    if not there.is_dir():
        raise ParameterError(option, str(path), expected=f"a folder; {there} is none")
    if not os.access(there if there != path else path.parent, os.W_OK | os.X_OK):
        raise ParameterError(option, str(path), expected="a place that can be written to")


@contextmanager
def only_pull(out: Path) -> Iterator[None]:
    """Hold the lock of a destination; one whose process is gone is taken over.

    Raises
    ------
    SnapshotError
        Another pull holds it.
    """
    file = out.parent / f".{out.name}.pulling"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        handle = _locked(file, out)
    except OSError as error:
        if error.errno in FULL:
            raise
        raise ParameterError(
            "--out", str(out), expected=f"a place that can be written to ({error.strerror})"
        ) from error
    try:
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        with suppress(OSError):
            file.unlink()
        os.close(handle)


def _locked(file: Path, out: Path) -> int:
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), os.lstat(file)):
                return handle
        except BlockingIOError:
            pid = os.pread(handle, 20, 0).decode(errors="replace")
            os.close(handle)
            raise SnapshotError(
                "another pull into this folder is at work",
                path=out,
                seen=f"process {pid}" if pid else "",
                remedy="wait for it, or stop it; nothing was paid",
            ) from None
        except FileNotFoundError:  # the one who held it is done, and took the file away
            pass
        os.close(handle)


def check_regions(regions: Sequence[str], option: str) -> None:
    """Raise ParameterError for a region that there is not.

    Where an endpoint is set up, any that is named like a region may be behind it.
    """
    is_own = any(name.startswith("AWS_ENDPOINT_URL") for name in os.environ)
    known = _known_regions()
    for region in regions:
        if region in known or (is_own and REGION.fullmatch(region)):
            continue
        raise ParameterError(
            option,
            region,
            expected=f"one of {', '.join(known)}",
            remedy="a region that is newer than this list needs a newer botocore",
        )


@cache
def _known_regions() -> tuple[str, ...]:
    session = botocore.session.Session()
    found = {
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("ec2", partition)
    }
    return tuple(sorted(found))
