"""The timeline by hand, with cents; what adds up and what may move held by properties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismlib.analyses.migration_schedule import (
    BINDING,
    MOVABLE,
    MigrationPlan,
    add_months,
    migration_schedule,
)
from prismlib.analyses.migration_timeline import PREPARATION, migration_timeline
from prismlib.errors import CurrencyError, ParameterError
from prismlib.money import cents, exact_sum
from prismlib.result_tables.graviton import MIGRATION_COSTS, MIGRATION_EFFORT, MIGRATION_LINE
from prismlib.tables import empty, make, records

NO_EFFORT = empty(MIGRATION_EFFORT)
PLAN = MigrationPlan(
    start=date(2026, 1, 1),
    horizon_months=24,
    share_per_month=D(1),
    parallel_days=0,
    test_cost_per_line=D(0),
    yearly_rate_pct=D(0),
)


def line(name, saving, commitment="on demand", end=None, *, rate=None, target=0):
    return {
        "line_name": name,
        "commitment": commitment,
        "commitment_end": end,
        "commitment_usd_per_hour": None if rate is None else D(str(rate)),
        "monthly_saving": None if saving is None else D(str(saving)),
        "target_monthly_cost": None if target is None else D(str(target)),
        "billing_currency": "USD",
    }


def timeline(lines, plan=PLAN, efforts=NO_EFFORT):
    return migration_timeline(make(MIGRATION_LINE, lines), efforts, plan)


def by_month(months, name):
    """The figures of one column in cents, as text."""
    return [str(cents(value)) for value in months[name]]


def of_line(found, name):
    months = found.line_months
    return months[months["line_name"] == name]


# --- when -----------------------------------------------------------------------------------------


def test_a_fleet_wholly_under_standard_ris_saves_nothing_for_fourteen_months():
    end = date(2027, 3, 1)  # 14 months after 2026-01-01
    found = timeline(
        [line("a", "131176.16", "standard RI", end), line("b", "0.05", "standard RI", end)]
    )
    # Ten months are left of the 24: 10 x (131,176.16 + 0.05) = 1,311,762.10.
    assert by_month(found.months, "saving") == ["0.00"] * 14 + ["131176.21"] * 10
    assert found.net_saving == D("1311762.10")
    assert found.payback_month == end


@pytest.mark.parametrize(
    ("commitment", "move_start"),
    [
        ("on demand", date(2026, 1, 1)),
        ("compute savings plan", date(2026, 1, 1)),
        ("convertible RI", date(2026, 1, 1)),
        ("standard RI", date(2026, 9, 17)),
        ("EC2 instance savings plan", date(2026, 9, 17)),
    ],
)
def test_first_free_day_of_each_commitment(commitment, move_start):
    lines = make(MIGRATION_LINE, [line("a", 1, commitment, date(2026, 9, 17))])
    assert migration_schedule(lines, PLAN)["move_start"].tolist() == [move_start]


def test_a_commitment_that_has_ended_holds_nothing():
    lines = make(MIGRATION_LINE, [line("a", 1, "standard RI", date(2025, 12, 31), rate=2)])
    (row,) = records(migration_schedule(lines, PLAN))
    assert (row["move_start"], row["remaining_commitment_cost"]) == (PLAN.start, 0)


def test_a_commitment_that_ends_within_a_month_saves_by_its_days():
    # Free from 17 September: 14 of 30 days. 300 x 14 / 30 = 140.
    found = timeline([line("a", 300, "standard RI", date(2026, 9, 17))])
    assert by_month(found.months, "saving") == ["0.00"] * 8 + ["140.00"] + ["300.00"] * 15


def test_horizon_cuts_the_first_and_the_last_month():
    # 16 January to 15 March: 16 of 31 days, February, 15 of 31. 310 x 16 / 31 = 160, 310 x 15 / 31
    # = 150; together 160 + 310 + 150 = 620 = two months.
    plan = replace(PLAN, start=date(2026, 1, 16), horizon_months=2)
    found = timeline([line("a", 310)], plan)
    assert by_month(found.months, "saving") == ["160.00", "310.00", "150.00"]
    assert found.months["month_start"].tolist() == [
        date(2026, 1, 16),
        date(2026, 2, 1),
        date(2026, 3, 1),
    ]


def test_a_ramp_moves_a_share_each_month_and_the_rest_last():
    # 0.4, 0.4 and the 0.2 that is left, on the 31st or the last day of the month.
    plan = replace(PLAN, start=date(2026, 1, 31), share_per_month=D("0.4"))
    assert plan.steps(plan.start) == [
        (date(2026, 1, 31), D("0.4")),
        (date(2026, 2, 28), D("0.4")),
        (date(2026, 3, 31), D("0.2")),
    ]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
        (date(2026, 5, 4), 0, date(2026, 5, 4)),
    ],
)
def test_add_months(day, months, expected):
    assert add_months(day, months) == expected


# --- a mixed fleet, by hand -----------------------------------------------------------------------

MIXED_PLAN = MigrationPlan(
    start=date(2026, 1, 16),
    horizon_months=3,  # to 15 April
    share_per_month=D("0.5"),
    parallel_days=4,
    test_cost_per_line=D(100),
    yearly_rate_pct=D(0),
)
MIXED = [
    line("web", 310, target=620),
    line("cache", 124, "standard RI", date(2026, 3, 11), rate="1.5", target=248),
    line("search", 500, "EC2 instance savings plan", date(2026, 5, 1), rate=1, target=900),
    line("batch", -62, "compute savings plan", date(2027, 1, 1), rate=2, target=310),
]
# Each line: 10 x 80 + 2 x 150.50 = 1,101. Preparation: 40 x 80 = 3,200.
EFFORTS = make(
    MIGRATION_EFFORT,
    [
        {
            "labour_role": "engineer",
            "fixed_hours": D(40),
            "hours_per_line": D(10),
            "labour_usd_per_hour": D(80),
        },
        {
            "labour_role": "tester",
            "fixed_hours": D(0),
            "hours_per_line": D(2),
            "labour_usd_per_hour": D("150.50"),
        },
    ],
)


def test_mixed_fleet_line_by_line():
    # Parallel running may start on 16 January: halves move on 20 January and 20 February.
    # January, 20 to 31: 0.5 x 12 = 6 days of 31. February: 0.5 x 28 + 0.5 x 9 (20 to 28) = 18.5
    # of 28. March whole. April: 15 of 30. Parallel: 0.5 x 4 = 2 days of January and of February.
    found = timeline(MIXED, MIXED_PLAN, EFFORTS)
    web = of_line(found, "web")
    # 310 x 6 / 31; 310 x 18.5 / 28 = 204.821...; 310; 310 / 2. Target: 620 x 2 / 31; x 2 / 28.
    assert by_month(web, "saving") == ["60.00", "204.82", "310.00", "155.00"]
    assert by_month(web, "parallel_cost") == ["40.00", "44.29", "0.00", "0.00"]
    assert by_month(web, "effort_cost") == ["1101.00", "0.00", "0.00", "0.00"]
    assert by_month(web, "test_cost") == ["100.00", "0.00", "0.00", "0.00"]
    # Halves on 11 March and 11 April, in parallel for the four days before. March, 11 to 31:
    # 0.5 x 21 = 10.5 days: 124 x 10.5 / 31 = 42. April: 0.5 x 15 + 0.5 x 5 (11 to 15) = 10:
    # 124 x 10 / 30 = 41.33. Target: 248 x 2 / 31 = 16; 248 x 2 / 30 = 16.53.
    cache = of_line(found, "cache")
    assert by_month(cache, "saving") == ["0.00", "0.00", "42.00", "41.33"]
    assert by_month(cache, "parallel_cost") == ["0.00", "0.00", "16.00", "16.53"]
    assert by_month(cache, "effort_cost") == ["0.00", "0.00", "1101.00", "0.00"]
    # Negative stays negative: -62 x 6 / 31; -62 x 18.5 / 28 = -40.964...; -62; -31.
    batch = of_line(found, "batch")
    assert by_month(batch, "saving") == ["-12.00", "-40.96", "-62.00", "-31.00"]
    assert by_month(batch, "parallel_cost") == ["20.00", "22.14", "0.00", "0.00"]
    search = of_line(found, "search")  # held until after the horizon: no saving and no work
    for name in ("saving", *MIGRATION_COSTS, "net_saving"):
        assert by_month(search, name) == ["0.00"] * 4


def test_mixed_fleet_as_a_whole():
    found = timeline(MIXED, MIXED_PLAN, EFFORTS)
    # January: 60 - 12; 3,200 + 2 x 1,101; 2 x 100; 40 + 20.
    # February: 204.8214 - 40.9643 = 163.8571; 44.2857 + 22.1429 = 66.4286.
    # March: 310 + 42 - 62. April: 155 + 41.3333 - 31 = 165.3333; 16.5333.
    assert by_month(found.months, "saving") == ["48.00", "163.86", "290.00", "165.33"]
    assert by_month(found.months, "effort_cost") == ["5402.00", "0.00", "1101.00", "0.00"]
    assert by_month(found.months, "test_cost") == ["200.00", "0.00", "100.00", "0.00"]
    assert by_month(found.months, "parallel_cost") == ["60.00", "66.43", "16.00", "16.53"]
    assert by_month(found.months, "stranded_cost") == ["0.00"] * 4
    # 48 - 5,662; 163.8571 - 66.4286 = 97.4286; 290 - 1,217; 165.3333 - 16.5333 = 148.80.
    assert by_month(found.months, "net_saving") == ["-5614.00", "97.43", "-927.00", "148.80"]
    # -5,614; -5,516.5714; -6,443.5714; -6,294.7714.
    assert by_month(found.months, "cumulative_net_saving") == [
        *("-5614.00", "-5516.57", "-6443.57", "-6294.77")
    ]
    assert found.payback_month is None
    assert cents(found.present_value) == cents(found.net_saving) == D("-6294.77")


def test_parallel_running_before_a_commitment_ends_delays_no_saving():
    # 30 days before 1 March 2027: the 28 of February and the last 2 of January.
    # Target 310 a month: 310 x 2 / 31 = 20 and 310 x 28 / 28 = 310.
    plan = replace(PLAN, parallel_days=30)
    found = timeline([line("a", 100, "standard RI", date(2027, 3, 1), target=310)], plan)
    assert by_month(found.months, "saving") == ["0.00"] * 14 + ["100.00"] * 10
    assert by_month(found.months, "parallel_cost")[12:15] == ["20.00", "310.00", "0.00"]


# --- moving before the commitment ends ------------------------------------------------------------


def test_moving_early_strands_what_the_commitment_still_costs():
    # 16 January to 10 March: 16 + 28 + 10 = 54 days x 24 x 1.50 = 36 a day: 576, 1,008, 360.
    plan = replace(MIXED_PLAN, share_per_month=D(1), parallel_days=0, waits_for_commitments=False)
    found = timeline([line("cache", 124, "standard RI", date(2026, 3, 11), rate="1.5")], plan)
    assert by_month(found.months, "stranded_cost") == ["576.00", "1008.00", "360.00", "0.00"]
    assert found.schedule["remaining_commitment_cost"].tolist() == [D(1944)]
    # The like-for-like saving runs from the start: 124 x 16 / 31 = 64.
    assert by_month(found.months, "saving") == ["64.00", "124.00", "124.00", "62.00"]
    # 374 saved - 1,944 stranded - 100 test.
    assert found.net_saving == -1670


def test_a_ramp_strands_only_what_has_moved():
    # Half from 20 January, the rest from 20 February: January 0.5 x 12 days, February 0.5 x 28 +
    # 0.5 x 9, March 10, at 36 a day: 216, 666, 360.
    plan = replace(MIXED_PLAN, waits_for_commitments=False)
    found = timeline(
        [line("cache", 124, "EC2 instance savings plan", date(2026, 3, 11), rate="1.5")], plan
    )
    assert by_month(found.months, "stranded_cost") == ["216.00", "666.00", "360.00", "0.00"]


def test_a_compute_savings_plan_strands_nothing():
    plan = replace(PLAN, waits_for_commitments=False)
    found = timeline([line("a", 5, "compute savings plan", date(2028, 1, 1), rate=9)], plan)
    assert set(found.months["stranded_cost"]) == {D(0)}
    assert found.schedule["remaining_commitment_cost"].tolist() == [0]


# --- worth ----------------------------------------------------------------------------------------


def test_present_value_discounts_each_month_from_its_end():
    # 1.01^12 = 1.1268250301319697..., a yearly rate of 12.68... % is 1 % a month.
    # 103.0301 / 1.01 = 102.01 and 103.0301 / 1.01^2 = 101.00: together 203.01.
    plan = replace(PLAN, horizon_months=2, yearly_rate_pct=D("12.6825030131969720661201"))
    found = timeline([line("a", "103.0301")], plan)
    assert by_month(found.months, "present_value") == ["102.01", "101.00"]
    assert cents(found.present_value) == D("203.01")


def test_payback_is_when_the_running_total_stays_above_zero():
    # Once 14 h x 100 = 1,400, and for each line 10 h x 100 = 1,000.
    # January -1,400 - 1,000 + 500 = -1,900, then -1,400, -900, -400; May +500 + 10 - 1,000 = -890;
    # June -380; July +130 and rising.
    efforts = make(
        MIGRATION_EFFORT,
        [
            {
                "labour_role": "a",
                "fixed_hours": D(14),
                "hours_per_line": D(10),
                "labour_usd_per_hour": D(100),
            }
        ],
    )
    lines = [line("a", 500), line("b", 10, "standard RI", date(2026, 5, 1))]
    found = timeline(lines, PLAN, efforts)
    assert by_month(found.months, "cumulative_net_saving")[:7] == [
        *("-1900.00", "-1400.00", "-900.00", "-400.00", "-890.00", "-380.00", "130.00")
    ]
    assert found.payback_month == date(2026, 7, 1)


def test_a_total_that_turns_negative_again_has_not_paid_back():
    # 100 a month until a line that loses 300 a month is free in March: 100, 200, 0, -200 ...
    found = timeline([line("a", 100), line("b", -300, "standard RI", date(2026, 3, 1))])
    assert by_month(found.months, "cumulative_net_saving")[:4] == [
        *("100.00", "200.00", "0.00", "-200.00")
    ]
    assert found.payback_month is None


# --- what is missing ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "note"),
    [
        ({"monthly_saving": None}, "no monthly saving"),
        ({"commitment_end": None}, "no end of its commitment"),
        ({"commitment_usd_per_hour": None}, "no rate of its commitment"),
        ({"target_monthly_cost": None}, "no monthly cost of the target"),
        ({"commitment": "handshake"}, "commitment 'handshake' is none that is known"),
    ],
)
def test_a_line_that_misses_something_is_unknown_and_in_no_total(changed, note):
    whole = line("a", 5, "standard RI", date(2026, 9, 17), rate=1)
    plan = replace(PLAN, parallel_days=1, waits_for_commitments=False)
    found = timeline([{**whole, **changed}, line("b", 7)], plan)
    assert found.unknown_lines == ("a",)
    assert found.schedule["note"].tolist() == [note, ""]
    assert found.schedule["move_start"].tolist() == [None, date(2026, 1, 2)]
    assert set(found.line_months["line_name"]) == {PREPARATION, "b"}


def test_what_a_plan_does_not_use_may_be_missing():
    waiting = line("a", 5, "standard RI", date(2026, 9, 17), rate=None, target=None)
    found = timeline([waiting])
    assert found.unknown_lines == ()
    assert found.schedule["remaining_commitment_cost"].tolist() == [None]


def test_a_line_in_another_currency_is_refused():
    with pytest.raises(CurrencyError):
        timeline([{**line("a", 5), "billing_currency": "EUR"}])


def test_a_fleet_without_lines_saves_nothing():
    found = timeline([])
    assert (found.net_saving, found.payback_month, found.unknown_lines) == (0, None, ())


@pytest.mark.parametrize(
    "changed",
    [
        {"horizon_months": 0},
        {"share_per_month": D(0)},
        {"share_per_month": D("1.1")},
        {"parallel_days": -1},
        {"test_cost_per_line": D(-1)},
        {"yearly_rate_pct": D(-100)},
    ],
)
def test_plan_refuses_what_is_out_of_range(changed):
    with pytest.raises(ParameterError, match=next(iter(changed))):
        replace(PLAN, **changed)


# --- what adds up ---------------------------------------------------------------------------------

AMOUNTS = st.decimals(-10_000, 10_000, places=2)
DAYS = st.dates(date(2025, 6, 1), date(2028, 6, 1))
LINES = st.lists(
    st.builds(
        line,
        st.just(""),
        AMOUNTS,
        st.sampled_from(BINDING + MOVABLE),
        DAYS,
        rate=st.decimals(0, 100, places=4),
        target=st.decimals(0, 10_000, places=2),
    ),
    min_size=1,
    max_size=4,
).map(lambda rows: [{**row, "line_name": f"line {n}"} for n, row in enumerate(rows)])
PLANS = st.builds(
    MigrationPlan,
    start=DAYS,
    horizon_months=st.integers(1, 30),
    share_per_month=st.sampled_from([D(1), D("0.5"), D("0.3")]),
    parallel_days=st.integers(0, 40),
    test_cost_per_line=st.decimals(0, 1000, places=2),
    yearly_rate_pct=st.just(D(8)),
    waits_for_commitments=st.booleans(),
)


@settings(max_examples=40)
@given(LINES, PLANS)
def test_lines_add_up_to_the_fleet_and_parts_to_the_net(lines, plan):
    found = timeline(lines, plan, EFFORTS)
    for row in records(found.months):
        mine = found.line_months[found.line_months["month_start"] == row["month_start"]]
        assert len(mine) == len(lines) + 1
        for name in ("saving", *MIGRATION_COSTS, "net_saving"):
            assert exact_sum(mine[name]) == row[name]
        assert row["saving"] - exact_sum(row[name] for name in MIGRATION_COSTS) == row["net_saving"]
    assert exact_sum(found.months["net_saving"]) == found.net_saving
    assert (
        exact_sum(found.months["period_days"])
        == (add_months(plan.start, plan.horizon_months) - plan.start).days
    )


@settings(max_examples=40)
@given(LINES, PLANS, st.sampled_from(BINDING + MOVABLE))
def test_changing_the_purchase_option_of_one_line_moves_exactly_that_line(lines, plan, commitment):
    before = timeline(lines, plan, EFFORTS)
    after = timeline([{**lines[0], "commitment": commitment}, *lines[1:]], plan, EFFORTS)
    for name in (PREPARATION, *(row["line_name"] for row in lines[1:])):
        assert records(of_line(before, name)) == records(of_line(after, name))
    if (commitment in BINDING) == (lines[0]["commitment"] in BINDING):
        assert records(before.line_months) == records(after.line_months)


@settings(max_examples=40)
@given(LINES, PLANS)
def test_no_line_saves_before_its_first_free_day(lines, plan):
    found = timeline(lines, replace(plan, waits_for_commitments=True), EFFORTS)
    assert set(found.months["stranded_cost"]) == {D(0)}
    for row in records(found.schedule):
        mine = of_line(found, row["line_name"])
        early = mine[
            [add_months(day.replace(day=1), 1) <= row["move_start"] for day in mine["month_start"]]
        ]
        assert not any(early["saving"])
