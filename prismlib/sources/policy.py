"""The least permissions that `prism pull` needs, from what its parts declare."""

from __future__ import annotations

import json
from typing import Any

from prismlib.errors import ParameterError
from prismlib.sources import athena_options, s3_objects
from prismlib.sources.collectors import COLLECTORS
from prismlib.sources.cost_explorer_plan import OPERATIONS
from prismlib.sources.evidence_collectors import evidence_actions
from prismlib.sources.permissions import iam_action

ACCOUNT = ("sts", "get_caller_identity")
"""How a pull learns which account it is in; AWS allows it to every identity."""


def actions(*, with_evidence: bool = False) -> list[str]:
    """Return every permission, in order; those of ``--evidence`` if asked for."""
    core = {iam_action("ce", operation) for operation in OPERATIONS} | {iam_action(*ACCOUNT)}
    evidence = evidence_actions() if with_evidence else set()
    return sorted(core.union(evidence, *(collector.actions for collector in COLLECTORS)))


def line_item_actions(place: str) -> list[str]:
    """Return the permissions that ``--line-items`` of a place needs, in order.

    Raises
    ------
    ParameterError
        The place is neither a table of Athena nor in S3.
    """
    if place.startswith(athena_options.PLACE):
        return sorted(iam_action(*call) for call in athena_options.OPERATIONS)
    if place.startswith(s3_objects.SCHEME):
        return sorted(iam_action(*call) for call in s3_objects.OPERATIONS)
    raise ParameterError(
        "--line-items",
        place,
        expected="athena:DATABASE.TABLE or s3://BUCKET/PREFIX; a folder needs no permission",
    )


def policy(*, with_evidence: bool = False, place: str = "") -> dict[str, Any]:
    """Return the IAM policy as JSON values.

    It reads, and neither data objects nor secrets; that of line items, which a pull reads instead
    of asking Cost Explorer, reads the objects of the export, and Athena writes its results.
    """
    if place and with_evidence:
        raise ParameterError("--evidence", "given", expected="not with --line-items")
    of_items = line_item_actions(place) if place else None
    statement = {
        "Sid": "PrismPullLineItems" if place else "PrismPullReadOnly",
        "Effect": "Allow",
        "Action": of_items or actions(with_evidence=with_evidence),
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def policy_text(*, with_evidence: bool = False, place: str = "") -> str:
    """Return the policy as the JSON that IAM takes."""
    return json.dumps(policy(with_evidence=with_evidence, place=place), indent=2)
