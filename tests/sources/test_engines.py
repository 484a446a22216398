"""One set of SQL on three engines: DuckDB, Apache DataFusion, and Athena's dialect run by DuckDB.

The engines read the same export; what they give must be the same to the last digit.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
from datafusion_engine import DataFusionEngine
from fake_athena import FakeAthena
from made_line_items import make_export

from prismlib.cli import app
from prismlib.errors import CurrencyError, SourceError, SpendLimitError
from prismlib.money import exact_sum
from prismlib.periods import Period
from prismlib.sources import athena
from prismlib.sources.athena_options import AthenaOptions
from prismlib.sources.bill_engine import ROW_QUERIES
from prismlib.sources.bill_snapshot import snapshot_from_bills, snapshot_from_engine
from prismlib.sources.bills import Bill, read_bills, read_engine
from prismlib.sources.clients import Clients
from prismlib.sources.dialects import in_dialect, type_from
from prismlib.sources.engines import Engine
from prismlib.sources.line_items import LineItemOptions, plan_line_items, snapshot_from_line_items
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import COST_METRICS, records

pytestmark = pytest.mark.filterwarnings("ignore:.*split-cost rows are left out")

FORMS = ("cur_2", "focus_1_0", "focus_1_2")
OCTOBER = Period.month("2025-10")
ROWS = 1000
"""One of each kind of line that the generator makes."""


@pytest.fixture(scope="module", params=FORMS)
def export(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an export of two files."""
    return make_export(
        tmp_path_factory.mktemp(request.param), ROWS, request.param, file_rows=ROWS // 2
    )


@pytest.fixture(scope="module")
def of_files(export: Path) -> Bill:
    return read_bills([export])


@pytest.fixture
def in_athena(
    gate: Any, replies: Any, account: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., FakeAthena]:
    """Return a function that registers the files below a folder as the table bills.items."""
    monkeypatch.setattr(athena, "POLL_SECONDS", 0.01)
    fake = FakeAthena(gate, replies.json)

    def register(folder: Path, **partitions: str) -> FakeAthena:
        s3 = account("s3", "us-east-1")
        s3.create_bucket(Bucket="exports")
        files = parquet(folder)
        for file in files:
            s3.upload_file(str(file), "exports", f"bill/{file.name}")
        fake.add_table("bills.items", files, "s3://exports/bill/", **partitions)
        return fake

    return register


def parquet(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.parquet"))


def athena_engine(**options: Any) -> athena.AthenaEngine:
    clients = Clients(None, ("us-east-1",))
    return athena.open_athena(clients, "athena:bills.items", AthenaOptions(**options))


def same(bill: Bill, other: Bill) -> None:
    """Check that two bills have the same rows, and the same totals by metric."""
    assert records(bill.cost) == records(other.cost)
    measures = ("file_total", "table_total", "row_count", "whole_number_rows")
    for metric in COST_METRICS:
        totals = [
            one.cost_file[one.cost_file["cost_metric"] == metric][list(measures)].sum().to_dict()
            for one in (bill, other)
        ]
        assert totals[0] == totals[1], metric


# --- the same to the last digit -------------------------------------------------------------------


def test_datafusion_gives_the_tables_of_duckdb(export, of_files):
    engine = DataFusionEngine(parquet(export))
    same(read_engine(engine), of_files)
    assert len(engine.asked) <= ROW_QUERIES
    assert "TRY_CAST(" in engine.asked[-1]


def test_athena_gives_the_tables_of_duckdb(export, of_files, in_athena):
    fake = in_athena(export)
    same(read_engine(athena_engine()), of_files)
    assert len(fake.queries) <= ROW_QUERIES
    assert all(query.state == "SUCCEEDED" for query in fake.queries.values())


def test_totals_are_those_of_a_plain_sum_of_the_columns(export, of_files):
    rows = [row for file in parquet(export) for row in pq.read_table(file).to_pylist()]
    is_cur = "line_item_operation" in rows[0]
    outside, metric = (
        ("line_item_unblended_cost", "unblended_cost") if is_cur else ("BilledCost", "billed_cost")
    )
    kept = [row for row in rows if not is_cur or row["line_item_operation"] != "EKSPod-EC2"]
    assert len(rows) - len(kept) == (20 if is_cur else 0)  # of a thousand, 20 are split-cost rows
    files = of_files.cost_file[of_files.cost_file["cost_metric"] == metric]
    plain = exact_sum(Decimal(repr(row[outside])) for row in kept)
    assert exact_sum(files["table_total"]) == exact_sum(of_files.cost[metric]) == plain
    assert exact_sum(files["file_total"]) == exact_sum(Decimal(repr(r[outside])) for r in rows)


@pytest.mark.parametrize("export", ["cur_2"], indirect=True)
def test_snapshots_differ_in_the_engine_alone(export, in_athena, tmp_path):
    in_athena(export)
    engines: list[Engine] = [DataFusionEngine(parquet(export)), athena_engine()]
    paths = [snapshot_from_bills([export], tmp_path / "files")]
    paths += [snapshot_from_engine(e, tmp_path / f"engine-{n}") for n, e in enumerate(engines)]
    tables = [records(read_snapshot(path).tables["cost"]) for path in paths]
    assert tables[0] == tables[1] == tables[2]
    said = [json.loads((path / "snapshot.json").read_text()) for path in paths]
    assert [one["tables"]["cost"]["sha256"] for one in said[1:]] == [
        said[0]["tables"]["cost"]["sha256"]
    ] * 2
    assert [one["engine"].split(",")[0] for one in said] == [
        f"duckdb {duckdb.__version__}",
        engines[0].name,
        "Athena engine version 3",
    ]
    assert "queries" not in said[0]
    assert said[2]["queries"] == engines[1].spent()
    assert said[2]["queries"]["queries"] == 2
    assert [one["period"] for one in said] == ["2025-10"] * 3


# --- the command line -----------------------------------------------------------------------------


@pytest.mark.parametrize("export", ["focus_1_0"], indirect=True)
def test_table_of_athena_becomes_a_snapshot(export, of_files, in_athena, tmp_path, capsys):
    fake = in_athena(export)
    command = ["pull", "--line-items", "athena:bills.items", "--region", "us-east-1"]
    out = tmp_path / "out"
    dry = [*command, "--out", str(out), "--dry-run"]
    assert app(dry, result_action="return_value") == 0
    size = fake.sizes["bills.items"]
    assert f"2 objects of {size:,} bytes\n2 queries, at most $0.0001" in capsys.readouterr().out
    assert not fake.queries
    assert app([*command, "--out", str(out)], result_action="return_value") == 0
    assert f"1 query in Athena: {size:,} bytes scanned" in capsys.readouterr().err
    assert records(read_snapshot(out).tables["cost"]) == records(of_files.cost)
    assert (
        app([*command, "--out", str(out), "--max-usd", "0.00009"], result_action="return_value")
        == 2
    )
    assert "--max-usd" in capsys.readouterr().err
    assert len(fake.queries) == 1


@pytest.mark.parametrize(
    "options",
    [("--workgroup", "w"), ("--query-results", "s3://b"), ("--reuse-minutes", "5")],
)
def test_options_of_athena_are_for_a_table_alone(options, tmp_path, capsys):
    command = ["pull", "--line-items", str(tmp_path), "--out", str(tmp_path / "out"), *options]
    assert app(command, result_action="return_value") == 2
    assert "only with --line-items athena:" in capsys.readouterr().err


@pytest.mark.parametrize("export", ["focus_1_0"], indirect=True)
def test_error_says_what_was_paid_before_it(export, in_athena, tmp_path):
    fake = in_athena(export)
    queries = AthenaOptions(max_usd=Decimal("0.00015"))
    options = LineItemOptions(
        "athena:bills.items", tmp_path / "out", None, None, ("us-east-1",), queries=queries
    )
    assert len(plan_line_items(options)) == 2
    fake.ends = ("FAILED", "HIVE_BAD_DATA: no")
    with pytest.raises(SourceError, match="damaged") as raised:
        snapshot_from_line_items(options)
    assert raised.value.__notes__ == ["so far: 1 query in Athena: 0 bytes scanned, $0.00 at most"]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("export", ["focus_1_0"], indirect=True)
def test_all_queries_are_held_against_the_limit_before_the_first(export, in_athena, tmp_path):
    fake = in_athena(export)
    # Two queries of at least 10 MB are 0.0001.
    queries = AthenaOptions(max_usd=Decimal("0.000099"))
    options = LineItemOptions(
        "athena:bills.items", tmp_path / "out", None, None, ("us-east-1",), queries=queries
    )
    with pytest.raises(SpendLimitError):
        snapshot_from_line_items(options)
    assert not fake.queries


# --- what is wrong with rows ----------------------------------------------------------------------

FOCUS = (
    "SELECT TIMESTAMP '2025-10-01' AS ChargePeriodStart, TIMESTAMP '2025-10-01 01:00:00' AS"
    " ChargePeriodEnd, 'AWS' AS ProviderName, 'Amazon EC2' AS ServiceName, 'Usage' AS"
    " ChargeCategory, CAST(n AS DOUBLE) AS BilledCost, 'USD' AS BillingCurrency,"
    " MAP {'team': 'search'} AS Tags FROM range(1, 4) t(n)"
)


def one_table(folder: Path, sql: str) -> DataFusionEngine:
    duckdb.execute(f"COPY ({sql}) TO '{folder / 'a.parquet'}' (FORMAT parquet)")
    return DataFusionEngine([folder / "a.parquet"])


def test_good_rows_add_up(tmp_path):
    bill = read_engine(one_table(tmp_path, FOCUS))
    assert exact_sum(bill.cost["billed_cost"]) == 6  # 1 + 2 + 3
    assert list(bill.cost["tags"]) == ['{"team": "search"}']


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ("CAST(n AS DOUBLE)", "CAST(IF(n = 2, 'NaN', '1') AS DOUBLE)", SourceError, "not usable"),
        ("'2025-10-01 01:00:00'", "'2025-09-30 01:00:00'", SourceError, "does not end after"),
        ("'Usage' AS", "IF(n = 2, '', 'Usage') AS", SourceError, "ChargeCategory is empty"),
        ("'USD'", "IF(n = 2, 'EUR', 'USD')", CurrencyError, "EUR"),
        ("'USD'", "'dollars'", SourceError, "BillingCurrency is not usable"),
        ("TIMESTAMP '2025-10-01' AS", "'2025-10-01' AS", SourceError, "ChargePeriodStart is text"),
        ("'Amazon EC2' AS ServiceName,", "", SourceError, "lacks columns"),
        ("MAP {'team': 'search'} AS", "'not json' AS", SourceError, "tags are not usable"),
        ("range(1, 4)", "range(1, 1)", SourceError, "has no rows"),
    ],
)
def test_rows_that_are_not_usable_are_named(tmp_path, old, new, error, words):
    assert old in FOCUS
    engine = one_table(tmp_path, FOCUS.replace(old, new))
    with pytest.raises(error, match=words) as raised:
        read_engine(engine)
    assert "row 0" not in str(raised.value)


def test_float_that_an_engine_cannot_write_as_a_decimal_is_no_missing_cost(tmp_path, monkeypatch):
    """DataFusion reads no exponent in a decimal; without help from the test that must be named."""
    odd = FOCUS.replace("CAST(n AS DOUBLE)", "CAST('1.23456789012e-07' AS DOUBLE)")
    engine = one_table(tmp_path, odd)
    assert exact_sum(read_engine(engine).cost["billed_cost"]) == Decimal("3.70370367036e-7")
    plain = in_dialect

    def without_help(*args: str) -> str:
        return plain(*args).replace("plain_text(", "concat('', ")

    monkeypatch.setattr("datafusion_engine.in_dialect", without_help)
    with pytest.raises(SourceError, match="BilledCost is not usable"):
        read_engine(one_table(tmp_path, odd))


# --- dialects -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("to_json(m)", "JSON_FORMAT(CAST(m AS JSON))"),
        ("m['k']", "ELEMENT_AT(m, 'k')"),
        ("json_valid(x)", "(NOT TRY(JSON_PARSE(x)) IS NULL)"),
        ("json_extract_string(x, 'k')", "JSON_EXTRACT_SCALAR(x, '$.k')"),
        ("regexp_full_match(x, '[A-Z]{3}')", "REGEXP_LIKE(x, '^(?:[A-Z]{3})$')"),
        ("trunc(x)", "TRUNCATE(x)"),
        ("try_cast(x AS DECIMAL(15, 10))", "TRY_CAST(x AS DECIMAL(15, 10))"),
    ],
)
def test_trino_has_each_function_under_its_own_name(sql, expected):
    assert in_dialect(f"SELECT {sql} FROM line_items", "athena", '"b"."t"') == (
        f'SELECT {expected} FROM "b"."t"'
    )


def test_condition_goes_to_the_table_itself():
    sql = "SELECT a.n FROM (SELECT n FROM line_items) AS a"
    assert in_dialect(sql, "athena", '"b"."t"', "month = '10'") == (
        'SELECT a.n FROM (SELECT n FROM (SELECT * FROM "b"."t" WHERE month = \'10\') AS line_items)'
        " AS a"
    )


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("string", "VARCHAR"),
        ("map<string,string>", "MAP(VARCHAR, VARCHAR)"),
        ("timestamp", "TIMESTAMP"),
        ("decimal(38,18)", "DECIMAL(38, 18)"),
        ("bigint", "BIGINT"),
    ],
)
def test_types_of_hive_are_spelled_as_duckdb_does(kind, expected):
    assert type_from(kind, "hive") == expected
