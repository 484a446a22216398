"""What Cost Explorer says of a month besides its charges, and what it has taken back since."""

from __future__ import annotations

from prismlib.tables import Table

COST_TAG = Table(
    "COST_TAG",
    "a day, a kind of charge and a value of a tag or cost category",
    (
        "charge_period_start",
        "charge_period_end",
        "tag_key",
        "tag_value",
        "record_type",
        "charge_kind",
        "unblended_cost",
        "amortized_cost",
        "billing_currency",
        "is_estimated",
    ),
    key=("charge_period_start", "tag_key", "tag_value", "record_type"),
    required=(
        "charge_period_start",
        "charge_period_end",
        "tag_key",
        "charge_kind",
        "billing_currency",
        "is_estimated",
    ),
)

COMMITMENT_COVERAGE = Table(
    "COMMITMENT_COVERAGE",
    "a kind of use that reservations or savings plans could cover, and how far they did",
    (
        "charge_period_start",
        "charge_period_end",
        "commitment",
        "service_name",
        "instance_type",
        "covered_hours",
        "on_demand_hours",
        "covered_usd",
        "on_demand_usd",
        "coverage_pct",
    ),
    key=("charge_period_start", "commitment", "service_name", "instance_type"),
    required=("charge_period_start", "charge_period_end", "commitment"),
)

COST_FORECAST = Table(
    "COST_FORECAST",
    "a day to come and the provider's own forecast of its cost",
    (
        "charge_period_start",
        "charge_period_end",
        "cost_metric",
        "forecast_cost",
        "low_cost",
        "high_cost",
        "confidence_pct",
        "billing_currency",
    ),
    key=("charge_period_start", "cost_metric"),
    required=(
        "charge_period_start",
        "charge_period_end",
        "cost_metric",
        "forecast_cost",
        "confidence_pct",
        "billing_currency",
    ),
)

COST_ANOMALY = Table(
    "COST_ANOMALY",
    "an unusual cost that the provider found; its cause is the one that contributed most",
    (
        "anomaly_id",
        "anomaly_start",
        "anomaly_end",
        "service_name",
        "usage_type",
        "region_id",
        "sub_account_id",
        "root_causes",
        "actual_usd",
        "expected_usd",
        "excess_usd",
        "feedback",
    ),
    key=("anomaly_id",),
    required=("anomaly_id", "excess_usd"),
)

RESTATED = (
    "charge_period_start",
    "service_name",
    "usage_type",
    "record_type",
    "cost_metric",
)
"""What tells one figure of a bill from another."""

RESTATEMENT = Table(
    "RESTATEMENT",
    "a figure of an earlier pull that a later one found changed; a side without a charge is empty",
    (
        "restated_at",
        *RESTATED,
        "before_cost",
        "after_cost",
        "is_from_estimate",
        "billing_currency",
    ),
    key=("restated_at", *RESTATED),
    required=(
        "restated_at",
        "charge_period_start",
        "cost_metric",
        "is_from_estimate",
        "billing_currency",
    ),
)

COST_EXPLORER_TABLES: dict[str, Table] = {
    "cost_tag": COST_TAG,
    "commitment_coverage": COMMITMENT_COVERAGE,
    "cost_forecast": COST_FORECAST,
    "cost_anomaly": COST_ANOMALY,
    "restatement": RESTATEMENT,
}
"""The tables of this module, by the name of their file."""
