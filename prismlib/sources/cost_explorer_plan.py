"""Which questions are put to Cost Explorer for a month, and which answers can still move.

A month that ended more than `SETTLED_AFTER_DAYS` days ago is asked for as a whole. A month that is
open, or has just ended, is asked for in two parts, cut at a day (the 8th, 15th, 22nd or 29th) that
stays the same for a week: the part before it can settle, and only the part after it is read again.
Today is left out: a day that is not over would look like a fall in cost.

What is asked of each part, all by day:

- ``usage``: service by usage type, of use alone (`USAGE_RECORD_TYPES`), with quantities;
- ``other``: service by record type, of everything else: fees, tax, credits, refunds ...;
- ``control``: the total. The two above must add up to it;
- ``tag``: a tag or cost category by record type, if wanted. It must add up to the total too.

Known limits: how many pages an answer has is known only when it came, so `Request.most_pages` is an
assumption, for the upper end of the price range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from prismlib.errors import ParameterError
from prismlib.periods import Period
from prismlib.sources.calls import Settled

SETTLED_AFTER_DAYS = 5
"""Days after which the charges of a day have come in, as far as they are no estimates."""

USAGE_RECORD_TYPES = ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage")
"""The record types that are use, as AWS documents them for the API.

One with another spelling lands in ``other``: without its usage type, but in the total, and named.
"""

OPERATIONS = (
    "get_cost_and_usage",
    "get_reservation_coverage",
    "get_savings_plans_coverage",
    "get_cost_forecast",
    "get_anomalies",
)
"""Every call of Cost Explorer that a plan may hold."""

COSTS = ("UnblendedCost", "AmortizedCost")
CATEGORY = "category:"
"""How a cost category is told from a tag: ``--tag category:Team``."""

CONFIDENCE_PCT = 80
ANOMALY_DAYS = 90
"""How far back anomalies can be asked for."""


@dataclass(frozen=True)
class Request:
    """A question: its name in the plan, how it is asked, and of which days."""

    name: str
    operation: str
    parameters: Mapping[str, Any]
    period: Period
    most_pages: int = 1
    token: str = "NextPageToken"
    optional_table: str = ""
    last_asked: date = date.max

    def is_too_late(self, today: date) -> bool:
        """Return whether the provider no longer answers; the cache may."""
        return today > self.last_asked

    def options(self, today: date) -> dict[str, Any]:
        """Return the arguments of `Caller.pages` but for the service and the price."""
        return {
            "operation": self.operation,
            "token": self.token,
            "answer_token": self.token,
            "is_settled": settled(self.period, today),
            **self.parameters,
        }


def settled(period: Period, today: date) -> Settled:
    """Return whether an answer about `period` is final: long over and nowhere an estimate."""
    is_over = period.end + timedelta(days=SETTLED_AFTER_DAYS) <= today

    def is_settled(body: dict[str, Any]) -> bool:
        return is_over and not any(
            result.get("Estimated", False) for result in body.get("ResultsByTime", [])
        )

    return is_settled


def parts(month: Period, today: date) -> list[Period]:
    """Return the days to ask for: the whole month, or what is likely settled and the rest.

    Raises
    ------
    ParameterError
        No day of the month is over.
    """
    if month.start >= today:
        raise ParameterError(
            "--month",
            str(month),
            expected=f"a month with a whole day before {today} (UTC)",
            remedy="ask for an earlier month, or tomorrow",
        )
    end = min(month.end, today)
    if month.end + timedelta(days=SETTLED_AFTER_DAYS) <= today:
        return [month]
    cuts = [
        cut
        for weeks in range(1, 5)
        if (cut := month.start + timedelta(weeks=weeks)) < end
        and cut + timedelta(days=SETTLED_AFTER_DAYS) <= today
    ]
    if not cuts:
        return [Period(month.start, end)]
    return [Period(month.start, cuts[-1]), Period(cuts[-1], end)]


def check_tag(tag: str | None) -> None:
    """Raise ParameterError for a tag or cost category without a name."""
    if tag is not None and not tag.removeprefix(CATEGORY).strip():
        raise ParameterError("--tag", tag, expected="a tag, or category: and a cost category")


def charge_requests(part: Period, tag: str | None = None) -> list[Request]:
    """Return what is asked of one part of the month."""
    usage = {"Dimensions": {"Key": "RECORD_TYPE", "Values": list(USAGE_RECORD_TYPES)}}
    service, record_type = _by("SERVICE"), _by("RECORD_TYPE")
    found = [
        _charges("usage", part, 40, [service, _by("USAGE_TYPE")], usage, quantity=True),
        _charges("other", part, 5, [service, record_type], {"Not": usage}),
        _charges("control", part, 1, []),
    ]
    if tag:
        is_category = tag.startswith(CATEGORY)
        kind = "COST_CATEGORY" if is_category else "TAG"
        key = _by(tag.removeprefix(CATEGORY), kind)
        found.append(_charges("tag", part, 10, [key, record_type]))
    return found


def other_requests(month: Period, today: date) -> list[Request]:
    """Return the questions beside the charges: coverage, forecast, anomalies."""
    seen = Period(month.start, min(month.end, today))
    time = _time(seen)
    found = [
        Request(
            "reservation coverage",
            "get_reservation_coverage",
            {"TimePeriod": time, "GroupBy": [_by("INSTANCE_TYPE")]},
            seen,
            optional_table="commitment_coverage",
        ),
        Request(
            "savings plan coverage",
            "get_savings_plans_coverage",
            {"TimePeriod": time, "Granularity": "MONTHLY", "GroupBy": [_by("SERVICE")]},
            seen,
            token="NextToken",
            optional_table="commitment_coverage",
        ),
    ]
    if today < month.end:
        found.append(_forecast(Period(today, month.end)))
    return [*found, _anomalies(seen)]


def plan(month: Period, today: date, tag: str | None = None) -> list[Request]:
    """Return every question of a pull, in order."""
    charges = [one for part in parts(month, today) for one in charge_requests(part, tag)]
    return charges + other_requests(month, today)


def _forecast(ahead: Period) -> Request:
    return Request(
        "forecast",
        "get_cost_forecast",
        {
            "TimePeriod": _time(ahead),
            "Metric": "UNBLENDED_COST",
            "Granularity": "DAILY",
            "PredictionIntervalLevel": CONFIDENCE_PCT,
        },
        ahead,
        optional_table="cost_forecast",
    )


def _anomalies(seen: Period) -> Request:
    last = seen.end - timedelta(days=1)  # here alone the end is inclusive
    interval = {"StartDate": seen.start.isoformat(), "EndDate": last.isoformat()}
    parameters = {"DateInterval": interval}
    return Request("anomalies", "get_anomalies", parameters, seen, 2, optional_table="cost_anomaly")


def _charges(
    name: str,
    part: Period,
    most_pages: int,
    group_by: Sequence[Mapping[str, str]],
    only: Mapping[str, Any] | None = None,
    *,
    quantity: bool = False,
) -> Request:
    parameters: dict[str, Any] = {
        "TimePeriod": _time(part),
        "Granularity": "DAILY",
        "Metrics": [*COSTS, "UsageQuantity"] if quantity else list(COSTS),
    }
    if group_by:
        parameters["GroupBy"] = list(group_by)
    if only:
        parameters["Filter"] = dict(only)
    return Request(name, "get_cost_and_usage", parameters, part, most_pages)


def _by(key: str, kind: str = "DIMENSION") -> dict[str, str]:
    return {"Type": kind, "Key": key}


def _time(period: Period) -> dict[str, str]:
    return {"Start": period.start.isoformat(), "End": period.end.isoformat()}
