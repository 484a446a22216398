"""The sample is honest: the memo's figures as printed, and everything else labelled synthetic.

The figures below were read off the memo MEMO-080 by eye, errors of the memo included.
"""

import importlib.util
import json
import re
import shutil
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from readiness_figures import FIGURES

from prismlib import paths
from prismlib.dr_tables import DR_TABLES
from prismlib.money import exact_sum
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import records

SNAPSHOT = read_snapshot(paths.SAMPLE)
OCTOBER = [date(2025, 10, 1) + timedelta(days=n) for n in range(31)]

# MEMO-080, Cost Validation, table: component, estimated, actual, variance in percent, notes.
COST_TABLE = [
    ("Redis EC2 (reserved)", 752_840, 752_840, "0", "Exact match"),
    ("Proxy EC2 (reserved)", 124_100, 124_100, "0", "Exact match"),
    ("EBS volumes", 16_000, 17_200, "7.5", "Added 10% headroom per instance"),
    ("Network Load Balancer", None, 43_562, None, "Not in MEMO-076 baseline"),
    ("S3 cold tier", 4_351, 4_347, "-0.1", "Rounding"),
    ("PostgreSQL RDS", 1_625, 1_625, "0", "Exact match"),
    ("Backup/DR", 12_000, 12_450, "3.8", "Cross-region transfer higher"),
    ("Monitoring", 5_000, 5_847, "16.9", "MEMO-078 actual costs"),
    ("CI/CD", None, 7, None, "MEMO-079 actual costs"),
]

# Claim: the figure, the memo's spelling of it, the section it stands in.
CLAIMS = {
    "estimate_total": ("899916", "$899,916", "Cost Validation, table"),
    "actual_total": ("944611", "$944,611", "Cost Validation, table"),
    "change_pct": ("5.0", "+5.0%", "Cost Validation"),
    "driver.nlb": ("43562", "+$43,562/month", "Variance Analysis"),
    "driver.ebs": ("1200", "+$1,200/month", "Variance Analysis"),
    "driver.monitoring": ("847", "+$847/month", "Variance Analysis"),
    "driver.backup": ("450", "+$450/month", "Variance Analysis"),
    "headroom.ebs": ("10", "10% headroom", "Cost Validation, table"),
    "summary.infrastructure": ("938757", "$938,757/month", "Summary, Total Cost"),
    "summary.monitoring": ("5847", "$5,847/month", "Summary, Total Cost"),
    "summary.ci_cd": ("7", "$7/month", "Summary, Total Cost"),
    "annual_cost": ("11300000", "$11.3M/year", "Summary, Total Cost"),
    "three_year_cost": ("34000000", "$34.0M over 3 years", "Summary, Total Cost"),
    "cloudwatch_saving": ("33380", "-$33,380/month", "Cost Optimization Opportunities"),
    "graviton_saving": ("343100", "-$343,100/month", "Cost Optimization Opportunities"),
    "tiering_saving": ("1984", "-$1,984/month", "Cost Optimization Opportunities"),
    "graviton_pct": ("20", "20% cost savings", "Success Metrics, Quarter 1"),
    "cost_target": ("700000", "<$700K/month", "Success Metrics, Quarter 1"),
    "success_base": ("944611", "$944,611/month", "Success Metrics, Week 1"),
    "success_pct": ("10", "Within 10%", "Success Metrics, Week 1"),
    "replication_cost": ("3864", "$3,864/month", "Gap 9"),
    "replicated_gb": ("189000", "189 TB", "Gap 9"),
    # 294 TB of snapshots and 3 TB of archives: 294 + 3 = 297 TB.
    "backup_gb": ("297000", "294 TB of Redis snapshots + 3 TB", "Gap 7"),
    "cross_az_gb_per_s": ("70", "70 GB/s (5%)", "Performance Validation, Cross-AZ Traffic"),
    "cross_az_days": ("30", "x 30 x", "Performance Validation, Cross-AZ Traffic"),
    "total_tb_per_s": (
        "1.4",
        "Total traffic: 1.4 TB/s",
        "Performance Validation, Cross-AZ Traffic",
    ),
    "intra_az_tb_per_s": ("1.33", "1.33 TB/s", "Performance Validation, Cross-AZ Traffic"),
    "intra_az_pct": ("95", "(95%)", "Performance Validation, Cross-AZ Traffic"),
    "cross_az_pct": ("5", "(5%)", "Performance Validation, Cross-AZ Traffic"),
    "cross_az_usd_per_gb": ("0.01", "$0.01/GB", "Performance Validation, Cross-AZ Traffic"),
    "cross_az_month_cost": ("1810000", "$1.81M/month", "Performance Validation, Cross-AZ Traffic"),
    "cross_az_target": ("1800000", "$1.8M/month", "Performance Validation, Cross-AZ Traffic"),
    "cross_az_change_pct": ("0.6", "+0.6%", "Performance Validation, Cross-AZ Traffic"),
    "cross_az_failed_pct": ("67", "(67%)", "Documentation Review, Cross-AZ Traffic Spike"),
    "cross_az_year_cost": ("18000000", "$18M", "Documentation Review, Cross-AZ Traffic Spike"),
    "cross_az_failed_year_cost": (
        "365000000",
        "$365M/year",
        "Documentation Review, Cross-AZ Traffic Spike",
    ),
    "zones": ("3", "3 AZs", "Performance Validation, Test Environment"),
    "operations_per_s": ("1150000000", "1.15B", "Performance Validation, Benchmark Results"),
    "network_gbps": ("7.2", "7.2 Gbps", "Performance Validation, Benchmark Results"),
    "dr_nodes": ("48", "48 Redis instances", "Disaster Recovery Drill"),
    "delay_days": ("14", "2 weeks", "Recommendations"),
    # Recovery; a week has 7 days, and the last Sunday of a month comes once.
    "rto_target_minutes": ("8", "8-minute RTO", "Disaster Recovery Drill"),
    "rto_stated_minutes": ("8", "Total time: 8 minutes", "Disaster Recovery Drill"),
    "rto_limit_minutes": ("10", ">10-minute RTO", "Launch Decision Matrix"),
    "failback_minutes": ("8.5", "8.5 minutes", "Disaster Recovery Drill, Failback Test"),
    "failback_clock_minutes": ("0.5", "T+0:30", "Disaster Recovery Drill, Failback Test"),
    "sev1_response_hours": ("1", "1-hour response time", "On-Call Rotation"),
    "critical_response_hours": ("4", "4-hour response time", "On-Call Rotation"),
    "uptime_slo_pct": ("99.95", "SLO: 99.95%", "Success Metrics, Week 1"),
    "uptime_quarter_pct": ("99.99", ">99.99%", "Success Metrics, Quarter 1"),
    "hot_p99_slo_ms": ("0.8", "SLO: 0.8ms", "Success Metrics, Week 1"),
    "dr_p99_ms": ("1.2", "1.2ms", "Disaster Recovery Drill, Post-Failover Validation"),
    "dr_ready_pods": ("46", "46 of 48", "Disaster Recovery Drill, T+7:30"),
    "dr_pods": ("48", "46 of 48", "Disaster Recovery Drill, T+7:30"),
    "dr_ready_pct": ("96", "(96%)", "Disaster Recovery Drill, T+7:30"),
    "dr_lag_s": ("0", "0 seconds", "Disaster Recovery Drill, T+2:30"),
    "dr_backlog_hours": ("3", "3 hours of WAL", "Disaster Recovery Drill, Issues 2"),
    "dr_gb_per_node": ("100", "100 GB", "Disaster Recovery Drill, T+3:00"),
    "dr_total_tb": ("4.8", "4.8 TB", "Disaster Recovery Drill, T+3:00"),
    "memory_pct": ("78", "78%", "Performance Validation, Benchmark Results"),
    "redis_primaries": ("16", "16 primaries", "Gap 1"),
    "restore_target_hours": ("2", "<2 hours", "Gap 7"),
    "restore_drill_days": ("7", "Weekly", "Gap 7"),
    "restore_drills_per_month": ("1", "last Sunday of month", "Gap 7"),
    "replication_hours": ("48", "48 hours", "Gap 9"),
    "cold_tier_gb": ("189000", "189 TB", "Gap 3"),
    "cold_standard_cost": ("4347", "$4,347/month", "Gap 3"),
    "cold_glacier_cost": ("756", "$756/month", "Gap 3"),
    "cold_glacier_pct": ("83", "83% savings", "Gap 3"),
    "cold_deep_archive_cost": ("187", "$187/month", "Gap 3"),
    "cold_deep_archive_pct": ("96", "96% savings", "Gap 3"),
    "cold_average_cost": ("1500", "$1,500/month", "Gap 3"),
    "cold_saving": ("2847", "$2,847/month", "Gap 3"),
    "cold_saving_year": ("34000", "$34K/year", "Gap 3"),
    "partition_count": ("64000", "64,000 rows", "Gap 7"),
    "vertex_count": ("100000000000", "100B vertex", "Summary"),
    "delta_gb_per_day": ("1890", "1.89 TB/day", "Gap 7"),
    "snapshot_gb": ("294000", "294 TB", "Gap 7"),
    "snapshot_days": ("7", "7 days", "Gap 7"),
    # Benchmarks.
    "hot_p50_ms": (
        "0.18",
        "p50 | 0.2ms | 0.18ms | -10%",
        "Performance Validation, Detailed Latency Distribution",
    ),
    "hot_p50_change_pct": (
        "-10",
        "p50 | 0.2ms | 0.18ms | -10%",
        "Performance Validation, Detailed Latency Distribution",
    ),
    "hot_p75_ms": (
        "0.35",
        "p75 | 0.4ms | 0.35ms | -12.5%",
        "Performance Validation, Detailed Latency Distribution",
    ),
    "hot_p75_change_pct": (
        "-12.5",
        "p75 | 0.4ms | 0.35ms | -12.5%",
        "Performance Validation, Detailed Latency Distribution",
    ),
    "hot_p90_ms": (
        "0.52",
        "p90 | 0.6ms | 0.52ms | -13.3%",
        "Performance Validation, Detailed Latency Distribution",
    ),
    "hot_p90_change_pct": (
        "-13.3",
        "p90 | 0.6ms | 0.52ms | -13.3%",
        "Performance Validation, Detailed Latency Distribution",
    ),
    "hot_p95_ms": (
        "0.64",
        "p95 | 0.7ms | 0.64ms | -8.6%",
        "Performance Validation, Detailed Latency Distribution",
    ),
    "hot_p95_change_pct": (
        "-8.6",
        "p95 | 0.7ms | 0.64ms | -8.6%",
        "Performance Validation, Detailed Latency Distribution",
    ),
    "hot_p99_ms": (
        "0.76",
        "p99 | 0.8ms | 0.76ms | -5%",
        "Performance Validation, Detailed Latency Distribution",
    ),
    "hot_p99_change_pct": (
        "-5",
        "p99 | 0.8ms | 0.76ms | -5%",
        "Performance Validation, Detailed Latency Distribution",
    ),
    "hot_p99_9_ms": (
        "1.08",
        "p99.9 | 1.2ms | 1.08ms | -10%",
        "Performance Validation, Detailed Latency Distribution",
    ),
    "hot_p99_9_change_pct": (
        "-10",
        "p99.9 | 1.2ms | 1.08ms | -10%",
        "Performance Validation, Detailed Latency Distribution",
    ),
    "cold_p50_ms": (
        "14.2",
        "Cold Tier Latency (p50) | 15ms | 14.2ms",
        "Performance Validation, Benchmark Results",
    ),
    "cold_p99_ms": (
        "58",
        "Cold Tier Latency (p99) | 62ms | 58ms",
        "Performance Validation, Benchmark Results",
    ),
    "error_pct": (
        "0.003",
        "Error Rate | <0.01% | 0.003%",
        "Performance Validation, Benchmark Results",
    ),
    "cpu_pct": ("62", "CPU Utilization | <70% | 62%", "Performance Validation, Benchmark Results"),
    "load_1mb_ms": ("8.5", "1 MB | 10ms | 8.5ms", "Performance Validation, Cold Tier Load Time"),
    "load_10mb_ms": ("22", "10 MB | 25ms | 22ms", "Performance Validation, Cold Tier Load Time"),
    "load_100mb_ms": ("48", "100 MB | 50ms | 48ms", "Performance Validation, Cold Tier Load Time"),
    "load_1gb_ms": ("185", "1 GB | 200ms | 185ms", "Performance Validation, Cold Tier Load Time"),
    "hot_p99_headline_ms": ("0.8", "0.8ms p99 latency achieved (meets SLO)", "Summary"),
    "benchmark_redis_nodes": (
        "48",
        "48 Redis instances (r6i.4xlarge)",
        "Performance Validation, Test Environment",
    ),
    "benchmark_proxies": (
        "48",
        "48 Proxy instances (c6i.2xlarge)",
        "Performance Validation, Test Environment",
    ),
    "benchmark_clients": (
        "1000",
        "1000 clients distributed across 3 AZs",
        "Performance Validation, Test Environment",
    ),
    "benchmark_hours": ("1", "1 hour sustained load", "Performance Validation, Test Environment"),
    "week1_p99_ms": ("1", "Latency p99: <1ms hot tier (SLO: 0.8ms)", "Success Metrics, Week 1"),
    "week1_uptime_pct": ("99.9", "Uptime: >99.9% (SLO: 99.95%)", "Success Metrics, Week 1"),
    "runbook_load_s": (
        "60",
        "Scenario: Large partition (1 GB) takes >60s to load",
        "Documentation Review, S3 Partition Load Timeout",
    ),
    "load_test_hours.first": (
        "1",
        "Load test (1.1B ops/sec sustained for 1 hour)",
        "Pre-Launch Validation Steps",
    ),
    "load_test_hours.second": (
        "24",
        "Day 2 (Tue): Load test (1.1B ops/sec, 24 hours sustained)",
        "Recommendations",
    ),
    "rollout_pct.week1": (
        "10",
        "Week 1: 10% traffic (100M ops/sec); deploy 5 Redis shards (15 nodes)",
        "Recommendations, Staged Rollout",
    ),
    "rollout_rate.week1": (
        "100000000",
        "Week 1: 10% traffic (100M ops/sec); deploy 5 Redis shards (15 nodes)",
        "Recommendations, Staged Rollout",
    ),
    "rollout_shards.week1": (
        "5",
        "Week 1: 10% traffic (100M ops/sec); deploy 5 Redis shards (15 nodes)",
        "Recommendations, Staged Rollout",
    ),
    "rollout_pct.week2": (
        "25",
        "Week 2: 25% traffic (275M ops/sec); scale to 12 shards (36 nodes)",
        "Recommendations, Staged Rollout",
    ),
    "rollout_rate.week2": (
        "275000000",
        "Week 2: 25% traffic (275M ops/sec); scale to 12 shards (36 nodes)",
        "Recommendations, Staged Rollout",
    ),
    "rollout_shards.week2": (
        "12",
        "Week 2: 25% traffic (275M ops/sec); scale to 12 shards (36 nodes)",
        "Recommendations, Staged Rollout",
    ),
    "rollout_pct.week3": (
        "50",
        "Week 3: 50% traffic (550M ops/sec); scale to 24 shards (72 nodes)",
        "Recommendations, Staged Rollout",
    ),
    "rollout_rate.week3": (
        "550000000",
        "Week 3: 50% traffic (550M ops/sec); scale to 24 shards (72 nodes)",
        "Recommendations, Staged Rollout",
    ),
    "rollout_shards.week3": (
        "24",
        "Week 3: 50% traffic (550M ops/sec); scale to 24 shards (72 nodes)",
        "Recommendations, Staged Rollout",
    ),
    "rollout_pct.week4": (
        "100",
        "Week 4: 100% traffic (1.1B ops/sec); full deployment (48 shards, 48 proxy nodes)",
        "Recommendations, Staged Rollout",
    ),
    "rollout_rate.week4": (
        "1100000000",
        "Week 4: 100% traffic (1.1B ops/sec); full deployment (48 shards, 48 proxy nodes)",
        "Recommendations, Staged Rollout",
    ),
    "rollout_shards.week4": (
        "48",
        "Week 4: 100% traffic (1.1B ops/sec); full deployment (48 shards, 48 proxy nodes)",
        "Recommendations, Staged Rollout",
    ),
    "script_hot_field": (
        "4",
        'Hot tier p99: tail -1 hot-tier-latency.csv | cut -d"," -f4',
        "Appendix C",
    ),
    "script_hot_requests": (
        "10000000",
        "redis-benchmark -h 10.0.10.10 -c 1000 -n 10000000 -t get,set -q --csv",
        "Appendix C",
    ),
    "script_hot_clients": (
        "1000",
        "redis-benchmark -h 10.0.10.10 -c 1000 -n 10000000 -t get,set -q --csv",
        "Appendix C",
    ),
    "script_hot_hosts": ("1", "redis-benchmark -h 10.0.10.10: one address", "Appendix C"),
    "script_cold_downloads": (
        "100",
        "for i in {1..100}; do time aws s3 cp s3://prism-cold-tier/",
        "Appendix C",
    ),
    "script_e2e_requests": ("100000", "ab -n 100000 -c 1000 -g e2e-latency.tsv", "Appendix C"),
    "script_e2e_tail": (
        "100",
        "E2E p99: sort -k5 -n e2e-latency.tsv | tail -n100 | head -n1 | cut -f5",
        "Appendix C",
    ),
    "script_rate_requests": (
        "1000000000",
        "timeout 3600 redis-benchmark -h 10.0.10.10 -c 10000 -n 1000000000 -t get --csv",
        "Appendix C",
    ),
    "script_rate_clients": (
        "10000",
        "timeout 3600 redis-benchmark -h 10.0.10.10 -c 10000 -n 1000000000 -t get --csv",
        "Appendix C",
    ),
    "script_rate_s": (
        "3600",
        "timeout 3600 redis-benchmark -h 10.0.10.10 -c 10000 -n 1000000000 -t get --csv",
        "Appendix C",
    ),
    # No figure is printed: two regions are what "multi-region" means at the least.
    "active_regions": ("2", "Multi-region active-active", "Success Metrics, Quarter 1"),
    **FIGURES,
}
DATES = {
    "actual_heading": (date(2025, 11, 16), "16 November 2025", "Cost Validation, heading"),
    "benchmark_day": (date(2025, 11, 15), "2025-11-15", "Performance Validation, Test Environment"),
    "launch_first": (date(2025, 11, 25), "Day 0 (11/25)", "Pre-Launch Validation Steps"),
    "drill_plan.first": (date(2025, 11, 22), "Day -3 (11/22)", "Pre-Launch Validation Steps"),
    # Week 2 (11/25-11/29): its day 5, and week 3 (12/02-12/06): its day 3.
    "drill_plan.second": (date(2025, 11, 29), "11/29", "Recommendations"),
    "drill_plan.third": (date(2025, 12, 4), "Day 3 (Wed)", "Recommendations"),
    "launch_second": (date(2025, 12, 9), "December 9, 2025", "Launch Decision Matrix"),
}
# Not in MEMO-080: the public page of the memo that the estimate was taken from.
FROM_THE_ESTIMATE = {
    "cross_az_allowance": ("1000", "allowance"),
    "model_rate.redis": ("2.016", "$2.016/h"),
}
WITHOUT_FIGURE = {
    "billing_method": ("CloudWatch billing analysis", "Methodology"),
    "cross_az_method": ("NetworkOut", "Appendix C"),
    "command.restore_snapshot": ("redis-cli --rdb /tmp/redis-node-001.rdb", "Gap 7"),
    "command.restore_database": ("--source-engine postgres", "Gap 7"),
    "command.replicate_to_other_region": ("put-bucket-replication", "Gap 9"),
    "rto_condition": ("not achievable without DR data", "Gap 9"),
}

# Gap 5 expects 1000 of each instance, Gaps 1 and 2 find 48; Gap 2: no load balancer; Gap 4: 2 of 4
# databases; Gap 9: no replication. Instance types: Performance Validation, Test Environment; Gap 4.
FLEET = {
    "Redis EC2 (reserved)": ("r6i.4xlarge", 1000, 48),
    "Proxy EC2 (reserved)": ("c6i.2xlarge", 1000, 48),
    "Network Load Balancer": ("", 1, 0),
    "PostgreSQL RDS": ("db.r6i.xlarge", 4, 2),
    "Backup/DR": ("", 1, 0),
}


def table(name: str) -> list[dict]:
    return records(SNAPSHOT.tables[name])


def decimal(value: int | str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def component_of(row: dict) -> str:
    """Map a daily row to the memo's line by hand, apart from the rules in the snapshot."""
    tag = json.loads(row["tags"]).get("component", "")
    by_tag = {
        "redis": "Redis EC2 (reserved)",
        "proxy": "Proxy EC2 (reserved)",
        "backup-dr": "Backup/DR",
    }
    by_service = {
        "EC2 - Other": "EBS volumes",
        "Amazon Elastic Load Balancing": "Network Load Balancer",
        "Amazon Simple Storage Service": "S3 cold tier",
        "Amazon Relational Database Service": "PostgreSQL RDS",
        "AmazonCloudWatch": "Monitoring",
        "AWS CodeBuild": "CI/CD",
    }
    return by_tag.get(tag) or by_service[row["service_name"]]


# --- what the memo says ---------------------------------------------------------------------------


def test_estimate_is_the_memo_column():
    seen = {row["component"]: row["estimated_cost"] for row in table("estimate")}
    assert seen == {name: Decimal(cost) for name, cost, *_ in COST_TABLE if cost is not None}


def test_estimate_keeps_the_memo_error():
    # 752840 + 124100 + 16000 + 4351 + 1625 + 12000 + 5000 = 915916; the memo prints 899916.
    total = exact_sum(row["estimated_cost"] for row in table("estimate"))
    assert total == 915_916
    assert total - Decimal(CLAIMS["estimate_total"][0]) == 16_000  # its EBS line


def test_stated_actual_is_the_memo_column():
    seen = [
        (r["component"], r["actual_cost"], r["stated_change_pct"], r["note"])
        for r in table("stated_actual")
    ]
    assert seen == [
        (name, Decimal(actual), decimal(change), note)
        for name, _, actual, change, note in COST_TABLE
    ]


def test_stated_actual_keeps_the_memo_error():
    # 752840 + 124100 + 17200 + 43562 + 4347 + 1625 + 12450 + 5847 + 7 = 961978, printed 944611:
    # short by 17367 = the EBS line of 17200 and 167 more.
    total = exact_sum(row["actual_cost"] for row in table("stated_actual"))
    assert total == 961_978
    assert total - Decimal(CLAIMS["actual_total"][0]) == 17_200 + 167


@pytest.mark.parametrize("name", ["estimate", "stated_actual"])
def test_quantities_behind_the_lines(name):
    """1000 instances x 730 h and the 189 TB of Gap 3; what is not known is not given."""
    seen = {
        row["component"]: (row["usage_quantity"], row["usage_unit"])
        for row in table(name)
        if row["usage_quantity"] is not None
    }
    assert seen == {
        "Redis EC2 (reserved)": (Decimal(730_000), "instance-hours"),
        "Proxy EC2 (reserved)": (Decimal(730_000), "instance-hours"),
        "S3 cold tier": (Decimal(189_000), "GB-month"),
    }


def test_claims_are_those_listed_here():
    listed = {*CLAIMS, *DATES, *FROM_THE_ESTIMATE, *WITHOUT_FIGURE}
    assert {row["claim_id"] for row in table("claim")} == listed


@pytest.mark.parametrize("row", table("claim"), ids=lambda row: row["claim_id"])
def test_claim_is_the_figure_the_memo_prints(row):
    name = row["claim_id"]
    if name in CLAIMS:
        value, words, section = CLAIMS[name]
        assert row["stated_value"] == Decimal(value)
        assert row["source"] == f"MEMO-080, {section}"
    elif name in DATES:
        day, words, section = DATES[name]
        assert row["stated_date"] == day
        assert row["source"] == f"MEMO-080, {section}"
    elif name in FROM_THE_ESTIMATE:
        value, words = FROM_THE_ESTIMATE[name]
        assert row["stated_value"] == Decimal(value)
        assert row["source"].startswith("MEMO-076, ")
    else:
        words, section = WITHOUT_FIGURE[name]
        assert row["stated_value"] is None
        assert row["source"].startswith(f"MEMO-080, {section}")
    assert words in row["statement"]


def test_claim_decimals_are_the_digits_that_are_printed():
    decimals = {row["claim_id"]: row["decimals"] for row in table("claim")}
    assert decimals["change_pct"] == 1  # "+5.0%"
    assert decimals["annual_cost"] == -5  # "$11.3M": hundred thousands
    assert decimals["three_year_cost"] == -5  # "$34.0M"
    assert decimals["cost_target"] == -3  # "$700K"
    assert decimals["model_rate.redis"] == 3  # "$2.016/h"
    for row in table("claim"):
        if row["stated_value"] is not None:
            step = Decimal(1).scaleb(-row["decimals"])
            assert row["stated_value"] % step == 0, row["claim_id"]


def test_claim_components_are_lines_of_the_memo():
    lines = {name for name, *_ in COST_TABLE}
    assert {row["component"] for row in table("claim")} - {""} <= lines


def test_fleet_is_what_the_gaps_say():
    seen = {
        r["component"]: (r["instance_type"], r["expected_count"], r["deployed_count"])
        for r in table("fleet")
    }
    assert seen == FLEET
    assert {r["hours_per_month"] for r in table("fleet")} == {Decimal(730)}
    assert {r["region_id"] for r in table("fleet")} == {"us-west-2"}


@pytest.mark.parametrize(
    "name",
    [
        "estimate",
        "stated_actual",
        "claim",
        "fleet",
        "storage_need",
        "lifecycle_policy",
        "slo",
        *DR_TABLES,
    ],
)
def test_every_memo_row_cites_a_section(name):
    headings = re.compile(
        r"MEMO-080, (Cost Validation|Variance Analysis|Cost Optimization Opportunities|Summary"
        r"|Success Metrics|Gap \d+|Performance Validation|Disaster Recovery Drill|Recommendations"
        r"|Launch Decision Matrix|Pre-Launch Validation Steps|Methodology"
        r"|Documentation Review|On-Call Rotation|Appendix [A-D]|Executive Summary"
        r"|Gap Analysis Results|Security Findings? (\d|Summary)|Documentation Coverage"
        r"|Missing Documentation|Training Assessment|Certification Requirements"
        r"|Remediation Timeline|Alternative Recommendation)\b.*"
        r"|MEMO-076, the estimate behind it"
    )
    for row in table(name):
        assert headings.fullmatch(row["source"]), row


# Disaster Recovery Drill, Timeline: T+minutes:seconds at which each step starts and ends.
DRILL_TIMES = {
    "command": ("0:00", "0:00"),
    "dns": ("0:00", "0:30"),
    "promotion": ("1:00", "2:30"),
    "load": ("3:00", "6:00"),
    "proxies": ("6:00", "6:30"),
    "health": ("6:30", "7:30"),
    "traffic": ("7:30", "8:00"),
    "failback": ("0:00", "8:30"),
}


def test_drill_times_are_those_of_the_memo():
    def seconds(text: str) -> Decimal:
        minutes, rest = text.split(":")
        return Decimal(minutes) * 60 + Decimal(rest)

    for row in table("drill_event"):
        times = [row[f"{end}_{side}_s"] for end in ("start", "end") for side in ("low", "high")]
        if row["step_id"] not in DRILL_TIMES:
            assert times == [None] * 4, "the memo prints no time for it"
            continue
        start, end = map(seconds, DRILL_TIMES[row["step_id"]])
        assert times == [start, start, end, end]


def test_drill_leaves_off_what_the_memo_leaves_off():
    """Issues 1: snapshots were copied by hand, "added 30 minutes"."""
    left_off = [row for row in table("drill_event") if row["is_excluded"]]
    assert [(row["step_id"], row["duration_s"], row["is_manual"]) for row in left_off] == [
        ("copy", 30 * 60, True)
    ]


def test_drill_load_is_that_of_the_memo():
    """48 instances x 100 GB = 4.8 TB at 800 MB/s; of each or of all is not said."""
    (load,) = (row for row in table("drill_event") if row["step_id"] == "load")
    assert (load["moved_gb"], load["node_count"]) == (4_800, 48)
    assert (load["stated_mb_per_second"], load["rate_scope"]) == (800, "")
    assert load["resource_id"] == "prism-cold-tier-dr"


def test_drill_rests_on_what_the_gaps_say_is_not_there():
    """Gap 4 (11/20), Gap 9 (week of 12/16) and Gap 7 (11/21), as of 16 November."""
    needs = [row for row in table("prerequisite") if row["drill_id"] == "failover"]
    seen = [(row["step_id"], row["is_ready"], row["ready_date"]) for row in needs]
    assert seen == [
        ("promotion", False, date(2025, 11, 20)),
        ("load", False, date(2025, 12, 16)),
        ("load", False, date(2025, 11, 21)),
    ]


def test_proposed_rules_are_those_the_memo_prints():
    """MEMO-080, Gap 3: the JSON under Remediation, with its spelling of Id."""
    (rules,) = (
        json.loads(row["lifecycle"])
        for row in table("lifecycle_policy")
        if row["source"] == "MEMO-080, Gap 3"
    )
    assert rules == [
        {
            "Id": "TransitionToGlacier",
            "Status": "Enabled",
            "Transitions": [
                {"Days": 90, "StorageClass": "GLACIER"},
                {"Days": 365, "StorageClass": "DEEP_ARCHIVE"},
            ],
            "Expiration": {"Days": 730},
            "Filter": {"Prefix": "partitions/"},
        }
    ]


def test_the_need_is_the_target_of_the_cold_tier():
    (need,) = table("storage_need")
    assert need["read_slo_ms"] == 62  # "Cold Tier Latency (p99) | 62ms | 58ms"
    assert need["is_live"] is True


def test_partitions_add_up_to_what_the_memo_states():
    """64,000 partitions in 189 TB, that is 189 x 10^12 bytes; each in its class of size."""
    rows = table("object_cohort")
    assert exact_sum(row["stored_objects"] for row in rows) == 64_000
    assert exact_sum(row["size_bytes"] for row in rows) == 189 * 10**12
    for row in rows:
        mean = row["size_bytes"] / row["stored_objects"]
        assert row["size_from_bytes"] <= mean < 2 * row["size_from_bytes"]
        assert row["age_days"] is None  # the memo says of none how old it is


# --- what is synthetic --------------------------------------------------------------------------


def test_only_daily_costs_sizes_and_benchmarks_are_synthetic_and_say_so():
    origins = SNAPSHOT.provenance.set_index("table")
    made = ["benchmark_bucket", "benchmark_point", "benchmark_run", "cost", "object_cohort"]
    assert sorted(origins.index[origins["is_synthetic"]]) == made
    for name in made:
        assert "synthetic, seed 80" in origins.loc[name, "source"]
        assert "tests/make_sample.py" in origins.loc[name, "source"]
    notes = " ".join(SNAPSHOT.notes)
    assert "Daily costs are synthetic" in notes
    assert "October 2025 is assumed" in notes
    assert "each partition of the cold tier is, is synthetic" in notes
    assert "The benchmark files are synthetic" in notes
    assert all(row["is_made_up"] for row in table("benchmark_run"))


def test_sample_is_dated_as_the_memo():
    assert SNAPSHOT.as_of == date(2025, 11, 16)
    assert str(SNAPSHOT.period) == "2025-10"
    assert SNAPSHOT.billing_currency == "USD"


def test_daily_costs_sum_to_each_stated_actual_to_the_cent():
    sums: dict[str, list[Decimal]] = {}
    for row in table("cost"):
        sums.setdefault(component_of(row), []).append(row["unblended_cost"])
    assert {name: exact_sum(costs) for name, costs in sums.items()} == {
        name: Decimal(actual) for name, _, actual, *_ in COST_TABLE
    }
    assert exact_sum(row["unblended_cost"] for row in table("cost")) == 961_978


def test_daily_quantities_sum_to_the_quantities_that_are_known():
    sums: dict[tuple[str, str], list[Decimal]] = {}
    for row in table("cost"):
        if row["usage_quantity"] is not None:
            key = (component_of(row), row["usage_unit"])
            sums.setdefault(key, []).append(row["usage_quantity"])
    assert {key: exact_sum(values) for key, values in sums.items()} == {
        ("Redis EC2 (reserved)", "instance-hours"): 730_000,
        ("Proxy EC2 (reserved)", "instance-hours"): 730_000,
        ("S3 cold tier", "GB-month"): 189_000,
    }


def test_daily_costs_cover_each_day_of_october_once():
    days: dict[tuple[str, str], list[date]] = {}
    for row in table("cost"):
        assert row["charge_period_end"] == row["charge_period_start"] + timedelta(days=1)
        series = (component_of(row), row["usage_type"])
        days.setdefault(series, []).append(row["charge_period_start"])
    assert len(days) == 13
    assert all(found == OCTOBER for found in days.values())


def test_daily_costs_claim_no_more_than_the_memo_knows():
    """One cost metric, whole cents, nothing negative, no account and no credit invented."""
    for row in table("cost"):
        assert row["unblended_cost"] > 0
        assert row["unblended_cost"] == round(row["unblended_cost"], 2)
        others = ("billed_cost", "amortized_cost", "effective_cost", "list_cost")
        assert [row[name] for name in others] == [None] * 4
        assert row["charge_kind"] == "usage"
        assert row["sub_account_id"] == ""
        assert row["is_estimated"] is False


# --- how it is made -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def make_sample():
    path = Path(__file__).with_name("make_sample.py")
    spec = importlib.util.spec_from_file_location("make_sample", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def copied(tmp_path) -> Path:
    return Path(shutil.copytree(paths.SAMPLE, tmp_path / "sample"))


def test_make_sample_reproduces_the_committed_files(make_sample, copied):
    for name in ("cost", "object_cohort"):
        (copied / f"{name}.csv").unlink()
    make_sample.main(copied)
    for path in paths.SAMPLE.iterdir():
        assert (copied / path.name).read_bytes() == path.read_bytes(), path.name


def test_make_sample_follows_an_edit_of_the_stated_actual(make_sample, copied):
    """A cent more on a line is a cent more in its days."""
    stated = copied / "stated_actual.csv"
    text = stated.read_text(encoding="utf-8")
    assert "Monitoring,5847," in text
    stated.write_text(text.replace("Monitoring,5847,", "Monitoring,5847.01,"), encoding="utf-8")
    make_sample.main(copied)
    rows = records(read_snapshot(copied).tables["cost"])
    monitoring = [r["unblended_cost"] for r in rows if component_of(r) == "Monitoring"]
    assert exact_sum(monitoring) == Decimal("5847.01")
    assert exact_sum(row["unblended_cost"] for row in rows) == Decimal("961978.01")


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        # 10.00 by 1:1:1 is 3.33 each and a cent over, which goes to the first of the heaviest.
        ("10.00", ["1", "1", "1"], ["3.34", "3.33", "3.33"]),
        # 0.05 by 1:3 is 0.0125 and 0.0375, cut to 0.01 and 0.03; the cent left goes to the heavier.
        ("0.05", ["1", "3"], ["0.01", "0.04"]),
        ("0.00", ["1", "2"], ["0.00", "0.00"]),
        ("0.01", ["1", "1"], ["0.01", "0.00"]),
    ],
)
def test_split_gives_whole_cents_that_add_up(make_sample, total, weights, parts):
    result = make_sample.split(Decimal(total), [Decimal(w) for w in weights], Decimal("0.01"))
    assert result == [Decimal(part) for part in parts]
