"""A pass that its own figure belies is none.

Method. A look of a collector says pass or fail, and the figure that it goes by. A pass is held
against the rule of its check once more (`evidence_rules`): the limit may be another by now, and a
file can be changed by hand. What does not pass by its figure fails; without a figure or a limit, or
in another unit, it is unknown. A failure is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.launch_evidence import Look, State
from prismlib.evidence_rules import expected, judged
from prismlib.formats import count, quantity
from prismlib.tables import records


def believed(
    looks: Sequence[Look], tables: Mapping[str, pd.DataFrame], checks: pd.DataFrame
) -> tuple[Look, ...]:
    """Return the looks, each pass of a collector held against its own figure.

    Parameters
    ----------
    looks : sequence of Look
    tables : mapping of str to frame
        CLAIM and FLEET, as far as they are there, which may say what a check must reach.
    checks : EVIDENCE_CHECK
    """
    rules = {(row["subject_id"], row["check_id"]): row for row in records(checks)}
    return tuple(
        _held(look, rules[look.key], tables)
        if look.is_collected and look.state is State.PASS and look.key in rules
        else look
        for look in looks
    )


def _held(look: Look, rule: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Look:
    limit, value = expected(rule, tables), look.row["evidence_value"]
    if look.row["unit"] not in ("", rule["unit"]):
        words = f"it says pass in {look.row['unit']}, its check counts {rule['unit']}"
        return _with(look, State.UNKNOWN, words)
    state = State(judged(rule, value, limit, is_whole=True))
    return look if state is State.PASS else _with(look, state, _words(rule, value, limit))


def _words(rule: Mapping[str, Any], value: Decimal | None, limit: Decimal | None) -> str:
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
