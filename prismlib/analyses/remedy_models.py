"""What remedies do, worked out from their own words: small models, no table of answers.

Method. A command is split into words as a shell does; a policy or a configuration is read as JSON.
Then, for each kind that is known here:

- a Redis cluster has nodes / (replicas + 1) primaries, and redis-cli takes them from the addresses
  in their order, hosts in turn: enough of them, and in more than one subnet?
- what one command labels and another selects: do they match?
- a deny without MFA that does not except the change of a password, beside a forced reset: users
  without MFA cannot sign in any more.
- a replication that copies deletions, of a bucket in which no recovery point lies.

Known limits. A subnet is taken to be a /24, and a subnet to be of one zone. A remedy of a kind that
is not known here is not judged, and passes nothing by that.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from prismlib.analyses.judging import counted, listed
from prismlib.findings import Severity, Verdict
from prismlib.formats import count

REDIS_SOURCE = "redis/redis src/redis-cli.c: primaries = nodes / (replicas + 1), hosts in turn"
MFA_SOURCE = "IAM user guide, MFA self-management: an expired password is changed before MFA counts"
KUBECTL_SOURCE = "kubectl reference: run labels a pod run=NAME"
S3_SOURCE = "Amazon S3 user guide, replication: delete markers replicate where it says so"
FEWEST_PRIMARIES = 3
CHANGE_PASSWORD = "iam:ChangePassword"


@dataclass(frozen=True)
class Check:
    """What is wrong with a remedy; `row` is its REMEDY_STEP."""

    row: dict[str, Any]
    check_name: str
    title: str
    statement: str
    severity: Severity
    verdict: Verdict
    source: str


@dataclass(frozen=True)
class Facts:
    """What the models hold remedies against; None or empty is not known."""

    wanted_primaries: Decimal | None = None
    users_without_mfa: Decimal | None = None
    console_users: Decimal | None = None
    recovery_buckets: dict[str, list[str]] = field(default_factory=dict)


def words_of(body: str) -> list[str]:
    """Return the words of a command as a shell splits them; none of what it cannot split."""
    try:
        return shlex.split(body)
    except ValueError:
        return []


def option(words: list[str], name: str) -> str | None:
    """Return the value of an option, ``--name value`` or ``--name=value``."""
    for place, word in enumerate(words):
        if word == name and place + 1 < len(words):
            return words[place + 1]
        if word.startswith(f"{name}="):
            return word.split("=", 1)[1]
    return None


def document(body: str) -> dict[str, Any]:
    """Return the JSON object of a body; empty for anything else."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def primaries_of(addresses: list[str], replicas: int) -> list[str]:
    """Return the addresses that redis-cli makes primaries: hosts in turn, in their order."""
    hosts: dict[str, list[str]] = {}
    for address in addresses:
        hosts.setdefault(address.rsplit(":", 1)[0], []).append(address)
    order: list[str] = []
    while any(hosts.values()):
        order += [left.pop(0) for left in hosts.values() if left]
    return order[: len(order) // (replicas + 1)]


def cluster_checks(row: dict[str, Any], facts: Facts) -> Iterator[Check]:
    """Yield whether a command forms the cluster that is wanted."""
    words = words_of(row["body"])
    if "--cluster" not in words or "create" not in words:
        return
    addresses = [word for word in words if re.fullmatch(r"[\w.-]+:\d+", word)]
    text = option(words, "--cluster-replicas") or "0"
    if not text.isdigit() or not addresses:
        return
    replicas = int(text)
    primaries = primaries_of(addresses, replicas)
    wanted = facts.wanted_primaries
    if len(primaries) < FEWEST_PRIMARIES or wanted not in (None, len(primaries)):
        words_said = f"{counted(len(addresses), 'address')} with {counted(replicas, 'replica')} "
        words_said += f"each make {counted(len(primaries), 'primary')}"
        words_said = words_said.replace("addresss", "addresses").replace("primarys", "primaries")
        words_said += f" and {count(len(addresses) - len(primaries))} replicas"
        words_said += f", not {count(wanted)} shards." if wanted is not None else ": too few."
        yield Check(
            row, "count", "Wrong number of shards", words_said,
            Severity.HIGH, Verdict.CONTRADICTS, REDIS_SOURCE,
        )  # fmt: skip
    yield from _one_subnet(row, addresses, primaries)


def _one_subnet(row: dict[str, Any], addresses: list[str], primaries: list[str]) -> Iterator[Check]:
    def subnets(of: list[str]) -> set[str]:
        return {address.rsplit(":", 1)[0].rsplit(".", 1)[0] for address in of}

    if len(subnets(primaries)) != 1 or len(subnets(addresses)) < 2:
        return
    (only,) = subnets(primaries)
    yield Check(
        row,
        "one_subnet",
        "All primaries in one zone",
        f"redis-cli takes the first {len(primaries)} addresses as primaries: all in {only}.x, of "
        f"{len(subnets(addresses))} subnets. The loss of its zone takes every primary, and clients "
        "of the other zones cross over for every write.",
        Severity.CRITICAL,
        Verdict.CONTRADICTS,
        REDIS_SOURCE,
    )


def label_checks(rows: list[dict[str, Any]]) -> Iterator[Check]:
    """Yield commands that delete pods by a label that none of the item's commands gives them."""
    given: set[str] = set()
    for row in rows:
        words = words_of(row["body"])
        if words[:2] == ["kubectl", "run"] and len(words) > 2:
            given.add(option(words, "--labels") or f"run={words[2]}")
    for row in rows:
        words = words_of(row["body"])
        selector = option(words, "-l") or option(words, "--selector")
        if words[:2] != ["kubectl", "delete"] or selector is None or not given:
            continue
        key = selector.split("=", 1)[0]
        if any(f"{label},".startswith(f"{key}=") for label in given):
            continue
        yield Check(
            row,
            "label",
            "It deletes nothing",
            f"The pods are labelled {listed(sorted(given))}; what is deleted is {selector}. They "
            "keep running.",
            Severity.MEDIUM,
            Verdict.CONTRADICTS,
            KUBECTL_SOURCE,
        )


def lockout_checks(rows: list[dict[str, Any]], facts: Facts) -> Iterator[Check]:
    """Yield policies that deny without MFA, beside a forced reset of passwords."""
    resets = [row for row in rows if "--password-reset-required" in row["body"]]
    for row in rows:
        for statement in document(row["body"]).get("Statement", []):
            excepted = statement.get("NotAction")
            if statement.get("Effect") != "Deny" or excepted is None or not _needs_mfa(statement):
                continue
            names = [excepted] if isinstance(excepted, str) else list(excepted)
            if CHANGE_PASSWORD in names or "iam:*" in names or not resets:
                continue
            who = "users" if facts.users_without_mfa is None else count(facts.users_without_mfa)
            yield Check(
                row,
                "lock_out",
                "It locks people out",
                f"Without MFA all is denied but {len(names)} actions, and {CHANGE_PASSWORD} is not "
                f"among them; then a reset is forced. The {who} without MFA cannot change their "
                "password at sign-in, so not enrol either.",
                Severity.HIGH,
                Verdict.CONTRADICTS,
                MFA_SOURCE,
            )
    yield from _everyone(resets, facts)


def _needs_mfa(statement: dict[str, Any]) -> bool:
    return "MultiFactorAuthPresent" in json.dumps(statement.get("Condition", {}))


def _everyone(resets: list[dict[str, Any]], facts: Facts) -> Iterator[Check]:
    """Yield resets that go over all users, those without a console login too."""
    for row in resets:
        if "iam list-users" not in row["body"]:
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
        words = words_of(row["body"])
        bucket = option(words, "--bucket")
        if "put-bucket-replication" in words and bucket is not None:
            elsewhere = {name: s for name, s in facts.recovery_buckets.items() if name != bucket}
            if elsewhere and bucket not in facts.recovery_buckets:
                where = listed([f"{listed(s)} in {name}" for name, s in elsewhere.items()])
                yield Check(
                    row,
                    "wrong_bucket",
                    "It replicates another bucket than recovery needs",
                    f"It replicates {bucket}; recovery points that are in place lie elsewhere: "
                    f"{where}.",
                    Severity.CRITICAL,
                    Verdict.CONTRADICTS,
                    "RECOVERY_POINT of the snapshot",
                )
        for rule in document(row["body"]).get("Rules", []):
            markers = rule.get("DeleteMarkerReplication", {})
            if "Destination" in rule and markers.get("Status") == "Enabled":
                yield Check(
                    row,
                    "deletes_too",
                    "It replicates deletions too",
                    "Delete markers are replicated: what is deleted by mistake is deleted in the "
                    "copy as well.",
                    Severity.HIGH,
                    Verdict.CONTRADICTS,
                    S3_SOURCE,
                )
