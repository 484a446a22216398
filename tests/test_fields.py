"""The registry of columns: complete, and named so that a unit is never a guess."""

import importlib
import pkgutil
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismlib import (
    cost_explorer_tables,
    dr_tables,
    evidence_tables,
    fields,
    pulled_tables,
    readiness_tables,
    reference_tables,
    slo_tables,
    storage_tables,
    tables,
    zone_tables,
)
from prismlib.fields import FIELDS, KINDS, Field, format_cell, parse_cell, parse_decimal
from prismlib.reference_tables import REFERENCE_TABLES
from prismlib.result_tables import RESULT_TABLES
from prismlib.snapshot_tables import SNAPSHOT_TABLES
from prismlib.tables import Table

TABLES = {
    item.name: item
    for module in (
        *(tables, cost_explorer_tables, pulled_tables, reference_tables),
        *(storage_tables, zone_tables, dr_tables, readiness_tables, evidence_tables, slo_tables),
    )
    for item in vars(module).values()
    if isinstance(item, Table)
} | {table.name: table for table in RESULT_TABLES.values()}
USED = {name for table in TABLES.values() for name in table.fields}

# What the end of a name promises about the unit, and the unit about the name.
SUFFIX_UNIT = {
    "_pct": "%",
    "_ratio": "ratio",
    "_days": "days",
    "_years": "years",
    "_gib": "GiB",
    "_s": "s",
    "_points": "points",
    "_bytes": "bytes",
    "_usd_per_hour": "USD/hour",
}
MONEY_NAME = re.compile(r"(.*_)?(cost|cost_change|effect|total|baseline|saving|present_value)")
OTHER_WORDS = {"delta", "diff", "impact", "curr", "base", "amt", "qty", "num", "val", "cnt", "perc"}

MONEY_WITHOUT_CURRENCY = {"COST_FILE", "COST_DAY", "IMPLIED_RATE"}
"""Hold money and do not say in which currency: their reader has to know it from elsewhere."""


def test_every_table_is_registered_under_its_own_name():
    registered = {**SNAPSHOT_TABLES, **REFERENCE_TABLES, **RESULT_TABLES}
    assert {name.upper() for name in registered} == set(TABLES)
    assert all(name.upper() == table.name for name, table in registered.items())


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_table_uses_declared_fields_once_and_keys_among_them(table):
    assert set(table.fields) <= set(FIELDS)
    assert len(set(table.fields)) == len(table.fields)
    assert table.key
    assert set(table.key) <= set(table.fields)
    assert set(table.required) <= set(table.fields)
    assert re.match(r"an? ", table.grain), "the grain reads: one row is ..."


def test_each_field_is_declared_in_one_module():
    declared = [
        name
        for module in pkgutil.iter_modules(fields.__path__, "prismlib.fields.")
        for name in getattr(importlib.import_module(module.name), "FIELDS", ())
    ]
    assert sorted(declared) == sorted(FIELDS)


def test_every_field_is_used_by_a_table():
    assert set(FIELDS) == USED


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda f: f.name)
def test_field_says_what_it_is(field):
    assert FIELDS[field.name] is field
    assert field.kind in KINDS
    assert len(field.meaning.split()) >= 2
    assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", field.name)
    assert not OTHER_WORDS & set(field.name.split("_"))


@pytest.mark.parametrize(
    "field", [f for f in FIELDS.values() if f.kind == "decimal"], ids=lambda f: f.name
)
def test_decimal_has_a_unit(field):
    assert field.unit


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda f: f.name)
def test_name_and_unit_promise_the_same(field):
    for suffix, unit in SUFFIX_UNIT.items():
        assert f"_{field.name}".endswith(suffix) == (field.unit == unit), suffix
    assert (field.unit == "currency") == (
        field.kind == "decimal" and bool(MONEY_NAME.fullmatch(field.name))
    )
    assert field.unit.startswith("USD") == ("usd" in field.name.split("_"))
    assert (field.unit in ("resources", "rows")) == field.name.endswith(("_count", "_rows"))


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda f: f.name)
def test_name_and_kind_promise_the_same(field):
    assert (field.kind == "flag") == field.name.startswith(("is_", "has_"))
    is_date_name = field.name.endswith(("_date", "_start", "_end")) or field.name in (
        "day",
        "valid_from",
    )
    assert (field.kind == "date") == is_date_name
    if field.kind == "date":
        assert field.unit.startswith("day")
    assert (field.kind == "time") == field.name.endswith("_at") == (field.unit == "UTC")
    if field.name.endswith(("_id", "_name", "_type", "_unit", "_pattern")):
        assert field.kind == "text", "an account id keeps its leading zero"
    if field.kind in ("text", "flag"):
        assert field.unit == ""


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_unit_that_points_to_a_column_finds_it_in_the_same_table(table):
    for field in table.columns:
        if field.unit.startswith("see "):
            assert field.unit.removeprefix("see ") in table.fields, field.name


def test_money_stands_beside_its_currency():
    without = {
        table.name
        for table in TABLES.values()
        if any(field.unit == "currency" for field in table.columns)
        and "billing_currency" not in table.fields
    }
    assert without == MONEY_WITHOUT_CURRENCY


def test_cost_metrics_and_charge_kinds_are_those_the_registry_explains():
    assert set(tables.COST_METRICS) <= set(tables.COST.fields)
    assert all(FIELDS[name].unit == "currency" for name in tables.COST_METRICS)
    explained = re.split(r", | or ", FIELDS["charge_kind"].meaning)
    assert sorted(explained) == sorted(tables.CHARGE_KINDS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.56", "1234.56"),
        (" 12 ", "12"),
        ("-0.00001", "-0.00001"),
        ("1e3", "1000"),
        ("+7", "7"),
        ("123456789012345678.123456789012345678", "123456789012345678.123456789012345678"),
    ],
)
def test_parse_decimal_is_exact(text, value):
    assert parse_decimal(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "-", "$12", "1,234.56", "1.234,56", "12 USD", "n/a", "0x1F"])
def test_parse_decimal_refuses_what_is_no_number(text):
    with pytest.raises(ValueError, match="not a number") as caught:
        parse_decimal(text)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize("text", ["99999999999999999999", "-99999999999999999999.5", "1e-400"])
def test_parse_decimal_reads_the_largest_and_the_smallest(text):
    assert parse_decimal(text) == Decimal(text)


@pytest.mark.parametrize("text", ["100000000000000000000", "1e20", "-1e999999", "1e-401"])
def test_parse_decimal_refuses_numbers_beyond_any_use(text):
    with pytest.raises(ValueError, match="not a number of 20 digits and 400 decimals"):
        parse_decimal(text)


@pytest.mark.parametrize("text", ["NaN", "nan", "sNaN", "Infinity", "-inf"])
def test_parse_decimal_refuses_numbers_that_are_not_finite(text):
    with pytest.raises(ValueError, match="not a finite number"):
        parse_decimal(text)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", "", ""),
        ("text", "012345678901", "012345678901"),
        ("text", "NULL", "NULL"),  # text is text: no word of it means missing
        ("decimal", "", None),
        ("count", "", None),
        ("count", "12", 12),
        ("date", "", None),
        ("date", "2025-10-31", date(2025, 10, 31)),
        ("time", "", None),
        ("time", "2025-10-31T14:05:00Z", datetime(2025, 10, 31, 14, 5, tzinfo=UTC)),
        ("time", "2025-10-31T14:05:00+02:00", datetime(2025, 10, 31, 12, 5, tzinfo=UTC)),
        ("flag", "", None),
        ("flag", "TRUE", True),  # as a spreadsheet writes it
        ("flag", "false", False),
    ],
)
def test_parse_cell_reads_each_kind_and_keeps_missing_apart(kind, text, value):
    parsed = parse_cell(Field("x", kind, "", "a cell"), text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("date", "31/10/2025"),
        ("date", "2025-02-29"),
        ("date", "2025-10-31T00:00:00Z"),
        ("time", "2025-10-31T00:00:00"),  # of which zone?
        ("time", "2025-10-31"),
        ("count", "1.5"),
        ("count", "1,000"),
        ("flag", "yes"),
        ("flag", "1"),
    ],
)
def test_parse_cell_refuses_what_it_would_have_to_guess(kind, text):
    with pytest.raises(ValueError, match=r".+"):
        parse_cell(Field("x", kind, "", "a cell"), text)


def test_format_cell_writes_no_exponent():
    """A spreadsheet shows 1E+3 as text or rounds it: amounts are written out."""
    assert format_cell(Decimal("1E+3")) == "1000"
    assert format_cell(Decimal("1E-9")) == "0.000000001"
    assert format_cell(Decimal("1.50")) == "1.50"


LARGEST = 10**20 - 1  # what parse_decimal reads, and what decimal(38, 18) of Parquet holds
CELLS = {
    "text": st.text(),
    "decimal": st.none() | st.decimals(-LARGEST, LARGEST, allow_nan=False, allow_infinity=False),
    "count": st.none() | st.integers(),
    "date": st.none() | st.dates(),
    "time": st.none() | st.datetimes(timezones=st.just(UTC)),
    "flag": st.none() | st.booleans(),
}


@settings(deadline=None)
@given(st.sampled_from(sorted(CELLS)).flatmap(lambda k: st.tuples(st.just(k), CELLS[k])))
def test_format_cell_and_parse_cell_are_inverse(case):
    kind, value = case
    parsed = parse_cell(Field("x", kind, "", "a cell"), format_cell(value))
    assert parsed == value
    assert type(parsed) is type(value)
