"""Evidence on the network: security groups, and network load balancers with their targets."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from prismlib.errors import CallError
from prismlib.sources.evidence import EvidenceCollector, Fact, Look, counted

GROUP_CHECKS = ("network.internet", "network.wide")
GROUP_ACTIONS = (
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcs",
    "ec2:GetManagedPrefixListEntries",
)
BALANCER_CHECKS = (
    *("balancer.network", "balancer.zones", "balancer.addresses", "balancer.certificates"),
    *("balancer.healthy", "balancer.unhealthy"),
)
BALANCER_ACTIONS = (
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
)

Block = ipaddress.IPv4Network | ipaddress.IPv6Network
INTERNAL = tuple(
    ipaddress.ip_network(one)
    for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
"""What is not routed on the internet: RFC 1918, RFC 6598 and RFC 4193."""


def collect_groups(look: Look) -> list[Fact]:
    """Return two facts for each security group: its rules that let in too much."""
    none = dict.fromkeys(GROUP_CHECKS, "no security group")
    source = " ".join(GROUP_ACTIONS)
    return look.by_region(GROUP_CHECKS, source, partial(_groups, look), of_none=none)


def _groups(look: Look, region: str) -> Iterator[Fact]:
    read = partial(look.items, region=region, token="NextToken")
    vpcs = {
        vpc["VpcId"]: vpc_blocks(vpc)
        for vpc in read("ec2", "describe_vpcs", "Vpcs", MaxResults=1000)
    }
    lists: dict[str, list[str] | CallError] = {}
    for group in read("ec2", "describe_security_groups", "SecurityGroups", MaxResults=1000):
        for name in _prefix_lists(group):
            if name not in lists:
                lists[name] = _entries(look, name, region)
        yield from group_facts(group, vpcs.get(group.get("VpcId", ""), []), lists, look)


def _prefix_lists(group: Mapping[str, Any]) -> list[str]:
    return [
        one["PrefixListId"]
        for rule in group.get("IpPermissions", ())
        for one in rule.get("PrefixListIds", ())
    ]


def _entries(look: Look, name: str, region: str) -> list[str] | CallError:
    try:
        found = look.items(
            *("ec2", "get_managed_prefix_list_entries", "Entries", "NextToken"),
            region=region,
            PrefixListId=name,
            MaxResults=100,
        )
        return [one["Cidr"] for one in found]
    except CallError as error:
        if not error.reason:
            raise
        return error


def vpc_blocks(vpc: Mapping[str, Any]) -> list[Block]:
    """Return the address ranges of a VPC of both families."""
    texts = [vpc.get("CidrBlock", "")]
    texts += [one["CidrBlock"] for one in vpc.get("CidrBlockAssociationSet", ())]
    texts += [one["Ipv6CidrBlock"] for one in vpc.get("Ipv6CidrBlockAssociationSet", ())]
    return [ipaddress.ip_network(text) for text in dict.fromkeys(texts) if text]


def too_wide(text: str, own: Sequence[Block]) -> str:
    """Return the check that a range fails: ``network.internet``, ``network.wide`` or "".

    It fails if it holds more addresses than the widest range of the VPC in its family; with none in
    its family, more than one address.
    """
    block = ipaddress.ip_network(text, strict=False)
    widest = max((one.num_addresses for one in own if one.version == block.version), default=1)
    if block.num_addresses <= widest:
        return ""
    is_internal = any(
        one.version == block.version and block.subnet_of(one)  # type: ignore[arg-type]
        for one in INTERNAL
    )
    return "network.wide" if is_internal else "network.internet"


def group_facts(
    group: Mapping[str, Any],
    own: Sequence[Block],
    lists: Mapping[str, list[str] | CallError],
    look: Look,
) -> Iterator[Fact]:
    """Yield how many sources of ingress rules of a security group are too wide, by check."""
    found: dict[str, list[str]] = {check: [] for check in GROUP_CHECKS}
    unread: list[CallError] = []
    for rule in group.get("IpPermissions", ()):
        sources = [(one["CidrIp"], "") for one in rule.get("IpRanges", ())]
        sources += [(one["CidrIpv6"], "") for one in rule.get("Ipv6Ranges", ())]
        for one in rule.get("PrefixListIds", ()):
            entries = lists[one["PrefixListId"]]
            if isinstance(entries, CallError):
                unread.append(entries)
            else:
                sources += [(text, f" ({one['PrefixListId']})") for text in entries]
        for text, where in sources:
            if check := too_wide(text, own):
                found[check].append(f"{_ports(rule)} from {text}{where}")
    subject = f"{group['GroupId']} {group.get('GroupName', '')}".strip()
    for check, rules in found.items():
        yield counted(check, subject, rules, " ".join(GROUP_ACTIONS))
        if unread:
            yield look.unknown(check, f"prefix lists of {subject}", GROUP_ACTIONS[-1], unread[0])


def _ports(rule: Mapping[str, Any]) -> str:
    protocol = str(rule.get("IpProtocol", "-1"))
    if protocol == "-1":
        return "everything"
    first, last = rule.get("FromPort"), rule.get("ToPort")
    ports = "" if first is None else f" {first}" if first == last else f" {first}-{last}"
    return f"{protocol}{ports}"


def collect_balancers(look: Look) -> list[Fact]:
    """Return the facts of every network load balancer."""
    of_none = {
        check: "no network load balancer"
        for check in BALANCER_CHECKS
        if check not in ("balancer.addresses", "balancer.unhealthy")
    }
    source = " ".join(BALANCER_ACTIONS)
    return look.by_region(BALANCER_CHECKS, source, partial(_balancers, look), of_none=of_none)


def _balancers(look: Look, region: str) -> Iterator[Fact]:
    read = partial(look.items, "elbv2", token="Marker>NextMarker", region=region)
    found = list(read("describe_load_balancers", "LoadBalancers", PageSize=400))
    for one in found:
        if one["Type"] != "network":
            continue
        arn, name = one["LoadBalancerArn"], f"{one['LoadBalancerName']} ({region})"
        yield from parse_balancer(one, name)
        yield from look.facts(
            *(("balancer.certificates",), name, "elasticloadbalancing:DescribeListeners"),
            partial(_certificates, look, arn, name, region),
        )
        yield from look.facts(
            *(("balancer.healthy", "balancer.unhealthy"), name),
            "elasticloadbalancing:DescribeTargetHealth",
            partial(_targets, look, arn, name, region),
        )


def parse_balancer(one: Mapping[str, Any], name: str) -> Iterator[Fact]:
    """Yield what an answer of DescribeLoadBalancers says of one balancer."""
    source = "elasticloadbalancing:DescribeLoadBalancers"
    state = one.get("State", {}).get("Code", "")
    zones = one.get("AvailabilityZones", [])
    yield Fact("balancer.network", name, Decimal(state == "active"), source, detail=state)
    yield Fact("balancer.zones", name, Decimal(len(zones)), source)
    if one.get("Scheme") == "internet-facing":
        without = [
            zone["ZoneName"]
            for zone in zones
            if not any("AllocationId" in at for at in zone.get("LoadBalancerAddresses", ()))
        ]
        yield counted("balancer.addresses", name, without, source)
    else:
        yield Fact("balancer.addresses", name, Decimal(0), source, detail="not public")


def _certificates(look: Look, arn: str, name: str, region: str) -> Iterator[Fact]:
    listeners = look.items(
        *("elbv2", "describe_listeners", "Listeners", "Marker>NextMarker"),
        region=region,
        LoadBalancerArn=arn,
    )
    found = [f"{one['Protocol']} {one['Port']}" for one in listeners if one.get("Certificates")]
    yield counted("balancer.certificates", name, found, "elasticloadbalancing:DescribeListeners")


def _targets(look: Look, arn: str, name: str, region: str) -> Iterator[Fact]:
    """Yield how many targets are healthy and how many are not; each address and port once."""
    states: dict[tuple[str, Any], str] = {}
    groups = look.items(
        *("elbv2", "describe_target_groups", "TargetGroups", "Marker>NextMarker"),
        region=region,
        LoadBalancerArn=arn,
    )
    for group in groups:
        answer = look.caller.ask(
            "elbv2", "describe_target_health", region=region, TargetGroupArn=group["TargetGroupArn"]
        )
        for one in answer["TargetHealthDescriptions"]:
            target = one["Target"]["Id"], one["Target"].get("Port")
            states[target] = one["TargetHealth"]["State"]
    source = "elasticloadbalancing:DescribeTargetHealth"
    healthy = [target for target, state in states.items() if state == "healthy"]
    bad = [f"{target[0]} is {state}" for target, state in states.items() if state != "healthy"]
    words = f"{len(healthy)} of {len(states)} are healthy"
    yield Fact("balancer.healthy", name, Decimal(len(healthy)), source, detail=words)
    yield counted("balancer.unhealthy", name, bad, source)


NETWORK_COLLECTORS = (
    EvidenceCollector("security groups", GROUP_CHECKS, GROUP_ACTIONS, collect_groups),
    EvidenceCollector("load balancers", BALANCER_CHECKS, BALANCER_ACTIONS, collect_balancers),
)
