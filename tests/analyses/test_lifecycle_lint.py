"""What is wrong with the rules that a bucket has, told by what its readers need."""

import json

import pytest

from prismlib import paths
from prismlib.analyses.lifecycle_lint import lint_lifecycle
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot

TABLES = read_snapshot(paths.SAMPLE).tables
REFERENCE = read_reference_tables()
BUCKET = "prism-cold-tier"


def lint(bucket=BUCKET, tables=TABLES, **rule):
    one = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "partitions/"}, **rule}
    return lint_lifecycle(bucket, json.dumps([one]), tables, REFERENCE)


ARCHIVE = {"Transitions": [{"Days": 90, "StorageClass": "GLACIER"}]}
EXPIRE = {"Expiration": {"Days": 730}}


@pytest.mark.parametrize("rule", [ARCHIVE, EXPIRE])
def test_rules_of_the_memo_break_what_the_cold_tier_needs(rule):
    """Its partitions are live and read within 62 ms: neither deletion nor a restore is allowed."""
    faults, _ = lint(**rule)
    assert len(faults) == 1


def test_a_rule_that_harms_nobody_has_no_fault():
    rule = {"Transitions": [{"Days": 90, "StorageClass": "GLACIER_IR"}]}
    assert lint(**rule) == ([], [])
    assert lint(**EXPIRE, Status="Disabled") == ([], [])


@pytest.mark.parametrize("tables", [TABLES, {}])
def test_where_nobody_says_what_readers_need_there_is_doubt_and_no_pass(tables):
    faults, doubts = lint(bucket="other", tables=tables, **EXPIRE)
    assert faults == []
    assert doubts
