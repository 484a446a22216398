"""The answer of the notebook on recovery."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from prismlib.analyses.dr_judging import clock
from prismlib.analyses.dr_timeline import DrResults
from prismlib.analyses.drill_steps import Drill, excluded_work
from prismlib.analyses.judging import listed
from prismlib.findings import Finding, Verdict
from prismlib.formats import duration
from prismlib.narrative.answers import Answer, serious_details
from prismlib.report.blocks import KeyFigure, Tone

SHOWN = {
    "dr.recovery",
    "dr.whole",
    "dr.recovered",
    "dr.rto_including_excluded_work",
    "dr.rto_from_interruption",
}
ONLY_IF_KNOWN = ("until_healthy", "from_interruption", "whole")
"""Figures that are not shown as unknown: findings and tables say so."""
FIRST = ("dr.admissible", "dr.lost_source", "dr.rate", "dr.plan_order")


def dr_answer(results: DrResults, findings: Sequence[Finding]) -> Answer:
    """Return the answer of the notebook: how long, what was left off, whether it is evidence."""
    return Answer(
        _statement(results, findings),
        _figures(results),
        serious_details(findings, shown=SHOWN, first=FIRST),
    )


def _statement(results: DrResults, findings: Sequence[Finding]) -> str:
    drill, published = results.drill, results.seconds("published")
    if drill is None:
        return "**Nothing shows that recovery works**: there is no drill. That is no pass."
    if published is None:
        case = results.case("published")
        assert case is not None
        return f"**How long recovery takes is not known**: {case.note}. That is no pass."
    words = _took(results, drill, published)
    if results.changes:
        words = f"**Not as it ran, but as set here** ({listed(list(results.changes))}): {words}"
    if (counted := _from_interruption(results)) is not None:
        words += f" Counted from the interruption, {counted[0]}, it is {clock(counted[1])}."
    admissible = next((f for f in findings if f.id == "dr.admissible"), None)
    if admissible is not None and admissible.verdict is Verdict.CONTRADICTS:
        words += " **The drill is no evidence of either**: what its steps needed was not there."
    return words


def _took(results: DrResults, drill: Drill, published: Decimal) -> str:
    """Return how long recovery took: with all the work, and until health was back if known."""
    full, healthy = results.seconds("with_excluded"), results.seconds("until_healthy")
    answered = full or published
    words = f"**Recovery took {clock(max(answered, healthy or answered))}**"
    if full is not None and full != published:
        names = [step.name for step in excluded_work(drill)]
        words += f", not the published {clock(published)}: {listed(names)} was left off the clock"
    words += "."
    if healthy is not None and healthy > answered:
        words += f" Service answered after {clock(answered)}; health was back at its objective "
        words += f"after {clock(healthy)}."
    return words


FROM_INTERRUPTION = (
    ("whole_and_excluded", "as it is logged, until health was back"),
    ("whole", "as it is logged, until health was back"),
    ("from_interruption_and_excluded", "as it is logged"),
    ("from_interruption", "as it is logged"),
    ("with_response_and_excluded", "with the response that the on-call is allowed"),
    ("with_response", "with the response that the on-call is allowed"),
)


def _from_interruption(results: DrResults) -> tuple[str, Decimal] | None:
    """Return the first of these ways to count that is known, in words and in seconds."""
    for case_id, words in FROM_INTERRUPTION:
        if (seconds := results.seconds(case_id)) is not None:
            return words, seconds
    return None


def _figures(results: DrResults) -> list[KeyFigure]:
    found = (
        ("published", "On the published clock"),
        ("with_excluded", "With the work left off"),
        ("with_response_and_excluded", "And the on-call's response"),
        ("until_healthy", "Until health was back"),
        ("from_interruption_and_excluded", "From the interruption"),
        ("from_interruption", "From the interruption"),
        ("whole", "From the interruption to health"),
        ("at_stated_rate", "If the rate is of all nodes"),
        ("side_by_side", "If steps ran side by side"),
    )
    figures = []
    for case_id, label in found:
        case = results.case(case_id)
        seconds = results.seconds(case_id)
        if case is None or (seconds is None and case_id in ONLY_IF_KNOWN):
            continue
        if seconds is None:
            figures.append(KeyFigure(label, "unknown", case.note or "not logged", "unknown"))
            continue
        figures.append(KeyFigure(label, duration(seconds), *_tone(results, case_id)))
    return figures[:5] or [KeyFigure("Recovery", "unknown", "no drill in the snapshot", "unknown")]


def _tone(results: DrResults, case_id: str) -> tuple[str, Tone]:
    """Return what a figure is held against, and how it stands."""
    seconds = results.seconds(case_id)
    target, limit = results.bounds.target_s, results.bounds.limit_s
    if seconds is None or (target is None and limit is None):
        return "min:s; no target is known", "neutral"
    if limit is not None and seconds > limit:
        return f"min:s, over the limit of {duration(limit)}", "bad"
    if target is not None and seconds > target:
        return f"min:s, over the target of {duration(target)}", "bad"
    if case_id == "side_by_side":
        return "min:s, possible, not measured", "neutral"
    return f"min:s, target {duration(target)}", "neutral"
