"""Roles with too much power and users without a second factor, in accounts of moto and by hand."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from prismlib.analyses.launch_evidence import looks_of
from prismlib.analyses.launch_waivers import waived_looks
from prismlib.readiness_tables import EVIDENCE_WAIVER
from prismlib.sources.evidence import Look
from prismlib.sources.evidence_iam import (
    IAM_COLLECTORS,
    collect_factors,
    collect_roles,
    parse_report,
    powers,
    role_fact,
)
from prismlib.sources.evidence_judging import judge_evidence
from prismlib.sources.evidence_things import things_of
from prismlib.sources.iam_documents import parse_statements
from prismlib.sources.prices import read_reference
from prismlib.tables import make, records

EC2 = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
NARROW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}
POWER_USER = [
    {
        "Effect": "Allow",
        "NotAction": ["iam:*", "organizations:*", "account:*"],
        "Resource": "*",
    },
    {
        "Effect": "Allow",
        "Action": ["iam:ListRoles", "organizations:DescribeOrganization"],
        "Resource": "*",
    },
]
IAM_FULL = {"Effect": "Allow", "Action": ["iam:*", "organizations:ListRoots"], "Resource": "*"}
AWS = "arn:aws:iam::aws:policy/"
CONDITION = {"StringEquals": {"aws:RequestedRegion": "us-west-2"}}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def judged(look, facts, check):
    rows = judge_evidence(facts, read_reference("evidence_check"), {}, look.context.now)
    (row,) = [row for row in records(rows) if row["check_id"] == check]
    return row


@pytest.fixture
def look(caller, context):
    return Look(caller, context)


# --- one role by hand -----------------------------------------------------------------------------

DOCUMENTS = {
    f"{AWS}AdministratorAccess": parse_statements(document(EVERYTHING)),
    f"{AWS}PowerUserAccess": parse_statements(document(*POWER_USER)),
    f"{AWS}IAMFullAccess": parse_statements(document(IAM_FULL)),
    f"{AWS}ReadOnlyAccess": parse_statements(
        document({**EVERYTHING, "Action": ["s3:Get*", "iam:List*"]})
    ),
    "arn:aws:iam::1:policy/limit": parse_statements(document({**EVERYTHING, "Action": "s3:*"})),
}


def fact(*inline, attached=(), boundary="", **more):
    role = {
        "RoleName": "web",
        "Arn": "arn:aws:iam::1:role/web",
        "AssumeRolePolicyDocument": EC2,
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document(*inline)}]
        if inline
        else [],
        "AttachedManagedPolicies": [
            {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in attached
        ],
        **more,
    }
    if boundary:
        role["PermissionsBoundary"] = {"PermissionsBoundaryArn": boundary}
    return role_fact(role, DOCUMENTS, powers())


@pytest.mark.parametrize("name", ["AdministratorAccess", "PowerUserAccess", "IAMFullAccess"])
def test_a_role_with_a_policy_of_that_power_is_found(name):
    found = fact(attached=[AWS + name])
    assert found.value == 1
    assert name in found.detail and "ec2.amazonaws.com" in found.detail


@pytest.mark.parametrize(
    "statements",
    [
        [EVERYTHING],
        [{**EVERYTHING, "Action": "*:*"}],
        [{**EVERYTHING, "Action": ["s3:*", "IAM:Put*"]}],
        [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}],
        # It may write a policy of its own.
        [{**EVERYTHING, "Action": "iam:PutRolePolicy", "Resource": "arn:aws:iam::1:role/web"}],
    ],
)
def test_inline_power_is_found(statements):
    assert fact(*statements).value == 1


def test_statements_of_two_policies_count_together():
    """Each policy alone lacks some of the services."""
    names = [
        row["action_name"]
        for row in records(read_reference("iam_power"))
        if row["combine"] == "all"
    ]
    half = [{**EVERYTHING, "Action": names[:3]}, {**EVERYTHING, "Action": names[3:]}]
    assert fact(half[0]).value == fact(half[1]).value == 0
    assert fact(*half).value == 1


@pytest.mark.parametrize(
    "statements",
    [
        [NARROW],
        [{**EVERYTHING, "Action": "s3:*"}],
        [EVERYTHING, {**EVERYTHING, "Effect": "Deny"}],
        [{**EVERYTHING, "Resource": "arn:aws:s3:::data/*"}],
    ],
)
def test_a_narrow_role_is_not(statements):
    assert fact(*statements).value == 0
    assert fact(attached=[f"{AWS}ReadOnlyAccess"]).value == 0


def test_a_boundary_limits_what_a_policy_gives():
    admin = f"{AWS}AdministratorAccess"
    assert fact(attached=[admin], boundary="arn:aws:iam::1:policy/limit").value == 0
    assert fact(attached=[admin], boundary=admin).value == 1
    unread = fact(attached=[admin], boundary="arn:aws:iam::1:policy/gone")
    assert unread.value is None
    assert "boundary gone" in unread.reason


def test_what_a_condition_decides_is_unknown_and_no_pass():
    found = fact({**EVERYTHING, "Condition": CONDITION})
    assert found.value is None
    assert "condition" in found.reason
    assert fact({**EVERYTHING, "Condition": CONDITION}, IAM_FULL).value == 1


def test_a_policy_whose_document_did_not_come_is_unknown():
    found = fact(attached=["arn:aws:iam::1:policy/gone"])
    assert found.value is None
    assert "gone" in found.reason
    # What is known already decides.
    assert fact(EVERYTHING, attached=["arn:aws:iam::1:policy/gone"]).value == 1


def test_a_role_linked_to_a_service_is_left_to_the_service():
    linked = "/aws-service-role/ecs.amazonaws.com/"
    assert fact(EVERYTHING, Path=linked).value == 0


def test_documents_that_cannot_be_read_are_unknown():
    assert fact({"Effect": "Allow"}).value is None


# --- an account of 250 roles ----------------------------------------------------------------------


@pytest.fixture
def roles(gate, account, monkeypatch):
    """250 roles, five of them with too much power; moto then knows the policies of AWS."""
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    iam = account("iam")
    names = [f"{'prism' if n % 2 else 'other'}-{n:03}" for n in range(250)]
    for name in names:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(EC2))
        iam.put_role_policy(
            RoleName=name, PolicyName="data", PolicyDocument=json.dumps(document(NARROW))
        )
    customer = iam.create_policy(
        PolicyName="tools", PolicyDocument=json.dumps(document(EVERYTHING))
    )
    iam.put_role_policy(
        RoleName=names[10], PolicyName="all", PolicyDocument=json.dumps(document(EVERYTHING))
    )
    iam.attach_role_policy(RoleName=names[60], PolicyArn=customer["Policy"]["Arn"])
    iam.attach_role_policy(RoleName=names[121], PolicyArn=f"{AWS}AdministratorAccess")
    iam.attach_role_policy(RoleName=names[180], PolicyArn=f"{AWS}AdministratorAccess")
    iam.attach_role_policy(RoleName=names[249], PolicyArn=f"{AWS}IAMFullAccess")
    # Five more that only look like it.
    iam.attach_role_policy(RoleName=names[5], PolicyArn=f"{AWS}ReadOnlyAccess")
    return names


def of_roles(look):
    return [one for one in collect_roles(look) if one.check_id == "iam.roles"]


FIVE = ["other-010", "other-060", "other-180", "prism-121", "prism-249"]


def test_exactly_the_five_of_250_roles_are_found(roles, look):
    facts = of_roles(look)
    assert len(facts) == 250
    assert sorted(one.subject for one in facts if one.value != 0) == FIVE
    row = judged(look, facts, "iam.roles")
    assert (row["evidence_state"], row["evidence_value"]) == ("fail", Decimal(5))
    assert all(name in row["detail"] for name in FIVE)
    assert row["subject_id"] == "gap.8"


def test_two_of_the_five_of_250_roles_are_waived_by_name_and_three_are_left(roles, look):
    facts, checks = list(collect_roles(look)), read_reference("evidence_check")
    evidence = judge_evidence(facts, checks, {}, look.context.now)
    things = things_of(facts, evidence, checks)
    assert sorted(things["thing_name"]) == FIVE
    words = {"check_id": "iam.roles", "owner": "CISO", "reason": "humans"}
    rows = [
        {**words, "waiver_id": name, "thing_name": name, "expires_date": look.context.now.date()}
        for name in ("other-010", "prism-249")
    ]
    tables = {"evidence_thing": things, "evidence_waiver": make(EVIDENCE_WAIVER, rows)}
    day = look.context.now.date()
    looks, _ = waived_looks(looks_of(None, evidence, as_of=day), tables, checks, as_of=day)
    (row,) = [one.row for one in looks if one.row["check_id"] == "iam.roles"]
    assert (row["evidence_state"], row["evidence_value"]) == ("fail", Decimal(3))
    assert "3 counted (other-060, other-180 and prism-121)" in row["detail"]


def test_roles_on_later_pages_are_found_with_policies_of_earlier_ones(gate, look, replies):
    """Three pages of 100, 100 and 50 roles, each with a bearer of the policy of the first."""
    policy = json.dumps(document(EVERYTHING))
    trust = json.dumps(EC2)

    def role(number):
        attached = (
            "<AttachedManagedPolicies><member><PolicyName>all</PolicyName>"
            "<PolicyArn>arn:aws:iam::1:policy/all</PolicyArn></member></AttachedManagedPolicies>"
            if number % 100 == 7
            else ""
        )
        return (
            f"<member><RoleName>r{number:03}</RoleName><Path>/</Path>"
            f"<Arn>arn:aws:iam::1:role/r{number:03}</Arn>"
            f"<AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument>{attached}</member>"
        )

    def answer(asked):
        start = int(asked.parameters.get("Marker", "0"))
        end = min(start + 100, 250)
        more = f"<IsTruncated>true</IsTruncated><Marker>{end}</Marker>" if end < 250 else ""
        document_xml = (
            "<member><PolicyName>all</PolicyName><Arn>arn:aws:iam::1:policy/all</Arn>"
            "<PolicyVersionList><member><IsDefaultVersion>true</IsDefaultVersion>"
            f"<Document>{policy}</Document></member></PolicyVersionList></member>"
        )
        inner = (
            "<UserDetailList/><GroupDetailList/>"
            f"<Policies>{'' if start else document_xml}</Policies>"
            f"<RoleDetailList>{''.join(map(role, range(start, end)))}</RoleDetailList>{more}"
        )
        return replies.xml("GetAccountAuthorizationDetails", inner)

    gate.answers["GetAccountAuthorizationDetails"] = answer
    facts = of_roles(look)
    assert len(facts) == 250
    assert [one.subject for one in facts if one.value] == ["r007", "r107", "r207"]
    assert gate.operations().count("GetAccountAuthorizationDetails") == 3


# --- second factors -------------------------------------------------------------------------------

HEAD = "user,arn,user_creation_time,password_enabled,mfa_active\n"
MADE = datetime(2025, 11, 16, 9, tzinfo=UTC)


def test_parse_report_counts_console_users_without_a_second_factor():
    """Twelve with a password, four of them with a second factor; a robot has no password."""
    rows = ["<root_account>,arn:aws:iam::1:root,2020-01-01T00:00:00+00:00,not_supported,true"]
    made = "2024-01-01T00:00:00+00:00"
    rows += [f"u{n},arn,{made},true,{'true' if n < 4 else 'false'}" for n in range(12)]
    rows += ["robot,arn,2024-01-01T00:00:00+00:00,false,false"]
    facts = list(parse_report(HEAD + "\n".join(rows), MADE))
    users = [one for one in facts if one.check_id == "mfa.users"]
    assert (len(users), sum(one.value for one in users)) == (12, 8)
    (root,) = [one for one in facts if one.check_id == "mfa.root"]
    assert root.value == 1
    assert {one.observed_at for one in facts} == {MADE}


def test_a_report_without_a_console_user_passes_and_says_so():
    (fact,) = parse_report(HEAD + "robot,arn,2024-01-01T00:00:00+00:00,false,false", MADE)
    assert (fact.check_id, fact.value) == ("mfa.users", 0)


def test_the_report_is_made_waited_for_and_dated_by_its_own_time(
    gate, account, caller, context, replies
):
    waited = []
    account("iam").create_user(UserName="ann")
    account("iam").create_login_profile(UserName="ann", Password="Not-a-secret-1")
    answers = iter([True, True, False])
    gate.answers["GetCredentialReport"] = lambda asked: (
        replies.refusal(asked, "ReportInProgress", 404) if next(answers) else None
    )
    facts = list(collect_factors(Look(caller, context, wait=waited.append)))
    assert [(one.subject, one.value) for one in facts] == [("ann", 1)]
    assert len(waited) == 2
    # moto dates every report so; it is not the time of the pull.
    assert facts[0].observed_at.year == 2015


def test_a_report_that_never_comes_is_unknown(gate, look, replies):
    gate.answers["GetCredentialReport"] = lambda asked: replies.refusal(
        asked, "ReportInProgress", 404
    )
    facts = IAM_COLLECTORS[1].read(look)
    assert {one.check_id: one.value for one in facts} == {"mfa.users": None, "mfa.root": None}
    assert all("not ready" in one.reason for one in facts)


def test_denied_calls_name_their_permission(gate, look):
    gate.deny("GetAccountAuthorizationDetails", "GenerateCredentialReport")
    facts = [one for collector in IAM_COLLECTORS for one in collector.read(look)]
    assert {one.check_id for one in facts} == {"iam.roles", "iam.policies", "mfa.users", "mfa.root"}
    assert {one.reason for one in facts} == {
        "needs iam:GetAccountAuthorizationDetails",
        "needs iam:GenerateCredentialReport",
    }
    assert judged(look, facts, "iam.roles")["evidence_state"] == "unknown"
