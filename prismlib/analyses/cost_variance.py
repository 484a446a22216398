"""What was spent against what was expected, why, and does the total add up?

Method, in order:

1. choose the cost metric, the actual costs and the baseline (`CostSettings`; ``auto`` says how);
2. give every charge its component (`components`), bring both sides to lines (`cost_lines`);
3. decompose the change exactly (`decomposition`) and judge it against the bands (`variance`);
   A month that is not over is compared with the same days of the baseline: an estimate is taken in
   proportion, an earlier month up to the same day;
4. rebuild stated totals from their parts (`reconcile`), and the rate behind each line
   (`implied_rates`);
5. place the month in time (`forecast`) and list what the total leaves out (`excluded_costs`).

Actual costs come from the bill. If the only bill is synthetic and a statement of actual costs
exists, the statement is used: generated days are no evidence, they only give the month a shape.

Known limits. A statement gives one figure a component: no usage, no resources, no days.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pandas as pd

from prismlib.analyses.components import assign_components, cost_by
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
from prismlib.analyses.excluded_costs import excluded_costs
from prismlib.analyses.forecast import Forecast, daily_costs, forecast_month, is_daily
from prismlib.analyses.implied_rates import implied_rates
from prismlib.analyses.stated import Stated
from prismlib.analyses.traffic_lines import cross_az_bill, traffic_lines
from prismlib.analyses.variance import (
    VarianceSummary,
    component_variances,
    summarise,
)
from prismlib.errors import IncompleteDataError, SchemaError
from prismlib.findings import slug
from prismlib.formats import money, signed_money
from prismlib.money import exact_sum
from prismlib.periods import Period
from prismlib.result_tables.cost_variance import COST_LINE, EXCLUDED_COST
from prismlib.tables import COST, FLEET, empty

PRICE_CURRENCY = "USD"
"""The currency of the price tables in ``data/reference``."""


@dataclass(frozen=True)
class CostResults:
    """Everything the notebook shows; tables are those of `prismlib.result_tables.RESULT_TABLES`.

    `seen` is the part of the period that is compared: all of it, or its days before `as_of`; then
    the baseline covers the same days, and `full_baseline` is that of the whole period, if known.
    `baseline_name` is "" when there is nothing to compare with; then `variance` and `components`
    hold the current costs only. `bill` is the COST of the snapshot with a column ``component``;
    `kinds` is what it costs in the period by kind of charge, empty where the bill is not used.
    """

    metric: str
    actuals_name: str
    seen: Period
    full_baseline: Decimal | None
    baseline_name: str
    baseline_lines: pd.DataFrame
    current_lines: pd.DataFrame
    variance: pd.DataFrame
    components: pd.DataFrame
    summary: VarianceSummary
    bill: pd.DataFrame | None
    kinds: dict[str, Decimal]
    days: pd.DataFrame | None
    forecast: Forecast | None
    rates: pd.DataFrame
    excluded: pd.DataFrame
    stated: Stated

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


def analyse_cost_variance(inputs: CostInputs, settings: CostSettings) -> CostResults:
    """Answer the question of this module for one period.

    Raises
    ------
    ParameterError
        The chosen metric, baseline or source of actual costs is not in the snapshot.
    IncompleteDataError
        No charge falls in the period and nothing else states an actual cost.
    """
    bill = None if inputs.cost is None else assign_components(inputs.cost, inputs.rules)
    metric = choose_metric(bill, settings.cost_metric)
    actuals = choose_actuals(inputs, bill, settings.actuals)
    baseline_name = choose_baseline(inputs, bill, settings.baseline)
    seen = seen_period(inputs, actuals)
    by_usage_type = baseline_name == "previous_month"
    used = bill if actuals == "bill" else None
    current = _current_lines(inputs, used, metric, seen, by_usage_type=by_usage_type)
    baseline = _baseline_lines(inputs, bill, metric, baseline_name, (seen, current))
    variance = decompose_cost_variance(baseline, current)
    components = component_variances(variance, settings.thresholds)
    _refuse_names_alike(components)
    summary = summarise(components)
    stated = Stated.of(inputs.claim)
    fleet = inputs.fleet if inputs.fleet is not None and _is_priced(components) else empty(FLEET)
    costs = dict(zip(components["component"], components["current_cost"], strict=True))
    known = {name: cost for name, cost in costs.items() if cost is not None}
    full_baseline = _full_baseline(inputs, baseline_name, summary)
    days, forecast = _days_and_forecast(inputs, bill, metric, settings, full_baseline)
    return CostResults(
        metric=metric,
        actuals_name=actuals,
        seen=seen,
        full_baseline=full_baseline,
        baseline_name=baseline_name,
        baseline_lines=baseline,
        current_lines=current,
        variance=variance,
        components=components,
        summary=summary,
        bill=bill,
        kinds=_kinds(bill, metric, inputs.period) if actuals == "bill" else {},
        days=days,
        forecast=forecast,
        rates=implied_rates(known, fleet, inputs.prices, inputs.commitments),
        excluded=_excluded(inputs, used, metric, (stated, fleet))
        if _is_priced(components)
        else empty(EXCLUDED_COST),
        stated=stated,
    )


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
        before = inputs.period.previous_month
        if seen != inputs.period:
            last = min(before.start + timedelta(days=seen.days), before.end)
            before = Period(before.start, last)
        return lines_of_bill(bill, metric, before, by_usage_type=True)
    return empty(COST_LINE)


def _full_baseline(
    inputs: CostInputs, baseline_name: str, summary: VarianceSummary
) -> Decimal | None:
    if baseline_name == "estimate" and inputs.estimate is not None:
        return exact_sum(inputs.estimate["estimated_cost"])
    is_over = inputs.as_of >= inputs.period.end
    return summary.baseline if baseline_name and is_over else None


def _excluded(
    inputs: CostInputs,
    bill: pd.DataFrame | None,
    metric: str,
    said: tuple[Stated, pd.DataFrame],
) -> pd.DataFrame:
    """Return what the total leaves out; a bill that lists traffic between zones holds it."""
    has_cross_az = False
    if bill is not None:
        lines = traffic_lines(
            bill[list(COST.fields)],
            inputs.transfer_types,
            inputs.unit_prices,
            metric=metric,
            period=inputs.period,
        )
        has_cross_az = cross_az_bill(lines) is not None
    return excluded_costs(*said, inputs.prices, inputs.unit_prices, has_cross_az=has_cross_az)


def _refuse_names_alike(components: pd.DataFrame) -> None:
    """Raise if two components differ in capitals or signs only: they are one, spelled twice."""
    known: dict[str, str] = {}
    for name in components["component"]:
        other = known.setdefault(slug(name), name)
        if other != name:
            raise SchemaError(
                "components",
                "two names differ in capitals or signs only",
                seen=f"{other!r} and {name!r}",
                expected="one spelling in the estimate, the statement and the mapping rules",
                remedy="correct the name in the estimate or in the rules",
            )


def _kinds(bill: pd.DataFrame | None, metric: str, period: Period) -> dict[str, Decimal]:
    if bill is None:
        return {}
    inside = bill[[day in period for day in bill["charge_period_start"]]]
    by_kind = cost_by(inside, metric, ("charge_kind",))
    return dict(zip(by_kind["charge_kind"], by_kind["cost"], strict=True))


def _days_and_forecast(
    inputs: CostInputs,
    bill: pd.DataFrame | None,
    metric: str,
    settings: CostSettings,
    full_baseline: Decimal | None,
) -> tuple[pd.DataFrame | None, Forecast | None]:
    if bill is None or not is_daily(bill, inputs.period):
        return None, None
    days = daily_costs(bill, metric, inputs.period, inputs.as_of, baseline=full_baseline)
    forecast = forecast_month(
        bill, metric, inputs.period, inputs.as_of, confidence_pct=settings.confidence_pct
    )
    return days, forecast


def _is_priced(components: pd.DataFrame) -> bool:
    """Return whether the costs are in the currency of the price tables, and can be compared."""
    return set(components["billing_currency"]) == {PRICE_CURRENCY}
