"""Lifecycle rules as frozen values that can be simulated, read from the JSON of S3.

Method: every key of the configuration of S3 is read into its field (Amazon S3 API reference,
PutBucketLifecycleConfiguration). A key that S3 does not know is kept by name in `unknown_keys`: the
command line of AWS refuses such a file. ``Id`` is read as ``ID``, so that a rule that nobody could
apply can still be judged, and so are rules that S3 refuses as they are written
(`lifecycle_faults`). What cannot be understood for certain, a key that is there twice for one, is a
`SchemaError`.

Known limits: what rules do, and whether S3 takes them, is the affair of `lifecycle_checks`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from prismlib.analyses.lifecycle_faults import Fault, rule_faults, utc_instant
from prismlib.errors import SchemaError

ALL_CLASSES_128K = "all_storage_classes_128K"
"""Objects under 128 KB stay where they are, whatever the class: the default since 2024."""
BY_CLASS = "varies_by_storage_class"
"""Objects under 128 KB are moved to Glacier Flexible Retrieval and Deep Archive, to no other."""
MINIMUM_SIZES = (ALL_CLASSES_128K, BY_CLASS)

RULE_KEYS = {
    *("ID", "Status", "Prefix", "Filter", "Expiration", "Transitions"),
    *("NoncurrentVersionTransitions", "NoncurrentVersionExpiration"),
    "AbortIncompleteMultipartUpload",
}
FILTER_KEYS = {"Prefix", "Tag", "And", "ObjectSizeGreaterThan", "ObjectSizeLessThan"}
AND_KEYS = {"Prefix", "Tags", "ObjectSizeGreaterThan", "ObjectSizeLessThan"}
TRANSITION_KEYS = {"Days", "Date", "StorageClass"}
EXPIRATION_KEYS = {"Days", "Date", "ExpiredObjectDeleteMarker"}
NONCURRENT_KEYS = {"NoncurrentDays", "StorageClass", "NewerNoncurrentVersions"}
LARGEST_WHOLE = 2**31 - 1
"""S3 takes integers of 32 bits; sizes of objects, which are of 64, are far below theirs."""
LARGEST_SIZE = 2**63 - 1


@dataclass(frozen=True)
class Transition:
    """A move of current objects to `storage_class`, at an age in days or on a date."""

    storage_class: str
    days: int | None = None
    date: date | None = None


@dataclass(frozen=True)
class NoncurrentTransition:
    """A move of noncurrent versions, `days` after they became so; the newest `kept` stay."""

    storage_class: str
    days: int
    kept: int = 0


@dataclass(frozen=True)
class Rule:
    """One rule; a part that is absent is None or empty. Sizes are strict bounds, in bytes."""

    rule_id: str
    is_enabled: bool = True
    prefix: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    larger_than_bytes: int | None = None
    smaller_than_bytes: int | None = None
    transitions: tuple[Transition, ...] = ()
    expiration_days: int | None = None
    expiration_date: date | None = None
    removes_delete_markers: bool = False
    noncurrent_transitions: tuple[NoncurrentTransition, ...] = ()
    noncurrent_expiration_days: int | None = None
    noncurrent_kept: int = 0
    abort_upload_days: int | None = None

    @property
    def expires(self) -> bool:
        """Return whether the rule deletes current objects."""
        return self.expiration_days is not None or self.expiration_date is not None


@dataclass(frozen=True)
class Policy:
    """The rules of a bucket, and what holds for objects under 128 KB where a rule gives no size."""

    rules: tuple[Rule, ...] = ()
    minimum_size: str = ALL_CLASSES_128K
    unknown_keys: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def deletes(self) -> bool:
        """Return whether a rule deletes objects, noncurrent versions or parts of uploads."""
        return bool(deletions(self))


def deletions(policy: Policy | None) -> tuple[Rule, ...]:
    """Return what rules delete, without what they move; markers hold no bytes and are left out."""
    rules = () if policy is None else policy.rules
    return tuple(
        replace(rule, transitions=(), noncurrent_transitions=(), removes_delete_markers=False)
        for rule in rules
        if rule.is_enabled and rule != _moving(rule)
    )


def with_deletions_of(policy: Policy, other: Policy | None) -> Policy:
    """Return the policy with what it moves, and what another one deletes."""
    moving = (_moving(rule) for rule in policy.rules)
    return replace(policy, rules=(*moving, *deletions(other)))


def _moving(rule: Rule) -> Rule:
    """Return the rule without what it deletes."""
    return replace(
        rule,
        expiration_days=None,
        expiration_date=None,
        noncurrent_expiration_days=None,
        noncurrent_kept=0,
        abort_upload_days=None,
    )


def policy_of(
    configuration: str | Mapping[str, Any] | Iterable[Mapping[str, Any]],
    *,
    minimum_size: str = "",
) -> Policy:
    """Return the policy that a lifecycle configuration describes.

    Parameters
    ----------
    configuration : str, mapping or list of mappings
        JSON text or the value it holds: ``{"Rules": [...]}`` or the list of rules alone.
    minimum_size : str, optional
        One of `MINIMUM_SIZES`; without it, what the configuration says, else the default of S3.

    Raises
    ------
    SchemaError
        The text is not JSON, or a part is not of the shape that S3 documents.
    """
    value = _loaded(configuration) if isinstance(configuration, str) else configuration
    if not isinstance(value, Iterable) or isinstance(value, str):
        raise _bad("value", value, '{"Rules": [...]}')
    whole = value if isinstance(value, Mapping) else {"Rules": list(value)}
    unknown = list(_unknown(whole, {"Rules", "TransitionDefaultMinimumObjectSize"}, ""))
    written = _list(whole.get("Rules", []), "Rules")
    rules = [_rule(rule, number, unknown) for number, rule in enumerate(written, start=1)]
    pairs = zip(written, rules, strict=True)
    faults = [fault for text, rule in pairs for fault in rule_faults(text, rule.rule_id)]
    size = minimum_size or whole.get("TransitionDefaultMinimumObjectSize", ALL_CLASSES_128K)
    if size not in MINIMUM_SIZES:
        raise _bad("TransitionDefaultMinimumObjectSize", size, "one of " + ", ".join(MINIMUM_SIZES))
    return Policy(tuple(rules), size, tuple(unknown), tuple(faults))


def _bad(what: str, seen: object, expected: str) -> SchemaError:
    return SchemaError(
        "lifecycle configuration", f"has a wrong {what}", seen=repr(seen), expected=expected
    )


def _loaded(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_once)
    except (json.JSONDecodeError, RecursionError) as error:
        raise SchemaError(
            "lifecycle configuration", "is not JSON", seen=str(error), expected='{"Rules": [...]}'
        ) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON whose keys are there once: of two, readers take either."""
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _bad("key", twice[0], "each key once")
    return dict(pairs)


def _list(value: object, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise _bad(what, value, "a list")
    return value


def _map(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _bad(what, value, "an object")
    return value


def _whole(value: object, what: str, most: int = LARGEST_WHOLE) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise _bad(what, value, f"a whole number from 0 to {most}")
    return value


def _string(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise _bad(what, value, "text")
    return value


def _flag(value: object, what: str) -> bool:
    if not isinstance(value, bool):
        raise _bad(what, value, "true or false")
    return value


def _optional(mapping: Mapping[str, Any], key: str, most: int = LARGEST_WHOLE) -> int | None:
    return _whole(mapping[key], key, most) if mapping.get(key) is not None else None


def _day(value: object, what: str) -> date | None:
    try:
        return None if value is None else utc_instant(value).date()
    except (ValueError, OverflowError):
        raise _bad(what, value, "a date such as 2026-01-31") from None


def _unknown(mapping: Mapping[str, Any], known: set[str], where: str) -> Iterable[str]:
    return (f"{where}{key}" for key in mapping if key not in known)


def _rule(value: object, number: int, unknown: list[str]) -> Rule:
    rule = _map(value, "rule")
    where = f"Rules[{number}]."
    unknown += _unknown(rule, RULE_KEYS, where)
    if rule.get("Status") not in ("Enabled", "Disabled"):
        raise _bad("Status", rule.get("Status"), "Enabled or Disabled")
    expiration = _map(rule.get("Expiration", {}), "Expiration")
    unknown += _unknown(expiration, EXPIRATION_KEYS, f"{where}Expiration.")
    later = _map(rule.get("NoncurrentVersionExpiration", {}), "NoncurrentVersionExpiration")
    unknown += _unknown(later, NONCURRENT_KEYS, f"{where}NoncurrentVersionExpiration.")
    abort = _map(rule.get("AbortIncompleteMultipartUpload", {}), "AbortIncompleteMultipartUpload")
    return Rule(
        rule_id=str(rule.get("ID") or rule.get("Id") or f"rule {number}"),
        is_enabled=rule["Status"] == "Enabled",
        **_filter(rule, where, unknown),
        transitions=_transitions(rule, where, unknown),
        expiration_days=_optional(expiration, "Days"),
        expiration_date=_day(expiration.get("Date"), "Date"),
        removes_delete_markers=_flag(expiration.get("ExpiredObjectDeleteMarker", False), "flag"),
        noncurrent_transitions=_noncurrent(rule, where, unknown),
        noncurrent_expiration_days=_optional(later, "NoncurrentDays"),
        noncurrent_kept=_optional(later, "NewerNoncurrentVersions") or 0,
        abort_upload_days=_optional(abort, "DaysAfterInitiation"),
    )


def _filter(rule: Mapping[str, Any], where: str, unknown: list[str]) -> dict[str, Any]:
    """Return the fields of `Rule` that say which objects it is for."""
    outer = _map(rule.get("Filter", {}), "Filter")
    unknown += _unknown(outer, FILTER_KEYS, f"{where}Filter.")
    inner = _map(outer.get("And", outer), "And")
    if inner is not outer:
        unknown += _unknown(inner, AND_KEYS, f"{where}Filter.And.")
    tags = [_map(inner["Tag"], "Tag")] if "Tag" in inner else _list(inner.get("Tags", []), "Tags")
    return {
        "prefix": _string(inner.get("Prefix", rule.get("Prefix", "")), "Prefix"),
        "tags": tuple(
            (_string(tag.get("Key"), "Key of a tag"), _string(tag.get("Value"), "Value of a tag"))
            for tag in (_map(tag, "tag") for tag in tags)
        ),
        "larger_than_bytes": _optional(inner, "ObjectSizeGreaterThan", LARGEST_SIZE),
        "smaller_than_bytes": _optional(inner, "ObjectSizeLessThan", LARGEST_SIZE),
    }


def _transitions(rule: Mapping[str, Any], where: str, unknown: list[str]) -> tuple[Transition, ...]:
    found = []
    for one in _list(rule.get("Transitions", []), "Transitions"):
        move = _map(one, "transition")
        unknown += _unknown(move, TRANSITION_KEYS, f"{where}Transitions.")
        days, day = _optional(move, "Days"), _day(move.get("Date"), "Date")
        if (days is None) == (day is None):
            raise _bad("transition", dict(move), "Days or Date, one of them")
        found.append(Transition(_string(move.get("StorageClass"), "StorageClass"), days, day))
    return tuple(found)


def _noncurrent(
    rule: Mapping[str, Any], where: str, unknown: list[str]
) -> tuple[NoncurrentTransition, ...]:
    name = "NoncurrentVersionTransitions"
    found = []
    for one in _list(rule.get(name, []), name):
        move = _map(one, "noncurrent transition")
        unknown += _unknown(move, NONCURRENT_KEYS, f"{where}{name}.")
        kept = _optional(move, "NewerNoncurrentVersions") or 0
        days = _whole(move.get("NoncurrentDays"), "NoncurrentDays")
        found.append(
            NoncurrentTransition(_string(move.get("StorageClass"), "StorageClass"), days, kept)
        )
    return tuple(found)
