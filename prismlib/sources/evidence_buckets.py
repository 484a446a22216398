"""Evidence on buckets: encryption, lifecycle rules and replication; no object is listed or read.

All buckets of the Regions are looked at for default encryption; for the rest, those whose data
matters (`Look.buckets`), which are all where none is named.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from prismlib.errors import CallError
from prismlib.sources.evidence import ACCOUNT, EvidenceCollector, Fact, Look
from prismlib.sources.evidence_metrics import latest_metric
from prismlib.sources.inventory_s3 import SETTINGS, Setting, list_buckets, read_setting, region_of

BUCKET_ACTIONS = (
    "s3:GetBucketLocation",
    "s3:GetBucketPolicy",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListAllMyBuckets",
    "cloudwatch:GetMetricData",
)
OF_ALL = ("encryption.buckets",)
OF_NAMED = ("encryption.policies", "storage.rules", "storage.faults", "storage.replication")
BUCKET_CHECKS = (*OF_ALL, *OF_NAMED, "storage.backlog")

SETTING: dict[str, Setting] = {setting.column: setting for setting in SETTINGS}
ENCRYPTION_KEYS = ("s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms")
"""How conditions of a policy begin that ask how an object is encrypted, in small letters."""
PUT = "s3:putobject"

Lint = Callable[[str, str], tuple[Sequence[str], Sequence[str]]]
"""The faults of the lifecycle rules (JSON) of a bucket, and what cannot be told, in words.

It is given, as the analyses that know the rules are above this package.
"""


@dataclass(frozen=True)
class Bucket:
    """A bucket, where it is, and how its settings are read."""

    name: str
    region: str
    look: Look
    kept: dict[str, str] = field(default_factory=dict)

    def setting(self, column: str) -> str:
        """Return a setting as the column of BUCKET has it, asked once."""
        if column not in self.kept:
            self.kept[column] = read_setting(
                self.look.caller, SETTING[column], self.name, self.region
            )
        return self.kept[column]


def collect_buckets_evidence(look: Look, lint: Lint) -> Iterator[Fact]:
    """Yield the facts of all buckets; `lint` judges lifecycle rules."""
    found = {}
    for one in list_buckets(look.caller):
        name = one["Name"]
        try:
            region = region_of(look.caller, one)
        except CallError as error:
            yield from (look.unknown(check, name, BUCKET_ACTIONS[0], error) for check in OF_ALL)
            region = ""
        if name in look.buckets or not region or region in look.context.regions:
            found[name] = Bucket(name, region, look)
    for bucket in found.values():
        if bucket.region:
            yield from _fact(bucket, "encryption.buckets", "encryption", _encryption)
    for name in look.buckets or tuple(found):
        if name in found:
            yield from _named_facts(found[name], found, lint)
        else:
            reason = f"the account lists no bucket {name}"
            for check in (*OF_NAMED, "storage.backlog"):
                yield Fact(check, name, None, BUCKET_ACTIONS[6], reason=reason)
    if not found and not look.buckets:
        words = f"no bucket in {', '.join(look.context.regions)}"
        yield Fact("storage.rules", ACCOUNT, Decimal(0), BUCKET_ACTIONS[6], detail=words)


def _named_facts(bucket: Bucket, known: Mapping[str, Bucket], lint: Lint) -> Iterator[Fact]:
    yield from bucket.look.facts(
        *(("encryption.policies",), bucket.name, "s3:GetBucketPolicy"), partial(_policy, bucket)
    )
    yield from _fact(bucket, "storage.rules", "lifecycle", _rules)
    yield from _fact(bucket, "storage.faults", "lifecycle", partial(_faults, lint=lint))
    yield from _fact(
        bucket, "storage.replication", "replication", partial(_replication, known=known)
    )
    yield from _fact(bucket, "storage.backlog", "replication", _backlog)


def _fact(
    bucket: Bucket, check: str, column: str, judge: Callable[[Bucket, str], Iterator[Fact]]
) -> list[Fact]:
    """Return the facts of a setting of a bucket, or that it could not be read."""
    source = f"s3 {SETTING[column].operation}"
    return bucket.look.facts(
        (check,), bucket.name, source, lambda: judge(bucket, bucket.setting(column))
    )


def _encryption(bucket: Bucket, text: str) -> Iterator[Fact]:
    rules = json.loads(text).get("Rules", [])
    kinds = [
        rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm") for rule in rules
    ]
    words = ", ".join(filter(None, kinds)) or "no default encryption"
    value = Decimal(not any(kinds))
    source = "s3:GetEncryptionConfiguration"
    yield Fact("encryption.buckets", bucket.name, value, source, detail=words)


def _policy(bucket: Bucket) -> Iterator[Fact]:
    try:
        answer = bucket.look.caller.ask(
            "s3", "get_bucket_policy", region=bucket.region or None, Bucket=bucket.name
        )
        refuses, words = refuses_unencrypted(json.loads(answer["Policy"])), ""
    except CallError as error:
        if error.code != "NoSuchBucketPolicy":
            raise
        refuses, words = False, "no bucket policy"
    words = words or ("refuses" if refuses else "no statement refuses it")
    value = Decimal(not refuses)
    yield Fact("encryption.policies", bucket.name, value, "s3:GetBucketPolicy", detail=words)


def refuses_unencrypted(policy: Mapping[str, Any]) -> bool:
    """Return whether a bucket policy denies everyone to write what is not encrypted as asked."""
    statements = policy.get("Statement", [])
    for one in statements if isinstance(statements, list) else [statements]:
        actions = one.get("Action", [])
        actions = [actions] if isinstance(actions, str) else actions
        writes = {"*", "s3:*", "s3:put*", PUT} & {action.lower() for action in actions}
        is_everyone = one.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        keys = [key.lower() for test in (one.get("Condition") or {}).values() for key in test]
        asks = any(key.startswith(ENCRYPTION_KEYS) for key in keys)
        if one.get("Effect") == "Deny" and writes and is_everyone and asks:
            return True
    return False


def _rules(bucket: Bucket, text: str) -> Iterator[Fact]:
    rules = [rule for rule in json.loads(text) if rule.get("Status") == "Enabled"]
    words = ", ".join(str(rule.get("ID", "without a name")) for rule in rules) or "no rule"
    source = "s3:GetLifecycleConfiguration"
    yield Fact("storage.rules", bucket.name, Decimal(len(rules)), source, detail=words)


def _faults(bucket: Bucket, text: str, *, lint: Lint) -> Iterator[Fact]:
    source = "s3:GetLifecycleConfiguration"
    faults, doubts = lint(bucket.name, text)
    if doubts and not faults:
        reason = f"{bucket.name}: {' '.join(doubts)}"
        yield Fact("storage.faults", bucket.name, None, source, reason=reason)
        return
    words = " ".join(faults) or "none"
    count, names = Decimal(len(faults)), tuple(faults)
    yield Fact("storage.faults", bucket.name, count, source, detail=words, names=names)


def _enabled(text: str) -> list[Mapping[str, Any]]:
    return [rule for rule in json.loads(text).get("Rules", []) if rule["Status"] == "Enabled"]


def _target(rule: Mapping[str, Any]) -> str:
    return str(rule["Destination"]["Bucket"]).rpartition(":")[2]


def _replication(bucket: Bucket, text: str, *, known: Mapping[str, Bucket]) -> Iterator[Fact]:
    """Yield 0 if an enabled rule copies the whole bucket to a versioned one in another Region."""
    source = "s3:GetReplicationConfiguration s3:GetBucketVersioning"
    lacks = [] if bucket.setting("versioning") == "Enabled" else ["versioning is not on"]
    good, rules = [], _enabled(text)
    own_region = bucket.region or (_place(bucket, bucket.name) if rules else "")
    for rule in rules:
        name = _target(rule)
        target = known.get(name)
        if target is None or not target.region:  # a Region that cannot be read raises
            target = Bucket(name, _place(bucket, name), bucket.look)
        if not target.region:
            lacks.append(f"{name} is no bucket of the account: its Region is not known")
        elif target.region == own_region:
            lacks.append(f"{name} is in the same Region")
        elif target.setting("versioning") != "Enabled":
            lacks.append(f"versioning is not on in {name}")
        elif not _is_whole(rule):
            lacks.append(f"a part only goes to {name}")
        else:
            good.append(name)
    is_good = bool(good) and bucket.setting("versioning") == "Enabled"
    words = f"to {', '.join(good)}" if is_good else "; ".join(lacks) if rules else "no rule"
    yield Fact("storage.replication", bucket.name, Decimal(not is_good), source, detail=words)


def _place(bucket: Bucket, name: str) -> str:
    """Return the Region of a bucket that was not among those looked at; "" if there is none."""
    for one in list_buckets(bucket.look.caller):
        if one["Name"] == name:
            return region_of(bucket.look.caller, one)
    return ""


def _is_whole(rule: Mapping[str, Any]) -> bool:
    where = rule.get("Filter", {})
    return not (rule.get("Prefix") or any(where.values()))


def _backlog(bucket: Bucket, text: str) -> Iterator[Fact]:
    """Yield the operations that wait, for each rule; unknown where a rule does not measure it."""
    source = "cloudwatch:GetMetricData OperationsPendingReplication"
    rules = _enabled(text)
    if not rules:
        reason = f"{bucket.name} has no replication rule in force"
        yield Fact("storage.backlog", bucket.name, None, source, reason=reason)
    for rule in rules:
        subject = f"{bucket.name} {rule.get('ID', '')}".strip()
        if rule["Destination"].get("Metrics", {}).get("Status") != "Enabled":
            reason = f"the replication metrics of {subject} are off"
            yield Fact("storage.backlog", subject, None, source, reason=reason)
            continue
        names = {
            "SourceBucket": bucket.name,
            "DestinationBucket": _target(rule),
            "RuleId": str(rule.get("ID", "")),
        }
        yield latest_metric(
            *(bucket.look, "storage.backlog", subject, bucket.region),
            metric=("AWS/S3", "OperationsPendingReplication"),
            dimensions=names,
        )


def bucket_collector(lint: Lint) -> EvidenceCollector:
    """Return the collector of buckets; `lint` judges their lifecycle rules."""
    return EvidenceCollector(
        "buckets", BUCKET_CHECKS, BUCKET_ACTIONS, partial(collect_buckets_evidence, lint=lint)
    )
