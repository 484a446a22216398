"""Where the nodes of a system run, and what flows between zones."""

from __future__ import annotations

from prismlib.tables import Table

PLACEMENT = Table(
    "PLACEMENT",
    "a role in a zone; an empty zone means that its nodes are spread evenly over all zones",
    ("role", "zone_name", "node_count", "note", "source"),
    key=("role", "zone_name"),
    required=("role", "node_count"),
)

ZONE_FLOW = Table(
    "ZONE_FLOW",
    "a pair of zones in a period, added up from flow logs with zones; each byte is in one row",
    (
        "charge_period_start",
        "charge_period_end",
        "source_zone_id",
        "destination_zone_id",
        "moved_bytes",
    ),
    key=("charge_period_start", "source_zone_id", "destination_zone_id"),
    required=("charge_period_start", "charge_period_end", "moved_bytes"),
)

ZONE_TABLES: dict[str, Table] = {"placement": PLACEMENT, "zone_flow": ZONE_FLOW}
"""The tables of a snapshot about zones, by the name of their file."""
