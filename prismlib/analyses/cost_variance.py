"""What was spent against what was expected, why, and does the total add up?

Method, in order:

1. choose the cost metric, the actual costs and the baseline (`CostSettings`; ``auto`` says how);
2. give every charge its component (`components`), bring both sides to lines (`cost_lines`);
3. decompose the change exactly (`decomposition`) and judge it against the bands (`variance`);
4. rebuild stated totals from their parts (`reconcile`), and the rate behind each line
   (`implied_rates`);
5. place the month in time (`forecast`) and list what the total leaves out (`excluded_costs`).

Actual costs come from the bill. If the only bill is synthetic and a statement of actual costs
exists, the statement is used: generated days are no evidence, they only give the month a shape.

Known limits. A statement gives one figure a component: no usage, no resources, no days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pandas as pd

from prismlib.analyses.components import assign_components, cost_by
from prismlib.analyses.cost_lines import lines_of_bill, lines_of_estimate, lines_of_statement
from prismlib.analyses.decomposition import decompose_cost_variance
from prismlib.analyses.excluded_costs import excluded_costs
from prismlib.analyses.forecast import Forecast, daily_costs, forecast_month
from prismlib.analyses.implied_rates import implied_rates
from prismlib.analyses.stated import Stated
from prismlib.analyses.variance import (
    Thresholds,
    VarianceSummary,
    component_variances,
    summarise,
)
from prismlib.errors import IncompleteDataError, ParameterError
from prismlib.formats import money, signed_money
from prismlib.parameters import validate_all
from prismlib.periods import Period
from prismlib.result_tables import COST_LINE, EXCLUDED_COST
from prismlib.tables import COST_METRICS, FLEET, empty

PRICE_CURRENCY = "USD"
"""The currency of the price tables in ``data/reference``."""


@dataclass(frozen=True)
class CostInputs:
    """The tables of a snapshot and the reference tables; a table that is not there is None."""

    period: Period
    as_of: date
    rules: pd.DataFrame
    prices: pd.DataFrame
    commitments: pd.DataFrame
    unit_prices: pd.DataFrame
    cost: pd.DataFrame | None = None
    cost_file: pd.DataFrame | None = None
    estimate: pd.DataFrame | None = None
    stated_actual: pd.DataFrame | None = None
    claim: pd.DataFrame | None = None
    fleet: pd.DataFrame | None = None
    restatement: pd.DataFrame | None = None
    is_bill_synthetic: bool = False

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pd.DataFrame],
        reference: Mapping[str, pd.DataFrame],
        *,
        period: Period,
        as_of: date,
        is_bill_synthetic: bool = False,
    ) -> CostInputs:
        """Return the inputs from the tables of a snapshot and the reference tables, by name.

        A snapshot's own mapping rules go before those of the reference.
        """
        names = ("cost", "cost_file", "estimate", "stated_actual", "claim", "fleet", "restatement")
        return cls(
            period=period,
            as_of=as_of,
            rules=tables.get("component_rule", reference["component_rule"]),
            prices=reference["instance_price"],
            commitments=reference["commitment_rate"],
            unit_prices=reference["unit_price"],
            is_bill_synthetic=is_bill_synthetic,
            **{name: tables.get(name) for name in names},
        )


@dataclass(frozen=True)
class CostSettings:
    """How to compare; see `prismlib.parameters` for the allowed values."""

    baseline: str = "auto"
    actuals: str = "auto"
    cost_metric: str = "auto"
    thresholds: Thresholds = field(default_factory=Thresholds)
    confidence_pct: Decimal = Decimal(80)

    @classmethod
    def of(
        cls,
        *,
        baseline: str,
        actuals: str,
        cost_metric: str,
        confidence_pct: float,
        **thresholds: float,
    ) -> CostSettings:
        """Return the settings that notebook parameters name; `thresholds` as in `Thresholds`.

        Raises
        ------
        ParameterError
            A value is out of range or unknown.
        """
        words = {"baseline": baseline, "actuals": actuals, "cost_metric": cost_metric}
        validate_all(**words, confidence_pct=confidence_pct, **thresholds)
        exact = {name: Decimal(str(value)) for name, value in thresholds.items()}
        return cls(
            **words, thresholds=Thresholds(**exact), confidence_pct=Decimal(str(confidence_pct))
        )


@dataclass(frozen=True)
class CostResults:
    """Everything the notebook shows; tables are those of `prismlib.result_tables.RESULT_TABLES`.

    `baseline_name` is "" when there is nothing to compare with; then `variance` and `components`
    hold the current costs only. `bill` is the COST of the snapshot with a column ``component``;
    `kinds` is what it costs in the period by kind of charge, empty where the bill is not used.
    """

    metric: str
    actuals_name: str
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
    by_usage_type = baseline_name == "previous_month"
    current = _current_lines(inputs, bill, metric, actuals, by_usage_type=by_usage_type)
    baseline = _baseline_lines(inputs, bill, metric, baseline_name, current)
    variance = decompose_cost_variance(baseline, current)
    components = component_variances(variance, settings.thresholds)
    summary = summarise(components)
    stated = Stated.of(inputs.claim)
    fleet = inputs.fleet if inputs.fleet is not None and _is_priced(components) else empty(FLEET)
    costs = dict(zip(components["component"], components["current_cost"], strict=True))
    known = {name: cost for name, cost in costs.items() if cost is not None}
    days, forecast = _days_and_forecast(inputs, bill, metric, settings, summary, baseline_name)
    return CostResults(
        metric=metric,
        actuals_name=actuals,
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
        excluded=excluded_costs(stated, fleet, inputs.prices, inputs.unit_prices)
        if _is_priced(components)
        else empty(EXCLUDED_COST),
        stated=stated,
    )


def choose_metric(bill: pd.DataFrame | None, wanted: str) -> str:
    """Return the cost metric: `wanted`, or for ``auto`` the first of COST_METRICS on the bill."""
    if bill is None:
        return "unblended_cost" if wanted == "auto" else wanted
    present = [name for name in COST_METRICS if bill[name].notna().any()]
    if wanted == "auto" and present:
        return present[0]
    if wanted not in present:
        raise ParameterError(
            "cost_metric", wanted, expected=f"a cost this bill carries: {', '.join(present)}"
        )
    return wanted


def choose_actuals(inputs: CostInputs, bill: pd.DataFrame | None, wanted: str) -> str:
    """Return ``bill`` or ``statement``; for ``auto`` the bill unless it is only synthetic."""
    has = {"bill": bill is not None, "statement": inputs.stated_actual is not None}
    if wanted == "auto":
        wanted = "bill" if has["bill"] else "statement"
        if inputs.is_bill_synthetic and has["statement"]:
            wanted = "statement"
    if not has[wanted]:
        there = [name for name, present in has.items() if present]
        raise ParameterError(
            "actuals", wanted, expected=f"what the snapshot has: {', '.join(there) or 'nothing'}"
        )
    return wanted


def choose_baseline(inputs: CostInputs, bill: pd.DataFrame | None, wanted: str) -> str:
    """Return ``estimate``, ``previous_month`` or "" (none); ``auto`` takes the first there is."""
    has_previous = bill is not None and any(
        day in inputs.period.previous_month for day in bill["charge_period_start"]
    )
    has = {"estimate": inputs.estimate is not None, "previous_month": has_previous}
    if wanted == "none":
        return ""
    if wanted == "auto":
        return next((name for name, present in has.items() if present), "")
    if not has[wanted]:
        there = [name for name, present in has.items() if present]
        raise ParameterError(
            "baseline", wanted, expected=f"what the snapshot has: {', '.join(there) or 'none'}"
        )
    return wanted


def _current_lines(
    inputs: CostInputs,
    bill: pd.DataFrame | None,
    metric: str,
    actuals: str,
    *,
    by_usage_type: bool,
) -> pd.DataFrame:
    if actuals == "statement":
        assert inputs.stated_actual is not None
        return lines_of_statement(inputs.stated_actual)
    assert bill is not None
    lines = lines_of_bill(bill, metric, inputs.period, by_usage_type=by_usage_type)
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
    current: pd.DataFrame,
) -> pd.DataFrame:
    if name == "estimate":
        assert inputs.estimate is not None
        return lines_of_estimate(inputs.estimate, current)
    if name == "previous_month":
        assert bill is not None
        return lines_of_bill(bill, metric, inputs.period.previous_month, by_usage_type=True)
    return empty(COST_LINE)


def _is_priced(components: pd.DataFrame) -> bool:
    """Return whether the costs are in the currency of the price tables, and can be compared."""
    return set(components["billing_currency"]) == {PRICE_CURRENCY}


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
    summary: VarianceSummary,
    baseline_name: str,
) -> tuple[pd.DataFrame | None, Forecast | None]:
    if bill is None:
        return None, None
    baseline = summary.baseline if baseline_name else None
    days = daily_costs(bill, metric, inputs.period, inputs.as_of, baseline=baseline)
    forecast = forecast_month(
        bill, metric, inputs.period, inputs.as_of, confidence_pct=settings.confidence_pct
    )
    return days, forecast
