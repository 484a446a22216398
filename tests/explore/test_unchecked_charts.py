"""A panel takes charts that plotly has not looked through: they are those that it has checked."""

from __future__ import annotations

import contextlib
import importlib
import json
from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go
import pytest

from prismlib import paths
from prismlib.charts.drawing import Drawing, unchecked
from prismlib.explore import parts
from prismlib.explore.panel import Panel
from prismlib.explore.screen import Screen
from prismlib.sources.snapshots import read_snapshot

NAMES = [
    file.stem
    for file in sorted(paths.NOTEBOOKS.glob("*.ipynb"))
    if '"interactive"' in file.read_text("utf-8")
]


def opened(name: str) -> Panel:
    module = importlib.import_module(f"prismlib.explore.{name}")
    panel: Panel = module.explore(read_snapshot(paths.SAMPLE), {})
    return panel


def charts_of(panel: Panel) -> Iterator[tuple[str, Any]]:
    """Yield each chart of a panel as it is sent."""
    panel.move()
    for slot, part in panel.parts.items():
        if part.kind == "figure":
            yield slot, json.loads(part.data["figure"])


@pytest.mark.parametrize("name", NAMES)
def test_every_chart_of_a_panel_is_the_one_that_plotly_checks(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = dict(charts_of(opened(name)))
    monkeypatch.setattr("prismlib.explore.panel.unchecked", contextlib.nullcontext)
    checked = dict(charts_of(opened(name)))
    assert len(quick) >= 3
    assert quick == checked


def test_a_setting_that_plotly_does_not_know_is_refused_where_it_is_checked() -> None:
    drawing = Drawing().add_bar(x=[1], y=["a"], colour="red")
    with unchecked():
        assert drawing.figure() is drawing
    with pytest.raises(ValueError, match="colour"):
        drawing.figure()


def test_the_screen_is_given_the_template_that_a_checked_figure_has() -> None:
    told: list[dict[str, Any]] = []
    screen = Screen(notebook="cost_variance", specs=[], values={})
    screen.send = lambda message, buffers=None: told.append(message)  # type: ignore[method-assign]
    screen._give_plotly(None, {"kind": "plotly"}, None)
    given = json.loads(go.Figure().to_json())["layout"]["template"]
    assert json.loads(json.dumps(told[0]["template"])) == given
    part = parts.show(go.Figure(layout={"height": 100}), id="one", alt="one")
    assert "template" not in part.data["figure"]
