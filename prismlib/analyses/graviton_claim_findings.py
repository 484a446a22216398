"""Findings on what a document claims of a move to Graviton."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from prismlib.analyses.graviton_claims import (
    CLAIM,
    Reading,
    StatedFleet,
    claim_readings,
    list_price_saving,
    stated_fleets,
    supported,
)
from prismlib.analyses.graviton_inputs import GravitonInputs, GravitonSettings
from prismlib.analyses.graviton_plan_findings import plan_findings
from prismlib.analyses.graviton_savings import GravitonResults
from prismlib.analyses.judging import counted, evidence, listed, severity_of_amount, usd
from prismlib.findings import Finding, Severity, Verdict, judge, slug
from prismlib.formats import count, money, percent, rate
from prismlib.money import divide, exact_sum, percent_change
from prismlib.tables import records

NOTEBOOK = "graviton_savings"
TITLE = "The claimed saving"
NO_PRICE_CUT = (
    "Better price-performance means more work for the money; it takes nothing off the price, and a "
    "fleet sized by memory needs its instances all the same."
)


def claim_findings(
    inputs: GravitonInputs, settings: GravitonSettings, results: GravitonResults
) -> Iterator[Finding]:
    """Yield the findings on the claimed saving, the rates behind it and the stated target."""
    fleets = stated_fleets(inputs, results)
    yield from _rates(fleets, results)
    claimed = results.stated.value(CLAIM)
    if claimed is None or not fleets:
        return
    source = results.stated.source(CLAIM)
    yield from _share(claimed, fleets, results)
    yield from _origin(claimed, fleets, (inputs, results))
    yield from _against_list(claimed, fleets, source)
    yield from _largest_cut(claimed, fleets, results)
    yield from plan_findings(inputs, settings, results)


def _rates(fleets: list[StatedFleet], results: GravitonResults) -> Iterator[Finding]:
    """Yield lines that are called reserved and cost as much as on demand."""
    for fleet in fleets:
        if not (fleet.is_called_reserved and fleet.is_above_list):
            continue
        assert fleet.list_now is not None
        instead = (
            "no sourced rate takes its place"
            if fleet.paid_cost is None
            else f"the analysis takes the sourced rate, {usd(fleet.paid_cost)} a month"
        )
        yield Finding(
            id=f"graviton.rate_not_reserved.{slug(fleet.component)}",
            notebook=NOTEBOOK,
            title=f"{fleet.component}: not a reserved rate",
            statement=f"{usd(fleet.cost)} is {rate(fleet.cost / fleet.hours)} an instance, at "
            f"or above the on-demand price of {rate(fleet.list_now)}. It is no rate "
            f"to save against: {instead}.",
            severity=severity_of_amount(
                fleet.cost - (fleet.paid_cost or fleet.list_now * fleet.hours)
            ),
            verdict=Verdict.CONTRADICTS,
            value=fleet.cost / fleet.hours,
            unit="USD/h",
            expected=fleet.list_now,
            evidence=evidence("stated_actual", 1, fleet.row["source"]),
        )


def _share(
    claimed: Decimal, fleets: list[StatedFleet], results: GravitonResults
) -> Iterator[Finding]:
    pct, total = results.stated.value("graviton_pct"), results.stated.value("actual_total")
    billed = exact_sum(fleet.cost for fleet in fleets)
    share = divide(claimed, billed)
    if pct is None or share is None:
        return
    own = billed * pct / 100
    words = (
        f"{percent(pct, 0, signed=False)} of the {usd(billed)} that the instances are billed is "
        f"{usd(own)}; the claim of {usd(claimed)} is {percent(share * 100, 1, signed=False)} "
        "of it"
    )
    of_total = divide(claimed, total)
    if of_total is not None:
        words += f" and {percent(of_total * 100, 1, signed=False)} of the whole bill"
    yield Finding(
        id="graviton.claimed_share",
        notebook=NOTEBOOK,
        title=f"{TITLE} against its own percentage",
        statement=words + ".",
        severity=severity_of_amount(claimed - own),
        verdict=judge(claimed, own, decimals=results.stated.decimals(CLAIM)),
        value=own,
        unit="USD",
        expected=claimed,
        evidence=evidence("claim", 2, results.stated.source(CLAIM)),
    )


def _origin(
    claimed: Decimal, fleets: list[StatedFleet], what: tuple[GravitonInputs, GravitonResults]
) -> Iterator[Finding]:
    """Yield where the claimed amount comes from, as far as a document supports it."""
    inputs, results = what
    pct = results.stated.value("graviton_pct")
    hours = {fleet.hours for fleet in fleets}
    if pct is None or not all(hours):
        return
    readings = claim_readings(claimed, pct, fleets, inputs.reference.instance_price)
    found = [(r, *supported(r, fleets, results.stated)) for r in readings]
    known = [(reading, others) for reading, is_supported, others in found if is_supported]
    per_hour = claimed / hours.pop() if len(hours) == 1 else None
    words, verdict = "", Verdict.UNKNOWN if readings else Verdict.NOT_REPRODUCIBLE
    if per_hour is not None:
        words = f"{money(claimed)} is {rate(per_hour, decimals=2)} for one of each instance. "
    if known:
        words += _reading_words(known[0][0], known[0][1], fleets, pct)
        verdict = Verdict.CONTRADICTS if known[0][1] else Verdict.HOLDS
    else:
        words += f"As {percent(pct, 0, signed=False)} of on-demand prices "
        words += f"{counted(len(readings), 'reading')} fit; nothing in the document supports one."
    yield Finding(
        id="graviton.claim_origin",
        notebook=NOTEBOOK,
        title=f"{TITLE}: where it comes from",
        statement=words,
        severity=Severity.HIGH if verdict is not Verdict.HOLDS else Severity.INFO,
        verdict=verdict,
        value=per_hour,
        unit="USD/h",
        evidence=evidence("claim", 2, results.stated.source(CLAIM)),
    )


def _reading_words(
    reading: Reading,
    others: list[tuple[StatedFleet, str]],
    fleets: list[StatedFleet],
    pct: Decimal,
) -> str:
    parts = [
        f"{kind} at {rate(price)}"
        for kind, price in zip(reading.instance_types, reading.list_usd_per_hour, strict=True)
    ]
    words = f"That is {percent(pct, 0, signed=False)} of the on-demand prices of {listed(parts)}"
    words += ", each rounded to the cent, " if reading.is_rounded else ", "
    words += f"for {count(fleets[0].row['expected_count'])} of each."
    for fleet, kind in others:
        words += f" {fleet.component} is priced as {kind} but runs {fleet.row['instance_type']}."
    if any(fleet.is_called_reserved for fleet in fleets):
        words += " A share of on-demand prices is taken off a bill that is called reserved."
    return words


def _against_list(claimed: Decimal, fleets: list[StatedFleet], source: str) -> Iterator[Finding]:
    saving = list_price_saving(fleets)
    if saving is None:
        words = "A list price is missing on one side, so the claim cannot be held against one."
    else:
        words = _list_words(saving, claimed, fleets)
    yield Finding(
        id="graviton.list_price_saving",
        notebook=NOTEBOOK,
        title=f"{TITLE} against list prices",
        statement=words,
        severity=Severity.MEDIUM if saving is None else severity_of_amount(claimed - saving),
        verdict=Verdict.UNKNOWN if saving is None else judge(claimed, saving, decimals=0),
        value=saving,
        unit="USD",
        expected=claimed,
        evidence=evidence("claim", 1, source),
    )


def _list_words(saving: Decimal, claimed: Decimal, fleets: list[StatedFleet]) -> str:
    changes = [
        f"{percent(percent_change(fleet.list_after, fleet.list_now), 1)} for "
        f"{fleet.row['instance_type']}"
        for fleet in fleets
    ]
    share = percent(divide(100 * saving, claimed), 0, signed=False)
    return (
        f"List prices change by {listed(changes)}. On the billed amounts that is {usd(saving)} a "
        f"month, {share} of the claim."
    )


def _largest_cut(
    claimed: Decimal, fleets: list[StatedFleet], results: GravitonResults
) -> Iterator[Finding]:
    """Yield whether any generation is as much cheaper as the claim says: a price cut, not speed."""
    cuts = [
        (-row["price_change_ratio"], row["graviton_generation"])
        for row in records(results.options)
        if row["price_change_ratio"] is not None
    ]
    share = divide(claimed, exact_sum(fleet.cost for fleet in fleets))
    if not cuts or share is None:
        return
    largest, generation = max(cuts)
    holds = share <= largest
    words = (
        f"The claim is {percent(share * 100, 1, signed=False)} of what the instances cost. The "
        "largest cut at like-for-like rates, of any line in any generation, is "
        f"{percent(largest * 100, 1, signed=False)} ({generation}). "
    )
    yield Finding(
        id="graviton.claim_as_price_cut",
        notebook=NOTEBOOK,
        title=f"{TITLE} as a cut in price",
        statement=words + ("A price cut of that size exists." if holds else NO_PRICE_CUT),
        severity=Severity.INFO if holds else Severity.HIGH,
        verdict=Verdict.HOLDS if holds else Verdict.CONTRADICTS,
        value=largest * 100,
        unit="%",
        expected=share * 100,
        evidence=evidence("graviton_option", len(cuts), "data/reference/instance_price.csv"),
    )
