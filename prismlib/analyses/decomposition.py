"""Why a cost differs from its baseline: an exact decomposition that closes on every row.

Method. Each line's cost is walked from the baseline to the current period through hypothetical
("flexed") costs, and each effect is the step between two of them, so the effects of a line add up
to its change exactly and those of a component or the total do too. With cost c, quantity q, days d
and, over the lines of the component in the same unit, Q the sum of q (0 baseline, 1 current):

    c0 --calendar--> c0 d1/d0 --quantity--> ... Q1/(Q0 d1/d0) --mix--> c0 q1/q0 --price--> c1

1. calendar: the baseline covers another number of days. Taken for usage whose unit is not itself a
   month (a GB-month costs the same in every month), and only where both sides say their days.
2. quantity: the component as a whole used more or less, at the baseline's mix and prices.
3. mix: use moved between lines of the component, at baseline prices. Zero for a lone line.
4. price: the rest, at the *current* quantity: the joint effect of a changed price on a changed
   quantity counts as price. Finance readers should know this convention.
5. new and retired: lines on one side only. A line of an estimate without a charge is not retired
   but unseen, which is no saving: what it costs is unknown. Tax, credits with refunds, adjustments,
   and negations of Savings Plans, go whole to their own effects.
6. unsplit: a line without a quantity on both sides in one unit. It is not guessed at.

Known limits. A new line takes no part in its component's quantity and mix: it has no baseline
price. Negotiated discounts show as price.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

import pandas as pd

from prismlib.analyses.cost_lines import NEGATION
from prismlib.currencies import one_currency
from prismlib.money import CONTEXT, exact_sum, scale
from prismlib.result_tables.cost_variance import COST_LINE, COST_VARIANCE, EFFECTS, NO_CHARGE
from prismlib.tables import check, make, records

ZERO = Decimal(0)
KEY = ("component", "line_name", "charge_kind")
WHOLE_EFFECTS = {
    "tax": "tax_effect",
    "credit": "credit_effect",
    "refund": "credit_effect",
    "adjustment": "adjustment_effect",
    NEGATION: "negation_effect",
}
"""The effect to which the change of a line goes whole, by its kind of charge."""
NOT_SPLIT = "no quantity on both sides: not split"
_PER_MONTH = re.compile(r"\b(mo|mon|month|months)\b", re.IGNORECASE)

Row = dict[str, Any]


@dataclass
class _Pair:
    """A line in both periods; either side may be absent."""

    key: tuple[str, str, str]
    baseline: Row | None
    current: Row | None

    @property
    def kind(self) -> str:
        return self.key[2]

    @property
    def unit(self) -> str:
        """Return the unit in which both quantities are known, or "" when they cannot be split."""
        if self.baseline is None or self.current is None:
            return ""
        before, after = self.baseline["usage_quantity"], self.current["usage_quantity"]
        unit = str(self.baseline["usage_unit"])
        if unit != self.current["usage_unit"] or before is None or after is None:
            return ""
        return unit if before > 0 and after >= 0 else ""


def decompose_cost_variance(
    baseline: pd.DataFrame, current: pd.DataFrame, *, is_estimate: bool = False
) -> pd.DataFrame:
    """Split the change of cost from `baseline` to `current` into its effects.

    Parameters
    ----------
    baseline, current : COST_LINE
        The same system in two periods, or an estimate and a bill, in one currency.
    is_estimate : bool
        The baseline is what was expected, not what was charged.

    Returns
    -------
    COST_VARIANCE
        A row for each line of either side, largest absolute change first. On every row the
        effects (`EFFECTS`) add up to ``cost_change`` exactly.

    Raises
    ------
    SchemaError, CurrencyError
        A side is not a COST_LINE, or the two are in different currencies.
    """
    both = pd.concat([check(baseline, COST_LINE), check(current, COST_LINE)], ignore_index=True)
    currency = one_currency(both, "baseline and current")
    pairs = _pairs(baseline, current)
    gone = "unseen_effect" if is_estimate else "retired_effect"
    with localcontext(CONTEXT):
        volumes = _component_volumes(pairs)
        rows = [{**_effects(pair, volumes, gone), "billing_currency": currency} for pair in pairs]
    rows.sort(key=lambda row: (-abs(row["cost_change"]), *(row[k] for k in KEY)))
    return make(COST_VARIANCE, rows)


def _pairs(baseline: pd.DataFrame, current: pd.DataFrame) -> list[_Pair]:
    before = {tuple(row[k] for k in KEY): row for row in records(baseline)}
    after = {tuple(row[k] for k in KEY): row for row in records(current)}
    keys = sorted(before.keys() | after.keys())
    return [_Pair(key, before.get(key), after.get(key)) for key in keys]


def _calendar_ratio(pair: _Pair) -> tuple[Decimal, Decimal]:
    """Return (current days, baseline days), or (1, 1) where the calendar does not apply."""
    if pair.baseline is None or pair.current is None or pair.kind != "usage":
        return Decimal(1), Decimal(1)
    before, after = pair.baseline["period_days"], pair.current["period_days"]
    unit = str(pair.baseline["usage_unit"] or pair.current["usage_unit"])
    if before is None or after is None or before <= 0 or _PER_MONTH.search(unit):
        return Decimal(1), Decimal(1)
    return after, before


def _component_volumes(pairs: Iterable[_Pair]) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Return by component and unit the baseline quantity, calendar-adjusted, and the current."""
    parts: dict[tuple[str, str], list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for pair in pairs:
        if pair.unit and pair.kind == "usage" and pair.baseline and pair.current:
            days_after, days_before = _calendar_ratio(pair)
            before = pair.baseline["usage_quantity"] * days_after / days_before
            parts[pair.key[0], pair.unit].append((before, pair.current["usage_quantity"]))
    return {
        key: (exact_sum(b for b, _ in values), exact_sum(a for _, a in values))
        for key, values in parts.items()
    }


def _effects(
    pair: _Pair, volumes: dict[tuple[str, str], tuple[Decimal, Decimal]], gone: str
) -> dict[str, Any]:
    """Return the effects of a line; `gone` is that of a line without a cost now."""
    before = pair.baseline["cost"] if pair.baseline else None
    after = pair.current["cost"] if pair.current else None
    change = (after or ZERO) - (before or ZERO)
    effects = dict.fromkeys(EFFECTS, ZERO)
    note = ""
    if pair.kind in WHOLE_EFFECTS:
        effects[WHOLE_EFFECTS[pair.kind]] = change
    elif before is None:
        effects["new_effect"] = change
    elif after is None:
        effects[gone] = change
        note = NO_CHARGE if gone == "unseen_effect" else ""
    else:
        note = _split_both(pair, volumes, effects)
    key = dict(zip(KEY, pair.key, strict=True))
    costs = {"baseline_cost": before, "current_cost": after, "cost_change": change}
    return {**key, **costs, **effects, "note": note}


def _split_both(
    pair: _Pair,
    volumes: dict[tuple[str, str], tuple[Decimal, Decimal]],
    effects: dict[str, Decimal],
) -> str:
    """Fill `effects` for a line on both sides; return a note where it cannot be split."""
    assert pair.baseline is not None and pair.current is not None
    before, after = pair.baseline["cost"], pair.current["cost"]
    days_after, days_before = _calendar_ratio(pair)
    adjusted = scale(before, days_after, days_before)
    effects["calendar_effect"] = adjusted - before
    if not pair.unit or pair.kind != "usage":
        effects["unsplit_effect"] = after - adjusted
        return "" if after == adjusted else NOT_SPLIT
    old_volume, new_volume = volumes[pair.key[0], pair.unit]
    quantity, old_quantity = pair.current["usage_quantity"], pair.baseline["usage_quantity"]
    at_volume = scale(before, days_after * new_volume, days_before * old_volume)
    at_mix = scale(before, quantity, old_quantity)
    effects["quantity_effect"] = at_volume - adjusted
    effects["mix_effect"] = at_mix - at_volume
    effects["price_effect"] = after - at_mix
    return ""
