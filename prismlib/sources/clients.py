"""Clients of AWS services: the one place where they are made.

Credentials, profiles, regions and endpoints come from the standard chain of boto3 and the ``AWS_*``
variables, ``AWS_ENDPOINT_URL`` included; nothing here reads or keeps a credential, and no role is
assumed that the user's own profile does not name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, IncompleteReadError, ProfileNotFound
from botocore.model import OperationModel
from botocore.session import Session as Configuration

from prismlib import __version__
from prismlib.errors import BrokenAnswerError, SourceError
from prismlib.sources.aws_errors import RAISED, SERVER_FAILED, ForeignAnswerError, translated

ATTEMPTS = 8
"""Tries of a call that is throttled or fails on the way, unless ``AWS_MAX_ATTEMPTS`` says else."""

PAGES = ("text/html", "text/plain")
"""Kinds of bodies that no service of AWS answers with."""

S3_ROOTS = {
    "ListBuckets": "ListAllMyBucketsResult",
    "ListObjectsV2": "ListBucketResult",
    "GetBucketLocation": "LocationConstraint",
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketReplication": "ReplicationConfiguration",
    "GetBucketEncryption": "ServerSideEncryptionConfiguration",
}
"""The outermost element of an answer of S3; elsewhere, and from servers like S3, it is ...Response.

Botocore reads whatever there is.
"""

S3_TEXTS = {"GetBucketPolicy"}
"""Operations of S3 that answer with JSON."""

ROOT = re.compile(rb"<(?:[\w.-]+:)?([A-Za-z_][\w.-]*)")
SUCCEEDED = range(200, 300)

GLOBAL = frozenset({"ce", "pricing", "savingsplans", "sts"})
"""Services with one answer for all regions."""

FALLBACK_REGION = "us-east-1"
"""For services that have one endpoint in a partition, when no region is set up."""


class Clients:
    """A session and its clients, each made once.

    Parameters
    ----------
    profile : str or None
        Name of a profile of the AWS configuration; the default one if None.
    regions : sequence of str
        Regions to look at; that of the session if empty.
    """

    def __init__(self, profile: str | None = None, regions: Sequence[str] = ()) -> None:
        try:
            self.session = boto3.Session(profile_name=profile)
        except ProfileNotFound as error:
            raise _unknown_profile(str(error.kwargs.get("profile", profile))) from None
        except BotoCoreError as error:
            raise translated(error, "sts", "session") from error
        self.default_region: str = (
            regions[0] if regions else self.session.region_name or FALLBACK_REGION
        )
        self.is_fallback = not (regions or self.session.region_name)
        self.regions: tuple[str, ...] = tuple(dict.fromkeys(regions)) or (self.default_region,)
        self._clients: dict[tuple[str, str, bool], Any] = {}

    def client(self, service: str, region: str | None = None, *, is_hasty: bool = False) -> Any:
        """Return the client of a service in a region; the default region if None.

        A hasty one tries once and does not wait long.
        """
        key = (service, region or self.default_region, is_hasty)
        if key not in self._clients:
            try:
                config = call_config(is_hasty=is_hasty)
                client = self.session.client(service, region_name=key[1], config=config)
                refuse_broken_bodies(client)
                self._clients[key] = client
            except (BotoCoreError, ValueError) as error:
                raise translated(error, service, "client", region=key[1]) from error
        return self._clients[key]

    def account_id(self) -> str:
        """Return the account of the credentials; this call is free and needs no permission."""
        try:
            return self._account_id()
        except BrokenAnswerError:
            return self._account_id()

    def _account_id(self) -> str:
        try:
            return str(self.client("sts").get_caller_identity()["Account"])
        except RAISED as error:
            raise translated(error, "sts", "get_caller_identity") from None


def _unknown_profile(name: str) -> SourceError:
    known = ", ".join(sorted(Configuration().available_profiles))
    return SourceError(
        f"the profile {name} is not configured; there are: {known or 'none'}",
        remedy="give one of them with --profile or AWS_PROFILE, or configure it",
    )


def refuse_broken_bodies(client: Any) -> None:
    """Let a client raise for a body that botocore would read as an answer, and is none."""
    client.meta.events.register("before-parse", _refuse_cut_body)
    client.meta.events.register("before-parse", _empty_page_of_a_proxy)
    client.meta.events.register("before-parse", _refuse_foreign_body)


def _refuse_cut_body(response_dict: dict[str, Any], **_: Any) -> None:
    """Raise for a body that is shorter than its length: botocore would read what came.

    Of JSON that breaks off it even makes an empty answer.
    """
    length = response_dict["headers"].get("content-length")
    body = response_dict["body"]
    if length is not None and isinstance(body, bytes) and len(body) != int(length):
        raise IncompleteReadError(actual_bytes=len(body), expected_bytes=int(length))


def _refuse_foreign_body(
    operation_model: OperationModel, response_dict: dict[str, Any], **_: Any
) -> None:
    """Raise for a body that is no answer to the operation: botocore would read it as an empty one.

    It is told by how it begins: JSON by its brace, XML by its outermost element.
    """
    status, body = response_dict["status_code"], response_dict["body"]
    if status >= SERVER_FAILED or not isinstance(body, bytes):
        return
    start = body.lstrip()
    if start[:5].lower() in (b"<html", b"<!doc"):
        raise ForeignAnswerError
    if status not in SUCCEEDED:
        return
    protocol = operation_model.service_model.resolved_protocol
    if operation_model.name in S3_TEXTS:
        protocol = "json"
    if "json" in protocol and not start.startswith(b"{"):
        raise ForeignAnswerError
    if protocol in ("ec2", "query", "rest-xml"):
        name = operation_model.name
        root = ROOT.search(body)
        if root is None or root[1].decode() not in (f"{name}Response", S3_ROOTS.get(name)):
            raise ForeignAnswerError


def _empty_page_of_a_proxy(response_dict: dict[str, Any], **_: Any) -> None:
    """Empty a failure that some server on the way tells in words for people.

    Botocore would not find it readable; without a body it is a failure of the server, tried again.
    """
    kind = str(response_dict["headers"].get("content-type", ""))
    if response_dict["status_code"] >= SERVER_FAILED and kind.startswith(PAGES):
        response_dict["body"] = b""


def call_config(*, is_hasty: bool = False) -> Config:
    """Return time limits, retries and the name under which calls appear in CloudTrail."""
    attempts = 1 if is_hasty else int(os.environ.get("AWS_MAX_ATTEMPTS", ATTEMPTS))
    return Config(
        connect_timeout=5 if is_hasty else 10,
        read_timeout=20 if is_hasty else 60,
        retries={"mode": "standard", "total_max_attempts": attempts},
        user_agent_extra=f"prism/{__version__}",
    )
