"""Whether a snapshot is whole: its files, its totals, its days, and how old it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd

from prismlib.errors import PrismError
from prismlib.periods import Period
from prismlib.snapshot_tables import SNAPSHOT_TABLES
from prismlib.sources.snapshot_folder import added_files, stray_files
from prismlib.sources.snapshots import Snapshot, read_snapshot, untied
from prismlib.tables import records

FRESH_FOR = timedelta(days=2)
"""How long estimates are taken as they are; the provider renews them several times a day."""


def check_snapshot(path: Path) -> list[str]:
    """Return what is wrong with a snapshot, a line each; an empty list is a good snapshot."""
    try:
        snapshot = read_snapshot(path)
    except PrismError as error:
        return [str(error)]
    problems = list(_tables_not_in_it(snapshot))
    if not snapshot.has("cost"):
        return problems
    if len(days_without(snapshot.tables["cost"], snapshot.period)) == snapshot.period.days:
        problems.append(f"cost: no charge falls in the period {snapshot.period}")
    elif gaps := _unexplained(snapshot):
        problems.append(
            f"cost: no charge on {days_words(gaps)}, and the pull did not say so: charges are lost;"
            " pull the month again"
        )
    return problems + untied(snapshot)


def _files(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    """Return the tables and their files, as entries of a manifest."""
    return {str(row["table"]): {"file": row["file"]} for row in records(snapshot.provenance)}


def _tables_not_in_it(snapshot: Snapshot) -> Iterator[str]:
    """Yield what to know of files that look like tables of the snapshot and are none."""
    entries = _files(snapshot)
    added = added_files(snapshot.path, entries).values()
    for file in stray_files(snapshot.path, entries):
        if file in added:
            yield (
                f"{file.name}: is no part of the snapshot; take it in with: prism check DIR --seal"
            )
        elif file.stem in SNAPSHOT_TABLES:
            yield f"{file.name}: is no part of the snapshot and is not read; move it elsewhere"


def _other_files(snapshot: Snapshot) -> Iterator[str]:
    for file in stray_files(snapshot.path, _files(snapshot)):
        if file.stem not in SNAPSHOT_TABLES:
            yield f"{file.name}: is no part of the snapshot; a pull into this folder will refuse"


def _unexplained(snapshot: Snapshot) -> list[date]:
    """Return the days without charges that lie after the first charge and that no note names.

    A bill of one's own may leave days out, and a new account begins late.
    """
    gaps = [
        day
        for day in days_without(snapshot.tables["cost"], snapshot.period)
        if snapshot.pull and day < snapshot.as_of
    ]
    if days_note(gaps) in snapshot.notes:
        return []
    begins = snapshot.period.start
    while begins in gaps:
        begins += timedelta(days=1)
    return [day for day in gaps if day > begins]


def days_without(cost: pd.DataFrame, period: Period) -> list[date]:
    """Return the days of the period that no charge covers."""
    covered: set[date] = set()
    for row in records(cost[["charge_period_start", "charge_period_end"]]):
        start = max(row["charge_period_start"], period.start)
        end = min(row["charge_period_end"], period.end)
        covered.update(start + timedelta(days=n) for n in range((end - start).days))
    return [day for day in period.dates() if day not in covered]


def days_note(days: Sequence[date]) -> str:
    """Return what a pull notes of days for which the provider has a total and no charge."""
    return f"Cost Explorer has no charge on {days_words(days)}."


def days_words(days: Sequence[date]) -> str:
    """Return days in order as words, those in a row as a range."""
    found: list[list[date]] = []
    for day in days:
        if found and day - found[-1][-1] == timedelta(days=1):
            found[-1].append(day)
        else:
            found.append([day])
    return ", ".join(f"{one[0]}" if len(one) == 1 else f"{one[0]} to {one[-1]}" for one in found)


def left_out(entry: Mapping[str, str]) -> str:
    """Return what is not known, as a sentence."""
    part = f" ({entry['part']})" if entry["part"] else ""
    action = f": {entry['iam_action']}" if entry.get("iam_action") else ""
    return f"{entry['table']}{part} is unknown: {entry['reason']}{action}."


def remarks(snapshot: Snapshot, now: datetime) -> list[str]:
    """Return what a snapshot that was good when it was made may lack at `now`, a line each."""
    found = []
    for row in records(snapshot.provenance):
        if not row["is_estimated"] or not row["fetched_at"]:
            continue
        age = now - datetime.fromisoformat(row["fetched_at"]).astimezone(UTC)
        if age > FRESH_FOR:
            found.append(
                f"{row['table']}: holds estimates of {age.days} days ago, which have moved since"
            )
    if snapshot.has("cost"):
        missing = days_without(snapshot.tables["cost"], snapshot.period)
        gaps = [day for day in missing if day < snapshot.as_of]
        found += [f"cost: no charge on {days_words(gaps)}"] if gaps else []
    is_pulled_early = snapshot.pull and snapshot.as_of < snapshot.period.end
    if is_pulled_early and now.date() > snapshot.as_of:
        found.append(f"cost: ends before {snapshot.as_of}; {snapshot.period} has gone on since")
    return [*found, *map(left_out, snapshot.unknown), *_other_files(snapshot)]
