"""Evidence on networks, buckets, data, trails and scaling: of moto, and what it cannot give."""

import ipaddress
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from prismlib.sources.evidence import Look
from prismlib.sources.evidence_audit import (
    collect_alerts,
    collect_scaling,
    collect_trails,
    early_rules,
    scaling_facts,
    trail_lacks,
)
from prismlib.sources.evidence_buckets import collect_buckets_evidence, refuses_unencrypted
from prismlib.sources.evidence_data import (
    collect_databases,
    collect_restores,
    collect_secrets,
    collect_volumes,
    parse_secret,
)
from prismlib.sources.evidence_network import (
    collect_balancers,
    collect_groups,
    parse_balancer,
    too_wide,
)

WEST = {"LocationConstraint": "us-west-2"}


@pytest.fixture
def look(caller, context):
    return Look(caller, context)


def values(facts, check):
    """Return what was seen by subject; the first word is enough to tell subjects apart."""
    return {one.subject.split()[-1]: one.value for one in facts if one.check_id == check}


def details(facts, check):
    return " ".join(one.detail for one in facts if one.check_id == check)


# --- security groups ------------------------------------------------------------------------------

VPC = [ipaddress.ip_network("10.0.0.0/16"), ipaddress.ip_network("2001:db8:1234:1a00::/56")]


@pytest.mark.parametrize(
    ("source", "check"),
    [
        ("0.0.0.0/0", "network.internet"),
        ("0.0.0.0/1", "network.internet"),
        ("54.0.0.0/8", "network.internet"),
        ("::/0", "network.internet"),
        ("2000::/3", "network.internet"),
        ("10.0.0.0/8", "network.wide"),
        ("172.16.0.0/12", "network.wide"),
        ("100.64.0.0/10", "network.wide"),
        ("fc00::/7", "network.wide"),
        ("10.0.0.0/16", ""),
        ("10.0.10.0/24", ""),
        ("192.168.0.0/16", ""),
        ("203.0.113.7/32", ""),
        ("2001:db8:1234:1a00::/64", ""),
    ],
)
def test_a_range_is_too_wide_if_it_is_wider_than_the_vpc(source, check):
    """65,536 addresses in 10.0.0.0/16 and in 192.168.0.0/16, 256 times those in 10.0.0.0/8."""
    assert too_wide(source, VPC) == check


def test_without_a_range_of_its_family_only_one_address_is_narrow():
    assert too_wide("2001:db8::/64", VPC[:1]) == "network.internet"
    assert too_wide("2001:db8::1/128", VPC[:1]) == ""


@pytest.fixture
def groups(account):
    """The three groups of the memo, one by a prefix list and one that is well."""
    ec2 = account("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_managed_prefix_list(
        PrefixListName="all", MaxEntries=2, AddressFamily="IPv4", Entries=[{"Cidr": "0.0.0.0/0"}]
    )["PrefixList"]["PrefixListId"]
    ids = {}
    for name in ("redis", "proxy", "postgres", "listed", "well"):
        ids[name] = ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc)["GroupId"]

    def rule(name, port, **source):
        permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **source}
        ec2.authorize_security_group_ingress(GroupId=ids[name], IpPermissions=[permission])

    rule("redis", 6379, IpRanges=[{"CidrIp": "0.0.0.0/0"}])
    rule("proxy", 8080, Ipv6Ranges=[{"CidrIpv6": "::/0"}])
    rule("postgres", 5432, IpRanges=[{"CidrIp": "10.0.0.0/8"}, {"CidrIp": "10.0.1.0/24"}])
    rule("listed", 22, PrefixListIds=[{"PrefixListId": made}])
    rule("well", 443, UserIdGroupPairs=[{"GroupId": ids["proxy"]}])
    return ids


@pytest.mark.usefixtures("groups")
def test_security_groups_are_opened_to_ipv6_internal_ranges_and_prefix_lists(look):
    facts = collect_groups(look)
    internet, wide = values(facts, "network.internet"), values(facts, "network.wide")
    assert {name: int(internet[name]) for name in ("redis", "proxy", "listed", "well")} == {
        "redis": 1,
        "proxy": 1,
        "listed": 1,
        "well": 0,
    }
    assert (wide["postgres"], wide["redis"], internet["postgres"]) == (1, 0, 0)
    assert "tcp 6379 from 0.0.0.0/0" in details(facts, "network.internet")
    assert "tcp 5432 from 10.0.0.0/8" in details(facts, "network.wide")


@pytest.mark.usefixtures("groups")
def test_a_prefix_list_that_cannot_be_opened_is_unknown(gate, look):
    gate.deny("GetManagedPrefixListEntries")
    unknown = [one for one in collect_groups(look) if one.value is None]
    assert {one.check_id for one in unknown} == {"network.internet", "network.wide"}
    assert {one.reason for one in unknown} == {"needs ec2:GetManagedPrefixListEntries"}
    assert {entry["iam_action"] for entry in look.context.unknown} == {
        "ec2:GetManagedPrefixListEntries"
    }


def test_security_groups_are_read_page_by_page(gate, look, replies):
    """Two pages in the first Region, the bad group on the second."""

    def answer(asked):
        page = asked.parameters.get("NextToken", "1")
        if asked.region != "us-west-2":
            return replies.xml("DescribeSecurityGroups", "<securityGroupInfo/>", is_ec2=True)
        source = "0.0.0.0/0" if page == "2" else "10.0.0.1/32"
        inner = (
            f"<securityGroupInfo><item><groupId>sg-{page}</groupId><groupName>g{page}</groupName>"
            "<ipPermissions><item><ipProtocol>-1</ipProtocol><ipRanges><item>"
            f"<cidrIp>{source}</cidrIp></item></ipRanges></item></ipPermissions></item>"
            f"</securityGroupInfo>{'' if page == '2' else '<nextToken>2</nextToken>'}"
        )
        return replies.xml("DescribeSecurityGroups", inner, is_ec2=True)

    gate.answers["DescribeSecurityGroups"] = answer
    assert values(collect_groups(look), "network.internet") == {"g1": 0, "g2": 1}


# --- load balancers -------------------------------------------------------------------------------


@pytest.fixture
def balancer(account):
    """A network balancer in two zones with one Elastic IP, a TLS listener and two targets."""
    ec2, elb = account("ec2"), account("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate(("us-west-2a", "us-west-2b"))
    ]
    arn = elb.create_load_balancer(
        Name="net", Type="network", Scheme="internet-facing", Subnets=subnets
    )["LoadBalancers"][0]["LoadBalancerArn"]
    group = elb.create_target_group(
        Name="proxies", Protocol="TCP", Port=8080, VpcId=vpc, TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    certificate = account("acm").request_certificate(DomainName="prism.example")["CertificateArn"]
    elb.create_listener(
        LoadBalancerArn=arn,
        Protocol="TLS",
        Port=443,
        Certificates=[{"CertificateArn": certificate}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": f"10.0.0.{n}"} for n in (4, 5)])


@pytest.mark.usefixtures("balancer")
def test_a_network_balancer_is_read_with_its_targets(gate, look, replies):
    """Moto has no health checks, so the states are given: two healthy, one not."""
    states = ("healthy", "unhealthy", "healthy")
    targets = "".join(
        f"<member><Target><Id>10.0.0.{n}</Id><Port>8080</Port></Target>"
        f"<TargetHealth><State>{state}</State></TargetHealth></member>"
        for n, state in enumerate(states)
    )
    inner = f"<TargetHealthDescriptions>{targets}</TargetHealthDescriptions>"
    health = replies.xml("DescribeTargetHealth", inner)
    gate.answers["DescribeTargetHealth"] = lambda asked: health
    facts = collect_balancers(look)
    seen = {one.check_id: one.value for one in facts}
    assert seen["balancer.network"] == 1
    assert seen["balancer.zones"] == 2
    assert seen["balancer.healthy"] == 2
    assert seen["balancer.unhealthy"] == 1
    assert seen["balancer.certificates"] == 1
    assert seen["balancer.addresses"] == 2  # neither zone of the public balancer has one


@pytest.mark.usefixtures("balancer")
def test_denied_targets_are_unknown_and_the_rest_is_known(gate, look):
    gate.deny("DescribeTargetHealth")
    facts = {one.check_id: one for one in collect_balancers(look)}
    assert facts["balancer.healthy"].value is facts["balancer.unhealthy"].value is None
    assert facts["balancer.healthy"].reason == "needs elasticloadbalancing:DescribeTargetHealth"
    assert facts["balancer.zones"].value == 2


def test_without_a_balancer_it_fails_rather_than_being_unknown(look):
    facts = {one.check_id: one.value for one in collect_balancers(look)}
    assert facts["balancer.network"] == facts["balancer.healthy"] == 0
    assert "balancer.unhealthy" not in facts


def test_parse_balancer_counts_zones_without_an_elastic_ip():
    with_ip = {"ZoneName": "a", "LoadBalancerAddresses": [{"AllocationId": "eipalloc-1"}]}
    one = {
        "State": {"Code": "active"},
        "Scheme": "internet-facing",
        "AvailabilityZones": [with_ip, {"ZoneName": "b", "LoadBalancerAddresses": []}],
    }
    seen = {fact.check_id: fact.value for fact in parse_balancer(one, "net")}
    assert seen["balancer.addresses"] == 1
    seen = {f.check_id: f.value for f in parse_balancer({**one, "Scheme": "internal"}, "net")}
    assert seen["balancer.addresses"] == 0
    seen = {f.check_id: f.value for f in parse_balancer({**one, "State": {"Code": "failed"}}, "n")}
    assert seen["balancer.network"] == 0


# --- buckets --------------------------------------------------------------------------------------

DENY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:PutObject",
    "Resource": "arn:aws:s3:::cold/*",
    "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, True),
        ({"Action": ["s3:GetObject", "s3:Put*"], "Principal": {"AWS": "*"}}, True),
        ({"Condition": {"Null": {"S3:X-Amz-Server-Side-Encryption": "true"}}}, True),
        ({"Effect": "Allow"}, False),
        ({"Action": "s3:GetObject"}, False),
        ({"Principal": {"AWS": "arn:aws:iam::1:root"}}, False),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, False),
    ],
)
def test_refuses_unencrypted_needs_all_parts_of_the_statement(change, expected):
    assert refuses_unencrypted({"Statement": [{**DENY, **change}]}) is expected
    assert refuses_unencrypted({"Statement": {**DENY, **change}}) is expected


@pytest.fixture
def buckets(account):
    """A bucket that is as it should be, with its copy in another Region, and a bare one."""
    s3, far = account("s3"), account("s3", "eu-west-1")
    for name in ("cold", "bare"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=WEST)
    far.create_bucket(Bucket="copy", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_policy(
        Bucket="cold", Policy=json.dumps({"Version": "2012-10-17", "Statement": [DENY]})
    )
    by_default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(
        Bucket="cold", ServerSideEncryptionConfiguration={"Rules": [by_default]}
    )
    for client, name in ((s3, "cold"), (far, "copy")):
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {"ID": "old", "Filter": {"Prefix": ""}, "Status": "Enabled", "Expiration": {"Days": 730}}
    s3.put_bucket_lifecycle_configuration(Bucket="cold", LifecycleConfiguration={"Rules": [rule]})
    return s3


def replicate(s3, target="copy", **more):
    rule = {
        "ID": "all",
        "Priority": 1,
        "Filter": {"Prefix": ""},
        "Status": "Enabled",
        "Destination": {"Bucket": f"arn:aws:s3:::{target}"},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        **more,
    }
    s3.put_bucket_replication(
        Bucket="cold",
        ReplicationConfiguration={"Role": "arn:aws:iam::123456789012:role/r", "Rules": [rule]},
    )


def lint(name, rules):
    return (["it deletes live data"], []) if "730" in rules else ([], [])


def test_buckets_are_judged_setting_by_setting(buckets, look):
    replicate(buckets)
    facts = list(collect_buckets_evidence(look, lint))
    # moto gives no encryption for a bucket that never had one set; S3 always does.
    assert values(facts, "encryption.buckets")["cold"] == 0
    assert values(facts, "encryption.policies") == {"bare": 1, "cold": 0, "copy": 1}
    assert values(facts, "storage.rules") == {"bare": 0, "cold": 1, "copy": 0}
    assert values(facts, "storage.faults") == {"bare": 0, "cold": 1, "copy": 0}
    assert values(facts, "storage.replication") == {"bare": 1, "cold": 0, "copy": 1}
    assert "deletes live data" in details(facts, "storage.faults")


def test_only_the_buckets_that_matter_are_looked_at_for_the_rest(buckets, caller, context):
    look = Look(caller, context, buckets=("cold", "gone"))
    facts = list(collect_buckets_evidence(look, lint))
    assert set(values(facts, "encryption.buckets")) == {"bare", "cold", "copy"}
    assert values(facts, "storage.rules") == {"cold": 1, "gone": None}
    assert {one.reason for one in facts if one.subject == "gone"} == {
        "the account lists no bucket gone"
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"target": "bare"}, "in the same Region"),
        ({"Status": "Disabled"}, "no rule"),
    ],
)
def test_replication_that_does_not_copy_all_elsewhere_is_none(buckets, look, change, words):
    replicate(buckets, **change)
    facts = [f for f in collect_buckets_evidence(look, lint) if f.subject == "cold"]
    (fact,) = [one for one in facts if one.check_id == "storage.replication"]
    assert fact.value == 1
    assert words in fact.detail


def test_replication_of_a_part_is_none(buckets, gate, look, replies):
    """moto forgets what a rule is for, so the answer is given here."""
    body = (
        b"<ReplicationConfiguration><Role>r</Role><Rule><ID>a</ID><Status>Enabled</Status><Filter>"
        b"<Prefix>a/</Prefix></Filter><Destination><Bucket>arn:aws:s3:::copy</Bucket></Destination>"
        b"</Rule></ReplicationConfiguration>"
    )
    gate.serve("GetBucketReplication", body, "application/xml")
    facts = [f for f in collect_buckets_evidence(look, lint) if f.subject == "cold"]
    (fact,) = [one for one in facts if one.check_id == "storage.replication"]
    assert (fact.value, fact.detail) == (1, "a part only goes to copy")


def test_replication_without_versions_at_the_target_is_none(buckets, account, look):
    replicate(buckets)
    suspended = {"Status": "Suspended"}
    account("s3", "eu-west-1").put_bucket_versioning(
        Bucket="copy", VersioningConfiguration=suspended
    )
    facts = [f for f in collect_buckets_evidence(look, lint) if f.subject == "cold"]
    (fact,) = [one for one in facts if one.check_id == "storage.replication"]
    assert (fact.value, fact.detail) == (1, "versioning is not on in copy")


@pytest.mark.parametrize("name", ["cold", "copy"])
def test_replication_is_unknown_while_the_region_of_an_end_is(buckets, gate, look, replies, name):
    """Whether the other end is far away takes both Regions: neither a pass nor a failure."""
    replicate(buckets)
    gate.answers["GetBucketLocation"] = lambda asked: (
        replies.refusal(asked, "AccessDenied") if name in asked.path else None
    )
    facts = [f for f in collect_buckets_evidence(look, lint) if f.subject == "cold"]
    (fact,) = [one for one in facts if one.check_id == "storage.replication"]
    assert (fact.value, fact.reason) == (None, "needs s3:GetBucketLocation")


def test_a_backlog_is_unknown_without_its_metrics(buckets, look):
    replicate(buckets)
    facts = [f for f in collect_buckets_evidence(look, lint) if f.check_id == "storage.backlog"]
    reasons = {one.subject: one.reason for one in facts}
    assert reasons["cold all"] == "the replication metrics of cold all are off"
    assert {one.value for one in facts} == {None}


def test_rules_that_can_only_be_judged_by_needs_are_unknown(buckets, look):
    facts = collect_buckets_evidence(look, lambda name, rules: ([], ["nobody says who reads it"]))
    found = [one for one in facts if one.check_id == "storage.faults"]
    assert {one.value for one in found} == {None}


@pytest.mark.parametrize(
    ("operation", "check", "action"),
    [
        ("GetBucketEncryption", "encryption.buckets", "s3:GetEncryptionConfiguration"),
        ("GetBucketPolicy", "encryption.policies", "s3:GetBucketPolicy"),
        ("GetBucketLifecycleConfiguration", "storage.faults", "s3:GetLifecycleConfiguration"),
        ("GetBucketReplication", "storage.replication", "s3:GetReplicationConfiguration"),
        ("GetBucketVersioning", "storage.replication", "s3:GetBucketVersioning"),
    ],
)
def test_a_denied_setting_is_unknown_and_never_none(buckets, gate, look, operation, check, action):
    replicate(buckets)
    gate.deny(operation)
    found = [f for f in collect_buckets_evidence(look, lint) if f.check_id == check]
    (cold,) = [one for one in found if one.subject == "cold"]
    assert (cold.value, cold.reason) == (None, f"needs {action}")


# --- data -----------------------------------------------------------------------------------------


def test_unencrypted_volumes_are_counted_by_region(account, look):
    for encrypted in (True, False, False):
        account("ec2").create_volume(AvailabilityZone="us-west-2a", Size=8, Encrypted=encrypted)
    facts = collect_volumes(look)
    assert values(facts, "encryption.volumes") == {"us-west-2": 2, "eu-west-1": 0}


def database(account, name="main", **more):
    account("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.r6g.large",
        Engine="postgres",
        AllocatedStorage=100,
        MasterUsername="someone",
        MasterUserPassword="not-a-secret",
        **more,
    )


def test_replicas_are_counted_in_both_regions(account, look):
    database(account, StorageEncrypted=True)
    arn = account("rds").describe_db_instances()["DBInstances"][0]["DBInstanceArn"]
    account("rds").create_db_instance_read_replica(
        DBInstanceIdentifier="near", SourceDBInstanceIdentifier="main"
    )
    account("rds", "eu-west-1").create_db_instance_read_replica(
        DBInstanceIdentifier="far", SourceDBInstanceIdentifier=arn
    )
    facts = list(collect_databases(look))
    assert values(facts, "database.replicas") == {"main": 2}
    assert values(facts, "database.far_replicas") == {"main": 1}
    assert values(facts, "encryption.databases")["main"] == 0
    assert values(facts, "database.lag") == {"near": None, "far": None}  # no value in moto


def test_without_a_database_there_are_no_replicas_and_none_is_unencrypted(look):
    facts = {one.check_id: one.value for one in collect_databases(look)}
    assert facts == {
        "encryption.databases": 0,
        "database.replicas": 0,
        "database.far_replicas": 0,
    }


def test_a_region_that_is_denied_leaves_the_replicas_elsewhere_unknown(account, gate, look):
    database(account)
    gate.deny("DescribeDBInstances", region="eu-west-1")
    facts = list(collect_databases(look))
    assert values(facts, "database.far_replicas") == {"main": 0, "eu-west-1": None}
    assert values(facts, "encryption.databases") == {"main": 1, "eu-west-1": None}


@pytest.mark.parametrize("region", [None, "eu-west-1"])
def test_databases_that_are_denied_are_never_taken_for_none(gate, look, region):
    """In the other Region there is none; what is in the denied one is not known."""
    gate.deny("DescribeDBInstances", region=region)
    facts = list(collect_databases(look))
    assert {one.value for one in facts} == {None}
    assert {one.reason for one in facts} == {"needs rds:DescribeDBInstances"}


@pytest.mark.parametrize(
    ("points", "value", "words"),
    [
        ([0.5, 3.25, 2.0], Decimal("3.25"), ""),
        ([-1.0, 2.0], None, "does not replicate"),
        ([], None, "no value in the last 15 minutes"),
    ],
)
def test_lag_is_the_longest_of_the_last_minutes(account, gate, look, replies, points, value, words):
    database(account)
    account("rds").create_db_instance_read_replica(
        DBInstanceIdentifier="near", SourceDBInstanceIdentifier="main"
    )
    start = datetime(2025, 11, 16, 11, 50, tzinfo=UTC)
    result = {
        "Id": "m0",
        "Values": points,
        "Timestamps": [(start + timedelta(minutes=n)).timestamp() for n in range(len(points))],
        "StatusCode": "Complete",
    }
    gate.answers["GetMetricData"] = lambda asked: replies.json({"MetricDataResults": [result]})
    (lag,) = [one for one in collect_databases(look) if one.check_id == "database.lag"]
    assert lag.value == value
    assert words in lag.reason
    if value:
        assert lag.observed_at == start + timedelta(minutes=1)


def restore(status="COMPLETED", day=14, **more):
    moment = datetime(2025, 11, day, 12, tzinfo=UTC)
    return {"RestoreJobId": f"r{day}", "Status": status, "CompletionDate": moment, **more}


def test_the_last_completed_restore_is_dated(gate, look, replies):
    """Two days before the look at noon of the 16th; a later one failed its validation."""

    def answer(asked):
        if asked.region != "us-west-2":
            return replies.json({"RestoreJobs": []})
        if "nextToken" not in asked.parameters:
            return replies.json({"RestoreJobs": [restore(day=10)], "NextToken": "2"})
        later = restore(day=15, ValidationStatus="FAILED")
        return replies.json({"RestoreJobs": [restore(), later, restore("RUNNING", 16)]})

    gate.answers["ListRestoreJobs"] = answer
    west, far = collect_restores(look)
    assert (west.value, west.detail) == (Decimal("2.0"), "r14 on 2025-11-14")
    assert far.value is None
    assert "needs a record" in far.reason


def test_denied_restores_name_the_permission(gate, look):
    gate.deny("ListRestoreJobs")
    assert {one.reason for one in collect_restores(look)} == {"needs backup:ListRestoreJobs"}


def test_secrets_are_dated_by_their_last_change():
    """1 August to 16 November at the same time of day: 30 + 30 + 31 + 16 = 107 days."""
    now = datetime(2025, 11, 16, 12, tzinfo=UTC)
    one = {"Name": "db", "RotationEnabled": True, "CreatedDate": "2024-01-01T00:00:00+00:00"}
    changed = {**one, "LastChangedDate": "2025-08-01T12:00:00+00:00"}
    seen = {fact.check_id: fact.value for fact in parse_secret(changed, now, "")}
    assert seen == {"secrets.listed": 1, "secrets.unrotated": 0, "secrets.age": 107}


def test_secrets_are_listed_and_their_values_never_asked_for(account, gate, look):
    account("secretsmanager").create_secret(Name="prism/db", SecretString="hidden")
    facts = collect_secrets(look)
    assert values(facts, "secrets.unrotated") == {"prism/db": 1}
    assert "GetSecretValue" not in gate.operations()
    assert "hidden" not in repr(facts)


def test_an_account_without_secrets_fails(look):
    facts = collect_secrets(look)
    assert [(one.check_id, one.value) for one in facts] == [("secrets.listed", 0)]


# --- trails ---------------------------------------------------------------------------------------

GOOD = (
    {"IsMultiRegionTrail": True, "LogFileValidationEnabled": True},
    {"IsLogging": True},
    {"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": True}]},
)


def test_a_whole_trail_lacks_nothing():
    assert trail_lacks(*GOOD) == []
    fields = [{"Field": "eventCategory", "Equals": ["Management"]}]
    assert trail_lacks(*GOOD[:2], {"AdvancedEventSelectors": [{"FieldSelectors": fields}]}) == []


@pytest.mark.parametrize(
    ("part", "change", "lacks"),
    [
        (0, {"IsMultiRegionTrail": False}, "all Regions"),
        (0, {"LogFileValidationEnabled": False}, "validation"),
        (1, {"IsLogging": False}, "logging"),
        (1, {"LatestDeliveryError": "AccessDenied"}, "logging"),
        (2, {"EventSelectors": []}, "management events"),
        (
            2,
            {"EventSelectors": [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]},
            "management events",
        ),
    ],
)
def test_a_trail_lacks_what_is_not_set(part, change, lacks):
    parts = [dict(one) for one in GOOD]
    parts[part].update(change)
    assert trail_lacks(*parts) == [lacks]


def test_early_rules_are_those_that_reach_the_logs():
    def rule(days, prefix="", status="Enabled"):
        return {
            "ID": f"d{days}",
            "Status": status,
            "Filter": {"Prefix": prefix},
            "Expiration": {"Days": days},
        }

    least = Decimal(365)
    assert early_rules([rule(90)], "", least) == ["d90 after 90 days"]
    assert early_rules([rule(90, "AWSLogs/1/")], "", least) == ["d90 after 90 days"]
    assert early_rules([rule(90, "other/")], "", least) == []
    assert early_rules([rule(365)], "", least) == early_rules([], "", least) == []
    assert early_rules([rule(90, status="Disabled")], "", least) == []
    assert early_rules([rule(90, "audit/")], "audit", least) == ["d90 after 90 days"]


@pytest.fixture
def trail(account):
    account("s3").create_bucket(Bucket="trail-logs", CreateBucketConfiguration=WEST)
    client = account("cloudtrail")
    client.create_trail(
        Name="audit",
        S3BucketName="trail-logs",
        IsMultiRegionTrail=True,
        EnableLogFileValidation=True,
    )
    client.start_logging(Name="audit")
    selector = {"ReadWriteType": "All", "IncludeManagementEvents": True}
    client.put_event_selectors(TrailName="audit", EventSelectors=[selector])
    return client


@pytest.mark.usefixtures("trail")
def test_a_trail_of_all_regions_counts_once(look):
    facts = list(collect_trails(look))
    assert values(facts, "audit.trails") == {"audit": 1}
    assert values(facts, "audit.kept") == {"trail-logs": 0}


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("GetTrailStatus", "cloudtrail:GetTrailStatus"),
        ("GetEventSelectors", "cloudtrail:GetEventSelectors"),
        ("DescribeTrails", "cloudtrail:DescribeTrails"),
        ("GetBucketLifecycleConfiguration", "s3:GetLifecycleConfiguration"),
    ],
)
def test_a_trail_that_cannot_be_read_is_unknown(trail, gate, look, operation, action):
    gate.deny(operation, code="AccessDeniedException" if "Trail" in operation else None)
    unknown = [one for one in collect_trails(look) if one.value is None]
    assert unknown
    assert {one.reason for one in unknown} == {f"needs {action}"}


@pytest.mark.parametrize("region", [None, "eu-west-1"])
def test_trails_that_are_denied_are_never_taken_for_none(gate, look, region):
    gate.deny("DescribeTrails", region=region, code="AccessDeniedException")
    facts = list(collect_trails(look))
    assert {(one.value, one.reason) for one in facts} == {(None, "needs cloudtrail:DescribeTrails")}


def test_an_account_without_a_trail_fails(look):
    facts = list(collect_trails(look))
    assert [(one.check_id, one.value) for one in facts] == [("audit.trails", 0)]


def test_alerts_are_rules_in_force_on_recorded_calls(account, look):
    pattern = {"detail-type": ["AWS API Call via CloudTrail"], "source": ["aws.iam"]}
    events = account("events")
    events.put_rule(Name="calls", EventPattern=json.dumps(pattern))
    events.put_rule(Name="off", EventPattern=json.dumps(pattern), State="DISABLED")
    events.put_rule(Name="other", EventPattern=json.dumps({"source": ["aws.ec2"]}))
    assert values(collect_alerts(look), "audit.alerts") == {"us-west-2": 1, "eu-west-1": 0}


# --- scaling --------------------------------------------------------------------------------------

ALARM = (
    "At 2025-11-10T10:00:00Z a monitor alarm cpu in state ALARM triggered policy load changing the"
    " desired capacity from {} to {}. At 2025-11-10T10:00:09Z an instance was started."
)


def activity(cause, status="Successful"):
    return {"Cause": cause, "StatusCode": status, "StartTime": "2025-11-10T10:00:09+00:00"}


def test_only_what_a_policy_did_and_that_ended_well_counts():
    """Two out (48 to 52, 52 to 60), one in (60 to 50); the others are no test of a policy."""
    found = [
        activity(ALARM.format(48, 52)),
        activity(ALARM.format(52, 60)),
        activity(ALARM.format(60, 50)),
        activity(ALARM.format(60, 70), "Failed"),
        activity("a user request update of constraints changed the desired capacity from 1 to 9."),
        activity("an instance was taken out of service in response to an EC2 health check."),
    ]
    seen = {one.check_id: one.value for one in scaling_facts("web", found)}
    assert seen == {"scaling.out": 2, "scaling.in": 1}


def test_a_group_that_was_never_scaled_fails(account, look):
    client = account("autoscaling")
    client.create_launch_configuration(
        LaunchConfigurationName="l", ImageId="ami-12345678", InstanceType="m6i.large"
    )
    client.create_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchConfigurationName="l",
        MinSize=0,
        MaxSize=4,
        DesiredCapacity=0,
        AvailabilityZones=["us-west-2a"],
    )
    facts = collect_scaling(look)
    assert values(facts, "scaling.out") == values(facts, "scaling.in") == {"web": 0}


def test_denied_activities_are_unknown(account, gate, look):
    test_a_group_that_was_never_scaled_fails(account, look)
    gate.deny("DescribeScalingActivities")
    facts = collect_scaling(look)
    assert values(facts, "scaling.out") == {"web": None}
    assert {one.reason for one in facts} == {"needs autoscaling:DescribeScalingActivities"}
