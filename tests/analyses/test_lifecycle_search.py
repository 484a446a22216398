"""The best allowed rules on buckets whose answer can be worked out by hand, and real losses."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from prismlib.analyses.lifecycle import analyse_lifecycle
from prismlib.analyses.lifecycle_findings import judge_lifecycle, policy_words
from prismlib.analyses.lifecycle_inputs import LifecycleInputs, LifecycleSettings
from prismlib.analyses.lifecycle_results import BEST, break_even_month
from prismlib.errors import ParameterError
from prismlib.findings import Verdict
from prismlib.pulled_tables import BUCKET, BUCKET_STORAGE
from prismlib.sources.prices import read_reference_tables
from prismlib.storage_tables import LIFECYCLE_POLICY, OBJECT_COHORT, STORAGE_NEED
from prismlib.tables import make, records

REFERENCE = read_reference_tables()
GB = 10**9
START = date(2025, 12, 31)  # so the months begin with January 2026: 31, 28, 31 days ...


def cohort(number, size, *, age=0, name="STANDARD", prefix="", kind="current", bucket="b"):
    return {
        "bucket_name": bucket,
        "prefix": prefix,
        "storage_class": name,
        "object_kind": kind,
        "size_from_bytes": size,
        "age_days": age,
        "noncurrent_days": 0 if kind == "noncurrent" else None,
        "stored_objects": D(number),
        "size_bytes": D(number * size),
    }


def inputs(*cohorts, rules=(), needs=(), region="us-west-2", current="[]", versioning="Off"):
    """Return the inputs of a bucket; `rules` are (name, JSON)."""
    bucket = {
        "bucket_name": "b",
        "region_id": region,
        "lifecycle": current,
        "versioning": versioning,
    }
    tables = {
        "object_cohort": make(OBJECT_COHORT, cohorts),
        "bucket": make(BUCKET, [bucket]),
        "storage_need": make(STORAGE_NEED, ({"bucket_name": "b", **need} for need in needs)),
        "lifecycle_policy": make(
            LIFECYCLE_POLICY,
            (
                {"policy_name": name, "bucket_name": "b", "lifecycle": text, "source": "a plan"}
                for name, text in rules
            ),
        ),
    }
    return LifecycleInputs.of(tables, REFERENCE, as_of=START)


def rule(name, days, **more):
    moves = f'"Transitions": [{{"Days": {days}, "StorageClass": "{name}"}}]'
    extra = "".join(f', "{key}": {value}' for key, value in more.items())
    return f'[{{"ID": "r", "Status": "Enabled", "Filter": {{}}, {moves}{extra}}}]'


def outcome(given, name, **settings):
    results = analyse_lifecycle(given, LifecycleSettings(gigabyte="decimal", **settings))
    return results, {row["policy_name"]: row for row in records(results.outcomes)}.get(name)


def best(given, **settings):
    results, _ = outcome(given, BEST, **settings)
    if results.best is None:
        return None
    return [
        (move.storage_class, move.days, one.larger_than_bytes)
        for one in results.best.policy.rules
        for move in one.transitions
    ]


WAITING = ({"prefix": "", "is_live": False, "read_slo_ms": D(10**9)},)
"""A reader who can wait for eleven days."""

# --- the best rules -------------------------------------------------------------------------------


def test_large_objects_that_nobody_reads_go_to_the_deepest_archive_that_is_allowed():
    given = inputs(cohort(1000, GB), needs=WAITING)
    assert best(given) == [("DEEP_ARCHIVE", 0, None)]
    assert best(inputs(cohort(1000, GB))) == [("GLACIER_IR", 0, None)]


def test_a_reader_who_waits_five_hours_allows_flexible_retrieval_and_no_deep_archive():
    """A standard restore takes 5 hours at most from the one, 12 from the other.

    Over 36 months 0.0004 x 1,000 GB less than Instant Retrieval is 14.40, more than the one percent
    of 36 x 23, 8.28, within which the two would be as good.
    """
    need = ({"prefix": "", "is_live": True, "read_slo_ms": D(5 * 3_600_000)},)
    assert best(inputs(cohort(1000, GB), needs=need)) == [("GLACIER", 0, None)]


def test_tiny_objects_stay():
    """100 million objects of 10 kB: under 128 KB nothing is moved, so no rule saves anything."""
    assert best(inputs(cohort(10**8, 10**4), needs=WAITING)) is None


def test_with_older_rules_tiny_objects_would_go_and_lose():
    """Deep Archive for 36 months at 10 kB an object: the move alone costs 5,000.

    Saved a month: 10^8 x (10^4 x 0.02201 - 32,768 x 0.00099 - 8,192 x 0.023) / 10^9
    = 22.01 - 3.2440 - 18.8416 = -0.08: never.
    """
    given = inputs(cohort(10**8, 10**4), needs=WAITING, rules=[("plan", rule("DEEP_ARCHIVE", 0))])
    older = {"small_objects": "varies_by_storage_class"}
    assert best(given, **older) is None
    _, row = outcome(given, "plan", **older)
    assert row["moving_cost"] == 5000
    monthly = D(10**8) * (10**4 * D("0.02201") - 32768 * D("0.00099") - 8192 * D("0.023")) / GB
    assert row["last_month_effect"] == pytest.approx(monthly)
    assert row["whole_effect"] == pytest.approx(36 * monthly - 5000)
    assert (row["advice"], row["break_even_month"]) == ("do not", None)


def test_a_size_is_named_when_only_larger_objects_pay():
    """15,000 GB in objects of 1 GB and 10 million objects of 150 kB, over 12 months.

    To Deep Archive the large save 15,000 x 0.02201 x 12 = 3,962; each small one saves
    12 x (150,000 x 0.02201 - 32,768 x 0.00099 - 8,192 x 0.023) / 10^9 = 0.000037 and costs 0.00005.
    It pays back within the year from 199,342.25 bytes on.
    """
    given = inputs(cohort(10**7, 150_000), cohort(15_000, GB), needs=WAITING)
    assert best(given, months=12) == [("DEEP_ARCHIVE", 0, 199_343)]


def test_prefixes_get_rules_of_their_own():
    """Readers of live/ do not wait; those of logs/ do."""
    needs = (
        {"prefix": "live/", "is_live": True, "read_slo_ms": D(62)},
        {"prefix": "logs/", "is_live": False, "read_slo_ms": D(10**9)},
    )
    given = inputs(cohort(1000, GB, prefix="live/"), cohort(1000, GB, prefix="logs/"), needs=needs)
    results, _ = outcome(given, BEST)
    found = {r.prefix: r.transitions[0].storage_class for r in results.best.policy.rules}
    assert found == {"live/": "GLACIER_IR", "logs/": "DEEP_ARCHIVE"}


def test_prefixes_that_want_the_same_get_one_rule_if_they_are_the_whole_bucket():
    parts = [cohort(1000, GB, prefix="a/"), cohort(1000, GB, prefix="b/")]
    results, _ = outcome(inputs(*parts), BEST)
    assert [rule.prefix for rule in results.best.policy.rules] == [""]
    assert policy_words(results, results.best) == "Glacier Instant Retrieval at once"
    results, _ = outcome(inputs(*parts, cohort(1, 10, prefix="*")), BEST)
    assert [rule.prefix for rule in results.best.policy.rules] == ["a/", "b/"]
    words = "Glacier Instant Retrieval at once (a/ and b/)"
    assert policy_words(results, results.best) == words


def test_many_cohorts_are_searched_in_whole_months_and_priced_as_they_are():
    """300 ages: the search sees months, the saving is that of each day.

    1,000 objects of 1 GB at each age: 300,000 GB, of which 51,200 at 0.023 and the rest at 0.022;
    with the rules at 0.004, less 300,000 x 0.02 / 1,000 = 6 for the moves.
    """
    given = inputs(*(cohort(1000, GB, age=age) for age in range(300)))
    results, row = outcome(given, BEST)
    assert results.best is not None
    month = 51_200 * D("0.023") + 248_800 * D("0.022") - 300_000 * D("0.004")
    assert row["first_year_effect"] == 12 * month - 6


def test_a_budget_for_reads_rules_out_what_charges_more_for_them():
    """1,000 GB read 0.2 times in 30 days: 200 GB x 0.03 = 6, or 6.20 in a month of 31 days.

    Reads of Standard-IA cost 0.01, 2.07 in a month of 31 days, and 200 requests next to nothing.
    """
    given = inputs(cohort(1000, GB))
    reads = {"reads_per_month": D("0.2")}
    assert best(given, **reads) == [("GLACIER_IR", 0, None)]
    assert best(given, **reads, retrieval_budget_per_month=D("6.21")) == [("GLACIER_IR", 0, None)]
    names = {n for n, *_ in best(given, **reads, retrieval_budget_per_month=D("6.1"))}
    assert "GLACIER_IR" not in names


def test_what_the_rules_of_the_bucket_delete_is_still_deleted_by_the_best():
    """Objects are deleted after 400 days and moved after 30: the days are kept, the move is not."""
    current = rule("STANDARD_IA", 30, Expiration='{"Days": 400}')
    results, _ = outcome(inputs(cohort(1000, GB), current=current), BEST)
    found = results.best.policy.rules
    assert [(r.transitions != (), r.expiration_days) for r in found] == [(True, None), (False, 400)]
    # From day 400 on nothing is stored: months 15 to 36 cost nothing, with the rules or without.
    assert results.best.simulation.monthly_costs[15:] == (0,) * 21
    # Months two to thirteen: Standard-IA 12.50 as it is, Instant Retrieval 4 with the best rules.
    assert results.baseline.monthly_costs[2] == D("12.5")
    assert results.best.simulation.monthly_costs[2] == D("4")


def test_rules_that_only_move_are_replaced():
    given = inputs(cohort(1000, GB), current=rule("STANDARD_IA", 30))
    results, _ = outcome(given, BEST)
    (only,) = results.best.policy.rules
    assert [move.storage_class for move in only.transitions] == ["GLACIER_IR"]


def test_what_is_left_of_a_folder_gets_no_rule():
    given = inputs(cohort(1000, GB, prefix="logs/*"), cohort(1000, GB, prefix="logs/app/"))
    results, _ = outcome(given, BEST)
    assert [r.prefix for r in results.best.policy.rules] == ["logs/app/"]


def test_one_zone_only_where_it_is_allowed():
    """At 0.8 reads, a GB a month: Standard 0.023, IA 0.0125 + 0.008, One Zone-IA 0.01 + 0.008."""
    given = inputs(cohort(1000, GB))
    assert "ONEZONE_IA" not in {name for name, *_ in best(given, reads_per_month=D("0.8")) or []}
    allowed = best(given, reads_per_month=D("0.8"), allow_one_zone=True)
    assert "ONEZONE_IA" in {name for name, *_ in allowed}


def test_rules_that_are_there_already_are_the_cost_of_doing_nothing():
    given = inputs(cohort(1000, GB), current=rule("GLACIER_IR", 0))
    results, _ = outcome(given, BEST)
    assert results.baseline.monthly_costs[1] == D("4")  # 1,000 GB x 0.004
    assert results.best is None


# --- losses are losses ----------------------------------------------------------------------------


def test_moving_objects_that_are_deleted_soon_is_a_loss():
    """A million objects of 1 MB, moved at once and deleted after 30 days, in January.

    They are of 31 December, so a day old on the first of January: 29 days are left. Without
    moving: 1,000 GB x 29/31 x 0.023 = 21.516. With: 20 for the moves, and 90 days of Instant
    Retrieval: 29/31 x 4, and the 61 left: 61/31 x 4, together 11.613. Saved: 21.516 - 20 - 11.613
    = -10.097.
    """
    delete = '[{"ID": "d", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 30}}]'
    given = inputs(
        cohort(10**6, 10**6),
        current=delete,
        rules=[("plan", rule("GLACIER_IR", 0, Expiration='{"Days": 30}'))],
        needs=({"prefix": "", "is_live": False},),
    )
    _, row = outcome(given, "plan")
    expected = D(29) / 31 * 23 - 20 - D(90) / 31 * 4
    assert row["whole_effect"] == pytest.approx(expected, abs=D("0.001"))
    assert row["whole_effect"] < 0
    assert row["note"] == "saves nothing"


def test_many_objects_of_150_kb_in_intelligent_tiering_cost_more_than_they_save_in_a_year():
    """62.4 million objects, as a public post-mortem counted: 624 to move them, read all the time.

    Read every ten days they never leave the frequent tier: 156 a month for monitoring, and no
    saving: 624 + 12 x 156 = 2,496 in a year, of 9,360 GB at 0.023 = 215.28 a month.
    """
    given = inputs(
        cohort(62_400_000, 150_000, age=90), rules=[("plan", rule("INTELLIGENT_TIERING", 0))]
    )
    results, row = outcome(given, "plan", reads_per_month=D(3), months=12)
    assert row["moving_cost"] == 624
    assert row["first_year_effect"] == pytest.approx(D(-2496))
    found = {
        f.id: f for f in judge_lifecycle(given, LifecycleSettings(reads_per_month=D(3)), results)
    }
    assert found["lifecycle.net.plan"].verdict is Verdict.CONTRADICTS
    assert "it would cost $2,496 more than it saves" in found["lifecycle.net.plan"].statement
    assert row["flat_effect"] == pytest.approx(D(9360) * D("0.019"))


@pytest.mark.parametrize(
    ("saved", "month"),
    [
        ([1, 1], 1),
        ([-1, 1, 1], 3),
        ([-1, 2, -3], None),
        ([0, 0, 5], 3),
        ([-1, 2, -3, 9], 4),
        ([], None),
    ],
)
def test_break_even_month_is_that_from_which_on_it_has_paid(saved, month):
    assert break_even_month([D(value) for value in saved]) == month


# --- what is known of the bucket ------------------------------------------------------------------


def metrics(**sizes):
    rows = [
        {"storage_type": kind, "size_bytes": D(size), "stored_objects": None}
        for kind, size in sizes.items()
    ]
    rows.append({"storage_type": "AllStorageTypes", "stored_objects": D(1000)})
    common = {"bucket_name": "m", "region_id": "us-east-1"}
    seen = datetime(2025, 12, 30, tzinfo=UTC)
    return make(BUCKET_STORAGE, ({**common, "observed_at": seen, **row} for row in rows))


def test_bytes_of_cloudwatch_are_taken_as_new_objects_of_the_mean_size():
    """600 GB + 400 GB in 1,000 objects; metered bytes are priced in binary gigabytes."""
    tables = {
        "bucket_storage": metrics(
            StandardStorage=600 * 2**30, GlacierStorage=400 * 2**30, GlacierObjectOverhead=5
        )
    }
    given = LifecycleInputs.of(tables, REFERENCE, as_of=START)
    results = analyse_lifecycle(given, LifecycleSettings())
    rows = {row["storage_class"]: row for row in records(results.held.objects)}
    assert {name: int(row["stored_objects"]) for name, row in rows.items()} == {
        "STANDARD": 600,
        "GLACIER": 400,
    }
    # 600 x 0.023 + 400 x 0.0036, and for 400 objects 32 KB x 0.0036 + 8 KB x 0.023
    added = D(400) * (32768 * D("0.0036") + 8192 * D("0.023")) / 2**30
    assert results.baseline.monthly_costs[0] == pytest.approx(D("15.24") + added)
    assert "every object is taken as of the mean size and as new" in results.held.notes[0]


def test_rules_for_a_part_that_is_not_told_apart_are_unknown():
    two = (
        '[{"ID": "a", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 9}},'
        '{"ID": "b", "Status": "Enabled", "Filter": {"Prefix": "b/"}, "Expiration": {"Days": 9}}]'
    )
    given = inputs(cohort(1000, GB), rules=[("plan", two)], current=two)
    results = analyse_lifecycle(given, LifecycleSettings())
    assert [(one.name, one.source) for one in results.unpriced] == [("plan", "a plan")]
    assert any("not told apart" in note for note in results.held.notes)
    found = {f.id: f for f in judge_lifecycle(given, LifecycleSettings(), results)}
    assert found["lifecycle.net.plan"].verdict is Verdict.UNKNOWN


def test_the_one_prefix_that_is_named_is_that_of_all_bytes_of_cloudwatch():
    text = rule("GLACIER_IR", 0).replace('"Filter": {}', '"Filter": {"Prefix": "x/"}')
    policy = {"policy_name": "plan", "bucket_name": "m", "lifecycle": text, "source": "a plan"}
    tables = {
        "bucket_storage": metrics(StandardStorage=600 * 2**30),
        "lifecycle_policy": make(LIFECYCLE_POLICY, [policy]),
    }
    results = analyse_lifecycle(
        LifecycleInputs.of(tables, REFERENCE, as_of=START), LifecycleSettings()
    )
    assert [case.name for case in results.cases] == ["plan"]
    assert set(results.held.objects["prefix"]) == {"x/"}


def test_a_region_without_prices_is_named():
    results = analyse_lifecycle(inputs(cohort(1, GB), region="eu-west-1"), LifecycleSettings())
    assert results.missing == ("prices of eu-west-1 are",)
    results = analyse_lifecycle(
        inputs(cohort(1, GB), region="eu-west-1"), LifecycleSettings(region="us-east-1")
    )
    assert results.missing == ()


def test_objects_of_a_class_without_a_price_are_left_out_and_named():
    given = inputs(cohort(1000, GB), cohort(5, GB, name="SNOW"))
    results = analyse_lifecycle(given, LifecycleSettings(gigabyte="decimal"))
    assert results.baseline.monthly_costs[0] == 23
    assert any("SNOW" in note for note in results.held.notes)


def test_new_data_makes_the_cost_of_doing_nothing_grow():
    """310 GB at the start of each month: 310 x 0.023 = 7.13 more a month, and PUT requests."""
    given = inputs(cohort(1000, GB))
    results = analyse_lifecycle(
        given, LifecycleSettings(gigabyte="decimal", new_gb_per_month=D(310))
    )
    first, second, *_ = results.baseline.monthly_costs
    assert second - first == D("7.13")
    assert first == D("23") + D("7.13") + D(310) * D("0.005") / 1000


def test_settings_refuse_what_is_no_parameter():
    with pytest.raises(ParameterError, match="colour"):
        LifecycleSettings.of(colour="red")
    with pytest.raises(ParameterError, match="months"):
        LifecycleSettings.of(months=3)
    assert LifecycleSettings.of(reads_per_month=0.1).reads_per_month == D("0.1")


def test_a_bucket_that_is_not_there_is_refused():
    with pytest.raises(ParameterError, match="bucket"):
        analyse_lifecycle(inputs(cohort(1, GB)), LifecycleSettings(bucket="other"))


def test_the_need_that_is_set_goes_before_that_of_the_snapshot():
    given = inputs(cohort(1000, GB), needs=WAITING)
    assert best(given) == [("DEEP_ARCHIVE", 0, None)]
    assert best(given, slo_ms=D(62)) == [("GLACIER_IR", 0, None)]
