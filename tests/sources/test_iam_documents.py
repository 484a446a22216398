"""Policies as AWS evaluates them; each case is worked by hand from the evaluation logic."""

import pytest

from prismlib.sources.iam_documents import allows, parse_statements

ROLE = "arn:aws:iam::123456789012:role/web"
CONDITION = {"StringEquals": {"aws:RequestedRegion": "us-west-2"}}


def allow(action="*", resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action="*", resource="*", **more):
    return {**allow(action, resource, **more), "Effect": "Deny"}


def all_but(*actions):
    return {"Effect": "Allow", "NotAction": list(actions), "Resource": "*"}


def answer(*statements, action="iam:PutRolePolicy", own=""):
    return allows(parse_statements({"Statement": list(statements)}), action, own)


@pytest.mark.parametrize(
    "pattern", ["*", "*:*", "iam:*", "IAM:putrolepolicy", "i?m:Put*", ["s3:*", "iam:Put*"]]
)
def test_wildcards_count_in_any_case(pattern):
    assert answer(allow(pattern)) is True


@pytest.mark.parametrize("pattern", ["s3:*", "iam:Get*", "iam:PutRole", "iam:", []])
def test_other_patterns_do_not(pattern):
    assert answer(allow(pattern)) is False


def test_not_action_allows_all_that_it_does_not_name():
    assert answer(all_but("iam:*", "organizations:*")) is False
    assert answer(all_but("iam:*"), action="ec2:TerminateInstances") is True
    assert answer(all_but("s3:*")) is True


def test_a_denial_wins():
    assert answer(allow(), deny("iam:*")) is False
    assert answer(deny("iam:*"), allow(), action="s3:DeleteBucket") is True
    # Denied on one bucket only: everything else is still allowed.
    assert answer(allow(), deny("*", "arn:aws:s3:::safe/*x")) is True
    # Denied for all but one resource: it has a hole, so it does not take everything away.
    hole = {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:iam::1:role/x"}
    assert answer(allow(), hole) is True


def test_a_condition_makes_it_unknown_unless_the_rest_decides():
    assert answer(allow(Condition=CONDITION)) is None
    assert answer(allow(Condition=CONDITION), allow("iam:*")) is True
    assert answer(allow(), deny(Condition=CONDITION)) is None
    assert answer(allow(Condition=CONDITION), deny("iam:*")) is False
    assert answer(allow(Condition={})) is True


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("arn:aws:iam::123456789012:role/*", True),
        ("arn:aws:iam::*:*", True),
        (["arn:aws:s3:::x", "*"], True),
        ("arn:aws:iam::123456789012:role/team/*", False),
        ("arn:aws:s3:::*", False),
        ("arn:aws:s3:::data/*", False),
        ("arn:aws:iam::123456789012:role/other", False),
    ],
)
def test_only_what_is_for_all_resources_counts(resource, expected):
    assert answer(allow("iam:*", resource)) is expected


def test_a_role_that_may_change_itself_may_do_everything():
    assert answer(allow("iam:*", "arn:aws:iam::123456789012:role/w*"), own=ROLE) is True
    assert answer(allow("iam:*", "arn:aws:iam::123456789012:role/x*"), own=ROLE) is False


def test_a_single_statement_and_other_cases_of_names_are_read():
    one = {"effect": "allow", "action": "iam:*", "resource": "*"}
    assert allows(parse_statements({"Statement": one}), "iam:PutRolePolicy") is True


def test_what_is_no_policy_is_refused():
    for bad in ({}, {"Statement": [{"Effect": "Allow"}]}):
        with pytest.raises(KeyError):
            parse_statements(bad)
