"""The workbook: what a spreadsheet program reads out of it, cell by cell."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import pytest

from prismlib.findings import Finding, Severity, Verdict
from prismlib.report.collect import Content
from prismlib.report.pages import Frame
from prismlib.report.workbook import _cell, write_workbook

COLUMNS = [
    {"name": "part", "label": "Part", "kind": "text", "missing": "unknown"},
    {"name": "before", "label": "Before", "kind": "money", "missing": "none"},
    {"name": "change", "label": "Change", "kind": "signed_money", "missing": "unknown"},
    {"name": "pct", "label": "Change %", "kind": "percent", "missing": ""},
    {"name": "hours", "label": "Hours", "kind": "count", "missing": "unknown"},
    {"name": "rate", "label": "Rate", "kind": "rate", "missing": "unknown"},
]
ROWS = [
    ["=1+1", None, "43562", None, 730, "1.0313"],
    ["disk", "16000", None, "7.5", "744.5", None],
    ["Total", "16000", "46062", "5.03", None, None],
]
FINDINGS = [
    ("a.rise", Severity.CRITICAL, Verdict.CONTRADICTS, "5.03", "%", "10"),
    ("a.count", Severity.HIGH, Verdict.CONTRADICTS, "48", "1", "1000"),
    ("a.ratio", Severity.LOW, Verdict.HOLDS, "1.5", "1", None),
    ("a.open", Severity.LOW, Verdict.UNKNOWN, None, "1", None),
]
FRAME = Frame(
    "2025-W46", "10 Nov 2025 to 16 Nov 2025", "2025-10", "16 Nov 2025", "A snapshot",
    ["Contains synthetic data.", "A note."], "",
)  # fmt: skip
Cells = dict[str, tuple[Any, str]]
"""From an address to the value of a cell and its number format."""


def finding(
    id: str,
    severity: Severity,
    verdict: Verdict,
    value: str | None,
    unit: str,
    expected: str | None,
) -> Finding:
    numbers = [None if number is None else Decimal(number) for number in (value, expected)]
    return Finding(id, "a", id, f"**{id}**", severity, verdict, numbers[0], unit, numbers[1])


def read_sheets(path: Path) -> dict[str, tuple[Cells, str]]:
    """Return the cells and the markup of every sheet."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    strings = [
        unescape("".join(re.findall(r"<t[^>]*>(.*?)</t>", item, re.DOTALL)))
        for item in re.findall(r"<si>(.*?)</si>", parts["xl/sharedStrings.xml"], re.DOTALL)
    ]
    styles = parts["xl/styles.xml"]
    codes = dict(re.findall(r'numFmtId="(\d+)" formatCode="([^"]*)"', styles))
    codes |= {"0": "", "1": "0", "3": "#,##0", "10": "0.00%"}  # those that every program knows
    used = re.findall(r'<xf numFmtId="(\d+)"', styles.partition("<cellXfs")[2])
    found = {}
    names = re.findall(r'<sheet name="([^"]+)"', parts["xl/workbook.xml"])
    for number, name in enumerate(names, start=1):
        markup = parts[f"xl/worksheets/sheet{number}.xml"]
        cells = re.findall(r'<c r="(\w+)"(?: s="(\d+)")?(?: t="(\w+)")?><v>(.*?)</v>', markup)
        found[name] = (
            {
                place: (strings[int(v)] if kind == "s" else float(v), unescape(codes[used[int(s)]]))
                for place, s, kind, v in cells
            },
            markup,
        )
    return found


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Cells, str]]:
    table = {
        "id": "parts", "title": "Parts", "note": "", "rows": ROWS, "totals": [2],
        "columns": [{"currency": "USD", "decimals": 2, "unit": "h", "is_signed": True, **column}
                    for column in COLUMNS],
    }  # fmt: skip
    answer = {
        "statement": "It cost **$1**.",
        "figures": [{"label": "Actual", "value": "$1", "detail": "stated: $2", "tone": "bad"}],
        "details": [],
    }
    findings = [finding(*given) for given in FINDINGS]
    node = nbformat.v4.new_notebook()
    content = Content("a", "Costs", node, answer, findings, [table], [])
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    write_workbook(path, [content], as_of=date(2025, 11, 16), title="Prism 2025-W46", frame=FRAME)
    return read_sheets(path)


def line(cells: Cells, number: int) -> dict[str, Any]:
    return {place[0]: value for place, (value, _) in cells.items() if place[1:] == str(number)}


def test_missing_cells_say_the_word_of_their_column(sheets: dict[str, tuple[Cells, str]]) -> None:
    cells, _ = sheets["Parts"]
    assert line(cells, 2) == {"A": "=1+1", "B": "none", "C": 43562, "E": 730, "F": 1.0313}
    assert cells["C3"][0] == cells["F3"][0] == "unknown"
    assert "D2" not in cells  # known to be empty


def test_numbers_have_the_format_of_their_kind(sheets: dict[str, tuple[Cells, str]]) -> None:
    cells, _ = sheets["Parts"]
    assert cells["B3"] == (16000, '"$"#,##0.00')
    assert cells["C2"][1] == '+"$"#,##0.00;-"$"#,##0.00;"$"#,##0.00'
    assert cells["D3"] == (0.075, "+#,##0.00%;-#,##0.00%;#,##0.00%")
    assert [cells["E2"][1], cells["E3"][1]] == ["#,##0", "#,##0.0##"]
    assert cells["F2"][1] == '"$"#,##0.00"/h"'


def test_totals_stay_below_the_filter(sheets: dict[str, tuple[Cells, str]]) -> None:
    cells, markup = sheets["Parts"]
    assert cells["A4"][0] == "Total"
    assert '<autoFilter ref="A1:F3"/>' in markup
    assert 'topLeftCell="B2"' in markup  # headings and names stay in sight


def test_findings_have_units_in_words_and_percent_as_percent(
    sheets: dict[str, tuple[Cells, str]],
) -> None:
    cells, _ = sheets["Findings"]
    assert [line(cells, 1)[letter] for letter in "EFGH"] == [
        "Recomputed", "Against", "Difference", "Unit",
    ]  # fmt: skip
    assert cells["E2"] == (0.0503, "0.00%")
    assert cells["G2"][0] == pytest.approx(-0.0497)  # 5.03 - 10 percent points
    assert [cells[f"H{n}"][0] for n in (2, 3, 5)] == ["percent", "count", "ratio"]
    assert cells["F3"] == (1000, "#,##0")
    assert not {"E4", "F4", "G4", "H4"} & set(cells)  # a.open has no number and no unit


def test_summary_says_what_the_numbers_are_of(sheets: dict[str, tuple[Cells, str]]) -> None:
    cells, _ = sheets["Summary"]
    lines = [line(cells, number) for number in range(1, 25)]
    assert lines[:4] == [
        {"A": "Prism 2025-W46"},
        {"A": "Week", "B": "2025-W46 (10 Nov 2025 to 16 Nov 2025)"},
        {"A": "Costs of", "B": "2025-10"},
        {"A": "As of", "B": 45977.0},  # 16 Nov 2025 as spreadsheets count days
    ]
    assert cells["B4"][1] == "d mmm yyyy"
    assert lines[4:7] == [
        {"A": "Data", "B": "A snapshot"},
        {"A": "Note", "B": "Contains synthetic data."},
        {"A": "Note", "B": "A note."},
    ]
    assert {"A": "Costs", "B": "Answer", "C": "It cost $1."} in lines
    assert {"A": "contradicts", "B": 2.0} in lines
    assert {"A": "unknown", "B": 1.0} in lines
    (worst,) = (line for line in lines if line.get("A") == "a.count")
    assert worst == {
        "A": "a.count", "B": "high", "C": "contradicts", "D": 48, "E": 1000, "F": -952,
        "G": "count",
    }  # fmt: skip


def test_a_duration_is_a_time_of_excel_and_a_negative_one_is_text() -> None:
    """38 minutes are 38 / 1440 of a day; Excel shows no time below zero."""
    column = {"name": "recovery", "label": "Recovery", "kind": "duration", "missing": "unknown"}
    cell = _cell("2280", column)
    assert (round(cell.value * 1440, 6), cell.shown) == (38, "[m]:ss")
    assert _cell("-1800", column) == "−30:00"
    assert _cell(None, column) == "unknown"
