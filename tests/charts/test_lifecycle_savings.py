"""What the charts of lifecycle savings carry: the data, labels and units, never pixels."""

from __future__ import annotations

from decimal import Decimal as D

import pandas as pd
import pytest

from prismlib.charts import lifecycle_savings as draw
from prismlib.charts.theme import INK
from prismlib.result_tables.lifecycle import MOVE_CASE, POLICY_MONTH, READ_CASE
from prismlib.tables import make

NAMES = {"plan": "plan (do not)", "best": "best (do)"}


def months(**costs):
    """Return POLICY_MONTH from costs a month by policy, against 10 a month."""
    rows = []
    for policy, values in costs.items():
        for number, cost in enumerate(values, start=1):
            saved = [10 - value for value in values[:number]]
            rows.append(
                {
                    "policy_name": policy,
                    "month_number": number,
                    "baseline_cost": D(10),
                    "cost": D(cost),
                    "net_effect": D(10 - cost),
                    "cumulative_effect": D(sum(saved)),
                    "billing_currency": "USD",
                }
            )
    return make(POLICY_MONTH, rows)


FRAME = months(plan=[14, 4, 4], best=[8, 8, 8])


def test_saving_lines_begin_at_nothing_and_show_a_loss_below_zero():
    figure = draw.saving_lines(FRAME, NAMES, title="t")
    plan, best = figure.data
    assert list(plan.x) == [0, 1, 2, 3]
    assert list(plan.y) == [0, -4, 2, 8]
    assert list(best.y) == [0, 2, 4, 6]
    assert plan.text[1] == "−$4.00"
    assert [plan.name, best.name] == ["plan (do not)", "best (do)"]


def test_lines_differ_in_more_than_colour():
    figure = draw.saving_lines(FRAME, NAMES, title="t")
    assert len({trace.line.dash for trace in figure.data}) == 2
    assert len({trace.marker.symbol for trace in figure.data}) == 2


def test_cost_lines_show_things_as_they_are_once():
    as_is, plan, best = draw.cost_lines(FRAME, NAMES, title="t").data
    assert (as_is.name, list(as_is.y)) == ("As it is", [10, 10, 10])
    assert as_is.line.color == INK
    assert (list(plan.y), list(best.y)) == ([14, 4, 4], [8, 8, 8])


def test_read_lines_are_in_the_order_of_the_rates():
    rows = [
        {"policy_name": "best", "object_reads": D(rate), "first_year_effect": D(effect),
         "billing_currency": "USD"}
        for rate, effect in (("1", -50), ("0", 100), ("0.5", 20))
    ]  # fmt: skip
    (trace,) = draw.read_lines(make(READ_CASE, rows), {"best": "best"}, title="t").data
    assert (list(trace.x), list(trace.y)) == ([0, 0.5, 1], [100, 20, -50])


def test_claim_bars_leave_room_for_a_loss():
    frame = pd.DataFrame(
        [
            {"policy_name": "plan", "claimed": D(100), "first_year_effect": D(-20),
             "billing_currency": "USD"},
            {"policy_name": "odd", "claimed": None, "first_year_effect": D(5),
             "billing_currency": "USD"},
        ],
        dtype=object,
    )  # fmt: skip
    figure = draw.claim_bars(frame, title="t")
    claimed, net = figure.data
    assert list(claimed.x) == [100, None]
    assert list(claimed.text) == ["+$100", ""]
    assert list(net.text) == ["−$20", "+$5"]
    low, high = figure.layout.xaxis.range
    assert low < -20
    assert high > 100
    assert claimed.marker.pattern.shape != net.marker.pattern.shape


def test_payback_lines_leave_out_what_never_pays():
    rows = [
        {"storage_class": name, "class_title": name, "object_bytes": size, "stored_objects": D(1),
         "moving_cost": D(1), "month_effect": D(1), "billing_currency": "USD",
         "payback_months": None if months is None else D(months)}
        for name, size, months in (
            ("A", 10**6, "2.5"), ("A", 10**8, "0.25"), ("B", 10**6, None), ("B", 10**8, "1")
        )
    ]  # fmt: skip
    figure = draw.payback_lines(make(MOVE_CASE, rows), D(5 * 10**6), title="t")
    first, second = figure.data
    assert (list(first.x), list(first.y)) == ([1, 100], [2.5, 0.25])
    assert (list(second.x), list(second.y)) == ([100], [1])
    assert figure.layout.shapes[0].x0 == 5  # MB, the mean of the bucket
    assert "MB" in figure.layout.xaxis.title.text


@pytest.mark.parametrize("make_figure", [draw.saving_lines, draw.read_lines])
def test_text_of_data_is_shown_as_it_is(make_figure):
    frame = FRAME if make_figure is draw.saving_lines else make(READ_CASE, [])
    figure = make_figure(frame, {"plan": "<b>plan</b>"}, title="t")
    assert figure.data[0].name == "&lt;b&gt;plan&lt;/b&gt;"
