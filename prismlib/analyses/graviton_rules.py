"""Whether a line can move to Graviton, and why not.

Method. Rules are data (GRAVITON_RULE): each looks at one attribute of a line. A rule with a minimum
version decides only for an older or an unknown engine; any other decides when its pattern matches
the whole value. The first rule by priority that decides gives the verdict and its reason.

Known limits. A document names no operating system and often no engine version: what is not known is
no obstacle for the system, and ``unknown`` for the version. A commitment's kind is that of the
provider's tables; software that runs on x86 only is known by tag alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from prismlib.tables import records

Row = dict[str, Any]


@dataclass(frozen=True)
class Eligibility:
    """A verdict of `ELIGIBILITIES`, the effort and the reason in words, and the rule behind it."""

    eligibility: str
    migration_effort: str
    reason: str
    rule_name: str


NO_RULE = Eligibility("unknown", "excluded", "no rule covers this kind of use", "")
MOVES = ("eligible", "after commitment", "after upgrade")
"""The verdicts with which a line can move, now or later."""


def judge_eligibility(line: Row, rules: pd.DataFrame) -> Eligibility:
    """Return whether a line can move.

    Parameters
    ----------
    line : dict
        A GRAVITON_LINE row in the making, with ``processor`` and ``target`` ("some" or "none")
        beside it.
    rules : GRAVITON_RULE
    """
    for rule in records(rules.sort_values("priority")):
        services = filter(None, rule["compute_service"].split("|"))
        if rule["compute_service"] and line["compute_service"] not in services:
            continue
        decided = _decide(line, rule)
        if decided is not None:
            return decided
    return NO_RULE


def _decide(line: Row, rule: Row) -> Eligibility | None:
    value = str(line[rule["attribute"]]) if rule["attribute"] else ""
    pattern = rule["match_pattern"]
    if rule["attribute"] and not re.fullmatch(pattern, value, re.IGNORECASE | re.DOTALL):
        return None
    given = Eligibility(
        rule["eligibility"], rule["migration_effort"], rule["reason"], rule["rule_name"]
    )
    if not rule["minimum_version"]:
        return given
    version = version_of(line["engine_version"])
    if not version:
        needed = f"the version of {line['engine']} is not known; Graviton needs at least "
        return Eligibility(
            "unknown", rule["migration_effort"], needed + rule["minimum_version"], rule["rule_name"]
        )
    return None if version >= version_of(rule["minimum_version"]) else given


def version_of(text: str) -> tuple[int, ...]:
    """Return a version as numbers that compare: ``8.0.mysql_aurora.3.04.0`` is 3, 4, 0."""
    own = text.rpartition("mysql_aurora.")[2]
    return tuple(int(part) for part in re.findall(r"\d+", own))
