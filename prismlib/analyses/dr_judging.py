"""What the modules with findings on recovery share."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from prismlib.analyses import judging
from prismlib.analyses.dr_cases import Case, verdict_within
from prismlib.analyses.dr_timeline import DrResults
from prismlib.analyses.judging import listed
from prismlib.findings import Severity, Verdict
from prismlib.formats import duration

NOTEBOOK = "dr_timeline"

finding = partial(judging.finding, NOTEBOOK, "dr", table="drill_event")
"""Makes a finding of this notebook; its name is the id without the prefix."""


def clock(seconds: Decimal | None) -> str:
    """Return a time in a sentence: ``38:00 min``."""
    return duration(seconds) if seconds is None else f"{duration(seconds)} min"


def over_limit(results: DrResults, seconds: Decimal | None) -> bool:
    """Return whether a recovery is known to be over the limit, which stops a launch."""
    limit = results.bounds.limit_s
    return seconds is not None and limit is not None and seconds > limit


def severity_of(results: DrResults, case: Case) -> Severity:
    """Return critical over the limit, high over the target, info within both."""
    verdicts = [verdict_within(case.span, bound) for bound in _bounds(results)]
    if verdicts[1] == Verdict.CONTRADICTS:
        return Severity.CRITICAL
    if verdicts[0] == Verdict.CONTRADICTS:
        return Severity.HIGH
    return Severity.INFO if Verdict.UNKNOWN not in verdicts else Severity.MEDIUM


def _bounds(results: DrResults) -> tuple[Decimal | None, Decimal | None]:
    return results.bounds.target_s, results.bounds.limit_s


def against(results: DrResults, seconds: Decimal) -> str:
    """Return how a recovery compares with the target and the limit, in words."""
    parts = []
    for name, bound in zip(("target", "limit"), _bounds(results), strict=True):
        if bound is None:
            parts.append(f"no {name} is known")
        elif seconds > bound:
            parts.append(f"{clock(seconds - bound)} over the {name} of {clock(bound)}")
        elif seconds == bound:
            parts.append(f"exactly the {name}")
        else:
            parts.append(f"{clock(bound - seconds)} inside the {name} of {clock(bound)}")
    return listed(parts)
