"""The decision on a launch and what would flip it; the rest of the notebook follows from it.

Method. What is known of a snapshot (`known_of`: evidence, registers, what the other analyses say)
is read once. What a change can move is read anew from the tables that it is given: looks, waivers
and the state of items. Each criterion is held against its bounds, and the decision and the sets
that flip it are tried (`launch_gate`). That is the first half of `launch_readiness`, and what a
change of a bound, of a figure or of a waiver needs at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pandas as pd

from prismlib.analyses import launch_evidence
from prismlib.analyses.cost_inputs import CostSettings
from prismlib.analyses.cross_az import analyse_cross_az
from prismlib.analyses.cross_az_inputs import CrossAzSettings
from prismlib.analyses.dr_inputs import DrSettings
from prismlib.analyses.dr_timeline import analyse_dr
from prismlib.analyses.judging import listed
from prismlib.analyses.launch_believed import Believer, checks_of
from prismlib.analyses.launch_evidence import Look, looks_of
from prismlib.analyses.launch_gate import Gate, Standing, corrections, decide, reversals
from prismlib.analyses.launch_inputs import Assumed, Known, LaunchInputs, LaunchSettings
from prismlib.analyses.launch_items import item_rows, items_of, waivers_of
from prismlib.analyses.launch_measures import MEASURES
from prismlib.analyses.launch_plan import plans_of
from prismlib.analyses.launch_rules import (
    GO,
    Criterion,
    Disagreement,
    Lint,
    RuleSet,
    Tried,
    criteria_of,
    rule_sets_of,
    try_rules,
)
from prismlib.analyses.launch_standing import Judged, judge_criterion
from prismlib.analyses.launch_vocabulary import check_words
from prismlib.analyses.launch_waivers import NameWaiver, waived_looks
from prismlib.analyses.performance_slo import analyse_slo
from prismlib.analyses.slo_inputs import SloSettings
from prismlib.analyses.stated import Stated
from prismlib.analyses.training import training_of
from prismlib.analyses.variance import Thresholds
from prismlib.errors import IncompleteDataError, ParameterError

FEWEST_DRAWS = 100
"""Of the simulation of recovery, which is not used here."""


@dataclass(frozen=True)
class LaunchDecision:
    """Go or no-go, and what flips it.

    `gate` is the decision, `at_launch` that of the launch day if nothing is looked at again,
    `claimed` what each set of rules says of the figures that the evidence states. `to_go` and
    `from_go` are the minimal sets that flip it. `lasts_until` is the last day of a GO if nothing is
    looked at again, None where nothing ends it.
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
    lasts_until: date | None
    settings: LaunchSettings

    @property
    def stated(self) -> Stated:
        """Return the figures that the document states."""
        return self.known.stated

    @property
    def assumed(self) -> Assumed:
        """Return what is set in place of what the snapshot has."""
        return self.known.inputs.assumed

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """Return the criteria."""
        return tuple(one.criterion for one in self.judged)

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


def decide_launch(
    inputs: LaunchInputs,
    settings: LaunchSettings,
    known: Known | None = None,
    tried: Tried | None = None,
) -> LaunchDecision:
    """Return the decision.

    Parameters
    ----------
    inputs : LaunchInputs
    settings : LaunchSettings
    known : Known, optional
        What is known of the same snapshot with nothing assumed, where many changes are tried.
    tried : Tried, optional
        What trying every state showed of the same rules and bands.

    Raises
    ------
    ParameterError
        The set of rules that is asked for does not exist or names what is no criterion, or a
        register contradicts itself or uses a word that nobody knows.
    """
    known = known_of(inputs) if known is None else _given(known, inputs)
    criteria = criteria_of(inputs.tables.get("criterion"))
    launch = settings.launch or _stated_launch(known.stated) or _planned_launch(inputs)
    later = known if launch is None else _known_on(known, max(launch, inputs.as_of))
    judged = tuple(judge_criterion(known, later, one) for one in criteria)
    sets = rule_sets_of(inputs.tables.get("decision_rule"))
    tried = tried or try_rules(sets, criteria)
    rules = _chosen(sets, tried.lints, settings.rules)
    return LaunchDecision(
        known=known,
        launch=launch,
        judged=judged,
        rule_sets=sets,
        lints=tried.lints,
        disagreements=tried.disagreements,
        settings=settings,
        lasts_until=_lasts_until(known, judged, rules),
        **_decided(sets, rules, judged),
    )


def _lasts_until(known: Known, judged: Sequence[Judged], rules: RuleSet) -> date | None:
    """Return the last day of a GO if nothing is looked at again; None if it is none, or lasts."""
    if decide(rules, [one.standing for one in judged]).decision != GO:
        return None
    for on in _ends(known, judged):
        later = _known_on(known, on)
        standings = [judge_criterion(known, later, one.criterion).at_launch for one in judged]
        if decide(rules, standings).decision != GO:
            return on - timedelta(days=1)
    return None


def _ends(known: Known, judged: Sequence[Judged]) -> list[date]:
    """Return the days from which a look or a waiver no longer counts, after that of the data."""
    looks = [*known.looks, *(look for one in judged for look in one.looks)]
    days = [one.counts_until for one in looks]
    days += [one.row["expires_date"] for one in known.waivers]
    days += [one.row["expires_date"] for one in known.name_waivers]
    as_of = known.inputs.as_of
    known_days = (on for on in days if on is not None and as_of <= on < date.max)
    return sorted({on + timedelta(days=1) for on in known_days})


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


def _bands(standings: Sequence[Standing]) -> dict[str, str]:
    return {one.criterion_id: one.band for one in standings}


def _as_claimed(judged: Judged) -> Standing:
    """Return how a criterion would stand on the figure that its evidence states, if it does."""
    band, one = judged.claimed_band, judged.standing
    return Standing(judged.criterion, (band,) if band else one.bands, is_waived=one.is_waived)


def known_of(inputs: LaunchInputs) -> Known:
    """Return what is known: evidence, items, and what the other analyses say.

    Raises
    ------
    SchemaError
        A register uses a word that nobody knows.
    ParameterError
        A register contradicts itself.
    """
    check_words(inputs.tables, MEASURES)
    stated = Stated.of(inputs.claim)
    known = Known(
        inputs=inputs,
        stated=stated,
        looks=(),
        items={},
        waivers=(),
        recovery=analyse_dr(inputs.recovery, DrSettings(draws=FEWEST_DRAWS)),
        benchmarks=analyse_slo(inputs.benchmarks, SloSettings()),
        training=training_of(inputs.tables, stated),
    )
    return _given(with_costs(known, criteria_of(inputs.tables.get("criterion"))), inputs)


def _given(known: Known, inputs: LaunchInputs) -> Known:
    """Return what is known with the looks, waivers and items of other inputs."""
    return _known_on(replace(known, inputs=inputs, seen=_seen(inputs)), inputs.as_of)


def _known_on(known: Known, on: date) -> Known:
    """Return what is known on a day if nothing is looked at again: looks age, waivers end."""
    tables = known.inputs.tables
    subjects, (looks, allowed) = _subjects(tables), _looks_on(known, on)
    waivers = waivers_of(tables.get("waiver"), as_of=on, subjects=subjects)
    items = tables.get("readiness_item")
    others = [one for one in looks if one.key[0] and one.key[0] not in subjects]
    return replace(
        known,
        looks=looks,
        items=items_of(items, looks, waivers, as_of=known.inputs.as_of),
        waivers=waivers,
        name_waivers=allowed,
        strays=tuple(launch_evidence.judged(one, {}) for one in others),
        by_subject=_by_subject(looks),
    )


def _subjects(tables: Mapping[str, pd.DataFrame]) -> dict[str, bool]:
    """Return the ids of items and criteria, and whether a waiver can cover them."""
    criteria = criteria_of(tables.get("criterion"))
    found = {one.criterion_id: not one.row["is_veto"] for one in criteria}
    return {**found, **{row["item_id"]: True for row in item_rows(tables.get("readiness_item"))}}


def _stating(inputs: LaunchInputs) -> dict[str, pd.DataFrame]:
    """Return the tables on readiness, and those that say what a check must reach."""
    stated = {"claim": inputs.claim, "fleet": inputs.fleet}
    said = {name: frame for name, frame in stated.items() if frame is not None}
    return {**inputs.tables, **said}


def _checks(inputs: LaunchInputs) -> pd.DataFrame:
    return checks_of(inputs.reference["evidence_check"], inputs.tables, _subjects(inputs.tables))


def _seen(inputs: LaunchInputs) -> tuple[Look, ...]:
    """Return the looks up to the day of the data, as far as they are to be believed."""
    tables, written = _stating(inputs), inputs.reference["evidence_check"]
    criteria = criteria_of(tables.get("criterion"))
    believer = Believer.of(_checks(inputs), tables, criteria, written)
    looks = looks_of(
        tables.get("stated_evidence"),
        tables.get("evidence"),
        as_of=inputs.as_of,
        believed=believer.believed,
    )
    return (*looks, *believer.missing(looks))


def _looks_on(known: Known, on: date) -> tuple[tuple[Look, ...], tuple[NameWaiver, ...]]:
    """Return the looks as old as they are on a day, without what is allowed by name then."""
    inputs, looks = known.inputs, tuple(look.on(on) for look in known.seen)
    if "evidence_waiver" not in inputs.tables:
        return looks, ()
    return waived_looks(looks, _stating(inputs), _checks(inputs), as_of=on)


def _by_subject(looks: Sequence[Look]) -> dict[str, tuple[Look, ...]]:
    found: dict[str, tuple[Look, ...]] = {}
    for look in looks:
        subject = look.row["subject_id"]
        found[subject] = (*found.get(subject, ()), look)
    return found


def with_costs(known: Known, criteria: Sequence[Criterion]) -> Known:
    """Return what is known with the costs held against the bounds of their criterion."""
    bounds = next((c.row for c in criteria if c.row["measure_name"] == "cost_change_pct"), None)
    bands = Thresholds()
    if bounds is not None and bounds["go_value"] is not None and bounds["no_go_value"] is not None:
        bands = Thresholds(tolerance_pct=bounds["go_value"], limit_pct=bounds["no_go_value"])
    if bands == known.cost_bands:
        return known
    settings = CrossAzSettings(costs=CostSettings(thresholds=bands))
    try:
        traffic, reason = analyse_cross_az(known.inputs.traffic, settings), ""
    except (IncompleteDataError, ParameterError) as error:
        traffic, reason = None, error.what
    return replace(known, traffic=traffic, costless=reason, cost_bands=bands)


def _chosen(sets: dict[str, RuleSet], lints: dict[str, Lint], wanted: str) -> RuleSet:
    """Return the rules that decide; a name in them that is no criterion would never match."""
    found = _wanted(sets, lints, wanted)
    unknown = lints[found.name].unknown if found.name in lints else ()
    if unknown:
        place = f"criterion_id of the rules “{found.name}” in decision_rule"
        raise ParameterError(place, listed(unknown), expected="an id of criterion.csv")
    return found


def _wanted(sets: dict[str, RuleSet], lints: dict[str, Lint], wanted: str) -> RuleSet:
    if wanted and wanted not in sets:
        names = ", ".join(sets) or "none: there are no rules"
        raise ParameterError("rules", wanted, expected=f"one of the sets of rules: {names}")
    if wanted:
        return sets[wanted]
    clean = [name for name, found in lints.items() if found.is_clean]
    complete = [name for name, found in lints.items() if found.is_complete]
    whole = [name for name, found in lints.items() if not found.left_out]
    first = [*clean, *complete, *whole, *sets]
    return sets[first[0]] if first else RuleSet("none", (), (), "")


def _stated_launch(stated: Stated) -> date | None:
    days = [
        row["stated_date"]
        for claim_id, row in stated.rows.items()
        if claim_id.startswith("launch_") and row["stated_date"] is not None
    ]
    return max(days, default=None)


def _planned_launch(inputs: LaunchInputs) -> date | None:
    """Return the latest day on which a plan launches."""
    plans = plans_of(inputs.tables.get("plan_task")).values()
    return max((plan.launch for plan in plans if plan.launch is not None), default=None)
