"""What the modules with findings on recovery share."""

from __future__ import annotations

from decimal import Decimal

from prismlib.analyses.judging import evidence
from prismlib.findings import Finding, Severity, Verdict
from prismlib.formats import duration

NOTEBOOK = "dr_timeline"


def clock(seconds: Decimal | None) -> str:
    """Return a time in a sentence: ``38:00 min``."""
    return duration(seconds) if seconds is None else f"{duration(seconds)} min"


def finding(
    name: str,
    title: str,
    statement: str,
    severity: Severity,
    verdict: Verdict,
    *,
    value: Decimal | None = None,
    unit: str = "1",
    expected: Decimal | None = None,
    source: str = "",
    table: str = "drill_event",
    rows: int = 1,
) -> Finding:
    """Return a finding of this notebook; `name` is its id without the prefix."""
    return Finding(
        id=f"dr.{name}",
        notebook=NOTEBOOK,
        title=title,
        statement=statement,
        severity=severity,
        verdict=verdict,
        value=value,
        unit=unit,
        expected=expected,
        evidence=evidence(table, rows, source),
    )
