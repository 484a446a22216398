"""The sentences of the notebook on the launch: every number in them is computed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_decision import LaunchDecision
from prismlib.analyses.launch_gate import UNKNOWN, met_pct
from prismlib.analyses.launch_readiness import LaunchResults
from prismlib.analyses.launch_rules import GO
from prismlib.analyses.launch_standing import Judged
from prismlib.analyses.launch_tasks import needed_items
from prismlib.analyses.launch_words import (
    ASSUMED,
    ON_ASSUMPTION,
    assumed_words,
    decided_words,
    figure,
    flip_words,
    span_words,
)
from prismlib.findings import Finding
from prismlib.formats import count, day, percent

LONGEST_SHOWN = 14
"""Open items in the chart: those that take the longest."""


def headline(results: LaunchResults, findings: Sequence[Finding]) -> str:
    """Return the few lines of plain text that a notebook keeps as its checked output."""
    verdicts = [str(f.verdict) for f in findings]
    counts = [f"{verdicts.count(word)} {word}" for word in sorted(set(verdicts))]
    bands = [one.band for one in results.gate.standings]
    stand = [f"{bands.count(band)} {band}" for band in ("pass", "warn", "fail", UNKNOWN)]
    sets = [
        f"{name} {found.counts.get('undefined', 0) if found.is_tried else 'not tried'}"
        for name, found in results.lints.items()
    ]
    assumed = assumed_words(results)
    lines = [
        *([f"assumed         {'; '.join(assumed)}"] if assumed else []),
        f"decision        {results.gate.decision}, {_sure(results)}",
        f"criteria        {', '.join(stand)}",
        f"to go           {listed([str(len(one)) for one in results.to_go]) or 'no'} criteria",
        f"undefined       {', '.join(sets)}",
        f"findings        {', '.join(counts)}",
    ]
    return "\n".join(lines)


def _sure(results: LaunchResults) -> str:
    gate = results.gate
    if results.assumed.is_anything:
        return ON_ASSUMPTION
    if not gate.of_band(UNKNOWN):
        return "nothing is unknown" if results.judged else "no criterion is known"
    return "however the unknowns turn out" if gate.is_certain else "for lack of evidence"


def names(results: LaunchResults) -> dict[str, str]:
    """Return the names of criteria and items by id."""
    found = {one.criterion.criterion_id: one.criterion.name for one in results.judged}
    return {**{item_id: item_id for item_id in results.known.items}, **found}


def basis(results: LaunchResults) -> str:
    """Return on what the decision rests: the day, the rules, how much evidence counts."""
    known, rules = results.known, results.gate.rules
    looks = [look for one in results.judged for look in one.looks]
    admissible = sum(not look.reasons for look in looks)
    words = f"As known on {day(known.inputs.as_of)}. The rules “{rules.name}” decide"
    words += f" ({rules.source}). " if rules.source else ". "
    words += f"Of {counted(len(looks), 'piece')} of evidence on the criteria {admissible} count; "
    pulled = known.inputs.tables.get("evidence")
    live = 0 if pulled is None else len(pulled)
    words += f"{counted(live, 'look')} of collectors at the account."
    if not live:
        words += " **No collector has looked at an account**: what is open is what the register "
        words += "says."
    said = assumed_words(results)
    if said:
        words += f" **Assumed, not shown**: {'; '.join(said)}."
    share = met_pct(results.gate.standings)
    if share is not None:
        words += f" By weight {percent(share, 0, signed=False)} of the criteria pass; that share "
        words += "decides nothing."
    return words


def gate_title(results: LaunchDecision) -> str:
    """Return what the chart of the gate shows, as a sentence."""
    if results.assumed.is_anything:
        return f"{decided_words(results)}, which no evidence shows"
    flipped = [one for one in results.judged if one.claimed_band not in ("", one.standing.band)]
    if not results.judged:
        return "No criterion is known"
    if not flipped:
        return f"{results.gate.decision}: the claimed figures stand as they are claimed"
    words = f"{counted(len(flipped), 'criterion').replace('criterions', 'criteria')} of "
    return f"{words}{len(results.judged)} do not stand where they are claimed to"


GATE_COLUMNS = ("Claimed", "Recomputed, on evidence", "On the launch day")


def gate_cells(results: LaunchDecision) -> list[list[tuple[str, str]]]:
    """Return the cells of the chart of the gate, a row a criterion."""
    rows = []
    for one in results.judged:
        unit = str(one.criterion.row["unit"])
        claimed = figure(one.claimed, unit) if one.claimed is not None else "nothing"
        rows.append(
            [
                (one.claimed_band, f"{one.claimed_band or 'unknown'}: {claimed}"),
                (ASSUMED if one.measure.is_assumed else one.standing.band, _stands(one)),
                _at_launch(one),
            ]
        )
    return rows


def _stands(one: Judged) -> str:
    band = one.standing.band
    if one.measure.is_assumed:
        return f"{ASSUMED} {band}: {span_words(one)}"
    words = f"{band}: {'no evidence that counts' if band == UNKNOWN else span_words(one)}"
    return f"{words}, {one.measure.risks} waived" if one.measure.risks else words


def _at_launch(one: Judged) -> tuple[str, str]:
    band = one.at_launch.band
    return (ASSUMED, f"{ASSUMED} {band}") if one.measure.is_assumed else (band, band)


def criterion_names(results: LaunchDecision) -> list[str]:
    """Return the names of the criteria in order."""
    return [one.criterion.name for one in results.judged]


def why_sentence(results: LaunchResults, findings: Sequence[Finding]) -> str:
    """Return why each criterion that does not pass does not."""
    wanted = {
        f"launch.criterion.{one.criterion.criterion_id}"
        for one in results.judged
        if not one.standing.is_passed or one.measure.is_assumed
    }
    found = [f"**{f.title}.** {f.statement}" for f in findings if f.id in wanted]
    if not results.judged:
        return "No criterion of the launch is in the snapshot."
    if any(one.measure.risks for one in results.judged):
        found.append("What else passes does so with risks that somebody accepts.")
    return "\n\n".join(found) or "Every criterion passes on evidence that counts."


def flip_sentence(results: LaunchDecision) -> str:
    """Return what would flip the decision."""
    if results.gate.decision == GO:
        ends = [listed([results.name(name) for name in one]) for one in results.from_go]
        return f"It is GO. What would end it once it is not known to pass: {'; or '.join(ends)}."
    return flip_words(results) or "No set of criteria makes it GO: the rules give no way to it."


def rules_sentence(findings: Sequence[Finding]) -> str:
    """Return what is wrong with the sets of rules."""
    found = [f for f in findings if f.id.startswith("launch.rules.")]
    bad = sorted((f for f in found if f.severity != "info"), key=lambda f: f.id)
    return "\n\n".join(f"**{f.title}.** {f.statement}" for f in bad) or (
        "Every set of rules has exactly one decision in every state, and no two disagree."
    )


def work(results: LaunchResults) -> list[tuple[str, str, Decimal | None, Decimal | None]]:
    """Return the items needed before the launch that take longest, for a chart."""
    rows = needed_items(results.items)
    known = [row for row in rows if row["effort_hours"] or row["wait_hours"]]
    ranked = sorted(known, key=lambda r: -((r["effort_hours"] or 0) + (r["wait_hours"] or 0)))
    return [
        (f"{r['item_id']} {r['item_name']}", r["severity"], r["effort_hours"], r["wait_hours"])
        for r in ranked[:LONGEST_SHOWN]
    ]


def work_title(results: LaunchResults) -> str:
    """Return what the chart of the work shows, as a sentence."""
    rows = needed_items(results.items)
    effort = sum((r["effort_hours"] or Decimal(0) for r in rows), start=Decimal(0))
    longest = work(results)
    if not longest:
        return "What is open takes no stated time"
    name, _, hours, wait = longest[0]
    days = ((hours or 0) + (wait or 0)) / Decimal(24)
    words = f"{count(effort)} h of stated work before the launch; {name} alone takes "
    return f"{words}{count(round(days, 1))} days"


def rank_sentence(findings: Sequence[Finding]) -> str:
    """Return which ranks do not follow."""
    found = [f for f in findings if f.id.startswith("launch.rank.")]
    if not found:
        return "Every rank follows from what waits for an item and what it costs."
    return "\n\n".join(f"**{f.title}.** {f.statement}" for f in found)


def delay_sentence(findings: Sequence[Finding]) -> str:
    """Return what a day of delay costs."""
    return next(f.statement for f in findings if f.id == "launch.delay_cost")


def evidence_sentence(findings: Sequence[Finding]) -> str:
    """Return what the age of the evidence means for the launch day."""
    found = [f.statement for f in findings if f.id == "launch.evidence_at_launch"]
    found = found or ["No day of a launch is known that evidence has to last until."]
    return " ".join([*found, *(f.statement for f in findings if f.id == "launch.evidence_later")])


def register_sentence(findings: Sequence[Finding], *beginnings: str) -> str:
    """Return the findings whose id begins so, that are not as claimed."""
    prefixes = tuple(f"launch.{one}" for one in beginnings)
    found = [f for f in findings if f.id.startswith(prefixes) and f.verdict != "holds"]
    return "\n\n".join(f"**{f.title}.** {f.statement}" for f in found) or "All hold."


REGISTERS = (
    *("register", "fleet_size", "launch_days", "checklist", "security", "documents", "training"),
    *("targets", "waiver"),
)
"""Beginnings of the ids of findings on what registers say."""
