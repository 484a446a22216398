"""Columns that Cost Explorer alone gives: coverage, forecasts, anomalies, restatements."""

from __future__ import annotations

from prismlib.fields.kinds import declared

FIELDS = {
    **declared(
        "text",
        {
            "commitment": ("", "kind of commitment: standard RI, compute savings plan ..."),
            "anomaly_id": ("", "the provider's name of an anomaly"),
            "feedback": ("", "YES, NO or PLANNED_ACTIVITY, as a person judged an anomaly"),
            "tag_value": ("", "value of the tag or cost category; empty is no value"),
        },
    ),
    **declared(
        "date",
        {
            "anomaly_start": ("day, UTC", "first day of an anomaly"),
            "anomaly_end": ("day, UTC", "last day of an anomaly; missing while it lasts"),
        },
    ),
    **declared(
        "time",
        {
            "restated_at": ("UTC", "when a pull found a figure changed"),
        },
    ),
    **declared(
        "decimal",
        {
            "low_cost": ("currency", "lowest figure that the inputs allow"),
            "high_cost": ("currency", "highest figure that the inputs allow"),
            "actual_usd": ("USD", "what was charged while an anomaly lasted"),
            "expected_usd": ("USD", "what the provider expected while an anomaly lasted"),
            "excess_usd": ("USD", "actual - expected of an anomaly"),
            "after_cost": ("currency", "a restated cost as it is now; missing when there is none"),
            "before_cost": ("currency", "a restated cost as it was; missing when there was none"),
            "confidence_pct": ("%", "probability of the interval from low to high cost"),
            "coverage_pct": ("%", "covered / (covered + on demand), as the provider gives it"),
            "covered_hours": ("hours", "instance-hours under a commitment"),
            "covered_usd": ("USD", "spend under savings plans"),
            "forecast_cost": ("currency", "the mean of a forecast"),
            "on_demand_hours": ("hours", "instance-hours without a commitment"),
            "on_demand_usd": ("USD", "spend on demand that a commitment could cover"),
        },
    ),
    **declared(
        "count",
        {
            "root_causes": ("causes", "root causes that the provider names"),
        },
    ),
    **declared(
        "flag",
        {
            "is_from_estimate": ("", "the amount was an estimate before it was restated"),
        },
    ),
}
