"""How every chart looks: colours that the colour-blind can tell apart, one font, money on axes.

Colours are of the Okabe-Ito palette. Colour never carries a meaning alone: bars are labelled, lines
differ in dash, and estimated or synthetic data is named in words.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from prismlib.charts.drawing import Drawing

BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
SKY = "#56B4E9"
ORANGE = "#E69F00"
PURPLE = "#CC79A7"
INK = "#1a1d21"
GREY = "#6b7280"
RULE = "#e5e7eb"

AXIS_TITLE = {"size": 12}
"""The font of what stands beside an axis: smaller than the labels, not larger as plotly has it."""
LINE_HEIGHT = 17
"""Of a label. [px]"""

FONT = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif"


def styled(figure: Drawing, title: str, *, height: int) -> Drawing:
    """Return `figure` with the house layout.

    `title` is what the chart says, in a sentence; `height` is in pixels, the width is the page's.
    """
    for axis in ("xaxis", "yaxis"):
        if figure.layout.get(axis, {}).get("title"):
            figure.update_layout(**{axis: {"title": {"font": AXIS_TITLE}}})
    return figure.update_layout(
        title={"text": wrapped(title, 62), "x": 0, "xref": "container", "xanchor": "left",
               "font": {"size": 15, "color": INK}, "yref": "container", "y": 0.98,
               "yanchor": "top", "automargin": True},
        font={"family": FONT, "size": 13, "color": INK},
        paper_bgcolor="white",
        plot_bgcolor="white",
        margin={"l": 8, "r": 16, "t": 64, "b": 40},
        height=height,
        showlegend=False,
        hoverlabel={"font": {"family": FONT}},
        bargap=0.35,
    ).update_xaxes(
        gridcolor=RULE, zerolinecolor=GREY, linecolor=RULE, automargin=True, fixedrange=True
    ).update_yaxes(
        gridcolor=RULE, zerolinecolor=GREY, linecolor=RULE, automargin=True, fixedrange=True
    )  # fmt: skip


def money_axis(currency: str, title: str) -> dict[str, Any]:
    """Return the settings of an axis that shows money: ``−$20k``, or ``EUR −20k``."""
    # an empty title would still be given room
    shown = {"title": {"text": title} if title else {}, "nticks": 6}
    if currency == "USD":  # plotly's own "$" stands after the minus sign
        return {**shown, "tickprefix": "", "tickformat": "$,~s"}
    return {**shown, "tickprefix": f"{currency} ", "tickformat": ",~s"}


def wrapped(text: str, width: int = 18) -> str:
    """Return a label broken into lines, so that it leaves a phone room for the bars."""
    return "<br>".join(escaped(line) for line in textwrap.wrap(text, width))


def rows_height(labels: Iterable[str], least: int) -> int:
    """Return the height of rows, each as high as the longest of their labels needs it. [px]"""
    rows = [max(least, LINE_HEIGHT * (label.count("<br>") + 1) + 6) for label in labels]
    return max(rows, default=least) * max(len(rows), 1)


def escaped(text: str) -> str:
    """Return text that plotly shows as it is: it understands some HTML in labels."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def floats(values: Iterable[Decimal | None]) -> list[float | None]:
    """Return numbers to draw; the exact ones stay in the table."""
    return [None if value is None else float(value) for value in values]
