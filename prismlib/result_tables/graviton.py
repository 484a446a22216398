"""What the analysis of a move to Graviton returns."""

from __future__ import annotations

from prismlib.tables import Table

ELIGIBILITIES = (
    "eligible",
    "after commitment",
    "after upgrade",
    "already Arm",
    "ineligible",
    "unknown",
)
"""Whether a line can move: now, when its commitment ends, with a newer engine, or not at all."""

GRAVITON_LINE = Table(
    "GRAVITON_LINE",
    "a line of usage: instances that are alike in type, place, purchase and commitment",
    (
        "line_name",
        "compute_service",
        "component",
        "region_id",
        "instance_type",
        "instance_count",
        "hours_per_month",
        "architecture",
        "platform",
        "purchase",
        "commitment",
        "commitment_end",
        "engine",
        "engine_version",
        "tags",
        "rate_basis",
        "source_usd_per_hour",
        "current_cost",
        "workload",
        "sized_by",
        "eligibility",
        "migration_effort",
        "reason",
        "billing_currency",
        "note",
    ),
    key=("line_name",),
    required=("line_name", "compute_service", "eligibility", "reason"),
)

GRAVITON_OPTION = Table(
    "GRAVITON_OPTION",
    "a line on a Graviton generation; a price that is not known is missing",
    (
        "line_name",
        "graviton_generation",
        "mapping_name",
        "region_id",
        "source_type",
        "target_type",
        "vcpu",
        "target_vcpu",
        "memory_gib",
        "target_memory_gib",
        "rate_basis",
        "source_usd_per_hour",
        "target_usd_per_hour",
        "price_change_ratio",
        "current_cost",
        "target_monthly_cost",
        "monthly_saving",
        "billing_currency",
        "confidence",
        "note",
    ),
    key=("line_name", "graviton_generation"),
    required=("line_name", "graviton_generation"),
)

INSTANCE_PAIR = Table(
    "INSTANCE_PAIR",
    "a type and what it would move to, at like-for-like rates in a region",
    (
        "region_id",
        "source_type",
        "target_type",
        "rate_basis",
        "source_usd_per_hour",
        "target_usd_per_hour",
        "price_change_ratio",
        "confidence",
        "note",
    ),
    key=("region_id", "source_type", "target_type", "rate_basis"),
    required=("source_type", "target_type"),
)

PRICE_PERFORMANCE = Table(
    "PRICE_PERFORMANCE",
    "a pair of types and a workload: what a unit of work costs on the target",
    (
        "region_id",
        "source_type",
        "target_type",
        "rate_basis",
        "workload",
        "scope_name",
        "price_change_ratio",
        "performance_ratio",
        "performance_log_sd",
        "spread_source",
        "spread_freedom",
        "samples",
        "cost_per_work_change_ratio",
        "low_cost_per_work_change_ratio",
        "high_cost_per_work_change_ratio",
        "dearer_probability",
        "note",
    ),
    key=("region_id", "source_type", "target_type", "rate_basis", "workload", "scope_name"),
    required=("source_type", "target_type", "workload", "scope_name"),
)

WORK_LINE = Table(
    "WORK_LINE",
    "a line of usage, the pair that it would move along and the work that it does",
    (
        "line_name",
        "region_id",
        "source_type",
        "target_type",
        "rate_basis",
        "workload",
        "sized_by",
        "current_cost",
        "billing_currency",
    ),
    key=("line_name",),
    required=("line_name", "source_type", "workload", "sized_by"),
)

WORK_SAVING = Table(
    "WORK_SAVING",
    "a line of usage and what the same work would save on the target, a month",
    (
        "line_name",
        "work_saving",
        "low_work_saving",
        "high_work_saving",
        "loss_probability",
        "billing_currency",
        "note",
    ),
    key=("line_name",),
    required=("line_name",),
)

MIGRATION_LINE = Table(
    "MIGRATION_LINE",
    "a line of usage that may move, its commitment and what it would save a month",
    (
        "line_name",
        "commitment",
        "commitment_end",
        "commitment_usd_per_hour",
        "monthly_saving",
        "target_monthly_cost",
        "billing_currency",
    ),
    key=("line_name",),
    required=("line_name", "commitment"),
)

MIGRATION_EFFORT = Table(
    "MIGRATION_EFFORT",
    "a role and its hours",
    ("labour_role", "fixed_hours", "hours_per_line", "labour_usd_per_hour"),
    key=("labour_role",),
    required=("labour_role", "fixed_hours", "hours_per_line", "labour_usd_per_hour"),
)

MIGRATION_SCHEDULE = Table(
    "MIGRATION_SCHEDULE",
    "a line of usage and the day on which it moves",
    (
        "line_name",
        "commitment",
        "commitment_end",
        "move_start",
        "remaining_commitment_cost",
        "billing_currency",
        "note",
    ),
    key=("line_name",),
    required=("line_name", "commitment"),
)

MIGRATION_COSTS = ("effort_cost", "test_cost", "parallel_cost", "stranded_cost")
"""What a migration costs; the first three once, the last because it did not wait."""

MIGRATION_LINE_MONTH = Table(
    "MIGRATION_LINE_MONTH",
    "a line of usage, or the preparation of all, in a month",
    ("month_start", "line_name", "saving", *MIGRATION_COSTS, "net_saving", "billing_currency"),
    key=("month_start", "line_name"),
    required=("saving", *MIGRATION_COSTS, "net_saving"),
)

MIGRATION_MONTH = Table(
    "MIGRATION_MONTH",
    "a month of the timeline, all known lines together",
    (
        "month_start",
        "period_days",
        "saving",
        *MIGRATION_COSTS,
        "net_saving",
        "cumulative_net_saving",
        "present_value",
        "billing_currency",
    ),
    key=("month_start",),
    required=("saving", *MIGRATION_COSTS, "net_saving", "cumulative_net_saving", "present_value"),
)

SAVING_BASIS = Table(
    "SAVING_BASIS",
    "a way to count the saving of a month",
    ("claim_origin", "monthly_saving", "billing_currency", "note"),
    key=("claim_origin",),
)

TARGET_WAY = Table(
    "TARGET_WAY",
    "a combination of savings and the stated total that it leaves",
    ("levers", "monthly_saving", "remaining_total", "is_target_met", "billing_currency", "note"),
    key=("levers",),
)

TABLES: dict[str, Table] = {
    "graviton_line": GRAVITON_LINE,
    "graviton_option": GRAVITON_OPTION,
    "instance_pair": INSTANCE_PAIR,
    "price_performance": PRICE_PERFORMANCE,
    "work_line": WORK_LINE,
    "work_saving": WORK_SAVING,
    "migration_line": MIGRATION_LINE,
    "migration_effort": MIGRATION_EFFORT,
    "migration_schedule": MIGRATION_SCHEDULE,
    "migration_line_month": MIGRATION_LINE_MONTH,
    "migration_month": MIGRATION_MONTH,
    "saving_basis": SAVING_BASIS,
    "target_way": TARGET_WAY,
}
