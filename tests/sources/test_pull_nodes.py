"""Nodes of ElastiCache and OpenSearch, and what was committed to for them."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from prismlib.errors import AccessError
from prismlib.pulled_tables import COMMITMENT, MANAGED_NODE
from prismlib.sources.commitments import (
    collect_commitments,
    parse_reserved_caches,
    parse_reserved_searches,
)
from prismlib.sources.inventory_nodes import collect_nodes, parse_caches, parse_domains
from prismlib.sources.permissions import iam_action
from prismlib.sources.price_list import wanted_pairs
from prismlib.tables import check, make, records

REDIS = {
    "CacheClusterId": "sessions-001",
    "CacheNodeType": "cache.r5.large",
    "Engine": "redis",
    "EngineVersion": "5.0.6",
    "CacheClusterStatus": "available",
    "NumCacheNodes": 1,
    "CacheClusterCreateTime": "2024-05-01T10:00:00+00:00",
    "ReplicationGroupId": "sessions",
    "ARN": "arn:aws:elasticache:us-west-2:012345678901:cluster:sessions-001",
}
DOMAIN = {
    "DomainName": "logs",
    "ARN": "arn:aws:es:us-west-2:012345678901:domain/logs",
    "EngineVersion": "Elasticsearch_7.10",
    "Deleted": False,
    "ClusterConfig": {
        "InstanceType": "r5.large.search",
        "InstanceCount": 6,
        "DedicatedMasterEnabled": True,
        "DedicatedMasterType": "m5.large.search",
        "DedicatedMasterCount": 3,
        "WarmEnabled": False,
        "WarmType": "ultrawarm1.medium.search",
    },
}


def test_parse_caches_by_hand():
    (row,) = parse_caches({"CacheClusters": [REDIS]}, "us-west-2")
    assert row == {
        "region_id": "us-west-2",
        "service_name": "Amazon ElastiCache",
        "resource_id": "sessions-001",
        "node_role": "data",
        "sub_account_id": "012345678901",
        "cluster_id": "sessions",
        "engine": "redis",
        "engine_version": "5.0.6",
        "instance_type": "cache.r5.large",
        "node_count": 1,
        "state": "available",
        "created_at": datetime(2024, 5, 1, 10, tzinfo=UTC),
    }
    make(MANAGED_NODE, [row])


def test_parse_domains_gives_a_row_for_each_role_that_there_is():
    rows = list(parse_domains({"DomainStatusList": [DOMAIN]}, "us-west-2"))
    assert [(r["node_role"], r["instance_type"], r["node_count"]) for r in rows] == [
        ("data", "r5.large.search", 6),
        ("master", "m5.large.search", 3),
    ]
    assert {(r["engine"], r["engine_version"]) for r in rows} == {("Elasticsearch", "7.10")}
    make(MANAGED_NODE, rows)


def test_collect_nodes_reads_every_region_and_domains_five_at_a_time(
    account, gate, caller, context
):
    account("elasticache").create_cache_cluster(
        CacheClusterId="cache", CacheNodeType="cache.m6g.large", Engine="memcached",
        EngineVersion="1.6.12", NumCacheNodes=2,
    )  # fmt: skip
    search = account("opensearch", "eu-west-1")
    config = {"InstanceType": "m6g.large.search", "InstanceCount": 3}
    for number in range(7):
        search.create_domain(
            DomainName=f"logs-{number}", EngineVersion="OpenSearch_2.11", ClusterConfig=config
        )
    rows = records(check(collect_nodes(caller, context), MANAGED_NODE))
    cache, *domains = rows
    assert (cache["engine"], cache["engine_version"]) == ("memcached", "1.6.12")
    assert (cache["node_count"], cache["instance_type"]) == (2, "cache.m6g.large")
    assert {row["resource_id"] for row in domains} == {f"logs-{n}" for n in range(7)}
    assert {(row["engine_version"], row["node_count"]) for row in domains} == {("2.11", 3)}
    # 7 domains are two calls; a region without any is none.
    assert gate.operations().count("DescribeDomains") == 2
    assert (context.unknown, caller.ledger.total().usd) == ([], 0)


def test_service_that_is_denied_is_named_and_the_other_one_read(account, gate, caller, context):
    account("elasticache").create_cache_cluster(
        CacheClusterId="cache", CacheNodeType="cache.m6g.large", Engine="redis", NumCacheNodes=1
    )
    gate.deny("ListDomainNames")
    assert len(collect_nodes(caller, context)) == 1
    assert [(entry["part"], entry["iam_action"]) for entry in context.unknown] == [
        ("search domains in us-west-2", "es:ListDomainNames"),
        ("search domains in eu-west-1", "es:ListDomainNames"),
    ]
    gate.deny("DescribeCacheClusters")
    with pytest.raises(AccessError):
        collect_nodes(caller, context)


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("describe_domains", "es:DescribeDomains"),
        ("list_domain_names", "es:ListDomainNames"),
        ("describe_reserved_instances", "es:DescribeReservedInstances"),
    ],
)
def test_permissions_of_opensearch_have_their_old_name(operation, action):
    assert iam_action("opensearch", operation) == action


# --- commitments ----------------------------------------------------------------------------------

CACHE_XML = """<ReservedCacheNodes><ReservedCacheNode>
<ReservedCacheNodeId>ri-cache</ReservedCacheNodeId><CacheNodeType>cache.r6g.large</CacheNodeType>
<StartTime>2025-01-01T00:00:00Z</StartTime><Duration>31536000</Duration><FixedPrice>700.5</FixedPrice>
<UsagePrice>0.0</UsagePrice><CacheNodeCount>4</CacheNodeCount>
<ProductDescription>redis</ProductDescription><OfferingType>Partial Upfront</OfferingType>
<State>active</State><RecurringCharges><RecurringCharge>
<RecurringChargeAmount>0.081</RecurringChargeAmount>
<RecurringChargeFrequency>Hourly</RecurringChargeFrequency></RecurringCharge></RecurringCharges>
<ReservationARN>arn:aws:elasticache:us-west-2:012345678901:reserved-instance:ri-cache</ReservationARN>
</ReservedCacheNode></ReservedCacheNodes>"""
SEARCH_JSON = {
    "ReservedInstances": [
        {
            "ReservationName": "logs",
            "ReservedInstanceId": "ri-search",
            "InstanceType": "r5.large.search",
            "StartTime": 1735689600,  # 2025-01-01
            "Duration": 94608000,
            "FixedPrice": 0.0,
            "UsagePrice": 0.0,
            "CurrencyCode": "USD",
            "InstanceCount": 6,
            "State": "active",
            "PaymentOption": "NO_UPFRONT",
            "RecurringCharges": [
                {"RecurringChargeAmount": 0.097, "RecurringChargeFrequency": "Hourly"}
            ],
        }
    ]
}


def test_reserved_nodes_of_both_services_come_over_the_wire(gate, caller, context, replies):
    gate.answers["DescribeReservedInstances"] = lambda asked: replies.xml(
        "DescribeReservedInstances", "<reservedInstancesSet/>", is_ec2=True
    )
    gate.answers["DescribeReservedDBInstances"] = lambda asked: replies.xml(
        "DescribeReservedDBInstances", "<ReservedDBInstances/>"
    )
    gate.serve("DescribeSavingsPlans", b'{"savingsPlans": []}')
    gate.answers["DescribeReservedCacheNodes"] = lambda asked: replies.xml(
        "DescribeReservedCacheNodes", CACHE_XML
    )
    gate.serve("DescribeReservedInstancesOfSearch", json.dumps(SEARCH_JSON).encode())
    context.regions = ("us-west-2",)
    cache, search = records(check(collect_commitments(caller, context), COMMITMENT))
    wanted = {
        "commitment": "ElastiCache RI",
        "service_name": "Amazon ElastiCache",
        "sub_account_id": "012345678901",
        "instance_type": "cache.r6g.large",
        "platform": "redis",
        "committed_count": 4,
        "payment": "partial upfront",
        "term_years": 1,
        "starts_at": datetime(2025, 1, 1, tzinfo=UTC),
        "ends_at": datetime(2026, 1, 1, tzinfo=UTC),  # 365 days
        "upfront_usd": Decimal("700.5"),
        "recurring_usd_per_hour": Decimal("0.081"),
    }
    assert {name: cache[name] for name in wanted} == wanted
    wanted = {
        "commitment": "OpenSearch RI",
        "service_name": "Amazon OpenSearch Service",
        "instance_type": "r5.large.search",
        "committed_count": 6,
        "payment": "no upfront",
        "term_years": 3,
        "ends_at": datetime(2028, 1, 1, tzinfo=UTC),  # 1095 days; 2028 is the next leap year
        "upfront_usd": 0,
        "recurring_usd_per_hour": Decimal("0.097"),
    }
    assert {name: search[name] for name in wanted} == wanted


def test_no_price_of_ec2_is_asked_for_nodes():
    rows = [
        *parse_reserved_searches(SEARCH_JSON | {"ReservedInstances": [
            {**SEARCH_JSON["ReservedInstances"][0], "StartTime": "2025-01-01T00:00:00+00:00"}
        ]}, "us-west-2"),
        *parse_reserved_caches({"ReservedCacheNodes": [
            {"ReservedCacheNodeId": "1", "CacheNodeType": "cache.r6g.large", "State": "active"}
        ]}, "us-west-2"),
    ]  # fmt: skip
    assert wanted_pairs({"commitment": make(COMMITMENT, rows)}) == []
