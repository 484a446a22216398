"""Half-open UTC periods, calendar months and ISO weeks.

Nothing here reads the clock: "today" is always an argument. An end is exclusive everywhere, as in
FOCUS (``ChargePeriodEnd``) and in Cost Explorer (``TimePeriod.End``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from prismlib.errors import ParameterError


@dataclass(frozen=True, order=True)
class Period:
    """The days from `start` up to but not including `end`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ParameterError(
                "period", f"{self.start}/{self.end}", expected="an end after the start"
            )

    @classmethod
    def month(cls, text: str) -> Period:
        """Return the calendar month written as ``2025-10``."""
        match = re.fullmatch(r"(\d{4})-(\d{2})", text)
        try:
            if match is None:
                raise ValueError
            year, month = int(match[1]), int(match[2])
            return cls(date(year, month, 1), date(year + month // 12, month % 12 + 1, 1))
        except ValueError:
            raise ParameterError("period", text, expected="a month such as 2025-10") from None

    @classmethod
    @cache
    def month_of(cls, day: date) -> Period:
        """Return the calendar month that holds `day`."""
        return cls.month(f"{day:%Y-%m}")

    @property
    def days(self) -> int:
        """Return the number of days."""
        return (self.end - self.start).days

    @property
    def previous_month(self) -> Period:
        """Return the calendar month before the one that holds the first day."""
        return Period.month_of(self.start.replace(day=1) - timedelta(days=1))

    def dates(self) -> list[date]:
        """Return every day of the period, in order."""
        return [self.start + timedelta(days=n) for n in range(self.days)]

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __str__(self) -> str:
        if self == Period.month_of(self.start):
            return f"{self.start:%Y-%m}"
        last = self.end - timedelta(days=1)
        return str(last) if self.days == 1 else f"{self.start} to {last}"


def iso_week(day: date) -> str:
    """Return the ISO week of `day` as ``2025-W46``."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def week_period(text: str) -> Period:
    """Return the seven days, Monday first, of an ISO week written as ``2025-W46``."""
    match = re.fullmatch(r"(\d{4})-W(\d{2})", text)
    try:
        if match is None:
            raise ValueError
        monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
        return Period(monday, monday + timedelta(days=7))
    except (ValueError, OverflowError):
        raise ParameterError("week", text, expected="an ISO week such as 2025-W46") from None
