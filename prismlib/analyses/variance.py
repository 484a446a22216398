"""How far the cost is from its baseline, whether that is tolerated, and whether it matters.

Bands. Within tolerance: the change is at most `tolerance_pct` of the baseline, the line itself
included. Above tolerance, above limit: more than `tolerance_pct`, more than `limit_pct`. Below
tolerance: an under-run of more than `tolerance_pct`, which is good news or a missing charge.

Materiality needs both lines to be crossed: an amount and a percentage. A component without a
baseline has no percentage and is judged by the amount.

Explained share: of all movement, up and down, the part that the decomposition could attribute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.money import divide, exact_sum, percent_change, sum_known
from prismlib.result_tables.cost_variance import (
    COMPONENT_VARIANCE,
    COST_VARIANCE,
    EFFECTS,
    NO_CHARGE,
    UNKNOWN_EFFECTS,
)
from prismlib.tables import check, make, records

Row = dict[str, Any]


@dataclass(frozen=True)
class Thresholds:
    """What is tolerated and what matters; percentages are 0-100, the amount in the currency."""

    tolerance_pct: Decimal = Decimal(10)
    limit_pct: Decimal = Decimal(20)
    material_amount: Decimal = Decimal(1000)
    material_pct: Decimal = Decimal(1)


def component_variances(variance: pd.DataFrame, thresholds: Thresholds) -> pd.DataFrame:
    """Return the variance of each component, judged.

    Parameters
    ----------
    variance : COST_VARIANCE
    thresholds : Thresholds

    Returns
    -------
    COMPONENT_VARIANCE
        A row for each component, largest absolute change first.
    """
    check(variance, COST_VARIANCE)
    by_component: dict[str, list[Row]] = {}
    for line in records(variance):
        by_component.setdefault(line["component"], []).append(line)
    rows = [_judged(lines, thresholds) for lines in by_component.values()]
    rows.sort(key=lambda row: (-abs(row["cost_change"]), row["component"]))
    return make(COMPONENT_VARIANCE, rows)


def _judged(lines: Sequence[Row], thresholds: Thresholds) -> Row:
    """Return the COMPONENT_VARIANCE row of a component's COST_VARIANCE rows."""
    baseline = sum_known(line["baseline_cost"] for line in lines)
    current = sum_known(line["current_cost"] for line in lines)
    change = exact_sum(line["cost_change"] for line in lines)
    pct = percent_change(current, baseline) if current is not None else None
    is_unseen = current is None and any(line["note"] == NO_CHARGE for line in lines)
    return {
        "component": lines[0]["component"],
        "baseline_cost": baseline,
        "current_cost": current,
        "cost_change": change,
        "cost_change_pct": pct,
        "band": NO_CHARGE if is_unseen else band(baseline, current, pct, thresholds),
        "is_material": is_material(change, pct, thresholds),
        "explained_ratio": _explained(lines),
        "billing_currency": lines[0]["billing_currency"],
    }


def band(
    baseline: Decimal | None,
    current: Decimal | None,
    change_pct: Decimal | None,
    thresholds: Thresholds,
) -> str:
    """Return the band (`BANDS`) of a change; a change at a line is inside it."""
    if current is None:
        return "retired"
    if baseline is None or change_pct is None:
        return "new"
    if change_pct > thresholds.limit_pct:
        return "above limit"
    if change_pct > thresholds.tolerance_pct:
        return "above tolerance"
    return "below tolerance" if change_pct < -thresholds.tolerance_pct else "within tolerance"


def is_material(change: Decimal, change_pct: Decimal | None, thresholds: Thresholds) -> bool:
    """Return whether a change crosses both materiality lines (at a line counts as crossing)."""
    if abs(change) < thresholds.material_amount or change == 0:
        return False
    return change_pct is None or abs(change_pct) >= thresholds.material_pct


def explained_ratio(lines: pd.DataFrame) -> Decimal | None:
    """Return the attributed share of all movement in COST_VARIANCE rows; None without movement."""
    return _explained(records(lines))


def _explained(lines: Sequence[Row]) -> Decimal | None:
    moved = exact_sum(abs(line[name]) for line in lines for name in EFFECTS)
    unknown = exact_sum(abs(line[name]) for line in lines for name in UNKNOWN_EFFECTS)
    return divide(moved - unknown, moved)


def effect_totals(variance: pd.DataFrame) -> dict[str, Decimal]:
    """Return the total of each effect of a COST_VARIANCE; together they are the total change."""
    return {name: exact_sum(variance[name]) for name in EFFECTS}


@dataclass(frozen=True)
class VarianceSummary:
    """The variance as a whole, in the currency and in percent; None is unknown.

    ``like_for_like`` compares the components present on both sides; ``largest`` is the component
    that changed most and ``largest_share_pct`` its part of the net change, None where components
    offset each other so that it is no part: below 0 or above 100 %.
    """

    baseline: Decimal
    current: Decimal
    change: Decimal
    change_pct: Decimal | None
    like_baseline: Decimal
    like_current: Decimal
    like_change_pct: Decimal | None
    new_components: tuple[str, ...]
    retired_components: tuple[str, ...]
    largest: str
    largest_change: Decimal
    largest_share_pct: Decimal | None


def summarise(components: pd.DataFrame) -> VarianceSummary:
    """Return the totals of a COMPONENT_VARIANCE."""
    check(components, COMPONENT_VARIANCE)
    baseline = exact_sum(components["baseline_cost"].dropna())
    current = exact_sum(components["current_cost"].dropna())
    both = components[components["baseline_cost"].notna() & components["current_cost"].notna()]
    like_baseline, like_current = exact_sum(both["baseline_cost"]), exact_sum(both["current_cost"])
    first = components.iloc[0] if len(components) else None
    largest_change = first["cost_change"] if first is not None else Decimal(0)
    share = divide(largest_change, current - baseline)
    return VarianceSummary(
        baseline=baseline,
        current=current,
        change=current - baseline,
        change_pct=percent_change(current, baseline),
        like_baseline=like_baseline,
        like_current=like_current,
        like_change_pct=percent_change(like_current, like_baseline),
        new_components=_names(components, "baseline_cost"),
        retired_components=_names(components, "current_cost"),
        largest=first["component"] if first is not None else "",
        largest_change=largest_change,
        largest_share_pct=share * 100 if share is not None and 0 <= share <= 1 else None,
    )


def _names(components: pd.DataFrame, missing: str) -> tuple[str, ...]:
    return tuple(components[components[missing].isna()]["component"])
