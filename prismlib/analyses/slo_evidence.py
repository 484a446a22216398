"""Whether a run may count as evidence for an objective, and why not.

Each check gives holds, contradicts or unknown; a run is admissible when all of them hold, and not
when one contradicts. What is not known is never a pass: a run without a day, a duration or a number
of nodes stays open. Two flaws flatter a run: a closed loop, which hides waits, and a range that is
clipped. A run that misses its target in spite of them misses it without them too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from prismlib.analyses.dr_evidence import state_of
from prismlib.analyses.judging import counted, listed
from prismlib.analyses.latency import percent_of
from prismlib.analyses.slo_inputs import Run, SloInputs, SloSettings
from prismlib.analyses.slo_physics import COUNTED, Networks, run_checks_of
from prismlib.findings import Verdict
from prismlib.formats import count, day
from prismlib.slo_tables import CLOSED, OPEN

FLATTERING = ("load model", "recorded range")
"""Checks whose failure makes figures look better than they are."""
MADE_UP = "made up"
RETENTION = "metric_minute_days"
"""The limit that stands in where an objective does not say how long a run is evidence."""


@dataclass(frozen=True)
class RunCheck:
    """One reason for or against a run: what was looked at, the verdict, and why in words."""

    name: str
    verdict: Verdict
    note: str


def run_checks(
    run: Run, objective: dict[str, Any], inputs: SloInputs, settings: SloSettings
) -> tuple[RunCheck, ...]:
    """Return the reasons for and against a run as evidence for an objective (a row of SLO)."""
    found = [*_origin(run), *_time(run, objective, inputs, settings), *_scale(run, objective)]
    found += _impossible(run, inputs)
    if percent_of(objective["statistic"]) is not None:
        found += [*_loop(run), *_resolution(run, objective["target_value"])]
    return tuple(found)


def admissible(checks: tuple[RunCheck, ...], *, is_missed: bool = False) -> bool | None:
    """Return whether a run may count; None is not known.

    With `is_missed` flaws that flatter a run are left aside: the target is missed all the same.
    """
    verdicts = {c.verdict for c in checks if not (is_missed and c.name in FLATTERING)}
    if Verdict.CONTRADICTS in verdicts:
        return False
    return None if Verdict.UNKNOWN in verdicts else True


def against_it(checks: tuple[RunCheck, ...]) -> str:
    """Return what speaks against a run, then what is not known of it, in words."""
    made_up = next((c.note for c in checks if c.name == MADE_UP), "")
    if made_up:
        return made_up
    order = (Verdict.CONTRADICTS, Verdict.UNKNOWN)
    return "; ".join(c.note for verdict in order for c in checks if c.verdict is verdict)


def evidence_days(
    objective: dict[str, Any], inputs: SloInputs, settings: SloSettings
) -> Decimal | None:
    """Return for how long a run is evidence: as set, as the objective says, or as documented."""
    limit = inputs.limits.get(RETENTION, {}).get("limit_value")
    return settings.valid_days or objective["valid_days"] or limit


def _origin(run: Run) -> Iterator[RunCheck]:
    if run.is_made_up:
        yield RunCheck(MADE_UP, Verdict.CONTRADICTS, "made up to show the method")
    elif run.distribution is None and not run.points and not run.metrics:
        words = run.note or "its file holds no figure"
        yield RunCheck("file", Verdict.UNKNOWN, words)
    else:
        yield RunCheck("origin", Verdict.HOLDS, "a file of a tool")


def _time(
    run: Run, objective: dict[str, Any], inputs: SloInputs, settings: SloSettings
) -> Iterator[RunCheck]:
    """Yield whether the run is recent, long enough, and later than what it needs."""
    yield _age(run, inputs, evidence_days(objective, inputs, settings))
    least, lasted = objective["minimum_s"], run.duration_s
    if least is not None:
        if lasted is None:
            yield RunCheck("duration", Verdict.UNKNOWN, "how long it ran is not known")
        else:
            fits = lasted >= least
            words = f"ran {count(round(lasted, 1))} s of {count(least)} s"
            yield RunCheck("duration", Verdict.HOLDS if fits else Verdict.CONTRADICTS, words)
    for need in inputs.needs:
        if need["step_id"] == objective["service_tier"]:
            verdict, words = state_of(need, run.day)
            yield RunCheck(
                f"needs {need['prerequisite_name']}",
                verdict,
                f"{need['prerequisite_name']}: {words}",
            )


def _age(run: Run, inputs: SloInputs, valid_days: Decimal | None) -> RunCheck:
    if run.day is None:
        return RunCheck("age", Verdict.UNKNOWN, "the day of the run is not known")
    age = (inputs.as_of - run.day).days
    if age < 0:
        return RunCheck("age", Verdict.HOLDS, f"of {day(run.day)}, after the day of this report")
    if valid_days is None:
        return RunCheck("age", Verdict.UNKNOWN, "how long a run is evidence is not known")
    fits = age <= valid_days
    words = f"{counted(age, 'day')} old; evidence for {counted(valid_days, 'day')}"
    return RunCheck("age", Verdict.HOLDS if fits else Verdict.CONTRADICTS, words)


def _impossible(run: Run, inputs: SloInputs) -> Iterator[RunCheck]:
    """Yield what a run says of itself that cannot be: then its other figures are in doubt too."""
    for one in run_checks_of(run, Networks(inputs.networks)):
        # A network on its burst credits was measured all right.
        is_bad = one.name == COUNTED and one.verdict is Verdict.CONTRADICTS
        if is_bad or one.verdict is Verdict.INFEASIBLE:
            needed, limit = (count(round(n or Decimal(0), 2)) for n in (one.needed, one.limit))
            words = f"{one.name}: {needed} {one.unit}, where {limit} are possible"
            if is_bad:
                words = f"{one.name} are {needed} {one.unit}, its file says {limit}"
            yield RunCheck(one.name, Verdict.CONTRADICTS, words)


def _scale(run: Run, objective: dict[str, Any]) -> Iterator[RunCheck]:
    """Yield whether the run measured the nodes and the payload that the objective is of."""
    wanted, nodes = objective["node_count"], run.nodes
    if wanted is not None:
        if nodes is None:
            note = f"how many of {counted(wanted, 'node')} were measured is not known"
            yield RunCheck("nodes", Verdict.UNKNOWN, note)
        else:
            verdict = Verdict.HOLDS if nodes >= wanted else Verdict.CONTRADICTS
            note = f"{count(nodes)} of {counted(wanted, 'node')} measured"
            yield RunCheck("nodes", verdict, note)
    payload, told = objective["payload_bytes"], set(run.each("payload_bytes") or ())
    moved = told.pop() if len(told) == 1 else None
    if payload is not None and payload != moved:
        seen = "an unknown payload" if moved is None else f"{count(moved)} bytes"
        verdict = Verdict.UNKNOWN if moved is None else Verdict.CONTRADICTS
        note = f"{seen}; the objective is for {count(payload)} bytes"
        yield RunCheck("payload", verdict, note)


def _loop(run: Run) -> Iterator[RunCheck]:
    model = run.load_model
    if model == OPEN:
        yield RunCheck("load model", Verdict.HOLDS, "open loop: waits are in the figures")
    elif model == CLOSED:
        note = "closed loop: waits behind a slow answer are in no figure (coordinated omission)"
        yield RunCheck("load model", Verdict.CONTRADICTS, note)
    else:
        note = "whether the load was open or closed is not known"
        yield RunCheck("load model", Verdict.UNKNOWN, note)


def _resolution(run: Run, target_ms: Decimal) -> Iterator[RunCheck]:
    """Yield whether the file can tell a time within the target from one beyond it."""
    step = run.resolution_ms
    if step is not None and step >= target_ms:
        note = f"resolution too coarse: {count(step)} ms for a target of {count(target_ms)} ms"
        yield RunCheck("resolution", Verdict.CONTRADICTS, note)
    low, high = run.clipped_ms
    ends = [
        name
        for name, is_hit in (
            ("shorter", low is not None and target_ms <= low),
            ("longer", high is not None and target_ms >= high),
        )
        if is_hit
    ]
    if ends:
        note = f"recorded range {count(low)} to {count(high)} ms: {listed(ends)} times are clipped"
        yield RunCheck("recorded range", Verdict.CONTRADICTS, note)
