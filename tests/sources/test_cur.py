"""Cost and Usage Reports: amortized cost by line item type, charge kinds, split costs, tags."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from prismlib.errors import PrismWarning, SourceError
from prismlib.money import exact_sum
from prismlib.sources.bills import Bill, read_bills

BILLS = Path(__file__).parent.parent / "data" / "bills"
LEGACY = BILLS / "cur_legacy.csv"
CUR_2 = BILLS / "cur_2.csv"

pytestmark = pytest.mark.filterwarnings("ignore::prismlib.errors.PrismWarning")


def read(path: Path) -> Bill:
    return read_bills([path])


def edit(path: Path, folder: Path, *changes: tuple[str, str]) -> Path:
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    edited = folder / path.name
    edited.write_text(text)
    return edited


def by_type(cost: pd.DataFrame, field: str) -> dict[str, list[object]]:
    return {str(key): group[field].tolist() for key, group in cost.groupby("record_type")}


def test_amortized_cost_follows_the_line_item_type() -> None:
    cost = read(LEGACY).cost
    amortized = by_type(cost, "amortized_cost")
    assert amortized.pop("Usage") == [Decimal("0.384"), Decimal(29)]  # 2 x 0.192; support
    assert {name: sorted(values) for name, values in amortized.items()} == {
        "SavingsPlanCoveredUsage": [Decimal("0.1286")],  # its effective cost
        "SavingsPlanNegation": [0],
        "SavingsPlanRecurringFee": [Decimal("0.0714")],  # 0.2 committed - 0.1286 used
        "SavingsPlanUpfrontFee": [0],
        "DiscountedUsage": [Decimal("0.12")],  # its effective cost
        "RIFee": [Decimal("0.13")],  # 0.01 unused upfront + 0.12 unused recurring
        "Fee": [0, Decimal(12)],  # of the reservation; of a domain
        "Refund": [Decimal("-0.25"), 0],  # of an outage; of a Savings Plan upfront fee
        "Tax": [Decimal("1.5")],
        "Credit": [Decimal("-0.5")],
        "EdpDiscount": [Decimal("-0.1")],
    }
    # 0.384 + 29 + 0.1286 + 0.0714 + 0.12 + 0.13 + 12 - 0.25 + 1.5 - 0.5 - 0.1
    assert exact_sum(cost["amortized_cost"]) == Decimal("42.484")


def test_unblended_and_list_cost() -> None:
    cost = read(LEGACY).cost
    # 3 x 0.192 - 0.192 + 0.2 + 0.24 + 100 + 12 + 1.5 - 0.5 - 50 - 0.25 + 50 + 29 - 0.1
    assert exact_sum(cost["unblended_cost"]) == Decimal("142.474")
    known = [value for value in cost["list_cost"] if value is not None]
    # 4 instance-hours at 0.192, the negation at 0, support at 29; the others have none.
    assert sorted(known) == [0, Decimal("0.192"), Decimal("0.192"), Decimal("0.384"), 29]
    assert cost["billed_cost"].isna().all() and cost["effective_cost"].isna().all()


def test_charge_kinds() -> None:
    kinds = by_type(read(LEGACY).cost, "charge_kind")
    assert kinds == {
        "Usage": ["usage", "support"],
        "DiscountedUsage": ["usage"],
        "SavingsPlanCoveredUsage": ["usage"],
        "SavingsPlanNegation": ["adjustment"],
        "SavingsPlanRecurringFee": ["purchase"],
        "SavingsPlanUpfrontFee": ["purchase"],
        "RIFee": ["purchase"],
        "Fee": ["purchase", "purchase"],
        "Refund": ["refund", "refund"],
        "Tax": ["tax"],
        "Credit": ["credit"],
        "EdpDiscount": ["adjustment"],
    }


def test_quantity_counts_usage_once() -> None:
    cost = read(LEGACY).cost
    quantities = by_type(cost, "usage_quantity")
    # Two hours on demand; the negation repeats the covered hour, fees are no usage.
    assert quantities["Usage"] == [Decimal(2), None]
    assert quantities["SavingsPlanCoveredUsage"] == [Decimal(1)]
    assert quantities["SavingsPlanNegation"] == quantities["RIFee"] == [None]


def test_split_cost_rows_are_left_out_and_told() -> None:
    with pytest.warns(PrismWarning, match="1 split-cost rows"):
        bill = read(LEGACY)
    assert "Amazon Elastic Kubernetes Service" not in set(bill.cost["service_name"])
    assert bill.notes[0].endswith("their unblended_cost is 0.05")
    unblended = bill.cost_file.iloc[0]
    assert (unblended["row_count"], unblended["left_out_rows"]) == (17, 1)
    assert unblended["file_total"] == Decimal("142.524")  # 142.474 + 0.05
    assert unblended["left_out_total"] == Decimal("0.05")
    assert unblended["table_total"] == Decimal("142.474")


def test_controls() -> None:
    rows = {row["cost_metric"]: row for row in read(LEGACY).cost_file.to_dict("records")}
    assert [row["format_name"] for row in rows.values()] == ["cur_legacy"] * 3
    assert rows["amortized_cost"]["table_total"] == Decimal("42.484")
    assert rows["list_cost"]["table_total"] == Decimal("29.768")  # 4 x 0.192 + 29
    # 100, 12, -50, 50 and 29; amortized 12 and 29.
    assert rows["unblended_cost"]["whole_number_rows"] == 5
    assert rows["amortized_cost"]["whole_number_rows"] == 2
    # The uncommitted usage is three rows, all with costs.
    assert {row["zero_where_billed_rows"] for row in rows.values()} == {0}


def test_account_service_region_and_tags() -> None:
    cost = read(LEGACY).cost
    row = cost[cost["unblended_cost"] == Decimal("0.384")].iloc[0]
    assert row["sub_account_id"] == "012345678901"
    assert row["service_name"] == "Amazon Elastic Compute Cloud"
    assert row["region_id"] == "us-east-1"
    assert row["tags"] == '{"Name": "=HYPERLINK(\\"http://example.com\\")", "Team": "search"}'
    assert "<script>alert(1)</script>" in set(cost["charge_description"])
    # Without a product name its code stands in.
    assert "AWSSupportBusiness" in set(cost["service_name"])


def test_month_that_ends_a_second_early_is_a_whole_month() -> None:
    tax = read(LEGACY).cost.query("record_type == 'Tax'").iloc[0]
    assert (tax["charge_period_start"], tax["charge_period_end"]) == (
        date(2025, 10, 1),
        date(2025, 11, 1),
    )


@pytest.mark.parametrize(
    ("column", "record_type"),
    [
        ("savingsPlan/SavingsPlanEffectiveCost", "SavingsPlanCoveredUsage"),
        ("savingsPlan/UsedCommitment", "SavingsPlanRecurringFee"),
        ("reservation/EffectiveCost", "DiscountedUsage"),
        ("reservation/UnusedRecurringFee", "RIFee"),
        ("reservation/ReservationARN", "Fee"),
    ],
)
def test_amortized_cost_needs_its_columns(tmp_path: Path, column: str, record_type: str) -> None:
    bill = read(edit(LEGACY, tmp_path, (column, "x/y")))
    assert bill.cost["amortized_cost"].isna().all()
    assert bill.cost_file["cost_metric"].tolist() == ["unblended_cost", "list_cost"]
    assert f"no amortized cost, because {record_type} lines need {column}" in bill.notes[0]


def test_bill_without_commitments_needs_no_such_columns(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    with CUR_2.open(newline="") as file:
        rows = [r for r in csv.DictReader(file) if "Savings" not in r["line_item_line_item_type"]]
    gone = ("reservation", "savings_plan", "resource_tags")
    kept = [name for name in rows[0] if not name.startswith(gone)]
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, kept, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    cost = read(path).cost
    assert cost["amortized_cost"].tolist() == cost["unblended_cost"].tolist()
    assert set(cost["tags"]) == {"{}"}


def test_cur_2_csv() -> None:
    bill = read(CUR_2)
    assert set(bill.cost_file["format_name"]) == {"cur_2"}
    # 2.3 + 2.3000000000000003 + 0.0000001 + 0.46: amounts keep every digit they are written with.
    assert exact_sum(bill.cost["unblended_cost"]) == Decimal("5.0600001000000003")
    # 0.000000088 for the covered line instead of 0.0000001
    assert exact_sum(bill.cost["amortized_cost"]) == Decimal("5.0600000880000003")
    storage = bill.cost[bill.cost["usage_unit"] == "GB-Mo"]
    assert set(storage["tags"]) == {'{"aws_created_by": "root", "team": "archive"}'}
    assert set(storage["service_name"]) == {"Amazon Simple Storage Service"}
    assert set(storage["region_id"]) == {"us-west-2"}
    assert set(bill.cost["sub_account_id"]) == {"000000000042"}
    # The open month has no invoice yet.
    assert bill.cost["is_estimated"].all()


def test_cur_2_parquet(tmp_path: Path) -> None:
    path = tmp_path / "cur.parquet"
    typed = {
        **dict.fromkeys(("product", "resource_tags"), "CAST({0}::JSON AS MAP(VARCHAR, VARCHAR))"),
        **dict.fromkeys(
            (
                "line_item_unblended_cost",
                "line_item_usage_amount",
                "pricing_public_on_demand_cost",
                "savings_plan_savings_plan_effective_cost",
            ),
            "CAST(nullif({0}, '') AS DOUBLE)",
        ),
        **dict.fromkeys(
            ("line_item_usage_start_date", "line_item_usage_end_date"), "{0}::TIMESTAMP"
        ),
    }
    cells = ", ".join(f"{sql.format(name)} AS {name}" for name, sql in typed.items())
    duckdb.sql(f"FROM read_csv('{CUR_2}', all_varchar = true)").project(
        f"* REPLACE ({cells})"
    ).write_parquet(str(path))
    assert read(path).cost.equals(read(CUR_2).cost)


def test_legacy_report_in_parquet_names(tmp_path: Path) -> None:
    path = tmp_path / "athena.parquet"
    renamed = {
        "lineItem/LineItemType": "line_item_line_item_type",
        "lineItem/UnblendedCost": "line_item_unblended_cost",
        "reservation/ReservationARN": "reservation_reservation_a_r_n",
        "savingsPlan/SavingsPlanEffectiveCost": "savings_plan_savings_plan_effective_cost",
        "product/ProductName": "product_product_name",
        "resourceTags/user:Name": "resource_tags_user_name",
        "resourceTags/user:Team": "resource_tags_user_team",
    }
    with LEGACY.open() as file:
        names = next(csv.reader(file))
    plain = {name: name.replace("/", "_").replace("lineItem", "line_item") for name in names}
    cells = ", ".join(f'"{name}" AS "{new}"' for name, new in {**plain, **renamed}.items())
    duckdb.sql(f"FROM read_csv('{LEGACY}', all_varchar = true)").project(cells).write_parquet(
        str(path)
    )
    bill, legacy = read(path), read(LEGACY)
    assert set(bill.cost_file["format_name"]) == {"cur_legacy"}
    assert '"team": "search"' in bill.cost["tags"].min()
    same = [name for name in bill.cost.columns if name != "tags"]
    assert bill.cost[same].equals(legacy.cost[same])


def test_tag_columns_that_differ_in_case(tmp_path: Path) -> None:
    path = edit(LEGACY, tmp_path, ("resourceTags/user:Team", "resourceTags/user:name"))
    tags = set(read(path).cost["tags"])
    assert '{"Name": "=HYPERLINK(\\"http://example.com\\")", "name": "search"}' in tags


def test_tag_keeps_what_its_prefix_alone_tells_apart(tmp_path: Path) -> None:
    two = edit(LEGACY, tmp_path, ("resourceTags/user:Team", "resourceTags/Name"))
    tags = set(read(two).cost["tags"])
    assert '{"Name": "search", "user:Name": "=HYPERLINK(\\"http://example.com\\")"}' in tags


def test_tag_loses_one_prefix(tmp_path: Path) -> None:
    twice = edit(LEGACY, tmp_path, ("resourceTags/user:Team", "resourceTags/user:user_Name"))
    tags = set(read(twice).cost["tags"])
    assert '{"Name": "=HYPERLINK(\\"http://example.com\\")", "user_Name": "search"}' in tags


def test_unknown_line_item_type_is_kept_with_a_note(tmp_path: Path) -> None:
    bill = read(edit(LEGACY, tmp_path, ("EdpDiscount", "LunarDiscount")))
    assert by_type(bill.cost, "charge_kind")["LunarDiscount"] == ["adjustment"]
    assert "unknown record types, read as adjustments: LunarDiscount" in bill.notes[0]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("lineItem/UsageType", "lineItem/UsageTyp", "nearest: lineItem/UsageTyp"),
        ("lineItem/CurrencyCode", "currency", "lineItem/CurrencyCode"),
        (",12.0000000000,", ',"12,0",', "row 9: lineItem/UnblendedCost is not usable"),
        (",0.12,,,,", ",abc,,,,", "row 6: reservation/EffectiveCost is not usable"),
    ],
)
def test_broken_report(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        read(edit(LEGACY, tmp_path, (old, new)))


def test_redelivery_of_a_month_with_other_line_ids(tmp_path: Path) -> None:
    again = edit(LEGACY, tmp_path, ("line1", "other1"), ("1234567,", ","), ("0.1920000000", "0.2"))
    with pytest.raises(SourceError, match="17 of the 17 charges"):
        read_bills([LEGACY, again])
