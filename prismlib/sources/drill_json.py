"""What the JSON formats of drills share: parts that must be of a type, pages, names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from prismlib.errors import IncompleteDataError
from prismlib.sources.drill_times import Mark, Place, parse_instant

Answer = dict[str, Any]


def pages_of(content: Any) -> list[Answer]:
    """Return the pages of an answer: the file holds one, or a list of them."""
    pages = content if isinstance(content, list) else [content]
    return [page for page in pages if isinstance(page, dict)]


def check_last_page(pages: Sequence[Answer], place: Place, *names: str) -> None:
    """Raise unless the last page says that nothing follows."""
    for name in names:
        if token := pages[-1].get(name):
            raise IncompleteDataError(
                "lacks the pages that follow",
                path=place.path,
                seen=f"{name} {str(token)[:40]}",
                expected="every page: the last one has no such token",
                remedy="fetch with a paginator, or put all pages into one list in the file",
            )


def part(holder: Answer, name: str, place: Place) -> Answer:
    """Return an object inside another; empty when it is not there."""
    value = holder.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong(name, value, "an object", place)
    return value


def items(holder: Answer, name: str, place: Place) -> list[Answer]:
    """Return a list of objects inside another; empty when it is not there."""
    value = holder.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise _wrong(name, value, "a list of objects", place)
    return value


def texts(holder: Answer, name: str, place: Place) -> list[str]:
    """Return a list of texts inside an object; empty when it is not there."""
    value = holder.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _wrong(name, value, "a list of texts", place)
    return value


def text(holder: Answer, name: str) -> str:
    """Return a text inside an object; empty when it is not there."""
    value = holder.get(name)
    return "" if value is None else str(value)


def mark(holder: Answer, name: str, place: Place, *, is_utc: bool = False) -> Mark | None:
    """Return an instant inside an object; None when it is not there."""
    when = parse_instant(holder.get(name), place, is_utc=is_utc)
    return None if when is None else Mark(when, when)


def _wrong(name: str, value: Any, expected: str, place: Place) -> Exception:
    return place.refuse(
        f"{name} is not what it must be",
        seen=type(value).__name__,
        expected=expected,
        remedy="fetch the answer again and leave it as it comes",
    )


def slug(name: str) -> str:
    """Return a stable name: lower case, everything but letters and digits an underscore."""
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def unique(name: str, taken: Sequence[str]) -> str:
    """Return the slug of a name, with a number behind it if it is taken."""
    base = slug(name) or "step"
    number, candidate = 2, base
    while candidate in taken:
        number, candidate = number + 1, f"{base}_{number}"
    return candidate
