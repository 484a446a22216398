"""A notebook as someone sees it who opens it in JupyterLab and runs all of it, dark and light."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lab_panel import FAINT, words_of
from lab_session import DARK, LIGHT, OpenNotebook

from prismlib.findings import MIMETYPE as FINDINGS_MIMETYPE
from prismlib.report.display import ANSWER_MIMETYPE, PLOTLY_MIMETYPE

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("notebook_run", ["cost_variance"], indirect=True),
]


@pytest.fixture(scope="module")
def opened(notebook_run: OpenNotebook) -> OpenNotebook:
    """Return the notebook after Run All Cells."""
    notebook_run.page.wait_for_timeout(1000)  # for maths: it is set after the text is shown
    return notebook_run


@pytest.fixture(scope="module")
def page(opened: OpenNotebook) -> Page:
    return opened.page


@pytest.fixture(scope="module")
def outputs(opened: OpenNotebook) -> list[dict[str, Any]]:
    """Return what the cells displayed, as data, from the notebook that was saved."""

    def found(node: dict[str, Any]) -> list[dict[str, Any]]:
        return [output for cell in node["cells"] for output in cell.get("outputs", [])]

    def is_whole(node: dict[str, Any]) -> bool:
        return any(FINDINGS_MIMETYPE in output.get("data", {}) for output in found(node))

    return found(opened.saved(is_whole))


def carried(outputs: list[dict[str, Any]], mimetype: str) -> Any:
    (found,) = (
        output["data"][mimetype] for output in outputs if mimetype in output.get("data", {})
    )
    return found


def texts(page: Page, selector: str) -> list[str]:
    """Return what the notebook reads; its panel says the same again, below."""
    found = page.locator(f"{selector}:not(.prism-explore *)")
    return [words_of(text) for text in found.all_text_contents()]


def test_answer_reads_as_it_was_written(page: Page, outputs: list[dict[str, Any]]) -> None:
    answer = carried(outputs, ANSWER_MIMETYPE)
    assert answer["statement"].count("$") >= 2  # what MathJax takes for maths
    assert texts(page, ".prism-statement") == [words_of(answer["statement"])]
    assert texts(page, ".prism-details li") == [words_of(point) for point in answer["details"]]
    assert texts(page, ".prism-card .value") == [figure["value"] for figure in answer["figures"]]


def test_findings_read_as_they_were_written(page: Page, outputs: list[dict[str, Any]]) -> None:
    records = carried(outputs, FINDINGS_MIMETYPE)
    shown = texts(page, ".prism-findings .statement p")
    assert sorted(shown) == sorted(words_of(record["statement"]) for record in records)


def test_nothing_is_set_as_maths_and_every_chart_is_drawn(
    page: Page, outputs: list[dict[str, Any]]
) -> None:
    assert page.locator(".prism").count() > 5
    assert page.locator("mjx-container, .MathJax").count() == 0
    assert [output for output in outputs if output["output_type"] == "error"] == []
    charts = sum(PLOTLY_MIMETYPE in output.get("data", {}) for output in outputs)
    drawn = page.locator(".jp-RenderedPlotly")
    assert 0 < charts == drawn.count()
    for chart in drawn.all():
        box = chart.locator(".main-svg").first.bounding_box()
        assert box and box["width"] > 100 and box["height"] > 50


OVERLAPS = """
() => {
  const boxes = [...document.querySelectorAll(".prism-card")].map((e) => e.getBoundingClientRect());
  return boxes.filter((a, i) => boxes.slice(i + 1).some((b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)).length;
}
"""

ALIGNMENTS = """
(kind) => [...new Set([...document.querySelectorAll(`.prism td.${kind}`)]
  .map((cell) => getComputedStyle(cell).textAlign))]
"""


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_blocks_keep_their_shape_and_can_be_read(
    opened: OpenNotebook, page: Page, theme: str
) -> None:
    opened.use_theme(theme)
    assert page.evaluate(FAINT, ".prism") == []
    assert page.evaluate(OVERLAPS) == 0
    assert page.evaluate(ALIGNMENTS, "gt_left") == ["left"]
    assert page.evaluate(ALIGNMENTS, "gt_right") == ["right"]
