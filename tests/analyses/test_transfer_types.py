from __future__ import annotations

from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismlib.analyses.traffic_lines import cross_az_bill, traffic_kinds, traffic_lines
from prismlib.analyses.transfer_types import (
    CROSS_AZ,
    NOT_TRAFFIC,
    NOT_USAGE,
    TRANSFER_KINDS,
    UNCLASSIFIED,
    find_rule,
    transfer_rules,
)
from prismlib.errors import SchemaError
from prismlib.money import exact_sum
from prismlib.periods import Period
from prismlib.reference_tables import TRANSFER_TYPE, UNIT_PRICE
from prismlib.sources.bills import read_bills
from prismlib.sources.prices import read_reference
from prismlib.tables import CHARGE_KINDS, COST, empty, make, records

BILLS = Path(__file__).parents[1] / "data" / "bills"
OCTOBER = Period.month("2025-10")
TYPES = read_reference("transfer_type")
RULES = transfer_rules(TYPES)
EC2 = "EC2 - Other"
VPC = "Amazon Virtual Private Cloud"
ELB = "Amazon Elastic Load Balancing"
S3 = "Amazon Simple Storage Service"

PREFIXES = ("", "USW2-", "USE1-", "EU-", "EUC1-", "APN1-", "UGW1-", "USW2-LAX1-")

# The ten types that each of six published classifiers gets wrong somewhere.
TEN = {
    "DataTransfer-Regional-Bytes": (EC2, CROSS_AZ),
    "DataTransfer-xAZ-In-Bytes": (EC2, CROSS_AZ),
    "DataTransfer-xAZ-Out-Bytes": (EC2, CROSS_AZ),
    "VpcPeering-In-Bytes": (EC2, CROSS_AZ),
    "VpcPeering-Out-Bytes": (EC2, CROSS_AZ),
    "NatGateway-Bytes": (EC2, "nat_data"),
    "TransitGateway-Bytes": (VPC, "transit_gateway_data"),
    "VpcEndpoint-Bytes": (VPC, "endpoint_data"),
    "AWS-Out-Bytes": (EC2, "inter_region"),
    "C3DataTransfer-Out-Bytes": (S3, "same_region_service"),
}


def kind_of(service, name):
    return find_rule(RULES, service, name).transfer_kind


def price(item, usd, region="us-west-2"):
    return {
        "item": item,
        "price_unit": "USD/GB",
        "usd": D(usd),
        "region_id": region,
        "source": "list",
        "confidence": "high",
    }


PRICES = make(
    UNIT_PRICE,
    [price("cross_az_sender_gb", "0.01"), price("nat_gb", "0.045"), price("internet_in_gb", 0, "")],
)


def charge(name, amount, quantity, *, day=1, unit="GB", **fields):
    return {
        "charge_period_start": date(2025, 10, day),
        "charge_period_end": date(2025, 10, day + 1),
        "provider_name": "AWS",
        "service_name": EC2,
        "usage_type": name,
        "record_type": "Usage",
        "tags": "{}",
        "charge_kind": "usage",
        "usage_unit": unit,
        "usage_quantity": None if quantity is None else D(str(quantity)),
        "unblended_cost": None if amount is None else D(str(amount)),
        "billing_currency": "USD",
        "is_estimated": False,
        **fields,
    }


def lines_of(*charges, prices=PRICES):
    cost = make(COST, charges)
    return traffic_lines(cost, TYPES, prices, metric="unblended_cost", period=OCTOBER)


def by_name(lines):
    return {row["line_name"]: row for row in records(lines)}


# --- the taxonomy ---------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("name", TEN)
def test_ten_types_with_and_without_a_region(name, prefix):
    service, kind = TEN[name]
    assert kind_of(service, prefix + name) == kind


@pytest.mark.parametrize(
    ("service", "name", "kind"),
    [
        # Words of the same type that differ by service.
        (ELB, "USW2-DataProcessing-Bytes", "load_balancer_data"),
        ("Elastic Load Balancing", "DataProcessing-Bytes", "load_balancer_data"),
        ("AmazonCloudWatch", "USW2-DataProcessing-Bytes", NOT_TRAFFIC),
        ("AmazonCloudWatch", "USW2-DataTransfer-Out-Bytes", "internet_out"),
        ("Some new service", "USW2-DataProcessing-Bytes", UNCLASSIFIED),
        (EC2, "USW2-DataTransfer-Regional-Bytes", CROSS_AZ),
        (ELB, "USW2-DataTransfer-Regional-Bytes", CROSS_AZ),
        (S3, "USW2-DataTransfer-Regional-Bytes", "same_region_service"),
        ("Amazon CloudFront", "AP-DataTransfer-Out-Bytes", "cdn"),
        ("Amazon CloudFront", "US-DataTransfer-Out-OBytes", "cdn"),
        (S3, "AP-DataTransfer-Out-Bytes", "internet_out"),
        ("AWS Network Firewall", "USE1-Endpoint-Hour", "other_network"),
        ("Amazon SageMaker", "USE1-Endpoint:ml.m5.large", NOT_TRAFFIC),
        ("AWS Direct Connect", "USE1-EQNY5-DataXfer-Out", "direct_connect"),
        ("Amazon Lightsail", "USE1-TotalDataXfer-Out-Bytes", "internet_out"),
        # Between regions.
        (S3, "USW2-USE1-AWS-Out-Bytes", "inter_region"),
        (S3, "EUN1-USE2-AWS-In-Bytes", "inter_region"),
        (EC2, "AWS-In-Bytes", "inter_region"),
        ("AWS Backup", "EU-AFS1-CrossRegion-WarmBytes-Aurora", "inter_region"),
        # S3 within a region, accelerated, through the edge.
        (S3, "USW2-C3DataTransfer-In-Bytes", "same_region_service"),
        (S3, "USW2-S3G-DataTransfer-Out-Bytes", "same_region_service"),
        (S3, "USW2-DataTransfer-Out-ABytes", "acceleration"),
        (S3, "USW2-C3DataTransfer-In-ABytes", "acceleration"),
        (S3, "EU-EUS2-AWS-Out-ABytes-T1", "acceleration"),
        (S3, "APN2-CloudFront-Out-Bytes", "cdn"),
        (S3, "USW2-MRAP-Out-Bytes", "other_network"),
        (S3, "NA-EU--MRAP-Out-Bytes", "other_network"),
        (S3, "USW2-USE1-S3RTC-Out-Bytes", "other_network"),
        # By the hour.
        (EC2, "NatGateway-Hours", "nat_hours"),
        (EC2, "USW2-NatGateway-Prvd-Bytes", "nat_data"),
        (VPC, "USW2-TransitGateway-Hours", "transit_gateway_hours"),
        (VPC, "EU-VpcEndpoint-Hours", "endpoint_hours"),
        (VPC, "USE1-VpcEndpoint-GWLBE-Bytes", "endpoint_data"),
        (ELB, "LoadBalancerUsage", "load_balancer_hours"),
        (ELB, "CAN1-TS-LoadBalancerUsage", "load_balancer_hours"),
        (ELB, "USW2-LCUUsage", "load_balancer_capacity"),
        (ELB, "ReservedLCUUsage", "load_balancer_capacity"),
        (VPC, "APS2-VPN-Usage-Hours:ipsec.1", "vpn"),
        # The internet and the same zone.
        ("Amazon Relational Database Service", "DataTransfer-In-Bytes", "internet_in"),
        (EC2, "USE1-DataTransfer-Out-Bytes", "internet_out"),
        (EC2, "USE1-DataTransfer-AZ-In-Bytes", "same_zone"),
        # No traffic, whatever the name ends in.
        ("AmazonCloudWatch", "USW2-VendedLog-Bytes", NOT_TRAFFIC),
        ("AWS CloudTrail", "USE1-DataEventsRecorded", NOT_TRAFFIC),
        ("AWS CloudTrail", "USE1-Ingestion-Bytes", NOT_TRAFFIC),
        (S3, "USW2-Select-Returned-SIA-Bytes", NOT_TRAFFIC),
        (S3, "USW2-Select-Scanned-Bytes", NOT_TRAFFIC),
        (S3, "USW2-Expedited-Retrieval-Bytes", NOT_TRAFFIC),
        (S3, "USW2-OverwriteBytes-Put-GDA", NOT_TRAFFIC),
        (S3, "USW2-TimedStorage-ByteHrs", NOT_TRAFFIC),
        (EC2, "USW2-EBS:VolumeUsage.gp3", NOT_TRAFFIC),
        (EC2, "USE1-BoxUsage:m5.large", NOT_TRAFFIC),
        ("Amazon API Gateway", "USE1-ApiGatewayRequest", NOT_TRAFFIC),
        # Looks like traffic, and nobody knows it.
        (EC2, "USW2-QuantumTransit-Bytes", UNCLASSIFIED),
        (VPC, "USW2-NatGateway-Turbo", UNCLASSIFIED),
        (EC2, "DataTransfer-yAZ-In", UNCLASSIFIED),
        (VPC, "USW2-VpcPeering-Sessions", UNCLASSIFIED),
        ("Amazon Something", "USW2-ClusterXfer", UNCLASSIFIED),
        (EC2, "", UNCLASSIFIED),
    ],
)
def test_find_rule(service, name, kind):
    assert kind_of(service, name) == kind


@pytest.mark.parametrize(
    ("service", "words", "kind"),
    [
        (
            "Amazon Elastic Compute Cloud",
            "$0.010 per GB - regional data transfer - in/out/between EC2 AZs or using elastic IPs"
            " or ELB",
            CROSS_AZ,
        ),
        (
            "Amazon Simple Storage Service",
            "$0.02 per GB - US West (Oregon) data transfer to EU (Ireland)",
            "inter_region",
        ),
        (
            "AWS Lambda",
            "$0.00 per GB - US West (Oregon) data transfer from EU (Paris)",
            "inter_region",
        ),
        ("AWS Step Functions", "USD 0.147 per GB for USE1-AWS-Out-Bytes in Africa", "inter_region"),
        ("Amazon EC2", "$0.00 per GB data transfer in to EU (Germany) from CloudFront", "cdn"),
        ("Amazon CloudFront", "$0.085 per GB - first 10 TB / month data transfer out", "cdn"),
        ("AWS Lambda", "$0.085 per GB - next 40 TB / month data transfer out", "internet_out"),
        ("Amazon EC2", "$0.000 per GB - data transfer in per month", "internet_in"),
        ("Amazon EC2", "$0.045 per GB Data Processed by NAT Gateways", "nat_data"),
        ("Amazon EC2", "$0.045 per NAT Gateway Hour", "nat_hours"),
        ("Amazon VPC", "$0.01 per VPC Endpoint Hour", "endpoint_hours"),
        ("Amazon VPC", "$0.01 per GB Data Processed by VPC Endpoints", "endpoint_data"),
        ("Amazon VPC", "$0.05 per VPN Connection-Hour", "vpn"),
        (
            "Elastic Load Balancing",
            "$0.006 per used Network load balancer capacity unit-hour (or partial hour)",
            "load_balancer_capacity",
        ),
        (
            "Elastic Load Balancing",
            "$0.0225 per Application LoadBalancer-hour (or partial hour)",
            "load_balancer_hours",
        ),
        ("AmazonCloudWatch", "$0.50 per GB custom log data ingested in Standard", NOT_TRAFFIC),
        ("Amazon EC2", "$0.10 per GB-month of General Purpose SSD (gp2) storage", NOT_TRAFFIC),
        ("AWS Step Functions", "$0.000025 per state transition", NOT_TRAFFIC),
        # What the words of another provider mean is not guessed.
        ("Azure", "Bandwidth Inter-Region - Intra Continent Data Transfer Out", UNCLASSIFIED),
    ],
)
def test_find_rule_by_description(service, words, kind):
    assert kind_of(service, words) == kind


def test_every_kind_has_words_and_every_rule_a_known_kind():
    unused = set(TRANSFER_KINDS) - set(TYPES["transfer_kind"])
    assert unused == {NOT_USAGE}
    assert all(TRANSFER_KINDS.values())


def test_a_rule_may_only_name_prices_that_there_are():
    items = set(read_reference("unit_price")["item"])
    assert {rule.price_item for rule in RULES} - {""} <= items


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"transfer_kind": "smoke signals"}, "priority 7 has an unknown transfer_kind"),
        ({"usage_type_pattern": "("}, "usage_type_pattern of the rule with priority 7"),
        ({"service_pattern": "["}, "service_pattern of the rule with priority 7"),
    ],
)
def test_transfer_rules_refuses(change, words):
    rule = {"priority": 7, "transfer_kind": CROSS_AZ, "source": "here", **change}
    with pytest.raises(SchemaError, match=words):
        transfer_rules(make(TRANSFER_TYPE, [rule]))


def test_find_rule_without_any_rule_is_unclassified():
    assert find_rule([], EC2, "USW2-BoxUsage:m5.large").transfer_kind == UNCLASSIFIED


# --- the lines of a bill --------------------------------------------------------------------------


def test_a_bill_of_the_ten_lines_splits_to_the_cent():
    amounts = {name: D(f"{n}.{n}{n}") for n, name in enumerate(TEN, start=1)}
    charges = [
        charge(f"USW2-{name}", amounts[name], 100, service_name=TEN[name][0]) for name in TEN
    ]
    kinds = {
        row["transfer_kind"]: row["cost"] for row in records(traffic_kinds(lines_of(*charges)))
    }
    # 1.11 + 2.22 + 3.33 + 4.44 + 5.55; then one line each, the tenth being 10.1010.
    assert kinds == {
        CROSS_AZ: D("16.65"),
        "same_region_service": D("10.1010"),
        "nat_data": D("6.66"),
        "transit_gateway_data": D("7.77"),
        "endpoint_data": D("8.88"),
        "inter_region": D("9.99"),
    }
    # 1.11 x (1 + ... + 9) = 49.95, + 10.1010
    assert exact_sum(kinds.values()) == D("60.0510")


names = st.sampled_from(
    [
        *TEN,
        "USW2-NatGateway-Hours",
        "BoxUsage:m5.large",
        "Strange-Bytes",
        "",
        "TimedStorage-ByteHrs",
    ]
)
charges_of_a_bill = st.lists(
    st.tuples(
        names,
        st.one_of(st.none(), st.decimals(-900, 900, places=8)),
        st.one_of(st.none(), st.decimals(0, 900, places=4)),
        st.integers(1, 30),
        st.sampled_from([EC2, S3, "AmazonCloudWatch", ""]),
        st.sampled_from(["GB", "Hrs", "", "Bytes"]),
        st.sampled_from(CHARGE_KINDS),
        st.sampled_from([date(2025, 10, 3), date(2025, 9, 30), date(2025, 11, 1)]),
    ),
    max_size=12,
)


@given(charges_of_a_bill)
def test_every_charge_is_in_exactly_one_row(rows):
    charges = [
        {
            **charge(name, amount, gb, unit=unit, service_name=service, charge_kind=kind),
            "charge_period_start": start,
            "charge_period_end": date(2025, 11, 2),
            "sub_account_id": f"{n}-{day}",
        }
        for n, (name, amount, gb, day, service, unit, kind, start) in enumerate(rows)
    ]
    lines = lines_of(*charges)
    inside = [c["unblended_cost"] for c in charges if c["charge_period_start"] in OCTOBER]
    assert exact_sum(lines["cost"]) == exact_sum(a for a in inside if a is not None)
    assert exact_sum(traffic_kinds(lines)["cost"]) == exact_sum(lines["cost"])


def test_no_charge_makes_no_line():
    lines = traffic_lines(empty(COST), TYPES, PRICES, metric="unblended_cost", period=OCTOBER)
    assert lines.empty
    assert traffic_kinds(lines).empty
    assert cross_az_bill(lines) is None


def test_what_is_no_traffic_is_one_row_for_each_service():
    lines = lines_of(
        charge("USW2-BoxUsage:m5.large", 5, 10, unit="Hrs"),
        charge("USW2-EBS:VolumeUsage.gp3", 7, 10, unit="GB-Mo"),
        charge("USW2-TimedStorage-ByteHrs", 1, 10, service_name=S3, unit="GB-Mo"),
    )
    assert lines[["transfer_kind", "service_name", "line_name", "cost"]].values.tolist() == [
        [NOT_TRAFFIC, EC2, "", D(12)],
        [NOT_TRAFFIC, S3, "", D(1)],
    ]
    assert lines["billed_gb"].tolist() == [None, None]


def test_unclassified_lines_keep_their_name_and_cost():
    lines = lines_of(
        charge("USW2-Quantum-Bytes", 3, 10),
        charge("", 4, 10, charge_description="Bandwidth"),
        charge("", 5, 10, service_name=VPC),
    )
    assert lines[["transfer_kind", "line_name", "cost"]].values.tolist() == [
        [UNCLASSIFIED, "", D(5)],
        [UNCLASSIFIED, "Bandwidth", D(4)],
        [UNCLASSIFIED, "USW2-Quantum-Bytes", D(3)],
    ]
    assert lines["note"][0] == "the bill has neither usage type nor description"


def test_credits_and_tax_distort_no_rate():
    credit = {"charge_kind": "credit", "record_type": "Credit"}
    lines = lines_of(
        charge("USW2-DataTransfer-Regional-Bytes", "1.00", 100),
        charge("USW2-DataTransfer-Regional-Bytes", "-0.40", None, **credit),
        charge("", "0.06", None, charge_kind="tax", record_type="Tax"),
    )
    rows = by_name(lines[lines["transfer_kind"] == NOT_USAGE])
    assert {name: row["cost"] for name, row in rows.items()} == {
        "USW2-DataTransfer-Regional-Bytes": D("-0.40"),
        "": D("0.06"),
    }
    assert rows["USW2-DataTransfer-Regional-Bytes"]["note"] == (
        "on traffic between zones of a region"
    )
    bill = cross_az_bill(lines)
    assert (bill.cost, bill.paid_per_billed_gb) == (D("1.00"), D("0.01"))
    assert exact_sum(lines["cost"]) == D("0.66")


def test_lines_of_a_real_bill_cost_what_their_words_say():
    cost = read_bills([BILLS / "focus_sample.csv"]).cost
    september = Period.month("2024-09")
    lines = traffic_lines(cost, TYPES, PRICES, metric="billed_cost", period=september)
    inside = cost[[day in september for day in cost["charge_period_start"]]]
    assert exact_sum(lines["cost"]) == exact_sum(inside["billed_cost"])
    kinds = {row["transfer_kind"]: row for row in records(traffic_kinds(lines))}
    # "$0.010 per GB - regional data transfer", "$0.045 per GB Data Processed by NAT Gateways",
    # "$0.000 per GB - data transfer in"; and half of what is billed between zones moved.
    rates = {CROSS_AZ: "0.0100", "nat_data": "0.0450", "internet_in": "0.0000"}
    for kind, rate in rates.items():
        assert kinds[kind]["paid_per_gb"].quantize(D("0.0001")) == D(rate)
    assert kinds[CROSS_AZ]["moved_gb"] * 2 == kinds[CROSS_AZ]["billed_gb"] > 0
    # Nothing of AWS is left over; the words of another provider are.
    unknown = lines[lines["transfer_kind"] == UNCLASSIFIED]
    assert not any("AWS" in name or "Amazon" in name for name in unknown["service_name"])
    assert "Outbound Data Transfer Zone 1" in set(unknown["line_name"])


# --- billed and moved -----------------------------------------------------------------------------


def test_a_type_that_bills_both_ends_moved_half():
    # 300 GB billed in two charges at 0.01: 150 GB moved at 0.02.
    bill = cross_az_bill(
        lines_of(
            charge("USW2-DataTransfer-Regional-Bytes", "1.00", 100),
            charge("USW2-DataTransfer-Regional-Bytes", "2.00", 200, day=2),
        )
    )
    assert (bill.cost, bill.billed_gb, bill.moved_gb) == (D(3), D(300), D(150))
    assert (bill.paid_per_billed_gb, bill.paid_per_moved_gb) == (D("0.01"), D("0.02"))
    assert bill.listed_usd_per_moved_gb == D("0.02")


def test_types_of_one_end_each_count_a_flow_once():
    lines = lines_of(
        charge("USW2-VpcPeering-Out-Bytes", "1.00", 100),
        charge("USW2-VpcPeering-In-Bytes", "1.00", 100),
    )
    moved = {name: row["moved_gb"] for name, row in by_name(lines).items()}
    assert moved == {"USW2-VpcPeering-Out-Bytes": D(100), "USW2-VpcPeering-In-Bytes": D(0)}
    bill = cross_az_bill(lines)
    # 200 GB billed at 0.01; 100 GB moved at 0.02; the list says the same.
    assert (bill.billed_gb, bill.moved_gb) == (D(200), D(100))
    assert (bill.paid_per_moved_gb, bill.listed_usd_per_moved_gb) == (D("0.02"), D("0.02"))
    assert not any("differ" in note for note in bill.notes)


def test_the_end_that_bills_more_is_taken_over_all_services():
    # EC2 sends 60 and a balancer 50; EC2 receives 80. Sent 110 > received 80: 110 moved.
    lines = lines_of(
        charge("USW2-DataTransfer-xAZ-Out-Bytes", 0, 60),
        charge("USW2-DataTransfer-xAZ-Out-Bytes", 0, 50, service_name=ELB),
        charge("USW2-DataTransfer-xAZ-In-Bytes", 0, 80),
    )
    bill = cross_az_bill(lines)
    assert (bill.billed_gb, bill.moved_gb) == (D(190), D(110))
    assert any("the two ends differ" in note for note in bill.notes)
    sent = lines[lines["line_name"].str.contains("-Out-")]
    assert sorted(sent["moved_gb"]) == [D(50), D(60)]


def test_flows_of_two_regions_are_not_mixed():
    # In us-west-2 only received, in eu-west-1 only sent: 70 + 30, not 70.
    lines = lines_of(
        charge("USW2-VpcPeering-In-Bytes", 1, 70), charge("EU-VpcPeering-Out-Bytes", 1, 30)
    )
    assert cross_az_bill(lines).moved_gb == D(100)


@pytest.mark.parametrize(
    ("out", "into"),
    [
        ("USW2-USE1-AWS-Out-Bytes", "USE1-USW2-AWS-In-Bytes"),
        (
            "$0.02 per GB - US West (Oregon) data transfer to EU (Ireland)",
            "$0.00 per GB - EU (Ireland) data transfer from US West (Oregon)",
        ),
    ],
)
def test_between_regions_the_free_end_is_not_counted_again(out, into):
    described = "$" in out
    charges = [charge(out, 2, 100), charge(into, 0, 100)]
    if described:
        charges = [{**c, "usage_type": "", "charge_description": c["usage_type"]} for c in charges]
    moved = {name: row["moved_gb"] for name, row in by_name(lines_of(*charges)).items()}
    assert moved == {out: D(100), into: D(0)}


def test_other_directions_between_regions_are_other_flows():
    lines = lines_of(
        charge("USW2-USE1-AWS-Out-Bytes", 2, 100), charge("USE1-USW2-AWS-Out-Bytes", 1, 50)
    )
    assert sorted(lines["moved_gb"]) == [D(50), D(100)]


def test_peered_regions_that_are_not_named_are_balanced_as_a_whole():
    # us-west-2 sends 100 and receives 80, us-east-1 sends 80 and receives 100: 180 moved.
    lines = lines_of(
        charge("USW2-AWS-Out-Bytes", 2, 100),
        charge("USW2-AWS-In-Bytes", 0, 80),
        charge("USE1-AWS-Out-Bytes", 1, 80),
        charge("USE1-AWS-In-Bytes", 0, 100),
    )
    assert exact_sum(lines["moved_gb"]) == D(180)
    assert not any("differ" in note for note in lines["note"])


@pytest.mark.parametrize(
    ("quantity", "unit", "gb"),
    [
        (2, "GB", D(2)),
        (2, "Gigabytes", D(2)),
        (2, "TB", D(2000)),
        (4_000_000_000, "Bytes", D(4)),
        (2, "N/A", None),
        (2, "", None),
        (2, "Hrs", None),
        (None, "GB", None),
        (0, "GB", D(0)),
    ],
)
def test_billed_gb_is_unknown_not_zero(quantity, unit, gb):
    lines = lines_of(charge("USW2-DataTransfer-Regional-Bytes", 1, quantity, unit=unit))
    row = lines.iloc[0]
    assert row["billed_gb"] == gb
    assert row["moved_gb"] == (None if gb is None else gb / 2)
    assert row["paid_per_gb"] == (None if not gb else 1 / gb)


def test_a_charge_without_a_quantity_makes_the_row_unknown():
    lines = lines_of(
        charge("USW2-VpcPeering-In-Bytes", 1, 100),
        charge("USW2-VpcPeering-In-Bytes", 1, None, day=2),
        charge("USW2-VpcPeering-Out-Bytes", 1, 100),
    )
    rows = by_name(lines)
    assert rows["USW2-VpcPeering-In-Bytes"]["billed_gb"] is None
    assert "carries no quantity" in rows["USW2-VpcPeering-In-Bytes"]["note"]
    # The other end alone does not say how much moved either.
    assert rows["USW2-VpcPeering-Out-Bytes"]["billed_gb"] == D(100)
    assert rows["USW2-VpcPeering-Out-Bytes"]["moved_gb"] is None
    bill = cross_az_bill(lines)
    assert (bill.cost, bill.billed_gb, bill.moved_gb) == (D(3), None, None)
    assert bill.paid_per_moved_gb is None


def test_free_traffic_between_zones_is_a_bill_of_zero():
    bill = cross_az_bill(lines_of(charge("USE1-DataTransfer-xAZ-In-Bytes", 0, 40)))
    assert (bill.cost, bill.moved_gb, bill.paid_per_moved_gb) == (D(0), D(40), D(0))
    assert bill.listed_usd_per_moved_gb is None  # the list price of these types is disputed


def test_no_traffic_between_zones_is_no_bill():
    assert cross_az_bill(lines_of(charge("USW2-NatGateway-Bytes", 1, 10))) is None


# --- list prices ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "fields", "listed"),
    [
        ("USW2-NatGateway-Bytes", {}, D("0.045")),
        ("NatGateway-Bytes", {"region_id": "us-west-2"}, D("0.045")),
        ("USW2-NatGateway-Bytes", {"region_id": "us-east-1"}, None),
        ("NatGateway-Bytes", {}, None),  # without a prefix it is us-east-1, which has no price here
        ("EUC1-NatGateway-Bytes", {}, None),
        ("USW2-NatGateway-Bytes", {"billing_currency": "EUR"}, None),
        ("USW2-NatGateway-Bytes", {"usage_unit": "N/A"}, None),
        ("EUC1-DataTransfer-In-Bytes", {}, D(0)),  # the same everywhere
        ("SAE1-DataTransfer-In-Bytes", {}, D(0)),
        ("USW2-TransitGateway-Bytes", {}, None),  # not in this price table
    ],
)
def test_listed_price_is_that_of_the_region(name, fields, listed):
    lines = lines_of(charge(name, 1, 10, **fields))
    assert lines["listed_usd_per_gb"].tolist() == [listed]


def test_listed_price_of_two_regions_with_different_prices_is_unknown():
    prices = make(UNIT_PRICE, [price("nat_gb", "0.045"), price("nat_gb", "0.05", "us-east-1")])
    charges = [
        charge("NatGateway-Bytes", 1, 10, region_id=region) for region in ("us-west-2", "us-east-1")
    ]
    assert lines_of(*charges, prices=prices)["listed_usd_per_gb"].tolist() == [None]
    assert lines_of(*charges[:1], prices=prices)["listed_usd_per_gb"].tolist() == [D("0.045")]


def test_reference_prices_list_the_zone_crossing_of_both_regions():
    prices = read_reference("unit_price")
    for name in ("USW2-DataTransfer-Regional-Bytes", "DataTransfer-Regional-Bytes"):
        bill = cross_az_bill(lines_of(charge(name, "1.00", 100), prices=prices))
        assert bill.listed_usd_per_moved_gb == D("0.02")  # 100 GB at 0.01 for 50 GB moved


def test_kinds_know_their_gb_only_if_every_line_does():
    lines = lines_of(
        charge("USW2-NatGateway-Bytes", "4.50", 100),
        charge("USW2-NatGateway-Bytes", "4.50", 100, service_name=VPC),
        charge("USW2-DataTransfer-Out-Bytes", "9.00", 100),
        charge("USW2-DataTransfer-Out-Bytes", "1.00", 10, service_name=S3, unit="N/A"),
    )
    kinds = {row["transfer_kind"]: row for row in records(traffic_kinds(lines))}
    assert list(kinds) == ["nat_data", "internet_out"]  # as TRANSFER_KINDS orders them
    # 9.00 / 200 GB = 0.045
    assert (kinds["nat_data"]["billed_gb"], kinds["nat_data"]["paid_per_gb"]) == (200, D("0.045"))
    assert kinds["internet_out"]["cost"] == D("10.00")
    assert kinds["internet_out"]["billed_gb"] is None
    assert kinds["internet_out"]["paid_per_gb"] is None
