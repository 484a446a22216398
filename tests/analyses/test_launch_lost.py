"""What must not get lost: failures behind a blind look, figures of another unit, far days."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from launch_examples import AS_OF, criterion, item, launch_of, look, met, rules, table

from prismlib.analyses.launch_findings import judge_launch
from prismlib.analyses.launch_gate import UNKNOWN
from prismlib.analyses.launch_tables import evidence_table, name_waiver_table
from prismlib.analyses.launch_words import decision_words, flip_words
from prismlib.errors import SchemaError
from prismlib.narrative.launch_answer import launch_answer
from prismlib.tables import records

GO, NO_GO = "GO", "NO-GO"
STATED = [look("gaps", "register"), look("load", "benchmark")]
SIGNED = {"waiver_id": "w", "owner": "CTO", "reason": "pilot", "expires_date": AS_OF}


def days(number):
    """Return a day so many days from the one that is asked about."""
    return AS_OF + timedelta(days=number)


def roles(state, value, on, **cells):
    """Return a look at gap.8 by iam.roles, which asks for at most 0 roles."""
    value = None if value is None else Decimal(value)
    cells = {"evidence_id": f"{state}.{on}", "evidence_value": value, "unit": "roles", **cells}
    return look("gap.8", "iam.roles", on=on, evidence_state=state, **cells)


def with_roles(*rows, said=(), **changes):
    """Return a launch with a closed gap.8, its policies in order, and some looks at its roles."""
    gaps = [item("gap.1"), item("gap.2"), item("gap.8")]
    policies = look("gap.8", "iam.policies", evidence_value=Decimal(0), unit="findings")
    seen = [look("gap.1"), look("gap.2"), policies, *rows]
    return launch_of(
        met(readiness_item=gaps, evidence=seen, stated_evidence=[*STATED, *said], **changes)
    )


# --- a failure stays until it is seen to be gone --------------------------------------------------


def test_failure_stays_behind_a_collector_that_was_denied():
    failed, blind = roles("fail", 5, days(-2)), roles("unknown", None, days(-1))
    said = look("gap.8", "iam.roles")
    assert with_roles(failed, blind, said=[said]).gate.decision == NO_GO
    passed = roles("pass", 0, AS_OF)
    assert with_roles(failed, blind, passed, said=[said]).gate.decision == GO


@pytest.mark.parametrize(
    ("later", "decision"),
    [
        ({"evidence_state": "unknown", "on": AS_OF}, NO_GO),
        ({"on": days(-9), "valid_for_days": Decimal(1)}, NO_GO),  # a pass that is too old
        ({"on": AS_OF}, GO),
    ],
)
def test_failure_in_no_register_stays_until_a_pass_that_counts(later, decision):
    rows = [
        look("gap.77", "ports", on=days(-10), evidence_id="a", evidence_state="fail"),
        look("gap.77", "ports", evidence_id="b", **later),
    ]
    results = launch_of(met(evidence=[look("gap.1"), look("gap.2"), *rows]))
    assert results.gate.decision == decision


def test_failure_after_the_day_of_closing_makes_it_closed_when_it_passes_again():
    """Closed on 1 Nov, failing on 5 Nov, passing from 12 Nov: a benchmark of 6 Nov came before."""
    rows = [
        look("gap.1", on=date(2025, 11, 5), evidence_id="a", evidence_state="fail"),
        look("gap.1", on=date(2025, 11, 12), evidence_id="b"),
    ]
    stated = [look("gaps", "register"), look("load", "benchmark", on=date(2025, 11, 6))]
    results = launch_of(met(evidence=[*rows, look("gap.2")], stated_evidence=stated))
    assert results.known.items["gap.1"].closed_on == date(2025, 11, 12)
    assert results.gate.decision == NO_GO


def test_failure_of_the_same_day_without_an_hour_stands():
    nine = roles("pass", 0, AS_OF)
    nine["observed_at"] = datetime(2025, 11, 16, 9, tzinfo=UTC)
    said = look("gap.8", "iam.roles", evidence_state="fail")
    assert with_roles(nine, said=[said]).gate.decision == NO_GO
    said["observed_at"] = datetime(2025, 11, 16, 8, tzinfo=UTC)
    assert with_roles(nine, said=[said]).gate.decision == GO


def test_looks_of_one_check_at_two_items_are_kept_apart():
    """Nothing says that the check is about another item than the file does."""
    rows = [
        look("gap.1", "iam.roles", evidence_state="fail", evidence_value=Decimal(5), unit="roles"),
        look("gap.2", "iam.roles", evidence_value=Decimal(0), unit="roles"),
    ]
    results = launch_of(met(evidence=[look("gap.1"), look("gap.2"), *rows]))
    assert results.gate.decision == NO_GO
    assert results.known.items["gap.1"].is_open


# --- figures --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit"), [(0, "gaps"), (0, "1"), (1, "%"), (1, "findings"), (0, "")]
)
def test_waiver_covers_no_failure_in_another_unit_or_of_nothing(value, unit):
    said = look("gaps", "pentest", evidence_state="fail", evidence_value=Decimal(value), unit=unit)
    changes = {
        "waiver": [{**SIGNED, "subject_id": "gap.2"}],
        "stated_evidence": [*STATED, said],
        "evidence": [look("gap.1")],
    }
    assert launch_of(met(**changes)).gate.decision == NO_GO
    said["evidence_value"], said["unit"] = Decimal(1), "gaps"
    assert launch_of(met(**changes)).gate.decision == GO


def test_document_in_a_unit_that_is_nearly_the_same_is_not_known():
    said = look("gap.8", "iam.roles", evidence_value=Decimal(5), unit="role")
    assert with_roles(said=[said]).gate.decision == NO_GO
    stated = [look("gaps", "register", evidence_value=Decimal(8), unit="gap"), STATED[1]]
    assert launch_of(met(stated_evidence=stated)).gate.decision == NO_GO


def test_people_who_are_named_need_training_though_no_module_is():
    training = criterion(
        "training",
        measure_name="people_trained_pct",
        compared_as="at least",
        go_value=Decimal(100),
        no_go_value=Decimal(90),
        unit="%",
    )
    said = look("training", "register", evidence_value=Decimal(100), unit="%")
    tables = met(criterion=[training], decision_rule=rules("training"), stated_evidence=[said])
    assert launch_of(tables).gate.decision == GO
    needs = table("training_need", [{"person_id": "p1", "module_name": "dr"}])
    assert launch_of({**tables, "training_need": needs}).gate.decision == NO_GO


@pytest.mark.parametrize(
    ("name", "row", "column"),
    [
        (
            "document_count",
            {"document_kind": "b", "required_documents": Decimal(-5)},
            "required_documents",
        ),
        ("training_module", {"module_name": "b", "trained_seats": Decimal(-1)}, "trained_seats"),
    ],
)
def test_counts_below_zero_are_refused(name, row, column):
    with pytest.raises(SchemaError, match=f"{column} of the row"):
        launch_of(met(**{name: [row]}))


def test_check_of_collectors_can_be_about_a_criterion_of_yes_or_no():
    """0 roles are at most 0: yes. 5 are not."""
    seen = look("gap.8", "iam.roles", evidence_value=Decimal(0), unit="roles")
    policies = look("gap.8", "iam.policies", evidence_value=Decimal(0), unit="findings")
    subjects = [{"check_id": f"iam.{name}", "subject_id": "load"} for name in ("roles", "policies")]
    tables = met(evidence=[look("gap.1"), look("gap.2"), seen, policies], evidence_subject=subjects)
    assert launch_of(tables).gate.decision == GO
    seen["evidence_value"] = Decimal(5)
    tables = met(evidence=[look("gap.1"), look("gap.2"), seen, policies], evidence_subject=subjects)
    assert launch_of(tables).of("load").standing.band == "fail"


def test_criterion_of_yes_or_no_needs_no_unit():
    rows = [
        {**row, "unit": ""} if row["unit"] == "1" else row for row in records(met()["criterion"])
    ]
    assert launch_of(met(criterion=rows)).gate.decision == GO


# --- what ends no report --------------------------------------------------------------------------


def test_waiver_without_end_as_people_write_it_is_reckoned_with():
    row = {**SIGNED, "subject_id": "gap.1", "expires_date": date.max}
    results = launch_of(met(waiver=[row]))
    assert (results.gate.decision, results.lasts_until) == (GO, date(2025, 11, 30))
    judge_launch(results)


def test_check_that_is_about_nothing_is_in_no_table():
    seen = look("gap.1", "redis.state", evidence_value=Decimal(1), unit="1")
    subjects = [
        {"check_id": f"redis.{name}"}
        for name in ("state", "slots", "primaries", "replicas", "zones", "primary_zone")
    ]
    rows = [look("gap.1"), look("gap.2"), seen]
    results = launch_of(met(evidence=rows, evidence_subject=subjects))
    assert "redis.state" not in set(evidence_table(results)["check_id"])
    assert name_waiver_table(results).empty


def test_many_criteria_are_decided_at_once():
    """21 vetoes of which no evidence is there: each of them is needed, and together they do."""
    ids = [f"c{n:02}" for n in range(21)]
    tables = met(
        criterion=[criterion(one) for one in ids], decision_rule=rules(*ids), stated_evidence=[]
    )
    results = launch_of(tables)
    assert results.gate.decision == NO_GO
    assert results.to_go == (tuple(ids),)


def test_rules_over_all_criteria_go_before_those_that_leave_some_out():
    """3 ** 13 states are not tried; the first set asks for one criterion of 13."""
    ids = [f"c{n:02}" for n in range(13)]
    bands = {"compared_as": "at most", "go_value": Decimal(8), "no_go_value": Decimal(10)}
    cells = {**bands, "unit": "minutes", "is_veto": False}
    tables = met(
        criterion=[criterion(one, **cells) for one in ids],
        decision_rule=[*rules("c00", name="lenient"), *rules(*ids, name="strict")],
        stated_evidence=[look("c00", evidence_value=Decimal(5), unit="minutes")],
    )
    results = launch_of(tables)
    assert (results.gate.rules.name, results.gate.decision) == ("strict", NO_GO)


# --- sentences that agree -------------------------------------------------------------------------


def test_what_the_stated_figures_would_take_is_no_more_than_what_it_takes():
    results = launch_of(met(stated_evidence=STATED[:1]))
    assert results.to_go == (("load",),)
    assert results.claimed_to_go == (("load",),)


def with_budget(**cells):
    extra = criterion("budget", is_veto=False, needs="")
    tables = met(criterion=[*records(met()["criterion"]), extra])
    tables["decision_rule"] = table("decision_rule", rules("gaps", "load", "budget"))
    tables["waiver"] = table("waiver", [{**SIGNED, "subject_id": "budget"}])
    seen = [*STATED, look("budget", **cells)]
    return launch_of({**tables, "stated_evidence": table("stated_evidence", seen)})


def test_waived_criterion_ends_no_go_and_is_not_known_for_all_that():
    failing = with_budget(evidence_state="fail")
    assert failing.gate.decision == GO
    assert failing.from_go == (("gaps",), ("load",))
    unknown = with_budget(evidence_state="unknown")
    assert unknown.gate.of_band(UNKNOWN)
    assert "Nothing is unknown" not in decision_words(unknown)


def test_one_of_two_is_enough_and_neither_alone_ends_it():
    either = [
        {
            **{"rule_set": "launch", "priority": 10, "decision": "GO", "combine": "any"},
            **{"criterion_id": one, "bands_that_match": "pass"},
        }
        for one in ("a", "b")
    ]
    otherwise = {"rule_set": "launch", "priority": 20, "decision": NO_GO, "combine": "otherwise"}
    tables = met(
        criterion=[criterion(one, is_veto=False) for one in ("a", "b")],
        decision_rule=[*either, otherwise],
        stated_evidence=[look("a", evidence_state="fail"), look("b", evidence_state="fail")],
    )
    words = flip_words(launch_of(tables))
    assert words.startswith("GO takes name of a — or name of b.")
    assert words.endswith("Once it is GO, no criterion alone would end it.")


def test_answer_that_names_a_later_failure_does_not_say_how_long_it_holds():
    later = look("gap.1", evidence_state="fail", on=days(1), evidence_id="later")
    results = launch_of(met(evidence=[look("gap.1"), look("gap.2"), later]))
    statement = launch_answer(results, judge_launch(results)).statement
    assert "Seen failing since" in statement
    assert "It holds until" not in statement
