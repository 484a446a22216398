from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismlib.analyses.components import UNMAPPED, assign_components, cost_by
from prismlib.analyses.cost_lines import common_quantity, lines_of_bill, lines_of_estimate
from prismlib.errors import SchemaError
from prismlib.money import exact_sum
from prismlib.periods import Period
from prismlib.tables import COMPONENT_RULE, COST, ESTIMATE, make

OCTOBER = Period.month("2025-10")


def charge(amount, day=1, **fields):
    return {
        "charge_period_start": date(2025, 10, day),
        "charge_period_end": date(2025, 10, day + 1),
        "provider_name": "AWS",
        "record_type": "Usage",
        "tags": "{}",
        "charge_kind": "usage",
        "unblended_cost": D(str(amount)),
        "billing_currency": "USD",
        "is_estimated": False,
        **fields,
    }


RULES = make(
    COMPONENT_RULE,
    [
        {"priority": 1, "component": "Tax", "charge_kinds": "tax"},
        {"priority": 2, "component": "Graph", "tag_key": "team", "tag_pattern": "graph.*"},
        {"priority": 3, "component": "Disks", "usage_type_pattern": ".*EBS:.*"},
        {"priority": 4, "component": "Compute", "service_pattern": "Amazon EC2"},
        {"priority": 5, "component": "Lab", "account_pattern": "0123.*"},
    ],
)


@pytest.mark.parametrize(
    ("fields", "component"),
    [
        ({"service_name": "Amazon EC2", "usage_type": "USW2-BoxUsage:m5.large"}, "Compute"),
        ({"service_name": "amazon ec2", "usage_type": "EBS:VolumeUsage.gp3"}, "Disks"),
        ({"service_name": "Amazon EC2 extra"}, UNMAPPED),
        ({"charge_description": "$0.10 per EBS: GB"}, "Disks"),
        ({"service_name": "Amazon EC2", "tags": '{"team": "graph-core"}'}, "Graph"),
        ({"service_name": "Amazon EC2", "tags": '{"owner": "graph-core"}'}, "Compute"),
        ({"service_name": "Amazon EC2", "charge_kind": "tax"}, "Tax"),
        ({"sub_account_id": "012345678901"}, "Lab"),
        ({"sub_account_id": "12345678901"}, UNMAPPED),
    ],
)
def test_assign_components_first_match_wins(fields, component):
    cost = make(COST, [charge(1, **fields)])
    assert assign_components(cost, RULES)["component"].tolist() == [component]


def test_assign_components_refuses_a_bad_pattern():
    rules = make(COMPONENT_RULE, [{"priority": 7, "component": "x", "service_pattern": "("}])
    with pytest.raises(SchemaError, match="priority 7"):
        assign_components(make(COST, [charge(1)]), rules)


services = st.sampled_from(["Amazon EC2", "S3", "Other"])
bills = st.lists(
    st.tuples(
        st.decimals(-1000, 1000, places=8, allow_nan=False, allow_infinity=False),
        st.integers(1, 30),
        services,
        st.uuids().map(str),
    ),
    min_size=1,
    max_size=12,
)


@given(bills, st.randoms())
def test_mapping_drops_nothing_in_any_order(rows, random):
    charges = [charge(a, d, service_name=s, usage_type=u) for a, d, s, u in rows]
    total = exact_sum(row["unblended_cost"] for row in charges)
    one = cost_by(assign_components(make(COST, charges), RULES), "unblended_cost")
    random.shuffle(charges)
    other = cost_by(assign_components(make(COST, charges), RULES), "unblended_cost")
    assert exact_sum(one["cost"]) == total
    assert dict(zip(one["component"], one["cost"], strict=True)) == dict(
        zip(other["component"], other["cost"], strict=True)
    )


@given(bills, st.data())
def test_splitting_a_charge_in_two_changes_no_line(rows, data):
    charges = [
        charge(a, d, service_name=s, usage_type=u, usage_quantity=D(2), usage_unit="hours")
        for a, d, s, u in rows
    ]
    chosen = data.draw(st.integers(0, len(charges) - 1))
    part = data.draw(st.decimals(-500, 500, places=8, allow_nan=False, allow_infinity=False))
    whole = charges[chosen]
    halves = [
        {**whole, "unblended_cost": part, "usage_quantity": D("0.5"), "region_id": "a"},
        {
            **whole,
            "unblended_cost": whole["unblended_cost"] - part,
            "usage_quantity": D("1.5"),
            "region_id": "b",
        },
    ]
    divided = charges[:chosen] + halves + charges[chosen + 1 :]
    lines = [
        lines_of_bill(
            assign_components(make(COST, side), RULES),
            "unblended_cost",
            OCTOBER,
            by_usage_type=True,
        )
        for side in (charges, divided)
    ]
    columns = ["component", "line_name", "cost"]
    one, other = (x[columns].sort_values(["component", "line_name"]).values.tolist() for x in lines)
    assert one == other


def test_lines_of_bill_keeps_other_months_out():
    charges = [charge(5), {**charge(7), "charge_period_start": date(2025, 9, 30)}]
    cost = assign_components(make(COST, charges), RULES)
    lines = lines_of_bill(cost, "unblended_cost", OCTOBER, by_usage_type=False)
    assert lines["cost"].tolist() == [5]
    assert lines["period_days"].tolist() == [31]


def test_lines_of_bill_adds_spend_of_a_component_and_keeps_tax_apart():
    charges = [
        charge(5, service_name="Amazon EC2"),
        charge(6, service_name="Amazon EC2", charge_kind="purchase", record_type="RIFee"),
        charge(2, service_name="Amazon EC2", charge_kind="tax", record_type="Tax"),
    ]
    cost = assign_components(make(COST, charges), RULES)
    lines = lines_of_bill(cost, "unblended_cost", OCTOBER, by_usage_type=False)
    assert lines[["component", "charge_kind", "cost"]].values.tolist() == [
        ["Compute", "usage", 11],
        ["Tax", "tax", 2],
    ]
    estimate = make(
        ESTIMATE,
        [
            {"component": name, "estimated_cost": D(1), "billing_currency": "USD"}
            for name in ("Compute", "Tax")
        ],
    )
    assert lines_of_estimate(estimate, lines)["charge_kind"].tolist() == ["usage", "tax"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(1, 10, "h"), (2, 20, "h")], (D(30), "h")),
        ([(1, 10, "h"), (2, 20, "GB")], (None, "")),
        ([(1, 10, "h"), (0, 20, "GB")], (D(10), "h")),
        ([(1, 10, "h"), (2, None, "h")], (None, "")),
        ([(1, 10, "N/A")], (None, "")),
        ([(0, 10, "h")], (None, "")),
    ],
)
def test_common_quantity_only_where_it_can_be_added(rows, expected):
    charges = [
        charge(a, usage_type=str(n), usage_quantity=None if q is None else D(q), usage_unit=u)
        for n, (a, q, u) in enumerate(rows)
    ]
    assert common_quantity(make(COST, charges), "unblended_cost") == expected
