"""The plan against its own days, each case worked by hand first.

17 Nov 2025 is a Monday, 27 Nov (a Thursday) is Thanksgiving, work is from 9 to 17.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from launch_examples import (
    AS_OF,
    criterion,
    item,
    launch_of,
    look,
    met,
    open_item,
    rules,
    task,
)

from prismlib.analyses.launch_findings import judge_launch
from prismlib.analyses.launch_inputs import LaunchSettings
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.analyses.launch_tables import distance_table, schedule_table
from prismlib.analyses.work_calendar import WorkCalendar, working_days
from prismlib.errors import SchemaError
from prismlib.findings import Finding, Severity, Verdict
from prismlib.narrative import launch_plan as words
from prismlib.tables import records

D = Decimal
END = date(9999, 12, 31)
CLOSED = [item("gap.1"), item("gap.2")]


def nov(number: int) -> date:
    return date(2025, 11, number)


def dec(number: int) -> date:
    return date(2025, 12, number)


OPS = [open_item("gap.1", "Ops", 4), open_item("gap.2", "Ops", 4)]
LAUNCH = task("launch", "launch", nov(28))
PLAN = [task("g1", "gap.1", nov(18)), task("g2", "gap.2", nov(19)), LAUNCH]


def launch(
    plan: list[dict],
    items: list[dict] | None = None,
    *,
    as_of: date = AS_OF,
    settings: LaunchSettings | None = None,
    **tables: Any,
) -> LaunchResults:
    """Return the analysis of a plan; the criterion load rests on gap.1."""
    changes = {"readiness_item": OPS if items is None else items, "evidence": [], **tables}
    return launch_of(met(plan_task=plan, **changes), as_of=as_of, settings=settings)


def found(results: LaunchResults) -> dict[str, Finding]:
    return {one.id.removeprefix("launch."): one for one in judge_launch(results)}


def days_of(results: LaunchResults) -> dict[str, tuple[date, date]]:
    return {
        row["task_id"]: (row["earliest_from_date"], row["earliest_to_date"])
        for row in records(schedule_table(results))
    }


# --- what waits for what --------------------------------------------------------------------------


def test_meeting_that_is_a_look_too_is_done_after_all_else():
    """Ops do 8 h on Tuesday 18; the meeting of a day is on the 19th, the launch on the 20th."""
    results = launch([*PLAN, task("meeting", "load|decision", nov(25))])
    assert results.schedule.launch == nov(20)
    assert days_of(results)["meeting"] == (nov(19), nov(19))
    assert found(results)["launch_date"].verdict is Verdict.HOLDS


@pytest.mark.parametrize(("name", "from_day"), [("gap.1", 18), ("gap.2", 18)])
def test_task_with_the_id_of_an_item_is_another_thing(name, from_day):
    """The look, a day of 8 h, follows gap.1, which is done on the 18th at 13: 4 h on the 18th and
    4 h on the 19th. Both items stay in the schedule, on the 18th. The launch is on the 20th."""
    results = launch([*PLAN, task(name, "load", nov(25), team_name="QA")])
    assert days_of(results) == {
        "gap.1": (nov(18), nov(18)),
        "gap.2": (nov(18), nov(18)),
        f"task {name}": (nov(from_day), nov(19)),
    }
    assert results.schedule.launch == nov(20)
    planned = {r["task_id"]: r["planned_from_date"] for r in records(schedule_table(results))}
    assert planned == {"gap.1": nov(18), "gap.2": nov(19), f"task {name}": nov(25)}


CHAIN = [
    task("launch", "launch", dec(1)),
    task("lt", "load", nov(24), team_name="QA", effort_hours=D(8)),
    task("dr", "load", nov(24), team_name="DR", effort_hours=D(8), waits_for="lt"),
    task("meet", "decision", nov(25), waits_for="dr"),
]
THREE = [
    open_item("gap.1", "Ops", 12),
    open_item("gap.2", "Ops", 8),
    open_item("gap.3", "DB", 4, 72, needs="gap.1"),
]


@pytest.mark.parametrize(("waits", "day"), [("lt", dec(4)), ("", dec(3))])
def test_task_waits_for_the_task_that_the_plan_names(waits, day):
    """From Monday 24 Nov: gap.1 12 h until Tuesday at 13, gap.3 4 h until 17, then 72 h until
    Friday at 17. lt on Monday 1 Dec, dr after it on the 2nd, the meeting on the 3rd, the launch on
    the 4th. Were dr beside lt on the 1st, it would be the 3rd."""
    plan = [{**row, "waits_for": waits} if row["task_id"] == "dr" else row for row in CHAIN]
    items = [*met()["criterion"].to_dict("records")]
    items[1]["needs"] = "gap.1|gap.3"
    results = launch(plan, THREE, criterion=items)
    assert results.schedule.launch == day
    assert found(results)["launch_date"].verdict is Verdict.INFEASIBLE  # planned is 1 Dec


def test_what_a_look_waits_for_is_done_first_whatever_it_is_for():
    """The set-up, 16 h, is for nothing in a register: the 18th and 19th; lt is on the 20th."""
    plan = [
        *PLAN,
        task("set_up", "", nov(18), effort_hours=D(16)),
        task("lt", "load", nov(20), effort_hours=D(8), waits_for="set_up"),
    ]
    results = launch(plan)
    assert days_of(results)["lt"] == (nov(20), nov(20))
    assert results.schedule.launch == nov(21)
    assert "set_up" not in days_of(launch([row | {"waits_for": ""} for row in plan]))


def test_launch_waits_for_what_the_plan_names():
    """The dry run, 24 h from the 18th to the 20th, ends after all else: launch on the 21st."""
    plan = [*PLAN[:2], {**LAUNCH, "waits_for": "dry"}, task("dry", "", nov(18), effort_hours=D(24))]
    assert launch(plan).schedule.launch == nov(21)


def test_item_waits_for_what_its_task_waits_for():
    """gap.2 by its task waits for gap.1, 4 h by another team: from 13 to 17 on the 18th."""
    items = [open_item("gap.1", "A", 4), open_item("gap.2", "B", 4)]
    plan = [PLAN[0], {**PLAN[1], "waits_for": "g1"}, LAUNCH]
    assert launch(plan, items).schedule.starts["gap.2"] == 13
    assert launch(PLAN, items).schedule.starts["gap.2"] == 0


@pytest.mark.parametrize(
    ("plan", "named"),
    [
        # the look rests on gap.1, whose task waits for the look
        ([{**PLAN[0], "waits_for": "lt"}, task("lt", "load"), LAUNCH], "gap.1 (name of gap.1)"),
        # the decision comes after every look
        ([task("lt", "load", waits_for="meet"), task("meet", "decision"), LAUNCH], "meet (meet)"),
        # the launch comes after every look
        ([task("lt", "load", waits_for="launch"), LAUNCH], "launch (launch)"),
        ([task("lt", "load", waits_for="lt"), LAUNCH], "lt (lt)"),
    ],
)
def test_circle_is_a_finding(plan, named):
    results = launch(plan)
    one = found(results)["launch_date"]
    assert results.schedule is None
    assert (one.verdict, one.severity) == (Verdict.INFEASIBLE, Severity.CRITICAL)
    assert "can begin first" in one.statement
    assert "lt (lt)" in one.statement and named in one.statement
    assert "Planned is 28 Nov 2025" in one.statement


def test_team_is_one_however_it_is_spelt():
    """4 + 4 h of one team end on the 18th at 17, those of two teams at 13."""
    plan = [*PLAN, task("meet", "decision")]
    one = [open_item("gap.1", "Ops", 4), open_item("gap.2", " ops ", 4)]
    assert launch(plan, one).schedule.starts["meet"] == 17
    two = [open_item("gap.1", "Ops", 4), open_item("gap.2", "Dev", 4)]
    assert launch(plan, two).schedule.starts["meet"] == 13


# --- days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (nov(21), nov(24), 2),  # Friday and Monday
        (nov(22), nov(23), 0),  # a weekend
        (nov(26), nov(28), 2),  # without Thanksgiving
        (nov(28), nov(26), 0),  # backwards
        (date(9999, 12, 25), END, 5),  # Saturday to Friday
    ],
)
def test_working_days_of_a_span(first, last, days):
    assert working_days(first, last, {nov(27): "Thanksgiving"}) == days


@pytest.mark.parametrize(
    ("needs", "ends", "day"), [("", nov(24), nov(25)), ("gap.1", nov(25), nov(26))]
)
def test_look_without_effort_takes_the_working_days_that_it_is_given(needs, ends, day):
    """Friday 21 to Monday 24 are 2 working days, 16 h: done on the 24th at 17, launch on the 25th.
    After an hour of gap.1 on Friday an hour of it is left for Tuesday 25: launch on the 26th."""
    plan = [
        task("lt", "load", nov(21), task_to_date=nov(24), team_name="QA"),
        task("launch", "launch", dec(1)),
    ]
    criteria = [criterion("load", needs=needs)]
    results = launch(
        plan,
        [open_item("gap.1", "Ops", 1)],
        criterion=criteria,
        decision_rule=rules("load"),
    )
    assert days_of(results)["lt"] == (nov(21), ends)
    assert results.schedule.launch == day


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (nov(22), nov(23), "2 days given, none of them worked"),  # a weekend
        (nov(21), nov(23), "3 days given, 1 of them worked"),  # 8 h of Friday
        (nov(26), nov(28), ""),  # 2 days around Thanksgiving are 16 h
        (nov(20), nov(21), ""),
        (nov(20), nov(20), "1 day given"),  # 16 h are too much for any day
    ],
)
def test_task_is_given_working_days(first, last, said):
    plan = [task("g1", "gap.1", first, task_to_date=last), task("launch", "launch", dec(1))]
    one = found(launch(plan, [open_item("gap.1", "Ops", 16)])).get("plan.too_long.p")
    assert (one is not None) == bool(said)
    if one is not None:
        assert one.statement == f"1 task: g1 takes 16 h of work, {said}."


def test_day_off_within_a_task_is_named_and_a_weekend_within_is_not():
    plan = [
        task("over", "gap.1", nov(26), task_to_date=nov(28)),  # Thanksgiving within
        task("until", "gap.2", nov(20), task_to_date=nov(22)),  # to a Saturday
        task("across", "load", nov(20), task_to_date=nov(25)),  # a weekend within
        task("launch", "launch", dec(2)),
    ]
    one = found(launch(plan))["plan.days_off"]
    assert one.value == 2
    assert one.statement == (
        "2 days of the plan: 22 Nov 2025 (Sat): until; 27 Nov 2025 (Thanksgiving Day): over."
    )


@pytest.mark.parametrize("printed", ["Fri", "fri", "FRIDAY", "Friday", "Fri.", " Friday "])
def test_weekday_in_full_or_short_is_right(printed):
    plan = [*PLAN[:2], {**LAUNCH, "stated_weekday": printed}]
    assert found(launch(plan))["plan.weekdays"].verdict is Verdict.HOLDS


@pytest.mark.parametrize("printed", ["Thu", "Thursday", "Fr", "F", "Fridays"])
def test_weekday_that_is_another_or_none_is_wrong(printed):
    plan = [*PLAN[:2], {**LAUNCH, "stated_weekday": printed}]
    one = found(launch(plan))["plan.weekdays"]
    assert one.verdict is Verdict.CONTRADICTS
    assert f"is a Fri, not {printed}" in one.statement


def test_year_is_found_by_weekdays_in_full():
    """28 Nov is a Friday in 2025 and a Thursday in 2024."""
    plan = [*PLAN[:2], {**LAUNCH, "stated_weekday": "Thursday"}]
    assert "right in 2024" in found(launch(plan))["plan.weekdays"].statement


# --- what is closed when --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([(18, 18), (24, 24)], ""),
        ([(18, 18), (30, 30)], "Not before it: gap.1 (name of gap.1, 30 Nov 2025)."),
        ([(30, 30), (18, 18)], "Not before it: gap.1 (name of gap.1, 30 Nov 2025)."),
        ([(28, 28)], "Not before it: gap.1 (name of gap.1, 28 Nov 2025)."),  # the launch day
        ([(26, 30)], "Not before it: gap.1 (name of gap.1, 30 Nov 2025)."),  # begun before it
        ([(18, 27)], ""),  # the day before
        ([(18, 18), (None, None)], "On no day that it gives: gap.1 (name of gap.1)."),
        ([(18, None)], "On no day that it gives: gap.1 (name of gap.1)."),
        ([], "Not in it: gap.1 (name of gap.1)."),
    ],
)
def test_item_is_closed_before_the_launch_or_left_open_everywhere(parts, said):
    """The launch is on the 28th: what is closed on the 27th is closed, on the 28th it is open."""
    days = [[None if n is None else nov(n) for n in part] for part in parts]
    plan = [
        task(f"g1.{n}", "gap.1", first, task_to_date=last) for n, (first, last) in enumerate(days)
    ]
    results = launch([*plan, PLAN[1], LAUNCH])
    one = found(results).get("plan.left_out")
    at_once = records(results.rollout)[0]
    assert at_once["open_critical_items"] == bool(said)
    assert at_once["note"] == ("left open by the plan: gap.1" if said else "")
    assert (one is not None) == bool(said)
    if one is not None:
        assert one.statement == f"The plan launches on 28 Nov 2025. {said}"
        assert (one.value, one.severity) == (1, Severity.CRITICAL)


@pytest.mark.parametrize("is_turned", [False, True])
def test_look_between_two_parts_is_too_early(is_turned):
    parts = [task("g1", "gap.1", nov(18)), task("g1b", "gap.1", nov(24))]
    plan = [*(parts[::-1] if is_turned else parts), task("lt", "load", nov(20)), LAUNCH]
    one = found(launch(plan))["plan.order.p"]
    assert one.statement == (
        "1 task before what it needs: lt on 20 Nov 2025, before gap.1 on 24 Nov 2025."
    )


def test_look_on_the_day_that_closes_its_item_is_in_order():
    plan = [task("g1", "gap.1", nov(18)), task("lt", "load", nov(18)), LAUNCH]
    assert "plan.order.p" not in found(launch(plan))


def test_item_of_the_checklist_is_before_the_launch_once_it_is_closed():
    """gap.1 is for later by the checklist: early if closed on the 27th, not if on the 30th."""
    later = [{"item_id": "gap.1", "checklist_group": "later"}]
    for last, is_early in ((nov(27), True), (nov(30), False)):
        plan = [task("g1", "gap.1", nov(18), task_to_date=last), *PLAN[1:]]
        one = found(launch(plan, checklist_item=later)).get("plan.checklist")
        assert (one is not None) == is_early


def test_part_in_a_later_stage_is_open_in_the_first():
    """gap.1 is in stage 1 and 2, gap.2 in stage 0, before there is traffic."""
    stages = [("s0", "gap.2"), ("s1", "launch|gap.1"), ("s2", "gap.1")]
    blank = {"task_from_date": None, "task_to_date": None, "plan_id": "staged"}
    staged = [task(name, serves, **{}) | blank for name, serves in stages]
    rows = {r["choice_name"]: r for r in records(launch([*PLAN, *staged]).rollout)}
    assert rows["In stages: s1 first"]["open_critical_items"] == 1


# --- the day that is supported --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "verdict"), [(nov(18), Verdict.INFEASIBLE), (nov(19), Verdict.HOLDS)]
)
def test_launch_day_of_the_plan_is_held_against_the_supported_one(day, verdict):
    """8 h of Ops on the 17th, the look of 8 h on the 18th: the launch is on the 19th. No claim
    states a launch day."""
    plan = [
        task("g1", "gap.1", nov(17)),
        task("lt", "load", nov(17), effort_hours=D(8)),
        task("launch", "launch", day),
    ]
    results = launch(plan, [open_item("gap.1", "Ops", 8)])
    one = found(results)["launch_date"]
    assert results.schedule.launch == nov(19)
    assert one.verdict is verdict
    assert one.expected == (day - nov(17)).days
    assert f"Planned is {day.day} Nov 2025." in one.statement
    assert f"Planned: {day.day} Nov 2025" in dict(words.marks(results, results.schedule))


def test_plan_that_launches_before_it_can_is_no_better_for_a_later_stated_day():
    plan = [
        task("g1", "gap.1", nov(17)),
        task("lt", "load", nov(17), effort_hours=D(8)),
        task("launch", "launch", nov(18)),
    ]
    late = LaunchSettings(draws=100, launch=dec(9))
    one = found(launch(plan, [open_item("gap.1", "Ops", 8)], settings=late))["launch_date"]
    assert one.verdict is Verdict.INFEASIBLE
    assert "Planned is 9 Dec 2025, and the plan launches on 18 Nov 2025." in one.statement


def test_item_of_unknown_length_makes_the_day_unknown():
    """gap.1 counts for no time: the look takes the 18th, the launch is on the 19th or later."""
    plan = [task("g1", "gap.1", nov(18)), task("lt", "load", nov(18)), LAUNCH]
    results = launch(plan, [open_item("gap.1", "Ops", None)])
    one = found(results)["launch_date"]
    assert results.schedule.launch == nov(19)
    assert one.verdict is Verdict.UNKNOWN
    assert "for gap.1 (name of gap.1): counted as no time" in one.statement
    for known in (open_item("gap.1", "Ops", 0), open_item("gap.1", "Ops", None, 24)):
        assert found(launch(plan, [known]))["launch_date"].verdict is Verdict.HOLDS


def test_item_of_unknown_length_takes_what_its_task_states():
    """16 h from the 18th to the 19th; the look on the 20th."""
    plan = [task("g1", "gap.1", nov(18), effort_hours=D(16)), task("lt", "load", nov(18)), LAUNCH]
    results = launch(plan, [open_item("gap.1", "Ops", None)])
    assert results.schedule.launch == nov(21)
    assert found(results)["launch_date"].verdict is Verdict.HOLDS


# --- what a team can do ---------------------------------------------------------------------------


def crowded(*parts: tuple[str, int, int, int]) -> Finding | None:
    """Return the finding on tasks: their team, first day, last day and hours."""
    rows = [
        task(f"t{n}", "", nov(a), task_to_date=nov(b), team_name=team, effort_hours=D(hours))
        for n, (team, a, b, hours) in enumerate(parts, start=1)
    ]
    return found(launch([*rows, LAUNCH], CLOSED)).get("plan.capacity.p")


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([("Ops", 18, 18, 8), ("ops ", 18, 18, 8)], "18 Nov 2025: t1 and t2 take 16 h, 8 h"),
        ([("Ops", 18, 18, 4), ("Ops", 18, 18, 4)], ""),
        ([("Ops", 18, 18, 8), ("Dev", 18, 18, 8)], ""),
        # 8 h on the 18th, and 10 h on the 18th and 19th: 18 of 16
        (
            [("Ops", 18, 18, 8), ("Ops", 18, 19, 10)],
            "18 Nov 2025 to 19 Nov 2025: t1 and t2 take 18 h, 16 h",
        ),
        ([("Ops", 18, 18, 8), ("Ops", 18, 19, 8)], ""),
        # Friday to Monday are 16 h
        (
            [("Ops", 21, 24, 9), ("Ops", 21, 24, 8)],
            "21 Nov 2025 to 24 Nov 2025: t1 and t2 take 17 h, 16 h",
        ),
        # the shortest days that are full are named, and not those around them
        (
            [("Ops", 19, 19, 8), ("Ops", 19, 19, 1), ("Ops", 18, 20, 24)],
            "19 Nov 2025: t1 and t2 take 9 h, 8 h",
        ),
    ],
)
def test_team_with_more_work_than_hours(parts, said):
    one = crowded(*parts)
    assert (one is not None) == bool(said)
    if one is not None:
        assert one.statement == f"2 tasks: Ops on {said} are worked."
        assert (one.verdict, one.value) == (Verdict.INFEASIBLE, 2)


def test_team_of_the_items_of_two_tasks():
    """8 h of gap.1 and 8 h of gap.2 on the 18th, by the register of one team."""
    items = [open_item("gap.1", "Ops", 8), open_item("gap.2", "Ops", 8)]
    plan = [task("g1", "gap.1", nov(18)), task("g2", "gap.2", nov(18)), LAUNCH]
    assert "g1 and g2 take 16 h" in found(launch(plan, items))["plan.capacity.p"].statement


def test_task_too_long_by_itself_is_named_once():
    items = [open_item("gap.1", "Ops", 16), open_item("gap.2", "Ops", 8)]
    plan = [task("g1", "gap.1", nov(18)), task("g2", "gap.2", nov(18)), LAUNCH]
    one = found(launch(plan, items))
    assert "plan.capacity.p" not in one
    assert one["plan.too_long.p"].value == 1


# --- beyond the calendar, below nothing -----------------------------------------------------------


def test_placeholder_for_a_launch_is_no_beginning():
    """Nothing but the launch is planned, for the last day there is: work begins on Monday 17."""
    results = launch([task("launch", "launch", END)])
    assert results.schedule.launch == nov(18)
    assert "Planned is 31 Dec 9999" in found(results)["launch_date"].statement
    assert len(words.ticks(results, results.schedule)) <= 8


@pytest.mark.parametrize("hours", [{"effort_hours": D(10**12)}, {"wait_hours": D(10**8)}])
def test_what_takes_longer_than_the_calendar_is_said(hours):
    """The calendar has 20 x 366 = 7,320 days from 18 Nov 2025: 7,305 are 20 years, 15 more until
    3 Dec 2045, the first of them counted, so until the 2nd."""
    results = launch(PLAN, [open_item("gap.1", "Ops", 4) | hours, OPS[1]])
    one = found(results)["launch_date"]
    assert results.schedule is None
    assert one.verdict is Verdict.INFEASIBLE
    assert one.statement == (
        "What is needed takes until 2 Dec 2045 or later, where the calendar ends: no launch day is "
        "supported. Planned is 28 Nov 2025."
    )


@pytest.mark.parametrize(
    ("as_of", "said"),
    [(date(9999, 12, 30), "until 31 Dec 9999 or later"), (END, "No day comes after 31 Dec 9999")],
)
def test_data_of_the_last_days_there_are(as_of, said):
    results = launch(PLAN, as_of=as_of)
    assert results.schedule is None
    assert said in found(results)["launch_date"].statement


def test_draws_beyond_the_calendar_are_or_later():
    """36,000 h of 8 a day are 4,500 working days, some 17 years; twice that is beyond 20."""
    results = launch(PLAN, [open_item("gap.1", "Ops", 36_000)])
    schedule = results.schedule
    assert schedule.launch < schedule.calendar.last == schedule.high
    assert "to 2 Dec 2045 or later in 90 of 100 cases" in found(results)["launch_date"].statement
    assert words.curve(schedule)[-1][1] >= 99
    assert words.chance_title(results, schedule).endswith("2 Dec 2045 or later")


def test_stage_that_ends_beyond_the_calendar_has_no_last_day():
    blank = {"task_from_date": None, "task_to_date": None, "plan_id": "staged"}
    staged = [
        task("s1", "launch|gap.1|gap.2", wait_hours=hours) | blank for hours in (D(48), D(10**8))
    ]
    closed = [records(launch([*PLAN, one]).rollout)[-1]["last_closed_date"] for one in staged]
    assert closed == [nov(20), None]  # two days from the 18th on


def test_calendar_of_the_last_day():
    calendar = WorkCalendar(END, (), 8)
    assert calendar.last == calendar.day_of(1e15) == calendar.next_working(END) == END


@pytest.mark.parametrize(
    ("tables", "place"),
    [
        (
            {"readiness_item": [item("gap.1", effort_hours=D(-5))]},
            "readiness_item.csv: effort_hours of the row item_id gap.1",
        ),
        (
            {"readiness_item": [item("gap.1", wait_hours=D(-48))]},
            "readiness_item.csv: wait_hours of the row item_id gap.1",
        ),
        (
            {"plan_task": [task("lt", "load", effort_hours=D(-5))]},
            "plan_task.csv: effort_hours of the row plan_id p, task_id lt",
        ),
    ],
)
def test_hours_below_zero_are_refused_by_row(tables, place):
    with pytest.raises(SchemaError, match=place) as raised:
        launch_of(met(**tables))
    assert "0 hours or more" in str(raised.value)


# --- what the gate counts -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (open_item("gap.2", "Ops", 4), "GO needs it before the launch, for name of gaps."),
        (
            open_item("runbook.1", "SRE", 4, item_kind="document"),
            "counts items of the kind document or rests on runbook.1: open, it does not",
        ),
        (
            open_item("team.load", "SRE", 4, item_kind="team"),
            "on team.load (name of load rests on evidence of its own): open, it does not",
        ),
    ],
)
def test_critical_item_for_later_says_which_criterion_counts_it(row, said):
    """Gaps are counted by gaps; nothing counts documents, nor the team, and both are left at GO."""
    results = launch(
        [task("g1", "gap.1", nov(18)), LAUNCH],
        [item("gap.1"), item("gap.3"), row],
        evidence=[look("gap.1"), look("gap.3")],
        checklist_item=[{"item_id": row["item_id"], "checklist_group": "later"}],
    )
    one = found(results)
    (group,) = [f for key, f in one.items() if key.startswith("checklist.")]
    left = one["plan.left_out"]
    is_counted = results.gate.decision != "GO"
    assert is_counted == (row["item_kind"] == "gap")
    assert said in group.statement
    assert left.severity is (Severity.CRITICAL if is_counted else Severity.HIGH)
    assert ("No criterion of the gate counts" in left.statement) == (not is_counted)


def test_item_that_evidence_of_a_criterion_rests_on_is_counted():
    """load rests on gap.1, here a document: open, it keeps GO back."""
    row = open_item("gap.1", "SRE", 4, item_kind="document")
    one = found(launch([LAUNCH], [row, item("gap.2")], evidence=[look("gap.2")]))["plan.left_out"]
    assert one.severity is Severity.CRITICAL
    assert "No criterion of the gate" not in one.statement


def test_security_by_its_kind_has_a_least_work():
    """2 to close of 1, 2 and 3 h, to be at most 1: 1 + 2 = 3 h."""
    bounds = {"compared_as": "at most", "go_value": D(0), "no_go_value": D(1), "unit": "findings"}
    kind = {"item_kind": "security", "is_security": None}
    items = [open_item(f"security.{n}", "Sec", n, **kind) for n in (1, 2, 3)]
    tables = met(
        readiness_item=items,
        evidence=[],
        criterion=[criterion("found", measure_name="open_critical_security", **bounds)],
        decision_rule=rules("found"),
    )
    (row,) = records(distance_table(launch_of(tables)))
    assert row["note"] == "least work out of NO-GO: security.1 and security.2, 3 h"


def test_rules_without_a_decision_when_all_pass_say_so():
    never = [
        {**one, "decision": "NO-GO", "combine": "any", "bands_that_match": "fail"}
        for one in rules("gaps", "load")[:2]
    ]
    one = found(launch_of(met(decision_rule=never)))["rules.launch"]
    assert "The first without exactly one decision: all pass." in one.statement
