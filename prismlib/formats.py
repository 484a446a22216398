"""One spelling for each quantity, so that the same amount looks the same in every place.

Amounts come as ``Decimal`` and are rounded half away from zero, as invoices do. A missing value is
``unknown``, never zero; an amount that is not zero is never printed as zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from prismlib.money import CONTEXT

Number = Decimal | int | float | None

UNKNOWN = "unknown"
LONGEST_SYMBOL = 2
"""Letters of a unit that is no word: ``s``, ``ms``."""
MINUS = "−"
"""The real minus sign: as wide as a plus, and never broken from its number as a hyphen is."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def money(amount: Number, currency: str = "USD", *, decimals: int | None = None) -> str:
    """Return ``$915,916``, ``−$1,200.50``, ``$18.01`` or ``EUR 1,234.00``.

    Without `decimals`, an amount of a thousand or more has none, one below 1 has as many as it
    takes to read it (two at least), and those between are in cents. A price of a unit is a `rate`.
    """
    value = _decimal(amount)
    if value is None:
        return UNKNOWN
    sign = MINUS if value < 0 else ""
    return sign + _unsigned(abs(value), currency, decimals)


def signed_money(amount: Number, currency: str = "USD", *, decimals: int | None = None) -> str:
    """Return the amount of a change: ``+$1,200``, ``−$1,200`` or ``$0``."""
    value = _decimal(amount)
    plus = "+" if value is not None and value > 0 else ""
    return plus + money(value, currency, decimals=decimals)


def percent(value: Number, decimals: int = 2, *, signed: bool = True) -> str:
    """Return a number of percent as ``+5.03%``; with `signed` false as ``94.60%``."""
    number = _decimal(value)
    if number is None:
        return UNKNOWN
    plus = "+" if signed and _rounded(number, decimals) > 0 else ""
    return f"{plus}{_signed_digits(number, decimals)}%"


def rate(amount: Number, unit: str = "h", *, currency: str = "USD", decimals: int = 4) -> str:
    """Return a price for one unit: ``$1.0313/h``."""
    value = _decimal(amount)
    if value is None:
        return UNKNOWN
    return f"{money(value, currency, decimals=decimals)}/{unit}"


def count(value: Number) -> str:
    """Return ``1,000``; a quantity that is not whole keeps up to three decimals."""
    number = _decimal(value)
    if number is None:
        return UNKNOWN
    return _signed_digits(number, _decimals_written(_rounded(number, 3)))


def quantity(value: Number, unit: str) -> str:
    """Return a number with its unit, ``1 gap``, ``2 gaps`` or ``1 ms``; a share as ``7.5%``."""
    shown = count(value)
    if unit == "%":
        return f"{shown}%"
    is_plural_word = len(unit) > LONGEST_SYMBOL and unit.endswith("s")
    return f"{shown} {unit[:-1] if value == 1 and is_plural_word else unit}".rstrip()


def duration(seconds: Number) -> str:
    """Return a time as minutes and seconds, ``38:00``, rounded to the second."""
    number = _decimal(seconds)
    if number is None:
        return UNKNOWN
    whole = int(_rounded(abs(number), 0))
    sign = MINUS if number < 0 and whole else ""
    return f"{sign}{whole // 60:,}:{whole % 60:02d}"


def elapsed(ms: Number) -> str:
    """Return a time in the largest unit that it reaches: ``62 ms``, ``5 min``, ``3 h``."""
    number = _decimal(ms)
    if number is None:
        return UNKNOWN
    for unit, size in (("h", 3_600_000), ("min", 60_000), ("s", 1000)):
        if abs(number) >= size:
            return f"{count(_rounded(number / size, 1))} {unit}"
    return f"{count(number)} ms"


def day(value: date | None) -> str:
    """Return ``16 Nov 2025``, which no reader takes for another day."""
    if value is None:
        return UNKNOWN
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def named(names: Sequence[str], most: int = 5) -> str:
    """Return the first few of many names, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def money_decimals(amounts: Iterable[Number]) -> int:
    """Return the decimals in which a whole column of amounts reads well: those of the largest."""
    known = [abs(value) for value in map(_decimal, amounts) if value is not None]
    return _readable_decimals(max(known, default=Decimal(0)))


def _decimal(value: Number) -> Decimal | None:
    """Return the number exactly as it is written; not-a-number is missing too."""
    if value is None or value != value:
        return None
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _unsigned(value: Decimal, currency: str, decimals: int | None) -> str:
    places = _readable_decimals(value) if decimals is None else decimals
    if value != 0 and _rounded(value, places) == 0:
        places = _readable_decimals(value)
    digits = f"{_rounded(value, places):,f}"
    return f"${digits}" if currency == "USD" else f"{currency} {digits}"


def _readable_decimals(value: Decimal) -> int:
    if value >= 1000 or value == value.to_integral_value():
        return 0
    if value >= 1:
        return 2
    wanted = 4 if value >= Decimal("0.01") else 2 - value.adjusted()
    return max(2, min(wanted, _decimals_written(_rounded(value, wanted))))


def _decimals_written(value: Decimal) -> int:
    """Return the decimals of `value` without its trailing zeros."""
    exponent = value.normalize(CONTEXT).as_tuple().exponent
    return max(0, -int(exponent))


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=CONTEXT)


def _signed_digits(value: Decimal, decimals: int) -> str:
    rounded = _rounded(value, decimals)
    return (MINUS if rounded < 0 else "") + f"{abs(rounded):,f}"


def words(value: str) -> str:
    """Return the name of a verdict or severity as words: ``not reproducible``."""
    return str(value).replace("_", " ")
