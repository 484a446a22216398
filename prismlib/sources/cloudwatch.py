"""CloudWatch metrics of the inventory and of the user's own list, and how complete they are.

Every series that is asked for has a row in METRIC_COVERAGE, those without data too; METRIC_SERIES
has a row for each period with data, and none for a gap. CloudWatch does not say the unit of an
answer: it is the documented one, or what the user's list says.

Each query of a call is counted as one metric requested, on every page: AWS bills up to five
statistics of one metric in one call as one, so the price is at most what is counted. ListMetrics is
within the free tier of a million requests a month and is counted as free.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pandas as pd

from prismlib.errors import AccessError, CallError
from prismlib.pulled_tables import METRIC_COVERAGE
from prismlib.sources import metric_queries as queries
from prismlib.sources.calls import Caller
from prismlib.sources.collecting import PullContext
from prismlib.sources.inventory import Row, missing, reason_of
from prismlib.sources.metric_answers import (
    Found,
    bucket_storage,
    coverage_row,
    parse_metric_data,
    series_table,
    unread_row,
)
from prismlib.sources.metric_queries import Series, Window
from prismlib.sources.metric_rules import read_metric_rules, rule_series
from prismlib.sources.prices import unit_price
from prismlib.tables import make, records

METRIC_ACTIONS = ("cloudwatch:GetMetricData", "cloudwatch:ListMetrics")

METRIC_PRICE = "cloudwatch_metric_requested"
SETTLED_AFTER = timedelta(days=3)
"""How long after a period its points can still arrive; those of S3 come within two days."""


def collect_metric_series(caller: Caller, context: PullContext) -> pd.DataFrame:
    """Return METRIC_SERIES, and leave METRIC_COVERAGE of the same answers in the context.

    Raises
    ------
    CallError
        No metric could be read.
    SourceError
        The user's list of metrics is not readable.
    """
    series, rows = wanted_series(caller, context)
    found, unread = _ask_all(caller, context, series)
    windows = {s.period_s: queries.window(context.period, s.period_s, context.now) for s in series}
    for one in series:
        if one in unread:
            status = "denied" if isinstance(unread[one], AccessError) else "failed"
            rows.append(unread_row(one, status, reason_of(unread[one])))
        elif not _is_unused(one, found[one]):
            rows.append(coverage_row(one, found[one], windows[one.period_s]))
    context.tables["metric_coverage"] = make(METRIC_COVERAGE, rows)
    context.tables["metric_series"] = series_table(found)
    return context.tables["metric_series"]


def _is_unused(series: Series, found: Found) -> bool:
    """Return whether a series that may not exist at all has indeed nothing."""
    return series.is_sparse and not found.points and found.status_code in ("", "Complete")


def collect_metric_coverage(caller: Caller, context: PullContext) -> pd.DataFrame:
    """Return METRIC_COVERAGE of the answers that METRIC_SERIES was made of."""
    if "metric_coverage" not in context.tables:
        collect_metric_series(caller, context)
    return context.tables["metric_coverage"]


def collect_bucket_storage(caller: Caller, context: PullContext) -> pd.DataFrame:
    """Return BUCKET_STORAGE from the metrics that were read; name those that were not whole."""
    for row in records(collect_metric_coverage(caller, context)):
        is_size = (row["namespace"], row["period_s"]) == ("AWS/S3", queries.DAY)
        if is_size and row["series_status"] in ("denied", "failed", "incomplete"):
            part = f"{row['metric_name']} in {row['region_id']}"
            context.leave_out("bucket_storage", part, "", row["note"])
    return bucket_storage(context.tables["metric_series"])


def wanted_series(caller: Caller, context: PullContext) -> tuple[list[Series], list[Row]]:
    """Return every series to ask for, once, and coverage rows for what cannot be asked."""
    start, _ = queries.midnight(context.period)
    rules = read_metric_rules(context.metrics_file) if context.metrics_file else ()
    found = list(queries.resource_series(context.tables, start, context.now))
    listed = _listed(caller, context)
    if "bucket" in context.tables:
        found += queries.bucket_series(context.tables["bucket"], listed)
    found += queries.replication_series(listed, start, context.now)
    found += rule_series(rules, context.regions, start, context.now)
    once: dict[Any, Series] = {}
    for one in found:
        if one.region_id:
            once.setdefault(one.key, one)
    return list(once.values()), list(_not_asked(context))


def _not_asked(context: PullContext) -> Iterator[Row]:
    """Yield a coverage row for each metric whose resources are not known."""
    sizes = queries.Metric("bucket", "AWS/S3", "BucketSizeBytes", "", "", ("Average",), "Bytes")
    for metric in (*queries.CATALOGUE, sizes):
        if metric.table in context.tables:
            continue
        reason = f"the table {metric.table} is not known"
        for statistic in metric.statistics:
            one = Series("", metric.namespace, metric.metric_name, "{}", statistic, 0, metric.unit)
            yield {**unread_row(one, "not asked", reason), "period_s": None}


def _listed(caller: Caller, context: PullContext) -> list[tuple[str, str, Mapping[str, str]]]:
    """Return the storage and replication metrics that the account reports, by region."""
    found: list[tuple[str, str, Mapping[str, str]]] = []
    for region in context.regions:
        for name in ("BucketSizeBytes", "ReplicationLatency"):
            try:
                pages = caller.pages(
                    "cloudwatch",
                    "list_metrics",
                    token="NextToken",
                    answer_token="NextToken",
                    region=region,
                    Namespace="AWS/S3",
                    MetricName=name,
                )
                for one in (metric for page in pages for metric in page.get("Metrics", ())):
                    dimensions = {d["Name"]: d["Value"] for d in one.get("Dimensions", ())}
                    found.append((region, name, dimensions))
            except CallError as error:
                missing(context, "metric_series", f"AWS/S3 {name} in {region}", error)
    return found


def _ask_all(
    caller: Caller, context: PullContext, series: Sequence[Series]
) -> tuple[dict[Series, Found], dict[Series, CallError]]:
    """Return what was found, and what kept the rest from being read."""
    found: dict[Series, Found] = {one: Found() for one in series}
    unread: dict[Series, CallError] = {}
    batches = list(batched(context, series))
    for batch, window in batches:
        try:
            found.update(_ask(caller, context, batch, window))
        except CallError as error:
            context.unread("metric_series", batch[0].region_id, error)
            unread.update(dict.fromkeys(batch, error))
            if len(unread) == sum(len(batch) for batch, _ in batches):
                raise
    return found, unread


def batched(
    context: PullContext, series: Sequence[Series]
) -> Iterator[tuple[list[Series], Window]]:
    """Yield what is asked for in one call, and of which time; what is no longer kept is not."""
    windows = {s.period_s: queries.window(context.period, s.period_s, context.now) for s in series}
    points = {period_s: window.points for period_s, window in windows.items()}
    asked = [one for one in series if points[one.period_s]]
    for batch in queries.batches(asked, points):
        yield batch, windows[batch[0].period_s]


def _ask(
    caller: Caller, context: PullContext, batch: Sequence[Series], window: Window
) -> dict[Series, Found]:
    """Return the answer for a batch; what did not come whole is asked for once more."""
    with caller.attempt() as attempt:
        found = _ask_once(caller, context, batch, window)
        failed = [one for one in batch if found[one].status_code != "Complete"]
        if failed:
            # The cache must not give a broken answer again.
            caller.forget(attempt)
    if not failed:
        return found
    with caller.attempt() as attempt:
        again = _ask_once(caller, context, failed, window)
        if any(found.status_code != "Complete" for found in again.values()):
            caller.forget(attempt)
    for one, second in again.items():
        if second.status_code == "Complete" or len(second.points) >= len(found[one].points):
            found[one] = second
    return found


def _ask_once(
    caller: Caller, context: PullContext, batch: Sequence[Series], window: Window
) -> dict[Series, Found]:
    _, end = queries.midnight(context.period)

    def is_settled(answer: Mapping[str, Any]) -> bool:
        good = {"Complete", "PartialData"} if answer.get("NextToken") else {"Complete"}
        codes = {result.get("StatusCode") for result in answer.get("MetricDataResults", ())}
        return end + SETTLED_AFTER <= context.now and codes <= good

    usd = unit_price(METRIC_PRICE) * len(batch)
    request = metric_request(context, batch, window)
    pages = caller.pages("cloudwatch", usd=usd, is_settled=is_settled, **request)
    return parse_metric_data(pages, batch, window)


def metric_request(context: PullContext, batch: Sequence[Series], window: Window) -> dict[str, Any]:
    """Return the arguments of `Caller.pages` and `Caller.cached_pages` for a batch."""
    _, end = queries.midnight(context.period)
    return {
        "operation": "get_metric_data",
        "token": "NextToken",
        "answer_token": "NextToken",
        "region": batch[0].region_id,
        "MetricDataQueries": [_query(number, one) for number, one in enumerate(batch)],
        "StartTime": window.start,
        "EndTime": end,
        "ScanBy": "TimestampAscending",
        "MaxDatapoints": queries.POINTS_PER_CALL,
    }


def _query(number: int, series: Series) -> dict[str, Any]:
    metric = {
        "Namespace": series.namespace,
        "MetricName": series.metric_name,
        "Dimensions": [{"Name": n, "Value": v} for n, v in series.named.items()],
    }
    stat = {"Metric": metric, "Period": series.period_s, "Stat": series.statistic}
    return {"Id": f"m{number}", "MetricStat": stat, "ReturnData": True}
