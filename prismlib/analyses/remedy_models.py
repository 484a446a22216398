"""What remedies do, worked out from their own words: small models, no table of answers.

Method. Commands are taken in one spelling (`command_text`). Then, for each kind that is known here:

- a Redis cluster has nodes / (replicas + 1) primaries, and redis-cli takes them from the addresses
  in their order, hosts in turn: enough of them, and in more than one subnet?
- what one command labels and another selects: do they match?

Policies and configurations are the affair of `remedy_policies`.

Known limits. A subnet is taken to be a /24, and a subnet to be of one zone. A remedy of a kind that
is not known here is not judged, and passes nothing by that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from prismlib.analyses.command_text import readings
from prismlib.analyses.judging import counted, listed
from prismlib.analyses.remedy_documents import option
from prismlib.findings import Severity, Verdict
from prismlib.formats import count

REDIS_SOURCE = "redis/redis src/redis-cli.c: primaries = nodes / (replicas + 1), hosts in turn"
KUBECTL_SOURCE = "kubectl reference: run labels a pod run=NAME"
FEWEST_PRIMARIES = 3


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


def _own(row: dict[str, Any], *verbs: str) -> Iterator[tuple[str, ...]]:
    """Yield the commands of a remedy that begin with the words given."""
    for words in readings(row["body"]).commands:
        if words[: len(verbs)] == verbs:
            yield words


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
    """Yield whether the first command that forms a cluster forms the one that is wanted."""
    words = next(_own(row, "redis-cli", "--cluster", "create"), ())
    addresses = [word for word in words if re.fullmatch(r"[\w.-]+:\d+", word)]
    text = option(words, "--cluster-replicas") or "0"
    if not re.fullmatch(r"\d{1,15}", text) or not addresses:
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
    given = {
        option(words, "--labels") or option(words, "-l") or f"run={words[2]}"
        for row in rows
        for words in _own(row, "kubectl", "run")
        if len(words) > 2
    }
    for row in rows:
        words = next(_own(row, "kubectl", "delete"), ())
        selector = option(words, "-l") or option(words, "--selector")
        if selector is None or not given:
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
