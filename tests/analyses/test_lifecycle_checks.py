"""What is found in rules before they are priced: each check, and the rule that just passes it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

import pytest

from prismlib.analyses.lifecycle_checks import (
    CheckedBucket,
    check_policy,
    check_table,
    is_refused,
)
from prismlib.analyses.lifecycle_policy import NoncurrentTransition, Policy, Rule, Transition
from prismlib.analyses.lifecycle_syntax import NOTE, REFUSED, WARNING, ClassFacts
from prismlib.sources.prices import read_reference_tables
from prismlib.storage_tables import OBJECT_COHORT, STORAGE_NEED
from prismlib.tables import make

REFERENCE = read_reference_tables()
FACTS = ClassFacts.of(REFERENCE["storage_class"], REFERENCE["storage_class_move"])


def needs(*rows):
    base = {"bucket_name": "b", "source": "asked"}
    return make(STORAGE_NEED, ({**base, **row} for row in rows))


def objects(*rows):
    """Return cohorts from (prefix, objects, bytes of each)."""
    return make(
        OBJECT_COHORT,
        (
            {
                "bucket_name": "b",
                "prefix": prefix,
                "storage_class": "STANDARD",
                "object_kind": "current",
                "size_from_bytes": size,
                "age_days": 0,
                "stored_objects": D(number),
                "size_bytes": D(number * size),
            }
            for prefix, number, size in rows
        ),
    )


BUCKET = CheckedBucket(
    FACTS, REFERENCE["restore_time"], needs(), versioning="Off", small_bytes=131_072
)
LIVE = replace(BUCKET, needs=needs({"prefix": "data/", "is_live": True, "read_slo_ms": D(62)}))


def rule(*moves, **parts):
    """Return a rule for data/ with moves as (class, days)."""
    transitions = tuple(Transition(name, days) for name, days in moves)
    return Rule(parts.pop("rule_id", "r"), **{"prefix": "data/", **parts}, transitions=transitions)


def found(*rules, bucket=BUCKET, **policy):
    return {
        (check.check_name, check.outcome)
        for check in check_policy(Policy(rules, **policy), bucket)
        if check.check_name != "uploads"
    }


def names(*rules, bucket=BUCKET):
    return {name for name, _ in found(*rules, bucket=bucket)}


GOOD = rule(("GLACIER_IR", 30))
OLD_TO_IA = {days: NoncurrentTransition("STANDARD_IA", days) for days in (29, 30)}


def test_a_good_rule_gets_no_remark_but_that_uploads_are_left_out():
    assert found(GOOD) == set()
    (check,) = check_policy(Policy((GOOD,)), BUCKET)
    assert (check.check_name, check.outcome) == ("uploads", NOTE)
    assert check_policy(Policy((GOOD, Rule("u", abort_upload_days=7))), BUCKET) == []


# --- what S3 refuses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "check"),
    [
        (rule(("STANDARD_IA", 29)), "order"),
        (rule(("ONEZONE_IA", 0)), "order"),
        (rule(("STANDARD_IA", 30), ("GLACIER", 59)), "order"),
        (rule(("GLACIER", 30), ("STANDARD_IA", 90)), "order"),
        (rule(("ONEZONE_IA", 30), ("GLACIER_IR", 90)), "order"),
        (rule(("GLACIER", 30), ("DEEP_ARCHIVE", 30)), "order"),
        (rule(("STANDARD", 30)), "unknown_class"),
        (rule(("COLD", 30)), "unknown_class"),
        (rule(("GLACIER", 30), ("GLACIER", 60)), "same_class"),
        (rule(("GLACIER", 30), expiration_days=30), "expiration_days"),
        (rule(expiration_days=0), "expiration_days"),
        (rule(), "no_action"),
        # Noncurrent versions wait 30 days for an infrequent class, as current objects do.
        (Rule("n", noncurrent_transitions=(OLD_TO_IA[29],)), "noncurrent_order"),
        (
            Rule("n", noncurrent_transitions=(OLD_TO_IA[30],), noncurrent_expiration_days=30),
            "noncurrent_order",
        ),
        (Rule("u", abort_upload_days=7, tags=(("a", "b"),)), "upload_filter"),
        (Rule("u", abort_upload_days=7, larger_than_bytes=5), "upload_filter"),
        (Rule("m", removes_delete_markers=True, tags=(("a", "b"),)), "marker_filter"),
        (rule(("GLACIER", 30), larger_than_bytes=9, smaller_than_bytes=9), "sizes"),
    ],
)
def test_what_s3_refuses(bad, check):
    assert (check, REFUSED) in found(bad)


@pytest.mark.parametrize(
    "good",
    [
        rule(("STANDARD_IA", 30)),
        rule(("STANDARD_IA", 30), ("GLACIER", 60)),
        rule(("INTELLIGENT_TIERING", 0)),
        rule(("GLACIER", 0), ("DEEP_ARCHIVE", 1)),
        rule(("GLACIER", 30), expiration_days=31),
        Rule("u", abort_upload_days=7),
        Rule("n", noncurrent_transitions=(NoncurrentTransition("GLACIER", 1),)),
        Rule("z", noncurrent_expiration_days=1),
        Rule("o", noncurrent_transitions=(OLD_TO_IA[30],), noncurrent_expiration_days=31),
    ],
)
def test_what_s3_takes(good):
    refused = {name for name, outcome in found(good) if outcome == REFUSED}
    assert refused == set()


def test_ids_must_differ_and_keys_be_known():
    assert ("same_id", REFUSED) in found(GOOD, replace(GOOD, prefix="x/"))
    assert ("unknown_key", REFUSED) in found(GOOD, unknown_keys=("Rules[1].Id",))


def test_a_configuration_has_a_thousand_rules_at_most():
    rules = [replace(GOOD, rule_id=str(n), prefix=f"data/{n}/") for n in range(1001)]
    assert ("too_many", REFUSED) in found(*rules)
    assert "too_many" not in names(*rules[1:])


def test_a_rule_that_meets_many_names_a_few():
    rules = [replace(GOOD, rule_id=f"rule {n}") for n in range(6)]
    (first, *_) = (
        check
        for check in check_policy(Policy(tuple(rules)), BUCKET)
        if check.check_name == "overlap"
    )
    assert "with rule 1, rule 2, rule 3 and 2 other rules." in first.statement


@pytest.mark.parametrize(
    ("held", "check"),
    [
        (["*"], "matches_unknown"),
        (["logs/", "dat*"], "matches_unknown"),
        (["logs/*"], "matches_nothing"),
        (["logs/"], "matches_nothing"),
    ],
)
def test_a_prefix_that_may_be_pooled_is_not_said_to_match_nothing(held, check):
    bucket = replace(BUCKET, objects=objects(*((name, 5, 10**6) for name in held)))
    assert found(GOOD, bucket=bucket) == {(check, WARNING)}


# --- what it does to the data ---------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["", "data/", "data/part/"])
def test_a_rule_that_deletes_live_data_is_refused(prefix):
    assert ("deletes_live", REFUSED) in found(rule(expiration_days=730, prefix=prefix), bucket=LIVE)


def test_a_rule_that_deletes_elsewhere_is_not():
    """Nobody said what logs/ is for: a warning, and no pass."""
    assert found(rule(expiration_days=730, prefix="logs/"), bucket=LIVE) == {("deletes", WARNING)}


def test_data_that_is_said_not_to_be_live_may_be_deleted():
    bucket = replace(BUCKET, needs=needs({"prefix": "data/", "is_live": False}))
    assert found(rule(expiration_days=730), bucket=bucket) == set()


@pytest.mark.parametrize(("days", "is_found"), [(89, True), (90, False)])
def test_data_must_be_kept_as_long_as_is_asked(days, is_found):
    bucket = replace(
        BUCKET, needs=needs({"prefix": "data/", "is_live": False, "retention_days": 90})
    )
    assert (("retention", REFUSED) in found(rule(expiration_days=days), bucket=bucket)) is is_found


@pytest.mark.parametrize("name", ["GLACIER", "DEEP_ARCHIVE"])
def test_reads_that_must_not_wait_rule_out_what_is_restored_first(name):
    assert ("breaks_slo", REFUSED) in found(rule((name, 90)), bucket=LIVE)


@pytest.mark.parametrize("name", ["INTELLIGENT_TIERING", "STANDARD_IA", "GLACIER_IR"])
def test_classes_of_milliseconds_keep_the_target(name):
    assert found(rule((name, 90)), bucket=LIVE) == set()


@pytest.mark.parametrize(
    ("speed", "name", "target_ms", "is_refused"),
    [
        # Expedited restores of Flexible Retrieval take 0.0833 hours at most: 299,880 ms.
        ("expedited", "GLACIER", 299_879, True),
        ("expedited", "GLACIER", 299_880, False),
        # Standard ones take 5 hours: a reader who waits an hour is not served by what is priced.
        ("standard", "GLACIER", 3_600_000, True),
        ("standard", "GLACIER", 18_000_000, False),
        # Deep Archive takes 12 hours at most with standard restores, and has no expedited ones.
        ("standard", "DEEP_ARCHIVE", 43_199_999, True),
        ("standard", "DEEP_ARCHIVE", 43_200_000, False),
        ("expedited", "DEEP_ARCHIVE", 43_200_000, False),
    ],
)
def test_the_restore_that_is_priced_decides(speed, name, target_ms, is_refused):
    bucket = replace(
        BUCKET,
        restore_speed=speed,
        needs=needs({"prefix": "", "is_live": True, "read_slo_ms": D(target_ms)}),
    )
    assert ("breaks_slo" in names(rule((name, 90)), bucket=bucket)) is is_refused


def test_where_nobody_said_how_long_readers_wait_there_is_a_warning():
    assert found(rule(("GLACIER", 90))) == {("reads_wait", WARNING)}


def test_the_time_of_a_restore_is_in_the_words():
    (check,) = (
        c for c in check_policy(Policy((rule(("GLACIER", 90)),)), LIVE) if c.outcome == REFUSED
    )
    assert "62 ms" in check.statement
    assert "standard 3 to 5 hours" in check.statement


def test_a_rule_that_is_off_does_nothing():
    assert found(rule(("GLACIER", 90), is_enabled=False), bucket=LIVE) == {("disabled", NOTE)}


# --- what it matches and leaves out ---------------------------------------------------------------


def test_a_rule_that_matches_nothing_is_named():
    bucket = replace(BUCKET, objects=objects(("other/", 5, 10**6)))
    assert ("matches_nothing", WARNING) in found(GOOD, bucket=bucket)
    bucket = replace(BUCKET, objects=objects(("data/", 5, 10**6)))
    assert found(GOOD, bucket=bucket) == set()
    assert "matches_nothing" in names(replace(GOOD, larger_than_bytes=10**6), bucket=bucket)


def test_small_objects_that_stay_are_counted():
    bucket = replace(BUCKET, objects=objects(("data/", 7, 131_071), ("data/", 9, 131_072)))
    (check,) = (c for c in check_policy(Policy((GOOD,)), bucket) if c.check_name == "small_objects")
    assert check.outcome == NOTE
    assert check.statement.startswith("7 objects under 131,072 bytes")
    sized = replace(GOOD, larger_than_bytes=1)
    assert "small_objects" not in names(sized, bucket=bucket)


def test_rules_with_objects_in_common_are_named_once():
    other = rule(("GLACIER", 90), rule_id="other", prefix="data/part/")
    assert ("overlap", WARNING) in found(GOOD, other)
    assert "overlap" not in names(GOOD, replace(other, prefix="logs/"))
    assert "overlap" not in names(GOOD, replace(other, is_enabled=False))


@pytest.mark.parametrize(
    ("versioning", "outcome"), [("Enabled", WARNING), ("Suspended", WARNING), ("", NOTE)]
)
def test_noncurrent_versions_that_no_rule_is_for(versioning, outcome):
    bucket = replace(BUCKET, versioning=versioning)
    assert found(GOOD, bucket=bucket) == {("noncurrent", outcome)}
    assert found(GOOD, Rule("n", noncurrent_expiration_days=30), bucket=bucket) == set()


def test_refusals_come_first_and_those_that_protect_the_data_before_the_others():
    bad = rule(("GLACIER", 90), expiration_days=730)
    checks = check_policy(Policy((bad,), unknown_keys=("Id",)), LIVE)
    assert [check.check_name for check in checks][:3] == [
        "deletes_live",
        "breaks_slo",
        "unknown_key",
    ]
    assert is_refused(checks)
    assert not is_refused([check for check in checks if check.outcome != REFUSED])


def test_table_has_a_row_for_each_kind_of_remark_on_a_rule():
    bucket = replace(
        LIVE,
        needs=needs(
            {"prefix": "data/", "is_live": True}, {"prefix": "data/part/", "is_live": True}
        ),
    )
    frame = check_table("p", check_policy(Policy((rule(expiration_days=9),)), bucket))
    (row,) = frame[frame["check_name"] == "deletes_live"].to_dict("records")
    assert "data/." in row["statement"] and "data/part/." in row["statement"]
