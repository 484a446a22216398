"""Findings on whether the stated load is possible, each with the check that it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from prismlib.analyses.judging import counted
from prismlib.analyses.slo_facts import Facts, Group
from prismlib.analyses.slo_judging import bad_if, big, finding, short, sources
from prismlib.analyses.slo_physics import (
    STATED,
    Check,
    at_most,
    bytes_per_operation,
    closed_loop_rate,
    in_flight,
)
from prismlib.findings import Finding, Severity, Verdict
from prismlib.formats import count, percent

Pair = tuple[Check, Finding]
TERA = Decimal(10**12)
NS_PER_S = Decimal(10**9)


def possible(facts: Facts) -> Iterator[Pair]:
    """Yield each check of the stated throughput that can be made, and its finding."""
    yield from _node_rate(facts)
    yield from _proxy_rate(facts)
    yield from _request_bytes(facts)
    yield from _in_flight(facts)
    yield from _two_sizes(facts)
    yield from _sustained(facts)


def _pair(
    check: Check,
    name: str,
    title: str,
    statement: str,
    severity: Severity,
    *claim_sources: str,
) -> Pair:
    """Return a check with its finding; one that holds asks for nothing."""
    found = Severity.INFO if check.verdict is Verdict.HOLDS else severity
    return check, finding(
        name,
        title,
        statement,
        Severity.MEDIUM if check.verdict is Verdict.UNKNOWN else found,
        check.verdict,
        value=check.needed,
        unit=check.unit,
        expected=check.limit,
        source=[*claim_sources, check.source],
        rows=len(claim_sources),
    )


def _node_rate(facts: Facts) -> Iterator[Pair]:
    """Yield the rate of a node against the highest documented one."""
    redis, rate, each = facts.redis, facts.rate, facts.node_rate
    if redis is None or rate is None or not each:
        return
    name = "redis_node_operations_per_s"
    check = at_most(
        *(STATED, "rate of a Redis node", each, facts.limit(name), "operations/s"),
        source=facts.limit_source(name),
    )
    words = f"{big(rate)} operations a second on {counted(redis.count, 'node')} are {big(each)} on "
    words += f"each, one every {count(short(NS_PER_S / each))} ns"
    primaries = facts.stated.value("redis_primaries")
    if primaries:
        words += f"; on {counted(primaries, 'primary node')}, {big(rate / primaries)} on each"
    if check.limit is not None:
        words += f". The highest documented for one node is {big(check.limit)}"
    if redis.expected_count:
        words += f". On all {count(redis.expected_count)} nodes of the plan it would be "
        words += f"{big(rate / redis.expected_count)} on each"
    where = sources(facts.stated, "operations_per_s", "benchmark_redis_nodes")
    title = "Throughput of a Redis node"
    yield _pair(check, "rate_per_node", title, f"{words}.", Severity.CRITICAL, *where)


def _proxy_rate(facts: Facts) -> Iterator[Pair]:
    """Yield the rate of a proxy against what its type was measured to serve."""
    proxies, rate = facts.proxies, facts.rate
    if proxies is None or rate is None:
        return
    each = rate / proxies.count
    most = facts.web_rate(proxies.instance_type)
    source = f"public benchmark {proxies.instance_type}, static files of a kilobyte"
    check = at_most(STATED, "rate of a proxy", each, most, "operations/s", source=source)
    words = f"{big(rate)} operations a second through {count(proxies.count)} proxies are "
    words += f"{big(each)} through each"
    words += _processor_time(facts, proxies, each)
    if most is not None:
        words += f". The most that {proxies.instance_type} was measured to serve, small static "
        words += f"files, is {big(most)} a second"
    where = sources(facts.stated, "operations_per_s", "benchmark_proxies", "cpu_pct")
    title = "Throughput of a proxy"
    yield _pair(check, "rate_per_proxy", title, f"{words}.", Severity.CRITICAL, *where)


def _processor_time(facts: Facts, group: Group, each: Decimal) -> str:
    """Return how much of its processors a request may use at the stated load of them."""
    busy = facts.stated.value("cpu_pct")
    if busy is None or group.vcpu is None:
        return ""
    left = busy / 100 * group.vcpu / each * NS_PER_S
    return (
        f"; at {percent(busy, 0, signed=False)} of {count(group.vcpu)} processors a request has "
        f"{count(round(left))} ns of one"
    )


def _request_bytes(facts: Facts) -> Iterator[Pair]:
    """Yield whether a request fits into the bytes that the stated network leaves for it."""
    each, network = facts.node_rate, facts.stated.value("network_gbps")
    if not each or network is None:
        return
    left, least = bytes_per_operation(network, each), facts.limit("redis_get_request_bytes")
    source = facts.limit_source("redis_get_request_bytes")
    check = Check(STATED, "bytes of an operation", left, least, "bytes", Verdict.UNKNOWN)
    if least is not None:
        verdict = Verdict.HOLDS if left >= least else Verdict.INFEASIBLE
        note = "the request alone has more" if left < least else ""
        check = Check(STATED, check.name, left, least, "bytes", verdict, note, source)
    words = f"{count(network)} Gbit/s at {big(each)} operations a second leave "
    words += f"{count(round(left, 1))} bytes for an operation"
    if least is not None:
        words += f". A GET of a key of twenty bytes is {count(least)} bytes before TCP, IP and the "
        words += "answer"
    where = sources(facts.stated, "network_gbps", "operations_per_s")
    title = "Bytes of an operation"
    yield _pair(check, "request_bytes", title, f"{words}.", Severity.CRITICAL, *where)


def _in_flight(facts: Facts) -> Iterator[Pair]:
    """Yield Little's law: what is in flight against the clients of a closed loop."""
    rate, clients = facts.rate, facts.stated.value("benchmark_clients")
    time = facts.stated.value("hot_p50_ms")
    if rate is None or not clients or not time:
        return
    flying = in_flight(rate, time)
    check = at_most(
        *(STATED, "requests in flight", flying, clients, "requests"),
        note="Little's law; a client of a closed loop has one request in flight",
    )
    words = f"{big(rate)} operations a second of {count(time)} ms each keep {count(round(flying))} "
    words += "requests in flight"
    parts = []
    for number in (clients, facts.stated.value("script_rate_clients")):
        if number:
            most = closed_loop_rate(number, time)
            share = percent(most / rate * 100, 2 if most / rate < Decimal("0.01") else 1,
                            signed=False)  # fmt: skip
            parts.append(f"{count(number)} clients reach {big(most)} at most, {share} of it")
    words += f". In a closed loop {', '.join(parts)}."
    where = sources(facts.stated, "operations_per_s", "hot_p50_ms", "benchmark_clients")
    yield _pair(check, "in_flight", "Requests in flight", words, Severity.CRITICAL, *where)


def _two_sizes(facts: Facts) -> Iterator[Pair]:
    """Yield whether two figures give the same bytes per operation."""
    each, network = facts.node_rate, facts.stated.value("network_gbps")
    total, rate = facts.stated.value("total_tb_per_s"), facts.rate
    if not each or network is None or total is None or not rate:
        return
    by_network, by_traffic = bytes_per_operation(network, each), total * TERA / rate
    apart = max(by_network, by_traffic) / min(by_network, by_traffic)
    differ = apart > Decimal("1.1")
    severity, verdict = bad_if(differ, Severity.HIGH, Verdict.CONTRADICTS)
    check = Check(
        *(STATED, "bytes by traffic and by network", by_traffic, by_network, "bytes", verdict),
        note=f"{count(round(apart))} times apart" if differ else "",
    )
    words = f"The stated traffic of {count(total)} TB/s gives {count(round(by_traffic))} bytes for "
    words += f"an operation, the stated network of a node {count(round(by_network, 1))}: "
    words += f"{count(round(apart))} times apart." if differ else "the same."
    where = sources(facts.stated, "total_tb_per_s", "network_gbps")
    yield _pair(check, "bytes_per_operation", "Two sizes of an operation", words, severity, *where)


def _sustained(facts: Facts) -> Iterator[Pair]:
    """Yield the stated bandwidth, kept up for hours, against what instances keep up."""
    network, hours = facts.stated.value("network_gbps"), facts.stated.value("benchmark_hours")
    if network is None:
        return
    for group, name in ((facts.redis, "redis"), (facts.proxies, "proxy")):
        if group is None:
            continue
        kind = group.instance_type
        check = facts.networks.sustained(STATED, kind, network, node=group.words)
        words = f"{count(network)} Gbit/s"
        words += f", kept up for {counted(hours, 'hour')}," if hours else ""
        words += f" on {group.instance_type or 'an unknown type'}"
        if check.limit is not None:
            over = percent((network / check.limit - 1) * 100, 0)
            words += f", which keeps up {count(check.limit)}: {over}. "
            words += f"{check.note[:1].upper()}{check.note[1:]}" if check.note else "It fits"
        where = sources(facts.stated, "network_gbps", "benchmark_hours")
        title = f"Network of a {group.words}, kept up"
        yield _pair(check, f"sustained_network.{name}", title, f"{words}.", Severity.HIGH, *where)
