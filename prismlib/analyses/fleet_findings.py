"""Findings on what is behind a cost line: the resources and the volume that it pays for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from prismlib.analyses.cost_inputs import CostInputs
from prismlib.analyses.cost_variance import CostResults
from prismlib.analyses.excluded_costs import unit_price
from prismlib.analyses.implied_rates import INSTANCE, find_price, sized_fleets
from prismlib.analyses.judging import (
    counted,
    evidence,
    known_costs,
    listed,
    severity_of_amount,
    worse,
)
from prismlib.findings import Finding, Severity, Verdict, judge, slug
from prismlib.formats import count, money
from prismlib.money import exact_sum
from prismlib.tables import records

NOTEBOOK = "cost_variance"
LOAD_BALANCER = "load balancer"
SECONDS_PER_HOUR = Decimal(3600)


def fleet_findings(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    """Yield the findings on resources and volumes behind the current costs."""
    known = known_costs(results)
    yield from _deployed(inputs, results, known)
    yield from _fleet_at_list(inputs, known)
    yield from _calendar_month(inputs, results)
    yield from _load_balancer_volume(inputs, known)
    yield from _replication_and_backup(inputs, results, known)


def _deployed(
    inputs: CostInputs, results: CostResults, costs: dict[str, Decimal]
) -> Iterator[Finding]:
    """Yield the resources that a line pays for and that do not exist.

    The cost of missing instances is in doubt in proportion; of other resources, what the line has
    above its baseline.
    """
    if inputs.fleet is None:
        return
    components = results.components
    changes = dict(zip(components["component"], components["cost_change"], strict=True))
    for row in records(inputs.fleet):
        expected, deployed = row["expected_count"], row["deployed_count"]
        cost = costs.get(row["component"])
        if expected is None or deployed is None or cost is None or deployed >= expected:
            continue
        is_fleet = row["resource_name"] == INSTANCE
        several = list(inputs.fleet["component"]).count(row["component"]) > 1
        suffix = f".{slug(row['resource_name'])}" if several else ""
        sized_for = counted(expected, row["resource_name"])
        verb = "is" if deployed == 1 else "are"
        in_proportion = cost * deployed / expected
        doubtful = cost - in_proportion if is_fleet else changes[row["component"]]
        words = f" In proportion that would be {money(in_proportion)}." if is_fleet else ""
        yield Finding(
            id=f"cost.deployed.{slug(row['component'])}{suffix}",
            notebook=NOTEBOOK,
            title=f"{row['component']}: paid for, not deployed",
            statement=f"The line of {money(cost)} is for {sized_for}; there {verb} "
            f"{count(deployed)}{': ' + row['note'] if row['note'] else ''}.{words}",
            severity=worse(severity_of_amount(doubtful), Severity.MEDIUM),
            verdict=Verdict.CONTRADICTS,
            value=deployed,
            expected=expected,
            evidence=evidence("fleet", 1, row["source"]),
        )


def _fleet_at_list(inputs: CostInputs, costs: dict[str, Decimal]) -> Iterator[Finding]:
    if inputs.fleet is None:
        return
    fleets = [r for r in sized_fleets(inputs.fleet) if r["component"] in costs]
    prices = [find_price(inputs.prices, r["instance_type"], r["region_id"]) for r in fleets]
    if not fleets or any(p is None for p in prices):
        return
    if any(r["deployed_count"] is None for r in fleets):
        return
    at_list = exact_sum(
        r["deployed_count"] * r["hours_per_month"] * p["usd_per_hour"]
        for r, p in zip(fleets, prices, strict=True)
        if p is not None
    )
    billed = exact_sum(costs[r["component"]] for r in fleets)
    if at_list >= billed:
        return
    ratio = None if at_list == 0 else round(billed / at_list, 1)
    yield Finding(
        id="cost.deployed_fleet_at_list",
        notebook=NOTEBOOK,
        title="Instances: billed against deployed",
        statement=f"The instances that exist cost {money(at_list)} a month on demand, without "
        f"any discount; {money(billed)} is billed, {count(ratio)} times as much.",
        severity=severity_of_amount(billed - at_list),
        verdict=Verdict.CONTRADICTS,
        value=at_list,
        unit="USD",
        expected=billed,
        evidence=evidence("fleet", len(fleets), *(r["source"] for r in fleets)),
    )


def _calendar_month(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    """Yield whether stated hourly costs fit the number of hours of the month they are for."""
    if results.actuals_name != "statement" or inputs.fleet is None:
        return
    month_hours = Decimal(inputs.period.days * 24)
    rows = [r for r in records(results.rates) if r["hours_per_month"] != month_hours]
    if not rows:
        return
    missing = exact_sum(r["cost"] * (month_hours / r["hours_per_month"] - 1) for r in rows)
    names = listed([r["component"] for r in rows])
    yield Finding(
        id="cost.calendar_month",
        notebook=NOTEBOOK,
        title="A model's month, not a bill's",
        statement=f"{names} are priced for {count(rows[0]['hours_per_month'])} hours; "
        f"{inputs.period} has {count(month_hours)}. A bill for the same instances would be "
        f"{money(abs(missing))} {'higher' if missing > 0 else 'lower'}: the stated actuals follow "
        "a cost model.",
        severity=severity_of_amount(missing),
        verdict=Verdict.CONTRADICTS,
        value=month_hours,
        unit="h",
        expected=rows[0]["hours_per_month"],
        evidence=evidence("implied_rate", len(rows)),
    )


def _load_balancer_volume(inputs: CostInputs, costs: dict[str, Decimal]) -> Iterator[Finding]:
    if inputs.fleet is None:
        return
    price = unit_price(inputs.unit_prices, "nlcu_hour")
    for row in records(inputs.fleet):
        cost, hours = costs.get(row["component"]), row["hours_per_month"]
        if row["resource_name"] != LOAD_BALANCER or cost is None or not hours or not price:
            continue
        units = cost / price
        gb_per_s = units / hours / SECONDS_PER_HOUR
        exists = row["deployed_count"] is None or row["deployed_count"] > 0
        yield Finding(
            id=f"cost.implied_volume.{slug(row['component'])}",
            notebook=NOTEBOOK,
            title=f"{row['component']}: implied volume",
            statement=f"{money(cost)} pays for {count(round(units / 1_000_000, 2))} million "
            f"NLCU-hours, {count(round(gb_per_s, 2))} GB/s all month if bytes dominate"
            + ("." if exists else ", through a load balancer that does not exist."),
            severity=Severity.INFO if exists else severity_of_amount(cost),
            verdict=Verdict.UNKNOWN if exists else Verdict.CONTRADICTS,
            value=gb_per_s,
            unit="GB/s",
            evidence=evidence("fleet", 1, row["source"]),
        )


def _replication_and_backup(
    inputs: CostInputs, results: CostResults, costs: dict[str, Decimal]
) -> Iterator[Finding]:
    stated = results.stated
    claimed, quantity = stated.value("replication_cost"), stated.value("replicated_gb")
    storage = unit_price(inputs.unit_prices, "s3_standard_gb_month")
    transfer = unit_price(inputs.unit_prices, "inter_region_gb")
    if claimed is None or quantity is None or storage is None or transfer is None:
        return
    candidates = {
        "stored a month": quantity * storage,
        "moved once": quantity * transfer,
        "both": quantity * (storage + transfer),
    }
    fits = [
        name for name, amount in candidates.items() if judge(claimed, amount, decimals=0) == "holds"
    ]
    listed_candidates = listed([f"{money(amount)} {name}" for name, amount in candidates.items()])
    yield Finding(
        id="cost.replication_price",
        notebook=NOTEBOOK,
        title="Price of replication",
        statement=f"{count(quantity / 1000)} TB cost {listed_candidates}; the stated "
        f"{money(claimed)} would be {count(round(claimed / storage / 1000, 1))} TB stored or "
        f"{count(round(claimed / transfer / 1000, 1))} TB moved.",
        severity=Severity.INFO if fits else Severity.LOW,
        verdict=Verdict.HOLDS if fits else Verdict.NOT_REPRODUCIBLE,
        value=candidates["stored a month"],
        unit="USD",
        expected=claimed,
        evidence=evidence("claim", 2, stated.source("replication_cost")),
    )
    yield from _backup(results, costs, claimed, storage)


def _backup(
    results: CostResults, costs: dict[str, Decimal], replication: Decimal, storage: Decimal
) -> Iterator[Finding]:
    row = results.stated.rows.get("backup_gb")
    cost = None if row is None else costs.get(row["component"])
    if row is None or cost is None or row["stated_value"] is None:
        return
    stored = row["stated_value"] * storage
    left = cost - stored - replication
    yield Finding(
        id=f"cost.parts.{slug(row['component'])}",
        notebook=NOTEBOOK,
        title=f"{row['component']}: what it is made of",
        statement=f"{count(row['stated_value'] / 1000)} TB stored are {money(stored)}; with the "
        f"stated replication of {money(replication)} that is {money(stored + replication)}. "
        f"{money(left)} of {money(cost)} is not explained, and no line pays for instances in the "
        "recovery region.",
        severity=Severity.MEDIUM if left else Severity.INFO,
        verdict=Verdict.NOT_REPRODUCIBLE if left else Verdict.HOLDS,
        value=stored + replication,
        unit="USD",
        expected=cost,
        evidence=evidence("claim", 2, row["source"]),
    )
