"""Which findings the weekly summary shows at once, and what it says of those it folds."""

from __future__ import annotations

from decimal import Decimal

from prismlib.findings import Finding, Severity, Verdict
from prismlib.report.summary import _folded


def some(severity: Severity, count: int, unit: str = "USD") -> list[Finding]:
    return [
        Finding(f"a.{severity}.{n}", "a", "t", "s", severity, Verdict.CONTRADICTS,
                Decimal(1000 * n), unit)
        for n in range(1, count + 1)
    ]  # fmt: skip


def test_high_ones_are_shown_while_there_are_few() -> None:
    leading = [*some(Severity.CRITICAL, 3), *some(Severity.HIGH, 5)]
    shown, folds = _folded([*leading, *some(Severity.LOW, 2, "%")])
    assert shown == leading
    assert [(label, len(found)) for label, found in folds] == [
        ("2 more of medium severity or less", 2)
    ]


def test_many_high_ones_are_folded_with_count_and_money() -> None:
    critical = some(Severity.CRITICAL, 3)
    shown, folds = _folded([*critical, *some(Severity.HIGH, 6), *some(Severity.LOW, 2)])
    assert shown == critical
    assert [label for label, _ in folds] == [
        "6 more of high severity, the largest at $6,000",
        "2 more of medium severity or less, the largest at $2,000",
    ]
