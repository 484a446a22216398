"""What the analysis of a launch returns."""

from __future__ import annotations

from prismlib.tables import Table

GATE_CRITERION = Table(
    "GATE_CRITERION",
    "a criterion of the launch: what is claimed, what was recomputed, and how it stands",
    (
        "criterion_id",
        "criterion_name",
        "claimed_value",
        "claimed_band",
        "measured_low",
        "measured_high",
        "unit",
        "compared_as",
        "go_value",
        "no_go_value",
        "criterion_band",
        "is_assumed",
        "launch_band",
        "age_days",
        "valid_for_days",
        "is_veto",
        "reason",
        "note",
        "source",
    ),
    key=("criterion_id",),
    required=("criterion_id", "criterion_name", "criterion_band"),
)

CRITERION_READING = Table(
    "CRITERION_READING",
    "a figure that a criterion may be read as, held against its bounds",
    ("criterion_id", "reading_name", "read_value", "unit", "criterion_band", "note"),
    key=("criterion_id", "reading_name"),
    required=("criterion_id", "reading_name"),
)

RULE_LINT = Table(
    "RULE_LINT",
    "a set of rules, and what it decides over all states of the criteria",
    (
        "rule_set",
        "possible_states",
        "go_states",
        "no_go_states",
        "undefined_states",
        "conflict_states",
        "decision",
        "claimed_decision",
        "note",
    ),
    key=("rule_set",),
    required=("rule_set", "possible_states"),
)

FLIP_SET = Table(
    "FLIP_SET",
    "a smallest set of criteria that together flip the decision",
    ("rule_set", "direction", "set_number", "criteria_names", "note"),
    key=("rule_set", "direction", "set_number"),
    required=("rule_set", "direction", "criteria_names"),
)

FLIP_DISTANCE = Table(
    "FLIP_DISTANCE",
    "an input of a criterion, and how far it is from the bounds in its own unit",
    (
        "criterion_id",
        "input_name",
        "unit",
        "now_low",
        "now_high",
        "go_input_value",
        "no_go_input_value",
        "note",
    ),
    key=("criterion_id", "input_name"),
    required=("criterion_id", "input_name"),
)

EVIDENCE_AGE = Table(
    "EVIDENCE_AGE",
    "a check with its newest look, how old that is, and whether it counts",
    (
        "subject_id",
        "check_id",
        "evidence_state",
        "observed_at",
        "age_days",
        "valid_for_days",
        "is_admissible",
        "reason",
        "detail",
        "source",
    ),
    key=("subject_id", "check_id"),
    required=("subject_id", "check_id", "evidence_state"),
)

NAME_WAIVER = Table(
    "NAME_WAIVER",
    "a waiver of a thing by its name, and what it takes off the figure of its check",
    (
        "waiver_id",
        "check_id",
        "thing_name",
        "owner",
        "reason",
        "expires_date",
        "waived_value",
        "unit",
        "note",
    ),
    key=("waiver_id",),
    required=("waiver_id", "check_id", "thing_name"),
)

OPEN_ITEM = Table(
    "OPEN_ITEM",
    "an item of the register: its state, what it costs, what waits for it",
    (
        "item_id",
        "item_kind",
        "item_name",
        "severity",
        "item_state",
        "owner",
        "effort_hours",
        "wait_hours",
        "cost_per_day",
        "billing_currency",
        "unblocks",
        "advised_severity",
        "checklist_group",
        "is_waived",
        "note",
        "source",
    ),
    key=("item_id",),
    required=("item_id", "item_name", "item_state"),
)

DELAY_COST = Table(
    "DELAY_COST",
    "a part of what a day of delay costs",
    ("cost_name", "low_cost", "high_cost", "billing_currency", "is_sunk", "note"),
    key=("cost_name",),
    required=("cost_name",),
)

REMEDY_CHECK = Table(
    "REMEDY_CHECK",
    "a fault of a remedy: what it does instead of what it is meant to",
    (
        "remedy_id",
        "check_name",
        "item_id",
        "task_name",
        "severity",
        "verdict",
        "note",
        "source",
    ),
    key=("remedy_id", "check_name"),
    required=("remedy_id", "check_name", "verdict"),
)

SCHEDULE_TASK = Table(
    "SCHEDULE_TASK",
    "a task on the way to the launch, as early as what it needs and its team allow",
    (
        "task_id",
        "task_name",
        "team_name",
        "effort_hours",
        "wait_hours",
        "needs",
        "earliest_from_date",
        "earliest_to_date",
        "planned_from_date",
        "slack_days",
        "is_critical",
    ),
    key=("task_id",),
    required=("task_id", "task_name"),
)

ROLLOUT_CHOICE = Table(
    "ROLLOUT_CHOICE",
    "a way to launch, and what is open while it carries traffic",
    (
        "choice_name",
        "begins_date",
        "open_critical_items",
        "last_closed_date",
        "delay_days",
        "delay_low_cost",
        "delay_high_cost",
        "billing_currency",
        "decision",
        "note",
    ),
    key=("choice_name",),
    required=("choice_name",),
)

TABLES: dict[str, Table] = {
    "gate_criterion": GATE_CRITERION,
    "criterion_reading": CRITERION_READING,
    "rule_lint": RULE_LINT,
    "flip_set": FLIP_SET,
    "flip_distance": FLIP_DISTANCE,
    "evidence_age": EVIDENCE_AGE,
    "name_waiver": NAME_WAIVER,
    "open_item": OPEN_ITEM,
    "delay_cost": DELAY_COST,
    "remedy_check": REMEDY_CHECK,
    "schedule_task": SCHEDULE_TASK,
    "rollout_choice": ROLLOUT_CHOICE,
}
