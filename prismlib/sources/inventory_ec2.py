"""EC2 instances.

An instance that was terminated more than about an hour ago is no longer listed: the table is the
fleet at the time of the pull, not that of the whole period.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from prismlib.pulled_tables import INSTANCE
from prismlib.sources.calls import Caller
from prismlib.sources.collecting import PullContext
from prismlib.sources.inventory import (
    ZONES_ACTION,
    Row,
    by_region,
    instant,
    tags_json,
    zone_ids,
)

INSTANCE_ACTIONS = ("ec2:DescribeInstances", ZONES_ACTION)


def collect_instances(caller: Caller, context: PullContext) -> pd.DataFrame:
    """Return INSTANCE: every EC2 instance of the regions, stopped ones included."""

    def rows(region: str) -> Iterator[Row]:
        pages = caller.pages(
            "ec2",
            "describe_instances",
            token="NextToken",
            answer_token="NextToken",
            region=region,
            MaxResults=1000,
        )
        found = [row for page in pages for row in parse_instances(page, region, {})]
        zones = zone_ids(caller, context, INSTANCE, region) if found else {}
        for row in found:
            yield {**row, "zone_id": row["zone_id"] or zones.get(row["zone_name"], "")}

    return by_region(context, INSTANCE, rows)


def parse_instances(
    answer: Mapping[str, Any], region: str, zones: Mapping[str, str]
) -> Iterator[Row]:
    """Yield the INSTANCE rows of one answer of DescribeInstances."""
    for reservation in answer.get("Reservations", ()):
        for one in reservation.get("Instances", ()):
            place = one.get("Placement", {})
            zone = place.get("AvailabilityZone", "")
            names = {tag["Key"] for tag in one.get("Tags", ())}
            yield {
                "region_id": region,
                "instance_id": one["InstanceId"],
                "sub_account_id": reservation.get("OwnerId", ""),
                "instance_type": one["InstanceType"],
                "state": one["State"]["Name"],
                "zone_id": place.get("AvailabilityZoneId") or zones.get(zone, ""),
                "zone_name": zone,
                "platform": one.get("PlatformDetails") or one.get("Platform", "").capitalize(),
                "architecture": one.get("Architecture", ""),
                "tenancy": place.get("Tenancy", ""),
                "purchase": one.get("InstanceLifecycle") or "on-demand",
                "is_autoscaled": "aws:autoscaling:groupName" in names,
                "launched_at": instant(one.get("LaunchTime")),
                "tags": tags_json(one.get("Tags")),
            }
