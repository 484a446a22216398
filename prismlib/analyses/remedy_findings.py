"""Findings on remedies that do not do what they are meant to, or do harm."""

from __future__ import annotations

from collections.abc import Iterator

from prismlib.analyses.launch_judging import finding
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.findings import Finding, slug


def remedy_findings(results: LaunchResults) -> Iterator[Finding]:
    """Yield a finding on each fault of a remedy."""
    for one in results.remedies:
        row = one.row
        yield finding(
            f"remedy.{slug(row['remedy_id'])}.{one.check_name}",
            f"{row['item_id']}, {row['task_name']}: {one.title[:1].lower()}{one.title[1:]}",
            f"{one.statement} ({one.source}.)",
            one.severity,
            one.verdict,
            table="remedy_step",
            source=row["source"],
        )
