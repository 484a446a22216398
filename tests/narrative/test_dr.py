"""The sentences of the notebook on recovery follow their numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from dr_examples import REFERENCE, analysed, event, inputs, minutes

from prismlib import paths
from prismlib.analyses.dr_findings import judge_dr
from prismlib.analyses.dr_inputs import DrInputs, DrSettings
from prismlib.narrative import dr as words
from prismlib.narrative import dr_tables
from prismlib.narrative.dr_answer import dr_answer
from prismlib.sources.snapshots import read_snapshot

DATA = read_snapshot(paths.SAMPLE)
SAMPLE = DrInputs.of(DATA.tables, REFERENCE, as_of=DATA.as_of)
CLAIMS = [minutes("rto_target_minutes", "8"), minutes("rto_limit_minutes", "10")]


def told(given: DrInputs):
    """Return (results, findings, answer)."""
    results = analysed(given)
    found = judge_dr(given, results)
    return results, found, dr_answer(results, found)


def test_answer_on_the_sample():
    _, _, answer = told(SAMPLE)
    assert answer.statement.startswith("**Recovery took 38:00 min**, not the published 8:00 min")
    assert "Copy of snapshots to us-east-1 was left off" in answer.statement
    assert "it is 98:00 min" in answer.statement
    assert "no evidence" in answer.statement
    assert [(f.value, f.tone) for f in answer.figures] == [
        ("8:00", "neutral"),
        ("38:00", "bad"),
        ("98:00", "bad"),
        ("105:00", "bad"),
        ("5:00", "neutral"),
    ]


def test_headline_on_the_sample():
    results, found, _ = told(SAMPLE)
    lines = words.headline(results, found).splitlines()
    assert lines[:4] == [
        "published       8:00, 38:00 with all the work",
        "with response   68:00 / 98:00",
        "at stated rate  105:00 / 135:00",
        "side by side    5:00",
    ]


def test_answer_without_a_drill_is_no_pass():
    results, found, answer = told(inputs(drills=[]))
    assert "Nothing shows that recovery works" in answer.statement
    assert [(f.value, f.tone) for f in answer.figures] == [("unknown", "unknown")]
    for sentence in (
        words.basis(inputs(drills=[]), results),
        words.case_sentence(results),
        words.gap_sentence(results),
        words.path_sentence(results),
        words.physics_sentence(found),
        words.chance_sentence(results, DrSettings()),
        words.loss_sentence(found),
        words.admissible_sentence(found),
    ):
        assert sentence
    assert words.headline(results, found).startswith("published       unknown")


def test_answer_with_an_open_step_is_no_pass():
    _, _, answer = told(inputs(event("load", 0, None, step_name="Load"), claims=CLAIMS))
    assert "is not known" in answer.statement
    assert "Load" in answer.statement
    assert answer.figures[0].value == "unknown"


def test_a_drill_in_the_future_is_left_out_by_name():
    early = DrInputs.of(DATA.tables, REFERENCE, as_of=date(2025, 11, 13))
    results, _, answer = told(early)
    assert "Nothing shows that recovery works" in answer.statement
    basis = words.basis(early, results)
    assert "left out: failover of 14 Nov 2025 and failback of 14 Nov 2025" in basis


def test_a_drill_without_a_restore_step_says_so():
    _, _, answer = told(inputs(event("test", 0, 60, phase="validate"), claims=CLAIMS))
    assert "no restore step is logged" in answer.statement


def test_answer_of_a_drill_within_its_target():
    _, _, answer = told(inputs(event("load", 0, 300), claims=CLAIMS))
    assert answer.statement == "**Recovery took 5:00 min**."
    assert (answer.figures[0].value, answer.figures[0].detail) == ("5:00", "min:s, target 8:00")


def test_case_sentence_counts_those_over_the_limit():
    results, _, _ = told(SAMPLE)
    # 38, 68, 98, 105, 135 and 35 of eight known: 8, 5 and the six.
    assert "5:00 min to 135:00 min" in words.case_sentence(results)
    assert "6 of 8 ways" in words.case_sentence(results)


def test_path_sentence_names_the_path_and_the_slack():
    results, _, _ = told(SAMPLE)
    sentence = words.path_sentence(results)
    assert "Redis data load → Proxy rollout → Health checks → First query" in sentence
    assert "DNS cutover (4:00 min) and PostgreSQL promotion (1:30 min)" in sentence
    assert "holds no plan" in sentence


def test_rows_over_the_limit_and_unknown_ones_stand_out():
    results, _, _ = told(SAMPLE)
    styles = dr_tables.case_styles(results.case_table)
    ids = list(results.case_table["case_id"])
    assert styles[ids.index("with_excluded")] == "bad"
    assert styles[ids.index("until_healthy")] == "unknown"
    assert ids.index("published") not in styles


@pytest.mark.parametrize("name", ["case", "phase", "step", "choice", "chance", "loss", "budget"])
def test_tables_show_columns_that_there_are(name):
    results, _, _ = told(SAMPLE)
    columns = getattr(dr_tables, f"{name}_columns")()
    assert set(columns) <= set(getattr(results, f"{name}_table").columns)


def test_curves_rise():
    results, _, _ = told(SAMPLE)
    for _, points in words.curves(results):
        assert points == sorted(points)
        assert D(0) < points[0][1] < points[-1][1] < D(100)
