"""What Access Analyzer finds in policies of roles; moto has none, so its answers are given."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from prismlib.sources.evidence import Look
from prismlib.sources.evidence_iam import IAM_COLLECTORS, collect_roles
from prismlib.sources.evidence_policies import distinct_policies, policy_facts

AWS = "arn:aws:iam::aws:policy/"
OWN = "arn:aws:iam::123456789012:policy/"


@pytest.fixture
def look(caller, context):
    return Look(caller, context)


def document(action, **more):
    statement = {"Effect": "Allow", "Action": action, "Resource": "*", **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


PASS_ROLE = document("iam:PassRole")
TYPO = document("s3:GetObjekt")
FINE = document("s3:ListBucket")


def role(name, *, inline=(), attached=(), path="/", boundary=""):
    return {
        "RoleName": name,
        "Path": path,
        "RolePolicyList": [
            {"PolicyName": f"p{n}", "PolicyDocument": one} for n, one in enumerate(inline)
        ],
        "AttachedManagedPolicies": [
            {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in attached
        ],
        "PermissionsBoundary": {"PermissionsBoundaryArn": boundary},
    }


def policy(arn, one, *old):
    versions = [{"Document": other, "IsDefaultVersion": False} for other in old]
    return {
        "Arn": arn,
        "PolicyVersionList": [*versions, {"Document": one, "IsDefaultVersion": True}],
    }


def pages(*roles, policies=()):
    return [{"RoleDetailList": [one]} for one in roles] + [{"Policies": list(policies)}]


# --- which documents ------------------------------------------------------------------------------


def test_each_document_is_looked_at_once_whoever_carries_it():
    """Three roles with the same inline document, one of them with its keys in another order."""
    turned = {"Statement": PASS_ROLE["Statement"], "Version": "2012-10-17"}
    found = distinct_policies(
        pages(
            role("a", inline=[PASS_ROLE, TYPO]),
            role("b", inline=[turned], attached=[f"{OWN}tools"]),
            role("c", inline=[PASS_ROLE], attached=[f"{OWN}tools"]),
            policies=[policy(f"{OWN}tools", FINE)],
        )
    )
    assert list(found.values()) == [
        ["inline p0 of a", "inline p0 of b", "inline p0 of c"],
        ["inline p1 of a"],
        ["tools"],
    ]
    assert [json.loads(text) for text in found] == [PASS_ROLE, TYPO, FINE]


@pytest.mark.parametrize(
    "one",
    [
        role("aws", attached=[f"{AWS}AdministratorAccess"]),
        role("linked", inline=[PASS_ROLE], path="/aws-service-role/ecs.amazonaws.com/"),
        role("limited", boundary=f"{OWN}tools"),
        role("bare"),
    ],
)
def test_what_the_customer_cannot_change_or_gives_nothing_is_left_out(one):
    known = [policy(f"{AWS}AdministratorAccess", PASS_ROLE), policy(f"{OWN}tools", TYPO)]
    assert distinct_policies(pages(one, policies=known)) == {}


def test_only_the_version_in_force_counts():
    one = role("a", attached=[f"{OWN}tools"])
    found = distinct_policies(pages(one, policies=[policy(f"{OWN}tools", FINE, PASS_ROLE, TYPO)]))
    assert [json.loads(text) for text in found] == [FINE]


# --- what is found --------------------------------------------------------------------------------


def finding(kind, code):
    return {
        "findingType": kind,
        "issueCode": code,
        "findingDetails": "words",
        "learnMoreLink": "https://l",
        "locations": [],
    }


STAR = finding("SECURITY_WARNING", "PASS_ROLE_WITH_STAR_IN_RESOURCE")
INVALID = finding("ERROR", "INVALID_ACTION")
STYLE = [finding("SUGGESTION", "EMPTY_SID_VALUE"), finding("WARNING", "DEPRECATED_GLOBAL_KEY")]


def analyzer(gate, replies, found):
    """Serve findings by document, one on a page; `found` are pairs of them."""

    def answer(asked):
        given = json.loads(asked.parameters["policyDocument"])
        assert asked.parameters["policyType"] == "IDENTITY_POLICY"
        findings = next((one for one, of in found if of == given), [])
        at = int(parse_qs(urlsplit(asked.path).query).get("nextToken", ["0"])[0])
        more = {"nextToken": str(at + 1)} if at + 1 < len(findings) else {}
        return replies.json({"findings": findings[at : at + 1], **more})

    gate.answers["ValidatePolicy"] = answer


def test_errors_and_security_warnings_of_all_pages_count_and_style_does_not(gate, look, replies):
    """Three pages: an error, a warning on style and a security warning, which are two findings."""
    analyzer(gate, replies, [([INVALID, *STYLE[1:], STAR], PASS_ROLE), (STYLE, FINE)])
    facts = list(policy_facts(look, pages(role("a", inline=[PASS_ROLE, FINE]))))
    assert [(one.subject, one.value) for one in facts] == [
        ("inline p0 of a", 2),
        ("inline p1 of a", 0),
    ]
    words = "INVALID_ACTION (error), PASS_ROLE_WITH_STAR_IN_RESOURCE (security warning)"
    assert facts[0].detail == words
    assert gate.operations() == ["ValidatePolicy"] * 5


def test_policies_of_an_account_are_sent_as_they_are(account, gate, look, replies):
    """An inline document and one of the customer, as moto gives them; that of AWS is not sent."""
    iam = account("iam")
    made = iam.create_policy(PolicyName="tools", PolicyDocument=json.dumps(TYPO))
    for name in ("web", "job"):
        trust = document("sts:AssumeRole", Principal={"Service": "ec2.amazonaws.com"})
        del trust["Statement"][0]["Resource"]
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        iam.put_role_policy(RoleName=name, PolicyName="data", PolicyDocument=json.dumps(PASS_ROLE))
        iam.attach_role_policy(RoleName=name, PolicyArn=made["Policy"]["Arn"])
    analyzer(gate, replies, [([STAR], PASS_ROLE), ([INVALID], TYPO)])
    facts = {
        one.subject: one.value for one in collect_roles(look) if one.check_id == "iam.policies"
    }
    assert facts == {"inline data of web, inline data of job": 1, "tools": 1}


def test_an_account_whose_roles_have_no_policy_of_their_own_has_no_finding(look):
    (fact,) = policy_facts(look, pages(role("bare")))
    assert (fact.value, fact.subject) == (0, "the account")


# --- what cannot be seen --------------------------------------------------------------------------

THREE = pages(role("a", inline=[PASS_ROLE, TYPO, FINE]))


def test_a_denied_call_is_made_once_and_names_the_permission(gate, look):
    gate.deny("ValidatePolicy", code="AccessDeniedException")
    (fact,) = policy_facts(look, THREE)
    assert (fact.value, fact.reason) == (None, "needs access-analyzer:ValidatePolicy")
    assert [one["iam_action"] for one in look.context.unknown] == ["access-analyzer:ValidatePolicy"]
    assert gate.operations() == ["ValidatePolicy"]


def test_what_was_seen_before_a_call_is_throttled_is_kept(gate, look, replies):
    answers = iter([replies.json({"findings": [STAR]})])
    gate.answers["ValidatePolicy"] = lambda asked: next(
        answers, replies.refusal(asked, "ThrottlingException", 429)
    )
    first, rest = policy_facts(look, THREE)
    assert first.value == 1
    assert (rest.value, rest.subject) == (None, "policies of roles")
    assert "access-analyzer" in rest.reason or "accessanalyzer" in rest.reason


def test_a_document_that_is_refused_leaves_the_others(gate, look, replies):
    def answer(asked):
        if "Objekt" in asked.parameters["policyDocument"]:
            return replies.refusal(asked, "ValidationException", 400)
        return replies.json({"findings": []})

    gate.answers["ValidatePolicy"] = answer
    facts = list(policy_facts(look, THREE))
    assert [one.value for one in facts] == [0, None, 0]


def test_without_the_roles_their_policies_are_unknown_too(gate, look):
    gate.deny("GetAccountAuthorizationDetails")
    facts = IAM_COLLECTORS[0].read(look)
    assert {one.check_id: one.reason for one in facts} == {
        "iam.roles": "needs iam:GetAccountAuthorizationDetails",
        "iam.policies": "needs iam:GetAccountAuthorizationDetails",
    }
    assert "ValidatePolicy" not in gate.operations()


def test_roles_are_known_without_the_analyzer(account, gate, look):
    account("iam").create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(FINE))
    account("iam").put_role_policy(RoleName="web", PolicyName="p", PolicyDocument=json.dumps(FINE))
    gate.deny("ValidatePolicy", code="AccessDeniedException")
    facts = {one.check_id: one.value for one in IAM_COLLECTORS[0].read(look)}
    assert facts == {"iam.roles": 0, "iam.policies": None}
