"""What the charts of the launch show, and that colour never says it alone."""

from __future__ import annotations

from decimal import Decimal

import pytest

from prismlib.charts import launch_readiness as draw
from prismlib.charts.theme import GREY, INK, VERMILLION

MARKS = [("Supported: 28 Nov", Decimal(10)), ("Planned: 9 Dec", Decimal(21))]
TICKS = [(Decimal(0), "18 Nov"), (Decimal(7), "25 Nov")]


def test_gate_writes_the_word_into_every_cell():
    cells = [
        [("pass", "pass: yes"), ("unknown", "unknown: no evidence")],
        [("", "x"), ("fail", "f")],
    ]
    figure = draw.gate_heatmap(["one", "two"], ["Claimed", "Now"], cells, title="t")
    heat, words = figure.data
    assert [list(row) for row in heat.z] == [[0, 3], [4, 2]]
    assert list(zip(words.x, words.y, words.text, words.textfont.color, strict=True)) == [
        ("Claimed", "one", "pass: yes", "white"),
        ("Now", "one", "unknown: no<br>evidence", "white"),
        ("Claimed", "two", "x", INK),
        ("Now", "two", "f", "white"),
    ]
    passed, unknown = heat.colorscale[0][1], heat.colorscale[6][1]
    assert (passed, unknown) == (draw.BAND_LOOKS["pass"][0], GREY)


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("band", draw.BAND_LOOKS)
def test_the_word_can_be_read_on_its_cell(band: str):
    looks = [{"white": "#ffffff"}.get(colour, colour) for colour in draw.BAND_LOOKS[band]]
    low, high = sorted(map(luminance, looks))
    assert (high + 0.05) / (low + 0.05) >= 4.5  # what WCAG 2 asks of small text


def test_gate_without_criteria_is_drawn():
    assert draw.gate_heatmap([], ["Claimed"], [], title="t").layout.height == 170 + 58


def test_work_shows_hours_and_severity_behind_each_bar():
    items = [
        ("MFA", "critical", None, Decimal(168)),
        ("Gap", "high", Decimal(2), Decimal(48)),
        ("RFC", "", None, None),
    ]
    figure = draw.work_bar(items, title="t")
    work, wait = figure.data
    assert (work.x, wait.x) == ((0, 2, 0), (168, 48, 0))
    assert [a.text for a in figure.layout.annotations] == ["168 h, critical", "50 h, high", "0 h"]
    assert work.marker.color[0] == VERMILLION


def test_schedule_tells_the_critical_tasks_apart_and_marks_the_days():
    tasks = [("a", Decimal(0), Decimal(2), True), ("b", Decimal(1), Decimal(3), False)]
    figure = draw.schedule_bar(tasks, MARKS, TICKS, title="t")
    names = [trace.name for trace in figure.data]
    assert names == ["Gates the launch", "Has time left", *(name for name, _ in MARKS)]
    assert (figure.data[0].base, figure.data[0].x) == ((0,), (2,))
    assert [line.x0 for line in figure.layout.shapes] == [10, 21]
    assert figure.layout.xaxis.ticktext == ("18 Nov", "25 Nov")


def test_chance_rises_to_all():
    points = [(Decimal(9), Decimal(0)), (Decimal(10), Decimal(40)), (Decimal(12), Decimal(100))]
    figure = draw.chance_line(points, MARKS, TICKS, title="t")
    assert figure.data[0].y == (0, 40, 100)
    assert len(figure.data) == 3
