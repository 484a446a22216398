"""Findings on a planned move to Graviton: the commitments, what runs, and the cost target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from prismlib.analyses.graviton_claims import CLAIM, MOVED, StatedFleet, stated_fleets, target_ways
from prismlib.analyses.graviton_inputs import GravitonInputs, GravitonSettings
from prismlib.analyses.graviton_lines import ASSUMED_END
from prismlib.analyses.graviton_rates import ON_DEMAND
from prismlib.analyses.graviton_savings import GravitonResults, price_only
from prismlib.analyses.judging import counted, evidence, severity_of_amount, usd
from prismlib.findings import Finding, Severity, Verdict, judge
from prismlib.formats import count, day, percent
from prismlib.money import divide, exact_sum
from prismlib.tables import records

NOTEBOOK = "graviton_savings"
TITLE = "The claimed saving"


def plan_findings(
    inputs: GravitonInputs, settings: GravitonSettings, results: GravitonResults
) -> Iterator[Finding]:
    """Yield what a claimed saving leaves out, and what the stated target would need."""
    fleets, claimed = stated_fleets(inputs, results), results.stated.value(CLAIM)
    if claimed is None or not fleets:
        return
    yield from _commitments(claimed, fleets, results)
    yield from _deployed(claimed, fleets, (inputs, settings))
    yield from _target(inputs, fleets, results)


def _commitments(
    claimed: Decimal, fleets: list[StatedFleet], results: GravitonResults
) -> Iterator[Finding]:
    """Yield what commitments do to a claim that does not speak of them."""
    bound = results.lines[results.lines["eligibility"] == "after commitment"]
    if bound.empty:
        return
    ends = sorted({d for d in bound["commitment_end"] if d is not None})
    is_whole = len(bound) == len(results.chosen)
    is_assumed = any(ASSUMED_END in note for note in bound["note"])
    words = (
        f"{counted(len(bound), 'line')} of {usd(exact_sum(f.cost for f in fleets))} a month "
        "hold their instance family by a commitment, and the claim has no term for it. "
    )
    words += _until(ends, is_assumed=is_assumed, is_whole=is_whole)
    yield Finding(
        id="graviton.commitment_effect",
        notebook=NOTEBOOK,
        title=f"{TITLE} and the commitments",
        statement=words,
        severity=Severity.HIGH,
        verdict=Verdict.UNKNOWN if is_assumed or not ends else Verdict.CONTRADICTS,
        value=None if is_assumed or not is_whole else Decimal(0),
        unit="USD",
        expected=claimed,
        evidence=evidence("graviton_line", len(bound), results.stated.source(CLAIM)),
    )


def _until(ends: list[date], *, is_assumed: bool, is_whole: bool) -> str:
    """Return until when nothing is saved on committed lines."""
    if not ends:
        return "When it ends is not known: nothing can be said of when a saving begins."
    amount = "its full amount" if is_whole else "their part of it"
    words = (
        f"Nothing is saved on them before it ends, {'as late as' if is_assumed else 'on'} "
        f"{day(ends[-1])}; until then the claim is off by {amount}."
    )
    return words + (" The end dates of the reservations are needed." if is_assumed else "")


def _deployed(
    claimed: Decimal, fleets: list[StatedFleet], what: tuple[GravitonInputs, GravitonSettings]
) -> Iterator[Finding]:
    """Yield the saving of the instances that run, at list prices."""
    inputs, settings = what
    counts = [fleet.row["deployed_count"] for fleet in fleets]
    expected = [fleet.row["expected_count"] for fleet in fleets]
    if any(number is None for number in counts) or counts == expected:
        return
    running = replace(settings, fleet_count="deployed", reserved_as=ON_DEMAND)
    saving = price_only(inputs, running)
    known = None if saving.unknown_lines else saving.saving
    yield Finding(
        id="graviton.deployed_fleet",
        notebook=NOTEBOOK,
        title=f"{TITLE} and the instances that run",
        statement=f"{counted(exact_sum(counts), 'instance')} of {count(exact_sum(expected))} run. "
        f"At list prices they would save {usd(known)} a month; the claim is {usd(claimed)}.",
        severity=Severity.MEDIUM if known is None else severity_of_amount(claimed - known),
        verdict=Verdict.UNKNOWN if known is None else judge(claimed, known, decimals=0),
        value=known,
        unit="USD",
        expected=claimed,
        evidence=evidence("fleet", len(fleets), *(fleet.row["source"] for fleet in fleets)),
    )


def _needed(
    target: Decimal, total: Decimal, fleets: list[StatedFleet], lines_total: Decimal | None
) -> str:
    """Return what must come off the instances, counted on the stated total and on its lines."""
    billed = exact_sum(fleet.cost for fleet in fleets)
    on_total = percent(divide(100 * (total - target), billed), 1, signed=False)
    words = f"A total below {usd(target)} needs {on_total} off the instances"
    if lines_total is not None and lines_total != total:
        on_lines = percent(divide(100 * (lines_total - target), billed), 1, signed=False)
        words += f", or {on_lines} counted on the lines of the table"
    return words + ". "


def _reached(ways: list[dict[str, Any]], moved: dict[str, Any]) -> str:
    """Return what the move alone leaves, and which combination reaches the target, if any."""
    words = f"The move alone leaves {usd(moved['remaining_total'])}. "
    met = [way for way in ways if way["is_target_met"]]
    if met:
        easiest = min(met, key=lambda way: (way["levers"].count("+"), way["remaining_total"]))
        return words + (
            f"{counted(len(met), 'combination')} of {len(ways)} reach it, the simplest: "
            f"{easiest['levers']}, {usd(easiest['remaining_total'])}."
        )
    known = [way for way in ways if way["remaining_total"] is not None]
    lowest = min(known, key=lambda way: way["remaining_total"])
    return words + (
        f"None of {len(ways)} combinations reaches it; the lowest is "
        f"{usd(lowest['remaining_total'])} ({lowest['levers']})."
    )


def _target(
    inputs: GravitonInputs, fleets: list[StatedFleet], results: GravitonResults
) -> Iterator[Finding]:
    """Yield whether any combination of savings brings the stated total under the stated target."""
    ways = records(target_ways(results, fleets))
    stated = inputs.stated_actual
    lines_total = None if stated is None else exact_sum(stated["actual_cost"])
    target, total = results.stated.value("cost_target"), results.stated.value("actual_total")
    if not ways or target is None or total is None:
        return
    moved = next(way for way in ways if way["levers"] == MOVED)
    is_met = moved["is_target_met"]
    words = _needed(target, total, fleets, lines_total) + _reached(ways, moved)
    yield Finding(
        id="graviton.target",
        notebook=NOTEBOOK,
        title="What the cost target needs",
        statement=words,
        severity=Severity.INFO if is_met else Severity.HIGH,
        verdict={None: Verdict.UNKNOWN, True: Verdict.HOLDS, False: Verdict.CONTRADICTS}[is_met],
        value=moved["remaining_total"],
        unit="USD",
        expected=target,
        evidence=evidence("target_way", len(ways), results.stated.source("cost_target")),
    )
