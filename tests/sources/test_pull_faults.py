"""Every call of a pull, broken in every way: a whole snapshot, or the old one and a way to go on.

The calls of Cost Explorer go to the fake, all others to the gate before moto. One folder is broken
in one way after the other, so each further pull must also go on from what the one before left: the
servers see what is asked again. At the end nothing is broken, and the snapshot must be the one of
a pull that met no fault, byte by byte.
"""

import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from fake_cost_explorer import Charge, FakeCostExplorer, Fault, make_charges

from prismlib.errors import (
    AccessError,
    BrokenAnswerError,
    CredentialsError,
    DataUnavailableError,
    IncompleteDataError,
    OutageError,
    ThrottledError,
)
from prismlib.periods import Period
from prismlib.sources import cost_explorer_pull, pull_start
from prismlib.sources.clients import Clients
from prismlib.sources.policy import actions
from prismlib.sources.pull import PullOptions, pull_snapshot
from prismlib.sources.snapshot_checks import check_snapshot
from prismlib.sources.snapshots import (
    MANIFEST,
    Description,
    Origin,
    read_manifest,
    read_snapshot,
    write_snapshot,
)
from prismlib.tables import ESTIMATE, make

MONTH = Period.month("2025-10")
NOW = datetime(2025, 10, 4, 12, tzinfo=UTC)
"""Three days of an open month: few rows, and the forecast is asked for too."""
REGION = "us-west-2"
ACCOUNT = "123456789012"

PAGES = {
    "usage": 3,  # 4 groups a day for 3 days, 4 a page
    "other": 3,  # 3 a day, and 3 on the first
    "control": 1,  # 3 days
    "tag": 6,  # 7 a day, and 3 on the first
    "reservation coverage": 1,
    "savings plan coverage": 2,  # a service a page
    "forecast": 1,
    "anomalies": 2,  # one a page
}
OF_CHARGES = 13
QUESTION = [name for name, pages in PAGES.items() for _ in range(pages)]
"""The question that each paid call belongs to."""
CALLS = len(QUESTION)
SIDE = {
    "reservation coverage": ("commitment_coverage", "ce:GetReservationCoverage"),
    "savings plan coverage": ("commitment_coverage", "ce:GetSavingsPlansCoverage"),
    "forecast": ("cost_forecast", "ce:GetCostForecast"),
    "anomalies": ("cost_anomaly", "ce:GetAnomalies"),
}

STOPS = {"expired": CredentialsError}
"""What stops a pull at any call."""
BROKEN = ("truncated", "empty", "garbled", "proxy", "list")
"""What is asked for once more, at once."""
LEAVES_OUT = {
    "throttled": ThrottledError,
    "error": OutageError,
    "reset": OutageError,
    "denied": AccessError,
    "unavailable": DataUnavailableError,
    **dict.fromkeys(BROKEN, BrokenAnswerError),
    "repeated_token": IncompleteDataError,
}
"""What stops it at a call for charges, and leaves out the table at any other."""


def anomaly(number):
    return {
        "AnomalyId": f"a-{number}",
        "AnomalyScore": {"MaxScore": 0.9, "CurrentScore": 0.4},
        "Impact": {"MaxImpact": 100.5, "TotalImpact": 100.1},
        "MonitorArn": f"arn:aws:ce::{ACCOUNT}:anomalymonitor/1",
    }


def covered(day):
    """Return a second service that a savings plan covers."""
    spent = (Decimal("1.5"), Decimal("1.25"))
    return Charge(day, "AWS Lambda", "GB-Second", "SavingsPlanCoveredUsage", *spent)


@pytest.fixture(scope="module")
def patch():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


PRICE = {
    "product": {
        "sku": "SKU1",
        "attributes": {"instanceType": "m6i.large", "regionCode": REGION, "vcpu": "2"},
    },
    "terms": {
        "OnDemand": {
            "o": {"priceDimensions": {"d": {"unit": "Hrs", "pricePerUnit": {"USD": "0.0911"}}}}
        }
    },
    "publicationDate": "2025-10-03T18:00:00Z",
}


@pytest.fixture(scope="module")
def servers(full_gate, _own_clients, patch, parse_once):
    """Return the two servers; what is the same in every pull is made once.

    These are the clients, and the tables of charges from the same answers.
    """
    full_gate.serve("GetProducts", json.dumps({"PriceList": [json.dumps(PRICE)]}).encode())
    size = {"BucketName": "logs", "StorageType": "StandardStorage"}
    _own_clients("cloudwatch").put_metric_data(
        Namespace="AWS/S3",
        MetricData=[
            {
                "MetricName": "BucketSizeBytes",
                "Dimensions": [{"Name": name, "Value": text} for name, text in size.items()],
                "Timestamp": datetime(2025, 10, 2, tzinfo=UTC),
                "Value": 5e12,
            }
        ],
    )
    charges = make_charges(MONTH, usage_rows=2) + [covered(day) for day in MONTH.dates()]
    anomalies = [anomaly(1), anomaly(2)]
    with FakeCostExplorer(charges, NOW.date(), page_size=4, anomalies=anomalies) as ce:
        for name, text in (
            ("ENDPOINT_URL", full_gate.url),
            ("ENDPOINT_URL_COST_EXPLORER", ce.url),
            ("ACCESS_KEY_ID", "AKIAPLANTEDKEY"),
            ("SECRET_ACCESS_KEY", "planted-secret"),
            ("MAX_ATTEMPTS", "1"),
        ):
            patch.setenv(f"AWS_{name}", text)
        clients = Clients(None, [REGION])
        patch.setattr(pull_start, "Clients", lambda profile, regions: clients)
        patch.setattr(cost_explorer_pull, "parse_cost", parse_once)
        yield SimpleNamespace(ce=ce, gate=full_gate)


@pytest.fixture
def ce(servers):
    servers.ce.faults, servers.ce.calls = [], []
    return servers.ce


@pytest.fixture
def gate(servers):
    servers.gate.fault, servers.gate.asked, servers.gate.right = None, [], []
    return servers.gate


def options(folder):
    out = folder / "snapshots" / "prod"
    return PullOptions(MONTH, out, tag="component", regions=(REGION,))


@pytest.fixture(scope="module")
def whole(servers, tmp_path_factory):
    """Return a pull without faults: its files, its paid calls and all others."""
    servers.ce.calls, servers.gate.asked = [], []
    wanted = options(tmp_path_factory.mktemp("whole"))
    done = pull_snapshot(wanted, now=NOW)
    files = contents(wanted.out)
    return SimpleNamespace(
        done=done, out=wanted.out, files=files, paid=servers.ce.calls, free=servers.gate.asked
    )


@pytest.fixture
def wanted(tmp_path):
    """Return a pull into a folder that holds an estimate of the month."""
    wanted = options(tmp_path)
    row = {"component": "Web", "estimated_cost": Decimal(5), "billing_currency": "USD"}
    write_snapshot(
        wanted.out,
        Description("old", "Old", "2025-10", date(2025, 10, 1), "USD"),
        {"estimate": (make(ESTIMATE, [row]), Origin("a test"))},
    )
    return wanted


def contents(folder):
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


def tables(files):
    """Return the tables among files by name."""
    return {Path(name).stem: raw for name, raw in files.items() if name != MANIFEST}


def held(wanted):
    """Return how many answers the cache has; there is nothing else beside the snapshot."""
    assert {file.name for file in wanted.out.parent.iterdir()} <= {"prod", ".prism-cache"}
    files = [f for f in (wanted.out.parent / ".prism-cache").rglob("*") if f.is_file()]
    assert all(file.name.endswith(".json.gz") for file in files)
    return len(files)


def stopped(wanted, error):
    """Pull, and find that it stopped and that the snapshot is as it was."""
    before = contents(wanted.out)
    with pytest.raises(error) as caught:
        pull_snapshot(wanted, now=NOW)
    assert ACCOUNT not in str(caught.value)
    assert contents(wanted.out) == before


def went_on(wanted, whole, table, action):
    """Pull without `table` or a part of it, and find that all that differs is named.

    `metric_coverage` is not named: its rows say of each metric why it was not read.
    """
    done = pull_snapshot(wanted, now=NOW)
    found = contents(wanted.out)
    manifest = read_manifest(wanted.out)
    assert manifest["unknown"] == done.unknown
    assert any(table in note and action in note for note in manifest["notes"])
    assert done.unknown[0]["table"] == table
    assert all(entry["reason"] for entry in done.unknown)
    assert {entry["iam_action"] for entry in done.unknown} - {""} == ({action} if action else set())
    named = {entry["table"] for entry in done.unknown} | {"metric_coverage", "estimate"}
    old, new = tables(whole.files), tables(found)
    # The charges are among the rest, so they are the ones whose totals were compared.
    assert {name for name in {*old, *new} if old.get(name) != new.get(name)} <= named
    assert not named & {"cost", "cost_file", "cost_tag"}
    hashes = {name: hashlib.sha256(raw).hexdigest() for name, raw in new.items()}
    assert {name: entry["sha256"] for name, entry in manifest["tables"].items()} == hashes
    return done


def finished(wanted, whole):
    """Pull without faults, and find the snapshot that there would have been."""
    done = pull_snapshot(wanted, now=NOW)
    assert done.unknown == []
    found = tables(contents(wanted.out))
    del found["estimate"]  # that of the earlier snapshot, which is kept
    assert found == tables(whole.files)
    # Metrics of fewer resources were another question, whose answer is kept too.
    assert held(wanted) >= CALLS + METRIC_CALLS
    return done


# --- without faults -------------------------------------------------------------------------------

FREE = [
    ("sts", "GetCallerIdentity", "", "sts:GetCallerIdentity"),
    ("ec2", "DescribeInstances", "instance", "ec2:DescribeInstances"),
    ("ec2", "DescribeAvailabilityZones", "instance", "ec2:DescribeAvailabilityZones"),
    ("savingsplans", "DescribeSavingsPlans", "commitment", "savingsplans:DescribeSavingsPlans"),
    ("ec2", "DescribeReservedInstances", "commitment", "ec2:DescribeReservedInstances"),
    ("rds", "DescribeReservedDBInstances", "commitment", "rds:DescribeReservedDBInstances"),
    (
        *("elasticache", "DescribeReservedCacheNodes", "commitment"),
        "elasticache:DescribeReservedCacheNodes",
    ),
    ("es", "DescribeReservedInstancesOfSearch", "commitment", "es:DescribeReservedInstances"),
    ("rds", "DescribeDBInstances", "database", "rds:DescribeDBInstances"),
    ("ec2", "DescribeAvailabilityZones", "database", "ec2:DescribeAvailabilityZones"),
    ("elasticache", "DescribeCacheClusters", "managed_node", "elasticache:DescribeCacheClusters"),
    ("es", "ListDomainNames", "managed_node", "es:ListDomainNames"),
    ("es", "DescribeDomains", "managed_node", "es:DescribeDomains"),
    *(
        (service, operation, "load_balancer", f"{service}:{operation}")
        for service, operation in (
            ("elasticloadbalancing", "DescribeLoadBalancers"),
            ("elasticloadbalancing", "DescribeLoadBalancers"),
            ("ec2", "DescribeAvailabilityZones"),
            ("elasticloadbalancing", "DescribeTargetGroups"),
            ("elasticloadbalancing", "DescribeTargetHealth"),
            ("elasticloadbalancing", "DescribeLoadBalancerAttributes"),
            ("elasticloadbalancing", "DescribeInstanceHealth"),
            ("elasticloadbalancing", "DescribeLoadBalancerAttributes"),
        )
    ),
    ("s3", "ListBuckets", "bucket", "s3:ListAllMyBuckets"),
    ("s3", "GetBucketLocation", "bucket", "s3:GetBucketLocation"),
    ("s3", "GetBucketVersioning", "bucket", "s3:GetBucketVersioning"),
    ("s3", "GetBucketLifecycleConfiguration", "bucket", "s3:GetLifecycleConfiguration"),
    ("s3", "GetBucketReplication", "bucket", "s3:GetReplicationConfiguration"),
    ("s3", "GetBucketEncryption", "bucket", "s3:GetEncryptionConfiguration"),
    ("monitoring", "ListMetrics", "metric_series", "cloudwatch:ListMetrics"),
    ("monitoring", "ListMetrics", "metric_series", "cloudwatch:ListMetrics"),
    ("monitoring", "GetMetricData", "metric_series", "cloudwatch:GetMetricData"),
    ("monitoring", "GetMetricData", "metric_series", "cloudwatch:GetMetricData"),
    ("pricing", "GetProducts", "instance_price", "pricing:GetProducts"),
]
"""Every call but those of Cost Explorer, in order, the table it is for and its permission."""
METRIC_CALLS = 2
"""Those of FREE that cost something after all, so they are kept; one a length of period."""
MAY_BE_EMPTY = {
    *("GetBucketLocation", "GetBucketVersioning", "GetBucketLifecycleConfiguration"),
    *("GetBucketReplication", "GetBucketEncryption"),
}
"""Operations whose answer may be one element without parts."""
PAGED = {
    *("DescribeInstances", "DescribeSavingsPlans", "DescribeReservedDBInstances"),
    *("DescribeReservedCacheNodes", "DescribeReservedInstancesOfSearch", "DescribeCacheClusters"),
    *("DescribeDBInstances", "DescribeLoadBalancers", "DescribeTargetGroups", "ListBuckets"),
    *("ListMetrics", "GetMetricData", "GetProducts"),
}


def test_every_call_of_the_policy_is_broken_below():
    named = {action for *_, action in FREE} | {action for _, action in SIDE.values()}
    assert named | {"ce:GetCostAndUsage"} == set(actions())


def test_pull_without_faults_makes_the_calls_that_are_broken_below(whole, servers):
    operations = ["GetCostAndUsage"] * OF_CHARGES
    operations += [SIDE[name][1].removeprefix("ce:") for name in QUESTION[OF_CHARGES:]]
    assert [operation for operation, _ in whole.paid] == operations
    assert [(one.service, one.operation) for one in whole.free] == [one[:2] for one in FREE]
    assert whole.done.unknown == []
    assert check_snapshot(whole.out) == []
    snapshot = read_snapshot(whole.out)
    known = [charge for charge in servers.ce.charges if charge.day < NOW.date()]
    for metric, side in (("unblended_cost", "unblended"), ("amortized_cost", "amortized")):
        expected = sum((getattr(charge, side) for charge in known), Decimal(0))
        assert sum(snapshot.tables["cost"][metric]) == expected
    of_inventory = ("instance", "database", "load_balancer", "bucket", "bucket_storage")
    assert [len(snapshot.tables[name]) for name in of_inventory] == [1, 1, 2, 1, 1]


# --- Cost Explorer --------------------------------------------------------------------------------


def first_page(number):
    return QUESTION.index(QUESTION[number])


def rest_of(number):
    """Return the numbers of the calls for a page and for those that follow it."""
    return set(range(number, first_page(number) + PAGES[QUESTION[number]]))


def seen(ce, whole):
    """Return the numbers of the paid calls since the last time."""
    known = [ce.page_of(call) for call in whole.paid]
    numbers = [known.index(ce.page_of(call)) for call in ce.calls]
    ce.calls = []
    return numbers


def metrics_held(gate):
    return [one.operation for one in gate.right].count("GetMetricData")


def by_number(number):
    return f"{QUESTION[number].replace(' ', '-')}-{number - first_page(number) + 1}"


@pytest.mark.parametrize("number", range(CALLS), ids=by_number)
def test_each_paid_call_broken_in_every_way(ce, gate, wanted, whole, number):
    """`cached` follows which answers the cache must hold, so which ones are asked for."""
    everything, question, cached = set(range(CALLS)), QUESTION[number], set()
    for kind, error in {**LEAVES_OUT, **STOPS}.items():
        if kind == "repeated_token" and question == "forecast":
            continue  # it is not paged
        ce.faults = [Fault(kind, like=whole.paid[number], times=99)]
        if kind in LEAVES_OUT and number >= OF_CHARGES:
            table, action = SIDE[question]
            done = went_on(wanted, whole, table, action if kind == "denied" else "")
            assert done.unknown[0]["part"] == question
            answered = everything - rest_of(number)
        else:
            stopped(wanted, error)
            answered = set(range(number))
        asked = sorted([*((answered | {number}) - cached), *([number] if kind in BROKEN else [])])
        cached |= answered
        if kind == "repeated_token":
            # That a first page leads to itself shows when it comes again. None of them is kept.
            asked += [number] * (number == first_page(number))
            cached -= set(range(first_page(number), number))
        assert seen(ce, whole) == asked, kind
        assert held(wanted) == len(cached) + metrics_held(gate), kind
    ce.faults = []
    finished(wanted, whole)
    assert seen(ce, whole) == sorted(everything - cached)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        *(("no_token", number) for number in range(OF_CHARGES) if len(rest_of(number)) > 1),
        *(("repeated_token", number) for number in range(OF_CHARGES)),
    ],
)
def test_page_of_charges_that_hides_others_or_comes_twice(ce, wanted, whole, kind, number):
    """The sums do not fit: no page of the charges is trusted any more."""
    ce.faults = [Fault(kind, like=whole.paid[number])]
    stopped(wanted, IncompleteDataError)
    # A page that names itself by the token it was asked for with is seen at once: the questions
    # before it are kept.
    kept = first_page(number) if kind == "repeated_token" and number > first_page(number) else 0
    assert held(wanted) == kept
    ce.calls = []
    finished(wanted, whole)
    assert seen(ce, whole) == list(range(kept, CALLS))


@pytest.mark.parametrize("number", range(OF_CHARGES, CALLS), ids=by_number)
def test_page_beside_the_charges_that_comes_twice(ce, wanted, whole, number):
    """What came twice is no more coverage, and no more anomalies, than there is."""
    ce.faults = [Fault("repeated_token", like=whole.paid[number])]
    if QUESTION[number] == "forecast":
        finished(wanted, whole)
        return
    done = went_on(wanted, whole, SIDE[QUESTION[number]][0], "")
    assert done.unknown[0]["part"] == QUESTION[number]
    pages = range(first_page(number), first_page(number) + PAGES[QUESTION[number]])
    assert held(wanted) == CALLS - len(pages) + METRIC_CALLS
    ce.calls = []
    finished(wanted, whole)
    assert seen(ce, whole) == list(pages)


# --- every other service --------------------------------------------------------------------------

OF_AN_ANSWER = ("truncated", "garbled", "proxy", "list", "elsewhere", "no_result")
GOES_ON = ("throttled", "error", "reset", "denied", *OF_AN_ANSWER, "repeated_token")


@pytest.mark.parametrize(
    "number", range(len(FREE)), ids=lambda n: f"{FREE[n][1]}-{FREE[n][2] or 'account'}-{n}"
)
def test_each_other_call_broken_in_every_way(ce, gate, wanted, whole, number):
    _, operation, table, action = FREE[number]
    call, before = whole.free[number], whole.free[:number].count(whole.free[number])
    errors = {**LEAVES_OUT, **STOPS, **dict.fromkeys(OF_AN_ANSWER, BrokenAnswerError)}
    for kind in (*GOES_ON, "expired"):
        if kind == "repeated_token" and operation not in PAGED:
            continue
        if kind == "no_result" and operation in MAY_BE_EMPTY:
            continue
        gate.fault, gate.asked = (kind, call, before), []
        if kind in GOES_ON and table:
            went_on(wanted, whole, table, action if kind == "denied" else "")
        else:
            stopped(wanted, errors[kind])
            assert gate.asked[-1].operation == operation, kind
        assert gate.asked.count(call) > before, kind
    gate.fault = None
    if operation == "GetCallerIdentity":
        assert ce.calls == [], "nothing is paid for without knowing the account"
    finished(wanted, whole)
    assert seen(ce, whole) == list(range(CALLS)), "each of them once"
    paid = [one for one in gate.right if one.operation == "GetMetricData"]
    assert all(paid.count(one) == 1 for one in paid)
