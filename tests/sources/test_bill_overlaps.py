"""Bill files that would count a charge twice, and files that only look so."""

from __future__ import annotations

import csv
import gzip
import shutil
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from prismlib.errors import SourceError
from prismlib.sources.bills import read_bills

BILLS = Path(__file__).parent.parent / "data" / "bills"
FOCUS = BILLS / "focus_1_2.csv"

Row = dict[str, str]


def read_rows(path: Path) -> list[Row]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, rows: Sequence[Row]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def overlap_of(*paths: Path) -> str:
    with pytest.raises(SourceError, match="overlaps") as caught:
        read_bills(list(paths))
    return str(caught.value)


def test_same_bytes_twice(tmp_path: Path) -> None:
    shutil.copy(FOCUS, tmp_path / "a.csv")
    shutil.copy(FOCUS, tmp_path / "b.csv")
    assert "the same bytes" in overlap_of(tmp_path)


def test_same_rows_plain_and_packed(tmp_path: Path) -> None:
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(FOCUS.read_bytes()))
    assert "8 of the 8 charges" in overlap_of(FOCUS, tmp_path)


def test_redelivery_with_other_amounts_ids_and_tags(tmp_path: Path) -> None:
    rows = read_rows(FOCUS)
    for row in rows:
        row.update(BilledCost="1", EffectiveCost="2", Tags='{"new": "tag"}', InvoiceId="42")
    assert "8 of the 8 charges" in overlap_of(FOCUS, write_rows(tmp_path / "again.csv", rows))


def test_redelivery_without_resource_ids(tmp_path: Path) -> None:
    rows = [{k: v for k, v in row.items() if k != "ResourceId"} for row in read_rows(FOCUS)]
    assert "8 of the 8 charges" in overlap_of(FOCUS, write_rows(tmp_path / "again.csv", rows))


def many_rows(count: int, first: int = 0) -> list[Row]:
    row = read_rows(FOCUS)[0]
    return [{**row, "ResourceId": f"i-{first + n}"} for n in range(count)]


def test_partial_overlap_above_five_percent(tmp_path: Path) -> None:
    # 6 of the 100 rows of the smaller file are in both: i-194 to i-199.
    one = write_rows(tmp_path / "1.csv", many_rows(200))
    other = write_rows(tmp_path / "2.csv", many_rows(100, first=194))
    assert "6 of the 100 charges" in overlap_of(one, other)


def test_chunks_may_share_five_percent(tmp_path: Path) -> None:
    one = write_rows(tmp_path / "1.csv", many_rows(200))
    other = write_rows(tmp_path / "2.csv", many_rows(100, first=195))
    bill = read_bills([one, other])
    # 300 hours of $1.008 in one group.
    assert bill.cost["billed_cost"].tolist() == [Decimal("302.4")]


@pytest.mark.filterwarnings("ignore::prismlib.errors.PrismWarning")
@pytest.mark.parametrize("other", ["cur_legacy.csv", "cur_2.csv", "cost_explorer_two_pages.json"])
def test_two_formats_of_one_month(other: str) -> None:
    assert "AWS charges of 2025-10 as" in overlap_of(FOCUS, BILLS / other)


def test_other_months_and_providers_do_not_overlap(tmp_path: Path) -> None:
    rows = read_rows(FOCUS)
    for row in rows:
        row.update(ProviderName="Microsoft")
    other = write_rows(tmp_path / "azure.csv", rows)
    bill = read_bills([FOCUS, BILLS / "focus_sample.csv", other])
    assert len(bill.cost_file) == 9
