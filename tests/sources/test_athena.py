"""Athena: what a query reads and costs is known before it runs; what goes wrong is named."""

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from fake_athena import FakeAthena

from prismlib.errors import (
    AccessError,
    IncompleteDataError,
    OutageError,
    ParameterError,
    QueryError,
    SourceError,
    SpendLimitError,
    ThrottledError,
)
from prismlib.periods import Period
from prismlib.sources import athena
from prismlib.sources.athena import AthenaEngine, open_athena
from prismlib.sources.athena_limits import scanned_usd
from prismlib.sources.athena_options import AthenaOptions
from prismlib.sources.clients import Clients

OCTOBER = Period.month("2025-10")
PLACE = "athena:bills.cur"
LOCATION = "s3://exports/bill/data/"
SUM = "SELECT k, sum(cost) AS cost, count(*) AS n FROM line_items GROUP BY k ORDER BY k"
FIVE_ROWS = "SELECT n FROM line_items JOIN (VALUES (1), (2), (3), (4), (5)) v(n) ON k = 'a'"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(athena, "POLL_SECONDS", 0.01)


@pytest.fixture
def fake(gate: Any, replies: Any, account: Callable[..., Any], tmp_path: Path) -> FakeAthena:
    """Return an Athena with the table bills.cur: a partition of October, in S3 and Glue of moto."""
    file = tmp_path / "a.parquet"
    duckdb.execute(
        "COPY (SELECT * FROM (VALUES ('a', CAST(0.1 AS DECIMAL(38, 18)), true), ('a', 0.2, false),"
        f" ('b', NULL, true)) v(k, cost, is_last)) TO '{file}' (FORMAT parquet)"
    )
    fake = FakeAthena(gate, replies.json)
    fake.add_table("bills.cur", [file], LOCATION, billing_period="2025-10")
    put(account, "BILLING_PERIOD=2025-10/a.parquet", file.read_bytes())
    glue = account("glue", "us-east-1")
    glue.create_database(DatabaseInput={"Name": "bills"})
    glue.create_table(
        DatabaseName="bills",
        TableInput={"Name": "cur", "PartitionKeys": [{"Name": "billing_period", "Type": "string"}]},
    )
    add_partition(account, "2025-10")
    return fake


def put(account: Callable[..., Any], key: str, content: bytes) -> None:
    s3 = account("s3", "us-east-1")
    if not s3.list_buckets()["Buckets"]:
        s3.create_bucket(Bucket="exports")
    s3.put_object(Bucket="exports", Key=f"bill/data/{key}", Body=content)


def add_partition(account: Callable[..., Any], month: str) -> None:
    account("glue", "us-east-1").create_partition(
        DatabaseName="bills",
        TableName="cur",
        PartitionInput={
            "Values": [month],
            "StorageDescriptor": {"Location": f"{LOCATION}BILLING_PERIOD={month}"},
        },
    )


def opened(month: Period | None = OCTOBER, **options: Any) -> AthenaEngine:
    return open_athena(Clients(None, ("us-east-1",)), PLACE, AthenaOptions(**options), month)


# --- answers --------------------------------------------------------------------------------------


def test_rows_are_exact_decimals_whole_numbers_and_missing(fake):
    rows = opened().run(SUM).to_pylist()
    assert rows == [
        {"k": "a", "cost": Decimal("0.3"), "n": 2},
        {"k": "b", "cost": None, "n": 1},
    ]
    assert str(rows[0]["cost"]) == "0.300000000000000000"


def test_truths_and_times_come_as_such(fake):
    sql = "SELECT max(is_last) AS t, CAST('2025-10-02' AS DATE) AS d FROM line_items WHERE k = 'b'"
    (row,) = opened().run(sql).to_pylist()
    assert row["t"] is True
    assert row["d"].isoformat() == "2025-10-02"


def test_query_names_the_table_and_the_partition_and_asks_for_the_month_alone(fake):
    opened().run(SUM)
    (query,) = fake.queries.values()
    assert '"bills"."cur" WHERE billing_period = \'2025-10\'' in query.sql
    assert query.request["WorkGroup"] == "primary"
    assert query.request["QueryExecutionContext"] == {
        "Database": "bills",
        "Catalog": "AwsDataCatalog",
    }
    assert "ResultConfiguration" not in query.request


def test_every_page_is_read(fake, monkeypatch):
    monkeypatch.setattr(athena, "PAGE_ROWS", 2)
    values = opened().run(FIVE_ROWS)["n"].to_pylist()
    assert sorted(values) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    # A row with the names and ten rows, two a page.
    assert fake.gate.operations().count("GetQueryResults") == 6


def test_columns_are_those_of_the_catalog_as_duckdb_spells_them(fake):
    assert dict(opened().columns()) == {
        "k": "VARCHAR",
        "cost": "DECIMAL(38, 18)",
        "is_last": "BOOLEAN",
        "billing_period": "VARCHAR",
    }


def test_where_results_go_and_the_workgroup_are_passed_on(fake):
    opened(workgroup="bills", output="s3://mine/results").run(SUM)
    (query,) = fake.queries.values()
    assert query.request["WorkGroup"] == "bills"
    assert query.request["ResultConfiguration"] == {"OutputLocation": "s3://mine/results/"}


# --- what is scanned, and its price ---------------------------------------------------------------


def test_price_is_of_whole_megabytes_ten_at_least():
    five = Decimal(5)
    assert scanned_usd(0, five) == Decimal("0.00005")  # 10 MB of 1,000,000 MB at $5
    assert scanned_usd(10_000_001, five) == Decimal("0.000055")  # 11 MB
    assert scanned_usd(3 * 10**12, five) == 15


def test_what_was_scanned_is_told_with_its_price(fake):
    engine = opened()
    engine.run(SUM)
    engine.run(FIVE_ROWS)
    size = fake.sizes["bills.cur"]
    assert engine.spent() == {
        "queries": 2,
        "reused": 0,
        "scanned_bytes": 2 * size,
        "usd": "0.0001",  # two queries of at least 10 MB: 2 x 0.00005
        "usd_per_tb": "5.00",
        "region": "us-east-1",
    }
    assert engine.words() == (f"2 queries in Athena: {2 * size:,} bytes scanned, $0.0001 at most")
    assert engine.name == "Athena engine version 3, table bills.cur, workgroup primary"


def test_result_that_is_reused_costs_nothing(fake):
    engine = opened(reuse_minutes=60)
    for _ in range(2):
        assert len(engine.run(SUM)) == 2
    assert engine.spent()["reused"] == 1
    assert engine.spent()["usd"] == "0.00005"
    assert "1 of them answered from an earlier result" in engine.words()
    reuse = [*fake.queries.values()][1].request["ResultReuseConfiguration"]
    assert reuse == {"ResultReuseByAgeConfiguration": {"Enabled": True, "MaxAgeInMinutes": 60}}


def test_limit_stops_the_query_before_it_runs(fake):
    engine = opened(max_usd=Decimal("0.00009"))
    engine.run(SUM)
    with pytest.raises(SpendLimitError, match="--max-usd"):
        engine.run(SUM)  # 0.00005 spent and 0.00005 more is above 0.00009
    assert len(fake.queries) == 1


def test_several_queries_are_held_against_the_limit_together(fake):
    opened(max_usd=Decimal("0.0001")).check_price(2)
    with pytest.raises(SpendLimitError):
        opened(max_usd=Decimal("0.0001")).check_price(3)


def test_bound_is_the_objects_of_the_month_alone(fake, account):
    put(account, "BILLING_PERIOD=2025-10/b.parquet", b"x" * 12_000_000)
    put(account, "BILLING_PERIOD=2025-09/a.parquet", b"x" * 30_000_000)
    add_partition(account, "2025-09")
    small = 12_000_000 + fake.sizes["bills.cur"]
    assert opened().bound.scanned_bytes == small
    assert opened(None).bound.scanned_bytes == small + 30_000_000
    # 12.0 MB and a small file are 13 MB: 13 x 5 / 1,000,000.
    assert opened().bound.most_usd() == Decimal("0.000065")


def test_bound_of_a_projected_table_is_by_path(fake, account):
    fake.tables["bills.cur"]["Parameters"]["projection.enabled"] = "true"
    put(account, "BILLING_PERIOD=2025-09/a.parquet", b"x" * 30_000_000)
    assert opened().bound.scanned_bytes == fake.sizes["bills.cur"]
    assert "GetPartitions" not in fake.gate.operations()


def test_workgroup_that_allows_less_is_the_bound(fake, account):
    put(account, "BILLING_PERIOD=2025-10/b.parquet", b"x" * 12_000_000)
    fake.workgroup["BytesScannedCutoffPerQuery"] = 11_000_000
    assert opened().bound.scanned_bytes == 11_000_000
    assert "of which the workgroup allows 11,000,000 bytes" in opened().bound.words


@pytest.mark.parametrize("denied", ["GetPartitions", "ListObjects"])
def test_unknown_bound_is_refused_with_a_limit_and_runs_without(fake, denied):
    fake.gate.deny(denied, code="AccessDeniedException")
    engine = opened(max_usd=Decimal(100))
    with pytest.raises(SourceError, match="at most is not known") as raised:
        engine.run(SUM)
    assert "permission" in raised.value.seen
    assert not fake.queries
    assert len(opened().run(SUM)) == 2
    fake.workgroup["BytesScannedCutoffPerQuery"] = 10_000_000
    assert len(opened(max_usd=Decimal(100)).run(SUM)) == 2


def test_view_has_no_bound(fake):
    fake.tables["bills.cur"]["TableType"] = "VIRTUAL_VIEW"
    with pytest.raises(SourceError, match="at most is not known"):
        opened(max_usd=Decimal(100)).run(SUM)


def test_region_without_a_price_has_no_limit_to_keep(fake, account):
    clients = Clients(None, ("sa-east-1",))
    engine = open_athena(clients, PLACE, AthenaOptions(max_usd=Decimal(1)), OCTOBER)
    with pytest.raises(SourceError, match="not known") as raised:
        engine.run(SUM)
    assert "no price of Athena in sa-east-1" in raised.value.seen
    free = open_athena(clients, PLACE, AthenaOptions(), OCTOBER)
    free.run(SUM)
    assert free.spent()["usd"] is None
    assert "price not known" in free.words()


# --- what goes wrong ------------------------------------------------------------------------------

REASONS = {
    "COLUMN_NOT_FOUND: line 1:8: Column 'cost' cannot be resolved": "lacks a column",
    "TABLE_NOT_FOUND: line 1: Table 'bills.cur' does not exist": "no such table",
    "SCHEMA_NOT_FOUND: Schema 'bills' does not exist": "no such database",
    "HIVE_BAD_DATA: Field cost's type INT64 in parquet is incompatible": "damaged, or of other",
    "HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split: Access Denied (Service: Amazon S3; Status"
    " Code: 403; Request ID: ABC)": "a permission is missing",
    "Query exhausted resources at this scale factor": "more than Athena gives",
    "GENERIC_INTERNAL_ERROR": "gave no rows",
}


@pytest.mark.parametrize("reason", REASONS)
def test_failed_query_is_named_with_its_reason(fake, reason):
    fake.ends = ("FAILED", reason)
    engine = opened()
    with pytest.raises(QueryError, match=f"the query failed: .*{REASONS[reason]}") as raised:
        engine.run(SUM)
    assert raised.value.state == "FAILED"
    assert reason.split(" (Service")[0] in raised.value.seen
    assert "Request ID" not in str(raised.value)


def test_cancelled_query_is_named_and_what_it_read_is_counted(fake):
    fake.ends = ("CANCELLED", "Query cancelled! : Bytes scanned limit was exceeded")
    engine = opened()
    with pytest.raises(QueryError, match=r"was cancelled: the workgroup lets no query"):
        engine.run(SUM)
    assert engine.spent()["scanned_bytes"] == fake.sizes["bills.cur"]


def test_reason_is_shown_without_accounts_and_names_of_roles(fake):
    fake.ends = (
        "FAILED",
        "User: arn:aws:iam::123456789012:role/Admin of 123456789012 not authorized",
    )
    with pytest.raises(QueryError, match="a permission is missing") as raised:
        opened().run(SUM)
    assert not re.search(r"\d{12}|role/Admin", str(raised.value))


@pytest.mark.parametrize(
    ("operation", "code", "error"),
    [
        ("StartQueryExecution", "AccessDeniedException", AccessError),
        ("StartQueryExecution", "TooManyRequestsException", ThrottledError),
        ("GetQueryExecution", "AccessDeniedException", AccessError),
        ("GetQueryResults", "AccessDeniedException", AccessError),
        ("GetQueryResults", "ThrottlingException", ThrottledError),
        ("GetTableMetadata", "AccessDeniedException", AccessError),
    ],
)
def test_refused_call_is_named(fake, operation, code, error):
    fake.gate.deny(operation, code=code)
    with pytest.raises(error) as raised:
        opened().run(SUM)
    assert raised.value.service == "athena"
    if error is AccessError:
        assert raised.value.iam_action == f"athena:{operation}"


@pytest.mark.parametrize(
    "operation", ["StartQueryExecution", "GetQueryExecution", "GetQueryResults"]
)
def test_broken_connection_is_named(fake, operation, replies):
    fake.gate.answers[operation] = lambda asked: replies.reply(200, b"", reset=True)
    with pytest.raises(OutageError):
        opened().run(SUM)


def test_query_whose_end_is_not_seen_counts_in_full(fake, replies):
    engine = opened()
    fake.gate.deny("GetQueryResults", code="AccessDeniedException")
    with pytest.raises(AccessError):
        engine.run(SUM)
    assert engine.spent()["scanned_bytes"] == fake.sizes["bills.cur"]


def test_nothing_is_printed_by_the_client(fake, capfd):
    fake.gate.deny("StartQueryExecution", code="AccessDeniedException")
    with pytest.raises(AccessError):
        opened().run(SUM)
    assert capfd.readouterr() == ("", "")


def test_table_that_is_not_there_is_named(fake):
    with pytest.raises(SourceError, match=r"athena:bills\.nope: .*no such table"):
        open_athena(Clients(None, ("us-east-1",)), "athena:bills.nope", AthenaOptions())


@pytest.mark.parametrize("place", ["athena:", "athena:bills", "athena:a.b.c"])
def test_place_is_a_database_and_a_table(place):
    with pytest.raises(ParameterError, match="--line-items"):
        open_athena(Clients(None, ("us-east-1",)), place, AthenaOptions())


def test_workgroup_without_a_place_for_results_needs_one(fake):
    fake.workgroup = {"EnforceWorkGroupConfiguration": False}
    with pytest.raises(ParameterError, match="--query-results"):
        opened()
    assert len(opened(output="s3://mine/").run(SUM)) == 2


def test_workgroup_that_is_not_there_is_named(fake):
    fake.gate.deny("GetWorkGroup", code="InvalidRequestException")
    with pytest.raises(SourceError, match="no workgroup bills"):
        opened(workgroup="bills")


def test_workgroup_that_may_not_be_read_is_no_bound(fake):
    fake.gate.deny("GetWorkGroup", code="AccessDeniedException")
    assert opened().bound.scanned_bytes == fake.sizes["bills.cur"]


def test_month_without_a_partition_is_named(fake):
    with pytest.raises(IncompleteDataError, match="no objects of 2025-08"):
        opened(Period.month("2025-08"))


def test_month_in_several_versions_is_refused(fake, account):
    put(account, "BILLING_PERIOD=2025-10/v2/a.parquet", b"x")
    with pytest.raises(SourceError, match="several versions"):
        opened()


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"reuse_minutes": -1}, "--reuse-minutes"),
        ({"reuse_minutes": 10_081}, "--reuse-minutes"),  # a week has 10,080
        ({"output": "mine/"}, "--query-results"),
    ],
)
def test_options_that_athena_would_refuse_are_named(options, name):
    with pytest.raises(ParameterError, match=name):
        AthenaOptions(**options)
