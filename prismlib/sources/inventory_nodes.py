"""Nodes of managed services: ElastiCache clusters and OpenSearch domains.

A row holds the nodes of one type and role. Nothing is asked of what they store. Serverless caches
and collections have no nodes and are not listed; neither says whether a node is x86 or Arm, which
the family of its type does. Lambda functions are left out: the bill tells their architecture by its
usage types, and a list of them would come with their environment variables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd

from prismlib.pulled_tables import MANAGED_NODE
from prismlib.sources.calls import Caller
from prismlib.sources.collecting import PullContext
from prismlib.sources.inventory import Row, account_of, instant, readable

NODE_ACTIONS = (
    "elasticache:DescribeCacheClusters",
    "es:DescribeDomains",
    "es:ListDomainNames",
)

CACHE = "Amazon ElastiCache"
SEARCH = "Amazon OpenSearch Service"

DOMAINS_PER_CALL = 5

ROLES = (
    ("data", "InstanceType", "InstanceCount", ""),
    ("master", "DedicatedMasterType", "DedicatedMasterCount", "DedicatedMasterEnabled"),
    ("warm", "WarmType", "WarmCount", "WarmEnabled"),
)
"""Role -> where a domain says the type of its nodes, their count, and whether there are any."""


def collect_nodes(caller: Caller, context: PullContext) -> pd.DataFrame:
    """Return MANAGED_NODE of the regions; a service that cannot be read in one is named."""
    parts: dict[str, Callable[[], list[Row]]] = {}
    for region in context.regions:
        parts[f"caches in {region}"] = partial(_caches, caller, region)
        parts[f"search domains in {region}"] = partial(_domains, caller, region)
    return readable(context, MANAGED_NODE, parts)


def _caches(caller: Caller, region: str) -> list[Row]:
    pages = caller.pages(
        "elasticache",
        "describe_cache_clusters",
        token="Marker",
        answer_token="Marker",
        region=region,
        MaxRecords=100,
    )
    return [row for page in pages for row in parse_caches(page, region)]


def _domains(caller: Caller, region: str) -> list[Row]:
    answer = caller.ask("opensearch", "list_domain_names", region=region)
    names = [one["DomainName"] for one in answer.get("DomainNames", ())]
    rows: list[Row] = []
    for first in range(0, len(names), DOMAINS_PER_CALL):
        some = names[first : first + DOMAINS_PER_CALL]
        answer = caller.ask("opensearch", "describe_domains", region=region, DomainNames=some)
        rows += parse_domains(answer, region)
    return rows


def parse_caches(answer: Mapping[str, Any], region: str) -> Iterator[Row]:
    """Yield the MANAGED_NODE rows of one answer of DescribeCacheClusters."""
    for one in answer.get("CacheClusters", ()):
        yield {
            "region_id": region,
            "service_name": CACHE,
            "resource_id": one["CacheClusterId"],
            "node_role": "data",
            "sub_account_id": account_of(one.get("ARN", "")),
            "cluster_id": one.get("ReplicationGroupId", ""),
            "engine": one.get("Engine", ""),
            "engine_version": one.get("EngineVersion", ""),
            "instance_type": one["CacheNodeType"],
            "node_count": _nodes(one.get("NumCacheNodes")),
            "state": one.get("CacheClusterStatus", ""),
            "created_at": instant(one.get("CacheClusterCreateTime")),
        }


def parse_domains(answer: Mapping[str, Any], region: str) -> Iterator[Row]:
    """Yield the MANAGED_NODE rows of one answer of DescribeDomains, one for each role."""
    for one in answer.get("DomainStatusList", ()):
        config = one.get("ClusterConfig", {})
        engine, _, version = one.get("EngineVersion", "").partition("_")
        for role, kind, count, is_there in ROLES:
            if is_there and not config.get(is_there):
                continue
            yield {
                "region_id": region,
                "service_name": SEARCH,
                "resource_id": one["DomainName"],
                "node_role": role,
                "sub_account_id": account_of(one.get("ARN", "")),
                "engine": engine,
                "engine_version": version,
                "instance_type": config.get(kind, ""),
                "node_count": _nodes(config.get(count)),
                "state": "deleted" if one.get("Deleted") else "active",
            }


def _nodes(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)
