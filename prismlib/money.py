"""Exact arithmetic on money and quantities.

Costs are ``decimal.Decimal`` from the file to the last comparison: binary floats cannot hold a
tenth of a cent, and a total that must tie to the cent is compared, not rounded into agreement.
A missing amount is ``None`` and never zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any

CONTEXT = Context(prec=60, rounding=ROUND_HALF_UP)
"""Wide enough to add 10^15 amounts of 18 decimals without losing a digit."""

CENT = Decimal("0.01")
HOURS_PER_MONTH = Decimal(730)
"""The month of AWS price pages (365 days / 12); a cost model's month, not a calendar month."""


def exact_sum(values: Iterable[Any]) -> Decimal:
    """Return the sum of decimals without rounding; a missing one raises TypeError."""
    with localcontext(CONTEXT):
        return sum(values, start=Decimal(0))


def sum_known(values: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum of the known amounts, or `None` when none is known."""
    known = [value for value in values if value is not None]
    return exact_sum(known) if known else None


def divide(numerator: Decimal | None, denominator: Decimal | None) -> Decimal | None:
    """Return the quotient, or `None` when either is missing or the denominator is zero."""
    if numerator is None or denominator is None or denominator == 0:
        return None
    with localcontext(CONTEXT):
        return numerator / denominator


def times(one: Decimal, other: Decimal) -> Decimal:
    """Return the product without rounding, up to the 60 digits of `CONTEXT`."""
    with localcontext(CONTEXT):
        return one * other


def scale(amount: Decimal, numerator: Decimal, denominator: Decimal) -> Decimal:
    """Return `amount` x `numerator` / `denominator`, rounded once, at the 12th decimal.

    Rounding there makes two ways to the same figure equal instead of a last digit apart.
    """
    with localcontext(CONTEXT):
        return (amount * numerator / denominator).quantize(Decimal("1e-12"))


def percent_change(current: Decimal | None, baseline: Decimal | None) -> Decimal | None:
    """Return the change from `baseline` to `current` in percent; `None` without a baseline."""
    if current is None or baseline is None or baseline == 0:
        return None
    with localcontext(CONTEXT):
        return (current - baseline) / abs(baseline) * 100


def cents(amount: Decimal) -> Decimal:
    """Return `amount` rounded to the cent, half away from zero as invoices do."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP, context=CONTEXT)
