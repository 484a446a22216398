"""Remedies checked before they are run: does each do what it is meant to, and harm nothing?

Method. Every remedy is held against the rules of ``data/reference/command_rule.csv`` (what a
command does instead, from the documentation of its tool), against the models of `remedy_models`,
against the rules of S3 and the needs of readers (`lifecycle_checks`), and against what it has to
cover: things that the item names and that none of its commands touches are left as they are.

Known limits. What no rule and no model knows is not judged: that is no pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_inputs import Known
from prismlib.analyses.lifecycle_checks import (
    IN_SHORT,
    CheckedBucket,
    check_policy,
)
from prismlib.analyses.lifecycle_policy import policy_of
from prismlib.analyses.lifecycle_syntax import REFUSED, ClassFacts
from prismlib.analyses.patterns import rule_pattern
from prismlib.analyses.remedy_models import (
    Check,
    Facts,
    cluster_checks,
    document,
    label_checks,
    lockout_checks,
    option,
    replication_checks,
    words_of,
)
from prismlib.analyses.stated import Stated
from prismlib.dr_tables import RECOVERY_POINT
from prismlib.findings import Severity, Verdict
from prismlib.formats import count
from prismlib.money import exact_sum
from prismlib.readiness_tables import REMEDY_STEP
from prismlib.storage_tables import STORAGE_NEED
from prismlib.tables import check, empty, records

Row = dict[str, Any]
AFFECTED = "affected"
DELETES = "deletes "
"""How the note of a rule begins whose command destroys something."""
JSON_KINDS = ("policy", "config")
TARGET_PART = "target_part"
READ_ONLY = re.compile(r"\b(describe|get|list|check|wait|head)\b|\b(describe|get|list)-")
TARGETS = re.compile(
    r"--(?:group-id|role-name|user-name|bucket|name|db-instance-identifier)[ =](\S+)"
    r"|\b(?:deployment|daemonset|statefulset)/(\S+)"
)
JOB = re.compile(r"job_name:\s*['\"]?([\w-]+)")


def remedy_checks(known: Known) -> list[Check]:
    """Return what is wrong with each remedy of the snapshot, in the order of the table."""
    frame = known.inputs.tables.get("remedy_step", empty(REMEDY_STEP))
    rows = records(check(frame, REMEDY_STEP))
    by_item: dict[str, list[Row]] = {}
    for row in rows:
        by_item.setdefault(row["item_id"], []).append(row)
    facts = facts_of(known)
    found = [*_by_rules(known, rows), *_unreadable(rows)]
    for item_id, steps in by_item.items():
        for row in steps:
            found += cluster_checks(row, facts)
        found += label_checks(steps)
        found += lockout_checks(steps, facts)
        found += replication_checks(steps, facts)
        found += _lifecycle(known, steps)
        found += _left_out(known.stated, item_id, steps)
        found += _scraped(known.stated, steps)
    place = {row["remedy_id"]: number for number, row in enumerate(rows)}
    return sorted(found, key=lambda one: place[one.row["remedy_id"]])


def facts_of(known: Known) -> Facts:
    """Return what the models are given of a snapshot."""
    frame = known.inputs.recovery.recovery_point
    buckets: dict[str, list[str]] = {}
    for row in records(check(empty(RECOVERY_POINT) if frame is None else frame, RECOVERY_POINT)):
        if row["resource_id"] and row["is_in_place"]:
            buckets.setdefault(row["resource_id"], []).append(row["store_name"])
    return Facts(
        wanted_primaries=known.stated.value("ready.shards"),
        users_without_mfa=known.stated.value("ready.no_mfa_users"),
        console_users=known.stated.value("ready.console_users"),
        recovery_buckets=buckets,
    )


def _by_rules(known: Known, rows: list[Row]) -> Iterator[Check]:
    """Yield every rule that a remedy matches."""
    rules = sorted(records(known.inputs.reference["command_rule"]), key=lambda r: r["priority"])
    for row in rows:
        for rule in rules:
            pattern = rule_pattern(rule, "command_pattern", "COMMAND_RULE")
            if pattern is not None and pattern.fullmatch(row["body"]):
                yield Check(
                    row,
                    f"rule_{rule['priority']}",
                    "It deletes" if rule["note"].startswith(DELETES) else "It does something else",
                    f"It {rule['note']}.",
                    Severity(rule["severity"]),
                    Verdict(rule["verdict"]),
                    rule["source"],
                )


def _unreadable(rows: list[Row]) -> Iterator[Check]:
    """Yield documents that begin as JSON and are none: no model could look at them."""
    for row in rows:
        body = row["body"].lstrip()
        if row["remedy_kind"] in JSON_KINDS and body.startswith("{") and not document(body):
            yield Check(
                row,
                "unreadable",
                "It cannot be read",
                "It begins as JSON and is none, so it was not checked, and no tool takes it.",
                Severity.HIGH,
                Verdict.INFEASIBLE,
                row["source"],
            )


def _lifecycle(known: Known, steps: list[Row]) -> Iterator[Check]:
    """Yield lifecycle rules that delete what is live, or make reads wait."""
    reference = known.inputs.reference
    bucket = next((b for row in steps if (b := option(words_of(row["body"]), "--bucket"))), "")
    frame = known.inputs.storage_need
    needs = check(empty(STORAGE_NEED) if frame is None else frame, STORAGE_NEED)
    checked = CheckedBucket(
        facts=ClassFacts.of(reference["storage_class"], reference["storage_class_move"]),
        restore_times=reference["restore_time"],
        needs=needs[needs["bucket_name"] == bucket],
    )
    for row in steps:
        rules = document(row["body"]).get("Rules", [])
        if not any("Transitions" in rule or "Expiration" in rule for rule in rules):
            continue
        for found in check_policy(policy_of(row["body"]), checked):
            if found.outcome == REFUSED and found.check_name in IN_SHORT:
                yield Check(
                    row,
                    found.check_name,
                    f"It {IN_SHORT[found.check_name]}",
                    found.statement,
                    Severity.LOW if found.check_name == "unknown_key" else Severity.CRITICAL,
                    Verdict.CONTRADICTS,
                    found.source,
                )


def _left_out(stated: Stated, item_id: str, steps: list[Row]) -> Iterator[Check]:
    """Yield things that an item names and none of its commands changes."""
    things = {
        claim["unit"]: claim
        for claim in stated.rows.values()
        if claim["kind"] == AFFECTED and f".{item_id}." in claim["claim_id"]
    }
    changing = [row for row in steps if row["remedy_kind"] == "command" and _changes(row)]
    if not things or not changing:
        return
    touched = {word.lower() for row in changing for word in _targets(row["body"])}
    left = [word for word in things if not any(word.lower() in one for one in touched)]
    if not left:
        return
    said = listed([things[word]["statement"] for word in left])
    yield Check(
        changing[0],
        "left_out",
        "It leaves part of the item as it is",
        f"The commands change {count(len(things) - len(left))} of {counted(len(things), 'place')} "
        f"that the item names. As they are stay: {said}.",
        Severity.HIGH,
        Verdict.CONTRADICTS,
        next(iter(things.values()))["source"],
    )


def _changes(row: Mapping[str, Any]) -> bool:
    words = row["body"].split()
    return not any(READ_ONLY.match(word) for word in words[:4])


def _targets(body: str) -> list[str]:
    return [one or other for one, other in TARGETS.findall(body)]


def _scraped(stated: Stated, steps: list[Row]) -> Iterator[Check]:
    """Yield kinds of targets that no scrape job is named after."""
    parts = {row["claim_id"].rsplit(".", 1)[-1]: row for row in stated.of_kind(TARGET_PART)}
    for row in steps:
        jobs = JOB.findall(row["body"])
        if not jobs or not parts:
            continue
        left = [name for name in parts if not any(name in job.lower() for job in jobs)]
        if not left:
            continue
        whole = exact_sum([part["stated_value"] for part in parts.values()])
        missed = exact_sum([parts[name]["stated_value"] for name in left])
        yield Check(
            row,
            "kinds",
            "It scrapes some kinds of targets only",
            f"Its {counted(len(jobs), 'job')} ({listed(jobs)}) can reach {count(whole - missed)} "
            f"of {count(whole)} targets: no job for {listed(left)}.",
            Severity.MEDIUM,
            Verdict.CONTRADICTS,
            next(iter(parts.values()))["source"],
        )
