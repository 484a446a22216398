"""Findings on the bill: its totals, and how far a sum of it can be trusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from prismlib.analyses.components import UNMAPPED, cost_by, missing_cost_rows
from prismlib.analyses.cost_inputs import CostInputs
from prismlib.analyses.cost_variance import CostResults
from prismlib.analyses.forecast import Forecast
from prismlib.analyses.judging import counted, evidence, listed, severity_of_amount
from prismlib.findings import Finding, Severity, Verdict, slug
from prismlib.formats import day, money, named
from prismlib.money import exact_sum
from prismlib.tables import COST_METRICS, records

NOTEBOOK = "cost_variance"
CASH_METRICS = ("billed_cost", "unblended_cost")
"""What is invoiced, by the kind of file."""
COUNTS = ("row_count", "zero_where_billed_rows", "whole_number_rows")


def bill_findings(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    """Yield what a reader must know of the bill itself before believing a sum of it."""
    if results.bill is None:
        return
    unusable = list(_unusable_metrics(inputs, results))
    yield from unusable
    yield from _bill_totals(inputs, results, {finding.id.split(".")[-1] for finding in unusable})
    yield from _missing_amounts(inputs, results)
    yield from _unmapped(inputs, results)
    yield from _open_days(inputs, results)
    yield from _outside_period(inputs, results)
    yield from restated(inputs, results)
    yield from _bill_against_statement(inputs, results)


def _in_period(results: CostResults) -> pd.DataFrame:
    """Return the charges of the bill that the current costs are made of."""
    assert results.bill is not None
    starts = results.bill["charge_period_start"]
    return results.bill[pd.Series([day in results.seen for day in starts], dtype=bool)]


def _bill_totals(inputs: CostInputs, results: CostResults, unusable: set[str]) -> Iterator[Finding]:
    """Yield what each provider charged, in each metric that the bill carries."""
    assert results.bill is not None
    if inputs.is_bill_synthetic:
        return
    known = _in_period(results)
    for provider, rows in known.groupby("provider_name", sort=True):
        for metric in COST_METRICS:
            amounts = rows[metric].dropna()
            if amounts.empty:
                continue
            total = exact_sum(amounts)
            yield Finding(
                id=f"cost.total.{slug(str(provider))}.{metric}",
                notebook=NOTEBOOK,
                title=f"{provider}: {metric.replace('_', ' ')}",
                statement=f"The bill of {provider} for {results.seen} adds up to "
                f"{money(total, rows['billing_currency'].iloc[0])} "
                f"({metric.replace('_', ' ')}"
                f"{', which is not usable' if metric in unusable else ''}).",
                severity=Severity.INFO,
                verdict=Verdict.UNKNOWN if metric in unusable else Verdict.HOLDS,
                value=total,
                unit=str(rows["billing_currency"].iloc[0]),
                evidence=evidence("cost", len(amounts)),
                provenance="measured",
            )


def _unusable_metrics(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    """Yield each metric whose rows look rounded or emptied by whoever made the files."""
    if inputs.cost_file is None:
        return
    by_metric = {
        str(metric): {name: sum(filter(None, files[name])) for name in COUNTS}
        for metric, files in inputs.cost_file.groupby("cost_metric")
    }
    cash_name = next((m for m in CASH_METRICS if m in by_metric), None)
    if cash_name is None:
        return
    for metric, counts in by_metric.items():
        reasons = unusable_reasons(counts, by_metric[cash_name])
        if metric == cash_name or not reasons:
            continue
        name = metric.replace("_", " ")
        files = inputs.cost_file[inputs.cost_file["cost_metric"] == metric]
        yield Finding(
            id=f"cost.metric_unusable.{metric}",
            notebook=NOTEBOOK,
            title=f"{name.capitalize()} is not usable",
            statement=f"{name.capitalize()} adds up to "
            f"{results.money(exact_sum(files['table_total']))} but cannot be used: "
            f"{listed(reasons)}. Use {cash_name.replace('_', ' ')}.",
            severity=Severity.HIGH,
            verdict=Verdict.CONTRADICTS,
            value=exact_sum(files["table_total"]),
            unit=results.currency,
            evidence=evidence("cost_file", int(counts["row_count"]), *files["file_name"]),
            provenance="measured",
        )


def unusable_reasons(counts: Mapping[Any, Any], cash: Mapping[Any, Any]) -> list[str]:
    """Return why a metric cannot be trusted, from its COST_FILE counts; nothing if it can.

    Uncommitted usage that is billed must cost something in every metric. If some does not, amounts
    that are whole where the invoiced ones are not show that the file was rounded.
    """
    zeros, whole = int(counts["zero_where_billed_rows"]), int(counts["whole_number_rows"])
    if zeros == 0:
        return []
    reasons = [
        f"{zeros:,} of {int(counts['row_count']):,} rows are billed, under no commitment, and cost "
        "nothing in it"
    ]
    if whole > int(cash["whole_number_rows"]):
        reasons.append(
            f"{whole:,} of its amounts are whole numbers, against "
            f"{int(cash['whole_number_rows']):,} of the invoiced ones: it was rounded"
        )
    return reasons


def _missing_amounts(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    assert results.bill is not None
    rows = missing_cost_rows(results.bill, results.metric)
    if rows:
        yield Finding(
            id="cost.missing_amounts",
            notebook=NOTEBOOK,
            title="Charges without an amount",
            statement=f"{rows:,} of {len(results.bill):,} charges carry no "
            f"{results.metric.replace('_', ' ')} and are in no total here.",
            severity=Severity.HIGH,
            verdict=Verdict.UNKNOWN,
            evidence=evidence("cost", rows),
            provenance="measured",
        )


def _unmapped(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    assert results.bill is not None
    inside = _in_period(results)
    rows = inside[inside["component"] == UNMAPPED]
    amounts = rows[results.metric].dropna()
    if rows.empty:
        return
    services = listed(sorted(set(rows["service_name"]))[:5])
    yield Finding(
        id="cost.unmapped",
        notebook=NOTEBOOK,
        title="Unmapped cost",
        statement=f"{results.money(exact_sum(amounts))} in {len(rows):,} charges belong to no "
        f"component ({services}). They are in the total, under {UNMAPPED}; add a rule to give them "
        "a name.",
        severity=severity_of_amount(exact_sum(amounts)),
        verdict=Verdict.UNKNOWN,
        value=exact_sum(amounts),
        unit=str(rows["billing_currency"].iloc[0]),
        evidence=evidence("cost", len(rows)),
        provenance="measured",
    )


def _open_days(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    """Yield the days that are missing or still estimated, and the forecast while days are ahead."""
    forecast = results.forecast
    if forecast is None:
        return
    if forecast.missing_days:
        yield _days_finding(
            "cost.missing_days",
            "Days without a charge",
            forecast.missing_days,
            f"of {inputs.period} without a charge, which are not counted as free",
            Severity.HIGH,
        )
    if forecast.estimated_days:
        yield _days_finding(
            "cost.estimated_days",
            "Days still estimated",
            forecast.estimated_days,
            "still estimated by the provider, whose cost will move",
            Severity.LOW,
        )
    if forecast.days_ahead:
        yield _month_end(results, forecast)


def _days_finding(
    finding_id: str, title: str, days: tuple[date, ...], what: str, severity: Severity
) -> Finding:
    return Finding(
        id=finding_id,
        notebook=NOTEBOOK,
        title=title,
        statement=f"{counted(len(days), 'day')} {what}: {_days(days)}.",
        severity=severity,
        verdict=Verdict.UNKNOWN,
        value=Decimal(len(days)),
        unit="days",
        evidence=evidence("cost", len(days)),
    )


def _month_end(results: CostResults, forecast: Forecast) -> Finding:
    words = f"no forecast: {forecast.reason}."
    if forecast.forecast is not None:
        words = (
            f"the month ends at {results.money(forecast.forecast)}, between "
            f"{results.money(forecast.low)} and {results.money(forecast.high)}"
            f"{against_whole(results)}."
        )
    return Finding(
        id="cost.month_end_forecast",
        notebook=NOTEBOOK,
        title="Month-end forecast",
        statement=f"{results.money(forecast.spent)} so far; {words}",
        severity=Severity.INFO,
        verdict=Verdict.UNKNOWN,
        value=forecast.forecast,
        unit=results.currency,
        expected=results.full_baseline,
        evidence=evidence("cost_day", forecast.settled_days),
    )


def against_whole(results: CostResults) -> str:
    """Return what a month-end forecast is held against, in words; nothing where it is unknown."""
    if results.full_baseline is None:
        return ""
    which = "month before" if results.baseline_name == "previous_month" else "month"
    return f", against {results.money(results.full_baseline)} for the whole {which}"


def _days(days: tuple[date, ...]) -> str:
    return named([day(one) for one in days])


def _outside_period(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    assert results.bill is not None
    expected = [inputs.period]
    if results.baseline_name == "previous_month":
        expected.append(inputs.period.previous_month)
    starts = results.bill["charge_period_start"]
    outside = results.bill[~starts.map(lambda d: any(d in period for period in expected))]
    if outside.empty:
        return
    amount = exact_sum(outside[results.metric].dropna())
    yield Finding(
        id="cost.outside_period",
        notebook=NOTEBOOK,
        title="Charges outside the period",
        statement=f"{results.money(amount)} in {len(outside):,} charges start outside "
        f"{inputs.period} and are not in its total.",
        severity=Severity.LOW,
        verdict=Verdict.UNKNOWN,
        value=amount,
        unit=str(outside["billing_currency"].iloc[0]),
        evidence=evidence("cost", len(outside)),
        provenance="measured",
    )


def restated(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    """Yield by how much the provider has changed figures of the period that were pulled before.

    A row that came or went moves the total by its whole amount.
    """
    if inputs.restatement is None:
        return
    rows = [
        row
        for row in records(inputs.restatement)
        if row["cost_metric"] == results.metric and row["charge_period_start"] in inputs.period
    ]
    if not rows:
        return
    changes = [exact_sum(_change(row)) for row in rows]
    net = exact_sum(changes)
    _, first = max(enumerate(rows), key=lambda numbered: abs(changes[numbered[0]]))
    settled = sum(not row["is_from_estimate"] for row in rows)
    yield Finding(
        id="cost.restated",
        notebook=NOTEBOOK,
        title="Restated since an earlier pull",
        statement=f"{counted(len(rows), 'figure')} of earlier pulls changed since, "
        f"{settled} of them not marked as estimates: {results.change(net)} in all. "
        f"Largest: {first['service_name']} on {day(first['charge_period_start'])}, from "
        f"{_side(results, first['before_cost'])} to {_side(results, first['after_cost'])}.",
        severity=severity_of_amount(net) if settled else Severity.INFO,
        verdict=Verdict.CONTRADICTS,
        value=net,
        unit=results.currency,
        expected=Decimal(0),
        evidence=evidence("restatement", len(rows)),
        provenance="measured",
    )


def _change(row: Mapping[str, Any]) -> list[Decimal]:
    """Return what a restated figure added to the total: the new side, less the old one."""
    new = [] if row["after_cost"] is None else [row["after_cost"]]
    return new if row["before_cost"] is None else [*new, -row["before_cost"]]


def _side(results: CostResults, amount: Decimal | None) -> str:
    return "no charge" if amount is None else results.money(amount)


def _bill_against_statement(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    """Yield whether the bill's components equal those of the statement, to the cent."""
    if inputs.stated_actual is None or results.bill is None:
        return
    inside = _in_period(results)
    by_component = cost_by(inside, results.metric)
    billed: dict[str, Decimal] = dict(
        zip(by_component["component"], by_component["cost"], strict=True)
    )
    stated = dict(
        zip(inputs.stated_actual["component"], inputs.stated_actual["actual_cost"], strict=True)
    )
    apart = sorted(
        name for name in billed.keys() | stated.keys() if billed.get(name) != stated.get(name)
    )
    margin = exact_sum(billed.values()) - exact_sum(stated.values())
    verdict, words = Verdict.HOLDS, "adds up to every stated actual cost, to the cent."
    if apart:
        verdict = Verdict.CONTRADICTS
        words = (
            f"differs from the stated actual costs of {listed(apart)}: {results.change(margin)}."
        )
    elif inputs.is_bill_synthetic:
        verdict, words = (
            Verdict.UNKNOWN,
            "was made from the statement, so it confirms nothing of it.",
        )
    yield Finding(
        id="cost.bill_ties_to_statement",
        notebook=NOTEBOOK,
        title="Bill against statement",
        statement=f"The {'synthetic ' if inputs.is_bill_synthetic else ''}bill {words}",
        severity=severity_of_amount(margin) if apart else Severity.INFO,
        verdict=verdict,
        value=exact_sum(billed.values()),
        unit=str(inside["billing_currency"].iloc[0]) if len(inside) else "1",
        expected=exact_sum(stated.values()),
        evidence=evidence("cost", len(inside)),
        provenance="synthetic" if inputs.is_bill_synthetic else "measured",
    )
