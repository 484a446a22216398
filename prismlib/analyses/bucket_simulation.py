"""A bucket under a lifecycle policy, month by month: what it holds, and what it costs.

Method. `bucket_usage` says what is used on each day, `bucket_charges` what that costs; a policy
saves the difference of two simulations of the same bucket. Everything is exact: a charge is rounded
once, at the 12th decimal, and the cost of a month is the sum of its charges.

Months are those of the `Horizon`: calendar months, or months of 30 days. Price tiers are those of
an account: see `bucket_charges.Terms`. What each part leaves out is written at its head.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from prismlib.analyses.bucket_charges import Charge, StorageBook, Terms, charge_row, charges_of
from prismlib.analyses.bucket_ledger import Ledger
from prismlib.analyses.bucket_state import Bucket, Horizon
from prismlib.analyses.bucket_usage import ARRIVED, BYTES, OBJECTS, REMOVED, Entry, usage
from prismlib.analyses.lifecycle_policy import Policy
from prismlib.analyses.zone_model import as_decimal
from prismlib.money import exact_sum
from prismlib.result_tables.lifecycle import BUCKET_CHARGE, BUCKET_FLOW, BUCKET_STATE
from prismlib.tables import make

PRICED_AS_GIVEN = Terms()


@dataclass(frozen=True, eq=False)
class Simulation:
    """What becomes of a bucket: amounts by day, and the charges of each month.

    Tables are made when they are asked for: a search that compares costs needs none.
    """

    ledger: Ledger[Entry]
    found: tuple[Charge, ...]
    currency: str

    @cached_property
    def rows(self) -> tuple[dict[str, Any], ...]:
        """The rows of `charges`."""
        horizon = self.ledger.horizon
        return tuple(charge_row(charge, horizon, self.currency) for charge in self.found)

    @cached_property
    def monthly_costs(self) -> tuple[Decimal, ...]:
        """The cost of each month."""
        months: list[list[Decimal]] = [[] for _ in self.ledger.horizon.month_days]
        for charge in self.found:
            months[charge.month].append(charge.cost)
        return tuple(exact_sum(costs) for costs in months)

    @cached_property
    def total_cost(self) -> Decimal:
        """The cost of all months."""
        return exact_sum(self.monthly_costs)

    @cached_property
    def charges(self) -> pd.DataFrame:
        """The charges of each month, as BUCKET_CHARGE: the quantity times `usd` is the cost."""
        return make(BUCKET_CHARGE, self.rows)

    @cached_property
    def state(self) -> pd.DataFrame:
        """What is there on the last day of each month, as BUCKET_STATE, without what is added."""
        found: dict[tuple[str, str, str], dict[str, list[Decimal]]] = {}
        for entry in self.ledger.keys:
            if entry.what in (BYTES, OBJECTS):
                amounts = [as_decimal(amount) for amount in self.ledger.month_ends(entry)]
                place = (entry.kind, entry.storage_class, entry.tier)
                found.setdefault(place, {})[entry.what] = amounts
        none = [Decimal(0)] * len(self.ledger.horizon.month_days)
        rows = []
        for month in range(len(none)):
            for (kind, storage_class, tier), amounts_of in sorted(found.items()):
                objects = amounts_of.get(OBJECTS, none)[month]
                if objects:
                    rows.append(
                        {
                            **self._month(month),
                            "object_kind": kind,
                            "storage_class": storage_class,
                            "tier_name": tier,
                            "stored_objects": objects,
                            "size_bytes": amounts_of.get(BYTES, none)[month],
                        }
                    )
        return make(BUCKET_STATE, rows)

    @cached_property
    def flow(self) -> pd.DataFrame:
        """What was written and deleted in each month, as BUCKET_FLOW."""
        arrived, removed = (self.ledger.monthly(Entry(what)) for what in (ARRIVED, REMOVED))
        rows = [
            {
                **self._month(month),
                "arrived_bytes": as_decimal(arrived[month]),
                "removed_bytes": as_decimal(removed[month]),
            }
            for month in range(len(arrived))
        ]
        return make(BUCKET_FLOW, rows)

    def _month(self, month: int) -> dict[str, Any]:
        start = self.ledger.horizon.month_start(month)
        return {"month_number": month + 1, "month_start": start}


def simulate(
    bucket: Bucket,
    policy: Policy | None,
    horizon: Horizon,
    book: StorageBook,
    terms: Terms = PRICED_AS_GIVEN,
) -> Simulation:
    """Simulate a bucket under a policy, or without one.

    Raises
    ------
    ParameterError
        A rule acts on a part of a cohort, or on a date where the horizon has none; a class is not
        known; or something is used that has no price.
    """
    ledger = usage(bucket, policy, horizon, book.rules, terms.copy_days)
    return Simulation(ledger, tuple(charges_of(ledger, book, terms)), book.currency)
