"""Bring an estimate, a published statement and a bill to the same lines, so they can be compared.

An estimate names components; a bill names usage types. Against an estimate a bill is therefore
added up to whole components (``line_name`` empty); against an earlier bill it keeps its usage
types. A quantity survives adding up only if every costed row has it in one unit.
"""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from prismlib.money import exact_sum, scale
from prismlib.periods import Period
from prismlib.result_tables.cost_variance import COST_LINE
from prismlib.tables import ESTIMATE, STATED_ACTUAL, check, make, records

SPEND_KINDS = ("usage", "purchase", "support")
"""Kinds of charge that an estimate of a component means; tax and credits are kept apart."""
NEGATION = "negation"
"""The kind of line of an adjustment that takes back usage of the same bill.

A Savings Plan has paid for that usage, which the bill lists at its on-demand cost too.
"""
_NEGATION_RECORD = "savingsplannegation"
_HOURLY_FEE_RECORD = "savingsplanrecurringfee"


def lines_of_estimate(estimate: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """Return the COST_LINE of an ESTIMATE: a line for each component.

    An estimate does not say what kind of charge it expects. A component that `current` (COST_LINE)
    holds in one kind only, tax for instance, is taken to be estimated in that kind.
    """
    lines = _whole_components(check(estimate, ESTIMATE), "estimated_cost")
    kinds = current.groupby("component")["charge_kind"].agg(list).to_dict()
    only = {name: found[0] for name, found in kinds.items() if len(found) == 1}
    lines["charge_kind"] = [only.get(name, "usage") for name in lines["component"]]
    return lines


def lines_in_proportion(lines: pd.DataFrame, part: Period, whole: Period) -> pd.DataFrame:
    """Return COST_LINE for the days of `part`, taken in proportion from lines for `whole`."""
    days = Decimal(part.days)
    rows = [
        {
            **row,
            "cost": scale(row["cost"], days, Decimal(whole.days)),
            "usage_quantity": None
            if row["usage_quantity"] is None
            else scale(row["usage_quantity"], days, Decimal(whole.days)),
            "period_days": days,
        }
        for row in records(lines)
    ]
    return make(COST_LINE, rows)


def lines_of_statement(stated: pd.DataFrame) -> pd.DataFrame:
    """Return the COST_LINE of a STATED_ACTUAL: a line for each component."""
    return _whole_components(check(stated, STATED_ACTUAL), "actual_cost")


def _whole_components(frame: pd.DataFrame, cost_field: str) -> pd.DataFrame:
    rows = records(frame.rename(columns={cost_field: "cost"}))
    for row in rows:
        row.update(line_name="", charge_kind="usage")
    return make(COST_LINE, [{k: row.get(k) for k in COST_LINE.fields} for row in rows])


def lines_of_bill(
    cost: pd.DataFrame, metric: str, period: Period, *, by_usage_type: bool
) -> pd.DataFrame:
    """Return the COST_LINE of the charges that start in `period`.

    Parameters
    ----------
    cost : COST with a column ``component``
        See `prismlib.analyses.components.assign_components`.
    metric : str
        The cost metric to add up; charges without it do not take part.
    period : Period
    by_usage_type : bool
        A line for each usage type (its description where a source has no usage type) and charge
        kind, or one for each component, with usage, purchases and support added up.
    """
    starts = cost["charge_period_start"]
    inside = cost[pd.Series([day in period for day in starts], dtype=bool) & cost[metric].notna()]
    names, kinds = line_names(inside), kinds_of_lines(inside)
    if not by_usage_type:
        names = [""] * len(inside)
        kinds = ["usage" if kind in SPEND_KINDS else kind for kind in kinds]
    keyed = inside.assign(line_name=names, charge_kind=kinds)
    rows = []
    for key, group in keyed.groupby(["component", "line_name", "charge_kind"], sort=False):
        quantity, unit = common_quantity(group, metric)
        rows.append(
            {
                **dict(zip(("component", "line_name", "charge_kind"), key, strict=True)),
                "cost": exact_sum(group[metric]),
                "usage_quantity": quantity,
                "usage_unit": unit,
                "period_days": Decimal(period.days),
                "billing_currency": group["billing_currency"].iloc[0],
            }
        )
    return make(COST_LINE, rows)


def kinds_of_lines(cost: pd.DataFrame) -> list[str]:
    """Return for each charge its kind, with negations of Savings Plans told from adjustments."""
    return [
        NEGATION if kind == "adjustment" and record == _NEGATION_RECORD else kind
        for kind, record in zip(cost["charge_kind"], _record_names(cost), strict=True)
    ]


def are_recurring(cost: pd.DataFrame) -> list[bool]:
    """Return for each charge whether it comes day by day: usage, and what Savings Plans make of it.

    What a plan covers is on the bill at its on-demand cost, is taken back by a negation, and is
    paid by an hourly fee. Only the three together are what a day costs.
    """
    return [
        kind in ("usage", NEGATION) or record == _HOURLY_FEE_RECORD
        for kind, record in zip(kinds_of_lines(cost), _record_names(cost), strict=True)
    ]


def _record_names(cost: pd.DataFrame) -> list[str]:
    """Return the record types as line items spell them; Cost Explorer has words."""
    return [text.replace(" ", "").lower() for text in cost["record_type"]]


def line_names(cost: pd.DataFrame) -> list[str]:
    """Return for each charge its usage type, else its description, else its service."""
    columns = cost[["usage_type", "charge_description", "service_name"]]
    return [next(filter(None, row), "") for row in columns.itertuples(index=False, name=None)]


def common_quantity(charges: pd.DataFrame, metric: str) -> tuple[Decimal | None, str]:
    """Return the total quantity and its unit, or (None, "") when it cannot be added up.

    Every charge that costs something must carry a quantity, and all in the same unit.
    """
    costed = charges[[amount != 0 for amount in charges[metric]]]
    units = set(costed["usage_unit"])
    if costed.empty or len(units) != 1 or units <= {"", "N/A"}:
        return None, ""
    if costed["usage_quantity"].isna().any():
        return None, ""
    return exact_sum(costed["usage_quantity"]), str(units.pop())
