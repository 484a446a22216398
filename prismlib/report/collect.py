"""Take the answer, findings, tables and charts out of executed notebooks, and check them.

A page is only as good as what the notebook displayed: one answer, some findings, a chart (or the
reason why there is none) in each cell that promises one, no error. Anything else stops the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from prismlib import findings as finding_records
from prismlib.errors import ReportError
from prismlib.findings import Finding
from prismlib.report.display import ANSWER_MIMETYPE, PLOTLY_MIMETYPE, TABLE_MIMETYPE

LEFT_OUT = frozenset({"interactive", "headline"})
"""Tags of cells that no page shows: widgets need a kernel, a headline is plain text for tests."""


@dataclass(frozen=True)
class Content:
    """What an executed notebook says."""

    name: str
    title: str
    node: NotebookNode
    answer: dict[str, Any]
    findings: list[Finding]
    tables: list[dict[str, Any]]
    chart_ids: list[str]


def has_tag(cell: NotebookNode, tags: Iterable[str]) -> bool:
    """Return whether a cell has one of `tags`."""
    return not set(tags).isdisjoint(cell.metadata.get("tags", []))


def collect(name: str, title: str, node: NotebookNode) -> Content:
    """Return what the notebook displayed, or raise ReportError when it is not whole."""
    shown = [cell for cell in node.cells if not has_tag(cell, LEFT_OUT)]
    _check_cells(name, node)
    answers = list(_carried(shown, ANSWER_MIMETYPE))
    if len(answers) != 1:
        raise ReportError(
            name, "does not give one answer", seen=str(len(answers)), expected="one answer(...)"
        )
    records = [record for part in _carried(shown, finding_records.MIMETYPE) for record in part]
    if not records:
        raise ReportError(name, "reports no finding", expected="findings([...]) with one or more")
    tables = list(_carried(shown, TABLE_MIMETYPE))
    charts = [
        output.metadata["prism"]["id"]
        for cell in shown
        for output in cell.get("outputs", [])
        if PLOTLY_MIMETYPE in output.get("data", {}) and "prism" in output.metadata
    ]
    _check_unique(name, "page element id", [*charts, *(table["id"] for table in tables)])
    found = finding_records.from_records(records)
    _check_unique(name, "finding id", [finding.id for finding in found])
    return Content(name, title, node, answers[0], found, tables, charts)


def check_together(contents: Sequence[Content]) -> list[Finding]:
    """Return the findings of all notebooks; no two may have the same id."""
    owners: dict[str, str] = {}
    for content in contents:
        for finding in content.findings:
            if finding.id in owners:
                raise ReportError(
                    content.name,
                    f"finding id {finding.id} is already used by {owners[finding.id]}",
                    remedy="an id names one finding of the whole report",
                )
            owners[finding.id] = content.name
    return [finding for content in contents for finding in content.findings]


def _carried(cells: Iterable[NotebookNode], mimetype: str) -> Iterator[Any]:
    for cell in cells:
        for output in cell.get("outputs", []):
            if mimetype in output.get("data", {}):
                yield output.data[mimetype]


def _check_cells(name: str, node: NotebookNode) -> None:
    own = [cell for cell in node.cells if not has_tag(cell, ["injected-parameters"])]
    for index, cell in enumerate(own):
        outputs = cell.get("outputs", [])
        charts = [output for output in outputs if PLOTLY_MIMETYPE in output.get("data", {})]
        what, expected = "", "show(figure, id=..., alt=...)"
        if any(output.output_type == "error" for output in outputs):
            what, expected = "has an error among its outputs", "none"
        elif has_tag(cell, ["chart"]) and not any("data" in output for output in outputs):
            what, expected = (
                "a cell tagged chart shows nothing",
                f"{expected}, or text(...) why not",
            )
        elif any("prism" not in output.metadata for output in charts):
            what = "a chart has neither id nor description"
        if what:
            raise ReportError(name, what, cell_index=index, expected=expected)


def _check_unique(name: str, what: str, ids: Sequence[str]) -> None:
    repeated = sorted({id for id in ids if ids.count(id) > 1})
    if repeated:
        raise ReportError(name, f"uses a {what} twice", seen=", ".join(repeated))
