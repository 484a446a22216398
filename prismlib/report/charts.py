"""Charts in a page: the figure's data as JSON, and plotly.js once, compressed, inside the page.

plotly.js is 4.8 MB; as gzip in base64, unpacked by the browser itself, it is 1.9 MB, so that a page
can be mailed. It is the copy that comes with the Python package: no network, no other version.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from plotly.offline import get_plotlyjs

DEFAULT_HEIGHT = 420
TOP_MARGIN = 16
BOTTOM_MARGIN = 8
"""Labels and titles of an axis make the room that they need themselves."""


@dataclass(frozen=True)
class Scripts:
    """What a page with charts carries: the packed library and the script that draws."""

    packed: str
    draw: str
    hashes: tuple[str, ...]
    """Of everything that may run in the page, for its Content-Security-Policy."""


@cache
def scripts() -> Scripts:
    """Return the scripts of a page with charts; the same bytes each time."""
    library = get_plotlyjs()
    draw = files("prismlib.report").joinpath("templates", "charts.js").read_text("utf-8")
    packed = gzip.compress(library.encode(), mtime=0)
    hashes = tuple(_csp_hash(text) for text in (library, draw))
    return Scripts(base64.b64encode(packed).decode(), draw, hashes)


def _csp_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def chart_html(figure: Mapping[str, Any], metadata: Mapping[str, str]) -> str:
    """Return a figure that the page's script draws; its height is reserved before it is drawn."""
    title, layout = without_title(figure["layout"])
    data = {"data": figure["data"], "layout": layout, "config": figure.get("config", {})}
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    # "<" only occurs inside JSON strings; escaped, it cannot end the element or open a comment
    text = text.replace("<", "\\u003c")
    id, alt = html.escape(metadata["id"]), html.escape(metadata["alt"])
    height = f"height:{layout['height']}px"
    return (
        f'<figure class="chart" id="{id}">'
        + (f"<figcaption>{html.escape(title)}</figcaption>" if title else "")
        + f'<div class="plot" role="img" aria-label="{alt}" style="{height}"></div>'
        f'<script type="application/json">{text}</script></figure>'
    )


def without_title(layout: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the title as plain text, and the layout without it and the room it took.

    The page sets the title itself: a drawing cannot wrap it to the width of a phone.
    """
    shown = {key: value for key, value in layout.items() if key not in ("width", "title")}
    height, margin = layout.get("height", DEFAULT_HEIGHT), dict(layout.get("margin", {}))
    title = html.unescape(re.sub("<br>", " ", layout.get("title", {}).get("text", "")))
    if title and "t" in margin:
        height -= max(0, margin["t"] - TOP_MARGIN)
        margin["t"] = min(margin["t"], TOP_MARGIN)
    if layout.get("xaxis", {}).get("automargin"):
        margin["b"] = BOTTOM_MARGIN
    return title, {**shown, "height": height, "margin": margin}
