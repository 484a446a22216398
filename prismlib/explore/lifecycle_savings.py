"""Explore lifecycle rules: edit them and see what S3 says, what they save, and what they break."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from prismlib import parameters as rules
from prismlib.analyses import lifecycle, lifecycle_findings, lifecycle_inputs
from prismlib.analyses.lifecycle_basis import LifecycleBasis
from prismlib.analyses.lifecycle_proposals import SET_HERE
from prismlib.charts import lifecycle_savings as draw
from prismlib.explore import parts
from prismlib.explore.controls import Choice, Control, Slider, Text, Toggle
from prismlib.explore.model import Model
from prismlib.explore.panel import Piece, View
from prismlib.findings import Finding
from prismlib.narrative import lifecycle as words
from prismlib.narrative import lifecycle_tables as tables
from prismlib.narrative.lifecycle_answer import lifecycle_answer
from prismlib.tables import records

NOTEBOOK = "lifecycle_savings"
NOT_OF_RULE = {"policy_name", "source"}
"""Columns of the remarks that stand in the table below, not beside the editor."""
NOT_SETTINGS = ("snapshot", "as_of")


@dataclass
class _Model(Model):
    """What is read once, and the notebook's functions over it."""

    notebook = NOTEBOOK

    @cached_property
    def basis(self) -> LifecycleBasis:
        data = self.data
        inputs = lifecycle_inputs.LifecycleInputs.of(
            data.tables,
            self.reference,
            as_of=self.as_of,
            are_objects_synthetic=data.is_synthetic_table("object_cohort"),
            objects_source=data.source_of("object_cohort"),
        )
        return LifecycleBasis(inputs)

    @cached_property
    def proposed(self) -> tuple[str, str]:
        """The name and the JSON of the first rules that the snapshot proposes for the bucket."""
        _, held = self.basis.held(_settings(self.passed))
        rows = self.basis.inputs.lifecycle_policy
        mine = [] if rows is None or held is None else records(rows)
        first = next((r for r in mine if held is not None and r["bucket_name"] == held.name), None)
        return ("", "") if first is None else (first["policy_name"], _indented(first["lifecycle"]))

    def controls(self) -> list[Control]:
        """Return the editor, then what the simulation rests on."""
        editor = Text(
            "policy",
            "Lifecycle rules",
            self.passed["policy"] or self.proposed[1],
            rows=14,
            unit="JSON",
            help="As S3 takes them: what is wrong with them stands below the chart.",
            group="Rules",
        )
        return [editor, *_sliders(self.passed), *_choices(self.passed)]

    def fold(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters: rules as they are proposed are not set."""
        is_set = values["policy"].strip() not in ("", self.proposed[1])
        return {**values, "policy": values["policy"] if is_set else ""}

    def view(self, parameters: Mapping[str, Any]) -> View:
        """Return what the panel shows: at once the rules in the editor, then all that is known."""
        settings = _settings(parameters)
        name = SET_HERE if settings.policy.strip() else self.proposed[0]
        shown = _Shown(self.basis, settings, name)
        return View([shown.sentence, shown.edited, shown.lint], list(shown.later()))


explore = _Model.explore


def _settings(parameters: Mapping[str, Any]) -> lifecycle_inputs.LifecycleSettings:
    given = {name: value for name, value in parameters.items() if name not in NOT_SETTINGS}
    return lifecycle_inputs.LifecycleSettings.of(**given)


def _indented(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2)
    except ValueError:
        return text


def _sliders(passed: Mapping[str, Any]) -> Iterator[Control]:
    def slider(name: str, label: str, high: float, step: float, **more: Any) -> Slider:
        return Slider(name, label, passed[name], more.pop("low", 0), high, step, **more)

    yield slider("months", "Months simulated", 120, 1, low=12, unit="months", group="Time")
    reads: dict[str, Any] = {"group": "Reads and growth"}
    yield slider("reads_per_month", "Reads of each object", 10, 0.1, unit="in 30 days", **reads)
    yield slider("returned_pct", "Share that a read returns", 100, 1, unit="%", **reads)
    yield slider("new_gb_per_month", "New data", 100_000, 100, unit="GB a month", **reads)
    needed = {"zero": "as in the snapshot", "unit": "ms"}
    yield slider("slo_ms", "A read is answered within", 60_000, 10, **needed, **reads)
    restored = {"low": 1, "unit": "days", "group": "Restores and limits"}
    yield slider("copy_days", "A restored copy is kept", 60, 1, **restored)
    budget = {"unit": "USD a month", "zero": "no limit", "group": "Restores and limits"}
    yield slider("retrieval_budget_per_month", "Reads may cost", 1000, 10, **budget)


def _choices(passed: Mapping[str, Any]) -> Iterator[Control]:
    group = "Restores and limits"
    speeds = {name: name for name in rules.RESTORE_SPEEDS}
    yield Choice("restore_speed", "Speed of restores", passed["restore_speed"], speeds, group=group)
    sizes = {
        "all_storage_classes_128K": "stay in every class",
        "varies_by_storage_class": "by class",
    }
    name = "Objects under 128 KB"
    yield Choice("small_objects", name, passed["small_objects"], sizes, group=group)
    gigabytes = {"auto": "binary if measured", "decimal": "decimal", "binary": "binary"}
    yield Choice("gigabyte", "Gigabyte of prices", passed["gigabyte"], gigabytes, group=group)
    name = "Best rules may use one zone"
    yield Toggle("allow_one_zone", name, passed["allow_one_zone"], group=group)


@dataclass
class _Shown:
    """What the notebook shows of its results, piece by piece."""

    basis: LifecycleBasis
    settings: lifecycle_inputs.LifecycleSettings
    name: str
    results: lifecycle.LifecycleResults = field(init=False)

    @cached_property
    def one(self) -> lifecycle.LifecycleResults:
        """The results for the rules in the editor alone."""
        return lifecycle.compare_policies(self.basis, self.settings, [self.name])

    def whole(self) -> Iterator[None]:
        """Analyse every set of rules and search for the best, in steps."""
        self.results = yield from lifecycle.lifecycle_steps(self.basis, self.settings)

    @cached_property
    def found(self) -> list[Finding]:
        return lifecycle_findings.judge_lifecycle(self.basis.inputs, self.settings, self.results)

    @cached_property
    def names(self) -> dict[str, str]:
        return words.case_names(self.results)

    def lint(self) -> parts.Part:
        """Return what is to be said of the rules in the editor."""
        if not len(self.one.checks):
            judged = self.one.cases or self.one.unpriced
            prose = (
                "Nothing is to be said against these rules." if judged else "There are no rules."
            )
            return parts.text(prose, id="lint")
        columns = {n: c for n, c in tables.check_columns().items() if n not in NOT_OF_RULE}
        return parts.table(self.one.checks, columns, id="lint", title="These rules")

    def edited(self) -> parts.Part | None:
        """Return what the rules in the editor save, month by month."""
        names = words.case_names(self.one)
        if not names:
            return None
        title = words.saving_title(self.one)
        figure = draw.saving_lines(self.one.months, names, title=title)
        return parts.show(figure, id="edited", alt=title)

    def sentence(self) -> parts.Part:
        return parts.text(words.saving_sentence(self.one), id="edited-words")

    def later(self) -> Iterator[Piece]:
        """Yield the pieces of the whole analysis, as they stand in the notebook."""
        yield self.whole
        yield lambda: parts.answer(lifecycle_answer(self.results, self.found))
        yield lambda: parts.text(
            words.basis(self.basis.inputs, self.results, self.settings), id="basis"
        )
        yield self.savings
        yield self.outcomes
        yield self.costs
        yield self.checks
        yield lambda: parts.text(words.best_sentence(self.results), id="best-words")
        yield self.best
        yield self.claims
        yield self.charges
        yield self.payback
        yield self.reads
        yield lambda: parts.findings(self.found)

    def savings(self) -> parts.Part | None:
        if not self.names:
            return None
        title = words.saving_title(self.results)
        figure = draw.saving_lines(self.results.months, self.names, title=title)
        return parts.show(figure, id="savings", alt=title)

    def outcomes(self) -> parts.Part | None:
        frame = tables.outcome_rows(self.results)
        columns = tables.outcome_columns(frame, self.results.currency)
        return parts.rows(frame, columns, "outcomes", "What each set of rules comes to")

    def costs(self) -> parts.Part | None:
        if not self.names:
            return None
        title = words.cost_title(self.results)
        figure = draw.cost_lines(self.results.months, self.names, title=title)
        return parts.show(figure, id="costs", alt=title)

    def checks(self) -> parts.Part | None:
        frame = self.results.checks
        return parts.rows(frame, tables.check_columns(), "checks", "Every remark on the rules")

    def best(self) -> parts.Part | None:
        content = words.configuration(self.results)
        title = "Lifecycle configuration of the best rules"
        return parts.listing(content, id="best", title=title) if content else None

    def claims(self) -> parts.Part | None:
        if not self.names:
            return None
        title = words.claim_title(self.results)
        figure = draw.claim_bars(tables.claimed_rows(self.results), title=title)
        return parts.show(figure, id="claims", alt=title)

    def charges(self) -> parts.Part | None:
        columns = tables.charge_columns(self.results.currency)
        title = "Each charge, with and without the rules"
        return parts.rows(tables.charge_rows(self.results), columns, "charges", title)

    def payback(self) -> parts.Part | None:
        cases, held = self.results.move_cases, self.results.held
        if held is None or not len(cases):
            return None
        title = words.size_title(self.results)
        figure = draw.payback_lines(cases, held.mean_bytes, title=title)
        return parts.show(figure, id="payback", alt=title)

    def reads(self) -> parts.Part | None:
        if not self.names:
            return None
        title = words.read_title(self.results)
        figure = draw.read_lines(self.results.reads, self.names, title=title)
        return parts.show(figure, id="reads", alt=title)
