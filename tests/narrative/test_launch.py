"""The words of the notebook on the launch, on the sample, when all is met, and with nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from launch_examples import SAMPLE, item, launch_of, look, met

from prismlib.analyses import launch_tables as found_tables
from prismlib.analyses.launch_findings import judge_launch
from prismlib.analyses.launch_inputs import LaunchSettings
from prismlib.analyses.launch_words import figure
from prismlib.formats import day
from prismlib.narrative import launch as words
from prismlib.narrative import launch_plan as plan
from prismlib.narrative import launch_tables as tables
from prismlib.narrative.launch_answer import launch_answer

CASES = {
    "sample": SAMPLE.tables,
    "met": met(),
    "denied": met(evidence=[look("gap.1"), look("gap.2", evidence_state="unknown")]),
    "empty": {},
}


@pytest.fixture(params=CASES)
def case(request):
    results = launch_of(CASES[request.param])
    return request.param, results, judge_launch(results)


def test_statement_begins_with_the_decision(case):
    name, results, found = case
    statement = launch_answer(results, found).statement
    begins = {"met": "**GO", "empty": "Nothing on a launch"}.get(name, "**NO-GO")
    assert statement.startswith(begins)
    assert ("lack of evidence" in statement) == (name == "denied")


def test_figures_have_a_tone_that_is_never_good_when_unknown(case):
    _, results, found = case
    for one in launch_answer(results, found).figures:
        assert one.value
        if one.value == "not shown":
            assert one.tone == "unknown"


def test_sample_says_what_was_claimed_and_is_not_so():
    results = launch_of(SAMPLE.tables)
    statement = launch_answer(results, judge_launch(results)).statement
    assert "38 minutes, claimed 8 minutes" in statement
    assert "203.1% to 401.2%, claimed 5%" in statement
    assert "performance SLOs met (not shown, claimed yes)" in statement


def test_headline_has_a_line_for_each_figure(case):
    _, results, found = case
    lines = words.headline(results, found).splitlines()
    assert [line.split()[0] for line in lines] == [
        *("decision", "criteria", "to", "undefined", "findings")
    ]


def test_every_sentence_is_there_in_every_case(case):
    _, results, found = case
    said = [
        words.basis(results),
        words.gate_title(results),
        words.why_sentence(results, found),
        words.flip_sentence(results),
        words.rules_sentence(found),
        words.work_title(results),
        words.rank_sentence(found),
        words.delay_sentence(found),
        words.evidence_sentence(found),
        words.register_sentence(found, *words.REGISTERS),
        plan.remedy_sentence(results),
        plan.schedule_sentence(found),
        plan.plan_sentence(found),
    ]
    for one in said:
        assert one.strip()
        assert "None" not in one


def test_every_table_is_there_in_every_case(case):
    _, results, _ = case
    names = words.names(results)
    criteria = found_tables.criterion_table(results)
    evidence = found_tables.evidence_table(results)
    shown = (
        (tables.criteria_shown(criteria), tables.criterion_columns()),
        (
            tables.readings_shown(found_tables.reading_table(results), names),
            tables.reading_columns(),
        ),
        (found_tables.lint_table(results), tables.lint_columns()),
        (found_tables.flip_table(results), tables.flip_columns()),
        (
            tables.distances_shown(found_tables.distance_table(results), names),
            tables.distance_columns(),
        ),
        (tables.items_shown(results.items, names), tables.item_columns()),
        (tables.evidence_shown(evidence), tables.evidence_columns()),
        (results.delay.table, tables.delay_columns(results.delay.currency)),
        (found_tables.remedy_table(results), tables.remedy_columns()),
        (tables.schedule_shown(found_tables.schedule_table(results)), tables.schedule_columns()),
        (results.rollout, tables.rollout_columns(results.delay.currency)),
    )
    for frame, columns in shown:
        assert set(columns) <= set(frame.columns)


def test_evidence_that_does_not_count_stands_out():
    table = found_tables.evidence_table(launch_of(SAMPLE.tables))
    styles = tables.evidence_styles(table)
    assert {table["check_id"].iloc[number] for number in styles} == {"benchmark", "drill"}


def test_schedule_of_the_sample_in_words_and_bars():
    results = launch_of(SAMPLE.tables)
    assert results.schedule is not None
    bars = plan.bars(results.schedule)
    assert all(start <= end for _, start, end, _ in bars)
    assert any(is_critical for *_, is_critical in bars)
    marks = dict(plan.marks(results, results.schedule))
    assert marks["Planned: 9 Dec 2025"] == 21  # from 18 November
    curve = plan.curve(results.schedule)
    assert curve[0][1] == 0
    assert curve[-1][1] >= 99
    assert [share for _, share in curve] == sorted(share for _, share in curve)
    assert len(plan.ticks(results, results.schedule)) <= 8


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        ("1", "1", "yes"),
        ("0", "1", "no"),
        ("38", "minutes", "38 minutes"),
        ("0.378", "%", "0.378%"),
        ("203.126", "%", "203.1%"),
        ("1099099.20", "USD", "$1,099,099"),
        (None, "minutes", "unknown"),
    ],
)
def test_figure_of_a_criterion(value, unit, shown):
    assert figure(None if value is None else Decimal(value), unit) == shown


# --- what is said must be so ----------------------------------------------------------------------

RISK = {
    "readiness_item": [item("gap.1"), item("gap.2", item_status="open", closed_date=None)],
    "evidence": [look("gap.1")],
    "waiver": [
        {
            "waiver_id": "w",
            "subject_id": "gap.2",
            "owner": "platform lead",
            "reason": "no traffic before January",
            "expires_date": date(2026, 1, 31),
        }
    ],
}


def _statement(results):
    return launch_answer(results, judge_launch(results)).statement


def test_go_with_a_waived_item_names_the_risk():
    statement = _statement(launch_of(met(**RISK)))
    assert statement.startswith("**GO, with accepted risks**: gap.2 (name of gap.2)")
    assert "every criterion" not in statement


def test_go_that_does_not_last_until_the_launch_says_so():
    """All was seen on 16 Nov and is good for 14 days: nothing of it counts on 9 Dec."""
    settings = LaunchSettings(draws=200, launch=date(2025, 12, 9))
    statement = _statement(launch_of(met(), settings=settings))
    assert statement.startswith("**GO**")
    assert "**Not on 9 Dec 2025**" in statement
    assert "name of gaps and name of load" in statement


def test_no_go_speaks_of_unknowns_only_when_there_are_some():
    statement = _statement(launch_of(met(**{**RISK, "waiver": []})))
    assert "unknown" not in statement
    assert "name of gaps neither passes nor fails" in statement


def test_criterion_that_is_not_shown_is_named():
    statement = _statement(launch_of(CASES["denied"]))
    assert "name of gaps is not shown" in statement


def test_without_rules_or_criteria_no_sentence_is_left_open():
    results = launch_of(met(decision_rule=[]))
    assert _statement(results) == "**NO-GO.** Every criterion passes, and no rule makes it GO."
    nothing = launch_of({})
    assert "Every criterion passes" not in words.why_sentence(nothing, judge_launch(nothing))


def test_day_that_the_plan_supports_comes_with_the_day_that_half_of_the_draws_reach():
    results = launch_of(SAMPLE.tables)
    said = plan.schedule_sentence(judge_launch(results))
    assert f"in half of them by {day(results.schedule.median)}" in said
    assert results.schedule.low <= results.schedule.median <= results.schedule.high


def test_answer_says_what_flips_it():
    results = launch_of(SAMPLE.tables)
    assert launch_answer(results, judge_launch(results)).details[-1].startswith("**What flips")
