"""What the tests of the launch share: the sample, and a small launch in which everything is met."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib import paths
from prismlib.analyses.launch_inputs import LaunchInputs, LaunchSettings
from prismlib.analyses.launch_readiness import LaunchResults, analyse_launch
from prismlib.periods import Period
from prismlib.snapshot_tables import SNAPSHOT_TABLES
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import make, records

AS_OF = date(2025, 11, 16)
SAMPLE = read_snapshot(paths.SAMPLE)
REFERENCE = read_reference_tables(SAMPLE.tables)


def launch_of(
    tables: dict[str, pd.DataFrame], *, as_of: date = AS_OF, settings: LaunchSettings | None = None
) -> LaunchResults:
    """Return the analysis of some tables."""
    inputs = LaunchInputs.of(
        tables, REFERENCE, period=Period.month("2025-10"), as_of=as_of, is_bill_synthetic=True
    )
    return analyse_launch(inputs, settings or LaunchSettings(draws=200))


def table(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return a table of a snapshot."""
    return make(SNAPSHOT_TABLES[name], rows)


def changed(name: str, key: str, value: str, **cells: Any) -> dict[str, pd.DataFrame]:
    """Return the tables of the sample with cells of one row changed."""
    rows = records(SAMPLE.tables[name])
    found = [row for row in rows if row[key] == value]
    assert found, f"no row of {name} has {key} {value}"
    found[0].update(cells)
    return {**SAMPLE.tables, name: table(name, rows)}


def item(item_id: str, **cells: Any) -> dict[str, Any]:
    """Return a row of READINESS_ITEM: a closed critical gap, unless said otherwise."""
    return {
        "item_id": item_id,
        "item_kind": "gap",
        "item_name": f"name of {item_id}",
        "severity": "critical",
        "is_security": False,
        "item_status": "closed",
        "closed_date": date(2025, 11, 1),
        "billing_currency": "USD",
        **cells,
    }


def look(subject: str, check: str = "check", *, on: date = AS_OF, **cells: Any) -> dict[str, Any]:
    """Return a row of EVIDENCE: a pass that counts for 14 days, unless said otherwise."""
    return {
        "evidence_id": f"{subject}.{check}.{on}",
        "subject_id": subject,
        "check_id": check,
        "evidence_state": "pass",
        "observed_at": datetime(on.year, on.month, on.day, tzinfo=UTC),
        "valid_for_days": Decimal(14),
        **cells,
    }


def criterion(criterion_id: str, **cells: Any) -> dict[str, Any]:
    """Return a row of CRITERION: a figure of evidence alone that has to be 1 and fails at 0."""
    return {
        "criterion_id": criterion_id,
        "criterion_name": f"name of {criterion_id}",
        "measure_name": "evidence",
        "compared_as": "is",
        "go_value": Decimal(1),
        "no_go_value": Decimal(0),
        "unit": "1",
        "is_veto": True,
        "weight": Decimal(1),
        **cells,
    }


def rules(*criteria: str, name: str = "launch") -> list[dict[str, Any]]:
    """Return rows of DECISION_RULE: GO when all criteria pass, NO-GO otherwise."""
    return [
        *(
            {
                "rule_set": name,
                "priority": 10,
                "decision": "GO",
                "combine": "all",
                "criterion_id": one,
                "bands_that_match": "pass",
            }
            for one in criteria
        ),
        {"rule_set": name, "priority": 20, "decision": "NO-GO", "combine": "otherwise"},
    ]


def met(**changes: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    """Return a launch in which everything is met on fresh evidence: two gaps, two criteria."""
    rows: dict[str, list[dict[str, Any]]] = {
        "readiness_item": [item("gap.1"), item("gap.2", needs="gap.1")],
        "criterion": [
            criterion(
                "gaps",
                measure_name="open_critical_gaps",
                compared_as="at most",
                go_value=Decimal(0),
                no_go_value=Decimal(1),
                unit="gaps",
            ),
            criterion("load", needs="gap.1"),
        ],
        "decision_rule": rules("gaps", "load"),
        "evidence": [look("gap.1"), look("gap.2")],
        "stated_evidence": [look("gaps", "register"), look("load", "benchmark")],
        **changes,
    }
    return {name: table(name, found) for name, found in rows.items()}


def open_item(item_id: str, owner: str, effort: int | None, wait: int = 0, **cells: Any) -> dict:
    """Return a row of READINESS_ITEM: an open critical gap of a team, with its hours."""
    return item(
        item_id,
        item_status="open",
        closed_date=None,
        owner=owner,
        effort_hours=None if effort is None else Decimal(effort),
        wait_hours=Decimal(wait) if wait else None,
        **cells,
    )


def task(task_id: str, serves: str, day: date = date(2025, 12, 1), **cells: Any) -> dict:
    """Return a row of PLAN_TASK: a task of one day."""
    return {
        "plan_id": "p",
        "task_id": task_id,
        "task_name": task_id,
        "task_from_date": day,
        "task_to_date": day,
        "serves": serves,
        **cells,
    }
