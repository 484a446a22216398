"""The workbook of a report: the answers, the findings and every table, as numbers to work with.

Text is written as text, whatever it starts with: ``=HYPERLINK(...)`` in a tag stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from prismlib import formats
from prismlib.findings import Finding, ranked
from prismlib.report.cells import NUMERIC
from prismlib.report.collect import Content
from prismlib.report.pages import Frame
from prismlib.report.summary import LEADING, count_verdicts

MIN_WIDTH, MAX_WIDTH = 10, 60
AS_TEXT = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
DAY_FORMAT = "d mmm yyyy"
SECONDS_PER_DAY = Decimal(86400)
UNIT_WORDS = {"%": "percent", "h": "hours"}


@dataclass(frozen=True)
class Number:
    """A number as the sheet holds it, and the format in which it shows it."""

    value: float
    shown: str


@dataclass(frozen=True)
class Sheet:
    """A name, headings, rows of cells, and how many rows at the end are totals."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]
    totals: int = 0


def write_workbook(
    path: Path,
    contents: Sequence[Content],
    *,
    as_of: date,
    title: str,
    frame: Frame | None = None,
) -> None:
    """Write the workbook; its creation date is `as_of`, so that the same data gives one file.

    `frame` says on the first sheet what every page of the report says at its top.
    """
    with xlsxwriter.Workbook(str(path), AS_TEXT) as book:
        created = datetime(as_of.year, as_of.month, as_of.day)
        book.set_properties({"title": title, "created": created})
        writer = _Writer(book)
        writer.summary([[title], *_head(frame, as_of)], _summary_parts(contents))
        for sheet in _sheets(contents):
            writer.sheet(sheet)


def _head(frame: Frame | None, as_of: date) -> list[list[Any]]:
    """Return the lines above everything else: what the numbers are of."""
    if frame is None:
        return [["As of", as_of]]
    return [
        ["Week", f"{frame.week} ({frame.week_days})"],
        *([["Costs of", frame.period]] if frame.period else []),
        ["As of", as_of],
        ["Data", frame.snapshot],
        *(["Note", notice] for notice in frame.notices),
    ]


def _summary_parts(contents: Sequence[Content]) -> list[Sheet]:
    """Return what the first sheet holds, one below the other: answers, verdicts, worst findings."""
    answers: list[list[Any]] = []
    for content in contents:
        answers.append([content.title, "Answer", _plain(content.answer["statement"])])
        answers += [
            [content.title, *(_plain(figure[key]) for key in ("label", "value", "detail"))]
            for figure in content.answer["figures"]
        ]
    findings = _all_findings(contents)
    verdicts = [
        [formats.words(verdict), Number(count, "0")]
        for verdict, count in count_verdicts(findings).items()
    ]
    worst = [
        [f.title, formats.words(f.severity), formats.words(f.verdict), *_numbers(f)]
        for f in findings
        if f.severity in LEADING
    ]
    headings = ["Critical and high findings", "Severity", "Verdict", *NUMBER_HEADINGS]
    return [
        Sheet("", ["Page", "What", "Value", "Detail"], answers),
        Sheet("", ["Verdict", "Findings"], verdicts),
        Sheet("", headings, worst),
    ]


def _sheets(contents: Sequence[Content]) -> list[Sheet]:
    sheets = [_findings_sheet(_all_findings(contents))]
    taken = {"summary", *(sheet.name.lower() for sheet in sheets)}
    for content in contents:
        for table in content.tables:
            name = _sheet_name(f"{table['id']}", taken)
            sheets.append(_table_sheet(name, table))
    return sheets


def _all_findings(contents: Sequence[Content]) -> list[Finding]:
    return ranked(finding for content in contents for finding in content.findings)


NUMBER_HEADINGS = ("Recomputed", "Against", "Difference", "Unit")


def _findings_sheet(findings: Iterable[Finding]) -> Sheet:
    headings = [
        "Severity", "Verdict", "Finding", "Statement", *NUMBER_HEADINGS,
        "Provenance", "Notebook", "Id",
    ]  # fmt: skip
    rows = [
        [
            formats.words(f.severity), formats.words(f.verdict), f.title, _plain(f.statement),
            *_numbers(f), f.provenance, f.notebook, f.id,
        ]
        for f in findings
    ]  # fmt: skip
    return Sheet("Findings", headings, rows)


def _numbers(finding: Finding) -> list[Any]:
    """Return value, what it was held against, difference and unit; empty where there is none."""
    amounts = (finding.value, finding.expected, finding.margin)
    known = [amount for amount in amounts if amount is not None]
    cells: list[Any] = ["" if a is None else _quantity(a, finding.unit) for a in amounts]
    if finding.value is None and finding.expected is not None:
        cells[0] = formats.UNKNOWN
    return [*cells, _unit_word(finding.unit, known)]


def _quantity(amount: Decimal, unit: str) -> Number:
    """Return the number of a finding in the format of its unit."""
    if unit == "%":
        return Number(float(amount) / 100, "0.00%")
    currency, slash, per = unit.partition("/")
    if not re.fullmatch("[A-Z]{3}", currency):
        return Number(float(amount), _count_format(float(amount)))
    if slash:
        return Number(float(amount), f'{_prefix(currency)}#,##0.0000"/{per}"')
    return Number(float(amount), f"{_prefix(currency)}#,##0.00")


def _unit_word(unit: str, known: Sequence[Decimal]) -> str:
    if unit != "1":
        return UNIT_WORDS.get(unit, unit) if known else ""
    if not known:
        return ""
    return "count" if all(amount == int(amount) for amount in known) else "ratio"


def _table_sheet(name: str, table: Mapping[str, Any]) -> Sheet:
    columns, rows = table["columns"], table["rows"]
    cells = [[_cell(v, c) for v, c in zip(row, columns, strict=True)] for row in rows]
    marked, totals = set(table.get("totals", [])), 0
    while len(rows) - 1 - totals in marked:
        totals += 1
    return Sheet(name, [column["label"] for column in columns], cells, totals)


def _cell(value: Any, column: Mapping[str, Any]) -> Any:
    """Return a cell for the workbook; what is missing is said, so no sum takes it for zero."""
    kind = column["kind"]
    if value is None:
        return column["missing"]
    if kind == "duration":
        return _duration(Decimal(value))
    if kind in NUMERIC:
        number = float(value) / (100 if kind == "percent" else 1)
        return Number(number, _number_format(column, number))
    if kind == "day":
        return date.fromisoformat(value)
    if kind == "flag":
        return "yes" if value else "no"
    return formats.words(value) if kind in ("verdict", "severity") else str(value)


def _duration(seconds: Decimal) -> Any:
    """Return a time as Excel counts it, in days; it shows none below zero, so that is text."""
    if seconds < 0:
        return formats.duration(seconds)
    return Number(float(seconds / SECONDS_PER_DAY), "[m]:ss")


def _number_format(column: Mapping[str, Any], number: float) -> str:
    kind, decimals = column["kind"], column["decimals"]
    digits = "#,##0" + ("." + "0" * decimals if decimals else "")
    if kind == "count":
        return _count_format(number)
    if kind == "percent":
        percent = f"{digits}%"
        return f"+{percent};-{percent};{percent}" if column["is_signed"] else percent
    amount = _prefix(column["currency"]) + digits
    if kind == "rate":
        return f'{amount}"/{column["unit"]}"'
    return f"+{amount};-{amount};{amount}" if kind == "signed_money" else amount


def _count_format(number: float) -> str:
    return "#,##0" if number == int(number) else "#,##0.0##"


def _prefix(currency: str) -> str:
    return '"$"' if currency == "USD" else f'"{currency} "'


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


class _Writer:
    """Puts sheets into a book; each format is made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def style(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"valign": "top", **properties})
        return self.formats[key]

    def summary(self, head: Sequence[Sequence[Any]], parts: Sequence[Sheet]) -> None:
        """Write the first sheet: the head, then its parts one below the other."""
        page = self.book.add_worksheet("Summary")
        page.write_string(0, 0, head[0][0], self.style(bold=True, font_size=14))
        for line, (label, value) in enumerate(head[1:], start=1):
            page.write_string(line, 0, label, self.style(bold=True))
            self.cell(page, (line, 1), value, align="left")
        line = len(head)
        for part in parts:
            line += 1
            self.headings(page, line, part.headings)
            for row in part.rows:
                line += 1
                for column, value in enumerate(row):
                    self.cell(page, (line, column), value)
            line += 1
        for column, width in enumerate((44, 34, 20, 20, 18, 18, 12)):
            page.set_column(column, column, width)
        page.freeze_panes(1, 0)
        self.paper(page)

    def sheet(self, sheet: Sheet) -> None:
        """Write headings and rows; totals stand below what the filter sorts."""
        page = self.book.add_worksheet(sheet.name)
        self.headings(page, 0, sheet.headings)
        filtered = len(sheet.rows) - sheet.totals
        for line, row in enumerate(sheet.rows, start=1):
            total = {"bold": True, "top": 1} if line > filtered else {}
            for column, value in enumerate(row):
                self.cell(page, (line, column), value, text_wrap=True, **total)
        for column, label in enumerate(sheet.headings):
            page.set_column(column, column, _width(label, [row[column] for row in sheet.rows]))
        page.freeze_panes(1, 1)
        if filtered:
            page.autofilter(0, 0, filtered, len(sheet.headings) - 1)
        self.paper(page)
        page.repeat_rows(0)

    def headings(self, page: Any, line: int, labels: Sequence[str]) -> None:
        shown = self.style(bold=True, bottom=1, text_wrap=True)
        for column, label in enumerate(labels):
            page.write_string(line, column, label, shown)

    def paper(self, page: Any) -> None:
        page.fit_to_pages(1, 0)
        page.set_landscape()

    def cell(self, page: Any, place: tuple[int, int], value: Any, **look: Any) -> None:
        if isinstance(value, date):
            day = datetime(value.year, value.month, value.day)
            page.write_datetime(*place, day, self.style(**{**look, "num_format": DAY_FORMAT}))
        elif isinstance(value, Number):
            page.write_number(
                *place, value.value, self.style(**{**look, "num_format": value.shown})
            )
        elif value == "":
            page.write_blank(*place, None, self.style(**look))
        else:
            page.write_string(*place, value, self.style(**look))


def _width(label: str, values: Iterable[Any]) -> int:
    """Return a width in characters that fits the values and the longest word of the heading."""
    words = max(map(len, label.split()), default=0) + 3  # and the arrow of the filter
    return min(max([MIN_WIDTH, words, *(_length(value) + 2 for value in values)]), MAX_WIDTH)


def _length(value: Any) -> int:
    if isinstance(value, Number):
        shown = value.shown.split(";")[0]
        scale, decimals = (
            (100 if "%" in shown else 1),
            len(re.findall("[0#]", shown.partition(".")[2])),
        )
        around = len(re.sub(r'[#,0."]', "", shown))
        return len(f"{value.value * scale:,.{decimals}f}") + around
    return len(DAY_FORMAT) + 1 if isinstance(value, date) else len(str(value))
