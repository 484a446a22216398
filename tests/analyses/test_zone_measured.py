from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismlib import paths
from prismlib.analyses.zone_measured import (
    baseline_gbps,
    burst_gbps,
    capacity_at,
    fleet_capacity,
    flow_share,
    gb_per_s,
    network_out_seen,
    node_total,
    nodes_needed,
)
from prismlib.pulled_tables import INSTANCE, METRIC_COVERAGE, METRIC_SERIES
from prismlib.sources.csv_tables import read_table
from prismlib.sources.prices import read_reference
from prismlib.tables import FLEET, empty, make
from prismlib.zone_tables import ZONE_FLOW

A, B, C = "usw2-az1", "usw2-az2", "usw2-az3"
GB = 10**9


def flow(source, destination, gb, *, day=1, days=1):
    return {
        "charge_period_start": date(2025, 10, day),
        "charge_period_end": date(2025, 10, day) + timedelta(days=days),
        "source_zone_id": source,
        "destination_zone_id": destination,
        "moved_bytes": D(gb) * GB,
    }


# --- flow logs ------------------------------------------------------------------------------------


def test_flow_share_worked_by_hand():
    share = flow_share(
        make(
            ZONE_FLOW,
            [
                flow(A, A, 60),
                flow(A, B, 10),
                flow(B, A, 5),
                flow(B, C, 5),
                flow(A, "", 15),
                flow("", "", 5),
            ],
        )
    )
    # 60 + 10 + 5 + 5 + 15 + 5 = 100 GB, of which 20 cross and 20 are unknown.
    assert (share.total_gb, share.crossing_gb, share.unknown_gb) == (D(100), D(20), D(20))
    assert share.crossing_pct == D(25)  # 20 of the 80 whose zones are known
    assert (share.low_pct, share.high_pct) == (D(20), D(40))
    assert share.covered_days == 1
    # 100 GB over 86,400 s, and back.
    assert abs(share.gb_per_s * 86_400 - 100) < D("1e-40")


def test_flow_share_takes_the_days_that_rows_are_for():
    share = flow_share(
        make(ZONE_FLOW, [flow(A, B, 172_800, day=1), flow(B, A, 172_800, day=4, days=3)])
    )
    # 1 October, and 4 to 6 October: 4 days of 6. 345,600 GB over 345,600 s is 1 GB/s.
    assert (share.start, share.end) == (date(2025, 10, 1), date(2025, 10, 7))
    assert (share.covered_days, share.gb_per_s) == (4, D(1))


def test_flow_share_counts_a_day_once_however_many_pairs_it_has():
    share = flow_share(make(ZONE_FLOW, [flow(A, B, 43_200), flow(A, A, 43_200)]))
    assert (share.covered_days, share.gb_per_s) == (1, D(1))


def test_flow_share_without_known_zones_is_unknown_between_all_and_nothing():
    share = flow_share(make(ZONE_FLOW, [flow(A, "", 3), flow("", B, 1)]))
    assert share.crossing_pct is None
    assert (share.low_pct, share.high_pct) == (D(0), D(100))


def test_flow_share_of_no_bytes_has_no_share():
    share = flow_share(make(ZONE_FLOW, [flow(A, B, 0)]))
    assert (share.crossing_pct, share.low_pct, share.high_pct) == (None, None, None)
    assert share.gb_per_s == 0


def test_flow_share_of_no_rows_is_none():
    assert flow_share(empty(ZONE_FLOW)) is None


pairs = st.lists(
    st.tuples(st.sampled_from([A, B, ""]), st.sampled_from([A, B, ""]), st.integers(0, 10**15)),
    min_size=1,
    max_size=9,
    unique_by=lambda pair: pair[:2],
)


@given(pairs)
def test_flow_share_is_bounded_by_what_is_unknown(rows):
    flows = [{**flow(s, d, 0), "moved_bytes": D(moved)} for s, d, moved in rows]
    share = flow_share(make(ZONE_FLOW, flows))
    assert share.total_gb * GB == sum(moved for _, _, moved in rows)
    if share.crossing_pct is not None:
        assert share.low_pct <= share.crossing_pct <= share.high_pct
    if share.unknown_gb == 0:
        assert share.low_pct == share.high_pct == share.crossing_pct


# --- CloudWatch -----------------------------------------------------------------------------------

HOUR = 3600


def series_key(name, *, metric="NetworkOut", statistic="Sum", period_s=HOUR):
    return {
        "region_id": "us-west-2",
        "namespace": "AWS/EC2",
        "metric_name": metric,
        "dimensions": json.dumps({"InstanceId": name}),
        "statistic": statistic,
        "period_s": period_s,
    }


def coverage(name, found=100, expected=100, **key):
    return {
        **series_key(name, **key),
        "expected_points": expected,
        "found_points": found,
        "series_status": "complete" if found == expected else "gaps",
    }


def points(name, *gigabytes, **key):
    return [
        {
            **series_key(name, **key),
            "observed_at": datetime(2025, 10, 1, hour, tzinfo=UTC),
            "metric_value": D(gb) * GB,
        }
        for hour, gb in enumerate(gigabytes)
    ]


def instances(*names, state="running", is_autoscaled=False):
    return make(
        INSTANCE,
        [
            {
                "region_id": "us-west-2",
                "instance_id": name,
                "instance_type": "r6i.4xlarge",
                "state": state,
                "purchase": "on-demand",
                "is_autoscaled": is_autoscaled,
            }
            for name in names
        ],
    )


def fleet(deployed, expected=1000, kind="r6i.4xlarge", component="redis", resource="instance"):
    return {
        "component": component,
        "resource_name": resource,
        "instance_type": kind,
        "region_id": "us-west-2",
        "expected_count": None if expected is None else D(expected),
        "deployed_count": None if deployed is None else D(deployed),
        "hours_per_month": D(730),
    }


def seen(series, covered, **kwargs):
    return network_out_seen(make(METRIC_SERIES, series), make(METRIC_COVERAGE, covered), **kwargs)


def test_all_instances_without_gaps_bound_the_crossing():
    found = seen(
        [*points("i-1", 3, 4), *points("i-2", 5)],
        [coverage("i-1"), coverage("i-2", found=99)],
        instance=instances("i-1", "i-2"),
    )
    assert (found.known_count, found.seen_count, found.complete_count) == (2, 2, 2)
    assert (found.seen_gb, found.upper_bound_gb) == (D(12), D(12))  # 3 + 4 + 5
    assert found.seconds == 360_000  # 100 hours
    assert found.reason == "all that the instances (2) sent to anywhere"


def test_one_instance_of_the_fleet_bounds_nothing():
    found = seen(
        points("i-1", 7),
        [coverage("i-1")],
        fleet=make(FLEET, [fleet(48), fleet(48, component="proxy", kind="c6i.2xlarge")]),
    )
    assert (found.known_count, found.seen_count) == (D(96), 1)
    assert (found.seen_gb, found.upper_bound_gb) == (D(7), None)
    assert found.reason == "1 of 96 instances have NetworkOut without gaps: no sample of all"


def test_the_larger_count_of_list_and_fleet_is_taken():
    both = {"instance": instances("i-1"), "fleet": make(FLEET, [fleet(3)])}
    assert seen(points("i-1", 7), [coverage("i-1")], **both).known_count == 3
    both["fleet"] = make(FLEET, [fleet(3, resource="database instance")])
    assert seen(points("i-1", 7), [coverage("i-1")], **both).known_count == 1


def test_a_stopped_instance_without_data_need_not_be_covered():
    both = {"instance": instances("i-2", state="stopped")}
    found = seen(points("i-1", 7), [coverage("i-1"), coverage("i-2", found=0)], **both)
    assert (found.known_count, found.upper_bound_gb) == (1, D(7))


@pytest.mark.parametrize(("found", "bound"), [(100, D(7)), (99, D(7)), (98, None)])
def test_small_gaps_are_borne(found, bound):
    result = seen(points("i-1", 7), [coverage("i-1", found=found)], instance=instances("i-1"))
    assert result.upper_bound_gb == bound


def test_instances_that_come_and_go_bound_nothing():
    found = seen(points("i-1", 7), [coverage("i-1")], instance=instances("i-1", is_autoscaled=True))
    assert found.upper_bound_gb is None
    assert "Auto Scaling" in found.reason


def test_how_many_there_are_may_be_unknown():
    found = seen(points("i-1", 7), [coverage("i-1")])
    assert (found.known_count, found.upper_bound_gb) == (None, None)
    assert found.reason == "instances with NetworkOut: 1, of how many is not known"


def test_without_data_nothing_is_seen_and_nothing_is_zero():
    for found in (
        network_out_seen(None, None, fleet=make(FLEET, [fleet(96)])),
        seen([], [coverage("i-1", found=0)], instance=instances("i-1")),
        seen(points("i-1", 7, metric="NetworkIn"), [coverage("i-1", metric="NetworkIn")]),
        seen(points("i-1", 7, statistic="Average"), [coverage("i-1", statistic="Average")]),
    ):
        assert (found.seen_count, found.seen_gb, found.upper_bound_gb) == (0, None, None)
        assert found.reason == "no instance has data of NetworkOut"


def test_two_series_of_an_instance_are_not_added():
    found = seen(
        [*points("i-1", 7), *points("i-1", 6, period_s=300)],
        [coverage("i-1"), coverage("i-1", found=90, period_s=300)],
        instance=instances("i-1"),
    )
    assert (found.seen_count, found.seen_gb) == (1, D(7))


def test_periods_of_different_lengths_are_no_bound():
    found = seen(
        [*points("i-1", 7), *points("i-2", 7)],
        [coverage("i-1"), coverage("i-2", found=50, expected=50)],
        instance=instances("i-1", "i-2"),
    )
    assert (found.upper_bound_gb, found.seconds) == (None, None)
    assert found.reason == "the series are for periods of different lengths"


# --- what the machines can carry ------------------------------------------------------------------


def sample_capacity(**kwargs):
    sample = read_table(paths.SAMPLE / "fleet.csv", FLEET)
    return fleet_capacity(sample, read_reference("instance_network"), **kwargs)


def test_fleet_capacity_of_the_sample():
    capacity = sample_capacity()
    assert node_total(capacity) == 96
    # 48 x 6.25 = 300 and 48 x 3.125 = 150: 450 Gbit/s, / 8 = 56.25 GB/s.
    assert capacity["capacity_gbps"].tolist() == [D(300), D(150)]
    assert baseline_gbps(capacity) == D(450)
    assert gb_per_s(baseline_gbps(capacity)) == D("56.25")
    # 96 x 12.5 = 1,200 Gbit/s, / 8 = 150 GB/s.
    assert burst_gbps(capacity) == D(1200)
    assert gb_per_s(burst_gbps(capacity)) == D(150)
    # 96 x 7.2 = 691.2 Gbit/s, / 8 = 86.4 GB/s.
    assert gb_per_s(capacity_at(capacity, D("7.2"))) == D("86.4")


def test_fleet_capacity_of_what_is_paid_for():
    # 1000 x 6.25 + 1000 x 3.125 = 9,375 Gbit/s.
    assert baseline_gbps(sample_capacity(count="expected_count")) == D(9375)


@pytest.mark.parametrize(
    ("traffic", "per_node", "nodes"),
    [
        (1400, "7.2", 1556),  # 11,200 / 7.2 = 1,555.6
        (1400, "12.5", 896),  # 11,200 / 12.5 exactly
        ("86.4", "7.2", 96),
        ("86.41", "7.2", 97),
        (0, "7.2", 0),
        (1, 0, None),
    ],
)
def test_nodes_needed(traffic, per_node, nodes):
    assert nodes_needed(D(traffic), D(per_node)) == nodes


def test_a_type_without_known_bandwidth_makes_the_capacity_unknown():
    capacity = fleet_capacity(
        make(FLEET, [fleet(2), fleet(1, component="odd", kind="z9.large")]),
        read_reference("instance_network"),
    )
    assert capacity["capacity_gbps"].tolist() == [D("12.5"), None]
    assert capacity["source"].tolist()[1] == "no bandwidth known for the type"
    assert (baseline_gbps(capacity), burst_gbps(capacity)) == (None, None)
    assert capacity_at(capacity, D(10)) == 30  # a stated bandwidth needs no type


def test_what_does_not_run_or_is_no_instance_has_no_capacity():
    capacity = fleet_capacity(
        make(
            FLEET,
            [
                fleet(0),
                fleet(None, component="unknown"),
                fleet(2, component="db", resource="database instance"),
            ],
        ),
        read_reference("instance_network"),
    )
    assert capacity.empty
    assert baseline_gbps(capacity) is None
