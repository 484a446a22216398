"""What is to be believed of a look: a pass that its own figure belies is none.

Method. A look says pass or fail, and often the figure that it goes by. A pass is held once more
against the rule of its check (`evidence_rules`) or the bound of its criterion: these may be others
by now, and a file can be changed by hand. What does not pass by its figure fails. A pass of a
collector without a figure or a limit, or in another unit, is unknown. A failure is left as it is. A
look counts no longer than the rule of its check says.

The items of the rules are those of one system. EVIDENCE_SUBJECT says what a check is about in
another one; a check with an empty subject there is about nothing that this launch asks for.

Collectors look at a thing from several sides. Where one of them has looked, and a check of the same
thing is missing, that side is unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.launch_evidence import Look, State, is_in_unit, shorter
from prismlib.analyses.launch_items import nearest
from prismlib.analyses.launch_rules import PASS, Criterion
from prismlib.errors import ParameterError
from prismlib.evidence_rules import expected, judged
from prismlib.formats import count, quantity
from prismlib.readiness_tables import EVIDENCE, EVIDENCE_SUBJECT
from prismlib.tables import check, make, records

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Believer:
    """The rules that looks are held against.

    `rules` are the rows of EVIDENCE_CHECK by subject and check; `tables` say what some must reach.
    `subjects` are what collectors look at by what they write, as this snapshot says.
    """

    rules: Mapping[tuple[str, str], Row]
    tables: Mapping[str, pd.DataFrame]
    criteria: Mapping[str, Criterion]
    subjects: Mapping[tuple[str, str], str]

    @classmethod
    def of(
        cls,
        checks: pd.DataFrame,
        tables: Mapping[str, pd.DataFrame],
        criteria: Sequence[Criterion],
        written: pd.DataFrame,
    ) -> Believer:
        """Return the rules of a snapshot.

        Parameters
        ----------
        checks : EVIDENCE_CHECK
            As `checks_of` gives it.
        tables : mapping of str to frame
            CLAIM and FLEET, as far as they are there, which may say what a check must reach.
        criteria : sequence of Criterion
        written : EVIDENCE_CHECK
            With the subjects that collectors write.
        """
        rules = {(row["subject_id"], row["check_id"]): row for row in records(checks)}
        pairs = zip(records(written), records(checks), strict=True)
        subjects = {(a["subject_id"], a["check_id"]): b["subject_id"] for a, b in pairs}
        return cls(rules, tables, {one.criterion_id: one for one in criteria}, subjects)

    def believed(self, look: Look) -> Look:
        """Return a look with what is to be believed of it."""
        subject = self.subjects.get(look.key, look.key[0])
        if look.is_collected and subject != look.key[0]:
            look = replace(look, row={**look.row, "subject_id": subject})
        rule = self.rules.get(look.key)
        if rule is None:
            return self._at_criterion(look) if look.state is State.PASS else look
        look = replace(look, valid_days=shorter(look.valid_days, rule["valid_for_days"]))
        if look.state is not State.PASS:
            return look
        if not look.is_collected and look.row["evidence_value"] is None:
            return look
        return _held(look, rule, expected(rule, self.tables))

    def _at_criterion(self, look: Look) -> Look:
        criterion, value = self.criteria.get(look.key[0]), look.row["evidence_value"]
        if criterion is None or value is None:
            return look
        unit = str(criterion.row["unit"])
        if not _has_figure(look, unit):
            words = f"it says pass in {look.row['unit']}, its criterion is in {unit or 'no unit'}"
            return _with(look, State.UNKNOWN, words)
        if criterion.band(value) == PASS:
            return look
        return _with(look, State.FAIL, f"it says pass with {quantity(value, unit)}, which is none")

    def missing(self, looks: Sequence[Look]) -> Iterator[Look]:
        """Yield an unknown look for each check that is missing beside others of its subject."""
        seen = {look.key for look in looks}
        subjects = {look.key[0] for look in looks if look.is_collected and look.key in self.rules}
        for subject, check_id in self.rules:
            if subject and subject in subjects and (subject, check_id) not in seen:
                yield _never_seen(subject, check_id)


def checks_of(
    checks: pd.DataFrame, tables: Mapping[str, pd.DataFrame], subjects: Collection[str]
) -> pd.DataFrame:
    """Return EVIDENCE_CHECK with what each check is about in a snapshot.

    Parameters
    ----------
    checks : EVIDENCE_CHECK
    tables : mapping of str to frame
        EVIDENCE_SUBJECT, if it is there.
    subjects : collection of str
        The ids of items and criteria.

    Raises
    ------
    ParameterError
        A check or what it is to be about does not exist.
    """
    frame = tables.get("evidence_subject")
    rows = [] if frame is None else records(check(frame, EVIDENCE_SUBJECT))
    known = set(checks["check_id"])
    for row in rows:
        place = f"of {row['check_id']} in evidence_subject"
        if row["check_id"] not in known:
            expected = "a check of evidence_check" + nearest(row["check_id"], known)
            raise ParameterError(f"check_id {place}", row["check_id"], expected=expected)
        if row["subject_id"] and row["subject_id"] not in subjects:
            expected = "an item, a criterion or nothing" + nearest(row["subject_id"], subjects)
            raise ParameterError(f"subject_id {place}", row["subject_id"], expected=expected)
    named = {row["check_id"]: row["subject_id"] for row in rows}
    found = [named.get(one["check_id"], one["subject_id"]) for one in records(checks)]
    return checks.assign(subject_id=pd.Series(found, dtype=object))


def _has_figure(look: Look, unit: str) -> bool:
    row = look.row
    return row["evidence_value"] is not None and is_in_unit(row, unit)


def _held(look: Look, rule: Row, limit: Decimal | None) -> Look:
    value = look.row["evidence_value"]
    if value is not None and not _has_figure(look, rule["unit"]):
        words = f"it says pass in {look.row['unit']}, its check counts {rule['unit']}"
        return _with(look, State.UNKNOWN, words)
    state = State(judged(rule, value, limit, is_whole=True))
    return look if state is State.PASS else _with(look, state, _words(rule, value, limit))


def _words(rule: Row, value: Decimal | None, limit: Decimal | None) -> str:
    if value is None:
        return "it says pass and gives no figure"
    if limit is None:
        return f"it says pass with {quantity(value, rule['unit'])}; what is needed is not said"
    words = f"it has to be {rule['compared_as']} {count(limit)}"
    return f"it says pass with {quantity(value, rule['unit'])}, and {words}"


def _with(look: Look, state: State, words: str) -> Look:
    """Return a look with another state, and why."""
    detail = "; ".join(filter(None, [words, look.row["detail"]]))
    cells = {"evidence_state": str(state), "reason": words, "detail": detail}
    return replace(look, row={**look.row, **cells})


def _never_seen(subject: str, check_id: str) -> Look:
    cells = {
        "evidence_id": f"missing.{check_id}",
        "subject_id": subject,
        "check_id": check_id,
        "evidence_state": str(State.UNKNOWN),
        "reason": "no look at it is there: look again with prism pull --evidence",
    }
    (row,) = records(make(EVIDENCE, [cells]))
    return Look(row, None, None, is_collected=True)
