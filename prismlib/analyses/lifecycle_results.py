"""The tables of the lifecycle analysis, from the simulations of a bucket with and without rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import pandas as pd

from prismlib.analyses.bucket_charges import CHARGES, STORAGE, Priced
from prismlib.analyses.bucket_rules import INTELLIGENT, STANDARD
from prismlib.analyses.bucket_simulation import Simulation
from prismlib.analyses.lifecycle_checks import IN_SHORT, S3_REFUSES
from prismlib.analyses.lifecycle_economics import UNREAD_TIER
from prismlib.analyses.lifecycle_policy import Policy
from prismlib.analyses.lifecycle_proposals import JudgedRules, UnpricedRules
from prismlib.analyses.lifecycle_syntax import ClassFacts
from prismlib.money import exact_sum, times
from prismlib.result_tables.lifecycle import (
    BUCKET_CONTENT,
    POLICY_CHARGE,
    POLICY_MONTH,
    POLICY_OUTCOME,
    READ_CASE,
)
from prismlib.tables import make, records

if TYPE_CHECKING:
    from prismlib.analyses.lifecycle import LifecycleResults

QUARTER, YEAR = 3, 12
"""Months."""
TRANSITION = "transition"
BEST = "Best allowed"
DO, ALLOWED, DO_NOT, OPEN = "do", "allowed", "do not", "not decided"
"""A bucket has one set of rules: of those that may be applied, one is advised."""
UNDECIDED = {
    "deletes": "whether what it deletes is live is not known",
    "reads_wait": "whether readers can wait is not known",
}
"""Checks that leave open whether a set of rules may be applied."""


@dataclass(frozen=True)
class PolicyCase(JudgedRules):
    """A set of rules with what was found in it and what it does.

    `deleting` is what each month saves because the rules delete what the bucket's own do not (or
    costs, where they delete less); the rest of what they save comes from moving.
    """

    policy: Policy
    simulation: Simulation
    deleting: list[Decimal]

    @property
    def last_class(self) -> str:
        """Return the class that the rules move objects to last; Standard when they move none."""
        moves = [
            (one.days if one.days is not None else 0, one.storage_class)
            for rule in self.policy.rules
            if rule.is_enabled
            for one in rule.transitions
        ]
        return max(moves, default=(0, STANDARD), key=lambda move: move[0])[1]


def bucket_content(objects: pd.DataFrame, facts: ClassFacts, bytes_per_gb: int) -> pd.DataFrame:
    """Return BUCKET_CONTENT: what is stored, by kind of object and class."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in records(objects):
        groups.setdefault((row["object_kind"], row["storage_class"]), []).append(row)
    return make(
        BUCKET_CONTENT,
        (
            {
                "object_kind": kind,
                "storage_class": name,
                "class_title": facts.title(name),
                "stored_objects": exact_sum(row["stored_objects"] for row in rows),
                "size_bytes": (size := exact_sum(row["size_bytes"] for row in rows)),
                "stored_gb": size / bytes_per_gb,
            }
            for (kind, name), rows in sorted(groups.items())
        ),
    )


def effects(baseline: Simulation, other: Simulation) -> list[Decimal]:
    """Return what each month saves; negative is a loss."""
    pairs = zip(baseline.monthly_costs, other.monthly_costs, strict=True)
    return [exact_sum((before, -after)) for before, after in pairs]


def policy_months(baseline: Simulation, cases: Iterable[PolicyCase]) -> pd.DataFrame:
    """Return POLICY_MONTH for each set of rules."""
    horizon = baseline.ledger.horizon

    def rows() -> Iterator[dict[str, Any]]:
        for case in cases:
            saved = effects(baseline, case.simulation)
            summed = list(accumulate(saved, lambda one, more: exact_sum((one, more))))
            for month, (effect, deleting) in enumerate(zip(saved, case.deleting, strict=True)):
                yield {
                    "policy_name": case.name,
                    "month_number": month + 1,
                    "month_start": horizon.month_start(month),
                    "baseline_cost": baseline.monthly_costs[month],
                    "cost": case.simulation.monthly_costs[month],
                    "net_effect": effect,
                    "deleting_effect": deleting,
                    "cumulative_effect": summed[month],
                    "billing_currency": baseline.currency,
                }

    return make(POLICY_MONTH, rows())


def charges_of(simulation: Simulation) -> dict[str, Decimal]:
    """Return the cost of each charge over all months."""
    costs: dict[str, list[Decimal]] = {}
    for charge in simulation.found:
        costs.setdefault(charge.line.charge_name, []).append(charge.cost)
    return {name: exact_sum(parts) for name, parts in costs.items()}


def policy_charges(baseline: Simulation, cases: Iterable[PolicyCase]) -> pd.DataFrame:
    """Return POLICY_CHARGE: each charge over all months, with and without the rules."""
    before = charges_of(baseline)

    def rows() -> Iterator[dict[str, Any]]:
        for case in cases:
            after = charges_of(case.simulation)
            for name in CHARGES:
                if name in before or name in after:
                    old, new = before.get(name, Decimal(0)), after.get(name, Decimal(0))
                    yield {
                        "policy_name": case.name,
                        "charge_name": name,
                        "baseline_cost": old,
                        "cost": new,
                        "cost_change": exact_sum((new, -old)),
                        "billing_currency": baseline.currency,
                    }

    return make(POLICY_CHARGE, rows())


def policy_outcome(
    baseline: Simulation,
    cases: Iterable[PolicyCase],
    unpriced: Iterable[UnpricedRules],
    results: LifecycleResults,
) -> pd.DataFrame:
    """Return POLICY_OUTCOME: what each set of rules comes to, and whether it is advised.

    Of the sets that may be applied the one that saves most is advised: only one can be in place.
    """
    rows = [_outcome(baseline, case, results) for case in cases]
    may = [row for row in rows if row["advice"] == DO]
    most = max(may, key=lambda row: (row["whole_effect"], row["policy_name"] == BEST), default=None)
    for row in may:
        if most is not None and row is not most:
            row["advice"] = ALLOWED
            row["note"] = f"in place of {most['policy_name']}, which saves more"
    return make(POLICY_OUTCOME, [*(_unpriced(one, results) for one in unpriced), *rows])


def _unpriced(rules: UnpricedRules, results: LifecycleResults) -> dict[str, Any]:
    reasons = _reasons(rules)
    return {
        "policy_name": rules.name,
        "advice": DO_NOT if reasons else OPEN,
        "billing_currency": results.currency,
        "note": "; ".join([*reasons, *([rules.note] if rules.note else [])]),
        "source": rules.source,
    }


def _reasons(rules: JudgedRules) -> list[str]:
    """Return why a set of rules must not be applied, each in a few words."""
    names = [check.check_name for check in rules.refusals]
    return list(dict.fromkeys(IN_SHORT.get(name, S3_REFUSES) for name in names))


def _outcome(baseline: Simulation, case: PolicyCase, results: LifecycleResults) -> dict[str, Any]:
    saved = effects(baseline, case.simulation)
    whole, deleting = exact_sum(saved), exact_sum(case.deleting)
    reasons = _reasons(case)
    if whole <= 0:
        reasons.append("saves nothing")
    named = [check.check_name for check in case.checks]
    unknown = [words for name, words in UNDECIDED.items() if name in named]
    fees = charges_of(case.simulation).get(TRANSITION, Decimal(0))
    return {
        "policy_name": case.name,
        "advice": DO_NOT if reasons else OPEN if unknown else DO,
        "first_quarter_effect": exact_sum(saved[:QUARTER]),
        "first_year_effect": exact_sum(saved[:YEAR]),
        "whole_effect": whole,
        "moving_effect": exact_sum((whole, -deleting)),
        "deleting_effect": deleting,
        "last_month_effect": saved[-1],
        "flat_effect": flat_effect(results, case.last_class),
        "moving_cost": exact_sum((fees, -charges_of(baseline).get(TRANSITION, Decimal(0)))),
        "break_even_month": break_even_month(saved),
        "billing_currency": results.currency,
        "note": "; ".join(reasons or unknown),
        "source": case.source,
    }


def break_even_month(saved: Sequence[Decimal]) -> int | None:
    """Return the month from which on the sum of what is saved stays above zero, or None."""
    summed = list(accumulate(saved))
    last = next((n for n in range(len(summed), 0, -1) if summed[n - 1] <= 0), 0)
    return last + 1 if last < len(summed) else None


def flat_effect(results: LifecycleResults, storage_class: str) -> Decimal | None:
    """Return what a table of first prices for a GB claims that a month in a class saves."""
    book, held = results.book, results.held
    assert book is not None and held is not None
    tier = UNREAD_TIER if storage_class == INTELLIGENT else ""
    priced = Priced(storage_class, STORAGE, tier)
    if priced not in book.prices:
        return None
    difference = book.prices[Priced(STANDARD, STORAGE)][0].usd - book.prices[priced][0].usd
    return times(held.size_bytes / results.terms.bytes_per_gb, difference)


def read_cases(
    found: Iterable[tuple[str, Decimal, Simulation, Simulation]], currency: str
) -> pd.DataFrame:
    """Return READ_CASE from (policy, reads, simulation without rules, with them) of a year."""
    return make(
        READ_CASE,
        (
            {
                "policy_name": name,
                "object_reads": rate,
                "first_year_effect": exact_sum(effects(baseline, other)),
                "billing_currency": currency,
            }
            for name, rate, baseline, other in found
        ),
    )
