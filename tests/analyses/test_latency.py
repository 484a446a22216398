"""Percentiles by ranks, their intervals, and nodes put together: worked by hand or by scipy."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, mannwhitneyu, quantile_test, theilslopes

from prismlib.analyses.latency import (
    Distribution,
    chance_below,
    measurements_needed,
    order_ranks,
    percent_of,
)
from prismlib.analyses.latency_waits import percentile_with_waits
from prismlib.analyses.run_comparison import change_words, compare, rank_test, sen_slopes
from prismlib.analyses.slo_verdicts import exact_share


def exact(times) -> Distribution:
    found = Distribution.of(
        {"value_ms": Decimal(str(t)), "lower_ms": Decimal(str(t)), "upper_ms": Decimal(str(t)),
         "measurements": 1}
        for t in times
    )  # fmt: skip
    assert found is not None
    return found


def exponential(mean: float, total: int) -> list[float]:
    """Return times of which the k-th is where an exponential has the share k / total."""
    shares = [*(rank / total for rank in range(1, total)), 1 - 0.5 / total]
    return [round(-mean * np.log(1 - share), 4) for share in shares]


@pytest.mark.parametrize(
    ("total", "pct", "ranks"),
    [
        # binomial (10, 1/2): P(X <= 1) = 11 / 1024 = 0.011, P(X <= 2) = 56 / 1024 = 0.055, so the
        # lower rank is 2; by symmetry the upper is 9
        (10, "50", (2, 9)),
        # 0.5 ** 5 = 0.03125 > 0.025: neither end exists
        (5, "50", (None, None)),
        # 0.99 ** 367 = 0.02500 > 0.025 and 0.99 ** 368 = 0.02475 <= 0.025
        (367, "99", (359, None)),
        (368, "99", (360, 368)),
    ],
)
def test_ranks_are_those_of_the_binomial(total, pct, ranks):
    assert order_ranks(total, Decimal(pct), Decimal(95)) == ranks


@given(total=st.integers(2, 5000), pct=st.sampled_from(["50", "90", "99", "99.9"]),
       confidence=st.sampled_from([80, 95, 99]))  # fmt: skip
def test_ranks_are_those_of_scipy(total, pct, confidence):
    low, high = order_ranks(total, Decimal(pct), Decimal(confidence))
    test = quantile_test(np.arange(1, total + 1), p=float(pct) / 100)
    expected = test.confidence_interval(confidence / 100)
    ends = (np.nan if low is None else low, np.nan if high is None else high)
    np.testing.assert_equal(ends, (expected.low, expected.high))


def test_measurements_that_a_bound_and_an_interval_take():
    """ln 0.05 / ln 0.99 = 298.07, ln 0.025 / ln 0.99 = 367.04; / ln 0.999 2994.2 and 3687.0."""
    needed = [
        measurements_needed(Decimal(pct), Decimal(95), sides=sides)
        for pct in ("99", "99.9")
        for sides in (1, 2)
    ]
    assert needed == [299, 368, 2995, 3688]
    assert round(chance_below(Decimal(99), 100), 3) == 0.366  # 0.99 ** 100


def test_percentile_is_the_time_at_its_rank():
    """Of 1 ... 1000 ms the p99 is at rank ceil(990) = 990, as sort and head give it."""
    times = exact(range(1, 1001))
    assert times.percentile(Decimal(99)).value == 990
    assert times.percentile(Decimal("99.9")).value == 999
    assert times.mean() == Decimal("500.5")
    with pytest.raises(IndexError):
        times.at_rank(1001)


def test_nothing_measured_has_no_distribution():
    assert Distribution.of([]) is None
    row = {"value_ms": Decimal(1), "lower_ms": Decimal(1), "upper_ms": Decimal(1)}
    assert Distribution.of([{**row, "measurements": 0}]) is None


def test_interval_is_that_of_the_buckets_not_of_the_printed_value():
    """ab prints whole ms: a 1 is 0.5 to 1.5, and so is each end of its interval."""
    row = {"value_ms": Decimal(1), "lower_ms": Decimal("0.5"), "upper_ms": Decimal("1.5")}
    times = Distribution.of([{**row, "measurements": 1000}])
    seen = times.interval(Decimal(99), Decimal(95))
    assert (seen.low, seen.value, seen.high) == (Decimal("0.5"), 1, Decimal("1.5"))


def test_forty_eight_nodes_of_which_four_are_slow():
    """Exponential times: the p99 of a node is its mean x ln 100 = 4.605.

    Of 44 nodes with a mean of 0.3315 and 4 with 3.32 ms the mean of the p99s is
    4.605 x (44 x 0.3315 + 4 x 3.32) / 48 = 2.67. Of all together 1% is longer than t when
    4 / 48 x exp(-t / 3.32) = 0.01 (the quick nodes have none so long): t = 3.32 x ln 8.333 = 7.04.
    """
    means = [0.3315] * 44 + [3.32] * 4
    nodes = [exponential(mean, 2000) for mean in means]
    alone = [exact(node).percentile(Decimal(99)).value for node in nodes]
    assert round(sum(alone) / 48, 2) == Decimal("2.67")
    merged = exact([time for node in nodes for time in node]).percentile(Decimal(99)).value
    assert round(merged, 2) == Decimal("7.04")


@pytest.mark.parametrize(
    ("name", "pct"), [("p99", "99"), ("p99.9", "99.9"), ("max", None), ("p0", None), ("px", None)]
)
def test_names_of_percentiles(name, pct):
    assert percent_of(name) == (None if pct is None else Decimal(pct))


def test_waits_behind_a_slow_answer_are_put_back():
    """99 answers of 1 ms and one of 101 ms, one every 1 ms: hidden are waits of 100, 99 ... 1 ms.

    200 times in all; the p99 is at rank 198. Of the longest 101 times, 1 ... 101, the one at rank
    198 is 99 ms; as measured the p99 is 1 ms.
    """
    times = exact([1] * 99 + [101])
    assert times.percentile(Decimal(99)).value == 1
    assert percentile_with_waits(times, Decimal(99), Decimal(1)) == 99
    assert percentile_with_waits(times, Decimal(99), Decimal(0)) is None


def test_ranks_of_two_runs_are_those_of_scipy():
    random_source = np.random.default_rng(8)
    one, other = random_source.integers(0, 30, 500), random_source.integers(1, 31, 400)
    expected = mannwhitneyu(one, other)
    seen = rank_test(exact(one), exact(other))
    assert seen.u == expected.statistic
    assert seen.probability == pytest.approx(expected.pvalue)


def test_change_lies_between_the_ends_of_both_intervals():
    """Of 1 ... 1000 the p50 at 97.5% lies between ranks 465 and 536; 100 ms later, so does it.

    Normal approximation: 500 -+ 2.2414 x sqrt(250) = 500 -+ 35.4. The change of 100 is between
    100 - 71 and 100 + 71.
    """
    before, after = exact(range(1, 1001)), exact(range(101, 1101))
    ours, theirs, low, high = compare(after, before, Decimal(50), Decimal(95))
    assert ours.value - theirs.value == 100
    assert abs(low - 29) <= 1
    assert abs(high - 171) <= 1
    assert change_words(low, high) == "slower"
    assert change_words(Decimal(-2), Decimal(-1)) == "faster"
    assert change_words(Decimal(-2), Decimal(1)) == "no change shown"
    assert change_words(None, Decimal(1)) == "too few measurements for an interval"


def test_runs_that_are_alike_show_no_change():
    seen = rank_test(exact([3] * 10), exact([3] * 10))
    assert (seen.probability, seen.slower_pct) == (1.0, 50)


@given(runs=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 20)), min_size=4, max_size=12),
       confidence=st.sampled_from([80, 95, 99]))  # fmt: skip
def test_slopes_of_runs_are_those_of_scipy(runs, confidence):
    days, values = [0, 3, *(day for day, _ in runs)], [1.0, 2.5, *(ms / 2 for _, ms in runs)]
    expected = theilslopes(values, days, confidence / 100)
    seen = sen_slopes(days, values, Decimal(confidence))
    assert seen == pytest.approx((expected.slope, expected.low_slope, expected.high_slope))


def test_slopes_of_runs_that_are_all_alike_are_none():
    """Of 4 values, two of one day: 4 x 3 x 13 - (2 x 1 x 9 + 4 x 3 x 13) < 0, no spread at all."""
    assert sen_slopes([1, 1, 2, 3], [5.0] * 4, Decimal(95)) == (0, 0, 0)


@given(total=st.integers(1, 100_000), share=st.floats(0, 1),
       confidence=st.sampled_from([80, 95, 99]))  # fmt: skip
def test_share_of_failures_is_that_of_scipy(total, share, confidence):
    failed = round(total * share)
    expected = binomtest(failed, total).proportion_ci(confidence / 100)
    low, high = exact_share(failed, total, Decimal(confidence))
    assert float(low) == pytest.approx(expected.low * 100, abs=1e-8)
    assert float(high) == pytest.approx(expected.high * 100, abs=1e-8)
