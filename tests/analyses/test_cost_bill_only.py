"""A bill and at most an estimate, in the middle of the month: what the findings hold it against.

October on this bill: Web costs 12 a day of usage. September has 10 a day, so 300 in its 30 days.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from prismlib.analyses.cost_findings import judge_costs
from prismlib.analyses.cost_inputs import CostInputs, CostSettings
from prismlib.analyses.cost_variance import analyse_cost_variance
from prismlib.analyses.variance import effect_totals
from prismlib.charts.cost_variance import cost_variance_waterfall
from prismlib.findings import Verdict
from prismlib.narrative import cost_variance as words
from prismlib.narrative.cost_tables import charge_kinds
from prismlib.periods import Period
from prismlib.result_tables.cost_variance import NO_CHARGE
from prismlib.sources.prices import read_reference_tables
from prismlib.tables import COMPONENT_RULE, COST, ESTIMATE, make

RULES = [
    {"priority": 1, "component": "Credits and refunds", "charge_kinds": "credit|refund"},
    {"priority": 2, "component": "Web", "service_pattern": "Amazon EC2"},
]


def charge(day, amount, **fields):
    return {
        "charge_period_start": day,
        "charge_period_end": day + timedelta(days=1),
        "provider_name": "AWS",
        "service_name": "Amazon EC2",
        "usage_type": "BoxUsage",
        "record_type": "Usage",
        "tags": "{}",
        "charge_kind": "usage",
        "unblended_cost": D(amount),
        "billing_currency": "USD",
        "is_estimated": False,
        **fields,
    }


def days(first, number, amount, **fields):
    return [charge(first + timedelta(days=n), amount, **fields) for n in range(number)]


OCTOBER = days(date(2025, 10, 1), 10, "12")
SEPTEMBER = days(date(2025, 9, 1), 30, "10")


def judged(rows, estimate=None, as_of=date(2025, 10, 11)):
    """Return the inputs, the results and the findings by id."""
    tables = {"component_rule": make(COMPONENT_RULE, RULES), "cost": make(COST, rows)}
    if estimate:
        lines = [
            {"component": name, "estimated_cost": D(cost), "billing_currency": "USD"}
            for name, cost in estimate.items()
        ]
        tables["estimate"] = make(ESTIMATE, lines)
    inputs = CostInputs.of(
        tables, read_reference_tables(), period=Period.month("2025-10"), as_of=as_of
    )
    results = analyse_cost_variance(inputs, CostSettings())
    found = judge_costs(inputs, CostSettings(), results)
    return inputs, results, {finding.id: finding for finding in found}


def test_a_month_end_is_held_against_the_estimate_of_the_whole_month():
    # 10 days at 12 are 120, 21 more 252: 372, against 310 of the month and not 310 x 10 / 31 = 100.
    inputs, results, found = judged(OCTOBER, {"Web": "310"})
    assert results.summary.baseline == 100
    forecast = found["cost.month_end_forecast"]
    assert (forecast.value, forecast.expected, forecast.margin) == (372, 310, 62)
    assert forecast.statement.endswith(", against $310 for the whole month.")
    assert ", against $310 for the whole month." in words.days_sentence(inputs, results)


def test_a_month_end_is_held_against_the_whole_month_before():
    # 30 days at 10 are 300; the ten days that are compared with cost 100.
    inputs, results, found = judged(OCTOBER + SEPTEMBER)
    assert results.summary.baseline == 100
    forecast = found["cost.month_end_forecast"]
    assert (forecast.value, forecast.expected, forecast.margin) == (372, 300, 72)
    assert ", against $300 for the whole month before." in words.days_sentence(inputs, results)


def test_a_month_before_that_lacks_a_day_is_not_known_as_a_whole():
    inputs, results, found = judged(OCTOBER + SEPTEMBER[:-1])
    assert found["cost.month_end_forecast"].expected is None
    assert "against" not in found["cost.month_end_forecast"].statement
    assert "against" not in words.days_sentence(inputs, results)


def test_a_month_end_without_a_baseline_is_held_against_nothing():
    _, _, found = judged(OCTOBER)
    assert found["cost.month_end_forecast"].expected is None


NEGATION_IN_WORDS = "Savings Plan Negation"
PLAN = {"record_type": "SavingsPlanNegation", "charge_kind": "adjustment"}


def test_credits_are_credits_and_what_takes_back_usage_is_named_apart():
    # Usage 10 x 12 = 120; taken back 4 x 10 = 40; a discount of 5, a credit of 2, a refund of 1.
    # 120 - 40 - 5 - 2 - 1 = 72, against the estimate 310 x 10 / 31 = 100. Of the change, -28, usage
    # makes +20.
    first = date(2025, 10, 1)
    rows = [
        *OCTOBER,
        *days(first, 10, "-4", **PLAN),
        charge(first, "-5", record_type="EdpDiscount", charge_kind="adjustment"),
        charge(first, "-2", record_type="Credit", charge_kind="credit"),
        charge(first, "-1", record_type="Refund", charge_kind="refund"),
    ]
    _, results, _ = judged(rows, {"Web": "310"})
    effects = {name: amount for name, amount in effect_totals(results.variance).items() if amount}
    assert effects == {
        "unsplit_effect": 20,
        "negation_effect": -40,
        "adjustment_effect": -5,
        "credit_effect": -3,
    }
    assert results.kinds == {
        "usage": 120,
        "negation": -40,
        "adjustment": -5,
        "credit": -2,
        "refund": -1,
    }
    assert list(charge_kinds(results)["charge_kind"])[-2:] == ["adjustment", "negation"]
    told = words.effects_sentence(results)
    assert (
        "**The change of −$28 is −$40 negations of Savings Plans, +$20 not split: no quantity, "
        "−$5 discounts and adjustments and −$3 credits and refunds.**"
    ) in told
    assert "The negations (−$40) take back usage of the same bill" in told


def test_cost_explorer_spells_a_negation_in_words():
    rows = [*OCTOBER, charge(date(2025, 10, 1), "-4", **PLAN | {"record_type": NEGATION_IN_WORDS})]
    _, results, _ = judged(rows)
    assert results.kinds == {"usage": 120, "negation": -4}


def test_an_estimate_without_a_charge_is_unseen_and_no_saving():
    # Whole months, so nothing is taken in proportion: Web 31 x 12 = 372, exactly as estimated.
    whole = days(date(2025, 10, 1), 31, "12")
    _, results, found = judged(whole, {"Web": "372", "Disks": "1000"}, date(2025, 11, 2))
    row = results.components.set_index("component").loc["Disks"]
    assert (row["band"], row["cost_change"], row["explained_ratio"]) == (NO_CHARGE, -1000, 0)
    effects = {name: amount for name, amount in effect_totals(results.variance).items() if amount}
    assert effects == {"unseen_effect": -1000}
    assert "−$1,000 estimated, no charge seen" in words.effects_sentence(results)
    assert "not split" not in words.effects_sentence(results)
    assert "cost.unsplit" not in found
    assert "cost.component.disks" not in found
    assert found["cost.estimate_without_cost.disks"].verdict is Verdict.UNKNOWN
    chart = cost_variance_waterfall(results.components, title="t", baseline_label="Estimate")
    assert list(chart.data[0].text) == ["$1,372", "−$1,000, no charge seen", "$372"]


def test_a_component_of_the_month_before_without_a_charge_is_retired():
    old = charge(date(2025, 9, 3), "70", service_name="Amazon Neptune")
    _, results, _ = judged(days(date(2025, 10, 1), 31, "12") + SEPTEMBER + [old])
    row = results.components.set_index("component").loc["Unmapped"]
    assert (row["band"], row["explained_ratio"]) == ("retired", 1)


@pytest.mark.parametrize(
    ("disks", "net"),
    [("1000", "−$700"), ("372", "−$72"), ("300", "$0")],  # -1000 + 300, -372 + 300, -300 + 300
)
def test_what_changed_most_is_told_as_an_amount_where_others_offset_it(disks, net):
    # Web 31 x 12 = 372 against 72: +300.
    whole = days(date(2025, 10, 1), 31, "12")
    _, results, found = judged(whole, {"Web": "72", "Disks": disks}, date(2025, 11, 2))
    driver = found["cost.variance_largest_share"]
    assert (driver.value, driver.unit) == (results.summary.largest_change, "USD")
    assert "%" not in driver.statement
    assert driver.statement.endswith(f"Others offset it: the net change is {net}.")
    title = words.waterfall_title(results)
    assert title.startswith(f"{net} from estimate to actual: Disks alone is −$")


def test_what_changed_most_has_a_share_where_it_is_one():
    # +372 - 72 = +300 of Web and +28 without a baseline: 300 / 328 = 91.46 %.
    rows = [*days(date(2025, 10, 1), 31, "12"), charge(date(2025, 10, 1), "28", service_name="X")]
    _, results, found = judged(rows, {"Web": "72"}, date(2025, 11, 2))
    assert round(found["cost.variance_largest_share"].value, 2) == D("91.46")
    assert words.waterfall_title(results) == "+$328 from estimate to actual: 91.5% of it is Web"


def test_one_day_is_told_as_one():
    inputs, results, found = judged(days(date(2025, 10, 1), 1, "12"), as_of=date(2025, 10, 2))
    assert words.seen_words(inputs, results) == "1 Oct 2025"
    assert str(results.seen) == "2025-10-01"
    assert found["cost.month_end_forecast"].statement == (
        "$12 so far; no forecast: 1 settled day, 7 needed."
    )


def test_an_estimate_without_a_charge_says_for_which_days():
    # 1,000 x 10 / 31 = 322.58.
    _, _, found = judged(OCTOBER, {"Web": "310", "Disks": "1000"})
    part = found["cost.estimate_without_cost.disks"].statement
    assert part.startswith("The estimate gives Disks $322.58 for the same days; no charge maps")
    whole = days(date(2025, 10, 1), 31, "12")
    _, _, found = judged(whole, {"Web": "310", "Disks": "1000"}, date(2025, 11, 2))
    assert "Disks $1,000; no charge" in found["cost.estimate_without_cost.disks"].statement
