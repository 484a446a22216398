"""Columns of what an account holds and of its metrics."""

from __future__ import annotations

from prismlib.fields.kinds import declared

FIELDS = {
    **declared(
        "text",
        {
            "architecture": ("", "x86_64, arm64 ... as the provider says"),
            "bucket_name": ("", "name of an S3 bucket"),
            "cluster_id": ("", "database cluster or replication group that it belongs to"),
            "commitment_id": ("", "the provider's id of a commitment"),
            "database_id": ("", "identifier of a database instance"),
            "dimensions": ("", "dimensions of a metric as a JSON object with sorted keys"),
            "encryption": ("", "default encryption as JSON; {} when none, empty when unknown"),
            "engine": ("", "engine of a database, cache or search as the provider names it"),
            "engine_version": ("", "version of the engine"),
            "instance_family": (
                "",
                "family of instance types: m6i ...; of a plan, the one it is bound to",
            ),
            "instance_id": ("", "the provider's id of an instance"),
            "lifecycle": ("", "lifecycle rules as a JSON list; [] when none, empty when unknown"),
            "load_balancer_id": ("", "LoadBalancer dimension of metrics; a classic one's name"),
            "load_balancer_name": ("", "name of a load balancer"),
            "load_balancer_type": ("", "application, network, gateway or classic"),
            "metric_name": ("", "name of a metric as CloudWatch spells it"),
            "namespace": ("", "CloudWatch namespace: AWS/EC2 ..."),
            "node_role": ("", "what nodes do in their cluster or domain: data, master or warm"),
            "platform": ("", "operating system and licence as billed: Linux/UNIX ..."),
            "purchase": ("", "on-demand, spot, scheduled or capacity-block"),
            "resource_id": ("", "the provider's name of a cluster, domain, database or bucket"),
            "replica_source": ("", "identifier or ARN of the database that a replica follows"),
            "replication": ("", "replication as a JSON object; {} when none, empty when unknown"),
            "scheme": ("", "internet-facing or internal"),
            "scope": ("", "Region, a zone that it is bound to, or what a plan covers: EC2|Fargate"),
            "series_status": ("", "how a series ended: see STATUSES in sources/metric_answers.py"),
            "standby_zone_id": ("", "zone of the standby of a database"),
            "state": ("", "state as the provider names it: running, available, active ..."),
            "statistic": ("", "Average, Sum, Maximum, p99 ...; of a tool the name of a field"),
            "storage_type": ("", "S3 storage type as in its metrics, or type of a database's disk"),
            "tenancy": ("", "default (shared), dedicated or host"),
            "versioning": ("", "Enabled, Suspended, or Off when never enabled; empty is unknown"),
            "zone_id": ("", "zone by its id, the same in every account: usw2-az1 ..."),
            "zone_ids": ("", "zones by their ids, separated by |"),
            "zone_name": ("", "zone by its name, which differs between accounts: us-west-2a ..."),
        },
    ),
    **declared(
        "time",
        {
            "created_at": ("UTC", "when the resource was made"),
            "ends_at": ("UTC", "when a commitment ends"),
            "first_seen_at": ("UTC", "start of the first period with data"),
            "last_seen_at": ("UTC", "start of the last period with data"),
            "launched_at": ("UTC", "when an instance was last started"),
            "observed_at": ("UTC", "moment of a look, or start of the period that was measured"),
            "starts_at": ("UTC", "when a commitment begins"),
        },
    ),
    **declared(
        "decimal",
        {
            "commitment_usd_per_hour": ("USD/hour", "hourly commitment of a savings plan"),
            "coverage_ratio": ("ratio", "found / expected points of a series"),
            "iops": ("operations/s", "provisioned operations of a disk"),
            "metric_value": ("see unit", "value of a metric over one period"),
            "recurring_usd_per_hour": ("USD/hour", "hourly charge of one reserved instance"),
            "size_bytes": ("bytes", "bytes stored"),
            "storage_gib": ("GiB", "size of a database's disk"),
            "stored_objects": ("objects", "objects stored, of all storage types"),
            "upfront_usd": ("USD", "paid upfront, for one reserved instance or the whole plan"),
        },
    ),
    **declared(
        "count",
        {
            "committed_count": ("resources", "reserved instances in a reservation"),
            "expected_points": ("points", "periods that a series has if nothing is missing"),
            "found_points": ("points", "periods of a series that have data"),
            "healthy_count": ("resources", "targets that pass their health check"),
            "longest_gap_s": ("s", "longest time without data, the ends of the period included"),
            "period_s": ("s", "length of one period of a metric"),
            "target_count": ("resources", "registered targets, each group's once"),
        },
    ),
    **declared(
        "flag",
        {
            "is_autoscaled": ("", "an Auto Scaling group started the instance"),
            "is_cross_zone": ("", "the balancer sends traffic to targets in other zones"),
            "is_encrypted": ("", "data at rest is encrypted"),
            "is_multi_az": ("", "there is a standby in a second zone"),
        },
    ),
}
