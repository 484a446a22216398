"""Sums of binary floats are those of the decimals that they stand for, to the last digit."""

from __future__ import annotations

from decimal import Decimal

import datafusion_engine  # noqa: F401  (its dialect)
import duckdb
import pytest

from prismlib.money import exact_sum
from prismlib.sources.bill_amounts import float_sql, joined_sql, long_sql, short_sql
from prismlib.sources.dialects import in_dialect

FLOATS = {
    "0.1": True,
    "0.2": True,
    "-0.3": True,
    "99999.9999999999": True,  # 15 digits
    "100000": False,  # not below 10^5
    "5000000.123456789": False,  # times 10^10 it is above 2^53, where floats are 8 apart
    "0.00000000001": False,  # 11 decimals
    "0.00000000005": False,
    "0.30000000000000004": False,  # what 0.1 + 0.2 gives
}
"""The text of a float, and whether it is a whole number of 10^-10 below 10^5."""

TOTAL = Decimal("5200000.42345678896000004")
"""By hand: 0.1 + 0.2 - 0.3 is 0; 99999.9999999999 and 100000 are 199999.9999999999; with
5000000.123456789 it is 5200000.1234567889; 6 times 10^-11 makes 5200000.12345678896; the last
adds 0.30000000000000004."""


def answer(sql: str, rows: str) -> tuple[object, ...]:
    (found,) = duckdb.execute(f"SELECT {sql} FROM (VALUES {rows}) v(x, y)").fetchall()
    return found


@pytest.mark.parametrize("text", FLOATS)
def test_float_is_its_shortest_decimal(text):
    short, long, whole = answer(
        f"{short_sql(['x'])}, {long_sql(['x'])}, {float_sql('x')}", f"({text}::DOUBLE, 0)"
    )
    assert whole == Decimal(text)
    expected = (int(Decimal(text) * 10**10), None) if FLOATS[text] else (None, Decimal(text))
    assert (short, long) == expected


@pytest.mark.parametrize("times", [1, 3])
def test_sum_of_short_and_other_amounts_is_exact(times):
    rows = ", ".join([f"({text}::DOUBLE, 0)" for text in FLOATS] * times + ["(NULL, 0)"])
    sums = f"sum({short_sql(['x'])}) AS x_short, sum({long_sql(['x'])}) AS x"
    query = f"SELECT {joined_sql('x')} FROM (SELECT {sums} FROM (VALUES {rows}) v(x, y))"
    ((found,),) = duckdb.execute(query).fetchall()
    assert found == TOTAL * times
    assert found == exact_sum([Decimal(text) for text in FLOATS] * times)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("(0.1, 0.2)", (3_000_000_000, None)),
        ("(0.1, 0.00000000001)", (None, Decimal("0.10000000001"))),  # one is not short
        ("(0.1, NULL)", (None, None)),  # what is known in part is not known
        ("('NaN'::DOUBLE, 0.1)", (None, None)),
    ],
)
def test_two_amounts_are_one_amount_or_none(row, expected):
    cells = ["x::DOUBLE", "y::DOUBLE"]
    assert answer(f"{short_sql(cells)}, {long_sql(cells)}", row) == expected


@pytest.mark.parametrize("given", ["NULL", "5", "5.5"])
def test_sum_without_short_amounts_is_that_of_the_others(given):
    sums = f"NULL::HUGEINT AS x_short, {given}::DECIMAL(38, 18) AS x"
    ((found,),) = duckdb.execute(f"SELECT {joined_sql('x')} FROM (SELECT {sums})").fetchall()
    assert found == (None if given == "NULL" else Decimal(given))


def test_whole_numbers_are_decimals_elsewhere():
    # A sum of BIGINT stops at 9.2 x 10^18 in Trino, which is 922 million of a currency.
    sql = f"SELECT sum({short_sql(['x'])}) AS x_short FROM line_items"
    for dialect in ("athena", "datafusion"):
        told = in_dialect(sql, dialect, "bills")
        assert "BIGINT" not in told
        assert "DECIMAL(18, 0)" in told
