"""What facts mean: pass, fail or unknown, worked out by hand from what may still be missing."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from prismlib import paths
from prismlib.evidence_rules import COMPARE, expected
from prismlib.evidence_tables import COMBINATIONS
from prismlib.readiness_tables import COMPARISONS, EVIDENCE
from prismlib.sources.evidence import Fact
from prismlib.sources.evidence_collectors import aws_collectors
from prismlib.sources.evidence_http import PROMETHEUS_CHECKS
from prismlib.sources.evidence_judging import judge_evidence
from prismlib.sources.evidence_redis import REDIS_CHECKS
from prismlib.sources.prices import read_reference
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import CLAIM, check, make, records

NOW = datetime(2025, 11, 16, 12, tzinfo=UTC)
CHECKS = read_reference("evidence_check")
RULES = {row["check_id"]: row for row in records(CHECKS)}


def fact(check_id, number, value, **more):
    known = None if value is None else Decimal(str(value))
    reason = "needs x:Y" if value is None else ""
    return Fact(check_id, f"s{number}", known, "call", reason=reason, **more)


def judged(check_id, *values, tables=None, **more):
    facts = [fact(check_id, number, value, **more) for number, value in enumerate(values)]
    rows = records(judge_evidence(facts, CHECKS, tables or {}, NOW))
    (row,) = [row for row in rows if row["check_id"] == check_id]
    return row


@pytest.mark.parametrize(
    ("check_id", "values", "state"),
    [
        # a sum, at most 0: what is missing can only add
        ("iam.roles", [0, 0], "pass"),
        ("iam.roles", [0, 1], "fail"),
        ("iam.roles", [0, None], "unknown"),
        ("iam.roles", [1, None], "fail"),
        # a sum, at least 24
        ("monitoring.rules", [20, 4], "pass"),
        ("monitoring.rules", [20, 3], "fail"),
        ("monitoring.rules", [24, None], "pass"),
        ("monitoring.rules", [20, None], "unknown"),
        # the least, at least 2: what is missing can only be less
        ("database.replicas", [2, 3], "pass"),
        ("database.replicas", [2, 1], "fail"),
        ("database.replicas", [2, None], "unknown"),
        ("database.replicas", [1, None], "fail"),
        # the most, less than 5: 5 is no pass
        ("database.lag", ["4.9", 1], "pass"),
        ("database.lag", [5, 1], "fail"),
        ("database.lag", [1, None], "unknown"),
        ("database.lag", [6, None], "fail"),
        # nothing at all
        ("iam.roles", [], "unknown"),
        ("iam.roles", [None], "unknown"),
    ],
)
def test_a_check_is_decided_only_if_what_is_missing_cannot_turn_it(check_id, values, state):
    row = judged(check_id, *values)
    assert row["evidence_state"] == state
    assert bool(row["reason"]) == (state == "unknown")


def test_a_reason_names_each_permission_once():
    assert judged("iam.roles", None, None)["reason"] == "needs x:Y"
    assert judged("iam.roles")["reason"] == "nothing was found to look at"


def test_every_check_has_a_row_whatever_was_seen():
    rows = judge_evidence([], CHECKS, {}, NOW)
    check(rows, EVIDENCE)
    assert list(rows["check_id"]) == list(CHECKS["check_id"])
    assert set(rows["evidence_state"]) == {"unknown"}
    assert set(rows["observed_at"]) == {NOW}


def test_evidence_is_as_old_as_the_oldest_look():
    made = datetime(2025, 11, 16, 9, tzinfo=UTC)
    assert judged("mfa.users", 0, observed_at=made)["observed_at"] == made


def test_a_fact_without_a_rule_is_refused():
    with pytest.raises(KeyError, match=r"no\.such"):
        judge_evidence([Fact("no.such", "s", Decimal(0), "call")], CHECKS, {}, NOW)


def test_what_is_expected_comes_from_the_fleet():
    """2 x 1000 Redis + 2 x 1000 proxies + 1 x 4 databases = 4,004 targets; 48 proxies run."""
    tables = read_snapshot(paths.SAMPLE).tables
    assert expected(RULES["monitoring.targets"], tables) == 4004
    assert expected(RULES["balancer.healthy"], tables) == 48
    assert judged("monitoring.targets", 1200, tables=tables)["evidence_state"] == "fail"
    assert judged("monitoring.targets", 4004, tables=tables)["evidence_state"] == "pass"


def test_without_a_fleet_the_expected_number_is_unknown_and_never_met():
    row = judged("monitoring.targets", 4004)
    assert row["evidence_state"] == "unknown"
    assert "needed.monitoring.targets" in row["reason"]


def test_a_claim_goes_before_the_limit_of_the_rule():
    claim = {
        "claim_id": "needed.monitoring.rules",
        "kind": "quantity",
        "stated_value": Decimal(30),
        "unit": "rules",
        "statement": "30 rules",
        "source": "here",
    }
    tables = {"claim": make(CLAIM, [claim])}
    assert judged("monitoring.rules", 24)["evidence_state"] == "pass"
    assert judged("monitoring.rules", 24, tables=tables)["evidence_state"] == "fail"


def test_the_detail_names_what_does_not_meet_the_rule():
    row = judged("iam.roles", 0, 1, 0)
    assert "s1: 1" in row["detail"]
    assert "s0" not in row["detail"]
    assert "at most 0 wanted" in row["detail"]
    assert "all 2 meet it" in judged("iam.roles", 0, 0)["detail"]
    assert "not seen: s1" in judged("iam.roles", 0, None)["detail"]


def test_rules_are_for_the_checks_that_collectors_make_and_no_other():
    made = [one for c in aws_collectors(lambda name, rules: ((), ())) for one in c.checks]
    made += [*PROMETHEUS_CHECKS, "alerting.receivers", "dashboards.found", *REDIS_CHECKS]
    assert sorted(made) == sorted(RULES)
    for row in RULES.values():
        assert row["compared_as"] in COMPARE and row["compared_as"] in COMPARISONS
        assert row["combined_by"] in COMBINATIONS
        assert (row["limit_value"] is None) == bool(row["expected_from"])
        assert row["valid_for_days"] > 0
