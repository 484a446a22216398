"""The cheapest set of transitions that is allowed.

Method: for each prefix, every chain of one or two moves over the classes that its readers allow, at
each of a few ages, is simulated over the whole horizon, for all objects and for those above the
size from which its moves pay back; the one that costs least is taken. Of rules that cost
nearly the same, within MARGIN_PCT of what is paid now, the shortest is taken: no rule before one
move, one move before two. A chain that `lifecycle_checks` refuses is no candidate. A configuration
replaces the one that is there, so what its rules do besides moving current objects is kept;
nothing else is ever deleted. Prefixes that want the same rule and are the whole bucket get one.

With many cohorts, candidates are compared on ages in whole months; what the chosen rules save is
simulated on the cohorts as they are.

Known limits. Ages are those of AGES, so that a rule can be read and explained; chains of three
moves are not tried. Prefixes are searched one by one, the largest MAX_PREFIXES of them; what is
left of a prefix or of the bucket (it ends in ``*``) has no prefix of its own and stays as it is.
Noncurrent versions are left to their owners: how long to keep them is no question of cost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations
from typing import Any

from prismlib.analyses.bucket_charges import StorageBook, Terms
from prismlib.analyses.bucket_simulation import Simulation, simulate
from prismlib.analyses.bucket_state import CURRENT, Bucket, Cohort, Horizon
from prismlib.analyses.lifecycle_checks import (
    MS_PER_HOUR,
    REST,
    CheckedBucket,
    check_policy,
    is_refused,
    meets,
)
from prismlib.analyses.lifecycle_economics import ObjectMove, size_floor
from prismlib.analyses.lifecycle_policy import Policy, Rule, Transition
from prismlib.analyses.steps import Steps
from prismlib.tables import records

AGES = (0, 30, 60, 90, 180, 365)
"""Ages in days at which a move is tried; classes that demand more days are tried at theirs."""
MAX_PREFIXES = 20
READ_CHARGES = ("read_request", "retrieval", "retrieval_request", "restored_copy")
TOO_DEAR = Decimal("Infinity")
MANY_COHORTS, AGE_STEP_DAYS = 200, 30
MARGIN_PCT = 1
"""What a longer rule must save more than a shorter one, in percent of the cost without any."""
ONE_ZONE = "ONEZONE_IA"


@dataclass(frozen=True)
class SearchSpace:
    """What a search may choose from.

    Parameters
    ----------
    moves : dict of str to ObjectMove
        The classes, with what a single object saves there.
    minimum_size : str
        What holds for small objects.
    retrieval_budget : Decimal or None
        Most that reads of a prefix may cost in a month under a rule.
    kept : tuple of Rule
        Rules that the bucket has and that stay beside those found: see `kept_rules`.
    """

    book: StorageBook
    terms: Terms
    horizon: Horizon
    moves: dict[str, ObjectMove]
    checked: CheckedBucket
    minimum_size: str
    allow_one_zone: bool = False
    retrieval_budget: Decimal | None = None
    kept: tuple[Rule, ...] = ()


def kept_rules(policy: Policy | None) -> tuple[Rule, ...]:
    """Return what the rules of a bucket do besides moving current objects."""
    rules = () if policy is None else policy.rules
    still = (replace(rule, transitions=()) for rule in rules)
    return tuple(rule for rule in still if rule != Rule(
        rule.rule_id, rule.is_enabled, rule.prefix, rule.tags,
        rule.larger_than_bytes, rule.smaller_than_bytes,
    ))  # fmt: skip


def allowed_classes(prefix: str, space: SearchSpace) -> list[str]:
    """Return the classes that the readers of a prefix allow.

    A class that is restored first needs a reader who can wait for it: where nobody said so, it is
    not allowed.
    """
    needs = [n for n in records(space.checked.needs) if meets(prefix, n["prefix"])]
    return [
        name
        for name in space.moves
        if (space.allow_one_zone or name != ONE_ZONE)
        and (name not in space.checked.facts.restored or _can_wait(name, needs, space))
    ]


def _can_wait(name: str, needs: list[dict[str, Any]], space: SearchSpace) -> bool:
    hours = space.checked.restore_hours(name)
    targets = [need["read_slo_ms"] for need in needs]
    known = [target for target in targets if target is not None]
    return (
        hours is not None
        and bool(known)
        and len(known) == len(targets)
        and all(hours * MS_PER_HOUR <= target for target in known)
    )


def chains(classes: list[str], space: SearchSpace) -> Iterator[tuple[Transition, ...]]:
    """Yield every chain of one or two moves that S3 takes."""
    facts = space.checked.facts
    singles = [
        Transition(name, days)
        for name in classes
        for days in AGES
        if days >= facts.min_age_days.get(name, 0)
    ]
    yield from ((move,) for move in singles)
    for one, other in combinations(singles, 2):
        first, last = sorted((one, other), key=lambda move: move.days or 0)
        least = max(facts.min_age_days.get(first.storage_class, 0), 1)
        is_legal = (first.storage_class, last.storage_class) in facts.moves
        if is_legal and (last.days or 0) - (first.days or 0) >= least:
            yield (first, last)


def best_policy(bucket: Bucket, space: SearchSpace) -> Steps[Policy | None]:
    """Return, in steps, the allowed policy that costs least; None: keep things as they are.

    Parameters
    ----------
    bucket : Bucket
        Its objects, without rules.
    """
    sizes: dict[str, int] = {}
    for cohort in bucket.all_cohorts:
        if cohort.prefix.endswith(REST):
            continue
        sizes[cohort.prefix] = sizes.get(cohort.prefix, 0) + cohort.size_bytes
    largest = sorted(sizes, key=lambda prefix: (-sizes[prefix], prefix))[:MAX_PREFIXES]
    rules = []
    for prefix in sorted(largest):
        rule = yield from _best_rule(prefix, bucket, space)
        rules += [] if rule is None else [rule]
    prefixes = {cohort.prefix for cohort in bucket.all_cohorts}
    found = Policy(_for_all(rules, prefixes), space.minimum_size)
    if not rules or is_refused(check_policy(found, space.checked)):
        return None
    return replace(found, rules=(*found.rules, *space.kept))


def _for_all(rules: list[Rule], prefixes: set[str]) -> tuple[Rule, ...]:
    """Return one rule for the bucket where each prefix of it wants the same, else the rules."""
    same = {(rule.transitions, rule.larger_than_bytes) for rule in rules}
    if len(rules) < 2 or len(same) > 1 or {rule.prefix for rule in rules} != prefixes:
        return tuple(rules)
    return (replace(rules[0], rule_id=_rule_id("", rules[0].transitions), prefix=""),)


def _best_rule(prefix: str, bucket: Bucket, space: SearchSpace) -> Steps[Rule | None]:
    """Return the rule for a prefix that costs least; None when no rule does."""
    part = replace(
        bucket,
        cohorts=_coarse([c for c in bucket.cohorts if c.prefix == prefix and c.kind == CURRENT]),
        arrivals=tuple(a for a in bucket.arrivals if a.cohort.prefix == prefix),
    )

    def cost(rule: Rule | None) -> Decimal:
        policy = Policy((*space.kept, *([rule] if rule else [])), space.minimum_size)
        run = simulate(part, policy, space.horizon, space.book, space.terms)
        is_over = rule is not None and _is_over_budget(run, space.retrieval_budget)
        return TOO_DEAR if is_over else run.total_cost

    rules = [
        Rule(_rule_id(prefix, chain), prefix=prefix, transitions=chain)
        for chain in chains(allowed_classes(prefix, space), space)
    ]
    floored = [larger for rule in rules for larger in _floored(rule, part, space)]
    return (yield from _cheapest([None, *rules, *floored], cost))


def _is_over_budget(run: Simulation, budget: Decimal | None) -> bool:
    """Return whether reads cost more than the budget in any month."""
    if budget is None:
        return False
    months: dict[int, Decimal] = {}
    for row in run.rows:
        if row["charge_name"] in READ_CHARGES:
            number = row["month_number"]
            months[number] = months.get(number, Decimal(0)) + row["cost"]
    return any(cost > budget for cost in months.values())


def _coarse(cohorts: list[Cohort]) -> tuple[Cohort, ...]:
    """Return cohorts with ages in whole months if there are many: a simulation takes each age."""
    if len(cohorts) <= MANY_COHORTS:
        return tuple(cohorts)
    return tuple(
        replace(cohort, age_days=cohort.age_days // AGE_STEP_DAYS * AGE_STEP_DAYS)
        for cohort in cohorts
    )


def _cheapest(
    rules: list[Rule | None], cost: Callable[[Rule | None], Decimal]
) -> Steps[Rule | None]:
    """Return the shortest rule that costs least or nearly so; the first of `rules` is none."""
    costs = {}
    for rule in rules:
        costs[rule] = cost(rule)
        yield
    nearly = min(costs.values()) + costs[rules[0]] * MARGIN_PCT / 100
    close = [rule for rule in rules if costs[rule] <= nearly]
    return min(close, key=lambda rule: (_length(rule), costs[rule]))


def _length(rule: Rule | None) -> int:
    return 0 if rule is None else len(rule.transitions) + (rule.larger_than_bytes is not None)


def _floored(rule: Rule, bucket: Bucket, space: SearchSpace) -> Iterator[Rule]:
    """Yield the rule for objects above the size from which its moves pay back, if some are not."""
    months, least = len(space.horizon.month_days), space.checked.small_bytes
    floors = [
        size_floor(space.moves[move.storage_class], months, least) for move in rule.transitions
    ]
    floor = max((size for size in floors if size is not None), default=None)
    if floor and any(cohort.is_smaller_than(floor) for cohort in bucket.all_cohorts):
        yield replace(rule, larger_than_bytes=floor)


def _rule_id(prefix: str, chain: tuple[Transition, ...]) -> str:
    """Return a name that says what a rule does: ``partitions: GLACIER_IR after 30 days``."""
    where = prefix.rstrip("/") or "all"
    parts = [f"{move.storage_class} after {move.days} days" for move in chain]
    return f"{where}: {', '.join(parts)}"[:255]
