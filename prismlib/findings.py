"""The result of a notebook for machines and for the weekly summary: verdicts on claims.

A finding compares a claimed figure (`expected`) with the one recomputed from its parts (`value`).
Ids are stable: week-over-week comparison and other programs depend on them. What is missing is
never zero and never a pass: it is ``unknown``, with what would be needed in the statement.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import chain, count
from typing import Any

MIMETYPE = "application/vnd.prism.findings+json"
"""The output type under which a notebook carries its findings in an executed copy."""


class Verdict(StrEnum):
    """What recomputing a claim showed, best first."""

    HOLDS = "holds"
    """Equal, or equal to the last digit that the claim prints."""
    ROUNDING = "rounding"
    """Agrees only because it is rounded: its parts do not give it."""
    UNKNOWN = "unknown"
    """Cannot be judged; the statement says what would be needed."""
    NOT_REPRODUCIBLE = "not_reproducible"
    """No combination of the known inputs gives the figure."""
    CONTRADICTS = "contradicts"
    """Another figure of the same source, or the bill, says otherwise."""
    INFEASIBLE = "infeasible"
    """Breaks a documented or physical limit."""


class Severity(StrEnum):
    """How much it matters to the person who decides, worst first.

    ``critical`` flips a decision or is worth more than a million a year; ``high`` invalidates a
    piece of evidence or is worth 100,000 a year; ``medium`` misleads a plan; ``low`` is cosmetic;
    ``info`` asks for nothing.
    """

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


@dataclass(frozen=True)
class Evidence:
    """The rows of a snapshot table that a finding rests on."""

    table: str
    rows: int
    source: str
    observed_at: str | None = None


@dataclass(frozen=True)
class Finding:
    """One judged statement.

    Parameters
    ----------
    id : str
        Stable, dotted: ``cost.estimate_total``.
    title, statement : str
        A few words; then the sentence a lead reads, with its numbers computed.
    value, expected, margin : Decimal or None
        Recomputed, claimed, and `value` - `expected`, all in `unit`. `None` is unknown.
    unit : str
        A currency code, ``%``, ``USD/h``, ``1`` for a count or a ratio ...
    provenance : str
        ``stated`` in a document, ``measured`` on a bill, ``synthetic``, or a mix of them.
    """

    id: str
    notebook: str
    title: str
    statement: str
    severity: Severity
    verdict: Verdict
    value: Decimal | None = None
    unit: str = "1"
    expected: Decimal | None = None
    margin: Decimal | None = None
    evidence: tuple[Evidence, ...] = ()
    provenance: str = "stated"

    def __post_init__(self) -> None:
        if self.margin is None and self.value is not None and self.expected is not None:
            object.__setattr__(self, "margin", self.value - self.expected)


SEVERITY_ORDER = {severity: rank for rank, severity in enumerate(Severity)}
VERDICT_ORDER = {verdict: rank for rank, verdict in enumerate(reversed(Verdict))}


def ranked(findings: Iterable[Finding]) -> list[Finding]:
    """Return `findings` worst first: by severity, verdict, money at stake, then id."""

    def rank(finding: Finding) -> tuple[int, int, Decimal, str]:
        severity, verdict = SEVERITY_ORDER[finding.severity], VERDICT_ORDER[finding.verdict]
        return severity, verdict, -money_at_stake(finding), finding.id

    return sorted(findings, key=rank)


def money_at_stake(finding: Finding) -> Decimal:
    """Return by how much a claim is off, or the amount itself; 0 when it is not money."""
    is_money = len(finding.unit) == 3 and finding.unit.isupper()
    amount = finding.value if finding.margin is None else finding.margin
    return abs(amount) if is_money and amount is not None else Decimal(0)


def judge(
    claimed: Decimal, recomputed: Decimal, *, decimals: int | None = None, parts_hold: bool = True
) -> Verdict:
    """Return the verdict on a claimed figure.

    Parameters
    ----------
    claimed, recomputed : Decimal
        In the same unit.
    decimals : int, optional
        Decimals that the claim prints (negative for thousands, millions); exact when absent.
    parts_hold : bool, default True
        Whether the claim's own inputs add up. If not, agreement after rounding is ``rounding``,
        not ``holds``: the figure is right by luck.
    """
    if claimed == recomputed:
        return Verdict.HOLDS
    if decimals is not None:
        step = Decimal(1).scaleb(-decimals)
        if abs(claimed - recomputed) <= step / 2:
            return Verdict.HOLDS if parts_hold else Verdict.ROUNDING
        if abs(claimed - recomputed) < step:
            return Verdict.ROUNDING
    return Verdict.CONTRADICTS


def slug(name: str) -> str:
    """Return a name as part of a finding id: ``Redis EC2 (reserved)`` is redis_ec2_reserved."""
    return re.sub(r"[^\w]+", "_", name.lower()).strip("_") or "unnamed"


def distinct_slugs(names: Iterable[str]) -> dict[str, str]:
    """Return the `slug` of each name; where it is that of another, it is numbered."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in dict.fromkeys(names):
        plain = slug(name)
        numbered = (f"{plain}_{number}" for number in count(2))
        found[name] = next(one for one in chain((plain,), numbered) if one not in taken)
        taken.add(found[name])
    return found


def _number(value: Decimal | None) -> float | int | None:
    """Return a JSON number: six decimals, or for what they would make zero, six digits."""
    if value is None:
        return None
    rounded = round(value, 6) or Decimal(f"{value:.6g}")
    return int(rounded) if rounded == int(rounded) else float(rounded)


def to_records(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Return findings as plain JSON values, sorted by id."""
    records = []
    for finding in sorted(findings, key=lambda f: f.id):
        record = asdict(finding)
        for name in ("value", "expected", "margin"):
            record[name] = _number(record[name])
        record["evidence"] = [asdict(e) for e in finding.evidence]
        records.append({k: str(v) if isinstance(v, StrEnum) else v for k, v in record.items()})
    return records


def from_records(records: Iterable[dict[str, Any]]) -> list[Finding]:
    """Return the findings that `to_records` wrote; numbers come back as decimals."""

    def decimal(value: float | int | None) -> Decimal | None:
        return None if value is None else Decimal(str(value))

    return [
        Finding(
            **{
                **record,
                "severity": Severity(record["severity"]),
                "verdict": Verdict(record["verdict"]),
                "evidence": tuple(Evidence(**e) for e in record["evidence"]),
                "value": decimal(record["value"]),
                "expected": decimal(record["expected"]),
                "margin": decimal(record["margin"]),
            }
        )
        for record in records
    ]


def dumps(findings: Iterable[Finding]) -> str:
    """Return the text of ``findings.json``: the same findings give the same bytes."""
    return json.dumps(to_records(findings), indent=1, ensure_ascii=False) + "\n"


def observed(findings: Iterable[Finding], day: date) -> list[Finding]:
    """Return `findings` with `day` as the observation date of evidence that has none."""
    return [
        replace(
            f,
            evidence=tuple(
                e if e.observed_at else replace(e, observed_at=day.isoformat()) for e in f.evidence
            ),
        )
        for f in findings
    ]
