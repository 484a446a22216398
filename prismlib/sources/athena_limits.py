"""What a query in Athena reads and costs at most, known before it runs.

Athena charges for the bytes it scans, with a least number of bytes for each query. It scans no more
than the objects of the partitions, of Parquet only the columns that are asked for, and no more than
the workgroup allows: the smaller is the bound. A bound that cannot be had (a view, or a listing
that is denied) is no bound: with a limit of the price such a query is refused, without one it runs.

Megabytes and terabytes are taken as decimal, which gives at least as much as AWS charges in either
reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from prismlib.errors import CallError, SourceError
from prismlib.sources.athena_options import PLACE
from prismlib.sources.athena_table import AthenaTable, mark_of, objects_of
from prismlib.sources.aws_errors import RAISED, translated
from prismlib.sources.clients import Clients
from prismlib.sources.prices import read_reference
from prismlib.tables import records

PRICE_ITEM = "athena_scanned_tb"
LEAST = "athena_query_mb"
MEGABYTE, TERABYTE = 10**6, 10**12


@dataclass(frozen=True)
class Bound:
    """What one query reads at most, and the price.

    Attributes
    ----------
    scanned_bytes : int or None
        `None` where nobody can say.
    words : str
        How it is known, or why not.
    usd_per_tb : Decimal or None
        `None` where the price of the region is not in ``data/reference``. [USD]
    objects : int
        How many objects the table has.
    sha256 : str
        Of their names, sizes and marks; "" where they cannot be listed.
    """

    scanned_bytes: int | None
    words: str
    usd_per_tb: Decimal | None
    objects: int = 0
    sha256: str = ""

    def most_usd(self, queries: int = 1) -> Decimal | None:
        """Return what so many queries cost at most, `None` where that is not known. [USD]"""
        if self.scanned_bytes is None or self.usd_per_tb is None:
            return None
        return queries * scanned_usd(self.scanned_bytes, self.usd_per_tb)


def scanned_usd(scanned_bytes: int, usd_per_tb: Decimal) -> Decimal:
    """Return what a query that reads so much costs at most. [USD]"""
    limits = {row["limit_name"]: row["limit_value"] for row in records(read_reference("limit"))}
    megabytes = max(-(-scanned_bytes // MEGABYTE), int(limits[LEAST]))
    return usd_per_tb * megabytes * MEGABYTE / TERABYTE


def price_of(region: str) -> Decimal | None:
    """Return the price of a terabyte in a region, `None` if it is not known. [USD]"""
    rows = records(read_reference("unit_price"))
    prices = [r["usd"] for r in rows if (r["item"], r["region_id"]) == (PRICE_ITEM, region)]
    return Decimal(prices[0]) if prices else None


def bound_of(clients: Clients, table: AthenaTable, workgroup: Mapping[str, Any]) -> Bound:
    """Return the bound of a query that reads the month of a table.

    Raises
    ------
    IncompleteDataError, SourceError
        As `objects_of`, where objects can be listed.
    """
    price = price_of(clients.default_region)
    cutoff = workgroup.get("BytesScannedCutoffPerQuery")
    allowed = f"the workgroup allows {cutoff:,} bytes" if cutoff else ""
    if not table.location:
        what = "it is a view, or a table without a location"
        return Bound(cutoff, allowed or what, price)
    try:
        items = objects_of(clients, table)
    except CallError as error:
        return Bound(cutoff, allowed or str(error).splitlines()[0], price)
    size = sum(item.size for item in items)
    words = f"{len(items)} objects of {size:,} bytes"
    if cutoff and cutoff < size:
        size, words = cutoff, f"{words}, of which {allowed}"
    return Bound(size, words, price, len(items), mark_of(items))


def read_workgroup(clients: Clients, name: str) -> Mapping[str, Any]:
    """Return the configuration of a workgroup; empty where it may not be read.

    Raises
    ------
    SourceError
        There is no such workgroup.
    """
    try:
        answer = clients.client("athena").get_work_group(WorkGroup=name)
    except RAISED as error:
        raised = translated(error, "athena", "get_work_group")
        if isinstance(raised, CallError) and raised.code == "InvalidRequestException":
            raise SourceError(
                f"there is no workgroup {name}",
                path=PLACE.rstrip(":"),
                seen=f"{raised.code} in {clients.default_region}",
                expected="a workgroup of that region",
                remedy="give another --workgroup, or another --region",
            ) from error
        if isinstance(raised, CallError) and raised.reason:
            return {}
        raise raised from error
    return dict(answer["WorkGroup"].get("Configuration") or {})
