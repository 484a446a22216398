"""Lines of usage: from an account with its commitments, from a document, and from a bill."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from graviton_cases import (
    AS_OF,
    REGION,
    account,
    analysed,
    charge,
    database,
    instances,
    line,
    nodes,
    plan,
    reservation,
    settings,
)

from prismlib.analyses.graviton_commitments import kind_of
from prismlib.analyses.graviton_findings import judge_graviton
from prismlib.analyses.graviton_savings import analyse_graviton
from prismlib.money import exact_sum
from prismlib.periods import Period
from prismlib.tables import COST, make, records

LATER = date(2026, 6, 1)


def counts(results):
    """Return instances by commitment."""
    found: dict[str, D] = {}
    for row in records(results.lines):
        found[row["commitment"]] = found.get(row["commitment"], D(0)) + row["instance_count"]
    return found


def test_instances_that_are_alike_are_one_line():
    results = analysed(*instances(3, "m6i.large"), *instances(2, "m6i.large", first=9))
    (row,) = records(results.lines)
    assert row["instance_count"] == 5
    assert row["current_cost"] == D("350.40")  # 5 x 730 x 0.096


def test_what_is_stopped_is_not_counted():
    results = analysed(
        *instances(3, "m6i.large"), *instances(4, "m6i.large", first=9, state="stopped")
    )
    assert line(results, "m6i")["instance_count"] == 3


@pytest.mark.parametrize(
    ("reserved", "expected"),
    [
        (2, {"standard RI": 2, "on demand": 3}),
        (5, {"standard RI": 5}),
        (9, {"standard RI": 5}),  # four are paid for and not used
    ],
)
def test_reservation_covers_as_many_as_it_holds(reserved, expected):
    held = [reservation(reserved, "m6i.large", "0.06", LATER)]
    results = analysed(*instances(5, "m6i.large"), commitments=held)
    assert counts(results) == expected


@pytest.mark.parametrize(
    "changed",
    [
        {"ends": AS_OF},  # ended on the day of the data
        {"instance_type": "m6i.xlarge"},
        {"region_id": "us-east-1"},
        {"platform": "Windows"},
        {"state": "retired"},
    ],
)
def test_reservation_of_something_else_covers_nothing(changed):
    changed = dict(changed)
    held = reservation(5, "m6i.large", "0.06", changed.pop("ends", LATER)) | changed
    assert counts(analysed(*instances(5, "m6i.large"), commitments=[held])) == {"on demand": 5}


def test_reservation_gives_its_own_rate_and_end():
    held = [reservation(2, "m6i.large", "0.0606", LATER)]
    row = line(analysed(*instances(2, "m6i.large"), commitments=held), "m6i")
    assert row["source_usd_per_hour"] == D("0.0606")
    assert row["commitment_end"] == LATER
    assert row["rate_basis"] == "standard RI, 1 year, all upfront"


def test_two_reservations_are_two_lines_with_two_ends():
    held = [
        reservation(2, "m6i.large", "0.06", LATER),
        reservation(1, "m6i.large", "0.06", LATER + timedelta(days=30)),
    ]
    results = analysed(*instances(3, "m6i.large"), commitments=held)
    ends = {r["commitment_end"]: r["instance_count"] for r in records(results.lines)}
    assert ends == {LATER: 2, LATER + timedelta(days=30): 1}
    assert len({r["line_name"] for r in records(results.lines)}) == 2


@pytest.mark.parametrize(
    ("kind", "family", "eligibility"),
    [
        ("EC2 instance savings plan", "m6i", "after commitment"),
        ("compute savings plan", "", "eligible"),
    ],
)
def test_savings_plan_covers_at_the_on_demand_price(kind, family, eligibility):
    """0.24 an hour pays for 0.24 / 0.096 = 2.5 of four instances; the rest is on demand."""
    held = [plan(kind, "0.24", LATER, family)]
    results = analysed(*instances(4, "m6i.large"), commitments=held)
    assert counts(results) == {kind: D("2.5"), "on demand": D("1.5")}
    assert line(results, kind)["eligibility"] == eligibility


def test_savings_plan_of_another_family_covers_nothing():
    held = [plan("EC2 instance savings plan", "9", LATER, "r6i")]
    assert counts(analysed(*instances(4, "m6i.large"), commitments=held)) == {"on demand": 4}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Compute SP", "compute savings plan"),
        ("Compute Savings Plans", "compute savings plan"),
        ("EC2 Instance SP", "EC2 instance savings plan"),
        ("EC2InstanceSavingsPlan", "EC2 instance savings plan"),
        ("Standard RI", "standard RI"),
        ("convertible reserved instance", "convertible RI"),
        ("RI", "unknown"),  # does not say whether it can be exchanged
        ("Flexible thing", "unknown"),
    ],
)
def test_kinds_go_by_their_usual_names(name, kind):
    assert kind_of(name) == kind


def test_short_name_covers_as_the_long_one():
    held = [plan("EC2 Instance SP", "0.24", LATER, "m6i")]  # 0.24 / 0.096 = 2.5 of four
    results = analysed(*instances(4, "m6i.large"), commitments=held)
    assert counts(results) == {"EC2 instance savings plan": D("2.5"), "on demand": D("1.5")}


def test_unknown_kind_makes_what_it_may_cover_unknown():
    """A commitment of another region is no doubt; one of an unknown kind is, and is named."""
    held = [plan("Flexible thing", "0.24", LATER, region=REGION)]
    rows = (*instances(4, "m6i.large"), *instances(1, "c6i.large", region_id="us-east-1"))
    inputs, setting = account(*rows, commitments=held), settings()
    results = analyse_graviton(inputs, setting)
    row = line(results, "m6i")
    assert (row["commitment"], row["eligibility"]) == ("unknown", "unknown")
    assert (line(results, "c6i")["eligibility"], row["current_cost"]) == ("eligible", None)
    findings = {f.id: f for f in judge_graviton(inputs, setting, results)}
    assert "“Flexible thing”" in findings["graviton.unknown_commitment"].statement
    assert "m6i.large" in findings["graviton.unknown_commitment"].statement


def test_convertible_reservation_can_move_at_once():
    held = [reservation(2, "m6i.large", "0.06", LATER, kind="convertible RI")]
    results = analysed(*instances(2, "m6i.large"), commitments=held)
    assert line(results, "m6i")["eligibility"] == "eligible"


def test_no_instance_is_lost_or_made_by_commitments():
    held = [
        reservation(2, "m6i.large", "0.06", LATER),
        plan("EC2 instance savings plan", "0.1", LATER, "m6i"),
        plan("compute savings plan", "1.5", LATER),
    ]
    rows = (*instances(7, "m6i.large"), *instances(3, "c6i.2xlarge"))
    results = analysed(*rows, commitments=held)
    assert exact_sum(results.lines["instance_count"]) == 10


def test_database_lines():
    results = analysed(
        databases=[
            database(),
            database("db.m6i.large", version="12.2"),
            database("db.m5.large", engine="oracle-ee", version="19.0"),
        ]
    )
    states = {r["instance_type"]: r["eligibility"] for r in records(results.lines)}
    assert states == {
        "db.r6i.xlarge": "eligible",
        "db.m6i.large": "after upgrade",
        "db.m5.large": "ineligible",
    }


def test_cache_and_search_nodes_are_lines():
    """A node of redis 5.0.5 needs 5.0.6; what no table prices has no cost."""
    old = nodes(1, "cache.m5.large", "redis", "5.0.5")
    search = {"service": "OpenSearch", "state": "active"}
    results = analysed(
        managed=[
            nodes(3, "cache.r5.large", "redis", "7.1"),
            nodes(2, "cache.r5.large", "redis", "7.1", resource_id="second"),
            old,
            nodes(2, "m5.large.search", "Elasticsearch", "7.10", **search),
            nodes(4, "r6g.large.search", "OpenSearch", "2.11", **search),
            nodes(1, "m5.large.search", "OpenSearch", "2.11", **search, node_role="master"),
            nodes(None, "cache.r5.xlarge", "redis", "7.1"),
            nodes(9, "cache.t3.small", "redis", "7.1", state="deleting"),
        ]
    )
    found = {
        (r["component"], r["instance_type"], r["engine_version"]): (
            r["instance_count"],
            r["eligibility"],
        )
        for r in records(results.lines)
    }
    assert found == {
        ("", "cache.r5.large", "7.1"): (5, "eligible"),
        ("", "cache.m5.large", "5.0.5"): (1, "after upgrade"),
        ("", "m5.large.search", "7.10"): (2, "eligible"),
        ("", "r6g.large.search", "2.11"): (4, "already Arm"),
        ("master nodes", "m5.large.search", "2.11"): (1, "eligible"),
        ("", "cache.r5.xlarge", "7.1"): (None, "eligible"),
    }
    assert line(results, "cache.r5.large")["current_cost"] == D("788.40")  # 5 x 730 x 0.216
    assert line(results, "cache.r5.xlarge")["current_cost"] is None
    assert line(results, "elasticsearch")["current_cost"] is None


def test_cache_reservation():
    held = [reservation(2, "cache.r5.large", "0.14", LATER, kind="ElastiCache RI", platform="")]
    held[0] |= {"region_id": "us-east-1"}
    results = analysed(managed=[nodes(3, "cache.r5.large", "redis", "7.1")], commitments=held)
    assert counts(results) == {"standard RI": 2, "on demand": 1}


def test_database_reservation():
    held = [reservation(1, "db.r6i.xlarge", "0.33", LATER, kind="RDS RI", platform="")]
    results = analysed(databases=[database()], commitments=held)
    assert line(results, "db.r6i")["eligibility"] == "after commitment"


def test_bill_gives_lines_where_nothing_else_does():
    """1,488 hours are two instances of October; 133.92 / 1,488 = 0.09, below list."""
    bill = make(
        COST,
        [
            charge("USW2-BoxUsage:m6i.large", "1488", "133.92"),
            charge("USW2-SpotUsage:c6i.large", "730", "20"),
            charge("USW2-NodeUsage:cache.r5.large", "730", "157.68"),
            charge("USW2-Lambda-GB-Second", "7200", "0.12"),
            charge("USW2-DataTransfer-Regional-Bytes", "5", "0.05"),
        ],
    )
    results = analysed(cost=bill)
    row = line(results, "m6i.large")
    assert (row["instance_count"], row["source_usd_per_hour"]) == (2, D("0.09"))
    assert line(results, "c6i.large")["eligibility"] == "ineligible"
    assert line(results, "cache.r5")["eligibility"] == "unknown"  # a bill names no engine
    assert line(results, "Lambda")["eligibility"] == "eligible"
    assert len(results.lines) == 4
    # 0.09 x 0.0816 / 0.096 = 0.0765: 2 x 730 x 0.0135
    known = {r["line_name"]: r["monthly_saving"] for r in records(results.chosen)}
    assert [v for n, v in known.items() if "m6i" in n] == [D("19.71")]
    # 7,200 GB-seconds are 2 GB-hours at 0.06: a fifth of 0.12 less on Arm (0.0000133334 / ...667),
    # for 730 of 744 hours
    (function,) = (v for n, v in known.items() if "Lambda" in n)
    assert abs(function - D("0.024") * 730 / 744) < D("1e-6")


def test_open_month_counts_the_hours_of_its_days():
    """720 hours in the 15 days before the 16th are two instances; a month of them is 2 x 730 h."""
    days = {"charge_period_start": date(2025, 11, 1), "charge_period_end": date(2025, 11, 2)}
    bill = make(COST, [charge("USW2-BoxUsage:m6i.large", "720", "69.12", **days)])
    inputs = replace(account(cost=bill), period=Period.month("2025-11"))
    row = line(analyse_graviton(inputs, settings()), "m6i")
    assert (row["instance_count"], row["current_cost"]) == (2, D("140.16"))  # 2 x 730 x 0.096
    assert "hours of 15 days, money of a month of 730 hours" in row["note"]


@pytest.mark.parametrize(
    ("changed", "eligibility", "words"),
    [
        ({"platform": "Windows"}, "ineligible", "Windows"),
        ({"platform": "Red Hat Enterprise Linux"}, "eligible", "Red Hat"),
        ({"platform": "SUSE Linux"}, "eligible", "SUSE"),
        ({"tenancy": "dedicated"}, "unknown", "dedicated tenancy"),
        ({"tenancy": "host"}, "unknown", "host tenancy"),
        ({"purchase": "spot"}, "ineligible", "Spot"),
    ],
)
def test_only_shared_linux_on_demand_has_its_price(changed, eligibility, words):
    results = analysed(*instances(2, "m6i.large", **changed))
    row = line(results, "m6i")
    assert (row["eligibility"], row["current_cost"]) == (eligibility, None)
    assert words in row["note"]
    assert not row["reason"].startswith("on demand, Linux")
    assert results.price_only.saving is None


def test_bill_gives_the_cost_of_what_no_table_prices():
    bill = make(COST, [charge("USW2-BoxUsage:m6i.large", "1488", "238.08")])
    results = analysed(*instances(2, "m6i.large", platform="SUSE Linux"), cost=bill)
    assert line(results, "m6i")["current_cost"] == D("233.60")  # 2 x 730 x 0.16
    assert results.price_only.saving is None


@pytest.mark.parametrize(
    ("usage_type", "tenancy"), [("HostBoxUsage", "host"), ("DedicatedUsage", "dedicated")]
)
def test_dedicated_use_on_a_bill_is_not_on_demand(usage_type, tenancy):
    rows = [
        charge("USW2-BoxUsage:m6i.large", "744", "71.424"),
        charge(f"USW2-{usage_type}:m6i.large", "744", "0"),
    ]
    results = analysed(cost=make(COST, rows))
    row = line(results, f"{tenancy} tenancy")
    assert (row["eligibility"], row["current_cost"], row["instance_count"]) == ("unknown", 0, 1)
    assert results.price_only.saving == D("10.512")  # 730 x 0.0144 of the shared one alone


def test_a_cost_of_nothing_stays_nothing():
    """The bill gives 744 hours for 0: not the list price, and no saving of it."""
    results = analysed(cost=make(COST, [charge("USW2-BoxUsage:m6i.large", "744", "0")]))
    row = line(results, "m6i")
    assert (row["source_usd_per_hour"], row["current_cost"]) == (0, 0)
    assert "hours without a cost" in row["note"]
    assert results.price_only.saving is None


def test_closed_month_of_one_instance_is_one():
    bill = make(COST, [charge("USW2-BoxUsage:m6i.large", "744", "71.424")])
    assert line(analysed(cost=bill), "m6i")["instance_count"] == 1


def test_bill_tells_use_under_a_reservation_apart():
    bill = make(
        COST,
        [
            charge("USW2-BoxUsage:m6i.large", "730", "70.08"),
            charge(
                *("USW2-BoxUsage:m6i.large", "730", "0"),
                record_type="DiscountedUsage",
                amortized="43.8",
            ),
            charge(
                *("USW2-BoxUsage:c6i.large", "730", "0"),
                record_type="SavingsPlanCoveredUsage",
                amortized="40",
            ),
        ],
    )
    results = analysed(cost=bill)
    found = {
        (r["instance_type"], r["commitment"]): (r["eligibility"], r["source_usd_per_hour"])
        for r in records(results.lines)
    }
    assert found["m6i.large", "on demand"] == ("eligible", D("0.096"))
    assert found["m6i.large", "standard RI"] == ("after commitment", D("0.06"))
    assert found["c6i.large", "unknown"][0] == "unknown"


def test_bill_gives_the_rate_of_what_runs():
    bill = make(COST, [charge("USW2-BoxUsage:m6i.large", "1460", "131.40")])
    row = line(analysed(*instances(2, "m6i.large"), cost=bill), "m6i")
    assert row["source_usd_per_hour"] == D("0.09")


def test_bill_in_another_currency_gives_no_rate():
    rows = [charge("USW2-BoxUsage:m6i.large", "1460", "131.40", billing_currency="EUR")]
    row = line(analysed(*instances(2, "m6i.large"), cost=make(COST, rows)), "m6i")
    assert row["source_usd_per_hour"] == D("0.096")


def test_synthetic_bill_is_no_evidence():
    bill = make(COST, [charge("USW2-BoxUsage:m6i.large", "1460", "131.40")])
    inputs = account(cost=bill)
    inputs = type(inputs)(**{**vars(inputs), "is_bill_synthetic": True})
    assert analyse_graviton(inputs, settings()).lines.empty


@pytest.mark.parametrize(
    ("tags", "workload"),
    [
        ({"component": "redis-cluster"}, "redis"),
        ({"app": "web-frontend"}, "web"),
        ({"Role": "Proxy"}, "web"),
        ({"component": "trainer"}, "compute"),
        ({"Owner": "redis team"}, "compute"),  # says who, not what
    ],
)
def test_workload_goes_by_tags(tags, workload):
    assert line(analysed(*instances(1, "m6i.large", tags=tags)), "m6i")["workload"] == workload


@pytest.mark.parametrize(
    ("kind", "sized_by"), [("r6i.large", "memory"), ("m6i.large", "cpu"), ("c6i.large", "cpu")]
)
def test_sized_by_goes_by_memory_for_each_vcpu(kind, sized_by):
    assert line(analysed(*instances(1, kind)), kind)["sized_by"] == sized_by


def test_x86_only_tag_is_a_reason():
    results = analysed(*instances(1, "m6i.large", tags={"Arch": "x86_64"}))
    assert line(results, "m6i")["reason"] == "tagged as software for x86 only"
