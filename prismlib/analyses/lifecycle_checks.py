"""Whether a set of lifecycle rules may be applied: what it would do to the data and its readers.

Method, in order: what S3 refuses (`lifecycle_syntax`); what deletes data that is live or must be
kept; what moves data with a read target to a class that is restored first, by the time that a
restore takes at the speed at which it is priced; which rules overlap, match nothing, skip small
objects, noncurrent versions or uploads that were never completed.

Known limits: what readers need is what STORAGE_NEED says. Where it says nothing, a rule that
deletes, or that makes reads wait, gets a warning and no pass. A tag of a rule is not looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from prismlib.analyses.bucket_charges import STANDARD_SPEED, offered_speed
from prismlib.analyses.judging import counted, listed
from prismlib.analyses.lifecycle_policy import Policy, Rule
from prismlib.analyses.lifecycle_syntax import (
    NOTE,
    REFUSED,
    WARNING,
    Check,
    ClassFacts,
    syntax_checks,
)
from prismlib.formats import count, elapsed
from prismlib.result_tables.lifecycle import POLICY_CHECK
from prismlib.tables import empty, make, records

HARMFUL = ("deletes_live", "retention", "breaks_slo")
"""Checks whose refusal protects the data or its readers; the others protect the rules."""
IN_SHORT = {
    "deletes_live": "deletes live data",
    "retention": "deletes what must be kept",
    "breaks_slo": "makes reads wait for a restore",
    "unknown_key": "cannot be applied as written",
    "unreadable": "cannot be read",
}
"""What a refusal is in a few words; any other means that S3 would refuse the rules."""
S3_REFUSES = "S3 would refuse it"
USER_GUIDE = "Amazon S3 User Guide, lifecycle configuration"
MS_PER_HOUR = Decimal(3_600_000)
REST = "*"
"""How the prefix of an inventory ends for what is left of a folder, or of the bucket."""
SHOWN_OVERLAPS = 3


@dataclass(frozen=True)
class CheckedBucket:
    """What is known of a bucket when its rules are checked.

    Parameters
    ----------
    needs : STORAGE_NEED
        Of this bucket; empty when nobody said what its readers need.
    objects : OBJECT_COHORT or None
        Of this bucket; None when its objects are not known one size from another.
    versioning : str
        Enabled, Suspended or Off; empty is unknown.
    restore_times : RESTORE_TIME
    small_bytes : int
        Size below which objects are not moved unless a rule names a size.
    restore_speed : str
        How archived objects are restored: the speed at which reads are priced.
    """

    facts: ClassFacts
    restore_times: pd.DataFrame
    needs: pd.DataFrame
    objects: pd.DataFrame | None = None
    versioning: str = ""
    small_bytes: int = 0
    restore_speed: str = STANDARD_SPEED

    @cached_property
    def need_rows(self) -> list[dict[str, Any]]:
        """The rows of `needs`."""
        return records(self.needs)

    @cached_property
    def object_rows(self) -> list[dict[str, Any]]:
        """The rows of `objects`."""
        return [] if self.objects is None else records(self.objects)

    @cached_property
    def times(self) -> list[dict[str, Any]]:
        """The rows of `restore_times`."""
        return records(self.restore_times)

    def restore_row(self, storage_class: str) -> dict[str, Any] | None:
        """Return how long a restore takes from a class (RESTORE_TIME); None: it is not known."""
        speed = offered_speed(storage_class, self.restore_speed)
        rows = self.times
        known = [r for r in rows if (r["storage_class"], r["tier_name"]) == (storage_class, speed)]
        return known[0] if known else None

    def restore_hours(self, storage_class: str) -> Decimal | None:
        """Return the longest that a restore from a class takes; None: it is not known."""
        row = self.restore_row(storage_class)
        return None if row is None else row["high_hours"]


def check_policy(policy: Policy, bucket: CheckedBucket) -> list[Check]:
    """Return every remark on a policy, the worst first."""
    found = [
        *syntax_checks(policy, bucket.facts),
        *(check for rule in policy.rules for check in _rule_checks(rule, bucket)),
        *_overlap_checks(policy),
        *_housekeeping_checks(policy, bucket),
    ]
    order = (REFUSED, WARNING, NOTE)

    def rank(check: Check) -> tuple[int, bool]:
        return order.index(check.outcome), check.check_name not in HARMFUL

    return sorted(found, key=rank)


def is_refused(checks: list[Check]) -> bool:
    """Return whether a policy must not be applied."""
    return any(check.outcome == REFUSED for check in checks)


def check_table(policy_name: str, checks: list[Check]) -> pd.DataFrame:
    """Return POLICY_CHECK; remarks of the same kind on a rule are one row."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for check in checks:
        key = (check.rule_id, check.check_name)
        if key in rows:
            rows[key]["statement"] += f" {check.statement}"
        else:
            rows[key] = {"policy_name": policy_name, **vars(check)}
    return make(POLICY_CHECK, rows.values())


def check_tables(found: Iterable[tuple[str, Iterable[Check]]]) -> pd.DataFrame:
    """Return POLICY_CHECK of several sets of rules, by name."""
    frames = (check_table(name, list(checks)) for name, checks in found)
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else empty(POLICY_CHECK)


def meets(one: str, other: str) -> bool:
    """Return whether two prefixes have keys in common."""
    return one.startswith(other) or other.startswith(one)


def may_hold(pooled: str, rule: Rule) -> bool:
    """Return whether what is left of a prefix (it ends in ``*``) may hold objects of a rule."""
    return pooled.endswith(REST) and rule.prefix.startswith(pooled.removesuffix(REST))


def _rule_checks(rule: Rule, bucket: CheckedBucket) -> Iterator[Check]:
    if not rule.is_enabled:
        yield Check(rule.rule_id, "disabled", NOTE, "The rule is off.", USER_GUIDE)
        return
    needs = [n for n in bucket.need_rows if meets(rule.prefix, n["prefix"])]
    yield from _deletion_checks(rule, needs)
    yield from _read_checks(rule, needs, bucket)
    yield from _content_checks(rule, bucket)


def _deletion_checks(rule: Rule, needs: list[dict[str, Any]]) -> Iterator[Check]:
    if not rule.expires:
        return
    when = (
        f"{counted(rule.expiration_days, 'day')} after it was written, however often it is read"
        if rule.expiration_days is not None
        else f"on {rule.expiration_date}"
    )
    where = f"everything under {rule.prefix}" if rule.prefix else "everything in the bucket"
    if rule.tags:
        tags = listed([f"{key}={value}" for key, value in rule.tags])
        where = f"what carries the tag {tags}" + (f" under {rule.prefix}" if rule.prefix else "")
        needs = []
    said = [need for need in needs if need["is_live"] is not None]
    for need in needs:
        if need["is_live"]:
            words = f"The rule deletes {where} {when}: the live data of {need['prefix'] or 'all'}."
            yield Check(rule.rule_id, "deletes_live", REFUSED, words, need["source"])
        kept = need["retention_days"]
        if kept is not None and rule.expiration_days is not None and rule.expiration_days < kept:
            words = f"The data must be kept for {counted(kept, 'day')}; the rule deletes it {when}."
            yield Check(rule.rule_id, "retention", REFUSED, words, need["source"])
    if not said:
        words = (
            f"The rule deletes {where} {when}. Whether that data is live is not in the snapshot."
        )
        yield Check(rule.rule_id, "deletes", WARNING, words, USER_GUIDE)


def _read_checks(rule: Rule, needs: list[dict[str, Any]], bucket: CheckedBucket) -> Iterator[Check]:
    """Yield what makes reads wait for a restore."""
    slow = [t.storage_class for t in rule.transitions if t.storage_class in bucket.facts.restored]
    slow = list(dict.fromkeys(slow))
    if not slow:
        return
    waits = "; ".join(_wait_words(name, bucket) for name in slow)
    waits += f". Taken, here and in the price, is {listed(_speeds(slow, bucket))}"
    targets = [need for need in needs if need["read_slo_ms"] is not None]
    broken = [n for n in targets if any(_breaks(name, n, bucket) for name in slow)]
    for need in broken:
        words = (
            f"Reads of {need['prefix'] or 'the bucket'} must be answered within "
            f"{elapsed(need['read_slo_ms'])}, and a read fails until a restore is done. {waits}."
        )
        yield Check(rule.rule_id, "breaks_slo", REFUSED, words, need["source"])
    if not targets:
        words = f"A read fails until a restore is done. {waits}. Whether readers can wait is not "
        yield Check(
            rule.rule_id, "reads_wait", WARNING, words + "in the snapshot.", _restore_source(bucket)
        )


def _speeds(names: list[str], bucket: CheckedBucket) -> list[str]:
    return list(dict.fromkeys(offered_speed(name, bucket.restore_speed) for name in names))


def _times(storage_class: str, bucket: CheckedBucket) -> list[dict[str, Any]]:
    return [r for r in bucket.times if r["storage_class"] == storage_class]


def _breaks(storage_class: str, need: dict[str, Any], bucket: CheckedBucket) -> bool:
    """Return whether a restore, at the speed that is priced, may take longer than readers wait."""
    hours = bucket.restore_hours(storage_class)
    return hours is None or bool(hours * MS_PER_HOUR > need["read_slo_ms"])


def _wait_words(storage_class: str, bucket: CheckedBucket) -> str:
    rows = sorted(_times(storage_class, bucket), key=lambda row: row["high_hours"])
    parts = [f"{row['tier_name']} {_span(row['low_hours'], row['high_hours'])}" for row in rows]
    title = bucket.facts.title(storage_class)
    return f"{title}: {listed(parts)}" if parts else f"{title}: for how long is not known"


def _span(low: Decimal, high: Decimal) -> str:
    if high < 1:
        return f"{count(round(low * 60))} to {count(round(high * 60))} minutes"
    return f"{count(low)} to {count(high)} hours" if low else f"up to {count(high)} hours"


def _restore_source(bucket: CheckedBucket) -> str:
    return next(iter(bucket.restore_times["source"]), USER_GUIDE)


def _content_checks(rule: Rule, bucket: CheckedBucket) -> Iterator[Check]:
    """Yield whether the rule finds objects, and which it leaves where they are."""
    if bucket.objects is None:
        return
    held = [row for row in bucket.object_rows if meets(rule.prefix, row["prefix"])]
    fitting = [row for row in held if _fits(rule, row)]
    pooled = [name for name in bucket.objects["prefix"] if may_hold(name, rule)]
    if rule.prefix in {name.removesuffix(REST) for name in bucket.objects["prefix"]}:
        pooled = []
    if not fitting and pooled:
        words = f"Whether an object begins with {rule.prefix!r} is unknown: small prefixes are "
        words += f"pooled as {listed(list(dict.fromkeys(pooled)))}. An inventory that is read "
        words += "with these rules in the snapshot keeps it apart."
        yield Check(rule.rule_id, "matches_unknown", WARNING, words, "OBJECT_COHORT")
    elif not fitting:
        words = f"No object of the bucket begins with {rule.prefix!r} and has a size that fits."
        yield Check(rule.rule_id, "matches_nothing", WARNING, words, "OBJECT_COHORT")
    has_size = rule.larger_than_bytes is not None or rule.smaller_than_bytes is not None
    small = [row for row in fitting if _mean_bytes(row) < bucket.small_bytes]
    number = sum((row["stored_objects"] for row in small), Decimal(0))
    if rule.transitions and number and not has_size:
        words = f"{count(number)} objects under {count(bucket.small_bytes)} bytes stay where they "
        words += "are: they are moved only if a rule names a size."
        yield Check(rule.rule_id, "small_objects", NOTE, words, "S3 API model")


def _mean_bytes(row: dict[str, Any]) -> Decimal:
    return (
        Decimal(row["size_bytes"] / row["stored_objects"]) if row["stored_objects"] else Decimal(0)
    )


def _fits(rule: Rule, row: dict[str, Any]) -> bool:
    size, low, high = _mean_bytes(row), rule.larger_than_bytes, rule.smaller_than_bytes
    return (low is None or size > low) and (high is None or size < high)


def _overlap_checks(policy: Policy) -> Iterator[Check]:
    acting = [r for r in policy.rules if r.is_enabled and (r.transitions or r.expires)]
    for number, one in enumerate(acting):
        met = [
            other.rule_id
            for other in acting[number + 1 :]
            if meets(one.prefix, other.prefix) and not (one.tags and other.tags)
        ]
        if met:
            more = len(met) - SHOWN_OVERLAPS
            shown = [*met[:SHOWN_OVERLAPS], *([counted(more, "other rule")] if more > 0 else [])]
            words = (
                f"It has objects in common with {listed(shown)}. Where both are due, S3 deletes "
                "before it moves, and moves to the colder class."
            )
            yield Check(one.rule_id, "overlap", WARNING, words, USER_GUIDE)


def _housekeeping_checks(policy: Policy, bucket: CheckedBucket) -> Iterator[Check]:
    """Yield what the set leaves out."""
    rules = [rule for rule in policy.rules if rule.is_enabled]
    if not any(r.noncurrent_transitions or r.noncurrent_expiration_days for r in rules):
        words = {
            "": "No rule is for noncurrent versions, and whether the bucket keeps them is unknown.",
            "Off": "",
        }.get(
            bucket.versioning,
            "The bucket keeps noncurrent versions and no rule is for them: they are billed for "
            "ever, and expiring an object deletes no byte.",
        )
        if words:
            outcome = WARNING if bucket.versioning else NOTE
            yield Check("", "noncurrent", outcome, words, USER_GUIDE)
    if not any(rule.abort_upload_days is not None for rule in rules):
        words = "No rule aborts uploads that were never completed; their parts are billed."
        yield Check("", "uploads", NOTE, words, USER_GUIDE)
