"""What a bucket holds and how it is read: cohorts of alike objects, arrivals, and the months ahead.

A cohort is any number of objects that differ in nothing that a lifecycle rule or a price looks at
but their size, of which the mean counts: cut cohorts at the sizes that a rule or a class names.

Time is in whole days, UTC, and what happens on a day happens at its start. An object's age counts
whole days since it was made: S3 adds the N days of a rule and rounds up to the next midnight, which
is the first at which the age is N. Ages are those at the start of the first day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise

from prismlib.errors import ParameterError
from prismlib.periods import Period

READ_DAYS = 30
"""Days over which reads are counted: a rate is reads per object and 30 days, whatever the month."""

CURRENT, NONCURRENT, UPLOAD = OBJECT_KINDS = ("current", "noncurrent", "upload")
"""A version that a plain GET returns, an older one, and the parts of an upload never completed."""

DAILY, MONTHLY = RHYTHMS = ("day", "month")


def _whole(name: str, value: int | None, least: int = 0, *, optional: bool = False) -> None:
    """Raise `ParameterError` unless `value` is a whole number, `least` or more."""
    if value is None and optional:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ParameterError(name, value, expected=f"a whole number, {least} or more")


def _share(name: str, value: Decimal) -> None:
    if not value.is_finite() or not 0 <= value <= 1:
        raise ParameterError(name, value, expected="a share from 0 to 1")


@dataclass(frozen=True)
class ReadPattern:
    """How often objects are read.

    Reads go to the objects in turn, evenly over the days. Objects that are read unevenly are told
    apart by `touched_share`, or better by cohorts of their own.

    Parameters
    ----------
    steps : tuple of (int, Decimal)
        From which age on [days] an object is read how often [reads per object and 30 days], by
        rising age. Before the first age nothing is read. The mean over all objects.
    touched_share : Decimal, default 1
        Share of the objects that get all the reads; the rest are never read.
    bytes_share : Decimal, default 1
        Share of an object that a read returns. A restore always restores the whole object.
    """

    steps: tuple[tuple[int, Decimal], ...] = ()
    touched_share: Decimal = Decimal(1)
    bytes_share: Decimal = Decimal(1)

    def __post_init__(self) -> None:
        _share("touched_share", self.touched_share)
        _share("bytes_share", self.bytes_share)
        for age, rate in self.steps:
            _whole("steps", age)
            if not rate.is_finite() or rate < 0:
                raise ParameterError("steps", rate, expected="reads, 0 or more")
            if rate > 0 and self.touched_share == 0:
                raise ParameterError("touched_share", 0, expected="more than 0: objects are read")
        if any(late <= early for (early, _), (late, _) in pairwise(self.steps)):
            raise ParameterError("steps", self.steps, expected="rising ages, each once")

    @property
    def daily(self) -> tuple[tuple[int, Fraction], ...]:
        """The steps with reads per object and day, exactly."""
        return tuple((age, Fraction(rate) / READ_DAYS) for age, rate in self.steps)


NEVER_READ = ReadPattern()


@dataclass(frozen=True)
class Cohort:
    """Objects that are alike.

    Parameters
    ----------
    prefix : str
        What their keys begin with.
    storage_class : str
        As the S3 API names it: STANDARD, GLACIER_IR ...
    object_count, size_bytes : int
        How many there are, and all their bytes.
    age_days : int
        Days since they were made (an upload: was begun).
    kind : str, default "current"
        One of `OBJECT_KINDS`.
    class_days : int, optional
        Days in their class; all their life when None.
    noncurrent_days : int, default 0
        Days since noncurrent versions were replaced.
    newer_versions : int, optional
        How many newer noncurrent versions each has. None is unknown: a rule that keeps some keeps
        them all.
    tags : tuple of (str, str)
    reads : ReadPattern
        A noncurrent version and an upload are never read.
    replaced_at_age : int, optional
        Age at which their users overwrite or delete them [days].
    """

    prefix: str
    storage_class: str
    object_count: int
    size_bytes: int
    age_days: int = 0
    kind: str = CURRENT
    class_days: int | None = None
    noncurrent_days: int = 0
    newer_versions: int | None = None
    tags: tuple[tuple[str, str], ...] = ()
    reads: ReadPattern = NEVER_READ
    replaced_at_age: int | None = None

    def __post_init__(self) -> None:
        for name in ("object_count", "size_bytes", "age_days", "noncurrent_days"):
            _whole(name, getattr(self, name))
        _whole("newer_versions", self.newer_versions, optional=True)
        _whole("replaced_at_age", self.replaced_at_age, 1, optional=True)
        if self.kind not in OBJECT_KINDS:
            raise ParameterError("kind", self.kind, expected=f"one of {', '.join(OBJECT_KINDS)}")
        if self.object_count == 0 and self.size_bytes > 0:
            raise ParameterError("object_count", 0, expected="objects that hold the bytes")
        for name in ("class_days", "noncurrent_days"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= self.age_days:
                raise ParameterError(name, value, expected=f"0 to the age of {self.age_days} days")

    @property
    def since_days(self) -> int:
        """Days in the class."""
        return self.age_days if self.class_days is None else self.class_days

    def is_smaller_than(self, limit: int) -> bool:
        """Return whether the mean object has fewer bytes than `limit`."""
        return self.size_bytes < limit * self.object_count


@dataclass(frozen=True)
class Arrival:
    """New data: `cohort` comes again every day, or at the start of the first day of every month.

    Parameters
    ----------
    cohort : Cohort
        What comes each time, mostly with age 0.
    every : str, default "day"
        "day" or "month".
    first_day : int, default 0
        First day of the horizon on which it may come.
    end_day : int, optional
        The day from which on it comes no more; None: it always does.
    """

    cohort: Cohort
    every: str = DAILY
    first_day: int = 0
    end_day: int | None = None

    def __post_init__(self) -> None:
        if self.every not in RHYTHMS:
            raise ParameterError("every", self.every, expected=f"one of {', '.join(RHYTHMS)}")
        _whole("first_day", self.first_day)
        _whole("end_day", self.end_day, optional=True)

    def days(self, horizon: Horizon) -> list[int]:
        """Return the days of the horizon on which it comes."""
        end = horizon.days if self.end_day is None else min(self.end_day, horizon.days)
        days = range(horizon.days) if self.every == DAILY else horizon.starts[:-1]
        return [day for day in days if self.first_day <= day < end]


@dataclass(frozen=True)
class Bucket:
    """A bucket at the start of the first day.

    Parameters
    ----------
    cohorts : tuple of Cohort
    arrivals : tuple of Arrival
    is_versioned : bool, default False
        Whether replacing or expiring an object keeps it as a noncurrent version.
    archive_after_days, deep_archive_after_days : int, optional
        Days without access after which Intelligent-Tiering moves an object to its opt-in archive
        tiers; None: the tier is off.
    """

    cohorts: tuple[Cohort, ...]
    arrivals: tuple[Arrival, ...] = ()
    is_versioned: bool = False
    archive_after_days: int | None = None
    deep_archive_after_days: int | None = None

    def __post_init__(self) -> None:
        _whole("archive_after_days", self.archive_after_days, 90, optional=True)
        _whole("deep_archive_after_days", self.deep_archive_after_days, 180, optional=True)

    @property
    def all_cohorts(self) -> tuple[Cohort, ...]:
        """What is there and what comes."""
        return (*self.cohorts, *(arrival.cohort for arrival in self.arrivals))


@dataclass(frozen=True)
class Horizon:
    """The months to simulate; storage of a month is billed by the share of its days.

    Parameters
    ----------
    month_days : tuple of int
        Length of each month [days].
    start : date, optional
        The first day. None: no calendar, so that a rule with a date cannot be simulated.
    """

    month_days: tuple[int, ...]
    start: date | None = None
    starts: tuple[int, ...] = field(init=False, repr=False, compare=False)
    """The first day of each month, counted from 0, and the end of the last."""

    def __post_init__(self) -> None:
        if not self.month_days:
            raise ParameterError("month_days", self.month_days, expected="a month or more")
        for days in self.month_days:
            _whole("month_days", days, 1)
        object.__setattr__(self, "starts", tuple(accumulate(self.month_days, initial=0)))

    @property
    def days(self) -> int:
        """Days of all the months."""
        return self.starts[-1]

    def month_start(self, month: int) -> date | None:
        """Return the first day of the month at a position counted from 0."""
        return self.start and self.start + timedelta(days=self.starts[month])

    def day_of(self, day: date) -> int:
        """Return how many days after the start a date lies; raises without a calendar."""
        if self.start is None:
            raise ParameterError(
                "start", None, expected=f"the first day: a rule acts on the date {day}"
            )
        return (day - self.start).days


def even_months(months: int, days: int = READ_DAYS) -> Horizon:
    """Return months of the same length, 30 days by default, without a calendar."""
    return Horizon((days,) * months)


def calendar_months(start: date, months: int) -> Horizon:
    """Return calendar months from the first day of a month on."""
    if start.day != 1:
        raise ParameterError("start", start, expected="the first day of a month")
    lengths, first = [], start
    for _ in range(months):
        month = Period.month_of(first)
        lengths.append(month.days)
        first = month.end
    return Horizon(tuple(lengths), start)
