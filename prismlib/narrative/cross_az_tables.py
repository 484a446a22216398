"""The tables of the notebook on traffic between zones: which rows, in which columns."""

from __future__ import annotations

import pandas as pd

from prismlib.analyses.traffic_lines import traffic_kinds
from prismlib.analyses.transfer_types import NOT_TRAFFIC, NOT_USAGE, TRANSFER_KINDS, UNCLASSIFIED
from prismlib.money import exact_sum
from prismlib.report.cells import Column
from prismlib.tables import records

MAX_ROWS = 25
"""Lines of a bill that a table names; the others are added up in one row."""


def scenario_columns(currency: str) -> dict[str, Column]:
    """Return the columns of the states of the system."""
    return {
        "scenario_name": Column("State"),
        "crossing_pct": Column("Crosses", "percent", decimals=1, is_signed=False),
        "moved_gb": Column("GB moved", "count"),
        "one_end_cost": Column("One end, a month", "money", currency),
        "both_ends_cost": Column("Both ends, a month", "money", currency),
        "yearly_cost": Column("Both ends, 365 days", "money", currency),
        "source": Column("From", missing=""),
    }


def threshold_columns(currency: str) -> dict[str, Column]:
    """Return the columns of the lines that must not be crossed."""
    return {
        "threshold_name": Column("Line"),
        "allowed_cost": Column("Traffic may cost", "money", currency, 0),
        "one_end_crossing_pct": Column(
            "Reached at, one end", "percent", decimals=3, is_signed=False, missing="never"
        ),
        "both_ends_crossing_pct": Column(
            "Reached at, both ends", "percent", decimals=3, is_signed=False, missing="never"
        ),
        "note": Column("Note", missing=""),
    }


def sensitivity_columns(currency: str) -> dict[str, Column]:
    """Return the columns of the sensitivity table."""
    return {
        "input_name": Column("Input"),
        "unit": Column("Unit"),
        "low_value": Column("Low", "count"),
        "taken_value": Column("Taken", "count"),
        "high_value": Column("High", "count"),
        "low_cost": Column("Cost at low", "money", currency),
        "high_cost": Column("Cost at high", "money", currency),
        "note": Column("Note", missing=""),
    }


def alarm_columns(currency: str) -> dict[str, Column]:
    """Return the columns of the alarms."""
    return {
        "alarm_name": Column("Alarm"),
        "delay_hours": Column("Hours until it can show", "count"),
        "cost": Column("Spent until then", "money", currency),
        "source": Column("From"),
    }


def remedy_columns(currency: str) -> dict[str, Column]:
    """Return the columns of the remedies."""
    return {
        "remedy_name": Column("Remedy"),
        "advice": Column("Advice"),
        "crossing_pct": Column("Crosses then", "percent", decimals=1, is_signed=False),
        "saved_cost": Column("Saves", "money", currency),
        "added_cost": Column("Adds", "money", currency),
        "net_effect": Column("Net, a month", "signed_money", currency),
        "capacity_left_pct": Column("Left if a zone fails", "percent", decimals=0, is_signed=False),
        "availability": Column("What it gives up"),
        "assumption": Column("Rests on"),
    }


def capacity_columns() -> dict[str, Column]:
    """Return the columns of what the nodes can carry."""
    return {
        "component": Column("Component"),
        "instance_type": Column("Instance type"),
        "node_count": Column("Nodes", "count"),
        "network_baseline_gbps": Column("Gbit/s kept up, each", "count"),
        "network_burst_gbps": Column("Gbit/s in a burst, each", "count"),
        "capacity_gbps": Column("Gbit/s kept up, all", "count"),
        "source": Column("From"),
    }


def kinds_of_traffic(lines: pd.DataFrame) -> pd.DataFrame:
    """Return TRAFFIC_KIND in words, with a total; what is unclassified is always there."""
    rows = records(traffic_kinds(lines))
    if not any(row["transfer_kind"] == UNCLASSIFIED for row in rows):
        rows.append({"transfer_kind": UNCLASSIFIED, "cost": exact_sum([]), "billed_gb": None})
    last = (UNCLASSIFIED, NOT_TRAFFIC, NOT_USAGE)
    rows.sort(
        key=lambda row: last.index(row["transfer_kind"]) if row["transfer_kind"] in last else -1
    )
    for row in rows:
        row["kind"] = TRANSFER_KINDS[row["transfer_kind"]]
    total = {"kind": "Total of the bill", "cost": exact_sum(row["cost"] for row in rows)}
    columns = ["kind", "cost", "billed_gb", "moved_gb", "paid_per_gb"]
    return pd.DataFrame([*rows, total], columns=columns, dtype=object)


def kind_columns(currency: str) -> dict[str, Column]:
    """Return the columns of the kinds of traffic; a quantity that a kind has none of is empty."""
    return {
        "kind": Column("What the lines pay for"),
        "cost": Column("Cost", "money", currency, 2),
        "billed_gb": Column("GB billed", "count", missing=""),
        "moved_gb": Column("GB moved", "count", missing=""),
        "paid_per_gb": Column("For a GB billed", "rate", currency, unit="GB", missing=""),
    }


def largest_lines(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the dearest lines that are traffic, or look like it."""
    apart = lines["transfer_kind"].isin((NOT_TRAFFIC, NOT_USAGE))
    rows = records(lines[~apart])
    rows.sort(key=lambda row: -row["cost"])
    shown = rows[:MAX_ROWS]
    for row in shown:
        row["kind"] = TRANSFER_KINDS[row["transfer_kind"]]
    if rest := rows[MAX_ROWS:]:
        cost = exact_sum(row["cost"] for row in rest)
        shown.append({"line_name": f"{len(rest)} smaller lines", "kind": "", "cost": cost})
    columns = ["line_name", "kind", "cost", "billed_gb", "moved_gb", "paid_per_gb"]
    columns += ["listed_usd_per_gb", "note"]
    return pd.DataFrame(shown, columns=columns, dtype=object)


def line_columns(currency: str) -> dict[str, Column]:
    """Return the columns of the lines of the bill."""
    kinds = {name: column for name, column in kind_columns(currency).items() if name != "kind"}
    return {
        "line_name": Column("Usage type"),
        "kind": Column("Pays for"),
        **kinds,
        "listed_usd_per_gb": Column("Listed", "rate", unit="GB", missing=""),
        "note": Column("Note", missing=""),
    }
