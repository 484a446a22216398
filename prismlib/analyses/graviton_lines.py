"""Which instances there are, in lines of those that are alike, and what is known of their rate.

Method. A line comes from the first of these that the snapshot has, service by service:

1. the account: EC2 instances that run, databases, cache and search nodes, cut by the commitments
   that cover them (`prismlib.analyses.graviton_coverage`);
2. a fleet that a document describes, in the counts that a cost line was sized for or that run. The
   rate that its cost line implies is no input: `prismlib.analyses.graviton_claims` judges it;
3. the bill, by usage type.

Instances on a bill are its hours over those of the days that it covers; one that runs all October
is one. The money of a month is that of 730 hours, as on AWS price pages, whatever the month.

Known limits. The account is that of the moment of the pull; what ran for part of the month counts
for a whole one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.graviton_bill import BilledUse, billed_use, days_covered
from prismlib.analyses.graviton_coverage import covered
from prismlib.analyses.graviton_inputs import GravitonInputs, GravitonSettings
from prismlib.analyses.graviton_rates import ON_DEMAND, RateBook
from prismlib.analyses.judging import listed
from prismlib.analyses.migration_schedule import add_months
from prismlib.errors import ParameterError
from prismlib.money import HOURS_PER_MONTH, divide
from prismlib.periods import Period
from prismlib.tables import records

NAME_TAGS = ("component", "app", "application", "service", "role", "workload")
"""Tags that say what an instance is part of, the first one first."""
X86_TAGS = ("arch", "architecture", "cpu_architecture", "x86_only", "x86-only")
RUNNING = ("running", "available", "backing-up", "modifying", "storage-optimization")
RUNNING_NODE = ("", "active", "snapshotting", "rebooting cluster nodes", *RUNNING)
ASSUMED_END = "end of the commitment not stated: the latest possible is taken"
DISTINCT = ("region_id", "instance_type", "architecture", "platform", "tenancy", "purchase")
DISTINCT_DATABASE = ("region_id", "instance_type", "engine", "engine_version", "is_multi_az")
DISTINCT_NODE = ("region_id", "instance_type", "engine", "engine_version")
AUTO = "auto"
PRICED_BY = ("commitment", "commitment_end", "is_multi_az", "platform", "engine")

Row = dict[str, Any]


def service_of(instance_type: str) -> str:
    """Return the service that an instance type belongs to."""
    if instance_type.startswith("db."):
        return "RDS"
    if instance_type.startswith("cache."):
        return "ElastiCache"
    return "OpenSearch" if instance_type.endswith(".search") else "EC2"


def usage_lines(inputs: GravitonInputs, settings: GravitonSettings, book: RateBook) -> list[Row]:
    """Return the lines of usage as rows that `GRAVITON_LINE` is made of, each with its own name."""
    days = days_covered(inputs.period, inputs.as_of)
    uses = [] if inputs.is_bill_synthetic else billed_use(inputs.cost, days)
    rows = _of_account(inputs, book, uses)
    services = {row["compute_service"] for row in rows}
    stated = [r for r in _of_fleet(inputs, settings) if r["compute_service"] not in services]
    services |= {row["compute_service"] for row in stated}
    billed = [_of_bill(use, days) for use in uses if use.compute_service not in services]
    return _named([*rows, *stated, *billed])


def no_lines(inputs: GravitonInputs) -> str:
    """Return why there are no lines of usage, for a snapshot that gives none."""
    cost = inputs.cost
    if cost is None or inputs.is_bill_synthetic:
        return "the snapshot holds no instances, databases or nodes, and no bill of its own"
    others = sorted(set(cost["billing_currency"]) - {"USD"})
    if others:
        return f"the bill is in {listed(others)}, the price tables in USD"
    return f"the bill lists no compute in {inputs.period}"


def _line(**known: Any) -> Row:
    """Return a line with what is known; the rest is missing."""
    return {
        "component": "",
        "instance_count": None,
        "hours_per_month": HOURS_PER_MONTH,
        "architecture": "",
        "platform": "",
        "tenancy": "",
        "purchase": "on-demand",
        "commitment": ON_DEMAND,
        "commitment_end": None,
        "term_years": None,
        "payment": "",
        "engine": "",
        "engine_version": "",
        "is_multi_az": False,
        "tags": "{}",
        "own_usd_per_hour": None,
        "note": "",
        **known,
    }


def _of_fleet(inputs: GravitonInputs, settings: GravitonSettings) -> Iterator[Row]:
    """Yield the lines of a fleet that a document describes."""
    if inputs.fleet is None:
        return
    for fleet in records(inputs.fleet):
        if not fleet["instance_type"]:
            continue
        row = _line(
            compute_service=service_of(fleet["instance_type"]),
            instance_count=fleet[f"{settings.fleet_count}_count"],
            engine="postgres" if "postgres" in fleet["component"].lower() else "",
            **{k: fleet[k] for k in ("component", "region_id", "instance_type")},
            hours_per_month=fleet["hours_per_month"],
        )
        if "reserved" in fleet["component"].lower():
            row |= _stated_commitment(inputs, settings)
        yield row


def _stated_commitment(inputs: GravitonInputs, settings: GravitonSettings) -> Row:
    """Return what "reserved" means for a line of a document that does not say more.

    Raises
    ------
    ParameterError
        The commitment is said to have ended before the day of the data: the line would be on
        demand, and no saving would wait for it.
    """
    if settings.reserved_as == ON_DEMAND:
        return {}
    ends = settings.commitment_end
    if ends is not None and ends <= inputs.as_of:
        raise ParameterError(
            "commitment_end",
            ends.isoformat(),
            expected=f"a day after {inputs.as_of}, the day of the data",
            remedy="for a commitment that has ended: -p reserved_as='on demand'",
        )
    latest = add_months(inputs.period.start, 12 * settings.term_years)
    return {
        "commitment": settings.reserved_as,
        "commitment_end": ends or latest,
        "term_years": settings.term_years,
        "payment": settings.payment,
        "note": ASSUMED_END if ends is None else "",
    }


def _of_account(inputs: GravitonInputs, book: RateBook, uses: list[BilledUse]) -> list[Row]:
    """Return the lines of what runs in an account, cut by the commitments that cover them."""
    lines = [
        *_alike(inputs.instance, "EC2", DISTINCT),
        *_alike(inputs.database, "RDS", DISTINCT_DATABASE),
        *_of_nodes(inputs.managed_node),
    ]
    commitments = [] if inputs.commitment is None else records(inputs.commitment)
    found = covered(lines, commitments, inputs.as_of, book)
    return [_with_billed_rate(row, found, uses) for row in found]


def _alike(frame: pd.DataFrame | None, service: str, names: tuple[str, ...]) -> list[Row]:
    """Return a line for all that runs and is alike in `names` and in the tags that matter."""
    groups: dict[tuple[Any, ...], Row] = {}
    for one in records(frame) if frame is not None else []:
        if one["state"] not in RUNNING:
            continue
        tags = kept_tags(one["tags"])
        key = (*(one[name] for name in names), tags)
        if key not in groups:
            known = {name: one[name] for name in names}
            known |= {"tenancy": known.get("tenancy", "").replace("default", "")}
            groups[key] = _line(
                compute_service=service,
                component=_component(tags),
                tags=tags,
                instance_count=Decimal(0),
                **known,
            )
        groups[key]["instance_count"] += 1
    return list(groups.values())


def _of_nodes(frame: pd.DataFrame | None) -> list[Row]:
    """Return the lines of cache and search nodes; a count that is not known stays unknown."""
    groups: dict[tuple[Any, ...], Row] = {}
    for one in records(frame) if frame is not None else []:
        if one["state"] not in RUNNING_NODE or one["node_count"] == 0:
            continue
        count = one["node_count"]
        role = "" if one["node_role"] == "data" else f"{one['node_role']} nodes"
        known = {name: one[name] for name in DISTINCT_NODE} | {"engine": one["engine"].lower()}
        key = (*known.values(), role, one["resource_id"] if count is None else "")
        if key not in groups:
            service = service_of(one["instance_type"])
            started = None if count is None else Decimal(0)
            groups[key] = _line(
                compute_service=service, component=role, instance_count=started, **known
            )
        if count is not None:
            groups[key]["instance_count"] += count
    return list(groups.values())


def kept_tags(tags: str) -> str:
    """Return the tags that tell lines apart: names of a part, and what is for x86 only."""
    kept = {
        key.lower(): str(value).lower()
        for key, value in json.loads(tags or "{}").items()
        if key.lower() in (*NAME_TAGS, *X86_TAGS)
    }
    return json.dumps(kept, sort_keys=True)


def _component(tags: str) -> str:
    known = json.loads(tags)
    return next((str(known[key]) for key in NAME_TAGS if known.get(key)), "")


def _with_billed_rate(line: Row, lines: list[Row], uses: list[BilledUse]) -> Row:
    """Return a line with the rate of the bill, if every hour of its type is paid in one way."""
    names = ("compute_service", "region_id", "instance_type", "purchase", "tenancy")
    if line["own_usd_per_hour"] is not None:
        return line
    terms = {
        tuple(other[name] for name in PRICED_BY)
        for other in lines
        if all(other[name] == line[name] for name in names)
    }
    rates = [use for use in uses if all(getattr(use, name) == line[name] for name in names)]
    if len(terms) > 1 or len(rates) != 1:
        return line
    return line | {"own_usd_per_hour": rates[0].usd_per_hour}


def _of_bill(use: BilledUse, days: Period) -> Row:
    """Return the line of a usage type; the instances of a function are GB that run all month."""
    is_function = use.compute_service == "Lambda"
    hours = 24 * Decimal(days.days)
    what = (
        "instances of a function are GB of memory, on average"
        if is_function
        else "operating system not on the bill"
    )
    return _line(
        compute_service=use.compute_service,
        region_id=use.region_id,
        instance_type=use.instance_type,
        purchase=use.purchase,
        tenancy=use.tenancy,
        commitment=use.commitment or ON_DEMAND,
        is_multi_az=use.is_multi_az,
        architecture="arm64" if is_function and "ARM" in use.instance_type else "",
        instance_count=divide(use.hours, hours),
        own_usd_per_hour=use.usd_per_hour,
        note=f"{what}; hours of {days.days} days, money of a month of {HOURS_PER_MONTH} hours",
    )


def _named(rows: list[Row]) -> list[Row]:
    """Return the lines with a name each: what tells it from the others, in few words."""
    seen: dict[str, int] = {}
    several = len({row["region_id"] for row in rows}) > 1
    for row in rows:
        words = [row["component"] or row["compute_service"], row["instance_type"]]
        words += [row["engine"], row["engine_version"], row["region_id"] if several else ""]
        words += ["two zones"] if row["is_multi_az"] else []
        words += [row["purchase"]] if row["purchase"] != "on-demand" else []
        words += [f"{row['tenancy']} tenancy"] if row["tenancy"] else []
        words += [row["platform"]] if row["platform"] not in ("", "Linux/UNIX") else []
        words += [row["commitment"]] if row["commitment"] != ON_DEMAND else []
        name = ", ".join(filter(None, words))
        seen[name] = seen.get(name, 0) + 1
        row["line_name"] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return rows


def workload_of(row: Row, workloads: pd.DataFrame, wanted: str) -> str:
    """Return the work of a line: `wanted`, or for ``auto`` the first whose pattern its name fits.

    Parameters
    ----------
    row : dict
        A GRAVITON_LINE row in the making; its component, tags, engine and type are read.
    workloads : WORKLOAD
    wanted : str
    """
    if wanted != AUTO:
        return wanted
    names = " ".join(
        str(row[name]) for name in ("component", "tags", "engine", "compute_service", "line_name")
    )
    known = records(workloads)
    named = [r for r in known if r["match_pattern"]]
    rest = [r["workload"] for r in known if not r["match_pattern"]]
    fitting = (r["workload"] for r in named if re.fullmatch(r["match_pattern"], names, re.I | re.S))
    return next(fitting, rest[0] if rest else "")
