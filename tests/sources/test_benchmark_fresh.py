"""Files made now by the real tools on loopback, against figures computed over the raw file."""

from __future__ import annotations

import csv
import json
import math
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from prismlib import cli
from prismlib.sources.benchmark_files import read_benchmarks
from prismlib.tables import records

PACKAGES = "redis-tools redis-server apache2-utils nginx-light wrk"
NGINX = """daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{
    listen 127.0.0.1:{port};
    location / {{ return 200 "ok"; }}
    location /gone {{ return 404; }}
  }}
}}
"""


def tool(name: str) -> str:
    # Debian has servers where only root looks.
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if not found and os.environ.get("PRISM_REQUIRE_BENCHMARK_TOOLS") != "1":
        pytest.skip(f"no {name}: install it (Debian: apt-get install {PACKAGES})")
    assert found, f"PRISM_REQUIRE_BENCHMARK_TOOLS=1, but no {name}: apt-get install {PACKAGES}"
    return found


def run(name: str, *options: str) -> str:
    done = subprocess.run(
        [tool(name), *options], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def serve(*command: str, port: int) -> Iterator[int]:
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            assert server.poll() is None, f"{command[0]} ended with {server.returncode}"
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            pytest.fail(f"{command[0]} does not listen on {port}")
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def redis(tmp_path_factory) -> Iterator[int]:
    folder, port = str(tmp_path_factory.mktemp("redis")), free_port()
    place = ("--bind", "127.0.0.1", "--port", str(port), "--dir", folder)
    yield from serve(tool("redis-server"), *place, "--save", "", "--appendonly", "no", port=port)


@pytest.fixture(scope="module")
def nginx(tmp_path_factory) -> Iterator[int]:
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    settings = folder / "nginx.conf"
    settings.write_text(NGINX.format(folder=folder, port=port), encoding="utf-8")
    place = ("-p", str(folder), "-c", str(settings), "-e", str(folder / "error.log"))
    yield from serve(tool("nginx"), *place, port=port)


def points(found) -> dict[str, Decimal]:
    return {row["statistic"]: row["value_ms"] for row in records(found.benchmark_point)}


def percentile(found, share: Fraction) -> Decimal:
    """Return the value of the bucket that holds the sample of that rank."""
    rows = sorted(records(found.benchmark_bucket), key=lambda row: row["value_ms"])
    rank = math.ceil(share * sum(row["measurements"] for row in rows))
    for row in rows:
        rank -= row["measurements"]
        if rank <= 0:
            return Decimal(row["value_ms"])
    raise AssertionError("no sample")


def benchmark(port: int, *options: str) -> str:
    place = ("-h", "127.0.0.1", "-p", str(port), "-n", "5000", "-c", "10", "-t", "get")
    return run("redis-benchmark", *place, *options)


def test_redis_csv(redis, tmp_path):
    path = tmp_path / "hot.csv"
    path.write_text(benchmark(redis, "--csv"), encoding="utf-8")
    found = read_benchmarks([path])
    # The way of a shell: the 7th field of the last line, and the 4th, which is no p99.
    cells = path.read_text(encoding="utf-8").splitlines()[-1].replace('"', "").split(",")
    assert points(found)["p99"] == Decimal(cells[6])
    assert points(found)["min"] == Decimal(cells[3])
    (told,) = records(found.benchmark_run)
    assert told["operations_per_second"] == Decimal(cells[1])
    # Steps of 8 us: a percentile is the last microsecond of its slot, up to 2,048 slots.
    shown = {int(Decimal(cell) * 1000) for cell in cells[4:7] if Decimal(cell) < 16}
    assert {us % 8 for us in shown} <= {7}


def test_redis_text(redis, tmp_path):
    path = tmp_path / "hot.txt"
    path.write_text(benchmark(redis), encoding="utf-8")
    found = read_benchmarks([path])
    (told,) = records(found.benchmark_run)
    assert (told["requests"], told["clients"]) == (5000, 10)
    for line in path.read_text(encoding="utf-8").splitlines():
        if "% <= " in line:
            value, total = Decimal(line.split()[2]), int(line.split()[-1].rstrip(")"))
            upto = [r for r in records(found.benchmark_bucket) if r["upper_ms"] <= value]
            assert sum(row["measurements"] for row in upto) == total
    assert percentile(found, Fraction(1)) >= points(found)["max"]


def test_ab_rows_and_percentages(nginx, tmp_path):
    before = datetime.now(UTC) - timedelta(seconds=2)
    rows, shares = tmp_path / "e2e.tsv", tmp_path / "e2e.csv"
    url = f"http://127.0.0.1:{nginx}/"
    printed = run("ab", "-q", "-n", "3000", "-c", "8", "-g", str(rows), "-e", str(shares), url)
    found = read_benchmarks([rows])
    raw = sorted(
        int(line.split("\t")[4]) for line in rows.read_text(encoding="utf-8").splitlines()[1:]
    )
    counts = {int(r["value_ms"]): r["measurements"] for r in records(found.benchmark_bucket)}
    assert counts == Counter(raw)
    for share in (Fraction(50, 100), Fraction(99, 100), Fraction(999, 1000)):
        assert percentile(found, share) == raw[math.ceil(share * 3000) - 1]
    (told,) = records(found.benchmark_run)
    assert (told["requests"], told["service_tier"], told["resolution_ms"]) == (3000, "e2e", 1)
    assert before <= told["observed_at"] <= datetime.now(UTC)

    (tmp_path / "e2e.txt").write_text(printed, encoding="utf-8")
    told_by = read_benchmarks([tmp_path / "e2e.txt"])
    assert records(told_by.benchmark_run)[0]["clients"] == 8
    listed = dict(line.split(",") for line in shares.read_text(encoding="utf-8").splitlines()[1:])
    assert points(read_benchmarks([shares]))["p99"] == Decimal(listed["99"])


def test_wrk_says_what_failed(nginx, tmp_path):
    path = tmp_path / "e2e.txt"
    url = f"http://127.0.0.1:{nginx}/gone"
    path.write_text(run("wrk", "-t1", "-c4", "-d1", "--latency", url), encoding="utf-8")
    found = read_benchmarks([path])
    (told,) = records(found.benchmark_run)
    assert told["requests"] == told["failed_requests"] > 0  # every answer was 404
    assert (told["clients"], told["target_name"]) == (4, url)
    rate = told["requests"] / told["duration_s"]
    assert abs(rate / told["operations_per_second"] - 1) < Decimal("0.02")
    assert 0 < points(found)["p50"] <= points(found)["p99"] <= points(found)["max"]


def test_report_of_fresh_files_shows_what_the_raw_files_say(redis, nginx, tmp_path, monkeypatch):
    """``prism report -p benchmarks=DIR``: the p99 of redis-benchmark as printed, that of ab by its
    rank in the sorted lines; neither file has a day or says how many nodes it is of: unknown."""
    folder = tmp_path / "results"
    folder.mkdir()
    printed = benchmark(redis, "--csv")
    (folder / "hot.csv").write_text(printed, encoding="utf-8")
    raw = folder / "e2e.tsv"
    run("ab", "-q", "-n", "1000", "-c", "5", "-g", str(raw), f"http://127.0.0.1:{nginx}/")
    command = ["report", "--only", "performance_slo", "-p", f"benchmarks={folder}"]
    monkeypatch.setattr(sys, "argv", ["prism", *command, "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert not ended.value.code
    (week,) = (tmp_path / "out").iterdir()
    found = {one["id"]: one for one in json.loads((week / "findings.json").read_text("utf-8"))}
    (line,) = csv.DictReader(printed.splitlines())
    objective = found["slo.objective.hot_p99"]
    assert objective["value"] == float(line["p99_latency_ms"])
    assert (objective["verdict"], objective["provenance"]) == ("unknown", "measured")
    assert "the day of the run is not known" in objective["statement"]
    times = sorted(int(row["ttime"]) for row in csv.DictReader(raw.open(), delimiter="\t"))
    page = re.sub(r"<[^>]*>", " ", (week / "performance_slo.html").read_text("utf-8"))
    page = re.sub(r"\s+", " ", page)
    for name, rank in (("p50", 500), ("p99", 990), ("p99.9", 999)):
        assert f" e2e {name} {times[rank - 1]} " in page
    assert len(times) == 1000
    # the memo's script on the fresh files: field 4, and rank 901 of 1,000
    assert f'prints "{float(line["min_latency_ms"]):g}"' in found["slo.script.hot_p99"]["statement"]
    assert f"prints {times[900]}, beside" in found["slo.script.e2e_p99"]["statement"]
    assert (week / "snapshot" / "benchmark_run.csv").is_file()
