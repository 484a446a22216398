from __future__ import annotations

from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismlib.analyses.zone_model import (
    Budget,
    CrossingState,
    ZoneTraffic,
    as_decimal,
    break_even_ratio,
    crossing_scenarios,
    crossing_thresholds,
    hint_effectiveness,
    hinted_crossing,
    percent_of,
    uniform_ratio,
)
from prismlib.errors import ParameterError

PRICE = D("0.01")


def traffic(ratio=D("0.05"), **changes):
    values = {"total_gb_per_s": D(1400), "zones": 3, "days": D(30)}
    return ZoneTraffic(
        **{**values, "usd_per_gb_out": PRICE, "usd_per_gb_in": PRICE, **changes},
        crossing_ratio=ratio,
    )


RATES = st.decimals(D("0.001"), D(5000), places=3)
SHARES = st.fractions(0, 1, max_denominator=10_000)
TRAFFICS = st.builds(
    traffic,
    SHARES,
    total_gb_per_s=RATES,
    zones=st.integers(2, 6),
    days=st.sampled_from([28, 31]).map(D),
)


def test_month_and_year_worked_by_hand():
    # 1,400 GB/s x 5 % = 70 GB/s; x 86,400 x 30 = 181,440,000 GB; x $0.01 = $1,814,400, twice that
    # both ends. A year: 70 x 86,400 x 365 = 2,207,520,000 GB.
    month = traffic()
    assert month.moved_gb == 181_440_000
    assert (month.one_end_cost, month.both_ends_cost) == (1_814_400, 3_628_800)
    assert (month.one_end_year_cost, month.yearly_cost) == (22_075_200, 44_150_400)


def test_month_of_730_hours_is_exact():
    # 70 GB/s x 3,600 x 730 = 183,960,000 GB.
    assert traffic(days=F(365, 12)).one_end_cost == 1_839_600


def test_failed_placement_worked_by_hand():
    # 1,400 x 0.67 = 938 GB/s x 86,400 x 365 x 0.01 = 295,807,680.
    assert traffic(D("0.67")).one_end_year_cost == 295_807_680
    # 1,400 x 2/3 x 2,592,000 = 2,419,200,000 GB: exact, though no decimal is two thirds.
    assert traffic(uniform_ratio(3)).one_end_cost == 24_192_000


def test_ends_may_have_different_prices():
    # 181,440,000 GB x 0.01 and x (0.01 + 0.005).
    uneven = traffic(usd_per_gb_in=D("0.005"))
    assert (uneven.one_end_cost, uneven.both_ends_cost) == (1_814_400, 2_721_600)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("total_gb_per_s", D(-1)),
        ("total_gb_per_s", D("NaN")),
        ("total_gb_per_s", D("Infinity")),
        ("crossing_ratio", D("1.01")),
        ("crossing_ratio", D("-0.01")),
        ("crossing_ratio", D("NaN")),
        ("crossing_ratio", F(4, 3)),
        ("zones", 0),
        ("zones", 2.5),
        ("zones", True),
        ("days", D(0)),
        ("days", D("NaN")),
        ("usd_per_gb_out", D("-0.01")),
        ("usd_per_gb_in", D("NaN")),
        ("currency", ""),
    ],
)
def test_impossible_values_are_refused_by_name(name, value):
    with pytest.raises(ParameterError) as caught:
        traffic(**{"ratio" if name == "crossing_ratio" else name: value})
    assert caught.value.name == name


def test_nothing_crosses_with_one_zone():
    with pytest.raises(ParameterError, match="nothing crosses with one zone"):
        traffic(D("0.05"), zones=1)
    assert traffic(D(0), zones=1).both_ends_cost == 0


@pytest.mark.parametrize(("zones", "share"), [(1, 0), (2, F(1, 2)), (3, F(2, 3)), (4, F(3, 4))])
def test_uniform_placement(zones, share):
    assert uniform_ratio(zones) == share


def test_effectiveness_of_hints_worked_by_hand():
    # 1 - 0.05 / (2/3) = 1 - 0.075 = 92.5 %.
    assert hint_effectiveness(D("0.05"), 3) == F(925, 1000)
    assert hinted_crossing(D("0.925"), 3) == F(5, 100)
    # 67 % is a rounded 2/3: 1 - 0.67 x 1.5 = -0.5 %.
    assert hint_effectiveness(D("0.67"), 3) == F(-5, 1000)
    assert hint_effectiveness(D(0), 1) is None


@pytest.mark.parametrize("effectiveness", [D("1.01"), D("-0.6")])
def test_hints_cannot_leave_less_than_nothing_or_more_than_all(effectiveness):
    # -0.6 would leave 1.6 x 2/3 = 106.7 %.
    with pytest.raises(ParameterError, match="effectiveness"):
        hinted_crossing(effectiveness, 3)


@given(SHARES, st.integers(2, 9))
def test_effectiveness_and_share_are_inverse(share, zones):
    assert hinted_crossing(hint_effectiveness(share, zones), zones) == share


@given(TRAFFICS, SHARES, SHARES)
def test_more_effective_hints_never_cost_more(case, one, other):
    low, high = sorted((one, other))
    costs = [case.at(hinted_crossing(e, case.zones)).both_ends_cost for e in (low, high)]
    assert costs[1] <= costs[0]


@given(TRAFFICS, st.integers(1, 10))
def test_cost_is_linear_in_the_share(case, parts):
    # Rounded at the 12th decimal, each: parts x half of the last one is the most they may differ.
    part = case.at(F(case.crossing_ratio) / parts)
    apart = abs(part.both_ends_cost * parts - case.both_ends_cost)
    assert apart <= D("1e-12") * (parts + 1) / 2


@given(TRAFFICS, st.decimals(D("0.01"), D(10**8), places=2))
def test_break_even_share_costs_what_is_allowed(case, allowed):
    ratio = break_even_ratio(case, allowed, case.price_both_ends)
    if ratio <= 1:
        assert case.at(ratio).both_ends_cost == allowed
    else:
        assert case.at(1).both_ends_cost < allowed


def test_scenarios_keep_their_order_and_source():
    frame = crossing_scenarios(
        traffic(),
        [CrossingState("Hints fail", D("0.67"), "runbook"), CrossingState("Ignored", F(2, 3))],
    )
    assert frame["scenario_name"].tolist() == ["Hints fail", "Ignored"]
    assert frame["source"].tolist() == ["runbook", ""]
    # 938 GB/s x 2,592,000 s; both ends twice 24,312,960; a year 2 x 295,807,680.
    first = frame.iloc[0]
    assert (first["crossing_pct"], first["moved_gb"]) == (67, 2_431_296_000)
    assert (first["one_end_cost"], first["both_ends_cost"]) == (24_312_960, 48_625_920)
    assert first["yearly_cost"] == 591_615_360
    assert round(frame["crossing_pct"].iloc[1], 6) == D("66.666667")


def thresholds(baseline=D(915_916), current=D(961_978), budgets=(), case=None, **tolerances):
    frame = crossing_thresholds(
        case or traffic(),
        baseline=baseline,
        current=current,
        tolerances_pct={name: D(value) for name, value in tolerances.items()},
        budgets=budgets,
    )
    return frame.set_index("threshold_name")


def test_thresholds_worked_by_hand():
    # 915,916 x 1.1 - 961,978 = 45,529.60. All of the traffic: 1,400 x 2,592,000 x 0.01 = 36,288,000
    # one end. 45,529.60 / 36,288,000 = 0.125467 %; 20 %: 137,121.20 / 36,288,000 = 0.377869 %.
    found = thresholds(ten=10, twenty=20)
    assert found["allowed_cost"].tolist() == [D("45529.60"), D("137121.20")]
    assert [round(v, 6) for v in found["one_end_crossing_pct"]] == [D("0.125467"), D("0.377869")]
    # Both ends: half of it.
    assert [round(v, 6) for v in found["both_ends_crossing_pct"]] == [D("0.062734"), D("0.188935")]
    assert found["note"].tolist() == ["", ""]


def test_budgets_for_the_whole_and_for_the_traffic_alone():
    # 1,000 / 36,288,000 and 1,000,000 - 961,978 = 38,022 / 36,288,000.
    found = thresholds(
        budgets=[Budget("allowance", D(1000), False), Budget("target", D(1_000_000), True)]
    )
    assert found["allowed_cost"].tolist() == [1000, 38_022]
    assert [round(v, 6) for v in found["one_end_crossing_pct"]] == [D("0.002756"), D("0.104778")]


def test_a_line_that_is_crossed_without_any_traffic():
    # 700,000 - 961,978 = -261,978.
    found = thresholds(budgets=[Budget("target", D(700_000), True)]).loc["target"]
    assert found["allowed_cost"] == -261_978
    assert (found["one_end_crossing_pct"], found["both_ends_crossing_pct"]) == (0, 0)
    assert found["note"] == "over the line by $261,978 without any traffic"


def test_a_line_that_is_never_crossed():
    # All of it costs 36,288,000 one end and 72,576,000 both ends.
    found = thresholds(
        budgets=[
            Budget("between", D(50_000_000), False),
            Budget("exact", D(72_576_000), False),
            Budget("above", D(72_576_001), False),
        ]
    )
    assert found["one_end_crossing_pct"].tolist() == [None, None, None]
    assert found["both_ends_crossing_pct"].tolist()[1:] == [100, None]
    assert found["note"].tolist()[0] == "never if one end is billed"
    assert found["note"].tolist()[2] == "never: not even all of the traffic would cross the line"


def test_nothing_left_below_a_line():
    found = thresholds(baseline=D(100), current=D(110), ten=10).loc["ten"]
    assert (found["allowed_cost"], found["both_ends_crossing_pct"]) == (0, 0)
    assert found["note"] == "nothing is left below the line"


def test_traffic_that_costs_nothing_never_crosses_a_line_but_may_start_above_it():
    found = thresholds(
        case=traffic(total_gb_per_s=D(0)),
        budgets=[Budget("below", D(-5), False), Budget("at", D(0), False)],
    )
    assert found["both_ends_crossing_pct"].tolist() == [0, None]


def test_lines_that_need_what_is_unknown_are_left_out():
    budgets = [Budget("whole", D(1), True), Budget("traffic", D(1), False)]
    assert thresholds(current=None, budgets=budgets, ten=10).index.tolist() == ["traffic"]
    assert thresholds(baseline=None, budgets=budgets, ten=10).index.tolist() == ["whole", "traffic"]


def test_numbers_are_written_without_needless_digits():
    assert str(as_decimal(F(24_192_000))) == "24192000"
    assert str(as_decimal(F(1, 8))) == "0.125"
    assert str(as_decimal(F(2, 3))) == "0.666666666667"
    assert str(percent_of(D("0.05"))) == "5"
