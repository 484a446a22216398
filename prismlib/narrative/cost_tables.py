"""The tables of the cost variance notebook: which rows, in which columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from prismlib.analyses.components import UNMAPPED
from prismlib.analyses.cost_lines import NEGATION
from prismlib.analyses.cost_variance import CostResults
from prismlib.analyses.judging import listed
from prismlib.analyses.variance import explained_ratio
from prismlib.charts.cost_variance import EFFECT_LABELS
from prismlib.findings import Finding, Verdict
from prismlib.formats import day, money_decimals
from prismlib.money import exact_sum, sum_known
from prismlib.narrative.cost_variance import BASELINE_WORDS
from prismlib.report.cells import Column
from prismlib.result_tables.cost_variance import EFFECTS
from prismlib.tables import CHARGE_KINDS, records

MAX_FILES = 12
"""Files that a table names; more of them are only added up."""

FILE_SUMS = ("row_count", "left_out_rows", "file_total", "left_out_total", "table_total")

MAX_ROWS = 40
"""Components that a table names; the others are added up in one row."""


def stated_totals(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return the findings on stated totals as a table: claim, recomputed, margin, explanation."""
    wanted = ("cost.estimate_total", "cost.actual_total", "cost.summary", "cost.variance_drivers")
    rows = [f for f in findings if f.id.startswith(wanted) and f.expected is not None]
    rows.sort(key=lambda f: f.id)
    return pd.DataFrame([_finding_row(f) for f in rows], dtype=object)


def _finding_row(finding: Finding) -> dict[str, Any]:
    return {
        "title": finding.title,
        "expected": finding.expected,
        "value": finding.value,
        "margin": finding.margin,
        "verdict": str(finding.verdict),
        "statement": finding.statement,
    }


def with_total(results: CostResults) -> pd.DataFrame:
    """Return COMPONENT_VARIANCE with explained shares in percent and a last row for the total."""
    summary = results.summary
    has_baseline = bool(results.baseline_name)
    rows = _largest(records(results.components))
    rows.append(
        {
            "component": "Total",
            "baseline_cost": summary.baseline if has_baseline else None,
            "current_cost": summary.current,
            "cost_change": summary.change,
            "cost_change_pct": summary.change_pct,
            "band": "",
            "is_material": None,
            "explained_ratio": explained_ratio(results.variance),
        }
    )
    for row in rows:
        ratio = None if row["component"] == UNMAPPED else row["explained_ratio"]
        row["explained_pct"] = None if ratio is None else ratio * 100
        row["material"] = {True: "yes", False: "no", None: ""}[row["is_material"]]
    return pd.DataFrame(rows, dtype=object)


def charge_kinds(results: CostResults) -> pd.DataFrame:
    """Return the cost of the bill by kind of charge, in the order of CHARGE_KINDS."""
    order, kinds = (*CHARGE_KINDS, NEGATION), results.kinds
    rows = [{"charge_kind": kind, "cost": kinds[kind]} for kind in order if kind in kinds]
    return pd.DataFrame(rows, columns=["charge_kind", "cost"], dtype=object)


def kind_columns(currency: str) -> dict[str, Column]:
    """Return the columns of the table of charge kinds."""
    return {
        "charge_kind": Column("Kind of charge"),
        "cost": Column("Cost", "money", currency),
    }


def _largest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the first `MAX_ROWS` components, and the others added up in one row."""
    if len(rows) <= MAX_ROWS + 1:
        return rows
    rest = rows[MAX_ROWS:]
    others = {
        "component": f"{len(rest):,} others",
        "baseline_cost": sum_known(row["baseline_cost"] for row in rest),
        "current_cost": sum_known(row["current_cost"] for row in rest),
        "cost_change": exact_sum(row["cost_change"] for row in rest),
        "cost_change_pct": None,
        "band": "",
        "is_material": None,
        "explained_ratio": None,
    }
    return [*rows[:MAX_ROWS], others]


def component_columns(results: CostResults) -> dict[str, Column]:
    """Return the columns of the variance table; what cannot be so is left empty."""
    currency = results.currency
    columns = {"component": Column("Component")}
    if not results.baseline_name:
        return {**columns, "current_cost": Column("Cost", "money", currency)}
    return {
        **columns,
        "baseline_cost": Column(
            BASELINE_WORDS[results.baseline_name].capitalize(), "money", currency, missing="none"
        ),
        "current_cost": Column("Actual", "money", currency, missing="none"),
        "cost_change": Column("Change", "signed_money", currency),
        "cost_change_pct": Column("Change %", "percent", missing=""),
        "band": Column("Band"),
        "material": Column("Material"),
        "explained_pct": Column("Reason known", "percent", decimals=0, missing="", is_signed=False),
    }


def largest_lines(results: CostResults, largest: int = 12) -> pd.DataFrame:
    """Return the COST_VARIANCE rows that moved, with the rest added up in a last row.

    An effect that is zero is left empty, so that the ones that are not stand out.
    """
    moved = records(results.variance[results.variance["cost_change"] != 0])
    rows = moved[:largest]
    sums = ("cost_change", *EFFECTS)
    if rest := moved[largest:]:
        total = {name: exact_sum(row[name] for row in rest) for name in sums}
        rows.append({"component": f"{len(rest)} smaller lines", "line_name": "", **total})
    for row in rows:
        row.update({name: row[name] or None for name in EFFECTS})
    return pd.DataFrame(rows, columns=["component", "line_name", *sums], dtype=object)


def line_columns(results: CostResults) -> dict[str, Column]:
    """Return the columns of the effects table: only effects that occur."""
    currency = results.currency
    occurring = [n for n in EFFECTS if any(amount != 0 for amount in results.variance[n])]
    columns = {"component": Column("Component")}
    if any(results.variance["line_name"]):
        columns["line_name"] = Column("Line")
    decimals = money_decimals(results.variance["cost_change"])
    columns["cost_change"] = Column("Change", "signed_money", currency, decimals)
    return {
        **columns,
        **{
            n: Column(EFFECT_LABELS[n], "signed_money", currency, decimals, missing="")
            for n in occurring
        },
    }


def total_columns(currency: str) -> dict[str, Column]:
    """Return the columns of the reconciliation table."""
    return {
        "title": Column("Stated figure"),
        "expected": Column("Stated", "money", currency),
        "value": Column("Rebuilt", "money", currency),
        "margin": Column("Difference", "signed_money", currency),
        "verdict": Column("Verdict", "verdict"),
    }


def why_totals_differ(totals: pd.DataFrame) -> str:
    """Return the explanation of each stated total that does not hold, a paragraph each."""
    wrong = [row for row in records(totals) if row["verdict"] != Verdict.HOLDS]
    return "\n\n".join(f"**{row['title']}.** {row['statement']}" for row in wrong)


def file_rows(cost_file: pd.DataFrame) -> pd.DataFrame:
    """Return COST_FILE, each cost added up over its files first; many files are only added up."""
    rows = []
    for metric, of_metric in cost_file.groupby("cost_metric", sort=False):
        files = records(of_metric)
        if len(files) > 1:
            formats = sorted({row["format_name"] for row in files})
            sums = {name: _sum_of(files, name) for name in FILE_SUMS}
            named = {"file_name": f"All {len(files)} files", "format_name": listed(formats)}
            rows.append({**named, "cost_metric": metric, **sums})
        if len(files) <= MAX_FILES:
            rows += files
    return pd.DataFrame(rows, columns=list(cost_file.columns), dtype=object)


def _sum_of(rows: Sequence[dict[str, Any]], name: str) -> Any:
    """Return the sum of a column, missing where a cell of it is."""
    cells = [row[name] for row in rows]
    return None if None in cells else exact_sum(cells)


def file_note(cost_file: pd.DataFrame) -> str:
    """Return where the files are that the table adds up, and which rows are left out, if any."""
    words = []
    if cost_file["file_name"].nunique() > MAX_FILES:
        words.append("Each file has its row in the table `cost_file` of the snapshot.")
    if any(cost_file["left_out_rows"]):
        words.append("Rows that are left out hand out a cost that other rows have already.")
    return " ".join(words)


def file_columns(currency: str) -> dict[str, Column]:
    """Return the columns of the table of bill files."""
    return {
        "file_name": Column("File"),
        "format_name": Column("Format"),
        "cost_metric": Column("Cost"),
        "row_count": Column("Rows", "count"),
        "left_out_rows": Column("Rows left out", "count"),
        "file_total": Column("Total of the file", "money", currency),
        "left_out_total": Column("Left out of it", "money", currency),
        "table_total": Column("Total read", "money", currency),
    }


def bill_totals(findings: Sequence[Finding]) -> pd.DataFrame:
    """Return the totals of the bill by provider and metric."""
    rows = [f for f in findings if f.id.startswith("cost.total.")]
    rows.sort(key=lambda f: f.id)
    return pd.DataFrame(
        [{"title": f.title, "value": f.value, "provenance": f.provenance} for f in rows],
        columns=["title", "value", "provenance"],
        dtype=object,
    )


def bill_columns(currency: str) -> dict[str, Column]:
    """Return the columns of the totals of the bill."""
    return {
        "title": Column("Provider and cost"),
        "value": Column("Total", "money", currency),
        "provenance": Column("Data"),
    }


def rate_columns() -> dict[str, Column]:
    """Return the columns of the table of implied rates."""
    return {
        "component": Column("Component"),
        "instance_type": Column("Type"),
        "expected_count": Column("Instances", "count"),
        "hours_per_month": Column("Hours", "count"),
        "cost": Column("Cost", "money"),
        "implied_usd_per_hour": Column("Implied", "rate"),
        "list_usd_per_hour": Column("On demand", "rate"),
        "committed_usd_per_hour": Column("Committed", "rate"),
        "rate_to_list_pct": Column("Of on demand", "percent", decimals=1, is_signed=False),
    }


def rates_with_percent(results: CostResults) -> pd.DataFrame:
    """Return IMPLIED_RATE with the ratio to the list price in percent."""
    ratios = results.rates["rate_to_list_ratio"]
    pct = [None if ratio is None else ratio * 100 for ratio in ratios]
    return results.rates.assign(rate_to_list_pct=pd.Series(pct, dtype=object))


def rates_note(results: CostResults) -> str:
    """Return which prices the rates are compared with, and of which day."""
    notes = listed(sorted(set(results.rates["note"])))
    days = sorted({d for d in results.rates["valid_from"] if d is not None})
    dated = f" On-demand prices of {listed([day(d) for d in days])}." if days else ""
    return f"Committed: {notes}.{dated}"


def excluded_columns(currency: str) -> dict[str, Column]:
    """Return the columns of the table of costs outside the total."""
    return {
        "item_name": Column("Cost"),
        "low_cost": Column("At least", "money", currency),
        "high_cost": Column("At most", "money", currency),
        "note": Column("Which is which"),
    }
