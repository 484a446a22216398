"""The dated price and rule tables of ``data/reference``, declared like those of a snapshot."""

from __future__ import annotations

from prismlib.tables import COMPONENT_RULE, Table

INSTANCE_PRICE = Table(
    "INSTANCE_PRICE",
    "an instance type in a region, on demand",
    (
        "instance_type",
        "region_id",
        "vcpu",
        "memory_gib",
        "usd_per_hour",
        "valid_from",
        "source",
        "confidence",
    ),
    key=("instance_type", "region_id"),
    required=("usd_per_hour", "valid_from", "source", "confidence"),
)

COMMITMENT_RATE = Table(
    "COMMITMENT_RATE",
    "an instance type under a commitment",
    (
        "instance_type",
        "region_id",
        "commitment",
        "term_years",
        "payment",
        "usd_per_hour",
        "discount_ratio",
        "valid_from",
        "source",
        "confidence",
    ),
    key=("instance_type", "region_id", "commitment", "term_years", "payment"),
    required=("usd_per_hour", "source", "confidence"),
)

UNIT_PRICE = Table(
    "UNIT_PRICE",
    "a priced thing other than an instance",
    ("item", "price_unit", "usd", "region_id", "valid_from", "source", "confidence", "note"),
    key=("item", "region_id"),
    required=("price_unit", "usd", "source", "confidence"),
)

REFERENCE_TABLES: dict[str, Table] = {
    "instance_price": INSTANCE_PRICE,
    "commitment_rate": COMMITMENT_RATE,
    "unit_price": UNIT_PRICE,
    "component_rule": COMPONENT_RULE,
}
"""The dated price and rule tables of ``data/reference``."""
