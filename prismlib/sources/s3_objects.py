"""What lies below a prefix of a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from prismlib.sources.aws_errors import RAISED, translated
from prismlib.sources.clients import Clients

SCHEME = "s3://"

OPERATIONS = (("s3", "list_objects_v2"), ("s3", "get_object"))
"""The calls that list objects and fetch them."""


@dataclass(frozen=True)
class S3Object:
    """An object: its name in the bucket, its size, and what tells one content from another."""

    key: str
    size: int
    mark: str = ""


def parted(address: str) -> tuple[str, str]:
    """Return the bucket and the prefix of ``s3://BUCKET/PREFIX``."""
    bucket, _, prefix = address.removeprefix(SCHEME).partition("/")
    return bucket, prefix


def listed(clients: Clients, bucket: str, prefix: str) -> Iterator[S3Object]:
    """Yield every object whose name begins with `prefix`; raises CallError if that is refused."""
    pages = clients.client("s3").get_paginator("list_objects_v2")
    try:
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", ()):
                mark = str(entry.get("ETag", ""))
                yield S3Object(str(entry["Key"]), int(entry["Size"]), mark)
    except RAISED as error:
        raise translated(error, "s3", "list_objects_v2") from error
