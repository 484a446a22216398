"""Proposed sets of rules: one that is wrong is named, and the others are shown."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal as D

import pytest

from prismlib import paths
from prismlib.analyses.lifecycle import analyse_lifecycle
from prismlib.analyses.lifecycle_findings import judge_lifecycle
from prismlib.analyses.lifecycle_inputs import LifecycleInputs, LifecycleSettings
from prismlib.analyses.lifecycle_results import BEST
from prismlib.errors import SchemaError
from prismlib.findings import Verdict
from prismlib.narrative import lifecycle as words
from prismlib.narrative.lifecycle_answer import lifecycle_answer
from prismlib.sources.csv_tables import read_table, write_table
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot
from prismlib.storage_tables import LIFECYCLE_POLICY, OBJECT_COHORT
from prismlib.tables import make, records

DATA = read_snapshot(paths.SAMPLE)
INPUTS = LifecycleInputs.of(
    DATA.tables, read_reference_tables(), as_of=DATA.as_of, are_objects_synthetic=True
)
BUCKET = "prism-cold-tier"
SAMPLE = records(INPUTS.lifecycle_policy)


def rule(**parts):
    return {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "partitions/"}, **parts}


def proposed(*sets):
    """Return the sample with sets of rules, as (name, JSON, bucket), after those of the memo."""
    rows = [
        {"policy_name": name, "bucket_name": bucket, "lifecycle": text, "source": "a plan"}
        for name, text, bucket in sets
    ]
    return replace(INPUTS, lifecycle_policy=make(LIFECYCLE_POLICY, [*SAMPLE, *rows]))


def judged(inputs):
    settings = LifecycleSettings()
    results = analyse_lifecycle(inputs, settings)
    return results, {f.id: f for f in judge_lifecycle(inputs, settings, results)}


@pytest.mark.parametrize(
    ("text", "said", "check"),
    [
        ("{", "is not JSON", "unreadable"),
        (
            json.dumps([rule(Transitions=[{"Days": -1, "StorageClass": "GLACIER"}])]),
            "-1",
            "unreadable",
        ),
        ('[{"Status": "Enabled", "Status": "Disabled"}]', "'Status'", "unreadable"),
        (
            json.dumps([rule(Transitions=[{"Days": 1, "StorageClass": "COLD"}])]),
            "COLD",
            "unknown_class",
        ),
    ],
)
def test_a_set_that_cannot_be_read_or_priced_is_refused_by_name_and_the_others_are_shown(
    text, said, check
):
    results, found = judged(proposed(("Broken", text, BUCKET)))
    finding = found[f"lifecycle.{check}.broken"]
    assert finding.verdict is Verdict.CONTRADICTS
    assert "“Broken”" in finding.statement and said in finding.statement
    rows = {row["policy_name"]: row for row in records(results.outcomes)}
    assert (rows["Broken"]["advice"], rows["Broken"]["whole_effect"]) == ("do not", None)
    assert rows[BEST]["first_year_effect"] == D("41437.12")  # as without the broken set
    assert "Broken" in set(results.checks["policy_name"])
    assert (
        "**Do not apply “Broken” and “Gap 3 as proposed”.**"
        in lifecycle_answer(results, list(found.values())).statement
    )
    assert "Broken: unknown in the first year" in words.headline(results, list(found.values()))
    assert "Broken" not in words.case_names(results)


def test_rules_of_the_bucket_that_cannot_be_read_are_none_and_it_is_said():
    results, _ = judged(replace(INPUTS, bucket=INPUTS.bucket.assign(lifecycle="{")))
    assert results.held.policy is None
    assert any("cannot be read, so none are taken" in note for note in results.held.notes)


def test_a_set_for_a_bucket_that_is_not_there_is_named():
    results, found = judged(proposed(("Elsewhere", "[]", "no-such-bucket")))
    assert [one.name for one in results.astray] == ["Elsewhere"]
    finding = found["lifecycle.astray.elsewhere"]
    assert finding.verdict is Verdict.UNKNOWN
    assert "no-such-bucket" in finding.statement


def test_a_set_for_another_bucket_of_the_data_is_named():
    cohort = {**records(INPUTS.object_cohort)[0], "bucket_name": "other"}
    frame = make(OBJECT_COHORT, [*records(INPUTS.object_cohort), cohort])
    given = replace(proposed(("Elsewhere", "[]", "other")), object_cohort=frame)
    results, found = judged(given)
    assert results.astray == ()
    assert "Elsewhere (other)" in found["lifecycle.other_buckets"].statement


def test_names_that_give_the_same_id_are_numbered():
    text = json.dumps([rule(Expiration={"Days": 0})])
    _, found = judged(proposed(("My plan", text, BUCKET), ("my-plan", text, BUCKET)))
    assert {"lifecycle.net.my_plan", "lifecycle.net.my_plan_2"} <= set(found)


def test_a_configuration_of_more_than_a_thousand_rules_is_read_and_refused(tmp_path):
    rules = [
        rule(ID=f"rule {n}", Filter={"Prefix": f"partitions/{n}/"}, Expiration={"Days": 30})
        for n in range(1500)
    ]
    text = json.dumps(rules)
    assert len(text) > 131_072  # the longest cell that csv reads unless it is told
    path = tmp_path / "lifecycle_policy.csv"
    write_table(proposed(("Long", text, BUCKET)).lifecycle_policy, path, LIFECYCLE_POLICY)
    frame = read_table(path, LIFECYCLE_POLICY)
    _, found = judged(replace(INPUTS, lifecycle_policy=frame))
    assert "not 1,500" in found["lifecycle.too_many.long"].statement
    assert found["lifecycle.net.long"].verdict is Verdict.UNKNOWN  # not told apart


def test_what_a_rule_saves_by_deleting_is_split_off():
    """The memo's rules: 24 months, from the 25th on nothing is left of $187.11 and what S3 adds.

    Deep Archive from day 365 on; day 730 is 1 December 2027, so 12 months are deleted. Added:
    64,000 x (32,768 x 0.00099 + 8,192 x 0.023) / 10^9 = 0.01413... a month.
    """
    results, found = judged(INPUTS)
    (row, *_) = records(results.outcomes)
    added = D(64_000) * (32_768 * D("0.00099") + 8_192 * D("0.023")) / 10**9
    assert row["deleting_effect"] == pytest.approx(12 * (D("187.11") + added))
    assert row["moving_effect"] + row["deleting_effect"] == row["whole_effect"]
    assert "by moving and $2,245 by deleting" in found["lifecycle.net.gap_3_as_proposed"].statement
    months = [r["deleting_effect"] for r in records(results.months)][:36]
    assert months[23] == 0 and months[24] == pytest.approx(D("187.11") + added)


def test_what_the_rules_of_the_bucket_delete_is_said_of_the_best():
    text = json.dumps([rule(Expiration={"Days": 400})])
    results, found = judged(replace(INPUTS, bucket=INPUTS.bucket.assign(lifecycle=text)))
    statement = found["lifecycle.best"].statement
    assert "It deletes nothing" not in statement
    assert "objects under partitions/ after 400 days" in statement
    rows = {row["policy_name"]: row for row in records(results.outcomes)}
    assert rows[BEST]["deleting_effect"] == 0


def test_only_one_set_is_advised():
    results, _ = judged(INPUTS)
    advice = {row["policy_name"]: row["advice"] for row in records(results.outcomes)}
    assert advice["Intelligent-Tiering"] == "allowed"
    assert list(advice.values()).count("do") == 1


def test_bytes_without_objects_are_refused_in_the_words_of_the_table():
    frame = INPUTS.object_cohort.copy()
    frame.loc[0, "stored_objects"] = D(0)
    with pytest.raises(SchemaError, match="bytes without objects in prism-cold-tier"):
        judged(replace(INPUTS, object_cohort=frame))


def test_known_ages_are_those_of_the_first_day_simulated():
    """Objects 20 days old on 16 November are 35 on 1 December: 90 days are over on 25 January."""
    aged = replace(INPUTS, object_cohort=INPUTS.object_cohort.assign(age_days=20))
    results, _ = judged(aged)
    costs = results.cases[0].simulation.monthly_costs
    # January: 24 of 31 days in Standard (51,200 GB-months at 0.023), 7 in Flexible Retrieval
    standard = D(24) / 31 * 189_000
    expected = D("1177.6") + (standard - 51_200) * D("0.022") + D(7) / 31 * D("680.4") + D("1.92")
    assert costs[0] == D("4209.2")
    assert costs[1] == pytest.approx(expected, abs=D("0.01"))
    assert not any("age" in note for note in results.held.notes)
