"""`prism pull --evidence` as a whole: what it writes and asks, and each call denied in turn."""

import json
import shutil
import sys
from datetime import UTC, datetime

import pytest
from launch_examples import launch_of
from small_server import serving

from prismlib import cli, paths
from prismlib.errors import CredentialsError, ParameterError, SnapshotError
from prismlib.readiness_tables import EVIDENCE_TABLES
from prismlib.sources import evidence_pull, permissions
from prismlib.sources.evidence_collectors import Addresses, evidence_actions
from prismlib.sources.evidence_pull import EvidenceOptions, pull_evidence
from prismlib.sources.evidence_words import evidence_lines
from prismlib.sources.policy import actions, policy_text
from prismlib.sources.prices import read_reference
from prismlib.sources.snapshot_sealing import seal_snapshot
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import records

NOW = datetime(2025, 11, 16, 12, tzinfo=UTC)
CHECKS = list(read_reference("evidence_check")["check_id"])
REGIONS = ("us-west-2", "eu-west-1")


@pytest.fixture(autouse=True)
def _clients_are_made_once(clients, monkeypatch):
    """To make them takes longer than to use them."""
    monkeypatch.setattr(evidence_pull, "Clients", lambda profile, regions: clients)


def lint(name, rules, tables):
    return [], []


def options(out, *, addresses=None, **more):
    return EvidenceOptions(
        out=out, addresses=addresses or Addresses(), lint=lint, regions=REGIONS, **more
    )


def pulled(out, **more):
    return pull_evidence(options(out, **more), now=NOW, wait=lambda seconds: None)


def states(done):
    return {row["check_id"]: row["evidence_state"] for row in records(done.evidence)}


# --- what is written ------------------------------------------------------------------------------


def test_a_new_folder_becomes_a_snapshot_of_evidence_alone(gate, tmp_path):
    done = pulled(tmp_path / "e")
    snapshot = read_snapshot(tmp_path / "e")
    assert list(snapshot.tables) == ["evidence", "evidence_thing"]
    assert list(snapshot.tables["evidence"]["check_id"]) == CHECKS
    assert (str(snapshot.period), str(snapshot.as_of)) == ("2025-11", "2025-11-16")
    assert done.ledger.total().usd == 0
    assert not {one.service for one in gate.asked} & {"ce", "pricing"}
    # An empty account: what must be there fails, what has no address is unknown with the option.
    seen = states(done)
    assert seen["audit.trails"] == seen["balancer.network"] == seen["database.replicas"] == "fail"
    assert seen["redis.state"] == seen["monitoring.targets"] == "unknown"
    reasons = {row["check_id"]: row["reason"] for row in records(done.evidence)}
    assert reasons["redis.state"] == "no address was given: --redis"


@pytest.fixture
def sample(tmp_path):
    return shutil.copytree(paths.SAMPLE, tmp_path / "sample")


@pytest.mark.usefixtures("gate")
def test_a_snapshot_keeps_everything_else(sample):
    before = {file.name: file.read_bytes() for file in sample.glob("*.csv")}
    manifest = json.loads((sample / "snapshot.json").read_text())
    pulled(sample)
    after = {file.name: file.read_bytes() for file in sample.glob("*.csv")}
    assert after.pop("evidence.csv")
    assert after.pop("evidence_thing.csv")
    assert after == before
    renewed = json.loads((sample / "snapshot.json").read_text())
    assert renewed["as_of"] == manifest["as_of"]
    kept = {n: entry for n, entry in renewed["tables"].items() if n not in EVIDENCE_TABLES}
    assert kept == {
        n: {**e, "fetched_at": e.get("fetched_at")} for n, e in manifest["tables"].items()
    }


WAIVERS = """waiver_id,check_id,thing_name,owner,reason,expires_date
w1,secrets.unrotated,legacy,CISO,its vendor rotates it,2025-12-31
"""


@pytest.mark.usefixtures("gate")
def test_what_is_allowed_by_name_is_taken_off_what_was_pulled(account, sample):
    """Two secrets are not rotated and one of them is allowed: one is left, and it fails."""
    for name in ("legacy", "orders"):
        account("secretsmanager").create_secret(Name=name, SecretString="x")
    (sample / "evidence_waiver.csv").write_text(WAIVERS, encoding="utf-8")
    assert seal_snapshot(sample) == ["evidence_waiver"]
    pulled(sample)
    tables = read_snapshot(sample).tables
    rows = [r for r in records(tables["evidence"]) if r["check_id"] == "secrets.unrotated"]
    assert [(row["evidence_state"], row["evidence_value"]) for row in rows] == [("fail", 2)]
    (look,) = [
        one.row
        for one in launch_of(tables).known.looks
        if one.row["check_id"] == "secrets.unrotated"
    ]
    assert (look["evidence_state"], look["evidence_value"]) == ("fail", 1)
    assert look["detail"].startswith(
        "2 secrets, 1 waived (legacy by CISO until 31 Dec 2025): 1 counted (orders); "
    )


@pytest.mark.usefixtures("gate")
def test_what_was_unknown_before_is_not_kept(gate, sample, replies):
    gate.answers["ListRestoreJobs"] = lambda asked: replies.json({"RestoreJobs": []})
    gate.deny("DescribeVolumes")
    pulled(sample)
    first = read_snapshot(sample)
    assert [one["iam_action"] for one in first.unknown] == ["ec2:DescribeVolumes"] * 2
    assert any("ec2:DescribeVolumes" in note for note in first.notes)
    del gate.answers["DescribeVolumes"]
    pulled(sample)
    second = read_snapshot(sample)
    assert second.unknown == ()
    assert not any("DescribeVolumes" in note for note in second.notes)


@pytest.mark.usefixtures("gate")
def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(SnapshotError, match="something else"):
        pulled(tmp_path / "mine")
    assert [file.name for file in (tmp_path / "mine").iterdir()] == ["notes.txt"]


@pytest.mark.usefixtures("gate")
def test_buckets_that_the_snapshot_needs_are_looked_for(sample):
    """The sample needs prism-cold-tier, which this account does not have."""
    rows = {row["check_id"]: row for row in records(pulled(sample).evidence)}
    assert rows["storage.rules"]["reason"] == "the account lists no bucket prism-cold-tier"


def test_account_ids_are_redacted(gate, account, tmp_path):
    place = {"LocationConstraint": "us-west-2"}
    account("s3").create_bucket(Bucket="logs-123456789012", CreateBucketConfiguration=place)
    pulled(tmp_path / "e", redact=True)
    text = "".join(file.read_text() for file in (tmp_path / "e").iterdir())
    assert "123456789012" not in text
    assert "logs-account-" in text


# --- every call, and each of them denied ----------------------------------------------------------

RULES = {
    "data": {
        "groups": [
            {
                "file": "f",
                "name": "g",
                "rules": [
                    {
                        "type": "alerting",
                        "name": "Down",
                        "health": "ok",
                        "annotations": {"runbook_url": "https://r"},
                    }
                ],
            }
        ]
    }
}
PROMETHEUS = {
    "/api/v1/targets": {"data": {"activeTargets": []}},
    "/api/v1/rules": RULES,
    "/api/v1/alertmanagers": {"data": {"activeAlertmanagers": [{"url": "http://a:9093/api"}]}},
}


def prometheus_reply(path):
    return 200, json.dumps(PROMETHEUS[path.partition("?")[0]]).encode()


def fill(account, gate, replies):
    """Make one of each thing, so that every call is made."""
    ec2, elb, s3 = account("ec2"), account("elbv2"), account("s3")
    ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, InstanceType="m6i.large")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    prefixes = ec2.create_managed_prefix_list(
        PrefixListName="p", MaxEntries=1, AddressFamily="IPv4", Entries=[{"Cidr": "10.0.0.1/32"}]
    )["PrefixList"]["PrefixListId"]
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 1,
                "ToPort": 1,
                "PrefixListIds": [{"PrefixListId": prefixes}],
            }
        ],
    )
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    arn = elb.create_load_balancer(Name="n", Subnets=[subnet], Type="network")["LoadBalancers"][0][
        "LoadBalancerArn"
    ]
    target = elb.create_target_group(Name="t", Protocol="TCP", Port=80, VpcId=vpc)["TargetGroups"][
        0
    ]["TargetGroupArn"]
    forward = {"Type": "forward", "TargetGroupArn": target}
    elb.create_listener(LoadBalancerArn=arn, Protocol="TCP", Port=80, DefaultActions=[forward])
    for name, region in (("cold", "us-west-2"), ("copy", "eu-west-1")):
        place = {"LocationConstraint": region}
        account("s3", region).create_bucket(Bucket=name, CreateBucketConfiguration=place)
    replication = (
        b"<ReplicationConfiguration><Role>r</Role><Rule><ID>a</ID><Status>Enabled</Status>"
        b"<Destination><Bucket>arn:aws:s3:::copy</Bucket><Metrics><Status>Enabled</Status></Metrics>"
        b"</Destination></Rule></ReplicationConfiguration>"
    )
    gate.serve("GetBucketReplication", replication, "application/xml")
    account("rds").create_db_instance(
        DBInstanceIdentifier="db", DBInstanceClass="db.m6g.large", Engine="postgres",
        AllocatedStorage=20, MasterUsername="root", MasterUserPassword="moto-only",
    )  # fmt: skip
    gate.answers["ListRestoreJobs"] = lambda asked: replies.json({"RestoreJobs": []})
    account("cloudtrail").create_trail(Name="audit", S3BucketName="cold")
    autoscaling = account("autoscaling")
    autoscaling.create_launch_configuration(
        LaunchConfigurationName="l", ImageId="ami-12345678", InstanceType="m6i.large"
    )
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="web", LaunchConfigurationName="l", MinSize=0, MaxSize=1,
        DesiredCapacity=0, AvailabilityZones=["us-west-2a"],
    )  # fmt: skip
    s3.put_bucket_versioning(Bucket="cold", VersioningConfiguration={"Status": "Enabled"})
    kms = account("kms")
    kms.create_key()
    old = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=old, PendingWindowInDays=7)
    iam = account("iam")
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="web", PolicyName="data", PolicyDocument=json.dumps(NARROW))


TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "ec2.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
NARROW = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::cold/*"}],
}


@pytest.fixture
def full(account, gate, replies):
    fill(account, gate, replies)
    with serving(prometheus_reply) as (url, _):
        yield Addresses.of([url], "", "", "")


def test_a_look_makes_every_call_of_the_policy_and_no_other(full, tmp_path):
    done = pulled(tmp_path / "e", addresses=full)
    made = {permissions.iam_action(*call) for call in done.ledger.counts}
    assert made == evidence_actions()
    assert not made - set(actions(with_evidence=True))


OPERATIONS = {
    "s3:ListAllMyBuckets": "ListBuckets",
    "s3:GetEncryptionConfiguration": "GetBucketEncryption",
    "s3:GetLifecycleConfiguration": "GetBucketLifecycleConfiguration",
    "s3:GetReplicationConfiguration": "GetBucketReplication",
}
CODES = {
    "ec2": "UnauthorizedOperation",
    "s3": "AccessDenied",
    "iam": "AccessDenied",
    "rds": "AccessDenied",
    "autoscaling": "AccessDenied",
    "elasticloadbalancing": "AccessDenied",
}
"""How each service words a denial; the others say AccessDeniedException."""


def test_each_denied_call_leaves_its_checks_unknown_and_is_named(full, gate, tmp_path):
    """One account for all of them: what moto said is kept, as nothing in it changes."""
    gate.kept = {}
    before = states(pulled(tmp_path / "before", addresses=full))
    usual = dict(gate.answers)
    for action in sorted(evidence_actions()):
        service, _, name = action.partition(":")
        gate.deny(OPERATIONS.get(action, name), code=CODES.get(service, "AccessDeniedException"))
        done = pulled(tmp_path / "after", addresses=full)
        gate.answers = dict(usual)
        blind = [row for row in records(done.evidence) if f"needs {action}" in row["reason"]]
        assert blind, action
        assert {row["evidence_state"] for row in blind} == {"unknown"}, action
        assert action in {entry["iam_action"] for entry in done.unknown}, action
        # Nothing passes for want of a permission, and every check still has its row.
        after = states(done)
        assert list(after) == CHECKS, action
        better = [one for one in CHECKS if after[one] == "pass" and before[one] != "pass"]
        assert better == [], action


@pytest.mark.parametrize("kind", ["throttled", "error", "reset", "truncated", "proxy"])
def test_other_failures_are_unknown_too(gate, tmp_path, kind):
    pulled(tmp_path / "before")
    call = next(one for one in gate.asked if one.operation == "DescribeVolumes")
    gate.asked.clear()
    gate.fault = (kind, call, 0)
    done = pulled(tmp_path / "after")
    (row,) = [r for r in records(done.evidence) if r["check_id"] == "encryption.volumes"]
    assert row["evidence_state"] == "unknown"
    assert "ec2" in row["reason"]


def test_expired_credentials_stop_the_look(gate, tmp_path, replies):
    gate.answers["DescribeVolumes"] = lambda asked: replies.refusal(asked, "RequestExpired", 400)
    with pytest.raises(CredentialsError):
        pulled(tmp_path / "e")
    assert not (tmp_path / "e").exists()


# --- the command line -----------------------------------------------------------------------------


def run(monkeypatch, capsys, *words):
    monkeypatch.setattr(sys, "argv", ["prism", *words])
    with pytest.raises(SystemExit) as done:
        cli.main()
    shown = capsys.readouterr()
    return done.value.code, shown.out, shown.err


@pytest.mark.usefixtures("gate")
def test_evidence_needs_no_month(monkeypatch, capsys, tmp_path):
    words = ("pull", "--evidence", "--out", str(tmp_path / "e"), "--region", "us-west-2")
    status, out, _ = run(monkeypatch, capsys, *words)
    assert status == 0
    assert f"{len(CHECKS)} checks: " in out
    assert "fail audit.trails (security.4)" in out
    assert "unknown redis.state (gap.1): no address was given: --redis" in out
    assert "$0" in out
    assert read_snapshot(tmp_path / "e").has("evidence")


def test_a_dry_run_asks_nothing(gate, monkeypatch, capsys, tmp_path):
    words = ("--out", str(tmp_path / "e"), "--redis", "a:6379", "--grafana", "http://me:pw@g")
    status, out, _ = run(monkeypatch, capsys, "pull", "--evidence", "--dry-run", *words)
    assert status == 0
    assert "addresses: http://g, redis://a:6379" in out
    assert "pw" not in out
    assert gate.asked == []
    assert not (tmp_path / "e").exists()


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ((), "--month"),
        (("--month", "2025-10", "--redis", "a:1"), "only together with --evidence"),
        (("--month", "2025-10", "--grafana", "http://me:pw@g"), "only together with --evidence"),
        (("--evidence", "--prometheus", "nowhere"), "an address such as"),
        (("--evidence", "--redis", "nowhere"), "HOST:PORT"),
    ],
)
def test_options_that_do_not_go_together_are_refused(monkeypatch, capsys, tmp_path, words, shown):
    status, _, err = run(monkeypatch, capsys, "pull", "--out", str(tmp_path / "e"), *words)
    assert status == 2
    assert shown in err
    assert "pw" not in err


def test_policy_with_evidence_only_reads_and_holds_no_secret(monkeypatch, capsys):
    status, out, _ = run(monkeypatch, capsys, "policy", "--evidence")
    assert status == 0
    assert json.loads(out) == json.loads(policy_text(with_evidence=True))
    (statement,) = json.loads(out)["Statement"]
    assert evidence_actions() < set(statement["Action"])
    assert set(actions()) < set(statement["Action"])
    reads = ("Get", "List", "Describe")
    writes = [one for one in statement["Action"] if not one.split(":")[1].startswith(reads)]
    # Neither changes anything: one makes a report, the other judges the text that it is given.
    assert writes == ["access-analyzer:ValidatePolicy", "iam:GenerateCredentialReport"]
    forbidden = {"s3:GetObject", "secretsmanager:GetSecretValue", "sts:AssumeRole", "kms:Decrypt"}
    assert not forbidden & set(statement["Action"])


def test_failures_are_said_before_what_is_unknown(gate, tmp_path):
    lines = evidence_lines(pulled(tmp_path / "e"))
    kinds = [line.split()[0] for line in lines if line.startswith("  ")]
    assert kinds == sorted(kinds)  # fail, then unknown
    assert {"fail", "unknown"} == set(kinds)


def test_bad_addresses_are_refused_before_anything_is_asked(gate):
    with pytest.raises(ParameterError):
        Addresses.of(["http://a"], "b", "", "")
    assert gate.asked == []
