"""What the analysis of lifecycle rules returns."""

from __future__ import annotations

from prismlib.tables import Table

BUCKET_CHARGE = Table(
    "BUCKET_CHARGE",
    "a charge of a storage class in a month of a simulated bucket, from a quantity on",
    (
        "month_number",
        "month_start",
        "charge_name",
        "storage_class",
        "tier_name",
        "from_gb",
        "usage_quantity",
        "usage_unit",
        "usd",
        "cost",
        "billing_currency",
    ),
    key=("month_number", "charge_name", "storage_class", "tier_name", "from_gb"),
    required=("month_number", "charge_name", "storage_class", "cost", "billing_currency"),
)

BUCKET_STATE = Table(
    "BUCKET_STATE",
    "a kind of object in a storage class, at the end of a month of a simulated bucket",
    (
        "month_number",
        "month_start",
        "object_kind",
        "storage_class",
        "tier_name",
        "stored_objects",
        "size_bytes",
    ),
    key=("month_number", "object_kind", "storage_class", "tier_name"),
    required=("month_number", "object_kind", "storage_class", "stored_objects", "size_bytes"),
)

BUCKET_FLOW = Table(
    "BUCKET_FLOW",
    "a month of a simulated bucket, with what was written and what was deleted",
    ("month_number", "month_start", "arrived_bytes", "removed_bytes"),
    key=("month_number",),
    required=("month_number", "arrived_bytes", "removed_bytes"),
)

TABLES: dict[str, Table] = {
    "bucket_charge": BUCKET_CHARGE,
    "bucket_state": BUCKET_STATE,
    "bucket_flow": BUCKET_FLOW,
}
