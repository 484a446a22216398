"""The pages as a reader gets them: in a browser, from a file, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prismlib.paths import SAMPLE
from prismlib.report.render import Report, render_report

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


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


@pytest.mark.parametrize(
    ("name", "synthetic"),
    [
        ("index", "cost, object_cohort, benchmark_run, benchmark_point, benchmark_bucket"),
        ("lifecycle_savings", "object_cohort"),
        ("performance_slo", "benchmark_run, benchmark_point, benchmark_bucket"),
        ("dr_timeline", ""),
    ],
)
def test_what_is_to_be_known_of_the_data_is_folded_and_names_the_tables_of_the_page(
    browser: Browser, report: Report, name: str, synthetic: str
) -> None:
    page = Reader(browser, report.path / f"{name}.html", 390).page
    notice = page.locator("details.notice")
    named = notice.get_by_text("generated and not measured: table")
    assert named.count() == bool(synthetic), "recovery rests on no synthetic table"
    told = notice.locator("p").last
    assert not told.is_visible()
    notice.locator("summary").click()
    assert told.is_visible()
    if synthetic:
        assert (named.text_content() or "").endswith(f"table {synthetic}.")


def test_what_is_to_be_known_of_the_data_is_printed_once(browser: Browser, report: Report) -> None:
    """Paper has no fold to open: every paragraph is there, and the line to click on is not."""
    page = Reader(browser, report.path / "launch_readiness.html", 1280).page
    page.emulate_media(media="print")
    told = "[...document.querySelectorAll('.notice p')].map((e) => e.getClientRects().length)"
    assert page.evaluate(told) == [1, 1, 1, 1, 1]
    assert not page.locator(".notice summary").is_visible()


def test_phone_has_key_figures_side_by_side_and_no_gap_below_charts(
    browser: Browser, report: Report
) -> None:
    page = Reader(browser, report.path / "cost_variance.html", 390).page
    tops = page.evaluate(
        "[...document.querySelectorAll('.prism-card')].map((e) => e.getBoundingClientRect().top)"
    )
    assert len(tops) == 5 and len(set(tops)) == 3  # two and two, the last one across
    gaps = page.evaluate(
        """[...document.querySelectorAll('figure.chart')].map((figure) => {
          const drawn = [...figure.querySelectorAll('.main-svg text')];
          const end = Math.max(...drawn.map((e) => e.getBoundingClientRect().bottom));
          return figure.getBoundingClientRect().bottom - end;
        })"""
    )
    assert len(gaps) == 4 and all(0 <= gap < 25 for gap in gaps)


def test_table_that_scrolls_says_so_at_its_edge_until_its_end(
    browser: Browser, report: Report
) -> None:
    page = Reader(browser, report.path / "cost_variance.html", 390).page
    scroll = page.get_by_role("region", name="By component")
    scroll.evaluate("e => e.querySelectorAll('td, th').forEach((c) => c.style.color = '#fff')")
    scroll.scroll_into_view_if_needed()
    box = scroll.bounding_box()
    assert box
    edge = {"x": box["x"] + box["width"] - 6, "y": box["y"] + 8, "width": 6, "height": 8}
    before = page.screenshot(clip=edge)
    scroll.evaluate("e => { e.scrollLeft = 60 }")
    between = page.screenshot(clip=edge)
    scroll.evaluate("e => { e.scrollLeft = e.scrollWidth }")
    after = page.screenshot(clip=edge)
    blank = page.screenshot(clip={**edge, "x": 2})  # the margin of the page
    assert before == between != after == blank


def test_paper_keeps_key_figures_in_a_row_and_titles_with_their_tables(
    browser: Browser, report: Report
) -> None:
    page = Reader(browser, report.path / "cost_variance.html", 680).page
    page.emulate_media(media="print")
    tops = page.evaluate(
        "[...document.querySelectorAll('.prism-card')].map((e) => e.getBoundingClientRect().top)"
    )
    assert len(tops) == 5 and len(set(tops)) == 1
    kept = page.evaluate(
        """[...document.querySelectorAll('.prism-table')].map((table) =>
          getComputedStyle(table).breakInside)"""
    )
    assert set(kept) == {"avoid"}
