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

`analyse_cost_variance` takes all steps. Steps 1 to 3 are those of `cost_comparison`, for a screen
that shows the change first; `complete` adds the others.

Known limits. A statement gives one figure a component: no usage, no resources, no days.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from prismlib.analyses.components import cost_by
from prismlib.analyses.cost_comparison import (
    CostComparison,
    bill_by_component,
    compare_costs,
    judge_change,
)
from prismlib.analyses.cost_inputs import CostInputs, CostSettings
from prismlib.analyses.cost_lines import kinds_of_lines
from prismlib.analyses.excluded_costs import excluded_costs
from prismlib.analyses.forecast import Forecast, daily_costs, forecast_month, is_daily
from prismlib.analyses.implied_rates import implied_rates
from prismlib.analyses.judging import known_costs
from prismlib.analyses.stated import Stated
from prismlib.analyses.steps import Steps, finished
from prismlib.analyses.traffic_lines import cross_az_bill, traffic_lines
from prismlib.money import exact_sum
from prismlib.periods import Period
from prismlib.result_tables.cost_variance import EXCLUDED_COST
from prismlib.tables import COST, FLEET, empty

PRICE_CURRENCY = "USD"
"""The currency of the price tables in ``data/reference``."""


@dataclass(frozen=True)
class CostResults(CostComparison):
    """Everything the notebook shows; tables are those of `prismlib.result_tables.RESULT_TABLES`.

    `full_baseline` is the baseline of the whole period, if known; `kinds` is what the bill costs in
    the period by kind of charge, empty where the bill is not used.
    """

    full_baseline: Decimal | None
    kinds: dict[str, Decimal]
    days: pd.DataFrame | None
    forecast: Forecast | None
    rates: pd.DataFrame
    excluded: pd.DataFrame
    stated: Stated


def analyse_cost_variance(inputs: CostInputs, settings: CostSettings) -> CostResults:
    """Answer the question of this module for one period.

    Raises
    ------
    ParameterError
        The chosen metric, baseline or source of actual costs is not in the snapshot.
    IncompleteDataError
        No charge falls in the period and nothing else states an actual cost.
    """
    lines = compare_costs(inputs, bill_by_component(inputs), settings)
    return complete(inputs, settings, judge_change(lines, settings.thresholds))


def complete(inputs: CostInputs, settings: CostSettings, comparison: CostComparison) -> CostResults:
    """Add to a comparison the rates behind it, its course in time, and what it leaves out."""
    return finished(completing(inputs, settings, comparison))


def completing(
    inputs: CostInputs, settings: CostSettings, comparison: CostComparison
) -> Steps[CostResults]:
    """Return what `complete` does, in steps."""
    metric, used = comparison.metric, comparison.used_bill
    stated = Stated.of(inputs.claim)
    is_priced = set(comparison.components["billing_currency"]) == {PRICE_CURRENCY}
    fleet = inputs.fleet if inputs.fleet is not None and is_priced else empty(FLEET)
    full_baseline = _full_baseline(inputs, comparison)
    days, forecast = _days_and_forecast(inputs, comparison.bill, metric, settings, full_baseline)
    yield
    kinds = _kinds(used, metric, inputs.period)
    yield
    rates = implied_rates(known_costs(comparison), fleet, inputs.prices, inputs.commitments)
    yield
    said = (stated, fleet)
    return CostResults(
        **vars(comparison),
        full_baseline=full_baseline,
        kinds=kinds,
        days=days,
        forecast=forecast,
        rates=rates,
        excluded=_excluded(inputs, used, metric, said) if is_priced else empty(EXCLUDED_COST),
        stated=stated,
    )


def _full_baseline(inputs: CostInputs, comparison: CostComparison) -> Decimal | None:
    """Return the baseline of the whole period, also while only a part of it is compared.

    A month before that lacks a day, or whose bill gives no days, is not known as a whole.
    """
    name, metric, bill = comparison.baseline_name, comparison.metric, comparison.bill
    if name == "estimate" and inputs.estimate is not None:
        return exact_sum(inputs.estimate["estimated_cost"])
    if name and inputs.as_of >= inputs.period.end:
        return comparison.summary.baseline
    before = inputs.period.previous_month
    if name != "previous_month" or bill is None or not is_daily(bill, before):
        return None
    days = daily_costs(bill, metric, before, inputs.as_of, baseline=None)
    return exact_sum(days["cost"]) if days["cost"].notna().all() else None


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


def _kinds(bill: pd.DataFrame | None, metric: str, period: Period) -> dict[str, Decimal]:
    if bill is None:
        return {}
    inside = bill[[day in period for day in bill["charge_period_start"]]]
    kinds = pd.Series(kinds_of_lines(inside), inside.index, dtype=object)
    by_kind = cost_by(inside.assign(charge_kind=kinds), metric, ("charge_kind",))
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
