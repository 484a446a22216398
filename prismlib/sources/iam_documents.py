"""What an IAM policy lets its bearer do, as AWS evaluates it; pure.

An action is allowed if a statement allows it and none denies it, within a permission boundary if
there is one. Answers are three-valued: True, False, or None where a condition decides that the
documents do not hold.

Known limits. Only what holds for all resources counts (or for the bearer itself): a statement for
some named resources is a narrow one. Service control policies of the organisation and policies of
resources are not seen. Chains over a second role (``iam:PassRole`` and a service that takes it on)
are not followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

OF_ALL_KINDS = ("*", "user/*", "group/*", "role/*", "policy/*")
"""How the last part of an ARN says that it is for all, or for all of a kind that IAM has."""


@dataclass(frozen=True)
class Statement:
    """A statement of a policy; ``is_all_but`` says that its actions are those it leaves out."""

    is_allow: bool
    actions: tuple[str, ...]
    is_all_but: bool
    resources: tuple[str, ...]
    is_all_resources_but: bool
    is_conditional: bool

    def names(self, action: str) -> bool:
        """Return whether the statement is about an action."""
        return any(_is_like(pattern, action) for pattern in self.actions) != self.is_all_but

    def is_for_all(self, action: str, own_arn: str = "") -> bool:
        """Return whether it is for all resources of an action, or for the bearer itself."""
        if self.is_all_resources_but:
            return self.is_allow  # all but some are still nearly all; a denial has holes then
        return any(
            _is_all(one, action) or (self.is_allow and own_arn and _is_like(one, own_arn))
            for one in self.resources
        )


def parse_statements(document: Mapping[str, Any]) -> tuple[Statement, ...]:
    """Return the statements of a policy document.

    Raises
    ------
    KeyError, TypeError
        It is none.
    """
    return tuple(_statement(one) for one in _list(document["Statement"]))


def _statement(value: Mapping[str, Any]) -> Statement:
    # IAM takes the names of elements in any case.
    found = {key.lower(): item for key, item in value.items()}
    is_all_but = "notaction" in found
    has_not = "notresource" in found
    return Statement(
        is_allow=found["effect"].lower() == "allow",
        actions=tuple(_list(found["notaction"] if is_all_but else found["action"])),
        is_all_but=is_all_but,
        resources=tuple(_list(found["notresource"] if has_not else found.get("resource", ()))),
        is_all_resources_but=has_not,
        is_conditional=bool(found.get("condition")),
    )


def _is_all(resource: str, action: str) -> bool:
    """Return whether a resource stands for all that an action can be done to."""
    parts = resource.lower().split(":", 5)
    if len(parts) < 6:
        return not resource.strip("*")
    service = action.partition(":")[0]
    return _is_like(parts[2], service) and parts[5] in OF_ALL_KINDS


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _is_like(pattern: str, text: str) -> bool:
    return bool(_glob(pattern.lower()).fullmatch(text.lower()))


@cache
def _glob(pattern: str) -> re.Pattern[str]:
    """Return the expression of a pattern in which ``*`` is any text and ``?`` any character."""
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def allows(statements: Iterable[Statement], action: str, own_arn: str = "") -> bool | None:
    """Return whether statements allow an action on all resources; None if a condition decides."""
    allowed: bool | None = False
    denied: bool | None = False
    for one in statements:
        if not (one.names(action) and one.is_for_all(action, own_arn)):
            continue
        certain = None if one.is_conditional else True
        if one.is_allow:
            allowed = allowed or certain
        else:
            denied = denied or certain
    return both(allowed, None if denied is None else not denied)


def both(one: bool | None, other: bool | None) -> bool | None:
    """Return the conjunction of two three-valued answers."""
    if one is False or other is False:
        return False
    return True if one and other else None
