"""The totals of every bill in ``tests/data`` that others or we wrote are those of its own column.

The column is added up here by the csv and json modules alone, with none of the code under test.
"""

import csv
import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from datafusion_engine import DataFusionEngine

from prismlib.errors import SourceError
from prismlib.sources.bills import Bill, read_bills, read_engine

DATA = Path(__file__).parents[1] / "data"
SPEC = sorted((DATA / "focus_spec").glob("*.csv"))
BILLS = sorted((DATA / "bills").glob("*.csv"))
ANSWERS = sorted((DATA / "bills").glob("*.json"))

LEFT_OUT_OF_SPEC = {"ProviderName": "AWS", "ServiceName": "Compute", "BillingCurrency": "USD"}
NO_HOUR = ("T30:00:00Z", "T00:00:00Z")
"""What two examples have for an hour, and what stands in its place here."""

COLUMNS = {
    "BilledCost": "billed_cost",
    "EffectiveCost": "effective_cost",
    "ListCost": "list_cost",
    "lineItem/UnblendedCost": "unblended_cost",
    "line_item_unblended_cost": "unblended_cost",
}
SPLIT = ("EKSPod-EC2", "ECSTask-EC2")

pytestmark = pytest.mark.filterwarnings("ignore:.*split-cost rows are left out")


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def is_split(row: dict[str, str]) -> bool:
    """Return whether a row hands out what another row has already."""
    texts = [
        v for k, v in row.items() if k.lower().endswith(("operation", "usagetype", "usage_type"))
    ]
    return any((text or "").endswith(SPLIT) for text in texts)


def plain_totals(rows: list[dict[str, str]]) -> dict[str, Decimal]:
    """Return the sum of each cost column that every row fills."""
    kept = [row for row in rows if not is_split(row)]
    totals = {}
    for outside, metric in COLUMNS.items():
        cells = [row.get(outside) or "NULL" for row in kept]
        if "NULL" not in cells and "null" not in cells:
            totals[metric] = sum(map(Decimal, cells), Decimal(0))
    return totals


def check(bill: Bill, expected: dict[str, Decimal]) -> None:
    """Check the table and the totals of the file, exactly."""
    assert expected
    for metric, total in expected.items():
        of_file = bill.cost_file[bill.cost_file["cost_metric"] == metric]
        assert sum(bill.cost[metric], Decimal(0)) == total, metric
        assert list(of_file["table_total"]) == [total], metric
        assert list(of_file["file_total"] - of_file["left_out_total"]) == [total], metric


def whole(file: Path, folder: Path) -> Path:
    """Return an example of the specification with what it leaves out, and with hours that exist."""
    rows = [{**row, **LEFT_OUT_OF_SPEC} for row in rows_of(file)]
    rows = [{k: v.replace(*NO_HOUR) for k, v in row.items()} for row in rows]
    path = folder / file.name
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_files_are_those_that_the_readme_names():
    assert (len(SPEC), len(BILLS), len(ANSWERS)) == (11, 4, 2)


@pytest.mark.parametrize("file", BILLS, ids=lambda file: file.name)
def test_total_of_a_bill_is_that_of_its_column(file):
    check(read_bills([file]), plain_totals(rows_of(file)))


def test_totals_of_the_focus_sample_are_those_of_its_publisher():
    # AWS alone, as its README says: billed 18.0066, list 18.1493, effective 13.0000.
    rows = [r for r in rows_of(DATA / "bills" / "focus_sample.csv") if r["ProviderName"] == "AWS"]
    bill = read_bills([DATA / "bills" / "focus_sample.csv"])
    of_aws = bill.cost[bill.cost["provider_name"] == "AWS"]
    for metric, total in plain_totals(rows).items():
        assert sum(of_aws[metric], Decimal(0)) == total
    cents = {m: round(sum(of_aws[m], Decimal(0)), 4) for m in ("billed_cost", "list_cost")}
    assert cents == {"billed_cost": Decimal("18.0066"), "list_cost": Decimal("18.1493")}


@pytest.mark.parametrize("file", SPEC, ids=lambda file: file.stem)
def test_total_of_an_example_is_that_of_its_column(file, tmp_path):
    path = whole(file, tmp_path)
    check(read_bills([path]), plain_totals(rows_of(path)))


@pytest.mark.parametrize(
    "file", [f for f in SPEC if NO_HOUR[0] in f.read_text()], ids=lambda f: f.stem
)
def test_hour_that_does_not_exist_is_named(file, tmp_path):
    text = whole(file, tmp_path).read_text().replace("2023-02-01T00:00:00Z", "2023-02-01T30:00:00Z")
    (tmp_path / "odd.csv").write_text(text)
    with pytest.raises(SourceError, match=r"Period.* is not usable") as raised:
        read_bills([tmp_path / "odd.csv"])
    assert NO_HOUR[0] in raised.value.seen


@pytest.mark.parametrize("file", ANSWERS, ids=lambda file: file.name)
def test_total_of_an_answer_is_that_of_its_amounts(file):
    totals: dict[str, Decimal] = defaultdict(Decimal)
    told = json.loads(file.read_text())
    for page in told if isinstance(told, list) else [told]:
        for day in page["ResultsByTime"]:
            for metrics in [group["Metrics"] for group in day["Groups"]] or [day["Total"]]:
                totals["unblended_cost"] += Decimal(metrics["UnblendedCost"]["Amount"])
    check(read_bills([file]), totals)


FOCUS_FILES = [DATA / "bills" / "focus_sample.csv", *SPEC]


@pytest.mark.parametrize("file", FOCUS_FILES, ids=lambda file: file.stem)
def test_another_engine_gives_the_same_totals(file, tmp_path):
    """The same file, as Parquet with amounts and times that declare their types."""
    path = file if file in BILLS else whole(file, tmp_path)
    rows = rows_of(path)
    made = tmp_path / "parquet" / "a.parquet"
    made.parent.mkdir()
    kinds = {
        **{name: "DECIMAL(38, 18)" for name in (*COLUMNS, "ConsumedQuantity") if name in rows[0]},
        **dict.fromkeys(("ChargePeriodStart", "ChargePeriodEnd"), "TIMESTAMP"),
    }
    cells = ", ".join(
        f"CAST(nullif(nullif(\"{name}\", 'NULL'), 'null') AS {kinds[name]}) AS \"{name}\""
        for name in kinds
    )
    duckdb.execute(
        f"COPY (SELECT * REPLACE ({cells}) FROM read_csv('{path}', all_varchar = true))"
        f" TO '{made}' (FORMAT parquet)"
    )
    check(read_engine(DataFusionEngine([made])), plain_totals(rows))
    check(read_bills([made]), plain_totals(rows))
