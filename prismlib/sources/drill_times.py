"""The times of a drill log: `T+2:30`, clock times with a zone, and ranges of either.

===========================================  =====================================================
written                                      read as
===========================================  =====================================================
``T+2:30``, ``T+105:00``, ``T-0:45``         minutes and seconds from T+0, before it with a minus
``T+1:02:30``, ``T+90s``                     hours too; seconds alone
``2025-11-14T14:02:30-08:00``, ``...Z``      an instant
``2025-11-14 14:02:30 America/Los_Angeles``  an instant, by the rules of that zone on that day
``2025-11-14 14:02:30``                      the same, with the time zone that the log names
``T+2:00..T+3:00``                           somewhere in between, the ends included
===========================================  =====================================================

A clock time is never guessed: one without a zone or day is refused, so is an abbreviation (CST is
three zones), and so is an hour that a change of clocks leaves out or repeats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prismlib.errors import SourceError

RELATIVE = re.compile(
    r"T\s*([+−-])\s*(?:(?:(\d+):)?(\d+):(\d{1,2}(?:\.\d+)?)|(\d+(?:\.\d+)?)\s*s?)"
)
DURATION = re.compile(r"(?:(\d+):)?(\d+):(\d{2}(?:\.\d+)?)|(\d+(?:\.\d+)?)\s*s?")
ISO_DURATION = re.compile(
    r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.IGNORECASE
)
CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?(\.\d+)?(\s*[A-Za-z/_+-].*)?")
EXPECTED = "T+2:30, 2025-11-14T14:02:30-08:00 or 2025-11-14 14:02:30 America/Los_Angeles"


@dataclass(frozen=True)
class Place:
    """A row of a file."""

    path: Path
    row: int | None = None

    def refuse(self, what: str, *, seen: str, expected: str, remedy: str) -> SourceError:
        """Return the error that names this place."""
        return SourceError(
            what, path=self.path, row=self.row, seen=seen[:200], expected=expected, remedy=remedy
        )


@dataclass(frozen=True)
class Mark:
    """A time of a log: seconds from T+0 or instants, from `low` to `high`; `zone` as written."""

    low: Decimal | datetime
    high: Decimal | datetime
    zone: str = ""

    @property
    def is_clock(self) -> bool:
        """Whether it is an instant."""
        return isinstance(self.low, datetime)


def parse_mark(text: str, place: Place, *, time_zone: str = "") -> Mark | None:
    """Return a time or a range of times; None for an empty text.

    Raises
    ------
    SourceError
        It is no time, lacks its zone or day, or the range is upside down.
    """
    if not text.strip():
        return None
    low_text, dots, high_text = text.partition("..")
    low, zone = _point(low_text.strip(), place, time_zone)
    if not dots:
        return Mark(low, low, zone)
    high, _ = _point(high_text.strip(), place, time_zone)
    if isinstance(low, datetime) != isinstance(high, datetime):
        raise place.refuse(
            "a range from one way of telling time to another",
            seen=text,
            expected="both ends as T+ or both as clock times",
            remedy="write both ends in the same way",
        )
    if high < low:  # type: ignore[operator]
        raise place.refuse(
            "a range ends before it starts",
            seen=text,
            expected="the earlier time first",
            remedy="turn it round",
        )
    return Mark(low, high, zone)


def _point(text: str, place: Place, time_zone: str) -> tuple[Decimal | datetime, str]:
    if found := RELATIVE.fullmatch(text):
        sign, hours, minutes, seconds, alone = found.groups()
        total = Decimal(alone) if alone else _seconds(hours, minutes, seconds, text, place)
        return (total if sign == "+" else -total), ""
    return parse_clock(text, place, time_zone=time_zone)


def _seconds(hours: str | None, minutes: str, seconds: str, text: str, place: Place) -> Decimal:
    if Decimal(seconds) >= 60 or (hours and int(minutes) >= 60):
        raise place.refuse(
            "has 60 or more seconds in a minute, or minutes in an hour",
            seen=text,
            expected="minutes:seconds or hours:minutes:seconds",
            remedy="105 minutes are 105:00 or 1:45:00",
        )
    return Decimal(int(hours or 0) * 3600 + int(minutes) * 60) + Decimal(seconds)


def parse_duration(text: str, place: Place) -> Decimal | None:
    """Return the seconds of ``30:00``, ``1:02:30`` or ``1800``; None for an empty text."""
    if not text.strip():
        return None
    found = DURATION.fullmatch(text.strip())
    if not found:
        raise place.refuse(
            "a duration cannot be read",
            seen=text,
            expected="30:00 (minutes and seconds), 1:02:30 or 1800 (seconds)",
            remedy="write it in one of these ways, or leave it empty if it is not known",
        )
    hours, minutes, seconds, alone = found.groups()
    return Decimal(alone) if alone else _seconds(hours, minutes, seconds, text, place)


def parse_iso_duration(text: str, place: Place) -> Decimal:
    """Return the seconds of an ISO 8601 duration of days and less: ``PT8M30S``."""
    found = ISO_DURATION.fullmatch(text.strip())
    if not found or not any(found.groups()):
        raise place.refuse(
            "a duration cannot be read",
            seen=text,
            expected="an ISO 8601 duration such as PT8M30S",
            remedy="fetch the answer again and leave it as it comes",
        )
    days, hours, minutes, seconds = (Decimal(part or 0) for part in found.groups())
    return days * 86400 + hours * 3600 + minutes * 60 + seconds


def parse_clock(text: str, place: Place, *, time_zone: str = "") -> tuple[datetime, str]:
    """Return the instant of a clock time, in UTC, and its zone as written."""
    words = text.split()
    has_name = len(words) > 1 and not words[-1][0].isdigit()
    name = words[-1] if has_name else time_zone
    told = " ".join(words[:-1]) if has_name else text
    if CLOCK.fullmatch(text):
        raise place.refuse(
            "a clock time has no day",
            seen=text,
            expected=EXPECTED,
            remedy="write the day in front of it: a drill may pass midnight",
        )
    value, instant = _day_and_time(told, text, place)
    if instant is not None and has_name:
        raise place.refuse(
            "a clock time has an offset and a time zone",
            seen=text,
            expected="one of them",
            remedy="delete the zone: the offset says it all",
        )
    if instant is not None:
        return instant, f"UTC{value:%z}" if value.utcoffset() else "UTC"
    if not name:
        raise place.refuse(
            "a clock time has no time zone",
            seen=text,
            expected=EXPECTED,
            remedy="write the offset or the zone behind it, or time_zone once for the log",
        )
    return _in_zone(value, name, text, place), name


def _day_and_time(told: str, text: str, place: Place) -> tuple[datetime, datetime | None]:
    """Return a time as it is written and, if it has an offset, its instant in UTC."""
    try:
        value = datetime.fromisoformat(told)
        return value, None if value.utcoffset() is None else value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise place.refuse(
            "a time cannot be read",
            seen=text,
            expected=EXPECTED,
            remedy="write it like one of these",
        ) from None


def _in_zone(value: datetime, name: str, text: str, place: Place) -> datetime:
    remedy = "write the offset from UTC behind the time: 2025-11-14T14:02:30-08:00"
    try:
        if "/" not in name and name not in ("UTC", "GMT", "Z"):
            raise ValueError(name)
        zone = ZoneInfo("UTC" if name == "Z" else name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        expected = "a name such as America/Los_Angeles, or UTC; abbreviations have several meanings"
        raise place.refuse(
            "a time zone is not known", seen=name, expected=expected, remedy=remedy
        ) from None
    early, late = (value.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if early.utcoffset() != late.utcoffset():
        raise place.refuse(
            "a clock time comes twice or not at all, since clocks change then",
            seen=f"{text} in {name}",
            expected="a time that comes once",
            remedy=remedy,
        )
    return early.astimezone(UTC)


def parse_instant(value: Any, place: Place, *, is_utc: bool = False) -> datetime | None:
    """Return an instant of JSON: seconds since 1970, or text with an offset; None when missing.

    With `is_utc` a text without an offset is in UTC.
    """
    if value is None or value == "":
        return None
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        try:
            return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(value * 10**6))
        except (ArithmeticError, ValueError):
            value = str(value)
    return parse_clock(str(value), place, time_zone="UTC" if is_utc else "")[0]
