"""Damaged bill files: each a clear error that names the file, the row and what to do."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismlib.errors import CurrencyError, PrismError, SourceError
from prismlib.sources.bills import read_bills
from prismlib.sources.delimited import database, reading

BILLS = Path(__file__).parent.parent / "data" / "bills"
FOCUS = BILLS / "focus_1_2.csv"

Row = dict[str, str]


def read_rows(path: Path) -> list[Row]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def write_rows(path: Path, rows: Sequence[Row]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


FOCUS_BYTES = FOCUS.read_bytes()
GZIP_BYTES = gzip.compress(FOCUS_BYTES, mtime=0)
PURCHASE = b"\n487.4688,"  # the first cell of data row 4


def flip(data: bytes, position: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 0xFF]) + data[position + 1 :]


DAMAGED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "blank": (b"\n \n", "is empty"),
    "empty gzip": (gzip.compress(b""), "is empty"),
    "header only": (FOCUS_BYTES.split(b"\n")[0] + b"\n", "has no rows"),
    "half a gzip": (GZIP_BYTES[: len(GZIP_BYTES) // 2], "is cut off or damaged"),
    "gzip without its end": (GZIP_BYTES[:-4], "is cut off or damaged"),
    "gzip with another checksum": (flip(GZIP_BYTES, len(GZIP_BYTES) - 6), "is cut off or damaged"),
    "half a line": (FOCUS_BYTES[:-300], "row 7: a row has too few or too many cells"),
    "half a Parquet": (b"PAR1" + bytes(100), "is cut off or damaged"),
    "half a JSON": (b'{"ResultsByTime": [', "is not complete JSON"),
    "other JSON": (b'{"a": 1}', "is JSON, but not a bill"),
    "unknown columns": (b"date,amount\n2025-10-01,1\n", "is not a bill of a known format"),
    "semicolons": (FOCUS_BYTES.replace(b",", b";"), "is separated by semicolons, not by commas"),
    "tabs": (FOCUS_BYTES.replace(b",", b"\t"), "is separated by tabs, not by commas"),
    "quotes and semicolons": (b'"BilledCost";"Tags"\n"1";""\n', "separated by semicolons"),
    "workbook": (b"PK\x03\x04" + bytes(50), "unpack it"),
    "UTF-16": (FOCUS_BYTES.decode().encode("utf-16"), "is not a bill of a known format"),
    "Latin-1": (FOCUS_BYTES.replace(b"Rounding", b"Arrondi \xe0"), "is not UTF-8 text"),
    "a cell less": (FOCUS_BYTES.replace(b",SKU1.OD,", b",", 1), "row 1: a row has too few"),
    "open quote": (FOCUS_BYTES.replace(b"Rounding", b'"Rounding'), "row 8: a quoted cell does"),
    "two kinds of line ends": (
        FOCUS_BYTES.replace(b"\n", b"\r\n", 3),
        "is not regular CSV",
    ),
    "other name": (FOCUS_BYTES.replace(b"BilledCost", b"BiledCost"), "lacks columns"),
    "name twice": (FOCUS_BYTES.replace(b"ListCost", b"billed_cost"), "BilledCost 2 times"),
    "decimal comma": (
        FOCUS_BYTES.replace(PURCHASE, b'\n"487,46",'),
        "row 4: BilledCost is not usable",
    ),
    "no end": (
        FOCUS_BYTES.replace(b"2025-10-01T01:00:00Z", b"2025-10-01T00:00:00Z", 1),
        "row 1: the charge does not end after its start",
    ),
    "American date": (
        FOCUS_BYTES.replace(b"2025-10-01T01:00:00Z", b"10/1/2025 1:00", 1),
        "row 1: ChargePeriodEnd is not usable",
    ),
    "hour 30": (
        FOCUS_BYTES.replace(b"2025-10-01T01:00:00Z", b"2025-10-01T30:00:00Z", 1),
        "row 1: ChargePeriodEnd is not usable",
    ),
    "no currency": (FOCUS_BYTES.replace(b",USD,", b",,", 1), "row 1: BillingCurrency is empty"),
    "odd currency": (FOCUS_BYTES.replace(b",USD,", b",$,", 1), "row 1: BillingCurrency is not"),
    "no category": (FOCUS_BYTES.replace(b",Tax,", b",NULL,"), "row 6: ChargeCategory is empty"),
    "tags of a map": (
        FOCUS_BYTES.replace(b'"{""team"": ""search"", ""env"": ""prod""}"', b"{team=search}"),
        "row 1: the tags are not usable",
    ),
    "tag key twice": (
        FOCUS_BYTES.replace(b'""env"": ""prod""', b'""team"": ""x""'),
        "row 1: the tags are not usable",
    ),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_file_is_named_with_what_to_do(tmp_path: Path, case: str) -> None:
    data, words = DAMAGED[case]
    path = tmp_path / "bill.csv"
    path.write_bytes(data)
    with pytest.raises(SourceError) as caught:
        read_bills([path])
    message = str(caught.value)
    assert words in message
    assert str(path) in message
    assert "seen: " in message and "expected: " in message and "what to do: " in message


@pytest.mark.parametrize("text", ["abc", "NaN", "Infinity", "-inf", "1_000", "$5", "1e40", "0x1F"])
def test_amount_that_is_no_number(tmp_path: Path, text: str) -> None:
    rows = read_rows(FOCUS)
    rows[2]["EffectiveCost"] = rows[4]["EffectiveCost"] = text
    with pytest.raises(SourceError, match="row 3: EffectiveCost is not usable") as caught:
        read_bills([write_rows(tmp_path / "bill.csv", rows)])
    assert f"'{text}', and 1 more such rows" in str(caught.value)


def test_line_end_within_quotes_is_data(tmp_path: Path) -> None:
    path = tmp_path / "utf parquet gzip.csv"
    text = FOCUS_BYTES.replace(b"\n", b"\r\n").replace(b"Rounding", b'"Rounding\nof VAT"')
    path.write_bytes(text)
    assert "Rounding\nof VAT" in set(read_bills([path]).cost["charge_description"])
    path.write_bytes(text.replace(b",SKU1.OD,", b",", 1))
    with pytest.raises(SourceError, match="row 1: a row has too few or too many cells"):
        read_bills([path])


def test_cell_too_many_is_refused_if_the_last_one_is_empty(tmp_path: Path) -> None:
    rows = read_rows(FOCUS)
    path = write_rows(tmp_path / "bill.csv", rows)
    lines = path.read_text().splitlines()
    lines[3] += ","
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(SourceError, match="row 3: a row has too few or too many cells"):
        read_bills([path])


TAGS = {
    '{"a": "\\ud83d"}': "surrogates not allowed",
    '{"a": NaN}': "NaN is no JSON",
    '{"a": ' * 9_000 + "1" + "}" * 9_000: "recursion",
    '{"a": 1, "a": 2}': "a key occurs twice",
}


@pytest.mark.parametrize("tags", TAGS, ids=list(TAGS.values()))
def test_tags_that_are_no_json_name_their_row(tmp_path: Path, tags: str) -> None:
    rows = read_rows(FOCUS)
    rows[4]["Tags"] = tags
    with pytest.raises(SourceError, match="row 5: the tags are not usable") as caught:
        read_bills([write_rows(tmp_path / "bill.csv", rows)])
    assert TAGS[tags] in str(caught.value)


def test_missing_column_names_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_bytes(FOCUS_BYTES.replace(b"BilledCost", b"BiledCost", 1))
    with pytest.raises(SourceError, match=r"BilledCost \(nearest: BiledCost\)"):
        read_bills([path])


def test_amounts_too_large_to_add(tmp_path: Path) -> None:
    rows = read_rows(FOCUS)
    rows[3]["BilledCost"] = rows[4]["BilledCost"] = "9" * 20
    with pytest.raises(SourceError, match="too large to add"):
        read_bills([write_rows(tmp_path / "bill.csv", rows)])


def test_second_currency_is_refused_with_its_place(tmp_path: Path) -> None:
    rows = read_rows(FOCUS)
    rows[5]["BillingCurrency"] = "EUR"
    with pytest.raises(CurrencyError) as caught:
        read_bills([write_rows(tmp_path / "bill.csv", rows)])
    assert caught.value.currencies == ["EUR", "USD"]
    assert "bill.csv: EUR from row 6 on" in str(caught.value)


def test_unreadable_file_is_a_source_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bill.csv"
    shutil.copy(FOCUS, path)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(SourceError, match="cannot be read") as caught:
        read_bills([path])
    assert "seen: Permission denied" in str(caught.value)
    assert "permissions" in str(caught.value)


def test_two_files_of_two_currencies_are_named(tmp_path: Path) -> None:
    september = [
        {**row, "BillingCurrency": "EUR", **{name: row[name].replace("2025-10", "2025-09")
         for name in ("ChargePeriodStart", "ChargePeriodEnd")}}
        for row in read_rows(FOCUS)
    ]  # fmt: skip
    write_rows(tmp_path / "a.csv", september)
    write_rows(tmp_path / "b.csv", read_rows(FOCUS))
    with pytest.raises(CurrencyError) as caught:
        read_bills([tmp_path])
    assert "a.csv: EUR from row 1 on; b.csv: USD from row 1 on" in str(caught.value)


def test_full_disk_is_no_damage() -> None:
    for error in (OSError(28, "No space left on device"), duckdb.IOException("x: No space left on"
                  " device")):  # fmt: skip
        with pytest.raises(OSError, match="No space left") as caught, reading("bill.csv"):
            raise error
        assert caught.value.errno == 28


def test_query_that_is_stopped_is_a_keyboard_interrupt() -> None:
    with pytest.raises(KeyboardInterrupt), database():
        raise RuntimeError("Query interrupted")


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"{", b"[", b"PAR1", b"\x1f\x8b", b"a,b\n"]))
def test_any_bytes_are_a_bill_or_a_clear_error(data: bytes, head: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.csv"
        path.write_bytes(head + data)
        with pytest.raises(PrismError):
            read_bills([path])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["ResultsByTime", "TimePeriod", "Start", "End", "Groups", "Keys", "Metrics", "Total",
             "GroupDefinitions", "Type", "Key", "UnblendedCost", "Amount", "Unit", "NextPageToken"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=15,
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(json_values)
def test_any_json_is_a_bill_or_a_clear_error(document: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.json"
        path.write_text(json.dumps([{"ResultsByTime": [document]}]))
        with pytest.raises(PrismError):
            read_bills([path])
