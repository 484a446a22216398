"""Another duration, dependency or exclusion changes the drill as worked out by hand.

The drill of the sample, in seconds from the command: DNS 0 to 30, promotion 60 to 150, load 180 to
360, proxies to 390, health to 450, traffic to 480; copy takes 1,800 and is left off the clock.
"""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from prismlib.analyses.dr_inputs import DrInputs, DrSettings
from prismlib.analyses.dr_timeline import DrResults, analyse_dr, count_recovery
from prismlib.errors import ParameterError
from prismlib.paths import SAMPLE
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot

DATA = read_snapshot(SAMPLE)
INPUTS = DrInputs.of(DATA.tables, read_reference_tables(DATA.tables), as_of=DATA.as_of)


def counted(**changes: str) -> DrResults:
    return count_recovery(INPUTS, DrSettings(**changes))  # type: ignore[arg-type]


def test_a_longer_step_delays_what_ran_after_it() -> None:
    results = counted(step_minutes="load=12")
    # 12 min are 720 s instead of 180: 480 + 540; with the copy 1,020 + 1,800
    assert results.seconds("published") == D(1020)
    assert results.seconds("with_excluded") == D(2820)
    # load 720, proxies 30, health 60, traffic 30
    assert results.seconds("side_by_side") == D(840)
    assert results.changes == ("Redis data load takes 12:00 min",)
    rows = {row.step_id: row for row in results.step_table.itertuples()}
    assert (rows["proxies"].start_low_s, rows["proxies"].end_high_s) == (D(900), D(930))
    assert rows["promotion"].end_high_s == D(150)


def test_a_step_with_room_behind_it_delays_what_waited_for_its_end() -> None:
    # promotion ended 30 s before the load began: as it ran, the load keeps that distance
    assert counted(step_minutes="promotion=2").seconds("published") == D(480 + 30)
    assert counted(step_minutes="promotion=2").seconds("side_by_side") == D(300)


def test_work_that_counts_gets_a_place_before_the_first_step_that_needs_it() -> None:
    results = counted(left_out="none")
    assert results.seconds("published") == D(480 + 1800)
    assert results.seconds("side_by_side") == D(1800 + 300)
    assert results.case("with_excluded") is None
    results = counted(left_out="none", step_minutes="copy=12")
    assert results.seconds("published") == D(480 + 720)


def test_a_step_off_the_clock_takes_the_time_in_which_nothing_else_ran() -> None:
    results = counted(left_out="copy, health")
    # health ran alone from 390 to 450; side by side 180 + 30 + 30
    assert results.seconds("published") == D(480 - 60)
    assert results.seconds("side_by_side") == D(180 + 30 + 30)
    assert results.changes == ("Health checks is left off the clock",)


def test_a_dependency_changes_what_could_run_side_by_side_alone() -> None:
    results = counted(waits_for="load=promotion|dns")
    # promotion 90, load 180, proxies 30, health 60, traffic 30
    assert results.seconds("side_by_side") == D(390)
    assert results.seconds("published") == D(480)
    assert counted(waits_for="proxies=nothing").seconds("side_by_side") == D(180)


def test_nothing_set_is_the_drill_as_logged() -> None:
    settings = DrSettings(draws=200)
    whole, other = analyse_dr(INPUTS, settings), DrSettings(draws=200, step_minutes="load=3")
    assert whole.changes == ()
    assert analyse_dr(INPUTS, other).case_table.equals(whole.case_table)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("step_minutes", "lod=12", "command, dns|one of dns, promotion, load"),
        ("step_minutes", "load=soon", "a number"),
        ("step_minutes", "load=-1", "0 or more"),
        ("step_minutes", "load", "name=value"),
        ("waits_for", "load=lod", "database_check"),
        ("waits_for", "load=health", "none waits for itself"),
        ("left_out", "load_test", "one of"),
    ],
)
def test_a_wrong_text_is_refused_by_name(name: str, text: str, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        counted(**{name: text})
