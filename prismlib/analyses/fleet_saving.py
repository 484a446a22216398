"""What a fleet saves by doing the same work elsewhere, with its interval and the chance of a loss.

Method. With p the price and f the performance of target over source (`price_performance`), a line
that costs c a month saves

    sized by  saving                 why
    cpu       c (1 - p / f)          faster cores do the work with fewer instances
    memory    c (1 - p / min(1, f))  memory bounds the count: faster cores take none away, but
                                     slower ones need more

The point takes the median of f. Interval and chance come from drawing f, and for the fleet from
drawing every measurement once and summing its lines: lines on the same measurement share its draws,
so a fleet of one family does not look safer for having many lines.

Known limits. Different measurements are drawn independently: a benchmark that errs the same way on
every pair makes the interval too narrow. The median of a sum is not quite the sum of the medians.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from prismlib.analyses.price_performance import Simulation, draw_performance, rounded
from prismlib.currencies import one_currency
from prismlib.errors import ParameterError
from prismlib.money import exact_sum, scale
from prismlib.result_tables.graviton import (
    INSTANCE_PAIR,
    PRICE_PERFORMANCE,
    WORK_LINE,
    WORK_SAVING,
)
from prismlib.tables import check, make, records

SIZED_BY = ("cpu", "memory")
"""What bounds the count of a line."""

Row = dict[str, Any]
Draws = npt.NDArray[np.float64]


@dataclass(frozen=True)
class FleetSaving:
    """What doing the same work elsewhere saves a month, in the currency of the lines.

    `lines` is a WORK_SAVING. The other figures are those of its known lines together, and None when
    there is none; `unknown_lines` are in none of them.
    """

    lines: pd.DataFrame
    work_saving: Decimal | None
    low_work_saving: Decimal | None
    high_work_saving: Decimal | None
    loss_probability: Decimal | None
    unknown_lines: tuple[str, ...]


def fleet_saving(
    lines: pd.DataFrame, changes: pd.DataFrame, *, simulation: Simulation
) -> FleetSaving:
    """Return the monthly saving of lines that do the same work, and the chance of a loss.

    Parameters
    ----------
    lines : WORK_LINE
        What each line costs a month now, which pair and workload it is, and what sizes it.
    changes : PRICE_PERFORMANCE
        Rows of one scope.
    simulation : Simulation
        The one that `changes` were made with.

    Raises
    ------
    ParameterError
        The changes are of several scopes.
    SchemaError, CurrencyError
        A table is not what it should be, or the lines are in several currencies.
    """
    check(changes, PRICE_PERFORMANCE)
    currency = one_currency(check(lines, WORK_LINE), "lines")
    scopes = sorted(set(changes["scope_name"]))
    if len(scopes) > 1:
        raise ParameterError("changes", scopes, expected="rows of one scope")
    by_pair = {_key(row): row for row in records(changes)}
    rows: list[Row] = []
    drawn = np.zeros(simulation.draws)
    for line in records(lines):
        change = by_pair.get(_key(line))
        row: Row = {"line_name": line["line_name"], "note": _missing(line, change)}
        if change is not None and not row["note"]:
            draws = _draw(line, change, simulation)
            drawn += draws
            row |= _figures(_point(line, change), draws, simulation)
        rows.append({**row, "billing_currency": currency})
    unknown = tuple(row["line_name"] for row in rows if row["note"])
    known = [row["work_saving"] for row in rows if not row["note"]]
    fleet = _figures(exact_sum(known), drawn, simulation) if known else {}
    return FleetSaving(
        lines=make(WORK_SAVING, rows),
        work_saving=fleet.get("work_saving"),
        low_work_saving=fleet.get("low_work_saving"),
        high_work_saving=fleet.get("high_work_saving"),
        loss_probability=fleet.get("loss_probability"),
        unknown_lines=unknown,
    )


def _key(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in (*INSTANCE_PAIR.key, "workload"))


def _missing(line: Row, change: Row | None) -> str:
    """Return why the saving of a line is not known, or ""."""
    if not line["target_type"]:
        return "no target"
    if line["sized_by"] not in SIZED_BY:
        return f"sized by {line['sized_by']!r}, which is none of {', '.join(SIZED_BY)}"
    if line["current_cost"] is None:
        return "no current cost"
    if change is None:
        return f"{line['workload']} on {line['target_type']} was not compared"
    return "" if change["cost_per_work_change_ratio"] is not None else str(change["note"])


def _point(line: Row, change: Row) -> Decimal:
    """Return the saving at the median performance, to its 12th decimal."""
    faster = change["performance_ratio"]
    if line["sized_by"] == "memory":
        faster = min(Decimal(1), faster)
    price = 1 + change["price_change_ratio"]
    return scale(line["current_cost"], faster - price, faster)


def _draw(line: Row, change: Row, simulation: Simulation) -> Draws:
    faster = draw_performance(change, simulation)
    if line["sized_by"] == "memory":
        faster = np.minimum(1, faster)
    return float(line["current_cost"]) * (1 - float(1 + change["price_change_ratio"]) / faster)


def _figures(saving: Decimal, draws: Draws, simulation: Simulation) -> Row:
    low, high = simulation.interval(draws)
    return {
        "work_saving": saving,
        "low_work_saving": rounded(low),
        "high_work_saving": rounded(high),
        "loss_probability": rounded(float(np.mean(draws < 0))),
    }
