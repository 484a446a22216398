"""Every finding on lifecycle rules; here those on the bucket, on each set of rules and on reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from prismlib.analyses.judging import counted, evidence, listed, severity_of_amount
from prismlib.analyses.lifecycle import BEST, LifecycleResults, read_break_even
from prismlib.analyses.lifecycle_checks import HARMFUL, IN_SHORT, S3_REFUSES
from prismlib.analyses.lifecycle_claims import MONTHS_PER_YEAR, NOTEBOOK, claim_findings
from prismlib.analyses.lifecycle_inputs import LifecycleInputs, LifecycleSettings
from prismlib.analyses.lifecycle_quantities import quantity_findings
from prismlib.analyses.lifecycle_results import PolicyCase
from prismlib.analyses.lifecycle_syntax import WARNING
from prismlib.analyses.zone_model import as_decimal
from prismlib.findings import Finding, Severity, Verdict, observed, ranked, slug
from prismlib.formats import count, money
from prismlib.money import exact_sum
from prismlib.tables import records

SECONDS_PER_HOUR_MS = Decimal(3_600_000)
SHOWN_CLASS, SHOWN_MONTHS = "DEEP_ARCHIVE", 1
"""The move whose cost depends most on the size of objects."""


def judge_lifecycle(
    inputs: LifecycleInputs, settings: LifecycleSettings, results: LifecycleResults
) -> list[Finding]:
    """Return every finding of the analysis of lifecycle rules, worst first."""
    groups = (
        _nothing(results),
        _policies(inputs, results),
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
    is_stated = tables <= {"claim", "storage_price", "policy_check"}
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
        f"month and {money(baseline.total_cost, results.currency)} in {months} if nothing is "
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


def _policies(inputs: LifecycleInputs, results: LifecycleResults) -> Iterator[Finding]:
    rows = {row["policy_name"]: row for row in records(results.outcomes)}
    for case in results.cases:
        yield _net(results, case, rows[case.name])
        for check in case.refusals:
            yield _refusal(inputs, results, case, check.check_name)
        yield from _warnings(case)
    for name, source in results.unpriced:
        yield Finding(
            id=f"lifecycle.net.{slug(name)}",
            notebook=NOTEBOOK,
            title=f"{name}: net saving of the first year",
            statement="It cannot be computed: its rules are for a part of the bucket that is not "
            "told apart, by prefix or by tag. An S3 inventory would tell prefixes apart, not tags.",
            severity=Severity.MEDIUM,
            verdict=Verdict.UNKNOWN,
            evidence=evidence("object_cohort", 0, source),
        )


def _net(results: LifecycleResults, case: PolicyCase, row: dict[str, Any]) -> Finding:
    """Return what a set of rules saves in its first year, beside what prices alone claim."""
    year, currency = row["first_year_effect"], results.currency
    claim = None if row["flat_effect"] is None else row["flat_effect"] * MONTHS_PER_YEAR
    words = f"In the first year it would save {money(year, currency)} net"
    if year < 0:
        words = f"In the first year it would cost {money(-year, currency)} more than it saves"
    if claim is not None:
        words += f"; a table of prices for a GB claims {money(claim, currency)}"
    words += f". Over {count(len(case.simulation.monthly_costs))} months: "
    words += f"{money(row['whole_effect'], currency)}."
    verdict = Verdict.UNKNOWN
    if not case.is_allowed:
        words += " It must not be applied."
        verdict = Verdict.CONTRADICTS
    elif row["whole_effect"] <= 0:
        words += " Do not apply it."
        verdict = Verdict.CONTRADICTS
    return Finding(
        id=f"lifecycle.net.{slug(case.name)}",
        notebook=NOTEBOOK,
        title=f"{case.name}: net saving of the first year",
        statement=words,
        severity=severity_of_amount(year / MONTHS_PER_YEAR),
        verdict=verdict,
        value=year,
        unit=currency,
        expected=claim,
        evidence=evidence("policy_month", MONTHS_PER_YEAR, case.source),
    )


def _refusal(
    inputs: LifecycleInputs, results: LifecycleResults, case: PolicyCase, check_name: str
) -> Finding:
    """Return why a set of rules must not be applied, with the figure that shows it."""
    checks = [check for check in case.refusals if check.check_name == check_name]
    value, unit, expected = _shown(inputs, results, case, check_name)
    return Finding(
        id=f"lifecycle.{check_name}.{slug(case.name)}",
        notebook=NOTEBOOK,
        title=f"Refused: {IN_SHORT.get(check_name, S3_REFUSES)}",
        statement=" ".join([f"Do not apply “{case.name}”.", *(c.statement for c in checks)]),
        severity=Severity.CRITICAL if check_name in HARMFUL else Severity.MEDIUM,
        verdict=Verdict.CONTRADICTS,
        value=value,
        unit=unit,
        expected=expected,
        evidence=evidence("policy_check", len(checks), case.source, checks[0].source),
    )


def _shown(
    inputs: LifecycleInputs, results: LifecycleResults, case: PolicyCase, check_name: str
) -> tuple[Decimal | None, str, Decimal | None]:
    """Return value, unit and expected value of a refusal: GB deleted, or the time of a restore."""
    if check_name == "deletes_live":
        removed = exact_sum(case.simulation.flow["removed_bytes"])
        return removed / results.terms.bytes_per_gb, "GB", Decimal(0)
    if check_name == "breaks_slo" and results.held is not None:
        named = {move.storage_class for rule in case.policy.rules for move in rule.transitions}
        times = [
            row["low_hours"] * SECONDS_PER_HOUR_MS
            for row in records(inputs.restore_times)
            if row["storage_class"] in named and row["low_hours"]
        ]
        targets = [need["read_slo_ms"] for need in records(results.held.needs)]
        known = [target for target in targets if target is not None]
        return min(times, default=None), "ms", min(known, default=None)
    return None, "1", None


def _warnings(case: PolicyCase) -> Iterator[Finding]:
    found = [check for check in case.checks if check.outcome == WARNING]
    if found:
        yield Finding(
            id=f"lifecycle.warnings.{slug(case.name)}",
            notebook=NOTEBOOK,
            title=f"{case.name}: to be looked at before it is applied",
            statement=" ".join(check.statement for check in found),
            severity=Severity.MEDIUM,
            verdict=Verdict.UNKNOWN,
            value=Decimal(len(found)),
            evidence=evidence("policy_check", len(found), case.source),
        )


def _best(results: LifecycleResults) -> Iterator[Finding]:
    if results.baseline is None:
        return
    rows = [row for row in records(results.outcomes) if row["policy_name"] == BEST]
    words, value = "No allowed set of rules saves a percent of the cost: keep things.", None
    if results.best is not None and rows:
        value = rows[0]["first_year_effect"]
        words = f"{policy_words(results, results.best)} would save an estimated "
        words += f"{money(value, results.currency)} in the first year, net of "
        words += f"{money(rows[0]['moving_cost'], results.currency, decimals=2)} for the move, at "
        words += "the rate of reads that is set. It deletes nothing"
        words += (
            " and keeps every read at milliseconds."
            if _is_immediate(results, results.best)
            else "; reads may wait as long as their readers said."
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
    case = results.best
    if case is None or results.held is None:
        return
    most = read_break_even(results, case.last_class)
    title = results.facts.title(case.last_class)
    rate = count(round(settings.reads_per_month, 3))
    words = f"Taken are {rate} reads of each object in a month; S3 does not say how often it is. "
    words += (
        f"{title} charges nothing for a read at any rate."
        if most is None
        else f"{title} is dearer than Standard from {count(round(as_decimal(most), 2))} reads of "
        "each object on. Server access logs, or S3 Storage Lens with its retrieval rate, would "
        "tell."
    )
    yield Finding(
        id="lifecycle.reads",
        notebook=NOTEBOOK,
        title="How often objects are read decides",
        statement=words,
        severity=Severity.MEDIUM,
        verdict=Verdict.UNKNOWN,
        value=None if most is None else as_decimal(most),
        unit="reads/month",
        evidence=evidence("read_case", len(results.reads)),
    )
