"""Which instances a reservation or a savings plan pays for.

Method. Commitments are laid over instances that are bought on demand: reserved instances by exact
type, region and platform, then savings plans by their hourly amount, those for a family first. A
line that is covered in part is cut in two, so that each line has one price and one end date.

Known limits. A reservation of another size of the same family is not matched, and a savings plan is
laid over lines in the order of the table: the provider takes those that save most. A savings plan
whose rate is not known is taken to cover at the on-demand price; it may cover more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from prismlib.analyses.graviton_rates import ON_DEMAND, RateBook
from prismlib.money import scale

RESERVED = ("standard RI", "convertible RI", "RDS RI")
PLANS = ("EC2 instance savings plan", "compute savings plan")
"""Savings plans that cover EC2, in the order in which they are laid."""
HOURS_PER_YEAR = Decimal(8760)
ZERO = Decimal(0)

Row = dict[str, Any]
Reach = Callable[[Row, Decimal], Decimal]


def covered(lines: list[Row], commitments: list[Row], as_of: date, book: RateBook) -> list[Row]:
    """Return the lines cut so that each is wholly on demand or under one commitment.

    Parameters
    ----------
    lines : list of dict
        GRAVITON_LINE rows in the making, all on demand.
    commitments : list of dict
        COMMITMENT rows; those that have ended by `as_of` cover nothing.
    as_of : date
    book : RateBook
        The rates that a savings plan's reach is estimated with.
    """
    active = [row for row in commitments if row["state"] == "active" and _covers(row, as_of)]
    for commitment in (c for c in active if c["commitment"] in RESERVED):
        count = Decimal(commitment["committed_count"] or 0)
        lines = _laid_over(lines, commitment, count, lambda _, left: left)
    for kind in PLANS:
        for plan in (c for c in active if c["commitment"] == kind):
            amount = plan["commitment_usd_per_hour"] or ZERO
            lines = _laid_over(lines, plan, amount, _reach_of(plan, book))
    return lines


def _covers(commitment: Row, as_of: date) -> bool:
    return commitment["ends_at"] is None or commitment["ends_at"].date() > as_of


def _reach_of(plan: Row, book: RateBook) -> Reach:
    """Return how many instances of a line an hourly amount of a savings plan pays for."""

    def reach(line: Row, amount: Decimal) -> Decimal:
        terms = _terms(plan)
        rate = book.committed(line | terms) or book.on_demand(line)
        if rate is None:
            return ZERO
        # to the 12th decimal: what is covered and what is left add up to the line
        return scale(amount, Decimal(1), rate.usd_per_hour)

    return reach


def _laid_over(lines: list[Row], commitment: Row, amount: Decimal, reach: Reach) -> list[Row]:
    """Return the lines with `amount` of a commitment laid over those that it fits."""
    found: list[Row] = []
    for line in lines:
        able = reach(line, amount) if amount > 0 and _fits(line, commitment) else ZERO
        if able <= 0:
            found.append(line)
            continue
        count = line["instance_count"]
        taken = min(count, able)
        amount -= amount * taken / able
        found.append(line | _terms(commitment) | {"instance_count": taken})
        if taken < count:
            found.append(line | {"instance_count": count - taken})
    return found


def _fits(line: Row, commitment: Row) -> bool:
    if line["commitment"] != ON_DEMAND or line["purchase"] != "on-demand":
        return False
    is_database = commitment["commitment"] == "RDS RI"
    if is_database != (line["compute_service"] == "RDS"):
        return False
    if commitment["commitment"] == "compute savings plan":
        return True
    if line["region_id"] != commitment["region_id"]:
        return False
    if commitment["commitment"] == "EC2 instance savings plan":
        return bool(line["instance_type"].split(".")[0] == commitment["instance_family"])
    platform = commitment["platform"].replace(" (Amazon VPC)", "")
    is_same_platform = "" in (platform, line["platform"]) or platform == line["platform"]
    is_same_zones = bool(line["is_multi_az"]) == bool(commitment["is_multi_az"])
    return commitment["instance_type"] == line["instance_type"] and (
        is_same_zones if is_database else is_same_platform
    )


def _terms(commitment: Row) -> Row:
    """Return what a commitment says of a line that it covers."""
    kind, years = commitment["commitment"], commitment["term_years"]
    hourly = commitment["recurring_usd_per_hour"]
    rate = None
    if kind in RESERVED and years and hourly is not None:
        rate = hourly + (commitment["upfront_usd"] or ZERO) / (HOURS_PER_YEAR * years)
    return {
        "commitment": "standard RI" if kind == "RDS RI" else kind,
        "commitment_end": None if commitment["ends_at"] is None else commitment["ends_at"].date(),
        "term_years": years,
        "payment": commitment["payment"],
        "own_usd_per_hour": rate,
    }
