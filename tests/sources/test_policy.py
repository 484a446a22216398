"""The policy holds exactly the permissions of the calls that a pull makes."""

import json
from datetime import UTC, datetime

import pytest
from fake_cost_explorer import FakeCostExplorer, make_charges

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


@pytest.fixture
def full_account(gate, account, replies):
    """Fill the account with one of each thing, so that no call is left out for want of it."""
    for name, inner in (
        ("DescribeReservedInstances", "<reservedInstancesSet/>"),
        ("DescribeReservedDBInstances", "<ReservedDBInstances/>"),
    ):
        reply = replies.xml(name, inner, is_ec2="DB" not in name)
        gate.answers[name] = lambda asked, reply=reply: reply
    gate.serve("DescribeSavingsPlans", b'{"savingsPlans": []}')
    gate.serve("GetProducts", b'{"PriceList": []}')
    ec2 = account("ec2")
    made = ec2.run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, InstanceType="m6i.large"
    )
    place = {"LocationConstraint": "us-west-2"}
    account("s3").create_bucket(Bucket="logs", CreateBucketConfiguration=place)
    account("rds").create_db_instance(
        DBInstanceIdentifier="db", DBInstanceClass="db.m6g.large", Engine="postgres",
        AllocatedStorage=20, MasterUsername="root", MasterUserPassword="moto-only",
    )  # fmt: skip
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    elb = account("elbv2")
    elb_arn = elb.create_load_balancer(Name="net", Subnets=[subnet], Type="network")
    target = elb.create_target_group(Name="web", Protocol="TCP", Port=80, VpcId=vpc)
    elb.create_listener(
        LoadBalancerArn=elb_arn["LoadBalancers"][0]["LoadBalancerArn"], Protocol="TCP", Port=80,
        DefaultActions=[{"Type": "forward",
                         "TargetGroupArn": target["TargetGroups"][0]["TargetGroupArn"]}],
    )  # fmt: skip
    listener = {"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}
    account("elb").create_load_balancer(
        LoadBalancerName="old", Listeners=[listener], AvailabilityZones=["us-west-2a"]
    )
    instance = {"InstanceId": made["Instances"][0]["InstanceId"]}
    account("elb").register_instances_with_load_balancer(
        LoadBalancerName="old", Instances=[instance]
    )


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
