"""Which commands destroy something, and which only look as if they did."""

from __future__ import annotations

import json

import pytest
from launch_examples import REFERENCE

from prismlib.analyses.command_rules import matches, ordered_rules
from prismlib.errors import SchemaError

RULES = ordered_rules(REFERENCE["command_rule"])
OPEN = '{"ToPort": %d, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}'
INGRESS = "aws ec2 authorize-security-group-ingress --group-id g "


def found(body: str, purpose: str = "clean up", beside: tuple[str, ...] = ()) -> list[int]:
    return [int(rule["priority"]) for rule in matches(RULES, body, purpose, beside)]


@pytest.mark.parametrize(
    ("body", "priority"),
    [
        # options between words
        ("aws --profile prod s3 rm s3://b --recursive", 101),
        ("aws --region r rds delete-db-instance --db-instance-identifier p "
         "--skip-final-snapshot", 103),
        ("kubectl -n prod delete pvc --all", 104),
        ("kubectl delete --all pvc", 104),
        ("kubectl delete -l app=redis pods,pvc", 104),
        ("kubectl delete ns/prod --dry-run=none", 104),
        ("terraform apply -auto-approve -destroy", 102),
        ("terraform -chdir=a apply -destroy=true", 102),
        ("terragrunt run --all destroy", 102),
        # spelling
        ("aws  s3  rm s3://b --recursive", 101),
        ("aws s3 \\\n rm s3://b --recursive", 101),
        ("rm -r -f /data", 106),
        ('rm -rf "/var"', 106),
        ("rm -rf $DIR", 106),
        ("rm --recursive --force ./data", 106),
        ("rm -rf /tmp/x /data", 106),
        ("rm -rf /tmp/../data", 106),
        ("ls | xargs rm -rf", 106),
        ("psql -c 'DROP   TABLE users'", 105),
        ("psql -c 'DROP TABLE \"users\"'", 105),
        ("DROP TABLE IF EXISTS a, b CASCADE;", 105),
        ("psql -c 'TRUNCATE users'", 105),
        # JSON and SDKs
        ("aws rds delete-db-instance --cli-input-json '{\"SkipFinalSnapshot\": true}'", 103),
        ("boto3.client('rds').delete_db_instance(DBInstanceIdentifier='p', "
         "SkipFinalSnapshot=True)", 103),
        ("r.flushall()", 100),
        ("echo FLUSHALL | redis-cli", 100),
        ("redis-cli --cluster call h:6379 FLUSHDB", 100),
        ("boto3.resource('s3').Bucket('b').objects.all().delete()", 109),
        # tools
        ("aws s3api delete-objects --bucket b --delete file://all.json", 107),
        ("aws s3api delete-bucket --bucket b", 108),
        ("aws s3 sync empty s3://b --delete", 110),
        ("psql -c 'DELETE FROM users'", 111),
        ("DELETE FROM users WHERE 1=1;", 111),
        ("sudo -u postgres dropdb prod", 112),
        ("redis-cli cluster reset hard", 113),
        ("aws ec2 terminate-instances --instance-ids i-1", 114),
        ("aws kms schedule-key-deletion --key-id k", 115),
        ("tofu destroy", 102),
        ("find /data -name '*.rdb' -delete", 116),
        ("mkfs.ext4 /dev/nvme1n1", 117),
        ("dd if=/dev/zero of=/dev/nvme1n1", 117),
        (INGRESS + "--protocol -1 --cidr 0.0.0.0/0", 118),
        (INGRESS + f"--ip-permissions '[{OPEN % 443}, {OPEN % 6379}]'", 118),
        ("ec2.authorize_security_group_ingress(GroupId='g', IpPermissions=[{'ToPort': 22, "
         "'Ipv6Ranges': [{'CidrIpv6': '::/0'}]}])", 118),
        ("aws dynamodb delete-table --table-name t", 119),
        ("aws cloudtrail stop-logging --name t", 120),
    ],
)  # fmt: skip
def test_what_destroys_or_opens_is_found(body, priority):
    assert found(body) == [priority]


@pytest.mark.parametrize(
    "body",
    [
        "aws s3 rm s3://b --recursive --dryrun",
        "aws s3 rm s3://b --recursive --dryrun; aws s3 ls s3://b --recursive",
        "aws s3 sync a s3://b --delete --dryrun",
        "kubectl delete ns x --dry-run=server",
        "kubectl -n y delete ns x --dry-run",
        "kubectl delete pod pvc-test -n pv",
        "terraform plan -destroy",
        "terraform apply -destroy=false",
        "# never run redis-cli FLUSHALL\nredis-cli PING",
        "echo never run redis-cli FLUSHALL",
        "redis-cli ACL SETUSER app -flushall",
        "redis-cli CONFIG SET rename-command FLUSHALL ''",
        "truncate old files",
        "truncate -s 0 /var/log/x",
        "-- DROP TABLE users is forbidden\nSELECT 1",
        "grep -r 'DROP TABLE users' migrations",
        "psql -c 'DELETE FROM users WHERE id = 1'",
        "rm -rf /tmp/build",
        "rm -rf '/var/tmp/a b'",
        "rm -ri /data",
        "find . -name dropdb",
        "find /tmp/x -delete",
        "aws s3api delete-bucket-policy --bucket b",
        "aws ec2 terminate-instances --instance-ids i-1 --dry-run",
        "rds.delete_db_instance(DBInstanceIdentifier='p', SkipFinalSnapshot=False)",
        "aws elasticache delete-replication-group --replication-group-id r "
        "--final-snapshot-identifier s",
        INGRESS + "--protocol tcp --port 443 --cidr 0.0.0.0/0",
        INGRESS + f"--ip-permissions '[{OPEN % 443}, {OPEN % 80}]'",
        INGRESS + "--protocol tcp --port 6379 --cidr 10.0.0.0/8",
        "dd if=/dev/nvme0n1 of=/backup/disk.img",
    ],
)
def test_what_only_looks_like_it_is_not(body):
    assert found(body) == []


def test_dump_is_a_fault_of_a_restore_and_none_of_a_backup():
    command = "redis-cli -h prod --rdb /backup/dump.rdb"
    assert found(command, "restore Redis from a snapshot") == [10]
    assert found(command, "make a backup before the change") == []
    assert found(command, "") == [10]  # nobody says what for


def test_replication_beside_a_batch_job_copies_what_is_there():
    command = "aws s3api put-bucket-replication --bucket b --replication-configuration file://r"
    job = "aws s3control create-job --account-id 1 --operation '%s'"
    replicate = job % json.dumps({"S3ReplicateObject": {}})
    assert found(command) == [30]
    assert found(command, beside=(replicate,)) == []
    assert (
        found(command, beside=("s3control.create_job(Operation={'S3ReplicateObject': {}})",)) == []
    )
    assert found(command, beside=(job % json.dumps({"S3PutObjectTagging": {}}),)) == [30]
    assert found(command, beside=(f"# {replicate}",)) == [30]
    assert found(f"{command} && {replicate}") == []


def test_classic_balancers_are_enough_only_beside_the_others():
    assert found("aws elb describe-load-balancers") == [40]
    assert found("aws elb describe-load-balancers; aws elbv2 describe-load-balancers") == []


def test_engine_is_what_counts_and_not_a_name():
    restore = "aws rds restore-db-instance-from-s3 --db-instance-identifier from-postgres "
    assert found(restore + "--source-engine mysql") == []
    assert found(restore + "--source-engine=postgres") == [20]


def test_every_rule_is_read_as_something():
    frame = REFERENCE["command_rule"].copy()
    frame.loc[0, "read_as"] = "prose"
    with pytest.raises(SchemaError, match="read_as of the rule with priority 10 is not known"):
        ordered_rules(frame)
