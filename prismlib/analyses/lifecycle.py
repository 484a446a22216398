"""What each set of lifecycle rules saves net of its own charges, and whether it is allowed.

Method, in order:

1. choose the bucket and what is known of its objects (`lifecycle_bucket`);
2. simulate it month by month as it is (`bucket_simulation`): the cost of doing nothing;
3. check each proposed set of rules before it is priced (`lifecycle_checks`), then simulate it: what
   it saves is the difference of the two simulations, every charge included;
4. search for the cheapest set that is allowed (`lifecycle_search`);
5. solve for the size of object from which a move pays back, and for the rate of reads up to which
   a class is cheaper (`lifecycle_economics`); repeat the simulation at other rates of reads;
6. set what a flat table of prices would have claimed beside it.

The first month simulated is the first calendar month after the snapshot, with its objects as they
are in the snapshot: a rule begins to save at the earliest then.

Known limits. How often objects are read is a setting: S3 does not say it of an object. Prices are
list prices of one region, without discounts, and stay as they are over the horizon.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from prismlib.analyses.bucket_charges import StorageBook, Terms, storage_book
from prismlib.analyses.bucket_rules import STANDARD
from prismlib.analyses.bucket_simulation import Simulation, simulate
from prismlib.analyses.bucket_state import Bucket, Horizon, calendar_months
from prismlib.analyses.judging import listed
from prismlib.analyses.lifecycle_bucket import (
    INVENTORY,
    METRICS,
    HeldBucket,
    choose_bucket,
    is_apart,
    simulated_bucket,
)
from prismlib.analyses.lifecycle_checks import CheckedBucket, check_policy, check_table, is_refused
from prismlib.analyses.lifecycle_economics import (
    ObjectMove,
    break_even_sizes,
    move_cases,
    object_move,
)
from prismlib.analyses.lifecycle_inputs import LifecycleInputs, LifecycleSettings
from prismlib.analyses.lifecycle_policy import Policy, policy_of
from prismlib.analyses.lifecycle_results import (
    PolicyCase,
    bucket_content,
    policy_charges,
    policy_months,
    policy_outcome,
    read_cases,
)
from prismlib.analyses.lifecycle_search import SearchSpace, best_policy, kept_rules
from prismlib.analyses.lifecycle_syntax import ClassFacts
from prismlib.analyses.stated import Stated
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
from prismlib.tables import empty, records

BEST = "Best allowed"
OBJECT_SIZES = (10**5, 10**6, 10**8)
"""Sizes of object at which the cost of a move is shown beside that of the bucket's own mean."""
READ_RATES = tuple(Decimal(text) for text in ("0", "0.1", "0.25", "0.5", "1", "2"))
"""Reads of each object in 30 days at which each set of rules is simulated again."""


@dataclass(frozen=True)
class LifecycleResults:
    """Everything the notebook shows; tables are those of `prismlib.result_tables.lifecycle`.

    `held` is None when nothing is stored or the price list has no such region: `missing` says what
    is not known; then the tables are empty. `best` is None where nothing allowed saves money;
    `unpriced` are name and source of sets of rules for objects that are not told apart.
    """

    stated: Stated
    held: HeldBucket | None
    missing: tuple[str, ...]
    facts: ClassFacts
    book: StorageBook | None = None
    terms: Terms = field(default_factory=Terms)
    horizon: Horizon | None = None
    baseline: Simulation | None = None
    cases: tuple[PolicyCase, ...] = ()
    best: PolicyCase | None = None
    unpriced: tuple[tuple[str, str], ...] = ()
    moves: dict[str, ObjectMove] = field(default_factory=dict)
    content: pd.DataFrame = field(default_factory=lambda: empty(BUCKET_CONTENT))
    checks: pd.DataFrame = field(default_factory=lambda: empty(POLICY_CHECK))
    months: pd.DataFrame = field(default_factory=lambda: empty(POLICY_MONTH))
    charges: pd.DataFrame = field(default_factory=lambda: empty(POLICY_CHARGE))
    outcomes: pd.DataFrame = field(default_factory=lambda: empty(POLICY_OUTCOME))
    move_cases: pd.DataFrame = field(default_factory=lambda: empty(MOVE_CASE))
    sizes: pd.DataFrame = field(default_factory=lambda: empty(BREAK_EVEN_SIZE))
    reads: pd.DataFrame = field(default_factory=lambda: empty(READ_CASE))

    @property
    def currency(self) -> str:
        """Return the currency of the prices."""
        return self.book.currency if self.book else "USD"

    @property
    def all_cases(self) -> tuple[PolicyCase, ...]:
        """Return the proposed sets of rules, then the best one."""
        return (*self.cases, *((self.best,) if self.best else ()))


def analyse_lifecycle(inputs: LifecycleInputs, settings: LifecycleSettings) -> LifecycleResults:
    """Answer the question of this module.

    Raises
    ------
    ParameterError
        A setting names a bucket that is not there.
    SchemaError
        A set of rules is not of the shape that S3 documents.
    """
    stated = Stated.of(inputs.claim)
    held = choose_bucket(inputs, settings, stated)
    facts = ClassFacts.of(inputs.classes, inputs.moves)
    missing = []
    if held is None:
        missing.append("what is stored is")
    elif not held.region_id:
        missing.append("the region of the bucket is")
    elif held.unpriced and held.objects.empty:
        missing.append(f"a price of {listed(list(held.unpriced))} is")
    elif held.region_id not in set(inputs.prices["region_id"]):
        missing.append(f"prices of {held.region_id} are")
    results = LifecycleResults(stated, held, tuple(missing), facts)
    return results if missing else _priced(results, inputs, settings)


def _priced(
    results: LifecycleResults, inputs: LifecycleInputs, settings: LifecycleSettings
) -> LifecycleResults:
    """Return the results with everything that needs prices."""
    held = results.held
    assert held is not None
    book = storage_book(inputs.prices, inputs.classes, inputs.moves, inputs.limits, held.region_id)
    terms = Terms(
        bytes_per_gb=_gigabyte(held, inputs, settings),
        restore_speed=settings.restore_speed,
        copy_days=settings.copy_days,
    )
    share = settings.returned_pct / 100
    moves = {
        name: object_move(book, name, terms, reads=settings.reads_per_month, share=share)
        for name in results.facts.titles
        if name != STANDARD
    }
    start = Period.month_of(inputs.as_of).end
    results = replace(
        results,
        book=book,
        terms=terms,
        horizon=calendar_months(start, settings.months),
        moves=moves,
        content=bucket_content(held.objects, results.facts, terms.bytes_per_gb),
        move_cases=_move_cases(results, moves, book),
        sizes=break_even_sizes(moves, dict(results.facts.titles)),
    )
    return _simulated(results, inputs, settings)


def _gigabyte(held: HeldBucket, inputs: LifecycleInputs, settings: LifecycleSettings) -> int:
    """Return the bytes of a GB of the prices."""
    is_measured = held.origin in (INVENTORY, METRICS) and not inputs.are_objects_synthetic
    kind = settings.gigabyte
    if kind == "auto":
        kind = "binary" if is_measured else "decimal"
    return 2**30 if kind == "binary" else 10**9


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


@dataclass(frozen=True)
class _Model:
    """A bucket that can be simulated under any set of rules."""

    bucket: Bucket
    results: LifecycleResults

    def run(self, policy: Policy | None) -> Simulation:
        book, horizon = self.results.book, self.results.horizon
        assert book is not None and horizon is not None
        return simulate(self.bucket, policy, horizon, book, self.results.terms)


def _simulated(
    results: LifecycleResults, inputs: LifecycleInputs, settings: LifecycleSettings
) -> LifecycleResults:
    """Return the results with what every set of rules does."""
    held = results.held
    assert held is not None
    model = _model(results, settings, settings.reads_per_month)
    checked = _checked(results, inputs)
    baseline = model.run(held.policy)
    proposed = _proposed(held, inputs, settings)
    told = [(row, policy) for row, policy in proposed if is_apart(policy, held.objects)]
    names = ((row["policy_name"], row["source"]) for row, policy in proposed)
    cases = [_case(r["policy_name"], r["source"], policy, model, checked) for r, policy in told]
    best = _best_case(model, baseline, checked, settings)
    done = [*cases, *([best] if best else [])]
    return replace(
        results,
        baseline=baseline,
        cases=tuple(cases),
        best=best,
        unpriced=tuple(one for one in names if one[0] not in {case.name for case in cases}),
        checks=_joined(check_table(case.name, list(case.checks)) for case in done),
        months=policy_months(baseline, done),
        charges=policy_charges(baseline, done),
        outcomes=policy_outcome(baseline, done, results),
        reads=_reads(results, settings, done),
    )


def _best_case(
    model: _Model, baseline: Simulation, checked: CheckedBucket, settings: LifecycleSettings
) -> PolicyCase | None:
    """Return the best allowed rules if they cost less than what is paid now."""
    found = best_policy(model.bucket, _space(model.results, checked, settings))
    if found is None:
        return None
    case = _case(BEST, "searched over the classes that readers allow", found, model, checked)
    return case if case.simulation.total_cost < baseline.total_cost else None


def _joined(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else empty(POLICY_CHECK)


def _model(results: LifecycleResults, settings: LifecycleSettings, reads: Decimal) -> _Model:
    held = results.held
    assert held is not None
    gigabyte = results.terms.bytes_per_gb
    return _Model(simulated_bucket(held, settings, bytes_per_gb=gigabyte, reads=reads), results)


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
    )


def _space(
    results: LifecycleResults, checked: CheckedBucket, settings: LifecycleSettings
) -> SearchSpace:
    assert results.book is not None and results.horizon is not None
    return SearchSpace(
        book=results.book,
        terms=results.terms,
        horizon=results.horizon,
        moves=results.moves,
        checked=checked,
        minimum_size=settings.small_objects,
        restore_speed=settings.restore_speed,
        allow_one_zone=settings.allow_one_zone,
        retrieval_budget=settings.retrieval_budget_per_month or None,
        kept=kept_rules(None if results.held is None else results.held.policy),
    )


def _proposed(
    held: HeldBucket, inputs: LifecycleInputs, settings: LifecycleSettings
) -> list[tuple[dict[str, str], Policy]]:
    """Return the sets of rules that somebody proposes for the bucket."""
    rows = [] if inputs.lifecycle_policy is None else records(inputs.lifecycle_policy)
    return [
        (row, policy_of(row["lifecycle"], minimum_size=settings.small_objects))
        for row in rows
        if row["bucket_name"] == held.name
    ]


def _case(
    name: str, source: str, policy: Policy, model: _Model, checked: CheckedBucket
) -> PolicyCase:
    checks = check_policy(policy, checked)
    return PolicyCase(
        name, source, policy, tuple(checks), not is_refused(checks), model.run(policy)
    )


def _reads(
    results: LifecycleResults, settings: LifecycleSettings, cases: list[PolicyCase]
) -> pd.DataFrame:
    """Return READ_CASE: what each set of rules saves in a year at other rates of reads."""
    held, horizon = results.held, results.horizon
    assert held is not None and horizon is not None
    year = replace(results, horizon=Horizon(horizon.month_days[:12], horizon.start))
    found = []
    for rate in sorted({*READ_RATES, settings.reads_per_month}):
        model = _model(year, settings, rate)
        baseline = model.run(held.policy)
        found += [(case.name, rate, baseline, model.run(case.policy)) for case in cases]
    return read_cases(found, results.currency)


def read_break_even(results: LifecycleResults, storage_class: str) -> Fraction | None:
    """Return the reads a month above which objects of the mean size are dearer in a class."""
    held = results.held
    if held is None or storage_class not in results.moves:
        return None
    return results.moves[storage_class].break_even_reads(Fraction(held.mean_bytes))
