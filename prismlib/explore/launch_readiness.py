"""Explore a launch: other figures and bounds of its criteria, and what somebody might waive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from prismlib.analyses import launch_changes, launch_findings, launch_inputs, launch_readiness
from prismlib.analyses import launch_tables as found_tables
from prismlib.analyses.launch_decision import LaunchDecision, decide_launch, known_of
from prismlib.analyses.launch_evidence import State
from prismlib.analyses.launch_inputs import Known
from prismlib.analyses.launch_rules import Tried, criteria_of, rule_sets_of, try_rules
from prismlib.analyses.remedies import remedy_checks
from prismlib.analyses.remedy_models import Check
from prismlib.assignments import assigned, joined
from prismlib.charts import launch_readiness as draw
from prismlib.explore import parts
from prismlib.explore.controls import Control
from prismlib.explore.launch_controls import (
    BOUNDS,
    MEASURES,
    WAIVE,
    CriterionControls,
    name_of,
    others,
    waivers,
)
from prismlib.explore.model import Model
from prismlib.explore.panel import Piece, View
from prismlib.findings import Finding
from prismlib.narrative import launch as words
from prismlib.narrative import launch_plan as plan
from prismlib.narrative import launch_tables as tables
from prismlib.narrative.launch_answer import launch_answer, launch_statement

NOTEBOOK = "launch_readiness"
SETTINGS = (
    *("rules", "launch", "country", "hours_per_day", "task_spread", "draws", "seed"),
    "confidence_pct",
)
ASSUMED = (BOUNDS, MEASURES, WAIVE, "waive_owner", "waive_reason", "waive_until")


@dataclass
class _Model(Model):
    """What is known once, and the notebook's functions over it."""

    notebook = NOTEBOOK
    tried: dict[tuple[tuple[str, ...], ...], Tried] = field(default_factory=dict)

    @cached_property
    def inputs(self) -> launch_inputs.LaunchInputs:
        """Return the inputs with nothing assumed."""
        return launch_inputs.LaunchInputs.of(
            self.data.tables,
            self.reference,
            period=self.period,
            as_of=self.as_of,
            is_bill_synthetic=self.data.is_synthetic_table("cost"),
        )

    @cached_property
    def known(self) -> Known:
        """Return what is known of the snapshot."""
        return known_of(self.inputs)

    @cached_property
    def remedies(self) -> list[Check]:
        """Return what is wrong with remedies, which nothing here moves."""
        return remedy_checks(self.known)

    @cached_property
    def of_criteria(self) -> tuple[CriterionControls, ...]:
        """Return the criteria as the snapshot has them, and what the run assumed of each."""
        plain = decide_launch(self.inputs, _settings(self.passed), self.known)
        ids = [one.criterion.criterion_id for one in plain.judged]
        figures = assigned(MEASURES, self.passed[MEASURES], ids)
        bounds = assigned(BOUNDS, self.passed[BOUNDS], ids)
        return tuple(
            CriterionControls(one, figures.get(name, ""), bounds.get(name, ""))
            for name, one in zip(ids, plain.judged, strict=True)
        )

    def controls(self) -> Iterator[Control]:
        """Yield the controls: figures, bounds, waivers, then the rules and the launch day."""
        for one in self.of_criteria:
            yield one.figure()
        yield from waivers(self.open_ids(), self.known.items, self.passed)
        for one in self.of_criteria:
            yield from one.bounds()
        sets = rule_sets_of(self.inputs.tables.get("decision_rule"))
        yield from others(sets, self.passed)

    def open_ids(self) -> list[str]:
        """Return what can be waived: open gaps and findings, and what the run waived."""
        given = [name.strip() for name in self.passed[WAIVE].split(",") if name.strip()]
        kinds = ("gap", "security")
        found = [
            item_id
            for item_id, item in self.known.items.items()
            if item.row["item_kind"] in kinds and item.state is not State.PASS
        ]
        return list(dict.fromkeys([*found, *given]))

    def fold(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters that the controls set: what is as in the snapshot is not named."""
        plain = {name: value for name, value in values.items() if "|" not in name}
        figures = {one.id: one.figure_in(values) for one in self.of_criteria}
        bounds = {one.id: one.bounds_in(values) for one in self.of_criteria}
        waived = [name for name in self.open_ids() if values.get(name_of(WAIVE, name))]
        return {
            **plain,
            BOUNDS: joined({name: text for name, text in bounds.items() if text}),
            MEASURES: joined({name: text for name, text in figures.items() if text}),
            WAIVE: ", ".join(waived),
        }

    def decided(self, parameters: Mapping[str, Any]) -> LaunchDecision:
        """Return the decision on what the parameters assume."""
        given = {name: parameters[name] for name in ASSUMED}
        inputs = launch_changes.assumed_inputs(self.inputs, **given)
        criteria = criteria_of(inputs.tables.get("criterion"))
        shape = tuple(one.bands for one in criteria)
        if shape not in self.tried:
            sets = rule_sets_of(inputs.tables.get("decision_rule"))
            self.tried[shape] = try_rules(sets, criteria)
        return decide_launch(inputs, _settings(parameters), self.known, self.tried[shape])

    def view(self, parameters: Mapping[str, Any]) -> View:
        """Return what the panel shows."""
        shown = _Shown(self, self.decided(parameters))
        return View([shown.decision, shown.flips, shown.gate], list(shown.later()))


explore = _Model.explore


def _settings(parameters: Mapping[str, Any]) -> launch_inputs.LaunchSettings:
    return launch_inputs.LaunchSettings.of(**{name: parameters[name] for name in SETTINGS})


@dataclass
class _Shown:
    """What the notebook shows of its results, piece by piece."""

    model: _Model
    decided: LaunchDecision
    results: launch_readiness.LaunchResults = field(init=False)
    found: list[Finding] = field(init=False)

    @cached_property
    def names(self) -> dict[str, str]:
        """Return the names of criteria and items."""
        return words.names(self.results)

    def decision(self) -> parts.Part:
        """Return the decision and why."""
        return parts.text(launch_statement(self.decided), id="decision")

    def flips(self) -> parts.Part:
        """Return what flips the decision."""
        return parts.text(words.flip_sentence(self.decided), id="flip")

    def gate(self) -> parts.Part:
        """Return how each criterion stands."""
        title = words.gate_title(self.decided)
        names, cells = words.criterion_names(self.decided), words.gate_cells(self.decided)
        figure = draw.gate_heatmap(names, words.GATE_COLUMNS, cells, title=title)
        return parts.show(figure, id="gate", alt=title)

    def later(self) -> Iterator[Piece]:
        """Yield the other pieces, as they stand in the notebook."""
        yield self.whole
        yield self.judge
        yield lambda: parts.answer(launch_answer(self.results, self.found))
        yield lambda: parts.text(words.basis(self.results), id="basis")
        yield lambda: parts.text(words.why_sentence(self.results, self.found), id="why")
        yield self.criteria
        yield self.flip_table
        yield self.distances
        yield self.lints
        yield self.work
        yield self.items
        yield lambda: parts.text(plan.schedule_sentence(self.found), id="schedule-words")
        yield self.schedule
        yield self.chances
        yield self.tasks
        yield self.rollout
        yield self.evidence
        yield lambda: parts.findings(self.found)

    def whole(self) -> Iterator[None]:
        """Add the plan to the decision, in steps."""
        given = (self.decided, self.model.remedies)
        self.results = yield from launch_readiness.completing_launch(*given)

    def judge(self) -> Iterator[None]:
        """Find what the notebook finds, in steps."""
        self.found = yield from launch_findings.judging_launch(self.results)

    def criteria(self) -> parts.Part:
        """Return the criteria with their bounds and figures."""
        frame = found_tables.criterion_table(self.results)
        shown, marked = tables.criteria_shown(frame), tables.band_styles(frame)
        return parts.table(
            shown, tables.criterion_columns(), id="criteria", title="The criteria", highlight=marked
        )

    def flip_table(self) -> parts.Part:
        """Return the smallest sets that turn the decision."""
        frame, title = found_tables.flip_table(self.results), "Smallest sets that turn the decision"
        return parts.table(frame, tables.flip_columns(), id="flips", title=title)

    def distances(self) -> parts.Part:
        """Return how far each criterion is from its bounds."""
        shown = tables.distances_shown(found_tables.distance_table(self.results), self.names)
        title = "How far from the bounds"
        return parts.table(shown, tables.distance_columns(), id="distances", title=title)

    def lints(self) -> parts.Part:
        """Return what trying every state of the rules showed."""
        frame, title = found_tables.lint_table(self.results), "Sets of rules, in every state"
        return parts.table(frame, tables.lint_columns(), id="rules", title=title)

    def work(self) -> parts.Part:
        """Return the hours that open items take."""
        title = words.work_title(self.results)
        return parts.show(
            draw.work_bar(words.work(self.results), title=title), id="work", alt=title
        )

    def items(self) -> parts.Part:
        """Return the open items."""
        return parts.table(
            tables.items_shown(self.results.items, self.names),
            tables.item_columns(),
            id="items",
            title="Open items",
            highlight=tables.item_styles(self.results.items),
        )

    def schedule(self) -> parts.Part | None:
        """Return the schedule of what is needed."""
        schedule = self.results.schedule
        if schedule is None:
            return None
        title = plan.schedule_title(schedule)
        marks, ticks = plan.marks(self.results, schedule), plan.ticks(self.results, schedule)
        figure = draw.schedule_bar(plan.bars(schedule), marks, ticks, title=title)
        return parts.show(figure, id="schedule", alt=title)

    def chances(self) -> parts.Part | None:
        """Return the chance of each launch day."""
        schedule = self.results.schedule
        if schedule is None:
            return parts.text(plan.NO_CHANCES, id="chances")
        title = plan.chance_title(self.results, schedule)
        marks, ticks = plan.marks(self.results, schedule), plan.ticks(self.results, schedule)
        figure = draw.chance_line(plan.curve(schedule), marks, ticks, title=title)
        return parts.show(figure, id="chances", alt=title)

    def tasks(self) -> parts.Part:
        """Return what has to be done before the launch."""
        frame = found_tables.schedule_table(self.results)
        shown, marked = tables.schedule_shown(frame), tables.schedule_styles(frame)
        title = "What has to be done before the launch, as early as it can be"
        columns = tables.schedule_columns()
        return parts.table(shown, columns, id="tasks", title=title, highlight=marked)

    def rollout(self) -> parts.Part:
        """Return the ways to launch."""
        columns = tables.rollout_columns(self.results.delay.currency)
        return parts.table(self.results.rollout, columns, id="rollout", title="Ways to launch")

    def evidence(self) -> parts.Part:
        """Return the newest look of every check."""
        frame = found_tables.evidence_table(self.results)
        return parts.table(
            tables.evidence_shown(frame),
            tables.evidence_columns(),
            id="evidence",
            title="Evidence",
            highlight=tables.evidence_styles(frame),
        )
