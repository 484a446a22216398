"""Which CloudWatch series are asked for, at which period, and in which batches; pure.

CloudWatch keeps points of 60 s for 15 days, of 300 s for 63 days and of 3,600 s for 455 days: a
shorter period than the age of the data allows comes back with holes that no one made. `period_for`
therefore lengthens what is wanted. An hour is wanted by default: a month of 250 instances is then
some 700,000 points, and the maximum inside each hour still shows the five-minute peaks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pandas as pd

from prismlib.periods import Period
from prismlib.sources.inventory import canonical
from prismlib.tables import records

QUERIES_PER_CALL = 500
POINTS_PER_CALL = 100_800

RETENTION = ((60, timedelta(days=15)), (300, timedelta(days=63)), (3600, timedelta(days=455)))
"""Period of a point, in seconds, and how long points of it are kept."""

HOUR, DAY = 3600, 86400
PERIODS = (60, 300, 900, HOUR, 6 * HOUR, DAY)
"""Periods that may be wanted: each divides a day, and each shorter one that CloudWatch keeps."""

STORAGE_TYPES = (
    *("StandardStorage", "StandardIAStorage", "StandardIASizeOverhead", "StandardIAObjectOverhead"),
    *("IntelligentTieringFAStorage", "IntelligentTieringIAStorage", "IntelligentTieringAAStorage"),
    *("IntelligentTieringAIAStorage", "IntelligentTieringDAAStorage", "IntAAObjectOverhead"),
    *("IntAAS3ObjectOverhead", "IntDAAObjectOverhead", "IntDAAS3ObjectOverhead"),
    *("OneZoneIAStorage", "OneZoneIASizeOverhead", "ReducedRedundancyStorage"),
    *("GlacierInstantRetrievalStorage", "GlacierInstantRetrievalSizeOverhead", "GlacierStorage"),
    *("GlacierStagingStorage", "GlacierObjectOverhead", "GlacierS3ObjectOverhead"),
    *("DeepArchiveStorage", "DeepArchiveObjectOverhead", "DeepArchiveS3ObjectOverhead"),
    *("DeepArchiveStagingStorage", "ExpressOneZoneStorage"),
)
"""Documented storage types; those that an account reports besides are asked for too."""


@dataclass(frozen=True, order=True)
class Series:
    """One metric series: where, what, of what, how reduced, and every how many seconds.

    `dimensions` is canonical JSON. A `is_sparse` series has points only when there was something to
    measure, and may not exist at all.
    """

    region_id: str
    namespace: str
    metric_name: str
    dimensions: str
    statistic: str
    period_s: int
    unit: str = ""
    is_sparse: bool = False

    @property
    def key(self) -> tuple[str, str, str, str, str, int]:
        """Return what tells the series from others."""
        return (
            *(self.region_id, self.namespace, self.metric_name),
            *(self.dimensions, self.statistic, self.period_s),
        )

    @property
    def named(self) -> dict[str, str]:
        """Return the dimensions by name."""
        return dict(json.loads(self.dimensions))


@dataclass(frozen=True)
class Window:
    """The whole periods of `period_s` in a period, as far as they lie in the past at `now`."""

    start: datetime
    end: datetime
    period_s: int

    @property
    def points(self) -> int:
        """Return how many periods there are."""
        return max(0, int((self.end - self.start).total_seconds()) // self.period_s)


@dataclass(frozen=True)
class Metric:
    """A metric of the resources in a table, by the column that holds the value of a dimension."""

    table: str
    namespace: str
    metric_name: str
    dimension: str
    column: str
    statistics: tuple[str, ...]
    unit: str
    where: tuple[str, tuple[str, ...]] | None = None
    """A column of the table and the beginnings of its values that have the metric."""


CATALOGUE = (
    Metric(
        *("instance", "AWS/EC2", "CPUUtilization", "InstanceId", "instance_id"),
        *(("Average", "Maximum"), "Percent"),
    ),
    Metric(
        *("instance", "AWS/EC2", "NetworkIn", "InstanceId", "instance_id"),
        *(("Sum",), "Bytes"),
    ),
    Metric(
        *("instance", "AWS/EC2", "NetworkOut", "InstanceId", "instance_id"),
        *(("Sum",), "Bytes"),
    ),
    *(
        Metric(
            *("load_balancer", namespace, "ProcessedBytes", "LoadBalancer", "load_balancer_id"),
            *(("Sum",), "Bytes", ("load_balancer_type", (kind,))),
        )
        for kind, namespace in (
            ("application", "AWS/ApplicationELB"),
            ("network", "AWS/NetworkELB"),
            ("gateway", "AWS/GatewayELB"),
        )
    ),
    Metric(
        *("load_balancer", "AWS/ELB", "EstimatedProcessedBytes", "LoadBalancerName"),
        *("load_balancer_name", ("Sum",), "Bytes", ("load_balancer_type", ("classic",))),
    ),
    Metric(
        *("database", "AWS/RDS", "ReplicaLag", "DBInstanceIdentifier", "database_id"),
        *(("Average", "Maximum"), "Seconds", ("replica_source", ("",))),
    ),
    Metric(
        *("database", "AWS/RDS", "AuroraReplicaLag", "DBInstanceIdentifier", "database_id"),
        *(("Average", "Maximum"), "Milliseconds", ("engine", ("aurora",))),
    ),
)
"""What is asked for each resource; `where` picks the resources (any filled cell for ``("",)``)."""


def midnight(period: Period) -> tuple[datetime, datetime]:
    """Return the first instant of a period and the first one after it."""
    start, end = (datetime.combine(day, time(), UTC) for day in (period.start, period.end))
    return start, end


def period_for(wanted_s: int, start: datetime, now: datetime) -> int:
    """Return `wanted_s`, or the shortest period that is still kept for the age of `start`."""
    age = now - start
    kept = next((period for period, limit in RETENTION if age <= limit), HOUR)
    return max(wanted_s, kept)


def window(period: Period, period_s: int, now: datetime) -> Window:
    """Return what of `period` can have data at `now`: over, and not yet deleted."""
    start, end = midnight(period)
    oldest = _floor(now - RETENTION[-1][1], DAY) + timedelta(days=1)
    return Window(max(start, oldest), min(end, _floor(now, period_s)), period_s)


def _floor(moment: datetime, seconds: int) -> datetime:
    stamp = int(moment.timestamp())
    return datetime.fromtimestamp(stamp - stamp % seconds, UTC)


def resource_series(
    tables: Mapping[str, pd.DataFrame], start: datetime, now: datetime
) -> Iterator[Series]:
    """Yield the series of `CATALOGUE` for the resources in `tables`."""
    for metric in CATALOGUE:
        for row in records(tables[metric.table]) if metric.table in tables else ():
            if metric.where is not None:
                cell = row[metric.where[0]]
                if not cell or not cell.startswith(metric.where[1]):
                    continue
            for statistic in metric.statistics:
                yield Series(
                    region_id=row["region_id"],
                    namespace=metric.namespace,
                    metric_name=metric.metric_name,
                    dimensions=canonical({metric.dimension: row[metric.column]}),
                    statistic=statistic,
                    period_s=period_for(HOUR, start, now),
                    unit=metric.unit,
                )


def bucket_series(
    buckets: pd.DataFrame, listed: Sequence[tuple[str, str, Mapping[str, str]]]
) -> Iterator[Series]:
    """Yield the daily storage series of buckets, for documented and for reported storage types.

    `listed` are the metrics that the account reports: region, name and dimensions.
    """
    for row in records(buckets):
        own = {
            sizes["StorageType"]
            for region, name, sizes in listed
            if name == "BucketSizeBytes"
            and region == row["region_id"]
            and sizes.get("BucketName") == row["bucket_name"]
            and "StorageType" in sizes
        }
        for storage_type in (*STORAGE_TYPES, *sorted(own - set(STORAGE_TYPES))):
            yield storage_series(row, "BucketSizeBytes", storage_type, "Bytes", own)
        yield storage_series(
            row, "NumberOfObjects", "AllStorageTypes", "Count", {"AllStorageTypes"}
        )


def storage_series(
    bucket: Mapping[str, Any], name: str, storage_type: str, unit: str, own: set[str]
) -> Series:
    """Return a daily series of a bucket; one that the account does not report is sparse."""
    dimensions = {"BucketName": bucket["bucket_name"], "StorageType": storage_type}
    return Series(
        region_id=bucket["region_id"],
        namespace="AWS/S3",
        metric_name=name,
        dimensions=canonical(dimensions),
        statistic="Average",
        period_s=DAY,
        unit=unit,
        is_sparse=storage_type not in own,
    )


def replication_series(
    listed: Sequence[tuple[str, str, Mapping[str, str]]], start: datetime, now: datetime
) -> Iterator[Series]:
    """Yield the replication latency of every rule that the account reports."""
    for region, name, dimensions in listed:
        if name == "ReplicationLatency":
            yield Series(
                region_id=region,
                namespace="AWS/S3",
                metric_name=name,
                dimensions=canonical(dimensions),
                statistic="Maximum",
                period_s=period_for(HOUR, start, now),
                unit="Seconds",
            )


def batches(series: Sequence[Series], points: Mapping[int, int]) -> Iterator[list[Series]]:
    """Yield the series in calls of one region and period, within the limits of a call.

    `points` says how many points a series of a period has at most. Series of one metric stay
    together, so that its statistics are billed as few times as AWS allows.
    """
    batch: list[Series] = []
    for one in sorted(set(series), key=lambda s: (s.region_id, s.period_s, s)):
        most = max(1, min(QUERIES_PER_CALL, POINTS_PER_CALL // max(1, points[one.period_s])))
        same = batch and (batch[0].region_id, batch[0].period_s) == (one.region_id, one.period_s)
        if batch and (not same or len(batch) >= most):
            yield batch
            batch = []
        batch.append(one)
    if batch:
        yield batch
