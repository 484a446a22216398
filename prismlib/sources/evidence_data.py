"""Evidence on data: encryption of disks, databases and their replicas, restores, secrets.

The value of a secret is never asked for, nor any object or row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from prismlib.errors import CallError
from prismlib.sources.evidence import (
    ACCOUNT,
    EvidenceCollector,
    Fact,
    Look,
    counted,
)
from prismlib.sources.evidence_metrics import latest_metric
from prismlib.sources.inventory import Row, instant
from prismlib.sources.inventory_rds import parse_databases

VOLUME_ACTIONS = ("ec2:DescribeVolumes",)
DATABASE_CHECKS = (
    *("encryption.databases", "database.replicas", "database.far_replicas", "database.lag"),
)
DATABASE_ACTIONS = ("rds:DescribeDBInstances", "cloudwatch:GetMetricData")
RESTORE_ACTIONS = ("backup:ListRestoreJobs",)
SECRET_CHECKS = ("secrets.listed", "secrets.unrotated", "secrets.age")
SECRET_ACTIONS = ("secretsmanager:ListSecrets",)
DAY_S = 86_400


def collect_volumes(look: Look) -> list[Fact]:
    """Return the number of unencrypted disks of each Region."""
    checks, (source,) = ("encryption.volumes",), VOLUME_ACTIONS

    def read(region: str) -> Iterator[Fact]:
        found = look.items(
            *("ec2", "describe_volumes", "Volumes", "NextToken"), region=region, MaxResults=500
        )
        plain = [one["VolumeId"] for one in found if not one["Encrypted"]]
        yield counted("encryption.volumes", region, plain, source)

    return look.by_region(checks, source, read, of_none={})


@dataclass(frozen=True)
class _Database:
    """A database as DescribeDBInstances gives it, under names that are the same everywhere."""

    row: Row
    arn: str
    region: str

    @property
    def name(self) -> str:
        return str(self.row["database_id"])

    def is_replica_of(self, other: _Database) -> bool:
        """Return whether it follows another one: by name in a Region, by ARN across them."""
        source = self.row["replica_source"]
        return source == other.arn or (source == other.name and self.region == other.region)


def collect_databases(look: Look) -> Iterator[Fact]:
    """Yield the facts of every database; a replica counts only while it is available.

    What a Region that cannot be read holds is not known, so the replicas of a database elsewhere
    may be more than those that were seen.
    """
    found: list[_Database] = []
    source, is_whole = DATABASE_ACTIONS[0], True
    for region in look.context.regions:
        try:
            found += _databases(look, region)
        except CallError as error:
            is_whole = False
            yield from (look.unknown(check, region, source, error) for check in DATABASE_CHECKS)
    for one in found:
        value = Decimal(not one.row["is_encrypted"])
        words = "" if one.row["is_encrypted"] else "not encrypted"
        yield Fact("encryption.databases", one.name, value, source, detail=words)
        if one.row["replica_source"]:
            yield from _lag(look, one)
        else:
            yield from _replicas(one, found)
    if not found and is_whole:
        yield from _no_databases(look, source)


def _databases(look: Look, region: str) -> list[_Database]:
    answers = look.caller.pages(
        *("rds", "describe_db_instances"),
        token="Marker",
        answer_token="Marker",
        region=region,
        MaxRecords=100,
    )
    found = []
    for answer in answers:
        arns = [one.get("DBInstanceArn", "") for one in answer.get("DBInstances", ())]
        rows = parse_databases(answer, region, {})
        found += [_Database(row, arn, region) for row, arn in zip(rows, arns, strict=True)]
    return found


def _replicas(primary: _Database, found: Sequence[_Database]) -> Iterator[Fact]:
    followers = [one for one in found if one.is_replica_of(primary)]
    running = [one for one in followers if one.row["state"] == "available"]
    far = [one for one in running if one.region != primary.region]
    source = DATABASE_ACTIONS[0]
    words = ", ".join(f"{one.name} ({one.region}, {one.row['state']})" for one in followers)
    for check, them in (("database.replicas", running), ("database.far_replicas", far)):
        count = Decimal(len(them))
        yield Fact(check, primary.name, count, source, detail=words or "no replica")


def _lag(look: Look, replica: _Database) -> Iterator[Fact]:
    yield latest_metric(
        *(look, "database.lag", replica.name, replica.region),
        metric=("AWS/RDS", "ReplicaLag"),
        dimensions={"DBInstanceIdentifier": replica.name},
    )


def _no_databases(look: Look, source: str) -> Iterator[Fact]:
    words = f"no database in {', '.join(look.context.regions)}"
    for check in DATABASE_CHECKS[:3]:
        yield Fact(check, ACCOUNT, Decimal(0), source, detail=words)


def collect_restores(look: Look) -> Iterator[Fact]:
    """Yield how long ago AWS Backup completed a restore, the last one of each Region."""
    (source,) = RESTORE_ACTIONS
    for region in look.context.regions:
        yield from look.facts(
            ("restore.age",), region, source, partial(_restores, look, region, source)
        )


def _restores(look: Look, region: str, source: str) -> Iterator[Fact]:
    jobs = look.items(
        *("backup", "list_restore_jobs", "RestoreJobs", "NextToken"), region=region, MaxResults=1000
    )
    done = [parsed for job in jobs if (parsed := _completed(job))]
    if not done:
        reason = (
            f"AWS Backup lists no completed restore in {region}; one made otherwise needs a record"
            " in stated_evidence"
        )
        yield Fact("restore.age", region, None, source, reason=reason)
        return
    moment, name, status = max(done)
    words = f"{name} on {moment.date()}" + (f", validation {status}" if status else "")
    yield Fact("restore.age", region, days(look.context.now, moment), source, detail=words)


def _completed(job: Mapping[str, Any]) -> tuple[datetime, str, str] | None:
    """Return when a restore was complete, its name, and how its validation ended."""
    moment = instant(job.get("CompletionDate"))
    if job["Status"] != "COMPLETED" or moment is None or job.get("ValidationStatus") == "FAILED":
        return None
    return moment, job["RestoreJobId"], str(job.get("ValidationStatus", "")).lower()


def days(now: datetime, moment: datetime) -> Decimal:
    """Return the days from a moment until now, to a tenth."""
    seconds = Decimal((now - moment).total_seconds())
    return max(Decimal(0), (seconds / DAY_S)).quantize(Decimal("0.1"))


def collect_secrets(look: Look) -> list[Fact]:
    """Return the facts of every secret: its rotation and the days since it was changed."""
    (source,) = SECRET_ACTIONS

    def read(region: str) -> Iterator[Fact]:
        secrets = look.items(
            *("secretsmanager", "list_secrets", "SecretList", "NextToken"),
            region=region,
            MaxResults=100,
        )
        for one in secrets:
            yield from parse_secret(one, look.context.now, source)

    return look.by_region(SECRET_CHECKS, source, read, of_none={"secrets.listed": "no secret"})


def parse_secret(one: Mapping[str, Any], now: datetime, source: str) -> Iterator[Fact]:
    """Yield the facts of one secret of an answer of ListSecrets."""
    name, is_rotated = one["Name"], bool(one.get("RotationEnabled"))
    yield Fact("secrets.listed", name, Decimal(1), source)
    words = "" if is_rotated else "rotation is off"
    yield Fact("secrets.unrotated", name, Decimal(not is_rotated), source, detail=words)
    texts = [one.get(key) for key in ("LastRotatedDate", "LastChangedDate", "CreatedDate")]
    moments = [moment for text in texts if (moment := instant(text))]
    if moments:
        yield Fact("secrets.age", name, days(now, max(moments)), source)
    else:
        reason = f"when {name} was changed is not said"
        yield Fact("secrets.age", name, None, source, reason=reason)


DATA_COLLECTORS = (
    EvidenceCollector("volumes", ("encryption.volumes",), VOLUME_ACTIONS, collect_volumes),
    EvidenceCollector("databases", DATABASE_CHECKS, DATABASE_ACTIONS, collect_databases),
    EvidenceCollector("restores", ("restore.age",), RESTORE_ACTIONS, collect_restores),
    EvidenceCollector("secrets", SECRET_CHECKS, SECRET_ACTIONS, collect_secrets),
)
