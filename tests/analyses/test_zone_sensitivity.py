from __future__ import annotations

from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismlib.analyses.zone_model import ZoneTraffic
from prismlib.analyses.zone_sensitivity import (
    DAYS,
    ENDS,
    INPUTS,
    PRICE,
    PRICE_MONTH,
    RATE,
    SHARE,
    UNITS,
    ZONES,
    SensitivityRanges,
    crossing_sensitivity,
    reproduce,
)

CENT = D("0.01")
MEMO = ZoneTraffic(D(1400), D("0.05"), 3, D(30), CENT, CENT)
SHARES = {"stated": D("0.05"), "failed": D("0.67"), "uniform": F(2, 3)}
ALL = SensitivityRanges(
    total_gb_per_s=(D(86), D(1400)),
    usd_per_gb_moved=(CENT, D("0.02")),
    zones=(2, 4),
    crossing_ratio=(D("0.01"), D("0.67")),
)


def rows(ranges, traffic=MEMO):
    return crossing_sensitivity(traffic, ranges).set_index("input_name")


@pytest.mark.parametrize(
    ("name", "values", "costs"),
    [
        # 86 x 0.05 x 2,592,000 x 0.02 = 222,912.
        (RATE, (86, 1400, 1400), (222_912, 3_628_800, 3_628_800)),
        # 14 GB/s: a fifth of 3,628,800; 938 GB/s: 13.4 times.
        (SHARE, (1, 5, 67), (725_760, 3_628_800, 48_625_920)),
        # Hints avoid 92.5 %: 0.075 x 1/2 = 3.75 % and 0.075 x 3/4 = 5.625 % cross.
        (ZONES, (2, 3, 4), (2_721_600, 3_628_800, 4_082_400)),
        # 120,960 a day.
        (DAYS, (28, 30, 31), (3_386_880, 3_628_800, 3_749_760)),
        (ENDS, (1, 2, 2), (1_814_400, 3_628_800, 3_628_800)),
        (PRICE, (CENT, D("0.02"), D("0.02")), (1_814_400, 3_628_800, 3_628_800)),
    ],
)
def test_each_input_alone_worked_by_hand(name, values, costs):
    row = rows(ALL).loc[name]
    assert (row["low_value"], row["taken_value"], row["high_value"]) == values
    assert (row["low_cost"], row["taken_cost"], row["high_cost"]) == costs


def test_month_of_730_hours_is_exact():
    # 70 GB/s x 3,600 x 730 x 0.02 = 3,679,200.
    row = rows(ALL).loc[PRICE_MONTH]
    assert (row["low_cost"], row["high_cost"]) == (3_628_800, 3_679_200)
    assert round(row["high_value"], 4) == D("30.4167")


def test_a_shorter_price_month_is_the_low_end():
    row = rows(ALL, ZoneTraffic(D(1400), D("0.05"), 3, D(31), CENT, CENT)).loc[PRICE_MONTH]
    assert (row["low_cost"], row["high_cost"]) == (3_679_200, 3_749_760)


def test_a_bill_in_gib_counts_fewer_units():
    # 3,628,800 x 10^9 / 2^30 = 3,628,800 / 1.073741824 = 3,379,583.36; reversed, 3,896,394.33.
    row = rows(ALL).loc[UNITS]
    assert (row["low_value"], row["high_value"]) == (10**9, 2**30)
    assert round(row["high_cost"], 2) == D("3379583.36")
    assert row["low_cost"] == row["taken_cost"] == 3_628_800
    assert row["note"].endswith("bill in GB it is $3,896,394")


def test_order_and_what_has_no_range_is_not_varied():
    assert list(rows(ALL).index) == list(INPUTS)
    found = rows(SensitivityRanges())
    assert list(found.index) == [SHARE, DAYS, PRICE_MONTH, ENDS, UNITS]
    # From nothing to two thirds: 1,400 x 2/3 x 2,592,000 x 0.02.
    assert (found.loc[SHARE, "low_cost"], found.loc[SHARE, "high_cost"]) == (0, 48_384_000)


def test_a_range_that_leaves_out_the_taken_value_is_widened():
    row = rows(SensitivityRanges(total_gb_per_s=(D(86), D(150)))).loc[RATE]
    assert (row["low_value"], row["taken_value"], row["high_value"]) == (86, 1400, 1400)


def test_zones_are_varied_from_one_zone_and_never_above_all_of_the_traffic():
    alone = ZoneTraffic(D(1400), D(0), 1, D(30), CENT, CENT)
    # Without a hint to be seen, 1/2 crosses with two zones: 700 x 2,592,000 x 0.02.
    assert rows(SensitivityRanges(zones=(1, 2)), alone).loc[ZONES, "high_cost"] == 36_288_000
    everything = ZoneTraffic(D(1400), D(1), 3, D(30), CENT, CENT)
    assert rows(SensitivityRanges(zones=(3, 4)), everything).loc[ZONES, "high_cost"] == 72_576_000


@given(
    st.fractions(0, 1, max_denominator=1000),
    st.tuples(*[st.decimals(D(0), D(3000), places=2)] * 2),
    st.tuples(*[st.integers(1, 6)] * 2),
)
def test_taken_lies_inside_and_is_the_same_everywhere(share, rates, zones):
    case = ZoneTraffic(D(1400), share, 3, D(30), CENT, CENT)
    frame = crossing_sensitivity(case, SensitivityRanges(total_gb_per_s=rates, zones=zones))
    assert set(frame["taken_cost"]) == {case.both_ends_cost}
    for low, taken, high in zip(
        frame["low_value"], frame["taken_value"], frame["high_value"], strict=True
    ):
        assert low <= taken <= high


@pytest.mark.parametrize(("claimed", "share"), [(18, D("4.08")), (365, D("82.7"))])
def test_the_runbook_figures_come_from_no_combination(claimed, share):
    # All of the traffic: 1,400 x 86,400 x 365 x 0.01 = 441,504,000 one end.
    # 18 / 441.504 = 4.077 %, 365 / 441.504 = 82.672 %; both ends half of that.
    found = reproduce(D(claimed * 10**6), -6, MEMO, SHARES, is_yearly=True)
    assert found.matches == ()
    # 3 shares x 2 ends x 2 lengths of a year x 3 units.
    assert found.tried == 36
    decimals = -share.as_tuple().exponent
    assert round(found.one_end_ratio * 100, decimals) == F(share)
    assert found.both_ends_ratio == found.one_end_ratio / 2


def test_the_nearest_combination_is_named():
    # 70 GB/s x 86,400 x 360 x 0.01 = 21,772,800; / 1.073741824 = 20,277,500.15: the least of all.
    nearest = reproduce(D(18_000_000), -6, MEMO, SHARES, is_yearly=True).nearest
    assert (nearest.share_name, nearest.ends) == ("stated", 1)
    assert (nearest.time_name, nearest.unit_name) == (
        "12 months of 30 days",
        "rate in GB, bill in GiB",
    )
    assert round(nearest.cost, 2) == D("20277500.15")


def test_a_monthly_claim_is_reproduced_to_its_printed_digits():
    # $1.81M: 1,814,400 is within 5,000 of it; 1,839,600 (730 h) is not.
    (match,) = reproduce(D(1_810_000), -4, MEMO, SHARES, is_yearly=False).matches
    assert (match.share_name, match.ends, match.time_name, match.unit_name) == (
        "stated",
        1,
        "30 days",
        "GB",
    )
    assert reproduce(D(1_810_000), None, MEMO, SHARES, is_yearly=False).matches == ()
    # 1,814,400 would print as 1.81M, not 1.82M: a last digit apart is no match.
    assert reproduce(D(1_820_000), -4, MEMO, SHARES, is_yearly=False).matches == ()
    exact = reproduce(D(1_839_600), None, MEMO, SHARES, is_yearly=False).matches
    assert [reading.time_name for reading in exact] == ["730 hours"]


def test_equal_lengths_of_time_are_tried_once():
    case = ZoneTraffic(D(1400), D("0.05"), 3, F(365, 12), CENT, CENT)
    assert reproduce(D(1), None, case, {"stated": D("0.05")}, is_yearly=True).tried == 6
    assert reproduce(D(1), None, case, {"stated": D("0.05")}, is_yearly=False).tried == 6


def test_a_claim_that_no_share_could_cost():
    # All of it, both ends, is 883,008,000 a year.
    found = reproduce(D(900_000_000), -6, MEMO, SHARES, is_yearly=True)
    assert (found.one_end_ratio, found.both_ends_ratio) == (None, None)
    half = reproduce(D(500_000_000), -6, MEMO, {}, is_yearly=True)
    assert (half.one_end_ratio, half.nearest, half.tried) == (None, None, 0)
    assert half.both_ends_ratio == F(500_000_000, 883_008_000)


@given(st.fractions(0, 1, max_denominator=1000))
def test_the_share_that_gives_a_claim_gives_it(share):
    claimed = MEMO.at(share).yearly_cost
    found = reproduce(claimed, None, MEMO, {"given": share}, is_yearly=True)
    assert abs(MEMO.at(found.both_ends_ratio).yearly_cost - claimed) <= D("1e-12")
    assert any(reading.ends == 2 and reading.unit_name == "GB" for reading in found.matches)
