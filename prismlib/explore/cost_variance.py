"""Explore the cost variance: another month, another baseline, other bands, down to a usage type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from prismlib import parameters as rules
from prismlib.analyses import cost_findings, cost_inputs, cost_variance
from prismlib.charts import cost_variance as draw
from prismlib.explore import parts
from prismlib.explore.controls import Choice, Control, Slider
from prismlib.explore.panel import Panel, View, declared
from prismlib.explore.parts import Part
from prismlib.findings import Finding
from prismlib.narrative import cost_tables
from prismlib.narrative import cost_variance as words
from prismlib.narrative.cost_answer import cost_answer
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import Snapshot

NOTEBOOK = "cost_variance"


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
    return Panel(NOTEBOOK, passed, _controls(passed), model.view)


def _controls(passed: Mapping[str, Any]) -> list[Control]:
    percent = {"unit": "%", "group": "Bands"}
    return [
        Choice(
            "baseline",
            "Baseline",
            passed["baseline"],
            {"auto": "first there is", "estimate": "estimate", "previous_month": "month before"},
            group="Compare",
        ),
        Slider("tolerance_pct", "Tolerance", passed["tolerance_pct"], 0, 100, 0.5, **percent),
        Slider("limit_pct", "Limit", passed["limit_pct"], 0, 100, 0.5, **percent),
    ]


@dataclass(frozen=True)
class _Model:
    """What is read once, and the notebook's functions over it."""

    data: Snapshot

    def view(self, parameters: Mapping[str, Any]) -> View:
        settings = cost_inputs.CostSettings.of(
            **{name: parameters[name] for name in ("baseline", "actuals", "cost_metric")},
            **{name: value for name, value in parameters.items() if name.endswith("_pct")},
            material_amount=parameters["material_amount"],
        )
        inputs = self.inputs(parameters)
        shown = _Shown(inputs, settings, cost_variance.analyse_cost_variance(inputs, settings))
        return View(
            first=[shown.waterfall],
            later=[shown.answer, shown.components, lambda: parts.findings(shown.found)],
        )

    def inputs(self, parameters: Mapping[str, Any]) -> cost_inputs.CostInputs:
        """Return the inputs of the notebook."""
        data = self.data
        return cost_inputs.CostInputs.of(
            data.tables,
            read_reference_tables(data.tables),
            period=rules.period_or(parameters["period"], data.period),
            as_of=rules.day_or(parameters["as_of"], data.as_of),
            is_bill_synthetic=data.is_synthetic_table("cost"),
            stated_period=data.period,
        )


@dataclass(frozen=True)
class _Shown:
    """The results of one set of parameters, and each piece of the notebook made of them."""

    inputs: cost_inputs.CostInputs
    settings: cost_inputs.CostSettings
    results: cost_variance.CostResults

    @cached_property
    def found(self) -> list[Finding]:
        return cost_findings.judge_costs(self.inputs, self.settings, self.results)

    def answer(self) -> Part:
        return parts.answer(cost_answer(self.inputs, self.settings, self.results, self.found))

    def waterfall(self) -> Part:
        title = words.waterfall_title(self.results)
        label = words.BASELINE_WORDS[self.results.baseline_name].capitalize()
        figure = draw.cost_variance_waterfall(
            self.results.components, title=title, baseline_label=label
        )
        return parts.show(figure, id="variance-waterfall", alt=title)

    def components(self) -> Part:
        return parts.table(
            cost_tables.with_total(self.results),
            cost_tables.component_columns(self.results),
            id="variance",
            title="By component",
            note=words.bands_note(self.settings),
            highlight={-1: "total"},
        )
