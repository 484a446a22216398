"""Generate the synthetic tables of ``data/sample``: days, objects, benchmarks.

The memo gives one figure a component and month. The notebooks need days and usage types, so this
script splits each stated actual over October 2025 with a seeded shape; the parts add up to the
stated figure to the cent. The memo gives how many partitions there are and their bytes; how large
each is, is invented, and adds up to the stated bytes. Its benchmarks are in no file; some are made
up to show the method. All of these tables are labelled synthetic. Run it
after an edit of ``stated_actual.csv`` or ``claim.csv``::

    .venv/bin/python tests/make_sample.py
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from pathlib import Path

import pandas as pd
from made_up_benchmarks import made_up

from prismlib import paths
from prismlib.dr_tables import DR_TABLES
from prismlib.periods import Period
from prismlib.readiness_tables import READINESS_TABLES
from prismlib.snapshot_tables import SNAPSHOT_TABLES
from prismlib.sources.csv_tables import read_table
from prismlib.sources.snapshots import Description, Origin, write_snapshot
from prismlib.storage_tables import OBJECT_COHORT
from prismlib.tables import COST, make

SEED = 80
PERIOD = Period.month("2025-10")
CENT = Decimal("0.01")
OF_OTHERS = (
    "evidence_waiver",
    "evidence_subject",
)  # the memo allows nothing; the checks are its own
MEMO_TABLES = (
    *("estimate", "stated_actual", "claim", "fleet", "placement", "component_rule"),
    *("bucket", "storage_need", "lifecycle_policy", "slo"),
    *DR_TABLES,
    *(name for name in READINESS_TABLES if name not in OF_OTHERS),
)
GB = 10**9  # as the memo counts: 189 TB at 0.023 a GB are its 4,347
SPREAD = 1.0  # of the logarithm of a partition's size: one in six is over 2.7 times the middle one

# component: (service, usage type, unit, tag value, share of the component, shape)
PARTS: dict[str, list[tuple[str, str, str, str, str, str]]] = {
    "Redis EC2 (reserved)": [
        ("Amazon Elastic Compute Cloud - Compute", "USW2-BoxUsage:r6i.4xlarge",
         "instance-hours", "redis", "1", "flat"),
    ],
    "Proxy EC2 (reserved)": [
        ("Amazon Elastic Compute Cloud - Compute", "USW2-BoxUsage:c6i.2xlarge",
         "instance-hours", "proxy", "1", "flat"),
    ],
    "EBS volumes": [("EC2 - Other", "USW2-EBS:VolumeUsage.gp3", "", "", "1", "flat")],
    "Network Load Balancer": [
        ("Amazon Elastic Load Balancing", "USW2-LCUUsage", "", "", "0.999", "weekday"),
        ("Amazon Elastic Load Balancing", "USW2-LoadBalancerUsage", "", "", "0.001", "flat"),
    ],
    "S3 cold tier": [
        ("Amazon Simple Storage Service", "USW2-TimedStorage-ByteHrs", "GB-month", "", "1", "flat"),
    ],
    "PostgreSQL RDS": [
        ("Amazon Relational Database Service", "USW2-Multi-AZUsage:db.r6i.xlarge",
         "", "", "0.8", "flat"),
        ("Amazon Relational Database Service", "USW2-RDS:Multi-AZ-GP3-Storage",
         "", "", "0.2", "flat"),
    ],
    "Backup/DR": [
        ("Amazon Simple Storage Service", "USW2-TimedStorage-ByteHrs",
         "", "backup-dr", "0.6", "growing"),
        ("Amazon Simple Storage Service", "USW2-USE1-AWS-Out-Bytes",
         "", "backup-dr", "0.4", "weekday"),
    ],
    "Monitoring": [
        ("AmazonCloudWatch", "USW2-CW:MetricMonitorUsage", "", "", "0.6", "flat"),
        ("AmazonCloudWatch", "USW2-DataProcessing-Bytes", "", "", "0.4", "weekday"),
    ],
    "CI/CD": [("AWS CodeBuild", "USW2-Build-Min:Linux:g1.small", "", "", "1", "weekday")],
}  # fmt: skip


def daily_weights(shape: str, random_source: random.Random) -> list[Decimal]:
    """Return a positive weight for each day: level, rising, or lower at weekends."""
    weights = []
    for number, day in enumerate(PERIOD.dates()):
        level = 1.0 + (0.004 * number if shape == "growing" else 0.0)
        if shape == "weekday":
            level = (0.7 if day.weekday() >= 5 else 1.1) * random_source.uniform(0.92, 1.08)
        weights.append(Decimal(f"{level:.4f}"))
    return weights


def split(total: Decimal, weights: list[Decimal], step: Decimal) -> list[Decimal]:
    """Return parts of `total` in proportion to `weights`, in whole steps, that add up exactly."""
    whole = sum(weights)
    parts = [(total * w / whole).quantize(step, rounding=ROUND_DOWN) for w in weights]
    left = int((total - sum(parts)) / step)
    order = sorted(range(len(parts)), key=lambda n: -weights[n])
    for n in range(left):
        parts[order[n % len(order)]] += step
    return parts


def component_rows(actual: pd.Series, random_source: random.Random) -> Iterator[dict[str, object]]:
    """Yield the daily rows of one component."""
    parts = PARTS[actual["component"]]
    amounts = split(actual["actual_cost"], [Decimal(p[4]) for p in parts], CENT)
    for (service, usage_type, unit, tag, _, shape), amount in zip(parts, amounts, strict=True):
        weights = daily_weights(shape, random_source)
        costs = split(amount, weights, CENT)
        known = actual["usage_quantity"] if unit else None
        quantities = split(known, weights, Decimal("0.001")) if known else [None] * PERIOD.days
        for day, cost, quantity in zip(PERIOD.dates(), costs, quantities, strict=True):
            yield {
                "charge_period_start": day,
                "charge_period_end": day + timedelta(days=1),
                "provider_name": "AWS",
                "service_name": service,
                "usage_type": usage_type,
                "region_id": "us-west-2",
                "record_type": "Usage",
                "tags": json.dumps({"component": tag} if tag else {}),
                "usage_unit": unit,
                "charge_kind": "usage",
                "usage_quantity": quantity,
                "unblended_cost": cost,
                "billing_currency": "USD",
                "is_estimated": False,
            }


def cohort_rows(
    gigabytes: Decimal, count: int, random_source: random.Random
) -> list[dict[str, object]]:
    """Return `count` partitions in classes of size, each from a power of two, that add up."""
    weights = [Decimal(f"{random_source.lognormvariate(0, SPREAD):.6f}") for _ in range(count)]
    sizes = [int(size) for size in split(gigabytes * GB, weights, Decimal(1))]
    classes: dict[int, list[int]] = {}
    for size in sizes:
        classes.setdefault(1 << (size.bit_length() - 1), []).append(size)
    return [
        {
            "bucket_name": "prism-cold-tier",
            "prefix": "partitions/",
            "storage_class": "STANDARD",
            "object_kind": "current",
            "size_from_bytes": size_from,
            "age_days": None,
            "stored_objects": Decimal(len(members)),
            "size_bytes": Decimal(sum(members)),
        }
        for size_from, members in sorted(classes.items())
    ]


def main(folder: Path = paths.SAMPLE) -> None:
    """Write the cost table and the manifest of the sample, keeping the tables of the memo."""
    tables = {}
    for name in MEMO_TABLES:
        frame = read_table(folder / f"{name}.csv", SNAPSHOT_TABLES[name])
        source = "MEMO-080 and MEMO-076 before it; each row cites its section"
        if name == "component_rule":
            source = "written for this sample: which charge belongs to which line of the memo"
        if name in ("criterion", "decision_rule"):
            source = "MEMO-080; how long evidence counts and the set “launch” are of this report"
        tables[name] = (frame, Origin(source=source))
    random_source = random.Random(SEED)
    rows = [
        row
        for _, actual in tables["stated_actual"][0].iterrows()
        for row in component_rows(actual, random_source)
    ]
    origin = Origin(source=f"synthetic, seed {SEED}: tests/make_sample.py", is_synthetic=True)
    tables["cost"] = (make(COST, rows), origin)
    stated = tables["claim"][0].set_index("claim_id")["stated_value"]
    cohorts = cohort_rows(stated["cold_tier_gb"], int(stated["partition_count"]), random_source)
    tables["object_cohort"] = (make(OBJECT_COHORT, cohorts), origin)
    benchmarks = made_up(random_source)
    tables |= {name: (frame, origin) for name, frame in benchmarks.items() if len(frame)}
    description = Description(
        name="sample",
        title="Sample: the readiness memo MEMO-080",
        period=str(PERIOD),
        as_of=date(2025, 11, 16),
        billing_currency="USD",
        notes=[
            "The memo calls its month “first month production” and does not name it; "
            "October 2025 is assumed.",
            "Daily costs are synthetic: the memo gives monthly figures only. They add up to "
            "its stated actuals to the cent.",
            "How large and how old each partition of the cold tier is, is synthetic: the memo "
            "gives their number and their bytes only. All of them are taken as new.",
            "The benchmark files are synthetic: the memo prints none. They show the method and "
            "are evidence of nothing.",
        ],
    )
    write_snapshot(folder, description, tables)


if __name__ == "__main__":
    main()
