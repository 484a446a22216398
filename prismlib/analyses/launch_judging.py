"""What the modules with findings on a launch share."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from prismlib.analyses.judging import evidence
from prismlib.findings import Finding, Severity, Verdict, judge

NOTEBOOK = "launch_readiness"


def finding(
    name: str,
    title: str,
    statement: str,
    severity: Severity,
    verdict: Verdict,
    *,
    value: Decimal | int | None = None,
    unit: str = "1",
    expected: Decimal | int | None = None,
    source: str = "",
    table: str = "claim",
    rows: int = 1,
) -> Finding:
    """Return a finding of this notebook; `name` is its id without the prefix."""
    return Finding(
        id=f"launch.{name}",
        notebook=NOTEBOOK,
        title=title,
        statement=statement,
        severity=severity,
        verdict=verdict,
        value=None if value is None else Decimal(value),
        unit=unit,
        expected=None if expected is None else Decimal(expected),
        evidence=evidence(table, rows, source),
    )


def agreed(
    claimed: Decimal, found: Decimal | int, decimals: int | None = None, *, wrong: Severity
) -> tuple[Severity, Verdict]:
    """Return the verdict on a claimed figure, with `wrong` as its severity unless it holds."""
    verdict = judge(claimed, Decimal(found), decimals=decimals)
    is_fine = verdict in (Verdict.HOLDS, Verdict.ROUNDING)
    return Severity.INFO if is_fine else wrong, verdict


def sources(rows: Iterable[str]) -> str:
    """Return the sources of several rows, each once."""
    return "; ".join(dict.fromkeys(source for source in rows if source))
