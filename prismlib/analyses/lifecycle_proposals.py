"""Sets of lifecycle rules that somebody proposes, each read and judged by itself.

Method: a set that cannot be read, that names a class which has no price, or that is for objects
which are not told apart, is kept by name with the reason (`UnpricedRules`); the others are shown.
A set for a bucket of which the snapshot holds nothing is kept by name too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from prismlib.analyses.bucket_charges import STORAGE, Priced, StorageBook
from prismlib.analyses.bucket_rules import INTELLIGENT
from prismlib.analyses.bucket_usage import FREQUENT, TRANSITION
from prismlib.analyses.judging import counted, listed
from prismlib.analyses.lifecycle_inputs import LifecycleInputs
from prismlib.analyses.lifecycle_policy import Policy, Rule, policy_of
from prismlib.analyses.lifecycle_syntax import REFUSED, Check
from prismlib.errors import SchemaError
from prismlib.formats import day
from prismlib.storage_tables import LIFECYCLE_POLICY
from prismlib.tables import make, records

UNREADABLE = "unreadable"
SET_HERE, SET_SOURCE = "Rules set here", "parameter policy"
"""What rules that a parameter gives are called, and where they are from."""
NOT_APART = "its objects are not told apart"
NOT_APART_WORDS = (
    "Its rules are for a part of the bucket that is not told apart, by prefix or by tag. An S3 "
    "inventory would tell prefixes apart, not tags."
)


@dataclass(frozen=True)
class JudgedRules:
    """A set of rules with every remark on it; `policy` is None where it cannot be read."""

    name: str
    source: str
    policy: Policy | None
    checks: tuple[Check, ...]

    @property
    def refusals(self) -> list[Check]:
        """Return why the rules must not be applied."""
        return [check for check in self.checks if check.outcome == REFUSED]

    @property
    def is_allowed(self) -> bool:
        """Return whether nothing in the rules is refused."""
        return not self.refusals


@dataclass(frozen=True)
class UnpricedRules(JudgedRules):
    """A set of rules whose saving cannot be computed; `note` says in short why, `reason` at length.

    Both are empty where a refusal says it.
    """

    note: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Proposal:
    """A set of rules as it is proposed: its policy, or why it cannot be read."""

    name: str
    source: str
    bucket_name: str
    policy: Policy | None
    reason: str = ""

    @property
    def unreadable(self) -> Check:
        """Return the remark on a set that cannot be read."""
        return Check("", UNREADABLE, REFUSED, f"It cannot be read: {self.reason}", self.source)


def read_rules(text: str, minimum_size: str = "") -> tuple[Policy | None, str]:
    """Return a policy, or None and the sentence that says why it cannot be read."""
    try:
        return policy_of(text, minimum_size=minimum_size), ""
    except SchemaError as error:
        return None, f"the {error.what}; seen {error.seen}, expected {error.expected}."


def proposals(inputs: LifecycleInputs, *, minimum_size: str = "") -> list[Proposal]:
    """Return every set of rules of the snapshot, for whichever bucket."""
    rows = [] if inputs.lifecycle_policy is None else records(inputs.lifecycle_policy)
    return [
        Proposal(
            row["policy_name"],
            row["source"],
            row["bucket_name"],
            *read_rules(row["lifecycle"], minimum_size),
        )
        for row in rows
    ]


def with_set_policy(inputs: LifecycleInputs, text: str, bucket_name: str) -> LifecycleInputs:
    """Return the inputs with rules that were set as one more proposal for the bucket."""
    row = {"policy_name": SET_HERE, "bucket_name": bucket_name, "lifecycle": text}
    rows = [] if inputs.lifecycle_policy is None else records(inputs.lifecycle_policy)
    mine = make(LIFECYCLE_POLICY, [*rows, {**row, "source": SET_SOURCE}])
    return replace(inputs, lifecycle_policy=mine)


def held_names(inputs: LifecycleInputs) -> set[str]:
    """Return the names of the buckets of which a snapshot holds anything."""
    frames = (inputs.bucket, inputs.object_cohort, inputs.bucket_storage)
    return {name for frame in frames if frame is not None for name in frame["bucket_name"]}


def without_price(policy: Policy, book: StorageBook) -> list[str]:
    """Return the classes that rules move objects to and that have no price."""
    names = dict.fromkeys(
        [move.storage_class for rule in policy.rules for move in rule.transitions]
        + [move.storage_class for rule in policy.rules for move in rule.noncurrent_transitions]
    )
    return [name for name in names if not _is_priced(name, book)]


def _is_priced(name: str, book: StorageBook) -> bool:
    tier = FREQUENT if name == INTELLIGENT else ""
    needed = (Priced(name, STORAGE, tier), Priced(name, TRANSITION))
    return name in book.rules.classes and all(one in book.prices for one in needed)


def deletion_words(policy: Policy | None) -> list[str]:
    """Return what rules delete: ``objects under logs/ after 30 days``."""
    rules = () if policy is None else policy.rules
    return [words for rule in rules if rule.is_enabled for words in _deleted(rule)]


def _deleted(rule: Rule) -> Iterator[str]:
    where = f" under {rule.prefix}" if rule.prefix else ""
    if rule.tags:
        where += f" that carry {listed([f'{key}={value}' for key, value in rule.tags])}"
    if rule.expiration_days is not None:
        yield f"objects{where} after {counted(rule.expiration_days, 'day')}"
    if rule.expiration_date is not None:
        yield f"objects{where} on {day(rule.expiration_date)}"
    if rule.noncurrent_expiration_days is not None:
        days = counted(rule.noncurrent_expiration_days, "day")
        yield f"noncurrent versions{where} after {days}"
    if rule.abort_upload_days is not None:
        days = counted(rule.abort_upload_days, "day")
        yield f"parts of uploads{where} that are not completed within {days}"
