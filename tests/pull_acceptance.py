"""The figures of a large pull on loopback: requests, dollars, seconds and memory.

    .venv/bin/python tests/pull_acceptance.py [ROWS] [PAGE_SIZE]

A month of ROWS daily rows of use (40,000 unless given) is pulled, checked and reported, pulled a
second time, and pulled with 5 ms and 200 ms of latency. Every total must equal the server's.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

from fake_cost_explorer import FakeCostExplorer, make_charges
from moto.server import ThreadedMotoServer
from pull_process import closed_month, environment, run

from prismlib.periods import Period
from prismlib.sources.snapshots import read_snapshot


def main(rows: int = 40_000, page_size: int = 1000) -> None:
    month = closed_month()
    charges = make_charges(month, usage_rows=-(-rows // month.days))
    today = Period.month_of(month.end).end
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    fake = FakeCostExplorer(charges, today, page_size)
    with fake, tempfile.TemporaryDirectory() as folder:
        env = environment(f"http://{host}:{port}", fake.url)
        for latency in (0.005, 0.2):
            fake.latency = latency
            _pull(month, fake, Path(folder) / f"{latency:g}", env)
        _finish(month, Path(folder) / "0.005" / "prod", Path(folder) / "reports", env)
    moto.stop()


def _pull(month: Period, fake: FakeCostExplorer, folder: Path, env: dict[str, str]) -> None:
    arguments = ["pull", "--month", str(month), "--out", folder / "prod", "--tag", "component"]
    for name in ("first", "second"):
        fake.calls.clear()
        start = time.perf_counter()
        status, out, err = run(arguments, env)
        seconds = time.perf_counter() - start
        assert status == 0, err
        print(f"{fake.latency * 1000:g} ms, {name}: {out.splitlines()[-1]}")
        print(f"  {len(fake.calls)} calls at the server, {seconds:.1f} s")
    cost = read_snapshot(folder / "prod").tables["cost"]
    for metric, side in (("unblended_cost", "unblended"), ("amortized_cost", "amortized")):
        expected = sum((getattr(c, side) for c in fake.charges), Decimal(0))
        assert sum(cost[metric]) == expected, metric
    print(f"  {len(cost)} rows; both totals equal the server's to the last digit")


def _finish(month: Period, snapshot: Path, reports: Path, env: dict[str, str]) -> None:
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"peak memory of a pull: {peak / 1024:.0f} MiB")
    for arguments in (
        ["check", snapshot],
        ["report", "--snapshot", snapshot, "--out", reports],
        ["pull", "--month", str(month), "--out", snapshot, "--tag", "component", "--dry-run"],
    ):
        start = time.perf_counter()
        status, out, err = run(arguments, env)
        print(f"{arguments[0]}: status {status}, {time.perf_counter() - start:.1f} s")
        print("  " + "\n  ".join((out or err).splitlines()[-4:]))
        assert status == 0, err


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
