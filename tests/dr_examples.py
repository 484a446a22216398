"""Small drills written by hand, for the tests of the analysis of recovery."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.dr_inputs import DrInputs, DrSettings
from prismlib.analyses.dr_timeline import DrResults, analyse_dr
from prismlib.analyses.drill_steps import Drill, drills_of
from prismlib.dr_tables import DRILL, DRILL_EVENT, PREREQUISITE, RECOVERY_POINT
from prismlib.sources.prices import read_reference_tables
from prismlib.tables import CLAIM, make

AS_OF = date(2025, 11, 16)
REFERENCE = read_reference_tables()


def event(step_id: str, start: object = None, end: object = None, **others: Any) -> dict[str, Any]:
    """Return a row of DRILL_EVENT; `start` and `end` are seconds, or pairs of low and high."""
    row: dict[str, Any] = {"drill_id": "d", "step_id": step_id, "is_excluded": False}
    for name, value in (("start", start), ("end", end)):
        pair = value if isinstance(value, tuple) else (value, value)
        for side, seconds in zip(("low", "high"), pair, strict=True):
            row[f"{name}_{side}_s"] = None if seconds is None else Decimal(str(seconds))
    numbers = {"duration_s", "planned_s", "moved_gb", "stated_mb_per_second", "node_count"}
    for name, value in others.items():
        row[name] = Decimal(value) if name in numbers and value is not None else value
    return row


def events(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return DRILL_EVENT of the rows."""
    return make(DRILL_EVENT, rows)


def drill_row(**others: Any) -> dict[str, Any]:
    """Return a row of DRILL: a failover of 14 November 2025 unless said otherwise."""
    row = {"drill_id": "d", "drill_kind": "failover", "drill_date": date(2025, 11, 14)}
    return {**row, **others}


def drill(*rows: dict[str, Any], **others: Any) -> Drill:
    """Return one drill of the rows."""
    (one,) = drills_of(make(DRILL, [drill_row(**others)]), events(*rows))
    return one


def minutes(claim_id: str, value: str) -> dict[str, Any]:
    """Return a claim of so many minutes."""
    return {
        "claim_id": claim_id,
        "kind": "recovery",
        "stated_value": Decimal(value),
        "unit": "minutes",
        "decimals": 0,
    }


def inputs(
    *rows: dict[str, Any],
    drills: list[dict[str, Any]] | None = None,
    claims: list[dict[str, Any]] | None = None,
    needs: list[dict[str, Any]] | None = None,
    points: list[dict[str, Any]] | None = None,
) -> DrInputs:
    """Return inputs of hand-written rows and the reference tables of the repository."""
    tables = {
        "drill": make(DRILL, drills if drills is not None else [drill_row()]),
        "drill_event": events(*rows),
        "claim": make(CLAIM, claims or []),
    }
    if needs is not None:
        tables["prerequisite"] = make(PREREQUISITE, needs)
    if points is not None:
        tables["recovery_point"] = make(RECOVERY_POINT, points)
    return DrInputs.of(tables, REFERENCE, as_of=AS_OF)


def analysed(given: DrInputs, **settings: Any) -> DrResults:
    """Return the analysis with few draws."""
    return analyse_dr(given, DrSettings(draws=200, **settings))
