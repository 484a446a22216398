"""The tables of the notebook on the launch: which rows, in which columns."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from prismlib.analyses.launch_words import figure
from prismlib.formats import count
from prismlib.report.cells import Column
from prismlib.report.display import RowStyle
from prismlib.tables import records

STYLES: dict[str, RowStyle] = {"fail": "bad", "warn": "bad", "unknown": "unknown", "pass": "good"}


def _range(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    if low == high:
        return figure(low, unit)
    if unit == "1":
        return "not shown"
    if low is None or high is None:
        return f"at least {figure(low, unit)}" if high is None else f"at most {figure(high, unit)}"
    return f"{figure(low, unit)} to {figure(high, unit)}"


def criteria_shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return GATE_CRITERION with its figures in words, since each row has its own unit."""
    rows = records(table)
    return table.assign(
        claimed=[figure(r["claimed_value"], r["unit"]) for r in rows],
        measured=[
            _range(r["measured_low"], r["measured_high"], r["unit"])
            + (" (assumed)" if r["is_assumed"] else "")
            for r in rows
        ],
        bounds=[_bounds(r) for r in rows],
    )


def _bounds(row: dict[str, object]) -> str:
    unit, go, no_go = str(row["unit"]), row["go_value"], row["no_go_value"]
    if row["compared_as"] == "is":
        return "yes" if no_go is not None else "yes; no bound of NO-GO"
    words = f"{row['compared_as']} {figure(go, unit)}"  # type: ignore[arg-type]
    beyond = "above" if row["compared_as"] in ("at most", "less than") else "below"
    return f"{words}; NO-GO {beyond} {figure(no_go, unit)}"  # type: ignore[arg-type]


def criterion_columns() -> dict[str, Column]:
    """Return the columns of the criteria."""
    return {
        "criterion_name": Column("Criterion"),
        "bounds": Column("GO if"),
        "claimed": Column("Claimed"),
        "measured": Column("Recomputed"),
        "criterion_band": Column("Stands at"),
        "age_days": Column("Evidence age (days)", "count"),
        "valid_for_days": Column("Counts for (days)", "count"),
        "launch_band": Column("On the launch day"),
    }


def band_styles(table: pd.DataFrame, column: str = "criterion_band") -> dict[int, RowStyle]:
    """Return the style of each row by its band; what is assumed is not known."""
    found = enumerate(records(table))
    return {
        number: "unknown" if row.get("is_assumed") else STYLES[row[column]]
        for number, row in found
        if row[column] in STYLES
    }


def readings_shown(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Return CRITERION_READING with the name of its criterion and its figure in words."""
    rows = records(table)
    return table.assign(
        criterion=[names[row["criterion_id"]] for row in rows],
        shown=[figure(row["read_value"], row["unit"]) for row in rows],
    )


def reading_columns() -> dict[str, Column]:
    """Return the columns of the readings."""
    return {
        "criterion": Column("Criterion"),
        "reading_name": Column("Read as"),
        "shown": Column("Figure"),
        "criterion_band": Column("Would stand at"),
        "note": Column("Note", missing=""),
    }


def lint_columns() -> dict[str, Column]:
    """Return the columns of the sets of rules."""
    return {
        "rule_set": Column("Rules"),
        "possible_states": Column("States tried", "count"),
        "go_states": Column("GO", "count"),
        "no_go_states": Column("NO-GO", "count"),
        "undefined_states": Column("No decision", "count"),
        "conflict_states": Column("Two decisions", "count"),
        "claimed_decision": Column("On the claimed figures"),
        "decision": Column("On the recomputed ones"),
        "note": Column("Note", missing=""),
    }


def flip_columns() -> dict[str, Column]:
    """Return the columns of the sets that flip the decision."""
    return {
        "direction": Column("Turns it"),
        "criteria_names": Column("All of these together, and no fewer"),
    }


def distances_shown(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Return FLIP_DISTANCE with the name of its criterion and figures in words."""
    rows = records(table)
    return table.assign(
        criterion=[names[row["criterion_id"]] for row in rows],
        now=[_range(row["now_low"], row["now_high"], row["unit"]) for row in rows],
        go=[_input(row["go_input_value"], row["unit"]) for row in rows],
        no_go=[_input(row["no_go_input_value"], row["unit"]) for row in rows],
    )


def _input(value: Decimal | None, unit: str) -> str:
    if value is not None and unit == "%":
        return f"{count(round(value, 3))}%"
    return figure(value, unit)


def distance_columns() -> dict[str, Column]:
    """Return the columns of the distances."""
    return {
        "criterion": Column("Criterion"),
        "input_name": Column("What can be changed"),
        "now": Column("Now"),
        "no_go": Column("Ends NO-GO at"),
        "go": Column("Passes at"),
        "note": Column("Note", missing=""),
    }


def item_columns() -> dict[str, Column]:
    """Return the columns of the open items."""
    return {
        "item_id": Column("Item"),
        "item_name": Column("What"),
        "item_state": Column("State"),
        "severity": Column("Ranked", "severity", missing="not ranked"),
        "advised_severity": Column("Follows", "severity", missing=""),
        "effort_hours": Column("Work (h)", "count", missing="not stated"),
        "wait_hours": Column("Waiting (h)", "count", missing=""),
        "cost_per_day": Column("Costs a day", "money", missing="not stated"),
        "waits": Column("Waits for it", missing=""),
        "checklist_group": Column("Checklist", missing="not on it"),
        "owner": Column("Owner", missing="nobody"),
    }


def items_shown(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Return OPEN_ITEM with the names of what waits for each, and the checklist in words."""
    rows = records(table)
    waits = [
        ", ".join(names.get(one, one) for one in row["unblocks"].split("|") if one) for row in rows
    ]
    groups = [row["checklist_group"].replace("_", " ") for row in rows]
    return table.assign(waits=waits, checklist_group=groups)


def item_styles(table: pd.DataFrame) -> dict[int, RowStyle]:
    """Return which rows stand out: those whose rank does not follow."""
    rows = enumerate(records(table))
    return {number: "bad" for number, row in rows if row["severity"] != row["advised_severity"]}


def evidence_columns() -> dict[str, Column]:
    """Return the columns of the evidence."""
    return {
        "subject_id": Column("Of"),
        "check_id": Column("Check"),
        "evidence_state": Column("Says"),
        "seen_on": Column("Seen on", "day"),
        "age_days": Column("Age (days)", "count"),
        "valid_for_days": Column("Counts for (days)", "count"),
        "is_admissible": Column("Counts", "flag"),
        "reason": Column("Why not", missing=""),
        "detail": Column("What was seen", missing=""),
        "source": Column("Source", missing=""),
    }


def evidence_shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return EVIDENCE_AGE with days instead of instants."""
    days = [None if at is None else at.date() for at in table["observed_at"]]
    return table.assign(seen_on=pd.Series(days, index=table.index, dtype=object))


def evidence_styles(table: pd.DataFrame) -> dict[int, RowStyle]:
    """Return which rows stand out: evidence that does not count."""
    rows = enumerate(records(table))
    return {number: "unknown" for number, row in rows if not row["is_admissible"]}


def name_waiver_columns() -> dict[str, Column]:
    """Return the columns of what is allowed by name."""
    return {
        "check_id": Column("Check"),
        "thing_name": Column("What is allowed"),
        "waived_value": Column("Taken off", "count", missing="nothing"),
        "unit": Column("Unit"),
        "owner": Column("Owner"),
        "reason": Column("Reason"),
        "expires_date": Column("Until", "day", missing="no end"),
        "note": Column("Why it does not count"),
    }


def name_waiver_styles(table: pd.DataFrame) -> dict[int, RowStyle]:
    """Return which rows stand out: waivers that do not count."""
    rows = enumerate(records(table))
    return {number: "bad" for number, row in rows if row["note"]}


def delay_columns(currency: str) -> dict[str, Column]:
    """Return the columns of the cost of a day."""
    return {
        "cost_name": Column("A day of delay"),
        "low_cost": Column("At least", "money", currency, decimals=0),
        "high_cost": Column("At most", "money", currency, decimals=0),
        "is_sunk": Column("Spent either way", "flag"),
        "note": Column("Note", missing=""),
    }


def remedy_columns() -> dict[str, Column]:
    """Return the columns of the faults of remedies."""
    return {
        "item_id": Column("Item"),
        "task_name": Column("Remedy"),
        "check_name": Column("What is wrong"),
        "severity": Column("Severity", "severity"),
        "note": Column("Why"),
        "source": Column("Known from"),
    }


def schedule_columns() -> dict[str, Column]:
    """Return the columns of the schedule."""
    return {
        "task_id": Column("Task"),
        "task_name": Column("What"),
        "team_name": Column("Team", missing="nobody"),
        "effort_hours": Column("Work (h)", "count"),
        "wait_hours": Column("Waiting (h)", "count"),
        "earliest_from_date": Column("From", "day"),
        "earliest_to_date": Column("Done", "day"),
        "planned_from_date": Column("Planned for", "day", missing="not planned"),
        "slack_days": Column("Slack (days)", "count"),
        "is_critical": Column("Gates", "flag"),
        "needs": Column("After", missing=""),
    }


def schedule_shown(table: pd.DataFrame) -> pd.DataFrame:
    """Return SCHEDULE_TASK with its needs in words and slack to a tenth of a day."""
    slack = [round(value, 1) for value in table["slack_days"]]
    needs = [value.replace("|", ", ") for value in table["needs"]]
    return table.assign(slack_days=slack, needs=needs)


def schedule_styles(table: pd.DataFrame) -> dict[int, RowStyle]:
    """Return which rows stand out: those that gate the launch."""
    rows = enumerate(records(table))
    return {number: "bad" for number, row in rows if row["is_critical"]}


def rollout_columns(currency: str) -> dict[str, Column]:
    """Return the columns of the ways to launch."""
    return {
        "choice_name": Column("Launch"),
        "begins_date": Column("First traffic", "day"),
        "open_critical_items": Column("Critical items open", "count"),
        "last_closed_date": Column("The last closed", "day", missing=""),
        "delay_days": Column("Days after the first plan", "count"),
        "delay_low_cost": Column("Delay costs at least", "money", currency, decimals=0),
        "delay_high_cost": Column("At most", "money", currency, decimals=0),
        "note": Column("Note", missing=""),
    }
