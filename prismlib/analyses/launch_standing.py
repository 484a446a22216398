"""How each criterion stands: its figure against its bands, as far as evidence counts.

Method. The range of a figure gives the bands that it may be in. Evidence that does not count (none,
stale, or older than what it rests on) spoils a pass: the criterion is unknown. It does not spoil a
failure, which stands until evidence that counts replaces it. Where a figure that was recomputed
passes and evidence that counts says fail, the two contradict each other and nothing is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from prismlib.analyses.launch_evidence import Look, State, judged, names
from prismlib.analyses.launch_gate import Standing
from prismlib.analyses.launch_inputs import Known
from prismlib.analyses.launch_measures import Measure, measured
from prismlib.analyses.launch_rules import FAIL, PASS, Criterion

NO_EVIDENCE = "no evidence is there"


@dataclass(frozen=True)
class Judged:
    """A criterion with its figure, its evidence, and how it stands now and on the launch day."""

    criterion: Criterion
    measure: Measure
    looks: tuple[Look, ...]
    standing: Standing
    at_launch: Standing

    @property
    def claimed(self) -> Decimal | None:
        """Return the figure that the newest evidence states."""
        values = [look.row["evidence_value"] for look in self.looks]
        return values[0] if len(values) == 1 else None

    @property
    def claimed_band(self) -> str:
        """Return the band of the stated figure, empty without one."""
        return "" if self.claimed is None else self.criterion.band(self.claimed)


def judge_criterion(known: Known, criterion: Criterion, launch: date | None) -> Judged:
    """Return how a criterion stands on the day that is asked about, and on the launch day."""
    measure = measured(known, criterion.criterion_id, str(criterion.row["measure_name"]))
    looks = known.by_subject.get(criterion.criterion_id, ())
    seen = tuple(_judged(known, criterion, look) for look in looks)
    later = tuple(_judged(known, criterion, _aged(look, launch)) for look in looks)
    is_waived = criterion.criterion_id in {w.subject for w in known.waivers if not w.fault}
    standing, at_launch = (_standing(criterion, measure, one, is_waived) for one in (seen, later))
    return Judged(criterion, measure, seen, standing, at_launch)


def _judged(known: Known, criterion: Criterion, look: Look) -> Look:
    row = criterion.row
    return judged(look, known.items, valid_days=row["valid_for_days"], needs=names(row["needs"]))


def _aged(look: Look, launch: date | None) -> Look:
    if launch is None or look.seen_on is None:
        return look
    return replace(look, age_days=(launch - look.seen_on).days)


def _standing(
    criterion: Criterion, measure: Measure, looks: Sequence[Look], is_waived: bool
) -> Standing:
    bands = bands_of(criterion, measure)
    reasons = [f"{look.row['check_id']}: {look.why}" for look in looks if look.reasons]
    reasons += [
        f"{look.row['check_id']}: {look.why or 'unknown'}"
        for look in looks
        if look.row["evidence_state"] == State.UNKNOWN and not look.reasons
    ]
    if not looks:
        reasons.append(NO_EVIDENCE)
    failing = [look for look in looks if look.state is State.FAIL]
    if bands == (PASS,) and failing:
        seen = "; ".join(look.row["detail"] or look.row["check_id"] for look in failing)
        reasons.append(f"recomputed it passes, but evidence says it does not: {seen}")
    if reasons and bands != (FAIL,):
        return Standing(criterion, criterion.bands, tuple(reasons), is_waived)
    if len(bands) > 1:
        reasons.append(f"the figure is not known well enough: {measure.note}")
    return Standing(criterion, bands, tuple(reasons), is_waived)


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
