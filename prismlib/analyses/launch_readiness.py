"""Go or no-go on admissible evidence, why, how sure, and what would flip it.

Method, in order:

1. take the newest look of every check, without what is allowed by name (`launch_waivers`), and say
   whether it counts (`launch_evidence`);
2. say what is open, from the registers, the evidence and the waivers (`launch_items`);
3. recompute the figure of each criterion, also from the analyses of the costs, of the traffic
   between zones, of recovery and of benchmarks on the same snapshot (`launch_measures`), and band
   it (`launch_standing`);
4. try every state of the rules (`launch_rules`) and decide (`launch_gate`);
5. say what flips the decision: sets of criteria, and distances in the unit of the input
   (`launch_distances`); what waits for what (`launch_ranking`); what a day costs (`launch_delay`).

The rules that decide are those that are set, else the first set in which every state has exactly
one decision and no veto is passed over. Without such a set, the first one is used, and what it
leaves open is no GO.

Known limits. What no register and no collector sees is in no figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import Any

import pandas as pd

from prismlib.analyses.cost_inputs import CostSettings
from prismlib.analyses.cross_az import CrossAzResults, analyse_cross_az
from prismlib.analyses.cross_az_inputs import CrossAzSettings
from prismlib.analyses.dr_inputs import DrSettings
from prismlib.analyses.dr_timeline import analyse_dr
from prismlib.analyses.launch_delay import Delay, cost_of_delay
from prismlib.analyses.launch_evidence import Look, looks_of
from prismlib.analyses.launch_gate import (
    Gate,
    Standing,
    corrections,
    decide,
    reversals,
)
from prismlib.analyses.launch_inputs import Known, LaunchInputs, LaunchSettings
from prismlib.analyses.launch_items import items_of, waivers_of
from prismlib.analyses.launch_measures import MEASURES
from prismlib.analyses.launch_plan import holidays_of, plans_of
from prismlib.analyses.launch_ranking import open_items
from prismlib.analyses.launch_rollout import rollout_choices
from prismlib.analyses.launch_rules import (
    Criterion,
    Disagreement,
    Lint,
    RuleSet,
    criteria_of,
    disagreement,
    lint,
    rule_sets_of,
)
from prismlib.analyses.launch_schedule import Schedule, schedule_of
from prismlib.analyses.launch_standing import Judged, judge_criterion
from prismlib.analyses.launch_vocabulary import check_words
from prismlib.analyses.launch_waivers import NameWaiver, waived_looks
from prismlib.analyses.performance_slo import analyse_slo
from prismlib.analyses.remedies import remedy_checks
from prismlib.analyses.remedy_models import Check
from prismlib.analyses.slo_inputs import SloSettings
from prismlib.analyses.stated import Stated
from prismlib.analyses.variance import Thresholds
from prismlib.errors import IncompleteDataError, ParameterError

FEWEST_DRAWS = 100
"""Of the simulation of recovery, which is not used here."""


@dataclass(frozen=True)
class LaunchResults:
    """Everything the notebook shows; tables are in `launch_tables`.

    `gate` is the decision, `at_launch` that of the launch day if nothing is looked at again,
    `claimed` what each set of rules says of the figures that the evidence states. `to_go` and
    `from_go` are the minimal sets that flip it.
    """

    known: Known
    launch: date | None
    judged: tuple[Judged, ...]
    rule_sets: dict[str, RuleSet]
    lints: dict[str, Lint]
    disagreements: tuple[Disagreement, ...]
    gate: Gate
    at_launch: Gate
    claimed: dict[str, str]
    decisions: dict[str, Gate]
    to_go: tuple[tuple[str, ...], ...]
    from_go: tuple[tuple[str, ...], ...]
    claimed_to_go: tuple[tuple[str, ...], ...]
    items: pd.DataFrame
    delay: Delay
    remedies: tuple[Check, ...]
    settings: LaunchSettings
    holidays: dict[date, str]
    schedule: Schedule | None
    rollout: pd.DataFrame

    @property
    def stated(self) -> Stated:
        """Return the figures that the document states."""
        return self.known.stated

    @property
    def plan_rows(self) -> list[dict[str, Any]]:
        """Return the tasks of every schedule."""
        plans = plans_of(self.known.inputs.tables.get("plan_task"))
        return [row for plan in plans.values() for row in plan.rows]

    def of(self, criterion_id: str) -> Judged | None:
        """Return a criterion by its id, or None."""
        return next((j for j in self.judged if j.criterion.criterion_id == criterion_id), None)

    def name(self, criterion_id: str) -> str:
        """Return the name of a criterion in words."""
        found = self.of(criterion_id)
        return criterion_id if found is None else found.criterion.name


def analyse_launch(inputs: LaunchInputs, settings: LaunchSettings) -> LaunchResults:
    """Answer the question of this module.

    Raises
    ------
    ParameterError
        The set of rules that is asked for does not exist, or a register contradicts itself or uses
        a word that nobody knows.
    """
    check_words(inputs.tables, MEASURES)
    criteria = criteria_of(inputs.tables.get("criterion"))
    known = known_of(inputs, criteria)
    launch = settings.launch or _stated_launch(known.stated)
    later = known if launch is None else _known_on(known, max(launch, inputs.as_of))
    judged = tuple(judge_criterion(known, later, one) for one in criteria)
    sets = rule_sets_of(inputs.tables.get("decision_rule"))
    lints = {name: lint(rules, criteria) for name, rules in sets.items()}
    return LaunchResults(
        known=known,
        launch=launch,
        judged=judged,
        rule_sets=sets,
        lints=lints,
        disagreements=tuple(
            disagreement(one, other, criteria) for one, other in combinations(sets.values(), 2)
        ),
        remedies=tuple(remedy_checks(known)),
        settings=settings,
        **_decided(sets, _chosen(sets, lints, settings.rules), judged),
        **_planned(known, criteria, settings),
    )


def _decided(sets: dict[str, RuleSet], rules: RuleSet, judged: Sequence[Judged]) -> dict[str, Any]:
    """Return the decision, on what is known, on what is claimed, and on the launch day."""
    standings = [one.standing for one in judged]
    stated = [_as_claimed(one) for one in judged]
    gate = decide(rules, standings)
    return {
        "gate": gate,
        "at_launch": decide(rules, [one.at_launch for one in judged]),
        "claimed": {name: one.decide(_bands(stated)) for name, one in sets.items()},
        "decisions": {name: decide(one, standings) for name, one in sets.items()},
        "to_go": corrections(gate),
        "from_go": reversals(gate),
        "claimed_to_go": corrections(decide(rules, stated)),
    }


def _planned(
    known: Known, criteria: Sequence[Criterion], settings: LaunchSettings
) -> dict[str, Any]:
    """Return what is open, what a day of it costs, and the way to the launch."""
    items, delay = open_items(known, criteria), cost_of_delay(known)
    holidays = holidays_of(known.inputs.reference["holiday"], settings.country)
    schedule = schedule_of(known, criteria, items, settings, frozenset(holidays))
    return {
        "items": items,
        "delay": delay,
        "holidays": holidays,
        "schedule": schedule,
        "rollout": rollout_choices(known, items, schedule, delay),
    }


def _bands(standings: Sequence[Standing]) -> dict[str, str]:
    return {one.criterion_id: one.band for one in standings}


def _as_claimed(judged: Judged) -> Standing:
    """Return how a criterion would stand on the figure that its evidence states."""
    band = judged.claimed_band
    return Standing(judged.criterion, (band,) if band else judged.criterion.bands)


def known_of(inputs: LaunchInputs, criteria: Sequence[Criterion]) -> Known:
    """Return what is known: evidence, items, and what the other analyses say."""
    tables = inputs.tables
    looks, allowed = _looks_on(inputs, inputs.as_of)
    waivers = waivers_of(tables.get("waiver"), as_of=inputs.as_of)
    known = Known(
        inputs=inputs,
        stated=Stated.of(inputs.claim),
        looks=looks,
        items=items_of(tables.get("readiness_item"), looks, waivers),
        waivers=waivers,
        name_waivers=allowed,
        recovery=analyse_dr(inputs.recovery, DrSettings(draws=FEWEST_DRAWS)),
        benchmarks=analyse_slo(inputs.benchmarks, SloSettings()),
        by_subject=_by_subject(looks),
    )
    traffic, reason = _traffic(inputs, criteria)
    return replace(known, traffic=traffic, costless=reason)


def _known_on(known: Known, on: date) -> Known:
    """Return what is known on a later day if nothing is looked at again: looks age, waivers end."""
    tables, (looks, allowed) = known.inputs.tables, _looks_on(known.inputs, on)
    waivers = waivers_of(tables.get("waiver"), as_of=on)
    return replace(
        known,
        looks=looks,
        items=items_of(tables.get("readiness_item"), looks, waivers),
        waivers=waivers,
        name_waivers=allowed,
        by_subject=_by_subject(looks),
    )


def _looks_on(inputs: LaunchInputs, on: date) -> tuple[tuple[Look, ...], tuple[NameWaiver, ...]]:
    """Return the looks up to the day of the data, as old as they are on a day, and waived then."""
    tables = inputs.tables
    looks = looks_of(tables.get("stated_evidence"), tables.get("evidence"), as_of=inputs.as_of)
    stated = {"claim": inputs.claim, "fleet": inputs.fleet}
    return waived_looks(
        [look.on(on) for look in looks],
        {**tables, **{name: frame for name, frame in stated.items() if frame is not None}},
        inputs.reference["evidence_check"],
        as_of=on,
    )


def _by_subject(looks: Sequence[Look]) -> dict[str, tuple[Look, ...]]:
    found: dict[str, tuple[Look, ...]] = {}
    for look in looks:
        subject = look.row["subject_id"]
        found[subject] = (*found.get(subject, ()), look)
    return found


def _traffic(
    inputs: LaunchInputs, criteria: Sequence[Criterion]
) -> tuple[CrossAzResults | None, str]:
    """Return the traffic between zones with its costs, or why it is not known."""
    bounds = next((c.row for c in criteria if c.row["measure_name"] == "cost_change_pct"), None)
    bands = Thresholds()
    if bounds is not None and bounds["go_value"] is not None and bounds["no_go_value"] is not None:
        bands = Thresholds(tolerance_pct=bounds["go_value"], limit_pct=bounds["no_go_value"])
    settings = CrossAzSettings(costs=CostSettings(thresholds=bands))
    try:
        return analyse_cross_az(inputs.traffic, settings), ""
    except (IncompleteDataError, ParameterError) as error:
        return None, error.what


def _chosen(sets: dict[str, RuleSet], lints: dict[str, Lint], wanted: str) -> RuleSet:
    if wanted and wanted not in sets:
        names = ", ".join(sets) or "none: there are no rules"
        raise ParameterError("rules", wanted, expected=f"one of the sets of rules: {names}")
    if wanted:
        return sets[wanted]
    clean = [name for name, found in lints.items() if found.is_clean]
    complete = [name for name, found in lints.items() if found.is_complete]
    first = [*clean, *complete, *sets]
    return sets[first[0]] if first else RuleSet("none", (), (), "")


def _stated_launch(stated: Stated) -> date | None:
    days = [
        row["stated_date"]
        for claim_id, row in stated.rows.items()
        if claim_id.startswith("launch_") and row["stated_date"] is not None
    ]
    return max(days, default=None)
