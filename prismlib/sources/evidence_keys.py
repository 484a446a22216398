"""Evidence on keys of KMS: whether those of the customer rotate, and whether any in use will fail.

Keys that AWS manages rotate by themselves and are left out. AWS rotates no key that is asymmetric
or for HMAC, whose material was imported, or that lies in a key store of the customer: such a key is
named and does not fail. A key that is disabled, or about to be deleted, fails only if a disk, a
database, a secret or the default encryption of a bucket was seen to use it; objects that name a key
of their own are not seen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from prismlib.errors import CallError
from prismlib.formats import named
from prismlib.sources.evidence import EvidenceCollector, Fact, Look
from prismlib.sources.inventory_s3 import SETTINGS, list_buckets, read_setting, region_of

KEY_CHECKS = ("keys.unrotated", "keys.failing")
KEY_ACTIONS = ("kms:ListKeys", "kms:DescribeKey", "kms:GetKeyRotationStatus", "kms:ListAliases")
ENCRYPTION_ACTION = "s3:GetEncryptionConfiguration"
USER_ACTIONS = (
    "ec2:DescribeVolumes",
    "rds:DescribeDBInstances",
    "secretsmanager:ListSecrets",
    "s3:GetBucketLocation",
    ENCRYPTION_ACTION,
    "s3:ListAllMyBuckets",
)
"""Asked only where a key cannot be used, or soon not any more."""
SYMMETRIC = "SYMMETRIC_DEFAULT"
"""The only kind of key that AWS rotates; the others are asymmetric or for HMAC."""
USABLE = ("Enabled", "Creating", "Updating")
(ENCRYPTION,) = (setting for setting in SETTINGS if setting.column == "encryption")

KINDS = (
    (USER_ACTIONS[0], ("ec2", "describe_volumes", "Volumes", "NextToken"), "VolumeId"),
    (
        USER_ACTIONS[1],
        ("rds", "describe_db_instances", "DBInstances", "Marker"),
        "DBInstanceIdentifier",
    ),
    (USER_ACTIONS[2], ("secretsmanager", "list_secrets", "SecretList", "NextToken"), "Name"),
)
"""Kinds of things that use keys: the permission, how they are listed, and what names one."""

Metadata = Mapping[str, Any]
Names = Mapping[str, Sequence[str]]


def collect_keys(look: Look) -> list[Fact]:
    """Return two facts for each key of the customer: whether it rotates, and whether it fails."""
    none = dict.fromkeys(KEY_CHECKS, "no key of the customer")
    return look.by_region(KEY_CHECKS, " ".join(KEY_ACTIONS), partial(_keys, look), of_none=none)


def _keys(look: Look, region: str) -> Iterator[Fact]:
    keys = look.items("kms", "list_keys", "Keys", "Marker>NextMarker", region=region, Limit=1000)
    doomed: list[Metadata] = []
    for key in keys:
        name = f"{key['KeyId']} ({region})"
        try:
            answer = look.caller.ask("kms", "describe_key", region=region, KeyId=key["KeyId"])
        except CallError as error:
            yield from (look.unknown(one, name, KEY_ACTIONS[1], error) for one in KEY_CHECKS)
            continue
        found = answer["KeyMetadata"]
        if found["KeyManager"] != "CUSTOMER":
            continue
        yield from look.facts(KEY_CHECKS[:1], name, KEY_ACTIONS[2], partial(_rotation, look, found))
        if found["KeyState"] in USABLE:
            yield Fact("keys.failing", name, Decimal(0), KEY_ACTIONS[1], detail="can be used")
        else:
            doomed.append(found)
    if doomed:
        yield from _failing(look, region, doomed)


def why_not_rotated(key: Metadata) -> str:
    """Return why AWS does not rotate a key, whatever is set; empty if it can."""
    if key["KeyState"] not in USABLE:
        return state_words(key)
    if key["KeySpec"] != SYMMETRIC:
        return f"of kind {key['KeySpec']}, which AWS does not rotate"
    if key["Origin"] == "EXTERNAL":
        return "of imported material, which AWS does not rotate"
    if key["Origin"] != "AWS_KMS":
        return "in a key store of the customer, where AWS does not rotate it"
    return ""


def state_words(key: Metadata) -> str:
    """Return in words that a key cannot be used, or not much longer."""
    if day := key.get("DeletionDate"):
        return f"to be deleted on {day[:10]}"
    return f"in the state {key['KeyState']}"


def _rotation(look: Look, key: Metadata) -> Iterator[Fact]:
    region = key["Arn"].split(":")[3]
    words, value = why_not_rotated(key), Decimal(0)
    if not words:
        answer = look.caller.ask(
            "kms", "get_key_rotation_status", region=region, KeyId=key["KeyId"]
        )
        value = Decimal(not answer["KeyRotationEnabled"])
        words = "rotation is off" if value else "rotates"
    yield Fact("keys.unrotated", f"{key['KeyId']} ({region})", value, KEY_ACTIONS[2], detail=words)


# --- keys that fail -------------------------------------------------------------------------------


def _failing(look: Look, region: str, keys: Sequence[Metadata]) -> Iterator[Fact]:
    """Yield whether anything was seen to use keys that cannot be used, or not much longer."""
    users: dict[str, list[str]] = {}
    aliases: dict[str, list[str]] = {}
    readers = [(KEY_ACTIONS[3], partial(_aliases, look, region), aliases)]
    readers += [
        (source, partial(_users, look, region, listed, name), users)
        for source, listed, name in KINDS
    ]
    readers.append((ENCRYPTION_ACTION, partial(_buckets, look, region), users))
    for source, read, into in readers:
        yield from look.facts(KEY_CHECKS[1:], region, source, partial(_into, into, read))
    for key in keys:
        yield failing_fact(key, aliases.get(key["KeyId"], ()), users, region)


Pairs = Iterator[tuple[str, str]]


def _into(found: dict[str, list[str]], read: Callable[[], Pairs]) -> Sequence[Fact]:
    for key, value in read():
        found.setdefault(key, []).append(value)
    return ()


def failing_fact(key: Metadata, aliases: Sequence[str], users: Names, region: str) -> Fact:
    """Return 1 if something uses a key that cannot be used, or not much longer.

    `users` are the things by the name of a key that they give: its id, its ARN or an alias.
    """
    found = [one for name in (key["KeyId"], key["Arn"], *aliases) for one in users.get(name, ())]
    used = f"encrypts {named(found)}" if found else "nothing that was seen uses it"
    words = f"{state_words(key)}; {used}"
    name = f"{key['KeyId']} ({region})"
    return Fact("keys.failing", name, Decimal(bool(found)), KEY_ACTIONS[1], detail=words)


def _aliases(look: Look, region: str) -> Pairs:
    """Yield keys with their aliases, as names and as ARNs."""
    found = look.items(
        *("kms", "list_aliases", "Aliases", "Marker>NextMarker"), region=region, Limit=100
    )
    for one in found:
        if key := one.get("TargetKeyId"):
            yield key, one["AliasName"]
            yield key, one["AliasArn"]


def _users(look: Look, region: str, listed: tuple[str, str, str, str], name: str) -> Pairs:
    """Yield what things of a kind call their keys, with the things."""
    for one in look.items(*listed, region=region):
        if key := one.get("KmsKeyId"):
            yield key, one[name]


def _buckets(look: Look, region: str) -> Pairs:
    """Yield what buckets of a Region call the key of their default encryption, with the buckets."""
    for bucket in list_buckets(look.caller):
        if region_of(look.caller, bucket) != region:
            continue
        rules = json.loads(read_setting(look.caller, ENCRYPTION, bucket["Name"], region))
        for rule in rules.get("Rules", ()):
            if key := rule.get("ApplyServerSideEncryptionByDefault", {}).get("KMSMasterKeyID"):
                yield key, bucket["Name"]


KEY_COLLECTORS = (
    EvidenceCollector("keys", KEY_CHECKS, (*KEY_ACTIONS, *USER_ACTIONS), collect_keys),
)
