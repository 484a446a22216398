"""Cohorts that fare alike under a policy, added up: what is simulated grows with their variety.

Method. Two cohorts fare alike if nothing that a rule or a class looks at tells them apart; of their
sizes only the limits count that the mean object is below. Data that comes every day is one lot.
"""

from __future__ import annotations

from collections.abc import Iterator

from prismlib.analyses.bucket_rules import ClassRules, Plan, plan_for
from prismlib.analyses.bucket_state import CURRENT, DAILY, NEVER_READ, Bucket, Cohort, Horizon
from prismlib.analyses.bucket_timeline import Lot
from prismlib.analyses.lifecycle_policy import Policy


def lots_of(
    bucket: Bucket, policy: Policy | None, horizon: Horizon, rules: ClassRules
) -> dict[Lot, tuple[int, int]]:
    """Return the lots of a bucket under a policy, with their objects and bytes."""
    limits = sorted({rules.small_bytes, *(c.min_billed_bytes for c in rules.classes.values())})
    plans = _Plans(policy, rules, horizon)
    lots: dict[Lot, tuple[int, int]] = {}
    for cohort, first, repeat in _comings(bucket, horizon, plans):
        lot = Lot(
            plan=plans.of(cohort),
            kind=cohort.kind,
            storage_class=cohort.storage_class,
            age_days=cohort.age_days,
            since_days=cohort.since_days,
            noncurrent_days=cohort.noncurrent_days,
            newer_versions=cohort.newer_versions,
            replaced_at_age=cohort.replaced_at_age,
            reads=cohort.reads if cohort.kind == CURRENT else NEVER_READ,
            below=tuple(limit for limit in limits if cohort.is_smaller_than(limit)),
            first_day=first or 0,
            repeat=repeat,
            is_new=first is not None,
        )
        objects, size = lots.get(lot, (0, 0))
        lots[lot] = (objects + cohort.object_count, size + cohort.size_bytes)
    return lots


def _comings(
    bucket: Bucket, horizon: Horizon, plans: _Plans
) -> Iterator[tuple[Cohort, int | None, int]]:
    """Yield cohorts, the first day on which they come (None: there already), and how often."""
    yield from ((cohort, None, 1) for cohort in bucket.cohorts)
    for arrival in bucket.arrivals:
        days = arrival.days(horizon)
        if days and arrival.every == DAILY and not plans.of(arrival.cohort).has_dates:
            yield arrival.cohort, days[0], len(days)
        else:
            yield from ((arrival.cohort, day, 1) for day in days)


class _Plans:
    """Plans by cohort, made once for all that the rules cannot tell apart."""

    def __init__(self, policy: Policy | None, rules: ClassRules, horizon: Horizon) -> None:
        self._policy, self._rules, self._horizon = policy, rules, horizon
        self._known: dict[tuple[object, ...], Plan] = {}
        bounds = {rules.small_bytes}
        for rule in policy.rules if policy else ():
            if rule.larger_than_bytes is not None:
                bounds.add(rule.larger_than_bytes)
            if rule.smaller_than_bytes is not None:
                bounds.add(rule.smaller_than_bytes)
        self._bounds = sorted(bounds)

    def of(self, cohort: Cohort) -> Plan:
        sizes = [
            (size > cohort.size_bytes) - (size < cohort.size_bytes)
            for size in (bound * cohort.object_count for bound in self._bounds)
        ]
        key = (cohort.kind, cohort.prefix, cohort.tags, *sizes)
        if key not in self._known:
            self._known[key] = plan_for(cohort, self._policy, self._rules, self._horizon)
        return self._known[key]
