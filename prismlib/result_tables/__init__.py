"""The tables that analyses return, a module a notebook, declared like those of `tables`."""

from __future__ import annotations

from prismlib.result_tables import (
    cost_variance,
    cross_az,
    dr,
    graviton,
    lifecycle,
    readiness,
    slo,
)
from prismlib.tables import Table

RESULT_TABLES: dict[str, Table] = {
    **cost_variance.TABLES,
    **cross_az.TABLES,
    **dr.TABLES,
    **graviton.TABLES,
    **lifecycle.TABLES,
    **readiness.TABLES,
    **slo.TABLES,
}
"""What the analyses return, by name."""
