"""The networks of a drill: as it ran, and as early as dependencies allow."""

from fractions import Fraction

import pytest
from dr_examples import drill, event
from hypothesis import given
from hypothesis import strategies as st

from prismlib.analyses.critical_path import critical_path
from prismlib.analyses.dr_choices import choice_table, choices
from prismlib.analyses.drill_path import as_it_ran, as_planned, recovery_steps, side_by_side
from prismlib.analyses.drill_steps import full_clock, published_clock
from prismlib.errors import ParameterError
from prismlib.tables import records

LOAD = event("load", 60, 240, depends_on="go|copy", step_kind="load")
DNS = event("dns", 0, 60, depends_on="go", step_kind="traffic")
HEALTH = event("health", 240, 300, depends_on="load", step_kind="health")
ANSWER = event("answer", 300, 330, depends_on="health|dns")
GO = event("go", 0, 0, phase="decide")
COPY = event("copy", duration_s=600, is_excluded=True, depends_on="go")
STEPS = (GO, DNS, LOAD, HEALTH, ANSWER, COPY)
"""Dependencies: load 180, health 60, answer 30 = 270 s; dns of 60 s has 240 - 60 = 180 s slack."""


def total(steps):
    return critical_path(steps).total_s


def test_side_by_side_is_the_longest_chain_of_dependencies():
    one = drill(*STEPS)
    path = critical_path(side_by_side(one, with_excluded=False))
    assert path.total_s == 180 + 60 + 30
    assert path.path == ("load", "health", "answer")
    assert {t.step_id: t.slack_s for t in path.steps}["dns"] == 180
    assert total(side_by_side(one, with_excluded=True)) == 600 + 270


def test_as_it_ran_is_the_clock_of_the_log():
    """330 s as published; the copy of 600 s runs before the load that waits for it."""
    one = drill(*STEPS)
    assert total(as_it_ran(one, with_excluded=False)) == 330 == published_clock(one).middle
    assert total(as_it_ran(one, with_excluded=True)) == 930 == full_clock(one).middle


def test_excluded_work_that_nothing_depends_on_runs_last():
    one = drill(event("a", 0, 60), event("copy", duration_s=30, is_excluded=True))
    assert total(as_it_ran(one, with_excluded=True)) == 90


def test_without_dependencies_nothing_says_what_could_run_side_by_side():
    one = drill(event("a", 0, 60), event("b", 60, 90))
    assert side_by_side(one, with_excluded=False) is None
    assert total(as_it_ran(one, with_excluded=False)) == 90


def test_a_step_of_unknown_length_leaves_both_unknown():
    one = drill(event("a", 0, None), event("b", 60, 90, depends_on="a"))
    assert side_by_side(one, with_excluded=False) is None
    assert as_it_ran(one, with_excluded=False) is None


def test_a_dependency_on_a_step_that_is_not_there_is_refused():
    with pytest.raises(ParameterError, match="nowhere"):
        side_by_side(drill(event("a", 0, 60, depends_on="nowhere")), with_excluded=False)


def test_recovery_steps_hold_the_log_the_slack_and_what_each_saves():
    rows = {row["step_id"]: row for row in records(recovery_steps(drill(*STEPS)))}
    load, dns, copy = rows["load"], rows["dns"], rows["copy"]
    assert (load["is_critical"], load["slack_s"], load["earliest_start_s"]) == (True, 0, 0)
    # Without the load, dns (60) and answer (30) last 90 s, as do health and answer: 270 - 90.
    assert load["time_saved_s"] == 180
    assert (dns["is_critical"], dns["slack_s"], dns["time_saved_s"]) == (False, 180, 0)
    # dns had ended when the load started, so the copy takes its place at 60; the load is 600 later.
    assert (copy["ran_start_s"], copy["ran_end_s"]) == (60, 660)
    assert (load["ran_start_s"], load["ran_end_s"]) == (660, 840)
    assert load["planned_end_s"] is None
    # Beside the load of 180 s the health checks of 60 s cost nothing: 270 - (180 + 30).
    assert rows["health"]["beside_saved_s"] == 60


def test_a_plan_needs_the_duration_of_every_step():
    planned = [
        event("a", 0, 60, planned_s=30),
        event("b", 60, 90, planned_s=20, depends_on="a"),
    ]
    assert as_planned(drill(*planned)).total_s == 50
    assert as_planned(drill(planned[0], event("b", 60, 90, depends_on="a"))) is None


def test_choices_build_on_each_other():
    """As it ran 930; no copy 330; side by side 270; load halved 90 + 60 + 30 = 180; loaded
    beforehand 60 + 30 = 90, as long as dns and answer; switched last, with 60 s of old answers:
    180 + 60 + (60 + 60) + 30 = 390."""
    found = choice_table(choices(drill(*STEPS), ttl_s=60))
    seen = {row["case_id"]: (row["recovery_s"], row["time_saved_s"]) for row in records(found)}
    assert seen == {
        "as_it_ran": (930, 0),
        "no_excluded": (330, 600),
        "side_by_side": (270, 660),
        "load_halved": (180, 750),
        "load_before": (90, 840),
        "switched_last": (390, 540),
    }


def test_traffic_that_health_waits_for_is_not_switched_after_it():
    """Health checks of the new region need its traffic: the choice would be a circle."""
    rows = (
        event("dns", 0, 60, step_kind="traffic"),
        event("health", 60, 90, depends_on="dns", step_kind="health"),
    )
    assert "switched_last" not in [one.case_id for one in choices(drill(*rows), None)]


# --- properties -----------------------------------------------------------------------------------


@st.composite
def networks(draw: st.DrawFn) -> list[dict]:
    """Steps of which each waits for some before it, one after the other in the log."""
    rows, clock = [], 0
    for number in range(draw(st.integers(2, 6))):
        last = draw(st.integers(0 if number else 1, 900))
        waits = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        names = "|".join(f"s{one}" for one in sorted(waits))
        rows.append(event(f"s{number}", clock, clock + last, depends_on=names))
        clock += last
    rows[-1]["depends_on"] = rows[-1]["depends_on"] or "s0"
    return rows


def lengthened(rows: list[dict], which: int, more: int) -> list[dict]:
    """Return the log with a step longer and what follows it later."""
    found, shift = [], 0
    for number, row in enumerate(rows):
        last = row["end_low_s"] - row["start_low_s"] + (more if number == which else 0)
        start = row["start_low_s"] + shift
        found.append(event(row["step_id"], start, start + last, depends_on=row["depends_on"]))
        shift += more if number == which else 0
    return found


@given(networks(), st.integers(0, 5), st.integers(0, 600))
def test_a_longer_step_never_shortens_and_slack_changes_nothing(rows, which, more):
    which %= len(rows)
    before = critical_path(side_by_side(drill(*rows), with_excluded=False))
    after = critical_path(side_by_side(drill(*lengthened(rows, which, more)), with_excluded=False))
    slack = before.steps[which].slack_s
    # Exactly what exceeds the slack is added: nothing within it, and never less than before.
    assert after.total_s == before.total_s + max(Fraction(more) - slack, Fraction(0))


def test_work_left_off_the_clock_takes_the_waiting_for_it_along():
    """a 0-60, copy 60-360 (left off), b 300-420: b waited 240 s for nothing but the copy.

    Without them 60 + 120 = 180 s are left, as on the published clock; with all the work 420 s.
    """
    one = drill(event("a", 0, 60), event("copy", 60, 360, is_excluded=True), event("b", 300, 420))
    assert total(as_it_ran(one, with_excluded=False)) == 180 == published_clock(one).middle
    assert total(as_it_ran(one, with_excluded=True)) == 420


@st.composite
def overlapping(draw: st.DrawFn) -> list[dict]:
    """Steps that run beside each other, some of them left off the clock."""
    rows = []
    for number in range(draw(st.integers(1, 5))):
        start, last = draw(st.integers(0, 900)), draw(st.integers(0 if number else 1, 900))
        is_excluded = bool(number) and draw(st.booleans())
        rows.append(event(f"s{number}", start, start + last, is_excluded=is_excluded))
    return rows


@given(overlapping())
def test_as_it_ran_takes_as_long_as_the_clock(rows):
    """With all the work always; on the published clock unless excluded work ran at its end."""
    one = drill(*rows)
    assert total(as_it_ran(one, with_excluded=True)) == full_clock(one).middle
    counted = [row for row in rows if not row["is_excluded"]]
    if max(r["end_low_s"] for r in rows) == max(r["end_low_s"] for r in counted):
        assert total(as_it_ran(one, with_excluded=False)) == published_clock(one).middle


@given(networks())
def test_side_by_side_is_never_longer_than_one_after_the_other(rows):
    one = drill(*rows)
    assert total(side_by_side(one, with_excluded=False)) <= published_clock(one).middle
    assert total(as_it_ran(one, with_excluded=False)) == published_clock(one).middle
