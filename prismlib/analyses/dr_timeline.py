"""How long recovery really takes, what gates it, and what was left off the clock.

Method, in order:

1. take the drill to judge: the one that is set, else the latest failover (a failback where there
   is no failover); its steps with the ranges
   that the log allows (`drill_steps`);
2. count recovery in every way a reader may mean (`dr_cases`), each against the target and the
   limit, and name the points that each phase runs between;
3. find what gates it: the critical path over the dependencies, slack, and what each step could save
   (`drill_path`, `critical_path`), and the levers (`dr_choices`);
4. hold each step that moved data against what is physically possible (`dr_physics`);
5. say how sure it is: a simulation of durations that spread, what so few drills can show
   (`dr_chance`);
6. what would be lost, and what an outage spends of the error budget (`dr_loss`).

What the findings say of it, and of the document's own figures, is in `dr_findings`.

Known limits. A drill that people know of is kinder than an outage. Dependencies are those of the
log: whether steps could really run side by side is for its author to say.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

import pandas as pd

from prismlib.analyses.critical_path import CriticalPath, Step, critical_path
from prismlib.analyses.dr_cases import Bounds, Case, case_table, phase_table, recovery_cases
from prismlib.analyses.dr_chance import Chance, Drills, chance_table, chances, several, trend_table
from prismlib.analyses.dr_choices import choice_table, choices
from prismlib.analyses.dr_inputs import (
    DAYS_PER_MONTH,
    DAYS_PER_QUARTER,
    DrInputs,
    DrSettings,
    stated_s,
)
from prismlib.analyses.dr_loss import Objective, budgets_spent, store_losses
from prismlib.analyses.dr_physics import Ceilings, step_checks
from prismlib.analyses.drill_changes import change_words, changed_drill
from prismlib.analyses.drill_path import recovery_steps, side_by_side
from prismlib.analyses.drill_steps import Drill, Span, drills_of
from prismlib.analyses.stated import Stated
from prismlib.analyses.steps import Steps, finished
from prismlib.errors import ParameterError
from prismlib.result_tables.dr import (
    BUDGET_SPENT,
    DRILL_TREND,
    RECOVERY_CASE,
    RECOVERY_CHANCE,
    RECOVERY_CHOICE,
    RECOVERY_PHASE,
    RECOVERY_STEP,
    STEP_CHECK,
    STORE_LOSS,
)
from prismlib.tables import no_rows

FAILOVER, FAILBACK = "failover", "failback"


@dataclass(frozen=True)
class DrLog:
    """What is read of the tables once, whatever the settings are."""

    stated: Stated
    drills: tuple[Drill, ...]

    @classmethod
    def of(cls, inputs: DrInputs) -> DrLog:
        """Return the claims, and every drill."""
        return cls(Stated.of(inputs.claim), drills_of(inputs.drill, inputs.drill_event))


@dataclass(frozen=True)
class DrResults:
    """Everything the notebook shows; tables are those of `prismlib.result_tables.dr`.

    `later` are drills of a day after the one that is looked at: they are in nothing.
    `drill` is None when the snapshot holds none; then the tables of a drill are empty. `steps` and
    `path` are the network side by side without excluded work, None when it is not known. `changes`
    is what the settings change in the log of the drill, a clause each.
    """

    stated: Stated
    drills: tuple[Drill, ...]
    later: tuple[Drill, ...]
    drill: Drill | None
    bounds: Bounds
    response_s: Decimal | None
    cases: tuple[Case, ...]
    steps: tuple[Step, ...] | None
    path: CriticalPath | None
    changes: tuple[str, ...] = ()
    chances: tuple[Chance, ...] = ()
    several: Drills = field(default_factory=lambda: Drills(None, None, None))
    case_table: pd.DataFrame = field(default_factory=lambda: no_rows(RECOVERY_CASE))
    phase_table: pd.DataFrame = field(default_factory=lambda: no_rows(RECOVERY_PHASE))
    step_table: pd.DataFrame = field(default_factory=lambda: no_rows(RECOVERY_STEP))
    choice_table: pd.DataFrame = field(default_factory=lambda: no_rows(RECOVERY_CHOICE))
    chance_table: pd.DataFrame = field(default_factory=lambda: no_rows(RECOVERY_CHANCE))
    check_table: pd.DataFrame = field(default_factory=lambda: no_rows(STEP_CHECK))
    loss_table: pd.DataFrame = field(default_factory=lambda: no_rows(STORE_LOSS))
    budget_table: pd.DataFrame = field(default_factory=lambda: no_rows(BUDGET_SPENT))
    trend_table: pd.DataFrame = field(default_factory=lambda: no_rows(DRILL_TREND))

    def case(self, case_id: str) -> Case | None:
        """Return the case of that id, or None where it does not apply."""
        return next((case for case in self.cases if case.case_id == case_id), None)

    def seconds(self, case_id: str) -> Decimal | None:
        """Return the recovery of a case; None where it is not known. [s]"""
        case = self.case(case_id)
        return None if case is None or case.span is None else case.span.middle

    @property
    def failbacks(self) -> tuple[Drill, ...]:
        """Return the drills back to the first region."""
        return tuple(drill for drill in self.drills if drill.kind == FAILBACK)


def analyse_dr(inputs: DrInputs, settings: DrSettings, log: DrLog | None = None) -> DrResults:
    """Answer the question of this module; `log` spares the tables from being read again.

    Raises
    ------
    ParameterError
        The drill that is set does not exist, or its dependencies cannot be put in order.
    """
    return judged_recovery(count_recovery(inputs, settings, log), inputs, settings)


def count_recovery(inputs: DrInputs, settings: DrSettings, log: DrLog | None = None) -> DrResults:
    """Return what the steps of the drill come to: the ways to count and what gates it, no more.

    Raises
    ------
    ParameterError
        As for `analyse_dr`.
    """
    log = log or DrLog.of(inputs)
    drills = tuple(one for one in log.drills if one.day is None or one.day <= inputs.as_of)
    logged = _chosen(drills, settings.drill)
    drill = None if logged is None else changed_drill(logged, settings)
    response = settings.response_s or stated_s(log.stated, "sev1_response_hours")
    cases = () if drill is None else recovery_cases(drill, response)
    steps = None if drill is None else side_by_side(drill, with_excluded=False)
    results = DrResults(
        stated=log.stated,
        drills=tuple(drill if drill and one is logged else one for one in drills),
        later=tuple(one for one in log.drills if one not in drills),
        drill=drill,
        bounds=_bounds(settings, log.stated),
        response_s=response,
        cases=cases,
        steps=steps,
        path=critical_path(steps) if steps else None,
    )
    if drill is None or logged is None:
        return results
    return replace(results, changes=change_words(logged, drill), step_table=recovery_steps(drill))


def judged_recovery(results: DrResults, inputs: DrInputs, settings: DrSettings) -> DrResults:
    """Return the results of `count_recovery` with all that stands beside them."""
    return finished(judging_recovery(results, inputs, settings))


def judging_recovery(
    results: DrResults, inputs: DrInputs, settings: DrSettings
) -> Steps[DrResults]:
    """Return what `judged_recovery` does, in steps."""
    drill, cases, bounds = results.drill, results.cases, results.bounds
    alike = [one for one in results.drills if drill is not None and one.kind == drill.kind]
    lost = "" if drill is None else str(drill.row["lost_region_id"])
    outages = _outages(cases, results.stated)
    results = replace(
        results,
        several=several(alike, bounds, settings.confidence_pct),
        trend_table=trend_table(results.drills),
        loss_table=store_losses(inputs.recovery_point, lost),
        budget_table=budgets_spent(outages, objectives(results.stated)),
    )
    if drill is None:
        return results
    yield
    simulated = yield from chances(drill, alike, bounds, settings)
    ceilings = Ceilings.of(inputs.limits, inputs.networks, inputs.disks)
    ttl = ceilings.limits.get("failover_record_ttl_s", {}).get("limit_value")
    yield
    changed = choice_table(choices(drill, ttl))
    yield
    return replace(
        results,
        chances=simulated,
        case_table=case_table(cases, bounds),
        phase_table=phase_table(drill),
        choice_table=changed,
        chance_table=chance_table(simulated),
        check_table=step_checks(drill, ceilings),
    )


def _bounds(settings: DrSettings, stated: Stated) -> Bounds:
    return Bounds(
        settings.target_s or stated_s(stated, "rto_target_minutes"),
        settings.limit_s or stated_s(stated, "rto_limit_minutes"),
    )


def _chosen(drills: tuple[Drill, ...], drill_id: str) -> Drill | None:
    """Return the drill of that id, else the latest failover, else the latest failback."""
    if drill_id:
        found = [drill for drill in drills if drill.drill_id == drill_id]
        if not found:
            names = ", ".join(drill.drill_id for drill in drills) or "none: there is no drill"
            raise ParameterError("drill", drill_id, expected=f"one of the drills: {names}")
        return found[0]
    failovers = [drill for drill in drills if drill.kind == FAILOVER]
    return next(reversed(failovers or drills), None)


def objectives(stated: Stated) -> tuple[Objective, ...]:
    """Return the availability objectives that are stated, with the windows they are held over."""
    found = (
        ("uptime_slo_pct", "objective of a month", DAYS_PER_MONTH),
        ("uptime_quarter_pct", "objective of a quarter", DAYS_PER_QUARTER),
    )
    values = [(stated.value(claim_id), name, days) for claim_id, name, days in found]
    return tuple(Objective(name, pct, days) for pct, name, days in values if pct is not None)


OUTAGES = ("published", "with_excluded", "from_interruption", "with_response")


def _outages(cases: tuple[Case, ...], stated: Stated) -> tuple[Case, ...]:
    """Return what may be down how long: the cases, and the response times alone."""
    from_cases = [case for case in cases if case.case_id in OUTAGES]
    for claim_id, name in (
        ("sev1_response_hours", "The response to the worst incident alone"),
        ("critical_response_hours", "The response to a critical alert alone"),
    ):
        seconds = stated_s(stated, claim_id)
        if seconds is not None:
            from_cases.append(Case(claim_id, name, Span.exact(seconds)))
    return tuple(from_cases)
