"""Steps of a drill: ranges, the clock with and without excluded work, what is not known."""

from decimal import Decimal

import pandas as pd
import pytest
from dr_examples import drill, drill_row, event, events
from hypothesis import given
from hypothesis import strategies as st

from prismlib.analyses.drill_steps import (
    Span,
    drills_of,
    excluded_alone_s,
    full_clock,
    gaps,
    idle_s,
    interruption,
    published_clock,
    validated,
)
from prismlib.dr_tables import DRILL
from prismlib.tables import make


def span(low: object, high: object = None) -> Span:
    return Span(Decimal(str(low)), Decimal(str(low if high is None else high)))


def test_a_range_of_the_end_is_a_range_of_the_recovery():
    """From T+3:00 until somewhere in T+5:30..T+6:00: 330 to 360 s, shown as 345 s."""
    one = drill(event("load", 180, (330, 360)))
    assert published_clock(one) == span(330, 360)
    assert published_clock(one).middle == 345
    # and the step itself took 330 - 180 = 150 s to 360 - 180 = 180 s
    assert one.steps[0].duration == span(150, 180)


def test_excluded_work_without_a_place_is_added():
    """8:00 on the clock and 30:00 beside it are 38:00."""
    one = drill(event("load", 0, 480), event("copy", duration_s=1800, is_excluded=True))
    assert published_clock(one) == span(480)
    assert full_clock(one) == span(2280)


def test_excluded_work_with_a_place_is_taken_off_where_nothing_else_ran():
    """0-60 a, 60-360 copy (left off), 300-420 b: alone the copy ran from 60 to 300, 240 s.

    Of 420 s the published clock counts 420 - 240 = 180.
    """
    one = drill(event("a", 0, 60), event("copy", 60, 360, is_excluded=True), event("b", 300, 420))
    assert excluded_alone_s(one) == 240
    assert published_clock(one) == span(180)
    assert full_clock(one) == span(420)


def test_excluded_work_of_unknown_length_leaves_the_whole_unknown():
    one = drill(event("load", 0, 480), event("copy", is_excluded=True))
    assert published_clock(one) == span(480)
    assert full_clock(one) is None


def test_a_restore_step_without_an_end_leaves_the_recovery_unknown():
    assert published_clock(drill(event("a", 0, 60), event("b", 60, None))) is None


def test_a_failed_step_is_no_recovery_and_a_skipped_one_does_not_matter():
    failed = event("b", 60, 90, step_status="failed")
    assert published_clock(drill(event("a", 0, 60), failed)) is None
    skipped = event("b", step_status="skipped")
    assert published_clock(drill(event("a", 0, 60), skipped)) == span(60)


def test_idle_time_and_gaps():
    """Steps at 0-30, 60-150, 180-360: waits of 30 s and 30 s."""
    one = drill(event("a", 0, 30), event("b", 60, 150), event("c", 180, 360))
    assert idle_s(one) == 60
    assert gaps(one) == ((30, 60), (150, 180))


def test_interruption_and_validation():
    one = drill(
        event("out", -600, -600, phase="interruption"),
        event("load", 0, 480),
        event("test", 480, 540, phase="validate"),
    )
    assert interruption(one) == span(-600)
    assert validated(one) == span(540)
    bad = drill(event("test", 480, 540, phase="validate", step_status="failed"))
    assert validated(bad) is None


def test_a_drill_without_a_row_of_its_own_is_a_failover_of_an_unknown_day():
    (one,) = drills_of(None, events(event("a", 0, 60)))
    assert (one.drill_id, one.kind, one.day) == ("d", "failover", None)


def test_a_drill_without_steps_is_one_of_which_nothing_is_known():
    (one,) = drills_of(make(DRILL, [drill_row()]), None)
    assert one.steps == ()
    assert published_clock(one) is None


def test_no_table_is_no_drill():
    assert drills_of(None, None) == ()


@pytest.mark.parametrize(
    "rows",
    [
        [event("a", 0, 0)],  # an instant
        [event("a", -180, -60)],  # before T+0
        [event("a", 0, 60, is_excluded=True)],  # nothing but what was left off
    ],
)
def test_a_clock_on_which_nothing_was_timed_is_unknown(rows):
    assert published_clock(drill(*rows)) is None


def test_waits_end_where_recovery_does():
    """Load 10-70, check of health 90-120: nothing ran for 10 s of the 70 s, not for 30 s."""
    one = drill(event("load", 10, 70), event("check", 90, 120, phase="validate"))
    assert gaps(one) == ((0, 10),)
    assert idle_s(one) == 10


def test_a_wait_right_after_the_command_is_one():
    """Decided until -30, and the first step starts at 20."""
    one = drill(event("decide", -90, -30, phase="decide"), event("load", 20, 70))
    assert gaps(one) == ((0, 20),)


SECONDS = st.integers(0, 3600)


@st.composite
def timelines(draw: st.DrawFn) -> pd.DataFrame:
    """Steps of which the first counts and takes time: without one nothing was timed."""
    rows = []
    for number in range(draw(st.integers(1, 6))):
        start, last = draw(SECONDS), draw(SECONDS) + (not number)
        is_excluded = bool(number) and draw(st.booleans())
        rows.append(event(f"s{number}", start, start + last, is_excluded=is_excluded))
    return rows


@given(timelines())
def test_steps_waits_and_overlaps_add_up_to_the_whole(rows):
    """Every second from T+0 to the end is covered by a step, or idle."""
    one = drill(*rows)
    whole = full_clock(one)
    covered = set()
    for row in rows:
        covered |= set(range(int(row["start_low_s"]), int(row["end_low_s"])))
    assert idle_s(one) == whole.middle - len(covered)


@given(timelines(), st.integers(0, 5), st.integers(0, 600))
def test_lengthening_a_step_never_shortens_the_recovery(rows, which, more):
    """Of all the work; and of the published clock, unless the work left off it is lengthened."""
    row = rows[which % len(rows)]
    longer = event(
        row["step_id"],
        row["start_low_s"],
        row["end_low_s"] + more,
        is_excluded=row["is_excluded"],
    )
    before = drill(*rows)
    after = drill(*(longer if one is row else one for one in rows))
    assert full_clock(after).middle >= full_clock(before).middle
    if not row["is_excluded"]:
        assert published_clock(after).middle >= published_clock(before).middle


@pytest.mark.parametrize(("low", "high"), [(None, None), (5, None), (None, 5), (7, 5)])
def test_span_of_takes_what_is_known(low, high):
    known = [Decimal(value) for value in (low, high) if value is not None]
    made = Span.of(*(None if value is None else Decimal(value) for value in (low, high)))
    assert made == (Span(min(known), max(known)) if known else None)
