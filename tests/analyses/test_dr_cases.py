"""Recovery counted in every way, against target and limit; phases add up."""

from decimal import Decimal

import pytest
from dr_examples import analysed, drill, drill_row, event, inputs, minutes
from hypothesis import given
from hypothesis import strategies as st

from prismlib.analyses.dr_cases import (
    NAMES,
    WHOLE,
    phase_table,
    verdict_within,
)
from prismlib.analyses.dr_findings import judge_dr
from prismlib.analyses.drill_steps import Span
from prismlib.errors import ParameterError
from prismlib.findings import Verdict
from prismlib.narrative.dr_answer import dr_answer
from prismlib.tables import records

TARGET, LIMIT = minutes("rto_target_minutes", "8"), minutes("rto_limit_minutes", "10")
RESPONSE = minutes("sev1_response_hours", "60")
LOGGED = (
    event("out", -600, -600, phase="interruption"),
    event("seen", -600, -240, phase="detect"),
    event("go", -240, 0, phase="decide"),
    event("load", 0, 300),
    event("test", 300, 420, phase="validate"),
)


def cases(*rows, claims=(TARGET, LIMIT, RESPONSE), **settings):
    results = analysed(inputs(*rows, claims=list(claims)), **settings)
    return {row["case_id"]: row for row in records(results.case_table)}


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (470, 480, Verdict.HOLDS),  # the whole range within 480
        (480, 480, Verdict.HOLDS),  # exactly the target
        (470, 490, Verdict.UNKNOWN),
        (481, 490, Verdict.CONTRADICTS),
    ],
)
def test_a_bound_is_met_only_by_the_whole_range(low, high, verdict):
    assert verdict_within(Span(Decimal(low), Decimal(high)), Decimal(480)) is verdict


def test_nothing_known_is_unknown_and_never_a_pass():
    assert verdict_within(None, Decimal(480)) is Verdict.UNKNOWN
    assert verdict_within(Span.exact(Decimal(1)), None) is Verdict.UNKNOWN


def test_the_response_stands_in_where_no_interruption_is_logged():
    """5:00 + 60:00 = 65:00, and 57:00 over the target."""
    seen = cases(event("load", 0, 300))
    assert seen["with_response"]["recovery_s"] == 300 + 3600
    assert seen["with_response"]["target_margin_s"] == 480 - 3900
    assert "from_interruption" not in seen
    assert "with_excluded" not in seen


def test_a_logged_interruption_is_used_instead():
    """Out at T-10:00, back at T+5:00: 15:00; healthy at T+7:00 from the command."""
    seen = cases(*LOGGED)
    assert seen["from_interruption"]["recovery_s"] == 900
    assert seen["until_healthy"]["recovery_s"] == 420
    assert "with_response" not in seen


def test_without_interruption_and_response_it_is_unknown():
    row = cases(event("load", 0, 300), claims=(TARGET,))["from_interruption"]
    assert (row["recovery_s"], row["verdict"], row["limit_margin_s"]) == (None, "unknown", None)


def test_settings_come_before_what_is_stated():
    row = cases(event("load", 0, 300), target_s=Decimal(200), response_s=Decimal(60))
    assert (row["published"]["target_s"], row["published"]["verdict"]) == (200, "contradicts")
    assert row["with_response"]["recovery_s"] == 360


def test_a_rate_of_all_nodes_adds_the_time_that_it_takes_longer():
    """900 GB at 500 MB/s are 1,800 s instead of 300: 1,500 s more."""
    load = event("load", 0, 300, moved_gb=900, stated_mb_per_second=500, node_count=10)
    seen = cases(load, event("copy", duration_s=60, is_excluded=True))
    assert seen["at_stated_rate"]["recovery_s"] == 1800
    assert seen["at_stated_rate_and_excluded"]["recovery_s"] == 1860


def test_a_rate_that_is_of_each_node_makes_no_case():
    load = event(
        "load", 0, 300, moved_gb=900, stated_mb_per_second=500, node_count=10, rate_scope="node"
    )
    assert "at_stated_rate" not in cases(load)


def test_a_drill_that_does_not_exist_is_refused():
    with pytest.raises(ParameterError, match="one of the drills: d"):
        cases(event("load", 0, 300), drill="other")


def test_phases_run_between_published_points():
    seen = {row["phase_name"]: row for row in records(phase_table(drill(*LOGGED)))}
    took = {name: row["recovery_s"] for name, row in seen.items()}
    assert took == {"detect": 360, "decide": 240, "restore": 300, "validate": 120, "whole": 1020}
    assert seen["restore"]["from_words"] == "T+0, the command"


def test_a_phase_that_is_not_logged_is_unknown_and_so_is_the_whole():
    seen = {row["phase_name"]: row for row in records(phase_table(drill(event("load", 0, 300))))}
    assert seen["restore"]["recovery_s"] == 300
    assert {name for name, row in seen.items() if row["recovery_s"] is None} == {
        *("detect", "decide", "validate", "whole")
    }
    assert "the interruption" in seen["detect"]["note"]


@given(st.lists(st.integers(0, 10_000), min_size=4, max_size=4))
def test_phases_add_up_to_the_whole(lasts):
    detect, decide, restore, validate = lasts
    one = drill(
        event("out", -detect - decide, -detect - decide, phase="interruption"),
        event("seen", -detect - decide, -decide, phase="detect"),
        event("load", 0, restore),
        event("test", restore, restore + validate, phase="validate"),
    )
    took = {row["phase_name"]: row["recovery_s"] for row in records(phase_table(one))}
    assert sum(took[name] for name in NAMES) == took[WHOLE] == sum(lasts)


def test_recovery_runs_from_the_interruption_until_health_is_back():
    """Out at -10:00, healthy at +7:00: 17:00, as the phases add up to."""
    results = analysed(inputs(*LOGGED, claims=[TARGET, LIMIT]))
    assert results.seconds("whole") == 17 * 60
    (whole,) = (r for r in records(results.phase_table) if r["phase_name"] == WHOLE)
    assert whole["recovery_s"] == 17 * 60
    found = {f.id: f for f in judge_dr(inputs(*LOGGED, claims=[TARGET, LIMIT]), results)}
    assert (found["dr.whole"].value, found["dr.whole"].verdict) == (1020, Verdict.CONTRADICTS)
    assert "took 7:00 min**" in dr_answer(results, list(found.values())).statement
    assert "until health was back, it is 17:00 min" in dr_answer(results, []).statement


def test_work_without_a_place_is_in_the_whole_too():
    """Half an hour of copying that the log gives no place: 17:00 and 30:00 are 47:00."""
    copy = event("copy", duration_s=1800, is_excluded=True)
    results = analysed(inputs(*LOGGED, copy))
    assert results.seconds("whole_and_excluded") == 47 * 60
    unknown = analysed(inputs(*LOGGED, event("copy", is_excluded=True)))
    assert unknown.case("whole_and_excluded").span is None


@pytest.mark.parametrize(
    "rows",
    [
        [event("a", 0, 0, depends_on=""), event("b", 0, 0, depends_on="a")],
        [event("a", -180, -60), event("b", -60, -30, depends_on="a")],
    ],
)
def test_a_drill_that_timed_nothing_meets_no_target(rows):
    given = inputs(*rows, claims=[TARGET, LIMIT])
    results = analysed(given)
    found = {f.id: f for f in judge_dr(given, results)}
    assert found["dr.recovery"].verdict == Verdict.UNKNOWN
    assert "nothing was timed" in found["dr.recovery"].statement
    assert "dr.target_margin" not in found
    assert not [c for c in results.chances if c.case_id != "side_by_side"]


def test_a_step_that_did_not_wait_for_what_it_depends_on_contradicts_its_log():
    """a 0-5:00, b 2:00-7:00 waits for a: side by side 10:00, though it ran in 7:00."""
    given = inputs(event("a", 0, 300), event("b", 120, 420, depends_on="a"))
    found = {f.id: f for f in judge_dr(given, analysed(given))}
    assert found["dr.critical_path"].value == 600
    assert found["dr.critical_path"].verdict == Verdict.CONTRADICTS
    assert "or a time is wrong" in found["dr.critical_path"].statement


def test_failbacks_alone_are_judged():
    given = inputs(event("sync", 0, 300), drills=[drill_row(drill_kind="failback")])
    assert analysed(given).seconds("published") == 300


def test_what_a_document_prints_of_its_failback_is_not_said_of_another():
    """The document's took 8.5 minutes and is printed beside T+0:30; this one took 15."""
    claims = [minutes("failback_minutes", "8.5"), minutes("failback_clock_minutes", "0.5")]
    for seconds, is_said in ((510, True), (900, False)):
        rows = [event("sync", 0, seconds)]
        given = inputs(*rows, drills=[drill_row(drill_kind="failback")], claims=claims)
        found = {f.id: f for f in judge_dr(given, analysed(given))}
        assert ("printed beside" in found["dr.failback"].statement) is is_said
