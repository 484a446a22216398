"""Half-open periods: no day lost, no day twice, and no clock."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismlib.errors import ParameterError
from prismlib.periods import Period, iso_week, week_period

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31))


@pytest.mark.parametrize(
    ("text", "start", "end", "days"),
    [
        ("2025-10", date(2025, 10, 1), date(2025, 11, 1), 31),
        ("2025-11", date(2025, 11, 1), date(2025, 12, 1), 30),
        ("2025-12", date(2025, 12, 1), date(2026, 1, 1), 31),  # the end lies in the next year
        ("2024-02", date(2024, 2, 1), date(2024, 3, 1), 29),  # 2024 / 4 is whole: a leap year
        ("2025-02", date(2025, 2, 1), date(2025, 3, 1), 28),
        ("2000-02", date(2000, 2, 1), date(2000, 3, 1), 29),  # 2000 / 400 is whole: leap
        ("1900-02", date(1900, 2, 1), date(1900, 3, 1), 28),  # 1900 / 100 is whole: not leap
    ],
)
def test_month_ends_before_the_next_begins(text, start, end, days):
    period = Period.month(text)
    assert (period.start, period.end, period.days) == (start, end, days)
    assert str(period) == text


@pytest.mark.parametrize(
    "text",
    ["", "2025", "2025-1", "2025-13", "2025-00", "25-10", "2025-10-01", "2025/10", " 2025-10"],
)
def test_month_refuses_other_spellings(text):
    with pytest.raises(ParameterError, match=r"a month such as 2025-10") as caught:
        Period.month(text)
    assert caught.value.value == text
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("text", ["0000-05", "9999-12"])
def test_month_outside_the_calendar_is_a_parameter_error(text):
    try:
        Period.month(text)
    except ParameterError:
        return
    pytest.fail("accepted")


@settings(deadline=None)
@given(DAYS)
def test_months_tile_the_calendar(day):
    """Each day is in exactly one month, and the month after begins where this one ends."""
    month = Period.month_of(day)
    assert day in month
    following = Period.month_of(month.end)
    assert following.start == month.end
    assert following.previous_month == month
    assert day not in following
    assert day not in month.previous_month
    assert month.previous_month.end == month.start


@settings(deadline=None)
@given(st.integers(min_value=1901, max_value=2198))
def test_twelve_months_make_a_year(year):
    days = [day for n in range(1, 13) for day in Period.month(f"{year}-{n:02d}").dates()]
    assert days == Period(date(year, 1, 1), date(year + 1, 1, 1)).dates()
    assert len(days) in (365, 366)


@settings(deadline=None)
@given(DAYS, st.integers(min_value=1, max_value=500))
def test_dates_are_the_days_contained(start, length):
    period = Period(start, start + timedelta(days=length))
    dates = period.dates()
    assert len(dates) == period.days == length
    assert dates == sorted(set(dates))
    assert all(day in period for day in dates)
    assert period.end not in period
    assert start - timedelta(days=1) not in period


@pytest.mark.parametrize("end", [date(2025, 10, 1), date(2025, 9, 30)])
def test_period_without_a_day_is_refused(end):
    with pytest.raises(ParameterError, match="an end after the start") as caught:
        Period(date(2025, 10, 1), end)
    assert f"2025-10-01/{end}" in str(caught.value)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (date(2025, 10, 1), date(2025, 10, 31), "2025-10-01 to 2025-10-30"),  # a day short
        (date(2025, 10, 1), date(2025, 12, 1), "2025-10-01 to 2025-11-30"),
        (date(2025, 10, 31), date(2025, 11, 1), "2025-10-31"),
    ],
)
def test_str_names_the_last_day_that_counts(start, end, words):
    assert str(Period(start, end)) == words


def test_previous_month_of_a_period_that_spans_months():
    # It begins on 15 March 2025, so the month before is February, whatever its end.
    assert Period(date(2025, 3, 15), date(2025, 5, 1)).previous_month == Period.month("2025-02")


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2025, 11, 16), "2025-W46"),  # the memo's date, a Sunday: last day of its week
        (date(2025, 11, 17), "2025-W47"),  # the Monday after
        (date(2024, 12, 30), "2025-W01"),  # Monday of the week that holds Thursday 2 January 2025
        (date(2021, 1, 3), "2020-W53"),  # Sunday of the week whose Thursday is 31 December 2020
        (date(2025, 1, 8), "2025-W02"),  # one digit is written as two
    ],
)
def test_iso_week_belongs_to_the_year_of_its_thursday(day, week):
    assert iso_week(day) == week


@settings(deadline=None)
@given(DAYS)
def test_iso_week_and_week_period_are_inverse(day):
    week = week_period(iso_week(day))
    assert day in week
    assert week.days == 7
    assert week.start.weekday() == 0
    assert {iso_week(d) for d in week.dates()} == {iso_week(day)}


def test_week_period_of_the_sample_report():
    week = week_period("2025-W46")
    assert (week.start, week.end) == (date(2025, 11, 10), date(2025, 11, 17))


@pytest.mark.parametrize(
    "text", ["", "2025-46", "2025-W4", "2025-W00", "2025-W53", "2025-W54", "W46", "2025-w46"]
)
def test_week_period_refuses_weeks_that_do_not_exist(text):
    """2025 begins on a Wednesday and is no leap year, so it has 52 weeks."""
    with pytest.raises(ParameterError, match=r"an ISO week such as 2025-W46"):
        week_period(text)


def test_week_53_exists_in_a_long_year():
    # 2020 begins on a Wednesday and is a leap year: 53 weeks, the last from 28 December.
    assert week_period("2020-W53").start == date(2020, 12, 28)


def test_periods_sort_by_start():
    months = [Period.month(text) for text in ("2025-12", "2025-02", "2026-01", "2024-12")]
    assert [str(m) for m in sorted(months)] == ["2024-12", "2025-02", "2025-12", "2026-01"]
