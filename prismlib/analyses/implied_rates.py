"""The hourly rate that a cost line implies, against what that hour is sold for.

Method. A line that pays for a fleet implies cost / (count x hours) dollars an hour. It is compared
with the on-demand price of the instance type and with the lowest sourced rate under a commitment. A
"reserved" rate at or above on-demand is no reserved rate.

`explain_rate` looks for where an odd rate comes from: take known amounts (other lines of the same
table, stated allowances) out of the line and see whether exactly a round share of a list price of
the same family is left. Sizes of a family are priced in proportion, so half of the next size up and
all of the own size are the same number; every reading is returned.

Known limits. A match on one figure is arithmetic, not proof; it counts when a document states the
same rate. Commitment rates are sourced for few types: see the confidence in the price table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

import pandas as pd

from prismlib.analyses.reconcile import Part
from prismlib.money import cents, divide, exact_sum
from prismlib.reference_tables import COMMITMENT_RATE, INSTANCE_PRICE
from prismlib.result_tables.cost_variance import IMPLIED_RATE
from prismlib.tables import FLEET, check, make, records

TRUSTED = ("high", "medium")
"""Confidence words of prices that a comparison may rest on."""

LIST_SHARES = (Decimal("1"), Decimal("0.75"), Decimal("0.5"), Decimal("0.25"))
"""Round shares of a list price that models use in place of a quoted commitment rate."""

MAX_REMOVED = 2

INSTANCE = "instance"
"""The FLEET resource that is billed by the hour."""


def implied_rates(
    costs: dict[str, Decimal],
    fleet: pd.DataFrame,
    prices: pd.DataFrame,
    commitments: pd.DataFrame,
) -> pd.DataFrame:
    """Return the rate that each fleet's cost implies, beside list and committed rates.

    Parameters
    ----------
    costs : dict of str to Decimal
        Monthly cost by component. [USD]
    fleet : FLEET
        Rows with an instance type, an expected count and hours are used.
    prices : INSTANCE_PRICE
    commitments : COMMITMENT_RATE

    Returns
    -------
    IMPLIED_RATE
        A row for each fleet whose component has a cost, in the order of `fleet`. A price that is
        not in the table is missing, and the note says so.
    """
    check(fleet, FLEET)
    check(prices, INSTANCE_PRICE)
    check(commitments, COMMITMENT_RATE)
    rows = [
        _implied(fleet_row, costs[fleet_row["component"]], prices, commitments)
        for fleet_row in sized_fleets(fleet)
        if fleet_row["component"] in costs
    ]
    return make(IMPLIED_RATE, rows)


def sized_fleets(fleet: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield the rows of FLEET that are instances of a known type, count and hours."""
    for row in records(fleet):
        is_hourly = row["resource_name"] == INSTANCE and row["instance_type"]
        if is_hourly and row["expected_count"] and row["hours_per_month"]:
            yield row


def _implied(
    fleet: dict[str, Any], cost: Decimal, prices: pd.DataFrame, commitments: pd.DataFrame
) -> dict[str, Any]:
    hours = fleet["expected_count"] * fleet["hours_per_month"]
    price = find_price(prices, fleet["instance_type"], fleet["region_id"])
    rate = divide(cost, hours)
    on_demand = price["usd_per_hour"] if price else None
    kind, region = fleet["instance_type"], fleet["region_id"]
    trusted = commitments["confidence"].isin(TRUSTED)
    committed, note = lowest_commitment(commitments[trusted], kind, region)
    inferred, inferred_note = lowest_commitment(commitments[~trusted], kind, region)
    if inferred is not None:
        note += f"; inferred, {inferred_note}"
    return {
        **{k: fleet[k] for k in ("component", "instance_type", "region_id")},
        **{k: fleet[k] for k in ("expected_count", "hours_per_month")},
        "cost": cost,
        "implied_usd_per_hour": rate,
        "list_usd_per_hour": on_demand,
        "rate_to_list_ratio": divide(rate, on_demand),
        "committed_usd_per_hour": committed,
        "inferred_usd_per_hour": inferred,
        "valid_from": price["valid_from"] if price else None,
        "confidence": price["confidence"] if price else "none",
        "note": note if price else f"no list price for {fleet['instance_type']}",
    }


def find_price(prices: pd.DataFrame, instance_type: str, region: str) -> dict[str, Any] | None:
    """Return the INSTANCE_PRICE row of a type in a region, or None."""
    found = prices[(prices["instance_type"] == instance_type) & (prices["region_id"] == region)]
    return None if found.empty else dict(found.iloc[0])


def lowest_commitment(
    commitments: pd.DataFrame, instance_type: str, region: str
) -> tuple[Decimal | None, str]:
    """Return the lowest committed rate of a type and what it is.

    The region's own rate is taken where there is one, else that of another region.
    """
    rates = commitments[commitments["instance_type"] == instance_type]
    local = rates[rates["region_id"] == region]
    rates = local if len(local) else rates
    if rates.empty:
        return None, "no sourced committed rate"
    best = min(records(rates), key=lambda row: row["usd_per_hour"])
    words = f"{best['term_years']}-year {best['commitment']}, {best['payment']}"
    return best["usd_per_hour"], f"{words}, {best['region_id']}"


@dataclass(frozen=True)
class RateReading:
    """One way to read a cost line exactly: `removed` + share x list price x count x hours."""

    removed: tuple[Part, ...]
    remaining: Decimal
    instance_type: str
    list_usd_per_hour: Decimal
    share: Decimal


def explain_rate(
    fleet: dict[str, Any], cost: Decimal, removable: Sequence[Part], prices: pd.DataFrame
) -> list[RateReading]:
    """Return every exact reading of a fleet's cost line, fewest removed amounts first.

    Parameters
    ----------
    fleet : dict
        A FLEET row with instance type, region, expected count and hours.
    cost : Decimal
        The monthly cost line. [USD]
    removable : sequence of Part
        Amounts that may be inside the line; up to `MAX_REMOVED` are taken out together.
    prices : INSTANCE_PRICE
    """
    family = fleet["instance_type"].split(".")[0]
    hours = fleet["expected_count"] * fleet["hours_per_month"]
    in_region = records(prices[prices["region_id"] == fleet["region_id"]])
    sizes = [row for row in in_region if row["instance_type"].split(".")[0] == family]
    for count in range(MAX_REMOVED + 1):
        readings = []
        for removed in combinations(removable, count):
            remaining = cost - exact_sum(part.amount for part in removed)
            for size, share in _exact_shares(remaining, hours, sizes):
                price = size["usd_per_hour"]
                readings.append(
                    RateReading(removed, remaining, size["instance_type"], price, share)
                )
        if readings:
            return readings
    return []


def _exact_shares(
    remaining: Decimal, hours: Decimal, sizes: Sequence[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], Decimal]]:
    for size in sizes:
        for share in LIST_SHARES:
            if cents(size["usd_per_hour"] * share * hours) == cents(remaining):
                yield size, share


def next_size_up(prices: pd.DataFrame, instance_type: str, region: str) -> str:
    """Return the type of the same family with the next larger vCPU count, or ""."""
    own = find_price(prices, instance_type, region)
    if own is None:
        return ""
    family = instance_type.split(".")[0] + "."
    same = prices[(prices["region_id"] == region) & (prices["vcpu"] > own["vcpu"])]
    larger = [r for r in records(same) if r["instance_type"].startswith(family)]
    return min(larger, key=lambda r: r["vcpu"])["instance_type"] if larger else ""
