"""What was committed to: savings plans, and reservations of each service that has them.

Savings plans belong to the whole account, and cover every region.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd

from prismlib.pulled_tables import COMMITMENT
from prismlib.sources.calls import Caller
from prismlib.sources.collecting import PullContext
from prismlib.sources.inventory import (
    Row,
    account_of,
    canonical,
    instant,
    number,
    readable,
    tags_json,
)
from prismlib.sources.inventory_nodes import CACHE, SEARCH

COMMITMENT_ACTIONS = (
    "ec2:DescribeReservedInstances",
    "elasticache:DescribeReservedCacheNodes",
    "es:DescribeReservedInstances",
    "rds:DescribeReservedDBInstances",
    "savingsplans:DescribeSavingsPlans",
)

YEAR_S = 365 * 24 * 3600

PLANS = {
    "Compute": "compute savings plan",
    "EC2Instance": "EC2 instance savings plan",
    "SageMaker": "SageMaker savings plan",
    "Database": "database savings plan",
}
"""Name of a savings plan's type in the API -> in the table of commitment rates."""

PLAN_STATES = ("active", "queued", "payment-pending", "pending-return", "returned", "retired")


def collect_commitments(caller: Caller, context: PullContext) -> pd.DataFrame:
    """Return COMMITMENT; a kind or a region that cannot be read is named, and the others go on.

    Raises
    ------
    CallError
        None of them could be read.
    """
    parts: dict[str, Callable[[], list[Row]]] = {"savings plans": partial(_plans, caller)}
    for region in context.regions:
        parts[f"reserved instances in {region}"] = partial(_reserved, caller, region)
        parts[f"reserved databases in {region}"] = partial(_databases, caller, region)
        parts[f"reserved cache nodes in {region}"] = partial(_caches, caller, region)
        parts[f"reserved search nodes in {region}"] = partial(_searches, caller, region)
    return readable(context, COMMITMENT, parts)


def _reserved(caller: Caller, region: str) -> list[Row]:
    answer = caller.ask("ec2", "describe_reserved_instances", region=region)
    return list(parse_reserved_instances(answer, region))


def _databases(caller: Caller, region: str) -> list[Row]:
    pages = caller.pages(
        "rds",
        "describe_reserved_db_instances",
        token="Marker",
        answer_token="Marker",
        region=region,
        MaxRecords=100,
    )
    return [row for page in pages for row in parse_reserved_databases(page, region)]


def _caches(caller: Caller, region: str) -> list[Row]:
    pages = caller.pages(
        "elasticache",
        "describe_reserved_cache_nodes",
        token="Marker",
        answer_token="Marker",
        region=region,
        MaxRecords=100,
    )
    return [row for page in pages for row in parse_reserved_caches(page, region)]


def _searches(caller: Caller, region: str) -> list[Row]:
    pages = caller.pages(
        "opensearch",
        "describe_reserved_instances",
        token="NextToken",
        answer_token="NextToken",
        region=region,
        MaxResults=100,
    )
    return [row for page in pages for row in parse_reserved_searches(page, region)]


def _plans(caller: Caller) -> list[Row]:
    pages = caller.pages(
        "savingsplans",
        "describe_savings_plans",
        token="nextToken",
        answer_token="nextToken",
        states=list(PLAN_STATES),
        maxResults=1000,
    )
    return [row for page in pages for row in parse_savings_plans(page)]


def parse_reserved_instances(answer: Mapping[str, Any], region: str) -> Iterator[Row]:
    """Yield the COMMITMENT rows of one answer of DescribeReservedInstances."""
    for one in answer.get("ReservedInstances", ()):
        zone = one.get("AvailabilityZoneId") or one.get("AvailabilityZone")
        yield {
            "commitment_id": one["ReservedInstancesId"],
            "commitment": f"{one.get('OfferingClass', '')} RI".strip(),
            "service_name": "Amazon Elastic Compute Cloud - Compute",
            "region_id": region,
            "scope": zone if one.get("Scope") == "Availability Zone" and zone else "Region",
            "instance_type": one.get("InstanceType", ""),
            "platform": one.get("ProductDescription", ""),
            "tenancy": one.get("InstanceTenancy", ""),
            "committed_count": one.get("InstanceCount"),
            "payment": one.get("OfferingType", "").lower(),
            "term_years": _years(one.get("Duration")),
            "starts_at": instant(one.get("Start")),
            "ends_at": instant(one.get("End")),
            "state": one["State"],
            "tags": tags_json(one.get("Tags")),
            **_reserved_prices(one),
        }


def parse_reserved_databases(answer: Mapping[str, Any], region: str) -> Iterator[Row]:
    """Yield the COMMITMENT rows of one answer of DescribeReservedDBInstances."""
    for one in answer.get("ReservedDBInstances", ()):
        yield {
            "commitment_id": one["ReservedDBInstanceId"],
            "commitment": "RDS RI",
            "service_name": "Amazon Relational Database Service",
            "sub_account_id": account_of(one.get("ReservedDBInstanceArn", "")),
            "region_id": region,
            "scope": "Region",
            "instance_type": one.get("DBInstanceClass", ""),
            "platform": one.get("ProductDescription", ""),
            "is_multi_az": one.get("MultiAZ"),
            "committed_count": one.get("DBInstanceCount"),
            "payment": one.get("OfferingType", "").lower(),
            "state": one["State"],
            "tags": "{}",
            **_term(one),
            **_reserved_prices(one),
        }


def parse_reserved_caches(answer: Mapping[str, Any], region: str) -> Iterator[Row]:
    """Yield the COMMITMENT rows of one answer of DescribeReservedCacheNodes."""
    for one in answer.get("ReservedCacheNodes", ()):
        yield {
            "commitment_id": one["ReservedCacheNodeId"],
            "commitment": "ElastiCache RI",
            "service_name": CACHE,
            "sub_account_id": account_of(one.get("ReservationARN", "")),
            "region_id": region,
            "scope": "Region",
            "instance_type": one.get("CacheNodeType", ""),
            "platform": one.get("ProductDescription", ""),
            "committed_count": one.get("CacheNodeCount"),
            "payment": one.get("OfferingType", "").lower(),
            "state": one["State"],
            "tags": "{}",
            **_term(one),
            **_reserved_prices(one),
        }


def parse_reserved_searches(answer: Mapping[str, Any], region: str) -> Iterator[Row]:
    """Yield the COMMITMENT rows of one answer of DescribeReservedInstances of OpenSearch."""
    for one in answer.get("ReservedInstances", ()):
        yield {
            "commitment_id": one["ReservedInstanceId"],
            "commitment": "OpenSearch RI",
            "service_name": SEARCH,
            "region_id": region,
            "scope": "Region",
            "instance_type": one.get("InstanceType", ""),
            "committed_count": one.get("InstanceCount"),
            "payment": one.get("PaymentOption", "").lower().replace("_", " "),
            "state": one["State"],
            "tags": "{}",
            **_term(one),
            **_reserved_prices(one),
        }


def parse_savings_plans(answer: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the COMMITMENT rows of one answer of DescribeSavingsPlans."""
    for one in answer.get("savingsPlans", ()):
        is_usd = one.get("currency", "USD") == "USD"
        kind = one.get("savingsPlanType", "")
        yield {
            "commitment_id": one["savingsPlanId"],
            "commitment": PLANS.get(kind, f"{kind} savings plan".strip()),
            "sub_account_id": account_of(one.get("savingsPlanArn", "")),
            "region_id": one.get("region", "") if kind == "EC2Instance" else "",
            "scope": "|".join(sorted(one.get("productTypes", ()))),
            "instance_family": one.get("ec2InstanceFamily", ""),
            "payment": one.get("paymentOption", "").lower(),
            "term_years": _years(one.get("termDurationInSeconds")),
            "starts_at": instant(one.get("start")),
            "ends_at": instant(one.get("end")),
            "state": one["state"],
            "commitment_usd_per_hour": number(one.get("commitment")) if is_usd else None,
            "upfront_usd": number(one.get("upfrontPaymentAmount")) if is_usd else None,
            "tags": canonical(one.get("tags") or {}),
            "note": "" if is_usd else f"amounts are in {one['currency']}",
        }


def _term(one: Mapping[str, Any]) -> Row:
    """Return when a reservation begins and ends, where the answer gives its start and duration."""
    start, duration = instant(one.get("StartTime")), one.get("Duration")
    return {
        "term_years": _years(duration),
        "starts_at": start,
        "ends_at": start + timedelta(seconds=duration) if start and duration else None,
    }


def _reserved_prices(one: Mapping[str, Any]) -> Row:
    """Return what one reserved instance costs upfront and by the hour."""
    currency = one.get("CurrencyCode", "USD")
    if currency != "USD":
        return {"note": f"amounts are in {currency}"}
    # EC2 says Amount and Frequency, the others RecurringChargeAmount and RecurringChargeFrequency.
    amounts = {
        charge.get("Frequency") or charge.get("RecurringChargeFrequency"): charge.get("Amount")
        or charge.get("RecurringChargeAmount")
        for charge in one.get("RecurringCharges", ())
    }
    hourly = amounts.pop("Hourly", None)
    known = [n for n in (number(one.get("UsagePrice")), number(hourly)) if n is not None]
    return {
        "upfront_usd": number(one.get("FixedPrice")),
        "recurring_usd_per_hour": sum(known, start=Decimal(0)) if known else None,
        "note": f"also charged: {', '.join(sorted(map(str, amounts)))}" if amounts else "",
    }


def _years(seconds: int | None) -> int | None:
    return None if seconds is None else round(seconds / YEAR_S)
