"""Words that the registers may use: one that nobody knows must not decide anything in silence.

A critical gap that is spelt ``Critical`` would be none, a rule that asks for the band ``failed``
would never hold, and a measure that is misspelt would be believed on evidence alone. All of it
would be nearer to GO, so it is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import pandas as pd

from prismlib import readiness_tables as tables
from prismlib.analyses.launch_rules import Criterion
from prismlib.errors import ParameterError
from prismlib.findings import Severity
from prismlib.tables import Table, check, records

HUNDRED = Decimal(100)
SEVERITIES = tuple(str(one) for one in Severity)
SHARES = ("people_trained_pct", "documents_pct")
"""Measures that are a share of a whole. [%]"""
SIGNED = ("cost_change_pct",)
"""Measures that may be below zero."""
FALLING, RISING = ("at most", "less than"), ("at least", "more than")

WORDS: dict[str, tuple[Table, str, dict[str, Collection[str]]]] = {
    "readiness_item": (
        tables.READINESS_ITEM,
        "item_id",
        {
            "severity": SEVERITIES,
            "item_kind": tables.ITEM_KINDS,
            "item_status": tables.ITEM_STATUSES,
        },
    ),
    "evidence": (tables.EVIDENCE, "evidence_id", {"evidence_state": tables.EVIDENCE_STATES}),
    "stated_evidence": (
        tables.STATED_EVIDENCE,
        "evidence_id",
        {"evidence_state": tables.EVIDENCE_STATES},
    ),
    "criterion": (tables.CRITERION, "criterion_id", {"compared_as": tables.COMPARISONS}),
    "decision_rule": (
        tables.DECISION_RULE,
        "rule_set",
        {
            "decision": tables.DECISIONS,
            "combine": tables.COMBINE,
            "bands_that_match": tables.BANDS_OF_CRITERIA,
        },
    ),
}
"""The tables with words of a list: their key, and the words of each column."""

HOURS = {"readiness_item": tables.READINESS_ITEM, "plan_task": tables.PLAN_TASK}
"""The tables with hours of work and of waiting."""


def check_words(frames: Mapping[str, pd.DataFrame], measures: Collection[str]) -> None:
    """Refuse a word that no list has, bounds in the wrong order, a misspelt measure, hours below 0.

    Raises
    ------
    ParameterError
        The first of them.
    """
    for name, (table, key, columns) in WORDS.items():
        for row in _rows(frames, name, table):
            for column, words in columns.items():
                _check_word(f"{column} of {row[key]} in {name}", row[column], words)
    for row in _rows(frames, "criterion", tables.CRITERION):
        _check_bounds(row)
        _check_measure(row, measures)
    for row in _rows(frames, "decision_rule", tables.DECISION_RULE):
        _check_condition(row)
    for name, table in HOURS.items():
        for row in _rows(frames, name, table):
            _check_hours(f"{'/'.join(row[key] for key in table.key)} in {name}", row)


def _check_hours(place: str, row: Mapping[str, Any]) -> None:
    for column in ("effort_hours", "wait_hours"):
        if row[column] is not None and row[column] < 0:
            raise ParameterError(
                f"{column} of {place}",
                str(row[column]),
                expected="0 hours or more, or nothing where nobody knows it",
            )


def _rows(frames: Mapping[str, pd.DataFrame], name: str, table: Table) -> Iterator[dict[str, Any]]:
    if name in frames:
        yield from records(check(frames[name], table))


def _check_word(place: str, cell: str, words: Collection[str]) -> None:
    for word in cell.split("|") if cell else ():
        if word not in words:
            listed = ", ".join(words)
            raise ParameterError(place, word, expected=f"one of {listed}, spelt so")


def _check_condition(row: Mapping[str, Any]) -> None:
    """Refuse a condition of a rule that can never hold, since it names nothing."""
    for column in ("criterion_id", "bands_that_match"):
        if row["combine"] != "otherwise" and not row[column]:
            place = f"{column} of rule {row['priority']} of {row['rule_set']} in decision_rule"
            raise ParameterError(place, "", expected="filled in, unless the rule is otherwise")


def _check_bounds(row: Mapping[str, Any]) -> None:
    go, no_go, compared = row["go_value"], row["no_go_value"], row["compared_as"]
    for column in ("go_value", "no_go_value"):
        fault = bound_fault(Criterion(row), row[column])
        if fault:
            place = f"{column} of {row['criterion_id']} in criterion"
            raise ParameterError(place, str(row[column]), expected=fault)
    if go is None or no_go is None:
        return
    if not are_ordered(compared, go, no_go):
        raise ParameterError(
            f"no_go_value of {row['criterion_id']} in criterion",
            str(no_go),
            expected=f"a bound on the other side of GO, which is {compared} {go}",
        )


def bound_fault(criterion: Criterion, bound: Decimal | None) -> str:
    """Return what a bound has to be that a share cannot have; empty when it is one."""
    if bound is None or criterion.row["measure_name"] not in SHARES or bound == 0:
        return ""
    return "" if 1 < bound <= HUNDRED else "percent: 90 for 90%, at most 100"


def is_yes_or_no(criterion: Criterion) -> bool:
    """Return whether the figure of a criterion is yes (1) or no (0)."""
    return bool(criterion.row["compared_as"] == "is" and criterion.row["unit"] == "1")


def are_ordered(compared_as: str, go: Decimal, no_go: Decimal | None) -> bool:
    """Return whether the bound of NO-GO is on the other side of that of GO, or at it."""
    if no_go is None:
        return True
    return not ((compared_as in FALLING and go > no_go) or (compared_as in RISING and go < no_go))


def _check_measure(row: Mapping[str, Any], measures: Collection[str]) -> None:
    name = row["measure_name"]
    close = [] if name in measures else get_close_matches(name, measures, n=1, cutoff=0.85)
    if close:
        raise ParameterError(
            f"measure_name of {row['criterion_id']} in criterion",
            name,
            expected=f"{close[0]}, or a name unlike it for a figure of evidence alone",
        )
