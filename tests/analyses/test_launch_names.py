"""Circles, days that run backwards and names that nothing has are said, never dropped."""

from __future__ import annotations

from datetime import date

import pytest
from launch_examples import criterion, item, launch_of, look, met

from prismlib.analyses.launch_findings import judge_launch
from prismlib.errors import ParameterError
from prismlib.findings import Finding, Verdict

LAUNCH = {"task_id": "launch", "serves": "launch", "task_from_date": date(2025, 12, 9)}


def _found(**changes: list[dict]) -> dict[str, Finding]:
    return {one.id: one for one in judge_launch(launch_of(met(**changes)))}


def _plan(*rows: dict) -> dict[str, Finding]:
    full = [{"plan_id": "p", "task_name": f"do {row['task_id']}", **row} for row in (*rows, LAUNCH)]
    return _found(plan_task=full)


def test_tasks_that_wait_for_each_other_are_named():
    found = _plan(
        {"task_id": "a", "waits_for": "c"},
        {"task_id": "b", "waits_for": "a"},
        {"task_id": "c", "waits_for": "b"},
        {"task_id": "d", "waits_for": "c"},  # behind the circle, not in it
    )["launch.plan.circle.p"]
    assert found.verdict is Verdict.INFEASIBLE
    assert found.value == 3
    assert "a (do a), b (do b) and c (do c)" in found.statement
    assert "do d" not in found.statement


def test_task_that_waits_for_itself_by_what_it_is_for():
    found = _plan({"task_id": "a", "serves": "load", "waits_for": "load"})
    assert found["launch.plan.circle.p"].value == 1


def test_chain_is_no_circle():
    found = _plan({"task_id": "a"}, {"task_id": "b", "waits_for": "a"})
    assert not [one for one in found if "circle" in one or "unknown" in one or "backwards" in one]


@pytest.mark.parametrize("serves", ["", "load", "decision"])
def test_task_that_ends_before_it_begins(serves):
    days = {"task_from_date": date(2025, 12, 5), "task_to_date": date(2025, 12, 1)}
    found = _plan({"task_id": "a", "serves": serves, **days})["launch.plan.backwards.p"]
    assert found.value == 1
    assert "begins on 5 Dec 2025 and ends on 1 Dec 2025" in found.statement


def test_task_that_waits_for_an_unknown_one():
    found = _plan({"task_id": "a", "waits_for": "nowhere"})["launch.plan.waits_unknown.p"]
    assert "a waits for nowhere" in found.statement


def test_task_before_the_task_whose_id_it_waits_for():
    found = _plan(
        {
            "task_id": "a",
            "waits_for": "b",
            "task_from_date": date(2025, 12, 1),
            "task_to_date": date(2025, 12, 1),
        },
        {
            "task_id": "b",
            "task_from_date": date(2025, 12, 3),
            "task_to_date": date(2025, 12, 4),
        },
    )
    assert found["launch.plan.order.p"].value == 1


@pytest.mark.parametrize(
    ("changes", "who"),
    [
        ({"readiness_item": [item("gap.1"), item("gap.2", needs="gap.x")]}, "gap.2"),
        ({"criterion": [criterion("gaps"), criterion("load", needs="gap.x")]}, "load"),
        ({"evidence": [look("gap.1"), look("gap.2", needs="gap.x")]}, "gap.2.check.2025-11-16"),
    ],
)
def test_need_that_no_register_knows_is_named(changes, who):
    found = _found(**changes)["launch.needs_unknown"]
    assert found.verdict is Verdict.UNKNOWN
    assert f"gap.x, needed by {who}" in found.statement


def test_circle_of_items_names_the_column_needs():
    rows = [item("gap.1", needs="gap.2"), item("gap.2", needs="gap.1")]
    with pytest.raises(
        ParameterError, match=r"(?s)parameter needs is not usable.*gap\.1.*items that"
    ):
        launch_of(met(readiness_item=rows))


def test_known_needs_give_no_finding():
    assert "launch.needs_unknown" not in _found()
