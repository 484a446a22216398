"""What exists in an account, read over HTTP from moto and from answers that moto cannot give."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from prismlib.errors import AccessError, CallError, ThrottledError
from prismlib.periods import Period
from prismlib.pulled_tables import PULLED_TABLES
from prismlib.sources.calls import Caller
from prismlib.sources.collecting import PullContext
from prismlib.sources.collectors import COLLECTORS
from prismlib.sources.commitments import (
    collect_commitments,
    parse_reserved_databases,
    parse_reserved_instances,
    parse_savings_plans,
)
from prismlib.sources.inventory import account_of, instant, number, tags_json
from prismlib.sources.inventory_ec2 import collect_instances, parse_instances
from prismlib.sources.inventory_elb import collect_load_balancers, parse_target_health
from prismlib.sources.inventory_rds import collect_databases, parse_databases
from prismlib.sources.inventory_s3 import collect_buckets, parse_lifecycle, parse_versioning
from prismlib.sources.permissions import iam_action
from prismlib.sources.redaction import Redactor
from prismlib.tables import check, records

HOSTILE = {
    "Name": '=HYPERLINK("http://x")',
    "html": "</script><script>alert(1)</script>",
    "quote": 'a"b\\c, d\n2',
    "ünï": "日本\u202e",
    "empty": "",
}


def tag_list(tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def start_instances(client, count, zone, **more):
    client.run_instances(
        ImageId="ami-12345678",
        MinCount=count,
        MaxCount=count,
        InstanceType="m6i.large",
        Placement={"AvailabilityZone": zone},
        TagSpecifications=[{"ResourceType": "instance", "Tags": tag_list(HOSTILE)}],
        **more,
    )


# --- EC2 ------------------------------------------------------------------------------------------


def test_collect_instances_reads_every_region_and_keeps_hostile_tags(account, caller, context):
    start_instances(account("ec2"), 255, "us-west-2b")
    start_instances(account("ec2", "eu-west-1"), 2, "eu-west-1a")
    frame = collect_instances(caller, context)
    check(frame, PULLED_TABLES["instance"])
    rows = records(frame)
    assert [sum(row["region_id"] == r for row in rows) for r in context.regions] == [255, 2]
    assert {row["zone_id"] for row in rows if row["zone_name"] == "us-west-2b"} == {"usw2-az1"}
    assert json.loads(rows[0]["tags"]) == HOSTILE
    assert rows[0]["purchase"] == "on-demand"
    assert rows[0]["launched_at"].utcoffset().total_seconds() == 0
    assert context.unknown == []


INSTANCE_PAGE = """<reservationSet><item><ownerId>012345678901</ownerId><instancesSet><item>
<instanceId>i-{n}</instanceId><instanceType>r6g.xlarge</instanceType>
<instanceState><name>stopped</name></instanceState><architecture>arm64</architecture>
<instanceLifecycle>spot</instanceLifecycle><platformDetails>Linux/UNIX</platformDetails>
<launchTime>2025-10-03T04:05:06.000Z</launchTime>
<placement><availabilityZone>us-west-2a</availabilityZone><tenancy>dedicated</tenancy></placement>
<tagSet><item><key>aws:autoscaling:groupName</key><value>web</value></item></tagSet>
</item></instancesSet></item></reservationSet>"""


def test_collect_instances_follows_every_page(gate, caller, context, replies):
    """Three pages in one region and none in the other; the account keeps its leading zero."""

    def answer(asked):
        page = int(asked.parameters.get("NextToken", "1"))
        more = f"<nextToken>{page + 1}</nextToken>" if page < 3 else ""
        inner = INSTANCE_PAGE.format(n=page) + more if asked.region == "us-west-2" else ""
        return replies.xml("DescribeInstances", inner, is_ec2=True)

    gate.answers["DescribeInstances"] = answer
    rows = records(collect_instances(caller, context))
    assert [row["instance_id"] for row in rows] == ["i-1", "i-2", "i-3"]
    assert rows[0]["sub_account_id"] == "012345678901"
    assert (rows[0]["purchase"], rows[0]["state"]) == ("spot", "stopped")
    assert (rows[0]["architecture"], rows[0]["tenancy"]) == ("arm64", "dedicated")
    assert rows[0]["is_autoscaled"] is True
    assert rows[0]["launched_at"] == datetime(2025, 10, 3, 4, 5, 6, tzinfo=UTC)


def test_collect_instances_names_a_region_that_is_denied(account, gate, caller, context):
    start_instances(account("ec2"), 1, "us-west-2a")
    gate.deny("DescribeInstances", region="eu-west-1")
    assert len(collect_instances(caller, context)) == 1
    (entry,) = context.unknown
    assert (entry["table"], entry["part"]) == ("instance", "eu-west-1")
    assert entry["iam_action"] == "ec2:DescribeInstances"


def test_collect_instances_leaves_zone_ids_unknown_without_their_permission(
    account, gate, caller, context
):
    start_instances(account("ec2"), 1, "us-west-2a")
    gate.deny("DescribeAvailabilityZones")
    (row,) = records(collect_instances(caller, context))
    assert (row["zone_id"], row["zone_name"]) == ("", "us-west-2a")
    assert [entry["iam_action"] for entry in context.unknown] == ["ec2:DescribeAvailabilityZones"]


def test_a_truncated_answer_is_an_error_and_never_a_short_table(gate, caller, context, replies):
    def answer(asked):
        body = INSTANCE_PAGE.format(n=1).encode()
        return replies.reply(200, body, "text/xml", {}, True)

    gate.answers["DescribeInstances"] = answer
    with pytest.raises(CallError):
        collect_instances(caller, context)


RESERVED = {
    "ReservedInstances": [
        {
            "ReservedInstancesId": "ri-1",
            "OfferingClass": "convertible",
            "OfferingType": "Partial Upfront",
            "Scope": "Availability Zone",
            "AvailabilityZone": "us-west-2a",
            "InstanceType": "m6i.large",
            "InstanceCount": 12,
            "InstanceTenancy": "default",
            "ProductDescription": "Linux/UNIX (Amazon VPC)",
            "CurrencyCode": "USD",
            "Duration": 94608000,
            "FixedPrice": 512.5,
            "UsagePrice": 0.0,
            "RecurringCharges": [{"Amount": 0.0213, "Frequency": "Hourly"}],
            "Start": "2024-01-10T12:00:00+00:00",
            "End": "2027-01-09T12:00:00+00:00",
            "State": "active",
        }
    ]
}


def test_parse_reserved_instances_by_hand():
    """94,608,000 s = 3 x 365 days x 86,400 s; 0 + 0.0213 USD an hour each."""
    (row,) = parse_reserved_instances(RESERVED, "us-west-2")
    assert row["commitment"] == "convertible RI"
    assert (row["term_years"], row["payment"]) == (3, "partial upfront")
    assert row["recurring_usd_per_hour"] == Decimal("0.0213")
    assert row["upfront_usd"] == Decimal("512.5")
    assert (row["scope"], row["committed_count"]) == ("us-west-2a", 12)
    assert row["ends_at"] == datetime(2027, 1, 9, 12, tzinfo=UTC)


def test_parse_reserved_instances_keeps_no_amount_of_another_currency():
    one = {**RESERVED["ReservedInstances"][0], "CurrencyCode": "CNY"}
    (row,) = parse_reserved_instances({"ReservedInstances": [one]}, "cn-north-1")
    assert "recurring_usd_per_hour" not in row
    assert "CNY" in row["note"]


def test_parse_reserved_databases_ends_after_its_term():
    """1 January + 365 days is 1 January of the next year (2025 has no leap day)."""
    one = {
        "ReservedDBInstanceId": "mine",
        "ReservedDBInstanceArn": "arn:aws:rds:us-west-2:012345678901:ri:mine",
        "DBInstanceClass": "db.r6g.large",
        "DBInstanceCount": 2,
        "Duration": 31536000,
        "StartTime": "2025-01-01T00:00:00+00:00",
        "MultiAZ": True,
        "OfferingType": "No Upfront",
        "FixedPrice": 0.0,
        "UsagePrice": 0.0,
        "RecurringCharges": [
            {"RecurringChargeAmount": 0.137, "RecurringChargeFrequency": "Hourly"}
        ],
        "State": "active",
    }
    (row,) = parse_reserved_databases({"ReservedDBInstances": [one]}, "us-west-2")
    assert row["ends_at"] == datetime(2026, 1, 1, tzinfo=UTC)
    assert row["sub_account_id"] == "012345678901"
    assert row["recurring_usd_per_hour"] == Decimal("0.137")


PLAN = {
    "savingsPlanId": "sp-1",
    "savingsPlanArn": "arn:aws:savingsplans::012345678901:savingsplan/sp-1",
    "savingsPlanType": "Compute",
    "paymentOption": "No Upfront",
    "productTypes": ["Lambda", "EC2", "Fargate"],
    "commitment": "12.50000000",
    "upfrontPaymentAmount": "0.0",
    "currency": "USD",
    "termDurationInSeconds": 31536000,
    "start": "2025-03-01T00:00:00.000Z",
    "end": "2026-02-28T23:59:59.000Z",
    "region": "us-west-2",
    "state": "active",
    "tags": {},
}


def test_parse_savings_plans_says_what_a_plan_covers():
    narrow = {"savingsPlanType": "EC2Instance", "ec2InstanceFamily": "m6i", "state": "retired"}
    compute, ec2 = parse_savings_plans({"savingsPlans": [PLAN, {**PLAN, **narrow}]})
    assert compute["commitment"] == "compute savings plan"
    assert compute["commitment_usd_per_hour"] == Decimal("12.5")
    assert (compute["scope"], compute["region_id"]) == ("EC2|Fargate|Lambda", "")
    assert compute["ends_at"] == datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC)
    assert (ec2["commitment"], ec2["region_id"]) == ("EC2 instance savings plan", "us-west-2")
    assert (ec2["instance_family"], ec2["state"]) == ("m6i", "retired")


def reserved_xml(asked):
    one = (
        "<item><reservedInstancesId>ri-{r}</reservedInstancesId><instanceType>m6i.large"
        "</instanceType><instanceCount>3</instanceCount><state>active</state><scope>Region</scope>"
        "<offeringClass>standard</offeringClass><offeringType>All Upfront</offeringType>"
        "<duration>31536000</duration><fixedPrice>500.0</fixedPrice><usagePrice>0.0</usagePrice>"
        "<currencyCode>USD</currencyCode><start>2025-06-01T00:00:00.000Z</start>"
        "<end>2026-06-01T00:00:00.000Z</end></item>"
    )
    return f"<reservedInstancesSet>{one.format(r=asked.region)}</reservedInstancesSet>"


def serve_commitments(gate, replies):
    gate.answers["DescribeReservedInstances"] = lambda asked: replies.xml(
        "DescribeReservedInstances", reserved_xml(asked), is_ec2=True
    )
    gate.answers["DescribeReservedDBInstances"] = lambda asked: replies.xml(
        "DescribeReservedDBInstances", "<ReservedDBInstances/>"
    )

    def plans(asked):
        page = int(asked.parameters.get("nextToken", "1"))
        body = {"savingsPlans": [{**PLAN, "savingsPlanId": f"sp-{page}"}]}
        return replies.json({**body, "nextToken": "2"} if page == 1 else body)

    gate.answers["DescribeSavingsPlans"] = plans


def test_collect_commitments_reads_regions_and_the_plans_of_the_account(
    gate, caller, context, replies
):
    serve_commitments(gate, replies)
    frame = check(collect_commitments(caller, context), PULLED_TABLES["commitment"])
    ids = [row["commitment_id"] for row in records(frame)]
    assert ids == ["sp-1", "sp-2", "ri-us-west-2", "ri-eu-west-1"]
    asked = [one for one in gate.asked if one.operation == "DescribeSavingsPlans"]
    assert "retired" in asked[0].parameters["states"]


def test_collect_commitments_names_what_is_denied(gate, caller, context, replies):
    serve_commitments(gate, replies)
    gate.deny("DescribeSavingsPlans", code="AccessDeniedException")
    assert len(collect_commitments(caller, context)) == 2
    (entry,) = context.unknown
    assert entry["part"] == "savings plans"
    assert entry["iam_action"] == "savingsplans:DescribeSavingsPlans"


# --- RDS ------------------------------------------------------------------------------------------


def test_collect_databases_knows_replicas(account, caller, context):
    rds = account("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="main",
        DBInstanceClass="db.r6g.large",
        Engine="postgres",
        AllocatedStorage=100,
        MultiAZ=True,
        StorageEncrypted=True,
        MasterUsername="someone",
        MasterUserPassword="not-a-secret",
    )
    rds.create_db_instance_read_replica(
        DBInstanceIdentifier="copy", SourceDBInstanceIdentifier="main"
    )
    frame = check(collect_databases(caller, context), PULLED_TABLES["database"])
    main, copy = records(frame)
    assert (main["is_multi_az"], main["is_encrypted"], main["storage_gib"]) == (True, True, 100)
    assert (main["replica_source"], copy["replica_source"]) == ("", "main")
    assert main["zone_id"].startswith("usw2-az")
    assert "not-a-secret" not in frame.to_csv()


def test_parse_databases_does_not_take_the_disk_of_a_cluster_for_that_of_an_instance():
    one = {
        "DBInstanceIdentifier": "a",
        "DBInstanceClass": "db.r6g.large",
        "DBInstanceStatus": "available",
        "Engine": "aurora-postgresql",
        "AllocatedStorage": 1,
    }
    (row,) = parse_databases({"DBInstances": [one]}, "us-west-2", {})
    assert row["storage_gib"] is None
    assert row["is_multi_az"] is None


# --- load balancers -------------------------------------------------------------------------------


@pytest.fixture
def balancers(account):
    """An application balancer with two targets in two zones, and a classic one without any."""
    ec2, elb = account("ec2"), account("elbv2")
    start_instances(ec2, 2, "us-west-2a")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)["Subnet"]
        for n, zone in enumerate(("us-west-2a", "us-west-2b"))
    ]
    arn = elb.create_load_balancer(
        Name="web", Scheme="internal", Subnets=[s["SubnetId"] for s in subnets]
    )["LoadBalancers"][0]["LoadBalancerArn"]
    group = elb.create_target_group(Name="tg", Protocol="HTTP", Port=80, VpcId=vpc)
    group_arn = group["TargetGroups"][0]["TargetGroupArn"]
    action = {"Type": "forward", "TargetGroupArn": group_arn}
    elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[action])
    reservations = ec2.describe_instances()["Reservations"]
    ids = [one["InstanceId"] for r in reservations for one in r["Instances"]]
    elb.register_targets(TargetGroupArn=group_arn, Targets=[{"Id": i} for i in ids])
    account("elb").create_load_balancer(
        LoadBalancerName="old",
        Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 80}],
        AvailabilityZones=["us-west-2a"],
    )


@pytest.mark.usefixtures("balancers")
def test_collect_load_balancers_counts_targets(caller, context):
    frame = check(collect_load_balancers(caller, context), PULLED_TABLES["load_balancer"])
    web, old = records(frame)
    assert web["load_balancer_id"].startswith("app/web/")
    assert web["load_balancer_type"] == "application"
    assert web["zone_ids"] == "usw2-az1|usw2-az2"
    assert (web["target_count"], web["healthy_count"]) == (2, 2)
    assert (old["load_balancer_type"], old["target_count"]) == ("classic", 0)
    assert old["is_cross_zone"] is False


@pytest.mark.usefixtures("balancers")
def test_collect_load_balancers_never_takes_denied_for_none(gate, caller, context):
    gate.deny("DescribeTargetHealth", "DescribeLoadBalancerAttributes")
    web, old = records(collect_load_balancers(caller, context))
    assert web["target_count"] is web["healthy_count"] is web["is_cross_zone"] is None
    assert "elasticloadbalancing:DescribeTargetHealth" in web["note"]
    assert old["is_cross_zone"] is None
    actions = {entry["iam_action"] for entry in context.unknown}
    assert actions == {
        "elasticloadbalancing:DescribeTargetHealth",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
    }


def test_parse_target_health_counts_only_healthy_ones():
    states = ("healthy", "unhealthy", "draining", "unused", "healthy")
    answer = {"TargetHealthDescriptions": [{"TargetHealth": {"State": s}} for s in states]}
    assert parse_target_health(answer) == (5, 2)


# --- S3 -------------------------------------------------------------------------------------------


@pytest.fixture
def buckets(account):
    """Two buckets in the first region, one set up and one bare, and one in a third region."""
    s3 = account("s3")
    for name in ("bare", "logs-123456789012"):
        place = {"LocationConstraint": "us-west-2"}
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=place)
    far = {"LocationConstraint": "ap-south-1"}
    account("s3", "ap-south-1").create_bucket(Bucket="far", CreateBucketConfiguration=far)
    name = "logs-123456789012"
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rules = [
        {
            "ID": "cold",
            "Filter": {"Prefix": "x/"},
            "Status": "Enabled",
            "Transitions": [{"Days": 60, "StorageClass": "GLACIER"}],
        }
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    by_default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [by_default]})


@pytest.mark.usefixtures("buckets")
def test_collect_buckets_tells_none_from_unknown(gate, caller, context):
    gate.deny("GetBucketEncryption")
    frame = check(collect_buckets(caller, context), PULLED_TABLES["bucket"])
    rows = {row["bucket_name"]: row for row in records(frame)}
    bare, logs = rows["bare"], rows["logs-123456789012"]
    assert (bare["versioning"], bare["lifecycle"], bare["replication"]) == ("Off", "[]", "{}")
    assert logs["versioning"] == "Enabled"
    assert json.loads(logs["lifecycle"])[0]["Transitions"][0]["Days"] == 60
    assert bare["encryption"] == logs["encryption"] == ""
    assert bare["note"] == "needs s3:GetEncryptionConfiguration"
    (entry,) = context.unknown
    assert entry["part"] == "encryption of bare, logs-123456789012"
    assert context.notes == [
        "Buckets in other regions are left out: 1 in ap-south-1. Add --region."
    ]


@pytest.mark.usefixtures("buckets")
def test_collect_buckets_finds_its_way_with_account_ids_redacted(gate, clients, context):
    """The name of a bucket holds the account: it is hidden in the table, and still asked for."""
    redacting = Caller(clients, context.now, redactor=Redactor("123456789012"))
    frame = collect_buckets(redacting, context)
    assert "123456789012" not in frame.to_csv()
    logs = records(frame[frame["bucket_name"].str.startswith("logs-")])
    assert [row["versioning"] for row in logs] == ["Enabled"]
    assert any("/logs-123456789012?" in one.path for one in gate.asked)


def test_collect_buckets_without_the_list_is_an_error_that_names_the_permission(
    gate, caller, context
):
    gate.deny("ListBuckets")
    with pytest.raises(AccessError) as caught:
        collect_buckets(caller, context)
    assert caught.value.iam_action == "s3:ListAllMyBuckets"


def test_collect_buckets_leaves_out_one_that_was_deleted_meanwhile(
    account, gate, caller, context, replies
):
    place = {"LocationConstraint": "us-west-2"}
    account("s3").create_bucket(Bucket="gone", CreateBucketConfiguration=place)
    gate.answers["GetBucketVersioning"] = lambda a: replies.refusal(a, "NoSuchBucket", 404)
    assert len(collect_buckets(caller, context)) == 0
    assert context.unknown == []


def test_parse_versioning_of_a_bucket_that_never_had_it():
    assert parse_versioning({}) == "Off"
    assert parse_versioning({"Status": "Suspended"}) == "Suspended"


def test_parse_lifecycle_of_a_recorded_answer(recorded):
    rules = json.loads(parse_lifecycle(recorded("s3_lifecycle.json")))
    assert [rule["ID"] for rule in rules] == ["test-lifecycle", "test-lifecycle-two"]


def test_collect_buckets_reads_the_recorded_answer_for_no_lifecycle(
    account, gate, caller, context, replies, recorded
):
    """The error's code, from a real answer, is what means that there are no rules."""
    code = recorded("s3_no_lifecycle.json")["Error"]["Code"]
    place = {"LocationConstraint": "us-west-2"}
    account("s3").create_bucket(Bucket="bare", CreateBucketConfiguration=place)
    gate.answers["GetBucketLifecycleConfiguration"] = lambda a: replies.refusal(a, code, 404)
    (row,) = records(collect_buckets(caller, context))
    assert (row["lifecycle"], row["note"]) == ("[]", "")


# --- all ------------------------------------------------------------------------------------------

INVENTORY = [c for c in COLLECTORS if c.table in PULLED_TABLES and "metric" not in c.table]
FIRST_CALL = {
    "instance": ["DescribeInstances"],
    "commitment": [
        *("DescribeReservedInstances", "DescribeReservedDBInstances", "DescribeSavingsPlans"),
        *("DescribeReservedCacheNodes", "DescribeReservedInstancesOfSearch"),
    ],
    "database": ["DescribeDBInstances"],
    "managed_node": ["DescribeCacheClusters", "ListDomainNames"],
    "load_balancer": ["DescribeLoadBalancers"],
    "bucket": ["ListBuckets"],
    "bucket_storage": [],
}


@pytest.mark.parametrize("name", [name for name, calls in FIRST_CALL.items() if calls])
def test_a_collector_that_is_denied_everywhere_names_its_permission(name, gate, caller, context):
    (collector,) = [c for c in INVENTORY if c.table == name]
    gate.deny(*FIRST_CALL[name])
    with pytest.raises(AccessError) as caught:
        collector.get(caller, context)
    assert caught.value.iam_action in collector.actions


@pytest.mark.parametrize("name", [name for name, calls in FIRST_CALL.items() if calls])
def test_a_throttled_collector_fails_and_gives_no_short_table(name, gate, caller, context):
    (collector,) = [c for c in INVENTORY if c.table == name]
    gate.deny(*FIRST_CALL[name], code="SlowDown" if name == "bucket" else "Throttling")
    with pytest.raises(ThrottledError):
        collector.get(caller, context)


@pytest.mark.usefixtures("balancers", "buckets")
def test_collectors_make_exactly_the_calls_whose_permissions_they_declare(
    account, gate, caller, context, replies
):
    """Only calls that read, and none beside the permissions that `prism policy` prints."""
    serve_commitments(gate, replies)
    elb = account("elb")
    ids = [r["Instances"][0] for r in account("ec2").describe_instances()["Reservations"]]
    elb.register_instances_with_load_balancer(
        LoadBalancerName="old", Instances=[{"InstanceId": ids[0]["InstanceId"]}]
    )
    for collector in COLLECTORS:
        made = []
        spy = Caller(caller.clients, caller.now)
        spy.on_call = lambda ledger, made=made: made.extend(ledger.counts)
        if collector.table == "instance_price":
            continue  # tests/sources/test_price_list.py
        context.tables[collector.table] = collector.get(spy, context)
        assert {iam_action(*call) for call in made} <= set(collector.actions), collector.table
        if FIRST_CALL.get(collector.table):
            missing = set(collector.actions) - {iam_action(*call) for call in made}
            # Asked for only when there is a database, or a search domain.
            assert missing <= {"ec2:DescribeAvailabilityZones", "es:DescribeDomains"}
    assert all(name.startswith(("Get", "List", "Describe")) for name in gate.operations())
    assert {one.method for one in gate.asked if one.service == "s3"} == {"GET"}
    assert "ListObjects" not in gate.operations()


def test_an_empty_account_gives_empty_tables(gate, caller, replies):
    serve_commitments(gate, replies)
    empty = PullContext(Period.month("2025-10"), caller.now, ("us-west-2",))
    for collector in INVENTORY:
        if collector.table not in ("commitment", "bucket_storage"):
            assert len(collector.get(caller, empty)) == 0
    assert empty.unknown == []


def test_helpers_keep_what_they_are_given():
    assert account_of("arn:aws:rds:us-west-2:012345678901:db:main") == "012345678901"
    assert account_of("no arn") == ""
    assert instant("2025-10-03T04:05:06") == datetime(2025, 10, 3, 4, 5, 6, tzinfo=UTC)
    assert instant("2025-10-03T04:05:06+02:00") == datetime(2025, 10, 3, 2, 5, 6, tzinfo=UTC)
    assert instant(None) is None
    assert number(0.0213) == Decimal("0.0213")
    assert number(None) is None
    assert tags_json([{"Key": "b", "Value": "2"}, {"Key": "a"}]) == '{"a": "", "b": "2"}'
    page = {"Reservations": [{"Instances": []}]}
    assert list(parse_instances(page, "us-west-2", {})) == []
