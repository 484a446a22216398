"""What the charts of benchmarks carry: the data, labels and units of the figure, never pixels."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from prismlib.charts import performance_slo as draw
from prismlib.charts.performance_slo import Curve, Mark
from prismlib.charts.theme import GREEN, VERMILLION

CURVE = Curve("hot <1>", [(D(50), D(1)), (D(99), D(4)), (D(100), D(9))])


def trace(figure, name):
    (found,) = (one for one in figure.data if one.name == name)
    return found


def latency():
    marks = [Mark(D(99), D(4), D(3), D(6))]
    targets, stated = [Mark(D(99), D(5))], [Mark(D(99), D(2))]
    return draw.latency_line([CURVE], marks, targets, stated, [("floor", D(100))], title="t")


def test_each_further_nine_is_a_step():
    """-log10 of the share that is left: 0.5 is 0.301, 0.01 is 2; none counts as 0.001%, 5."""
    assert trace(latency(), "hot &lt;1&gt;").x == pytest.approx((0.30103, 2, 5))
    axis = latency().layout.xaxis
    assert list(axis.ticktext) == ["p0", "p50", "p90", "p99", "p99.9", "p99.99"]
    assert list(axis.tickvals) == pytest.approx([0, 0.30103, 1, 2, 3, 4])
    assert latency().layout.yaxis.type == "log"


def test_measured_has_its_interval_and_the_rest_its_name():
    figure = latency()
    measured = trace(figure, "measured, with its interval")
    assert (measured.error_y.array, measured.error_y.arrayminus) == ((2,), (1,))
    assert trace(figure, "target").y == (5,)
    assert trace(figure, "as stated").y == (2,)
    assert trace(figure, "floor, 100 ms") is not None


def test_an_end_that_is_not_known_is_not_drawn():
    figure = draw.latency_line([], [Mark(D(99), D(4), D(3), None)], [], [], [], title="t")
    assert figure.data[0].error_y.array == (0,)


def test_beyond_what_is_possible_is_told_by_colour_and_by_number():
    figure = draw.possible_bar([("in flight", D(207)), ("load", D("0.5"))], title="t")
    bar = figure.data[0]
    assert bar.marker.color == (VERMILLION, GREEN)
    assert bar.text == ("207x", "0.5x")


def test_nodes_are_drawn_slowest_first():
    figure = draw.node_bar([("a", D(1)), ("b", D(5))], [("p99 of all", D(4))], title="t")
    assert figure.data[0].x == ("b", "a")
    assert trace(figure, "p99 of all, 4 ms") is not None


def test_weeks_are_in_order_with_intervals():
    runs = [("1 Nov 2025", Mark(D(99), D(4), D(3), D(6))), ("8 Nov 2025", Mark(D(99), D(5)))]
    line = draw.week_line(runs, statistic="p99", title="t").data[0]
    assert (line.y, line.error_y.array) == ((4, 5), (2, 0))
