"""JSON of k6 (its summary) and of CloudWatch (``get-metric-statistics``).

k6 writes its summary in two forms, both in ms: ``--summary-export`` has the values under a metric,
``handleSummary`` under ``values``, with the time of the run. Neither says how the load was made.
A summary without a request is no evidence: k6 itself calls a threshold passed then.

CloudWatch gives a percentile (``ExtendedStatistics``) for each period by itself. The percentile of
one period is that of its requests; those of several periods have no mean that means anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from prismlib.sources.benchmark_run import (
    MS,
    Metric,
    Point,
    Run,
    check_order,
    number,
    percentile_name,
    whole,
)
from prismlib.sources.drill_json import Answer, items, part
from prismlib.sources.drill_times import Place, parse_instant

K6_PERCENTILE = re.compile(r"p\((\d+(?:\.\d+)?)\)")
K6_NAMES = {"avg": "mean", "min": "min", "med": "p50", "max": "max"}
DURATION, REQUESTS, FAILED = "http_req_duration", "http_reqs", "http_req_failed"
STATISTICS = {"Average": "mean", "Minimum": "min", "Maximum": "max"}
UNITS = {"Seconds": MS["s"], "Milliseconds": MS["ms"], "Microseconds": MS["us"]}


def is_k6(content: Any) -> bool:
    """Return whether it is a summary of k6."""
    metrics = content.get("metrics") if isinstance(content, dict) else None
    return isinstance(metrics, dict) and ("root_group" in content or DURATION in metrics)


def k6_runs(content: Answer, path: Path) -> list[Run]:
    """Return the run of a k6 summary: the times of its HTTP requests."""
    place, metrics = Place(path), part(content, "metrics", Place(path))
    times, made = _values(metrics, DURATION, place), _values(metrics, REQUESTS, place)
    requests = whole(made.get("count", 0), place, f"{REQUESTS} count")
    if not times or not requests:
        raise place.refuse(
            "k6 made no request",
            seen=f"{DURATION}: {len(times)} values, {REQUESTS}: {requests}",
            expected="one request or more",
            remedy="run it again: thresholds pass in k6 when there is nothing to measure",
        )
    points = tuple(_k6_points(times, place))
    check_order([one for one in points if one.statistic != "mean"], place)
    facts: dict[str, Any] = {"requests": requests}
    if "rate" in made:
        facts["operations_per_second"] = number(made["rate"], place, f"{REQUESTS} rate")
    if told := part(content, "state", place).get("testRunDurationMs"):
        facts["duration_s"] = number(told, place, "testRunDurationMs") / 1000
    if "max" in (virtual := _values(metrics, "vus_max", place)):
        facts["clients"] = whole(virtual["max"], place, "vus_max")
    # A rate metric counts what was true as passes: here, that a request failed.
    if "passes" in (failed := _values(metrics, FAILED, place)):
        facts["failed_requests"] = whole(failed["passes"], place, f"{FAILED} passes")
    return [Run("k6", "", points, facts=facts)]


def _values(metrics: Answer, name: str, place: Place) -> Answer:
    metric = part(metrics, name, place)
    return part(metric, "values", place) or metric


def _k6_points(times: Answer, place: Place) -> Iterator[Point]:
    for key, value in times.items():
        found = K6_PERCENTILE.fullmatch(key)
        name = percentile_name(found[1]) if found else K6_NAMES.get(key)
        if name:
            yield Point(name, number(value, place, f"{DURATION} {key}"))


def is_cloudwatch(content: Any) -> bool:
    """Return whether it is an answer of ``get-metric-statistics``."""
    return isinstance(content, dict) and isinstance(content.get("Datapoints"), list)


def cloudwatch_runs(content: Answer, path: Path) -> list[Run]:
    """Return the metric of an answer; where it is one period of a time, its figures as points."""
    place, label = Place(path), str(content.get("Label") or path.stem)
    periods = items(content, "Datapoints", place)
    if not periods:
        raise place.refuse(
            "CloudWatch has no data point",
            seen="Datapoints: none",
            expected="a data point for each period",
            remedy="check name, dimensions and time: 1-minute data is kept 15 days",
        )
    metrics = tuple(
        sorted(
            (one for period in periods for one in _period(label, period, place)),
            key=lambda one: (one.observed_at, one.statistic),
        )
    )
    facts: dict[str, Any] = {"observed_at": metrics[0].observed_at}
    counts = [one.metric_value for one in metrics if one.statistic == "SampleCount"]
    if len(counts) == len(periods):
        facts["requests"] = whole(sum(counts), place, "SampleCount")
    unit = UNITS.get(metrics[0].unit)
    points = tuple(_points(metrics, unit)) if unit and len(periods) == 1 else ()
    check_order([one for one in points if one.statistic != "mean"], place)
    return [Run("cloudwatch", label, points, (), metrics, facts, _word(metrics, len(periods)))]


def _word(metrics: tuple[Metric, ...], periods: int) -> str:
    if not any(one.unit in UNITS for one in metrics):
        is_whole = sum(one.statistic == "Maximum" for one in metrics) == periods
        return "" if is_whole else "no maximum of every period: an average hides the peak"
    is_told = any(one.statistic.startswith("p") for one in metrics)
    if not is_told:
        return "no percentiles: a mean of means is none; ask for --extended-statistics p99"
    if periods > 1:
        return f"a percentile for each of {periods} periods: their mean is no percentile"
    return ""


def _period(label: str, period: Answer, place: Place) -> Iterator[Metric]:
    when = parse_instant(period.get("Timestamp"), place)
    if when is None:
        raise place.refuse(
            "a data point has no time", seen=str(period), expected="Timestamp", remedy="fetch again"
        )
    told = {key: period[key] for key in (*STATISTICS, "Sum", "SampleCount") if key in period}
    told.update(part(period, "ExtendedStatistics", place))
    if not told:
        raise place.refuse(
            "a data point has no statistic",
            seen=", ".join(period),
            expected="Average, SampleCount, ExtendedStatistics ...",
            remedy="ask for --statistics or --extended-statistics",
        )
    for name, value in told.items():
        yield Metric(label, when, name, number(value, place, name), str(period.get("Unit", "")))


def _points(metrics: tuple[Metric, ...], unit: Decimal) -> Iterator[Point]:
    for one in metrics:
        is_share = re.fullmatch(r"p\d+(\.\d+)?", one.statistic)
        name = percentile_name(one.statistic) if is_share else STATISTICS.get(one.statistic)
        if name:
            yield Point(name, one.metric_value * unit)
