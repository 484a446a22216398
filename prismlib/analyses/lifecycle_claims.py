"""Findings on what a document states of a bucket's cost and of what its rules would save.

Method: a stated cost of a class is bytes x its first price; the average over the life of an object
is the stated cost of each stage weighted by its days under the proposed rules. A stated figure
belongs to the rules of the same section of the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from prismlib.analyses.bucket_charges import STORAGE, Priced
from prismlib.analyses.bucket_rules import INTELLIGENT, STANDARD
from prismlib.analyses.judging import evidence, listed, severity_of_amount
from prismlib.analyses.lifecycle import LifecycleResults
from prismlib.analyses.lifecycle_economics import UNREAD_TIER
from prismlib.analyses.lifecycle_results import PolicyCase
from prismlib.findings import Finding, Severity, Verdict, judge
from prismlib.formats import money, percent
from prismlib.money import divide, exact_sum, percent_change, times
from prismlib.tables import records

NOTEBOOK = "lifecycle_savings"
MONTHS_PER_YEAR, MONTHS_PER_QUARTER, YEAR_DAYS = 12, 3, 365
TB_IN_TIB_GB = 1024
"""GB that a bill counts in a TB where it means TiB."""


def claim_findings(results: LifecycleResults) -> Iterator[Finding]:
    """Yield every finding on a stated cost or saving."""
    if results.book is None or results.baseline is None:
        return
    yield from _standard_cost(results)
    yield from _tiered_cost(results)
    stages = stated_stages(results)
    for claim_id, name in stages.items():
        yield from _class_cost(results, claim_id, name)
    case = claimed_case(results)
    if case is not None:
        yield from _average_cost(results, case, stages)
        yield from _first_quarter(results, case)
    yield from _stated_saving(results)
    yield from _savings_together(results)


def claimed_case(results: LifecycleResults) -> PolicyCase | None:
    """Return the proposed rules that the stated saving belongs to."""
    source = results.stated.source("cold_saving")
    return next((case for case in results.cases if source and case.source == source), None)


def stated_stages(results: LifecycleResults) -> dict[str, str]:
    """Return the claims on the cost of a class, with the class that the proposed rules name."""
    case = claimed_case(results)
    if case is None:
        return {}
    named = [move.storage_class for rule in case.policy.rules for move in rule.transitions]
    claims = ("cold_glacier_cost", "cold_deep_archive_cost")
    return {
        claim_id: name
        for claim_id, name in zip(claims, named, strict=False)
        if results.stated.value(claim_id) is not None
    }


def class_cost(results: LifecycleResults, storage_class: str, tier: str = "") -> Decimal | None:
    """Return the stated gigabytes at the first price of a class, a month."""
    gigabytes, book = results.stated.value("cold_tier_gb"), results.book
    priced = Priced(storage_class, STORAGE, tier)
    if gigabytes is None or book is None or priced not in book.prices:
        return None
    return times(gigabytes, book.prices[priced][0].usd)


def _standard_cost(results: LifecycleResults) -> Iterator[Finding]:
    claimed, cost = results.stated.value("cold_standard_cost"), class_cost(results, STANDARD)
    gigabytes = results.stated.value("cold_tier_gb")
    if claimed is None or cost is None or gigabytes is None:
        return
    verdict = judge(claimed, cost, decimals=results.stated.decimals("cold_standard_cost"))
    in_tib = divide(times(cost, Decimal(TB_IN_TIB_GB)), Decimal(1000))
    yield Finding(
        id="lifecycle.standard_cost",
        notebook=NOTEBOOK,
        title="Cost in Standard, at the first price",
        statement=f"At the first price of Standard a month costs {money(cost, decimals=2)}; stated "
        f"is {money(claimed)}. If the terabytes are binary, as bills count, it is {money(in_tib)}.",
        severity=Severity.INFO if verdict is Verdict.HOLDS else severity_of_amount(cost - claimed),
        verdict=verdict,
        value=cost,
        unit=results.currency,
        expected=claimed,
        evidence=evidence("claim", 2, results.stated.source("cold_standard_cost")),
    )


def _tiered_cost(results: LifecycleResults) -> Iterator[Finding]:
    claimed, baseline = results.stated.value("cold_standard_cost"), results.baseline
    if claimed is None or baseline is None:
        return
    cost = exact_sum(
        row["cost"]
        for row in baseline.rows
        if row["month_number"] == 1 and row["charge_name"] == STORAGE
    )
    verdict = judge(claimed, cost, decimals=results.stated.decimals("cold_standard_cost"))
    yield Finding(
        id="lifecycle.tiered_cost",
        notebook=NOTEBOOK,
        title="Cost in Standard, with its tiers",
        statement=f"Standard costs less from a quantity on: the same bytes cost "
        f"{money(cost, decimals=2)} a month, {money(claimed - cost, decimals=2)} less than stated.",
        severity=Severity.INFO if verdict is Verdict.HOLDS else Severity.LOW,
        verdict=verdict,
        value=cost,
        unit=results.currency,
        expected=claimed,
        evidence=evidence("bucket_charge", 1, results.stated.source("cold_standard_cost")),
    )


def _class_cost(results: LifecycleResults, claim_id: str, name: str) -> Iterator[Finding]:
    """Yield whether the stated cost is that of the class which the rules name, and its saving."""
    claimed, cost = results.stated.value(claim_id), class_cost(results, name)
    if claimed is None or cost is None:
        return
    decimals = results.stated.decimals(claim_id)
    title = results.facts.title(name)
    verdict = judge(claimed, cost, decimals=decimals)
    words = f"{title}, the class that the rules name, costs {money(cost, decimals=2)} a month"
    words += f"; stated is {money(claimed)}."
    others = _classes_at(results, claimed, decimals)
    if verdict is not Verdict.HOLDS and others:
        words += f" That is the price of {listed(others)}: the price of one class beside the "
        words += "name of another."
    short = claim_id.removeprefix("cold_").removesuffix("_cost")
    yield Finding(
        id=f"lifecycle.class_cost.{short}",
        notebook=NOTEBOOK,
        title=f"Stated cost of {title}",
        statement=words,
        severity=Severity.INFO if verdict is Verdict.HOLDS else Severity.MEDIUM,
        verdict=verdict,
        value=cost,
        unit=results.currency,
        expected=claimed,
        evidence=evidence("storage_price", 1, results.stated.source(claim_id)),
    )
    yield from _class_pct(results, claim_id, short, title)


def _classes_at(results: LifecycleResults, claimed: Decimal, decimals: int | None) -> list[str]:
    """Return the names of the classes whose cost is the stated one."""
    costs = {name: class_cost(results, name) for name in results.facts.titles}
    return [
        results.facts.title(name)
        for name, cost in costs.items()
        if cost is not None and judge(claimed, cost, decimals=decimals) is Verdict.HOLDS
    ]


def _class_pct(
    results: LifecycleResults, claim_id: str, short: str, title: str
) -> Iterator[Finding]:
    pct_id = f"cold_{short}_pct"
    values = results.stated.values("cold_standard_cost", claim_id, pct_id)
    if values is None:
        return
    before, after, claimed = values
    change = percent_change(after, before)
    if change is None:
        return
    saved = -change
    verdict = judge(claimed, saved, decimals=results.stated.decimals(pct_id))
    yield Finding(
        id=f"lifecycle.class_pct.{short}",
        notebook=NOTEBOOK,
        title=f"Stated saving of {title} in percent",
        statement=f"From {money(before)} to {money(after)} is {percent(saved, 1, signed=False)} "
        f"less; stated is {percent(claimed, 0, signed=False)}.",
        severity=Severity.INFO if verdict is Verdict.HOLDS else Severity.MEDIUM,
        verdict=verdict,
        value=saved,
        unit="%",
        expected=claimed,
        evidence=evidence("claim", 3, results.stated.source(pct_id)),
    )


def stage_average(
    case: PolicyCase, costs: dict[str, Decimal], first_cost: Decimal, days: int
) -> Decimal | None:
    """Return the mean cost of a month over the first `days` of objects written together.

    Parameters
    ----------
    costs : dict of str to Decimal
        What all of them cost a month in each class that the rules name.
    first_cost : Decimal
        What they cost before their first move.
    days : int
        Days from the day they were written; nothing is paid once they are deleted.
    """
    rule = next((rule for rule in case.policy.rules if rule.transitions), None)
    if rule is None:
        return None
    end = min(days, rule.expiration_days or days)
    steps = [(0, first_cost)]
    for move in sorted(rule.transitions, key=lambda one: one.days or 0):
        if move.days is None or move.storage_class not in costs:
            return None
        steps.append((min(move.days, end), costs[move.storage_class]))
    ends = [*(start for start, _ in steps[1:]), end]
    parts = [cost * (stop - start) for (start, cost), stop in zip(steps, ends, strict=True)]
    return divide(exact_sum(parts), Decimal(days))


def _average_cost(
    results: LifecycleResults, case: PolicyCase, stages: dict[str, str]
) -> Iterator[Finding]:
    values = results.stated.values("cold_standard_cost", "cold_average_cost", *stages)
    if values is None or not stages:
        return
    (first, claimed, *later), costs = values, dict(zip(stages.values(), values[2:], strict=True))
    ends = (rule.expiration_days for rule in case.policy.rules if rule.expiration_days)
    life = stage_average(case, costs, first, next(ends, YEAR_DAYS))
    year = stage_average(case, costs, first, YEAR_DAYS)
    if life is None or year is None:
        return
    places = results.stated.decimals("cold_average_cost")
    is_either = Verdict.HOLDS in {judge(claimed, value, decimals=places) for value in (life, year)}
    verdict = Verdict.HOLDS if is_either else Verdict.NOT_REPRODUCIBLE
    words = f"Objects written together cost {money(life)} a month on average until the rules "
    words += f"delete them, and {money(year)} in their first year; stated is {money(claimed)}."
    share = divide(claimed - later[0], first - later[0])
    if verdict is not Verdict.HOLDS and share is not None and 0 <= share <= 1:
        kept = percent(share * 100, 1, signed=False)
        words += f" It takes {kept} of the bytes in Standard for ever, the rest moved once."
    yield Finding(
        id="lifecycle.average_cost",
        notebook=NOTEBOOK,
        title="Stated average cost",
        statement=words,
        severity=Severity.INFO if verdict is Verdict.HOLDS else Severity.MEDIUM,
        verdict=verdict,
        value=life,
        unit=results.currency,
        expected=claimed,
        evidence=evidence("claim", 2 + len(stages), results.stated.source("cold_average_cost")),
    )


def _first_quarter(results: LifecycleResults, case: PolicyCase) -> Iterator[Finding]:
    claimed = results.stated.value("cold_saving")
    rows = [row for row in records(results.outcomes) if row["policy_name"] == case.name]
    if claimed is None or not rows:
        return
    saved, expected = rows[0]["first_quarter_effect"], claimed * MONTHS_PER_QUARTER
    waits = min((m.days for r in case.policy.rules for m in r.transitions if m.days), default=0)
    holds = saved >= expected
    yield Finding(
        id="lifecycle.first_quarter",
        notebook=NOTEBOOK,
        title="What is saved in the first quarter",
        statement=f"{money(saved)} in the first three months, where {money(claimed)} a month would "
        f"be {money(expected)}: nothing is moved before it is {waits} days old.",
        severity=Severity.INFO if holds else Severity.MEDIUM,
        verdict=Verdict.HOLDS if holds else Verdict.CONTRADICTS,
        value=saved,
        unit=results.currency,
        expected=expected,
        evidence=evidence("policy_month", 3, results.stated.source("cold_saving")),
    )


def _stated_saving(results: LifecycleResults) -> Iterator[Finding]:
    values = results.stated.values("cold_standard_cost", "cold_average_cost", "cold_saving")
    if values is None:
        return
    before, after, claimed = values
    year = claimed * MONTHS_PER_YEAR
    decimals = results.stated.decimals("cold_saving")
    verdict = judge(claimed, before - after, decimals=decimals)
    words = f"{money(before)} less {money(after)} is {money(before - after)}; stated is "
    words += f"{money(claimed)}, {money(year)} in twelve months"
    stated_year = results.stated.value("cold_saving_year")
    if stated_year is not None:
        of_year = judge(stated_year, year, decimals=results.stated.decimals("cold_saving_year"))
        words += f" (stated {money(stated_year)})"
        verdict = verdict if of_year is Verdict.HOLDS else of_year
    yield Finding(
        id="lifecycle.stated_saving",
        notebook=NOTEBOOK,
        title="Stated saving, from its own parts",
        statement=words + ". The average that it rests on is judged apart.",
        severity=Severity.INFO if verdict is Verdict.HOLDS else Severity.MEDIUM,
        verdict=verdict,
        value=before - after,
        unit=results.currency,
        expected=claimed,
        evidence=evidence("claim", 4, results.stated.source("cold_saving")),
    )


def _savings_together(results: LifecycleResults) -> Iterator[Finding]:
    values = results.stated.values("cold_saving", "tiering_saving", "cold_standard_cost")
    if values is None:
        return
    rules, tiering, bill = values
    together = rules + tiering
    fits = together <= bill
    yield Finding(
        id="lifecycle.savings_together",
        notebook=NOTEBOOK,
        title="Two savings on the same bytes",
        statement=f"{money(rules)} by rules and {money(tiering)} by Intelligent-Tiering are "
        f"{money(together)} together, of a bill of {money(bill)}"
        + (
            "."
            if fits
            else ": a byte is in one class, so only one can be had. Intelligent-Tiering does not "
            "wait for the gap: objects can be written to it, or moved by a rule of their own."
        ),
        severity=Severity.INFO if fits else Severity.MEDIUM,
        verdict=Verdict.HOLDS if fits else Verdict.CONTRADICTS,
        value=together,
        unit=results.currency,
        expected=bill,
        evidence=evidence("claim", 3, results.stated.source("tiering_saving")),
    )
    yield from _tiering_saving(results, tiering)


def _tiering_saving(results: LifecycleResults, claimed: Decimal) -> Iterator[Finding]:
    """Yield what the stated saving of Intelligent-Tiering takes for granted."""
    standard = class_cost(results, STANDARD)
    tiers = [class_cost(results, INTELLIGENT, tier) for tier in ("infrequent", UNREAD_TIER)]
    if standard is None or tiers[0] is None or tiers[1] is None:
        return
    infrequent, unread = (standard - cost for cost in tiers if cost is not None)
    yield Finding(
        id="lifecycle.tiering_saving",
        notebook=NOTEBOOK,
        title="Stated saving of Intelligent-Tiering",
        statement=f"{money(claimed)} is what every byte saves in the infrequent tier "
        f"({money(infrequent, decimals=2)}); read every month it saves nothing, never read "
        f"{money(unread, decimals=2)}. How often objects are read would tell.",
        severity=severity_of_amount(claimed),
        verdict=Verdict.UNKNOWN,
        value=infrequent,
        unit=results.currency,
        expected=claimed,
        evidence=evidence("storage_price", 2, results.stated.source("tiering_saving")),
    )
