"""Deliveries of a billing export: which of the files below a folder are the bill of a month.

AWS puts the billing period of a file into its path (``BILLING_PERIOD=2025-10``,
``20251001-20251101``, ``year=2025/month=10``), so a month is chosen without opening a file. An
export that keeps its versions has one folder for each below that; its ``...Manifest.json`` lists
the files of a delivery (``dataFiles``, legacy ``reportKeys``), and the newest manifest counts:

- the one beside the version folders, which AWS renews with each delivery;
- otherwise the one in the folder whose name begins with the latest time.

Without manifests the latest version folder counts. Versions of which nobody can say which is the
newest are refused. Files of a period that the manifest does not list are left out with a note; one
that it lists and that is not there stops the reading.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from prismlib.errors import IncompleteDataError, SourceError
from prismlib.periods import Period

PERIODS = (
    re.compile(
        r"^(?P<before>.*?)billing_period=(?P<year>\d{4})-(?P<month>\d\d)/(?P<rest>.*)$", re.I
    ),
    re.compile(r"^(?P<before>.*?)(?P<year>\d{4})(?P<month>\d\d)01-\d{8}/(?P<rest>.*)$"),
    re.compile(
        r"^(?P<before>.*?)year=(?P<year>\d{4})/month=(?P<month>\d{1,2})/(?P<rest>.*)$", re.I
    ),
)
"""The billing period in a path; what stands before it is the export, what follows the version."""

DATED = re.compile(r"^\d{4}-?\d\d-?\d\dT")
"""How the name of a version folder begins whose order is known."""


@dataclass(frozen=True)
class Place:
    """Where a file lies: the export it is of, its month, and the version folder if there is one."""

    name: str
    export: str
    month: str
    version: str


@dataclass(frozen=True)
class Chosen:
    """The files that count, what a reader must know, and whether manifests vouch for all of them.

    `is_vouched` is true when every file is listed by the manifest of its delivery and no month is
    delivered twice: then no charge is in two of them.
    """

    names: tuple[str, ...]
    notes: tuple[str, ...] = ()
    is_vouched: bool = False


def months_of(names: Iterable[str]) -> str:
    """Return the months that paths name, as words; empty where none does."""
    return ", ".join(sorted({place.month for name in names if (place := place_of(name))}))


def choose(
    names: Sequence[str], read: Callable[[str], bytes], month: Period | None = None
) -> Chosen:
    """Return the files among `names` that are the bill, of one `month` if it is given.

    Parameters
    ----------
    names : sequence of str
        Paths with slashes, manifests among them.
    read : callable
        Gives the bytes of a manifest.
    month : Period, optional
        Files whose path names another month are left out; those whose path names none stay.

    Raises
    ------
    SourceError
        A manifest is damaged, or nothing says which version is the newest.
    IncompleteDataError
        A file that a manifest lists is not there.
    """
    files = [name for name in names if not name.endswith("Manifest.json")]
    placed = [place for name in files if (place := place_of(name)) is not None]
    plain = sorted(set(files) - {place.name for place in placed})
    manifests = [m for name in names if name.endswith("Manifest.json") and (m := place_of(name))]
    deliveries: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for place in placed:
        if month is None or place.month == str(month):
            deliveries[place.export, place.month].append(place)
    chosen, notes, listed = list(plain), [], not plain
    for (export, of_month), found in sorted(deliveries.items()):
        ours = [m for m in manifests if (m.export, m.month) == (export, of_month)]
        kept = _listed(ours, found, read) if ours else _latest(found)
        listed = listed and bool(ours)
        chosen += kept
        if left := len(found) - len(kept):
            notes.append(f"{of_month}: {left} files of earlier deliveries are left out")
    months = [of_month for _, of_month in deliveries]
    return Chosen(tuple(chosen), tuple(notes), listed and len(set(months)) == len(months))


def place_of(name: str) -> Place | None:
    """Return where a file lies by its path, `None` when that names no billing period."""
    for pattern in PERIODS:
        if found := pattern.match(name):
            export = re.sub(r"(^|/)(data|metadata)/$", r"\1", found["before"])
            version = str(PurePosixPath(found["rest"]).parent).removeprefix(".")
            return Place(name, export, f"{found['year']}-{int(found['month']):02}", version)
    return None


def _listed(
    manifests: Sequence[Place], found: Sequence[Place], read: Callable[[str], bytes]
) -> list[str]:
    """Return the files that the newest manifest of a delivery lists."""
    newest = _newest(manifests)
    told = _manifest(newest.name, read(newest.name))
    keys = told.get("dataFiles") or told.get("reportKeys") or ()
    wanted = {_tail(str(key)) for key in keys}
    present = {_tail(place.name): place.name for place in found}
    if not wanted or (lacking := sorted(wanted - set(present))):
        raise IncompleteDataError(
            "the manifest lists files that are not there" if wanted else "lists no files",
            path=newest.name,
            seen=", ".join(lacking[:5]) if wanted else "neither dataFiles nor reportKeys",
            expected="every file of the delivery beside the others",
            remedy="copy the delivery again; one that AWS is writing is complete an hour later",
        )
    return [present[tail] for tail in sorted(wanted)]


def _tail(key: str) -> str:
    """Return what is the same wherever an export was copied: its period, version and file."""
    place = place_of(key.removeprefix("s3://"))
    name = PurePosixPath(key).name
    return "/".join((place.month, place.version, name)) if place else name


def _manifest(name: str, content: bytes) -> Mapping[str, list[str]]:
    try:
        told = json.loads(content)
        if not isinstance(told, dict):
            raise ValueError("not an object")
    except ValueError as error:
        raise SourceError(
            "is no manifest of an export",
            path=name,
            seen=str(error)[:200],
            expected="a JSON object with dataFiles or reportKeys",
            remedy="copy the manifest again",
        ) from error
    return told


def _newest(places: Sequence[Place]) -> Place:
    """Return the manifest beside the versions, or that of the latest version."""
    beside = [place for place in places if not place.version]
    if len(beside) == 1:
        return beside[0]
    version = _latest_version([place.version for place in places], places[0])
    of_version = [place for place in places if place.version == version]
    if len(of_version) > 1:
        raise _unordered(places[0], [place.name for place in of_version])
    return of_version[0]


def _latest(found: Sequence[Place]) -> list[str]:
    version = _latest_version([place.version for place in found], found[0])
    return [place.name for place in found if place.version == version]


def _latest_version(versions: Sequence[str], example: Place) -> str:
    distinct = sorted(set(versions))
    if len(distinct) > 1 and not all(DATED.match(version) for version in distinct):
        raise _unordered(example, distinct)
    return distinct[-1]


def _unordered(place: Place, seen: Sequence[str]) -> SourceError:
    return SourceError(
        f"{place.month} is delivered in several versions, and nothing says which is the newest",
        path=place.export or place.name,
        seen=", ".join(version or "files beside them" for version in seen)[:300],
        expected="one delivery of a month, or the manifest that AWS keeps beside its versions",
        remedy="copy the manifest as well, or give the folder of the newest version",
    )
