"""Whether a line can move: a reason for each, by the rules of ``data/reference``."""

from __future__ import annotations

import pytest
from graviton_cases import REFERENCE

from prismlib.analyses.graviton_rules import judge_eligibility, version_of
from prismlib.result_tables.graviton import ELIGIBILITIES
from prismlib.tables import records

RULES = REFERENCE["graviton_rule"]


def judged(**changed):
    row = {
        "compute_service": "EC2",
        "instance_type": "m6i.large",
        "architecture": "x86_64",
        "processor": "Intel",
        "target": "some",
        "platform": "Linux/UNIX",
        "tenancy": "",
        "purchase": "on-demand",
        "commitment": "on demand",
        "engine": "",
        "engine_version": "",
        "tags": "{}",
        **changed,
    }
    return judge_eligibility(row, RULES)


def rds(engine, version, **changed):
    return judged(
        compute_service="RDS",
        instance_type="db.r6i.large",
        engine=engine,
        engine_version=version,
        **changed,
    )


@pytest.mark.parametrize(
    ("changed", "eligibility", "words"),
    [
        ({}, "eligible", "on demand, Linux"),
        ({"platform": ""}, "eligible", "on demand"),  # a document names no system
        ({"architecture": "arm64"}, "already Arm", "already on Arm"),
        ({"processor": "Graviton"}, "already Arm", "already Graviton"),
        ({"platform": "Windows"}, "ineligible", "Windows"),
        ({"platform": "Windows with SQL Server Standard"}, "ineligible", "Windows"),
        ({"purchase": "spot"}, "ineligible", "Spot"),
        ({"target": "none"}, "ineligible", "no Graviton family"),
        ({"tags": '{"arch": "x86_64"}'}, "ineligible", "x86 only"),
        ({"tags": '{"component": "web", "x86_only": "true"}'}, "ineligible", "x86 only"),
        ({"tags": '{"component": "x86_64"}'}, "eligible", "on demand"),
        ({"commitment": "standard RI"}, "after commitment", "standard RI"),
        ({"commitment": "EC2 instance savings plan"}, "after commitment", "savings plan"),
        ({"commitment": "compute savings plan"}, "eligible", "covers Graviton too"),
        ({"commitment": "convertible RI"}, "eligible", "exchanged"),
        ({"commitment": "unknown"}, "unknown", "kind is not known"),
        # the first reason counts: an Arm instance under a reservation is done already
        ({"architecture": "arm64", "commitment": "standard RI"}, "already Arm", "on Arm"),
        ({"platform": "Windows", "commitment": "standard RI"}, "ineligible", "Windows"),
    ],
)
def test_reason_of_an_instance(changed, eligibility, words):
    verdict = judged(**changed)
    assert verdict.eligibility == eligibility
    assert words in verdict.reason


@pytest.mark.parametrize(
    ("engine", "version", "eligibility"),
    [
        ("postgres", "12.3", "eligible"),
        ("postgres", "16.1", "eligible"),
        ("postgres", "12.2", "after upgrade"),
        ("postgres", "9.6.24", "after upgrade"),
        ("postgres", "", "unknown"),
        ("mysql", "8.0.17", "eligible"),
        ("mysql", "8.0.9", "after upgrade"),  # 9 is before 17, in numbers
        ("mariadb", "10.4.13", "eligible"),
        ("mariadb", "10.3.39", "after upgrade"),
        ("aurora-postgresql", "11.9", "eligible"),
        ("aurora-postgresql", "11.8", "after upgrade"),
        ("aurora-mysql", "8.0.mysql_aurora.3.04.0", "eligible"),
        ("aurora-mysql", "5.7.mysql_aurora.2.09.1", "after upgrade"),
        ("oracle-ee", "19.0.0.0", "ineligible"),
        ("sqlserver-se", "15.00", "ineligible"),
    ],
)
def test_engine_and_version_of_a_database(engine, version, eligibility):
    assert rds(engine, version).eligibility == eligibility


def test_database_reasons():
    assert "at least 12.3" in rds("postgres", "12.2").reason
    assert "version of postgres is not known" in rds("postgres", "").reason
    assert rds("postgres", "16.1", commitment="standard RI").eligibility == "after commitment"


@pytest.mark.parametrize(
    ("service", "kind", "engine", "version", "eligibility"),
    [
        ("ElastiCache", "cache.r5.large", "redis", "5.0.6", "eligible"),
        ("ElastiCache", "cache.r5.large", "redis", "5.0.5", "after upgrade"),
        ("ElastiCache", "cache.r5.large", "valkey", "7.2", "eligible"),
        ("ElastiCache", "cache.m5.large", "memcached", "1.5.10", "after upgrade"),
        ("ElastiCache", "cache.r5.large", "", "", "unknown"),
        ("OpenSearch", "r5.large.search", "elasticsearch", "7.8", "after upgrade"),
        ("OpenSearch", "r5.large.search", "elasticsearch", "7.10", "eligible"),
        ("OpenSearch", "r5.large.search", "opensearch", "1.0", "eligible"),
        ("OpenSearch", "or1.large.search", "opensearch", "2.11", "ineligible"),
        ("Lambda", "GB-Second", "", "", "eligible"),
    ],
)
def test_other_services(service, kind, engine, version, eligibility):
    verdict = judged(
        compute_service=service, instance_type=kind, engine=engine, engine_version=version
    )
    assert verdict.eligibility == eligibility


def test_serverless_database():
    verdict = judged(
        compute_service="RDS",
        instance_type="db.serverless",
        engine="aurora-mysql",
        engine_version="8.0.mysql_aurora.3.04.0",
    )
    assert (verdict.eligibility, verdict.rule_name) == ("ineligible", "rds_serverless")


def test_service_without_a_rule_is_unknown():
    assert judged(compute_service="EMR").eligibility == "unknown"


def test_rules_use_known_words_and_each_says_why():
    for rule in records(RULES):
        assert rule["eligibility"] in ELIGIBILITIES
        assert rule["migration_effort"] in ("easy", "needs planning", "excluded")
        assert len(rule["reason"].split()) >= 2


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("12.3", (12, 3)),
        ("8.0.mysql_aurora.3.04.0", (3, 4, 0)),
        ("OpenSearch_2.11", (2, 11)),
        ("", ()),
    ],
)
def test_version_of(text, numbers):
    assert version_of(text) == numbers
