"""Whether a snapshot is whole: its files, its totals, its days, and how old it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from prismlib.errors import PrismError
from prismlib.money import exact_sum
from prismlib.sources.snapshots import Snapshot, read_snapshot
from prismlib.tables import COST_METRICS, records

FRESH_FOR = timedelta(days=2)
"""How long estimates are taken as they are; the provider renews them several times a day."""


def check_snapshot(path: Path) -> list[str]:
    """Return what is wrong with a snapshot, a line each; an empty list is a good snapshot."""
    try:
        snapshot = read_snapshot(path)
    except PrismError as error:
        return [str(error)]
    if not snapshot.has("cost"):
        return []
    missing = _missing_days(snapshot)
    if len(missing) == snapshot.period.days:
        problems = [f"cost: no charge falls in the period {snapshot.period}"]
    else:
        # A bill of one's own may begin late or leave days out; a pull asked for each of them.
        gaps = [day for day in missing if day < snapshot.as_of] if snapshot.pull else []
        problems = [f"cost: no charge on {', '.join(map(str, gaps))}"] if gaps else []
    return problems + _totals(snapshot)


def _missing_days(snapshot: Snapshot) -> list[date]:
    """Return the days of the period that no charge covers."""
    covered: set[date] = set()
    for row in records(snapshot.tables["cost"][["charge_period_start", "charge_period_end"]]):
        start = max(row["charge_period_start"], snapshot.period.start)
        end = min(row["charge_period_end"], snapshot.period.end)
        covered.update(start + timedelta(days=n) for n in range((end - start).days))
    return [day for day in snapshot.period.dates() if day not in covered]


def _totals(snapshot: Snapshot) -> list[str]:
    """Return the cost metrics that do not add up to the totals of the files they came from."""
    if not snapshot.has("cost_file"):
        return []
    cost, files = snapshot.tables["cost"], snapshot.tables["cost_file"]
    problems = []
    for metric in COST_METRICS:
        of_files = files[files["cost_metric"] == metric]["table_total"]
        known = cost[metric].dropna()
        total, expected = exact_sum(known), exact_sum(of_files)
        if len(of_files) and total != expected:
            problems.append(f"cost: {metric} adds up to {total}, cost_file says {expected}")
    return problems


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
    if snapshot.has("cost") and not snapshot.pull:
        gaps = [str(day) for day in _missing_days(snapshot) if day < snapshot.as_of]
        found += [f"cost: no charge on {', '.join(gaps)}"] if gaps else []
    is_pulled_early = snapshot.pull and snapshot.as_of < snapshot.period.end
    if is_pulled_early and now.date() > snapshot.as_of:
        found.append(f"cost: ends before {snapshot.as_of}; {snapshot.period} has gone on since")
    for entry in snapshot.unknown:
        found.append(f"{entry['table']}: {entry['part']} is unknown, {entry['reason']}")
    return found
