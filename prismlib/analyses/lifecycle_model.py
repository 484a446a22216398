"""A bucket that can be simulated under any set of rules and at any rate of reads.

Known limits. Reads are spread evenly over objects and days. New data comes once a month, under the
prefix that holds most, in objects of the mean size. An object is restored at one speed, the whole
bucket at the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.bucket_charges import EXPEDITED, STANDARD_SPEED, StorageBook, Terms
from prismlib.analyses.bucket_simulation import Simulation, simulate
from prismlib.analyses.bucket_state import (
    CURRENT,
    READ_DAYS,
    Arrival,
    Bucket,
    Cohort,
    Horizon,
    ReadPattern,
)
from prismlib.analyses.lifecycle_bucket import HeldBucket
from prismlib.analyses.lifecycle_inputs import LifecycleSettings
from prismlib.analyses.lifecycle_policy import Policy

EXPEDITED_LIMIT = "expedited_max_bytes"
"""The limit on the size of objects that can be restored at that speed."""


@dataclass(frozen=True)
class BucketModel:
    """A bucket that can be simulated under any set of rules and at any rate of reads."""

    held: HeldBucket
    settings: LifecycleSettings
    book: StorageBook
    terms: Terms
    horizon: Horizon
    days_on: int
    _buckets: dict[Decimal, Bucket] = field(default_factory=dict, repr=False, compare=False)

    def bucket(self, reads: Decimal) -> Bucket:
        """Return what is simulated, with its ages on the first day of the horizon."""
        if reads not in self._buckets:
            self._buckets[reads] = simulated_bucket(
                self.held,
                self.settings,
                bytes_per_gb=self.terms.bytes_per_gb,
                reads=reads,
                days_on=self.days_on,
            )
        return self._buckets[reads]

    def run(self, policy: Policy | None, reads: Decimal | None = None) -> Simulation:
        """Return the simulation under rules, at the rate of reads that is set or at another."""
        rate = self.settings.reads_per_month if reads is None else reads
        return simulate(self.bucket(rate), policy, self.horizon, self.book, self.terms)

    @property
    def for_reads(self) -> BucketModel:
        """Return the model over a year of months of 30 days."""
        return replace(self, horizon=Horizon((READ_DAYS,) * 12, self.horizon.start))


def usable_speed(objects: Iterable[Mapping[str, Any]], speed: str, limits: pd.DataFrame) -> str:
    """Return how objects can be restored: expedited is for those below a limit of size."""
    if speed != EXPEDITED:
        return speed
    values = dict(zip(limits["limit_name"], limits["limit_value"], strict=True))
    most = values.get(EXPEDITED_LIMIT)
    means = [row["size_bytes"] / row["stored_objects"] for row in objects]
    fits = most is not None and all(mean < most for mean in means)
    return EXPEDITED if fits else STANDARD_SPEED


def simulated_bucket(
    held: HeldBucket,
    settings: LifecycleSettings,
    *,
    bytes_per_gb: int,
    reads: Decimal,
    days_on: int = 0,
) -> Bucket:
    """Return what is simulated.

    Parameters
    ----------
    reads : Decimal
        Reads of each current object in 30 days.
    days_on : int
        Days from that of the snapshot to the first that is simulated.
    """
    share = settings.returned_pct / 100
    pattern = ReadPattern(((0, reads),), bytes_share=share) if reads else ReadPattern()
    cohorts = tuple(_cohort(row, pattern, days_on) for row in held.rows)
    new_bytes = int(settings.new_gb_per_month * bytes_per_gb)
    if not new_bytes or not cohorts:
        return Bucket(cohorts, is_versioned=held.versioning in ("Enabled", "Suspended"))
    prefix = max(cohorts, key=lambda cohort: cohort.size_bytes).prefix
    number = max(1, round(new_bytes / held.mean_bytes)) if held.mean_bytes else 1
    arrival = Arrival(Cohort(prefix, "STANDARD", number, new_bytes, reads=pattern), every="month")
    versioned = held.versioning in ("Enabled", "Suspended")
    return Bucket(cohorts, (arrival,), is_versioned=versioned)


def _cohort(row: dict[str, Any], reads: ReadPattern, days_on: int) -> Cohort:
    kind = row["object_kind"]
    age = 0 if row["age_days"] is None else row["age_days"] + days_on
    since = 0 if row["noncurrent_days"] is None else row["noncurrent_days"] + days_on
    return Cohort(
        prefix=row["prefix"],
        storage_class=row["storage_class"],
        object_count=int(row["stored_objects"]),
        size_bytes=int(row["size_bytes"]),
        age_days=age,
        kind=kind,
        noncurrent_days=min(since, age),
        reads=reads if kind == CURRENT else ReadPattern(),
    )
