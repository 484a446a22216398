"""Policies and rules are found wherever they stand; what AWS does not take is said, not raised."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from launch_examples import SAMPLE, launch_of, table

from prismlib.analyses.remedies import remedy_checks
from prismlib.analyses.remedy_documents import documents
from prismlib.analyses.remedy_models import Check, Facts
from prismlib.analyses.remedy_policies import lockout_checks, matches_action
from prismlib.findings import Severity, Verdict

KNOWN = launch_of(SAMPLE.tables).known
RESET = "aws iam update-login-profile --user-name u --password-reset-required"
WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
SELF_SERVICE = ["iam:ListUsers", "iam:EnableMFADevice"]
DENY: dict[str, Any] = {
    "Effect": "Deny",
    "NotAction": SELF_SERVICE,
    "Resource": "*",
    "Condition": WITHOUT_MFA,
}
DENY_ALL = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": WITHOUT_MFA}
MARKERS = {
    "Rules": [
        {
            "Status": "Enabled",
            "Destination": {"Bucket": "x"},
            "DeleteMarkerReplication": {"Status": "Enabled"},
        }
    ]
}
EXPIRES = {
    "Rules": [{"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]
}
APPLY = "aws s3api put-bucket-lifecycle-configuration --bucket prism-cold-tier "


def checks(*bodies: str, kind: str = "config") -> list[Check]:
    """Return what is found on the remedies of one item; each beside the others."""
    rows = [
        {"remedy_id": f"r{n}", "item_id": "gap.1", "remedy_kind": kind, "task_name": "t", "body": b}
        for n, b in enumerate(bodies)
    ]
    tables = {**SAMPLE.tables, "remedy_step": table("remedy_step", rows)}
    return list(remedy_checks(replace(KNOWN, inputs=replace(KNOWN.inputs, tables=tables))))


def names(*bodies: str, kind: str = "config") -> list[str]:
    return [one.check_name for one in checks(*bodies, kind=kind)]


def policy(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def rule_with(**parts: Any) -> str:
    return json.dumps({"Rules": [{**EXPIRES["Rules"][0], **parts}]})


# --- what can be read is read ---------------------------------------------------------------------


def test_one_statement_in_place_of_a_list_is_valid():
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    assert names(json.dumps({"Statement": allow}), kind="policy") == []
    assert names(json.dumps({"Statement": DENY}), RESET) == names(policy(DENY), RESET)
    assert names(policy(DENY), RESET) == ["lock_out"]


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(EXPIRES),
        json.dumps({"LifecycleConfiguration": EXPIRES}),
        f"{APPLY} --lifecycle-configuration '{json.dumps(EXPIRES)}'",
        APPLY + " --lifecycle-configuration " + json.dumps(json.dumps(EXPIRES)),
        f"aws s3api put-bucket-lifecycle-configuration --cli-input-json '"
        f"{json.dumps({'Bucket': 'prism-cold-tier', 'LifecycleConfiguration': EXPIRES})}'",
        f"s3.put_bucket_lifecycle_configuration(Bucket='prism-cold-tier', "
        f"LifecycleConfiguration={EXPIRES})",
    ],
)
def test_expiry_of_live_data_is_found_wherever_it_stands(body):
    assert names(body, f"{APPLY} --lifecycle-configuration file://l.json") == ["deletes_live"]


def test_rules_are_for_the_bucket_of_their_own_command():
    other = f"{APPLY} --lifecycle-configuration '{json.dumps(EXPIRES)}'"
    assert names(f"aws s3api head-bucket --bucket another; {other}") == ["deletes_live"]
    assert names(other.replace("prism-cold-tier", "another")) == []


@pytest.mark.parametrize(
    ("body", "others"),
    [
        (json.dumps({"ReplicationConfiguration": {"Role": "r", **MARKERS}}), []),
        (f"aws s3api put-bucket-replication --replication-configuration '{json.dumps(MARKERS)}'",
         ["rule_30"]),
        (f"s3.put_bucket_replication(ReplicationConfiguration={MARKERS})", ["rule_30"]),
    ],
)  # fmt: skip
def test_replication_of_deletions_is_found_wherever_it_stands(body, others):
    assert names(body) == [*others, "deletes_too"]


def test_rule_that_is_off_replicates_nothing():
    assert names(json.dumps({"Rules": [{**MARKERS["Rules"][0], "Status": "Disabled"}]})) == []


def test_policy_within_a_command_or_a_document_locks_out_too():
    inline = f"aws iam put-group-policy --group-name g --policy-document '{policy(DENY)}'"
    assert names(inline, RESET, kind="command") == ["lock_out"]
    assert names(json.dumps({"PolicyDocument": policy(DENY)}), RESET) == ["lock_out"]
    reset = "iam.update_login_profile(UserName='u', PasswordResetRequired=True)"
    assert names(policy(DENY), reset) == ["lock_out"]
    assert names(policy(DENY), reset.replace("True", "False")) == []


def test_fault_that_is_there_twice_is_one_finding():
    twice = {"Rules": [*EXPIRES["Rules"], {**EXPIRES["Rules"][0], "ID": "y"}]}
    found = checks(f"{APPLY} --lifecycle-configuration '{json.dumps(twice)}'")
    assert [one.check_name for one in found] == ["deletes_live"]


# --- who is locked out ----------------------------------------------------------------------------


def locked(statement: dict[str, Any], *others: str) -> list[tuple[str, Severity]]:
    rows = [{"body": body} for body in (policy(statement), *others)]
    found = lockout_checks(rows, Facts(users_without_mfa=Decimal(8)))
    return [(one.statement, one.severity) for one in found]


def test_denying_everything_is_worse_than_all_but_some():
    ((words, severity),) = locked(DENY_ALL, RESET)
    assert severity is Severity.CRITICAL
    assert "The 8 without MFA can neither sign in again nor enrol" in words
    ((words, severity),) = locked(DENY, RESET)
    assert severity is Severity.HIGH
    assert "all is denied but 2 actions" in words


def test_without_a_reset_only_who_cannot_enrol_is_locked_out():
    assert locked(DENY) == []
    ((words, severity),) = locked(DENY_ALL)
    assert severity is Severity.HIGH
    assert "neither change a password nor enrol" in words


@pytest.mark.parametrize(
    "excepted",
    ["iam:ChangePassword", "iam:Change*", "IAM:changepassword", "iam:ChangePasswor?", "*"],
)
def test_excepted_change_of_password_locks_nobody_out(excepted):
    assert locked({**DENY, "NotAction": [*SELF_SERVICE, excepted]}, RESET) == []


@pytest.mark.parametrize(
    "parts",
    [
        {"Effect": "Allow"},
        {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
        {"Condition": {"StringEquals": {"aws:SourceVpc": "v"}}},
        {"Condition": {}},
        {"Resource": "arn:aws:s3:::b/*"},
        {"Action": "s3:*"},
    ],
)
def test_statement_that_is_for_something_else_locks_nobody_out(parts):
    assert locked({**DENY_ALL, **parts}, RESET) == []


@pytest.mark.parametrize(
    "condition",
    [
        {"Bool": {"AWS:multifactorauthpresent": ["false"]}},
        {"BoolIfExists": {"aws:MultiFactorAuthPresent": False}},
        {"Null": {"aws:MultiFactorAuthAge": "true"}},
    ],
)
def test_conditions_that_say_without_mfa(condition):
    assert locked({**DENY_ALL, "Condition": condition}, RESET)


def test_actions_are_compared_as_iam_does():
    assert matches_action("iam:*", "iam:ChangePassword")
    assert matches_action("I?M:CHANGE*", "iam:ChangePassword")
    assert not matches_action("iam.ChangePassword", "iam:ChangePassword")
    assert not matches_action("iam:Change", "iam:ChangePassword")
    assert not matches_action("[i]am:*", "iam:ChangePassword")


# --- what cannot be read is said ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"Statement": null}', "Statement is null, not a list of objects"),
        ('{"Statement": ["x"]}', "Statement 1 is text, not an object"),
        (policy({**DENY, "NotAction": 1}), "NotAction is a number, not text or a list of text"),
        (policy({**DENY, "Condition": []}), "Condition is not an object of objects"),
        (policy({"Action": "*"}), "Effect is None, not Allow or Deny"),
        ('{"Rules": null}', "Rules is null, not a list of objects"),
        ('{"Rules": {"Status": "Enabled"}}', "Rules is an object, not a list of objects"),
        ('{"Rules": ["Expiration"]}', "Rules 1 is text, not an object"),
        (rule_with(Destination={}, DeleteMarkerReplication="Enabled"),
         "DeleteMarkerReplication is text, not an object"),
        (rule_with(Expiration={"Days": None}), "Days is null"),
        (rule_with(Expiration={"Days": "1"}),
         "lifecycle configuration: has a wrong Days: '1', not a whole number from 0 to 2147483647"),
        (rule_with(Transitions={"Days": 1, "StorageClass": "GLACIER"}),
         "has a wrong Transitions: {'Days': 1, 'StorageClass': 'GLACIER'}, not a list"),
        ('{"Statement": [], "Statement": []}', "the key Statement stands twice in an object"),
        ("aws iam put-role-policy --policy-document '{\"Statement\": '",
         "what --policy-document is given begins as JSON and is none"),
    ],
)  # fmt: skip
def test_shape_that_aws_does_not_take_is_a_remark(body, why):
    (one,) = checks(body)
    assert (one.check_name, one.verdict) == ("unreadable", Verdict.UNKNOWN)
    assert one.statement.startswith("It cannot be read: ")
    assert why in one.statement


def test_what_can_be_read_beside_it_is_judged():
    assert names(policy(DENY, "x"), RESET) == ["unreadable", "lock_out"]


def test_text_that_begins_as_json_and_is_none_is_infeasible():
    (one,) = checks('{"Rules": ')
    assert (one.check_name, one.verdict) == ("unreadable", Verdict.INFEASIBLE)


@pytest.mark.parametrize(
    "body", ["{{- if .Values.x }}\na: b\n{{- end }}", "{% if x %}a{% endif %}"]
)
def test_template_is_no_json(body):
    assert names(body) == []


def test_command_whose_quotes_do_not_close_is_said():
    (one, other) = checks("aws s3 rm 's3://b --recursive", kind="command")
    assert {one.check_name, other.check_name} == {"rule_101", "not_split"}
    assert names("a: it's", kind="config") == []


KEYS = st.sampled_from(
    ["Statement", "Rules", "Effect", "Action", "NotAction", "Resource", "Condition", "Bool", "Null",
     "aws:MultiFactorAuthPresent", "Destination", "DeleteMarkerReplication", "Status", "Expiration",
     "Days", "Date", "Transitions", "StorageClass", "Filter", "Prefix", "And", "Tags", "ID"]
)  # fmt: skip
LEAVES = st.sampled_from([None, True, "Enabled", "Deny", "*", "false", "iam:*", 0, -1, 1.5, 10**30])
SHAPES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5)
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["Statement", "Rules"]), SHAPES, min_size=1))
def test_no_shape_ends_the_analysis(value):
    text = json.dumps(value)
    for one in checks(text, f"{APPLY} --lifecycle-configuration '{text}'", RESET):
        assert one.statement


def test_depth_without_end_is_said():
    deep = '{"a":' * 100_000 + "1" + "}" * 100_000
    assert documents(deep).all_faults == ["its objects lie too deep within each other"]
