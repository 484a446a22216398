"""Remedies: what is found follows from their words, and goes away when they are put right."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from launch_examples import SAMPLE, changed, launch_of, table

from prismlib.analyses.remedies import remedy_checks
from prismlib.analyses.remedy_models import Facts, cluster_checks, primaries_of
from prismlib.tables import records

CHECKS = remedy_checks(launch_of(SAMPLE.tables).known)


def names(tables: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the faults that are found, by remedy and check."""
    return {(one.row["remedy_id"], one.check_name) for one in launch_of(tables).remedies}


FOUND = {(one.row["remedy_id"], one.check_name) for one in CHECKS}


@pytest.mark.parametrize(
    ("remedy_id", "check_name"),
    [
        ("gap.2.evidence", "rule_40"),  # A1
        ("gap.1.create", "count"),  # A2
        ("gap.1.script", "one_subnet"),  # A3
        ("gap.3.rules", "breaks_slo"),  # S7, A4
        ("gap.3.rules", "deletes_live"),  # S8, A4
        ("gap.4.region", "rule_50"),  # A5
        ("gap.5.jobs", "kinds"),  # A6
        ("gap.5.restart", "left_out"),  # A6
        ("gap.6.test_alert", "rule_60"),  # A7
        ("gap.7.redis", "rule_10"),  # A8
        ("gap.7.database", "rule_20"),  # A9
        ("gap.9.apply", "rule_30"),  # A10: existing objects
        ("gap.9.apply", "wrong_bucket"),  # A10
        ("gap.9.rules", "deletes_too"),  # A10
        ("security.1.copy", "rule_70"),  # A11
        ("security.2.policy", "lock_out"),  # A12
        ("security.2.reset", "everyone"),  # A12
        ("security.3.revoke", "left_out"),  # A13
        ("gap.11.stop", "label"),  # A14
        ("gap.8.scan", "rule_80"),  # A15: paging
        ("gap.8.scan", "rule_81"),  # A15: inline
        ("gap.8.scan", "rule_82"),  # A15: by name
        ("gap.8.scan", "rule_83"),  # A15: roles without the word
        ("gap.8.attach", "left_out"),  # Q9
    ],
)
def test_fault_is_found(remedy_id, check_name):
    assert (remedy_id, check_name) in FOUND


def test_what_is_right_is_left_alone():
    right = (
        "gap.2.register",
        "gap.4.zone",
        "gap.6.rules",
        "security.1.default",
        "security.4.trail",
    )
    assert not {remedy_id for remedy_id, _ in FOUND} & set(right)


@pytest.mark.parametrize(
    ("remedy_id", "check_name", "body"),
    [
        ("gap.2.evidence", "rule_40", "aws elbv2 describe-load-balancers"),
        (
            "gap.4.region",
            "rule_50",
            "aws rds create-db-instance-read-replica --db-instance-identifier x "
            "--source-db-instance-identifier arn:aws:rds:us-west-2:1:db:primary --region us-east-1",
        ),
        ("security.1.copy", "rule_70", "aws s3control create-job --account-id 123456789012"),
        ("gap.11.stop", "label", "kubectl delete pod -l run=load-generator-1"),
        ("gap.9.apply", "wrong_bucket", "aws s3api put-bucket-replication --bucket prism-backups"),
        ("gap.5.jobs", "kinds", "- job_name: redis\n- job_name: proxy\n- job_name: node\n"
         "- job_name: postgresql"),
        ("gap.8.scan", "rule_80", "for page in iam.get_paginator('list_roles').paginate(): pass"),
    ],
)  # fmt: skip
def test_fault_goes_away_when_it_is_put_right(remedy_id, check_name, body):
    tables = changed("remedy_step", "remedy_id", remedy_id, body=body)
    assert (remedy_id, check_name) not in names(tables)


def test_replication_without_delete_markers_is_not_said_to_copy_them():
    rows = {row["remedy_id"]: row for row in records(SAMPLE.tables["remedy_step"])}
    rules = json.loads(rows["gap.9.rules"]["body"])
    rules["Rules"][0]["DeleteMarkerReplication"]["Status"] = "Disabled"
    tables = changed("remedy_step", "remedy_id", "gap.9.rules", body=json.dumps(rules))
    assert ("gap.9.rules", "deletes_too") not in names(tables)


def test_policy_that_lets_people_change_their_password_locks_nobody_out():
    rows = {row["remedy_id"]: row for row in records(SAMPLE.tables["remedy_step"])}
    policy = json.loads(rows["security.2.policy"]["body"])
    policy["Statement"][0]["NotAction"].append("iam:ChangePassword")
    tables = changed("remedy_step", "remedy_id", "security.2.policy", body=json.dumps(policy))
    assert ("security.2.policy", "lock_out") not in names(tables)


def test_without_the_reset_nobody_is_locked_out():
    rows = [
        row
        for row in records(SAMPLE.tables["remedy_step"])
        if row["remedy_id"] != "security.2.reset"
    ]
    tables = {**SAMPLE.tables, "remedy_step": table("remedy_step", rows)}
    assert ("security.2.policy", "lock_out") not in names(tables)


def test_lock_out_counts_the_users_that_are_stated():
    (one,) = [c for c in CHECKS if c.check_name == "lock_out"]
    assert "The 8 without MFA" in one.statement
    tables = changed("claim", "claim_id", "ready.no_mfa_users", stated_value=Decimal(3))
    (one,) = [c for c in launch_of(tables).remedies if c.check_name == "lock_out"]
    assert "The 3 without MFA" in one.statement


def test_expiry_of_something_else_deletes_nothing_live():
    rows = {row["remedy_id"]: row for row in records(SAMPLE.tables["remedy_step"])}
    body = rows["gap.3.rules"]["body"].replace("partitions/", "old-snapshots/")
    tables = changed("remedy_step", "remedy_id", "gap.3.rules", body=body)
    assert not {name for remedy, name in names(tables) if remedy == "gap.3.rules"} & {
        "deletes_live",
        "breaks_slo",
    }


def test_lifecycle_of_what_nobody_reads_fast_breaks_no_objective():
    tables = changed("storage_need", "bucket_name", "prism-cold-tier", read_slo_ms=None)
    assert ("gap.3.rules", "breaks_slo") not in names(tables)
    assert ("gap.3.rules", "deletes_live") in names(tables)


# --- the cluster ----------------------------------------------------------------------------------


def cluster(addresses: list[str], replicas: int, wanted: int | None) -> list[str]:
    body = f"redis-cli --cluster create {' '.join(addresses)} --cluster-replicas {replicas}"
    facts = Facts(wanted_primaries=None if wanted is None else Decimal(wanted))
    return [one.check_name for one in cluster_checks({"body": body}, facts)]


def zone_by_zone(zones: int, each: int) -> list[str]:
    return [f"10.0.{zone}.{node}:6379" for zone in range(zones) for node in range(10, 10 + each)]


def test_sixteen_addresses_with_two_replicas_are_five_shards():
    """16 // 3 = 5 primaries; the other 11 are replicas."""
    assert len(primaries_of(zone_by_zone(1, 16), 2)) == 5
    assert cluster(zone_by_zone(1, 16), 2, 16) == ["count"]


def test_addresses_zone_by_zone_put_every_primary_into_the_first():
    assert cluster(zone_by_zone(3, 16), 2, 16) == ["one_subnet"]


def test_addresses_in_turn_spread_the_primaries():
    by_zone = [zone_by_zone(3, 16)[n::16] for n in range(16)]
    in_turn = [address for zone in by_zone for address in zone]
    assert cluster(in_turn, 2, 16) == []


def test_two_nodes_of_a_host_are_not_both_taken_first():
    """Hosts in turn: of a, a, b, b with one replica the primaries are one of each host."""
    nodes = ["10.0.0.1:1", "10.0.0.1:2", "10.0.1.1:1", "10.0.1.1:2"]
    assert primaries_of(nodes, 1) == ["10.0.0.1:1", "10.0.1.1:1"]


@given(st.integers(1, 60), st.integers(0, 4))
def test_primaries_are_nodes_over_replicas_and_one(count, replicas):
    assert len(primaries_of(zone_by_zone(1, count), replicas)) == count // (replicas + 1)


def test_words_that_no_shell_can_split_are_not_judged():
    assert list(cluster_checks({"body": "redis-cli --cluster create 'open"}, Facts())) == []


@pytest.mark.parametrize(
    ("body", "check_name"),
    [
        ("redis-cli -h 10.0.10.10 FLUSHALL", "rule_100"),
        ("aws s3 rb --force s3://prism-backups", "rule_101"),
        ("aws s3 rm s3://prism-backups/redis --recursive", "rule_101"),
        ("terraform -chdir=prod destroy -auto-approve", "rule_102"),
        ("aws rds delete-db-instance --db-instance-identifier x --skip-final-snapshot", "rule_103"),
        ("kubectl delete ns prism-observability", "rule_104"),
        ("psql -c 'DROP TABLE edges'", "rule_105"),
        ("sudo rm -rf /var/lib/redis", "rule_106"),
    ],
)
def test_command_that_destroys_is_found(body, check_name):
    tables = changed("remedy_step", "remedy_id", "gap.12.docs", body=body)
    assert ("gap.12.docs", check_name) in names(tables) - FOUND


@pytest.mark.parametrize(
    "body",
    [
        "redis-cli -h 10.0.10.10 CLUSTER INFO",
        "aws s3 rm s3://prism-backups/redis/old.rdb",
        "terraform plan -out=plan",
        "aws rds delete-db-instance --db-instance-identifier x --final-db-snapshot-identifier y",
        "kubectl delete pod redis-0",
        "psql -c 'SELECT count(*) FROM edges'",
        "rm /tmp/plan",
    ],
)
def test_command_that_destroys_nothing_much_is_not(body):
    tables = changed("remedy_step", "remedy_id", "gap.12.docs", body=body)
    assert not {name for _, name in names(tables) - FOUND}


def test_document_that_cannot_be_read_is_said():
    """Its own faults cannot be found any more; that it was not checked must be."""
    tables = changed("remedy_step", "remedy_id", "gap.9.rules", body='{"Role": ')
    assert ("gap.9.rules", "unreadable") in names(tables)
