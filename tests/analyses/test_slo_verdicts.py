"""Verdicts on objectives, and what makes a run evidence: each with the flaw that undoes it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from prismlib.analyses.performance_slo import analyse_slo
from prismlib.analyses.slo_findings import judge_slo
from prismlib.analyses.slo_inputs import SloInputs, SloSettings
from prismlib.dr_tables import PREREQUISITE
from prismlib.findings import Verdict
from prismlib.slo_tables import BENCHMARK_BUCKET, BENCHMARK_POINT, BENCHMARK_RUN, SLO
from prismlib.sources.prices import read_reference_tables
from prismlib.tables import make

REFERENCE = read_reference_tables()
AS_OF = date(2025, 11, 16)
OBJECTIVE = {
    **{"slo_id": "hot", "objective_name": "Hot p99", "service_tier": "hot", "statistic": "p99"},
    **{"comparison": "at_most", "target_value": Decimal(10), "unit": "ms"},
    **{"node_count": Decimal(2), "minimum_s": 60},
}
RUN = {
    **{"run_id": "r", "service_tier": "hot", "tool_name": "wrk2", "load_model": "open"},
    **{"observed_at": datetime(2025, 11, 15, tzinfo=UTC), "node_count": Decimal(2)},
    **{"duration_s": Decimal(60), "requests": 1000, "resolution_ms": Decimal("0.001")},
    **{"is_made_up": False, "file_name": "hot.txt"},
}


def bucket(time, count, half="0") -> dict:
    value, half = Decimal(str(time)), Decimal(half)
    ends = {"lower_ms": value - half, "upper_ms": value + half}
    return {"run_id": "r", "value_ms": value, "measurements": count, **ends}


# 1 ms a thousand times: the p99 and its whole interval are 1 ms.
QUICK = [bucket(1, 1000)]


def judged(run=None, buckets=QUICK, objective=None, points=(), needs=(), settings=None):
    tables = {
        "slo": make(SLO, [{**OBJECTIVE, **(objective or {})}]),
        "benchmark_run": make(BENCHMARK_RUN, [{**RUN, **(run or {})}]),
        "benchmark_bucket": make(BENCHMARK_BUCKET, buckets),
        "benchmark_point": make(BENCHMARK_POINT, points),
        "prerequisite": make(PREREQUISITE, needs),
    }
    inputs = SloInputs.of(tables, REFERENCE, as_of=AS_OF)
    return analyse_slo(inputs, settings or SloSettings())


def only(**given):
    (result,) = judged(**given).results
    return result


@pytest.mark.parametrize(
    ("buckets", "outcome", "verdict"),
    [
        (QUICK, "pass", "holds"),
        ([bucket(20, 1000)], "fail", "contradicts"),
        # 1000 times: the interval of the p99 runs from rank 983 to 997. With 10 slow ones rank 983
        # is quick and rank 997 slow.
        ([bucket(1, 990), bucket(20, 10)], "inconclusive", "unknown"),
        # with 20 slow ones rank 983 is slow too, with 3 rank 997 is quick
        ([bucket(1, 980), bucket(20, 20)], "fail", "contradicts"),
        ([bucket(1, 997), bucket(20, 3)], "pass", "holds"),
        # 100 times have no upper end: never a pass
        ([bucket(1, 100)], "inconclusive", "unknown"),
    ],
)
def test_outcome_is_that_of_the_whole_interval(buckets, outcome, verdict):
    result = only(buckets=buckets)
    assert (result.outcome, result.verdict) == (outcome, verdict)


def test_too_few_say_how_many_it_takes():
    assert "n = 100, need 368" in only(buckets=[bucket(1, 100)]).note


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ({"is_made_up": True}, "made up"),
        ({"observed_at": datetime(2025, 10, 1, tzinfo=UTC)}, "46 days old; evidence for 15 days"),
        ({"observed_at": None}, "the day of the run is not known"),
        ({"duration_s": Decimal(59)}, "ran 59 s of 60 s"),
        ({"duration_s": None}, "how long it ran is not known"),
        ({"node_count": Decimal(1)}, "1 of 2 nodes measured"),
        ({"node_count": None}, "how many of 2 nodes were measured is not known"),
        ({"load_model": ""}, "open or closed is not known"),
        ({"resolution_ms": Decimal(10)}, "resolution too coarse: 10 ms for a target of 10 ms"),
        ({"clip_low_ms": Decimal("0.01"), "clip_high_ms": Decimal(9)}, "times are clipped"),
    ],
)
def test_a_flaw_is_said_and_is_no_pass(run, words):
    result = only(run=run)
    assert words in result.note
    assert not result.is_admissible
    assert result.verdict == "unknown"


def test_a_run_that_lacked_what_it_needs_is_no_evidence():
    need = {
        **{"drill_id": "benchmark", "step_id": "hot", "prerequisite_name": "cluster"},
        **{"is_ready": False, "observed_date": date(2025, 11, 16)},
    }
    result = only(needs=[need])
    assert "cluster: on 16 Nov 2025 it was not there" in result.note
    assert result.verdict == "unknown"
    assert only(needs=[{**need, "is_ready": True}]).verdict == "holds"
    assert only(needs=[{**need, "step_id": "cold"}]).verdict == "holds"


def test_whole_milliseconds_cannot_show_less_than_one():
    """ab -g: 0 is 0 to 0.5 ms, within 0.8; the file cannot tell 0.8 from 1.2 all the same."""
    zero = {**bucket(0, 1000), "upper_ms": Decimal("0.5")}
    found = {"target_value": Decimal("0.8")}
    result = only(run={"resolution_ms": Decimal(1)}, buckets=[zero], objective=found)
    assert result.outcome == "unknown"
    assert "resolution too coarse" in result.note


def test_a_closed_loop_passes_only_with_the_waits_it_hides():
    """999 answers of 1 ms and one of 2000 ms: the measured p99 is 1 ms. One of 2000 hides 1999
    waits of up to 1999 ms, two thirds of all times."""
    closed = {"load_model": "closed"}
    assert only(run=closed).verdict == "holds"
    hidden = only(run=closed, buckets=[bucket(1, 999), bucket(2000, 1)])
    assert hidden.outcome == "inconclusive"
    assert "waits that a closed loop hides" in hidden.note
    opened = only(buckets=[bucket(1, 999), bucket(2000, 1)])
    assert opened.verdict == "holds"


def test_a_closed_loop_that_misses_its_target_misses_it():
    result = only(run={"load_model": "closed"}, buckets=[bucket(20, 1000)])
    assert (result.outcome, result.verdict) == ("fail", "contradicts")


def points(**times) -> list[dict]:
    return [
        {"run_id": "r", "statistic": name, "value_ms": Decimal(time)}
        for name, time in times.items()
    ]


def test_a_summary_is_bracketed_by_the_figures_around_it():
    """Of 1000 requests the p99 lies between ranks 983 and 997: beyond the p95 (950), below max.

    They are printed in steps of 0.001 ms, so 3 and 9 may be half a step off.
    """
    printed = points(min="0.1", p50="1", p95="3", p99="5", max="9")
    result = only(buckets=[], points=printed)
    ends = (result.measured.low, result.measured.value, result.measured.high)
    assert ends == (Decimal("2.9995"), 5, Decimal("9.0005"))
    assert result.outcome == "pass"
    late = only(buckets=[], points=points(p50="1", p95="3", p99="5", max="11"))
    assert late.outcome == "inconclusive"


def test_a_summary_without_its_requests_is_a_point():
    result = only(run={"requests": None}, buckets=[], points=points(p99="5", max="9"))
    assert (result.outcome, result.measured.value) == ("unknown", 5)
    assert "a point" in result.note


def test_a_percentile_that_is_not_printed_is_not_made():
    result = only(buckets=[], points=points(p50="1", p99="5"), objective={"statistic": "p90"})
    assert result.measured.value is None
    assert "p90 is not in it; it has p50, p99" in result.note


def test_a_file_without_a_figure_is_unknown():
    result = only(run={"note": "empty file"}, buckets=[])
    assert result.verdict == "unknown"
    assert "empty file" in result.note


@pytest.mark.parametrize(("rate", "verdict"), [("100", "holds"), ("99", "contradicts")])
def test_a_rate_is_counted(rate, verdict):
    target = {"statistic": "operations_per_second", "comparison": "at_least"}
    found = {**target, "target_value": Decimal(100), "unit": "operations/second"}
    told = {"operations_per_second": Decimal(rate), "requests": int(rate) * 60}
    assert only(run=told, objective=found).verdict == verdict


def test_failures_have_an_exact_interval():
    """0 of 1000: the upper end of Clopper-Pearson is 1 - 0.025 ** (1 / 1000) = 0.368%."""
    target = {"statistic": "error_pct", "target_value": Decimal("0.5"), "unit": "%"}
    result = only(run={"failed_requests": 0}, objective=target)
    assert round(result.measured.high, 3) == Decimal("0.368")
    assert result.verdict == "holds"
    close = {**target, "target_value": Decimal("0.3")}
    assert only(run={"failed_requests": 0}, objective=close).outcome == "inconclusive"
    assert only(objective=target).outcome == "unknown"  # its file does not count them


def test_findings_say_what_the_run_shows():
    found = {one.id: one for one in judge_slo(judged())}
    one = found["slo.objective.hot"]
    assert (one.verdict, one.value, one.expected, one.provenance) == ("holds", 1, 10, "measured")
    assert found["slo.objectives"].verdict is Verdict.HOLDS
    missed = {one.id: one for one in judge_slo(judged(buckets=[bucket(20, 1000)]))}
    assert missed["slo.objectives"].verdict is Verdict.CONTRADICTS


def test_more_in_flight_than_clients_is_infeasible():
    """1000 a second of 1 ms each are one request in flight; 4000 are four, of two clients."""
    for rate, is_found in ((1000, False), (4000, True)):
        run = {"load_model": "closed", "clients": 2, "operations_per_second": Decimal(rate)}
        found = {one.id for one in judge_slo(judged(run=run))}
        assert ("slo.run.r.requests_in_flight" in found) is is_found


def test_rate_times_duration_is_the_number_of_requests():
    """1000 requests in 60 s are 16.7 a second; at 1000 a second they would be 60,000."""
    run = {"operations_per_second": Decimal(1000)}
    found = {one.id: one for one in judge_slo(judged(run=run))}
    assert found["slo.run.r.rate_x_duration"].value == 60_000
    right = {"operations_per_second": Decimal("16.7")}
    assert "slo.run.r.rate_x_duration" not in {one.id for one in judge_slo(judged(run=right))}


def test_no_objective_and_no_run_is_unknown():
    inputs = SloInputs.of({}, REFERENCE, as_of=AS_OF)
    found = judge_slo(analyse_slo(inputs, SloSettings()))
    assert {one.verdict for one in found} == {"unknown"}


def test_an_interval_around_the_target_says_how_many_would_decide():
    """992 of 1000 are within: 1.95996^2 x 0.99 x 0.01 / 0.002^2 = 9507.6, so 9508."""
    result = only(buckets=[bucket(1, 992), bucket(20, 8)])
    assert (result.outcome, result.measured.needed) == ("inconclusive", 9508)
    assert "99.2% are within the target: if that stays, about 9,508 measurements decide" in (
        result.note
    )
    # and so they do: the interval of 9508 times ends at rank 9432, and 0.992 x 9508 = 9432
    assert only(buckets=[bucket(1, 9432), bucket(20, 76)]).outcome == "pass"
    equal = only(buckets=[bucket(1, 990), bucket(20, 10)])
    assert "just what is promised, so no number decides" in equal.note


def test_times_too_coarse_at_the_target_say_so():
    """10 ms in steps of 1 ms lie from 9.5 to 10.5: the file cannot tell on which side of 10."""
    result = only(buckets=[bucket(10, 1000, "0.5")])
    assert result.outcome == "inconclusive"
    assert "too coarse to tell at 10 ms" in result.note


@pytest.mark.parametrize(
    ("told", "word"),
    [
        # 1000 requests at 100 a second take 10 s, not the 60 s that are claimed
        ({"operations_per_second": Decimal(100)}, "rate x duration are 6,000 requests"),
        # 17 a second of 1 ms keep 0.017 in flight; of no client but one, 5,000 a second would be 5
        (
            {
                **{"load_model": "closed", "clients": 1, "requests": 300_000},
                "operations_per_second": Decimal(5000),
            },
            "requests in flight: 5 requests, where 1.05 are possible",
        ),
    ],
)
def test_a_run_that_cannot_be_is_no_evidence(told, word):
    result = only(run=told)
    assert (result.is_admissible, result.verdict) == (False, Verdict.UNKNOWN)
    assert word in result.note
