"""What a notebook shows: the answer, charts, tables, findings and computed prose.

Each function displays HTML for a reader and carries the same facts as data beside it, so that
JupyterLab shows a notebook as it is and the report machinery can collect its answer, findings and
tables from the executed copy. Everything that comes from data is escaped. This module is imported
in every kernel: it needs neither papermill nor nbconvert.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from IPython.display import display

from prismlib import findings as _findings
from prismlib.findings import Finding
from prismlib.report import blocks, cells
from prismlib.report.blocks import KeyFigure
from prismlib.report.cells import Column

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

__all__ = [
    "Column",
    "KeyFigure",
    "answer",
    "findings",
    "listing",
    "provenance",
    "show",
    "table",
    "text",
]

PLOTLY_MIMETYPE = "application/vnd.plotly.v1+json"
ANSWER_MIMETYPE = "application/vnd.prism.answer+json"
TABLE_MIMETYPE = "application/vnd.prism.table+json"

PROVENANCE = "provenance"
"""The id of the table of `provenance`."""

STYLE = re.compile(r"<style data-prism>.*?</style>", re.DOTALL)
"""The style that each output brings along for JupyterLab; a page has it once, in its head."""

NO_MATHS = "mathjax_ignore tex2jax_ignore"
"""Classes that keep MathJax 3 (JupyterLab) and 2 (nbconvert) from setting ``$1 ... $2`` as TeX."""

RowStyle = Literal["total", "good", "bad", "unknown"]


def show(figure: go.Figure, id: str, alt: str) -> None:
    """Show a chart.

    Parameters
    ----------
    figure : plotly Figure
    id : str
        Names the chart in the page, once per notebook; links to it keep working.
    alt : str
        What the chart shows, as a sentence, for those who cannot see it.
    """
    _check_id(id)
    data = json.loads(figure.to_json(validate=False) or "{}")
    data["config"] = {"displayModeBar": False, "responsive": True}
    _display({PLOTLY_MIMETYPE: data, "text/plain": alt}, id=id, alt=alt)


def answer(statement: str, figures: Sequence[KeyFigure], details: Sequence[str] = ()) -> None:
    """Show the answer of the notebook; exactly one in each.

    Parameters
    ----------
    statement : str
        The one sentence to remember. ``**bold**`` is understood in it and in `details`.
    figures : sequence of KeyFigure
        Three to five, money first.
    details : sequence of str
        Short points below the figures.
    """
    data = {"statement": statement, "figures": [asdict(f) for f in figures], "details": [*details]}
    _display(
        {
            "text/html": _block(blocks.answer_html(data), "prism-answer"),
            ANSWER_MIMETYPE: data,
            "text/plain": statement,
        }
    )


def table(
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    *,
    id: str,
    title: str = "",
    note: str = "",
    highlight: Mapping[int, RowStyle] | None = None,
) -> None:
    """Show the named columns of a frame, in the order of `columns`.

    Parameters
    ----------
    frame : DataFrame
        Any; missing cells read "unknown".
    columns : mapping of str to Column
        From a column of `frame` to its heading and kind.
    id : str
        Names the table in the page and in the workbook, once per notebook.
    title, note : str
        A line above and a line below.
    highlight : mapping of int to str, optional
        From the position of a row (``-1`` is the last) to ``total``, ``good``, ``bad`` or
        ``unknown``.
    """
    _check_id(id)
    columns = {name: column.fitted(frame[name]) for name, column in columns.items()}
    last = len(frame)
    styles = {n % last: style for n, style in (highlight or {}).items() if -last <= n < last}
    grid = cells.grid_html(frame, columns, id=id, row_styles=styles)
    parts = [
        f'<p class="title">{blocks.inline(title)}</p>' if title else "",
        f'<div class="prism-scroll" role="region" aria-label="{html.escape(title or id)}"'
        f' tabindex="0">{grid}</div>',
        "" if len(frame) else '<p class="note">No rows.</p>',
        f'<p class="note">{blocks.inline(note)}</p>' if note else "",
    ]
    data = {
        "id": id,
        "title": title,
        "note": note,
        "columns": [{"name": name, **asdict(column)} for name, column in columns.items()],
        "rows": cells.rows_data(frame, columns),
        "totals": sorted(position for position, style in styles.items() if style == "total"),
    }
    _display(
        {
            "text/html": _block("".join(parts), "prism-table", id=id),
            TABLE_MIMETYPE: data,
            "text/plain": f"{title or id}: {len(frame)} rows",
        }
    )


def findings(found: Sequence[Finding]) -> None:
    """Show findings, worst first, and hand them to the weekly summary; no file is written."""
    _display(
        {
            "text/html": _block(blocks.findings_html(found), "prism-findings"),
            _findings.MIMETYPE: _findings.to_records(found),
            "text/plain": "\n".join(f.statement for f in _findings.ranked(found)),
        }
    )


_PROVENANCE_COLUMNS = {
    "table": Column("Table"),
    "rows": Column("Rows", "count"),
    "source": Column("Where it comes from"),
    "is_synthetic": Column("Synthetic?", "flag"),
    "is_estimated": Column("Still estimated?", "flag"),
    "fetched_at": Column("Fetched"),
}


def provenance(frame: pd.DataFrame) -> None:
    """Show where each table of a page comes from; `frame` is ``Snapshot.used``."""
    table(frame, provenance_columns(frame), id=PROVENANCE, title="Data behind this page")


def provenance_columns(frame: pd.DataFrame) -> dict[str, Column]:
    """Return the columns of `frame` to show; files were not fetched, so have no day of it."""
    return {
        name: column
        for name, column in _PROVENANCE_COLUMNS.items()
        if name in frame.columns and not (name == "fetched_at" and frame[name].isna().all())
    }


def text(prose: str) -> None:
    """Show computed prose: paragraphs, with ``**bold**``; everything else is shown as it is."""
    paragraphs = [f"<p>{blocks.inline(part)}</p>" for part in re.split(r"\n\s*\n", prose.strip())]
    _display({"text/html": _block("".join(paragraphs), "prism-text"), "text/plain": prose})


def listing(content: str, *, title: str) -> None:
    """Show lines that a reader copies as they are: a configuration, a command."""
    parts = f'<p class="title">{html.escape(title)}</p><pre>{html.escape(content)}</pre>'
    _display({"text/html": _block(parts, "prism-listing"), "text/plain": content})


def _check_id(id: str) -> None:
    if not re.fullmatch(r"[A-Za-z][\w-]*", id):
        raise ValueError(f"{id!r} cannot be an id: use letters, digits, _ and -")


@cache
def components_css() -> str:
    """Return the style of everything in this module."""
    return files("prismlib.report").joinpath("templates", "components.css").read_text("utf-8")


def _block(content: str, kind: str, *, id: str = "") -> str:
    anchor = f' id="{html.escape(id)}"' if id else ""
    style = f"<style data-prism>{components_css()}</style>"
    return f'{style}<div class="prism {kind} {NO_MATHS}"{anchor}>{content}</div>'


def _display(bundle: dict[str, Any], **metadata: str) -> None:
    shown = {"prism": metadata} if metadata else None
    display(bundle, raw=True, metadata=shown)  # type: ignore[no-untyped-call]
