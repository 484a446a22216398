"""What a day of delay costs: a range, with what is spent either way apart.

Method. The cost of a month is spread over 30 days. Lines that are committed (their component says
so) are spent whether the launch waits or not: sunk. The rest is what a delay can avoid at best, if
it is stopped, and costs at worst. Savings that come later by the same days are counted from nothing
(they are claims) to what is claimed. The value of the launch itself is in no figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.dr_inputs import DAYS_PER_MONTH
from prismlib.analyses.judging import counted
from prismlib.analyses.launch_inputs import Known
from prismlib.money import exact_sum
from prismlib.result_tables.readiness import DELAY_COST
from prismlib.tables import empty, make, records

COMMITTED = "reserved"
"""The word by which a component says that it is committed."""
ZERO = Decimal(0)


@dataclass(frozen=True)
class Delay:
    """What a day costs. `table` is DELAY_COST; None where no cost is known."""

    table: pd.DataFrame
    currency: str
    sunk: Decimal | None
    low: Decimal | None
    high: Decimal | None
    stated: Decimal | None

    @property
    def sunk_pct(self) -> Decimal | None:
        """Return the sunk share of what is spent in a day, savings left aside. [%]"""
        if self.sunk is None or self.stated is None or not self.stated:
            return None
        return self.sunk / self.stated * 100


def cost_of_delay(known: Known) -> Delay:
    """Return what a day of delay costs."""
    costs = None if known.traffic is None else known.traffic.costs
    if costs is None:
        return Delay(empty(DELAY_COST), "USD", None, None, None, None)
    lines = [
        (row["component"], row["current_cost"])
        for row in records(costs.components)
        if row["current_cost"] is not None
    ]
    committed = exact_sum([cost for name, cost in lines if COMMITTED in name.lower()])
    rest = exact_sum([cost for name, cost in lines]) - committed
    rows = [
        _row("Committed lines", committed, committed, costs.currency, is_sunk=True),
        _row("Lines that could be stopped while waiting", ZERO, rest, costs.currency),
        *_savings(known, costs.currency),
    ]
    table = make(DELAY_COST, rows)
    moving = [row for row in records(table) if not row["is_sunk"]]
    stated = known.stated.value_in("actual_total", costs.currency)
    return Delay(
        table=table,
        currency=costs.currency,
        sunk=committed / DAYS_PER_MONTH,
        low=exact_sum([row["low_cost"] for row in moving]),
        high=exact_sum([row["high_cost"] for row in moving]),
        stated=(stated or committed + rest) / DAYS_PER_MONTH,
    )


def _row(
    name: str, low: Decimal, high: Decimal, currency: str, *, is_sunk: bool = False, note: str = ""
) -> dict[str, Any]:
    return {
        "cost_name": name,
        "low_cost": low / DAYS_PER_MONTH,
        "high_cost": high / DAYS_PER_MONTH,
        "billing_currency": currency,
        "is_sunk": is_sunk,
        "note": note,
    }


def _savings(known: Known, currency: str) -> list[dict[str, Any]]:
    """Return savings that are said to wait for the work: claims, so from nothing on."""
    rows = []
    items = [item for item in known.items.values() if item.is_open and item.row["open_cost"]]
    if items:
        total = exact_sum([item.row["open_cost"] for item in items])
        note = f"as the register states it, of {counted(len(items), 'open item')}"
        rows.append(_row("What open items are said to cost", ZERO, total, currency, note=note))
    planned = [
        row["stated_value"]
        for row in known.stated.of_kind("planned_saving")
        if row["unit"] == currency
    ]
    if planned:
        note = "if they hold, and if the launch has to come first"
        rows.append(
            _row("Savings planned for later", ZERO, exact_sum(planned), currency, note=note)
        )
    return rows
