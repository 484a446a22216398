"""Do the benchmarks show that the service levels are met, and are they possible at all?

Method, in order:

1. put the parts of each run together by their measured times (`latency`), and say how sure each
   percentile is;
2. hold each run against each objective of its tier (`slo_verdicts`), and say whether it may count
   as evidence (`slo_evidence`);
3. compare each run with the one before it, and look for a trend (`run_comparison`);
4. hold what is stated, and what each run says of itself, against what is possible (`slo_physics`,
   `slo_possible`, `slo_loads`);
5. say what the script of a benchmark really prints (`benchmark_script`).

What the findings say of it, and of the document's own figures, is in `slo_findings`.

Known limits. A benchmark is not production: its data, keys and clients are its own. What cannot be
told from a file is unknown, and unknown is no pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from prismlib.analyses.benchmark_script import ScriptFigure, script_figures, script_table
from prismlib.analyses.run_comparison import Trend, comparison_table, trends
from prismlib.analyses.run_percentiles import node_table, percentile_table
from prismlib.analyses.slo_facts import Facts
from prismlib.analyses.slo_inputs import Run, SloInputs, SloSettings
from prismlib.analyses.slo_loads import load_pairs
from prismlib.analyses.slo_physics import Check, check_table, run_checks_of
from prismlib.analyses.slo_possible import possible
from prismlib.analyses.slo_verdicts import FAILURES, SloResult, results_of
from prismlib.findings import Finding, Verdict
from prismlib.formats import UNKNOWN
from prismlib.money import divide
from prismlib.result_tables.slo import ERROR_BUDGET, RUN_CHECK, SLO_VERDICT
from prismlib.tables import make

STATED_ALONE = "stated alone: no run measured it"


@dataclass(frozen=True)
class SloOutcomes:
    """Everything the notebook shows; tables are those of `prismlib.result_tables.slo`."""

    facts: Facts
    settings: SloSettings
    runs: tuple[Run, ...]
    results: tuple[SloResult, ...]
    checks: tuple[Check, ...]
    physics: tuple[Finding, ...]
    script: tuple[ScriptFigure, ...]
    trends: tuple[Trend, ...]
    percentile_table: pd.DataFrame
    node_table: pd.DataFrame
    comparison_table: pd.DataFrame
    check_table: pd.DataFrame
    script_table: pd.DataFrame

    @cached_property
    def verdict_table(self) -> pd.DataFrame:
        """Return SLO_VERDICT."""
        return make(SLO_VERDICT, _verdict_rows(self.facts, self.results))

    @cached_property
    def evidence_table(self) -> pd.DataFrame:
        """Return RUN_CHECK."""
        return make(RUN_CHECK, _check_rows(self.results))

    @cached_property
    def budget_table(self) -> pd.DataFrame:
        """Return ERROR_BUDGET."""
        return make(ERROR_BUDGET, _budget_rows(self.facts, self.results))

    def current(self, slo_id: str) -> list[SloResult]:
        """Return what decides an objective: the real runs of the latest day, and undated ones."""
        real = [
            one
            for one in self.results
            if one.objective["slo_id"] == slo_id and not one.run.is_made_up
        ]
        days = [one.run.day for one in real if one.run.day is not None]
        return [one for one in real if one.run.day in (None, max(days, default=None))]

    def verdict(self, slo_id: str) -> Verdict:
        """Return contradicts if a current run fails, holds if all pass, else unknown."""
        found = {one.verdict for one in self.current(slo_id)}
        if Verdict.CONTRADICTS in found:
            return Verdict.CONTRADICTS
        return Verdict.HOLDS if found == {Verdict.HOLDS} else Verdict.UNKNOWN


def analyse_slo(inputs: SloInputs, settings: SloSettings) -> SloOutcomes:
    """Answer the question of this module."""
    facts = Facts(inputs)
    results = results_of(inputs.objectives, inputs, settings)
    stated = [*possible(facts), *load_pairs(facts)]
    of_runs = [one for run in inputs.runs for one in run_checks_of(run, facts.networks)]
    checks = (*(check for check, _ in stated if check is not None), *of_runs)
    script = script_figures(inputs)
    return SloOutcomes(
        facts=facts,
        settings=settings,
        runs=inputs.runs,
        results=results,
        checks=checks,
        physics=tuple(one for _, one in stated),
        script=script,
        trends=tuple(trends(inputs.runs, settings)),
        percentile_table=percentile_table(inputs.runs, settings),
        node_table=node_table(inputs.runs),
        comparison_table=comparison_table(inputs.runs, settings),
        check_table=check_table(checks),
        script_table=script_table(script),
    )


def against_targets(outcomes: SloOutcomes, slo_targets: str) -> SloOutcomes:
    """Return the same runs against other targets, as `analyse_slo` of those does.

    Percentiles, comparisons and limits know no target; what a load of a size needs at its target is
    said again, and the objectives that have another one are held against their runs.

    Parameters
    ----------
    outcomes : SloOutcomes
        Of the targets that are promised.
    slo_targets : str
        As for `SloInputs.with_targets`.
    """
    inputs = outcomes.facts.inputs.with_targets(slo_targets)
    moved = [row for row in inputs.objectives if row["slo_id"] in inputs.promised]
    anew = results_of(moved, inputs, outcomes.settings)
    results = []
    for row in inputs.objectives:
        found = anew if row["slo_id"] in inputs.promised else outcomes.results
        results += [one for one in found if one.objective["slo_id"] == row["slo_id"]]
    facts = outcomes.facts.with_inputs(inputs)
    loads = {one.id: one for _, one in load_pairs(facts)}
    physics = tuple(loads.get(one.id, one) for one in outcomes.physics)
    return replace(outcomes, facts=facts, results=tuple(results), physics=physics)


def _verdict_rows(facts: Facts, results: tuple[SloResult, ...]) -> Iterator[dict[str, Any]]:
    """Yield each objective beside its runs; one without a run stands with what is stated."""
    for row in facts.inputs.objectives:
        names = ("slo_id", "objective_name", "service_tier", "statistic", "target_value", "unit")
        base = {name: row[name] for name in names}
        base["stated_value"] = facts.stated.value(row["claim_id"])
        found = [one for one in results if one.objective["slo_id"] == row["slo_id"]]
        for one in found:
            seen = one.measured
            yield {
                **base,
                "run_id": one.run.run_id,
                "measured_value": seen.value,
                "interval_low_value": seen.low,
                "interval_high_value": seen.high,
                "measurements": seen.measurements,
                "measurements_needed": seen.needed,
                "slo_outcome": one.outcome,
                "is_admissible": one.is_admissible,
                "verdict": str(one.verdict),
                "note": one.note,
            }
        if not found:
            note = STATED_ALONE if base["stated_value"] is not None else "no run measured it"
            yield {**base, "slo_outcome": UNKNOWN, "verdict": str(Verdict.UNKNOWN), "note": note}


def _check_rows(results: tuple[SloResult, ...]) -> Iterator[dict[str, Any]]:
    for one in results:
        for check in one.checks:
            yield {
                "run_id": one.run.run_id,
                "slo_id": one.objective["slo_id"],
                "check_name": check.name,
                "verdict": str(check.verdict),
                "note": check.note,
            }


def _budget_rows(facts: Facts, results: tuple[SloResult, ...]) -> Iterator[dict[str, Any]]:
    """Yield what a share of failures, kept up for the window, spends of what is allowed."""
    for row in facts.inputs.objectives:
        if row["statistic"] != FAILURES:
            continue
        shares: list[tuple[str, Decimal | None]] = [("", facts.stated.value(row["claim_id"]))]
        shares += [
            (one.run.run_id, one.measured.value)
            for one in results
            if one.objective["slo_id"] == row["slo_id"]
        ]
        for run_id, share in shares:
            spent = divide(share, row["target_value"])
            yield {
                **{name: row[name] for name in ("slo_id", "window_days", "target_value", "unit")},
                "run_id": run_id,
                "failed_pct": share,
                "budget_spent_pct": None if spent is None else spent * 100,
                "note": "as stated" if not run_id else "",
            }
