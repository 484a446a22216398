"""The policy holds exactly the permissions of the calls that a pull makes."""

import json
import re
from datetime import UTC, datetime

import pytest
from fake_cost_explorer import FakeCostExplorer, make_charges

from prismlib.cli import app
from prismlib.errors import ParameterError
from prismlib.paths import ROOT
from prismlib.periods import Period
from prismlib.sources import permissions
from prismlib.sources.policy import ACCOUNT, actions, policy_text
from prismlib.sources.pull import PullOptions, pull_snapshot

MONTH = Period.month("2025-10")
OPEN = datetime(2025, 10, 21, 12, tzinfo=UTC)  # an open month has a forecast too


def test_policy_is_one_statement_that_only_reads():
    (statement,) = json.loads(policy_text())["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == actions() == sorted(set(actions()))
    for action in actions():
        assert action.split(":")[1].startswith(("Get", "List", "Describe")), action
    # Neither objects nor secrets, and no other identity.
    assert not {"s3:GetObject", "secretsmanager:GetSecretValue", "sts:AssumeRole"} & set(actions())
    assert "*" not in "".join(actions())


def test_pull_makes_every_call_of_the_policy_and_no_other(full_account, monkeypatch, tmp_path):
    with FakeCostExplorer(make_charges(MONTH, usage_rows=3), OPEN.date()) as fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL_COST_EXPLORER", fake.url)
        done = pull_snapshot(PullOptions(MONTH, tmp_path / "p", regions=("us-west-2",)), now=OPEN)
    made = {permissions.iam_action(*call) for call in (*done.ledger.counts, ACCOUNT)}
    assert sorted(made) == actions()


@pytest.mark.parametrize(
    ("call", "action"),
    [
        (("ce", "get_cost_and_usage"), "ce:GetCostAndUsage"),
        (("s3", "list_buckets"), "s3:ListAllMyBuckets"),
        (("elbv2", "describe_load_balancers"), "elasticloadbalancing:DescribeLoadBalancers"),
        (("rds", "describe_db_instances"), "rds:DescribeDBInstances"),
    ],
)
def test_iam_action_is_what_iam_calls_it(call, action):
    assert permissions.iam_action(*call) == action


def test_line_items_of_a_table_need_what_the_readme_lists():
    # The README names the service once for the actions that follow it.
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    part = text.partition("It needs `athena:")[2].partition("\n\n")[0]
    listed, service = set(), "athena"
    for name in re.findall(r"`([\w:]+)`", "`athena:" + part):
        service, _, action = name.rpartition(":") if ":" in name else (service, "", name)
        listed.add(f"{service}:{action}")
    assert len(listed) == 13  # 6 of Athena, 3 of Glue, 4 of S3
    (statement,) = json.loads(policy_text(place="athena:billing.cur2"))["Statement"]
    assert statement["Action"] == sorted(listed)
    assert statement["Sid"] == "PrismPullLineItems"


def test_line_items_in_s3_need_to_be_listed_and_fetched(capsys):
    assert app(["policy", "--line-items", "s3://exports/bill"], result_action="return_value") == 0
    (statement,) = json.loads(capsys.readouterr().out)["Statement"]
    assert statement["Action"] == ["s3:GetObject", "s3:ListBucket"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"place": "exports/bill"}, "a folder needs no permission"),
        ({"place": "athena:billing.cur2", "with_evidence": True}, "not with --line-items"),
    ],
)
def test_permissions_that_nobody_needs_are_refused(options, words):
    with pytest.raises(ParameterError, match=words):
        policy_text(**options)
