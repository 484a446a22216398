"""The weekly summary: every answer, what contradicts it, what is unknown, what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from prismlib.findings import (
    VERDICT_ORDER,
    Finding,
    Severity,
    Verdict,
    money_at_stake,
    ranked,
)
from prismlib.formats import money, words
from prismlib.report.blocks import answer_html, badge, findings_html, inline, quantity
from prismlib.report.cells import grid_html
from prismlib.report.changes import Change, Changes
from prismlib.report.collect import Content
from prismlib.report.display import provenance_columns
from prismlib.report.pages import Frame, index_html
from prismlib.sources.snapshots import Snapshot

if TYPE_CHECKING:
    from prismlib.report.render import Report

LEADING = (Severity.CRITICAL, Severity.HIGH)
"""Severities that matter most."""
DECISION = "launch_readiness"
"""Notebook that draws on the others: its answer is what a lead must know first."""
MOST_UNFOLDED = 8
"""Findings from which on only the critical ones are shown unfolded."""


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
    leading, folds = _folded(findings)
    parts = {
        "tally": _tally_html(findings),
        "total": len(findings),
        "answers": [_answer(content) for content in _decision_first(summary.contents)],
        "leading": Markup(findings_html(leading)) if leading else "",
        "folds": [(label, Markup(findings_html(folded))) for label, folded in folds],
        "unknown": [f for f in findings if f.verdict == Verdict.UNKNOWN],
        "changes": summary.changes,
        "change_lines": [_change_html(c) for c in summary.changes.items] if summary.changes else [],
        "provenance": Markup(_provenance_html(summary.snapshot)),
        "left_out": ", ".join(summary.left_out),
        "workbook": summary.workbook,
        "inline": lambda prose: Markup(inline(prose)),
    }
    return index_html(f"Weekly summary {frame.week}", frame, parts)


def _decision_first(contents: Sequence[Content]) -> list[Content]:
    return sorted(contents, key=lambda content: not _decides(content))


def _decides(content: Content) -> bool:
    """Return whether it is the notebook of the launch, and a launch is there to be decided."""
    nothing = (Verdict.UNKNOWN, Severity.INFO)
    return content.name == DECISION and any(
        one.id == "launch.decision" and (one.verdict, one.severity) != nothing
        for one in content.findings
    )


def _folded(
    findings: Sequence[Finding],
) -> tuple[list[Finding], list[tuple[str, list[Finding]]]]:
    """Return the findings to show at once, and those to fold below a line that says what they are.

    High ones are shown too unless that makes a list that nobody reads to its end.
    """
    leading = [finding for finding in findings if finding.severity in LEADING]
    rest = [finding for finding in findings if finding.severity not in LEADING]
    high = [finding for finding in leading if finding.severity == Severity.HIGH]
    if len(leading) <= MOST_UNFOLDED:
        high = []
    folds = {"of high severity": high, "of medium severity or less": rest}
    shown = [finding for finding in leading if finding not in high]
    return shown, [(_fold_label(f, what), f) for what, f in folds.items() if f]


def _fold_label(findings: Sequence[Finding], what: str) -> str:
    """Return how many findings there are and the largest amount among them, by currency."""
    largest: dict[str, Decimal] = {}
    for finding in findings:
        if amount := money_at_stake(finding):
            largest[finding.unit] = max(amount, largest.get(finding.unit, amount))
    amounts = ", ".join(money(amount, currency) for currency, amount in sorted(largest.items()))
    label = f"{len(findings)} more {what}"
    return f"{label}, the largest at {amounts}" if amounts else label


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


def result_lines(done: Report) -> list[str]:
    """Return what the command line says of a report: where it is, its verdicts, what is critical.

    Parameters
    ----------
    done : Report
    """
    counts = count_verdicts(done.findings)
    return [
        f"Report {done.week}: {done.index}",
        f"{len(done.findings)} findings in {done.seconds:.1f} s: "
        + ", ".join(f"{count} {words(verdict)}" for verdict, count in counts.items()),
        *(
            f"critical: {finding.statement.replace('**', '')}"
            for finding in ranked(done.findings)
            if finding.severity == Severity.CRITICAL
        ),
    ]
