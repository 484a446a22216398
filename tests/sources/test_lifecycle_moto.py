"""The rules that are written are rules that an S3 takes and gives back; never one of a user."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ParamValidationError

from prismlib import paths
from prismlib.analyses.lifecycle import analyse_lifecycle
from prismlib.analyses.lifecycle_configuration import to_configuration
from prismlib.analyses.lifecycle_inputs import LifecycleInputs, LifecycleSettings
from prismlib.analyses.lifecycle_policy import (
    NoncurrentTransition,
    Policy,
    Rule,
    Transition,
    policy_of,
)
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot


@pytest.fixture
def s3(account):
    client = account("s3", "us-east-1")
    client.create_bucket(Bucket="rules")
    return client


def read_back(s3, policy):
    s3.put_bucket_lifecycle_configuration(
        Bucket="rules", LifecycleConfiguration=to_configuration(policy)
    )
    answer = s3.get_bucket_lifecycle_configuration(Bucket="rules")
    return policy_of(answer["Rules"])


def test_best_rules_of_the_sample_come_back_as_they_were_put(s3):
    data = read_snapshot(paths.SAMPLE)
    inputs = LifecycleInputs.of(data.tables, read_reference_tables(), as_of=data.as_of)
    best = analyse_lifecycle(inputs, LifecycleSettings()).best
    assert best is not None
    assert read_back(s3, best.policy) == best.policy


@pytest.mark.parametrize(
    "rule",
    [
        Rule("all", transitions=(Transition("STANDARD_IA", 30), Transition("GLACIER", 60))),
        Rule("tag", tags=(("a", "b"),), expiration_days=9),
        Rule(
            "old",
            prefix="v/",
            noncurrent_transitions=(NoncurrentTransition("GLACIER", 30),),
            noncurrent_expiration_days=90,
        ),
        Rule("uploads", abort_upload_days=7),
        Rule("off", is_enabled=False, prefix="x/", expiration_days=1),
    ],
    ids=lambda rule: rule.rule_id,
)
def test_each_kind_of_rule_comes_back(s3, rule):
    assert read_back(s3, Policy((rule,))) == Policy((rule,))


def test_a_size_is_sent_as_s3_spells_it(s3):
    """moto forgets the sizes of a filter, so the request itself is looked at."""
    sent = []
    s3.meta.events.register(
        "before-call.s3.PutBucketLifecycleConfiguration",
        lambda params, **_: sent.append(params["body"].decode()),
        unique_id="sent",
    )
    rule = Rule(
        "size", prefix="a/", larger_than_bytes=10**6, transitions=(Transition("GLACIER", 90),)
    )
    read_back(s3, Policy((rule,)))
    s3.meta.events.unregister("before-call.s3.PutBucketLifecycleConfiguration", unique_id="sent")
    assert "<And><Prefix>a/</Prefix><ObjectSizeGreaterThan>1000000</" in sent[0]


def test_boto_refuses_the_rules_as_the_memo_prints_them(s3):
    """The check `unknown_key` says what the parameter validation of AWS's own client says."""
    (row,) = (
        row
        for row in read_snapshot(paths.SAMPLE).tables["lifecycle_policy"].to_dict("records")
        if row["source"] == "MEMO-080, Gap 3"
    )
    with pytest.raises(ParamValidationError, match='"Id"'):
        s3.put_bucket_lifecycle_configuration(
            Bucket="rules", LifecycleConfiguration={"Rules": json.loads(row["lifecycle"])}
        )
