"""What a document claims of a move to Graviton, counted again from its own figures.

Method. The claimed saving stands beside every way to count one: its own percentage of the billed
instances, the change of the list price on the billed amount, on-demand and committed rates on both
sides, for the fleet that is paid for and for the one that runs. `claim_readings` looks for where
the claimed amount comes from: a percentage of the on-demand price of some size of each family, as
it is or rounded to the cent, times instances and hours. `target_ways` tries every combination of
what could be saved against a stated target.

Known limits. A match of an amount is arithmetic, not proof; it counts when a document states the
same price elsewhere. The document's other planned savings are taken as it states them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations, product
from typing import Any

import pandas as pd

from prismlib.analyses.graviton_inputs import GravitonInputs, GravitonSettings
from prismlib.analyses.graviton_options import CURRENCY
from prismlib.analyses.graviton_rates import ON_DEMAND, RateBook
from prismlib.analyses.graviton_savings import (
    GravitonResults,
    KnownSum,
    price_only,
)
from prismlib.analyses.implied_rates import find_price, sized_fleets
from prismlib.analyses.stated import Stated
from prismlib.money import cents, exact_sum, scale
from prismlib.result_tables.graviton import SAVING_BASIS, TARGET_WAY
from prismlib.tables import make, records

CLAIM = "graviton_saving"
PLANNED = "planned_saving"
HUNDRED = Decimal(100)
MAX_FLEETS = 3
"""Fleets whose sizes are combined in the search for the origin of a claim."""

Row = dict[str, Any]


@dataclass(frozen=True)
class StatedFleet:
    """A fleet of instances, what its cost line states, and the rates around it. [USD an hour]

    `list_now` and `list_after` are the on-demand prices of its type and of the chosen Graviton
    type, `paid_now` and `paid_after` the rates that the analysis compares (those of a commitment,
    where the line has one).
    """

    component: str
    row: Row
    cost: Decimal
    list_now: Decimal | None
    list_after: Decimal | None
    paid_now: Decimal | None
    paid_after: Decimal | None

    @property
    def hours(self) -> Decimal:
        """Return the instance-hours of a month that the line was sized for."""
        return Decimal(self.row["expected_count"] * self.row["hours_per_month"])

    @property
    def is_called_reserved(self) -> bool:
        """Return whether the document calls the line reserved."""
        return "reserved" in self.component.lower()

    @property
    def is_above_list(self) -> bool:
        """Return whether the line costs as much as on demand, or more."""
        return self.list_now is not None and self.cost >= self.list_now * self.hours

    @property
    def paid_cost(self) -> Decimal | None:
        """Return what the fleet would cost a month at the rate that the analysis compares."""
        return None if self.paid_now is None else self.paid_now * self.hours

    def moved(self, cost: Decimal, *, is_paid: bool = False) -> Decimal | None:
        """Return what `cost` becomes on the target, by list prices or by the rates compared."""
        now, after = (
            (self.paid_now, self.paid_after) if is_paid else (self.list_now, self.list_after)
        )
        return scale(cost, after, now) if now and after is not None else None


@dataclass(frozen=True)
class Reading:
    """A claim read as a percentage of on-demand prices: a type for each fleet, exact or rounded."""

    instance_types: tuple[str, ...]
    list_usd_per_hour: tuple[Decimal, ...]
    is_rounded: bool


def stated_fleets(inputs: GravitonInputs, results: GravitonResults) -> list[StatedFleet]:
    """Return the fleets of instances whose cost a document states, in US dollars."""
    stated = inputs.stated_actual
    if inputs.fleet is None or stated is None or set(stated["billing_currency"]) != {CURRENCY}:
        return []
    costs = dict(zip(stated["component"], stated["actual_cost"], strict=True))
    book = inputs.rate_book
    lines = {row["component"]: row for row in records(results.lines)}
    options = {row["line_name"]: row for row in records(results.chosen)}
    found = []
    for fleet in sized_fleets(inputs.fleet):
        line = lines.get(fleet["component"])
        if line is not None and fleet["component"] in costs:
            option = options.get(line["line_name"], {})
            found.append(_stated_fleet(fleet, line, option, costs[fleet["component"]], book))
    return found


def _stated_fleet(fleet: Row, line: Row, option: Row, cost: Decimal, book: RateBook) -> StatedFleet:
    here = {**fleet, "compute_service": "EC2", "is_multi_az": False}
    now = book.on_demand(here)
    target = option.get("target_type", "")
    after = book.on_demand(here | {"instance_type": target}) if target else None
    return StatedFleet(
        component=fleet["component"],
        row=fleet,
        cost=cost,
        list_now=now.usd_per_hour if now else None,
        list_after=after.usd_per_hour if after else None,
        paid_now=line["source_usd_per_hour"],
        paid_after=option.get("target_usd_per_hour"),
    )


def saving_bases(
    inputs: GravitonInputs, settings: GravitonSettings, results: GravitonResults
) -> pd.DataFrame:
    """Return the claimed saving and every way to count one, as SAVING_BASIS. [USD a month]"""
    fleets, stated = stated_fleets(inputs, results), results.stated
    rows = [_basis("As the document claims", stated.value(CLAIM), stated.source(CLAIM))]
    pct = stated.value("graviton_pct")
    if fleets and pct is not None:
        billed = exact_sum(fleet.cost for fleet in fleets)
        words = "Its own percentage of the billed instances"
        rows.append(_basis(words, billed * pct / 100, stated.source("graviton_pct")))
    if fleets:
        amount = list_price_saving(fleets)
        note = "the change of the on-demand price, on what the lines cost"
        rows.append(_basis("List price change on the billed amount", amount, note))
    rows += list(_counted(inputs, settings)) if inputs.fleet is not None else []
    return make(SAVING_BASIS, rows)


def list_price_saving(fleets: list[StatedFleet]) -> Decimal | None:
    """Return what the change of the list price takes off the billed lines; None if one is unknown.

    [USD a month]
    """
    after = [fleet.moved(fleet.cost) for fleet in fleets]
    known = [amount for amount in after if amount is not None]
    if not known or len(known) < len(after):
        return None
    return exact_sum(fleet.cost for fleet in fleets) - exact_sum(known)


def _counted(inputs: GravitonInputs, settings: GravitonSettings) -> Iterator[Row]:
    """Yield the price-only saving on each pair of rates, for both counts of the fleet."""
    committed = settings.reserved_as if settings.reserved_as != ON_DEMAND else "standard RI"
    counts = {"expected": "the fleet that is paid for", "deployed": "the instances that run"}
    bases = {ON_DEMAND: "on demand", committed: f"under a {committed}"}
    for count, fleet in counts.items():
        for basis, words in bases.items():
            saving = price_only(inputs, replace(settings, fleet_count=count, reserved_as=basis))
            title = f"Both sides {words}, {fleet}"
            yield _basis(title, _whole(saving), ", ".join(saving.unknown_lines))


def _whole(saving: KnownSum) -> Decimal | None:
    return None if saving.unknown_lines else saving.saving


def _basis(name: str, saving: Decimal | None, note: str) -> Row:
    return {
        "claim_origin": name,
        "monthly_saving": saving,
        "billing_currency": CURRENCY,
        "note": note,
    }


def claim_readings(
    claimed: Decimal, pct: Decimal, fleets: list[StatedFleet], prices: pd.DataFrame
) -> list[Reading]:
    """Return every way to read a claimed saving as `pct` of on-demand prices, exact ones first.

    Parameters
    ----------
    claimed : Decimal
        [USD a month]
    pct : Decimal
        The percentage that the document names. [%]
    fleets : list of StatedFleet
        Up to `MAX_FLEETS`; with more, something always fits.
    prices : INSTANCE_PRICE
    """
    if not 0 < len(fleets) <= MAX_FLEETS:
        return []
    sizes = [_sizes(fleet.row, prices) for fleet in fleets]
    found = []
    for is_rounded in (False, True):
        for picked in product(*sizes):
            cut = [row["usd_per_hour"] * pct / HUNDRED for row in picked]
            hourly = [cents(value) if is_rounded else value for value in cut]
            total = exact_sum(h * f.hours for h, f in zip(hourly, fleets, strict=True))
            if cents(total) == cents(claimed):
                types = tuple(row["instance_type"] for row in picked)
                found.append(Reading(types, tuple(r["usd_per_hour"] for r in picked), is_rounded))
        if found:
            return found
    return []


def _sizes(fleet: Row, prices: pd.DataFrame) -> list[Row]:
    """Return the sizes of a fleet's family in its region."""
    own = find_price(prices, fleet["instance_type"], fleet["region_id"])
    family = fleet["instance_type"].split(".")[0]
    here = [r for r in records(prices) if r["region_id"] == fleet["region_id"]]
    return [r for r in here if own and r["instance_type"].split(".")[0] == family]


def supported(
    reading: Reading, fleets: list[StatedFleet], stated: Stated
) -> tuple[bool, list[tuple[StatedFleet, str]]]:
    """Return whether each type of a reading is the fleet's own or its price is stated elsewhere.

    The second part lists the fleets that the reading prices as another type than their own.
    """
    rates = {(c["component"], c["stated_value"]) for c in stated.of_kind("model_rate")}
    is_supported, others = True, []
    for fleet, kind, price in zip(
        fleets, reading.instance_types, reading.list_usd_per_hour, strict=True
    ):
        if kind != fleet.row["instance_type"]:
            others.append((fleet, kind))
            is_supported &= (fleet.component, price) in rates
    return is_supported, others


RERATED = "pay a real reserved rate"
MOVED = "move to Graviton"


def target_ways(results: GravitonResults, fleets: list[StatedFleet]) -> pd.DataFrame:
    """Return every combination of savings against the stated target, as TARGET_WAY.

    A reserved rate at or above on demand is brought to the sourced one first; the move to Graviton
    then changes what is left, at the change of the rate that is paid by then. A combination with a
    part that is not known is not known.
    """
    total, target = results.stated.value("actual_total"), results.stated.value("cost_target")
    if total is None or target is None or not fleets:
        return make(TARGET_WAY, [])
    others = [c for c in results.stated.of_kind(PLANNED) if c["claim_id"] != CLAIM]
    levers = [MOVED]
    levers += [RERATED] if any(f.is_called_reserved and f.is_above_list for f in fleets) else []
    levers += [_name(claim) for claim in others]
    rows = []
    for size in range(len(levers) + 1):
        for picked in combinations(levers, size):
            saving = _saving_of(picked, fleets, others)
            left = None if saving is None else total - saving
            rows.append(
                {
                    "levers": " + ".join(picked) or "nothing",
                    "monthly_saving": saving,
                    "remaining_total": left,
                    "is_target_met": None if left is None else left < target,
                    "billing_currency": CURRENCY,
                    "note": "",
                }
            )
    return make(TARGET_WAY, rows)


def _name(claim: Row) -> str:
    """Return a planned saving of the document as a lever."""
    return f"the planned saving on {claim['component'] or claim['claim_id']}"


def _saving_of(
    picked: tuple[str, ...], fleets: list[StatedFleet], others: list[Row]
) -> Decimal | None:
    parts: list[Decimal | None] = [
        claim["stated_value"] for claim in others if _name(claim) in picked
    ]
    for fleet in fleets:
        is_rerated = RERATED in picked and fleet.is_called_reserved and fleet.is_above_list
        left = fleet.paid_cost if is_rerated else fleet.cost
        if MOVED in picked and left is not None:
            left = fleet.moved(left, is_paid=is_rerated)
        if left is None:
            return None
        parts.append(fleet.cost - left)
    return exact_sum(part for part in parts if part is not None)
