"""What the inventory collectors share: one region after the other, zones by id, tags, times.

A region that cannot be read is named in the context, and the others go on; when none can be read
there is no table at all. What could not be read is never taken for "there is none".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd

from prismlib import fields
from prismlib.errors import AccessError, CallError
from prismlib.formats import named
from prismlib.sources.calls import Caller
from prismlib.sources.collecting import PullContext
from prismlib.sources.csv_tables import plain
from prismlib.tables import Table, make

Row = dict[str, Any]

ZONES_ACTION = "ec2:DescribeAvailabilityZones"


def missing(context: PullContext, table: str, part: str, error: CallError) -> str:
    """Name a part of a table that could not be read; return the same as a note for its rows.

    Raises
    ------
    CallError
        It is one that must stop the pull.
    """
    context.unread(table, part, error)
    return reason_of(error)


def reason_of(error: CallError) -> str:
    """Return why a part is not known, for the note of a row; raises what must stop the pull."""
    if not error.reason:
        raise error
    return f"needs {error.iam_action}" if isinstance(error, AccessError) else error.reason


@dataclass
class Unread:
    """Cells of many rows that could not be read, named together by what they hold and why."""

    table: str
    found: dict[tuple[str, str], tuple[CallError, list[str]]] = field(default_factory=dict)

    def add(self, what: str, name: str, error: CallError) -> str:
        """Keep that `what` of the resource `name` is not known; return it as a note for its row."""
        reason = reason_of(error)
        self.found.setdefault((what, reason), (error, []))[1].append(name)
        return reason

    def report(self, context: PullContext) -> None:
        """Name each kind of cell once in the context, with the first few resources."""
        for (what, _), (error, names) in self.found.items():
            missing(context, self.table, f"{what} of {named(names, 3)}", error)


def readable(
    context: PullContext, table: Table, parts: Mapping[str, Callable[[], Iterable[Row]]]
) -> pd.DataFrame:
    """Return the rows of all `parts` as a `table`; a part that cannot be read is named.

    Raises
    ------
    CallError
        No part could be read, or the error is one that must stop the pull.
    """
    name = table.name.lower()
    rows: list[Row] = []
    unread: dict[str, CallError] = {}
    for part, get in parts.items():
        try:
            rows += list(get())
        except CallError as error:
            if not error.reason:
                raise
            unread[part] = error
    if not unread:
        return make(table, rows)
    context.lacking_rows.add(name)
    last = next(reversed(unread.values()))
    for part, why in unread.items():
        # Without any part the whole table is named with the last error: others would be lost.
        if len(unread) < len(parts) or _kind(why) != _kind(last):
            context.unread(name, part, why)
    if len(unread) == len(parts):
        raise last
    return make(table, rows)


def _kind(error: CallError) -> tuple[type[CallError], str, str]:
    return type(error), error.service, error.operation


def by_region(
    context: PullContext, table: Table, rows_of: Callable[[str], Iterable[Row]]
) -> pd.DataFrame:
    """Return the rows of every region that can be read as a `table`; see `readable`."""
    return readable(
        context, table, {region: partial(rows_of, region) for region in context.regions}
    )


def zone_ids(caller: Caller, context: PullContext, table: Table, region: str) -> dict[str, str]:
    """Return the zone ids of a region by zone name; empty, and named, if they cannot be read."""
    try:
        answer = caller.ask("ec2", "describe_availability_zones", region=region)
    except CallError as error:
        missing(context, table.name.lower(), f"zone ids in {region}", error)
        return {}
    zones = answer["AvailabilityZones"]
    return {zone["ZoneName"]: zone["ZoneId"] for zone in zones if zone.get("ZoneId")}


def tags_json(tags: Iterable[Mapping[str, str]] | None) -> str:
    """Return a list of ``Key`` and ``Value`` as a JSON object with sorted keys."""
    return canonical({tag["Key"]: tag.get("Value", "") for tag in tags or ()})


def canonical(value: Any) -> str:
    """Return `value` as JSON that is the same for the same value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def instant(text: str | None) -> datetime | None:
    """Return the time of an answer in UTC; one without an offset is UTC."""
    if not text:
        return None
    value = datetime.fromisoformat(text)
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def number(value: float | int | str | None) -> Decimal | None:
    """Return a figure of an answer exactly as it was printed; None stays None.

    Raises
    ------
    ValueError
        It is no finite number.
    """
    return None if value is None else plain(fields.parse_decimal(str(value)))


def account_of(arn: str) -> str:
    """Return the account in an ARN, its leading zeros kept; empty where there is none."""
    parts = arn.split(":")
    return parts[4] if len(parts) > 5 else ""
