"""The tables of the Graviton notebook: which rows, in which columns."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.graviton_findings import chance, unjudged_lines
from prismlib.analyses.graviton_inputs import GravitonInputs
from prismlib.analyses.graviton_savings import GravitonResults
from prismlib.analyses.graviton_targets import family_of, mapping_choices
from prismlib.money import exact_sum, sum_known
from prismlib.report.cells import Column
from prismlib.result_tables.graviton import MIGRATION_COSTS
from prismlib.tables import records

MAX_ROWS = 60
"""Rows that a table shows; the largest come first."""


def with_pct(frame: pd.DataFrame, **ratios: str) -> pd.DataFrame:
    """Return `frame` with further columns: each named one is a ratio column in percent."""
    columns = {
        name: pd.Series([None if v is None else v * 100 for v in frame[ratio]], dtype=object)
        for name, ratio in ratios.items()
    }
    return frame.reset_index(drop=True).assign(**columns)


def line_table(results: GravitonResults) -> pd.DataFrame:
    """Return the lines, largest cost first, with what stays although it could move."""
    rows = records(results.lines)
    for row in rows:
        stays = results.staying.get(row["line_name"])
        word = "not known" if row["line_name"] in unjudged_lines(results) else "stays"
        row["reason"] += f"; {word}: {stays}" if stays else ""
    rows.sort(key=lambda row: -(row["current_cost"] or Decimal(-1)))
    return pd.DataFrame(rows[:MAX_ROWS], columns=list(results.lines.columns), dtype=object)


def line_columns() -> dict[str, Column]:
    """Return the columns of the table of lines."""
    return {
        "line_name": Column("Line"),
        "instance_count": Column("Instances", "count"),
        "current_cost": Column("Cost a month", "money"),
        "eligibility": Column("Can it move?"),
        "reason": Column("Why"),
        "migration_effort": Column("Effort"),
        "workload": Column("Work"),
        "sized_by": Column("Sized by"),
    }


def notes(frame: pd.DataFrame) -> str:
    """Return what is to be known of the rows of a table, each thing once, as its footnote."""
    known = dict.fromkeys(part for note in frame["note"] for part in note.split("; ") if part)
    words = "; ".join(known)
    return f"{words[0].upper()}{words[1:]}." if words else ""


def option_table(results: GravitonResults) -> pd.DataFrame:
    """Return every line in every generation, with the change of its rate in percent."""
    return with_pct(results.options, price_change_pct="price_change_ratio").head(3 * MAX_ROWS)


def option_columns() -> dict[str, Column]:
    """Return the columns of the table of targets."""
    return {
        "line_name": Column("Line"),
        "graviton_generation": Column("Generation"),
        "target_type": Column("Target", missing=""),
        "source_usd_per_hour": Column("Now", "rate"),
        "target_usd_per_hour": Column("Then", "rate"),
        "price_change_pct": Column("Change", "percent", decimals=1),
        "monthly_saving": Column("Saving a month", "signed_money"),
        "confidence": Column("Confidence"),
    }


def _advice(name: str, results: GravitonResults) -> str:
    """Return whether a line moves, and whether that ever pays for the effort of its own."""
    if name in unjudged_lines(results):
        return f"not known: {results.staying[name]}"
    if name in results.staying:
        return results.staying[name]
    if name in results.wait.unknown_lines:
        return "moves on a day that is not known"
    months = [row for row in records(results.wait.line_months) if row["line_name"] == name]
    is_paid = exact_sum(row["net_saving"] for row in months) > 0
    return "moves" if is_paid else "moves by price; its effort is not paid back in the horizon"


def total_row(results: GravitonResults, draws: int) -> pd.DataFrame:
    """Return the chosen generation line by line with both answers, and a row for the sum."""
    work = {row["line_name"]: row for row in records(results.work.lines)}
    rows: list[dict[str, Any]] = []
    for row in records(results.chosen):
        same = work[row["line_name"]]
        rows.append(
            {
                "line_name": row["line_name"],
                "current_cost": row["current_cost"],
                "monthly_saving": row["monthly_saving"],
                **{name: same[name] for name in WORK_COLUMNS},
                "stays": _advice(row["line_name"], results),
            }
        )
    known = [row for row in rows if row["monthly_saving"] is not None]
    total = {name: getattr(results.work, name) for name in WORK_COLUMNS}
    rows.append(
        {
            "line_name": "Lines that are known",
            "current_cost": sum_known(row["current_cost"] for row in known),
            "monthly_saving": results.price_only.saving,
            **total,
            "stays": "",
        }
    )
    columns = ["line_name", "current_cost", "monthly_saving", *WORK_COLUMNS, "stays"]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    return _with_chance(frame, "loss_probability", draws)


WORK_COLUMNS = ("work_saving", "low_work_saving", "high_work_saving", "loss_probability")


def answer_columns() -> dict[str, Column]:
    """Return the columns of both answers."""
    return {
        "line_name": Column("Line"),
        "current_cost": Column("Cost a month", "money"),
        "monthly_saving": Column("Saving by price", "signed_money"),
        "work_saving": Column("For the same work", "signed_money", decimals=0),
        "low_work_saving": Column("At least", "signed_money", decimals=0),
        "high_work_saving": Column("At most", "signed_money", decimals=0),
        "chance": Column("Probability of a loss"),
        "stays": Column("Advice"),
    }


def mapping_rows(inputs: GravitonInputs, results: GravitonResults) -> list[dict[str, Any]]:
    """Return the newest target of each family in each published mapping."""
    families = dict.fromkeys(family_of(name) for name in results.lines["instance_type"])
    return mapping_choices(inputs.reference, list(families))


def mapping_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the mappings as a frame; a family that one does not list has no target there."""
    names = ["instance_family", *MAPPINGS]
    return pd.DataFrame([{n: row.get(n, "") for n in names} for row in rows], columns=names)


MAPPINGS = ("savings dashboard, newest", "KPI dashboard, newest")


def mapping_columns() -> dict[str, Column]:
    """Return the columns of the mappings."""
    return {
        "instance_family": Column("Family"),
        MAPPINGS[0]: Column("Graviton savings dashboard"),
        MAPPINGS[1]: Column("KPI dashboard"),
    }


def change_table(results: GravitonResults, draws: int) -> pd.DataFrame:
    """Return what a unit of each work costs on the target, in percent."""
    frame = with_pct(
        results.changes,
        price_pct="price_change_ratio",
        performance_pct="performance_ratio",
        work_pct="cost_per_work_change_ratio",
        low_pct="low_cost_per_work_change_ratio",
        high_pct="high_cost_per_work_change_ratio",
    )
    known = [value is None for value in frame["work_pct"]]
    frame = frame.assign(unknown=known).sort_values("unknown", kind="stable", ignore_index=True)
    frame = frame.head(3 * MAX_ROWS)
    pairs = [f"{r['source_type']}\u00a0→\u00a0{r['target_type']}" for r in records(frame)]
    return _with_chance(frame, "dearer_probability", draws).assign(pair=pairs)


def _with_chance(frame: pd.DataFrame, name: str, draws: int) -> pd.DataFrame:
    words = [None if value is None else chance(value, draws) for value in frame[name]]
    return frame.assign(chance=pd.Series(words, dtype=object))


def change_columns(results: GravitonResults) -> dict[str, Column]:
    """Return the columns of the table of work; the rates only where there are several kinds."""
    bases = {"rate_basis": Column("Rates")} if results.changes["rate_basis"].nunique() > 1 else {}
    return {
        "pair": Column("Move"),
        **bases,
        "workload": Column("Work"),
        "price_pct": Column("Price of an hour", "percent", decimals=1),
        "performance_pct": Column("Work done", "percent", decimals=0, is_signed=False),
        "work_pct": Column("Cost of the work", "percent", decimals=1),
        "low_pct": Column("At least", "percent", decimals=1),
        "high_pct": Column("At most", "percent", decimals=1),
        "chance": Column("Probability that it is dearer"),
        "samples": Column("Runs", "count"),
    }


def basis_columns() -> dict[str, Column]:
    """Return the columns of the ways to count a saving."""
    return {
        "claim_origin": Column("Way to count"),
        "monthly_saving": Column("Saving a month", "money"),
        "note": Column("Note", missing=""),
    }


def way_columns() -> dict[str, Column]:
    """Return the columns of the ways to the target."""
    return {
        "levers": Column("What is done"),
        "monthly_saving": Column("Saving a month", "money"),
        "remaining_total": Column("Leaves", "money"),
        "is_target_met": Column("Below the target?", "flag"),
    }


def year_table(results: GravitonResults) -> pd.DataFrame:
    """Return the timeline of waiting by calendar year; the years add up to the horizon."""
    years: dict[int, list[dict[str, Any]]] = {}
    for row in records(results.wait.months):
        years.setdefault(row["month_start"].year, []).append(row)
    parts = ("saving", *MIGRATION_COSTS, "net_saving", "present_value")
    rows = [
        {"year": str(year), **{name: exact_sum(row[name] for row in mine) for name in parts}}
        for year, mine in years.items()
    ]
    total = {name: exact_sum(row[name] for row in rows) for name in parts}
    rows.append({"year": "Horizon", **total})
    return pd.DataFrame(rows, columns=["year", *parts], dtype=object)


def year_columns() -> dict[str, Column]:
    """Return the columns of the timeline by year."""
    return {
        "year": Column("Year"),
        "saving": Column("Saving", "money"),
        "effort_cost": Column("People", "money"),
        "test_cost": Column("Tests", "money"),
        "parallel_cost": Column("Running in parallel", "money"),
        "stranded_cost": Column("Stranded commitment", "money"),
        "net_saving": Column("Net", "signed_money"),
        "present_value": Column("Worth today", "signed_money", decimals=0),
    }


def schedule_columns() -> dict[str, Column]:
    """Return the columns of the schedule."""
    return {
        "line_name": Column("Line"),
        "commitment": Column("Commitment"),
        "commitment_end": Column("Ends", "day", missing="none"),
        "move_start": Column("Moves", "day"),
        "remaining_commitment_cost": Column("Stranded if moved at once", "money", missing="none"),
    }
