"""What a pull asked for and what that cost, by service and operation.

A call counts when it is made, since one whose answer is lost on the way may be billed: what is paid
is an upper bound. AWS does not bill what it refuses; `Count.failed` says how many that may be.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass
class Count:
    """Calls of one operation.

    Attributes
    ----------
    network, cache : int
        Asked over the network, and answered by the cache.
    paid : int
        Those over the network that have a price.
    failed : int
        Those of the paid ones that gave no answer.
    retries : int
        Further attempts that botocore made.
    usd : Decimal
        The price of the paid ones, at most. [USD]
    """

    network: int = 0
    cache: int = 0
    paid: int = 0
    failed: int = 0
    retries: int = 0
    usd: Decimal = Decimal(0)


@dataclass
class Ledger:
    """What was asked and what it cost, by service and operation."""

    counts: dict[tuple[str, str], Count] = field(default_factory=dict)

    def count(self, service: str, operation: str) -> Count:
        """Return the counter of an operation."""
        return self.counts.setdefault((service, operation), Count())

    def total(self, service: str = "") -> Count:
        """Return the sum over all operations, of one service or of all."""
        total = Count()
        for (name, _), one in self.counts.items():
            if service in ("", name):
                for figure, value in vars(one).items():
                    setattr(total, figure, getattr(total, figure) + value)
        return total

    def as_json(self) -> dict[str, Any]:
        """Return the ledger as JSON values, for the manifest of a snapshot."""
        total = self.total()
        return {
            "requests": total.network,
            "paid_requests": total.paid,
            "failed_paid_requests": total.failed,
            "usd": plain_usd(total.usd),
            "from_cache": total.cache,
            "calls": {
                f"{service} {operation}": {
                    "requests": one.network,
                    "from_cache": one.cache,
                    **({"usd": plain_usd(one.usd)} if one.usd else {}),
                }
                for (service, operation), one in sorted(self.counts.items())
            },
        }


def anew(pages: int, usd: Decimal) -> str:
    """Return what it costs to ask again for pages that are not kept, each at a price. [USD]"""
    requests, price = counted(pages, "request"), plain_usd(pages * usd)
    return f"the pages that do not fit are asked for anew: {requests}, ${price}"


def plain_usd(usd: Decimal) -> str:
    """Return dollars without an exponent, exact, with two decimals at least."""
    return f"{usd.normalize():f}" if usd != usd.quantize(Decimal("0.01")) else f"{usd:.2f}"


def spent_words(ledger: Ledger) -> str:
    """Return what was asked for and what it cost."""
    total, metrics = ledger.total(), ledger.total("cloudwatch")
    words = (
        f"{counted(total.network, 'request')}, {total.paid} of them paid: ${plain_usd(total.usd)}"
    )
    if metrics.usd:
        words += f" (CloudWatch metrics ${plain_usd(metrics.usd)} of it)"
    if total.failed:
        words += f", at most: {total.failed} of them failed, which AWS may not bill"
    return f"{words}; {counted(total.cache, 'answer')} from the cache"


def counted(count: int, name: str) -> str:
    """Return a number and what it counts, in the plural unless it is one."""
    return f"{count} {name}{'' if count == 1 else 's'}"
