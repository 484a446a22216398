"""Every finding on recovery; here those on time: how long it takes, what gates it, how sure."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from prismlib.analyses.dr_cases import Case, verdict_within
from prismlib.analyses.dr_claims import claim_findings
from prismlib.analyses.dr_commands import command_findings
from prismlib.analyses.dr_evidence import evidence_findings
from prismlib.analyses.dr_inputs import DrInputs, stated_s
from prismlib.analyses.dr_judging import against, clock, finding, severity_of
from prismlib.analyses.dr_loss_findings import loss_findings
from prismlib.analyses.dr_several_findings import several_findings
from prismlib.analyses.dr_step_findings import step_findings
from prismlib.analyses.dr_timeline import DrResults
from prismlib.analyses.drill_steps import Drill, excluded_work, gaps, idle_s
from prismlib.analyses.judging import listed
from prismlib.analyses.steps import Steps, finished, gathered
from prismlib.findings import Finding, Severity, Verdict, observed, ranked
from prismlib.formats import duration

BROKEN_ORDER = (
    " That is longer than it ran: a step started before one that it waits for had ended, so it "
    "does not wait for it, or a time is wrong."
)


def judge_dr(inputs: DrInputs, results: DrResults) -> list[Finding]:
    """Return every finding of the analysis of recovery, worst first."""
    return finished(judging_dr(inputs, results))


def judging_dr(inputs: DrInputs, results: DrResults) -> Steps[list[Finding]]:
    """Return what `judge_dr` does, in steps."""
    if results.drill is None:
        groups = [iter([_no_drill()]), loss_findings(results), claim_findings(inputs, results)]
    else:
        drill = results.drill
        groups = [
            _recovery(results, drill),
            _timeline(results, drill),
            _excluded(results, drill),
            _response(results, drill),
            _healthy(results, drill),
            _gates(results, drill),
            several_findings(results, drill),
            step_findings(results, drill),
            evidence_findings(inputs, results, drill),
            loss_findings(results),
            claim_findings(inputs, results),
        ]
    groups.append(command_findings(inputs, results))
    found = yield from gathered(groups)
    return ranked(observed(found, inputs.as_of))


def _no_drill() -> Finding:
    return finding(
        "recovery",
        "How long recovery takes",
        "The snapshot holds no drill. Nothing shows that recovery works at all: a log of one, as "
        "drill_event.csv, would tell.",
        Severity.HIGH,
        Verdict.UNKNOWN,
        rows=0,
    )


def _recovery(results: DrResults, drill: Drill) -> Iterator[Finding]:
    """Yield the recovery as published against the target, and whether it is known at all."""
    case = results.case("published")
    assert case is not None
    seconds = results.seconds("published")
    if seconds is None:
        words = f"The recovery of drill {drill.drill_id} is not known: {case.note}."
        verdict, severity = Verdict.UNKNOWN, Severity.HIGH
    else:
        words = f"On the published clock recovery took {clock(seconds)}: "
        words += f"{against(results, seconds)}."
        verdict = verdict_within(case.span, results.bounds.target_s)
        severity = severity_of(results, case)
        if verdict is Verdict.HOLDS and excluded_work(drill):
            words += " Work was left off that clock, so it does not show that the target is met."
            verdict, severity = Verdict.UNKNOWN, Severity.MEDIUM
    yield finding(
        "recovery",
        "How long recovery took, as published",
        words,
        severity,
        verdict,
        value=seconds,
        unit="s",
        expected=results.bounds.target_s,
        rows=len(drill.steps),
        source=drill.source,
    )


def _timeline(results: DrResults, drill: Drill) -> Iterator[Finding]:
    """Yield whether the steps and the waits between them add up to the stated total."""
    total, claimed = results.seconds("published"), stated_s(results.stated, "rto_stated_minutes")
    idle = idle_s(drill)
    if total is None or idle is None:
        return
    waits = [f"{duration(a)} to {duration(b)}" for a, b in gaps(drill)]
    words = f"Steps and the waits between them add up to {clock(total)}"
    words += "." if claimed is None else f"; stated is {clock(claimed)}."
    if waits:
        words += f" For {clock(idle)} of it no step ran: T+{' and T+'.join(waits)}."
    verdict = Verdict.HOLDS if claimed in (None, total) else Verdict.CONTRADICTS
    yield finding(
        "timeline_total",
        "The timeline adds up",
        words,
        Severity.INFO if verdict is Verdict.HOLDS else Severity.HIGH,
        verdict,
        value=total,
        unit="s",
        expected=claimed,
        rows=len(drill.steps),
        source=drill.source,
    )


def _excluded(results: DrResults, drill: Drill) -> Iterator[Finding]:
    case = results.case("with_excluded")
    if case is None:
        return
    seconds, names = results.seconds("with_excluded"), [s.name for s in excluded_work(drill)]
    if seconds is None:
        words = f"{listed(names)} was left off the clock, and how long it took is not logged."
        severity, verdict = Severity.HIGH, Verdict.UNKNOWN
    else:
        words = f"With {listed(names)}, which the published time leaves out, recovery took "
        words += f"{clock(seconds)}: {against(results, seconds)}."
        severity = severity_of(results, case)
        verdict = verdict_within(case.span, results.bounds.target_s)
    yield finding(
        "rto_including_excluded_work",
        "With the work left off the clock",
        words,
        severity,
        verdict,
        value=seconds,
        unit="s",
        expected=results.bounds.target_s,
        source=str(excluded_work(drill)[0].row["source"]),
    )


def _response(results: DrResults, drill: Drill) -> Iterator[Finding]:
    """Yield recovery from the interruption: as logged, with the response allowed, or unknown."""
    found = (results.case(name) for name in ("from_interruption", "with_response"))
    case = next(case for case in found if case is not None)
    seconds = results.seconds(case.case_id)
    if seconds is None:
        words = "How long service was gone before the command is not known: " + (
            case.note or "a part of the recovery is not logged"
        )
        severity, verdict = Severity.HIGH, Verdict.UNKNOWN
    else:
        words = _from_interruption(results, case, seconds)
        severity = severity_of(results, case)
        severity = Severity.HIGH if severity is Severity.CRITICAL else severity
        verdict = verdict_within(case.span, results.bounds.target_s)
    yield finding(
        "rto_from_interruption",
        "Recovery from the interruption",
        words + ".",
        severity,
        verdict,
        value=seconds,
        unit="s",
        expected=results.bounds.target_s,
        source=results.stated.source("sev1_response_hours") or drill.source,
        table="claim",
    )


def _from_interruption(results: DrResults, case: Case, seconds: Decimal) -> str:
    words = f"{case.name}, recovery takes {clock(seconds)}"
    with_work = results.seconds(f"{case.case_id}_and_excluded")
    if with_work is not None:
        words += f", and {clock(with_work)} with the work left off the clock"
    words += f". Recovery runs from the interruption, and {clock(seconds)} is "
    return words + against(results, seconds)


def _healthy(results: DrResults, drill: Drill) -> Iterator[Finding]:
    case = results.case("until_healthy")
    assert case is not None
    seconds = results.seconds("until_healthy")
    slow = results.stated.values("dr_p99_ms", "hot_p99_slo_ms")
    words = f"When health was back at its objective is not known: {case.note}."
    verdict = Verdict.UNKNOWN
    if seconds is not None:
        words = f"Health was back at its objective after {clock(seconds)}: "
        words += f"{against(results, seconds)}."
        verdict = verdict_within(case.span, results.bounds.target_s)
    yield finding(
        "recovered",
        "Health back at its objective",
        words,
        Severity.HIGH if verdict is not Verdict.HOLDS else Severity.INFO,
        verdict,
        value=seconds,
        unit="s",
        expected=results.bounds.target_s,
        rows=len(drill.of_phase("validate")),
        source=drill.source,
    )
    yield from _whole(results, drill)
    if slow is not None:
        yield _latency(results, *slow)


def _whole(results: DrResults, drill: Drill) -> Iterator[Finding]:
    """Yield recovery from the interruption until health was back, where both are logged."""
    for case_id in ("whole_and_excluded", "whole"):
        case, seconds = results.case(case_id), results.seconds(case_id)
        if case is None or seconds is None:
            continue
        yield finding(
            "whole",
            "From the interruption until health is back",
            f"{case.name}, recovery took {clock(seconds)}: {against(results, seconds)}.",
            severity_of(results, case),
            verdict_within(case.span, results.bounds.target_s),
            value=seconds,
            unit="s",
            expected=results.bounds.target_s,
            rows=len(drill.steps),
            source=drill.source,
        )
        return


def _latency(results: DrResults, seen: Decimal, objective: Decimal) -> Finding:
    verdict = Verdict.HOLDS if seen <= objective else Verdict.CONTRADICTS
    words = f"After the failover the p99 was {seen:f} ms; the objective is {objective:f} ms. "
    words += (
        "Service was back, and not at its objective: the recovery was not over."
        if verdict is Verdict.CONTRADICTS
        else "The objective is met."
    )
    return finding(
        "latency_after_recovery",
        "Latency after the failover",
        words,
        Severity.HIGH if verdict is Verdict.CONTRADICTS else Severity.INFO,
        verdict,
        value=seen,
        unit="ms",
        expected=objective,
        source=results.stated.source("dr_p99_ms"),
        table="claim",
        rows=2,
    )


def _gates(results: DrResults, drill: Drill) -> Iterator[Finding]:
    """Yield what gates recovery: the critical path, and what is off it."""
    ran, could = results.seconds("published"), results.seconds("side_by_side")
    if ran is None or could is None or results.path is None:
        return
    names = {step.step_id: step.name for step in drill.steps}
    path = [names[step_id] for step_id in results.path.path]
    off = [
        f"{names[time.step_id]} ({clock(Decimal(int(time.slack_s)))})"
        for time in results.path.steps
        if not time.is_critical
    ]
    words = f"Side by side, as dependencies allow, the steps take {clock(could)} instead of "
    words += f"{clock(ran)}. The path is {listed(path)}."
    if off:
        words += f" Not on it, with slack: {listed(off)}."
    words += " Possible, not measured." if could <= ran else BROKEN_ORDER
    yield finding(
        "critical_path",
        "What gates recovery",
        words,
        Severity.INFO if could == ran else Severity.MEDIUM,
        _gate_verdict(could, ran),
        value=could,
        unit="s",
        expected=ran,
        rows=len(path),
        source=drill.source,
    )


def _gate_verdict(could: Decimal, ran: Decimal) -> Verdict:
    if could == ran:
        return Verdict.HOLDS
    return Verdict.UNKNOWN if could < ran else Verdict.CONTRADICTS
