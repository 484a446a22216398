"""`--dry-run`: what the metrics will cost is what they then cost; and the running total."""

import io
import re
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from fake_cost_explorer import FakeCostExplorer, make_charges
from rich.console import Console

from prismlib import cli
from prismlib.errors import SpendLimitError
from prismlib.periods import Period
from prismlib.sources import cost_explorer_pull
from prismlib.sources.ledger import Ledger, plain_usd
from prismlib.sources.metric_plan import LISTINGS, billed_at_least
from prismlib.sources.metric_queries import CATALOGUE, STORAGE_TYPES, Series
from prismlib.sources.prices import unit_price
from prismlib.sources.pull import PullOptions, plan_pull, pull_snapshot
from prismlib.sources.pull_words import Progress, plan, plan_lines, run, spent_words
from prismlib.sources.snapshots import read_snapshot

MONTH = Period.month("2025-10")
NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
OF_AN_INSTANCE = 4
"""CPU average and maximum, bytes in, bytes out."""
OF_A_BUCKET = len(STORAGE_TYPES) + 1
"""Its size by storage type, and how many objects it has."""
FREE = ("Describe", "List", "GetCallerIdentity", "GetBucketLocation")


@pytest.fixture
def server(gate, replies, monkeypatch, parse_once):
    for name, inner in (
        ("DescribeReservedInstances", "<reservedInstancesSet/>"),
        ("DescribeReservedDBInstances", "<ReservedDBInstances/>"),
    ):
        reply = replies.xml(name, inner, is_ec2="DB" not in name)
        gate.answers[name] = lambda asked, reply=reply: reply
    gate.serve("DescribeSavingsPlans", b'{"savingsPlans": []}')
    gate.serve("GetProducts", b'{"PriceList": []}')
    with FakeCostExplorer(make_charges(MONTH, usage_rows=3), today=NOW.date()) as fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL_COST_EXPLORER", fake.url)
        monkeypatch.setattr(cost_explorer_pull, "parse_cost", parse_once)
        yield fake


@pytest.fixture
def options(server, account, tmp_path):
    """Return a pull of an account with three instances and two buckets."""
    account("ec2").run_instances(
        ImageId="ami-12345678", MinCount=3, MaxCount=3, InstanceType="m6i.large"
    )
    place = {"LocationConstraint": "us-west-2"}
    for name in ("logs", "data"):
        account("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place)
    return PullOptions(MONTH, tmp_path / "prod", regions=("us-west-2",))


def metrics(planned):
    (one,) = [one for one in planned if one.service == "cloudwatch"]
    return one


def test_prices_are_those_of_the_providers_pages():
    assert unit_price("cloudwatch_metric_requested") == Decimal("0.01") / 1000
    assert unit_price("cost_explorer_request") == Decimal("0.01")
    assert unit_price("s3_read_request") == Decimal("0.0004") / 1000


def test_plan_counts_the_metrics_with_free_calls_and_the_pull_costs_that(server, options, gate):
    planned = metrics(plan_pull(options, now=NOW))
    assert server.calls == []
    assert all(name.startswith(FREE) for name in gate.operations()), gate.operations()
    # AWS takes the two statistics of CPU for one metric.
    most = 3 * OF_AN_INSTANCE + 2 * OF_A_BUCKET
    assert planned.most_usd == Decimal("0.00001") * most
    assert planned.least_usd == Decimal("0.00001") * (most - 3)
    counts = "3 instances, 0 databases, 0 load balancers, 2 buckets"
    assert planned.words == f"{most - 3} to {most} metrics ({counts})"
    done = pull_snapshot(options, now=NOW)
    assert done.ledger.total("cloudwatch").usd == planned.most_usd
    calls = read_snapshot(options.out).pull["calls"]
    assert Decimal(calls["cloudwatch get_metric_data"]["usd"]) == planned.most_usd
    assert f"(CloudWatch metrics ${planned.most_usd:f} of it)" in spent_words(done.ledger)


def test_plan_after_a_pull_has_nothing_to_pay_for(options):
    pull_snapshot(options, now=NOW)
    planned = plan_pull(options, now=NOW + timedelta(hours=1))
    assert all(one.is_cached for one in planned)
    assert any(line.startswith("price of CloudWatch: $0.00 (") for line in plan_lines(planned))
    assert metrics(planned).words.startswith("all in the cache, nothing to pay (3 instances")


def test_plan_says_what_it_could_not_count(server, options, gate):
    gate.deny("DescribeInstances")
    planned = metrics(plan_pull(options, now=NOW))
    assert "no instance: the permission is missing" in planned.words
    assert planned.most_usd == Decimal("0.00001") * 2 * OF_A_BUCKET


def test_plan_of_a_month_without_metrics_does_not_say_that_they_are_in_the_cache(options):
    # CloudWatch keeps hours for 455 days.
    planned = metrics(plan_pull(options, now=datetime(2027, 2, 5, tzinfo=UTC)))
    assert planned.words.startswith("the month is too old: CloudWatch keeps metrics for 455 days")
    assert planned.most_usd == 0


def test_plan_of_an_empty_account_says_that_there_is_nothing(server, gate, tmp_path):
    options = PullOptions(MONTH, tmp_path / "prod", regions=("us-west-2",))
    assert metrics(plan_pull(options, now=NOW)).words.startswith("nothing to ask for (0 instances")


def test_lines_of_the_plan_give_a_range_for_each_service(options):
    lines = plan_lines(plan_pull(options, now=NOW))
    assert lines[-2].startswith("price of Cost Explorer: $0.06 to about $")
    most = Decimal("0.00001") * (3 * OF_AN_INSTANCE + 2 * OF_A_BUCKET)
    least = most - Decimal("0.00003")
    assert lines[-1].startswith(f"price of CloudWatch: ${least:f} to about ${most:f} (")
    # Four settings a bucket at $0.0004 per 1,000 requests.
    assert any("$0.0016 for 1,000 buckets, not counted" in line for line in lines)


def test_limit_counts_metrics_too(server, options):
    # 6 pages of Cost Explorer, then one call of 3 x 4 metrics, then one of the buckets'.
    limit = Decimal("0.06") + Decimal("0.00001") * 3 * OF_AN_INSTANCE
    with pytest.raises(SpendLimitError) as caught:
        pull_snapshot(PullOptions(**{**vars(options), "max_usd": limit}), now=NOW)
    assert caught.value.spent <= limit
    assert caught.value.spent + caught.value.price > limit
    assert not options.out.exists()


def test_listings_are_of_tables_that_metrics_are_asked_for():
    assert set(LISTINGS) == {metric.table for metric in CATALOGUE} | {"bucket"}


def test_statistics_of_one_metric_are_billed_five_at_a_time():
    one = Series("us-west-2", "A", "B", "{}", "Average", 3600)
    names = ("Average", "Sum", "Minimum", "Maximum", "p99", "p50")
    six = [Series(**{**vars(one), "statistic": name}) for name in names]
    other = Series(**{**vars(one), "metric_name": "C"})
    assert billed_at_least([one]) == 1
    assert billed_at_least(six[:5]) == 1
    assert billed_at_least([*six, other]) == 2 + 1


# --- progress and the ledger ----------------------------------------------------------------------


@pytest.mark.parametrize("act", [plan, run])
def test_progress_is_a_line_a_step_with_the_running_total(options, act):
    lines = []
    act(options, NOW, Progress(lines.append))
    assert len(set(lines)) == len(lines) < 25, "no line a call"
    totals = []
    for line in lines:
        requests, usd = re.fullmatch(r".+ \((\d+) requests?, \$([\d.]+) so far\)", line).groups()
        totals.append((int(requests), Decimal(usd)))
    assert totals == sorted(totals)
    if act is run:
        assert lines[0] == "usage 2025-10 (0 requests, $0.00 so far)"
        assert lines[1] == "other 2025-10 (1 request, $0.01 so far)"
        assert totals[-1][1] > Decimal("0.06"), "metrics are in it"


def test_live_progress_follows_each_answer(options):
    lines = []
    run(options, NOW, Progress(lines.append, is_live=True))
    assert "usage 2025-10 (1 request, $0.01 so far)" in lines
    assert len(lines) > 30


@pytest.mark.parametrize(
    ("is_terminal", "terminal", "is_redrawn"),
    [(True, "xterm", True), (True, "dumb", False), (False, "xterm", False)],
)
def test_command_shows_progress_as_the_terminal_can(monkeypatch, is_terminal, terminal, is_redrawn):
    words = "usage [2025-10] (1 request, $0.01 so far)"
    out = io.StringIO()
    known = {"TERM": terminal}
    console = Console(file=out, force_terminal=is_terminal, width=100, _environ=known)
    monkeypatch.setattr(cli, "errors", console)
    with cli._status() as (show, is_live):
        show(words)
        deadline = time.monotonic() + 60  # a thread draws it ten times a second
        while words not in out.getvalue() and time.monotonic() < deadline:
            time.sleep(0.05)
    assert is_live == is_redrawn
    assert words in out.getvalue()
    assert ("\x1b[" in out.getvalue()) == is_redrawn


def test_failed_calls_count_as_paid_at_most_and_are_named():
    ledger = Ledger()
    count = ledger.count("ce", "get_anomalies")
    count.network, count.paid, count.failed, count.usd = 3, 3, 1, Decimal("0.03")
    assert spent_words(ledger) == (
        "3 requests, 3 of them paid: $0.03, at most: 1 of them failed, which AWS may not bill;"
        " 0 answers from the cache"
    )
    assert ledger.as_json()["failed_paid_requests"] == 1


@pytest.mark.parametrize(
    ("usd", "text"),
    [
        ("0", "0.00"),
        ("0.1", "0.10"),
        ("0.0600", "0.06"),
        ("0.00001", "0.00001"),
        ("12.3456", "12.3456"),
        ("1E+2", "100.00"),
    ],
)
def test_plain_usd(usd, text):
    assert plain_usd(Decimal(usd)) == text
