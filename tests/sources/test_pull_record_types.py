"""Record types as AWS spells them, in a pull: none is lost, and an unknown one is named."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from fake_cost_explorer import EC2, Charge, FakeCostExplorer

from prismlib.periods import Period
from prismlib.sources import pull as pull_module
from prismlib.sources.bills import read_bills
from prismlib.sources.pull import PullOptions, pull_snapshot
from prismlib.sources.pull_words import summary_lines
from prismlib.sources.record_types import CHARGE_KINDS
from prismlib.sources.snapshot_checks import check_snapshot
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import records

MONTH = Period.month("2025-10")
NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)

KINDS = {
    "Usage": "usage",
    "DiscountedUsage": "usage",
    "SavingsPlanCoveredUsage": "usage",
    "Savings Plan Covered Usage": "usage",
    "Reservation applied usage": "usage",
    "RIFee": "purchase",
    "Fee": "purchase",
    "Recurring": "purchase",
    "Upfront": "purchase",
    "SavingsPlanUpfrontFee": "purchase",
    "SavingsPlanRecurringFee": "purchase",
    "Savings Plan Recurring Fee": "purchase",
    "SavingsPlanNegation": "adjustment",
    "Tax": "tax",
    "Credit": "credit",
    "Refund": "refund",
    "Support": "support",
    "Support fee": "support",
    "BundledDiscount": "adjustment",
    "Bundled Discount": "adjustment",
    "EdpDiscount": "adjustment",
    "Enterprise Discount Program Discount": "adjustment",
    "PrivateRateDiscount": "adjustment",
    "Private Rate Card Discount": "adjustment",
    "Solution Provider Program Discount": "adjustment",
    "Distributor Discount": "adjustment",
    "Other out-of-cycle charges": "adjustment",
    "Lunar surcharge": "adjustment",
}
"""As the API, the CUR and the console spell them -> what they are; one that nobody knows."""


@pytest.fixture
def done(moto, monkeypatch, tmp_path):
    """Pull a month in which the n-th record type costs 2 to the power n, on its first day."""
    monkeypatch.setattr(pull_module, "COLLECTORS", ())
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    charges = [
        Charge(MONTH.start, EC2, "USW2-BoxUsage", kind, Decimal(2**n), Decimal(2**n))
        for n, kind in enumerate(KINDS)
    ]
    charges += [
        Charge(day, EC2, "USW2-BoxUsage", "Usage", Decimal(0), Decimal(0))
        for day in MONTH.dates()[1:]
    ]
    with FakeCostExplorer(charges, today=NOW.date()) as fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL_COST_EXPLORER", fake.url)
        yield pull_snapshot(PullOptions(MONTH, tmp_path / "prod"), now=NOW)


def test_every_spelling_is_in_the_total_once(done):
    rows = records(read_snapshot(done.path).tables["cost"])
    first = [row for row in rows if row["charge_period_start"] == date(2025, 10, 1)]
    # Powers of two: the sum says exactly which of them are in it, and how often.
    assert sum(row["unblended_cost"] for row in first) == 2 ** len(KINDS) - 1
    assert check_snapshot(done.path) == []
    found = {row["record_type"]: row["charge_kind"] for row in first}
    # The three that are asked for as use come as one.
    asked = ("DiscountedUsage", "SavingsPlanCoveredUsage")
    assert found == {name: kind for name, kind in KINDS.items() if name not in asked}
    (use,) = [row for row in first if row["record_type"] == "Usage"]
    assert use["unblended_cost"] == 1 + 2 + 4
    assert use["usage_type"] == "USW2-BoxUsage"


def test_use_with_another_spelling_is_committed_all_the_same(tmp_path):
    """An amortized cost of nothing where something is billed is odd, unless it is committed."""
    costs = {"UnblendedCost": {"Amount": "5", "Unit": "USD"},
             "AmortizedCost": {"Amount": "0", "Unit": "USD"}}  # fmt: skip
    names = ("Usage", "Savings Plan Covered Usage", "Reservation applied usage")
    day = {
        "TimePeriod": {"Start": "2025-10-01", "End": "2025-10-02"},
        "Groups": [{"Keys": [EC2, name], "Metrics": costs} for name in names],
        "Estimated": False,
    }
    by = [{"Type": "DIMENSION", "Key": key} for key in ("SERVICE", "RECORD_TYPE")]
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"GroupDefinitions": by, "ResultsByTime": [day]}), "utf-8")
    # The first of the three rows alone, and only in the second cost metric.
    assert read_bills([file]).cost_file["zero_where_billed_rows"].tolist() == [0, 1]


def test_summary_and_snapshot_name_what_is_not_known(done):
    notes = [
        "Cost Explorer: unknown record types, read as adjustments: Lunar surcharge",
        "Cost Explorer: use that is written as Reservation applied usage, Savings Plan Covered"
        " Usage has no usage type",
    ]
    assert done.notes == notes
    assert set(notes) <= set(read_snapshot(done.path).notes)
    lines = summary_lines(done)
    assert all(any(note in line for line in lines) for note in notes)


def test_record_types_are_known_in_any_spelling():
    known = {name for name in KINDS if name.lower().replace(" ", "") in CHARGE_KINDS}
    assert set(KINDS) - known == {"Lunar surcharge"}
