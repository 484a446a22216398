"""What must not turn into a GO: failures that are easy to lose, and items that nobody ranked."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from launch_examples import AS_OF, item, launch_of, look, met

from prismlib.analyses.launch_findings import judge_launch
from prismlib.analyses.launch_inputs import LaunchSettings

NO_GO = "NO-GO"


def decision(**changes):
    return launch_of(met(**changes)).gate.decision


def test_everything_met_is_go():
    assert decision() == "GO"


@pytest.mark.parametrize("first", ["fail", "pass"])
def test_failure_of_a_day_that_nobody_knows_stays(first):
    """No pass can be shown to be later than it."""
    rows = [
        look("gap.1", evidence_id="a", evidence_state="fail", observed_at=None, detail="lost"),
        look("gap.1", evidence_id="b"),
    ]
    rows = rows if first == "fail" else rows[::-1]
    assert decision(evidence=[*rows, look("gap.2")]) == NO_GO


@pytest.mark.parametrize("first", ["fail", "pass"])
@pytest.mark.parametrize("worse", ["fail", "unknown"])
def test_of_two_looks_at_one_moment_the_worse_one_stands(first, worse):
    rows = [look("gap.1", evidence_id="a", evidence_state=worse), look("gap.1", evidence_id="b")]
    rows = rows if first == "fail" else rows[::-1]
    assert decision(evidence=[*rows, look("gap.2")]) != "GO"


def test_pass_of_the_same_check_an_hour_later_stands():
    failed = look("gap.1", evidence_id="a", evidence_state="fail")
    failed["observed_at"] = failed["observed_at"].replace(hour=1)
    later = look("gap.1", evidence_id="b")
    later["observed_at"] = later["observed_at"].replace(hour=2)
    assert decision(evidence=[failed, later, look("gap.2")]) == "GO"


def test_open_gap_that_nobody_ranked_may_be_critical():
    gaps = [item("gap.1"), item("gap.2"), item("gap.3", severity="", item_status="open")]
    result = launch_of(met(readiness_item=gaps))
    measure = result.of("gaps").measure
    assert (measure.low, measure.high) == (0, 1)
    assert result.gate.decision != "GO"
    closed = [item("gap.1"), item("gap.2"), item("gap.3", severity="")]
    seen = [look("gap.1"), look("gap.2"), look("gap.3")]
    assert decision(readiness_item=closed, evidence=seen) == "GO", "closed, whatever its rank"


def test_open_finding_of_security_counts_by_its_kind():
    found = item("sec.3", item_kind="security", is_security=None, item_status="open")
    tables = met(readiness_item=[item("gap.1"), item("gap.2"), found])
    criteria = tables["criterion"].copy()
    criteria.loc[criteria["criterion_id"] == "gaps", "measure_name"] = "open_critical_security"
    result = launch_of({**tables, "criterion": criteria})
    assert result.of("gaps").measure.low == 1
    assert result.gate.decision == NO_GO


# --- who looked, and what the figure says ---------------------------------------------------------


def seen_by_a_collector(state, value, check_id="iam.roles", **cells):
    """Return a look at gap.8 by a check of the reference: at most 0 roles."""
    cells = {"evidence_value": None if value is None else Decimal(value), "unit": "roles", **cells}
    return look("gap.8", check_id, evidence_state=state, **cells)


def with_roles(*rows, **changes):
    """Return a launch of which gap.8 is a closed critical gap beside those that are met."""
    gaps = [item("gap.1"), item("gap.2"), item("gap.8")]
    seen = [look("gap.1"), look("gap.2"), *rows]
    return launch_of(met(readiness_item=gaps, evidence=seen, **changes))


def test_roles_that_are_none_are_a_pass():
    assert with_roles(seen_by_a_collector("pass", 0)).gate.decision == "GO"


@pytest.mark.parametrize(
    ("value", "unit", "state", "words"),
    [
        (5, "roles", "fail", "it says pass with 5 roles, and it has to be at most 0"),
        (1, "roles", "fail", "it says pass with 1 role, and it has to be at most 0"),
        (None, "roles", "unknown", "it says pass and gives no figure"),
        (0, "%", "unknown", "it says pass in %, its check counts roles"),
    ],
)
def test_pass_that_its_own_figure_belies_is_none(value, unit, state, words):
    results = with_roles(seen_by_a_collector("pass", value, unit=unit))
    assert results.gate.decision == NO_GO
    found = results.known.items["gap.8"]
    assert (str(found.state), words in found.reason) == (state, True)


def test_failure_is_left_as_it_is_whatever_its_figure():
    assert with_roles(seen_by_a_collector("fail", 0)).gate.decision == NO_GO


@pytest.mark.parametrize("days_later", [0, 1])
def test_document_does_not_replace_what_a_collector_saw_failing(days_later):
    seen = seen_by_a_collector("fail", 5, on=AS_OF - timedelta(days=1))
    said = look("gap.8", "iam.roles", on=AS_OF - timedelta(days=1 - days_later))
    stated = [look("gaps", "register"), look("load", "benchmark"), said]
    assert with_roles(seen, stated_evidence=stated).gate.decision == NO_GO


def test_later_pass_of_a_collector_replaces_its_failure():
    failed = seen_by_a_collector("fail", 5, on=AS_OF - timedelta(days=1))
    assert with_roles(failed, seen_by_a_collector("pass", 0)).gate.decision == "GO"


def test_failure_that_a_document_reports_later_than_a_pass_of_a_collector_stands():
    passed = seen_by_a_collector("pass", 0, on=AS_OF - timedelta(days=1))
    said = look("gap.8", "iam.roles", evidence_state="fail")
    stated = [look("gaps", "register"), look("load", "benchmark"), said]
    assert with_roles(passed, stated_evidence=stated).gate.decision == NO_GO


def test_one_id_in_both_tables_of_evidence_mixes_nothing():
    """The waiver is of the roles; the other look of the same id is of something else."""
    stated = [look("gaps", "register"), look("load", "benchmark", evidence_id="same")]
    roles = seen_by_a_collector("fail", 1, evidence_id="same")
    thing = {
        **{"evidence_id": "same", "check_id": "iam.roles", "thing_name": "admin", "unit": "roles"},
        **{"evidence_value": Decimal(1), "observed_at": roles["observed_at"]},
    }
    waiver = {
        **{"waiver_id": "w", "check_id": "iam.roles", "thing_name": "admin", "owner": "CISO"},
        **{"reason": "people log in", "expires_date": AS_OF},
    }
    results = with_roles(
        roles, stated_evidence=stated, evidence_thing=[thing], evidence_waiver=[waiver]
    )
    assert results.gate.decision == "GO"
    states = {one.key: one.row["detail"] for one in results.known.looks if one.row["detail"]}
    assert list(states) == [("gap.8", "iam.roles")]


# --- what no register has -------------------------------------------------------------------------


def test_what_fails_and_is_in_no_register_may_be_critical():
    lost = look("gap.77", "open.ports", evidence_state="fail", detail="22 is open to all")
    results = launch_of(met(evidence=[look("gap.1"), look("gap.2"), lost]))
    measure = results.of("gaps").measure
    assert (measure.low, measure.high) == (0, 1)
    assert results.gate.decision == NO_GO
    (one,) = [f for f in judge_launch(results) if f.id == "launch.evidence_unregistered"]
    assert (str(one.verdict), str(one.severity), one.value) == ("unknown", "high", 1)
    assert "gap.77 (22 is open to all)" in one.statement


def test_what_passes_or_is_unknown_and_is_in_no_register_harms_nobody():
    rows = [look("gap.77", evidence_state="unknown"), look("gap.78")]
    results = launch_of(met(evidence=[look("gap.1"), look("gap.2"), *rows]))
    assert results.gate.decision == "GO"
    assert not results.known.strays


def test_closed_on_a_day_that_has_not_come_is_not_known():
    later = item("gap.1", closed_date=AS_OF + timedelta(days=1))
    results = launch_of(met(readiness_item=[later, item("gap.2", needs="gap.1")]))
    assert results.gate.decision == NO_GO
    assert "17 Nov 2025, which has not come" in results.known.items["gap.1"].reason
    said = [f.statement for f in judge_launch(results) if f.id == "launch.register_behind.gap_1"]
    assert said == [
        "gap.1 (name of gap.1) is closed in the register on 17 Nov 2025, which has not come."
    ]
    today = item("gap.1", closed_date=AS_OF)
    assert decision(readiness_item=[today, item("gap.2")]) == "GO"


# --- waivers of nothing ---------------------------------------------------------------------------


def waived(subject, **cells):
    """Return what a waiver of a subject does, and the finding on it."""
    row = {
        **{"waiver_id": "w", "subject_id": subject, "owner": "CTO", "reason": "pilot"},
        **{"expires_date": AS_OF + timedelta(days=3), **cells},
    }
    results = launch_of(met(waiver=[row]))
    (found,) = [f for f in judge_launch(results) if f.id.startswith("launch.waiver.")]
    return results.known.waivers[0].fault, found.statement


@pytest.mark.parametrize(
    ("subject", "cells", "fault"),
    [
        ("gap.11", {}, "no item and no criterion is called gap.11, gap.1 is"),
        ("qqqqqqq", {}, "no item and no criterion is called qqqqqqq"),
        ("load", {}, "it is a veto: it has to pass, whoever accepts the risk"),
        ("gap.1", {"owner": "\u200b"}, "it names no owner"),
        ("gap.1", {"reason": " \u2060-"}, "it names no reason"),
    ],
)
def test_waiver_of_what_cannot_be_waived_does_not_count(subject, cells, fault):
    assert waived(subject, **cells)[0] == fault


def test_waiver_that_counts_says_until_when():
    fault, statement = waived("gap.1")
    assert fault == ""
    assert statement == "The waiver of gap.1 counts: CTO accepts the risk until 19 Nov 2025, pilot."


def test_waivers_whose_ids_are_alike_have_a_finding_each():
    row = {"owner": "CTO", "reason": "pilot", "expires_date": AS_OF}
    ids = ["a b", "a.b", "\N{FIRE}", "\N{ICE CUBE}"]
    rows = [{**row, "waiver_id": name, "subject_id": "gap.1"} for name in ids]
    found = [f.id for f in judge_launch(launch_of(met(waiver=rows)))]
    names = ["a_b", "a_b_2", "unnamed", "unnamed_2"]
    assert {f"launch.waiver.{name}" for name in names} <= set(found)
    assert len(found) == len(set(found))


# --- the day of the launch ------------------------------------------------------------------------


def on_launch_day(launch, **changes):
    results = launch_of(met(**changes), settings=LaunchSettings(draws=100, launch=launch))
    return {f.id: f.statement for f in judge_launch(results)}


def test_waiver_that_ends_before_the_launch_is_named():
    row = {"waiver_id": "w", "subject_id": "gap.1", "owner": "CTO", "reason": "pilot"}
    waivers = [{**row, "expires_date": AS_OF + timedelta(days=3)}]
    launch = AS_OF + timedelta(days=4)
    words = on_launch_day(launch, waiver=waivers)["launch.evidence_at_launch"]
    assert words == "On 20 Nov 2025 the waiver of gap.1 (until 19 Nov 2025) will have ended."
    waivers[0]["expires_date"] = launch
    words = on_launch_day(launch, waiver=waivers)["launch.evidence_at_launch"]
    assert words == "On 20 Nov 2025 all evidence still counts, and every waiver lasts."


def test_look_at_an_item_that_is_too_old_on_the_launch_day_is_named():
    """Looks of 16 Nov that count for 14 days: on 1 Dec they are 15 days old."""
    words = on_launch_day(date(2025, 12, 1))["launch.evidence_at_launch"]
    assert words.count("16 Nov 2025 (15 days)") == 4  # two criteria, two gaps


def test_launch_that_has_passed_is_said():
    found = on_launch_day(AS_OF - timedelta(days=1))
    assert "15 Nov 2025, before 16 Nov 2025" in found["launch.launch_passed"]
    assert "launch.evidence_at_launch" not in found
    assert "launch.launch_passed" not in on_launch_day(AS_OF)
