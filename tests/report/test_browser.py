"""The pages as a reader gets them: in a browser, from a file, without a network."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prismlib.paths import SAMPLE
from prismlib.report.render import Report, render_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
    )
    if not found and os.environ.get("PRISM_REQUIRE_BROWSER") != "1":
        pytest.skip("no browser: install chromium (Debian: apt-get install chromium)")
    assert found, "PRISM_REQUIRE_BROWSER=1, but there is no chromium: apt-get install chromium"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return render_report(SAMPLE, out_dir=tmp_path_factory.mktemp("reports"))


class Reader:
    """Someone who opens a file; notes everything that a reader must never meet."""

    def __init__(self, browser: Browser, file: Path, width: int) -> None:
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self.page.on("console", lambda message: self.problems.append(message.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", self._note_request)
        self.file = file
        self.page.goto(file.as_uri())
        if self.charts:
            self.page.wait_for_selector("html[data-charts=drawn]", state="attached")

    def _note_request(self, request: object) -> None:
        url = str(getattr(request, "url", ""))
        if url != self.file.as_uri() and not url.startswith("data:"):
            self.problems.append(f"requested {url}")

    @property
    def charts(self) -> int:
        return self.page.locator("figure.chart").count()


def widths_of_drawings(page: Page) -> list[float]:
    return [
        drawing["width"]
        for plot in page.locator("figure.chart .plot").all()
        if (drawing := plot.locator(".main-svg").first.bounding_box()) and drawing["height"] > 50
    ]


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_whole_without_a_network(
    browser: Browser, report: Report, width: int
) -> None:
    for file in sorted(report.path.glob("*.html")):
        reader = Reader(browser, file, width)
        drawn = widths_of_drawings(reader.page)
        assert len(drawn) == reader.charts
        assert all(100 < drawing <= width for drawing in drawn)
        assert reader.charts > 0 or file.name == "index.html"
        assert reader.page.evaluate("document.documentElement.scrollWidth") <= width
        assert reader.problems == []
        reader.page.context.close()


def test_summary_leads_to_every_page(browser: Browser, report: Report) -> None:
    reader = Reader(browser, report.index, 1280)
    for link in reader.page.locator("main a").all():
        target = (report.path / str(link.get_attribute("href"))).resolve()
        assert target.exists(), target
    reader.page.context.close()


def test_data_that_looks_like_markup_runs_nothing(
    browser: Browser, snapshot: Path, notebooks: Path, tmp_path: Path
) -> None:
    toy = render_report(snapshot, out_dir=tmp_path / "reports", notebooks_dir=notebooks)
    for file in (toy.path / "toy.html", toy.index):
        reader = Reader(browser, file, 390)
        assert "<script>alert(1)</script>" in reader.page.locator("body").inner_text()
        assert len(widths_of_drawings(reader.page)) == reader.charts
        assert reader.problems == []
        reader.page.context.close()


def test_page_runs_only_its_own_scripts(browser: Browser, report: Report) -> None:
    page = Reader(browser, report.path / "cost_variance.html", 1280).page
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'),"
        " {textContent: 'window.intruder = true'}))"
    )
    assert page.evaluate("window.intruder") is None


def test_closed_findings_are_printed(browser: Browser, report: Report) -> None:
    page = Reader(browser, report.index, 1280).page
    folded = page.locator("details .statement").first
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert page.evaluate("document.querySelector('details .statement').getClientRects().length") > 0
