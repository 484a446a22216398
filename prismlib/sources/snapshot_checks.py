"""Whether a snapshot is whole: its files, its totals, its days, and how old it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd

from prismlib.errors import PrismError
from prismlib.periods import Period
from prismlib.sources.snapshot_folder import stray_files, unlisted_tables
from prismlib.sources.snapshots import Snapshot, files_of, read_listed, untied
from prismlib.tables import records

FRESH_FOR = timedelta(days=2)
"""How long estimates are taken as they are; the provider renews them several times a day."""


Judge = Callable[[Mapping[str, pd.DataFrame]], None]
"""Raises a PrismError for tables whose words mean nothing; analyses know them."""


def content(tables: Mapping[str, pd.DataFrame]) -> None:
    """Judge no words."""


def check_snapshot(path: Path, *, judge: Judge = content) -> list[str]:
    """Return what is wrong with a snapshot, a line each; an empty list is a good snapshot."""
    try:
        snapshot = read_listed(path)
    except PrismError as error:
        return [str(error)]
    problems = [
        f"{file}: is no part of the snapshot and would not be read; {remedy}"
        for file, remedy in unlisted_tables(path, files_of(snapshot)).items()
    ]
    try:
        judge(snapshot.tables)
    except PrismError as error:
        problems.append(str(error))
    return problems + problems_of(snapshot)


def problems_of(snapshot: Snapshot) -> list[str]:
    """Return what is wrong with the charges of a snapshot, a line each."""
    if not snapshot.has("cost"):
        return []
    problems = []
    if len(days_without(snapshot.tables["cost"], snapshot.period)) == snapshot.period.days:
        problems.append(f"cost: no charge falls in the period {snapshot.period}")
    elif gaps := _unexplained(snapshot):
        problems.append(
            f"cost: no charge on {days_words(gaps)}, and the pull did not say so: charges are lost;"
            " pull the month again"
        )
    return problems + untied(snapshot)


def _other_files(snapshot: Snapshot) -> list[str]:
    entries = files_of(snapshot)
    return [
        f"{file.name}: is no part of the snapshot; a pull into this folder will refuse"
        for file in stray_files(snapshot.path, entries)
        if file.name not in unlisted_tables(snapshot.path, entries)
    ]


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
