"""Widgets read and never feed: a report is the same without the cells of the panels."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from prismlib import paths
from prismlib.report.render import render_report

NAME = "dr_timeline"
"""Rendered in full; every notebook keeps the same anatomy, by `test_notebooks.py`."""
WIDGETS = ("anywidget", "ipywidgets", "prismlib.explore")
NO_WIDGETS = f"import sys; assert not set({WIDGETS!r}) & set(sys.modules), 'widgets were loaded'"


def without_panel(file: Path) -> nbformat.NotebookNode:
    """Return a notebook without its panel, which fails where widgets were loaded."""
    node = nbformat.read(file, as_version=4)
    *kept, panel = node.cells
    assert "interactive" in panel.metadata["tags"]
    node.cells = kept
    last = [cell for cell in kept if cell.cell_type == "code"][-1]
    last["source"] += f"\n{NO_WIDGETS}"
    return node


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the report as it is, and the one of a notebook without its panel."""
    out = tmp_path_factory.mktemp("left_out")
    bare = Path(shutil.copytree(paths.NOTEBOOKS, out / "notebooks"))
    nbformat.write(without_panel(bare / f"{NAME}.ipynb"), bare / f"{NAME}.ipynb")
    return tuple(  # type: ignore[return-value]
        render_report(paths.SAMPLE, out_dir=out / label, notebooks_dir=folder, only=[NAME]).path
        for label, folder in (("as_it_is", paths.NOTEBOOKS), ("bare", bare))
    )


def test_removing_the_panels_changes_no_finding_and_no_byte_of_a_page(
    reports: tuple[Path, Path],
) -> None:
    kept, removed = (
        {file.name: file.read_bytes() for file in report.iterdir() if file.is_file()}
        for report in reports
    )
    assert kept.keys() == removed.keys()
    same = {name for name in kept if kept[name] == removed[name]}
    assert kept.keys() - same == {"manifest.json"}  # it says when, and how long that took
    assert {"findings.json", "index.html", f"{NAME}.html", "prism-2025-W46.xlsx"} <= same


def test_a_report_holds_no_state_of_a_widget(reports: tuple[Path, Path]) -> None:
    for file in [*reports[0].rglob("*.html"), *reports[0].rglob("*.ipynb")]:
        text = file.read_text("utf-8")
        for trace in ("application/vnd.jupyter.widget", "anywidget", "data-panel"):
            assert trace not in text, file.name
