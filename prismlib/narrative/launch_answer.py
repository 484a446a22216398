"""The answer of the notebook on the launch."""

from __future__ import annotations

from collections.abc import Sequence

from prismlib.analyses.judging import listed
from prismlib.analyses.launch_findings import figure, span_words
from prismlib.analyses.launch_gate import UNKNOWN
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.analyses.launch_rules import GO
from prismlib.analyses.launch_standing import Judged
from prismlib.findings import Finding
from prismlib.narrative.answers import Answer, serious_details
from prismlib.report.blocks import KeyFigure, Tone

SHOWN = {"launch.decision", "launch.flip"}
FIRST = ("launch.recommendations", "launch.criterion.", "launch.launch_date", "launch.remedy")
MOST_FIGURES = 5
TONES: dict[str, Tone] = {"pass": "good", "fail": "bad", "warn": "bad", UNKNOWN: "unknown"}


def launch_answer(results: LaunchResults, findings: Sequence[Finding]) -> Answer:
    """Return the answer of the notebook: the decision, why, and what would flip it."""
    return Answer(
        _statement(results),
        _figures(results),
        serious_details(findings, shown=SHOWN, first=FIRST),
    )


def _statement(results: LaunchResults) -> str:
    gate = results.gate
    if not results.judged:
        return "**NO-GO**: no criterion of the launch is known. What is not known is no pass."
    if gate.decision == GO:
        words = "**GO**: every criterion passes on evidence that counts."
        if gate.waived:
            words = (
                f"**GO, with accepted risks**: {listed([w.criterion.name for w in gate.waived])}."
            )
        return words
    sure = "whatever the unknowns turn out to be" if gate.is_certain else "for lack of evidence"
    words = f"**NO-GO, {sure}.** "
    groups = (("fail", "fail"), ("warn", "neither pass nor fail"), (UNKNOWN, "are not shown"))
    parts = [f"{n} {word}" for band, word in groups if (n := len(gate.of_band(band)))]
    words += f"Of {len(results.judged)} criteria {listed(parts)}."
    flipped = [one for one in results.judged if _is_flipped(one)]
    if flipped:
        words += f" **Claimed as passed and not so:** {listed([_flip(one) for one in flipped])}."
    return words


def _short(name: str) -> str:
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _is_flipped(one: Judged) -> bool:
    return one.claimed_band == "pass" and not one.standing.is_passed


def _flip(one: Judged) -> str:
    unit = str(one.criterion.row["unit"])
    found = "not shown" if one.standing.band == UNKNOWN else span_words(one)
    return f"{_short(one.criterion.name)} ({found}, claimed {figure(one.claimed, unit)})"


def _figures(results: LaunchResults) -> list[KeyFigure]:
    if not results.judged:
        return [KeyFigure("Decision", "NO-GO", "no criterion is known", "unknown")]
    order = {"fail": 0, UNKNOWN: 1, "warn": 2, "pass": 3}
    ranked = sorted(
        results.judged, key=lambda one: (not _is_flipped(one), order[one.standing.band])
    )
    return [_figure(one) for one in ranked[:MOST_FIGURES]]


def _figure(one: Judged) -> KeyFigure:
    unit = str(one.criterion.row["unit"])
    is_unknown = one.standing.band == UNKNOWN
    value = "not shown" if is_unknown else span_words(one)
    claimed = f"claimed {figure(one.claimed, unit)}" if one.claimed is not None else "no claim"
    return KeyFigure(
        one.criterion.name, value, f"{one.standing.band}; {claimed}", TONES[one.standing.band]
    )
