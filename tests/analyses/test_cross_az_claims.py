"""What a document states of traffic between zones, and what follows where it is silent."""

from __future__ import annotations

from decimal import Decimal as D
from fractions import Fraction

import pytest
from cross_az_cases import INPUTS, analysed, changed, claimed, flows, put

from prismlib.analyses.cross_az_choices import Total
from prismlib.analyses.zone_model import share_in_words
from prismlib.findings import Severity, Verdict

BILLLESS = put(INPUTS, cost=None)  # its bill is synthetic and weighs nothing; faster


def without(*claim_ids, inputs=BILLLESS):
    claims = inputs.costs.claim
    return put(inputs, claim=claims[~claims["claim_id"].isin(claim_ids)].reset_index(drop=True))


def priced(sender, receiver):
    inputs = changed("unit_prices", ("item", "cross_az_sender_gb"), BILLLESS, usd=D(sender))
    return changed("unit_prices", ("item", "cross_az_receiver_gb"), inputs, usd=D(receiver))


# --- a stated price of both ends ------------------------------------------------------------------


def test_a_stated_price_of_both_ends_is_not_doubled():
    # 181,440,000 GB x 0.02 = 3,628,800, as stated; / 1,800,000 is 101.6 % more, as stated.
    figures = {"usd_per_gb": "0.02", "month_cost": "3628800", "change_pct": "101.6"}
    _, found = analysed(claimed(BILLLESS, **{f"cross_az_{k}": v for k, v in figures.items()}))
    assert "traffic.billed_at_both_ends" not in found
    cost, change = found["traffic.stated_cost"], found["traffic.stated_change"]
    assert (cost.value, cost.expected, cost.verdict) == (3_628_800, 3_628_800, Verdict.HOLDS)
    assert "price give $3,628,800 at both ends; stated is $3,628,800." in cost.statement
    assert (round(change.value, 4), change.verdict) == (D("101.6"), Verdict.HOLDS)
    assert found["traffic.month_length"].expected == 3_628_800


def test_a_price_table_that_asks_nothing_halves_no_stated_price():
    _, found = analysed(priced("0", "0"))
    assert found["traffic.stated_cost"].value == 1_814_400
    assert "at one end" in found["traffic.stated_cost"].statement
    assert "traffic.billed_at_both_ends" not in found


# --- a total that is not stated -------------------------------------------------------------------


@pytest.mark.parametrize(
    "inputs", [without("total_tb_per_s"), claimed(BILLLESS, total_tb_per_s="0")]
)
def test_a_total_that_is_not_stated_follows_from_the_rate_and_its_share(inputs):
    results, found = analysed(inputs)
    assert results.total == Total(D(1400), "stated")  # 70 / 5 %
    assert found["traffic.month_cost"].expected == 3_628_800


@pytest.mark.parametrize(
    "inputs",
    [
        without("total_tb_per_s", "cross_az_pct"),
        claimed(without("total_tb_per_s"), cross_az_pct="0"),
    ],
)
def test_a_total_that_follows_from_nothing_is_unknown(inputs):
    results, found = analysed(inputs)
    assert results.total is None
    assert found["traffic.month_cost"].verdict is Verdict.UNKNOWN
    assert "the total traffic is not known" in found["traffic.month_cost"].statement
    assert not any("100.0%" in f.statement for f in found.values())


# --- costs that cannot be recomputed --------------------------------------------------------------


@pytest.mark.parametrize(
    "inputs",
    [
        without("cross_az_gb_per_s"),
        without("cross_az_days"),
        without("total_tb_per_s", "cross_az_pct"),
        claimed(BILLLESS, cross_az_gb_per_s="1401"),  # more than the 1,400 of all
    ],
)
def test_a_stated_cost_that_cannot_be_recomputed_is_unknown(inputs):
    cost = analysed(inputs)[1]["traffic.stated_cost"]
    assert (cost.value, cost.expected, cost.verdict) == (None, 1_810_000, Verdict.UNKNOWN)
    assert cost.severity is Severity.HIGH
    assert "cannot be recomputed" in cost.statement


def test_where_no_cost_is_stated_none_is_missed():
    costs = [f"cross_az_{name}" for name in ("month_cost", "year_cost", "failed_year_cost")]
    _, found = analysed(without("cross_az_days", "cross_az_change_pct", *costs))
    assert "traffic.stated_cost" not in found


def test_a_change_may_be_negative():
    change = analysed(claimed(BILLLESS, cross_az_change_pct="-5"))[1]["traffic.stated_change"]
    assert (change.expected, change.verdict) == (-5, Verdict.CONTRADICTS)


# --- what the fleet can carry ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "verdict"),
    [
        (56.25, Verdict.HOLDS),  # 48 x 6.25 / 8 + 48 x 3.125 / 8 can be kept up
        (56.26, Verdict.CONTRADICTS),
        (86.5, Verdict.CONTRADICTS),  # 96 x 7.2 / 8 = 86.4 is what is stated
        (150.0, Verdict.CONTRADICTS),  # 96 x 12.5 / 8 in a burst
        (150.1, Verdict.INFEASIBLE),
    ],
)
def test_traffic_holds_up_to_what_can_be_kept_up(total, verdict):
    assert analysed(BILLLESS, total_gb_per_s=total)[1]["traffic.capacity"].verdict is verdict


def test_a_bandwidth_that_no_instance_has_proves_nothing():
    # At 1,000 Gbit/s 96 nodes would carry 12,000 GB/s; in a burst they carry 150.
    capacity = analysed(claimed(BILLLESS, network_gbps="1000"))[1]["traffic.capacity"]
    assert (capacity.value, capacity.verdict) == (150, Verdict.INFEASIBLE)


def test_what_is_said_to_cross_is_a_part_of_the_stated_total_only():
    words = "What is said to cross would be 81% of all that they carry."  # 70 / 86.4
    assert words in analysed(BILLLESS)[1]["traffic.capacity"].statement
    _, found = analysed(BILLLESS, total_gb_per_s=1400.0)
    assert "said to cross" not in found["traffic.capacity"].statement


# --- the share that is used -----------------------------------------------------------------------


def test_lines_are_held_against_the_share_that_is_used():
    # At both ends 0.063 %, 0.189 % and 2.480 %; 0.1 % is between the first two.
    _, found = analysed(BILLLESS, crossing="0.1")
    verdicts = {
        name: found[f"traffic.break_even.{name}"].verdict
        for name in ("tolerance", "limit", "budget")
    }
    assert verdicts == {
        "tolerance": Verdict.CONTRADICTS,
        "limit": Verdict.HOLDS,
        "budget": Verdict.HOLDS,
    }
    limit = found["traffic.break_even.limit"]
    assert limit.expected == D("0.1")
    assert limit.statement.endswith("The share that was set is 0.1%, the stated share 5.0%.")


def test_the_share_that_is_stated_too_is_named_once():
    results, found = analysed(BILLLESS, crossing="5")
    limit = found["traffic.break_even.limit"].statement
    assert limit.endswith("The share that was set is 5.0%.")
    assert results.at_stated is None
    month = found["traffic.month_cost"]
    assert (month.value, month.expected, month.verdict) == (3_628_800, None, Verdict.UNKNOWN)
    assert "stated" not in month.statement


def test_the_total_holds_the_traffic_at_the_share_that_is_set_or_measured():
    # 0.1 %: 1.4 GB/s x 2,592,000 s x 0.01 = 36,288; 961,978 + 36,288.
    assert analysed(BILLLESS, crossing="0.1")[1]["traffic.in_no_total"].value == 998_266
    # 10 GB a day for 30 days x 0.01 = 3.
    logs = put(BILLLESS, zone_flow=flows(("a", "a", 90), ("a", "b", 10)))
    assert round(analysed(logs)[1]["traffic.in_no_total"].value, 4) == 961_981
    # Placement measures nothing: the stated 5 %, 961,978 + 1,814,400.
    assert analysed(BILLLESS)[1]["traffic.in_no_total"].value == 2_776_378


def test_traffic_that_costs_nothing_is_missed_in_no_total():
    assert "traffic.in_no_total" not in analysed(BILLLESS, crossing="0")[1]
    assert "traffic.in_no_total" not in analysed(priced("0", "0"))[1]


def test_placement_works_at_the_share_that_is_set_or_measured():
    # 1,400 x 3,600 x (2/3 - 20 %) x 0.02 = 47,040, though 5 % is stated.
    assert analysed(BILLLESS, crossing="20")[1]["traffic.failure_hour"].value == 47_040
    # Of what is only expected or said the lowest: 2/3 - 5 %, whichever the page computes with.
    for crossing in ("as_built", "stated"):
        assert analysed(BILLLESS, crossing=crossing)[1]["traffic.failure_hour"].value == 62_160


@pytest.mark.parametrize(
    ("hours", "severity"),
    [
        (0.01, Severity.LOW),  # 621.60, times 12 is below 10,000
        (0.05, Severity.MEDIUM),  # 3,108 x 12 = 37,296
        (0.15, Severity.HIGH),  # 9,324 x 12 = 111,888
        (4.0, Severity.HIGH),  # 248,640 x 12 is above 1,000,000: still high
    ],
)
def test_an_incident_matters_by_its_amount(hours, severity):
    found = analysed(BILLLESS, incident_hours=hours)[1]["traffic.failure_hour"]
    assert found.severity is severity


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (Fraction(0), "0.0%"),
        (D("0.0001"), "0.010%"),
        (D("0.000123"), "0.012%"),
        (D("0.000999"), "0.100%"),
        (D("0.001"), "0.1%"),
        (Fraction(2, 3), "66.7%"),
        (Fraction(1), "100.0%"),
    ],
)
def test_a_small_share_is_not_said_to_be_none(ratio, words):
    assert share_in_words(ratio) == words


@pytest.mark.parametrize(
    ("failed", "words"),
    [
        ("0", "From 5.0% to 0.0% the cost falls to nothing,"),
        ("2", "From 5.0% to 2.0% the cost falls to 40.0%,"),  # 2 / 5
        ("5", "From 5.0% to 5.0% the cost stays,"),
        ("67", "From 5.0% to 67.0% the cost rises 13.4 times,"),  # 67 / 5
    ],
)
def test_a_cost_rises_stays_or_falls_with_the_failed_share(failed, words):
    found = analysed(claimed(BILLLESS, cross_az_failed_pct=failed))[1]
    assert words in found["traffic.failed_year_ratio"].statement


def test_a_stated_share_is_said_with_the_decimals_that_it_prints():
    where = ("claim_id", "cross_az_pct")
    small = changed("claim", where, BILLLESS, stated_value=D("0.01"), decimals=2)
    _, found = analysed(small)
    for name in ("stated_split", "as_built_share"):
        assert "stated is 0.01%." in found[f"traffic.{name}"].statement
