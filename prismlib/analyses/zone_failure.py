"""What it costs when placement fails, and how long an alarm takes to show it.

Method. While placement fails, the share that crosses rises; the rise, billed at both ends, is the
extra cost of each hour. An alarm on the bill can show nothing until the bill is refreshed; an alarm
on traffic needs one period of its metric until a whole period is affected, then as many periods as
it evaluates. What is spent until then is the least that a failure costs.

Known limits. The total rate is taken as unchanged by the failure: slower calls between zones may
lower it, retries may raise it. The time until a person acts comes on top of both delays.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from prismlib.analyses.zone_model import (
    Ratio,
    ZoneTraffic,
    as_decimal,
    as_ratio,
    at_least_zero,
    share_in_words,
)
from prismlib.errors import ParameterError
from prismlib.reference_tables import LIMIT
from prismlib.result_tables.cross_az import CROSSING_ALARM
from prismlib.tables import check, make, records

BILL_ALARM = "Alarm on the bill"
TRAFFIC_ALARM = "Alarm on traffic"
SECONDS_PER_HOUR = 3600
HOURS = {"hours": Fraction(1), "minutes": Fraction(1, 60), "seconds": Fraction(1, SECONDS_PER_HOUR)}
"""Units of a delay in LIMIT, in hours."""


def failure_cost_per_hour(traffic: ZoneTraffic, failed_ratio: Ratio) -> Decimal:
    """Return the extra cost of an hour, both ends, while `failed_ratio` crosses.

    Negative when less crosses then than is taken now: that is no failure.
    """
    return incident_cost(traffic, failed_ratio, Decimal(1))


def incident_cost(traffic: ZoneTraffic, failed_ratio: Ratio, hours: Ratio) -> Decimal:
    """Return the extra cost of a failure of this many hours, both ends.

    Parameters
    ----------
    traffic : ZoneTraffic
        Its own share is what crosses without the failure.
    failed_ratio : Decimal or Fraction
        Share that crosses during it.
    hours : Decimal or Fraction
    """
    at_least_zero("hours", hours)
    rise = as_ratio("failed_ratio", failed_ratio) - Fraction(traffic.crossing_ratio)
    per_hour = Fraction(traffic.total_gb_per_s) * SECONDS_PER_HOUR * rise
    return as_decimal(per_hour * Fraction(traffic.price_both_ends) * Fraction(hours))


def no_rise(traffic: ZoneTraffic, failed_ratio: Ratio) -> str:
    """Return why a failure costs no more: no more crosses then, or crossing costs nothing."""
    then, now = share_in_words(failed_ratio), share_in_words(traffic.crossing_ratio)
    if failed_ratio > traffic.crossing_ratio:
        free = "a gigabyte that crosses costs nothing"
        why = free if traffic.total_gb_per_s else "there is no traffic"
        return f"With failed placement {then} of the traffic crosses, and costs no more: {why}."
    return f"With failed placement {then} crosses, no more than the {now} that cross anyway."


def crossing_alarms(
    traffic: ZoneTraffic, failed_ratio: Ratio, limits: pd.DataFrame, *, evaluation_periods: int
) -> pd.DataFrame:
    """Return the delay of each alarm and the extra cost until it can show a failure.

    Parameters
    ----------
    traffic : ZoneTraffic
    failed_ratio : Decimal or Fraction
    limits : LIMIT
        Uses ``bill_delay``, and ``traffic_metric_delay``: one period of the metric.
    evaluation_periods : int
        Periods in a row that the alarm on traffic waits for, 1 or more.

    Returns
    -------
    CROSSING_ALARM
        An alarm whose delay is not in `limits` is left out: it is not known.
    """
    check(limits, LIMIT)
    if isinstance(evaluation_periods, bool) or evaluation_periods < 1:
        raise ParameterError(
            "evaluation_periods", evaluation_periods, expected="a whole number, 1 or more"
        )
    rows = []
    for name, limit_name, periods in (
        (BILL_ALARM, "bill_delay", 1),
        (TRAFFIC_ALARM, "traffic_metric_delay", 1 + evaluation_periods),
    ):
        limit = next((r for r in records(limits) if r["limit_name"] == limit_name), None)
        if limit is not None:
            delay = _hours(limit) * periods
            rows.append(
                {
                    "alarm_name": name,
                    "delay_hours": as_decimal(delay),
                    "cost": incident_cost(traffic, failed_ratio, delay),
                    "billing_currency": traffic.currency,
                    "source": limit["source"],
                }
            )
    return make(CROSSING_ALARM, rows)


def _hours(limit: dict[str, Any]) -> Fraction:
    if limit["unit"] not in HOURS:
        raise ParameterError(
            limit["limit_name"], limit["unit"], expected="a delay in " + ", ".join(HOURS)
        )
    return Fraction(limit["limit_value"]) * HOURS[limit["unit"]]
