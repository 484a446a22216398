"""What a benchmark file tells of a run, whatever tool wrote it.

Latencies are milliseconds, exact as they are written. A number that is none, negative or infinite
is refused with its row: a tool writes ``nan`` where it measured nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import Any

from prismlib.errors import SourceError
from prismlib.sources.delimited import open_text, reading
from prismlib.sources.drill_times import Place

MS = {
    **{"ns": Decimal("0.000001"), "us": Decimal("0.001"), "µs": Decimal("0.001")},
    **{"ms": Decimal(1), "s": Decimal(1000), "m": Decimal(60_000), "h": Decimal(3_600_000)},
}
"""Milliseconds of a unit of time."""
PERCENTILE = re.compile(r"p\d+(\.\d+)?")
ORDER_SLACK = Decimal("0.01")
"""Share by which a percentile may lie below the one before: tools round to two or three digits."""


@dataclass(frozen=True)
class Point:
    """A figure that the tool printed: min, mean, p50, p99.9 ... max; its place in its line."""

    statistic: str
    value_ms: Decimal
    field_number: int | None = None


@dataclass(frozen=True)
class Bucket:
    """`count` measured times from `lower_ms` to `upper_ms`, printed as `value_ms`."""

    value_ms: Decimal
    lower_ms: Decimal
    upper_ms: Decimal
    count: int


@dataclass(frozen=True)
class Metric:
    """A period of a CloudWatch metric."""

    metric_name: str
    observed_at: datetime
    statistic: str
    metric_value: Decimal
    unit: str


@dataclass(frozen=True)
class Run:
    """A run as its file tells it; what the file does not tell is missing.

    `facts` are columns of BENCHMARK_RUN. `note` is what a reader of its figures must know.
    """

    tool_name: str
    test_name: str = ""
    points: tuple[Point, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    metrics: tuple[Metric, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""


def number(text: object, place: Place, what: str) -> Decimal:
    """Return a number that is zero or more, as it is written.

    Raises
    ------
    SourceError
        It is empty, no number, negative, infinite or not a number (nan).
    """
    told = str(text).strip()
    try:
        value = Decimal(told)
    except InvalidOperation:
        value = Decimal("nan")
    if isinstance(text, bool) or not value.is_finite() or value < 0:
        raise place.refuse(
            f"{told or 'nothing'} in {what}",
            seen=told or "an empty cell",
            expected="a finite number, zero or more, with a decimal point",
            remedy="run the benchmark again and leave its file as it is written: nan and inf are"
            " what a tool writes when it measured nothing",
        )
    return value


def whole(text: object, place: Place, what: str) -> int:
    """Return a count; SourceError as `number`, or when it has a fraction."""
    value = number(text, place, what)
    if value != value.to_integral_value():
        raise place.refuse(
            f"{what} is no whole number",
            seen=str(text),
            expected="a count such as 100000",
            remedy="leave the file as the tool writes it",
        )
    return int(value)


def instant(seconds: Decimal, place: Place, what: str) -> datetime:
    """Return the time so many seconds after 1970; SourceError when there is no such time."""
    try:
        return datetime.fromtimestamp(int(seconds), tz=UTC)
    except (OverflowError, ValueError, OSError):
        raise place.refuse(
            f"{seconds} in {what}",
            seen=str(seconds),
            expected="seconds since 1970, such as 1763193600",
            remedy="leave the file as the tool writes it",
        ) from None


def percentile_name(text: str | Decimal) -> str:
    """Return p50 for ``50``, ``50.000`` and ``p50.00``; p99.9 for ``99.90``."""
    value = Decimal(str(text).strip().removeprefix("p").rstrip("%"))
    return f"p{value.normalize():f}"


def check_order(points: Sequence[Point], place: Place) -> None:
    """Raise SourceError if a higher percentile is clearly below a lower one, min or max included.

    Then the columns are not what their names say: two versions in a file, or a cell too many.
    """
    ranks = {"min": Decimal(-1), "max": Decimal(101)}
    ranked = sorted(
        (ranks.get(one.statistic) or Decimal(one.statistic[1:]), one.statistic, one.value_ms)
        for one in points
        if one.statistic in ranks or PERCENTILE.fullmatch(one.statistic)
    )
    for (_, low, below), (_, high, above) in pairwise(ranked):
        if above < below * (1 - ORDER_SLACK):
            raise place.refuse(
                f"{high} is below {low}",
                seen=f"{low} {below} ms, {high} {above} ms",
                expected="min, the percentiles and max in rising order",
                remedy="the columns are not what their names say: run the benchmark again and do"
                " not edit its file",
            )


class Tally:
    """Counts of values, so that a million rows take the memory of their distinct values."""

    def __init__(self, path: Path, what: str, unit: str = "ms") -> None:
        self._path, self._what, self._ms = path, what, MS[unit]
        self._counts: dict[str, int] = {}

    def add(self, text: str, row: int, times: int = 1) -> None:
        """Count a value; one seen for the first time is checked and may raise SourceError."""
        known = self._counts.get(text)
        if known is None:
            number(text, Place(self._path, row), self._what)
        self._counts[text] = (known or 0) + times

    @property
    def resolution_ms(self) -> Decimal:
        """How finely the values are written: the last place of the longest one."""
        exponents = (int(Decimal(text.strip()).as_tuple().exponent) for text in self._counts)
        return Decimal(1).scaleb(min(min(exponents, default=0), 0)) * self._ms

    def buckets(self) -> tuple[Bucket, ...]:
        """Return the values, ascending, each half a step wide to both sides."""
        counts: dict[Decimal, int] = {}
        for text, count in self._counts.items():
            value = Decimal(text.strip()) * self._ms
            counts[value] = counts.get(value, 0) + count
        half = self.resolution_ms / 2
        return tuple(
            Bucket(value, max(value - half, Decimal(0)), value + half, count)
            for value, count in sorted(counts.items())
        )


def from_cumulative(points: Iterable[tuple[Decimal, int]], place: Place) -> tuple[Bucket, ...]:
    """Return the buckets of (value, how many are up to it).

    Raises
    ------
    SourceError
        The counts fall while the values rise.
    """
    found: list[Bucket] = []
    before, lower = 0, Decimal(0)
    for value, total in sorted(points):
        if total < before:
            raise place.refuse(
                "a cumulative count falls",
                seen=f"{total} up to {value} ms, after {before}",
                expected="counts that rise with the value",
                remedy="the file holds more than one run, or was edited: give each run a file",
            )
        if total > before:
            found.append(Bucket(value, lower, value, total - before))
        before, lower = total, value
    return tuple(found)


def total_of(buckets: Iterable[Bucket]) -> int:
    """Return how many were measured."""
    return sum(bucket.count for bucket in buckets)


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (row, line) of a text file, gzip or not, without its line ends; the first row is 1."""
    with reading(path), open_text(path) as text:
        text.reconfigure(newline="\n")  # a lone return stays in its line, as in other programs
        for row, line in enumerate(text, start=1):
            yield row, line.rstrip("\r\n")


def is_cut(path: Path) -> bool:
    """Return whether the last line has no end: the tool was stopped while it wrote."""
    last = "\n"
    with reading(path), open_text(path) as text:
        for line in text:
            last = line
    return not last.endswith(("\n", "\r"))


def cut_off(place: Place, *, seen: str, expected: str) -> SourceError:
    """Return the error for a file that ends too early."""
    return place.refuse(
        "truncated",
        seen=seen,
        expected=expected,
        remedy="run the benchmark again and wait until it ends: the slowest answers come last",
    )


def two_runs(place: Place, *, seen: str) -> SourceError:
    """Return the error for a file that more than one run was written to."""
    return place.refuse(
        "holds two runs",
        seen=seen,
        expected="one run in a file",
        remedy="give each run a file of its own: results that were appended are no one run",
    )
