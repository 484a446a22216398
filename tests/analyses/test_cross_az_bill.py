"""Traffic between zones of real bills and flow logs, and of snapshots that hold next to nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from cross_az_cases import (
    DATA,
    INPUTS,
    analysed,
    bill,
    changed,
    charge,
    claimed,
    flows,
    inputs_of,
    only,
    placed,
    put,
)

from prismlib.analyses.cost_findings import judge_costs
from prismlib.analyses.cost_inputs import CostSettings
from prismlib.analyses.cost_variance import analyse_cost_variance
from prismlib.errors import ParameterError
from prismlib.findings import Severity, Verdict
from prismlib.tables import records

REGIONAL = "USW2-DataTransfer-Regional-Bytes"
COMPUTE = charge("USW2-BoxUsage:r6i.4xlarge", "100", "10", usage_unit="Hrs")
# 267,840 GB billed at both ends are 133,920 GB moved: 0.05 GB/s in the 31 days of October.
MONTH = charge(REGIONAL, "2678.40", "267840")
A, B = "usw2-az1", "usw2-az2"


def estimate_of(amount, currency="USD"):
    row = (
        DATA.tables["estimate"]
        .iloc[[0]]
        .assign(component="Unmapped", estimated_cost=D(amount), billing_currency=currency)
    )
    return row.reset_index(drop=True)


# --- the rate and the amount of the bill ----------------------------------------------------------


def test_rate_is_cost_over_quantity_of_the_bill():
    # 2,678.40 / 133,920 GB moved = 0.02, as listed: 0.01 at each end.
    results, found = analysed(only(cost=bill(MONTH, COMPUTE)))
    rate = found["traffic.bill_rate"]
    assert (rate.value, rate.expected) == (D("0.02"), D("0.02"))
    assert (rate.verdict, rate.severity) == (Verdict.HOLDS, Severity.INFO)
    assert rate.statement.endswith(": the same.")
    assert rate.provenance == "measured"
    assert results.rate.words == "the bill, both ends"
    assert (results.rate.per_gb_out, results.rate.per_gb_in) == (D("0.01"), D("0.01"))
    assert found["traffic.billed"].value == D("2678.40")
    assert "133,920 GB moved" in found["traffic.billed"].statement


def test_a_rate_ten_percent_off_is_used_and_said():
    # 2,946.24 / 133,920 = 0.022, ten percent above 0.02.
    dear = charge(REGIONAL, "2946.24", "267840")
    results, found = analysed(only("placement", cost=bill(dear, COMPUTE)))
    rate = found["traffic.bill_rate"]
    assert (rate.value, rate.verdict) == (D("0.022"), Verdict.CONTRADICTS)
    assert rate.severity is Severity.MEDIUM
    assert "+10.0%. The bill's rate is used." in rate.statement
    assert results.traffic.price_both_ends == D("0.022")


@pytest.mark.parametrize(
    ("cost", "verdict"), [("2705.18", Verdict.HOLDS), ("2705.19", Verdict.CONTRADICTS)]
)
def test_a_rate_within_one_percent_is_the_listed_one(cost, verdict):
    # 2,678.40 x 1.01 = 2,705.184.
    _, found = analysed(only(cost=bill(charge(REGIONAL, cost, "267840"))))
    assert found["traffic.bill_rate"].verdict is verdict


def test_total_is_what_crossed_over_the_share():
    # 0.05 GB/s cross; with 2/3 of the traffic crossing, all of it is 0.075 GB/s.
    results, found = analysed(only("placement", cost=bill(MONTH, COMPUTE)))
    assert results.traffic.total_gb_per_s == D("0.075")
    assert results.traffic.days == 31
    assert found["traffic.month_cost"].value == D("2678.4")
    results, _ = analysed(only(cost=bill(MONTH)), crossing="5", zones=3)
    assert results.traffic.total_gb_per_s == 1


def test_a_document_does_not_shorten_the_month_of_a_bill():
    results, found = analysed(only("claim", "placement", cost=bill(MONTH)))
    assert results.stated.value("cross_az_days") == 30
    assert results.traffic.days == 31
    assert found["traffic.month_cost"].value == D("2678.4")
    # The document's own figures are still for its own days.
    assert found["traffic.stated_cost"].value == 1_814_400


def test_a_synthetic_bill_measures_nothing():
    inputs = inputs_of({**DATA.tables, "cost": bill(MONTH, COMPUTE)}, is_bill_synthetic=True)
    results, found = analysed(inputs)
    assert results.traffic.total_gb_per_s == 1400
    assert results.rate.words == "the price table, both ends"
    assert not {"traffic.billed", "traffic.bill_rate", "traffic.unclassified"} & set(found)


def test_a_bill_of_an_open_month_is_for_its_own_days():
    # 10 of 31 days are over on 11 October: 86,400 GB billed are 43,200 moved in 864,000 s:
    # 0.05 GB/s; the month ends at 0.05 x 2,678,400 x 0.02 = 2,678.40. What is billed for the
    # 11th is not complete and left out. The part of a month is held against no limit of a month.
    charges = [charge(REGIONAL, "864", "86400"), charge(REGIONAL, "50", "5000", day=11), COMPUTE]
    tables = {
        "placement": DATA.tables["placement"],
        "cost": bill(*charges),
        "estimate": estimate_of(1000),
    }
    results, found = analysed(inputs_of(tables, as_of=date(2025, 10, 11)))
    assert found["traffic.billed"].value == 864
    assert results.traffic.total_gb_per_s == D("0.075")
    assert found["traffic.month_cost"].value == D("2678.4")
    assert results.thresholds.empty
    assert not [name for name in found if name.startswith("traffic.break_even")]


def test_a_bill_that_asks_nothing_is_believed():
    free = only("claim", "placement", cost=bill(charge(REGIONAL, "0", "267840")))
    results, found = analysed(free)
    assert (results.rate.per_gb_out, results.rate.per_gb_in, results.rate.words) == (
        0,
        0,
        "the bill",
    )
    assert (found["traffic.month_cost"].value, found["traffic.month_cost"].unit) == (0, "USD")
    assert found["traffic.bill_rate"].value == 0
    hour = found["traffic.failure_hour"]
    assert (hour.value, hour.severity) == (0, Severity.INFO)
    assert "crosses, and costs no more: a gigabyte that crosses costs nothing" in hour.statement
    assert results.alarms.empty
    assert found["traffic.best_remedy"].value is None


def test_a_bill_of_one_end_costs_that_end():
    # 133,920 GB sent at 0.01; the receivers are on another bill.
    sent = charge("USW2-DataTransfer-xAZ-Out-Bytes", "1339.20", "133920")
    results, found = analysed(only("placement", cost=bill(sent)))
    assert (results.rate.per_gb_out, results.rate.per_gb_in) == (D("0.01"), 0)
    assert results.rate.words == "the bill, one end of it"
    built = records(results.scenarios)[0]
    assert built["one_end_cost"] == built["both_ends_cost"] == D("1339.2")
    assert found["traffic.month_cost"].statement.endswith("$1,339 at the one end that is billed.")


# --- the bill and the document --------------------------------------------------------------------

BOTH_SAY = only("claim", "placement", cost=bill(MONTH, COMPUTE))


def test_a_bill_of_a_month_is_held_against_the_stated_cost():
    against = analysed(BOTH_SAY)[1]["traffic.billed_against_stated"]
    assert (against.value, against.expected) == (D("2678.40"), 1_810_000)
    assert (against.verdict, against.severity) == (Verdict.CONTRADICTS, Severity.CRITICAL)
    assert against.provenance == "measured"
    assert against.statement == (
        "The bill of 2025-10 lists $2,678 for traffic between zones; the document states "
        "$1,810,000 a month."
    )


def test_a_stated_cost_that_the_bill_rounds_to_holds():
    where = ("claim_id", "cross_az_month_cost")
    right = changed("claim", where, BOTH_SAY, stated_value=D(2678), decimals=0)
    against = analysed(right)[1]["traffic.billed_against_stated"]
    assert (against.verdict, against.severity) == (Verdict.HOLDS, Severity.INFO)


def test_what_cannot_be_compared_is_held_against_no_stated_cost():
    tables = {name: DATA.tables[name] for name in ("claim", "placement")}
    part = inputs_of({**tables, "cost": bill(MONTH)}, as_of=date(2025, 10, 11))
    euros = only("claim", "placement", **EUROS)
    synthetic = inputs_of({**tables, "cost": bill(MONTH)}, is_bill_synthetic=True)
    for inputs in (part, euros, synthetic, only("placement", cost=bill(MONTH))):
        assert "traffic.billed_against_stated" not in analysed(inputs)[1]


def test_a_total_that_follows_from_a_bill_is_for_its_share_only():
    results, found = analysed(BOTH_SAY)
    assert (results.total.name, results.at_stated) == ("bill", None)
    assert found["traffic.month_cost"].expected is None
    assert "with the stated share" not in found["traffic.month_cost"].statement
    # With the total set, 1,400 x 5 % x 2,678,400 s x 0.02.
    results, found = analysed(BOTH_SAY, total_gb_per_s=1400.0)
    assert results.total.name == "setting"
    assert found["traffic.month_cost"].expected == 3_749_760
    assert "with the stated share it would be $3,749,760" in found["traffic.month_cost"].statement


# --- what is unclassified -------------------------------------------------------------------------


def test_unclassified_is_reported_at_zero():
    none = analysed(only(cost=bill(MONTH, COMPUTE)))[1]["traffic.unclassified"]
    assert (none.value, none.verdict, none.severity) == (0, Verdict.HOLDS, Severity.INFO)
    assert none.statement.startswith("0 lines of the bill, $0 in all")


def test_unclassified_is_reported_with_its_cost():
    odd = charge("USW2-Quantum-Out-Bytes", "12.34", "7")
    found = analysed(only(cost=bill(MONTH, odd)))[1]["traffic.unclassified"]
    assert (found.value, found.verdict) == (D("12.34"), Verdict.UNKNOWN)
    assert found.statement.startswith("1 line of the bill, $12.34 in all")
    assert "A rule is needed" in found.statement


def test_a_bill_without_such_a_line_is_no_cost_of_zero():
    results, found = analysed(only(cost=bill(COMPUTE)))
    billed = found["traffic.billed"]
    assert (billed.value, billed.verdict) == (None, Verdict.UNKNOWN)
    assert "no cost of zero" in billed.statement
    assert results.bill is None
    assert "traffic.unclassified" in found


# --- what the total holds -------------------------------------------------------------------------


def test_a_bill_that_lists_the_traffic_leaves_it_out_of_no_total():
    tables = {name: DATA.tables[name] for name in ("claim", "fleet", "placement", "estimate")}
    for charges, is_missing in (((MONTH, COMPUTE), False), ((COMPUTE,), True)):
        inputs = inputs_of({**tables, "cost": bill(*charges)})
        costs = analyse_cost_variance(inputs.costs, CostSettings())
        names = set(costs.excluded["item_name"])
        assert ("Traffic between zones" in names) is is_missing
        assert "Instances in the recovery region" in names
        ids = {f.id for f in judge_costs(inputs.costs, CostSettings(), costs)}
        assert ("cost.excluded.cross_az" in ids) is is_missing
        assert ("traffic.in_no_total" in analysed(inputs)[1]) is is_missing


def test_thresholds_take_the_traffic_out_of_the_current_cost_first():
    # Without the traffic 100 is spent; 10 % above 1,000 leaves 1,000 for it, 20 % leaves 1,100.
    inputs = only("placement", cost=bill(MONTH, COMPUTE), estimate=estimate_of(1000))
    results, found = analysed(inputs)
    allowed = [row["allowed_cost"] for row in records(results.thresholds)]
    assert allowed == [1000, 1100]
    # 0.075 GB/s x 2,678,400 s x 0.02 = 4,017.60 if all crossed: 1,100 / 4,017.60 = 27.3795 %.
    limit = records(results.thresholds)[1]
    assert round(limit["both_ends_crossing_pct"], 4) == D("27.3795")
    assert found["traffic.break_even.limit"].verdict is Verdict.CONTRADICTS  # 66.7 % is above
    cheap = only("placement", cost=bill(MONTH, COMPUTE), estimate=estimate_of(10_000))
    assert analysed(cheap)[1]["traffic.break_even.limit"].verdict is Verdict.HOLDS


# --- another currency -----------------------------------------------------------------------------

EUROS = {
    "cost": bill(
        charge(REGIONAL, "2678.40", "267840", currency="EUR"),
        charge("USW2-BoxUsage:x", "100", "10", currency="EUR", usage_unit="Hrs"),
    ),
}


def test_a_bill_in_euros_is_compared_with_no_dollars():
    results, found = analysed(only("claim", "placement", "fleet", **EUROS))
    assert results.currency == "EUR"
    assert results.traffic.price_both_ends == D("0.02")
    assert "traffic.bill_rate" not in found  # the price table is in dollars
    assert results.thresholds.empty  # the stated target is in dollars too
    month = found["traffic.month_cost"]
    assert (month.unit, month.value) == ("EUR", D("2678.4"))
    assert "$" not in month.statement + found["traffic.billed"].statement
    assert found["traffic.billed"].unit == "EUR"
    assert found["traffic.unclassified"].unit == "EUR"
    # Listed prices of nodes are in dollars: what adds nodes or cores is not known.
    remedies = {row["remedy_name"]: row for row in records(results.remedies)}
    assert remedies["Two zones"]["added_cost"] is None
    assert remedies["Compression between zones"]["net_effect"] is None
    assert remedies["Compression between zones"]["saved_cost"] == D("1339.2")


def test_a_budget_that_is_set_is_in_the_currency_of_the_bill():
    results, _ = analysed(only("placement", **EUROS), budget_per_month=1000.0)
    (budget,) = records(results.thresholds)
    assert (budget["allowed_cost"], budget["billing_currency"]) == (1000, "EUR")


def test_euros_are_compared_with_an_estimate_in_euros():
    results, _ = analysed(only("placement", estimate=estimate_of(1000, "EUR"), **EUROS))
    assert [row["allowed_cost"] for row in records(results.thresholds)] == [1000, 1100]


def test_traffic_in_dollars_is_held_against_no_total_in_euros():
    euros = {
        name: DATA.tables[name].assign(billing_currency="EUR")
        for name in ("estimate", "stated_actual")
    }
    results, found = analysed(put(INPUTS, cost=None, **euros))
    assert results.currency == "USD"
    assert [row["threshold_name"] for row in records(results.thresholds)] == ["Budget"]
    assert "traffic.in_no_total" not in found
    assert found["traffic.month_cost"].value == 48_384_000


# --- flow logs ------------------------------------------------------------------------------------


def test_what_flow_logs_show_goes_before_placement_and_document():
    # 10 of 100 GB cross; in two days that is 100 / 172,800 GB/s.
    logs = flows((A, A, 60), (B, B, 30), (A, B, 6), (B, A, 4), days=2)
    results, found = analysed(put(INPUTS, zone_flow=logs))
    assert list(results.shares) == ["measured", "as_built", "stated"]
    assert results.chosen.name == "measured"
    assert results.traffic.crossing_ratio == D("0.1")
    assert round(results.traffic.total_gb_per_s, 9) == D("0.000578704")
    share = found["traffic.measured_share"]
    assert (share.value, share.expected, share.verdict) == (10, 5, Verdict.CONTRADICTS)
    assert share.provenance == "measured"
    assert share.statement == "Flow logs of 2 days show that 10.00% crosses; stated is 5%."


def test_a_measured_share_that_rounds_to_the_stated_one_holds():
    _, found = analysed(put(INPUTS, zone_flow=flows((A, A, 951), (A, B, 49))))
    share = found["traffic.measured_share"]
    assert (share.value, share.verdict, share.severity) == (D("4.9"), Verdict.HOLDS, Severity.INFO)


def test_unknown_zones_bound_the_share():
    # Of 200 GB, 20 cross, 80 stay, of 100 a zone is unknown: 20 / 100 of what is known;
    # 20 / 200 at least, (20 + 100) / 200 at most.
    logs = flows((A, A, 80), (A, B, 20), (A, "", 60), ("", "", 40))
    results, found = analysed(only(zone_flow=logs))
    share = found["traffic.measured_share"]
    assert share.value == 20
    assert "20.00% crosses (10.00% to 60.00%, as a zone of some is not known)." in share.statement
    # Alone they give everything: two zones, 200 GB in 86,400 s, 31 days, the price table.
    # 200 x 31 x 20 % x 0.02.
    month = found["traffic.month_cost"]
    assert results.zones == 2
    assert round(month.value, 6) == D("24.8")
    assert month.verdict is Verdict.HOLDS  # it is measured


def test_flow_logs_without_any_zone_measure_no_share():
    _, found = analysed(only(zone_flow=flows(("", "", 40))), crossing="5", zones=3)
    share = found["traffic.measured_share"]
    assert (share.value, share.verdict) == (None, Verdict.UNKNOWN)


# --- next to nothing ------------------------------------------------------------------------------

SPARSE = {
    "nothing": ({}, "the total traffic, a share that crosses and the number of zones"),
    "only an estimate": (
        {"estimate": DATA.tables["estimate"]},
        "the total traffic, a share that crosses and the number of zones",
    ),
    "only placement": ({"placement": DATA.tables["placement"]}, "the total traffic"),
    "only a bill": (
        {"cost": bill(MONTH, COMPUTE)},
        "the total traffic, a share that crosses and the number of zones",
    ),
    "a bill and clients": (
        {"cost": bill(MONTH), "placement": placed(("client", A, 3), ("client", B, 3))},
        "the total traffic and a share that crosses",
    ),
}


@pytest.mark.parametrize("name", SPARSE)
def test_what_cannot_be_said_is_unknown_and_names_what_is_missing(name):
    tables, missing = SPARSE[name]
    results, found = analysed(inputs_of(tables))
    month = found["traffic.month_cost"]
    assert (month.value, month.verdict) == (None, Verdict.UNKNOWN)
    assert missing in month.statement
    assert results.traffic is None
    for table in ("scenarios", "thresholds", "sensitivity", "alarms", "remedies"):
        assert getattr(results, table).empty


def test_claims_alone_are_enough_for_the_month_and_prove_nothing():
    results, found = analysed(only("claim"))
    month = found["traffic.month_cost"]
    assert (month.value, month.verdict) == (3_628_800, Verdict.UNKNOWN)
    assert [row["threshold_name"] for row in records(results.thresholds)] == ["Budget"]
    assert "traffic.in_no_total" not in found
    assert found["traffic.best_remedy"].value is None


# --- one zone -------------------------------------------------------------------------------------


def test_in_one_zone_nothing_crosses_and_nothing_is_to_be_done():
    here = placed(("primary", A, 2), ("client", A, 5))
    results, found = analysed(only(placement=here), total_gb_per_s=10.0)
    assert results.zones == 1
    assert found["traffic.month_cost"].value == 0
    assert found["traffic.failure_hour"].value == 0
    assert "no more than the 0.0%" in found["traffic.failure_hour"].statement
    assert found["traffic.best_remedy"].value is None
    assert results.alarms.empty
    assert "traffic.one_zone.primary" not in found  # there is no other zone to be in


def test_a_share_that_crosses_in_one_zone_is_refused():
    for inputs, more, words in (
        (only("claim"), {}, "the stated share is 5.0%"),
        (only("estimate"), {"crossing": "7"}, "the share that was set is 7.0%"),
        (only("estimate"), {"failed_pct": 30.0}, "when placement fails is 30.0%"),
    ):
        with pytest.raises(ParameterError, match=words) as caught:
            analysed(inputs, zones=1, **more)
        assert caught.value.name == "zones"


@pytest.mark.parametrize("zones", [1, 2])
def test_fewer_zones_than_the_placement_names_are_refused(zones):
    with pytest.raises(ParameterError, match=r"at least 3: placement\.csv places nodes in us"):
        analysed(zones=zones)


def test_a_share_that_the_snapshot_lacks_is_refused():
    with pytest.raises(ParameterError, match="as_built, stated"):
        analysed(crossing="measured")
    with pytest.raises(ParameterError, match="it has none"):
        analysed(only("estimate"), crossing="stated")


def test_a_failure_that_lets_less_cross_costs_nothing_more():
    results, found = analysed(put(claimed(cross_az_pct="70"), cost=None, placement=None))
    hour = found["traffic.failure_hour"]
    assert "66.7% crosses, no more than the 70.0% that cross anyway" in hour.statement
    assert "traffic.alarm" not in found
    assert results.alarms.empty
