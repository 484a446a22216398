"""The screen of a panel: one widget that draws controls, charts, tables and prose."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from plotly.offline import get_plotlyjs

from prismlib.explore import parts
from prismlib.report.cells import ROW_RULES
from prismlib.report.display import components_css


def rows_css() -> str:
    """Return the look of the highlighted rows of a table, as the report has them."""
    return "".join(
        f".prism-explore:not(#lab) tbody tr.{name}>td{{{rules}}}"
        for name, rules in ROW_RULES.items()
    )


class Screen(anywidget.AnyWidget):
    """What the browser shows; `screen.js` and `screen.css` draw it.

    `specs` are the controls as `controls.Slider.spec` gives them, `values` what they are set to.
    Everything else is sent as messages, so that a notebook which is saved with its widgets holds
    neither a result nor plotly.js.
    """

    _esm = Path(__file__).with_name("screen.js")
    _css = Path(__file__).with_name("screen.css").read_text("utf-8") + components_css() + rows_css()
    notebook = traitlets.Unicode().tag(sync=True)
    specs: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    values: traitlets.Dict[str, Any] = traitlets.Dict().tag(sync=True)

    def __init__(self, **state: Any) -> None:
        super().__init__(**state)
        self.on_msg(self._give_plotly)

    def __repr__(self) -> str:
        """Return what stands in a notebook that is read where no widget can be shown."""
        return "The controls need a running kernel: run this cell in JupyterLab."

    def _give_plotly(self, _: object, content: Mapping[str, Any], __: object) -> None:
        if content.get("kind") == "plotly":
            self.send({"kind": "plotly", "template": parts.template()}, buffers=[_plotly()])


@cache
def _plotly() -> bytes:
    """Return plotly.js, packed: the copy of the Python package, from no network."""
    return gzip.compress(get_plotlyjs().encode(), compresslevel=1, mtime=0)
