from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from prismlib.findings import MIMETYPE, Finding, Severity, Verdict
from prismlib.report import display
from prismlib.report.blocks import inline, quantity
from prismlib.report.display import Column, KeyFigure

Shown = list[tuple[dict[str, Any], dict[str, Any] | None]]
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    outputs: Shown = []

    def keep(bundle: dict[str, Any], *, raw: bool, metadata: dict[str, Any] | None) -> None:
        assert raw
        outputs.append((bundle, metadata))

    monkeypatch.setattr(display, "display", keep)
    return outputs


def test_import_needs_no_papermill() -> None:
    check = (
        "import sys, prismlib.report.display;"
        "sys.exit(any(name in sys.modules for name in ('papermill', 'nbconvert', 'plotly')))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_show_carries_id_and_alt(shown: Shown) -> None:
    display.show(go.Figure(go.Bar(x=[1], y=[2])), id="bars", alt="One bar")
    bundle, metadata = shown[0]
    assert bundle[display.PLOTLY_MIMETYPE]["data"][0]["type"] == "bar"
    assert bundle["text/plain"] == "One bar"
    assert metadata == {"prism": {"id": "bars", "alt": "One bar"}}


FRAME = pd.DataFrame(
    {
        "name": [SCRIPT, None, "total"],
        "cost": [Decimal("1000.4"), None, Decimal("0.2")],
        "verdict": [Verdict.HOLDS, Verdict.NOT_REPRODUCIBLE, Verdict.UNKNOWN],
    },
    dtype=object,
)
COLUMNS = {
    "name": Column("Name <b>"),
    "cost": Column("Cost", "money"),
    "verdict": Column("Verdict", "verdict"),
}


def test_table_escapes_and_aligns(shown: Shown) -> None:
    display.table(FRAME, COLUMNS, id="costs", title=SCRIPT, note=SCRIPT, highlight={-1: "total"})
    page = shown[0][0]["text/html"]
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 4  # title, its label, note, cell
    assert 'class="gt_row gt_right">$1,000</td>' in page
    assert 'class="gt_row gt_right">$0.20</td>' in page  # not zero, so not "$0"
    assert '<span class="missing">unknown</span>' in page
    assert '<span class="prism-badge not_reproducible">not reproducible</span>' in page
    assert page.count("font-weight:650;border-top") == 3  # each cell of the last row


def test_table_carries_exact_rows(shown: Shown) -> None:
    display.table(FRAME, COLUMNS, id="costs")
    data = shown[0][0][display.TABLE_MIMETYPE]
    assert data["rows"] == [
        [SCRIPT, "1000.4", "holds"],
        [None, None, "not_reproducible"],
        ["total", "0.2", "unknown"],
    ]
    assert [column["decimals"] for column in data["columns"]][1] == 0


def test_table_same_bytes_twice(shown: Shown) -> None:
    display.table(FRAME, COLUMNS, id="costs")
    display.table(FRAME, COLUMNS, id="costs")
    assert shown[0] == shown[1]


def test_table_empty(shown: Shown) -> None:
    display.table(FRAME.iloc[:0], COLUMNS, id="costs", highlight={-1: "total"})
    assert shown[0][0][display.TABLE_MIMETYPE]["rows"] == []


@pytest.mark.parametrize("call", [display.show, display.table])
def test_id_must_suit_a_page(call: Callable[..., None], shown: Shown) -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        if call is display.show:
            display.show(go.Figure(), id='a" onload="x', alt="")
        else:
            display.table(FRAME, COLUMNS, id="a b")
    assert shown == []


def test_answer(shown: Shown) -> None:
    figure = KeyFigure("Spent", "$1", SCRIPT, "bad")
    display.answer(f"It cost **$1** {SCRIPT}", [figure], ["Point"])
    bundle = shown[0][0]
    assert "<strong>$1</strong> &lt;script&gt;" in bundle["text/html"]
    assert "<script" not in bundle["text/html"]
    assert bundle[display.ANSWER_MIMETYPE]["figures"] == [
        {"label": "Spent", "value": "$1", "detail": SCRIPT, "tone": "bad"}
    ]


def test_findings_worst_first_and_as_records(shown: Shown) -> None:
    low = Finding("a.low", "a", "Low", SCRIPT, Severity.LOW, Verdict.HOLDS)
    bad = Finding(
        "a.bad", "a", "Bad", "x", Severity.CRITICAL, Verdict.CONTRADICTS,
        Decimal(5), "USD", Decimal(7),
    )  # fmt: skip
    display.findings([low, bad])
    bundle = shown[0][0]
    assert bundle["text/html"].index("Bad") < bundle["text/html"].index("Low")
    assert "−$2" in bundle["text/html"]
    assert "<script" not in bundle["text/html"]
    assert [record["id"] for record in bundle[MIMETYPE]] == ["a.bad", "a.low"]


def test_a_sign_stays_with_its_amount() -> None:
    kept = '<span class="prism-signed">−$3,147</span>'
    assert inline("and −$3,147, or **−$3,147.**") == f"and {kept}, or <strong>{kept}.</strong>"
    assert inline("$5 and −5 minutes") == "$5 and −5 minutes"


def test_a_large_figure_has_no_thousandths() -> None:
    assert quantity(Decimal("23958333.333"), "operations/s") == "23,958,333 operations/s"
    assert quantity(Decimal("-9999.125"), "ms", signed=True) == "−9,999.125 ms"


def test_text_and_inline() -> None:
    assert inline("**a** & **<b>**") == "<strong>a</strong> &amp; <strong>&lt;b&gt;</strong>"


def test_quantity() -> None:
    assert quantity(Decimal("915916"), "USD") == "$915,916"
    assert quantity(Decimal("1.0313"), "USD/h") == "$1.0313/h"
    assert quantity(Decimal("5.03"), "%", signed=True) == "+5.03%"
    assert quantity(Decimal("-952"), "instances", signed=True) == "−952 instances"
    assert quantity(Decimal("48"), "1") == "48"
    assert quantity(Decimal("2280"), "s") == "38:00 min"
    assert quantity(Decimal("1800"), "s", signed=True) == "+30:00 min"
    assert quantity(Decimal("30"), "s") == "30 s"
    assert quantity(None, "USD") == "unknown"


def test_provenance_leaves_out_a_day_nothing_has(shown: Shown) -> None:
    frame = pd.DataFrame(
        {"table": ["cost"], "rows": [3], "source": ["x"], "is_synthetic": [True],
         "fetched_at": [None]}
    )  # fmt: skip
    display.provenance(frame)
    assert "Fetched" not in shown[0][0]["text/html"]
    display.provenance(frame.assign(fetched_at="2025-11-01"))
    assert "Fetched" in shown[1][0]["text/html"]
