"""What saved CloudWatch metrics say of objectives on processors, memory and network.

Method. Such an objective is a bound at any time. Each statistic of a period bounds the peak within
it: none is above the maximum, so the highest of all of them is the least that the peak can be, and
the highest maximum, where every period has one, is the most. An average stays an average: below the
target it shows nothing, since the peak within its period is not in it; above it the peak is too.

A metric in percent is taken as it is, a rate as its unit says. A sum of bytes has no period in the
file: the true one is no longer than the smallest gap between two data points, so sum / gap is the
least that the rate can be. Such a file can show a breach, never a pass.

Known limits. CloudWatch samples: a maximum is that of its samples.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from prismlib.analyses.judging import counted
from prismlib.analyses.slo_inputs import Run
from prismlib.analyses.slo_measured import Measured
from prismlib.formats import count

CPU = ("CPUUtilization", "EngineCPUUtilization", "cpu_usage_active")
MEMORY = ("DatabaseMemoryUsagePercentage", "MemoryUtilization", "mem_used_percent")
NETWORK = ("NetworkIn", "NetworkOut", "NetworkBytesIn", "NetworkBytesOut")
METRICS = {"cpu_pct": CPU, "memory_pct": MEMORY, "network_gbps": NETWORK}
"""The metrics that show a statistic of an objective, as CloudWatch and its agent name them."""
GIGA = Decimal(10**9)
OF_UNIT = {
    **{"Bits/Second": 1 / GIGA, "Kilobits/Second": 1000 / GIGA, "Megabits/Second": 10**6 / GIGA},
    **{"Gigabits/Second": Decimal(1), "Bytes/Second": 8 / GIGA},
    **{"Kilobytes/Second": 8000 / GIGA, "Megabytes/Second": 8 * 10**6 / GIGA},
}
"""Gbit/s of a unit of a rate."""
PERCENT, BYTES = "Percent", "Bytes"
AVERAGE, MAXIMUM, SUM, COUNT = "Average", "Maximum", "Sum", "SampleCount"


def resource(run: Run, statistic: str) -> Measured | None:
    """Return the peak that the metrics of a run show; None where they are of something else."""
    rows = [row for row in run.metrics if row["metric_name"] in METRICS[statistic]]
    if not rows:
        return None
    if statistic == "network_gbps":
        rows = list(_rates(rows))
    else:
        rows = [
            row for row in rows if row["unit"] == PERCENT and row["statistic"] not in (SUM, COUNT)
        ]
    if not rows:
        return Measured(None, note="neither a share in percent nor a rate is in it")
    values = [row["metric_value"] for row in rows]
    tops = [row["metric_value"] for row in rows if row["statistic"] == MAXIMUM]
    is_whole = len(tops) == len({_period(row) for row in rows}) and not _missing(run, rows)
    averages = [row["metric_value"] for row in rows if row["statistic"] == AVERAGE]
    note = f"highest of {counted(len(tops), 'period')}" if is_whole else _without(averages)
    return Measured(
        max(tops) if is_whole else max(averages, default=max(values)),
        max(values),
        max(tops) if is_whole else None,
        note=note,
    )


def _missing(run: Run, rows: list[dict[str, Any]]) -> list[str]:
    """Return the nodes of a run of several whose part has no such metric."""
    shown = {row["resource_id"] for row in rows}
    named = [part["node_id"] for part in run.parts]
    return [name for name in named if name not in shown] if len(named) > 1 else []


def _without(averages: list[Decimal]) -> str:
    """Return what metrics without a maximum of every period show."""
    words = "no maximum of every period and node: the peak is not in it (--statistics Maximum)"
    return (
        f"an average of a period, up to {count(round(max(averages), 2))}; {words}"
        if averages
        else words
    )


def _period(row: dict[str, Any]) -> tuple[str, str, datetime]:
    return row["metric_name"], row["resource_id"], row["observed_at"]


def _rates(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows of a network as Gbit/s; a sum of bytes as the least that its rate can be."""
    gaps: dict[tuple[str, str], Decimal | None] = {}
    for row in rows:
        key = (row["metric_name"], row["resource_id"])
        if key not in gaps:
            gaps[key] = _gap_s([r["observed_at"] for r in rows if _period(r)[:2] == key])
        gap = gaps[key]
        if row["unit"] in OF_UNIT and row["statistic"] not in (SUM, COUNT):
            yield {**row, "metric_value": row["metric_value"] * OF_UNIT[row["unit"]]}
        elif row["unit"] == BYTES and row["statistic"] == SUM and gap:
            yield {
                **row,
                "statistic": AVERAGE,
                "metric_value": row["metric_value"] * 8 / GIGA / gap,
            }


def _gap_s(times: list[datetime]) -> Decimal | None:
    """Return the smallest gap between data points; None for a single one. [s]"""
    found = [later - earlier for earlier, later in pairwise(sorted(set(times)))]
    return Decimal(int(min(found).total_seconds())) if found else None
