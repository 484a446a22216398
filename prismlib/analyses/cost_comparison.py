"""The actual costs beside what was expected, line by line, and how far apart they are.

These are the first steps of `prismlib.analyses.cost_variance`. Each needs less than the next: the
bill by component needs the snapshot alone, the lines a period and what is compared, and only the
last one the bands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pandas as pd

from prismlib.analyses.components import assign_components
from prismlib.analyses.cost_inputs import (
    CostInputs,
    CostSettings,
    choose_actuals,
    choose_baseline,
    choose_metric,
    seen_period,
)
from prismlib.analyses.cost_lines import (
    lines_in_proportion,
    lines_of_bill,
    lines_of_estimate,
    lines_of_statement,
)
from prismlib.analyses.decomposition import decompose_cost_variance
from prismlib.analyses.variance import (
    Thresholds,
    VarianceSummary,
    component_variances,
    summarise,
)
from prismlib.errors import IncompleteDataError, SchemaError
from prismlib.findings import slug
from prismlib.formats import money, signed_money
from prismlib.periods import Period
from prismlib.result_tables.cost_variance import COST_LINE
from prismlib.tables import empty


@dataclass(frozen=True)
class CostLines:
    """What is compared, its lines on both sides, and why they differ.

    `seen` is the part of the period that is compared: all of it, or its days before `as_of`; then
    the baseline covers the same days. `baseline_name` is "" when there is nothing to compare with;
    then `variance` holds the current costs only. `bill` is the COST of the snapshot with a column
    ``component``, whether or not it gives the actual costs.
    """

    metric: str
    actuals_name: str
    seen: Period
    baseline_name: str
    baseline_lines: pd.DataFrame
    current_lines: pd.DataFrame
    variance: pd.DataFrame
    bill: pd.DataFrame | None

    @property
    def used_bill(self) -> pd.DataFrame | None:
        """Return the bill where the actual costs are taken from it."""
        return self.bill if self.actuals_name == "bill" else None


@dataclass(frozen=True)
class CostComparison(CostLines):
    """The lines judged: a COMPONENT_VARIANCE, and the whole."""

    components: pd.DataFrame
    summary: VarianceSummary

    @property
    def currency(self) -> str:
        """Return the currency of every cost."""
        return str(self.components["billing_currency"].iloc[0])

    def money(self, amount: Decimal | None) -> str:
        """Return an amount in words, in the currency of the costs."""
        return money(amount, self.currency)

    def change(self, amount: Decimal | None) -> str:
        """Return the amount of a change in words, in the currency of the costs."""
        return signed_money(amount, self.currency)


def bill_by_component(inputs: CostInputs) -> pd.DataFrame | None:
    """Return the COST of the snapshot with a column ``component``; None without a bill."""
    return None if inputs.cost is None else assign_components(inputs.cost, inputs.rules)


def compare_costs(
    inputs: CostInputs, bill: pd.DataFrame | None, settings: CostSettings
) -> CostLines:
    """Choose what is compared, and decompose the change of every line.

    Parameters
    ----------
    inputs : CostInputs
    bill : COST with a column ``component``, or None
        That of `bill_by_component`.
    settings : CostSettings
        Its bands and its confidence take no part.

    Raises
    ------
    ParameterError
        The chosen metric, baseline or source of actual costs is not in the snapshot.
    IncompleteDataError
        No charge falls in the period and nothing else states an actual cost.
    """
    metric = choose_metric(bill, settings.cost_metric)
    actuals = choose_actuals(inputs, bill, settings.actuals)
    baseline_name = choose_baseline(inputs, bill, settings.baseline)
    seen = seen_period(inputs, actuals)
    by_usage_type = baseline_name == "previous_month"
    used = bill if actuals == "bill" else None
    current = _current_lines(inputs, used, metric, seen, by_usage_type=by_usage_type)
    baseline = _baseline_lines(inputs, bill, metric, baseline_name, (seen, current))
    variance = decompose_cost_variance(baseline, current, is_estimate=baseline_name == "estimate")
    _refuse_names_alike(variance)
    return CostLines(
        metric=metric,
        actuals_name=actuals,
        seen=seen,
        baseline_name=baseline_name,
        baseline_lines=baseline,
        current_lines=current,
        variance=variance,
        bill=bill,
    )


def judge_change(lines: CostLines, thresholds: Thresholds) -> CostComparison:
    """Judge the change of each component against the bands, and add up the whole."""
    components = component_variances(lines.variance, thresholds)
    return CostComparison(**vars(lines), components=components, summary=summarise(components))


def _current_lines(
    inputs: CostInputs,
    bill: pd.DataFrame | None,
    metric: str,
    seen: Period,
    *,
    by_usage_type: bool,
) -> pd.DataFrame:
    if bill is None:
        assert inputs.stated_actual is not None
        return lines_of_statement(inputs.stated_actual)
    lines = lines_of_bill(bill, metric, seen, by_usage_type=by_usage_type)
    if lines.empty:
        starts = sorted(bill["charge_period_start"])
        raise IncompleteDataError(
            f"no charge falls in the period {inputs.period}",
            seen=f"charges from {starts[0]} to {starts[-1]}" if starts else "no charge at all",
            expected=f"charges that start in {inputs.period}",
            remedy="choose another period, or read the files of this month",
        )
    return lines


def _baseline_lines(
    inputs: CostInputs,
    bill: pd.DataFrame | None,
    metric: str,
    name: str,
    like: tuple[Period, pd.DataFrame],
) -> pd.DataFrame:
    """Return the baseline for the same days as the current lines `like`."""
    seen, current = like
    if name == "estimate":
        assert inputs.estimate is not None
        lines = lines_of_estimate(inputs.estimate, current)
        return lines if seen == inputs.period else lines_in_proportion(lines, seen, inputs.period)
    if name == "previous_month":
        assert bill is not None
        before = days_before(inputs.period, seen)
        return lines_of_bill(bill, metric, before, by_usage_type=True)
    return empty(COST_LINE)


def days_before(period: Period, seen: Period) -> Period:
    """Return the days of the month before that stand against the `seen` ones of `period`."""
    before = period.previous_month
    if seen == period:
        return before
    return Period(before.start, min(before.start + timedelta(days=seen.days), before.end))


def _refuse_names_alike(variance: pd.DataFrame) -> None:
    """Raise if two components differ in capitals or signs only: they are one, spelled twice."""
    known: dict[str, str] = {}
    for name in variance["component"].unique():
        other = known.setdefault(slug(name), name)
        if other != name:
            raise SchemaError(
                "components",
                "two names differ in capitals or signs only",
                seen=f"{other!r} and {name!r}",
                expected="one spelling in the estimate, the statement and the mapping rules",
                remedy="correct the name in the estimate or in the rules",
            )
