"""The panel of an open notebook as someone uses it: controls to move, a screen to read."""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

# What is readable: text on what is painted behind it, by the formula of WCAG 2.
FAINT = """
(scope) => {
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
  for (const element of document.querySelectorAll(`${scope} *:not(style)`)) {
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

# What a chart says, apart from its look: the same for a figure of the library and a drawn one.
SAID = ("type", "orientation", "name", "x", "y", "base", "measure", "text", "customdata", "labels",
        "values", "z", "error_x", "error_y", "open", "close", "low", "high")  # fmt: skip


def chart_data(traces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what the traces of a figure say, with packed arrays unpacked."""
    return [
        {key: _plain(trace[key]) for key in SAID if trace.get(key) is not None} for trace in traces
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, dict) and "bdata" in value:
        array = np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"])
        if shape := value.get("shape"):
            array = array.reshape([int(n) for n in str(shape).split(",")])
        return _plain(array.tolist())
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in sorted(value.items()) if key != "color"}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float | int) and not isinstance(value, bool):
        return float(f"{value:.12g}")
    return value


def words_of(prose: str) -> str:
    """Return prose as it reads: without marks for bold, with single spaces."""
    return " ".join(prose.replace("**", "").split())


@dataclass(frozen=True)
class PanelPage:
    """The panel of an open notebook: controls to move, and a screen to read."""

    page: Page
    name: str

    @property
    def root(self) -> Locator:
        """The screen, which carries the counts of redraws."""
        return self.page.locator(f'[data-panel="{self.name}"]')

    def wait_until_settled(self, after: int = -1) -> None:
        """Wait until an input later than number `after` is drawn to its end."""
        self.page.wait_for_function(
            "([name, after]) => { const root = document.querySelector(`[data-panel='${name}']`);"
            " if (!root) return false; const {sequence, settled} = root.dataset;"
            " return Number(sequence) > after && sequence === settled; }",
            arg=[self.name, after],
        )

    def drawn(self) -> int:
        """Return the number of the last input that is drawn."""
        return int(self.root.get_attribute("data-sequence") or -1)

    @contextlib.contextmanager
    def redrawn(self) -> Iterator[None]:
        """Wait after the block until what was done in it is drawn to its end."""
        self.wait_until_settled()
        before = self.drawn()
        yield
        self.wait_until_settled(before)

    @contextlib.contextmanager
    def answered(self) -> Iterator[None]:
        """Wait after the block until its first phase is drawn; the rest may still follow."""
        before = self.drawn()
        yield
        self.page.wait_for_function(
            "([name, before]) => Number(document.querySelector(`[data-panel='${name}']`)"
            ".dataset.sequence) > before",
            arg=[self.name, before],
        )

    def slots(self, place: str = "") -> list[str]:
        """Return the names of the parts that are shown, all or those of a phase."""
        return list(
            self.root.locator(f"{place} section[data-slot]").evaluate_all(
                "(all) => all.map((section) => section.dataset.slot)"
            )
        )

    def slot(self, name: str) -> Locator:
        """Return a part of the screen."""
        return self.root.locator(f'[data-slot="{name}"]')

    def text(self, name: str) -> str:
        """Return what a part of the screen reads, with single spaces."""
        return words_of(self.slot(name).first.inner_text())

    def chart(self, name: str) -> dict[str, Any]:
        """Return the data and layout of a chart as the page draws it now."""
        plot = self.slot(name).locator(".js-plotly-plot").first
        plot.wait_for()
        figure = plot.evaluate(
            "(div) => JSON.parse(JSON.stringify({data: div.data, layout: div.layout}, "
            "(key, value) => ArrayBuffer.isView(value) ? Array.from(value) : value))"
        )
        assert isinstance(figure, dict)
        return figure

    def shown_numbers(self, name: str) -> list[str]:
        """Return the figures in numbers that a part of the screen reads."""
        return re.findall(r"[$€£]?\d[\d,.]*\d|\d", self.text(name))
