"""A bill and at most an estimate, in the middle of the month: what the findings hold it against.

October on this bill: Web costs 12 a day of usage. September has 10 a day, so 300 in its 30 days.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

from prismlib.analyses.cost_findings import judge_costs
from prismlib.analyses.cost_inputs import CostInputs, CostSettings
from prismlib.analyses.cost_variance import analyse_cost_variance
from prismlib.narrative import cost_variance as words
from prismlib.periods import Period
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
