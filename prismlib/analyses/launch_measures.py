"""The figure of each criterion, recomputed: from the registers and from the other analyses.

A measure is a range, since what is unknown leaves a figure open; with it come the other readings
that a reader may mean, each held against the same bounds. A measure that cannot be computed takes
the figure of the newest evidence, and without any stays unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from prismlib.analyses.cost_variance import CostResults
from prismlib.analyses.documents import documents_of
from prismlib.analyses.excluded_costs import CROSS_AZ
from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_evidence import Item, Look, State, is_in_unit
from prismlib.analyses.launch_inputs import Known
from prismlib.analyses.launch_rules import FALLING, Criterion
from prismlib.analyses.launch_vocabulary import SIGNED, is_yes_or_no
from prismlib.analyses.training import unknown_modules
from prismlib.findings import Verdict
from prismlib.tables import records

HUNDRED = Decimal(100)
SECONDS_PER_MINUTE = Decimal(60)
ONE, ZERO = Decimal(1), Decimal(0)


@dataclass(frozen=True)
class Reading:
    """Another figure that the same criterion may be read as; None is not known."""

    name: str
    value: Decimal | None
    note: str = ""


@dataclass(frozen=True)
class Measure:
    """The figure of a criterion: a range, both ends alike when it is known.

    `low` or `high` is None where nothing bounds it. `is_computed` is false when the figure is that
    of a piece of evidence alone, `is_assumed` true when nothing showed it. `risks` is how many
    items would count too, were they not waived.
    """

    low: Decimal | None
    high: Decimal | None
    note: str
    readings: tuple[Reading, ...] = ()
    is_computed: bool = True
    is_assumed: bool = False
    risks: int = 0


def _critical_items(known: Known, is_wanted: Callable[[Item], bool]) -> Measure | None:
    """Return how many critical items of a kind are open.

    What is open and nobody ranked may be critical; what fails and is in no register may be too, and
    of either kind.
    """
    kind = [item for item in known.items.values() if is_wanted(item)]
    items = [item for item in kind if is_critical(item)]
    unranked = [item for item in kind if not item.row["severity"]]
    if not items and not unranked and not known.failing_strays:
        return None
    open_ones = [item.item_id for item in items if item.is_open]
    doubt = _doubts(items, unranked, known.failing_strays)
    waived = [item.item_id for item in items if item.is_waived]
    low, high = len(open_ones), len(open_ones) + len(doubt)
    words = f"open: {listed(open_ones)}" if open_ones else "none is open"
    words += f"; not known to be closed: {listed(doubt)}" if doubt else ""
    words += f"; accepted as a risk: {listed(waived)}" if waived else ""
    risks = sum(item.is_risk for item in (*items, *unranked))
    return Measure(Decimal(low), Decimal(high), words, risks=risks)


def _doubts(items: Sequence[Item], unranked: Sequence[Item], strays: Sequence[Look]) -> list[str]:
    """Return what may be critical and open, each with why that is not known."""
    return [
        *(f"{item.item_id} ({item.reason})" for item in items if item.is_in_doubt),
        *(
            f"{item.item_id} (no severity is stated, and it may be critical)"
            for item in unranked
            if item.is_open or item.is_in_doubt
        ),
        *(
            f"{one.key[0]} ({one.row['detail'] or one.key[1]}; it is in no register)"
            for one in strays
        ),
    ]


def is_critical(item: Item) -> bool:
    """Return whether an item is critical."""
    return str(item.row["severity"]) == "critical"


def is_gap(item: Item) -> bool:
    """Return whether an item is a gap."""
    return str(item.row["item_kind"]) == "gap"


def is_security(item: Item) -> bool:
    """Return whether an item is one of security: by its kind, or because its row says so."""
    return bool(item.row["is_security"]) or item.row["item_kind"] == "security"


COUNTED: dict[str, Callable[[Item], bool]] = {
    "open_critical_gaps": is_gap,
    "open_critical_security": is_security,
}
"""The items that a measure counts while they are critical and open, by its name."""


def is_counted(item: Item, measure_name: str) -> bool:
    """Return whether a measure counts an item, once it is critical and open."""
    return measure_name in COUNTED and COUNTED[measure_name](item)


def _critical_gaps(known: Known) -> Measure | None:
    return _critical_items(known, is_gap)


def _critical_security(known: Known) -> Measure | None:
    return _critical_items(known, is_security)


def _recovery(known: Known) -> Measure | None:
    results = known.recovery
    if results is None or results.drill is None:
        return None
    readings = [
        Reading(case.name, case.span.middle / SECONDS_PER_MINUTE, case.note)
        for case in results.cases
        if case.span is not None
    ]
    case = results.case("with_excluded") or results.case("published")
    if case is None or case.span is None:
        return Measure(None, None, "the log of the drill has no end", tuple(readings))
    low, high = case.span.low / SECONDS_PER_MINUTE, case.span.high / SECONDS_PER_MINUTE
    return Measure(
        low,
        high,
        f"{case.name[:1].lower()}{case.name[1:]}: {case.note}".rstrip(": "),
        tuple(readings),
    )


def _training(known: Known) -> Measure | None:
    found, unknown = known.training, unknown_modules(known.inputs.tables)
    words = f"; not known: {listed(list(unknown))}" if unknown else ""
    if found is None and (unknown or "training_need" in known.inputs.tables):
        words = words.removeprefix("; ") or "people who need training are named, and no module is"
        return Measure(None, None, words)
    if found is None:
        return None
    readings = [Reading("By seat", found.seats_pct, found.seats_words)]
    for claim_id, name in (
        ("ready.trained_pct", "As printed"),
        ("ready.sre_untrained", "By the people that the summary counts"),
    ):
        value = known.stated.value(claim_id)
        if value is not None and claim_id.endswith("untrained"):
            value = HUNDRED - value / found.people * HUNDRED
        if value is not None:
            readings.append(Reading(name, value, known.stated.source(claim_id)))
    readings.append(Reading("By the people named", found.high_pct, found.people_words))
    low_pct = ZERO if unknown else found.low_pct
    return Measure(low_pct, found.high_pct, f"{found.people_words}{words}", tuple(readings))


def _cost(known: Known) -> Measure | None:
    costs = None if known.traffic is None else known.traffic.costs
    if costs is None or not costs.baseline_name or costs.summary.change_pct is None:
        return None
    plain = Reading("On the lines of the table alone", costs.summary.change_pct)
    outside = next((r for r in records(costs.excluded) if r["item_name"] == CROSS_AZ), None)
    if outside is None and costs.used_bill is None:
        words = "what traffic between zones costs is in no line, and nothing tells it"
        return Measure(plain.value, None, words, (plain,))
    if outside is None:
        return Measure(plain.value, plain.value, "every cost of the bill is in the lines", (plain,))
    low, high = (_changed_pct(costs, outside[name]) for name in ("low_cost", "high_cost"))
    readings = (
        plain,
        Reading("With traffic between zones, one end billed", low),
        Reading("With traffic between zones, both ends billed", high),
        Reading("With that traffic in both columns, one end", _both_columns(known, costs, outside)),
    )
    return Measure(low, high, "with traffic between zones, which the lines leave out", readings)


def _changed_pct(costs: CostResults, extra: Decimal | None) -> Decimal | None:
    if extra is None:
        return None
    baseline, current = costs.summary.baseline, costs.summary.current + extra
    return (current - baseline) / baseline * HUNDRED


def _both_columns(
    known: Known, costs: CostResults, outside: Mapping[str, Decimal | None]
) -> Decimal | None:
    target, cost = known.stated.value_in("cross_az_target", costs.currency), outside["low_cost"]
    if target is None or cost is None:
        return None
    baseline = costs.summary.baseline + target
    return (costs.summary.current + cost - baseline) / baseline * HUNDRED


def _performance(known: Known) -> Measure | None:
    """Return whether every objective is met by runs that are evidence, as their analysis says."""
    outcomes = known.benchmarks
    rows = [] if outcomes is None else outcomes.facts.inputs.objectives
    if outcomes is None or not rows:
        return None
    verdicts = [outcomes.verdict(row["slo_id"]) for row in rows]
    met, missed = verdicts.count(Verdict.HOLDS), verdicts.count(Verdict.CONTRADICTS)
    words = f"of {counted(len(rows), 'objective')} {met} are shown to be met and {missed} to be "
    words += f"missed, {len(rows) - met - missed} are not shown by any run that is evidence"
    low = ONE if met == len(rows) else ZERO
    return Measure(low, ZERO if missed else ONE, words)


def _documents(known: Known) -> Measure | None:
    found = documents_of(known.inputs.tables.get("document_count"))
    if found is None:
        return None
    words = f"{counted(found.available, 'document')} of {found.required}"
    words += f"; not known: {listed(list(found.unknown_kinds))}" if found.unknown_kinds else ""
    return Measure(found.low_pct, found.high_pct, words)


MEASURES: dict[str, Callable[[Known], Measure | None]] = {
    "open_critical_gaps": _critical_gaps,
    "open_critical_security": _critical_security,
    "performance_slos": _performance,
    "recovery_minutes": _recovery,
    "people_trained_pct": _training,
    "cost_change_pct": _cost,
    "documents_pct": _documents,
}
"""How the figure of a criterion is computed, by its ``measure_name``.

A name that is not here is a figure of evidence alone.
"""


def measured(known: Known, criterion: Criterion) -> Measure:
    """Return the figure of a criterion."""
    compute = MEASURES.get(str(criterion.row["measure_name"]))
    found = None if compute is None else compute(known)
    return _from_evidence(known, criterion) if found is None else found


def _from_evidence(known: Known, criterion: Criterion) -> Measure:
    """Return the worst figure of the evidence, since each look has to pass.

    A pass alone is no figure of something that is counted.
    """
    rows = [look.row for look in known.by_subject.get(criterion.criterion_id, ())]
    values = [_value(row, criterion) for row in rows]
    found = [value for value in values if value is not None]
    if not rows or len(found) < len(values):
        words = f"no evidence gives a figure in {criterion.row['unit']}".removesuffix(" in ")
        return Measure(None, None, words, is_computed=False)
    words = "; ".join(dict.fromkeys(row["detail"] for row in rows if row["detail"]))
    worst = max(found) if criterion.row["compared_as"] in FALLING else min(found)
    return Measure(worst, worst, words, is_computed=False)


def _value(row: Mapping[str, Any], criterion: Criterion) -> Decimal | None:
    """Return the figure of a look; of yes or no, one without a figure is 1 for a pass, else 0."""
    value, is_same = row["evidence_value"], is_in_unit(row, str(criterion.row["unit"]))
    if row["evidence_state"] == State.UNKNOWN:
        return None
    if is_yes_or_no(criterion) and (value is None or not is_same):
        return ONE if row["evidence_state"] == State.PASS else ZERO
    if not is_same:
        return None
    is_possible = value is None or value >= 0 or criterion.row["measure_name"] in SIGNED
    return value if is_possible else None
