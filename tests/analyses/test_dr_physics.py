"""Bytes, rates and limits; what would be lost; what an outage spends."""

from datetime import date
from decimal import Decimal

import pytest
from dr_examples import REFERENCE, drill, event

from prismlib.analyses.dr_cases import Case
from prismlib.analyses.dr_loss import Objective, budgets_spent, store_losses
from prismlib.analyses.dr_physics import (
    Ceilings,
    loads,
    rate_verdict,
    slower_by_s,
    stated_durations,
    step_checks,
    workers_needed,
)
from prismlib.analyses.drill_steps import Span
from prismlib.dr_tables import RECOVERY_POINT
from prismlib.findings import Verdict
from prismlib.tables import make, records

CEILINGS = Ceilings.of(
    REFERENCE["limit"], REFERENCE["instance_network"], REFERENCE["instance_disk"]
)


def load_of(**others):
    """4,800 GB in 180 s over 48 nodes: 26.67 GB/s, 0.5556 GB/s a node, unless said otherwise."""
    given = {
        **{"moved_gb": 4800, "node_count": 48, "step_kind": "load", "store_name": "Redis"},
        **{"stated_mb_per_second": 800, "instance_type": "r6i.4xlarge"},
        **others,
    }
    return drill(event("load", 180, 360, **given))


def checks(one):
    return {row["check_name"]: row for row in records(step_checks(one, CEILINGS))}


def test_needed_rates():
    (load,) = loads(load_of())
    assert round(load.gb_per_s, 2) == Decimal("26.67")
    assert round(load.gbps, 1) == Decimal("213.3")
    assert round(load.node_gb_per_s * 1000) == 556


@pytest.mark.parametrize(
    ("scope", "durations", "verdict"),
    [
        # 4,800,000 MB / 800 = 6,000 s of all; / 48 = 125 s of each, and the log says 180 s.
        ("", {"all": 6000, "node": 125}, Verdict.UNKNOWN),
        ("all", {"all": 6000}, Verdict.CONTRADICTS),
        ("node", {"node": 125}, Verdict.HOLDS),
    ],
)
def test_a_rate_is_read_in_each_way_that_it_may_be_meant(scope, durations, verdict):
    one = load_of(rate_scope=scope)
    (load,) = loads(one)
    assert stated_durations(load) == durations
    assert rate_verdict(load) is verdict
    assert slower_by_s(one) == (6000 - 180 if "all" in durations else None)


def test_a_step_without_a_rate_or_bytes_is_not_judged():
    (load,) = loads(load_of(stated_mb_per_second=None))
    assert rate_verdict(load) is None
    assert loads(load_of(moved_gb=None)) == ()
    assert slower_by_s(load_of(moved_gb=None)) is None


def test_network_and_disks_hold_what_an_instance_keeps_up():
    """0.5556 GB/s are 4.44 Gbit/s of 6.25, and 556 of 625 MB/s."""
    seen = checks(load_of())
    assert (seen["network of a node"]["verdict"], seen["network of a node"]["limit_value"]) == (
        "holds",
        Decimal("6.25"),
    )
    assert seen["disks of a node"]["verdict"] == "holds"


@pytest.mark.parametrize(
    ("gigabytes", "verdict", "limit"),
    [
        (4800, "holds", "6.25"),  # 4.44 Gbit/s
        (9600, "unknown", "6.25"),  # 8.9: above what it keeps up, below the burst of 12.5
        (19200, "infeasible", "12.5"),  # 17.8: above the burst
    ],
)
def test_between_baseline_and_burst_nothing_is_proven(gigabytes, verdict, limit):
    row = checks(load_of(moved_gb=gigabytes))["network of a node"]
    assert (row["verdict"], row["limit_value"]) == (verdict, Decimal(limit))


def test_an_unknown_instance_type_is_unknown():
    row = checks(load_of(instance_type="x9.huge"))["network of a node"]
    assert (row["verdict"], row["limit_value"]) == ("unknown", None)
    assert "x9.huge" in row["note"]


def test_loading_faster_than_a_process_can_is_infeasible():
    """180 s / 100 GB = 1.8 s/GB, and 10 s/GB is the fastest that is published."""
    row = checks(load_of())["load by one process"]
    assert (row["needed_value"], row["limit_value"]) == (Decimal("1.8"), 10)
    assert row["verdict"] == "infeasible"
    slow = drill(
        event("load", 0, 1000, moved_gb=100, node_count=1, step_kind="load", store_name="Redis")
    )
    assert checks(slow)["load by one process"]["verdict"] == "holds"
    other = load_of(store_name="PostgreSQL")
    assert "load by one process" not in checks(other)


def test_a_copy_between_regions_needs_several_instances():
    """4,800 GB in 1,800 s are 21.33 Gbit/s: five instances of 5 Gbit/s."""
    one = drill(event("copy", duration_s=1800, moved_gb=4800, step_kind="copy"))
    row = checks(one)["one instance to another region"]
    assert round(row["needed_value"], 2) == Decimal("21.33")
    assert row["verdict"] == "unknown"
    assert workers_needed(loads(one)[0], Decimal(5)) == 5


# --- recovery points ------------------------------------------------------------------------------


def losses(*rows):
    table = make(RECOVERY_POINT, [{"store_name": "Redis", **row} for row in rows])
    (row,) = records(store_losses(table, "us-west-2"))
    return row["recovery_point_age_s"], row["note"]


GOOD = {
    "mechanism": "snapshots",
    "region_id": "us-east-1",
    "recovery_point_age_s": Decimal(900),
    "is_in_place": True,
    "observed_date": date(2025, 11, 16),
}


def test_the_youngest_usable_recovery_point_counts():
    older = {**GOOD, "mechanism": "daily", "recovery_point_age_s": Decimal(86400)}
    assert losses(older, GOOD)[0] == 900


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ({"is_in_place": False}, "not in place"),
        ({"is_in_place": None}, "not known to be in place"),
        ({"region_id": "us-west-2"}, "lost with its region"),
        ({"region_id": ""}, "where it lies is not said"),
        ({"recovery_point_age_s": None}, "its age is not said"),
        ({"covered_pct": Decimal(95)}, "covers a part"),
    ],
)
def test_what_bounds_no_loss_leaves_it_unknown(spoilt, why):
    age, note = losses({**GOOD, **spoilt})
    assert age is None
    assert why in note


def test_an_age_of_zero_is_a_known_age():
    assert losses({**GOOD, "recovery_point_age_s": Decimal(0)})[0] == 0


def test_no_table_is_no_store():
    assert len(store_losses(None, "us-west-2")) == 0


# --- error budget ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "days", "seconds", "pct"),
    [
        # 0.05 % of 30 days are 1,296 s: 480 s are 37.04 %, 2,280 s are 175.9 %.
        ("99.95", "30", 480, "37.04"),
        ("99.95", "30", 2280, "175.93"),
        # 0.01 % of 91.25 days are 788.4 s: 480 s are 60.9 %.
        ("99.99", "91.25", 480, "60.88"),
    ],
)
def test_error_budget(target, days, seconds, pct):
    objective = Objective("o", Decimal(target), Decimal(days))
    outage = Case("c", "an outage", Span.exact(Decimal(seconds)))
    (row,) = records(budgets_spent([outage, Case("u", "unknown", None)], [objective]))
    assert round(row["budget_spent_pct"], 2) == Decimal(pct)


def test_an_objective_of_all_the_time_leaves_no_budget_to_divide_by():
    outage = Case("c", "an outage", Span.exact(Decimal(60)))
    (row,) = records(budgets_spent([outage], [Objective("o", Decimal(100), Decimal(30))]))
    assert row["budget_spent_pct"] is None
