"""Columns of what the cost variance analysis returns."""

from __future__ import annotations

from prismlib.fields.kinds import declared

FIELDS = {
    **declared(
        "text",
        {
            "item_name": ("", "what is open or was, or a cost outside the total, in words"),
            "group_name": ("", "what a cost is split by: a component, service, usage type ..."),
            "line_name": ("", "line within a component: a usage type, a description or the whole"),
            "band": ("", "where a change lies against the tolerance and the limit: see BANDS"),
            "day_status": ("", "settled, estimated, missing or ahead"),
        },
    ),
    **declared(
        "date",
        {
            "day": ("day, UTC", "a day of the period"),
        },
    ),
    **declared(
        "decimal",
        {
            "cost": ("currency", "cost in the chosen cost metric"),
            "baseline_cost": ("currency", "cost before: the estimate, or an earlier month"),
            "current_cost": ("currency", "cost now: the stated actual, or the bill"),
            "cost_change": ("currency", "current - baseline; positive is more spend"),
            "cost_change_pct": ("%", "change against the baseline; missing without one"),
            "calendar_effect": ("currency", "change because the periods differ in days"),
            "quantity_effect": ("currency", "change because the component used more or less"),
            "mix_effect": ("currency", "change because use moved between lines of a component"),
            "price_effect": ("currency", "change because a unit cost more or less"),
            "new_effect": ("currency", "cost of a line that has no baseline"),
            "retired_effect": ("currency", "baseline of a line that has no cost now"),
            "unseen_effect": ("currency", "estimate of a line for which no charge is seen"),
            "credit_effect": ("currency", "change of credits and refunds"),
            "adjustment_effect": ("currency", "change of discounts and other adjustments"),
            "negation_effect": ("currency", "change of what takes back usage under Savings Plans"),
            "tax_effect": ("currency", "change of tax"),
            "unsplit_effect": ("currency", "change that no quantity exists to split"),
            "explained_ratio": ("ratio", "share of the movement whose reason is known"),
            "implied_usd_per_hour": ("USD/hour", "cost / (count x hours) behind a line"),
            "list_usd_per_hour": ("USD/hour", "on-demand price of the instance type"),
            "committed_usd_per_hour": ("USD/hour", "lowest sourced rate under a commitment"),
            "inferred_usd_per_hour": ("USD/hour", "lowest rate that is inferred, low confidence"),
            "rate_to_list_ratio": ("ratio", "implied rate / on-demand price"),
            "cumulative_cost": ("currency", "cost from the first day of the period"),
            "cumulative_baseline": ("currency", "baseline of the period, spread evenly by day"),
        },
    ),
    **declared(
        "flag",
        {
            "is_material": ("", "the change exceeds both the money and the percent line"),
        },
    ),
}
