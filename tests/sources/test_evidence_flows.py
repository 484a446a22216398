"""Flow logs of VPCs, in accounts of moto and by hand."""

from pathlib import Path

import pytest

from prismlib.sources.evidence import Look
from prismlib.sources.evidence_flows import (
    FLOW_FIELDS,
    collect_flows,
    log_lacks,
    vpc_fact,
)

FORMAT = " ".join(f"${{{name}}}" for name in ("version", *FLOW_FIELDS, "start", "end"))
USUAL = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport}"
    " ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
)
"""What AWS writes if no format is given: neither zone nor direction."""


@pytest.fixture
def look(caller, context):
    return Look(caller, context)


def log(**more):
    return {
        "FlowLogId": "fl-1",
        "FlowLogStatus": "ACTIVE",
        "DeliverLogsStatus": "SUCCESS",
        "TrafficType": "ALL",
        "LogFormat": FORMAT,
        **more,
    }


# --- one flow log, one VPC ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, ""),
        ({"TrafficType": "ACCEPT"}, ""),
        ({"DeliverLogsStatus": None}, ""),
        ({"FlowLogStatus": "DELETING"}, "fl-1 is not active"),
        (
            {"DeliverLogsStatus": "FAILED", "DeliverLogsErrorMessage": "Access error"},
            "fl-1 does not deliver: Access error",
        ),
        ({"DeliverLogsStatus": "FAILED"}, "fl-1 does not deliver: no reason given"),
        ({"TrafficType": "REJECT"}, "fl-1 logs what is refused only"),
        ({"LogFormat": USUAL}, "fl-1 lacks az-id, flow-direction"),
        ({"LogFormat": FORMAT.replace("${az-id}", "${pkt-az-id}")}, "fl-1 lacks az-id"),
        ({"LogFormat": None}, f"fl-1 lacks {', '.join(FLOW_FIELDS)}"),
    ],
)
def test_a_flow_log_that_will_not_do_says_why(change, words):
    assert log_lacks(log(**change)) == words


BAD = log(FlowLogId="fl-bad", LogFormat=USUAL)


@pytest.mark.parametrize(
    ("logs", "value", "words"),
    [
        ({}, 1, "no flow log"),
        ({"vpc-1": [log()]}, 0, "logged"),
        ({"vpc-2": [log()]}, 1, "no flow log"),
        ({"vpc-1": [BAD, log()]}, 0, "logged"),
        ({"vpc-1": [BAD]}, 1, "fl-bad lacks az-id, flow-direction"),
        ({"a": [log()], "b": [log()]}, 0, "logged"),
        ({"a": [log()]}, 1, "b: no flow log"),
        ({"vpc-1": [BAD], "a": [log()], "b": [BAD, log()]}, 0, "logged"),
        ({"a": [log()], "b": [BAD]}, 1, "b: fl-bad lacks az-id, flow-direction"),
    ],
)
def test_a_vpc_is_logged_as_a_whole_or_in_every_subnet_that_is_used(logs, value, words):
    fact = vpc_fact("vpc-1", ["a", "b"], logs, "us-west-2")
    assert (fact.value, fact.detail) == (value, words)


def test_fields_are_those_that_the_table_of_measured_traffic_is_made_of():
    text = (Path(__file__).parents[2] / "data" / "README.md").read_text(encoding="utf-8")
    (part,) = [one for one in text.split("\n\n") if one.startswith("**`zone_flow.csv`**")]
    for name in FLOW_FIELDS:
        assert f"`{name}`" in part


# --- an account -----------------------------------------------------------------------------------


def vpc_with_instance(account, block="10.0.0.0/16", region="us-west-2"):
    ec2 = account("ec2", region)
    vpc = ec2.create_vpc(CidrBlock=block)["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=block.replace("/16", "/24"))["Subnet"]
    ran = ec2.run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=subnet["SubnetId"]
    )
    return vpc, subnet["SubnetId"], ran["Instances"][0]["InstanceId"]


def switch_on(account, resource, kind="VPC", **more):
    account("ec2").create_flow_logs(
        ResourceIds=[resource],
        ResourceType=kind,
        **{
            "TrafficType": "ALL",
            "LogDestinationType": "s3",
            "LogDestination": "arn:aws:s3:::flows",
            "LogFormat": FORMAT,
            **more,
        },
    )


@pytest.fixture
def flows(account):
    place = {"LocationConstraint": "us-west-2"}
    account("s3").create_bucket(Bucket="flows", CreateBucketConfiguration=place)


def values(facts):
    return {one.subject.split()[0]: one.value for one in facts}


@pytest.mark.usefixtures("flows")
def test_vpcs_in_use_without_zones_in_their_logs_are_found(account, look):
    """One well by itself, one by its subnet, one without zones, one without, one far, one empty."""
    good, part, plain, none = (vpc_with_instance(account, f"10.{n}.0.0/16") for n in range(4))
    far = vpc_with_instance(account, region="eu-west-1")
    empty = vpc_with_instance(account, "10.9.0.0/16")
    account("ec2").terminate_instances(InstanceIds=[empty[2]])
    switch_on(account, good[0])
    switch_on(account, part[1], "Subnet")
    switch_on(account, plain[0], LogFormat=USUAL)
    assert values(collect_flows(look)) == {
        good[0]: 0,
        part[0]: 0,
        plain[0]: 1,
        none[0]: 1,
        far[0]: 1,
    }


def test_a_region_without_instances_is_not_asked_for_flow_logs(gate, look):
    facts = collect_flows(look)
    assert [(one.subject, one.value) for one in facts] == [("the account", 0)]
    assert "DescribeFlowLogs" not in gate.operations()


@pytest.mark.usefixtures("flows")
def test_flow_logs_are_read_page_by_page(account, gate, look, replies):
    """Two pages; the one that will do is on the second, the first one does not deliver."""
    vpc, _, _ = vpc_with_instance(account)

    def answer(asked):
        is_last = asked.parameters.get("NextToken") == "2"
        inner = (
            f"<flowLogSet><item><flowLogId>fl-{2 if is_last else 1}</flowLogId>"
            f"<flowLogStatus>ACTIVE</flowLogStatus><resourceId>{vpc}</resourceId>"
            f"<deliverLogsStatus>{'SUCCESS' if is_last else 'FAILED'}</deliverLogsStatus>"
            f"<trafficType>ALL</trafficType><logFormat>{FORMAT}</logFormat></item></flowLogSet>"
        )
        more = "" if is_last else "<nextToken>2</nextToken>"
        return replies.xml("DescribeFlowLogs", inner + more, is_ec2=True)

    gate.answers["DescribeFlowLogs"] = answer
    assert values(collect_flows(look)) == {vpc: 0}
    assert gate.operations().count("DescribeFlowLogs") == 2


@pytest.mark.parametrize("operation", ["DescribeFlowLogs", "DescribeInstances"])
def test_a_denied_call_is_unknown_and_named(account, gate, look, operation):
    vpc_with_instance(account)
    gate.deny(operation, region="us-west-2")
    unknown = [one for one in collect_flows(look) if one.value is None]
    assert [(one.subject, one.reason) for one in unknown] == [
        ("us-west-2", f"needs ec2:{operation}")
    ]
    assert [one["iam_action"] for one in look.context.unknown] == [f"ec2:{operation}"]


def test_throttling_is_unknown(account, gate, look, replies):
    vpc_with_instance(account)
    gate.answers["DescribeFlowLogs"] = lambda asked: replies.refusal(
        asked, "RequestLimitExceeded", 503
    )
    (unknown,) = [one for one in collect_flows(look) if one.value is None]
    assert "ec2" in unknown.reason
