from __future__ import annotations

from datetime import date
from decimal import Decimal as D

from prismlib.analyses.implied_rates import explain_rate, implied_rates, next_size_up
from prismlib.analyses.reconcile import Part
from prismlib.reference_tables import COMMITMENT_RATE, INSTANCE_PRICE
from prismlib.tables import FLEET, empty, make

READ = date(2026, 1, 1)


def price(name, vcpu, usd, region="here"):
    return {
        "instance_type": name,
        "region_id": region,
        "vcpu": D(vcpu),
        "usd_per_hour": D(usd),
        "valid_from": READ,
        "source": "list",
        "confidence": "high",
    }


PRICES = make(
    INSTANCE_PRICE,
    [price("r1.large", 2, "0.10"), price("r1.xlarge", 4, "0.20"), price("c1.large", 2, "0.07")],
)


def commitment(usd, confidence, region="here", years=1):
    return {
        "instance_type": "r1.large",
        "region_id": region,
        "commitment": "standard RI",
        "term_years": years,
        "payment": "all upfront",
        "usd_per_hour": D(usd),
        "source": "list",
        "confidence": confidence,
    }


def fleet(count=10, hours=100, kind="r1.large"):
    return {
        "component": "cache",
        "resource_name": "instance",
        "instance_type": kind,
        "region_id": "here",
        "expected_count": D(count),
        "hours_per_month": D(hours),
    }


def test_implied_rate_worked_by_hand():
    # 120 over 10 x 100 h is 0.12 an hour, 1.2 times the list price of 0.10.
    rates = implied_rates(
        {"cache": D(120)},
        make(FLEET, [fleet()]),
        PRICES,
        make(COMMITMENT_RATE, [commitment("0.06", "high"), commitment("0.01", "low", years=3)]),
    )
    row = rates.iloc[0]
    assert row["implied_usd_per_hour"] == D("0.12")
    assert row["rate_to_list_ratio"] == D("1.2")
    assert row["committed_usd_per_hour"] == D("0.06")  # the low-confidence one is not trusted
    assert row["valid_from"] == READ


def test_a_type_without_a_price_is_unknown_not_zero():
    rates = implied_rates(
        {"cache": D(120)}, make(FLEET, [fleet(kind="z9.large")]), PRICES, empty(COMMITMENT_RATE)
    )
    row = rates.iloc[0]
    assert row["list_usd_per_hour"] is None
    assert row["rate_to_list_ratio"] is None
    assert row["note"] == "no list price for z9.large"


def test_fleets_without_a_cost_or_a_count_are_left_out():
    uncounted = {**fleet(), "component": "other", "expected_count": None}
    rates = implied_rates(
        {"other": D(1)}, make(FLEET, [fleet(), uncounted]), PRICES, empty(COMMITMENT_RATE)
    )
    assert rates.empty


def test_explain_rate_takes_known_amounts_out():
    # 115 - 15 = 100 = 1000 h x 0.10: all of r1.large, or half of r1.xlarge.
    readings = explain_rate(fleet(), D(115), [Part("disks", D(15)), Part("x", D(3))], PRICES)
    found = {(r.instance_type, r.share) for r in readings}
    assert found == {("r1.large", D(1)), ("r1.xlarge", D("0.5"))}
    assert {tuple(p.name for p in r.removed) for r in readings} == {("disks",)}


def test_explain_rate_prefers_to_remove_nothing():
    readings = explain_rate(fleet(), D(50), [Part("disks", D(25))], PRICES)
    assert all(not r.removed for r in readings)
    assert ("r1.large", D("0.5")) in {(r.instance_type, r.share) for r in readings}


def test_explain_rate_finds_nothing_where_nothing_fits():
    assert explain_rate(fleet(), D(117), [Part("disks", D(15))], PRICES) == []


def test_next_size_up():
    assert next_size_up(PRICES, "r1.large", "here") == "r1.xlarge"
    assert next_size_up(PRICES, "r1.xlarge", "here") == ""
    assert next_size_up(PRICES, "z9.large", "here") == ""
