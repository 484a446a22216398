"""The target of a line: its generation, its size, and whether its region has it."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from graviton_cases import REFERENCE

from prismlib.analyses.graviton_rates import RateBook
from prismlib.analyses.graviton_reference import GravitonReference
from prismlib.analyses.graviton_targets import TargetMap, family_of, mapping_choices
from prismlib.tables import records

TABLES = GravitonReference(**{n: REFERENCE[n] for n in GravitonReference.__dataclass_fields__})
BOOK = RateBook(TABLES)
TARGETS = TargetMap(TABLES, BOOK)


def line(instance_type, region="us-west-2", service="EC2", engine=""):
    return {
        "compute_service": service,
        "instance_type": instance_type,
        "region_id": region,
        "engine": engine,
        "is_multi_az": False,
    }


def by_generation(*args, **kwargs):
    return {t.graviton_generation: t for t in TARGETS.targets(line(*args, **kwargs))}


@pytest.mark.parametrize(
    ("kind", "targets"),
    [
        ("r6i.4xlarge", ["r6g.4xlarge", "r7g.4xlarge", "r8g.4xlarge"]),
        ("c6i.2xlarge", ["c6g.2xlarge", "c7g.2xlarge", "c8g.2xlarge"]),
        ("m5.xlarge", ["m6g.xlarge", "m7g.xlarge", "m8g.xlarge"]),
        ("r7i.4xlarge", ["r6g.4xlarge", "r7g.4xlarge", "r8g.4xlarge"]),
    ],
)
def test_every_generation_keeps_the_size(kind, targets):
    found = by_generation(kind)
    assert [t.target_type for t in found.values()] == targets
    assert list(found) == ["Graviton2", "Graviton3", "Graviton4"]


@pytest.mark.parametrize(
    ("kind", "vcpu", "target", "target_vcpu"),
    [
        ("c5.9xlarge", 36, "c7g.12xlarge", 48),  # another tool takes c7g.8xlarge: 32 vCPUs
        ("c5.18xlarge", 72, "", None),  # c7g ends at 64 vCPUs: no saving by a smaller machine
    ],
)
def test_target_never_has_fewer_vcpus(kind, vcpu, target, target_vcpu):
    prices = REFERENCE["instance_price"]
    extra = [
        {**r, "instance_type": kind, "vcpu": D(vcpu), "memory_gib": D(2 * vcpu)}
        for r in records(prices[prices["instance_type"] == "c5.4xlarge"])
    ]
    frame = type(prices)([*records(prices), *extra], columns=prices.columns, dtype=object)
    tables = GravitonReference(
        **{
            n: frame if n == "instance_price" else REFERENCE[n]
            for n in GravitonReference.__dataclass_fields__
        }
    )
    found = {
        t.graviton_generation: t for t in TargetMap(tables, RateBook(tables)).targets(line(kind))
    }["Graviton3"]
    assert found.target_type == target
    assert (found.size.vcpu if found.size else None) == target_vcpu
    assert found.note.startswith(("no size of c7g", "c7g has no size"))


def test_a_memory_sized_node_keeps_its_memory():
    target = by_generation("r6i.4xlarge")["Graviton3"]
    assert (target.size.vcpu, target.size.memory_gib) == (16, 128)


def test_region_that_does_not_offer_a_family():
    offers = {(r["instance_family"], r["region_id"]) for r in records(REFERENCE["instance_offer"])}
    region = next(
        region
        for region in sorted({region for _, region in offers})
        if ("m8g", region) not in offers and ("m7g", region) in offers
    )
    found = by_generation("m6i.large", region=region)
    assert found["Graviton4"].target_type == ""
    assert found["Graviton4"].note == f"{region} does not offer m8g"


def test_region_that_is_not_known_is_no_obstacle():
    assert by_generation("m6i.large", region="moon-1")["Graviton3"].target_type


def test_family_without_a_target():
    assert TARGETS.target_word(line("p4d.24xlarge")) == "none"
    assert TARGETS.target_word(line("r6i.large")) == "some"
    assert TARGETS.target_word(line("zz9.large")) == ""  # no mapping lists it
    assert list(TARGETS.targets(line("p4d.24xlarge"))) == []


@pytest.mark.parametrize(
    ("kind", "processor"), [("m6i.large", "Intel"), ("m6a.large", "AMD"), ("m7g.large", "Graviton")]
)
def test_processor(kind, processor):
    assert TARGETS.processor(line(kind)) == processor


def test_managed_services():
    database = by_generation("db.r6i.xlarge", service="RDS", engine="postgres")
    assert database["Graviton3"].target_type == "db.r7g.xlarge"
    cache = by_generation("cache.r5.large", service="ElastiCache", engine="redis")
    assert cache["Graviton2"].target_type == "cache.r6g.large"
    assert family_of("r5.large.search") == "r5.search"


def test_published_mappings_differ():
    """Of the facts: the savings dashboard sends r6i to r7g, the KPI dashboard to r8g."""
    (row,) = mapping_choices(TABLES, ["r6i"])
    assert row["savings dashboard, newest"] == "r7g"
    assert row["KPI dashboard, newest"] == "r8g"
