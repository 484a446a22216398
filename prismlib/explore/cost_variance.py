"""Explore the cost variance: another snapshot, month, cost, baseline, bands; open what costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from prismlib import paths
from prismlib.analyses import cost_breakdown, cost_comparison, cost_findings, cost_inputs, variance
from prismlib.analyses.cost_variance import CostResults, completing
from prismlib.charts import cost_variance as draw
from prismlib.charts.theme import wrapped
from prismlib.explore import parts
from prismlib.explore.controls import Choice, Control, Place, Slider
from prismlib.explore.cost_source import Source
from prismlib.explore.model import Model
from prismlib.explore.panel import Piece, View
from prismlib.findings import Finding
from prismlib.narrative import cost_breakdown as split_words
from prismlib.narrative import cost_tables
from prismlib.narrative import cost_variance as words
from prismlib.narrative.cost_answer import cost_answer
from prismlib.sources.snapshot_folder import snapshots_beside
from prismlib.sources.snapshots import read_snapshot

NOTEBOOK = "cost_variance"
SETTINGS = (
    *("baseline", "actuals", "cost_metric", "grouping", "opened", "tolerance_pct", "limit_pct"),
    *("material_amount", "material_pct", "confidence_pct"),
)
BASELINES = {
    "auto": "the first there is",
    "estimate": "estimate",
    "previous_month": "month before",
    "none": "none",
}
ACTUALS = {"auto": "the first there is", "bill": "bill", "statement": "stated amounts"}
MOST_OPEN = 40
"""Groups that have a button; the table names the others."""


@dataclass
class _Model(Model):
    """The snapshots that were read, and the notebook's functions over them."""

    notebook = NOTEBOOK
    sources: dict[str, Source] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sources[self.passed["snapshot"]] = Source(self.data)

    def source(self, snapshot: str) -> Source:
        """Return a snapshot, read once."""
        if snapshot not in self.sources:
            self.sources[snapshot] = Source(read_snapshot(paths.resolve(snapshot)))
        return self.sources[snapshot]

    def controls(self) -> list[Control]:
        """Return the controls over the snapshot that the notebook was run on."""
        return self.controls_over(self.passed["snapshot"])

    def controls_over(self, snapshot: str) -> list[Control]:
        """Return the controls; only what a snapshot carries may be chosen."""
        passed, source = self.passed, self.source(snapshot)
        compare: dict[str, Any] = {"group": "Compare"}
        order = {"not_above": "limit_pct"}
        bands, matter = ({"group": group} for group in ("Bands", "What matters"))
        below, money = ("period", "opened"), source.data.billing_currency
        return [
            Choice(
                "snapshot", "Snapshot", passed["snapshot"], self._snapshots, clears=below, **compare
            ),
            Choice("period", "Month", passed["period"], source.months, **compare),
            Choice("cost_metric", "Cost", passed["cost_metric"], source.metrics, **compare),
            Choice("actuals", "Actual costs", passed["actuals"], ACTUALS, **compare),
            Choice("baseline", "Baseline", passed["baseline"], BASELINES, **compare),
            Choice(
                "grouping",
                "Split by",
                passed["grouping"],
                source.groupings,
                clears=below[1:],
                **compare,
            ),
            Place("opened", "Opened", passed["opened"]),
            _slider(passed, "tolerance_pct", "Tolerated change", 0, 100, 0.5, **bands, **order),
            _slider(passed, "limit_pct", "Change that stops a launch", 0, 500, 0.5, **bands),
            _slider(
                passed, "material_amount", "Smallest amount", 0, 50_000, 100, unit=money, **matter
            ),
            _slider(passed, "material_pct", "Smallest share", 0, 20, 0.25, **matter),
            _slider(passed, "confidence_pct", "Interval of the forecast", 50, 99, 1, **matter),
        ]

    @cached_property
    def _snapshots(self) -> dict[str, str]:
        """Return the snapshots beside the one that the notebook was given, by their folder."""
        given = paths.resolve(self.passed["snapshot"])
        found = {_written(path): shown for path, shown in snapshots_beside(given).items()}
        return {self.passed["snapshot"]: found.pop(_written(given), given.name), **found}

    def view(self, parameters: Mapping[str, Any]) -> View:
        """Return what the notebook shows for its parameters."""
        settings = cost_inputs.CostSettings.of(**{name: parameters[name] for name in SETTINGS})
        source = self.source(parameters["snapshot"])
        lines = source.lines(parameters, settings)
        comparison = cost_comparison.judge_change(lines, settings.thresholds)
        inputs, split = source.inputs(parameters), source.split(parameters, settings)
        shown = _Shown(inputs, settings, comparison, split)
        controls = self.controls_over(parameters["snapshot"]) if len(self.sources) > 1 else None
        return View(shown.first(), list(shown.later()), controls)


explore = _Model.explore


def _written(path: Path) -> str:
    """Return a folder as the parameter names it: from the repository root where it lies there."""
    return str(path.relative_to(paths.ROOT) if path.is_relative_to(paths.ROOT) else path)


@dataclass
class _Shown:
    """The pieces of the notebook for one set of parameters."""

    inputs: cost_inputs.CostInputs
    settings: cost_inputs.CostSettings
    comparison: cost_comparison.CostComparison
    split: cost_breakdown.CostBreakdown | None
    results: CostResults = field(init=False)
    found: list[Finding] = field(init=False)

    def first(self) -> list[Piece]:
        """Return what follows the hand: where the reader is, a sentence and the chart."""
        if self.split is None:
            return [self.trail, self.change, self.waterfall]
        split = self.split
        return [self.trail, lambda: self.split_sentence(split), lambda: self.split_chart(split)]

    def later(self) -> list[Piece]:
        """Return what follows once the hand rests."""
        split = self.split
        groups = [] if split is None else [lambda: self.split_table(split)]
        compared = [self.effects, self.lines] if self.comparison.baseline_name else []
        pieces = [*groups, self.components, *compared, self.days]
        return [self.analyse, self.judge, self.answer, *pieces, lambda: parts.findings(self.found)]

    # --- first ------------------------------------------------------------------------------------

    def trail(self) -> parts.Part:
        """Return the way down to what is opened."""
        way = cost_breakdown.WAYS[self.settings.grouping]
        opened = () if self.split is None else self.split.opened
        steps = [(f"All {cost_breakdown.LEVELS[way[0]]}s", {"opened": ""})]
        for n, name in enumerate(opened, start=1):
            steps.append((name, {"opened": cost_breakdown.SEPARATOR.join(opened[:n])}))
        below = way[len(opened) + 1 :]
        hint = f"A click on a bar opens its {cost_breakdown.LEVELS[below[0]]}s." if below else ""
        return parts.trail(steps, hint=hint)

    def _opens(self, names: Sequence[str], below: str) -> list[parts.Open]:
        """Return what each bar opens: its own groups, called `below`, "" for none."""
        above = () if self.split is None else self.split.opened
        return [
            parts.Open(
                wrapped(name),
                name,
                f"Open {name}: {below}s",
                {"opened": cost_breakdown.SEPARATOR.join([*above, name])},
            )
            for name in names[:MOST_OPEN]
            if below
        ]

    def change(self) -> parts.Part:
        """Return the sentence on the change, with its band."""
        return parts.text(words.variance_sentence(self.settings, self.comparison), id="change")

    def waterfall(self) -> parts.Part:
        """Return the chart of the components, against the baseline where there is one."""
        comparison = self.comparison
        if not comparison.baseline_name:
            title = "Cost by component"
            figure = draw.cost_component_bar(comparison.components, title=title)
        else:
            title = words.waterfall_title(comparison)
            label = words.BASELINE_WORDS[comparison.baseline_name].capitalize()
            figure = draw.cost_variance_waterfall(
                comparison.components, title=title, baseline_label=label
            )
        opens = self._opens(list(comparison.components["component"]), "service")
        return parts.show(figure, id="variance-waterfall", alt=title, opens=opens)

    def split_sentence(self, split: cost_breakdown.CostBreakdown) -> parts.Part:
        """Return what is opened and what it costs, or why it has no finer split."""
        sentence = split_words.split_sentence(self.inputs, self.comparison, split)
        return parts.text(sentence, id="split-words")

    def split_chart(self, split: cost_breakdown.CostBreakdown) -> parts.Part | None:
        """Return the chart of what is opened; none where there is nothing to split."""
        if split.reason:
            return None
        title = split_words.split_title(self.comparison, split)
        figure = split_words.split_chart(self.comparison, split)
        opens = self._opens(list(split.groups["group_name"]), split.below)
        return parts.show(figure, id="split", alt=title, opens=opens)

    # --- later ------------------------------------------------------------------------------------

    def analyse(self) -> Iterator[None]:
        """Analyse what the first pieces did not need, in steps."""
        self.results = yield from completing(self.inputs, self.settings, self.comparison)

    def judge(self) -> Iterator[None]:
        """Find what the notebook finds, in steps."""
        given = (self.inputs, self.settings, self.results)
        self.found = yield from cost_findings.judging_costs(*given)

    def answer(self) -> parts.Part:
        """Return the answer of the notebook."""
        return parts.answer(cost_answer(self.inputs, self.settings, self.results, self.found))

    def split_table(self, split: cost_breakdown.CostBreakdown) -> parts.Part | None:
        """Return the table of what is opened."""
        if split.reason:
            return None
        columns = split_words.split_columns(self.comparison, split)
        title = split_words.groups_title(split)
        return parts.table(split.groups, columns, id="split-groups", title=title)

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

    def days(self) -> parts.Part | None:
        """Return the chart of the days, with the forecast and its interval."""
        days, forecast = self.results.days, self.results.forecast
        if days is None or forecast is None:
            return None
        title = words.days_title(self.inputs, self.results)
        money, is_synthetic = self.results.currency, self.inputs.is_bill_synthetic
        figure = draw.cost_cumulative_line(
            days, forecast, money, title=title, is_synthetic=is_synthetic
        )
        return parts.show(figure, id="cumulative", alt=title)


def _slider(
    passed: Mapping[str, Any], name: str, label: str, *reach: float, unit: str = "%", **more: str
) -> Slider:
    low, high, step = reach
    return Slider(name, label, passed[name], low, high, step, unit=unit, **more)
