"""HTML pages that work as one file, without a network: one for each notebook, and the index."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from prismlib.errors import ReportError
from prismlib.report.charts import chart_html, scripts
from prismlib.report.collect import LEFT_OUT, Content, has_tag
from prismlib.report.display import PLOTLY_MIMETYPE, STYLE, components_css

TEMPLATES = Path(__file__).parent / "templates"
MAX_BYTES = 2_500_000
"""What a mail server lets through without a thought."""


@dataclass(frozen=True)
class Frame:
    """What surrounds every page of a report: its head line, notices and foot."""

    week: str
    week_days: str
    period: str
    as_of: str
    snapshot: str
    notices: Sequence[str]
    colophon: str


def page_html(content: Content, frame: Frame) -> str:
    """Return the page of a notebook: its text and outputs, no code, no widgets.

    Raises
    ------
    ReportError
        A chart got lost on the way, or the page is too large to mail.
    """
    exporter = TemplateExporter(  # type: ignore[no-untyped-call]
        extra_template_paths=[str(TEMPLATES)],
        template_name="base",
        template_file="page.html.j2",
        filters={"markdown": _markdown_html, "output": _output_html},
    )
    node, resources = _without_title(content), _resources(content.title, frame)
    resources["scripts"] = scripts() if content.chart_ids else None
    page, _ = exporter.from_notebook_node(node, resources=resources)
    _check_page(content, page)
    return str(page)


def index_html(title: str, frame: Frame, parts: Mapping[str, Any]) -> str:
    """Return the weekly summary; `parts` are the variables of its template."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    resources = _resources(title, frame) | {"scripts": None}
    return environment.get_template("index.html.j2").render(resources=resources, **parts)


def _resources(title: str, frame: Frame) -> dict[str, Any]:
    return {"title": title, "frame": frame, "css": Markup(components_css() + _page_css())}


@cache
def _page_css() -> str:
    return (TEMPLATES / "page.css").read_text("utf-8")


def _without_title(content: Content) -> NotebookNode:
    """Return the cells to show; the first heading goes to the head of the page."""
    node = NotebookNode(content.node)  # type: ignore[no-untyped-call]
    node["cells"] = [NotebookNode(cell) for cell in node.cells if not has_tag(cell, LEFT_OUT)]  # type: ignore[no-untyped-call]
    for cell in node.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            _, _, cell["source"] = cell.source.partition("\n")
            break
    return node


def _markdown_html(source: str) -> str:
    renderer = IPythonRenderer(escape=False, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(source))


def _output_html(output: NotebookNode) -> str:
    """Return an output in the richest form a page can show; warnings stay in the notebook."""
    if output.output_type == "stream":
        return "" if output.name == "stderr" else f"<pre>{html.escape(output.text)}</pre>"
    data = output.data
    if PLOTLY_MIMETYPE in data:
        return chart_html(data[PLOTLY_MIMETYPE], output.metadata["prism"])
    if "text/html" in data:
        return STYLE.sub("", data["text/html"])
    if "image/png" in data:
        alt = html.escape(data.get("text/plain", ""))
        return f'<img alt="{alt}" src="data:image/png;base64,{data["image/png"].strip()}">'
    return f"<pre>{html.escape(data.get('text/plain', ''))}</pre>"


def _check_page(content: Content, page: str) -> None:
    drawn = re.findall(r'<figure class="chart" id="([^"]+)">', page)
    if drawn != content.chart_ids:
        raise ReportError(
            content.name,
            "the page does not hold every chart",
            seen=", ".join(drawn),
            expected=", ".join(content.chart_ids),
        )
    if (size := len(page.encode())) > MAX_BYTES:
        raise ReportError(
            content.name,
            "the page is too large to be mailed",
            seen=f"{size:,} bytes",
            expected=f"at most {MAX_BYTES:,} bytes",
            remedy="show fewer points in its charts or fewer rows in its tables",
        )
