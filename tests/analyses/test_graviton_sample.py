"""The findings on the sample, against the audit of the memo (G1-G5, C21), and on changed samples.

Expected values are arithmetic on the memo's own figures, written out beside each.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pandas as pd
import pytest
from graviton_cases import REFERENCE, settings

from prismlib import paths
from prismlib.analyses.graviton_claims import (
    claim_readings,
    saving_bases,
    stated_fleets,
    target_ways,
)
from prismlib.analyses.graviton_findings import judge_graviton
from prismlib.analyses.graviton_inputs import GravitonInputs
from prismlib.analyses.graviton_savings import analyse_graviton
from prismlib.errors import ParameterError
from prismlib.findings import Severity, Verdict, dumps
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import records

DATA = read_snapshot(paths.SAMPLE)
INPUTS = GravitonInputs.of(
    DATA.tables, REFERENCE, period=DATA.period, as_of=DATA.as_of, is_bill_synthetic=True
)


def findings(inputs=INPUTS, setting=None):
    setting = setting or settings()
    results = analyse_graviton(inputs, setting)
    return {f.id: f for f in judge_graviton(inputs, setting, results)}


def changed(frame: pd.DataFrame, key: str, value: str, **cells) -> pd.DataFrame:
    """Return a frame with other cells in the row whose `key` is `value`."""
    rows = [row | (cells if row[key] == value else {}) for row in records(frame)]
    return pd.DataFrame(rows, columns=frame.columns, dtype=object)


def with_claim(claim_id, **cells):
    return replace(INPUTS, claim=changed(INPUTS.claim, "claim_id", claim_id, **cells))


def test_claimed_share_g1():
    """G1: 20 % of 752,840 + 124,100 = 876,940 is 175,388; 343,100 is 39.1 % and 36.3 %."""
    finding = findings()["graviton.claimed_share"]
    assert (finding.value, finding.expected) == (D(175388), D(343100))
    assert finding.verdict is Verdict.CONTRADICTS
    assert "39.1%" in finding.statement
    assert "36.3%" in finding.statement


def test_claim_origin_g2():
    """G2: 343,100 / 730 / 1000 = 0.47 = 0.40 + 0.07, 20 % of 2.016 and 0.34 in cents."""
    finding = findings()["graviton.claim_origin"]
    assert finding.value == D("0.47")
    assert finding.verdict is Verdict.CONTRADICTS
    assert "r6i.8xlarge at $2.0160/h and c6i.2xlarge at $0.3400/h" in finding.statement
    assert "priced as r6i.8xlarge but runs r6i.4xlarge" in finding.statement


def test_claim_origin_needs_support():
    """Without the model rate of the estimate, two readings fit and none is supported."""
    finding = findings(with_claim("model_rate.redis", stated_value=D("1.5")))
    assert finding["graviton.claim_origin"].verdict is Verdict.UNKNOWN
    assert "2 readings fit" in finding["graviton.claim_origin"].statement


def test_claim_readings_by_hand():
    """0.40 + 0.07 and 0.20 + 0.27: r6i.8xlarge with c6i.2xlarge, r6i.4xlarge with c6i.8xlarge."""
    fleets = stated_fleets(INPUTS, analyse_graviton(INPUTS, settings()))
    found = claim_readings(D(343100), D(20), fleets, REFERENCE["instance_price"])
    assert {reading.instance_types for reading in found} == {
        ("r6i.8xlarge", "c6i.2xlarge"),
        ("r6i.4xlarge", "c6i.8xlarge"),
    }
    assert all(reading.is_rounded for reading in found)


def test_claim_that_no_price_gives():
    finding = findings(with_claim("graviton_saving", stated_value=D(343101)))
    assert finding["graviton.claim_origin"].verdict is Verdict.NOT_REPRODUCIBLE


def test_list_price_saving_g3():
    """G3: 752,840 x 0.15 + 124,100 x 0.05 / 0.34 = 112,926 + 18,250 = 131,176, 38 %."""
    finding = findings()["graviton.list_price_saving"]
    assert finding.value == D(131176)
    assert finding.verdict is Verdict.CONTRADICTS
    assert "−15.0% for r6i.4xlarge and −14.7% for c6i.2xlarge" in finding.statement
    assert "38% of the claim" in finding.statement


def test_commitment_effect_g4():
    """G4: the claim has no term for the reservations that hold both families."""
    finding = findings()["graviton.commitment_effect"]
    assert (finding.severity, finding.verdict) == (Severity.HIGH, Verdict.UNKNOWN)
    assert "no term for it" in finding.statement
    assert "end dates of the reservations are needed" in finding.statement


def test_commitment_effect_with_a_stated_end():
    finding = findings(setting=settings(commitment_end="2026-03-01"))["graviton.commitment_effect"]
    assert (finding.value, finding.verdict) == (0, Verdict.CONTRADICTS)
    assert "on 1 Mar 2026" in finding.statement


@pytest.mark.parametrize("day", ["2025-11-16", "2024-01-01"])
def test_a_commitment_that_ended_before_the_data_is_refused(day):
    with pytest.raises(ParameterError, match=f"(?s)commitment_end.*{day}"):
        findings(setting=settings(commitment_end=day))


def test_deployed_fleet_g5():
    """G5: 48 x (0.1512 + 0.05) x 730 = 7,050.048."""
    finding = findings()["graviton.deployed_fleet"]
    assert finding.value == D("7050.048")
    assert finding.verdict is Verdict.CONTRADICTS
    assert "96 instances of 2,000" in finding.statement


def test_deployed_fleet_follows_its_count():
    fleet = changed(INPUTS.fleet, "instance_type", "c6i.2xlarge", deployed_count=D(100))
    finding = findings(replace(INPUTS, fleet=fleet))["graviton.deployed_fleet"]
    assert finding.value == D("8948.048")  # 48 x 0.1512 x 730 + 100 x 0.05 x 730


def test_target_c21():
    """C21: (944,611 - 700,000) / 876,940 = 27.9 %, (961,978 - 700,000) / 876,940 = 29.9 %."""
    finding = findings()["graviton.target"]
    assert "27.9% off the instances" in finding.statement
    assert "29.9% counted on the lines" in finding.statement
    assert finding.value == D(813435)  # 944,611 - 131,176: the move alone does not reach it
    assert finding.verdict is Verdict.CONTRADICTS


def test_ways_to_the_target_by_hand():
    """A real reserved rate takes 752,840 - 454,333.02 off; the move then 15.0 % of what is left."""
    results = analyse_graviton(INPUTS, settings())
    ways = {r["levers"]: r for r in records(target_ways(results, stated_fleets(INPUTS, results)))}
    left = {name: (row["remaining_total"], row["is_target_met"]) for name, row in ways.items()}
    assert left["nothing"] == (D(944611), False)
    assert left["move to Graviton"] == (D(813435), False)
    assert left["pay a real reserved rate"] == (D("646104.02"), True)
    # 1000 x 730 x 0.528995 = 386,166.35 for Redis, 124,100 x 0.29 / 0.34 = 105,850 for the proxies
    assert left["move to Graviton + pay a real reserved rate"] == (D("559687.35"), True)
    assert left["the planned saving on S3 cold tier"] == (D(942627), False)
    assert len(ways) == 8


def test_target_that_is_reached():
    finding = findings(with_claim("cost_target", stated_value=D(900000)))["graviton.target"]
    assert finding.verdict is Verdict.HOLDS


def test_ways_to_count_the_saving():
    results = analyse_graviton(INPUTS, settings())
    shown = {
        r["claim_origin"]: r["monthly_saving"]
        for r in records(saving_bases(INPUTS, settings(), results))
    }
    assert shown == {
        "As the document claims": D(343100),
        "Its own percentage of the billed instances": D(175388),
        "List price change on the billed amount": D(131176),
        "Both sides on demand, the fleet that is paid for": D(146876),  # 1000 x 730 x 0.2012
        "Both sides under a standard RI, the fleet that is paid for": D(91250),
        "Both sides on demand, the instances that run": D("7050.048"),
        "Both sides under a standard RI, the instances that run": D(4380),  # 48 x 730 x 0.125
    }
    # 0.622374 - 0.528995 + 0.209932 - 0.178311 = 0.125; x 730,000 = 91,250


def test_price_only_is_like_for_like():
    """r6i to r7g and c6i to c7g at one-year rates, 1000 of each: 0.125 x 730,000."""
    finding = findings()["graviton.price_only"]
    assert (finding.value, finding.verdict) == (D(91250), Verdict.HOLDS)


@pytest.mark.parametrize(
    ("generation", "saving"), [("Graviton2", "144666.29"), ("Graviton4", None)]
)
def test_price_only_in_another_generation(generation, saving):
    """Graviton2: (0.622374 - 0.474201 + 0.209932 - 0.159932) x 730,000; r8g has no sourced rate."""
    finding = findings(setting=settings(generation=generation))["graviton.price_only"]
    assert finding.value == (None if saving is None else D(saving))
    assert finding.verdict is (Verdict.UNKNOWN if saving is None else Verdict.HOLDS)


def test_rate_that_is_not_reserved_is_a_finding_and_no_input():
    """752,840 / 730,000 = 1.0313 is above 1.008; the saving does not rest on it."""
    found = findings()
    finding = found["graviton.rate_not_reserved.redis_ec2_reserved"]
    assert round(finding.value, 4) == D("1.0313")
    assert finding.expected == D("1.008")
    assert "graviton.rate_not_reserved.proxy_ec2_reserved" not in found  # 0.17 is half of 0.34
    stated = changed(INPUTS.stated_actual, "component", "Redis EC2 (reserved)", actual_cost=D(9**6))
    other = findings(replace(INPUTS, stated_actual=stated))
    assert other["graviton.price_only"].value == found["graviton.price_only"].value
    assert "graviton.rate_not_reserved.redis_ec2_reserved" not in other  # 0.728 is below list


def test_claim_is_no_cut_in_price():
    """No generation is 39.1 % cheaper: the largest is r6i to r6g or c6i to c6g, 23.8 %."""
    finding = findings()["graviton.claim_as_price_cut"]
    assert round(finding.value, 1) == D("23.8")
    assert round(finding.expected, 1) == D("39.1")
    assert finding.verdict is Verdict.CONTRADICTS


def test_end_of_commitments_is_assumed_as_late_as_can_be():
    """Bought on the first day of October 2025 for a year."""
    results = analyse_graviton(INPUTS, settings())
    ends = {r["commitment_end"] for r in records(results.lines) if r["commitment_end"]}
    assert ends == {date(2026, 10, 1)}
    assert findings()["graviton.when"].verdict is Verdict.UNKNOWN


def test_database_of_unknown_version_is_unknown():
    """4 x 730 x 0.5 = 1,460, in no saving."""
    finding = findings()["graviton.unknown_eligibility"]
    assert (finding.value, finding.verdict) == (D(1460), Verdict.UNKNOWN)


def test_claim_that_holds():
    """What list prices take off the billed amounts, claimed as such, holds."""
    finding = findings(with_claim("graviton_saving", stated_value=D(131176)))
    assert finding["graviton.list_price_saving"].verdict is Verdict.HOLDS


def test_without_a_document_there_is_no_claim_to_check():
    found = findings(replace(INPUTS, claim=None, stated_actual=None))
    assert not [name for name in found if "claim" in name or "target" in name]


def test_missing_list_price_leaves_the_claim_unknown():
    prices = REFERENCE["instance_price"]
    without = prices[prices["instance_type"] != "c7g.2xlarge"]
    reference = replace(INPUTS.reference, instance_price=without)
    finding = findings(replace(INPUTS, reference=reference))["graviton.list_price_saving"]
    assert (finding.value, finding.verdict) == (None, Verdict.UNKNOWN)


def test_findings_are_the_same_twice_and_carry_evidence():
    first, second = findings().values(), findings().values()
    assert dumps(first) == dumps(second)
    for finding in first:
        assert finding.id.startswith("graviton.")
        assert finding.notebook == "graviton_savings"
        assert finding.evidence
