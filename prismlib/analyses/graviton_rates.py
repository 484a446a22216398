"""What an hour costs before and after a move, like for like.

Method. A line on demand is compared with the on-demand price of its target; a line under a
commitment with the rate of the same commitment, term and payment on its target. Where the rate that
is paid is known (from the account's reservation, or from the bill), the target's rate is that rate
in the proportion of the two sourced ones: a private discount stays. A committed rate of another
region is taken where the on-demand prices of the two regions are the same.

The price tables of EC2 are those of shared Linux. Windows, Red Hat, SUSE, dedicated tenancy and
Spot have no price here: their cost is what the account or the bill says, or unknown. A cost of
nothing on the bill stays nothing, and has no proportion to a target's.

Known limits. Committed rates are sourced for few kinds: mostly one year, all upfront, standard. One
that is only inferred carries the confidence ``low``.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.graviton_reference import GravitonReference
from prismlib.money import divide
from prismlib.tables import records

ON_DEMAND = "on demand"
UNKNOWN_RATE = "unknown"
CONFIDENCES = ("high", "medium", "low", "none")
TWO_ZONES = Decimal(2)
"""A database with a standby in a second zone costs exactly twice as much."""

Row = dict[str, Any]


FREE = "the bill gives hours without a cost"


@dataclass(frozen=True)
class Rate:
    """A price of an hour, how it was judged, and what to know of it."""

    usd_per_hour: Decimal
    confidence: str
    note: str = ""
    vcpu: Decimal | None = None
    memory_gib: Decimal | None = None


@dataclass(frozen=True)
class LikeForLike:
    """The rates of a line and of its target, on one basis; a rate that is not known is None."""

    basis: str
    source: Decimal | None
    target: Decimal | None
    confidence: str
    note: str


def basis_of(line: Row) -> str:
    """Return what the rate of a line is: ``on demand``, or a commitment with its terms."""
    if line["commitment"] == ON_DEMAND:
        return ON_DEMAND
    if not line["term_years"]:
        return str(line["commitment"])
    years = "1 year" if line["term_years"] == 1 else f"{line['term_years']} years"
    return f"{line['commitment']}, {years}, {line['payment']}"


def unpriced(line: Row) -> str:
    """Return what keeps a line of EC2 from having a price in tables of shared Linux, or ""."""
    if line["compute_service"] != "EC2":
        return ""
    if line.get("purchase") == "spot":
        return "Spot, which has no list price"
    if line.get("tenancy") in ("host", "dedicated"):
        return f"{line['tenancy']} tenancy, of which no table has a price"
    platform = str(line.get("platform", ""))
    is_plain = platform.replace(" (Amazon VPC)", "").lower() in ("", "linux", "linux/unix")
    return "" if is_plain else f"{platform}, of which no table has a price"


class RateBook:
    """The price tables, looked up by type, region and basis."""

    def __init__(self, reference: GravitonReference, missing_rates: str = UNKNOWN_RATE) -> None:
        self._is_ratio_allowed = missing_rates != UNKNOWN_RATE
        self._prices = _by(reference.instance_price, "instance_type", "region_id")
        self._committed = _by(
            reference.commitment_rate,
            *("instance_type", "region_id", "commitment", "term_years", "payment"),
        )
        self._managed = _by(
            reference.managed_price,
            *("compute_service", "instance_type", "engine", "region_id", "rate_basis"),
        )
        self._regions = sorted({region for _, region in self._prices})

    def assuming(self, missing_rates: str) -> RateBook:
        """Return the same tables with another word on committed rates that no source has."""
        other = copy(self)
        other._is_ratio_allowed = missing_rates != UNKNOWN_RATE
        return other

    def size_of(self, line: Row) -> Rate | None:
        """Return the vCPUs and the memory of a type, from any price that states them."""
        if line["compute_service"] == "EC2":
            regions = [line["region_id"], *self._regions]
            found = [self._prices.get((line["instance_type"], region)) for region in regions]
        else:
            kind = (line["compute_service"], line["instance_type"])
            found = [row for key, row in self._managed.items() if key[:2] == kind]
        return next((_rate(row) for row in found if row), None)

    def on_demand(self, line: Row) -> Rate | None:
        """Return the on-demand price of a line's type, engine and region."""
        if line["compute_service"] != "EC2":
            return self._managed_rate(line, ON_DEMAND)
        row = self._prices.get((line["instance_type"], line["region_id"]))
        return None if row is None else _rate(row)

    def committed(self, line: Row) -> Rate | None:
        """Return the sourced rate of a line's type under its commitment, term and payment."""
        if line["compute_service"] != "EC2":
            return self._managed_rate(line, basis_of(line))
        terms = (line["commitment"], line["term_years"], line["payment"])
        here = self._committed.get((line["instance_type"], line["region_id"], *terms))
        if here is not None:
            return _rate(here)
        for region in self._regions:
            row = self._committed.get((line["instance_type"], region, *terms))
            if row is not None and self._is_priced_alike(line, region):
                return _rate(row, f"rate of {region}, where on-demand prices are the same")
        return None

    def _is_priced_alike(self, line: Row, region: str) -> bool:
        here = self._prices.get((line["instance_type"], line["region_id"]))
        there = self._prices.get((line["instance_type"], region))
        if here is None or there is None:
            return False
        return bool(here["usd_per_hour"] == there["usd_per_hour"])

    def _managed_rate(self, line: Row, basis: str) -> Rate | None:
        """Return a price of a managed service; one for a single zone is doubled for two."""
        kind = (line["compute_service"], line["instance_type"], line["engine"])
        core = line["instance_type"].removeprefix("db.").removeprefix("cache.")
        for region in (line["region_id"], *self._regions):
            row = self._managed.get((*kind, region, basis))
            is_local = region == line["region_id"]
            if row is None:
                continue
            if not is_local and not self._is_priced_alike(line | {"instance_type": core}, region):
                continue
            note = "" if is_local else f"price of {region}, where {core} costs the same"
            found = _rate(row, note)
            zones = TWO_ZONES if line["is_multi_az"] else Decimal(1)
            confidence = found.confidence if is_local else worst(found.confidence, "medium")
            return Rate(found.usd_per_hour * zones, confidence, note, found.vcpu, found.memory_gib)
        return None

    def rate(self, line: Row) -> Rate | None:
        """Return the sourced rate of a line on its own basis."""
        if unpriced(line):
            return None
        return self.on_demand(line) if line["commitment"] == ON_DEMAND else self.committed(line)

    def like_for_like(self, line: Row, target_type: str) -> LikeForLike:
        """Return the rates of a line now and on `target_type`, on the line's own basis.

        Parameters
        ----------
        line : dict
            A GRAVITON_LINE row in the making; ``own_usd_per_hour`` is the rate that is paid, if
            the account or the bill tells it.
        target_type : str
        """
        target_line = line | {"instance_type": target_type}
        source, target = self.rate(line), self.rate(target_line)
        own, basis = line["own_usd_per_hour"], basis_of(line)
        notes = [rate.note for rate in (source, target) if rate and rate.note]
        reason = unpriced(line) or (FREE if own == 0 else "")
        if reason:
            return LikeForLike(basis, own, None, "none", reason)
        if self._is_ratio_allowed and line["commitment"] != ON_DEMAND and not (source and target):
            return self._by_list_ratio(line, target_line, basis)
        notes += [
            f"no rate of {kind} ({basis})"
            for kind, rate in ((line["instance_type"], source), (target_type, target))
            if rate is None
        ]
        ratio = divide(
            target.usd_per_hour if target else None, source.usd_per_hour if source else None
        )
        paid = own if own is not None else (source.usd_per_hour if source else None)
        after = None if paid is None or ratio is None else paid * ratio
        if own is None and target is not None and source is not None:
            after = target.usd_per_hour  # exactly as sourced, without a rounding of the ratio
        confidence = worst(*(rate.confidence if rate else "none" for rate in (source, target)))
        return LikeForLike(basis, paid, after, confidence, "; ".join(dict.fromkeys(notes)))

    def _by_list_ratio(self, line: Row, target_line: Row, basis: str) -> LikeForLike:
        """Return rates in the proportion of the on-demand prices: the same discount on both."""
        source, target = self.on_demand(line), self.on_demand(target_line)
        known = self.committed(line)
        paid = line["own_usd_per_hour"] or (known.usd_per_hour if known else None)
        ratio = divide(
            target.usd_per_hour if target else None, source.usd_per_hour if source else None
        )
        after = None if paid is None or ratio is None else paid * ratio
        note = f"the discount of {line['instance_type']} is taken for its target too"
        return LikeForLike(basis, paid, after, "low", note)


def worst(*confidences: str) -> str:
    """Return the worst of several confidence words."""
    return max(confidences, key=CONFIDENCES.index)


def _by(frame: pd.DataFrame, *key: str) -> dict[tuple[Any, ...], Row]:
    return {tuple(row[name] for name in key): row for row in records(frame)}


def _rate(row: Row, note: str = "") -> Rate:
    sizes = (row.get("vcpu"), row.get("memory_gib"))
    return Rate(row["usd_per_hour"], row["confidence"], note, *sizes)
