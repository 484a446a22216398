"""The sentences of the notebook follow their numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from prismlib import paths
from prismlib.analyses.cost_findings import judge_costs
from prismlib.analyses.cost_inputs import CostInputs, CostSettings
from prismlib.analyses.cost_variance import analyse_cost_variance
from prismlib.narrative import cost_tables
from prismlib.narrative import cost_variance as words
from prismlib.narrative.cost_answer import cost_answer
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import COST_FILE, make

DATA = read_snapshot(paths.SAMPLE)
INPUTS = CostInputs.of(
    DATA.tables,
    read_reference_tables(),
    period=DATA.period,
    as_of=DATA.as_of,
    is_bill_synthetic=True,
)


def told(inputs=INPUTS, settings=None):
    """Return (results, answer) of the analysis."""
    settings = settings or CostSettings()
    results = analyse_cost_variance(inputs, settings)
    found = judge_costs(inputs, settings, results)
    return results, cost_answer(inputs, settings, results, found)


def test_answer_on_the_sample():
    _, answer = told()
    assert answer.statement == (
        "**The stated lines for 2025-10 add up to $961,978**, +5.03% against the estimate of "
        "$915,916. **The stated estimate and actual totals do not add up.** No bill supports them."
    )
    shown = {figure.label: (figure.value, figure.tone) for figure in answer.figures}
    assert shown["Actual, on its lines"] == ("$961,978", "bad")
    assert shown["Variance"] == ("+5.03%", "good")
    assert shown["Like for like"] == ("+0.27%", "neutral")
    assert shown["Not in any total"] == ("$3,628,800", "bad")
    assert any("50% of the on-demand price" in detail for detail in answer.details)


def test_answer_of_totals_that_hold():
    claim = INPUTS.claim.copy()
    claim.loc[claim["claim_id"] == "estimate_total", "stated_value"] = D(915_916)
    claim.loc[claim["claim_id"] == "actual_total", "stated_value"] = D(961_978)
    _, answer = told(replace(INPUTS, claim=claim))
    assert "do not add up" not in answer.statement
    shown = {figure.label: (figure.detail, figure.tone) for figure in answer.figures}
    assert shown["Actual, on its lines"] == ("as stated", "good")


@pytest.mark.parametrize(
    ("actual", "tone", "detail"),
    [
        ("1", "bad", "below the tolerance of 10%"),
        ("1.05", "good", "within the tolerance of 10%"),
        ("1.15", "bad", "above the tolerance of 10%"),
        ("1.5", "bad", "above the limit of 20%"),
    ],
)
def test_variance_tile_says_its_band(actual, tone, detail):
    # Every line at a multiple of its estimate, so that the whole is at that multiple; 1 means 10 %.
    factor = D(actual) if actual != "1" else D("0.1")
    estimate = INPUTS.estimate.rename(columns={"estimated_cost": "actual_cost"})
    stated = estimate.assign(
        actual_cost=[cost * factor for cost in estimate["actual_cost"]], stated_change_pct=None
    )[list(INPUTS.stated_actual.columns)]
    _, answer = told(replace(INPUTS, stated_actual=stated.astype(object)))
    tile = next(figure for figure in answer.figures if figure.label == "Variance")
    assert (tile.tone, tile.detail) == (tone, detail)


def test_answer_of_a_zero_baseline_is_unknown():
    zero = INPUTS.estimate.assign(estimated_cost=D(0))
    _, answer = told(replace(INPUTS, estimate=zero))
    tile = next(figure for figure in answer.figures if figure.label == "Variance")
    assert (tile.value, tile.tone) == ("unknown", "unknown")


def test_answer_without_a_baseline():
    _, answer = told(settings=CostSettings(baseline="none"))
    assert "cannot be said" in answer.statement
    tile = next(figure for figure in answer.figures if figure.label == "Variance")
    assert tile.tone == "unknown"


def test_a_part_of_the_month_is_named_as_such():
    inputs = replace(INPUTS, as_of=date(2025, 10, 20))
    results, answer = told(inputs, CostSettings(actuals="bill"))
    assert answer.statement.startswith("**The bill for 1 Oct 2025 to 19 Oct 2025 comes to ")
    assert "the estimate for the same days" in answer.statement
    assert "taken in proportion" in words.basis(inputs, results)
    assert "with 12 days ahead the month ends at" in words.days_sentence(inputs, results)
    assert "against $915,916 for the whole month" in words.days_sentence(inputs, results)


def test_effects_sentence_adds_up_and_names_what_is_not_split():
    results, _ = told()
    assert words.effects_sentence(results) == (
        "**The change of +$46,062 is +$43,569 new, no baseline, +$2,497 not split: no quantity and "
        "−$4 unit price.** The change of Backup/DR, EBS volumes and Monitoring is not split into "
        "quantity and price: there is no quantity in one unit on both sides, and none was assumed."
    )


def test_variance_sentence_follows_the_materiality_lines():
    results, _ = told()
    assert words.variance_sentence(CostSettings(), results).startswith(
        "**Network Load Balancer and EBS volumes** cross both"
    )
    strict = CostSettings.of(
        baseline="auto",
        actuals="auto",
        cost_metric="auto",
        confidence_pct=80.0,
        material_amount=50_000.0,
    )
    results, _ = told(settings=strict)
    assert words.variance_sentence(strict, results).startswith("No component crosses")


def test_days_sentence_of_a_closed_month():
    results, _ = told()
    # 961,978 / 31 = 31,031.55.
    assert words.days_sentence(INPUTS, results) == (
        "31 synthetic days of usage cost $31,032 each on average. The month is over: $961,978, "
        "nothing left to forecast."
    )


def cost_files(count):
    return make(
        COST_FILE,
        [
            {
                "file_name": f"bill-{number:02}.csv",
                "format_name": "cur_2",
                "cost_metric": "unblended_cost",
                "row_count": 10,
                "left_out_rows": 1,
                "file_total": D("3.50"),
                "left_out_total": D("0.25"),
                "table_total": D("3.25"),
                "sha256": "0" * 64,
            }
            for number in range(count)
        ],
    )


def test_files_are_added_up_before_they_are_listed():
    rows = cost_tables.file_rows(cost_files(3)).to_dict("records")
    assert [row["file_name"] for row in rows] == [
        "All 3 files",
        *(f"bill-0{n}.csv" for n in range(3)),
    ]
    assert rows[0]["format_name"] == "cur_2"
    sums = [rows[0][name] for name in cost_tables.FILE_SUMS]
    assert sums == [30, 3, D("10.50"), D("0.75"), D("9.75")]
    assert cost_tables.file_note(cost_files(3)).startswith("Rows that are left out hand out")


def test_many_files_are_added_up_alone_and_one_is_not():
    many = cost_tables.file_rows(cost_files(13))
    assert many["file_name"].tolist() == ["All 13 files"]
    assert "`cost_file` of the snapshot" in cost_tables.file_note(cost_files(13))
    assert cost_tables.file_rows(cost_files(1))["file_name"].tolist() == ["bill-00.csv"]


def test_component_table_ends_in_a_total_and_bounds_its_rows():
    results, _ = told()
    rows = cost_tables.with_total(results)
    assert rows["component"].tolist()[-1] == "Total"
    assert rows["current_cost"].tolist()[-1] == 961_978
    many = INPUTS.stated_actual.iloc[[0] * 100].assign(
        component=[f"c{n:03}" for n in range(100)], actual_cost=[D(n) for n in range(100)]
    )
    results, _ = told(replace(INPUTS, stated_actual=many.reset_index(drop=True), claim=None))
    rows = cost_tables.with_total(results)
    assert len(rows) == cost_tables.MAX_ROWS + 2
    shown = [cost for cost in rows["current_cost"].tolist()[:-1] if cost is not None]
    assert sum(shown) == rows["current_cost"].tolist()[-1] == sum(range(100))
