"""What each remedy for traffic between zones does, alone: saved, added and given up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil

from prismlib.analyses.judging import listed
from prismlib.analyses.zone_model import (
    as_decimal,
    hint_effectiveness,
    hinted_crossing,
    share_in_words,
    uniform_ratio,
)
from prismlib.analyses.zone_remedy_case import RemedyCase
from prismlib.analyses.zone_topology import (
    PRIMARY,
    REPLICA,
    client_crossing,
    concentrations,
    lowest_crossing,
)
from prismlib.formats import count, money

DO, DO_NOT, ALREADY, UNKNOWN = ADVICE = ("do", "do not", "already so", "unknown")

LOCAL_READS = "Reads from the client's zone"
REPLICAS = "A copy of every shard in every zone"
HINTS = "Zone-aware routing"
SPREAD = "Primaries spread over the zones"
COMPRESSION = "Compression between zones"
TWO_ZONES = "Two zones"
ONE_ZONE = "One zone"
BALANCER = "Balancers keep to their zone"

FEWER_ZONES = {2: TWO_ZONES, 1: ONE_ZONE}


@dataclass(frozen=True)
class Effect:
    """What a remedy does; a share and amounts are exact, None is unknown, advice "" is judged."""

    name: str
    availability: str
    assumption: str
    crossing_ratio: Fraction | None = None
    moved_gb: Fraction | None = None
    saved: Fraction | None = None
    added: Fraction | None = None
    capacity: Fraction | None = None
    advice: str = ""


def _needs(**known: object) -> str:
    """Return ``needs the a and the b`` for what is None; names have underscores for spaces."""
    missing = ["the " + name.replace("_", " ") for name, value in known.items() if value is None]
    return f"needs {listed(missing)}" if missing else ""


def _pct(ratio: Fraction) -> str:
    return share_in_words(ratio)


def local_reads(case: RemedyCase) -> Effect:
    """Read from a copy in the client's zone; writes still go to primaries."""
    reads, missing = case.inputs.reads_ratio, case.missing_nodes
    availability = f"a replica may lag: reads can be stale; {case.headroom}{_writes_left(case)}"
    if case.inputs.reads_are_local:
        return already(case, LOCAL_READS, availability, "reads stay in the client's zone already")
    after = None if reads is None else case.taken * (1 - Fraction(reads))
    needed = _needs(
        share_of_reads=reads,
        zones_of_primaries_and_replicas=missing,
        price_of_a_node=case.inputs.usd_per_node_hour if missing else 0,
    )
    share = "" if reads is None else f"{_pct(Fraction(reads))} of the traffic is reads; "
    return Effect(
        LOCAL_READS,
        availability,
        needed or f"{share}{_copies_words(missing)}",
        crossing_ratio=after,
        moved_gb=None if after is None else case.traffic.exact_gb * after,
        saved=None if after is None else case.full_cost * (case.taken - after),
        added=case.cost_of_copies,
        capacity=case.capacity_of_copies,
    )


def _writes_left(case: RemedyCase) -> str:
    """Return what is left for writes, where the failure of a zone leaves less for them."""
    writes, reads = case.capacity, case.capacity_of_copies
    if writes is None or reads is None or writes >= reads:
        return ""
    return f"; {_pct(writes)} of the primaries are left for writes until replicas take over"


def _copies_words(missing: Fraction | None) -> str:
    if missing == 0:
        return "each zone holds a copy of each shard already"
    return "" if missing is None else f"{count(as_decimal(missing))} more nodes hold copies"


def replicas(case: RemedyCase) -> Effect:
    """Hold a copy of each shard in each zone."""
    missing = case.missing_nodes
    if missing == 0:
        safe = case.traffic.zones > 1
        kept = (
            "no shard is lost with a zone" if safe else "the failure of the zone takes everything"
        )
        there = already(case, REPLICAS, kept, _copies_words(missing))
        return replace(there, capacity=case.capacity_of_copies)
    needed = _needs(
        zones_of_primaries_and_replicas=missing,
        price_of_a_node=case.inputs.usd_per_node_hour,
        share_of_reads=case.inputs.reads_ratio,
    )
    at_risk = _shards_at_risk(case)
    words = "now the failure of a zone can take every copy of a shard"
    advice = UNKNOWN if needed else DO if at_risk else DO_NOT
    return Effect(
        REPLICAS,
        words if at_risk else "no shard is lost with a zone",
        needed or f"{_copies_words(missing)}; alone they save nothing: reads must use them",
        crossing_ratio=case.taken,
        moved_gb=case.traffic.exact_gb * case.taken,
        saved=Fraction(0),
        added=case.cost_of_copies,
        capacity=case.capacity_of_copies,
        advice=advice,
    )


def _shards_at_risk(case: RemedyCase) -> bool:
    """Return whether a zone holds so many copies that the others cannot hold one of each shard."""
    if case.layout is None or case.shards is None:
        return False
    copies = {zone: case.layout.copies(zone) for zone in case.layout.zones}
    everywhere = sum(copies.values(), start=Fraction(0))
    return any(everywhere - here < case.shards for here in copies.values())


def hints(case: RemedyCase) -> Effect:
    """Route, or place, so that clients use nodes of their own zone."""
    wanted, zones = case.inputs.hint_effectiveness, case.traffic.zones
    availability = f"uneven clients overload their own zone; {case.headroom}"
    if wanted is None:
        return Effect(HINTS, availability, "needs how effective the routing would be")
    aimed = hinted_crossing(wanted, zones)
    if 0 < case.taken <= aimed:
        effective = hint_effectiveness(case.taken, zones) or Fraction(0)
        words = f"placement avoids {_pct(effective)} of what would cross without it"
        return already(case, HINTS, availability, words)
    after, assumption = _after_hints(case, min(aimed, case.taken))
    return Effect(
        HINTS,
        availability,
        assumption,
        crossing_ratio=after,
        moved_gb=case.traffic.exact_gb * after,
        saved=case.full_cost * (case.taken - after),
        added=Fraction(case.inputs.hint_cost),
        capacity=case.capacity,
    )


def _after_hints(case: RemedyCase, aimed: Fraction) -> tuple[Fraction, str]:
    """Return what crosses with hints that aim at a share, and on what that rests."""
    lowest = lowest_crossing(case.layout) if case.layout else None
    words = f"aims at {_pct(aimed)}"
    if lowest is None:
        return aimed, f"{words}; not checked against where clients and primaries run"
    if lowest <= aimed:
        return aimed, f"{words}; where clients and primaries run allows it"
    if lowest > case.taken:
        clash = f"where clients and primaries run, at least {_pct(lowest)} must cross"
        return aimed, f"{words}; {clash}: more than is taken to cross now, so one is wrong"
    then = money(as_decimal(case.full_cost * (case.taken - aimed)), case.traffic.currency)
    return lowest, (
        f"at least {_pct(lowest)} must cross while clients and primaries stay where they are; "
        f"with the primaries spread first, {words} and saves {then}"
    )


def spread(case: RemedyCase) -> Effect:
    """Give each zone as many primaries as the others."""
    held = case.layout.shares(PRIMARY) if case.layout else None
    if case.layout is None or held is None:
        return Effect(SPREAD, "", "needs the zones of the primaries")
    zones, counts = case.traffic.zones, case.layout.nodes[PRIMARY]
    placed = [counts.get(zone, Fraction(0)) for zone in case.layout.zones]
    largest = next(one for one in concentrations(case.layout) if one.role == PRIMARY)
    if max(placed) - min(placed) <= 1:
        if zones == 1:
            return Effect(SPREAD, largest.words, "there is one zone", advice=DO_NOT)
        even = "the primaries are spread as evenly as they can be"
        return already(case, SPREAD, largest.words, even)
    expected, reason = client_crossing(case.layout)
    if expected is None:
        return Effect(SPREAD, largest.words, reason, added=Fraction(0))
    after = min(max(case.taken + uniform_ratio(zones) - expected, Fraction(0)), Fraction(1))
    saved = case.full_cost * (case.taken - after)
    gain = "removes a single point of failure" if largest.is_all else "less is lost with a zone"
    weigh = "; more crosses then: needs what losing that zone would cost"
    return Effect(
        SPREAD,
        f"{gain}: now {largest.words}",
        "no node is added" + (weigh if saved < 0 else ""),
        crossing_ratio=after,
        moved_gb=case.traffic.exact_gb * after,
        saved=saved,
        added=Fraction(0),
        capacity=1 - Fraction(ceil(sum(placed) / zones)) / sum(placed),
        advice=DO if saved >= 0 else UNKNOWN,
    )


def compression(case: RemedyCase) -> Effect:
    """Compress what crosses."""
    size, speed, price = (
        case.inputs.compression_ratio,
        case.inputs.gb_per_s_per_core,
        case.inputs.usd_per_vcpu_hour,
    )
    crossing = Fraction(case.traffic.total_gb_per_s) * case.taken
    cores = None if speed is None else crossing / Fraction(speed)
    hours = Fraction(case.inputs.hours_per_month)
    words = _needs(compression_ratio=size, speed_of_a_core=speed, price_of_a_core=price)
    if not words and cores is not None and size is not None:
        words = f"{count(as_decimal(cores))} cores compress to 1/{count(size)} of the size at one "
        words += "end and expand at the other"
    moved = None if size is None else case.traffic.exact_gb * case.taken / Fraction(size)
    price_both = Fraction(case.traffic.price_both_ends)
    return Effect(
        COMPRESSION,
        "nothing is lost with a zone; each call takes longer by compressing and expanding",
        words,
        crossing_ratio=case.taken,
        moved_gb=moved,
        saved=None if moved is None else case.full_cost * case.taken - moved * price_both,
        added=None if cores is None or price is None else cores * Fraction(price) * hours,
        capacity=case.capacity,
    )


def fewer_zones(case: RemedyCase, zones: int) -> Effect:
    """Use fewer zones than now; the nodes grow so that as much is left when one fails."""
    now = uniform_ratio(case.traffic.zones)
    after = case.taken * uniform_ratio(zones) / now
    advice, availability = "", "the failure of the zone takes everything"
    if zones == 1 or case.inputs.needs_majority:
        advice = DO_NOT
    if zones > 1:
        availability = "each zone must be able to carry everything"
        if case.inputs.needs_majority:
            availability += "; half of the nodes is no majority: nothing can be elected"
    extra = Fraction(0) if zones == 1 else now / uniform_ratio(zones) - 1
    nodes = case.layout.count(PRIMARY) + case.layout.count(REPLICA) if case.layout else None
    price = case.inputs.usd_per_node_hour
    added = None
    if extra == 0:
        nodes, price, added = Fraction(1), Decimal(0), Fraction(0)
    elif nodes and price is not None:
        added = nodes * extra * Fraction(price) * Fraction(case.inputs.hours_per_month)
    return Effect(
        FEWER_ZONES[zones],
        availability,
        _needs(number_of_nodes=nodes or None, price_of_a_node=price) or _fewer_words(extra),
        crossing_ratio=after,
        moved_gb=case.traffic.exact_gb * after,
        saved=case.full_cost * (case.taken - after),
        added=added,
        capacity=uniform_ratio(zones),
        advice=advice,
    )


def _fewer_words(extra: Fraction) -> str:
    more = f"; {_pct(extra)} more nodes, so that as much is left when a zone fails"
    return "placement avoids as much as now" + (more if extra else "")


def balancer(case: RemedyCase) -> Effect:
    """Let each load balancer node send to targets of its own zone only."""
    passed, is_on = case.inputs.balancer_gb, case.inputs.balancer_is_cross_zone
    availability = (
        "a zone with few targets is overloaded by its clients, and one without healthy targets "
        f"takes no traffic; {case.headroom}"
    )
    if is_on is False:
        return already(case, BALANCER, availability, "the balancers do not send to other zones")
    needed = _needs(traffic_through_the_balancers=passed, setting_of_the_balancers=is_on)
    if passed is None or is_on is None:
        return Effect(BALANCER, availability, needed)
    crosses = Fraction(passed) * uniform_ratio(case.traffic.zones)
    moved_now = case.traffic.exact_gb * case.taken
    avoided = min(crosses, moved_now)
    more = "" if crosses <= moved_now else "; more than crosses at all: the two do not fit"
    rest = moved_now - avoided
    return Effect(
        BALANCER,
        availability,
        f"{count(passed)} GB a month pass through balancers, {count(as_decimal(crosses))} GB of "
        f"them to another zone{more}",
        crossing_ratio=rest / case.traffic.exact_gb if case.traffic.exact_gb else case.taken,
        moved_gb=rest,
        saved=avoided * Fraction(case.traffic.price_both_ends),
        added=Fraction(0),
        capacity=case.capacity,
    )


def already(case: RemedyCase, name: str, availability: str, why: str) -> Effect:
    """Return a remedy that is in place: nothing is saved or added."""
    return Effect(
        name,
        availability,
        why,
        crossing_ratio=case.taken,
        moved_gb=case.traffic.exact_gb * case.taken,
        saved=Fraction(0),
        added=Fraction(0),
        capacity=case.capacity,
        advice=ALREADY,
    )
