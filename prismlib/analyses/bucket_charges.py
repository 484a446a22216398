"""What the use of a bucket costs: the prices of storage classes, and the charges of each month.

Method. Storage is billed by byte-hours: a GB that is kept for d days of a month of m days is d/m
GB-months; so is what is left of a minimum, in the month in which it falls due. Prices that fall
with the quantity are those of an account: this bucket comes on top of `Terms.other_gb`, nothing
unless given. What is at the Standard rate climbs together: objects first, then what archived
objects add, then restored copies. A quantity times its price is rounded once, at the 12th decimal.

Known limits. A GB is 10^9 bytes unless `Terms.bytes_per_gb` says otherwise (S3 meters 2^30). Free
tiers, discounts, taxes and traffic out of S3 stay out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pandas as pd

from prismlib.analyses import bucket_usage as use
from prismlib.analyses.bucket_ledger import Ledger
from prismlib.analyses.bucket_rules import INTELLIGENT, STANDARD, ClassRule, ClassRules
from prismlib.analyses.bucket_state import Horizon
from prismlib.analyses.bucket_usage import FREQUENT, Entry
from prismlib.analyses.zone_model import as_decimal
from prismlib.errors import ParameterError
from prismlib.money import scale
from prismlib.tables import records

STORAGE, RESTORED_COPY = "storage", "restored_copy"
CHARGES = (
    *(STORAGE, use.MINIMUM_SIZE, use.OVERHEAD, RESTORED_COPY, use.MONITORING),
    *(use.PUT_REQUEST, use.TRANSITION, use.EARLY_DELETE),
    *(use.READ_REQUEST, use.RETRIEVAL_REQUEST, use.RETRIEVAL),
)
"""The charges, in the order of the rows of a month."""

DEEP_ARCHIVE = "DEEP_ARCHIVE"
EXPEDITED, STANDARD_SPEED = "expedited", "standard"
PRICE_OF = {use.READ_REQUEST: "get_request"}
"""The price of a charge, where it goes by another name."""


class Price(NamedTuple):
    """A price from a quantity of a month on, for so many of a unit."""

    from_gb: Decimal
    usd: Decimal
    per: int
    unit: str


class Priced(NamedTuple):
    """What has prices: a charge of a class, of a tier of it or a speed of restoring."""

    storage_class: str
    charge_name: str
    tier_name: str = ""


@dataclass(frozen=True)
class StorageBook:
    """What storage classes demand and cost in a region."""

    rules: ClassRules
    prices: Mapping[Priced, tuple[Price, ...]]
    currency: str = "USD"

    def ladder(self, priced: Priced) -> tuple[Price, ...]:
        """Return the prices by rising quantity; raises `ParameterError` where there is none."""
        if priced not in self.prices:
            raise ParameterError(
                priced.charge_name,
                " ".join((priced.storage_class, priced.tier_name)).strip(),
                expected="something that has a price in storage_price",
            )
        return self.prices[priced]


def storage_book(
    prices: pd.DataFrame,
    classes: pd.DataFrame,
    moves: pd.DataFrame,
    limits: pd.DataFrame,
    region_id: str,
) -> StorageBook:
    """Return the book of a region.

    Parameters
    ----------
    prices : STORAGE_PRICE
    classes : STORAGE_CLASS
    moves : STORAGE_CLASS_MOVE
    limits : LIMIT
    region_id : str

    Raises
    ------
    ParameterError
        There are no prices for the region, or a limit is missing.
    """
    found: dict[Priced, list[Price]] = {}
    for row in records(prices[prices["region_id"] == region_id]):
        priced = Priced(row["storage_class"], row["charge_name"], row["tier_name"])
        per, unit = _unit(row["price_unit"])
        price = Price(row["from_gb"] or Decimal(0), row["usd"], per, unit)
        found.setdefault(priced, []).append(price)
    if not found:
        raise ParameterError("region_id", region_id, expected="a region with prices of storage")
    ladders = {priced: tuple(sorted(steps)) for priced, steps in found.items()}
    return StorageBook(_class_rules(ladders, classes, moves, limits), ladders)


def _unit(price_unit: str) -> tuple[int, str]:
    """Return of how many of which unit a price is: USD/1000 requests is of 1,000."""
    per, unit = re.fullmatch(r"USD/(\d*) *(.+)", price_unit).groups()  # type: ignore[union-attr]
    return int(per or 1), f"{per} {unit}".strip()


def _class_rules(
    ladders: Mapping[Priced, tuple[Price, ...]],
    classes: pd.DataFrame,
    moves: pd.DataFrame,
    limits: pd.DataFrame,
) -> ClassRules:
    values = dict(zip(limits["limit_name"], limits["limit_value"], strict=True))
    names = ("small_object_bytes", "it_infrequent_after", "it_archive_instant_after")
    for name in names:
        if name not in values:
            raise ParameterError(name, None, expected="a row in the table of limits")
    rows = [row for row in records(classes) if row["tier_name"] in ("", FREQUENT)]

    def rate(row: dict[str, Any]) -> Decimal:
        return ladders[Priced(row["storage_class"], STORAGE, row["tier_name"])][0].usd

    return ClassRules(
        {
            row["storage_class"]: ClassRule(
                row["min_storage_days"],
                row["min_billed_bytes"],
                row["class_overhead_bytes"],
                row["standard_overhead_bytes"],
                row["is_restored_first"],
            )
            for row in sorted(rows, key=rate, reverse=True)
        },
        frozenset(zip(moves["storage_class"], moves["next_class"], strict=True)),
        *(int(values[name]) for name in names),
    )


@dataclass(frozen=True)
class Terms:
    """How use is priced.

    Parameters
    ----------
    bytes_per_gb : int, default 10**9
        The GB of prices; 2**30 as S3 meters.
    other_gb : dict of (str, str) to Decimal, optional
        GB-months a month that other buckets of the account hold in a class and tier of
        Intelligent-Tiering, ("STANDARD", "") for one: this bucket pays the prices above them.
    restore_speed : str, default "standard"
        "expedited", "standard" or "bulk".
    copy_days : int, default 7
        Days for which a restored copy is kept.
    """

    bytes_per_gb: int = 10**9
    other_gb: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    restore_speed: str = "standard"
    copy_days: int = 7

    def __post_init__(self) -> None:
        for name in ("bytes_per_gb", "copy_days"):
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise ParameterError(name, value, expected="a whole number, 1 or more")
        for gb in self.other_gb.values():
            if not gb.is_finite() or gb < 0:
                raise ParameterError("other_gb", gb, expected="GB, 0 or more")


class Line(NamedTuple):
    """A charge, what its price is that of, and its quantity in each month, in units of that."""

    charge_name: str
    storage_class: str
    tier_name: str
    priced: Priced
    quantities: list[Fraction]


class Charge(NamedTuple):
    """What a line comes to in a month (the first is 0) at one of its prices."""

    month: int
    line: Line
    price: Price
    quantity: Fraction
    cost: Decimal


def charges_of(ledger: Ledger[Entry], book: StorageBook, terms: Terms) -> list[Charge]:
    """Return the charges for what a ledger says was used, month by month."""
    lines = sorted(
        _lines(ledger, book, terms), key=lambda line: (CHARGES.index(line[0]), line[1:3])
    )
    ladders = [(line, _rungs(book.ladder(line.priced))) for line in lines]
    charges: list[Charge] = []
    for month in range(len(ledger.horizon.month_days)):
        taken = {
            Priced(name, STORAGE, tier): Fraction(gb) for (name, tier), gb in terms.other_gb.items()
        }
        for line, ladder in ladders:
            if not (quantity := line.quantities[month]):
                continue
            if len(ladder) == 1:
                charges.append(_charge(month, line, ladder[0].price, quantity))
                continue
            start = taken.get(line.priced, Fraction(0))
            taken[line.priced] = start + quantity
            charges += _climbed(month, line, ladder, start)
    return charges


def _charge(month: int, line: Line, price: Price, quantity: Fraction) -> Charge:
    cost = scale(price.usd, Decimal(quantity.numerator), Decimal(quantity.denominator))
    return Charge(month, line, price, quantity, cost)


class _Rung(NamedTuple):
    """A price, and the quantities of a month that it is for; the last has no end."""

    price: Price
    start: Fraction
    end: Fraction | None


def _rungs(ladder: tuple[Price, ...]) -> list[_Rung]:
    starts = [Fraction(0), *(Fraction(price.from_gb) for price in ladder[1:])]
    return [_Rung(*rung) for rung in zip(ladder, starts, [*starts[1:], None], strict=True)]


def _climbed(month: int, line: Line, ladder: list[_Rung], start: Fraction) -> Iterator[Charge]:
    """Yield the charges of a quantity that climbs a ladder of prices from `start` on."""
    end = start + line.quantities[month]
    for rung in ladder:
        if rung.start >= end:
            return
        if rung.end is None or rung.end > start:
            upper = end if rung.end is None else min(end, rung.end)
            yield _charge(month, line, rung.price, upper - max(start, rung.start))


def charge_row(charge: Charge, horizon: Horizon, currency: str) -> dict[str, Any]:
    """Return a charge as a row of BUCKET_CHARGE."""
    return {
        "month_number": charge.month + 1,
        "month_start": horizon.month_start(charge.month),
        "charge_name": charge.line.charge_name,
        "storage_class": charge.line.storage_class,
        "tier_name": charge.line.tier_name,
        "from_gb": charge.price.from_gb,
        "usage_quantity": as_decimal(charge.quantity),
        "usage_unit": charge.price.unit,
        "usd": charge.price.usd,
        "cost": as_decimal(charge.cost),
        "billing_currency": currency,
    }


def _lines(ledger: Ledger[Entry], book: StorageBook, terms: Terms) -> Iterator[Line]:
    """Yield what is charged, from what was used."""
    days = ledger.horizon.month_days
    stored: dict[tuple[str, str], list[Fraction]] = {}
    for entry in ledger.keys:
        name, tier = entry.storage_class, entry.tier
        if entry.what == use.BYTES:
            month = ledger.monthly(entry)
            so_far = stored.get((name, tier), [Fraction(0)] * len(month))
            stored[name, tier] = [one + more for one, more in zip(so_far, month, strict=True)]
        elif entry.what in (use.MINIMUM_SIZE, use.OVERHEAD, use.EARLY_DELETE):
            gb = _gb_months(ledger.monthly(entry), days, terms)
            first = FREQUENT if name == INTELLIGENT else ""
            yield Line(entry.what, name, "", Priced(name, STORAGE, first), gb)
        elif entry.what == use.MONITORING:
            objects = [
                sum_ / length for sum_, length in zip(ledger.monthly(entry), days, strict=True)
            ]
            yield _counted(entry.what, name, "", objects, book)
        elif entry.what in (use.PUT_REQUEST, use.TRANSITION, use.READ_REQUEST):
            yield _counted(entry.what, name, "", ledger.monthly(entry), book)
        elif entry.what in (use.RETRIEVAL, use.RETRIEVAL_REQUEST):
            yield from _retrieval(ledger, entry, book, terms)
    for (name, tier), sums in stored.items():
        gb = _gb_months(sums, days, terms)
        yield Line(STORAGE, name, tier, Priced(name, STORAGE, tier), gb)
    yield from _copies(ledger, book, terms)


def _gb_months(sums: list[Fraction], days: tuple[int, ...], terms: Terms) -> list[Fraction]:
    """Return byte-days of each month in GB-months."""
    return [
        total and total / (length * terms.bytes_per_gb)
        for total, length in zip(sums, days, strict=True)
    ]


def _counted(
    charge: str, storage_class: str, tier: str, amounts: list[Fraction], book: StorageBook
) -> Line:
    """Return a line of a charge that has a price of its own for so many of something."""
    priced = Priced(storage_class, PRICE_OF.get(charge, charge), tier)
    per = book.ladder(priced)[0].per
    return Line(
        charge, storage_class, tier, priced, [amount and amount / per for amount in amounts]
    )


def speed_of(storage_class: str, book: StorageBook, terms: Terms) -> str:
    """Return how objects of a class are restored; empty for one that is read at once."""
    if not book.rules.of(storage_class).is_restored_first:
        return ""
    return offered_speed(storage_class, terms.restore_speed)


def offered_speed(storage_class: str, speed: str) -> str:
    """Return the speed of a restore; Deep Archive has no expedited one: standard is the fastest."""
    is_fastest = storage_class == DEEP_ARCHIVE and speed == EXPEDITED
    return STANDARD_SPEED if is_fastest else speed


def _retrieval(
    ledger: Ledger[Entry], entry: Entry, book: StorageBook, terms: Terms
) -> Iterator[Line]:
    """Yield what is retrieved, unless it is read at once and for nothing."""
    is_restored = book.rules.of(entry.storage_class).is_restored_first
    speed = speed_of(entry.storage_class, book, terms)
    size = terms.bytes_per_gb if entry.what == use.RETRIEVAL else 1
    amounts = [amount and amount / size for amount in ledger.monthly(entry)]
    line = _counted(entry.what, entry.storage_class, speed, amounts, book)
    if is_restored or any(price.usd for price in book.ladder(line.priced)):
        yield line


def _copies(ledger: Ledger[Entry], book: StorageBook, terms: Terms) -> Iterator[Line]:
    """Yield the copies of restored objects, which are at the Standard rate while they are kept."""
    kept = [0] * ledger.horizon.days
    for entry in ledger.keys:
        if entry.what == use.RETRIEVAL and book.rules.of(entry.storage_class).is_restored_first:
            window = ledger.windows(entry, terms.copy_days)
            kept = [one + more for one, more in zip(kept, window, strict=True)]
    if any(kept):
        gb = _gb_months(ledger.by_month(kept), ledger.horizon.month_days, terms)
        yield Line(RESTORED_COPY, STANDARD, "", Priced(STANDARD, STORAGE), gb)
