"""A bar is opened in a real JupyterLab: with the mouse, and with keys alone; and the way back."""

from __future__ import annotations

import json

import pytest
from lab_panel import PanelPage, chart_data
from lab_session import OpenNotebook

from prismlib import paths
from prismlib.explore.cost_variance import explore
from prismlib.explore.panel import Panel
from prismlib.sources.snapshots import read_snapshot

pytestmark = pytest.mark.browser

S3 = "Amazon Simple Storage Service"
# Where the line of a bar is, away from the bar itself, which may be too short to be hit.
LINE = """
(plot, name) => {
  const { _size: size, yaxis } = plot._fullLayout;
  const row = plot.data[0].y.indexOf(name);
  return { x: size.l + size.w * 0.3, y: size.t + yaxis.c2p(row) };
}
"""
FOCUSED = "() => document.activeElement.textContent"


@pytest.fixture
def page(notebook_run: OpenNotebook) -> PanelPage:
    page = PanelPage(notebook_run.page, "cost_variance")
    page.wait_until_settled()
    return page


def trail(page: PanelPage) -> list[str]:
    return page.slot("trail").locator("li").all_inner_texts()


def is_shown(page: PanelPage, panel: Panel, slot: str) -> bool:
    drawn = json.loads(panel.parts[slot].data["figure"])["data"]
    return bool(chart_data(page.chart(slot)["data"]) == chart_data(drawn))


@pytest.mark.parametrize("notebook_run", ["cost_variance"], indirect=True)
def test_a_bar_is_opened_by_a_click_and_by_keys_and_closed_again(page: PanelPage) -> None:
    panel = explore(read_snapshot(paths.SAMPLE), {})
    plot = page.slot("variance-waterfall").locator(".js-plotly-plot")
    plot.scroll_into_view_if_needed()
    with page.redrawn():
        plot.click(position=plot.evaluate(LINE, "S3 cold tier"))
    panel.move(opened="S3 cold tier")
    assert trail(page) == ["All components", "S3 cold tier"]
    assert is_shown(page, panel, "split")
    assert page.slot("variance-waterfall").count() == 0

    with page.redrawn():
        page.root.get_by_role("button", name=f"Open {S3}: usage types").press("Enter")
    panel.move(opened=f"S3 cold tier > {S3}")
    assert trail(page) == ["All components", "S3 cold tier", S3]
    assert is_shown(page, panel, "split")
    assert page.slot("parameters").inner_text() == panel.command()
    assert page.page.evaluate(FOCUSED) == S3  # its button is gone; the focus says where one is

    page.page.keyboard.press("Shift+Tab")
    assert page.page.evaluate(FOCUSED) == "S3 cold tier"
    with page.redrawn():
        page.page.keyboard.press("Enter")
    assert trail(page) == ["All components", "S3 cold tier"]
    assert page.page.evaluate(FOCUSED) == "S3 cold tier"
    with page.redrawn():
        page.root.get_by_role("combobox", name="Split by").select_option("service")
    panel.move(opened="", grouping="service")
    assert trail(page) == ["All services"]
    assert is_shown(page, panel, "split")
    assert not page.root.get_by_role("alert").is_visible()
    with page.redrawn():
        page.root.get_by_role("button", name="Reset all", exact=True).click()
    assert page.slot("variance-waterfall").count() == 1
