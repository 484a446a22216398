"""The least permissions that `prism pull` needs, from what its parts declare."""

from __future__ import annotations

import json
from typing import Any

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


def policy(*, with_evidence: bool = False) -> dict[str, Any]:
    """Return the IAM policy as JSON values; it reads, and neither data objects nor secrets."""
    statement = {
        "Sid": "PrismPullReadOnly",
        "Effect": "Allow",
        "Action": actions(with_evidence=with_evidence),
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def policy_text(*, with_evidence: bool = False) -> str:
    """Return the policy as the JSON that IAM takes."""
    return json.dumps(policy(with_evidence=with_evidence), indent=2)
