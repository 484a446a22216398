"""Evidence on identities: what roles may do, and whether people log in with a second factor.

Roles come from one call with all its pages, with the documents of every policy: attached ones of
AWS and of the customer, inline ones, and the permission boundary. What a role holds is by
`iam_documents`; which actions stand for too much power is in ``data/reference/iam_power.csv``.
What Access Analyzer finds in their policies is by `evidence_policies`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from prismlib.errors import BrokenAnswerError, CallError
from prismlib.formats import named
from prismlib.sources.evidence import ACCOUNT, BROKEN, EvidenceCollector, Fact, Look
from prismlib.sources.evidence_policies import (
    POLICIES_ACTION,
    SERVICE_LINKED,
    default_documents,
    policy_facts,
)
from prismlib.sources.iam_documents import Statement, allows, both, parse_statements
from prismlib.sources.inventory import instant
from prismlib.sources.prices import read_reference
from prismlib.tables import records

ROLES_ACTION = "iam:GetAccountAuthorizationDetails"
ROLE_CHECKS = ("iam.roles", "iam.policies")
REPORT_ACTIONS = ("iam:GenerateCredentialReport", "iam:GetCredentialReport")
ROOT_USER = "<root_account>"
NO_REPORT = {"ReportNotPresent", "ReportExpired", "ReportInProgress"}
TRIES, PAUSE_S = 10, 2.0
"""How often the credential report is asked for while AWS makes it, and the time between."""

Documents = Mapping[str, tuple[Statement, ...]]


@dataclass(frozen=True)
class Power:
    """A power, and the actions that stand for it: any of them or all."""

    name: str
    actions: tuple[str, ...]
    needs_all: bool

    def held(self, statements: Sequence[Statement], own_arn: str) -> bool | None:
        """Return whether statements give it; None if a condition decides."""
        answers = [allows(statements, action, own_arn) for action in self.actions]
        if self.needs_all:
            return False if False in answers else (None if None in answers else True)
        return True if True in answers else (None if None in answers else False)


def powers() -> list[Power]:
    """Return the powers of ``iam_power.csv``."""
    found: dict[tuple[str, bool], list[str]] = {}
    for row in records(read_reference("iam_power")):
        found.setdefault((row["power_name"], row["combine"] == "all"), []).append(
            row["action_name"]
        )
    return [Power(name, tuple(actions), needs) for (name, needs), actions in found.items()]


def collect_roles(look: Look) -> Iterator[Fact]:
    """Yield what each role may do, and what Access Analyzer finds in the policies of roles."""
    pages = list(
        look.caller.pages(
            "iam",
            "get_account_authorization_details",
            token="Marker",
            answer_token="Marker",
            MaxItems=1000,
        )
    )
    yield from look.facts(ROLE_CHECKS[:1], ACCOUNT, ROLES_ACTION, partial(_role_facts, pages))
    yield from look.facts(
        ROLE_CHECKS[1:], ACCOUNT, POLICIES_ACTION, partial(policy_facts, look, pages)
    )


def _role_facts(pages: Sequence[Mapping[str, Any]]) -> Iterator[Fact]:
    """Yield a fact for each role: 1 if it holds a power of `powers`, 0 if it holds none."""
    documents = {
        arn: parse_statements(document) for arn, document in default_documents(pages).items()
    }
    known = powers()
    for page in pages:
        for role in page.get("RoleDetailList", ()):
            yield role_fact(role, documents, known)


def role_fact(role: Mapping[str, Any], documents: Documents, known: Sequence[Power]) -> Fact:
    """Return what one role holds; `documents` are those of managed policies by ARN."""
    name = role["RoleName"]
    if role.get("Path", "").startswith(SERVICE_LINKED):
        return Fact("iam.roles", name, Decimal(0), ROLES_ACTION, detail="linked to a service")
    try:
        policies, missing = _policies(role, documents)
        limits, unread_limit = _boundary(role, documents)
    except BROKEN:
        reason = f"the documents of the role {name} cannot be read"
        return Fact("iam.roles", name, None, ROLES_ACTION, reason=reason)
    held, maybe = [], [*missing, *unread_limit]
    together = [one for statements in policies.values() for one in statements]
    for power in known:
        answer = power.held(together, role["Arn"])
        if limits is not None:
            answer = both(answer, power.held(limits, role["Arn"]))
        if answer:
            held.append(f"{power.name} ({named(_givers(power, policies, role['Arn']))})")
        elif answer is None:
            maybe.append(f"a condition decides whether it may {power.name}")
    if unread_limit and held:
        held = []  # the boundary may take it away: not known
    if held:
        words = f"{'; '.join(held)}; taken on by {_bearers(role)}"
        return Fact("iam.roles", name, Decimal(1), ROLES_ACTION, detail=words)
    if maybe:
        reason = f"role {name}: {'; '.join(maybe)}"
        return Fact("iam.roles", name, None, ROLES_ACTION, reason=reason)
    return Fact("iam.roles", name, Decimal(0), ROLES_ACTION)


def _policies(
    role: Mapping[str, Any], documents: Documents
) -> tuple[dict[str, tuple[Statement, ...]], list[str]]:
    """Return the statements of each policy of a role, and what is missing of them."""
    found = {
        f"inline {one['PolicyName']}": parse_statements(one["PolicyDocument"])
        for one in role.get("RolePolicyList", ())
    }
    missing = []
    for one in role.get("AttachedManagedPolicies", ()):
        if one["PolicyArn"] in documents:
            found[one["PolicyName"]] = documents[one["PolicyArn"]]
        else:
            missing.append(f"the document of {one['PolicyName']} did not come")
    return found, missing


def _boundary(
    role: Mapping[str, Any], documents: Documents
) -> tuple[tuple[Statement, ...] | None, list[str]]:
    """Return the statements of the permission boundary, None without one, and what is missing."""
    arn = (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn", "")
    if not arn:
        return None, []
    if arn in documents:
        return documents[arn], []
    return None, [f"the document of its boundary {arn.rpartition('/')[2]} did not come"]


def _givers(power: Power, policies: Mapping[str, tuple[Statement, ...]], own_arn: str) -> list[str]:
    """Return the policies that give a power by themselves, or all that give it together."""
    alone = [name for name, statements in policies.items() if power.held(statements, own_arn)]
    return alone or list(policies)


def _bearers(role: Mapping[str, Any]) -> str:
    """Return who may take a role on, by its trust policy."""
    found = []
    for one in _listed(role["AssumeRolePolicyDocument"].get("Statement", ())):
        principal = one.get("Principal", {})
        kinds = principal.values() if isinstance(principal, Mapping) else [principal]
        found += [str(name) for kind in kinds for name in _listed(kind)]
    on = " (on instances)" if role.get("InstanceProfileList") else ""
    return (named(list(dict.fromkeys(found)), 3) or "nobody") + on


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def collect_factors(look: Look) -> Iterator[Fact]:
    """Yield a fact for each console user: 1 without a second factor; and one for the root user."""
    answer = _report(look)
    text = answer["Content"]
    made = instant(answer["GeneratedTime"])
    yield from parse_report(text.decode() if isinstance(text, bytes) else text, made)


def _report(look: Look) -> Mapping[str, Any]:
    """Return the credential report, after AWS made one if there is none younger than 4 hours."""
    look.caller.ask("iam", "generate_credential_report")
    for _ in range(TRIES):
        try:
            return look.caller.ask("iam", "get_credential_report")
        except CallError as error:
            if error.code not in NO_REPORT:
                raise
        look.wait(PAUSE_S)
    raise BrokenAnswerError(
        "iam", "get_credential_report", "says that the report is not ready", code="ReportInProgress"
    )


def parse_report(text: str, made: datetime | None) -> Iterator[Fact]:
    """Yield the facts of a credential report that was made at some time."""
    source = " ".join(REPORT_ACTIONS)
    users = 0
    for row in csv.DictReader(io.StringIO(text)):
        has_factor = row["mfa_active"] == "true"
        if row["user"] == ROOT_USER:
            value = Decimal(has_factor)
            words = "has a second factor" if has_factor else "has no second factor"
            yield Fact("mfa.root", "root user", value, source, detail=words, observed_at=made)
        elif row["password_enabled"] == "true":
            users += 1
            value = Decimal(not has_factor)
            words = "" if has_factor else "no second factor"
            yield Fact("mfa.users", row["user"], value, source, detail=words, observed_at=made)
    if not users:
        words = "nobody has a console password"
        yield Fact("mfa.users", ACCOUNT, Decimal(0), source, detail=words, observed_at=made)


IAM_COLLECTORS = (
    EvidenceCollector("roles", ROLE_CHECKS, (ROLES_ACTION, POLICIES_ACTION), collect_roles),
    EvidenceCollector("factors", ("mfa.users", "mfa.root"), REPORT_ACTIONS, collect_factors),
)
