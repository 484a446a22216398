"""Times of drill logs, by hand."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismlib.errors import SourceError
from prismlib.sources.drill_timeline import seconds_words
from prismlib.sources.drill_times import (
    Mark,
    Place,
    parse_clock,
    parse_duration,
    parse_instant,
    parse_iso_duration,
    parse_mark,
)

PLACE = Place(Path("log.csv"), 3)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("T+2:30", "150", "150"),
        ("T+0", "0", "0"),
        ("T-0:45", "-45", "-45"),
        ("T−0:45", "-45", "-45"),
        # 105 minutes are 6,300 s; an hour, two minutes and a half 3,750 s.
        ("T+105:00", "6300", "6300"),
        ("T+1:02:30", "3750", "3750"),
        ("T + 2:30.25", "150.25", "150.25"),
        ("T+90s", "90", "90"),
        ("T+2:00..T+3:00", "120", "180"),
        ("T-1:00 .. T+0:30", "-60", "30"),
    ],
)
def test_times_from_zero(text, low, high):
    assert parse_mark(text, PLACE) == Mark(Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2025-11-14T14:02:30-08:00", "UTC-0800"),
        ("2025-11-14T22:02:30Z", "UTC"),
        ("2025-11-14T22:02:30+00:00", "UTC"),
        ("2025-11-14 14:02:30 America/Los_Angeles", "America/Los_Angeles"),
        ("2025-11-14 22:02:30 UTC", "UTC"),
        ("2025-11-15 03:32:30 Asia/Kolkata", "Asia/Kolkata"),
    ],
)
def test_clock_times(text, zone):
    # All are the same instant: Los Angeles is 8 hours behind in November, Kolkata 5:30 ahead.
    assert parse_clock(text, PLACE) == (datetime(2025, 11, 14, 22, 2, 30, tzinfo=UTC), zone)


def test_clock_time_with_the_zone_of_the_log():
    found = parse_mark("2025-07-14 14:02:30", PLACE, time_zone="America/Los_Angeles")
    # In July it is 7 hours behind.
    assert found.low == datetime(2025, 7, 14, 21, 2, 30, tzinfo=UTC)
    # A zone of its own comes first.
    found = parse_mark("2025-11-14T22:00Z", PLACE, time_zone="America/Los_Angeles")
    assert found.low == datetime(2025, 11, 14, 22, tzinfo=UTC)


def test_nothing_is_no_time():
    assert parse_mark("  ", PLACE) is None
    assert parse_duration("", PLACE) is None
    assert parse_instant(None, PLACE) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2025-11-14 14:02:30", "no time zone"),
        ("2025-11-14", "no time zone"),
        ("14:02:30", "has no day"),
        ("14:02 PST", "has no day"),
        ("2:30", "has no day"),
        ("2025-11-14 14:02:30 PST", "abbreviations have several meanings"),
        ("2025-11-14 14:02:30 America/Nowhere", "time zone is not known"),
        ("2025-11-14 14:02:30 /etc/passwd", "time zone is not known"),
        # Clocks went back at 2:00 on 2 November 2025 and forward on 9 March.
        ("2025-11-02 01:30:00 America/Los_Angeles", "twice or not at all"),
        ("2025-03-09 02:30:00 America/Los_Angeles", "twice or not at all"),
        ("T+2:75", "60 or more seconds"),
        ("T+1:75:00", "60 or more seconds"),
        ("T+3:00..T+2:00", "ends before it starts"),
        ("T+3:00..2025-11-14T22:00Z", "range from one way"),
        ("T+3:00..", "cannot be read"),
        ("about three", "cannot be read"),
        ("2025-11-14T14:02:30-08:00 Asia/Kolkata", "an offset and a time zone"),
        ("9999-12-31T23:59:59-08:00", "cannot be read"),
    ],
)
def test_times_that_are_none(text, words):
    with pytest.raises(SourceError, match=words) as caught:
        parse_mark(text, PLACE)
    assert "log.csv, row 3" in str(caught.value)
    assert "what to do" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30:00", 1800),
        ("1:02:30", 3750),
        ("1800", 1800),
        ("1800 s", 1800),
        ("0:00.5", Decimal("0.5")),
    ],
)
def test_durations(text, seconds):
    assert parse_duration(text, PLACE) == seconds


@pytest.mark.parametrize("text", ["-1:00", "half an hour", "30 min", "0:75"])
def test_durations_that_are_none(text):
    with pytest.raises(SourceError, match=r"duration|60 or more"):
        parse_duration(text, PLACE)


@pytest.mark.parametrize(
    ("text", "seconds"), [("PT9M30S", 570), ("PT1H", 3600), ("P1DT0.5S", Decimal("86400.5"))]
)
def test_iso_durations(text, seconds):
    assert parse_iso_duration(text, PLACE) == seconds


@pytest.mark.parametrize("text", ["", "P", "PT", "P1M", "8:30"])
def test_iso_durations_that_are_none(text):
    with pytest.raises(SourceError, match="ISO 8601"):
        parse_iso_duration(text, PLACE)


def test_instants_of_json():
    # 1,763,157,600 s after 1970 is 14 November 2025, 22:00 UTC.
    then = datetime(2025, 11, 14, 22, tzinfo=UTC)
    assert parse_instant(1763157600, PLACE) == then
    assert parse_instant(Decimal("1763157600.25"), PLACE) == then.replace(microsecond=250000)
    assert parse_instant("2025-11-14 22:00:00+00:00", PLACE) == then
    assert parse_instant("2025-11-14T22:00:00", PLACE, is_utc=True) == then


@pytest.mark.parametrize("value", [10**30, Decimal("1e999999"), True, float("nan"), {}, "soon"])
def test_instants_that_are_none(value):
    with pytest.raises(SourceError):
        parse_instant(value, PLACE)


@given(st.integers(-(10**7), 10**7), st.integers(0, 999))
def test_words_are_read_back(seconds, milliseconds):
    value = Decimal(seconds) + Decimal(milliseconds) / 1000
    assert parse_mark(seconds_words(value), PLACE).low == value


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_refused(text):
    with suppress(SourceError):
        parse_mark(text, PLACE, time_zone="UTC")
