"""The lifecycle findings on the sample, against figures worked out by hand from the memo.

189 TB are 189,000 GB. Standard: 0.023 for the first 51,200 GB, 0.022 from there. Flexible Retrieval
0.0036, Instant Retrieval 0.004, Deep Archive 0.00099.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

import pandas as pd
import pytest

from prismlib import paths
from prismlib.analyses.lifecycle import analyse_lifecycle
from prismlib.analyses.lifecycle_checks import CheckedBucket, check_policy
from prismlib.analyses.lifecycle_findings import judge_lifecycle
from prismlib.analyses.lifecycle_inputs import LifecycleInputs, LifecycleSettings
from prismlib.analyses.lifecycle_policy import policy_of
from prismlib.analyses.lifecycle_results import BEST
from prismlib.errors import SchemaError
from prismlib.findings import Severity, Verdict
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import records

DATA = read_snapshot(paths.SAMPLE)
INPUTS = LifecycleInputs.of(
    DATA.tables, read_reference_tables(), as_of=DATA.as_of, are_objects_synthetic=True
)
GAP = "gap_3_as_proposed"


def judged(inputs=INPUTS, settings=None):
    settings = settings or LifecycleSettings()
    results = analyse_lifecycle(inputs, settings)
    return results, {f.id: f for f in judge_lifecycle(inputs, settings, results)}


RESULTS, FOUND = judged()
OUTCOMES = {row["policy_name"]: row for row in records(RESULTS.outcomes)}


def with_claim(claim_id, value):
    frame = INPUTS.claim.copy()
    frame.loc[frame["claim_id"] == claim_id, "stated_value"] = D(value)
    return replace(INPUTS, claim=frame)


@pytest.mark.parametrize(
    ("name", "value", "expected", "verdict", "severity"),
    [
        # S1: 189,000 x 0.023; tiered 51,200 x 0.023 + 137,800 x 0.022 = 1,177.60 + 3,031.60
        ("standard_cost", "4347", "4347", Verdict.HOLDS, Severity.INFO),
        ("tiered_cost", "4209.20", "4347", Verdict.CONTRADICTS, Severity.LOW),
        # S2: 189,000 x 0.00099; 1 - 756 / 4,347; 1 - 187 / 4,347
        ("class_cost.deep_archive", "187.11", "187", Verdict.HOLDS, Severity.INFO),
        ("class_pct.glacier", "82.6087", "83", Verdict.HOLDS, Severity.INFO),
        ("class_pct.deep_archive", "95.6982", "96", Verdict.HOLDS, Severity.INFO),
        # S3: 189,000 x 0.0036
        ("class_cost.glacier", "680.40", "756", Verdict.CONTRADICTS, Severity.MEDIUM),
        # S4: (90 x 4,347 + 275 x 756 + 365 x 187) / 730 = (391,230 + 207,900 + 68,255) / 730
        ("average_cost", "914.2260", "1500", Verdict.NOT_REPRODUCIBLE, Severity.MEDIUM),
        # S5: 4,347 - 1,500; nothing moves in December, January and February, which are 90 days
        ("stated_saving", "2847", "2847", Verdict.HOLDS, Severity.INFO),
        ("first_quarter", "0", "8541", Verdict.CONTRADICTS, Severity.MEDIUM),
        # S6: 2,847 + 1,984; 189,000 x (0.023 - 0.0125) is every byte in the infrequent tier
        ("savings_together", "4831", "4347", Verdict.CONTRADICTS, Severity.MEDIUM),
        ("tiering_saving", "1984.5", "1984", Verdict.UNKNOWN, Severity.MEDIUM),
        # S7: a standard restore takes 3 hours at least: 10,800,000 ms
        (f"breaks_slo.{GAP}", "10800000", "62", Verdict.CONTRADICTS, Severity.CRITICAL),
        # S8: everything, after two years
        (f"deletes_live.{GAP}", "189000", "0", Verdict.CONTRADICTS, Severity.CRITICAL),
        # S9: 2,847 / 30
        ("saving_per_day", "94.90", None, Verdict.CONTRADICTS, Severity.HIGH),
        # S10: 189,000 / 64,000
        ("mean_object", "2.953125", None, Verdict.HOLDS, Severity.INFO),
        # S11: 1,890 / 189,000
        ("delta_share", "1", None, Verdict.HOLDS, Severity.INFO),
        # S12: 294,000 / 7 / 48 against 128 GiB
        ("snapshot_per_node", "875", "137.438953", Verdict.CONTRADICTS, Severity.MEDIUM),
    ],
)
def test_finding_is_the_figure_worked_by_hand(name, value, expected, verdict, severity):
    finding = FOUND[f"lifecycle.{name}"]
    assert finding.value == pytest.approx(D(value), abs=D("0.0001"))
    if expected is None:
        assert finding.expected is None
    else:
        assert finding.expected == pytest.approx(D(expected), abs=D("0.0001"))
    assert (finding.verdict, finding.severity) == (verdict, severity)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("standard_cost", "$4,451"),  # 189 x 1,024 x 0.023 = 4,451.33
        ("class_cost.glacier", "That is the price of Glacier Instant Retrieval"),
        # (391,230 + 275 x 756) / 365 = 1,641.45; (1,500 - 756) / (4,347 - 756) = 20.72%
        ("average_cost", "$1,641 in their first year"),
        ("average_cost", "20.7% of the bytes in Standard"),
        ("stated_saving", "$34,164 in twelve months"),
        ("mean_object", "1,562,500 vertices of 1,890 bytes"),
        ("snapshot_per_node", "42,000 GB a day"),
        ("snapshot_per_node", "it would be 42 GB"),
        ("break_even_size", "$9,450.00 in objects of 1 MB and $94.50 in objects of 100 MB"),
        ("break_even_size", "from 2.28 MB on"),
        (f"unknown_key.{GAP}", "Rules[1].Id"),
        (f"breaks_slo.{GAP}", "expedited 1 to 5 minutes, standard 3 to 5 hours"),
        (f"breaks_slo.{GAP}", "within 62 ms"),
    ],
)
def test_finding_says(name, words):
    assert words in FOUND[f"lifecycle.{name}"].statement


def test_every_finding_is_of_the_notebook_and_dated():
    assert {f.notebook for f in FOUND.values()} == {"lifecycle_savings"}
    assert all(e.observed_at == "2025-11-16" for f in FOUND.values() for e in f.evidence)


# --- the sets of rules ----------------------------------------------------------------------------


def test_proposed_rules_month_by_month():
    """Three months at 4,209.20; then 680.40 and what S3 adds, and 64,000 moves at 0.03 / 1,000.

    Added a month: 64,000 x (32,768 x 0.0036 + 8,192 x 0.022) / 10^9 = 0.0190841...; the tier of
    Standard does not matter below 51,200 GB: 8,192 x 0.023: 64,000 x 306.3808e-9 = 0.01960837.
    """
    (case, _) = RESULTS.cases
    costs = case.simulation.monthly_costs
    assert costs[:3] == (D("4209.2"),) * 3
    assert costs[3] == pytest.approx(D("680.4") + D("0.0196083712") + D("1.92"))
    assert costs[4] == pytest.approx(D("680.4196083712"))
    # The first day on which objects of 730 days are gone is 1 December 2027, 24 months on.
    assert costs[24:] == (0,) * 12


def test_best_allowed_rules_are_instant_retrieval_at_once():
    """189,000 x 0.004 = 756 and one move: 64,000 x 0.02 / 1,000 = 1.28; 12 x 3,453.20 - 1.28."""
    assert RESULTS.best is not None
    (rule,) = RESULTS.best.policy.rules
    assert [(m.storage_class, m.days) for m in rule.transitions] == [("GLACIER_IR", 0)]
    assert (rule.prefix, rule.expires) == ("partitions/", False)
    assert OUTCOMES[BEST]["first_year_effect"] == D("41437.12")
    assert OUTCOMES[BEST]["moving_cost"] == D("1.28")
    assert OUTCOMES[BEST]["break_even_month"] == 1


@pytest.mark.parametrize("reads", ["0", "0.25", "0.5", "1", "3"])
@pytest.mark.parametrize("one_zone", [False, True])
def test_best_rules_stay_within_classes_of_milliseconds(reads, one_zone):
    settings = LifecycleSettings(reads_per_month=D(reads), allow_one_zone=one_zone)
    best = analyse_lifecycle(INPUTS, settings).best
    if best is not None:
        named = {move.storage_class for rule in best.policy.rules for move in rule.transitions}
        assert named <= {"INTELLIGENT_TIERING", "STANDARD_IA", "ONEZONE_IA", "GLACIER_IR"}
        assert not any(rule.expires for rule in best.policy.rules)


def test_intelligent_tiering_a_month_by_hand():
    """Unread: December 30 days frequent and one infrequent, then infrequent until day 90.

    December: 30/31 x 189,000 = 182,903.226 GB-months frequent, of which 51,200 at 0.023 and the
    rest at 0.022; 189,000 / 31 x 0.0125 infrequent; 64,000 x (0.01 + 0.0025) / 1,000 = 0.80.
    """
    case = RESULTS.cases[1]
    frequent = D("1177.6") + (D(30) / 31 * 189_000 - 51_200) * D("0.022")
    expected = frequent + D(189_000) / 31 * D("0.0125") + D("0.8")
    assert case.simulation.monthly_costs[0] == pytest.approx(expected)
    assert case.simulation.monthly_costs[1] == D("2362.66")
    assert case.simulation.monthly_costs[3] == D("756.16")


def test_flat_prices_claim_what_the_fees_and_the_waiting_take():
    """189,000 x (0.023 - 0.00099) = 4,159.89 a month, from the first on."""
    assert OUTCOMES["Gap 3 as proposed"]["flat_effect"] == D("4159.89")
    assert FOUND[f"lifecycle.net.{GAP}"].expected == D("49918.68")
    assert FOUND[f"lifecycle.net.{GAP}"].value < D("49918.68")


# --- changed data change the findings -------------------------------------------------------------


def test_another_stated_cost_is_judged_anew():
    _, found = judged(with_claim("cold_standard_cost", 4209))
    assert found["lifecycle.tiered_cost"].verdict is Verdict.HOLDS
    assert found["lifecycle.standard_cost"].verdict is Verdict.CONTRADICTS


def test_a_stated_cost_of_the_class_that_is_named_holds():
    _, found = judged(with_claim("cold_glacier_cost", 680))
    assert found["lifecycle.class_cost.glacier"].verdict is Verdict.HOLDS


def test_an_average_that_follows_from_the_stages_holds():
    _, found = judged(with_claim("cold_average_cost", 914))
    assert found["lifecycle.average_cost"].verdict is Verdict.HOLDS


def test_without_claims_only_what_is_computed_is_left():
    results, found = judged(replace(INPUTS, claim=None))
    assert results.best is not None
    assert {"lifecycle.month_cost", "lifecycle.best", f"lifecycle.net.{GAP}"} <= set(found)
    assert not any("stated" in name or "class_" in name for name in found)


def test_without_a_need_rules_get_warnings_and_archives_are_not_chosen():
    """Nobody said that the data is live or how long readers wait: no refusal of S7 and S8."""
    results, found = judged(replace(INPUTS, storage_need=None))
    assert f"lifecycle.deletes_live.{GAP}" not in found
    assert found[f"lifecycle.warnings.{GAP}"].verdict is Verdict.UNKNOWN
    assert results.best is not None
    (rule,) = results.best.policy.rules
    assert {move.storage_class for move in rule.transitions} == {"GLACIER_IR"}


def test_readers_that_can_wait_a_day_allow_the_archive():
    """Within 24 hours: a standard restore of Deep Archive takes 12 at most."""
    results, found = judged(settings=LifecycleSettings(slo_ms=D(24 * 3_600_000)))
    assert f"lifecycle.breaks_slo.{GAP}" not in found
    assert results.best is not None
    assert results.best.last_class == "DEEP_ARCHIVE"


def test_reads_turn_the_best_rules_into_none():
    """A read of everything each month: Instant Retrieval asks 5,670 to save 3,453."""
    results, found = judged(settings=LifecycleSettings(reads_per_month=D(3)))
    assert results.best is None
    assert found["lifecycle.best"].value is None
    rates = {(r["policy_name"], r["object_reads"]): r for r in records(RESULTS.reads)}
    assert rates[BEST, D(1)]["first_year_effect"] < 0


def test_nothing_stored_is_unknown_and_no_cost_of_zero():
    empty = replace(INPUTS, object_cohort=None, claim=None)
    results, found = judged(empty)
    assert results.missing == ("what is stored is",)
    assert list(found) == ["lifecycle.month_cost"]
    assert found["lifecycle.month_cost"].verdict is Verdict.UNKNOWN
    assert found["lifecycle.month_cost"].value is None


@pytest.mark.parametrize("name", ["EXPRESS_ONEZONE", "GLACIER_FAST"])
def test_bytes_of_a_class_without_a_price_have_no_cost_and_are_named(name):
    """All objects, or one more: what they cost is not $0, and the bucket's cost is not known."""
    frame = INPUTS.object_cohort.copy()
    frame["storage_class"] = name
    for cohorts in (frame, pd.concat([INPUTS.object_cohort, frame], ignore_index=True)):
        finding = judged(replace(INPUTS, object_cohort=cohorts))[1]["lifecycle.month_cost"]
        assert (finding.value, finding.verdict) == (None, Verdict.UNKNOWN)
        assert name in finding.statement


def test_expedited_restores_are_simulated_with_reads_of_every_class():
    settings = LifecycleSettings(restore_speed="expedited", reads_per_month=D("0.1"))
    results, _ = judged(settings=settings)
    assert results.baseline is not None


def test_rules_that_delete_what_nobody_called_live_or_not_are_not_decided():
    tables = {row["policy_name"]: row for row in records(INPUTS.lifecycle_policy)}
    rules = """{"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""},
        "Expiration": {"Days": 30}}]}"""
    frame = INPUTS.lifecycle_policy.iloc[:1].assign(lifecycle=rules)
    name = next(iter(tables))
    results, _ = judged(replace(INPUTS, lifecycle_policy=frame, storage_need=None))
    row = next(row for row in records(results.outcomes) if row["policy_name"] == name)
    assert row["advice"] == "not decided"


def test_a_word_for_versioning_that_s3_does_not_have_is_refused():
    frame = INPUTS.bucket.assign(versioning="Disabled")
    with pytest.raises(SchemaError, match="Disabled"):
        judged(replace(INPUTS, bucket=frame))


def test_rules_that_are_no_configuration_are_a_schema_error():
    for text in ("7", "null"):
        with pytest.raises(SchemaError):
            policy_of(text)


def test_what_rules_by_tag_save_is_unknown():
    rules = """{"Rules": [{"ID": "r", "Status": "Enabled",
        "Filter": {"Tag": {"Key": "a", "Value": "b"}}, "Expiration": {"Days": 30}}]}"""
    frame = INPUTS.lifecycle_policy.iloc[:1].assign(lifecycle=rules)
    results, found = judged(replace(INPUTS, lifecycle_policy=frame))
    assert (results.cases, len(results.unpriced)) == ((), 1)
    assert found[f"lifecycle.net.{GAP}"].value is None
    (check,) = [
        c
        for c in check_policy(
            policy_of(rules), CheckedBucket(RESULTS.facts, INPUTS.restore_times, RESULTS.held.needs)
        )
        if c.check_name == "deletes"
    ]
    assert "what carries the tag a=b" in check.statement
