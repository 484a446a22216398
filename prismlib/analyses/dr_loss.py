"""What would be lost (recovery points), and what an outage spends of the error budget.

Method. The newest recovery point of a store that outlives the lost region bounds the loss: a
mechanism counts when it was working, lies in another region, and its age is known. The youngest
counts. Everything else leaves the loss unknown, with what is missing; it is never zero. The error
budget of an objective of p percent over a window is (100 - p) percent of the window.

Known limits. The age of a recovery point is its worst, an interval plus the time of transfer, as
the table gives it. A mechanism that covers a part of the data leaves the loss of the rest unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.dr_cases import Case
from prismlib.dr_tables import RECOVERY_POINT
from prismlib.money import divide
from prismlib.result_tables.dr import BUDGET_SPENT, STORE_LOSS
from prismlib.tables import check, empty, make, records

SECONDS_PER_DAY = Decimal(86400)


def store_losses(recovery_point: pd.DataFrame | None, lost_region_id: str) -> pd.DataFrame:
    """Return STORE_LOSS: how old the newest usable recovery point of each store may be.

    Parameters
    ----------
    recovery_point : RECOVERY_POINT, optional
    lost_region_id : str
        The region that is assumed lost; empty when nothing says which.
    """
    if recovery_point is None:
        return empty(STORE_LOSS)
    stores: dict[str, list[dict[str, Any]]] = {}
    for row in records(check(recovery_point, RECOVERY_POINT)):
        stores.setdefault(row["store_name"], []).append(row)
    losses = [_loss(name, rows, lost_region_id) for name, rows in stores.items()]
    return make(STORE_LOSS, losses)


def _loss(store_name: str, rows: list[dict[str, Any]], lost_region_id: str) -> dict[str, Any]:
    usable = [row for row in rows if not _lacks(row, lost_region_id)]
    if usable:
        best = min(usable, key=lambda row: row["recovery_point_age_s"])
        return {
            "store_name": store_name,
            "recovery_point_age_s": best["recovery_point_age_s"],
            "mechanism": best["mechanism"],
            "note": best["note"],
        }
    reasons = [f"{row['mechanism']}: {_lacks(row, lost_region_id)}" for row in rows]
    return {
        "store_name": store_name,
        "mechanism": "none that is usable",
        "note": "; ".join(reasons),
    }


def _lacks(row: dict[str, Any], lost_region_id: str) -> str:
    """Return why a recovery point bounds no loss; empty when it does."""
    if row["is_in_place"] is not True:
        return "not in place" if row["is_in_place"] is False else "not known to be in place"
    if lost_region_id and row["region_id"] == lost_region_id:
        return "lost with its region"
    if not row["region_id"]:
        return "where it lies is not said"
    if row["recovery_point_age_s"] is None:
        return "its age is not said"
    if row["covered_pct"] is not None and row["covered_pct"] < 100:
        return "covers a part of the data"
    return ""


@dataclass(frozen=True)
class Objective:
    """An availability objective: `target_pct` of a window of `window_days`."""

    name: str
    target_pct: Decimal
    window_days: Decimal

    @property
    def budget_s(self) -> Decimal:
        """Return how long the window may be down. [s]"""
        return (100 - self.target_pct) / 100 * self.window_days * SECONDS_PER_DAY


def budgets_spent(outages: Sequence[Case], objectives: Sequence[Objective]) -> pd.DataFrame:
    """Return BUDGET_SPENT: each outage of a known length against each objective."""
    rows = []
    for objective in objectives:
        for outage in outages:
            if outage.span is None:
                continue
            spent = divide(outage.span.middle, objective.budget_s)
            rows.append(
                {
                    "case_name": outage.name,
                    "threshold_name": objective.name,
                    "window_days": objective.window_days,
                    "recovery_s": outage.span.middle,
                    "budget_s": objective.budget_s,
                    "budget_spent_pct": None if spent is None else spent * 100,
                }
            )
    return make(BUDGET_SPENT, rows)
