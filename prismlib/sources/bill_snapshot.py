"""Make a snapshot of bill files that others wrote."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from prismlib.errors import IncompleteDataError
from prismlib.periods import Period
from prismlib.snapshot_tables import SNAPSHOT_TABLES
from prismlib.sources.bills import read_bills
from prismlib.sources.csv_tables import read_table
from prismlib.sources.snapshots import Description, Origin, write_snapshot


def snapshot_from_bills(
    bills: Sequence[Path],
    path: Path,
    *,
    estimate: Path | None = None,
    components: Path | None = None,
) -> Path:
    """Write a snapshot of bill files: Cost Explorer JSON, FOCUS, or CUR; return its folder.

    The period is the latest month that holds a charge; an earlier month in the files serves as a
    baseline. `as_of` is the day after the last charge, so nothing depends on the clock.

    Parameters
    ----------
    bills : sequence of Path
        Files or folders, see `prismlib.sources.bills.read_bills`.
    estimate : Path, optional
        An ESTIMATE table as CSV: what each component was expected to cost.
    components : Path, optional
        A COMPONENT_RULE table as CSV, used instead of the one in ``data/reference``.
    """
    bill = read_bills(bills)
    if bill.cost.empty:
        raise IncompleteDataError(
            "the files hold no charge",
            path=", ".join(str(p) for p in bills),
            remedy="export the month again",
        )
    names = sorted(bill.cost_file["file_name"].unique())
    is_estimated = bool(bill.cost["is_estimated"].any())
    origin = Origin(source=f"bill files: {', '.join(names)}", is_estimated=is_estimated)
    tables = {"cost": (bill.cost, origin), "cost_file": (bill.cost_file, origin)}
    for name, file in (("estimate", estimate), ("component_rule", components)):
        if file is not None:
            frame = read_table(file, SNAPSHOT_TABLES[name])
            tables[name] = (frame, Origin(source=f"file {file.name}"))
    last = max(bill.cost["charge_period_end"]) - timedelta(days=1)
    currency = str(bill.cost["billing_currency"].iloc[0])
    month = str(Period.month_of(last))
    description = Description(
        name="bill",
        title=f"Bill of {month}",
        period=month,
        as_of=last + timedelta(days=1),
        billing_currency=currency,
        notes=[f"Read from {', '.join(names)}.", *bill.notes],
    )
    return write_snapshot(path, description, tables)
