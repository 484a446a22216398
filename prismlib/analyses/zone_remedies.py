"""What could be done about traffic between zones, what each remedy saves net, and what it gives up.

Method. Each remedy is taken alone, from the share that crosses now: saved = both-ends cost now less
both-ends cost with it; added = what it needs to run; net = saved - added, all for one month. What
is not known is missing, never 0, and the advice is then ``unknown``, with what would be needed in
the assumption. A remedy that is in place is ``already so``; one that costs more than it saves, or
gives up what a zone failure needs, is ``do not``.

Known limits. Savings do not add (`SAVINGS_DO_NOT_ADD`). The work of building a remedy is in no
figure. Reads are taken to cross as the traffic as a whole does. Nodes are priced by the hour of
`RemedyInputs.hours_per_month`, traffic by the days of `ZoneTraffic`.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pandas as pd

from prismlib.analyses import zone_remedy_effects as effects
from prismlib.analyses.zone_model import ZoneTraffic, as_decimal, percent_of
from prismlib.analyses.zone_remedy_case import RemedyCase, RemedyInputs
from prismlib.analyses.zone_remedy_effects import (
    DO,
    DO_NOT,
    FEWER_ZONES,
    UNKNOWN,
    Effect,
)
from prismlib.analyses.zone_topology import Layout
from prismlib.result_tables.cross_az import REMEDY
from prismlib.tables import check, make, records

__all__ = ["SAVINGS_DO_NOT_ADD", "RemedyInputs", "best_remedy", "zone_remedies"]

SAVINGS_DO_NOT_ADD = (
    "Each saving is against the traffic as it is now: what one remedy takes away, the next can no "
    "longer save, so the savings do not add."
)


def zone_remedies(
    traffic: ZoneTraffic, layout: Layout | None, inputs: RemedyInputs
) -> pd.DataFrame:
    """Return every remedy, each alone against the traffic as it is.

    Parameters
    ----------
    traffic : ZoneTraffic
        Its share is what crosses now.
    layout : Layout or None
        Where primaries, replicas and clients run; None is unknown.
    inputs : RemedyInputs

    Returns
    -------
    REMEDY
        ``capacity_left_pct`` is of the nodes that serve: the primaries, or all copies where a
        remedy lets all of them serve.
    """
    case = RemedyCase(traffic, layout, inputs)
    found = [
        effects.local_reads(case),
        effects.replicas(case),
        effects.hints(case),
        effects.spread(case),
        effects.compression(case),
        *(effects.fewer_zones(case, zones) for zones in FEWER_ZONES if zones < traffic.zones),
        effects.balancer(case),
    ]
    return make(REMEDY, [_row(traffic, effect) for effect in found])


def best_remedy(remedies: pd.DataFrame) -> str | None:
    """Return the remedy to do with the largest net saving, or None.

    One that leaves fewer zones is never it: it is paid for with tolerance of a zone failure.
    """
    check(remedies, REMEDY)
    fit = [
        row
        for row in records(remedies)
        if row["advice"] == DO
        and row["remedy_name"] not in FEWER_ZONES.values()
        and row["net_effect"] is not None
        and row["net_effect"] > 0
    ]
    return max(fit, key=lambda row: row["net_effect"])["remedy_name"] if fit else None


def _row(traffic: ZoneTraffic, effect: Effect) -> dict[str, object]:
    """Return the row of a remedy, with its advice where it follows from the amounts."""
    saved, added = effect.saved, effect.added
    nothing_crosses = traffic.both_ends_cost == 0
    if nothing_crosses and saved is None:
        saved = Fraction(0)
    net = None if saved is None or added is None else saved - added
    advice = effect.advice
    if not advice and nothing_crosses:
        advice = DO_NOT
    elif not advice:
        advice = UNKNOWN if net is None else DO if net > 0 else DO_NOT
    return {
        "remedy_name": effect.name,
        "crossing_pct": None
        if effect.crossing_ratio is None
        else percent_of(effect.crossing_ratio),
        "moved_gb": _amount(effect.moved_gb),
        "saved_cost": _amount(saved),
        "added_cost": _amount(added),
        "net_effect": _amount(net),
        "capacity_left_pct": None if effect.capacity is None else percent_of(effect.capacity),
        "advice": advice,
        "availability": effect.availability,
        "assumption": effect.assumption,
        "billing_currency": traffic.currency,
    }


def _amount(value: Fraction | None) -> Decimal | None:
    return None if value is None else as_decimal(value)
