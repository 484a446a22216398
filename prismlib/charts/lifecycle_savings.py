"""Charts of the notebook on S3 lifecycle savings."""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate
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
    styled,
    wrapped,
)
from prismlib.formats import money, signed_money
from prismlib.tables import records

COLOURS = (VERMILLION, ORANGE, BLUE, GREEN, SKY, GREY)
DASHES = ("dot", "dash", "solid", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("x", "diamond", "circle", "square", "triangle-up", "star")
CENTS, THOUSAND = 2, 1000
LEGEND = {"orientation": "h", "y": -0.2, "x": 0, "font": {"size": 12}}


def saving_lines(months: pd.DataFrame, names: dict[str, str], *, title: str) -> go.Figure:
    """Draw what each set of rules has saved since the start, month by month.

    Where a set deletes more or less than is deleted now, what it saves by moving alone is a thin
    line beside it.

    Parameters
    ----------
    months : POLICY_MONTH
    names : dict of str to str
        What the legend says for each policy, in the order to draw them.
    title : str
    """
    rows = records(months)
    currency = rows[0]["billing_currency"] if rows else "USD"
    figure = Drawing()
    for number, (policy, label) in enumerate(names.items()):
        mine = [row for row in rows if row["policy_name"] == policy]
        _add_line(
            figure,
            number,
            [0, *(row["month_number"] for row in mine)],
            floats([Decimal(0), *(row["cumulative_effect"] for row in mine)]),
            label,
            [_amount(Decimal(0), currency)]
            + [_amount(row["cumulative_effect"], currency) for row in mine],
        )
        if any(row["deleting_effect"] for row in mine):
            _add_moving(figure, number, mine, label)
    figure.add_hline(y=0, line={"color": INK, "width": 1})
    figure.update_xaxes(title={"text": "months from the start"}, dtick=6)
    figure.update_yaxes(**money_axis(currency, ""))
    styled(figure, title, height=430)
    return figure.update_layout(showlegend=True, legend=LEGEND).figure()


def _amount(value: Decimal, currency: str) -> str:
    """Return an amount to the cent below a thousand, to the dollar above."""
    return money(value, currency, decimals=CENTS if abs(value) < THOUSAND else None)


def _add_moving(figure: Drawing, number: int, rows: list[dict[str, Any]], label: str) -> None:
    """Add what a set of rules saves by moving alone (rows of POLICY_MONTH, by month)."""
    deleted = accumulate((row["deleting_effect"] for row in rows), initial=Decimal(0))
    summed = [Decimal(0), *(row["cumulative_effect"] for row in rows)]
    moving = [one - less for one, less in zip(summed, deleted, strict=True)]
    figure.add_scatter(
        x=list(range(len(moving))),
        y=floats(moving),
        mode="lines",
        name=wrapped(f"{label}: by moving alone", 40),
        line={"color": COLOURS[number % len(COLOURS)], "dash": "dot", "width": 1.5},
        text=[escaped(_amount(amount, rows[0]["billing_currency"])) for amount in moving],
        hovertemplate="%{x}: %{text}<extra></extra>",
    )


def _add_line(
    figure: Drawing, number: int, x: list[Any], y: list[Any], label: str, text: list[str]
) -> None:
    position = number % len(COLOURS)
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines+markers",
        name=wrapped(label, 40),
        line={"color": COLOURS[position], "dash": DASHES[position], "width": 2},
        marker={"symbol": SYMBOLS[position], "size": 7, "maxdisplayed": 8},
        text=[escaped(words) for words in text],
        hovertemplate="%{x}: %{text}<extra></extra>",
    )


def cost_lines(months: pd.DataFrame, names: dict[str, str], *, title: str) -> go.Figure:
    """Draw what each month costs as things are, and under each set of rules (POLICY_MONTH)."""
    rows = records(months)
    currency = rows[0]["billing_currency"] if rows else "USD"
    figure = Drawing()
    first = [row for row in rows if row["policy_name"] == rows[0]["policy_name"]]
    figure.add_scatter(
        x=[row["month_number"] for row in first],
        y=floats(row["baseline_cost"] for row in first),
        mode="lines",
        name="As it is",
        line={"color": INK, "width": 2, "shape": "hv"},
        hovertemplate="%{x}: %{y:$,.2f}<extra></extra>",
    )
    for number, (policy, label) in enumerate(names.items()):
        mine = [row for row in rows if row["policy_name"] == policy]
        numbers, costs = [row["month_number"] for row in mine], [row["cost"] for row in mine]
        texts = [_amount(cost, currency) for cost in costs]
        _add_line(figure, number, numbers, floats(costs), label, texts)
    figure.update_xaxes(title={"text": "month"}, dtick=6)
    figure.update_yaxes(rangemode="tozero", **money_axis(currency, ""))
    styled(figure, title, height=430)
    return figure.update_layout(showlegend=True, legend=LEGEND).figure()


def read_lines(reads: pd.DataFrame, names: dict[str, str], *, title: str) -> go.Figure:
    """Draw what each set of rules (READ_CASE) saves in a year, by how often objects are read."""
    rows = records(reads)
    currency = rows[0]["billing_currency"] if rows else "USD"
    figure = Drawing()
    for number, (policy, label) in enumerate(names.items()):
        mine = [row for row in rows if row["policy_name"] == policy]
        mine.sort(key=lambda row: row["object_reads"])
        _add_line(
            figure,
            number,
            floats(row["object_reads"] for row in mine),
            floats(row["first_year_effect"] for row in mine),
            label,
            [_amount(row["first_year_effect"], currency) for row in mine],
        )
    figure.add_hline(y=0, line={"color": INK, "width": 1})
    figure.update_xaxes(title={"text": "reads of each object in a month"})
    figure.update_yaxes(**money_axis(currency, ""))
    styled(figure, title, height=430)
    return figure.update_layout(showlegend=True, legend=LEGEND).figure()


def claim_bars(outcomes: pd.DataFrame, *, title: str) -> go.Figure:
    """Draw what prices alone claim for a year beside what a simulated year saves.

    Parameters
    ----------
    outcomes : DataFrame
        Columns ``policy_name``, ``claimed``, ``first_year_effect`` and ``billing_currency``.
    title : str
    """
    rows = records(outcomes)
    currency = rows[0]["billing_currency"] if rows else "USD"
    figure = Drawing()
    for column, label, colour, shape in (
        ("claimed", "Prices alone", GREY, "/"),
        ("first_year_effect", "Net, simulated", BLUE, ""),
    ):
        amounts = [row[column] for row in rows]
        figure.add_bar(
            orientation="h",
            y=[wrapped(row["policy_name"], 18) for row in rows],
            x=floats(amounts),
            name=label,
            marker={"color": colour, "pattern": {"shape": shape}},
            text=["" if a is None else escaped(signed_money(a, currency)) for a in amounts],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    figure.update_xaxes(range=_room(rows), **money_axis(currency, ""))
    figure.update_yaxes(autorange="reversed", type="category")
    styled(figure, title, height=150 + 70 * max(len(rows), 1))
    return figure.update_layout(barmode="group", showlegend=True, legend=LEGEND).figure()


def _room(rows: list[dict[str, Any]]) -> list[float]:
    """Return the ends of the axis, with room for the labels outside the bars."""
    amounts = [row[name] for row in rows for name in ("claimed", "first_year_effect")]
    known = [amount for amount in amounts if amount is not None] + [Decimal(0)]
    low, high = min(known), max(known)
    room = (high - low or Decimal(1)) * Decimal("0.4")
    return [float(low - (room if low < 0 else 0)), float(high + room)]


def payback_lines(cases: pd.DataFrame, mean_bytes: Decimal, *, title: str) -> go.Figure:
    """Draw after how many months a move pays back, against the size of objects.

    Parameters
    ----------
    cases : MOVE_CASE
        A move that never pays back is left out.
    mean_bytes : Decimal
        Mean size of the bucket's objects, marked by a line.
    title : str
    """
    rows = [row for row in records(cases) if row["payback_months"]]
    figure = Drawing()
    for number, name in enumerate(dict.fromkeys(row["class_title"] for row in rows)):
        mine = [row for row in rows if row["class_title"] == name]
        _add_line(
            figure,
            number,
            floats(Decimal(row["object_bytes"]) / 10**6 for row in mine),
            floats(row["payback_months"] for row in mine),
            name,
            [f"{row['payback_months']:.3g} months" for row in mine],
        )
    figure.update_xaxes(
        type="log",
        dtick=1,
        title={"text": "size of an object in MB, log scale"},
        tickformat=",~g",
    )
    figure.update_yaxes(type="log", dtick=1, title={"text": "months"}, tickformat=",~g")
    if mean_bytes > 0:
        figure.add_vline(
            x=float(mean_bytes / 10**6),
            line={"color": INK, "width": 1, "dash": "dot"},
            label={"text": "mean here", "font": {"size": 11}, "textangle": -90},
        )
    styled(figure, title, height=470)
    return figure.update_layout(showlegend=True, legend={**LEGEND, "y": -0.24}).figure()
