"""What facts mean by the rules of ``evidence_check.csv``: pass, fail or unknown; pure.

How a check is judged stands in `prismlib.evidence_rules`, since waivers by name are judged alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.evidence_rules import COMPARE, NEEDED, combined, expected, judged
from prismlib.formats import named
from prismlib.readiness_tables import EVIDENCE
from prismlib.sources.evidence import Fact
from prismlib.tables import make, records

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
    seen = combined(check["combined_by"], values)
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
