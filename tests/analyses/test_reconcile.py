from __future__ import annotations

from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from prismlib.analyses.reconcile import Part, reconcile_total
from prismlib.money import exact_sum


def parts(*amounts):
    return [Part(f"line {n}", D(str(a))) for n, a in enumerate(amounts)]


def names(explanation):
    return [part.name for part in explanation.lines]


def test_a_total_that_holds():
    found = reconcile_total(D(60), parts(10, 20, 30))
    assert found.residual == 0
    assert found.is_exact
    assert not found.lines


def test_a_line_left_out():
    found = reconcile_total(D(40), parts(10, 20, 30))
    assert (found.residual, names(found), found.unexplained) == (20, ["line 1"], 0)


def test_a_line_counted_twice():
    found = reconcile_total(D(90), parts(10, 20, 30))
    assert (found.residual, names(found), found.unexplained) == (-30, ["line 2"], 0)


def test_two_lines_left_out():
    # 100 + 7 + 40 + 3 = 150; 103 claimed leaves 47 = 7 + 40, and no single line is 47.
    found = reconcile_total(D(103), parts(100, 7, 40, 3))
    assert names(found) == ["line 1", "line 2"]


def test_one_close_line_is_named_rather_than_a_closer_pair():
    # Residual 17,367: one line is 17,200 (167 left); that line with the 7 comes closer (160 left)
    # but is no exact explanation either, so the single line stands.
    found = reconcile_total(D(82_640), parts(17_200, 7, 82_800))
    assert (found.residual, names(found), found.unexplained) == (17_367, ["line 0"], 167)
    assert not found.is_exact


def test_a_residual_that_no_line_is_near_stays_unexplained():
    found = reconcile_total(D(0), parts(1000, 1000, 1000, 1000, 1000))
    assert (found.residual, names(found), found.unexplained) == (5000, [], 5000)


def test_every_smallest_explanation_is_listed():
    found = reconcile_total(D(90), parts(10, 10, 80))
    assert [[p.name for p in group] for group in found.alternatives] == [["line 0"], ["line 1"]]
    assert found.combinations == 3


cents = st.integers(1, 10**8).map(lambda n: D(n) / 100)


@given(st.lists(cents, min_size=1, max_size=10), st.data())
def test_leaving_out_any_line_is_found_exactly(amounts, data):
    left_out = data.draw(st.integers(0, len(amounts) - 1))
    every = parts(*amounts)
    claimed = exact_sum(amounts) - amounts[left_out]
    found = reconcile_total(claimed, every)
    assert found.is_exact
    assert every[left_out] in [group[0] for group in found.alternatives]


@given(st.lists(cents, max_size=10), cents)
def test_lines_and_rest_are_the_residual(amounts, claimed):
    found = reconcile_total(claimed, parts(*amounts))
    sign = 1 if found.residual >= 0 else -1
    assert sign * exact_sum(p.amount for p in found.lines) + found.unexplained == found.residual
