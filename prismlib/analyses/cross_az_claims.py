"""Findings on what a document says of the cost of traffic between zones.

Every figure is recomputed from the document's own inputs: its rate, share, days and price. The
price at the other end of a flow, which a document may leave out, comes from the price table.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from prismlib.analyses.cross_az import CrossAzResults
from prismlib.analyses.cross_az_choices import stated_total
from prismlib.analyses.cross_az_inputs import CrossAzInputs
from prismlib.analyses.excluded_costs import unit_price
from prismlib.analyses.judging import counted, evidence, severity_of_amount
from prismlib.analyses.zone_model import ZoneTraffic, as_decimal, percent_of, uniform_ratio
from prismlib.analyses.zone_sensitivity import PRICE_MONTH_DAYS
from prismlib.findings import Finding, Severity, Verdict, judge
from prismlib.formats import count, money, percent
from prismlib.money import HOURS_PER_MONTH, exact_sum, percent_change

NOTEBOOK = "cross_az_traffic"
GB_PER_TB = Decimal(1000)
STATED_COSTS = (
    *("cross_az_month_cost", "cross_az_year_cost", "cross_az_failed_year_cost"),
    "cross_az_change_pct",
)


def claim_findings(inputs: CrossAzInputs, results: CrossAzResults) -> Iterator[Finding]:
    """Yield the findings on each stated figure that the stated inputs allow to recompute."""
    yield from _split(results)
    yield from _failed_share(results)
    document = as_stated(inputs, results)
    if document is None:
        yield from _incomplete(results)
        return
    yield from _month_cost(results, document)
    yield from _change(results, document)
    yield from _both_ends(results, document)
    yield _month_length(results, document)


@dataclass(frozen=True)
class StatedTraffic:
    """The traffic as the document gives it: its rate, share, days and price.

    `is_both_ends` says whether its price of a GB is that of both ends already.
    """

    traffic: ZoneTraffic
    is_both_ends: bool

    @property
    def cost(self) -> Decimal:
        """Return the cost of the month by the document's own inputs."""
        return self.traffic.both_ends_cost if self.is_both_ends else self.traffic.one_end_cost

    @property
    def ends(self) -> str:
        """Return which ends that is for."""
        return "both ends" if self.is_both_ends else "one end"


def as_stated(inputs: CrossAzInputs, results: CrossAzResults) -> StatedTraffic | None:
    """Return the traffic as the document gives it; None where it does not say enough."""
    stated, prices = results.stated, inputs.costs.unit_prices
    values = stated.values("cross_az_gb_per_s", "cross_az_days")
    price = stated.value("cross_az_usd_per_gb") or unit_price(prices, "cross_az_sender_gb")
    receiver = unit_price(prices, "cross_az_receiver_gb")
    if values is None or price is None or receiver is None or not values[1]:
        return None
    crossing, days = values
    total = stated_total(stated)
    if not total or crossing > total:
        return None
    ratio = Fraction(crossing) / Fraction(total)
    is_both = counts_both_ends(inputs, results)
    if is_both:
        receiver = price / 2
        price -= receiver
    traffic = ZoneTraffic(total, ratio, results.zones or 2, days, price, receiver)
    return StatedTraffic(traffic, is_both)


def both_ends_price(inputs: CrossAzInputs) -> Decimal:
    """Return what the price table asks for a GB moved, at both ends; 0 when it has no price."""
    prices = inputs.costs.unit_prices
    ends = [unit_price(prices, f"cross_az_{end}_gb") for end in ("sender", "receiver")]
    return exact_sum(end for end in ends if end is not None)


def counts_both_ends(inputs: CrossAzInputs, results: CrossAzResults) -> bool:
    """Return whether the price that the document states for a GB is that of both ends."""
    price = results.stated.value("cross_az_usd_per_gb")
    return price is not None and price >= both_ends_price(inputs) > 0


def _incomplete(results: CrossAzResults) -> Iterator[Finding]:
    """Yield that the stated costs cannot be recomputed, if any is stated."""
    costs = [name for name in STATED_COSTS if results.stated.value(name) is not None]
    if not costs:
        return
    yield Finding(
        id="traffic.stated_cost",
        notebook=NOTEBOOK,
        title="Cost of a month, as stated",
        statement="The stated costs cannot be recomputed: that takes a rate that crosses, which "
        "is not more than the total, the days of the month and a price.",
        severity=Severity.HIGH,
        verdict=Verdict.UNKNOWN,
        unit="USD",
        expected=results.stated.value("cross_az_month_cost"),
        evidence=evidence("claim", len(costs), results.stated.source(costs[0])),
    )


def _split(results: CrossAzResults) -> Iterator[Finding]:
    stated = results.stated
    values = stated.values("total_tb_per_s", "cross_az_gb_per_s", "cross_az_pct")
    if values is None or not values[0]:
        return
    total, crossing, claimed = values
    share = crossing / (total * GB_PER_TB) * 100
    inside = stated.value("intra_az_tb_per_s")
    parts_tb = total if inside is None else inside + crossing / GB_PER_TB
    adds_up = parts_tb == total
    parts = ""
    if inside is not None:
        parts = f" {count(inside)} TB/s stay inside a zone: the parts add up"
        parts += "." if adds_up else f" to {count(parts_tb)} TB/s."
    verdict = judge(claimed, share, decimals=stated.decimals("cross_az_pct"))
    if not adds_up:
        verdict = Verdict.CONTRADICTS
    yield Finding(
        id="traffic.stated_split",
        notebook=NOTEBOOK,
        title="Share that crosses zones, as stated",
        statement=f"{count(crossing)} GB/s of {count(total)} TB/s are "
        f"{percent(share, 2, signed=False)}; stated is {stated.in_percent('cross_az_pct')}.{parts}",
        severity=Severity.INFO if verdict is Verdict.HOLDS else Severity.HIGH,
        verdict=verdict,
        value=share,
        unit="%",
        expected=claimed,
        evidence=evidence("claim", 3, stated.source("cross_az_pct")),
    )


def _month_cost(results: CrossAzResults, document: StatedTraffic) -> Iterator[Finding]:
    claimed = results.stated.value("cross_az_month_cost")
    if claimed is None:
        return
    cost = document.cost
    decimals = results.stated.decimals("cross_az_month_cost")
    verdict = judge(claimed, cost, decimals=decimals, parts_hold=not _rounding_goes_on(results))
    words = f"The stated rate, days and price give {money(cost)} at {document.ends}; stated is "
    words += f"{money(claimed)}."
    if verdict is Verdict.ROUNDING:
        words += f" {money(abs(cost - claimed))} is lost by rounding, and the next figure of the "
        words += "document is computed from what is left."
    yield Finding(
        id="traffic.stated_cost",
        notebook=NOTEBOOK,
        title="Cost of a month, as stated",
        statement=words,
        severity=Severity.INFO
        if verdict is Verdict.HOLDS
        else Severity.LOW
        if verdict is Verdict.ROUNDING
        else severity_of_amount(cost - claimed),
        verdict=verdict,
        value=cost,
        unit="USD",
        expected=claimed,
        evidence=evidence("claim", 4, results.stated.source("cross_az_month_cost")),
    )


def _is_rounded(results: CrossAzResults, cost: Decimal) -> bool:
    """Return whether the stated cost of a month is `cost` to its printed digits."""
    claimed = results.stated.value("cross_az_month_cost")
    decimals = results.stated.decimals("cross_az_month_cost")
    return claimed is not None and judge(claimed, cost, decimals=decimals) is Verdict.HOLDS


def _rounding_goes_on(results: CrossAzResults) -> bool:
    """Return whether the stated change follows from the rounded stated cost alone."""
    values = results.stated.values("cross_az_month_cost", "cross_az_target", "cross_az_change_pct")
    if values is None:
        return False
    cost, target, claimed = values
    change = percent_change(cost, target)
    decimals = results.stated.decimals("cross_az_change_pct")
    return change is not None and judge(claimed, change, decimals=decimals) is Verdict.HOLDS


def _change(results: CrossAzResults, document: StatedTraffic) -> Iterator[Finding]:
    values = results.stated.values("cross_az_target", "cross_az_change_pct")
    if values is None or not values[0]:
        return
    target, claimed = values
    cost = document.cost
    change = percent_change(cost, target)
    assert change is not None
    verdict = judge(claimed, change, decimals=results.stated.decimals("cross_az_change_pct"))
    words = f"{money(cost)} is {percent(change)} on the target of {money(target)}; "
    words += f"stated is {percent(claimed, 1)}."
    if verdict is not Verdict.HOLDS and _is_rounded(results, cost) and _rounding_goes_on(results):
        verdict = Verdict.ROUNDING
        words += " That is the change of the rounded cost."
    yield Finding(
        id="traffic.stated_change",
        notebook=NOTEBOOK,
        title="Change against the target, as stated",
        statement=words,
        severity=Severity.INFO if verdict is Verdict.HOLDS else Severity.LOW,
        verdict=verdict,
        value=change,
        unit="%",
        expected=claimed,
        evidence=evidence("claim", 2, results.stated.source("cross_az_target")),
    )


def _both_ends(results: CrossAzResults, document: StatedTraffic) -> Iterator[Finding]:
    traffic = document.traffic
    one, both = traffic.one_end_cost, traffic.both_ends_cost
    if one == both or document.is_both_ends:
        return
    yield Finding(
        id="traffic.billed_at_both_ends",
        notebook=NOTEBOOK,
        title="Both ends pay",
        statement=f"The stated cost counts {money(traffic.usd_per_gb_out, decimals=2)} for a GB. "
        f"AWS charges the sender and, with {money(traffic.usd_per_gb_in, decimals=2)}, the "
        f"receiver: {money(both)} a month instead of {money(one)}.",
        severity=severity_of_amount(both - one),
        verdict=Verdict.CONTRADICTS,
        value=both,
        unit="USD",
        expected=one,
        evidence=evidence("unit_price", 2, results.stated.source("cross_az_month_cost")),
    )


def _month_length(results: CrossAzResults, document: StatedTraffic) -> Finding:
    traffic, cost = document.traffic, document.cost
    longer = replace(document, traffic=replace(traffic, days=PRICE_MONTH_DAYS)).cost
    verdict = Verdict.HOLDS if cost == longer else Verdict.ROUNDING
    return Finding(
        id="traffic.month_length",
        notebook=NOTEBOOK,
        title="Length of the month",
        statement=f"The cost is for {counted(as_decimal(traffic.days), 'day')}; in the month of "
        f"{count(HOURS_PER_MONTH)} hours that price pages and the lines of instances use it is "
        f"{money(longer)}, {percent(percent_change(longer, cost), 1)}.",
        severity=Severity.LOW,
        verdict=verdict,
        value=longer,
        unit="USD",
        expected=cost,
        evidence=evidence("claim", 1, results.stated.source("cross_az_days")),
    )


def _failed_share(results: CrossAzResults) -> Iterator[Finding]:
    claimed = results.stated.value("cross_az_failed_pct")
    if claimed is None or results.zones is None:
        return
    share = percent_of(uniform_ratio(results.zones))
    verdict = judge(claimed, share, decimals=results.stated.decimals("cross_az_failed_pct"))
    yield Finding(
        id="traffic.failed_share",
        notebook=NOTEBOOK,
        title="Share that crosses when placement fails",
        statement=f"Placement at random over {count(results.zones)} zones lets "
        f"{percent(share, 1, signed=False)} cross; stated is "
        f"{results.stated.in_percent('cross_az_failed_pct')}.",
        severity=Severity.INFO if verdict is Verdict.HOLDS else Severity.MEDIUM,
        verdict=verdict,
        value=share,
        unit="%",
        expected=claimed,
        evidence=evidence("claim", 1, results.stated.source("cross_az_failed_pct")),
    )
