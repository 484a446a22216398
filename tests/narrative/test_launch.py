"""The words of the notebook on the launch, on the sample, when all is met, and with nothing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from launch_examples import SAMPLE, launch_of, look, met

from prismlib.analyses import launch_tables as found_tables
from prismlib.analyses.launch_findings import figure, judge_launch
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
    assert statement.startswith("**GO" if name == "met" else "**NO-GO")
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
        words.flip_sentence(results, found),
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
