"""The dated price and rule tables of ``data/reference``, declared like those of a snapshot."""

from __future__ import annotations

from prismlib.storage_tables import STORAGE_REFERENCE_TABLES
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

TRANSFER_TYPE = Table(
    "TRANSFER_TYPE",
    "a rule that says what a usage type pays for; the first match by priority wins",
    (
        "priority",
        "transfer_kind",
        "usage_type_pattern",
        "service_pattern",
        "billed_ends",
        "is_both_ways",
        "price_item",
        "note",
        "source",
    ),
    key=("priority",),
    required=("priority", "transfer_kind", "source"),
)

INSTANCE_NETWORK = Table(
    "INSTANCE_NETWORK",
    "an instance type, with the network that it has in each direction",
    (
        "instance_type",
        "network_baseline_gbps",
        "network_burst_gbps",
        "valid_from",
        "source",
        "confidence",
    ),
    key=("instance_type",),
    required=("network_baseline_gbps", "source", "confidence"),
)

LIMIT = Table(
    "LIMIT",
    "a documented or physical limit other than those of an instance type",
    ("limit_name", "limit_value", "unit", "valid_from", "source", "confidence", "note"),
    key=("limit_name",),
    required=("limit_value", "unit", "source", "confidence"),
)

REFERENCE_TABLES: dict[str, Table] = {
    "instance_price": INSTANCE_PRICE,
    "commitment_rate": COMMITMENT_RATE,
    "unit_price": UNIT_PRICE,
    "component_rule": COMPONENT_RULE,
    "transfer_type": TRANSFER_TYPE,
    "instance_network": INSTANCE_NETWORK,
    "limit": LIMIT,
    **STORAGE_REFERENCE_TABLES,
}
"""The dated price and rule tables of ``data/reference``."""
