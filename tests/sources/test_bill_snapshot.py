"""The snapshot of bill files: which month it is for, as of which day, and what it says of both."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from prismlib.errors import CurrencyError, SourceError
from prismlib.sources.bill_snapshot import snapshot_from_bills
from prismlib.sources.snapshots import Snapshot, read_snapshot

FOCUS = Path(__file__).parent.parent / "data" / "bills" / "focus_1_2.csv"
NAMES = FOCUS.read_text("utf-8").splitlines()[0].split(",")

Charge = tuple[str, str, str]


def charges(month: str, days: int, category: str = "Usage") -> list[Charge]:
    """Return a charge for each of the first days of a month."""
    return [(f"{month}-{day:02}", f"{month}-{day:02}T23:59:59Z", category)
            for day in range(1, days + 1)]  # fmt: skip


def write_bill(path: Path, *parts: list[Charge]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, NAMES, restval="")
        writer.writeheader()
        for number, (start, end, category) in enumerate(one for part in parts for one in part):
            row = {"ChargePeriodStart": start, "ChargePeriodEnd": end, "ChargeCategory": category}
            row |= {"ProviderName": "AWS", "BillingCurrency": "USD", "ServiceName": "S3"}
            writer.writerow({**row, "BilledCost": "1", "ResourceId": f"i-{number}"})
    return path


def snapshot_of(folder: Path, *parts: list[Charge]) -> Snapshot:
    bill = write_bill(folder / "bill.csv", *parts)
    return read_snapshot(snapshot_from_bills([bill], folder / "snapshot"))


YEAR = [("2025-10-15", "2026-10-15", "Purchase")]
MONTH = [("2025-10-01", "2025-11-01", "Purchase")]
TAX = [("2025-11-03", "2025-11-04", "Tax")]


@pytest.mark.parametrize(
    ("parts", "month", "as_of"),
    [
        ([charges("2025-10", 31)], "2025-10", date(2025, 11, 1)),
        # A year paid in advance, and a tax of the next month, move neither month nor day.
        ([charges("2025-10", 31), YEAR], "2025-10", date(2025, 11, 1)),
        ([charges("2025-10", 20), YEAR, MONTH], "2025-10", date(2025, 10, 21)),
        ([charges("2025-10", 31), TAX], "2025-10", date(2025, 11, 1)),
        # One stray day of usage in November is below a twentieth of 31 days; two days are above.
        ([charges("2025-10", 31), charges("2025-11", 1)], "2025-10", date(2025, 11, 1)),
        ([charges("2025-10", 31), charges("2025-11", 2)], "2025-11", date(2025, 11, 3)),
        # A month that is not over is looked at, with the whole one before as its baseline.
        ([charges("2025-09", 30), charges("2025-10", 10)], "2025-10", date(2025, 10, 11)),
        # A tax after the last usage is a charge of a day.
        ([charges("2025-10", 20), [("2025-10-25", "2025-10-26", "Tax")]], "2025-10",
         date(2025, 10, 26)),
        # Months instead of days: the end of the charge, at most that of the month.
        ([[("2025-10-01", "2025-11-01", "Usage")]], "2025-10", date(2025, 11, 1)),
        ([[("2025-10-01", "2025-10-16", "Usage")], YEAR], "2025-10", date(2025, 10, 16)),
        ([[("2025-10-01", "2026-01-01", "Usage")]], "2025-10", date(2025, 11, 1)),
        # No usage at all.
        ([YEAR], "2025-10", date(2025, 11, 1)),
        ([TAX], "2025-11", date(2025, 11, 4)),
    ],
)  # fmt: skip
def test_month_and_day(tmp_path: Path, parts: list[list[Charge]], month: str, as_of: date) -> None:
    snapshot = snapshot_of(tmp_path, *parts)
    assert (str(snapshot.period), snapshot.as_of) == (month, as_of)
    assert snapshot.title == f"Bill of {month}"
    assert len(snapshot.tables["cost"]) == sum(map(len, parts))


def test_months_are_named_when_there_are_several(tmp_path: Path) -> None:
    snapshot = snapshot_of(tmp_path, charges("2025-09", 30), charges("2025-10", 31), TAX)
    assert snapshot.notes == [
        "Charges start in several months: 2025-09 (30 rows), 2025-10 (31 rows), 2025-11 (1 rows)."
        " The month of this snapshot is 2025-10.",
        "Read from bill.csv.",
    ]
    (tmp_path / "other").mkdir()
    alone = snapshot_of(tmp_path / "other", charges("2025-10", 3))
    assert alone.notes == ["Read from bill.csv."]


def estimate_in(folder: Path, currency: str) -> Path:
    path = folder / "estimate.csv"
    path.write_text(f"component,estimated_cost,billing_currency\nCompute,1,{currency}\n", "utf-8")
    return path


def test_estimate_in_another_currency_is_named_with_the_bill(tmp_path: Path) -> None:
    bill = write_bill(tmp_path / "bill.csv", charges("2025-10", 2))
    with pytest.raises(CurrencyError, match=r"bill\.csv: USD; estimate\.csv: EUR"):
        snapshot_from_bills([bill], tmp_path / "s", estimate=estimate_in(tmp_path, "EUR"))
    snapshot_from_bills([bill], tmp_path / "s", estimate=estimate_in(tmp_path, "USD"))


def test_estimate_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bill = write_bill(tmp_path / "bill.csv", charges("2025-10", 2))
    estimate = estimate_in(tmp_path, "USD")
    is_open = Path.open

    def refuse(path: Path, *given: object, **named: object) -> object:
        if path == estimate:
            raise PermissionError(13, "Permission denied", str(path))
        return is_open(path, *given, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match=r"estimate\.csv: cannot be read"):
        snapshot_from_bills([bill], tmp_path / "s", estimate=estimate)
