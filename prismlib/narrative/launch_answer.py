"""The answer of the notebook on the launch."""

from __future__ import annotations

from collections.abc import Sequence

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_decision import LaunchDecision
from prismlib.analyses.launch_evidence import State
from prismlib.analyses.launch_evidence_findings import later_looks
from prismlib.analyses.launch_gate import UNKNOWN
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.analyses.launch_rules import GO, PASS
from prismlib.analyses.launch_standing import Judged
from prismlib.analyses.launch_words import (
    MOST_NAMED,
    SILENT,
    assumed_in_short,
    figure,
    span_words,
)
from prismlib.findings import Finding
from prismlib.formats import day
from prismlib.narrative.answers import Answer, serious_details
from prismlib.report.blocks import KeyFigure, Tone

SHOWN = {"launch.assumed", "launch.decision", "launch.flip"}
FIRST = (
    "launch.recommendations",
    "launch.criterion.",
    "launch.launch_date",
    "launch.remedy",
)
MOST_FIGURES = 5
TONES: dict[str, Tone] = {"pass": "good", "fail": "bad", "warn": "bad", UNKNOWN: "unknown"}


def launch_answer(results: LaunchResults, findings: Sequence[Finding]) -> Answer:
    """Return the answer of the notebook: the decision, why, and what would flip it."""
    return Answer(
        launch_statement(results),
        _figures(results),
        [
            *serious_details(findings, shown=SHOWN, first=FIRST),
            *(f"**{f.title}.** {f.statement}" for f in findings if f.id == "launch.flip"),
        ],
    )


def launch_statement(results: LaunchDecision) -> str:
    """Return the decision and why; what it assumes comes before it."""
    words = _statement(results)
    if not results.assumed.is_anything:
        return words
    return f"**Assumed, not shown** ({assumed_in_short(results)}): {words}"


def _statement(results: LaunchDecision) -> str:
    gate = results.gate
    if results.known.inputs.are_silent:
        return SILENT
    if not results.judged:
        return "**NO-GO**: no criterion of the launch is known. What is not known is no pass."
    if gate.decision == GO:
        since = _seen_since(results)
        until = _only_until(results) or ("" if since else _lasts(results))
        return f"{_go(results)}{_although(results)}{since}{until}"
    words = f"**NO-GO{_sure(results)}.** "
    parts = [f"{listed(names)} {word}" for word, names in _groups(results)]
    if len(results.judged) > MOST_NAMED:
        parts = [f"{len(names)} {word}" for word, names in _groups(results)]
        words += f"Of {len(results.judged)} criteria "
    words += f"{'; '.join(parts)}." if parts else "Every criterion passes, and no rule makes it GO."
    flipped = [one for one in results.judged if _is_flipped(one)]
    if flipped:
        words += f" **Claimed as passed and not so:** {listed([_flip(one) for one in flipped])}."
    return words


def _sure(results: LaunchDecision) -> str:
    if not results.gate.of_band(UNKNOWN):
        return ""
    if results.gate.is_certain:
        return ", whatever the unknowns turn out to be"
    return ", for lack of evidence"


def _groups(results: LaunchDecision) -> list[tuple[str, list[str]]]:
    """Return the names of the criteria that do not pass, by what is so of them."""
    found = []
    for band, one, more in (
        ("fail", "fails", "fail"),
        ("warn", "neither passes nor fails", "neither pass nor fail"),
        (UNKNOWN, "is not shown", "are not shown"),
    ):
        names = [standing.criterion.name for standing in results.gate.of_band(band)]
        if names:
            found.append((one if len(names) == 1 else more, names))
    return found


def _go(results: LaunchDecision) -> str:
    """Return a GO with what it rests on besides evidence: risks that somebody accepts."""
    risks = [one.criterion.name for one in results.gate.waived]
    risks += [f"{one.item_id} ({one.name})" for one in results.known.items.values() if one.is_risk]
    risks += _allowed(results)
    assumed = [one.criterion.name for one in results.judged if one.measure.is_assumed]
    if assumed:
        shown = _short_list(assumed, "criterion").replace("criterions", "criteria")
        also = f", and {_short_list(risks, 'risk')} accepted" if risks else ""
        return f"**GO only if it is as assumed**: no evidence shows {shown}{also}."
    if risks:
        return f"**GO, with accepted risks**: {listed(risks)}."
    if results.assumed.bounds:
        return "**GO only by the bounds that are assumed**: every criterion passes them."
    if all(one.standing.is_passed for one in results.judged):
        return "**GO**: every criterion passes on evidence that counts."
    return f"**GO by the rules “{results.gate.rules.name}”**."


def _although(results: LaunchDecision) -> str:
    """Return what does not pass and the rules let through, empty when everything passes."""
    waived = {one.criterion.name for one in results.gate.waived}
    groups = [(word, [n for n in names if n not in waived]) for word, names in _groups(results)]
    parts = [f"{listed(names)} {word}" for word, names in groups if names]
    return f" **Although {'; '.join(parts)}**, which the rules let through." if parts else ""


def _lasts(results: LaunchDecision) -> str:
    """Return until when a GO holds if nothing is looked at again, empty where nothing ends it."""
    if results.lasts_until is None:
        return ""
    return f" It holds until {day(results.lasts_until)} if nothing is looked at again."


def _allowed(results: LaunchDecision) -> list[str]:
    """Return what is allowed by name and counted against a check, many as their number."""
    found = [f"{one.thing} ({one.check_id})" for one in results.known.name_waivers if not one.fault]
    return found if len(found) <= MOST_NAMED else [f"{len(found)} things allowed by name"]


def _short_list(names: Sequence[str], noun: str) -> str:
    return listed(list(names)) if len(names) <= MOST_NAMED else counted(len(names), noun)


def _seen_since(results: LaunchDecision) -> str:
    """Return what was seen failing after the day that is asked about, empty for nothing."""
    failing = [one for one in later_looks(results) if one.state is State.FAIL]
    if not failing:
        return ""
    found = [f"{one.key[0]} on {day(one.seen_on)}" for one in failing[:MOST_NAMED]]
    more = f" and {len(failing) - MOST_NAMED} more" * (len(failing) > MOST_NAMED)
    words = f" **Seen failing since {day(results.known.inputs.as_of)}**, the day of this answer: "
    return f"{words}{listed(found)}{more}."


def _only_until(results: LaunchDecision) -> str:
    """Return that a GO does not last until the launch, empty when it does."""
    if results.launch is None or results.at_launch.decision == GO:
        return ""
    lost = [s.criterion.name for s in results.at_launch.standings if s.counted_bands != (PASS,)]
    words = f" **Not on {day(results.launch)}**, unless it is looked at or renewed: "
    return f"{words}{listed(lost)}."


def _short(name: str) -> str:
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _is_flipped(one: Judged) -> bool:
    return one.claimed_band == "pass" and not one.standing.is_passed


def _flip(one: Judged) -> str:
    unit = str(one.criterion.row["unit"])
    found = "not shown" if one.standing.band == UNKNOWN else span_words(one)
    return f"{_short(one.criterion.name)} ({found}, claimed {figure(one.claimed, unit)})"


def _figures(results: LaunchResults) -> list[KeyFigure]:
    if results.known.inputs.are_silent:
        return [KeyFigure("Decision", "none", "nothing on a launch is known", "unknown")]
    if not results.judged:
        return [KeyFigure("Decision", "NO-GO", "no criterion is known", "unknown")]
    order = {"fail": 0, UNKNOWN: 1, "warn": 2, "pass": 3}
    ranked = sorted(
        results.judged, key=lambda one: (not _is_flipped(one), order[one.standing.band])
    )
    return [_figure(one) for one in ranked[:MOST_FIGURES]]


def _figure(one: Judged) -> KeyFigure:
    unit = str(one.criterion.row["unit"])
    is_assumed, is_unknown = one.measure.is_assumed, one.standing.band == UNKNOWN
    value = "not shown" if is_unknown else span_words(one)
    claimed = f"claimed {figure(one.claimed, unit)}" if one.claimed is not None else "no claim"
    tone: Tone = "unknown" if is_assumed else TONES[one.standing.band]
    stands = f"assumed {one.standing.band}" if is_assumed else one.standing.band
    if one.standing.counted_bands != one.standing.bands:
        stands, tone = f"{stands}, waived", "neutral"
    if one.measure.risks:
        stands += f", {one.measure.risks} waived"
        tone = "neutral" if tone == "good" else tone
    return KeyFigure(one.criterion.name, value, f"{stands}; {claimed}", tone)
