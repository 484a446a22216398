"""Cost Explorer answers: pages, groupings, metrics, and what a missing page looks like."""

from __future__ import annotations

import gzip
import json
from copy import deepcopy
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from prismlib.errors import CurrencyError, IncompleteDataError, SourceError
from prismlib.money import exact_sum
from prismlib.sources.bills import Bill, read_bills

BILLS = Path(__file__).parent.parent / "data" / "bills"
TWO_PAGES = BILLS / "cost_explorer_two_pages.json"
PAGES = json.loads(TWO_PAGES.read_text())
COMPUTE = "Amazon Elastic Compute Cloud - Compute"


def write(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document))
    return path


def metrics(amount: str, unit: str = "USD", **others: str) -> dict[str, dict[str, str]]:
    amounts = {"UnblendedCost": amount, **others}
    return {name: {"Amount": value, "Unit": unit} for name, value in amounts.items()}


def answer(start: str, end: str, by: list[str], *groups: tuple[list[str], str]) -> dict[str, Any]:
    rows = [{"Keys": keys, "Metrics": metrics(amount)} for keys, amount in groups]
    period = {"TimePeriod": {"Start": start, "End": end}, "Total": {}, "Groups": rows}
    definitions = [{"Type": "DIMENSION", "Key": name} for name in by]
    return {"GroupDefinitions": definitions, "ResultsByTime": [{**period, "Estimated": False}]}


def one_row(bill: Bill) -> dict[str, Any]:
    (row,) = bill.cost.to_dict("records")
    return dict(row)


def test_two_pages_in_one_file() -> None:
    bill = read_bills([TWO_PAGES])
    # 100.10 + 0 + 1.2345678901 + 99.90 + 20.00 + 29 - 3.00 - 0.50
    assert exact_sum(bill.cost["unblended_cost"]) == Decimal("246.7345678901")
    # and the covered usage at 60.5 instead of 0
    assert exact_sum(bill.cost["amortized_cost"]) == Decimal("307.2345678901")
    assert bill.notes == ()
    for name in ("billed_cost", "effective_cost", "list_cost"):
        assert bill.cost[name].tolist() == [None] * 8


def test_record_types_become_charge_kinds() -> None:
    cost = read_bills([TWO_PAGES]).cost
    kinds = {
        (row.service_name, row.record_type): row.charge_kind for row in cost.itertuples(index=False)
    }
    assert kinds == {
        (COMPUTE, "Usage"): "usage",
        (COMPUTE, "SavingsPlanCoveredUsage"): "usage",
        (COMPUTE, "Enterprise Discount Program Discount"): "adjustment",
        ("AmazonCloudWatch", "Usage"): "usage",
        ("Tax", "Tax"): "tax",
        ("AWS Support (Business)", "Usage"): "support",
        ("Amazon Simple Storage Service", "Credit"): "credit",
    }


def test_estimated_day_and_exclusive_end() -> None:
    cost = read_bills([TWO_PAGES]).cost
    days = {
        (row.charge_period_start, row.charge_period_end, row.is_estimated)
        for row in cost.itertuples(index=False)
    }
    assert days == {
        (date(2025, 10, 1), date(2025, 10, 2), False),
        (date(2025, 10, 2), date(2025, 10, 3), True),
    }


def test_mixed_unit_has_no_quantity() -> None:
    cost = read_bills([TWO_PAGES]).cost
    watch = cost[cost["service_name"] == "AmazonCloudWatch"]
    assert watch[["usage_unit", "usage_quantity"]].to_numpy().tolist() == [["N/A", None]]
    hours = cost[(cost["record_type"] == "Usage") & (cost["service_name"] == COMPUTE)]
    assert hours["usage_quantity"].tolist() == [Decimal(24), Decimal(24)]


def test_controls_of_a_file() -> None:
    bill = read_bills([TWO_PAGES])
    unblended, amortized = bill.cost_file.to_dict("records")
    assert unblended["file_total"] == unblended["table_total"] == Decimal("246.7345678901")
    assert (unblended["format_name"], unblended["row_count"]) == ("cost_explorer", 8)
    # Whole, not 0: 20.00, 29 and -3.00.
    assert unblended["whole_number_rows"] == amortized["whole_number_rows"] == 3
    assert amortized["zero_where_billed_rows"] == 0


def test_usage_with_a_rate_of_zero_is_counted(tmp_path: Path) -> None:
    page = deepcopy(PAGES[1])
    groups = page["ResultsByTime"][0]["Groups"]
    groups[:] = [
        {"Keys": ["A", "Usage"], "Metrics": metrics("5", AmortizedCost="0")},
        {"Keys": ["A", "SavingsPlanCoveredUsage"], "Metrics": metrics("5", AmortizedCost="0")},
        {"Keys": ["A", "Tax"], "Metrics": metrics("5", AmortizedCost="0")},
    ]
    bill = read_bills([write(tmp_path / "a.json", page)])
    assert bill.cost_file["zero_where_billed_rows"].tolist() == [0, 1]


def test_list_of_pages_may_be_packed(tmp_path: Path) -> None:
    packed = tmp_path / "10.json.gz"
    packed.write_bytes(gzip.compress(json.dumps(PAGES).encode()))
    assert read_bills([packed]).cost.equals(read_bills([TWO_PAGES]).cost)


def test_recorded_answer_is_unwrapped(tmp_path: Path) -> None:
    recorded = [{"status_code": 200, "data": page} for page in PAGES]
    bill = read_bills([write(tmp_path / "a.json", recorded)])
    assert bill.cost.equals(read_bills([TWO_PAGES]).cost)


def test_tag_and_cost_category() -> None:
    bill = read_bills([BILLS / "cost_explorer_by_tag.json"])
    assert dict(zip(bill.cost["tags"], bill.cost["unblended_cost"], strict=True)) == {
        '{"Component": "storage", "cost_category:Team": "Graph $ platform"}': Decimal("1000.25"),
        "{}": Decimal("0.75"),
    }
    assert bill.cost_file["zero_where_billed_rows"].tolist() == [None]
    assert "not grouped by RECORD_TYPE" in bill.notes[0]


def test_every_dimension_has_its_field(tmp_path: Path) -> None:
    for number, by in enumerate(
        [("REGION", "LINKED_ACCOUNT"), ("USAGE_TYPE", "OPERATION"), ("INSTANCE_TYPE", "AZ")]
    ):
        page = answer(f"2025-0{number + 1}-01", f"2025-0{number + 1}-02", [*by], (["x", "0y"], "1"))
        write(tmp_path / f"{number}.json", page)
    region, usage, other = read_bills([tmp_path]).cost.to_dict("records")
    assert (region["region_id"], region["sub_account_id"]) == ("x", "0y")
    assert (usage["usage_type"], usage["charge_description"]) == ("x", "0y")
    assert other["charge_description"] == "x; 0y"


def test_total_of_an_answer_that_is_not_grouped(tmp_path: Path) -> None:
    result = {
        "TimePeriod": {"Start": "2025-10-01", "End": "2025-11-01"},
        "Total": metrics("12345.6700000000"),
        "Groups": [],
        "Estimated": True,
    }
    row = one_row(read_bills([write(tmp_path / "a.json", {"ResultsByTime": [result]})]))
    assert (row["unblended_cost"], row["is_estimated"]) == (Decimal("12345.67"), True)
    assert str(row["unblended_cost"]) == "12345.67"
    assert (row["service_name"], row["tags"], row["provider_name"]) == ("", "{}", "AWS")
    assert (row["charge_period_end"] - row["charge_period_start"]).days == 31


def test_hours_are_summed_to_days(tmp_path: Path) -> None:
    pages = [
        answer(f"2025-10-01T{h:02}:00:00Z", f"2025-10-{1 + (h + 1) // 24:02}T{(h + 1) % 24:02}"
               ":00:00Z", ["SERVICE"], (["S3"], "0.1"))
        for h in range(24)
    ]  # fmt: skip
    row = one_row(read_bills([write(tmp_path / "a.json", pages)]))
    assert row["unblended_cost"] == Decimal("2.4")
    assert (row["charge_period_start"], row["charge_period_end"]) == (
        date(2025, 10, 1),
        date(2025, 10, 2),
    )


def test_tax_service_without_record_type_is_tax(tmp_path: Path) -> None:
    page = answer("2025-10-01", "2025-10-02", ["SERVICE"], (["Tax"], "1"), (["S3"], "2"))
    cost = read_bills([write(tmp_path / "a.json", page)]).cost
    assert dict(zip(cost["service_name"], cost["charge_kind"], strict=True)) == {
        "S3": "usage",
        "Tax": "tax",
    }


def test_unknown_record_type_is_kept_apart_with_a_note(tmp_path: Path) -> None:
    page = answer("2025-10-01", "2025-10-02", ["RECORD_TYPE"], (["Lunar surcharge"], "1"))
    bill = read_bills([write(tmp_path / "a.json", page)])
    assert one_row(bill)["charge_kind"] == "adjustment"
    assert bill.notes == ("a.json: unknown record types, read as adjustments: Lunar surcharge",)


def test_amortized_cost_alone_is_enough(tmp_path: Path) -> None:
    page = answer("2025-10-01", "2025-10-02", ["SERVICE"], (["S3"], "1"))
    group = page["ResultsByTime"][0]["Groups"][0]
    group["Metrics"] = {"AmortizedCost": {"Amount": "7.5", "Unit": "USD"}}
    row = one_row(read_bills([write(tmp_path / "a.json", page)]))
    assert (row["unblended_cost"], row["amortized_cost"]) == (None, Decimal("7.5"))


# --- pages that are missing or given twice -------------------------------------------------------


def test_missing_last_page(tmp_path: Path) -> None:
    with pytest.raises(IncompleteDataError, match="no page continues it"):
        read_bills([write(tmp_path / "a.json", PAGES[0])])


def test_missing_page_in_the_middle(tmp_path: Path) -> None:
    last = answer("2025-10-05", "2025-10-06", ["SERVICE", "RECORD_TYPE"], (["S3", "Usage"], "1"))
    with pytest.raises(IncompleteDataError, match="page 1 is not continued by page 2"):
        read_bills([write(tmp_path / "a.json", [PAGES[0], last])])


def page_of(month: int, service: str, token: str = "") -> dict[str, Any]:
    period = (f"2025-{month:02}-01", f"2025-{month + 1:02}-01")
    page = answer(*period, ["SERVICE"], ([service], "1"))
    return {**page, "NextPageToken": token} if token else page


def refusal(*files: Path) -> str:
    with pytest.raises(IncompleteDataError) as caught:
        read_bills([*files])
    assert "as one JSON list, in order" in str(caught.value)
    return str(caught.value)


def test_next_month_is_no_continuation_of_a_page(tmp_path: Path) -> None:
    september = write(tmp_path / "1.json", page_of(9, "S3", "more"))
    october = write(tmp_path / "2.json", page_of(10, "S3"))
    assert "1.json: page 1 is not the last one" in refusal(september, october)
    # The second page of September in a file of its own proves nothing about a third.
    last = write(tmp_path / "3.json", page_of(9, "Tax"))
    assert "1.json: page 1 is not the last one" in refusal(september, last, october)
    write(september, [page_of(9, "S3", "more"), page_of(9, "Tax")])
    assert exact_sum(read_bills([september, october]).cost["unblended_cost"]) == 3


def test_pages_of_one_period_in_files_apart(tmp_path: Path) -> None:
    first = write(tmp_path / "1.json", page_of(9, "A", "two"))
    third = write(tmp_path / "3.json", page_of(9, "C"))
    assert "1.json: page 1 is not the last one" in refusal(first, third)
    pages = [page_of(9, "A", "two"), page_of(9, "B", "three"), page_of(9, "C")]
    bill = read_bills([write(tmp_path / "all.json", pages)])
    assert exact_sum(bill.cost["unblended_cost"]) == 3


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ([page_of(9, "A", "x"), page_of(9, "B"), page_of(10, "A")], "page 2 ends an answer"),
        ([page_of(9, "A", "x"), page_of(9, "B", "y")], "page 2 is not the last one"),
        ([page_of(9, "A"), page_of(9, "B", "y"), page_of(9, "C")], "page 1 ends an answer"),
        ([page_of(10, "A", "x"), page_of(9, "B")], "page 1 is not continued by page 2"),
        ([{**page_of(9, "A", "x"), "ResultsByTime": []}, page_of(9, "B")], "seen: NextPageToken"),
    ],
)
def test_list_that_is_not_one_whole_answer(
    tmp_path: Path, pages: list[dict[str, Any]], words: str
) -> None:
    assert words in refusal(write(tmp_path / "a.json", pages))


def test_page_boundary_between_two_periods(tmp_path: Path) -> None:
    pages = [page_of(9, "S3", "more"), page_of(10, "S3")]
    bill = read_bills([write(tmp_path / "a.json", pages)])
    assert exact_sum(bill.cost["unblended_cost"]) == 2


def test_page_twice(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"page 2 overlaps a\.json, page 1"):
        read_bills([write(tmp_path / "a.json", [PAGES[0], PAGES[0], PAGES[1]])])


def test_two_groupings_of_one_period(tmp_path: Path) -> None:
    write(tmp_path / "a.json", answer("2025-10-01", "2025-10-02", ["SERVICE"], (["S3"], "1")))
    write(tmp_path / "b.json", answer("2025-10-01", "2025-10-02", ["REGION"], (["eu"], "1")))
    with pytest.raises(SourceError, match="grouped in two ways"):
        read_bills([tmp_path])


def test_month_and_its_days(tmp_path: Path) -> None:
    write(tmp_path / "a.json", answer("2025-10-01", "2025-11-01", ["SERVICE"], (["S3"], "1")))
    write(tmp_path / "b.json", answer("2025-10-31", "2025-11-01", ["SERVICE"], (["S3"], "1")))
    with pytest.raises(SourceError, match="2025-10-01 to 2025-11-01 and 2025-10-31 to 2025-11-01"):
        read_bills([tmp_path])


def test_months_one_after_the_other(tmp_path: Path) -> None:
    write(tmp_path / "a.json", answer("2025-09-01", "2025-10-01", ["SERVICE"], (["S3"], "1")))
    write(tmp_path / "b.json", answer("2025-10-01", "2025-11-01", ["SERVICE"], (["S3"], "2")))
    assert exact_sum(read_bills([tmp_path]).cost["unblended_cost"]) == 3


# --- answers that cannot be read -----------------------------------------------------------------


def broken(change: str) -> dict[str, Any]:
    page: dict[str, Any] = deepcopy(PAGES[1])
    result = page["ResultsByTime"][0]
    group = result["Groups"][1]
    match change:
        case "no definitions":
            del page["GroupDefinitions"]
        case "one key":
            group["Keys"] = ["S3"]
        case "net only":
            group["Metrics"] = {"NetUnblendedCost": {"Amount": "1", "Unit": "USD"}}
        case "no amount":
            del group["Metrics"]["UnblendedCost"]
        case "null amount":
            group["Metrics"]["AmortizedCost"]["Amount"] = None
        case "text":
            group["Metrics"]["UnblendedCost"]["Amount"] = "abc"
        case "not a number":
            group["Metrics"]["UnblendedCost"]["Amount"] = float("nan")
        case "no period":
            result["TimePeriod"] = {"Start": "2025-10-01"}
        case "backwards":
            result["TimePeriod"] = {"Start": "2025-10-02", "End": "2025-10-01"}
        case "no groups":
            result["Groups"] = []
        case "other shape":
            result["Groups"] = "S3"
    return page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("no definitions", "no GroupDefinitions"),
        ("one key", "wrong number of keys"),
        ("net only", "none of the cost metrics"),
        ("no amount", "row 2: UnblendedCost is empty"),
        ("null amount", "row 2: AmortizedCost is empty"),
        ("text", "row 2: UnblendedCost is not usable"),
        ("not a number", "row 2: UnblendedCost is not usable"),
        ("no period", "is JSON, but not a bill"),
        ("backwards", "row 1: the charge does not end after its start"),
        ("no groups", "has no rows"),
        ("other shape", "is JSON, but not a bill"),
    ],
)
def test_broken_answer(tmp_path: Path, change: str, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        read_bills([write(tmp_path / "a.json", broken(change))])
    assert str(tmp_path / "a.json") in str(caught.value)
    assert "what to do" in str(caught.value)


def test_second_currency_within_a_group(tmp_path: Path) -> None:
    page = deepcopy(PAGES[1])
    page["ResultsByTime"][0]["Groups"][0]["Metrics"]["UnblendedCost"]["Unit"] = "EUR"
    with pytest.raises(CurrencyError, match="EUR, USD"):
        read_bills([write(tmp_path / "a.json", page)])
