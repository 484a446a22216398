"""A table of line items in the catalog of Athena: its columns, its month, and its objects.

The partitions of a month come from Glue; a table whose partitions Athena makes up from their names
(projection) has none there, so its objects are chosen by their paths, as files in S3 are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from prismlib.errors import CallError, IncompleteDataError, ParameterError, SourceError
from prismlib.periods import Period
from prismlib.sources.athena_options import PLACE
from prismlib.sources.aws_errors import RAISED, translated
from prismlib.sources.clients import Clients
from prismlib.sources.delimited import literal
from prismlib.sources.dialects import type_from
from prismlib.sources.exports import place_of
from prismlib.sources.s3_objects import SCHEME, S3Object, listed, parted

CATALOG = "AwsDataCatalog"
NO_TABLE = ("EntityNotFoundException", "MetadataException", "InvalidRequestException")
NUMBERS = ("INT", "BIGINT", "SMALLINT", "TINYINT")


@dataclass(frozen=True)
class AthenaTable:
    """What the catalog says of a table, and the month that counts (all unless given)."""

    database: str
    table: str
    columns: tuple[tuple[str, str], ...]
    partition_keys: tuple[str, ...] = ()
    location: str = ""
    is_projected: bool = False
    month: Period | None = None

    @property
    def address(self) -> str:
        """Return ``DATABASE.TABLE``."""
        return f"{self.database}.{self.table}"

    @property
    def name(self) -> str:
        """Return the address as SQL."""
        return ".".join('"' + part.replace('"', '""') + '"' for part in (self.database, self.table))

    @property
    def condition(self) -> str:
        """Return the SQL that holds for the partitions of the month, "" where nothing does."""
        if self.month is None:
            return ""
        kinds = {name.lower(): kind for name, kind in self.columns}
        year, _, month = str(self.month).partition("-")
        keys = {name.lower(): name for name in self.partition_keys}
        if "billing_period" in keys:
            return f"{keys['billing_period']} = {literal(str(self.month))}"
        if {"year", "month"} <= set(keys):
            # The path of a legacy report has no leading zero; some who register it add one.
            months = sorted({month, str(int(month))})
            return (
                f"{keys['year']} = {_value(year, kinds['year'])} AND {keys['month']} IN"
                f" ({', '.join(_value(text, kinds['month']) for text in months)})"
            )
        return ""


def _value(text: str, kind: str) -> str:
    return str(int(text)) if kind in NUMBERS else literal(text)


def read_athena_table(clients: Clients, place: str, month: Period | None = None) -> AthenaTable:
    """Return what the catalog says of ``athena:DATABASE.TABLE``.

    Raises
    ------
    ParameterError
        The place is not written like that.
    SourceError, CallError
        There is no such table, or a call is refused.
    """
    database, _, table = place.removeprefix(PLACE).partition(".")
    if not database or not table or "." in table:
        raise ParameterError("--line-items", place, expected="athena:DATABASE.TABLE")
    found = _metadata(clients, database, table)
    keys = tuple(str(key["Name"]) for key in found.get("PartitionKeys") or ())
    declared = [*(found.get("Columns") or ()), *(found.get("PartitionKeys") or ())]
    parameters = {str(k).lower(): str(v) for k, v in (found.get("Parameters") or {}).items()}
    is_view = "VIEW" in str(found.get("TableType", ""))
    return AthenaTable(
        *(database, table),
        columns=tuple(
            (str(c["Name"]), type_from(str(c.get("Type", "")), "hive")) for c in declared
        ),
        partition_keys=keys,
        location="" if is_view else parameters.get("location", ""),
        is_projected=parameters.get("projection.enabled", "").lower() == "true",
        month=month,
    )


def _metadata(clients: Clients, database: str, table: str) -> Mapping[str, Any]:
    try:
        answer = clients.client("athena").get_table_metadata(
            CatalogName=CATALOG, DatabaseName=database, TableName=table
        )
    except RAISED as error:
        raised = translated(error, "athena", "get_table_metadata", region=clients.default_region)
        if isinstance(raised, CallError) and raised.code in NO_TABLE:
            raise SourceError(
                "the catalog of Athena has no such table",
                path=f"{PLACE}{database}.{table}",
                seen=f"{raised.code} in {clients.default_region}",
                expected="a table of line items in that region",
                remedy="check the names, and the region with --region",
            ) from error
        raise raised from error
    return dict(answer["TableMetadata"])


def objects_of(clients: Clients, table: AthenaTable) -> list[S3Object]:
    """Return the objects that Athena may read for the month, each once.

    Raises
    ------
    CallError
        The partitions or the objects may not be listed.
    IncompleteDataError
        The month has no partition, or no object.
    SourceError
        A month is there in several versions, which Athena would add up.
    """
    found: dict[tuple[str, str], S3Object] = {}
    for location in _locations(clients, table):
        bucket, prefix = parted(location.rstrip("/") + "/")
        for item in listed(clients, bucket, prefix):
            place = place_of(item.key)
            if table.month is None or place is None or place.month == str(table.month):
                found[bucket, item.key] = item
    items = [found[key] for key in sorted(found) if found[key].size]
    if not items:
        raise IncompleteDataError(
            f"no objects{f' of {table.month}' if table.month else ''}",
            path=PLACE + table.address,
            seen=f"nothing in {table.location or 'its partitions'}",
            expected="the files of an export",
            remedy="check the month; register its partition, if AWS has delivered it",
        )
    _refuse_versions(table, items)
    return items


def _locations(clients: Clients, table: AthenaTable) -> Iterator[str]:
    """Yield where the partitions of the month lie, or the whole table."""
    if not table.location.startswith(SCHEME):
        return
    if table.is_projected or not table.partition_keys:
        yield table.location
        return
    pages = clients.client("glue").get_paginator("get_partitions")
    names = {"DatabaseName": table.database, "TableName": table.table}
    chosen = {"Expression": table.condition} if table.condition else {}
    try:
        for page in pages.paginate(**names, **chosen, ExcludeColumnSchema=True):
            for partition in page.get("Partitions", ()):
                yield str(partition["StorageDescriptor"]["Location"])
    except RAISED as error:
        raise translated(error, "glue", "get_partitions") from error


def _refuse_versions(table: AthenaTable, items: list[S3Object]) -> None:
    versions: dict[tuple[str, str], set[str]] = {}
    for place in filter(None, (place_of(item.key) for item in items)):
        versions.setdefault((place.export, place.month), set()).add(place.version)
    for (_, month), found in versions.items():
        if len(found) > 1:
            raise SourceError(
                f"{month} is there in several versions, which Athena would add up",
                path=PLACE + table.address,
                seen=", ".join(version or "files beside them" for version in sorted(found))[:300],
                expected="one delivery of a month in the table",
                remedy="let its partition point at the newest version, or read the files:"
                " --line-items s3://BUCKET/PREFIX chooses the newest by its manifest",
            )


def mark_of(items: list[S3Object]) -> str:
    """Return one hash of the names, sizes and marks of objects: what was there to be read."""
    lines = "\n".join(f"{item.key} {item.size} {item.mark}" for item in items)
    return hashlib.sha256(lines.encode()).hexdigest()
