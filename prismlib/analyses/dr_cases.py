"""Recovery counted in every way a reader may mean, each against the target and the limit.

Method. Recovery runs from the interruption of service until health is back at its objective. A
drill that starts at the command leaves out detection and decision, and often work that was done
by hand; each way of counting is a case, so that none is mistaken for another:

- the *published clock*, from T+0 without excluded work, and with it;
- with the *response time* of the on-call before T+0, when the interruption itself is not logged;
- from the logged interruption, when it is;
- with a stated *rate* taken as that of all nodes together, where it may be meant so;
- *side by side*, as early as the dependencies allow;
- until *health* is back at its objective, from T+0 and from the logged interruption.

A case that lacks an input stays unknown. With a range in the log, a threshold is met only when the
whole range meets it.

Known limits. A response time is the longest that is allowed, not a measurement. Extra time at a
slower rate is added to the clock: steps that ran beside it are not moved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from prismlib.analyses.critical_path import critical_path
from prismlib.analyses.dr_physics import slower_by_s
from prismlib.analyses.drill_path import seconds, side_by_side
from prismlib.analyses.drill_steps import (
    Drill,
    Span,
    excluded_work,
    full_clock,
    interruption,
    last_end,
    published_clock,
    served,
    unplaced_work,
    validated,
)
from prismlib.findings import Verdict
from prismlib.result_tables.dr import RECOVERY_CASE, RECOVERY_PHASE
from prismlib.tables import make

ZERO = Span.exact(Decimal(0))


@dataclass(frozen=True)
class Case:
    """A way to count recovery; `span` is None when it is not known, and `note` says why."""

    case_id: str
    name: str
    span: Span | None
    note: str = ""


@dataclass(frozen=True)
class Bounds:
    """What recovery is held against, in seconds; None is not known."""

    target_s: Decimal | None
    limit_s: Decimal | None


def verdict_within(span: Span | None, bound_s: Decimal | None) -> Verdict:
    """Return whether a recovery is within a bound; unknown where the range holds it."""
    if span is None or bound_s is None:
        return Verdict.UNKNOWN
    if span.high <= bound_s:
        return Verdict.HOLDS
    return Verdict.CONTRADICTS if span.low > bound_s else Verdict.UNKNOWN


def recovery_cases(drill: Drill, response_s: Decimal | None) -> tuple[Case, ...]:
    """Return every case of a drill, those that do not apply left out.

    Parameters
    ----------
    drill : Drill
    response_s : Decimal, optional
        How long the on-call may take to respond, for an interruption that was not logged. [s]
    """
    return tuple(
        case
        for group in (
            _clocks(drill),
            _responses(drill, response_s),
            _slower(drill),
            _side_by_side(drill),
            _healthy(drill),
        )
        for case in group
    )


def _clocks(drill: Drill) -> Iterator[Case]:
    why = _why_unknown(drill)
    yield Case("published", "From the command, as published", published_clock(drill), why)
    if excluded_work(drill):
        full = full_clock(drill)
        yield Case("with_excluded", "With the work left off the clock", full, _left_off(drill))


def _why_unknown(drill: Drill) -> str:
    if published_clock(drill) is not None:
        return ""
    if served(drill) is not None:
        return "the restore steps on it take no time after T+0, so nothing was timed"
    if not drill.of_phase("restore"):
        return "no restore step is logged"
    open_steps = [step.name for step in drill.of_phase("restore") if step.end is None]
    return f"no end is logged of {', '.join(open_steps)}" if open_steps else "a step has failed"


def _left_off(drill: Drill) -> str:
    return ", ".join(step.name for step in excluded_work(drill))


def _responses(drill: Drill, response_s: Decimal | None) -> Iterator[Case]:
    """Yield the cases that start at the interruption: as logged, else with the response time."""
    logged = interruption(drill)
    clocks = [("", published_clock(drill))]
    if excluded_work(drill):
        clocks.append(("_and_excluded", full_clock(drill)))
    for suffix, clock in clocks:
        with_work = ", and the work left off the clock" if suffix else ""
        if logged is not None:
            before = Span(-logged.high, -logged.low)
            name = f"From the interruption, as logged{with_work}"
            yield Case(f"from_interruption{suffix}", name, _sum(clock, before))
        elif response_s is not None:
            name = f"With the response of the on-call{with_work}"
            note = "the longest response that is allowed; no interruption was logged"
            span = _sum(clock, Span.exact(response_s))
            yield Case(f"with_response{suffix}", name, span, note)
        else:
            name = f"From the interruption{with_work}"
            note = "neither an interruption nor a response time is known"
            yield Case(f"from_interruption{suffix}", name, None, note)


def _sum(one: Span | None, other: Span | None) -> Span | None:
    return None if one is None or other is None else one + other


def _slower(drill: Drill) -> Iterator[Case]:
    extra = slower_by_s(drill)
    if not extra:
        return
    more = Span.exact(extra)
    name = "If a stated rate is of all nodes together"
    yield Case("at_stated_rate", name, _sum(published_clock(drill), more))
    if excluded_work(drill):
        name += ", and the work left off the clock"
        yield Case("at_stated_rate_and_excluded", name, _sum(full_clock(drill), more))


def _side_by_side(drill: Drill) -> Iterator[Case]:
    for suffix, words, with_excluded in (
        ("", "", False),
        ("_and_excluded", ", and the work left off the clock", True),
    ):
        if with_excluded and not excluded_work(drill):
            continue
        steps = side_by_side(drill, with_excluded=with_excluded)
        total = None if not steps else Span.exact(seconds(critical_path(steps).total_s))
        note = "possible, not measured" if steps else "the log names no dependencies, or lacks ends"
        yield Case(f"side_by_side{suffix}", f"If steps run side by side{words}", total, note)


def _healthy(drill: Drill) -> Iterator[Case]:
    end = validated(drill)
    steps = drill.of_phase("validate")
    note = "" if end is not None else "no check says that health was back at its objective"
    if steps and end is None:
        note = f"no end, or a failure, of {', '.join(step.name for step in steps)}"
    yield Case("until_healthy", "Until health is back at its objective", end, note)
    start = interruption(drill)
    if start is None or end is None:
        return
    whole, name = end + Span(-start.high, -start.low), "From the interruption until health is back"
    yield Case("whole", name, whole)
    if work := unplaced_work(drill):
        lasts = [step.duration for step in work]
        total: Span | None = whole
        for one in lasts:
            total = _sum(total, one)
        name += ", and the work left off the clock"
        yield Case("whole_and_excluded", name, total, ", ".join(step.name for step in work))


def case_table(cases: tuple[Case, ...], bounds: Bounds) -> pd.DataFrame:
    """Return RECOVERY_CASE: each case against the target and the limit."""
    return make(RECOVERY_CASE, [_row(case, bounds) for case in cases])


def _row(case: Case, bounds: Bounds) -> dict[str, object]:
    span = case.span
    row: dict[str, object] = {
        "case_id": case.case_id,
        "case_name": case.name,
        "target_s": bounds.target_s,
        "limit_s": bounds.limit_s,
        "verdict": str(verdict_within(span, bounds.target_s)),
        "note": case.note,
    }
    if span is None:
        return row
    margins = {
        f"{name}_margin_s": None if bound is None else bound - span.middle
        for name, bound in (("target", bounds.target_s), ("limit", bounds.limit_s))
    }
    times = {
        "recovery_low_s": span.low,
        "recovery_s": span.middle,
        "recovery_high_s": span.high,
    }
    return {**row, **times, **margins}


# --- phases ---------------------------------------------------------------------------------------

POINTS = (
    "the interruption",
    "the end of detection",
    "T+0, the command",
    "the end of the last restore step",
    "health back at its objective",
)
NAMES = ("detect", "decide", "restore", "validate")
WHOLE = "whole"


def phase_points(drill: Drill) -> tuple[Span | None, ...]:
    """Return the points in time that the phases meet at, in the order of POINTS, from T+0.

    Without a detect step, detection ends with the interruption or is not known: it is not zero.
    """
    detected = last_end(drill.of_phase("detect"))
    return (interruption(drill), detected, ZERO, served(drill), validated(drill))


def phase_table(drill: Drill) -> pd.DataFrame:
    """Return RECOVERY_PHASE: the phases between the points, and the whole; they add up to it."""
    points = phase_points(drill)
    rows = []
    for number, name in enumerate(NAMES):
        rows.append(_phase(drill, name, (number, number + 1), points))
    rows.append(_phase(drill, WHOLE, (0, len(POINTS) - 1), points))
    return make(RECOVERY_PHASE, rows)


def _phase(
    drill: Drill, name: str, ends: tuple[int, int], points: tuple[Span | None, ...]
) -> dict[str, object]:
    start, end = (points[number] for number in ends)
    missing = [POINTS[number] for number in ends if points[number] is None]
    return {
        "drill_id": drill.drill_id,
        "phase_name": name,
        "from_words": POINTS[ends[0]],
        "to_words": POINTS[ends[1]],
        "recovery_s": None if start is None or end is None else end.middle - start.middle,
        "note": f"not logged: {' and '.join(missing)}" if missing else "",
    }
