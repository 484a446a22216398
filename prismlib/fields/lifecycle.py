"""Columns of objects in a bucket: how large and how old, what a class costs and asks for."""

from __future__ import annotations

from prismlib.fields.kinds import declared

FIELDS = {
    **declared(
        "text",
        {
            "class_title": ("", "name of a storage class as price lists print it"),
            "charge_name": ("", "what S3 charges for: storage, transition, retrieval ..."),
            "next_class": ("", "storage class that a lifecycle rule may move objects to"),
            "object_kind": ("", "current, noncurrent or upload (parts of an upload not completed)"),
            "policy_name": ("", "name of a set of lifecycle rules"),
            "prefix": ("", "how the keys of the objects begin; empty is the whole bucket"),
            "storage_class": ("", "storage class as the API spells it: STANDARD, GLACIER_IR ..."),
            "tier_name": ("", "tier of Intelligent-Tiering, or speed of a restore; empty is none"),
        },
    ),
    **declared(
        "date",
        {
            "month_start": ("day, UTC", "first day of a month"),
        },
    ),
    **declared(
        "decimal",
        {
            "arrived_bytes": ("bytes", "bytes that were written in the month"),
            "from_gb": ("GB", "quantity of a month from which a price holds; 0 is from the first"),
            "high_hours": ("hours", "longest time that is documented"),
            "low_hours": ("hours", "shortest time that is documented"),
            "read_slo_ms": ("ms", "time within which a read must be answered"),
            "removed_bytes": ("bytes", "bytes that were deleted in the month"),
        },
    ),
    **declared(
        "count",
        {
            "age_days": ("days", "days since the objects were written; negative: still to come"),
            "class_overhead_bytes": ("bytes", "added to each object, billed at its class"),
            "min_age_days": ("days", "age before which a rule may not move an object there"),
            "min_billed_bytes": ("bytes", "size that a smaller object is billed as"),
            "min_storage_days": ("days", "days in the class that are billed at least"),
            "month_number": ("months", "months since the start, the first is 1"),
            "noncurrent_days": ("days", "days since a newer version took an object's place"),
            "retention_days": ("days", "days for which the data must be kept"),
            "size_from_bytes": ("bytes", "smallest object of a size class"),
            "standard_overhead_bytes": ("bytes", "added to each object, billed as Standard"),
        },
    ),
    **declared(
        "flag",
        {
            "is_live": ("", "a running system reads the data: it may not be deleted"),
            "is_restored_first": ("", "a read fails until the object has been restored"),
        },
    ),
}  # fmt: skip
