"""Money is exact where it is summed and rounded once, the way invoices do."""

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismlib.money import (
    HOURS_PER_MONTH,
    cents,
    divide,
    exact_sum,
    percent_change,
    scale,
    sum_known,
)

AMOUNTS = st.decimals(
    min_value=Decimal("-1e15"), max_value=Decimal("1e15"), places=12, allow_nan=False
)


def as_fraction(values) -> Fraction:
    return sum((Fraction(value) for value in values), start=Fraction(0))


def test_exact_sum_of_tenths_of_a_cent():
    # Ten times 0.001 is 0.01; in binary floats it is 0.010000000000000002.
    assert exact_sum([Decimal("0.001")] * 10) == Decimal("0.01")


def test_exact_sum_keeps_a_small_amount_beside_a_large_one():
    # 30 digits: the default context of the decimal module keeps 28 and would lose the last.
    large, small = Decimal("123456789012345678"), Decimal("0.000000000001")
    assert str(exact_sum([large, small])) == "123456789012345678.000000000001"


def test_exact_sum_of_nothing_is_zero():
    assert exact_sum([]) == 0


@settings(deadline=None)
@given(st.lists(AMOUNTS, max_size=40), st.randoms(use_true_random=False))
def test_exact_sum_is_exact_in_any_order(values, shuffler: random.Random):
    expected = as_fraction(values)
    shuffled = list(values)
    shuffler.shuffle(shuffled)
    assert Fraction(exact_sum(values)) == Fraction(exact_sum(shuffled)) == expected


@settings(deadline=None)
@given(st.lists(AMOUNTS, max_size=30), st.integers(min_value=0, max_value=30))
def test_exact_sum_of_two_halves_is_the_whole(values, cut):
    halves = [exact_sum(values[:cut]), exact_sum(values[cut:])]
    assert exact_sum(halves) == exact_sum(values)


@pytest.mark.parametrize("missing", [None, "1.00", 0.1])
def test_exact_sum_refuses_what_is_not_an_exact_number(missing):
    """A missing amount is not zero, and a float has lost its cents already."""
    with pytest.raises(TypeError):
        exact_sum([Decimal(1), missing])


def test_sum_known_of_no_known_amount_is_unknown():
    assert sum_known([]) is None
    assert sum_known([None, None]) is None


def test_sum_known_skips_missing_but_keeps_zero():
    assert sum_known([None, Decimal(0)]) == 0
    assert sum_known([Decimal("1.10"), None, Decimal("2.20")]) == Decimal("3.30")


@pytest.mark.parametrize(
    ("numerator", "denominator"),
    [(None, Decimal(1)), (Decimal(1), None), (Decimal(1), Decimal(0)), (None, None)],
)
def test_divide_by_nothing_is_unknown(numerator, denominator):
    assert divide(numerator, denominator) is None


def test_divide_gives_the_memo_proxy_rate():
    # 124,100 a month / (1000 instances x 730 h) = 124100 / 730000 = 0.17 exactly.
    assert divide(Decimal(124100), 1000 * HOURS_PER_MONTH) == Decimal("0.17")


def test_hours_per_month_is_a_twelfth_of_a_year():
    assert HOURS_PER_MONTH * 12 == 365 * 24


def test_scale_rounds_once_at_the_twelfth_decimal():
    # 100 x 1 / 3 = 33.333...; 2 x 1 / 3 = 0.666...67 half away from zero.
    assert scale(Decimal(100), Decimal(1), Decimal(3)) == Decimal("33.333333333333")
    assert scale(Decimal(2), Decimal(1), Decimal(3)) == Decimal("0.666666666667")
    assert scale(Decimal(-2), Decimal(1), Decimal(3)) == Decimal("-0.666666666667")


def test_scale_multiplies_before_it_divides():
    # 31 days' cost over 30 days and back: 1/3 first would give 0.999999999999 x 3.
    assert scale(Decimal(1), Decimal(3), Decimal(3)) == 1
    assert scale(Decimal("310"), Decimal(30), Decimal(31)) == 300


@settings(deadline=None)
@given(AMOUNTS, st.integers(1, 31), st.integers(1, 31))
def test_scale_is_within_half_a_unit_of_the_last_decimal(amount, numerator, denominator):
    exact = Fraction(amount) * numerator / denominator
    scaled = scale(amount, Decimal(numerator), Decimal(denominator))
    assert abs(Fraction(scaled) - exact) <= Fraction(1, 2 * 10**12)


@pytest.mark.parametrize(
    ("current", "baseline", "expected"),
    [
        # EBS in the memo: (17200 - 16000) / 16000 = 1200 / 16000 = 7.5 %.
        (17200, 16000, "7.5"),
        (0, 16000, "-100"),  # a cost that ended
        (16000, 16000, "0"),
        # A credit that shrank from -200 to -100 is 100 more spend on a base of 200: +50 %.
        (-100, -200, "50"),
        (-300, -200, "-50"),
        # From a credit to a charge: (50 - -100) / 100 = +150 %.
        (50, -100, "150"),
    ],
)
def test_percent_change_is_positive_for_more_spend(current, baseline, expected):
    assert percent_change(Decimal(current), Decimal(baseline)) == Decimal(expected)


@pytest.mark.parametrize(
    ("current", "baseline"),
    [(Decimal(7), Decimal(0)), (Decimal(7), None), (None, Decimal(7)), (Decimal(0), Decimal(0))],
)
def test_percent_change_without_a_baseline_is_unknown(current, baseline):
    assert percent_change(current, baseline) is None


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("0.005", "0.01"),  # half goes away from zero
        ("-0.005", "-0.01"),
        ("2.675", "2.68"),  # a binary float holds 2.67499999... and gives 2.67
        ("0.015", "0.02"),
        ("0.025", "0.03"),  # half-even would give 0.02
        ("0.00499999", "0.00"),
        ("1234567890123456789012345678901.005", "1234567890123456789012345678901.01"),
    ],
)
def test_cents_rounds_half_away_from_zero(amount, rounded):
    assert str(cents(Decimal(amount))) == rounded


@settings(deadline=None)
@given(AMOUNTS)
def test_cents_changes_by_half_a_cent_at_most_and_only_once(amount):
    once = cents(amount)
    assert abs(once - amount) <= Decimal("0.005")
    assert cents(once) == once
    assert cents(-amount) == -once
