"""The findings on traffic between zones, worked by hand from the memo, and on changed samples.

Expected values are arithmetic on the memo's own figures and on documented prices and bandwidths,
written out beside each; none is taken from a run.
"""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from cross_az_cases import DATA, INPUTS, analysed, changed, claimed, placed, put

from prismlib.errors import ParameterError
from prismlib.findings import Severity, Verdict, dumps
from prismlib.tables import records

RESULTS, SAMPLE = analysed()

HOLDS, ROUNDING, CONTRADICTS = Verdict.HOLDS, Verdict.ROUNDING, Verdict.CONTRADICTS
UNKNOWN, NOT_REPRODUCIBLE, INFEASIBLE = (
    Verdict.UNKNOWN,
    Verdict.NOT_REPRODUCIBLE,
    Verdict.INFEASIBLE,
)
CRITICAL, HIGH, MEDIUM, LOW, INFO = (
    Severity.CRITICAL,
    Severity.HIGH,
    Severity.MEDIUM,
    Severity.LOW,
    Severity.INFO,
)

CASES = [
    # 70 GB/s x 86,400 s x 30 d = 181,440,000 GB; x 0.01 = 1,814,400; printed as 1.81M.
    ("stated_cost", "1814400", "1810000", ROUNDING, LOW),
    # 14,400 / 1,800,000; the stated +0.6 % is 10,000 / 1,800,000 = 0.56 %: of the rounded cost.
    ("stated_change", "0.8", "0.6", ROUNDING, LOW),
    # 70 / 1,400; 1.33 + 0.07 = 1.4.
    ("stated_split", "5", "5", HOLDS, INFO),
    # 961,978 (the nine lines) + 1,814,400.
    ("in_no_total", "2776378", "961978", CONTRADICTS, CRITICAL),
    # 181,440,000 GB x (0.01 + 0.01).
    ("billed_at_both_ends", "3628800", "1814400", CONTRADICTS, CRITICAL),
    # 70 x 3,600 x 730 x 0.01 = 1,839,600.
    ("month_length", "1839600", "1814400", ROUNDING, LOW),
    # 70 x 86,400 x 365 x 0.01.
    ("year_cost", "22075200", "18000000", NOT_REPRODUCIBLE, HIGH),
    # 1,400 x 0.67 = 938 GB/s; x 86,400 x 365 x 0.01.
    ("failed_year_cost", "295807680", "365000000", NOT_REPRODUCIBLE, HIGH),
    # 67 / 5; 365 / 18 = 20.2777...
    ("failed_year_ratio", "13.4", "20.2778", CONTRADICTS, HIGH),
    # 1,800,000 x 12.
    ("target_year", "21600000", "18000000", CONTRADICTS, MEDIUM),
    # (3 - 1) / 3; 67 is that, rounded.
    ("failed_share", "66.6667", "67", HOLDS, INFO),
    # Primaries in one of three zones, clients in all: a client in two of three zones crosses.
    ("as_built_share", "66.6667", "5", CONTRADICTS, CRITICAL),
    # 16 of 16; evenly it would be a third.
    ("one_zone.primary", "100", "33.3333", CONTRADICTS, CRITICAL),
    # 2/3 x 1,400 x 86,400 x 30 = 2,419,200,000 GB x 0.02; at 5 %: 3,628,800.
    ("month_cost", "48384000", "3628800", CONTRADICTS, CRITICAL),
    # 96 x 7.2 / 8.
    ("capacity", "86.4", "1400", INFEASIBLE, CRITICAL),
    # One instance of 96 is 1.0417 %.
    ("measurement_method", "1.0417", None, INFEASIBLE, HIGH),
    ("measured_share", None, None, UNKNOWN, HIGH),
    # 86.4e9 / 1.15e9 = 75.13 bytes; 1,400e9 / 1.15e9 = 1,217.39 bytes.
    ("bytes_per_operation", "75.1304", "1217.3913", CONTRADICTS, HIGH),
    # 915,916 x 1.1 - 961,978 = 45,529.60; all of the traffic at one end is
    # 1,400 x 86,400 x 30 x 0.01 = 36,288,000: 0.125467 %; judged is the share that is used, 2/3.
    ("break_even.tolerance", "0.1255", "66.6667", CONTRADICTS, CRITICAL),
    # 915,916 x 1.2 - 961,978 = 137,121.20 / 36,288,000 = 0.377869 %.
    ("break_even.limit", "0.3779", "66.6667", CONTRADICTS, CRITICAL),
    # 1,800,000 / 36,288,000.
    ("break_even.budget", "4.9603", "66.6667", CONTRADICTS, CRITICAL),
    # 1,400 x 3,600 x (2/3 - 5 %) = 3,108,000 GB an hour more; x 0.02.
    ("failure_hour", "62160", None, HOLDS, HIGH),
    # 24 h x 62,160; 15 min (a period of 5, then 2 in a row) x 62,160 / 60.
    ("alarm", "1491840", "15540", UNKNOWN, CRITICAL),
    # 80 % of 48,384,000; a copy of each shard is in each zone: nothing is added.
    ("best_remedy", "38707200", None, UNKNOWN, CRITICAL),
]


@pytest.mark.parametrize(("name", "value", "expected", "verdict", "severity"), CASES)
def test_sample_finding(name, value, expected, verdict, severity):
    found = SAMPLE[f"traffic.{name}"]
    assert (None if found.value is None else round(found.value, 4)) == (
        None if value is None else D(value)
    )
    assert (None if found.expected is None else round(found.expected, 4)) == (
        None if expected is None else D(expected)
    )
    assert (found.verdict, found.severity) == (verdict, severity)


def test_sample_has_no_other_finding():
    assert set(SAMPLE) == {f"traffic.{name}" for name, *_ in CASES}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("stated_cost", "$4,400 is lost by rounding"),  # 1,814,400 - 1,810,000
        ("stated_change", "change of the rounded cost"),
        ("stated_split", "1.33 TB/s stay inside a zone: the parts add up."),
        ("in_no_total", "$4,590,778"),  # 961,978 + 3,628,800
        ("month_length", "+1.4%"),  # 730 / 720
        ("year_cost", "$44,150,400 at both"),  # 2 x 22,075,200
        ("year_cost", "a share of 4.08%"),  # 18,000,000 / (1,400 x 86,400 x 365 x 0.01)
        # 3 shares x 2 ends x 2 lengths (365 days, 12 x 30 days) x 3 units.
        ("year_cost", "None of 36 combinations"),
        ("failed_year_cost", "$591,615,360 at both"),  # 2 x 295,807,680
        ("failed_year_cost", "a share of 82.67%"),  # 365,000,000 / 441,504,000
        ("failed_year_ratio", "13.4 times"),
        ("failed_year_ratio", "20.3 times apart"),
        ("target_year", "$1,500,000 a month"),  # 18,000,000 / 12
        ("as_built_share", "$24,192,000 a month at one end and $48,384,000 at both"),
        ("one_zone.primary", "16 of 16 primary nodes in us-west-2a"),
        ("capacity", "86.4 GB/s at 7.2 Gbit/s"),
        ("capacity", "150 GB/s in a burst"),  # 96 x 12.5 / 8
        ("capacity", "56.25 GB/s"),  # 48 x 6.25 / 8 + 48 x 3.125 / 8 = 37.5 + 18.75
        ("capacity", "1,556 nodes"),  # 1,400 x 8 / 7.2 = 1,555.6
        ("capacity", "$2,985,984"),  # 86.4 x 2/3 x 86,400 x 30 x 0.02
        ("capacity", "81% of all that they carry"),  # 70 / 86.4
        ("measurement_method", "one instance of 96"),
        ("bytes_per_operation", "1,217.4 bytes"),
        ("bytes_per_operation", "leaves 75.1."),
        ("break_even.tolerance", "at one end, or 0.063% at both"),  # 45,529.60 / 72,576,000
        ("break_even.limit", "at one end, or 0.189% at both"),  # 137,121.20 / 72,576,000
        ("break_even.budget", "at one end, or 2.480% at both"),  # 1,800,000 / 72,576,000
        ("break_even.budget", "where the nodes run is 66.7%, the stated share 5.0%."),
        ("failure_hour", "an incident of 4 hours costs $248,640"),  # 4 x 62,160
        ("alarm", "after 24 hours"),
        ("alarm", "after 15 minutes"),
    ],
)
def test_sample_statement_says(name, words):
    assert words in SAMPLE[f"traffic.{name}"].statement


def test_sample_is_said_to_be_stated():
    assert {f.provenance for f in SAMPLE.values()} == {"stated"}
    assert all(e.observed_at for f in SAMPLE.values() for e in f.evidence)
    assert all(f.notebook == "cross_az_traffic" for f in SAMPLE.values())


def test_sample_states_in_the_table():
    # GB of a month x 0.01 and x 0.02, and 365 days at both ends:
    # 2/3: 1,400 x 2/3 x 31,536,000 x 0.02 = 588,672,000; 5 %: 70 x ... = 44,150,400;
    # 67 %: 938 GB/s = 2,431,296,000 GB a month, 591,615,360 a year.
    rows = records(RESULTS.scenarios)
    assert [
        (r["scenario_name"], r["moved_gb"], r["one_end_cost"], r["both_ends_cost"]) for r in rows
    ] == [
        ("As built", 2_419_200_000, 24_192_000, 48_384_000),
        ("As stated", 181_440_000, 1_814_400, 3_628_800),
        ("Placement failed, as stated", 2_431_296_000, 24_312_960, 48_625_920),
        ("Placement at random", 2_419_200_000, 24_192_000, 48_384_000),
    ]
    assert [r["yearly_cost"] for r in rows] == [588_672_000, 44_150_400, 591_615_360, 588_672_000]


def test_sample_remedies_worked_by_hand():
    remedies = {row["remedy_name"]: row for row in records(RESULTS.remedies)}
    # Half of 2,419,200,000 GB x 0.02 is saved; 933.33 GB/s / 0.5 = 1,866.67 cores, the cheapest
    # vCPU is that of c6i.2xlarge at 0.34 / 8 = 0.0425: x 730 h = 57,913.33.
    compressed = remedies["Compression between zones"]
    assert compressed["saved_cost"] == 24_192_000
    assert round(compressed["added_cost"], 2) == D("57913.33")
    # 1/2 crosses instead of 2/3: a quarter of 48,384,000 less. 48 nodes become 64 (2/3 of 48 must
    # be left when one of two zones fails): 16 x 1.008 x 730 = 11,773.44.
    two = remedies["Two zones"]
    assert (two["saved_cost"], two["added_cost"]) == (12_096_000, D("11773.44"))
    assert two["advice"] == "do not"
    # No routing helps while all primaries are in one zone.
    assert remedies["Zone-aware routing"]["advice"] == "do not"
    assert remedies["A copy of every shard in every zone"]["advice"] == "already so"
    assert remedies["Balancers keep to their zone"]["advice"] == "unknown"


# --- a changed input changes what depends on it, and nothing else ---------------------------------

HALF_RATE = {"cross_az_gb_per_s": "35"}
EVEN = placed(
    *[("primary", zone, 16) for zone in ("a", "b", "c")],
    *[("replica", zone, 16) for zone in ("a", "b", "c")],
    ("client", "", 1000),
)


def fleet_of(count):
    inputs = changed("fleet", ("component", "Redis EC2 (reserved)"), deployed_count=D(count))
    return changed("fleet", ("component", "Proxy EC2 (reserved)"), inputs, deployed_count=D(count))


def priced(sender, receiver):
    inputs = changed("unit_prices", ("item", "cross_az_sender_gb"), usd=D(sender))
    return changed("unit_prices", ("item", "cross_az_receiver_gb"), inputs, usd=D(receiver))


CHANGES = {
    # 35 x 86,400 x 30 x 0.01.
    "rate": (
        claimed(**HALF_RATE),
        {
            "stated_cost": ("907200", "1810000", CONTRADICTS),
            # 907,200 / 1,800,000 - 1; the stated cost is not that cost, rounded or not.
            "stated_change": ("-49.6", "0.6", CONTRADICTS),
            "stated_split": ("2.5", "5", CONTRADICTS),  # 35 / 1,400; 1.33 + 0.035 is not 1.4
            "billed_at_both_ends": ("1814400", "907200", CONTRADICTS),
            "month_length": ("919800", "907200", ROUNDING),  # 35 x 3,600 x 730 x 0.01
            "year_cost": ("11037600", "18000000", NOT_REPRODUCIBLE),
            "failed_year_ratio": ("26.8", "20.2778", CONTRADICTS),  # 67 / 2.5
        },
        ("as_built_share", "month_cost", "failed_year_cost", "failure_hour", "break_even.limit"),
    ),
    # 0.015 at the sender as stated, and 0.01 at the receiver: 181,440,000 x 0.015, and x 0.025.
    "stated price": (
        claimed(cross_az_usd_per_gb="0.015"),
        {
            "stated_cost": ("2721600", "1810000", CONTRADICTS),
            "billed_at_both_ends": ("4536000", "2721600", CONTRADICTS),
            "month_length": ("2759400", "2721600", ROUNDING),  # 70 x 3,600 x 730 x 0.015
            "year_cost": ("33112800", "18000000", NOT_REPRODUCIBLE),  # 22,075,200 x 1.5
        },
        ("month_cost", "failure_hour", "in_no_total", "capacity", "failed_year_ratio"),
    ),
    # 0.02 is what the price table asks of both ends, 0.01 + 0.01: it is the whole price already.
    "stated price of both ends": (
        claimed(cross_az_usd_per_gb="0.02"),
        {
            "stated_cost": ("3628800", "1810000", CONTRADICTS),
            "stated_change": ("101.6", "0.6", CONTRADICTS),  # 3,628,800 / 1,800,000 - 1
            "month_length": ("3679200", "3628800", ROUNDING),  # 70 x 3,600 x 730 x 0.02
        },
        ("year_cost", "month_cost", "failure_hour", "in_no_total", "capacity"),
    ),
    # 1,814,400 printed in full is right; the change is then computed from it no more.
    "stated cost": (
        claimed(cross_az_month_cost="1814400"),
        {
            "stated_cost": ("1814400", "1814400", HOLDS),
            "stated_change": ("0.8", "0.6", CONTRADICTS),
        },
        ("billed_at_both_ends", "month_length", "month_cost"),
    ),
    # 1,814,400 / 900,000 = 2.016; 900,000 / 36,288,000 = 2.4802 %; 12 x 900,000.
    "target": (
        claimed(cross_az_target="900000"),
        {
            "stated_change": ("101.6", "0.6", CONTRADICTS),
            "target_year": ("10800000", "18000000", CONTRADICTS),
            "break_even.budget": ("2.4802", "66.6667", CONTRADICTS),
        },
        ("billed_at_both_ends", "break_even.limit", "year_cost"),
    ),
    # 21.6 million is twelve months of the target; a year at 5 % is 22.08, and prints as 22.
    "year": (
        claimed(cross_az_year_cost="22000000"),
        {
            "year_cost": ("22075200", "22000000", HOLDS),
            "target_year": ("21600000", "22000000", HOLDS),
            "failed_year_ratio": ("13.4", "16.5909", CONTRADICTS),  # 365 / 22
        },
        ("failed_year_cost", "month_cost"),
    ),
    # 295,807,680 prints as 296 million; 296 / 18 = 16.4444.
    "failed year": (
        claimed(cross_az_failed_year_cost="296000000"),
        {
            "failed_year_cost": ("295807680", "296000000", HOLDS),
            "failed_year_ratio": ("13.4", "16.4444", CONTRADICTS),
        },
        ("year_cost", "failed_share"),
    ),
    # 1,400 x 0.5 x 86,400 x 365 x 0.01 = 220,752,000; 50 / 5 = 10.
    "failed share": (
        claimed(cross_az_failed_pct="50"),
        {
            "failed_share": ("66.6667", "50", CONTRADICTS),
            "failed_year_cost": ("220752000", "365000000", NOT_REPRODUCIBLE),
            "failed_year_ratio": ("10", "20.2778", CONTRADICTS),
        },
        ("as_built_share", "failure_hour", "year_cost"),
    ),
    "days": (
        claimed(cross_az_days="31"),
        {
            # 70 x 86,400 x 31 x 0.01 = 1,874,880; all at one end 37,497,600.
            "stated_cost": ("1874880", "1810000", CONTRADICTS),
            "month_length": ("1839600", "1874880", ROUNDING),
            "month_cost": ("49996800", "3749760", CONTRADICTS),
            "break_even.limit": ("0.3657", "66.6667", CONTRADICTS),  # 137,121.20 / 37,497,600
        },
        ("failure_hour", "failed_share", "target_year"),
    ),
    # 2,800 GB/s: 2.5 % crosses by the document's own rate; all at one end is 72,576,000.
    "total": (
        claimed(total_tb_per_s="2.8"),
        {
            "stated_split": ("2.5", "5", CONTRADICTS),
            "month_cost": ("96768000", "7257600", CONTRADICTS),
            "capacity": ("86.4", "2800", INFEASIBLE),
            "bytes_per_operation": ("75.1304", "2434.7826", CONTRADICTS),
            "break_even.limit": ("0.1889", "66.6667", CONTRADICTS),
            "failure_hour": ("124320", None, HOLDS),
        },
        ("stated_cost", "billed_at_both_ends", "failed_share"),
    ),
    "placement": (
        put(
            INPUTS,
            placement=placed(
                *[("primary", zone, n) for zone, n in (("a", 8), ("b", 4), ("c", 4))],
                *[("client", zone, n) for zone, n in (("a", 600), ("b", 200), ("c", 200))],
            ),
        ),
        {
            # 1 - (0.6 x 0.5 + 0.2 x 0.25 + 0.2 x 0.25) = 0.6; 0.6 x 3,628,800,000 GB x 0.02.
            "as_built_share": ("60", "5", CONTRADICTS),
            "month_cost": ("43545600", "3628800", CONTRADICTS),
            "break_even.limit": ("0.3779", "60", CONTRADICTS),
        },
        ("stated_cost", "failure_hour", "failed_share", "in_no_total"),
    ),
    # 960 + 960 nodes x 7.2 / 8 = 1,728 GB/s; 1,728e9 / 1.15e9 = 1,502.6 bytes. Kept up are only
    # 960 x (6.25 + 3.125) / 8 = 1,125 GB/s, less than 1,400.
    "fleet": (
        fleet_of(960),
        {
            "capacity": ("1728", "1400", CONTRADICTS),
            "bytes_per_operation": ("1502.6087", "1217.3913", HOLDS),
            "measurement_method": ("0.0521", None, INFEASIBLE),  # 1 / 1,920
        },
        ("month_cost", "as_built_share", "stated_cost"),
    ),
    # No node reaches 14.4: in a burst 96 x 12.5 / 8 = 150 GB/s; 150e9 / 1.15e9 = 130.4348 bytes.
    "bandwidth": (
        claimed(network_gbps="14.4"),
        {
            "capacity": ("150", "1400", INFEASIBLE),
            "bytes_per_operation": ("130.4348", "1217.3913", CONTRADICTS),
        },
        ("month_cost", "measurement_method"),
    ),
    # 1.4e12 / 14e9 = 100 bytes; 86.4e9 / 14e9 = 6.1714.
    "operations": (
        claimed(operations_per_s="14000000000"),
        {"bytes_per_operation": ("6.1714", "100", CONTRADICTS)},
        ("capacity", "month_cost"),
    ),
    # 0.02 + 0.03: 2,419,200,000 x 0.05; at 5 % 9,072,000; one end 0.02: 72,576,000 for all.
    "price table": (
        priced("0.02", "0.03"),
        {
            "month_cost": ("120960000", "9072000", CONTRADICTS),
            "billed_at_both_ends": ("7257600", "1814400", CONTRADICTS),  # 181,440,000 x 0.04
            "failure_hour": ("155400", None, HOLDS),  # 3,108,000 x 0.05
            "break_even.limit": ("0.1889", "66.6667", CONTRADICTS),  # 137,121.20 / 72,576,000
            "in_no_total": ("4590778", "961978", CONTRADICTS),  # + 181,440,000 x 0.02
        },
        ("stated_cost", "failed_year_ratio", "failed_share", "target_year"),
    ),
    # 1,000,000 more: the total is 1,962,978; above 1.2 x 915,916 without any traffic.
    "actual": (
        changed("stated_actual", ("component", "CI/CD"), actual_cost=D(1_000_007)),
        {
            "in_no_total": ("3776378", "1961978", CONTRADICTS),
            "break_even.limit": ("0", "66.6667", CONTRADICTS),
            "break_even.tolerance": ("0", "66.6667", CONTRADICTS),
        },
        ("month_cost", "break_even.budget", "stated_cost"),
    ),
    # Estimate 1,915,916: 1.2 x 1,915,916 - 961,978 = 1,337,121.20 / 36,288,000 = 3.6847 %.
    "estimate": (
        changed("estimate", ("component", "Monitoring"), estimated_cost=D(1_005_000)),
        {
            "break_even.limit": ("3.6847", "66.6667", CONTRADICTS),
            # 1,145,529.60 / 36,288,000.
            "break_even.tolerance": ("3.1568", "66.6667", CONTRADICTS),
        },
        ("in_no_total", "month_cost", "break_even.budget"),
    ),
    # An alarm on the bill after 48 h: 48 x 62,160; on traffic, periods of 1 min: 3 x 1,036.
    "limits": (
        changed(
            "limits",
            ("limit_name", "bill_delay"),
            changed("limits", ("limit_name", "traffic_metric_delay"), limit_value=D(1)),
            limit_value=D(48),
        ),
        {"alarm": ("2983680", "3108", UNKNOWN)},
        ("failure_hour", "month_cost"),
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_input_changes_what_depends_on_it(name):
    inputs, moved, still = CHANGES[name]
    _, found = analysed(inputs)
    for finding, (value, expected, verdict) in moved.items():
        now = found[f"traffic.{finding}"]
        assert round(now.value, 4) == D(value), finding
        assert (None if now.expected is None else round(now.expected, 4)) == (
            None if expected is None else D(expected)
        ), finding
        assert now.verdict is verdict, finding
        assert now.statement != SAMPLE[f"traffic.{finding}"].statement, finding
    for finding in still:
        assert found[f"traffic.{finding}"] == SAMPLE[f"traffic.{finding}"], finding


def test_primaries_in_every_zone_are_no_single_point_of_failure():
    # Spread evenly, 1 - 3 x 1/3 x 1/3 = 2/3 crosses all the same: hints are needed, and can help:
    # 90 % of 2/3 is avoided, 0.9 x 48,384,000 = 43,545,600.
    results, found = analysed(put(INPUTS, placement=EVEN))
    assert "traffic.one_zone.primary" not in found
    assert round(found["traffic.as_built_share"].value, 4) == D("66.6667")
    hints = {r["remedy_name"]: r for r in records(results.remedies)}["Zone-aware routing"]
    assert (hints["advice"], hints["net_effect"]) == ("do", 43_545_600)


def test_a_placement_that_gives_the_stated_share_holds():
    # One client of twenty in another zone than the primaries: 5 %.
    rows = (("primary", "a", 16), ("client", "a", 950), ("client", "b", 50), ("replica", "c", 16))
    _, found = analysed(put(INPUTS, placement=placed(*rows)))
    built = found["traffic.as_built_share"]
    assert (built.value, built.expected, built.verdict, built.severity) == (5, 5, HOLDS, INFO)
    assert found["traffic.month_cost"].verdict is UNKNOWN  # nothing measures it
    assert found["traffic.month_cost"].value == 3_628_800


CLAIMS = DATA.tables["claim"]
TRAFFIC = sorted(CLAIMS[CLAIMS["kind"].isin(["traffic", "rate"])]["claim_id"])


BILLLESS = put(INPUTS, cost=None)  # its bill is synthetic and weighs nothing; faster

# What is no longer said when a claim is absent. That a stated cost is then unknown is still said.
GONE = {
    "cross_az_change_pct": {"stated_change"},
    "cross_az_days": {
        *("stated_change", "billed_at_both_ends", "month_length"),
        *("year_cost", "failed_year_cost", "failed_year_ratio"),
    },
    "cross_az_failed_pct": {
        *("failed_share", "year_cost", "failed_year_cost", "failed_year_ratio"),
    },
    "cross_az_failed_year_cost": {"failed_year_cost", "failed_year_ratio"},
    "cross_az_gb_per_s": {
        *("stated_split", "stated_change", "billed_at_both_ends", "month_length"),
        *("year_cost", "failed_year_cost", "failed_year_ratio"),
    },
    "cross_az_method": {"measurement_method"},
    "cross_az_month_cost": {"stated_cost"},
    # Then placement is all that is known of the share, and it lets no more cross when it fails.
    "cross_az_pct": {"stated_split", "alarm"},
    "cross_az_target": {"stated_change", "target_year", "break_even.budget"},
    # The price table gives it, the placement names three zones, and nothing rests on 95 % alone.
    "cross_az_usd_per_gb": set(),
    "zones": set(),
    "intra_az_pct": set(),
    "intra_az_tb_per_s": set(),
    "cross_az_year_cost": {"year_cost", "failed_year_ratio", "target_year"},
    "network_gbps": {"bytes_per_operation"},
    "operations_per_s": {"bytes_per_operation"},
    # 70 GB/s at 5 % give the 1,400 GB/s too.
    "total_tb_per_s": {"stated_split", "bytes_per_operation"},
}


def test_every_claim_on_traffic_is_tried():
    assert set(GONE) == {*TRAFFIC, "cross_az_method"}


@pytest.mark.parametrize("claim_id", GONE)
def test_without_a_claim_what_rests_on_it_is_not_said(claim_id):
    left = CLAIMS[CLAIMS["claim_id"] != claim_id].reset_index(drop=True)
    _, found = analysed(put(BILLLESS, claim=left))
    assert set(SAMPLE) - set(found) == {f"traffic.{name}" for name in GONE[claim_id]}


@pytest.mark.parametrize("claim_id", TRAFFIC)
def test_a_claim_without_its_figure_is_as_one_that_is_absent(claim_id):
    _, found = analysed(changed("claim", ("claim_id", claim_id), BILLLESS, stated_value=None))
    assert set(SAMPLE) - set(found) == {f"traffic.{name}" for name in GONE[claim_id]}


SIGNED = {"cross_az_change_pct"}
HUGE = {"cross_az_pct", "cross_az_failed_pct", "intra_az_pct", "zones"}


@pytest.mark.parametrize("claim_id", sorted(set(TRAFFIC) - SIGNED))
def test_a_claim_that_nothing_can_have_is_refused_by_its_name(claim_id):
    values = ["-5", *(["100000000000000"] if claim_id in HUGE else [])]
    values += ["0", "2.5"] if claim_id == "zones" else []
    for value in values:
        with pytest.raises(ParameterError, match=f"correct the row {claim_id}") as caught:
            analysed(claimed(BILLLESS, **{claim_id: value}))
        assert caught.value.name == claim_id


@pytest.mark.parametrize("claim_id", sorted(set(TRAFFIC) - {"zones"}))
def test_a_claim_of_zero_is_judged(claim_id):
    assert "traffic.month_cost" in analysed(claimed(BILLLESS, **{claim_id: "0"}))[1]


@pytest.mark.parametrize("claim_id", sorted(set(TRAFFIC) - HUGE))
def test_a_claim_of_too_much_is_judged(claim_id):
    assert "traffic.month_cost" in analysed(claimed(BILLLESS, **{claim_id: "100000000000000"}))[1]


def test_without_a_price_the_month_is_unknown():
    prices = INPUTS.costs.unit_prices
    kept = prices[~prices["item"].str.startswith("cross_az")].reset_index(drop=True)
    results, found = analysed(put(INPUTS, unit_prices=kept))
    month = found["traffic.month_cost"]
    assert (month.value, month.verdict) == (None, UNKNOWN)
    assert "a price" in month.statement
    assert results.traffic is None
    assert not {"traffic.failure_hour", "traffic.best_remedy", "traffic.capacity"} & set(found)


def test_without_a_fleet_nothing_is_said_of_capacity():
    _, found = analysed(put(INPUTS, fleet=None))
    assert not {"traffic.capacity", "traffic.bytes_per_operation"} & set(found)
    assert found["traffic.measurement_method"].value is None
    assert "of 96" not in found["traffic.measurement_method"].statement


def test_rows_in_another_order_give_the_same_findings():
    again = put(
        INPUTS,
        **{
            name: frame.sample(frac=1, random_state=7).reset_index(drop=True)
            for name, frame in DATA.tables.items()
            if name in ("claim", "fleet", "placement", "estimate", "stated_actual")
        },
    )
    assert dumps(analysed(again)[1].values()) == dumps(SAMPLE.values())


def test_the_analysis_changes_no_input():
    before = {name: frame.copy() for name, frame in DATA.tables.items()}
    analysed()
    for name, frame in before.items():
        assert frame.equals(DATA.tables[name])
