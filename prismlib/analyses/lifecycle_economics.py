"""What a single object costs in a class, and from which size or below which rate of reads it pays.

Method, for an object of s bytes that is read r times a month, at the first price of each class::

    month(class) = price x (max(s, smallest billed) + added bytes) + Standard price x added bytes
                   + monitoring + r x (request + retrieval of what is read)
    saving       = month(Standard) - month(class)
    pays back in T months when  T x saving = request that moves it

which is linear in s above and below the smallest billed size, and linear in r: both are solved, not
searched. What a flat table of prices claims is price x bytes and nothing else.

Known limits. First prices: a bucket in the cheaper tiers of Standard saves a little less. Objects
in Intelligent-Tiering are taken as unread, in its archive instant tier. A month here has 30 days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

import pandas as pd

from prismlib.analyses import bucket_usage as use
from prismlib.analyses.bucket_charges import STORAGE, Priced, StorageBook, Terms, speed_of
from prismlib.analyses.bucket_rules import INTELLIGENT, STANDARD
from prismlib.analyses.zone_model import as_decimal
from prismlib.result_tables.lifecycle import BREAK_EVEN_SIZE, MOVE_CASE
from prismlib.tables import make

UNREAD_TIER = "archive_instant"
"""The tier that an unread object of Intelligent-Tiering ends in."""
PAYBACK_MONTHS = (1, 3, 12, 36)
"""Times within which a move should have paid for itself."""


@dataclass(frozen=True)
class ObjectPrices:
    """Prices of one object in a class; all are exact.

    Parameters
    ----------
    per_byte, standard_per_byte : Fraction
        For a byte and month, in the class and in Standard.
    min_bytes, own_bytes, standard_bytes : int
        Smallest billed size, and what is added at the class's and at Standard's price.
    monitoring, moving : Fraction
        For an object a month; for moving it there once.
    per_read, per_read_byte : Fraction
        For a read, and for a byte that it returns.
    """

    per_byte: Fraction
    standard_per_byte: Fraction
    min_bytes: int
    own_bytes: int
    standard_bytes: int
    monitoring: Fraction
    moving: Fraction
    per_read: Fraction
    per_read_byte: Fraction

    @property
    def fixed(self) -> Fraction:
        """Return what an object costs a month whatever its size."""
        added = self.per_byte * self.own_bytes + self.standard_per_byte * self.standard_bytes
        return added + self.monitoring

    def month(self, size: Fraction, reads: Fraction, share: Fraction) -> Fraction:
        """Return what an object of `size` bytes costs a month, read `reads` times for `share`."""
        stored = self.per_byte * max(size, Fraction(self.min_bytes)) + self.fixed
        return stored + reads * (self.per_read + +self.per_read_byte * share * size)


def object_prices(book: StorageBook, storage_class: str, terms: Terms) -> ObjectPrices:
    """Return the first prices of a class of a region; raises `ParameterError` where one lacks."""
    rule = book.rules.of(storage_class)
    is_tiered = storage_class == INTELLIGENT
    tier = UNREAD_TIER if is_tiered else ""
    speed = speed_of(storage_class, book, terms)

    def price(name: str, tier_name: str = "", of: str = storage_class) -> Fraction:
        first = book.ladder(Priced(of, name, tier_name))[0]
        return Fraction(first.usd) / first.per

    gigabyte = terms.bytes_per_gb
    request = price("get_request")
    if rule.is_restored_first:
        request += price(use.RETRIEVAL_REQUEST, speed)
    return ObjectPrices(
        per_byte=price(STORAGE, tier) / gigabyte,
        standard_per_byte=price(STORAGE, of=STANDARD) / gigabyte,
        min_bytes=rule.min_billed_bytes,
        own_bytes=rule.own_overhead_bytes,
        standard_bytes=rule.standard_overhead_bytes,
        monitoring=price(use.MONITORING) if is_tiered else Fraction(0),
        moving=price(use.TRANSITION) if storage_class != STANDARD else Fraction(0),
        per_read=request,
        per_read_byte=price(use.RETRIEVAL, speed) / gigabyte,
    )


@dataclass(frozen=True)
class ObjectMove:
    """A move of objects from Standard to a class, at a rate of reads.

    Parameters
    ----------
    reads, share : Fraction
        Reads of an object in a month, and the share of it that one returns.
    """

    standard: ObjectPrices
    target: ObjectPrices
    reads: Fraction = Fraction(0)
    share: Fraction = Fraction(1)

    def month_effect(self, size: Fraction) -> Fraction:
        """Return what a month in the class saves for an object of `size` bytes."""
        before = self.standard.month(size, self.reads, self.share)
        return before - self.target.month(size, self.reads, self.share)

    def break_even_bytes(self, months: int) -> Fraction | None:
        """Return the size from which the move pays back in `months`; None when it never does."""
        one, other = self.standard, self.target
        read_bytes = self.reads * self.share * (other.per_read_byte - one.per_read_byte)
        fixed = other.moving / months + other.fixed + self.reads * (other.per_read - one.per_read)
        slope = one.per_byte - other.per_byte - read_bytes
        if slope > 0 and fixed / slope >= other.min_bytes:
            return fixed / slope
        slope = one.per_byte - read_bytes  # below the smallest billed size the bill is constant
        below = (fixed + other.per_byte * other.min_bytes) / slope if slope > 0 else None
        return below if below is not None and below <= other.min_bytes else None

    def break_even_reads(self, size: Fraction) -> Fraction | None:
        """Return the reads a month above which an object costs more; None when none do."""
        still = ObjectMove(self.standard, self.target)
        dearer = self.target.per_read - self.standard.per_read
        dearer += (self.target.per_read_byte - self.standard.per_read_byte) * self.share * size
        return max(still.month_effect(size), Fraction(0)) / dearer if dearer > 0 else None


def object_move(
    book: StorageBook,
    storage_class: str,
    terms: Terms,
    *,
    reads: Decimal = Decimal(0),
    share: Decimal = Decimal(1),
) -> ObjectMove:
    """Return the move of objects of Standard to a class of the book."""
    return ObjectMove(
        object_prices(book, STANDARD, terms),
        object_prices(book, storage_class, terms),
        Fraction(reads),
        Fraction(share),
    )


def move_cases(
    moves: dict[str, ObjectMove],
    titles: dict[str, str],
    *,
    size_bytes: Decimal,
    object_sizes: Iterable[int],
    currency: str,
    small_bytes: int = 0,
) -> pd.DataFrame:
    """Return MOVE_CASE: all the bytes, in objects of each size, moved to each class.

    Parameters
    ----------
    size_bytes : Decimal
        All bytes.
    object_sizes : iterable of int
        Bytes of an object; each once.
    small_bytes : int
        Below it Intelligent-Tiering neither takes nor monitors an object. When a move there pays
        back is left open: its prices fall after 30 and after 90 days without a read.
    """

    def rows() -> Iterator[dict[str, Any]]:
        for name, move in moves.items():
            for size in object_sizes:
                number = Fraction(size_bytes) / size
                effect = move.month_effect(Fraction(size)) * number
                cost = move.target.moving * number
                if name == INTELLIGENT and size < small_bytes:
                    effect = cost = Fraction(0)
                pays = effect > 0 and name != INTELLIGENT
                yield {
                    "storage_class": name,
                    "class_title": titles[name],
                    "object_bytes": size,
                    "stored_objects": as_decimal(number),
                    "moving_cost": as_decimal(cost),
                    "month_effect": as_decimal(effect),
                    "payback_months": as_decimal(cost / effect) if pays else None,
                    "billing_currency": currency,
                }

    return make(MOVE_CASE, rows())


def break_even_sizes(moves: dict[str, ObjectMove], titles: dict[str, str]) -> pd.DataFrame:
    """Return BREAK_EVEN_SIZE: the size from which a move pays back in each of PAYBACK_MONTHS."""
    rows = []
    for name, move in moves.items():
        for months in PAYBACK_MONTHS:
            size = None if name == INTELLIGENT else move.break_even_bytes(months)
            rows.append(
                {
                    "storage_class": name,
                    "class_title": titles[name],
                    "payback_months": Decimal(months),
                    "break_even_bytes": None if size is None else as_decimal(size),
                }
            )
    return make(BREAK_EVEN_SIZE, rows)


def size_floor(move: ObjectMove, months: int, least: int) -> int | None:
    """Return whole bytes above which a move pays back in `months`, at least `least`, or None."""
    size = move.break_even_bytes(months)
    return None if size is None else max(ceil(size), least)
