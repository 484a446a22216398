"""The tables of the notebook on benchmarks: which rows, in which columns."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from prismlib.analyses.performance_slo import SloOutcomes
from prismlib.analyses.run_percentiles import STATISTICS
from prismlib.analyses.slo_findings import with_unit
from prismlib.analyses.slo_judging import short
from prismlib.formats import count
from prismlib.report.cells import Column
from prismlib.report.display import RowStyle
from prismlib.slo_tables import AT_LEAST
from prismlib.tables import records


def objectives_shown(outcomes: SloOutcomes) -> pd.DataFrame:
    """Return a row an objective: its target and stated figure in words, and what is shown."""
    rows = []
    for row in outcomes.facts.inputs.objectives:
        stated = outcomes.facts.stated.value(row["claim_id"])
        found = outcomes.current(row["slo_id"])
        notes = [f"{one.run.run_id}: {one.outcome}" for one in found]
        bound = "at least" if row["comparison"] == AT_LEAST else "at most"
        rows.append(
            {
                "objective_name": row["objective_name"],
                "target_words": f"{bound} {with_unit(row['target_value'], row['unit'])}",
                "stated_words": "" if stated is None else with_unit(stated, row["unit"]),
                "verdict": str(outcomes.verdict(row["slo_id"])),
                "note": "; ".join(notes) or "no file of a run measured it",
            }
        )
    return pd.DataFrame(rows, columns=list(objective_columns()), dtype=object)


def objective_columns() -> dict[str, Column]:
    """Return the columns of the objectives."""
    return {
        "objective_name": Column("Objective"),
        "target_words": Column("Target"),
        "stated_words": Column("Stated", missing=""),
        "verdict": Column("Shown to be met", "verdict"),
        "note": Column("By"),
    }


def verdicts_shown(outcomes: SloOutcomes) -> pd.DataFrame:
    """Return SLO_VERDICT of the real runs; without any, of the made-up ones one statistic."""
    frame = outcomes.verdict_table
    real = {run.run_id for run in outcomes.runs if not run.is_made_up}
    if real:
        return frame[frame["run_id"].isin(real)].reset_index(drop=True)
    wanted = frame["statistic"] == outcomes.settings.compared_statistic
    return frame[wanted & (frame["run_id"] != "")].reset_index(drop=True)


def percentiles_shown(outcomes: SloOutcomes) -> pd.DataFrame:
    """Return RUN_PERCENTILE of the real runs; without any, of the last made-up one of a tier.

    Of a file that prints every percentile the usual ones, and those that are promised.
    """
    real = {run.run_id for run in outcomes.runs if not run.is_made_up}
    last = {run.tier: run.run_id for run in outcomes.runs if run.distribution is not None}
    shown = real or set(last.values())
    frame = outcomes.percentile_table
    wanted = {row["statistic"] for row in outcomes.facts.inputs.objectives}.union(
        STATISTICS, ("min", "mean", "max", "none"), (outcomes.settings.compared_statistic,)
    )
    usual = frame["run_id"].isin(shown) & frame["statistic"].isin(wanted)
    return frame[usual].reset_index(drop=True)


def verdict_columns() -> dict[str, Column]:
    """Return the columns of objectives and runs; the outcome and why first, a page is narrow."""
    return {
        "objective_name": Column("Objective"),
        "run_id": Column("Run", missing=""),
        "slo_outcome": Column("Outcome"),
        "is_admissible": Column("Evidence", "flag"),
        "note": Column("Why", missing=""),
        "measured_value": Column("Measured", "count"),
        "interval_low_value": Column("from", "count", missing=""),
        "interval_high_value": Column("to", "count", missing=""),
        "target_value": Column("Target", "count"),
        "unit": Column("Unit"),
        "measurements": Column("n", "count", missing=""),
    }


def verdict_styles(verdicts: pd.DataFrame) -> dict[int, RowStyle]:
    """Return which rows stand out: an objective that is missed."""
    rows = records(verdicts)
    return {n: "bad" for n, row in enumerate(rows) if row["verdict"] == "contradicts"}


def checks_shown(outcomes: SloOutcomes) -> pd.DataFrame:
    """Return FEASIBILITY_CHECK with four digits, or whole numbers: more would feign precision."""
    frame = outcomes.check_table
    cells = {
        name: [None if value is None else short(value) for value in frame[name]]
        for name in ("needed_value", "limit_value")
    }
    return frame.assign(**{k: pd.Series(v, dtype=object) for k, v in cells.items()})


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


LEAST_CHANCE = Decimal("0.001")
"""A smaller chance is told as under this one, not as zero."""


def comparisons_shown(outcomes: SloOutcomes) -> pd.DataFrame:
    """Return RUN_COMPARISON with the chance of the rank test in words."""
    chances = [
        f"under {LEAST_CHANCE}" if chance < LEAST_CHANCE else count(chance)
        for chance in outcomes.comparison_table["rank_probability"]
    ]
    return outcomes.comparison_table.assign(chance_words=pd.Series(chances, dtype=object))


def budgets_shown(outcomes: SloOutcomes) -> pd.DataFrame:
    """Return ERROR_BUDGET where the failures are known; what no run counted says as stated."""
    frame = outcomes.budget_table
    known = frame[frame["failed_pct"].notna()].reset_index(drop=True)
    return known.assign(run_id=[run_id or "as stated" for run_id in known["run_id"]])


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
        "slower_pct": Column("Slower request", "percent", decimals=1, is_signed=False),
        "chance_words": Column("Chance if alike"),
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
        "run_id": Column("Run"),
        "window_days": Column("Window (days)", "count"),
        "target_value": Column("Allowed (%)", "count"),
        "failed_pct": Column("Failed (%)", "count"),
        "budget_spent_pct": Column("Budget spent", "percent", decimals=0, is_signed=False),
    }
