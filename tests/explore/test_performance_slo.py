"""The panel on service levels: its sliders give the parameter, and the verdicts of the library."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal as D
from typing import Any

import pytest

from prismlib.analyses.performance_slo import against_targets, analyse_slo
from prismlib.analyses.slo_findings import judge_slo
from prismlib.analyses.slo_inputs import SloInputs, SloSettings
from prismlib.errors import ParameterError
from prismlib.explore.panel import Panel
from prismlib.explore.performance_slo import explore
from prismlib.paths import SAMPLE
from prismlib.report import blocks
from prismlib.slo_tables import BENCHMARK_BUCKET, BENCHMARK_POINT, BENCHMARK_RUN, SLO
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import make

DATA = read_snapshot(SAMPLE)
REFERENCE = read_reference_tables(DATA.tables)
INPUTS = SloInputs.of(DATA.tables, REFERENCE, as_of=DATA.as_of)
P99 = "slo_targets|hot_p99"
OBJECTIVE = {
    **{"slo_id": "hot_p99", "objective_name": "Hot p99", "service_tier": "hot"},
    **{"statistic": "p99", "comparison": "at_most", "target_value": D(10), "unit": "ms"},
}
RUN = {
    **{"run_id": "r", "service_tier": "hot", "tool_name": "wrk2", "load_model": "open"},
    **{"observed_at": datetime(2025, 11, 15, tzinfo=UTC), "duration_s": D(60), "requests": 1000},
    **{"resolution_ms": D("0.001"), "is_made_up": False, "file_name": "hot.txt"},
}
# Of 1000 times the interval of the p99 runs from rank 983 to 997: with 10 slow ones 1 to 20 ms.
TIMES = [
    {"run_id": "r", "value_ms": D(ms), "lower_ms": D(ms), "upper_ms": D(ms), "measurements": n}
    for ms, n in ((1, 990), (20, 10))
]


@pytest.fixture
def panel() -> Panel:
    return explore(DATA, {})


@pytest.fixture
def measured() -> Panel:
    """Return the panel of a snapshot with one real run."""
    made = {
        "slo": make(SLO, [OBJECTIVE]),
        "benchmark_run": make(BENCHMARK_RUN, [RUN]),
        "benchmark_bucket": make(BENCHMARK_BUCKET, TIMES),
        "benchmark_point": make(BENCHMARK_POINT, []),
    }
    kept = {n: t for n, t in DATA.tables.items() if n != "prerequisite"}
    return explore(replace(DATA, tables={**kept, **made}), {})


def trace(panel: Panel, slot: str, name: str) -> dict[str, Any]:
    figure = json.loads(panel.parts[slot].data["figure"])
    return next(one for one in figure["data"] if one.get("name") == name)


def test_it_opens_as_the_notebook_stands(panel: Panel) -> None:
    assert panel.values[P99] == 0.8
    assert panel.values["slo_targets|throughput"] == 1.1e9
    assert panel.parameters["slo_targets"] == ""
    assert panel.command() == "prism report --only performance_slo"


def test_a_run_with_parameters_opens_at_them() -> None:
    panel = explore(DATA, {"slo_targets": "cold_p50=12"})
    assert panel.values["slo_targets|cold_p50"] == 12
    assert panel.parameters["slo_targets"] == "cold_p50=12"
    panel.change({"slo_targets|cold_p50": 15})  # what is promised
    assert panel.parameters["slo_targets"] == ""


def test_moved_targets_fold_into_the_parameter(panel: Panel) -> None:
    panel.change({P99: 0.7, "slo_targets|throughput": 1.2e9})
    assert panel.parameters["slo_targets"] == "hot_p99=0.7, throughput=1200000000"
    assert "slo_targets=hot_p99=0.7, throughput=1200000000" in shlex.split(panel.command())


def test_the_chart_holds_the_interval_against_the_moved_target(panel: Panel) -> None:
    panel.move(**{P99: 0.5})
    targets = trace(panel, "latency-hot", "target")
    assert dict(zip(targets["customdata"], targets["y"], strict=True))["p99"] == 0.5
    # a target of the cold tier is drawn in the chart of that tier, which then comes first
    panel.change({P99: 0.8, "slo_targets|cold_p50": 12})
    assert "latency-cold" in panel.parts and "latency-hot" not in panel.parts
    cold = trace(panel, "latency-cold", "target")
    assert dict(zip(cold["customdata"], cold["y"], strict=True)) == {"p50": 12, "p99": 62}


@pytest.mark.parametrize(
    ("target", "verdict", "outcome"),
    [
        (10, "unknown", "inconclusive"),  # between 1 and 20 ms
        (20, "holds", "pass"),  # the whole interval is within
        (0.5, "contradicts", "fail"),  # the whole interval is beyond
    ],
)
def test_the_verdict_follows_the_target(
    measured: Panel, target: float, verdict: str, outcome: str
) -> None:
    measured.move(**{P99: target})
    shown = measured.parts["objectives"].data
    row = dict(zip([c["name"] for c in shown["columns"]], shown["cells"][0], strict=True))
    assert verdict in row["verdict"]
    assert row["note"] == f"r: {outcome}"
    text = measured.parts["targets"].data["html"]
    assert (outcome in text) is (target != 10)  # 10 ms is promised


def test_of_the_made_up_runs_the_last_with_an_interval_is_held_against_the_target(
    panel: Panel,
) -> None:
    panel.move(**{P99: 0.5})
    text = panel.parts["targets"].data["html"]
    assert "made_up.hot.2025-11-15" in text
    assert ", fail: made up to show the method" in text


def test_an_assumed_target_is_said_to_be_assumed(measured: Panel) -> None:
    measured.move(**{P99: 20})
    shown = measured.parts
    assert "With assumed targets" in shown["answer"].data["html"]
    assert "hot_p99 20 ms in place of 10 ms" in shown["basis"].data["html"]
    assert "assumed, at most 20 ms in place of 10 ms" in shown["findings"].data["html"]
    measured.move(**{P99: 10})
    assert "ssumed" not in measured.parts["answer"].data["html"]


@pytest.mark.parametrize("targets", ["hot_p99=0.5", "cold_p99=70, load_1gb=300, throughput=1e9"])
def test_other_targets_on_the_same_runs_are_the_whole_analysis_of_them(targets: str) -> None:
    settings = SloSettings()
    quick = against_targets(analyse_slo(INPUTS, settings), targets)
    whole = analyse_slo(INPUTS.with_targets(targets), settings)
    assert [one.outcome for one in quick.results] == [one.outcome for one in whole.results]
    assert quick.verdict_table.equals(whole.verdict_table)
    assert quick.budget_table.equals(whole.budget_table)
    assert judge_slo(quick) == judge_slo(whole)
    assert judge_slo(quick) != judge_slo(analyse_slo(INPUTS, settings))


def test_what_is_shown_is_what_the_library_says(panel: Panel) -> None:
    panel.move(**{P99: 0.5})
    whole = analyse_slo(INPUTS.with_targets("hot_p99=0.5"), SloSettings())
    assert panel.parts["findings"].data["html"] == blocks.findings_html(judge_slo(whole))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hot_p98=1", "hot_p98"),
        ("hot_p99=fast", "fast"),
        ("hot_p99=nan", "nan"),
        ("hot_p99=0", "above 0"),
        ("hot_p99", "name=value"),
        ("hot_p99=1, hot_p99=2", "each name once"),
    ],
)
def test_targets_that_cannot_be_are_refused_by_name(text: str, words: str) -> None:
    with pytest.raises(ParameterError, match="slo_targets") as error:
        INPUTS.with_targets(text)
    assert words in str(error.value)
