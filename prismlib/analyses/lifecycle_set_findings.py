"""Findings on the sets of lifecycle rules that are proposed: what each saves, and why not to apply.

A set that cannot be read or priced has its findings too: it is refused, or unknown, by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from prismlib.analyses.judging import counted, evidence, listed, severity_of_amount, usd
from prismlib.analyses.lifecycle import LifecycleResults
from prismlib.analyses.lifecycle_checks import HARMFUL, IN_SHORT, MS_PER_HOUR, S3_REFUSES
from prismlib.analyses.lifecycle_claims import MONTHS_PER_YEAR, NOTEBOOK
from prismlib.analyses.lifecycle_inputs import LifecycleInputs
from prismlib.analyses.lifecycle_proposals import JudgedRules, UnpricedRules
from prismlib.analyses.lifecycle_results import PolicyCase
from prismlib.analyses.lifecycle_syntax import WARNING
from prismlib.findings import Finding, Severity, Verdict, slug
from prismlib.formats import count
from prismlib.money import exact_sum
from prismlib.tables import records


def set_findings(inputs: LifecycleInputs, results: LifecycleResults) -> Iterator[Finding]:
    """Yield every finding on a proposed set of rules."""
    rows = {row["policy_name"]: row for row in records(results.outcomes)}
    known: list[JudgedRules] = [*results.cases, *results.unpriced]
    for rules, short in zip(known, _slugs([one.name for one in known]), strict=True):
        if isinstance(rules, PolicyCase):
            yield _net(results, rules, rows[rules.name], short)
        elif isinstance(rules, UnpricedRules) and rules.reason:
            yield _not_priced(rules, short)
        for name in dict.fromkeys(check.check_name for check in rules.refusals):
            yield _refusal(inputs, results, rules, name, short)
        yield from _warnings(rules, short)
    yield from _elsewhere(inputs, results)


def _slugs(names: list[str]) -> list[str]:
    """Return a part of an id for each name; names that give the same one are numbered."""
    shorts = [slug(name) for name in names]
    earlier = [shorts[:number].count(short) for number, short in enumerate(shorts)]
    return [
        f"{short}_{number + 1}" if number else short
        for short, number in zip(shorts, earlier, strict=True)
    ]


def _net(results: LifecycleResults, case: PolicyCase, row: dict[str, Any], short: str) -> Finding:
    """Return what a set of rules saves in its first year, beside what prices alone claim."""
    year = row["first_year_effect"]
    claim = None if row["flat_effect"] is None else row["flat_effect"] * MONTHS_PER_YEAR
    words = f"In the first year it would save {usd(year)} net"
    if year < 0:
        words = f"In the first year it would cost {usd(-year)} more than it saves"
    if claim is not None:
        words += f"; a table of prices for a GB claims {usd(claim)}"
    words += f". Over {count(len(case.simulation.monthly_costs))} months: "
    words += f"{usd(row['whole_effect'])}{split_words(row)}."
    verdict = Verdict.UNKNOWN
    if not case.is_allowed:
        words += " It must not be applied."
        verdict = Verdict.CONTRADICTS
    elif row["whole_effect"] <= 0:
        words += " Do not apply it."
        verdict = Verdict.CONTRADICTS
    return Finding(
        id=f"lifecycle.net.{short}",
        notebook=NOTEBOOK,
        title=f"{case.name}: net saving of the first year",
        statement=words,
        severity=severity_of_amount(year / MONTHS_PER_YEAR),
        verdict=verdict,
        value=year,
        unit=results.currency,
        expected=claim,
        evidence=evidence("policy_month", MONTHS_PER_YEAR, case.source),
    )


def split_words(row: dict[str, Any]) -> str:
    """Return which part of what is saved over all months comes from deleting; empty if none."""
    if not row["deleting_effect"]:
        return ""
    return f", {usd(row['moving_effect'])} by moving and {usd(row['deleting_effect'])} by deleting"


def _not_priced(rules: UnpricedRules, short: str) -> Finding:
    return Finding(
        id=f"lifecycle.net.{short}",
        notebook=NOTEBOOK,
        title=f"{rules.name}: net saving of the first year",
        statement=f"It cannot be computed. {rules.reason}",
        severity=Severity.MEDIUM,
        verdict=Verdict.UNKNOWN,
        evidence=evidence("object_cohort", 0, rules.source),
    )


def _refusal(
    inputs: LifecycleInputs,
    results: LifecycleResults,
    rules: JudgedRules,
    check_name: str,
    short: str,
) -> Finding:
    """Return why a set of rules must not be applied, with the figure that shows it."""
    checks = [check for check in rules.refusals if check.check_name == check_name]
    value, unit, expected = _shown(inputs, results, rules, check_name)
    return Finding(
        id=f"lifecycle.{check_name}.{short}",
        notebook=NOTEBOOK,
        title=f"Refused: {IN_SHORT.get(check_name, S3_REFUSES)}",
        statement=" ".join([f"Do not apply “{rules.name}”.", *(c.statement for c in checks)]),
        severity=Severity.CRITICAL if check_name in HARMFUL else Severity.MEDIUM,
        verdict=Verdict.CONTRADICTS,
        value=value,
        unit=unit,
        expected=expected,
        evidence=evidence("policy_check", len(checks), rules.source, checks[0].source),
    )


def _shown(
    inputs: LifecycleInputs, results: LifecycleResults, rules: JudgedRules, check_name: str
) -> tuple[Decimal | None, str, Decimal | None]:
    """Return value, unit and expected value of a refusal: GB deleted, or the time of a restore."""
    if check_name == "deletes_live" and isinstance(rules, PolicyCase):
        removed = exact_sum(rules.simulation.flow["removed_bytes"])
        return removed / results.terms.bytes_per_gb, "GB", Decimal(0)
    if check_name == "breaks_slo" and results.checked is not None and rules.policy is not None:
        named = {move.storage_class for rule in rules.policy.rules for move in rule.transitions}
        times = [results.checked.restore_row(name) for name in sorted(named)]
        waits = [row["low_hours"] * MS_PER_HOUR for row in times if row and row["low_hours"]]
        targets = [need["read_slo_ms"] for need in records(results.checked.needs)]
        known = [target for target in targets if target is not None]
        return min(waits, default=None), "ms", min(known, default=None)
    return None, "1", None


def _warnings(rules: JudgedRules, short: str) -> Iterator[Finding]:
    found = [check for check in rules.checks if check.outcome == WARNING]
    if found:
        yield Finding(
            id=f"lifecycle.warnings.{short}",
            notebook=NOTEBOOK,
            title=f"{rules.name}: to be looked at before it is applied",
            statement=" ".join(check.statement for check in found),
            severity=Severity.MEDIUM,
            verdict=Verdict.UNKNOWN,
            value=Decimal(len(found)),
            evidence=evidence("policy_check", len(found), rules.source),
        )


def _elsewhere(inputs: LifecycleInputs, results: LifecycleResults) -> Iterator[Finding]:
    """Yield which sets were not looked at, because they are for another bucket."""
    for rules, short in zip(
        results.astray, _slugs([one.name for one in results.astray]), strict=True
    ):
        yield Finding(
            id=f"lifecycle.astray.{short}",
            notebook=NOTEBOOK,
            title=f"{rules.name}: its bucket is not in the data",
            statement=f"It is for the bucket {rules.bucket_name}, of which the snapshot holds "
            "neither objects nor bytes nor settings: it was not looked at. Correct the name of the "
            "bucket, or add its inventory.",
            severity=Severity.MEDIUM,
            verdict=Verdict.UNKNOWN,
            evidence=evidence("lifecycle_policy", 1, rules.source),
        )
    if results.others:
        names = listed([f"{one.name} ({one.bucket_name})" for one in results.others])
        number = counted(len(results.others), "set")
        yield Finding(
            id="lifecycle.other_buckets",
            notebook=NOTEBOOK,
            title="Rules for other buckets",
            statement=f"Not looked at: {number} of rules for other buckets, {names}. The parameter "
            "bucket picks the bucket.",
            severity=Severity.LOW,
            verdict=Verdict.UNKNOWN,
            value=Decimal(len(results.others)),
            evidence=evidence("lifecycle_policy", len(results.others)),
        )
