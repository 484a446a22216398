"""The regular expressions of rule tables."""

from __future__ import annotations

import re
from typing import Any

from prismlib.errors import SchemaError


def rule_pattern(rule: dict[str, Any], field: str, table: str) -> re.Pattern[str] | None:
    """Return the pattern in `field` of a row of the rule table `table`; None when it is empty.

    Raises
    ------
    SchemaError
        It is not a regular expression.
    """
    if not rule[field]:
        return None
    try:
        return re.compile(rule[field], re.IGNORECASE | re.DOTALL)
    except re.error as error:
        raise SchemaError(
            table,
            f"{field} of the rule with priority {rule['priority']} is not a regular expression",
            seen=f"{rule[field]!r}: {error}",
            expected="a pattern that matches the whole value, such as .*EBS:.*",
        ) from None
