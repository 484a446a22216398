"""Charts of the notebook on recovery."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from math import ceil
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from prismlib.charts.drawing import Drawing
from prismlib.charts.theme import (
    BLUE,
    GREEN,
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
from prismlib.formats import duration
from prismlib.tables import records

Recovery = tuple[str, Decimal | None]
"""A way to count recovery, and what it takes in seconds; None is not known."""
TICKS_S = (15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
"""Distances of ticks; about five of them fit a phone."""
MAX_TICKS = 6
MAX_LABELS = 12
"""More values on a line hide each other."""
LEAST_HEIGHT, LEGEND_BELOW = 360, 85
"""Of a chart, and how far its legend lies under its plot. [px]"""
ACTUAL, CRITICAL, EXCLUDED, EARLIEST = (
    "As it ran",
    "As it ran, on the critical path",
    "Left off the clock",
    "As early as can be",
)
PLANNED = "As planned"


def timeline_bar(
    steps: pd.DataFrame,
    bounds: Sequence[tuple[str, Decimal | None]],
    *,
    compared: bool,
    title: str,
) -> go.Figure:
    """Draw the steps of a drill (RECOVERY_STEP) over time.

    Parameters
    ----------
    steps : RECOVERY_STEP
        Those without a place are left out.
    bounds : sequence of (name, seconds)
        Lines that recovery is held against; those that are not known are left out.
    compared : bool
        True draws the published clock and beneath each step its plan, or without one the earliest
        that its dependencies allow; false draws all the work in its place, excluded work hatched.
    title : str
    """
    rows = [row for row in records(steps) if _span(row, compared) is not None]
    rows.sort(key=lambda row: _span(row, compared))  # type: ignore[arg-type, return-value]
    figure = Drawing()
    for name, style in _styles(compared).items():
        _add_bars(figure, [r for r in rows if _kind(r, compared) == name], name, style, compared)
    end = max((_span(row, compared)[1] for row in rows), default=Decimal(1))  # type: ignore[index]
    if compared:
        end = max(end, _add_compared(figure, rows))
    for row in rows:
        start, last = _span(row, compared)  # type: ignore[misc]
        _add_value(figure, _label(row), last, duration(last - start), 9 if compared else 0)
    figure.update_yaxes(
        autorange="reversed",
        type="category",
        categoryorder="array",
        categoryarray=[_label(row) for row in rows],
    )
    figure.update_xaxes(**_time_axis(_reach(end, bounds)), title={"text": "from T+0, min:s"})
    styled(figure, title, height=190 + (52 if compared else 40) * max(len(rows), 1))
    _mark_bounds(figure, bounds, end)
    return figure.update_layout(barmode="overlay", showlegend=True, bargap=0.2).figure()


def _styles(compared: bool) -> dict[str, dict[str, Any]]:
    plain: dict[str, dict[str, Any]] = {
        ACTUAL: {"color": BLUE},
        CRITICAL: {"color": VERMILLION},
    }
    hatch = {"shape": "/", "fgcolor": INK, "bgcolor": ORANGE, "size": 7, "solidity": 0.35}
    return plain if compared else {**plain, EXCLUDED: {"color": ORANGE, "pattern": hatch}}


def _kind(row: dict[str, Any], compared: bool) -> str:
    if row["is_excluded"] and not compared:
        return EXCLUDED
    return CRITICAL if row["is_critical"] else ACTUAL


def _span(row: dict[str, Any], compared: bool) -> tuple[Decimal, Decimal] | None:
    """Return where a step is drawn: on the published clock, or with all the work in its place.

    A time that is known within a range is drawn in the middle of it.
    """
    if row["phase"] != "restore" or (compared and row["is_excluded"]):
        return None
    if not compared:
        start, end = row["ran_start_s"], row["ran_end_s"]
        return None if start is None or end is None else (start, end)
    times = [row[f"{name}_s"] for name in ("start_low", "start_high", "end_low", "end_high")]
    if None in times:
        return None
    return (times[0] + times[1]) / 2, (times[2] + times[3]) / 2


def _label(row: dict[str, Any]) -> str:
    text = wrapped(row["step_name"])
    return f"<b>{text}</b>" if row["is_critical"] else text


def _add_bars(
    figure: Drawing,
    rows: list[dict[str, Any]],
    name: str,
    style: dict[str, Any],
    compared: bool,
) -> None:
    if not rows:
        return
    spans = [span for row in rows if (span := _span(row, compared)) is not None]
    figure.add_bar(
        orientation="h",
        y=[_label(row) for row in rows],
        x=floats(end - start for start, end in spans),
        base=floats(start for start, _ in spans),
        name=name,
        marker={**style, "line": {"color": INK, "width": 1 if "pattern" in style else 0}},
        width=0.42 if compared else 0.66,
        offset=-0.42 if compared else None,
        customdata=[f"{duration(start)} to {duration(end)}" for start, end in spans],
        hovertemplate="%{y}: T+%{customdata}<extra></extra>",
    )


def _add_compared(figure: Drawing, rows: list[dict[str, Any]]) -> Decimal:
    """Draw the plan, or without one the earliest times; return the latest end of it."""
    is_planned = all(row["planned_end_s"] is not None for row in rows)
    prefix, name = ("planned", PLANNED) if is_planned else ("earliest", EARLIEST)
    shown = [row for row in rows if row[f"{prefix}_end_s"] is not None]
    if not shown:
        return Decimal(0)
    spans: list[tuple[Decimal, Decimal]] = [
        (row[f"{prefix}_start_s"], row[f"{prefix}_end_s"]) for row in shown
    ]
    figure.add_bar(
        orientation="h",
        y=[_label(row) for row in shown],
        x=floats(end - start for start, end in spans),
        base=floats(start for start, _ in spans),
        name=name,
        marker={"color": "white", "line": {"color": SKY, "width": 2}},
        width=0.3,
        offset=0.06,
        customdata=[f"{duration(start)} to {duration(end)}" for start, end in spans],
        hovertemplate="%{y}: T+%{customdata}<extra></extra>",
    )
    return max(end for _, end in spans)


def recovery_bar(
    recoveries: Sequence[Recovery],
    bounds: Sequence[tuple[str, Decimal | None]],
    *,
    title: str,
) -> go.Figure:
    """Draw ways to count recovery as bars against the target and the limit.

    Parameters
    ----------
    recoveries : sequence of (name, seconds)
        A bar is green within all bounds, orange over the first, vermillion over the last; one that
        is not known says so.
    bounds : sequence of (name, seconds)
        The target first, then the limit.
    title : str
    """
    known = [value for _, value in bounds if value is not None]
    longest = max((s for _, s in recoveries if s is not None), default=Decimal(1))
    labels = [wrapped(name, 28) for name, _ in recoveries]
    figure = Drawing().add_bar(
        orientation="h",
        y=labels,
        x=floats(seconds or Decimal(0) for _, seconds in recoveries),
        marker={"color": [_colour(seconds, known) for _, seconds in recoveries]},
        customdata=[duration(seconds) for _, seconds in recoveries],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
        showlegend=False,
    )
    for label, (_, seconds) in zip(labels, recoveries, strict=True):
        _add_value(figure, label, seconds or Decimal(0), duration(seconds))
    figure.update_xaxes(**_time_axis(_reach(longest, bounds) * Decimal("1.15")))
    figure.update_xaxes(title={"text": "min:s"})
    figure.update_yaxes(autorange="reversed", type="category")
    styled(figure, title, height=190 + rows_height(labels, 50))
    _mark_bounds(figure, bounds, longest)
    return figure.figure()


def _colour(seconds: Decimal | None, known: Sequence[Decimal]) -> str:
    over = 0 if seconds is None else sum(seconds > bound for bound in known)
    return GREEN if not over else ORANGE if over < len(known) else VERMILLION


def chance_line(
    curves: Sequence[tuple[str, Sequence[tuple[Decimal, Decimal]]]],
    bounds: Sequence[tuple[str, Decimal | None]],
    *,
    title: str,
) -> go.Figure:
    """Draw how many percent of simulated recoveries take no longer than a time.

    Parameters
    ----------
    curves : sequence of (name, points)
        Points are seconds and percent, rising.
    bounds : sequence of (name, seconds)
        Lines that recovery is held against.
    title : str
    """
    figure = Drawing()
    looks = ((BLUE, "solid"), (VERMILLION, "dash"), (GREEN, "dot"), (GREY, "dashdot"))
    for number, (name, points) in enumerate(curves):
        colour, dash = looks[number % len(looks)]
        figure.add_scatter(
            x=floats(seconds for seconds, _ in points),
            y=floats(percent for _, percent in points),
            mode="lines",
            line={"color": colour, "width": 3, "dash": dash},
            name=escaped(name),
            customdata=[duration(seconds) for seconds, _ in points],
            hovertemplate="%{y:.0f}% take at most %{customdata}<extra></extra>",
        )
    longest = max((points[-1][0] for _, points in curves), default=Decimal(1))
    figure.update_xaxes(**_time_axis(_reach(longest, bounds)), title={"text": "recovery, min:s"})
    figure.update_yaxes(range=[0, 104], ticksuffix="%", title={"text": "that take no longer"})
    styled(figure, title, height=460)
    _mark_bounds(figure, bounds, longest)
    return figure.update_layout(showlegend=True).figure()


def drill_line(
    drills: pd.DataFrame, bounds: Sequence[tuple[str, Decimal | None]], *, title: str
) -> go.Figure:
    """Draw how long drills took (DRILL_TREND) over their days, failovers and failbacks apart.

    Those without a day or of unknown recovery are left out. The legend says how many drills a line
    has, and from the shortest to the longest.
    """
    figure = Drawing()
    rows = [r for r in records(drills) if r["drill_date"] and r["recovery_s"] is not None]
    looks = {"failover": (BLUE, "solid", "circle"), "failback": (VERMILLION, "dash", "square")}
    for kind, (colour, dash, symbol) in looks.items():
        own = [row for row in rows if row["drill_kind"] == kind]
        if not own:
            continue
        taken = [row["recovery_s"] for row in own]
        is_labelled = len(own) <= MAX_LABELS
        figure.add_scatter(
            x=[row["drill_date"] for row in own],
            y=floats(taken),
            mode="lines+markers+text" if is_labelled else "lines+markers",
            text=[duration(value) for value in taken] if is_labelled else None,
            textposition="top center",
            line={"color": colour, "width": 2, "dash": dash},
            marker={"symbol": symbol, "size": 9},
            cliponaxis=False,
            name=f"{kind}s, n = {len(own)}: {duration(min(taken))} to {duration(max(taken))}",
            customdata=[(escaped(row["drill_id"]), duration(row["recovery_s"])) for row in own],
            hovertemplate="%{x}: %{customdata[1]} (%{customdata[0]})<extra></extra>",
        )
    longest = max((row["recovery_s"] for row in rows), default=Decimal(1))
    figure.update_yaxes(**_time_axis(_reach(longest, bounds)), title={"text": "recovery, min:s"})
    figure.update_xaxes(title={"text": "day of the drill"}, tickformat="%-d %b<br>%Y", nticks=6)
    styled(figure, title, height=440)
    _mark_bounds(figure, bounds, longest, is_across=True)
    return figure.update_layout(showlegend=True).figure()


# --- the time axis and its marks ------------------------------------------------------------------


def _reach(end: Decimal, bounds: Sequence[tuple[str, Decimal | None]]) -> Decimal:
    """Return how far the axis goes: to the end and every bound that is not far beyond it."""
    near = [value for _, value in bounds if value is not None and value <= 2 * end]
    return max([end, *near]) * Decimal("1.08")


def _time_axis(reach: Decimal) -> dict[str, Any]:
    days = ceil(reach / MAX_TICKS / TICKS_S[-1])
    step = next((s for s in TICKS_S if reach / s <= MAX_TICKS), days * TICKS_S[-1])
    places = [Decimal(step * number) for number in range(int(reach // step) + 1)]
    return {
        "range": [0, float(reach)],
        "tickvals": floats(places),
        "ticktext": [duration(place) for place in places],
    }


def _mark_bounds(
    figure: Drawing,
    bounds: Sequence[tuple[str, Decimal | None]],
    end: Decimal,
    *,
    is_across: bool = False,
) -> None:
    """Draw a line for each bound near the data; its name is in the legend, where it never hides."""
    near = [(name, value) for name, value in bounds if value is not None and value <= 2 * end]
    for number, (name, value) in enumerate(near):
        line = {"color": INK, "width": 1.5, "dash": "dot" if number else "dash"}
        if is_across:
            figure.add_hline(y=float(value), line=line)
        else:
            figure.add_vline(x=float(value), line=line)
        figure.add_scatter(
            x=[None], y=[None], mode="lines", line=line, name=escaped(f"{name} {duration(value)}")
        )
    # Below the title of the axis: a share of the plot that leaves its pixels in a short one too.
    height = max(figure.layout["height"], LEAST_HEIGHT)
    place = -LEGEND_BELOW / (height - 150)
    legend = {"orientation": "h", "y": place, "yanchor": "top", "x": 0, "font": {"size": 12}}
    figure.update_layout(showlegend=bool(near), legend=legend, height=height)


def _add_value(figure: Drawing, label: str, at: Decimal, text: str, yshift: int = 0) -> None:
    """Write a value behind its bar, on white, so that no line runs through it."""
    figure.add_annotation(
        x=float(at),
        y=label,
        text=text,
        showarrow=False,
        xanchor="left",
        xshift=3,
        yshift=yshift,
        borderpad=1,
        bgcolor="white",
        font={"size": 12, "color": INK},
    )
