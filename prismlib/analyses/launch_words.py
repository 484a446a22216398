"""The decision on a launch in words: why, how sure, what flips it, and what is assumed in it.

What is assumed is no evidence. Each of these sentences says so, so that a GO that rests on it never
reads as one that was shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_decision import LaunchDecision
from prismlib.analyses.launch_gate import UNKNOWN
from prismlib.analyses.launch_inputs import PARAMETERS, Bounds
from prismlib.analyses.launch_measures import Measure
from prismlib.analyses.launch_rules import FAIL, GO, PASS, Criterion
from prismlib.analyses.launch_standing import Judged
from prismlib.formats import count, money, quantity

ASSUMED = "assumed"
"""The word for a band that no evidence shows."""
SILENT = "Nothing on a launch is in the snapshot: there is nothing to decide."
MOST_NAMED = 3
"""Of more than this a sentence at the top gives numbers, not names."""
ON_ASSUMPTION = "on what is assumed"


def decision_words(results: LaunchDecision) -> str:
    """Return the decision, why, and how sure it is."""
    gate = results.gate
    if results.known.inputs.are_silent:
        return SILENT
    if not results.judged:
        return "No criterion of the launch is in the snapshot: nothing can be GO."
    groups = (
        ("failing", FAIL),
        ("neither met nor failed", "warn"),
        ("not shown", UNKNOWN),
        ("met", PASS),
    )
    parts = []
    for word, band in groups:
        found = [_named(one.criterion, results) for one in gate.of_band(band)]
        if found:
            parts.append(f"{word}: {listed(found)}")
    is_assumed = results.assumed.is_anything
    words = f"{decided_words(results)}. {first_upper('; '.join(parts))}. "
    if gate.waived:
        words += f"Accepted as a risk: {listed([one.criterion.name for one in gate.waived])}. "
    if gate.ways == 1 and gate.of_band(UNKNOWN):
        return words.strip()
    if gate.ways == 1:
        return f"{words}{'Nothing else' if is_assumed else 'Nothing'} is unknown."
    if gate.is_certain:
        return f"{words}However the unknowns turn out, it stays {gate.decision}."
    words += f"It is NO-GO for lack of evidence: of {count(gate.ways)} ways in which the "
    if gate.go_ways is None:
        return f"{words}unknowns may turn out, too many to try, not all would be GO."
    return f"{words}unknowns may turn out, {count(gate.go_ways)} would be GO."


def decided_words(results: LaunchDecision) -> str:
    """Return the decision, and that it is one on what is assumed."""
    decision = results.gate.decision
    return f"{decision} {ON_ASSUMPTION}" if results.assumed.is_anything else decision


def _named(criterion: Criterion, results: LaunchDecision) -> str:
    is_assumed = criterion.criterion_id in results.assumed.measures
    return f"{criterion.name}{' (assumed)' * is_assumed}"


def flip_words(results: LaunchDecision) -> str:
    """Return what it takes to be GO, and what would end that; empty where nothing flips it."""
    if results.gate.decision == GO or not results.to_go:
        return ""
    sets = [listed([results.name(name) for name in one]) for one in results.to_go]
    words = f"GO takes all of: {' — or of: '.join(sets)}. "
    if max(map(len, results.to_go)) == 1:
        words = f"GO takes {' — or '.join(sets)}. "
    if results.claimed_to_go:
        claimed = [listed([results.name(name) for name in one]) for one in results.claimed_to_go]
        words += f"If the stated figures held, it would take {' — or '.join(claimed)}. "
    alone = sum(len(one) == 1 for one in results.from_go)
    words += "Once it is GO, "
    counts = {0: "no criterion alone", 1: "1 criterion alone"}
    return f"{words}{counts.get(alone, f'each of {alone} criteria alone')} would end it."


def assumed_words(results: LaunchDecision) -> list[str]:
    """Return what is set in place of what the snapshot has, a clause each."""
    return [*_assumed_figures(results), *_assumed_bounds(results), *_assumed_waivers(results)]


def assumed_in_short(results: LaunchDecision) -> str:
    """Return what is assumed: each by its name, or how much of it where it is much."""
    said = assumed_words(results)
    if len(said) <= MOST_NAMED and len(results.assumed.waived) <= MOST_NAMED:
        return "; ".join(said)
    assumed = results.assumed
    counts = (
        (len(assumed.measures), "figure"),
        (len(assumed.bounds), "pair of bounds"),
        (len(assumed.waived), "waiver"),
    )
    words = listed([counted(n, noun) for n, noun in counts if n])
    return words.replace("pair of boundss", "pairs of bounds")


def _assumed_figures(results: LaunchDecision) -> Iterator[str]:
    for one in results.judged:
        if one.measure.is_assumed:
            seen = measure_words(one.seen, str(one.criterion.row["unit"]))
            yield f"{one.criterion.name}: {span_words(one)} in place of {seen}"


def _assumed_bounds(results: LaunchDecision) -> Iterator[str]:
    for one in results.judged:
        words = moved_words(one.criterion, results)
        if words:
            yield f"{one.criterion.name}: {words}"


def _assumed_waivers(results: LaunchDecision) -> Iterator[str]:
    faults: dict[str, list[str]] = {}
    for waiver in results.known.waivers:
        if waiver.row["source"] == PARAMETERS:
            faults.setdefault(waiver.fault, []).append(waiver.subject)
    for fault, subjects in faults.items():
        words = f" does not count: {fault}" if fault else " is in no register"
        yield f"the waiver of {listed(subjects)}{words}"


def moved_words(criterion: Criterion, results: LaunchDecision) -> str:
    """Return bounds that are assumed, and those of the snapshot; empty where they are these."""
    held = results.assumed.bounds.get(criterion.criterion_id)
    if held is None:
        return ""
    now = bounds_words(criterion, (criterion.row["go_value"], criterion.row["no_go_value"]))
    return f"{now}, in place of {bounds_words(criterion, held)}"


def bounds_words(criterion: Criterion, bounds: Bounds) -> str:
    """Return bounds in words: ``at most 8 minutes, NO-GO above 10 minutes``."""
    row, (go, no_go) = criterion.row, bounds
    unit, compared_as = str(row["unit"]), str(row["compared_as"])
    words = f"{compared_as} {figure(go, unit)}"
    if no_go is None:
        return words
    beyond = "above" if compared_as in ("at most", "less than") else "below"
    return f"{words}, NO-GO {beyond} {figure(no_go, unit)}"


def first_upper(words: str) -> str:
    """Return words with a capital at their beginning, the rest as they are."""
    return words[:1].upper() + words[1:]


def figure(value: Decimal | None, unit: str) -> str:
    """Return a figure of a criterion in words, a share with its sign of percent."""
    if unit == "1" and value in (0, 1):
        return "yes" if value else "no"
    if value is None:
        return "unknown"
    if len(unit) == 3 and unit.isupper():
        return money(value, unit, decimals=0)
    return quantity(round(value, 1 if unit == "%" and abs(value) >= 1 else 3), unit)


def measure_words(measure: Measure, unit: str) -> str:
    """Return the range of a figure."""
    low, high = measure.low, measure.high
    if unit == "1" and low != high:
        return "not shown"
    if low == high:
        return figure(low, unit)
    return f"{figure(low, unit)} to {figure(high, unit)}"


def span_words(one: Judged) -> str:
    """Return the range of the figure of a criterion."""
    return measure_words(one.measure, str(one.criterion.row["unit"]))
