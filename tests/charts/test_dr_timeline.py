"""What the charts of recovery carry: the data, labels and units of the figure, never pixels."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

from dr_examples import drill, event

from prismlib.analyses.drill_path import recovery_steps
from prismlib.charts import dr_timeline as draw
from prismlib.charts.theme import GREEN, ORANGE, VERMILLION
from prismlib.result_tables.dr import DRILL_TREND
from prismlib.tables import make

BOUNDS = [("target", D(480)), ("limit", D(600))]
STEPS = recovery_steps(
    drill(
        event("dns", 0, 60, step_name="DNS"),
        event("load", 60, 240, depends_on="copy", step_name="Load"),
        event("answer", 240, 300, depends_on="load|dns", step_name="Answer"),
        event("copy", duration_s=300, is_excluded=True, step_name="Copy"),
    )
)


def bars(figure):
    """Return (name, label, start, length) of each bar that is drawn."""
    return [
        (trace.name, label, start, length)
        for trace in figure.data
        if trace.type == "bar"
        for label, start, length in zip(trace.y, trace.base, trace.x, strict=True)
    ]


def texts(figure):
    return [one.text for one in figure.layout.annotations]


def test_timeline_draws_all_the_work_in_its_place():
    """The copy of 300 s starts when the load did, at 60; the load and the answer 300 s later."""
    figure = draw.timeline_bar(STEPS, BOUNDS, compared=False, title="t")
    assert bars(figure) == [
        ("As it ran", "DNS", 0, 60),
        ("As it ran, on the critical path", "<b>Load</b>", 360, 180),
        ("As it ran, on the critical path", "<b>Answer</b>", 540, 60),
        ("Left off the clock", "Copy", 60, 300),
    ]
    (hatched,) = (t for t in figure.data if t.name == "Left off the clock")
    assert hatched.marker.pattern.shape == "/"
    assert texts(figure) == ["1:00", "5:00", "3:00", "1:00"]  # in order of time
    assert list(figure.layout.yaxis.categoryarray) == [
        "DNS",
        "Copy",
        "<b>Load</b>",
        "<b>Answer</b>",
    ]


def test_timeline_compares_the_log_with_the_earliest():
    """Side by side: dns 0-60, load 0-180, answer 180-240; the copy is on no published clock."""
    figure = draw.timeline_bar(STEPS, BOUNDS, compared=True, title="t")
    drawn = bars(figure)
    assert ("As it ran, on the critical path", "<b>Load</b>", 60, 180) in drawn
    assert [bar for bar in drawn if bar[0] == "As early as can be"] == [
        ("As early as can be", "DNS", 0, 60),
        ("As early as can be", "<b>Load</b>", 0, 180),
        ("As early as can be", "<b>Answer</b>", 180, 60),
    ]
    assert not any(label == "Copy" for _, label, _, _ in drawn)


def test_timeline_draws_a_plan_where_there_is_one():
    steps = recovery_steps(
        drill(
            event("a", 0, 60, planned_s=30, step_name="A"),
            event("b", 60, 90, planned_s=20, depends_on="a", step_name="B"),
        )
    )
    figure = draw.timeline_bar(steps, [], compared=True, title="t")
    assert [bar for bar in bars(figure) if bar[0] == "As planned"] == [
        ("As planned", "<b>A</b>", 0, 30),
        ("As planned", "<b>B</b>", 30, 20),
    ]


def test_recovery_bars_say_where_they_stand_in_colour_and_in_figures():
    rows = [("within", D(480)), ("over", D(500)), ("far over", D(2280)), ("open", None)]
    figure = draw.recovery_bar(rows, BOUNDS, title="t")
    bar = figure.data[0]
    assert list(bar.x) == [480, 500, 2280, 0]
    assert list(bar.marker.color) == [GREEN, ORANGE, VERMILLION, GREEN]
    assert texts(figure) == ["8:00", "8:20", "38:00", "unknown"]
    assert [t.name for t in figure.data if t.type == "scatter"] == ["target 8:00", "limit 10:00"]


def test_a_bound_far_beyond_the_data_or_unknown_is_not_drawn():
    figure = draw.recovery_bar([("short", D(60))], [("target", D(480)), ("limit", None)], title="t")
    assert [t.name for t in figure.data if t.type == "scatter"] == []
    assert figure.layout.xaxis.range[1] < 120


def test_time_axis_has_few_ticks_in_minutes_and_seconds():
    figure = draw.recovery_bar([("one", D(2280))], BOUNDS, title="t")
    assert list(figure.layout.xaxis.ticktext) == ["0:00", "10:00", "20:00", "30:00", "40:00"]


def test_chance_lines_differ_in_dash():
    curves = [("a", [(D(60), D(10)), (D(120), D(90))]), ("b", [(D(90), D(50))])]
    figure = draw.chance_line(curves, BOUNDS, title="t")
    first, second = figure.data[:2]
    assert (list(first.x), list(first.y)) == ([60, 120], [10, 90])
    assert first.line.dash != second.line.dash
    assert list(first.customdata) == ["1:00", "2:00"]


def test_drills_are_drawn_over_their_days_each_kind_apart():
    rows = [
        ("jun", "failover", date(2025, 6, 1), D(600)),
        ("jul", "failover", date(2025, 7, 1), D(480)),
        ("lost", "failover", date(2025, 8, 1), None),
        ("some-day", "failover", None, D(60)),
        ("back", "failback", date(2025, 7, 2), D(900)),
    ]
    names = ("drill_id", "drill_kind", "drill_date", "recovery_s")
    drills = make(DRILL_TREND, [dict(zip(names, row, strict=True)) for row in rows])
    figure = draw.drill_line(drills, BOUNDS, title="t")
    shown = [(t.name, list(t.y), list(t.text)) for t in figure.data if t.mode != "lines"]
    assert shown == [
        ("failovers, n = 2: 8:00 to 10:00", [600, 480], ["10:00", "8:00"]),
        ("failbacks, n = 1: 15:00 to 15:00", [900], ["15:00"]),
    ]
    assert [t.name for t in figure.data if t.mode == "lines"] == ["target 8:00", "limit 10:00"]
    assert [line.y0 for line in figure.layout.shapes] == [480, 600]
    assert "min:s" in figure.layout.yaxis.title.text


def test_a_range_is_drawn_in_its_middle():
    """Load 60 to somewhere in 240..300: 60 to 270, labelled with its 3:30."""
    rows = drill(event("load", 60, (240, 300)), event("b", 300, 330, depends_on="load"))
    figure = draw.timeline_bar(recovery_steps(rows), BOUNDS, compared=True, title="t")
    assert ("As it ran, on the critical path", "<b>load</b>", 60, 210) in bars(figure)
    assert texts(figure)[0] == "3:30"


def test_a_recovery_of_a_century_has_few_ticks():
    steps = recovery_steps(drill(event("a", 0, 3_000_000_000)))
    figure = draw.timeline_bar(steps, BOUNDS, compared=False, title="t")
    assert 2 <= len(figure.layout.xaxis.tickvals) <= 8
