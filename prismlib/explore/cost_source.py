"""A snapshot under the controls of the cost variance: what is read and compared once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from prismlib import parameters as rules
from prismlib.analyses import cost_breakdown, cost_comparison, cost_inputs
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import Snapshot
from prismlib.tables import COST_METRICS

COMPARED = ("period", "as_of", "baseline", "actuals", "cost_metric")
"""What decides the lines that are compared."""


@dataclass
class Source:
    """A snapshot, and what follows from it whatever the controls say."""

    data: Snapshot
    prepared: dict[tuple[str, str], cost_inputs.CostInputs] = field(default_factory=dict)
    compared: dict[tuple[Any, ...], cost_comparison.CostLines] = field(default_factory=dict)
    splits: dict[tuple[Any, ...], cost_breakdown.CostBreakdown] = field(default_factory=dict)

    def inputs(self, parameters: Mapping[str, Any]) -> cost_inputs.CostInputs:
        """Return the inputs of the notebook, prepared once for each month."""
        key, data = (parameters["period"], parameters["as_of"]), self.data
        if key not in self.prepared:
            self.prepared[key] = cost_inputs.CostInputs.of(
                data.tables,
                read_reference_tables(data.tables),
                period=rules.period_or(parameters["period"], data.period),
                as_of=rules.day_or(parameters["as_of"], data.as_of),
                is_bill_synthetic=data.is_synthetic_table("cost"),
                stated_period=data.period,
            )
        return self.prepared[key]

    @cached_property
    def months(self) -> dict[str, str]:
        """Return the months that the bill has charges of."""
        bill = self.data.tables.get("cost")
        days = set() if bill is None else set(bill["charge_period_start"].dropna())
        months = {month: month for month in sorted({f"{day:%Y-%m}" for day in days})}
        return {"": f"as in the snapshot ({self.data.period})", **months}

    @cached_property
    def metrics(self) -> dict[str, str]:
        """Return the costs that the bill carries."""
        bill = self.data.tables.get("cost")
        names = [n for n in COST_METRICS if bill is not None and bill[n].notna().any()]
        return {"auto": "the first there is", **{name: name.replace("_", " ") for name in names}}

    @cached_property
    def groupings(self) -> dict[str, str]:
        """Return the groupings that the bill has names for."""
        bill = self.data.tables.get("cost")
        return {name: name.replace("_", " ") for name in cost_breakdown.groupings_of(bill)}

    def lines(
        self, parameters: Mapping[str, Any], settings: cost_inputs.CostSettings
    ) -> cost_comparison.CostLines:
        """Return what is compared, which no band changes."""
        key, inputs = tuple(parameters[name] for name in COMPARED), self.inputs(parameters)
        if key not in self.compared:
            self.compared[key] = cost_comparison.compare_costs(inputs, self._bill, settings)
        return self.compared[key]

    def split(
        self, parameters: Mapping[str, Any], settings: cost_inputs.CostSettings
    ) -> cost_breakdown.CostBreakdown | None:
        """Return what is opened, split by what comes next; None where components are looked at."""
        if not settings.is_split:
            return None
        key = tuple(parameters[name] for name in (*COMPARED, "grouping", "opened"))
        if key not in self.splits:
            inputs, lines = self.inputs(parameters), self.lines(parameters, settings)
            self.splits[key] = cost_breakdown.split_cost(inputs, lines, settings)
        return self.splits[key]

    @cached_property
    def _bill(self) -> pd.DataFrame | None:
        (inputs, *_) = self.prepared.values()  # the bill is that of the snapshot in all of them
        return cost_comparison.bill_by_component(inputs)
