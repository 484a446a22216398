"""What a usage type pays for: traffic between zones, a gateway, the internet, or no traffic at all.

Rules are data (TRANSFER_TYPE): a pattern on the service and one on the usage type, or on the
description where a bill has no usage type. The first rule that matches wins. Region prefixes do not
matter. Names that look like traffic and that no rule knows are `UNCLASSIFIED`, never dropped and
never guessed; so is a charge that has neither usage type nor description, since it may hold
anything.

The same usage type can mean two things: ``DataProcessing-Bytes`` of a load balancer is traffic, of
CloudWatch it is log ingestion; ``DataTransfer-Regional-Bytes`` of S3 crosses no zone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from prismlib.analyses.patterns import rule_pattern
from prismlib.errors import SchemaError
from prismlib.reference_tables import TRANSFER_TYPE
from prismlib.tables import check, records

CROSS_AZ = "cross_az"
UNCLASSIFIED = "unclassified"
NOT_TRAFFIC = "not_traffic"
NOT_USAGE = "not_usage"

TRANSFER_KINDS: dict[str, str] = {
    CROSS_AZ: "traffic between zones of a region",
    "same_zone": "traffic within a zone",
    "same_region_service": "traffic between S3 and the same region",
    "nat_hours": "NAT gateways, by the hour",
    "nat_data": "data through NAT gateways",
    "transit_gateway_hours": "transit gateway attachments, by the hour",
    "transit_gateway_data": "data through transit gateways",
    "endpoint_hours": "interface endpoints, by the hour",
    "endpoint_data": "data through interface endpoints",
    "load_balancer_hours": "load balancers, by the hour",
    "load_balancer_capacity": "load balancer capacity (LCU, NLCU)",
    "load_balancer_data": "data through classic load balancers",
    "inter_region": "traffic between regions",
    "internet_out": "traffic to the internet",
    "internet_in": "traffic from the internet",
    "cdn": "content delivery (CloudFront)",
    "acceleration": "accelerated transfer",
    "direct_connect": "private lines (Direct Connect)",
    "vpn": "VPN connections",
    "other_network": "other network services (firewall, lattice, cloud WAN, S3 replication time)",
    UNCLASSIFIED: "looks like traffic, and no rule knows it",
    NOT_TRAFFIC: "no traffic",
    NOT_USAGE: "purchases, support, tax, credits, refunds and adjustments",
}
"""Kind of transfer -> words for readers, in the order in which they are shown."""


@dataclass(frozen=True)
class TransferRule:
    """A row of TRANSFER_TYPE, ready to match.

    Attributes
    ----------
    billed_ends : int or None
        Ends of a flow on lines of this type: 2 both, 1 its own, None not counted in GB.
    is_both_ways : bool
        A second usage type bills the other end of the same traffic.
    price_item : str
        Item of UNIT_PRICE that lists a billed GB; "" when no listed price can be relied on.
    """

    transfer_kind: str
    usage: re.Pattern[str] | None
    service: re.Pattern[str] | None
    billed_ends: int | None
    is_both_ways: bool
    price_item: str
    note: str

    def matches(self, service_name: str, line_name: str) -> bool:
        """Return whether the rule is for a usage type (or description) of a service."""
        return (self.service is None or bool(self.service.fullmatch(service_name))) and (
            self.usage is None or bool(self.usage.fullmatch(line_name))
        )


def transfer_rules(rules: pd.DataFrame) -> list[TransferRule]:
    """Return the rules of TRANSFER_TYPE by priority.

    Raises
    ------
    SchemaError
        A pattern is not a regular expression, or a kind is not one of `TRANSFER_KINDS`.
    """
    check(rules, TRANSFER_TYPE)
    name = TRANSFER_TYPE.name
    found = []
    for rule in records(rules.sort_values("priority")):
        if rule["transfer_kind"] not in TRANSFER_KINDS:
            raise SchemaError(
                name,
                f"the rule with priority {rule['priority']} has an unknown transfer_kind",
                seen=rule["transfer_kind"],
                expected=", ".join(TRANSFER_KINDS),
            )
        found.append(
            TransferRule(
                transfer_kind=rule["transfer_kind"],
                usage=rule_pattern(rule, "usage_type_pattern", name),
                service=rule_pattern(rule, "service_pattern", name),
                billed_ends=rule["billed_ends"],
                is_both_ways=bool(rule["is_both_ways"]),
                price_item=rule["price_item"],
                note=rule["note"],
            )
        )
    return found


NAMELESS = TransferRule(
    UNCLASSIFIED, None, None, None, False, "", "the bill has neither usage type nor description"
)
UNKNOWN = TransferRule(UNCLASSIFIED, None, None, None, False, "", "no rule matches")


def find_rule(rules: Iterable[TransferRule], service_name: str, line_name: str) -> TransferRule:
    """Return the first rule for a usage type (or description); `UNCLASSIFIED` when there is none.

    Parameters
    ----------
    rules : iterable of TransferRule
        By priority: see `transfer_rules`.
    service_name : str
    line_name : str
        The usage type, or the description where there is none.
    """
    if not line_name:
        return NAMELESS
    return next((rule for rule in rules if rule.matches(service_name, line_name)), UNKNOWN)
