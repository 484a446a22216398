"""Remedies checked before they are run: does each do what it is meant to, and harm nothing?

Method. Every remedy is held against the rules of ``data/reference/command_rule.csv`` (what a
command does instead, from the documentation of its tool; `command_rules`), against the models of
`remedy_models` and `remedy_policies`, against the rules of S3 and the needs of readers
(`lifecycle_checks`), and against what it has to cover: things that the item names and that none of
its commands touches are left as they are. Commands are taken in one spelling (`command_text`),
documents of JSON wherever they stand (`remedy_documents`); what cannot be read is said by name.

Known limits. What no rule and no model knows is not judged: that is no pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from prismlib.analyses.command_rules import matches, ordered_rules
from prismlib.analyses.command_text import readings
from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_inputs import Known
from prismlib.analyses.lifecycle_checks import (
    IN_SHORT,
    CheckedBucket,
    check_policy,
)
from prismlib.analyses.lifecycle_policy import policy_of
from prismlib.analyses.lifecycle_syntax import REFUSED, ClassFacts
from prismlib.analyses.remedy_documents import Document, documents, option
from prismlib.analyses.remedy_models import Check, Facts, cluster_checks, label_checks
from prismlib.analyses.remedy_policies import lockout_checks, replication_checks
from prismlib.analyses.stated import Stated
from prismlib.dr_tables import RECOVERY_POINT
from prismlib.errors import SchemaError
from prismlib.findings import Severity, Verdict
from prismlib.formats import count
from prismlib.money import exact_sum
from prismlib.readiness_tables import REMEDY_STEP
from prismlib.storage_tables import STORAGE_NEED
from prismlib.tables import check, empty, records

Row = dict[str, Any]
AFFECTED = "affected"
TITLES = {"deletes": "It deletes", "opens": "It opens something to everybody"}
"""What a command does, by the first word of the note of its rule; any other: something else."""
JSON_KINDS = ("policy", "config")
COMMAND_KIND = "command"
ACTING = ("Transitions", "Expiration", "NoncurrentVersionExpiration", "Transition")
"""Keys by which a set of rules is one of a lifecycle."""
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
    found = [*_by_rules(known, by_item), *_unreadable(rows), *_cut_at_lines(rows)]
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
    return sorted(_once(found), key=lambda one: place[one.row["remedy_id"]])


def _once(found: list[Check]) -> Iterator[Check]:
    """Yield each fault of a remedy once; the same from several places has all their statements."""
    by_name: dict[tuple[str, str], list[Check]] = {}
    for one in found:
        by_name.setdefault((one.row["remedy_id"], one.check_name), []).append(one)
    for same in by_name.values():
        words = list(dict.fromkeys(one.statement for one in same))
        yield replace(same[0], statement=" ".join(words))


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


def _by_rules(known: Known, by_item: Mapping[str, list[Row]]) -> Iterator[Check]:
    """Yield every rule that a remedy matches, given what else is run for its item."""
    rules = ordered_rules(known.inputs.reference["command_rule"])
    for steps in by_item.values():
        beside = [step["body"] for step in steps]
        for row in steps:
            for rule in matches(rules, row["body"], row["task_name"], beside):
                yield Check(
                    row,
                    f"rule_{rule['priority']}",
                    TITLES.get(rule["note"].split(" ")[0], "It does something else"),
                    f"It {rule['note']}.",
                    Severity(rule["severity"]),
                    Verdict(rule["verdict"]),
                    rule["source"],
                )


def _unreadable(rows: list[Row]) -> Iterator[Check]:
    """Yield documents that no model could look at: no JSON, or no shape that AWS takes."""
    for row in rows:
        read, body = documents(row["body"]), row["body"].lstrip()
        begins = body.startswith("{") and not body.startswith(("{{", "{%"))
        if row["remedy_kind"] in JSON_KINDS and begins and not read.is_json:
            yield Check(
                row,
                "unreadable",
                "It cannot be read",
                "It begins as JSON and is none, so it was not checked, and no tool takes it.",
                Severity.HIGH,
                Verdict.INFEASIBLE,
                row["source"],
            )
        elif read.all_faults:
            yield _not_read(row, "; ".join(read.all_faults))


def _not_read(row: Row, why: str) -> Check:
    return Check(
        row,
        "unreadable",
        "It cannot be read",
        f"It cannot be read: {why}. What it says there was not checked.",
        Severity.MEDIUM,
        Verdict.UNKNOWN,
        row["source"],
    )


def _cut_at_lines(rows: list[Row]) -> Iterator[Check]:
    """Yield commands that no shell could split: rules saw their lines alone."""
    for row in rows:
        if row["remedy_kind"] == COMMAND_KIND and not readings(row["body"]).is_split:
            yield Check(
                row,
                "not_split",
                "It cannot be split into commands",
                "A quote opens and does not close. Its lines were held against the rules as they "
                "stand: what goes over several, or stands in quotes, may be missed.",
                Severity.LOW,
                Verdict.UNKNOWN,
                row["source"],
            )


def _lifecycle(known: Known, steps: list[Row]) -> Iterator[Check]:
    """Yield lifecycle rules that delete what is live, or make reads wait."""
    commands = [words for row in steps for words in readings(row["body"]).commands]
    bucket = next((b for words in commands if (b := option(words, "--bucket"))), "")
    for row in steps:
        for one in documents(row["body"]).found:
            if any(key in rule for rule in one.rules for key in ACTING):
                yield from _lifecycle_checks(known, row, one, one.bucket or bucket)


def _lifecycle_checks(known: Known, row: Row, one: Document, bucket: str) -> Iterator[Check]:
    """Yield what is wrong with the lifecycle rules of a document for a bucket."""
    reference = known.inputs.reference
    frame = known.inputs.storage_need
    needs = check(empty(STORAGE_NEED) if frame is None else frame, STORAGE_NEED)
    checked = CheckedBucket(
        facts=ClassFacts.of(reference["storage_class"], reference["storage_class_move"]),
        restore_times=reference["restore_time"],
        needs=needs[needs["bucket_name"] == bucket],
    )
    try:
        remarks = check_policy(policy_of({**one.value, "Rules": list(one.rules)}), checked)
    except SchemaError as error:
        yield _not_read(row, f"{error.what}: {error.seen}, not {error.expected}")
        return
    for found in remarks:
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
