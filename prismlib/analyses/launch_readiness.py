"""Go or no-go on admissible evidence, why, how sure, and what would flip it.

Method, in order:

1. take the newest look of every check, without what is allowed by name (`launch_waivers`), and say
   whether it counts (`launch_evidence`);
2. say what is open, from the registers, the evidence and the waivers (`launch_items`);
3. recompute the figure of each criterion, also from the analyses of the costs, of the traffic
   between zones, of recovery and of benchmarks on the same snapshot (`launch_measures`), and band
   it (`launch_standing`);
4. try every state of the rules (`launch_rules`) and decide (`launch_gate`, `launch_decision`);
5. say what flips the decision: sets of criteria, and distances in the unit of the input
   (`launch_distances`); what waits for what (`launch_ranking`); what a day costs (`launch_delay`).

The rules that decide are those that are set, else the first set in which every state has exactly
one decision and no veto is passed over. Without such a set, the first one is used, and what it
leaves open is no GO.

Known limits. What no register and no collector sees is in no figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import pandas as pd

from prismlib.analyses.launch_decision import LaunchDecision, decide_launch, with_costs
from prismlib.analyses.launch_delay import Delay, cost_of_delay
from prismlib.analyses.launch_inputs import Known, LaunchInputs, LaunchSettings
from prismlib.analyses.launch_plan import Plan, chosen_plan, holidays_of
from prismlib.analyses.launch_ranking import open_items
from prismlib.analyses.launch_rollout import rollout_choices
from prismlib.analyses.launch_rules import Criterion
from prismlib.analyses.launch_schedule import Schedule, way_to_launch
from prismlib.analyses.remedies import remedy_checks
from prismlib.analyses.remedy_models import Check
from prismlib.analyses.steps import Steps, finished


@dataclass(frozen=True)
class LaunchResults(LaunchDecision):
    """Everything the notebook shows: the decision, and what is open; see `launch_tables`.

    `why_unscheduled` says why the plan supports no day, where it does not.
    """

    items: pd.DataFrame
    delay: Delay
    remedies: tuple[Check, ...]
    holidays: dict[date, str]
    schedule: Schedule | None
    why_unscheduled: str
    rollout: pd.DataFrame

    @property
    def plan(self) -> Plan | None:
        """Return the plan that is judged."""
        return chosen_plan(self.known.inputs.tables.get("plan_task"))

    @property
    def planned(self) -> date | None:
        """Return the launch day that is set or stated, else that of the plan."""
        return self.launch or (None if self.plan is None else self.plan.launch)


def analyse_launch(inputs: LaunchInputs, settings: LaunchSettings) -> LaunchResults:
    """Answer the question of this module.

    Raises
    ------
    ParameterError
        The set of rules that is asked for does not exist, or a register contradicts itself or uses
        a word that nobody knows.
    """
    return completed_launch(decide_launch(inputs, settings))


def completed_launch(
    decision: LaunchDecision, remedies: Sequence[Check] | None = None
) -> LaunchResults:
    """Return a decision with what is open, what that costs, and the way to the launch.

    Parameters
    ----------
    decision : LaunchDecision
    remedies : sequence of Check, optional
        Those of the same snapshot: no decision moves them.
    """
    return finished(completing_launch(decision, remedies))


def completing_launch(
    decision: LaunchDecision, remedies: Sequence[Check] | None = None
) -> Steps[LaunchResults]:
    """Return what `completed_launch` does, in steps."""
    known = with_costs(decision.known, decision.criteria)
    yield
    plan = yield from _planned(known, decision.criteria, decision.settings)
    decided = {one.name: getattr(decision, one.name) for one in fields(LaunchDecision)}
    return LaunchResults(
        **{**decided, "known": known},
        remedies=tuple(remedy_checks(known) if remedies is None else remedies),
        **plan,
    )


def _planned(
    known: Known, criteria: Sequence[Criterion], settings: LaunchSettings
) -> Steps[dict[str, Any]]:
    """Return what is open, what a day of it costs, and the way to the launch."""
    items = open_items(known, criteria)
    yield
    delay = cost_of_delay(known)
    holidays = holidays_of(known.inputs.reference["holiday"], settings.country)
    yield
    way = yield from way_to_launch(known, criteria, items, settings, frozenset(holidays))
    return {
        "items": items,
        "delay": delay,
        "holidays": holidays,
        "schedule": way.schedule,
        "why_unscheduled": way.why_none,
        "rollout": rollout_choices(known, items, way.schedule, delay),
    }
