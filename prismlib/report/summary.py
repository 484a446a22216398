"""The weekly summary: every answer, what contradicts it, what is unknown, what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from prismlib.findings import VERDICT_ORDER, Finding, Severity, Verdict, ranked
from prismlib.formats import words
from prismlib.report.blocks import answer_html, badge, findings_html, inline, quantity
from prismlib.report.cells import grid_html
from prismlib.report.changes import Change, Changes
from prismlib.report.collect import Content
from prismlib.report.display import provenance_columns
from prismlib.report.pages import Frame, index_html
from prismlib.sources.snapshots import Snapshot

LEADING = (Severity.CRITICAL, Severity.HIGH)
"""Severities that the summary shows unfolded."""


@dataclass(frozen=True)
class Summary:
    """What the weekly summary is made of; `left_out` names notebooks that were not run."""

    contents: Sequence[Content]
    snapshot: Snapshot
    changes: Changes | None
    left_out: Sequence[str]
    workbook: str


def summary_html(summary: Summary, frame: Frame) -> str:
    """Return ``index.html``."""
    findings = ranked(finding for content in summary.contents for finding in content.findings)
    leading = [finding for finding in findings if finding.severity in LEADING]
    rest = [finding for finding in findings if finding.severity not in LEADING]
    parts = {
        "tally": _tally_html(findings),
        "total": len(findings),
        "answers": [_answer(content) for content in summary.contents],
        "leading": Markup(findings_html(leading)) if leading else "",
        "rest": Markup(findings_html(rest)) if rest else "",
        "rest_count": len(rest),
        "unknown": [f for f in findings if f.verdict == Verdict.UNKNOWN],
        "changes": summary.changes,
        "change_lines": [_change_html(c) for c in summary.changes.items] if summary.changes else [],
        "provenance": Markup(_provenance_html(summary.snapshot)),
        "left_out": ", ".join(summary.left_out),
        "workbook": summary.workbook,
        "inline": lambda prose: Markup(inline(prose)),
    }
    return index_html(f"Weekly summary {frame.week}", frame, parts)


def count_verdicts(findings: Iterable[Finding]) -> dict[Verdict, int]:
    """Return how many findings there are of each verdict that occurs, worst first."""
    counts = Counter(finding.verdict for finding in findings)
    return {verdict: counts[verdict] for verdict in sorted(counts, key=VERDICT_ORDER.__getitem__)}


def _answer(content: Content) -> dict[str, Any]:
    return {
        "name": content.name,
        "title": content.title,
        "html": Markup(answer_html({**content.answer, "details": []})),
        "tally": _tally_html(content.findings),
    }


def _tally_html(findings: Iterable[Finding]) -> Markup:
    """Return the verdicts that occur, worst first, each with its count."""
    counts = count_verdicts(findings)
    return Markup(" ").join(
        Markup('<span class="tally"><b>{}</b> {}</span>').format(count, Markup(badge(verdict)))
        for verdict, count in counts.items()
    )


def _change_html(change: Change) -> dict[str, Any]:
    now, before, detail = change.finding, change.before, ""
    if before and before.verdict != now.verdict:
        detail = f"{words(before.verdict)} → {words(now.verdict)}"
    elif before:
        detail = f"{quantity(before.value, before.unit)} → {quantity(now.value, now.unit)}"
    return {"kind": change.kind, "finding": now, "detail": detail}


def _provenance_html(snapshot: Snapshot) -> str:
    frame = snapshot.provenance
    columns = {name: c.fitted(frame[name]) for name, c in provenance_columns(frame).items()}
    return grid_html(frame, columns, id="provenance")
