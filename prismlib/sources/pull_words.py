"""What `prism pull` says: its plan with a price range, and what it did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

from prismlib.sources.collectors import COLLECTORS
from prismlib.sources.ledger import Ledger, plain_usd
from prismlib.sources.pull import (
    PlannedRequest,
    Pulled,
    PullOptions,
    left_out,
    plan_pull,
    pull_snapshot,
)


def plan(options: PullOptions, now: datetime) -> list[str]:
    """Return what a pull would ask and cost; nothing is paid."""
    return plan_lines(plan_pull(options, now=now))


def run(options: PullOptions, now: datetime, on_step: Callable[[str], None]) -> list[str]:
    """Pull, and return what was made."""
    return summary_lines(pull_snapshot(options, now=now, on_step=on_step))


def plan_lines(requests: Sequence[PlannedRequest]) -> list[str]:
    """Return the plan, a line a question, and the range of its price."""
    lines = [_planned(one) for one in requests]
    least = sum((one.least_usd for one in requests), Decimal(0))
    most = sum((one.most_usd for one in requests), Decimal(0))
    free = ", ".join(collector.table for collector in COLLECTORS)
    return [
        *lines,
        *([f"also, apart from Cost Explorer: {free}"] if free else []),
        f"price of Cost Explorer: ${least} to about ${most} (each page of an answer is a request;"
        " how many there are is known only when they come)",
    ]


def _planned(one: PlannedRequest) -> str:
    if one.is_cached:
        return f"{one.name}, {one.period}: {one.cached} pages in the cache, nothing to pay"
    held = f" ({one.cached} in the cache)" if one.cached else ""
    pages = "1 page" if one.most_pages == 1 else f"1 to about {one.most_pages} pages{held}"
    return f"{one.name}, {one.period}: {pages}"


def summary_lines(done: Pulled) -> list[str]:
    """Return what a pull made, what it cost and, last because it matters, what it lacks."""
    lines = [f"Snapshot: {done.path}"]
    lines += [f"  {name}: {rows} rows" for name, rows in done.rows.items()]
    lines += [f"note: {note}" for note in done.notes]
    if done.restated:
        lines.append(f"{done.restated} figures were restated since the last pull: see restatement")
    lines.append(spent_words(done.ledger))
    if done.unknown:
        lines.append(
            f"NOT COMPLETE, {len(done.unknown)} tables or parts are left out (to fill them, put"
            " right what is named and run it again):"
        )
        lines += [f"  {left_out(entry)}" for entry in done.unknown]
    return lines


def spent_words(ledger: Ledger) -> str:
    """Return what was asked for and what it cost."""
    total, metrics = ledger.total(), ledger.total("cloudwatch")
    words = f"{total.network} requests, {total.paid} of them paid: ${plain_usd(total.usd)}"
    if metrics.usd:
        words += f" (CloudWatch metrics ${plain_usd(metrics.usd)} of it)"
    if total.failed:
        words += f", at most: {total.failed} of them failed, which AWS may not bill"
    return f"{words}; {total.cache} answers from the cache"
