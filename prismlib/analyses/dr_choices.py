"""What recovery would take with the steps changed: the levers, in the order in which they build.

Method. The steps as they ran, with the excluded work, are the start. Then the excluded work is
made unnecessary, the steps run side by side as their dependencies allow, the data load is halved or
done beforehand, and traffic is switched only after the health checks. Each is computed anew over
the network, since a shorter step may hand the critical path to another.

Known limits. A choice says what the dependencies allow, not what it costs to build. What a change
would break elsewhere is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from prismlib.analyses.critical_path import Change, Step, changed, critical_path
from prismlib.analyses.drill_path import as_it_ran, seconds, side_by_side
from prismlib.analyses.drill_steps import Drill, DrillStep, excluded_work
from prismlib.result_tables.dr import RECOVERY_CHOICE
from prismlib.tables import make


@dataclass(frozen=True)
class Choice:
    """A network of steps under a name."""

    case_id: str
    name: str
    steps: tuple[Step, ...]
    note: str = ""


def choices(drill: Drill, ttl_s: Decimal | None) -> tuple[Choice, ...]:
    """Return the choices that the log allows, the steps as they ran first.

    Parameters
    ----------
    drill : Drill
    ttl_s : Decimal, optional
        How long clients keep an old address after traffic was switched. [s]
    """
    ran = as_it_ran(drill, with_excluded=True)
    if ran is None:
        return ()
    found = [Choice("as_it_ran", "As it ran, with all the work", ran)]
    published = as_it_ran(drill, with_excluded=False)
    if excluded_work(drill) and published is not None:
        names = ", ".join(step.name for step in excluded_work(drill))
        note = f"what these need is there before: {names}"
        found.append(Choice("no_excluded", "Without the work left off the clock", published, note))
    free = side_by_side(drill, with_excluded=False)
    if free is not None:
        name = "And steps side by side"
        found.append(Choice("side_by_side", name, free, "as their dependencies allow"))
        found.extend(_faster(drill, free))
        found.extend(_switched_last(drill, free, ttl_s))
    return tuple(found)


def _faster(drill: Drill, steps: tuple[Step, ...]) -> Iterator[Choice]:
    loads = _in_network(drill, "load", steps)
    names = ", ".join(step.name for step in loads)
    if not loads:
        return
    for case_id, words, factor, note in (
        ("load_halved", "And data loads in half the time", Fraction(1, 2), ""),
        ("load_before", "And data is loaded beforehand", Fraction(0), "replicas are kept running"),
    ):
        now = changed(steps, [Change(step.step_id, factor=factor) for step in loads])
        yield Choice(case_id, words, now, note or names)


def _switched_last(
    drill: Drill, steps: tuple[Step, ...], ttl_s: Decimal | None
) -> Iterator[Choice]:
    """Yield the steps with traffic switched after the health checks, and the clients' delay."""
    switches = _in_network(drill, "traffic", steps)
    checks = tuple(step.step_id for step in _in_network(drill, "health", steps))
    if not switches or not checks or _waited_for(steps, checks) & {s.step_id for s in switches}:
        return
    changes = []
    for step in switches:
        assert step.duration is not None
        lasts = step.duration.middle + (ttl_s or Decimal(0))
        changes.append(Change(step.step_id, duration_s=lasts, depends_on=checks))
    note = "serves no client before it can answer"
    if ttl_s:
        note += f"; clients keep the old address for {ttl_s:f} s"
    name = "Side by side, and traffic switched after the health checks"
    yield Choice("switched_last", name, changed(steps, changes), note)


def _in_network(drill: Drill, kind: str, steps: tuple[Step, ...]) -> list[DrillStep]:
    known = {step.step_id for step in steps}
    return [step for step in drill.of_kind(kind) if step.step_id in known]


def _waited_for(steps: tuple[Step, ...], names: tuple[str, ...]) -> set[str]:
    """Return all that the named steps wait for, over others or directly."""
    waits = {step.step_id: step.depends_on for step in steps}
    found: set[str] = set()
    open_ones = list(names)
    while open_ones:
        new = set(waits[open_ones.pop()]) - found
        found |= new
        open_ones += new
    return found


def choice_table(found: tuple[Choice, ...]) -> pd.DataFrame:
    """Return RECOVERY_CHOICE: what each choice takes, and what it saves against the first."""
    totals = [seconds(critical_path(choice.steps).total_s) for choice in found]
    return make(
        RECOVERY_CHOICE,
        [
            {
                "case_id": choice.case_id,
                "case_name": choice.name,
                "recovery_s": total,
                "time_saved_s": totals[0] - total,
                "note": choice.note,
            }
            for choice, total in zip(found, totals, strict=True)
        ],
    )
