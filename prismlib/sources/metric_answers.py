"""What an answer of GetMetricData holds: points without gaps filled in, and how complete they are.

Pure: nothing here makes a call.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

import pandas as pd

from prismlib.money import CONTEXT
from prismlib.pulled_tables import BUCKET_STORAGE, METRIC_SERIES, SERIES
from prismlib.sources.csv_tables import plain
from prismlib.sources.inventory import Row, instant
from prismlib.sources.metric_queries import DAY, Series, Window
from prismlib.tables import check, empty, make, records

LARGEST = Decimal(10) ** 20
SMALLEST = Decimal("1e-18")
"""What a column of a snapshot holds: 20 digits before the point and 18 after it."""

SIZES = {"BucketSizeBytes": "size_bytes", "NumberOfObjects": "stored_objects"}
"""Daily metric of a bucket -> the column that its last value goes to."""

STATUSES = {
    "complete": "every period has data",
    "gaps": "some periods have no data",
    "empty": "the provider has no data at all",
    "incomplete": "the provider did not give all it has; the note says why",
    "expired": "the data is older than the provider keeps it, or lies ahead",
    "denied": "a permission is missing; the note names it",
    "failed": "the service did not answer; the note says why",
    "not asked": "the resources are not known; the note says which table is missing",
}
"""How a series ended."""


@dataclass
class Found:
    """What was found of one series: its points, the last status code, and remarks."""

    points: dict[datetime, Decimal] = field(default_factory=dict)
    status_code: str = ""
    notes: list[str] = field(default_factory=list)

    def add(self, moment: datetime, value: float, window: Window) -> None:
        """Keep a point that lies in the window; the last one wins when two differ."""
        if not window.start <= moment < window.end:
            return
        exact = _exact(value)
        if exact is None:
            self.remark(f"a value that cannot be kept is left out: {value}")
            return
        if self.points.get(moment, exact) != exact:
            self.remark("a time came twice with different values: the last one is kept")
        self.points[moment] = exact

    def remark(self, text: str) -> None:
        """Keep a remark once."""
        if text not in self.notes:
            self.notes.append(text)


def parse_metric_data(
    pages: Iterable[Mapping[str, Any]], batch: Sequence[Series], window: Window
) -> dict[Series, Found]:
    """Return what the pages of one GetMetricData request hold of each series of its batch.

    Queries are numbered in the order of `batch`. Points may come in any order and in any pages; the
    status of a series is that of the last page that has it.
    """
    found = {one: Found() for one in batch}
    by_id = {f"m{number}": one for number, one in enumerate(batch)}
    for page in pages:
        general = [_words(message) for message in page.get("Messages") or ()]
        for result in page.get("MetricDataResults", ()):
            one = found[by_id[result["Id"]]]
            one.status_code = result.get("StatusCode", "")
            for text in (*general, *map(_words, result.get("Messages") or ())):
                one.remark(text)
            times, values = result.get("Timestamps", ()), result.get("Values", ())
            if len(times) != len(values):
                one.status_code = "InternalError"
                one.remark(f"{len(times)} times came with {len(values)} values: none is used")
                continue
            for text, value in zip(times, values, strict=True):
                moment = instant(text)
                if moment is not None:
                    one.add(moment, value, window)
    return found


def _words(message: Mapping[str, str]) -> str:
    return ": ".join(filter(None, (message.get("Code", ""), message.get("Value", ""))))


def _exact(value: float) -> Decimal | None:
    """Return a value as it is printed, to the digits that a snapshot holds; None if it cannot."""
    if not math.isfinite(value):
        return None
    exact = Decimal(repr(value))
    if abs(exact) >= LARGEST:
        return None
    exponent = exact.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -18:
        exact = exact.quantize(SMALLEST, context=CONTEXT)
    return plain(exact)


def series_table(found: Mapping[Series, Found]) -> pd.DataFrame:
    """Return METRIC_SERIES of all points, sorted by series and time."""
    columns: dict[str, list[Any]] = {name: [] for name in METRIC_SERIES.fields}
    for series in sorted(found):
        points = sorted(found[series].points.items())
        for name, value in zip((*SERIES, "unit"), (*series.key, series.unit), strict=True):
            columns[name] += [value] * len(points)
        columns["observed_at"] += [moment for moment, _ in points]
        columns["metric_value"] += [value for _, value in points]
    if not columns["observed_at"]:
        return empty(METRIC_SERIES)
    return check(pd.DataFrame(columns, dtype=object), METRIC_SERIES)


def coverage_row(series: Series, found: Found, window: Window) -> Row:
    """Return the METRIC_COVERAGE row of a series that was asked for."""
    times = sorted(found.points)
    expected = window.points
    status = "complete" if len(times) >= expected else "gaps" if times else "empty"
    if not expected:
        status = "expired"
    elif found.status_code != "Complete":
        status = "incomplete"
        found.remark(f"status {found.status_code}" if found.status_code else "not in the answer")
    return {
        **dict(zip(SERIES, series.key, strict=True)),
        "unit": series.unit,
        "expected_points": expected,
        "found_points": len(times),
        "coverage_ratio": _ratio(len(times), expected),
        "first_seen_at": times[0] if times else None,
        "last_seen_at": times[-1] if times else None,
        "longest_gap_s": longest_gap_s(times, window),
        "series_status": status,
        "note": "; ".join(found.notes),
    }


def _ratio(found: int, expected: int) -> Decimal | None:
    """Return the share, rounded down: a series that lacks a point never shows as whole."""
    if not expected:
        return None
    return (Decimal(found) / expected).quantize(Decimal("0.000001"), rounding=ROUND_DOWN)


def longest_gap_s(times: Sequence[datetime], window: Window) -> int:
    """Return the longest time without data in a window, its ends included. [s]"""
    step = timedelta(seconds=window.period_s)
    ends = [window.start, *(moment + step for moment in times)]
    gaps = [start - end for end, start in zip(ends, [*times, window.end], strict=True)]
    return max(0, *(int(gap.total_seconds()) for gap in gaps))


def unread_row(series: Series, status: str, reason: str) -> Row:
    """Return the METRIC_COVERAGE row of a series that was not read."""
    return {
        **dict(zip(SERIES, series.key, strict=True)),
        "unit": series.unit,
        "series_status": status,
        "note": reason,
    }


def bucket_storage(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return BUCKET_STORAGE: the last daily size of each storage type, and of objects."""
    latest: dict[str, Row] = {}
    daily = metrics[(metrics["namespace"] == "AWS/S3") & (metrics["period_s"] == DAY)]
    sizes = daily[daily["metric_name"].isin(list(SIZES)) & (daily["statistic"] == "Average")]
    for row in records(sizes):
        known = latest.get(row["dimensions"])
        if known is None or row["observed_at"] > known["observed_at"]:
            latest[row["dimensions"]] = row
    rows = []
    for text, row in sorted(latest.items()):
        dimensions = json.loads(text)
        if {"BucketName", "StorageType"} == set(dimensions):
            rows.append(
                {
                    "bucket_name": dimensions["BucketName"],
                    "region_id": row["region_id"],
                    "storage_type": dimensions["StorageType"],
                    SIZES[row["metric_name"]]: row["metric_value"],
                    "observed_at": row["observed_at"],
                }
            )
    return make(BUCKET_STORAGE, rows)
