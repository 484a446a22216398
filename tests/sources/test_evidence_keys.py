"""Keys of KMS in accounts of moto: which rotate, and which of those in use will fail."""

import pytest

from prismlib.sources.evidence import Look
from prismlib.sources.evidence_keys import (
    KEY_CHECKS,
    collect_keys,
    failing_fact,
    why_not_rotated,
)

WEST = {"LocationConstraint": "us-west-2"}


@pytest.fixture
def look(caller, context):
    return Look(caller, context)


def made(account, region="us-west-2", **more):
    return account("kms", region).create_key(**more)["KeyMetadata"]


def values(facts, check, key=None):
    found = {one.subject.split()[0]: one.value for one in facts if one.check_id == check}
    return found if key is None else found[key["KeyId"]]


def details(facts, check):
    return {one.subject.split()[0]: one.detail for one in facts if one.check_id == check}


# --- rotation -------------------------------------------------------------------------------------


def test_keys_that_could_rotate_and_do_not_are_found_in_every_region(account, look):
    on, off, far = made(account), made(account), made(account, "eu-west-1")
    account("kms").enable_key_rotation(KeyId=on["KeyId"])
    facts = collect_keys(look)
    assert values(facts, "keys.unrotated") == {on["KeyId"]: 0, off["KeyId"]: 1, far["KeyId"]: 1}
    assert set(values(facts, "keys.failing").values()) == {0}


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}, "of kind RSA_2048"),
        ({"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"}, "of kind RSA_2048"),
        ({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, "of kind HMAC_256"),
    ],
)
def test_keys_that_cannot_rotate_do_not_fail_and_say_why(account, gate, look, more, words):
    key = made(account, **more)
    facts = collect_keys(look)
    assert values(facts, "keys.unrotated", key) == 0
    assert words in details(facts, "keys.unrotated")[key["KeyId"]]
    assert "GetKeyRotationStatus" not in gate.operations()


USUAL = {
    "KeyState": "Enabled",
    "KeySpec": "SYMMETRIC_DEFAULT",
    "Origin": "AWS_KMS",
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, ""),
        ({"Origin": "EXTERNAL"}, "imported material"),
        ({"Origin": "AWS_CLOUDHSM"}, "key store"),
        ({"Origin": "EXTERNAL_KEY_STORE"}, "key store"),
        ({"KeyState": "Disabled"}, "in the state Disabled"),
        (
            {"KeyState": "PendingDeletion", "DeletionDate": "2025-12-01T09:00:00+00:00"},
            "to be deleted on 2025-12-01",
        ),
    ],
)
def test_why_a_key_is_not_rotated(change, words):
    found = why_not_rotated({**USUAL, **change})
    assert words in found
    assert bool(found) == bool(words)


def test_keys_that_aws_manages_are_left_out(gate, look, replies):
    gate.answers["ListKeys"] = lambda asked: replies.json({"Keys": [{"KeyId": "k"}]})
    of_aws = {**USUAL, "KeyId": "k", "KeyManager": "AWS"}
    gate.answers["DescribeKey"] = lambda asked: replies.json({"KeyMetadata": of_aws})
    facts = collect_keys(look)
    assert {(one.subject, one.value) for one in facts} == {("the account", 0)}
    assert {one.check_id for one in facts} == set(KEY_CHECKS)
    assert "GetKeyRotationStatus" not in gate.operations()


def test_keys_are_read_page_by_page(account, gate, look, replies):
    """Two pages in the first Region; the key that does not rotate is on the second."""
    on, off = made(account), made(account)
    account("kms").enable_key_rotation(KeyId=on["KeyId"])

    def answer(asked):
        if asked.region != "us-west-2":
            return replies.json({"Keys": [], "Truncated": False})
        if "Marker" not in asked.parameters:
            first = {"Keys": [{"KeyId": on["KeyId"]}], "Truncated": True, "NextMarker": "2"}
            return replies.json(first)
        assert asked.parameters["Marker"] == "2"
        return replies.json({"Keys": [{"KeyId": off["KeyId"]}], "Truncated": False})

    gate.answers["ListKeys"] = answer
    facts = collect_keys(look)
    assert values(facts, "keys.unrotated") == {on["KeyId"]: 0, off["KeyId"]: 1}


@pytest.mark.parametrize(
    ("operation", "blind"),
    [
        ("ListKeys", set(KEY_CHECKS)),
        ("DescribeKey", set(KEY_CHECKS)),
        ("GetKeyRotationStatus", {"keys.unrotated"}),
    ],
)
def test_a_denied_call_is_unknown_and_named(account, gate, look, operation, blind):
    made(account)
    gate.deny(operation, region="us-west-2", code="AccessDeniedException")
    unknown = [one for one in collect_keys(look) if one.value is None]
    assert {one.check_id for one in unknown} == blind
    assert {one.reason for one in unknown} == {f"needs kms:{operation}"}
    assert {one["iam_action"] for one in look.context.unknown} == {f"kms:{operation}"}


def test_a_key_of_which_nothing_says_what_kind_it_is_is_unknown(account, gate, look, replies):
    key = {**made(account), "CreationDate": None}
    del key["KeySpec"]
    gate.answers["DescribeKey"] = lambda asked: replies.json({"KeyMetadata": key})
    assert values(collect_keys(look), "keys.unrotated", key) is None


def test_throttling_is_unknown(gate, look, replies):
    gate.answers["ListKeys"] = lambda asked: replies.refusal(asked, "ThrottlingException", 400)
    facts = collect_keys(look)
    assert {one.value for one in facts} == {None}
    assert all("kms" in one.reason for one in facts)


# --- keys that fail -------------------------------------------------------------------------------


@pytest.fixture
def doomed(account):
    """A key that is to be deleted, with an alias."""
    key = made(account)
    account("kms").create_alias(AliasName="alias/backups", TargetKeyId=key["KeyId"])
    return key


def end(account, key):
    account("kms").schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)


def test_a_key_to_be_deleted_that_nothing_uses_does_not_fail(account, doomed, look):
    end(account, doomed)
    facts = collect_keys(look)
    assert values(facts, "keys.failing", doomed) == values(facts, "keys.unrotated", doomed) == 0
    words = details(facts, "keys.failing")[doomed["KeyId"]]
    assert "to be deleted on" in words and "nothing that was seen uses it" in words


def by_bucket(account, name):
    s3 = account("s3")
    s3.create_bucket(Bucket="backups", CreateBucketConfiguration=WEST)
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": name}
    s3.put_bucket_encryption(
        Bucket="backups",
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": default}]
        },
    )
    return "backups"


def by_volume(account, name):
    made = account("ec2").create_volume(
        AvailabilityZone="us-west-2a", Size=8, Encrypted=True, KmsKeyId=name
    )
    return made["VolumeId"]


def by_database(account, name):
    account("rds").create_db_instance(
        DBInstanceIdentifier="db", DBInstanceClass="db.m6g.large", Engine="postgres",
        AllocatedStorage=20, MasterUsername="someone", MasterUserPassword="moto-only",
        StorageEncrypted=True, KmsKeyId=name,
    )  # fmt: skip
    return "db"


def by_secret(account, name):
    account("secretsmanager").create_secret(Name="prism/db", SecretString="s", KmsKeyId=name)
    return "prism/db"


@pytest.mark.parametrize("use", [by_bucket, by_volume, by_database, by_secret])
def test_a_key_to_be_deleted_fails_if_something_uses_it(account, doomed, look, use):
    name = use(account, doomed["Arn"])
    end(account, doomed)
    facts = collect_keys(look)
    assert values(facts, "keys.failing", doomed) == 1
    assert f"encrypts {name}" in details(facts, "keys.failing")[doomed["KeyId"]]


@pytest.mark.parametrize("call", ["KeyId", "alias/backups", "ARN of the alias"])
def test_whatever_a_bucket_calls_its_key(account, doomed, look, call):
    arn = doomed["Arn"].replace(f"key/{doomed['KeyId']}", "alias/backups")
    by_bucket(account, {"KeyId": doomed["KeyId"], "alias/backups": call}.get(call, arn))
    end(account, doomed)
    assert values(collect_keys(look), "keys.failing", doomed) == 1


def test_a_disabled_key_fails_like_one_to_be_deleted(account, doomed, look):
    by_bucket(account, doomed["Arn"])
    account("kms").disable_key(KeyId=doomed["KeyId"])
    facts = collect_keys(look)
    assert values(facts, "keys.failing", doomed) == 1
    assert "in the state Disabled" in details(facts, "keys.failing")[doomed["KeyId"]]


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("ListAliases", "kms:ListAliases"),
        ("DescribeVolumes", "ec2:DescribeVolumes"),
        ("DescribeDBInstances", "rds:DescribeDBInstances"),
        ("ListSecrets", "secretsmanager:ListSecrets"),
        ("GetBucketEncryption", "s3:GetEncryptionConfiguration"),
        ("ListBuckets", "s3:ListAllMyBuckets"),
    ],
)
def test_users_that_cannot_be_seen_leave_it_open(account, doomed, gate, look, operation, action):
    account("s3").create_bucket(Bucket="logs", CreateBucketConfiguration=WEST)
    end(account, doomed)
    gate.deny(operation, code="AccessDeniedException" if "List" in operation else None)
    unknown = [one for one in collect_keys(look) if one.value is None]
    assert [(one.check_id, one.reason) for one in unknown] == [("keys.failing", f"needs {action}")]


def test_what_uses_keys_is_not_asked_while_all_can_be_used(account, gate, look):
    made(account)
    collect_keys(look)
    assert not {"DescribeVolumes", "ListSecrets", "ListBuckets"} & set(gate.operations())


def test_a_user_is_found_by_any_name_of_the_key():
    """Three names of the key and one of another: three users."""
    key = {**USUAL, "KeyId": "k", "Arn": "arn:k", "KeyState": "Disabled"}
    users = {"k": ["a"], "arn:k": ["b"], "alias/x": ["c"], "arn:other": ["d"]}
    fact = failing_fact(key, ["alias/x"], users, "us-west-2")
    assert (fact.value, fact.detail) == (1, "in the state Disabled; encrypts a, b, c")
