"""What is assumed of a launch: refused when it cannot be, applied to the tables, always marked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from typing import Any

import pandas as pd
import pytest
from launch_examples import AS_OF, REFERENCE, SAMPLE, criterion, item, look, met, rules

from prismlib.analyses.launch_changes import assumed_inputs
from prismlib.analyses.launch_decision import decide_launch, known_of
from prismlib.analyses.launch_findings import judge_launch
from prismlib.analyses.launch_inputs import LaunchInputs, LaunchSettings
from prismlib.analyses.launch_readiness import LaunchResults, analyse_launch, completed_launch
from prismlib.analyses.launch_tables import distance_table
from prismlib.errors import ParameterError
from prismlib.findings import Finding, Severity, Verdict
from prismlib.narrative import launch as words
from prismlib.narrative.launch_answer import launch_answer
from prismlib.periods import Period

NOTHING = {
    **{"bounds": "", "measures": "", "waive": ""},
    **{"waive_owner": "", "waive_reason": "", "waive_until": ""},
}
SIGNED = {"waive_owner": "CTO", "waive_reason": "pilot", "waive_until": "2025-11-20"}
SETTINGS = LaunchSettings(draws=100)


def inputs_of(tables: dict[str, pd.DataFrame]) -> LaunchInputs:
    period = Period.month("2025-10")
    return LaunchInputs.of(tables, REFERENCE, period=period, as_of=AS_OF, is_bill_synthetic=True)


PLAIN = inputs_of(dict(SAMPLE.tables))


def assuming(inputs: LaunchInputs, **given: str) -> LaunchInputs:
    return assumed_inputs(inputs, **{**NOTHING, **given})


def results_of(tables: dict[str, pd.DataFrame], **given: str) -> LaunchResults:
    return analyse_launch(assuming(inputs_of(tables), **given), SETTINGS)


def found_in(results: LaunchResults) -> dict[str, Finding]:
    return {one.id: one for one in judge_launch(results)}


def band(results: LaunchResults, criterion_id: str) -> str:
    one = results.of(criterion_id)
    assert one is not None
    return one.standing.band


def timed(**cells: Any) -> dict[str, Any]:
    """Return a criterion on minutes: GO within 8, NO-GO above 10, a figure of evidence alone."""
    bounds = {"compared_as": "at most", "go_value": D(8), "no_go_value": D(10), "unit": "minutes"}
    return criterion("minutes", measure_name="minutes_taken", **bounds, **cells)


def launch(*looks: dict[str, Any], **cells: Any) -> dict[str, pd.DataFrame]:
    return met(
        criterion=[timed(**cells)], decision_rule=rules("minutes"), stated_evidence=list(looks)
    )


# --- refused by name ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "text", "seen"),
    [
        ("measures", "speed=1", "speed"),
        ("measures", "recovery=nan", "nan"),
        ("measures", "recovery=inf", "inf"),
        ("measures", "recovery=1e30", "1e30"),
        ("measures", "recovery=-1", "recovery=-1"),
        ("measures", "recovery", "name=value"),
        ("measures", "recovery=1, recovery=2", "each name once"),
        ("measures", "critical_gaps=1.5", "a whole number"),
        ("measures", "training=101", "at most 100"),
        ("measures", "on_call=0.5", "1 for yes or 0 for no"),
        ("measures", "<script>alert(1)</script>", "<script>"),
        ("bounds", "speed=1..2", "speed"),
        ("bounds", "on_call=0..1", "on_call"),  # yes or no has no bounds
        ("bounds", "recovery=nan..12", "nan"),
        ("bounds", "recovery=-1..12", "0 or more"),
        ("bounds", "recovery=15..12", "recovery=15..12"),
        ("bounds", "training=90..100", "training=90..100"),  # at least: NO-GO is below
        ("bounds", "recovery=12..", "a number"),
        ("bounds", "recovery=1..2..3", "a number"),
        ("waive", "gap.99", "gap.99"),
        ("waive", "recovery", "recovery"),  # a veto
        ("waive", "<img src=x>", "<img src=x>"),
        ("waive_until", "soon", "soon"),
        ("waive_reason", "a\nb", "in a line"),
        ("waive_owner", "x" * 201, "in a line"),
    ],
)
def test_what_cannot_be_is_refused_by_name(parameter: str, text: str, seen: str) -> None:
    with pytest.raises(ParameterError) as error:
        assuming(PLAIN, **{parameter: text})
    assert parameter in str(error.value)
    assert seen in str(error.value)


@pytest.mark.parametrize(
    "given",
    [
        {"measures": "cost=-5"},  # under the estimate
        {"measures": "critical_gaps=0, training=100"},
        {"bounds": "recovery=0..0"},
        {"bounds": "recovery= 12 .. 15"},
        {"waive": "gap.1, gap.1"},
    ],
)
def test_what_can_be_is_taken(given: dict[str, str]) -> None:
    assert assuming(PLAIN, **given).assumed.is_anything


@pytest.mark.parametrize("given", [{}, {"bounds": "recovery=8..10"}, SIGNED])
def test_what_is_as_in_the_snapshot_is_not_assumed(given: dict[str, str]) -> None:
    assert not assuming(PLAIN, **given).assumed.is_anything


# --- bounds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bounds", "state", "expected"),
    [
        ("", "pass", "pass"),  # 8 within 8
        ("minutes=7..10", "fail", "warn"),  # 8 between 7 and 10
        ("minutes=5..7", "fail", "fail"),  # 8 above 7
        ("minutes=9", "pass", "pass"),  # NO-GO stays above 10
    ],
)
def test_evidence_is_judged_again_by_its_figure(bounds: str, state: str, expected: str) -> None:
    seen = look("minutes", evidence_value=D(8), unit="minutes")
    results = results_of(launch(seen), bounds=bounds)
    assert band(results, "minutes") == expected
    (one,) = results.judged
    assert one.looks[0].row["evidence_state"] == state


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"evidence_value": D(8), "unit": "seconds"}, "unknown"),
        ({"evidence_value": None}, "unknown"),
        ({"evidence_value": D(8), "unit": ""}, "pass"),
    ],
)
def test_evidence_without_a_figure_in_the_unit_is_no_pass_of_other_bounds(
    cells: dict[str, Any], expected: str
) -> None:
    results = results_of(launch(look("minutes", **cells)), bounds="minutes=20..30")
    assert band(results, "minutes") == expected


def test_a_row_whose_bounds_are_assumed_names_no_document() -> None:
    tables = launch(look("minutes", evidence_value=D(8), unit="minutes"), source="the memo")
    found = found_in(results_of(tables, bounds="minutes=9..12"))
    one = found["launch.criterion.minutes"]
    assert one.evidence[0].source.startswith("parameters of the report")
    assert "the memo" not in one.evidence[0].source
    said = (
        "at most 9 minutes, NO-GO above 12 minutes, in place of at most 8 minutes, NO-GO above 10"
    )
    assert said in one.statement
    assert said in found["launch.assumed"].statement


# --- figures --------------------------------------------------------------------------------------


def test_an_assumed_figure_is_neither_shown_nor_contradicted() -> None:
    """7.5 is within 8; 38 was seen."""
    seen = look("minutes", evidence_value=D(38), unit="minutes", evidence_state="fail")
    plain = results_of(launch(seen))
    assert (plain.gate.decision, band(plain, "minutes")) == ("NO-GO", "fail")
    assert "launch.assumed" not in found_in(plain)
    results = results_of(launch(seen), measures="minutes=7.5")
    assert (results.gate.decision, band(results, "minutes")) == ("GO", "pass")
    found = found_in(results)
    one = found["launch.assumed"]
    assert (one.verdict, one.severity) == (Verdict.UNKNOWN, Severity.CRITICAL)
    assert "7.5 minutes in place of 38 minutes" in one.statement
    assert found["launch.criterion.minutes"].verdict is Verdict.UNKNOWN
    assert found["launch.criterion.minutes"].value is None
    decision = found["launch.decision"]
    assert (decision.verdict, decision.value) == (Verdict.UNKNOWN, None)
    assert decision.title == "The decision is GO on what is assumed"
    lines = words.headline(results, list(found.values())).splitlines()
    assert lines[0].endswith(" name of minutes: 7.5 minutes in place of 38 minutes")
    assert lines[1].endswith(" GO, on what is assumed")
    statement = launch_answer(results, list(found.values())).statement
    assert "**GO only if it is as assumed**" in statement
    (figure,) = launch_answer(results, list(found.values())).figures
    assert (figure.tone, figure.detail) == ("unknown", "assumed pass; claimed 38 minutes")


def test_an_assumed_figure_can_fail_too() -> None:
    seen = look("minutes", evidence_value=D(8), unit="minutes")
    results = results_of(launch(seen), measures="minutes=10.5")
    assert (results.gate.decision, band(results, "minutes")) == ("NO-GO", "fail")
    assert found_in(results)["launch.decision"].verdict is Verdict.CONTRADICTS
    assert results.to_go == (("minutes",),)


def test_distances_stay_those_of_the_known_figure() -> None:
    plain = analyse_launch(PLAIN, SETTINGS)
    assumed = analyse_launch(assuming(PLAIN, measures="recovery=7.5, cost=5"), SETTINGS)
    assert distance_table(assumed).equals(distance_table(plain))


# --- waivers --------------------------------------------------------------------------------------


def gaps(*looks: dict[str, Any]) -> dict[str, pd.DataFrame]:
    """Return a launch with three critical gaps open, and none allowed."""
    bounds = {"compared_as": "at most", "go_value": D(0), "no_go_value": D(1), "unit": "gaps"}
    return met(
        readiness_item=[item(f"gap.{n}", item_status="open", closed_date=None) for n in (1, 2, 3)],
        criterion=[criterion("gaps", measure_name="open_critical_gaps", **bounds)],
        decision_rule=rules("gaps"),
        evidence=[],
        stated_evidence=list(looks),
    )


@pytest.mark.parametrize(
    ("stated", "waive", "expected"),
    [
        (3, "gap.1, gap.2, gap.3", "pass"),  # the three that the document counts
        (2, "gap.1, gap.2, gap.3", "pass"),  # it counts fewer
        (4, "gap.1, gap.2, gap.3", "unknown"),  # one that no register knows is not waived
        (None, "gap.1, gap.2, gap.3", "unknown"),  # without a figure it may be of another gap
        (3, "gap.1, gap.2", "warn"),  # one is left, and NO-GO is above one
        (3, "gap.1", "fail"),  # two are left
    ],
)
def test_waivers_cover_what_a_document_counts_as_open(
    stated: int | None, waive: str, expected: str
) -> None:
    value = None if stated is None else D(stated)
    seen = look("gaps", evidence_state="fail", evidence_value=value, unit="gaps")
    results = results_of(gaps(seen), waive=waive, **SIGNED)
    assert band(results, "gaps") == expected


def test_a_claim_is_held_against_what_is_open_waived_or_not() -> None:
    """The document counts three, three are waived; it counts two, three are waived."""
    for stated, verdict in ((3, Verdict.HOLDS), (2, Verdict.CONTRADICTS)):
        seen = look("gaps", evidence_state="fail", evidence_value=D(stated), unit="gaps")
        results = results_of(gaps(seen), waive="gap.1, gap.2, gap.3", **SIGNED)
        one = found_in(results)["launch.criterion.gaps"]
        assert (one.verdict, one.value, one.expected) == (verdict, D(3), D(stated))
        assert one.severity is not Severity.CRITICAL


def test_a_failure_that_nothing_waived_explains_still_contradicts() -> None:
    """All is closed and seen so, one of it waived besides: the document's failure stands."""
    seen = look("gaps", "register", evidence_state="fail", evidence_value=D(1), unit="gaps")
    tables = met(stated_evidence=[seen, look("load", "benchmark")])
    assert band(results_of(tables, waive="gap.1", **SIGNED), "gaps") == "unknown"


def test_a_waiver_ends_before_a_later_launch_day() -> None:
    seen = look("gaps", evidence_state="fail", evidence_value=D(3), unit="gaps")
    inputs = assuming(inputs_of(gaps(seen)), waive="gap.1, gap.2, gap.3", **SIGNED)
    results = analyse_launch(inputs, LaunchSettings(draws=100, launch=date(2025, 11, 21)))
    assert (results.gate.decision, results.at_launch.decision) == ("GO", "NO-GO")
    found = list(found_in(results).values())
    statement = launch_answer(results, found).statement
    assert "is in no register" in statement
    assert "**GO, with accepted risks**" in statement
    assert "**Not on 21 Nov 2025**" in statement


@pytest.mark.parametrize(
    ("lacks", "said"),
    [
        ("waive_owner", "it names no owner"),
        ("waive_reason", "it names no reason"),
        ("waive_until", "it names no end"),
    ],
)
def test_a_waiver_that_lacks_something_counts_as_little_as_one_of_a_register(
    lacks: str, said: str
) -> None:
    given = {**SIGNED, lacks: " " if lacks != "waive_until" else ""}
    results = results_of(gaps(look("gaps")), waive="gap.1", **given)
    one = results.of("gaps")
    assert one is not None and one.measure.low == 3
    found = found_in(results)
    assert f"does not count: {said}." in found["launch.waiver.assumed_gap_1"].statement
    assert f"the waiver of gap.1 does not count: {said}" in found["launch.assumed"].statement


def test_a_criterion_that_is_no_veto_can_be_waived() -> None:
    tables = launch(look("minutes", evidence_value=D(9), unit="minutes"), is_veto=False)
    assert results_of(tables).gate.decision == "NO-GO"
    results = results_of(tables, waive="minutes", **SIGNED)
    assert results.gate.decision == "GO"
    assert [one.criterion_id for one in results.gate.waived] == ["minutes"]


# --- the steps are the whole ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {"measures": "recovery=7.5, on_call=1"},
        {"bounds": "recovery=12..40, cost=10..25, training=60..60"},
        {"waive": "gap.1, security.2", **SIGNED},
    ],
)
def test_what_is_known_once_gives_what_the_whole_analysis_gives(given: dict[str, str]) -> None:
    inputs = assuming(PLAIN, **given)
    whole = judge_launch(analyse_launch(inputs, SETTINGS))
    assert judge_launch(completed_launch(decide_launch(inputs, SETTINGS, known_of(PLAIN)))) == whole
    assert whole != judge_launch(analyse_launch(PLAIN, SETTINGS))


# --- nothing to decide ----------------------------------------------------------------------------

BILL = {name: SAMPLE.tables[name] for name in ("cost", "estimate")}


def test_bill_without_a_launch_is_no_no_go():
    results = results_of(BILL)
    decision = found_in(results)["launch.decision"]
    assert (decision.verdict, decision.severity) == (Verdict.UNKNOWN, Severity.INFO)
    assert decision.value is None
    statement = launch_answer(results, judge_launch(results)).statement
    assert statement == "Nothing on a launch is in the snapshot: there is nothing to decide."


@pytest.mark.parametrize("name", ["readiness_item", "plan_task", "claim"])
def test_what_is_on_a_launch_without_criteria_is_a_no_go(name):
    decision = found_in(results_of({**BILL, name: SAMPLE.tables[name]}))["launch.decision"]
    assert decision.severity is Severity.CRITICAL
    assert "No criterion of the launch is in the snapshot" in decision.statement
