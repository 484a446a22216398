"""Amounts a day, added up exactly: what is stored, moved, read or deleted on each day.

Method. An amount is whole, in units of 1/`unit`, and holds from a day up to another; a lot that
comes on several days adds the same amount a day later each time. Both are kept as second
differences by day, so that adding costs the same however long it holds or often it comes.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Generic, TypeVar

from prismlib.analyses.bucket_state import Horizon

Key = TypeVar("Key", bound=Hashable)

NONE, ALL = Fraction(0), Fraction(1)


class Ledger(Generic[Key]):
    """Amounts by key and day of a horizon."""

    def __init__(self, horizon: Horizon, unit: int) -> None:
        self.horizon = horizon
        self.unit = unit
        self._changes: dict[Key, list[int]] = {}

    def add(
        self,
        key: Key,
        start: int,
        end: int | None,
        amount: int,
        share: Fraction = ALL,
        repeat: int = 1,
    ) -> None:
        """Add a share of an amount to each day from `start` up to `end` (None: to all later ones).

        With `repeat`, add the same that much a day later again, `repeat` times in all.
        """
        parts, rest = divmod(self.unit, share.denominator)
        if rest:
            raise ArithmeticError(f"{share} is no multiple of 1/{self.unit}")
        change = amount * share.numerator * parts
        if not change or end == start:
            return
        changes = self._changes.get(key)
        if changes is None:
            changes = self._changes[key] = [0] * self.horizon.days
        ends = () if end is None else ((end, -change), (end + repeat, change))
        for day, step in ((start, change), (start + repeat, -change), *ends):
            if day < len(changes):
                changes[day] += step

    @property
    def keys(self) -> list[Key]:
        """What has been added to, in the order of the first time."""
        return list(self._changes)

    def daily(self, key: Key) -> list[int]:
        """Return the amount of each day, in units."""
        changes = self._changes.get(key)
        if changes is None:
            return [0] * self.horizon.days
        return list(accumulate(accumulate(changes)))

    def monthly(self, key: Key) -> list[Fraction]:
        """Return the sum over the days of each month."""
        return self.by_month(self.daily(key))

    def by_month(self, daily: Sequence[int]) -> list[Fraction]:
        """Return the sums by month of amounts by day, given in units."""
        sums = (sum(daily[start:end]) for start, end in pairwise(self.horizon.starts))
        return [Fraction(total, self.unit) if total else NONE for total in sums]

    def month_ends(self, key: Key) -> list[Fraction]:
        """Return the amount of the last day of each month."""
        daily = self.daily(key)
        return [Fraction(daily[end - 1], self.unit) for end in self.horizon.starts[1:]]

    def windows(self, key: Key, days: int) -> list[int]:
        """Return for each day the sum of the amounts of the `days` days up to it, in units."""
        sums = list(accumulate(self.daily(key), initial=0))
        return [sums[day + 1] - sums[max(0, day + 1 - days)] for day in range(self.horizon.days)]
