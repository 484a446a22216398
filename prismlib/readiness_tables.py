"""What a launch is decided on: registers of open items, evidence, criteria, rules and the plan.

The tables of a snapshot are written by people, except EVIDENCE and EVIDENCE_THING, which collectors
write. A register says what people believe; evidence says what was seen, when, and for how long that
counts.
"""

from __future__ import annotations

from prismlib.tables import Table

EVIDENCE_STATES = ("pass", "fail", "unknown")
ITEM_STATUSES = ("open", "closed")
ITEM_KINDS = ("gap", "security", "document", "team")
CHECKLIST_GROUPS = ("before_launch", "within_30_days", "later")
COMPARISONS = ("at most", "less than", "at least", "more than", "is")
BANDS_OF_CRITERIA = ("pass", "warn", "fail")
"""What a criterion can be once it is known; not known it is ``unknown``."""
DECISIONS = ("GO", "NO-GO")
COMBINE = ("all", "any", "otherwise")

READINESS_ITEM = Table(
    "READINESS_ITEM",
    "a thing that is open or was: a gap, a security finding, a missing document, work on the team",
    (
        "item_id",
        "item_kind",
        "item_name",
        "severity",
        "is_security",
        "item_status",
        "closed_date",
        "owner",
        "effort_hours",
        "wait_hours",
        "open_cost",
        "billing_currency",
        "needs",
        "required_state",
        "note",
        "source",
    ),
    key=("item_id",),
    required=("item_id", "item_kind", "item_name", "item_status"),
)

EVIDENCE_FIELDS = (
    "evidence_id",
    "subject_id",
    "check_id",
    "evidence_state",
    "evidence_value",
    "unit",
    "observed_at",
    "valid_for_days",
    "needs",
    "reason",
    "detail",
    "source",
)

EVIDENCE = Table(
    "EVIDENCE",
    "a look by a collector at one thing at one moment, and for how long what was seen counts",
    EVIDENCE_FIELDS,
    key=("evidence_id",),
    required=("evidence_id", "subject_id", "check_id", "evidence_state"),
)

STATED_EVIDENCE = Table(
    "STATED_EVIDENCE",
    "a look that a document reports: a test, a drill, a signed record",
    EVIDENCE_FIELDS,
    key=("evidence_id",),
    required=("evidence_id", "subject_id", "check_id", "evidence_state"),
)

WAIVER = Table(
    "WAIVER",
    "a risk that somebody accepts: of an item or a criterion, with a reason and an end",
    (
        "waiver_id",
        "subject_id",
        "owner",
        "reason",
        "granted_date",
        "expires_date",
        "source",
    ),
    key=("waiver_id",),
    required=("waiver_id", "subject_id"),
)

EVIDENCE_THING = Table(
    "EVIDENCE_THING",
    "a thing that counts against a check of EVIDENCE, or that could not be seen",
    (
        "evidence_id",
        "check_id",
        "thing_name",
        "evidence_value",
        "unit",
        "observed_at",
        "reason",
        "detail",
    ),
    key=("evidence_id", "thing_name", "reason"),
    required=("evidence_id", "check_id", "thing_name", "observed_at"),
)

EVIDENCE_WAIVER = Table(
    "EVIDENCE_WAIVER",
    "a thing that collectors find and that somebody allows by its name, with a reason and an end",
    (
        "waiver_id",
        "check_id",
        "thing_name",
        "owner",
        "reason",
        "granted_date",
        "expires_date",
        "source",
    ),
    key=("waiver_id",),
    required=("waiver_id", "check_id", "thing_name"),
)

EVIDENCE_SUBJECT = Table(
    "EVIDENCE_SUBJECT",
    "a check of collectors, and the item or criterion of this snapshot that it is about",
    ("check_id", "subject_id", "note", "source"),
    key=("check_id",),
    required=("check_id",),
)

CRITERION = Table(
    "CRITERION",
    "a criterion of the launch, its bands, and how it counts",
    (
        "criterion_id",
        "criterion_name",
        "measure_name",
        "compared_as",
        "go_value",
        "no_go_value",
        "unit",
        "is_veto",
        "weight",
        "valid_for_days",
        "needs",
        "note",
        "source",
    ),
    key=("criterion_id",),
    required=("criterion_id", "criterion_name", "measure_name", "compared_as", "is_veto"),
)

DECISION_RULE = Table(
    "DECISION_RULE",
    "a condition of a rule: a criterion in some bands; rules of a set are tried by priority",
    ("rule_set", "priority", "decision", "combine", "criterion_id", "bands_that_match", "source"),
    key=("rule_set", "priority", "criterion_id"),
    required=("rule_set", "priority", "decision", "combine"),
)

DOCUMENT_COUNT = Table(
    "DOCUMENT_COUNT",
    "a kind of document: how many are asked for, and how many exist",
    (
        "document_kind",
        "required_documents",
        "available_documents",
        "stated_pct",
        "note",
        "source",
    ),
    key=("document_kind",),
    required=("document_kind",),
)

TRAINING_MODULE = Table(
    "TRAINING_MODULE",
    "a module of the training, and how many have done it",
    (
        "module_name",
        "trained_seats",
        "required_seats",
        "stated_pct",
        "note",
        "source",
    ),
    key=("module_name",),
    required=("module_name",),
)

TRAINING_NEED = Table(
    "TRAINING_NEED",
    "a person who still needs a module",
    ("person_id", "module_name", "note", "source"),
    key=("person_id", "module_name"),
    required=("person_id", "module_name"),
)

ON_CALL_SHIFT = Table(
    "ON_CALL_SHIFT",
    "a person on call for some days",
    ("shift_from_date", "shift_to_date", "shift_role", "person_id", "note", "source"),
    key=("shift_from_date", "shift_role", "person_id"),
    required=("shift_from_date", "shift_to_date", "shift_role", "person_id"),
)

CHECKLIST_ITEM = Table(
    "CHECKLIST_ITEM",
    "an item of the checklist of the launch, and what it asks for",
    (
        "item_id",
        "checklist_group",
        "statement",
        "needed_value",
        "unit",
        "is_done",
        "due_date",
        "source",
    ),
    key=("item_id",),
    required=("item_id", "checklist_group"),
)

PLAN_TASK = Table(
    "PLAN_TASK",
    "a task of a schedule, with the days that it is planned for",
    (
        "plan_id",
        "task_id",
        "task_name",
        "task_from_date",
        "task_to_date",
        "stated_weekday",
        "serves",
        "waits_for",
        "team_name",
        "effort_hours",
        "wait_hours",
        "note",
        "source",
    ),
    key=("plan_id", "task_id"),
    required=("plan_id", "task_id", "task_name"),
)

REMEDY_STEP = Table(
    "REMEDY_STEP",
    "a command, policy or configuration that is meant to close an item",
    (
        "remedy_id",
        "item_id",
        "remedy_kind",
        "task_name",
        "body",
        "note",
        "source",
    ),
    key=("remedy_id",),
    required=("remedy_id", "item_id", "remedy_kind", "body"),
)

READINESS_TABLES: dict[str, Table] = {
    "readiness_item": READINESS_ITEM,
    "stated_evidence": STATED_EVIDENCE,
    "waiver": WAIVER,
    "evidence_waiver": EVIDENCE_WAIVER,
    "evidence_subject": EVIDENCE_SUBJECT,
    "criterion": CRITERION,
    "decision_rule": DECISION_RULE,
    "document_count": DOCUMENT_COUNT,
    "training_module": TRAINING_MODULE,
    "training_need": TRAINING_NEED,
    "on_call_shift": ON_CALL_SHIFT,
    "checklist_item": CHECKLIST_ITEM,
    "plan_task": PLAN_TASK,
    "remedy_step": REMEDY_STEP,
}
"""The tables of a snapshot about readiness that people write, by the name of their file."""

EVIDENCE_TABLES: dict[str, Table] = {"evidence": EVIDENCE, "evidence_thing": EVIDENCE_THING}
"""The tables that collectors write, by the name of their file."""

HOLIDAY = Table(
    "HOLIDAY",
    "a public holiday of a country",
    ("holiday_date", "holiday_name", "country_name", "valid_from", "source", "confidence"),
    key=("holiday_date", "country_name"),
    required=("holiday_date", "holiday_name", "source", "confidence"),
)

DATED_FACT = Table(
    "DATED_FACT",
    "a documented change of a service, and the day from which it is so",
    ("fact_name", "since_date", "valid_from", "source", "confidence", "note"),
    key=("fact_name",),
    required=("since_date", "source", "confidence"),
)

READINESS_REFERENCE_TABLES: dict[str, Table] = {"holiday": HOLIDAY, "dated_fact": DATED_FACT}
"""The reference tables about readiness, by the name of their file."""
