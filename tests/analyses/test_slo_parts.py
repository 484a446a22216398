"""Runs of several files: what one of them does not say is not known of the run."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from prismlib.analyses.performance_slo import analyse_slo
from prismlib.analyses.slo_inputs import SloInputs, SloSettings
from prismlib.findings import Verdict
from prismlib.slo_tables import BENCHMARK_BUCKET, BENCHMARK_POINT, BENCHMARK_RUN, SLO
from prismlib.sources.prices import read_reference_tables
from prismlib.tables import make

REFERENCE = read_reference_tables()
OBJECTIVE = {
    **{"slo_id": "hot", "objective_name": "Hot p99", "service_tier": "hot", "statistic": "p99"},
    **{"comparison": "at_most", "target_value": Decimal(10), "unit": "ms"},
    **{"minimum_s": 60, "payload_bytes": Decimal(16)},
}
PART = {
    **{"run_id": "r", "service_tier": "hot", "tool_name": "wrk2", "load_model": "open"},
    **{"observed_at": datetime(2025, 11, 15, tzinfo=UTC), "duration_s": Decimal(60)},
    **{"payload_bytes": Decimal(16), "is_made_up": False},
}


def analysed(first=None, second=None, *, has_times=(True, True), points=()):
    """Return the outcomes of a run of the nodes a and b, a thousand times of 1 ms each."""
    parts = [
        {**PART, "node_id": node, "file_name": f"hot@{node}.csv", **(told or {})}
        for node, told in (("a", first), ("b", second))
    ]
    one = Decimal(1)
    ends = {"value_ms": one, "lower_ms": one, "upper_ms": one, "measurements": 1000}
    tables = {
        "slo": make(SLO, [OBJECTIVE]),
        "benchmark_run": make(BENCHMARK_RUN, parts),
        "benchmark_bucket": make(
            BENCHMARK_BUCKET,
            [
                {"run_id": "r", "node_id": n, **ends}
                for n, has in zip("ab", has_times, strict=True)
                if has
            ],
        ),
        "benchmark_point": make(BENCHMARK_POINT, points),
    }
    inputs = SloInputs.of(tables, REFERENCE, as_of=date(2025, 11, 16))
    return analyse_slo(inputs, SloSettings())


def judged(*given, **told):
    (result,) = analysed(*given, **told).results
    return result


def test_two_whole_parts_pass():
    result = judged()
    assert (result.outcome, result.verdict) == ("pass", Verdict.HOLDS)
    assert result.measured.measurements == 2000


@pytest.mark.parametrize("points", [[], ["p99"]])
def test_a_part_without_times_leaves_the_run_unknown(points):
    """Its node may be the slow one; a p99 that it printed is not that of the run either."""
    rows = [
        {"run_id": "r", "node_id": "b", "statistic": name, "value_ms": Decimal(2)}
        for name in points
    ]
    result = judged(has_times=(True, False), points=rows)
    assert (result.outcome, result.verdict) == ("unknown", Verdict.UNKNOWN)
    assert result.measured.value is None
    assert "1 file of 2 without times, hot@b.csv among them" in result.note


def test_the_figures_of_one_part_are_not_those_of_the_run():
    point = {"run_id": "r", "node_id": "b", "statistic": "p99", "value_ms": Decimal(2)}
    result = judged(has_times=(False, False), points=[point])
    assert (result.outcome, result.measured.value) == ("unknown", None)
    assert "figures of several files" in result.note


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ({"duration_s": None}, "how long it ran is not known"),
        ({"load_model": ""}, "whether the load was open or closed is not known"),
        ({"payload_bytes": None}, "an unknown payload"),
    ],
)
def test_what_one_part_does_not_say_is_not_known_of_the_run(told, word):
    result = judged(second=told)
    assert (result.is_admissible, result.verdict) == (None, Verdict.UNKNOWN)
    assert word in result.note


def test_parts_of_different_lengths_are_as_long_as_the_shortest():
    assert judged(second={"duration_s": Decimal(61)}).verdict is Verdict.HOLDS
    short = judged(second={"duration_s": Decimal(59)})
    assert short.is_admissible is False
    assert "ran 59 s of 60 s" in short.note


def test_the_coarsest_part_and_the_narrowest_range_decide():
    coarse = judged({"resolution_ms": Decimal("0.001")}, {"resolution_ms": Decimal(20)})
    assert (coarse.outcome, coarse.is_admissible) == ("unknown", False)
    clipped = judged({"clip_high_ms": Decimal(3000)}, {"clip_high_ms": Decimal(5)})
    assert clipped.is_admissible is False


def test_clients_of_the_parts_add_up_as_their_rates_do():
    """Two clients of 1 ms each are 2,000 a second; two files of them keep 4 in flight of 4."""
    told = {"clients": 2, "operations_per_second": Decimal(2000), "load_model": "closed"}
    (check,) = (c for c in analysed(told, told).checks if c.name == "requests in flight")
    assert (check.needed, check.verdict) == (Decimal(4), Verdict.HOLDS)
    faster = {**told, "operations_per_second": Decimal(2200)}
    (check,) = (c for c in analysed(faster, faster).checks if c.name == "requests in flight")
    assert (check.needed, check.verdict) == (Decimal("4.4"), Verdict.INFEASIBLE)
