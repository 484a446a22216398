"""A whole pull on loopback: charges, inventory, metrics and prices in one snapshot."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from fake_cost_explorer import FakeCostExplorer, make_charges

from prismlib.periods import Period
from prismlib.pulled_tables import PULLED_TABLES
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.pull import PullOptions, pull_snapshot
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import records

MONTH = Period.month("2025-10")
NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
ACCOUNT = "123456789012"
PRICE = json.dumps(
    {
        "product": {
            "sku": "SKU1",
            "attributes": {"instanceType": "m6i.large", "regionCode": "us-west-2", "vcpu": "2"},
        },
        "terms": {
            "OnDemand": {
                "o": {"priceDimensions": {"d": {"unit": "Hrs", "pricePerUnit": {"USD": "0.0911"}}}}
            }
        },
        "publicationDate": "2025-11-14T18:00:00Z",
    }
)


@pytest.fixture
def charges(gate, replies, monkeypatch):
    """Serve Cost Explorer by the fake, what moto lacks by the gate, and the rest by moto."""
    instances = replies.xml("DescribeReservedInstances", "<reservedInstancesSet/>", is_ec2=True)
    databases = replies.xml("DescribeReservedDBInstances", "<ReservedDBInstances/>")
    gate.answers["DescribeReservedInstances"] = lambda asked: instances
    gate.answers["DescribeReservedDBInstances"] = lambda asked: databases
    gate.serve("DescribeSavingsPlans", b'{"savingsPlans": []}')
    gate.serve("GetProducts", json.dumps({"PriceList": [PRICE]}).encode())
    fake = FakeCostExplorer(make_charges(MONTH, usage_rows=3), today=NOW.date())
    with fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL_COST_EXPLORER", fake.url)
        yield fake


@pytest.fixture
def options(charges, account, tmp_path):
    """Return a pull of an account with two instances and a bucket that has its id in its name."""
    account("ec2").run_instances(
        ImageId="ami-12345678", MinCount=2, MaxCount=2, InstanceType="m6i.large"
    )
    place = {"LocationConstraint": "us-west-2"}
    account("s3").create_bucket(Bucket=f"logs-{ACCOUNT}", CreateBucketConfiguration=place)
    sizes = {"BucketName": f"logs-{ACCOUNT}", "StorageType": "StandardStorage"}
    account("cloudwatch").put_metric_data(
        Namespace="AWS/S3",
        MetricData=[
            {
                "MetricName": "BucketSizeBytes",
                "Dimensions": [{"Name": name, "Value": text} for name, text in sizes.items()],
                "Timestamp": datetime(2025, 10, 30, tzinfo=UTC),
                "Value": 5e12,
            }
        ],
    )
    return PullOptions(MONTH, tmp_path / "prod", regions=("us-west-2",), redact=True)


def test_a_pull_holds_everything_and_no_account_id(options, gate):
    done = pull_snapshot(options, now=NOW)
    snapshot = read_snapshot(options.out)
    assert set(PULLED_TABLES) <= set(snapshot.tables)
    assert len(snapshot.tables["instance"]) == 2
    (stored,) = records(snapshot.tables["bucket_storage"])
    assert stored["size_bytes"] == Decimal(5 * 10**12)
    assert list(snapshot.unknown) == done.unknown == []
    for file in options.out.iterdir():
        assert ACCOUNT.encode() not in file.read_bytes(), file.name
    prices = read_reference_tables(snapshot.tables)["instance_price"]
    (price,) = [
        row
        for row in records(prices)
        if (row["instance_type"], row["region_id"]) == ("m6i.large", "us-west-2")
    ]
    assert price["usd_per_hour"] == Decimal("0.0911")
    assert price["valid_from"] == NOW.date()
    assert all(name.startswith(("Get", "List", "Describe")) for name in gate.operations())


def test_a_second_pull_of_a_closed_month_pays_nothing_for_metrics_either(options):
    assert pull_snapshot(options, now=NOW).ledger.count("cloudwatch", "get_metric_data").paid == 2
    again = pull_snapshot(options, now=NOW + timedelta(days=1))
    assert again.ledger.count("cloudwatch", "get_metric_data").paid == 0
