"""Policies that lock people out, and replications that copy the wrong thing.

Method. A statement that denies where no MFA was given is looked at for two actions: the change of a
password, and the enrolment of an MFA device. Actions of a policy are compared as IAM does, without
regard to case and with ``*`` and ``?``. Beside a forced reset of passwords, who cannot do the first
is locked out; who cannot do the second either can never get out of it again by himself.

A replication is held against the buckets in which recovery points lie, and against whether it
copies deletions.

Known limits. Of a condition only its part on MFA is read, and of a resource whether it can be a
user of IAM.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from prismlib.analyses.command_text import readings
from prismlib.analyses.judging import listed
from prismlib.analyses.remedy_documents import Object, documents, option, texts_of
from prismlib.analyses.remedy_models import Check, Facts
from prismlib.findings import Severity, Verdict
from prismlib.formats import count

MFA_SOURCE = "IAM user guide, MFA self-management: an expired password is changed before MFA counts"
S3_SOURCE = "Amazon S3 user guide, replication: delete markers replicate where it says so"
CHANGE_PASSWORD = "iam:ChangePassword"
ENROL = "iam:EnableMFADevice"
MFA_PRESENT = "aws:multifactorauthpresent"
MFA_AGE = "aws:multifactorauthage"
RESET = "--password-reset-required"


def lockout_checks(rows: list[dict[str, Any]], facts: Facts) -> Iterator[Check]:
    """Yield policies that deny without MFA, beside a forced reset of passwords."""
    resets = [row for row in rows if any(RESET in w for w in readings(row["body"]).commands)]
    for row in rows:
        locking = [
            statement
            for one in documents(row["body"]).found
            for statement in one.statements
            if _needs_mfa(statement) and _denies(statement, CHANGE_PASSWORD)
        ]
        for_ever = [statement for statement in locking if _denies(statement, ENROL)]
        if for_ever:
            yield _locked_for_ever(row, facts, is_reset=bool(resets))
        elif locking and resets:
            yield _locked(row, locking[0], facts)
    yield from _everyone(resets, facts)


def _locked(row: dict[str, Any], statement: Object, facts: Facts) -> Check:
    excepted = texts_of(statement.get("NotAction"))
    what = (
        "actions are denied" if excepted is None else f"all is denied but {len(excepted)} actions"
    )
    which = "is among them" if excepted is None else "is not among them"
    return Check(
        row,
        "lock_out",
        "It locks people out",
        f"Without MFA {what}, and {CHANGE_PASSWORD} {which}; then a reset is forced. The "
        f"{_who(facts)} without MFA cannot change their password at sign-in, so not enrol either.",
        Severity.HIGH,
        Verdict.CONTRADICTS,
        MFA_SOURCE,
    )


def _locked_for_ever(row: dict[str, Any], facts: Facts, *, is_reset: bool) -> Check:
    then = "; then a reset is forced" if is_reset else ""
    what = "sign in again nor enrol" if is_reset else "change a password nor enrol"
    return Check(
        row,
        "lock_out",
        "It locks people out",
        f"Without MFA even {CHANGE_PASSWORD} and {ENROL} are denied{then}. The {_who(facts)} "
        f"without MFA can neither {what}: somebody else has to do it for each.",
        Severity.CRITICAL if is_reset else Severity.HIGH,
        Verdict.CONTRADICTS,
        MFA_SOURCE,
    )


def _who(facts: Facts) -> str:
    return "users" if facts.users_without_mfa is None else count(facts.users_without_mfa)


def matches_action(pattern: str, name: str) -> bool:
    """Return whether a pattern of IAM (``iam:Change*``) takes in a name, in whatever case."""
    parts = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(parts, name, re.IGNORECASE | re.DOTALL) is not None


def _denies(statement: Object, action: str) -> bool:
    """Return whether a statement denies an action on users of IAM."""
    if statement.get("Effect") != "Deny" or not _is_for_users(statement):
        return False
    actions, excepted = texts_of(statement.get("Action")), texts_of(statement.get("NotAction"))
    if actions is not None:
        return any(matches_action(one, action) for one in actions)
    return excepted is not None and not any(matches_action(one, action) for one in excepted)


def _is_for_users(statement: Object) -> bool:
    resources = texts_of(statement.get("Resource"))
    return resources is None or any(one == "*" or ":iam:" in one.lower() for one in resources)


def _needs_mfa(statement: Object) -> bool:
    """Return whether a statement is for requests that were made without MFA."""
    for operator, keys in statement.get("Condition", {}).items():
        is_absent = operator.lower() == "null"
        for key, value in keys.items():
            said = {str(one).lower() for one in (value if isinstance(value, list) else [value])}
            if is_absent and key.lower() in (MFA_PRESENT, MFA_AGE) and "true" in said:
                return True
            if not is_absent and key.lower() == MFA_PRESENT and "false" in said:
                return True
    return False


def _everyone(resets: list[dict[str, Any]], facts: Facts) -> Iterator[Check]:
    """Yield resets that go over all users, those without a console login too."""
    for row in resets:
        if not any(words[2:3] == ("list-users",) for words in readings(row["body"]).commands):
            continue
        who = "" if facts.console_users is None else f" ({count(facts.console_users)} have one)"
        yield Check(
            row,
            "everyone",
            "It goes over users without a console login",
            f"The loop takes every user; one without a console login{who} has no login profile, "
            "and the call fails.",
            Severity.LOW,
            Verdict.CONTRADICTS,
            "botocore service model of IAM, UpdateLoginProfile: NoSuchEntity without a profile",
        )


def replication_checks(rows: list[dict[str, Any]], facts: Facts) -> Iterator[Check]:
    """Yield replications of the wrong bucket, and those that copy deletions too."""
    for row in rows:
        yield from _wrong_bucket(row, facts)
        rules = [rule for one in documents(row["body"]).found for rule in one.rules]
        if any(_copies_deletions(rule) for rule in rules):
            yield Check(
                row,
                "deletes_too",
                "It replicates deletions too",
                "Delete markers are replicated: what is deleted by mistake is deleted in the copy "
                "as well.",
                Severity.HIGH,
                Verdict.CONTRADICTS,
                S3_SOURCE,
            )


def _copies_deletions(rule: Object) -> bool:
    is_on = rule.get("Status") != "Disabled"
    markers = rule.get("DeleteMarkerReplication", {})
    return is_on and "Destination" in rule and markers.get("Status") == "Enabled"


def _wrong_bucket(row: dict[str, Any], facts: Facts) -> Iterator[Check]:
    for words in readings(row["body"]).commands:
        bucket = option(words, "--bucket")
        if words[2:3] != ("put-bucket-replication",) or bucket is None:
            continue
        elsewhere = {name: s for name, s in facts.recovery_buckets.items() if name != bucket}
        if not elsewhere or bucket in facts.recovery_buckets:
            continue
        where = listed([f"{listed(s)} in {name}" for name, s in elsewhere.items()])
        yield Check(
            row,
            "wrong_bucket",
            "It replicates another bucket than recovery needs",
            f"It replicates {bucket}; recovery points that are in place lie elsewhere: {where}.",
            Severity.CRITICAL,
            Verdict.CONTRADICTS,
            "RECOVERY_POINT of the snapshot",
        )
        return
