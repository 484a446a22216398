"""A cost that is opened: its groups add up to it, and what cannot be split is said.

October on this bill, unblended: Redis is 90 + 30 of machines and 20 of disks, both of EC2, and 15
of a data transfer; Web is 40 of a load balancer that carries no usage type. September has 100 + 10
of Redis.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from prismlib import paths
from prismlib.analyses.cost_breakdown import WAYS, groupings_of, split_cost
from prismlib.analyses.cost_comparison import bill_by_component, compare_costs, judge_change
from prismlib.analyses.cost_inputs import CostInputs, CostSettings
from prismlib.analyses.cost_variance import analyse_cost_variance, complete
from prismlib.errors import ParameterError
from prismlib.money import exact_sum
from prismlib.narrative import cost_breakdown as words
from prismlib.parameters import GROUPINGS
from prismlib.periods import Period
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import COMPONENT_RULE, COST, ESTIMATE, STATED_ACTUAL, make

EC2, ELB, S3 = "Amazon EC2", "Load > Balancing", "Amazon S3"


def charge(amount, service, usage_type, day=date(2025, 10, 3), **fields):
    return {
        "charge_period_start": day,
        "charge_period_end": day + timedelta(days=1),
        "provider_name": "AWS",
        "record_type": "Usage",
        "tags": '{"component": "redis"}' if service != ELB else "{}",
        "charge_kind": "usage",
        "service_name": service,
        "usage_type": usage_type,
        "unblended_cost": None if amount is None else D(amount),
        "billing_currency": "USD",
        "is_estimated": False,
        **fields,
    }


SEPTEMBER = date(2025, 9, 5)
BILL = [
    charge("90", EC2, "BoxUsage:r6i", region_id="us-west-2"),
    charge("30", EC2, "BoxUsage:r6i", date(2025, 10, 31), region_id="us-east-1"),
    charge("20", EC2, "EBS:VolumeUsage.gp3", region_id="us-west-2"),
    charge("15", S3, "DataTransfer-Out-Bytes", region_id="us-west-2"),
    charge("40", ELB, "", region_id="us-west-2"),
    charge(None, EC2, "BoxUsage:free"),
    charge("100", EC2, "BoxUsage:r6i", SEPTEMBER, region_id="us-west-2"),
    charge("10", "AWS Support", "Dollar", SEPTEMBER),
    charge("7", EC2, "BoxUsage:r6i", date(2025, 11, 1)),
]
RULES = [
    {"priority": 1, "component": "Redis", "tag_key": "component", "tag_pattern": "redis"},
    {"priority": 2, "component": "Web", "service_pattern": ELB},
]


def inputs_of(rows=BILL, **tables):
    frames = {"component_rule": make(COMPONENT_RULE, RULES)}
    if rows:
        frames["cost"] = make(COST, rows)
    return CostInputs.of(
        frames | tables,
        read_reference_tables(),
        period=Period.month("2025-10"),
        as_of=date(2025, 11, 16),
    )


def split_of(inputs=None, **choices):
    inputs = inputs or inputs_of()
    settings = CostSettings(**{"baseline": "none", **choices})
    lines = compare_costs(inputs, bill_by_component(inputs), settings)
    return split_cost(inputs, lines, settings), judge_change(lines, settings.thresholds), inputs


def costs(split):
    return dict(zip(split.groups["group_name"], split.groups["current_cost"], strict=True))


@pytest.mark.parametrize(
    ("grouping", "opened", "expected"),
    [
        # 90 + 30 + 20 of EC2 and 15 of S3; the charge without an amount is no group of zero
        ("component", "Redis", {EC2: D(140), S3: D(15)}),
        ("component", f"Redis > {EC2}", {"BoxUsage:r6i": D(120), "EBS:VolumeUsage.gp3": D(20)}),
        ("service", "", {EC2: D(140), ELB: D(40), S3: D(15)}),
        ("service", EC2, {"BoxUsage:r6i": D(120), "EBS:VolumeUsage.gp3": D(20)}),
        # what has no usage type is named by its service, as in the lines of the variance
        (
            "usage_type",
            "",
            {
                "BoxUsage:r6i": D(120),
                ELB: D(40),
                "EBS:VolumeUsage.gp3": D(20),
                "DataTransfer-Out-Bytes": D(15),
            },
        ),
        # 90 + 20 + 15 + 40, and the 30 of the other region
        ("region", "", {"us-west-2": D(165), "us-east-1": D(30)}),
        ("region", "us-east-1", {EC2: D(30)}),
        ("account", "", {"not named": D(195)}),
    ],
)
def test_groups_are_those_of_the_period_and_add_up(grouping, opened, expected):
    split, _, _ = split_of(grouping=grouping, opened=opened)
    assert list(costs(split).items()) == list(expected.items())
    assert split.cost == sum(expected.values())
    assert not split.reason
    assert not split.has_baseline
    assert split.groups["cost_change"].isna().all()


def test_against_the_month_before_a_group_of_one_side_has_no_cost_on_the_other():
    split, comparison, inputs = split_of(opened="Redis", baseline="previous_month")
    rows = split.groups.drop(columns="billing_currency").values.tolist()
    # EC2: 140 - 100; S3: 15 - nothing; Support: nothing - 10, and nothing is no zero
    assert rows == [
        [EC2, D(100), D(140), D(40)],
        [S3, None, D(15), D(15)],
        ["AWS Support", D(10), None, D(-10)],
    ]
    component = comparison.components.set_index("component").loc["Redis"]
    assert exact_sum(split.groups["cost_change"]) == component["cost_change"] == D(45)
    title = words.split_title(comparison, split)
    assert title == "Redis: +$45 from month before to actual, by service"
    sentence = words.split_sentence(inputs, comparison, split)
    assert sentence == "**Redis costs $155 on the bill, in 3 services.**"


def test_a_month_that_is_not_over_is_held_against_the_same_days():
    # 2 days of October (90 + 20 + 15) against the first 2 of September, which has its charge later
    early = [row | {"charge_period_start": date(2025, 10, 1)} for row in BILL[:1]]
    inputs = replace(inputs_of([*early, *BILL[6:8]]), as_of=date(2025, 10, 3))
    split, _, _ = split_of(inputs, opened="Redis", baseline="previous_month")
    assert split.groups["baseline_cost"].isna().all()
    assert costs(split) == {EC2: D(90)}


def test_each_level_says_what_it_is_and_what_lies_below():
    levels = {o: split_of(opened=o)[0] for o in ("", "Redis", f"Redis > {S3}")}
    assert [(s.level, s.below) for s in levels.values()] == [
        ("component", "service"),
        ("service", "usage type"),
        ("usage type", ""),
    ]
    split, comparison, inputs = split_of(opened=f"Redis > {S3}")
    sentence = words.split_sentence(inputs, comparison, split)
    assert sentence.endswith("The bill goes no further than usage types.")


def test_a_name_may_hold_the_separator():
    split, comparison, inputs = split_of(opened=f"Web > {ELB}")
    assert split.opened == ("Web", ELB)
    # its only charge has neither usage type nor description: nothing to split, and no empty chart
    assert split.groups.empty
    assert words.split_sentence(inputs, comparison, split) == (
        f"**Web > {ELB} has no finer split**: "
        f"the bill names neither usage types nor descriptions for {ELB}."
    )


@pytest.mark.parametrize(
    ("grouping", "opened", "expected"),
    [
        ("component", "Redi", "a component: Redis, Web"),
        ("component", "Redis > Lambda", f"a service: AWS Support, {EC2}, {S3}"),
        ("component", f"Redis > {S3} > DataTransfer-Out-Bytes", "at most component > service"),
        ("usage_type", "BoxUsage:r6i", "at most nothing"),
    ],
)
def test_what_is_not_there_is_refused(grouping, opened, expected):
    with pytest.raises(ParameterError) as caught:
        split_of(grouping=grouping, opened=opened)
    assert caught.value.value == opened
    assert caught.value.expected.startswith(expected)


def test_what_has_no_charge_in_the_month_is_said_and_not_refused():
    split, comparison, inputs = split_of(opened="Redis > AWS Support")
    assert split.groups.empty
    assert split.cost is None
    assert words.split_sentence(inputs, comparison, split) == (
        "**Redis > AWS Support has no finer split**: "
        "the bill has no charge of AWS Support in 2025-10."
    )


STATED = make(
    STATED_ACTUAL,
    [
        {"component": "Redis", "actual_cost": D(160), "billing_currency": "USD", "source": "memo"},
        {"component": "Web", "actual_cost": D(40), "billing_currency": "USD", "source": "memo"},
    ],
)


@pytest.mark.parametrize(
    ("opened", "says"),
    [
        ("Redis", "The stated costs say $160 and do not split it."),
        ("Web", "The stated costs say the same and do not split it."),
        (f"Redis > {EC2}", "The stated costs have no figure for it."),
    ],
)
def test_a_stated_cost_is_split_by_the_bill_and_held_against_it(opened, says):
    inputs = inputs_of(stated_actual=STATED)
    split, comparison, _ = split_of(inputs, opened=opened, actuals="statement")
    assert says in words.split_sentence(inputs, comparison, split)


def test_without_a_bill_a_stated_cost_is_a_single_figure():
    inputs = inputs_of([], stated_actual=STATED)
    split, comparison, _ = split_of(inputs, opened="Redis")
    assert split.groups.empty
    assert words.split_sentence(inputs, comparison, split) == (
        "**Redis has no finer split**: "
        "the snapshot holds no bill, and the stated cost of Redis is a single figure."
    )
    with pytest.raises(ParameterError):
        split_of(inputs, opened="EBS")


def test_an_estimate_gives_no_change_below_components():
    row = {"component": "Redis", "estimated_cost": D(150), "billing_currency": "USD"}
    inputs = inputs_of(estimate=make(ESTIMATE, [row | {"source": "plan"}]))
    split, comparison, _ = split_of(inputs, opened="Redis", baseline="estimate")
    assert split.groups["baseline_cost"].isna().all()
    assert "The estimate names components only" in words.split_sentence(inputs, comparison, split)


def test_groupings_are_those_that_the_bill_has_names_for():
    assert tuple(WAYS) == GROUPINGS
    bill = make(COST, BILL)
    assert groupings_of(bill) == ["component", "service", "usage_type", "region"]
    named = make(COST, [charge("1", EC2, "", sub_account_id="012345678901")])
    assert groupings_of(named) == ["component", "service", "account"]
    assert groupings_of(None) == ["component"]


@pytest.mark.parametrize("actuals", ["statement", "bill"])
def test_the_steps_are_the_whole_and_each_component_of_the_sample_is_the_sum_of_its_services(
    actuals,
):
    data = read_snapshot(paths.SAMPLE)
    inputs = CostInputs.of(
        data.tables,
        read_reference_tables(data.tables),
        period=data.period,
        as_of=data.as_of,
        is_bill_synthetic=True,
    )
    settings = CostSettings(actuals=actuals)
    whole = analyse_cost_variance(inputs, settings)
    comparison = judge_change(
        compare_costs(inputs, bill_by_component(inputs), settings), settings.thresholds
    )
    steps = complete(inputs, settings, comparison)
    assert repr(vars(steps)) == repr(vars(whole))
    for name, cost in zip(
        whole.components["component"], whole.components["current_cost"], strict=True
    ):
        split = split_cost(inputs, comparison, replace(settings, opened=name))
        assert exact_sum(split.groups["current_cost"]) == cost, name
