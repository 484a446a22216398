"""Which tables a snapshot may hold."""

from __future__ import annotations

from prismlib.cost_explorer_tables import COST_EXPLORER_TABLES
from prismlib.dr_tables import DR_TABLES
from prismlib.pulled_tables import PULLED_TABLES
from prismlib.readiness_tables import EVIDENCE_TABLES, READINESS_TABLES
from prismlib.reference_tables import INSTANCE_PRICE
from prismlib.slo_tables import SLO_TABLES
from prismlib.storage_tables import STORAGE_TABLES
from prismlib.tables import (
    CLAIM,
    COMPONENT_RULE,
    COST,
    COST_FILE,
    ESTIMATE,
    FLEET,
    STATED_ACTUAL,
    Table,
)
from prismlib.zone_tables import ZONE_TABLES

SNAPSHOT_TABLES: dict[str, Table] = {
    "cost": COST,
    "cost_file": COST_FILE,
    "estimate": ESTIMATE,
    "stated_actual": STATED_ACTUAL,
    "claim": CLAIM,
    "fleet": FLEET,
    "component_rule": COMPONENT_RULE,
    "instance_price": INSTANCE_PRICE,
    **COST_EXPLORER_TABLES,
    **PULLED_TABLES,
    **ZONE_TABLES,
    **DR_TABLES,
    **STORAGE_TABLES,
    **READINESS_TABLES,
    **EVIDENCE_TABLES,
    **SLO_TABLES,
}
"""The tables a snapshot may hold, by the name of their file."""

TIMELESS = (
    *("component_rule", "placement", "lifecycle_policy", "storage_need"),
    *DR_TABLES,
    *READINESS_TABLES,
    *SLO_TABLES,
)
"""Tables that a person writes and that are about no month."""

HAND_WRITTEN = (
    *TIMELESS,
    "estimate",
    "stated_actual",
    "claim",
    "fleet",
    "zone_flow",
    "object_cohort",
)
"""Tables that a person writes; no pull makes one of them."""
