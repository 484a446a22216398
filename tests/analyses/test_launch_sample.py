"""The launch on the sample against what was worked out by hand from the memo."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from launch_examples import SAMPLE, changed, launch_of, table

from prismlib.analyses import launch_tables
from prismlib.analyses.launch_findings import judge_launch
from prismlib.analyses.launch_measures import Measure
from prismlib.findings import Finding, Severity, Verdict
from prismlib.tables import records

RESULTS = launch_of(SAMPLE.tables)
FOUND: dict[str, Finding] = {f.id: f for f in judge_launch(RESULTS)}


def measure(criterion_id: str) -> Measure:
    one = RESULTS.of(criterion_id)
    assert one is not None
    return one.measure


# --- the table of go and no-go --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("criterion_id", "claimed", "band"),
    [
        ("critical_gaps", "fail", "fail"),
        ("critical_security", "fail", "fail"),
        ("performance", "pass", "unknown"),
        ("recovery", "pass", "fail"),
        ("training", "fail", "fail"),
        ("cost", "pass", "fail"),
        ("on_call", "warn", "warn"),
    ],
)
def test_how_each_criterion_stands(criterion_id, claimed, band):
    one = RESULTS.of(criterion_id)
    assert one is not None
    assert (one.claimed_band, one.standing.band) == (claimed, band)


def test_decision_is_no_go_whatever_the_unknowns():
    assert RESULTS.gate.decision == "NO-GO"
    assert RESULTS.gate.is_certain
    assert FOUND["launch.decision"].severity is Severity.CRITICAL


def test_figures_of_the_criteria():
    """8 gaps; gap 8 and findings 1, 2, 3 are 4; 8 + 30 minutes; of 12 SREs 4 are named and 4 seats
    are given to nobody, so 4 to 8 are untrained: 33.3 to 66.7 %."""
    assert measure("critical_gaps").low == measure("critical_gaps").high == 8
    assert measure("critical_security").low == 4
    assert measure("recovery").low == measure("recovery").high == 38
    low, high = measure("training").low, measure("training").high
    assert low is not None and high is not None
    assert (round(low, 1), round(high, 1)) == (Decimal("33.3"), Decimal("66.7"))


def test_cost_with_traffic_between_zones():
    """(961,978 + 1,814,400 - 915,916) / 915,916 = 203.13 %; with 3,628,800 it is 401.22 %."""
    low, high = measure("cost").low, measure("cost").high
    assert low is not None and high is not None
    assert (round(low, 2), round(high, 2)) == (Decimal("203.13"), Decimal("401.22"))
    readings = {one.name: one.value for one in measure("cost").readings}
    plain = readings["On the lines of the table alone"]
    both = readings["With that traffic in both columns, one end"]
    assert plain is not None and both is not None
    assert round(plain, 2) == Decimal("5.03")
    assert round(both, 2) == Decimal("2.23")  # (46,062 + 14,400) / (915,916 + 1,800,000)


def test_training_readings():
    """63 of 72 seats; 10 of 12 people; 8 of 12."""
    readings = {one.name: round(one.value or 0, 1) for one in measure("training").readings}
    assert list(readings.values()) == [Decimal(v) for v in ("87.5", "85", "83.3", "66.7")]


def test_benchmark_is_older_than_what_it_rests_on():
    one = RESULTS.of("performance")
    assert one is not None
    (reason,) = one.standing.reasons
    assert "gap.1" in reason and "gap.2" in reason
    assert FOUND["launch.criterion.performance"].verdict is Verdict.UNKNOWN
    assert FOUND["launch.criterion.performance"].severity is Severity.CRITICAL


def test_what_flips_it():
    assert [len(one) for one in RESULTS.to_go] == [7]
    assert RESULTS.claimed_to_go == (("critical_gaps", "critical_security", "training", "on_call"),)
    assert all(len(one) == 1 for one in RESULTS.from_go)
    assert len(RESULTS.from_go) == 7


def test_distances_in_the_unit_of_the_input():
    """Shares: 0.05 x 45,529.6 / 1,814,400 and 0.05 x 137,121.2 / 1,814,400, one end billed.
    Seats: 90 % of 72 is 64.8. People: 90 % of 12 is 10.8. Copy: 10 - 8 = 2 minutes."""
    rows = {
        (row["criterion_id"], row["input_name"]): row
        for row in records(launch_tables.distance_table(RESULTS))
    }
    share = rows["cost", "traffic that crosses zones, one end billed"]
    assert round(share["go_input_value"], 3) == Decimal("0.125")
    assert round(share["no_go_input_value"], 3) == Decimal("0.378")
    assert share["now_low"] == 5
    copy = rows["recovery", "work left off the clock"]
    assert (copy["now_low"], copy["go_input_value"], copy["no_go_input_value"]) == (30, 0, 2)
    seats = rows["training", "seats trained"]
    assert (seats["now_low"], seats["go_input_value"], seats["no_go_input_value"]) == (63, 72, 65)
    people = rows["training", "people with every module"]
    assert (people["now_low"], people["now_high"], people["no_go_input_value"]) == (4, 8, 11)
    gaps = rows["critical_gaps", "open items"]
    assert (gaps["now_low"], gaps["go_input_value"], gaps["no_go_input_value"]) == (8, 0, 3)
    assert "10.5 h" in gaps["note"]  # 0.5 + 2 + 2 + 3 + 3


def test_cost_of_a_day():
    """944,611 x 14 / 30 = 440,818; 876,940 / 944,611 = 92.8 %; 2,847 / 30 = 94.90."""
    words = FOUND["launch.delay_cost"].statement
    assert "$440,818" in words
    assert "92.8%" in words
    rows = {row["cost_name"]: row for row in records(RESULTS.delay.table)}
    assert rows["What open items are said to cost"]["high_cost"] == Decimal("94.9")
    committed = rows["Committed lines"]
    assert committed["is_sunk"]
    assert round(committed["low_cost"]) == 29_231  # 876,940 / 30


# --- every figure that the memo states of its registers -------------------------------------------


@pytest.mark.parametrize(
    ("finding_id", "verdict", "value", "expected"),
    [
        ("register.gaps", "holds", 12, 12),  # T1
        ("targets.shards", "holds", 48, 48),  # T2, T3
        ("fleet_size", "contradicts", 1000, 48),  # T4
        ("targets.scraped", "holds", 60, 60),  # M1
        ("targets.coverage", "contradicts", 4004, 2000),  # M2
        ("targets.reachable", "contradicts", 196, 1200),  # M3: 48+48+96+4
        ("targets.checklist", "contradicts", 4004, 2000),  # M4
        ("targets.alerts", "contradicts", None, None),  # M6
        ("register.gap_work", "contradicts", "24.5", 80),  # M7: 4+2+0.5+3+2+4+6+3
        ("targets.dashboards", "holds", 5, 5),  # M8
        ("register.mark.gap_12", "contradicts", 0, 1),  # M9
        ("security.total", "contradicts", 6, 8),  # Q1: five findings and gap 8
        ("security.critical", "contradicts", 4, 3),  # Q2
        ("register.critical_items", "contradicts", 11, 11),  # Q3: right with the fourth only
        ("security.encrypted", "contradicts", 7, 1046),  # Q5: 5 Jan 2023 to 16 Nov 2025
        ("security.copying", "contradicts", 3, 297),  # Q6
        ("security.name.affected_gap_8_redis", "contradicts", None, None),  # Q8
        ("security.trail", "contradicts", 90, 0),  # Q10
        ("security.range.postgresql", "contradicts", 16_777_216, None),  # Q13: 2^24
        ("documents.missing", "contradicts", "10.91", 6),  # K4: 12 of 110
        ("documents.share", "contradicts", "89.09", 94),  # K1: 98 of 110
        ("documents.total", "contradicts", 98, 94),  # K2
        ("documents.kinds", "holds", 0, 0),  # K3
        ("documents.critical_runbooks", "contradicts", 3, 7),  # K5
        ("documents.work", "contradicts", 1, 14),  # K6
        ("documents.no_rule", "contradicts", None, None),  # K8
        ("training.share", "contradicts", "87.5", 85),  # R1
        ("training.people", "contradicts", 4, 2),  # R2
        ("training.open_seats", "contradicts", 4, 0),  # R3: Terraform 3, DR 1
        ("training.modules", "holds", 0, 0),  # R4
        ("training.bars", "contradicts", 3, 2),  # R5
        ("training.drills", "contradicts", 3, 12),  # R7
        ("training.team", "holds", 16, 16),  # R8
        ("training.rota", "unknown", 0, 0),  # R9
        ("plan.weekdays", "contradicts", 42, 0),  # L1
        ("launch_days", "contradicts", 14, 0),  # L3, L5
        ("register.checklist", "holds", 13, 13),  # L7
        ("rules.matrix", "contradicts", 63, 0),  # L8
        ("rules.matrix_against_appendix_e", "contradicts", 63, 0),  # L9
        ("plan.dates.next_steps", "contradicts", 4, 0),  # L10: security 1, 2, 3 and the training
    ],
)
def test_finding_on_the_sample(finding_id, verdict, value, expected):
    found = FOUND[f"launch.{finding_id}"]
    assert str(found.verdict) == verdict
    for seen, wanted in ((found.value, value), (found.expected, expected)):
        assert (None if seen is None else round(seen, 2)) == (
            None if wanted is None else Decimal(wanted)
        )


def test_targets_of_a_zone_round_to_what_is_printed():  # M5: 4,004 / 3 = 1,334.67
    found = FOUND["launch.targets.per_zone"]
    assert found.verdict in (Verdict.HOLDS, Verdict.ROUNDING)


def test_share_of_users_with_mfa():  # Q4: 4 of 12
    assert FOUND["launch.security.mfa"].verdict is Verdict.HOLDS


def test_plan_and_its_order():
    """Q11 and D25: IAM before the trail, drills before replication; L2: Thanksgiving."""
    order = FOUND["launch.plan.order.remediation"]
    assert order.severity is Severity.CRITICAL
    assert "IAM roles on 21 Nov 2025, before security.4 on 25 Nov 2025" in order.statement
    assert "DR drill on 4 Dec 2025, before gap.9" in order.statement
    assert "27 Nov 2025 (Thanksgiving Day)" in FOUND["launch.plan.days_off"].statement
    weekdays = FOUND["launch.plan.weekdays"].statement
    assert "9 Dec 2025 (Launch) is a Tue, not Mon" in weekdays
    assert "right in 2024" in weekdays


def test_tasks_that_do_not_fit_their_days():  # Q7, L4, K6
    words = FOUND["launch.plan.too_long.remediation"].statement
    assert "Encryption takes 6 h of work and 72 h of waiting, 1 day given" in words
    assert "MFA takes 168 h of waiting" in words
    assert FOUND["launch.plan.too_long.pre_launch"].verdict is Verdict.INFEASIBLE


def test_checklist_against_plan():  # Q12, K7
    words = FOUND["launch.plan.checklist"].statement
    assert "security.4, security.5" in words
    assert "Needed before the launch, and after it by the checklist: rfc.61" in words


def test_recommendations_contradict_each_other():  # L6
    assert FOUND["launch.recommendations"].verdict is Verdict.CONTRADICTS


def test_production_is_deployed_after_it_was_measured():  # L11
    words = FOUND["launch.plan.production"].statement
    assert "24 Nov 2025" in words
    assert "benchmark of 15 Nov 2025 and drill of 14 Nov 2025" in words


def test_rollout_in_stages_has_traffic_while_critical_items_are_open():  # L12
    found = FOUND["launch.plan.staged"]
    # 8 gaps, gap 9, 4 security (with 4), 3 runbooks, the training, on-call
    assert found.value == 8 + 1 + 4 + 3 + 1 + 1
    assert "security.3" not in found.statement  # closed, though in week 3


def test_dates_of_the_training():  # R6: 18, 21 and 27 November
    words = FOUND["launch.training.dates"].statement
    assert all(text in words for text in ("18 Nov 2025", "21 Nov 2025", "27 Nov 2025"))


def test_ranks_that_do_not_follow():  # S9
    assert {name for name in FOUND if name.startswith("launch.rank.")} == {
        "launch.rank.gap_3",
        "launch.rank.gap_9",
        "launch.rank.security_4",
    }
    assert "$94.90 a day" in FOUND["launch.rank.gap_3"].statement


def test_evidence_on_the_launch_day():  # P18: 24 and 25 days
    words = FOUND["launch.evidence_at_launch"].statement
    assert "benchmark of 15 Nov 2025 (24 days)" in words
    assert "drill of 14 Nov 2025 (25 days)" in words


def test_plan_leaves_replication_and_on_call_open():
    words = FOUND["launch.plan.left_out"].statement
    assert "gap.9" in words and "team.on_call" in words
    assert FOUND["launch.plan.unserved"].value == 1


def test_every_finding_is_of_this_notebook_and_says_something():
    assert len(FOUND) == len(judge_launch(RESULTS))
    for one in FOUND.values():
        assert one.notebook == "launch_readiness"
        assert one.statement.strip() == one.statement
        assert "None" not in one.statement


# --- changed data changes what is found -----------------------------------------------------------


def found_with(tables: dict) -> dict[str, Finding]:
    return {f.id: f for f in judge_launch(launch_of(tables))}


def test_weekdays_that_are_right_hold():
    rows = records(SAMPLE.tables["plan_task"])
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    for row in rows:
        if row["task_from_date"] is not None and row["stated_weekday"]:
            row["stated_weekday"] = names[row["task_from_date"].weekday()]
    tables = {**SAMPLE.tables, "plan_task": table("plan_task", rows)}
    assert found_with(tables)["launch.plan.weekdays"].verdict is Verdict.HOLDS


def test_a_gap_more_is_counted():
    rows = records(SAMPLE.tables["readiness_item"])
    tables = changed("readiness_item", "item_id", "gap.9", severity="critical")
    found = found_with(tables)
    assert len(rows) == 29
    assert found["launch.register.gaps"].verdict is Verdict.CONTRADICTS
    assert found["launch.criterion.critical_gaps"].value == 9
    assert "launch.rank.gap_9" not in found


def test_trained_people_flip_the_criterion():
    """All seats trained and nobody named: 12 of 12."""
    modules = SAMPLE.tables["training_module"]
    tables = {
        **SAMPLE.tables,
        "training_module": modules.assign(trained_seats=modules["required_seats"]),
        "training_need": SAMPLE.tables["training_need"].head(0),
    }
    results = launch_of(tables)
    one = results.of("training")
    assert one is not None
    assert one.measure.low == one.measure.high == 100
    # the register of the 16th still says that it is not so: nothing is shown
    assert one.standing.band == "unknown"


def test_smaller_fleet_has_fewer_targets():
    tables = changed("fleet", "component", "Proxy EC2 (reserved)", deployed_count=Decimal(1000))
    found = found_with(tables)["launch.targets.reachable"]
    assert found.value == (48 + 1000) * 2 + 4
    assert found.verdict is Verdict.HOLDS


def test_launch_day_moves_with_the_longest_wait():
    later = changed("readiness_item", "item_id", "security.2", wait_hours=Decimal(24 * 30))
    schedule = launch_of(later).schedule
    assert schedule is not None
    # 30 days from 18 November are 18 December; the meeting is a day, the launch the next one
    assert schedule.launch >= date(2025, 12, 19)
