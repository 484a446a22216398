"""Findings on traffic between zones as a bill shows it: the amount, the rate, what has no rule."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pandas as pd

from prismlib.analyses.cross_az import CrossAzResults
from prismlib.analyses.cross_az_claims import NOTEBOOK
from prismlib.analyses.cross_az_inputs import CrossAzInputs
from prismlib.analyses.judging import counted, evidence, severity_of_amount
from prismlib.analyses.traffic_lines import CrossAzBill
from prismlib.analyses.transfer_types import UNCLASSIFIED
from prismlib.findings import Finding, Severity, Verdict, judge
from prismlib.formats import count, money, percent
from prismlib.money import exact_sum, percent_change
from prismlib.periods import Period

RATE_TOLERANCE_PCT = Decimal(1)
"""By how much the rate of a bill may differ from the price table and still be the listed one."""


def bill_findings(inputs: CrossAzInputs, results: CrossAzResults) -> Iterator[Finding]:
    """Yield the findings on a bill that was measured; none on a synthetic one."""
    lines, bill = results.lines, results.bill
    if lines is None or inputs.costs.is_bill_synthetic:
        return
    yield _unclassified(lines)
    if bill is not None:
        yield _billed(bill)
        yield from _bill_rate(bill)
        yield from _bill_against_stated(results, bill)
        return
    yield Finding(
        id="traffic.billed",
        notebook=NOTEBOOK,
        title="Traffic between zones on the bill",
        statement="No line of the bill is for it. That is no cost of zero: the bill may be too "
        "coarse, or the traffic among what is unclassified.",
        severity=Severity.LOW,
        verdict=Verdict.UNKNOWN,
        evidence=evidence("traffic_line", len(lines)),
        provenance="measured",
    )


def _unclassified(lines: pd.DataFrame) -> Finding:
    currency = next(iter(lines["billing_currency"]), "USD")
    odd = lines[lines["transfer_kind"] == UNCLASSIFIED]
    amount = exact_sum(odd["cost"])
    words = f"{counted(len(odd), 'line')} of the bill, {money(amount, currency)} in all, look like "
    words += "traffic and match no rule." + (" A rule is needed." if len(odd) else "")
    return Finding(
        id="traffic.unclassified",
        notebook=NOTEBOOK,
        title="Lines that look like traffic and match no rule",
        statement=words,
        severity=severity_of_amount(amount) if len(odd) else Severity.INFO,
        verdict=Verdict.UNKNOWN if len(odd) else Verdict.HOLDS,
        value=amount,
        unit=currency,
        evidence=evidence("traffic_line", len(odd)),
        provenance="measured",
    )


def _billed(bill: CrossAzBill) -> Finding:
    moved = "an unknown amount" if bill.moved_gb is None else f"{count(round(bill.moved_gb))} GB"
    return Finding(
        id="traffic.billed",
        notebook=NOTEBOOK,
        title="Traffic between zones on the bill",
        statement=f"It costs {money(bill.cost, bill.billing_currency)} for {moved} moved.",
        severity=severity_of_amount(bill.cost),
        verdict=Verdict.HOLDS,
        value=bill.cost,
        unit=bill.billing_currency,
        evidence=evidence("traffic_line", 1, *bill.notes),
        provenance="measured",
    )


def _bill_against_stated(results: CrossAzResults, bill: CrossAzBill) -> Iterator[Finding]:
    """Yield whether the bill of a whole month shows what the document states."""
    claimed = results.stated.value_in("cross_az_month_cost", bill.billing_currency)
    if claimed is None or results.billed != Period.month_of(results.billed.start):
        return
    decimals = results.stated.decimals("cross_az_month_cost")
    verdict = judge(claimed, bill.cost, decimals=decimals)
    currency = bill.billing_currency
    yield Finding(
        id="traffic.billed_against_stated",
        notebook=NOTEBOOK,
        title="The bill against the stated cost",
        statement=f"The bill of {results.billed} lists {money(bill.cost, currency)} for traffic "
        f"between zones; the document states {money(claimed, currency)} a month.",
        severity=Severity.INFO
        if verdict is Verdict.HOLDS
        else severity_of_amount(bill.cost - claimed),
        verdict=verdict,
        value=bill.cost,
        unit=currency,
        expected=claimed,
        evidence=evidence("traffic_line", 1, results.stated.source("cross_az_month_cost")),
        provenance="measured",
    )


def _bill_rate(bill: CrossAzBill) -> Iterator[Finding]:
    paid, listed_price = bill.paid_per_moved_gb, bill.listed_usd_per_moved_gb
    if paid is None or listed_price is None:
        return
    change = percent_change(paid, listed_price)
    is_near = change is not None and abs(change) <= RATE_TOLERANCE_PCT
    yield Finding(
        id="traffic.bill_rate",
        notebook=NOTEBOOK,
        title="Rate of the bill against the price table",
        statement=f"The bill asks {money(paid, decimals=4)} for a GB moved, the price table "
        f"{money(listed_price, decimals=4)}"
        + (": the same." if is_near else f": {percent(change, 1)}. The bill's rate is used."),
        severity=Severity.INFO if is_near else Severity.MEDIUM,
        verdict=Verdict.HOLDS if is_near else Verdict.CONTRADICTS,
        value=paid,
        unit="USD/GB",
        expected=listed_price,
        evidence=evidence("traffic_line", 1),
        provenance="measured",
    )
