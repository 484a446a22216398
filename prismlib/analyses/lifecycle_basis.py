"""What the analysis of lifecycle rules makes of the tables once, however often settings change."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from prismlib.analyses.bucket_charges import StorageBook, storage_book
from prismlib.analyses.lifecycle_bucket import INVENTORY, METRICS, HeldBucket, choose_bucket
from prismlib.analyses.lifecycle_inputs import LifecycleInputs, LifecycleSettings
from prismlib.analyses.lifecycle_proposals import with_set_policy
from prismlib.analyses.lifecycle_syntax import ClassFacts
from prismlib.analyses.stated import Stated


@dataclass(frozen=True)
class LifecycleBasis:
    """The tables of the inputs, read once."""

    inputs: LifecycleInputs
    _books: dict[str, StorageBook] = field(default_factory=dict, repr=False)
    _held: dict[tuple[object, ...], HeldBucket | None] = field(default_factory=dict, repr=False)

    @cached_property
    def stated(self) -> Stated:
        """The claims of the document."""
        return Stated.of(self.inputs.claim)

    @cached_property
    def facts(self) -> ClassFacts:
        """What storage classes demand."""
        return ClassFacts.of(self.inputs.classes, self.inputs.moves)

    def book(self, region_id: str) -> StorageBook:
        """Return what storage costs in a region."""
        if region_id not in self._books:
            one = self.inputs
            self._books[region_id] = storage_book(
                one.prices, one.classes, one.moves, one.limits, region_id
            )
        return self._books[region_id]

    def held(self, settings: LifecycleSettings) -> tuple[LifecycleInputs, HeldBucket | None]:
        """Return the bucket, and the inputs with the rules that the settings propose for it."""
        names = (settings.bucket, settings.region, settings.slo_ms, settings.small_objects)
        if names not in self._held:
            self._held[names] = choose_bucket(self.inputs, settings, self.stated)
        held = self._held[names]
        if held is None or not settings.policy.strip():
            return self.inputs, held
        inputs = with_set_policy(self.inputs, settings.policy, held.name)
        if held.origin == INVENTORY:
            return inputs, held
        return inputs, choose_bucket(inputs, settings, self.stated)


def gigabyte(held: HeldBucket, inputs: LifecycleInputs, settings: LifecycleSettings) -> int:
    """Return the bytes of a GB of the prices."""
    is_measured = held.origin in (INVENTORY, METRICS) and not inputs.are_objects_synthetic
    kind = settings.gigabyte
    if kind == "auto":
        kind = "binary" if is_measured else "decimal"
    return 2**30 if kind == "binary" else 10**9
