"""Explore a move to Graviton: its target, what is bought, how sure it is, and when it saves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from prismlib import parameters as rules
from prismlib.analyses import graviton_claims, graviton_findings, graviton_inputs, graviton_savings
from prismlib.analyses.migration_schedule import add_months
from prismlib.charts import graviton_savings as draw
from prismlib.explore import parts
from prismlib.explore.controls import Choice, Control, Slider
from prismlib.explore.model import Model
from prismlib.explore.panel import Piece, View
from prismlib.findings import Finding
from prismlib.narrative import graviton_savings as words
from prismlib.narrative import graviton_tables
from prismlib.narrative.graviton_answer import graviton_answer

NOTEBOOK = "graviton_savings"
CHOICES = (
    *("generation", "fleet_count", "reserved_as", "payment", "missing_rates", "workload"),
    *("sized_by", "scope_name"),
)
SIMULATION = ("single_run_cv_pct", "confidence_pct", "draws", "seed")
PLAN = (
    *("horizon_months", "share_per_month_pct", "parallel_days", "test_usd"),
    "discount_rate_pct",
)
ROLES = {"platform engineers": "platform", "developers": "developer", "testers": "tester"}
EFFORTS = tuple(
    f"{prefix}_{what}"
    for prefix in ROLES.values()
    for what in ("hours_once", "hours_per_line", "usd_per_hour")
)
IN_TIME = {*PLAN, *EFFORTS, "start"}
"""Parameters that place the answers in time, and change neither of them."""
OF_WORK = {*SIMULATION, "workload", "sized_by", "scope_name"}
"""Parameters whose effect is seen on the cost of the work."""
AHEAD = {"start_months": "start", "end_months": "commitment_end"}
"""Controls in months from the day of the data, and the day that each sets."""


@dataclass
class _Model(Model):
    """What is read once, and the notebook's functions over it."""

    notebook = NOTEBOOK
    last: Mapping[str, Any] = field(default_factory=dict)
    answers: graviton_savings.GravitonAnswers | None = None

    @cached_property
    def inputs(self) -> graviton_inputs.GravitonInputs:
        data = self.data
        return graviton_inputs.GravitonInputs.of(
            data.tables,
            self.reference,
            period=self.period,
            as_of=self.as_of,
            is_bill_synthetic=data.is_synthetic_table("cost"),
        )

    def controls(self) -> Iterator[Control]:
        """Yield the controls: what is bought, how sure it is, and when it comes."""
        yield from _of_target(self.passed)
        yield from _of_purchase(self.passed)
        yield from _of_spread(self.passed)
        yield from _of_time(self.passed)

    def fold(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters: months ahead become the day that they end on."""
        found = {name: value for name, value in values.items() if name not in AHEAD}
        for name, parameter in AHEAD.items():
            if values.get(name):
                day = add_months(self.inputs.as_of, values[name])
                found[parameter] = day.isoformat()
        return found

    def view(self, parameters: Mapping[str, Any]) -> View:
        """Return what the panel shows; first the chart that shows what was moved."""
        moved = {name for name in parameters if self.last.get(name) != parameters[name]}
        settings = _settings(parameters, self.inputs)
        if self.answers is None or not moved <= IN_TIME:
            self.answers = graviton_savings.both_answers(self.inputs, settings)
        is_of_work = bool(self.last) and bool(moved) and moved <= OF_WORK
        self.last = dict(parameters)
        shown = _Shown(self.inputs, settings, self.answers)
        first = [shown.work_words, shown.work] if is_of_work else [shown.when_words, shown.when]
        return View(first, [piece for piece in shown.pieces() if piece not in first])


explore = _Model.explore


def _settings(
    parameters: Mapping[str, Any], inputs: graviton_inputs.GravitonInputs
) -> graviton_inputs.GravitonSettings:
    return graviton_inputs.GravitonSettings.of(
        choices={name: parameters[name] for name in CHOICES},
        simulation={name: parameters[name] for name in SIMULATION},
        efforts={
            role: (
                parameters[f"{prefix}_hours_once"],
                parameters[f"{prefix}_hours_per_line"],
                parameters[f"{prefix}_usd_per_hour"],
            )
            for role, prefix in ROLES.items()
        },
        plan={name: parameters[name] for name in PLAN},
        term_years=parameters["term_years"],
        commitment_end=parameters["commitment_end"],
        start=rules.day_or(parameters["start"], inputs.as_of),
    )


def _choice(passed: Mapping[str, Any], name: str, label: str, group: str, **shown: str) -> Choice:
    """Return a choice among values that read as they are, or as `shown`."""
    options = {value: shown.get(value, value) for value in OPTIONS[name]}
    return Choice(name, label, passed[name], options, group=group)


OPTIONS = {
    "generation": ("Graviton2", "Graviton3", "Graviton4"),
    "fleet_count": ("expected", "deployed"),
    "workload": ("auto", "redis", "web", "compute"),
    "sized_by": ("auto", "memory", "cpu"),
    "scope_name": ("size", "family"),
    "reserved_as": (
        *("on demand", "standard RI", "convertible RI"),
        *("EC2 instance savings plan", "compute savings plan"),
    ),
    "payment": ("no upfront", "partial upfront", "all upfront"),
    "missing_rates": ("unknown", "on_demand_ratio"),
}


def _of_target(passed: Mapping[str, Any]) -> Iterator[Control]:
    group, auto = "Target", "by names and tags"
    yield _choice(passed, "generation", "Generation", group)
    paid = {"expected": "paid for", "deployed": "that run"}
    yield _choice(passed, "fleet_count", "Instances", group, **paid)
    yield _choice(passed, "workload", "Work of every line", group, auto=auto)
    yield _choice(passed, "sized_by", "Count bound by", group, auto="by memory for each vCPU")


def _of_purchase(passed: Mapping[str, Any]) -> Iterator[Control]:
    group = "Purchase"
    yield _choice(passed, "reserved_as", "Reserved means", group)
    terms = {1: "1 year", 3: "3 years"}
    yield Choice("term_years", "Term", passed["term_years"], terms, group=group)
    yield _choice(passed, "payment", "Payment", group)
    ratio = "discount of the type now"
    yield _choice(passed, "missing_rates", "Rate without source", group, on_demand_ratio=ratio)
    zero = passed["commitment_end"] or "as late as can be"
    label = "Commitment ends in"
    yield Slider("end_months", label, 0, 0, 36, 1, "months", zero=zero, group=group)


def _of_spread(passed: Mapping[str, Any]) -> Iterator[Control]:
    group: dict[str, Any] = {"group": "Performance"}
    sizes = {"size": "the two types", "family": "all sizes of the families"}
    yield Choice("scope_name", "Benchmarks of", passed["scope_name"], sizes, **group)
    name = "single_run_cv_pct"
    yield Slider(name, "Spread of one run", passed[name], 0.5, 40.0, 0.5, "%", **group)
    name = "confidence_pct"
    yield Slider(name, "Confidence", passed[name], 50.0, 99.0, 1, "%", **group)


def _of_time(passed: Mapping[str, Any]) -> Iterator[Control]:
    group: dict[str, Any] = {"group": "Ramp"}
    zero = passed["start"] or "the day of the data"
    yield Slider("start_months", "First move in", 0, 0, 24, 1, "months", zero=zero, **group)
    for name, label, low, high, step, unit in (
        ("share_per_month_pct", "Moved in a month", 5.0, 100.0, 5, "% of a line"),
        ("parallel_days", "Both types run", 0, 90, 1, "days"),
        ("horizon_months", "Months looked at", 6, 60, 1, "months"),
        ("test_usd", "Tests of a line", 0.0, 50_000.0, 500, "USD"),
        ("discount_rate_pct", "Later money is worth less", 0.0, 30.0, 0.5, "% a year"),
    ):
        yield Slider(name, label, passed[name], low, high, step, unit, **group)
    group["group"] = "Effort"
    for role, prefix in ROLES.items():
        name, label = f"{prefix}_hours_per_line", f"{role.capitalize()}, each line"
        yield Slider(name, label, passed[name], 0.0, 400.0, 10, "h", **group)


@dataclass(frozen=True)
class _Shown:
    """What the notebook shows of its results, piece by piece."""

    inputs: graviton_inputs.GravitonInputs
    settings: graviton_inputs.GravitonSettings
    counted: graviton_savings.GravitonAnswers

    @cached_property
    def results(self) -> graviton_savings.GravitonResults:
        return graviton_savings.placed_in_time(self.counted, self.settings)

    @cached_property
    def found(self) -> list[Finding]:
        return graviton_findings.judge_graviton(self.inputs, self.settings, self.results)

    @cached_property
    def ways(self) -> pd.DataFrame:
        return graviton_claims.saving_bases(self.inputs, self.settings, self.results)

    def pieces(self) -> Iterator[Piece]:
        """Yield every piece, as they stand in the notebook."""
        yield self.answer
        yield self.basis
        yield self.lines
        yield self.generations
        yield self.options
        yield self.work_words
        yield self.work
        yield self.changes
        yield self.answers
        yield self.when_words
        yield self.when
        yield self.schedule
        yield self.years
        yield self.bases
        yield self.basis_table
        yield self.targets
        yield self.findings

    def answer(self) -> parts.Part:
        return parts.answer(graviton_answer(self.settings, self.results, self.found))

    def basis(self) -> parts.Part:
        return parts.text(words.basis(self.inputs, self.settings, self.results), id="basis")

    def lines(self) -> parts.Part | None:
        frame = graviton_tables.line_table(self.results)
        title = "Lines of instances that are alike"
        return parts.rows(frame, graviton_tables.line_columns(), "lines", title)

    def generations(self) -> parts.Part | None:
        if not len(self.results.options):
            return None
        title = words.generations_title(self.results)
        figure = draw.generation_bar(self.results.options, title=title)
        return parts.show(figure, id="generations", alt=title)

    def options(self) -> parts.Part | None:
        frame = graviton_tables.option_table(self.results)
        title = "Every line in every generation"
        return parts.rows(frame, graviton_tables.option_columns(), "targets", title)

    def work_words(self) -> parts.Part:
        return parts.text(words.work_sentence(self.settings, self.counted), id="work-words")

    def work(self) -> parts.Part | None:
        changes = self.counted.changes
        if not changes["cost_per_work_change_ratio"].notna().any():
            return None
        title, confidence = words.work_title(self.counted), self.settings.simulation.confidence_pct
        figure = draw.work_cost_dots(changes, title=title, confidence_pct=confidence)
        return parts.show(figure, id="work", alt=title)

    def changes(self) -> parts.Part | None:
        frame = graviton_tables.change_table(self.results, self.settings.simulation.draws)
        columns = graviton_tables.change_columns(self.results)
        return parts.rows(frame, columns, "changes", "Price of an hour, and cost of the work")

    def answers(self) -> parts.Part:
        return parts.table(
            graviton_tables.total_row(self.results, self.settings.simulation.draws),
            graviton_tables.answer_columns(),
            id="answers",
            title="Both answers, line by line",
            highlight={-1: "total"},
        )

    def when_words(self) -> parts.Part:
        return parts.text(words.when_sentence(self.settings, self.results), id="when")

    def when(self) -> parts.Part | None:
        results = self.results
        if not len(results.wait.schedule):
            return None
        title = words.when_title(self.settings, results)
        figure = draw.cumulative_saving_line(
            results.wait.months, results.move_now.months, title=title
        )
        return parts.show(figure, id="cumulative", alt=title)

    def schedule(self) -> parts.Part | None:
        frame, columns = self.results.wait.schedule, graviton_tables.schedule_columns()
        return parts.rows(frame, columns, "schedule", "When each line moves")

    def years(self) -> parts.Part | None:
        if not len(self.results.wait.schedule):
            return None
        return parts.table(
            graviton_tables.year_table(self.results),
            graviton_tables.year_columns(),
            id="years",
            title="If every line waits, by year",
            highlight={-1: "total"},
        )

    def bases(self) -> parts.Part | None:
        if not len(self.ways):
            return None
        title = words.claim_title(self.results)
        return parts.show(draw.saving_basis_bar(self.ways, title=title), id="bases", alt=title)

    def basis_table(self) -> parts.Part | None:
        columns = graviton_tables.basis_columns()
        return parts.rows(self.ways, columns, "ways", "Ways to count the saving")

    def targets(self) -> parts.Part | None:
        fleets = graviton_claims.stated_fleets(self.inputs, self.results)
        frame = graviton_claims.target_ways(self.results, fleets)
        columns = graviton_tables.way_columns()
        return parts.rows(frame, columns, "target", "What reaches the cost target")

    def findings(self) -> parts.Part:
        return parts.findings(self.found)
