"""Evidence from a metric: the highest of its last fifteen minutes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from prismlib.errors import CallError
from prismlib.sources.cloudwatch import METRIC_PRICE
from prismlib.sources.evidence import Fact, Look
from prismlib.sources.prices import unit_price

WINDOW = timedelta(minutes=15)
PERIOD_S = 60


def latest_metric(
    look: Look,
    check: str,
    subject: str,
    region: str,
    *,
    metric: tuple[str, str],
    dimensions: Mapping[str, str],
) -> Fact:
    """Return the highest value of the last minutes; no value at all is unknown, and so is -1.

    `metric` is the namespace and the name. A lag of -1 says that replication does not run.
    """
    source = f"cloudwatch:GetMetricData {metric[1]}"
    try:
        points = _points(look, region, metric, dimensions)
    except CallError as error:
        return look.unknown(check, subject, source, error)
    if not points:
        minutes = WINDOW // timedelta(minutes=1)
        reason = f"{metric[1]} of {subject} has no value in the last {minutes} minutes"
        return Fact(check, subject, None, source, reason=reason)
    if min(points)[0] < 0:
        return Fact(check, subject, None, source, reason=f"{subject} does not replicate")
    value, moment = max(points)
    return Fact(check, subject, value, source, observed_at=moment)


def _points(
    look: Look, region: str, metric: tuple[str, str], dimensions: Mapping[str, str]
) -> list[tuple[Decimal, datetime]]:
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    described = {"Namespace": metric[0], "MetricName": metric[1], "Dimensions": named}
    statistic = {"Metric": described, "Period": PERIOD_S, "Stat": "Maximum"}
    now = look.context.now
    pages = look.caller.pages(
        "cloudwatch",
        "get_metric_data",
        token="NextToken",
        answer_token="NextToken",
        region=region,
        usd=unit_price(METRIC_PRICE),
        MetricDataQueries=[{"Id": "m0", "MetricStat": statistic}],
        StartTime=(now - WINDOW).isoformat(),
        EndTime=now.isoformat(),
    )
    return [
        (Decimal(str(value)), datetime.fromisoformat(moment))
        for page in pages
        for result in page["MetricDataResults"]
        for value, moment in zip(result["Values"], result["Timestamps"], strict=True)
    ]
