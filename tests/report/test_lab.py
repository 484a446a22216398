"""A notebook as someone sees it who opens it in JupyterLab and runs all of it, dark and light."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from prismlib import paths
from prismlib.findings import MIMETYPE as FINDINGS_MIMETYPE
from prismlib.report.display import ANSWER_MIMETYPE, PLOTLY_MIMETYPE

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

NOTEBOOK = "cost_variance.ipynb"
SETTINGS = {
    "apputils-extension/themes": {"theme": "JupyterLab Dark"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},  # every cell is in the page
}
OPTIONS = [
    "--allow-root", "--no-browser", "--ip=127.0.0.1", "--IdentityProvider.token=",
    "--LabApp.extension_manager=readonly", "--ServerApp.port_retries=0",
]  # fmt: skip
IDLE = '.jp-Notebook-ExecutionIndicator[data-status="idle"]'


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_ready(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        assert server.poll() is None, log.read_text("utf-8")
        try:
            urllib.request.urlopen(f"{url}/api", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"JupyterLab does not answer: {log.read_text('utf-8')}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a copy of the notebook: saving it leaves the repository clean."""
    folder = tmp_path_factory.mktemp("lab") / "notebooks"
    folder.mkdir()
    shutil.copy(paths.NOTEBOOKS / NOTEBOOK, folder)
    return folder


@pytest.fixture(scope="module")
def lab(folder: Path) -> Iterator[str]:
    """Start a JupyterLab of its own, without anything that its user has configured."""
    home, port = folder.parent, free_port()
    for name, values in SETTINGS.items():
        file = home / "config/lab/user-settings/@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), "utf-8")
    places = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "IPYTHONDIR": "ipython",
              "JUPYTER_RUNTIME_DIR": "runtime", "HOME": "."}  # fmt: skip
    env = {**os.environ, **{name: str(home / place) for name, place in places.items()}}
    env["PYTHONPATH"] = str(paths.ROOT)
    command = [sys.executable, "-m", "jupyterlab", *OPTIONS, f"--port={port}", f"{folder}"]
    log = home / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, env=env, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until_ready(f"http://127.0.0.1:{port}", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()  # ends its kernels too
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_for_kernel(page: Page, lab: str) -> None:
    """Wait until the page is connected to a kernel that is idle.

    The page also shows a kernel as idle before there is one; what is run then is lost.
    """
    kernels: list[dict[str, Any]] = []
    for _ in range(600):
        with urllib.request.urlopen(f"{lab}/api/kernels", timeout=30) as answer:
            kernels = json.load(answer)
        if any(one["connections"] and one["execution_state"] == "idle" for one in kernels):
            page.wait_for_selector(IDLE)
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"the page has no kernel that is idle: {kernels}")


@pytest.fixture(scope="module")
def page(browser: Browser, lab: str) -> Page:
    """Return the notebook after Run All Cells."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(f"{lab}/lab/tree/{NOTEBOOK}?reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    wait_for_kernel(page, lab)
    page.locator(".jp-CodeCell").first.click()
    page.get_by_text("Run", exact=True).first.click()
    page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()
    page.locator(".jp-CodeCell").last.locator(".jp-InputPrompt", has_text="[").wait_for()
    page.wait_for_function(
        "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
        ".every((prompt) => /\\[\\d+\\]/.test(prompt.textContent))",
        timeout=60_000,
    )
    page.wait_for_selector(IDLE)
    page.wait_for_timeout(1000)  # for maths: it is set after the text is shown
    return page


@pytest.fixture(scope="module")
def outputs(page: Page, folder: Path) -> list[dict[str, Any]]:
    """Return what the cells displayed, as data, from the notebook that was saved."""
    page.keyboard.press("Control+s")
    for _ in range(100):
        page.wait_for_timeout(100)
        with contextlib.suppress(ValueError):  # while it is being written
            node = json.loads((folder / NOTEBOOK).read_text("utf-8"))
            found = [output for cell in node["cells"] for output in cell.get("outputs", [])]
            if any(FINDINGS_MIMETYPE in output.get("data", {}) for output in found):
                return found
    raise AssertionError("the notebook was not saved")


def carried(outputs: list[dict[str, Any]], mimetype: str) -> Any:
    (found,) = (
        output["data"][mimetype] for output in outputs if mimetype in output.get("data", {})
    )
    return found


def plain(prose: str) -> str:
    return " ".join(prose.replace("**", "").split())


def texts(page: Page, selector: str) -> list[str]:
    return [plain(text) for text in page.locator(selector).all_text_contents()]


def test_answer_reads_as_it_was_written(page: Page, outputs: list[dict[str, Any]]) -> None:
    answer = carried(outputs, ANSWER_MIMETYPE)
    assert answer["statement"].count("$") >= 2  # what MathJax takes for maths
    assert texts(page, ".prism-statement") == [plain(answer["statement"])]
    assert texts(page, ".prism-details li") == [plain(point) for point in answer["details"]]
    assert texts(page, ".prism-card .value") == [figure["value"] for figure in answer["figures"]]


def test_findings_read_as_they_were_written(page: Page, outputs: list[dict[str, Any]]) -> None:
    records = carried(outputs, FINDINGS_MIMETYPE)
    shown = texts(page, ".prism-findings .statement p")
    assert sorted(shown) == sorted(plain(record["statement"]) for record in records)


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


# What is readable: text on what is painted behind it, by the formula of WCAG 2.
FAINT = """
() => {
  const rgba = (css) => {
    const [r, g, b, a = 1] = css.match(/[\\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = (top, under) => under.map((u, i) => top[i] * top[3] + u * (1 - top[3]));
  const luminance = (colour) => colour.slice(0, 3)
    .map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      layers.push(rgba(getComputedStyle(e).backgroundColor));
    }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
  };
  const faint = [];
  for (const element of document.querySelectorAll(".prism *:not(style)")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !element.getClientRects().length) continue;
    const paper = behind(element);
    const ink = over(rgba(getComputedStyle(element).color), paper);
    const [high, low] = [luminance(ink), luminance(paper)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) faint.push(`${element.className}: ${element.textContent} ${ratio.toFixed(2)}`);
  }
  return faint;
}
"""

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


def use_theme(page: Page, name: str) -> None:
    page.get_by_text("Settings", exact=True).first.click()
    page.locator(".lm-Menu-item", has_text="Theme").first.hover()
    page.locator(".lm-Menu-item", has_text=name).first.click()
    page.wait_for_selector(f'body[data-jp-theme-name="{name}"]', state="attached")
    page.mouse.move(0, 0)


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_blocks_keep_their_shape_and_can_be_read(page: Page, theme: str) -> None:
    if page.locator("body").get_attribute("data-jp-theme-name") != theme:
        use_theme(page, theme)
    assert page.evaluate(FAINT) == []
    assert page.evaluate(OVERLAPS) == 0
    assert page.evaluate(ALIGNMENTS, "gt_left") == ["left"]
    assert page.evaluate(ALIGNMENTS, "gt_right") == ["right"]
