"""What `prism pull --evidence` says: what it would ask, and what it saw."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

from prismlib.cli_options import Account, Seen
from prismlib.sources.evidence_collectors import Addresses, aws_collectors
from prismlib.sources.evidence_pull import EvidenceOptions, LintOf, PulledEvidence, pull_evidence
from prismlib.sources.ledger import counted, spent_words
from prismlib.sources.pull_words import Progress
from prismlib.tables import records


def look_options(account: Account, seen: Seen, out: Path, lint: LintOf) -> EvidenceOptions:
    """Return the options of a look; raises ParameterError for what is no address."""
    return EvidenceOptions(
        out=out,
        addresses=Addresses.of(seen.prometheus, seen.alertmanager, seen.grafana, seen.redis),
        lint=lint,
        profile=account.profile,
        regions=account.regions,
        buckets=seen.buckets,
        max_usd=account.max_usd,
        redact=account.redact,
    )


def plan_evidence(options: EvidenceOptions, now: datetime, progress: Progress) -> list[str]:
    """Return what would be looked at; nothing is asked."""
    topics = [collector.name for collector in aws_collectors(lambda name, rules: ((), ()))]
    given = options.addresses
    places = [one.shown for one in (*given.prometheus, given.alertmanager, given.grafana) if one]
    places += [given.redis.shown] if given.redis else []
    return [
        f"evidence of AWS: {', '.join(topics)}",
        f"addresses: {', '.join(places) or 'none'}",
        "price: nothing of Cost Explorer; each replica and each replication rule is one metric of"
        " CloudWatch",
    ]


def run_evidence(options: EvidenceOptions, now: datetime, progress: Progress) -> list[str]:
    """Look, and return what was seen."""
    return evidence_lines(
        pull_evidence(options, now=now, on_step=progress.on_step, on_call=progress.on_call)
    )


def evidence_lines(done: PulledEvidence) -> list[str]:
    """Return what was seen, failures first, then what is unknown and why."""
    rows = records(done.evidence)
    states = Counter(row["evidence_state"] for row in rows)
    lines = [
        f"Evidence: {done.path}",
        f"regions: {done.regions}",
        f"{counted(len(rows), 'check')}: {states['pass']} pass, {states['fail']} fail,"
        f" {states['unknown']} unknown",
    ]
    lines += [
        f"  fail {row['check_id']} ({row['subject_id']}): {row['detail']}"
        for row in rows
        if row["evidence_state"] == "fail"
    ]
    lines += [
        f"  unknown {row['check_id']} ({row['subject_id']}): {row['reason']}"
        for row in rows
        if row["evidence_state"] == "unknown"
    ]
    lines.append(spent_words(done.ledger))
    return lines
