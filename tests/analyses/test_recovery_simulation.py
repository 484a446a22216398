"""Simulated recoveries against closed forms; tolerances are five standard errors or more."""

from dataclasses import replace
from decimal import Decimal
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismlib.analyses.durations import Fixed, Lognormal, Uniform
from prismlib.analyses.recovery_simulation import RandomStep, simulating
from prismlib.analyses.steps import finished
from prismlib.errors import ParameterError

ALONE = RandomStep("a", Uniform(0, 100))
DRAWS = 40_000
# Standard error of a share near 1/2 with 40,000 draws: sqrt(0.25 / 40,000) = 0.0025.
ERROR = 0.0025


def run(*steps, target_s=None, limit_s=None, **changes):
    given = {"seed": 7, "draws": DRAWS, **changes}
    return finished(simulating(steps, target_s=target_s, limit_s=limit_s, **given))


def test_one_uniform_step():
    # Median 50; 95 % between 2.5 and 97.5; within 80 with probability 0.8.
    result = run(ALONE, target_s=80, limit_s=90)
    ends = [float(end) for end in (result.low_s, result.median_s, result.high_s)]
    assert ends == pytest.approx([2.5, 50, 97.5], abs=1.3)
    assert float(result.within_target_ratio) == pytest.approx(0.8, abs=5 * ERROR)
    assert float(result.within_limit_ratio) == pytest.approx(0.9, abs=5 * ERROR)


def test_sum_of_two_uniforms():
    # Of two from 0 to 100 the sum is below 50 with probability 1/8, and below 100 with 1/2.
    result = run(ALONE, RandomStep("b", Uniform(0, 100), ("a",)), target_s=50, limit_s=100)
    assert float(result.within_target_ratio) == pytest.approx(1 / 8, abs=5 * ERROR)
    assert float(result.within_limit_ratio) == pytest.approx(1 / 2, abs=5 * ERROR)
    # Mean 100, variance 2 x 100²/12.
    assert np.mean(result.totals_s) == pytest.approx(100, abs=5 * sqrt(20000 / 12 / DRAWS))
    assert np.var(result.totals_s) == pytest.approx(20000 / 12, rel=0.05)


def test_sum_of_many_steps_adds_means_and_variances():
    steps = [RandomStep(f"s{n}", Uniform(0, 12), (f"s{n - 1}",) if n else ()) for n in range(10)]
    # Each: mean 6, variance 144/12 = 12. Ten: mean 60, variance 120.
    totals = run(*steps).totals_s
    assert np.mean(totals) == pytest.approx(60, abs=5 * sqrt(120 / DRAWS))
    assert np.var(totals) == pytest.approx(120, rel=0.05)


def test_longer_of_two_uniforms():
    # Both from T+0: below x with probability (x/100)²; median 100/sqrt(2) = 70.71.
    result = run(ALONE, RandomStep("b", Uniform(0, 100)), target_s=50)
    assert float(result.within_target_ratio) == pytest.approx(1 / 4, abs=5 * ERROR)
    assert float(result.median_s) == pytest.approx(70.71, abs=1)
    # Each gates one half of the recoveries.
    assert [float(step.critical_ratio) for step in result.steps] == pytest.approx(
        [0.5, 0.5], abs=5 * ERROR
    )


def test_steps_that_are_slow_together():
    # Sum of two equal uniforms is one from 0 to 200: below 50 with probability 1/4, not 1/8.
    result = run(ALONE, RandomStep("b", Uniform(0, 100), ("a",)), target_s=50, correlation=1)
    assert float(result.within_target_ratio) == pytest.approx(1 / 4, abs=5 * ERROR)


def test_correlation_is_a_share_of_the_variance():
    # Logs of the two are normal: Var(x + y) = 2 s² (1 + r) with s = log(spread)/1.96.
    a, b = (RandomStep(name, Lognormal(100, 1.05)) for name in "ab")
    result = run(a, replace(b, depends_on=("a",)), correlation=0.5)
    s = 100 * np.log(1.05) / 1.959964
    assert np.std(result.totals_s) == pytest.approx(s * sqrt(3), rel=0.03)


def test_fixed_steps_meet_a_target_that_they_equal():
    # Ten tenths of a second are a second, though binary tenths are not.
    steps = [
        RandomStep(f"s{n}", Fixed(Decimal("0.1")), (f"s{n - 1}",) if n else ()) for n in range(10)
    ]
    result = run(*steps, target_s=1, limit_s=Decimal("0.99"))
    assert (result.low_s, result.median_s, result.high_s) == (1, 1, 1)
    assert (result.within_target_ratio, result.within_limit_ratio) == (1, 0)
    assert all(step.critical_ratio == 1 for step in result.steps)
    assert result.ratio_error == 0


def test_step_off_the_path_gates_nothing():
    result = run(RandomStep("postgres", Uniform(60, 90)), RandomStep("redis", Uniform(150, 210)))
    assert [step.critical_ratio for step in result.steps] == [0, 1]
    assert result.steps[0].words == "60 to 90 s, each as likely (uniform)"


def test_no_target_is_no_share():
    result = run(ALONE)
    assert (result.within_target_ratio, result.within_limit_ratio) == (None, None)
    assert result.ratio_error == 0


def test_standard_error_of_a_share():
    # p = 1/2: sqrt(0.25/40,000) = 0.0025
    assert run(ALONE, target_s=50).ratio_error == Decimal("0.00250")


def test_same_seed_same_figures():
    assert run(ALONE, target_s=80) == run(ALONE, target_s=80)
    assert run(ALONE).median_s != run(ALONE, seed=8).median_s


def test_order_of_the_steps_does_not_matter_to_what_waits():
    late = RandomStep("b", Fixed(1), ("a",))
    assert run(late, RandomStep("a", Fixed(2))).median_s == 3


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"draws": 99}, "100 to"),
        ({"correlation": 1.1}, "a share"),
        ({"confidence_pct": Decimal(49)}, "50 to 99.9"),
        ({"confidence_pct": Decimal("NaN")}, "50 to 99.9"),
        ({"target_s": -1}, "0 or more"),
        ({"limit_s": Decimal("Inf")}, "finite"),
    ],
)
def test_parameters_out_of_range(change, words):
    with pytest.raises(ParameterError, match=words):
        run(ALONE, **change)


def test_steps_that_cannot_be_put_in_order():
    with pytest.raises(ParameterError, match="none waits for itself"):
        run(replace(ALONE, depends_on=("a",)))
    with pytest.raises(ParameterError, match="each step id once"):
        run(ALONE, ALONE)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=5),
    st.data(),
)
def test_lengthening_a_step_lengthens_no_recovery_less_than_before(ranges, data):
    steps = [
        RandomStep(
            f"s{n}",
            Uniform(low, low + width),
            (f"s{data.draw(st.integers(0, n - 1))}",) if n else (),
        )
        for n, (low, width) in enumerate(ranges)
    ]
    which = data.draw(st.sampled_from(range(len(steps))))
    step = steps[which].distribution
    longer = replace(steps[which], distribution=Uniform(step.low_s + 5, step.high_s + 5))
    before = run(*steps, draws=200).totals_s
    after = run(*steps[:which], longer, *steps[which + 1 :], draws=200).totals_s
    assert (after >= before).all()
    assert (after <= before + 5 + 1e-9).all()
