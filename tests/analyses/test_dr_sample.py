"""The findings on the sample are those of the audit of the memo, D1 to D25, worked by hand there.

Where a figure is compared, so is a changed input: a finding that never changes shows nothing.
"""

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from prismlib import paths
from prismlib.analyses.dr_findings import judge_dr
from prismlib.analyses.dr_inputs import DrInputs, DrSettings
from prismlib.analyses.dr_timeline import analyse_dr
from prismlib.dr_tables import DR_TABLES
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import CLAIM, make, records

SNAPSHOT = read_snapshot(paths.SAMPLE)
REFERENCE = read_reference_tables(SNAPSHOT.tables)
TABLES = {"claim": CLAIM, **DR_TABLES}
SETTINGS = DrSettings(draws=500)


def judged(tables: dict[str, pd.DataFrame] | None = None) -> dict:
    given = DrInputs.of(tables or SNAPSHOT.tables, REFERENCE, as_of=SNAPSHOT.as_of)
    return {one.id: one for one in judge_dr(given, analyse_dr(given, SETTINGS))}


FOUND = judged()


def changed(name: str, key: str, **cells) -> dict:
    """Return the findings with cells of one row of a table changed; `key` is in its key."""
    rows = records(SNAPSHOT.tables[name])
    hit = [row for row in rows if key in [row[field] for field in TABLES[name].key]]
    assert hit, key
    hit[0].update(cells)
    return judged({**SNAPSHOT.tables, name: make(TABLES[name], rows)})


def without(*names: str) -> dict:
    return judged({k: v for k, v in SNAPSHOT.tables.items() if k not in names})


# Audit id: finding, verdict, severity, value, expected. The arithmetic is the audit's.
AUDIT = {
    # 0:30 + 0:30 + 1:30 + 0:30 + 3:00 + 0:30 + 1:00 + 0:30 = 8:00
    "D1": ("timeline_total", "holds", "info", 480, 480),
    # 8 + 30 = 38 min
    "D2": ("rto_including_excluded_work", "contradicts", "critical", 2280, 480),
    "D3": ("lost_source.copy", "contradicts", "critical", None, None),
    # ambiguous: 4.8 TB / 800 MB/s = 6,000 s against 180 s
    "D4": ("rate.load", "unknown", "critical", 6000, 180),
    # 48 x 100 GB = 4.8 TB
    "D5": ("data_loaded", "holds", "info", "4.8", "4.8"),
    # 100 / 128 = 78.1 %
    "D5, memory": ("memory_share", "holds", "info", "78.125", 78),
    # 16 x 100 GB = 1.6 TB
    "D6": ("unique_data", "contradicts", "medium", "1.6", "4.8"),
    "D7": ("wrong_place.load", "contradicts", "critical", None, None),
    "D8": (
        "prerequisite.promotion.read_replica_in_us_east_1",
        "contradicts",
        "critical",
        None,
        None,
    ),
    "D8, check": ("checked_other.database_check", "contradicts", "high", None, None),
    # 3 h of backlog against a lag of 0 s
    "D9": ("replication_lag", "contradicts", "high", 10_800, 0),
    # 8:00 - 0:30 = 7:30
    "D10": ("traffic_before_service", "contradicts", "high", 450, 0),
    # 3:00 + 0:30 + 1:00 + 0:30 = 5:00; possible, not measured
    "D11": ("critical_path", "unknown", "medium", 300, 480),
    # 46 / 48 = 95.83 %
    "D12": ("ready_share", "rounding", "info", "95.833333", 96),
    "D13": ("latency_after_recovery", "contradicts", "high", "1.2", "0.8"),
    # 8:00 - 8:00, in one drill
    "D14": ("target_margin", "unknown", "medium", 0, None),
    # 8:30 against 8:00
    "D15": ("failback", "contradicts", "low", 510, 480),
    "D16": ("recovery_point", "unknown", "high", None, None),
    # 8 + 60 = 68 min
    "D17": ("rto_from_interruption", "contradicts", "high", 4080, 480),
    "D17, response": ("on_call_response", "contradicts", "high", 3600, 480),
    # 480 / (0.0005 x 30 x 86,400 = 1,296) = 37.04 %
    "D18": ("error_budget.month", "contradicts", "high", "37.037037", 100),
    # 480 / (0.0001 x 91.25 x 86,400 = 788.4) = 60.88 %
    "D19": ("error_budget.quarter", "contradicts", "high", "60.882801", 100),
    # 365 / 12 / 7 = 4.35 a month against one
    "D20": ("restore_drill_frequency", "contradicts", "low", "4.345238", 1),
    # 2 h against 8 min
    "D21": ("two_targets", "contradicts", "medium", 7200, 480),
    # 189,000 GB / 172,800 s = 1.09375 GB/s = 8.75 Gbit/s: plausible
    "D22": ("replication_rate", "unknown", "info", "8.75", None),
    "D23": ("own_condition", "contradicts", "critical", None, None),
    # 4,800 GB / 1,800 s = 2.667 GB/s = 21.33 Gbit/s against 5 of one instance
    "D24": ("possible.copy", "unknown", "low", "21.333333", 5),
    # downloads a dump; MySQL only; leaves out what is there already
    "A8": ("command.restore_snapshot", "contradicts", "critical", None, None),
    "A9": ("command.restore_database", "infeasible", "high", None, None),
    "A10": ("command.replicate_to_other_region", "contradicts", "critical", None, None),
    "D25": ("plan_order", "contradicts", "critical", None, None),
}


@pytest.mark.parametrize("audit", AUDIT)
def test_finding_is_that_of_the_audit(audit):
    name, verdict, severity, value, expected = AUDIT[audit]
    one = FOUND[f"dr.{name}"]
    assert (one.verdict, one.severity) == (verdict, severity)
    seen = [None if n is None else round(n, 6) for n in (one.value, one.expected)]
    assert seen == [None if n is None else Decimal(n) for n in (value, expected)]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("rto_including_excluded_work", "38:00 min: 30:00 min over the target"),
        ("rto_from_interruption", "68:00 min, and 98:00 min with the work left off"),
        ("rate.load", "of all nodes together it takes 100:00 min, of each node it takes 2:05"),
        ("rate.load", "Recovery would take 105:00 min, 135:00 min with"),
        ("rate.load", "26.7 GB/s, 213 Gbit/s; each of 48 nodes 556 MB/s, 4.44 Gbit/s"),
        ("critical_path", "PostgreSQL promotion (1:30 min)"),
        ("critical_path", "Redis data load, Proxy rollout, Health checks and First query"),
        ("unique_data", "3.8% of the 42 TB"),
        ("possible.copy", "needs 5 instances"),
        ("possible.load", "1.8 against 10 s/GB"),
        ("error_budget.month", "176%"),
        ("error_budget.month", "278%"),
        ("error_budget.month", "1,111%"),
        ("failback", "1:30 min inside the limit of 10:00"),
        ("failback", "T+0:30"),
        ("target_margin", "it takes 6 drills"),
        ("plan_order", "3 planned drills of 3 before it: 22 Nov 2025, 29 Nov 2025 and 4 Dec 2025"),
        ("plan_order", "25 Nov 2025 and 9 Dec 2025"),
        ("timeline_total", "For 1:00 min of it no step ran: T+0:30 to 1:00 and T+2:30 to 3:00"),
        ("replication_rate", "1.09 GB/s, 8.75 Gbit/s"),
        ("recovery_point", "S3 cold tier (replication: not in place; daily snapshot deltas"),
    ],
)  # fmt: skip
def test_statement_says_what_the_audit_says(name, words):
    assert words in FOUND[f"dr.{name}"].statement


def test_ids_are_of_this_notebook_and_once_each():
    assert all(name.startswith("dr.") for name in FOUND)
    assert {one.notebook for one in FOUND.values()} == {"dr_timeline"}
    given = DrInputs.of(SNAPSHOT.tables, REFERENCE, as_of=SNAPSHOT.as_of)
    assert len(judge_dr(given, analyse_dr(given, SETTINGS))) == len(FOUND)


# --- a changed input changes the finding ----------------------------------------------------------


def test_a_longer_copy_is_a_longer_recovery():
    one = changed("drill_event", "copy", duration_s=Decimal(600))["dr.rto_including_excluded_work"]
    assert one.value == 480 + 600


def test_without_excluded_work_the_published_time_is_judged_as_it_is():
    assert FOUND["dr.recovery"].verdict == "unknown"
    rows = [r for r in records(SNAPSHOT.tables["drill_event"]) if r["step_id"] != "copy"]
    for row in rows:
        row["depends_on"] = row["depends_on"].replace("|copy", "")
    found = judged({**SNAPSHOT.tables, "drill_event": make(DR_TABLES["drill_event"], rows)})
    assert found["dr.recovery"].verdict == "holds"
    assert "dr.rto_including_excluded_work" not in found


def test_a_longer_last_step_contradicts_the_stated_total():
    late = {"end_low_s": Decimal(500), "end_high_s": Decimal(500)}
    found = changed("drill_event", "traffic", **late)
    assert (found["dr.timeline_total"].value, found["dr.timeline_total"].verdict) == (
        500,
        "contradicts",
    )
    assert found["dr.recovery"].verdict == "contradicts"


def test_a_clear_rate_is_no_longer_ambiguous():
    found = changed("drill_event", "load", rate_scope="node")
    assert (found["dr.rate.load"].verdict, found["dr.rate.load"].severity) == ("holds", "info")
    assert "105:00" not in found["dr.rate.load"].statement


def test_a_copy_from_elsewhere_is_possible():
    assert "dr.lost_source.copy" not in changed("drill_event", "copy", source_region_id="us-east-2")


def test_a_load_from_where_the_snapshots_lie_is_in_place():
    assert "dr.wrong_place.load" not in changed("drill_event", "load", resource_id="prism-backups")


@pytest.mark.parametrize(
    ("cells", "verdict"),
    [
        ({"is_ready": True, "ready_date": date(2025, 11, 10)}, "holds"),
        ({"is_ready": True, "ready_date": date(2025, 11, 15)}, "contradicts"),  # after the drill
        ({"is_ready": None}, "unknown"),
        ({"is_ready": False, "observed_date": date(2025, 11, 13)}, "unknown"),  # before the drill
        ({"is_ready": False, "observed_date": date(2025, 11, 14)}, "contradicts"),  # on its day
    ],
)
def test_a_drill_older_than_what_it_needs_is_no_evidence(cells, verdict):
    found = changed("prerequisite", "read replica in us-east-1", **cells)
    assert found["dr.prerequisite.promotion.read_replica_in_us_east_1"].verdict == verdict


def test_a_drill_is_evidence_only_when_all_that_it_needs_was_there():
    rows = records(SNAPSHOT.tables["prerequisite"])
    for row in rows:
        row.update(is_ready=True, ready_date=date(2025, 11, 1))
    table = make(DR_TABLES["prerequisite"], rows)
    found = judged({**SNAPSHOT.tables, "prerequisite": table})
    assert found["dr.admissible"].verdict == "holds"
    assert found["dr.own_condition"].verdict == "holds"
    nothing = without("prerequisite")
    assert nothing["dr.admissible"].verdict == "unknown"
    assert nothing["dr.own_condition"].verdict == "unknown"


def test_traffic_switched_after_the_health_checks_is_in_order():
    times = {f"{end}_{side}_s": Decimal(s) for end, s in (("start", 450), ("end", 460))
             for side in ("low", "high")}  # fmt: skip
    found = changed("drill_event", "dns", **times)
    assert found["dr.traffic_before_service"].verdict == "holds"


def test_latency_at_its_objective_is_recovered():
    found = changed("claim", "dr_p99_ms", stated_value=Decimal("0.8"))
    assert found["dr.latency_after_recovery"].verdict == "holds"


def test_a_usable_recovery_point_for_each_store_bounds_the_loss():
    rows = records(SNAPSHOT.tables["recovery_point"])
    for row in rows:
        row.update(is_in_place=True, region_id="us-east-1", covered_pct=None)
        row["recovery_point_age_s"] = row["recovery_point_age_s"] or Decimal(3600)
    table = make(DR_TABLES["recovery_point"], rows)
    one = judged({**SNAPSHOT.tables, "recovery_point": table})["dr.recovery_point"]
    # Redis and PostgreSQL 3,600 s, S3 the younger of 900 and 86,400: the worst store is 3,600.
    assert one.value == 3600
    assert one.verdict == "unknown"  # there is still no objective to hold it against


def test_a_drill_after_its_prerequisite_is_in_order():
    rows = records(SNAPSHOT.tables["claim"])
    for row in rows:
        if row["kind"] == "drill_plan":
            row["stated_date"] = date(2025, 12, 20)
    found = judged({**SNAPSHOT.tables, "claim": make(CLAIM, rows)})
    assert found["dr.plan_order"].verdict == "holds"


def test_response_within_the_target_fits():
    rows = records(SNAPSHOT.tables["claim"])
    for row in rows:
        if row["claim_id"] in ("sev1_response_hours", "critical_response_hours"):
            row.update(stated_value=Decimal(2), unit="minutes")
    found = judged({**SNAPSHOT.tables, "claim": make(CLAIM, rows)})
    assert found["dr.on_call_response"].verdict == "holds"
    assert found["dr.rto_from_interruption"].value == 480 + 120


def test_a_command_that_does_what_it_is_used_for_is_not_named():
    load = {"statement": "redis-cli --cluster check 10.100.10.10:6379"}
    assert "dr.command.restore_snapshot" not in changed("claim", "command.restore_snapshot", **load)


# --- missing is unknown ---------------------------------------------------------------------------


def test_no_drill_is_unknown_and_no_pass():
    found = without("drill", "drill_event", "prerequisite")
    assert (found["dr.recovery"].verdict, found["dr.recovery"].severity) == ("unknown", "high")
    assert "dr.timeline_total" not in found


def test_drills_alone_give_no_pass_against_a_target_that_nobody_knows():
    found = without("claim", "prerequisite", "recovery_point")
    for name in ("recovery", "rto_including_excluded_work", "rto_from_interruption"):
        assert found[f"dr.{name}"].verdict == "unknown", name
    assert found["dr.recovery_point"].verdict == "unknown"
    assert found["dr.admissible"].verdict == "unknown"


def test_an_open_restore_step_leaves_the_recovery_unknown():
    found = changed("drill_event", "health", end_low_s=None, end_high_s=None)
    assert found["dr.recovery"].verdict == "unknown"
    assert "Health checks" in found["dr.recovery"].statement
    assert "dr.critical_path" not in found
