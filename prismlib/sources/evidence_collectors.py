"""The collectors of `prism pull --evidence`: those of AWS, and those of given addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from prismlib.sources.evidence import EvidenceCollector, Fact, Look
from prismlib.sources.evidence_audit import AUDIT_COLLECTORS
from prismlib.sources.evidence_buckets import Lint, bucket_collector
from prismlib.sources.evidence_data import DATA_COLLECTORS
from prismlib.sources.evidence_flows import FLOW_COLLECTORS
from prismlib.sources.evidence_http import (
    PROMETHEUS_CHECKS,
    Address,
    collect_alertmanager,
    collect_grafana,
    collect_prometheus,
    grafana_token,
    parse_address,
)
from prismlib.sources.evidence_iam import IAM_COLLECTORS
from prismlib.sources.evidence_keys import KEY_COLLECTORS
from prismlib.sources.evidence_network import NETWORK_COLLECTORS
from prismlib.sources.evidence_redis import (
    REDIS_CHECKS,
    RedisAddress,
    collect_redis,
    parse_redis_address,
)

INSTANCES = "ec2:DescribeInstances"
"""What Prometheus and Redis need besides their addresses: which instances run, and where."""


@dataclass(frozen=True)
class Addresses:
    """What the user gave to look at besides AWS; nothing else is ever reached.

    Raises
    ------
    ParameterError
        A text is no address.
    """

    prometheus: tuple[Address, ...] = ()
    alertmanager: Address | None = None
    grafana: Address | None = None
    redis: RedisAddress | None = None

    @classmethod
    def of(
        cls, prometheus: Sequence[str], alertmanager: str, grafana: str, redis: str
    ) -> Addresses:
        """Return the addresses of some texts; an empty one is none."""
        return cls(
            prometheus=tuple(parse_address("--prometheus", one) for one in prometheus),
            alertmanager=parse_address("--alertmanager", alertmanager) if alertmanager else None,
            grafana=parse_address("--grafana", grafana, token=grafana_token()) if grafana else None,
            redis=parse_redis_address(redis) if redis else None,
        )


def aws_collectors(lint: Lint) -> tuple[EvidenceCollector, ...]:
    """Return the collectors of AWS in their order; `lint` judges lifecycle rules."""
    return (
        *IAM_COLLECTORS,
        *NETWORK_COLLECTORS,
        bucket_collector(lint),
        *DATA_COLLECTORS,
        *KEY_COLLECTORS,
        *AUDIT_COLLECTORS,
        *FLOW_COLLECTORS,
    )


def evidence_actions() -> set[str]:
    """Return every permission that evidence may need."""
    collectors = aws_collectors(lambda name, rules: ((), ()))
    return {INSTANCES}.union(*(collector.actions for collector in collectors))


def collect_facts(
    look: Look, addresses: Addresses, lint: Lint, on_step: Callable[[str], None]
) -> list[Fact]:
    """Return the facts of every collector; what has no address is unknown."""
    facts: list[Fact] = []
    for collector in aws_collectors(lint):
        on_step(collector.name)
        facts += collector.read(look)
    for name, checks, get in _of_addresses(look, addresses):
        on_step(name)
        facts += get() if get else _without_address(name, checks)
    return facts


Get = Callable[[], Iterable[Fact]]


def _of_addresses(
    look: Look, given: Addresses
) -> Iterator[tuple[str, tuple[str, ...], Get | None]]:
    """Yield name, checks and collector of each kind of address; None where none was given."""
    servers, manager, grafana, redis = (
        *(given.prometheus, given.alertmanager),
        *(given.grafana, given.redis),
    )
    yield (
        *("prometheus", PROMETHEUS_CHECKS),
        (lambda: collect_prometheus(look, servers)) if servers else None,
    )
    yield (
        *("alertmanager", ("alerting.receivers",)),
        (lambda: collect_alertmanager(manager)) if manager else None,
    )
    yield (
        *("grafana", ("dashboards.found",)),
        (lambda: collect_grafana(grafana)) if grafana else None,
    )
    yield "redis", REDIS_CHECKS, (lambda: collect_redis(look, redis)) if redis else None


def _without_address(name: str, checks: Sequence[str]) -> list[Fact]:
    reason = f"no address was given: --{name}"
    return [Fact(check, name, None, name, reason=reason) for check in checks]
