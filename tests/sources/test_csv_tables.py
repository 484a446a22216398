"""Tables through files and back, and what a person is told when a cell cannot be read."""

import tempfile
from datetime import UTC, date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismlib.errors import CurrencyError, PrismError, SchemaError, SourceError
from prismlib.reference_tables import REFERENCE_TABLES
from prismlib.snapshot_tables import SNAPSHOT_TABLES
from prismlib.sources.csv_tables import plain, read_table, write_table
from prismlib.tables import CLAIM, COST, ESTIMATE, Table, empty, make, records

HEADER = "component,estimated_cost,usage_quantity,billing_currency\n"
ENDINGS = (".csv", ".parquet")
TABLES = list({t.name: t for t in (*SNAPSHOT_TABLES.values(), *REFERENCE_TABLES.values())}.values())


def written(folder: Path, text: str, name: str = "estimate.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return path


# --- round trip -----------------------------------------------------------------------------------

# Text of any script with commas, quotes and line feeds; the carriage return has a test of its own.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12)
CELLS = {
    "text": TEXT,
    "date": st.dates(),
    "time": st.datetimes(timezones=st.just(UTC)),
    # As wide as a Parquet column (18 decimals) and as the default context (28 digits) allow.
    "decimal": st.decimals(min_value=-(10**9), max_value=10**9, places=18, allow_nan=False),
    "count": st.integers(-(2**63), 2**63 - 1),
    "flag": st.booleans(),
}


def rows_of(table: Table) -> st.SearchStrategy:
    """Rows with distinct keys, one currency, and some cells missing."""
    cells = {}
    for field in table.columns:
        cell = CELLS[field.kind]
        if field.name == "billing_currency":
            cell = st.just("USD")
        elif field.name in table.required and field.kind == "text":
            cell = TEXT.filter(bool)
        elif field.name not in table.required and field.kind != "text":
            cell = st.none() | cell
        cells[field.name] = cell
    key = lambda row: tuple(row[name] for name in table.key)  # noqa: E731
    return st.lists(st.fixed_dictionaries(cells), max_size=4, unique_by=key)


@pytest.mark.parametrize("ending", ENDINGS)
@settings(deadline=None, max_examples=60)
@given(st.sampled_from(TABLES).flatmap(lambda t: st.tuples(st.just(t), rows_of(t))))
def test_write_and_read_table_are_inverse(ending, case):
    table, rows = case
    frame = make(table, rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{ending}"
        write_table(frame, path, table)
        back = read_table(path, table)
        pd.testing.assert_frame_equal(back, frame)
        for old, new in zip(records(frame), records(back), strict=True):
            assert {k: type(v) for k, v in old.items()} == {k: type(v) for k, v in new.items()}
        first = path.read_bytes()
        write_table(back, path, table)
        assert path.read_bytes() == first


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_empty_table_is_written_and_read(tmp_path, table, ending):
    path = tmp_path / f"t{ending}"
    write_table(empty(table), path, table)
    pd.testing.assert_frame_equal(read_table(path, table), empty(table))


def test_csv_is_plain_text_with_a_header_and_no_exponent(tmp_path):
    row = {
        "component": 'Redis, "hot"',
        "estimated_cost": Decimal("1E+3"),
        "billing_currency": "USD",
        "note": "é\nß",
    }
    path = tmp_path / "estimate.csv"
    write_table(make(ESTIMATE, [row]), path, ESTIMATE)
    assert path.read_bytes().decode("utf-8") == (
        "component,estimated_cost,usage_quantity,usage_unit,period_days,billing_currency,note,source\n"
        '"Redis, ""hot""",1000,,,,USD,"é\nß",\n'
    )


def test_csv_keeps_the_digits_of_amounts_that_are_equal(tmp_path):
    rows = [
        {"component": name, "estimated_cost": Decimal(text), "billing_currency": "USD"}
        for name, text in (("A", "1.50"), ("B", "1.5"), ("C", "1.500"))
    ]
    write_table(make(ESTIMATE, rows), tmp_path / "e.csv", ESTIMATE)
    found = [line.split(",")[1] for line in (tmp_path / "e.csv").read_text().splitlines()[1:]]
    assert found == ["1.50", "1.5", "1.500"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_write_table_refuses_a_frame_that_is_no_table(tmp_path, ending):
    path = tmp_path / f"estimate{ending}"
    with pytest.raises(SchemaError, match="wrong columns"):
        write_table(pd.DataFrame({"component": ["A"]}), path, ESTIMATE)
    assert not path.exists()


@pytest.mark.parametrize("text", ["a\rb", "a\r\nb"])
def test_csv_keeps_a_carriage_return_in_a_cell(tmp_path, text):
    row = {"component": "A", "estimated_cost": Decimal(1), "billing_currency": "USD", "note": text}
    write_table(make(ESTIMATE, [row]), tmp_path / "e.csv", ESTIMATE)
    assert read_table(tmp_path / "e.csv", ESTIMATE)["note"][0] == text


def test_parquet_keeps_every_digit_of_a_large_quantity(tmp_path):
    quantity = Decimal("12345678901234.123456789012345678")  # 14 + 18 = 32 digits
    row = {
        "component": "A",
        "estimated_cost": Decimal(1),
        "billing_currency": "USD",
        "usage_quantity": quantity,
    }
    write_table(make(ESTIMATE, [row]), tmp_path / "e.parquet", ESTIMATE)
    assert read_table(tmp_path / "e.parquet", ESTIMATE)["usage_quantity"][0] == quantity


@pytest.mark.parametrize("text", ["0.0000000000000000001", "1e30"])
def test_parquet_refuses_a_number_that_does_not_fit_by_name(tmp_path, text):
    row = {"component": "A", "estimated_cost": Decimal(text), "billing_currency": "USD"}
    with pytest.raises(PrismError, match="estimated_cost"):
        write_table(make(ESTIMATE, [row]), tmp_path / "e.parquet", ESTIMATE)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1.500", "1.5"),
        ("1E+3", "1000"),
        ("1500", "1500"),
        ("0.000", "0"),
        ("-20.10", "-20.1"),
        ("0.000000000000000001", "1E-18"),
    ],
)
def test_plain_drops_zeros_that_say_nothing(value, text):
    assert str(plain(Decimal(value))) == text


# --- reading what people write ------------------------------------------------------------------


def test_read_table_accepts_a_spreadsheet_export(tmp_path):
    """A byte order mark, CRLF line ends, columns in another order, optional columns left out."""
    text = '\ufeffbilling_currency,component,estimated_cost\r\nUSD,"EBS, gp3",16000.50\r\n'
    (row,) = records(read_table(written(tmp_path, text), ESTIMATE))
    assert row["component"] == "EBS, gp3"
    assert row["estimated_cost"] == Decimal("16000.50")
    assert row["usage_quantity"] is None
    assert row["note"] == ""


def test_read_table_keeps_identifiers_as_text(tmp_path):
    header = "charge_period_start,charge_period_end,charge_kind,billing_currency,is_estimated," + (
        "sub_account_id,provider_name,service_name,usage_type,region_id,record_type,"
        "charge_description,tags,usage_unit\n"
    )
    text = header + "2025-10-01,2025-10-02,usage,USD,false,000000000042,,,,,,,{},\n"
    (row,) = records(read_table(written(tmp_path, text), COST))
    assert row["sub_account_id"] == "000000000042"
    assert row["charge_period_end"] == date(2025, 10, 2)
    assert row["is_estimated"] is False


@pytest.mark.parametrize(
    ("cell", "seen"),
    [
        ("n/a", "not a number: 'n/a'"),
        ("$16000", "not a number: '$16000'"),
        ('"16,000"', "not a number: '16,000'"),
        ("NaN", "not a finite number: 'NaN'"),
        ("Infinity", "not a finite number: 'Infinity'"),
        ("-inf", "not a finite number: '-inf'"),
    ],
)
def test_read_table_names_the_cell_that_is_no_amount(tmp_path, cell, seen):
    path = written(tmp_path, HEADER + f"Redis,1,,USD\nEBS,{cell},,USD\n")
    with pytest.raises(SourceError) as caught:
        read_table(path, ESTIMATE)
    error = caught.value
    assert (error.path, error.row, error.exit_code) == (path, 2, 2)
    message = str(error)
    assert message.startswith(f"{path}, row 2: column estimated_cost cannot be read")
    assert f"seen: {seen}" in message
    assert "expected: a decimal such as 1234.56" in message
    assert "leave it empty if the value is not known" in message


@pytest.mark.parametrize(
    ("row", "column", "example"),
    [
        ("a,b,1.5,,2025-10-31", "decimals", "a count such as 12"),
        ("a,b,1,,31.10.2025", "stated_date", "a date such as 2025-10-31"),
        ("a,b,1,12 %,2025-10-31", "stated_value", "a decimal such as 1234.56"),
    ],
)
def test_read_table_shows_how_a_cell_should_look(tmp_path, row, column, example):
    path = written(tmp_path, f"claim_id,kind,decimals,stated_value,stated_date\n{row}\n")
    with pytest.raises(SourceError, match=f"row 1: column {column} cannot be read") as caught:
        read_table(path, CLAIM)
    assert example in str(caught.value)


def test_read_table_names_missing_and_unknown_columns(tmp_path):
    path = written(tmp_path, "component,budget,billing_currency\nEBS,16000,USD\n")
    with pytest.raises(SourceError, match="is not a ESTIMATE table") as caught:
        read_table(path, ESTIMATE)
    message = str(caught.value)
    assert "missing: estimated_cost" in message
    assert "not known: budget" in message
    assert "data/README.md documents every table" in message
    assert caught.value.row == 0


@pytest.mark.parametrize("text", ["", "\n"], ids=["no byte", "an empty line"])
def test_read_table_of_an_empty_file(tmp_path, text):
    with pytest.raises(SourceError, match="seen: columns none"):
        read_table(written(tmp_path, text), ESTIMATE)


@pytest.mark.parametrize("row", ["EBS,16000,,USD,extra", "EBS,16000"])
def test_read_table_names_a_row_of_another_length(tmp_path, row):
    path = written(tmp_path, HEADER + f"Redis,1,,USD\n{row}\n")
    with pytest.raises(SourceError, match="row 2: has more or fewer cells") as caught:
        read_table(path, ESTIMATE)
    assert "quote a cell that contains a comma" in str(caught.value)


@pytest.mark.parametrize("ending", ENDINGS)
def test_read_table_without_a_file(tmp_path, ending):
    path = tmp_path / f"estimate{ending}"
    with pytest.raises(SourceError, match="no such file") as caught:
        read_table(path, ESTIMATE)
    assert str(path) in str(caught.value)
    assert "a ESTIMATE table" in str(caught.value)


def test_read_table_of_a_folder(tmp_path):
    with pytest.raises(SourceError, match="no such file"):
        read_table(tmp_path, ESTIMATE)


def test_read_table_that_is_not_utf_8(tmp_path):
    path = tmp_path / "estimate.csv"
    path.write_bytes(HEADER.encode() + "Büro,1,,USD\n".encode("latin-1"))
    with pytest.raises(SourceError, match="is not UTF-8 text"):
        read_table(path, ESTIMATE)


def test_read_table_that_is_not_parquet(tmp_path):
    path = written(tmp_path, HEADER, "estimate.parquet")
    with pytest.raises(SourceError, match="is not a readable Parquet file") as caught:
        read_table(path, ESTIMATE)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("rows", "error", "words"),
    [
        ("EBS,1,,USD\nEBS,2,,USD\n", SchemaError, "component=EBS"),
        ("EBS,1,,USD\nS3,2,,EUR\n", CurrencyError, "EUR, USD"),
        ("EBS,1,,USD\nS3,,,USD\n", SchemaError, "estimated_cost is missing in row 2"),
        ("EBS,1,,\n", SchemaError, "billing_currency is missing in row 1"),
    ],
    ids=["key twice", "two currencies", "no amount", "no currency"],
)
def test_read_table_refuses_rows_that_are_no_table(tmp_path, rows, error, words):
    with pytest.raises(error, match=words) as caught:
        read_table(written(tmp_path, HEADER + rows), ESTIMATE)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("rows", ["EBS,1,,USD\nEBS,2,,USD\n", "EBS,1,,USD\nS3,2,,EUR\n"])
def test_read_table_names_the_file_whose_rows_are_no_table(tmp_path, rows):
    path = written(tmp_path, HEADER + rows)
    with pytest.raises(SchemaError) as caught:
        read_table(path, ESTIMATE)
    assert path.name in str(caught.value)


def test_read_table_refuses_a_column_that_is_there_twice(tmp_path):
    path = written(tmp_path, "component,component,estimated_cost,billing_currency\nA,B,1,USD\n")
    with pytest.raises(SourceError):
        read_table(path, ESTIMATE)


def test_read_table_counts_empty_lines(tmp_path):
    path = written(tmp_path, HEADER + "Redis,1,,USD\n\nEBS,x,,USD\n")
    with pytest.raises(SourceError) as caught:
        read_table(path, ESTIMATE)
    assert caught.value.row == 3


@pytest.mark.parametrize("cell", ['"EBS', '"EBS"x'])
def test_read_table_refuses_a_quote_that_does_not_end(tmp_path, cell):
    text = HEADER + f"Redis,1,,USD\nS3,2,,{cell}\nRDS,3,,USD\n"
    with pytest.raises(SourceError, match="is not readable CSV"):
        read_table(written(tmp_path, text), ESTIMATE)


def test_read_table_names_the_first_row_that_cannot_be_read(tmp_path):
    text = HEADER + "Redis,1,,USD\nEBS,2,x,USD\nS3,y,,USD\n"
    with pytest.raises(SourceError, match="row 2: column usage_quantity") as caught:
        read_table(written(tmp_path, text), ESTIMATE)
    assert caught.value.row == 2


def test_read_table_refuses_an_amount_with_an_underscore(tmp_path):
    with pytest.raises(SourceError):
        read_table(written(tmp_path, HEADER + "EBS,1_000,,USD\n"), ESTIMATE)


def test_read_table_of_a_very_long_cell(tmp_path):
    note = "x" * 200_000
    path = written(tmp_path, f"component,estimated_cost,billing_currency,note\nEBS,1,USD,{note}\n")
    try:
        assert read_table(path, ESTIMATE)["note"][0] == note
    except Exception as error:
        assert isinstance(error, PrismError)


@pytest.mark.parametrize(
    "columns",
    [
        {"estimated_cost": [Decimal("1.00")], "billing_currency": ["USD"]},
        {
            "component": ["A"],
            "estimated_cost": [Decimal("1.00")],
            "billing_currency": ["USD"],
            "budget": ["x"],
        },
    ],
    ids=["missing key", "unknown"],
)
def test_read_table_names_wrong_columns_of_parquet(tmp_path, columns):
    pq.write_table(pa.table(columns), tmp_path / "estimate.parquet")
    with pytest.raises(SourceError):
        read_table(tmp_path / "estimate.parquet", ESTIMATE)


def test_read_table_refuses_floats_in_parquet(tmp_path):
    columns = {"component": ["A"], "estimated_cost": [1.5], "billing_currency": ["USD"]}
    pq.write_table(pa.table(columns), tmp_path / "estimate.parquet")
    with pytest.raises(SchemaError, match=r"1\.5 \(float\)"):
        read_table(tmp_path / "estimate.parquet", ESTIMATE)
