"""Apache DataFusion as an engine: what proves that the SQL about line items is not DuckDB's alone.

Its dialect is PostgreSQL's with ``TRY_CAST``. It writes no map as JSON and reads no exponent in a
decimal, so a function for each is brought along.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import datafusion
import pyarrow as pa
from sqlglot import exp
from sqlglot.dialects.postgres import Postgres

from prismlib.sources.dialects import in_dialect
from prismlib.sources.engines import TABLE


class DataFusion(Postgres):
    """What DataFusion reads; sqlglot finds it by its name."""

    class Generator(Postgres.Generator):
        TRANSFORMS: ClassVar[dict[Any, Any]] = {
            **Postgres.Generator.TRANSFORMS,
            exp.RegexpFullMatch: lambda self, e: (
                f"regexp_like({self.sql(e, 'this')}, '^(?:{e.expression.name})$')"
            ),
            exp.TryCast: lambda self, e: f"TRY_CAST({self.plain(e.this)} AS {self.sql(e, 'to')})",
        }

        def plain(self, expression: exp.Expr) -> str:
            """Return the SQL of what is cast; a number as text has no exponent."""
            sql = self.sql(expression)
            is_text = isinstance(expression, exp.Cast) and expression.to.is_type("text")
            return f"plain_text({self.sql(expression, 'this')})" if is_text else sql

        def anonymous_sql(self, expression: exp.Anonymous) -> str:
            if expression.name.lower() != "to_json":
                return super().anonymous_sql(expression)
            of_map = self.sql(expression.expressions[0])
            return f"to_json(map_keys({of_map}), map_values({of_map}))"


ARROW_TYPES = {
    "string": "VARCHAR", "string_view": "VARCHAR", "large_string": "VARCHAR", "double": "DOUBLE",
    "bool": "BOOLEAN", "int32": "INTEGER", "int64": "BIGINT",
}  # fmt: skip


def duckdb_type(kind: pa.DataType) -> str:
    """Return a type of Arrow as DuckDB spells it."""
    if pa.types.is_map(kind):
        return "MAP(VARCHAR, VARCHAR)"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP"
    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision}, {kind.scale})"
    return ARROW_TYPES[str(kind)]


def to_json(keys: pa.Array, values: pa.Array) -> pa.Array:
    """Return maps, given by their keys and their values, as texts of JSON."""
    pairs = zip(keys.to_pylist(), values.to_pylist(), strict=True)
    texts = [
        None if names is None else json.dumps(dict(zip(names, held, strict=True)))
        for names, held in pairs
    ]
    return pa.array(texts, pa.string())


def plain_text(values: pa.Array) -> pa.Array:
    """Return floats as the shortest texts that give them again, without an exponent."""
    texts = [None if v is None else f"{Decimal(repr(v)):f}" for v in values.to_pylist()]
    return pa.array(texts, pa.string())


class DataFusionEngine:
    """DataFusion on Parquet files of a folder; `asked` are the queries that it got."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.context = datafusion.SessionContext()
        self.asked: list[str] = []
        self.files = sorted(files)
        folder = self.files[0].parent
        assert all(file.parent == folder for file in self.files)
        self.context.register_parquet(TABLE, str(folder))
        self.schema = self.context.table(TABLE).schema()
        self.context.register_udf(
            datafusion.udf(plain_text, [pa.float64()], pa.string(), "immutable", "plain_text")
        )
        texts = pa.list_(pa.string())
        self.context.register_udf(
            datafusion.udf(to_json, [texts, texts], pa.string(), "stable", "to_json")
        )

    @property
    def name(self) -> str:
        return f"datafusion {datafusion.__version__}"

    @property
    def source(self) -> str:
        return f"files in {self.files[0].parent.name}"

    def mark(self) -> str:
        return f"{len(self.files)} files"

    def columns(self) -> Sequence[tuple[str, str]]:
        return [(field.name, duckdb_type(field.type)) for field in self.schema]

    def run(self, sql: str) -> pa.Table:
        self.asked.append(in_dialect(sql, "datafusion", TABLE))
        assert not re.search(r"EXCLUDE|GROUP BY ALL", self.asked[-1])
        return self.context.sql(self.asked[-1]).to_arrow_table()

    def spent(self) -> Mapping[str, Any]:
        return {}
