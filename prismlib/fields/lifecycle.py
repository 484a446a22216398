"""Columns of objects in a bucket: how large and how old, what a class costs and asks for."""

from __future__ import annotations

from prismlib.fields.kinds import declared

FIELDS = {
    **declared(
        "text",
        {
            "class_title": ("", "name of a storage class as price lists print it"),
            "check_name": ("", "what was looked at: in a set of rules, or of a step"),
            "charge_name": ("", "what S3 charges for: storage, transition, retrieval ..."),
            "next_class": ("", "storage class that a lifecycle rule may move objects to"),
            "object_kind": ("", "current, noncurrent or upload (parts of an upload not completed)"),
            "outcome": ("", "refused, warning or note"),
            "policy_name": ("", "name of a set of lifecycle rules"),
            "prefix": ("", "how the keys of the objects begin; empty is the whole bucket"),
            "rule_id": ("", "id of a rule in a set of rules; empty is all of them"),
            "storage_class": ("", "storage class as the API spells it: STANDARD, GLACIER_IR ..."),
            "tier_name": ("", "tier of Intelligent-Tiering, or speed of a restore; empty is none"),
        },
    ),
    **declared(
        "decimal",
        {
            "arrived_bytes": ("bytes", "bytes that were written in the month"),
            "break_even_bytes": ("bytes", "size of object above which a move pays back in time"),
            "cumulative_effect": ("currency", "net effect from the first month on"),
            "deleting_effect": ("currency", "part of a net effect that comes from deleting"),
            "first_quarter_effect": ("currency", "net effect of the first three months"),
            "first_year_effect": ("currency", "net effect of the first twelve months"),
            "flat_effect": ("currency", "what prices for a GB alone say that a month saves"),
            "from_gb": ("GB", "quantity of a month from which a price holds; 0 is from the first"),
            "high_hours": ("hours", "longest time that is documented"),
            "last_month_effect": ("currency", "net effect of the last month"),
            "low_hours": ("hours", "shortest time that is documented"),
            "month_effect": ("currency", "what a month in the class saves, the move left out"),
            "moving_cost": ("currency", "requests that move all objects"),
            "moving_effect": ("currency", "part of a net effect that comes from moving"),
            "object_reads": ("reads/month", "reads of each object in 30 days"),
            "payback_months": ("months", "months until a move has paid for itself"),
            "read_slo_ms": ("ms", "time within which a read must be answered"),
            "removed_bytes": ("bytes", "bytes that were deleted in the month"),
            "stored_gb": ("GB", "gigabytes stored"),
            "whole_effect": ("currency", "net effect of all months"),
        },
    ),
    **declared(
        "count",
        {
            "age_days": ("days", "days since the objects were written"),
            "break_even_month": ("months", "month from which on the rules have paid back"),
            "class_overhead_bytes": ("bytes", "added to each object, billed at its class"),
            "min_age_days": ("days", "age before which a rule may not move an object there"),
            "min_billed_bytes": ("bytes", "size that a smaller object is billed as"),
            "min_storage_days": ("days", "days in the class that are billed at least"),
            "month_number": ("months", "months since the start, the first is 1"),
            "object_bytes": ("bytes", "size of each object"),
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
