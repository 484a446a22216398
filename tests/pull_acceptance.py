"""The acceptance figures of a pull on loopback: requests, dollars, seconds and memory.

    make acceptance
    .venv/bin/python tests/pull_acceptance.py [ROWS] [PAGE_SIZE]

A month of ROWS daily rows of use (40,000 unless given) is pulled twice at 5 ms and at 200 ms of
latency, checked and reported; of the other services nothing is asked. Both totals must equal the
server's, in the table to the last digit and in the report to the cent, and the second pull must ask
for nothing. Then `KILLS` pulls of a small month are killed at random moments. Prints a line for
each, and ends at the first that fails.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path

from fake_cost_explorer import FakeCostExplorer, make_charges
from moto.server import ThreadedMotoServer
from pull_process import closed_month, environment, kill_and_go_on, run

from prismlib.periods import Period
from prismlib.sources.snapshots import read_manifest, read_snapshot

LATENCIES = (0.005, 0.2)
KILLS = 20
MONTH = closed_month()
TODAY = Period.month_of(MONTH.end).end


def main(rows: int = 40_000, page_size: int = 1000) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    others = "http://{}:{}".format(*moto.get_host_and_port())
    charges = make_charges(MONTH, usage_rows=-(-rows // MONTH.days))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with FakeCostExplorer(charges, TODAY, page_size) as fake:
            env = environment(others, fake.url)
            for latency in LATENCIES:
                fake.latency = latency
                _pull_twice(fake, folder / f"{latency:g}" / "prod", env)
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            print(f"peak memory of a pull      {peak / 1024:.0f} MiB")
            _check_and_report(fake, folder / f"{LATENCIES[0]:g}" / "prod", folder / "reports", env)
        with FakeCostExplorer(make_charges(MONTH, usage_rows=2), TODAY, page_size=40) as fake:
            _kill(fake, folder / "small" / "start" / "prod", environment(others, fake.url))
    moto.stop()


def _pull_twice(fake: FakeCostExplorer, place: Path, env: dict[str, str]) -> None:
    for name in ("first", "second"):
        fake.calls.clear()
        _, seconds = _run([*PULL, "--out", place], env)
        pull = read_manifest(place)["pull"]
        print(
            f"{name + ' pull':<10} at {fake.latency * 1000:>3g} ms "
            f"   {len(fake.calls):>3} requests, ${pull['usd']}, {seconds:.1f} s"
        )
        # The server counts; what the command says of itself must be the same.
        assert pull["paid_requests"] == len(fake.calls)
        assert Decimal(pull["usd"]) == Decimal("0.01") * len(fake.calls)
        assert (len(fake.calls) == 0) == (name == "second"), "a second pull pays nothing"
    cost = read_snapshot(place).tables["cost"]
    for metric, side in (("unblended_cost", "unblended"), ("amortized_cost", "amortized")):
        expected = sum((getattr(c, side) for c in fake.charges), Decimal(0))
        assert sum(cost[metric]) == expected, metric
    print(f"daily rows                 {len(cost)}; both totals equal the server's exactly")


def _check_and_report(
    fake: FakeCostExplorer, place: Path, reports: Path, env: dict[str, str]
) -> None:
    out, seconds = _run(["check", place], env)
    assert out == f"{place}: good\n", out
    print(f"prism check                good, {seconds:.1f} s")
    _, seconds = _run(["report", "--snapshot", place, "--out", reports], env)
    (file,) = reports.rglob("findings.json")
    values = {one["id"]: one["value"] for one in json.loads(file.read_text(encoding="utf-8"))}
    said = Decimal(str(values["cost.total.aws.unblended_cost"]))
    expected = sum((c.unblended for c in fake.charges), Decimal(0))
    assert round(said, 2) == round(expected, 2), f"{said} is not {expected}"
    print(f"prism report               ${said:,.2f}, as the server has it, {seconds:.1f} s")


def _kill(fake: FakeCostExplorer, place: Path, env: dict[str, str]) -> None:
    _run([*PULL, "--out", place], env)
    fake.latency = 0.02
    ends = kill_and_go_on(place, PULL, env, fake, KILLS)
    held = sorted(paid for paid, _ in ends)
    replaced = sum(is_new for _, is_new in ends)
    print(
        f"killed {KILLS} times            after {', '.join(map(str, held))} answers; the new"
        f" snapshot was in place {replaced} times, the old one untouched {KILLS - replaced};"
        " the next pull paid only for what was missing"
    )


PULL = ["pull", "--month", str(MONTH), "--tag", "component"]


def _run(arguments: list[str | Path], env: dict[str, str]) -> tuple[str, float]:
    start = time.perf_counter()
    status, out, err = run(arguments, env)
    assert status == 0, err
    return out, time.perf_counter() - start


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
