"""The tables that `prism pull` makes of an account: what exists, and how its metrics ran.

A state of things is that of the moment of the pull; a metric is that of the period. What a call was
not allowed to read is missing, with the permission in ``note``; what is set to nothing says so.
"""

from __future__ import annotations

from prismlib.tables import Table

SERIES = ("region_id", "namespace", "metric_name", "dimensions", "statistic", "period_s")
"""What tells one metric series from another."""

METRIC_SERIES = Table(
    "METRIC_SERIES",
    "a period of a metric series; a period without data has no row",
    (*SERIES, "observed_at", "metric_value", "unit"),
    key=(*SERIES, "observed_at"),
    required=(*SERIES, "observed_at", "metric_value"),
)

METRIC_COVERAGE = Table(
    "METRIC_COVERAGE",
    "a metric series that was asked for, and how complete it is",
    (
        *SERIES,
        "unit",
        "expected_points",
        "found_points",
        "coverage_ratio",
        "first_seen_at",
        "last_seen_at",
        "longest_gap_s",
        "series_status",
        "note",
    ),
    key=SERIES,
    required=("namespace", "metric_name", "dimensions", "statistic", "series_status"),
)

INSTANCE = Table(
    "INSTANCE",
    "an EC2 instance",
    (
        "region_id",
        "instance_id",
        "sub_account_id",
        "instance_type",
        "state",
        "zone_id",
        "zone_name",
        "platform",
        "architecture",
        "tenancy",
        "purchase",
        "is_autoscaled",
        "launched_at",
        "tags",
    ),
    key=("region_id", "instance_id"),
    required=("region_id", "instance_id", "instance_type", "state", "purchase"),
)

COMMITMENT = Table(
    "COMMITMENT",
    "a reserved instance or a savings plan",
    (
        "commitment_id",
        "commitment",
        "service_name",
        "sub_account_id",
        "region_id",
        "scope",
        "instance_type",
        "instance_family",
        "platform",
        "tenancy",
        "is_multi_az",
        "committed_count",
        "payment",
        "term_years",
        "starts_at",
        "ends_at",
        "state",
        "commitment_usd_per_hour",
        "recurring_usd_per_hour",
        "upfront_usd",
        "tags",
        "note",
    ),
    key=("commitment", "region_id", "commitment_id"),
    required=("commitment_id", "commitment", "state"),
)

DATABASE = Table(
    "DATABASE",
    "an RDS database instance",
    (
        "region_id",
        "database_id",
        "sub_account_id",
        "instance_type",
        "engine",
        "engine_version",
        "state",
        "is_multi_az",
        "zone_id",
        "zone_name",
        "standby_zone_id",
        "replica_source",
        "cluster_id",
        "storage_type",
        "storage_gib",
        "iops",
        "is_encrypted",
        "created_at",
        "tags",
    ),
    key=("region_id", "database_id"),
    required=("region_id", "database_id", "instance_type", "engine", "state"),
)

MANAGED_NODE = Table(
    "MANAGED_NODE",
    "a kind of nodes, by type and role, of an ElastiCache cluster or an OpenSearch domain",
    (
        "region_id",
        "service_name",
        "resource_id",
        "node_role",
        "sub_account_id",
        "cluster_id",
        "engine",
        "engine_version",
        "instance_type",
        "node_count",
        "state",
        "created_at",
    ),
    key=("region_id", "service_name", "resource_id", "node_role"),
    required=("region_id", "service_name", "resource_id", "node_role", "instance_type"),
)

LOAD_BALANCER = Table(
    "LOAD_BALANCER",
    "a load balancer",
    (
        "region_id",
        "load_balancer_id",
        "load_balancer_name",
        "sub_account_id",
        "load_balancer_type",
        "scheme",
        "state",
        "zone_ids",
        "target_count",
        "healthy_count",
        "is_cross_zone",
        "created_at",
        "note",
    ),
    key=("region_id", "load_balancer_id"),
    required=("region_id", "load_balancer_id", "load_balancer_name", "load_balancer_type"),
)

BUCKET = Table(
    "BUCKET",
    "an S3 bucket",
    (
        "bucket_name",
        "region_id",
        "created_at",
        "versioning",
        "lifecycle",
        "replication",
        "encryption",
        "note",
    ),
    key=("bucket_name",),
    required=("bucket_name",),
)

BUCKET_STORAGE = Table(
    "BUCKET_STORAGE",
    "a storage type of a bucket, at its last daily measurement in the period",
    ("bucket_name", "region_id", "storage_type", "size_bytes", "stored_objects", "observed_at"),
    key=("bucket_name", "storage_type"),
    required=("bucket_name", "storage_type", "observed_at"),
)

PULLED_TABLES: dict[str, Table] = {
    "instance": INSTANCE,
    "commitment": COMMITMENT,
    "database": DATABASE,
    "managed_node": MANAGED_NODE,
    "load_balancer": LOAD_BALANCER,
    "bucket": BUCKET,
    "bucket_storage": BUCKET_STORAGE,
    "metric_series": METRIC_SERIES,
    "metric_coverage": METRIC_COVERAGE,
}
"""The tables of a pull besides costs, by the name of their file."""
