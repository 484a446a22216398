"""Reference tables of live evidence: what is asked, what passes, and for how long a look counts."""

from __future__ import annotations

from prismlib.tables import Table

COMBINATIONS = ("sum", "most", "least")
"""How what was seen of several things becomes one figure."""

EVIDENCE_CHECK = Table(
    "EVIDENCE_CHECK",
    "a check that collectors of evidence make, and when it passes",
    (
        "check_id",
        "subject_id",
        "check_name",
        "combined_by",
        "compared_as",
        "limit_value",
        "expected_from",
        "unit",
        "valid_for_days",
        "valid_from",
        "source",
        "confidence",
        "note",
    ),
    key=("check_id",),
    required=(
        *("subject_id", "check_name", "combined_by", "compared_as", "unit", "valid_for_days"),
        *("source", "confidence"),
    ),
)

IAM_POWER = Table(
    "IAM_POWER",
    "an action that stands for a power of its bearer; a power is held with any or all of its rows",
    ("power_name", "action_name", "combine", "valid_from", "source", "confidence"),
    key=("power_name", "action_name"),
    required=("power_name", "action_name", "combine", "source", "confidence"),
)

EVIDENCE_REFERENCE_TABLES: dict[str, Table] = {
    "evidence_check": EVIDENCE_CHECK,
    "iam_power": IAM_POWER,
}
"""The reference tables about live evidence, by the name of their file."""
