"""The cells of a table: one kind of quantity a column, as HTML and as plain data."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd
from great_tables import GT, loc, style

from prismlib import formats
from prismlib.report.blocks import badge

Kind = Literal[
    "text",
    "money",
    "signed_money",
    "percent",
    "rate",
    "count",
    "duration",
    "day",
    "flag",
    "verdict",
    "severity",
]
NUMERIC = ("money", "signed_money", "percent", "rate", "count", "duration")
BADGES = ("verdict", "severity")
LONG_TEXT = 30
"""Characters from which a cell keeps a width that can be read, also where the table scrolls."""

ROW_RULES = {
    "total": "font-weight:650;border-top:1.5px solid var(--ink);"
    "border-bottom:1.5px solid var(--ink)",
    "good": "background:var(--good-row)",
    "bad": "background:var(--bad-row)",
    "unknown": "background:var(--unknown-row)",
}
"""The look of a highlighted row; its colours are variables of ``components.css``."""


@dataclass(frozen=True)
class Column:
    """A heading and the kind of quantity under it.

    Parameters
    ----------
    label : str
    kind : str, default "text"
        ``percent`` is signed; ``rate`` is money for one `unit`.
    currency : str, default "USD"
        Of money and rates.
    decimals : int, optional
        The same for the whole column; for money those that its largest amount reads well in.
    unit : str, default "h"
        What a rate is for.
    missing : str, default "unknown"
        What a cell without a value says; "none" or "" only where that is known to be so.
    is_signed : bool, default True
        Whether a percentage carries its plus sign.
    """

    label: str
    kind: Kind = "text"
    currency: str = "USD"
    decimals: int | None = None
    unit: str = "h"
    missing: str = formats.UNKNOWN
    is_signed: bool = True

    def fitted(self, values: Iterable[Any]) -> Column:
        """Return the column with its decimals decided."""
        if self.decimals is not None:
            return self
        if self.kind in ("money", "signed_money"):
            known = [None if is_missing(value) else value for value in values]
            return replace(self, decimals=formats.money_decimals(known))
        return replace(self, decimals=4 if self.kind == "rate" else 2)

    def text(self, value: Any) -> str:
        """Return the one spelling of a cell of this kind."""
        return self.missing if is_missing(value) else SPELLINGS[self.kind](self, value)

    def html(self, value: Any) -> str:
        """Return the content of a table cell, escaped."""
        if is_missing(value):
            return f'<span class="missing">{html.escape(self.missing)}</span>'
        if self.kind in BADGES:
            return badge(value)
        content = html.escape(self.text(value))
        if self.kind == "day":
            return f'<span class="prism-day">{content}</span>'
        return f'<div class="long">{content}</div>' if len(content) > LONG_TEXT else content


SPELLINGS: dict[str, Callable[[Column, Any], str]] = {
    "text": lambda c, value: str(value),
    "money": lambda c, value: formats.money(value, c.currency, decimals=c.decimals),
    "signed_money": lambda c, value: formats.signed_money(value, c.currency, decimals=c.decimals),
    "percent": lambda c, value: formats.percent(value, c.decimals or 0, signed=c.is_signed),
    "rate": lambda c, value: formats.rate(
        value, c.unit, currency=c.currency, decimals=c.decimals or 0
    ),
    "count": lambda c, value: formats.count(value),
    "duration": lambda c, value: formats.duration(value),
    "day": lambda c, value: formats.day(value),
    "flag": lambda c, value: "yes" if value else "no",
    "verdict": lambda c, value: formats.words(value),
    "severity": lambda c, value: formats.words(value),
}


def is_missing(value: Any) -> bool:
    """Return whether a cell has no value, in any of pandas' spellings of that."""
    return bool(pd.isna(value))


def grid_html(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    *,
    id: str,
    row_styles: Mapping[int, str] | None = None,
) -> str:
    """Return the bare ``<table>``; its look is in ``components.css``."""
    content = pd.DataFrame(
        {name: [column.html(value) for value in frame[name]] for name, column in columns.items()},
        dtype=object,
    )
    right = [name for name, column in columns.items() if column.kind in NUMERIC]
    grid = (
        GT(content, id=id)
        .cols_label(cases={name: column.label for name, column in columns.items()})
        .fmt(str, columns=list(columns))  # the cells are HTML already: do not escape them again
        .cols_align("left")
        .cols_align("right", columns=right)
    )
    for position, name in (row_styles or {}).items():
        grid = grid.tab_style(style.css(ROW_RULES[name]), loc.body(rows=[position]))
    page = grid.as_raw_html()
    return page[page.index("<table") : page.rindex("</table>") + len("</table>")]


def rows_data(frame: pd.DataFrame, columns: Mapping[str, Column]) -> list[list[Any]]:
    """Return the raw values row by row: exact numbers as text, days as ISO, missing as null."""
    shown = [frame[name] for name in columns]
    return [[_plain(value) for value in row] for row in zip(*shown, strict=True)]


def _plain(value: Any) -> Any:
    if is_missing(value):
        return None
    return value if isinstance(value, (bool, int)) else str(value)
