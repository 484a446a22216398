"""From an account to a decision: `prism pull --evidence`, then the analysis of what it wrote.

The account (moto, and the gate for what moto lacks) is as it should be in all that its twelve items
ask for, so the launch is GO. Then one call is refused inside botocore and the same pull is made.
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from launch_examples import criterion, item, launch_of, look, rules, table

from prismlib import cli
from prismlib.sources import evidence_pull
from prismlib.sources.snapshots import Description, Origin, read_snapshot, write_snapshot
from prismlib.tables import records

NOW = datetime.now(UTC)
"""The command reads the clock, so the account is of the same day."""
YESTERDAY = NOW - timedelta(days=1)
WEST, FAR = "us-west-2", "eu-west-1"
GAPS = ("gap.2", "gap.3", "gap.4", "gap.7", "gap.8", "gap.9", "gap.11")
SECURITY = tuple(f"security.{number}" for number in range(1, 6))

# --- the account ----------------------------------------------------------------------------------


def statement(**cells):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **cells}]}


def make_roles(account, gate, replies):
    trust = statement(Principal={"Service": "ec2.amazonaws.com"}, Action="sts:AssumeRole")
    data = statement(Action="s3:GetObject", Resource="arn:aws:s3:::cold/*")
    iam = account("iam")
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName="web", PolicyName="data", PolicyDocument=json.dumps(data))
    report = (
        "user,arn,user_creation_time,password_enabled,mfa_active\n"
        "<root_account>,arn,2020-01-01T00:00:00+00:00,not_supported,true\n"
        "ann,arn,2024-01-01T00:00:00+00:00,true,true\n"
    )
    answer = replies.xml(
        "GetCredentialReport",
        f"<Content>{b64encode(report.encode()).decode()}</Content><ReportFormat>text/csv</ReportFormat>"
        f"<GeneratedTime>{NOW.isoformat()}</GeneratedTime>",
    )
    gate.answers["GetCredentialReport"] = lambda asked: answer


def make_network(account, gate, replies):
    """Make a VPC with three zones, flow logs, an instance and a balancer before it."""
    ec2, elb = account("ec2"), account("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=WEST + zone)[
            "Subnet"
        ]["SubnetId"]
        for n, zone in enumerate("abc")
    ]
    disk = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "Encrypted": True}}
    ec2.run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=subnets[0],
        BlockDeviceMappings=[disk],
    )  # fmt: skip
    fields = ("az-id", "flow-direction", "srcaddr", "dstaddr", "bytes", "action", "log-status")
    ec2.create_flow_logs(
        ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", LogDestinationType="s3",
        LogDestination="arn:aws:s3:::logs",
        LogFormat=" ".join(f"${{{name}}}" for name in fields),
    )  # fmt: skip
    arn = elb.create_load_balancer(Name="net", Type="network", Scheme="internal", Subnets=subnets)[
        "LoadBalancers"
    ][0]["LoadBalancerArn"]
    group = elb.create_target_group(Name="proxies", Protocol="TCP", Port=8080, VpcId=vpc)
    group_arn = group["TargetGroups"][0]["TargetGroupArn"]
    certificate = account("acm").request_certificate(DomainName="prism.example")["CertificateArn"]
    elb.create_listener(
        LoadBalancerArn=arn, Protocol="TLS", Port=443,
        Certificates=[{"CertificateArn": certificate}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group_arn}],
    )  # fmt: skip
    healthy = replies.xml(
        "DescribeTargetHealth",
        "<TargetHealthDescriptions><member><Target><Id>i-1</Id><Port>8080</Port></Target>"
        "<TargetHealth><State>healthy</State></TargetHealth></member></TargetHealthDescriptions>",
    )
    gate.answers["DescribeTargetHealth"] = lambda asked: healthy


DENY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::cold/*",
            "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
        }
    ],
}
REPLICATION = (
    b"<ReplicationConfiguration><Role>r</Role><Rule><ID>a</ID><Status>Enabled</Status><Destination>"
    b"<Bucket>arn:aws:s3:::copy</Bucket><Metrics><Status>Enabled</Status></Metrics></Destination>"
    b"</Rule></ReplicationConfiguration>"
)


def make_buckets(account, gate):
    """Make a bucket that is copied to another Region, encrypted with a key of the customer."""
    key = account("kms").create_key()["KeyMetadata"]["KeyId"]
    for name, region in (("cold", WEST), ("logs", WEST), ("copy", FAR)):
        s3 = account("s3", region)
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": region})
        default = {"SSEAlgorithm": "aws:kms"} | ({} if region == FAR else {"KMSMasterKeyID": key})
        s3.put_bucket_encryption(
            Bucket=name,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": default}]
            },
        )
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    account("s3").put_bucket_policy(Bucket="cold", Policy=json.dumps(DENY))
    unfinished = {"DaysAfterInitiation": 7}
    rule = {"ID": "unfinished", "Status": "Enabled", "Filter": {"Prefix": ""}}
    account("s3").put_bucket_lifecycle_configuration(
        Bucket="cold",
        LifecycleConfiguration={"Rules": [{**rule, "AbortIncompleteMultipartUpload": unfinished}]},
    )
    gate.serve("GetBucketReplication", REPLICATION, "application/xml")


def make_databases(account, gate, replies):
    """Make a database with a replica beside it and one far away; nothing lags or waits."""
    rds = account("rds")
    made = rds.create_db_instance(
        DBInstanceIdentifier="main", DBInstanceClass="db.r6g.large", Engine="postgres",
        AllocatedStorage=100, MasterUsername="someone", MasterUserPassword="moto-only",
        StorageEncrypted=True,
    )  # fmt: skip
    rds.create_db_instance_read_replica(
        DBInstanceIdentifier="near", SourceDBInstanceIdentifier="main"
    )
    account("rds", FAR).create_db_instance_read_replica(
        DBInstanceIdentifier="far", SourceDBInstanceIdentifier=made["DBInstance"]["DBInstanceArn"]
    )
    points = {
        "Id": "m0",
        "Values": [0.0],
        "Timestamps": [NOW.timestamp()],
        "StatusCode": "Complete",
    }
    gate.answers["GetMetricData"] = lambda asked: replies.json({"MetricDataResults": [points]})
    job = {"RestoreJobId": "r1", "Status": "COMPLETED", "CompletionDate": YESTERDAY}
    gate.answers["ListRestoreJobs"] = lambda asked: replies.json({"RestoreJobs": [job]})
    secret = {"Name": "prism/db", "RotationEnabled": True, "LastChangedDate": YESTERDAY}
    gate.answers["ListSecrets"] = lambda asked: replies.json({"SecretList": [secret]})


SCALED = (
    "<member><Cause>At 1 a monitor alarm cpu in state ALARM triggered policy load changing the"
    " desired capacity from {} to {}.</Cause><StatusCode>Successful</StatusCode>"
    "<StartTime>{}</StartTime></member>"
)


def make_audit(account, gate, replies):
    trail = account("cloudtrail")
    trail.create_trail(
        Name="audit", S3BucketName="logs", IsMultiRegionTrail=True, EnableLogFileValidation=True
    )
    trail.start_logging(Name="audit")
    selector = {"ReadWriteType": "All", "IncludeManagementEvents": True}
    trail.put_event_selectors(TrailName="audit", EventSelectors=[selector])
    pattern = json.dumps({"detail-type": ["AWS API Call via CloudTrail"]})
    account("events").put_rule(Name="calls", EventPattern=pattern)
    scaling = account("autoscaling")
    scaling.create_launch_configuration(
        LaunchConfigurationName="l", ImageId="ami-12345678", InstanceType="m6i.large"
    )
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web", LaunchConfigurationName="l", MinSize=0, MaxSize=4,
        DesiredCapacity=0, AvailabilityZones=["us-west-2a"],
    )  # fmt: skip
    both = "".join(SCALED.format(*sizes, YESTERDAY.isoformat()) for sizes in ((2, 4), (4, 2)))
    done = replies.xml("DescribeScalingActivities", f"<Activities>{both}</Activities>")
    gate.answers["DescribeScalingActivities"] = lambda asked: done


def rotate_all(account):
    """Let every key rotate: moto makes those of AWS as if they were the customer's."""
    for region in (WEST, FAR):
        kms = account("kms", region)
        for key in kms.list_keys()["Keys"]:
            kms.enable_key_rotation(KeyId=key["KeyId"])


@pytest.fixture
def account_in_order(account, gate, replies, clients, monkeypatch):
    """Fill the account; what moto says of it is kept, as nothing in it changes."""
    monkeypatch.setattr(evidence_pull, "Clients", lambda profile, regions: clients)
    make_roles(account, gate, replies)
    make_buckets(account, gate)
    make_network(account, gate, replies)
    make_databases(account, gate, replies)
    make_audit(account, gate, replies)
    rotate_all(account)
    gate.kept = {}


# --- the launch -----------------------------------------------------------------------------------


def counts(criterion_id, measure_name):
    """Return a criterion that allows no open item: GO at 0, NO-GO at 1."""
    return criterion(
        criterion_id,
        measure_name=measure_name,
        compared_as="at most",
        go_value=Decimal(0),
        no_go_value=Decimal(1),
        unit="items",
    )


@pytest.fixture
def register(tmp_path):
    """Return a snapshot of a launch in which every item is closed on paper, without evidence."""
    closed = {"closed_date": YESTERDAY.date()}
    tables = {
        "readiness_item": [
            *(item(one, is_security=one == "gap.8", **closed) for one in GAPS),
            *(item(one, item_kind="security", is_security=True, **closed) for one in SECURITY),
        ],
        "criterion": [
            counts("gaps", "open_critical_gaps"),
            counts("findings", "open_critical_security"),
        ],
        "decision_rule": rules("gaps", "findings"),
        "stated_evidence": [look(one, "register", on=NOW.date()) for one in ("gaps", "findings")],
        "claim": [
            {
                "claim_id": "needed.balancer.healthy",
                "kind": "quantity",
                "stated_value": Decimal(1),
                "unit": "targets",
                "statement": "one proxy",
                "source": "here",
            }
        ],
    }
    description = Description(
        name="launch",
        title="A launch",
        period=f"{NOW:%Y-%m}",
        as_of=NOW.date(),
        billing_currency="USD",
    )
    found = {name: (table(name, rows), Origin("by hand")) for name, rows in tables.items()}
    return write_snapshot(tmp_path / "launch", description, found)


def pulled(monkeypatch, capsys, folder):
    """Run the command; return what it printed and the analysis of the folder that it left."""
    words = ("pull", "--evidence", "--out", str(folder), "--bucket", "cold", "--region", WEST, FAR)
    monkeypatch.setattr(sys, "argv", ["prism", *words])
    with pytest.raises(SystemExit) as done:
        cli.main()
    assert done.value.code == 0
    tables = read_snapshot(folder).tables
    seen = max(row["observed_at"] for row in records(tables["evidence"]))
    return capsys.readouterr().out, launch_of(tables, as_of=seen.date())


def refuse(monkeypatch, operation):
    """Let botocore raise a denial for one operation instead of sending it."""
    real = BaseClient._make_api_call

    def call(client, name, parameters):
        if name == operation:
            error = {"Code": "AccessDenied", "Message": f"not authorized to perform {name}"}
            answer = {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 403}}
            raise ClientError(answer, name)
        return real(client, name, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)


def test_without_a_look_what_is_closed_on_paper_is_no_go(register):
    results = launch_of(read_snapshot(register).tables, as_of=NOW.date())
    assert results.gate.decision == "NO-GO"
    assert all(one.is_in_doubt for one in results.known.items.values())


DENIED = [
    ("GetAccountAuthorizationDetails", "iam:GetAccountAuthorizationDetails", "gap.8"),
    ("ValidatePolicy", "access-analyzer:ValidatePolicy", "gap.8"),
    ("DescribeTargetHealth", "elasticloadbalancing:DescribeTargetHealth", "gap.2"),
    ("GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration", "gap.3"),
    ("DescribeDBInstances", "rds:DescribeDBInstances", "gap.4"),
    ("ListRestoreJobs", "backup:ListRestoreJobs", "gap.7"),
    ("GetBucketLocation", "s3:GetBucketLocation", "gap.9"),
    ("GetBucketReplication", "s3:GetReplicationConfiguration", "gap.9"),
    ("DescribeScalingActivities", "autoscaling:DescribeScalingActivities", "gap.11"),
    ("GetKeyRotationStatus", "kms:GetKeyRotationStatus", "security.1"),
    ("GetCredentialReport", "iam:GetCredentialReport", "security.2"),
    ("DescribeSecurityGroups", "ec2:DescribeSecurityGroups", "security.3"),
    ("DescribeFlowLogs", "ec2:DescribeFlowLogs", "security.4"),
    ("ListSecrets", "secretsmanager:ListSecrets", "security.5"),
]


@pytest.mark.usefixtures("account_in_order")
def test_an_account_in_order_is_go_and_no_go_with_any_call_denied(monkeypatch, capsys, register):
    """First nothing is denied, then one call of each item in turn; each time the whole pull."""
    _, results = pulled(monkeypatch, capsys, register)
    items = results.known.items.values()
    assert {one.item_id: one.reason for one in items if one.state != "pass"} == {}
    assert {one.item_id for one in items} == {*GAPS, *SECURITY}
    assert results.gate.decision == "GO"
    assert results.gate.is_certain
    for operation, action, item_id in DENIED:
        with monkeypatch.context() as denied:
            refuse(denied, operation)
            printed, results = pulled(denied, capsys, register)
        assert_unknown(results, item_id, f"needs {action}")
        assert f"needs {action}" in printed


def assert_unknown(results, item_id, words):
    """Assert that the launch is NO-GO for want of one item, and that it says why."""
    assert results.gate.decision == "NO-GO", words
    assert not results.gate.is_certain, words
    item_asked = results.known.items[item_id]
    assert item_asked.is_in_doubt, words
    assert words in item_asked.reason
    unknown = results.gate.of_band("unknown")
    assert unknown, words
    assert all(words in " ".join(one.reasons) for one in unknown)
