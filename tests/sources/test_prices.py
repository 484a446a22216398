"""The price and rule tables: sourced, dated, judged, and consistent with each other."""

import re
from datetime import date
from decimal import Decimal

import pytest

from prismlib import paths
from prismlib.errors import SourceError
from prismlib.reference_tables import REFERENCE_TABLES
from prismlib.sources.prices import read_reference, read_reference_tables
from prismlib.tables import CHARGE_KINDS, records

TABLES = read_reference_tables()
PRICES = {"instance_price": "usd_per_hour", "commitment_rate": "usd_per_hour", "unit_price": "usd"}
ON_DEMAND = {
    (row["instance_type"], row["region_id"]): row for row in records(TABLES["instance_price"])
}


def test_reference_folder_holds_the_registered_tables_and_no_other():
    assert {path.stem for path in paths.REFERENCE.glob("*.csv")} == set(REFERENCE_TABLES)
    assert set(TABLES) == set(REFERENCE_TABLES)


def test_read_reference_reads_one_table():
    assert read_reference("unit_price").equals(TABLES["unit_price"])


def test_read_reference_names_a_file_that_is_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "REFERENCE", tmp_path)
    with pytest.raises(SourceError, match=r"unit_price\.csv: no such file"):
        read_reference("unit_price")


FREE = {"inter_region_in_gb", "internet_in_gb"}
"""What the provider does not charge for."""


@pytest.mark.parametrize("name", PRICES)
def test_every_price_is_positive_sourced_and_judged(name):
    for row in records(TABLES[name]):
        assert (row[PRICES[name]] == 0) == (row.get("item") in FREE)
        assert row[PRICES[name]] >= 0
        assert len(row["source"].split()) >= 2, row
        assert row["confidence"] in ("high", "medium", "low"), row


@pytest.mark.parametrize("name", ["instance_price", "unit_price"])
def test_list_prices_are_dated(name):
    for row in records(TABLES[name]):
        assert date(2016, 1, 1) < row["valid_from"] < date(2030, 1, 1)


def test_commitment_rates_are_dated():
    undated = [row for row in records(TABLES["commitment_rate"]) if row["valid_from"] is None]
    assert undated == []


@pytest.mark.parametrize(
    ("instance_type", "vcpu", "memory", "price"),
    [
        # AWS list prices of us-west-2 as published for years; r6i.4xlarge: 16 vCPU, 128 GiB.
        ("r6i.4xlarge", 16, 128, "1.008"),
        ("r6i.8xlarge", 32, 256, "2.016"),  # twice the size, twice the price
        ("c6i.2xlarge", 8, 16, "0.34"),
    ],
)
def test_instance_prices_behind_the_sample(instance_type, vcpu, memory, price):
    row = ON_DEMAND[instance_type, "us-west-2"]
    assert (row["vcpu"], row["memory_gib"]) == (vcpu, memory)
    assert row["usd_per_hour"] == Decimal(price)


def test_instance_prices_rise_with_size_within_a_family():
    families: dict[tuple[str, str], list[tuple[Decimal, Decimal]]] = {}
    for (instance_type, region), row in ON_DEMAND.items():
        family = instance_type.split(".")[0]
        families.setdefault((family, region), []).append((row["vcpu"], row["usd_per_hour"]))
    for family, sizes in families.items():
        prices = [price for _, price in sorted(sizes)]
        assert prices == sorted(prices), family


def test_commitment_costs_less_than_on_demand_by_its_stated_discount():
    compared = 0
    for row in records(TABLES["commitment_rate"]):
        list_price = ON_DEMAND.get((row["instance_type"], row["region_id"]))
        if list_price is None:
            continue
        assert row["usd_per_hour"] < list_price["usd_per_hour"], row
        if row["discount_ratio"] is not None:
            kept = row["usd_per_hour"] / list_price["usd_per_hour"]
            assert abs(1 - kept - row["discount_ratio"]) < Decimal("0.002"), row
            compared += 1
    assert compared >= 20


@pytest.mark.parametrize(
    ("item", "unit", "usd"),
    [
        ("cross_az_sender_gb", "USD/GB", "0.01"),
        ("cross_az_receiver_gb", "USD/GB", "0.01"),  # billed at both ends
        ("inter_region_gb", "USD/GB", "0.02"),
        ("s3_standard_gb_month", "USD/GB-month", "0.023"),
        ("ebs_gp3_gb_month", "USD/GB-month", "0.08"),
    ],
)
def test_unit_prices_of_us_west_2(item, unit, usd):
    here = [r for r in records(TABLES["unit_price"]) if r["region_id"] == "us-west-2"]
    (row,) = (r for r in here if r["item"] == item)
    assert (row["price_unit"], row["usd"]) == (unit, Decimal(usd))


@pytest.mark.parametrize(
    ("instance_type", "workload", "value"),
    [
        # read from the source by hand: one run a type, SET with a pipeline of sixteen
        ("r6i.4xlarge", "redis", 4973875),
        ("r7g.4xlarge", "redis", 7183421),
        ("m6i.large", "static_web", 108236),
        ("m6g.large", "static_web", 70230),
        ("m6i.large", "geekbench", 1828),
    ],
)
def test_benchmark_results_are_those_of_the_source(instance_type, workload, value):
    rows = records(TABLES["benchmark"])
    mine = [r for r in rows if (r["instance_type"], r["benchmark"]) == (instance_type, workload)]
    assert max(row["benchmark_value"] for row in mine) == value


def test_benchmark_results_keep_their_licence_and_credit():
    assert all("Spare Cores" in row["source"] for row in records(TABLES["benchmark"]))
    licence = (paths.REFERENCE / "benchmark.CC-BY-SA-4.0.txt").read_text(encoding="utf-8")
    assert "Attribution-ShareAlike 4.0 International" in licence
    credit = (paths.REFERENCE / "benchmark.README.md").read_text(encoding="utf-8")
    assert "Spare Cores" in credit
    assert "share-alike" in credit


def test_every_workload_has_results():
    for workload in records(TABLES["workload"]):
        fitting = [
            row
            for row in records(TABLES["benchmark"])
            if (row["benchmark"], row["metric"]) == (workload["benchmark"], workload["metric"])
            and re.fullmatch(workload["config_pattern"] or ".*", row["config"])
        ]
        assert len({row["instance_type"] for row in fitting}) > 100
        re.compile(workload["match_pattern"])


def test_graviton_targets_are_of_their_generation():
    digit = {"Graviton2": "6", "Graviton3": "7", "Graviton4": "8"}
    for row in records(TABLES["graviton_target"]):
        family = row["target_family"].removeprefix("db.").removeprefix("cache.")
        if re.match(r"[cmr]\d", family):
            assert family[1] == digit[row["graviton_generation"]], row


def test_graviton_rules_compile_and_are_sourced():
    for row in records(TABLES["graviton_rule"]):
        re.compile(row["match_pattern"])
        assert len(row["source"].split()) >= 2


def test_managed_prices_fall_with_commitment():
    prices = {
        tuple(r[n] for n in ("instance_type", "engine", "region_id", "rate_basis")): r
        for r in records(TABLES["managed_price"])
    }
    for (kind, engine, region, basis), row in prices.items():
        listed = prices[kind, engine, region, "on demand"]
        assert row["usd_per_hour"] <= listed["usd_per_hour"], basis


def test_component_rules_are_patterns_and_known_kinds():
    for row in records(TABLES["component_rule"]):
        for name in ("service_pattern", "usage_type_pattern", "tag_pattern", "account_pattern"):
            re.compile(row[name])
        assert set(filter(None, row["charge_kinds"].split("|"))) <= set(CHARGE_KINDS)
        asks = [name for name in row if name.endswith(("_pattern", "_kinds")) and row[name]]
        assert asks, f"rule {row['priority']} would match every charge"


# --- storage classes ------------------------------------------------------------------------------

STORAGE = records(TABLES["storage_price"])
REGIONS = ("us-west-2", "us-east-1")


@pytest.mark.parametrize("name", ["storage_price", "storage_class", "restore_time"])
def test_rows_on_storage_classes_are_sourced_dated_and_judged(name):
    for row in records(TABLES[name]):
        assert len(row["source"].split()) >= 2
        assert row["confidence"] in ("high", "medium", "low")
        assert date(2016, 1, 1) < row["valid_from"] < date(2030, 1, 1)


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(
    ("storage_class", "charge", "tier", "steps"),
    [
        # AWS price list, both regions alike: 50 TB of 1,024 GB, the next 450 TB, the rest
        ("STANDARD", "storage", "", [(0, "0.023"), (51200, "0.022"), (512000, "0.021")]),
        ("GLACIER_IR", "storage", "", [(0, "0.004")]),
        ("GLACIER", "storage", "", [(0, "0.0036")]),
        ("DEEP_ARCHIVE", "storage", "", [(0, "0.00099")]),
        ("STANDARD_IA", "storage", "", [(0, "0.0125")]),
        ("INTELLIGENT_TIERING", "storage", "archive_instant", [(0, "0.004")]),
        ("INTELLIGENT_TIERING", "monitoring", "", [(0, "0.0025")]),
        ("DEEP_ARCHIVE", "transition", "", [(0, "0.05")]),
        ("GLACIER_IR", "transition", "", [(0, "0.02")]),
        ("GLACIER_IR", "retrieval", "", [(0, "0.03")]),
        ("GLACIER", "retrieval", "bulk", [(0, "0")]),
        ("STANDARD", "put_request", "", [(0, "0.005")]),
    ],
)
def test_storage_prices(region, storage_class, charge, tier, steps):
    found = [
        (row["from_gb"], row["usd"])
        for row in STORAGE
        if (row["region_id"], row["storage_class"], row["charge_name"], row["tier_name"])
        == (region, storage_class, charge, tier)
    ]
    assert found == [(Decimal(start), Decimal(usd)) for start, usd in steps]


def test_every_class_that_is_described_has_prices_and_the_other_way_round():
    described = {
        (row["storage_class"], row["tier_name"]) for row in records(TABLES["storage_class"])
    }
    for region in REGIONS:
        priced = {
            (row["storage_class"], row["tier_name"])
            for row in STORAGE
            if row["charge_name"] == "storage" and row["region_id"] == region
        }
        assert priced == described


def test_restored_classes_have_times_and_prices_for_each_speed():
    slow = {r["storage_class"] for r in records(TABLES["storage_class"]) if not r["tier_name"]
            and r["is_restored_first"]}  # fmt: skip
    times = {(r["storage_class"], r["tier_name"]) for r in records(TABLES["restore_time"])}
    assert {name for name, _ in times} == slow == {"GLACIER", "DEEP_ARCHIVE"}
    for charge in ("retrieval", "retrieval_request"):
        priced = {
            (row["storage_class"], row["tier_name"])
            for row in STORAGE
            if row["charge_name"] == charge and row["storage_class"] in slow
        }
        assert priced == times
    for row in records(TABLES["restore_time"]):
        assert 0 <= row["low_hours"] < row["high_hours"]


def test_moves_go_down_and_never_back():
    moves = {(r["storage_class"], r["next_class"]) for r in records(TABLES["storage_class_move"])}
    assert not any((after, before) in moves for before, after in moves)
    assert not any(after == "STANDARD" for _, after in moves)
    assert ("ONEZONE_IA", "GLACIER_IR") not in moves
