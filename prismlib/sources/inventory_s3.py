"""S3 buckets and how they are set up; no object is ever listed or read.

A setting that a bucket does not have is an error of its own in S3 and means "none". A denied call
means "unknown": the cell stays empty and the row's note names the permission.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from prismlib.errors import AccessError, CallError
from prismlib.pulled_tables import BUCKET
from prismlib.sources.calls import Caller
from prismlib.sources.collecting import PullContext
from prismlib.sources.inventory import Row, Unread, canonical, instant
from prismlib.tables import make

BUCKET_ACTIONS = (
    "s3:GetBucketLocation",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration",
    "s3:ListAllMyBuckets",
)

OLD_REGIONS = {"": "us-east-1", "US": "us-east-1", "EU": "eu-west-1"}
"""Location constraints that are not names of regions."""

GONE = {"NoSuchBucket", "404"}


@dataclass(frozen=True)
class Setting:
    """A cell of BUCKET: the call for it, how it is written, and the error that says "none"."""

    column: str
    operation: str
    parse: Callable[[Mapping[str, Any]], str]
    none_code: str = ""
    none: str = ""


def parse_versioning(answer: Mapping[str, Any]) -> str:
    """Return the state of versioning; a bucket that never had it answers with nothing."""
    return str(answer.get("Status") or "Off")


def parse_lifecycle(answer: Mapping[str, Any]) -> str:
    """Return the lifecycle rules as JSON."""
    return canonical(answer.get("Rules", []))


def parse_replication(answer: Mapping[str, Any]) -> str:
    """Return the replication rules as JSON, without the role that carries them out."""
    return canonical({"Rules": answer["ReplicationConfiguration"].get("Rules", [])})


def parse_encryption(answer: Mapping[str, Any]) -> str:
    """Return the default encryption as JSON."""
    return canonical(answer["ServerSideEncryptionConfiguration"])


SETTINGS = (
    Setting("versioning", "get_bucket_versioning", parse_versioning),
    Setting(
        "lifecycle",
        "get_bucket_lifecycle_configuration",
        parse_lifecycle,
        "NoSuchLifecycleConfiguration",
        "[]",
    ),
    Setting(
        "replication",
        "get_bucket_replication",
        parse_replication,
        "ReplicationConfigurationNotFoundError",
        "{}",
    ),
    Setting(
        "encryption",
        "get_bucket_encryption",
        parse_encryption,
        "ServerSideEncryptionConfigurationNotFoundError",
        "{}",
    ),
)


def collect_buckets(
    caller: Caller, context: PullContext, settings: Sequence[Setting] = SETTINGS
) -> pd.DataFrame:
    """Return BUCKET: the buckets of the regions; those elsewhere are counted in a note.

    Raises
    ------
    CallError
        Buckets could not be listed.
    """
    rows: list[Row] = []
    unread = Unread("bucket")
    elsewhere: dict[str, int] = {}
    for one in list_buckets(caller):
        region, note = _region(caller, unread, one)
        if not region:
            context.lacking_rows.add("bucket")  # nothing can be asked of it elsewhere
        if region and region not in context.regions:
            elsewhere[region] = elsewhere.get(region, 0) + 1
            continue
        row = {
            "bucket_name": one["Name"],
            "region_id": region,
            "created_at": instant(one.get("CreationDate")),
        }
        rows += _with_settings(caller, unread, row, note, settings)
    unread.report(context)
    if elsewhere:
        places = ", ".join(f"{count} in {region}" for region, count in sorted(elsewhere.items()))
        context.notes.append(f"Buckets in other regions are left out: {places}. Add --region.")
    return make(BUCKET, rows)


def list_buckets(caller: Caller) -> Iterator[Mapping[str, Any]]:
    """Yield every bucket of the account as S3 lists it."""
    pages = caller.pages(
        "s3",
        "list_buckets",
        token="ContinuationToken",
        answer_token="ContinuationToken",
        MaxBuckets=1000,
    )
    for page in pages:
        yield from page.get("Buckets", ())


def region_of(caller: Caller, bucket: Mapping[str, Any]) -> str:
    """Return the region of a bucket of `list_buckets`; raises CallError if it cannot be read."""
    if region := bucket.get("BucketRegion"):
        return str(region)
    answer = caller.ask("s3", "get_bucket_location", Bucket=bucket["Name"])
    place = answer.get("LocationConstraint") or ""
    return OLD_REGIONS.get(place, place)


def read_setting(caller: Caller, setting: Setting, name: str, region: str | None) -> str:
    """Return a setting of a bucket as its column holds it; raises CallError if it cannot be."""
    try:
        return setting.parse(caller.ask("s3", setting.operation, region=region, Bucket=name))
    except CallError as error:
        if error.code != setting.none_code:
            raise
        return setting.none


def _region(caller: Caller, unread: Unread, bucket: Mapping[str, Any]) -> tuple[str, str]:
    """Return the region of a bucket ("" when it is not known), and why it is not known."""
    try:
        return region_of(caller, bucket), ""
    except CallError as error:
        return "", unread.add("region", bucket["Name"], error)


def _with_settings(
    caller: Caller, unread: Unread, row: Row, first_note: str, settings: Sequence[Setting]
) -> Iterator[Row]:
    """Yield `row` with its settings; nothing when the bucket was deleted in the meantime."""
    notes = [first_note]
    region = row["region_id"] or None
    for setting in settings:
        try:
            row[setting.column] = read_setting(caller, setting, row["bucket_name"], region)
        except CallError as error:
            if error.code in GONE and not isinstance(error, AccessError):
                return
            notes.append(unread.add(setting.column, row["bucket_name"], error))
    yield {**row, "note": "; ".join(filter(None, notes))}
