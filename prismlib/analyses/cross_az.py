"""What traffic between zones costs, what it would cost if placement failed, and what helps.

Method, in order:

1. read what the bill says: which usage types are traffic (`traffic_lines`), how many gigabytes
   moved, at which rate;
2. take each input of the model from the first source that has it (`cross_az_choices`): the share
   that crosses is measured, or expected from where the nodes run, or stated;
3. the cost of a month, one end and both ends (`zone_model`), for each state of the system; the
   share at which a budget or a decision line is reached; what each input moves;
4. what an hour with failed placement costs, and when an alarm would show it (`zone_failure`);
5. what each remedy saves net of what it adds (`zone_remedies`);
6. whether the network of the fleet could carry the traffic at all (`zone_measured`).

Known limits. Traffic is taken as even over the month. A rate from the bill is an average of it.
Zones are alike: the model knows a share, not which pair of zones it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from prismlib.analyses import cross_az_choices as choices
from prismlib.analyses.cost_variance import PRICE_CURRENCY, CostResults
from prismlib.analyses.cross_az_choices import Rate, Share, Total
from prismlib.analyses.cross_az_facts import CrossAzFacts
from prismlib.analyses.cross_az_inputs import CrossAzInputs, CrossAzSettings
from prismlib.analyses.stated import Stated
from prismlib.analyses.traffic_lines import CrossAzBill
from prismlib.analyses.zone_failure import crossing_alarms, failure_cost_per_hour
from prismlib.analyses.zone_measured import (
    FlowShare,
    NetworkOutSeen,
)
from prismlib.analyses.zone_model import (
    Budget,
    CrossingState,
    ZoneTraffic,
    crossing_scenarios,
    crossing_thresholds,
    uniform_ratio,
)
from prismlib.analyses.zone_remedies import zone_remedies
from prismlib.analyses.zone_sensitivity import SensitivityRanges, crossing_sensitivity
from prismlib.analyses.zone_topology import ExpectedCrossing, Layout
from prismlib.formats import percent
from prismlib.periods import Period
from prismlib.result_tables.cross_az import (
    CROSSING_ALARM,
    CROSSING_SCENARIO,
    CROSSING_SENSITIVITY,
    CROSSING_THRESHOLD,
    REMEDY,
)
from prismlib.tables import empty, no_rows

STATE_WORDS = {
    "setting": "As set",
    "measured": "As flow logs show",
    "as_built": "As built",
    "stated": "As stated",
}
AT_RANDOM = "Placement at random"
BUDGET = "Budget"


@dataclass(frozen=True)
class CrossAzResults:
    """Everything the notebook shows; tables are those of `prismlib.result_tables.cross_az`.

    `traffic` is None when a part of the model is not known: `missing` says which; then the tables
    that need it are empty. `shares` holds every share that is known, `chosen` the one that is used;
    `billed` are the days that the bill is read for.
    """

    stated: Stated
    costs: CostResults | None
    lines: pd.DataFrame | None
    bill: CrossAzBill | None
    flows: FlowShare | None
    network_out: NetworkOutSeen
    layout: Layout | None
    expected: ExpectedCrossing | None
    capacity: pd.DataFrame
    shares: dict[str, Share]
    chosen: Share | None
    rate: Rate | None
    zones: int | None
    total: Total | None
    days: Decimal
    billed: Period
    failed_ratio: Fraction | None
    scenarios: pd.DataFrame = field(default_factory=lambda: no_rows(CROSSING_SCENARIO))
    thresholds: pd.DataFrame = field(default_factory=lambda: no_rows(CROSSING_THRESHOLD))
    sensitivity: pd.DataFrame = field(default_factory=lambda: no_rows(CROSSING_SENSITIVITY))
    alarms: pd.DataFrame = field(default_factory=lambda: no_rows(CROSSING_ALARM))
    remedies: pd.DataFrame = field(default_factory=lambda: no_rows(REMEDY))

    @property
    def traffic(self) -> ZoneTraffic | None:
        """Return the traffic of a month and its price, or None when a part of it is not known."""
        total, share, rate, zones = self.total, self.chosen, self.rate, self.zones
        if total is None or share is None or rate is None or zones is None:
            return None
        prices = (rate.per_gb_out, rate.per_gb_in, rate.currency)
        return ZoneTraffic(total.gb_per_s, share.ratio, zones, self.days, *prices)

    @property
    def missing(self) -> tuple[str, ...]:
        """Return which parts of `traffic` are not known."""
        names = ("the total traffic", "a share that crosses", "a price", "the number of zones")
        parts = (self.total, self.chosen, self.rate, self.zones)
        return tuple(name for name, part in zip(names, parts, strict=True) if part is None)

    @property
    def currency(self) -> str:
        """Return the currency of the model's costs."""
        return self.rate.currency if self.rate else PRICE_CURRENCY

    @property
    def is_one_end(self) -> bool:
        """Return whether the price is that of one end alone: the bill lists no other."""
        return self.rate is not None and self.rate.is_one_end

    @property
    def is_in_total(self) -> bool:
        """Return whether the costs that are compared hold the traffic: the bill lists it."""
        return (
            self.bill is not None and self.costs is not None and (self.costs.actuals_name == "bill")
        )

    def at(self, name: str) -> ZoneTraffic | None:
        """Return the traffic with the share of that name, or None where it is not known."""
        share = self.shares.get(name)
        return None if self.traffic is None or share is None else self.traffic.at(share.ratio)

    @property
    def at_stated(self) -> ZoneTraffic | None:
        """Return the traffic with the stated share, where that says something new.

        A total that follows from a bill holds for one share alone.
        """
        if self.chosen is None or self.total is None or self.total.name == "bill":
            return None
        stated = self.shares.get("stated")
        is_new = stated is not None and stated.ratio != self.chosen.ratio
        return self.at("stated") if is_new else None

    @property
    def failure_per_hour(self) -> Decimal | None:
        """Return what an hour costs more while placement has failed."""
        if self.traffic is None or self.failed_ratio is None:
            return None
        return failure_cost_per_hour(working(self.traffic, self.shares), self.failed_ratio)


def analyse_cross_az(
    inputs: CrossAzInputs,
    settings: CrossAzSettings,
    facts: CrossAzFacts | None = None,
    only: Collection[str] = (),
) -> CrossAzResults:
    """Answer the question of this module for one month.

    Parameters
    ----------
    inputs : CrossAzInputs
    settings : CrossAzSettings
    facts : CrossAzFacts, optional
        Those of `inputs`, where many settings are tried on the same.
    only : collection of str, optional
        The tables of the model that are wanted; by default all.

    Raises
    ------
    ParameterError
        A setting contradicts the snapshot: a share that nothing measures, fewer zones than nodes
        have; or the document states what nothing can have.
    """
    facts = facts or CrossAzFacts.of(inputs, settings.costs)
    stated, measured = facts.stated, facts.measured
    zones = choices.choose_zones(inputs, settings, stated)
    layout, expected = choices.topology(inputs, zones)
    shares = choices.known_shares(settings, stated, measured.flows, expected)
    chosen = choices.choose_share(settings, shares)
    rate = choices.choose_rate(inputs, facts.bill)
    choices.refuse_crossing_in_one_zone(zones, shares, settings, stated)
    results = CrossAzResults(
        stated=stated,
        costs=facts.costs,
        lines=facts.lines,
        bill=facts.bill,
        flows=measured.flows,
        network_out=facts.network_out,
        capacity=facts.capacity,
        layout=layout,
        expected=expected,
        shares=shares,
        chosen=chosen,
        rate=rate,
        zones=zones,
        total=choices.choose_total(settings, stated, measured, chosen),
        days=choices.choose_days(inputs, settings, stated, measured),
        billed=measured.billed,
        failed_ratio=choices.failed_ratio(settings, zones),
    )
    return _modelled(results, inputs, settings, only)


def working(traffic: ZoneTraffic, shares: dict[str, Share]) -> ZoneTraffic:
    """Return the traffic while placement works: as set or measured, else the lowest known share."""
    for name in ("setting", "measured"):
        if name in shares:
            return traffic.at(shares[name].ratio)
    return traffic.at(min((share.ratio for share in shares.values()), default=Fraction(0)))


def _modelled(
    results: CrossAzResults,
    inputs: CrossAzInputs,
    settings: CrossAzSettings,
    only: Collection[str],
) -> CrossAzResults:
    """Return the results with the tables of the model; empty where a part of it is not known."""
    traffic = results.traffic
    if traffic is None:
        return results
    tables: dict[str, Callable[[], pd.DataFrame]] = {
        "scenarios": lambda: crossing_scenarios(traffic, _states(results, traffic.zones)),
        "thresholds": lambda: _thresholds(results, settings, traffic),
        "sensitivity": lambda: crossing_sensitivity(traffic, _ranges(results, traffic)),
        "alarms": lambda: _alarms(results, inputs, settings),
        "remedies": lambda: zone_remedies(
            traffic, results.layout, choices.remedy_inputs(inputs, settings, traffic.currency)
        ),
    }
    made: dict[str, Any] = {name: tables[name]() for name in only or tables}
    return replace(results, **made)


def _alarms(
    results: CrossAzResults, inputs: CrossAzInputs, settings: CrossAzSettings
) -> pd.DataFrame:
    """Return the alarms; none where a failure lets no more cross than crosses anyway."""
    if not results.failure_per_hour or results.failure_per_hour < 0:
        return empty(CROSSING_ALARM)
    assert results.traffic is not None and results.failed_ratio is not None
    return crossing_alarms(
        working(results.traffic, results.shares),
        results.failed_ratio,
        inputs.limits,
        evaluation_periods=settings.alarm_periods,
    )


def _states(results: CrossAzResults, zones: int) -> list[CrossingState]:
    states = [
        CrossingState(STATE_WORDS[share.name], share.ratio, share.source)
        for share in results.shares.values()
    ]
    at_random = CrossingState(AT_RANDOM, uniform_ratio(zones), f"{zones} zones")
    failed_pct = results.stated.value("cross_az_failed_pct")
    if failed_pct is not None:
        source = results.stated.source("cross_az_failed_pct")
        states.append(CrossingState("Placement failed, as stated", failed_pct / 100, source))
    return [*states, at_random]


def _thresholds(
    results: CrossAzResults, settings: CrossAzSettings, traffic: ZoneTraffic
) -> pd.DataFrame:
    bands = settings.costs.thresholds
    baseline, current = rest_of_costs(results)
    target = results.stated.value_in("cross_az_target", traffic.currency)
    budget = settings.budget_per_month or target
    return crossing_thresholds(
        traffic,
        baseline=baseline,
        current=current,
        tolerances_pct={
            f"Tolerance of {percent(bands.tolerance_pct, 0, signed=False)}": bands.tolerance_pct,
            f"Limit of {percent(bands.limit_pct, 0, signed=False)}": bands.limit_pct,
        },
        budgets=[] if budget is None else [Budget(BUDGET, budget, includes_rest=False)],
    )


def rest_of_costs(results: CrossAzResults) -> tuple[Decimal | None, Decimal | None]:
    """Return baseline and current cost without the traffic; None where they cannot be compared.

    A bill that lists the traffic has it taken out. In another currency nothing is compared, nor is
    a part of a month: the traffic is that of a whole one.
    """
    costs = results.costs
    if costs is None or not costs.baseline_name or costs.currency != results.currency:
        return None, None
    if costs.seen != Period.month_of(costs.seen.start):
        return None, None
    current = costs.summary.current
    if results.is_in_total and results.bill is not None:
        current -= results.bill.cost
    return costs.summary.baseline, current


def _ranges(results: CrossAzResults, traffic: ZoneTraffic) -> SensitivityRanges:
    """Return how far inputs may reasonably be off: the rate by a tenth, a zone fewer."""
    rate = traffic.total_gb_per_s
    return SensitivityRanges(
        total_gb_per_s=(rate * Decimal("0.9"), rate * Decimal("1.1")),
        zones=(max(traffic.zones - 1, 1), traffic.zones),
    )
