"""How each criterion stands: its figure against its bands, as far as evidence counts.

Method. The range of a figure gives the bands that it may be in. Evidence that does not count (none,
stale, or older than what it rests on) spoils a pass: the criterion is unknown. It does not spoil a
failure, which stands until evidence that counts replaces it. Where a figure that was recomputed
passes and evidence that counts says fail, the two contradict each other and nothing is shown;
unless what was seen failing is what waivers cover. A figure that is assumed is held against its
bounds as it is, whatever the evidence says, and stays marked as assumed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from prismlib.analyses.launch_evidence import Look, State, is_in_unit, judged, names
from prismlib.analyses.launch_gate import Standing
from prismlib.analyses.launch_inputs import Known
from prismlib.analyses.launch_measures import Measure, measured
from prismlib.analyses.launch_rules import FAIL, PASS, Criterion

NO_EVIDENCE = "no evidence is there"
ASSUMED = "the figure is assumed: no evidence shows it"


@dataclass(frozen=True)
class Judged:
    """A criterion with its figure, its evidence, and how it stands now and on the launch day.

    `seen` is the figure that is known; `measure` is another one only where that is assumed.
    """

    criterion: Criterion
    measure: Measure
    looks: tuple[Look, ...]
    standing: Standing
    at_launch: Standing
    seen: Measure

    @property
    def claimed(self) -> Decimal | None:
        """Return the figure that the newest evidence states."""
        unit = str(self.criterion.row["unit"])
        values = [one.row["evidence_value"] for one in self.looks if is_in_unit(one.row, unit)]
        return values[0] if len(values) == 1 else None

    @property
    def claimed_band(self) -> str:
        """Return the band of the stated figure, empty without one."""
        return "" if self.claimed is None else self.criterion.band(self.claimed)


def judge_criterion(known: Known, later: Known, criterion: Criterion) -> Judged:
    """Return how a criterion stands on the day that is asked about, and on the launch day.

    `later` is what is known on the launch day if nothing is looked at again.
    """
    seen, looks = _measured(known, criterion), _looks(known, criterion)
    measure, on_launch_day = _taken(known, criterion, seen), _measured(later, criterion)
    return Judged(
        criterion=criterion,
        measure=measure,
        looks=looks,
        standing=_standing(known, criterion, measure, looks),
        at_launch=_standing(
            later, criterion, _taken(later, criterion, on_launch_day), _looks(later, criterion)
        ),
        seen=seen,
    )


def _taken(known: Known, criterion: Criterion, seen: Measure) -> Measure:
    """Return the figure that is assumed, else the one that is known."""
    value = known.inputs.assumed.measures.get(criterion.criterion_id)
    if value is None:
        return seen
    return replace(seen, low=value, high=value, note="assumed", is_computed=False, is_assumed=True)


def _measured(known: Known, criterion: Criterion) -> Measure:
    return measured(known, criterion)


def _looks(known: Known, criterion: Criterion) -> tuple[Look, ...]:
    row, looks = criterion.row, known.by_subject.get(criterion.criterion_id, ())
    valid, needs = row["valid_for_days"], names(row["needs"])
    return tuple(judged(look, known.items, valid_days=valid, needs=needs) for look in looks)


def _standing(
    known: Known, criterion: Criterion, measure: Measure, looks: Sequence[Look]
) -> Standing:
    is_waived = criterion.criterion_id in {w.subject for w in known.waivers if not w.fault}
    bands = bands_of(criterion, measure)
    if measure.is_assumed:
        return Standing(criterion, bands, (ASSUMED,), is_waived)
    reasons = [f"{look.row['check_id']}: {look.why}" for look in looks if look.reasons]
    reasons += [
        f"{look.row['check_id']}: {look.why or 'unknown'}"
        for look in looks
        if look.row["evidence_state"] == State.UNKNOWN and not look.reasons
    ]
    if not looks:
        reasons.append(NO_EVIDENCE)
    failing = [
        look
        for look in looks
        if look.state is State.FAIL and not _is_waived(look, criterion, measure)
    ]
    if bands == (PASS,) and failing:
        seen = "; ".join(look.row["detail"] or look.row["check_id"] for look in failing)
        reasons.append(f"recomputed it passes, but evidence says it does not: {seen}")
    if reasons and bands != (FAIL,):
        return Standing(criterion, criterion.bands, tuple(reasons), is_waived)
    if len(bands) > 1:
        reasons.append(f"the figure is not known well enough: {measure.note}")
    return Standing(criterion, bands, tuple(reasons), is_waived)


def _is_waived(look: Look, criterion: Criterion, measure: Measure) -> bool:
    """Return whether a failure is of no more than the items that waivers cover, by its figure."""
    if not measure.risks or measure.high is None:
        return False
    stated = look.row["evidence_value"]
    if stated is None or stated <= 0 or not is_in_unit(look.row, str(criterion.row["unit"])):
        return False
    return criterion.band(max(stated - measure.risks, Decimal(0))) == PASS


def bands_of(criterion: Criterion, measure: Measure) -> tuple[str, ...]:
    """Return the bands that a range of figures may be in; all where an end is missing."""
    if measure.low is None or measure.high is None:
        ends = [end for end in (measure.low, measure.high) if end is not None]
        found = {criterion.band(end) for end in ends}
        is_worst = found == {FAIL} and _only_gets_worse(criterion, measure)
        return (FAIL,) if is_worst else criterion.bands
    found = {criterion.band(measure.low), criterion.band(measure.high)}
    order = criterion.bands
    places = [order.index(band) for band in found]
    return order[min(places) : max(places) + 1]


def _only_gets_worse(criterion: Criterion, measure: Measure) -> bool:
    """Return whether the end that is missing lies on the bad side."""
    is_falling = criterion.row["compared_as"] in ("at most", "less than")
    return (measure.high is None) if is_falling else (measure.low is None)
