"""Words that the registers may use: one that nobody knows must not decide anything in silence.

A critical gap that is spelt ``Critical`` would be none, a rule that asks for the band ``failed``
would never hold, and a measure that is misspelt would be believed on evidence alone. All of it
would be nearer to GO, so it is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NoReturn

import pandas as pd

from prismlib import readiness_tables as tables
from prismlib.analyses.launch_rules import Criterion
from prismlib.errors import SchemaError
from prismlib.findings import Severity
from prismlib.tables import Table, check, records

HUNDRED = Decimal(100)
SEVERITIES = tuple(str(one) for one in Severity)
SHARES = ("people_trained_pct", "documents_pct")
"""Measures that are a share of a whole. [%]"""
SIGNED = ("cost_change_pct",)
"""Measures that may be below zero."""
FALLING, RISING = ("at most", "less than"), ("at least", "more than")

WORDS: dict[str, tuple[Table, dict[str, Collection[str]]]] = {
    "readiness_item": (
        tables.READINESS_ITEM,
        {
            "severity": SEVERITIES,
            "item_kind": tables.ITEM_KINDS,
            "item_status": tables.ITEM_STATUSES,
        },
    ),
    "evidence": (tables.EVIDENCE, {"evidence_state": tables.EVIDENCE_STATES}),
    "stated_evidence": (tables.STATED_EVIDENCE, {"evidence_state": tables.EVIDENCE_STATES}),
    "criterion": (tables.CRITERION, {"compared_as": tables.COMPARISONS}),
    "decision_rule": (
        tables.DECISION_RULE,
        {
            "decision": tables.DECISIONS,
            "combine": tables.COMBINE,
            "bands_that_match": tables.BANDS_OF_CRITERIA,
        },
    ),
}
"""The tables with words of a list, and the words of each column."""


@dataclass(frozen=True)
class _Row:
    """A row of a table, for the words of an error."""

    name: str
    table: Table
    cells: Mapping[str, Any]

    def refuse(self, column: str, seen: str, expected: str) -> NoReturn:
        """Raise SchemaError for a cell; it names the file, the row by its key, and the column."""
        key = ", ".join(f"{one} {self.cells[one]}" for one in self.table.key if self.cells[one])
        raise SchemaError(
            f"{self.table.name} in {self.name}.csv",
            f"{column} of the row {key} is not usable",
            seen=repr(seen),
            expected=expected,
            remedy="correct the cell; after that: prism check DIR --seal",
        )


HOURS = ("effort_hours", "wait_hours")
NOT_NEGATIVE: dict[str, tuple[Table, tuple[str, ...]]] = {
    "readiness_item": (tables.READINESS_ITEM, HOURS),
    "plan_task": (tables.PLAN_TASK, HOURS),
    "document_count": (tables.DOCUMENT_COUNT, ("required_documents", "available_documents")),
    "training_module": (tables.TRAINING_MODULE, ("trained_seats", "required_seats")),
}
"""The tables with hours or counts, and their columns."""


def check_words(frames: Mapping[str, pd.DataFrame], measures: Collection[str]) -> None:
    """Refuse words that no list has, bounds in the wrong order, misspelt measures, counts below 0.

    Raises
    ------
    SchemaError
        The first of them.
    """
    for name, (table, columns) in WORDS.items():
        for row in _rows(frames, name, table):
            for column, words in columns.items():
                _check_words_of(row, column, words)
    for row in _rows(frames, "criterion", tables.CRITERION):
        _check_bounds(row)
        _check_measure(row, measures)
    for row in _rows(frames, "decision_rule", tables.DECISION_RULE):
        _check_condition(row)
    for name, (table, counts) in NOT_NEGATIVE.items():
        for row in _rows(frames, name, table):
            _check_counts(row, counts)


def _check_counts(row: _Row, columns: Collection[str]) -> None:
    for column in columns:
        if row.cells[column] is not None and row.cells[column] < 0:
            noun = "0 hours" if column in HOURS else "0"
            expected = f"{noun} or more, or nothing where nobody knows it"
            row.refuse(column, str(row.cells[column]), expected)


def _rows(frames: Mapping[str, pd.DataFrame], name: str, table: Table) -> Iterator[_Row]:
    if name in frames:
        yield from (_Row(name, table, cells) for cells in records(check(frames[name], table)))


def _check_words_of(row: _Row, column: str, words: Collection[str]) -> None:
    cell = row.cells[column]
    for word in cell.split("|") if cell else ():
        if word not in words:
            row.refuse(column, word, f"one of {', '.join(words)}, spelt so")


def _check_condition(row: _Row) -> None:
    """Refuse a condition of a rule that can never hold, since it names nothing."""
    for column in ("criterion_id", "bands_that_match"):
        if row.cells["combine"] != "otherwise" and not row.cells[column]:
            row.refuse(column, "", "filled in, unless the rule is otherwise")


def _check_bounds(row: _Row) -> None:
    go, no_go, compared = (row.cells[one] for one in ("go_value", "no_go_value", "compared_as"))
    for column in ("go_value", "no_go_value"):
        if fault := bound_fault(Criterion(row.cells), row.cells[column]):
            row.refuse(column, str(row.cells[column]), fault)
    if go is not None and no_go is not None and not are_ordered(compared, go, no_go):
        expected = f"a bound on the other side of GO, which is {compared} {go}"
        row.refuse("no_go_value", str(no_go), expected)


def bound_fault(criterion: Criterion, bound: Decimal | None) -> str:
    """Return what a bound has to be that a share cannot have; empty when it is one."""
    if bound is None or criterion.row["measure_name"] not in SHARES or bound == 0:
        return ""
    return "" if 1 < bound <= HUNDRED else "percent: 90 for 90%, at most 100"


def is_yes_or_no(criterion: Criterion) -> bool:
    """Return whether the figure of a criterion is yes (1) or no (0)."""
    return bool(criterion.row["compared_as"] == "is" and criterion.row["unit"] in ("", "1"))


def are_ordered(compared_as: str, go: Decimal, no_go: Decimal | None) -> bool:
    """Return whether the bound of NO-GO is on the other side of that of GO, or at it."""
    if no_go is None:
        return True
    return not ((compared_as in FALLING and go > no_go) or (compared_as in RISING and go < no_go))


def _check_measure(row: _Row, measures: Collection[str]) -> None:
    name = row.cells["measure_name"]
    close = [] if name in measures else get_close_matches(name, measures, n=1, cutoff=0.85)
    if close:
        expected = f"{close[0]}, or a name unlike it for a figure of evidence alone"
        row.refuse("measure_name", name, expected)
