"""What the modules that turn results into findings share."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from prismlib.analyses.cost_comparison import CostComparison
from prismlib.findings import Evidence, Finding, Severity, Verdict
from prismlib.formats import count, money

CRITICAL_PER_YEAR = Decimal(1_000_000)
HIGH_PER_YEAR = Decimal(100_000)
MEDIUM_PER_YEAR = Decimal(10_000)


def severity_of_amount(per_month: Decimal) -> Severity:
    """Return how much an amount a month matters, by its size in a year."""
    per_year = abs(per_month) * 12
    if per_year > CRITICAL_PER_YEAR:
        return Severity.CRITICAL
    if per_year >= HIGH_PER_YEAR:
        return Severity.HIGH
    return Severity.MEDIUM if per_year >= MEDIUM_PER_YEAR else Severity.LOW


def worse(one: Severity, other: Severity) -> Severity:
    """Return the worse of two severities."""
    return min(one, other, key=list(Severity).index)


def known_costs(results: CostComparison) -> dict[str, Decimal]:
    """Return the current cost of each component that has one."""
    components = results.components
    pairs = zip(components["component"], components["current_cost"], strict=True)
    return {name: cost for name, cost in pairs if cost is not None}


def evidence(table: str, rows: int, *sources: str) -> tuple[Evidence, ...]:
    """Return one piece of evidence; sources are the documents or files of its rows."""
    named = dict.fromkeys(source for source in sources if source)
    return (Evidence(table, rows, "; ".join(named)),)


def finding(
    notebook: str,
    prefix: str,
    name: str,
    title: str,
    statement: str,
    severity: Severity,
    verdict: Verdict,
    *,
    value: Decimal | int | None = None,
    unit: str = "1",
    expected: Decimal | int | None = None,
    source: str | Iterable[str] = (),
    table: str = "claim",
    rows: int = 1,
    provenance: str = "stated",
) -> Finding:
    """Return a finding that rests on rows of one table; its id is `prefix`, a dot and `name`."""
    return Finding(
        id=f"{prefix}.{name}",
        notebook=notebook,
        title=title,
        statement=statement,
        severity=severity,
        verdict=verdict,
        value=None if value is None else Decimal(value),
        unit=unit,
        expected=None if expected is None else Decimal(expected),
        evidence=evidence(table, rows, *((source,) if isinstance(source, str) else source)),
        provenance=provenance,
    )


def counted(number: Decimal | int, noun: str) -> str:
    """Return a number with its noun: ``1 day``, ``1,000 instances``."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def usd(amount: Decimal | None) -> str:
    """Return US dollars in words: to the cent below a thousand, to the dollar above."""
    is_small = amount is not None and abs(amount) < 1000
    return money(amount, decimals=2 if is_small and amount else None)


def listed(names: list[str] | tuple[str, ...]) -> str:
    """Return names as English: ``a, b and c``."""
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + " and " + names[-1]
