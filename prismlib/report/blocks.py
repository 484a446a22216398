"""Blocks of HTML that a notebook and the weekly summary show alike: the answer and the findings."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from prismlib import formats
from prismlib.findings import Finding, ranked

MINUTE_S = 60
"""Seconds from which a time is read more easily in minutes."""

WHOLE_FROM = 10_000
"""Of a figure that is no amount of money: from here on its thousandths say nothing."""
SIGNED = re.compile(r"[−+]\$[\d,.]*\d")
"""An amount that a browser would break behind its sign."""

Tone = Literal["good", "bad", "neutral", "unknown"]


@dataclass(frozen=True)
class KeyFigure:
    """A number of the answer: what it is, the formatted value, one line of context, its tone."""

    label: str
    value: str
    detail: str = ""
    tone: Tone = "neutral"


def inline(prose: str) -> str:
    """Return a sentence as HTML: escaped, ``**bold**`` understood, no sign left at a line's end."""
    kept = SIGNED.sub(r'<span class="prism-signed">\g<0></span>', html.escape(prose))
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", kept)


def badge(value: str) -> str:
    """Return a verdict or a severity as a coloured label that also says the word."""
    word = html.escape(formats.words(value))
    return f'<span class="prism-badge {html.escape(str(value))}">{word}</span>'


def answer_html(data: Mapping[str, Any]) -> str:
    """Return statement, cards and details of the data that `display.answer` carries."""
    points = "".join(f"<li>{inline(point)}</li>" for point in data["details"])
    return (
        f'<p class="prism-statement">{inline(data["statement"])}</p>'
        + cards_html(KeyFigure(**figure) for figure in data["figures"])
        + (f'<ul class="prism-details">{points}</ul>' if points else "")
    )


def cards_html(figures: Iterable[KeyFigure]) -> str:
    """Return key figures side by side."""
    return f'<dl class="prism-cards">{"".join(map(_card_html, figures))}</dl>'


def _card_html(figure: KeyFigure) -> str:
    detail = f'<dd class="detail">{inline(figure.detail)}</dd>' if figure.detail else ""
    return (
        f'<div class="prism-card {html.escape(figure.tone)}"><dt>{inline(figure.label)}</dt>'
        f'<dd class="value">{inline(figure.value)}</dd>{detail}</div>'
    )


def findings_html(findings: Iterable[Finding]) -> str:
    """Return findings as a list, worst first."""
    return f'<ol class="prism-findings">{"".join(map(_finding_html, ranked(findings)))}</ol>'


def _finding_html(finding: Finding) -> str:
    figures = {
        "recomputed": quantity(finding.value, finding.unit),
        "against": quantity(finding.expected, finding.unit),
        "difference": quantity(finding.margin, finding.unit, signed=True) if finding.margin else "",
    }
    known = "".join(
        f"<div><dt>{name}</dt><dd>{html.escape(value)}</dd></div>"
        for name, value in figures.items()
        if value not in ("", formats.UNKNOWN)
    )
    return (
        f'<li><div class="badges">{badge(finding.verdict)}{badge(finding.severity)}</div>'
        f'<div class="statement"><strong>{inline(finding.title)}</strong>'
        f"<p>{inline(finding.statement)}</p></div><dl>{known}</dl></li>"
    )


def quantity(value: Decimal | None, unit: str, *, signed: bool = False) -> str:
    """Return the value of a finding in its unit: a currency, ``%``, ``USD/h``, ``1`` or a word."""
    if value is None:
        return formats.UNKNOWN
    plus = "+" if signed and value > 0 else ""
    if unit == "%":
        return plus + formats.percent(value, signed=False)
    if unit == "1":
        return plus + formats.count(value)
    if unit == "s" and abs(value) >= MINUTE_S:
        return f"{plus}{formats.duration(value)} min"
    if unit == "ms" and abs(value) >= MINUTE_S * 1000:
        return plus + formats.elapsed(value)
    currency, slash, per = unit.partition("/")
    if not re.fullmatch("[A-Z]{3}", currency):
        shown = round(value) if abs(value) >= WHOLE_FROM else value
        return f"{plus}{formats.count(shown)} {unit}"
    if slash:
        return plus + formats.rate(value, per, currency=currency)
    return plus + formats.money(value, currency)
