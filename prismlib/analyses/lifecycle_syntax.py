"""Whether S3 would take a set of lifecycle rules at all.

Method: the restrictions that the S3 API documents for PutBucketLifecycleConfiguration, one check
each. Classes, the moves between them and the days that some demand are those of the reference
tables STORAGE_CLASS and STORAGE_CLASS_MOVE.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.lifecycle_policy import Policy, Rule, Transition
from prismlib.formats import count
from prismlib.tables import records

REFUSED, WARNING, NOTE = OUTCOMES = ("refused", "warning", "note")
"""It must not be applied; look at it before it is; good to know."""

API = "Amazon S3 API reference, PutBucketLifecycleConfiguration"
MAX_RULES = 1000
"""Rules that one configuration may have (same reference)."""


@dataclass(frozen=True)
class Check:
    """A remark on a rule; `rule_id` is empty for the set as a whole."""

    rule_id: str
    check_name: str
    outcome: str
    statement: str
    source: str = API


@dataclass(frozen=True)
class ClassFacts:
    """What storage classes demand, from the reference tables.

    Parameters
    ----------
    titles : mapping of str to str
        The name that a class has on price lists.
    min_age_days : mapping of str to int
        Days before a rule may move an object there, and days before it may move on.
    restored : frozenset of str
        Classes in which a read fails until the object is restored.
    moves : frozenset of (str, str)
        Moves that a rule may make.
    """

    titles: Mapping[str, str]
    min_age_days: Mapping[str, int]
    restored: frozenset[str]
    moves: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, classes: pd.DataFrame, moves: pd.DataFrame) -> ClassFacts:
        """Return the facts of STORAGE_CLASS (of a class its first tier) and STORAGE_CLASS_MOVE."""
        first = {row["storage_class"]: row for row in reversed(records(classes))}
        first = {name: first[name] for name in dict.fromkeys(classes["storage_class"])}
        return cls(
            titles={name: row["class_title"].split(",")[0] for name, row in first.items()},
            min_age_days={name: row["min_age_days"] for name, row in first.items()},
            restored=frozenset(n for n, row in first.items() if row["is_restored_first"]),
            moves=frozenset(zip(moves["storage_class"], moves["next_class"], strict=True)),
        )

    def title(self, storage_class: str) -> str:
        """Return the name of a class on price lists; one that is not known as it is written."""
        return self.titles.get(storage_class, storage_class)


def syntax_checks(policy: Policy, facts: ClassFacts) -> Iterator[Check]:
    """Yield what S3, or the command line of AWS, would refuse."""
    if policy.unknown_keys:
        yield Check(
            "",
            "unknown_key",
            REFUSED,
            f"The command line of AWS refuses the file: {listed(list(policy.unknown_keys))} is no "
            "key that S3 knows.",
        )
    for fault in policy.faults:
        yield Check(fault.rule_id, fault.check_name, REFUSED, fault.statement)
    ids = [rule.rule_id for rule in policy.rules]
    twice = sorted(name for name, number in Counter(ids).items() if number > 1)
    if twice:
        yield Check("", "same_id", REFUSED, f"S3 refuses rules with the same id: {listed(twice)}.")
    if len(ids) > MAX_RULES:
        words = f"S3 takes {counted(MAX_RULES, 'rule')} at most, not {count(len(ids))}."
        yield Check("", "too_many", REFUSED, words)
    for rule in policy.rules:
        yield from _class_checks(rule, facts)
        yield from _order_checks(rule, facts)
        yield from _expiration_checks(rule)
        yield from _noncurrent_checks(rule, facts)
        yield from _filter_checks(rule)


def _class_checks(rule: Rule, facts: ClassFacts) -> Iterator[Check]:
    named = [one.storage_class for one in rule.transitions]
    named += [one.storage_class for one in rule.noncurrent_transitions]
    unknown = sorted({name for name in named if name not in facts.titles or name == "STANDARD"})
    if unknown:
        words = f"Nothing can be moved to {listed(unknown)} by a rule."
        yield Check(rule.rule_id, "unknown_class", REFUSED, words)
    moves = [one.storage_class for one in rule.transitions]
    twice = sorted({name for name in moves if moves.count(name) > 1})
    if twice:
        words = f"S3 refuses two moves to the same class: {listed(twice)}."
        yield Check(rule.rule_id, "same_class", REFUSED, words)


def _order_checks(rule: Rule, facts: ClassFacts) -> Iterator[Check]:
    """Yield what is wrong with the days of the moves and with their order."""
    dated = [one for one in rule.transitions if one.days is None]
    if dated and len(dated) < len(rule.transitions):
        return  # a fault of its own: no order is known
    faults = [
        *_first_faults(rule.transitions, facts),
        *(fault for pair in pairwise(_by_time(rule)) for fault in _pair_faults(*pair, facts)),
    ]
    if faults:
        yield Check(rule.rule_id, "order", REFUSED, " ".join(faults))


def _by_time(rule: Rule) -> list[Transition]:
    return sorted(
        rule.transitions,
        key=lambda one: one.days if one.date is None else one.date.toordinal(),  # type: ignore[arg-type,return-value]
    )


def _first_faults(moves: tuple[Transition, ...], facts: ClassFacts) -> Iterator[str]:
    for move in moves:
        least = facts.min_age_days.get(move.storage_class, 0)
        if move.days is not None and move.days < least:
            yield (
                f"S3 refuses a move to {facts.title(move.storage_class)} before "
                f"{counted(least, 'day')}; the rule says {move.days}."
            )


def _pair_faults(earlier: Transition, later: Transition, facts: ClassFacts) -> Iterator[str]:
    one, other = earlier.storage_class, later.storage_class
    if one == other:
        return
    if (one, other) not in facts.moves:
        yield f"No rule moves objects from {facts.title(one)} to {facts.title(other)}."
    least = facts.min_age_days.get(one, 0)
    if earlier.days is None or later.days is None:
        return
    if later.days == earlier.days:
        yield f"Both moves are due after {counted(later.days, 'day')}: S3 refuses that."
    elif later.days - earlier.days < least:
        yield (
            f"S3 refuses to move objects on from {facts.title(one)} within {counted(least, 'day')}."
        )


def _expiration_checks(rule: Rule) -> Iterator[Check]:
    days = rule.expiration_days
    last = max((one.days for one in rule.transitions if one.days is not None), default=None)
    if days == 0:
        words = "S3 refuses to delete objects after no days."
        yield Check(rule.rule_id, "expiration_days", REFUSED, words)
    elif days is not None and last is not None and days <= last:
        words = f"Objects are deleted after {counted(days, 'day')}, before or with their last move:"
        yield Check(rule.rule_id, "expiration_days", REFUSED, f"{words} S3 refuses that.")
    is_late = rule.noncurrent_expiration_days is not None or rule.abort_upload_days is not None
    moves = rule.transitions or rule.noncurrent_transitions
    if not (moves or rule.expires or rule.removes_delete_markers or is_late):
        yield Check(rule.rule_id, "no_action", REFUSED, "The rule does nothing: S3 refuses it.")


def _noncurrent_checks(rule: Rule, facts: ClassFacts) -> Iterator[Check]:
    """Yield what is wrong with the days after which noncurrent versions move and go."""
    moves = rule.noncurrent_transitions
    faults = []
    for move in moves:
        least = facts.min_age_days.get(move.storage_class, 0)
        if move.days < least:
            faults.append(
                f"S3 refuses to move noncurrent versions to {facts.title(move.storage_class)} "
                f"before {counted(least, 'day')}; the rule says {move.days}."
            )
    days, last = rule.noncurrent_expiration_days, max((one.days for one in moves), default=None)
    if days and last is not None and days <= last:
        faults.append(
            f"Noncurrent versions are deleted after {counted(days, 'day')}, before or with their "
            "last move: S3 refuses that."
        )
    if faults:
        yield Check(rule.rule_id, "noncurrent_order", REFUSED, " ".join(faults))


def _filter_checks(rule: Rule) -> Iterator[Check]:
    has_size = rule.larger_than_bytes is not None or rule.smaller_than_bytes is not None
    if rule.abort_upload_days is not None and (rule.tags or has_size):
        words = "S3 refuses to abort uploads by tag or by size."
        yield Check(rule.rule_id, "upload_filter", REFUSED, words)
    if rule.removes_delete_markers and rule.tags:
        words = "S3 refuses to remove delete markers by tag."
        yield Check(rule.rule_id, "marker_filter", REFUSED, words)
    low, high = rule.larger_than_bytes, rule.smaller_than_bytes
    if low is not None and high is not None and low >= high:
        yield Check(rule.rule_id, "sizes", REFUSED, "No object is both larger and smaller so.")
