from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismlib.analyses.zone_model import ZoneTraffic
from prismlib.analyses.zone_remedies import RemedyInputs, best_remedy, zone_remedies
from prismlib.analyses.zone_remedy_effects import (
    ADVICE,
    ALREADY,
    BALANCER,
    COMPRESSION,
    DO,
    DO_NOT,
    HINTS,
    LOCAL_READS,
    ONE_ZONE,
    REPLICAS,
    SPREAD,
    TWO_ZONES,
    UNKNOWN,
)
from prismlib.analyses.zone_topology import CLIENT, PRIMARY, REPLICA, lay_out
from prismlib.errors import ParameterError
from prismlib.tables import make
from prismlib.zone_tables import PLACEMENT

# All of the traffic: 1,400 GB/s x 2,592,000 s = 3,628,800,000 GB, at $0.02 both ends $72,576,000.
# Two thirds of it: $48,384,000; 5 %: $3,628,800.
UNIFORM = ZoneTraffic(D(1400), F(2, 3), 3, D(30), D("0.01"), D("0.01"))
STATED = UNIFORM.at(D("0.05"))

INPUTS = RemedyInputs(
    reads_ratio=D("0.8"),
    usd_per_node_hour=D(1),
    hint_effectiveness=D("0.9"),
    compression_ratio=D(4),
    gb_per_s_per_core=D("0.5"),
    usd_per_vcpu_hour=D("0.1"),
    balancer_gb=D(3_000_000),
    balancer_is_cross_zone=True,
)


def placed(*rows, zones=3):
    nodes = [{"role": r, "zone_name": zone, "node_count": D(n)} for r, zone, n in rows]
    return lay_out(make(PLACEMENT, nodes), zones)


CLIENTS = (CLIENT, "", 1000)
BUILT = placed((PRIMARY, "a", 16), (REPLICA, "b", 16), (REPLICA, "c", 16), CLIENTS)
EVEN = placed((PRIMARY, "", 15), (REPLICA, "", 30), CLIENTS)
SHORT = placed((PRIMARY, "a", 16), (REPLICA, "b", 16), CLIENTS)
"""No copy in the third zone."""


def remedies(traffic=UNIFORM, layout=BUILT, **changes):
    frame = zone_remedies(traffic, layout, replace(INPUTS, **changes))
    return {row["remedy_name"]: row for row in frame.to_dict("records")}


def amounts(row):
    return row["saved_cost"], row["added_cost"], row["net_effect"]


def test_every_remedy_that_has_fewer_zones_to_go_to():
    names = [LOCAL_READS, REPLICAS, HINTS, SPREAD, COMPRESSION, TWO_ZONES, ONE_ZONE, BALANCER]
    assert list(remedies()) == names
    two = ZoneTraffic(D(1400), F(1, 2), 2, D(30), D("0.01"), D("0.01"))
    assert TWO_ZONES not in remedies(two, None)
    one = ZoneTraffic(D(1400), D(0), 1, D(30), D("0.01"), D("0.01"))
    assert not {TWO_ZONES, ONE_ZONE} & set(remedies(one, None))


# --- reads in the client's zone ------------------------------------------------------------------


def test_local_reads_where_every_zone_holds_a_copy():
    # 20 % writes x 2/3 = 2/15 cross; 80 % of 48,384,000 is saved and no node is missing.
    row = remedies()[LOCAL_READS]
    assert amounts(row) == (38_707_200, 0, 38_707_200)
    assert round(row["crossing_pct"], 6) == D("13.333333")
    assert row["moved_gb"] == 483_840_000
    assert row["advice"] == DO
    assert "0.0% of the primaries are left for writes" in row["availability"]
    # Of 48 copies 32 are left.
    assert round(row["capacity_left_pct"], 6) == D("66.666667")


def test_local_reads_pay_for_the_nodes_and_the_writes_that_must_reach_them():
    # 16 nodes x $1 x 730 h = 11,680; each write is copied to them: 0.2 x 72,576,000 = 14,515,200.
    row = remedies(layout=SHORT)[LOCAL_READS]
    assert amounts(row) == (38_707_200, 14_526_880, 24_180_320)
    assert row["advice"] == DO
    assert "16 more nodes" in row["assumption"]
    # With 10 % reads: 4,838,400 saved; 11,680 + 0.9 x 72,576,000 = 65,330,080 added.
    row = remedies(layout=SHORT, reads_ratio=D("0.1"))[LOCAL_READS]
    assert amounts(row) == (4_838_400, 65_330_080, -60_491_680)
    assert row["advice"] == DO_NOT


@pytest.mark.parametrize(
    ("layout", "changes", "needs", "saved"),
    [
        (BUILT, {"reads_ratio": None}, "needs the share of reads", None),
        (SHORT, {"usd_per_node_hour": None}, "needs the price of a node", 38_707_200),
        (None, {}, "needs the zones of primaries and replicas", 38_707_200),
        (placed(CLIENTS), {}, "needs the zones of primaries and replicas", 38_707_200),
    ],
)
def test_local_reads_with_something_unknown(layout, changes, needs, saved):
    row = remedies(layout=layout, **changes)[LOCAL_READS]
    assert (row["advice"], row["assumption"], row["net_effect"]) == (UNKNOWN, needs, None)
    assert row["saved_cost"] == saved


def test_the_price_of_nodes_does_not_matter_when_none_is_missing():
    assert remedies(usd_per_node_hour=None)[LOCAL_READS]["net_effect"] == 38_707_200


def test_local_reads_that_are_in_use():
    row = remedies(reads_are_local=True)[LOCAL_READS]
    assert (row["advice"], amounts(row)) == (ALREADY, (0, 0, 0))


# --- copies in every zone ------------------------------------------------------------------------


def test_copies_are_in_every_zone_already():
    assert remedies()[REPLICAS]["advice"] == ALREADY
    assert remedies(layout=EVEN)[REPLICAS]["advice"] == ALREADY


def test_copies_alone_save_nothing():
    row = remedies(layout=SHORT)[REPLICAS]
    assert (amounts(row), row["advice"]) == ((0, 14_526_880, -14_526_880), DO_NOT)
    assert row["availability"] == "no shard is lost with a zone"


def test_copies_are_worth_it_where_a_zone_can_take_every_one_of_a_shard():
    # All in a: 16 shards miss a copy in b and in c: 32 x 730 = 23,360 and 2 x 14,515,200.
    layout = placed((PRIMARY, "a", 16), CLIENTS)
    row = remedies(layout=layout)[REPLICAS]
    assert (row["added_cost"], row["advice"]) == (29_053_760, DO)
    assert "can take every copy" in row["availability"]
    assert remedies(layout=layout, usd_per_node_hour=None)[REPLICAS]["advice"] == UNKNOWN
    assert remedies(layout=None)[REPLICAS]["advice"] == UNKNOWN


# --- zone-aware routing --------------------------------------------------------------------------


def test_hints_worked_by_hand():
    # 0.1 x 2/3 = 1/15 cross; 0.9 x 48,384,000 is saved, less 1,000 a month to run it.
    row = remedies(layout=EVEN, hint_cost=D(1000))[HINTS]
    assert amounts(row) == (43_545_600, 1000, 43_544_600)
    assert row["advice"] == DO
    assert row["moved_gb"] == 241_920_000
    assert "each other zone needs 50% headroom" in row["availability"]


def test_hints_cannot_beat_where_primaries_are():
    # With all primaries in a, two thirds of the clients have none in their zone.
    row = remedies()[HINTS]
    assert (amounts(row), row["advice"]) == ((0, 0, 0), DO_NOT)
    assert row["assumption"].startswith("at least 66.7% must cross while")
    assert row["assumption"].endswith("aims at 6.7% and saves $43,545,600")


def test_hints_at_this_effectiveness_are_there_already():
    # 5 % of two thirds: 92.5 % are avoided, more than 90 %.
    row = remedies(STATED, layout=EVEN)[HINTS]
    assert (row["advice"], amounts(row)) == (ALREADY, (0, 0, 0))
    assert "avoids 92.5%" in row["assumption"]
    # Exactly as effective as aimed at: a tenth of two thirds.
    assert remedies(UNIFORM.at(F(1, 15)), layout=EVEN)[HINTS]["advice"] == ALREADY
    # 95 %: 1/30 cross; (5/100 - 1/30) x 72,576,000 = 1,209,600.
    row = remedies(STATED, layout=EVEN, hint_effectiveness=D("0.95"))[HINTS]
    assert (row["advice"], row["saved_cost"]) == (DO, 1_209_600)


def test_a_share_that_the_placement_does_not_allow_is_said():
    row = remedies(STATED, hint_effectiveness=D("0.95"))[HINTS]
    assert "at least 66.7% must cross: more than is taken to cross now" in row["assumption"]


def test_hints_without_placement_or_effectiveness():
    assert "not checked" in remedies(layout=None)[HINTS]["assumption"]
    row = remedies(hint_effectiveness=None)[HINTS]
    assert (row["advice"], row["net_effect"]) == (UNKNOWN, None)


# --- primaries over the zones --------------------------------------------------------------------


def test_spreading_saves_nothing_for_even_clients_and_is_still_to_do():
    row = remedies()[SPREAD]
    assert (amounts(row), row["advice"]) == ((0, 0, 0), DO)
    assert row["availability"] == (
        "removes a single point of failure: now 16 of 16 primary nodes in a"
    )
    # 6, 5 and 5 primaries: 10 of 16 are left.
    assert row["capacity_left_pct"] == D("62.5")


def test_spreading_for_clients_that_are_elsewhere():
    # Clients in b and c, primaries in a: all crosses; spread, two thirds do.
    layout = placed((PRIMARY, "a", 3), (CLIENT, "b", 1), (CLIENT, "c", 1))
    row = remedies(UNIFORM.at(D(1)), layout)[SPREAD]
    assert (amounts(row), row["advice"]) == ((24_192_000, 0, 24_192_000), DO)


def test_spreading_may_cost_more_and_then_needs_the_price_of_an_outage():
    # All in a: nothing crosses; spread, two thirds do.
    layout = placed((PRIMARY, "a", 3), (CLIENT, "a", 1))
    row = remedies(UNIFORM.at(D(0)), layout)[SPREAD]
    assert (row["net_effect"], row["advice"]) == (-48_384_000, UNKNOWN)
    assert "needs what losing that zone would cost" in row["assumption"]


def test_primaries_that_are_spread_and_what_is_unknown():
    assert remedies(layout=EVEN)[SPREAD]["advice"] == ALREADY
    uneven = placed((PRIMARY, "a", 6), (PRIMARY, "b", 5), (PRIMARY, "c", 5), CLIENTS)
    assert remedies(layout=uneven)[SPREAD]["advice"] == ALREADY
    assert remedies(layout=None)[SPREAD]["advice"] == UNKNOWN
    row = remedies(layout=placed((PRIMARY, "a", 16)))[SPREAD]
    assert (row["advice"], row["assumption"]) == (UNKNOWN, "needs the nodes of each client by zone")


def test_in_one_zone_nothing_can_be_spread():
    one = ZoneTraffic(D(1400), D(0), 1, D(30), D("0.01"), D("0.01"))
    found = remedies(one, placed((PRIMARY, "a", 4), (CLIENT, "a", 9), zones=1))
    assert (found[SPREAD]["advice"], found[SPREAD]["assumption"]) == (DO_NOT, "there is one zone")
    assert found[REPLICAS]["availability"] == "the failure of the zone takes everything"
    assert "there is no other zone" in found[HINTS]["availability"]
    assert found[HINTS]["advice"] == found[LOCAL_READS]["advice"] == DO_NOT


# --- compression ---------------------------------------------------------------------------------


def test_compression_worked_by_hand():
    # Three quarters of 3,628,800; 70 GB/s / 0.5 = 140 cores x 730 h x $0.1 = 10,220.
    row = remedies(STATED)[COMPRESSION]
    assert amounts(row) == (2_721_600, 10_220, 2_711_380)
    assert (row["crossing_pct"], row["moved_gb"]) == (5, 45_360_000)
    words = "140 cores compress to 1/4 of the size at one end and expand at the other"
    assert (row["advice"], row["assumption"]) == (DO, words)


def test_compression_may_cost_more_than_it_saves():
    # 70 / 0.001 = 70,000 cores x 73 = 5,110,000.
    row = remedies(STATED, gb_per_s_per_core=D("0.001"))[COMPRESSION]
    assert (row["net_effect"], row["advice"]) == (-2_388_400, DO_NOT)
    # At a ratio of 1 nothing is saved.
    row = remedies(STATED, compression_ratio=D(1))[COMPRESSION]
    assert (amounts(row), row["advice"]) == ((0, 10_220, -10_220), DO_NOT)


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("compression_ratio", "needs the compression ratio"),
        ("gb_per_s_per_core", "needs the speed of a core"),
        ("usd_per_vcpu_hour", "needs the price of a core"),
    ],
)
def test_compression_with_something_unknown(name, needs):
    row = remedies(**{name: None})[COMPRESSION]
    assert (row["advice"], row["net_effect"], row["assumption"]) == (UNKNOWN, None, needs)


# --- fewer zones ---------------------------------------------------------------------------------


def test_two_zones_worked_by_hand():
    # A half crosses: 36,288,000. To have as much left as of 48 nodes in three zones (32), two zones
    # need 64: 16 more x 730 = 11,680.
    row = remedies()[TWO_ZONES]
    assert amounts(row) == (12_096_000, 11_680, 12_084_320)
    assert (row["crossing_pct"], row["capacity_left_pct"], row["advice"]) == (50, 50, DO_NOT)
    assert "no majority" in row["availability"]
    row = remedies(needs_majority=False)[TWO_ZONES]
    assert row["advice"] == DO
    assert "majority" not in row["availability"]


def test_two_zones_keep_the_effect_of_hints():
    # 0.075 x 1/2 = 3.75 %.
    assert remedies(STATED)[TWO_ZONES]["crossing_pct"] == D("3.75")


def test_one_zone_crosses_nothing_and_is_never_advised():
    row = remedies(needs_majority=False)[ONE_ZONE]
    assert amounts(row) == (48_384_000, 0, 48_384_000)
    assert (row["crossing_pct"], row["capacity_left_pct"], row["advice"]) == (0, 0, DO_NOT)
    assert remedies(layout=None, usd_per_node_hour=None)[ONE_ZONE]["assumption"] == (
        "placement avoids as much as now"
    )


def test_two_zones_with_something_unknown():
    row = remedies(layout=None, needs_majority=False)[TWO_ZONES]
    assert (row["advice"], row["assumption"]) == (UNKNOWN, "needs the number of nodes")
    row = remedies(usd_per_node_hour=None, needs_majority=False)[TWO_ZONES]
    assert (row["advice"], row["assumption"]) == (UNKNOWN, "needs the price of a node")


# --- load balancers ------------------------------------------------------------------------------


def test_balancers_save_only_what_passes_through_them():
    # 3,000,000 GB x 2/3 = 2,000,000 GB x 0.02 = 40,000.
    row = remedies()[BALANCER]
    assert (amounts(row), row["advice"]) == ((40_000, 0, 40_000), DO)
    assert row["moved_gb"] == 2_417_200_000


def test_balancers_cannot_save_more_than_crosses():
    # At 5 % 181,440,000 GB cross; 2/3 of 300,000,000 through balancers would be 200,000,000.
    row = remedies(STATED, balancer_gb=D(300_000_000))[BALANCER]
    assert (row["saved_cost"], row["crossing_pct"]) == (3_628_800, 0)
    assert "the two do not fit" in row["assumption"]


def test_balancers_that_keep_to_their_zone_or_are_unknown():
    assert remedies(balancer_is_cross_zone=False)[BALANCER]["advice"] == ALREADY
    row = remedies(balancer_gb=None)[BALANCER]
    assert (row["advice"], row["saved_cost"]) == (UNKNOWN, None)
    assert row["assumption"] == "needs the traffic through the balancers"
    row = remedies(balancer_is_cross_zone=None)[BALANCER]
    assert (row["advice"], row["assumption"]) == (UNKNOWN, "needs the setting of the balancers")
    assert remedies(balancer_gb=D(0))[BALANCER]["advice"] == DO_NOT


# --- all of them ---------------------------------------------------------------------------------


@pytest.mark.parametrize("traffic", [UNIFORM.at(D(0)), replace(UNIFORM, total_gb_per_s=D(0))])
def test_without_traffic_between_zones_nothing_is_to_be_saved(traffic):
    found = remedies(traffic, reads_ratio=None, compression_ratio=None, balancer_gb=None)
    for name in (LOCAL_READS, HINTS, COMPRESSION, TWO_ZONES, ONE_ZONE, BALANCER):
        assert (found[name]["saved_cost"], found[name]["advice"]) == (0, DO_NOT), name
    # A zone that takes every primary is no matter of traffic.
    assert found[SPREAD]["advice"] == DO


def test_best_remedy_is_the_largest_net_that_keeps_the_zones():
    case = {"layout": EVEN, "needs_majority": False}
    frame = zone_remedies(UNIFORM, EVEN, replace(INPUTS, needs_majority=False))
    # Hints 43,545,600; reads 38,707,200; compression 36,288,000 less
    # 933.33 GB/s / 0.5 x 73 = 136,266.67; one zone would save more.
    assert best_remedy(frame) == HINTS
    assert remedies(**case)[ONE_ZONE]["net_effect"] > remedies(**case)[HINTS]["net_effect"]
    assert best_remedy(zone_remedies(UNIFORM, BUILT, INPUTS)) == LOCAL_READS
    # Two zones alone may be left to do: still none.
    poor = RemedyInputs(usd_per_node_hour=D(1), needs_majority=False)
    frame = zone_remedies(UNIFORM, BUILT, poor)
    assert frame.set_index("remedy_name").loc[TWO_ZONES, "advice"] == DO
    assert best_remedy(frame) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reads_ratio", D("1.1")),
        ("hint_effectiveness", D("-0.1")),
        ("usd_per_node_hour", D(-1)),
        ("usd_per_vcpu_hour", D("NaN")),
        ("balancer_gb", D(-1)),
        ("hint_cost", D(-1)),
        ("hours_per_month", D(-1)),
        ("compression_ratio", D("0.99")),
        ("compression_ratio", D("Infinity")),
        ("gb_per_s_per_core", D(0)),
        ("gb_per_s_per_core", D("NaN")),
    ],
)
def test_impossible_inputs_are_refused_by_name(name, value):
    with pytest.raises(ParameterError) as caught:
        replace(INPUTS, **{name: value})
    assert caught.value.name == name


def test_placement_over_another_number_of_zones_is_refused():
    with pytest.raises(ParameterError, match="the zones of the layout"):
        zone_remedies(UNIFORM, placed(CLIENTS, zones=4), INPUTS)


RATIOS = st.none() | st.fractions(0, 1, max_denominator=50)
PRICES = st.none() | st.decimals(D(0), D(10), places=3)
CASES = st.builds(
    RemedyInputs,
    reads_ratio=RATIOS,
    usd_per_node_hour=PRICES,
    hint_effectiveness=RATIOS,
    compression_ratio=st.none() | st.decimals(D(1), D(20), places=1),
    gb_per_s_per_core=st.none() | st.decimals(D("0.01"), D(5), places=2),
    usd_per_vcpu_hour=PRICES,
    balancer_gb=st.none() | st.decimals(D(0), D(10**10), places=0),
    balancer_is_cross_zone=st.none() | st.booleans(),
    needs_majority=st.booleans(),
)


@given(CASES, st.sampled_from([BUILT, EVEN, SHORT, None]), st.fractions(0, 1, max_denominator=50))
def test_net_is_saved_less_added_and_unknown_is_never_a_number(inputs, layout, share):
    traffic = UNIFORM.at(share)
    for row in zone_remedies(traffic, layout, inputs).to_dict("records"):
        saved, added, net = amounts(row)
        if saved is None or added is None:
            assert net is None
            assert row["advice"] in (UNKNOWN, DO_NOT)
        else:
            # Each is rounded at the 12th decimal.
            assert abs(net - (saved - added)) <= D("1.5e-12")
        assert saved is None or saved <= traffic.both_ends_cost
        assert added is None or added >= 0
        assert row["advice"] in ADVICE
        assert row["advice"] != UNKNOWN or "needs" in row["assumption"]


@given(st.fractions(0, 1), st.fractions(0, 1), st.sampled_from([BUILT, EVEN, None]))
def test_more_effective_hints_never_save_less(one, other, layout):
    low, high = sorted((one, other))
    saved = [
        remedies(layout=layout, hint_effectiveness=e)[HINTS]["saved_cost"] for e in (low, high)
    ]
    assert saved[0] <= saved[1]
