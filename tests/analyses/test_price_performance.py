"""Cost per unit of work: real benchmarks, cases by hand, and the drawn against the closed form."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as D
from functools import cache
from math import exp, log, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from prismlib.analyses.price_performance import (
    SCOPES,
    Simulation,
    best_runs,
    draw_performance,
    price_performance,
)
from prismlib.errors import ParameterError
from prismlib.reference_tables import BENCHMARK, WORKLOAD
from prismlib.result_tables.graviton import INSTANCE_PAIR
from prismlib.sources.prices import read_reference
from prismlib.tables import empty, make, records

SIMULATION = Simulation(single_run_cv=D("0.2"), confidence_pct=D(80), draws=40_000, seed=46)
WEB = {"workload": "web", "benchmark": "static_web", "config_pattern": "", "metric": "rps"}
WORKLOADS = make(WORKLOAD, [WEB])


def pair(source="a.large", target="b.large", source_price="0.10", target_price="0.09"):
    return {
        "region_id": "us-east-1",
        "source_type": source,
        "target_type": target,
        "rate_basis": "on demand",
        "source_usd_per_hour": None if source_price is None else D(source_price),
        "target_usd_per_hour": None if target_price is None else D(target_price),
    }


def run(kind, value, *, run=1, config="size=1k", benchmark="static_web", exit_code=0):
    return {
        "instance_type": kind,
        "benchmark": benchmark,
        "config": config,
        "metric": "rps",
        "benchmark_value": D(str(value)),
        "started_at": datetime(2024, 8, run, tzinfo=UTC),
        "exit_code": exit_code,
        "source": "made up",
    }


def compare(runs, *pairs, scope="size", simulation=SIMULATION, workloads=WORKLOADS):
    table = make(INSTANCE_PAIR, pairs or [pair()])
    return records(
        price_performance(
            table, make(BENCHMARK, runs), workloads, scope=scope, simulation=simulation
        )
    )


def runs_of(**values):
    """Runs of types of one size: a=[100, 110] is two runs of a.large."""
    return [
        run(f"{family}.large", value, run=number)
        for family, found in values.items()
        for number, value in enumerate(found, start=1)
    ]


# --- the reference table, from the real data ------------------------------------------------------

# Change in price, one decimal, and in cost per unit of work, whole percent: Geekbench multi-core,
# Redis SET with pipeline 16, static web. Worked out apart from this package, size .large,
# us-east-1. By hand for one: m6i -> m6g is 0.077 / 0.096 - 1 = -19.8 %.
KNOWN = {
    ("m5", "m7g"): ("-15.0", -61, -54, -55),
    ("m6i", "m6g"): ("-19.8", -15, -29, 24),
    ("m6i", "m7g"): ("-15.0", -41, -37, -25),
    ("m7i", "m7g"): ("-19.0", -33, -20, -2),
    ("m7i", "m8g"): ("-11.0", -40, -43, -17),
    ("m7a", "m8g"): ("-22.6", -14, -33, -39),
    ("r6i", "r7g"): ("-15.0", -40, -40, 12),
}


@cache
def reference(scope, size="large"):
    """The changes of the known pairs on the benchmarks and prices of ``data/reference``."""
    prices = {
        row["instance_type"]: row["usd_per_hour"]
        for row in records(read_reference("instance_price"))
        if row["region_id"] == "us-east-1"
    }
    pairs = [
        pair(*names, *(str(prices[name]) for name in names))
        for names in ([f"{family}.{size}" for family in families] for families in KNOWN)
    ]
    found = price_performance(
        make(INSTANCE_PAIR, pairs),
        read_reference("benchmark"),
        read_reference("workload"),
        scope=scope,
        simulation=Simulation(D("0.05"), D(80), 10_000, 46),
    )
    return {
        (row["source_type"], row["target_type"], row["workload"]): row for row in records(found)
    }


@pytest.mark.parametrize("families", KNOWN)
def test_real_benchmarks_give_the_reference_table(families):
    price, compute, redis, web = KNOWN[families]
    source, target = (f"{family}.large" for family in families)
    for workload, expected in (("compute", compute), ("redis", redis), ("web", web)):
        row = reference("size")[source, target, workload]
        assert f"{100 * row['price_change_ratio']:.1f}" == price
        assert f"{100 * row['cost_per_work_change_ratio']:.0f}" == str(expected)
        assert (row["spread_source"], row["samples"]) == ("stated", 1)


def test_web_work_gets_dearer_on_m6g_though_its_price_is_lower():
    for size, change in (("large", 24), ("xlarge", 36), ("2xlarge", 51)):
        row = reference("size", size)[f"m6i.{size}", f"m6g.{size}", "web"]
        assert row["price_change_ratio"] < 0 < row["low_cost_per_work_change_ratio"]
        assert round(100 * row["cost_per_work_change_ratio"]) == change
        assert row["dearer_probability"] > D("0.99")


def test_sizes_of_a_family_show_a_bad_run_for_what_it_is():
    # r6i -> r7g on web work: +12 % at .large alone, -22 % at the three larger sizes.
    row = reference("family")["r6i.large", "r7g.large", "web"]
    assert (row["spread_source"], row["samples"]) == ("sizes", 4)
    assert row["cost_per_work_change_ratio"] < 0
    assert D("0.05") < row["dearer_probability"] < D("0.5")
    alone = reference("size")["r6i.large", "r7g.large", "web"]
    assert row["performance_log_sd"] > alone["performance_log_sd"]


def test_the_family_ratio_is_the_geometric_mean_of_its_sizes():
    sizes = ("large", "xlarge", "2xlarge", "4xlarge")
    ratios = [
        reference("size", size)[f"m6i.{size}", f"m6g.{size}", "web"]["performance_ratio"]
        for size in sizes
    ]
    product = ratios[0] * ratios[1] * ratios[2] * ratios[3]
    row = reference("family")["m6i.large", "m6g.large", "web"]
    assert float(row["performance_ratio"]) == pytest.approx(float(product) ** 0.25, rel=1e-9)


# --- by hand --------------------------------------------------------------------------------------


def test_one_pair_by_hand():
    # Price 0.09 / 0.10 = 0.9; performance 1,250 / 1,000 = 1.25; 0.9 / 1.25 = 0.72.
    (row,) = compare(runs_of(a=[1000], b=[1250]))
    assert row["price_change_ratio"] == D("-0.1")
    assert float(row["performance_ratio"]) == pytest.approx(1.25, rel=1e-9)
    assert float(row["cost_per_work_change_ratio"]) == pytest.approx(-0.28, rel=1e-9)
    # c = 0.2: sqrt(2 ln 1.04) = sqrt(2 x 0.0392207) = 0.280074.
    assert float(row["performance_log_sd"]) == pytest.approx(0.280074, abs=1e-6)
    # ln 0.72 = -0.328504; 80 % is 1.281552 standard deviations: -0.328504 -/+ 0.358930, so
    # exp(-0.687434) - 1 = -0.4971 and exp(0.030426) - 1 = 0.0309. A drawn 10 % or 90 % quantile
    # of ln has a standard error of s sqrt(0.1 x 0.9 / 40,000) / 0.17550 = 0.0024; four of them.
    for name, end in (("low", -0.687434), ("high", 0.030426)):
        drawn = log(1 + row[f"{name}_cost_per_work_change_ratio"])
        assert drawn == pytest.approx(end, abs=4 * 0.0024)
    # P = Phi(-0.328504 / 0.280074) = Phi(-1.172919) = 0.1204 in the tables.
    error = sqrt(0.1204 * 0.8796 / 40_000)
    assert float(row["dearer_probability"]) == pytest.approx(0.1204, abs=4 * error)


def test_the_best_configuration_of_a_run_counts_and_other_metrics_do_not():
    runs = [
        run("a.large", 900, config="threads=1"),
        run("a.large", 1000, config="threads=8"),
        {**run("a.large", 9999, config="threads=8"), "metric": "latency"},
        run("a.large", 8888, benchmark="other"),
        run("a.large", 7777, run=2, exit_code=1),
    ]
    assert best_runs(make(BENCHMARK, runs), WORKLOADS) == {
        ("a.large", "web"): [pytest.approx(log(1000))]
    }


def test_a_pattern_picks_configurations_as_a_whole():
    workloads = make(WORKLOAD, [{**WEB, "config_pattern": "threads=1"}])
    runs = [run("a.large", 900, config="threads=1"), run("a.large", 1000, config="threads=16")]
    found = best_runs(make(BENCHMARK, runs), workloads)
    assert found == {("a.large", "web"): [pytest.approx(log(900))]}


def test_several_runs_give_their_own_spread():
    # ln of the runs: 0 and 0.2 on a, 0.5 and 0.7 on b. Centre 0.6 - 0.1 = 0.5. Squares: 4 x 0.01;
    # 2 + 2 - 2 = 2 degrees: r = sqrt(0.02) = 0.141421; s = r sqrt(1/2 + 1/2) = 0.141421.
    a, b = [exp(0), exp(0.2)], [exp(0.5), exp(0.7)]
    (row,) = compare(runs_of(a=a, b=b))
    assert (row["spread_source"], row["spread_freedom"], row["samples"]) == ("runs", 2, 2)
    assert log(row["performance_ratio"]) == pytest.approx(0.5, abs=1e-9)
    assert float(row["performance_log_sd"]) == pytest.approx(0.141421, abs=1e-6)


def test_a_second_run_of_one_type_narrows_the_stated_spread():
    # One degree of freedom is too few: 0.198042 stated for a run, x sqrt(1/2 + 1/1).
    (row,) = compare(runs_of(a=[100, 120], b=[130]))
    assert (row["spread_source"], row["spread_freedom"]) == ("stated", None)
    assert float(row["performance_log_sd"]) == pytest.approx(0.198042 * sqrt(1.5), abs=1e-6)


def test_three_sizes_give_their_own_spread():
    # ln ratios 0.1, 0.2, 0.3: centre 0.2, sd 0.1, s = 0.1 sqrt(1 + 1/3) = 0.115470, 2 degrees.
    runs = [
        run(f"{family}.{size}", exp(base + step))
        for size, base, gain in (("large", 5, 0.1), ("xlarge", 6, 0.2), ("2xlarge", 7, 0.3))
        for family, step in (("a", 0), ("b", gain))
    ]
    (row,) = compare(runs, scope="family")
    assert (row["spread_source"], row["spread_freedom"], row["samples"]) == ("sizes", 2, 3)
    assert log(row["performance_ratio"]) == pytest.approx(0.2, abs=1e-9)
    assert float(row["performance_log_sd"]) == pytest.approx(0.115470, abs=1e-6)
    (row,) = compare([*runs[:4], run("a.metal", 9)], scope="family")
    assert (row["spread_source"], row["samples"]) == ("stated", 2)
    assert float(row["performance_log_sd"]) == pytest.approx(0.280074, abs=1e-6)


# --- drawn against the closed form ----------------------------------------------------------------


@pytest.mark.parametrize("cv", ["0.02", "0.05", "0.2"])
@pytest.mark.parametrize("target_price", ["0.08", "0.099", "0.101", "0.13"])
def test_drawn_probability_is_that_of_the_lognormal(cv, target_price):
    """Of ln p - ln f ~ N(ln p - m, s), the chance to be above zero."""
    simulation = Simulation(D(cv), D(80), 40_000, 7)
    (row,) = compare(
        runs_of(a=[100], b=[100]), pair(target_price=target_price), simulation=simulation
    )
    spread = sqrt(2 * log(1 + float(cv) ** 2))
    q = stats.norm.cdf(log(float(target_price) / 0.10) / spread)
    error = sqrt(q * (1 - q) / 40_000)
    assert float(row["dearer_probability"]) == pytest.approx(q, abs=4 * error + 1e-9)


def test_drawn_probability_of_a_measured_spread_is_that_of_t():
    (row,) = compare(runs_of(a=[exp(0), exp(0.2)], b=[exp(0), exp(0.2)]))
    # ln 0.9 / 0.141421 = -0.745013 with 2 degrees of freedom.
    q = stats.t.cdf(log(0.9) / sqrt(0.02), 2)
    assert float(row["dearer_probability"]) == pytest.approx(q, abs=4 * sqrt(q * (1 - q) / 40_000))


def test_equal_price_and_performance_is_even_odds():
    (row,) = compare(runs_of(a=[100], b=[90]))
    # Price 0.9, performance 0.9. Standard error 0.5 / sqrt(40,000) = 0.0025.
    assert float(row["dearer_probability"]) == pytest.approx(0.5, abs=4 * 0.0025)
    assert float(row["cost_per_work_change_ratio"]) == pytest.approx(0, abs=1e-9)


@settings(max_examples=30)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32))
def test_a_larger_spread_widens_the_interval(one, other, seed):
    narrow, wide = (
        compare(runs_of(a=[100], b=[125]), simulation=Simulation(D(cv) / 100, D(80), 500, seed))[0]
        for cv in sorted((one, one + other))
    )
    assert narrow["cost_per_work_change_ratio"] == wide["cost_per_work_change_ratio"]
    assert narrow["low_cost_per_work_change_ratio"] > wide["low_cost_per_work_change_ratio"]
    assert narrow["high_cost_per_work_change_ratio"] < wide["high_cost_per_work_change_ratio"]


def test_a_higher_confidence_widens_the_interval():
    narrow, wide = (
        compare(runs_of(a=[100], b=[125]), simulation=Simulation(D("0.1"), D(c), 1000, 1))[0]
        for c in (80, 95)
    )
    assert narrow["low_cost_per_work_change_ratio"] > wide["low_cost_per_work_change_ratio"]
    assert narrow["high_cost_per_work_change_ratio"] < wide["high_cost_per_work_change_ratio"]


def test_the_same_seed_gives_the_same_figures_whatever_else_is_compared():
    runs = runs_of(a=[100], b=[125], c=[140])
    (alone,) = compare(runs, pair())
    among = compare(runs, pair(target="c.large"), pair(), pair("b.large", "a.large"))
    assert among[1] == alone
    assert compare(runs, pair()) == [alone]


def test_two_seeds_agree_within_the_error_of_the_draws():
    first, second = (
        compare(runs_of(a=[1000], b=[1250]), simulation=Simulation(D("0.2"), D(80), 40_000, seed))[
            0
        ]
        for seed in (1, 2)
    )
    assert first != second
    # The difference of two has sqrt(2) times the error of one: q = 0.1204 and quantiles as above.
    error = sqrt(2 * 0.1204 * 0.8796 / 40_000)
    assert abs(first["dearer_probability"] - second["dearer_probability"]) < 4 * error
    for name in ("low_cost_per_work_change_ratio", "high_cost_per_work_change_ratio"):
        assert abs(log(1 + first[name]) - log(1 + second[name])) < 4 * sqrt(2) * 0.0024


def test_sizes_of_a_family_share_what_was_measured():
    runs = [
        run(f"{family}.{size}", value)
        for family, value in (("a", 100), ("b", 125))
        for size in ("large", "xlarge", "2xlarge")
    ]
    pairs = pair(), pair("a.xlarge", "b.xlarge", "0.20", "0.18")
    large, xlarge = compare(runs, *pairs, scope="family")
    assert (draw_performance(large, SIMULATION) == draw_performance(xlarge, SIMULATION)).all()
    large, xlarge = compare(runs, *pairs)
    assert (draw_performance(large, SIMULATION) != draw_performance(xlarge, SIMULATION)).any()


# --- what is missing ------------------------------------------------------------------------------

CHANGES = (
    "cost_per_work_change_ratio",
    "low_cost_per_work_change_ratio",
    "high_cost_per_work_change_ratio",
    "dearer_probability",
)


def test_a_missing_benchmark_leaves_the_price_and_no_change():
    (row,) = compare(runs_of(a=[100]))
    assert row["price_change_ratio"] == D("-0.1")
    assert [row[name] for name in ("performance_ratio", *CHANGES)] == [None] * 5
    assert (row["samples"], row["note"]) == (0, "no web benchmark of b.large")


@pytest.mark.parametrize(
    ("prices", "note"),
    [
        ((None, "0.09"), "no price for a.large"),
        (("0.10", None), "no price for b.large"),
        ((None, None), "no price for a.large; no price for b.large"),
    ],
)
def test_a_missing_price_leaves_the_performance_and_no_change(prices, note):
    (row,) = compare(runs_of(a=[100], b=[125]), pair("a.large", "b.large", *prices))
    assert float(row["performance_ratio"]) == pytest.approx(1.25, rel=1e-9)
    assert [row[name] for name in ("price_change_ratio", *CHANGES)] == [None] * 5
    assert row["note"] == note


def test_families_without_a_common_size_do_not_compare():
    (row,) = compare([run("a.large", 1), run("b.xlarge", 2)], scope="family")
    assert row["note"] == "no size of a and b with a web benchmark of both"
    (row,) = compare(runs_of(a=[1], b=[2]), pair("a.24xlarge", "b.16xlarge"), scope="family")
    assert row["note"] == "a.24xlarge and b.16xlarge are different sizes: families do not compare"
    assert row["performance_ratio"] is None


def test_without_pairs_there_are_no_rows():
    found = price_performance(
        empty(INSTANCE_PAIR), empty(BENCHMARK), WORKLOADS, scope=SCOPES[0], simulation=SIMULATION
    )
    assert found.empty


@pytest.mark.parametrize(
    ("name", "make_it"),
    [
        ("scope", lambda: compare([], scope="zone")),
        ("single_run_cv", lambda: Simulation(D(0), D(80), 10, 1)),
        ("draws", lambda: Simulation(D("0.1"), D(80), 0, 1)),
    ],
)
def test_parameters_out_of_range_are_refused(name, make_it):
    with pytest.raises(ParameterError, match=name):
        make_it()
