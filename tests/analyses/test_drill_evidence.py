"""What drills show, against figures worked out by hand."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismlib.analyses.drill_evidence import (
    drill_evidence,
    drills_needed,
    latest_against_earlier,
    median_drills,
    success_low_ratio,
    trend,
    trend_drills,
)
from prismlib.errors import ParameterError


def test_one_drill_within_its_target():
    found = drill_evidence([480], target_s=480, limit_s=600)
    assert (found.drills, found.shortest_s, found.longest_s) == (1, 480, 480)
    # 0.05^(1/1)
    assert found.target.low_ratio == Decimal("0.05")
    assert (found.target.met, found.target.drills, found.target.bound_s) == (1, 1, 480)
    assert found.limit.low_ratio == Decimal("0.05")
    # One drill says nothing of the median; the next is as likely longer as shorter.
    assert (found.median_low_s, found.median_high_s) == (None, None)
    assert found.median_drills == 6
    assert found.next_longer_ratio == Fraction(1, 2)


def test_one_drill_over_its_target():
    found = drill_evidence([510], target_s=480, limit_s=600)
    assert (found.target.met, found.target.low_ratio) == (0, 0)
    assert found.limit.met == 1


def test_no_target():
    found = drill_evidence([510], target_s=None, limit_s=None)
    assert (found.target, found.limit) == (None, None)


@pytest.mark.parametrize(
    ("met", "drills", "confidence", "low"),
    [
        (1, 1, 95, "0.05"),
        # 0.05^(1/2) = 0.223607; 0.05^(1/3) = 0.368403
        (2, 2, 95, "0.223607"),
        (3, 3, 95, "0.368403"),
        # 0.1^(1/2) = 0.316228
        (2, 2, 90, "0.316228"),
        # At least one of two: 1 - (1 - p)² = 0.05, so p = 1 - sqrt(0.95) = 0.025321
        (1, 2, 95, "0.025321"),
        (0, 5, 95, "0"),
    ],
)
def test_lower_bound_of_success(met, drills, confidence, low):
    assert success_low_ratio(met, drills, Decimal(confidence)) == Decimal(low)


@pytest.mark.parametrize(
    ("probability", "confidence", "drills"),
    [
        # ln 0.05 / ln 0.95 = 58.4; ln 0.05 / ln 0.9 = 28.4; 0.5^5 = 0.03 and 0.5^4 = 0.06
        ("0.95", "95", 59),
        ("0.9", "95", 29),
        ("0.5", "95", 5),
        # Exactly: 0.1^1 = 1 - 0.9, and 0.5^1 = 1 - 0.5
        ("0.1", "90", 1),
        ("0.5", "50", 1),
        ("0.01", "95", 1),
    ],
)
def test_drills_needed(probability, confidence, drills):
    assert drills_needed(Decimal(probability), Decimal(confidence)) == drills


@given(st.decimals("0.01", "0.99", places=2), st.sampled_from([50, 80, 90, 95, 99]))
def test_drills_needed_is_the_least(probability, confidence):
    count = drills_needed(probability, Decimal(confidence))
    missed = 1 - Fraction(confidence, 100)
    assert Fraction(probability) ** count <= missed
    assert count == 1 or Fraction(probability) ** (count - 1) > missed


def test_median_interval():
    # n = 6: outside the range with 2/64 = 3.1 %, so the range it is.
    found = drill_evidence([6, 5, 4, 3, 2, 1], target_s=None, limit_s=None)
    assert (found.median_low_s, found.median_high_s) == (1, 6)
    # n = 9: 2/512 + 2 x 9/512 = 3.9 % outside the second to the eighth; the third would add
    # 2 x 36/512 = 14 %.
    found = drill_evidence(list(range(1, 10)), target_s=None, limit_s=None)
    assert (found.median_low_s, found.median_high_s) == (2, 8)
    # n = 5: 2/32 = 6.3 % is too much.
    assert drill_evidence([1, 2, 3, 4, 5], target_s=None, limit_s=None).median_low_s is None


def test_median_drills():
    # 2/2^n <= 0.05: 2/64; <= 0.5: 2/4; <= 0.01: 2/256
    assert [median_drills(Decimal(c)) for c in (95, 50, 99)] == [6, 2, 8]


def days(*numbers):
    return [date(2025, 1, 1) + timedelta(days=number) for number in numbers]


def test_trend_of_a_straight_line():
    # 10 s more every 15 days are 20 s in 30; every pair has the same slope.
    found = trend(days(0, 15, 30, 45, 60), [480, 490, 500, 510, 520])
    assert (found.slope_s, found.low_s, found.high_s) == (20, 20, 20)
    assert (found.direction, found.drills) == ("slower", 5)


def test_trend_is_not_bent_by_one_drill():
    # Slopes of pairs without the odd one are -20; it has too few pairs to move the median.
    found = trend(days(0, 30, 60, 90, 120), [600, 580, 5000, 540, 520])
    assert found.slope_s == -20


def test_trend_not_shown():
    # Slopes of neighbours are 30, -30, 30, -30: on both sides of 0.
    found = trend(days(0, 30, 60, 90, 120), [480, 510, 480, 510, 480])
    assert found.direction == "not shown"
    assert found.low_s < 0 < found.high_s


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ((0, 30, 60, 90), "4 drills, 5 needed"),
        ((), "0 drills, 5 needed"),
        ((5, 5, 5, 5, 5), "too many of its drills are of one day"),
    ],
)
def test_trend_unknown(when, words):
    found = trend(days(*when), [480] * len(when))
    assert (found.direction, found.slope_s, found.reason) == ("unknown", None, words)


@pytest.mark.parametrize(
    ("confidence", "drills"),
    # All slopes lie on one side in 2 of n!: 2/24 = 8.3 %, 2/120 = 1.7 %, 2/720 = 0.28 %.
    [(90, 4), (95, 5), (98, 5), (99, 6)],
)
def test_how_many_drills_a_trend_takes(confidence, drills):
    assert trend_drills(Decimal(confidence)) == drills


def test_the_interval_of_a_trend_leaves_out_slopes_by_their_exact_chance():
    """Durations 0, 1, 4, 9, 16 and 25 of six months: slopes i + j: 1 2 3 3 4 4 5 5 5 6 6 7 7 8 9.

    Of 720 orders 1, 5 and 14 have 0, 1 and 2 pairs that fall. With one slope left out on each side
    the interval misses in 2 (1 + 5) / 720 = 1.7 %, with two in 2 (1 + 5 + 14) / 720 = 5.6 %. So one
    is left out, and 2 to 8 hold the slope; the median is 5.
    """
    found = trend(days(*range(0, 180, 30)), [n * n for n in range(6)])
    assert (found.slope_s, found.low_s, found.high_s) == (5, 2, 8)


def test_latest_against_earlier():
    found = latest_against_earlier([480, 500, 510, 560])
    assert (found.latest_s, found.earlier, found.earlier_median_s) == (560, 3, 500)
    assert (found.earlier_longest_s, found.is_longest) == (510, True)
    # Without any change one in four times the last of four is the longest.
    assert found.chance_ratio == Fraction(1, 4)
    assert latest_against_earlier([480, 480]).is_longest is False


def test_latest_alone():
    found = latest_against_earlier([480])
    assert (found.earlier, found.is_longest, found.chance_ratio) == (0, None, None)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: drill_evidence([], target_s=1, limit_s=1), "one drill or more"),
        (lambda: drill_evidence([-1], target_s=1, limit_s=1), "0 or more"),
        (lambda: latest_against_earlier([]), "one drill or more"),
        (lambda: trend(days(0), []), "one for each drill"),
        (lambda: success_low_ratio(3, 2), "0 to 2 drills"),
        (lambda: success_low_ratio(0, 0), "of one or more"),
        (lambda: drills_needed(Decimal(1)), "less than 1"),
        (lambda: median_drills(Decimal(100)), "50 to 99.9"),
    ],
)
def test_what_cannot_be_asked(call, words):
    with pytest.raises(ParameterError, match=words):
        call()
