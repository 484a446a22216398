"""Findings on what a document says of its cost beyond totals: years, savings, targets, dates.

Each function recomputes one kind of claim from the parts the same document gives, and yields
nothing when the document does not make it. No figure of any document is written here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from prismlib.analyses.cost_inputs import CostInputs
from prismlib.analyses.cost_totals import parts_of
from prismlib.analyses.cost_variance import CostResults
from prismlib.analyses.excluded_costs import CROSS_AZ, SECONDS_PER_DAY, STANDBY, unit_price
from prismlib.analyses.implied_rates import sized_fleets
from prismlib.analyses.judging import counted, evidence, listed, severity_of_amount
from prismlib.findings import Finding, Severity, Verdict, judge, slug
from prismlib.formats import count, day, money, percent
from prismlib.money import divide, exact_sum, percent_change
from prismlib.tables import records

NOTEBOOK = "cost_variance"
DAYS_PER_MONTH = Decimal(30)
MONTHS = {"annual_cost": 12, "three_year_cost": 36}


def claim_findings(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    """Yield the findings on every stated figure that the tables allow to recompute."""
    yield from _years(results)
    yield from _savings_and_targets(inputs, results)
    yield from _success_band(results)
    yield from _dates_and_method(inputs, results)
    yield from _delay(inputs, results)
    yield from _excluded(inputs, results)
    yield from _without_figure(results)


def _without_figure(results: CostResults) -> Iterator[Finding]:
    missing = results.stated.without_figure
    if missing:
        yield Finding(
            id="cost.claims_without_figure",
            notebook=NOTEBOOK,
            title="Claims without a figure",
            statement=f"{listed(missing)} carry no figure, so nothing that rests on them was "
            "checked. Fill the figures in, or remove the rows.",
            severity=Severity.MEDIUM,
            verdict=Verdict.UNKNOWN,
            value=Decimal(len(missing)),
            evidence=evidence("claim", len(missing)),
        )


def _years(results: CostResults) -> Iterator[Finding]:
    stated, monthly = results.stated, results.stated.value("actual_total")
    if monthly is None:
        return
    on_parts = results.summary.current
    extra = results.excluded[results.excluded["item_name"] == CROSS_AZ]["low_cost"].dropna()
    for claim_id, months in MONTHS.items():
        claimed = stated.value(claim_id)
        if claimed is None:
            continue
        verdict = judge(
            claimed,
            monthly * months,
            decimals=stated.decimals(claim_id),
            parts_hold=on_parts == monthly,
        )
        words = (
            f"{months} x the stated total is {money(monthly * months)}; {months} x its lines is "
            f"{money(on_parts * months)}; stated is {money(claimed)}"
        )
        if len(extra):
            words += (
                f", and with traffic between zones {money((on_parts + extra.iloc[0]) * months)}"
            )
        yield Finding(
            id=f"cost.{claim_id}",
            notebook=NOTEBOOK,
            title=f"Cost over {months} months",
            statement=words + ".",
            severity=Severity.INFO if verdict is Verdict.HOLDS else Severity.HIGH,
            verdict=verdict,
            value=on_parts * months,
            unit="USD",
            expected=claimed,
            evidence=evidence("claim", 1, stated.source(claim_id)),
        )


def _fleet_cost(inputs: CostInputs, results: CostResults) -> Decimal | None:
    """Return the current cost of the components that are fleets of instances."""
    if inputs.fleet is None:
        return None
    names = {row["component"] for row in sized_fleets(inputs.fleet)}
    lines = [p.amount for p in parts_of(results, "current_cost") if p.name in names]
    return exact_sum(lines) if lines else None


def _savings_and_targets(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    stated = results.stated
    for claim in stated.of_kind("applied_saving"):
        yield from _applied_saving(claim, results)
    compute = _fleet_cost(inputs, results)
    values = stated.values("cost_target", "actual_total", "graviton_pct")
    if compute and values is not None:
        yield _target(values, compute, results)
    regions = stated.values("cost_target", "active_regions", "summary.infrastructure")
    if regions is not None:
        target, factor, infrastructure = regions
        yield Finding(
            id="cost.target_active_regions",
            notebook=NOTEBOOK,
            title="Target with several active regions",
            statement=f"{counted(factor, 'active region')} at the stated {money(infrastructure)} "
            f"each cost {money(factor * infrastructure)}, against a target below {money(target)}.",
            severity=severity_of_amount(factor * infrastructure - target),
            verdict=Verdict.HOLDS if factor * infrastructure < target else Verdict.CONTRADICTS,
            value=factor * infrastructure,
            unit="USD",
            expected=target,
            evidence=evidence("claim", 3, stated.source("active_regions")),
        )


def _applied_saving(claim: dict[str, object], results: CostResults) -> Iterator[Finding]:
    row = results.components[results.components["component"] == claim["component"]]
    saving = claim["stated_value"]
    if row.empty or not isinstance(saving, Decimal):
        return
    base = row["baseline_cost"].iloc[0]
    ratio = divide(saving, base)
    if ratio is None:
        return
    yield Finding(
        id=f"cost.applied_saving.{slug(str(claim['component']))}",
        notebook=NOTEBOOK,
        title=f"{claim['component']}: saving already applied",
        statement=f"A saving of {money(saving)} is said to be applied to a line that is "
        f"estimated at {money(base)} in all: {percent(ratio * 100, 0, signed=False)} of it.",
        severity=Severity.MEDIUM if ratio > 1 else Severity.INFO,
        verdict=Verdict.CONTRADICTS if ratio > 1 else Verdict.HOLDS,
        value=base,
        unit="USD",
        expected=saving,
        evidence=evidence("claim", 1, str(claim["source"])),
    )


def _target(values: Sequence[Decimal], compute: Decimal, results: CostResults) -> Finding:
    target, total, pct = values
    after = total - compute * pct / 100
    needed = (total - target) / compute * 100
    on_parts = (results.summary.current - target) / compute * 100
    saving = results.stated.value("graviton_saving")
    words = (
        f"{percent(pct, 0, signed=False)} off the instances ({money(compute * pct / 100)}) brings "
        f"the stated {money(total)} to {money(after)}, against a target of {money(target)}. That "
        f"target needs {percent(needed, 1, signed=False)} off the instances, or "
        f"{percent(on_parts, 1, signed=False)} counted on the lines."
    )
    if saving is not None:
        verb = "reaches it" if total - saving < target else "does not reach it"
        words += f" The stated saving of {money(saving)} {verb}: {money(total - saving)}."
    return Finding(
        id="cost.target_with_saving",
        notebook=NOTEBOOK,
        title="Cost target of the first quarter",
        statement=words,
        severity=Severity.INFO if after < target else severity_of_amount(after - target),
        verdict=Verdict.HOLDS if after < target else Verdict.CONTRADICTS,
        value=after,
        unit="USD",
        expected=target,
        evidence=evidence("claim", 3, results.stated.source("cost_target")),
    )


def _success_band(results: CostResults) -> Iterator[Finding]:
    values = results.stated.values("success_base", "success_pct", "estimate_total")
    if values is None:
        return
    base, pct, estimate = values
    ceiling = base * (1 + pct / 100)
    on_estimate = percent_change(ceiling, estimate)
    yield Finding(
        id="cost.success_ceiling",
        notebook=NOTEBOOK,
        title="Success band of the first week",
        statement=f"The metric takes {money(base)} as the estimate; within "
        f"{percent(pct, 0, signed=False)} of it is up to {money(ceiling)}, which is "
        f"{percent(on_estimate, 1)} on the stated estimate of {money(estimate)}.",
        severity=Severity.INFO if base == estimate else Severity.MEDIUM,
        verdict=judge(estimate, base),
        value=on_estimate,
        unit="%",
        expected=pct,
        evidence=evidence("claim", 2, results.stated.source("success_base")),
    )


def _dates_and_method(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    stated = results.stated
    written = stated.date("actual_heading")
    launches = [d for d in (stated.date("launch_first"), stated.date("launch_second")) if d]
    if written is not None and launches and min(launches) > written:
        yield Finding(
            id="cost.first_month",
            notebook=NOTEBOOK,
            title="First month of production",
            statement="The actual costs are called those of the first month of production, in a "
            f"document dated {day(written)}; the launch is planned for "
            f"{' or '.join(day(d) for d in launches)}.",
            severity=Severity.HIGH,
            verdict=Verdict.CONTRADICTS,
            evidence=evidence("claim", 1 + len(launches), stated.source("actual_heading")),
        )
    if "billing_method" in stated.rows and results.actuals_name == "statement":
        yield Finding(
            id="cost.billing_method",
            notebook=NOTEBOOK,
            title="How the actual costs were measured",
            statement="The document names CloudWatch billing metrics, which are estimates by "
            "service: no usage type, no line item, no resource. A bill for the month is needed.",
            severity=Severity.MEDIUM,
            verdict=Verdict.UNKNOWN,
            evidence=evidence("claim", 1, stated.source("billing_method")),
        )


def _delay(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    values = results.stated.values("delay_days", "actual_total")
    if values is None:
        return
    days, monthly = values
    cost = monthly * days / DAYS_PER_MONTH
    compute = _fleet_cost(inputs, results)
    share = divide(compute, monthly)
    sunk = (
        ""
        if share is None
        else f", {percent(share * 100, 1, signed=False)} of it for the lines of instances"
    )
    yield Finding(
        id="cost.delay",
        notebook=NOTEBOOK,
        title="Cost of the delay",
        statement=f"The document gives none. {count(days)} of {count(DAYS_PER_MONTH)} days of the "
        f"stated total are {money(cost)}{sunk}. What of it could be saved is not known.",
        severity=Severity.MEDIUM,
        verdict=Verdict.UNKNOWN,
        value=cost,
        unit="USD",
        evidence=evidence("claim", 1, results.stated.source("delay_days")),
    )


def _excluded(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    summary = results.summary
    yield from _standby(results)
    row = results.excluded[results.excluded["item_name"] == CROSS_AZ]
    if row.empty or not results.baseline_name or not summary.baseline:
        return
    low, high = row["low_cost"].iloc[0], row["high_cost"].iloc[0]
    low_pct = percent_change(summary.current + low, summary.baseline)
    high_pct = percent_change(summary.current + high, summary.baseline)
    yield Finding(
        id="cost.excluded.cross_az",
        notebook=NOTEBOOK,
        title="Traffic between zones is in no total",
        statement=f"At the stated rate it costs {money(low)} a month one way and {money(high)} as "
        f"it is billed, at both ends. With it the variance is {percent(low_pct, 0)} or "
        f"{percent(high_pct, 0)} instead of {percent(summary.change_pct, 1)}.",
        severity=severity_of_amount(low),
        verdict=Verdict.CONTRADICTS,
        value=high,
        unit="USD",
        evidence=evidence("excluded_cost", 1, row["source"].iloc[0]),
    )
    yield from _allowance(inputs, results)


def _standby(results: CostResults) -> Iterator[Finding]:
    for row in records(results.excluded[results.excluded["item_name"] == STANDBY]):
        yield Finding(
            id="cost.excluded.standby",
            notebook=NOTEBOOK,
            title=f"{STANDBY}: in no total",
            statement=f"At most {money(row['high_cost'])} a month, if they run all month on "
            "demand. How long they run is not stated; their hours in the recovery region are "
            "needed.",
            severity=Severity.MEDIUM,
            verdict=Verdict.UNKNOWN,
            value=row["high_cost"],
            unit="USD",
            evidence=evidence("excluded_cost", 1, row["source"]),
        )


def _allowance(inputs: CostInputs, results: CostResults) -> Iterator[Finding]:
    stated = results.stated
    values = stated.values("cross_az_allowance", "cross_az_gb_per_s", "cross_az_days")
    price = unit_price(inputs.unit_prices, "cross_az_sender_gb")
    if values is None or not price or not values[0]:
        return
    allowance, rate, days = values
    measured_gb = rate * SECONDS_PER_DAY * days
    allowed_gb = allowance / price
    yield Finding(
        id="cost.cross_az_allowance",
        notebook=NOTEBOOK,
        title="Traffic between zones in the estimate",
        statement=f"The estimate allows {money(allowance)}, which pays for "
        f"{count(allowed_gb / 1000)} TB a month one way; the stated rate moves "
        f"{count(measured_gb / 1000)} TB, {count(round(measured_gb / allowed_gb))} times as much.",
        severity=severity_of_amount(measured_gb * price - allowance),
        verdict=judge(allowed_gb, measured_gb),
        value=measured_gb * price,
        unit="USD",
        expected=allowance,
        evidence=evidence("claim", 2, stated.source("cross_az_allowance")),
    )
