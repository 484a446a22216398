from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from math import sqrt

import pytest

from prismlib.analyses.forecast import daily_costs, forecast_month
from prismlib.periods import Period
from prismlib.tables import COST, make

MONTH = Period.month("2025-10")


def bill(amounts, **fields):
    """One charge for each day of October that has an amount."""
    rows = []
    for number, amount in enumerate(amounts):
        if amount is not None:
            day = date(2025, 10, 1) + timedelta(days=number)
            rows.append(
                {
                    "charge_period_start": day,
                    "charge_period_end": day + timedelta(days=1),
                    "charge_kind": "usage",
                    "unblended_cost": D(str(amount)),
                    "billing_currency": "USD",
                    "is_estimated": False,
                    **fields,
                }
            )
    return make(COST, rows)


def forecast(cost, day, confidence=D(80)):
    return forecast_month(cost, "unblended_cost", MONTH, day, confidence_pct=confidence)


def test_a_closed_month_is_what_was_spent():
    found = forecast(bill([10] * 31), date(2025, 11, 3))
    assert (found.spent, found.forecast, found.low, found.high) == (310, 310, 310, 310)
    assert (found.settled_days, found.days_ahead) == (31, 0)


def test_interval_worked_by_hand():
    # Ten settled days, five at 9 and five at 11: mean 10, s = sqrt(10 / 9) = 1.054093.
    # 21 days ahead: 100 + 210 = 310. t(9) at 90 % (two-sided 80 %) is 1.383029 in the tables.
    # Half width = 1.383029 x 1.054093 x sqrt(21 + 441 / 10).
    found = forecast(bill([9, 11] * 5), date(2025, 10, 11))
    half = 1.383029 * sqrt(10 / 9) * sqrt(21 + 44.1)
    assert found.forecast == 310
    assert float(found.high - found.forecast) == pytest.approx(half, rel=1e-6)
    assert found.forecast - found.low == found.high - found.forecast


def test_a_higher_confidence_widens_the_interval():
    cost = bill([9, 11] * 5)
    narrow, wide = (forecast(cost, date(2025, 10, 11), D(c)) for c in (80, 95))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_the_day_itself_is_ahead():
    found = forecast(bill([10] * 12), date(2025, 10, 12))
    assert (found.settled_days, found.days_ahead, found.spent) == (11, 20, 110)


def test_a_missing_day_is_named_and_forecast_not_free():
    found = forecast(bill([10, 10, None, 10, 10, 10, 10, 10, 10, 10]), date(2025, 10, 11))
    assert found.missing_days == (date(2025, 10, 3),)
    # 9 settled days at 10 are 90; 21 ahead and 1 missing at 10 each are 220.
    assert found.forecast == 310


def test_estimated_days_count_as_spent_but_shape_no_rate():
    settled, moving = bill([10] * 8), bill([None] * 8 + [500, 500], is_estimated=True)
    cost = make(COST, settled.to_dict("records") + moving.to_dict("records"))
    found = forecast(cost, date(2025, 10, 11))
    assert found.run_rate == 10
    assert found.estimated_days == (date(2025, 10, 9), date(2025, 10, 10))
    assert found.forecast == 80 + 1000 + 21 * 10


def test_tax_is_spent_once_and_does_not_recur():
    tax = bill([300], charge_kind="tax", record_type="Tax")
    cost = make(COST, bill([10] * 10).to_dict("records") + tax.to_dict("records"))
    found = forecast(cost, date(2025, 10, 11))
    assert (found.one_off, found.run_rate, found.forecast) == (300, 10, 400 + 210)


def test_what_a_savings_plan_covers_is_forecast_at_its_fee():
    # A day: 10 of usage, 4 of them covered and taken back, for a fee of 3: 9. The fee for a year,
    # 50, comes once. 10 days at 9 are 90, 21 more 189; 90 + 50 + 189 = 329.
    parts = [
        bill([10] * 10),
        bill([-4] * 10, charge_kind="adjustment", record_type="SavingsPlanNegation"),
        bill([3] * 10, charge_kind="purchase", record_type="Savings Plan Recurring Fee"),
        bill([50], charge_kind="purchase", record_type="RIFee"),
    ]
    cost = make(COST, [row for part in parts for row in part.to_dict("records")])
    found = forecast(cost, date(2025, 10, 11))
    assert (found.one_off, found.run_rate, found.forecast) == (50, 9, 329)


def test_too_few_days_give_no_forecast():
    found = forecast(bill([10] * 6), date(2025, 10, 7))
    assert found.forecast is None
    assert found.reason == "6 settled days, 7 needed"


def test_daily_costs_add_up_and_mark_missing_days():
    days = daily_costs(
        bill([1, None, 3]), "unblended_cost", MONTH, date(2025, 10, 4), baseline=D(62)
    )
    assert days["cost"].tolist()[:4] == [1, None, 3, None]
    assert days["day_status"].tolist()[:4] == ["settled", "missing", "settled", "ahead"]
    assert days["cumulative_cost"].tolist()[:4] == [1, 1, 4, None]
    assert days["cumulative_baseline"].tolist()[0] == 2
    assert days["cumulative_baseline"].tolist()[-1] == 62
