"""Charts of the cost variance notebook."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pandas as pd
import plotly.graph_objects as go

from prismlib.analyses.forecast import Forecast
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
    money_axis,
    styled,
    wrapped,
)
from prismlib.formats import money, rate, signed_money
from prismlib.money import exact_sum
from prismlib.result_tables.cost_variance import NO_CHARGE
from prismlib.tables import records

EFFECT_LABELS = {
    "calendar_effect": "Days in the month",
    "quantity_effect": "Quantity",
    "mix_effect": "Mix",
    "price_effect": "Unit price",
    "new_effect": "New, no baseline",
    "retired_effect": "Retired",
    "unseen_effect": "Estimated, no charge seen",
    "credit_effect": "Credits and refunds",
    "adjustment_effect": "Discounts and adjustments",
    "negation_effect": "Negations of Savings Plans",
    "tax_effect": "Tax",
    "unsplit_effect": "Not split: no quantity",
}
"""The word for each effect of a variance, in the order of the method."""


def cost_variance_waterfall(
    components: pd.DataFrame,
    *,
    title: str,
    baseline_label: str,
    largest: int = 7,
    by: str = "component",
) -> go.Figure:
    """Draw the way from the baseline to the current cost, a step for each component.

    Parameters
    ----------
    components : COMPONENT_VARIANCE or COST_GROUP
        Largest change first; those after the first `largest` are drawn as one step.
    title, baseline_label : str
        The sentence on top, and the name of the first bar.
    by : str
        The column that names the steps.
    """
    moved = [row for row in records(components) if row["cost_change"] != 0]
    unseen = {row[by] for row in moved if row.get("band") == NO_CHARGE}
    currency = str(components["billing_currency"].iloc[0])
    start = exact_sum(components["baseline_cost"].dropna())
    steps = _largest([(row[by], row["cost_change"]) for row in moved], largest)
    return styled(
        _waterfall(start, steps, currency, baseline_label, unseen),
        title,
        height=140 + 46 * (len(steps) + 2),
    ).figure()


def _largest(bars: list[tuple[str, Decimal]], largest: int) -> list[tuple[str, Decimal]]:
    """Return the first bars, and the others as one if there are several."""
    if len(bars) <= largest + 1:
        return bars
    rest = bars[largest:]
    return [*bars[:largest], (f"{len(rest)} others", exact_sum(amount for _, amount in rest))]


def _waterfall(
    start: Decimal,
    steps: Sequence[tuple[str, Decimal]],
    currency: str,
    baseline_label: str,
    unseen: set[str],
) -> Drawing:
    end = start + exact_sum(change for _, change in steps)
    names = [baseline_label, *(name for name, _ in steps), "Actual"]
    amounts = [start, *(change for _, change in steps), end]
    labels = [money(start, currency)]
    labels += [_step_label(name, change, currency, unseen) for name, change in steps]
    labels.append(money(end, currency))
    figure = Drawing().add(
        "waterfall",
        orientation="h",
        measure=["absolute", *["relative"] * len(steps), "total"],
        y=[wrapped(name) for name in names],
        x=floats(amounts),
        text=[escaped(label) for label in labels],
        textposition="outside",
        cliponaxis=False,
        connector={"line": {"color": GREY, "width": 1}},
        increasing={"marker": {"color": VERMILLION}},
        decreasing={"marker": {"color": BLUE}},
        totals={"marker": {"color": GREY}},
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    low, high = _waterfall_range(start, steps)
    colours = "orange adds, blue takes away"
    cut = "axis does not start at zero;<br>" if low > 0 else ""
    axis = money_axis(currency, cut + colours)
    figure.update_xaxes(range=[float(low), float(high)], **axis)
    figure.update_yaxes(autorange="reversed", type="category")
    return figure


def _step_label(name: str, change: Decimal, currency: str, unseen: set[str]) -> str:
    return signed_money(change, currency) + (f", {NO_CHARGE}" if name in unseen else "")


def _waterfall_range(
    start: Decimal, steps: Sequence[tuple[str, Decimal]]
) -> tuple[Decimal, Decimal]:
    """Return the ends of the axis: the changes fill it, and the labels have room on the right."""
    levels = [start]
    for _, change in steps:
        levels.append(levels[-1] + change)
    low, high = min(levels), max(levels)
    spread = high - low or abs(high) or Decimal(1)
    cut = low - spread * Decimal("0.5")
    return (cut if cut > 0 else min(Decimal(0), low)), high + spread * Decimal("0.5")


def cost_effects_bar(effects: dict[str, Decimal], currency: str, *, title: str) -> go.Figure:
    """Draw the total of each effect (`EFFECTS`), those at zero left out."""
    shown = {name: amount for name, amount in effects.items() if amount != 0}
    amounts = list(shown.values())
    figure = Drawing().add_bar(
        orientation="h",
        y=[wrapped(EFFECT_LABELS[name]) for name in shown],
        x=floats(amounts),
        text=[escaped(signed_money(amount, currency)) for amount in amounts],
        textposition="outside",
        cliponaxis=False,
        marker={"color": [VERMILLION if amount > 0 else BLUE for amount in amounts]},
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    high, low = max([*amounts, Decimal(0)]), min([*amounts, Decimal(0)])
    room = (high - low or Decimal(1)) * Decimal("0.6")
    figure.update_xaxes(
        range=[float(low - (room if low < 0 else 0)), float(high + room)],
        **money_axis(currency, ""),
    )
    figure.update_yaxes(autorange="reversed", type="category")
    return styled(figure, title, height=130 + 44 * max(len(shown), 1)).figure()


def cost_component_bar(
    components: pd.DataFrame, *, title: str, largest: int = 12, by: str = "component"
) -> go.Figure:
    """Draw the current cost of each row of COMPONENT_VARIANCE or COST_GROUP, largest first."""
    known = components[components["current_cost"].notna()]
    rows = sorted(records(known), key=lambda row: -row["current_cost"])
    currency = str(components["billing_currency"].iloc[0])
    bars = _largest([(row[by], row["current_cost"]) for row in rows], largest)
    figure = Drawing().add_bar(
        orientation="h",
        y=[wrapped(name) for name, _ in bars],
        x=floats(amount for _, amount in bars),
        text=[escaped(money(amount, currency)) for _, amount in bars],
        textposition="outside",
        cliponaxis=False,
        marker={"color": BLUE},
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    amounts = [amount for _, amount in bars] or [Decimal(1)]
    spread = max(max(amounts), Decimal(0)) - min(min(amounts), Decimal(0)) or Decimal(1)
    low = min(min(amounts), Decimal(0))
    figure.update_xaxes(
        range=[
            float(low - (spread * Decimal("0.3") if low < 0 else 0)),
            float(max(max(amounts), Decimal(0)) + spread * Decimal("0.3")),
        ],
        **money_axis(currency, ""),
    )
    figure.update_yaxes(autorange="reversed", type="category")
    return styled(figure, title, height=130 + 36 * max(len(bars), 1)).figure()


def cost_cumulative_line(
    days: pd.DataFrame, forecast: Forecast, currency: str, *, title: str, is_synthetic: bool
) -> go.Figure:
    """Draw the running cost of the month against the baseline, with the forecast ahead.

    Parameters
    ----------
    days : COST_DAY
    forecast : Forecast
    is_synthetic : bool
        Writes "synthetic days" on the chart.
    """
    seen = days[days["cumulative_cost"].notna()]
    figure = Drawing()
    if days["cumulative_baseline"].notna().any():
        figure.add_scatter(
            x=list(days["day"]),
            y=floats(days["cumulative_baseline"]),
            mode="lines",
            line={"color": GREY, "dash": "dash", "width": 2},
            name="Baseline, spread evenly",
            hovertemplate="%{x|%d %b}: %{y:,.0f}<extra>baseline</extra>",
        )
    figure.add_scatter(
        x=list(seen["day"]),
        y=floats(seen["cumulative_cost"]),
        mode="lines",
        line={"color": BLUE, "width": 3},
        name="Actual" + (" (synthetic days)" if is_synthetic else ""),
        hovertemplate="%{x|%d %b}: %{y:,.0f}<extra>actual</extra>",
    )
    _add_marked_days(figure, seen)
    _add_forecast(figure, days, seen, forecast)
    figure.update_yaxes(rangemode="tozero", **money_axis(currency, ""))
    figure.update_xaxes(tickformat="%d %b", nticks=6)
    styled(figure, title, height=380)
    legend = {"orientation": "h", "y": -0.18, "x": 0, "font": {"size": 12}}
    return figure.update_layout(showlegend=True, legend=legend).figure()


def _add_marked_days(figure: Drawing, seen: pd.DataFrame) -> None:
    for status, colour, symbol, words in (
        ("estimated", ORANGE, "circle-open", "Still estimated"),
        ("missing", VERMILLION, "x", "No charge on this day"),
    ):
        marked = seen[seen["day_status"] == status]
        if len(marked):
            figure.add_scatter(
                x=list(marked["day"]),
                y=floats(marked["cumulative_cost"]),
                mode="markers",
                marker={"color": colour, "symbol": symbol, "size": 9, "line": {"width": 2}},
                name=words,
                hovertemplate="%{x|%d %b}<extra>" + words.lower() + "</extra>",
            )


def _add_forecast(
    figure: Drawing, days: pd.DataFrame, seen: pd.DataFrame, forecast: Forecast
) -> None:
    if forecast.forecast is None or not forecast.days_ahead or seen.empty:
        return
    ends = [seen["day"].iloc[-1], days["day"].iloc[-1]]
    spent = forecast.spent
    figure.add_scatter(
        x=ends + ends[::-1],
        y=floats([spent, forecast.high, forecast.low, spent]),
        fill="toself",
        fillcolor="rgba(86, 180, 233, 0.25)",
        line={"width": 0},
        mode="lines",
        name="Interval of the forecast",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=ends,
        y=floats([spent, forecast.forecast]),
        mode="lines",
        line={"color": SKY, "dash": "dot", "width": 3},
        name="Forecast",
        hovertemplate="%{x|%d %b}: %{y:,.0f}<extra>forecast</extra>",
    )


def implied_rate_dots(rates: pd.DataFrame, *, title: str) -> go.Figure:
    """Draw the implied rate of each fleet (IMPLIED_RATE) between committed and list rates."""
    marks = (
        ("committed_usd_per_hour", "Lowest sourced commitment", BLUE, "diamond"),
        ("list_usd_per_hour", "On demand", INK, "line-ns-open"),
        ("implied_usd_per_hour", "Implied by the cost line", VERMILLION, "circle"),
    )
    names = [wrapped(f"{r.component}, {r.instance_type}", 20) for r in rates.itertuples()]
    figure = Drawing()
    for field, words, colour, symbol in marks:
        figure.add_scatter(
            x=floats(rates[field]),
            y=names,
            mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 14, "line": {"width": 3}},
            name=words,
            text=[escaped(rate(value)) for value in rates[field]],
            hovertemplate="%{y}<br>%{text}<extra>" + words + "</extra>",
        )
    figure.update_xaxes(
        rangemode="tozero", tickprefix="$", title={"text": "USD per instance-hour"}, nticks=6
    )
    figure.update_yaxes(range=[len(rates) - 0.4, -0.6], type="category")
    styled(figure, title, height=190 + 80 * len(rates))
    legend = {"orientation": "h", "y": -0.35, "x": 0, "font": {"size": 12}}
    return figure.update_layout(showlegend=True, legend=legend).figure()
