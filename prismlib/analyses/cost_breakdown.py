"""Where a cost comes from: a bill split by component, service, usage type, account or region.

Method. Every grouping is a way down through the bill (`WAYS`): a component into its services, a
service into its usage types. `opened` says how far down: the names of the groups from the outer
one. The charges of what is opened are added up by the next column, for the days that the notebook
compares and in its cost metric, so that the groups add up to what was opened. Against the month
before, the same days of that month stand beside them.

Known limits. A statement of actual costs and an estimate give one figure a component. What is
opened in one is therefore split by the bill, and has no baseline: `is_stated` and `has_baseline`
say so. A bill that names no usage type gives its descriptions instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from prismlib.analyses.components import cost_by
from prismlib.analyses.cost_comparison import CostLines, days_before
from prismlib.analyses.cost_inputs import CostInputs, CostSettings
from prismlib.analyses.cost_lines import line_names
from prismlib.errors import ParameterError
from prismlib.money import exact_sum, sum_known
from prismlib.periods import Period
from prismlib.result_tables.cost_variance import COST_GROUP
from prismlib.tables import empty, make

WAYS = {
    "component": ("component", "service_name", "usage_type"),
    "service": ("service_name", "usage_type"),
    "usage_type": ("usage_type",),
    "account": ("sub_account_id", "service_name", "usage_type"),
    "region": ("region_id", "service_name", "usage_type"),
}
"""The columns by which each grouping (`parameters.GROUPINGS`) splits a bill, the outer first."""
LEVELS = {
    "component": "component",
    "service_name": "service",
    "usage_type": "usage type",
    "sub_account_id": "account",
    "region_id": "region",
}
"""The word for what a column names."""
SEPARATOR = " > "
NOT_NAMED = "not named"
"""The group of the charges that say nothing in a column."""


@dataclass(frozen=True)
class CostBreakdown:
    """What was opened, split by the next column.

    `opened` are the names from the outer group; `level` is the word for what `groups` (COST_GROUP,
    largest cost or change first) are, and `below` for what each of them can be split into, "" for
    nothing. `cost` is what the bill holds of what is opened, and `stated` what a statement says of
    it. Where there is nothing to split, `groups` is empty and `reason` says why.
    """

    opened: tuple[str, ...]
    level: str
    below: str
    groups: pd.DataFrame
    has_baseline: bool
    is_stated: bool
    cost: Decimal | None
    stated: Decimal | None
    reason: str = ""


def groupings_of(cost: pd.DataFrame | None) -> list[str]:
    """Return the groupings (`WAYS`) whose first column a COST fills; the component needs none."""
    if cost is None:
        return ["component"]
    return [n for n, way in WAYS.items() if way[0] == "component" or any(cost[way[0]] != "")]


def split_cost(inputs: CostInputs, lines: CostLines, settings: CostSettings) -> CostBreakdown:
    """Split what the settings open by the next column of their grouping.

    Parameters
    ----------
    inputs : CostInputs
    lines : CostLines
        What is compared: its days, cost metric, sources and bill are taken over.
    settings : CostSettings
        `grouping` is one of `WAYS`; `opened` has names of groups, the outer one first, between them
        `SEPARATOR`, and is "" for the whole.

    Raises
    ------
    ParameterError
        `opened` names a group that neither the bill nor the comparison has.
    """
    way = WAYS[settings.grouping]
    bill = None if lines.bill is None else _with_names(lines.bill, lines.metric)
    path, charges = _opened(bill, lines, way, settings.opened)
    column, below = way[len(path)], [LEVELS[c] for c in way[len(path) + 1 :]]
    before = days_before(inputs.period, lines.seen)
    has_baseline = lines.baseline_name == "previous_month"
    now = earlier = None
    groups = empty(COST_GROUP)
    if charges is not None:
        now = _within(charges, lines.seen)
        earlier = _within(charges, before) if has_baseline else None
        groups = _groups(now, earlier, lines.metric, column)
    reason = _reason(bill, lines, path, set(groups["group_name"]))
    return CostBreakdown(
        opened=path,
        level=LEVELS[column],
        below=below[0] if below else "",
        groups=empty(COST_GROUP) if reason else groups,
        has_baseline=has_baseline,
        is_stated=lines.actuals_name == "statement",
        cost=None if now is None or now.empty else exact_sum(now[lines.metric]),
        stated=_stated(lines, way, path),
        reason=reason,
    )


def _with_names(bill: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return the charges that carry the metric, with a name in every column that groups."""
    known = bill[bill[metric].notna()]
    named = {name: known[name].replace("", NOT_NAMED) for name in LEVELS if name != "usage_type"}
    return known.assign(**named, usage_type=pd.Series(line_names(known), known.index, dtype=object))


def _within(charges: pd.DataFrame, period: Period) -> pd.DataFrame:
    days = charges["charge_period_start"]
    return charges[pd.Series([day in period for day in days], charges.index, dtype=bool)]


def _opened(
    bill: pd.DataFrame | None, lines: CostLines, way: tuple[str, ...], opened: str
) -> tuple[tuple[str, ...], pd.DataFrame | None]:
    """Return the names in `opened`, and the charges of the bill in them, of any period.

    A name may hold the separator: of the names that fit, the longest is meant.
    """
    path: list[str] = []
    rest, charges = opened, bill
    for column in way[:-1]:
        if not rest:
            break
        names = set() if charges is None else set(charges[column])
        if column == "component":
            names |= set(lines.variance["component"])
        fits = [n for n in names if rest == n or rest.startswith(n + SEPARATOR)]
        if not fits:
            known = ", ".join(sorted(names)) or "nothing"
            raise ParameterError("opened", opened, expected=f"a {LEVELS[column]}: {known}")
        path.append(max(fits, key=len))
        rest = rest[len(path[-1]) :].removeprefix(SEPARATOR)
        charges = None if charges is None else charges[charges[column] == path[-1]]
    if rest:
        words = SEPARATOR.join(LEVELS[column] for column in way[:-1]) or "nothing"
        raise ParameterError("opened", opened, expected=f"at most {words}: no {LEVELS[way[-1]]}")
    return tuple(path), charges


def _groups(
    now: pd.DataFrame, before: pd.DataFrame | None, metric: str, column: str
) -> pd.DataFrame:
    costs = _cost_of(now, metric, column)
    earlier = {} if before is None else _cost_of(before, metric, column)
    sides = [now] if before is None else [now, before]
    currencies = [c for side in sides for c in side["billing_currency"]]
    rows = [
        {
            "group_name": name,
            "baseline_cost": earlier.get(name),
            "current_cost": costs.get(name),
            "cost_change": None
            if before is None
            else (costs.get(name) or Decimal(0)) - (earlier.get(name) or Decimal(0)),
            "billing_currency": currencies[0],
        }
        for name in {**costs, **earlier}
    ]
    shown = "current_cost" if before is None else "cost_change"
    rows.sort(key=lambda row: (-abs(row[shown]), row["group_name"]))
    return make(COST_GROUP, rows)


def _cost_of(charges: pd.DataFrame, metric: str, column: str) -> dict[str, Decimal]:
    if charges.empty:
        return {}
    costs = cost_by(charges, metric, (column,))
    return dict(zip(costs[column], costs["cost"], strict=True))


def _stated(lines: CostLines, way: tuple[str, ...], path: tuple[str, ...]) -> Decimal | None:
    """Return what a statement says of the component that is opened, or of the whole."""
    if lines.actuals_name != "statement" or len(path) > 1 or (path and way[0] != "component"):
        return None
    stated = lines.current_lines
    return sum_known(stated[stated["component"] == path[0]]["cost"] if path else stated["cost"])


def _reason(
    bill: pd.DataFrame | None, lines: CostLines, path: tuple[str, ...], names: set[str]
) -> str:
    """Return why there is nothing to split, "" where there is."""
    what = path[-1] if path else "anything"
    if bill is None:
        return f"the snapshot holds no bill, and the stated cost of {what} is a single figure"
    if not names:
        return f"the bill has no charge of {what} in {lines.seen}"
    if names == {what}:  # as `line_names` does where there is no other
        return f"the bill names neither usage types nor descriptions for {what}"
    return ""
