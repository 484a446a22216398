"""What the modules with findings on a launch share."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import partial

from prismlib.analyses import judging
from prismlib.findings import Severity, Verdict, judge

NOTEBOOK = "launch_readiness"

finding = partial(judging.finding, NOTEBOOK, "launch")
"""Makes a finding of this notebook; its name is the id without the prefix."""


def agreed(
    claimed: Decimal, found: Decimal | int, decimals: int | None = None, *, wrong: Severity
) -> tuple[Severity, Verdict]:
    """Return the verdict on a claimed figure, with `wrong` as its severity unless it holds."""
    verdict = judge(claimed, Decimal(found), decimals=decimals)
    is_fine = verdict in (Verdict.HOLDS, Verdict.ROUNDING)
    return Severity.INFO if is_fine else wrong, verdict


def sources(rows: Iterable[str]) -> str:
    """Return the sources of several rows, each once."""
    return "; ".join(dict.fromkeys(source for source in rows if source))
