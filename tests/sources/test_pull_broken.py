"""Answers that are not whole, or none of AWS: asked for once more, then named; never read as none.

`test_pull_faults` breaks every call in every way; here is what a reader sees of it, and what the
charges must fit.
"""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from fake_cost_explorer import FakeCostExplorer, Fault, make_charges

from prismlib.errors import BrokenAnswerError, IncompleteDataError, ParameterError, SourceError
from prismlib.periods import Period
from prismlib.sources import pull as pull_module
from prismlib.sources.clients import Clients
from prismlib.sources.collecting import Collector
from prismlib.sources.inventory_ec2 import INSTANCE_ACTIONS, collect_instances
from prismlib.sources.pull import PullOptions, pull_snapshot
from prismlib.sources.pull_words import summary_lines
from prismlib.sources.snapshots import read_manifest

MONTH = Period.month("2025-10")
NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
PROXY = b"<html>Please log in</html>"
FROM_A_PROXY = "none of AWS: is there a proxy or a login page in between?"


@pytest.fixture
def server(gate, monkeypatch):
    """Serve a closed month of three groups of use a day, 50 a page, and no anomaly."""
    instances = Collector("instance", collect_instances, INSTANCE_ACTIONS)
    monkeypatch.setattr(pull_module, "COLLECTORS", (instances,))
    with FakeCostExplorer(make_charges(MONTH, usage_rows=2), NOW.date(), page_size=50) as fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL_COST_EXPLORER", fake.url)
        yield fake


@pytest.fixture
def options(tmp_path):
    return PullOptions(MONTH, tmp_path / "prod", regions=("us-west-2",))


@pytest.fixture
def instance(account):
    account("ec2").run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, InstanceType="m6i.large"
    )


# --- every other service --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        PROXY,
        b"<!DOCTYPE html><html><body>Please log in</body></html>",
        b"<DescribeInstancesResponse><requestId>r</requestId></DescribeInstancesResponse>",
        b"<DescribeVolumesResponse><volumeSet/></DescribeVolumesResponse>",
        b"[1]",
        b"",
    ],
)
def test_answer_of_something_else_is_no_empty_table(server, gate, options, instance, body):
    gate.serve("DescribeInstances", body, "text/html")
    done = pull_snapshot(options, now=NOW)
    assert "instance" not in done.rows
    (entry,) = done.unknown
    assert (entry["table"], entry["part"], entry["iam_action"]) == ("instance", "", "")
    assert "ec2 describe_instances got an answer in us-west-2 that is " in entry["reason"]
    assert gate.operations().count("DescribeInstances") == 2
    assert any("instance is unknown: ec2 describe_" in line for line in summary_lines(done))


def test_page_of_a_proxy_is_told_from_a_cut(server, gate, options, replies, instance):
    gate.serve("DescribeInstances", PROXY, "text/html")
    assert FROM_A_PROXY in pull_snapshot(options, now=NOW).unknown[0]["reason"]
    gate.answers["DescribeInstances"] = lambda asked: replies.reply(
        200, b"<DescribeInstancesResponse>", "text/xml", cut=True
    )
    assert "that is not whole" in pull_snapshot(options, now=NOW).unknown[0]["reason"]


def test_one_cut_leaves_nothing_out(server, gate, options, replies, instance):
    cut = [replies.reply(200, b"<DescribeInstancesResponse>", "text/xml", cut=True)]
    gate.answers["DescribeInstances"] = lambda asked: cut.pop() if cut else None
    server.faults = [Fault("truncated", operation="GetAnomalies")]
    done = pull_snapshot(options, now=NOW)
    assert done.unknown == []
    assert done.rows["instance"] == 1
    assert gate.operations().count("DescribeInstances") == 2
    asked = done.ledger.count("ce", "get_anomalies")
    assert (asked.network, asked.paid, asked.failed) == (2, 2, 1)


def test_page_that_comes_twice_is_named(server, gate, options, replies):
    def page(asked):
        token = "" if "NextToken" in asked.parameters else "<nextToken>t</nextToken>"
        one = (
            "<instanceId>i-1</instanceId><instanceType>m6i.large</instanceType>"
            "<instanceState><name>running</name></instanceState>"
        )
        inner = f"<item><instancesSet><item>{one}</item></instancesSet></item>"
        whole = f"<reservationSet>{inner}</reservationSet>{token}"
        return replies.xml("DescribeInstances", whole, is_ec2=True)

    gate.answers["DescribeInstances"] = page
    done = pull_snapshot(options, now=NOW)
    assert "instance" not in done.rows
    (entry,) = done.unknown
    assert entry["reason"] == "AWS instance got an answer that is not what the service gives"


@pytest.mark.parametrize(
    "body",
    [
        PROXY,
        b"<html>Please log in",
        b"[1]",
        b"<GetCallerIdentityResponse/>",
        b"<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>",
    ],
)
def test_nothing_is_paid_when_the_account_comes_from_a_proxy(server, gate, options, body):
    gate.serve("GetCallerIdentity", body, "text/html")
    with pytest.raises(BrokenAnswerError, match=FROM_A_PROXY.replace("?", r"\?")):
        pull_snapshot(options, now=NOW)
    assert gate.operations() == ["GetCallerIdentity"] * 2
    assert server.calls == []
    assert not options.out.exists()


# --- charges --------------------------------------------------------------------------------------


def test_total_in_another_currency_is_no_total(server, options):
    # 93 groups of use on 2 pages, 96 of the rest on 2; the fifth page has the totals.
    server.faults = [Fault("euros", operation="GetCostAndUsage", at=5)]
    with pytest.raises(IncompleteDataError, match="not in the currency of the total") as caught:
        pull_snapshot(options, now=NOW)
    assert "seen: USD" in str(caught.value) and "expected: EUR" in str(caught.value)
    assert not options.out.exists()


def test_all_in_another_currency_is_a_bill_of_it(server, options):
    server.faults = [Fault("euros", operation="GetCostAndUsage", times=5)]
    pull_snapshot(options, now=NOW)
    assert read_manifest(options.out)["billing_currency"] == "EUR"


def test_lost_page_says_what_the_next_pull_pays_for_it(server, options):
    # Without its first page use is 43 groups on 1 page; with 2 of the rest and 1 of totals, 4.
    server.faults = [Fault("drop", group=("SERVICE", "USAGE_TYPE"))]
    with pytest.raises(IncompleteDataError, match=r"asked for anew: 4 requests, \$0\.04"):
        pull_snapshot(options, now=NOW)
    server.faults, server.calls = [], []
    server.set_charges(server.charges)
    pull_snapshot(options, now=NOW)
    assert server.operations.count("GetCostAndUsage") == 5


def test_token_that_repeats_says_so_too(server, options):
    server.faults = [Fault("repeated_token", operation="GetCostAndUsage", times=99)]
    with pytest.raises(IncompleteDataError, match=r"asked for anew: 2 requests, \$0\.02"):
        pull_snapshot(options, now=NOW)


def test_same_month_from_another_region_is_not_paid_for_again(server, options, tmp_path):
    cache = tmp_path / "cache"
    first = PullOptions(MONTH, tmp_path / "a", regions=("us-west-2",), cache=cache)
    other = PullOptions(MONTH, tmp_path / "b", regions=("eu-west-1", "us-west-2"), cache=cache)
    # 2 + 2 + 1 of the charges, 1 of reservations, 1 of savings plans, 1 of anomalies.
    assert pull_snapshot(first, now=NOW).ledger.total().usd == Decimal("0.08")
    assert pull_snapshot(other, now=NOW).ledger.total().usd == 0


# --- what the user says ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("nosuchtag", "no charge of 2025-10 carries the tag nosuchtag"),
        ("category:nosuch", "no charge of 2025-10 is in the cost category nosuch"),
    ],
)
def test_tag_that_no_charge_carries_is_named(server, tmp_path, tag, words):
    options = PullOptions(MONTH, tmp_path / "prod", regions=("us-west-2",), tag=tag)
    done = pull_snapshot(options, now=NOW)
    assert any(words in line for line in summary_lines(done))
    assert any(words in note for note in read_manifest(options.out)["notes"])


def test_tag_that_some_carry_is_not(server, tmp_path):
    # Rows of use with an odd number carry it, the other half does not.
    options = PullOptions(MONTH, tmp_path / "prod", regions=("us-west-2",), tag="component")
    assert not any("no charge" in note for note in pull_snapshot(options, now=NOW).notes)


@pytest.mark.parametrize("tag", ["category:", "category: ", ""])
def test_tag_without_a_name_is_refused(tmp_path, tag):
    with pytest.raises(ParameterError, match="--tag"):
        PullOptions(MONTH, tmp_path / "prod", tag=tag)


@pytest.mark.parametrize("by_variable", [False, True])
def test_unknown_profile_is_told_with_those_there_are(tmp_path, monkeypatch, by_variable):
    config = tmp_path / "config"
    config.write_text("[profile b]\nregion = us-west-2\n[profile a]\nregion = us-west-2\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    if by_variable:
        monkeypatch.setenv("AWS_PROFILE", "nosuch")
    with pytest.raises(SourceError, match="the profile nosuch is not configured; there are: a, b"):
        Clients(None if by_variable else "nosuch")
