"""What the analysis of traffic between zones returns."""

from __future__ import annotations

from prismlib.tables import Table

TRAFFIC_LINE = Table(
    "TRAFFIC_LINE",
    "a usage type (or description) of a service on the bill of one period, and what it pays for",
    (
        "transfer_kind",
        "service_name",
        "line_name",
        "usage_unit",
        "cost",
        "billed_gb",
        "moved_gb",
        "paid_per_gb",
        "listed_usd_per_gb",
        "billing_currency",
        "note",
    ),
    key=("transfer_kind", "service_name", "line_name", "usage_unit"),
    required=("transfer_kind", "cost", "billing_currency"),
)

TRAFFIC_KIND = Table(
    "TRAFFIC_KIND",
    "a kind of traffic on the bill of one period",
    ("transfer_kind", "cost", "billed_gb", "moved_gb", "paid_per_gb", "billing_currency"),
    key=("transfer_kind",),
    required=("transfer_kind", "cost", "billing_currency"),
)

CROSSING_SCENARIO = Table(
    "CROSSING_SCENARIO",
    "a state of the system and what its traffic between zones costs in a month",
    (
        "scenario_name",
        "crossing_pct",
        "moved_gb",
        "one_end_cost",
        "both_ends_cost",
        "yearly_cost",
        "billing_currency",
        "source",
    ),
    key=("scenario_name",),
    required=("crossing_pct",),
)

CROSSING_THRESHOLD = Table(
    "CROSSING_THRESHOLD",
    "a line that the cost must not cross, and the share of traffic at which it does",
    (
        "threshold_name",
        "allowed_cost",
        "one_end_crossing_pct",
        "both_ends_crossing_pct",
        "billing_currency",
        "note",
    ),
    key=("threshold_name",),
    required=("allowed_cost",),
)

CROSSING_SENSITIVITY = Table(
    "CROSSING_SENSITIVITY",
    "an input that is varied alone, and the monthly cost at its ends",
    (
        "input_name",
        "unit",
        "low_value",
        "taken_value",
        "high_value",
        "low_cost",
        "taken_cost",
        "high_cost",
        "billing_currency",
        "note",
    ),
    key=("input_name",),
    required=("low_value", "taken_value", "high_value", "low_cost", "taken_cost", "high_cost"),
)

CROSSING_ALARM = Table(
    "CROSSING_ALARM",
    "a way to notice that placement has failed, and what that costs until then",
    ("alarm_name", "delay_hours", "cost", "billing_currency", "source"),
    key=("alarm_name",),
    required=("delay_hours",),
)

REMEDY = Table(
    "REMEDY",
    "a remedy for traffic between zones, for one month",
    (
        "remedy_name",
        "crossing_pct",
        "moved_gb",
        "saved_cost",
        "added_cost",
        "net_effect",
        "capacity_left_pct",
        "advice",
        "availability",
        "assumption",
        "billing_currency",
    ),
    key=("remedy_name",),
    required=("advice",),
)

FLEET_CAPACITY = Table(
    "FLEET_CAPACITY",
    "a kind of instance that runs, and what it can send or receive",
    (
        "component",
        "instance_type",
        "node_count",
        "network_baseline_gbps",
        "network_burst_gbps",
        "capacity_gbps",
        "source",
    ),
    key=("component", "instance_type"),
    required=("node_count",),
)

TABLES: dict[str, Table] = {
    "traffic_line": TRAFFIC_LINE,
    "traffic_kind": TRAFFIC_KIND,
    "crossing_scenario": CROSSING_SCENARIO,
    "crossing_threshold": CROSSING_THRESHOLD,
    "crossing_sensitivity": CROSSING_SENSITIVITY,
    "crossing_alarm": CROSSING_ALARM,
    "remedy": REMEDY,
    "fleet_capacity": FLEET_CAPACITY,
}
