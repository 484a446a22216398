"""The decomposition, worked by hand and held by properties."""

from __future__ import annotations

from decimal import Decimal as D

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismlib.analyses.decomposition import decompose_cost_variance
from prismlib.errors import CurrencyError
from prismlib.money import exact_sum
from prismlib.result_tables.cost_variance import COST_LINE, EFFECTS
from prismlib.tables import empty, make


def line(component, cost, quantity=None, *, name="", unit="hours", days=None, kind="usage"):
    return {
        "component": component,
        "line_name": name,
        "charge_kind": kind,
        "cost": D(str(cost)),
        "usage_quantity": None if quantity is None else D(str(quantity)),
        "usage_unit": unit if quantity is not None else "",
        "period_days": None if days is None else D(days),
        "billing_currency": "USD",
    }


def effects_of(baseline, current):
    variance = decompose_cost_variance(make(COST_LINE, baseline), make(COST_LINE, current))
    return {
        (row.component, row.line_name): {n: getattr(row, n) for n in EFFECTS if getattr(row, n)}
        for row in variance.itertuples()
    }


def test_quantity_and_price_of_a_lone_line():
    # 100 h at 2 -> 120 h at 3. Quantity: 20 x 2 = 40. Price at the current quantity: 1 x 120 = 120.
    found = effects_of([line("a", 200, 100)], [line("a", 360, 120)])
    assert found == {("a", ""): {"quantity_effect": D(40), "price_effect": D(120)}}


def test_mix_moves_use_between_lines_of_a_component():
    # 100 small at 1 and 100 large at 4 (500) -> 50 small and 250 large, same prices (1050).
    # Volume 200 -> 300: every line x 1.5: small +50, large +200. Mix: small 50 - 150 = -100,
    # large 1000 - 600 = +400. Sum 50 + 200 - 100 + 400 = 550 = 1050 - 500.
    found = effects_of(
        [line("fleet", 100, 100, name="small"), line("fleet", 400, 100, name="large")],
        [line("fleet", 50, 50, name="small"), line("fleet", 1000, 250, name="large")],
    )
    assert found[("fleet", "small")] == {"quantity_effect": D(50), "mix_effect": D(-100)}
    assert found[("fleet", "large")] == {"quantity_effect": D(200), "mix_effect": D(400)}


def test_calendar_is_taken_off_before_quantity():
    # 720 h in 30 days at 1 -> 744 h in 31 days at 1: all 24 are the longer month.
    found = effects_of([line("a", 720, 720, days=30)], [line("a", 744, 744, days=31)])
    assert found == {("a", ""): {"calendar_effect": D(24)}}


def test_calendar_with_a_fleet_that_did_not_follow_the_month():
    # 300 in 30 days -> the same 300 h in 31: the month adds 10, the fleet takes 10 away.
    found = effects_of([line("a", 300, 300, days=30)], [line("a", 300, 300, days=31)])
    assert found == {("a", ""): {"calendar_effect": D(10), "quantity_effect": D(-10)}}


def test_calendar_leaves_units_that_are_months_alone():
    found = effects_of(
        [line("s3", 230, 10_000, unit="GB-Mo", days=30)],
        [line("s3", 230, 10_000, unit="GB-Mo", days=31)],
    )
    assert found == {("s3", ""): {}}


def test_new_and_retired_lines_go_whole():
    found = effects_of([line("old", 70)], [line("fresh", 50)])
    assert found == {("old", ""): {"retired_effect": D(-70)}, ("fresh", ""): {"new_effect": D(50)}}


def test_tax_and_credits_have_their_own_effects():
    found = effects_of(
        [line("Tax", 10, kind="tax"), line("Credits", -5, kind="credit")],
        [line("Tax", 13, kind="tax"), line("Credits", -1, kind="credit")],
    )
    assert found == {("Tax", ""): {"tax_effect": D(3)}, ("Credits", ""): {"credit_effect": D(4)}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (line("a", 100), line("a", 130, 10)),
        (line("a", 100, 10, unit="hours"), line("a", 130, 10, unit="GB")),
        (line("a", 100, 0), line("a", 130, 10)),
    ],
    ids=["no quantity before", "another unit", "zero quantity before"],
)
def test_a_line_that_cannot_be_split_says_so(before, after):
    variance = decompose_cost_variance(make(COST_LINE, [before]), make(COST_LINE, [after]))
    row = variance.iloc[0]
    assert row["unsplit_effect"] == 30
    assert "not split" in row["note"]


def test_rounding_never_leaves_dust():
    # 10/3 of a unit price cannot be written down; unchanged lines must still show no effect.
    baseline = [line("a", 10, 3, name="x"), line("a", 20, 7, name="y")]
    current = [line("a", 20, 6, name="x"), line("a", 40, 14, name="y")]
    found = effects_of(baseline, current)
    assert found == {("a", "x"): {"quantity_effect": D(10)}, ("a", "y"): {"quantity_effect": D(20)}}


def test_nothing_against_nothing_is_an_empty_table():
    assert decompose_cost_variance(empty(COST_LINE), empty(COST_LINE)).empty


def test_two_currencies_are_refused():
    euros = make(COST_LINE, [{**line("a", 1), "billing_currency": "EUR"}])
    with pytest.raises(CurrencyError, match="EUR, USD"):
        decompose_cost_variance(make(COST_LINE, [line("a", 1)]), euros)


amounts = st.decimals(-(10**7), 10**7, places=6, allow_nan=False, allow_infinity=False)
quantities = st.none() | st.decimals(0, 10**6, places=3, allow_nan=False)


@st.composite
def sides(draw):
    """Lines of a few components, with or without quantities, in one period."""
    keys = st.tuples(
        st.sampled_from("abc"), st.sampled_from("xyz"), st.sampled_from(["usage", "tax", "credit"])
    )
    days = draw(st.sampled_from([None, 28, 30, 31]))
    return [
        line(c, draw(amounts), draw(quantities), name=n, kind=k, days=days)
        for c, n, k in draw(st.lists(keys, unique=True, max_size=8))
    ]


@given(sides(), sides())
def test_every_row_and_the_total_close(baseline, current):
    variance = decompose_cost_variance(make(COST_LINE, baseline), make(COST_LINE, current))
    for row in variance.itertuples():
        assert exact_sum(getattr(row, name) for name in EFFECTS) == row.cost_change
        assert row.cost_change == (row.current_cost or 0) - (row.baseline_cost or 0)
    whole = exact_sum(r["cost"] for r in current) - exact_sum(r["cost"] for r in baseline)
    assert exact_sum(variance["cost_change"]) == whole
    assert exact_sum(v for n in EFFECTS for v in variance[n]) == whole


@given(sides(), sides(), st.randoms())
def test_order_of_rows_changes_nothing(baseline, current, random):
    one = decompose_cost_variance(make(COST_LINE, baseline), make(COST_LINE, current))
    random.shuffle(baseline)
    random.shuffle(current)
    other = decompose_cost_variance(make(COST_LINE, baseline), make(COST_LINE, current))
    pd.testing.assert_frame_equal(one, other)


@given(sides(), sides())
def test_names_of_components_change_nothing(baseline, current):
    one = effects_of(baseline, current)
    renamed = [[{**r, "component": r["component"] + "!"} for r in s] for s in (baseline, current)]
    other = effects_of(*renamed)
    assert {(c + "!", n): e for (c, n), e in one.items()} == other
