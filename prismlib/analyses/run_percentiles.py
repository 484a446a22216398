"""The percentiles of each run, from all its nodes together, and of each node by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from math import ceil
from typing import Any

import pandas as pd

from prismlib.analyses.latency import HUNDRED, measurements_needed, percent_of
from prismlib.analyses.slo_inputs import Run, SloSettings
from prismlib.analyses.slo_verdicts import measured
from prismlib.formats import count
from prismlib.result_tables.slo import NODE_PERCENTILE, RUN_PERCENTILE
from prismlib.tables import make

STATISTICS = ("p50", "p75", "p90", "p95", "p99", "p99.9")
NODE_PCT = Decimal(99)


def percentile_table(runs: Iterable[Run], settings: SloSettings) -> pd.DataFrame:
    """Return RUN_PERCENTILE: of a distribution the usual percentiles, of a summary its own."""
    return make(RUN_PERCENTILE, (row for run in runs for row in _rows(run, settings)))


def _rows(run: Run, settings: SloSettings) -> Iterator[dict[str, Any]]:
    base = {"run_id": run.run_id, "service_tier": run.tier, "is_made_up": run.is_made_up}
    times = run.distribution
    names = STATISTICS if times is not None else tuple(run.printed)
    if times is not None:
        yield {
            **base,
            **{"statistic": "mean", "value_ms": times.mean(), "measurements": times.total},
            "note": "as printed",
        }
    for name in names:
        pct = percent_of(name)
        found = None if pct is None else measured(run, name, settings)
        if pct is None or found is None:
            yield {**base, "statistic": name, "value_ms": run.printed[name], "note": "a point"}
            continue
        yield {
            **base,
            "statistic": name,
            "percentile_rank": None if times is None else ceil(times.total * pct / HUNDRED),
            "value_ms": found.value,
            "lower_ms": found.low,
            "upper_ms": found.high,
            "measurements": found.measurements,
            "note": found.note,
        }
    if not names:
        words = run.note or "no figure in its file"
        yield {**base, "statistic": "none", "note": words}


def node_table(runs: Iterable[Run]) -> pd.DataFrame:
    """Return NODE_PERCENTILE: the 99th percentile of each node of the runs with several nodes."""
    rows = []
    for run in runs:
        names = sorted({row["node_id"] for row in run.buckets if row["node_id"]})
        if len(names) < 2:
            continue
        for name in names:
            times = run.node(name)
            if times is not None:
                rows.append(
                    {
                        "run_id": run.run_id,
                        "node_id": name,
                        "measurements": times.total,
                        "value_ms": times.percentile(NODE_PCT).value,
                    }
                )
    return make(NODE_PERCENTILE, rows)


def mean_of_nodes(nodes: pd.DataFrame, run_id: str) -> Decimal | None:
    """Return the mean of the 99th percentiles of the nodes of a run: a figure of nothing. [ms]"""
    found = list(nodes[nodes["run_id"] == run_id]["value_ms"])
    return sum(found, Decimal(0)) / len(found) if found else None


def too_few(total: int, pct: Decimal, confidence_pct: Decimal) -> str:
    """Return ``n = 100, need 368``, or nothing where there are enough."""
    needed = measurements_needed(pct, confidence_pct)
    return "" if total >= needed else f"n = {count(total)}, need {count(needed)}"
