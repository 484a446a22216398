"""Lifecycle rules as S3 writes them in JSON, and as frozen values that can be simulated.

Method: every key of the configuration of S3 is read into its field (Amazon S3 API reference,
PutBucketLifecycleConfiguration). A key that S3 does not know is kept by name in `unknown_keys`: the
command line of AWS refuses such a file. ``Id`` is read as ``ID``, so that a rule that nobody could
apply can still be judged.

Known limits: names only are checked here; what rules do, and whether S3 takes them, is the affair
of `lifecycle_checks`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

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
    rules, unknown = [], list(_unknown(whole, {"Rules", "TransitionDefaultMinimumObjectSize"}, ""))
    for number, rule in enumerate(_list(whole.get("Rules", []), "Rules"), start=1):
        rules.append(_rule(rule, number, unknown))
    size = minimum_size or whole.get("TransitionDefaultMinimumObjectSize", ALL_CLASSES_128K)
    if size not in MINIMUM_SIZES:
        raise _bad("TransitionDefaultMinimumObjectSize", size, "one of " + ", ".join(MINIMUM_SIZES))
    return Policy(tuple(rules), size, tuple(unknown))


def to_configuration(policy: Policy) -> dict[str, Any]:
    """Return the lifecycle configuration that S3 takes, as plain JSON values."""
    return {"Rules": [_configured(rule) for rule in policy.rules]}


# --- reading ------------------------------------------------------------------------------------


def _bad(what: str, seen: object, expected: str) -> SchemaError:
    return SchemaError(
        "lifecycle configuration", f"has a wrong {what}", seen=repr(seen), expected=expected
    )


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise SchemaError(
            "lifecycle configuration", "is not JSON", seen=str(error), expected='{"Rules": [...]}'
        ) from None


def _list(value: object, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise _bad(what, value, "a list")
    return value


def _map(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _bad(what, value, "an object")
    return value


def _whole(value: object, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _bad(what, value, "a whole number, 0 or more")
    return value


def _optional(mapping: Mapping[str, Any], key: str) -> int | None:
    return _whole(mapping[key], key) if mapping.get(key) is not None else None


def _day(value: object, what: str) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
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
        removes_delete_markers=bool(expiration.get("ExpiredObjectDeleteMarker", False)),
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
        "prefix": str(inner.get("Prefix", rule.get("Prefix", ""))),
        "tags": tuple((str(tag["Key"]), str(tag["Value"])) for tag in tags),
        "larger_than_bytes": _optional(inner, "ObjectSizeGreaterThan"),
        "smaller_than_bytes": _optional(inner, "ObjectSizeLessThan"),
    }


def _transitions(rule: Mapping[str, Any], where: str, unknown: list[str]) -> tuple[Transition, ...]:
    found = []
    for one in _list(rule.get("Transitions", []), "Transitions"):
        move = _map(one, "transition")
        unknown += _unknown(move, TRANSITION_KEYS, f"{where}Transitions.")
        days, day = _optional(move, "Days"), _day(move.get("Date"), "Date")
        if (days is None) == (day is None):
            raise _bad("transition", dict(move), "Days or Date, one of them")
        found.append(Transition(str(move.get("StorageClass", "")), days, day))
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
        found.append(NoncurrentTransition(str(move.get("StorageClass", "")), days, kept))
    return tuple(found)


# --- writing ------------------------------------------------------------------------------------


def _configured(rule: Rule) -> dict[str, Any]:
    """Return one rule as S3 takes it; a part that is absent is left out."""
    status = "Enabled" if rule.is_enabled else "Disabled"
    head = {"ID": rule.rule_id, "Status": status, "Filter": _configured_filter(rule)}
    parts = {
        "Transitions": [
            _present(Days=one.days, Date=_text(one.date), StorageClass=one.storage_class)
            for one in rule.transitions
        ],
        "Expiration": _present(
            Days=rule.expiration_days,
            Date=_text(rule.expiration_date),
            ExpiredObjectDeleteMarker=rule.removes_delete_markers or None,
        ),
        **_configured_noncurrent(rule),
        "AbortIncompleteMultipartUpload": _present(DaysAfterInitiation=rule.abort_upload_days),
    }
    return {**head, **{name: part for name, part in parts.items() if part}}


def _configured_noncurrent(rule: Rule) -> dict[str, Any]:
    moves = [
        _present(
            NoncurrentDays=one.days,
            StorageClass=one.storage_class,
            NewerNoncurrentVersions=one.kept or None,
        )
        for one in rule.noncurrent_transitions
    ]
    expiration = _present(
        NoncurrentDays=rule.noncurrent_expiration_days,
        NewerNoncurrentVersions=rule.noncurrent_kept or None,
    )
    return {"NoncurrentVersionTransitions": moves, "NoncurrentVersionExpiration": expiration}


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _present(**values: object) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _configured_filter(rule: Rule) -> dict[str, Any]:
    tags = [{"Key": key, "Value": value} for key, value in rule.tags]
    parts = _present(
        Prefix=rule.prefix or None,
        Tags=tags or None,
        ObjectSizeGreaterThan=rule.larger_than_bytes,
        ObjectSizeLessThan=rule.smaller_than_bytes,
    )
    if len(parts) > 1 or len(tags) > 1:
        return {"And": parts}
    if tags:
        return {"Tag": tags[0]}
    return parts or {"Prefix": ""}
