"""How long line items take as they grow, and how much memory: printed, not tested.

Each case runs in a process of its own, so that its peak memory is its own::

    .venv/bin/python tests/line_items_scale.py [ROWS ...]

For each number of rows (1,000,000 and 10,000,000 unless given) a CUR 2.0 export is made, and its
snapshot is written. With 10,000,000 rows or fewer pandas does the same grouping.

The floor is DuckDB alone on the same files: a bare SELECT of the columns that the tables need, by
day, with one GROUP BY, fetched; amounts are added as binary floats and nothing is checked. Much of
its time goes into grouping by maps, so "floor, text" groups by the same maps as text: the least
that these columns cost. The snapshot has exact sums, checks every cell and adds the totals apart.

Seconds are those of the clock; on a machine that does other work, compare the seconds that the
processors worked. On two processors without other work, 2026-11-29, seconds worked and peak GiB:

===========  ==========  ===========  ============
rows         floor       snapshot     pandas
===========  ==========  ===========  ============
1,000,000    1.6, 0.28   2.6, 0.28    10.3, 1.25
10,000,000   7.9, 0.31   13.3, 0.35   103.1, 10.91
100,000,000  70.7, 0.32  117.7, 1.05
===========  ==========  ===========  ============

By the clock the snapshots take 2.1, 7.6 and 61 seconds, and the floor 1.2, 4.6 and 36.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import duckdb
from made_line_items import make_export

from prismlib.sources.line_items import LineItemOptions, snapshot_from_line_items

KEYS = (
    *("line_item_usage_account_id", "line_item_product_code", "line_item_usage_type"),
    *("product_region_code", "line_item_line_item_type", "line_item_line_item_description"),
    *("pricing_unit", "line_item_currency_code", "line_item_operation", "bill_invoice_id"),
    *("reservation_reservation_a_r_n", "savings_plan_savings_plan_a_r_n"),
)
AMOUNTS = (
    *("line_item_usage_amount", "line_item_unblended_cost", "pricing_public_on_demand_cost"),
    *("reservation_effective_cost", "savings_plan_savings_plan_effective_cost"),
    *("reservation_unused_recurring_fee", "savings_plan_total_commitment_to_date"),
    *("savings_plan_used_commitment",),
    "reservation_unused_amortized_upfront_fee_for_billing_period",
)
MAPS = ("resource_tags", "product")
TIMES = ("line_item_usage_start_date", "line_item_usage_end_date")
PANDAS_ROWS = 10_000_000


def _snapshot(root: Path) -> None:
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        snapshot_from_line_items(LineItemOptions(str(root), Path(folder) / "out"))


def _floor(root: Path, maps: tuple[str, ...] = MAPS) -> None:
    days = ", ".join(f"CAST({name} AS DATE)" for name in TIMES)
    sums = ", ".join(f"sum({name})" for name in AMOUNTS)
    duckdb.execute(
        f"SELECT {days}, {', '.join((*KEYS, *maps))}, {sums}"
        f" FROM read_parquet('{root}/data/*/*.parquet') GROUP BY ALL"
    ).fetchall()


def _floor_text(root: Path) -> None:
    _floor(root, tuple(f"CAST(to_json({name}) AS VARCHAR)" for name in MAPS))


def _pandas(root: Path) -> None:
    import pandas as pd

    frame = pd.read_parquet(root / "data", columns=[*TIMES, *KEYS, *AMOUNTS, *MAPS])
    for name in TIMES:
        frame[name] = frame[name].dt.floor("D")
    for name in MAPS:
        frame[name] = frame[name].astype(str)
    frame.groupby([*TIMES, *KEYS, *MAPS], dropna=False)[list(AMOUNTS)].sum()


CASES = {"floor": _floor, "floor, text": _floor_text, "snapshot": _snapshot, "pandas": _pandas}


def _peak() -> float:
    """Return the peak GiB of this process; `ru_maxrss` would count what its parent held."""
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 2**20


def _measured(case: str, root: Path) -> tuple[float, float, float]:
    """Return the seconds, processor seconds and peak GiB of a case in a process of its own."""
    command = [sys.executable, __file__, "--case", case, str(root)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, worked, memory = map(float, done.stdout.split())
    return seconds, worked, memory


def _run_case(case: str, root: Path) -> None:
    start, worked = time.perf_counter(), time.process_time()
    CASES[case](root)
    print(time.perf_counter() - start, time.process_time() - worked, _peak())


def _compare(root: Path, rows: int) -> None:
    """Print each case for one export, as a multiple of the floor in both kinds of seconds."""
    base: tuple[float, float] = (0.0, 0.0)
    for case in CASES:
        if case == "pandas" and rows > PANDAS_ROWS:
            continue
        seconds, worked, memory = _measured(case, root)
        base = base if base[0] else (seconds, worked)
        print(
            f"  {case:11} {seconds:8.1f} s {seconds / base[0]:6.2f} x floor"
            f" {worked:8.1f} s worked {worked / base[1]:6.2f} x floor"
            f" {seconds / rows * 1e6:7.2f} us a row {memory:6.2f} GiB",
            flush=True,
        )


def main() -> None:
    """Run a case, or all cases for each number of rows."""
    if sys.argv[1:2] == ["--case"]:
        _run_case(sys.argv[2], Path(sys.argv[3]))
        return
    for rows in [int(text) for text in sys.argv[1:]] or [1_000_000, 10_000_000]:
        with tempfile.TemporaryDirectory() as folder:
            root = make_export(Path(folder), rows)
            size = sum(file.stat().st_size for file in root.rglob("*.parquet"))
            load = f"{os.getloadavg()[0]:.1f} processes busy on {os.cpu_count()} processors"
            print(f"{rows:,} rows, {size / 2**20:,.0f} MiB of Parquet; {load}", flush=True)
            _compare(root, rows)


if __name__ == "__main__":
    main()
