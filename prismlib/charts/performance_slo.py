"""Charts of the notebook on benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log10
from typing import Any

import plotly.graph_objects as go

from prismlib.charts.drawing import Drawing
from prismlib.charts.theme import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    escaped,
    floats,
    styled,
    wrapped,
)
from prismlib.formats import count

LEGEND = {"orientation": "h", "y": -0.22, "x": 0, "font": {"size": 12}}
LOOKS = ((BLUE, "solid"), (SKY, "dash"), (PURPLE, "dot"), (GREY, "dashdot"))
"""Of measured runs; what is promised is green, what is stated vermillion."""
PERCENTS = ("0", "50", "90", "99", "99.9", "99.99")
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Curve:
    """Measured times of a run: percent of requests, and the time that so many are within. [ms]"""

    name: str
    points: Sequence[tuple[Decimal, Decimal]]


@dataclass(frozen=True)
class Mark:
    """A percentile: its time, and the ends of its interval where they are known. [ms]"""

    percent: Decimal
    value: Decimal
    low: Decimal | None = None
    high: Decimal | None = None


def latency_line(
    curves: Sequence[Curve],
    measured: Sequence[Mark],
    targets: Sequence[Mark],
    stated: Sequence[Mark],
    bounds: Sequence[tuple[str, Decimal]],
    *,
    title: str,
) -> go.Figure:
    """Draw times over percentiles, both on logarithmic axes: the tail has as much room as the rest.

    Parameters
    ----------
    curves : sequence of Curve
        Measured distributions; those that are made up say so in their names.
    measured, targets, stated : sequence of Mark
        Percentiles with intervals; what is promised; what a document says.
    bounds : sequence of (name, ms)
        Times that physics or a document of the store puts a floor to.
    title : str
    """
    figure = Drawing()
    for number, curve in enumerate(curves):
        colour, dash = LOOKS[number % len(LOOKS)]
        figure.add_scatter(
            x=[_place(percent) for percent, _ in curve.points],
            y=floats(time for _, time in curve.points),
            mode="lines",
            line={"color": colour, "width": 2.5, "dash": dash, "shape": "vh"},
            name=escaped(curve.name),
            customdata=[f"{percent:.5g}" for percent, _ in curve.points],
            hovertemplate="%{customdata}% within %{y:.3~g} ms<extra></extra>",
        )
    _add_marks(figure, "measured, with its interval", measured, INK, "circle-open")
    _add_marks(figure, "target", targets, GREEN, "line-ew-open", size=20)
    _add_marks(figure, "as stated", stated, VERMILLION, "x")
    for name, time in bounds:
        _add_line(figure, name, time, {"color": ORANGE, "width": 2, "dash": "dash"})
    figure.update_xaxes(
        tickvals=[_place(Decimal(text)) for text in PERCENTS],
        ticktext=[f"p{text}" for text in PERCENTS],
        range=[-0.05, 4.1],
        title={"text": "percentile"},
        zeroline=False,
    )
    figure.update_yaxes(type="log", dtick="D2", title={"text": "ms"})
    figure.update_yaxes(tickformat="~g")
    styled(figure, title, height=520)
    return figure.update_layout(showlegend=True, legend=LEGEND).figure()


def _add_line(figure: Drawing, name: str, time: Decimal, line: dict[str, Any]) -> None:
    """Draw a line across at a time; its name is in the legend, where it never hides."""
    figure.add_hline(y=float(time), line=line)
    label = f"{name}, {count(round(time, 2))} ms"
    figure.add_scatter(x=[None], y=[None], mode="lines", line=line, name=escaped(label))


def _place(percent: Decimal) -> float:
    """Return where a percentile stands: a nine more is a step further."""
    left = max(HUNDRED - percent, Decimal("0.001"))
    return -log10(float(left / HUNDRED))


def _add_marks(
    figure: Drawing,
    name: str,
    marks: Sequence[Mark],
    colour: str,
    symbol: str,
    *,
    size: int = 8,
) -> None:
    if not marks:
        return
    errors: dict[str, Any] = {}
    if any(mark.low is not None or mark.high is not None for mark in marks):
        errors["error_y"] = {
            "type": "data",
            "symmetric": False,
            "array": [_gap(mark.value, mark.high) for mark in marks],
            "arrayminus": [_gap(mark.low, mark.value) for mark in marks],
            "color": colour,
            "thickness": 2,
            "width": 6,
        }
    figure.add_scatter(
        x=[_place(mark.percent) for mark in marks],
        y=floats(mark.value for mark in marks),
        mode="markers",
        marker={"color": colour, "symbol": symbol, "size": size}
        | {"line": {"width": 2.5, "color": colour}},
        name=name,
        customdata=[f"p{mark.percent.normalize():f}" for mark in marks],
        hovertemplate="%{customdata}: %{y:.4~g} ms<extra></extra>",
        **errors,
    )


def _gap(low: Decimal | None, high: Decimal | None) -> float:
    return 0.0 if low is None or high is None else float(high - low)


def possible_bar(times: Sequence[tuple[str, Decimal]], *, title: str) -> go.Figure:
    """Draw by what factor each check is beyond what is possible, on a logarithmic axis.

    Parameters
    ----------
    times : sequence of (name, factor)
        One is the limit; up to it a bar is green, beyond it vermillion.
    title : str
    """
    names = [wrapped(name, 24) for name, _ in times]
    logs = [log10(float(factor)) for _, factor in times]
    figure = Drawing().add_bar(
        orientation="h",
        y=names,
        x=logs,
        marker={"color": [VERMILLION if value > 0 else GREEN for value in logs]},
        text=[_factor_words(factor) for _, factor in times],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    low, high = min([0.0, *logs]), max([0.0, *logs])
    ticks = range(int(low) - 1, int(high) + 2)
    figure.update_xaxes(
        tickvals=list(ticks),
        ticktext=[f"{count(Decimal(10) ** tick)}x" for tick in ticks],
        range=[low - 0.7, high + 0.9],
        title={"text": "of what is possible or documented"},
    )
    figure.add_vline(x=0, line={"color": INK, "width": 1.5})
    figure.update_yaxes(autorange="reversed", type="category")
    return styled(figure, title, height=150 + 48 * max(len(times), 1)).figure()


def _factor_words(factor: Decimal) -> str:
    digits = 0 if factor >= 100 else 1 if factor >= 10 else 2
    return f"{count(round(factor, digits))}x"


def node_bar(
    nodes: Sequence[tuple[str, Decimal]],
    lines: Sequence[tuple[str, Decimal]],
    *,
    title: str,
) -> go.Figure:
    """Draw the 99th percentile of each node, slowest first, and lines across them.

    Parameters
    ----------
    nodes : sequence of (name, ms)
    lines : sequence of (name, ms)
        The percentile of all together, and the mean of those of the nodes.
    title : str
    """
    ordered = sorted(nodes, key=lambda one: -one[1])
    figure = Drawing().add_bar(
        x=[escaped(name) for name, _ in ordered],
        y=floats(time for _, time in ordered),
        marker={"color": SKY},
        name="p99 of a node",
        hovertemplate="%{x}: %{y:.3~g} ms<extra></extra>",
    )
    for (name, time), (colour, dash) in zip(
        lines, ((VERMILLION, "solid"), (GREY, "dash")), strict=False
    ):
        _add_line(figure, name, time, {"color": colour, "width": 2.5, "dash": dash})
    figure.update_xaxes(
        showticklabels=False, showgrid=False, title={"text": "nodes, slowest first"}
    )
    figure.update_yaxes(title={"text": "p99, ms"}, rangemode="tozero")
    styled(figure, title, height=400)
    return figure.update_layout(showlegend=True, legend={**LEGEND, "y": -0.16}).figure()


def week_line(runs: Sequence[tuple[str, Mark]], *, statistic: str, title: str) -> go.Figure:
    """Draw a percentile of several runs in order, each with its interval.

    Parameters
    ----------
    runs : sequence of (day, Mark)
    statistic, title : str
    """
    figure = Drawing().add_scatter(
        x=[escaped(day) for day, _ in runs],
        y=floats(mark.value for _, mark in runs),
        mode="lines+markers",
        line={"color": BLUE, "width": 2.5},
        marker={"size": 9},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [_gap(mark.value, mark.high) for _, mark in runs],
            "arrayminus": [_gap(mark.low, mark.value) for _, mark in runs],
            "color": INK,
        },
        hovertemplate="%{x}: %{y:.4~g} ms<extra></extra>",
    )
    figure.update_xaxes(type="category")
    figure.update_yaxes(title={"text": f"{escaped(statistic)}, ms"}, rangemode="tozero")
    return styled(figure, title, height=360).figure()
