"""Which instances a reservation or a savings plan pays for.

Method. Commitments are laid over instances that are bought on demand: reserved instances by exact
type, region and platform, then savings plans by their hourly amount, those for a family first. A
line that is covered in part is cut in two, so that each line has one price and one end date.

Known limits. A reservation of another size of the same family is not matched, and a savings plan is
laid over lines in the order of the table: the provider takes those that save most. A savings plan
whose rate is not known is taken to cover at the on-demand price; it may cover more. A commitment of
a kind that is not known makes what it may cover unknown, however little that is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from prismlib.analyses.graviton_commitments import (
    PLANS,
    RESERVED,
    UNKNOWN_KIND,
    kind_of,
    may_cover,
    note_of,
)
from prismlib.analyses.graviton_rates import ON_DEMAND, RateBook
from prismlib.money import scale

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
    active = [row | {"kind": kind_of(row["commitment"])} for row in active_of(commitments, as_of)]
    for commitment in (c for c in active if c["kind"] in RESERVED):
        count = Decimal(commitment["committed_count"] or 0)
        lines = _laid_over(lines, commitment, count, lambda _, left: left)
    for kind in PLANS:
        for plan in (c for c in active if c["kind"] == kind):
            amount = plan["commitment_usd_per_hour"] or ZERO
            lines = _laid_over(lines, plan, amount, _reach_of(plan, book))
    doubtful = [c for c in active if c["kind"] == UNKNOWN_KIND]
    return [_doubted(line, doubtful) for line in lines]


def active_of(commitments: list[Row], as_of: date) -> list[Row]:
    """Return the commitments that are active and have not ended by `as_of`."""
    return [
        row
        for row in commitments
        if row["state"].lower() == "active"
        and (row["ends_at"] is None or row["ends_at"].date() > as_of)
    ]


def _doubted(line: Row, doubtful: list[Row]) -> Row:
    """Return a line as unknown if it may be covered by a commitment of an unknown kind."""
    if line["commitment"] != ON_DEMAND or line["purchase"] != "on-demand":
        return line
    notes = [note_of(one) for one in doubtful if may_cover(line, one)]
    if not notes:
        return line
    return line | {
        "commitment": UNKNOWN_KIND,
        "note": "; ".join(filter(None, [line["note"], *notes])),
    }


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
    if line["instance_count"] is None:
        return False
    kind = commitment["kind"]
    if line["compute_service"] != RESERVED.get(kind, "EC2"):
        return False
    if kind == "compute savings plan":
        return True
    if line["region_id"] != commitment["region_id"]:
        return False
    if kind == "EC2 instance savings plan":
        return bool(line["instance_type"].split(".")[0] == commitment["instance_family"])
    platform = commitment["platform"].replace(" (Amazon VPC)", "")
    if commitment["tenancy"].replace("default", "") != line["tenancy"]:
        return False
    is_same_platform = "" in (platform, line["platform"]) or platform == line["platform"]
    is_same_zones = bool(line["is_multi_az"]) == bool(commitment["is_multi_az"])
    return commitment["instance_type"] == line["instance_type"] and (
        is_same_platform if RESERVED[kind] == "EC2" else is_same_zones
    )


def _terms(commitment: Row) -> Row:
    """Return what a commitment says of a line that it covers."""
    kind, years = commitment["kind"], commitment["term_years"]
    hourly = commitment["recurring_usd_per_hour"]
    rate = None
    if kind in RESERVED and years and hourly is not None:
        rate = hourly + (commitment["upfront_usd"] or ZERO) / (HOURS_PER_YEAR * years)
    return {
        "commitment": "standard RI" if RESERVED.get(kind, "EC2") != "EC2" else kind,
        "commitment_end": None if commitment["ends_at"] is None else commitment["ends_at"].date(),
        "term_years": years,
        "payment": commitment["payment"],
        "own_usd_per_hour": rate,
    }
