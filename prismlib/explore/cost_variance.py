"""Explore the cost variance: another month, another cost, another baseline, other bands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd

from prismlib import parameters as rules
from prismlib.analyses import cost_findings, cost_inputs, cost_variance, variance
from prismlib.analyses.forecast import Forecast
from prismlib.charts import cost_variance as draw
from prismlib.explore import parts
from prismlib.explore.controls import Choice, Control, Slider
from prismlib.explore.panel import Panel, Piece, View, declared
from prismlib.findings import Finding
from prismlib.narrative import cost_tables
from prismlib.narrative import cost_variance as words
from prismlib.narrative.cost_answer import cost_answer
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import Snapshot
from prismlib.tables import COST_METRICS

NOTEBOOK = "cost_variance"
SETTINGS = (
    *("baseline", "actuals", "cost_metric", "tolerance_pct", "limit_pct"),
    *("material_amount", "material_pct", "confidence_pct"),
)
BASELINES = {
    "auto": "the first there is",
    "estimate": "estimate",
    "previous_month": "month before",
    "none": "none",
}
ACTUALS = {"auto": "the first there is", "bill": "bill", "statement": "stated amounts"}


def explore(data: Snapshot, namespace: Mapping[str, Any]) -> Panel:
    """Return the panel of the notebook.

    Parameters
    ----------
    data : Snapshot
        The one that the notebook has read.
    namespace : mapping
        ``globals()`` of the notebook: its parameters as they were given.
    """
    passed = declared(NOTEBOOK, namespace)
    model = _Model(data)
    return Panel(NOTEBOOK, passed, model.controls(passed), model.view)


@dataclass(frozen=True)
class _Model:
    """What is read once, and the notebook's functions over it."""

    data: Snapshot
    prepared: dict[tuple[str, str], cost_inputs.CostInputs] = field(default_factory=dict)

    def controls(self, passed: Mapping[str, Any]) -> list[Control]:
        """Return the controls; only what the bill carries may be chosen."""
        compare, bands, matter = ({"group": g} for g in ("Compare", "Bands", "What matters"))
        return [
            Choice("period", "Month", passed["period"], self._months(), **compare),
            Choice("cost_metric", "Cost", passed["cost_metric"], self._metrics(), **compare),
            Choice("actuals", "Actual costs", passed["actuals"], ACTUALS, **compare),
            Choice("baseline", "Baseline", passed["baseline"], BASELINES, **compare),
            _slider(passed, "tolerance_pct", "Tolerated change", 0, 100, 0.5, **bands),
            _slider(passed, "limit_pct", "Change that stops a launch", 0, 500, 0.5, **bands),
            _slider(passed, "material_amount", "Smallest amount", 0, 50_000, 100, **matter),
            _slider(passed, "material_pct", "Smallest share", 0, 20, 0.25, **matter),
            _slider(passed, "confidence_pct", "Interval of the forecast", 50, 99, 1, **matter),
        ]

    def _months(self) -> dict[str, str]:
        months = {"": f"as in the snapshot ({self.data.period})"}
        if "cost" in self.data.tables and len(self.data.tables["cost"]):
            days = self.data.tables["cost"]["charge_period_start"].dropna().unique()
            months |= {month: month for month in sorted({f"{day:%Y-%m}" for day in days})}
        return months

    def _metrics(self) -> dict[str, str]:
        bill = self.data.tables.get("cost")
        names = [n for n in COST_METRICS if bill is not None and bill[n].notna().any()]
        return {"auto": "the first there is", **{name: name.replace("_", " ") for name in names}}

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

    def view(self, parameters: Mapping[str, Any]) -> View:
        """Return what the notebook shows for its parameters."""
        inputs = self.inputs(parameters)
        settings = cost_inputs.CostSettings.of(**{name: parameters[name] for name in SETTINGS})
        shown = _Shown(inputs, settings, cost_variance.analyse_cost_variance(inputs, settings))
        return View([shown.change, shown.waterfall], list(shown.later()))


@dataclass(frozen=True)
class _Shown:
    """The pieces of the notebook for one set of parameters."""

    inputs: cost_inputs.CostInputs
    settings: cost_inputs.CostSettings
    results: cost_variance.CostResults

    def change(self) -> parts.Part:
        """Return the sentence on the change, with its band."""
        return parts.text(words.variance_sentence(self.settings, self.results), id="change")

    def waterfall(self) -> parts.Part:
        """Return the chart of the components, against the baseline where there is one."""
        results = self.results
        if not results.baseline_name:
            title = "Cost by component"
            figure = draw.cost_component_bar(results.components, title=title)
        else:
            title = words.waterfall_title(results)
            label = words.BASELINE_WORDS[results.baseline_name].capitalize()
            figure = draw.cost_variance_waterfall(
                results.components, title=title, baseline_label=label
            )
        return parts.show(figure, id="variance-waterfall", alt=title)

    def later(self) -> Iterator[Piece]:
        """Return what follows once the hand rests."""
        found: list[Finding] = []

        def answer() -> parts.Part:
            found.extend(cost_findings.judge_costs(self.inputs, self.settings, self.results))
            return parts.answer(cost_answer(self.inputs, self.settings, self.results, found))

        yield answer
        yield self.components
        if self.results.baseline_name:
            yield self.effects
            yield self.lines
        if self.results.days is not None and self.results.forecast is not None:
            yield partial(self.days, self.results.days, self.results.forecast)
        yield lambda: parts.findings(found)

    def components(self) -> parts.Part:
        """Return the table of the components."""
        return parts.table(
            cost_tables.with_total(self.results),
            cost_tables.component_columns(self.results),
            id="variance",
            title="By component",
            note=words.bands_note(self.settings),
            highlight={-1: "total"},
        )

    def effects(self) -> parts.Part:
        """Return the chart of price, quantity, new and gone."""
        effects = variance.effect_totals(self.results.variance)
        title = words.effects_title(self.results)
        figure = draw.cost_effects_bar(effects, self.results.currency, title=title)
        return parts.show(figure, id="variance-effects", alt=title)

    def lines(self) -> parts.Part:
        """Return the table of the lines that moved most."""
        return parts.table(
            cost_tables.largest_lines(self.results),
            cost_tables.line_columns(self.results),
            id="effects",
            title="The lines that moved most, and why",
        )

    def days(self, days: pd.DataFrame, forecast: Forecast) -> parts.Part:
        """Return the chart of the days, with the forecast and its interval."""
        title = words.days_title(self.inputs, self.results)
        money, is_synthetic = self.results.currency, self.inputs.is_bill_synthetic
        figure = draw.cost_cumulative_line(
            days, forecast, money, title=title, is_synthetic=is_synthetic
        )
        return parts.show(figure, id="cumulative", alt=title)


def _slider(passed: Mapping[str, Any], name: str, label: str, *reach: float, group: str) -> Slider:
    low, high, step = reach
    unit = "%" if name.endswith("_pct") else ""
    return Slider(name, label, passed[name], low, high, step, unit=unit, group=group)
