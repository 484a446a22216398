"""Verdicts on hand-worked claims, their order, and the file that other programs read."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismlib.findings import (
    Evidence,
    Finding,
    Severity,
    Verdict,
    distinct_slugs,
    dumps,
    from_records,
    judge,
    observed,
    ranked,
    to_records,
)


def finding(id: str = "cost.total", **values) -> Finding:
    given = {
        "notebook": "cost_variance",
        "title": "Total",
        "statement": "It adds up.",
        "severity": Severity.INFO,
        "verdict": Verdict.HOLDS,
    }
    return Finding(id=id, **{**given, **values})


@pytest.mark.parametrize(
    ("claimed", "recomputed", "decimals", "verdict"),
    [
        # The memo's "+5.0%" from its own totals: 44,695 / 899,916 = 4.9666 %; 0.0334 <= 0.05.
        ("5.0", "4.9666", 1, Verdict.HOLDS),
        # "+7.5%" for EBS: 1,200 / 16,000 is 7.5 % exactly.
        ("7.5", "7.5", None, Verdict.HOLDS),
        # "$1.81M" for 70 x 86,400 x 30 x 0.01 = 1,814,400: 4,400 <= 5,000.
        ("1810000", "1814400", -4, Verdict.HOLDS),
        # The same as an exact claim is contradicted.
        ("1810000", "1814400", None, Verdict.CONTRADICTS),
        # Half a unit of the last digit is still a way to round.
        ("5.0", "5.05", 1, Verdict.HOLDS),
        ("5.0", "4.95", 1, Verdict.HOLDS),
        # Beyond half a unit, up to one: a digit cut off instead of rounded (5.08 printed as 5.0).
        ("5.0", "5.08", 1, Verdict.ROUNDING),
        ("5.0", "5.09", 1, Verdict.ROUNDING),
        ("5.0", "5.1", 1, Verdict.CONTRADICTS),
        ("5.0", "5.1001", 1, Verdict.CONTRADICTS),
        # The memo's estimate: 915,916 on its lines against 899,916.
        ("899916", "915916", 0, Verdict.CONTRADICTS),
        ("0", "0.0", None, Verdict.HOLDS),
        ("-4", "-4.00", 0, Verdict.HOLDS),
    ],
)
def test_judge_by_the_digits_that_the_claim_prints(claimed, recomputed, decimals, verdict):
    assert judge(Decimal(claimed), Decimal(recomputed), decimals=decimals) is verdict


def test_judge_right_by_luck_is_rounding():
    # "+5.0%" from the components: 46,062 / 915,916 = 5.0291 %, yet the claim's totals are wrong.
    verdict = judge(Decimal("5.0"), Decimal("5.0291"), decimals=1, parts_hold=False)
    assert verdict is Verdict.ROUNDING


NUMBERS = st.decimals(min_value=-(10**9), max_value=10**9, places=6, allow_nan=False)


@settings(deadline=None)
@given(NUMBERS, NUMBERS, st.none() | st.integers(-6, 6))
def test_judge_does_not_depend_on_direction(claimed, recomputed, decimals):
    verdict = judge(claimed, recomputed, decimals=decimals)
    assert judge(recomputed, claimed, decimals=decimals) is verdict
    assert judge(-claimed, -recomputed, decimals=decimals) is verdict
    assert verdict in (Verdict.HOLDS, Verdict.ROUNDING, Verdict.CONTRADICTS)


@settings(deadline=None)
@given(NUMBERS, st.integers(0, 5))
def test_judge_accepts_every_properly_rounded_figure(value, decimals):
    assert judge(round(value, decimals), value, decimals=decimals) is Verdict.HOLDS


def test_margin_is_recomputed_less_claimed():
    # 915,916 recomputed, 899,916 claimed: the claim is 16,000 short.
    result = finding(value=Decimal(915916), expected=Decimal(899916), unit="USD")
    assert result.margin == 16000


@pytest.mark.parametrize(
    ("value", "expected"), [(None, Decimal(1)), (Decimal(1), None), (None, None)]
)
def test_margin_of_what_is_missing_is_missing(value, expected):
    assert finding(value=value, expected=expected).margin is None


def test_margin_that_is_given_is_kept():
    assert finding(value=Decimal(3), expected=Decimal(1), margin=Decimal(0)).margin == 0


def test_ranked_puts_the_worst_first():
    given = [
        finding("d", severity=Severity.INFO, verdict=Verdict.INFEASIBLE),
        finding("b", severity=Severity.CRITICAL, verdict=Verdict.HOLDS),
        finding("c", severity=Severity.CRITICAL, verdict=Verdict.CONTRADICTS),
        finding("a", severity=Severity.CRITICAL, verdict=Verdict.HOLDS),
        finding("e", severity=Severity.CRITICAL, verdict=Verdict.UNKNOWN),
    ]
    # Severity first; among the critical ones contradicts, unknown, holds; equal ones by id.
    assert [f.id for f in ranked(given)] == ["c", "e", "a", "b", "d"]


def test_ranked_orders_what_a_verdict_means():
    """Unknown is worse than a claim that holds: it is never a pass."""
    order = [f.verdict for f in ranked(finding(v, verdict=v) for v in Verdict)]
    assert order.index(Verdict.INFEASIBLE) < order.index(Verdict.CONTRADICTS)
    assert order.index(Verdict.CONTRADICTS) < order.index(Verdict.UNKNOWN)
    assert order.index(Verdict.UNKNOWN) < order.index(Verdict.ROUNDING)
    assert order[-1] is Verdict.HOLDS


def test_dumps_writes_what_the_design_promises():
    text = dumps(
        [
            finding(
                statement="Short by −$16,000.",
                verdict=Verdict.CONTRADICTS,
                severity=Severity.HIGH,
                value=Decimal("915916.00"),
                expected=Decimal("899916"),
                unit="USD",
                evidence=(Evidence("estimate", 7, "MEMO-080, Cost Validation", "2025-11-16"),),
            )
        ]
    )
    assert text.endswith("]\n")
    assert "−$16,000" in text  # readable, not \u2212
    assert json.loads(text) == [
        {
            "id": "cost.total",
            "notebook": "cost_variance",
            "title": "Total",
            "statement": "Short by −$16,000.",
            "severity": "high",
            "verdict": "contradicts",
            "value": 915916,
            "unit": "USD",
            "expected": 899916,
            "margin": 16000,
            "evidence": [
                {
                    "table": "estimate",
                    "rows": 7,
                    "source": "MEMO-080, Cost Validation",
                    "observed_at": "2025-11-16",
                }
            ],
            "provenance": "stated",
        }
    ]


def test_to_records_keeps_missing_apart_from_zero():
    missing, zero = to_records([finding("a"), finding("b", value=Decimal(0))])
    assert missing["value"] is None
    assert zero["value"] == 0


@pytest.mark.parametrize(
    ("value", "number"),
    [("18.0066", 18.0066), ("0.0000166667", 0.000017), ("1814400", 1814400), ("-0.10", -0.1)],
)
def test_to_records_writes_a_number_to_six_decimals(value, number):
    (record,) = to_records([finding(value=Decimal(value))])
    assert record["value"] == number


def test_to_records_never_writes_zero_for_an_amount():
    # $0.20 for a million requests is 0.0000002 for one.
    (record,) = to_records([finding(value=Decimal("0.0000002"))])
    assert record["value"] != 0


TEXT = st.text(max_size=20)
FINDINGS = st.lists(
    st.builds(
        Finding,
        id=TEXT,
        notebook=TEXT,
        title=TEXT,
        statement=TEXT,
        severity=st.sampled_from(Severity),
        verdict=st.sampled_from(Verdict),
        value=st.none() | NUMBERS,
        unit=st.sampled_from(["USD", "%", "1", "USD/h"]),
        expected=st.none() | NUMBERS,
        evidence=st.lists(
            st.builds(
                Evidence,
                table=TEXT,
                rows=st.integers(0, 10**6),
                source=TEXT,
                observed_at=st.none() | st.dates().map(date.isoformat),
            ),
            max_size=3,
        ).map(tuple),
        provenance=st.sampled_from(["stated", "measured", "synthetic, seed 80"]),
    ),
    max_size=5,
    unique_by=lambda f: f.id,
)


@settings(deadline=None)
@given(FINDINGS)
def test_from_records_reads_back_what_was_written(found):
    written = json.loads(dumps(found))
    assert from_records(written) == sorted(found, key=lambda f: f.id)


@settings(deadline=None)
@given(FINDINGS, st.randoms(use_true_random=False))
def test_dumps_does_not_depend_on_the_order(found, shuffler):
    shuffled = list(found)
    shuffler.shuffle(shuffled)
    assert dumps(shuffled) == dumps(found)


def test_observed_dates_only_evidence_without_a_date():
    dated = Evidence("claim", 1, "memo", "2025-11-15")
    undated = Evidence("cost", 403, "bill")
    (result,) = observed([finding(evidence=(dated, undated))], date(2025, 11, 16))
    assert [e.observed_at for e in result.evidence] == ["2025-11-15", "2025-11-16"]
    assert [e.table for e in result.evidence] == ["claim", "cost"]


def test_names_that_are_alike_have_slugs_of_their_own():
    names = ["a b", "a.b", "a_b_2", "A B", "a b", "\N{FIRE}", "\N{ICE CUBE}"]
    assert distinct_slugs(names) == {
        "a b": "a_b",
        "a.b": "a_b_2",
        "a_b_2": "a_b_2_2",
        "A B": "a_b_3",
        "\N{FIRE}": "unnamed",
        "\N{ICE CUBE}": "unnamed_2",
    }
