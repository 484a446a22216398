"""The finding on figures that a provider changed between two pulls."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from prismlib import paths
from prismlib.analyses.cost_findings import judge_costs
from prismlib.analyses.cost_variance import CostInputs, CostSettings, analyse_cost_variance
from prismlib.cost_explorer_tables import RESTATEMENT
from prismlib.findings import Severity, Verdict
from prismlib.sources.prices import read_reference_tables
from prismlib.sources.snapshots import read_snapshot
from prismlib.tables import make

DATA = read_snapshot(paths.SAMPLE)
INPUTS = CostInputs.of(
    DATA.tables, read_reference_tables(), period=DATA.period, as_of=DATA.as_of
)  # fmt: skip


def restatement(*rows):
    """Return a table of (day, metric, before, after, was an estimate)."""
    names = ("charge_period_start", "cost_metric", "before_cost", "after_cost", "is_from_estimate")
    return make(
        RESTATEMENT,
        [
            {
                **dict(zip(names, row, strict=True)),
                "restated_at": datetime(2025, 11, 3, tzinfo=UTC),
                "service_name": f"Service {number}",
                "billing_currency": "USD",
            }
            for number, row in enumerate(rows)
        ],
    )


def found(table):
    inputs = replace(INPUTS, restatement=table)
    settings = CostSettings(cost_metric="unblended_cost")
    results = analyse_cost_variance(inputs, settings)
    return {f.id: f for f in judge_costs(inputs, settings, results)}.get("cost.restated")


OCTOBER = date(2025, 10, 18)
UNBLENDED = "unblended_cost"


def test_restated_adds_up_what_changed_and_names_the_largest():
    finding = found(
        restatement(
            (OCTOBER, UNBLENDED, D(10), D("12.50"), True),  # + 2.50
            (OCTOBER, UNBLENDED, D(4000), None, False),  # gone: - 4,000
            (OCTOBER, UNBLENDED, None, D(100), True),  # new: + 100
            (OCTOBER, "amortized_cost", D(1), D(2), True),  # another metric
            (date(2025, 9, 30), UNBLENDED, D(1), D(2), True),  # another month
        )
    )
    # 2.50 - 4,000 + 100 = -3,897.50 a month, 46,770 a year: medium.
    assert finding.value == D("-3897.50")
    assert finding.verdict == Verdict.CONTRADICTS
    assert finding.severity == Severity.MEDIUM
    assert finding.evidence[0].rows == 3
    for words in ("3 figures", "1 of them not", "Service 1 on 18 Oct 2025", "$4,000 to no charge"):
        assert words in finding.statement


def test_estimates_that_moved_ask_for_nothing():
    finding = found(restatement((OCTOBER, UNBLENDED, D(10), D(90_000), True)))
    assert finding.severity == Severity.INFO


@pytest.mark.parametrize(
    "table", [None, restatement((OCTOBER, "amortized_cost", D(1), D(2), False))]
)
def test_nothing_restated_is_no_finding(table):
    assert found(table) is None
