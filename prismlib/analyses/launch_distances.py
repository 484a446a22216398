"""How far each criterion is from its bounds, in the unit of what somebody can change.

Method. A criterion is a figure of other figures: nodes, minutes, seats, a share of traffic. Its
bound is carried back to each of these, all others left as they are: the value at which it passes,
and the value at which it stops being NO-GO. Figures are those that are known, whatever is assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from prismlib.analyses.judging import listed
from prismlib.analyses.launch_inputs import Known
from prismlib.analyses.launch_measures import SECONDS_PER_MINUTE, is_counted, is_critical
from prismlib.analyses.launch_standing import Judged
from prismlib.formats import count
from prismlib.money import exact_sum
from prismlib.tables import records

Row = dict[str, Any]
HUNDRED = Decimal(100)


def distances(known: Known, judged: Judged) -> Iterator[Row]:
    """Yield the rows of FLIP_DISTANCE of a criterion; none where its figure has no inputs."""
    find = INPUTS.get(str(judged.criterion.row["measure_name"]))
    if find is None:
        return
    for row in find(known, judged):
        yield {"criterion_id": judged.criterion.criterion_id, **row}


def _bounds(judged: Judged) -> tuple[Decimal | None, Decimal | None]:
    return judged.criterion.row["go_value"], judged.criterion.row["no_go_value"]


def _items(known: Known, judged: Judged) -> Iterator[Row]:
    measure, (go, no_go) = judged.seen, _bounds(judged)
    yield {
        "input_name": "open items",
        "unit": judged.criterion.row["unit"],
        "now_low": measure.low,
        "now_high": measure.high,
        "go_input_value": go,
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
    yield {
        "input_name": "work left off the clock",
        "unit": "minutes",
        "now_low": work,
        "now_high": work,
        "go_input_value": None if go is None else max(go - clock, Decimal(0)),
        "no_go_input_value": None if no_go is None else max(no_go - clock, Decimal(0)),
        "note": "the rest of the drill as it ran",
    }


def _training(known: Known, judged: Judged) -> Iterator[Row]:
    found, (go, no_go) = known.training, _bounds(judged)
    if found is None:
        return

    def of(whole: Decimal, bound: Decimal | None) -> Decimal | None:
        if bound is None:
            return None
        return (whole * bound / HUNDRED).to_integral_value(rounding=ROUND_CEILING)

    yield {
        "input_name": "seats trained",
        "unit": "seats",
        "now_low": found.trained_seats,
        "now_high": found.trained_seats,
        "go_input_value": of(found.seats, go),
        "no_go_input_value": of(found.seats, no_go),
        "note": f"of {count(found.seats)}, were the criterion read by seats",
    }
    yield {
        "input_name": "people with every module",
        "unit": "people",
        "now_low": found.people - found.most_untrained,
        "now_high": found.people - found.fewest_untrained,
        "go_input_value": of(found.people, go),
        "no_go_input_value": of(found.people, no_go),
        "note": f"of {count(found.people)}",
    }


def _cost(known: Known, judged: Judged) -> Iterator[Row]:
    traffic = known.traffic
    if traffic is None or traffic.chosen is None:
        return
    rows = records(traffic.thresholds)
    lines = {row["threshold_name"].split()[0]: row for row in rows}
    go, no_go = lines.get("Tolerance"), lines.get("Limit")
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

    def at(bound: Decimal | None) -> Decimal | None:
        if bound is None:
            return None
        cents = Decimal("0.01")
        return (baseline * (HUNDRED + bound) / HUNDRED).quantize(cents, rounding=ROUND_FLOOR)

    yield {
        "input_name": "cost of a month, traffic between zones included",
        "unit": costs.currency,
        "now_low": _at_change(baseline, judged.seen.low),
        "now_high": _at_change(baseline, judged.seen.high),
        "go_input_value": at(go),
        "no_go_input_value": at(no_go),
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
