"""Distributions of a duration against their closed forms."""

from decimal import Decimal
from math import exp, log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismlib.analyses.durations import (
    Fixed,
    Lognormal,
    LogT,
    Resampled,
    Triangular,
    Uniform,
    measured,
    stated,
)
from prismlib.errors import ParameterError


def at(distribution, *probabilities):
    return distribution.quantile(np.array(probabilities)).tolist()


def test_fixed():
    assert at(Fixed(Decimal("1.5")), 0.01, 0.99) == [1.5, 1.5]


def test_uniform():
    # A quarter of the way from 60 to 100 is 70.
    assert at(Uniform(60, 100), 0, 0.25, 1) == [60, 70, 100]


def test_triangular():
    # From 0 over 1 to 4: x²/4 lies below x up to the mode, and (4 - x)²/12 above x from there on.
    found = at(Triangular(0, 1, 4), 0, 1 / 16, 1 / 4, 11 / 12, 1)
    assert found == pytest.approx([0, 0.5, 1, 3, 4])


@pytest.mark.parametrize("mode", [10, 20])
def test_triangular_with_the_mode_at_an_end(mode):
    assert at(Triangular(10, mode, 20), 0, 1) == pytest.approx([10, 20])
    assert at(Triangular(mode, mode, mode), 0.5) == [mode]


def test_lognormal():
    # 95 of 100 within a factor of 2 of 180: 2.5 % lie below 90 and 2.5 % above 360.
    assert at(Lognormal(180, 2.0), 0.025, 0.5, 0.975) == pytest.approx([90, 180, 360])


def test_log_t():
    # Logs of 100 and 400 are m ± log 2 with m = log 200: s = sqrt(2) log 2. Student's t of one
    # degree is 1 at 75 %, so the quantile is 200 exp(sqrt(2) log 2 sqrt(3/2)) = 200 * 2^sqrt(3).
    assert at(LogT((100, 400)), 0.5, 0.75) == pytest.approx([200, 200 * 2 ** sqrt(3)])


def test_resampled():
    assert at(Resampled((3, 1, 2)), 0, 0.33, 0.34, 0.67, 1) == [1, 1, 2, 3, 3]


def test_stated():
    assert stated(180, spread=1.5) == Lognormal(180, 1.5)
    assert stated(180, spread=1) == Fixed(180)
    assert stated(0, spread=1.5) == Fixed(0)
    assert stated(120, 180, spread=1.5) == Uniform(120, 180)
    assert stated(120, 120, spread=1.5) == Lognormal(120, 1.5)
    assert stated(120, 180, 130, spread=1.5) == Triangular(120, 130, 180)


def test_measured_by_how_many():
    assert measured([180], spread=1.5) == Lognormal(180, 1.5)
    assert measured([180, 181, 182, 190], spread=1.5) == LogT((180, 181, 182, 190))
    assert measured([180, 0], spread=1.5) == Resampled((180, 0))
    twenty = tuple(range(100, 120))
    assert measured(twenty, spread=1.5) == Resampled(twenty)


def test_measured_twice_alike_is_not_certain():
    # Two equal drills do not show that recovery never varies.
    found = measured([200, 200], spread=1.5)
    assert (float(found.median_s), found.spread) == pytest.approx((200, 1.5))
    # Nor do four: drills timed to the minute.
    found = measured([200] * 4, spread=1.5)
    assert (float(found.median_s), found.spread) == pytest.approx((200, 1.5))


def test_measured_twice_far_apart():
    # Geometric mean 200; the logs' deviation sqrt(2) log 2 = 0.980; 1.95996 x 0.980 = 1.921.
    found = measured([100, 400], spread=1.5)
    assert float(found.median_s) == pytest.approx(200)
    assert found.spread == pytest.approx(exp(1.959964 * sqrt(2) * log(2)), rel=1e-6)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Uniform(2, 1), "rising order"),
        (lambda: Triangular(1, 3, 2), "rising order"),
        (lambda: Uniform(-1, 1), "0 or more"),
        (lambda: Fixed(Decimal("NaN")), "finite"),
        (lambda: Lognormal(0, 2.0), "more than 0"),
        (lambda: Lognormal(1, 0.5), "a factor from 1"),
        (lambda: Lognormal(1, float("nan")), "a factor from 1"),
        (lambda: LogT((1,)), "2 or more"),
        (lambda: LogT((1, 0)), "more than 0"),
        (lambda: Resampled(()), "1 or more"),
        (lambda: stated(1, 2, 3, spread=1.5), "rising order"),
        (lambda: measured([], spread=1.5), "1 or more"),
        (lambda: measured([1, -2], spread=1.5), "0 or more"),
    ],
)
def test_distributions_that_nothing_has(make, words):
    with pytest.raises(ParameterError, match=words):
        make()


@pytest.mark.parametrize(
    ("distribution", "words"),
    [
        (Fixed(30), "always 30 s"),
        (Uniform(120, 180), "120 to 180 s, each as likely (uniform)"),
        (Triangular(120, 130, 180), "120 to 180 s, most likely 130 s (triangular)"),
        (Lognormal(180, 1.5), "about 180 s, 95 % within a factor of 1.5 (lognormal)"),
        (LogT((100, 400)), "about 200 s with the spread of 2 drills (log-t)"),
        (Resampled((1, 2)), "one of the 2 measured, each as likely (resampled)"),
    ],
)
def test_words(distribution, words):
    assert distribution.words == words


@given(
    st.sampled_from(
        [
            Fixed(30),
            Uniform(120, 180),
            Triangular(120, 130, 180),
            Lognormal(180, 1.5),
            LogT((100, 110, 400)),
            Resampled((3, 1, 2)),
        ]
    ),
    st.floats(1e-9, 1 - 1e-9),
    st.floats(1e-9, 1 - 1e-9),
)
def test_quantiles_rise_with_their_probability(distribution, one, other):
    low, high = at(distribution, min(one, other), max(one, other))
    assert 0 <= low <= high < float("inf")
