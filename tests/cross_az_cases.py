"""The sample and small bills for the tests of traffic between zones, and ways to change them."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pandas as pd

from prismlib import paths
from prismlib.analyses.cross_az import CrossAzResults, analyse_cross_az
from prismlib.analyses.cross_az_findings import judge_cross_az
from prismlib.analyses.cross_az_inputs import CrossAzInputs, CrossAzSettings
from prismlib.findings import Finding
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import COST, make
from prismlib.zone_tables import PLACEMENT, ZONE_FLOW

DATA = read_snapshot(paths.SAMPLE)
REFERENCE = read_reference_tables(DATA.tables)

DEFAULTS: dict[str, Any] = {
    "crossing": "auto",
    "total_gb_per_s": 0.0,
    "zones": 0,
    "days_per_month": 0.0,
    "failed_pct": 0.0,
    "incident_hours": 4.0,
    "alarm_periods": 2,
    "reads_pct": 80.0,
    "hint_effectiveness_pct": 90.0,
    "compression_ratio": 2.0,
    "compression_gb_per_core_s": 0.5,
    "balancer_gb_per_month": 0.0,
    "budget_per_month": 0.0,
    "tolerance_pct": 10.0,
    "limit_pct": 20.0,
}
"""The parameters of the notebook that are no choice of data, as it ships."""


def inputs_of(
    tables: dict[str, pd.DataFrame], *, is_bill_synthetic: bool = False, as_of: date = DATA.as_of
) -> CrossAzInputs:
    """Return the inputs of a snapshot with these tables only."""
    return CrossAzInputs.of(
        tables,
        REFERENCE,
        period=DATA.period,
        as_of=as_of,
        is_bill_synthetic=is_bill_synthetic,
        stated_period=DATA.period,
    )


INPUTS = inputs_of(DATA.tables, is_bill_synthetic=True)


def only(*names: str, **tables: pd.DataFrame) -> CrossAzInputs:
    """Return the inputs of a snapshot with some tables of the sample, and others; a real bill."""
    return inputs_of({**{name: DATA.tables[name] for name in names}, **tables})


def settings_of(**parameters: Any) -> CrossAzSettings:
    """Return the settings of the notebook with some parameters changed."""
    return CrossAzSettings.of(**{**DEFAULTS, **parameters})


def analysed(
    inputs: CrossAzInputs = INPUTS, **parameters: Any
) -> tuple[CrossAzResults, dict[str, Finding]]:
    """Return results and findings by id."""
    settings = settings_of(**parameters)
    results = analyse_cross_az(inputs, settings)
    found = judge_cross_az(inputs, settings, results)
    assert len({finding.id for finding in found}) == len(found)
    return results, {finding.id: finding for finding in found}


def put(inputs: CrossAzInputs, **tables: pd.DataFrame | None) -> CrossAzInputs:
    """Return the inputs with tables replaced, wherever they are held."""
    own = {one.name for one in fields(CrossAzInputs)}
    costs = {name: frame for name, frame in tables.items() if name not in own}
    mine = {name: frame for name, frame in tables.items() if name in own}
    return replace(inputs, costs=replace(inputs.costs, **costs), **mine)


def changed(
    table: str, where: tuple[str, str], inputs: CrossAzInputs = INPUTS, **values: Any
) -> CrossAzInputs:
    """Return the inputs with cells of the rows `where` (column, value) replaced."""
    frame = getattr(inputs, table, None)
    frame = (getattr(inputs.costs, table) if frame is None else frame).copy()
    rows = frame[where[0]] == where[1]
    assert rows.any()
    for name, value in values.items():
        frame.loc[rows, name] = value
    return put(inputs, **{table: frame})


def claimed(inputs: CrossAzInputs = INPUTS, **values: str) -> CrossAzInputs:
    """Return the inputs with other stated figures, by claim id."""
    for claim_id, value in values.items():
        inputs = changed("claim", ("claim_id", claim_id), inputs, stated_value=D(value))
    return inputs


def placed(*rows: tuple[str, str, int]) -> pd.DataFrame:
    """Return a PLACEMENT of (role, zone, nodes)."""
    names = ("role", "zone_name", "node_count")
    return make(PLACEMENT, [dict(zip(names, (r, z, D(n)), strict=True)) for r, z, n in rows])


def charge(
    name: str, cost: str, gb: str | None, *, day: int = 1, currency: str = "USD", **more: Any
) -> dict[str, Any]:
    """Return a charge of a day in October 2025."""
    return {
        "charge_period_start": date(2025, 10, day),
        "charge_period_end": date(2025, 10, day + 1),
        "provider_name": "AWS",
        "service_name": "EC2 - Other",
        "usage_type": name,
        "record_type": "Usage",
        "tags": "{}",
        "charge_kind": "usage",
        "usage_unit": "GB",
        "usage_quantity": None if gb is None else D(gb),
        "unblended_cost": D(cost),
        "billing_currency": currency,
        "is_estimated": False,
        **more,
    }


def bill(*charges: dict[str, Any]) -> pd.DataFrame:
    """Return a COST."""
    return make(COST, charges)


def flows(*rows: tuple[str, str, int], days: int = 1) -> pd.DataFrame:
    """Return a ZONE_FLOW of (source, destination, GB) from 1 October 2025 on."""
    start = date(2025, 10, 1)
    return make(
        ZONE_FLOW,
        [
            {
                "charge_period_start": start,
                "charge_period_end": start + timedelta(days=days),
                "source_zone_id": source,
                "destination_zone_id": destination,
                "moved_bytes": D(gb) * 10**9,
            }
            for source, destination, gb in rows
        ],
    )
