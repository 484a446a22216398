"""The cells of a notebook, run in this process on the parameters of a command that was copied.

What they display is recorded: what a panel must show, without a line of `prismlib.explore`.
"""

from __future__ import annotations

import functools
import json
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prismlib import paths
from prismlib.report import blocks, cells
from prismlib.report.notebooks import bind, read_notebooks
from prismlib.sources import snapshots

BASE = {"parameters", "setup", "load", "check", "answer"}
NONE = frozenset[int]()
NOT_RUN = {"interactive", "headline"}


@dataclass
class Displayed:
    """What a notebook displays, by the id that it gives."""

    figures: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    """The HTML of each cell."""
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """The values of each cell, by the name of its column."""
    html: dict[str, str] = field(default_factory=dict)
    prose: list[str] = field(default_factory=list)
    """What is said, the answer first; a panel may show a sentence of it."""
    said_by: list[int] = field(default_factory=list)
    """The number of the cell that says each of it."""
    cell: int = 0
    """The number of the cell that is run."""

    def show(self, figure: Any, *, id: str, alt: str) -> None:
        """Record what a chart says."""
        assert alt
        self.figures[id] = json.loads(figure.to_json())["data"]

    def table(self, frame: Any, columns: Mapping[str, Any], *, id: str, **_: Any) -> None:
        """Record the cells of a table as they are shown."""
        fitted = {name: column.fitted(frame[name]) for name, column in columns.items()}
        shown = [frame[name].map(column.html, na_action=None) for name, column in fitted.items()]
        self.tables[id] = [list(row) for row in zip(*shown, strict=True)]
        values = cells.rows_data(frame, fitted)
        self.rows[id] = [dict(zip(fitted, row, strict=True)) for row in values]

    def text(self, prose: str) -> None:
        """Record computed prose."""
        self._say(prose)

    def listing(self, content: str, *, title: str) -> None:
        """Record lines that are copied as they are."""
        assert title
        self._say(content)

    def answer(self, statement: str, figures: Sequence[Any], details: Sequence[str] = ()) -> None:
        """Record the answer as it is shown."""
        data = {"statement": statement, "figures": [vars(f) for f in figures], "details": details}
        self.html["answer"] = blocks.answer_html(data)
        self._say(statement, *details)

    def _say(self, *prose: str) -> None:
        self.prose += prose
        self.said_by += [self.cell] * len(prose)

    def findings(self, found: Any) -> None:
        """Record the findings as they are shown."""
        self.html["findings"] = blocks.findings_html(found)

    def __getattr__(self, name: str) -> Any:
        """Take whatever else a notebook displays; no panel shows it."""
        return lambda *_, **__: None


@functools.cache
def read_once(folder: Path) -> snapshots.Snapshot:
    """Return a snapshot that is only read."""
    return snapshots.read_snapshot(folder)


@functools.cache
def code_cells(name: str) -> list[tuple[set[str], str, Any]]:
    """Return the tags of each code cell of a notebook, its source, and that compiled."""
    node = json.loads((paths.NOTEBOOKS / f"{name}.ipynb").read_text("utf-8"))
    return [
        (set(cell["metadata"].get("tags", ())), text, compile(text, name, "exec"))
        for cell in node["cells"]
        if cell["cell_type"] == "code" and (text := "".join(cell["source"]))
    ]


def parameters_of(command: str, name: str) -> Mapping[str, Any]:
    """Return the parameters that a copied command gives to its notebook."""
    words = shlex.split(command)
    assert words[:4] == ["prism", "report", "--only", name]
    assert set(words[4::2]) <= {"-p"}
    pairs = [word.partition("=") for word in words[5::2]]
    given = {key: value for key, _, value in pairs}
    return bind(read_notebooks(paths.NOTEBOOKS, [name]), given)[name]


@functools.lru_cache(maxsize=64)
def displayed(
    command: str, name: str, charts: tuple[str, ...] | None = None, cells: frozenset[int] = NONE
) -> Displayed:
    """Return what the cells of a notebook display on the parameters of a copied command.

    Parameters
    ----------
    charts : tuple of str, optional
        The ids of the charts that are wanted; of the cells below the answer only theirs are run.
    cells : frozenset of int
        The numbers of cells that are run too.
    """
    found, space = Displayed(), dict[str, Any]()
    values = parameters_of(command, name)
    for number, (tags, text, code) in enumerate(code_cells(name)):
        found.cell = number
        is_wanted = charts is None or bool(tags & BASE) or number in cells or _shows(text, charts)
        if tags & NOT_RUN or not is_wanted:
            continue
        exec(code, space)
        if "parameters" in tags:
            space.update(values)
        if "setup" in tags:
            space.update(display=found, read_snapshot=read_once)
    return found


def _shows(source: str, charts: Collection[str]) -> bool:
    return any(f'id="{one}"' in source for one in charts)
