"""Measure the panels: from the event of the hand to the redrawn chart, for each slider.

    make latency                        # every notebook that has a panel
    make latency ARGS="dr_timeline"     # some of them

Opens each notebook in JupyterLab in headless Chromium, runs it, and moves each slider by its arrow
keys, 50 times while the hand does not rest. A slider that is moved after a rest meets the kernel at
work on the tables below; that is measured apart (`rested`: p95 of 10). The page notes the times of
the event, of the answer's arrival and of the end of drawing, the kernel how long analysis and
figure took. What is left of the way there and back is the transfer.
"""

from __future__ import annotations

import math
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab_panel import PanelPage
from lab_session import Lab, OpenNotebook, chromium, running_browser, running_lab

from prismlib import paths

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

MOVES, RESTED = 50, 10
REST_MS = 500
"""Long enough for the kernel to be at the later pieces, short enough for it not to be done."""
LIMIT_MS = 150
"""What the issue of the panels allows from the input to the redrawn chart."""
AT_HIGH = "(e) => Number(e.max) - Number(e.value) < Number(e.step) * 0.999"
AT_LOW = "(e) => Number(e.value) - Number(e.min) < Number(e.step) * 0.999"
NEXT = """
() => {
  const timings = (window.prismTimings ??= []);
  window.prismNext = new Promise((resolve) => {
    timings.push = (timing) => { delete timings.push; timings.push(timing); resolve(timing); };
  });
}
"""
"""Hears of the next redraw when it is there: asking at each frame would be work for the page."""
HEAD = ("p50 ms", "p95 ms", "analysis", "figure", "transfer", "drawing", "KB", "rested")


@dataclass(frozen=True)
class Move:
    """One move of a slider. [ms]"""

    analysis: float
    figure: float
    transfer: float
    drawing: float
    size: int
    """Characters of the parts that were sent."""

    @classmethod
    def of(cls, timing: Mapping[str, Any]) -> Move:
        """Return the move that the page noted."""
        analysis, figure = timing["analysis_ms"], timing["figure_ms"]
        there_and_back = timing["received"] - timing["input"]
        drawing = timing["drawn"] - timing["received"]
        return cls(analysis, figure, there_and_back - analysis - figure, drawing, timing["bytes"])

    @property
    def whole(self) -> float:
        """Return the time from the input to the redrawn chart."""
        return self.analysis + self.figure + self.transfer + self.drawing


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the least of `values` that `percent` of them do not exceed."""
    ranked = sorted(values)
    return ranked[math.ceil(len(ranked) * percent / 100) - 1]


def timed(page: Page, slider: Locator, key: str) -> Move:
    """Press a key on a slider, and return what the page notes of it."""
    page.evaluate(NEXT)
    slider.press(key)
    return Move.of(page.evaluate("window.prismNext"))


def moves(page: Page, slider: Locator, count: int, rest_ms: int = 0) -> Iterator[Move]:
    """Move a slider up, and down from its end."""
    key = "ArrowRight"
    for _ in range(count):
        if rest_ms:
            page.wait_for_timeout(rest_ms)
        if slider.evaluate(AT_HIGH):
            key = "ArrowLeft"
        elif slider.evaluate(AT_LOW):
            key = "ArrowRight"
        yield timed(page, slider, key)


def line(label: str, found: Sequence[Move], rested: Sequence[Move]) -> str:
    """Return a line of the table."""
    whole = [move.whole for move in found]
    shares = [
        f"{100 * sum(getattr(move, part) for move in found) / sum(whole):.0f}%"
        for part in ("analysis", "figure", "transfer", "drawing")
    ]
    p50, p95 = percentile(whole, 50), percentile(whole, 95)
    size = statistics.mean(move.size for move in found) / 1000
    after = percentile([move.whole for move in rested], 95)
    cells = [f"{p50:.0f}", f"{p95:.0f}", *shares, f"{size:.0f}", f"{after:.0f}"]
    mark = "  <- above" if p95 > LIMIT_MS else ""
    return f"{label[:44]:44} " + " ".join(cell.rjust(8) for cell in cells) + mark


def measured(browser: Browser, lab: Lab, name: str) -> Iterator[str]:
    """Yield a line for each slider of the panel of a notebook."""
    notebook = OpenNotebook.open(browser, lab, f"{name}.ipynb")
    try:
        notebook.run_until_panel()
        panel = PanelPage(notebook.page, name)
        panel.wait_until_settled()
        yield f"\n{name:44} " + " ".join(head.rjust(8) for head in HEAD)
        sliders = panel.root.locator("input[type=range]")
        for number in range(sliders.count()):
            yield of_slider(notebook.page, panel, sliders.nth(number))
    finally:
        notebook.close()


def of_slider(page: Page, panel: PanelPage, slider: Locator) -> str:
    """Return the line of a slider, and leave it as it was found."""
    label = str(slider.evaluate("(e) => e.labels[0].textContent"))
    found = list(moves(page, slider, MOVES))
    rested = list(moves(page, slider, RESTED, REST_MS))
    alert = panel.root.get_by_role("alert")
    refused = f"  refused: {alert.inner_text()}" if alert.is_visible() else ""
    with panel.redrawn():
        panel.root.get_by_role("button", name="Reset all", exact=True).click()
    return line(label, found, rested) + refused


def with_panels() -> list[str]:
    """Return the notebooks that have a panel."""
    files = sorted(paths.NOTEBOOKS.glob("*.ipynb"))
    return [file.stem for file in files if '"interactive"' in file.read_text("utf-8")]


def main() -> None:
    """Print a table for each notebook that is named, or has a panel."""
    found, names = chromium(), sys.argv[1:] or with_panels()
    if not found:
        sys.exit("No browser. To do: install chromium (Debian: apt-get install chromium).")
    with (
        tempfile.TemporaryDirectory() as home,
        running_browser(found) as browser,
        running_lab(Path(home)) as lab,
    ):
        for name in names:
            for text in measured(browser, lab, name):
                print(text, flush=True)


if __name__ == "__main__":
    main()
