"""Make a snapshot with the objects of an S3 Inventory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from prismlib.periods import Period
from prismlib.sources.s3_inventory import read_inventory
from prismlib.sources.snapshots import (
    Description,
    Origin,
    Snapshot,
    read_snapshot,
    tables_of,
    write_snapshot,
)
from prismlib.sources.storage_lens import is_storage_lens, read_storage_lens
from prismlib.tables import records


def snapshot_with_inventory(
    inventory: Sequence[Path], path: Path, *, base: Path | None = None
) -> Path:
    """Write a snapshot whose objects are those of an inventory; return its folder.

    Parameters
    ----------
    inventory : sequence of Path
        See `prismlib.sources.s3_inventory.read_inventory`; or the CSV or Parquet files of a
        Storage Lens export.
    path : Path
        Folder to write.
    base : Path, optional
        Snapshot whose other tables are taken along, and on whose day ages count. Without it the
        snapshot holds the inventory alone, and is of its day.
    """
    known = None if base is None else read_snapshot(base)
    prefixes = [] if known is None else sorted(set(_prefixes(known.tables)))
    day = None if known is None else known.as_of
    is_lens = is_storage_lens(inventory)
    if is_lens:
        cohorts, made = read_storage_lens(inventory)
        day = day or made
    else:
        cohorts, day = read_inventory(inventory, as_of=day, prefixes=prefixes)
    names = ", ".join(sorted({file.name for file in inventory}))
    origin = Origin(source=f"{'S3 Storage Lens' if is_lens else 'S3 Inventory'}: {names}")
    tables: dict[str, tuple[pd.DataFrame, Origin]] = {} if known is None else tables_of(known)
    tables["object_cohort"] = (cohorts, origin)
    if known is not None:
        return write_snapshot(path, _description(known, names), tables)
    description = Description(
        name="inventory",
        title=f"Inventory of {', '.join(sorted(set(cohorts['bucket_name'])))}",
        period=str(Period.month_of(day)),
        as_of=day,
        billing_currency="USD",
        notes=[f"Objects were read from {names}. Nothing else of the account is known."],
    )
    return write_snapshot(path, description, tables)


def _description(known: Snapshot, names: str) -> Description:
    description = Description(
        name=known.name,
        title=known.title,
        period=str(known.period),
        as_of=known.as_of,
        billing_currency=known.billing_currency,
        notes=[*known.notes, f"Objects were read from {names}."],
    )
    return replace(description, unknown=known.unknown, pull=known.pull or None)


def _prefixes(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Yield the prefixes that rules and needs name."""
    for name in ("bucket", "lifecycle_policy"):
        for row in records(tables[name]) if name in tables else []:
            for rule in _rules(row["lifecycle"]):
                yield from _rule_prefixes(rule)
    for row in records(tables["storage_need"]) if "storage_need" in tables else []:
        yield row["prefix"]


def _rules(text: str) -> list[dict[str, Any]]:
    """Return the rules of a configuration; one that cannot be read has none, and is named later."""
    try:
        value = json.loads(text) if text else []
    except (json.JSONDecodeError, RecursionError):
        return []
    rules = value.get("Rules", []) if isinstance(value, dict) else value
    return [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []


def _rule_prefixes(rule: dict[str, Any]) -> Iterator[str]:
    where = rule.get("Filter")
    also = where.get("And") if isinstance(where, dict) else None
    for holder in (rule, where, also):
        if isinstance(holder, dict) and holder.get("Prefix"):
            yield str(holder["Prefix"])
