"""What holds for every bucket and policy, and a second simulator that takes every day in turn."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal as D
from fractions import Fraction as F

from hypothesis import given
from hypothesis import strategies as st
from storage_case import BOOK, LIMITS, moves, run

from prismlib.analyses.bucket_reads import Reads
from prismlib.analyses.bucket_rules import plan_for
from prismlib.analyses.bucket_simulation import simulate
from prismlib.analyses.bucket_state import (
    NEVER_READ,
    Arrival,
    Bucket,
    Cohort,
    Horizon,
    ReadPattern,
    even_months,
)
from prismlib.analyses.bucket_usage import (
    BYTES,
    EARLY_DELETE,
    MINIMUM_SIZE,
    OBJECTS,
    REMOVED,
    TRANSITION,
    usage,
)
from prismlib.analyses.lifecycle_policy import (
    BY_CLASS,
    MINIMUM_SIZES,
    NoncurrentTransition,
    Policy,
    Rule,
    Transition,
)

CLASSES = list(BOOK.rules.classes)
DAYS = st.integers(0, 70)
MAYBE_DAYS = st.none() | DAYS
HORIZONS = st.lists(st.integers(20, 31), min_size=1, max_size=4).map(
    lambda days: Horizon(tuple(days))
)
RATES = st.sampled_from(["0", "0.05", "0.4", "1", "7", "30"]).map(D)
READS = st.builds(
    ReadPattern,
    st.dictionaries(DAYS, RATES, max_size=3).map(lambda steps: tuple(sorted(steps.items()))),
    st.sampled_from(["0.1", "0.75", "1"]).map(D),
    st.sampled_from(["0.01", "1"]).map(D),
)


@st.composite
def cohorts(draw, reads=READS):
    objects = draw(st.integers(1, 9))
    size = draw(st.sampled_from([0, 1, 40_000, 131_071, 131_072, 131_073, 5_000_000]))
    age = draw(st.integers(0, 60))
    kind = draw(st.sampled_from(["current", "current", "noncurrent", "upload"]))
    return Cohort(
        prefix=draw(st.sampled_from(["a/", "b/"])),
        storage_class=draw(st.sampled_from(CLASSES)),
        object_count=objects,
        size_bytes=objects * size,
        age_days=age,
        kind=kind,
        class_days=draw(st.none() | st.integers(0, age)),
        noncurrent_days=draw(st.integers(0, age)) if kind == "noncurrent" else 0,
        newer_versions=draw(st.none() | st.integers(0, 3)),
        reads=draw(reads),
        replaced_at_age=draw(st.none() | st.integers(1, 70)),
    )


TRANSITIONS = st.builds(Transition, st.sampled_from(CLASSES[1:]), DAYS)
OLD_TRANSITIONS = st.builds(
    NoncurrentTransition, st.sampled_from(CLASSES[1:]), DAYS, st.integers(0, 2)
)
RULES = st.builds(
    Rule,
    st.just("rule"),
    prefix=st.sampled_from(["", "a/", "b/"]),
    larger_than_bytes=st.none() | st.sampled_from([0, 40_000, 131_072]),
    smaller_than_bytes=st.none() | st.sampled_from([40_000, 131_072]),
    transitions=st.lists(TRANSITIONS, max_size=3).map(tuple),
    expiration_days=st.none() | st.integers(1, 70),
    noncurrent_transitions=st.lists(OLD_TRANSITIONS, max_size=2).map(tuple),
    noncurrent_expiration_days=MAYBE_DAYS,
    noncurrent_kept=st.integers(0, 2),
    abort_upload_days=MAYBE_DAYS,
)
POLICIES = st.builds(Policy, st.lists(RULES, max_size=3).map(tuple), st.sampled_from(MINIMUM_SIZES))


def arrivals(reads=READS):
    rhythm = st.sampled_from(["day", "month"])
    return st.builds(Arrival, cohorts(reads), rhythm, st.integers(0, 30), st.none() | DAYS)


def buckets(reads=READS):
    return st.builds(
        Bucket,
        st.lists(cohorts(reads), max_size=4).map(tuple),
        st.lists(arrivals(reads), max_size=2).map(tuple),
        st.booleans(),
        st.none() | st.integers(90, 95),
    )


# --- conservation and sums ------------------------------------------------------------------------


@given(buckets(), POLICIES, HORIZONS)
def test_bytes_neither_appear_nor_vanish(bucket, policy, horizon):
    found = simulate(bucket, policy, horizon, BOOK)
    held = sum(cohort.size_bytes for cohort in bucket.cohorts)
    for month in found.flow.itertuples():
        held += month.arrived_bytes - month.removed_bytes
        state = found.state[found.state["month_number"] == month.month_number]
        # Shares that no decimal holds are rounded at the 12th in the table.
        assert abs(state["size_bytes"].sum() - held) < D("1e-9")


@given(buckets(), POLICIES, HORIZONS)
def test_every_amount_is_positive_and_every_charge_is_its_parts(bucket, policy, horizon):
    found = simulate(bucket, policy, horizon, BOOK)
    for key in found.ledger.keys:
        assert min(found.ledger.daily(key)) >= 0
    for row in found.rows:
        assert abs(row["usage_quantity"] * row["usd"] - row["cost"]) < D("1e-11")
    assert sum(found.charges["cost"], D(0)) == found.total_cost == sum(found.monthly_costs)


@given(buckets(), POLICIES, st.integers(1, 3), st.integers(1, 2))
def test_months_do_not_depend_on_how_many_follow(bucket, policy, months, more):
    short, long = (simulate(bucket, policy, even_months(n), BOOK) for n in (months, months + more))
    assert long.monthly_costs[:months] == short.monthly_costs


# --- policies that do nothing ---------------------------------------------------------------------


@given(buckets(), RULES, HORIZONS)
def test_no_rules_are_no_policy(bucket, rule, horizon):
    alone = simulate(bucket, None, horizon, BOOK).rows
    idle = (Policy(), Policy((replace(rule, is_enabled=False), replace(rule, prefix="c/"))))
    for policy in idle:
        assert simulate(bucket, policy, horizon, BOOK).rows == alone


# --- how the bucket is cut ------------------------------------------------------------------------


@given(cohorts(), st.integers(1, 5), st.integers(1, 5), POLICIES, HORIZONS, st.booleans())
def test_splitting_a_cohort_changes_nothing(cohort, one, other, policy, horizon, is_versioned):
    def times(factor):
        return replace(
            cohort,
            object_count=cohort.object_count * factor,
            size_bytes=cohort.size_bytes * factor,
        )

    whole = Bucket((times(one + other),), is_versioned=is_versioned)
    parts = Bucket((times(one), times(other)), is_versioned=is_versioned)
    split = simulate(parts, policy, horizon, BOOK)
    assert split.rows == simulate(whole, policy, horizon, BOOK).rows


@given(buckets(), POLICIES, HORIZONS, st.randoms())
def test_order_changes_nothing(bucket, policy, horizon, random):
    shuffled = random.sample(bucket.cohorts, len(bucket.cohorts))
    other = replace(bucket, cohorts=tuple(shuffled), arrivals=bucket.arrivals[::-1])
    rules = tuple(random.sample(policy.rules, len(policy.rules)))
    one = simulate(bucket, policy, horizon, BOOK)
    two = simulate(other, replace(policy, rules=rules), horizon, BOOK)
    assert one.rows == two.rows


@given(arrivals(), POLICIES, HORIZONS, st.booleans())
def test_data_that_comes_daily_is_that_of_single_days(arrival, policy, horizon, is_versioned):
    single = tuple(
        replace(arrival, every="day", first_day=day, end_day=day + 1)
        for day in arrival.days(horizon)
    )
    one = simulate(Bucket((), (arrival,), is_versioned), policy, horizon, BOOK)
    two = simulate(Bucket((), single, is_versioned), policy, horizon, BOOK)
    assert one.rows == two.rows


# --- a second simulator ---------------------------------------------------------------------------


class Watched:
    """A cohort that is looked at every morning: no plans, no stays, no differences."""

    def __init__(self, cohort, first, policy, horizon, is_versioned, seen):
        self.cohort, self.first, self.seen = cohort, first, seen
        self.rules = [rule for rule in policy.rules if cohort.prefix.startswith(rule.prefix)]
        self.rules = [rule for rule in self.rules if self._fits(rule)]
        self.policy, self.is_versioned = policy, is_versioned
        self.kind, self.storage_class = cohort.kind, cohort.storage_class
        self.old_since = first - cohort.noncurrent_days if cohort.kind == "noncurrent" else None
        in_class = cohort.age_days if cohort.class_days is None else cohort.class_days
        self.since = first - in_class
        self.is_gone = False

    @property
    def mean(self):
        return F(self.cohort.size_bytes, self.cohort.object_count)

    def _fits(self, rule):
        larger, smaller = rule.larger_than_bytes, rule.smaller_than_bytes
        return (larger is None or self.mean > larger) and (smaller is None or self.mean < smaller)

    def _may_move(self, rule, target):
        if rule.larger_than_bytes is not None or rule.smaller_than_bytes is not None:
            return True
        if self.policy.minimum_size == BY_CLASS and target in ("GLACIER", "DEEP_ARCHIVE"):
            return True
        return self.mean >= LIMITS["small_object_bytes"]

    def _early(self, day):
        rule = BOOK.rules.classes[self.storage_class]
        least = max(self.mean, rule.min_billed_bytes) + rule.own_overhead_bytes
        left = max(0, self.since + rule.min_days - day)
        if self.kind != "upload":
            self.seen(EARLY_DELETE, self.storage_class, least * self.cohort.object_count * left)

    def _newer(self, day):
        newer = self.cohort.newer_versions or 0
        if self.cohort.kind == "current" and self.cohort.replaced_at_age is not None:
            newer = max(newer, (day - self.old_since) // self.cohort.replaced_at_age)
        return newer

    def _ends(self, day, age):
        """Return whether the objects are deleted this morning; they may become noncurrent."""
        if self.kind == "upload":
            return any(
                r.abort_upload_days is not None and age >= r.abort_upload_days for r in self.rules
            )
        if self.kind == "current":
            ends = [self.cohort.replaced_at_age, *(r.expiration_days for r in self.rules)]
            if any(end is not None and age >= end for end in ends):
                if not self.is_versioned:
                    return True
                self.kind, self.old_since = "noncurrent", day
        return self.kind == "noncurrent" and any(
            r.noncurrent_expiration_days is not None
            and day - self.old_since >= r.noncurrent_expiration_days
            and self._newer(day) >= r.noncurrent_kept
            for r in self.rules
        )

    def _due(self, day, age, was):
        for rule in self.rules:
            if was == "current":
                for move in rule.transitions:
                    if age >= move.days and self._may_move(rule, move.storage_class):
                        yield move.storage_class
            if self.kind == "noncurrent":
                for move in rule.noncurrent_transitions:
                    if (
                        day - self.old_since >= move.days
                        and self._newer(day) >= move.kept
                        and self._may_move(rule, move.storage_class)
                    ):
                        yield move.storage_class

    def morning(self, day):
        if self.is_gone or day < self.first:
            return
        age, was = self.cohort.age_days + day - self.first, self.kind
        if self._ends(day, age):
            self._early(day)
            self.seen(REMOVED, "", self.cohort.size_bytes)
            self.is_gone = True
            return
        # From each class only to what is colder; the coldest that is due.
        order = ["STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR"]
        order += ["GLACIER", "DEEP_ARCHIVE"]
        legal = [t for t in self._due(day, age, was) if (self.storage_class, t) in BOOK.rules.moves]
        if legal:
            self._early(day)
            self.storage_class, self.since = max(legal, key=order.index), day
            self.seen(TRANSITION, self.storage_class, self.cohort.object_count)
        self._count()

    def _count(self):
        size, rule = self.cohort.size_bytes, BOOK.rules.classes[self.storage_class]
        self.seen(BYTES, self.storage_class, size)
        self.seen(OBJECTS, self.storage_class, self.cohort.object_count)
        if self.kind != "upload":
            padded = max(size, rule.min_billed_bytes * self.cohort.object_count)
            self.seen(MINIMUM_SIZE, self.storage_class, padded - size)


@given(buckets(st.just(NEVER_READ)), POLICIES, HORIZONS)
def test_a_simulator_that_takes_every_day_in_turn_agrees(bucket, policy, horizon):
    expected = Counter()
    day = 0

    def seen(what, storage_class, amount):
        month = next(n for n, end in enumerate(horizon.starts[1:]) if day < end)
        expected[what, storage_class, month] += amount

    comings = [(cohort, 0) for cohort in bucket.cohorts]
    comings += [(a.cohort, first) for a in bucket.arrivals for first in a.days(horizon)]
    watched = [
        Watched(cohort, first, policy, horizon, bucket.is_versioned, seen)
        for cohort, first in comings
    ]
    for day in range(horizon.days):
        for cohort in watched:
            cohort.morning(day)
    ledger = usage(bucket, policy, horizon, BOOK.rules, copy_days=7)
    found = Counter()
    for entry in ledger.keys:
        if entry.what in (BYTES, OBJECTS, MINIMUM_SIZE, TRANSITION, EARLY_DELETE, REMOVED):
            for month, amount in enumerate(ledger.monthly(entry)):
                found[entry.what, entry.storage_class, month] += amount
    assert +found == +expected


# --- idle objects, one by one ---------------------------------------------------------------------

TURNS = st.dictionaries(st.integers(0, 80), st.integers(0, 12), max_size=4)


@given(TURNS, st.integers(1, 12), st.integers(1, 40), st.integers(0, 60))
def test_idle_shares_are_those_of_objects_read_in_turn(turns, touched, days, later):
    # 12 objects, of which `touched` are read one after the other, so many a day.
    steps = tuple((age, D(30 * n) / 12) for age, n in sorted(turns.items()))
    reads = Reads(ReadPattern(steps, D(1)), copy_days=7)
    reads.touched_share = F(touched, 12)
    start, end = days + later, days + later + 50
    last_read = [-1] * 12
    turn, idle = 0, []
    for age in range(end):
        now = [n for begin, n in sorted(turns.items()) if begin <= age]
        for _ in range(now[-1] if now else 0):
            last_read[turn % touched] = age
            turn += 1
        idle.append(F(sum(age - read >= days or read < 0 for read in last_read), 12))
    found = [
        share for first, until, share in reads.idle(start, end, days) for _ in range(first, until)
    ]
    assert found == idle[start:]


@given(READS, DAYS, st.integers(1, 60))
def test_rates_are_those_of_the_steps(reads, start, length):
    daily = {}
    for first, until, rate in Reads(reads, copy_days=7).rates(start, start + length):
        daily.update(dict.fromkeys(range(first, until), rate))
    for age in range(start, start + length):
        known = [rate for begin, rate in reads.steps if begin <= age]
        assert daily.get(age, 0) == F(known[-1] if known else 0) / 30


# --- plans ----------------------------------------------------------------------------------------


def test_the_earliest_expiry_counts():
    rules = (Rule("late", expiration_days=60), Rule("early", expiration_days=30))
    plan = plan_for(Cohort("a/", "STANDARD", 1, 1), Policy(rules), BOOK.rules, even_months(1))
    assert plan.expiry_age == 30


def test_arrivals_outside_the_horizon_never_come():
    arrival = Arrival(Cohort("a/", "STANDARD", 1, 10**9), first_day=30)
    found = run(Bucket((), (arrival,)), moves(("GLACIER_IR", 1)), months=1)
    assert found.rows == ()
    assert found.flow["arrived_bytes"].tolist() == [0]
