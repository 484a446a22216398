"""The sentences of the notebook on benchmarks follow their numbers."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from prismlib import paths
from prismlib.analyses.performance_slo import SloOutcomes, analyse_slo
from prismlib.analyses.slo_findings import judge_slo
from prismlib.analyses.slo_inputs import SloInputs, SloSettings
from prismlib.narrative import performance_slo as words
from prismlib.narrative import slo_tables
from prismlib.narrative.slo_answer import slo_answer
from prismlib.sources.benchmark_files import with_benchmarks
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import records

FILES = Path(__file__).parents[1] / "data" / "benchmark_files"
DATA = read_snapshot(paths.SAMPLE)
REFERENCE = read_reference_tables(DATA.tables)


def told(tables):
    """Return (outcomes, findings, answer)."""
    given = SloInputs.of(tables, REFERENCE, as_of=DATA.as_of)
    outcomes = analyse_slo(given, SloSettings())
    found = judge_slo(outcomes)
    return outcomes, found, slo_answer(outcomes, found)


SAMPLE = told(DATA.tables)
NOTHING = told({})


def test_answer_on_the_sample():
    _, _, answer = SAMPLE
    assert "0 of 17 service levels are shown to be met" in answer.statement
    assert "6 figures that are stated break a physical or documented limit" in answer.statement
    assert [(f.value, f.detail) for f in answer.figures] == [
        ("0 of 17", "0 runs from files"),
        ("23.96M", "5M possible"),
        ("207,000", "1,000 possible"),
        ("43.24", "12.5 possible"),
        ("4", "7 right"),
    ]


def test_answer_without_anything_is_no_pass():
    _, _, answer = NOTHING
    assert "no objective" in answer.statement
    assert all(figure.tone != "good" for figure in answer.figures)


def test_headline_counts_what_is_there():
    outcomes, found, _ = SAMPLE
    lines = words.headline(outcomes, found).splitlines()
    assert lines[0] == "objectives   17 unknown"
    assert lines[1] == "runs         0 real, 7 made up"


def test_factors_are_how_far_beyond_what_is_possible():
    """207,000 in flight of 1,000; 23.96M of 5M; 40 bytes needed of 37.57 that there are."""
    factors = dict(words.factors_beyond(SAMPLE[0]))
    assert factors["requests in flight"] == 207
    assert round(factors["rate of a Redis node"], 2) == Decimal("4.79")
    assert round(factors["bytes of an operation"], 3) == Decimal("1.065")
    assert round(factors["first byte from S3"], 2) == Decimal("11.76")  # 100 / 8.5
    assert list(factors.values()) == sorted(factors.values(), reverse=True)
    assert "207 times" in words.physics_title(SAMPLE[0])


def test_charts_of_tiers_carry_targets_stated_figures_and_bounds():
    hot, cold = (words.tier_chart(SAMPLE[0], tier) for tier in ("hot", "cold"))
    assert [(mark.percent, mark.value) for mark in hot.targets][4] == (99, Decimal("0.8"))
    assert [(mark.percent, mark.value) for mark in hot.stated][4] == (99, Decimal("0.76"))
    assert len(hot.curves) == 3
    assert all("made up" in curve.name for curve in hot.curves)
    assert hot.bounds == []
    assert cold.bounds == [("first byte from S3 takes", 100)]
    assert words.tier_chart(SAMPLE[0], "other") is None
    assert words.tier_chart(NOTHING[0], "hot") is None


def test_tables_show_an_objective_once():
    shown = records(slo_tables.objectives_shown(SAMPLE[0]))
    assert len(shown) == 17
    assert shown[0]["target_words"] == "at most 0.2 ms"
    assert {row["verdict"] for row in shown} == {"unknown"}
    made_up = records(slo_tables.verdicts_shown(SAMPLE[0]))
    assert {row["statistic"] for row in made_up} == {"p99"}


def test_nothing_is_said_in_words_not_in_silence():
    outcomes, found, _ = NOTHING
    assert isinstance(outcomes, SloOutcomes)
    assert "No file of a benchmark is there" in words.basis(outcomes)
    assert "no two dated runs" in words.change_sentence(outcomes)
    assert "names no script" in words.script_sentence(found)
    assert "breaks a limit" in words.physics_sentence(found)
    assert words.nodes_of(outcomes) is None
    assert words.weeks_of(outcomes) is None


def test_a_small_chance_is_not_printed_as_zero():
    shown = records(slo_tables.comparisons_shown(SAMPLE[0]))
    assert [row["chance_words"] for row in shown] == ["under 0.001"] * 2
    assert all(row["rank_probability"] < Decimal("0.001") for row in shown)


def test_budget_shows_what_is_known():
    """0.003% of an allowed 0.01% is 30% of the budget; no made-up run counts its failures."""
    (row,) = records(slo_tables.budgets_shown(SAMPLE[0]))
    assert (row["run_id"], row["budget_spent_pct"]) == ("as stated", 30)


def test_a_file_that_prints_every_percentile_shows_the_usual_ones(tmp_path):
    """ab -e has 101 lines; a broken file beside it is no run that was read."""
    (tmp_path / "e2e.csv").write_bytes((FILES / "ab.csv").read_bytes())
    (tmp_path / "hot.csv").write_text("", "utf-8")
    outcomes, _, answer = told(with_benchmarks(DATA.tables, [tmp_path]))
    shown = slo_tables.percentiles_shown(outcomes)
    of_ab = set(shown[shown["run_id"] == "e2e"]["statistic"])
    assert of_ab == {"min", "p50", "p75", "p90", "p95", "p99", "max"}
    assert len(outcomes.percentile_table) > 100
    assert answer.figures[0].detail == "1 run from files"
