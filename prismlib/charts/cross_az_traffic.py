"""Charts of the notebook on traffic between zones."""

from __future__ import annotations

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
    VERMILLION,
    escaped,
    floats,
    money_axis,
    styled,
    wrapped,
)
from prismlib.formats import money, percent, signed_money
from prismlib.tables import records

LOWEST_PCT, HIGHEST_PCT = Decimal("0.02"), Decimal(100)
"""The ends of the share axis; a logarithmic axis has no zero."""
BANDS = ("rgba(0, 158, 115, 0.16)", "rgba(230, 159, 0, 0.20)", "rgba(213, 94, 0, 0.12)")
MARKERS = ("circle", "diamond", "square", "star", "triangle-up", "x")


def crossing_cost_line(
    cost_per_pct: Decimal, scenarios: pd.DataFrame, thresholds: pd.DataFrame, *, title: str
) -> go.Figure:
    """Draw the monthly cost against the share of traffic that crosses zones.

    Parameters
    ----------
    cost_per_pct : Decimal
        Both-ends cost of one percent of the traffic in a month; the cost is linear in the share.
    scenarios : CROSSING_SCENARIO
        The points: claimed, spread at random, as built ...
    thresholds : CROSSING_THRESHOLD
        The lines that must not be crossed, with the allowed cost; those with none are left out.
    title : str
    """
    currency = next(iter(scenarios["billing_currency"]), "USD")
    low, high = LOWEST_PCT, HIGHEST_PCT
    figure = Drawing()
    ends = [cost_per_pct * low, cost_per_pct * high]
    lines = (("As billed, at both ends", 1, INK, "solid"), ("One end only", 2, GREY, "dot"))
    for name, divisor, colour, dash in lines:
        figure.add_scatter(
            x=floats([low, high]),
            y=floats(end / divisor for end in ends),
            mode="lines",
            line={"color": colour, "width": 2, "dash": dash},
            name=name,
            hoverinfo="skip",
        )
    _add_thresholds(figure, thresholds, currency, ends)
    _add_scenarios(figure, scenarios, currency)
    figure.update_xaxes(
        type="log",
        title={"text": "share that crosses (log scale)"},
        tickvals=[0.1, 1, 10, 100],
        ticktext=["0.1%", "1%", "10%", "100%"],
        range=[-1.7, 2.05],
    )
    figure.update_yaxes(type="log", dtick=1, **_log_money(currency))
    styled(figure, title, height=560)
    legend = {"orientation": "h", "y": -0.18, "x": 0, "font": {"size": 12}}
    return figure.update_layout(showlegend=True, legend=legend).figure()


def _log_money(currency: str) -> dict[str, Any]:
    axis = money_axis(currency, "")
    axis.pop("nticks")
    return axis


def _add_thresholds(
    figure: Drawing, thresholds: pd.DataFrame, currency: str, ends: list[Decimal]
) -> None:
    """Shade the cost below each line, and mark where the traffic reaches it."""
    rows = [row for row in records(thresholds) if row["allowed_cost"] > 0]
    rows.sort(key=lambda row: row["allowed_cost"])
    floor = min(ends[0] / 4, *(row["allowed_cost"] / 4 for row in rows)) if rows else ends[0]
    for row, colour in zip(rows, BANDS, strict=False):
        figure.add_band(y0=float(floor), y1=float(row["allowed_cost"]), colour=colour)
        floor = row["allowed_cost"]
        figure.add_annotation(
            x=2,
            y=float(row["allowed_cost"].log10()),
            text=escaped(f"{row['threshold_name']}: {money(row['allowed_cost'], currency)}"),
            showarrow=False,
            xanchor="right",
            yanchor="top",
            font={"size": 11, "color": INK},
        )
    _add_reached(figure, [row for row in rows if row["both_ends_crossing_pct"]], currency)


def _add_reached(figure: Drawing, rows: list[dict[str, Any]], currency: str) -> None:
    figure.add_scatter(
        x=floats(row["both_ends_crossing_pct"] for row in rows),
        y=floats(row["allowed_cost"] for row in rows),
        mode="markers",
        marker={"color": GREEN, "symbol": "line-ns-open", "size": 16, "line": {"width": 3}},
        name="Where a line is reached",
        text=[
            escaped(row["threshold_name"])
            + f": {percent(row['both_ends_crossing_pct'], 3, signed=False)}, "
            + money(row["allowed_cost"], currency)
            for row in rows
        ],
        hovertemplate="%{text}<extra></extra>",
    )


def _add_scenarios(figure: Drawing, scenarios: pd.DataFrame, currency: str) -> None:
    colours = (BLUE, VERMILLION, ORANGE, GREEN)
    drawn = [row for row in records(scenarios) if row["both_ends_cost"] and row["crossing_pct"]]
    for number, row in enumerate(drawn):
        words = escaped(
            f"{row['scenario_name']}: {percent(row['crossing_pct'], 1, signed=False)}, "
            f"{money(row['both_ends_cost'], currency)}"
        )
        figure.add_scatter(
            x=floats([row["crossing_pct"]]),
            y=floats([row["both_ends_cost"]]),
            mode="markers",
            marker={
                "color": colours[number % len(colours)],
                "symbol": MARKERS[number % len(MARKERS)],
                "size": max(22 - 4 * number, 9),  # those below stay visible
                "line": {"color": "white", "width": 1},
            },
            name=words,
            text=[words],
            hovertemplate="%{text}<extra></extra>",
        )


def sensitivity_bar(sensitivity: pd.DataFrame, *, title: str) -> go.Figure:
    """Draw how far each input alone (CROSSING_SENSITIVITY) moves the monthly cost."""
    rows = records(sensitivity)
    rows.sort(key=lambda row: abs(row["high_cost"] - row["low_cost"]))
    currency = rows[0]["billing_currency"] if rows else "USD"
    taken = rows[0]["taken_cost"] if rows else Decimal(0)
    figure = Drawing()
    for field, words, colour in (("low_cost", "lower", BLUE), ("high_cost", "higher", VERMILLION)):
        changes = [row[field] - taken for row in rows]
        figure.add_bar(
            orientation="h",
            y=[wrapped(row["input_name"]) for row in rows],
            x=floats(changes),
            base=float(taken),
            marker={"color": colour},
            name=f"Input at its {words} end",
            text=[escaped(signed_money(change, currency)) if change else "" for change in changes],
            textposition="none",
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    figure.add_vline(x=float(taken), line={"color": INK, "width": 1})
    figure.update_xaxes(**money_axis(currency, ""))
    styled(figure, title, height=150 + 44 * max(len(rows), 1))
    legend = {"orientation": "h", "y": -0.22, "x": 0, "font": {"size": 12}}
    return figure.update_layout(barmode="overlay", showlegend=True, legend=legend).figure()


def remedy_bar(remedies: pd.DataFrame, *, advised: str, title: str) -> go.Figure:
    """Draw the net effect of each remedy (REMEDY) that has one, those to do first and in blue.

    `advised` is the advice of the remedies to do; the others are grey, and say their advice.
    """
    rows = [row for row in records(remedies) if row["net_effect"]]
    rows.sort(key=lambda row: (row["advice"] != advised, -row["net_effect"]))
    currency = rows[0]["billing_currency"] if rows else "USD"
    amounts = [row["net_effect"] for row in rows]
    names = [
        row["remedy_name"] + ("" if row["advice"] == advised else f" ({row['advice']})")
        for row in rows
    ]
    figure = Drawing().add_bar(
        orientation="h",
        y=[wrapped(name, 24) for name in names],
        x=floats(amounts),
        text=[escaped(signed_money(amount, currency)) for amount in amounts],
        textposition="outside",
        cliponaxis=False,
        marker={"color": [BLUE if row["advice"] == advised else GREY for row in rows]},
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    low, high = min([*amounts, Decimal(0)]), max([*amounts, Decimal(0)])
    room = (high - low or Decimal(1)) * Decimal("0.35")
    figure.update_xaxes(
        range=[float(low - (room if low < 0 else 0)), float(high + room)],
        **money_axis(currency, ""),
    )
    figure.update_yaxes(autorange="reversed", type="category")
    return styled(figure, title, height=130 + 46 * max(len(rows), 1)).figure()


def cost_bar(rows: list[tuple[str, Decimal]], currency: str, *, title: str) -> go.Figure:
    """Draw named costs as bars, in the order given."""
    amounts = [amount for _, amount in rows]
    figure = Drawing().add_bar(
        orientation="h",
        y=[wrapped(name, 24) for name, _ in rows],
        x=floats(amounts),
        text=[escaped(money(amount, currency)) for amount in amounts],
        textposition="outside",
        cliponaxis=False,
        marker={"color": ORANGE},
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    figure.update_xaxes(
        range=[0, float(max([*amounts, Decimal(0)]) * Decimal("1.3")) or 1],
        **money_axis(currency, ""),
    )
    figure.update_yaxes(autorange="reversed", type="category")
    return styled(figure, title, height=130 + 46 * max(len(rows), 1)).figure()
