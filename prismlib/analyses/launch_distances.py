"""How far each criterion is from its bounds, in the unit of what somebody can change.

Method. A criterion is a figure of other figures: nodes, minutes, seats, a share of traffic. Its
bound is carried back to each of these, all others left as they are: the value at which it passes,
and the value at which it stops being NO-GO. Where a bound itself does not pass (less than, more
than), the next step of the unit does; where no value of the input reaches the bound, none is given.
Figures are those that are known, whatever is assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from prismlib.analyses.judging import counted, listed
from prismlib.analyses.launch_inputs import Known
from prismlib.analyses.launch_measures import SECONDS_PER_MINUTE, is_counted, is_critical
from prismlib.analyses.launch_standing import Judged
from prismlib.formats import count
from prismlib.money import exact_sum
from prismlib.tables import records

Row = dict[str, Any]
HUNDRED, ONE, CENT = Decimal(100), Decimal(1), Decimal("0.01")


def distances(known: Known, judged: Judged) -> Iterator[Row]:
    """Yield the rows of FLIP_DISTANCE of a criterion; none where its figure has no inputs."""
    find = INPUTS.get(str(judged.criterion.row["measure_name"]))
    if find is None:
        return
    for row in find(known, judged):
        yield {"criterion_id": judged.criterion.criterion_id, **row}


def _bounds(judged: Judged) -> tuple[Decimal | None, Decimal | None]:
    return judged.criterion.row["go_value"], judged.criterion.row["no_go_value"]


def _step(judged: Judged, step: Decimal = ONE) -> Decimal:
    """Return the step from the bound of GO to what passes: none where the bound itself does.

    That of NO-GO is on its good side: at it a criterion only warns.
    """
    compared_as = judged.criterion.row["compared_as"]
    return {"less than": -step, "more than": step}.get(compared_as, Decimal(0))


def _items(known: Known, judged: Judged) -> Iterator[Row]:
    measure, (go, no_go) = judged.seen, _bounds(judged)
    yield {
        "input_name": "open items",
        "unit": judged.criterion.row["unit"],
        "now_low": measure.low,
        "now_high": measure.high,
        "go_input_value": None if go is None else go + _step(judged),
        "no_go_input_value": no_go,
        "note": _least_work(known, judged, no_go),
    }


def _least_work(known: Known, judged: Judged, no_go: Decimal | None) -> str:
    """Return which items together take the least work to get out of NO-GO."""
    measure = str(judged.criterion.row["measure_name"])
    wanted = [
        item.row
        for item in known.items.values()
        if item.is_open and is_critical(item) and is_counted(item, measure)
    ]
    if no_go is None or len(wanted) <= no_go:
        return ""
    known_hours = [row for row in wanted if row["effort_hours"] is not None]
    needed = int(len(wanted) - no_go)
    if len(known_hours) < needed:
        return f"{needed} to close; not every effort is known"
    least = sorted(known_hours, key=lambda row: (row["effort_hours"], row["item_id"]))[:needed]
    hours = exact_sum([row["effort_hours"] for row in least])
    return f"least work out of NO-GO: {listed([r['item_id'] for r in least])}, {count(hours)} h"


def _recovery(known: Known, judged: Judged) -> Iterator[Row]:
    measure, (go, no_go) = judged.seen, _bounds(judged)
    yield {
        "input_name": "recovery",
        "unit": "minutes",
        "now_low": measure.low,
        "now_high": measure.high,
        "go_input_value": go,
        "no_go_input_value": no_go,
    }
    results = known.recovery
    if results is None:
        return
    full, published = results.seconds("with_excluded"), results.seconds("published")
    if full is None or published is None or full == published:
        return
    work, clock = (full - published) / SECONDS_PER_MINUTE, published / SECONDS_PER_MINUTE
    fits = all(bound is None or clock <= bound for bound in (go, no_go))
    alone = f"the rest of the drill alone took {counted(round(clock, 1), 'minute')}"
    yield {
        "input_name": "work left off the clock",
        "unit": "minutes",
        "now_low": work,
        "now_high": work,
        "go_input_value": _left(go, clock),
        "no_go_input_value": _left(no_go, clock),
        "note": "the rest of the drill as it ran" if fits else alone,
    }


def _left(bound: Decimal | None, clock: Decimal) -> Decimal | None:
    """Return what a bound leaves for the work off the clock; None if the clock alone is beyond."""
    return None if bound is None or clock > bound else bound - clock


def _training(known: Known, judged: Judged) -> Iterator[Row]:
    found, (go, no_go) = known.training, _bounds(judged)
    if found is None:
        return

    def of(whole: Decimal, bound: Decimal | None, step: Decimal) -> Decimal | None:
        if bound is None:
            return None
        least = (whole * bound / HUNDRED).to_integral_value(rounding=ROUND_CEILING)
        return least + step if least * HUNDRED == whole * bound else least

    none, step = Decimal(0), _step(judged)
    yield {
        "input_name": "seats trained",
        "unit": "seats",
        "now_low": found.trained_seats,
        "now_high": found.trained_seats,
        "go_input_value": of(found.seats, go, step),
        "no_go_input_value": of(found.seats, no_go, none),
        "note": f"of {count(found.seats)}, were the criterion read by seats",
    }
    yield {
        "input_name": "people with every module",
        "unit": "people",
        "now_low": found.people - found.most_untrained,
        "now_high": found.people - found.fewest_untrained,
        "go_input_value": of(found.people, go, step),
        "no_go_input_value": of(found.people, no_go, none),
        "note": f"of {count(found.people)}",
    }


def _cost(known: Known, judged: Judged) -> Iterator[Row]:
    traffic = known.traffic
    if traffic is None or traffic.chosen is None:
        return
    rows = records(traffic.thresholds)
    lines = {row["threshold_name"].split()[0]: row for row in rows}
    go, no_go = lines.get("Tolerance"), lines.get("Limit")
    if traffic.costs is not None and traffic.costs.summary.change_pct is not None:
        go, no_go = (
            None if bound is not None and traffic.costs.summary.change_pct > bound else line
            for bound, line in zip(_bounds(judged), (go, no_go), strict=True)
        )
    now = [HUNDRED * Decimal(s.ratio.numerator) / s.ratio.denominator for s in _shares(known)]
    for end, words in (("one_end", "one end billed"), ("both_ends", "both ends billed")):
        column = f"{end}_crossing_pct"
        yield {
            "input_name": f"traffic that crosses zones, {words}",
            "unit": "%",
            "now_low": min(now),
            "now_high": max(now),
            "go_input_value": None if go is None else go[column],
            "no_go_input_value": None if no_go is None else no_go[column],
            "note": "of all traffic; now: as stated, and as the nodes are placed",
        }
    yield from _budget(known, judged)


def _shares(known: Known) -> list[Any]:
    assert known.traffic is not None
    assert known.traffic.chosen is not None
    return list(known.traffic.shares.values()) or [known.traffic.chosen]


def _budget(known: Known, judged: Judged) -> Iterator[Row]:
    costs = None if known.traffic is None else known.traffic.costs
    if costs is None:
        return
    baseline, (go, no_go) = costs.summary.baseline, _bounds(judged)

    def at(bound: Decimal | None, step: Decimal) -> Decimal | None:
        if bound is None:
            return None
        exact = baseline * (HUNDRED + bound) / HUNDRED
        amount = exact.quantize(CENT, rounding=ROUND_FLOOR)
        return amount + step if amount == exact else amount

    yield {
        "input_name": "cost of a month, traffic between zones included",
        "unit": costs.currency,
        "now_low": _at_change(baseline, judged.seen.low),
        "now_high": _at_change(baseline, judged.seen.high),
        "go_input_value": at(go, _step(judged, CENT)),
        "no_go_input_value": at(no_go, Decimal(0)),
    }


def _at_change(baseline: Decimal, change_pct: Decimal | None) -> Decimal | None:
    if change_pct is None:
        return None
    return (baseline * (HUNDRED + change_pct) / HUNDRED).quantize(Decimal("0.01"))


INPUTS: dict[str, Callable[[Known, Judged], Iterator[Row]]] = {
    "open_critical_gaps": _items,
    "open_critical_security": _items,
    "recovery_minutes": _recovery,
    "people_trained_pct": _training,
    "cost_change_pct": _cost,
}
