"""What a document says of a benchmark, put together: rates, nodes, types, sizes of loads."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from prismlib.analyses.slo_inputs import SloInputs
from prismlib.analyses.slo_physics import Networks
from prismlib.analyses.stated import Stated
from prismlib.money import divide
from prismlib.tables import records

WEB = "static_web"
"""The public benchmark whose rate is the most that a proxy of a type is taken to pass on."""


@dataclass(frozen=True)
class Group:
    """Nodes of one kind that a benchmark used, and their instance type."""

    words: str
    count: Decimal
    instance_type: str
    expected_count: Decimal | None
    vcpu: Decimal | None


@dataclass(frozen=True)
class Facts:
    """Stated figures of a benchmark; each is None where the document does not say."""

    inputs: SloInputs

    @property
    def stated(self) -> Stated:
        """Return the claims."""
        return self.inputs.stated

    def with_inputs(self, inputs: SloInputs) -> Facts:
        """Return the same figures beside other targets."""
        found = Facts(inputs)
        for name in ("networks", "rate", "redis", "proxies"):
            found.__dict__[name] = getattr(self, name)
        return found

    @cached_property
    def networks(self) -> Networks:
        """Return the networks of instance types."""
        return Networks(self.inputs.networks)

    @cached_property
    def rate(self) -> Decimal | None:
        """Return the stated throughput of all nodes. [operations/s]"""
        return self.stated.value("operations_per_s")

    @cached_property
    def redis(self) -> Group | None:
        """Return the nodes that hold the data."""
        return self._group("benchmark_redis_nodes", "Redis node")

    @cached_property
    def proxies(self) -> Group | None:
        """Return the proxies in front of them."""
        return self._group("benchmark_proxies", "proxy")

    @property
    def node_rate(self) -> Decimal | None:
        """Return the stated throughput of one Redis node. [operations/s]"""
        return None if self.redis is None else divide(self.rate, self.redis.count)

    def limit(self, name: str) -> Decimal | None:
        """Return a documented limit."""
        value: Decimal | None = self.inputs.limits.get(name, {}).get("limit_value")
        return value

    def limit_source(self, name: str) -> str:
        """Return where a documented limit is from."""
        return str(self.inputs.limits.get(name, {}).get("source", ""))

    def loads(self) -> list[tuple[dict[str, Any], Decimal, Decimal]]:
        """Return objectives for loads of a size, with the size and the stated time, by size."""
        found = []
        for row in self.inputs.objectives:
            time = self.stated.value_in(row["claim_id"], "ms")
            if row["payload_bytes"] is not None and time:
                found.append((row, row["payload_bytes"], time))
        return sorted(found, key=lambda one: one[1])

    def web_rate(self, instance_type: str) -> Decimal | None:
        """Return the most small files a second that a type was measured to serve."""
        frame = self.inputs.reference["benchmark"]
        found = [
            row["benchmark_value"]
            for row in records(frame[frame["instance_type"] == instance_type])
            if (row["benchmark"], row["metric"]) == (WEB, "rps")
        ]
        return max(found, default=None)

    def _group(self, claim_id: str, words: str) -> Group | None:
        count, row = self.stated.value(claim_id), self.stated.rows.get(claim_id)
        if not count or row is None:
            return None
        fleet = [one for one in self.inputs.rows("fleet") if one["component"] == row["component"]]
        kind = fleet[0]["instance_type"] if fleet else ""
        vcpu = {
            Decimal(one["vcpu"])
            for one in records(self.inputs.reference["instance_price"])
            if one["instance_type"] == kind and one["vcpu"]
        }
        expected = fleet[0]["expected_count"] if fleet else None
        return Group(
            words,
            count,
            kind,
            None if expected is None else Decimal(expected),
            vcpu.pop() if len(vcpu) == 1 else None,
        )
