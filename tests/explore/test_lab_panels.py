"""The panels in a real JupyterLab: each control is moved, and the screen shows what follows.

What must be on the screen comes from the library, called directly with the same values.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from lab_panel import FAINT, PanelPage, chart_data
from lab_session import DARK, LIGHT, Lab, OpenNotebook

from prismlib import paths
from prismlib.explore import cost_variance, dr_timeline
from prismlib.explore.panel import Panel
from prismlib.sources.snapshots import read_snapshot

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

PANELS: dict[str, Callable[..., Panel]] = {
    "cost_variance": cost_variance.explore,
    "dr_timeline": dr_timeline.explore,
}
SAME_HTML = """
(element, html) => {
  const expected = document.createElement(element.tagName);
  expected.innerHTML = html;
  return expected.innerHTML === element.innerHTML;
}
"""


@dataclass(frozen=True)
class Opened:
    """A notebook after Run All Cells, its panel on the page, and that of the library."""

    notebook: OpenNotebook
    page: PanelPage
    panel: Panel

    def differences(self) -> list[str]:
        """Return the slots of the page that do not show what the library says."""
        return [slot for slot, part in self.panel.parts.items() if not self._shows(slot, part)]

    def _shows(self, slot: str, part: Any) -> bool:
        if part.kind == "figure":
            expected = json.loads(part.data["figure"])["data"]
            return chart_data(self.page.chart(slot)["data"]) == chart_data(expected)
        if part.kind == "html":
            return bool(self.page.slot(slot).evaluate(SAME_HTML, part.data["html"]))
        if part.kind == "trail":
            steps = [step["text"] for step in part.data["steps"]]
            return self.page.slot(slot).locator("li").all_inner_texts() == steps
        rows = self.page.slot(slot).locator("tbody tr")
        return rows.count() == len(part.data["cells"])


@pytest.fixture(scope="module", params=PANELS)
def opened(request: pytest.FixtureRequest, browser: Browser, lab: Lab) -> Iterator[Opened]:
    """Return each notebook that has a panel."""
    notebook = OpenNotebook.open(browser, lab, f"{request.param}.ipynb")
    notebook.run_all()
    page = PanelPage(notebook.page, request.param)
    page.wait_until_settled()
    panel = PANELS[request.param](read_snapshot(paths.SAMPLE), {})
    panel.move()
    yield Opened(notebook, page, panel)
    notebook.close()


def moved(opened: Opened, spec: dict[str, Any]) -> Any:
    """Move one control as a hand does; return the value that it must have then."""
    page, name = opened.page.root, spec["label"]
    if spec["kind"] == "slider":
        slider = page.get_by_role("slider", name=name, exact=True)
        is_last = spec["default"] + spec["step"] > spec["high"]
        slider.press("ArrowLeft" if is_last else "ArrowRight")
        return spec["default"] + (-1 if is_last else 1) * spec["step"]
    if spec["kind"] == "choice":
        other = next(value for value, _ in spec["options"] if value != spec["default"])
        page.get_by_role("combobox", name=name, exact=True).select_option(other)
        return other
    if spec["kind"] == "toggle":
        page.get_by_role("checkbox", name=name, exact=True).press("Space")
        return not spec["default"]
    raise AssertionError(f"no move is known for {spec}")


def test_each_control_moves_the_screen_to_what_the_library_says(opened: Opened) -> None:
    page, panel = opened.page, opened.panel
    assert opened.differences() == []
    specs = [spec for spec in panel.screen.specs if spec["kind"] not in ("text", "place")]
    assert specs
    for spec in specs:
        if spec["kind"] == "choice" and len(spec["options"]) == 1:
            continue
        with page.redrawn():
            value = moved(opened, spec)
        panel.move(**{spec["name"]: value})
        assert opened.differences() == [], spec["name"]
        assert page.slot("parameters").inner_text() == panel.command()
        with page.redrawn():
            page.root.get_by_role("button", name=f"Reset {spec['label']}", exact=True).click()
        panel.move(**{spec["name"]: spec["default"]})
    assert opened.differences() == []
    assert not page.root.get_by_role("alert").is_visible()


def test_it_is_readable_in_both_themes_and_asks_nothing_of_the_network(opened: Opened) -> None:
    for theme in (LIGHT, DARK):
        opened.notebook.use_theme(theme)
        faint = opened.notebook.page.evaluate(FAINT, f'[data-panel="{opened.page.name}"]')
        assert faint == [], theme
    assert opened.notebook.strangers() == []
    assert opened.notebook.complaints == []


def test_a_table_sorts_filters_and_downloads(opened: Opened, tmp_path: Path) -> None:
    slot, part = next((s, p) for s, p in opened.panel.parts.items() if p.kind == "table")
    table = opened.page.slot(slot)
    with opened.notebook.page.expect_download() as download:
        table.get_by_role("button", name="CSV").click()
    download.value.save_as(tmp_path / "table.csv")
    header, *rows = csv.reader((tmp_path / "table.csv").read_text("utf-8").splitlines())
    assert header == [column["name"] for column in part.data["columns"]]
    assert len(rows) == len(part.data["rows"])
    name = part.data["columns"][0]["label"]
    for way in ("ascending", "descending"):
        table.get_by_role("columnheader", name=name).first.get_by_role("button").click()
        assert table.locator("th").first.get_attribute("aria-sort") == way
    shown = [str(row[0] or "") for row in part.data["rows"]]
    wanted = shown[0]
    table.get_by_role("searchbox").fill(wanted)
    kept = [row for row in part.data["rows"] if wanted.lower() in _joined(row)]
    assert table.locator("tbody tr").count() == len(kept) < len(shown)


def _joined(row: list[Any]) -> str:
    return " ".join("" if value is None else str(value) for value in row).lower()
