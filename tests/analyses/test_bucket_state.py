from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from storage_case import (
    BOOK,
    book,
    class_table,
    gb_objects,
    limit_table,
    move_table,
    moves,
    price_table,
)

from prismlib.analyses.bucket_charges import Priced, Terms, storage_book
from prismlib.analyses.bucket_ledger import Ledger
from prismlib.analyses.bucket_reads import Reads
from prismlib.analyses.bucket_simulation import simulate
from prismlib.analyses.bucket_state import (
    Arrival,
    Bucket,
    Horizon,
    ReadPattern,
    calendar_months,
    even_months,
)
from prismlib.errors import ParameterError
from prismlib.sources.prices import read_reference


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("object_count", -1),
        ("object_count", 0),
        ("object_count", 1.5),
        ("size_bytes", -1),
        ("size_bytes", True),
        ("age_days", -1),
        ("class_days", 11),
        ("noncurrent_days", 11),
        ("newer_versions", -1),
        ("replaced_at_age", 0),
        ("kind", "old"),
    ],
)
def test_impossible_cohorts_are_refused_by_name(name, value):
    with pytest.raises(ParameterError) as caught:
        gb_objects(1, **{"size_bytes": 10, "age_days": 10, name: value})
    assert caught.value.name == name


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("steps", {"steps": ((0, D(-1)),)}),
        ("steps", {"steps": ((0, D("NaN")),)}),
        ("steps", {"steps": ((5, D(1)), (5, D(2)))}),
        ("steps", {"steps": ((-1, D(1)),)}),
        ("touched_share", {"touched_share": D("1.1")}),
        ("touched_share", {"touched_share": D(0), "steps": ((0, D(1)),)}),
        ("bytes_share", {"bytes_share": D("NaN")}),
    ],
)
def test_impossible_reads_are_refused_by_name(name, changes):
    with pytest.raises(ParameterError) as caught:
        ReadPattern(**changes)
    assert caught.value.name == name


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("every", lambda: Arrival(gb_objects(1), every="week")),
        ("first_day", lambda: Arrival(gb_objects(1), first_day=-1)),
        ("archive_after_days", lambda: Bucket((), archive_after_days=89)),
        ("deep_archive_after_days", lambda: Bucket((), deep_archive_after_days=179)),
        ("month_days", lambda: Horizon(())),
        ("month_days", lambda: Horizon((30, 0))),
        ("month_days", lambda: even_months(0)),
        ("start", lambda: calendar_months(date(2025, 1, 2), 3)),
        ("copy_days", lambda: Terms(copy_days=0)),
        ("bytes_per_gb", lambda: Terms(bytes_per_gb=0)),
        ("other_gb", lambda: Terms(other_gb={("STANDARD", ""): D(-1)})),
    ],
)
def test_impossible_parameters_are_refused_by_name(name, make):
    with pytest.raises(ParameterError) as caught:
        make()
    assert caught.value.name == name


def test_calendar_months_have_their_days():
    horizon = calendar_months(date(2027, 12, 1), 4)
    # 2028 is a leap year.
    assert horizon.month_days == (31, 31, 29, 31)
    assert horizon.month_start(2) == date(2028, 2, 1)
    assert horizon.day_of(date(2028, 1, 1)) == 31
    assert even_months(2).month_start(1) is None


def test_days_on_which_data_comes():
    horizon = even_months(3)
    cohort = gb_objects(1)
    assert Arrival(cohort, every="month").days(horizon) == [0, 30, 60]
    assert Arrival(cohort, first_day=88).days(horizon) == [88, 89]
    assert Arrival(cohort, first_day=3, end_day=5).days(horizon) == [3, 4]
    assert Arrival(cohort, every="month", first_day=30, end_day=60).days(horizon) == [30]


def test_the_book_of_a_region():
    assert book().ladder(Priced("STANDARD", "storage"))[1][:2] == (51200, D("0.022"))
    # The dearest first: of two classes that as many lead to, the cheaper is taken.
    assert list(BOOK.rules.classes)[-4:] == ["ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"]
    assert BOOK.rules.coldest("STANDARD", ["GLACIER_IR", "ONEZONE_IA"]) == "GLACIER_IR"
    assert BOOK.rules.coldest("ONEZONE_IA", ["GLACIER_IR", "STANDARD_IA"]) is None
    with pytest.raises(ParameterError, match="eu-west-1"):
        storage_book(price_table(), class_table(), move_table(), limit_table(), "eu-west-1")
    with pytest.raises(ParameterError, match="small_object_bytes"):
        storage_book(
            price_table(),
            class_table(),
            move_table(),
            limit_table(small_object_bytes=None),
            "us-west-2",
        )


def test_the_reference_tables_price_every_class():
    names = ("storage_price", "storage_class", "storage_class_move", "limit")
    found = storage_book(*(read_reference(name) for name in names), "us-west-2")
    reads = ReadPattern(((0, D(1)),))
    for storage_class in found.rules.classes:
        bucket = Bucket((gb_objects(1, storage_class, reads=reads),), (Arrival(gb_objects(1)),))
        for speed in ("standard", "bulk"):
            terms = Terms(restore_speed=speed)
            assert simulate(bucket, None, even_months(1), found, terms).total_cost > 0
        if storage_class != "STANDARD":
            policy = moves((storage_class, 0))
            assert simulate(bucket, policy, even_months(1), found).total_cost > 0


def test_a_ledger_takes_no_amount_that_it_cannot_hold():
    ledger = Ledger(even_months(1), unit=2)
    half = Reads(ReadPattern((), D("0.5")), copy_days=1).touched_share
    ledger.add("bytes", 29, None, 3, half, repeat=5)
    assert ledger.month_ends("bytes") == [D("1.5")]
    with pytest.raises(ArithmeticError, match="1/4 is no multiple of 1/2"):
        ledger.add("bytes", 0, None, 3, half * half)
