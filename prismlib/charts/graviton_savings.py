"""Charts of the Graviton notebook."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
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
    money_axis,
    rows_height,
    styled,
    wrapped,
)
from prismlib.formats import money, percent, signed_money
from prismlib.tables import records

CURRENCY = "USD"
GENERATION_COLOURS = {"Graviton2": SKY, "Graviton3": BLUE, "Graviton4": GREEN}
MAX_PAIRS = 12
CENTS_BELOW = 1000
LEGEND_BELOW = {"orientation": "h", "yanchor": "top", "x": 0, "font": {"size": 12}}


def saving_basis_bar(bases: pd.DataFrame, *, title: str) -> go.Figure:
    """Draw each way to count the saving of a month (SAVING_BASIS); the first is the claim."""
    rows = records(bases)
    amounts = [row["monthly_saving"] for row in rows]
    labels = [wrapped(row["claim_origin"], 20) for row in rows]
    figure = Drawing().add_bar(
        orientation="h",
        y=labels,
        x=floats(amounts),
        text=[escaped(_saved(amount)) for amount in amounts],
        textposition="outside",
        cliponaxis=False,
        marker={"color": [VERMILLION, *[BLUE] * (len(rows) - 1)]},
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    figure.update_xaxes(range=_range(amounts), **_money_axis())
    figure.update_yaxes(autorange="reversed", type="category")
    return styled(figure, title, height=130 + rows_height(labels, 60)).figure()


def _money_axis() -> dict[str, Any]:
    """Return an axis of money with few marks: a phone has no room for more."""
    return {**money_axis(CURRENCY, ""), "nticks": 4}


def _range(amounts: Sequence[Decimal | None]) -> list[float]:
    """Return an axis from zero that leaves the labels room."""
    known = [float(amount) for amount in amounts if amount is not None] or [1.0]
    low, high = min(0.0, *known), max(0.0, *known)
    room = (high - low or 1.0) * 0.45
    return [low - (room if low < 0 else 0), high + (room if high > 0 else 0)]


def generation_bar(options: pd.DataFrame, *, title: str, largest: int = 8) -> go.Figure:
    """Draw the saving by price of each line (GRAVITON_OPTION) in every generation.

    A saving that is not known is written, not drawn. Lines after the `largest` are left to the
    table.
    """
    rows = records(options)
    names = list(dict.fromkeys(row["line_name"] for row in rows))[:largest]
    figure = Drawing()
    for generation, colour in GENERATION_COLOURS.items():
        mine = {r["line_name"]: r for r in rows if r["graviton_generation"] == generation}
        amounts = [mine[name]["monthly_saving"] if name in mine else None for name in names]
        figure.add_bar(
            orientation="h",
            y=[wrapped(name, 16) for name in names],
            x=[0 if amount is None else float(amount) for amount in amounts],
            text=[f"{generation}: {escaped(_saved(amount))}" for amount in amounts],
            textposition="outside",
            cliponaxis=False,
            marker={"color": colour},
            name=generation,
            hovertemplate="%{y}<br>%{text}<extra></extra>",
        )
    known = [row["monthly_saving"] for row in rows if row["line_name"] in names]
    low, high = _range(known)
    figure.update_xaxes(range=[low, high * 1.35], **_money_axis())
    figure.update_yaxes(autorange="reversed", type="category")
    styled(figure, title, height=150 + 96 * len(names))
    return figure.update_layout(barmode="group", bargap=0.25).figure()


def _saved(amount: Decimal | None) -> str:
    is_small = amount is not None and 0 < abs(amount) < CENTS_BELOW
    return money(amount, decimals=2 if is_small else None)


def work_cost_dots(changes: pd.DataFrame, *, title: str, confidence_pct: Decimal) -> go.Figure:
    """Draw the change in price and in the cost of the work of each pair (PRICE_PERFORMANCE).

    The bar is the interval of `confidence_pct`. Right of zero is dearer.
    """
    rows = _first_of_each(changes)[:MAX_PAIRS]
    names = [
        wrapped(f"{r['source_type']} to {r['target_type']}, {r['workload']}", 16) for r in rows
    ]
    figure = Drawing()
    _add_dots(figure, names, [row["price_change_ratio"] for row in rows], _PRICE)
    middle = [row["cost_per_work_change_ratio"] for row in rows]
    _add_dots(figure, names, middle, _WORK, error=_interval(rows))
    figure.add_vline(x=0, line={"color": INK, "width": 1})
    figure.update_xaxes(
        tickformat="+.0%",
        nticks=5,
        tickangle=0,
        title={
            "text": f"right of zero is dearer; bar:<br>interval of "
            f"{percent(confidence_pct, 0, signed=False)}",
        },
    )
    figure.update_yaxes(range=[len(rows) - 0.4, -0.6], type="category")
    styled(figure, title, height=230 + 58 * len(rows))
    return figure.update_layout(showlegend=True, legend={**LEGEND_BELOW, "y": -0.2}).figure()


def _first_of_each(changes: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the first known row of each pair and work: on other rates only the price differs."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in records(changes):
        key = (row["source_type"], row["target_type"], row["workload"])
        if row["cost_per_work_change_ratio"] is not None:
            found.setdefault(key, row)
    return list(found.values())


_PRICE = ("Price of an hour", BLUE, "diamond")
_WORK = ("Cost of a unit of work", VERMILLION, "circle")


def _interval(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    middle = floats(row["cost_per_work_change_ratio"] for row in rows)
    high = floats(row["high_cost_per_work_change_ratio"] for row in rows)
    low = floats(row["low_cost_per_work_change_ratio"] for row in rows)
    return {
        "type": "data",
        "symmetric": False,
        "array": [
            h - m for h, m in zip(high, middle, strict=True) if h is not None and m is not None
        ],
        "arrayminus": [
            m - b for b, m in zip(low, middle, strict=True) if b is not None and m is not None
        ],
        "color": VERMILLION,
        "thickness": 2,
        "width": 5,
    }


def _add_dots(
    figure: Drawing,
    names: Sequence[str],
    ratios: Sequence[Decimal | None],
    mark: tuple[str, str, str],
    *,
    error: dict[str, Any] | None = None,
) -> None:
    words, colour, symbol = mark
    figure.add_scatter(
        x=floats(ratios),
        y=list(names),
        mode="markers",
        marker={"color": colour, "symbol": symbol, "size": 12},
        error_x=error,
        name=words,
        text=[percent(None if r is None else r * 100, 1) for r in ratios],
        hovertemplate="%{y}<br>%{text}<extra>" + words.lower() + "</extra>",
    )


def cumulative_saving_line(wait: pd.DataFrame, now: pd.DataFrame, *, title: str) -> go.Figure:
    """Draw the cumulative net saving of both plans (MIGRATION_MONTH each)."""
    figure = Drawing()
    for frame, words, colour, dash in (
        (wait, "Each line waits for its commitment", BLUE, "solid"),
        (now, "Every line moves at once", ORANGE, "dash"),
    ):
        rows = records(frame)
        amounts = [row["cumulative_net_saving"] for row in rows]
        figure.add_scatter(
            x=[row["month_start"] for row in rows],
            y=floats(amounts),
            mode="lines",
            line={"color": colour, "dash": dash, "width": 3},
            name=words,
            text=[escaped(signed_money(amount, decimals=0)) for amount in amounts],
            hovertemplate="end of %{x|%b %Y}: %{text}<extra></extra>",
        )
    figure.add_hline(y=0, line={"color": GREY, "width": 1})
    figure.update_yaxes(**money_axis(CURRENCY, ""))
    figure.update_xaxes(tickformat="%b %Y", nticks=5)
    styled(figure, title, height=400)
    return figure.update_layout(showlegend=True, legend={**LEGEND_BELOW, "y": -0.16}).figure()
