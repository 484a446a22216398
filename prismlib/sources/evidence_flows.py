"""Evidence on flow logs: whether the traffic of each VPC is logged so that zones can be told.

A VPC counts if an instance runs in it. It is logged if a flow log on it, or one on each subnet that
an instance runs in, is active, delivers, and has the fields from which ``zone_flow.csv`` is made.

Known limits. Logs of single interfaces are not counted. What else sits in a VPC (databases,
functions, balancers) does not make it one that counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from prismlib.sources.evidence import EvidenceCollector, Fact, Look
from prismlib.sources.evidence_http import running_instances

FLOW_CHECKS = ("audit.flows",)
FLOW_ACTIONS = ("ec2:DescribeFlowLogs", "ec2:DescribeInstances")
FLOW_FIELDS = (*("az-id", "flow-direction", "srcaddr", "dstaddr", "bytes", "action", "log-status"),)
"""What a record needs for the share of traffic that crosses zones; see ``zone_flow.csv``."""
FIELD = re.compile(r"\$\{([a-z0-9-]+)\}")


def collect_flows(look: Look) -> list[Fact]:
    """Return, for each VPC that instances run in, 1 if its traffic is not logged as needed."""
    none = dict.fromkeys(FLOW_CHECKS, "no instance runs")
    return look.by_region(FLOW_CHECKS, " ".join(FLOW_ACTIONS), partial(_vpcs, look), of_none=none)


def _vpcs(look: Look, region: str) -> Iterator[Fact]:
    subnets: dict[str, set[str]] = {}
    for one in running_instances(look, region):
        if "VpcId" in one:
            subnets.setdefault(one["VpcId"], set()).add(one["SubnetId"])
    if not subnets:
        return
    logs: dict[str, list[Mapping[str, Any]]] = {}
    for log in look.items(
        *("ec2", "describe_flow_logs", "FlowLogs", "NextToken"), region=region, MaxResults=1000
    ):
        logs.setdefault(log["ResourceId"], []).append(log)
    for vpc, used in sorted(subnets.items()):
        yield vpc_fact(vpc, sorted(used), logs, region)


def vpc_fact(
    vpc: str, subnets: Sequence[str], logs: Mapping[str, Sequence[Mapping[str, Any]]], region: str
) -> Fact:
    """Return what the flow logs of a VPC and of its subnets lack; `logs` are those by resource."""
    lacks = _lacks(vpc, logs)
    if lacks and any(one in logs for one in subnets):
        lacks = [f"{one}: {words}" for one in subnets for words in _lacks(one, logs)]
    words = "; ".join(lacks) or "logged"
    subject = f"{vpc} ({region})"
    return Fact("audit.flows", subject, Decimal(bool(lacks)), FLOW_ACTIONS[0], detail=words)


def _lacks(resource: str, logs: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Return why no flow log of a resource will do, the reason of each; empty if one will."""
    found = [log_lacks(one) for one in logs.get(resource, ())]
    if "" in found:
        return []
    return list(dict.fromkeys(found)) or ["no flow log"]


def log_lacks(log: Mapping[str, Any]) -> str:
    """Return why a flow log will not do; empty if it will."""
    name = log["FlowLogId"]
    if log.get("FlowLogStatus") != "ACTIVE":
        return f"{name} is not active"
    if log.get("DeliverLogsStatus") == "FAILED":
        return f"{name} does not deliver: {log.get('DeliverLogsErrorMessage') or 'no reason given'}"
    if log.get("TrafficType") == "REJECT":
        return f"{name} logs what is refused only"
    fields = FIELD.findall(log.get("LogFormat") or "")
    missing = [one for one in FLOW_FIELDS if one not in fields]
    return f"{name} lacks {', '.join(missing)}" if missing else ""


FLOW_COLLECTORS = (EvidenceCollector("flow logs", FLOW_CHECKS, FLOW_ACTIONS, collect_flows),)
