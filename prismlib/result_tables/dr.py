"""What the analysis of recovery returns."""

from __future__ import annotations

from prismlib.tables import Table

RECOVERY_CASE = Table(
    "RECOVERY_CASE",
    "a way to count recovery, held against the target and the limit",
    (
        "case_id",
        "case_name",
        "recovery_low_s",
        "recovery_s",
        "recovery_high_s",
        "target_s",
        "target_margin_s",
        "limit_s",
        "limit_margin_s",
        "verdict",
        "note",
    ),
    key=("case_id",),
    required=("case_id", "case_name"),
)

RECOVERY_PHASE = Table(
    "RECOVERY_PHASE",
    "a named duration of a drill, with the points in time that it runs between",
    ("drill_id", "phase_name", "from_words", "to_words", "recovery_s", "note"),
    key=("drill_id", "phase_name"),
    required=("drill_id", "phase_name"),
)

RECOVERY_STEP = Table(
    "RECOVERY_STEP",
    "a step of a drill as it ran, and as early as its dependencies allow",
    (
        "drill_id",
        "step_id",
        "step_name",
        "phase",
        "start_low_s",
        "start_high_s",
        "end_low_s",
        "end_high_s",
        "duration_s",
        "ran_start_s",
        "ran_end_s",
        "planned_start_s",
        "planned_end_s",
        "earliest_start_s",
        "earliest_end_s",
        "slack_s",
        "is_critical",
        "time_saved_s",
        "beside_saved_s",
        "is_excluded",
        "is_manual",
        "note",
    ),
    key=("drill_id", "step_id"),
    required=("drill_id", "step_id"),
)

RECOVERY_CHOICE = Table(
    "RECOVERY_CHOICE",
    "a change to the steps, and what recovery would take with it",
    ("case_id", "case_name", "recovery_s", "time_saved_s", "note"),
    key=("case_id",),
    required=("case_id", "case_name"),
)

RECOVERY_CHANCE = Table(
    "RECOVERY_CHANCE",
    "a way to run the steps, and how long recovery may take when their durations spread",
    (
        "case_id",
        "case_name",
        "recovery_low_s",
        "recovery_s",
        "recovery_high_s",
        "within_target_pct",
        "within_limit_pct",
        "note",
    ),
    key=("case_id",),
    required=("case_id", "case_name"),
)

STEP_CHECK = Table(
    "STEP_CHECK",
    "a step that moves data, held against one limit",
    (
        "drill_id",
        "step_id",
        "check_name",
        "needed_value",
        "limit_value",
        "unit",
        "verdict",
        "note",
        "source",
    ),
    key=("drill_id", "step_id", "check_name"),
    required=("drill_id", "step_id", "check_name", "verdict"),
)

STORE_LOSS = Table(
    "STORE_LOSS",
    "a data store, and how old its newest usable recovery point may be",
    ("store_name", "recovery_point_age_s", "mechanism", "note"),
    key=("store_name",),
    required=("store_name",),
)

BUDGET_SPENT = Table(
    "BUDGET_SPENT",
    "an outage against the error budget of an objective",
    ("case_name", "threshold_name", "window_days", "recovery_s", "budget_s", "budget_spent_pct"),
    key=("case_name", "threshold_name"),
    required=("case_name", "threshold_name"),
)

DRILL_TREND = Table(
    "DRILL_TREND",
    "a drill in the order of its days",
    ("drill_id", "drill_kind", "drill_date", "recovery_s", "change_s", "note"),
    key=("drill_id",),
    required=("drill_id",),
)

TABLES: dict[str, Table] = {
    "recovery_case": RECOVERY_CASE,
    "recovery_phase": RECOVERY_PHASE,
    "recovery_step": RECOVERY_STEP,
    "recovery_choice": RECOVERY_CHOICE,
    "recovery_chance": RECOVERY_CHANCE,
    "step_check": STEP_CHECK,
    "store_loss": STORE_LOSS,
    "budget_spent": BUDGET_SPENT,
    "drill_trend": DRILL_TREND,
}
