"""What the remedies for traffic between zones are given, and what several of them ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from prismlib.analyses.zone_model import (
    Ratio,
    ZoneTraffic,
    as_ratio,
    at_least_zero,
    percent_of,
)
from prismlib.analyses.zone_topology import PRIMARY, Layout, capacity_left
from prismlib.errors import ParameterError
from prismlib.formats import percent
from prismlib.money import HOURS_PER_MONTH

_AMOUNTS = (
    *("usd_per_node_hour", "usd_per_vcpu_hour", "hint_cost", "balancer_gb", "hours_per_month"),
    *("compression_ratio", "gb_per_s_per_core"),
)


@dataclass(frozen=True)
class RemedyInputs:
    """What the remedies need besides the traffic and the placement; None is unknown.

    Parameters
    ----------
    reads_ratio : Decimal or Fraction, optional
        Share of the traffic that is reads, by bytes.
    reads_are_local : bool, default False
        Whether reads go to the client's own zone already.
    usd_per_node_hour : Decimal, optional
        Price of one more node that holds copies. [USD/hour]
    hint_effectiveness : Decimal or Fraction, optional
        Share of the crossing of uniform placement that zone-aware routing would avoid.
    hint_cost : Decimal, default 0
        What running it costs in a month, apart from the work of building it. [currency]
    compression_ratio : Decimal, optional
        Original size / compressed size, 1 or more.
    gb_per_s_per_core : Decimal, optional
        Uncompressed traffic for which one core compresses at one end and expands at the other.
        [GB/s]
    usd_per_vcpu_hour : Decimal, optional
        Price of such a core. [USD/hour]
    balancer_gb : Decimal, optional
        What passes through load balancers in a month, as part of the traffic. [GB]
    balancer_is_cross_zone : bool, optional
        Whether they send to targets in other zones.
    needs_majority : bool, default True
        Whether the system must keep a majority of its nodes to go on, as voting clusters do.
    hours_per_month : Decimal, default 730
        For which nodes and cores are paid. [hours]
    """

    reads_ratio: Ratio | None = None
    reads_are_local: bool = False
    usd_per_node_hour: Decimal | None = None
    hint_effectiveness: Ratio | None = None
    hint_cost: Decimal = Decimal(0)
    compression_ratio: Decimal | None = None
    gb_per_s_per_core: Decimal | None = None
    usd_per_vcpu_hour: Decimal | None = None
    balancer_gb: Decimal | None = None
    balancer_is_cross_zone: bool | None = None
    needs_majority: bool = True
    hours_per_month: Decimal = HOURS_PER_MONTH

    def __post_init__(self) -> None:
        for name in ("reads_ratio", "hint_effectiveness"):
            if getattr(self, name) is not None:
                as_ratio(name, getattr(self, name))
        for name in _AMOUNTS:
            if getattr(self, name) is not None:
                at_least_zero(name, getattr(self, name))
        if self.compression_ratio is not None and self.compression_ratio < 1:
            raise ParameterError("compression_ratio", self.compression_ratio, expected="1 or more")
        if self.gb_per_s_per_core == 0:
            raise ParameterError(
                "gb_per_s_per_core", self.gb_per_s_per_core, expected="more than 0 GB/s"
            )


@dataclass(frozen=True)
class RemedyCase:
    """The state that every remedy starts from; amounts and shares are exact, None is unknown."""

    traffic: ZoneTraffic
    layout: Layout | None
    inputs: RemedyInputs

    def __post_init__(self) -> None:
        if self.layout is not None and len(self.layout.zones) != self.traffic.zones:
            raise ParameterError(
                "zones",
                self.traffic.zones,
                expected=f"{len(self.layout.zones)}, the zones of the layout",
            )

    @property
    def taken(self) -> Fraction:
        """Share that crosses now."""
        return Fraction(self.traffic.crossing_ratio)

    @property
    def full_cost(self) -> Fraction:
        """Monthly cost, both ends, if all of the traffic crossed."""
        return self.traffic.exact_gb * Fraction(self.traffic.price_both_ends)

    @property
    def shards(self) -> Fraction | None:
        """Shards: one for each primary."""
        return (self.layout.count(PRIMARY) or None) if self.layout else None

    @property
    def missing_nodes(self) -> Fraction | None:
        """Nodes to add until each zone holds a copy of each shard."""
        if self.layout is None or self.shards is None:
            return None
        short = [self.shards - self.layout.copies(zone) for zone in self.layout.zones]
        return sum((nodes for nodes in short if nodes > 0), start=Fraction(0))

    @property
    def cost_of_copies(self) -> Fraction | None:
        """Monthly cost of the missing nodes and of the writes that must reach them.

        A zone without a copy holds no primary of the shard either: each written byte crosses to it.
        """
        missing, price, reads = (
            self.missing_nodes,
            self.inputs.usd_per_node_hour,
            self.inputs.reads_ratio,
        )
        if missing == 0:
            return Fraction(0)
        if missing is None or self.shards is None or price is None or reads is None:
            return None
        nodes = missing * Fraction(price) * Fraction(self.inputs.hours_per_month)
        return nodes + missing / self.shards * (1 - Fraction(reads)) * self.full_cost

    @property
    def capacity(self) -> Fraction | None:
        """Share of the primaries that is left when the largest zone fails."""
        left = capacity_left(self.layout) if self.layout else None
        return min(left.values()) if left else None

    @property
    def capacity_of_copies(self) -> Fraction | None:
        """The same of all copies, once each zone holds one of each shard."""
        if self.layout is None or self.shards is None:
            return None
        copies = [max(self.layout.copies(zone), self.shards) for zone in self.layout.zones]
        return 1 - max(copies) / sum(copies, start=Fraction(0))

    @property
    def headroom(self) -> str:
        """What each zone must have in reserve to carry its part of a failed one, as words."""
        zones = self.traffic.zones
        if zones == 1:
            return "there is no other zone"
        reserve = percent(percent_of(Fraction(1, zones - 1)), 0, signed=False)
        return f"when a zone fails, each other zone needs {reserve} headroom for its clients"
