"""How sure a recovery time is: durations that spread, what one drill shows, drills over time.

Method. Each restore step is given a distribution: what several drills measured of it, else its
range where the log has one, else a spread about its one figure that the reader gives
(`durations`). The steps as they ran, with and without excluded work, and side by side, are drawn
many times (`recovery_simulation`). What the drills themselves show (`drill_evidence`) needs no such
assumption.

Known limits. With one drill the spread is an assumption, and the chances are as good as it. Steps
are drawn independently; the time that a step waited in the drill does not spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from prismlib.analyses.critical_path import Step
from prismlib.analyses.dr_cases import Bounds
from prismlib.analyses.dr_inputs import DrSettings
from prismlib.analyses.drill_evidence import (
    DrillEvidence,
    Latest,
    Trend,
    drill_evidence,
    latest_against_earlier,
    trend,
)
from prismlib.analyses.drill_path import as_it_ran, side_by_side
from prismlib.analyses.drill_steps import Drill, full_clock
from prismlib.analyses.durations import Distribution, measured, stated
from prismlib.analyses.recovery_simulation import RandomStep, Simulation, simulating
from prismlib.analyses.steps import Steps
from prismlib.result_tables.dr import DRILL_TREND, RECOVERY_CHANCE
from prismlib.tables import make


@dataclass(frozen=True)
class Chance:
    """A way to run the steps, and its simulation."""

    case_id: str
    name: str
    simulation: Simulation


def chances(
    drill: Drill, alike: Sequence[Drill], bounds: Bounds, settings: DrSettings
) -> Steps[tuple[Chance, ...]]:
    """Return the simulations that the log allows, in steps; `alike` are all drills of its kind."""
    known = _measured(alike)
    networks = (
        ("published", "As it ran, as published", as_it_ran(drill, with_excluded=False)),
        ("with_excluded", "As it ran, with all the work", as_it_ran(drill, with_excluded=True)),
        ("side_by_side", "Side by side", side_by_side(drill, with_excluded=False)),
    )
    seen: list[tuple[Step, ...]] = []
    found = []
    for case_id, name, steps in networks:
        if steps and steps not in seen:
            seen.append(steps)
            run = yield from _simulated(drill, steps, known, bounds, settings)
            found.append(Chance(case_id, name, run))
    return tuple(found)


def _measured(alike: Sequence[Drill]) -> dict[str, list[Decimal]]:
    """Return the durations of each step over the drills, by its id. [s]"""
    known: dict[str, list[Decimal]] = {}
    for drill in alike:
        for step in drill.steps:
            if step.duration is not None:
                known.setdefault(step.step_id, []).append(step.duration.middle)
    return known


def _simulated(
    drill: Drill,
    steps: tuple[Step, ...],
    known: dict[str, list[Decimal]],
    bounds: Bounds,
    settings: DrSettings,
) -> Steps[Simulation]:
    logged = {step.step_id: step for step in drill.steps}

    def distribution(step: Step) -> Distribution:
        own = logged.get(step.step_id)
        if own is None or own.duration is None:
            return stated(step.duration_s, spread=1)
        if len(known[step.step_id]) > 1:
            return measured(known[step.step_id], spread=settings.spread)
        return stated(own.duration.low, own.duration.high, spread=settings.spread)

    return (
        yield from simulating(
            [RandomStep(step.step_id, distribution(step), step.depends_on) for step in steps],
            target_s=bounds.target_s,
            limit_s=bounds.limit_s,
            seed=settings.seed,
            confidence_pct=settings.confidence_pct,
            draws=settings.draws,
        )
    )


def chance_table(found: Sequence[Chance]) -> pd.DataFrame:
    """Return RECOVERY_CHANCE: the middle recovery, its interval, the chance of each bound."""

    def percentage(ratio: Decimal | None) -> Decimal | None:
        return None if ratio is None else ratio * 100

    return make(
        RECOVERY_CHANCE,
        [
            {
                "case_id": chance.case_id,
                "case_name": chance.name,
                "recovery_low_s": chance.simulation.low_s,
                "recovery_s": chance.simulation.median_s,
                "recovery_high_s": chance.simulation.high_s,
                "within_target_pct": percentage(chance.simulation.within_target_ratio),
                "within_limit_pct": percentage(chance.simulation.within_limit_ratio),
            }
            for chance in found
        ],
    )


def curve(chance: Chance, points: int = 100) -> list[tuple[Decimal, Decimal]]:
    """Return recoveries in seconds, each with the percent of them that take no longer."""
    levels = [100 * (number + 0.5) / points for number in range(points)]
    found = np.percentile(chance.simulation.totals_s, levels)
    return [
        (Decimal(f"{value:.3f}"), Decimal(f"{level:.3f}"))
        for value, level in zip(found, levels, strict=True)
    ]


# --- several drills -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drills:
    """What the drills of one kind show together; None without a drill of a known recovery."""

    evidence: DrillEvidence | None
    trend: Trend | None
    latest: Latest | None


def several(drills: Sequence[Drill], bounds: Bounds, confidence_pct: Decimal) -> Drills:
    """Return what drills of one kind show, by their recovery with all the work."""
    known = [(one.day, clock.middle) for one in drills if (clock := full_clock(one)) is not None]
    durations = [seconds for _, seconds in known]
    if not durations:
        return Drills(None, None, None)
    evidence = drill_evidence(
        durations,
        target_s=bounds.target_s,
        limit_s=bounds.limit_s,
        confidence_pct=confidence_pct,
    )
    dated = [(day, seconds) for day, seconds in known if day is not None]
    course = trend([day for day, _ in dated], [s for _, s in dated], confidence_pct=confidence_pct)
    return Drills(evidence, course, latest_against_earlier(durations))


def trend_table(drills: Sequence[Drill]) -> pd.DataFrame:
    """Return DRILL_TREND: recovery with all the work, and its change from the drill before."""
    rows = []
    before: dict[str, Decimal] = {}
    for drill in drills:
        clock = full_clock(drill)
        now = None if clock is None else clock.middle
        earlier = before.get(drill.kind)
        rows.append(
            {
                "drill_id": drill.drill_id,
                "drill_kind": drill.kind,
                "drill_date": drill.day,
                "recovery_s": now,
                "change_s": None if now is None or earlier is None else now - earlier,
                "note": _trend_note(now, earlier),
            }
        )
        if now is not None:
            before[drill.kind] = now
    return make(DRILL_TREND, rows)


def _trend_note(now: Decimal | None, earlier: Decimal | None) -> str:
    if now is None:
        return "its recovery is not known: not all of it is logged, or a step failed"
    return "" if earlier is not None else "no earlier one of its kind is known"
