"""What is open, ranked by what waits for it: severity beside money and hours.

Method. An item unblocks a criterion when the evidence of that criterion rests on it, and another
item when that one needs it, directly or over others. Two kinds of wrong rank follow from the
registers alone: an item that is not critical although a veto criterion or a critical item waits for
it, and a critical item that nothing waits for and whose only stated harm is money worth less than
that rank. A severity is somebody's opinion; the advice beside it is only what these rules give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.dr_inputs import DAYS_PER_MONTH
from prismlib.analyses.judging import severity_of_amount
from prismlib.analyses.launch_evidence import Item, State, names
from prismlib.analyses.launch_inputs import Known
from prismlib.analyses.launch_rules import Criterion
from prismlib.findings import Severity
from prismlib.readiness_tables import CHECKLIST_ITEM
from prismlib.result_tables.readiness import OPEN_ITEM
from prismlib.tables import check, empty, make, records

STATES = {State.PASS: "closed", State.FAIL: "open", State.UNKNOWN: "unknown"}


def waiting(items: Mapping[str, Item], criteria: Iterable[Criterion]) -> dict[str, list[str]]:
    """Return the ids of the items and criteria that wait for each item, over others too."""
    direct: dict[str, list[str]] = {item_id: [] for item_id in items}
    for item in items.values():
        for name in names(item.row["needs"]):
            direct.setdefault(name, []).append(item.item_id)
    for criterion in criteria:
        for name in names(criterion.row["needs"]):
            direct.setdefault(name, []).append(criterion.criterion_id)
    found = {}
    for item_id in items:
        reached: list[str] = []
        later = list(direct.get(item_id, ()))
        while later:
            name = later.pop(0)
            if name not in reached:
                reached.append(name)
                later += direct.get(name, ())
        found[item_id] = reached
    return found


def groups_of(frame: pd.DataFrame | None, item_ids: Iterable[str]) -> dict[str, str]:
    """Return the group of the checklist that each item is in; a row may name a kind of items."""
    rows = records(check(empty(CHECKLIST_ITEM) if frame is None else frame, CHECKLIST_ITEM))
    found = {}
    for item_id in item_ids:
        for row in rows:
            if item_id == row["item_id"] or item_id.startswith(f"{row['item_id']}."):
                found[item_id] = row["checklist_group"]
    return found


def advised(
    item: Item, unblocks: Sequence[str], items: Mapping[str, Item], vetoes: set[str]
) -> str:
    """Return the severity that follows from what waits for an item and what it costs."""
    stated = str(item.row["severity"])
    waits = [name for name in unblocks if name in vetoes]
    waits += [n for n in unblocks if n in items and items[n].row["severity"] == "critical"]
    if waits:
        return str(Severity.CRITICAL)
    money: Decimal | None = item.row["open_cost"]
    if stated == Severity.CRITICAL and money is not None:
        return str(severity_of_amount(money))
    return stated


def open_items(known: Known, criteria: Sequence[Criterion]) -> pd.DataFrame:
    """Return OPEN_ITEM: what is not closed, in the order of the register."""
    waits = waiting(known.items, criteria)
    vetoes = {one.criterion_id for one in criteria if one.row["is_veto"]}
    groups = groups_of(known.inputs.tables.get("checklist_item"), known.items)
    rows: list[dict[str, Any]] = []
    for item in known.items.values():
        if item.state is State.PASS:
            continue
        row, unblocks = item.row, waits[item.item_id]
        rows.append(
            {
                **{name: row[name] for name in OPEN_ITEM.fields if name in row},
                "item_state": STATES[item.state],
                "cost_per_day": None if row["open_cost"] is None else _a_day(row["open_cost"]),
                "unblocks": "|".join(unblocks),
                "advised_severity": advised(item, unblocks, known.items, vetoes),
                "checklist_group": groups.get(item.item_id, ""),
                "is_waived": item.is_waived,
                "note": item.reason,
            }
        )
    return make(OPEN_ITEM, rows)


def _a_day(cost: Decimal) -> Decimal:
    return cost / DAYS_PER_MONTH
