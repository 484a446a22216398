"""What the charts on traffic between zones carry: data, labels, units and axes, never pixels."""

from __future__ import annotations

import math
from decimal import Decimal as D

import pytest

from prismlib.charts import cross_az_traffic as draw
from prismlib.result_tables.cross_az import (
    CROSSING_SCENARIO,
    CROSSING_SENSITIVITY,
    CROSSING_THRESHOLD,
    REMEDY,
)
from prismlib.tables import empty, make


def scenarios(*rows, currency="USD"):
    """Return CROSSING_SCENARIO of (name, percent, cost at both ends)."""
    return make(
        CROSSING_SCENARIO,
        [
            {
                "scenario_name": name,
                "crossing_pct": D(pct),
                "moved_gb": D(cost) * 50,
                "one_end_cost": D(cost) / 2,
                "both_ends_cost": D(cost),
                "yearly_cost": D(cost) * 12,
                "billing_currency": currency,
            }
            for name, pct, cost in rows
        ],
    )


def thresholds(*rows, currency="USD"):
    """Return CROSSING_THRESHOLD of (name, allowed cost, percent at both ends)."""
    return make(
        CROSSING_THRESHOLD,
        [
            {
                "threshold_name": name,
                "allowed_cost": D(allowed),
                "one_end_crossing_pct": None if pct is None else D(pct) * 2,
                "both_ends_crossing_pct": None if pct is None else D(pct),
                "billing_currency": currency,
            }
            for name, allowed, pct in rows
        ],
    )


# 1,000 for each percent of the traffic.
POINTS = scenarios(
    ("As built", "66.667", "66667"),
    ("As stated", "5", "5000"),
    ("Placement at random", "66.667", "66667"),
)
LINES = thresholds(
    ("Limit of 20%", "137", "0.137"), ("Tolerance of 10%", "45", "0.045"), ("Budget", "1800", "1.8")
)


def by_name(figure):
    return {trace.name: trace for trace in figure.data}


# --- cost against share ---------------------------------------------------------------------------


def test_cost_line_is_linear_in_the_share_and_half_at_one_end():
    figure = draw.crossing_cost_line(D(1000), POINTS, LINES, title="Cost")
    traces = by_name(figure)
    both, one = traces["As billed, at both ends"], traces["One end only"]
    # From 0.02 % to 100 %.
    assert list(both.x) == list(one.x) == [0.02, 100]
    assert list(both.y) == [20, 100_000]
    assert list(one.y) == [10, 50_000]
    assert one.line.dash == "dot"
    assert figure.layout.title.text == "Cost"


def test_cost_line_has_logarithmic_axes_with_units():
    figure = draw.crossing_cost_line(D(1000), POINTS, LINES, title="t")
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")
    assert "share that crosses" in figure.layout.xaxis.title.text
    assert list(figure.layout.xaxis.ticktext) == ["0.1%", "1%", "10%", "100%"]
    assert list(figure.layout.xaxis.tickvals) == [0.1, 1, 10, 100]
    low, high = figure.layout.xaxis.range
    assert 10**low <= 0.02
    assert 10**high >= 100
    assert figure.layout.yaxis.tickformat.startswith("$")


def test_cost_line_shows_each_state_with_its_share_and_cost():
    traces = by_name(draw.crossing_cost_line(D(1000), POINTS, LINES, title="t"))
    stated = traces["As stated: 5.0%, $5,000"]
    assert (list(stated.x), list(stated.y)) == ([5], [5000])
    assert list(stated.text) == ["As stated: 5.0%, $5,000"]
    assert stated.hovertemplate.startswith("%{text}")
    built = traces["As built: 66.7%, $66,667"]
    random = traces["Placement at random: 66.7%, $66,667"]
    assert list(built.x) == list(random.x) == [66.667]
    # Points that lie on each other are told apart by more than their colour.
    assert len({stated.marker.symbol, built.marker.symbol, random.marker.symbol}) == 3


def test_cost_line_marks_where_each_line_is_reached():
    reached = by_name(draw.crossing_cost_line(D(1000), POINTS, LINES, title="t"))[
        "Where a line is reached"
    ]
    assert list(reached.x) == [0.045, 0.137, 1.8]
    assert list(reached.y) == [45, 137, 1800]
    assert list(reached.text) == [
        "Tolerance of 10%: 0.045%, $45",
        "Limit of 20%: 0.137%, $137",
        "Budget: 1.800%, $1,800",
    ]


def test_bands_lie_on_each_other_and_are_named_at_their_upper_end():
    figure = draw.crossing_cost_line(D(1000), POINTS, LINES, title="t")
    bands = [(shape.y0, shape.y1) for shape in figure.layout.shapes]
    assert bands == [(5, 45), (45, 137), (137, 1800)]  # from a quarter of the lowest: 20 / 4
    assert len({shape.fillcolor for shape in figure.layout.shapes}) == 3
    notes = figure.layout.annotations
    assert [note.text for note in notes] == [
        "Tolerance of 10%: $45",
        "Limit of 20%: $137",
        "Budget: $1,800",
    ]
    # Annotations of a logarithmic axis are placed by exponent.
    assert [round(10**note.y) for note in notes] == [45, 137, 1800]
    assert {note.x for note in notes} == {2}


def test_lines_that_are_crossed_anyway_or_never_reached_are_not_marked():
    lines = thresholds(("Tolerance of 10%", "-30", "0"), ("Budget", "900000", None))
    figure = draw.crossing_cost_line(D(1000), POINTS, lines, title="t")
    assert [note.text for note in figure.layout.annotations] == ["Budget: $900,000"]
    assert list(by_name(figure)["Where a line is reached"].x) == []


def test_a_state_without_traffic_has_no_place_on_a_logarithmic_axis():
    points = scenarios(("As set", "0", "0"), ("As stated", "5", "5000"))
    names = set(by_name(draw.crossing_cost_line(D(1000), points, LINES, title="t")))
    assert not [name for name in names if name.startswith("As set")]
    assert "As stated: 5.0%, $5,000" in names


def test_cost_line_in_another_currency():
    figure = draw.crossing_cost_line(
        D(1000),
        scenarios(("As stated", "5", "5000"), currency="EUR"),
        thresholds(("Budget", "1800", "1.8"), currency="EUR"),
        title="t",
    )
    assert figure.layout.yaxis.tickprefix == "EUR "
    assert "As stated: 5.0%, EUR 5,000" in by_name(figure)
    assert "$" not in figure.to_json()


def test_cost_line_of_nothing_draws_two_lines():
    figure = draw.crossing_cost_line(
        D(0), empty(CROSSING_SCENARIO), empty(CROSSING_THRESHOLD), title="t"
    )
    assert list(by_name(figure)["As billed, at both ends"].y) == [0, 0]
    assert not figure.layout.shapes
    assert not figure.layout.annotations


# --- one input at a time --------------------------------------------------------------------------


def sensitivity(*rows, currency="USD"):
    """Return CROSSING_SENSITIVITY of (input, cost at low, cost at high); 100 is taken."""
    return make(
        CROSSING_SENSITIVITY,
        [
            {
                "input_name": name,
                "unit": "x",
                "low_value": D(1),
                "taken_value": D(2),
                "high_value": D(3),
                "low_cost": D(low),
                "taken_cost": D(100),
                "high_cost": D(high),
                "billing_currency": currency,
            }
            for name, low, high in rows
        ],
    )


def test_sensitivity_bars_start_at_the_cost_taken_and_the_widest_is_on_top():
    frame = sensitivity(("Rate", "90", "110"), ("Share", "0", "100"), ("Days", "95", "103"))
    figure = draw.sensitivity_bar(frame, title="t")
    low, high = figure.data
    assert list(low.y) == list(high.y) == ["Days", "Rate", "Share"]  # the last is on top
    assert list(low.x) == [-5, -10, -100]
    assert list(high.x) == [3, 10, 0]
    assert low.base == high.base == 100
    assert list(low.text) == ["−$5", "−$10", "−$100"]
    assert list(high.text) == ["+$3", "+$10", ""]
    assert (low.name, high.name) == ("Input at its lower end", "Input at its higher end")
    assert figure.layout.xaxis.tickformat.startswith("$")
    (taken,) = figure.layout.shapes
    assert taken.x0 == taken.x1 == 100


def test_sensitivity_of_nothing():
    figure = draw.sensitivity_bar(empty(CROSSING_SENSITIVITY), title="t")
    assert [list(trace.x) for trace in figure.data] == [[], []]


# --- remedies -------------------------------------------------------------------------------------


def remedies(*rows, currency="USD"):
    """Return REMEDY of (name, net effect, advice)."""
    return make(
        REMEDY,
        [
            {
                "remedy_name": name,
                "net_effect": None if net is None else D(net),
                "advice": advice,
                "availability": "a",
                "assumption": "b",
                "billing_currency": currency,
            }
            for name, net, advice in rows
        ],
    )


def test_remedies_to_do_come_first_and_the_others_say_their_advice():
    frame = remedies(
        ("One zone", "900", "do not"),
        ("Reads", "500", "do"),
        ("Unknown", None, "unknown"),
        ("Copies", "0", "already so"),
        ("Two zones", "-200", "do not"),
        ("Compression", "700", "do"),
    )
    figure = draw.remedy_bar(frame, advised="do", title="t")
    (trace,) = figure.data
    names = [name.replace("<br>", " ") for name in trace.y]
    assert names == ["Compression", "Reads", "One zone (do not)", "Two zones (do not)"]
    assert list(trace.x) == [700, 500, 900, -200]
    assert list(trace.text) == ["+$700", "+$500", "+$900", "−$200"]
    colours = list(trace.marker.color)
    assert colours[0] == colours[1] != colours[2] == colours[3]
    # From 900 to -200 are 1,100; 35 % of that is left for the words at each end.
    assert list(figure.layout.xaxis.range) == [-585, 1285]
    assert figure.layout.yaxis.autorange == "reversed"
    assert figure.layout.xaxis.tickformat.startswith("$")


def test_remedies_that_only_save_start_at_zero():
    figure = draw.remedy_bar(remedies(("Reads", "500", "do")), advised="do", title="t")
    assert list(figure.layout.xaxis.range) == [0, 675]


def test_remedies_of_nothing():
    figure = draw.remedy_bar(empty(REMEDY), advised="do", title="t")
    assert list(figure.data[0].x) == []
    assert figure.layout.xaxis.range[1] > 0


# --- costs by name --------------------------------------------------------------------------------


def test_cost_bar_keeps_the_order_and_starts_at_zero():
    figure = draw.cost_bar([("Bill", D(240)), ("Traffic", D("2.5"))], "EUR", title="Alarms")
    (trace,) = figure.data
    assert list(trace.y) == ["Bill", "Traffic"]
    assert list(trace.x) == [240, 2.5]
    assert list(trace.text) == ["EUR 240", "EUR 2.50"]
    assert list(figure.layout.xaxis.range) == [0, 312]  # 1.3 times the largest
    assert figure.layout.xaxis.tickprefix == "EUR "
    assert figure.layout.title.text == "Alarms"


def test_cost_bar_of_nothing():
    figure = draw.cost_bar([], "USD", title="t")
    assert list(figure.layout.xaxis.range) == [0, 1]


@pytest.mark.parametrize("text", ["<b>x</b>", "a & b"])
def test_labels_carry_no_markup(text):
    line = draw.crossing_cost_line(
        D(1000),
        scenarios((text, "5", "5000")),
        thresholds((text, "45", "0.045")),
        title=text,
    )
    said = [line.layout.title.text, line.layout.annotations[0].text]
    said += [trace.name for trace in line.data]
    said += list(by_name(line)["Where a line is reached"].text)
    said += list(draw.remedy_bar(remedies((text, "5", "do")), advised="do", title="t").data[0].y)
    said += list(draw.cost_bar([(text, D(5))], "USD", title="t").data[0].y)
    said += list(draw.sensitivity_bar(sensitivity((text, "1", "2")), title="t").data[0].y)
    assert not [words for words in said if "<b>x" in words or " & " in words]


def test_no_figure_holds_what_is_no_number():
    figure = draw.crossing_cost_line(D(1000), POINTS, LINES, title="t")
    for trace in figure.data:
        assert all(math.isfinite(value) and value > 0 for value in [*trace.x, *trace.y])
