"""Working hours on a calendar: when work that begins at an hour is done.

Method. Hours count from the midnight that begins the first day. People work the same hours of each
day that is neither at a weekend nor a public holiday; work goes on from one such day to the next.
Waiting (a copy, a deadline) passes at every hour. Arrays hold many draws at once.

Known limits. A calendar ends twenty years after it begins, and with the year 9999: what ends later
is on its last day.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from prismlib.analyses.durations import Array

OPENS = 9.0
"""The hour at which work begins; which hour it is moves no day."""
HORIZON_DAYS = 20 * 366
"""Work that takes longer is more than a schedule can say."""
WEEKEND = 5


def is_working(day: date, holidays: Collection[date]) -> bool:
    """Return whether people work on a day."""
    return day.weekday() < WEEKEND and day not in holidays


def working_days(first: date, last: date, holidays: Collection[date]) -> int:
    """Return on how many days people work, from the first to the last one; 0 when none is between.

    The days may be any number of years apart.
    """
    if last < first:
        return 0
    days = np.array([first, last], dtype="datetime64[D]")
    off = np.array(list(holidays), dtype="datetime64[D]")
    return int(np.busday_count(days[0], days[1] + 1, holidays=off))


@dataclass(frozen=True)
class WorkCalendar:
    """A calendar from `first` on.

    Parameters
    ----------
    first : date
    holidays : collection of date
    hours_per_day : float
        1 to 24, less than 15 begin at nine.
    """

    first: date
    holidays: Collection[date]
    hours_per_day: float

    @cached_property
    def days(self) -> int:
        """Return how many days it has."""
        return min(HORIZON_DAYS, (date.max - self.first).days + 1)

    @property
    def last(self) -> date:
        """Return its last day."""
        return self.first + timedelta(days=self.days - 1)

    @cached_property
    def _opens(self) -> Array:
        opens = min(OPENS, 24 - self.hours_per_day)
        days = range(self.days)
        working = [n for n in days if is_working(self.first + timedelta(days=n), self.holidays)]
        return np.array([24.0 * n + opens for n in working or [self.days]])

    def after_work(self, start: Array, hours: Array) -> Array:
        """Return when work of so many hours that begins at `start` is done. [h]"""
        opens = self._opens
        place = np.searchsorted(opens, start, side="right") - 1
        within = np.where(place < 0, 0.0, start - opens[np.maximum(place, 0)])
        done = np.maximum(place, 0) * self.hours_per_day
        done = np.where(place < 0, 0.0, done + np.minimum(within, self.hours_per_day)) + hours
        # Work that ends with a day ends on that day, not when the next one opens.
        day = np.maximum(np.ceil(done / self.hours_per_day - 1e-9) - 1, 0).astype(int)
        day = np.minimum(day, len(opens) - 1)
        ends = opens[day] + (done - day * self.hours_per_day)
        return np.where(hours > 0, np.maximum(ends, start), start)

    def opening(self, start: float) -> float:
        """Return the first working hour from `start` on. [h]"""
        opens = self._opens
        place = int(np.searchsorted(opens, start, side="right")) - 1
        if place >= 0 and start < opens[place] + self.hours_per_day:
            return start
        return float(opens[min(place + 1, len(opens) - 1)])

    def day_of(self, hours: float) -> date:
        """Return the day on which an hour lies; the last one for what is later."""
        return self.first + timedelta(days=int(min(hours // 24, self.days - 1)))

    def next_working(self, day: date) -> date:
        """Return the first day after `day` on which people work, and no day after the last one."""
        later = day
        while later < self.last:
            later += timedelta(days=1)
            if is_working(later, self.holidays):
                return later
        return self.last
