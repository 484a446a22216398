"""Which Graviton type a line would move to, in each generation.

Method. Two published mappings name a Graviton family for a family (GRAVITON_TARGET). One lists a
family for each generation; both also name a "newest" one, and they differ. For a generation the
listed family is taken, else a newest one of that generation. The size is kept; where no Graviton
family has such a size, or it is smaller by that name, the smallest size with at least as many vCPUs
and as much memory is taken: fewer of either is no saving, it is a smaller machine. A size that
other Graviton families have and the price tables lack is unknown, not missing.

Known limits. What a type has besides vCPUs and memory (network, local disks, accelerators) is not
compared. A region is taken to offer all sizes of a family that it offers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from prismlib.analyses.graviton_rates import Rate, RateBook
from prismlib.analyses.graviton_reference import GravitonReference
from prismlib.tables import records

GENERATIONS = ("Graviton2", "Graviton3", "Graviton4")
BY_GENERATION = "savings dashboard, by generation"
FUNCTION_ON_ARM = "GB-Second-ARM"
SERVICE_PREFIXES = ("db.", "cache.")

Row = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """The type that a line would move to; `target_type` is "" when there is none that fits."""

    graviton_generation: str
    mapping_name: str
    target_type: str
    size: Rate | None
    note: str


class TargetMap:
    """The published mappings and the regions' offers, looked up by family."""

    def __init__(self, reference: GravitonReference, book: RateBook) -> None:
        self._book = book
        self._rows: dict[tuple[str, str], list[Row]] = {}
        for row in records(reference.graviton_target):
            key = row["compute_service"], row["instance_family"]
            self._rows.setdefault(key, []).append(row)
        offers = reference.instance_offer
        self._offers = set(zip(offers["instance_family"], offers["region_id"], strict=True))
        self._regions = set(offers["region_id"])
        self._sizes = sorted(set(reference.instance_price["instance_type"])) + sorted(
            set(reference.managed_price["instance_type"])
        )

        arm = set(reference.graviton_target["target_family"])
        self._arm_sizes = {_size(kind) for kind in self._sizes if family_of(kind) in arm}

    def rows(self, line: Row) -> list[Row]:
        """Return the GRAVITON_TARGET rows of a line's family."""
        return self._rows.get((line["compute_service"], family_of(line["instance_type"])), [])

    def processor(self, line: Row) -> str:
        """Return who makes the processor of a line's family, or ""."""
        return next((row["processor"] for row in self.rows(line) if row["processor"]), "")

    def target_word(self, line: Row) -> str:
        """Return ``some`` if any mapping gives the family a target, ``none`` if not.

        A family that no mapping lists is not known to have none: ``""``.
        """
        rows = self.rows(line)
        if line["compute_service"] == "Lambda":
            return "some"
        if any(row["target_family"] for row in rows):
            return "some"
        return "none" if rows else ""

    def targets(self, line: Row) -> Iterator[Target]:
        """Yield the target of a line in each generation that a mapping gives it.

        A function has one price on Arm, whatever the generation asked for.
        """
        if line["compute_service"] == "Lambda":
            for generation in GENERATIONS:
                yield Target(generation, "one Arm price", FUNCTION_ON_ARM, None, "")
            return
        for generation in GENERATIONS:
            rows = [r for r in self.rows(line) if r["graviton_generation"] == generation]
            rows.sort(key=lambda r: r["mapping_name"] != BY_GENERATION)
            if rows:
                yield self._target(line, generation, rows[0])

    def _target(self, line: Row, generation: str, row: Row) -> Target:
        family, mapping = row["target_family"], row["mapping_name"]
        own = self._book.size_of(line)
        if not self._is_offered(family, line["region_id"]):
            note = f"{line['region_id']} does not offer {family}"
            return Target(generation, mapping, "", None, note)
        same = _typed(family, _size(line["instance_type"]))
        size = self._book.size_of(line | {"instance_type": same})
        if size is not None and own is not None and _holds(size, own):
            return Target(generation, mapping, same, size, "")
        if size is None and _size(same) in self._arm_sizes:
            return Target(generation, mapping, same, None, f"{same} is in no price table")
        if own is None:
            return Target(generation, mapping, same, size, f"no size of {line['instance_type']}")
        for kind, found in self._larger(line, family, own):
            return Target(generation, mapping, kind, found, f"{family} has no size as large")
        if not any(family_of(kind) == family for kind in self._sizes):
            return Target(generation, mapping, same, None, f"no size of {family} is known")
        note = f"no size of {family} has its vCPUs and memory"
        return Target(generation, mapping, "", None, note)

    def _is_offered(self, family: str, region: str) -> bool:
        """Return whether a region offers a family; a region that is not known offers all."""
        core = family
        for prefix in SERVICE_PREFIXES:
            core = core.removeprefix(prefix)
        core = core.removesuffix(".search")
        is_ec2 = core == family
        return not is_ec2 or region not in self._regions or (core, region) in self._offers

    def _larger(self, line: Row, family: str, own: Rate) -> list[tuple[str, Rate]]:
        """Return the sizes of a family with at least the vCPUs and memory of `own`, least first."""
        found = []
        for kind in self._sizes:
            if family_of(kind) != family:
                continue
            size = self._book.size_of(line | {"instance_type": kind})
            if size is not None and _holds(size, own):
                found.append((kind, size))
        return sorted(found, key=lambda pair: (pair[1].vcpu, pair[1].memory_gib))


def family_of(instance_type: str) -> str:
    """Return the family of a type, as the mappings spell it: ``r6i``, ``db.r6i``, ``r5.search``."""
    if instance_type.endswith(".search"):
        return instance_type.split(".")[0] + ".search"
    return instance_type.rpartition(".")[0]


def _size(instance_type: str) -> str:
    return instance_type.removesuffix(".search").rpartition(".")[2]


def _typed(family: str, size: str) -> str:
    if family.endswith(".search"):
        return f"{family.removesuffix('.search')}.{size}.search"
    return f"{family}.{size}"


def _holds(size: Rate, own: Rate) -> bool:
    """Return whether a size has at least the vCPUs and the memory of another."""
    known = (size.vcpu, own.vcpu, size.memory_gib, own.memory_gib)
    if any(value is None for value in known):
        return False
    assert size.vcpu is not None and own.vcpu is not None
    assert size.memory_gib is not None and own.memory_gib is not None
    return size.vcpu >= own.vcpu and size.memory_gib >= own.memory_gib


def mapping_choices(reference: GravitonReference, families: list[str]) -> list[Row]:
    """Return, for each family, the newest target that each published mapping names."""
    found: dict[str, Row] = {}
    for row in records(reference.graviton_target):
        name = row["mapping_name"]
        if row["instance_family"] in families and name.endswith("newest"):
            line = found.setdefault(
                row["instance_family"], {"instance_family": row["instance_family"]}
            )
            line[name] = row["target_family"]
    return [found[name] for name in families if name in found]
