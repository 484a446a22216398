"""What lifecycle rules save as objects are read more often, and from when on it is nothing.

Method: the first year is simulated again at other rates of reads, every charge and every tier of
the prices included. The rate from which the best rules save nothing, and the one from which
Intelligent-Tiering at once would have cost less in their place, are solved by the rule of false
position between two rates of which one still saves: exact where the cost grows evenly with reads.

A rate counts reads in 30 days, so the year is one of twelve months of 30 days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

import pandas as pd

from prismlib.analyses.bucket_rules import INTELLIGENT
from prismlib.analyses.lifecycle_model import BucketModel
from prismlib.analyses.lifecycle_policy import Policy, Transition
from prismlib.analyses.lifecycle_results import PolicyCase, read_cases
from prismlib.analyses.steps import Steps, finished

READ_RATES = tuple(Decimal(text) for text in ("0", "0.1", "0.25", "0.5", "1", "2"))
"""Reads of each object in 30 days at which each set of rules is simulated again."""
MOST_READS = Decimal(64)
"""Reads in 30 days up to which a rate is looked for."""
RATE_STEP = Decimal("0.0001")
MOST_GUESSES = 20


@dataclass(frozen=True)
class ReadLimits:
    """Reads of each object in 30 days from which the best rules are not the best any more.

    Parameters
    ----------
    nothing_saved : Decimal or None
        From which on the first year saves nothing; None: at no rate up to MOST_READS.
    tiering_better : Decimal or None
        From which on Intelligent-Tiering at once costs less; None: at none, or it is what they use.
    """

    nothing_saved: Decimal | None
    tiering_better: Decimal | None


def read_table(
    model: BucketModel, cases: Iterable[PolicyCase], currency: str
) -> Steps[pd.DataFrame]:
    """Return, in steps, READ_CASE: what rules save in a year, at each rate of reads."""
    year, known = model.for_reads, list(cases)
    found = []
    for rate in sorted({*READ_RATES, model.settings.reads_per_month}):
        baseline = year.run(model.held.policy, rate)
        for case in known:
            yield
            found.append((case.name, rate, baseline, year.run(case.policy, rate)))
    return read_cases(found, currency)


def read_limits(model: BucketModel, best: Policy) -> Steps[ReadLimits]:
    """Return, in steps, the rates from which rules save nothing, and less than another class."""
    year = model.for_reads

    def saved(rate: Decimal) -> Decimal:
        return year.run(model.held.policy, rate).total_cost - year.run(best, rate).total_cost

    tiering = tiered(best)

    def ahead(rate: Decimal) -> Decimal:
        return year.run(tiering, rate).total_cost - year.run(best, rate).total_cost

    nothing_saved = yield from _crossing(saved)
    tiering_better = None if tiering == best else (yield from _crossing(ahead))
    return ReadLimits(nothing_saved, tiering_better)


def tiered(policy: Policy) -> Policy:
    """Return the rules with Intelligent-Tiering at once in the place of what they move to."""
    at_once = (Transition(INTELLIGENT, 0),)
    rules = tuple(
        replace(rule, transitions=at_once) if rule.transitions else rule for rule in policy.rules
    )
    return replace(policy, rules=rules)


def crossing(effect: Callable[[Decimal], Decimal]) -> Decimal | None:
    """Return the rate from which on an effect that falls with it is not above zero any more.

    None where it is above zero at every rate up to MOST_READS; to RATE_STEP exactly.
    """
    return finished(_crossing(effect))


def _crossing(effect: Callable[[Decimal], Decimal]) -> Steps[Decimal | None]:
    low, high = Decimal(0), Decimal(1)
    above, below = effect(low), effect(high)
    if above <= 0:
        return low
    while below > 0:
        if high >= MOST_READS:
            return None
        low, above, high = high, below, high * 2
        below = effect(high)
        yield
    for _ in range(MOST_GUESSES):
        guess = (low + (high - low) * above / (above - below)).quantize(RATE_STEP)
        if guess in (low, high):
            return guess
        value = effect(guess)
        yield
        if value > 0:
            low, above, below = guess, value, below / 2
        else:
            high, below, above = guess, value, above / 2
    return high
