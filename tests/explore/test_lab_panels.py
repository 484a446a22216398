"""The panels in a real JupyterLab: each control is moved, and the screen shows what follows.

What must be on the screen comes from the cells of the notebook, run in this process on the
parameters that the panel gives to be copied: no line of `prismlib.explore` takes part in it.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from lab_panel import FAINT, PanelPage, chart_data, words_of
from lab_session import DARK, LIGHT, OpenNotebook
from notebook_cells import Displayed, displayed

pytestmark = pytest.mark.browser

TRAIL = "trail"
ONLY_HERE = {
    *(("lifecycle_savings", slot) for slot in ("lint", "edited", "edited-words")),
    ("performance_slo", "targets"),
}
"""Parts that only a panel has: the rules in the editor, a sentence on targets that are set."""
ROLES = {"slider": "slider", "choice": "combobox", "toggle": "checkbox", "text": "textbox"}
CONTROLS = """
(root) => [...root.querySelectorAll(".prism-control")].map((box) => ({
  kind: [...box.classList].find((name) => name !== "prism-control"),
  label: box.querySelector("label").textContent,
  input: (({value, max, step}) => ({value, max, step}))(
    box.querySelector("input[type=range],select,input,textarea")),
  options: [...box.querySelectorAll("option")].map((option) => option.value),
}))
"""
SAME_HTML = """
(element, html) => {
  const expected = document.createElement(element.tagName);
  expected.innerHTML = html;
  return expected.innerHTML === element.innerHTML;
}
"""
SAME_CELLS = """
(element, rows) => {
  const shown = [...element.querySelectorAll("tbody tr")];
  const normal = (html) => { const td = document.createElement("td"); td.innerHTML = html; return td.innerHTML; };
  return shown.length === rows.length && shown.every((row, r) =>
    row.cells.length === rows[r].length && rows[r].every((html, c) => row.cells[c].innerHTML === normal(html)));
}
"""  # noqa: E501


@dataclass(frozen=True)
class Opened:
    """A notebook after Run All Cells, and its panel on the page."""

    name: str
    notebook: OpenNotebook
    page: PanelPage
    prose_cells: set[int] = field(default_factory=set)
    """The numbers of the cells whose prose the panel was seen to show."""

    @property
    def command(self) -> str:
        """Return the command that the panel gives to be copied."""
        return self.page.slot("parameters").inner_text()

    def controls(self) -> list[dict[str, Any]]:
        """Return the controls of the form as they are set."""
        return list(self.page.root.evaluate(CONTROLS))

    def differences(self, place: str = "") -> list[str]:
        """Return the slots, all or of a phase, that do not show what the notebook does."""
        slots = [name for name in self.page.slots(place) if name != TRAIL]
        assert slots
        if place:  # other cells are not run, unless their prose turns out to be needed
            known = frozenset(self.prose_cells)
            shown = displayed(self.command, self.name, tuple(slots), known)
            slots = [slot for slot in slots if not self._shows(slot, shown)]
        shown = displayed(self.command, self.name) if slots else Displayed()
        return [slot for slot in slots if not self._shows(slot, shown)]

    def _shows(self, slot: str, shown: Displayed) -> bool:
        if (self.name, slot) in ONLY_HERE:  # each has a test of its own
            return True
        section = self.page.slot(slot)
        if section.locator(".js-plotly-plot").count():
            expected = shown.figures.get(slot)
            return expected is not None and chart_data(self.page.chart(slot)["data"]) == chart_data(
                expected
            )
        if section.locator(".prism-table").count():
            return bool(section.evaluate(SAME_CELLS, shown.tables[slot]))
        if slot in shown.html:
            return bool(section.evaluate(SAME_HTML, shown.html[slot]))
        told = [words_of(text) for text in shown.prose]
        prose = [
            words_of(text) for text in section.locator("p:not(.title),pre").all_text_contents()
        ]
        saying = zip(shown.said_by, told, strict=True)
        self.prose_cells.update(
            n for n, text in saying if any(part and part in text for part in prose)
        )
        return all(paragraph in " ".join(told) for paragraph in prose)

    def move(self, control: dict[str, Any]) -> None:
        """Move one control as a hand does, found by its role and name."""
        role, name = ROLES[control["kind"]], control["label"]
        handle = self.page.root.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]
        assert handle.count() == 1, name
        given = control["input"]
        if control["kind"] == "slider":
            is_last = float(given["value"]) + float(given["step"]) > float(given["max"])
            handle.press("ArrowLeft" if is_last else "ArrowRight")
        elif control["kind"] == "choice":
            handle.select_option(next(o for o in control["options"] if o != given["value"]))
        else:
            handle.press("Space")

    def reset(self, control: dict[str, Any]) -> None:
        """Press the button that sets a control back."""
        name = f"Reset {control['label']}"
        self.page.root.get_by_role("button", name=name, exact=True).click()


@pytest.fixture(scope="module")
def opened(notebook_run: OpenNotebook) -> Opened:
    """Return each notebook that has a panel."""
    name = Path(notebook_run.name).stem
    page = PanelPage(notebook_run.page, name)
    page.wait_until_settled()
    return Opened(name, notebook_run, page)


def test_it_opens_as_the_notebook_stands(opened: Opened) -> None:
    assert opened.command == f"prism report --only {opened.name}"
    assert opened.differences() == []


def test_each_control_moves_the_screen_to_what_the_notebook_says(opened: Opened) -> None:
    page, start = opened.page, opened.command
    moved = 0
    for control in opened.controls():
        if control["kind"] == "text" or len(control["options"]) == 1:
            continue
        with page.answered():
            opened.move(control)
        assert not page.root.get_by_role("alert").is_visible(), page.root.inner_text()
        assert opened.command != start, control["label"]
        assert opened.differences(".prism-first") == [], control["label"]
        with page.answered():
            opened.reset(control)
        assert opened.command == start, control["label"]
        moved += 1
    assert moved > 4


def test_moved_together_they_change_every_table_and_resets_take_it_back(opened: Opened) -> None:
    page, start = opened.page, opened.command
    page.wait_until_settled()
    sliders = [one for one in opened.controls() if one["kind"] == "slider"]
    with page.redrawn():
        for control in sliders[:2]:
            opened.move(control)
    assert opened.command != start
    assert opened.differences() == []
    with page.redrawn():
        page.root.get_by_role("button", name="Reset all", exact=True).click()
    assert opened.command == start
    assert opened.differences() == []


def test_the_command_is_copied(opened: Opened) -> None:
    page, root = opened.notebook.page, opened.page.root
    kinds = root.get_by_role("combobox", name="Command", exact=True)
    kinds.select_option("papermill")
    root.get_by_role("button", name="Copy as parameters").click()
    root.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == opened.command
    assert copied.startswith(f"papermill notebooks/{opened.name}.ipynb")
    kinds.select_option("report")
    assert opened.command == f"prism report --only {opened.name}"


def test_the_keyboard_reaches_every_control(opened: Opened) -> None:
    controls = opened.controls()
    first = opened.page.root.locator(".prism-control :is(input,select,textarea)").first
    first.focus()
    reached = set()
    where = "(name) => { const e = document.activeElement; const box = e.closest('.prism-control');"
    where += (
        " return box && e.closest(`[data-panel='${name}']`) ? e.labels?.[0]?.textContent : null; }"
    )
    for _ in range(3 * len(controls)):
        reached.add(opened.notebook.page.evaluate(where, opened.name))
        opened.notebook.page.keyboard.press("Tab")
    assert {control["label"] for control in controls} <= reached


def test_it_is_readable_in_both_themes_and_asks_nothing_of_the_network(opened: Opened) -> None:
    for theme in (LIGHT, DARK):
        opened.notebook.use_theme(theme)
        faint = opened.notebook.page.evaluate(FAINT, f'[data-panel="{opened.page.name}"]')
        assert faint == [], theme
    assert opened.notebook.strangers() == []
    assert opened.notebook.complaints == []


# --- text that is typed ---------------------------------------------------------------------------

NOW = [
    {
        "ID": "now",
        "Status": "Enabled",
        "Filter": {"Prefix": "partitions/"},
        "Transitions": [{"Days": 0, "StorageClass": "GLACIER_IR"}],
    }
]


@pytest.mark.parametrize("notebook_run", ["lifecycle_savings"], indirect=True)
def test_rules_are_linted_while_they_are_typed(opened: Opened) -> None:
    page, start = opened.page, opened.command
    editor = page.root.get_by_role("textbox", name="Lifecycle rules", exact=True)
    with page.redrawn():
        editor.fill(json.dumps(NOW))
    # 189,000 GB in 64,000 objects, all in Standard: 51,200 x 0.023 + 137,800 x 0.022 = 4,209.20;
    # in Glacier Instant Retrieval 189,000 x 0.004 = 756, and once 64 x 0.02 = 1.28 for the moves
    (edited,) = chart_data(page.chart("edited")["data"])
    assert edited["y"][1] == pytest.approx(4209.20 - 756 - 1.28, abs=1e-6)
    shown = displayed(opened.command, opened.name)
    assert edited["y"] in [trace["y"] for trace in chart_data(shown.figures["savings"])]
    assert opened.differences() == []
    with page.answered():
        editor.press("Control+End")
        editor.press("Backspace")  # the bracket that closes the list
    assert "cannot be read" in page.text("lint")
    with page.answered():
        editor.press_sequentially("]")
    assert "cannot be read" not in page.text("lint")
    with page.answered():
        editor.fill(json.dumps([{**NOW[0], "Transition": []}]))
    assert "Transition is no key that S3 knows" in page.text("lint")
    with page.redrawn():
        page.root.get_by_role("button", name="Reset Lifecycle rules", exact=True).click()
    assert opened.command == start
    assert opened.differences() == []


@pytest.mark.parametrize("notebook_run", ["dr_timeline"], indirect=True)
def test_text_that_cannot_be_used_is_answered_with_what_to_do(opened: Opened) -> None:
    page, start = opened.page, opened.command
    waits = page.root.get_by_role("textbox", name="Proxy rollout waits for", exact=True)
    with page.answered():
        waits.fill("nowhere")
    alert = page.root.get_by_role("alert")
    assert "nowhere" in alert.inner_text()
    assert "expected" in alert.inner_text()
    with page.redrawn():
        waits.fill("load")
    assert not alert.is_visible()
    assert "waits_for=proxies=load" in opened.command
    assert opened.differences() == []
    with page.redrawn():
        page.root.get_by_role("button", name="Reset all", exact=True).click()
    assert opened.command == start


@pytest.mark.parametrize("notebook_run", ["cost_variance"], indirect=True)
def test_a_slider_that_is_moved_past_another_takes_it_along(opened: Opened) -> None:
    page, start = opened.page, opened.command
    low, high = "Tolerated change", "Change that stops a launch"
    slider = {name: page.root.get_by_role("slider", name=name, exact=True) for name in (low, high)}
    number = page.root.get_by_role("spinbutton", name=high, exact=True)
    with page.redrawn():
        slider[low].press("End")
    assert (slider[high].input_value(), number.input_value()) == ("100", "100")
    assert slider[high].get_attribute("aria-valuetext") == "100 %"
    assert page.root.get_by_role("status").inner_text() == f"{high}: 100 %"
    assert opened.command.endswith("-p tolerance_pct=100.0 -p limit_pct=100.0")
    assert opened.differences() == []
    with page.redrawn():
        page.root.get_by_role("button", name=f"Reset {high}", exact=True).click()
    assert opened.command.endswith("-p tolerance_pct=20.0")
    with page.redrawn():
        page.root.get_by_role("button", name=f"Reset {low}", exact=True).click()
    assert opened.command == start
    assert page.root.get_by_role("status").inner_text() == ""


# --- tables: last, because a table keeps the order that a reader gave it ------------------------


def test_a_table_sorts_filters_and_downloads(opened: Opened, tmp_path: Path) -> None:
    opened.page.wait_until_settled()
    shown = displayed(opened.command, opened.name)
    slots = [slot for slot in opened.page.slots() if slot in shown.rows]
    slot = max(slots, key=lambda one: len(shown.rows[one]))
    rows, table = shown.rows[slot], opened.page.slot(slot)
    with opened.notebook.page.expect_download() as download:
        table.get_by_role("button", name="CSV").click()
    download.value.save_as(tmp_path / "table.csv")
    kept = list(csv.DictReader((tmp_path / "table.csv").read_text("utf-8").splitlines()))
    assert kept == [{name: _text(value) for name, value in row.items()} for row in rows]
    first = table.locator("tbody tr:not(.total) td:first-child")
    ways = []
    for way in ("ascending", "descending"):
        table.get_by_role("columnheader").first.get_by_role("button").click()
        assert table.locator("th").first.get_attribute("aria-sort") == way
        ways.append([text for text in first.all_text_contents() if text])
        # A total is no row to be sorted: it stays where it ends the table.
        totals = table.locator("tbody tr.total, tbody tr.total ~ tr")
        assert totals.count() == table.locator("tbody tr.total").count()
    assert ways[0] == ways[1][::-1] or len(set(ways[0])) < len(ways[0])
    assert len(set(ways[0])) == 1 or ways[0] != ways[1]
    wanted = next(_text(value) for value in rows[0].values() if value is not None)
    table.get_by_role("searchbox").fill(wanted)
    fitting = [row for row in rows if wanted.lower() in " ".join(map(_text, row.values())).lower()]
    assert table.locator("tbody tr").count() == len(fitting)
    assert fitting
    table.get_by_role("searchbox").fill("")


def _text(value: Any) -> str:
    """Return a value as JavaScript writes it."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _pid_of(kernel: str) -> int:
    """Return the process of a kernel, by the connection file that it was started with."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            if f"kernel-{kernel}.json" in (folder / "cmdline").read_text():
                return int(folder.name)
    raise AssertionError(f"no process has kernel {kernel}")


@pytest.mark.parametrize("notebook_run", ["dr_timeline"], indirect=True)
def test_a_kernel_that_does_not_answer_is_said_and_its_answer_taken(opened: Opened) -> None:
    page, start = opened.page, opened.command
    (session,) = opened.notebook.lab.sessions(opened.notebook.name)
    pid = _pid_of(session["kernel"]["id"])
    alert = page.root.get_by_role("alert")
    with page.redrawn():
        os.kill(pid, signal.SIGSTOP)
        try:
            page.root.get_by_role("slider", name="Target", exact=True).press("ArrowRight")
            alert.wait_for()
            said = alert.inner_text()
        finally:
            os.kill(pid, signal.SIGCONT)
    assert said.startswith("The kernel has not answered for 5 seconds.")
    assert not alert.is_visible()
    assert opened.command != start
    reset = page.root.get_by_role("button", name="Reset Target", exact=True)
    with page.redrawn():
        reset.press("Enter")
    assert opened.command == start
    # The button is gone, and the next key moves what it has reset.
    assert page.root.evaluate("() => document.activeElement.type") == "range"


@pytest.mark.parametrize("notebook_run", ["dr_timeline"], indirect=True)
def test_a_number_that_is_none_gives_way_to_the_one_that_counts(opened: Opened) -> None:
    page, start = opened.page, opened.command
    number = page.root.get_by_role("spinbutton", name="Target", exact=True)
    before = number.input_value()
    for text in ("", "1e400"):
        number.fill(text)
        number.blur()
        assert number.input_value() == before
    assert opened.command == start


@pytest.mark.parametrize("notebook_run", ["dr_timeline"], indirect=True)
def test_the_notebook_is_saved_from_within_the_panel(opened: Opened) -> None:
    notebook = opened.notebook
    with notebook.page.expect_response(
        lambda answer: answer.request.method == "PUT" and "/api/contents/" in answer.url
    ):
        opened.page.root.get_by_role("slider", name="Target", exact=True).press("Control+s")
