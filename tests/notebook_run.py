"""What a notebook shows for its parameters: its own cells, run here, with no panel in between."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from prismlib import paths
from prismlib.findings import MIMETYPE as FINDINGS_MIMETYPE
from prismlib.report import display
from prismlib.report.display import ANSWER_MIMETYPE, PLOTLY_MIMETYPE, TABLE_MIMETYPE


@dataclass
class Shown:
    """What the cells displayed, as data."""

    answer: dict[str, Any] = field(default_factory=dict)
    charts: dict[str, dict[str, Any]] = field(default_factory=dict)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)

    def take(self, bundle: dict[str, Any], **metadata: str) -> None:
        """Note an output in place of showing it."""
        if PLOTLY_MIMETYPE in bundle:
            self.charts[metadata["id"]] = bundle[PLOTLY_MIMETYPE]
        elif TABLE_MIMETYPE in bundle:
            self.tables[bundle[TABLE_MIMETYPE]["id"]] = bundle[TABLE_MIMETYPE]
        elif ANSWER_MIMETYPE in bundle:
            self.answer = bundle[ANSWER_MIMETYPE]
        elif FINDINGS_MIMETYPE in bundle:
            self.findings = bundle[FINDINGS_MIMETYPE]


def cells_of(notebook: str) -> list[tuple[set[str], str]]:
    """Return tags and source of each code cell that a report runs."""
    node = json.loads((paths.NOTEBOOKS / f"{notebook}.ipynb").read_text("utf-8"))
    code = [cell for cell in node["cells"] if cell["cell_type"] == "code"]
    tagged = [(set(cell["metadata"].get("tags", [])), "".join(cell["source"])) for cell in code]
    return [(tags, source) for tags, source in tagged if "interactive" not in tags]


def run_notebook(notebook: str, **parameters: Any) -> Shown:
    """Run the cells of a notebook with other parameters, and return what they show."""
    shown, namespace = Shown(), {"__name__": f"notebook_{notebook}"}
    displaying = mock.patch.object(display, "_display", shown.take)
    with displaying, contextlib.redirect_stdout(io.StringIO()):
        for tags, source in cells_of(notebook):
            exec(compile(source, f"<{notebook}: {sorted(tags)}>", "exec"), namespace)
            if "parameters" in tags:
                assert set(parameters) <= set(namespace), set(parameters) - set(namespace)
                namespace.update(parameters)
    return shown
