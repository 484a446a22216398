"""Every finding on lifecycle rules; here those on the bucket, the best rules and reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from prismlib.analyses.judging import counted, evidence, listed, severity_of_amount, usd
from prismlib.analyses.lifecycle import LifecycleResults
from prismlib.analyses.lifecycle_claims import MONTHS_PER_YEAR, NOTEBOOK, claim_findings
from prismlib.analyses.lifecycle_inputs import LifecycleInputs, LifecycleSettings
from prismlib.analyses.lifecycle_proposals import deletion_words
from prismlib.analyses.lifecycle_quantities import quantity_findings
from prismlib.analyses.lifecycle_results import BEST, PolicyCase
from prismlib.analyses.lifecycle_set_findings import set_findings
from prismlib.analyses.zone_model import as_decimal
from prismlib.findings import Finding, Severity, Verdict, observed, ranked
from prismlib.formats import count, money
from prismlib.tables import records

SHOWN_CLASS, SHOWN_MONTHS = "DEEP_ARCHIVE", 1
"""The move whose cost depends most on the size of objects."""


def judge_lifecycle(
    inputs: LifecycleInputs, settings: LifecycleSettings, results: LifecycleResults
) -> list[Finding]:
    """Return every finding of the analysis of lifecycle rules, worst first."""
    groups = (
        _nothing(results),
        set_findings(inputs, results),
        _best(results),
        _object_size(results),
        _reads(settings, results),
        claim_findings(results),
        quantity_findings(inputs, results),
    )
    provenance = "synthetic" if inputs.are_objects_synthetic else "measured"
    found = [finding for group in groups for finding in group]
    return ranked(observed((_labelled(f, provenance) for f in found), inputs.as_of))


def _labelled(finding: Finding, provenance: str) -> Finding:
    """Return the finding with what it rests on: only a claim is stated."""
    tables = {one.table for one in finding.evidence}
    is_stated = tables <= {"claim", "storage_price", "policy_check", "lifecycle_policy"}
    return finding if is_stated else replace(finding, provenance=provenance)


def _nothing(results: LifecycleResults) -> Iterator[Finding]:
    """Yield what doing nothing costs, or what is missing to know it."""
    held, baseline = results.held, results.baseline
    if held is None or baseline is None:
        yield _no_cost(results)
        return
    cost, months = baseline.monthly_costs[0], counted(len(baseline.monthly_costs), "month")
    gap = ""
    if held.unpriced:
        gap = f" What it holds in {listed(list(held.unpriced))} has no price here and is not in it:"
        gap += " the cost of the whole is unknown."
    yield Finding(
        id="lifecycle.month_cost",
        notebook=NOTEBOOK,
        title="Cost of the bucket as it is",
        statement=f"{held.name} costs {money(cost, results.currency, decimals=2)} in the first "
        f"month and {usd(baseline.total_cost)} in {months} if nothing is "
        f"changed.{gap}",
        severity=Severity.MEDIUM if gap else Severity.INFO,
        verdict=Verdict.UNKNOWN if gap or held.origin == "stated" else Verdict.HOLDS,
        value=None if gap else cost,
        unit=results.currency,
        evidence=evidence("object_cohort", len(held.objects)),
    )


def _no_cost(results: LifecycleResults) -> Finding:
    """Return what is missing to know what the bucket costs."""
    held = results.held
    remedy = "The parameter region names one whose prices are in the price table."
    if held is not None and held.unpriced:
        remedy = "A row of the price table and one of storage_class would tell."
    if held is None:
        remedy = "An S3 inventory, or the bytes of the bucket in CloudWatch, would tell."
    missing = listed(list(results.missing))
    return Finding(
        id="lifecycle.month_cost",
        notebook=NOTEBOOK,
        title="Cost of the bucket as it is",
        statement=f"It cannot be computed: {missing} not known. {remedy}",
        severity=Severity.MEDIUM,
        verdict=Verdict.UNKNOWN,
        evidence=evidence("object_cohort", 0),
    )


def _best(results: LifecycleResults) -> Iterator[Finding]:
    if results.baseline is None:
        return
    rows = [row for row in records(results.outcomes) if row["policy_name"] == BEST]
    words, value = "No allowed set of rules saves a percent of the cost: keep things.", None
    if results.best is not None and rows:
        value = rows[0]["first_year_effect"]
        words = f"{policy_words(results, results.best)} would save an estimated {usd(value)} in "
        words += f"the first year {reads_words(results)}, net of "
        words += f"{money(rows[0]['moving_cost'], results.currency, decimals=2)} for the move. "
        words += f"{deleted_words(results.best)} Reads"
        words += (
            " stay at milliseconds."
            if _is_immediate(results, results.best)
            else " may wait as long as their readers said."
        )
    yield Finding(
        id="lifecycle.best",
        notebook=NOTEBOOK,
        title="The best rules that are allowed",
        statement=words,
        severity=Severity.INFO if value is None else severity_of_amount(value / MONTHS_PER_YEAR),
        verdict=Verdict.UNKNOWN,
        value=value,
        unit=results.currency,
        evidence=evidence("policy_outcome", len(rows)),
    )


def deleted_words(best: PolicyCase) -> str:
    """Return what the best rules delete: what the rules of the bucket delete, and no more."""
    kept = deletion_words(best.policy)
    if not kept:
        return "It deletes nothing."
    return f"It deletes no more than the rules that the bucket has, which it keeps: {listed(kept)}."


def reads_words(results: LifecycleResults) -> str:
    """Return the rate of reads that a saving holds for."""
    rate = results.reads_per_month
    if not rate:
        return "if nothing is read"
    return f"at {count(rate)} reads of each object in 30 days"


def limit_words(results: LifecycleResults) -> str:
    """Return up to which rate of reads the best rules are the best, and from which they lose."""
    limits = results.limits
    if limits is None:
        return ""
    parts = []
    if limits.tiering_better is not None:
        parts.append(
            f"cheaper than Intelligent-Tiering below {rate_words(limits.tiering_better)}"
            if limits.tiering_better
            else "not cheaper than Intelligent-Tiering in the first year"
        )
    parts.append(
        "cheaper than now at every rate of reads that was tried"
        if limits.nothing_saved is None
        else f"cheaper than now below {rate_words(limits.nothing_saved)}"
    )
    return f"It is {listed(parts)} (reads of each object in 30 days)."


def rate_words(rate: Decimal) -> str:
    """Return a rate of reads to two decimals."""
    return count(round(rate, 2))


def _is_immediate(results: LifecycleResults, case: PolicyCase) -> bool:
    named = {move.storage_class for rule in case.policy.rules for move in rule.transitions}
    return not named & results.facts.restored


def policy_words(results: LifecycleResults, case: PolicyCase) -> str:
    """Return what a set of rules does: ``Standard-IA after 30 days (logs/)``."""
    places: dict[str, list[str]] = {}
    for rule in case.policy.rules:
        moves = [
            f"{results.facts.title(move.storage_class)} "
            + ("at once" if not move.days else f"after {counted(move.days, 'day')}")
            for move in rule.transitions
        ]
        size = rule.larger_than_bytes
        above = f" above {bytes_words(Decimal(size))}" if size is not None else ""
        if moves:
            places.setdefault(f"{', then '.join(moves)}{above}", []).append(rule.prefix)
    return listed([f"{what} ({listed(where)})" if any(where) else what
                   for what, where in places.items()])  # fmt: skip


def _object_size(results: LifecycleResults) -> Iterator[Finding]:
    """Yield the size of object from which the dearest move pays back in a month."""
    move, held = results.moves.get(SHOWN_CLASS), results.held
    if move is None or held is None:
        return
    size = move.break_even_bytes(SHOWN_MONTHS)
    rows = [row for row in records(results.move_cases) if row["storage_class"] == SHOWN_CLASS]
    costs = [
        f"{money(row['moving_cost'], results.currency, decimals=2)} in objects of "
        f"{bytes_words(Decimal(row['object_bytes']))}"
        for row in rows
        if row["object_bytes"] in (10**6, 10**8)
    ]
    words = f"To move the bucket to {results.facts.title(SHOWN_CLASS)} costs {listed(costs)}"
    words += (
        f"; it pays back within {counted(SHOWN_MONTHS, 'month')} from "
        f"{bytes_words(as_decimal(size))} on, and the mean object here has "
        f"{bytes_words(held.mean_bytes)}."
        if size is not None
        else "; at this rate of reads it never pays back."
    )
    yield Finding(
        id="lifecycle.break_even_size",
        notebook=NOTEBOOK,
        title="Size of object from which a move pays",
        statement=words,
        severity=Severity.INFO,
        verdict=Verdict.HOLDS,
        value=None if size is None else as_decimal(size),
        unit="bytes",
        evidence=evidence("break_even_size", 1),
    )


def bytes_words(size: Decimal) -> str:
    """Return a size in the largest decimal unit that it reaches: ``2.28 MB``."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{count(round(size / factor, 2))} {unit}"
    return f"{count(round(size))} bytes"


def _reads(settings: LifecycleSettings, results: LifecycleResults) -> Iterator[Finding]:
    """Yield up to which rate of reads the best rules keep what they promise."""
    if results.limits is None:
        return
    rate = count(round(settings.reads_per_month, 3))
    yield Finding(
        id="lifecycle.reads",
        notebook=NOTEBOOK,
        title="How often objects are read decides",
        statement=f"Taken are {rate} reads of each object in 30 days; S3 does not say how often "
        f"it is. {limit_words(results)} Server access logs, or S3 Storage Lens with its retrieval "
        "rate, would tell.",
        severity=Severity.MEDIUM,
        verdict=Verdict.UNKNOWN,
        value=results.limits.nothing_saved,
        unit="reads/month",
        evidence=evidence("read_case", len(results.reads)),
    )
