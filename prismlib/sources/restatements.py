"""Figures that a provider has changed since the last pull: the old one is kept beside the new.

Only days that were over at the earlier pull are compared, so a day that was still running is no
restatement; neither are charges that a person edited. A row that came or went has one empty side:
it was not zero, it was not there. Restatements that the earlier snapshot already held are kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.cost_explorer_tables import RESTATED, RESTATEMENT
from prismlib.sources.snapshots import PULLED_HASH, Snapshot, untied
from prismlib.tables import COST_METRICS, make, records

Key = tuple[Any, ...]
METRIC = "cost_metric"


def restatements(before: Snapshot, cost: pd.DataFrame, now: datetime) -> pd.DataFrame | None:
    """Return RESTATEMENT of an earlier snapshot of the same month; None if nothing changed.

    Parameters
    ----------
    before : Snapshot
        The earlier pull.
    cost : COST
        What was pulled now.
    now : datetime
        The time of this pull, with its zone.
    """
    rows = records(before.tables["restatement"]) if before.has("restatement") else []
    if is_as_pulled(before):
        rows += _changes(before, cost, now)
    return make(RESTATEMENT, rows) if rows else None


def is_as_pulled(before: Snapshot) -> bool:
    """Return whether the charges of an earlier pull are those that came, not edited and sealed."""
    if not before.has("cost"):
        return False
    rows = before.provenance[before.provenance["table"] == "cost"]
    seen = rows["sha256"].iloc[0]
    return before.pull.get(PULLED_HASH, seen) == seen and not untied(before)


def _changes(before: Snapshot, cost: pd.DataFrame, now: datetime) -> Iterator[dict[str, Any]]:
    if before.tables["cost"].equals(cost):
        return
    old, new = _amounts(before.tables["cost"]), _amounts(cost)
    days = {key[0] for key in old if key[0] < before.as_of}
    for key in sorted({*old, *new}):
        was, is_now = old.get(key), new.get(key)
        amounts = [None if side is None else side[0] for side in (was, is_now)]
        if key[0] not in days or amounts[0] == amounts[1]:
            continue
        yield {
            "restated_at": now.astimezone(UTC),
            **dict(zip(RESTATED, key, strict=True)),
            "before_cost": amounts[0],
            "after_cost": amounts[1],
            "is_from_estimate": was[1] if was else bool(is_now and is_now[1]),
            "billing_currency": before.billing_currency,
        }


def _amounts(cost: pd.DataFrame) -> dict[Key, tuple[Decimal, bool]]:
    """Return each known amount under its key, and whether it is an estimate."""
    found: dict[Key, tuple[Decimal, bool]] = {}
    rows = [cost[name].tolist() for name in RESTATED if name != METRIC]
    estimates = cost["is_estimated"].tolist()
    for metric in COST_METRICS:
        for *row, amount, is_estimated in zip(*rows, cost[metric].tolist(), estimates, strict=True):
            if amount is not None:
                key = (*row, metric)
                before, was_estimated = found.get(key, (Decimal(0), False))
                found[key] = (before + amount, was_estimated or is_estimated)
    return found
