"""The collectors of `prism pull` besides Cost Explorer, in the order in which they run.

Metrics and prices are asked for what the inventory found, so the inventory comes first.
"""

from __future__ import annotations

from prismlib.sources.cloudwatch import (
    METRIC_ACTIONS,
    collect_bucket_storage,
    collect_metric_coverage,
    collect_metric_series,
)
from prismlib.sources.collecting import Collector
from prismlib.sources.commitments import COMMITMENT_ACTIONS, collect_commitments
from prismlib.sources.inventory_ec2 import INSTANCE_ACTIONS, collect_instances
from prismlib.sources.inventory_elb import LOAD_BALANCER_ACTIONS, collect_load_balancers
from prismlib.sources.inventory_nodes import NODE_ACTIONS, collect_nodes
from prismlib.sources.inventory_rds import DATABASE_ACTIONS, collect_databases
from prismlib.sources.inventory_s3 import BUCKET_ACTIONS, collect_buckets
from prismlib.sources.metric_plan import plan_metrics
from prismlib.sources.price_list import PRICE_ACTIONS, collect_instance_prices

METRICS = "CloudWatch GetMetricData"
RESOURCES = ("instance", "database", "load_balancer", "bucket")
"""The tables of what has metrics."""

COLLECTORS: tuple[Collector, ...] = (
    Collector("instance", collect_instances, INSTANCE_ACTIONS, "EC2 DescribeInstances"),
    Collector(
        "commitment",
        collect_commitments,
        COMMITMENT_ACTIONS,
        "reservations of EC2, RDS, ElastiCache and OpenSearch; DescribeSavingsPlans",
    ),
    Collector("database", collect_databases, DATABASE_ACTIONS, "RDS DescribeDBInstances"),
    Collector(
        *("managed_node", collect_nodes, NODE_ACTIONS),
        "ElastiCache DescribeCacheClusters, OpenSearch DescribeDomains",
    ),
    Collector(
        "load_balancer",
        collect_load_balancers,
        LOAD_BALANCER_ACTIONS,
        "Elastic Load Balancing, both generations",
    ),
    Collector("bucket", collect_buckets, BUCKET_ACTIONS, "S3 ListBuckets and settings"),
    Collector(
        *("metric_series", collect_metric_series, METRIC_ACTIONS, METRICS, RESOURCES),
        plan=plan_metrics,
    ),
    Collector("metric_coverage", collect_metric_coverage, METRIC_ACTIONS, METRICS, RESOURCES),
    Collector("bucket_storage", collect_bucket_storage, METRIC_ACTIONS, METRICS, ("bucket",)),
    Collector(
        "instance_price",
        collect_instance_prices,
        PRICE_ACTIONS,
        "AWS Price List GetProducts",
        ("instance", "commitment"),
    ),
)
