"""The permission behind each API call.

Almost all are the service's prefix and the operation's name; `PREFIXES` and `ACTIONS` hold those
that are not. Only operations whose names begin with one of `READ_ONLY`, and those of `REPORTS` and
`JUDGEMENTS`, are ever called.
"""

from __future__ import annotations

READ_ONLY = ("get_", "list_", "describe_")

REPORTS = frozenset({"generate_credential_report"})
"""Operations that make a report for the caller and change nothing else."""

JUDGEMENTS = frozenset({"validate_policy"})
"""Operations that say something of what the call gives, and change nothing."""

PREFIXES: dict[str, str] = {
    "accessanalyzer": "access-analyzer",
    "elbv2": "elasticloadbalancing",
    "elb": "elasticloadbalancing",
    "opensearch": "es",
}
"""Name of a service in botocore -> prefix of its permissions, where they differ."""

ACTIONS: dict[tuple[str, str], str] = {
    ("s3", "list_buckets"): "s3:ListAllMyBuckets",
    ("s3", "list_objects_v2"): "s3:ListBucket",
    ("s3", "get_bucket_lifecycle_configuration"): "s3:GetLifecycleConfiguration",
    ("s3", "get_bucket_encryption"): "s3:GetEncryptionConfiguration",
    ("s3", "get_bucket_replication"): "s3:GetReplicationConfiguration",
    ("rds", "describe_db_instances"): "rds:DescribeDBInstances",
    ("rds", "describe_db_clusters"): "rds:DescribeDBClusters",
    ("rds", "describe_reserved_db_instances"): "rds:DescribeReservedDBInstances",
}
"""Operations whose permission is not the prefix and the operation's name."""


def iam_action(service: str, operation: str) -> str:
    """Return the permission that a call needs, such as ``ce:GetCostAndUsage``."""
    name = "".join(part.capitalize() for part in operation.split("_"))
    return ACTIONS.get((service, operation), f"{PREFIXES.get(service, service)}:{name}")


def is_read_only(operation: str) -> bool:
    """Return whether an operation only reads."""
    return operation.startswith(READ_ONLY) or operation in REPORTS | JUDGEMENTS
