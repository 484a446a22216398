"""Evidence of an account, put into a snapshot: look, judge, write it whole.

Into a snapshot that there is, the tables ``evidence`` and ``evidence_thing`` are added or renewed
and everything else stays as it is. Elsewhere a snapshot with evidence alone is made. No answer is
kept in a cache, as evidence is about now; and Cost Explorer is not asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd

from prismlib.errors import SnapshotError
from prismlib.periods import Period
from prismlib.sources.calls import Caller
from prismlib.sources.clients import Clients
from prismlib.sources.collecting import PullContext
from prismlib.sources.evidence import TABLE, THINGS, Look
from prismlib.sources.evidence_collectors import Addresses, collect_facts
from prismlib.sources.evidence_judging import judge_evidence
from prismlib.sources.evidence_things import things_of
from prismlib.sources.ledger import Ledger
from prismlib.sources.prices import read_reference
from prismlib.sources.pull_place import check_regions, only_pull, resolved
from prismlib.sources.pull_start import region_words
from prismlib.sources.redaction import Redactor, account_hash
from prismlib.sources.snapshot_checks import left_out
from prismlib.sources.snapshot_folder import MANIFEST, check_place, read_manifest
from prismlib.sources.snapshots import (
    Description,
    Origin,
    Snapshot,
    read_snapshot,
    tables_of,
    write_snapshot,
)
from prismlib.tables import records

CURRENCY = "USD"
"""Of a snapshot that holds evidence alone: nothing in it is money."""

LintOf = Callable[[str, str, Mapping[str, pd.DataFrame]], tuple[Sequence[str], Sequence[str]]]
"""`evidence_buckets.Lint` with the tables of the snapshot besides."""


@dataclass(frozen=True)
class EvidenceOptions:
    """What to look at, and where to put what was seen; see `prism pull --help`."""

    out: Path
    addresses: Addresses
    lint: LintOf
    profile: str | None = None
    regions: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()
    max_usd: Decimal | None = None
    redact: bool = False


@dataclass(frozen=True)
class PulledEvidence:
    """What was seen: the folder, EVIDENCE, what it cost, and what could not be seen."""

    path: Path
    evidence: pd.DataFrame
    ledger: Ledger
    unknown: list[dict[str, str]]
    regions: str


def pull_evidence(
    options: EvidenceOptions,
    *,
    now: datetime,
    on_step: Callable[[str], None] = lambda step: None,
    on_call: Callable[[Ledger], None] | None = None,
    wait: Callable[[float], None] = time.sleep,
) -> PulledEvidence:
    """Look at an account and at some addresses, and write what was seen into a snapshot.

    Parameters
    ----------
    options : EvidenceOptions
    now : datetime
        The time, with its zone.
    on_step, on_call : callable, optional
        Called with the name of each topic, and with the ledger after each answer.
    wait : callable, optional
        Waits some seconds.

    Raises
    ------
    SourceError
        There are no credentials, or the folder holds something else; it is as it was.
    """
    out = resolved(options.out)
    with only_pull(out):
        before = _before(out)
        clients = Clients(options.profile, options.regions)
        check_regions(clients.regions, "--region")
        account = clients.account_id()
        _check_account(before, account, out)
        caller = Caller(
            clients,
            now=now,
            max_usd=options.max_usd,
            redactor=Redactor(account) if options.redact else None,
            on_call=on_call,
        )
        context = PullContext(Period.month_of(now.date()), now, clients.regions)
        evidence, things = _look(options, caller, context, before, on_step, wait)
        shown = account_hash(account) if options.redact else account
        _write(out, before, {TABLE: evidence, THINGS: things}, context, shown)
        return PulledEvidence(out, evidence, caller.ledger, context.unknown, region_words(clients))


def _before(out: Path) -> Snapshot | None:
    if not (out / MANIFEST).is_file():
        check_place(out)
        return None
    return read_snapshot(out)


def _check_account(before: Snapshot | None, account: str, out: Path) -> None:
    known = before.pull.get("account", "") if before else ""
    if known and known != account_hash(account):
        raise SnapshotError(
            "the folder holds a snapshot of another account",
            path=out,
            expected="a folder for each account",
            remedy="give another folder, or another --profile",
        )


def _look(
    options: EvidenceOptions,
    caller: Caller,
    context: PullContext,
    before: Snapshot | None,
    on_step: Callable[[str], None],
    wait: Callable[[float], None],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    tables = before.tables if before else {}
    needed = (
        {row["bucket_name"] for row in records(tables["storage_need"])}
        if ("storage_need" in tables)
        else set()
    )
    buckets = tuple(sorted({*options.buckets, *needed}))
    look = Look(caller, context, buckets, wait)

    def lint(name: str, rules: str) -> tuple[Sequence[str], Sequence[str]]:
        return options.lint(name, rules, tables)

    facts = collect_facts(look, options.addresses, lint, on_step)
    checks = read_reference("evidence_check")
    evidence = judge_evidence(facts, checks, tables, context.now)
    return evidence, things_of(facts, evidence, checks)


def _write(
    out: Path,
    before: Snapshot | None,
    found: Mapping[str, pd.DataFrame],
    context: PullContext,
    account: str,
) -> None:
    fetched = context.now.isoformat(timespec="seconds")
    origin = Origin(
        source=f"looks at AWS account {account} and the addresses that were given",
        fetched_at=fetched,
    )
    kept = {} if before is None else tables_of(before)
    description = _new(out, context, account) if before is None else _added(before, context)
    write_snapshot(out, description, {**kept, **{n: (f, origin) for n, f in found.items()}})


def _new(out: Path, context: PullContext, account: str) -> Description:
    return Description(
        name=out.name,
        title=f"Evidence of AWS account {account}",
        period=str(context.period),
        as_of=context.now.date(),
        billing_currency=CURRENCY,
        notes=[left_out(entry) for entry in context.unknown],
        unknown=context.unknown,
    )


def _added(before: Snapshot, context: PullContext) -> Description:
    """Return what the manifest says, with what is unknown of this look and not of an earlier."""
    old = [entry for entry in before.unknown if entry["table"] == TABLE]
    stale = {left_out(entry) for entry in old}
    others = [dict(entry) for entry in before.unknown if entry["table"] != TABLE]
    notes = [note for note in before.notes if note not in stale]
    manifest = read_manifest(before.path)
    return Description(
        name=before.name,
        title=before.title,
        period=manifest["period"],
        as_of=before.as_of,
        billing_currency=before.billing_currency,
        notes=[*notes, *(left_out(entry) for entry in context.unknown)],
        unknown=[*others, *context.unknown],
        pull=manifest.get("pull"),
    )
