"""Evidence on the audit trail and on scaling: what was recorded, and what a policy did."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from prismlib.errors import CallError
from prismlib.sources.evidence import ACCOUNT, EvidenceCollector, Fact, Look, counted
from prismlib.sources.inventory_s3 import SETTINGS, read_setting
from prismlib.sources.prices import read_reference

TRAIL_CHECKS = ("audit.trails", "audit.kept")
TRAIL_ACTIONS = (
    "cloudtrail:DescribeTrails",
    "cloudtrail:GetEventSelectors",
    "cloudtrail:GetTrailStatus",
    "s3:GetLifecycleConfiguration",
)
ALERT_ACTIONS = ("events:ListRules",)
SCALING_CHECKS = ("scaling.out", "scaling.in")
SCALING_ACTIONS = (
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeScalingActivities",
)
(LIFECYCLE,) = (setting for setting in SETTINGS if setting.column == "lifecycle")
CHANGED = re.compile(r"triggered policy .*?desired capacity from (\d+) to (\d+)", re.DOTALL)
"""How the cause of an activity words that a policy of an alarm changed the desired capacity."""


def collect_trails(look: Look) -> Iterator[Fact]:
    """Yield, for each trail, 1 if it records what it should, and whether its logs are kept."""
    found: dict[str, Mapping[str, Any]] = {}
    unread: list[Fact] = []
    for region in look.context.regions:
        # A trail of all Regions is listed in each of them.
        unread += look.facts(
            TRAIL_CHECKS, region, TRAIL_ACTIONS[0], partial(_list, look, region, found)
        )
    yield from unread
    if not found and not unread:
        words = f"no trail in {', '.join(look.context.regions)}"
        yield Fact("audit.trails", ACCOUNT, Decimal(0), TRAIL_ACTIONS[0], detail=words)
    for trail in found.values():
        name, region = trail["Name"], trail["HomeRegion"]
        yield from look.facts(
            *(("audit.trails",), name, " ".join(TRAIL_ACTIONS[:3])), partial(_trail, look, trail)
        )
        yield from look.facts(
            ("audit.kept",), trail["S3BucketName"], TRAIL_ACTIONS[3], partial(_kept, look, trail)
        )


def _list(look: Look, region: str, found: dict[str, Mapping[str, Any]]) -> Sequence[Fact]:
    answer = look.caller.ask("cloudtrail", "describe_trails", region=region)
    found.update({trail["TrailARN"]: trail for trail in answer["trailList"]})
    return ()


def _trail(look: Look, trail: Mapping[str, Any]) -> Iterator[Fact]:
    ask = partial(look.caller.ask, "cloudtrail", region=trail["HomeRegion"])
    status = ask("get_trail_status", Name=trail["TrailARN"])
    chosen = ask("get_event_selectors", TrailName=trail["TrailARN"])
    lacks = trail_lacks(trail, status, chosen)
    words = f"lacks {', '.join(lacks)}" if lacks else "whole"
    source = " ".join(TRAIL_ACTIONS[:3])
    yield Fact("audit.trails", trail["Name"], Decimal(not lacks), source, detail=words)


def trail_lacks(
    trail: Mapping[str, Any], status: Mapping[str, Any], chosen: Mapping[str, Any]
) -> list[str]:
    """Return what a trail lacks of the four things that it should have."""
    has = {
        "all Regions": trail.get("IsMultiRegionTrail"),
        "validation": trail.get("LogFileValidationEnabled"),
        "logging": status.get("IsLogging") and not status.get("LatestDeliveryError"),
        "management events": _has_management_events(chosen),
    }
    return [name for name, is_there in has.items() if not is_there]


def _has_management_events(chosen: Mapping[str, Any]) -> bool:
    """Return whether all management events are recorded, by either kind of selectors."""
    for one in chosen.get("EventSelectors") or ():
        if one.get("IncludeManagementEvents") and one.get("ReadWriteType") == "All":
            return not one.get("ExcludeManagementEventSources")
    for one in chosen.get("AdvancedEventSelectors") or ():
        fields = {f["Field"]: f for f in one["FieldSelectors"]}
        if fields.get("eventCategory", {}).get("Equals") == ["Management"] and len(fields) == 1:
            return True
    return False


def _kept(look: Look, trail: Mapping[str, Any]) -> Iterator[Fact]:
    """Yield 1 if a lifecycle rule deletes logs earlier than ``audit_log_days`` of LIMIT."""
    limits = read_reference("limit")
    least = limits[limits["limit_name"] == "audit_log_days"]["limit_value"].iloc[0]
    name = trail["S3BucketName"]
    # Its Region is not said; S3 leads the call there.
    text = read_setting(look.caller, LIFECYCLE, name, trail["HomeRegion"])
    soon = early_rules(json.loads(text), trail.get("S3KeyPrefix", ""), least)
    words = ", ".join(soon) or f"no rule deletes them within {least:f} days"
    yield Fact("audit.kept", name, Decimal(bool(soon)), TRAIL_ACTIONS[3], detail=words)


def early_rules(
    rules: Sequence[Mapping[str, Any]], trail_prefix: str, least_days: Decimal
) -> list[str]:
    """Return the rules in force that delete what a trail writes before some days are over."""
    where = f"{trail_prefix}/AWSLogs/".lstrip("/")
    found = []
    for rule in rules:
        of = rule.get("Filter") or {}
        prefix = rule.get("Prefix") or of.get("Prefix") or of.get("And", {}).get("Prefix", "")
        days = rule.get("Expiration", {}).get("Days")
        is_there = where.startswith(prefix) or prefix.startswith(where)
        if rule["Status"] == "Enabled" and is_there and days is not None and days < least_days:
            found.append(f"{rule.get('ID', 'a rule')} after {days} days")
    return found


def collect_alerts(look: Look) -> list[Fact]:
    """Return how many rules of each Region act on calls that a trail records."""
    (source,) = ALERT_ACTIONS

    def read(region: str) -> Iterator[Fact]:
        rules = look.items("events", "list_rules", "Rules", "NextToken", region=region, Limit=100)
        found = [
            one["Name"]
            for one in rules
            if one["State"] != "DISABLED" and "via CloudTrail" in one.get("EventPattern", "")
        ]
        yield counted("audit.alerts", region, found, source)

    return look.by_region(("audit.alerts",), source, read, of_none={})


def collect_scaling(look: Look) -> list[Fact]:
    """Return how often a policy made each group larger, and smaller, as far back as is kept."""
    source = " ".join(SCALING_ACTIONS)
    none = dict.fromkeys(SCALING_CHECKS, "no Auto Scaling group")
    return look.by_region(SCALING_CHECKS, source, partial(_groups, look), of_none=none)


def _groups(look: Look, region: str) -> Iterator[Fact]:
    read = partial(look.items, "autoscaling", token="NextToken", region=region, MaxRecords=100)
    for group in read("describe_auto_scaling_groups", "AutoScalingGroups"):
        name = group["AutoScalingGroupName"]
        try:
            found = list(
                read("describe_scaling_activities", "Activities", AutoScalingGroupName=name)
            )
        except CallError as error:
            yield from (
                look.unknown(check, name, SCALING_ACTIONS[1], error) for check in SCALING_CHECKS
            )
            continue
        yield from scaling_facts(name, found)


def scaling_facts(name: str, activities: Sequence[Mapping[str, Any]]) -> Iterator[Fact]:
    """Yield how many successful activities a policy caused in each direction.

    Instances that were replaced, and sizes that a person set, are no test of a policy.
    """
    found: dict[str, list[str]] = {check: [] for check in SCALING_CHECKS}
    for one in activities:
        match = CHANGED.search(one.get("Cause", ""))
        if one["StatusCode"] != "Successful" or not match:
            continue
        before, after = (int(text) for text in match.groups())
        if before != after:
            check = "scaling.out" if after > before else "scaling.in"
            found[check].append(f"{before} to {after} on {one['StartTime'][:10]}")
    for check, times in found.items():
        none = "" if times else "never by a policy"
        yield counted(check, name, times, SCALING_ACTIONS[1], none)


AUDIT_COLLECTORS = (
    EvidenceCollector("trails", TRAIL_CHECKS, TRAIL_ACTIONS, collect_trails),
    EvidenceCollector("alerts", ("audit.alerts",), ALERT_ACTIONS, collect_alerts),
    EvidenceCollector("scaling", SCALING_CHECKS, SCALING_ACTIONS, collect_scaling),
)
