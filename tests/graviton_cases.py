"""Accounts made for tests, and settings without uncertainty or cost of their own."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal as D

from prismlib.analyses.graviton_inputs import GravitonInputs, GravitonSettings
from prismlib.analyses.graviton_savings import GravitonResults, analyse_graviton
from prismlib.periods import Period
from prismlib.pulled_tables import COMMITMENT, DATABASE, INSTANCE, MANAGED_NODE
from prismlib.sources.prices import read_reference_tables
from prismlib.tables import make, records

REFERENCE = read_reference_tables()
AS_OF = date(2025, 11, 16)
PERIOD = Period.month("2025-10")
REGION = "us-west-2"

CHOICES = {
    "generation": "Graviton3",
    "fleet_count": "expected",
    "reserved_as": "standard RI",
    "payment": "all upfront",
    "missing_rates": "unknown",
    "workload": "auto",
    "sized_by": "auto",
    "scope_name": "size",
}
PLAN = {
    "horizon_months": 24,
    "share_per_month_pct": 100,
    "parallel_days": 0,
    "test_usd": 0,
    "discount_rate_pct": 0,
}


def settings(*, commitment_end="", term_years=1, efforts=None, plan=None, start=AS_OF, **choices):
    """Return settings: people, tests and parallel running cost nothing unless asked for."""
    return GravitonSettings.of(
        choices=CHOICES | choices,
        term_years=term_years,
        commitment_end=commitment_end,
        simulation={"single_run_cv_pct": 7, "confidence_pct": 80, "draws": 4000, "seed": 80},
        efforts=efforts or {},
        plan=PLAN | (plan or {}),
        start=start,
    )


def instances(count, instance_type, *, first=0, tags=None, **changed):
    """Return INSTANCE rows that are alike."""
    return [
        {
            "region_id": REGION,
            "instance_id": f"i-{instance_type}-{first + number}",
            "instance_type": instance_type,
            "state": "running",
            "platform": "Linux/UNIX",
            "architecture": "x86_64",
            "purchase": "on-demand",
            "tags": json.dumps(tags or {}, sort_keys=True),
            **changed,
        }
        for number in range(count)
    ]


def reservation(count, instance_type, hourly, ends, *, kind="standard RI", **changed):
    """Return a COMMITMENT row of reserved instances: one year, all upfront at `hourly`."""
    return {
        "commitment_id": f"ri-{instance_type}-{ends}-{kind}",
        "commitment": kind,
        "region_id": REGION,
        "scope": "Region",
        "instance_type": instance_type,
        "platform": "Linux/UNIX",
        "committed_count": count,
        "payment": "all upfront",
        "term_years": 1,
        "ends_at": datetime(ends.year, ends.month, ends.day, tzinfo=UTC),
        "state": "active",
        "recurring_usd_per_hour": D(0),
        "upfront_usd": D(hourly) * 8760,
        **changed,
    }


def plan(kind, hourly, ends, family="", region=REGION):
    """Return a COMMITMENT row of a savings plan of `hourly` dollars."""
    return {
        "commitment_id": f"sp-{kind}",
        "commitment": kind,
        "region_id": region,
        "instance_family": family,
        "payment": "no upfront",
        "term_years": 1,
        "ends_at": datetime(ends.year, ends.month, ends.day, tzinfo=UTC),
        "state": "active",
        "commitment_usd_per_hour": D(hourly),
    }


def database(instance_type="db.r6i.xlarge", engine="postgres", version="16.1", **changed):
    """Return a DATABASE row."""
    return {
        "region_id": REGION,
        "database_id": f"d-{instance_type}-{engine}-{version}",
        "instance_type": instance_type,
        "engine": engine,
        "engine_version": version,
        "state": "available",
        "is_multi_az": False,
        "tags": "{}",
        **changed,
    }


def charge(usage_type, quantity, cost, *, record_type="Usage", amortized=None, **changed):
    """Return a COST row of a day of October 2025."""
    return {
        "charge_period_start": date(2025, 10, 1),
        "charge_period_end": date(2025, 10, 2),
        "provider_name": "AWS",
        "service_name": "Amazon Elastic Compute Cloud - Compute",
        "usage_type": usage_type,
        "region_id": REGION,
        "record_type": record_type,
        "tags": "{}",
        "usage_unit": "Hrs",
        "charge_kind": "usage",
        "usage_quantity": D(quantity),
        "unblended_cost": D(cost),
        "amortized_cost": D(amortized if amortized is not None else cost),
        "billing_currency": "USD",
        "is_estimated": False,
        **changed,
    }


def nodes(count, instance_type, engine, version, *, service="ElastiCache", **changed):
    """Return a MANAGED_NODE row."""
    return {
        "region_id": "us-east-1",
        "service_name": service,
        "resource_id": f"n-{instance_type}-{engine}-{version}",
        "node_role": "data",
        "engine": engine,
        "engine_version": version,
        "instance_type": instance_type,
        "node_count": None if count is None else D(count),
        "state": "available",
        **changed,
    }


def account(*instance_rows, commitments=(), databases=(), managed=(), cost=None, reference=None):
    """Return the inputs of an account."""
    tables = {}
    if instance_rows:
        tables["instance"] = make(INSTANCE, instance_rows)
    if commitments:
        tables["commitment"] = make(COMMITMENT, commitments)
    if databases:
        tables["database"] = make(DATABASE, databases)
    if managed:
        tables["managed_node"] = make(MANAGED_NODE, managed)
    if cost is not None:
        tables["cost"] = cost
    return GravitonInputs.of(tables, reference or REFERENCE, period=PERIOD, as_of=AS_OF)


def analysed(*instance_rows, setting=None, **tables) -> GravitonResults:
    """Return the results for an account."""
    return analyse_graviton(account(*instance_rows, **tables), setting or settings())


def savings(results: GravitonResults) -> dict[str, D | None]:
    """Return the saving by price of each line in the chosen generation."""
    return {row["line_name"]: row["monthly_saving"] for row in records(results.chosen)}


def line(results: GravitonResults, name: str) -> dict:
    """Return the one line whose name holds `name`."""
    (row,) = (row for row in records(results.lines) if name in row["line_name"])
    return row
