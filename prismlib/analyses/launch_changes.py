"""A launch as it would be decided with other figures, other bounds and more waivers.

Method. Bounds and waivers go into the tables, where the analysis finds them as if somebody had
written them there; a waiver that names no owner, reason or end counts as little as one of a
register. Evidence says pass or fail by the bound that it was held against: where that of GO
changes, it is judged again by its figure, and is unknown without one. A figure that is assumed
takes the place of the one that is known (`launch_standing`).

Known limits. What is assumed is no evidence, and everything that follows is marked so. A criterion
that is a veto cannot be waived.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.launch_evidence import State
from prismlib.analyses.launch_inputs import PARAMETERS, Assumed, Bounds, LaunchInputs
from prismlib.analyses.launch_items import item_rows
from prismlib.analyses.launch_rules import PASS, Criterion, criteria_of
from prismlib.analyses.launch_vocabulary import (
    SHARES,
    SIGNED,
    are_ordered,
    bound_fault,
    is_yes_or_no,
)
from prismlib.assignments import assigned, names_in, number, numbers
from prismlib.errors import ParameterError
from prismlib.parameters import day_or, validate_all
from prismlib.readiness_tables import CRITERION, EVIDENCE, STATED_EVIDENCE, WAIVER
from prismlib.tables import Table, check, make, records

Tables = dict[str, pd.DataFrame]
BETWEEN = ".."
"""Between the bound of GO and that of NO-GO: ``12..15``."""
COUNTED = ("open_critical_gaps", "open_critical_security")
"""Measures that are whole numbers."""
HUNDRED = Decimal(100)
LOOKS: dict[str, Table] = {"stated_evidence": STATED_EVIDENCE, "evidence": EVIDENCE}


def assumed_inputs(
    inputs: LaunchInputs,
    *,
    bounds: str,
    measures: str,
    waive: str,
    waive_owner: str,
    waive_reason: str,
    waive_until: str,
) -> LaunchInputs:
    """Return the inputs with what notebook parameters assume.

    Parameters
    ----------
    inputs : LaunchInputs
    bounds : str
        Such as ``recovery=12..15``: the bound of GO and that of NO-GO, in the unit of the
        criterion; one alone is that of GO.
    measures : str
        Such as ``recovery=7.5``, in the unit of the criterion; 1 or 0 for yes or no.
    waive : str
        Such as ``gap.1, security.2``: items, and criteria that are no veto.
    waive_owner, waive_reason, waive_until : str
        What each of these waivers says.

    Raises
    ------
    ParameterError
        A name is none that can be set so, or a value none that its criterion can have.
    """
    validate_all(waive_owner=waive_owner, waive_reason=waive_reason, waive_until=waive_until)
    criteria = {one.criterion_id: one for one in criteria_of(inputs.tables.get("criterion"))}
    figures = _figures(measures, criteria)
    wanted = _bounds(bounds, criteria)
    waived = names_in("waive", waive, _waivable(inputs.tables, criteria))
    until = day_or(waive_until, date.min) if waive_until else None
    tables = _bounded(dict(inputs.tables), criteria, wanted)
    tables = _waived(tables, waived, waive_owner.strip(), waive_reason.strip(), until)
    held = {name: _bounds_of(criteria[name]) for name in wanted}
    return replace(inputs, tables=tables, assumed=Assumed(figures, held, waived))


def _figures(text: str, criteria: Mapping[str, Criterion]) -> dict[str, Decimal]:
    found = numbers("measures", text, criteria)
    for name, value in found.items():
        expected = _not_possible(criteria[name], value)
        if expected:
            raise ParameterError("measures", f"{name}={value}", expected=expected)
    return found


def _not_possible(criterion: Criterion, value: Decimal) -> str:
    """Return what a figure has to be that is none of a criterion; empty when it is one."""
    measure = criterion.row["measure_name"]
    if is_yes_or_no(criterion):
        return "" if value in (0, 1) else "1 for yes or 0 for no"
    if value < 0 and measure not in SIGNED:
        return "0 or more"
    if measure in COUNTED and value % 1:
        return "a whole number"
    return "at most 100" if measure in SHARES and value > HUNDRED else ""


def has_bounds(criterion: Criterion) -> bool:
    """Return whether a criterion has a bound that can be moved."""
    return criterion.row["compared_as"] != "is" and criterion.row["go_value"] is not None


def _bounds_of(criterion: Criterion) -> Bounds:
    return criterion.row["go_value"], criterion.row["no_go_value"]


def _bounds(text: str, criteria: Mapping[str, Criterion]) -> dict[str, Bounds]:
    """Return the bounds that are set and not those of the snapshot."""
    known = [name for name, one in criteria.items() if has_bounds(one)]
    found: dict[str, Bounds] = {}
    for name, words in assigned("bounds", text, known).items():
        first, between, last = words.partition(BETWEEN)
        go = number("bounds", first.strip())
        no_go = number("bounds", last.strip()) if between else criteria[name].row["no_go_value"]
        compared_as = criteria[name].row["compared_as"]
        if go < 0 or (no_go is not None and no_go < 0):
            raise ParameterError("bounds", f"{name}={words}", expected="bounds of 0 or more")
        if not are_ordered(compared_as, go, no_go):
            expected = f"first the bound of GO ({compared_as}), then that of NO-GO beyond it"
            raise ParameterError("bounds", f"{name}={words}", expected=expected)
        fault = bound_fault(criteria[name], go) or bound_fault(criteria[name], no_go)
        if fault:
            raise ParameterError("bounds", f"{name}={words}", expected=fault)
        if (go, no_go) != _bounds_of(criteria[name]):
            found[name] = (go, no_go)
    return found


def _waivable(
    tables: Mapping[str, pd.DataFrame], criteria: Mapping[str, Criterion]
) -> Collection[str]:
    items = [row["item_id"] for row in item_rows(tables.get("readiness_item"))]
    return [*items, *(name for name, one in criteria.items() if not one.row["is_veto"])]


def _bounded(
    tables: Tables, criteria: Mapping[str, Criterion], wanted: Mapping[str, Bounds]
) -> Tables:
    """Return the tables with other bounds, and the evidence judged by them."""
    if not wanted:
        return tables
    rows = [_moved(one.row, wanted.get(name)) for name, one in criteria.items()]
    moved = {
        row["criterion_id"]: Criterion(row)
        for row in rows
        if row["go_value"] != criteria[row["criterion_id"]].row["go_value"]
    }
    found = {**tables, "criterion": make(CRITERION, rows)}
    for name, table in LOOKS.items():
        if name in tables:
            looks = records(check(tables[name], table))
            found[name] = make(table, (_judged(row, moved) for row in looks))
    return found


def _moved(row: Mapping[str, Any], bounds: Bounds | None) -> dict[str, Any]:
    if bounds is None:
        return dict(row)
    go, no_go = bounds
    return {**row, "go_value": go, "no_go_value": no_go, "source": PARAMETERS, "note": ""}


def _judged(row: dict[str, Any], moved: Mapping[str, Criterion]) -> dict[str, Any]:
    """Return a look with what it says by the bounds that moved."""
    criterion, value = moved.get(row["subject_id"]), row["evidence_value"]
    if criterion is None or row["evidence_state"] == State.UNKNOWN:
        return row
    if value is None or row["unit"] not in ("", criterion.row["unit"]):
        reason = "it was held against other bounds and gives no figure in their unit"
        return {**row, "evidence_state": str(State.UNKNOWN), "reason": reason}
    state = State.PASS if criterion.band(value) == PASS else State.FAIL
    return {**row, "evidence_state": str(state)}


def _waived(
    tables: Tables, names: Collection[str], owner: str, reason: str, until: date | None
) -> Tables:
    if not names:
        return tables
    rows = records(check(tables["waiver"], WAIVER)) if "waiver" in tables else []
    said = {"owner": owner, "reason": reason, "expires_date": until, "source": PARAMETERS}
    rows += [{"waiver_id": f"assumed.{name}", "subject_id": name, **said} for name in names]
    return {**tables, "waiver": make(WAIVER, rows)}
