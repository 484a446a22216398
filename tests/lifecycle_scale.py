"""How long lifecycle rules take at scale, and how much memory: printed, not tested.

Each case runs in a process of its own, so that its peak memory is its own::

    .venv/bin/python tests/lifecycle_scale.py [ROWS]

64,000 partitions, each a cohort, are simulated for three years under the memo's rules and under
Intelligent-Tiering; the same for horizons of one to ten years; an inventory of ROWS objects
(10,000,000 unless given) is made, read and analysed.
"""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from prismlib import paths
from prismlib.analyses.bucket_charges import storage_book
from prismlib.analyses.bucket_simulation import simulate
from prismlib.analyses.bucket_state import Bucket, Cohort, ReadPattern, calendar_months
from prismlib.analyses.lifecycle import analyse_lifecycle
from prismlib.analyses.lifecycle_inputs import LifecycleInputs, LifecycleSettings
from prismlib.analyses.lifecycle_policy import policy_of
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.s3_inventory import read_inventory
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import records

START = date(2025, 12, 1)
PARTITIONS = 64_000
YEARS = (12, 36, 72, 120)

REFERENCE = read_reference_tables()
BOOK = storage_book(
    *(REFERENCE[name] for name in ("storage_price", "storage_class", "storage_class_move")),
    REFERENCE["limit"],
    "us-west-2",
)
POLICIES = {
    row["policy_name"]: policy_of(row["lifecycle"])
    for row in records(read_snapshot(paths.SAMPLE).tables["lifecycle_policy"])
}


def partitions(reads: Decimal) -> Bucket:
    """Return 64,000 partitions of sizes and ages of their own."""
    source = random.Random(80)
    pattern = ReadPattern(((0, reads),)) if reads else ReadPattern()
    return Bucket(
        tuple(
            Cohort(
                "partitions/",
                "STANDARD",
                1,
                int(source.lognormvariate(21, 1)),
                source.randrange(1000),
                reads=pattern,
            )
            for _ in range(PARTITIONS)
        )
    )


def run_partitions() -> None:
    """Print the time of 64,000 partitions over three years."""
    for reads in (Decimal(0), Decimal("0.5")):
        bucket = partitions(reads)
        for name, policy in {"no rules": None, **POLICIES}.items():
            started = time.perf_counter()
            run = simulate(bucket, policy, calendar_months(START, 36), BOOK)
            cost, seconds = run.total_cost, time.perf_counter() - started
            print(f"{PARTITIONS:,} partitions x 36 months, {reads} reads, {name}: {seconds:.2f} s,"
                  f" {cost:,.2f} USD")  # fmt: skip


def run_horizons() -> None:
    """Print the time of a simulated month as the horizon grows."""
    bucket, rules = partitions(Decimal("0.5")), POLICIES["Gap 3 as proposed"]
    for months in YEARS:
        started = time.perf_counter()
        run = simulate(bucket, rules, calendar_months(START, months), BOOK)
        assert len(run.monthly_costs) == months
        seconds = time.perf_counter() - started
        print(f"{months} months: {seconds:.2f} s, {1000 * seconds / months:.0f} ms a month")


def make_inventory(rows: int, path: Path) -> None:
    """Write an inventory as Parquet, of five folders and two classes, up to 1,000 days old."""
    duckdb.sql(
        f"""
        COPY (SELECT 'data' AS bucket,
            'folder' || (i % 5) || '/part-' || (i % 997) || '/' || md5(CAST(i AS VARCHAR)) AS key,
            CAST(exp(ln(1e5) + 3 * sin(i * 12.9898)) AS BIGINT) AS size,
            TIMESTAMP '2025-11-01' - to_days(CAST((i * 7919) % 1000 AS INTEGER))
                AS last_modified_date,
            CASE WHEN i % 10 = 0 THEN 'GLACIER_IR' ELSE 'STANDARD' END AS storage_class
        FROM range({rows}) t(i)) TO '{path}' (FORMAT PARQUET)
        """
    )


def run_inventory(path: str) -> None:
    """Print the time to read an inventory and to analyse it."""
    started = time.perf_counter()
    frame, day = read_inventory([Path(path)])
    print(f"inventory read: {time.perf_counter() - started:.2f} s, {len(frame):,} cohorts")
    inputs = LifecycleInputs.of({"object_cohort": frame}, REFERENCE, as_of=day)
    for reads in ("0", "0.5"):
        started = time.perf_counter()
        settings = LifecycleSettings(region="us-west-2", reads_per_month=Decimal(reads))
        best = analyse_lifecycle(inputs, settings).best
        rules = len(best.policy.rules) if best else 0
        seconds = time.perf_counter() - started
        print(f"search and everything else, {reads} reads: {seconds:.1f} s, {rules} rules")


def alone(*arguments: str) -> None:
    """Run a case in a process of its own."""
    subprocess.run([sys.executable, __file__, *arguments], check=True)


def main() -> None:
    """Run every case, or the one that is named."""
    case, *rest = sys.argv[1:] or [""]
    if case in ("partitions", "horizons", "inventory"):
        {"partitions": run_partitions, "horizons": run_horizons}.get(
            case, lambda: run_inventory(rest[0])
        )()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory: {peak:,.0f} MiB")
        return
    alone("partitions")
    alone("horizons")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "inventory.parquet"
        rows = int(case or 10_000_000)
        make_inventory(rows, path)
        print(f"{rows:,} objects, {path.stat().st_size / 2**20:,.0f} MiB of Parquet")
        alone("inventory", str(path))


if __name__ == "__main__":
    main()
