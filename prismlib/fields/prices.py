"""Columns of the dated price tables."""

from __future__ import annotations

from prismlib.fields.kinds import declared

FIELDS = {
    **declared(
        "text",
        {
            "confidence": ("", "high, medium, low or none, as the price source was judged"),
            "item": ("", "name of a priced thing"),
            "payment": ("", "no, partial or all upfront"),
            "price_unit": ("", "what one price buys: USD/GB-month, USD/hour ..."),
        },
    ),
    **declared(
        "date",
        {
            "valid_from": ("day", "day the price was read at its source"),
        },
    ),
    **declared(
        "decimal",
        {
            "discount_ratio": ("ratio", "1 - committed rate / on-demand rate"),
            "memory_gib": ("GiB", "memory of an instance type"),
            "usd": ("USD", "price of one price_unit"),
            "usd_per_hour": ("USD/hour", "price of one instance-hour"),
            "vcpu": ("vCPU", "virtual processors of an instance type"),
        },
    ),
    **declared(
        "count",
        {
            "term_years": ("years", "length of a commitment"),
        },
    ),
}
