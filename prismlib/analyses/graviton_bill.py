"""Compute on a bill: which types, for how many hours, at what rate.

Method. A usage type names the service and the instance type. The rate is the cost of the hours over
their number, in a cost that spreads commitments over their use (effective, else amortized), else in
what was charged. A bill that tells use under a reservation or a savings plan from other use gives a
line for each.

Functions are billed by the GB-second: 3,600 of them are an hour of a GB, so that a function has an
hourly rate like everything else.

Of a month that is not over only the days before the day of the data are looked at: their hours say
how many instances ran.

Known limits. A usage type names no operating system and no engine.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.money import divide, exact_sum, scale
from prismlib.periods import Period
from prismlib.tables import records

USAGE_TYPES = (
    ("EC2", re.compile(r".*(HostBox|Dedicated|Box)Usage:(?P<type>\S+)"), "on-demand"),
    ("EC2", re.compile(r".*SpotUsage:(?P<type>\S+)"), "spot"),
    ("RDS", re.compile(r".*InstanceUsage:(?P<type>db\.\S+)"), "on-demand"),
    ("RDS", re.compile(r".*Multi-AZUsage:(?P<type>db\.\S+)"), "on-demand"),
    ("ElastiCache", re.compile(r".*NodeUsage:(?P<type>cache\.\S+)"), "on-demand"),
    ("OpenSearch", re.compile(r".*ESInstance:(?P<type>\S+)"), "on-demand"),
    ("Lambda", re.compile(r".*Lambda-(?P<type>GB-Second\S*)"), "on-demand"),
)
"""Which usage types are compute, and how they were bought."""

TENANCIES = (("HostBoxUsage:", "host"), ("DedicatedUsage:", "dedicated"))
"""Usage types of instances that share their host with nobody; the others are shared."""

SECONDS_PER_HOUR = Decimal(3600)

RATE_METRICS = ("effective_cost", "amortized_cost", "unblended_cost", "billed_cost")
"""The costs a rate may come from, the best first."""

COMMITTED = {"discountedusage": "standard RI", "savingsplancoveredusage": "unknown"}
"""What pays for use, by record type without spaces; a bill does not name the kind of plan."""


@dataclass(frozen=True)
class BilledUse:
    """The use of a type in a region over a period, as a bill gives it.

    `commitment` is "" for use that no commitment covers, or where the bill does not tell.
    """

    compute_service: str
    region_id: str
    instance_type: str
    purchase: str
    commitment: str
    is_multi_az: bool
    tenancy: str
    hours: Decimal
    usd_per_hour: Decimal | None


def days_covered(period: Period, as_of: date) -> Period:
    """Return the part of a period before `as_of`; all of it if none or all of it is."""
    return Period(period.start, as_of) if as_of in period and as_of > period.start else period


def billed_use(cost: pd.DataFrame | None, period: Period) -> list[BilledUse]:
    """Return the compute on a bill (COST) that starts in `period`; in US dollars only."""
    if cost is None or set(cost["billing_currency"]) != {"USD"}:
        return []
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in records(cost):
        key = _key(row) if row["charge_period_start"] in period else None
        if key is not None and row["charge_kind"] == "usage" and row["usage_quantity"]:
            groups.setdefault(key, []).append(row)
    return [_use(key, rows) for key, rows in groups.items()]


def _key(row: dict[str, Any]) -> tuple[Any, ...] | None:
    usage_type = row["usage_type"] or row["charge_description"]
    for service, pattern, purchase in USAGE_TYPES:
        match = pattern.fullmatch(usage_type)
        if match:
            record = row["record_type"].replace(" ", "").lower()
            commitment = COMMITTED.get(record, "")
            is_multi_az = "Multi-AZ" in usage_type
            tenancy = next((name for part, name in TENANCIES if part in usage_type), "")
            kind = service, row["region_id"], match["type"], purchase
            return *kind, commitment, is_multi_az, tenancy
    return None


def _use(key: tuple[Any, ...], rows: list[dict[str, Any]]) -> BilledUse:
    hours = exact_sum(row["usage_quantity"] for row in rows)
    if key[0] == "Lambda":
        hours = scale(hours, Decimal(1), SECONDS_PER_HOUR)
    metric = next(
        (name for name in RATE_METRICS if all(row[name] is not None for row in rows)), None
    )
    rate = None if metric is None else divide(exact_sum(row[metric] for row in rows), hours)
    service, region, kind, purchase, commitment, is_multi_az, tenancy = key
    return BilledUse(service, region, kind, purchase, commitment, is_multi_az, tenancy, hours, rate)
