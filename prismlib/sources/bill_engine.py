"""Line items that an engine reads elsewhere: the same queries as for files, sent to it.

Only the queries over rows go there (`prismlib.sources.bill_rows`, the types of lines that occur,
and what is wrong with a row, if something is). Their answers are tables of DuckDB here, and all
that follows is the same as for files. An empty table stands for the rows here, so that what is
said of them can be said without them.
"""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from prismlib.errors import SourceError
from prismlib.sources.delimited import Raw, quoted
from prismlib.sources.engines import TABLE, Engine

ROW_QUERIES = 2
"""How many queries the rows of a table need: types of lines, groups."""


def open_engine(connection: duckdb.DuckDBPyConnection, engine: Engine, view: str) -> Raw:
    """Return the table of an engine as if it were an opened file; no query is sent."""
    columns = engine.columns()
    if not columns:
        raise SourceError(
            "has no columns",
            path=engine.source,
            seen="a table without columns",
            expected="the columns of a FOCUS or CUR export",
            remedy="register the table from the export",
        )
    declared = ", ".join(f"c{n} {kind}" for n, (_, kind) in enumerate(columns))
    connection.execute(f"CREATE TABLE {view} ({declared})")
    names, types = zip(*columns, strict=True)
    return Raw(connection, Path(engine.source), view, names, types, engine)


def answered(raw: Raw, sql: str) -> str:
    """Return SQL that gives the answer to a query over the rows of `raw`, on its connection.

    That is the query itself for a file. An engine is asked, and its answer is a table.

    Parameters
    ----------
    raw : Raw
    sql : str
        A query of its `view`.
    """
    if raw.engine is None:
        return sql
    columns = ", ".join(f"{quoted(name)} AS c{n}" for n, name in enumerate(raw.names))
    rows = f"FROM (SELECT {columns} FROM {TABLE}) AS {raw.view}"
    sql = re.sub(rf"\bFROM {raw.view}\b", rows.replace("\\", r"\\"), sql)
    name = f"{raw.view}_answer"
    raw.connection.register("engine_answer", raw.engine.run(sql))
    raw.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM engine_answer")
    raw.connection.unregister("engine_answer")
    return f"SELECT * FROM {name}"
