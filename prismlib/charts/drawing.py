"""A figure in the making: plain settings, which plotly checks once, when all are there.

Each change of a `go.Figure` has plotly look through all of it, so a chart that is built change by
change takes several times as long. This takes the same changes, in the same order, and hands plotly
the whole.

Even once is too long for a chart that follows a hand: a panel takes the settings `unchecked`, drawn
by the same function as the chart of the report, which was checked.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any, Self

import plotly.graph_objects as go

Settings = dict[str, Any]
_is_checked = ContextVar("_is_checked", default=True)


@contextlib.contextmanager
def unchecked() -> Iterator[None]:
    """Have `Drawing.figure` give the drawing itself, which plotly has not looked through."""
    before = _is_checked.set(False)
    try:
        yield
    finally:
        _is_checked.reset(before)


class Drawing:
    """The traces and the layout of a figure; the methods are named as those of `go.Figure`."""

    def __init__(self) -> None:
        self.traces: list[Settings] = []
        self.layout: Settings = {}

    def figure(self) -> go.Figure:
        """Return the figure; the drawing itself where it is to be `unchecked`.

        Raises
        ------
        ValueError
            A setting is none that plotly knows.
        """
        if not _is_checked.get():
            return self
        return go.Figure({"data": self.traces, "layout": self.layout})

    def add(self, kind: str, **settings: Any) -> Self:
        """Add a trace of any kind of plotly's: ``waterfall``, ``heatmap`` ..."""
        self.traces.append({"type": kind, **settings})
        return self

    def add_bar(self, **settings: Any) -> Self:
        """Add bars."""
        return self.add("bar", **settings)

    def add_scatter(self, **settings: Any) -> Self:
        """Add points or a line."""
        return self.add("scatter", **settings)

    def add_annotation(self, **settings: Any) -> Self:
        """Write a text at a place."""
        self.layout.setdefault("annotations", []).append(settings)
        return self

    def add_hline(self, *, y: float, line: Settings) -> Self:
        """Draw a line across at a height."""
        ends: Settings = {"x0": 0, "x1": 1, "xref": "x domain", "y0": y, "y1": y, "yref": "y"}
        return self._add_shape(type="line", line=line, **ends)

    def add_vline(self, *, x: float, line: Settings, label: Settings | None = None) -> Self:
        """Draw an upright line, with a text at its upper end where there is a `label`."""
        ends: Settings = {"x0": x, "x1": x, "xref": "x", "y0": 0, "y1": 1, "yref": "y domain"}
        if label is not None:
            place = {"x": x, "xref": "x", "y": 1, "yref": "y domain"}
            anchor = {"xanchor": "left", "yanchor": "top", "showarrow": False}
            self.add_annotation(**place, **anchor, **label)
        return self._add_shape(type="line", line=line, **ends)

    def add_band(self, *, y0: float, y1: float, colour: str) -> Self:
        """Shade what lies between two heights."""
        ends: Settings = {"x0": 0, "x1": 1, "xref": "x domain", "y0": y0, "y1": y1, "yref": "y"}
        return self._add_shape(type="rect", fillcolor=colour, line={"width": 0}, **ends)

    def _add_shape(self, **settings: Any) -> Self:
        self.layout.setdefault("shapes", []).append(settings)
        return self

    def update_layout(self, **settings: Any) -> Self:
        """Change settings of the layout; those that are not named stay."""
        _merge(self.layout, settings)
        return self

    def update_xaxes(self, **settings: Any) -> Self:
        """Change settings of the axis to the right."""
        return self.update_layout(xaxis=settings)

    def update_yaxes(self, **settings: Any) -> Self:
        """Change settings of the upright axis."""
        return self.update_layout(yaxis=settings)


def _merge(into: Settings, new: Mapping[str, Any]) -> None:
    """Put `new` into a tree of settings, branch by branch; nothing of `new` is shared."""
    for name, value in new.items():
        if isinstance(value, Mapping):
            branch = into.setdefault(name, {})
            _merge(branch, value)
        else:
            into[name] = value
