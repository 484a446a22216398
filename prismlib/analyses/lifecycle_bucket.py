"""Which bucket is looked at, and what is known of its objects.

Method: its objects are taken from the first of these that has any: cohorts of size and age (an
inventory), bytes by storage class (CloudWatch), what a document states. The coarser the source, the
more is assumed, and every assumption is a sentence in `HeldBucket.notes`: an object whose age is
not known is taken as new on the first day simulated, so that a rule begins to save as late as it
may.

Known limits. One bucket at a time. Days in a class are not in an inventory: objects are taken to
have been in their class since they were written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from prismlib.analyses.bucket_state import CURRENT
from prismlib.analyses.judging import listed
from prismlib.analyses.lifecycle_checks import REST
from prismlib.analyses.lifecycle_inputs import LifecycleInputs, LifecycleSettings
from prismlib.analyses.lifecycle_policy import Policy
from prismlib.analyses.lifecycle_proposals import read_rules
from prismlib.analyses.stated import Stated
from prismlib.errors import ParameterError, SchemaError
from prismlib.formats import count
from prismlib.money import exact_sum
from prismlib.storage_tables import OBJECT_COHORT, STORAGE_NEED
from prismlib.tables import empty, make, records

INVENTORY, METRICS, STATED = "inventory", "metrics", "stated"
ALL_TYPES = "AllStorageTypes"
OVERHEAD = "Overhead"
"""In the name of a storage type: what is billed beside the objects, which is simulated."""
STATED_GB = 10**9
"""Bytes of a GB where a document counts in TB."""
VERSIONING = ("", "Enabled", "Suspended", "Off")
PARTLY = (
    "Its rules are for parts of the bucket that are not told apart: they are left out. An "
    "inventory would tell prefixes apart, not tags."
)
TIER_AGE_DAYS = {"infrequent": 30, "archive_instant": 90, "archive": 90, "deep_archive": 180}
"""Age that an object in a tier of Intelligent-Tiering has at the least."""


@dataclass(frozen=True)
class HeldBucket:
    """A bucket with what is known of it.

    Parameters
    ----------
    name, region_id : str
    origin : str
        ``inventory``, ``metrics`` or ``stated``: what its objects are taken from.
    objects : OBJECT_COHORT
    versioning : str
        Enabled, Suspended or Off; empty is unknown.
    policy : Policy or None
        The rules that it has; None when they are not known.
    needs : STORAGE_NEED
    notes : tuple of str
        What is assumed, a sentence each.
    unpriced : tuple of str
        Storage classes whose objects are left out: they have no price.
    """

    name: str
    region_id: str
    origin: str
    objects: pd.DataFrame
    versioning: str
    policy: Policy | None
    needs: pd.DataFrame
    notes: tuple[str, ...] = ()
    unpriced: tuple[str, ...] = ()

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of `objects`."""
        return records(self.objects)

    @property
    def size_bytes(self) -> Decimal:
        """Return all bytes."""
        return exact_sum(self.objects["size_bytes"])

    @property
    def stored_objects(self) -> Decimal:
        """Return the number of objects."""
        return exact_sum(self.objects["stored_objects"])

    @property
    def mean_bytes(self) -> Decimal:
        """Return the mean size of an object; 0 for an empty bucket."""
        number = self.stored_objects
        return Decimal(self.size_bytes / number) if number else Decimal(0)


def is_apart(policy: Policy, objects: pd.DataFrame) -> bool:
    """Return whether OBJECT_COHORT tells the objects of each rule from the others.

    It never does for a rule by tag: which objects carry the tag is not known.
    """
    prefixes = set(objects["prefix"])
    named = {prefix.removesuffix(REST) for prefix in prefixes}
    return not any(
        rule.is_enabled
        and (
            rule.tags
            or (
                rule.prefix not in named and any(rule.prefix.startswith(prefix) for prefix in named)
            )
        )
        for rule in policy.rules
    )


def choose_bucket(
    inputs: LifecycleInputs, settings: LifecycleSettings, stated: Stated
) -> HeldBucket | None:
    """Return the bucket that the settings name, else the largest; None when nothing is stored.

    Raises
    ------
    ParameterError
        The snapshot holds no bucket of that name.
    """
    found = [*_from_inventory(inputs), *_from_metrics(inputs)]
    if not found:
        found = list(_from_claims(stated, inputs))
    if settings.bucket:
        found = [held for held in found if held.name == settings.bucket]
        if not found:
            raise ParameterError(
                "bucket", settings.bucket, expected="a bucket whose size the snapshot holds"
            )
    best = max(found, key=lambda held: (held.origin == INVENTORY, held.size_bytes), default=None)
    if best is None:
        return None
    if best.origin != INVENTORY:
        best = _under_one_prefix(best, inputs)
    return _described(best, inputs, settings)


def _under_one_prefix(held: HeldBucket, inputs: LifecycleInputs) -> HeldBucket:
    """Return the bucket with all objects under the one prefix that its rules and needs name."""
    rows = [
        row
        for frame in (inputs.bucket, inputs.lifecycle_policy)
        if frame is not None
        for row in records(frame)
        if row["bucket_name"] == held.name and row["lifecycle"]
    ]
    read = (read_rules(row["lifecycle"])[0] for row in rows)
    named = {rule.prefix for policy in read if policy is not None for rule in policy.rules}
    needs = [] if inputs.storage_need is None else records(inputs.storage_need)
    named |= {row["prefix"] for row in needs if row["bucket_name"] == held.name}
    if len(named - {""}) != 1:
        return held
    (prefix,) = named - {""}
    note = f"Every object is taken to be under {prefix}, the one prefix that is named."
    return replace(held, objects=held.objects.assign(prefix=prefix), notes=(*held.notes, note))


def _from_inventory(inputs: LifecycleInputs) -> Iterator[HeldBucket]:
    frame = inputs.object_cohort
    if frame is None:
        return
    for name in dict.fromkeys(frame["bucket_name"]):
        mine = frame[frame["bucket_name"] == name]
        _refuse_bytes_alone(mine)
        mine = mine[mine["stored_objects"] > 0]
        is_known = mine["storage_class"].isin(set(inputs.classes["storage_class"]))
        left = sorted(set(mine[~is_known]["storage_class"]))
        yield _without(_held(name, INVENTORY, mine[is_known], tuple(_age_words(mine))), left)


def _refuse_bytes_alone(objects: pd.DataFrame) -> None:
    for row in records(objects):
        if row["size_bytes"] and not row["stored_objects"]:
            raise SchemaError(
                "object_cohort",
                f"has bytes without objects in {row['bucket_name']}, under {row['prefix']!r}",
                seen=f"size_bytes {row['size_bytes']} and stored_objects 0",
                expected="the number of objects that hold the bytes",
                remedy="correct stored_objects, or leave the row out",
            )


def _age_words(objects: pd.DataFrame) -> Iterator[str]:
    rows = [row for row in records(objects) if row["age_days"] is None]
    if rows:
        number = exact_sum(row["stored_objects"] for row in rows)
        yield (
            f"The age of {count(number)} objects is not known: they are taken as new on the first "
            "day simulated."
        )


def _without(held: HeldBucket, left: list[str]) -> HeldBucket:
    """Return the bucket with a note of the classes that are left out, if there are some."""
    if not left:
        return held
    words = f"Objects of {listed(left)} are left out: they have no price here."
    return replace(held, notes=(*held.notes, words), unpriced=tuple(left))


def _from_metrics(inputs: LifecycleInputs) -> Iterator[HeldBucket]:
    """Yield the buckets whose bytes CloudWatch gives, without sizes and ages."""
    frame = inputs.bucket_storage
    if frame is None:
        return
    classes = {row["storage_type"]: row for row in records(inputs.classes)}
    for name in dict.fromkeys(frame["bucket_name"]):
        rows = {row["storage_type"]: row for row in records(frame[frame["bucket_name"] == name])}
        sizes = {
            kind: row["size_bytes"]
            for kind, row in rows.items()
            if kind in classes and row["size_bytes"]
        }
        number = rows.get(ALL_TYPES, {}).get("stored_objects")
        if sizes and number:
            cohorts = _metric_cohorts(name, sizes, number, classes)
            notes = (
                "Only bytes by storage class are known: every object is taken as of the mean size "
                "and as new.",
            )
            left = [
                kind
                for kind, row in rows.items()
                if row["size_bytes"] and kind not in classes and OVERHEAD not in kind
            ]
            yield _without(_held(name, METRICS, make(OBJECT_COHORT, cohorts), notes), sorted(left))


def _metric_cohorts(
    name: str,
    sizes: dict[str, Decimal],
    number: Decimal,
    classes: dict[str, dict[str, Any]],
) -> Iterator[dict[str, Any]]:
    """Yield a cohort for each storage type; objects are shared out by bytes."""
    total = exact_sum(sizes.values())
    for kind, size in sizes.items():
        tier = classes[kind]["tier_name"]
        yield {
            "bucket_name": name,
            "prefix": "",
            "storage_class": classes[kind]["storage_class"],
            "object_kind": CURRENT,
            "size_from_bytes": None,
            "age_days": TIER_AGE_DAYS.get(tier),
            "stored_objects": max(Decimal(1), Decimal(round(number * size / total))),
            "size_bytes": size,
        }


def _from_claims(stated: Stated, inputs: LifecycleInputs) -> Iterator[HeldBucket]:
    """Yield the bucket that a document states, in objects of the mean size."""
    values = stated.values("cold_tier_gb", "partition_count")
    if values is None:
        return
    gigabytes, number = values
    buckets = [] if inputs.bucket is None else list(inputs.bucket["bucket_name"])
    name = buckets[0] if len(buckets) == 1 else "the stated bucket"
    row = {
        "bucket_name": name,
        "prefix": "",
        "storage_class": "STANDARD",
        "object_kind": CURRENT,
        "stored_objects": number,
        "size_bytes": gigabytes * STATED_GB,
    }
    notes = ("Bytes and number of objects are stated, not measured; all are taken as new.",)
    yield _held(name, STATED, make(OBJECT_COHORT, [row]), notes)


def _held(name: str, origin: str, objects: pd.DataFrame, notes: tuple[str, ...] = ()) -> HeldBucket:
    return HeldBucket(name, "", origin, objects, "", None, empty(STORAGE_NEED), notes)


def _described(
    held: HeldBucket, inputs: LifecycleInputs, settings: LifecycleSettings
) -> HeldBucket:
    """Return the bucket with its region, versioning, rules and needs."""
    rows = [] if inputs.bucket is None else records(inputs.bucket)
    row = next((row for row in rows if row["bucket_name"] == held.name), {})
    sizes = [] if inputs.bucket_storage is None else records(inputs.bucket_storage)
    regions = [settings.region, row.get("region_id", "")]
    regions += [one["region_id"] for one in sizes if one["bucket_name"] == held.name]
    rules = row.get("lifecycle", "")
    if row.get("versioning", "") not in VERSIONING:
        raise SchemaError(
            "bucket",
            f"has a wrong versioning of {held.name}",
            seen=row["versioning"],
            expected="Enabled, Suspended, Off, or nothing where it is not known",
        )
    policy, notes = _own_rules(rules, held, settings)
    return replace(
        held,
        region_id=next((name for name in regions if name), ""),
        versioning=row.get("versioning", ""),
        policy=policy,
        needs=_needs(held.name, inputs.storage_need, settings),
        notes=(*held.notes, *notes, *_version_words(row.get("versioning", ""))),
    )


def _own_rules(
    rules: str, held: HeldBucket, settings: LifecycleSettings
) -> tuple[Policy | None, list[str]]:
    """Return the rules that a bucket has and what is to be said of them; None: none are taken."""
    if not rules:
        return None, ["Which rules the bucket has is not known: none are taken."]
    policy, reason = read_rules(rules, settings.small_objects)
    if policy is None:
        return None, [f"The rules that the bucket has cannot be read, so none are taken: {reason}"]
    return (policy, []) if is_apart(policy, held.objects) else (None, [PARTLY])


def _version_words(versioning: str) -> Iterator[str]:
    if not versioning:
        yield "Whether the bucket keeps noncurrent versions is not known: no is taken."


def _needs(name: str, needs: pd.DataFrame | None, settings: LifecycleSettings) -> pd.DataFrame:
    """Return what is asked of the bucket; a read target that is set goes before those of it."""
    rows = [] if needs is None else [r for r in records(needs) if r["bucket_name"] == name]
    if settings.slo_ms:
        rows = [{**row, "read_slo_ms": settings.slo_ms} for row in rows] or [
            {"bucket_name": name, "read_slo_ms": settings.slo_ms, "source": "as set"}
        ]
    return make(STORAGE_NEED, rows)
