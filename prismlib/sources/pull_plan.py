"""What a pull would ask for and what that may cost, before anything is paid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from prismlib.periods import Period
from prismlib.sources.calls import Caller
from prismlib.sources.cost_explorer_plan import Request, plan

MONTHS_KEPT = 14
"""How far back Cost Explorer gives charges by day; the cache of earlier pulls may go further."""


@dataclass(frozen=True)
class Planned:
    """A part of a plan: what is asked, of whom, in how many pieces, and its price. [USD]"""

    name: str
    service: str
    period: Period
    words: str
    least_usd: Decimal
    most_usd: Decimal

    @property
    def is_cached(self) -> bool:
        """Return whether there is nothing to pay for it."""
        return not self.most_usd


def planned_requests(
    caller: Caller, month: Period, tag: str | None, price: Decimal
) -> Iterator[Planned]:
    """Yield the questions to Cost Explorer; `price` is that of a page. [USD]"""
    today = caller.now.date()
    for request in plan(month, today, tag):
        pages, is_whole = caller.cached_pages("ce", **request.options(today))
        if is_whole:
            words, least, most = (
                f"{pages} page{'s' * (pages != 1)} in the cache, nothing to pay",
                0,
                0,
            )
        elif request.is_too_late(today):
            continue
        elif request.period.start < _oldest(today):
            end = "" if request.optional_table else ", so there can be no snapshot"
            words, least, most = f"Cost Explorer keeps days for {MONTHS_KEPT} months{end}", 0, 0
        else:
            words, least, most = _words(request, pages), 1, max(request.most_pages - pages, 1)
        yield Planned(request.name, "ce", request.period, words, price * least, price * most)


def _oldest(today: date) -> date:
    """Return the first day that Cost Explorer still gives by day."""
    year, month = divmod(today.year * 12 + today.month - 1 - MONTHS_KEPT, 12)
    return date(year, month + 1, min(today.day, 28))


def _words(request: Request, cached: int) -> str:
    held = f" ({cached} in the cache)" if cached else ""
    most = request.most_pages
    return "1 page" if most == 1 else f"1 to about {most} pages{held}"
