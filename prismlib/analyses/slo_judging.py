"""What the modules with findings on benchmarks share."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from prismlib.analyses import judging
from prismlib.analyses.stated import Stated
from prismlib.findings import Severity, Verdict
from prismlib.formats import count

NOTEBOOK = "performance_slo"

finding = partial(judging.finding, NOTEBOOK, "slo")
"""Makes a finding of this notebook; its name is the id without the prefix."""

MILLION, BILLION = Decimal(10**6), Decimal(10**9)


def sources(stated: Stated, *claim_ids: str) -> list[str]:
    """Return the sections that claims stand in."""
    return [stated.source(claim_id) for claim_id in claim_ids]


def big(number: Decimal) -> str:
    """Return a number as people say it: ``23.96M``, ``1.15B``, ``277,778``."""
    for size, letter in ((BILLION, "B"), (MILLION, "M")):
        if abs(number) >= size:
            return f"{count(round(number / size, 2))}{letter}"
    return count(short(number))


def short(number: Decimal) -> Decimal:
    """Return a number with four digits, or whole if it is larger."""
    return round(number, max(0, 3 - number.adjusted())) if number else number


def bad_if(condition: bool, severity: Severity, bad: Verdict) -> tuple[Severity, Verdict]:
    """Return a severity and verdict: those given if the condition is so, else that it holds."""
    return (severity, bad) if condition else (Severity.INFO, Verdict.HOLDS)
