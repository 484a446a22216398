"""The sentences of the Graviton notebook follow their numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from graviton_cases import REFERENCE, account, charge, instances, reservation, settings

from prismlib import paths
from prismlib.analyses.graviton_findings import judge_graviton
from prismlib.analyses.graviton_inputs import GravitonInputs
from prismlib.analyses.graviton_savings import analyse_graviton
from prismlib.findings import Verdict
from prismlib.narrative import graviton_savings as words
from prismlib.narrative import graviton_tables as tables
from prismlib.narrative.graviton_answer import graviton_answer
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import COST, make, records

DATA = read_snapshot(paths.SAMPLE)
SAMPLE = GravitonInputs.of(
    DATA.tables, REFERENCE, period=DATA.period, as_of=DATA.as_of, is_bill_synthetic=True
)
MIXED = (
    *instances(3, "m6i.large", tags={"component": "web"}),
    *instances(2, "r6i.4xlarge"),
    *instances(1, "m7g.large", architecture="arm64"),
)


def told(inputs, **choices):
    """Return (settings, results, findings, answer) of the analysis."""
    setting = settings(**choices)
    results = analyse_graviton(inputs, setting)
    found = judge_graviton(inputs, setting, results)
    return setting, results, found, graviton_answer(setting, results, found)


def test_answer_on_the_sample():
    *_, answer = told(SAMPLE)
    assert answer.statement.startswith(
        "**Moving to Graviton3 would save $91,250 a month, not $343,100**: the same instances, at "
        "like-for-like rates. For the instances that run it is $4,380. "  # 48 x 730 x 0.125
        "It comes from Oct 2026 on at the latest;"
    )
    shown = {figure.label: (figure.value, figure.tone) for figure in answer.figures}
    assert shown["A month, by price only"] == ("$91,250", "good")
    assert shown["A month, as claimed"] == ("$343,100", "bad")
    assert shown["First saving"] == ("Oct 2026", "neutral")
    assert any("27.9% off the instances" in detail for detail in answer.details)


@pytest.mark.parametrize(
    ("currency", "usage_type", "reason"),
    [
        ("EUR", "USW2-BoxUsage:m6i.large", "the bill is in EUR, the price tables in USD"),
        ("USD", "USW2-DataTransfer-Regional-Bytes", "the bill lists no compute in 2025-10"),
    ],
)
def test_a_bill_without_lines_says_why(currency, usage_type, reason):
    bill = make(COST, [charge(usage_type, "730", "70.08", billing_currency=currency)])
    _, results, found, answer = told(account(cost=bill))
    assert answer.statement == f"**What a move to Graviton would save is unknown**: {reason}."
    (finding,) = (f for f in found if f.id == "graviton.price_only")
    assert (finding.verdict, reason in finding.statement) == (Verdict.UNKNOWN, True)
    assert reason in words.lines_sentence(results)


def test_money_without_a_date_is_not_said_to_come_from_a_month():
    held = reservation(2, "r6i.4xlarge", "0.622374", date(2026, 6, 1)) | {"ends_at": None}
    rows = (*instances(3, "m6i.large"), *instances(2, "r6i.4xlarge"))
    _, results, _, answer = told(account(*rows, commitments=[held]))
    # 3 x 730 x (0.096 - 0.0816) = 31.536 has a day; 2 x 730 x 0.093379 = 136.33 has none
    assert results.planned_saving == D("31.536")
    assert round(results.undated_saving, 2) == D("136.33")
    assert answer.statement.startswith("**Moving to Graviton3 would save $31.54 a month**")
    assert "A further $136.33 a month begins on a day that is not known" in answer.statement
    _, _, _, alone = told(account(*instances(2, "r6i.4xlarge"), commitments=[held]))
    assert alone.statement.startswith("**Moving to Graviton3 saves nothing from a day that is")


def test_what_never_pays_back_does_not_hold():
    """Tests of 5,000 a line against 24 months of 31.536."""
    _, results, found, _ = told(account(*instances(3, "m6i.large")), plan={"test_usd": 5000})
    (when,) = (f for f in found if f.id == "graviton.when")
    assert when.verdict is Verdict.CONTRADICTS
    advice = tables.total_row(results, 4000)["stays"][0]
    assert advice == "moves by price; its effort is not paid back in the horizon"


def test_lines_without_a_rate_are_not_said_to_stay():
    rows = (*instances(3, "m6i.large"), *instances(1, "m6i.large", first=9, platform="SUSE Linux"))
    _, results, found, answer = told(account(*rows))
    assert "should not" not in answer.statement
    assert "Whether 1 line should is not known." in answer.statement
    ids = {f.id: f.verdict for f in found}
    assert "graviton.stays" not in ids
    assert ids["graviton.stays_unknown"] is Verdict.UNKNOWN
    assert any(r.startswith("not known: ") for r in tables.total_row(results, 4000)["stays"])


def test_what_may_move_is_not_said_to_stay():
    bill = make(COST, [charge("USW2-NodeUsage:cache.r5.large", "730", "157.68")])
    *_, answer = told(account(cost=bill))  # a bill names no engine
    assert answer.statement.startswith("**Whether any of this can move to Graviton is not known.**")


def test_answer_does_not_recommend_what_is_dearer_for_the_work():
    web = account(*instances(4, "m6i.large", tags={"component": "web"}))
    *_, answer = told(web, generation="Graviton2")
    # by the hour 4 x 730 x 0.019 = 55.48 less; for the work 280.32 x 0.23614 = 66.20 more
    assert answer.statement == (
        "**No line should move to Graviton2**: by the hour it would cost $55.48 a month less, for "
        "the same work $66.20 more."
    )
    assert any("Do not move it on price." in detail for detail in answer.details)


def test_answer_where_nothing_can_move():
    *_, answer = told(account(*instances(2, "m7g.large", architecture="arm64")))
    assert answer.statement.startswith("**Nothing of this can move to Graviton.**")
    assert {f.tone for f in answer.figures if f.value == "unknown"} == {"unknown"}


def test_answer_where_no_price_is_known():
    *_, answer = told(account(*instances(2, "m5n.large")))
    assert "is unknown" in answer.statement


def test_answer_says_when_the_effort_is_not_paid_back():
    """31.54 a month never pays 40 hours at 110 within two years."""
    setting = settings(efforts={"platform engineers": (40, 0, 110)})
    results = analyse_graviton(account(*instances(3, "m6i.large")), setting)
    answer = graviton_answer(setting, results, [])
    assert "does not pay for its own effort within 24 months" in answer.statement


def test_lines_sentence_adds_up_by_reason():
    held = [reservation(2, "r6i.4xlarge", "0.622374", date(2026, 6, 1))]
    _, results, *_ = told(account(*MIXED, commitments=held))
    sentence = words.lines_sentence(results)
    # 3 x 730 x 0.096; 2 x 730 x 0.622374; 730 x 0.0816
    assert "$210.24 can move now" in sentence
    assert "$908.67 can move when its commitment ends" in sentence
    assert "$59.57 is on Arm already" in sentence


def test_basis_says_where_the_lines_come_from():
    setting, results, *_ = told(account(*MIXED))
    assert "what runs in the account" in words.basis(account(*MIXED), setting, results)
    setting, results, *_ = told(SAMPLE)
    assert "as many as its cost lines pay for" in words.basis(SAMPLE, setting, results)
    assert "is an assumption" in words.basis(SAMPLE, setting, results)


def test_generations_sentence_calls_a_missing_one_unknown():
    _, results, *_ = told(SAMPLE)
    assert "unknown on Graviton4" in words.generations_sentence(results)


def test_work_title_names_the_trap():
    web = account(*instances(4, "m6i.large", tags={"component": "web"}))
    _, results, *_ = told(web, generation="Graviton2")
    assert words.work_title(results) == (
        "Cheaper by the hour, dearer for the work: m6i.large on web"
    )


def test_benchmarks_carry_their_credit():
    setting, results, *_ = told(SAMPLE)
    assert "Spare Cores" in words.spread_note(setting, results)
    assert "CC BY-SA 4.0" in words.price_dates(SAMPLE)


def test_mapping_sentence_says_that_they_differ():
    _, results, *_ = told(SAMPLE)
    rows = tables.mapping_rows(SAMPLE, results)
    assert "r6i, c6i and db.r6i differ" in words.mapping_sentence(rows)
    same = [{"instance_family": "t3", "a, newest": "t4g", "b, newest": "t4g"}]
    assert "agree" in words.mapping_sentence(same)


@pytest.mark.parametrize("inputs", [SAMPLE, account(*MIXED)], ids=["sample", "account"])
def test_tables_show_columns_that_are_there(inputs):
    setting, results, *_ = told(inputs)
    shown = (
        (tables.line_table(results), tables.line_columns()),
        (tables.option_table(results), tables.option_columns()),
        (tables.change_table(results, setting.simulation.draws), tables.change_columns(results)),
        (tables.total_row(results, setting.simulation.draws), tables.answer_columns()),
        (tables.year_table(results), tables.year_columns()),
        (results.wait.schedule, tables.schedule_columns()),
    )
    for frame, columns in shown:
        assert set(columns) <= set(frame.columns)


def test_years_add_up_to_the_horizon():
    _, results, *_ = told(SAMPLE)
    *years, total = records(tables.year_table(results))
    assert total["net_saving"] == results.wait.net_saving
    assert sum(year["saving"] for year in years) == total["saving"]


def test_total_row_is_the_sum_of_the_lines():
    setting, results, *_ = told(account(*MIXED))
    *lines, total = records(tables.total_row(results, setting.simulation.draws))
    assert sum(line["monthly_saving"] for line in lines) == total["monthly_saving"]


def test_notes_say_each_thing_once():
    _, results, *_ = told(SAMPLE)
    note = tables.notes(tables.option_table(results))
    assert note.count("of us-east-1") == 1
    assert note.startswith("Rate of")
    assert "no rate of r8g.4xlarge (standard RI, 1 year, all upfront)" in note
