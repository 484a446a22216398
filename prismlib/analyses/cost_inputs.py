"""What the cost variance analysis is given, and which of it is compared.

``auto`` chooses: the first cost metric that the bill carries; the bill, unless it is synthetic and
a statement exists; the estimate, else the month before, else no baseline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pandas as pd

from prismlib.analyses.variance import Thresholds
from prismlib.errors import ParameterError
from prismlib.parameters import validate_all
from prismlib.periods import Period
from prismlib.tables import COST_METRICS, FilledTables


@dataclass(frozen=True)
class CostInputs:
    """The tables of a snapshot and the reference tables; a table that is not there is None.

    `stated_period` is the month that a statement of actual costs is for, if known.
    """

    period: Period
    as_of: date
    rules: pd.DataFrame
    prices: pd.DataFrame
    commitments: pd.DataFrame
    unit_prices: pd.DataFrame
    transfer_types: pd.DataFrame
    cost: pd.DataFrame | None = None
    cost_file: pd.DataFrame | None = None
    estimate: pd.DataFrame | None = None
    stated_actual: pd.DataFrame | None = None
    claim: pd.DataFrame | None = None
    fleet: pd.DataFrame | None = None
    restatement: pd.DataFrame | None = None
    is_bill_synthetic: bool = False
    stated_period: Period | None = None

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pd.DataFrame],
        reference: Mapping[str, pd.DataFrame],
        *,
        period: Period,
        as_of: date,
        is_bill_synthetic: bool = False,
        stated_period: Period | None = None,
    ) -> CostInputs:
        """Return the inputs from the tables of a snapshot and the reference tables, by name.

        A snapshot's own mapping rules go before those of the reference. A table without rows says
        nothing, as one that is not there: an empty estimate is no estimate of zero.
        """
        names = ("cost", "cost_file", "estimate", "stated_actual", "claim", "fleet", "restatement")
        tables = FilledTables(tables)
        return cls(
            period=period,
            as_of=as_of,
            rules=tables.get("component_rule", reference["component_rule"]),
            prices=reference["instance_price"],
            commitments=reference["commitment_rate"],
            unit_prices=reference["unit_price"],
            transfer_types=reference["transfer_type"],
            is_bill_synthetic=is_bill_synthetic,
            stated_period=stated_period,
            **{name: tables.get(name) for name in names},
        )


@dataclass(frozen=True)
class CostSettings:
    """How to compare and what to split; see `prismlib.parameters` for the allowed values."""

    baseline: str = "auto"
    actuals: str = "auto"
    cost_metric: str = "auto"
    thresholds: Thresholds = field(default_factory=Thresholds)
    confidence_pct: Decimal = Decimal(80)
    grouping: str = "component"
    opened: str = ""

    @classmethod
    def of(
        cls,
        *,
        baseline: str,
        actuals: str,
        cost_metric: str,
        confidence_pct: float,
        grouping: str = "component",
        opened: str = "",
        **thresholds: float,
    ) -> CostSettings:
        """Return the settings that notebook parameters name; `thresholds` as in `Thresholds`.

        Raises
        ------
        ParameterError
            A value is out of range or unknown.
        """
        words = {"baseline": baseline, "actuals": actuals, "cost_metric": cost_metric}
        words |= {"grouping": grouping, "opened": opened}
        validate_all(**words, confidence_pct=confidence_pct, **thresholds)
        exact = {name: Decimal(str(value)) for name, value in thresholds.items()}
        return cls(
            **words, thresholds=Thresholds(**exact), confidence_pct=Decimal(str(confidence_pct))
        )

    @property
    def is_split(self) -> bool:
        """Return whether a bill is to be split otherwise than by whole components."""
        return self.grouping != "component" or self.opened != ""


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


def seen_period(inputs: CostInputs, actuals: str) -> Period:
    """Return the days of the period that can be compared on the day of the data.

    Raises
    ------
    ParameterError
        The actual costs are a statement for a month that is not over, or that has not begun.
    """
    period, as_of = inputs.period, inputs.as_of
    if actuals == "statement" and inputs.stated_period not in (None, period):
        raise ParameterError(
            "period",
            str(period),
            expected=f"{inputs.stated_period}, the month that the statement is for",
            remedy="-p actuals=bill looks at the bill of another month",
        )
    if as_of >= period.end:
        return period
    if actuals == "statement" or as_of <= period.start:
        raise ParameterError(
            "as_of",
            as_of.isoformat(),
            expected=f"a day from {period.end} on: a statement of {period} is for the whole month"
            if actuals == "statement"
            else f"a day after {period.start}",
            remedy="-p actuals=bill looks at the daily costs instead"
            if actuals == "statement" and inputs.cost is not None
            else "give a later day or week",
        )
    return Period(period.start, as_of)
