"""The findings on the sample are those of the audit of the memo, P1 to P20 and B1 to B7.

The figures are worked by hand there; what is changed in the tables changes the findings.
"""

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from prismlib import paths
from prismlib.analyses.performance_slo import analyse_slo
from prismlib.analyses.slo_findings import judge_slo
from prismlib.analyses.slo_inputs import GIVEN, SloInputs, SloSettings
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import make, records

SNAPSHOT = read_snapshot(paths.SAMPLE)
REFERENCE = read_reference_tables(SNAPSHOT.tables)


def judged(tables: dict[str, pd.DataFrame] | None = None) -> dict:
    given = SloInputs.of(tables or SNAPSHOT.tables, REFERENCE, as_of=SNAPSHOT.as_of)
    return {one.id: one for one in judge_slo(analyse_slo(given, SloSettings()))}


FOUND = judged()


def changed(name: str, key: str, **cells) -> dict:
    """Return the findings with cells of one row of a table changed; `key` is in its key."""
    rows = records(SNAPSHOT.tables[name])
    hit = [row for row in rows if key in [row[field] for field in GIVEN[name].key]]
    assert hit, key
    hit[0].update(cells)
    return judged({**SNAPSHOT.tables, name: make(GIVEN[name], rows)})


# Audit id: finding, verdict, severity, value, expected. The arithmetic is the audit's.
AUDIT = {
    "P1": ("prerequisite.hot.redis_cluster_formed", "contradicts", "critical", None, None),
    "P1, balancer": (
        "prerequisite.hot.network_load_balancer",
        *("contradicts", "critical", None, None),
    ),
    # 1.15e9 / 48 = 23,958,333.3
    "P2": ("rate_per_node", "infeasible", "critical", "23958333.33", 5_000_000),
    "P3": ("rate_per_proxy", "infeasible", "critical", "23958333.33", 399_551),
    # 7.2e9 / 8 / 23,958,333.3 = 37.57
    "P4": ("request_bytes", "infeasible", "critical", "37.57", 40),
    # 1.15e9 x 0.00018 = 207,000
    "P5": ("in_flight", "infeasible", "critical", 207_000, 1000),
    # 1.4e12 / 1.15e9 = 1,217.39
    "P6": ("bytes_per_operation", "contradicts", "high", "1217.39", "37.57"),
    "P7": ("headline_p99", "rounding", "low", "0.76", "0.8"),
    "P8": ("differences", "holds", "info", 6, 6),
    # 1 GB x 8 / 0.185 s = 43.24 Gbit/s, 0.1 x 8 / 0.048 = 16.67, 0.01 x 8 / 0.022 = 3.64
    "P9": ("load_bandwidth.load_1gb", "infeasible", "critical", "43.24", "12.5"),
    "P9, 100 MB": ("load_bandwidth.load_100mb", "infeasible", "critical", "16.67", "12.5"),
    "P9, 10 MB": ("load_bandwidth.load_10mb", "holds", "info", "3.64", "12.5"),
    "P9, 1 MB": ("load_bandwidth.load_1mb", "holds", "info", "0.94", "12.5"),
    # 189,000 GB / 64,000 = 2.953 GB; x 185 ms = 546.33
    "P10": ("mean_partition", "contradicts", "high", "546.33", 58),
    "P11": ("first_byte", "contradicts", "high", "8.5", 100),
    "P12": ("runbook_load", "contradicts", "medium", 60_000, 185),
    "P13": ("sustained_network.redis", "contradicts", "high", "7.2", "6.25"),
    "P13, proxies": ("sustained_network.proxy", "contradicts", "high", "7.2", "3.13"),
    "P14": ("error_rate_absolute", "holds", "low", "0.003", "0.01"),
    # 100 / 128 = 78.125%
    "P15": ("memory_share", "holds", "info", "78.13", 78),
    "P16": ("week_one_targets", "contradicts", "medium", 1, "0.8"),
    "P17": ("load_test_length", "contradicts", "low", 24, 1),
    # 15 November to 9 December
    "P18": ("evidence_age", "contradicts", "high", 24, 15),
    "P19": ("rollout_rates", "rounding", "low", None, None),
    "P20": ("shards", "contradicts", "high", 48, 16),
    "B1": ("script.hot_p99", "contradicts", "critical", 4, 7),
    "B2": ("script.missing_percentiles", "not_reproducible", "high", 3, 0),
    "B3": ("script.e2e_p99", "contradicts", "critical", "99.9", 99),
    "B4": ("script.cold_mean", "contradicts", "critical", None, None),
    "B5": ("script.cold_sample", "infeasible", "high", 100, 299),
    # 1e9 / 3,600 = 277,777.8
    "B6": ("script.throughput", "contradicts", "critical", "277777.78", 1_150_000_000),
    # 1,000 / 0.00018 = 5,555,555.6
    "B7": ("script.hot_load", "infeasible", "high", "5555555.56", 508_388),
}


def two_digits(value) -> Decimal | None:
    """Return a figure as the table above writes it; thousandths of a percent stay."""
    if value is None:
        return None
    number = Decimal(value)
    return number if abs(number) < Decimal("0.1") else round(number + Decimal("1e-9"), 2)


@pytest.mark.parametrize("audit", AUDIT)
def test_finding_is_that_of_the_audit(audit):
    name, verdict, severity, value, expected = AUDIT[audit]
    one = FOUND[f"slo.{name}"]
    assert (one.verdict, one.severity) == (verdict, severity)
    assert (two_digits(one.value), two_digits(one.expected)) == (
        two_digits(value),
        two_digits(expected),
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("rate_per_node", "one every 41.74 ns"),
        ("rate_per_node", "on 16 primary nodes, 71.88M on each"),
        ("rate_per_node", "On all 1,000 nodes of the plan it would be 1.15M"),
        ("rate_per_proxy", "207 ns"),
        ("in_flight", "1,000 clients reach 5.56M at most, 0.48% of it"),
        ("in_flight", "10,000 clients reach 55.56M at most, 4.8% of it"),
        ("bytes_per_operation", "32 times apart"),
        ("load_bandwidth.load_1gb", "target of 200 ms is 40"),
        ("load_bandwidth.load_1gb", "takes 640 ms at least. From 100 MB on, 52.6 Gbit/s"),
        ("load_bandwidth.load_100mb", "takes 64 ms at least"),
        ("runbook_load", "324 times"),
        ("runbook_load", "0.34 of the mean partition"),
        ("sustained_network.redis", "+15%"),
        ("sustained_network.proxy", "+130%"),
        ("error_rate_absolute", "34,500 failed requests a second, 124.2M in the 1 hour"),
        ("evidence_age", "10 days old at the launch of 25 Nov 2025 and 24 days old"),
        ("rollout_rates", "10% is 110M, stated 100M (20M a shard)"),
        ("shards", "144 nodes"),
        ("shards", "the estimate is for 1,000 nodes"),
        ("script.e2e_p99", "rank 99,901 of 100,000"),
        ("script.e2e_p99", "tail -n1001"),
        ("script.e2e_p99", "0.76 ms and 1.2 ms cannot appear"),
        ("script.hot_p99", "the minimum"),
        ("script.hot_p99", 'prints "0.096", beside a p99 of 0.743 ms'),
        ("script.missing_percentiles", "p75, p90 and p99.9 are stated"),
        ("script.cold_mean", "awk prints 0, with an empty log -nan"),
        ("script.cold_sample", "36.6%"),
        ("script.cold_sample", "299 measurements, an interval 368; of a p99.9 2,995 and 3,688"),
        ("script.throughput", "end after 0.87 s"),
        ("script.throughput", "4,140 times less. They go to 1 host of 48"),
        ("script.hot_load", "after 1.8 s"),
        ("script.hot_load", "clipped to 0.01 to 3,000 ms"),
    ],
)
def test_statement_says_what_the_audit_says(name, words):
    assert words in FOUND[f"slo.{name}"].statement


def test_no_objective_is_shown_by_what_is_made_up():
    one = FOUND["slo.objectives"]
    assert (one.verdict, one.value, one.expected) == ("unknown", 0, 17)
    states = {f.verdict for f in FOUND.values() if f.id.startswith("slo.objective.")}
    assert states == {"unknown"}


def test_what_is_made_up_is_called_so():
    for one in FOUND.values():
        if "made_up" in one.id:
            assert one.provenance == "synthetic"
            assert one.severity == "info"
            assert "made up" in one.statement


@pytest.mark.parametrize(
    ("claim", "value", "name", "verdict"),
    [
        ("operations_per_s", 200_000_000, "rate_per_node", "holds"),  # 4.2M each
        ("operations_per_s", 5_000_000, "in_flight", "holds"),  # 900 in flight
        ("operations_per_s", 15_000_000, "rate_per_proxy", "holds"),  # 312,500 each
        ("network_gbps", 9, "request_bytes", "holds"),  # 47 bytes
        ("network_gbps", 13, "sustained_network.redis", "infeasible"),  # beyond the burst
        ("network_gbps", 3, "sustained_network.proxy", "holds"),
        ("load_1gb_ms", 700, "load_bandwidth.load_1gb", "holds"),  # 11.4 Gbit/s
        ("load_1mb_ms", 120, "first_byte", "holds"),
        ("cold_p99_ms", 600, "mean_partition", "holds"),
        ("hot_p75_change_pct", -20, "differences", "contradicts"),
        ("hot_p99_headline_ms", "0.76", "headline_p99", "holds"),
        ("week1_p99_ms", "0.8", "week_one_targets", "contradicts"),  # the uptime is looser still
        ("load_test_hours.second", 1, "load_test_length", "holds"),
        ("rollout_rate.week1", 110_000_000, "rollout_rates", "holds"),
        ("rollout_rate.week1", 200_000_000, "rollout_rates", "contradicts"),
        ("rollout_shards.week4", 16, "shards", "holds"),
        ("memory_pct", 70, "memory_share", "contradicts"),
        ("error_pct", "0.02", "error_rate_absolute", "contradicts"),
        ("script_hot_field", 7, "script.hot_p99", "holds"),
        ("script_e2e_tail", 1001, "script.e2e_p99", "holds"),
        ("script_cold_downloads", 400, "script.cold_sample", "holds"),
        ("script_hot_clients", 50, "script.hot_load", "holds"),  # 277,778 a second
    ],
)
def test_another_figure_gives_another_verdict(claim, value, name, verdict):
    seen = changed("claim", claim, stated_value=Decimal(value))[f"slo.{name}"]
    assert seen.verdict == verdict


def test_another_day_gives_another_age():
    seen = changed("claim", "benchmark_day", stated_date=date(2025, 11, 30))
    assert seen["slo.evidence_age"].verdict == "holds"  # 9 days before the second launch


def test_without_the_script_nothing_is_said_of_it():
    rows = [r for r in records(SNAPSHOT.tables["claim"]) if r["kind"] != "script"]
    found = judged({**SNAPSHOT.tables, "claim": make(GIVEN["claim"], rows)})
    assert not [name for name in found if name.startswith("slo.script")]


def test_nodes_are_put_together_not_averaged():
    """In the sample 4 of 48 nodes are ten times slower: the p99 of all is far over the mean."""
    one = FOUND["slo.merged.made_up_hot_2025_11_15"]
    rows = records(SNAPSHOT.tables["benchmark_bucket"])
    times = sorted(
        (row["value_ms"], row["measurements"])
        for row in rows
        if row["run_id"] == "made_up.hot.2025-11-15"
    )
    total = sum(count for _, count in times)
    seen = 0
    for time, count in times:
        seen += count
        if seen * 100 >= total * 99:
            assert one.value == time
            break
