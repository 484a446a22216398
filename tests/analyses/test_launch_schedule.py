"""Working hours on a calendar, and the launch day that a plan supports."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from launch_examples import (
    criterion,
    launch_of,
    look,
    met,
    open_item,
    rules,
    table,
    task,
)

from prismlib.analyses.launch_inputs import LaunchSettings
from prismlib.analyses.launch_schedule import Schedule
from prismlib.analyses.work_calendar import WorkCalendar

TUESDAY = date(2025, 11, 18)
CALENDAR = WorkCalendar(TUESDAY, frozenset({date(2025, 11, 27)}), 8)


def done(start: float, hours: float, calendar: WorkCalendar = CALENDAR) -> float:
    return float(calendar.after_work(np.array([start]), np.array([hours]))[0])


@pytest.mark.parametrize(
    ("start", "hours", "ends"),
    [
        (0, 4, 13),  # from nine to one
        (0, 8, 17),  # a day ends on its day
        (0, 9, 24 + 10),  # an hour of the next
        (15, 4, 24 + 11),  # two hours left of the first
        (20, 1, 24 + 10),  # in the evening: the next morning
        (0, 32, 3 * 24 + 17),  # Tuesday to Friday
        (0, 40, 6 * 24 + 17),  # and over the weekend to Monday
        (8 * 24, 9, 10 * 24 + 10),  # Wednesday 26: a day, Thanksgiving, an hour of Friday
        (5, 0, 5),  # no work takes no time, at any hour
    ],
)
def test_work_is_done_in_working_hours(start, hours, ends):
    assert done(start, hours) == ends


# Quarters of an hour: their sums are exact, so a day that is just full is that on every path.
FROM_NOW = st.integers(0, 2000).map(lambda quarters: quarters / 4)
HOURS = st.integers(1, 800).map(lambda quarters: quarters / 4)


@given(FROM_NOW, HOURS, HOURS)
def test_work_in_two_parts_is_as_long_as_in_one(start, one, other):
    assert done(done(start, one), other) == pytest.approx(done(start, one + other))


@given(FROM_NOW, HOURS)
def test_more_than_eight_hours_a_day_are_never_worked(start, hours):
    end = done(start, hours)
    days = [TUESDAY + timedelta(n) for n in range(int(start // 24), int(end // 24) + 1)]
    worked = [day for day in days if day.weekday() < 5 and day != date(2025, 11, 27)]
    assert end >= start + hours
    assert hours <= 8 * len(worked)


def test_next_working_day_leaves_out_weekends_and_holidays():
    assert CALENDAR.next_working(date(2025, 11, 21)) == date(2025, 11, 24)
    assert CALENDAR.next_working(date(2025, 11, 26)) == date(2025, 11, 28)


# --- the schedule ---------------------------------------------------------------------------------


PLAN = [
    task("start", "", TUESDAY),
    task("meeting", "decision"),
    task("launch", "launch", date(2025, 12, 9)),
]


def schedule_of(items: list[dict], plan: list[dict] | None = None, **settings: Any) -> Schedule:
    tables = met(readiness_item=items, plan_task=plan or PLAN, evidence=[], stated_evidence=[])
    tables["criterion"] = table("criterion", [criterion("load", needs="gap.1")])
    tables["decision_rule"] = table("decision_rule", rules("load"))
    found = launch_of(tables, settings=LaunchSettings(draws=200, **settings)).schedule
    assert found is not None
    return found


def test_teams_work_beside_each_other_and_a_team_in_turn():
    """A: 4 + 6 h are a day and 2 h; B: 3 h. The meeting is the day after, the launch the next:
    Tuesday 18, Wednesday 19 at 11; the meeting runs from then to Thursday 20 at 11; Friday 21."""
    found = schedule_of(
        [open_item("gap.1", "A", 4), open_item("gap.2", "A", 6), open_item("gap.3", "B", 3)]
    )
    assert max(found.ends["gap.1"], found.ends["gap.2"]) == 24 + 11
    assert found.ends["gap.3"] == 12
    assert found.ends["meeting"] == 2 * 24 + 11
    assert found.launch == date(2025, 11, 21)


def test_waiting_does_not_hold_the_team():
    """2 h of work, then 48 h of copying; the team does the other 4 h meanwhile."""
    found = schedule_of([open_item("gap.1", "A", 2, 48), open_item("gap.2", "A", 4)])
    assert found.starts["gap.1"] == 0, "what takes longest in all is begun first"
    assert found.ends["gap.1"] == 11 + 48
    assert found.ends["gap.2"] == 15


def test_item_waits_for_what_it_needs():
    found = schedule_of([open_item("gap.1", "A", 2, 48), open_item("gap.2", "B", 4, needs="gap.1")])
    assert found.starts["gap.2"] == 11 + 48
    assert found.path.path[0] == "gap.1"


def test_look_at_a_criterion_waits_for_what_its_evidence_rests_on():
    plan = [*PLAN, task("benchmark", "load", wait_hours=Decimal(24))]
    found = schedule_of([open_item("gap.1", "A", 4), open_item("gap.2", "A", 6)], plan)
    assert found.starts["benchmark"] == found.ends["gap.1"]


def test_critical_path_is_as_long_as_the_schedule():
    found = schedule_of([open_item("gap.1", "A", 4, 30), open_item("gap.2", "A", 6)])
    assert found.path.total_s == round(max(found.ends.values()) * 3600)


def test_holiday_of_the_country_moves_the_launch():
    """Wednesday 26 November at the earliest; Thanksgiving is the 27th."""
    plan = [task("start", "", date(2025, 11, 25)), *PLAN[1:]]
    items = [open_item("gap.1", "A", 8)]
    assert schedule_of(items, plan).launch == date(2025, 11, 28)
    assert schedule_of(items, plan, country="").launch == date(2025, 11, 27)


def test_same_seed_gives_the_same_days_and_no_spread_one_day():
    items = [open_item("gap.1", "A", 4, 100), open_item("gap.2", "A", 6)]
    one, other = schedule_of(items, seed=3), schedule_of(items, seed=3)
    assert (one.low, one.median, one.high) == (other.low, other.median, other.high)
    assert one.low <= one.median <= one.high
    fixed = schedule_of(items, spread=1.0)
    assert fixed.low == fixed.launch == fixed.high


def test_without_a_plan_there_is_no_day():
    assert launch_of(met()).schedule is None
    assert launch_of(met(evidence=[look("gap.1")])).schedule is None
