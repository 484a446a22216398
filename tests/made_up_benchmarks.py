"""Benchmarks of the sample, made up to show the method: the memo prints none of its files.

What they show is the method only: nodes of which a few are slow, whole milliseconds, a log without
times. Each row says that it is made up, and no verdict of the report rests on one.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from math import exp, log
from typing import Any

import pandas as pd

from prismlib.slo_tables import BENCHMARK_TABLES
from prismlib.tables import make

NODES, SLOW_NODES, SLOWER = 48, 4, 10
REQUESTS = 2000
# How long a request of a healthy node takes, ms at a share of them: near what the memo states.
SHAPE = ((0, 0.1), (0.5, 0.18), (0.75, 0.35), (0.9, 0.52), (0.95, 0.64), (0.99, 0.76), (1, 1.3))
STEP = 1.06  # a bucket ends six percent after it begins
WEEKS = (("2025-11-01", 0.94), ("2025-11-08", 0.97), ("2025-11-15", 1.0))
E2E_REQUESTS, DOWNLOADS = 100_000, 100
SOURCE = "made up: tests/made_up_benchmarks.py"


def made_up(random_source: random.Random) -> dict[str, pd.DataFrame]:
    """Return the four tables of benchmarks, by name."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in BENCHMARK_TABLES}
    for made in (_weeks(random_source), _redis(), _e2e(random_source), _downloads(random_source)):
        for name, row in made:
            rows[name].append(row)
    return {name: make(table, rows[name]) for name, table in BENCHMARK_TABLES.items()}


Row = tuple[str, dict[str, Any]]


def _run(run_id: str, tier: str, tool: str, day: str, **cells: Any) -> Row:
    at = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
    base = {"run_id": run_id, "service_tier": tier, "tool_name": tool, "observed_at": at}
    return "benchmark_run", {**base, "is_made_up": True, "source": SOURCE, **cells}


def _bucket(run_id: str, node_id: str, times: tuple[str, str, str], count: int) -> Row:
    value, lower, upper = (Decimal(text) for text in times)
    return "benchmark_bucket", {
        **{"run_id": run_id, "node_id": node_id, "measurements": count},
        **{"value_ms": value, "lower_ms": lower, "upper_ms": upper},
    }


def _time(share: float) -> float:
    """Return the time of a healthy node at a share of its requests, straight in its logarithm."""
    for (low, quick), (high, slow) in pairwise(SHAPE):
        if share <= high:
            return exp(log(quick) + (share - low) / (high - low) * (log(slow) - log(quick)))
    return SHAPE[-1][1]


def _histogram(factor: float, total: int) -> Counter[int]:
    """Return how many of `total` requests end in each bucket, counted from a microsecond."""
    times = (_time((n + 0.5) / total) * factor for n in range(total))
    return Counter(int(log(time * 1000) / log(STEP)) for time in times)


def _weeks(random_source: random.Random) -> Iterator[Row]:
    """Yield a run a week of the hot tier; on the last one a few nodes are slow."""
    facts = {
        "test_name": "GET",
        "clients": 1000,
        "load_model": "closed",
        "node_count": Decimal(NODES),
    }
    for day, factor in WEEKS:
        run_id, is_last = f"made_up.hot.{day}", day == WEEKS[-1][0]
        for number in range(NODES if is_last else 1):
            node = f"node-{number + 1:02d}" if is_last else ""
            total = REQUESTS if is_last else REQUESTS * NODES
            slow = SLOWER if is_last and number >= NODES - SLOW_NODES else 1
            spread = factor * slow * exp(random_source.gauss(0, 0.03))
            yield _run(
                *(run_id, "hot", "memtier_benchmark", day),
                **{**facts, "node_id": node, "requests": total, "duration_s": Decimal(3600)},
                file_name="memtier.json",
            )
            for step, count in sorted(_histogram(spread, total).items()):
                low, high = (f"{STEP ** (step + n) / 1000:.4f}" for n in (0, 1))
                yield _bucket(run_id, node, (high, low, high), count)


def _redis() -> Iterator[Row]:
    """Yield a line of redis-benchmark CSV, of which a script takes the fourth field."""
    run_id = "made_up.hot_tier_latency.get"
    facts = {"tool_version": "6.2", "test_name": "GET", "load_model": "closed"}
    clipped = {"clip_low_ms": Decimal("0.01"), "clip_high_ms": Decimal(3000)}
    yield _run(
        *(run_id, "hot", "redis-benchmark", "2025-11-15"),
        **{**facts, **clipped, "node_count": Decimal(1), "resolution_ms": Decimal("0.001")},
        **{"file_name": "hot-tier-latency.csv", "file_lines": 2},
    )
    names = ("mean", "min", "p50", "p95", "p99", "max")
    for place, (name, time) in enumerate(
        zip(names, ("0.312", "0.096", "0.303", "0.415", "0.743", "1.999"), strict=True), start=3
    ):
        yield (
            "benchmark_point",
            {
                **{"run_id": run_id, "statistic": name},
                **{"value_ms": Decimal(time), "field_number": place},
            },
        )


def _e2e(random_source: random.Random) -> Iterator[Row]:
    """Yield a file of ab: whole milliseconds."""
    run_id = "made_up.e2e_latency"
    yield _run(
        *(run_id, "e2e", "ab", "2025-11-15"),
        **{"load_model": "closed", "clients": 1000, "node_count": Decimal(NODES)},
        **{"requests": E2E_REQUESTS, "resolution_ms": Decimal(1)},
        **{"file_name": "e2e-latency.tsv", "file_lines": E2E_REQUESTS + 1},
    )
    times = (round(random_source.lognormvariate(0.8, 0.6)) for _ in range(E2E_REQUESTS))
    for time, count in sorted(Counter(times).items()):
        low = max(time - 0.5, 0)
        yield _bucket(run_id, "", (str(time), f"{low:g}", f"{time + 0.5:g}"), count)


def _downloads(random_source: random.Random) -> Iterator[Row]:
    """Yield a log that lost its times, and one that has them."""
    facts = {"load_model": "closed", "clients": 1, "resolution_ms": Decimal(1)}
    yield _run(
        *("made_up.cold_tier_load", "cold", "timed downloads", "2025-11-15"),
        **{**facts, "file_name": "cold-tier-load.log", "file_lines": DOWNLOADS},
        note="no timings: bash writes them to stderr",
    )
    run_id = "made_up.cold_tier_times"
    yield _run(
        *(run_id, "cold", "timed downloads", "2025-11-15"),
        **{**facts, "requests": DOWNLOADS, "file_name": "cold-tier-times.log"},
        file_lines=DOWNLOADS,
    )
    times = (round(110 + random_source.lognormvariate(4, 0.7)) for _ in range(DOWNLOADS))
    for time, count in sorted(Counter(times).items()):
        yield _bucket(run_id, "", (str(time), f"{time - 0.5:g}", f"{time + 0.5:g}"), count)
