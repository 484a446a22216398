"""Saved CloudWatch metrics against objectives on processors, memory and network."""

import json
from datetime import date
from decimal import Decimal

import pytest

from prismlib.analyses.performance_slo import analyse_slo
from prismlib.analyses.slo_inputs import SloInputs, SloSettings
from prismlib.findings import Verdict
from prismlib.slo_tables import SLO
from prismlib.sources.benchmark_files import read_benchmarks
from prismlib.sources.prices import read_reference_tables
from prismlib.tables import make

REFERENCE = read_reference_tables()
CPU, MEMORY = "CPUUtilization", "DatabaseMemoryUsagePercentage"


def answer(label, unit, *periods, every_s=60):
    """Return an answer of get-metric-statistics: a dict of statistics for each period."""
    points = [
        {"Timestamp": f"2025-11-15T09:{n * every_s // 60:02d}:00Z", "Unit": unit, **told}
        for n, told in enumerate(periods)
    ]
    return json.dumps({"Label": label, "Datapoints": points})


def results(folder, files, statistic="cpu_pct", target=70, node_count=None, **told):
    for name, content in files.items():
        (folder / name).write_text(content, "utf-8")
    objective = {
        **{"slo_id": "o", "objective_name": "o", "service_tier": "hot", "statistic": statistic},
        **{"comparison": "at_most", "target_value": Decimal(target), "unit": "%"},
        **{"node_count": node_count and Decimal(node_count), **told},
    }
    tables = {"slo": make(SLO, [objective]), **read_benchmarks([folder]).tables}
    inputs = SloInputs.of(tables, REFERENCE, as_of=date(2025, 11, 16))
    return analyse_slo(inputs, SloSettings()).results


@pytest.mark.parametrize(
    ("periods", "outcome", "verdict"),
    [
        ([{"Average": 62}, {"Average": 40}], "inconclusive", "unknown"),  # the peak may be 100
        ([{"Average": 62}, {"Average": 71}], "fail", "contradicts"),  # so the peak was 71 at least
        ([{"Average": 62, "Maximum": 90}], "fail", "contradicts"),
        ([{"Average": 62, "Maximum": 69}, {"Average": 1, "Maximum": 70}], "pass", "holds"),
        # the second period has no maximum, the first is no maximum of both
        ([{"Maximum": 69}, {"Average": 1}], "inconclusive", "unknown"),
        ([{"ExtendedStatistics": {"p99": 65}}], "inconclusive", "unknown"),
        ([{"ExtendedStatistics": {"p99": 75}}], "fail", "contradicts"),
        ([{"SampleCount": 5, "Sum": 300}], "unknown", "unknown"),  # a sum of percents is none
    ],
)
def test_a_peak_is_judged_and_an_average_hides_it(tmp_path, periods, outcome, verdict):
    (result,) = results(tmp_path, {"hot-cpu.json": answer(CPU, "Percent", *periods)})
    assert (result.outcome, str(result.verdict)) == (outcome, verdict)


def test_an_average_is_told_as_one(tmp_path):
    (result,) = results(tmp_path, {"hot.json": answer(CPU, "Percent", {"Average": 62})})
    assert (result.measured.low, result.measured.high) == (Decimal(62), None)
    assert "an average of a period, up to 62" in result.note


def test_a_metric_is_held_against_its_own_objective_alone(tmp_path):
    """It hides no run of latencies of an earlier day, and is no run without a figure."""
    content = answer(CPU, "Percent", {"Maximum": 50})
    assert not results(tmp_path, {"hot.json": content}, "p99")
    assert not results(tmp_path, {"hot.json": content}, "operations_per_second")
    assert not results(tmp_path, {"hot.json": content}, "memory_pct")
    memory = answer(MEMORY, "Percent", {"Maximum": 91})
    (result,) = results(tmp_path, {"hot.json": memory}, "memory_pct", 85)
    assert (result.outcome, result.measured.value) == ("fail", Decimal(91))


def test_nodes_are_put_together_and_one_without_a_metric_is_no_pass(tmp_path):
    a, b, high = (answer(CPU, "Percent", {"Maximum": share}) for share in (50, 51, 95))
    files = {"hot@a.json": a, "hot@b.json": b}
    (result,) = results(tmp_path, files, node_count=2)
    assert result.verdict is Verdict.HOLDS
    (result,) = results(tmp_path, files, node_count=48)
    assert result.verdict is Verdict.UNKNOWN  # 2 of 48 nodes
    (result,) = results(tmp_path, {**files, "hot@b.json": "{"}, node_count=2)
    assert result.outcome == "inconclusive"
    (result,) = results(tmp_path, {**files, "hot@b.json": high})
    assert (result.outcome, result.measured.value) == ("fail", Decimal(95))


def test_a_share_that_is_to_be_at_least_something_is_not_shown_by_a_peak(tmp_path):
    content = {"hot.json": answer(CPU, "Percent", {"Maximum": 95})}
    assert not results(tmp_path, content, comparison="at_least")


@pytest.mark.parametrize(
    ("unit", "periods", "low", "outcome"),
    [
        # 75 GB in a period of 60 s at most are 10 Gbit/s at least
        ("Bytes", [{"Sum": 75_000_000_000}, {"Sum": 1}], Decimal(10), "fail"),
        ("Bytes", [{"Sum": 30_000_000_000}, {"Sum": 1}], Decimal(4), "inconclusive"),
        ("Bytes", [{"Sum": 75_000_000_000}], None, "unknown"),  # a period of unknown length
        ("Bytes", [{"Average": 75_000_000_000}, {"Average": 1}], None, "unknown"),
        ("Bytes/Second", [{"Maximum": 1_125_000_000}], Decimal(9), "fail"),
        ("Bytes/Second", [{"Maximum": 900_000_000}], Decimal("7.2"), "pass"),
    ],
)
def test_bytes_are_a_rate_where_their_time_is_known(tmp_path, unit, periods, low, outcome):
    content = answer("NetworkIn", unit, *periods)
    (result,) = results(tmp_path, {"hot.json": content}, "network_gbps", 8)
    assert (result.measured.low, result.outcome) == (low, outcome)
