"""The rules of live evidence: how a check is judged, whoever judges it; pure.

The figures of a check are combined into one: their sum, the most or the least. Where some of them
are not known, the figure is only known to lie in a range, as none is negative: a sum or the most of
them may be higher than what was seen, the least of them lower. A check passes if every figure of
the range does, fails if none does, and is unknown otherwise.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.money import exact_sum
from prismlib.tables import records

COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "at most": operator.le,
    "less than": operator.lt,
    "at least": operator.ge,
    "more than": operator.gt,
}
WANTS_MORE = ("at least", "more than")
"""Comparisons that ask for something to be there."""
NEEDED = "needed."
"""A claim of this name and a check says what it must reach at least, instead of its own limit."""


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
    wants_more = check["compared_as"] in WANTS_MORE
    can_still_turn = (check["combined_by"] != "least") == (wants_more != is_met)
    if can_still_turn:
        return "unknown"
    return "pass" if is_met else "fail"


def combined(combined_by: str, values: Sequence[Decimal]) -> Decimal | None:
    """Return the sum, the most or the least of some figures; None of none."""
    if not values:
        return None
    if combined_by == "sum":
        return exact_sum(values)
    return max(values) if combined_by == "most" else min(values)


def expected(check: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Decimal | None:
    """Return what a figure is compared with; None if nobody says it.

    For what must be there, a claim of the snapshot goes first; then comes what FLEET makes of
    ``expected_from``, then the limit of the rule. What counts against a check is allowed by a
    waiver, which names who and until when, and never by a claim.
    """
    if "claim" in tables and check["compared_as"] in WANTS_MORE:
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


def names_count(check: Mapping[str, Any]) -> bool:
    """Return whether each thing counts against a check, so that one can be left out by name.

    What there must be at least cannot be waived thing by thing, and neither can the least of many.
    """
    return check["compared_as"] in ("at most", "less than") and check["combined_by"] != "least"
