"""What changed since the last earlier week that has a report on the same snapshot.

Only earlier weeks are looked at, never this week's own report: rendering the same snapshot twice
gives the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from prismlib import findings as finding_records
from prismlib.findings import Finding, Verdict, ranked


@dataclass(frozen=True)
class Change:
    """A finding that is not what it was; `before` is None for a new one."""

    kind: str
    finding: Finding
    before: Finding | None = None


@dataclass(frozen=True)
class Changes:
    """What changed since `week`, whose report was on the snapshot `snapshot`."""

    week: str
    snapshot: str
    items: Sequence[Change]


def changes_since(
    folder: Path, week: str, snapshot: str, findings: Iterable[Finding]
) -> Changes | None:
    """Return the changes since the last report on `snapshot` before `week`, or None without one.

    Reports on snapshots of another name are of other systems and are passed over, and so is one
    that cannot be read. Findings of notebooks that one of the two left out are not compared.
    """
    weeks = sorted(
        path.parent.name
        for path in folder.glob("*/findings.json")
        if re.fullmatch(r"\d{4}-W\d{2}", path.parent.name) and path.parent.name < week
    )
    for earlier in reversed(weeks):
        try:
            manifest = json.loads((folder / earlier / "manifest.json").read_text("utf-8"))
            if manifest["snapshot"]["name"] != snapshot:
                continue
            written = json.loads((folder / earlier / "findings.json").read_text("utf-8"))
            before = finding_records.from_records(written)
        except (OSError, ValueError, TypeError, KeyError):
            continue
        return Changes(earlier, manifest["snapshot"]["title"], compare(before, list(findings)))
    return None


def compare(before: Sequence[Finding], now: Sequence[Finding]) -> list[Change]:
    """Return new, resolved and otherwise changed findings, worst first within each kind."""
    both = {f.notebook for f in before} & {f.notebook for f in now}
    old = {f.id: f for f in before if f.notebook in both}
    current = {f.id: f for f in now if f.notebook in both}
    changed: dict[str, list[Change]] = {kind: [] for kind in KINDS}
    for finding in ranked(current.values()):
        kind = _kind(old.get(finding.id), finding)
        if kind:
            changed[kind].append(Change(kind, finding, old.get(finding.id)))
    gone = [f for f in ranked(old.values()) if f.id not in current]
    changed["no longer reported"] = [Change("no longer reported", f) for f in gone]
    return [change for kind in KINDS for change in changed[kind]]


KINDS = ("new", "verdict changed", "value changed", "resolved", "no longer reported")


def _kind(before: Finding | None, now: Finding) -> str:
    if before is None:
        return "new"
    if before.verdict != now.verdict:
        return "resolved" if now.verdict == Verdict.HOLDS else "verdict changed"
    same_value = (
        finding_records.to_records([before])[0]["value"]
        == (finding_records.to_records([now])[0]["value"])
    )
    return "" if same_value else "value changed"
