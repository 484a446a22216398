"""The gate: three values all the way, evidence that counts, rules in every state, what flips it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from launch_examples import AS_OF, SAMPLE, criterion, item, launch_of, look, met, rules, table

from prismlib.analyses.launch_gate import Standing, corrections, decide, reversals
from prismlib.analyses.launch_inputs import LaunchSettings
from prismlib.analyses.launch_rules import (
    Criterion,
    criteria_of,
    disagreement,
    lint,
    rule_sets_of,
)
from prismlib.errors import ParameterError

MEMO_CRITERIA = criteria_of(SAMPLE.tables["criterion"])
MEMO_RULES = rule_sets_of(SAMPLE.tables["decision_rule"])


# --- everything is met, then one thing is not -----------------------------------------------------


def test_everything_fresh_is_go():
    results = launch_of(met())
    assert results.gate.decision == "GO"
    assert results.gate.is_certain
    assert {one.standing.band for one in results.judged} == {"pass"}


@pytest.mark.parametrize("name", ["evidence", "stated_evidence"])
@pytest.mark.parametrize("place", [0, 1])
def test_ageing_any_piece_past_its_validity_is_no_go_and_says_which(name, place):
    """14 days count, the fifteenth does not: seen 15 days before, each piece is too old."""
    tables = {n: frame.to_dict("records") for n, frame in met().items()}
    row = tables[name][place]
    row["observed_at"] -= timedelta(days=15)
    results = launch_of(met(**{name: tables[name]}))
    assert results.gate.decision == "NO-GO"
    assert not results.gate.is_certain
    said = " ".join(r for one in results.judged for r in one.standing.reasons)
    said += " ".join(one.reason for one in results.known.items.values())
    assert "15 days old, it counts for 14 days" in said
    assert row["check_id"] in said


def test_evidence_counts_on_its_last_day():
    early = look("load", "benchmark", on=AS_OF - timedelta(days=14))
    results = launch_of(met(stated_evidence=[look("gaps", "register"), early]))
    assert results.gate.decision == "GO"


def test_denied_call_is_no_go_and_names_the_permission():
    denied = look("gap.2", evidence_state="unknown", reason="denied: iam:GetCredentialReport")
    results = launch_of(met(evidence=[look("gap.1"), denied]))
    assert results.gate.decision == "NO-GO"
    assert not results.gate.is_certain
    assert "iam:GetCredentialReport" in results.known.items["gap.2"].reason
    (unknown,) = results.gate.of_band("unknown")
    assert unknown.criterion_id == "gaps"


def test_no_evidence_is_unknown():
    results = launch_of(met(stated_evidence=[look("gaps", "register")]))
    load = results.of("load")
    assert load is not None
    assert load.standing.band == "unknown"
    assert load.standing.reasons == ("no evidence is there",)


def test_evidence_older_than_what_it_rests_on_is_unknown():
    """Closed on 1 November; a benchmark of 31 October ran on something else."""
    old = look("load", "benchmark", on=date(2025, 10, 31), valid_for_days=Decimal(90))
    results = launch_of(met(stated_evidence=[look("gaps", "register"), old]))
    load = results.of("load")
    assert load is not None
    assert load.standing.band == "unknown"
    assert "closed on 1 Nov 2025, after the look" in load.standing.reasons[0]


def test_a_failure_stands_although_its_evidence_does_not_count():
    old = look(
        "load", "benchmark", on=date(2025, 9, 1), evidence_state="fail", evidence_value=Decimal(0)
    )
    results = launch_of(met(stated_evidence=[look("gaps", "register"), old]))
    load = results.of("load")
    assert load is not None
    assert load.standing.band == "fail"


def test_evidence_of_a_later_day_is_not_there_yet():
    later = look("load", "benchmark", on=AS_OF + timedelta(days=1))
    results = launch_of(met(stated_evidence=[look("gaps", "register"), later]))
    load = results.of("load")
    assert load is not None
    assert load.standing.reasons == ("no evidence is there",)


def test_newer_look_of_the_same_check_replaces_the_older():
    rows = [look("gap.1", on=AS_OF - timedelta(days=2), evidence_state="fail"), look("gap.1")]
    assert launch_of(met(evidence=[*rows, look("gap.2")])).gate.decision == "GO"
    rows = [look("gap.1", on=AS_OF - timedelta(days=2)), look("gap.1", evidence_state="fail")]
    assert launch_of(met(evidence=[*rows, look("gap.2")])).gate.decision == "NO-GO"


def test_one_failing_check_of_several_keeps_an_item_open():
    rows = [look("gap.1"), look("gap.1", "other", evidence_state="fail", detail="port 22 is open")]
    results = launch_of(met(evidence=[*rows, look("gap.2")]))
    assert results.known.items["gap.1"].is_open
    assert "port 22 is open" in results.known.items["gap.1"].reason


def test_closed_on_paper_alone_is_not_closed():
    results = launch_of(met(evidence=[look("gap.1")]))
    found = results.known.items["gap.2"]
    assert not found.is_open
    assert found.is_in_doubt
    assert results.gate.decision == "NO-GO"


def test_open_in_the_register_and_seen_closed_is_closed_from_that_day():
    """Gap 1 is seen closed on the 16th: a benchmark of the 15th is older, one of the 16th not."""
    rows = [item("gap.1", item_status="open", closed_date=None), item("gap.2")]
    results = launch_of(met(readiness_item=rows))
    assert results.known.items["gap.1"].closed_on == AS_OF
    assert results.gate.decision == "GO"
    before = look("load", "benchmark", on=AS_OF - timedelta(days=1))
    older = met(readiness_item=rows, stated_evidence=[look("gaps", "register"), before])
    assert launch_of(older).gate.decision == "NO-GO"


# --- waivers --------------------------------------------------------------------------------------

WAIVER = {
    "waiver_id": "w1",
    "subject_id": "gap.2",
    "owner": "VP",
    "reason": "no users yet",
    "granted_date": date(2025, 11, 1),
    "expires_date": date(2025, 11, 16),
}
OPEN_GAP = [item("gap.1"), item("gap.2", item_status="open", closed_date=None)]


def waived(**cells: object) -> str:
    failing = look("gap.2", evidence_state="fail")
    tables = met(
        readiness_item=OPEN_GAP,
        evidence=[look("gap.1"), failing],
        waiver=[{**WAIVER, **cells}],
    )
    return launch_of(tables).gate.decision


def test_waiver_with_owner_reason_and_end_covers_an_item_until_its_last_day():
    assert waived() == "GO"


@pytest.mark.parametrize(
    "cells",
    [
        {"owner": ""},
        {"reason": ""},
        {"expires_date": None},
        {"expires_date": date(2025, 11, 15)},
        {"granted_date": date(2025, 11, 17)},
        {"subject_id": "gap.1"},
    ],
)
def test_waiver_that_lacks_something_covers_nothing(cells):
    assert waived(**cells) == "NO-GO"


@pytest.mark.parametrize(("is_veto", "decision"), [(False, "GO"), (True, "NO-GO")])
def test_waiver_of_a_criterion_counts_unless_it_is_a_veto(is_veto, decision):
    criteria = [
        *met()["criterion"].to_dict("records")[:1],
        criterion("load", is_veto=is_veto),
    ]
    failing = look("load", "benchmark", evidence_state="fail")
    results = launch_of(
        met(
            criterion=criteria,
            stated_evidence=[look("gaps", "register"), failing],
            waiver=[{**WAIVER, "subject_id": "load"}],
        )
    )
    assert results.gate.decision == decision
    assert [one.criterion_id for one in results.gate.waived] == ([] if is_veto else ["load"])


# --- rules ----------------------------------------------------------------------------------------


def test_rules_of_the_memo_leave_63_of_972_states_open():
    """3 x 3 x 2 x 3 x 3 x 3 x 2 = 972. Without a failing criterion: 2 x 2 x 1 x 2 x 2 x 2 x 2 = 64,
    of which 1 is GO, so 63 are open; the other 972 - 64 = 908 are NO-GO."""
    found = lint(MEMO_RULES["matrix"], MEMO_CRITERIA)
    assert found.counts == {"GO": 1, "NO-GO": 908, "undefined": 63}
    assert not found.is_complete


def test_rules_of_the_appendix_are_complete_and_pass_over_on_call():
    """Six criteria pass and on-call is either: 2 states are GO."""
    found = lint(MEMO_RULES["appendix_e"], MEMO_CRITERIA)
    assert found.counts == {"GO": 2, "NO-GO": 970}
    assert found.is_complete
    assert found.left_out == ("on_call",)
    assert found.vetoes == ("on_call",)


def test_two_rules_of_the_memo_disagree_where_the_matrix_is_open():
    found = disagreement(MEMO_RULES["matrix"], MEMO_RULES["appendix_e"], MEMO_CRITERIA)
    assert found.states == 63
    assert found.pairs == {("undefined", "GO"): 1, ("undefined", "NO-GO"): 62}
    state = found.examples["undefined", "GO"]
    assert {name for name, band in state.items() if band != "pass"} == {"on_call"}


def test_complete_rules_are_clean():
    found = lint(MEMO_RULES["launch"], MEMO_CRITERIA)
    assert found.is_clean
    assert found.counts == {"GO": 1, "NO-GO": 971}


def test_two_rules_that_hold_at_once_are_a_conflict():
    criteria = criteria_of(table("criterion", [criterion("a"), criterion("b")]))
    rows = [
        {"rule_set": "r", "priority": 1, "decision": "GO", "combine": "all",
         "criterion_id": "a", "bands_that_match": "pass"},
        {"rule_set": "r", "priority": 2, "decision": "NO-GO", "combine": "any",
         "criterion_id": "b", "bands_that_match": "fail"},
    ]  # fmt: skip
    found = lint(rule_sets_of(table("decision_rule", rows))["r"], criteria)
    # a, b: pass pass GO; pass fail both; fail pass neither; fail fail NO-GO
    assert found.counts == {"GO": 1, "NO-GO": 1, "undefined": 1, "two decisions": 1}
    assert found.vetoes == ()


def test_rule_that_names_no_criterion_is_said():
    criteria = criteria_of(table("criterion", [criterion("a")]))
    found = lint(rule_sets_of(table("decision_rule", rules("a", "typo")))["launch"], criteria)
    assert found.unknown == ("typo",)
    assert not found.is_clean


def test_unknown_way_to_combine_is_refused():
    rows = [{"rule_set": "r", "priority": 1, "decision": "GO", "combine": "most"}]
    with pytest.raises(ParameterError, match="all, any, otherwise"):
        rule_sets_of(table("decision_rule", rows))


@pytest.mark.parametrize(
    ("compared_as", "go", "no_go", "value", "band"),
    [
        ("at most", 0, 3, 0, "pass"),
        ("at most", 0, 3, 3, "warn"),
        ("at most", 0, 3, 4, "fail"),
        ("less than", 10, 20, 10, "warn"),
        ("less than", 10, 20, "20.01", "fail"),
        ("at least", 100, 90, "99.9", "warn"),
        ("at least", 100, 90, 90, "warn"),
        ("at least", 100, 90, "89.9", "fail"),
        ("is", 1, 0, 0, "fail"),
        ("is", 1, None, 0, "warn"),
        ("at most", 5, 5, 5, "pass"),
        ("at most", 5, 5, 6, "fail"),
    ],
)
def test_band_of_a_value(compared_as, go, no_go, value, band):
    row = criterion(
        "a",
        compared_as=compared_as,
        go_value=Decimal(go),
        no_go_value=None if no_go is None else Decimal(no_go),
    )
    one = Criterion(row)
    assert one.band(Decimal(value)) == band
    assert band in one.bands


# --- what flips it --------------------------------------------------------------------------------


def standings(*bands: tuple[str, ...]) -> list[Standing]:
    names = "abcdefg"
    rows = [criterion(name, is_veto=False, go_value=Decimal(1)) for name in names]
    found = [Criterion(row) for row in rows[: len(bands)]]
    return [Standing(one, band) for one, band in zip(found, bands, strict=True)]


def rule_set(*conditions: dict[str, object]):
    rows = [{"rule_set": "r", "combine": "all", **one} for one in conditions]
    rows.append({"rule_set": "r", "priority": 99, "decision": "NO-GO", "combine": "otherwise"})
    return rule_sets_of(table("decision_rule", rows))["r"]


def go(priority: int, name: str) -> dict[str, object]:
    return {
        "priority": priority,
        "decision": "GO",
        "criterion_id": name,
        "bands_that_match": "pass",
    }


def test_minimal_sets_are_all_found_and_none_holds_another():
    """GO if a and b pass, or if c passes: from nothing passing, {c} and {a, b} flip it."""
    rules_ab_or_c = rule_set(go(1, "a"), go(1, "b"), go(2, "c"))
    gate = decide(rules_ab_or_c, standings(("fail",), ("fail",), ("fail",)))
    assert corrections(gate) == (("c",), ("a", "b"))


def test_back_from_go_takes_hitting_every_way_to_it():
    """All pass; GO by {a, b} and by {c}: it ends only when c falls and a or b does."""
    rules_ab_or_c = rule_set(go(1, "a"), go(1, "b"), go(2, "c"))
    gate = decide(rules_ab_or_c, standings(("pass",), ("pass",), ("pass",)))
    assert gate.decision == "GO"
    assert corrections(gate) == ()
    assert reversals(gate) == (("a", "c"), ("b", "c"))


@pytest.mark.parametrize("bands", list(product([("pass",), ("fail",), ("pass", "fail")], repeat=3)))
def test_correction_flips_and_no_part_of_it_does(bands):
    rules_ab_or_c = rule_set(go(1, "a"), go(1, "b"), go(2, "c"))
    gate = decide(rules_ab_or_c, standings(*bands))
    for chosen in corrections(gate):
        for size in range(len(chosen) + 1):
            for left in {chosen[:size], chosen[len(chosen) - size :]}:
                now = [
                    Standing(s.criterion, ("pass",)) if s.criterion_id in left else s
                    for s in gate.standings
                ]
                decided = decide(rules_ab_or_c, now).decision
                assert (decided == "GO") == (set(left) == set(chosen))


def test_unknown_that_cannot_matter_leaves_the_decision_certain():
    rules_ab = rule_set(go(1, "a"), go(1, "b"))
    gate = decide(rules_ab, standings(("fail",), ("pass", "fail")))
    assert (gate.decision, gate.is_certain, gate.ways, gate.go_ways) == ("NO-GO", True, 2, 0)
    gate = decide(rules_ab, standings(("pass",), ("pass", "fail")))
    assert (gate.decision, gate.is_certain, gate.ways, gate.go_ways) == ("NO-GO", False, 2, 1)


def test_without_criteria_nothing_is_go():
    results = launch_of({})
    assert results.gate.decision == "NO-GO"
    assert results.judged == ()


def test_rules_that_do_not_exist_are_refused():
    with pytest.raises(ParameterError, match="launch"):
        launch_of(met(), settings=LaunchSettings(rules="other", draws=200))
