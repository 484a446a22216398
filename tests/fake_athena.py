"""An Athena that runs the SQL that it gets: read as Trino's, and executed by DuckDB on files.

It answers behind the gate of `tests/sources/conftest.py`, beside moto's S3 and Glue. What sqlglot
does not know as a function, or knows but Trino does not have (`TRINO`), fails as in Athena. Results
come in pages, as texts with their types, the first row with the names.

Known limits: it is DuckDB that computes, so how Trino rounds or overflows is not seen here.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

TRINO = {
    *("ABS", "CASE", "CAST", "COALESCE", "CONCAT", "COUNT", "ELEMENT_AT", "IF", "JSON_EXTRACT"),
    *("JSON_EXTRACT_SCALAR", "JSON_FORMAT", "J_S_O_N_OBJECT", "PARSE_JSON", "LOWER", "MAX", "MIN"),
    *("NULLIF", "REGEXP_LIKE", "REPLACE", "STR_POSITION", "SUM", "TIMESTAMP_TRUNC", "TRUNC", "TRY"),
    *("TRY_CAST", "LOGICAL_OR", "DATE_TRUNC", "AND", "OR", "BOOL_OR", "STRPOS"),
    "GROUPING",
}
"""Functions (as sqlglot names them) that Trino has too, of those that this package may use."""

TYPES = {
    "VARCHAR": "varchar", "BIGINT": "bigint", "INTEGER": "integer", "DOUBLE": "double",
    "BOOLEAN": "boolean", "DATE": "date", "TIMESTAMP": "timestamp", "HUGEINT": "bigint",
}  # fmt: skip


@dataclass
class Query:
    """A query: its text, how it ended, and its rows as texts."""

    sql: str
    request: Mapping[str, Any]
    state: str = "SUCCEEDED"
    reason: str = ""
    columns: list[dict[str, Any]] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)
    is_reused: bool = False
    polls: int = 0


class FakeAthena:
    """The tables of a catalog; `queries` in order, and how the next one ends."""

    def __init__(self, gate: Any, json_reply: Callable[..., Any]) -> None:
        self.gate, self._json = gate, json_reply
        self.queries: dict[str, Query] = {}
        self.tables: dict[str, dict[str, Any]] = {}
        self.sizes: dict[str, int] = {}
        self.ends: tuple[str, str] | None = None
        self.workgroup: dict[str, Any] = {
            "ResultConfiguration": {"OutputLocation": "s3://results/"}
        }
        self.connection = duckdb.connect()
        self.connection.execute("SET TimeZone = 'UTC'")
        for name, answer in {
            "StartQueryExecution": self._start,
            "GetQueryExecution": self._state,
            "GetQueryResults": self._results,
            "StopQueryExecution": self._stop,
            "GetTableMetadata": self._table,
            "GetWorkGroup": lambda asked: self._json(
                {"WorkGroup": {"Name": "primary", "Configuration": self.workgroup}}
            ),
        }.items():
            gate.answers[name] = answer

    def add_table(
        self, address: str, files: Sequence[Path], location: str, **partitions: str
    ) -> None:
        """Register files as a table; `partitions` are keys that hold one value."""
        database, _, table = address.partition(".")
        paths = ", ".join(f"'{file}'" for file in files)
        keys = "".join(f", '{value}' AS {name}" for name, value in partitions.items())
        self.connection.execute(f"CREATE SCHEMA IF NOT EXISTS {database}")
        self.connection.execute(
            f"CREATE VIEW {database}.{table} AS SELECT *{keys} FROM read_parquet([{paths}])"
        )
        found = self.connection.execute(f"DESCRIBE {database}.{table}").fetchall()
        columns = [
            {"Name": name, "Type": sqlglot.exp.DataType.build(kind, "duckdb").sql("hive").lower()}
            for name, kind, *_ in found
        ]
        count = len(columns) - len(partitions)
        self.tables[address] = {
            "Name": table,
            "TableType": "EXTERNAL_TABLE",
            "Columns": columns[:count],
            "PartitionKeys": columns[count:],
            "Parameters": {"location": location},
        }
        self.sizes[address] = sum(file.stat().st_size for file in files)

    # --- the API --------------------------------------------------------------------------------

    def _refused(self, code: str, message: str) -> Any:
        return self._json({"__type": code, "message": message}, 400)

    def _table(self, asked: Any) -> Any:
        address = f"{asked.parameters['DatabaseName']}.{asked.parameters['TableName']}"
        if address not in self.tables:
            return self._refused("MetadataException", f"EntityNotFoundException: {address}")
        return self._json({"TableMetadata": self.tables[address]})

    def _start(self, asked: Any) -> Any:
        request = asked.parameters
        query = Query(request["QueryString"], request)
        reuse = request.get("ResultReuseConfiguration", {}).get("ResultReuseByAgeConfiguration", {})
        before = [q for q in self.queries.values() if q.sql == query.sql and q.state == "SUCCEEDED"]
        if self.ends:
            query.state, query.reason = self.ends
        elif reuse.get("Enabled") and before:
            query.columns, query.rows, query.is_reused = before[0].columns, before[0].rows, True
        else:
            self._execute(query)
        name = str(uuid.UUID(int=len(self.queries) + 1))
        self.queries[name] = query
        return self._json({"QueryExecutionId": name})

    def _execute(self, query: Query) -> None:
        try:
            tree = sqlglot.parse_one(query.sql, read="athena")
            check_trino(tree)
            found = self.connection.execute(tree.transform(for_duckdb).sql("duckdb"))
        except (ValueError, duckdb.Error, sqlglot.errors.SqlglotError) as error:
            query.state, query.reason = "FAILED", f"SYNTAX_ERROR: {error}"
            return
        for name, kind, *_ in found.description:
            query.columns.append(
                {"Name": name, "Label": name, "Nullable": "UNKNOWN", **typed(str(kind))}
            )
        query.rows = [[text(value) for value in row] for row in found.fetchall()]

    def _state(self, asked: Any) -> Any:
        name = asked.parameters["QueryExecutionId"]
        query = self.queries[name]
        query.polls += 1
        read = 0 if query.is_reused or query.state == "FAILED" else self.scanned(query)
        return self._json(
            {
                "QueryExecution": {
                    "QueryExecutionId": name,
                    "Query": query.sql,
                    "StatementType": "DML",
                    "WorkGroup": query.request.get("WorkGroup", "primary"),
                    "EngineVersion": {"EffectiveEngineVersion": "Athena engine version 3"},
                    "Status": {"State": query.state, "StateChangeReason": query.reason},
                    "Statistics": {
                        "DataScannedInBytes": read,
                        "ResultReuseInformation": {"ReusedPreviousResult": query.is_reused},
                    },
                }
            }
        )

    def scanned(self, query: Query) -> int:
        """Return the bytes of the tables that a query names."""
        named = {a for a in self.tables if all(f'"{p}"' in query.sql for p in a.split("."))}
        return sum(self.sizes[address] for address in named)

    def _stop(self, asked: Any) -> Any:
        self.queries[asked.parameters["QueryExecutionId"]].state = "CANCELLED"
        return self._json({})

    def _results(self, asked: Any) -> Any:
        query = self.queries[asked.parameters["QueryExecutionId"]]
        rows = [[column["Name"] for column in query.columns], *query.rows]
        first = int(asked.parameters.get("NextToken", 0))
        last = first + int(asked.parameters.get("MaxResults", 1000))
        cells = [
            {"Data": [{} if cell is None else {"VarCharValue": cell} for cell in row]}
            for row in rows[first:last]
        ]
        answer: dict[str, Any] = {
            "UpdateCount": 0,
            "ResultSet": {"Rows": cells, "ResultSetMetadata": {"ColumnInfo": query.columns}},
        }
        if last < len(rows):
            answer["NextToken"] = str(last)
        return self._json(answer)


def check_trino(tree: exp.Expression) -> None:
    """Raise ValueError for what Trino does not have."""
    for node in tree.walk():
        if isinstance(node, exp.Func):
            name = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
            if name.upper() not in TRINO:
                raise ValueError(f"Function '{name}' not registered")
        if isinstance(node, exp.Star) and (node.args.get("except_") or node.args.get("replace")):
            raise ValueError("mismatched input after *")
        if isinstance(node, exp.Group) and node.args.get("all"):
            raise ValueError("GROUP BY ALL needs expressions")
        if isinstance(node, exp.GroupingSets) and any(node.find_all(exp.Func, exp.Binary)):
            raise ValueError("GROUPING SETS must be columns")
        if isinstance(node, exp.Bracket) and not node.args.get("safe"):
            raise ValueError("Key not present in map: it may be, so ELEMENT_AT is meant")


def for_duckdb(node: exp.Expression) -> exp.Expression:
    """Return what DuckDB has in place of Trino's functions that sqlglot does not translate."""
    name = node.sql_name() if isinstance(node, exp.Func) else ""
    name = node.name.upper() if isinstance(node, exp.Anonymous) else name
    if name == "JSON_FORMAT":
        inner = node.this if not isinstance(node, exp.Anonymous) else node.expressions[0]
        inner = inner.this if isinstance(inner, exp.Cast) else inner
        return exp.cast(exp.Anonymous(this="to_json", expressions=[inner]), "VARCHAR")
    if isinstance(node, exp.Try):
        return exp.Anonymous(this="try", expressions=[node.this])
    return node


def typed(kind: str) -> dict[str, Any]:
    """Return the type of a column of a result as Athena tells it."""
    if kind.startswith("DECIMAL"):
        precision, scale = map(int, kind[len("DECIMAL(") : -1].split(","))
        return {"Type": "decimal", "Precision": precision, "Scale": scale}
    return {"Type": TYPES[kind], "Precision": 0, "Scale": 0}


def text(value: Any) -> str | None:
    """Return a value as Athena writes it in a result."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat(" ", "milliseconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def rows_of(table: Any) -> list[dict[str, Any]]:
    """Return the rows of an Arrow table, in an order that does not depend on the engine."""
    return sorted(table.to_pylist(), key=lambda row: json.dumps(row, default=str, sort_keys=True))
