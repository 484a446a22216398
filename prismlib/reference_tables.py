"""The dated price and rule tables of ``data/reference``, declared like those of a snapshot."""

from __future__ import annotations

from prismlib.evidence_tables import EVIDENCE_REFERENCE_TABLES
from prismlib.readiness_tables import READINESS_REFERENCE_TABLES
from prismlib.slo_tables import TOOL_FIELD
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

INSTANCE_DISK = Table(
    "INSTANCE_DISK",
    "an instance type, with what it can read from or write to its network disks",
    (
        "instance_type",
        "disk_baseline_mb_per_second",
        "disk_burst_mb_per_second",
        "valid_from",
        "source",
        "confidence",
    ),
    key=("instance_type",),
    required=("disk_baseline_mb_per_second", "source", "confidence"),
)

COMMAND_RULE = Table(
    "COMMAND_RULE",
    "a kind of command that does not do what runbooks use it for; the first match by priority wins",
    (
        "priority",
        "read_as",
        "command_pattern",
        "purpose_pattern",
        "unless_pattern",
        "severity",
        "verdict",
        "note",
        "valid_from",
        "source",
        "confidence",
    ),
    key=("priority",),
    required=("read_as", "command_pattern", "severity", "verdict", "note", "source", "confidence"),
)

LIMIT = Table(
    "LIMIT",
    "a documented or physical limit other than those of an instance type",
    ("limit_name", "limit_value", "unit", "valid_from", "source", "confidence", "note"),
    key=("limit_name",),
    required=("limit_value", "unit", "source", "confidence"),
)

INSTANCE_OFFER = Table(
    "INSTANCE_OFFER",
    "an Arm instance family that a region offers; a region without any row is not known",
    ("instance_family", "region_id", "valid_from", "source", "confidence"),
    key=("instance_family", "region_id"),
    required=("instance_family", "region_id", "source", "confidence"),
)

MANAGED_PRICE = Table(
    "MANAGED_PRICE",
    "a node of a managed service with an engine in a region, on demand or reserved",
    (
        "compute_service",
        "instance_type",
        "engine",
        "region_id",
        "rate_basis",
        "vcpu",
        "memory_gib",
        "usd_per_hour",
        "valid_from",
        "source",
        "confidence",
    ),
    key=("compute_service", "instance_type", "engine", "region_id", "rate_basis"),
    required=("usd_per_hour", "source", "confidence"),
)

GRAVITON_TARGET = Table(
    "GRAVITON_TARGET",
    "a family and the Graviton family that a published mapping gives it",
    (
        "compute_service",
        "instance_family",
        "processor",
        "mapping_name",
        "graviton_generation",
        "target_family",
        "valid_from",
        "source",
        "confidence",
    ),
    key=("compute_service", "instance_family", "mapping_name", "graviton_generation"),
    required=("compute_service", "instance_family", "mapping_name", "source", "confidence"),
)

GRAVITON_RULE = Table(
    "GRAVITON_RULE",
    "a rule on whether a line can move; the first match of a service by priority wins",
    (
        "priority",
        "rule_name",
        "compute_service",
        "attribute",
        "match_pattern",
        "minimum_version",
        "eligibility",
        "migration_effort",
        "reason",
        "valid_from",
        "source",
        "confidence",
    ),
    key=("priority",),
    required=("priority", "rule_name", "eligibility", "reason", "source", "confidence"),
)

WORKLOAD = Table(
    "WORKLOAD",
    "a kind of work and how a benchmark measures it; of its configurations the best counts",
    ("workload", "benchmark", "config_pattern", "metric", "match_pattern", "note"),
    key=("workload",),
    required=("workload", "benchmark", "metric"),
)

BENCHMARK = Table(
    "BENCHMARK",
    "a metric of a benchmark on an instance type, in one configuration of one run",
    (
        "instance_type",
        "benchmark",
        "config",
        "metric",
        "benchmark_value",
        "started_at",
        "exit_code",
        "source",
    ),
    key=("instance_type", "benchmark", "config", "metric", "started_at"),
    required=("benchmark_value", "exit_code", "source"),
)

REFERENCE_TABLES: dict[str, Table] = {
    "instance_price": INSTANCE_PRICE,
    "commitment_rate": COMMITMENT_RATE,
    "unit_price": UNIT_PRICE,
    "component_rule": COMPONENT_RULE,
    "transfer_type": TRANSFER_TYPE,
    "instance_network": INSTANCE_NETWORK,
    "instance_disk": INSTANCE_DISK,
    "limit": LIMIT,
    "command_rule": COMMAND_RULE,
    "instance_offer": INSTANCE_OFFER,
    "managed_price": MANAGED_PRICE,
    "graviton_target": GRAVITON_TARGET,
    "graviton_rule": GRAVITON_RULE,
    "workload": WORKLOAD,
    "benchmark": BENCHMARK,
    "tool_field": TOOL_FIELD,
    **STORAGE_REFERENCE_TABLES,
    **READINESS_REFERENCE_TABLES,
    **EVIDENCE_REFERENCE_TABLES,
}
"""The dated price and rule tables of ``data/reference``."""
