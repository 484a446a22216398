"""Reads by age: how many, of how many objects, and which share has been idle for how long.

Method. Objects are read in turn, so that the reads of the last D days, up to the share that is read
at all, went to as many different objects: the rest has been idle for D days or more. An object that
is restored is read from its copy until that is gone.

Known limits. Reads that come at random hit some objects twice: then more are idle than here, and
Intelligent-Tiering saves more. Objects that are read unevenly belong in cohorts of their own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from fractions import Fraction
from math import lcm

from prismlib.analyses.bucket_state import ReadPattern

Piece = tuple[int, int, Fraction]
"""A value that holds from an age up to another."""


class Reads:
    """The reads of a pattern, exactly.

    Parameters
    ----------
    pattern : ReadPattern
    copy_days : int
        Days for which the copy of a restored object is kept.
    """

    def __init__(self, pattern: ReadPattern, copy_days: int) -> None:
        self.touched_share = Fraction(pattern.touched_share)
        self.bytes_share = Fraction(pattern.bytes_share)
        self._most_restored = self.touched_share / copy_days
        self._ages, self._rates, self._before = [0], [Fraction(0)], [Fraction(0)]
        for age, rate in pattern.daily:
            passed = age - self._ages[-1]
            self._before.append(self._before[-1] + self._rates[-1] * passed)
            self._ages.append(age)
            self._rates.append(rate)

    @property
    def unit(self) -> int:
        """The number of which every share and rate here is a whole multiple of the inverse."""
        rates = [rate * share for rate in self._rates for share in (1, self.bytes_share)]
        return lcm(
            *(value.denominator for value in (self.touched_share, self._most_restored, *rates))
        )

    def rates(self, start: int, end: int) -> Iterator[Piece]:
        """Yield the reads per object and day, from the age `start` up to `end`; not where 0."""
        while start < end:
            position = bisect_right(self._ages, start)
            until = min([end, *self._ages[position : position + 1]])
            if self._rates[position - 1]:
                yield start, until, self._rates[position - 1]
            start = until

    def restores(self, rate: Fraction) -> Fraction:
        """Return how many restores per object and day such a rate of reads needs."""
        return min(rate, self._most_restored)

    def idle(self, start: int, end: int, days: int) -> Iterator[Piece]:
        """Yield the share of objects idle for `days` days or more, from the age `start` on."""
        while start < end:
            first = start + 1 - days
            position = bisect_right(self._ages, max(first, 0))
            step = self._ages[position] if position < len(self._ages) else end
            until = start + 1 if step <= start else min(end, step)
            read = self._read_before(start + 1) - self._read_before(first)
            yield start, until, 1 - min(self.touched_share, read)
            start = until

    def _read_before(self, age: int) -> Fraction:
        """Return the reads per object at ages below `age`."""
        position = bisect_right(self._ages, max(age, 0)) - 1
        passed = max(age, 0) - self._ages[position]
        return self._before[position] + self._rates[position] * passed
