"""The gate at its edges: what ends a GO, the launch day, registers that say little or amiss."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, product

import numpy as np
import pytest
from launch_examples import (
    AS_OF,
    SAMPLE,
    criterion,
    item,
    launch_of,
    look,
    met,
    rules,
    table,
)

from prismlib.analyses.launch_findings import judge_launch
from prismlib.analyses.launch_gate import Standing, corrections, decide, reversals
from prismlib.analyses.launch_inputs import LaunchSettings
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.analyses.launch_rules import RuleSet, criteria_of, rule_sets_of
from prismlib.analyses.work_calendar import WorkCalendar
from prismlib.errors import ParameterError, SchemaError
from prismlib.findings import Finding
from prismlib.tables import records

LAUNCH = date(2025, 12, 9)
WAIVER = {
    "waiver_id": "w",
    "subject_id": "gap.2",
    "owner": "platform lead",
    "reason": "no traffic before January",
    "expires_date": LAUNCH,
}
OPEN = {
    "readiness_item": [item("gap.1"), item("gap.2", item_status="open", closed_date=None)],
    "evidence": [look("gap.1", valid_for_days=Decimal(90))],
}


# --- flips, against every set tried by other means ------------------------------------------------


def _drawn(seed: int) -> tuple[RuleSet, list[Standing]]:
    """Return a set of rules and criteria as they stand, drawn at random; many overlap."""
    drawn = random.Random(seed)
    ids = [f"c{number}" for number in range(drawn.randint(2, 4))]
    bounds = {"compared_as": "at most", "go_value": Decimal(0), "no_go_value": Decimal(2)}
    rows = [criterion(one, is_veto=drawn.random() < 0.3, **bounds) for one in ids]
    conditions = []
    for priority in range(drawn.randint(1, 3)):
        rule = {
            "rule_set": "drawn",
            "priority": priority,
            "decision": "GO" if priority == 0 else drawn.choice(["GO", "NO-GO"]),
            "combine": drawn.choice(["all", "any"]),
        }
        for one in drawn.sample(ids, drawn.randint(1, len(ids))):
            bands = "|".join(drawn.sample(["pass", "warn", "fail"], drawn.randint(1, 2)))
            conditions.append({**rule, "criterion_id": one, "bands_that_match": bands})
    last = {"rule_set": "drawn", "priority": 9, "decision": "NO-GO", "combine": "otherwise"}
    rule_set = rule_sets_of(table("decision_rule", [*conditions, last]))["drawn"]
    ways = [("pass",), ("warn",), ("fail",), ("pass", "warn"), ("pass", "warn", "fail")]
    criteria = criteria_of(table("criterion", rows))
    return rule_set, [Standing(one, drawn.choice(ways)) for one in criteria]


def _is_go(rule_set: RuleSet, standings: Sequence[Standing]) -> bool:
    for bands in product(*(one.bands for one in standings)):
        state = dict(zip([one.criterion_id for one in standings], bands, strict=True))
        vetoes = [one.criterion_id for one in standings if one.criterion.row["is_veto"]]
        if rule_set.decide(state) != "GO" or any(state[name] != "pass" for name in vetoes):
            return False
    return True


def _turned(
    standings: Sequence[Standing], chosen: Collection[str], *, is_pass: bool
) -> list[Standing]:
    return [
        Standing(one.criterion, ("pass",) if is_pass else one.criterion.bands)
        if one.criterion_id in chosen
        else one
        for one in standings
    ]


@pytest.mark.parametrize("seed", range(60))
def test_flips_are_the_minimal_ones_of_all_sets(seed):
    drawn, standings = _drawn(seed)
    ids = [one.criterion_id for one in standings]
    sets = [frozenset(s) for n in range(1, len(ids) + 1) for s in combinations(ids, n)]
    is_go = _is_go(drawn, standings)
    to_go = [s for s in sets if _is_go(drawn, _turned(standings, s, is_pass=True))]
    start = standings if is_go else _turned(standings, ids, is_pass=True)
    back = [s for s in sets if not _is_go(drawn, _turned(start, s, is_pass=False))]

    gate = decide(drawn, standings)
    minimal = {s for s in to_go if not any(other < s for other in to_go)}
    assert {frozenset(s) for s in corrections(gate)} == (set() if is_go else minimal)
    ending = {s for s in back if not any(other < s for other in back)}
    assert {frozenset(s) for s in reversals(gate)} == (ending if _is_go(drawn, start) else set())


# --- the launch day -------------------------------------------------------------------------------


@pytest.mark.parametrize(("ends", "band"), [(LAUNCH, "pass"), (LAUNCH - timedelta(1), "warn")])
def test_waiver_that_ends_before_the_launch_is_none_on_the_launch_day(ends, band):
    """One critical gap is open: more than the 0 of GO, not more than the 1 of NO-GO."""
    fresh = look("gaps", "register", valid_for_days=Decimal(90))
    tables = met(
        **OPEN,
        waiver=[{**WAIVER, "expires_date": ends}],
        stated_evidence=[fresh, look("load", "benchmark")],
    )
    results = launch_of(tables, settings=LaunchSettings(draws=200, launch=LAUNCH))
    gaps = results.of("gaps")
    assert gaps.standing.band == "pass"
    assert gaps.at_launch.band == band


def test_item_whose_evidence_is_too_old_on_the_launch_day_is_not_closed_then():
    """Seen on 16 Nov and good for 14 days: too old on 9 Dec, 23 days later."""
    fresh = [look(one, "seen", valid_for_days=Decimal(90)) for one in ("gaps", "load")]
    results = launch_of(
        met(stated_evidence=fresh), settings=LaunchSettings(draws=200, launch=LAUNCH)
    )
    gaps = results.of("gaps")
    assert gaps.standing.band == "pass"
    assert gaps.at_launch.band == "unknown"
    assert "23 days old, it counts for 14 days" in " ".join(gaps.at_launch.reasons)


# --- what says little -----------------------------------------------------------------------------


def test_blank_owner_is_no_owner():
    results = launch_of(met(**OPEN, waiver=[{**WAIVER, "owner": " "}]))
    assert results.gate.decision == "NO-GO"


def test_pass_without_a_figure_is_no_count_of_gaps():
    results = launch_of(met(readiness_item=[], evidence=[]))
    gaps = results.of("gaps")
    assert (gaps.measure.low, gaps.measure.high) == (None, None)
    assert gaps.standing.band == "unknown"


def test_criterion_names_the_call_that_was_denied():
    denied = look("gap.2", "roles", evidence_state="unknown", reason="denied: iam:ListRoles")
    results = launch_of(met(evidence=[look("gap.1"), denied]))
    assert "denied: iam:ListRoles" in " ".join(results.of("gaps").standing.reasons)


BOUNDS = {"compared_as": "at most", "go_value": Decimal(3), "no_go_value": Decimal(1)}


@pytest.mark.parametrize(
    ("name", "row", "column", "key", "seen"),
    [
        ("readiness_item", item("gap.2", severity="Critical"), "severity", "item_id gap.2",
         "Critical"),
        ("readiness_item", item("gap.2", severity="blocker"), "severity", "item_id gap.2",
         "blocker"),
        ("readiness_item", item("gap.2", item_kind="gaps"), "item_kind", "item_id gap.2", "gaps"),
        ("readiness_item", item("gap.2", item_status="done"), "item_status", "item_id gap.2",
         "done"),
        ("evidence", look("gap.2", evidence_state="Pass"), "evidence_state",
         f"evidence_id gap.2.check.{AS_OF}", "Pass"),
        ("stated_evidence", look("load", evidence_state="passed"), "evidence_state",
         f"evidence_id load.check.{AS_OF}", "passed"),
        ("criterion", criterion("gaps", compared_as="<="), "compared_as", "criterion_id gaps",
         "<="),
        ("criterion", criterion("gaps", **BOUNDS), "no_go_value", "criterion_id gaps", "1"),
        ("criterion", criterion("gaps", measure_name="open_critcal_gaps"), "measure_name",
         "criterion_id gaps", "open_critcal_gaps"),
        ("decision_rule", {**rules("gaps")[0], "decision": "go"}, "decision",
         "rule_set launch, priority 10, criterion_id gaps", "go"),
        ("decision_rule", {**rules("gaps")[0], "bands_that_match": "fail|unknown"},
         "bands_that_match", "rule_set launch, priority 10, criterion_id gaps", "unknown"),
        ("decision_rule", {**rules("gaps")[1], "decision": "Go"}, "decision",
         "rule_set launch, priority 20", "Go"),
    ],
)  # fmt: skip
def test_word_that_nobody_knows_decides_nothing_in_silence(name, row, column, key, seen):
    with pytest.raises(SchemaError) as raised:
        launch_of(met(**{name: [row]}))
    words = str(raised.value)
    assert f"in {name}.csv: {column} of the row {key} is not usable" in words
    assert raised.value.seen == repr(seen)
    assert raised.value.expected
    assert "parameter" not in words


# --- what is not known is said --------------------------------------------------------------------


def test_look_of_a_later_day_is_left_out_and_named():
    later = look("gap.2", "roles", on=AS_OF + timedelta(days=3))
    found = _found(launch_of(met(evidence=[look("gap.1"), later])))
    assert "roles of gap.2 on 19 Nov 2025" in found["launch.evidence_later"].statement
    assert "launch.evidence_later" not in _found(launch_of(met()))


def test_country_without_holidays_is_refused():
    with pytest.raises(ParameterError, match="country"):
        launch_of(met(), settings=LaunchSettings(draws=200, country="XX"))
    assert launch_of(met(), settings=LaunchSettings(draws=200, country="")).holidays == {}


def test_years_without_holidays_are_named():
    """The reference has those of 2025 and 2026."""
    rows = records(SAMPLE.tables["plan_task"])
    for row in rows:
        for name in ("task_from_date", "task_to_date"):
            row[name] = row[name] and row[name].replace(year=2031)
    found = _found(launch_of({**SAMPLE.tables, "plan_task": table("plan_task", rows)}))
    assert "2031" in found["launch.plan.holidays_unknown"].statement
    assert str(found["launch.plan.holidays_unknown"].verdict) == "unknown"
    assert "launch.plan.holidays_unknown" not in _found(launch_of(SAMPLE.tables))


def test_work_of_years_is_worked_in_working_hours():
    """1,000 days of 8 hours, no holidays: 200 weeks of 5 days from Monday 17 Nov 2025, so until
    Friday of the 200th: 199 weeks and 4 days later."""
    calendar = WorkCalendar(date(2025, 11, 17), (), 8.0)
    end = calendar.after_work(np.array([0.0]), np.array([8000.0]))
    assert calendar.day_of(float(end[0])) == date(2025, 11, 17) + timedelta(weeks=199, days=4)


def _found(results: LaunchResults) -> dict[str, Finding]:
    return {one.id: one for one in judge_launch(results)}
