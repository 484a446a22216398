"""What must not turn into a GO: failures that are easy to lose, and items that nobody ranked."""

import pytest
from launch_examples import item, launch_of, look, met

NO_GO = "NO-GO"


def decision(**changes):
    return launch_of(met(**changes)).gate.decision


def test_everything_met_is_go():
    assert decision() == "GO"


@pytest.mark.parametrize("first", ["fail", "pass"])
def test_failure_of_a_day_that_nobody_knows_stays(first):
    """No pass can be shown to be later than it."""
    rows = [
        look("gap.1", evidence_id="a", evidence_state="fail", observed_at=None, detail="lost"),
        look("gap.1", evidence_id="b"),
    ]
    rows = rows if first == "fail" else rows[::-1]
    assert decision(evidence=[*rows, look("gap.2")]) == NO_GO


@pytest.mark.parametrize("first", ["fail", "pass"])
@pytest.mark.parametrize("worse", ["fail", "unknown"])
def test_of_two_looks_at_one_moment_the_worse_one_stands(first, worse):
    rows = [look("gap.1", evidence_id="a", evidence_state=worse), look("gap.1", evidence_id="b")]
    rows = rows if first == "fail" else rows[::-1]
    assert decision(evidence=[*rows, look("gap.2")]) != "GO"


def test_pass_of_the_same_check_an_hour_later_stands():
    failed = look("gap.1", evidence_id="a", evidence_state="fail")
    failed["observed_at"] = failed["observed_at"].replace(hour=1)
    later = look("gap.1", evidence_id="b")
    later["observed_at"] = later["observed_at"].replace(hour=2)
    assert decision(evidence=[failed, later, look("gap.2")]) == "GO"


def test_open_gap_that_nobody_ranked_may_be_critical():
    gaps = [item("gap.1"), item("gap.2"), item("gap.3", severity="", item_status="open")]
    result = launch_of(met(readiness_item=gaps))
    measure = result.of("gaps").measure
    assert (measure.low, measure.high) == (0, 1)
    assert result.gate.decision != "GO"
    closed = [item("gap.1"), item("gap.2"), item("gap.3", severity="")]
    seen = [look("gap.1"), look("gap.2"), look("gap.3")]
    assert decision(readiness_item=closed, evidence=seen) == "GO", "closed, whatever its rank"


def test_open_finding_of_security_counts_by_its_kind():
    found = item("sec.3", item_kind="security", is_security=None, item_status="open")
    tables = met(readiness_item=[item("gap.1"), item("gap.2"), found])
    criteria = tables["criterion"].copy()
    criteria.loc[criteria["criterion_id"] == "gaps", "measure_name"] = "open_critical_security"
    result = launch_of({**tables, "criterion": criteria})
    assert result.of("gaps").measure.low == 1
    assert result.gate.decision == NO_GO
