"""Objects in S3: what is stored, what is asked of it, what a storage class costs and demands."""

from __future__ import annotations

from prismlib.tables import Table

OBJECT_COHORT = Table(
    "OBJECT_COHORT",
    "a group of objects alike in prefix, storage class, size and age on the day of the snapshot",
    (
        "bucket_name",
        "prefix",
        "storage_class",
        "object_kind",
        "size_from_bytes",
        "age_days",
        "noncurrent_days",
        "stored_objects",
        "size_bytes",
    ),
    key=(
        "bucket_name",
        "prefix",
        "storage_class",
        "object_kind",
        "size_from_bytes",
        "age_days",
        "noncurrent_days",
    ),
    required=("bucket_name", "storage_class", "object_kind", "stored_objects", "size_bytes"),
)

STORAGE_NEED = Table(
    "STORAGE_NEED",
    "a prefix of a bucket, and what its readers and its owners ask of the data",
    (
        "bucket_name",
        "prefix",
        "is_live",
        "read_slo_ms",
        "retention_days",
        "note",
        "source",
    ),
    key=("bucket_name", "prefix"),
    required=("bucket_name",),
)

LIFECYCLE_POLICY = Table(
    "LIFECYCLE_POLICY",
    "a set of lifecycle rules that somebody proposes for a bucket",
    ("policy_name", "bucket_name", "lifecycle", "note", "source"),
    key=("policy_name", "bucket_name"),
    required=("policy_name", "bucket_name", "lifecycle"),
)

STORAGE_PRICE = Table(
    "STORAGE_PRICE",
    "a charge of a storage class in a region, from a quantity on",
    (
        "storage_class",
        "charge_name",
        "tier_name",
        "from_gb",
        "price_unit",
        "usd",
        "region_id",
        "valid_from",
        "source",
        "confidence",
        "note",
    ),
    key=("storage_class", "charge_name", "tier_name", "from_gb", "region_id"),
    required=("storage_class", "charge_name", "price_unit", "usd", "source", "confidence"),
)

STORAGE_CLASS = Table(
    "STORAGE_CLASS",
    "a storage class (or a tier of it), and what it demands of an object",
    (
        "storage_class",
        "tier_name",
        "class_title",
        "storage_type",
        "min_storage_days",
        "min_billed_bytes",
        "class_overhead_bytes",
        "standard_overhead_bytes",
        "min_age_days",
        "is_restored_first",
        "valid_from",
        "source",
        "confidence",
    ),
    key=("storage_class", "tier_name"),
    required=(
        *("class_title", "min_storage_days", "min_billed_bytes", "class_overhead_bytes"),
        *("standard_overhead_bytes", "min_age_days", "is_restored_first", "source", "confidence"),
    ),
)

RESTORE_TIME = Table(
    "RESTORE_TIME",
    "a speed at which objects of a storage class are restored",
    (
        "storage_class",
        "tier_name",
        "low_hours",
        "high_hours",
        "valid_from",
        "source",
        "confidence",
        "note",
    ),
    key=("storage_class", "tier_name"),
    required=("low_hours", "high_hours", "source", "confidence"),
)

STORAGE_CLASS_MOVE = Table(
    "STORAGE_CLASS_MOVE",
    "a move from one storage class to another that a lifecycle rule may make",
    ("storage_class", "next_class", "valid_from", "source", "confidence"),
    key=("storage_class", "next_class"),
    required=("source", "confidence"),
)

STORAGE_TABLES: dict[str, Table] = {
    "object_cohort": OBJECT_COHORT,
    "storage_need": STORAGE_NEED,
    "lifecycle_policy": LIFECYCLE_POLICY,
}
"""The tables of a snapshot about the objects of buckets, by the name of their file."""

STORAGE_REFERENCE_TABLES: dict[str, Table] = {
    "storage_price": STORAGE_PRICE,
    "storage_class": STORAGE_CLASS,
    "restore_time": RESTORE_TIME,
    "storage_class_move": STORAGE_CLASS_MOVE,
}
"""The dated tables of ``data/reference`` about storage classes."""
