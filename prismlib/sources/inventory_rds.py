"""RDS database instances: those of Aurora, Neptune and DocumentDB are among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from prismlib.pulled_tables import DATABASE
from prismlib.sources.calls import Caller
from prismlib.sources.collecting import PullContext
from prismlib.sources.inventory import (
    ZONES_ACTION,
    Row,
    account_of,
    by_region,
    instant,
    number,
    tags_json,
    zone_ids,
)

DATABASE_ACTIONS = ("rds:DescribeDBInstances", ZONES_ACTION)

CLUSTER_ENGINES = ("aurora", "neptune", "docdb")
"""Engines whose disk belongs to the cluster: what the instance says of its size means nothing."""


def collect_databases(caller: Caller, context: PullContext) -> pd.DataFrame:
    """Return DATABASE: every database instance of the regions."""

    def rows(region: str) -> Iterator[Row]:
        pages = caller.pages(
            "rds",
            "describe_db_instances",
            token="Marker",
            answer_token="Marker",
            region=region,
            MaxRecords=100,
        )
        answers = list(pages)
        found = any(answer.get("DBInstances") for answer in answers)
        zones = zone_ids(caller, context, DATABASE, region) if found else {}
        for answer in answers:
            yield from parse_databases(answer, region, zones)

    return by_region(context, DATABASE, rows)


def parse_databases(
    answer: Mapping[str, Any], region: str, zones: Mapping[str, str]
) -> Iterator[Row]:
    """Yield the DATABASE rows of one answer of DescribeDBInstances."""
    for one in answer.get("DBInstances", ()):
        zone = one.get("AvailabilityZone", "")
        has_own_disk = not one["Engine"].startswith(CLUSTER_ENGINES)
        yield {
            "region_id": region,
            "database_id": one["DBInstanceIdentifier"],
            "sub_account_id": account_of(one.get("DBInstanceArn", "")),
            "instance_type": one["DBInstanceClass"],
            "engine": one["Engine"],
            "engine_version": one.get("EngineVersion", ""),
            "state": one["DBInstanceStatus"],
            "is_multi_az": one.get("MultiAZ"),
            "zone_id": zones.get(zone, ""),
            "zone_name": zone,
            "standby_zone_id": zones.get(one.get("SecondaryAvailabilityZone", ""), ""),
            "replica_source": one.get("ReadReplicaSourceDBInstanceIdentifier")
            or one.get("ReadReplicaSourceDBClusterIdentifier", ""),
            "cluster_id": one.get("DBClusterIdentifier", ""),
            "storage_type": one.get("StorageType", ""),
            "storage_gib": number(one.get("AllocatedStorage")) if has_own_disk else None,
            "iops": number(one.get("Iops")),
            "is_encrypted": one.get("StorageEncrypted"),
            "created_at": instant(one.get("InstanceCreateTime")),
            "tags": tags_json(one.get("TagList")),
        }
