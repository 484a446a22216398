"""Lifecycle JSON: read whole, written back as S3 takes it, refused when it is not what S3 says."""

from __future__ import annotations

import json
from datetime import date

import pytest

from prismlib.analyses.lifecycle_configuration import to_configuration
from prismlib.analyses.lifecycle_policy import (
    ALL_CLASSES_128K,
    BY_CLASS,
    NoncurrentTransition,
    Policy,
    Rule,
    Transition,
    policy_of,
)
from prismlib.errors import SchemaError

EVERYTHING = {
    "Rules": [
        {
            "ID": "all",
            "Status": "Enabled",
            "Filter": {
                "And": {
                    "Prefix": "logs/",
                    "Tags": [{"Key": "kind", "Value": "raw"}],
                    "ObjectSizeGreaterThan": 500,
                    "ObjectSizeLessThan": 64000,
                }
            },
            "Transitions": [
                {"Days": 30, "StorageClass": "STANDARD_IA"},
                {"Days": 90, "StorageClass": "GLACIER"},
            ],
            "Expiration": {"Days": 365},
            "NoncurrentVersionTransitions": [
                {"NoncurrentDays": 10, "StorageClass": "GLACIER", "NewerNoncurrentVersions": 2}
            ],
            "NoncurrentVersionExpiration": {"NoncurrentDays": 40, "NewerNoncurrentVersions": 3},
        },
        {
            "ID": "uploads",
            "Status": "Disabled",
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
        {
            "ID": "dated",
            "Status": "Enabled",
            "Filter": {"Tag": {"Key": "a", "Value": "b"}},
            "Transitions": [{"Date": "2026-01-31", "StorageClass": "GLACIER_IR"}],
            "Expiration": {"Date": "2027-01-31"},
        },
    ]
}


def test_policy_of_reads_every_part():
    policy = policy_of(EVERYTHING)
    assert policy.unknown_keys == ()
    assert policy.minimum_size == ALL_CLASSES_128K
    everything, uploads, dated = policy.rules
    assert everything == Rule(
        "all",
        prefix="logs/",
        tags=(("kind", "raw"),),
        larger_than_bytes=500,
        smaller_than_bytes=64000,
        transitions=(Transition("STANDARD_IA", 30), Transition("GLACIER", 90)),
        expiration_days=365,
        noncurrent_transitions=(NoncurrentTransition("GLACIER", 10, 2),),
        noncurrent_expiration_days=40,
        noncurrent_kept=3,
    )
    assert uploads == Rule("uploads", is_enabled=False, abort_upload_days=7)
    assert dated.tags == (("a", "b"),)
    assert dated.transitions == (Transition("GLACIER_IR", date=date(2026, 1, 31)),)
    assert dated.expiration_date == date(2027, 1, 31)
    assert dated.expires and not uploads.expires


def test_configuration_that_is_written_is_the_one_that_was_read():
    assert to_configuration(policy_of(EVERYTHING)) == EVERYTHING


def test_text_a_list_of_rules_and_an_object_are_the_same():
    policy = policy_of(EVERYTHING)
    assert policy_of(json.dumps(EVERYTHING)) == policy
    assert policy_of(EVERYTHING["Rules"]) == policy


def test_a_size_for_all_may_come_from_the_configuration_or_the_caller():
    whole = {**EVERYTHING, "TransitionDefaultMinimumObjectSize": BY_CLASS}
    assert policy_of(whole).minimum_size == BY_CLASS
    assert policy_of(whole, minimum_size=ALL_CLASSES_128K).minimum_size == ALL_CLASSES_128K


def test_old_prefix_beside_the_filter_is_read():
    (rule,) = policy_of([{"ID": "a", "Status": "Enabled", "Prefix": "x/"}]).rules
    assert rule.prefix == "x/"


def test_id_in_other_letters_is_read_and_named():
    policy = policy_of([{"Id": "a", "Status": "Enabled", "Filter": {}}])
    assert policy.rules[0].rule_id == "a"
    assert policy.unknown_keys == ("Rules[1].Id",)


def test_unknown_keys_are_named_wherever_they_are():
    rule = {"ID": "a", "Status": "Enabled", "Filter": {"Prefixes": "x"}}
    rule["Transitions"] = [{"Days": 1, "StorageClass": "GLACIER", "Hours": 2}]
    found = policy_of({"Rules": [rule], "Extra": 1}).unknown_keys
    assert found == ("Extra", "Rules[1].Filter.Prefixes", "Rules[1].Transitions.Hours")


def test_no_rules_is_a_policy():
    assert policy_of("[]") == Policy()
    assert to_configuration(Policy()) == {"Rules": []}


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        ("{", "is not JSON"),
        ('{"Rules": {}}', "Rules"),
        ([{"ID": "a"}], "Status"),
        ([{"Status": "On"}], "Status"),
        ([{"Status": "Enabled", "Expiration": {"Days": -1}}], "Days"),
        ([{"Status": "Enabled", "Expiration": {"Days": "9"}}], "Days"),
        ([{"Status": "Enabled", "Expiration": {"Date": "soon"}}], "Date"),
        ([{"Status": "Enabled", "Transitions": [{"StorageClass": "GLACIER"}]}], "Days or Date"),
        (
            [{"Status": "Enabled", "Transitions": [{"Days": 1, "Date": "2026-01-01"}]}],
            "Days or Date",
        ),
        ({"Rules": [], "TransitionDefaultMinimumObjectSize": "big"}, "varies_by_storage_class"),
    ],
)
def test_policy_of_refuses(configuration, words):
    with pytest.raises(SchemaError, match=words):
        policy_of(configuration)


# --- what S3 refuses as it is written -------------------------------------------------------------


def written(**parts):
    """Return a rule that S3 takes, with parts of it replaced; None leaves a part out."""
    whole = {"ID": "r", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 9}, **parts}
    return {key: value for key, value in whole.items() if value is not None}


LATE = {"NoncurrentDays": 30, "StorageClass": "GLACIER"}


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        # S3 API reference, Date: "The time is always midnight UTC".
        ({"Expiration": {"Date": "2027-01-31T12:00:00Z"}}, "date"),
        ({"Expiration": {"Date": "2027-01-31T00:00:00+02:00"}}, "date"),
        # LifecycleRule: "Filter is required if the LifecycleRule does not contain a Prefix".
        ({"Filter": None}, "no_filter"),
        ({"Prefix": ""}, "two_filters"),
        ({"Filter": {"Prefix": "a/", "Tag": {"Key": "a", "Value": "b"}}}, "filter_parts"),
        # "The value cannot be longer than 255 characters."
        ({"ID": "x" * 256}, "long_id"),
        # "Cannot be specified with Days or Date in a Lifecycle Expiration Policy."
        ({"Expiration": {"Days": 9, "ExpiredObjectDeleteMarker": True}}, "expiration_parts"),
        ({"Expiration": {"Days": 9, "Date": "2027-01-31"}}, "expiration_parts"),
        ({"Expiration": {}}, "expiration_parts"),
        ({"Transitions": [{"Date": "2026-01-31", "StorageClass": "GLACIER"}]}, "mixed"),
        # NoncurrentVersionExpiration: "must be a non-zero positive integer"; "up to 100".
        ({"NoncurrentVersionExpiration": {"NoncurrentDays": 0}}, "noncurrent_days"),
        ({"NoncurrentVersionExpiration": {"NewerNoncurrentVersions": 3}}, "noncurrent_days"),
        (
            {"NoncurrentVersionTransitions": [{**LATE, "NewerNoncurrentVersions": 101}]},
            "newer_versions",
        ),
        (
            {"NoncurrentVersionTransitions": [{**LATE, "NewerNoncurrentVersions": 0}]},
            "newer_versions",
        ),
        ({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 0}}, "upload_days"),
    ],
)
def test_what_s3_refuses_as_it_is_written(parts, fault):
    assert [one.check_name for one in policy_of([written(**parts)]).faults] == [fault]


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"ID": "x" * 255},
        {"ID": None},
        {"Filter": None, "Prefix": "a/"},
        {"Expiration": {"Date": "2027-01-31T00:00:00Z"}},
        {"Expiration": {"Date": "2027-01-31T02:00:00+02:00"}},
        {"Expiration": {"ExpiredObjectDeleteMarker": True}},
        {"NoncurrentVersionTransitions": [{**LATE, "NewerNoncurrentVersions": 100}]},
        {"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 1}},
    ],
)
def test_what_s3_takes_as_it_is_written(parts):
    assert policy_of([written(**parts)]).faults == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"Status": "Enabled", "Status": "Disabled", "Filter": {}}]', "'Status'"),
        ('{"Rules": [], "Rules": []}', "'Rules'"),
        ("[" * 100_000, "is not JSON"),
        ('[{"Status": "Enabled", "Filter": {"Tag": {"Key": "a"}}}]', "Value of a tag"),
        ('[{"Status": "Enabled", "Filter": {"Prefix": null}}]', "Prefix"),
        ('[{"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 2147483648}}]', "Days"),
    ],
)
def test_what_cannot_be_understood_for_certain_is_refused(text, words):
    with pytest.raises(SchemaError, match=words):
        policy_of(text)
