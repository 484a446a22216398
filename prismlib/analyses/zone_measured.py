"""What was measured of traffic between zones, and what the machines could carry at all.

`flow_share` reads flow logs that were added up by pair of zones: the only measurement here that
tells which traffic crosses. Bytes of which one zone is unknown are kept apart and bound the share.

`network_out_seen` says what CloudWatch can and cannot conclude. The metric NetworkOut counts all
bytes that an instance sent, to anywhere: it has no dimension for a zone or a peer. At best, when
every instance has it without gaps, the sum is a bound that traffic between zones cannot exceed. It
is never a share. Instances that ended before the list was made are on no list, so with Auto Scaling
there is no bound.

`fleet_capacity` gives what the running machines can send, or receive, by the documented bandwidth
of their type. GB are of 10^9 bytes, Gbit of 10^9 bits.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.implied_rates import INSTANCE as INSTANCE_RESOURCE
from prismlib.money import CONTEXT, divide, exact_sum, times
from prismlib.pulled_tables import INSTANCE, METRIC_COVERAGE, METRIC_SERIES, SERIES
from prismlib.reference_tables import INSTANCE_NETWORK
from prismlib.result_tables.cross_az import FLEET_CAPACITY
from prismlib.tables import FLEET, check, make, records
from prismlib.zone_tables import ZONE_FLOW

Row = dict[str, Any]

BYTES_PER_GB = Decimal(10) ** 9
BITS_PER_BYTE = Decimal(8)
SECONDS_PER_DAY = Decimal(86_400)
PERCENT = Decimal(100)

NO_ZONE = "NetworkOut has no dimension for a zone or a peer: it cannot tell what crosses"
"""What holds of the metric however complete it is."""


# --- flow logs ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FlowShare:
    """What flow logs say of the traffic of a period.

    Attributes
    ----------
    start, end : date
        First day, and the day after the last (exclusive).
    covered_days : int
        Days that any row is for; fewer than from start to end when some are missing.
    total_gb, crossing_gb, unknown_gb : Decimal
        All; between two known zones that differ; of which a zone is unknown.
    crossing_pct : Decimal or None
        crossing_gb of the traffic whose zones are known; None when there is none.
    low_pct, high_pct : Decimal or None
        Bounds of the share of all traffic: all unknown bytes stay, or all cross.
    gb_per_s : Decimal
        total_gb over the covered days.
    """

    start: date
    end: date
    covered_days: int
    total_gb: Decimal
    crossing_gb: Decimal
    unknown_gb: Decimal
    crossing_pct: Decimal | None
    low_pct: Decimal | None
    high_pct: Decimal | None
    gb_per_s: Decimal


def flow_share(flows: pd.DataFrame) -> FlowShare | None:
    """Return the total and the crossing share of ZONE_FLOW, or None when it has no row."""
    rows = records(check(flows, ZONE_FLOW))
    if not rows:
        return None
    unknown = _gb(row for row in rows if not _are_zones_known(row))
    crossing = _gb(row for row in rows if _are_zones_known(row) and not _is_within(row))
    total = _gb(rows)
    days = len({day for row in rows for day in _days(row)})
    gb_per_s = divide(total, days * SECONDS_PER_DAY)
    return FlowShare(
        start=min(row["charge_period_start"] for row in rows),
        end=max(row["charge_period_end"] for row in rows),
        covered_days=days,
        total_gb=total,
        crossing_gb=crossing,
        unknown_gb=unknown,
        crossing_pct=_percent(crossing, exact_sum([total, -unknown])),
        low_pct=_percent(crossing, total),
        high_pct=_percent(exact_sum([crossing, unknown]), total),
        gb_per_s=Decimal(0) if gb_per_s is None else gb_per_s,
    )


def _percent(part: Decimal, whole: Decimal) -> Decimal | None:
    return divide(times(part, PERCENT), whole)


def _gb(rows: Any) -> Decimal:
    return times(exact_sum(row["moved_bytes"] for row in rows), 1 / BYTES_PER_GB)


def _are_zones_known(row: Row) -> bool:
    return bool(row["source_zone_id"] and row["destination_zone_id"])


def _is_within(row: Row) -> bool:
    return bool(row["source_zone_id"] == row["destination_zone_id"])


def _days(row: Row) -> list[date]:
    count = (row["charge_period_end"] - row["charge_period_start"]).days
    return [row["charge_period_start"] + timedelta(days=n) for n in range(count)]


# --- CloudWatch -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class NetworkOutSeen:
    """What NetworkOut of the instances amounts to.

    Attributes
    ----------
    known_count : Decimal or None
        Instances that are known to exist, by the list of them or by the fleet table.
    seen_count, complete_count : int
        Those with any data, and those with data for all but a small part of the period.
    seen_gb : Decimal or None
        What those with data sent, to anywhere; None when there is no data.
    upper_bound_gb : Decimal or None
        The same, if every known instance is complete: traffic between zones is at most this.
    seconds : int or None
        Length of the period that was asked for.
    reason : str
        Why there is no bound, or what it rests on.
    """

    known_count: Decimal | None
    seen_count: int
    complete_count: int
    seen_gb: Decimal | None
    upper_bound_gb: Decimal | None
    seconds: int | None
    reason: str


def network_out_seen(
    metric_series: pd.DataFrame | None,
    metric_coverage: pd.DataFrame | None,
    *,
    instance: pd.DataFrame | None = None,
    fleet: pd.DataFrame | None = None,
    max_gap_ratio: Decimal = Decimal("0.01"),
) -> NetworkOutSeen:
    """Return what the metric NetworkOut can bound.

    Parameters
    ----------
    metric_series : METRIC_SERIES or None
    metric_coverage : METRIC_COVERAGE or None
    instance : INSTANCE, optional
    fleet : FLEET, optional
        Its deployed instances count where they are more than the listed ones.
    max_gap_ratio : Decimal
        Part of the periods of a series that may be without data. [ratio]
    """
    series = _best_series(metric_coverage)
    seen = {name: row for name, row in series.items() if (row["found_points"] or 0) > 0}
    complete = [row for row in seen.values() if _coverage(row) >= 1 - max_gap_ratio]
    known = _known_count(instance, fleet, seen)
    sent = _sent_gb(metric_series, seen.values())
    reason = _why_no_bound(known, len(seen), len(complete), instance)
    lengths = {row["period_s"] * row["expected_points"] for row in complete}
    if not reason and len(lengths) != 1:
        reason = "the series are for periods of different lengths"
    is_bound = not reason and sent is not None
    return NetworkOutSeen(
        known_count=known,
        seen_count=len(seen),
        complete_count=len(complete),
        seen_gb=sent,
        upper_bound_gb=sent if is_bound else None,
        seconds=lengths.pop() if len(lengths) == 1 else None,
        reason=reason or f"all that the instances ({known:f}) sent to anywhere",
    )


def _is_network_out(row: Row) -> bool:
    wanted = ("AWS/EC2", "NetworkOut", "Sum")
    return (row["namespace"], row["metric_name"], row["statistic"]) == wanted


def _best_series(coverage: pd.DataFrame | None) -> dict[str, Row]:
    """Return for each instance its most complete series of NetworkOut."""
    best: dict[str, Row] = {}
    for row in [] if coverage is None else records(check(coverage, METRIC_COVERAGE)):
        name = json.loads(row["dimensions"] or "{}").get("InstanceId")
        if name and _is_network_out(row):
            known = best.get(name)
            if known is None or _coverage(row) > _coverage(known):
                best[name] = row
    return best


def _coverage(row: Row) -> Decimal:
    """Return the share of the periods of a series that have data; 0 when none were expected."""
    if not row["expected_points"] or row["found_points"] is None:
        return Decimal(0)
    return Decimal(row["found_points"]) / Decimal(row["expected_points"])


def _known_count(
    instance: pd.DataFrame | None, fleet: pd.DataFrame | None, seen: dict[str, Row]
) -> Decimal | None:
    """Return how many instances there are: the most that any table tells of; None when none does.

    A metric tells of its own instance only, so the metrics alone are no count.
    """
    counts = []
    if instance is not None:
        listed = records(check(instance, INSTANCE))
        running = {row["instance_id"] for row in listed if row["state"] == "running"}
        counts.append(Decimal(len(running | set(seen))))
    if fleet is not None:
        deployed = _fleet_rows(fleet, "deployed_count")
        counts.append(exact_sum(row["deployed_count"] for row in deployed))
    return max(counts) if any(counts) else None


def _sent_gb(metric_series: pd.DataFrame | None, chosen: Any) -> Decimal | None:
    keys = {tuple(row[name] for name in SERIES) for row in chosen}
    if metric_series is None or not keys:
        return None
    values = [
        row["metric_value"]
        for row in records(check(metric_series, METRIC_SERIES))
        if tuple(row[name] for name in SERIES) in keys
    ]
    return times(exact_sum(values), 1 / BYTES_PER_GB) if values else None


def _why_no_bound(
    known: Decimal | None, seen: int, complete: int, instance: pd.DataFrame | None
) -> str:
    """Return why the metric bounds nothing, or "" when it does."""
    if not seen:
        return "no instance has data of NetworkOut"
    if known is None:
        return f"instances with NetworkOut: {seen}, of how many is not known"
    if complete < known:
        return f"{complete} of {known:f} instances have NetworkOut without gaps: no sample of all"
    if instance is not None and any(instance["is_autoscaled"]):
        return "an Auto Scaling group starts and ends instances: those that ended are not listed"
    return ""


# --- what the machines can carry ------------------------------------------------------------------


def _fleet_rows(fleet: pd.DataFrame, count: str) -> list[Row]:
    rows = records(check(fleet, FLEET))
    return [row for row in rows if row["resource_name"] == INSTANCE_RESOURCE and row[count]]


def fleet_capacity(
    fleet: pd.DataFrame, networks: pd.DataFrame, *, count: str = "deployed_count"
) -> pd.DataFrame:
    """Return what each kind of running instance can send, or receive, at its baseline.

    Parameters
    ----------
    fleet : FLEET
        Instances whose count is known and not zero are used.
    networks : INSTANCE_NETWORK
    count : str
        ``deployed_count`` for what runs, ``expected_count`` for what is paid for.

    Returns
    -------
    FLEET_CAPACITY
        The bandwidth of a type that `networks` does not have is missing.
    """
    known = {row["instance_type"]: row for row in records(check(networks, INSTANCE_NETWORK))}
    rows = []
    for row in _fleet_rows(fleet, count):
        network = known.get(row["instance_type"])
        baseline = network["network_baseline_gbps"] if network else None
        rows.append(
            {
                "component": row["component"],
                "instance_type": row["instance_type"],
                "node_count": row[count],
                "network_baseline_gbps": baseline,
                "network_burst_gbps": network["network_burst_gbps"] if network else None,
                "capacity_gbps": None if baseline is None else times(row[count], baseline),
                "source": network["source"] if network else "no bandwidth known for the type",
            }
        )
    return make(FLEET_CAPACITY, rows)


def node_total(capacity: pd.DataFrame) -> Decimal:
    """Return the nodes of FLEET_CAPACITY."""
    return exact_sum(capacity["node_count"])


def baseline_gbps(capacity: pd.DataFrame) -> Decimal | None:
    """Return what all nodes can keep up; None when a type is unknown or there is no node."""
    return _total(capacity, "network_baseline_gbps")


def burst_gbps(capacity: pd.DataFrame) -> Decimal | None:
    """Return what all nodes may reach for minutes; None when a type is unknown."""
    return _total(capacity, "network_burst_gbps")


def _total(capacity: pd.DataFrame, column: str) -> Decimal | None:
    rows = records(check(capacity, FLEET_CAPACITY))
    if not rows or any(row[column] is None for row in rows):
        return None
    return exact_sum(times(row["node_count"], row[column]) for row in rows)


def capacity_at(capacity: pd.DataFrame, gbps_per_node: Decimal) -> Decimal:
    """Return what the nodes carry at a stated bandwidth of each. [Gbit/s]"""
    return times(node_total(capacity), gbps_per_node)


def gb_per_s(gbps: Decimal) -> Decimal:
    """Return Gbit/s as GB/s."""
    return times(gbps, 1 / BITS_PER_BYTE)


def nodes_needed(traffic_gb_per_s: Decimal, gbps_per_node: Decimal) -> int | None:
    """Return how many nodes can send the traffic; None when a node sends nothing."""
    needed = divide(times(traffic_gb_per_s, BITS_PER_BYTE), gbps_per_node)
    return (
        None
        if needed is None
        else int(needed.to_integral_value(rounding=ROUND_CEILING, context=CONTEXT))
    )
