"""Charts of the notebook on the launch."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from prismlib.analyses.launch_words import ASSUMED
from prismlib.charts.drawing import Drawing
from prismlib.charts.theme import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    SKY,
    VERMILLION,
    escaped,
    floats,
    rows_height,
    styled,
    wrapped,
)
from prismlib.formats import count

BAND_LOOKS = {
    "pass": ("#007a5a", "white"),
    "warn": (ORANGE, INK),
    "fail": ("#b34700", "white"),
    "unknown": (GREY, "white"),
    "": ("#f3f4f6", INK),
    ASSUMED: (BLUE, "white"),
}
"""The colour of a band and of the word in it; the word is always there, and assumed is no pass.

Green and vermillion are darker than in bars, where no small white word has to be read on them.
"""
SEVERITY_COLOURS = {"critical": VERMILLION, "high": ORANGE, "medium": SKY, "low": GREY, "": GREY}
LEGEND_BELOW, AROUND = 60, 130
"""How far a legend lies under its plot, and what a chart has around it. [px]"""
Cell = tuple[str, str]
"""A band and what is written in its cell."""


def gate_heatmap(
    criteria: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[Cell]], *, title: str
) -> go.Figure:
    """Draw criteria against ways to look at them, a coloured cell with its word each.

    Parameters
    ----------
    criteria : sequence of str
        The rows, first on top.
    columns : sequence of str
    cells : sequence of sequence of (band, text)
        A row a criterion, a cell a column.
    title : str
    """
    names = [wrapped(name, 20) for name in criteria]
    heads = [wrapped(name, 12) for name in columns]
    figure = Drawing().add("heatmap", **_heat(names, heads, cells))
    figure.add_scatter(**_words(names, heads, cells))
    figure.update_xaxes(side="top", showgrid=False, tickangle=0, tickfont={"size": 11})
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return styled(figure, title, height=170 + 58 * max(len(criteria), 1)).figure()


def _heat(
    names: Sequence[str], heads: Sequence[str], cells: Sequence[Sequence[Cell]]
) -> dict[str, Any]:
    bands = list(BAND_LOOKS)
    scale = [
        (edge / len(bands), BAND_LOOKS[band][0])
        for number, band in enumerate(bands)
        for edge in (number, number + 1)
    ]
    return {
        "z": [[bands.index(band) for band, _ in row] for row in cells],
        "x": heads,
        "y": names,
        "zmin": -0.5,
        "zmax": len(bands) - 0.5,
        "colorscale": scale,
        "showscale": False,
        "xgap": 4,
        "ygap": 4,
        "text": [[text for _, text in row] for row in cells],
        "hovertemplate": "%{y}, %{x}: %{text}<extra></extra>",
    }


def _words(
    names: Sequence[str], heads: Sequence[str], cells: Sequence[Sequence[Cell]]
) -> dict[str, Any]:
    """Return the word of each cell as one trace: a note for each would take twice as long."""
    placed = [
        (head, name, band, text)
        for name, row in zip(names, cells, strict=True)
        for head, (band, text) in zip(heads, row, strict=True)
    ]
    return {
        "mode": "text",
        "x": [head for head, _, _, _ in placed],
        "y": [name for _, name, _, _ in placed],
        "text": [wrapped(text, 14) for _, _, _, text in placed],
        "textfont": {"size": 12, "color": [BAND_LOOKS[band][1] for _, _, band, _ in placed]},
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def work_bar(
    items: Sequence[tuple[str, str, Decimal | None, Decimal | None]], *, title: str
) -> go.Figure:
    """Draw the hours that open items take: work of people, and waiting after it.

    Parameters
    ----------
    items : sequence of (name, severity, effort_hours, wait_hours)
        First on top; the colour of the work is that of the severity, named behind the bar.
    title : str
    """
    labels = [wrapped(name, 24) for name, *_ in items]
    efforts = [effort or Decimal(0) for _, _, effort, _ in items]
    waits = [wait or Decimal(0) for *_, wait in items]
    figure = Drawing()
    figure.add_bar(
        **_bar(labels, efforts, "Work", [SEVERITY_COLOURS.get(s, GREY) for _, s, *_ in items])
    )
    hatch = {"shape": "/", "fgcolor": GREY, "bgcolor": "white", "size": 6, "solidity": 0.3}
    waiting = _bar(labels, waits, "Waiting", "white")
    waiting["marker"] = {"color": "white", "pattern": hatch, "line": {"color": GREY, "width": 1}}
    figure.add_bar(**waiting)
    totals = [effort + wait for effort, wait in zip(efforts, waits, strict=True)]
    longest = max(totals, default=Decimal(1))
    for label, (_, severity, *_), hours in zip(labels, items, totals, strict=True):
        text = escaped(f"{count(hours)} h" + (f", {severity}" if severity else ""))
        place = {"x": float(hours), "y": label, "xanchor": "left", "xshift": 4}
        figure.add_annotation(text=text, showarrow=False, font={"size": 12, "color": INK}, **place)
    figure.update_xaxes(range=[0, float(longest * Decimal("1.45"))], title={"text": "hours"})
    figure.update_yaxes(autorange="reversed", type="category")
    styled(figure, title, height=180 + rows_height(labels, 46))
    legend = {"orientation": "h", "y": _below(figure), "x": 0}
    return figure.update_layout(barmode="stack", showlegend=True, legend=legend).figure()


def _below(figure: Drawing) -> float:
    """Return where a legend is close below its axis, as a share of a plot that may be tall."""
    height: int = figure.layout["height"]
    return -LEGEND_BELOW / (height - AROUND)


def _bar(
    labels: Sequence[str], hours: Sequence[Decimal], name: str, colour: str | list[str]
) -> dict[str, Any]:
    return {
        "orientation": "h",
        "y": list(labels),
        "x": floats(hours),
        "name": name,
        "marker": {"color": colour},
        "hovertemplate": "%{y}: %{x} h<extra>" + name + "</extra>",
    }


def schedule_bar(
    tasks: Sequence[tuple[str, Decimal, Decimal, bool]],
    marks: Sequence[tuple[str, Decimal]],
    ticks: Sequence[tuple[Decimal, str]],
    *,
    title: str,
) -> go.Figure:
    """Draw tasks over days, those that gate the launch in another colour.

    Parameters
    ----------
    tasks : sequence of (name, start, end, is_critical)
        In days from the first.
    marks : sequence of (name, day)
        Lines to hold the schedule against.
    ticks : sequence of (day, label)
    title : str
    """
    figure = Drawing()
    labels = [wrapped(name, 24) for name, *_ in tasks]
    for is_critical, name, colour in ((True, "Gates the launch", VERMILLION), (False, "", BLUE)):
        shown = [(y, t) for y, t in zip(labels, tasks, strict=True) if t[3] is is_critical]
        figure.add_bar(
            orientation="h",
            y=[y for y, _ in shown],
            x=floats(end - start for _, (_, start, end, _) in shown),
            base=floats(start for _, (_, start, _, _) in shown),
            name=name or "Has time left",
            marker={"color": colour},
            customdata=[count(round(end - start, 1)) for _, (_, start, end, _) in shown],
            hovertemplate="%{y}: %{customdata} days<extra></extra>",
        )
    _add_marks(figure, marks, ticks)
    figure.update_yaxes(
        autorange="reversed", type="category", categoryorder="array", categoryarray=labels
    )
    styled(figure, title, height=200 + rows_height(labels, 44))
    legend = {"orientation": "h", "y": _below(figure), "x": 0, "font": {"size": 12}}
    return figure.update_layout(barmode="overlay", showlegend=True, legend=legend).figure()


def chance_line(
    points: Sequence[tuple[Decimal, Decimal]],
    marks: Sequence[tuple[str, Decimal]],
    ticks: Sequence[tuple[Decimal, str]],
    *,
    title: str,
) -> go.Figure:
    """Draw how many percent of simulated schedules are done by a day.

    Parameters
    ----------
    points : sequence of (day, percent)
        Rising.
    marks, ticks :
        As for `schedule_bar`.
    title : str
    """
    figure = Drawing()
    figure.add_scatter(
        x=floats(at for at, _ in points),
        y=floats(share for _, share in points),
        mode="lines",
        line={"color": BLUE, "width": 3},
        name="done by the day",
        hovertemplate="%{y:.0f}% are done<extra></extra>",
    )
    _add_marks(figure, marks, ticks)
    figure.update_yaxes(range=[0, 104], ticksuffix="%", title={"text": "that are done"})
    styled(figure, title, height=420)
    legend = {"orientation": "h", "y": -0.2, "x": 0, "font": {"size": 12}}
    return figure.update_layout(showlegend=True, legend=legend).figure()


def _add_marks(
    figure: Drawing, marks: Sequence[tuple[str, Decimal]], ticks: Sequence[tuple[Decimal, str]]
) -> None:
    """Draw a line for each mark, named in the legend, and days along the axis."""
    for number, (name, at) in enumerate(marks):
        line = {"color": INK, "width": 1.5, "dash": "dot" if number else "dash"}
        figure.add_vline(x=float(at), line=line)
        figure.add_scatter(x=[None], y=[None], mode="lines", line=line, name=escaped(name))
    places, labels = floats(at for at, _ in ticks), [text for _, text in ticks]
    figure.update_xaxes(tickvals=places, ticktext=labels)
