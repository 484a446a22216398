"""Drills and what recovery rests on: steps with times, recovery points, prerequisites."""

from __future__ import annotations

from prismlib.tables import Table

DRILL_KINDS = ("failover", "failback")
PHASES = ("interruption", "detect", "decide", "restore", "validate")
"""What a step serves. A step without a phase counts as restore.

The phases meet at points in time, which are published with every duration: detect runs from the
interruption to the end of the last detect step, decide from there to T+0 (the command, or the end
of the last decide step), restore to the end of the last restore step, validate to the end of the
last validate step: health is back at its objective.
"""
STEP_KINDS = ("command", "traffic", "promotion", "copy", "load", "deploy", "health", "check")
"""What a step does, where a documented limit depends on it."""
STEP_STATUSES = ("completed", "failed", "skipped", "running", "missing", "instant")

DRILL = Table(
    "DRILL",
    "a drill or an incident: a failover or a failback that was timed",
    (
        "drill_id",
        "drill_kind",
        "drill_date",
        "zero_at",
        "lost_region_id",
        "recovery_region_id",
        "note",
        "source",
    ),
    key=("drill_id",),
    required=("drill_id", "drill_kind"),
)

DRILL_EVENT = Table(
    "DRILL_EVENT",
    "a step of a drill, its times in seconds from T+0; an instant starts and ends at once",
    (
        "drill_id",
        "step_id",
        "step_name",
        "phase",
        "step_kind",
        "depends_on",
        "start_low_s",
        "start_high_s",
        "end_low_s",
        "end_high_s",
        "duration_s",
        "planned_s",
        "is_excluded",
        "is_manual",
        "step_status",
        "store_name",
        "resource_id",
        "source_region_id",
        "moved_gb",
        "stated_mb_per_second",
        "rate_scope",
        "node_count",
        "instance_type",
        "note",
        "source",
    ),
    key=("drill_id", "step_id"),
    required=("drill_id", "step_id", "is_excluded"),
)

PREREQUISITE = Table(
    "PREREQUISITE",
    "a thing that a step of a drill, or a benchmark of a tier, needs, and whether it was there",
    (
        "drill_id",
        "step_id",
        "prerequisite_name",
        "is_ready",
        "observed_date",
        "ready_date",
        "note",
        "source",
    ),
    key=("drill_id", "step_id", "prerequisite_name"),
    required=("drill_id", "step_id", "prerequisite_name"),
)

RECOVERY_POINT = Table(
    "RECOVERY_POINT",
    "a mechanism that makes recovery points of a data store",
    (
        "store_name",
        "mechanism",
        "region_id",
        "resource_id",
        "recovery_point_age_s",
        "covered_pct",
        "is_in_place",
        "observed_date",
        "note",
        "source",
    ),
    key=("store_name", "mechanism"),
    required=("store_name", "mechanism"),
)

DR_TABLES: dict[str, Table] = {
    "drill": DRILL,
    "drill_event": DRILL_EVENT,
    "prerequisite": PREREQUISITE,
    "recovery_point": RECOVERY_POINT,
}
"""The tables of a snapshot about recovery, by the name of their file."""
