"""What a bucket uses from day to day under a policy: bytes, objects, requests, exactly, no prices.

Method. Cohorts that fare alike are added up into lots; each lot's stays (`bucket_timeline`) are
entered in a ledger by day. A new object, a transition and a restore are one request an object.
Intelligent-Tiering moves by idle share (`bucket_reads`), from the day on which an object came in.

The minimum of days in a class counts from the day on which an object came there; what is left of it
is due when the object is deleted or moved on, for the bytes billed at the rate of the class.

Known limits. Parts of uploads are not moved, padded or monitored, and deleting them costs nothing.
Copies restored before the first day are not known. Intelligent-Tiering restores at no charge.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from prismlib.analyses.bucket_ledger import ALL, Ledger
from prismlib.analyses.bucket_lots import lots_of
from prismlib.analyses.bucket_reads import Reads
from prismlib.analyses.bucket_rules import INTELLIGENT, STANDARD, ClassRules
from prismlib.analyses.bucket_state import NONCURRENT, UPLOAD, Bucket, Horizon, ReadPattern
from prismlib.analyses.bucket_timeline import Lot, Stay, timeline
from prismlib.analyses.lifecycle_policy import Policy

BYTES, OBJECTS, ARRIVED, REMOVED = "bytes", "objects", "arrived", "removed"
MINIMUM_SIZE, OVERHEAD, MONITORING = "minimum_size", "overhead", "monitoring"
TRANSITION, EARLY_DELETE, PUT_REQUEST = "transition", "early_delete", "put_request"
READ_REQUEST, RETRIEVAL, RETRIEVAL_REQUEST = "read_request", "retrieval", "retrieval_request"

FREQUENT, INFREQUENT, INSTANT = "frequent", "infrequent", "archive_instant"
ARCHIVE, DEEP_ARCHIVE = "archive", "deep_archive"


class Entry(NamedTuple):
    """What is counted by day: a `BYTES` ... of a class, of a tier and a kind where it has them."""

    what: str
    storage_class: str = ""
    tier: str = ""
    kind: str = ""


def usage(
    bucket: Bucket, policy: Policy | None, horizon: Horizon, rules: ClassRules, copy_days: int
) -> Ledger[Entry]:
    """Return what a bucket uses under a policy (None: without one).

    `copy_days` is how long the copy of a restored object is kept. Of retrieved bytes, those of
    classes that are restored first are the restored ones.
    """
    patterns = {cohort.reads: None for cohort in bucket.all_cohorts}
    unit = lcm(*(Reads(pattern, copy_days).unit for pattern in patterns))
    book = _Bookkeeper(bucket, rules, Ledger(horizon, unit), copy_days)
    for lot, (objects, size) in lots_of(bucket, policy, horizon, rules).items():
        book.enter(lot, objects, size)
    return book.ledger


class _Held(NamedTuple):
    """The objects of a lot during one of its stays."""

    lot: Lot
    stay: Stay
    objects: int
    size: int


class _Bookkeeper:
    """Enters lots in the ledger."""

    def __init__(
        self, bucket: Bucket, rules: ClassRules, ledger: Ledger[Entry], copy_days: int
    ) -> None:
        self.is_versioned, self.rules, self.ledger = bucket.is_versioned, rules, ledger
        self._copy_days = copy_days
        self._reads: dict[ReadPattern, Reads] = {}
        tiers = [
            (rules.infrequent_after_days, INFREQUENT),
            (rules.instant_after_days, INSTANT),
            (bucket.archive_after_days, ARCHIVE),
            (bucket.deep_archive_after_days, DEEP_ARCHIVE),
        ]
        on = [(days, tier) for days, tier in tiers if days is not None]
        self._idle_tiers = sorted(on, key=lambda tier: tier[0])

    def enter(self, lot: Lot, objects: int, size: int) -> None:
        """Enter all that becomes of a lot."""
        stays = timeline(lot, self.rules, is_versioned=self.is_versioned)
        reads = self._reads_of(lot, stays)
        if lot.is_new:
            first = lot.first_day
            self._add(lot, Entry(PUT_REQUEST, lot.storage_class), first, first + 1, objects)
            self._add(lot, Entry(ARRIVED), first, first + 1, size)
        for stay in stays:
            if stay.start >= self.ledger.horizon.days:
                break
            held = _Held(lot, stay, objects, size)
            self._keep(held, reads)
            self._read(held, reads)
            self._end(held)

    def _add(
        self,
        lot: Lot,
        entry: Entry,
        start: int,
        end: int | None,
        amount: int,
        share: Fraction = ALL,
    ) -> None:
        self.ledger.add(entry, start, end, amount, share, lot.repeat)

    def _reads_of(self, lot: Lot, stays: list[Stay]) -> Reads:
        """Return the reads of a lot, which stop when it becomes noncurrent."""
        pattern = lot.reads
        old = next((stay.start for stay in stays if stay.kind == NONCURRENT), None)
        if old is not None and pattern.steps:
            age = lot.age_on(old)
            steps = tuple(step for step in pattern.steps if step[0] < age)
            pattern = replace(pattern, steps=(*steps, (age, Decimal(0))))
        if pattern not in self._reads:
            self._reads[pattern] = Reads(pattern, self._copy_days)
        return self._reads[pattern]

    def _keep(self, held: _Held, reads: Reads) -> None:
        """Enter what a stay stores."""
        lot, stay = held.lot, held.stay
        rule = self.rules.of(stay.storage_class)

        def keep(
            what: str, storage_class: str, amount: int, tier: str = "", kind: str = ""
        ) -> None:
            entry = Entry(what, storage_class, tier, kind)
            self._add(lot, entry, stay.start, stay.end, amount)

        tier = FREQUENT if stay.storage_class == INTELLIGENT else ""
        keep(BYTES, stay.storage_class, held.size, tier, stay.kind)
        keep(OBJECTS, stay.storage_class, held.objects, tier, stay.kind)
        if stay.kind == UPLOAD:
            return
        keep(MINIMUM_SIZE, stay.storage_class, self._padding(held))
        keep(OVERHEAD, stay.storage_class, held.objects * rule.own_overhead_bytes)
        keep(OVERHEAD, STANDARD, held.objects * rule.standard_overhead_bytes)
        if tier and self.rules.small_bytes not in lot.below:
            keep(MONITORING, stay.storage_class, held.objects)
            self._sink(held, reads)

    def _padding(self, held: _Held) -> int:
        """Return the bytes that objects below the least size of their class are billed for."""
        least = self.rules.of(held.stay.storage_class).min_billed_bytes
        return least * held.objects - held.size if least in held.lot.below else 0

    def _sink(self, held: _Held, reads: Reads) -> None:
        """Enter the shares that Intelligent-Tiering moves from tier to tier."""
        lot, stay = held.lot, held.stay
        upper, end = FREQUENT, lot.age_on(self._end_day(stay))
        for days, tier in self._idle_tiers:
            start = lot.age_on(max(stay.start, stay.since + days))
            for first, until, share in reads.idle(start, end, days):
                span = first - lot.age_on(0), until - lot.age_on(0)
                for what, amount in ((BYTES, held.size), (OBJECTS, held.objects)):
                    lower = Entry(what, INTELLIGENT, tier, stay.kind)
                    self._add(lot, lower, *span, amount, share)
                    self._add(lot, lower._replace(tier=upper), *span, -amount, share)
            upper = tier

    def _end_day(self, stay: Stay) -> int:
        """Return the end of a stay, or that of the horizon if it is earlier."""
        days = self.ledger.horizon.days
        return days if stay.end is None else min(stay.end, days)

    def _read(self, held: _Held, reads: Reads) -> None:
        """Enter the reads of a stay, and the restores that they need."""
        lot, stay = held.lot, held.stay
        is_restored = self.rules.of(stay.storage_class).is_restored_first
        ages = lot.age_on(stay.start), lot.age_on(self._end_day(stay))
        for first, until, rate in reads.rates(*ages):
            restores = reads.restores(rate)
            amounts = {
                READ_REQUEST: (held.objects, rate),
                RETRIEVAL: (held.size, restores if is_restored else rate * reads.bytes_share),
                RETRIEVAL_REQUEST: (held.objects, restores if is_restored else rate),
            }
            span = first - lot.age_on(0), until - lot.age_on(0)
            for what, (amount, share) in amounts.items():
                self._add(lot, Entry(what, stay.storage_class), *span, amount, share)

    def _end(self, held: _Held) -> None:
        """Enter what the end of a stay costs and deletes."""
        lot, stay, day = held.lot, held.stay, held.stay.end
        if day is None or not (stay.next_class or stay.is_deleted):
            return
        if stay.next_class:
            self._add(lot, Entry(TRANSITION, stay.next_class), day, day + 1, held.objects)
        if stay.is_deleted:
            self._add(lot, Entry(REMOVED), day, day + 1, held.size)
        rule = self.rules.of(stay.storage_class)
        left = max(0, stay.since + rule.min_days - day)
        if stay.kind != UPLOAD:
            billed = held.size + self._padding(held) + held.objects * rule.own_overhead_bytes
            self._add(lot, Entry(EARLY_DELETE, stay.storage_class), day, day + 1, billed * left)
