"""Bill files are checked while they are grouped: a fault is found there, and named afterwards."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from made_line_items import make_export

from prismlib.errors import SourceError
from prismlib.sources import bill_groups, cur
from prismlib.sources.bill_lines import type_lines
from prismlib.sources.bill_rows import group_sql
from prismlib.sources.bills import read_bills
from prismlib.sources.delimited import database, open_parquet

ROWS = 1_200


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a CUR 2.0 file with typed columns: times, binary floats, maps."""
    return next(make_export(tmp_path_factory.mktemp("made"), ROWS).rglob("*.parquet"))


def changed(export: Path, folder: Path, cells: str) -> Path:
    """Write a copy of the export with other cells; ``row`` counts its rows from 1."""
    path = folder / "changed.parquet"
    rows = f"(SELECT *, row_number() OVER () AS row FROM '{export}')"
    query = f"SELECT * EXCLUDE (row) REPLACE ({cells}) FROM {rows} ORDER BY row"
    duckdb.execute(f"COPY ({query}) TO '{path}'")
    return path


FAULTS = {
    "line_item_unblended_cost|NULL": "row 7: lineItem/UnblendedCost is empty",
    "line_item_unblended_cost|'NaN'::DOUBLE": "row 7: lineItem/UnblendedCost is not usable",
    "line_item_usage_amount|'inf'::DOUBLE": "row 7: lineItem/UsageAmount is not usable",
    "pricing_public_on_demand_cost|1e20": "row 7: pricing/publicOnDemandCost is not usable",
    "line_item_usage_start_date|NULL": "row 7: lineItem/UsageStartDate is empty",
    "line_item_usage_end_date|line_item_usage_start_date": "row 7: the charge does not end after",
    "line_item_line_item_type|''": "row 7: lineItem/LineItemType is empty",
    "line_item_currency_code|NULL": "row 7: lineItem/CurrencyCode is empty",
    "line_item_currency_code|'usd'": "row 7: lineItem/CurrencyCode is not usable",
}


@pytest.mark.filterwarnings("ignore::prismlib.errors.PrismWarning")
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_in_one_typed_cell_is_named(export: Path, tmp_path: Path, fault: str) -> None:
    column, value = fault.split("|")
    path = changed(export, tmp_path, f"CASE row WHEN 7 THEN {value} ELSE {column} END AS {column}")
    with pytest.raises(SourceError, match=FAULTS[fault]):
        read_bills([path])


def test_total_is_not_added_out_of_the_groups(export: Path) -> None:
    def plan(connection: duckdb.DuckDBPyConnection) -> str:
        raw = open_parquet(connection, export, "raw_0")
        query = group_sql(type_lines(raw, cur.layout(raw)))
        return "".join(row[1] for row in connection.execute(f"EXPLAIN {query}").fetchall())

    with database() as connection:
        assert "CTE" not in plan(connection)
    with duckdb.connect() as connection:  # left alone, DuckDB combines the groups
        assert "CTE" in plan(connection)


def test_other_connections_to_the_database_work_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    query = "SELECT current_setting('TimeZone')"
    monkeypatch.setenv("TZ", "America/New_York")
    with database() as connection:
        assert connection.cursor().execute(query).fetchall() == [("UTC",)]
    with duckdb.connect() as connection:
        assert connection.execute(query).fetchall() == [("America/New_York",)]


@pytest.mark.filterwarnings("ignore::prismlib.errors.PrismWarning")
def test_good_file_is_not_read_again_for_faults(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(lines: object) -> None:
        raise AssertionError(f"{lines} is read to name a fault that it does not have")

    monkeypatch.setattr(bill_groups, "refuse_cells", refuse)
    assert not read_bills([export]).cost.empty


@pytest.mark.filterwarnings("ignore::prismlib.errors.PrismWarning")
def test_row_at_fault_is_named_before_a_sum_that_is_too_large(export: Path, tmp_path: Path) -> None:
    # Twelve hundred amounts of 9 x 10^19 do not add up below 10^20.
    cells = (
        "CASE row WHEN 7 THEN NULL ELSE 9e19 END AS line_item_unblended_cost,"
        " 'Tax' AS line_item_line_item_type"
    )
    with pytest.raises(SourceError, match="row 7: lineItem/UnblendedCost is empty"):
        read_bills([changed(export, tmp_path, cells)])


@pytest.mark.filterwarnings("ignore::prismlib.errors.PrismWarning")
def test_typed_and_plain_text_are_the_same_bill(export: Path, tmp_path: Path) -> None:
    # Text goes through none of the short ways for floats, times and maps.
    path = tmp_path / "plain.csv"
    maps = ", ".join(
        f"CAST(to_json({name}) AS VARCHAR) AS {name}" for name in ("product", "resource_tags")
    )
    duckdb.execute(f"COPY (SELECT * REPLACE ({maps}) FROM '{export}') TO '{path}' (HEADER)")
    typed, plain = read_bills([export]), read_bills([path])
    assert typed.cost.equals(plain.cost)
    of_file = ["file_name", "sha256"]
    assert typed.cost_file.drop(columns=of_file).equals(plain.cost_file.drop(columns=of_file))
    # Split-cost rows are 20 of each thousand, numbers 240 to 259; 1,240 and on are not there.
    assert set(typed.cost_file["row_count"]) == {ROWS}
    assert set(typed.cost_file["left_out_rows"]) == {20}
