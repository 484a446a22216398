"""How sure a recovery is: what is drawn, what several drills show, their trend."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from dr_examples import analysed, drill_row, event, inputs, minutes

from prismlib.analyses.dr_chance import curve
from prismlib.analyses.dr_findings import judge_dr
from prismlib.tables import records

CLAIMS = [minutes("rto_target_minutes", "8"), minutes("rto_limit_minutes", "10")]


def one_step(*ends, **settings):
    """Return the analysis of a step from T+0 that ended at each of `ends`, a drill a month."""
    days = [date(2025, 1, 1) + timedelta(days=30 * number) for number in range(len(ends))]
    rows = [{**event("load", 0, end), "drill_id": f"d{n}"} for n, end in enumerate(ends)]
    drills = [drill_row(drill_id=f"d{n}", drill_date=day) for n, day in enumerate(days)]
    given = inputs(*rows, drills=drills, claims=CLAIMS)
    results = analysed(given, **settings)
    return results, {one.id: one for one in judge_dr(given, results)}


def chance(results, case_id="published"):
    return next(row for row in records(results.chance_table) if row["case_id"] == case_id)


def test_without_a_spread_the_simulation_is_the_log():
    results, _ = one_step(480, spread=1.0)
    row = chance(results)
    assert (row["recovery_low_s"], row["recovery_s"], row["recovery_high_s"]) == (480, 480, 480)
    assert (row["within_target_pct"], row["within_limit_pct"]) == (100, 100)


def test_a_step_at_its_target_misses_it_every_second_time():
    """A lognormal about 480 s has its median there: half of the draws are longer."""
    results, _ = one_step(480, spread=1.5)
    assert chance(results)["within_target_pct"] == pytest.approx(Decimal(50), abs=10)


def test_a_range_of_the_log_is_drawn_from_its_ends():
    """Ends between 400 and 560 s: none shorter, none longer, and about half within 480."""
    results, _ = one_step((400, 560))
    row = chance(results)
    assert 400 <= row["recovery_low_s"] < row["recovery_high_s"] <= 560
    assert row["within_target_pct"] == pytest.approx(Decimal(50), abs=10)


def test_more_spread_is_a_wider_interval():
    narrow, wide = (chance(one_step(480, spread=s)[0]) for s in (1.2, 3.0))
    assert wide["recovery_high_s"] > narrow["recovery_high_s"]
    assert wide["recovery_low_s"] < narrow["recovery_low_s"]


def test_several_drills_are_drawn_from_what_they_measured():
    """About the geometric mean of 240 and 540: sqrt(240 x 540) = 360 s, not the latest 540."""
    results, _ = one_step(240, 540)
    assert chance(results)["recovery_s"] == pytest.approx(Decimal(360), rel=Decimal("0.1"))


def test_the_same_seed_gives_the_same_and_another_one_not():
    first, again, other = (one_step(480, seed=s)[0] for s in (1, 1, 2))
    assert curve(first.chances[0]) == curve(again.chances[0])
    assert curve(first.chances[0]) != curve(other.chances[0])


def test_one_drill_shows_no_trend():
    _, found = one_step(480)
    assert "dr.trend" not in found
    assert found["dr.target_margin"].verdict == "unknown"


def test_two_drills_are_too_few_for_a_trend():
    _, found = one_step(400, 420)
    assert found["dr.trend"].verdict == "unknown"
    assert "2 drills, 5 needed" in found["dr.trend"].statement
    assert "by chance in 1 of 2" in found["dr.trend"].statement


def test_recovery_that_gets_slower_every_month_is_a_regression():
    """A minute more each 30 days."""
    results, found = one_step(*(120 + 60 * n for n in range(8)))
    assert found["dr.trend"].verdict == "contradicts"
    assert found["dr.trend"].value == pytest.approx(Decimal(60))
    assert [row["change_s"] for row in records(results.trend_table)] == [None, *[60] * 7]


def test_recovery_that_gets_faster_holds():
    _, found = one_step(*(600 - 60 * n for n in range(8)))
    assert found["dr.trend"].verdict == "holds"
    assert found["dr.trend"].value == pytest.approx(Decimal(-60))


def test_six_drills_give_an_interval_of_the_middle_recovery():
    """2 / 2^6 = 3.1 % is below 5 %: the range of six holds the median at 95 %."""
    five, six = (one_step(*range(400, 400 + 10 * n, 10)) for n in (5, 6))
    assert five[1]["dr.target_margin"].verdict == "unknown"
    assert six[1]["dr.target_margin"].verdict == "holds"
