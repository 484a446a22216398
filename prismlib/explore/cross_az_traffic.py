"""Explore the traffic between zones: how much crosses, what that costs, and what would help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from prismlib.analyses import cross_az, cross_az_findings, cross_az_inputs
from prismlib.analyses.cross_az_facts import CrossAzFacts
from prismlib.analyses.zone_model import percent_of
from prismlib.analyses.zone_remedy_effects import DO
from prismlib.charts import cross_az_traffic as draw
from prismlib.explore import parts
from prismlib.explore.controls import Choice, Control, Slider
from prismlib.explore.model import Model
from prismlib.explore.panel import Piece, View
from prismlib.findings import Finding
from prismlib.narrative import cross_az as words
from prismlib.narrative import cross_az_tables as tables
from prismlib.narrative.cross_az_answer import cost_sentence, cross_az_answer

NOTEBOOK = "cross_az_traffic"
SHARE = "crossing_pct"
"""The control that sets the parameter ``crossing`` to a number."""
SOURCES = {
    "auto": "first there is",
    "measured": "flow logs",
    "as_built": "where the nodes run",
    "stated": "the document",
}
MOST_ZONES = 7


class _Effect(NamedTuple):
    """The pieces that show what some parameters move, and the tables that they need."""

    of: tuple[str, ...]
    pieces: tuple[str, ...]
    tables: tuple[str, ...]


COST = _Effect((), ("cost", "crossing"), ("scenarios", "thresholds"))
FAILURE = ("failed_pct", "incident_hours", "alarm_periods")
REMEDIES = (
    *("reads_pct", "hint_effectiveness_pct", "compression_ratio"),
    *("compression_gb_per_core_s", "balancer_gb_per_month"),
)
CHARTS = (
    _Effect(REMEDIES, ("remedy_words", "remedies"), ("remedies",)),
    _Effect(FAILURE, ("failure_words", "alarms"), ("alarms",)),
)
"""Parameters that a chart of their own shows the effect of; all others move the cost."""


@dataclass
class _Model(Model):
    """What is read once, and the notebook's functions over it."""

    notebook = NOTEBOOK
    last: Mapping[str, Any] = field(default_factory=dict)
    known: dict[str, float] = field(default_factory=dict)
    """The share that each source gave so far. [%]"""

    @cached_property
    def inputs(self) -> cross_az_inputs.CrossAzInputs:
        data = self.data
        return cross_az_inputs.CrossAzInputs.of(
            data.tables,
            self.reference,
            period=self.period,
            as_of=self.as_of,
            is_bill_synthetic=data.is_synthetic_table("cost"),
            stated_period=data.period,
        )

    @cached_property
    def facts(self) -> CrossAzFacts:
        return CrossAzFacts.of(self.inputs, _settings(self.passed).costs)

    @cached_property
    def opened(self) -> cross_az.CrossAzResults:
        return cross_az.analyse_cross_az(self.inputs, _settings(self.passed), self.facts)

    @cached_property
    def share(self) -> float:
        """Return the share with which the panel opens. [%]"""
        return _share_of(self.opened) or 0.0

    def controls(self) -> Iterator[Control]:
        """Yield the controls, those of the cost first."""
        yield from _of_traffic(self.passed, self.opened, self.share, self._zones())
        yield from _of_failure(self.passed)
        yield from _of_remedies(self.passed)
        yield from _of_lines(self.passed, self.opened.currency)

    def _zones(self) -> dict[int, str]:
        """Return the numbers of zones that hold what the placement names."""
        placement = self.inputs.placement
        named = set() if placement is None else set(placement["zone_name"]) - {""}
        numbers = range(max(2, len(named)), MOST_ZONES)
        return {0: "as in the snapshot", **{number: str(number) for number in numbers}}

    def fold(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters: a share that was moved goes before the source of one."""
        found = {name: value for name, value in values.items() if name != SHARE}
        share, source = values.get(SHARE, ""), values["crossing"]
        # Set back, the slider follows the source with which the panel opened.
        opening = self.share if source == self.passed["crossing"] else ""
        is_known = share in ("", opening, self.known.get(source))
        return found if is_known else {**found, "crossing": f"{share:g}"}

    def view(self, parameters: Mapping[str, Any]) -> View:
        """Return what the panel shows; first the chart that shows what was moved."""
        moved = {name for name in parameters if self.last.get(name) != parameters[name]}
        settings = _settings(parameters)
        chart = next((one for one in CHARTS if self.last and moved and moved <= set(one.of)), COST)
        self.last = dict(parameters)
        quick = _Shown(self.inputs, settings, self.facts, chart.tables)
        share = _share_of(quick.results) if parameters["crossing"] in SOURCES else None
        if share is not None:
            self.known[parameters["crossing"]] = share
        whole = _Shown(self.inputs, settings, self.facts)
        first = [getattr(quick, name) for name in chart.pieces]
        later = [piece for piece in whole.pieces() if piece.__name__ not in chart.pieces]
        return View(first, later, values={} if share is None else {SHARE: share})


explore = _Model.explore


def _share_of(results: cross_az.CrossAzResults) -> float | None:
    """Return the share that results rest on. [%]"""
    chosen = results.chosen
    return None if chosen is None else round(float(percent_of(chosen.ratio)), 2)


def _settings(parameters: Mapping[str, Any]) -> cross_az_inputs.CrossAzSettings:
    others = ("snapshot", "period", "as_of")
    return cross_az_inputs.CrossAzSettings.of(
        **{name: value for name, value in parameters.items() if name not in others}
    )


def _of_traffic(
    passed: Mapping[str, Any],
    opened: cross_az.CrossAzResults,
    share: float,
    zones: Mapping[int, str],
) -> Iterator[Control]:
    shared: dict[str, Any] = {"group": "Traffic"}
    help_ = "Moved, it goes before the source below."
    yield Slider(SHARE, "Share that crosses", share, 0.0, 67.0, 0.05, "%", help=help_, **shared)
    known_from = {
        name: words for name, words in SOURCES.items() if name in ("auto", *opened.shares)
    }
    label, clears = "Share as known from", (SHARE,)
    yield Choice("crossing", label, passed["crossing"], known_from, clears=clears, **shared)
    known = 1000.0 if opened.total is None else float(opened.total.gb_per_s)
    shared["zero"] = "as in the snapshot"
    name, most = "total_gb_per_s", 2 * known
    yield Slider(name, "All traffic", passed[name], 0.0, most, known / 100, "GB/s", **shared)
    yield Choice("zones", "Zones", passed["zones"], zones, group="Traffic")
    name = "days_per_month"
    yield Slider(name, "Days of the month", passed[name], 0.0, 31.0, 1, "days", **shared)


def _of_failure(passed: Mapping[str, Any]) -> Iterator[Control]:
    shared: dict[str, Any] = {"group": "When placement fails"}
    zero = "placement at random"
    name, label = "failed_pct", "Share that crosses then"
    yield Slider(name, label, passed[name], 0.0, 100.0, 1, "%", zero=zero, **shared)
    name = "incident_hours"
    yield Slider(name, "Length of an incident", passed[name], 0.0, 72.0, 1, "h", **shared)
    name, label = "alarm_periods", "Periods that an alarm waits for"
    yield Slider(name, label, passed[name], 1, 24, 1, "periods", **shared)


def _of_remedies(passed: Mapping[str, Any]) -> Iterator[Control]:
    shared: dict[str, Any] = {"group": "Remedies"}
    name = "reads_pct"
    yield Slider(name, "Reads in the traffic", passed[name], 0.0, 100.0, 1, "%", **shared)
    name, label = "hint_effectiveness_pct", "Crossing that routing by zone avoids"
    yield Slider(name, label, passed[name], 0.0, 100.0, 1, "%", **shared)
    name = "compression_ratio"
    help_ = "Size before compression over size after."
    yield Slider(name, "Compression", passed[name], 1.0, 10.0, 0.1, help=help_, **shared)
    name, label = "compression_gb_per_core_s", "Compressed by a core"
    yield Slider(name, label, passed[name], 0.05, 5.0, 0.05, "GB/s", **shared)
    name, most = "balancer_gb_per_month", 10.0**6
    shared |= {"unit": "GB/month", "zero": "not known"}
    yield Slider(name, "Through load balancers", passed[name], 0.0, most, 10.0**4, **shared)


def _of_lines(passed: Mapping[str, Any], currency: str) -> Iterator[Control]:
    shared: dict[str, Any] = {"group": "Lines"}
    name, most = "budget_per_month", 4 * 10.0**6
    money = {"unit": f"{currency} a month", "zero": "the stated target"}
    yield Slider(name, "Budget", passed[name], 0.0, most, 10.0**4, **money, **shared)
    name, other = "tolerance_pct", "limit_pct"
    yield Slider(name, "Tolerance", passed[name], 0.0, 100.0, 1, "%", not_above=other, **shared)
    yield Slider(other, "Limit", passed[other], 0.0, 100.0, 1, "%", **shared)


@dataclass(frozen=True)
class _Shown:
    """What the notebook shows of its results, piece by piece."""

    inputs: cross_az_inputs.CrossAzInputs
    settings: cross_az_inputs.CrossAzSettings
    facts: CrossAzFacts
    tables: tuple[str, ...] = ()
    """Those of the model that are needed; by default all."""

    @cached_property
    def results(self) -> cross_az.CrossAzResults:
        return cross_az.analyse_cross_az(self.inputs, self.settings, self.facts, self.tables)

    @cached_property
    def found(self) -> list[Finding]:
        return cross_az_findings.judge_cross_az(self.inputs, self.settings, self.results)

    def pieces(self) -> Iterator[Piece]:
        """Yield every piece, as they stand in the notebook."""
        yield self.answer
        yield self.cost
        yield self.basis
        yield self.crossing
        yield self.scenarios
        yield self.thresholds
        yield self.failure_words
        yield self.alarms
        yield self.alarm_table
        yield self.remedy_words
        yield self.remedies
        yield self.remedy_table
        yield self.sensitivity
        yield self.ranges
        yield self.capacity
        yield self.findings

    def answer(self) -> parts.Part:
        return parts.answer(cross_az_answer(self.results, self.found))

    def cost(self) -> parts.Part:
        return parts.text(cost_sentence(self.results), id="cost")

    def basis(self) -> parts.Part:
        return parts.text(words.basis(self.inputs, self.results), id="basis")

    def crossing(self) -> parts.Part | None:
        results = self.results
        if results.traffic is None:
            return None
        title = words.crossing_title(results)
        figure = draw.crossing_cost_line(
            words.cost_per_pct(results), results.scenarios, results.thresholds, title=title
        )
        return parts.show(figure, id="crossing-cost", alt=title)

    def scenarios(self) -> parts.Part | None:
        columns = tables.scenario_columns(self.results.currency)
        return parts.rows(self.results.scenarios, columns, "scenarios", "States of the system")

    def thresholds(self) -> parts.Part | None:
        columns = tables.threshold_columns(self.results.currency)
        return parts.rows(self.results.thresholds, columns, "thresholds", "Where a line is reached")

    def failure_words(self) -> parts.Part:
        return parts.text(words.failure_sentence(self.results, self.settings), id="failure")

    def alarms(self) -> parts.Part | None:
        results = self.results
        if not len(results.alarms):
            return None
        title = words.failure_title(results)
        amounts = list(zip(results.alarms["alarm_name"], results.alarms["cost"], strict=True))
        figure = draw.cost_bar(amounts, results.currency, title=title)
        return parts.show(figure, id="alarms", alt=title)

    def alarm_table(self) -> parts.Part | None:
        columns = tables.alarm_columns(self.results.currency)
        return parts.rows(self.results.alarms, columns, "alarm-table", "Until an alarm can show it")

    def remedy_words(self) -> parts.Part:
        return parts.text(words.remedy_sentence(self.results), id="remedy")

    def remedies(self) -> parts.Part | None:
        remedies = self.results.remedies
        if not remedies["net_effect"].any():
            return None
        title = words.remedy_title(self.results)
        figure = draw.remedy_bar(remedies, advised=DO, title=title)
        return parts.show(figure, id="remedies", alt=title)

    def remedy_table(self) -> parts.Part | None:
        columns = tables.remedy_columns(self.results.currency)
        return parts.rows(self.results.remedies, columns, "remedy-table", "Each remedy alone")

    def sensitivity(self) -> parts.Part | None:
        if not len(self.results.sensitivity):
            return None
        title = words.sensitivity_title(self.results)
        figure = draw.sensitivity_bar(self.results.sensitivity, title=title)
        return parts.show(figure, id="sensitivity", alt=title)

    def ranges(self) -> parts.Part | None:
        columns = tables.sensitivity_columns(self.results.currency)
        return parts.rows(self.results.sensitivity, columns, "inputs", "One input at a time")

    def capacity(self) -> parts.Part | None:
        frame = self.results.capacity
        return parts.rows(frame, tables.capacity_columns(), "capacity", "What the nodes can carry")

    def findings(self) -> parts.Part:
        return parts.findings(self.found)
