"""FOCUS exports: the published sample, versions, null spellings, Parquet, charge kinds."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from prismlib.errors import SourceError
from prismlib.money import exact_sum
from prismlib.sources.bills import read_bills

BILLS = Path(__file__).parent.parent / "data" / "bills"
FOCUS = BILLS / "focus_1_2.csv"
SAMPLE = BILLS / "focus_sample.csv"

# The totals of AWS in tests/data/bills/README.md (18.0066, 18.1493, 13.0000), in full.
AWS_TOTALS = {
    "billed_cost": Decimal("18.0066386184"),
    "list_cost": Decimal("18.1493176406"),
    "effective_cost": Decimal("13"),
}


def edit(path: Path, folder: Path, *changes: tuple[str, str]) -> Path:
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    edited = folder / path.name
    edited.write_text(text)
    return edited


def test_sample_has_the_published_totals() -> None:
    bill = read_bills([SAMPLE])
    aws = bill.cost[bill.cost["provider_name"] == "AWS"]
    assert {name: exact_sum(aws[name]) for name in AWS_TOTALS} == AWS_TOTALS
    assert {round(total, 4) for total in AWS_TOTALS.values()} == {
        Decimal("18.0066"),
        Decimal("18.1493"),
        Decimal("13.0000"),
    }
    assert bill.cost["unblended_cost"].isna().all() and bill.cost["amortized_cost"].isna().all()
    assert bill.notes == ()


def test_sample_shows_that_effective_cost_is_not_usable() -> None:
    rows = {row["cost_metric"]: row for row in read_bills([SAMPLE]).cost_file.to_dict("records")}
    # 604 rows of AWS (README), none of them committed, and 4 of Oracle.
    assert rows["effective_cost"]["zero_where_billed_rows"] == 604 + 4
    assert rows["billed_cost"]["zero_where_billed_rows"] == 0
    assert rows["list_cost"]["zero_where_billed_rows"] == 0
    assert {row["row_count"] for row in rows.values()} == {1000}
    assert all(row["file_total"] == row["table_total"] for row in rows.values())


def test_only_aws_rows_of_the_sample(tmp_path: Path) -> None:
    with SAMPLE.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["ProviderName"] == "AWS"]
    path = tmp_path / "aws.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    controls = {r["cost_metric"]: r for r in read_bills([path]).cost_file.to_dict("records")}
    assert {name: controls[name]["file_total"] for name in AWS_TOTALS} == AWS_TOTALS
    assert controls["effective_cost"]["zero_where_billed_rows"] == 604
    assert controls["effective_cost"]["row_count"] == 942


def test_null_text_is_missing_in_the_sample() -> None:
    cost = read_bills([SAMPLE]).cost
    assert not cost.isin(["NULL", "null"]).any(axis=None)
    # 13-digit and shorter account ids stay text.
    assert cost["sub_account_id"].map(type).eq(str).all()


def test_charges_of_a_month() -> None:
    bill = read_bills([FOCUS])
    rows = {row["charge_description"]: row for row in bill.cost.to_dict("records")}
    assert {name: row["charge_kind"] for name, row in rows.items()} == {
        "$1.008 per On Demand Linux r6i.4xlarge Instance Hour": "usage",
        "covered by a Savings Plan": "usage",
        "1 year No Upfront Compute Savings Plan": "purchase",
        "AWS Support (Business)": "support",
        "VAT": "tax",
        "Promotional credit": "credit",
        "Rounding": "adjustment",
    }
    # 2 x 1.008 + 0 + 487.4688 + 100 + 10 - 5 - 0.01
    assert exact_sum(bill.cost["billed_cost"]) == Decimal("594.4748")
    # 2 x 1.008 + 0.6552 + 0 + 100 + 10 - 5 - 0.01
    assert exact_sum(bill.cost["effective_cost"]) == Decimal("107.6612")
    # 3 x 1.008 + 487.4688 + 100 + 10 - 5 - 0.01
    assert exact_sum(bill.cost["list_cost"]) == Decimal("595.4828")


def test_hours_become_a_day_and_offsets_become_utc() -> None:
    cost = read_bills([FOCUS]).cost
    # 03:00+02:00 is 01:00 UTC of the same day; both hours have the same tags, spelled in two ways.
    (row,) = cost[cost["billed_cost"] == Decimal("2.016")].to_dict("records")
    assert row["usage_quantity"] == Decimal(2)
    assert row["tags"] == '{"env": "prod", "team": "search"}'
    assert row["usage_type"] == "USE1-BoxUsage:r6i.4xlarge"
    assert (row["charge_period_start"], row["charge_period_end"]) == (
        date(2025, 10, 1),
        date(2025, 10, 2),
    )


def test_offset_moves_a_charge_to_the_day_before(tmp_path: Path) -> None:
    changes = [("T03:00:00+02:00", "T00:30:00+02:00"), ("T04:00:00+02:00", "T01:30:00+02:00")]
    cost = read_bills([edit(FOCUS, tmp_path, *changes)]).cost
    # 22:30 to 23:30 UTC of 30 September.
    assert cost["charge_period_start"].min() == date(2025, 9, 30)


def test_charge_that_spans_days_keeps_its_span(tmp_path: Path) -> None:
    changes = ("2025-11-01T00:00:00Z", "2025-11-01T10:00:00Z")
    cost = read_bills([edit(FOCUS, tmp_path, changes)]).cost
    spans = {row.charge_period_end - row.charge_period_start for row in cost.itertuples()}
    # One day of hours; 31 days and 10 hours are rounded up to 32 days.
    assert {span.days for span in spans} == {1, 32}


def test_committed_zero_is_not_odd(tmp_path: Path) -> None:
    # The first row is billed 1.008; committed, its effective cost of 0 would be in order.
    row = "Usage,,$1.008 per On Demand Linux r6i.4xlarge Instance Hour,Usage-Based,"
    text = FOCUS.read_text().replace("1.008,1.008,Standard", "0,1.008,Standard")
    loose = tmp_path / "loose.csv"
    loose.write_text(text)
    effective = read_bills([loose]).cost_file.set_index("cost_metric").loc["effective_cost"]
    assert effective["zero_where_billed_rows"] == 2
    held = tmp_path / "held.csv"
    held.write_text(
        text.replace(row + "2025-10-01T01:00:00Z,2025-10-01T00:00:00Z,,",
                     row + "2025-10-01T01:00:00Z,2025-10-01T00:00:00Z,s-3,")
    )  # fmt: skip
    effective = read_bills([held]).cost_file.set_index("cost_metric").loc["effective_cost"]
    assert effective["zero_where_billed_rows"] == 1


def test_without_commitment_column_odd_zeros_are_unknown(tmp_path: Path) -> None:
    path = edit(FOCUS, tmp_path, ("CommitmentDiscountId", "Other"))
    assert read_bills([path]).cost_file["zero_where_billed_rows"].tolist() == [None] * 3


@pytest.mark.parametrize("spelling", ["lower", "upper", "snake"])
def test_parquet_with_maps_floats_times_and_folded_names(tmp_path: Path, spelling: str) -> None:
    typed = {
        "Tags": "CAST(CAST(Tags AS JSON) AS MAP(VARCHAR, VARCHAR))",
        "BilledCost": "CAST(BilledCost AS DOUBLE)",
        "EffectiveCost": "CAST(EffectiveCost AS DOUBLE)",
        "ListCost": "CAST(ListCost AS DECIMAL(18, 6))",
        "ConsumedQuantity": "TRY_CAST(ConsumedQuantity AS DOUBLE)",
        "ConsumedUnit": "nullif(ConsumedUnit, 'NULL')",
        "ChargePeriodStart": "CAST(CAST(ChargePeriodStart AS TIMESTAMPTZ) AS TIMESTAMP)",
        "ChargePeriodEnd": "CAST(ChargePeriodEnd AS TIMESTAMPTZ)",
    }
    folded = {"lower": str.lower, "upper": str.upper, "snake": snake}[spelling]
    with FOCUS.open() as file:
        names = next(csv.reader(file))
    cells = ", ".join(f"{typed.get(name, name)} AS {folded(name)}" for name in names)
    path = tmp_path / "bill.parquet"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(
            f"COPY (SELECT {cells} FROM read_csv('{FOCUS}', all_varchar = true)) TO '{path}'"
        )
    assert read_bills([path]).cost.equals(read_bills([FOCUS]).cost)


def snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def test_float_that_is_not_a_number(tmp_path: Path) -> None:
    path = tmp_path / "bill.parquet"
    duckdb.sql(f"FROM read_csv('{FOCUS}', all_varchar = true)").project(
        "* REPLACE (CASE WHEN ChargeCategory = 'Tax' THEN 'nan' ELSE BilledCost END::DOUBLE"
        " AS BilledCost)"
    ).write_parquet(str(path))
    with pytest.raises(SourceError, match="row 6: BilledCost is not usable"):
        read_bills([path])


def test_columns_of_a_specification_example_are_not_enough(tmp_path: Path) -> None:
    # As in the examples of the FOCUS specification, which show commitments only.
    path = tmp_path / "example.csv"
    path.write_text(
        "BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,"
        "BilledCost,EffectiveCost,CommitmentDiscountId\n"
        "2023-01-01T00:00:00Z,2023-02-01T00:00:00Z,2023-01-01T00:00:00Z,2024-01-01T00:00:00Z,"
        "Purchase,8760.00,0.00,<my-commitment-discount-id>\n"
    )
    with pytest.raises(SourceError, match="lacks columns") as caught:
        read_bills([path])
    for name in ("ProviderName", "ServiceName", "BillingCurrency (nearest: BillingPeriod"):
        assert name in str(caught.value)


def test_markup_and_formulas_are_data(tmp_path: Path) -> None:
    path = edit(
        FOCUS,
        tmp_path,
        ("Rounding", '"=HYPERLINK(""http://x"",""<script>"")"'),
        ('""team"": ""search""', '""team"": ""<script>alert(1)</script>é""'),
    )
    cost = read_bills([path]).cost
    assert '=HYPERLINK("http://x","<script>")' in set(cost["charge_description"])
    assert '{"env": "prod", "team": "<script>alert(1)</script>é"}' in set(cost["tags"])


def test_costs_keep_their_digits(tmp_path: Path) -> None:
    path = edit(FOCUS, tmp_path, ("\n487.4688,", "\n0.000000000000000001,"), ("\n100,", "\n1E+2,"))
    cost = read_bills([path]).cost.set_index("charge_description")["billed_cost"]
    assert cost["1 year No Upfront Compute Savings Plan"] == Decimal("1e-18")
    assert str(cost["AWS Support (Business)"]) == "100"
