"""CloudWatch series over HTTP: complete or known to be incomplete, and a gap is never a zero."""

import csv
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismlib import paths
from prismlib.errors import AccessError, SourceError, ThrottledError
from prismlib.periods import Period
from prismlib.pulled_tables import (
    BUCKET,
    DATABASE,
    INSTANCE,
    LOAD_BALANCER,
    METRIC_COVERAGE,
    METRIC_SERIES,
)
from prismlib.sources.calls import Caller
from prismlib.sources.cloudwatch import (
    METRIC_ACTIONS,
    METRIC_PRICE,
    collect_bucket_storage,
    collect_metric_coverage,
    collect_metric_series,
)
from prismlib.sources.collecting import PullContext
from prismlib.sources.csv_tables import read_table, write_table
from prismlib.sources.metric_answers import (
    STATUSES,
    Found,
    coverage_row,
    longest_gap_s,
    parse_metric_data,
)
from prismlib.sources.metric_queries import (
    CATALOGUE,
    PERIODS,
    POINTS_PER_CALL,
    QUERIES_PER_CALL,
    STORAGE_TYPES,
    Series,
    Window,
    batches,
    period_for,
    window,
)
from prismlib.sources.metric_rules import MetricRule, read_metric_rules, rule_series
from prismlib.sources.prices import unit_price
from prismlib.sources.request_cache import RequestCache
from prismlib.tables import check, make, records

OCTOBER = Period.month("2025-10")
NOW = datetime(2025, 11, 16, 12, tzinfo=UTC)
START = datetime(2025, 10, 1, tzinfo=UTC)
NAB = Path(__file__).parents[1] / "data" / "aws" / "ec2_network_in.csv"


def series(number=0, **more):
    fields = {
        "region_id": "us-west-2",
        "namespace": "AWS/EC2",
        "metric_name": "NetworkIn",
        "dimensions": f'{{"InstanceId": "i-{number}"}}',
        "statistic": "Sum",
        "period_s": 3600,
        "unit": "Bytes",
    }
    return Series(**{**fields, **more})


def hours(first, last, period_s=3600):
    start = datetime(2025, 10, 1, first, tzinfo=UTC)
    return Window(start, datetime(2025, 10, 1, last, tzinfo=UTC), period_s)


def instances(*ids, region="us-west-2"):
    rows = [
        {
            "region_id": region,
            "instance_id": one,
            "instance_type": "m6i.large",
            "state": "running",
            "purchase": "on-demand",
        }
        for one in ids
    ]
    return make(INSTANCE, rows)


@pytest.fixture
def known(context):
    """A context whose inventory is empty but known."""
    for name, table in (
        ("instance", INSTANCE),
        ("load_balancer", LOAD_BALANCER),
        ("database", DATABASE),
        ("bucket", BUCKET),
    ):
        context.tables[name] = make(table, [])
    return context


class Spy(Caller):
    """Keeps the parameters of every call."""

    def ask(self, service, operation, **parameters):
        self.__dict__.setdefault("asked", []).append((operation, parameters))
        return super().ask(service, operation, **parameters)

    def queries(self):
        found = [p["MetricDataQueries"] for o, p in self.asked if o == "get_metric_data"]
        return [query for batch in found for query in batch]


def answered(gate, replies, result):
    """Let the gate answer every query of GetMetricData with `result(number of the call)`."""
    calls = []

    def answer(asked):
        calls.append(asked)
        return replies.json(result(len(calls)))

    gate.answers["GetMetricData"] = answer
    gate.answers["ListMetrics"] = lambda asked: replies.json({"Metrics": []})
    return calls


def one_result(points, status="Complete", **more):
    result = {
        "Id": "m0",
        "Label": "x",
        "Timestamps": [moment for moment, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": status,
    }
    return {"MetricDataResults": [result], "Messages": [], **more}


# --- which series, which period, which batches ----------------------------------------------------


@pytest.mark.parametrize(
    ("age_days", "wanted", "period_s"),
    [
        (14, 60, 60),
        (15, 60, 60),
        (15.01, 60, 300),
        (63, 60, 300),
        (63.01, 60, 3600),
        (400, 300, 3600),
        (10, 3600, 3600),
        (400, 86400, 86400),
    ],
)
def test_period_for_is_never_shorter_than_what_is_kept(age_days, wanted, period_s):
    assert period_for(wanted, NOW - timedelta(days=age_days), NOW) == period_s


def test_window_of_a_closed_month_is_all_of_it():
    """31 days x 24 hours = 744."""
    assert window(OCTOBER, 3600, NOW).points == 744


def test_window_of_the_open_month_ends_with_the_last_whole_period():
    """15 days and 12 hours of November are over: 15 x 24 + 12 = 372 hours, 15 days."""
    november = Period.month("2025-11")
    assert window(november, 3600, NOW + timedelta(minutes=59)).points == 372
    assert window(november, 86400, NOW).points == 15


def test_window_begins_where_data_is_still_kept():
    """455 days before 16 November 2025 is 18 August 2024: the first whole day is the 19th."""
    august = window(Period.month("2024-08"), 86400, NOW)
    assert august.start == datetime(2024, 8, 19, tzinfo=UTC)
    assert august.points == 13
    assert window(Period.month("2024-07"), 3600, NOW).points == 0
    assert window(Period.month("2026-01"), 3600, NOW).points == 0


@given(
    st.lists(
        st.builds(
            series,
            st.integers(0, 3000),
            region_id=st.sampled_from(["us-west-2", "eu-west-1"]),
            period_s=st.sampled_from([60, 3600, 86400]),
        ),
        max_size=80,
    ),
    st.integers(0, 200_000),
)
def test_batches_keep_every_series_once_and_the_limits_of_a_call(many, most):
    points = {60: most, 3600: 744, 86400: 31}
    found = list(batches(many, points))
    assert Counter(one for batch in found for one in batch) == Counter(set(many))
    for batch in found:
        assert len({(one.region_id, one.period_s) for one in batch}) == 1
        assert len(batch) <= QUERIES_PER_CALL
        assert len(batch) == 1 or len(batch) * points[batch[0].period_s] <= POINTS_PER_CALL


def test_batches_of_a_month_of_hours():
    """100,800 / 744 = 135.4: 300 series need 135 + 135 + 30."""
    found = batches([series(n) for n in range(300)], {3600: 744})
    assert [len(batch) for batch in found] == [135, 135, 30]
    daily = batches([series(n, period_s=86400) for n in range(1001)], {86400: 31})
    assert [len(batch) for batch in daily] == [500, 500, 1]


def test_catalogue_asks_for_known_columns():
    tables = {"instance": INSTANCE, "load_balancer": LOAD_BALANCER, "database": DATABASE}
    for metric in CATALOGUE:
        assert metric.column in tables[metric.table].fields
        assert metric.where is None or metric.where[0] in tables[metric.table].fields


# --- what an answer holds -------------------------------------------------------------------------


def test_parse_metric_data_puts_pages_duplicates_and_disorder_right():
    at = [START + timedelta(hours=n) for n in range(4)]
    pages = [
        one_result([(at[2].isoformat(), 3.0), (at[0].isoformat(), 1.0)], "PartialData"),
        one_result([(at[0].isoformat(), 1.0), (at[3].isoformat(), 0.0)]),
    ]
    found = parse_metric_data(pages, [series()], hours(0, 4))[series()]
    assert found.points == {at[0]: Decimal(1), at[2]: Decimal(3), at[3]: Decimal(0)}
    assert (found.status_code, found.notes) == ("Complete", [])
    row = coverage_row(series(), found, hours(0, 4))
    assert (row["series_status"], row["found_points"], row["expected_points"]) == ("gaps", 3, 4)
    assert row["coverage_ratio"] == Decimal("0.75")
    assert row["longest_gap_s"] == 3600


def test_parse_metric_data_says_when_a_time_has_two_values():
    text = START.isoformat()
    found = parse_metric_data([one_result([(text, 1.0), (text, 2.0)])], [series()], hours(0, 1))
    assert found[series()].points == {START: Decimal(2)}
    assert found[series()].notes == [
        "a time came twice with different values: the last one is kept"
    ]


def test_parse_metric_data_leaves_out_what_lies_outside_the_window():
    """CloudWatch rounds the start down; and an hour that is not over would be too small a sum."""
    times = [START - timedelta(hours=1), START, START + timedelta(hours=1)]
    page = one_result([(moment.isoformat(), 1.0) for moment in times])
    found = parse_metric_data([page], [series()], hours(0, 1))
    assert list(found[series()].points) == [START]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e25, -1e20])
def test_parse_metric_data_leaves_a_gap_for_a_value_that_cannot_be_kept(value):
    found = parse_metric_data([one_result([(START.isoformat(), value)])], [series()], hours(0, 1))
    assert found[series()].points == {}
    assert "cannot be kept" in found[series()].notes[0]


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        (0.3825404878776848, "0.3825404878776848"),
        (51.846000000000004, "51.846000000000004"),
        (1e15, "1000000000000000"),
        (1.5e-19, "0"),
        (-0.0, "0"),
    ],
)
def test_parse_metric_data_keeps_a_value_as_it_is_printed(value, exact):
    found = parse_metric_data([one_result([(START.isoformat(), value)])], [series()], hours(0, 1))
    assert found[series()].points[START] == Decimal(exact)


def test_parse_metric_data_of_more_times_than_values_uses_none():
    page = one_result([(START.isoformat(), 1.0)])
    page["MetricDataResults"][0]["Values"] = []
    found = parse_metric_data([page], [series()], hours(0, 1))[series()]
    assert (found.points, found.status_code) == ({}, "InternalError")


def test_parse_metric_data_of_a_recorded_answer(recorded):
    answer = recorded("metric_data.json")
    answer["MetricDataResults"][0]["Id"] = "m0"
    start = datetime(2026, 7, 21, 14, tzinfo=UTC)
    found = parse_metric_data([answer], [series()], Window(start, start + timedelta(hours=1), 60))
    assert found[series()].points == {start + timedelta(minutes=13): Decimal(15)}


def nab_points():
    """The real series on the grid that CloudWatch uses: 00:04 lies in the period from 00:00 on."""
    with NAB.open(encoding="utf-8") as stream:
        rows = [
            (datetime.fromisoformat(r["timestamp"]), r["value"]) for r in csv.DictReader(stream)
        ]
    floored = [(t.replace(tzinfo=UTC, minute=t.minute // 5 * 5), float(v)) for t, v in rows]
    return floored


def test_a_real_series_keeps_its_gap():
    """Seven hours are 84 periods; 83 came, and none in that from 03:10 on."""
    start = datetime(2014, 4, 10, tzinfo=UTC)
    seven_hours = Window(start, start + timedelta(hours=7), 300)
    one = series(period_s=300)
    page = one_result([(moment.isoformat(), value) for moment, value in nab_points()])
    found = parse_metric_data([page], [one], seven_hours)[one]
    row = coverage_row(one, found, seven_hours)
    assert (row["expected_points"], row["found_points"]) == (84, 83)
    assert row["longest_gap_s"] == 300
    assert row["series_status"] == "gaps"
    assert datetime(2014, 4, 10, 3, 10, tzinfo=UTC) not in found.points
    assert found.points[datetime(2014, 4, 10, 0, 5, tzinfo=UTC)] == Decimal(3203510)


def test_longest_gap_counts_the_ends_of_the_window():
    at = [START + timedelta(hours=n) for n in (2, 3, 5)]
    assert longest_gap_s(at, hours(0, 6)) == 7200
    assert longest_gap_s(at, hours(2, 10)) == 4 * 3600
    assert longest_gap_s([], hours(0, 6)) == 6 * 3600
    assert longest_gap_s([START], hours(0, 1)) == 0


def test_coverage_never_shows_a_series_that_lacks_a_point_as_whole():
    """9,999,999 of 10,000,000 is 0.9999999, which must not be rounded to 1."""
    wide = Window(START, START + timedelta(seconds=86400 * 10), 86400)
    found = Found({START + timedelta(days=n): Decimal(1) for n in range(9)}, "Complete")
    assert coverage_row(series(period_s=86400), found, wide)["coverage_ratio"] == Decimal("0.9")
    empty = coverage_row(series(), Found({}, "Complete"), hours(0, 6))
    assert (empty["series_status"], empty["coverage_ratio"]) == ("empty", 0)
    assert empty["first_seen_at"] is None


# --- over HTTP ------------------------------------------------------------------------------------


def put(client, namespace, name, dimensions, points):
    for moment, value in points:
        client.put_metric_data(
            Namespace=namespace,
            MetricData=[
                {
                    "MetricName": name,
                    "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()],
                    "Timestamp": moment,
                    "Value": value,
                }
            ],
        )


def bucket(name, region="us-west-2"):
    return {"bucket_name": name, "region_id": region}


def test_collect_metric_series_of_two_regions(account, caller, known, tmp_path):
    known.tables["instance"] = make(
        INSTANCE, records(instances("i-a")) + records(instances("i-b", region="eu-west-1"))
    )
    for region, one, value in (("us-west-2", "i-a", 251643.0), ("eu-west-1", "i-b", 0.0)):
        points = [(datetime(2025, 10, 2, 3, 15, tzinfo=UTC), value)]
        put(account("cloudwatch", region), "AWS/EC2", "NetworkIn", {"InstanceId": one}, points)
    frame = check(collect_metric_series(caller, known), METRIC_SERIES)
    found = {(r["region_id"], r["observed_at"].hour): r["metric_value"] for r in records(frame)}
    assert found == {("us-west-2", 3): Decimal(251643), ("eu-west-1", 3): Decimal(0)}
    coverage = records(check(collect_metric_coverage(caller, known), METRIC_COVERAGE))
    # Two instances x (CPU average and maximum, bytes in, bytes out), nothing else is there.
    assert Counter(row["series_status"] for row in coverage) == {"empty": 6, "gaps": 2}
    assert {row["expected_points"] for row in coverage} == {744}
    path = tmp_path / "metric_series.parquet"
    write_table(frame, path, METRIC_SERIES)
    assert records(read_table(path, METRIC_SERIES)) == records(frame)


def test_every_metric_asked_for_is_counted_in_dollars(caller, known):
    """300 instances x 4 series = 1,200 metrics: $0.012; in calls of at most 135 queries."""
    known.tables["instance"] = instances(*(f"i-{n}" for n in range(300)))
    collect_metric_series(caller, known)
    count = caller.ledger.count("cloudwatch", "get_metric_data")
    assert count.usd == Decimal("0.012") == 1200 * unit_price(METRIC_PRICE)
    assert count.network == 9  # 1,200 / 135 = 8.9
    assert caller.ledger.total().usd == count.usd


def test_a_second_pull_of_a_closed_month_pays_nothing(clients, known, tmp_path):
    known.tables["instance"] = instances("i-a", "i-b")
    for later in (timedelta(0), timedelta(days=1)):
        cache = RequestCache(tmp_path, "123456789012")
        again = Caller(clients, now=NOW + later, cache=cache)
        context = PullContext(OCTOBER, NOW + later, ("us-west-2",), tables=dict(known.tables))
        collect_metric_series(again, context)
        assert again.ledger.total().paid == (1 if not later else 0)


def test_buckets_get_every_storage_type_documented_or_not(account, caller, known):
    known.tables["bucket"] = make(BUCKET, [bucket("data"), bucket("unused")])
    cloudwatch = account("cloudwatch")
    for kind, last in (("StandardStorage", 1e12), ("BrandNewStorage", 5.0)):
        days = [(START + timedelta(days=n), last + n) for n in range(3)]
        place = {"BucketName": "data", "StorageType": kind}
        put(cloudwatch, "AWS/S3", "BucketSizeBytes", place, days)
    count = {"BucketName": "data", "StorageType": "AllStorageTypes"}
    put(cloudwatch, "AWS/S3", "NumberOfObjects", count, [(START, 7.0)])
    known.tables["metric_series"] = collect_metric_series(caller, known)
    rows = {
        (row["bucket_name"], row["storage_type"]): row
        for row in records(collect_bucket_storage(caller, known))
    }
    assert set(rows) == {
        ("data", "StandardStorage"),
        ("data", "BrandNewStorage"),
        ("data", "AllStorageTypes"),
    }
    assert rows["data", "StandardStorage"]["size_bytes"] == Decimal(10**12 + 2)
    assert rows["data", "StandardStorage"]["observed_at"] == START + timedelta(days=2)
    assert rows["data", "AllStorageTypes"]["stored_objects"] == 7
    assert rows["data", "AllStorageTypes"]["size_bytes"] is None
    coverage = records(collect_metric_coverage(caller, known))
    # A type that a bucket does not use is no series; that it holds objects at all is asked of each.
    assert Counter(row["metric_name"] for row in coverage) == {
        "BucketSizeBytes": 2,
        "NumberOfObjects": 2,
    }
    assert len(STORAGE_TYPES) == len(set(STORAGE_TYPES)) > 20


def test_balancers_replicas_and_replication_are_asked_for_by_their_own_dimensions(
    account, clients, known
):
    balancers = [
        ("app/web/1", "web", "application"),
        ("net/front/2", "front", "network"),
        ("old", "old", "classic"),
    ]
    known.tables["load_balancer"] = make(
        LOAD_BALANCER,
        [
            {
                "region_id": "us-west-2",
                "load_balancer_id": one,
                "load_balancer_name": name,
                "load_balancer_type": kind,
            }
            for one, name, kind in balancers
        ],
    )
    row = {
        "region_id": "us-west-2",
        "instance_type": "db.r6g.large",
        "state": "available",
        "engine": "postgres",
    }
    copies = [{**row, "database_id": "main"}, {**row, "database_id": "copy", "replica_source": "m"}]
    aurora = {**row, "database_id": "writer", "engine": "aurora-mysql"}
    known.tables["database"] = make(DATABASE, [*copies, aurora])
    # In this order: moto, unlike CloudWatch, tells orders of dimensions apart.
    rule = {"DestinationBucket": "b", "RuleId": "r", "SourceBucket": "a"}
    put(account("cloudwatch"), "AWS/S3", "ReplicationLatency", rule, [(START, 4.0)])
    spy = Spy(clients, now=NOW)
    collect_metric_series(spy, known)
    asked = {
        (
            stat["Metric"]["Namespace"],
            stat["Metric"]["MetricName"],
            *(d["Value"] for d in stat["Metric"]["Dimensions"]),
        )
        for stat in (query["MetricStat"] for query in spy.queries())
    }
    assert asked == {
        ("AWS/ApplicationELB", "ProcessedBytes", "app/web/1"),
        ("AWS/NetworkELB", "ProcessedBytes", "net/front/2"),
        ("AWS/ELB", "EstimatedProcessedBytes", "old"),
        ("AWS/RDS", "ReplicaLag", "copy"),
        ("AWS/RDS", "AuroraReplicaLag", "writer"),
        ("AWS/S3", "ReplicationLatency", "b", "r", "a"),
    }
    assert all("Unit" not in query["MetricStat"] for query in spy.queries())
    (latency,) = [
        row for row in records(known.tables["metric_series"]) if row["namespace"] == "AWS/S3"
    ]
    assert (latency["metric_value"], latency["unit"]) == (Decimal(4), "Seconds")


def test_pages_of_one_answer_are_joined(gate, replies, clients, known, tmp_path):
    """The first page is partial and names the next one, which has the rest and an older point."""
    rules = tmp_path / "metrics.yaml"
    rules.write_text(
        "metrics:\n- {namespace: A, metric: B, dimensions: {C: d}, statistics: [p99],"
        " regions: [us-west-2]}\n"
    )
    known.metrics_file = rules
    at = [START + timedelta(hours=n) for n in range(3)]
    pages = {
        1: one_result([(at[1], 2.5), (at[2], 3.5)], "PartialData", NextToken="more"),
        2: one_result([(at[0], 1.5)]),
    }
    calls = answered(gate, replies, lambda number: pages[number])
    spy = Spy(clients, now=NOW)
    frame = collect_metric_series(spy, known)
    assert [row["metric_value"] for row in records(frame)] == [
        Decimal("1.5"),
        Decimal("2.5"),
        Decimal("3.5"),
    ]
    assert len(calls) == 2
    assert spy.ledger.total().usd == 2 * unit_price(METRIC_PRICE)
    assert {query["MetricStat"]["Stat"] for query in spy.queries()} == {"p99"}
    (row,) = records(known.tables["metric_coverage"])
    assert (row["statistic"], row["series_status"], row["note"]) == ("p99", "gaps", "")


@pytest.mark.parametrize("status", ["InternalError", "PartialData", "Forbidden"])
def test_what_does_not_come_whole_is_asked_once_more(status, gate, replies, caller, known):
    known.tables["database"] = lagging()
    pages = {1: two_results([(START, 1.0)], status), 2: two_results([(START, 1.0)], "Complete")}
    calls = answered(gate, replies, lambda number: pages[number])
    collect_metric_series(caller, known)
    assert len(calls) == 2
    assert {row["series_status"] for row in records(known.tables["metric_coverage"])} == {"gaps"}


def test_what_stays_incomplete_is_said_and_never_kept_in_the_cache(
    gate, replies, clients, known, tmp_path
):
    known.tables["database"] = lagging()
    message = [{"Code": "Internal", "Value": "try later"}]

    def broken(number):
        return {**two_results([(START, 1.0)], "InternalError"), "Messages": message}

    answered(gate, replies, broken)
    cache = RequestCache(tmp_path, "123456789012")
    caller = Caller(clients, now=NOW, cache=cache)
    frame = collect_metric_series(caller, known)
    assert len(frame) == 2
    for row in records(known.tables["metric_coverage"]):
        assert row["series_status"] == "incomplete"
        assert row["note"] == "Internal: try later; status InternalError"
    assert list(cache.folder.glob("*.gz")) == []


def lagging():
    row = {
        "region_id": "us-west-2",
        "database_id": "copy",
        "instance_type": "db.r6g.large",
        "engine": "postgres",
        "state": "available",
        "replica_source": "main",
    }
    return make(DATABASE, [row])


def two_results(points, status):
    (result,) = one_result(points, status)["MetricDataResults"]
    return {"MetricDataResults": [result, {**result, "Id": "m1"}]}


def test_a_region_that_is_denied_is_named_and_the_other_one_read(gate, caller, known):
    known.tables["instance"] = make(
        INSTANCE, records(instances("i-a")) + records(instances("i-b", region="eu-west-1"))
    )
    gate.deny("GetMetricData", region="eu-west-1")
    collect_metric_series(caller, known)
    by_region = {
        (row["region_id"], row["series_status"], row["note"])
        for row in records(known.tables["metric_coverage"])
    }
    assert by_region == {
        ("us-west-2", "empty", ""),
        ("eu-west-1", "denied", "needs cloudwatch:GetMetricData"),
    }
    assert [entry["part"] for entry in known.unknown] == ["eu-west-1"]


def test_metrics_that_are_denied_everywhere_are_an_error(gate, caller, known):
    known.tables["instance"] = instances("i-a")
    gate.deny("GetMetricData")
    for collect in (collect_metric_series, collect_metric_coverage, collect_bucket_storage):
        with pytest.raises(AccessError) as caught:
            collect(caller, known)
        assert caught.value.iam_action in METRIC_ACTIONS


def test_throttled_metrics_fail_and_give_no_short_table(gate, caller, known):
    known.tables["instance"] = instances("i-a")
    gate.deny("GetMetricData", code="Throttling")
    with pytest.raises(ThrottledError):
        collect_metric_series(caller, known)
    assert "metric_series" not in known.tables


@pytest.mark.usefixtures("gate")
def test_resources_that_are_not_known_are_not_taken_for_none(caller, context):
    """Without the inventory nothing can be asked; each metric says which table it lacks."""
    assert len(collect_metric_series(caller, context)) == 0
    rows = records(context.tables["metric_coverage"])
    assert {row["series_status"] for row in rows} == {"not asked"}
    assert {row["note"] for row in rows} == {
        f"the table {name} is not known"
        for name in ("instance", "load_balancer", "database", "bucket")
    }


def test_a_denied_list_of_metrics_leaves_the_documented_ones(gate, caller, known):
    known.tables["bucket"] = make(BUCKET, [bucket("data")])
    gate.deny("ListMetrics")
    collect_metric_series(caller, known)
    assert {entry["iam_action"] for entry in known.unknown} == {"cloudwatch:ListMetrics"}


def test_data_that_is_no_longer_kept_is_said_to_be(caller, known):
    known.tables["instance"] = instances("i-a")
    known.period = Period.month("2023-01")
    collect_metric_series(caller, known)
    rows = records(known.tables["metric_coverage"])
    assert {row["series_status"] for row in rows} == {"expired"}
    assert caller.ledger.total().paid == 0


def test_statuses_are_those_that_rows_have():
    assert set(STATUSES) == {
        *("complete", "gaps", "empty", "incomplete", "expired", "denied", "failed", "not asked")
    }


# --- the user's list ------------------------------------------------------------------------------

GOOD = """\
# a comment
metrics:
  - namespace: AWS/ElastiCache
    metric: ReplicationLag
    dimensions: {CacheNodeId: 0001, CacheClusterId: 012345678901}
    statistics: [Average, p99.9]
    period_s: 300
    unit: Seconds
    regions: [us-west-2]
  - {namespace: Custom App, metric: yes, dimensions: {}, statistics: [Sum]}
"""


def test_read_metric_rules_takes_values_as_they_are_written(tmp_path):
    path = tmp_path / "metrics.yaml"
    path.write_text(GOOD, encoding="utf-8")
    first, second = read_metric_rules(path)
    assert first == MetricRule(
        namespace="AWS/ElastiCache",
        metric_name="ReplicationLag",
        dimensions=(("CacheClusterId", "012345678901"), ("CacheNodeId", "0001")),
        statistics=("Average", "p99.9"),
        period_s=300,
        unit="Seconds",
        regions=("us-west-2",),
    )
    assert second == MetricRule("Custom App", "yes", (), ("Sum",))
    found = list(rule_series((first, second), ("us-west-2", "eu-west-1"), START, NOW))
    # 46 days old: 300 s are kept for 63 days.
    assert [(one.region_id, one.statistic, one.period_s) for one in found] == [
        ("us-west-2", "Average", 300),
        ("us-west-2", "p99.9", 300),
        ("us-west-2", "Sum", 3600),
        ("eu-west-1", "Sum", 3600),
    ]


ENTRY = "metrics:\n- namespace: A\n  metric: B\n  dimensions: {C: d}\n  statistics: [Sum]\n"


@pytest.mark.parametrize(
    ("text", "row", "words"),
    [
        ("", 1, "the file is no mapping"),
        ("- a\n", 1, "begins with a list"),
        ("metrics: []\n", 1, "metrics is no list"),
        ("metrics:\n  a: b\n", 2, "metrics is no list"),
        ("metrics: [x]\n", 1, "an entry is no mapping"),
        ("metric:\n- a\n", 1, "a key is not known"),
        ("metrics:\n- namespace: A\n", 2, "lacks metric, dimensions, statistics"),
        (ENTRY + "  periods: 60\n", 6, "a key is not known"),
        (ENTRY + "  metric: C\n", 6, "a key comes twice"),
        (ENTRY + "  period_s: 90\n", 6, "period_s is not usable"),
        (ENTRY + "  period_s: 1h\n", 6, "period_s is not usable"),
        (ENTRY + "  period_s: [60]\n", 6, "period_s is no text"),
        (ENTRY + "  unit:\n", 6, "unit is no text"),
        (ENTRY + "  regions: us-west-2\n", 6, "regions is no list"),
        (ENTRY.replace("Sum", "Median"), 5, "no such statistic"),
        (ENTRY.replace("Sum", "p101"), 5, "no such statistic"),
        (ENTRY.replace("{C: d}", "[C]"), 4, "dimensions is no mapping"),
        (ENTRY.replace("C: d", "C: '*'"), 4, "C holds a wildcard"),
        (ENTRY.replace("B", "~"), 3, "metric is no text"),
        (ENTRY + "  unit: 'a\n", 7, "is not readable YAML"),
        (ENTRY + "---\nmetrics: []\n", 6, "is not readable YAML"),
        (ENTRY + "\tunit: x\n", 6, "is not readable YAML"),
    ],
)
def test_read_metric_rules_names_the_line(text, row, words, tmp_path):
    path = tmp_path / "metrics.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as caught:
        read_metric_rules(path)
    assert words in str(caught.value)
    assert caught.value.row == row
    assert "expected: " in str(caught.value)


def test_the_example_of_the_readme_can_be_read(tmp_path):
    text = (paths.DATA / "README.md").read_text(encoding="utf-8")
    path = tmp_path / "metrics.yaml"
    path.write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    (rule,) = read_metric_rules(path)
    assert (rule.statistics, rule.period_s) == (("Average", "p99"), 300)
    assert all(f"{period}" in text for period in PERIODS)


def test_read_metric_rules_refuses_what_is_no_text(tmp_path):
    path = tmp_path / "metrics.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match="not readable YAML"):
        read_metric_rules(path)
    with pytest.raises(SourceError, match="no such file"):
        read_metric_rules(tmp_path / "none.yaml")
