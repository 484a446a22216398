"""The workbook of a report: the answers, the findings and every table, as numbers to work with.

Text is written as text, whatever it starts with: ``=HYPERLINK(...)`` in a tag stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from prismlib import formats
from prismlib.findings import Finding, ranked
from prismlib.report.cells import NUMERIC
from prismlib.report.collect import Content

MAX_WIDTH = 60
AS_TEXT = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}


@dataclass(frozen=True)
class Sheet:
    """A name, headings with the number format of each column ("" for text), and rows."""

    name: str
    headings: Sequence[str]
    number_formats: Sequence[str]
    rows: Sequence[Sequence[Any]]


def write_workbook(path: Path, contents: Sequence[Content], *, as_of: date, title: str) -> None:
    """Write the workbook; its creation date is `as_of`, so that the same data gives one file."""
    with xlsxwriter.Workbook(str(path), AS_TEXT) as book:
        created = datetime(as_of.year, as_of.month, as_of.day)
        book.set_properties({"title": title, "created": created})
        for sheet in _sheets(contents):
            _write_sheet(book, sheet)


def _sheets(contents: Sequence[Content]) -> list[Sheet]:
    findings = ranked(finding for content in contents for finding in content.findings)
    sheets = [_summary_sheet(contents), _findings_sheet(findings)]
    taken = {sheet.name.lower() for sheet in sheets}
    for content in contents:
        for table in content.tables:
            name = _sheet_name(f"{table['id']}", taken)
            sheets.append(_table_sheet(name, table))
    return sheets


def _summary_sheet(contents: Sequence[Content]) -> Sheet:
    rows: list[list[Any]] = []
    for content in contents:
        rows.append([content.title, "Answer", _plain(content.answer["statement"]), ""])
        rows += [
            [content.title, *(_plain(figure[key]) for key in ("label", "value", "detail"))]
            for figure in content.answer["figures"]
        ]
    return Sheet("Summary", ["Page", "What", "Value", "Detail"], [""] * 4, rows)


def _findings_sheet(findings: Iterable[Finding]) -> Sheet:
    headings = [
        "Severity", "Verdict", "Finding", "Statement", "Recomputed", "Claimed", "Difference",
        "Unit", "Provenance", "Notebook", "Id",
    ]  # fmt: skip
    rows = [
        [
            formats.words(f.severity), formats.words(f.verdict), f.title, _plain(f.statement),
            f.value, f.expected, f.margin, f.unit, f.provenance, f.notebook, f.id,
        ]
        for f in findings
    ]  # fmt: skip
    number = "#,##0.00####"
    return Sheet(
        "Findings", headings, ["", "", "", "", number, number, number, "", "", "", ""], rows
    )


def _table_sheet(name: str, table: Mapping[str, Any]) -> Sheet:
    columns = table["columns"]
    rows = [
        [_value(value, column["kind"]) for value, column in zip(row, columns, strict=True)]
        for row in table["rows"]
    ]
    headings = [column["label"] for column in columns]
    return Sheet(name, headings, [_number_format(column) for column in columns], rows)


def _value(value: Any, kind: str) -> Any:
    """Return a cell for the workbook; what is missing is said, so no sum takes it for zero."""
    if value is None:
        return formats.UNKNOWN
    if kind == "percent":
        return float(value) / 100
    if kind in NUMERIC:
        return float(value)
    if kind == "day":
        return date.fromisoformat(value)
    if kind == "flag":
        return "yes" if value else "no"
    return formats.words(value) if kind in ("verdict", "severity") else str(value)


def _number_format(column: Mapping[str, Any]) -> str:
    digits = "#,##0" + ("." + "0" * column["decimals"] if column["decimals"] else "")
    if column["kind"] == "percent":
        return digits.removeprefix("#,##") + "%"
    if column["kind"] == "count":
        return "#,##0.###" if column["decimals"] else "#,##0"
    if column["kind"] in NUMERIC:
        prefix = '"$"' if column["currency"] == "USD" else f'"{column["currency"]} "'
        return prefix + digits
    return "d mmm yyyy" if column["kind"] == "day" else ""


def _plain(prose: str) -> str:
    return prose.replace("**", "")


def _sheet_name(wanted: str, taken: set[str]) -> str:
    """Return a name that Excel takes: 31 characters, none of its reserved ones, used once."""
    base = re.sub(r"[\[\]:*?/\\']", " ", wanted).replace("_", " ").strip().capitalize()[:31]
    name, number = base, 2
    while name.lower() in taken:
        name, number = f"{base[:27]} ({number})", number + 1
    taken.add(name.lower())
    return name


def _write_sheet(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name)
    heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    for column, (label, number_format) in enumerate(
        zip(sheet.headings, sheet.number_formats, strict=True)
    ):
        shown = book.add_format({"num_format": number_format, "valign": "top"})
        page.write_string(0, column, label, heading)
        values = [row[column] for row in sheet.rows]
        for line, value in enumerate(values, start=1):
            _write_cell(page, (line, column), value, shown if number_format else text)
        longest = max((len(str(value)) for value in [label, *values]), default=0)
        page.set_column(column, column, min(max(longest + 2, 9), MAX_WIDTH))
    page.freeze_panes(1, 0)
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.headings) - 1)
    page.fit_to_pages(1, 0)
    page.set_landscape()
    page.repeat_rows(0)


def _write_cell(page: Any, cell: tuple[int, int], value: Any, shown: Any) -> None:
    if isinstance(value, date):
        page.write_datetime(*cell, datetime(value.year, value.month, value.day), shown)
    elif value is None or isinstance(value, str):
        page.write_string(*cell, formats.UNKNOWN if value is None else value, shown)
    else:
        page.write_number(*cell, float(value), shown)
