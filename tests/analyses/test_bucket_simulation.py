"""Small buckets worked by hand, to the cent: months of 30 days, GB of 10^9 bytes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from storage_case import BOOK, GB, charges, gb_objects, moves, run

from prismlib.analyses.bucket_charges import Terms
from prismlib.analyses.bucket_simulation import simulate
from prismlib.analyses.bucket_state import (
    Arrival,
    Bucket,
    Cohort,
    Horizon,
    ReadPattern,
    calendar_months,
    even_months,
)
from prismlib.analyses.lifecycle_policy import (
    BY_CLASS,
    NoncurrentTransition,
    Policy,
    Rule,
    Transition,
)
from prismlib.errors import ParameterError

KB = 1024


def costs(simulation):
    return [cost.quantize(D("0.0001")) for cost in simulation.monthly_costs]


# --- Standard and its prices by quantity ----------------------------------------------------------


def test_tiers_of_standard():
    # 189 TB: 51,200 x 0.023 = 1,177.60; 137,800 x 0.022 = 3,031.60.
    assert run(gb_objects(189_000), months=1).total_cost == D("4209.20")
    # 600 TB: 51,200 x 0.023 + 460,800 x 0.022 + 88,000 x 0.021 = 1,177.60 + 10,137.60 + 1,848.00.
    rows = run(gb_objects(600_000), months=1).charges
    assert rows["from_gb"].tolist() == [0, 51200, 512000]
    assert rows["usage_quantity"].tolist() == [51200, 460800, 88000]
    assert rows["cost"].tolist() == [D("1177.6"), D("10137.6"), D(1848)]


def test_tiers_are_the_accounts():
    # The account holds 51,100 GB elsewhere: 100 x 0.023 + 900 x 0.022 = 2.30 + 19.80.
    terms = Terms(other_gb={("STANDARD", ""): D(51100)})
    assert run(gb_objects(1000), months=1, terms=terms).total_cost == D("22.10")


def test_gb_of_two_to_the_thirtieth():
    # 1,000 objects of 1 GiB are 1,000 GB-months then.
    cohort = gb_objects(1000, size_bytes=1000 * 2**30)
    terms = Terms(bytes_per_gb=2**30)
    assert run(cohort, months=1, terms=terms).total_cost == 23


# --- transitions ----------------------------------------------------------------------------------


def test_move_to_instant_retrieval_after_90_days():
    # 1,000 GB: 23.00 for three months; then 4.00, and 1,000 requests at 0.02 per 1,000.
    found = run(gb_objects(1000), moves(("GLACIER_IR", 90)))
    assert found.monthly_costs == (23, 23, 23, D("4.02"))
    assert charges(found, 4) == {"storage GLACIER_IR": D(4), "transition GLACIER_IR": D("0.02")}


def test_move_in_the_middle_of_a_month():
    # Aged 15 days, it moves on day 75: month 3 is 15 days of each, 11.50 + 2.00, and 0.02.
    found = run(gb_objects(1000, age_days=15), moves(("GLACIER_IR", 90)))
    assert found.monthly_costs == (23, 23, D("13.52"), 4)


def test_calendar_months_are_billed_by_their_days():
    # 2025-02-15 is day 45: January 23.00; February 14 of 28 days of each, 11.50 + 2.00, and 0.02.
    policy = Policy((Rule("r", transitions=(Transition("GLACIER_IR", date=date(2025, 2, 15)),)),))
    horizon = calendar_months(date(2025, 1, 1), 3)
    found = run(gb_objects(1000), policy, horizon=horizon)
    assert found.monthly_costs == (23, D("13.52"), 4)
    assert found.charges["month_start"].tolist()[-1] == date(2025, 3, 1)


def test_new_data_after_a_date_moves_when_it_comes():
    # 1,000 GB come on day 0 and on day 31; the rule acts from day 14 on. January: 14 of 31 days in
    # Standard, 17 in Instant Retrieval: 23 x 14/31 + 4 x 17/31 = 390/31 = 12.5806; put 0.005 and
    # transition 0.02. February: 2,000 GB at 0.004, put and transition.
    policy = Policy((Rule("r", transitions=(Transition("GLACIER_IR", date=date(2025, 1, 15)),)),))
    bucket = Bucket((), (Arrival(gb_objects(1000), every="month"),))
    found = run(bucket, policy, horizon=calendar_months(date(2025, 1, 1), 2))
    assert costs(found) == [D("12.6056"), D("8.0250")]


def test_daily_data_around_a_date():
    # 100 GB a day for 10 days, all moved from the sixth day on. Standard (1 + ... + 5) x 100 =
    # 1,500 GB-days, Instant Retrieval (6 + ... + 10) x 100 = 4,000, of a month of 10 days: 3.45 +
    # 1.60; 1,000 puts at 0.005 per 1,000 and as many transitions at 0.02.
    policy = Policy((Rule("r", transitions=(Transition("GLACIER_IR", date=date(2025, 1, 6)),)),))
    bucket = Bucket((), (Arrival(gb_objects(100)),))
    found = run(bucket, policy, horizon=Horizon((10,), date(2025, 1, 1)))
    assert found.total_cost == D("5.075")
    # Deleted instead: 3.45 and the puts.
    policy = Policy((Rule("r", expiration_date=date(2025, 1, 6)),))
    found = run(bucket, policy, horizon=Horizon((10,), date(2025, 1, 1)))
    assert found.total_cost == D("3.455")


def test_what_is_old_goes_straight_to_the_coldest_class_due():
    # One request at 0.05 per 1,000, none at 0.02: 1,000 x 0.00099 + 0.05, and 40 KB an object:
    # 0.032768 GB x 0.00099 + 0.008192 GB x 0.023 = 0.00003244 + 0.00018842.
    policy = moves(("GLACIER_IR", 90), ("DEEP_ARCHIVE", 365))
    found = run(gb_objects(1000, age_days=400), policy, months=1)
    assert "transition GLACIER_IR" not in charges(found, 1)
    assert charges(found, 1)["transition DEEP_ARCHIVE"] == D("0.05")
    assert costs(found) == [D("1.0402")]


def test_archived_objects_carry_40_kb():
    # 1,000,000 objects of 1 MB. Month 2: 1,000 GB x 0.0036 = 3.60; 32.768 GB x 0.0036 = 0.1179648;
    # 8.192 GB x 0.023 = 0.188416; 1,000,000 requests at 0.03 per 1,000 = 30.00.
    cohort = gb_objects(1_000_000, size_bytes=1000 * GB)
    found = run(cohort, moves(("GLACIER", 30)), months=2)
    assert charges(found, 2) == {
        "storage GLACIER": D("3.6"),
        "overhead GLACIER": D("0.1179648"),
        "overhead STANDARD": D("0.188416"),
        "transition GLACIER": D(30),
    }
    assert found.monthly_costs == (23, D("33.9063808"))


@pytest.mark.parametrize(("object_bytes", "requests"), [(10**6, D("9450.00")), (10**8, D("94.50"))])
def test_moving_189_tb_to_deep_archive(object_bytes, requests):
    # 189 x 10^12 bytes / 10^6 = 189,000,000 objects x 0.05 / 1,000; of 10^8 bytes a hundredth.
    size = 189 * 10**12
    cohort = gb_objects(size // object_bytes, size_bytes=size, age_days=365)
    found = run(cohort, moves(("DEEP_ARCHIVE", 180)), months=1)
    assert charges(found, 1)["transition DEEP_ARCHIVE"] == requests


# --- minimum days ---------------------------------------------------------------------------------


def test_expiry_before_the_minimum():
    # In Instant Retrieval from day 0, deleted on day 30: 60 of 90 days are left, 2 GB-months.
    # Month 1: 1,000 x 0.004 + 1,000 requests x 0.02/1,000; month 2: 1,000 x 2 x 0.004.
    policy = moves(("GLACIER_IR", 90), expiration_days=120)
    found = run(gb_objects(1000, age_days=90), policy)
    assert found.monthly_costs == (D("4.02"), 8, 0, 0)
    assert charges(found, 2) == {"early_delete GLACIER_IR": D(8)}
    assert found.flow["removed_bytes"].tolist() == [0, 1000 * GB, 0, 0]


def test_moving_on_before_the_minimum():
    # To Deep Archive on day 60 with 30 of 90 days left: 1,000 x 1 x 0.004 = 4.00; month 3 is also
    # 1,000 x 0.00099 = 0.99, 0.05 for requests and 0.0002 for 40 KB an object.
    policy = moves(("GLACIER_IR", 90), ("DEEP_ARCHIVE", 150))
    found = run(gb_objects(1000, age_days=90), policy)
    assert costs(found) == [D("4.0200"), 4, D("5.0402"), D("0.9902")]


def test_no_early_delete_once_the_minimum_is_over():
    policy = moves(("GLACIER_IR", 90), expiration_days=180)
    found = run(gb_objects(1000, age_days=90), policy)
    assert found.monthly_costs == (D("4.02"), 4, 4, 0)


def test_minimum_of_what_was_stored_in_a_class_before():
    # 10 days in Deep Archive, deleted on day 30 after 40: 140 days are left. With 32 KB an object,
    # 900 GB + 0.0294912 GB: 900.0294912 x 140/30 x 0.00099 = 4.158136249344.
    cohort = gb_objects(900, "DEEP_ARCHIVE", age_days=10)
    found = run(cohort, moves(expiration_days=40), months=2)
    assert charges(found, 2) == {"early_delete DEEP_ARCHIVE": D("4.158136249344")}


def test_users_who_delete_early_pay_too():
    # 1,000 GB written to Standard-IA, deleted by their users after 10 days: 20 of 30 are left.
    # 1,000 x 10/30 x 0.0125 + 1,000 x 20/30 x 0.0125 = 12.50: as if it had stayed a month.
    found = run(gb_objects(1000, "STANDARD_IA", replaced_at_age=10), months=2)
    assert costs(found) == [D("12.5000"), 0]


# --- small objects --------------------------------------------------------------------------------


def small(count=1000, size=32 * KB, storage_class="STANDARD", **changes):
    return gb_objects(count, storage_class, size_bytes=count * size, **changes)


def test_small_objects_are_billed_as_128_kb():
    # 1,000 x 32 KB = 0.032768 GB; padded by 1,000 x 96 KB = 0.098304 GB; x 0.0125 each.
    found = run(small(storage_class="STANDARD_IA"), months=1)
    assert charges(found, 1) == {
        "storage STANDARD_IA": D("0.0004096"),
        "minimum_size STANDARD_IA": D("0.0012288"),
    }


def test_early_delete_covers_the_padding():
    # 1,000 x 128 KB = 0.131072 GB x 60/30 x 0.004.
    found = run(small(storage_class="GLACIER_IR", replaced_at_age=30), months=2)
    assert charges(found, 2) == {"early_delete GLACIER_IR": D("0.001048576")}


@pytest.mark.parametrize(
    ("minimum_size", "target", "sizes", "is_moved"),
    [
        ("all_storage_classes_128K", "GLACIER", {}, False),
        ("all_storage_classes_128K", "GLACIER_IR", {}, False),
        (BY_CLASS, "GLACIER", {}, True),
        (BY_CLASS, "DEEP_ARCHIVE", {}, True),
        (BY_CLASS, "GLACIER_IR", {}, False),
        (BY_CLASS, "INTELLIGENT_TIERING", {}, False),
        ("all_storage_classes_128K", "STANDARD_IA", {"larger_than_bytes": 1000}, True),
        ("all_storage_classes_128K", "STANDARD_IA", {"larger_than_bytes": 32 * KB}, False),
        ("all_storage_classes_128K", "STANDARD_IA", {"smaller_than_bytes": 64 * KB}, True),
        ("all_storage_classes_128K", "STANDARD_IA", {"smaller_than_bytes": 32 * KB}, False),
    ],
)
def test_defaults_for_objects_under_128_kb(minimum_size, target, sizes, is_moved):
    policy = moves((target, 0), minimum_size=minimum_size, **sizes)
    found = run(small(), policy, months=1)
    assert (f"transition {target}" in charges(found, 1)) == is_moved
    if not is_moved:
        assert found.rows == run(small(), months=1).rows


def test_object_of_128_kb_is_not_small():
    cohort = small(size=128 * KB)
    found = run(cohort, moves(("STANDARD_IA", 0)), months=1)
    # 1,000 x 128 KB = 0.131072 GB x 0.0125, nothing padded; 1,000 requests x 0.01/1,000.
    assert charges(found, 1) == {
        "storage STANDARD_IA": D("0.0016384"),
        "transition STANDARD_IA": D("0.01"),
    }


def test_many_tiny_objects_lose_by_being_archived():
    # 10,000,000 x 1 KB. Standard: 10.24 GB x 0.023 = 0.23552 a month. Deep Archive: requests
    # 500.00 once, then 10.24 x 0.00099 + 327.68 x 0.00099 + 81.92 x 0.023 = 2.2187 a month.
    cohort = small(10_000_000, KB, age_days=400)
    before = run(cohort, months=12).total_cost
    after = run(cohort, moves(("DEEP_ARCHIVE", 180), minimum_size=BY_CLASS), months=12)
    assert before == D("2.82624")
    assert costs(after)[:2] == [D("502.2187"), D("2.2187")]


# --- Intelligent-Tiering --------------------------------------------------------------------------


def tiered(count=1000, rates=(), **changes):
    reads = ReadPattern(tuple((age, D(rate)) for age, rate in rates))
    return gb_objects(count, "INTELLIGENT_TIERING", reads=reads, **changes)


def test_intelligent_tiering_without_reads():
    # Frequent 23.00, infrequent from day 30 on 12.50, archive instant from day 90 on 4.00; 1,000
    # objects at 0.0025 per 1,000 each month.
    found = run(tiered())
    assert found.monthly_costs == (D("23.0025"), D("12.5025"), D("12.5025"), D("4.0025"))


def test_a_read_moves_objects_back():
    # All are read on day 120: frequent until day 149, infrequent until 209, archive instant after.
    # The reads: 1,000 x 0.0004/1,000; nothing is charged for the bytes.
    found = run(tiered(rates=[(120, 30), (121, 0)]), months=8)
    assert found.monthly_costs[3:] == (
        D("4.0025"),
        D("23.0029"),
        D("12.5025"),
        D("12.5025"),
        D("4.0025"),
    )


def test_what_is_in_intelligent_tiering_has_sunk_already():
    # 100 days in it without a read: archive instant from the first day on.
    found = run(tiered(age_days=200, class_days=100), months=1)
    assert found.total_cost == D("4.0025")


def test_reads_in_turn_keep_some_objects_frequent():
    # Half the objects are read in 30 days: from day 30 on, half of them have been idle for 30
    # days, and after 60 days all have been read. 500 x 0.023 + 500 x 0.0125 = 17.75; 500 reads.
    found = run(tiered(rates=[(0, "0.5")]))
    assert found.monthly_costs == (D("23.0027"), D("17.7527"), D("17.7527"), D("17.7527"))
    state = found.state[found.state["month_number"] == 4]
    assert dict(zip(state["tier_name"], state["stored_objects"], strict=True)) == {
        "frequent": 500,
        "infrequent": 500,
    }


def test_reads_of_a_few_objects_leave_the_others_idle():
    # All reads, 0.5 an object and 30 days, go to a tenth of the objects: nine tenths sink.
    cohort = gb_objects(
        1000, "INTELLIGENT_TIERING", reads=ReadPattern(((0, D("0.5")),), touched_share=D("0.1"))
    )
    # Month 4: 100 x 0.023 + 900 x 0.004 = 5.90; 0.0025; 500 reads x 0.0004/1,000.
    assert run(cohort).monthly_costs[3] == D("5.9027")


def test_small_objects_in_intelligent_tiering_stay_frequent_and_pay_no_fee():
    found = run(small(storage_class="INTELLIGENT_TIERING"))
    # 0.032768 GB x 0.023.
    assert found.monthly_costs == (D("0.000753664"),) * 4


def test_opt_in_archive_tiers():
    # Archive after 120 days, deep archive after 180: month 5 0.0036, month 7 0.00099.
    bucket = Bucket((tiered(),), archive_after_days=120, deep_archive_after_days=180)
    found = run(bucket, months=7)
    assert found.monthly_costs[3:] == (D("4.0025"), D("3.6025"), D("3.6025"), D("0.9925"))


def test_archive_tier_after_90_days_comes_before_archive_instant():
    found = run(Bucket((tiered(),), archive_after_days=90))
    assert charges(found, 4)["storage INTELLIGENT_TIERING archive"] == D("3.6")
    assert "storage INTELLIGENT_TIERING archive_instant" not in charges(found, 4)


def test_a_transition_starts_the_idle_days():
    # Moved on day 30; infrequent from day 60 on: months 23.00, 23.00 + 0.0025 + 0.01, 12.5025.
    found = run(gb_objects(1000), moves(("INTELLIGENT_TIERING", 30)))
    assert found.monthly_costs == (23, D("23.0125"), D("12.5025"), D("12.5025"))


# --- reads and restores ---------------------------------------------------------------------------


def test_reads_of_each_class():
    # 1,000 GB, each object read twice a month, half of it: 2,000 requests, 1,000 GB.
    # Standard: 2 x 0.0004; IA: 2 x 0.001 + 1,000 x 0.01; Instant: 2 x 0.01 + 1,000 x 0.03.
    reads = ReadPattern(((0, D(2)),), bytes_share=D("0.5"))
    expected = {"STANDARD": "23.0008", "STANDARD_IA": "22.502", "GLACIER_IR": "34.02"}
    for storage_class, cost in expected.items():
        cohort = gb_objects(1000, storage_class, reads=reads, age_days=100)
        assert run(cohort, months=1).total_cost == D(cost)


def test_restores_and_their_copies():
    # 0.3 reads an object and 30 days: 10 of 1,000 a day, 300 a month, each restored first.
    # Retrieval 300 x 0.01 = 3.00; requests 300 x 0.05/1,000 = 0.015; reads 300 x 0.0004/1,000.
    # Copies for 5 days: 10 + 20 + 30 + 40 + 26 x 50 = 1,400 GB-days / 30 x 0.023 = 1.0733.
    cohort = gb_objects(1000, "GLACIER", age_days=200, reads=ReadPattern(((0, D("0.3")),)))
    found = charges(run(cohort, months=1, terms=Terms(copy_days=5)), 1)
    assert found["retrieval GLACIER standard"] == 3
    assert found["retrieval_request GLACIER standard"] == D("0.015")
    assert found["read_request GLACIER"] == D("0.00012")
    assert found["restored_copy STANDARD"] == D("1.073333333333")


def test_objects_are_read_from_the_copy_while_it_is_there():
    # Read every day, an object is restored every fifth: 200 a day, 6,000 a month at 0.05/1,000;
    # copies 200, 400, 600, 800, then 1,000 GB: 28,000 GB-days / 30 x 0.023 = 21.4667.
    cohort = gb_objects(1000, "GLACIER", age_days=200, reads=ReadPattern(((0, D(30)),)))
    found = charges(run(cohort, months=1, terms=Terms(copy_days=5)), 1)
    assert found["retrieval_request GLACIER standard"] == D("0.3")
    assert found["retrieval GLACIER standard"] == 60
    assert found["read_request GLACIER"] == D("0.012")
    assert found["restored_copy STANDARD"] == D("21.466666666667")


def test_bulk_restores_are_free_and_named():
    cohort = gb_objects(1000, "GLACIER", age_days=200, reads=ReadPattern(((0, D("0.3")),)))
    found = charges(run(cohort, months=1, terms=Terms(restore_speed="bulk")), 1)
    assert found["retrieval GLACIER bulk"] == 0


def test_a_speed_without_a_price_is_refused():
    cohort = gb_objects(1, "GLACIER", reads=ReadPattern(((0, D(1)),)))
    with pytest.raises(ParameterError, match="overnight"):
        run(cohort, months=1, terms=Terms(restore_speed="overnight"))


def test_deep_archive_is_restored_at_standard_speed_where_expedited_is_asked_for():
    # 1,000 objects of 1 GB, each read 0.3 times in 30 days: 300 GB x $0.02 = $6.
    cohort = gb_objects(1000, "DEEP_ARCHIVE", age_days=200, reads=ReadPattern(((0, D("0.3")),)))
    found = charges(run(cohort, months=1, terms=Terms(restore_speed="expedited")), 1)
    assert found["retrieval DEEP_ARCHIVE standard"] == 6


# --- versions, uploads, new data ------------------------------------------------------------------

OLD = {"noncurrent_transitions": (NoncurrentTransition("GLACIER_IR", 30),)}


def test_expiry_of_a_versioned_bucket_saves_nothing_by_itself():
    found = run(Bucket((gb_objects(1000),), is_versioned=True), moves(expiration_days=30))
    assert found.monthly_costs == (23, 23, 23, 23)
    assert found.state["object_kind"].tolist() == ["current", *["noncurrent"] * 3]


def test_noncurrent_versions_have_their_own_rules():
    # Expired on day 30, in Instant Retrieval from day 60, deleted on day 150 after exactly 90 days.
    policy = moves(expiration_days=30, noncurrent_expiration_days=120, **OLD)
    found = run(Bucket((gb_objects(1000),), is_versioned=True), policy, months=6)
    assert found.monthly_costs == (23, 23, D("4.02"), 4, 4, 0)
    # A day less: 1 of 90 days is left, 1,000 x 1/30 x 0.004 = 0.1333, and month 5 is 29 days.
    policy = moves(expiration_days=30, noncurrent_expiration_days=119, **OLD)
    found = run(Bucket((gb_objects(1000),), is_versioned=True), policy, months=6)
    assert costs(found)[4:] == [4, 0]
    assert charges(found, 5) == {
        "storage GLACIER_IR": D("3.866666666667"),
        "early_delete GLACIER_IR": D("0.133333333333"),
    }


def test_noncurrent_versions_are_not_read():
    # Read 3 times a month, replaced on day 30: 3,000 reads x 0.0004/1,000 in month 1 alone.
    reads = ReadPattern(((0, D(3)),))
    bucket = Bucket((gb_objects(1000, reads=reads, replaced_at_age=30),), is_versioned=True)
    assert run(bucket, months=2).monthly_costs == (D("23.0012"), 23)


def test_a_rule_that_keeps_newer_versions():
    policy = moves(noncurrent_expiration_days=30, noncurrent_kept=2)
    kinds = {"kind": "noncurrent", "age_days": 100, "noncurrent_days": 40}
    # Unknown and too few newer versions: kept. Two newer ones: deleted on the first day.
    for newer, cost in ((None, 23), (1, 23), (2, 0)):
        found = run(gb_objects(1000, newer_versions=newer, **kinds), policy, months=1)
        assert found.total_cost == cost
    # Replaced every 10 days from age 10 on, two newer versions are there 20 days later; the rule's
    # 30 days are over on day 40: months 23.00 and 10/30 x 23.00.
    bucket = Bucket((gb_objects(1000, replaced_at_age=10),), is_versioned=True)
    assert costs(run(bucket, policy, months=2)) == [23, D("7.6667")]
    # With 5 kept it takes 50 days: day 60.
    policy = moves(noncurrent_expiration_days=30, noncurrent_kept=5)
    assert run(bucket, policy, months=3).monthly_costs == (23, 23, 0)


def test_incomplete_uploads_stay_until_they_are_aborted():
    # 70 GB of parts, aborted after 7 days: 70 x 7/30 x 0.023 = 0.3757. Nothing else touches them.
    upload = gb_objects(70, kind="upload")
    policy = moves(("GLACIER_IR", 0), expiration_days=1)
    assert run(upload, policy, months=1).total_cost == D("1.61")
    found = run(upload, moves(abort_upload_days=7), months=1)
    assert costs(found) == [D("0.3757")]


def test_new_data_every_day():
    # 100 GB a day. Month 1: (1 + ... + 30) x 100 = 46,500 GB-days / 30 x 0.023 = 35.65; month 2:
    # (31 + ... + 60) x 100 = 136,500: 104.65. 3,000 puts x 0.005/1,000 = 0.015 a month.
    bucket = Bucket((), (Arrival(gb_objects(100)),))
    found = run(bucket, months=2)
    assert found.monthly_costs == (D("35.665"), D("104.665"))
    assert found.flow["arrived_bytes"].tolist() == [3000 * GB, 3000 * GB]
    # Kept for 7 days, 700 GB are there on any day of month 2: 16.10.
    found = run(bucket, moves(expiration_days=7), months=2)
    assert found.monthly_costs[1] == D("16.115")


def test_new_data_every_month():
    # 1,000 GB on the first day of each month, from the second month on and not in the fourth.
    arrival = Arrival(gb_objects(1000), every="month", first_day=1, end_day=90)
    found = run(Bucket((), (arrival,)))
    assert found.monthly_costs == (0, D("23.005"), D("46.005"), 46)


def test_new_data_moves_at_its_own_age():
    # 1,000 GB on days 0, 30 and 60, moved 60 days later: month 3 holds 1,000 GB in Instant
    # Retrieval (day 60 on) and 2,000 GB in Standard: 4.00 + 46.00, put 0.005, transition 0.02.
    bucket = Bucket((), (Arrival(gb_objects(1000), every="month"),))
    found = run(bucket, moves(("GLACIER_IR", 60)), months=3)
    assert found.monthly_costs == (D("23.005"), D("46.005"), D("50.025"))


# --- the whole ------------------------------------------------------------------------------------


def test_a_rule_for_a_part_of_a_cohort_is_refused():
    with pytest.raises(ParameterError, match="told apart by 'data/old/'"):
        run(gb_objects(1), moves(("GLACIER_IR", 90), prefix="data/old/"))


def test_a_class_that_is_not_known_is_refused():
    with pytest.raises(ParameterError, match="EXPRESS_ONEZONE"):
        run(gb_objects(1, "EXPRESS_ONEZONE"))
    with pytest.raises(ParameterError, match="REDUCED_REDUNDANCY"):
        run(gb_objects(1), moves(("REDUCED_REDUNDANCY", 90)))


def test_a_date_needs_a_calendar():
    policy = Policy((Rule("r", expiration_date=date(2025, 1, 1)),))
    with pytest.raises(ParameterError, match="acts on the date 2025-01-01"):
        run(gb_objects(1), policy)


def test_rules_of_other_prefixes_and_tags_leave_a_cohort_alone():
    cohort = gb_objects(1, tags=(("team", "graph"),))
    rule = {"transitions": (Transition("GLACIER_IR", 0),)}
    for spared in ({"prefix": "logs/"}, {"tags": (("team", "web"),)}, {"is_enabled": False}):
        assert run(cohort, Policy((Rule("r", **rule, **spared),))).rows == run(cohort).rows
    policy = Policy((Rule("r", **rule, tags=(("team", "graph"),)),))
    assert run(cohort, policy).rows != run(cohort).rows


def test_an_empty_bucket_costs_nothing():
    found = run(Bucket(()), moves(("GLACIER_IR", 90)))
    assert found.monthly_costs == (0, 0, 0, 0)
    assert found.charges.empty
    assert found.state.empty
    assert found.flow["arrived_bytes"].tolist() == [0, 0, 0, 0]


def test_a_cohort_without_objects_is_no_cohort():
    assert run(Cohort("data/", "STANDARD", 0, 0)).rows == ()


def test_state_on_the_last_day_of_a_month():
    found = simulate(
        Bucket((gb_objects(10),)), moves(("GLACIER_IR", 30)), even_months(2), BOOK
    ).state
    assert found["storage_class"].tolist() == ["STANDARD", "GLACIER_IR"]
    assert found["stored_objects"].tolist() == [10, 10]
    assert found["size_bytes"].tolist() == [10 * GB, 10 * GB]
