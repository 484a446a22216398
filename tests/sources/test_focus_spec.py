"""The commitment examples of the FOCUS specification: what is bought is used, or is unused."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from prismlib.errors import SourceError
from prismlib.money import exact_sum
from prismlib.sources.bills import Bill, read_bills

FOLDER = Path(__file__).parents[1] / "data" / "focus_spec"
ADDED = {"ProviderName": "AWS", "ServiceName": "Compute", "BillingCurrency": "USD"}


def read(name: str, tmp_path: Path) -> Bill:
    """Read an example with the columns that it leaves out."""
    with (FOLDER / f"{name}.csv").open(newline="") as file:
        rows = [{**row, **ADDED} for row in csv.DictReader(file)]
    path = tmp_path / "bill.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return read_bills([path])


def total(bill: Bill, metric: str, kind: str | None = None) -> Decimal:
    rows = bill.cost if kind is None else bill.cost[bill.cost["charge_kind"] == kind]
    return exact_sum(rows[metric])


@pytest.mark.parametrize(
    ("name", "bought", "uncovered"),
    [
        # What the hour of the commitment costs by its purchase row, and the billed use beside it.
        ("one_hundred_percent_utilization_without", "1.50", "0"),
        ("zero_percent_utilization_without", "1.50", "2.00"),
        ("one_hundred_percent_utilization_with", "0.50", "2.25"),
        ("one_hundred_percent_utilization_with", "2.00", "0"),
    ],
)
def test_use_costs_effectively_what_the_commitment_cost(tmp_path, name, bought, uncovered):
    resources = {"0.50": "_with_1_resource", "2.00": "_with_2_resources"}.get(bought, "")
    bill = read(f"{name}_commitment_discount_flexibility{resources}", tmp_path)
    assert total(bill, "billed_cost", "purchase") == Decimal(bought)
    assert total(bill, "effective_cost", "purchase") == 0
    assert total(bill, "billed_cost", "usage") == Decimal(uncovered)
    covered = total(bill, "effective_cost", "usage") - total(bill, "billed_cost", "usage")
    assert covered == Decimal(bought)


@pytest.mark.parametrize(
    ("number", "effective", "billed"),
    # An hour of a commitment of 1.00: used whole, unused, used for 0.75, used whole beside 0.50.
    [(1, "1.00", "0"), (2, "1.00", "0"), (3, "1.00", "0"), (4, "1.50", "0.50")],
)
def test_an_hour_of_use(tmp_path, number, effective, billed):
    bill = read(f"commitment_discount_usage_scenario_{number}", tmp_path)
    assert total(bill, "effective_cost") == Decimal(effective)
    assert total(bill, "billed_cost") == Decimal(billed)


def test_a_purchase_is_billed_and_costs_nothing_effectively(tmp_path):
    bill = read("commitment_discount_purchase_scenario_1", tmp_path)
    assert set(bill.cost["charge_kind"]) == {"purchase"}
    # 8,760 hours of a year at 1.00.
    assert (total(bill, "billed_cost"), total(bill, "effective_cost")) == (8760, 0)


@pytest.mark.parametrize("number", [2, 3])
def test_examples_with_an_hour_30_are_refused(tmp_path, number):
    with pytest.raises(SourceError, match="ChargePeriodEnd is not usable") as caught:
        read(f"commitment_discount_purchase_scenario_{number}", tmp_path)
    assert "T30:00:00Z" in caught.value.seen
