"""What the cost variance analysis returns."""

from __future__ import annotations

from prismlib.tables import Table

COST_LINE = Table(
    "COST_LINE",
    "a line of a component in one period, as an estimate, a statement or a bill gives it",
    (
        "component",
        "line_name",
        "charge_kind",
        "cost",
        "usage_quantity",
        "usage_unit",
        "period_days",
        "billing_currency",
    ),
    key=("component", "line_name", "charge_kind"),
    required=("charge_kind", "cost"),
)

EFFECTS = (
    "calendar_effect",
    "quantity_effect",
    "mix_effect",
    "price_effect",
    "new_effect",
    "retired_effect",
    "unseen_effect",
    "credit_effect",
    "adjustment_effect",
    "negation_effect",
    "tax_effect",
    "unsplit_effect",
)
"""The reasons a cost changes, in the order in which they are taken off; they add up to it."""

COST_VARIANCE = Table(
    "COST_VARIANCE",
    "a line of a component, its cost in two periods and why they differ",
    (
        "component",
        "line_name",
        "charge_kind",
        "baseline_cost",
        "current_cost",
        "cost_change",
        *EFFECTS,
        "billing_currency",
        "note",
    ),
    key=("component", "line_name", "charge_kind"),
    required=("cost_change", *EFFECTS),
)

UNKNOWN_EFFECTS = ("unseen_effect", "unsplit_effect")
"""The part of a change for which no reason is known."""

NO_CHARGE = "no charge seen"
"""The band of what an estimate expects and nothing was charged for: that is not a saving."""

BANDS = (
    *("within tolerance", "above tolerance", "above limit", "below tolerance"),
    *("new", "retired", NO_CHARGE),
)

COMPONENT_VARIANCE = Table(
    "COMPONENT_VARIANCE",
    "a component, its variance, and whether it matters",
    (
        "component",
        "baseline_cost",
        "current_cost",
        "cost_change",
        "cost_change_pct",
        "band",
        "is_material",
        "explained_ratio",
        "billing_currency",
    ),
    key=("component",),
    required=("cost_change", "band", "is_material"),
)

COST_GROUP = Table(
    "COST_GROUP",
    "a group of charges of a bill, with its cost before where an earlier month is compared",
    ("group_name", "baseline_cost", "current_cost", "cost_change", "billing_currency"),
    key=("group_name",),
    required=("group_name",),
)

IMPLIED_RATE = Table(
    "IMPLIED_RATE",
    "a fleet of instances behind a cost line, and the hourly rate that the cost implies",
    (
        "component",
        "instance_type",
        "region_id",
        "expected_count",
        "hours_per_month",
        "cost",
        "implied_usd_per_hour",
        "list_usd_per_hour",
        "rate_to_list_ratio",
        "committed_usd_per_hour",
        "inferred_usd_per_hour",
        "valid_from",
        "confidence",
        "note",
    ),
    key=("component", "instance_type"),
    required=("cost",),
)

COST_DAY = Table(
    "COST_DAY",
    "a day of the period; a missing day has no cost, not a zero one",
    ("day", "cost", "day_status", "cumulative_cost", "cumulative_baseline"),
    key=("day",),
    required=("day_status",),
)

EXCLUDED_COST = Table(
    "EXCLUDED_COST",
    "a cost that the total leaves out, for one month",
    ("item_name", "low_cost", "high_cost", "billing_currency", "note", "source"),
    key=("item_name",),
)

TABLES: dict[str, Table] = {
    "cost_line": COST_LINE,
    "cost_variance": COST_VARIANCE,
    "component_variance": COMPONENT_VARIANCE,
    "cost_group": COST_GROUP,
    "implied_rate": IMPLIED_RATE,
    "cost_day": COST_DAY,
    "excluded_cost": EXCLUDED_COST,
}
