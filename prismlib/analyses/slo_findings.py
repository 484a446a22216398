"""Every finding on benchmarks; here those on the objectives, the evidence and the runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from prismlib.analyses.dr_evidence import OF_VERDICT, state_of
from prismlib.analyses.judging import counted, listed
from prismlib.analyses.performance_slo import SloOutcomes
from prismlib.analyses.run_percentiles import NODE_PCT, mean_of_nodes
from prismlib.analyses.slo_claims import claim_findings
from prismlib.analyses.slo_evidence import RETENTION
from prismlib.analyses.slo_facts import Facts
from prismlib.analyses.slo_judging import MILLION, bad_if, big, finding, short, sources
from prismlib.analyses.slo_script_findings import script_findings
from prismlib.analyses.slo_verdicts import SloResult
from prismlib.findings import Finding, Severity, Verdict, observed, ranked, slug
from prismlib.formats import count, day, percent
from prismlib.slo_tables import AT_LEAST
from prismlib.tables import records

LAUNCHES = ("launch_first", "launch_second")
MADE_UP, MEASURED = "synthetic", "measured"


def judge_slo(outcomes: SloOutcomes) -> list[Finding]:
    """Return every finding of the analysis of benchmarks, worst first."""
    facts = outcomes.facts
    groups = [
        _objectives(outcomes),
        _evidence(facts),
        _age(facts),
        _run_physics(outcomes),
        _nodes(outcomes),
        _changes(outcomes),
        _budget(outcomes),
        iter(outcomes.physics),
        claim_findings(facts),
        script_findings(facts, outcomes.script, outcomes.settings),
    ]
    return ranked(observed((one for group in groups for one in group), facts.inputs.as_of))


# --- the objectives -------------------------------------------------------------------------------


def _objectives(outcomes: SloOutcomes) -> Iterator[Finding]:
    rows = outcomes.facts.inputs.objectives
    title = "Service levels that are met"
    if not rows:
        words = "The snapshot holds no objective. As slo.csv they tell what a run is held against."
        severity, unknown = Severity.HIGH, Verdict.UNKNOWN
        yield finding("objectives", title, words, severity, unknown, table="slo", rows=0)
        return
    verdicts = [outcomes.verdict(row["slo_id"]) for row in rows]
    verdict = Verdict.HOLDS if set(verdicts) == {Verdict.HOLDS} else Verdict.UNKNOWN
    verdict = Verdict.CONTRADICTS if Verdict.CONTRADICTS in verdicts else verdict
    is_real = any(not run.is_made_up for run in outcomes.runs)
    yield finding(
        *("objectives", title, _tally(verdicts) + ("" if is_real else NO_FILE)),
        Severity.INFO if verdict is Verdict.HOLDS else Severity.CRITICAL,
        verdict,
        value=Decimal(verdicts.count(Verdict.HOLDS)),
        expected=Decimal(len(rows)),
        source=[row["source"] for row in rows],
        provenance=MEASURED if is_real else "stated",
        table="slo",
        rows=len(rows),
    )
    for row, one in zip(rows, verdicts, strict=True):
        yield _objective(outcomes, row, one)


NO_FILE = " There is no file of a real run."


def _tally(verdicts: list[Verdict]) -> str:
    met, missed = (verdicts.count(v) for v in (Verdict.HOLDS, Verdict.CONTRADICTS))
    words = f"Of {counted(len(verdicts), 'objective')} {met} {is_or_are(met)} shown to be met and "
    words += f"{missed} to be missed; for {len(verdicts) - met - missed} "
    return f"{words}nothing admissible shows either."


def is_or_are(number: int) -> str:
    """Return the verb that goes with a number of things."""
    return "is" if number == 1 else "are"


def _objective(outcomes: SloOutcomes, row: dict[str, Any], verdict: Verdict) -> Finding:
    """Return what the current runs say of an objective."""
    stated = outcomes.facts.stated.value(row["claim_id"])
    bound = "at least" if row["comparison"] == AT_LEAST else "at most"
    target = f"{bound} {with_unit(row['target_value'], row['unit'])}"
    promised = outcomes.facts.inputs.promised.get(row["slo_id"])
    words = f"The target is {target}"
    if promised is not None:
        words = f"The target is assumed, {target} in place of {with_unit(promised, row['unit'])}"
    words += "" if stated is None else f", stated {with_unit(stated, row['unit'])}"
    found = outcomes.current(row["slo_id"])
    words += ". " + " ".join(measured_words(one, row["unit"]) for one in found)
    if not found:
        words += "No file of a run shows it: unknown."
    severity = {Verdict.HOLDS: Severity.INFO, Verdict.CONTRADICTS: Severity.CRITICAL}
    value = found[-1].measured.value if found else None
    return finding(
        f"objective.{row['slo_id']}",
        row["objective_name"],
        words,
        severity.get(verdict, Severity.HIGH if found else Severity.MEDIUM),
        verdict,
        value=value,
        unit=row["unit"],
        expected=row["target_value"],
        table="benchmark_run" if found else "slo",
        rows=max(len(found), 1),
        source=[*(str(one.run.one("file_name") or "") for one in found), row["source"]],
        provenance=MEASURED if found else "stated",
    )


def with_unit(value: Decimal, unit: str) -> str:
    """Return a figure with its unit: ``0.8 ms``, ``0.003%``, ``1.1B operations/second``."""
    return f"{big(value) if value >= MILLION else count(value)}{'' if unit == '%' else ' '}{unit}"


def measured_words(one: SloResult, unit: str) -> str:
    """Return what a run says of an objective, with its interval and what limits it."""
    seen = one.measured
    words = f"{one.run.run_id}: "
    words += "no figure" if seen.value is None else with_unit(short(seen.value), unit)
    if seen.low is not None or seen.high is not None:
        low, high = ("?" if end is None else count(short(end)) for end in (seen.low, seen.high))
        words += f" ({low} to {high}"
        words += f", n = {count(seen.measurements)})" if seen.measurements else ")"
    words += f", {one.outcome}"
    return f"{words}: {one.note}." if one.note else f"{words}."


# --- the evidence ---------------------------------------------------------------------------------


def _evidence(facts: Facts) -> Iterator[Finding]:
    """Yield whether the stated benchmark had what it needs."""
    ran = facts.stated.date("benchmark_day")
    if ran is None:
        return
    states = [(row, *state_of(row, ran)) for row in facts.inputs.needs]
    for row, verdict, why in states:
        words = f"The benchmark of the {row['step_id']} tier on {day(ran)} needs: "
        words += f"{row['prerequisite_name']}. {why[:1].upper()}{why[1:]}"
        yield finding(
            f"prerequisite.{slug(row['step_id'])}.{slug(row['prerequisite_name'])}",
            f"Benchmark, {row['step_id']}: {row['prerequisite_name']}",
            f"{words}: {row['note']}." if row["note"] else f"{words}.",
            OF_VERDICT.get(verdict, Severity.CRITICAL),
            verdict,
            table="prerequisite",
            source=[row["source"]],
        )
    yield _admissible(ran, [(row, verdict) for row, verdict, _ in states])


def _admissible(ran: date, states: list[tuple[dict[str, Any], Verdict]]) -> Finding:
    """Return whether the stated benchmark may be used as evidence at all."""
    bad = list(dict.fromkeys(r["prerequisite_name"] for r, v in states if v is UNMET))
    verdict = UNMET if bad else Verdict.UNKNOWN
    verdict = Verdict.HOLDS if states and {v for _, v in states} == {Verdict.HOLDS} else verdict
    words = f"What the benchmark of {day(ran)} needs "
    if bad:
        words += f"was not there: {listed(bad)}. It cannot have measured what it reports."
    else:
        words += "was there." if verdict is Verdict.HOLDS else "is not known to have been there."
    return finding(
        *("admissible", "Is the stated benchmark evidence", words),
        OF_VERDICT.get(verdict, Severity.CRITICAL),
        verdict,
        table="prerequisite",
        rows=len(states),
        source=[row["source"] for row, _ in states],
    )


UNMET = Verdict.CONTRADICTS


def _age(facts: Facts) -> Iterator[Finding]:
    """Yield how old the stated benchmark is on the day of each launch."""
    ran = facts.stated.date("benchmark_day")
    launches = [found for name in LAUNCHES if (found := facts.stated.date(name))]
    limit = facts.limit(RETENTION)
    if ran is None or not launches or limit is None:
        return
    ages = [(found, (found - ran).days) for found in launches]
    oldest = Decimal(max(age for _, age in ages))
    severity, verdict = bad_if(oldest > limit, Severity.HIGH, Verdict.CONTRADICTS)
    words = f"The benchmark of {day(ran)} is "
    words += listed([f"{counted(age, 'day')} old at the launch of {day(one)}" for one, age in ages])
    words += f". The metrics of a minute behind it are kept {count(limit)} days"
    words += ": nobody can look at it again." if oldest > limit else "."
    yield finding(
        *("evidence_age", "Age of the benchmark at the launch", words, severity, verdict),
        value=oldest,
        unit="days",
        expected=limit,
        source=[*sources(facts.stated, "benchmark_day"), facts.limit_source(RETENTION)],
        rows=1 + len(ages),
    )


# --- the runs -------------------------------------------------------------------------------------


def _run_physics(outcomes: SloOutcomes) -> Iterator[Finding]:
    """Yield what a run says of itself that is not possible."""
    made_up = {run.run_id: run.is_made_up for run in outcomes.runs}
    for one in outcomes.checks:
        if one.load_name not in made_up or one.verdict in (Verdict.HOLDS, Verdict.UNKNOWN):
            continue
        words = f"{one.name[:1].upper()}{one.name[1:]}: {count(short(one.needed or Decimal(0)))} "
        words += f"{one.unit}, where {count(one.limit)} are possible. {one.note}."
        yield finding(
            f"run.{slug(one.load_name)}.{slug(one.name)}",
            f"Run {one.load_name}: {one.name}",
            words,
            Severity.LOW if made_up[one.load_name] else Severity.CRITICAL,
            one.verdict,
            value=one.needed,
            unit=one.unit,
            expected=one.limit,
            table="benchmark_run",
            source=[one.source],
            provenance=MADE_UP if made_up[one.load_name] else MEASURED,
        )


def _nodes(outcomes: SloOutcomes) -> Iterator[Finding]:
    """Yield the p99 of all nodes together against the mean of the p99s of the nodes."""
    for run in outcomes.runs:
        mean = mean_of_nodes(outcomes.node_table, run.run_id)
        if mean is None or run.distribution is None:
            continue
        merged = run.distribution.percentile(NODE_PCT).value
        nodes = int((outcomes.node_table["run_id"] == run.run_id).sum())
        words = f"The requests of {count(nodes)} nodes together have a p99 of "
        words += f"{count(short(merged))} ms. The mean of the p99s of the nodes is "
        words += f"{count(round(mean, 2))} ms, and no percentile of anything"
        words += ". The run is made up." if run.is_made_up else "."
        yield finding(
            f"merged.{slug(run.run_id)}",
            "All nodes together",
            words,
            Severity.INFO,
            Verdict.HOLDS,
            value=merged,
            unit="ms",
            table="benchmark_bucket",
            rows=len(run.buckets),
            source=[str(run.one("file_name") or "")],
            provenance=MADE_UP if run.is_made_up else MEASURED,
        )


def _changes(outcomes: SloOutcomes) -> Iterator[Finding]:
    """Yield what changed from each run to the next, and the trend over all of them."""
    made_up = {run.run_id: run.is_made_up for run in outcomes.runs}
    for row in records(outcomes.comparison_table):
        is_slower, is_made_up = row["note"] == "slower", made_up[row["run_id"]]
        low, high = ("?" if row[n] is None else signed(row[n]) for n in CHANGE_ENDS)
        words = f"{row['statistic']} of {row['run_id']} is {count(row['value_ms'])} ms, "
        words += (
            f"{signed(row['change_ms'])} ms against {row['earlier_run_id']} ({low} to {high}): "
        )
        words += f"{row['note']}. One of its requests is slower than one of the other with a "
        words += f"chance of {percent(row['slower_pct'], 1, signed=False)}."
        severity, verdict = bad_if(is_slower, Severity.MEDIUM, Verdict.CONTRADICTS)
        verdict = Verdict.UNKNOWN if row["note"].startswith("too few") else verdict
        yield finding(
            f"change.{slug(row['run_id'])}",
            f"Change from {row['earlier_run_id']} to {row['run_id']}",
            words + (" Both are made up." if is_made_up else ""),
            Severity.INFO if is_made_up else severity,
            verdict,
            value=row["value_ms"],
            unit="ms",
            expected=row["earlier_ms"],
            table="benchmark_bucket",
            rows=2,
            provenance=MADE_UP if is_made_up else MEASURED,
        )


CHANGE_ENDS = ("change_low_ms", "change_high_ms")


def signed(value: Decimal) -> str:
    """Return a change with its sign: ``+0.4``."""
    return f"{'+' if value > 0 else ''}{count(short(value))}"


def _budget(outcomes: SloOutcomes) -> Iterator[Finding]:
    """Yield what the failures of a run, or the stated ones, spend of the error budget."""
    for row in records(outcomes.budget_table):
        spent = row["budget_spent_pct"]
        if spent is None:
            continue
        window = row["window_days"]
        words = f"{count(short(row['failed_pct']))}% of requests failed, "
        words += f"{row['run_id'] or 'as stated'}. Kept up"
        words += f" for {counted(window, 'day')}" if window else ""
        words += f", that spends {percent(spent, 0, signed=False)} of the budget: failed share / "
        words += f"{count(row['target_value'])}%."
        severity, verdict = bad_if(spent > 100, Severity.HIGH, Verdict.CONTRADICTS)
        yield finding(
            f"error_budget.{slug(row['run_id'] or 'stated')}",
            "Error budget",
            words,
            severity,
            verdict if row["run_id"] or spent > 100 else Verdict.UNKNOWN,
            value=spent,
            unit="%",
            expected=Decimal(100),
            table="benchmark_run" if row["run_id"] else "claim",
            provenance=MEASURED if row["run_id"] else "stated",
        )
