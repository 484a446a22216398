"""What the answer of a notebook is made of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from prismlib.findings import Finding, Severity, ranked
from prismlib.report.blocks import KeyFigure

MAX_DETAILS = 4
SERIOUS = (Severity.CRITICAL, Severity.HIGH)


@dataclass(frozen=True)
class Answer:
    """What `prismlib.report.display.answer` shows."""

    statement: str
    figures: list[KeyFigure]
    details: list[str]


def serious_details(
    findings: Sequence[Finding], *, shown: Collection[str], first: tuple[str, ...]
) -> list[str]:
    """Return the worst findings as points.

    Parameters
    ----------
    findings : sequence of Finding
    shown : collection of str
        Ids that the statement or the key figures show already.
    first : tuple of str
        Beginnings of the ids that come before the others.
    """
    serious = [f for f in ranked(findings) if f.severity in SERIOUS and f.id not in shown]
    serious.sort(key=lambda f: not f.id.startswith(first))
    return [f"**{f.title}.** {f.statement}" for f in serious[:MAX_DETAILS]]
