"""Explore service levels: the same runs against other targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

from prismlib import paths
from prismlib.analyses import performance_slo, slo_findings, slo_inputs
from prismlib.analyses.latency import percent_of
from prismlib.assignments import joined
from prismlib.charts import performance_slo as draw
from prismlib.explore import parts
from prismlib.explore.controls import Slider
from prismlib.explore.model import Model
from prismlib.explore.panel import Piece, View
from prismlib.findings import Finding
from prismlib.narrative import performance_slo as words
from prismlib.narrative import slo_tables as tables
from prismlib.narrative.slo_answer import slo_answer
from prismlib.sources.benchmark_files import with_benchmarks
from prismlib.sources.prices import read_reference_tables

NOTEBOOK = "performance_slo"
SETTINGS = ("confidence_pct", "valid_days", "compared_statistic")
TARGETS, BETWEEN = "slo_targets", "|"
"""A control is named by the parameter and the id of its objective."""
CHARTS = {"hot": "latency-hot", "cold": "latency-cold", "e2e": "latency-whole"}
HIGHEST = 3
"""A slider reaches to so many times the target."""
FINENESS = Decimal("0.05")
"""A step of a slider is at most such a share of the target."""


@dataclass
class _Model(Model):
    """What is measured once, and the notebook's functions over it."""

    notebook = NOTEBOOK

    @cached_property
    def measured(self) -> performance_slo.SloOutcomes:
        """Return the outcomes against the targets that are promised."""
        given, files = self.data.tables, self.passed["benchmarks"]
        if files:
            given = with_benchmarks(given, [paths.resolve(files)])
        day = self.as_of
        inputs = slo_inputs.SloInputs.of(given, read_reference_tables(given), as_of=day)
        settings = slo_inputs.SloSettings.of(**{name: self.passed[name] for name in SETTINGS})
        return performance_slo.analyse_slo(inputs, settings)

    @cached_property
    def promised(self) -> dict[str, Decimal]:
        """Return the target of each objective by its id."""
        rows = self.measured.facts.inputs.objectives
        return {row["slo_id"]: row["target_value"] for row in rows}

    @cached_property
    def tiers(self) -> dict[str, str]:
        """Return the tier of each objective that has a place in a chart."""
        rows = self.measured.facts.inputs.objectives
        timed = [row for row in rows if percent_of(row["statistic"]) is not None]
        return {row["slo_id"]: row["service_tier"] for row in timed}

    def controls(self) -> Iterator[Slider]:
        """Yield a slider for the target of each objective."""
        rows = self.measured.facts.inputs.with_targets(self.passed[TARGETS]).objectives
        for row in sorted(rows, key=lambda one: one["service_tier"] != "hot"):
            promised = self.promised[row["slo_id"]]
            step = _step(promised)
            yield Slider(
                f"{TARGETS}{BETWEEN}{row['slo_id']}",
                row["objective_name"],
                float(row["target_value"]),
                step,
                float(promised * HIGHEST),
                step,
                unit=row["unit"],
                group=f"Targets of the {row['service_tier']} tier",
            )

    def fold(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameter of the targets: what is as promised is not named."""
        found = {}
        for slo_id, promised in self.promised.items():
            value = values.get(f"{TARGETS}{BETWEEN}{slo_id}")
            if value is not None and float(value) != float(promised):
                found[slo_id] = f"{Decimal(str(value)).normalize():f}"
        return {TARGETS: joined(found)}

    def view(self, parameters: Mapping[str, Any]) -> View:
        """Return what the panel shows; the chart that a moved target is in comes first."""
        outcomes = performance_slo.against_targets(self.measured, parameters[TARGETS])
        moved = [self.tiers[name] for name in outcomes.facts.inputs.promised if name in self.tiers]
        order = list(dict.fromkeys([*moved, *CHARTS]))
        shown = _Shown(outcomes)
        charts = [partial(shown.latency, tier) for tier in order if tier in CHARTS]
        return View([shown.targets, charts[0]], list(shown.later(charts[1:])))


explore = _Model.explore


def _step(target: Decimal) -> float:
    """Return a power of ten that is a small share of a target."""
    return float(Decimal(1).scaleb((target * FINENESS).adjusted()))


@dataclass(frozen=True)
class _Shown:
    """What the notebook shows of its outcomes, piece by piece."""

    outcomes: performance_slo.SloOutcomes

    @cached_property
    def found(self) -> list[Finding]:
        """Return the findings."""
        return slo_findings.judge_slo(self.outcomes)

    def latency(self, tier: str) -> parts.Part | None:
        """Return the chart of a tier, None where there is nothing to draw."""
        chart = words.tier_chart(self.outcomes, tier)
        if chart is None:
            return None
        marks = (chart.measured, chart.targets, chart.stated)
        figure = draw.latency_line(chart.curves, *marks, chart.bounds, title=chart.title)
        return parts.show(figure, id=CHARTS[tier], alt=chart.title)

    def targets(self) -> parts.Part:
        """Return what the runs say of the targets that are assumed."""
        return parts.text(words.target_sentence(self.outcomes), id="targets")

    def objectives(self) -> parts.Part | None:
        """Return each objective and whether it is shown to be met."""
        shown = tables.objectives_shown(self.outcomes)
        return parts.rows(shown, tables.objective_columns(), "objectives", "Each objective")

    def later(self, charts: Sequence[Piece]) -> Iterator[Piece]:
        """Yield what else the targets decide, the answer before the `charts` of other tiers."""
        yield lambda: parts.answer(slo_answer(self.outcomes, self.found))
        yield from charts
        yield lambda: parts.text(words.basis(self.outcomes), id="basis")
        yield lambda: parts.text(words.verdict_sentence(self.found), id="verdict")
        yield self.objectives
        yield self.verdicts
        yield self.budget
        yield lambda: parts.findings(self.found)

    def verdicts(self) -> parts.Part | None:
        """Return what each run says of each objective."""
        shown, columns = tables.verdicts_shown(self.outcomes), tables.verdict_columns()
        marked = tables.verdict_styles(shown) if len(shown) else {}
        return parts.rows(shown, columns, "verdicts", "What each run says", marked)

    def budget(self) -> parts.Part | None:
        """Return what is spent of the error budget."""
        shown = tables.budgets_shown(self.outcomes)
        return parts.rows(shown, tables.budget_columns(), "budget", "Error budget")
