"""Which share of the traffic must be expected to cross, given what runs in which zone.

Method. Clients produce traffic by their number of nodes, and targets take it by theirs. With a
client share c(z) and a target share t(z) in each zone, 1 - sum of c(z) t(z) crosses. A role with an
empty zone is spread evenly over all zones. Reads "nearest" go to a copy of their shard in the
client's own zone where there is one, else to another zone.

Known limits. Every node of a role is taken to carry the same traffic, any client to need any shard,
and the copies of a shard to lie in different zones as far as the numbers allow: an inventory of
nodes does not say which replica follows which primary.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import pandas as pd

from prismlib.analyses.judging import listed
from prismlib.analyses.zone_model import Ratio, as_ratio, check_zones
from prismlib.errors import ParameterError
from prismlib.tables import check, records
from prismlib.zone_tables import PLACEMENT

PRIMARY, REPLICA, CLIENT = "primary", "replica", "client"
"""The roles of PLACEMENT that the check knows; others are placed and counted alike."""

READ_FROM = ("primaries", "nearest")


def _total(parts: Iterable[Fraction]) -> Fraction:
    return sum(parts, start=Fraction(0))


@dataclass(frozen=True)
class Layout:
    """The nodes of each role in each zone; a zone that no row names is ``zone 2`` and so on."""

    zones: tuple[str, ...]
    nodes: Mapping[str, Mapping[str, Fraction]]

    def count(self, role: str) -> Fraction:
        """Return the nodes of a role in all zones; 0 when it is not there."""
        return _total(self.nodes.get(role, {}).values())

    def shares(self, role: str) -> dict[str, Fraction] | None:
        """Return the share of a role in each zone, or None without nodes."""
        total = self.count(role)
        if total == 0:
            return None
        return {zone: self.nodes[role].get(zone, Fraction(0)) / total for zone in self.zones}

    def copies(self, zone: str) -> Fraction:
        """Return the primaries and replicas in a zone."""
        return _total(
            self.nodes.get(role, {}).get(zone, Fraction(0)) for role in (PRIMARY, REPLICA)
        )


def lay_out(placement: pd.DataFrame, zones: int, *, zone_names: Sequence[str] = ()) -> Layout:
    """Return where the nodes are.

    Parameters
    ----------
    placement : PLACEMENT
    zones : int
        Zones that are used.
    zone_names : sequence of str, optional
        The zones there are; any may be named when absent.

    Raises
    ------
    ParameterError
        More zones are named than there are, a zone is not among `zone_names`, or a number of nodes
        is negative.
    """
    check(placement, PLACEMENT)
    check_zones(zones)
    rows = records(placement)
    named = _zone_names(rows, zones, zone_names)
    nodes: dict[str, dict[str, Fraction]] = {}
    for row in rows:
        if row["node_count"] < 0:
            raise ParameterError("node_count", row["node_count"], expected="0 nodes or more")
        places = [row["zone_name"]] if row["zone_name"] else list(named)
        by_zone = nodes.setdefault(row["role"], {})
        for zone in places:
            each = Fraction(row["node_count"]) / len(places)
            by_zone[zone] = by_zone.get(zone, Fraction(0)) + each
    return Layout(named, nodes)


def _zone_names(rows: list[dict[str, object]], zones: int, known: Sequence[str]) -> tuple[str, ...]:
    """Return the name of each of `zones` zones."""
    used = sorted({str(row["zone_name"]) for row in rows if row["zone_name"]})
    unknown = [name for name in used if name not in known]
    if known and unknown:
        raise ParameterError("zone_name", ", ".join(unknown), expected="one of " + ", ".join(known))
    if len(used) > zones:
        raise ParameterError(
            "zones",
            zones,
            expected=f"at least {len(used)}: placement.csv places nodes in {', '.join(used)}",
            remedy="correct the number of zones or placement.csv",
        )
    spare = [name for name in known if name not in used]
    spare += [f"zone {number}" for number in range(len(used) + len(spare) + 1, zones + 1)]
    return (*used, *spare[: zones - len(used)])


@dataclass(frozen=True)
class ExpectedCrossing:
    """The share of the traffic that must be expected to cross.

    Parameters
    ----------
    crossing_ratio : Fraction or None
        Of the traffic between clients and nodes; None is unknown and `reason` says why.
    reason : str
    replication_ratio : Fraction or None
        Of the traffic from primaries to replicas, which is apart from `crossing_ratio`.
    replication_copies : Fraction or None
        Replicas of a primary: each written byte moves so many times.
    assumption : str
        What the figures rest on.
    """

    crossing_ratio: Fraction | None
    reason: str = ""
    replication_ratio: Fraction | None = None
    replication_copies: Fraction | None = None
    assumption: str = ""


def expected_crossing(
    placement: pd.DataFrame,
    zones: int,
    *,
    read_from: str = "primaries",
    read_ratio: Ratio | None = None,
    zone_names: Sequence[str] = (),
) -> ExpectedCrossing:
    """Return the share of the traffic that must be expected to cross between zones.

    Parameters
    ----------
    placement : PLACEMENT
    zones, zone_names
        As for `lay_out`.
    read_from : str, default "primaries"
        ``primaries``: all traffic is between clients and primaries. ``nearest``: reads go to the
        nearest copy of their shard, writes to primaries.
    read_ratio : Decimal or Fraction, optional
        Share of the traffic that is reads; needed for ``nearest``.
    """
    if read_from not in READ_FROM:
        raise ParameterError("read_from", read_from, expected="one of " + ", ".join(READ_FROM))
    layout = lay_out(placement, zones, zone_names=zone_names)
    ratio, reason = client_crossing(layout, read_from, read_ratio)
    primaries = layout.count(PRIMARY)
    return ExpectedCrossing(
        crossing_ratio=ratio,
        reason=reason,
        replication_ratio=_replication(layout),
        replication_copies=layout.count(REPLICA) / primaries if primaries else None,
        assumption="every node of a role carries the same traffic; copies of a shard lie in "
        "different zones as far as the numbers allow" + _spread_roles(records(placement)),
    )


def _spread_roles(rows: list[dict[str, object]]) -> str:
    spread = sorted({str(row["role"]) for row in rows if not row["zone_name"]})
    return f"; spread evenly over all zones: {listed(spread)}" if spread else ""


def client_crossing(
    layout: Layout, read_from: str = "primaries", read_ratio: Ratio | None = None
) -> tuple[Fraction | None, str]:
    """Return the share between clients and nodes that crosses, or None and what is needed."""
    clients, primaries = layout.shares(CLIENT), layout.shares(PRIMARY)
    missing = [r for r, shares in ((CLIENT, clients), (PRIMARY, primaries)) if shares is None]
    if clients is None or primaries is None:
        return None, f"needs the nodes of each {' and '.join(missing)} by zone"
    to_primaries = 1 - _total(clients[zone] * primaries[zone] for zone in layout.zones)
    if read_from == "primaries":
        return to_primaries, ""
    if read_ratio is None:
        return None, "needs the share of the traffic that is reads"
    reads, shards = as_ratio("read_ratio", read_ratio), layout.count(PRIMARY)
    local = {zone: min(Fraction(1), layout.copies(zone) / shards) for zone in layout.zones}
    to_nearest = 1 - _total(clients[zone] * local[zone] for zone in layout.zones)
    return reads * to_nearest + (1 - reads) * to_primaries, ""


def _replication(layout: Layout) -> Fraction | None:
    """Return the share of replication that crosses, copies kept apart as far as they can be.

    Replicas in a zone can follow only primaries elsewhere; what those cannot take stays inside.
    """
    primaries, replicas = layout.shares(PRIMARY), layout.shares(REPLICA)
    if primaries is None or replicas is None:
        return None
    inside = _total(max(Fraction(0), replicas[z] + primaries[z] - 1) for z in layout.zones)
    return 1 - inside


def lowest_crossing(layout: Layout) -> Fraction | None:
    """Return what crosses even if each client uses primaries of its own zone where there are any.

    No routing gets below it while clients and primaries stay where they are. None is unknown.
    """
    clients, primaries = layout.shares(CLIENT), layout.shares(PRIMARY)
    if clients is None or primaries is None:
        return None
    return 1 - _total(min(clients[zone], primaries[zone]) for zone in layout.zones)


@dataclass(frozen=True)
class Concentration:
    """The zone that holds most nodes of a role, and its share of them."""

    role: str
    zone_name: str
    node_share: Fraction
    node_count: Fraction

    @property
    def is_all(self) -> bool:
        """Whether the failure of one zone takes every node of the role."""
        return self.node_share == 1

    @property
    def words(self) -> str:
        """Return it as words: ``16 of 16 primary nodes in us-west-2a``."""
        total = self.node_count / self.node_share
        return f"{_nodes(self.node_count)} of {_nodes(total)} {self.role} nodes in {self.zone_name}"


def _nodes(number: Fraction) -> str:
    return f"{int(number):,}" if number.denominator == 1 else f"{float(number):,.1f}"


def concentrations(layout: Layout) -> list[Concentration]:
    """Return the largest zone of each role, the most concentrated role first.

    Of zones with equally many nodes it is the first; a role without nodes is left out.
    """
    found = []
    for role in layout.nodes:
        shares = layout.shares(role)
        if shares is not None:
            zone = max(layout.zones, key=lambda name: shares[name])
            found.append(Concentration(role, zone, shares[zone], layout.nodes[role][zone]))
    return sorted(found, key=lambda one: (-one.node_share, one.role))


def capacity_left(layout: Layout, roles: Sequence[str] = (PRIMARY,)) -> dict[str, Fraction] | None:
    """Return the share of the nodes of these roles that is left when each zone fails.

    None when they have no nodes. The lowest of them is what the system must live with.
    """
    total = _total(layout.count(role) for role in roles)
    if total == 0:
        return None
    lost = {
        zone: _total(layout.nodes.get(role, {}).get(zone, Fraction(0)) for role in roles)
        for zone in layout.zones
    }
    return {zone: 1 - gone / total for zone, gone in lost.items()}
