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

BUCKET_CONTENT = Table(
    "BUCKET_CONTENT",
    "a kind of object in a storage class of the bucket, as it is",
    (
        "object_kind",
        "storage_class",
        "class_title",
        "stored_objects",
        "size_bytes",
        "stored_gb",
    ),
    key=("object_kind", "storage_class"),
    required=("size_bytes", "stored_gb"),
)

POLICY_CHECK = Table(
    "POLICY_CHECK",
    "a remark on a rule of a set of rules, made before it is priced",
    ("policy_name", "rule_id", "check_name", "outcome", "statement", "source"),
    key=("policy_name", "rule_id", "check_name"),
    required=("policy_name", "check_name", "outcome", "statement"),
)

POLICY_MONTH = Table(
    "POLICY_MONTH",
    "a month under a set of rules, against the same month as things are",
    (
        "policy_name",
        "month_number",
        "month_start",
        "baseline_cost",
        "cost",
        "net_effect",
        "deleting_effect",
        "cumulative_effect",
        "billing_currency",
    ),
    key=("policy_name", "month_number"),
    required=("baseline_cost", "cost", "net_effect", "cumulative_effect"),
)

POLICY_CHARGE = Table(
    "POLICY_CHARGE",
    "a charge over all months under a set of rules, against the same charge as things are",
    (
        "policy_name",
        "charge_name",
        "baseline_cost",
        "cost",
        "cost_change",
        "billing_currency",
    ),
    key=("policy_name", "charge_name"),
    required=("baseline_cost", "cost", "cost_change"),
)

POLICY_OUTCOME = Table(
    "POLICY_OUTCOME",
    "a set of rules, whether it is allowed and what it saves net of its own charges",
    (
        "policy_name",
        "advice",
        "first_quarter_effect",
        "first_year_effect",
        "whole_effect",
        "moving_effect",
        "deleting_effect",
        "last_month_effect",
        "flat_effect",
        "moving_cost",
        "break_even_month",
        "billing_currency",
        "note",
        "source",
    ),
    key=("policy_name",),
    required=("advice", "billing_currency"),
)

MOVE_CASE = Table(
    "MOVE_CASE",
    "a storage class and a size of object: what it costs to move the whole bucket there",
    (
        "storage_class",
        "class_title",
        "object_bytes",
        "stored_objects",
        "moving_cost",
        "month_effect",
        "payback_months",
        "billing_currency",
    ),
    key=("storage_class", "object_bytes"),
    required=("stored_objects", "moving_cost", "month_effect"),
)

BREAK_EVEN_SIZE = Table(
    "BREAK_EVEN_SIZE",
    "a storage class and a time: the size of object from which a move pays back within it",
    ("storage_class", "class_title", "payback_months", "break_even_bytes"),
    key=("storage_class", "payback_months"),
    required=("payback_months",),
)

READ_CASE = Table(
    "READ_CASE",
    "a set of rules at a rate of reads",
    ("policy_name", "object_reads", "first_year_effect", "billing_currency"),
    key=("policy_name", "object_reads"),
    required=("first_year_effect",),
)

TABLES: dict[str, Table] = {
    "bucket_charge": BUCKET_CHARGE,
    "bucket_state": BUCKET_STATE,
    "bucket_flow": BUCKET_FLOW,
    "bucket_content": BUCKET_CONTENT,
    "policy_check": POLICY_CHECK,
    "policy_month": POLICY_MONTH,
    "policy_charge": POLICY_CHARGE,
    "policy_outcome": POLICY_OUTCOME,
    "move_case": MOVE_CASE,
    "break_even_size": BREAK_EVEN_SIZE,
    "read_case": READ_CASE,
}
