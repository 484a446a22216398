"""What is wrong with the lifecycle rules of a bucket as they are, without its objects."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from prismlib.analyses.lifecycle_checks import CheckedBucket, check_policy
from prismlib.analyses.lifecycle_policy import policy_of
from prismlib.analyses.lifecycle_syntax import REFUSED, WARNING, ClassFacts
from prismlib.storage_tables import STORAGE_NEED
from prismlib.tables import make, records

UNDECIDED = ("deletes", "reads_wait")
"""Warnings that say that only its readers know whether a rule harms."""


def lint_lifecycle(
    bucket_name: str,
    rules: str,
    tables: Mapping[str, pd.DataFrame],
    reference: Mapping[str, pd.DataFrame],
) -> tuple[list[str], list[str]]:
    """Return the faults of lifecycle rules, and what can only be told by what readers need.

    Parameters
    ----------
    bucket_name : str
    rules : str
        The rules as JSON, as the column ``lifecycle`` of BUCKET holds them.
    tables : mapping of str to frame
        Of a snapshot: STORAGE_NEED says what the readers of the bucket need.
    reference : mapping of str to frame
        The reference tables: classes, moves and times of restores.
    """
    stated = records(tables["storage_need"]) if "storage_need" in tables else []
    needs = [row for row in stated if row["bucket_name"] == bucket_name]
    bucket = CheckedBucket(
        facts=ClassFacts.of(reference["storage_class"], reference["storage_class_move"]),
        restore_times=reference["restore_time"],
        needs=make(STORAGE_NEED, needs),
    )
    found = check_policy(policy_of(rules), bucket)
    faults = [one.statement for one in found if one.outcome == REFUSED]
    doubts = [
        one.statement for one in found if one.outcome == WARNING and one.check_name in UNDECIDED
    ]
    return faults, doubts
