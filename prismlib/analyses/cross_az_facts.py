"""What a snapshot says of traffic between zones, whatever is set: read once for many settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from prismlib.analyses import cross_az_choices as choices
from prismlib.analyses.cost_inputs import CostSettings
from prismlib.analyses.cost_variance import CostResults, analyse_cost_variance
from prismlib.analyses.cross_az_inputs import CrossAzInputs
from prismlib.analyses.stated import Stated
from prismlib.analyses.traffic_lines import CrossAzBill, cross_az_bill, traffic_lines
from prismlib.analyses.zone_measured import NetworkOutSeen, fleet_capacity, network_out_seen
from prismlib.periods import Period
from prismlib.tables import FLEET, empty


@dataclass(frozen=True)
class CrossAzFacts:
    """What the snapshot says, whatever is set: made once, it serves any number of settings.

    The bands of `costs` are those that it was made with. The model takes the bands of its settings.
    """

    stated: Stated
    costs: CostResults | None
    lines: pd.DataFrame | None
    bill: CrossAzBill | None
    measured: choices.Measured
    network_out: NetworkOutSeen
    capacity: pd.DataFrame

    @classmethod
    def of(cls, inputs: CrossAzInputs, settings: CostSettings) -> CrossAzFacts:
        """Return what the bill, the flow logs, CloudWatch and the document say.

        Raises
        ------
        ParameterError
            The document states what nothing can have.
        """
        stated = choices.stated_figures(inputs.costs.claim)
        costs = analyse_cost_variance(inputs.costs, settings) if inputs.has_costs else None
        lines, bill = _bill(inputs, costs)
        measured = choices.Measured.of(inputs, bill, billed_period(inputs, costs))
        return cls(stated, costs, lines, bill, measured, **_wires(inputs))


def _bill(
    inputs: CrossAzInputs, costs: CostResults | None
) -> tuple[pd.DataFrame | None, CrossAzBill | None]:
    """Return the lines of the bill and what they hold of traffic between zones."""
    if inputs.costs.cost is None or costs is None:
        return None, None
    lines = traffic_lines(
        inputs.costs.cost,
        inputs.costs.transfer_types,
        inputs.costs.unit_prices,
        metric=costs.metric,
        period=billed_period(inputs, costs),
    )
    return lines, cross_az_bill(lines)


def billed_period(inputs: CrossAzInputs, costs: CostResults | None) -> Period:
    """Return the days that the bill is read for: those that are compared, if it is compared."""
    if costs is None or costs.actuals_name != "bill":
        return inputs.costs.period
    return costs.seen


def _wires(inputs: CrossAzInputs) -> dict[str, Any]:
    """Return what CloudWatch saw of the network, and what the nodes can carry."""
    fleet = empty(FLEET) if inputs.costs.fleet is None else inputs.costs.fleet
    series = (inputs.metric_series, inputs.metric_coverage)
    return {
        "network_out": network_out_seen(*series, instance=inputs.instance, fleet=fleet),
        "capacity": fleet_capacity(fleet, inputs.networks),
    }
