"""The tables of the notebook on recovery: which rows, in which columns."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from prismlib.analyses.judging import counted
from prismlib.report.cells import Column
from prismlib.report.display import RowStyle
from prismlib.tables import records

MOST_DRILLS = 50
"""Of the latest, in the table of a page."""


def case_columns() -> dict[str, Column]:
    """Return the columns of the ways to count recovery."""
    return {
        "case_name": Column("Recovery, counted"),
        "recovery_s": Column("Takes (min:s)", "duration"),
        "target_margin_s": Column("Left to the target", "duration"),
        "limit_margin_s": Column("Left to the limit", "duration"),
        "verdict": Column("Within the target", "verdict"),
        "note": Column("Note", missing=""),
    }


def case_styles(cases: pd.DataFrame) -> dict[int, RowStyle]:
    """Return which rows stand out: those over the limit, and those that are not known."""
    styles: dict[int, RowStyle] = {}
    for number, row in enumerate(records(cases)):
        margin: Decimal | None = row["limit_margin_s"]
        if row["recovery_s"] is None:
            styles[number] = "unknown"
        elif margin is not None and margin < 0:
            styles[number] = "bad"
    return styles


def phase_columns() -> dict[str, Column]:
    """Return the columns of the named durations."""
    return {
        "phase_name": Column("Duration"),
        "from_words": Column("From"),
        "to_words": Column("To"),
        "recovery_s": Column("Took (min:s)", "duration"),
        "note": Column("Note", missing=""),
    }


def step_columns() -> dict[str, Column]:
    """Return the columns of the steps."""
    return {
        "step_name": Column("Step"),
        "phase": Column("Phase"),
        "start_low_s": Column("Start (T+)", "duration"),
        "end_high_s": Column("End (T+)", "duration"),
        "duration_s": Column("Took", "duration"),
        "slack_s": Column("Slack", "duration", missing=""),
        "is_critical": Column("Gates", "flag", missing=""),
        "time_saved_s": Column("Saves at most", "duration", missing=""),
        "beside_saved_s": Column("Saves if beside", "duration", missing=""),
        "is_excluded": Column("Left off", "flag"),
        "note": Column("Note", missing=""),
    }


def choice_columns() -> dict[str, Column]:
    """Return the columns of the levers."""
    return {
        "case_name": Column("Change"),
        "recovery_s": Column("Recovery (min:s)", "duration"),
        "time_saved_s": Column("Saved", "duration"),
        "note": Column("Note", missing=""),
    }


def check_columns() -> dict[str, Column]:
    """Return the columns of what is physically possible."""
    return {
        "step_name": Column("Step"),
        "check_name": Column("Against"),
        "needed_value": Column("Needed", "count"),
        "limit_value": Column("Documented", "count"),
        "unit": Column("Unit"),
        "verdict": Column("Verdict", "verdict"),
        "note": Column("Note", missing=""),
        "source": Column("From", missing=""),
    }


def checks_with_names(checks: pd.DataFrame, steps: pd.DataFrame) -> pd.DataFrame:
    """Return STEP_CHECK with the names of the steps."""
    names = {row["step_id"]: row["step_name"] for row in records(steps)}
    return checks.assign(step_name=[names[step_id] for step_id in checks["step_id"]])


def chance_columns() -> dict[str, Column]:
    """Return the columns of the simulation."""
    return {
        "case_name": Column("Steps"),
        "recovery_low_s": Column("Low", "duration"),
        "recovery_s": Column("Middle", "duration"),
        "recovery_high_s": Column("High", "duration"),
        "within_target_pct": Column("Within the target", "percent", decimals=1, is_signed=False),
        "within_limit_pct": Column("Within the limit", "percent", decimals=1, is_signed=False),
    }


def trend_columns() -> dict[str, Column]:
    """Return the columns of the drills."""
    return {
        "drill_id": Column("Drill"),
        "drill_kind": Column("Kind"),
        "drill_date": Column("Day", "day"),
        "recovery_s": Column("With all the work (min:s)", "duration"),
        "change_s": Column("Change", "duration", missing=""),
        "note": Column("Note", missing=""),
    }


def trend_note(drills: pd.DataFrame) -> str:
    """Return how many earlier drills the page leaves out."""
    hidden = len(drills) - MOST_DRILLS
    return f"The {counted(hidden, 'drill')} before these are not shown." if hidden > 0 else ""


def loss_columns() -> dict[str, Column]:
    """Return the columns of what would be lost."""
    return {
        "store_name": Column("Data store"),
        "recovery_point_age_s": Column("At most (min:s)", "duration"),
        "mechanism": Column("From"),
        "note": Column("Why", missing=""),
    }


def budget_columns() -> dict[str, Column]:
    """Return the columns of the error budget."""
    return {
        "threshold_name": Column("Budget"),
        "case_name": Column("One outage"),
        "recovery_s": Column("Lasts (min:s)", "duration"),
        "budget_s": Column("Allowed (min:s)", "duration"),
        "budget_spent_pct": Column("Spent", "percent", decimals=0, is_signed=False),
    }
