"""What a lifecycle policy does to a cohort, and what storage classes demand: rules, no prices.

Method. A rule acts on a cohort if it is enabled and its prefix, tags and sizes (of the mean object)
fit. Of several expiries the earliest counts. An object smaller than `ClassRules.small_bytes` is
moved only by a rule that filters by size or, where the policy's default varies by class, to classes
that are restored before a read.

Known limits. A rule for a part of a cohort's prefix is refused: what part it is cannot be known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from prismlib.analyses.bucket_state import UPLOAD, Cohort, Horizon
from prismlib.analyses.lifecycle_policy import BY_CLASS, Policy, Rule
from prismlib.errors import ParameterError

STANDARD, INTELLIGENT = "STANDARD", "INTELLIGENT_TIERING"


@dataclass(frozen=True)
class ClassRule:
    """What a storage class demands: days that are billed at least, sizes, bytes added [bytes]."""

    min_days: int = 0
    min_billed_bytes: int = 0
    own_overhead_bytes: int = 0
    standard_overhead_bytes: int = 0
    is_restored_first: bool = False


@dataclass(frozen=True)
class ClassRules:
    """The rules of all storage classes.

    Parameters
    ----------
    classes : dict of str to ClassRule
        The dearest to store in first.
    moves : set of (str, str)
        From which class a rule can move objects to which.
    small_bytes : int
        Below it the default of a policy, and Intelligent-Tiering, leave an object where it is.
    infrequent_after_days, instant_after_days : int
        Days without access after which Intelligent-Tiering moves an object down.
    """

    classes: Mapping[str, ClassRule]
    moves: frozenset[tuple[str, str]]
    small_bytes: int
    infrequent_after_days: int
    instant_after_days: int

    def of(self, storage_class: str) -> ClassRule:
        """Return the rule of a class; raises `ParameterError` for one that is not known."""
        if storage_class not in self.classes:
            known = ", ".join(sorted(self.classes))
            raise ParameterError("storage_class", storage_class, expected=f"one of {known}")
        return self.classes[storage_class]

    def coldest(self, now: str, targets: Iterable[str]) -> str | None:
        """Return to which of the classes due on a day an object goes; None if to none of them.

        S3 takes the cheaper of two: the one that more classes lead to, of equals the later here.
        """
        legal = [target for target in targets if (now, target) in self.moves]
        order = list(self.classes)
        return max(legal, key=lambda c: (self._sources(c), order.index(c)), default=None)

    def _sources(self, storage_class: str) -> int:
        return sum(target == storage_class for _, target in self.moves)


class Move(NamedTuple):
    """A transition of current versions, due at an age or from a day of the horizon on."""

    storage_class: str
    age: int | None
    day: int | None


class OldMove(NamedTuple):
    """What is due some days after a version was replaced if `kept` newer ones exist; "" deletes."""

    storage_class: str
    days: int
    kept: int


class Plan(NamedTuple):
    """All that a policy will do to the objects of a cohort."""

    moves: tuple[Move, ...] = ()
    expiry_age: int | None = None
    expiry_day: int | None = None
    old_moves: tuple[OldMove, ...] = ()
    abort_age: int | None = None

    @property
    def has_dates(self) -> bool:
        """Whether something is due on a day, so that what comes later fares otherwise."""
        return self.expiry_day is not None or any(move.day is not None for move in self.moves)


def applies(rule: Rule, cohort: Cohort) -> bool:
    """Return whether a rule acts on the objects of a cohort.

    Raises
    ------
    ParameterError
        It acts on a part of them.
    """
    if not rule.is_enabled or not set(rule.tags) <= set(cohort.tags):
        return False
    larger, smaller = rule.larger_than_bytes, rule.smaller_than_bytes
    if larger is not None and cohort.size_bytes <= larger * cohort.object_count:
        return False
    if smaller is not None and not cohort.is_smaller_than(smaller):
        return False
    if cohort.prefix.startswith(rule.prefix):
        return True
    if rule.prefix.startswith(cohort.prefix):
        raise ParameterError(
            "prefix",
            cohort.prefix,
            expected=f"cohorts told apart by {rule.prefix!r}, the prefix of rule {rule.rule_id!r}",
        )
    return False


def plan_for(cohort: Cohort, policy: Policy | None, classes: ClassRules, horizon: Horizon) -> Plan:
    """Return what a policy will do to the objects of a cohort."""
    rules = [rule for rule in policy.rules if applies(rule, cohort)] if policy else []
    if policy is None or not rules:
        return Plan()
    if cohort.kind == UPLOAD:
        return Plan(abort_age=_least(rule.abort_upload_days for rule in rules))
    moves: list[Move] = []
    old: list[OldMove] = []
    for rule in rules:
        for move in rule.transitions:
            if _is_moved(cohort, rule, move.storage_class, policy, classes):
                day = None if move.date is None else horizon.day_of(move.date)
                moves.append(Move(move.storage_class, move.days, day))
        for past in rule.noncurrent_transitions:
            if _is_moved(cohort, rule, past.storage_class, policy, classes):
                old.append(OldMove(past.storage_class, past.days, past.kept))
        if rule.noncurrent_expiration_days is not None:
            old.append(OldMove("", rule.noncurrent_expiration_days, rule.noncurrent_kept))
    dates = [rule.expiration_date for rule in rules if rule.expiration_date is not None]
    return Plan(
        moves=tuple(moves),
        expiry_age=_least(rule.expiration_days for rule in rules),
        expiry_day=_least(horizon.day_of(day) for day in dates),
        old_moves=tuple(old),
    )


def _least(days: Iterable[int | None]) -> int | None:
    return min((day for day in days if day is not None), default=None)


def _is_moved(cohort: Cohort, rule: Rule, target: str, policy: Policy, classes: ClassRules) -> bool:
    """Return whether the default for small objects lets a rule move those of a cohort."""
    to = classes.of(target)
    if rule.larger_than_bytes is not None or rule.smaller_than_bytes is not None:
        return True
    if policy.minimum_size == BY_CLASS and to.is_restored_first:
        return True
    return not cohort.is_smaller_than(classes.small_bytes)
