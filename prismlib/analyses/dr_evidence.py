"""Findings on whether a drill is evidence at all: was there what its steps needed?

Method. A thing that a step needs and that was seen missing on or after the day of the drill cannot
have been there: the step did not run as reported. Made after the drill, the drill says nothing of
the system as it is. Not seen, or seen missing before, is unknown. A plan is judged the same way: a
drill that comes before what it needs will show nothing either.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from prismlib.analyses.dr_inputs import DrInputs
from prismlib.analyses.dr_judging import clock, finding
from prismlib.analyses.dr_timeline import DrResults
from prismlib.analyses.drill_steps import Drill
from prismlib.analyses.judging import counted, listed
from prismlib.dr_tables import PREREQUISITE, RECOVERY_POINT
from prismlib.findings import Finding, Severity, Verdict, slug
from prismlib.formats import day
from prismlib.tables import check, empty, records

DRILL_PLAN = "drill_plan"
"""The kind of claim that is the day of a planned drill."""
OF_VERDICT = {Verdict.HOLDS: Severity.INFO, Verdict.UNKNOWN: Severity.HIGH}
"""How much a verdict on what a drill rests on matters; any other is critical."""
LAUNCHES = ("launch_first", "launch_second")


def evidence_findings(inputs: DrInputs, results: DrResults, drill: Drill) -> Iterator[Finding]:
    """Yield the findings on what the drill rested on."""
    needs = [row for row in _needs(inputs) if row["drill_id"] == drill.drill_id]
    states = [(row, state_of(row, drill.day)) for row in needs]
    for row, (verdict, words) in states:
        yield _prerequisite(row, drill, verdict, words)
    yield _admissible(results, drill, [(row, verdict) for row, (verdict, _) in states])
    yield from _own_condition(results, [(row, verdict) for row, (verdict, _) in states])
    yield from _place(inputs, drill)
    yield from _checked(drill)
    yield from _plan(results, needs)


def _needs(inputs: DrInputs) -> list[dict[str, Any]]:
    frame = empty(PREREQUISITE) if inputs.prerequisite is None else inputs.prerequisite
    return records(check(frame, PREREQUISITE))


def state_of(row: dict[str, Any], drill_day: date | None) -> tuple[Verdict, str]:
    """Return whether a prerequisite (a row of PREREQUISITE) was there, and in words why."""
    seen, made = row["observed_date"], row["ready_date"]
    if row["is_ready"] is None or drill_day is None:
        missing = "its state" if row["is_ready"] is None else "the day of the drill"
        return Verdict.UNKNOWN, f"{missing} is not known"
    if row["is_ready"]:
        if made is not None and made > drill_day:
            return Verdict.CONTRADICTS, f"it came on {day(made)}, after the drill"
        return Verdict.HOLDS, "it was there"
    if seen is not None and seen >= drill_day:
        return Verdict.CONTRADICTS, f"on {day(seen)} it was not there"
    return Verdict.UNKNOWN, "it was missing earlier, and is not known to have come since"


def _prerequisite(row: dict[str, Any], drill: Drill, verdict: Verdict, words: str) -> Finding:
    names = {step.step_id: step.name for step in drill.steps}
    step = names.get(row["step_id"], row["step_id"])
    statement = f"{step} on {day(drill.day)} needs: {row['prerequisite_name']}. "
    statement += f"{words[:1].upper()}{words[1:]}"
    statement += f": {row['note']}." if row["note"] else "."
    return finding(
        f"prerequisite.{slug(row['step_id'])}.{slug(row['prerequisite_name'])}",
        f"{step}: {row['prerequisite_name']}",
        statement,
        OF_VERDICT.get(verdict, Severity.CRITICAL),
        verdict,
        table="prerequisite",
        source=row["source"],
    )


def _admissible(
    results: DrResults, drill: Drill, states: list[tuple[dict[str, Any], Verdict]]
) -> Finding:
    """Return whether the drill may be used as evidence."""
    bad = [row["prerequisite_name"] for row, verdict in states if verdict is Verdict.CONTRADICTS]
    open_ones = [row["prerequisite_name"] for row, verdict in states if verdict is Verdict.UNKNOWN]
    words, severity, verdict = "all that its steps need was there", Severity.INFO, Verdict.HOLDS
    if bad:
        words = (
            f"what its steps needed was not there ({listed(bad)}). It cannot have restored what "
        )
        words += "it reports, and is no evidence of a recovery time"
        severity, verdict = Severity.CRITICAL, Verdict.CONTRADICTS
    elif open_ones or not states:
        words = "whether its steps had what they need is not known"
        words += f": {listed(open_ones)}" if open_ones else ": no prerequisite is listed"
        severity, verdict = Severity.MEDIUM, Verdict.UNKNOWN
    return finding(
        "admissible",
        "Is the drill evidence",
        f"The drill {'of ' + day(drill.day) if drill.day else drill.drill_id}: {words}.",
        severity,
        verdict,
        table="prerequisite",
        rows=len(states),
        source="; ".join(dict.fromkeys(row["source"] for row, _ in states)),
    )


def _own_condition(
    results: DrResults, states: list[tuple[dict[str, Any], Verdict]]
) -> Iterator[Finding]:
    """Yield the document's own condition on its recovery time, where that is not met."""
    condition = results.stated.rows.get("rto_condition")
    published = results.seconds("published")
    if condition is None or published is None:
        return
    unmet = [row["prerequisite_name"] for row, found in states if found is not Verdict.HOLDS]
    verdict = Verdict.UNKNOWN if unmet or not states else Verdict.HOLDS
    if any(found is Verdict.CONTRADICTS for _, found in states):
        verdict = Verdict.CONTRADICTS
    words = f"The document says: “{condition['statement']}”. "
    if unmet:
        words += f"Not shown to be there: {listed(unmet)}. It reports {clock(published)} all the "
        words += "same."
    else:
        words += "What that needs was there." if states else "Whether it was met is not known."
    yield finding(
        "own_condition",
        "The document's own condition",
        words,
        OF_VERDICT.get(verdict, Severity.CRITICAL),
        verdict,
        table="claim",
        source=condition["source"],
    )


def _place(inputs: DrInputs, drill: Drill) -> Iterator[Finding]:
    """Yield steps that restore a store from a place in which none of its recovery points lies."""
    frame = empty(RECOVERY_POINT) if inputs.recovery_point is None else inputs.recovery_point
    places: dict[str, set[str]] = {}
    for row in records(check(frame, RECOVERY_POINT)):
        if row["resource_id"]:
            places.setdefault(row["store_name"], set()).add(row["resource_id"])
    for step in drill.of_phase("restore"):
        store, place = step.row["store_name"], step.row["resource_id"]
        known = places.get(store, set())
        if not place or not known or place in known:
            continue
        yield finding(
            f"wrong_place.{slug(step.step_id)}",
            f"{step.name}: read from where nothing is",
            f"The step reads {place}; the recovery points of {store} lie in "
            f"{listed(sorted(known))}.",
            Severity.CRITICAL,
            Verdict.CONTRADICTS,
            table="recovery_point",
            rows=len(known),
            source=str(step.row["source"]),
        )


def _checked(drill: Drill) -> Iterator[Finding]:
    """Yield checks that look at something else than what was restored."""
    restored: dict[str, set[str]] = {}
    for step in drill.of_phase("restore"):
        if step.row["resource_id"]:
            restored.setdefault(step.row["store_name"], set()).add(step.row["resource_id"])
    for step in drill.of_phase("validate"):
        known = restored.get(step.row["store_name"], set())
        seen = step.row["resource_id"]
        if seen and known and seen not in known:
            yield finding(
                f"checked_other.{slug(step.step_id)}",
                f"{step.name}: it looks at something else",
                f"The check looks at {seen}; what was restored is {listed(sorted(known))}.",
                Severity.HIGH,
                Verdict.CONTRADICTS,
                rows=2,
                source=str(step.row["source"]),
            )


def _plan(results: DrResults, needs: list[dict[str, Any]]) -> Iterator[Finding]:
    """Yield planned drills and launches that come before what a drill needs."""
    rows = results.stated.rows
    drills = [r for r in rows.values() if r["kind"] == DRILL_PLAN and r["stated_date"] is not None]
    late = [row for row in needs if row["is_ready"] is False and row["ready_date"] is not None]
    if not drills or not late:
        return
    last = max(late, key=lambda row: row["ready_date"])
    ready = last["ready_date"]
    early = [r for r in drills if r["stated_date"] < ready]
    words = f"{last['prerequisite_name'].capitalize()}: planned for {day(ready)}. "
    before = sorted(r["stated_date"] for r in early)
    words += f"{counted(len(early), 'planned drill')} of {len(drills)} before it"
    words += f": {listed([day(d) for d in before])}." if early else "."
    launches = [d for name in LAUNCHES if (d := results.stated.date(name)) and d < ready]
    if launches:
        words += f" The launch is planned before it too: {listed([day(d) for d in launches])}."
    yield finding(
        "plan_order",
        "Planned drills before what they need",
        words,
        Severity.CRITICAL if early else Severity.INFO,
        Verdict.CONTRADICTS if early else Verdict.HOLDS,
        table="claim",
        rows=len(drills),
        source="; ".join(dict.fromkeys(r["source"] for r in drills)),
    )
