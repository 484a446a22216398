"""The sentences of the notebook on recovery: every number in them is computed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from prismlib.analyses.dr_chance import curve
from prismlib.analyses.dr_inputs import DrInputs, DrSettings
from prismlib.analyses.dr_judging import clock
from prismlib.analyses.dr_timeline import DrResults
from prismlib.analyses.drill_evidence import drills_needed
from prismlib.analyses.drill_steps import excluded_work, gaps, idle_s
from prismlib.analyses.judging import counted, listed
from prismlib.findings import Finding
from prismlib.formats import count, day, duration, percent
from prismlib.tables import records

PLAIN_SPREAD = "95 of 100"
NO_DRILL = "The snapshot holds no drill, so there is nothing to draw."
WANTED_RATIO = Decimal("0.95")
"""The chance of meeting a target that the number of drills is given for."""


def headline(results: DrResults, findings: Sequence[Finding]) -> str:
    """Return the few lines of plain text that a notebook keeps as its checked output."""
    verdicts = [str(f.verdict) for f in findings]
    counts = [f"{verdicts.count(word)} {word}" for word in sorted(set(verdicts))]

    def shown(*case_ids: str) -> str:
        return " / ".join(duration(results.seconds(case_id)) for case_id in case_ids)

    lines = [
        f"published       {shown('published')}, {shown('with_excluded')} with all the work",
        f"with response   {shown('with_response', 'with_response_and_excluded')}",
        f"at stated rate  {shown('at_stated_rate', 'at_stated_rate_and_excluded')}",
        f"side by side    {shown('side_by_side')}",
        f"findings        {', '.join(counts)}",
    ]
    return "\n".join(lines)


def bounds(results: DrResults) -> list[tuple[str, Decimal | None]]:
    """Return what recovery is held against, with names for a chart."""
    return [("target", results.bounds.target_s), ("limit", results.bounds.limit_s)]


def bound_words(results: DrResults) -> str:
    """Return the target and the limit, or that they are not known."""
    parts = [
        f"the {name} is {clock(value)}" if value is not None else f"the {name} is not known"
        for name, value in bounds(results)
    ]
    return listed(parts)


def basis(inputs: DrInputs, results: DrResults) -> str:
    """Return which drill is judged, from which point it counts, and what is not logged."""
    drill = results.drill
    later = [f"{one.drill_id} of {day(one.day)}" for one in results.later]
    left_out = f" After {day(inputs.as_of)}, so left out: {listed(later)}." if later else ""
    if drill is None:
        return f"The snapshot holds no drill and no incident.{left_out}"
    restored = drill.of_phase("restore")
    when = "an unknown day" if drill.day is None else day(drill.day)
    words = f"Judged is the {drill.kind} of {when} ({drill.drill_id}), with "
    words += f"{counted(len(drill.steps), 'step')}, {len(restored)} of them restore; as known on "
    words += f"{day(inputs.as_of)}, {bound_words(results)}."
    missing = [row["note"] for row in records(results.phase_table) if row["recovery_s"] is None]
    if missing:
        phases = [
            row["phase_name"]
            for row in records(results.phase_table)
            if row["recovery_s"] is None and row["phase_name"] != "whole"
        ]
        words += f" **How long it took to {listed(phases)} is not logged**: the whole is unknown."
    if results.changes:
        words += f" **Not as it ran**: as set, {listed(list(results.changes))}."
    if drill.row["note"]:
        words += f" {drill.row['note'][:1].upper()}{drill.row['note'][1:]}."
    return words + left_out


def case_sentence(results: DrResults) -> str:
    """Return how far the ways to count are apart."""
    known = {case.case_id: case.span.middle for case in results.cases if case.span is not None}
    if not known:
        return "No way to count recovery is known: a restore step failed, or lacks its end."
    shortest, longest = min(known.values()), max(known.values())
    words = f"The same drill gives {clock(shortest)} to {clock(longest)}, depending on what is "
    words += "counted."
    limit = results.bounds.limit_s
    if limit is not None:
        over = sum(seconds > limit for seconds in known.values())
        words += f" {over} of {len(known)} ways that are known are over the limit."
    return words


def case_title(results: DrResults) -> str:
    """Return what the chart of the ways to count shows, as a sentence."""
    published, full = results.seconds("published"), results.seconds("with_excluded")
    if published is None:
        return "Recovery, counted in every way that is known"
    words = f"Recovery took {duration(published)} on the published clock"
    if full is not None and full != published:
        words += f", {duration(full)} with the work left off it"
    return words


def ran_title(results: DrResults) -> str:
    """Return what the chart of all the work shows, as a sentence."""
    drill, full = results.drill, results.seconds("with_excluded")
    if drill is None or full is None or not excluded_work(drill):
        return "What ran, and when"
    names = [step.name for step in excluded_work(drill)]
    verb = "was" if len(names) == 1 else "were"
    return f"{duration(full)} in all: {listed(names)} {verb} left off the clock"


def gap_sentence(results: DrResults) -> str:
    """Return when nothing ran, and what the log gives no place."""
    drill = results.drill
    if drill is None:
        return NO_DRILL
    waits, idle = gaps(drill), idle_s(drill)
    words = "Hatched work is put before the first step that needed it, where the log gives it no "
    words += "place." if excluded_work(drill) else "place; here there is none."
    if waits and idle is not None:
        times = [f"{duration(start)} to {duration(end)}" for start, end in waits]
        words += f" For {clock(idle)} no step ran: T+{listed(times)}."
    return words


def path_title(results: DrResults) -> str:
    """Return what the chart of planned against actual shows, as a sentence."""
    could, ran = results.seconds("side_by_side"), results.seconds("published")
    if could is None or ran is None:
        return "The steps on the published clock"
    return f"Side by side, the same steps would take {duration(could)} instead of {duration(ran)}"


def path_sentence(results: DrResults) -> str:
    """Return what gates recovery, and what does not."""
    drill, path = results.drill, results.path
    if drill is None:
        return NO_DRILL
    if path is None:
        return "What gates recovery cannot be said: the log names no dependencies, or lacks ends."
    names = {step.step_id: step.name for step in drill.steps}
    chain = " → ".join(names[step_id] for step_id in path.path)
    words = f"The critical path is **{chain}**: a minute more on it is a minute more of recovery."
    slack = [time for time in path.steps if not time.is_critical]
    if slack:
        parts = [f"{names[t.step_id]} ({clock(Decimal(int(t.slack_s)))})" for t in slack]
        words += f" Off it, with slack that changes nothing: {listed(parts)}."
    is_planned = bool(len(results.step_table)) and results.step_table["planned_end_s"].notna().any()
    return words if is_planned else f"{words} The log holds no plan; drawn beneath is the earliest."


def choice_title(results: DrResults) -> str:
    """Return what the chart of the levers shows, as a sentence."""
    rows = records(results.choice_table)
    if not rows:
        return "What would make recovery shorter"
    best = min(rows, key=lambda row: row["recovery_s"])
    return f"From {duration(rows[0]['recovery_s'])} to {duration(best['recovery_s'])} at best"


def recoveries(results: DrResults) -> list[tuple[str, Decimal | None]]:
    """Return the ways to count recovery, for a chart."""
    return [
        (row["case_name"], row["recovery_s"])
        for row in records(results.case_table)
        if not row["case_id"].startswith("side_by_side")
    ]


def levers(results: DrResults) -> list[tuple[str, Decimal | None]]:
    """Return the levers, for a chart."""
    return [(row["case_name"], row["recovery_s"]) for row in records(results.choice_table)]


def physics_sentence(findings: Sequence[Finding]) -> str:
    """Return what the rates and limits say, of each step that moved data."""
    found = [f"**{f.title}.** {f.statement}" for f in findings if f.id.startswith("dr.rate.")]
    return "\n\n".join(found) or "No step states a rate beside what it moved."


def chance_title(results: DrResults) -> str:
    """Return what the chart of the simulation shows, as a sentence."""
    rows = {row["case_id"]: row for row in records(results.chance_table)}
    row = rows.get("published")
    if row is None or row["within_target_pct"] is None:
        return "How long recovery may take"
    share = percent(row["within_target_pct"], 0, signed=False)
    return f"Of simulated recoveries as published, {share} meet the target"


def chance_sentence(results: DrResults, settings: DrSettings) -> str:
    """Return what the drills show by themselves, and what the simulation assumes."""
    shown = results.several.evidence
    if shown is None:
        return "No drill has a known recovery: nothing shows how long the next one takes."
    words = f"With all the work, {counted(shown.drills, 'drill')} took {clock(shown.shortest_s)}"
    if shown.longest_s != shown.shortest_s:
        words += f" to {clock(shown.longest_s)}"
    for name, success in (("target", shown.target), ("limit", shown.limit)):
        if success is not None:
            words += f"; {success.met} of {success.drills} met the {name}"
    confidence = percent(settings.confidence_pct, 0, signed=False)
    needed = drills_needed(WANTED_RATIO, settings.confidence_pct)
    words += f". To show at {confidence} confidence that a bound is met in "
    words += f"{percent(WANTED_RATIO * 100, 0, signed=False)} of recoveries takes {needed} drills "
    words += "that all meet it."
    return f"{words}\n\n{_assumed(results, settings)}"


def _assumed(results: DrResults, settings: DrSettings) -> str:
    if not results.chances:
        return "Without an end of every restore step there is nothing to simulate."
    error = results.chances[0].simulation.ratio_error * 100
    return (
        f"The simulation draws each step {count(settings.draws)} times. A step of which one figure "
        f"is known is taken to lie within a factor of {count(Decimal(str(settings.spread)))} of it "
        f"in {PLAIN_SPREAD} recoveries: an assumption (parameter step_spread). The draws alone "
        f"make a share uncertain by {percent(error, 1, signed=False)} at most."
    )


def curves(results: DrResults) -> list[tuple[str, list[tuple[Decimal, Decimal]]]]:
    """Return the simulated recoveries, for a chart."""
    return [(chance.name, curve(chance)) for chance in results.chances]


def trend_title(results: DrResults) -> str:
    """Return what the chart of the drills over time shows, as a sentence."""
    parts = []
    for kind in ("failover", "failback"):
        taken = [row["recovery_s"] for row in _drawn(results) if row["drill_kind"] == kind]
        if taken:
            parts.append(f"{counted(len(taken), kind)} took {_range(taken)}")
    return listed(parts)


def trend_sentence(results: DrResults) -> str:
    """Return what the chart leaves out, and why there is none where too few can be drawn."""
    left_out = len(results.trend_table) - len(_drawn(results))
    words = "A point is a drill, with all of its work; target and limit are those of today."
    if not has_trend(results):
        words = (
            "No two drills of a kind have a day and a known recovery: there is no course to draw."
        )
    if left_out:
        words += f" Not drawn: {counted(left_out, 'drill')} without a day or of unknown recovery."
    return words


def has_trend(results: DrResults) -> bool:
    """Return whether there are two drills of a kind to draw over time."""
    kinds = [row["drill_kind"] for row in _drawn(results)]
    return any(kinds.count(kind) > 1 for kind in kinds)


def _drawn(results: DrResults) -> list[dict[str, Any]]:
    rows = records(results.trend_table)
    return [row for row in rows if row["drill_date"] and row["recovery_s"] is not None]


def _range(taken: Sequence[Decimal]) -> str:
    low, high = duration(min(taken)), duration(max(taken))
    return low if low == high else f"{low} to {high}"


def loss_sentence(findings: Sequence[Finding]) -> str:
    """Return how much would be lost."""
    return next(f.statement for f in findings if f.id == "dr.recovery_point")


def admissible_sentence(findings: Sequence[Finding]) -> str:
    """Return whether the drill is evidence at all."""
    wanted = ("dr.admissible", "dr.plan_order")
    found = [f"**{f.title}.** {f.statement}" for f in findings if f.id in wanted]
    return "\n\n".join(found) or NO_DRILL
