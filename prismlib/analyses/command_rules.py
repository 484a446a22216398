"""Which rules of ``data/reference/command_rule.csv`` a text matches.

Method. A rule is read as ``command``, held against each command of the text in one spelling
(`command_text`), or as ``text``, held against the text without lines of comment. A rule with a
purpose is for what is meant to do that alone, and for what nobody says the purpose of. A rule does
not hold where another command of the same item does what it misses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from prismlib.analyses.command_text import readings
from prismlib.analyses.patterns import rule_pattern
from prismlib.errors import SchemaError
from prismlib.tables import records

TABLE = "COMMAND_RULE"
READ_AS = ("command", "text")


def ordered_rules(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rules in their order.

    Raises
    ------
    SchemaError
        A rule is read as something else than a command or a text.
    """
    rules = sorted(records(frame), key=lambda rule: int(rule["priority"]))
    for rule in rules:
        if rule["read_as"] not in READ_AS:
            raise SchemaError(
                TABLE,
                f"read_as of the rule with priority {rule['priority']} is not known",
                seen=repr(rule["read_as"]),
                expected="one of " + ", ".join(READ_AS),
            )
    return rules


def matches(
    rules: Iterable[dict[str, Any]], body: str, purpose: str = "", beside: Iterable[str] = ()
) -> Iterator[dict[str, Any]]:
    """Yield the rules that a text matches.

    Parameters
    ----------
    rules : iterable of dict
        Rows of COMMAND_RULE.
    body : str
        What is run.
    purpose : str, optional
        What it is for, in words; empty is not known.
    beside : iterable of str, optional
        Everything that is run for the same item, this text too.
    """
    read = readings(body)
    texts = {"command": read.lines, "text": [read.text]}
    others = [line for text in (*beside, body) for line in readings(text).lines]
    for rule in rules:
        is_meant = not purpose or _holds(rule, "purpose_pattern", [purpose], if_empty=True)
        if (
            is_meant
            and _holds(rule, "command_pattern", texts[rule["read_as"]], if_empty=False)
            and not _holds(rule, "unless_pattern", others, if_empty=False)
        ):
            yield rule


def _holds(rule: dict[str, Any], field: str, texts: list[str], *, if_empty: bool) -> bool:
    """Return whether the pattern of a rule matches one of the texts as a whole."""
    pattern = rule_pattern(rule, field, TABLE)
    if pattern is None:
        return if_empty
    return any(pattern.fullmatch(text) for text in texts)
