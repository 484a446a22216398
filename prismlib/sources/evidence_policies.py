"""Evidence on policies: what IAM Access Analyzer finds in those of roles.

Looked at are the documents that give roles something and that the customer can change: inline ones
and attached ones of the customer, each distinct document once. Policies of AWS, roles that AWS
makes for its own services, and permission boundaries, which give nothing, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from prismlib.errors import CallError, RefusedError
from prismlib.formats import named
from prismlib.sources.evidence import ACCOUNT, Fact, Look
from prismlib.sources.inventory import canonical

POLICIES_ACTION = "access-analyzer:ValidatePolicy"
OF_AWS = "aws"
"""The account in the ARN of a policy that AWS made."""
SERVICE_LINKED = "/aws-service-role/"
"""Path of roles that AWS makes for its own services: nobody can change or borrow them."""
COUNTED = ("ERROR", "SECURITY_WARNING")
"""The kinds of findings that count; the others are on style."""

Page = Mapping[str, Any]


def default_documents(pages: Sequence[Page]) -> dict[str, Mapping[str, Any]]:
    """Return the document in force of each managed policy, by ARN.

    `pages` are those of GetAccountAuthorizationDetails; a policy may come on another page than the
    roles that carry it.
    """
    return {
        policy["Arn"]: version["Document"]
        for page in pages
        for policy in page.get("Policies", ())
        for version in policy.get("PolicyVersionList", ())
        if version["IsDefaultVersion"]
    }


def distinct_policies(pages: Sequence[Page]) -> dict[str, list[str]]:
    """Return the documents to look at, as JSON, each with the policies that have it."""
    managed = default_documents(pages)
    found: dict[str, list[str]] = {}
    for role in (role for page in pages for role in page.get("RoleDetailList", ())):
        if role.get("Path", "").startswith(SERVICE_LINKED):
            continue
        for one in role.get("RolePolicyList", ()):
            name = f"inline {one['PolicyName']} of {role['RoleName']}"
            found.setdefault(canonical(one["PolicyDocument"]), []).append(name)
        for one in role.get("AttachedManagedPolicies", ()):
            arn = one["PolicyArn"]
            if arn.split(":")[4] != OF_AWS and arn in managed:
                names = found.setdefault(canonical(managed[arn]), [])
                names += [] if one["PolicyName"] in names else [one["PolicyName"]]
    return found


def policy_facts(look: Look, pages: Sequence[Page]) -> Iterator[Fact]:
    """Yield how many errors and security warnings each document has.

    What is refused is refused for that document; after any other failure no more are asked about,
    and the rest is not known.
    """
    documents = distinct_policies(pages)
    for text, names in documents.items():
        try:
            yield _fact(look, text, named(names, 3))
        except CallError as error:
            is_of_one = isinstance(error, RefusedError)
            subject = named(names, 3) if is_of_one else "policies of roles"
            yield look.unknown("iam.policies", subject, POLICIES_ACTION, error)
            if not is_of_one:
                return
    if not documents:
        words = "no role has a policy of its own or of the customer"
        yield Fact("iam.policies", ACCOUNT, Decimal(0), POLICIES_ACTION, detail=words)


def _fact(look: Look, document: str, subject: str) -> Fact:
    found = look.items(
        *("accessanalyzer", "validate_policy", "findings", "nextToken"),
        policyDocument=document,
        policyType="IDENTITY_POLICY",
        maxResults=100,
    )
    codes = [
        f"{one['issueCode']} ({one['findingType'].lower().replace('_', ' ')})"
        for one in found
        if one["findingType"] in COUNTED
    ]
    words = named(list(dict.fromkeys(codes)))
    return Fact("iam.policies", subject, Decimal(len(codes)), POLICIES_ACTION, detail=words)
