"""What `prism pull` says: its plan with a price range, its progress, and what it did."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from prismlib.cli_options import Account
from prismlib.errors import ParameterError
from prismlib.periods import Period
from prismlib.sources.collectors import COLLECTORS
from prismlib.sources.inventory_s3 import SETTINGS
from prismlib.sources.ledger import Ledger, counted, plain_usd, spent_words
from prismlib.sources.prices import unit_price
from prismlib.sources.pull import Pulled, plan_pull, pull_snapshot
from prismlib.sources.pull_plan import Planned
from prismlib.sources.pull_start import PullOptions
from prismlib.sources.snapshot_checks import left_out


@dataclass
class Progress:
    """Says which step is under way and what was asked and paid for so far.

    `show` is called with a line at each step, and after each answer too if `is_live`.
    """

    show: Callable[[str], None]
    is_live: bool = False
    step: str = ""
    ledger: Ledger = field(default_factory=Ledger)

    def on_step(self, step: str) -> None:
        """Show a new step."""
        self.step = step
        self._show()

    def on_call(self, ledger: Ledger) -> None:
        """Take note of an answer."""
        self.ledger = ledger
        if self.is_live:
            self._show()

    def _show(self) -> None:
        total = self.ledger.total()
        requests = counted(total.network, "request")
        self.show(f"{self.step} ({requests}, ${plain_usd(total.usd)} so far)")


def month_options(account: Account, month: str, out: Path) -> PullOptions:
    """Return the options of a pull of a month; raises ParameterError if that is none."""
    try:
        period = Period.month(month)
    except ParameterError as error:
        raise ParameterError("--month", month, expected=error.expected) from None
    return PullOptions(month=period, out=out, **vars(account))


def plan(options: PullOptions, now: datetime, progress: Progress) -> list[str]:
    """Return what a pull would ask and cost; nothing is paid."""
    return plan_lines(
        plan_pull(options, now=now, on_step=progress.on_step, on_call=progress.on_call)
    )


def run(options: PullOptions, now: datetime, progress: Progress) -> list[str]:
    """Pull, and return what was made."""
    return summary_lines(
        pull_snapshot(options, now=now, on_step=progress.on_step, on_call=progress.on_call)
    )


def plan_lines(plan: Sequence[Planned]) -> list[str]:
    """Return the plan, a line a question, and the range of its price by service."""
    free = [collector.table for collector in COLLECTORS if not collector.plan]
    lines = [f"{one.name}, {one.period}: {one.words}" for one in plan]
    if free:
        s3 = plain_usd(unit_price("s3_read_request") * len(SETTINGS) * 1000)
        lines.append(
            f"also, free but for the requests of S3 (${s3} for 1,000 buckets, not counted):"
            f" {', '.join(free)}"
        )
    for service, words in PRICE_WORDS.items():
        of_service = [one for one in plan if one.service == service]
        if of_service:
            lines.append(words.format(range_words(of_service)))
    return lines


PRICE_WORDS = {
    "ce": "price of Cost Explorer: {} (each page of an answer is a request; how many there are is"
    " known only when they come)",
    "cloudwatch": "price of CloudWatch: {} (each metric of a GetMetricData request is paid; the"
    " lower end takes the statistics of a metric for one, as AWS bills them)",
}


def range_words(plan: Sequence[Planned]) -> str:
    """Return the price of a part of a plan: an amount, or its lower and upper end."""
    least, most = (
        plain_usd(sum((getattr(one, end) for one in plan), Decimal(0)))
        for end in ("least_usd", "most_usd")
    )
    return f"${least}" if least == most else f"${least} to about ${most}"


def summary_lines(done: Pulled) -> list[str]:
    """Return what a pull made, what it cost and, last because it matters, what it lacks."""
    lines = [f"Snapshot: {done.path}", f"regions: {done.regions}"]
    lines += [f"  {name}: {counted(rows, 'row')}" for name, rows in done.rows.items()]
    lines += [f"note: {note}" for note in done.notes]
    if done.restated:
        were = "was" if done.restated == 1 else "were"
        lines.append(
            f"{counted(done.restated, 'figure')} {were} restated since the last pull:"
            " see the table restatement"
        )
    lines.append(spent_words(done.ledger))
    if done.unknown:
        count = len(done.unknown)
        what = "1 table or part is" if count == 1 else f"{count} tables or parts are"
        lines.append(
            f"NOT COMPLETE, {what} left out (to fill what is missing, put right what is named and"
            " run it again):"
        )
        lines += [f"  {left_out(entry)}" for entry in done.unknown]
    return lines
