"""Amazon Athena, where an export is registered as a table, through PyAthena.

A query is a paid request: its price at most (`prismlib.sources.athena_limits`) is held against the
limit before it runs, and what it read is counted afterwards. An answer that Athena reused reads
nothing. What fails, is cancelled or is denied stops the reading and is named; Ctrl-C cancels the
query in Athena too.

Known limits: what S3 and Glue charge for requests, and S3 for keeping results, is not counted.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyathena
from pyathena.model import AthenaQueryExecution
from pyathena.util import RetryConfig

from prismlib.errors import ParameterError, SourceError, SpendLimitError
from prismlib.periods import Period
from prismlib.sources.athena_failures import asking, ended_badly
from prismlib.sources.athena_limits import Bound, bound_of, read_workgroup, scanned_usd
from prismlib.sources.athena_options import PLACE, AthenaOptions
from prismlib.sources.athena_table import CATALOG, AthenaTable, read_athena_table
from prismlib.sources.clients import Clients, call_config, refuse_broken_bodies
from prismlib.sources.dialects import in_dialect
from prismlib.sources.ledger import counted, plain_usd

DIALECT = "athena"
POLL_SECONDS = 1.0
PAGE_ROWS = 1000

# PyAthena logs what it raises, with a traceback; what it raises is told by this package.
logging.getLogger("pyathena").addHandler(logging.NullHandler())


class AthenaEngine:
    """Athena on one table, as `prismlib.sources.engines.Engine`.

    Parameters
    ----------
    clients : Clients
    table : AthenaTable
    options : AthenaOptions
    bound : Bound
        What one query reads at most, and the price.
    """

    def __init__(
        self, clients: Clients, table: AthenaTable, options: AthenaOptions, bound: Bound
    ) -> None:
        self.table, self.options, self.bound = table, options, bound
        self._clients = clients
        self._version = ""
        self._queries, self._reused, self._scanned_bytes, self._usd = 0, 0, 0, Decimal(0)

    @property
    def name(self) -> str:
        """Return the engine with its version, the table and the workgroup."""
        version = self._version or "Athena"
        return f"{version}, table {self.table.address}, workgroup {self.options.workgroup}"

    @property
    def source(self) -> str:
        """Return the table as the command line names it."""
        return PLACE + self.table.address

    def mark(self) -> str:
        """Return a hash of the objects; where they cannot be listed, of what the catalog says."""
        return self.bound.sha256 or hashlib.sha256(repr(self.table).encode()).hexdigest()

    def columns(self) -> Sequence[tuple[str, str]]:
        """Return the columns that the catalog declares, partition keys among them."""
        return self.table.columns

    def check_price(self, queries: int = 1) -> None:
        """Raise SpendLimitError or SourceError unless so many more queries surely fit the limit."""
        limit = self.options.max_usd
        if limit is None:
            return
        price = self.bound.most_usd(queries)
        if price is None:
            known = self.bound.usd_per_tb is not None
            raise SourceError(
                "what a query costs at most is not known, so --max-usd cannot be kept",
                path=self.source,
                seen=self.bound.words
                if known
                else f"no price of Athena in {self._clients.default_region}",
                expected="a table whose objects may be listed, or a workgroup with a limit of bytes"
                if known
                else "a row in data/reference/unit_price.csv",
                remedy="allow glue:GetPartitions and s3:ListBucket, set the limit of the workgroup,"
                " or leave --max-usd out",
            )
        if self._usd + price > limit:
            raise SpendLimitError(
                spent=self._usd,
                price=price,
                limit=limit,
                remedy="raise --max-usd, give --month if the table has partitions of months, or"
                " read the files: --line-items s3://BUCKET/PREFIX",
            )

    def run(self, sql: str) -> pa.Table:
        """Return the answer to a query, every page of it.

        Raises
        ------
        SpendLimitError, SourceError
            It was not run, because of its price.
        QueryError, CallError
            It failed or was cancelled, or a call for it was refused.
        """
        self.check_price()
        seen: list[AthenaQueryExecution] = []
        text = in_dialect(sql, DIALECT, self.table.name, self.table.condition)
        with asking(self._clients.default_region), self._connect(seen.append) as connection:
            cursor = connection.cursor()
            try:
                cursor.execute(text)
            except pyathena.OperationalError as error:
                if seen and seen[-1].state in ("FAILED", "CANCELLED"):
                    raise ended_badly(seen[-1]) from error
                raise
            finally:
                self._count(seen)
            return _arrow(cursor.description or (), cursor.fetchall())

    def _connect(self, on_poll: Any) -> Any:
        options = self.options
        connection = pyathena.connect(
            session=self._clients.session,
            config=call_config(),
            region_name=self._clients.default_region,
            work_group=options.workgroup,
            s3_staging_dir=options.output,
            catalog_name=CATALOG,
            schema_name=self.table.database,
            result_reuse_enable=options.reuse_minutes > 0,
            result_reuse_minutes=options.reuse_minutes,
            poll_interval=POLL_SECONDS,
            # The client of botocore tries again already.
            retry_config=RetryConfig(attempt=1),
            cursor_kwargs={"arraysize": PAGE_ROWS},
            on_poll=on_poll,
        )
        refuse_broken_bodies(connection.client)
        return connection

    def _count(self, seen: Sequence[AthenaQueryExecution]) -> None:
        """Add what a query read; one that was not seen to end may have read as much as it can."""
        if not seen:
            return
        last = seen[-1]
        self._queries += 1
        self._version = last.effective_engine_version or self._version
        if last.state == "FAILED":  # AWS charges for what succeeds or is cancelled
            return
        if last.state == "SUCCEEDED" and last.reused_previous_result:
            self._reused += 1
            return
        is_ended = last.state in AthenaQueryExecution.TERMINAL_STATES
        read = (last.data_scanned_in_bytes or 0) if is_ended else self.bound.scanned_bytes or 0
        self._scanned_bytes += read
        self._usd += scanned_usd(read, self.bound.usd_per_tb or Decimal(0))

    def spent(self) -> Mapping[str, Any]:
        """Return how many queries ran, what they read, and what that costs at most."""
        is_priced = self.bound.usd_per_tb is not None
        return {
            "queries": self._queries,
            "reused": self._reused,
            "scanned_bytes": self._scanned_bytes,
            "usd": plain_usd(self._usd) if is_priced else None,
            "usd_per_tb": plain_usd(self.bound.usd_per_tb) if self.bound.usd_per_tb else None,
            "region": self._clients.default_region,
        }

    def plan(self, queries: int) -> list[str]:
        """Return what so many queries would read and cost at most, in words."""
        bound, price = self.bound, self.bound.most_usd(queries)
        month = f", {self.table.month}" if self.table.month else ""
        pruned = (
            "" if self.table.condition or not month else " (no partition of a month: all of it)"
        )
        cost = f"at most ${plain_usd(price)}" if price is not None else "a price that is not known"
        return [f"{self.source}{month}{pruned}: {bound.words}", f"{queries} queries, {cost}"]

    def words(self) -> str:
        """Return `spent` in words."""
        price = f"${plain_usd(self._usd)} at most" if self.bound.usd_per_tb else "price not known"
        reused = f", {self._reused} of them answered from an earlier result" if self._reused else ""
        return (
            f"{counted(self._queries, 'query').replace('querys', 'queries')} in Athena{reused}:"
            f" {self._scanned_bytes:,} bytes scanned, {price}"
        )


def open_athena(
    clients: Clients, place: str, options: AthenaOptions, month: Period | None = None
) -> AthenaEngine:
    """Return the engine of ``athena:DATABASE.TABLE``; nothing is paid yet.

    Raises
    ------
    ParameterError, SourceError, CallError
        There is no such table or workgroup, no place for results, or a call is refused.
    """
    table = read_athena_table(clients, place, month)
    workgroup = read_workgroup(clients, options.workgroup)
    place_of_results = (workgroup.get("ResultConfiguration") or {}).get("OutputLocation")
    managed = (workgroup.get("ManagedQueryResultsConfiguration") or {}).get("Enabled")
    if workgroup and not (options.output or place_of_results or managed):
        raise ParameterError(
            "--query-results",
            options.output,
            expected=f"s3://BUCKET/PREFIX, since workgroup {options.workgroup} names none",
        )
    return AthenaEngine(clients, table, options, bound_of(clients, table, workgroup))


def _arrow(description: Sequence[Sequence[Any]], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Return rows as Arrow, decimals with the digits that the answer declares."""
    columns = []
    for number, (_, kind, _, _, precision, scale, *_) in enumerate(description):
        is_decimal = kind == "decimal"
        declared = pa.decimal128(precision, scale) if is_decimal else ARROW.get(kind)
        columns.append(pa.array([row[number] for row in rows], declared))
    return pa.Table.from_arrays(columns, names=[str(name) for name, *_ in description])


ARROW = {
    "varchar": pa.string(),
    "char": pa.string(),
    "integer": pa.int64(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}
"""Type of Athena -> type of Arrow."""
