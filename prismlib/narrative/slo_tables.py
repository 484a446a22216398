"""The tables of the notebook on benchmarks: which rows, in which columns."""

from __future__ import annotations

import pandas as pd

from prismlib.report.cells import Column
from prismlib.report.display import RowStyle
from prismlib.tables import records


def verdict_columns() -> dict[str, Column]:
    """Return the columns of objectives and runs."""
    return {
        "objective_name": Column("Objective"),
        "target_value": Column("Target", "count"),
        "unit": Column("Unit"),
        "stated_value": Column("Stated", "count", missing=""),
        "run_id": Column("Run", missing=""),
        "measured_value": Column("Measured", "count"),
        "interval_low_value": Column("from", "count", missing=""),
        "interval_high_value": Column("to", "count", missing=""),
        "measurements": Column("n", "count", missing=""),
        "measurements_needed": Column("needed", "count", missing=""),
        "slo_outcome": Column("Outcome"),
        "is_admissible": Column("Evidence", "flag"),
        "verdict": Column("Verdict", "verdict"),
        "note": Column("Why", missing=""),
    }


def verdict_styles(verdicts: pd.DataFrame) -> dict[int, RowStyle]:
    """Return which rows stand out: an objective that is missed."""
    rows = records(verdicts)
    return {n: "bad" for n, row in enumerate(rows) if row["verdict"] == "contradicts"}


def check_columns() -> dict[str, Column]:
    """Return the columns of what is possible."""
    return {
        "load_name": Column("Load"),
        "check_name": Column("Check"),
        "needed_value": Column("Figure", "count"),
        "limit_value": Column("Possible", "count"),
        "unit": Column("Unit"),
        "verdict": Column("Verdict", "verdict"),
        "note": Column("Note", missing=""),
        "source": Column("From", missing=""),
    }


def percentile_columns() -> dict[str, Column]:
    """Return the columns of the percentiles of runs."""
    return {
        "run_id": Column("Run"),
        "statistic": Column("Statistic"),
        "value_ms": Column("ms", "count"),
        "lower_ms": Column("from", "count", missing=""),
        "upper_ms": Column("to", "count", missing=""),
        "percentile_rank": Column("Rank", "count", missing=""),
        "measurements": Column("n", "count", missing=""),
        "is_made_up": Column("Made up", "flag"),
        "note": Column("Note", missing=""),
    }


def comparison_columns() -> dict[str, Column]:
    """Return the columns of the comparison of runs."""
    return {
        "run_id": Column("Run"),
        "earlier_run_id": Column("Against"),
        "statistic": Column("Statistic"),
        "earlier_ms": Column("Before (ms)", "count"),
        "value_ms": Column("Now (ms)", "count"),
        "change_ms": Column("Change (ms)", "count"),
        "change_low_ms": Column("from", "count", missing=""),
        "change_high_ms": Column("to", "count", missing=""),
        "slower_pct": Column("A request is slower", "percent", decimals=1, is_signed=False),
        "rank_probability": Column("If they were alike", "count"),
        "note": Column("So", missing=""),
    }


def script_columns() -> dict[str, Column]:
    """Return the columns of the figures of a script."""
    return {
        "figure_name": Column("Printed as"),
        "command_words": Column("By"),
        "file_name": Column("File", missing="none in the snapshot"),
        "printed_words": Column("Prints"),
        "true_words": Column("Which is"),
        "right_value": Column("The p99 (ms)", "count", missing=""),
        "note": Column("Note", missing=""),
    }


def budget_columns() -> dict[str, Column]:
    """Return the columns of the error budget."""
    return {
        "run_id": Column("Run", missing="as stated"),
        "window_days": Column("Window (days)", "count"),
        "target_value": Column("Allowed (%)", "count"),
        "failed_pct": Column("Failed (%)", "count"),
        "budget_spent_pct": Column("Budget spent", "percent", decimals=0, is_signed=False),
    }
