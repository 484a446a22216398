"""What each set of lifecycle rules saves net of its own charges, and whether it is allowed.

Method, in order:

1. choose the bucket and what is known of its objects (`lifecycle_bucket`);
2. simulate it month by month as it is (`bucket_simulation`): the cost of doing nothing;
3. check each proposed set of rules before it is priced (`lifecycle_checks`), then simulate it: what
   it saves is the difference of the two simulations, every charge included;
4. search for the cheapest set that is allowed (`lifecycle_search`);
5. solve for the size of object from which a move pays back (`lifecycle_economics`), and for the
   rate of reads up to which the best set is the best (`lifecycle_reads`);
6. set what a flat table of prices would have claimed beside it.

The first month simulated is the first calendar month after the snapshot, with the objects of the
snapshot, older by the days between: a rule begins to save at the earliest then. An object whose age
is not known is taken as new on its first day.

Known limits. How often objects are read is a setting: S3 does not say it of an object. Prices are
list prices of one region, without discounts, and stay as they are over the horizon.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import pandas as pd

from prismlib.analyses.bucket_charges import StorageBook, Terms
from prismlib.analyses.bucket_rules import STANDARD
from prismlib.analyses.bucket_simulation import Simulation
from prismlib.analyses.bucket_state import Horizon, calendar_months
from prismlib.analyses.judging import listed
from prismlib.analyses.lifecycle_basis import LifecycleBasis, gigabyte
from prismlib.analyses.lifecycle_bucket import HeldBucket, is_apart
from prismlib.analyses.lifecycle_checks import CheckedBucket, check_policy, check_tables
from prismlib.analyses.lifecycle_economics import (
    ObjectMove,
    break_even_sizes,
    move_cases,
    object_move,
)
from prismlib.analyses.lifecycle_inputs import LifecycleInputs, LifecycleSettings
from prismlib.analyses.lifecycle_model import BucketModel, usable_speed
from prismlib.analyses.lifecycle_policy import Policy, deletions, with_deletions_of
from prismlib.analyses.lifecycle_proposals import (
    NOT_APART,
    NOT_APART_WORDS,
    Proposal,
    UnpricedRules,
    held_names,
    proposals,
    without_price,
)
from prismlib.analyses.lifecycle_reads import ReadLimits, read_limits, read_table
from prismlib.analyses.lifecycle_results import (
    BEST,
    PolicyCase,
    bucket_content,
    effects,
    policy_charges,
    policy_months,
    policy_outcome,
)
from prismlib.analyses.lifecycle_search import SearchSpace, best_policy, kept_rules
from prismlib.analyses.lifecycle_syntax import Check, ClassFacts
from prismlib.analyses.stated import Stated
from prismlib.analyses.steps import Steps, finished
from prismlib.periods import Period
from prismlib.result_tables.lifecycle import (
    BREAK_EVEN_SIZE,
    BUCKET_CONTENT,
    MOVE_CASE,
    POLICY_CHARGE,
    POLICY_CHECK,
    POLICY_MONTH,
    POLICY_OUTCOME,
    READ_CASE,
)
from prismlib.tables import no_rows

OBJECT_SIZES = (10**5, 10**6, 10**8)
"""Sizes of object at which the cost of a move is shown beside that of the bucket's own mean."""


@dataclass(frozen=True)
class LifecycleResults:
    """Everything the notebook shows; tables are those of `prismlib.result_tables.lifecycle`.

    `held` is None when nothing is stored or the price list has no such region: `missing` says what
    is not known; then the tables are empty. `best` is None where nothing allowed saves money.
    `unpriced` are sets of rules whose saving cannot be computed, `astray` those for a bucket of
    which the snapshot holds nothing, `others` those for its other buckets.
    """

    stated: Stated
    held: HeldBucket | None
    missing: tuple[str, ...]
    facts: ClassFacts
    book: StorageBook | None = None
    model: BucketModel | None = None
    terms: Terms = field(default_factory=Terms)
    horizon: Horizon | None = None
    baseline: Simulation | None = None
    cases: tuple[PolicyCase, ...] = ()
    best: PolicyCase | None = None
    reads_per_month: Decimal = Decimal(0)
    limits: ReadLimits | None = None
    checked: CheckedBucket | None = None
    unpriced: tuple[UnpricedRules, ...] = ()
    astray: tuple[Proposal, ...] = ()
    others: tuple[Proposal, ...] = ()
    moves: dict[str, ObjectMove] = field(default_factory=dict)
    content: pd.DataFrame = field(default_factory=lambda: no_rows(BUCKET_CONTENT))
    checks: pd.DataFrame = field(default_factory=lambda: no_rows(POLICY_CHECK))
    months: pd.DataFrame = field(default_factory=lambda: no_rows(POLICY_MONTH))
    charges: pd.DataFrame = field(default_factory=lambda: no_rows(POLICY_CHARGE))
    outcomes: pd.DataFrame = field(default_factory=lambda: no_rows(POLICY_OUTCOME))
    move_cases: pd.DataFrame = field(default_factory=lambda: no_rows(MOVE_CASE))
    sizes: pd.DataFrame = field(default_factory=lambda: no_rows(BREAK_EVEN_SIZE))
    reads: pd.DataFrame = field(default_factory=lambda: no_rows(READ_CASE))

    @property
    def currency(self) -> str:
        """Return the currency of the prices."""
        return self.book.currency if self.book else "USD"

    @property
    def all_cases(self) -> tuple[PolicyCase, ...]:
        """Return the proposed sets of rules, then the best one."""
        return (*self.cases, *((self.best,) if self.best else ()))


def analyse_lifecycle(
    inputs: LifecycleInputs, settings: LifecycleSettings, basis: LifecycleBasis | None = None
) -> LifecycleResults:
    """Answer the question of this module; `basis` spares the tables from being read again.

    Raises
    ------
    ParameterError
        A setting names a bucket that is not there.
    SchemaError
        A row of the snapshot says what cannot be: bytes without objects, for one.
    """
    return finished(lifecycle_steps(basis or LifecycleBasis(inputs), settings))


def compare_policies(
    basis: LifecycleBasis, settings: LifecycleSettings, only: Collection[str] = ()
) -> LifecycleResults:
    """Return what the proposed sets of rules do, without the search for the best one.

    Parameters
    ----------
    only : collection of str, optional
        The names of those that are wanted; by default all.

    Raises
    ------
    ParameterError, SchemaError
        As for `analyse_lifecycle`.
    """
    (inputs, held), missing = basis.held(settings), []
    if held is None:
        missing.append("what is stored is")
    elif not held.region_id:
        missing.append("the region of the bucket is")
    elif held.unpriced and held.objects.empty:
        missing.append(f"a price of {listed(list(held.unpriced))} is")
    elif held.region_id not in set(inputs.prices["region_id"]):
        missing.append(f"prices of {held.region_id} are")
    known, given = held_names(inputs), proposals(inputs, minimum_size=settings.small_objects)
    apart = [one for one in given if held is None or one.bucket_name != held.name]
    results = LifecycleResults(
        basis.stated,
        held,
        tuple(missing),
        basis.facts,
        astray=tuple(one for one in apart if one.bucket_name not in known),
        others=tuple(one for one in apart if held is not None and one.bucket_name in known),
    )
    if missing:
        return results
    mine = [one for one in given if one not in apart and (not only or one.name in only)]
    return _compared(_modelled(results, basis, settings), inputs, mine)


def _modelled(
    results: LifecycleResults, basis: LifecycleBasis, settings: LifecycleSettings
) -> LifecycleResults:
    """Return the results with the bucket as it can be simulated."""
    held, inputs = results.held, basis.inputs
    assert held is not None
    book = basis.book(held.region_id)
    terms = Terms(
        bytes_per_gb=gigabyte(held, inputs, settings),
        restore_speed=usable_speed(held.rows, settings.restore_speed, inputs.limits),
        copy_days=settings.copy_days,
    )
    start = Period.month_of(inputs.as_of).end
    horizon = calendar_months(start, settings.months)
    model = BucketModel(held, settings, book, terms, horizon, (start - inputs.as_of).days)
    return replace(
        results,
        book=book,
        model=model,
        terms=terms,
        horizon=horizon,
        reads_per_month=settings.reads_per_month,
        baseline=model.run(held.policy),
    )


def _compared(
    results: LifecycleResults, inputs: LifecycleInputs, given: Sequence[Proposal]
) -> LifecycleResults:
    """Return the results with what the sets of rules that are given do."""
    model, baseline = results.model, results.baseline
    assert model is not None and baseline is not None
    checked = _checked(results, inputs)
    judged = [_judged(one, model, checked) for one in given]
    cases = tuple(one for one in judged if isinstance(one, PolicyCase))
    unpriced = tuple(one for one in judged if isinstance(one, UnpricedRules))
    return _tabled(replace(results, checked=checked, cases=cases, unpriced=unpriced))


def _tabled(results: LifecycleResults) -> LifecycleResults:
    """Return the results with the tables that compare sets of rules."""
    baseline, done = results.baseline, results.all_cases
    assert baseline is not None
    return replace(
        results,
        checks=check_tables((one.name, one.checks) for one in (*results.unpriced, *done)),
        months=policy_months(baseline, done),
        outcomes=policy_outcome(baseline, done, results.unpriced, results),
    )


def lifecycle_steps(basis: LifecycleBasis, settings: LifecycleSettings) -> Steps[LifecycleResults]:
    """Answer the question of this module in steps; otherwise as `analyse_lifecycle`."""
    results = compare_policies(basis, settings)
    yield
    model, checked, baseline = results.model, results.checked, results.baseline
    if model is None or checked is None or baseline is None:
        return results
    best = yield from _best_case(model, baseline, checked, settings)
    share = settings.returned_pct / 100
    moves = _moves(model.book, results.facts, model.terms, settings.reads_per_month, share)
    results = _tabled(replace(results, best=best))
    done = results.all_cases
    limits = None if best is None else (yield from read_limits(model, best.policy))
    reads = yield from read_table(model, done, results.currency)
    return replace(
        results,
        moves=moves,
        limits=limits,
        content=bucket_content(model.held.objects, results.facts, model.terms.bytes_per_gb),
        charges=policy_charges(baseline, done),
        reads=reads,
        move_cases=_move_cases(results, moves, model.book),
        sizes=break_even_sizes(moves, dict(results.facts.titles)),
    )


def _move_cases(
    results: LifecycleResults, moves: dict[str, ObjectMove], book: StorageBook
) -> pd.DataFrame:
    held = results.held
    assert held is not None
    sizes = sorted({*OBJECT_SIZES, max(1, round(held.mean_bytes))})
    return move_cases(
        moves,
        dict(results.facts.titles),
        size_bytes=held.size_bytes,
        object_sizes=sizes,
        small_bytes=book.rules.small_bytes,
        currency=book.currency,
    )


def _judged(
    proposal: Proposal, model: BucketModel, checked: CheckedBucket
) -> PolicyCase | UnpricedRules:
    """Return a proposed set of rules with what it does, or why that cannot be computed."""
    name = f"{proposal.name} (proposed)" if proposal.name == BEST else proposal.name
    policy = proposal.policy
    if policy is None:
        return UnpricedRules(name, proposal.source, None, (proposal.unreadable,))
    checks = tuple(check_policy(policy, checked))
    if lacking := without_price(policy, model.book):
        reason = f"A price of {listed(lacking)} in {model.held.region_id} would be needed."
        note = f"no price of {listed(lacking)}"
        return UnpricedRules(name, proposal.source, policy, checks, note, reason)
    if not is_apart(policy, model.held.objects):
        return UnpricedRules(name, proposal.source, policy, checks, NOT_APART, NOT_APART_WORDS)
    return _case(name, proposal.source, policy, model, checks)


def _case(
    name: str, source: str, policy: Policy, model: BucketModel, checks: Iterable[Check]
) -> PolicyCase:
    """Return a set of rules with what it does, and what its deletions alone do."""
    run, now = model.run(policy), model.held.policy
    moving = run
    if deletions(policy) != deletions(now):
        moving = model.run(with_deletions_of(policy, now))
    return PolicyCase(name, source, policy, tuple(checks), run, effects(moving, run))


def _best_case(
    model: BucketModel, baseline: Simulation, checked: CheckedBucket, settings: LifecycleSettings
) -> Steps[PolicyCase | None]:
    """Return the best allowed rules if they cost less than what is paid now."""
    bucket = model.bucket(settings.reads_per_month)
    found = yield from best_policy(bucket, _space(model, checked, settings))
    if found is None:
        return None
    checks = check_policy(found, checked)
    case = _case(BEST, "searched over the classes that readers allow", found, model, checks)
    return case if case.simulation.total_cost < baseline.total_cost else None


def _checked(results: LifecycleResults, inputs: LifecycleInputs) -> CheckedBucket:
    held, book = results.held, results.book
    assert held is not None and book is not None
    return CheckedBucket(
        facts=results.facts,
        restore_times=inputs.restore_times,
        needs=held.needs,
        objects=held.objects,
        versioning=held.versioning,
        small_bytes=book.rules.small_bytes,
        restore_speed=results.terms.restore_speed,
    )


def _space(model: BucketModel, checked: CheckedBucket, settings: LifecycleSettings) -> SearchSpace:
    share = settings.returned_pct / 100
    return SearchSpace(
        book=model.book,
        terms=model.terms,
        horizon=model.horizon,
        moves=_moves(model.book, checked.facts, model.terms, settings.reads_per_month, share),
        checked=checked,
        minimum_size=settings.small_objects,
        allow_one_zone=settings.allow_one_zone,
        retrieval_budget=settings.retrieval_budget_per_month or None,
        kept=kept_rules(model.held.policy),
    )


def _moves(
    book: StorageBook, facts: ClassFacts, terms: Terms, reads: Decimal, share: Decimal
) -> dict[str, ObjectMove]:
    """Return the move to each class but Standard, of a single object."""
    names = [name for name in facts.titles if name != STANDARD]
    return {name: object_move(book, name, terms, reads=reads, share=share) for name in names}
