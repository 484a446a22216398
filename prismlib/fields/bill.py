"""Columns of bills, estimates, statements and claims, and of the rules that read them."""

from __future__ import annotations

from prismlib.fields.kinds import declared

FIELDS = {
    **declared(
        "text",
        {
            "billing_currency": ("", "ISO 4217 code of every cost in the row"),
            "charge_description": ("", "the provider's own words for the charge"),
            "charge_kind": ("", "usage, purchase, tax, credit, refund, support or adjustment"),
            "charge_kinds": ("", "charge kinds that a rule matches, separated by |; empty is any"),
            "claim_id": ("", "stable name of a stated figure"),
            "component": ("", "part of the system as the estimate names it"),
            "cost_metric": ("", "which cost: one of COST_METRICS"),
            "file_name": ("", "name of the file without its folder"),
            "format_name": ("", "cost_explorer, focus, cur_legacy, cur_2 or synthetic"),
            "instance_type": ("", "the provider's instance type"),
            "kind": ("", "what a stated figure is: see CLAIM"),
            "note": ("", "the source's own note, or why a value is missing"),
            "provider_name": ("", "FOCUS ProviderName; AWS for Cost Explorer and CUR"),
            "record_type": ("", "AWS record type or FOCUS charge category, as delivered"),
            "region_id": ("", "FOCUS RegionId: us-west-2 ..."),
            "resource_name": ("", "kind of resource behind a component, in the singular"),
            "service_name": ("", "FOCUS ServiceName or Cost Explorer SERVICE"),
            "service_pattern": ("", "regular expression, whole value, case ignored; empty is any"),
            "sha256": ("", "hash of the file as read"),
            "source": ("", "where the row comes from: document and section, or file"),
            "statement": ("", "the words of the source"),
            "sub_account_id": ("", "linked account; digits kept as text"),
            "account_pattern": ("", "regular expression on sub_account_id; empty is any"),
            "tag_key": ("", "key of a resource tag that tag_pattern is matched against"),
            "tag_pattern": ("", "regular expression on the value of tag_key; empty is any"),
            "tags": ("", "resource tags as a JSON object with sorted keys; {} when none"),
            "unit": ("", "unit of the figure in the row"),
            "usage_type": ("", "AWS usage type; empty where the source has none"),
            "usage_type_pattern": ("", "regular expression on usage_type, else the description"),
            "usage_unit": ("", "unit of usage_quantity; N/A or empty when mixed or unknown"),
        },
    ),
    **declared(
        "date",
        {
            "charge_period_start": ("day, UTC", "first day of the charge"),
            "charge_period_end": ("day, UTC", "day after the last day of the charge (exclusive)"),
            "stated_date": ("day", "a date that a document states"),
        },
    ),
    **declared(
        "decimal",
        {
            "actual_cost": ("currency", "cost a document states as actual, for one month"),
            "amortized_cost": ("currency", "Cost Explorer AmortizedCost; CUR by line-item type"),
            "billed_cost": ("currency", "FOCUS BilledCost: what is invoiced"),
            "deployed_count": ("resources", "resources that other evidence says exist"),
            "effective_cost": ("currency", "FOCUS EffectiveCost: amortized, after reductions"),
            "estimated_cost": ("currency", "cost the estimate gives a component for one month"),
            "expected_count": ("resources", "resources that the cost line was sized for"),
            "file_total": ("currency", "sum over all rows of the file, before any mapping"),
            "left_out_total": (
                "currency",
                "sum over the rows that do not count, such as split costs",
            ),
            "hours_per_month": ("hours", "length of the month a monthly figure is based on"),
            "list_cost": ("currency", "FOCUS ListCost; CUR public on-demand cost"),
            "period_days": ("days", "days that a cost covers; missing when it does not say"),
            "stated_change_pct": ("%", "change a document states"),
            "stated_value": ("see unit", "figure that a document states"),
            "table_total": (
                "currency",
                "sum over the rows in the table, all but those left out",
            ),
            "unblended_cost": ("currency", "Cost Explorer UnblendedCost; CUR unblended cost"),
            "usage_quantity": ("see usage_unit", "how much was used"),
        },
    ),
    **declared(
        "count",
        {
            "decimals": ("decimals", "decimals the claim prints; negative for thousands"),
            "priority": ("", "order of a rule; the first match wins"),
            "left_out_rows": ("rows", "rows of the file that do not count"),
            "row_count": ("rows", "rows of the file"),
            "whole_number_rows": ("rows", "rows with a non-zero amount without decimals"),
            "zero_where_billed_rows": ("rows", "uncommitted usage billed > 0 with this cost at 0"),
        },
    ),
    **declared(
        "flag",
        {
            "is_estimated": ("", "the provider still marks the amount as an estimate"),
        },
    ),
}
