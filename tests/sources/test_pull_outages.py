"""A service that stays down leaves out what needs it, is named, and costs little time."""

import json
import socket
from datetime import UTC, datetime

import pytest
from fake_cost_explorer import FakeCostExplorer, Fault, make_charges

from prismlib.errors import (
    AccessError,
    BrokenAnswerError,
    CallError,
    CredentialsError,
    DataUnavailableError,
    OutageError,
    RefusedError,
    ThrottledError,
)
from prismlib.periods import Period
from prismlib.sources import cost_explorer_pull
from prismlib.sources import pull as pull_module
from prismlib.sources.calls import Caller
from prismlib.sources.clients import Clients
from prismlib.sources.collecting import PullContext
from prismlib.sources.commitments import collect_commitments
from prismlib.sources.inventory_ec2 import collect_instances
from prismlib.sources.inventory_s3 import collect_buckets
from prismlib.sources.outages import GIVE_UP, Outages
from prismlib.sources.pull import PullOptions, pull_snapshot
from prismlib.sources.pull_words import summary_lines
from prismlib.sources.snapshot_checks import check_snapshot
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import records

MONTH = Period.month("2025-10")
NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
OPEN = datetime(2025, 10, 21, 12, tzinfo=UTC)
EXTRAS = {
    "GetReservationCoverage": ("commitment_coverage", "reservation coverage"),
    "GetSavingsPlansCoverage": ("commitment_coverage", "savings plan coverage"),
    "GetCostForecast": ("cost_forecast", "forecast"),
    "GetAnomalies": ("cost_anomaly", "anomalies"),
}
"""Operation -> the table and the part of it that are unknown without."""

ALWAYS = 10**6


@pytest.fixture
def server(gate, replies, monkeypatch, parse_once):
    """Serve an open month, and what moto lacks; one try a call, so that a fault is final."""
    for name, inner in (
        ("DescribeReservedInstances", "<reservedInstancesSet/>"),
        ("DescribeReservedDBInstances", "<ReservedDBInstances/>"),
    ):
        reply = replies.xml(name, inner, is_ec2="DB" not in name)
        gate.answers[name] = lambda asked, reply=reply: reply
    gate.serve("DescribeSavingsPlans", b'{"savingsPlans": []}')
    gate.serve("GetProducts", b'{"PriceList": []}')
    with FakeCostExplorer(make_charges(MONTH, usage_rows=3), today=OPEN.date()) as fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL_COST_EXPLORER", fake.url)
        monkeypatch.setattr(cost_explorer_pull, "parse_cost", parse_once)
        yield fake


@pytest.fixture
def options(server, tmp_path):
    return PullOptions(MONTH, tmp_path / "prod", regions=("us-west-2",))


@pytest.fixture
def nowhere():
    """Return the address of a port that refuses every connection."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def unknown_parts(done):
    return {(entry["table"], entry["part"]) for entry in done.unknown}


# --- the tables of Cost Explorer beside the charges -----------------------------------------------


@pytest.mark.parametrize("kind", ["throttled", "error", "reset", "truncated", "empty", "proxy"])
@pytest.mark.parametrize("operation", EXTRAS)
def test_table_beside_the_charges_is_left_out(server, options, operation, kind, monkeypatch):
    monkeypatch.setattr(pull_module, "COLLECTORS", ())
    server.faults = [Fault(kind, operation=operation, times=ALWAYS)]
    done = pull_snapshot(options, now=OPEN)
    assert unknown_parts(done) == {EXTRAS[operation]}
    assert check_snapshot(options.out) == []
    manifest = json.loads((options.out / "snapshot.json").read_text("utf-8"))
    assert manifest["unknown"] == done.unknown
    table, part = EXTRAS[operation]
    (line,) = [line for line in summary_lines(done) if part in line]
    assert f"{table} ({part}) is unknown: ce " in line
    server.faults = []
    again = pull_snapshot(options, now=OPEN)
    assert again.unknown == []
    assert again.ledger.total().paid == 1, "only what was left out"


def test_credentials_that_expire_stop_it(server, options, monkeypatch):
    monkeypatch.setattr(pull_module, "COLLECTORS", ())
    pull_snapshot(options, now=OPEN)
    before = {file.name: file.read_bytes() for file in options.out.iterdir()}
    server.faults = [Fault("expired", operation="GetReservationCoverage", times=ALWAYS)]
    again = PullOptions(**{**vars(options), "refresh": True})
    with pytest.raises(CredentialsError):
        pull_snapshot(again, now=OPEN)
    assert {file.name: file.read_bytes() for file in options.out.iterdir()} == before


@pytest.mark.parametrize("kind", ["throttled", "error", "reset"])
def test_charges_that_fail_say_that_going_on_is_cheap(server, options, kind):
    server.faults = [Fault(kind, operation="GetCostAndUsage", times=ALWAYS)]
    with pytest.raises((OutageError, ThrottledError)) as caught:
        pull_snapshot(options, now=OPEN)
    assert "run it again: only what is missing is asked and paid for" in str(caught.value)
    assert not options.out.exists()


# --- the inventory, metrics and prices ------------------------------------------------------------


def test_services_without_an_endpoint_leave_out_their_parts(server, options, nowhere, monkeypatch):
    """As savings plans in some partitions; a part of a table, and a table that is that part."""
    for service in ("SAVINGSPLANS", "RDS"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", nowhere)
    done = pull_snapshot(options, now=OPEN)
    found = unknown_parts(done)
    assert {part for part in found if part[0] in ("commitment", "database")} == {
        ("commitment", "savings plans"),
        ("commitment", "reserved databases in us-west-2"),
        ("database", ""),
    }
    # What is made from them lacks something too, and says so.
    assert found - {part for part in found if part[0] in ("commitment", "database")} == {
        ("metric_series", "for what database lacks"),
        ("metric_coverage", "for what database lacks"),
        ("instance_price", "for what commitment lacks"),
    }
    tables = read_snapshot(options.out).tables
    assert "database" not in tables
    assert {"commitment", "instance", "bucket", "metric_series", "instance_price"} <= set(tables)
    reasons = {entry["reason"] for entry in done.unknown if entry["table"] == "database"}
    assert reasons == {"rds gave no answer in us-west-2 (EndpointConnectionError)"}


@pytest.mark.parametrize(
    ("operation", "table"),
    [
        ("DescribeInstances", "instance"),
        ("DescribeDBInstances", "database"),
        ("DescribeLoadBalancers", "load_balancer"),
        ("ListBuckets", "bucket"),
    ],
)
def test_table_of_a_service_that_fails_is_left_out(
    server, options, gate, replies, operation, table
):
    gate.answers[operation] = lambda asked: replies.refusal(asked, "InternalError", 500)
    done = pull_snapshot(options, now=OPEN)
    snapshot = read_snapshot(options.out)
    assert table not in snapshot.tables
    assert (table, "") in unknown_parts(done)
    assert any(note.startswith(f"{table} is unknown: ") for note in snapshot.notes)


def test_metrics_of_a_service_that_fails_are_left_out(server, options, gate, replies, account):
    account("ec2").run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, InstanceType="m6i.large"
    )
    gate.answers["GetMetricData"] = lambda asked: replies.refusal(asked, "InternalFailure", 500)
    done = pull_snapshot(options, now=OPEN)
    assert {"metric_series", "metric_coverage", "bucket_storage"} <= {
        table for table, part in unknown_parts(done) if not part
    }
    assert "instance" in read_snapshot(options.out).tables


def test_region_that_fails_is_named_and_its_series_say_so(server, tmp_path, gate, replies, account):
    for region in ("us-west-2", "eu-west-1"):
        account("ec2", region).run_instances(
            ImageId="ami-12345678", MinCount=1, MaxCount=1, InstanceType="m6i.large"
        )

    def answer(asked):
        failed = replies.refusal(asked, "InternalFailure", 500)
        return failed if asked.region == "eu-west-1" else None

    gate.answers["GetMetricData"] = answer
    options = PullOptions(MONTH, tmp_path / "two", regions=("us-west-2", "eu-west-1"))
    done = pull_snapshot(options, now=OPEN)
    assert ("metric_series", "eu-west-1") in unknown_parts(done)
    assert {table for table, _ in unknown_parts(done)} == {"metric_series", "instance_price"}
    rows = records(read_snapshot(options.out).tables["metric_coverage"])
    statuses = {(row["region_id"], row["series_status"], row["note"]) for row in rows}
    assert statuses == {
        ("us-west-2", "empty", ""),
        ("eu-west-1", "failed", "cloudwatch gave no answer in eu-west-1 (InternalFailure)"),
    }


def test_tables_made_from_one_that_lacks_rows_are_named(server, tmp_path, gate):
    gate.deny("DescribeInstances", region="eu-west-1")
    options = PullOptions(MONTH, tmp_path / "two", regions=("us-west-2", "eu-west-1"))
    done = pull_snapshot(options, now=OPEN)
    assert unknown_parts(done) == {
        ("instance", "eu-west-1"),
        ("metric_series", "for what instance lacks"),
        ("metric_coverage", "for what instance lacks"),
        ("instance_price", "for what instance lacks"),
    }


def test_bucket_without_a_region_and_sizes_that_fail_are_named(
    server, options, gate, account, replies
):
    place = {"LocationConstraint": "us-west-2"}
    account("s3").create_bucket(Bucket="data", CreateBucketConfiguration=place)
    gate.deny("GetBucketLocation")
    assert {
        ("bucket", "region of data"),
        ("metric_series", "for what bucket lacks"),
        ("metric_coverage", "for what bucket lacks"),
        ("bucket_storage", "for what bucket lacks"),
    } == unknown_parts(pull_snapshot(options, now=OPEN))
    del gate.answers["GetBucketLocation"]
    account("ec2").run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, InstanceType="m6i.large"
    )

    def answer(asked):
        is_size = "AWS/S3" in str(asked.parameters)
        return replies.refusal(asked, "InternalFailure", 500) if is_size else None

    gate.answers["GetMetricData"] = answer
    found = unknown_parts(pull_snapshot(options, now=OPEN))
    assert {part for table, part in found if table == "bucket_storage"} == {
        "BucketSizeBytes in us-west-2",
        "NumberOfObjects in us-west-2",
    }


def test_every_missing_permission_of_a_table_is_named(gate, caller, context):
    """Whoever adds the one that the last part lacks would else learn of the next one then."""
    gate.deny("DescribeReservedInstances", "DescribeReservedDBInstances", "DescribeSavingsPlans")
    gate.deny("DescribeReservedCacheNodes", "DescribeReservedInstancesOfSearch")
    with pytest.raises(AccessError, match="es:DescribeReservedInstances"):
        collect_commitments(caller, context)
    parts = {(entry["part"], entry["iam_action"]) for entry in context.unknown}
    assert parts == {
        ("savings plans", "savingsplans:DescribeSavingsPlans"),
        *(
            (f"reserved {kind} in {region}", action)
            for region in ("us-west-2", "eu-west-1")
            for kind, action in (
                ("instances", "ec2:DescribeReservedInstances"),
                ("databases", "rds:DescribeReservedDBInstances"),
                ("cache nodes", "elasticache:DescribeReservedCacheNodes"),
            )
        ),
    }


def test_setting_of_a_bucket_that_fails_is_unknown_and_not_none(
    gate, account, replies, caller, context
):
    place = {"LocationConstraint": "us-west-2"}
    for name in ("a", "b"):
        account("s3").create_bucket(Bucket=f"{name}-data", CreateBucketConfiguration=place)

    def answer(asked):
        failed = replies.refusal(asked, "InternalError", 500)
        return failed if "/a-data" in asked.path else None

    gate.answers["GetBucketLifecycleConfiguration"] = answer
    one, other = records(collect_buckets(caller, context))
    assert (one["lifecycle"], other["lifecycle"]) == ("", "[]")
    assert one["note"] == "s3 gave no answer in us-west-2 (InternalError)"
    (entry,) = context.unknown
    assert entry["part"] == "lifecycle of a-data"


def test_inventory_that_is_not_whole_is_left_out(server, options, gate, replies):
    gate.answers["DescribeInstances"] = lambda asked: replies.reply(
        200, b"<DescribeInstancesResponse/>", "text/xml", {}, True
    )
    done = pull_snapshot(options, now=OPEN)
    assert "instance" not in done.rows
    reason = "ec2 describe_instances got an answer in us-west-2 that is not whole"
    assert done.unknown[0]["reason"] == reason


def test_region_that_is_not_enabled_is_explained(gate, caller, context):
    gate.deny("DescribeInstances", region="eu-west-1", code="AuthFailure")
    with pytest.raises(CredentialsError, match="leave out eu-west-1 if the account has not"):
        collect_instances(caller, context)


# --- how long it takes ----------------------------------------------------------------------------

MANY = tuple(f"us-west-{number}" for number in range(1, 21))


def test_dead_service_is_tried_patiently_once_and_then_briefly(gate, replies, monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "3")
    caller = Caller(Clients(None, MANY), NOW)
    context = PullContext(MONTH, NOW, MANY)
    down = lambda asked: replies.refusal(asked, "ServiceUnavailable", 503)  # noqa: E731
    gate.answers.update(dict.fromkeys(("DescribeInstances", "DescribeReservedInstances"), down))
    for _ in range(4):
        with pytest.raises(OutageError):
            collect_instances(caller, context)
    # 3 attempts in the first region, 1 in each of the 19 others; then 1 and 1 in all 20; then none.
    assert gate.operations() == ["DescribeInstances"] * (3 + 19 + 20 * (GIVE_UP - 1))
    assert caller.ledger.total().network == 20 * GIVE_UP
    collect_commitments_without_plans(caller, context, gate, replies)
    assert "DescribeReservedInstances" not in gate.operations(), "the same service"


def collect_commitments_without_plans(caller, context, gate, replies):
    databases = replies.xml("DescribeReservedDBInstances", "<ReservedDBInstances/>")
    gate.answers["DescribeReservedDBInstances"] = lambda asked: databases
    gate.serve("DescribeSavingsPlans", b'{"savingsPlans": []}')
    collect_commitments(caller, context)
    parts = {entry["part"] for entry in context.unknown}
    assert parts == {f"reserved instances in {region}" for region in MANY}


def test_service_that_answers_again_is_patient_again():
    outages = Outages()
    error = OutageError("ec2", "describe_instances", code="500", region="a")
    outages.failed("ec2", "a", error)
    outages.failed("ec2", "b", error)
    assert outages.is_suspect("ec2")
    assert not outages.is_suspect("rds")
    outages.answered("ec2", "a")
    assert outages.is_suspect("ec2"), "b is still down"
    # A refusal is an answer.
    outages.failed("ec2", "b", RefusedError("ec2", "describe_instances", code="InvalidParameter"))
    assert not outages.is_suspect("ec2")
    for _ in range(GIVE_UP):
        outages.check("ec2", "a")
        outages.failed("ec2", "a", error)
    with pytest.raises(OutageError):
        outages.check("ec2", "a")
    outages.check("ec2", "b")


def test_hasty_client_tries_once_and_does_not_wait_long(gate):
    clients = Clients(None, ("us-west-2",))
    config = clients.client("ec2", is_hasty=True).meta.config
    assert config.retries["total_max_attempts"] == 1
    assert (config.connect_timeout, config.read_timeout) == (5, 20)
    assert clients.client("ec2").meta.config.connect_timeout == 10


# --- which errors are which -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "AccessDeniedException", AccessError),
        (400, "ThrottlingException", ThrottledError),
        (400, "ExpiredTokenException", CredentialsError),
        (400, "DataUnavailableException", DataUnavailableError),
        (400, "ValidationException", RefusedError),
        (500, "InternalFailure", OutageError),
        (503, "ServiceUnavailable", OutageError),
    ],
)
def test_codes_of_the_provider(gate, caller, replies, status, code, kind):
    gate.answers["DescribeInstances"] = lambda asked: replies.refusal(asked, code, status)
    with pytest.raises(CallError) as caught:
        caller.ask("ec2", "describe_instances", region="us-west-2")
    assert type(caught.value) is kind
    assert bool(caught.value.reason) == (kind is not CredentialsError)


@pytest.mark.parametrize("service", ["ec2", "s3", "rds", "savingsplans", "cloudwatch"])
def test_page_of_a_proxy_that_says_that_it_failed_is_tried_again(
    gate, replies, monkeypatch, service
):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    operation = {
        "ec2": "describe_instances",
        "s3": "list_buckets",
        "rds": "describe_db_instances",
        "savingsplans": "describe_savings_plans",
        "cloudwatch": "list_metrics",
    }[service]
    page = replies.reply(503, b"<!doctype html><title>Busy</title>", "text/html; charset=utf-8")
    names = ("DescribeInstances", "ListBuckets", "DescribeDBInstances", "DescribeSavingsPlans")
    gate.answers.update(dict.fromkeys((*names, "ListMetrics"), lambda asked: page))
    caller = Caller(Clients(None, ("us-west-2",)), NOW)
    with pytest.raises(OutageError, match="503"):
        caller.ask(service, operation)
    assert len(gate.asked) == 2


def test_token_that_the_provider_refuses_is_a_page_that_is_missing(gate, caller, replies):
    refused = lambda asked: replies.refusal(asked, "InvalidNextToken", 400)  # noqa: E731
    gate.answers["DescribeInstances"] = refused
    with pytest.raises(BrokenAnswerError, match="a page that is not given any more") as caught:
        caller.ask("ec2", "describe_instances", region="us-west-2", NextToken="x")
    assert "a page that is not given any more" in caught.value.reason
    assert gate.operations().count("DescribeInstances") == 1, "a second one would be refused too"
