"""What the charts carry: the data, labels and units of the figure, never pixels."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D

import pytest

from prismlib.analyses.forecast import Forecast
from prismlib.charts import cost_variance as draw
from prismlib.result_tables.cost_variance import COMPONENT_VARIANCE, COST_DAY, EFFECTS, IMPLIED_RATE
from prismlib.tables import make


def components(*rows, currency="USD"):
    return make(
        COMPONENT_VARIANCE,
        [
            {
                "component": name,
                "baseline_cost": None if before is None else D(before),
                "current_cost": D(after),
                "cost_change": D(after) - D(before or 0),
                "band": "new",
                "is_material": False,
                "billing_currency": currency,
            }
            for name, before, after in rows
        ],
    )


def test_waterfall_steps_lead_from_baseline_to_actual():
    frame = components(("b", 100, 160), ("c", None, 30), ("a", 50, 40), ("same", 5, 5))
    figure = draw.cost_variance_waterfall(frame, title="t", baseline_label="Estimate")
    trace = figure.data[0]
    assert list(trace.measure) == ["absolute", "relative", "relative", "relative", "total"]
    assert list(trace.x) == [155, 60, 30, -10, 235]  # 100 + 50 + 5; 155 + 60 + 30 - 10
    assert list(trace.text) == ["$155", "+$60", "+$30", "−$10", "$235"]
    assert next(iter(trace.y)) == "Estimate"


def test_waterfall_says_when_its_axis_is_cut():
    cut = draw.cost_variance_waterfall(
        components(("a", 1000, 1010)), title="t", baseline_label="Estimate"
    )
    whole = draw.cost_variance_waterfall(
        components(("a", 10, 100)), title="t", baseline_label="Estimate"
    )
    assert cut.layout.xaxis.title.text.startswith("axis does not start at zero")
    assert cut.layout.xaxis.range[0] > 0
    assert "zero" not in whole.layout.xaxis.title.text
    assert whole.layout.xaxis.range[0] == 0


def test_waterfall_adds_up_the_small_steps():
    frame = components(*((f"c{n}", 0, 100 - n) for n in range(10)))
    figure = draw.cost_variance_waterfall(frame, title="t", baseline_label="Estimate", largest=3)
    trace = figure.data[0]
    assert list(trace.y)[1:-1] == ["c0", "c1", "c2", "7 others"]
    assert list(trace.x)[4] == sum(100 - n for n in range(3, 10))


def test_money_is_in_the_currency_of_the_bill():
    figure = draw.cost_variance_waterfall(
        components(("a", 10, 20), currency="EUR"), title="t", baseline_label="Estimate"
    )
    assert figure.layout.xaxis.tickprefix == "EUR "
    assert list(figure.data[0].text) == ["EUR 10", "+EUR 10", "EUR 20"]


def test_labels_cannot_carry_markup():
    frame = components(("<b>bold</b> & co", 10, 20))
    figure = draw.cost_component_bar(frame, title="<script>")
    assert "<b>" not in next(iter(figure.data[0].y))
    assert "<script>" not in figure.layout.title.text


def test_component_bar_keeps_a_credit_below_zero():
    figure = draw.cost_component_bar(components(("a", None, 10), ("Credits", None, -4)), title="t")
    assert list(figure.data[0].x) == [10, -4]
    assert figure.layout.xaxis.range[0] < -4


def test_effects_leave_out_what_is_zero_and_colour_by_sign():
    effects = {name: D(0) for name in EFFECTS} | {"price_effect": D(5), "mix_effect": D(-2)}
    trace = draw.cost_effects_bar(effects, "USD", title="t").data[0]
    assert list(trace.y) == ["Mix", "Unit price"]
    assert list(trace.text) == ["−$2", "+$5"]
    assert len(set(trace.marker.color)) == 2


def days(*amounts, start=date(2025, 10, 1)):
    rows, running = [], D(0)
    for number, (amount, status) in enumerate(amounts):
        running += D(amount or 0)
        rows.append(
            {
                "day": start + timedelta(days=number),
                "cost": None if amount is None else D(amount),
                "day_status": status,
                "cumulative_cost": None if status == "ahead" else running,
                "cumulative_baseline": D(10 * (number + 1)),
            }
        )
    return make(COST_DAY, rows)


def forecast(**fields):
    values = {
        "spent": D(12),
        "one_off": D(0),
        "run_rate": D(6),
        "forecast": D(24),
        "low": D(20),
        "high": D(28),
        "settled_days": 1,
        "estimated_days": (),
        "missing_days": (),
        "days_ahead": 1,
    }
    return Forecast(**{**values, **fields})


def test_cumulative_line_marks_estimated_missing_and_forecast():
    frame = days((5, "settled"), (None, "missing"), (7, "estimated"), (None, "ahead"))
    figure = draw.cost_cumulative_line(frame, forecast(), "USD", title="t", is_synthetic=True)
    by_name = {trace.name: trace for trace in figure.data}
    assert list(by_name["Actual (synthetic days)"].y) == [5, 5, 12]
    assert list(by_name["Still estimated"].x) == [date(2025, 10, 3)]
    assert list(by_name["No charge on this day"].x) == [date(2025, 10, 2)]
    assert list(by_name["Forecast"].y) == [12, 24]
    assert list(by_name["Baseline, spread evenly"].y) == [10, 20, 30, 40]


def test_cumulative_line_of_a_closed_month_has_no_forecast():
    frame = days((5, "settled"), (7, "settled"))
    figure = draw.cost_cumulative_line(
        frame, forecast(days_ahead=0), "USD", title="t", is_synthetic=False
    )
    assert {trace.name for trace in figure.data} == {"Actual", "Baseline, spread evenly"}


def test_implied_rates_tell_three_kinds_apart_by_shape_too():
    rates = make(
        IMPLIED_RATE,
        [
            {
                "component": "cache",
                "instance_type": "r1.large",
                "cost": D(1),
                "implied_usd_per_hour": D("1.2"),
                "list_usd_per_hour": D(1),
                "committed_usd_per_hour": None,
            }
        ],
    )
    figure = draw.implied_rate_dots(rates, title="t")
    assert [list(trace.x) for trace in figure.data] == [[None], [1], [1.2]]
    assert len({trace.marker.symbol for trace in figure.data}) == 3
    assert figure.layout.xaxis.title.text == "USD per instance-hour"


@pytest.mark.parametrize("largest", [2, 5])
def test_every_chart_names_what_it_shows(largest):
    figure = draw.cost_component_bar(components(("a", None, 1)), title="Cost", largest=largest)
    assert figure.layout.title.text == "Cost"
