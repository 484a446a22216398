"""Engines that sum line items: DuckDB in this process, Amazon Athena, or one that a test brings.

The SQL about line items is written once, for DuckDB, about a table that it calls `TABLE`; an engine
with another dialect has it translated (`prismlib.sources.dialects`). What an engine answers is an
Arrow table whose amounts are exact decimals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pyarrow as pa

TABLE = "line_items"
"""What the SQL calls the table of line items."""

WRITTEN_FOR = "duckdb"
"""The dialect of the SQL of this package."""


class Engine(Protocol):
    """What sums line items that are not in files of this machine."""

    @property
    def name(self) -> str:
        """Return what it is, with its version, for the manifest of a snapshot."""

    @property
    def source(self) -> str:
        """Return what it reads, as the user named it."""

    def columns(self) -> Sequence[tuple[str, str]]:
        """Return the name and the type of each column, the type as DuckDB spells it."""

    def run(self, sql: str) -> pa.Table:
        """Return the answer to `sql`, which is DuckDB's and names `TABLE`; decimals are exact."""

    def spent(self) -> Mapping[str, Any]:
        """Return what the queries read and cost, as JSON values; empty where nothing is paid."""

    def mark(self) -> str:
        """Return a hash that is another one when what there is to be read changed."""
