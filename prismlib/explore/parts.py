"""What a panel shows, piece by piece: the functions of `report.display`, as data for the screen.

Their names, arguments and HTML are those of the notebook, so that what a panel shows reads as the
page does. Each returns a `Part`; its slot is the id that the notebook gives to the same output.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prismlib.findings import Finding
from prismlib.narrative.answers import Answer
from prismlib.report import blocks, cells
from prismlib.report.cells import Column
from prismlib.report.charts import without_title

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Part:
    """The content of one slot of the screen."""

    slot: str
    kind: str
    data: Mapping[str, Any]

    def message(self) -> dict[str, Any]:
        """Return it as it is sent."""
        return {"slot": self.slot, "kind": self.kind, **self.data}


def answer(given: Answer) -> Part:
    """Return the answer of the notebook: statement, figures, details."""
    data = {
        "statement": given.statement,
        "figures": [vars(figure) for figure in given.figures],
        "details": given.details,
    }
    return Part("answer", "html", {"html": blocks.answer_html(data), "style": "prism-answer"})


def text(prose: str, *, id: str) -> Part:
    """Return computed prose: paragraphs, with ``**bold**``."""
    parts = re.split(r"\n\s*\n", prose.strip())
    content = "".join(f"<p>{blocks.inline(part)}</p>" for part in parts)
    return Part(id, "html", {"html": content, "style": "prism-text"})


def listing(content: str, *, id: str, title: str) -> Part:
    """Return lines that a reader copies as they are: a configuration, a command."""
    parts = f'<p class="title">{html.escape(title)}</p><pre>{html.escape(content)}</pre>'
    return Part(id, "html", {"html": parts, "style": "prism-listing"})


def findings(found: Sequence[Finding]) -> Part:
    """Return findings, worst first."""
    return Part(
        "findings", "html", {"html": blocks.findings_html(found), "style": "prism-findings"}
    )


def show(figure: go.Figure, *, id: str, alt: str, keys: Sequence[str] = ()) -> Part:
    """Return a chart.

    Parameters
    ----------
    figure : plotly Figure
    id, alt : str
        As in `display.show`.
    keys : sequence of str
        What may be clicked, in the order of the points of the first trace, "" for a point that may
        not; the panel's `on_click` is given the one that was. Each is a button below the chart too.
    """
    whole = json.loads(figure.to_json(validate=False) or "{}")
    title, layout = without_title(whole["layout"])
    text = json.dumps({"data": whole["data"], "layout": layout}, separators=(",", ":"))
    data = {"figure": text, "title": title, "alt": alt, "height": layout["height"]}
    return Part(id, "figure", {**data, "keys": list(keys)})


def table(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    *,
    id: str,
    title: str = "",
    note: str = "",
    highlight: Mapping[int, str] | None = None,
) -> Part:
    """Return a table that sorts, filters and downloads; the arguments are those of `display`."""
    columns = {name: column.fitted(frame[name]) for name, column in columns.items()}
    last = len(frame)
    styles = {n % last: style for n, style in (highlight or {}).items() if -last <= n < last}
    shown = [frame[name].map(column.html, na_action=None) for name, column in columns.items()]
    data = {
        "title": title,
        "note": blocks.inline(note) if note else "",
        "columns": [
            {"name": name, "label": column.label, "number": column.kind in cells.NUMERIC}
            for name, column in columns.items()
        ],
        "cells": [list(row) for row in zip(*shown, strict=True)],
        "rows": cells.rows_data(frame, columns),
        "styles": {str(position): style for position, style in styles.items()},
    }
    return Part(id, "table", data)
