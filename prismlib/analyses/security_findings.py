"""Placeholder."""

from __future__ import annotations

from collections.abc import Iterator

from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.findings import Finding


def security_findings(results: LaunchResults) -> Iterator[Finding]:
    """Yield nothing."""
    del results
    yield from ()
