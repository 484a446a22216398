"""Lifecycle rules written as the JSON that S3 takes; `lifecycle_policy` reads it."""

from __future__ import annotations

from datetime import date
from typing import Any

from prismlib.analyses.lifecycle_policy import Policy, Rule


def to_configuration(policy: Policy) -> dict[str, Any]:
    """Return the lifecycle configuration that S3 takes, as plain JSON values."""
    return {"Rules": [_configured(rule) for rule in policy.rules]}


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
