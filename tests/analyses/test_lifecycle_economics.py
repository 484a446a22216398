"""What an object costs in a class, and where a move begins to pay: every figure by hand.

Prices a GB-month: Standard 0.023, Standard-IA 0.0125, Instant 0.004, Flexible 0.0036, Deep Archive
0.00099. A GB is 10^9 bytes.
"""

from __future__ import annotations

from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_case import BOOK

from prismlib.analyses.bucket_charges import Terms
from prismlib.analyses.bucket_simulation import simulate
from prismlib.analyses.bucket_state import Bucket, Cohort, even_months
from prismlib.analyses.lifecycle_economics import (
    break_even_sizes,
    move_cases,
    object_move,
    size_floor,
)
from prismlib.analyses.lifecycle_policy import Policy, Rule, Transition
from prismlib.tables import records

TERMS = Terms()
ARCHIVE = object_move(BOOK, "DEEP_ARCHIVE", TERMS)


def test_deep_archive_costs_of_189_tb_by_size_of_object():
    """189 TB are 189 M objects of 1 MB: x 0.05 / 1,000 = 9,450; of 100 MB a hundredth of it."""
    frame = move_cases(
        {"DEEP_ARCHIVE": ARCHIVE},
        {"DEEP_ARCHIVE": "Deep Archive"},
        size_bytes=D(189 * 10**12),
        object_sizes=[10**6, 10**8],
        currency="USD",
    )
    small, large = records(frame)
    assert (small["stored_objects"], small["moving_cost"]) == (189_000_000, 9450)
    assert (large["stored_objects"], large["moving_cost"]) == (1_890_000, D("94.5"))


def test_deep_archive_pays_back_in_a_month_from_2_28_mb_on():
    """Added a month: 32,768 x 0.00099 + 8,192 x 0.023 = 220.85632 nano-dollars per 10^-9 GB.

    (0.00005 + 0.00000022085632) / ((0.023 - 0.00099) / 10^9) = 2,281,729.05 bytes.
    """
    size = ARCHIVE.break_even_bytes(1)
    assert float(size) == pytest.approx(2_281_729.05, abs=0.01)
    assert ARCHIVE.month_effect(size) == ARCHIVE.target.moving


def test_instant_retrieval_pays_back_in_a_month_from_1_05_mb_on():
    """0.00002 / (0.019 / 10^9) = 1,052,631.58 bytes."""
    move = object_move(BOOK, "GLACIER_IR", TERMS)
    assert float(move.break_even_bytes(1)) == pytest.approx(1_052_631.58, abs=0.01)


def test_below_128_kb_the_bill_of_instant_retrieval_is_that_of_128_kb():
    """36 months: 0.02 / 1000 / 36 + 131,072 x 0.004 / 10^9 = 1.07984e-6; / 0.023e-9 = 46,949.7."""
    move = object_move(BOOK, "GLACIER_IR", TERMS)
    assert float(move.break_even_bytes(36)) == pytest.approx(46_949.72, abs=0.01)


def test_standard_ia_with_a_read_a_month_hardly_pays():
    """Retrieval takes 0.01 of the 0.0105 a GB that storage saves: 0.0005 is left.

    12 months: (0.00001 / 12 + (0.001 - 0.0004) / 1000) / (0.0005 / 10^9) = 2,866,666.67 bytes.
    """
    move = object_move(BOOK, "STANDARD_IA", TERMS, reads=D(1))
    assert float(move.break_even_bytes(12)) == pytest.approx(2_866_666.67, abs=0.01)


def test_two_reads_a_month_never_pay_in_standard_ia():
    assert object_move(BOOK, "STANDARD_IA", TERMS, reads=D(2)).break_even_bytes(12) is None


def test_break_even_reads_of_instant_retrieval():
    """A GB: (0.023 - 0.004) / (0.03 + (0.01 - 0.0004) / 1000) = 0.63313... reads a month."""
    reads = object_move(BOOK, "GLACIER_IR", TERMS).break_even_reads(F(10**9))
    assert float(reads) == pytest.approx(0.019 / 0.0300096, abs=1e-9)
    assert object_move(BOOK, "GLACIER_IR", TERMS, reads=D(3)).break_even_reads(F(10**9)) == reads


def test_intelligent_tiering_charges_nothing_for_a_read():
    assert object_move(BOOK, "INTELLIGENT_TIERING", TERMS).break_even_reads(F(10**9)) is None


def test_intelligent_tiering_must_save_its_monitoring():
    """(0.00001 + 0.0000025) / (0.019 / 10^9) = 657,894.74 bytes to pay back in a month."""
    move = object_move(BOOK, "INTELLIGENT_TIERING", TERMS)
    assert float(move.break_even_bytes(1)) == pytest.approx(657_894.74, abs=0.01)


def test_table_of_sizes_has_a_row_for_each_time():
    frame = break_even_sizes({"DEEP_ARCHIVE": ARCHIVE}, {"DEEP_ARCHIVE": "Deep Archive"})
    sizes = [row["break_even_bytes"] for row in records(frame)]
    assert sizes == sorted(sizes, reverse=True)
    assert [int(row["payback_months"]) for row in records(frame)] == [1, 3, 12, 36]


def test_size_floor_is_whole_and_no_smaller_than_what_is_moved():
    assert size_floor(ARCHIVE, 1, 131_072) == 2_281_730
    assert size_floor(ARCHIVE, 36, 131_072) == 131_072


@given(
    st.sampled_from(["STANDARD_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"]), st.integers(2, 24)
)
def test_the_simulation_agrees_on_which_side_of_the_size_a_move_pays(name, months):
    """One object just above and just below: the bill of the months says the same as the formula."""
    size = object_move(BOOK, name, TERMS).break_even_bytes(months)
    horizon = even_months(months + 1)
    days = {"STANDARD_IA": 30}.get(name, 0)
    rule = Rule("r", larger_than_bytes=1, transitions=(Transition(name, days),))

    def saved(total):
        bucket = Bucket((Cohort("", "STANDARD", 1000, total * 1000, age_days=30),))
        runs = [simulate(bucket, p, horizon, BOOK, TERMS) for p in (None, Policy((rule,)))]
        months_saved = list(zip(*(run.monthly_costs for run in runs), strict=True))[:months]
        return sum(before - after for before, after in months_saved)

    assert saved(int(size * F(101, 100)) + 1) > 0
    assert saved(int(size * F(99, 100))) < 0


def test_an_expedited_restore_of_deep_archive_is_a_standard_one():
    """S3 has no expedited restore of Deep Archive: 0.02 a GB and 0.1 / 1,000 requests."""
    fast = Terms(restore_speed="expedited")
    assert object_move(BOOK, "DEEP_ARCHIVE", fast).target == ARCHIVE.target


def test_intelligent_tiering_takes_no_object_under_128_kb_and_its_payback_is_open():
    """10^9 bytes in 1,000 objects of 1 MB: 0.019 saved a month less 0.0025 of monitoring."""
    small, large = records(
        move_cases(
            {"INTELLIGENT_TIERING": object_move(BOOK, "INTELLIGENT_TIERING", TERMS)},
            {"INTELLIGENT_TIERING": "Intelligent-Tiering"},
            size_bytes=D(10**9),
            object_sizes=[10**5, 10**6],
            currency="USD",
            small_bytes=131_072,
        )
    )
    assert (small["moving_cost"], small["month_effect"]) == (0, 0)
    assert (large["moving_cost"], large["month_effect"]) == (D("0.01"), D("0.0165"))
    assert (small["payback_months"], large["payback_months"]) == (None, None)
