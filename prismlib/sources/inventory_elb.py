"""Load balancers with their targets: application, network, gateway and classic ones.

A target counts once for each group and port that it is registered in. A target group may set
cross-zone routing otherwise than its balancer does: that is not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from prismlib.errors import CallError
from prismlib.pulled_tables import LOAD_BALANCER
from prismlib.sources.calls import Caller
from prismlib.sources.collecting import PullContext
from prismlib.sources.inventory import (
    ZONES_ACTION,
    Row,
    Unread,
    account_of,
    by_region,
    instant,
    missing,
    zone_ids,
)

LOAD_BALANCER_ACTIONS = (
    ZONES_ACTION,
    "elasticloadbalancing:DescribeInstanceHealth",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
)

CROSS_ZONE = "load_balancing.cross_zone.enabled"
TABLE = "load_balancer"


def collect_load_balancers(
    caller: Caller, context: PullContext, *, has_targets: bool = True
) -> pd.DataFrame:
    """Return LOAD_BALANCER: every load balancer of the regions, with the health of its targets.

    Without `has_targets` nothing is asked of each balancer.
    """
    unread = Unread(TABLE)

    def rows(region: str) -> Iterator[Row]:
        modern = _pages(caller, "elbv2", "describe_load_balancers", region, PageSize=400)
        classic = _pages(caller, "elb", "describe_load_balancers", region, PageSize=400)
        balancers = [one for page in modern for one in page.get("LoadBalancers", ())]
        older = [one for page in classic for one in page.get("LoadBalancerDescriptions", ())]
        zones = zone_ids(caller, context, LOAD_BALANCER, region) if balancers or older else {}
        if not has_targets:
            yield from (parse_load_balancer(one, region, zones) for one in balancers)
            yield from (parse_classic_load_balancer(one, region, zones) for one in older)
            return
        groups, reason = _groups(caller, context, region) if balancers else ({}, "")
        for one in balancers:
            row = parse_load_balancer(one, region, zones)
            own = groups.get(one["LoadBalancerArn"], [])
            yield _with_targets(caller, unread, row, one["LoadBalancerArn"], own, reason)
        for one in older:
            row = parse_classic_load_balancer(one, region, zones)
            yield _with_instances(caller, unread, row, bool(one.get("Instances")))

    table = by_region(context, LOAD_BALANCER, rows)
    unread.report(context)
    return table


def parse_load_balancer(one: Mapping[str, Any], region: str, zones: Mapping[str, str]) -> Row:
    """Return the LOAD_BALANCER row of one of elbv2, without its targets."""
    arn = one["LoadBalancerArn"]
    return {
        "region_id": region,
        "load_balancer_id": arn.split("loadbalancer/", 1)[-1],
        "load_balancer_name": one["LoadBalancerName"],
        "sub_account_id": account_of(arn),
        "load_balancer_type": one["Type"],
        "scheme": one.get("Scheme", ""),
        "state": one.get("State", {}).get("Code", ""),
        "zone_ids": _joined([zone["ZoneName"] for zone in one.get("AvailabilityZones", ())], zones),
        "created_at": instant(one.get("CreatedTime")),
    }


def parse_classic_load_balancer(
    one: Mapping[str, Any], region: str, zones: Mapping[str, str]
) -> Row:
    """Return the LOAD_BALANCER row of a classic one, without its instances."""
    return {
        "region_id": region,
        "load_balancer_id": one["LoadBalancerName"],
        "load_balancer_name": one["LoadBalancerName"],
        "load_balancer_type": "classic",
        "scheme": one.get("Scheme", ""),
        "zone_ids": _joined(one.get("AvailabilityZones", ()), zones),
        "created_at": instant(one.get("CreatedTime")),
    }


def parse_target_health(answer: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many targets a group has, and how many of them are healthy."""
    targets = answer.get("TargetHealthDescriptions", ())
    healthy = sum(one.get("TargetHealth", {}).get("State") == "healthy" for one in targets)
    return len(targets), healthy


def _pages(
    caller: Caller, service: str, operation: str, region: str, **parameters: Any
) -> list[dict[str, Any]]:
    return list(
        caller.pages(
            service,
            operation,
            token="Marker",
            answer_token="NextMarker",
            region=region,
            **parameters,
        )
    )


def _joined(names: Sequence[str], zones: Mapping[str, str]) -> str:
    """Return the ids of zones; empty unless every one of them is known."""
    ids = [zones.get(name, "") for name in names]
    return "|".join(sorted(ids)) if all(ids) else ""


def _groups(caller: Caller, context: PullContext, region: str) -> tuple[dict[str, list[str]], str]:
    """Return the target groups by balancer, or why they are not known."""
    try:
        pages = _pages(caller, "elbv2", "describe_target_groups", region, PageSize=400)
    except CallError as error:
        return {}, missing(context, TABLE, f"target groups in {region}", error)
    groups: dict[str, list[str]] = {}
    for group in (group for page in pages for group in page.get("TargetGroups", ())):
        for arn in group.get("LoadBalancerArns", ()):
            groups.setdefault(arn, []).append(group["TargetGroupArn"])
    return groups, ""


def _with_targets(
    caller: Caller, unread: Unread, row: Row, arn: str, groups: list[str], reason: str
) -> Row:
    """Return `row` with its targets and its routing across zones; what fails stays missing."""
    region, part = row["region_id"], f"{row['load_balancer_id']} in {row['region_id']}"
    notes = [reason]
    if not reason:
        try:
            counts = [
                parse_target_health(
                    caller.ask("elbv2", "describe_target_health", region=region, TargetGroupArn=g)
                )
                for g in groups
            ]
            row["target_count"] = sum(total for total, _ in counts)
            row["healthy_count"] = sum(healthy for _, healthy in counts)
        except CallError as error:
            notes.append(unread.add("targets", part, error))
    try:
        answer = caller.ask(
            "elbv2", "describe_load_balancer_attributes", region=region, LoadBalancerArn=arn
        )
        values = {item["Key"]: item.get("Value") for item in answer.get("Attributes", ())}
        if CROSS_ZONE in values:
            row["is_cross_zone"] = values[CROSS_ZONE] == "true"
    except CallError as error:
        notes.append(unread.add("cross-zone routing", part, error))
    return {**row, "note": "; ".join(filter(None, notes))}


def _with_instances(caller: Caller, unread: Unread, row: Row, has_any: bool) -> Row:
    """Return the row of a classic balancer with its instances and its routing across zones."""
    name, region, notes = row["load_balancer_name"], row["region_id"], []
    part = f"{name} in {region}"
    row["target_count"] = row["healthy_count"] = None if has_any else 0
    try:
        if has_any:
            health = caller.ask(
                "elb", "describe_instance_health", region=region, LoadBalancerName=name
            )
            states = [one.get("State") for one in health.get("InstanceStates", ())]
            row["target_count"], row["healthy_count"] = len(states), states.count("InService")
    except CallError as error:
        notes.append(unread.add("targets", part, error))
    try:
        answer = caller.ask(
            "elb", "describe_load_balancer_attributes", region=region, LoadBalancerName=name
        )
        values = answer.get("LoadBalancerAttributes", {})
        row["is_cross_zone"] = values.get("CrossZoneLoadBalancing", {}).get("Enabled")
    except CallError as error:
        notes.append(unread.add("cross-zone routing", part, error))
    return {**row, "note": "; ".join(notes)}
