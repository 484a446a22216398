"""What facts mean by the rules of ``evidence_check.csv``: pass, fail or unknown; pure.

The figures of a check are combined into one: their sum, the most or the least. Where some of them
are not known, the figure is only known to lie in a range, as none is negative: a sum or the most of
them may be higher than what was seen, the least of them lower. A check passes if every figure of
the range does, fails if none does, and is unknown otherwise.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.money import exact_sum
from prismlib.readiness_tables import EVIDENCE
from prismlib.sources.evidence import Fact, named
from prismlib.tables import make, records

COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "at most": operator.le,
    "less than": operator.lt,
    "at least": operator.ge,
    "more than": operator.gt,
}
NEEDED = "needed."
"""A claim of this name and a check says what a check must reach instead of its own limit."""
UNSTATED = (
    "how many are expected is not stated: the snapshot needs a table fleet that names them, or a"
    " claim {}{}"
)


def judge_evidence(
    facts: Iterable[Fact],
    checks: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    now: datetime,
) -> pd.DataFrame:
    """Return EVIDENCE: a row for each check, whatever could be seen of it.

    Parameters
    ----------
    facts : iterable of Fact
    checks : EVIDENCE_CHECK
    tables : mapping of str to frame
        Of a snapshot: FLEET and CLAIM say what is expected, if they are there.
    now : datetime
        The moment of the look.
    """
    of_check: dict[str, list[Fact]] = {}
    for fact in facts:
        of_check.setdefault(fact.check_id, []).append(fact)
    rows = records(checks)
    if strange := sorted(set(of_check) - {row["check_id"] for row in rows}):
        raise KeyError(f"checks without a rule: {', '.join(strange)}")
    return make(
        EVIDENCE, [_row(row, of_check.get(row["check_id"], []), tables, now) for row in rows]
    )


def _row(
    check: Mapping[str, Any],
    facts: Sequence[Fact],
    tables: Mapping[str, pd.DataFrame],
    now: datetime,
) -> dict[str, Any]:
    values = [fact.value for fact in facts if fact.value is not None]
    seen = _combined(check["combined_by"], values)
    limit = expected(check, tables)
    state = judged(check, seen, limit, is_whole=len(values) == len(facts))
    reason = ""
    if state == "unknown":
        reasons = list(dict.fromkeys(fact.reason for fact in facts if fact.value is None))
        if limit is None:
            reasons.append(UNSTATED.format(NEEDED, check["check_id"]))
        reason = "; ".join(reasons) or "nothing was found to look at"
    return {
        "evidence_id": f"live.{check['check_id']}",
        "subject_id": check["subject_id"],
        "check_id": check["check_id"],
        "evidence_state": state,
        "evidence_value": seen,
        "unit": check["unit"],
        "observed_at": min((fact.observed_at or now for fact in facts), default=now),
        "valid_for_days": check["valid_for_days"],
        "needs": "",
        "reason": reason,
        "detail": _detail(check, facts, limit),
        "source": "; ".join(dict.fromkeys(fact.source for fact in facts)),
    }


def judged(
    check: Mapping[str, Any], seen: Decimal | None, limit: Decimal | None, *, is_whole: bool
) -> str:
    """Return pass, fail or unknown for a figure; `is_whole` says that nothing is missing in it."""
    if seen is None or limit is None:
        return "unknown"
    is_met = COMPARE[check["compared_as"]](seen, limit)
    if is_whole:
        return "pass" if is_met else "fail"
    # What is missing can only raise a sum or the most, and only lower the least.
    wants_more = check["compared_as"] in ("at least", "more than")
    can_still_turn = (check["combined_by"] != "least") == (wants_more != is_met)
    if can_still_turn:
        return "unknown"
    return "pass" if is_met else "fail"


def _combined(combined_by: str, values: Sequence[Decimal]) -> Decimal | None:
    if not values:
        return None
    if combined_by == "sum":
        return exact_sum(values)
    return max(values) if combined_by == "most" else min(values)


def expected(check: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Decimal | None:
    """Return what a figure is compared with; None if nobody says it.

    A claim of the snapshot goes first, then what FLEET makes of ``expected_from``, then the limit
    of the rule.
    """
    if "claim" in tables:
        for row in records(tables["claim"]):
            if row["claim_id"] == NEEDED + check["check_id"] and row["stated_value"] is not None:
                return Decimal(row["stated_value"])
    if check["expected_from"]:
        return _of_fleet(check["expected_from"], tables.get("fleet"))
    limit: Decimal | None = check["limit_value"]
    return limit


def _of_fleet(words: str, fleet: pd.DataFrame | None) -> Decimal | None:
    """Return the sum over FLEET of a column, each row times the number of the first match."""
    if fleet is None:
        return None
    column, _, rest = words.partition(":")
    rules = [one.rpartition("=") for one in rest.split("|")]
    found: list[Decimal] = []
    for row in records(fleet):
        name = f"{row['component']} {row['resource_name']}"
        times = next((n for pattern, _, n in rules if re.search(pattern, name, re.IGNORECASE)), "")
        if times and row[column] is None:
            return None
        if times:
            found.append(row[column] * Decimal(times))
    return exact_sum(found) if found else None


def _detail(check: Mapping[str, Any], facts: Sequence[Fact], limit: Decimal | None) -> str:
    """Return what was asked, and what was seen: first of the things that do not meet it."""
    asked = check["check_name"]
    if limit is not None:
        asked += f", {check['compared_as']} {limit:f} wanted"
    known = [(fact, fact.value) for fact in facts if fact.value is not None]
    # One of the things that are added up can miss the mark without any fault of its own.
    is_shared = check["combined_by"] == "sum" and check["compared_as"] == "at least"
    compare = COMPARE[check["compared_as"]]
    shown = [
        fact
        for fact, value in known
        if is_shared or limit is None or len(known) == 1 or not compare(value, limit)
    ]
    words = [f"{one.subject}: {one.detail or f'{one.value:f}'}" for one in shown]
    blind = [fact.subject for fact in facts if fact.value is None]
    parts = [asked]
    if words:
        parts.append(named(words))
    elif known:
        parts.append(f"all {len(known)} meet it")
    if blind:
        parts.append(f"not seen: {named(blind)}")
    return "; ".join(parts)
