"""Drill logs of every kind; expected times are worked out from the files by hand."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import botocore.session
import pytest
from botocore.validate import ParamValidator

from prismlib.dr_tables import DRILL, DRILL_EVENT
from prismlib.errors import IncompleteDataError, SourceError
from prismlib.sources.drill_logs import read_drill_logs
from prismlib.tables import check, records

DATA = Path(__file__).parents[1] / "data" / "drills"
AS_OF = date(2025, 11, 16)
ZERO = datetime(2025, 11, 14, 22, tzinfo=UTC)


def read(*names, as_of=AS_OF):
    return read_drill_logs([DATA / name for name in names], as_of=as_of)


@pytest.fixture
def read_text(tmp_path):
    """Return a function that reads a log of a text."""

    def read_it(text, name="log.csv", **options):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return read_drill_logs([path], **{"as_of": AS_OF, **options})

    return read_it


def times(logs):
    """Return start and end of each step; a range as (low, high)."""

    def one(low, high):
        return low if low == high else (low, high)

    return {
        row["step_id"]: (
            one(row["start_low_s"], row["start_high_s"]),
            one(row["end_low_s"], row["end_high_s"]),
        )
        for row in records(logs.drill_event)
    }


def column(logs, name):
    return dict(zip(logs.drill_event["step_id"], logs.drill_event[name], strict=True))


# --- written by hand ------------------------------------------------------------------------------


def test_failover_in_csv():
    logs = read("failover.csv")
    check(logs.drill, DRILL)
    check(logs.drill_event, DRILL_EVENT)
    assert times(logs) == {
        "trigger_failover": (0, 30),
        "change_dns": (30, 60),
        "promote_postgresql": (60, 150),
        "copy_snapshots": (None, None),
        "load_redis": (180, (330, 360)),
        "deploy_proxies": (360, 390),
        "health_checks": (390, 450),
        "first_query": (480, 480),
    }
    assert column(logs, "duration_s")["copy_snapshots"] == 1800
    assert [k for k, v in column(logs, "is_excluded").items() if v] == ["copy_snapshots"]
    assert column(logs, "is_manual")["copy_snapshots"] is True
    assert column(logs, "moved_gb")["load_redis"] == 4800
    assert column(logs, "step_status")["first_query"] == "instant"
    assert column(logs, "source")["load_redis"] == "failover.csv, row 5"
    (drill,) = records(logs.drill)
    assert (drill["drill_id"], drill["drill_kind"], drill["drill_date"], drill["zero_at"]) == (
        *("nov-14", "failover"),
        *(date(2025, 11, 14), None),
    )
    assert logs.notes == (
        "nov-14: gaps in which nothing is recorded: 0:30 before Load Redis at T+3:00,"
        " 0:30 before First query at T+8:00",
        "nov-14: no stage is marked as interruption, detect: how long that took is unknown",
    )


def test_two_time_zones_and_overlapping_stages():
    logs = read("two_zones.yaml")
    # 14:00 in Los Angeles is 22:00 UTC: T+0.
    assert list(logs.drill["zero_at"]) == [ZERO]
    assert times(logs) == {
        "region_lost": (-120, -120),
        "page_the_on_call": (-120, -30),
        "decide": (-30, 0),
        "promote_postgresql": (30, 120),
        "load_redis": (60, 240),
        "health_checks": (240, 300),
    }
    assert column(logs, "depends_on")["health_checks"] == "promote_postgresql|load_redis"
    assert column(logs, "source")["decide"] == "two_zones.yaml, row 16"
    told = "\n".join(logs.notes)
    assert "2 time zones (America/Los_Angeles, UTC); all are read into UTC" in told
    # Promotion runs 0:30 to 2:00 and the load 1:00 to 4:00.
    assert "Promote PostgreSQL and Load Redis for 1:00" in told


def test_a_row_for_each_start_and_end():
    logs = read("events.csv")
    # T+0 is the earliest time, 14:01.
    assert times(logs) == {
        "promote_postgresql": (0, 90),
        "load_redis": (120, 300),
        "first_query": (420, 420),
    }
    told = "\n".join(logs.notes)
    assert "no zero is given: T+0 is its earliest time, 2025-11-14T22:01:00+00:00" in told
    assert "not in the order of time: Promote PostgreSQL at T+0:00 behind Load Redis" in told


def test_day_of_the_log_is_not_in_the_future():
    assert len(read("two_zones.yaml", as_of=date(2025, 11, 14)).drill) == 1


@pytest.mark.parametrize("name", ["two_zones.yaml", "failover.csv", "cloudtrail.json"])
def test_event_in_the_future(name):
    with pytest.raises(SourceError, match="lies in the future") as caught:
        read(name, as_of=date(2025, 11, 13))
    assert "nothing after 2025-11-13 (UTC)" in str(caught.value)


def test_one_event_in_the_future_is_named(read_text):
    text = "step,start,end\nA,2025-11-14T22:00Z,\nB,2025-11-14T22:01Z,2025-11-17T00:00Z"
    with pytest.raises(SourceError, match=r"log\.csv, row 2: the step B lies in the future"):
        read_text(text)
    # A minute earlier it is still the day as of which the log is read.
    assert len(read_text(text.replace("17T00:00Z", "16T23:59Z")).drill_event) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("step,start,end\nA,T+2:00,T+1:00", "row 1: the step A ends before it starts"),
        ("step,start,end\nA,T+0:00,T+1:00\nA,,T+2:00", "row 2: the step A has two ends"),
        ("step,start,end\nA,T+0:00,T+1:00\nA,T+0:30,", "row 2: the step A has two starts"),
        ("step,start,end\nA,2025-11-14 22:00:00,", "row 1: a clock time has no time zone"),
        ("step,start,end\nA,22:00:00,", "row 1: a clock time has no day"),
        ("step,start,end\nA,2025-11-14T22:00Z,T+1:00", "clock times beside times from T"),
        (
            "step,start,depends_on\nA,T+0,B",
            "row 1: the step A waits for one that is not in the log",
        ),
        ("step,start,depends_on\nA,T+0,B\nB,T+1:00,A", "in a circle"),
        ("step,start,depends_on\nA,T+0,A", "in a circle"),
        ("step,start,at\nA,T+0,T+1:00", "tells its time in two ways"),
        ("step,time,event\nA,T+0,begin", "an event is not known"),
        ("step,start\n,T+0", "row 1: has no step"),
        ("step_id,step,at\nx,A,T+0\nx,B,T+0", "row 2: the step id x has two names"),
        ("step,rate_scope\nA,some", "column rate_scope cannot be read"),
        ("step,start,colour\nA,T+0,red", "a column or key is not known"),
        ("step,step_name\nA,A", "a column is there twice"),
        ("step,start\nA,T+0,T+1", "row 1: has more cells than the header"),
        ("step,phase\nA,healing", "column phase cannot be read"),
        ("step,moved_gb\nA,many", "row 1: column moved_gb cannot be read"),
        ("step,excluded\nA,maybe", "neither true nor false"),
        ("step,zero\nA,2025-11-14T22:00Z\nB,2025-11-14T23:00Z", "row 2: zero differs between rows"),
        ("step,kind\nA,outage", "column drill_kind cannot be read"),
        ("step,start\n", "has no steps"),
        ("step;start\nA;T+0", "commas between the cells"),
        ("", "is empty"),
    ],
)
def test_csv_that_is_refused(read_text, text, words):
    with pytest.raises(SourceError, match=words) as caught:
        read_text(text)
    assert "log.csv" in str(caught.value)
    assert "what to do" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("steps: []", "has no list of steps"),
        ("drill_id: x", "has no list of steps"),
        ("- step: A", "is no mapping"),
        ("steps:\n  - step: A\n    step: B", "the key step comes twice"),
        ("steps:\n  - {step: A, start: {at: 1}}", "holds a mapping"),
        ("steps:\n - step: 'A", "is not readable YAML"),
        ("steps:\n  - {step: A, start: T+1:00, end: T+0:30}", "row 2: the step A ends before"),
    ],
)
def test_yaml_that_is_refused(read_text, text, words):
    with pytest.raises(SourceError, match=words):
        read_text(text, "log.yaml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("step,start,end\nA,T+0,\nB,T+1:00,T+2:00", "no end is recorded of A: how long is unknown"),
        ("step,start,end\nA,,T+0:30\nB,T+1:00,T+2:00", "no start is recorded of A"),
        (
            "step,start,end\nA,,\nB,T+1:00,T+2:00",
            "neither start nor end is recorded of A: listed but",
        ),
        ("step,start,end\nA,T+0,T+1:00\nA,T+0,T+1:00", "A: comes twice with the same times"),
        ("step,start,end\nB,T+1:00,T+2:00\nA,T+0,T+1:00", "A at T+0:00 behind B at T+1:00"),
        ("step,start,end\nA,T+0,T+1:00\nB,T+1:30,T+2:00", "0:30 before B at T+1:30"),
        ("step,start,end\nA,T+0,T+1:00\nB,T+0:50,T+2:00", "A and B for 0:10"),
        (
            "step,start,end,depends_on\nA,T+0,T+1:00,\nB,T+0:50,T+2:00,A",
            "B waits for A, but starts 0:10 before it ends",
        ),
        (
            "step,start,end,duration\nA,T+0,T+1:00,2:00",
            "A states 2:00, but its start and end are 1:00",
        ),
        (
            "step,start,end\nA,T+0,T+1:00",
            "no stage is marked as interruption, detect, decide, valid",
        ),
    ],
)
def test_csv_that_is_read_with_a_note(read_text, text, words):
    logs = read_text(text)
    assert any(words in note and note.startswith("log: ") for note in logs.notes), logs.notes


def test_uncertain_times_are_no_overlap_and_no_contradiction(read_text):
    # A ends between 1:00 and 2:00, B starts between 1:00 and 1:30: nothing is certain.
    logs = read_text("step,start,end\nA,T+0,T+1:00..T+2:00\nB,T+1:00..T+1:30,T+1:20..T+3:00")
    assert not any("overlap" in note or "gap" in note for note in logs.notes)


def test_step_that_ends_at_zero_leaves_no_gap(read_text):
    logs = read_text("step,start,end\nA,T-0:45,T+0\nB,T+0,T+1:00")
    assert not any("gap" in note for note in logs.notes)


def test_missing_step_keeps_its_place(read_text):
    logs = read_text("step,start,end\nB,T+1:00,T+2:00\nX,,\nA,T+0,T+1:00")
    assert list(logs.drill_event["step_id"]) == ["a", "b", "x"]
    assert column(logs, "step_status")["x"] == "missing"


def test_ids_of_ones_own(read_text):
    logs = read_text(
        "step_id,step,time,event,depends_on\np1,Promote,T+0,start,\n,Promote,T+1:00,end,\n"
        ",Load,T+0,start,\n,Load,T+2:00,end,\n,Check,T+2:00,at,p1;load"
    )
    assert times(logs)["p1"] == (0, 60)
    assert column(logs, "depends_on")["check"] == "p1|load"
    # By its name it is the same step.
    logs = read_text("step_id,step,at,depends_on\np1,Promote,T+0,\n,Check,T+1:00,Promote")
    assert column(logs, "depends_on")["check"] == "p1"


def test_several_drills_in_one_file(read_text):
    logs = read_text("drill_id,kind,step,start,end\none,,A,T+0,T+8:00\ntwo,failback,A,T+0,T+8:30")
    assert list(logs.drill["drill_kind"]) == ["failover", "failback"]
    assert list(logs.drill_event["end_low_s"]) == [480, 510]
    text = (
        "drills:\n  - drill: one\n    note: first\n"
        "    steps: [{step: A, start: T+0, end: T+8:00}]\n"
        "  - drill: two\n    kind: failback\n    steps: [{step: A, start: T+0, end: T+8:30}]\n"
    )
    again = read_text(text, "log.yaml")
    assert list(again.drill["note"]) == ["first", ""]
    assert list(again.drill_event["end_low_s"]) == [480, 510]


def test_same_drill_in_two_files(tmp_path):
    paths = [tmp_path / name for name in ("a.csv", "b.csv")]
    for path in paths:
        path.write_text("drill_id,step,at\nx,A,T+0", encoding="utf-8")
    with pytest.raises(SourceError, match="is in another file as well"):
        read_drill_logs(paths, as_of=AS_OF)
    assert len(read_drill_logs([paths[0], paths[0]], as_of=AS_OF).drill) == 1


def test_no_such_file(tmp_path):
    with pytest.raises(SourceError, match="no such file"):
        read_drill_logs([tmp_path / "none.csv"], as_of=AS_OF)


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "log.csv"
    path.write_bytes(b"step,start\n\xff\xfe,T+0")
    with pytest.raises(SourceError, match="not UTF-8"):
        read_drill_logs([path], as_of=AS_OF)


# --- written by AWS -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "service", "operation"),
    [
        ("region_switch_execution.json", "arc-region-switch", "GetPlanExecution"),
        ("region_switch_events.json", "arc-region-switch", "ListPlanExecutionEvents"),
        ("fis_experiment.json", "fis", "GetExperiment"),
        ("cloudtrail.json", "cloudtrail", "LookupEvents"),
    ],
)
def test_files_have_the_shape_of_the_service(name, service, operation):
    model = botocore.session.get_session().get_service_model(service)
    shape = model.operation_model(operation).output_shape
    content = json.loads((DATA / name).read_text(encoding="utf-8"))
    assert ParamValidator().validate(content, shape).generate_report() == ""
    assert set(content) <= set(shape.members)


def test_region_switch_execution():
    logs = read("region_switch_execution.json")
    (drill,) = records(logs.drill)
    assert (drill["drill_id"], drill["drill_kind"]) == ("us-east-1/1a2b3c4d", "failover")
    assert (drill["lost_region_id"], drill["recovery_region_id"]) == ("us-west-2", "us-east-1")
    assert (drill["zero_at"], drill["drill_date"]) == (ZERO, date(2025, 11, 14))
    # actualRecoveryTime is 9:30; the plan had run at 8:00.
    assert times(logs) == {
        "approve": (0, 60),
        "promote_postgres": (60, 150),
        "scale_proxies": (60, 420),
        "shift_traffic": (420, 480),
        "application_health_alarms": (480, 570),
    }
    assert column(logs, "depends_on") == {
        "approve": "",
        "promote_postgres": "approve",
        "scale_proxies": "approve",
        "shift_traffic": "promote_postgres|scale_proxies",
        "application_health_alarms": "shift_traffic",
    }
    assert list(column(logs, "step_kind").values()) == [
        *("ManualApproval", "promotion", "deploy", "traffic", "health")
    ]
    assert (column(logs, "phase")["approve"], column(logs, "is_manual")["approve"]) == (
        "decide",
        True,
    )
    assert column(logs, "phase")["application_health_alarms"] == "validate"


def test_region_switch_events_alone():
    logs = read("region_switch_events.json")
    assert column(logs, "depends_on")["scale_proxies"] == "approve"
    assert list(logs.drill["zero_at"]) == [ZERO]
    assert times(logs) == {
        "approve": (0, 60),
        "scale_proxies": (60, 420),
        "shift_traffic": (420, 480),
    }
    told = "\n".join(logs.notes)
    assert "scale-proxies took 2 attempts" in told
    assert "scale-proxies was paused once" in told
    assert "approve waited for an approval" in told
    assert "2 of 48 pods" in column(logs, "note")["scale_proxies"]


def test_region_switch_events_join_their_execution():
    logs = read("region_switch_events.json", "region_switch_execution.json")
    assert list(logs.drill["drill_id"]) == ["us-east-1/1a2b3c4d"]
    assert len(logs.drill_event) == 5
    assert "2 of 48 pods" in column(logs, "note")["scale_proxies"]
    assert any("region_switch_events.json are joined" in note for note in logs.notes)


@pytest.fixture
def changed(tmp_path):
    """Return a function that reads a file of the data after a change of its content."""

    def read_it(name, change):
        content = json.loads((DATA / name).read_text(encoding="utf-8"))
        content = change(content) or content
        path = tmp_path / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return read_drill_logs([path], as_of=AS_OF)

    return read_it


def test_step_of_the_plan_that_did_not_run(changed):
    logs = changed("region_switch_execution.json", lambda c: c["stepStates"].__delitem__(-1))
    assert column(logs, "step_status")["shift_traffic"] == "missing"
    assert any("recorded of shift-traffic: listed but not recorded" in n for n in logs.notes)


def test_parallel_block_with_a_state_of_its_own(changed):
    def change(content):
        whole = {**content["stepStates"][2], "name": "databases-and-proxies"}
        content["stepStates"][1:3] = [whole]

    logs = changed("region_switch_execution.json", change)
    assert times(logs)["databases_and_proxies"] == (60, 420)
    assert column(logs, "depends_on")["shift_traffic"] == "databases_and_proxies"


def test_execution_without_its_plan(changed):
    logs = changed("region_switch_execution.json", lambda c: c.pop("plan").get("none"))
    # Approval ended at 1:00 when two steps started; both had ended at 7:00.
    assert column(logs, "depends_on") == {
        "approve": "",
        "promote_postgres": "approve",
        "scale_proxies": "approve",
        "shift_traffic": "approve|promote_postgres|scale_proxies",
        "application_health_alarms": "shift_traffic",
    }
    assert any("without the plan" in note for note in logs.notes)


def test_execution_that_has_not_begun(changed):
    with pytest.raises(SourceError, match="has no steps"):
        changed("region_switch_execution.json", lambda c: c.update(stepStates=[], plan={}))


def test_execution_back_to_the_primary_region_is_a_failback(changed):
    def change(content):
        content["plan"]["primaryRegion"] = "us-east-1"

    logs = changed("region_switch_execution.json", change)
    assert list(logs.drill["drill_kind"]) == ["failback"]


def test_execution_that_was_not_completed_is_noted(changed):
    logs = changed(
        "region_switch_execution.json", lambda c: c.update(executionState="planExecutionTimedOut")
    )
    assert any("planExecutionTimedOut, not completed" in note for note in logs.notes)


@pytest.mark.parametrize(
    ("name", "token"),
    [
        ("region_switch_execution.json", "nextToken"),
        ("region_switch_events.json", "nextToken"),
        ("cloudtrail.json", "NextToken"),
    ],
)
def test_pages_that_follow_must_be_there(changed, name, token):
    with pytest.raises(IncompleteDataError, match="lacks the pages that follow"):
        changed(name, lambda content: content.update({token: "abc"}))
    # All pages in a list are read as one.
    key = {"cloudtrail.json": "Events", "region_switch_events.json": "items"}.get(
        name, "stepStates"
    )

    def split(content):
        return [{**content, key: content[key][:2], token: "abc"}, {key: content[key][2:]}]

    assert times(changed(name, split)) == times(read(name))


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("region_switch_execution.json", lambda c: c.update(stepStates={}), "stepStates is not"),
        ("region_switch_execution.json", lambda c: c.update(startTime="soon"), "cannot be read"),
        ("region_switch_execution.json", lambda c: c.update(actualRecoveryTime="9:30"), "ISO 8601"),
        ("region_switch_events.json", lambda c: c.update(items=c["items"][-1:]), "has no steps"),
        ("fis_experiment.json", lambda c: c["experiment"].update(actions=[]), "actions is not"),
        ("cloudtrail.json", lambda c: c.update(Events=c["Events"][1:2]), "no call that starts"),
        ("cloudtrail.json", lambda c: c["Events"][0].update(CloudTrailEvent="{"), "not readable"),
        ("chaostoolkit_journal.json", lambda c: c.update(run=[1]), "run is not"),
        (
            "fis_experiment.json",
            lambda c: c["experiment"]["actions"]["stop-nodes"].update(startAfter=[1]),
            "startAfter is not",
        ),
        ("fis_experiment.json", lambda c: {"hello": 1}, "not a drill log of a known kind"),
        ("fis_experiment.json", lambda c: [[]], "not a drill log of a known kind"),
    ],
)
def test_json_that_is_refused(changed, name, change, words):
    with pytest.raises(SourceError, match=words) as caught:
        changed(name, change)
    assert name in str(caught.value)


def test_text_that_is_no_json(read_text):
    with pytest.raises(SourceError, match="is not readable JSON"):
        read_text("{", "log.json")


def test_fis_experiment():
    logs = read("fis_experiment.json")
    assert (list(logs.drill["drill_id"]), list(logs.drill["zero_at"])) == (["EXP1a2b3c"], [ZERO])
    # 1763157600.25 is a quarter of a second after the start.
    assert times(logs) == {
        "cut_network": (Decimal("0.25"), Decimal("600.25")),
        "stop_nodes": (Decimal("600.5"), 601),
        "pause_replication": (None, None),
    }
    assert column(logs, "depends_on")["stop_nodes"] == "cut_network"
    assert list(column(logs, "step_status").values()) == ["completed", "failed", "skipped"]
    assert set(column(logs, "phase").values()) == {"interruption"}
    assert any("does not say when the system had recovered" in note for note in logs.notes)


def test_cloudtrail():
    logs = read("cloudtrail.json")
    replica = "promotereadreplica_prism_postgres_read_us_east_1"
    # When a promotion ended is not in CloudTrail.
    assert times(logs) == {
        "promotereadreplica_prism_postgres": (0, 0),
        replica: (60, None),
        "changeresourcerecordsets_z111": (360, None),
    }
    assert list(column(logs, "step_kind").values()) == ["promotion", "promotion", "traffic"]
    assert list(column(logs, "step_status").values()) == ["failed", "", ""]
    assert column(logs, "resource_id")[replica] == "prism-postgres-read-us-east-1"
    told = "\n".join(logs.notes)
    assert "not when its work was done" in told
    assert "1 of 4 calls start no step" in told
    assert "no end is recorded of" in told


def test_cloudtrail_event_that_comes_twice(changed):
    logs = changed("cloudtrail.json", lambda c: c["Events"].append(c["Events"][0]))
    assert len(logs.drill_event) == 3
    assert any("1 events come twice and are read once" in note for note in logs.notes)


def test_chaostoolkit_journal():
    logs = read("chaostoolkit_journal.json")
    assert list(logs.drill["drill_id"]) == ["lose_the_primary_region_2025-11-14"]
    # Times without an offset are UTC.
    assert list(logs.drill["zero_at"]) == [ZERO]
    assert times(logs) == {
        "block_region": (Decimal("1.25"), Decimal("3.75")),
        "api_answers": (Decimal("483.75"), 484),
        "api_answers_2": (540, Decimal("540.5")),
        "unblock_region": (541, 542),
    }
    assert column(logs, "depends_on")["unblock_region"] == "api_answers_2"
    assert list(column(logs, "phase").values()) == [
        *("interruption", "validate", "validate", "restore")
    ]
    assert column(logs, "step_status")["api_answers_2"] == "failed"
    told = "\n".join(logs.notes)
    assert "pauses of block-region (after 480 s) are outside its duration" in told
    assert "it deviated" in told


@pytest.mark.parametrize("column", ["moved_gb", "stated_mb_per_second", "node_count"])
@pytest.mark.parametrize("value", ["0", "-5"])
def test_quantities_that_cannot_be_are_refused(read_text, column, value):
    with pytest.raises(SourceError, match="more than 0"):
        read_text(f"step,start,end,{column}\nLoad,T+0:00,T+1:00,{value}\n")


def test_more_steps_than_a_page_can_show_are_refused(read_text):
    rows = "".join(f"Step {n},T+{n}s,T+{n + 1}s\n" for n in range(501))
    with pytest.raises(SourceError, match="more steps than a person can look at"):
        read_text(f"step,start,end\n{rows}")


def test_a_log_of_names_alone_is_read(read_text):
    assert times(read_text("step\nLoad\nRoute\n")) == {"load": (None, None), "route": (None, None)}


def test_the_same_note_of_several_drills_is_told_once(read_text):
    rows = "".join(f"d{n},Load,T+0:00,T+1:00\n" for n in range(7))
    notes = read_text(f"drill_id,step,start,end\n{rows}").notes
    assert len(notes) == 1
    assert notes[0].startswith("d0, d1, d2, d3, d4 and 2 more: no stage is marked as interruption")


def test_of_very_many_notes_a_page_shows_the_first(read_text):
    """Each of 60 drills overlaps by another time: 60 notes and one on stages; 40 and a last."""
    rows = "".join(f"d{n},A,T+0:00,T+9:00\nd{n},B,T+{n + 1}s,T+9:00\n" for n in range(60))
    notes = read_text(f"drill_id,step,start,end\n{rows}").notes
    assert len(notes) == 41
    assert notes[-1].startswith("21 more notes are left out")
