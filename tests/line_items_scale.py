"""How long line items take as they grow, and how much memory: printed, not tested.

Each case runs in a process of its own, so that its peak memory is its own::

    .venv/bin/python tests/line_items_scale.py [ROWS ...]

For each number of rows (1,000,000 and 10,000,000 unless given) a CUR 2.0 export is made, and its
snapshot is written. The floor is DuckDB alone on the same files: the columns that the tables need,
grouped once and fetched. With 10,000,000 rows or fewer pandas does the same grouping.
"""

from __future__ import annotations

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


def _floor(root: Path) -> None:
    days = ", ".join(f"CAST({name} AS DATE)" for name in TIMES)
    sums = ", ".join(f"sum({name})" for name in AMOUNTS)
    duckdb.execute(
        f"SELECT {days}, {', '.join((*KEYS, *MAPS))}, {sums}"
        f" FROM read_parquet('{root}/data/*/*.parquet') GROUP BY ALL"
    ).fetchall()


def _pandas(root: Path) -> None:
    import pandas as pd

    frame = pd.read_parquet(root / "data", columns=[*TIMES, *KEYS, *AMOUNTS, *MAPS])
    for name in TIMES:
        frame[name] = frame[name].dt.floor("D")
    for name in MAPS:
        frame[name] = frame[name].astype(str)
    frame.groupby([*TIMES, *KEYS, *MAPS], dropna=False)[list(AMOUNTS)].sum()


CASES = {"snapshot": _snapshot, "floor": _floor, "pandas": _pandas}


def _peak() -> float:
    """Return the peak GiB of this process; `ru_maxrss` would count what its parent held."""
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 2**20


def _measured(case: str, root: Path) -> tuple[float, float]:
    """Return the seconds and the peak GiB of a case in a process of its own."""
    command = [sys.executable, __file__, "--case", case, str(root)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, memory = map(float, done.stdout.split())
    return seconds, memory


def main() -> None:
    """Run a case, or all cases for each number of rows."""
    if sys.argv[1:2] == ["--case"]:
        start = time.perf_counter()
        CASES[sys.argv[2]](Path(sys.argv[3]))
        print(time.perf_counter() - start, _peak())
        return
    for rows in [int(text) for text in sys.argv[1:]] or [1_000_000, 10_000_000]:
        with tempfile.TemporaryDirectory() as folder:
            root = make_export(Path(folder), rows)
            size = sum(file.stat().st_size for file in root.rglob("*.parquet"))
            print(f"{rows:,} rows, {size / 2**20:,.0f} MiB of Parquet", flush=True)
            base = 0.0
            for case in ("floor", "snapshot", *(("pandas",) if rows <= PANDAS_ROWS else ())):
                seconds, memory = _measured(case, root)
                base = base or seconds
                print(
                    f"  {case:9} {seconds:8.1f} s {seconds / base:6.2f} x floor"
                    f" {seconds / rows * 1e6:7.2f} us a row {memory:6.2f} GiB",
                    flush=True,
                )


if __name__ == "__main__":
    main()
