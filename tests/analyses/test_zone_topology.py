from __future__ import annotations

from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismlib import paths
from prismlib.analyses.zone_topology import (
    CLIENT,
    PRIMARY,
    REPLICA,
    capacity_left,
    concentrations,
    expected_crossing,
    lay_out,
    lowest_crossing,
)
from prismlib.errors import ParameterError
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import make
from prismlib.zone_tables import PLACEMENT


def placed(*rows):
    """Placement of rows such as ("primary", "a", 16); an empty zone is spread evenly."""
    return make(
        PLACEMENT,
        [{"role": role, "zone_name": zone, "node_count": D(number)} for role, zone, number in rows],
    )


MEMO = placed((PRIMARY, "a", 16), (REPLICA, "b", 16), (REPLICA, "c", 16), (CLIENT, "", 1000))
EVEN = placed((PRIMARY, "", 15), (REPLICA, "", 30), (CLIENT, "", 1000))


def test_the_sample_is_exactly_two_thirds():
    # Clients are in the primaries' zone by a third; the other two thirds cross.
    placement = read_snapshot(paths.SAMPLE).tables["placement"]
    found = expected_crossing(placement, 3)
    assert found.crossing_ratio == F(2, 3)
    # Each primary has two replicas, in two other zones: each written byte crosses twice.
    assert (found.replication_ratio, found.replication_copies) == (1, 2)
    assert found.assumption.endswith("spread evenly over all zones: client")


def test_uneven_roles_worked_by_hand():
    # Clients 1/2, 1/4, 1/4; primaries 1/4, 3/4, 0: inside 1/8 + 3/16 = 5/16.
    placement = placed(
        (CLIENT, "a", 2), (CLIENT, "b", 1), (CLIENT, "c", 1), (PRIMARY, "a", 3), (PRIMARY, "b", 9)
    )
    found = expected_crossing(placement, 3)
    assert found.crossing_ratio == F(11, 16)
    assert (found.replication_ratio, found.replication_copies) == (None, 0)


def test_a_role_may_be_spread_in_part():
    # Three clients spread over a, b, c and three more in a: 4/6, 1/6, 1/6. Primaries in a.
    placement = placed((CLIENT, "", 3), (CLIENT, "a", 3), (PRIMARY, "a", 1), (REPLICA, "b", 1))
    assert expected_crossing(placement, 3).crossing_ratio == F(1, 3)


def test_everything_in_one_zone_crosses_nothing():
    placement = placed((CLIENT, "a", 9), (PRIMARY, "a", 3), (REPLICA, "a", 3))
    found = expected_crossing(placement, 3)
    assert (found.crossing_ratio, found.replication_ratio) == (0, 0)
    assert expected_crossing(placed((CLIENT, "", 9), (PRIMARY, "", 3)), 1).crossing_ratio == 0


def test_nearest_reads_worked_by_hand():
    # Each zone holds 16 copies of 16 shards: reads stay, of writes (20 %) two thirds cross.
    found = expected_crossing(MEMO, 3, read_from="nearest", read_ratio=D("0.8"))
    assert found.crossing_ratio == F(2, 15)
    # Without the replicas in c its clients' reads cross: 0.8 x 1/3 + 0.2 x 2/3 = 0.4.
    short = placed((PRIMARY, "a", 16), (REPLICA, "b", 16), (CLIENT, "", 1000))
    found = expected_crossing(short, 3, read_from="nearest", read_ratio=D("0.8"))
    assert found.crossing_ratio == F(2, 5)
    # With 4 of 16 shards in c a quarter of its reads stay: 0.8 x 1/4 + 0.4/3 = 1/3.
    part = placed((PRIMARY, "a", 16), (REPLICA, "b", 16), (REPLICA, "c", 4), (CLIENT, "", 1000))
    found = expected_crossing(part, 3, read_from="nearest", read_ratio=D("0.8"))
    assert found.crossing_ratio == F(1, 3)


def test_more_copies_than_shards_serve_no_more_than_all_reads():
    # Two copies of each of 4 shards in a: its clients' reads (a third) stay, not two thirds.
    placement = placed((PRIMARY, "a", 4), (REPLICA, "a", 4), (CLIENT, "", 9))
    found = expected_crossing(placement, 3, read_from="nearest", read_ratio=D(1))
    assert found.crossing_ratio == F(2, 3)


def test_replication_that_cannot_leave_its_zone():
    # 12 of 16 primaries in a: replicas there can follow only the 4 in b. Of 16 replicas, 8 are in
    # a; 4 of those (a quarter of all) must share the zone of their primary.
    placement = placed((PRIMARY, "a", 12), (PRIMARY, "b", 4), (REPLICA, "a", 8), (REPLICA, "b", 8))
    found = expected_crossing(placement, 2)
    assert (found.replication_ratio, found.replication_copies) == (F(3, 4), 1)
    assert expected_crossing(EVEN, 3).replication_ratio == 1


@pytest.mark.parametrize(
    ("rows", "needs"),
    [
        ([(PRIMARY, "a", 1)], "needs the nodes of each client by zone"),
        ([(CLIENT, "a", 1), (REPLICA, "b", 4)], "needs the nodes of each primary by zone"),
        ([], "needs the nodes of each client and primary by zone"),
        ([(PRIMARY, "a", 0), (CLIENT, "", 5)], "needs the nodes of each primary by zone"),
    ],
)
def test_missing_roles_and_roles_without_nodes_are_unknown(rows, needs):
    found = expected_crossing(placed(*rows), 3)
    assert (found.crossing_ratio, found.reason) == (None, needs)


def test_nearest_needs_the_share_of_reads():
    found = expected_crossing(MEMO, 3, read_from="nearest")
    assert found.crossing_ratio is None
    assert found.reason == "needs the share of the traffic that is reads"


def test_more_zones_used_than_stated():
    with pytest.raises(ParameterError, match=r"at least 3: placement\.csv places nodes in a, b"):
        expected_crossing(MEMO, 2)


def test_unknown_zone_names():
    with pytest.raises(ParameterError, match="one of a, b") as caught:
        expected_crossing(MEMO, 3, zone_names=["a", "b"])
    assert caught.value.value == "c"
    layout = lay_out(placed((CLIENT, "", 4), (PRIMARY, "a", 1)), 2, zone_names=["a", "b"])
    assert layout.zones == ("a", "b")


def test_zones_that_no_row_names_are_numbered():
    layout = lay_out(placed((CLIENT, "", 4), (PRIMARY, "a", 1)), 3)
    assert layout.zones == ("a", "zone 2", "zone 3")
    assert layout.nodes[CLIENT] == {zone: F(4, 3) for zone in layout.zones}


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: lay_out(placed((CLIENT, "a", -1)), 3), "node_count"),
        (lambda: lay_out(MEMO, 0), "zones"),
        (lambda: expected_crossing(MEMO, 3, read_from="anywhere"), "read_from"),
        (lambda: expected_crossing(MEMO, 3, read_from="nearest", read_ratio=D(2)), "read_ratio"),
    ],
)
def test_impossible_values_are_refused(call, name):
    with pytest.raises(ParameterError) as caught:
        call()
    assert caught.value.name == name


def test_concentration_worked_by_hand():
    found = concentrations(lay_out(MEMO, 3))
    assert [(one.role, one.zone_name, one.node_share) for one in found] == [
        (PRIMARY, "a", 1),
        (REPLICA, "b", F(1, 2)),
        (CLIENT, "a", F(1, 3)),
    ]
    assert [one.is_all for one in found] == [True, False, False]
    assert found[0].words == "16 of 16 primary nodes in a"
    assert found[2].words == "333.3 of 1,000 client nodes in a"
    assert concentrations(lay_out(placed((PRIMARY, "a", 0)), 3)) == []


def test_capacity_that_is_left_when_each_zone_fails():
    layout = lay_out(MEMO, 3)
    assert capacity_left(layout) == {"a": 0, "b": 1, "c": 1}
    # 48 copies, 16 in each zone.
    assert capacity_left(layout, (PRIMARY, REPLICA)) == dict.fromkeys("abc", F(2, 3))
    assert capacity_left(layout, ("proxy",)) is None


def test_lowest_crossing_worked_by_hand():
    # A third of the clients can use the primaries in their own zone.
    assert lowest_crossing(lay_out(MEMO, 3)) == F(2, 3)
    assert lowest_crossing(lay_out(EVEN, 3)) == 0
    # Clients 1/2, 1/2; primaries 1/4, 3/4: 1/4 + 1/2 can stay.
    part = placed((CLIENT, "", 4), (PRIMARY, "a", 1), (PRIMARY, "b", 3))
    assert lowest_crossing(lay_out(part, 2)) == F(1, 4)
    assert lowest_crossing(lay_out(placed((CLIENT, "", 4)), 3)) is None


NUMBERS = st.lists(st.integers(0, 50), min_size=3, max_size=3).filter(any)


def spread_as(role, numbers):
    return [(role, zone, number) for zone, number in zip("abc", numbers, strict=True)]


@given(NUMBERS, NUMBERS, st.fractions(0, 1, max_denominator=100))
def test_shares_stay_shares_and_no_routing_beats_the_lowest(clients, primaries, reads):
    rows = [*spread_as(CLIENT, clients), *spread_as(PRIMARY, primaries)]
    frame = placed(*rows)
    expected = expected_crossing(frame, 3).crossing_ratio
    nearest = expected_crossing(frame, 3, read_from="nearest", read_ratio=reads).crossing_ratio
    assert 0 <= lowest_crossing(lay_out(frame, 3)) <= expected <= 1
    # Without replicas the nearest copy is the primary: nothing changes.
    assert nearest == expected


@given(NUMBERS)
def test_evenly_spread_clients_cross_as_uniform_wherever_primaries_are(primaries):
    frame = placed((CLIENT, "", 7), *spread_as(PRIMARY, primaries))
    assert expected_crossing(frame, 3).crossing_ratio == F(2, 3)


@given(NUMBERS)
def test_zones_hold_the_whole_role(numbers):
    layout = lay_out(placed((PRIMARY, "", 5), *spread_as(PRIMARY, numbers)), 4)
    assert layout.count(PRIMARY) == 5 + sum(numbers)
    assert sum(layout.shares(PRIMARY).values()) == 1
    # What each zone takes away adds up to all of it.
    assert sum(1 - left for left in capacity_left(layout).values()) == 1
