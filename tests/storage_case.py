"""Prices and rules of storage classes for hand-worked buckets, and short ways to ask for them.

The prices are those of us-west-2 in 2024; they are written here so that new ones in
``data/reference`` leave the arithmetic in the tests alone.
"""

from __future__ import annotations

from decimal import Decimal as D

from prismlib.analyses.bucket_charges import Terms, storage_book
from prismlib.analyses.bucket_simulation import simulate
from prismlib.analyses.bucket_state import Bucket, Cohort, even_months
from prismlib.analyses.lifecycle_policy import Policy, Rule, Transition
from prismlib.reference_tables import LIMIT
from prismlib.storage_tables import STORAGE_CLASS, STORAGE_CLASS_MOVE, STORAGE_PRICE
from prismlib.tables import make

GB = 10**9

STORAGE = {
    ("STANDARD", ""): [(0, "0.023"), (51200, "0.022"), (512000, "0.021")],
    ("INTELLIGENT_TIERING", "frequent"): [(0, "0.023"), (51200, "0.022"), (512000, "0.021")],
    ("INTELLIGENT_TIERING", "infrequent"): [(0, "0.0125")],
    ("INTELLIGENT_TIERING", "archive_instant"): [(0, "0.004")],
    ("INTELLIGENT_TIERING", "archive"): [(0, "0.0036")],
    ("INTELLIGENT_TIERING", "deep_archive"): [(0, "0.00099")],
    ("STANDARD_IA", ""): [(0, "0.0125")],
    ("ONEZONE_IA", ""): [(0, "0.01")],
    ("GLACIER_IR", ""): [(0, "0.004")],
    ("GLACIER", ""): [(0, "0.0036")],
    ("DEEP_ARCHIVE", ""): [(0, "0.00099")],
}
# put, get, transition: USD per 1,000; retrieval: USD per GB; retrieval request: USD per 1,000.
REQUESTS = {
    "STANDARD": ("0.005", "0.0004", None, {"": ("0", "0")}),
    "INTELLIGENT_TIERING": ("0.005", "0.0004", "0.01", {"": ("0", "0")}),
    "STANDARD_IA": ("0.01", "0.001", "0.01", {"": ("0.01", "0")}),
    "ONEZONE_IA": ("0.01", "0.001", "0.01", {"": ("0.01", "0")}),
    "GLACIER_IR": ("0.02", "0.01", "0.02", {"": ("0.03", "0")}),
    "GLACIER": ("0.03", "0.0004", "0.03", {"standard": ("0.01", "0.05"), "bulk": ("0", "0")}),
    "DEEP_ARCHIVE": ("0.05", "0.0004", "0.05", {"standard": ("0.02", "0.1")}),
}
# Least days, least billed bytes, bytes added at the class's own rate and at the Standard rate.
DEMANDS = {
    "STANDARD": (0, 0, 0, 0),
    "INTELLIGENT_TIERING": (0, 0, 0, 0),
    "STANDARD_IA": (30, 131072, 0, 0),
    "ONEZONE_IA": (30, 131072, 0, 0),
    "GLACIER_IR": (90, 131072, 0, 0),
    "GLACIER": (90, 0, 32768, 8192),
    "DEEP_ARCHIVE": (180, 0, 32768, 8192),
}
COLDER = {
    "STANDARD": list(DEMANDS)[1:],
    "STANDARD_IA": ["INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"],
    "INTELLIGENT_TIERING": ["ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"],
    "ONEZONE_IA": ["GLACIER", "DEEP_ARCHIVE"],
    "GLACIER_IR": ["GLACIER", "DEEP_ARCHIVE"],
    "GLACIER": ["DEEP_ARCHIVE"],
}
RESTORED = ("GLACIER", "DEEP_ARCHIVE")
LIMITS = {
    "small_object_bytes": 131072,
    "it_infrequent_after": 30,
    "it_archive_instant_after": 90,
}


def _prices():
    for (name, tier), steps in STORAGE.items():
        for from_gb, usd in steps:
            yield name, "storage", tier, from_gb, "USD/GB-month", usd
    yield "INTELLIGENT_TIERING", "monitoring", "", 0, "USD/1000 objects-month", "0.0025"
    for name, (put, get, transition, speeds) in REQUESTS.items():
        for charge, usd in (("put_request", put), ("get_request", get), ("transition", transition)):
            if usd is not None:
                yield name, charge, "", 0, "USD/1000 requests", usd
        for speed, (usd_gb, usd_request) in speeds.items():
            yield name, "retrieval", speed, 0, "USD/GB", usd_gb
            yield name, "retrieval_request", speed, 0, "USD/1000 requests", usd_request


def price_table(region_id="us-west-2"):
    names = ("storage_class", "charge_name", "tier_name", "from_gb", "price_unit", "usd")
    rows = [dict(zip(names, row, strict=True)) for row in _prices()]
    for row in rows:
        row |= {"from_gb": D(row["from_gb"]), "usd": D(row["usd"]), "region_id": region_id}
        row |= {"source": "hand", "confidence": "high"}
    return make(STORAGE_PRICE, rows)


def class_table():
    rows = []
    for name, (days, least, own, standard) in DEMANDS.items():
        tiers = [tier for known, tier in STORAGE if known == name]
        for tier in tiers:
            rows.append(
                {
                    "storage_class": name,
                    "tier_name": tier,
                    "class_title": name,
                    "min_storage_days": days,
                    "min_billed_bytes": least,
                    "class_overhead_bytes": own,
                    "standard_overhead_bytes": standard,
                    "min_age_days": 0,
                    "is_restored_first": name in RESTORED or "archive" in tier.split("_")[:1],
                    "source": "hand",
                    "confidence": "high",
                }
            )
    return make(STORAGE_CLASS, rows)


def move_table():
    return make(
        STORAGE_CLASS_MOVE,
        [
            {"storage_class": name, "next_class": to, "source": "hand", "confidence": "high"}
            for name, targets in COLDER.items()
            for to in targets
        ],
    )


def limit_table(**changes):
    return make(
        LIMIT,
        [
            {
                "limit_name": name,
                "limit_value": D(value),
                "unit": "-",
                "source": "hand",
                "confidence": "high",
            }
            for name, value in {**LIMITS, **changes}.items()
            if value is not None
        ],
    )


def book():
    return storage_book(price_table(), class_table(), move_table(), limit_table(), "us-west-2")


BOOK = book()


def gb_objects(count, storage_class="STANDARD", **changes):
    """Return a cohort of objects of 1 GB under ``data/``."""
    values = {"prefix": "data/", "object_count": count, "size_bytes": count * GB, **changes}
    return Cohort(storage_class=storage_class, **values)


def moves(*steps, **changes):
    """Return a policy with one rule of transitions: ("GLACIER_IR", 90) ..."""
    transitions = tuple(Transition(name, days) for name, days in steps)
    minimum = {"minimum_size": changes.pop("minimum_size")} if "minimum_size" in changes else {}
    return Policy((Rule("rule", transitions=transitions, **changes),), **minimum)


def run(what, policy=None, months=4, terms=None, horizon=None):
    """Simulate a bucket, or one of a single cohort, for months of 30 days."""
    bucket = what if isinstance(what, Bucket) else Bucket((what,))
    return simulate(bucket, policy, horizon or even_months(months), BOOK, terms or Terms())


def charges(simulation, month):
    """Return the costs of a month by charge and class, tiers of prices added up."""
    rows = [row for row in simulation.rows if row["month_number"] == month]
    found = {}
    for row in rows:
        tier = f" {row['tier_name']}" if row["tier_name"] else ""
        name = f"{row['charge_name']} {row['storage_class']}{tier}"
        found[name] = found.get(name, 0) + row["cost"]
    return found
