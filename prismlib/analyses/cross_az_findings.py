"""Every finding on traffic between zones; here those on the cost, the lines and the remedies."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from prismlib.analyses.cross_az import BUDGET, CrossAzResults, rest_of_costs, working
from prismlib.analyses.cross_az_bill_findings import bill_findings
from prismlib.analyses.cross_az_claims import NOTEBOOK, claim_findings
from prismlib.analyses.cross_az_evidence import evidence_findings
from prismlib.analyses.cross_az_inputs import CrossAzInputs, CrossAzSettings
from prismlib.analyses.cross_az_year_claims import year_findings
from prismlib.analyses.judging import counted, evidence, listed, severity_of_amount
from prismlib.analyses.zone_failure import BILL_ALARM, TRAFFIC_ALARM, incident_cost, no_rise
from prismlib.analyses.zone_model import percent_of, share_in_words
from prismlib.analyses.zone_remedies import SAVINGS_DO_NOT_ADD, best_remedy
from prismlib.findings import Finding, Severity, Verdict, observed, ranked
from prismlib.formats import money, percent
from prismlib.tables import records


def judge_cross_az(
    inputs: CrossAzInputs, settings: CrossAzSettings, results: CrossAzResults
) -> list[Finding]:
    """Return every finding of the analysis of traffic between zones, worst first."""
    groups = (
        _month(results),
        bill_findings(inputs, results),
        claim_findings(inputs, results),
        year_findings(inputs, results),
        evidence_findings(results),
        _total(results),
        _break_even(results),
        _failure(settings, results),
        _remedies(results),
    )
    found = [finding for group in groups for finding in group]
    return ranked(observed(found, inputs.costs.as_of))


def _month(results: CrossAzResults) -> Iterator[Finding]:
    traffic, chosen = results.traffic, results.chosen
    if traffic is None or chosen is None:
        yield _unknown_month(results)
        return
    stated = results.at_stated
    expected = None if stated is None else stated.both_ends_cost
    cost = traffic.both_ends_cost
    ends = "at the one end that is billed" if results.is_one_end else "at both ends"
    words = f"With {share_in_words(chosen.ratio)} crossing, {chosen.words}, a month costs "
    words += f"{money(cost, traffic.currency)} {ends}"
    if expected is not None:
        words += f"; with the stated share it would be {money(expected, traffic.currency)}"
    yield Finding(
        id="traffic.month_cost",
        notebook=NOTEBOOK,
        title="Cost of a month",
        statement=words + ".",
        severity=severity_of_amount(cost),
        verdict=_month_verdict(results, cost, expected),
        value=cost,
        unit=traffic.currency,
        expected=expected,
        evidence=evidence("crossing_scenario", 1, chosen.source),
    )


def _unknown_month(results: CrossAzResults) -> Finding:
    verb = "is" if len(results.missing) == 1 else "are"
    return Finding(
        id="traffic.month_cost",
        notebook=NOTEBOOK,
        title="Cost of a month",
        statement=f"It cannot be computed: {listed(list(results.missing))} {verb} not known. Flow "
        "logs with zones, or the parameters crossing, total_gb_per_s and zones, would tell.",
        severity=Severity.MEDIUM,
        verdict=Verdict.UNKNOWN,
        evidence=evidence("zone_flow", 0),
    )


def _month_verdict(results: CrossAzResults, cost: Decimal, expected: Decimal | None) -> Verdict:
    """Return contradicts where a stated share costs something else; a stated share is unproven."""
    if expected is not None and expected != cost:
        return Verdict.CONTRADICTS
    assert results.chosen is not None
    return Verdict.HOLDS if results.chosen.name == "measured" else Verdict.UNKNOWN


def _total(results: CrossAzResults) -> Iterator[Finding]:
    """Yield whether the compared total holds the traffic."""
    is_known = results.chosen is not None and results.chosen.name in ("setting", "measured")
    stated = results.traffic if is_known else results.at("stated") or results.traffic
    _, current = rest_of_costs(results)
    if stated is None or current is None or results.is_in_total:
        return
    one, both = stated.one_end_cost, stated.both_ends_cost
    if not both:
        return
    yield Finding(
        id="traffic.in_no_total",
        notebook=NOTEBOOK,
        title="The traffic is in no cost total",
        statement=f"The lines add up to {money(current)} and none is for traffic between zones. "
        f"With {money(one)} at one end the total is {money(current + one)}, with both ends "
        f"{money(current + both)}.",
        severity=severity_of_amount(one),
        verdict=Verdict.CONTRADICTS,
        value=current + one,
        unit=stated.currency,
        expected=current,
        evidence=evidence("component_variance", 1),
    )


def _break_even(results: CrossAzResults) -> Iterator[Finding]:
    traffic, chosen = results.traffic, results.chosen
    if traffic is None or chosen is None:
        return
    for row in records(results.thresholds):
        name = (
            "budget"
            if row["threshold_name"] == BUDGET
            else (row["threshold_name"].split()[0].lower())
        )
        yield _threshold(results, row, name)


def _threshold(results: CrossAzResults, row: dict[str, Any], name: str) -> Finding:
    assert results.traffic is not None and results.chosen is not None
    both, one = row["both_ends_crossing_pct"], row["one_end_crossing_pct"]
    chosen = results.chosen
    pct = percent_of(chosen.ratio)
    is_over = both is not None and pct > both
    words = f"{row['threshold_name']}: {row['note']}."
    if not row["note"]:
        amount = money(row["allowed_cost"], row["billing_currency"])
        words = f"{row['threshold_name']}: {amount} a month is reached when "
        words += f"{percent(one, 3, signed=False)} of the traffic crosses, counted at one end, or "
        words += f"{percent(both, 3, signed=False)} at both. {_shares_in_words(results)}."
    is_band = name != "budget"
    over = Severity.CRITICAL if is_band else severity_of_amount(row["allowed_cost"])
    return Finding(
        id=f"traffic.break_even.{name}",
        notebook=NOTEBOOK,
        title=f"Share at which the {name} is reached",
        statement=words,
        severity=over if is_over else Severity.INFO,
        verdict=Verdict.CONTRADICTS if is_over else Verdict.HOLDS,
        value=one,
        unit="%",
        expected=pct,
        evidence=evidence("crossing_threshold", 1, chosen.source),
    )


def _shares_in_words(results: CrossAzResults) -> str:
    """Return the share that is used, and the stated one where it is another."""
    chosen, stated = results.chosen, results.shares.get("stated")
    assert chosen is not None
    words = f"{chosen.words.capitalize()} is {share_in_words(chosen.ratio)}"
    if stated is not None and stated.ratio != chosen.ratio:
        words += f", {stated.words} {share_in_words(stated.ratio)}"
    return words


def _failure(settings: CrossAzSettings, results: CrossAzResults) -> Iterator[Finding]:
    per_hour, traffic, failed = results.failure_per_hour, results.traffic, results.failed_ratio
    if per_hour is None or traffic is None or failed is None:
        return
    before = working(traffic, results.shares)
    incident = incident_cost(before, failed, settings.incident_hours)
    now, then = share_in_words(before.crossing_ratio), share_in_words(failed)
    words = f"From {now} to {then} crossing costs {money(per_hour, traffic.currency)} more an "
    words += f"hour; an incident of {counted(settings.incident_hours, 'hour')} costs "
    words += f"{money(incident, traffic.currency)}."
    if per_hour <= 0:
        words = no_rise(before, failed)
    yield Finding(
        id="traffic.failure_hour",
        notebook=NOTEBOOK,
        title="An hour of failed placement",
        statement=words,
        severity=_failure_severity(incident),
        verdict=Verdict.HOLDS,
        value=per_hour,
        unit=traffic.currency,
        evidence=evidence("crossing_alarm", len(results.alarms)),
    )
    costs = {row["alarm_name"]: row for row in records(results.alarms)}
    if BILL_ALARM in costs and TRAFFIC_ALARM in costs:
        yield _alarm(traffic.currency, costs[BILL_ALARM], costs[TRAFFIC_ALARM])


def _failure_severity(incident: Decimal) -> Severity:
    """Return how much an incident matters; it is no month, so it flips no decision alone."""
    if incident <= 0:
        return Severity.INFO
    severity = severity_of_amount(incident)
    return Severity.HIGH if severity is Severity.CRITICAL else severity


def _alarm(currency: str, bill: dict[str, Any], watch: dict[str, Any]) -> Finding:
    return Finding(
        id="traffic.alarm",
        notebook=NOTEBOOK,
        title="How long a failure stays unseen",
        statement=f"An alarm on the bill shows it after {counted(bill['delay_hours'], 'hour')} and "
        f"{money(bill['cost'], currency)}; one on traffic after "
        f"{counted(watch['delay_hours'] * 60, 'minute')} and {money(watch['cost'], currency)}. "
        "Which alarms exist is not in the snapshot.",
        severity=severity_of_amount(bill["cost"] - watch["cost"]),
        verdict=Verdict.UNKNOWN,
        value=bill["cost"],
        unit=currency,
        expected=watch["cost"],
        evidence=evidence("limit", 2, bill["source"], watch["source"]),
    )


def _remedies(results: CrossAzResults) -> Iterator[Finding]:
    rows = {row["remedy_name"]: row for row in records(results.remedies)}
    if not rows:
        return
    best = best_remedy(results.remedies)
    if best is None:
        words, value = "No remedy that keeps every zone is known to save anything.", None
    else:
        row = rows[best]
        value = row["net_effect"]
        words = (
            f"{best} would save an estimated {money(value, row['billing_currency'])} a month net, "
            f"if {row['assumption']}. What it gives up: {row['availability']}. "
            + SAVINGS_DO_NOT_ADD
        )
    yield Finding(
        id="traffic.best_remedy",
        notebook=NOTEBOOK,
        title="What helps most",
        statement=words,
        severity=Severity.INFO if value is None else severity_of_amount(value),
        verdict=Verdict.UNKNOWN,
        value=value,
        unit=results.currency,
        evidence=evidence("remedy", len(rows)),
    )
