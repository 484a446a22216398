"""Engines that sum line items: DuckDB in this process, Amazon Athena, or one that a test brings.

The SQL of `prismlib.sources` is written once, for DuckDB, about a table that it calls `TABLE`.
An engine with another dialect gets it from `in_dialect`, which sqlglot translates; nothing is
written twice. What an engine answers is an Arrow table whose amounts are exact decimals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import duckdb
import pyarrow as pa

TABLE = "line_items"
"""What the SQL calls the table of line items."""

DIALECT = "duckdb"


class Engine(Protocol):
    """What sums line items.

    Attributes
    ----------
    name : str
        With its version and what it works on, for the manifest of a snapshot.
    """

    name: str

    def columns(self) -> Sequence[tuple[str, str]]:
        """Return the name and the type of each column, the type as DuckDB spells it."""

    def run(self, sql: str) -> pa.Table:
        """Return the answer to `sql`, which is DuckDB's and names `TABLE`; decimals are exact."""

    def spent(self) -> Mapping[str, Any]:
        """Return what the queries read and cost, as JSON values; empty where nothing is paid."""


class DuckEngine:
    """DuckDB in this process; `relation` is what the SQL's `TABLE` stands for."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, relation: str) -> None:
        self.name = f"duckdb {duckdb.__version__}"
        self.connection, self.relation = connection, relation

    def columns(self) -> Sequence[tuple[str, str]]:
        """Return the name and the type of each column."""
        found = self.connection.execute(f"DESCRIBE SELECT * FROM {self.relation}").fetchall()
        return [(str(name), str(kind)) for name, kind, *_ in found]

    def run(self, sql: str) -> pa.Table:
        """Return the answer of the connection."""
        self.connection.execute(re.sub(rf"\b{TABLE}\b", lambda _: self.relation, sql))
        return self.connection.to_arrow_table()

    def spent(self) -> Mapping[str, Any]:
        """Return nothing: DuckDB costs nothing."""
        return {}


def in_dialect(sql: str, dialect: str, table: str, condition: str = "") -> str:
    """Return DuckDB's `sql` in another dialect, about the rows of `table` that meet `condition`.

    `table` is written in the other dialect, `condition` in DuckDB's.

    Raises
    ------
    sqlglot.errors.UnsupportedError
        The dialect has no counterpart of something.
    """
    # A quarter of a second that only these engines need.
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import ErrorLevel

    tree = sqlglot.parse_one(sql, read=DIALECT)
    rows: exp.Expression = exp.to_table(table, dialect=dialect)
    if condition:
        asked = sqlglot.parse_one(condition, read=DIALECT)
        rows = exp.select("*").from_(rows).where(asked).subquery(TABLE)
    for found in list(tree.find_all(exp.Table)):
        if found.name == TABLE:
            found.replace(rows.copy())
    return tree.sql(dialect=dialect, unsupported_level=ErrorLevel.RAISE)


def type_from(kind: str, dialect: str) -> str:
    """Return a type of another dialect as DuckDB spells it."""
    import sqlglot
    from sqlglot import exp

    try:
        spelled = exp.DataType.build(kind, dialect=dialect).sql(DIALECT)
    except sqlglot.errors.ParseError:
        return kind.upper()
    return re.sub(r"\bTEXT\b", "VARCHAR", spelled)
