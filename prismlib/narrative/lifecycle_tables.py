"""The tables of the notebook on S3 lifecycle savings: which rows, in which columns."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from prismlib.analyses.bucket_rules import INTELLIGENT
from prismlib.analyses.lifecycle import LifecycleResults
from prismlib.analyses.lifecycle_claims import MONTHS_PER_YEAR
from prismlib.analyses.lifecycle_findings import bytes_words
from prismlib.formats import UNKNOWN, count, money_decimals
from prismlib.report.cells import Column, Kind
from prismlib.tables import records

MONTH_DAYS, CENTS = 30, 2
CHARGE_WORDS = {
    "storage": "Storage",
    "minimum_size": "Small objects billed as larger ones",
    "overhead": "Bytes that S3 adds to archived objects",
    "restored_copy": "Restored copies",
    "monitoring": "Monitoring of Intelligent-Tiering",
    "put_request": "Writing new objects",
    "transition": "Moving objects",
    "early_delete": "Moved or deleted before the minimum",
    "read_request": "Read requests",
    "retrieval_request": "Restore requests",
    "retrieval": "Retrieval of what is read",
}
"""What each charge is called in a table."""


def content_columns() -> dict[str, Column]:
    """Return the columns of what is stored."""
    return {
        "class_title": Column("Storage class"),
        "object_kind": Column("Objects that are"),
        "stored_objects": Column("Objects", "count"),
        "stored_gb": Column("GB", "count"),
    }


def outcome_rows(results: LifecycleResults) -> pd.DataFrame:
    """Return POLICY_OUTCOME with the month of break-even in words."""
    frame = results.outcomes.copy()
    frame["paid_back"] = [
        UNKNOWN
        if row["whole_effect"] is None
        else "never"
        if row["break_even_month"] is None
        else count(row["break_even_month"])
        for row in records(frame)
    ]
    return frame


def outcome_columns(frame: pd.DataFrame, currency: str) -> dict[str, Column]:
    """Return the columns of what each set of rules comes to (POLICY_OUTCOME)."""

    def amount(name: str, label: str, kind: Kind = "signed_money") -> Column:
        decimals = min(CENTS, money_decimals(frame[name]))
        return Column(label, kind, currency, decimals)

    return {
        "policy_name": Column("Rules"),
        "advice": Column("Advice"),
        "first_quarter_effect": amount("first_quarter_effect", "First quarter"),
        "first_year_effect": amount("first_year_effect", "First year"),
        "whole_effect": amount("whole_effect", "All months"),
        "moving_effect": amount("moving_effect", "of it by moving"),
        "deleting_effect": amount("deleting_effect", "of it by deleting"),
        "last_month_effect": amount("last_month_effect", "Last month"),
        "flat_effect": amount("flat_effect", "A month, by prices alone"),
        "moving_cost": amount("moving_cost", "The move", "money"),
        "paid_back": Column("Paid back from month"),
        "note": Column("Why not", missing=""),
    }


def check_columns() -> dict[str, Column]:
    """Return the columns of the remarks on rules."""
    return {
        "policy_name": Column("Rules"),
        "outcome": Column("Outcome"),
        "statement": Column("What was found"),
        "rule_id": Column("Rule", missing=""),
        "source": Column("From"),
    }


def charge_rows(results: LifecycleResults) -> pd.DataFrame:
    """Return POLICY_CHARGE in words."""
    frame = results.charges.copy()
    frame["charge"] = [CHARGE_WORDS[name] for name in frame["charge_name"]]
    return frame


def charge_columns(currency: str) -> dict[str, Column]:
    """Return the columns of the charges."""
    return {
        "policy_name": Column("Rules"),
        "charge": Column("Charge, all months"),
        "baseline_cost": Column("As it is", "money", currency, 2),
        "cost": Column("With the rules", "money", currency, 2),
        "cost_change": Column("Change", "signed_money", currency, 2),
    }


def claimed_rows(results: LifecycleResults) -> pd.DataFrame:
    """Return what prices alone claim for a year beside what the simulated year saves."""
    rows = [
        {
            **row,
            "claimed": None if row["flat_effect"] is None else row["flat_effect"] * MONTHS_PER_YEAR,
        }
        for row in records(results.outcomes)
        if row["whole_effect"] is not None
    ]
    columns = ["policy_name", "claimed", "first_year_effect", "billing_currency"]
    return pd.DataFrame(rows, columns=columns, dtype=object)


OPEN = "unknown: its prices fall only after 30 and 90 days unread"


def size_rows(results: LifecycleResults) -> pd.DataFrame:
    """Return BREAK_EVEN_SIZE with a column for each time, sizes in words."""
    rows: dict[str, dict[str, str]] = {}
    for row in records(results.sizes):
        size = row["break_even_bytes"]
        is_open = row["storage_class"] == INTELLIGENT
        words = OPEN if is_open else "never" if size is None else bytes_words(size)
        rows.setdefault(row["class_title"], {"class_title": row["class_title"]})[
            f"within_{row['payback_months']}"
        ] = words
    return pd.DataFrame(list(rows.values()), dtype=object)


def size_columns(frame: pd.DataFrame) -> dict[str, Column]:
    """Return the columns of the sizes from which a move pays back."""
    times = [name for name in frame.columns if name.startswith("within_")]
    return {
        "class_title": Column("To"),
        **{name: Column(f"Pays within {_months(name)}, from") for name in times},
    }


def _months(name: str) -> str:
    number = Decimal(name.removeprefix("within_"))
    return f"{number} month{'' if number == 1 else 's'}"


def move_rows(results: LifecycleResults) -> pd.DataFrame:
    """Return MOVE_CASE with sizes in words."""
    frame = results.move_cases.copy()
    unread = "" if results.book is None else results.book.rules.instant_after_days
    frame["class_title"] = [
        f"{row['class_title']}, unread for {unread} days"
        if row["storage_class"] == INTELLIGENT
        else row["class_title"]
        for row in records(frame)
    ]
    frame["object_size"] = [bytes_words(Decimal(size)) for size in frame["object_bytes"]]
    frame["payback"] = [
        OPEN if row["storage_class"] == INTELLIGENT else payback_words(row["payback_months"])
        for row in records(frame)
    ]
    return frame


def payback_words(months: Decimal | None) -> str:
    """Return how long a move takes to pay back; less than a day is not counted."""
    if months is None:
        return "never"
    return "under a day" if months * MONTH_DAYS < 1 else f"{count(round(months, 2))} months"


def move_columns(currency: str) -> dict[str, Column]:
    """Return the columns of what moving the bucket costs."""
    return {
        "class_title": Column("To"),
        "object_size": Column("Objects of"),
        "stored_objects": Column("Objects", "count"),
        "moving_cost": Column("The move", "money", currency, 2),
        "month_effect": Column("Saved a month then", "signed_money", currency, 2),
        "payback": Column("Pays back in"),
    }
