"""Which findings the weekly summary shows at once, and what it says of those it folds."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest

from prismlib.findings import Finding, Severity, Verdict
from prismlib.report.summary import _decision_first, _folded


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


@pytest.mark.parametrize(
    ("verdict", "severity", "is_first"),
    [
        (Verdict.CONTRADICTS, Severity.CRITICAL, True),
        (Verdict.UNKNOWN, Severity.CRITICAL, True),
        (Verdict.HOLDS, Severity.INFO, True),
        (Verdict.UNKNOWN, Severity.INFO, False),  # nothing on a launch is there
    ],
)
def test_the_decision_comes_before_what_it_rests_on(
    verdict: Verdict, severity: Severity, is_first: bool
) -> None:
    decision = SimpleNamespace(id="launch.decision", verdict=verdict, severity=severity)
    names = ["cost_variance", "dr_timeline", "launch_readiness", "performance_slo"]
    contents = _decision_first(
        [
            SimpleNamespace(name=name, findings=[decision] * (name == "launch_readiness"))  # type: ignore[misc]
            for name in names
        ]
    )
    first = ["launch_readiness", "cost_variance", "dr_timeline", "performance_slo"]
    assert [content.name for content in contents] == (first if is_first else names)
