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

import plotly.io as pio
from plotly.utils import PlotlyJSONEncoder

from prismlib.charts.drawing import Drawing
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


@dataclass(frozen=True)
class Open:
    """What a click on a bar opens, and the button that opens it too.

    Parameters
    ----------
    bar : str
        The label of the bar on the upright axis, as it is drawn.
    text, name : str
        What the button reads, and its name in full, which begins with "Open" and the text.
    values : mapping
        Of controls, by name, that the click sets.
    """

    bar: str
    text: str
    name: str
    values: Mapping[str, Any]


def trail(steps: Sequence[tuple[str, Mapping[str, Any]]], *, hint: str) -> Part:
    """Return how the reader came here: each step, with the values that go back to it."""
    data = [{"text": text, "values": dict(values)} for text, values in steps]
    return Part("trail", "trail", {"steps": data, "hint": hint})


def show(figure: go.Figure | Drawing, *, id: str, alt: str, opens: Sequence[Open] = ()) -> Part:
    """Return a chart; `id` and `alt` are those of `display.show`, `opens` what its bars open.

    It is sent without the template of plotly, which is the same for all: see `template`.
    """
    if not isinstance(figure, Drawing):
        figure = _drawing(figure)
    title, layout = without_title(figure.layout)
    whole = _named({"data": figure.traces, "layout": layout})
    text = json.dumps(whole, separators=(",", ":"), cls=PlotlyJSONEncoder)
    data = {"figure": text, "title": title, "alt": alt, "height": layout["height"]}
    data["opens"] = [vars(one) for one in opens]
    return Part(id, "figure", data)


def _drawing(figure: go.Figure) -> Drawing:
    """Return the settings of a figure that plotly has checked."""
    drawing, whole = Drawing(), json.loads(figure.to_json(validate=False) or "{}")
    drawing.traces = whole["data"]
    drawing.layout = {name: part for name, part in whole["layout"].items() if name != "template"}
    return drawing


def _named(settings: Any) -> Any:
    """Return settings without those that say nothing, which plotly leaves out as it checks."""
    if isinstance(settings, Mapping):
        said = {name: _named(part) for name, part in settings.items() if part is not None}
        return {name: part for name, part in said.items() if not isinstance(part, dict) or part}
    if isinstance(settings, list) and settings and isinstance(settings[0], Mapping):
        return [_named(part) for part in settings]
    return settings


def template() -> dict[str, Any]:
    """Return what plotly gives to every figure that names no template."""
    return dict(pio.templates[pio.templates.default].to_plotly_json())


def rows(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    id: str,
    title: str,
    highlight: Mapping[int, str] | None = None,
) -> Part | None:
    """Return a table, or nothing where it has no rows."""
    if not len(frame):
        return None
    return table(frame, columns, id=id, title=title, highlight=highlight)


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
