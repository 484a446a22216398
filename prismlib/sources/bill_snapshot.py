"""Make a snapshot of bill files that others wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from prismlib.errors import CurrencyError, IncompleteDataError
from prismlib.formats import named
from prismlib.periods import Period
from prismlib.snapshot_tables import SNAPSHOT_TABLES
from prismlib.sources.bills import Bill, read_bills, read_engine
from prismlib.sources.csv_tables import read_table
from prismlib.sources.delimited import MEMORY_GB, reading
from prismlib.sources.engines import Engine
from prismlib.sources.snapshots import Description, Origin, write_snapshot

NAMED_FILES = 3
"""How many files a note names; COST_FILE has them all."""

MONTH_SHARE = Decimal("0.05")
"""Usage rows, of those of the fullest month, from which on a later month counts as begun."""


def snapshot_from_bills(
    bills: Sequence[Path],
    path: Path,
    *,
    estimate: Path | None = None,
    components: Path | None = None,
    month: Period | None = None,
    kept: Mapping[str, tuple[pd.DataFrame, Origin]] | None = None,
    memory_gb: int = MEMORY_GB,
    on_step: Callable[[str], None] = lambda step: None,
) -> Path:
    """Write a snapshot of bill files: Cost Explorer JSON, FOCUS, or CUR; return its folder.

    The period is the latest month in which more than stray usage starts (`MONTH_SHARE`); an
    earlier month in the files serves as a baseline. `as_of` is the day after the last day with a
    charge that starts in that month, so nothing depends on the clock. A charge that spans days,
    such as a year paid in advance, says nothing of the day, unless all usage does.

    Parameters
    ----------
    bills : sequence of Path
        Files or folders, see `prismlib.sources.bills.read_bills`.
    estimate : Path, optional
        An ESTIMATE table as CSV: what each component was expected to cost.
    components : Path, optional
        A COMPONENT_RULE table as CSV, used instead of the one in ``data/reference``.
    month : Period, optional
        The period; files whose path names another month are not opened.
    kept : mapping, optional
        Tables of an earlier snapshot that go into this one.
    memory_gb : int
        What DuckDB may hold in memory. [GB]
    on_step : callable
        Gets words of how far the reading is.
    """
    bill = read_bills(bills, month, memory_gb=memory_gb, on_step=on_step)
    month = _month_of(bill, month, ", ".join(map(str, bills)))
    names = sorted(bill.cost_file["file_name"].unique())
    is_estimated = bool(bill.cost["is_estimated"].any())
    origin = Origin(source=f"bill files: {named(names, NAMED_FILES)}", is_estimated=is_estimated)
    tables = {**(kept or {}), "cost": (bill.cost, origin), "cost_file": (bill.cost_file, origin)}
    engine = f"duckdb {duckdb.__version__}"
    for name, file in (("estimate", estimate), ("component_rule", components)):
        if file is not None:
            with reading(file):
                frame = read_table(file, SNAPSHOT_TABLES[name])
            _refuse_currencies(bill, frame, file)
            tables[name] = (frame, Origin(source=f"file {file.name}"))
    return write_snapshot(
        path, _description(bill, month, named(names, NAMED_FILES), engine), tables
    )


def snapshot_from_engine(
    engine: Engine,
    path: Path,
    *,
    month: Period | None = None,
    kept: Mapping[str, tuple[pd.DataFrame, Origin]] | None = None,
) -> Path:
    """Write the snapshot of a table of line items that an engine has; return its folder.

    It has the tables that `snapshot_from_bills` would make of the same rows in files; the manifest
    names the engine, and what its queries read and cost.

    Parameters
    ----------
    engine : Engine
    path, month, kept
        As for `snapshot_from_bills`; the engine chooses the rows of the month.
    """
    bill = read_engine(engine)
    month = _month_of(bill, month, engine.source)
    is_estimated = bool(bill.cost["is_estimated"].any())
    origin = Origin(source=f"line items: {engine.source}", is_estimated=is_estimated)
    tables = {**(kept or {}), "cost": (bill.cost, origin), "cost_file": (bill.cost_file, origin)}
    description = _description(bill, month, engine.source, engine.name, engine.spent())
    return write_snapshot(path, description, tables)


def _description(
    bill: Bill,
    month: Period,
    where: str,
    engine: str,
    queries: Mapping[str, Any] | None = None,
) -> Description:
    return Description(
        name="bill",
        title=f"Bill of {month}",
        period=str(month),
        as_of=_as_of(bill.cost, month),
        billing_currency=str(bill.cost["billing_currency"].iloc[0]),
        engine=engine,
        queries=queries,
        notes=[*_months_note(bill.cost, month), *bill.notes, f"Read from {where}."],
    )


def _month_of(bill: Bill, month: Period | None, where: str) -> Period:
    """Return the month of a bill; one without charges, in all or in `month`, is refused."""
    if bill.cost.empty:
        raise IncompleteDataError(
            "the files hold no charge", path=where, remedy="export the month again"
        )
    if month is not None and str(month) not in (months := _months(bill.cost)):
        raise IncompleteDataError(
            f"no charge starts in {month}",
            path=where,
            seen=f"charges of {', '.join(sorted(months))}",
            expected=f"charges of {month}",
            remedy="give another month, or the files of this one",
        )
    return month or _month(bill.cost)


def _refuse_currencies(bill: Bill, frame: pd.DataFrame, file: Path) -> None:
    """Raise CurrencyError, naming the files, if a table is in another currency than the bill."""
    of_bill = set(bill.cost["billing_currency"])
    of_file = set(frame["billing_currency"]) if "billing_currency" in frame else of_bill
    if of_file - of_bill:
        names = ", ".join(sorted(bill.cost_file["file_name"].unique()))
        where = f"{names}: {', '.join(sorted(of_bill))}; {file.name}: {', '.join(sorted(of_file))}"
        raise CurrencyError("snapshot", sorted(of_bill | of_file), where=where)


def _months(cost: pd.DataFrame) -> Counter[str]:
    months: Counter[str] = Counter()
    for day, rows in Counter(cost["charge_period_start"]).items():
        months[f"{day:%Y-%m}"] += rows
    return months


def _month(cost: pd.DataFrame) -> Period:
    """Return the latest month in which more than stray usage starts."""
    months = _months(cost[cost["charge_kind"] == "usage"]) or _months(cost)
    enough = MONTH_SHARE * max(months.values())
    return Period.month(max(month for month, rows in months.items() if rows >= enough))


def _as_of(cost: pd.DataFrame, month: Period) -> date:
    """Return the day after the last day of `month` that the bill knows."""
    columns = ("charge_period_start", "charge_period_end", "charge_kind")
    rows: list[tuple[date, date, str]] = [
        row for row in zip(*(cost[name] for name in columns), strict=True) if row[0] in month
    ]
    usage = [row for row in rows if row[2] == "usage"] or rows
    day = timedelta(days=1)
    if any(end - start <= day for start, end, _ in usage):
        return max(end for start, end, _ in rows if end - start <= day)
    return min(max(end for _, end, _ in usage), month.end)


def _months_note(cost: pd.DataFrame, month: Period) -> list[str]:
    """Return a note on the months in which charges start, if there are several."""
    months = sorted(_months(cost).items())
    listed = ", ".join(f"{name} ({rows:,} rows)" for name, rows in months)
    note = f"Charges start in several months: {listed}. The month of this snapshot is {month}."
    return [note] if len(months) > 1 else []
