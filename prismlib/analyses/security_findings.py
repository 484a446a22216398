"""Findings on the security audit: its totals, what cannot be so, and what tools do not see."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from prismlib.analyses.command_rules import matches, ordered_rules
from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_judging import agreed, finding
from prismlib.analyses.launch_measures import is_critical, is_security
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.analyses.remedies import AFFECTED
from prismlib.findings import Finding, Severity, Verdict, slug
from prismlib.formats import count, day, percent
from prismlib.tables import records

HUNDRED = Decimal(100)
LEVELS = ("critical", "high", "medium", "low")
CIDR = re.compile(r"\b(\d+\.\d+\.\d+\.\d+/\d+)")
WIDEST = 16
"""A range with a shorter prefix is wider than the largest VPC can be."""
ENCRYPTED_BY_DEFAULT = "s3_default_encryption"
GB_PER_TB = Decimal(1000)
MFA = ("ready.mfa_users", "ready.console_users", "ready.mfa_pct", "ready.no_mfa_users")


def security_findings(results: LaunchResults) -> Iterator[Finding]:
    """Yield the findings on the security audit."""
    yield from _totals(results)
    yield from _critical(results)
    yield from _mfa(results)
    yield from _encrypted(results)
    yield from _copying(results)
    yield from _ranges(results)
    yield from _names(results)
    yield from _trail(results)


def _items(results: LaunchResults) -> list[Any]:
    return [one for one in results.known.items.values() if is_security(one)]


def _totals(results: LaunchResults) -> Iterator[Finding]:
    stated, items = results.stated, _items(results)
    claimed = stated.values("ready.security", *(f"ready.security_{level}" for level in LEVELS))
    if claimed is None or not items:
        return
    whole, *parts = claimed
    short = _without_text(items, parts)
    words = f"Stated are {count(whole)} findings, {count(sum(parts))} by severity. Described are "
    words += f"{len(items)}, of them {sum(one.row['item_kind'] == 'gap' for one in items)} as a gap"
    words += f"; of {listed(short)} there is no text." if short else "."
    summary = stated.value("ready.security_in_summary")
    if summary is not None and summary != whole:
        words += f" The summary counts {count(summary)}."
    is_fine = whole == sum(parts) == len(items) and summary in (None, whole)
    yield finding(
        "security.total",
        "Findings of the security audit",
        words,
        Severity.INFO if is_fine else Severity.MEDIUM,
        Verdict.HOLDS if is_fine else Verdict.CONTRADICTS,
        value=len(items),
        unit="findings",
        expected=whole,
        table="readiness_item",
        rows=len(items),
        source=stated.source("ready.security"),
    )


def _without_text(items: list[Any], claimed: list[Decimal]) -> list[str]:
    """Return how many findings of each severity are counted and not described."""
    found = [sum(one.row["severity"] == level for one in items) for level in LEVELS]
    pairs = zip(claimed, found, LEVELS, strict=True)
    return [f"{count(stated - seen)} {level}" for stated, seen, level in pairs if stated > seen]


def _critical(results: LaunchResults) -> Iterator[Finding]:
    claimed = results.stated.value("ready.security_critical")
    items = [one for one in _items(results) if is_critical(one)]
    if claimed is None or not items:
        return
    severity, verdict = agreed(claimed, len(items), 0, wrong=Severity.CRITICAL)
    yield finding(
        "security.critical",
        "Critical security findings",
        f"Ranked critical are {len(items)}: {listed([one.name for one in items])}. Stated are "
        f"{count(claimed)}.",
        severity,
        verdict,
        value=len(items),
        unit="findings",
        expected=claimed,
        table="readiness_item",
        rows=len(items),
        source=results.stated.source("ready.security_critical"),
    )


def _mfa(results: LaunchResults) -> Iterator[Finding]:
    values = results.stated.values(*MFA)
    if values is None:
        return
    having, users, claimed, lacking = values
    share = having / users * HUNDRED
    severity, verdict = agreed(claimed, share, 0, wrong=Severity.MEDIUM)
    if having + lacking != users:
        severity, verdict = Severity.MEDIUM, Verdict.CONTRADICTS
    yield finding(
        "security.mfa",
        "Users with MFA",
        f"{count(having)} of {count(users)} users are {percent(share, 1, signed=False)}; with "
        f"{count(lacking)} without they are {count(having + lacking)}.",
        severity,
        verdict,
        value=share,
        unit="%",
        expected=claimed,
        rows=4,
        source=results.stated.source("ready.mfa_users"),
    )


def _facts(results: LaunchResults) -> dict[str, dict[str, Any]]:
    rows = records(results.known.inputs.reference["dated_fact"])
    return {row["fact_name"]: row for row in rows}


def _encrypted(results: LaunchResults) -> Iterator[Finding]:
    """Yield whether objects can be unencrypted, given since when all are encrypted by default."""
    fact = _facts(results).get(ENCRYPTED_BY_DEFAULT)
    kept = results.stated.value_in("snapshot_days", "days")
    gigabytes = results.stated.value_in("ready.expiring_gb", "GB")
    if fact is None or kept is None or gigabytes is None:
        return
    as_of = results.known.inputs.as_of
    age = (as_of - fact["since_date"]).days
    is_newer = kept < age
    words = f"S3 has encrypted every new object since {day(fact['since_date'])}. "
    words += f"{count(gigabytes / GB_PER_TB)} TB are kept for {counted(kept, 'day')}: "
    words += (
        "all of it is newer, so encrypted with SSE-S3 unless shown otherwise. Likely “not under a "
        "key of one's own”, not “unencrypted”; were that enough, one critical finding less."
        if is_newer
        else "some of it may be older."
    )
    yield finding(
        "security.encrypted",
        "Backups that are said to be unencrypted",
        words,
        Severity.HIGH if is_newer else Severity.MEDIUM,
        Verdict.CONTRADICTS if is_newer else Verdict.UNKNOWN,
        value=kept,
        unit="days",
        expected=age,
        rows=2,
        source=f"{results.stated.source('ready.expiring_gb')}; {fact['source']}",
    )


def _copying(results: LaunchResults) -> Iterator[Finding]:
    """Yield how much has to be encrypted again: what expires by itself does not."""
    stated = results.stated
    values = stated.values("backup_gb", "ready.expiring_gb", "ready.encrypt_hours", "snapshot_days")
    if values is None or not values[2]:
        return
    whole, expiring, hours, kept = values
    rate = whole / (hours * 3600)
    left = (whole - expiring) / GB_PER_TB
    words = f"{count(whole / GB_PER_TB)} TB in {count(hours)} h are {count(round(rate, 2))} GB/s. "
    words += f"Once the default is set, {count(expiring / GB_PER_TB)} TB are replaced in "
    words += f"{counted(kept, 'day')} by their own expiry: {count(left)} TB have to be copied."
    yield finding(
        "security.copying",
        "Encrypting again what expires anyway",
        words,
        Severity.MEDIUM if expiring else Severity.INFO,
        Verdict.CONTRADICTS if expiring else Verdict.HOLDS,
        value=left,
        unit="TB",
        expected=whole / GB_PER_TB,
        rows=4,
        source=stated.source("ready.encrypt_hours"),
    )


def _affected(results: LaunchResults) -> list[dict[str, Any]]:
    return [row for row in results.stated.rows.values() if row["kind"] == AFFECTED]


def _ranges(results: LaunchResults) -> Iterator[Finding]:
    """Yield internal ranges wider than a VPC: tools that look for the internet pass them."""
    for row in _affected(results):
        for text in CIDR.findall(row["statement"]):
            try:
                network = ipaddress.ip_network(text, strict=False)
            except ValueError:
                continue
            if not network.is_private or network.prefixlen >= WIDEST or network.prefixlen == 0:
                continue
            yield finding(
                f"security.range.{slug(row['claim_id'].rsplit('.', 1)[-1])}",
                f"An internal range that is too wide: {text}",
                f"{row['statement']}: {count(network.num_addresses)} addresses, more than a VPC "
                "can have. Rules that look for the whole internet only pass it.",
                Severity.MEDIUM,
                Verdict.CONTRADICTS,
                value=network.num_addresses,
                unit="addresses",
                source=row["source"],
            )


def _names(results: LaunchResults) -> Iterator[Finding]:
    """Yield what the state of an item names and does not exist as it is named."""
    rules = ordered_rules(results.known.inputs.reference["command_rule"])
    for row in _affected(results):
        for rule in matches(rules, row["statement"], row["statement"]):
            yield finding(
                f"security.name.{slug(row['claim_id'].split('.', 1)[-1])}",
                "A name that does not exist",
                f"{row['statement']}: it {rule['note']}.",
                Severity(rule["severity"]),
                Verdict(rule["verdict"]),
                table="command_rule",
                source=f"{row['source']}; {rule['source']}",
            )


def _trail(results: LaunchResults) -> Iterator[Finding]:
    """Yield that management events are kept without a trail."""
    claim = results.stated.rows.get("ready.no_trail")
    rows = records(results.known.inputs.reference["limit"])
    kept = next((r for r in rows if r["limit_name"] == "cloudtrail_event_history"), None)
    if claim is None or kept is None:
        return
    yield finding(
        "security.trail",
        "Logs without a trail",
        f"“{claim['statement']}”: management events are kept {count(kept['limit_value'])} "
        f"{kept['unit']} in each Region without a trail. Overstated: data events and what is older "
        "are lost.",
        Severity.LOW,
        Verdict.CONTRADICTS,
        value=kept["limit_value"],
        unit=kept["unit"],
        expected=claim["stated_value"],
        rows=2,
        source=f"{claim['source']}; {kept['source']}",
    )
