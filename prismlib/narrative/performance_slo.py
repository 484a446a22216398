"""The sentences of the notebook on benchmarks, and what its charts draw: all of it computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.latency import HUNDRED, percent_of
from prismlib.analyses.performance_slo import SloOutcomes
from prismlib.analyses.run_comparison import Trend
from prismlib.analyses.run_percentiles import NODE_PCT, STATISTICS, mean_of_nodes
from prismlib.analyses.slo_findings import measured_words, signed, with_unit
from prismlib.analyses.slo_inputs import Run
from prismlib.analyses.slo_physics import STATED
from prismlib.charts.performance_slo import Curve, Mark
from prismlib.findings import Finding, Verdict
from prismlib.formats import count, day
from prismlib.tables import records

MAX_CURVES = 4
OTHER_TIER = "other"
TITLES = {
    "hot": "Latency of the hot tier",
    "cold": "Latency of the cold tier",
    "e2e": "Latency from end to end",
}
LESS_IS_MORE = ("bytes of an operation", "first byte from S3")
"""Checks whose limit is the least that is possible, not the most."""


NO_LIMIT = ("bytes by traffic and by network",)
"""Checks of two figures against each other, not of one against a limit."""


@dataclass(frozen=True)
class TierChart:
    """What the chart of one tier draws."""

    title: str
    curves: list[Curve]
    measured: list[Mark]
    targets: list[Mark]
    stated: list[Mark]
    bounds: list[tuple[str, Decimal]]


def headline(outcomes: SloOutcomes, findings: Sequence[Finding]) -> str:
    """Return the few lines of plain text that a notebook keeps as its checked output."""
    rows = outcomes.facts.inputs.objectives
    states = [str(outcomes.verdict(row["slo_id"])) for row in rows]
    real = [run for run in outcomes.runs if not run.is_made_up]
    beyond = [one for one in outcomes.checks if one.verdict is Verdict.INFEASIBLE]
    verdicts = [str(f.verdict) for f in findings]
    lines = [
        f"objectives   {_tally(states) or 'none'}",
        f"runs         {len(real)} real, {len(outcomes.runs) - len(real)} made up",
        f"infeasible   {len(beyond)} of {len(outcomes.checks)} checks",
        f"findings     {_tally(verdicts)}",
    ]
    return "\n".join(lines)


def _tally(words: Sequence[str]) -> str:
    return ", ".join(f"{words.count(word)} {word}" for word in sorted(set(words)))


def basis(outcomes: SloOutcomes) -> str:
    """Return which runs there are, and which of them are real."""
    real = [run for run in outcomes.runs if not run.is_made_up]
    made_up = len(outcomes.runs) - len(real)
    words = f"As known on {day(outcomes.facts.inputs.as_of)}. "
    if real:
        words += f"{counted(len(real), 'run')} from files: {listed([_run_words(r) for r in real])}."
    else:
        words += "**No file of a benchmark is there**: what a document states can be checked "
        words += "against itself and against what is possible, and no more."
    if outcomes.facts.inputs.promised:
        words += f" **Targets are assumed, not promised**: {listed(assumed_targets(outcomes))}."
    if made_up:
        verb = "is" if made_up == 1 else "are"
        words += f" {counted(made_up, 'run')} {verb} made up to show the method, and evidence of "
        words += "nothing."
    unplaced = [run.run_id for run in real if not run.tier]
    if unplaced:
        words += f" Of no tier, so held against no objective: {listed(unplaced)}. A file name with "
        words += "hot, cold or e2e in it, or a runs.csv beside it, says which."
    return words


def assumed_targets(outcomes: SloOutcomes) -> list[str]:
    """Return the objectives whose target is assumed, each with it and with what is promised."""
    inputs = outcomes.facts.inputs
    return [
        f"{row['slo_id']} {with_unit(row['target_value'], row['unit'])} in place of "
        f"{with_unit(inputs.promised[row['slo_id']], row['unit'])}"
        for row in inputs.objectives
        if row["slo_id"] in inputs.promised
    ]


def target_sentence(outcomes: SloOutcomes) -> str:
    """Return what the last run, with an interval if any has one, says of each assumed target."""
    inputs = outcomes.facts.inputs
    said = []
    for row in inputs.objectives:
        if row["slo_id"] in inputs.promised:
            runs = [r for r in outcomes.results if r.objective["slo_id"] == row["slo_id"]]
            runs = [r for r in runs if r.measured.high is not None] or runs
            target = with_unit(row["target_value"], row["unit"])
            last = measured_words(runs[-1], row["unit"]) if runs else "No run measured it."
            said.append(f"**{row['objective_name']}** against {target}. {last}")
    return "\n\n".join(said) or "Every target is the one that is promised."


def _run_words(run: Run) -> str:
    tool, at = run.one("tool_name") or "unknown tool", run.day
    when = "without a day" if at is None else f"of {day(at)}"
    note = f"; {run.note}" if run.note else ""
    return f"{run.run_id} ({tool}, {when}{note})"


def verdict_sentence(findings: Sequence[Finding]) -> str:
    """Return how many objectives are met, and whether the stated benchmark is evidence."""
    wanted = ("slo.objectives", "slo.admissible", "slo.evidence_age")
    found = [f"**{f.title}.** {f.statement}" for f in findings if f.id in wanted]
    return "\n\n".join(found)


def physics_sentence(findings: Sequence[Finding]) -> str:
    """Return what of the stated load is not possible."""
    found = [f for f in findings if f.verdict is Verdict.INFEASIBLE and "script" not in f.id]
    if not found:
        return "Nothing of what is stated breaks a limit that is known."
    return "\n\n".join(f"**{f.title}.** {f.statement}" for f in found)


def physics_title(outcomes: SloOutcomes) -> str:
    """Return what the chart of the checks shows, as a sentence."""
    factors = factors_beyond(outcomes)
    over = [factor for _, factor in factors if factor > 1]
    if not over:
        return "Each stated figure is possible"
    words = (
        f"{len(over)} of {len(factors)} stated figures are beyond what is possible or documented"
    )
    return f"{words}, by up to {count(round(max(over)))} times"


def factors_beyond(outcomes: SloOutcomes) -> list[tuple[str, Decimal]]:
    """Return by what factor each stated figure is beyond its limit, worst first."""
    found = []
    for one in outcomes.checks:
        if one.load_name == STATED and one.needed and one.limit and one.name not in NO_LIMIT:
            factor = one.needed / one.limit
            found.append((one.name, 1 / factor if one.name in LESS_IS_MORE else factor))
    return sorted(found, key=lambda pair: -pair[1])


def tier_chart(outcomes: SloOutcomes, tier: str) -> TierChart | None:
    """Return what is drawn for a tier, `other` for runs of no tier; None for nothing to draw."""
    runs = [run for run in outcomes.runs if _place_of(run) == tier]
    drawn = [run for run in runs if run.distribution is not None][-MAX_CURVES:]
    targets, stated = _promised(outcomes, tier)
    shown = [run for run in runs if not run.is_made_up][-1:] or drawn[-1:]
    if not runs and not targets:
        return None
    words = TITLES.get(tier, "Latency of runs of no known tier")
    words += ", made up to show the method" if shown and shown[0].is_made_up else ""
    words += ": what is stated and promised" if not shown else ""
    return TierChart(
        words,
        [Curve(_curve_name(run), _curve(run)) for run in drawn],
        [mark for run in shown for mark in _marks(outcomes, run)],
        targets,
        stated,
        _bounds(outcomes, tier),
    )


def _place_of(run: Run) -> str:
    return run.tier if run.tier in TITLES else OTHER_TIER


def _promised(outcomes: SloOutcomes, tier: str) -> tuple[list[Mark], list[Mark]]:
    """Return the targets of a tier, and what a document states of them."""
    targets, stated = [], []
    for row in outcomes.facts.inputs.objectives:
        pct = percent_of(row["statistic"])
        if row["service_tier"] == tier and pct is not None:
            targets.append(Mark(pct, row["target_value"]))
            said = outcomes.facts.stated.value(row["claim_id"])
            stated += [] if said is None else [Mark(pct, said)]
    return targets, stated


def _curve_name(run: Run) -> str:
    """Return a name for the legend."""
    name = run.run_id.removeprefix("made_up.")
    return f"{name} (made up)" if run.is_made_up else name


def _curve(run: Run) -> list[tuple[Decimal, Decimal]]:
    """Return the distribution as percent and times."""
    times = run.distribution
    assert times is not None
    ends = [Decimal(int(n)) / times.total * HUNDRED for n in times.cumulative]
    return list(zip(ends, (bucket.value for bucket in times.buckets), strict=True))


def _marks(outcomes: SloOutcomes, run: Run) -> list[Mark]:
    rows = records(outcomes.percentile_table)
    found = []
    for row in rows:
        pct = percent_of(row["statistic"])
        if row["run_id"] == run.run_id and pct is not None and row["value_ms"] is not None:
            found.append(Mark(pct, row["value_ms"], row["lower_ms"], row["upper_ms"]))
    return found


def _bounds(outcomes: SloOutcomes, tier: str) -> list[tuple[str, Decimal]]:
    """Return the time that a store is documented to take at least, for loads from it."""
    loads = outcomes.facts.loads()
    least = outcomes.facts.limit("s3_first_byte_low_ms")
    if least is None or not any(row["service_tier"] == tier for row, _, _ in loads):
        return []
    return [("first byte from S3 takes", least)]


def tier_sentence(outcomes: SloOutcomes) -> str:
    """Return how percentiles are taken, and which statistics are shown."""
    pct = outcomes.settings.confidence_pct
    return (
        f"Each percentile has the interval that {count(pct)} of {count(HUNDRED)} such runs would "
        f"cover, from the ranks alone. Shown are {listed(list(STATISTICS))}."
    )


def nodes_of(
    outcomes: SloOutcomes,
) -> tuple[str, list[tuple[str, Decimal]], list[tuple[str, Decimal]]] | None:
    """Return a title, the p99 of each node, and those of all: of the last run with nodes."""
    for run in reversed(outcomes.runs):
        mean = mean_of_nodes(outcomes.node_table, run.run_id)
        if mean is None or run.distribution is None:
            continue
        merged = run.distribution.percentile(NODE_PCT).value
        rows = [r for r in records(outcomes.node_table) if r["run_id"] == run.run_id]
        title = f"All requests of {len(rows)} nodes have a p99 of {count(round(merged, 2))} ms, "
        title += f"not the mean of {count(round(mean, 2))} ms"
        title += " (made up)" if run.is_made_up else ""
        nodes = [(row["node_id"], row["value_ms"]) for row in rows]
        return title, nodes, [("p99 of all requests", merged), ("mean of the p99s", mean)]
    return None


def change_sentence(outcomes: SloOutcomes) -> str:
    """Return what changed from run to run, and over the weeks."""
    if not len(outcomes.comparison_table):
        return "There are no two dated runs of the same tier, tool and test to compare."
    words = [_trend_words(trend, outcomes) for trend in outcomes.trends]
    return " ".join(words) or "It takes three dated runs to look for a trend."


def _trend_words(trend: Trend, outcomes: SloOutcomes) -> str:
    name = outcomes.settings.compared_statistic
    words = f"Over {counted(len(trend.runs), 'run')} of the {trend.runs[0].tier or 'same'} tier "
    words += f"{name} moves by {signed(trend.ms_per_week)} ms a week"
    if trend.low is None or trend.high is None:
        return f"{words}; too few runs for an interval."
    return f"{words} ({signed(trend.low)} to {signed(trend.high)})."


def weeks_of(outcomes: SloOutcomes) -> tuple[str, list[tuple[str, Mark]]] | None:
    """Return a title and the compared percentile of each run of the longest trend."""
    longest = max(outcomes.trends, key=lambda trend: len(trend.runs), default=None)
    pct = percent_of(outcomes.settings.compared_statistic)
    if longest is None or pct is None:
        return None
    found = []
    for run in longest.runs:
        assert run.distribution is not None
        one = run.distribution.interval(pct, outcomes.settings.confidence_pct)
        found.append((day(run.day), Mark(pct, one.value, one.low, one.high)))
    title = f"{outcomes.settings.compared_statistic} from run to run, with intervals"
    return title + (" (made up)" if longest.runs[0].is_made_up else ""), found


def script_sentence(findings: Sequence[Finding]) -> str:
    """Return what each figure of the script really is."""
    found = [f"**{f.title}.** {f.statement}" for f in findings if f.id.startswith("slo.script.")]
    return "\n\n".join(found) or "The snapshot names no script of a benchmark."
