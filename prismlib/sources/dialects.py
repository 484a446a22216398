"""The SQL about line items in the dialects of other engines.

sqlglot translates it; the few functions that it has no translation of are in `REWRITTEN`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError

from prismlib.sources.engines import TABLE, WRITTEN_FOR


def _for_trino(node: exp.Expr) -> exp.Expr:
    """Return what Trino has in place of DuckDB's functions that sqlglot does not translate."""
    name = node.name.lower() if isinstance(node, exp.Anonymous) else ""
    if name == "to_json":
        # Trino casts a map to JSON, and writes JSON as text in another step.
        return exp.func("JSON_FORMAT", exp.cast(node.expressions[0], "JSON"), dialect="trino")
    if name == "json_valid":
        parsed = exp.func("JSON_PARSE", node.expressions[0], dialect="trino")
        return exp.paren(exp.not_(exp.Is(this=exp.Try(this=parsed), expression=exp.null())))
    if isinstance(node, exp.RegexpFullMatch):
        whole = exp.Literal.string(f"^(?:{node.expression.name})$")
        return exp.RegexpLike(this=node.this, expression=whole)
    if isinstance(node, exp.Bracket):
        node.set("safe", True)  # a key that a map lacks is missing, and no error
    return node


def _for_all(node: exp.Expr) -> exp.Expr:
    """Return what stands elsewhere for a BIGINT that is added: DuckDB alone widens the sum."""
    if isinstance(node, exp.TryCast) and node.to.is_type("BIGINT"):
        return exp.TryCast(this=node.this, to=exp.DataType.build("DECIMAL(18, 0)"))
    return node


REWRITTEN: dict[str, Callable[[exp.Expr], exp.Expr]] = {"athena": _for_trino}
"""Dialect -> what to put in place of a part of DuckDB's SQL."""


def in_dialect(sql: str, dialect: str, table: str, condition: str = "") -> str:
    """Return DuckDB's `sql` in another dialect, about the rows of `table` that meet `condition`.

    `table` is written in the other dialect, `condition` in DuckDB's.

    Raises
    ------
    sqlglot.errors.UnsupportedError
        The dialect has no counterpart of something.
    """
    tree = sqlglot.parse_one(sql, read=WRITTEN_FOR)
    rows: exp.Expression = exp.to_table(table, dialect=dialect)
    if condition:
        asked = sqlglot.parse_one(condition, read=WRITTEN_FOR)
        rows = exp.select("*").from_(rows).where(asked).subquery(TABLE)
    for found in list(tree.find_all(exp.Table)):
        if found.name == TABLE:
            found.replace(rows.copy())
    tree = tree.transform(_for_all)
    if dialect in REWRITTEN:
        tree = tree.transform(REWRITTEN[dialect])
    return tree.sql(dialect=dialect, unsupported_level=ErrorLevel.RAISE)


def type_from(kind: str, dialect: str) -> str:
    """Return a type of another dialect as DuckDB spells it."""
    try:
        spelled = exp.DataType.build(kind, dialect=dialect).sql(WRITTEN_FOR)
    except ParseError:
        return kind.upper()
    return re.sub(r"\bTEXT\b", "VARCHAR", spelled)
