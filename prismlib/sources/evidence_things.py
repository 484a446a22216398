"""What counts against each check, thing by thing, so that one can be waived by its name; pure.

The words of EVIDENCE name the first few of many. Here all of them stand that count against a check,
and all that could not be seen, for the checks that count what must not be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.evidence_rules import combined, names_count
from prismlib.readiness_tables import EVIDENCE_THING
from prismlib.sources.evidence import Fact
from prismlib.tables import make, records

UNSEEN = "it could not be seen"


def things_of(facts: Iterable[Fact], evidence: pd.DataFrame, checks: pd.DataFrame) -> pd.DataFrame:
    """Return EVIDENCE_THING of some facts.

    Parameters
    ----------
    facts : iterable of Fact
    evidence : EVIDENCE
        What was made of these facts.
    checks : EVIDENCE_CHECK
    """
    of_check: dict[str, list[Fact]] = {}
    for fact in facts:
        of_check.setdefault(fact.check_id, []).append(fact)
    looks = {row["check_id"]: row for row in records(evidence)}
    return make(
        EVIDENCE_THING,
        (
            row
            for check in records(checks)
            if names_count(check)
            for row in _things(check, of_check.get(check["check_id"], []), looks)
        ),
    )


def _things(
    check: Mapping[str, Any], facts: Sequence[Fact], looks: Mapping[str, Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Yield a row for each name; what has the same name twice is one thing."""
    look = looks[check["check_id"]]
    seen: dict[tuple[str, str], list[tuple[Decimal | None, str]]] = {}
    for fact in facts:
        for name, value in _named(fact):
            reason = "" if value is not None else fact.reason or UNSEEN
            seen.setdefault((name, reason), []).append((value, "" if fact.names else fact.detail))
    for (name, reason), found in seen.items():
        values = [value for value, _ in found if value is not None]
        yield {
            **{one: look[one] for one in ("evidence_id", "check_id", "unit", "observed_at")},
            "thing_name": name,
            "evidence_value": combined(check["combined_by"], values),
            "reason": reason,
            "detail": "; ".join(dict.fromkeys(words for _, words in found if words)),
        }


def _named(fact: Fact) -> Iterator[tuple[str, Decimal | None]]:
    """Yield the names of a fact with the figure of each; nothing of a thing without a fault."""
    if fact.value is None:
        yield fact.subject, None
    elif len(fact.names) == fact.value:
        yield from ((f"{fact.subject}: {name}", Decimal(1)) for name in fact.names)
    elif fact.value:
        yield fact.subject, fact.value
