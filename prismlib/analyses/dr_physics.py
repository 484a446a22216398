"""Whether a step can have moved its data in its time: against network, disks and load rates.

Method. A step that moved B bytes over n nodes in t seconds needed B / t in all and B / (n t) on
each node. Each is held against what is documented: the network and the disks of the instance type,
one connection to S3, the rate at which Redis loads a snapshot, traffic to another Region. A stated
rate is read both ways where it is not said whether it is of each node or of all together: if one
reading fits the time and the other does not, the claim is *ambiguous*, and its verdict is unknown.

Known limits. Baselines are what an instance keeps up; a burst above them is best effort, so a need
between the two is unknown. Load rates are rules of thumb of one process on one thread. Gigabytes
are decimal, as in `moved_gb`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any

import pandas as pd

from prismlib.analyses.drill_steps import Drill, DrillStep
from prismlib.findings import Verdict
from prismlib.money import divide
from prismlib.result_tables.dr import STEP_CHECK
from prismlib.tables import make, records

MB_PER_GB = Decimal(1000)
GBIT_PER_GB = Decimal(8)
SCOPES = ("all", "node")


@dataclass(frozen=True)
class Load:
    """What a step moved, and how fast that was; rates in GB/s."""

    step: DrillStep
    gigabytes: Decimal
    seconds: Decimal
    nodes: Decimal | None

    @property
    def gb_per_s(self) -> Decimal:
        """Return what all nodes together needed."""
        return self.gigabytes / self.seconds

    @property
    def node_gb_per_s(self) -> Decimal | None:
        """Return what each node needed; None when their number is not known."""
        return divide(self.gb_per_s, self.nodes)

    @property
    def node_gigabytes(self) -> Decimal | None:
        """Return what each node took; None when their number is not known."""
        return divide(self.gigabytes, self.nodes)

    @property
    def gbps(self) -> Decimal:
        """Return what all nodes together needed. [Gbit/s]"""
        return self.gb_per_s * GBIT_PER_GB


def loads(drill: Drill) -> tuple[Load, ...]:
    """Return the steps that say how much they moved and took some time."""
    return tuple(
        Load(step, step.row["moved_gb"], step.duration.middle, step.row["node_count"])
        for step in drill.steps
        if step.row["moved_gb"] and step.duration is not None and step.duration.middle > 0
    )


def stated_durations(load: Load) -> dict[str, Decimal]:
    """Return how long the step takes at its stated rate, for each reading of it. [s]"""
    rate, scope = load.step.row["stated_mb_per_second"], load.step.row["rate_scope"]
    if not rate:
        return {}
    whole = load.gigabytes * MB_PER_GB / rate
    each = None if load.nodes is None else divide(whole, load.nodes)
    found = {"all": whole, "node": each}
    return {
        name: value for name, value in found.items() if value is not None and scope in ("", name)
    }


def slower_by_s(drill: Drill) -> Decimal | None:
    """Return how much longer the steps take if stated rates are of all nodes; None without any.

    Only a rate that may be meant so counts, and only where it takes longer than the log says.
    """
    extra = [
        max(durations["all"] - load.seconds, Decimal(0))
        for load in loads(drill)
        if "all" in (durations := stated_durations(load))
    ]
    return sum(extra, Decimal(0)) if extra else None


def rate_verdict(load: Load) -> Verdict | None:
    """Return whether a stated rate fits the time of the step; unknown when readings disagree."""
    fits = [seconds <= load.seconds for seconds in stated_durations(load).values()]
    if not fits:
        return None
    if all(fits):
        return Verdict.HOLDS
    return Verdict.UNKNOWN if any(fits) else Verdict.CONTRADICTS


@dataclass(frozen=True)
class Ceilings:
    """The documented limits by name, and the network and disks by instance type."""

    limits: Mapping[str, dict[str, Any]]
    networks: Mapping[str, dict[str, Any]]
    disks: Mapping[str, dict[str, Any]]

    @classmethod
    def of(cls, limits: pd.DataFrame, networks: pd.DataFrame, disks: pd.DataFrame) -> Ceilings:
        """Return the limits from LIMIT, INSTANCE_NETWORK and INSTANCE_DISK."""
        return cls(
            {row["limit_name"]: row for row in records(limits)},
            {row["instance_type"]: row for row in records(networks)},
            {row["instance_type"]: row for row in records(disks)},
        )


def step_checks(drill: Drill, ceilings: Ceilings) -> pd.DataFrame:
    """Return STEP_CHECK of a drill: each step that moved data against each limit."""
    rows = [
        {"drill_id": drill.drill_id, "step_id": load.step.step_id, **row}
        for load in loads(drill)
        for row in _checks(load, ceilings)
    ]
    return make(STEP_CHECK, rows)


def _checks(load: Load, ceilings: Ceilings) -> Iterator[dict[str, Any]]:
    each, kind = load.node_gb_per_s, load.step.row["step_kind"]
    if each is not None:
        instance = load.step.row["instance_type"]
        yield _ladder(
            "network of a node", each * GBIT_PER_GB, "Gbit/s", instance, ceilings.networks,
            ("network_baseline_gbps", "network_burst_gbps"),
        )  # fmt: skip
        yield _ladder(
            "disks of a node", each * MB_PER_GB, "MB/s", instance, ceilings.disks,
            ("disk_baseline_mb_per_second", "disk_burst_mb_per_second"),
        )  # fmt: skip
        if kind == "load":
            yield from _one_more(load, each, ceilings)
    if kind == "copy":
        yield from _across_regions(load, ceilings)


def _ladder(
    name: str,
    needed: Decimal,
    unit: str,
    instance: str,
    known: Mapping[str, dict[str, Any]],
    columns: tuple[str, str],
) -> dict[str, Any]:
    """Return a need against a baseline and a burst: between the two nothing is proven."""
    row = known.get(instance)
    base = {"check_name": name, "needed_value": needed, "unit": unit}
    if row is None:
        note = f"the limit of {instance or 'an unknown instance type'} is not in the table"
        return {**base, "verdict": str(Verdict.UNKNOWN), "note": note}
    baseline, burst = row[columns[0]], row[columns[1]]
    verdict, limit, note = Verdict.HOLDS, baseline, f"what {instance} keeps up"
    if needed > baseline:
        verdict, note = Verdict.UNKNOWN, f"more than {instance} keeps up; in a burst perhaps"
        if burst is None or needed > burst:
            verdict, limit = Verdict.INFEASIBLE, burst or baseline
            note = f"more than {instance} can do"
    words = {"verdict": str(verdict), "limit_value": limit, "note": note, "source": row["source"]}
    return {**base, **words}


def _one_more(load: Load, each: Decimal, ceilings: Ceilings) -> Iterator[dict[str, Any]]:
    """Yield a load of snapshots against one S3 connection, a disk as sold and load rates."""
    for name, words, note in (
        ("s3_connection_mb_per_s", "one connection to S3", "more connections in parallel do it"),
        ("gp3_included_mb_per_s", "a gp3 disk as sold", "throughput has to be provisioned"),
    ):
        limit = ceilings.limits.get(name)
        if limit is not None:
            fits = each * MB_PER_GB <= limit["limit_value"]
            yield {
                **{"check_name": words, "needed_value": each * MB_PER_GB, "unit": "MB/s"},
                **{"limit_value": limit["limit_value"], "source": limit["source"]},
                "verdict": str(Verdict.HOLDS if fits else Verdict.UNKNOWN),
                "note": "" if fits else note,
            }
    limit = ceilings.limits.get("redis_load_s_per_gb_low")
    if load.step.row["store_name"] != "Redis" or limit is None or load.node_gigabytes is None:
        return
    needed = load.seconds / load.node_gigabytes
    yield {
        **{"check_name": "load by one process", "needed_value": needed, "unit": "s/GB"},
        **{"limit_value": limit["limit_value"], "source": limit["source"]},
        "verdict": str(Verdict.HOLDS if needed >= limit["limit_value"] else Verdict.INFEASIBLE),
        "note": "faster than a process is known to load" if needed < limit["limit_value"] else "",
    }


def _across_regions(load: Load, ceilings: Ceilings) -> Iterator[dict[str, Any]]:
    """Yield a copy between regions against what one small instance may send there."""
    limit = ceilings.limits.get("small_instance_region_gbps")
    if limit is None:
        return
    workers = workers_needed(load, limit["limit_value"])
    fits = load.gbps <= limit["limit_value"]
    yield {
        **{"check_name": "one instance to another region", "needed_value": load.gbps},
        **{"unit": "Gbit/s", "limit_value": limit["limit_value"], "source": limit["source"]},
        "verdict": str(Verdict.HOLDS if fits else Verdict.UNKNOWN),
        "note": "" if fits else f"needs {workers} instances or a copy inside the service",
    }


def workers_needed(load: Load, gbps: Decimal) -> int:
    """Return how many instances with so much bandwidth the step needs."""
    return ceil(load.gbps / gbps)
