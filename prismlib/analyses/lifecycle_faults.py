"""What S3 refuses in a lifecycle rule as it is written, before the rule is a value.

Method: the restrictions that the S3 API documents for LifecycleRule and its parts, one fault each.
Here are those that cannot be seen any more once a rule is a `lifecycle_policy.Rule`: which keys
were there, and which time a date has. The others are those of `lifecycle_syntax`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

LONGEST_ID = 255
MOST_KEPT_VERSIONS = 100
"""Characters of an id, and newer noncurrent versions that a rule may keep (S3 API reference)."""


class Fault(NamedTuple):
    """Why S3 refuses a rule as it is written."""

    rule_id: str
    check_name: str
    statement: str


def utc_instant(value: object) -> datetime:
    """Return a date or a time of ISO 8601 in UTC, where nothing else is said; else `ValueError`."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    instant = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def rule_faults(rule: Mapping[str, Any], rule_id: str) -> Iterator[Fault]:
    """Yield why S3 refuses a rule whose parts are of the right shape."""
    found = [
        *_head_faults(rule),
        *_date_faults(rule),
        *_expiration_faults(rule),
        *_late_faults(rule),
    ]
    yield from (Fault(rule_id, name, words) for name, words in found)


def _head_faults(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in ("ID", "Id"):
        if len(str(rule.get(key) or "")) > LONGEST_ID:
            words = f"S3 refuses an id of more than {LONGEST_ID} characters; this one has "
            yield "long_id", f"{words}{len(str(rule[key]))}."
    has_filter, has_prefix = "Filter" in rule, "Prefix" in rule
    if not has_filter and not has_prefix:
        words = "S3 refuses a rule without Filter: an empty one is for the whole bucket."
        yield "no_filter", words
    elif has_filter and has_prefix:
        yield "two_filters", "S3 refuses Filter and Prefix beside each other."
    parts = list(rule.get("Filter") or {})
    if len(parts) > 1:
        yield "filter_parts", f"S3 refuses {' beside '.join(parts)} in Filter: And joins them."


def _date_faults(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    parts = [rule.get("Expiration") or {}, *rule.get("Transitions", [])]
    dates = [part["Date"] for part in parts if part.get("Date") is not None]
    for one in dates:
        if utc_instant(one).time() != time():
            yield "date", f"S3 takes a Date at midnight UTC only, not {one}."
    alone = [part for part in parts if part.get("Date") is None and part.get("Days") is not None]
    if dates and alone:
        yield "mixed", "S3 refuses days and dates in the same rule."


def _expiration_faults(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "Expiration" not in rule:
        return
    given = [
        name
        for name in ("Days", "Date", "ExpiredObjectDeleteMarker")
        if rule["Expiration"].get(name) is not None
    ]
    if len(given) != 1:
        words = "S3 takes one of Days, Date and ExpiredObjectDeleteMarker in Expiration; "
        yield "expiration_parts", f"{words}there is {' and '.join(given) or 'none'}."


def _late_faults(rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with what is done to noncurrent versions and to uploads."""
    late = [rule["NoncurrentVersionExpiration"]] if "NoncurrentVersionExpiration" in rule else []
    for part in late:
        if not part.get("NoncurrentDays"):
            words = "S3 deletes noncurrent versions after NoncurrentDays of 1 or more; the rule "
            yield "noncurrent_days", f"{words}says {part.get('NoncurrentDays', 'none')}."
    for part in [*late, *rule.get("NoncurrentVersionTransitions", [])]:
        kept = part.get("NewerNoncurrentVersions")
        if kept is not None and not 1 <= kept <= MOST_KEPT_VERSIONS:
            words = f"S3 keeps 1 to {MOST_KEPT_VERSIONS} newer noncurrent versions; the rule says "
            yield "newer_versions", f"{words}{kept}."
    if "AbortIncompleteMultipartUpload" in rule:
        days = rule["AbortIncompleteMultipartUpload"].get("DaysAfterInitiation")
        if not days:
            words = "S3 aborts uploads after DaysAfterInitiation of 1 or more; the rule says "
            yield "upload_days", f"{words}{'none' if days is None else days}."
