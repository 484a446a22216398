"""Explore a recovery: other durations, dependencies and exclusions of its steps, another target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from prismlib.analyses import dr_findings, dr_inputs, dr_timeline
from prismlib.analyses.drill_changes import BETWEEN, NONE, NOTHING
from prismlib.analyses.drill_steps import Drill, DrillStep, excluded_work
from prismlib.assignments import joined
from prismlib.charts import dr_timeline as draw
from prismlib.explore import parts
from prismlib.explore.controls import Choice, Control, Slider, Text, Toggle
from prismlib.explore.model import Model
from prismlib.explore.panel import Piece, View
from prismlib.findings import Finding
from prismlib.narrative import dr as words
from prismlib.narrative import dr_tables as tables
from prismlib.narrative.dr_answer import dr_answer

NOTEBOOK = "dr_timeline"
SETTINGS = (
    *("drill", "target_minutes", "limit_minutes", "response_minutes", "step_spread", "draws"),
    *("seed", "confidence_pct", "step_minutes", "waits_for", "left_out"),
)
MINUTES, WAITS, COUNTS = "step_minutes", "waits_for", "counts"
"""Begin the names of the controls of a step; behind them stand the ids of drill and step."""
LONGEST = 4
"""A slider reaches to so many times the duration of its step."""


@dataclass
class _Model(Model):
    """What is read once, and the notebook's functions over it."""

    notebook = NOTEBOOK
    known: dict[str, tuple[Control, ...]] = field(default_factory=dict)
    drills: dict[str, Drill | None] = field(default_factory=dict)

    @cached_property
    def inputs(self) -> dr_inputs.DrInputs:
        return dr_inputs.DrInputs.of(
            self.data.tables,
            self.reference,
            as_of=self.as_of,
        )

    @cached_property
    def log(self) -> dr_timeline.DrLog:
        return dr_timeline.DrLog.of(self.inputs)

    def counted(self, parameters: Mapping[str, Any]) -> dr_timeline.DrResults:
        """Return what the steps come to."""
        settings = _settings(parameters)
        return dr_timeline.count_recovery(self.inputs, settings, self.log)

    def logged(self, drill_id: str) -> Drill | None:
        """Return the drill as its log has it, which no control changes."""
        if drill_id not in self.drills:
            plain = {MINUTES: "", WAITS: "", "left_out": "", "drill": drill_id}
            self.drills[drill_id] = self.counted({**self.passed, **plain}).drill
        return self.drills[drill_id]

    def controls(self) -> Iterable[Control]:
        """Return the controls over the drill that the notebook was run on."""
        return self.controls_over(self.passed["drill"])

    def controls_over(self, drill_id: str) -> tuple[Control, ...]:
        """Return the controls: the bounds, then three for each restore step of the drill."""
        if drill_id not in self.known:
            self.known[drill_id] = tuple(self._controls(drill_id))
        return self.known[drill_id]

    def _controls(self, drill_id: str) -> Iterator[Control]:
        drills = {one.drill_id: one.drill_id for one in self.log.drills}
        options = {"": "latest failover", **drills}
        yield Choice("drill", "Drill", self.passed["drill"], options, group="Judged")
        yield from _bounds(self.passed)
        is_passed = drill_id == self.passed["drill"]
        drill = self.counted(self.passed).drill if is_passed else self.logged(drill_id)
        if drill is not None:
            yield from _of_steps(drill)

    def fold(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters that the controls set: what is as in the log is not named."""
        found = {name: value for name, value in values.items() if BETWEEN not in name}
        drill = self.logged(found.get("drill", self.passed["drill"]))
        if drill is None:
            return found
        minutes, waits, left_out = {}, {}, set()
        for step in drill.of_phase("restore"):
            taken = values.get(_name(MINUTES, drill, step), _minutes(step))
            waited = values.get(_name(WAITS, drill, step), BETWEEN.join(step.depends_on))
            if taken is not None and taken != _minutes(step):
                minutes[step.step_id] = f"{taken:g}"
            if _ids(waited) != step.depends_on:
                waits[step.step_id] = BETWEEN.join(_ids(waited)) or NOTHING
            if not values.get(_name(COUNTS, drill, step), not step.is_excluded):
                left_out.add(step.step_id)
        is_logged = left_out == {step.step_id for step in excluded_work(drill)}
        off = "" if is_logged else ", ".join(sorted(left_out)) or NONE
        return {**found, MINUTES: joined(minutes), WAITS: joined(waits), "left_out": off}

    def view(self, parameters: Mapping[str, Any]) -> View:
        """Return what the panel shows."""
        results = self.counted(parameters)
        shown = _Shown(self.inputs, _settings(parameters), results)
        first = [shown.path, shown.planned]
        return View(first, list(shown.later()), self.controls_over(parameters["drill"]))


explore = _Model.explore


def _settings(parameters: Mapping[str, Any]) -> dr_inputs.DrSettings:
    return dr_inputs.DrSettings.of(**{name: parameters[name] for name in SETTINGS})


def _name(kind: str, drill: Drill, step: DrillStep) -> str:
    return BETWEEN.join((kind, drill.drill_id, step.step_id))


def _minutes(step: DrillStep) -> float | None:
    """Return how long a step takes; None when it is not known."""
    if step.duration is None:
        return None
    return float(step.duration.middle / dr_inputs.SECONDS["minutes"])


def _ids(text: str) -> tuple[str, ...]:
    """Return the steps that a control names; nothing is named by nothing."""
    named = tuple(dict.fromkeys(part.strip() for part in text.split(BETWEEN) if part.strip()))
    return () if named == (NOTHING,) else named


def _bounds(passed: Mapping[str, Any]) -> Iterator[Control]:
    shared: dict[str, Any] = {"unit": "min", "zero": "as stated", "group": "Judged"}
    name, other = "target_minutes", "limit_minutes"
    yield Slider(name, "Target", passed[name], 0, 120, 1, not_above=other, **shared)
    yield Slider(other, "Limit", passed[other], 0, 240, 1, **shared)
    name = "Response of the on-call"
    yield Slider("response_minutes", name, passed["response_minutes"], 0, 240, 1, **shared)
    help_ = "Within this factor lie 95 of 100 durations of a step: see the simulation below."
    spread = passed["step_spread"]
    yield Slider("step_spread", "Spread of a step", spread, 1, 5, 0.1, group="Judged", help=help_)


def _of_steps(drill: Drill) -> Iterator[Control]:
    """Yield a duration, whether it counts, and what it waits for, for each restore step."""
    restored = drill.of_phase("restore")
    for step in restored:
        if (minutes := _minutes(step)) is not None:
            most = max(LONGEST * minutes, 1.0)
            yield Slider(
                _name(MINUTES, drill, step),
                step.name,
                minutes,
                0.0,
                most,
                0.5,
                unit="min",
                group="How long a step takes",
            )
    for step in restored:
        name = f"{step.name} counts"
        counts = not step.is_excluded
        yield Toggle(_name(COUNTS, drill, step), name, counts, group="On the clock")
    every = ", ".join(step.step_id for step in drill.steps)
    for number, step in enumerate(restored):
        yield Text(
            _name(WAITS, drill, step),
            f"{step.name} waits for",
            BETWEEN.join(step.depends_on),
            help="" if number else f"Steps, {BETWEEN} between them: {every}.",
            group="What a step waits for",
        )


@dataclass
class _Shown:
    """What the notebook shows of its results, piece by piece."""

    inputs: dr_inputs.DrInputs
    settings: dr_inputs.DrSettings
    counted: dr_timeline.DrResults
    results: dr_timeline.DrResults = field(init=False)
    found: list[Finding] = field(init=False)

    @cached_property
    def bounds(self) -> list[tuple[str, Decimal | None]]:
        return words.bounds(self.counted)

    def path(self) -> parts.Part:
        prose = f"{words.case_sentence(self.counted)}\n\n{words.path_sentence(self.counted)}"
        return parts.text(prose, id="path")

    def planned(self) -> parts.Part | None:
        if self.counted.path is None:
            return None
        title = words.path_title(self.counted)
        steps = self.counted.step_table
        figure = draw.timeline_bar(steps, self.bounds, compared=True, title=title)
        return parts.show(figure, id="planned", alt=title)

    def later(self) -> Iterator[Piece]:
        """Yield the other pieces, as they stand in the notebook."""
        yield self.whole
        yield self.judge
        yield lambda: parts.answer(dr_answer(self.results, self.found))
        yield lambda: parts.text(words.basis(self.inputs, self.results), id="basis")
        yield self.cases
        yield self.case_table
        yield self.timeline
        yield self.steps
        yield self.levers
        yield self.choices
        yield lambda: parts.text(words.chance_sentence(self.results, self.settings), id="chance")
        yield self.chances
        yield self.chance_table
        yield lambda: parts.findings(self.found)

    def whole(self) -> Iterator[None]:
        """Add what stands beside the count, the simulations among it, in steps."""
        given = (self.counted, self.inputs, self.settings)
        self.results = yield from dr_timeline.judging_recovery(*given)

    def judge(self) -> Iterator[None]:
        """Find what the notebook finds, in steps."""
        self.found = yield from dr_findings.judging_dr(self.inputs, self.results)

    def cases(self) -> parts.Part | None:
        if not len(self.results.case_table):
            return None
        title = words.case_title(self.results)
        figure = draw.recovery_bar(words.recoveries(self.results), self.bounds, title=title)
        return parts.show(figure, id="cases", alt=title)

    def case_table(self) -> parts.Part:
        frame = self.results.case_table
        return parts.table(
            frame,
            tables.case_columns(),
            id="case-table",
            title="Every way to count",
            highlight=tables.case_styles(frame),
        )

    def timeline(self) -> parts.Part | None:
        steps = self.results.step_table
        if not len(steps) or not steps["ran_end_s"].notna().any():
            return None
        title = words.ran_title(self.results)
        figure = draw.timeline_bar(steps, self.bounds, compared=False, title=title)
        return parts.show(figure, id="timeline", alt=title)

    def steps(self) -> parts.Part | None:
        frame = self.results.step_table
        return parts.rows(frame, tables.step_columns(), "steps", "Every step")

    def levers(self) -> parts.Part | None:
        if not len(self.results.choice_table):
            return None
        title = words.choice_title(self.results)
        figure = draw.recovery_bar(words.levers(self.results), self.bounds, title=title)
        return parts.show(figure, id="levers", alt=title)

    def choices(self) -> parts.Part | None:
        frame = self.results.choice_table
        return parts.rows(frame, tables.choice_columns(), "choices", "What each change would take")

    def chances(self) -> parts.Part | None:
        if not self.results.chances:
            return None
        title = words.chance_title(self.results)
        figure = draw.chance_line(words.curves(self.results), self.bounds, title=title)
        return parts.show(figure, id="chances", alt=title)

    def chance_table(self) -> parts.Part | None:
        frame = self.results.chance_table
        return parts.rows(frame, tables.chance_columns(), "chance-table", "Simulated recoveries")
