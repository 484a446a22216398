"""A table is what its declaration says, or the error names the table, the row and the remedy."""

import itertools
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismlib.currencies import currencies_of, one_currency
from prismlib.errors import CurrencyError, SchemaError
from prismlib.money import exact_sum
from prismlib.readiness_tables import READINESS_ITEM
from prismlib.reference_tables import REFERENCE_TABLES
from prismlib.result_tables import RESULT_TABLES
from prismlib.snapshot_tables import SNAPSHOT_TABLES
from prismlib.tables import (
    CLAIM,
    COST,
    ESTIMATE,
    aggregate,
    check,
    empty,
    make,
    records,
)

ALL = list({t.name: t for t in (*SNAPSHOT_TABLES.values(), *REFERENCE_TABLES.values())}.values())


def line(component: str = "Redis", cost: object = Decimal("10.50"), currency: str = "USD") -> dict:
    return {"component": component, "estimated_cost": cost, "billing_currency": currency}


@pytest.mark.parametrize("table", [*ALL, *RESULT_TABLES.values()], ids=lambda t: t.name)
def test_empty_is_a_valid_table(table):
    frame = check(empty(table), table)
    assert len(frame) == 0
    assert list(frame.columns) == list(table.fields)
    pd.testing.assert_frame_equal(make(table, []), frame)


def test_make_leaves_what_is_not_given_missing_and_never_zero():
    (row,) = records(make(ESTIMATE, [line()]))
    assert row["usage_quantity"] is None
    assert row["period_days"] is None
    assert row["note"] == ""
    assert row["estimated_cost"] == Decimal("10.50")


def test_make_keeps_zero_apart_from_missing():
    rows = records(make(ESTIMATE, [line(cost=Decimal(0)), line("Proxy")]))
    assert rows[0]["estimated_cost"] == 0
    assert rows[0]["estimated_cost"] is not None


def test_check_returns_the_frame_itself():
    frame = make(ESTIMATE, [line()])
    assert check(frame, ESTIMATE) is frame


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: f.drop(columns="estimated_cost"), "missing ['estimated_cost'], unknown []"),
        (lambda f: f.assign(budget=Decimal(1)), "missing [], unknown ['budget']"),
        (
            lambda f: f.rename(columns={"estimated_cost": "cost"}),
            "missing ['estimated_cost'], unknown ['cost']",
        ),
    ],
    ids=["missing", "unknown", "renamed"],
)
def test_check_names_the_columns_that_are_wrong(change, words):
    with pytest.raises(SchemaError, match="ESTIMATE: has the wrong columns") as caught:
        check(change(make(ESTIMATE, [line()])), ESTIMATE)
    assert words in str(caught.value)
    assert "expected: component, estimated_cost" in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (10.5, "10.5 (float)"),
        (np.float64(10.5), "(float64)"),
        (float("nan"), "nan (float)"),
        (Decimal("NaN"), "Decimal('NaN') (Decimal)"),
        (Decimal("-Infinity"), "(Decimal)"),
        ("10.50", "'10.50' (str)"),
        (10, "10 (int)"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_check_refuses_an_amount_that_is_no_finite_decimal(value, seen):
    with pytest.raises(SchemaError, match="estimated_cost in row 2 is not a decimal") as caught:
        make(ESTIMATE, [line(), line("Proxy", value)])
    assert seen in str(caught.value)
    assert "[currency]" in str(caught.value)


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("stated_date", datetime(2025, 11, 16), "date"),  # an instant is not a day
        ("stated_date", pd.NaT, "date"),
        ("stated_date", "2025-11-16", "date"),
        ("decimals", True, "count"),
        ("decimals", 2.0, "count"),
        ("statement", 5, "text"),
        ("statement", float("nan"), "text"),
    ],
)
def test_check_refuses_a_cell_of_another_kind(column, value, kind):
    row = {"claim_id": "total", "kind": "total", column: value}
    with pytest.raises(SchemaError, match=f"CLAIM: {column} in row 1 is not a {kind}"):
        make(CLAIM, [row])


def test_check_refuses_a_count_for_a_flag():
    row = {
        "charge_period_start": date(2025, 10, 1),
        "charge_period_end": date(2025, 10, 2),
        "charge_kind": "usage",
        "billing_currency": "USD",
        "is_estimated": 0,
    }
    with pytest.raises(SchemaError, match="is_estimated in row 1 is not a flag"):
        make(COST, [row])


@pytest.mark.parametrize(("column", "value"), [("estimated_cost", None), ("billing_currency", "")])
def test_check_names_a_required_cell_that_is_missing(column, value):
    with pytest.raises(SchemaError, match=f"{column} is missing in row 2") as caught:
        make(ESTIMATE, [line(), {**line("Proxy"), column: value}])
    assert "fill it in, or leave the whole row out" in str(caught.value)


def test_check_names_a_repeated_key():
    with pytest.raises(SchemaError, match="two rows for the same key") as caught:
        make(ESTIMATE, [line("EBS"), line("Proxy"), line("EBS", Decimal(3))])
    assert "seen: component=EBS" in str(caught.value)
    assert "merge the rows or remove the repeated one" in str(caught.value)


def test_check_tells_keys_apart_by_case_and_space():
    assert len(make(ESTIMATE, [line("EBS"), line("ebs"), line("EBS ")])) == 3


def test_check_refuses_a_second_currency():
    with pytest.raises(CurrencyError, match="never added") as caught:
        make(ESTIMATE, [line("A"), line("B", currency="USD"), line("C", currency="EUR")])
    assert caught.value.currencies == ["EUR", "USD"]
    assert caught.value.table == "ESTIMATE"


def test_check_refuses_an_estimate_without_a_component():
    with pytest.raises(SchemaError, match="component is missing in row 1"):
        make(ESTIMATE, [line("")])


def test_check_refuses_columns_in_another_order():
    frame = make(ESTIMATE, [line()])
    with pytest.raises(SchemaError):
        check(frame[list(reversed(frame.columns))], ESTIMATE)


GAP = {"item_id": "gap.1", "item_kind": "gap", "item_name": "No restore", "item_status": "open"}


def test_row_without_an_amount_needs_no_currency():
    costly = {**GAP, "item_id": "gap.2", "open_cost": Decimal(5), "billing_currency": "EUR"}
    frame = make(READINESS_ITEM, [GAP, costly])
    assert currencies_of(frame) == {"EUR"}
    assert one_currency(frame, "READINESS_ITEM") == "EUR"
    assert currencies_of(make(READINESS_ITEM, [GAP])) == set()


def test_amount_that_names_no_currency_is_in_another_one():
    unnamed = {**GAP, "open_cost": Decimal(0)}
    assert currencies_of(make(READINESS_ITEM, [unnamed])) == {""}
    costly = {**GAP, "item_id": "gap.2", "open_cost": Decimal(5), "billing_currency": "EUR"}
    with pytest.raises(CurrencyError, match=r"(?s)seen: none, EUR.*fill in billing_currency"):
        make(READINESS_ITEM, [unnamed, costly])


def test_one_currency_returns_it():
    assert one_currency(make(ESTIMATE, [line("A"), line("B")]), "ESTIMATE") == "USD"
    assert one_currency(empty(ESTIMATE), "ESTIMATE") == ""


def test_records_gives_back_the_rows():
    rows = [line("A", Decimal(1)), line("B", Decimal(2))]
    back = records(make(ESTIMATE, rows))
    assert [{name: row[name] for name in rows[0]} for row in back] == rows


def test_aggregate_adds_exactly_in_the_order_of_first_rows():
    frame = pd.DataFrame(
        {
            "service": ["S3", "EC2", "S3", "EC2", "S3"],
            "cost": [Decimal(text) for text in ("0.1", "5", "0.2", "-1.25", "0.3")],
        },
        dtype=object,
    )
    # S3: 0.1 + 0.2 + 0.3 = 0.6 exactly (floats give 0.6000000000000001); EC2: 5 - 1.25 = 3.75.
    result = records(aggregate(frame, ["service"], {"cost": exact_sum}))
    assert result == [
        {"service": "S3", "cost": Decimal("0.6")},
        {"service": "EC2", "cost": Decimal("3.75")},
    ]


def test_aggregate_keeps_rows_without_a_name():
    frame = pd.DataFrame({"tag": ["", "a", ""], "cost": [Decimal(n) for n in (1, 2, 3)]})
    result = aggregate(frame.astype(object), ["tag"], {"cost": exact_sum})
    assert records(result) == [{"tag": "", "cost": Decimal(4)}, {"tag": "a", "cost": Decimal(2)}]


def test_aggregate_keeps_a_missing_key_missing():
    frame = pd.DataFrame({"day": [None, None], "cost": [Decimal(1), Decimal(2)]}, dtype=object)
    assert records(aggregate(frame, ["day"], {"cost": exact_sum}))[0]["day"] is None


def test_aggregate_of_nothing_has_the_columns():
    frame = pd.DataFrame({"tag": pd.Series(dtype=object), "cost": pd.Series(dtype=object)})
    result = aggregate(frame, ["tag"], {"cost": exact_sum})
    assert list(result.columns) == ["tag", "cost"]
    assert len(result) == 0


AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=6, allow_nan=False)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), AMOUNTS), max_size=30))
def test_aggregate_loses_nothing_and_repeats_no_key(rows):
    frame = pd.DataFrame(rows, columns=["k", "l", "cost"], dtype=object)
    result = aggregate(frame, ["k", "l"], {"cost": exact_sum})
    assert exact_sum(result["cost"]) == exact_sum(frame["cost"])
    keys = [(row["k"], row["l"]) for row in records(result)]
    assert keys == [key for key, _ in itertools.groupby(keys)]
    assert set(keys) == {(k, m) for k, m, _ in rows}
    assert len(keys) == len(set(keys))
