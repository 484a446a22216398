"""Every finding on a launch; here those on the decision: criteria, rules, flips."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from prismlib.analyses.document_findings import document_findings
from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_evidence_findings import evidence_findings
from prismlib.analyses.launch_gate import UNKNOWN
from prismlib.analyses.launch_inputs import PARAMETERS
from prismlib.analyses.launch_item_findings import item_findings
from prismlib.analyses.launch_judging import finding, sources
from prismlib.analyses.launch_name_findings import name_findings
from prismlib.analyses.launch_outcome_findings import outcome_findings
from prismlib.analyses.launch_plan_findings import plan_findings
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.analyses.launch_rules import CONFLICT, GO, MOST_STATES, PASS, UNDEFINED, Lint
from prismlib.analyses.launch_standing import Judged
from prismlib.analyses.launch_words import (
    assumed_words,
    decided_words,
    decision_words,
    figure,
    first_upper,
    flip_words,
    measure_words,
    moved_words,
    span_words,
)
from prismlib.analyses.register_findings import register_findings
from prismlib.analyses.remedy_findings import remedy_findings
from prismlib.analyses.security_findings import security_findings
from prismlib.analyses.steps import Steps, finished, gathered
from prismlib.analyses.target_findings import target_findings
from prismlib.analyses.training_findings import training_findings
from prismlib.findings import Finding, Severity, Verdict, observed, ranked, slug
from prismlib.formats import count


def judge_launch(results: LaunchResults) -> list[Finding]:
    """Return every finding of the analysis of a launch, worst first."""
    return finished(judging_launch(results))


def judging_launch(results: LaunchResults) -> Steps[list[Finding]]:
    """Return what `judge_launch` does, in steps."""
    groups = (
        _assumed(results),
        _decision(results),
        _recommendations(results),
        _criteria(results),
        _rules(results),
        _flips(results),
        evidence_findings(results),
        item_findings(results),
        remedy_findings(results),
        plan_findings(results),
        name_findings(results),
        outcome_findings(results),
        register_findings(results),
        security_findings(results),
        document_findings(results),
        training_findings(results),
        target_findings(results),
    )
    found = yield from gathered(groups)
    return ranked(observed(found, results.known.inputs.as_of))


def _assumed(results: LaunchResults) -> Iterator[Finding]:
    """Yield what is assumed: no evidence holds or contradicts it."""
    said = assumed_words(results)
    if not said:
        return
    words = f"Set for this report and checked against no evidence: {'; '.join(said)}. What "
    words += f"follows holds only if it is so, the decision {results.gate.decision} too."
    yield finding(
        "assumed",
        "What is assumed, not shown",
        words,
        Severity.CRITICAL,
        Verdict.UNKNOWN,
        rows=len(said),
        table="criterion",
        source=PARAMETERS,
    )


def _decision(results: LaunchResults) -> Iterator[Finding]:
    if results.known.inputs.are_silent:
        yield finding(
            "decision",
            "No launch is decided",
            decision_words(results),
            Severity.INFO,
            Verdict.UNKNOWN,
            unit="GO",
            table="criterion",
            rows=0,
        )
        return
    gate, is_assumed = results.gate, results.assumed.is_anything
    verdict, severity = Verdict.HOLDS, Severity.INFO
    if gate.decision == GO and is_assumed:
        verdict, severity = Verdict.UNKNOWN, Severity.CRITICAL
    if gate.decision != GO:
        verdict = Verdict.CONTRADICTS if gate.is_certain else Verdict.UNKNOWN
        severity = Severity.CRITICAL
    yield finding(
        "decision",
        f"The decision is {decided_words(results)}",
        decision_words(results),
        severity,
        verdict,
        value=None if is_assumed and gate.decision == GO else int(gate.decision == GO),
        unit="GO",
        table="criterion",
        rows=len(results.judged),
        source=gate.rules.source,
    )


def _recommendations(results: LaunchResults) -> Iterator[Finding]:
    rows = [
        row
        for claim_id, row in results.stated.rows.items()
        if claim_id.startswith("ready.recommendation") and row["stated_value"] is not None
    ]
    if not rows:
        return
    said = {row["stated_value"] for row in rows}
    words = " ".join(f"{row['source']}: “{row['statement']}”." for row in rows)
    yield finding(
        "recommendations",
        "What the document recommends",
        f"{words} Recomputed, it is {decided_words(results)}.",
        Severity.CRITICAL if len(said) > 1 else Severity.INFO,
        Verdict.CONTRADICTS if len(said) > 1 else Verdict.HOLDS,
        rows=len(rows),
        source=sources(row["source"] for row in rows),
    )


def _criteria(results: LaunchResults) -> Iterator[Finding]:
    for one in results.judged:
        row = one.criterion.row
        verdict, severity = _verdict(one)
        yield finding(
            f"criterion.{one.criterion.criterion_id}",
            one.criterion.name,
            _criterion_words(results, one),
            severity,
            verdict,
            value=None if verdict is Verdict.UNKNOWN else _open(one),
            unit=row["unit"] or "1",
            expected=one.claimed,
            table="criterion",
            source=sources([row["source"], *(look.row["source"] for look in one.looks)]),
        )


def _verdict(one: Judged) -> tuple[Verdict, Severity]:
    """Return whether the claimed figure holds, and what it means for the launch."""
    band, claimed = one.standing.band, one.claimed_band
    if one.measure.is_assumed:
        return Verdict.UNKNOWN, Severity.HIGH
    if band == UNKNOWN:
        return Verdict.UNKNOWN, Severity.CRITICAL if claimed == PASS else Severity.HIGH
    best = _open(one)
    if one.measure.risks and best is not None:
        band = one.criterion.band(best)
    if claimed and claimed != band:
        return Verdict.CONTRADICTS, Severity.CRITICAL
    verdict = Verdict.HOLDS
    if one.claimed is not None and best != one.claimed:
        verdict = Verdict.CONTRADICTS
    return verdict, Severity.INFO if band == PASS else Severity.HIGH


def _open(one: Judged) -> Decimal | None:
    """Return the figure that a claim is of: what is open, waived or not."""
    best = _best(one)
    return None if best is None else best + one.measure.risks


def _best(one: Judged) -> Decimal | None:
    """Return the better end of the figure."""
    is_falling = one.criterion.row["compared_as"] in ("at most", "less than")
    return one.measure.low if is_falling else one.measure.high


def _criterion_words(results: LaunchResults, one: Judged) -> str:
    unit = str(one.criterion.row["unit"])
    words = f"{first_upper(one.standing.band)}. "
    moved = moved_words(one.criterion, results)
    words += f"By bounds that are assumed: {moved}. " if moved else ""
    if one.measure.is_assumed:
        seen = measure_words(one.seen, unit)
        note = f" ({one.seen.note})" if one.seen.note else ""
        words += f"Assumed: {span_words(one)}, in place of {seen}{note}. "
    if one.claimed is not None:
        words += f"Claimed: {figure(one.claimed, unit)} ({one.claimed_band}). "
    if one.measure.is_computed:
        note = f" ({one.measure.note})" if one.measure.note else ""
        words += f"Recomputed: {span_words(one)}{note}. "
    if one.standing.reasons and not one.measure.is_assumed:
        said = "The evidence cannot show it" if one.standing.band == UNKNOWN else "Besides"
        words += f"{said}: {'; '.join(one.standing.reasons)}. "
    return words.strip()


def _rules(results: LaunchResults) -> Iterator[Finding]:
    for name, found in results.lints.items():
        yield finding(
            f"rules.{slug(name)}",
            f"Rules “{name}”: every state tried",
            _lint_words(results, found),
            Severity.INFO if found.is_clean else Severity.HIGH,
            _of_rules(found),
            value=found.counts.get(UNDEFINED, 0) + found.counts.get(CONFLICT, 0)
            if found.is_tried
            else None,
            unit="states",
            expected=0,
            table="decision_rule",
            source=results.rule_sets[name].source,
        )
    yield from _disagreements(results)


def _disagreements(results: LaunchResults) -> Iterator[Finding]:
    for one in results.disagreements:
        parts = [f"{counted(n, 'time')} {a} against {b}" for (a, b), n in one.pairs.items()]
        words = f"“{one.one}” and “{one.other}” decide differently in "
        words += f"{counted(one.states, 'state')}"
        words += f": {listed(parts)}." if parts else "."
        yield finding(
            f"rules.{slug(one.one)}_against_{slug(one.other)}",
            f"Rules “{one.one}” against “{one.other}”",
            words,
            Severity.HIGH if one.states else Severity.INFO,
            Verdict.CONTRADICTS if one.states else Verdict.HOLDS,
            value=one.states,
            unit="states",
            expected=0,
            table="decision_rule",
            rows=2,
        )


def _of_rules(found: Lint) -> Verdict:
    if found.is_clean:
        return Verdict.HOLDS
    return Verdict.CONTRADICTS if found.is_tried else Verdict.UNKNOWN


def _lint_words(results: LaunchResults, found: Lint) -> str:
    parts = [f"{count(n)} {decision}" for decision, n in sorted(found.counts.items())]
    words = f"Of {count(found.states)} states that the criteria can be in: {listed(parts)}."
    if not found.is_tried:
        words = f"The criteria can be in {count(found.states)} states, more than the "
        words += f"{count(MOST_STATES)} that are tried: whether each has one decision is not known."
    if found.examples:
        first = {name: band for name, band in found.examples[0].items() if band != PASS}
        state = listed([f"{results.name(name)} {band}" for name, band in first.items()])
        words += " The first without exactly one decision: all pass"
        words += f" but {state}." if state else "."
    if found.left_out:
        words += f" No rule names {listed([results.name(name) for name in found.left_out])}."
    if found.unknown:
        words += f" It names what is no criterion: {listed(found.unknown)}."
    if found.vetoes:
        words += f" It is GO although {listed([results.name(n) for n in found.vetoes])} does not "
        words += "pass, which is a veto."
    return words


def _flips(results: LaunchResults) -> Iterator[Finding]:
    words = flip_words(results)
    if not words:
        return
    yield finding(
        "flip",
        "What flips the decision",
        words,
        Severity.HIGH,
        Verdict.CONTRADICTS,
        value=min(map(len, results.to_go)),
        unit="criteria",
        expected=min(map(len, results.claimed_to_go), default=None),
        table="criterion",
        rows=len(results.judged),
    )
